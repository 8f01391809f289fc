//! The bifid cipher: rows and columns of the letters written apart and read together again.

use super::cipher::{Cipher, Direction, TextError};
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::square::{OUTSIDE, Square, in_case_of, merged};
use super::step::{Fraction, Half, How, Step};
use super::tableau::bytewise;
use super::values::Values;

/// The description of the bifid cipher.
pub static BIFID: CipherSpec = CipherSpec {
    id: "bifid",
    name: "Bifid",
    family: Family::Fractionating,
    year: "1901",
    summary: "Writes the rows of the letters in a 5×5 square in one line and their columns below, period by period, and \
              reads the digits along the lines as new letters. A period of 0 takes the whole text at once. J is \
              written as I. Keeps the case by place; everything else stays where it is.",
    params: &[
        ParamSpec::required(
            "keyword",
            "Keyword",
            Kind::Square { cells: 25 },
            "BGWKZQPNDSIOAXEFCLUMTHYVR",
            "one or more letters A to Z, up to a whole square of 25 letters by rows",
        ),
        ParamSpec::optional(
            "period",
            "Period",
            Kind::Integer {
                min: Some(0),
                max: Some(1_000_000),
                wraps: None,
            },
            "0",
            "a whole number from 0 (the whole text) to 1000000",
        ),
    ],
    examples: &[
        Example {
            key: &[("keyword", "BGWKZQPNDSIOAXEFCLUMTHYVR")],
            plaintext: "FLEEATONCE",
            ciphertext: "UAEOLWRINS",
            source: "Wikipedia, Bifid cipher",
        },
        Example {
            key: &[("keyword", "phqgmeaylnofdxkrcvszwbuti"), ("period", "5")],
            plaintext: "defendtheeastwallofthecastle",
            ciphertext: "ffyhmkhycpliashadtrlhcchlblr",
            source: "practicalcryptography.com, Bifid Cipher",
        },
        Example {
            key: &[("keyword", "ABCDEFGHIKLMNOPQRSTUVWXYZ")],
            plaintext: "secretmessage",
            ciphertext: "qddltbcxkrxlk",
            source: "braingle.com, Bifid Cipher",
        },
    ],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let square = Square::of(values, "keyword", 5)?;
    let period = values.integer("period")? as usize;
    Ok(Box::new(Bifid { square, period }))
}

struct Bifid {
    square: Square,
    period: usize,
}

impl Bifid {
    fn substitute(&self, direction: Direction, text: &str) -> String {
        bytewise(text, |bytes| {
            let place = |byte: u8| self.square.place(byte);
            let letters: Vec<u8> = bytes
                .iter()
                .map(|&byte| place(byte))
                .filter(|&place| place != OUTSIDE)
                .collect();
            let mut result = Vec::with_capacity(letters.len());
            for block in letters.chunks(self.block_length(letters.len())) {
                regroup(direction, block, &mut result);
            }
            let mut result = result.into_iter();
            bytes
                .iter()
                .map(|&byte| match place(byte) {
                    OUTSIDE => byte,
                    same => in_case_of(
                        self.square.cells()[usize::from(result.next().unwrap_or(same))],
                        byte,
                    ),
                })
                .collect()
        })
    }

    fn block_length(&self, letters: usize) -> usize {
        if self.period == 0 {
            letters.max(1)
        } else {
            self.period
        }
    }
}

/// The cells of one period after their coordinates were written apart and read together.
fn regroup(direction: Direction, block: &[u8], out: &mut Vec<u8>) {
    let count = block.len();
    match direction {
        Direction::Encrypt => {
            let mut digits: Vec<u8> = block.iter().map(|cell| cell / 5).collect();
            digits.extend(block.iter().map(|cell| cell % 5));
            out.extend(digits.chunks_exact(2).map(|pair| pair[0] * 5 + pair[1]));
        }
        Direction::Decrypt => {
            let digits: Vec<u8> = block.iter().flat_map(|cell| [cell / 5, cell % 5]).collect();
            let (rows, columns) = digits.split_at(count);
            out.extend(rows.iter().zip(columns).map(|(row, column)| row * 5 + column));
        }
    }
}

/// Where, in a period of `count` letters, the row and the column of the letter at `index` come from.
fn sources(direction: Direction, index: usize, count: usize) -> [(usize, Half); 2] {
    let source = |digit: usize| match direction {
        Direction::Encrypt if digit < count => (digit, Half::Row),
        Direction::Encrypt => (digit - count, Half::Column),
        Direction::Decrypt => (
            digit / 2,
            if digit.is_multiple_of(2) {
                Half::Row
            } else {
                Half::Column
            },
        ),
    };
    match direction {
        Direction::Encrypt => [source(2 * index), source(2 * index + 1)],
        Direction::Decrypt => [source(index), source(count + index)],
    }
}

impl Cipher for Bifid {
    fn encrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.substitute(Direction::Encrypt, text))
    }

    fn decrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.substitute(Direction::Decrypt, text))
    }

    fn prepare(&self, text: &str) -> String {
        merged(text)
    }

    fn steps(&self, direction: Direction, text: &str) -> Result<Vec<Step>, TextError> {
        let chars: Vec<char> = text.chars().collect();
        let output: Vec<char> = self.substitute(direction, text).chars().collect();
        let letters: Vec<(usize, usize)> = chars
            .iter()
            .enumerate()
            .filter_map(|(place, &c)| self.square.find(c).map(|number| (place, number)))
            .collect();
        let length = self.block_length(letters.len());
        let mut index = 0;
        Ok(output
            .iter()
            .enumerate()
            .map(|(place, &c)| {
                if self.square.find(chars[place]).is_none() {
                    let (from, to) = (c.into(), c.into());
                    return Step {
                        inputs: vec![place],
                        outputs: vec![place],
                        from,
                        to,
                        how: How::Kept,
                    };
                }
                let start = index / length * length;
                let block = &letters[start..letters.len().min(start + length)];
                let [row, column] = sources(direction, index - start, block.len()).map(|(source, half)| {
                    let (input, number) = block[source];
                    let cell = self.square.cell(number);
                    let value = if half == Half::Row { cell.row } else { cell.column };
                    Fraction { input, half, value }
                });
                index += 1;
                let mut inputs = vec![row.input, column.input];
                inputs.dedup();
                Step {
                    from: inputs.iter().map(|&input| chars[input]).collect(),
                    inputs,
                    outputs: vec![place],
                    to: c.into(),
                    how: How::Regrouped { row, column },
                }
            })
            .collect())
    }

    fn key_bits(&self) -> f64 {
        self.square.bits()
    }
}
