//! ADFGVX: the field cipher of June 1918, and the engine that it shares with ADFGX.

use super::cipher::{Cipher, Direction, TextError};
use super::columnar::{COLUMN_HELP, Columns};
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::square::{OUTSIDE, Square, merged};
use super::step::{Half, How, Step};
use super::tableau::bytewise;
use super::values::Values;

/// The description of ADFGVX.
pub static ADFGVX: CipherSpec = CipherSpec {
    id: "adfgvx",
    name: "ADFGVX",
    family: Family::Fractionating,
    year: "1918",
    summary: "Replaces each letter and digit by two of the letters A, D, F, G, V, X (row and column in a 6×6 square) and \
              transposes the result by columns, the last row incomplete. The case is lost; everything else stays \
              where it is.",
    params: &[
        ParamSpec::required(
            "square",
            "Square",
            Kind::Square { cells: 36 },
            "NA1C3H8TB2OME5WRPD4F6G7I9J0KLQSUVXYZ",
            "one or more letters A to Z and digits, up to a whole square of 36 characters by rows",
        ),
        KEYWORD_PARAM,
    ],
    examples: &[Example {
        key: &[
            ("square", "na1c3h8tb2ome5wrpd4f6g7i9j0klqsuvxyz"),
            ("keyword", "PRIVACY"),
        ],
        plaintext: "ATTACKAT1200AM",
        ciphertext: "DGDDDAGDDGAFADDFDADVDVFAADVX",
        source: "Wikipedia, ADFGVX cipher",
    }],
    make: |values| fractionated(values, 6),
};

/// The keyword of the transposition, for both ciphers.
pub(super) const KEYWORD_PARAM: ParamSpec =
    ParamSpec::required("keyword", "Keyword", Kind::ColumnOrder, "PRIVACY", COLUMN_HELP);

/// Builds ADFGX (width 5) or ADFGVX (width 6).
pub(super) fn fractionated(values: &Values<'_>, width: usize) -> Result<Box<dyn Cipher>, KeyError> {
    let square = Square::of(values, "square", width)?;
    let columns = Columns::of(values, "keyword")?;
    let symbols: &[u8] = if width == 5 { b"ADFGX" } else { b"ADFGVX" };
    let mut coordinates = [OUTSIDE; 256];
    for (coordinate, symbol) in symbols.iter().enumerate() {
        coordinates[usize::from(*symbol)] = coordinate as u8;
        coordinates[usize::from(symbol.to_ascii_lowercase())] = coordinate as u8;
    }
    Ok(Box::new(Fractionated {
        square,
        columns,
        symbols,
        coordinates,
    }))
}

struct Fractionated {
    square: Square,
    columns: Columns,
    symbols: &'static [u8],
    /// For each byte, the coordinate that it stands for as a symbol.
    coordinates: [u8; 256],
}

impl Fractionated {
    fn coordinate(&self, byte: u8) -> u8 {
        self.coordinates[usize::from(byte)]
    }

    fn symbol_of(&self, c: char) -> Option<u8> {
        u8::try_from(c)
            .ok()
            .filter(u8::is_ascii)
            .map(|byte| self.coordinate(byte))
            .filter(|&c| c != OUTSIDE)
    }

    /// The cell of two coordinates. Both come from the table, so they are within the square.
    fn number(&self, row: u8, column: u8) -> usize {
        self.square.number(usize::from(row), usize::from(column))
    }
}

impl Cipher for Fractionated {
    fn encrypt(&self, text: &str) -> Result<String, TextError> {
        let width = self.square.width() as u8;
        Ok(bytewise(text, |bytes| {
            let mut symbols = Vec::with_capacity(bytes.len() * 2);
            for &byte in bytes {
                let place = self.square.place(byte);
                if place != OUTSIDE {
                    symbols.push(self.symbols[usize::from(place / width)]);
                    symbols.push(self.symbols[usize::from(place % width)]);
                }
            }
            let moved = self.columns.read(&symbols);
            let mut moved = moved.chunks_exact(2);
            let mut out = Vec::with_capacity(bytes.len() * 2);
            for &byte in bytes {
                match self.square.place(byte) {
                    OUTSIDE => out.push(byte),
                    _ => out.extend_from_slice(moved.next().unwrap_or_default()),
                }
            }
            out
        }))
    }

