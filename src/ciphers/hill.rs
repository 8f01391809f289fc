//! The Hill cipher: blocks of two or three letters multiplied by a matrix modulo 26.

use super::cipher::{Cipher, Direction, TextError};
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::square::in_case_of;
use super::step::{How, Step};
use super::tableau::{bytewise, places_of};
use super::values::{Values, residue};

/// The description of the Hill cipher.
pub static HILL: CipherSpec = CipherSpec {
    id: "hill",
    name: "Hill",
    family: Family::Polygraphic,
    year: "1929",
    summary: "Takes two or three letters as a column of numbers (A is 0), multiplies it from the left by the matrix and \
              takes the rests modulo 26. X fills up the last block; decrypting leaves it there. Blocks reach across \
              spaces, which stay where they are. Keeps the case.",
    params: &[ParamSpec::required(
        "matrix",
        "Matrix",
        Kind::Matrix,
        "3 3; 2 5",
        "4 or 9 whole numbers by rows, such as 3 3; 2 5, or as many letters (A is 0), invertible modulo 26",
    )],
    examples: &[
        Example {
            key: &[("matrix", "GYBNQKURP")],
            plaintext: "ACT",
            ciphertext: "POH",
            source: "Wikipedia, Hill cipher",
        },
        Example {
            key: &[("matrix", "6 24 1; 13 16 10; 20 17 15")],
            plaintext: "CAT",
            ciphertext: "FIN",
            source: "Wikipedia, Hill cipher",
        },
        Example {
            key: &[("matrix", "3 3; 2 5")],
            plaintext: "HELP",
            ciphertext: "HIAT",
            source: "Wikipedia, Hill cipher",
        },
        Example {
            key: &[("matrix", "17 17 5; 21 18 21; 2 2 19")],
            plaintext: "PAYMOREMONEY",
            ciphertext: "LNSHDLEWMTRW",
            source: "Stallings, Cryptography and Network Security (early editions)",
        },
    ],
    make,
};

const MODULUS: i64 = 26;

type Matrix = Vec<Vec<u8>>;

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let matrix = parse(values)?;
    let Some(inverse) = invert(&matrix) else {
        let determinant = determinant(&matrix).rem_euclid(MODULUS);
        let reason = format!("its determinant is {determinant} modulo 26, so it has no inverse");
        let expected = "a matrix whose determinant is odd and not 13 modulo 26";
        return Err(values.invalid_because("matrix", reason, expected));
    };
    Ok(Box::new(Hill { matrix, inverse }))
}

fn parse(values: &Values<'_>) -> Result<Matrix, KeyError> {
    let text = values.required("matrix")?;
    let separator = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | '[' | ']' | '(' | ')');
    let letters = text.chars().filter(|&c| !separator(c));
    let entries: Vec<u8> = if letters.clone().all(|c| c.is_ascii_alphabetic()) {
        letters.map(|c| c.to_ascii_uppercase() as u8 - b'A').collect()
    } else {
        text.split(separator)
            .filter(|number| !number.is_empty())
            .map(|number| match residue(number, MODULUS as usize) {
                Some(entry) => Ok(entry as u8),
                None => Err(values.invalid("matrix", format!("'{number}' is not a whole number"))),
            })
            .collect::<Result<_, _>>()?
    };
    let size = match entries.len() {
        4 => 2,
        9 => 3,
        count => return Err(values.invalid("matrix", format!("has {count} entries"))),
    };
    Ok(entries.chunks(size).map(<[u8]>::to_vec).collect())
}

/// The determinant, not yet reduced. The matrix is 2×2 or 3×3.
fn determinant(matrix: &Matrix) -> i64 {
    let at = |row: usize, column: usize| i64::from(matrix[row][column]);
    match matrix.len() {
        2 => at(0, 0) * at(1, 1) - at(0, 1) * at(1, 0),
        _ => (0..3)
            .map(|column| at(0, column) * cofactor(matrix, 0, column))
            .sum(),
    }
}

