//! The Playfair cipher: pairs of letters replaced by the other corners of their rectangle in a square.

use super::cipher::{Cipher, Direction, TextError};
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::square::{OUTSIDE, Square, in_case_of};
use super::step::{Cell, DigraphRule, How, Step};
use super::tableau::{bytewise, places_of};
use super::values::Values;

/// The description of the Playfair cipher.
pub static PLAYFAIR: CipherSpec = CipherSpec {
    id: "playfair",
    name: "Playfair",
    family: Family::Polygraphic,
    year: "1854",
    summary: "Replaces letters in pairs by the rules of row, column and rectangle in a 5×5 square. J is written as I. \
              Between two equal letters of a pair, and behind a last single letter, an X is put in (a Q where the \
              letter is X itself); decrypting leaves them there. Pairs reach across spaces, which stay where they \
              are. Keeps the case.",
    params: &[ParamSpec::required(
        "keyword",
        "Keyword",
        Kind::Square { cells: 25 },
        "MONARCHY",
        "one or more letters A to Z, up to a whole square of 25 letters by rows",
    )],
    examples: &[
        Example {
            key: &[("keyword", "playfair example")],
            plaintext: "hidethegoldinthetrexestump",
            ciphertext: "bmodzbxdnabekudmuixmmouvif",
            source: "Wikipedia, Playfair cipher",
        },
        Example {
            key: &[("keyword", "monarchy")],
            plaintext: "instrumentsx",
            ciphertext: "gatlmzclrqxa",
            source: "Stallings, Cryptography and Network Security (square MONARCHY)",
        },
    ],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let square = Square::of(values, "keyword", 5)?;
    Ok(Box::new(Playfair {
        pairs: Pairs::new(&square),
        square,
    }))
}

struct Playfair {
    square: Square,
    pairs: Pairs,
}

/// The replacement of every pair of cells, in both directions.
struct Pairs {
    encrypting: Vec<[u8; 2]>,
    decrypting: Vec<[u8; 2]>,
}

impl Pairs {
    fn new(square: &Square) -> Self {
        let table = |direction| {
            (0..625)
                .map(|pair| {
                    let (_, [first, second]) = replace(square, direction, pair / 25, pair % 25);
                    let letter = |cell: Cell| square.cells()[square.number(cell.row, cell.column)];
                    [letter(first), letter(second)]
                })
                .collect()
        };
        Self {
            encrypting: table(Direction::Encrypt),
            decrypting: table(Direction::Decrypt),
        }
    }
}

/// The rule for two cells and the cells that they become. A double, which only foreign ciphertext has, counts as a row.
fn replace(square: &Square, direction: Direction, first: usize, second: usize) -> (DigraphRule, [Cell; 2]) {
    let (a, b) = (square.cell(first), square.cell(second));
    let next = |place: usize| match direction {
        Direction::Encrypt => (place + 1) % square.width(),
        Direction::Decrypt => (place + square.width() - 1) % square.width(),
    };
    let right = |cell: Cell| Cell {
        column: next(cell.column),
        ..cell
    };
    let below = |cell: Cell| Cell {
        row: next(cell.row),
        ..cell
    };
    if a.row == b.row {
        (DigraphRule::Row, [right(a), right(b)])
    } else if a.column == b.column {
        (DigraphRule::Column, [below(a), below(b)])
    } else {
        (
            DigraphRule::Rectangle,
            [
                Cell {
                    row: a.row,
                    column: b.column,
                },
                Cell {
                    row: b.row,
                    column: a.column,
                },
            ],
        )
    }
}

impl Playfair {
    /// The text with I for J and nulls put in, and the byte places of the nulls.
    fn with_nulls(&self, text: &str) -> (String, Vec<usize>) {
        let mut nulls = Vec::new();
        let prepared = bytewise(text, |bytes| {
            let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16);
            // The place of a letter that waits for its partner, and the byte index of the last letter.
            let (mut single, mut last) = (OUTSIDE, 0);
            for &byte in bytes {
                let place = self.square.place(byte);
                if place == single && place != OUTSIDE {
                    nulls.push(last + 1);
                    out.insert(last + 1, self.null_behind(out[last]));
                    last = out.len();
                } else if place != OUTSIDE {
                    single = if single == OUTSIDE { place } else { OUTSIDE };
                    last = out.len();
                }
                out.push(i_for_j(byte));
            }
            if single != OUTSIDE {
                nulls.push(last + 1);
                out.insert(last + 1, self.null_behind(out[last]));
            }
            out
        });
        (prepared, nulls)
    }

    fn null_behind(&self, letter: u8) -> u8 {
        in_case_of(
            if letter.eq_ignore_ascii_case(&b'X') {
                b'Q'
            } else {
                b'X'
            },
            letter,
        )
    }

    /// Replaces the pairs of a text in place; a last single letter stays.
    fn replace_pairs(&self, direction: Direction, text: &str) -> String {
        let table = match direction {
            Direction::Encrypt => &self.pairs.encrypting,
            Direction::Decrypt => &self.pairs.decrypting,
        };
        bytewise(text, |bytes| {
            let mut out = bytes.to_vec();
            let letters = places_of(bytes, |byte| self.square.place(byte) != OUTSIDE);
            for pair in letters.chunks_exact(2) {
                let [first, second] = [pair[0] as usize, pair[1] as usize];
                let number = |at: usize| usize::from(self.square.place(bytes[at]));
                let to = table[number(first) * 25 + number(second)];
                out[first] = in_case_of(to[0], bytes[first]);
                out[second] = in_case_of(to[1], bytes[second]);
            }
            out
        })
    }
}

