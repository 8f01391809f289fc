//! The Enigma I, M3 and M4 as ciphers: settings as they stood on the key sheets, read into a machine.

pub mod machine;
pub mod wheels;

use std::collections::BTreeSet;

use super::cipher::{Cipher, Direction, TextError};
use super::key::{Key, KeyError};
use super::spec::{CipherSpec, Family, Kind, ParamSpec};
use super::square::in_case_of;
use super::step::{How, Links, Step};
use super::tableau::bytewise;
use super::values::Values;
use machine::Machine;
use wheels::{MODELS, Model, REFLECTORS, WHEELS, Wheel};

mod examples;

/// The description of the Enigma.
pub static ENIGMA: CipherSpec = CipherSpec {
    id: "enigma",
    name: "Enigma",
    family: Family::Rotor,
    year: "1930 (I), 1940 (M3), 1942 (M4)",
    summary: "Sends each letter through a plugboard, three or four rotors, a reflector and back; the rotors move before \
              each letter, with the double step and the notches of the real machines. The same settings encrypt and \
              decrypt. Only letters move the rotors. Keeps the case; everything outside A to Z stays as it is.",
    params: &[
        ParamSpec::optional(
            "model",
            "Model",
            Kind::Choice(&["I", "M3", "M4"]),
            "I",
            "I (army, rotors I to V), M3 (navy, rotors I to VIII) or M4 (navy, with a fourth rotor)",
        ),
        ParamSpec::optional(
            "rotors",
            "Rotors",
            Kind::Rotors,
            "",
            "three different rotors from left to right, such as II IV V; for the M4 Beta or Gamma in front",
        ),
        ParamSpec::optional(
            "reflector",
            "Reflector",
            Kind::Choice(&["A", "B", "C", "B-thin", "C-thin"]),
            "",
            "A, B or C for the I; B or C for the M3; B-thin or C-thin for the M4",
        ),
        ParamSpec::optional(
            "rings",
            "Ring settings",
            Kind::RotorPositions,
            "",
            "one number 1 to 26 or letter for each rotor, such as 2 21 12; without it, all 1",
        ),
        ParamSpec::optional(
            "start",
            "Start position",
            Kind::RotorPositions,
            "",
            "one letter or number 1 to 26 for each rotor, such as BLA; without it, all A",
        ),
        ParamSpec::optional(
            "plugboard",
            "Plugboard",
            Kind::Pairs,
            "",
            "up to 13 pairs of letters, each letter once, such as AV BS CG",
        ),
    ],
    examples: examples::EXAMPLES,
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    Ok(Box::new(enigma(values)?))
}

/// The machine that a key sets, in its start position: for views that show its wires.
pub fn machine(key: &Key) -> Result<Machine, KeyError> {
    Ok(enigma(&ENIGMA.check(key)?)?.machine)
}

fn enigma(values: &Values<'_>) -> Result<Enigma, KeyError> {
    let name = values.choice("model").unwrap_or("I");
    let model = MODELS
        .iter()
        .find(|model| model.name == name)
        .unwrap_or(&MODELS[0]);
    let rotors = rotors(values, model)?;
    let rings = positions(values, "rings", rotors.len())?;
    let start = positions(values, "start", rotors.len())?;
    let reflector = reflector(values, model)?;
    let plugs = plugs(values)?;
    let set: Vec<(&'static Wheel, u8, u8)> = rotors
        .into_iter()
        .zip(rings.into_iter().zip(start))
        .map(|(wheel, (r, s))| (wheel, r, s))
        .collect();
    let machine = Machine::new(&set, reflector, &plugs)
        .ok_or_else(|| values.invalid("rotors", "do not fit the machine"))?;
    Ok(Enigma {
        machine,
        model,
        plugs: plugs.len(),
    })
}

/// The items of a list: separated by spaces, commas, hyphens or slashes.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '-' | '/'))
        .filter(|item| !item.is_empty())
}

