//! Double columnar transposition: the columnar transposition twice, with two keywords.

use super::cipher::Cipher;
use super::columnar::{COLUMN_HELP, Columns};
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::step::How;
use super::transposition::{CHARACTERS_PARAM, FILL_PARAM, Route, Transposition};
use super::values::Values;

/// The description of double columnar transposition.
pub static DOUBLE_COLUMNAR: CipherSpec = CipherSpec {
    id: "double-columnar",
    name: "Double columnar transposition",
    family: Family::Transposition,
    year: "19th century",
    summary: "Transposes the text by the first keyword and the result by the second. Letters and digits change places, \
              all else stays where it is; letters keep their case. With fill=x, X fills the last row of the first \
              grid (the second takes what comes); decrypting leaves it there.",
    params: &[
        ParamSpec::required(
            "keyword1",
            "First keyword",
            Kind::ColumnOrder,
            "ZEBRAS",
            COLUMN_HELP,
        ),
        ParamSpec::required(
            "keyword2",
            "Second keyword",
            Kind::ColumnOrder,
            "STRIPE",
            COLUMN_HELP,
        ),
        FILL_PARAM,
        CHARACTERS_PARAM,
    ],
    examples: &[Example {
        key: &[("keyword1", "ZEBRAS"), ("keyword2", "STRIPE")],
        plaintext: "WEAREDISCOVEREDFLEEATONCE",
        ciphertext: "CAEENSOIAEDRLEFWEDREEVTOC",
        source: "Wikipedia, Transposition cipher (double transposition)",
    }],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let first = Columns::of(values, "keyword1")?;
    let second = Columns::of(values, "keyword2")?;
    let route = TwoGrids {
        first,
        second,
        fill: values.choice("fill") == Some("x"),
    };
    Ok(Box::new(Transposition {
        route,
        whole: values.choice("characters") == Some("all"),
    }))
}

struct TwoGrids {
    first: Columns,
    second: Columns,
    fill: bool,
}

impl Route for TwoGrids {
    fn read<T: Copy>(&self, written: &[T]) -> Vec<T> {
        self.second.read(&self.first.read(written))
    }

    fn unread<T: Copy>(&self, read: &[T]) -> Vec<T> {
        self.first.unread(&self.second.unread(read))
    }

    fn explain(&self, place: usize, count: usize) -> How {
        let between = self.first.read_index(place, count);
        How::Grid {
            passes: vec![self.first.place(place), self.second.place(between)],
        }
    }

    /// Fills the first grid only: nulls added between the passes could not be told from the text when decrypting.
    fn missing(&self, count: usize) -> usize {
        if self.fill { self.first.missing(count) } else { 0 }
    }

    fn key_bits(&self) -> f64 {
        self.first.bits() + self.second.bits()
    }
}
