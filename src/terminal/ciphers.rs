//! The verbs `ciphers`, `encrypt` and `decrypt`: the list, and a cipher by its name and key. Texts are left to `texts`.
//!
//! A text goes through whole: nothing is added to it or taken from it, so its last line break is part of it. Most
//! ciphers leave it where it is; AES seals it with the rest, and ignores one behind the encoded text when opening.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;

use crate::ciphers::{self, Cipher, CipherSpec, Key, KeyError, Kind, ParamSpec};

/// Why there is no such cipher with such a key. Each is wrong usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerbError {
    /// There is no cipher of this name.
    UnknownCipher {
        /// What was asked for.
        id: String,
        /// Names that resemble it; all names when none does.
        near: Vec<&'static str>,
    },
    /// A parameter is unknown, missing or invalid.
    Key {
        /// The cipher.
        cipher: &'static str,
        /// What is wrong.
        error: KeyError,
    },
}

impl fmt::Display for VerbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VerbError::UnknownCipher { id, near } => {
                write!(
                    f,
                    "there is no cipher '{}'; near it: {}",
                    id.escape_debug(),
                    near.join(", ")
                )
            }
            VerbError::Key { cipher, error } => write!(f, "{cipher}: {error}"),
        }
    }
}

impl std::error::Error for VerbError {}

/// The cipher `id` with a key of `PARAM=VALUE` pairs. It needs no text, so that wrong usage is told before one is read.
pub fn build<S: AsRef<str>>(id: &str, keys: &[S]) -> Result<Box<dyn Cipher>, VerbError> {
    let spec = ciphers::find(id).ok_or_else(|| VerbError::UnknownCipher {
        id: id.to_owned(),
        near: near(id),
    })?;
    Key::parse(keys)
        .and_then(|key| spec.build(&key))
        .map_err(|error| VerbError::Key {
            cipher: spec.id,
            error,
        })
}

/// Writes the list of ciphers with their parameters: for people, or as one JSON object a line.
pub fn list(json: bool, out: &mut impl Write) -> io::Result<()> {
    for spec in ciphers::ALL {
        if json {
            serde_json::to_writer(&mut *out, &CipherLine::from(spec))?;
            writeln!(out)?;
        } else {
            write_spec(spec, out)?;
        }
    }
    Ok(())
}

fn write_spec(spec: &CipherSpec, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<16} {} ({}, {})",
        spec.id,
        spec.name,
        spec.family.name(),
        spec.year
    )?;
    for param in spec.params {
        let rest = match (param.optional, param.default) {
            (false, _) => String::new(),
            (true, "") => " (optional)".to_owned(),
            (true, default) => format!(" (optional, otherwise {default})"),
        };
        writeln!(out, "    {:<12} {}{rest}", param.name, param.help)?;
    }
    Ok(())
}

/// Names that resemble `id`: one in the other, or at most two letters apart. All names when none does.
pub(super) fn near(id: &str) -> Vec<&'static str> {
    let wanted = id.to_lowercase();
    let resembles = |name: &str| {
        let contained = wanted.len() >= 3 && (name.contains(&wanted) || wanted.contains(name));
        contained || distance(name, &wanted) <= 2
    };
    let all = ciphers::ALL.iter().map(|spec| spec.id);
    let near: Vec<_> = all.clone().filter(|name| resembles(name)).collect();
    if near.is_empty() { all.collect() } else { near }
}

/// The number of letters to insert, remove or replace between two words (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// One line of `ciphers --json`.
#[derive(Serialize)]
struct CipherLine {
    id: &'static str,
    name: &'static str,
    family: &'static str,
    year: &'static str,
    summary: &'static str,
    params: Vec<ParamLine>,
}

/// One parameter in it. Limits that a kind does not have are left out.
#[derive(Serialize)]
struct ParamLine {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    optional: bool,
    /// The value when left out; null when there is none.
    default: Option<&'static str>,
    /// A valid value to begin with, where one is known.
    sample: Option<&'static str>,
    help: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wraps: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    choices: Option<&'static [&'static str]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cells: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u32>,
}

impl From<&'static CipherSpec> for CipherLine {
    fn from(spec: &'static CipherSpec) -> Self {
        Self {
            id: spec.id,
            name: spec.name,
            family: spec.family.name(),
            year: spec.year,
            summary: spec.summary,
            params: spec.params.iter().map(ParamLine::from).collect(),
        }
    }
}

