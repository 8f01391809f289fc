//! The Enigma: its windows, its wires as they lie at this key press, and the current's way through them.

use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

use crate::ciphers::Key;
use crate::ciphers::enigma::machine;
use crate::ciphers::step::{Contact, How, Step};
use crate::ui::theme::{Palette, fonts};

/// For each key press, the way that each of the 26 letters would take.
pub(super) type Wires = Vec<Vec<Vec<Contact>>>;

/// The wires of a machine for so many key presses; none for a key that is not valid.
pub(super) fn wires(key: &Key, presses: usize) -> Wires {
    let Ok(mut machine) = machine(key) else {
        return Vec::new();
    };
    (0..presses)
        .map(|_| {
            machine.step();
            (0..26).map(|letter| machine.path(letter)).collect()
        })
        .collect()
}

/// Where the parts stand: from right to left the keys, the plugboard, the rotors, the reflector.
struct Bodies {
    right: f32,
    width: f32,
    top: f32,
    bottom: f32,
}

impl Bodies {
    /// The body of a part; 0 are the keys.
    fn of(&self, place: usize) -> Rect {
        let right = self.right - place as f32 * self.width;
        let gap = (self.width * 0.09).clamp(5.0, 14.0);
        Rect::from_min_max(
            pos2(right - self.width + gap, self.top),
            pos2(right - gap, self.bottom),
        )
    }

    fn step(&self) -> f32 {
        (self.bottom - self.top) / 26.0
    }

    fn y(&self, letter: u8) -> f32 {
        self.top + (f32::from(letter) + 0.5) * self.step()
    }
}

/// Draws the machine at a key press; `part` is how far the current has come, 0 for all the way.
pub(super) fn paint(
    painter: &Painter,
    rect: Rect,
    wires: Option<&Vec<Vec<Contact>>>,
    step: Option<&Step>,
    part: f32,
    p: &Palette,
) {
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
    let parts = turn + 2;
    let width = (rect.width() / parts as f32).min(170.0);
    let bodies = Bodies {
        right: rect.center().x + width * parts as f32 / 2.0,
        width,
        top: rect.top() + HEAD,
        bottom: rect.bottom(),
    };
    for place in 0..parts {
        let name = place.checked_sub(1).map_or("", |place| path[place].part);
        let rotor = place.checked_sub(2).filter(|rotor| *rotor < windows.len());
        let window = rotor.map(|rotor| windows.len() - 1 - rotor);
        let stepped = window.is_some_and(|window| moved.get(window) == Some(&true));
        let title = match (place, window) {
            (0, _) => "Keys and lamps".to_owned(),
            (1, _) => "Plugboard".to_owned(),
            (_, Some(_)) => format!("Rotor {name}"),
            (_, None) => reflector(name),
        };
        head(
            painter,
            &bodies,
            place,
            &title,
            window.map(|window| windows[window]),
            stepped,
            p,
        );
        let edge = if stepped { p.accent } else { p.border };
        let fill = if place == 0 { p.surface_1 } else { p.surface_0 };
        painter.rect(
            bodies.of(place),
            8,
            fill,
            Stroke::new(1.0, edge),
            StrokeKind::Inside,
        );
    }
    if let Some(wires) = wires {
        for place in 1..=turn {
            wires_of(painter, &bodies, place, wires, p);
        }
        loops_of(painter, &bodies, turn, wires, p);
    }
    let letter_of = |text: &str| {
        let byte = text.bytes().next()?;
        byte.is_ascii_alphabetic()
            .then(|| byte.to_ascii_uppercase() - b'A')
    };
    let (Some(pressed), Some(lamp)) = (letter_of(from), letter_of(to)) else {
        return;
    };
    let share = |from: f32| match part {
        0.0 => 1.0,
        part => ((part - from) * 2.0).clamp(0.0, 1.0),
    };
    let (there, back) = way(&bodies, path, turn, pressed, lamp);
    signal(painter, &there, share(0.0), p.series[2]);
    signal(painter, &back, share(0.5), p.accent);
    board(painter, &bodies, pressed, (share(0.5) >= 1.0).then_some(lamp), p);
}

