//! The table of a substitution: the letters of the cipher alphabet as tiles that change places by drag or by key.

use egui::{Align2, Event, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::ui::theme::{fonts, palette, style};

/// Draws what each letter becomes, in as many rows as are needed. With `movable`, gives the two places that were
/// swapped: a tile dragged on another, or a letter typed on a tile that has the keyboard.
pub(super) fn tiles_ui(
    ui: &mut Ui,
    plain: &[char],
    cipher: &[char],
    movable: bool,
) -> Option<(usize, usize)> {
    let p = palette(ui);
    let width = ui.available_width();
    let columns = match plain.len() {
        count if width / count as f32 >= 17.0 => count,
        count if width / (count as f32 / 2.0).ceil() >= 15.0 => count.div_ceil(2),
        count => ((width / 16.0) as usize).clamp(1, count.max(1)),
    }
    .max(1);
    let rows = plain.len().div_ceil(columns);
    let step = (width / columns as f32).min(26.0);
    let (top, tile) = (15.0, (step * 1.15).clamp(18.0, 24.0));
    let row_height = top + tile + 6.0;
    let size = vec2(width, rows as f32 * row_height - 6.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let left = rect.left() + (width - step * columns as f32) / 2.0;
    let cell = |place: usize| {
        let corner = pos2(
            left + (place % columns) as f32 * step,
            rect.top() + (place / columns) as f32 * row_height,
        );
        Rect::from_min_size(corner + vec2(0.0, top), vec2(step, tile)).shrink2(vec2(1.0, 0.0))
    };
    let mut swap = None;
    let mut held = None;
    let pointer = ui.input(|input| input.pointer.latest_pos());
    let over = pointer.and_then(|at| (0..plain.len()).find(|&place| cell(place).expand(1.0).contains(at)));
    for (place, (&from, &to)) in plain.iter().zip(cipher).enumerate() {
        let tile = cell(place);
        let above = tile.center_top() - vec2(0.0, 2.0);
        ui.painter()
            .text(above, Align2::CENTER_BOTTOM, from, fonts::mono(11.0), p.text_weak);
        let sense = match movable {
            true => Sense::click_and_drag(),
            false => Sense::hover(),
        };
        let response = ui.interact(tile, ui.scope_id().with(("tile", place)), sense);
        let role = if movable { Role::Button } else { Role::Label };
        response.widget_info(|| WidgetInfo::labeled(role, true, format!("{from} becomes {to}")));
        if movable {
            if response.clicked() {
                response.request_focus();
            }
            if response.dragged() {
                held = Some((place, to));
            }
            if response.drag_stopped() {
                swap = over
                    .filter(|&over| over != place)
                    .map(|over| (place, over))
                    .or(swap);
            }
            if response.has_focus() {
                swap = typed(ui, place, cipher).or(swap);
            }
        }
        let target = movable && over == Some(place) && ui.ctx().dragged_id().is_some();
        let fill = match (response.hovered() && movable, from == to) {
            _ if target => p.accent_soft,
            (true, _) => p.surface_3,
            (_, true) => p.surface_1,
            _ => p.accent_soft,
        };
        let edge = if target { p.accent } else { p.border };
        ui.painter()
            .rect(tile, 4, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
        let color = if response.dragged() {
            p.text_weak
        } else {
            p.text_strong
        };
        ui.painter()
            .text(tile.center(), Align2::CENTER_CENTER, to, fonts::mono(12.5), color);
        if response.has_focus() {
            style::focus_ring(ui.painter(), tile, 4, p);
        }
    }
    if let (Some((_, letter)), Some(at)) = (held, pointer) {
        let painter = ui.ctx().layer_painter(egui::LayerId::new(
            egui::Order::Tooltip,
            ui.scope_id().with("held"),
        ));
        let tile = Rect::from_center_size(at, vec2(step + 4.0, tile + 4.0));
        painter.rect(tile, 5, p.accent, Stroke::NONE, StrokeKind::Inside);
        painter.text(
            tile.center(),
            Align2::CENTER_CENTER,
            letter,
            fonts::mono(14.0),
            p.on_accent,
        );
    }
    swap
}

/// A letter typed on a tile: that tile takes it, and gives its own to the tile that had it.
fn typed(ui: &Ui, place: usize, cipher: &[char]) -> Option<(usize, usize)> {
    ui.input(|input| {
        input.events.iter().find_map(|event| {
            let Event::Text(text) = event else { return None };
            let letter = text.chars().next()?.to_uppercase().next()?;
            let other = cipher.iter().position(|&c| c == letter)?;
            (other != place).then_some((place, other))
        })
    })
}
