//! The emoji of a safety check, each with its name beneath: people say the names to each other.

use std::sync::Arc;

use egui::{Galley, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::paint;
use crate::ui::theme::{fonts, palette, style};

/// Draws `(emoji, name)` pairs, in as few rows of even length as fit. Each is spoken as "1 of 7: Dog".
pub fn emoji_row_ui(ui: &mut Ui, emoji: &[(&str, &str)]) {
    if emoji.is_empty() {
        return;
    }
    let p = palette(ui);
    let names: Vec<_> = emoji
        .iter()
        .map(|(_, name)| paint::line(ui, name, fonts::medium(fonts::SMALL), p.text))
        .collect();
    // Names are never cut: they are what people compare.
    let widest = names.iter().map(|name| name.size().x).fold(0.0, f32::max);
    let least = (widest + 12.0).max(LEAST_CELL);
    let room = ui.available_width() + GAP;
    let fitting = ((room / (least + GAP)) as usize).clamp(1, emoji.len());
    let columns = emoji.len().div_ceil(emoji.len().div_ceil(fitting));
    let cell = vec2(
        (room / columns as f32 - GAP)
            .floor()
            .clamp(least, least.max(MOST_CELL)),
        80.0,
    );

    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing = vec2(GAP, GAP);
        for (row, signs) in emoji.chunks(columns).enumerate() {
            ui.horizontal(|ui| {
                for (column, (sign, name)) in signs.iter().enumerate() {
                    let index = row * columns + column;
                    let spoken = format!("{} of {}: {name}", index + 1, emoji.len());
                    cell_ui(ui, cell, sign, names[index].clone(), &spoken);
                }
            });
        }
    });
}

fn cell_ui(ui: &mut Ui, size: Vec2, sign: &str, name: Arc<Galley>, spoken: &str) {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken));
    let painter = ui.painter();
    painter.rect(
        rect,
        style::RADIUS,
        p.surface_0,
        Stroke::new(1.0, p.border),
        StrokeKind::Inside,
    );
    let sign = paint::line(ui, sign, fonts::regular(32.0), p.text_strong);
    let at = pos2(rect.center().x, rect.top() + 33.0) - sign.size() / 2.0;
    paint::galley_at(painter, at, sign, p.text_strong);
    let at = pos2(rect.center().x, rect.bottom() - 15.0) - name.size() / 2.0;
    paint::galley_at(painter, at, name, p.text);
}

const LEAST_CELL: f32 = 60.0;
const MOST_CELL: f32 = 120.0;
const GAP: f32 = 8.0;
