//! The Polybius square as a cipher: each letter becomes the two digits of its row and column.

use super::cipher::{Cipher, Direction, TextError};
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::square::{OUTSIDE, Square, merged};
use super::step::{How, Step};
use super::tableau::bytewise;
use super::values::Values;

/// The description of the Polybius square.
pub static POLYBIUS: CipherSpec = CipherSpec {
    id: "polybius",
    name: "Polybius square",
    family: Family::Fractionating,
    year: "about 150 BC",
    summary: "Replaces each letter by its row and column in a 5×5 square, as two digits from 1 to 5. J is written as I, \
              and the case is lost. A digit in the text gets a 0 in front, so that it is not taken for a cell; \
              everything else stays as it is. When decrypting, pairs of digits may reach across spaces (groups of \
              five), and digits that fit no cell stay as they are.",
    params: &[ParamSpec::optional(
        "keyword",
        "Keyword",
        Kind::Square { cells: 25 },
        "",
        "letters A to Z, up to a whole square of 25 letters by rows; without it, the alphabet in order",
    )],
    examples: &[
        Example {
            key: &[],
            plaintext: "BAT",
            ciphertext: "121144",
            source: "Wikipedia, Polybius square",
        },
        Example {
            key: &[("keyword", "DCODE")],
            plaintext: "POLYBE",
            ciphertext: "351332542114",
            source: "dcode.fr, Polybius Cipher",
        },
    ],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    Ok(Box::new(Polybius {
        square: Square::of(values, "keyword", 5)?,
    }))
}

struct Polybius {
    square: Square,
}

/// What a pair of digits stands for.
enum Pair {
    Cell(usize),
    Digit(u8),
    Nothing,
}

impl Polybius {
    fn pair(&self, first: u8, second: u8) -> Pair {
        match (first, second) {
            (b'0', digit) => Pair::Digit(digit),
            (b'1'..=b'5', b'1'..=b'5') => Pair::Cell(
                self.square
                    .number(usize::from(first - b'1'), usize::from(second - b'1')),
            ),
            _ => Pair::Nothing,
        }
    }
}

impl Cipher for Polybius {
    fn encrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(bytewise(text, |bytes| {
            let mut out = Vec::with_capacity(bytes.len() * 2);
            for &byte in bytes {
                match self.square.place(byte) {
                    OUTSIDE if byte.is_ascii_digit() => out.extend([b'0', byte]),
                    OUTSIDE => out.push(byte),
                    place => out.extend([b'1' + place / 5, b'1' + place % 5]),
                }
            }
            out
        }))
    }

    fn decrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(bytewise(text, |bytes| {
            let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
            // The first digit of a pair, where it stands in the output.
            let mut open: Option<usize> = None;
            for &byte in bytes {
                out.push(byte);
                if !byte.is_ascii_digit() {
                    continue;
                }
                let Some(at) = open.take() else {
                    open = Some(out.len() - 1);
                    continue;
                };
                let plain = match self.pair(out[at], byte) {
                    Pair::Cell(number) => self.square.cells()[number],
                    Pair::Digit(digit) => digit,
                    Pair::Nothing => continue,
                };
                out[at] = plain;
                out.pop();
            }
            out
        }))
    }

    fn prepare(&self, text: &str) -> String {
        merged(&text.to_ascii_uppercase())
    }

    fn steps(&self, direction: Direction, text: &str) -> Result<Vec<Step>, TextError> {
        Ok(match direction {
            Direction::Encrypt => self.encrypting_steps(text),
            Direction::Decrypt => self.decrypting_steps(text),
        })
    }

    fn key_bits(&self) -> f64 {
        self.square.bits()
    }
}

impl Polybius {
    fn encrypting_steps(&self, text: &str) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut next = 0;
        for (place, c) in text.chars().enumerate() {
            let (to, how) = match self.square.find(c) {
                Some(number) => {
                    let cell = self.square.cell(number);
                    (
                        format!("{}{}", cell.row + 1, cell.column + 1),
                        How::Square { cell },
                    )
                }
                None if c.is_ascii_digit() => (format!("0{c}"), How::Marked),
                None => (c.into(), How::Kept),
            };
            let count = to.chars().count();
            steps.push(Step {
                inputs: vec![place],
                outputs: (next..next + count).collect(),
                from: c.into(),
                to,
                how,
            });
            next += count;
        }
        steps
    }

    fn decrypting_steps(&self, text: &str) -> Vec<Step> {
        // Steps in the order of the output: the letter of a pair stands where its first digit stood.
        let mut steps: Vec<Step> = Vec::new();
        let mut open: Option<(usize, u8)> = None;
        for (place, c) in text.chars().enumerate() {
            let kept = || Step {
                inputs: vec![place],
                outputs: vec![],
                from: c.into(),
                to: c.into(),
                how: How::Kept,
            };
            let Some(digit) = u8::try_from(c).ok().filter(u8::is_ascii_digit) else {
                steps.push(kept());
                continue;
            };
            let Some((at, first)) = open.take() else {
                open = Some((steps.len(), digit));
                steps.push(kept());
                continue;
            };
            let (to, how) = match self.pair(first, digit) {
                Pair::Cell(number) => {
                    let cell = self.square.cell(number);
                    (char::from(self.square.cells()[number]), How::Square { cell })
                }
                Pair::Digit(digit) => (char::from(digit), How::Marked),
                Pair::Nothing => {
                    steps.push(kept());
                    continue;
                }
            };
            let step = &mut steps[at];
            step.inputs.push(place);
            step.from.push(c);
            step.to = to.into();
            step.how = how;
        }
        for (output, step) in steps.iter_mut().enumerate() {
            step.outputs = vec![output];
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::Key;
    use super::*;

    #[test]
    fn digits_and_other_characters_come_back() {
        let cipher = POLYBIUS.build(&Key::new()).unwrap();
        let secret = cipher.encrypt("Meet at 11, Zoë!").unwrap();
        assert_eq!(secret, "32151544 1144 0101, 5534ë!");
        assert_eq!(cipher.decrypt(&secret).unwrap(), "MEET AT 11, ZOë!");
    }

    #[test]
    fn groups_of_five_are_read_across_the_spaces() {
        let cipher = POLYBIUS.build(&Key::new()).unwrap();
        assert_eq!(cipher.decrypt("12114 4").unwrap(), "BAT ");
        assert_eq!(cipher.decrypt("96 1").unwrap(), "96 1");
    }
}