impl From<&'static ParamSpec> for ParamLine {
    fn from(param: &'static ParamSpec) -> Self {
        let given = |text: &'static str| (!text.is_empty()).then_some(text);
        let mut line = Self {
            name: param.name,
            label: param.label,
            kind: param.kind.name(),
            optional: param.optional,
            default: given(param.default),
            sample: given(param.sample),
            help: param.help,
            min: None,
            max: None,
            wraps: None,
            choices: None,
            cells: None,
            bytes: None,
        };
        match param.kind {
            Kind::Integer { min, max, wraps } => (line.min, line.max, line.wraps) = (min, max, wraps),
            Kind::Choice(choices) => line.choices = Some(choices),
            Kind::Square { cells } => line.cells = Some(cells),
            Kind::Hex { bytes } => line.bytes = Some(bytes),
            _ => {}
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers::TextError;

    fn encrypt(id: &str, keys: &[&str], input: &str) -> Result<String, TextError> {
        build(id, keys).unwrap().encrypt(input)
    }

    #[test]
    fn a_text_goes_through_with_its_last_line_break_and_nothing_else() {
        assert_eq!(encrypt("caesar", &["shift=3"], "Hello\n").unwrap(), "Khoor\n");
        assert_eq!(
            encrypt("columnar", &["keyword=ZEBRAS"], "WEAREDISCOVERED\n").unwrap(),
            "EVACDESERODEWIR\n"
        );
        assert_eq!(encrypt("vigenere", &["keyword=LEMON"], "").unwrap(), "");
        let key = format!("key={}", "0".repeat(64));
        let sealed = encrypt("aes-256-gcm", &[&key], "Hello\n").unwrap();
        assert_eq!(sealed.len(), 2 * (12 + 6 + 16));
        let cipher = build("aes-256-gcm", &[&key]).unwrap();
        assert_eq!(cipher.decrypt(&format!("{sealed}\n")).unwrap(), "Hello\n");
    }

    #[test]
    fn wrong_usage_is_told_without_a_text_and_names_what_is_valid() {
        for (id, keys, hint) in [
            ("cesar", vec![], "caesar"),
            ("aes", vec![], "aes-256-gcm"),
            ("Playfair", vec![], "playfair"),
            ("xyzzy", vec![], "rail-fence"),
            ("caesar", vec![], "shift: is missing"),
            ("caesar", vec!["shift"], "PARAM=VALUE"),
            ("caesar", vec!["shift=x"], "shift: is not a whole number"),
            ("caesar", vec!["key=3"], "valid are shift"),
            ("caesar", vec!["shift=1", "shift=2"], "more than once"),
            ("rot13", vec!["shift=1"], "has none"),
        ] {
            let error = build(id, &keys).err().unwrap();
            assert!(error.to_string().contains(hint), "{error}");
        }
    }

    #[test]
    fn a_right_key_does_not_make_every_text_right() {
        let short = encrypt("one-time-pad", &["pad=ABC"], "four").unwrap_err();
        assert!(matches!(short, TextError::PadTooShort { .. }), "{short}");
        let key = format!("key={}", "0".repeat(64));
        let altered = build("aes-256-gcm", &[&key]).unwrap().decrypt(&"00".repeat(40));
        assert_eq!(altered, Err(TextError::NotAuthentic));
    }

    #[test]
    fn the_list_names_every_cipher_and_parameter() {
        let mut text = Vec::new();
        list(false, &mut text).unwrap();
        let mut json = Vec::new();
        list(true, &mut json).unwrap();
        let (text, json) = (String::from_utf8(text).unwrap(), String::from_utf8(json).unwrap());
        assert_eq!(json.lines().count(), ciphers::ALL.len());
        for (spec, line) in ciphers::ALL.iter().zip(json.lines()) {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(value["id"], spec.id);
            assert!(text.contains(spec.id));
            for field in ["name", "family", "year", "summary"] {
                assert!(value[field].is_string(), "{field}");
            }
            let params = value["params"].as_array().unwrap();
            assert_eq!(params.len(), spec.params.len());
            for (param, line) in spec.params.iter().zip(params) {
                assert_eq!(line["name"], param.name);
                assert_eq!(line["optional"], param.optional);
                assert!(line["kind"].is_string() && line["help"].is_string());
                assert!(text.contains(param.name));
            }
        }
    }
}
