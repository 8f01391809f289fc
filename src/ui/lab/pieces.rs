//! Small drawings beside a control: the numbered columns of a keyword, the square of a keyword.

use egui::{Align2, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::ciphers::columnar::Columns;
use crate::ciphers::square::Square;
use crate::ui::theme::{fonts, palette};

/// Draws a keyword's letters with the order in which their columns are read.
pub(super) fn column_order_ui(ui: &mut Ui, keyword: &str) {
    let p = palette(ui);
    let Ok(Some(columns)) = Columns::from_keyword(keyword) else {
        return;
    };
    let letters: Vec<char> = keyword.chars().filter(|c| !c.is_whitespace()).collect();
    if letters.len() != columns.width() {
        return;
    }
    let step = (ui.available_width() / letters.len() as f32).clamp(14.0, 34.0);
    let fitting = ((ui.available_width() / step) as usize).min(letters.len());
    let (rect, _) = ui.allocate_exact_size(vec2(step * fitting as f32, 2.0 * ROW), Sense::hover());
    for (column, letter) in letters.iter().take(fitting).enumerate() {
        let order = columns.order().iter().position(|&c| c == column).unwrap_or(0);
        let corner = pos2(rect.left() + column as f32 * step, rect.top());
        let upper = Rect::from_min_size(corner, vec2(step, ROW)).shrink2(vec2(1.0, 0.0));
        let lower = upper.translate(vec2(0.0, ROW));
        let painter = ui.painter();
        // The earlier a column is read, the deeper its colour.
        let depth = 1.0 - order as f32 / letters.len() as f32;
        painter.rect_filled(lower, 3, p.accent.gamma_multiply(0.12 + 0.4 * depth));
        painter.rect(
            upper,
            3,
            p.surface_1,
            Stroke::new(1.0, p.border),
            StrokeKind::Inside,
        );
        let write = |rect: Rect, text: String, font, color| {
            painter.text(rect.center(), Align2::CENTER_CENTER, text, font, color);
        };
        let shown: String = letter.to_uppercase().collect();
        write(upper, shown, fonts::mono(13.0), p.text_strong);
        write(
            lower,
            (order + 1).to_string(),
            fonts::semibold(11.0),
            p.text_strong,
        );
    }
}

/// Draws the square that a keyword gives, 5 or 6 cells wide.
pub(super) fn square_ui(ui: &mut Ui, keyword: &str, cells: u32) {
    let square = match cells {
        25 => Square::five(keyword),
        _ => Square::six(keyword),
    };
    let Ok(square) = square else { return };
    let p = palette(ui);
    let side = 20.0;
    let width = square.width();
    ui.vertical_centered(|ui| {
        let size = vec2(side * width as f32, side * width as f32);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        for (place, &letter) in square.cells().iter().enumerate() {
            let corner = vec2((place % width) as f32 * side, (place / width) as f32 * side);
            let cell = Rect::from_min_size(rect.min + corner, vec2(side, side)).shrink(0.5);
            ui.painter()
                .rect(cell, 3, p.accent_soft, Stroke::NONE, StrokeKind::Inside);
            ui.painter().text(
                cell.center(),
                Align2::CENTER_CENTER,
                char::from(letter),
                fonts::mono(12.0),
                p.text_strong,
            );
        }
    });
}

const ROW: f32 = 20.0;