    /// Each letter stands where the first symbol of its pair stood, counted along the text; a single last one stays.
    fn decrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(bytewise(text, |bytes| {
            let symbols: Vec<u8> = bytes
                .iter()
                .map(|&byte| self.coordinate(byte))
                .filter(|&c| c != OUTSIDE)
                .collect();
            let unmoved = self.columns.unread(&symbols);
            let mut letters = unmoved.chunks(2);
            let mut out = Vec::with_capacity(bytes.len());
            let mut first = true;
            for &byte in bytes {
                if self.coordinate(byte) == OUTSIDE {
                    out.push(byte);
                    continue;
                }
                if first {
                    out.push(match letters.next() {
                        Some(&[row, column]) => self.square.cells()[self.number(row, column)],
                        Some(&[single]) => self.symbols[usize::from(single)],
                        _ => byte,
                    });
                }
                first = !first;
            }
            out
        }))
    }

    fn prepare(&self, text: &str) -> String {
        let capitals = text.to_ascii_uppercase();
        if self.square.width() == 5 {
            merged(&capitals)
        } else {
            capitals
        }
    }

    fn steps(&self, direction: Direction, text: &str) -> Result<Vec<Step>, TextError> {
        let chars: Vec<char> = text.chars().collect();
        Ok(match direction {
            Direction::Encrypt => self.encrypting_steps(&chars),
            Direction::Decrypt => self.decrypting_steps(&chars),
        })
    }

    fn key_bits(&self) -> f64 {
        self.square.bits() + self.columns.bits()
    }
}

impl Fractionated {
    fn encrypting_steps(&self, chars: &[char]) -> Vec<Step> {
        let count = 2 * chars.iter().filter(|&&c| self.square.find(c).is_some()).count();
        // The output places of the symbols, in the order in which they are read from the grid.
        let mut places = Vec::with_capacity(count);
        let mut steps = Vec::new();
        let mut output = 0;
        for (input, &c) in chars.iter().enumerate() {
            if self.square.find(c).is_some() {
                places.extend([output, output + 1]);
                output += 2;
            } else {
                steps.push(Step {
                    inputs: vec![input],
                    outputs: vec![output],
                    from: c.into(),
                    to: c.into(),
                    how: How::Kept,
                });
                output += 1;
            }
        }
        let mut written = 0;
        for (input, &c) in chars.iter().enumerate() {
            let Some(number) = self.square.find(c) else {
                continue;
            };
            let cell = self.square.cell(number);
            for (half, coordinate) in [(Half::Row, cell.row), (Half::Column, cell.column)] {
                steps.push(Step {
                    inputs: vec![input],
                    outputs: vec![places[self.columns.read_index(written, count)]],
                    from: c.into(),
                    to: char::from(self.symbols[coordinate]).into(),
                    how: How::Fractionated {
                        cell,
                        half,
                        place: self.columns.place(written),
                    },
                });
                written += 1;
            }
        }
        steps
    }

    fn decrypting_steps(&self, chars: &[char]) -> Vec<Step> {
        let symbols: Vec<(usize, u8)> = chars
            .iter()
            .enumerate()
            .filter_map(|(place, &c)| self.symbol_of(c).map(|coordinate| (place, coordinate)))
            .collect();
        let unmoved = self.columns.unread(&symbols);
        let mut pairs = unmoved.chunks(2).enumerate();
        let mut steps = Vec::new();
        let mut first = true;
        for (input, &c) in chars.iter().enumerate() {
            let outputs = vec![steps.len()];
            if self.symbol_of(c).is_none() {
                steps.push(Step {
                    inputs: vec![input],
                    outputs,
                    from: c.into(),
                    to: c.into(),
                    how: How::Kept,
                });
                continue;
            }
            first = !first;
            if first {
                continue;
            }
            let Some((index, pair)) = pairs.next() else {
                continue;
            };
            let inputs: Vec<usize> = pair.iter().map(|&(place, _)| place).collect();
            let from = inputs.iter().map(|&place| chars[place]).collect();
            let (to, how) = match *pair {
                [(_, row), (_, column)] => {
                    let number = self.number(row, column);
                    let places = [self.columns.place(2 * index), self.columns.place(2 * index + 1)];
                    let how = How::Joined {
                        cell: self.square.cell(number),
                        places,
                    };
                    (self.square.cells()[number], how)
                }
                [(_, single)] => (self.symbols[usize::from(single)], How::Leftover),
                _ => continue,
            };
            steps.push(Step {
                inputs,
                outputs,
                from,
                to: char::from(to).into(),
                how,
            });
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::Key;

    #[test]
    fn spaces_stay_between_the_pairs() {
        let key = Key::new()
            .with("square", "btalpdhozkqfvsngjcuxmrewy")
            .with("keyword", "cargo");
        let cipher = super::super::adfgx::ADFGX.build(&key).unwrap();
        let secret = cipher.encrypt("Attack at once.").unwrap();
        assert_eq!(secret.replace([' ', '.'], ""), "FAXDFADDDGDGFFFAFAXAFAFX");
        assert_eq!(cipher.decrypt(&secret).unwrap(), "ATTACK AT ONCE.");
    }
}