/// The title of a part, and for a rotor its window: the letter that shows, between its neighbours.
fn head(
    painter: &Painter,
    bodies: &Bodies,
    place: usize,
    title: &str,
    window: Option<u8>,
    stepped: bool,
    p: &Palette,
) {
    let body = bodies.of(place);
    let above = pos2(body.center().x, bodies.top - HEAD + 14.0);
    let size = if bodies.width < 84.0 { 9.0 } else { 11.0 };
    painter.text(
        above,
        Align2::CENTER_BOTTOM,
        title,
        fonts::regular(size),
        p.text_weak,
    );
    let Some(window) = window else { return };
    let plate = Rect::from_center_size(pos2(body.center().x, bodies.top - 14.0), vec2(62.0, 20.0));
    painter.rect(
        plate,
        5,
        p.surface_3,
        Stroke::new(1.0, p.outline),
        StrokeKind::Inside,
    );
    let shown = Rect::from_center_size(plate.center(), vec2(22.0, 22.0));
    let (fill, ink) = match stepped {
        true => (p.accent, p.on_accent),
        false => (p.surface_2, p.text_strong),
    };
    painter.rect(shown, 4, fill, Stroke::new(1.0, p.outline), StrokeKind::Inside);
    let letter = |letter: u8| char::from(b'A' + letter % 26);
    painter.text(
        shown.center(),
        Align2::CENTER_CENTER,
        letter(window),
        fonts::semibold(13.0),
        ink,
    );
    for (beside, x) in [(window + 25, -21.0), (window + 1, 21.0)] {
        painter.text(
            shown.center() + vec2(x, 0.0),
            Align2::CENTER_CENTER,
            letter(beside),
            fonts::regular(10.0),
            p.text_weak,
        );
    }
}

/// The wires of the plugboard or a rotor, from its right side to its left.
fn wires_of(painter: &Painter, bodies: &Bodies, place: usize, wires: &[Vec<Contact>], p: &Palette) {
    let body = bodies.of(place);
    for (letter, path) in wires.iter().enumerate() {
        let Some(leaves) = path.get(place - 1).map(|contact| contact.letter) else {
            continue;
        };
        let enters = match place {
            1 => letter as u8,
            _ => path[place - 2].letter,
        };
        let cable = place == 1 && enters != leaves;
        let color = match cable {
            true => p.series[1],
            false => p.text_weak.gamma_multiply(0.28),
        };
        let line = [
            pos2(body.right(), bodies.y(enters)),
            pos2(body.left(), bodies.y(leaves)),
        ];
        painter.line_segment(line, Stroke::new(if cable { 1.8 } else { 1.0 }, color));
    }
}

/// The reflector's wires: each joins two letters, and bends back.
fn loops_of(painter: &Painter, bodies: &Bodies, turn: usize, wires: &[Vec<Contact>], p: &Palette) {
    let body = bodies.of(turn + 1);
    for path in wires {
        let (Some(enters), Some(leaves)) = (path.get(turn - 1), path.get(turn)) else {
            continue;
        };
        if enters.letter < leaves.letter {
            let stroke = Stroke::new(1.0, p.text_weak.gamma_multiply(0.28));
            painter.add(Shape::line(
                bend(body, bodies.y(enters.letter), bodies.y(leaves.letter)),
                stroke,
            ));
        }
    }
}

/// A loop in the reflector from one height to another.
fn bend(body: Rect, from: f32, to: f32) -> Vec<Pos2> {
    let depth = ((to - from).abs() / body.height() * 1.1 + 0.12).min(0.92) * body.width();
    (0..=16)
        .map(|part| {
            let angle = std::f32::consts::PI * part as f32 / 16.0;
            let y = from + (to - from) * (1.0 - angle.cos()) / 2.0;
            pos2(body.right() - depth * angle.sin(), y)
        })
        .collect()
}

