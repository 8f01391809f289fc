//! A choice of one among many, from a list that drops down.

use egui::{ComboBox, Response, Ui};

use super::paint;
use crate::ui::theme::{icons, palette};

/// Draws the control; `name` is its accessible name, and what it shows while the value is none of the options. The
/// response is `changed()` when the choice moved.
pub fn select_ui<T: PartialEq + Clone>(
    ui: &mut Ui,
    name: &str,
    width: f32,
    value: &mut T,
    options: &[(T, &str)],
) -> Response {
    let chosen = options
        .iter()
        .find(|(option, _)| option == value)
        .map_or(name, |(_, label)| *label);
    let mut changed = false;
    let shown = ComboBox::from_id_salt(("select", name))
        .width(width)
        .height(ui.ctx().content_rect().height() * LIST_PART)
        .selected_text(chosen)
        .icon(|ui, rect, _visuals, _open| {
            paint::icon(
                ui.painter(),
                rect.center(),
                icons::CARET_DOWN,
                14.0,
                palette(ui).text_weak,
            );
        })
        .show_ui(ui, |ui| {
            let p = palette(ui);
            let selection = &mut ui.visuals_mut().selection;
            selection.bg_fill = p.accent_soft;
            selection.stroke.color = p.accent;
            for (option, label) in options {
                changed |= ui.selectable_value(value, option.clone(), *label).changed();
            }
        });
    let mut response = shown.response.accessible_name(name);
    if changed {
        response.mark_changed();
    }
    response
}

/// How much of the window's height the list may take.
const LIST_PART: f32 = 0.6;
