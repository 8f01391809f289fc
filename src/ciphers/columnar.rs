//! Columnar transposition: written in rows, read in columns, in the order that a keyword gives.

use super::cipher::Cipher;
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::step::{Cell, GridPlace, How};
use super::transposition::{CHARACTERS_PARAM, FILL_PARAM, Route, Transposition};
use super::values::Values;

/// The description of columnar transposition.
pub static COLUMNAR: CipherSpec = CipherSpec {
    id: "columnar",
    name: "Columnar transposition",
    family: Family::Transposition,
    year: "17th century",
    summary: "Writes the text in rows below a keyword and reads it by columns, in the alphabetical order of the \
              keyword's letters, equal letters from left to right. Letters and digits change places, all else stays \
              where it is; letters keep their case. With fill=x, X fills the last row; decrypting leaves it there.",
    params: &[
        ParamSpec::required("keyword", "Keyword", Kind::ColumnOrder, "ZEBRAS", COLUMN_HELP),
        FILL_PARAM,
        CHARACTERS_PARAM,
    ],
    examples: &[
        Example {
            key: &[("keyword", "ZEBRAS")],
            plaintext: "WEAREDISCOVEREDFLEEATONCE",
            ciphertext: "EVLNACDTESEAROFODEECWIREE",
            source: "Wikipedia, Transposition cipher (irregular case)",
        },
        Example {
            // The published example fills the last row with the letters QKJEU.
            key: &[("keyword", "ZEBRAS")],
            plaintext: "WEAREDISCOVEREDFLEEATONCEQKJEU",
            ciphertext: "EVLNEACDTKESEAQROFOJDEECUWIREE",
            source: "Wikipedia, Transposition cipher (regular case)",
        },
        Example {
            key: &[("keyword", "GERMAN"), ("fill", "x")],
            plaintext: "defendtheeastwallofthecastlexx",
            ciphertext: "nalcxehwttdttfseeleedsoaxfeahl",
            source: "practicalcryptography.com, Columnar Transposition Cipher",
        },
    ],
    make,
};

/// What is valid for a keyword that orders columns.
pub(super) const COLUMN_HELP: &str =
    "one or more letters or digits, or the numbers of the columns (such as 3 1 2)";

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let columns = Columns::of(values, "keyword")?;
    Ok(Box::new(Transposition {
        route: Filled {
            columns,
            fill: values.choice("fill") == Some("x"),
        },
        whole: values.choice("characters") == Some("all"),
    }))
}

/// The order in which the columns of a grid are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The columns, in the order of reading.
    order: Vec<usize>,
    /// For each column, when it is read.
    rank: Vec<usize>,
}

impl Columns {
    /// From the columns in the order of reading. `None` unless it is a permutation of `0..n`, n above 0.
    pub fn from_order(order: Vec<usize>) -> Option<Self> {
        let mut rank = vec![usize::MAX; order.len()];
        for (place, &column) in order.iter().enumerate() {
            let slot = rank.get_mut(column)?;
            if *slot != usize::MAX {
                return None;
            }
            *slot = place;
        }
        (!order.is_empty()).then_some(Self { order, rank })
    }

    /// From a keyword: alphabetical order, equal characters left to right, capitals and small letters alike. `Err`
    /// with a character that is neither letter nor digit (spaces are ignored).
    pub fn from_keyword(keyword: &str) -> Result<Option<Self>, char> {
        let mut letters = Vec::new();
        for c in keyword.chars().filter(|c| !c.is_whitespace()) {
            if !c.is_alphanumeric() {
                return Err(c);
            }
            letters.push(c.to_uppercase().collect::<String>());
        }
        let mut order: Vec<usize> = (0..letters.len()).collect();
        order.sort_by(|&a, &b| letters[a].cmp(&letters[b]));
        Ok(Self::from_order(order))
    }

    /// From a parameter: a keyword, or the column numbers separated by spaces, commas or hyphens.
    pub(super) fn of(values: &Values<'_>, name: &str) -> Result<Self, KeyError> {
        let text = values.required(name)?.trim();
        let separator = |c: char| c.is_whitespace() || c == ',' || c == '-';
        if text.contains(separator) && text.chars().all(|c| c.is_ascii_digit() || separator(c)) {
            let numbers: Option<Vec<usize>> = text
                .split(separator)
                .filter(|number| !number.is_empty())
                .map(|number| number.parse().ok().and_then(|n: usize| n.checked_sub(1)))
                .collect();
            return numbers
                .and_then(Self::from_order)
                .map(|inverted| Self {
                    order: inverted.rank,
                    rank: inverted.order,
                })
                .ok_or_else(|| {
                    values.invalid(
                        name,
                        "the column numbers are not 1, 2, 3 and so on, each exactly once",
                    )
                });
        }
        Self::from_keyword(text)
            .map_err(|c| {
                values.invalid(
                    name,
                    format!("'{}' is neither a letter nor a digit", c.escape_debug()),
                )
            })?
            .ok_or_else(|| values.invalid(name, "is empty"))
    }

