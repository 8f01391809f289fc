//! What is known of the settings, and all the settings that are left.

use super::super::super::attack::AttackError;
use super::super::letters;
use super::plugboard::Plugboard;
use super::scrambler::{Order, Place};
use crate::ciphers::Key;
use crate::ciphers::enigma::wheels::{MODELS, Model, REFLECTORS, WHEELS, Wheel};

/// All settings that agree with what is known.
pub(super) struct Space {
    pub model: &'static Model,
    /// The orders with the fourth rotor's place, the usual reflector first.
    pub orders: Vec<(Order, Option<Place>)>,
    pub left: Vec<Place>,
    pub middle: Vec<Place>,
    pub right: Vec<Place>,
    /// Whether the right and the middle rotor's ring are to be found; the left one's cannot.
    pub right_ring_free: bool,
    pub middle_ring_free: bool,
    /// The cables that are known, and whether they are all.
    pub plugboard: Plugboard,
    pub plugboard_known: bool,
}

/// One setting of the rotors at the text's first letter, before it moves them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Setting {
    pub order: Order,
    pub fourth: Option<Place>,
    pub left: Place,
    pub middle: Place,
    pub right: Place,
}

impl Space {
    pub(super) fn of(known: &Key) -> Result<Self, AttackError> {
        let name = known.value("model").unwrap_or("I").trim();
        let model = MODELS
            .iter()
            .find(|model| model.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| wrong("model", "is none of I, M3 and M4"))?;
        let count = 3 + usize::from(!model.fourth.is_empty());
        let windows = places(known, "start", count)?;
        let rings = places(known, "rings", count)?;
        let rotor = |i: usize| choices(windows[i], rings[i]);
        let first = count - 3;
        let fourth: Vec<Option<Place>> = match first {
            0 => vec![None],
            _ => rotor(0).into_iter().map(Some).collect(),
        };
        let (plugboard, plugboard_known) = plugs(known)?;
        let right_ring_free = windows[count - 1].is_none() && rings[count - 1].is_none();
        let middle_ring_free = windows[count - 2].is_none() && rings[count - 2].is_none();
        Ok(Self {
            orders: orders(known, model, &fourth)?,
            left: rotor(first),
            middle: rotor(first + 1),
            right: if right_ring_free {
                all_places()
            } else {
                rotor(count - 1)
            },
            right_ring_free,
            middle_ring_free,
            model,
            plugboard,
            plugboard_known,
        })
    }

    /// The settings, without those that differ in the middle ring alone.
    pub(super) fn settings(&self) -> f64 {
        (self.orders.len() * self.left.len() * self.middle.len() * self.right.len()) as f64
    }

    /// How many settings and plugboards there are with so many cables, as a natural logarithm: what a find must be paid
    /// for.
    pub(super) fn surprise(&self, cables: usize) -> f64 {
        let mut surprise = self.settings().ln();
        if self.middle_ring_free {
            surprise += 26f64.ln();
        }
        if !self.plugboard_known {
            for cable in self.plugboard.cables()..cables {
                let left = (26 - 2 * cable) as f64;
                surprise += (left * (left - 1.0) / 2.0 / (cable + 1) as f64).max(1.0).ln();
            }
        }
        surprise
    }
}

impl Setting {
    /// The key in the form that the cipher takes.
    pub(super) fn key(&self, model: &Model, plugboard: Plugboard) -> Key {
        let mut names = Vec::new();
        let mut places = Vec::new();
        if let (Some((wheel, _)), Some(place)) = (self.order.fourth, self.fourth) {
            names.push(wheel.name);
            places.push(place);
        }
        for (wheel, place) in [
            (self.order.left, self.left),
            (self.order.middle, self.middle),
            (self.order.right, self.right),
        ] {
            names.push(wheel.name);
            places.push(place);
        }
        let rings: Vec<String> = places.iter().map(|place| (place.ring + 1).to_string()).collect();
        let start: Vec<u8> = places.iter().map(|place| place.window).collect();
        let plugs: Vec<String> = plugboard
            .pairs()
            .iter()
            .map(|&(a, b)| letters::word(&[a, b]))
            .collect();
        Key::new()
            .with("model", model.name)
            .with("rotors", &names.join(" "))
            .with("reflector", self.order.reflector.name)
            .with("rings", &rings.join(" "))
            .with("start", &letters::word(&start))
            .with("plugboard", &plugs.join(" "))
    }
}

