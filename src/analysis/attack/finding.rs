//! What an attack found, how sure it is, and why it could not begin.

use std::fmt;

use crate::ciphers::Key;

/// The end of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The best key. [`CipherSpec::build`](crate::ciphers::CipherSpec::build) takes it.
    pub key: Key,
    /// The plaintext under it. Substitutions leave other characters where they stood; transpositions drop them.
    pub text: String,
    /// The mean log-probability of a letter in nats; greater is better.
    pub score: f64,
    /// Whether it can be relied on. A wrong answer given as sure is the worst that an attack can do.
    pub confident: bool,
    /// Why the search ended and why it is sure or not, as a sentence for people.
    pub why: String,
    /// Keys tried.
    pub tried: u64,
    /// For each letter of `text` (characters that the cipher treats), how sure it is, 0 to 1, from the agreement of
    /// independent starts. Empty where the method has no such measure.
    pub certainty: Vec<f32>,
    /// Other keys worth showing: twins, equivalent keys, the next in rank. Best first, without `key` itself.
    pub others: Vec<Candidate>,
}

impl Finding {
    /// Of a search that was stopped after so many keys, with none that is worth showing.
    pub(crate) fn nothing_yet(tried: u64) -> Finding {
        Finding {
            key: Key::new(),
            text: String::new(),
            score: f64::NEG_INFINITY,
            confident: false,
            why: "Stopped before anything was found.".to_owned(),
            tried,
            certainty: Vec::new(),
            others: Vec::new(),
        }
    }
}

/// One key and what it makes of the ciphertext.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The key.
    pub key: Key,
    /// The plaintext under it.
    pub text: String,
    /// The mean log-probability of a letter in nats.
    pub score: f64,
    /// What it is to the best one, in words: "moved by one letter", "shift 4".
    pub note: String,
}

/// Why an attack could not begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttackError {
    /// There are too few letters for this method to say anything.
    TooShort {
        /// Letters in the text that the cipher treats.
        letters: usize,
        /// The least that the method works with.
        needed: usize,
        /// Letters from which on only one key gives sense, for a key as long as people choose it; `None` where no length is enough.
        unicity: Option<usize>,
    },
    /// The crib stands nowhere in a text of this form.
    CribDoesNotFit {
        /// Why, in words, with the places that come nearest.
        reason: String,
    },
    /// Locked letters contradict one another, the crib or the cipher.
    LocksContradict {
        /// Which, in words.
        reason: String,
    },
    /// A known parameter is not valid.
    Known {
        /// The parameter.
        param: String,
        /// What is wrong and what would be valid.
        reason: String,
    },
    /// The text cannot have come out of this cipher.
    NotThisCipher {
        /// Why, in words.
        reason: String,
    },
    /// No attack of this kind can work, and why.
    CannotBeBroken {
        /// What would be needed, in words.
        reason: String,
    },
}

impl AttackError {
    /// There are too few letters. How many decide a key is added by [`AttackSpec::run`](super::AttackSpec::run).
    pub(crate) fn too_short(letters: usize, needed: usize) -> Self {
        Self::TooShort {
            letters,
            needed,
            unicity: None,
        }
    }
}

impl fmt::Display for AttackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttackError::TooShort {
                letters,
                needed,
                unicity,
            } => {
                write!(
                    f,
                    "not enough text: {letters} letters, where this method needs at least {needed}"
                )?;
                match unicity {
                    Some(unicity) => write!(f, "; the unicity distance is about {unicity} letters"),
                    None => Ok(()),
                }
            }
            AttackError::CribDoesNotFit { reason } => write!(f, "the crib does not fit: {reason}"),
            AttackError::LocksContradict { reason } => write!(f, "the locked letters contradict: {reason}"),
            AttackError::Known { param, reason } => write!(f, "{param}: {reason}"),
            AttackError::NotThisCipher { reason } => write!(f, "this is not that cipher's: {reason}"),
            AttackError::CannotBeBroken { reason } => f.write_str(reason),
        }
    }
}

impl std::error::Error for AttackError {}