/// The current's way to the reflector, and back to the lamp.
fn way(bodies: &Bodies, path: &[Contact], turn: usize, pressed: u8, lamp: u8) -> (Vec<Pos2>, Vec<Pos2>) {
    let mut there = vec![pos2(bodies.of(0).center().x, bodies.y(pressed))];
    let mut letter = pressed;
    for (place, contact) in path.iter().take(turn).enumerate() {
        let body = bodies.of(place + 1);
        there.push(pos2(body.right(), bodies.y(letter)));
        letter = contact.letter;
        there.push(pos2(body.left(), bodies.y(letter)));
    }
    let reflector = bodies.of(turn + 1);
    let reflected = path.get(turn).map_or(letter, |contact| contact.letter);
    let bent = bend(reflector, bodies.y(letter), bodies.y(reflected));
    let (first, second) = bent.split_at(bent.len() / 2 + 1);
    there.extend(first);
    let mut back: Vec<Pos2> = first.last().copied().into_iter().collect();
    back.extend(second);
    letter = reflected;
    for (place, contact) in path.iter().skip(turn + 1).enumerate() {
        let body = bodies.of(turn - place);
        back.push(pos2(body.left(), bodies.y(letter)));
        letter = contact.letter;
        back.push(pos2(body.right(), bodies.y(letter)));
    }
    back.push(pos2(bodies.of(0).center().x, bodies.y(lamp)));
    (there, back)
}

/// Keys and lamps: the key that is pressed, and the lamp that burns.
fn board(painter: &Painter, bodies: &Bodies, pressed: u8, lamp: Option<u8>, p: &Palette) {
    let x = bodies.of(0).center().x;
    let font = fonts::mono((bodies.step() * 0.86).clamp(6.0, 13.0));
    let radius = (bodies.step() * 0.75).clamp(6.0, 11.0);
    for letter in 0..26u8 {
        let at = pos2(x, bodies.y(letter));
        let name = char::from(b'A' + letter);
        let lit: Option<(Color32, Color32)> = match (letter == pressed, lamp == Some(letter)) {
            (_, true) => Some((p.accent, p.on_accent)),
            (true, _) => Some((p.series[2], p.surface_0)),
            _ => None,
        };
        match lit {
            Some((fill, ink)) => {
                painter.circle_filled(at, radius + 3.0, fill.gamma_multiply(0.25));
                painter.circle_filled(at, radius, fill);
                painter.text(at, Align2::CENTER_CENTER, name, fonts::semibold(11.0), ink);
            }
            None => {
                painter.text(at, Align2::CENTER_CENTER, name, font.clone(), p.text_weak);
            }
        }
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
    painter.add(Shape::line(drawn, Stroke::new(2.5, color)));
}

/// Room above the parts for titles and windows.
const HEAD: f32 = 46.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers::{Direction, find};

    #[test]
    fn the_current_takes_the_wires_that_are_drawn() {
        let spec = find("enigma").unwrap();
        let key = spec
            .sample_key()
            .with("plugboard", "AV BS CG")
            .with("start", "ADU");
        let steps = spec
            .build(&key)
            .unwrap()
            .steps(Direction::Encrypt, "ATTACKATDAWN")
            .unwrap();
        let wires = wires(&key, steps.len());
        assert_eq!(wires.len(), steps.len());
        for (step, wires) in steps.iter().zip(&wires) {
            let How::Rotors { path, .. } = &step.how else {
                panic!("every letter goes through the rotors");
            };
            let pressed = step.from.bytes().next().unwrap() - b'A';
            assert_eq!(wires[usize::from(pressed)], *path);
        }
        assert!(super::wires(&Key::new().with("rotors", "nonsense"), 3).is_empty());
    }
}
