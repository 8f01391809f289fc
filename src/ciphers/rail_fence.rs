//! The rail fence: written in a zigzag over several rails, read rail by rail.

use super::cipher::Cipher;
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::step::How;
use super::transposition::{CHARACTERS_PARAM, Route, Transposition};
use super::values::Values;

/// The description of the rail fence.
pub static RAIL_FENCE: CipherSpec = CipherSpec {
    id: "rail-fence",
    name: "Rail fence",
    family: Family::Transposition,
    year: "19th century",
    summary: "Writes the text down and up over the rails in a zigzag and reads it rail by rail, from the top. The offset \
              is the number of places that the zigzag has already gone when the text begins. Letters and digits \
              change places, all else stays where it is; letters keep their case.",
    params: &[
        ParamSpec::required(
            "rails",
            "Rails",
            Kind::Integer {
                min: Some(2),
                max: Some(MOST_RAILS),
                wraps: None,
            },
            "3",
            "a whole number from 2 to 1000",
        ),
        ParamSpec::optional(
            "offset",
            "Offset",
            Kind::Integer {
                min: None,
                max: None,
                wraps: None,
            },
            "0",
            "a whole number; 2 × (rails − 1) is a full turn",
        ),
        CHARACTERS_PARAM,
    ],
    examples: &[
        Example {
            key: &[("rails", "3")],
            plaintext: "WEAREDISCOVEREDRUNATONCE",
            ciphertext: "WECRUOERDSOEERNTNEAIVDAC",
            source: "Wikipedia, Rail fence cipher",
        },
        Example {
            key: &[("rails", "2")],
            plaintext: "WEAREDISCOVEREDFLEEATONCE",
            ciphertext: "WAEICVRDLETNEERDSOEEFEAOC",
            source: "Wikipedia, Rail fence cipher (its text on two rails, worked in several tutorials)",
        },
    ],
    make,
};

const MOST_RAILS: i64 = 1000;

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let rails = values.integer("rails")? as usize;
    let offset = values.residue("offset", 2 * (rails - 1))?;
    let route = Zigzag { rails, offset };
    Ok(Box::new(Transposition {
        route,
        whole: values.choice("characters") == Some("all"),
    }))
}

struct Zigzag {
    rails: usize,
    offset: usize,
}

impl Zigzag {
    fn turn(&self) -> usize {
        2 * (self.rails - 1)
    }

    /// The places on one rail, in order: going down, going up, going down…
    fn places(&self, rail: usize, count: usize) -> impl Iterator<Item = usize> + use<> {
        let turn = self.turn();
        let down = (rail + turn - self.offset) % turn;
        let up = (2 * turn - rail - self.offset) % turn;
        let (first, second) = (down.min(up), down.max(up));
        // At the top and the bottom both are the same place.
        let gaps = if first == second {
            [turn, turn]
        } else {
            [second - first, turn - (second - first)]
        };
        let mut next = first;
        let mut odd = 0;
        std::iter::from_fn(move || {
            let place = next;
            next += gaps[odd];
            odd = 1 - odd;
            (place < count).then_some(place)
        })
    }
}

impl Route for Zigzag {
    fn read<T: Copy>(&self, written: &[T]) -> Vec<T> {
        let mut out = Vec::with_capacity(written.len());
        for rail in 0..self.rails {
            out.extend(self.places(rail, written.len()).map(|place| written[place]));
        }
        out
    }

    fn unread<T: Copy>(&self, read: &[T]) -> Vec<T> {
        let mut out = read.to_vec();
        let places = (0..self.rails).flat_map(|rail| self.places(rail, read.len()));
        for (place, &item) in places.zip(read) {
            out[place] = item;
        }
        out
    }

    fn explain(&self, place: usize, _count: usize) -> How {
        let phase = (place + self.offset) % self.turn();
        How::Rail {
            rail: phase.min(self.turn() - phase),
            place,
        }
    }

    fn key_bits(&self) -> f64 {
        // All rails up to the most useful: with more than the text's length nothing changes any more.
        (self.turn() as f64).log2() + ((MOST_RAILS - 1) as f64).log2()
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::Key;
    use super::*;

    /// The zigzag as the tutorials draw it, place by place.
    fn drawn(text: &str, rails: usize, offset: usize) -> String {
        let turn = 2 * (rails - 1);
        let mut lines = vec![String::new(); rails];
        for (place, c) in text.chars().enumerate() {
            let phase = (place + offset) % turn;
            lines[phase.min(turn - phase)].push(c);
        }
        lines.concat()
    }

    #[test]
    fn every_whole_number_is_an_offset_and_only_those() {
        let encrypt = |offset: &str| {
            let key = Key::new().with("rails", "3").with("offset", offset);
            let cipher = RAIL_FENCE.build(&key);
            cipher.map(|cipher| cipher.encrypt("WEAREDISCOVERED").unwrap())
        };
        let turned = encrypt("3").unwrap();
        // A full turn is four places.
        for offset in ["-1", "\u{2212}1", " +7 ", "99999999999999999999"] {
            assert_eq!(encrypt(offset), Ok(turned.clone()), "{offset}");
        }
        for offset in ["x", "1.5", "--1"] {
            assert_eq!(encrypt(offset).unwrap_err().param(), Some("offset"), "{offset}");
        }
        let rails = Key::new().with("rails", "99999999999999999999");
        assert_eq!(RAIL_FENCE.build(&rails).err().unwrap().param(), Some("rails"));
    }

    #[test]
    fn the_quick_way_agrees_with_the_drawing() {
        let text: String = ('a'..='z').cycle().take(71).collect();
        for rails in 2..=9 {
            for offset in 0..2 * (rails - 1) {
                for length in [0, 1, 2, 5, 26, 71] {
                    let key = [("rails", rails.to_string()), ("offset", offset.to_string())]
                        .into_iter()
                        .collect();
                    let cipher = RAIL_FENCE.build(&key).unwrap();
                    assert_eq!(
                        cipher.encrypt(&text[..length]).unwrap(),
                        drawn(&text[..length], rails, offset)
                    );
                }
            }
        }
    }
}
