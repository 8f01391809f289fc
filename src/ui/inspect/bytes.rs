//! Bytes in hexadecimal, each on the colour of its field; pointing at a byte points at its field.

use egui::{Color32, Rect, Sense, Ui, pos2, vec2};

use crate::session::wire::Field;
use crate::ui::theme::{fonts, palette, text};
use crate::ui::widgets::paint;

/// Bytes that are drawn at most; a frame may have 64 KiB.
const MAX_DRAWN: usize = 1536;
const SIZE: f32 = 12.0;

/// Draws the bytes; gives the field under the pointer.
pub(super) fn bytes_ui(ui: &mut Ui, bytes: &[u8], fields: &[Field], pointed: Option<usize>) -> Option<usize> {
    let p = palette(ui);
    let font = fonts::mono(SIZE);
    let sample = paint::line(ui, "0000000000", font.clone(), p.text);
    let cell = sample.size().x / 10.0 * 2.5;
    let line = sample.size().y.ceil() + 4.0;
    let per_row = (((ui.available_width() - 4.0) / cell) as usize).clamp(4, 16) / 4 * 4;
    let drawn = bytes.get(..bytes.len().min(MAX_DRAWN)).unwrap_or_default();
    let rows = drawn.len().div_ceil(per_row);
    let size = vec2(per_row as f32 * cell + 4.0, rows as f32 * line);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let place = |index: usize| {
        let at = vec2((index % per_row) as f32 * cell, (index / per_row) as f32 * line);
        Rect::from_min_size(rect.min + at, vec2(cell, line))
    };
    let clip = ui.clip_rect();
    let mut field = 0;
    for (index, byte) in drawn.iter().enumerate() {
        while fields.get(field).is_some_and(|field| field.bytes.end <= index) {
            field += 1;
        }
        let at = place(index);
        if !clip.intersects(at) {
            continue;
        }
        let lit = pointed == Some(field);
        ui.painter()
            .rect_filled(at.shrink2(vec2(0.0, 1.0)), 0, ground(ui, field, lit));
        let color = if lit { p.text_strong } else { p.text };
        let digits = paint::line(ui, &format!("{byte:02x}"), font.clone(), color);
        paint::galley_at(ui.painter(), at.min + vec2(cell * 0.1, 2.0), digits, color);
    }
    if bytes.len() > drawn.len() {
        ui.label(text::small(
            ui,
            format!("… and {} more bytes", bytes.len() - drawn.len()),
        ));
    }
    let pointer = response.hover_pos()?;
    let row = ((pointer.y - rect.top()) / line) as usize;
    let column = ((pointer.x - rect.left()) / cell) as usize;
    let index = (column < per_row).then_some(row * per_row + column)?;
    fields.iter().position(|field| field.bytes.contains(&index))
}

/// Draws the fields as a list; gives the one under the pointer.
pub(super) fn fields_ui(ui: &mut Ui, fields: &[Field], pointed: Option<usize>) -> Option<usize> {
    let mut under = None;
    ui.spacing_mut().item_spacing.y = 1.0;
    for (index, field) in fields.iter().enumerate() {
        let p = palette(ui);
        let lit = pointed == Some(index);
        let height = 20.0;
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        let words = format!(
            "{}, bytes {} to {}: {}",
            field.name,
            field.bytes.start,
            field.bytes.end - 1,
            field.meaning
        );
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
        if lit {
            ui.painter().rect_filled(rect, 4, p.surface_3);
        }
        let chip = Rect::from_center_size(pos2(rect.left() + 7.0, rect.center().y), vec2(9.0, 9.0));
        ui.painter().rect_filled(chip, 2, ground(ui, index, true));
        let font = fonts::regular(fonts::SMALL);
        let count = field.bytes.len();
        let length = paint::line(ui, &format!("{count}"), font.clone(), p.text_weak);
        let right = rect.right() - length.size().x - 2.0;
        let name = paint::line_within(ui, &field.name, font, p.text, right - rect.left() - 26.0);
        paint::galley_left(ui.painter(), rect.left() + 18.0, rect.center().y, name);
        paint::galley_left(ui.painter(), right, rect.center().y, length);
        if response.hovered() {
            under = Some(index);
        }
        response.on_hover_text(words);
    }
    under
}

/// The colour behind a field.
fn ground(ui: &Ui, field: usize, strong: bool) -> Color32 {
    let p = palette(ui);
    let series = p.series[field % p.series.len()];
    series.gamma_multiply(if strong { 0.55 } else { 0.22 })
}
