//! The Polybius square: 25 letters (I and J in one cell) or 36 letters and digits, in a keyed order.

use super::key::KeyError;
use super::step::Cell;
use super::values::Values;

/// A square of ASCII characters and the way back from a character to its cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Square {
    width: usize,
    cells: Vec<u8>,
    /// For each byte, its cell; [`OUTSIDE`] for what is not in the square.
    places: [u8; 256],
}

/// The mark of a byte that is not in the square.
pub(super) const OUTSIDE: u8 = 255;

const LETTERS_25: &[u8] = b"ABCDEFGHIKLMNOPQRSTUVWXYZ";
const LETTERS_36: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

impl Square {
    /// A 5 by 5 square: the keyword's letters first, each once, then the rest in order. J is written as I. Fails,
    /// saying why, on anything but letters and spaces.
    pub fn five(keyword: &str) -> Result<Self, String> {
        let letters: Vec<u8> = characters(keyword, |c| c.is_ascii_alphabetic(), "letter A to Z")?;
        let mut distinct = letters.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if letters.len() == 25 && distinct.len() == 25 && letters.contains(&b'I') && letters.contains(&b'J') {
            return Err("has cells for both I and J, which must share one".to_owned());
        }
        Ok(Self::fill(
            letters.into_iter().map(|c| if c == b'J' { b'I' } else { c }),
            LETTERS_25,
            5,
        ))
    }

    /// A 6 by 6 square: the keyword's letters and digits first, each once, then the rest of A to Z and 0 to 9.
    pub fn six(keyword: &str) -> Result<Self, String> {
        let keyword = characters(keyword, |c| c.is_ascii_alphanumeric(), "letter A to Z or digit")?;
        Ok(Self::fill(keyword.into_iter(), LETTERS_36, 6))
    }

    /// The square of a parameter, 5 or 6 cells wide.
    pub(super) fn of(values: &Values<'_>, name: &str, width: usize) -> Result<Self, KeyError> {
        let keyword = values.text(name).unwrap_or_default();
        let square = if width == 5 {
            Self::five(keyword)
        } else {
            Self::six(keyword)
        };
        square.map_err(|reason| values.invalid(name, reason))
    }

    fn fill(keyword: impl Iterator<Item = u8>, all: &[u8], width: usize) -> Self {
        let mut cells: Vec<u8> = Vec::with_capacity(all.len());
        let mut places = [OUTSIDE; 256];
        for c in keyword.chain(all.iter().copied()) {
            if places[usize::from(c)] == OUTSIDE {
                places[usize::from(c)] = cells.len() as u8;
                places[usize::from(c.to_ascii_lowercase())] = cells.len() as u8;
                cells.push(c);
            }
        }
        if width == 5 {
            places[usize::from(b'J')] = places[usize::from(b'I')];
            places[usize::from(b'j')] = places[usize::from(b'I')];
        }
        Self { width, cells, places }
    }

    /// Rows, and columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The characters by rows, capitals.
    pub fn cells(&self) -> &[u8] {
        &self.cells
    }

    /// The cell's number of a byte, counted by rows; [`OUTSIDE`] if there is none.
    pub(super) fn place(&self, byte: u8) -> u8 {
        self.places[usize::from(byte)]
    }

    /// The cell's number of a character.
    pub(super) fn find(&self, c: char) -> Option<usize> {
        let place = u8::try_from(c)
            .ok()
            .filter(u8::is_ascii)
            .map(|byte| self.place(byte))?;
        (place != OUTSIDE).then_some(usize::from(place))
    }

    /// The row and column of a cell's number.
    pub(super) fn cell(&self, number: usize) -> Cell {
        Cell {
            row: number / self.width,
            column: number % self.width,
        }
    }

    /// The cell's number from row and column.
    pub(super) fn number(&self, row: usize, column: usize) -> usize {
        row * self.width + column
    }

    /// log2 of the number of squares.
    pub(super) fn bits(&self) -> f64 {
        (2..=self.cells.len()).map(|n| (n as f64).log2()).sum()
    }
}

/// I for J, in both cases: how a text is written for a square of 25 letters.
pub(super) fn merged(text: &str) -> String {
    text.replace('J', "I").replace('j', "i")
}

/// The characters of a keyword as capitals, spaces left out; fails with what does not belong.
fn characters(keyword: &str, belongs: impl Fn(char) -> bool, what: &str) -> Result<Vec<u8>, String> {
    keyword
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match belongs(c) {
            true => Ok(c.to_ascii_uppercase() as u8),
            false => Err(format!("'{}' is not a {what}", c.escape_debug())),
        })
        .collect()
}

/// Writes an ASCII capital letter in the case of the character in whose place it stands.
pub(super) fn in_case_of(capital: u8, model: u8) -> u8 {
    if model.is_ascii_lowercase() {
        capital.to_ascii_lowercase()
    } else {
        capital
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyword_comes_first_and_j_shares_the_cell_of_i() {
        let square = Square::five("Playfair example").unwrap();
        assert_eq!(square.cells(), b"PLAYFIREXMBCDGHKNOQSTUVWZ");
        assert_eq!(square.find('j'), square.find('I'));
        assert_eq!(square.find('é'), None);
        // Wikipedia's ADFGX square has J where others have I.
        assert_eq!(
            Square::five("BTALPDHOZKQFVSNGJCUXMREWY").unwrap().find('i'),
            Some(16)
        );
    }

    #[test]
    fn a_square_of_36_has_letters_then_digits() {
        let square = Square::six("NA1C3").unwrap();
        assert_eq!(square.cells(), b"NA1C3BDEFGHIJKLMOPQRSTUVWXYZ02456789");
    }

    #[test]
    fn strangers_are_refused() {
        assert!(Square::five("KEY1").unwrap_err().contains("'1'"));
        assert!(Square::six("KEÝ").unwrap_err().contains("'Ý'"));
        assert!(Square::five("ABCDEFGHIJKLMNOPRSTUVWXYZ").is_err());
    }
}
