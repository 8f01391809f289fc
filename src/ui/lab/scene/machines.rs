//! The scenes of machines: the signal through the Enigma, and a block through the rounds of AES.

use egui::{Align2, Color32, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

use crate::ciphers::aes_trace::{Operation, Trace};
use crate::ciphers::step::{How, Step};
use crate::ui::theme::{Palette, fonts};

/// The signal from the key through plugboard and rotors to the reflector, and back to the lamp.
pub(super) fn rotors(painter: &Painter, rect: Rect, step: Option<&Step>, part: f32, p: &Palette) {
    let Some(Step {
        how: How::Rotors { windows, moved, path },
        from,
        to,
        ..
    }) = step
    else {
        return;
    };
    // The signal goes back the way it came, so the reflector is in the middle.
    let turn = path.len() / 2;
    // From right to left: the keys, the plugboard, the rotors, the reflector.
    let mut parts: Vec<&str> = vec!["keys"];
    parts.extend(path.iter().take(turn + 1).map(|contact| contact.part));
    let width = (rect.width() / parts.len() as f32).min(150.0);
    let right = rect.center().x + width * parts.len() as f32 / 2.0;
    let head = 38.0;
    let top = rect.top() + head;
    let step_y = (rect.bottom() - top) / 26.0;
    let y = |letter: u8| top + (f32::from(letter) + 0.5) * step_y;
    let bounds = |place: usize| {
        let right = right - place as f32 * width;
        Rect::from_min_max(pos2(right - width + 14.0, top), pos2(right - 14.0, rect.bottom()))
    };
    let font = fonts::mono((step_y * 0.86).clamp(6.0, 13.0));
    for (place, name) in parts.iter().enumerate() {
        let body = bounds(place);
        let rotor = place.checked_sub(2).filter(|rotor| *rotor < windows.len());
        let window = rotor.map(|rotor| windows.len() - 1 - rotor);
        let stepped = window.is_some_and(|window| moved.get(window) == Some(&true));
        let fill = if place == 0 { p.surface_1 } else { p.surface_3 };
        let edge = if stepped { p.accent } else { p.border };
        painter.rect(body, 8, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
        let title = match (*name, window) {
            ("keys", _) => "Keys and lamps".to_owned(),
            ("plugboard", _) => "Plugboard".to_owned(),
            (name, _) if place == turn + 1 => reflector(name),
            (name, Some(_)) => format!("Rotor {name}"),
            (name, None) => name.to_owned(),
        };
        let above = pos2(body.center().x, top - 20.0);
        painter.text(
            above,
            Align2::CENTER_BOTTOM,
            title,
            fonts::regular(11.0),
            p.text_weak,
        );
        if let Some(window) = window.and_then(|window| windows.get(window)) {
            let plate = Rect::from_center_size(pos2(body.center().x, top - 9.0), vec2(22.0, 17.0));
            let fill = if stepped { p.accent } else { p.surface_2 };
            let ink = if stepped { p.on_accent } else { p.text_strong };
            painter.rect(plate, 4, fill, Stroke::new(1.0, p.outline), StrokeKind::Inside);
            let letter = char::from(b'A' + window % 26);
            painter.text(
                plate.center(),
                Align2::CENTER_CENTER,
                letter,
                fonts::semibold(12.0),
                ink,
            );
        }
        if place == 0 {
            for letter in 0..26u8 {
                let at = pos2(body.center().x, y(letter));
                let name = char::from(b'A' + letter);
                painter.text(at, Align2::CENTER_CENTER, name, font.clone(), p.text_weak);
            }
        }
    }
    let letter_of = |text: &str| {
        text.bytes()
            .next()
            .map(|byte| byte.to_ascii_uppercase().wrapping_sub(b'A') % 26)
    };
    let (Some(pressed), Some(lamp)) = (letter_of(from), letter_of(to)) else {
        return;
    };
    let mut inwards: Vec<Pos2> = vec![pos2(bounds(0).center().x, y(pressed))];
    let mut letter = pressed;
    for (place, contact) in path.iter().take(turn + 1).enumerate() {
        let body = bounds(place + 1);
        inwards.push(pos2(body.right(), y(letter)));
        letter = contact.letter;
        let inner = if place == turn {
            body.center().x
        } else {
            body.left()
        };
        inwards.push(pos2(inner, y(letter)));
    }
    let mut outwards: Vec<Pos2> = vec![inwards.last().copied().unwrap_or(Pos2::ZERO)];
    for (back, contact) in path.iter().skip(turn + 1).enumerate() {
        let place = (turn + 1).saturating_sub(back + 1);
        let body = bounds(place);
        outwards.push(pos2(body.left(), y(letter)));
        letter = contact.letter;
        outwards.push(pos2(body.right(), y(letter)));
    }
    outwards.push(pos2(bounds(0).center().x, y(lamp)));
    let first = (part * 2.0)
        .clamp(0.0, 1.0)
        .max(if part == 0.0 { 1.0 } else { 0.0 });
    let second = (part * 2.0 - 1.0)
        .clamp(0.0, 1.0)
        .max(if part == 0.0 { 1.0 } else { 0.0 });
    signal(painter, &inwards, first, p.series[2]);
    signal(painter, &outwards, second, p.accent);
    let keys = bounds(0).center().x;
    let dot = |letter: u8, fill: Color32, ink: Color32| {
        let at = pos2(keys, y(letter));
        painter.circle_filled(at, (step_y * 0.75).clamp(6.0, 11.0), fill);
        let name = char::from(b'A' + letter);
        painter.text(at, Align2::CENTER_CENTER, name, fonts::semibold(11.0), ink);
    };
    dot(pressed, p.series[2], p.surface_0);
    if second >= 1.0 {
        dot(lamp, p.accent, p.on_accent);
    }
}

/// A reflector's name, with the word before it where it is only a letter.
fn reflector(name: &str) -> String {
    match name {
        "reflector" => "Reflector".to_owned(),
        name => format!("Reflector {name}"),
    }
}

/// Draws a part of a line, from 0 to 1 of its length.
fn signal(painter: &Painter, points: &[Pos2], share: f32, color: Color32) {
    let total: f32 = points.windows(2).map(|pair| pair[0].distance(pair[1])).sum();
    let mut left = total * share;
    let mut drawn: Vec<Pos2> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let length = pair[0].distance(pair[1]);
        if left <= 0.0 {
            break;
        }
        let part = (left / length.max(0.001)).min(1.0);
        drawn.push(pair[0] + (pair[1] - pair[0]) * part);
        left -= length;
    }
    painter.add(egui::Shape::line(drawn, Stroke::new(2.5, color)));
}

/// The state before and after a stage, with what was done between them.
pub(super) fn rounds(
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
