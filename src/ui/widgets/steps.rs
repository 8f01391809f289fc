//! Progress as a list of steps, one below the other: what is done, what runs, what failed.

use egui::{Color32, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::paint;
use crate::ui::theme::{Palette, fonts, icons, palette};

/// How far one step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Pending,
    /// Under way.
    Running,
    /// Over, well.
    Done,
    /// Over, badly.
    Failed,
}

/// One step: its state, its name, and perhaps a sentence about it.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// How far it is.
    pub state: StepState,
    /// Its name, in a few words.
    pub title: &'a str,
    /// What happened in it; empty for nothing.
    pub detail: &'a str,
}

/// Draws the steps. Each is spoken as "title: state".
pub fn steps_ui(ui: &mut Ui, steps: &[Step<'_>]) {
    let p = palette(ui);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (index, step) in steps.iter().enumerate() {
            step_ui(ui, step, index + 1 == steps.len(), p);
        }
    });
}

fn step_ui(ui: &mut Ui, step: &Step<'_>, last: bool, p: &Palette) {
    let (title_color, detail_color) = match step.state {
        StepState::Pending => (p.text_weak, p.text_weak),
        StepState::Running => (p.text_strong, p.text_weak),
        StepState::Done => (p.text, p.text_weak),
        StepState::Failed => (p.danger, p.danger),
    };
    let font = match step.state {
        StepState::Running | StepState::Failed => fonts::semibold(fonts::BODY),
        _ => fonts::medium(fonts::BODY),
    };
    let text_width = ui.available_width() - TEXT_LEFT;
    let title = paint::wrapped(ui, step.title, font, title_color, text_width);
    let detail = (!step.detail.is_empty())
        .then(|| paint::wrapped(ui, step.detail, fonts::regular(13.0), detail_color, text_width));
    let text_height = title.size().y + detail.as_ref().map_or(0.0, |detail| detail.size().y + 1.0);
    let height = text_height.max(DOT) + if last { 2.0 } else { 14.0 };
    let width = TEXT_LEFT
        + title
            .size()
            .x
            .max(detail.as_ref().map_or(0.0, |detail| detail.size().x));
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Label,
            true,
            format!("{}: {}", step.title, step.state.word()),
        )
    });

    if !step.detail.is_empty() {
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_description(step.detail));
    }

    let center = pos2(
        rect.left() + DOT / 2.0,
        rect.top() + title.rows.first().map_or(9.0, |row| row.size.y / 2.0),
    );
    let painter = ui.painter();
    if !last {
        let color = if step.state == StepState::Done {
            p.accent.gamma_multiply(0.6)
        } else {
            p.border
        };
        let line = [
            pos2(center.x, center.y + DOT / 2.0 + 2.0),
            pos2(center.x, rect.bottom() + center.y - rect.top() - DOT / 2.0 - 2.0),
        ];
        painter.line_segment(line, Stroke::new(1.5, color));
    }
    match step.state {
        StepState::Pending => {
            painter.circle_stroke(center, 6.5, Stroke::new(1.5, p.outline));
        }
        StepState::Running => {
            painter.circle(center, 8.0, p.accent_soft, Stroke::new(2.0, p.accent));
            painter.circle_filled(center, 3.0, p.accent);
        }
        StepState::Done => {
            painter.circle_filled(center, DOT / 2.0, p.accent);
            paint::icon(painter, center, icons::CHECK, 12.0, p.on_accent);
        }
        StepState::Failed => {
            painter.circle_filled(center, DOT / 2.0, p.danger_fill);
            paint::icon(painter, center, icons::X, 11.0, p.on_danger);
        }
    }
    let left = rect.left() + TEXT_LEFT;
    let below = rect.top() + title.size().y + 1.0;
    paint::galley_at(painter, pos2(left, rect.top()), title, Color32::PLACEHOLDER);
    if let Some(detail) = detail {
        paint::galley_at(painter, pos2(left, below), detail, Color32::PLACEHOLDER);
    }
}

impl StepState {
    fn word(self) -> &'static str {
        match self {
            Self::Pending => "waiting",
            Self::Running => "under way",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

const DOT: f32 = 18.0;
const TEXT_LEFT: f32 = 30.0;