/// The signed minor of a 3×3 matrix; taking the rows and columns cyclically gives the sign by itself.
fn cofactor(matrix: &Matrix, row: usize, column: usize) -> i64 {
    let at = |r: usize, c: usize| i64::from(matrix[(row + r) % 3][(column + c) % 3]);
    at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
}

/// The inverse modulo 26, if there is one.
fn invert(matrix: &Matrix) -> Option<Matrix> {
    let determinant = determinant(matrix).rem_euclid(MODULUS);
    let factor = (1..MODULUS).find(|factor| factor * determinant % MODULUS == 1)?;
    let size = matrix.len();
    let adjugate = |row: usize, column: usize| match size {
        2 => {
            let entry = i64::from(matrix[1 - column][1 - row]);
            if row == column { entry } else { -entry }
        }
        _ => cofactor(matrix, column, row),
    };
    let entry = |row, column| (factor * adjugate(row, column)).rem_euclid(MODULUS) as u8;
    Some(
        (0..size)
            .map(|row| (0..size).map(|column| entry(row, column)).collect())
            .collect(),
    )
}

struct Hill {
    matrix: Matrix,
    inverse: Matrix,
}

impl Hill {
    fn size(&self) -> usize {
        self.matrix.len()
    }

    fn matrix(&self, direction: Direction) -> &Matrix {
        match direction {
            Direction::Encrypt => &self.matrix,
            Direction::Decrypt => &self.inverse,
        }
    }

    /// The text with the last block filled up, the byte place of the nulls and their number.
    fn filled(&self, text: &str) -> (String, usize, usize) {
        let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
        let missing = (self.size() - letters % self.size()) % self.size();
        let Some(last) = text
            .bytes()
            .rposition(|byte| byte.is_ascii_alphabetic())
            .filter(|_| missing > 0)
        else {
            return (text.to_owned(), text.len(), 0);
        };
        let (head, tail) = text.split_at(last + 1);
        let null = if head.ends_with(|c: char| c.is_ascii_lowercase()) {
            "x"
        } else {
            "X"
        };
        ([head, &null.repeat(missing), tail].concat(), last + 1, missing)
    }

    fn multiply(&self, direction: Direction, text: &str) -> String {
        match self.size() {
            2 => multiply::<2>(self.matrix(direction), text),
            _ => multiply::<3>(self.matrix(direction), text),
        }
    }
}

/// Multiplies every whole block of letters in place.
fn multiply<const SIZE: usize>(matrix: &Matrix, text: &str) -> String {
    let rows: [[u32; SIZE]; SIZE] = std::array::from_fn(|r| std::array::from_fn(|c| u32::from(matrix[r][c])));
    bytewise(text, |bytes| {
        let mut out = bytes.to_vec();
        let letters = places_of(bytes, |byte| byte.is_ascii_alphabetic());
        for places in letters.chunks_exact(SIZE) {
            let block: [u32; SIZE] =
                std::array::from_fn(|i| u32::from((bytes[places[i] as usize] | 0x20) - b'a'));
            for (row, &place) in rows.iter().zip(places) {
                let sum: u32 = row.iter().zip(&block).map(|(entry, letter)| entry * letter).sum();
                let place = place as usize;
                out[place] = in_case_of(b'A' + (sum % 26) as u8, bytes[place]);
            }
        }
        out
    })
}

