//! A block on its way through the rounds of AES.

use egui::{Align2, Color32, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

use crate::ciphers::aes_trace::{Operation, Trace};
use crate::ui::theme::{Palette, fonts};

/// The state before and after a stage, with what was done between them.
pub(super) fn paint(
    painter: &Painter,
    rect: Rect,
    trace: &Trace,
    text: &[u8],
    now: usize,
    part: f32,
    p: &Palette,
) {
    let stages = &trace.stages;
    let done = now >= stages.len();
    let now = now.min(stages.len() - 1);
    let stage = &stages[now];
    let before = if done {
        stage.state
    } else {
        stages[now.saturating_sub(1)].state
    };
    let strip = 30.0;
    let main = rect.with_max_y(rect.bottom() - strip - 8.0);
    let cell = (main.height() / 5.0).min(main.width() / 14.5).min(58.0);
    let grid = cell * 4.0;
    let middle = main.center();
    let top = middle.y - grid / 2.0 + cell * 0.3;
    let left_grid = pos2(middle.x - grid * 1.62, top);
    let right_grid = pos2(middle.x + grid * 0.62, top);
    let between = pos2(middle.x - grid / 2.0, top);
    let third = |title: &str, x: f32, color: Color32| {
        let at = pos2(x + grid / 2.0, top - 10.0);
        painter.text(
            at,
            Align2::CENTER_BOTTOM,
            title,
            fonts::medium((cell * 0.3).clamp(10.0, 14.0)),
            color,
        );
    };
    let sign = |x: f32, sign: &str| {
        let at = pos2(x, top + grid / 2.0);
        painter.text(
            at,
            Align2::CENTER_CENTER,
            sign,
            fonts::semibold((cell * 0.5).clamp(12.0, 26.0)),
            p.text_weak,
        );
    };
    let gap = grid * 0.06;
    if done {
        let mut bytes = [0u8; 16];
        bytes.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        let result: [u8; 16] = std::array::from_fn(|i| before[i] ^ bytes[i]);
        third("Key stream", left_grid.x, p.text_weak);
        third("The text", between.x, p.info);
        third("Ciphertext", right_grid.x, p.accent);
        block(painter, left_grid, cell, &before, None, Face::Hex, p);
        block(painter, between, cell, &bytes, None, Face::Letters, p);
        block(painter, right_grid, cell, &result, None, Face::Hex, p);
        sign(left_grid.x + grid + gap, "⊕");
        sign(right_grid.x - gap, "=");
    } else {
        let changed: Vec<bool> = stage.state.iter().zip(before).map(|(a, b)| *a != b).collect();
        third("Before", left_grid.x, p.text_weak);
        third(stage.operation.name(), between.x, p.accent);
        third("After", right_grid.x, p.text_weak);
        block(painter, left_grid, cell, &before, None, Face::Hex, p);
        block(
            painter,
            right_grid,
            cell,
            &stage.state,
            Some(&changed),
            Face::Hex,
            p,
        );
        match stage.operation {
            Operation::AddRoundKey => {
                let key = &trace.round_keys[stage.round.min(trace.round_keys.len() - 1)];
                block(painter, between, cell, key, None, Face::Key, p);
                sign(between.x - gap, "⊕");
                sign(between.x + grid + gap, "=");
            }
            Operation::ShiftRows => shift_rows(painter, between, cell, &before, part, p),
            Operation::Input => {
                let lines = ["nonce and", "counter"];
                for (line, said) in lines.iter().enumerate() {
                    let at = pos2(
                        between.x + grid / 2.0,
                        top + grid / 2.0 + (line as f32 - 0.5) * 20.0,
                    );
                    painter.text(at, Align2::CENTER_CENTER, said, fonts::regular(14.0), p.text);
                }
            }
            Operation::SubBytes => {
                explain(painter, between, grid, &["every byte", "through", "the S-box"], p)
            }
            Operation::MixColumns => {
                explain(
                    painter,
                    between,
                    grid,
                    &["every column", "times a matrix,", "in GF(2⁸)"],
                    p,
                );
                for column in 0..4 {
                    for (corner, color) in [(left_grid, p.series[1]), (right_grid, p.series[1])] {
                        let x = corner.x + column as f32 * cell;
                        let frame = Rect::from_min_size(pos2(x, corner.y), vec2(cell, grid)).shrink(1.0);
                        let strength = if column == ((part * 4.0) as usize).min(3) {
                            1.0
                        } else {
                            0.35
                        };
                        painter.rect_stroke(
                            frame,
                            6,
                            Stroke::new(2.0, color.gamma_multiply(strength)),
                            StrokeKind::Inside,
                        );
                    }
                }
            }
        }
    }
    let round = if done { 15 } else { stage.round };
    ticks(
        painter,
        rect.with_min_y(rect.bottom() - strip),
        trace.round_keys.len(),
        round,
        p,
    );
}

fn explain(painter: &Painter, corner: Pos2, grid: f32, lines: &[&str], p: &Palette) {
    for (line, said) in lines.iter().enumerate() {
        let offset = (line as f32 - (lines.len() as f32 - 1.0) / 2.0) * 20.0;
        let at = corner + vec2(grid / 2.0, grid / 2.0 + offset);
        painter.text(
            at,
            Align2::CENTER_CENTER,
            said,
            fonts::regular((grid * 0.085).clamp(10.0, 15.0)),
            p.text,
        );
    }
    let y = corner.y + grid / 2.0 + lines.len() as f32 * 12.0 + 20.0;
    let line = pos2(corner.x + grid * 0.3, y);
    painter.arrow(line, vec2(grid * 0.4, 0.0), Stroke::new(2.0, p.accent));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Hex,
    Letters,
    Key,
}

fn block(
    painter: &Painter,
    corner: Pos2,
    cell: f32,
    state: &[u8; 16],
    changed: Option<&[bool]>,
    face: Face,
    p: &Palette,
) {
    for (place, &byte) in state.iter().enumerate() {
        let at = corner + vec2((place / 4) as f32 * cell, (place % 4) as f32 * cell);
        let rect = Rect::from_min_size(at, vec2(cell, cell)).shrink(1.5);
        byte_cell(painter, rect, byte, face, p);
        if changed.is_some_and(|changed| changed[place]) {
            painter.rect_stroke(rect, 5, Stroke::new(1.5, p.accent), StrokeKind::Inside);
        }
    }
}

/// A byte's cell; its ground is deeper the greater the byte, so that disorder can be seen.
fn byte_cell(painter: &Painter, rect: Rect, byte: u8, face: Face, p: &Palette) {
    let base = match face {
        Face::Hex => p.series[0],
        Face::Letters => p.info,
        Face::Key => p.series[2],
    };
    let depth = f32::from(byte) / 255.0;
    painter.rect_filled(rect, 5, p.surface_3.lerp_to_gamma(base, 0.08 + 0.42 * depth));
    let shown = match face {
        Face::Letters if byte.is_ascii_graphic() => char::from(byte).to_string(),
        Face::Letters if byte == b' ' => "sp".to_owned(),
        _ => format!("{byte:02x}"),
    };
    let font = fonts::mono((rect.height() * 0.42).clamp(8.0, 19.0));
    painter.text(rect.center(), Align2::CENTER_CENTER, shown, font, p.text_strong);
}

/// The rows on their way to the left, each as far as its number says.
fn shift_rows(painter: &Painter, corner: Pos2, cell: f32, before: &[u8; 16], part: f32, p: &Palette) {
    let clip = Rect::from_min_size(corner, vec2(4.0 * cell, 4.0 * cell));
    let painter = painter.with_clip_rect(clip.intersect(painter.clip_rect()));
    let moved = if part == 0.0 { 0.5 } else { part };
    for (place, &byte) in before.iter().enumerate() {
        let (row, column) = (place % 4, place / 4);
        let x = column as f32 - row as f32 * moved;
        for x in [x, x + 4.0] {
            let at = corner + vec2(x * cell, row as f32 * cell);
            let rect = Rect::from_min_size(at, vec2(cell, cell)).shrink(1.5);
            byte_cell(&painter, rect, byte, Face::Hex, p);
        }
    }
}

/// How far through the rounds.
fn ticks(painter: &Painter, rect: Rect, rounds: usize, now: usize, p: &Palette) {
    let step = (rect.width() / rounds as f32).min(44.0);
    let left = rect.center().x - step * rounds as f32 / 2.0;
    for round in 0..rounds {
        let at = pos2(left + (round as f32 + 0.5) * step, rect.center().y);
        let (fill, ink) = match round.cmp(&now) {
            std::cmp::Ordering::Less => (p.accent_soft, p.accent),
            std::cmp::Ordering::Equal => (p.accent, p.on_accent),
            std::cmp::Ordering::Greater => (p.surface_3, p.text_weak),
        };
        let radius = (step * 0.4).min(12.0);
        painter.circle_filled(at, radius, fill);
        painter.text(
            at,
            Align2::CENTER_CENTER,
            round,
            fonts::medium((radius * 0.95).clamp(7.0, 11.0)),
            ink,
        );
    }
}
