//! The text as a tape of cells: what goes in above the machinery, what comes out below it.

use egui::{Align2, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use crate::ui::theme::{Palette, fonts};

/// Height of a tape.
pub(super) const HEIGHT: f32 = 34.0;

/// Draws the cells around those that are lit; what is not shown yet is a dot.
pub(super) fn paint(
    painter: &Painter,
    rect: Rect,
    letters: &[char],
    lit: &[usize],
    shown: &dyn Fn(usize) -> bool,
    p: &Palette,
) {
    let step = (rect.height() * 0.72).clamp(11.0, 24.0);
    let fitting = ((rect.width() / step) as usize).max(1);
    let first = match lit.first() {
        Some(&place) if letters.len() > fitting => {
            place.saturating_sub(fitting / 2).min(letters.len() - fitting)
        }
        _ if letters.len() > fitting => {
            let done = (0..letters.len()).rev().find(|&place| shown(place)).unwrap_or(0);
            let moving = lit.is_empty() && done + 1 < letters.len();
            if moving {
                done.saturating_sub(fitting / 2).min(letters.len() - fitting)
            } else {
                0
            }
        }
        _ => 0,
    };
    let count = (letters.len() - first).min(fitting);
    let left = rect.center().x - count as f32 * step / 2.0;
    for (column, (place, &letter)) in letters.iter().enumerate().skip(first).take(count).enumerate() {
        let corner = pos2(left + column as f32 * step, rect.top());
        let cell = Rect::from_min_size(corner, vec2(step, rect.height())).shrink2(vec2(0.5, 0.0));
        let on = lit.contains(&place);
        let fill = if on {
            p.accent
        } else {
            p.surface_3.gamma_multiply(0.55)
        };
        painter.rect(cell, 3, fill, Stroke::NONE, StrokeKind::Inside);
        let (sign, color) = match (shown(place), on) {
            (true, true) => (letter, p.on_accent),
            (true, false) => (letter, p.text),
            (false, _) => ('·', p.text_weak),
        };
        if sign != '\n' {
            let font = fonts::mono((step * 0.66).min(15.0));
            painter.text(cell.center(), Align2::CENTER_CENTER, sign, font, color);
        }
    }
}
