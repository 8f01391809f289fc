//! The emoji of a safety check, each with its name beneath: people say the names to each other.

use egui::{Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::paint;
use crate::ui::theme::{fonts, palette, style};

/// Draws `(emoji, name)` pairs in a row that wraps. Each is spoken as "1 of 7: Dog".
pub fn emoji_row_ui(ui: &mut Ui, emoji: &[(&str, &str)]) {
    let p = palette(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        for (index, (sign, name)) in emoji.iter().enumerate() {
            let (rect, response) = ui.allocate_exact_size(vec2(CELL, CELL + 4.0), Sense::hover());
            response.widget_info(|| {
                WidgetInfo::labeled(
                    Role::Label,
                    true,
                    format!("{} of {}: {name}", index + 1, emoji.len()),
                )
            });
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
            let name = paint::line_within(ui, name, fonts::medium(fonts::SMALL), p.text, CELL - 8.0);
            let at = pos2(rect.center().x, rect.bottom() - 15.0) - name.size() / 2.0;
            paint::galley_at(painter, at, name, p.text);
        }
    });
}

const CELL: f32 = 76.0;