    /// The columns in the order of reading.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.order.len()
    }

    /// Reads by columns what was written by rows.
    pub fn read<T: Copy>(&self, written: &[T]) -> Vec<T> {
        let mut out = Vec::with_capacity(written.len());
        for &column in &self.order {
            out.extend(written.iter().skip(column).step_by(self.width()));
        }
        out
    }

    /// Writes by columns, so that reading by rows gives the text back.
    pub fn unread<T: Copy>(&self, read: &[T]) -> Vec<T> {
        let mut out = read.to_vec();
        let mut next = read.iter();
        for &column in &self.order {
            for slot in out.iter_mut().skip(column).step_by(self.width()) {
                if let Some(&item) = next.next() {
                    *slot = item;
                }
            }
        }
        out
    }

    /// Where a character with this index among those written stands in the grid.
    pub(super) fn place(&self, index: usize) -> GridPlace {
        let cell = Cell {
            row: index / self.width(),
            column: index % self.width(),
        };
        GridPlace {
            cell,
            order: self.rank[cell.column],
        }
    }

    /// When, among `count` characters, the one written at `index` is read.
    pub(super) fn read_index(&self, index: usize, count: usize) -> usize {
        let height = |column: usize| count / self.width() + usize::from(column < count % self.width());
        let place = self.place(index);
        let before: usize = self
            .order
            .iter()
            .take(place.order)
            .map(|&column| height(column))
            .sum();
        before + place.cell.row
    }

    /// log2 of the number of orders of so many columns.
    pub(super) fn bits(&self) -> f64 {
        (2..=self.width()).map(|n| (n as f64).log2()).sum()
    }

    /// How many characters fill up the last row.
    pub(super) fn missing(&self, count: usize) -> usize {
        (self.width() - count % self.width()) % self.width()
    }
}

struct Filled {
    columns: Columns,
    fill: bool,
}

impl Route for Filled {
    fn read<T: Copy>(&self, written: &[T]) -> Vec<T> {
        self.columns.read(written)
    }

    fn unread<T: Copy>(&self, read: &[T]) -> Vec<T> {
        self.columns.unread(read)
    }

    fn explain(&self, place: usize, _count: usize) -> How {
        How::Grid {
            passes: vec![self.columns.place(place)],
        }
    }

    fn missing(&self, count: usize) -> usize {
        if self.fill { self.columns.missing(count) } else { 0 }
    }

    fn key_bits(&self) -> f64 {
        self.columns.bits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_letters_are_numbered_left_to_right() {
        let columns = Columns::from_keyword("tomato").unwrap().unwrap();
        assert_eq!(columns.order(), [3, 2, 1, 5, 0, 4]);
    }

    #[test]
    fn column_numbers_say_the_same_as_a_keyword() {
        for keyword in [
            "632415",
            "6 3 2 4 1 5",
            "6,3,2,4,1,5",
            "6-3-2-4-1-5",
            "ZEBRAS",
            "zebras",
        ] {
            let key = super::super::key::Key::new().with("keyword", keyword);
            let out = COLUMNAR
                .build(&key)
                .unwrap()
                .encrypt("WEAREDISCOVEREDFLEEATONCE")
                .unwrap();
            assert_eq!(out, "EVLNACDTESEAROFODEECWIREE", "{keyword}");
        }
    }

    #[test]
    fn wrong_column_numbers_are_refused() {
        for keyword in ["1 3", "0 1", "1 1 2", "9999999999999999999999 1", "A!B"] {
            let key = super::super::key::Key::new().with("keyword", keyword);
            let error = COLUMNAR.build(&key).err().unwrap();
            assert_eq!(error.param(), Some("keyword"), "{keyword}");
        }
    }

    #[test]
    fn nulls_stand_behind_the_last_letter() {
        let key = super::super::key::Key::new()
            .with("keyword", "ABCD")
            .with("fill", "x");
        let cipher = COLUMNAR.build(&key).unwrap();
        assert_eq!(cipher.prepare("Flee at once!\n"), "Flee at oncexx!\n");
        assert_eq!(cipher.prepare("FLEE"), "FLEE");
        assert_eq!(cipher.prepare("...\n"), "...\n");
    }
}