fn rotors(values: &Values<'_>, model: &Model) -> Result<Vec<&'static Wheel>, KeyError> {
    let text = values.text("rotors").unwrap_or(model.usual_rotors);
    let fourth = usize::from(!model.fourth.is_empty());
    let expected = || {
        let moving = format!("three different ones of {}", model.moving.join(", "));
        match fourth {
            0 => format!("{moving} (model {})", model.name),
            _ => format!(
                "{}, then {moving} (model {})",
                model.fourth.join(" or "),
                model.name
            ),
        }
    };
    let invalid = |reason: String| values.invalid_because("rotors", reason, expected());
    let mut rotors: Vec<&'static Wheel> = Vec::new();
    for (place, item) in items(text).enumerate() {
        let item = match item {
            "β" => "Beta",
            "γ" => "Gamma",
            _ => item,
        };
        let wheel = WHEELS.iter().find(|wheel| wheel.name.eq_ignore_ascii_case(item));
        let fitting = if place < fourth {
            model.fourth
        } else {
            model.moving
        };
        match wheel.filter(|wheel| fitting.contains(&wheel.name)) {
            Some(wheel) if rotors.contains(&wheel) => {
                return Err(invalid(format!("{} is there twice", wheel.name)));
            }
            Some(wheel) => rotors.push(wheel),
            None => {
                return Err(invalid(format!(
                    "'{}' does not fit in place {}",
                    item.escape_debug(),
                    place + 1
                )));
            }
        }
    }
    match rotors.len() == 3 + fourth {
        true => Ok(rotors),
        false => Err(invalid(format!("there are {} rotors", rotors.len()))),
    }
}

fn reflector(values: &Values<'_>, model: &Model) -> Result<&'static wheels::Reflector, KeyError> {
    let usual = model.reflectors.first().copied().unwrap_or("B");
    let name = values.choice("reflector").unwrap_or(usual);
    REFLECTORS
        .iter()
        .find(|reflector| reflector.name == name && model.reflectors.contains(&name))
        .ok_or_else(|| {
            let mut fitting = model.reflectors.to_vec();
            fitting.sort_unstable();
            let reason = format!("{name} does not fit the model {}", model.name);
            values.invalid_because("reflector", reason, fitting.join(" or "))
        })
}

/// Letters or numbers from 1 to 26, one for each rotor: `BLA`, `B L A`, `2 12 1`.
fn positions(values: &Values<'_>, name: &str, count: usize) -> Result<Vec<u8>, KeyError> {
    let Some(text) = values.text(name) else {
        return Ok(vec![0; count]);
    };
    let mut positions = Vec::new();
    for item in items(text) {
        match item.parse::<u8>() {
            Ok(number @ 1..=26) => positions.push(number - 1),
            _ if item.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                positions.extend(item.bytes().map(|byte| byte.to_ascii_uppercase() - b'A'));
            }
            _ => {
                let reason = format!(
                    "'{}' is neither a letter nor a number from 1 to 26",
                    item.escape_debug()
                );
                return Err(values.invalid(name, reason));
            }
        }
    }
    match positions.len() == count {
        true => Ok(positions),
        false => {
            let reason = format!("has {} positions for {count} rotors", positions.len());
            Err(values.invalid_because(
                name,
                reason,
                format!("{count} letters, or {count} numbers from 1 to 26"),
            ))
        }
    }
}

fn plugs(values: &Values<'_>) -> Result<Vec<(u8, u8)>, KeyError> {
    let mut letters = Vec::new();
    for c in items(values.text("plugboard").unwrap_or_default()).flat_map(str::chars) {
        if !c.is_ascii_alphabetic() {
            return Err(values.invalid("plugboard", format!("'{}' is not a letter", c.escape_debug())));
        }
        letters.push(c.to_ascii_uppercase() as u8 - b'A');
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = letters.iter().find(|&&letter| !seen.insert(letter)) {
        let reason = format!("{} is plugged twice", char::from(b'A' + twice));
        return Err(values.invalid("plugboard", reason));
    }
    let pairs = letters.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(values.invalid("plugboard", "one letter has no partner"));
    }
    Ok(pairs.map(|pair| (pair[0], pair[1])).collect())
}

struct Enigma {
    /// In its start position.
    machine: Machine,
    model: &'static Model,
    plugs: usize,
}

impl Enigma {
    fn run(&self, text: &str) -> String {
        let mut machine = self.machine.clone();
        bytewise(text, |bytes| {
            let mut out = bytes.to_vec();
            for byte in out.iter_mut().filter(|byte| byte.is_ascii_alphabetic()) {
                *byte = in_case_of(b'A' + machine.press((*byte | 0x20) - b'a'), *byte);
            }
            out
        })
    }
}

impl Cipher for Enigma {
    fn encrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.run(text))
    }

    fn decrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.run(text))
    }

    fn steps(&self, _: Direction, text: &str) -> Result<Vec<Step>, TextError> {
        let mut machine = self.machine.clone();
        Ok(text
            .chars()
            .enumerate()
            .map(|(place, c)| {
                let (to, how) = match c.is_ascii_alphabetic() {
                    false => (c, How::Kept),
                    true => {
                        let before = machine.windows();
                        machine.step();
                        let path = machine.path(c.to_ascii_lowercase() as u8 - b'a');
                        let lamp = path.last().map_or(0, |contact| contact.letter);
                        let windows = machine.windows();
                        let moved = before.iter().zip(&windows).map(|(a, b)| a != b).collect();
                        let to = char::from(in_case_of(b'A' + lamp, c as u8));
                        (to, How::Rotors { windows, moved, path })
                    }
                };
                Step {
                    inputs: vec![place],
                    outputs: vec![place],
                    from: c.into(),
                    to: to.into(),
                    how,
                }
            })
            .collect())
    }

    fn links(&self, _: Direction, text: &str) -> Result<Links, TextError> {
        Ok(Links::identity(text.chars().count()))
    }

    /// Rotor orders, reflectors, rings, start positions and plugboards with as many cables as are in use. The ring of
    /// the leftmost moving rotor and of the fourth give no new keys.
    fn key_bits(&self) -> f64 {
        let choices = self.model.moving.len() as f64;
        let orders = choices * (choices - 1.0) * (choices - 2.0) * self.model.fourth.len().max(1) as f64;
        let rotors = if self.model.fourth.is_empty() { 3 } else { 4 };
        let positions = 26f64.powi(rotors) * 26f64.powi(2);
        let mut plugboards = 0.0;
        for cable in 0..self.plugs {
            // The next cable joins two of the letters that are left; their order among the cables does not matter.
            let left = (26 - 2 * cable) as f64;
            plugboards += (left * (left - 1.0) / 2.0 / (cable + 1) as f64).log2();
        }
        (orders * self.model.reflectors.len() as f64).log2() + positions.log2() + plugboards
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_may_be_written_as_letters_or_numbers() {
        let build = |rings: &str, start: &str| {
            let key = Key::new()
                .with("rotors", "II IV V")
                .with("rings", rings)
                .with("start", start);
            ENIGMA.build(&key).unwrap().encrypt("HELLO").unwrap()
        };
        let expected = build("2 21 12", "BLA");
        for (rings, start) in [("02,21,12", "b l a"), ("BUL", "2 12 1"), ("B-U-L", "02-12-01")] {
            assert_eq!(build(rings, start), expected);
        }
    }

    #[test]
    fn the_textbook_first_letters_come_out() {
        // Wikipedia, Enigma rotor details: rotors I II III, reflector B, rings and positions A: AAAAA gives BDZGO.
        let cipher = ENIGMA.build(&Key::new()).unwrap();
        assert_eq!(cipher.encrypt("AAAAA").unwrap(), "BDZGO");
        // The same page: with all ring settings B, AAAAA gives EWTYX.
        let cipher = ENIGMA.build(&Key::new().with("rings", "B B B")).unwrap();
        assert_eq!(cipher.encrypt("AAAAA").unwrap(), "EWTYX");
    }

    #[test]
    fn an_m4_with_beta_and_the_thin_b_in_position_a_is_an_m3() {
        let text = "THEQUICKBROWNFOX".repeat(60);
        let three = Key::new()
            .with("model", "M3")
            .with("rotors", "VI VII VIII")
            .with("start", "QRS");
        let four = three
            .clone()
            .with("model", "M4")
            .with("rotors", "Beta VI VII VIII")
            .with("start", "AQRS");
        let encrypt = |key: &Key| ENIGMA.build(key).unwrap().encrypt(&text).unwrap();
        assert_eq!(encrypt(&three), encrypt(&four));
        let gamma = four
            .with("rotors", "Gamma VI VII VIII")
            .with("reflector", "C-thin");
        assert_eq!(encrypt(&three.with("reflector", "C")), encrypt(&gamma));
    }

    #[test]
    fn wrong_settings_name_their_parameter() {
        for (param, value) in [
            ("model", "M5"),
            ("rotors", "I II"),
            ("rotors", "I II II"),
            ("rotors", "I II VI"),
            ("rotors", "Beta I II"),
            ("reflector", "B-thin"),
            ("rings", "1 2 27"),
            ("rings", "0 1 2"),
            ("rings", "1 2"),
            ("start", "BLAB"),
            ("start", "BÄA"),
            ("plugboard", "AB CA"),
            ("plugboard", "AA"),
            ("plugboard", "ABC"),
            ("plugboard", "A1"),
        ] {
            let error = ENIGMA.build(&Key::new().with(param, value)).err().unwrap();
            assert_eq!(error.param(), Some(param), "{value}: {error}");
        }
    }

    #[test]
    fn the_usual_key_space_of_the_enigma_i_is_found() {
        let key = Key::new().with("plugboard", "AV BS CG DL FU HZ IN KM OW RX");
        let bits = ENIGMA.build(&key).unwrap().key_bits();
        // 60 · 26^5 · 150,738,274,937,250 with three reflectors.
        let expected = (60.0 * 3.0 * 26f64.powi(5) * 150_738_274_937_250.0).log2();
        assert!((bits - expected).abs() < 1e-6);
    }
}