fn wrong(param: &str, reason: impl Into<String>) -> AttackError {
    AttackError::Known {
        param: param.to_owned(),
        reason: reason.into(),
    }
}

/// A value that was given and is not empty.
fn given<'k>(known: &'k Key, param: &str) -> Option<&'k str> {
    known.value(param).filter(|value| !value.trim().is_empty())
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '-' | '/'))
        .filter(|item| !item.is_empty())
}

/// Letters or numbers 1 to 26, `?` where one is not known.
#[inline(never)]
fn places(known: &Key, param: &str, count: usize) -> Result<Vec<Option<u8>>, AttackError> {
    let Some(text) = given(known, param) else {
        return Ok(vec![None; count]);
    };
    let mut places = Vec::new();
    for item in items(text) {
        match item.parse::<u8>() {
            Ok(number @ 1..=26) => places.push(Some(number - 1)),
            _ => {
                for c in item.chars() {
                    places.push(match c {
                        '?' => None,
                        _ => Some(letters::number(c).ok_or_else(|| {
                            wrong(
                                param,
                                "is written as letters or numbers from 1 to 26, ? where one is not known",
                            )
                        })?),
                    });
                }
            }
        }
    }
    match places.len() == count {
        true => Ok(places),
        false => Err(wrong(
            param,
            format!(
                "has {} places for {count} rotors; write ? where one is not known",
                places.len()
            ),
        )),
    }
}

/// The windows and rings that are left for a rotor. Where neither is known the ring is taken as A: only the offset shows
/// in the text, but for the notch.
fn choices(window: Option<u8>, ring: Option<u8>) -> Vec<Place> {
    match (window, ring) {
        (Some(window), Some(ring)) => vec![Place { window, ring }],
        (Some(window), None) => (0..26).map(|ring| Place { window, ring }).collect(),
        (None, _) => (0..26)
            .map(|window| Place {
                window,
                ring: ring.unwrap_or(0),
            })
            .collect(),
    }
}

fn all_places() -> Vec<Place> {
    (0..26)
        .flat_map(|ring| (0..26).map(move |window| Place { window, ring }))
        .collect()
}

#[inline(never)]
fn orders(
    known: &Key,
    model: &'static Model,
    fourth_places: &[Option<Place>],
) -> Result<Vec<(Order, Option<Place>)>, AttackError> {
    let count = 3 + usize::from(!model.fourth.is_empty());
    let wanted: Vec<&str> = match given(known, "rotors") {
        Some(text) => items(text).collect(),
        None => vec!["?"; count],
    };
    if wanted.len() != count {
        let reason = format!(
            "{} rotors for a model {} that has {count}; write ? for one that is not known",
            wanted.len(),
            model.name
        );
        return Err(wrong("rotors", reason));
    }
    let fitting = |place: usize, names: &[&'static str]| -> Result<Vec<&'static Wheel>, AttackError> {
        let wheels: Vec<&'static Wheel> = names
            .iter()
            .filter(|name| wanted[place] == "?" || name.eq_ignore_ascii_case(wanted[place]))
            .filter_map(|name| WHEELS.iter().find(|wheel| wheel.name == *name))
            .collect();
        match wheels.is_empty() {
            true => Err(wrong(
                "rotors",
                format!(
                    "'{}' does not fit in place {}; valid are {}",
                    wanted[place].escape_debug(),
                    place + 1,
                    names.join(", ")
                ),
            )),
            false => Ok(wheels),
        }
    };
    let fourth: Vec<Option<&'static Wheel>> = match count {
        4 => fitting(0, model.fourth)?.into_iter().map(Some).collect(),
        _ => vec![None],
    };
    let lefts = fitting(count - 3, model.moving)?;
    let middles = fitting(count - 2, model.moving)?;
    let rights = fitting(count - 1, model.moving)?;
    let reflector = given(known, "reflector").map(str::trim);
    let mut orders = Vec::new();
    for name in model.reflectors {
        if reflector.is_some_and(|reflector| !reflector.eq_ignore_ascii_case(name)) {
            continue;
        }
        let Some(reflector) = REFLECTORS.iter().find(|reflector| reflector.name == *name) else {
            continue;
        };
        for &left in &lefts {
            for &middle in middles.iter().filter(|&&middle| middle != left) {
                for &right in rights.iter().filter(|&&right| right != left && right != middle) {
                    for &fourth in &fourth {
                        for &place in fourth_places {
                            let order = Order {
                                fourth: fourth.zip(place).map(|(wheel, place)| (wheel, place.offset())),
                                left,
                                middle,
                                right,
                                reflector,
                            };
                            orders.push((order, place));
                        }
                    }
                }
            }
        }
    }
    if orders.is_empty() {
        return Err(match reflector {
            Some(name)
                if !model
                    .reflectors
                    .iter()
                    .any(|fitting| fitting.eq_ignore_ascii_case(name)) =>
            {
                wrong(
                    "reflector",
                    format!(
                        "'{}' does not fit; valid are {}",
                        name.escape_debug(),
                        model.reflectors.join(", ")
                    ),
                )
            }
            _ => wrong("rotors", "one is there twice"),
        });
    }
    Ok(orders)
}

