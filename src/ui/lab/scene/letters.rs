//! The scenes of single letters: the disk, the table, the tableau, the matrix.

use egui::{Align2, Color32, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use super::super::wheel::Wheel;
use crate::ciphers::Direction;
use crate::ciphers::step::{How, Step};
use crate::ui::theme::{Palette, fonts};

/// The cipher disk, with the two letters of the step lit.
pub(super) fn wheel(
    painter: &Painter,
    rect: Rect,
    letters: &[char],
    turned: f32,
    step: Option<&Step>,
    direction: Direction,
    p: &Palette,
) {
    let lit = step.and_then(|step| match step.how {
        How::Shift { from, to, .. } => Some(if direction == Direction::Encrypt { from } else { to }),
        _ => None,
    });
    let wheel = Wheel {
        letters,
        shift: turned,
        lit,
    };
    let radius = (rect.height().min(rect.width()) / 2.0).min(210.0);
    wheel.paint(painter, rect.center(), radius, p);
}

/// Two rows of letters, with the pair of the step lit; for an affine cipher also its arithmetic.
pub(super) fn table(
    painter: &Painter,
    rect: Rect,
    plain: &[char],
    cipher: &[char],
    step: Option<&Step>,
    direction: Direction,
    p: &Palette,
) {
    let lit = step.and_then(|step| {
        let letter = step.from.chars().next()?.to_uppercase().next()?;
        let row = if direction == Direction::Encrypt {
            plain
        } else {
            cipher
        };
        row.iter().position(|&c| c == letter)
    });
    let rows = if rect.width() < 26.0 * 15.0 { 2 } else { 1 };
    let columns = plain.len().div_ceil(rows);
    let width = (rect.width() / columns as f32).min(38.0);
    let tile = (width * 1.1).min(40.0);
    let block = 2.0 * tile + 24.0;
    let top = rect.center().y - rows as f32 * block / 2.0;
    for (place, (&from, &to)) in plain.iter().zip(cipher).enumerate() {
        let left = rect.center().x - columns as f32 * width / 2.0 + (place % columns) as f32 * width;
        let y = top + (place / columns) as f32 * block;
        let upper = Rect::from_min_size(pos2(left, y), vec2(width, tile)).shrink(1.0);
        let lower = upper.translate(vec2(0.0, tile + 14.0));
        let on = lit == Some(place);
        if on {
            let line = [upper.center_bottom(), lower.center_top()];
            painter.line_segment(line, Stroke::new(3.0, p.accent));
        }
        let fill = |on: bool, ground: Color32| if on { p.accent } else { ground };
        let ink = |on: bool| if on { p.on_accent } else { p.text_strong };
        painter.rect(upper, 4, fill(on, p.surface_3), Stroke::NONE, StrokeKind::Inside);
        painter.rect(
            lower,
            4,
            fill(on, p.accent_soft),
            Stroke::NONE,
            StrokeKind::Inside,
        );
        let font = fonts::mono((width * 0.56).clamp(9.0, 18.0));
        painter.text(upper.center(), Align2::CENTER_CENTER, from, font.clone(), ink(on));
        painter.text(lower.center(), Align2::CENTER_CENTER, to, font, ink(on));
    }
}

/// The square of alphabets.
pub(super) struct Tableau<'a> {
    pub plain: &'a [char],
    pub keys: &'a [char],
    pub rows: &'a [Vec<char>],
    pub running: &'a [char],
}

