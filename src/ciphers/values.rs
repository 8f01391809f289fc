//! A key's values seen through the parameters of its cipher: defaults filled in, forms checked, errors that name both.

use super::key::{Key, KeyError};
use super::spec::{CipherSpec, Kind, ParamSpec};

/// A key's values seen through the cipher's parameters: defaults filled in, forms checked.
#[derive(Debug)]
pub struct Values<'k> {
    spec: &'static CipherSpec,
    key: &'k Key,
}

impl<'k> Values<'k> {
    /// Checks the forms of all values. Fails with the first parameter at fault.
    pub(super) fn check(spec: &'static CipherSpec, key: &'k Key) -> Result<Self, KeyError> {
        let values = Self { spec, key };
        for param in spec.params {
            values.check_form(param)?;
        }
        Ok(values)
    }

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

    /// The choice that was made, as it is declared; `None` when an optional one has no default.
    pub fn choice(&self, name: &str) -> Option<&'static str> {
        let Kind::Choice(choices) = self.spec.param(name)?.kind else {
            return None;
        };
        let text = self.text(name)?.trim();
        choices
            .iter()
            .copied()
            .find(|choice| choice.eq_ignore_ascii_case(text))
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
                // Where there are no limits, a number of any length will do.
                if wraps.is_none() && (min.is_some() || max.is_some()) {
                    let number = self.integer(param.name)?;
                    if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
                        return Err(self.invalid(param.name, format!("{number} is out of range")));
                    }
                }
                Ok(())
            }
            Kind::Choice(choices) => match self.choice(param.name) {
                Some(_) => Ok(()),
                None => {
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
pub(crate) fn residue(text: &str, modulus: usize) -> Option<usize> {
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
