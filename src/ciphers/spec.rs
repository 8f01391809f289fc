//! A cipher's static description: its name, its parameters and their limits, its examples, and how to build it.

use super::cipher::Cipher;
use super::key::{Key, KeyError};
use super::values::Values;

/// Describes one cipher. The lab draws its controls, the terminal its names, the tests their loops from this.
#[derive(Debug)]
pub struct CipherSpec {
    /// The name used in commands and files.
    pub id: &'static str,
    /// The name shown to people.
    pub name: &'static str,
    /// The family it belongs to.
    pub family: Family,
    /// When it came into the world, in words.
    pub year: &'static str,
    /// What it does and which conventions it keeps, in a few sentences.
    pub summary: &'static str,
    /// Its parameters, in the order in which they are asked for.
    pub params: &'static [ParamSpec],
    /// Known answers from published sources.
    pub examples: &'static [Example],
    /// Builds the cipher from values whose form has been checked; checks what is left.
    pub make: fn(&Values<'_>) -> Result<Box<dyn Cipher>, KeyError>,
}

/// Two descriptions are the same when they describe the same cipher.
impl PartialEq for CipherSpec {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl CipherSpec {
    /// Builds the cipher from a key. Checks every declared limit; fails with the parameter at fault.
    pub fn build(&'static self, key: &Key) -> Result<Box<dyn Cipher>, KeyError> {
        (self.make)(&self.check(key)?)
    }

    /// Checks a key's parameters and the forms of their values, but not what only the cipher itself knows.
    pub(super) fn check<'k>(&'static self, key: &'k Key) -> Result<Values<'k>, KeyError> {
        for (param, _) in key.iter() {
            if self.param(param).is_none() {
                let valid = self.params.iter().map(|param| param.name).collect();
                return Err(KeyError::Unknown {
                    param: param.to_owned(),
                    valid,
                });
            }
        }
        Values::check(self, key)
    }

    /// The description of one parameter.
    pub fn param(&self, name: &str) -> Option<&'static ParamSpec> {
        self.params.iter().find(|param| param.name == name)
    }

    /// A valid key to begin with, as a fresh card of the lab shows it.
    pub fn sample_key(&self) -> Key {
        let first = |param: &ParamSpec| {
            if param.sample.is_empty() {
                param.default
            } else {
                param.sample
            }
        };
        self.params
            .iter()
            .map(|param| (param.name, first(param)))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }
}

/// The families of ciphers, by how they work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Each letter always becomes the same letter.
    Monoalphabetic,
    /// Each letter's replacement depends on its place.
    Polyalphabetic,
    /// Letters keep their shape and change their places.
    Transposition,
    /// Groups of letters are replaced together.
    Polygraphic,
    /// Letters are taken apart into coordinates.
    Fractionating,
    /// Rotors replace the alphabet at each key press.
    Rotor,
    /// A random key as long as the text, used once.
    OneTimePad,
    /// Modern authenticated encryption.
    Modern,
}

impl Family {
    /// The family's name in the field's terms.
    pub fn name(self) -> &'static str {
        match self {
            Family::Monoalphabetic => "monoalphabetic substitution",
            Family::Polyalphabetic => "polyalphabetic substitution",
            Family::Transposition => "transposition",
            Family::Polygraphic => "polygraphic substitution",
            Family::Fractionating => "fractionating",
            Family::Rotor => "rotor machine",
            Family::OneTimePad => "one-time pad",
            Family::Modern => "modern authenticated encryption",
        }
    }
}

/// Describes one parameter of a cipher.
#[derive(Debug)]
pub struct ParamSpec {
    /// The name used in `PARAM=VALUE`.
    pub name: &'static str,
    /// The name shown to people.
    pub label: &'static str,
    /// What kind of value it takes.
    pub kind: Kind,
    /// The value when an optional parameter is left out; empty when that means "none".
    pub default: &'static str,
    /// What a fresh control shows; empty to show the default.
    pub sample: &'static str,
    /// Whether it may be left out (or left empty).
    pub optional: bool,
    /// One sentence on what it does and what is valid.
    pub help: &'static str,
}

impl ParamSpec {
    /// A parameter that has to be given; `sample` is what a fresh control shows.
    pub const fn required(
        name: &'static str,
        label: &'static str,
        kind: Kind,
        sample: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            name,
            label,
            kind,
            default: "",
            sample,
            optional: false,
            help,
        }
    }

    /// A parameter that may be left out, and then has the default value.
    pub const fn optional(
        name: &'static str,
        label: &'static str,
        kind: Kind,
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            name,
            label,
            kind,
            default,
            sample: "",
            optional: true,
            help,
        }
    }

    /// The same parameter, with something for a fresh control to show.
    pub const fn with_sample(mut self, sample: &'static str) -> Self {
        self.sample = sample;
        self
    }
}

/// The kinds of values, with the limits that can be said without knowing the cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number. One that `wraps` is taken modulo that number, so that any whole number is valid.
    Integer {
        /// The least valid number.
        min: Option<i64>,
        /// The greatest valid number.
        max: Option<i64>,
        /// What it is taken modulo (for the ordinary alphabet).
        wraps: Option<u32>,
    },
    /// A word of letters of the cipher's alphabet; spaces in it are ignored.
    Keyword,
    /// A word of letters and digits whose alphabetical order numbers the columns, or the numbers themselves.
    ColumnOrder,
    /// All letters of the alphabet in another order.
    Alphabet26,
    /// The letters of the alphabet itself, in order.
    Letters,
    /// A square of this many cells: all its characters in order, or a keyword for it.
    Square {
        /// 25 or 36.
        cells: u32,
    },
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// Decimal digits.
    Digits,
    /// A square matrix of whole numbers, by rows.
    Matrix,
    /// The names of rotors, left to right.
    Rotors,
    /// One letter or number from 1 to 26 for each rotor, left to right.
    RotorPositions,
    /// Pairs of letters.
    Pairs,
    /// A long run of letters, used from its beginning.
    Pad,
    /// Any text; secret, so not echoed in errors.
    Passphrase,
    /// Exactly this many bytes as hexadecimal digits; secret, so not echoed in errors.
    Hex {
        /// The number of bytes.
        bytes: u32,
    },
}

impl Kind {
    /// The kind's name in machine-readable lists.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Integer { .. } => "integer",
            Kind::Keyword => "keyword",
            Kind::ColumnOrder => "column-order",
            Kind::Alphabet26 => "alphabet26",
            Kind::Letters => "letters",
            Kind::Square { .. } => "square",
            Kind::Choice(_) => "choice",
            Kind::Digits => "digits",
            Kind::Matrix => "matrix",
            Kind::Rotors => "rotors",
            Kind::RotorPositions => "rotor-positions",
            Kind::Pairs => "pairs",
            Kind::Pad => "pad",
            Kind::Passphrase => "passphrase",
            Kind::Hex { .. } => "hex",
        }
    }
}

/// A whole number of any size: [`Values::residue`](super::Values::residue) takes it modulo the alphabet.
pub const WHOLE_NUMBER_MOD_26: Kind = Kind::Integer {
    min: None,
    max: None,
    wraps: Some(26),
};

/// A known answer: `key` turns `plaintext` into `ciphertext`, and back.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The key's values.
    pub key: &'static [(&'static str, &'static str)],
    /// The plaintext, as the cipher can carry it.
    pub plaintext: &'static str,
    /// The ciphertext.
    pub ciphertext: &'static str,
    /// Where it was published.
    pub source: &'static str,
}

impl Example {
    /// The example's key.
    pub fn key(&self) -> Key {
        self.key.iter().copied().collect()
    }
}
