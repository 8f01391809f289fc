//! A choice of one among a few that each need a sentence: a radio button with its meaning.

use egui::{Color32, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::paint;
use crate::ui::theme::style::RADIUS;
use crate::ui::theme::{fonts, palette};

/// Draws one option over the full width. The response is `changed()` when it was chosen.
pub fn choice_ui<T: PartialEq>(ui: &mut Ui, value: &mut T, option: T, title: &str, help: &str) -> Response {
    let p = palette(ui);
    let width = ui.available_width();
    let text_width = width - TEXT_LEFT - PADDING;
    let heading = paint::wrapped(ui, title, fonts::medium(fonts::BODY), p.text_strong, text_width);
    let below = paint::wrapped(ui, help, fonts::regular(fonts::SMALL), p.text_weak, text_width);
    let height = heading.size().y + below.size().y + 2.0 * PADDING;
    let (rect, mut response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    let mut on = *value == option;
    if response.clicked() && !on {
        *value = option;
        on = true;
        response.mark_changed();
    }
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), on, title));
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_description(help));
    let painter = ui.painter();
    let fill = match (on, response.hovered()) {
        (true, _) => p.accent_soft,
        (_, true) => p.surface_3,
        _ => Color32::TRANSPARENT,
    };
    let edge = if on { p.accent } else { p.border };
    painter.rect(rect, RADIUS, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let center = pos2(
        rect.left() + PADDING + 9.0,
        rect.top() + PADDING + heading.size().y / 2.0,
    );
    let ring = if on { p.accent } else { p.outline };
    painter.circle_stroke(center, 7.5, Stroke::new(if on { 2.0 } else { 1.5 }, ring));
    if on {
        painter.circle_filled(center, 3.5, p.accent);
    }
    let left = rect.left() + TEXT_LEFT;
    let under = rect.top() + PADDING + heading.size().y;
    paint::galley_at(painter, pos2(left, rect.top() + PADDING), heading, p.text_strong);
    paint::galley_at(painter, pos2(left, under), below, p.text_weak);
    paint::interactive(ui, &response, rect, RADIUS, p);
    response
}

const PADDING: f32 = 10.0;
const TEXT_LEFT: f32 = 40.0;
