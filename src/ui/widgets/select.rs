//! A choice of one among many, from a list that drops down.

use egui::{ComboBox, Rect, Response, Ui};

use super::{follow_focus, paint};
use crate::ui::theme::style::CONTROL_HEIGHT;
use crate::ui::theme::{icons, palette};

/// Draws the control; `name` is its accessible name, and what it shows while the value is none of the options. The
/// response is `changed()` when the choice moved. The list takes what its options need, up to the window's edge.
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
        .height(room_for_list(
            ui.ctx().content_rect(),
            ui.available_rect_before_wrap().top(),
        ))
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
            follow_focus(ui);
        });
    let mut response = shown.response.accessible_name(name);
    if changed {
        response.mark_changed();
    }
    response
}

/// How high a list may be that drops down from a control at `top`, or stands above it where there is more room.
fn room_for_list(window: Rect, top: f32) -> f32 {
    let below = window.bottom() - (top + CONTROL_HEIGHT);
    let above = top - window.top();
    (below.max(above) - AROUND_LIST).max(LEAST_LIST)
}

/// What the list's frame and some air to the window's edge take.
const AROUND_LIST: f32 = 24.0;
/// Four options, whatever the window.
const LEAST_LIST: f32 = 120.0;

#[cfg(test)]
mod tests {
    use egui::{pos2, vec2};

    use super::*;

    #[test]
    fn a_list_has_the_larger_of_the_rooms_below_and_above_its_control() {
        let window = Rect::from_min_size(pos2(0.0, 0.0), vec2(1100.0, 720.0));
        assert_eq!(room_for_list(window, 60.0), 720.0 - 92.0 - 24.0);
        assert_eq!(room_for_list(window, 600.0), 600.0 - 24.0);
        let low = Rect::from_min_size(pos2(0.0, 0.0), vec2(640.0, 100.0));
        assert_eq!(room_for_list(low, 40.0), 120.0);
    }
}
