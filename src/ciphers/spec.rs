//! A cipher's static description: its name, its parameters and their limits, its examples, and how to build it.

use super::cipher::Cipher;
use super::key::{Key, KeyError};

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
        let values = Values { spec: self, key };
        for param in self.params {
            values.check_form(param)?;
        }
        Ok(values)
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

/// A whole number of any size: [`Values::residue`] takes it modulo the alphabet.
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

/// A key's values seen through the cipher's parameters: defaults filled in, forms checked.
#[derive(Debug)]
pub struct Values<'k> {
    spec: &'static CipherSpec,
    key: &'k Key,
}

impl Values<'_> {
    /// The value of a parameter: as given, or the default of an optional one. `None` when there is none.
    pub fn text(&self, name: &str) -> Option<&str> {
        let given = self.given(name);
        let default = || {
            self.spec
                .param(name)
                .filter(|param| param.optional)
                .map(|param| param.default)
        };
        given.or_else(default).filter(|value| !value.is_empty())
    }

    /// The value of a parameter only if it was given; an empty value of an optional one counts as left out.
    pub fn given(&self, name: &str) -> Option<&str> {
        let param = self.spec.param(name)?;
        self.key
            .value(name)
            .filter(|value| !(param.optional && value.trim().is_empty()))
    }

    /// The value of a parameter that has to be there.
    pub fn required(&self, name: &str) -> Result<&str, KeyError> {
        self.text(name).ok_or_else(|| self.missing(name))
    }

    /// A whole number within the declared limits.
    pub fn integer(&self, name: &str) -> Result<i64, KeyError> {
        let text = self.required(name)?;
        text.trim()
            .parse()
            .map_err(|_| self.invalid(name, "is not a whole number of usual size"))
    }

    /// A whole number of any length, modulo `modulus` (greater than 0).
    pub fn residue(&self, name: &str, modulus: usize) -> Result<usize, KeyError> {
        let text = self.required(name)?;
        residue(text, modulus).ok_or_else(|| self.invalid(name, "is not a whole number"))
    }

    /// The error that a parameter is missing.
    pub fn missing(&self, name: &str) -> KeyError {
        let (param, help) = self.describe(name);
        KeyError::Missing {
            param,
            expected: help.to_owned(),
        }
    }

    /// The error that a value is invalid, with the parameter's own help as what would be valid.
    pub fn invalid(&self, name: &str, reason: impl Into<String>) -> KeyError {
        let (_, help) = self.describe(name);
        self.invalid_because(name, reason, help)
    }

    /// The error that a value is invalid, with what would be valid here.
    pub fn invalid_because(
        &self,
        name: &str,
        reason: impl Into<String>,
        expected: impl Into<String>,
    ) -> KeyError {
        let (param, _) = self.describe(name);
        KeyError::Invalid {
            param,
            reason: reason.into(),
            expected: expected.into(),
        }
    }

    fn describe(&self, name: &str) -> (&'static str, &'static str) {
        self.spec
            .param(name)
            .map_or(("key", "a parameter of this cipher"), |param| {
                (param.name, param.help)
            })
    }

    /// Checks what a parameter's kind says by itself.
    fn check_form(&self, param: &'static ParamSpec) -> Result<(), KeyError> {
        let Some(value) = self.given(param.name) else {
            return if param.optional {
                Ok(())
            } else {
                Err(self.missing(param.name))
            };
        };
        if value.trim().is_empty() {
            return Err(self.invalid(param.name, "is empty"));
        }
        match param.kind {
            Kind::Integer { min, max, wraps } => {
                if residue(value, 2).is_none() {
                    return Err(self.invalid(param.name, "is not a whole number"));
                }
                if wraps.is_none() {
                    let number = self.integer(param.name)?;
                    if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
                        return Err(self.invalid(param.name, format!("{number} is out of range")));
                    }
                }
                Ok(())
            }
            Kind::Choice(choices) => match choices.contains(&value.trim()) {
                true => Ok(()),
                false => {
                    let reason = format!("'{}' is not among the choices", value.trim());
                    Err(self.invalid_because(param.name, reason, format!("one of {}", choices.join(", "))))
                }
            },
            Kind::Digits => match value.chars().find(|c| !c.is_ascii_digit() && !c.is_whitespace()) {
                Some(c) => Err(self.invalid(param.name, format!("'{}' is not a digit", c.escape_debug()))),
                None => Ok(()),
            },
            Kind::Hex { bytes } => {
                let digits = value.trim();
                if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return Err(self.invalid(param.name, "has characters that are not hexadecimal digits"));
                }
                if digits.len() != 2 * bytes as usize {
                    return Err(self.invalid(param.name, format!("has {} hexadecimal digits", digits.len())));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Reads a whole number of any length modulo `modulus`: "any whole number" must not end at 64 bits.
fn residue(text: &str, modulus: usize) -> Option<usize> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0usize;
    for digit in digits.chars() {
        value = (value * 10 + digit.to_digit(10)? as usize) % modulus;
    }
    Some(if negative {
        (modulus - value) % modulus
    } else {
        value
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_any_length_have_a_residue() {
        assert_eq!(residue("-1", 26), Some(25));
        assert_eq!(residue("+29", 26), Some(3));
        assert_eq!(residue("0", 26), Some(0));
        assert_eq!(residue("-26", 26), Some(0));
        // 10^30 mod 26, by Python.
        assert_eq!(
            residue("1000000000000000000000000000000", 26),
            Some(10usize.pow(6) % 26)
        );
        assert_eq!(residue("", 26), None);
        assert_eq!(residue("3.5", 26), None);
        assert_eq!(residue("--3", 26), None);
    }
}