/// The known cables, and whether they are all: an ellipsis or ? at the end says that there may be more.
#[inline(never)]
fn plugs(known: &Key) -> Result<(Plugboard, bool), AttackError> {
    let Some(text) = known.value("plugboard") else {
        return Ok((Plugboard::EMPTY, false));
    };
    let text = text.trim();
    let shorter = text.trim_end_matches(['?', '.', '…']);
    let mut plugboard = Plugboard::EMPTY;
    let found: Option<Vec<u8>> = items(shorter).flat_map(str::chars).map(letters::number).collect();
    let found =
        found.ok_or_else(|| wrong("plugboard", "is written as pairs of letters, such as AV BS CG"))?;
    if !found.len().is_multiple_of(2) {
        return Err(wrong("plugboard", "one letter has no partner"));
    }
    for pair in found.chunks_exact(2) {
        if pair[0] == pair[1] || plugboard.of(pair[0]) != pair[0] || plugboard.of(pair[1]) != pair[1] {
            return Err(wrong("plugboard", "a letter is plugged twice"));
        }
        plugboard = plugboard.toggled(pair[0], pair[1]);
    }
    Ok((plugboard, shorter.len() == text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(pairs: &[(&str, &str)]) -> Result<Space, AttackError> {
        Space::of(&pairs.iter().copied().collect())
    }

    #[test]
    fn what_is_known_leaves_the_right_number_of_settings() {
        let three = space(&[]).unwrap();
        assert_eq!(three.orders.len(), 60 * 3);
        assert_eq!(three.settings(), 180.0 * 26f64.powi(4));
        let known = [("rotors", "II IV V"), ("reflector", "B"), ("rings", "2 21 12")];
        assert_eq!(space(&known).unwrap().settings(), 17_576.0);
        assert_eq!(
            space(&[
                ("rotors", "II ? V"),
                ("reflector", "B"),
                ("start", "B?A"),
                ("rings", "1 1 1")
            ])
            .unwrap()
            .settings(),
            3.0 * 26.0
        );
        let four = space(&[
            ("model", "M4"),
            ("rotors", "Beta II IV I"),
            ("reflector", "B-thin"),
            ("rings", "AAAV"),
        ])
        .unwrap();
        assert_eq!(four.settings(), 26f64.powi(4));
        assert_eq!(space(&[("model", "M3")]).unwrap().orders.len(), 336 * 2);
    }

    #[test]
    fn a_plugboard_may_be_known_in_part() {
        assert!(!space(&[]).unwrap().plugboard_known);
        assert!(space(&[("plugboard", "")]).unwrap().plugboard_known);
        assert!(space(&[("plugboard", "AV BS")]).unwrap().plugboard_known);
        let part = space(&[("plugboard", "AV BS …")]).unwrap();
        assert!(!part.plugboard_known);
        assert_eq!(part.plugboard.cables(), 2);
    }

    #[test]
    fn wrong_values_name_their_parameter() {
        for (param, value) in [
            ("model", "M5"),
            ("rotors", "I II"),
            ("rotors", "I II VI"),
            ("rotors", "I I I"),
            ("reflector", "B-thin"),
            ("rings", "1 2 27"),
            ("start", "AB"),
            ("plugboard", "AB CA"),
            ("plugboard", "ABC"),
        ] {
            match space(&[(param, value)]) {
                Err(AttackError::Known { param: named, .. }) => assert_eq!(named, param, "{value}"),
                other => panic!("{param}={value}: {:?}", other.err()),
            }
        }
    }
}