impl Cipher for Hill {
    fn encrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.multiply(Direction::Encrypt, &self.filled(text).0))
    }

    fn decrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.multiply(Direction::Decrypt, text))
    }

    fn prepare(&self, text: &str) -> String {
        self.filled(text).0
    }

    fn steps(&self, direction: Direction, text: &str) -> Result<Vec<Step>, TextError> {
        let (prepared, null_at, nulls) = match direction {
            Direction::Encrypt => self.filled(text),
            Direction::Decrypt => (text.to_owned(), text.len(), 0),
        };
        let output: Vec<char> = self.multiply(direction, &prepared).chars().collect();
        let mut steps = Vec::new();
        let mut block: Vec<(usize, Option<usize>, char)> = Vec::new();
        for (place, (byte, c)) in prepared.char_indices().enumerate() {
            let input = match byte {
                _ if byte < null_at => Some(place),
                _ if byte < null_at + nulls => None,
                _ => Some(place - nulls),
            };
            if !c.is_ascii_alphabetic() {
                steps.push(single(place, input, c, How::Kept));
                continue;
            }
            block.push((place, input, c));
            if block.len() == self.size() {
                steps.push(self.product(direction, &output, &block));
                block.clear();
            }
        }
        steps.extend(
            block
                .into_iter()
                .map(|(place, input, c)| single(place, input, c, How::Leftover)),
        );
        Ok(steps)
    }

    /// The number of invertible matrices modulo 26: those modulo 2 times those modulo 13.
    fn key_bits(&self) -> f64 {
        let size = self.size() as i32;
        [2f64, 13f64]
            .iter()
            .map(|prime| {
                (0..size)
                    .map(|row| (prime.powi(size) - prime.powi(row)).log2())
                    .sum::<f64>()
            })
            .sum()
    }
}

impl Hill {
    fn product(&self, direction: Direction, output: &[char], block: &[(usize, Option<usize>, char)]) -> Step {
        let number = |c: char| (c.to_ascii_uppercase() as u8).saturating_sub(b'A');
        let vector: Vec<u8> = block.iter().map(|&(_, _, c)| number(c)).collect();
        let matrix = self.matrix(direction).clone();
        let sums: Vec<u32> = matrix
            .iter()
            .map(|row| {
                row.iter()
                    .zip(&vector)
                    .map(|(&entry, &x)| u32::from(entry) * u32::from(x))
                    .sum()
            })
            .collect();
        let to: String = block.iter().map(|&(place, ..)| output[place]).collect();
        Step {
            inputs: block.iter().filter_map(|&(_, input, _)| input).collect(),
            outputs: block.iter().map(|&(place, ..)| place).collect(),
            from: block.iter().map(|&(_, _, c)| c).collect(),
            how: How::Product {
                matrix,
                vector,
                sums,
                result: to.chars().map(number).collect(),
            },
            to,
        }
    }
}

fn single(place: usize, input: Option<usize>, c: char, how: How) -> Step {
    Step {
        inputs: input.into_iter().collect(),
        outputs: vec![place],
        from: c.into(),
        to: c.into(),
        how,
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::Key;
    use super::*;

    #[test]
    fn every_way_of_writing_a_matrix_is_understood() {
        for matrix in [
            "3 3 2 5",
            "3,3,2,5",
            "[[3, 3], [2, 5]]",
            "3 3 / 2 5",
            "DDCF",
            "29 -23 2 5",
            "100000000000000000007 \u{2212}23 +2 5",
            "d d; c f",
        ] {
            let cipher = HILL.build(&Key::new().with("matrix", matrix)).unwrap();
            assert_eq!(cipher.encrypt("Help!").unwrap(), "Hiat!", "{matrix}");
        }
    }

    #[test]
    fn a_matrix_without_inverse_is_refused() {
        for matrix in [
            "2 4 6 8",
            "1 2 3",
            "13 0 0 1",
            "1 2 3 4 5 6 7 8 9",
            "1 2 3 x",
            "1 1 1 1",
        ] {
            let error = HILL.build(&Key::new().with("matrix", matrix)).err().unwrap();
            assert_eq!(error.param(), Some("matrix"), "{matrix}");
        }
    }

    #[test]
    fn the_last_block_is_filled_behind_the_last_letter() {
        let cipher = HILL.build(&Key::new().with("matrix", "GYBNQKURP")).unwrap();
        assert_eq!(cipher.prepare("Act now, ok?\n"), "Act now, okx?\n");
        assert_eq!(cipher.prepare("Act nows"), "Act nowsxx");
    }
}
