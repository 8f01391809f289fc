//! Keys as text: an ordered map from a parameter's name to its value, and what can be wrong with it.

use std::collections::BTreeMap;
use std::fmt;

/// The values of a cipher's parameters, as typed. Nothing is checked before [`super::CipherSpec::build`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Key(BTreeMap<String, String>);

impl Key {
    /// A key without any value.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads `PARAM=VALUE` pairs. Fails on a pair without `=` or name, and on a parameter given twice.
    pub fn parse<S: AsRef<str>>(pairs: &[S]) -> Result<Self, KeyError> {
        let mut key = Self::new();
        for pair in pairs {
            let (param, value) = pair.as_ref().split_once('=').ok_or(KeyError::Malformed)?;
            let param = param.trim();
            if param.is_empty() {
                return Err(KeyError::Malformed);
            }
            if key.0.insert(param.to_owned(), value.to_owned()).is_some() {
                return Err(KeyError::Repeated {
                    param: param.to_owned(),
                });
            }
        }
        Ok(key)
    }

    /// The same key with one value set.
    pub fn with(mut self, param: &str, value: &str) -> Self {
        self.set(param, value);
        self
    }

    /// Sets a value.
    pub fn set(&mut self, param: &str, value: &str) {
        self.0.insert(param.to_owned(), value.to_owned());
    }

    /// Takes a value out.
    pub fn remove(&mut self, param: &str) -> Option<String> {
        self.0.remove(param)
    }

    /// The value of a parameter, if it was given.
    pub fn value(&self, param: &str) -> Option<&str> {
        self.0.get(param).map(String::as_str)
    }

    /// All parameters given, with their values, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(param, value)| (param.as_str(), value.as_str()))
    }
}

impl<P: Into<String>, V: Into<String>> FromIterator<(P, V)> for Key {
    fn from_iter<I: IntoIterator<Item = (P, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(param, value)| (param.into(), value.into()))
                .collect(),
        )
    }
}

/// What is wrong with a key: always the parameter at fault, and what would be valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// Not of the form `PARAM=VALUE`.
    Malformed,
    /// A parameter was given more than once.
    Repeated {
        /// The parameter.
        param: String,
    },
    /// The cipher has no such parameter.
    Unknown {
        /// What was given.
        param: String,
        /// The cipher's parameters.
        valid: Vec<&'static str>,
    },
    /// A parameter that the cipher needs was left out.
    Missing {
        /// The parameter.
        param: &'static str,
        /// What would be valid.
        expected: String,
    },
    /// A value breaks the parameter's limits.
    Invalid {
        /// The parameter.
        param: &'static str,
        /// What is wrong with the value.
        reason: String,
        /// What would be valid.
        expected: String,
    },
}

impl KeyError {
    /// The parameter at fault, where one can be named.
    pub fn param(&self) -> Option<&str> {
        match self {
            KeyError::Malformed => None,
            KeyError::Repeated { param } | KeyError::Unknown { param, .. } => Some(param),
            KeyError::Missing { param, .. } | KeyError::Invalid { param, .. } => Some(param),
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::Malformed => write!(f, "a key is given as PARAM=VALUE"),
            KeyError::Repeated { param } => write!(f, "{param}: given more than once"),
            KeyError::Unknown { param, valid } if valid.is_empty() => {
                write!(f, "{param}: no such parameter; this cipher has none")
            }
            KeyError::Unknown { param, valid } => {
                write!(f, "{param}: no such parameter; valid are {}", valid.join(", "))
            }
            KeyError::Missing { param, expected } => write!(f, "{param}: is missing; valid is {expected}"),
            KeyError::Invalid {
                param,
                reason,
                expected,
            } => write!(f, "{param}: {reason}; valid is {expected}"),
        }
    }
}

impl std::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_split_at_the_first_equals_sign() {
        let key = Key::parse(&["keyword=A=B", "fill="]).unwrap();
        assert_eq!(key.value("keyword"), Some("A=B"));
        assert_eq!(key.value("fill"), Some(""));
        assert_eq!(
            key.iter().map(|pair| pair.0).collect::<Vec<_>>(),
            ["fill", "keyword"]
        );
    }

    #[test]
    fn malformed_and_repeated_pairs_are_refused() {
        assert_eq!(Key::parse(&["keyword"]), Err(KeyError::Malformed));
        assert_eq!(Key::parse(&["=x"]), Err(KeyError::Malformed));
        assert_eq!(
            Key::parse(&["a=1", "a=2"]),
            Err(KeyError::Repeated { param: "a".into() })
        );
    }
}