impl Tableau<'_> {
    /// Draws it with the row of the key letter and the column of the plain letter lit.
    pub fn paint(
        &self,
        painter: &Painter,
        rect: Rect,
        step: Option<&Step>,
        direction: Direction,
        p: &Palette,
    ) {
        let (row, column) = match step.map(|step| &step.how) {
            Some(How::Tableau { key, from, to, .. }) => {
                let row = self.keys.iter().position(|c| c == key);
                let column = if direction == Direction::Encrypt { from } else { to };
                (row, Some(*column))
            }
            _ => (None, None),
        };
        let across = self.plain.len() + 1;
        let down = self.keys.len() + 1;
        let step_x = (rect.width() / across as f32).min(24.0);
        let step_y = (rect.height() / down as f32).min(22.0);
        let left = rect.center().x - step_x * across as f32 / 2.0;
        let top = rect.center().y - step_y * down as f32 / 2.0;
        let cell = |row: usize, column: usize| {
            let corner = pos2(left + column as f32 * step_x, top + row as f32 * step_y);
            Rect::from_min_size(corner, vec2(step_x, step_y))
        };
        if let (Some(row), Some(column)) = (row, column) {
            let across_row = cell(row + 1, 0).union(cell(row + 1, across - 1));
            let down_column = cell(0, column + 1).union(cell(down - 1, column + 1));
            painter.rect_filled(across_row, 3, p.accent.gamma_multiply(0.28));
            painter.rect_filled(down_column, 3, p.warning.gamma_multiply(0.28));
            painter.rect_filled(cell(row + 1, column + 1).expand(2.0), 4, p.accent);
        }
        let font = fonts::mono((step_y * 0.74).min(step_x * 0.8).clamp(5.0, 14.0));
        for (place, &letter) in self.plain.iter().enumerate() {
            let on = column == Some(place);
            let color = if on { p.warning } else { p.text_weak };
            let at = cell(0, place + 1).center();
            painter.text(at, Align2::CENTER_CENTER, letter, font.clone(), color);
        }
        for (number, letters) in self.rows.iter().enumerate() {
            let color = if row == Some(number) {
                p.accent
            } else {
                p.text_weak
            };
            let at = cell(number + 1, 0).center();
            painter.text(at, Align2::CENTER_CENTER, self.keys[number], font.clone(), color);
            for (place, &letter) in letters.iter().enumerate() {
                let crossing = row == Some(number) && column == Some(place);
                let near = row == Some(number) || column == Some(place);
                let color = match (crossing, near) {
                    (true, _) => p.on_accent,
                    (_, true) => p.text_strong,
                    _ => p.text_weak.gamma_multiply(0.62),
                };
                let at = cell(number + 1, place + 1).center();
                painter.text(at, Align2::CENTER_CENTER, letter, font.clone(), color);
            }
        }
        let room = left - rect.left();
        if room > 120.0 {
            let said: String = self.running.iter().take(8).collect();
            let at = pos2(rect.left() + 8.0, rect.top() + 10.0);
            let font = fonts::regular(fonts::SMALL);
            painter.text(at, Align2::LEFT_TOP, format!("Key: {said}…"), font, p.text_weak);
        }
    }
}

/// The matrix times the block, with the sums and their remainders.
pub(super) fn matrix(painter: &Painter, rect: Rect, step: Option<&Step>, p: &Palette) {
    let Some(Step {
        how:
            How::Product {
                matrix,
                vector,
                sums,
                result,
            },
        from,
        to,
        ..
    }) = step
    else {
        return;
    };
    let size = matrix.len().max(1);
    let cell = (rect.height() / (size as f32 + 1.0))
        .min(rect.width() / (size as f32 + 8.5))
        .min(64.0);
    let width = cell * (size as f32 + 6.6);
    let left = rect.center().x - width / 2.0;
    let top = rect.center().y - size as f32 * cell / 2.0;
    let font = fonts::mono((cell * 0.4).clamp(9.0, 22.0));
    let number = |column: f32, row: usize, text: String, fill: Color32, ink: Color32| {
        let corner = pos2(left + column * cell, top + row as f32 * cell);
        let rect = Rect::from_min_size(corner, vec2(cell, cell)).shrink(2.0);
        painter.rect_filled(rect, 6, fill);
        painter.text(rect.center(), Align2::CENTER_CENTER, text, font.clone(), ink);
    };
    let sign = |column: f32, sign: &str| {
        let at = pos2(left + (column + 0.5) * cell, rect.center().y);
        painter.text(at, Align2::CENTER_CENTER, sign, font.clone(), p.text_weak);
    };
    for (row, values) in matrix.iter().enumerate() {
        for (column, value) in values.iter().enumerate() {
            number(column as f32, row, value.to_string(), p.surface_3, p.text_strong);
        }
    }
    let at = size as f32;
    sign(at - 0.2, "×");
    let (letters, made): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    for (row, value) in vector.iter().enumerate() {
        let letter = letters.get(row).copied().unwrap_or(' ');
        number(
            at + 0.6,
            row,
            format!("{letter} {value}"),
            p.info_soft,
            p.text_strong,
        );
    }
    sign(at + 1.6, "=");
    for (row, value) in sums.iter().enumerate() {
        number(at + 2.4, row, value.to_string(), p.surface_3, p.text);
    }
    sign(at + 4.0, "mod 26");
    for (row, value) in result.iter().enumerate() {
        let letter = made.get(row).copied().unwrap_or(' ');
        number(at + 5.6, row, format!("{value} {letter}"), p.accent, p.on_accent);
    }
}
