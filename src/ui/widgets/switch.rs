//! A setting that is on or off, with what it means.

use egui::{Color32, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::paint;
use crate::ui::theme::{fonts, palette};

/// Draws a switch with its label, and a line of help below unless it is empty. The whole row can be
/// pressed. The response is `changed()` when it was turned.
pub fn switch_ui(ui: &mut Ui, on: &mut bool, label: &str, help: &str) -> Response {
    let p = palette(ui);
    let text_width = paint::room(ui) - TRACK_WIDTH - GAP;
    let title = paint::wrapped(ui, label, fonts::regular(fonts::BODY), p.text_strong, text_width);
    let below = (!help.is_empty())
        .then(|| paint::wrapped(ui, help, fonts::regular(fonts::SMALL), p.text_weak, text_width));
    let widest = title
        .size()
        .x
        .max(below.as_ref().map_or(0.0, |below| below.size().x));
    let height = title.size().y + below.as_ref().map_or(0.0, |below| below.size().y);
    let size = vec2(TRACK_WIDTH + GAP + widest, height.max(TRACK_HEIGHT) + 4.0);

    let (rect, mut response) = ui.allocate_exact_size(size, Sense::click());
    if response.clicked() {
        *on = !*on;
        response.mark_changed();
    }
    response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), *on, label));
    if !help.is_empty() {
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_description(help));
    }

    let top = rect.center().y - height / 2.0;
    let track = egui::Rect::from_min_size(
        pos2(
            rect.left(),
            top + (title.size().y.max(TRACK_HEIGHT) - TRACK_HEIGHT) / 2.0,
        ),
        vec2(TRACK_WIDTH, TRACK_HEIGHT),
    );
    let painter = ui.painter();
    let (fill, edge, knob) = match (*on, response.hovered()) {
        (true, false) => (p.accent, p.accent, p.on_accent),
        (true, true) => (p.accent_hover, p.accent_hover, p.on_accent),
        (false, false) => (p.surface_3, p.outline, p.text_weak),
        (false, true) => (p.surface_3, p.text_weak, p.text),
    };
    painter.rect(track, 10, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let radius = TRACK_HEIGHT / 2.0;
    let x = if *on {
        track.right() - radius
    } else {
        track.left() + radius
    };
    painter.circle_filled(pos2(x, track.center().y), radius - 4.0, knob);
    let left = rect.left() + TRACK_WIDTH + GAP;
    let under = top + title.size().y;
    paint::galley_at(painter, pos2(left, top), title, Color32::PLACEHOLDER);
    if let Some(below) = below {
        paint::galley_at(painter, pos2(left, under), below, Color32::PLACEHOLDER);
    }
    paint::interactive(ui, &response, track, 10, p);
    response
}

const TRACK_WIDTH: f32 = 36.0;
const TRACK_HEIGHT: f32 = 20.0;
const GAP: f32 = 12.0;