fn i_for_j(byte: u8) -> u8 {
    if byte | 0x20 == b'j' { byte - 1 } else { byte }
}

impl Cipher for Playfair {
    fn encrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.replace_pairs(Direction::Encrypt, &self.with_nulls(text).0))
    }

    fn decrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.replace_pairs(Direction::Decrypt, text))
    }

    fn prepare(&self, text: &str) -> String {
        self.with_nulls(text).0
    }

    fn steps(&self, direction: Direction, text: &str) -> Result<Vec<Step>, TextError> {
        let (prepared, nulls) = match direction {
            Direction::Encrypt => self.with_nulls(text),
            Direction::Decrypt => (text.to_owned(), Vec::new()),
        };
        let output: Vec<char> = self.replace_pairs(direction, &prepared).chars().collect();
        let mut steps: Vec<Step> = Vec::new();
        let mut single: Option<(usize, char, Vec<usize>, usize)> = None;
        let mut added = 0;
        for (place, (byte, c)) in prepared.char_indices().enumerate() {
            let inputs = match nulls.binary_search(&byte) {
                Ok(_) => {
                    added += 1;
                    vec![]
                }
                Err(_) => vec![place - added],
            };
            let Some(number) = self.square.find(c) else {
                steps.push(Step {
                    inputs,
                    outputs: vec![place],
                    from: c.into(),
                    to: c.into(),
                    how: How::Kept,
                });
                continue;
            };
            let Some((first, first_c, mut both, first_place)) = single.take() else {
                single = Some((number, c, inputs, place));
                continue;
            };
            both.extend(inputs);
            let (rule, to) = replace(&self.square, direction, first, number);
            steps.push(Step {
                inputs: both,
                outputs: vec![first_place, place],
                from: String::from_iter([first_c, c]),
                to: String::from_iter([output[first_place], output[place]]),
                how: How::Digraph {
                    rule,
                    from: [self.square.cell(first), self.square.cell(number)],
                    to,
                },
            });
        }
        if let Some((_, c, inputs, place)) = single {
            steps.push(Step {
                inputs,
                outputs: vec![place],
                from: c.into(),
                to: c.into(),
                how: How::Leftover,
            });
        }
        Ok(steps)
    }

    /// The number of squares; turning rows or columns round gives equivalent ones, 25 to each.
    fn key_bits(&self) -> f64 {
        self.square.bits() - 25f64.log2()
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::Key;
    use super::*;

    #[test]
    fn the_wikipedia_example_gets_its_x_by_itself() {
        let cipher = PLAYFAIR
            .build(&Key::new().with("keyword", "playfair example"))
            .unwrap();
        assert_eq!(
            cipher.encrypt("hide the gold in the tree stump").unwrap(),
            "bmod zbx dnab ek udm uixmm ouvif"
        );
    }

    #[test]
    fn doubles_triples_and_a_last_x_get_nulls() {
        let cipher = PLAYFAIR.build(&Key::new().with("keyword", "monarchy")).unwrap();
        for (text, prepared) in [
            ("balloon", "balxloon"),
            ("AAA", "AXAXAX"),
            ("xx", "xqxq"),
            ("fox", "foxq"),
            ("a a.", "ax ax."),
            ("Jig", "IXig"),
        ] {
            assert_eq!(cipher.prepare(text), prepared, "{text}");
        }
    }

    #[test]
    fn foreign_ciphertext_with_doubles_or_an_odd_end_is_not_damaged() {
        let cipher = PLAYFAIR.build(&Key::new().with("keyword", "monarchy")).unwrap();
        assert_eq!(cipher.decrypt("MMO é").unwrap(), "RRO é");
    }
}
