//! A bench's setup as JSON, so that it can be kept between starts and handed to others. Nonsense is refused, not guessed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::bench::{Bench, MOST_CARDS};
use super::challenge::Progress;
use super::policy::Policy;
use crate::ciphers::{self, Direction, Key};

/// The form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Setup {
    version: u32,
    text: String,
    decrypt: bool,
    #[serde(default)]
    policy: Policy,
    cards: Vec<CardSetup>,
    /// How far the challenges are.
    #[serde(default)]
    progress: Progress,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CardSetup {
    cipher: String,
    key: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    collapsed: bool,
}

/// Why a setup could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupError {
    /// Not JSON of the form that a bench writes.
    Malformed,
    /// Written by a version of the program that this one does not know.
    Version(u32),
    /// A card's cipher is not known here.
    Cipher(String),
    /// A card has a parameter that its cipher has not.
    Parameter(String),
    /// More cards or longer values than a bench holds.
    TooLarge,
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetupError::Malformed => write!(f, "this is no setup of a bench"),
            SetupError::Version(version) => {
                write!(f, "the setup has version {version}, this program reads {VERSION}")
            }
            SetupError::Cipher(id) => write!(f, "there is no cipher called {}", id.escape_debug()),
            SetupError::Parameter(name) => write!(f, "there is no parameter called {}", name.escape_debug()),
            SetupError::TooLarge => write!(f, "the setup is too large"),
        }
    }
}

impl std::error::Error for SetupError {}

impl Bench {
    /// The setup as JSON. A text longer than 64 KiB is left out. Keys are written as typed, passphrases too:
    /// whoever stores it has to protect it.
    pub fn to_json(&self) -> String {
        self.to_json_with(&Progress::default())
    }

    pub(super) fn to_json_with(&self, progress: &Progress) -> String {
        let text = if self.text().len() > KEPT_BYTES {
            ""
        } else {
            self.text()
        };
        let cards = self.cards().iter().map(|card| CardSetup {
            cipher: card.cipher.id.to_owned(),
            key: card
                .key
                .iter()
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .collect(),
            collapsed: card.collapsed,
        });
        let setup = Setup {
            version: VERSION,
            text: text.to_owned(),
            decrypt: self.direction() == Direction::Decrypt,
            policy: self.policy(),
            cards: cards.collect(),
            progress: progress.clone(),
        };
        serde_json::to_string(&setup).expect("strings, numbers and flags are always JSON")
    }

    /// Reads a setup. Values of parameters may be invalid (the bench shows what is wrong with them); unknown ciphers
    /// and parameters are refused.
    pub fn from_json(json: &str) -> Result<Self, SetupError> {
        read(json).map(|(bench, _)| bench)
    }
}

/// Reads a bench and the progress that was kept with it.
pub(super) fn read(json: &str) -> Result<(Bench, Progress), SetupError> {
    if json.len() > MOST_BYTES {
        return Err(SetupError::TooLarge);
    }
    let setup: Setup = serde_json::from_str(json).map_err(|_| SetupError::Malformed)?;
    if setup.version != VERSION {
        return Err(SetupError::Version(setup.version));
    }
    if setup.cards.len() > MOST_CARDS || !setup.progress.is_sane() {
        return Err(SetupError::TooLarge);
    }
    let mut bench = Bench::empty();
    bench.set_text(&setup.text);
    bench.set_policy(setup.policy);
    if setup.decrypt {
        bench.set_direction(Direction::Decrypt);
    }
    for card in setup.cards {
        let spec = ciphers::find(&card.cipher).ok_or(SetupError::Cipher(card.cipher))?;
        if let Some(name) = card.key.keys().find(|name| spec.param(name).is_none()) {
            return Err(SetupError::Parameter(name.clone()));
        }
        let key: Key = card.key.into_iter().collect();
        let place = bench.cards().len();
        bench.insert(place, spec, key, card.collapsed);
    }
    Ok((bench, setup.progress))
}

const VERSION: u32 = 1;
/// The longest text that is kept with a setup, in bytes.
pub const KEPT_BYTES: usize = 64 << 10;
/// The longest setup that is read: text, keys and opened challenges.
const MOST_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_comes_back_as_it_was() {
        let mut bench = Bench::default();
        bench.set_text("Grüße, \"Welt\"\n");
        bench.set_direction(Direction::Decrypt);
        bench.set_policy(Policy {
            groups: true,
            ..Default::default()
        });
        let enigma = bench.add("enigma").unwrap();
        bench.set_key(enigma, Key::new().with("rotors", "not a rotor"));
        bench.set_collapsed(enigma, true);
        let back = Bench::from_json(&bench.to_json()).unwrap();
        assert_eq!(back.text(), bench.text());
        assert_eq!(back.direction(), bench.direction());
        assert_eq!(back.policy(), bench.policy());
        assert_eq!(back.cards(), bench.cards());
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        let card = |cipher: &str, key: &str| {
            format!(
                r#"{{"version":1,"text":"","decrypt":false,"cards":[{{"cipher":"{cipher}","key":{{{key}}}}}]}}"#
            )
        };
        assert!(Bench::from_json(&card("caesar", r#""shift":"3""#)).is_ok());
        for (json, error) in [
            (String::new(), SetupError::Malformed),
            ("[]".to_owned(), SetupError::Malformed),
            ("{\"version\":1}".to_owned(), SetupError::Malformed),
            (card("caesar", "").replace(":1,", ":2,"), SetupError::Version(2)),
            (card("ceasar", ""), SetupError::Cipher("ceasar".to_owned())),
            (
                card("caesar", r#""rails":"3""#),
                SetupError::Parameter("rails".to_owned()),
            ),
            (" ".repeat(MOST_BYTES + 1), SetupError::TooLarge),
        ] {
            assert_eq!(Bench::from_json(&json).unwrap_err(), error, "{json:.80}");
        }
    }

    #[test]
    fn a_long_text_is_not_kept() {
        let mut bench = Bench::default();
        bench.set_text(&"x".repeat(KEPT_BYTES + 1));
        assert!(Bench::from_json(&bench.to_json()).unwrap().text().is_empty());
    }
}
