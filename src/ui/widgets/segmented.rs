//! A choice of one among a few, side by side. Left and right move the choice, as with radio buttons.

use egui::{
    Color32, EventFilter, Id, Key, Modifiers, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
};
use egui::{pos2, vec2};

use super::paint;
use crate::ui::theme::style::{CONTROL_HEIGHT, RADIUS};
use crate::ui::theme::{fonts, palette};

/// Draws the control; `name` says what is chosen. The response is `changed()` when the choice moved.
///
/// The tab key reaches the chosen option only.
pub fn segmented_ui<T: PartialEq + Clone>(
    ui: &mut Ui,
    name: &str,
    value: &mut T,
    options: &[(T, &str)],
) -> Response {
    let p = palette(ui);
    let labels: Vec<_> = options
        .iter()
        .map(|(_, label)| paint::line(ui, label, fonts::medium(13.0), Color32::PLACEHOLDER))
        .collect();
    let widths: Vec<f32> = labels.iter().map(|label| label.size().x + 28.0).collect();
    let size = vec2(widths.iter().sum::<f32>() + 2.0 * INSET, CONTROL_HEIGHT);
    let (rect, mut response) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect(
        rect,
        RADIUS,
        p.surface_0,
        Stroke::new(1.0, p.border),
        StrokeKind::Inside,
    );
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::RadioGroup);
        node.set_label(name);
    });

    let id = ui.make_persistent_id(("segmented", name));
    let chosen = options.iter().position(|(option, _)| option == value);
    let mut choice = chosen;
    let mut left = rect.left() + INSET;
    for (index, ((_, label), width)) in options.iter().zip(&widths).enumerate() {
        let cell = Rect::from_min_size(pos2(left, rect.top() + INSET), vec2(*width, size.y - 2.0 * INSET));
        left += width;
        let on = chosen == Some(index);
        let reachable = on || (chosen.is_none() && index == 0);
        let sense = if reachable { Sense::click() } else { Sense::CLICK };
        let option = ui.interact(cell, id.with(index), sense);
        option.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), on, label));
        if option.clicked() {
            choice = Some(index);
        }
        if option.has_focus() {
            choice = arrow_choice(ui, option.id, index, options.len()).or(choice);
        }
        let painter = ui.painter();
        if on {
            let fill = if ui.visuals().dark_mode {
                p.surface_3
            } else {
                p.surface_2
            };
            painter.rect(
                cell,
                RADIUS - 2,
                fill,
                Stroke::new(1.0, p.outline),
                StrokeKind::Inside,
            );
        }
        let color = if on || option.hovered() {
            p.text_strong
        } else {
            p.text_weak
        };
        let galley = labels[index].clone();
        paint::galley_at(painter, cell.center() - galley.size() / 2.0, galley, color);
        paint::interactive(ui, &option, cell, RADIUS - 2, p);
    }
    if let Some(index) = choice.filter(|_| choice != chosen) {
        *value = options[index].0.clone();
        ui.memory_mut(|memory| memory.request_focus(id.with(index)));
        response.mark_changed();
    }
    response
}

fn arrow_choice(ui: &Ui, id: Id, index: usize, count: usize) -> Option<usize> {
    let arrows = EventFilter {
        horizontal_arrows: true,
        ..Default::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::ArrowRight) {
        Some((index + 1) % count)
    } else if pressed(Key::ArrowLeft) {
        Some((index + count - 1) % count)
    } else {
        None
    }
}

const INSET: f32 = 3.0;
