//! The score of the best key over the time of the search.

use std::time::Duration;

use egui::{Align2, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::lab::attack_job::Moment;
use crate::lab::trial::in_short;
use crate::ui::theme::{fonts, palette};

/// Draws the course; `at` is the moment that is shown. A click gives the moment nearest to it.
pub(super) fn plot_ui(
    ui: &mut Ui,
    size: Vec2,
    moments: &[Moment],
    at: usize,
    elapsed: Duration,
) -> (Response, Option<usize>) {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK | Sense::DRAG);
    response.widget_info(|| {
        let told = match (moments.first(), moments.last()) {
            (Some(first), Some(last)) => format!(
                "Score over time: from {:.2} to {:.2} in {}",
                first.score,
                last.score,
                in_short(last.at)
            ),
            _ => "Score over time: nothing yet".to_owned(),
        };
        WidgetInfo::labeled(Role::Image, true, told)
    });
    if !ui.is_rect_visible(rect) {
        return (response, None);
    }
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 8, p.surface_0);
    let ground = rect.shrink2(vec2(10.0, 18.0));
    let ends = elapsed.as_secs_f64().max(1e-6);
    let scores = || {
        moments
            .iter()
            .map(|moment| moment.score)
            .filter(|score| score.is_finite())
    };
    let (low, high) = (
        scores().fold(f64::INFINITY, f64::min),
        scores().fold(f64::NEG_INFINITY, f64::max),
    );
    let range = (high - low).max(1e-6);
    // The first keys are far below all others: the root shows both ends of such a course.
    let x = |time: f64| ground.left() + ((time / ends).sqrt() as f32) * ground.width();
    let y = |score: f64| ground.bottom() - (((score.max(low) - low) / range) as f32) * ground.height();
    let mut line = Vec::with_capacity(2 * moments.len() + 1);
    for moment in moments.iter().filter(|moment| moment.score.is_finite()) {
        let left = x(moment.at.as_secs_f64());
        if let Some(last) = line.last().copied() {
            let before: egui::Pos2 = last;
            line.push(pos2(left, before.y));
        }
        line.push(pos2(left, y(moment.score)));
    }
    if let Some(last) = line.last().copied() {
        line.push(pos2(ground.right(), last.y));
    }
    let small = fonts::regular(11.0);
    painter.hline(ground.x_range(), ground.bottom(), Stroke::new(1.0, p.border));
    if line.is_empty() {
        painter.text(
            rect.center(),
            Align2::CENTER_CENTER,
            "nothing yet",
            small,
            p.text_weak,
        );
        return (response, None);
    }
    painter.add(Shape::line(line, Stroke::new(2.0, p.accent)));
    if let Some(moment) = moments.get(at) {
        let dot = pos2(x(moment.at.as_secs_f64()), y(moment.score));
        painter.vline(
            dot.x,
            ground.y_range(),
            Stroke::new(1.0, p.accent.gamma_multiply(0.4)),
        );
        painter.circle_filled(dot, 4.5, p.accent);
        painter.circle_stroke(dot, 4.5, Stroke::new(1.5, p.surface_0));
    }
    painter.text(
        rect.left_top() + vec2(10.0, 3.0),
        Align2::LEFT_TOP,
        "how much it looks like the language",
        small.clone(),
        p.text_weak,
    );
    painter.text(
        rect.right_bottom() - vec2(10.0, 3.0),
        Align2::RIGHT_BOTTOM,
        in_short(elapsed),
        small.clone(),
        p.text_weak,
    );
    painter.text(
        rect.left_bottom() + vec2(10.0, -3.0),
        Align2::LEFT_BOTTOM,
        "start",
        small,
        p.text_weak,
    );
    let picked = response.interact_pointer_pos().map(|pointer| {
        let near = |moment: &Moment| (x(moment.at.as_secs_f64()) - pointer.x).abs();
        (0..moments.len())
            .min_by(|&a, &b| near(&moments[a]).total_cmp(&near(&moments[b])))
            .unwrap_or(0)
    });
    (response, picked)
}
