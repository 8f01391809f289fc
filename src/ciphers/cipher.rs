//! What a built cipher can do: encrypt, decrypt, and show how. Keys and their limits are `spec`'s and `key`'s.

use std::fmt;

use super::step::{Links, Step};

/// Which way a text goes through a cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From plaintext to ciphertext.
    Encrypt,
    /// From ciphertext to plaintext.
    Decrypt,
}

/// A cipher with its key: every limit of the key has been checked when it was built.
///
/// One law holds for all but AES: a cipher works on the characters of its alphabet, in their order, and everything
/// else stays where it is. So taking the spaces out before or after encrypting gives the same letters.
pub trait Cipher: Send + Sync {
    /// Encrypts a text. Only a one-time pad that is too short fails; every other cipher takes any text.
    fn encrypt(&self, text: &str) -> Result<String, TextError>;

    /// Decrypts a text. Only a one-time pad that is too short and authenticated encryption fail.
    fn decrypt(&self, text: &str) -> Result<String, TextError>;

    /// Gives the plaintext as this cipher can carry it: `decrypt(encrypt(text)) == prepare(text)`.
    ///
    /// Most ciphers carry any text as it is. Playfair writes I for J and puts X between doubles, Polybius has no small
    /// letters, and so on; each cipher's summary states it.
    fn prepare(&self, text: &str) -> String {
        text.to_owned()
    }

    /// Says what happened to each character, in the order of the work. Meant for excerpts: it allocates for each step.
    fn steps(&self, direction: Direction, text: &str) -> Result<Vec<Step>, TextError>;

    /// Says which characters of the output each character of the input became (or helped to form).
    fn links(&self, direction: Direction, text: &str) -> Result<Links, TextError> {
        let steps = self.steps(direction, text)?;
        Ok(Links::from_steps(text.chars().count(), &steps))
    }

    /// The key space in bits: log2 of the number of keys of this shape (the same keyword length, the same model).
    fn key_bits(&self) -> f64;

    /// Sends a text through in the direction given.
    fn apply(&self, direction: Direction, text: &str) -> Result<String, TextError> {
        match direction {
            Direction::Encrypt => self.encrypt(text),
            Direction::Decrypt => self.decrypt(text),
        }
    }
}

/// Why a text could not go through a cipher whose key is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextError {
    /// The one-time pad has fewer letters than the text.
    PadTooShort {
        /// Letters in the text.
        needed: usize,
        /// Letters in the pad.
        available: usize,
    },
    /// The text is not in the encoding that was chosen.
    NotEncoded {
        /// The encoding that was expected, in words.
        encoding: &'static str,
        /// The character (counted from 1) that does not belong, where one can be named.
        position: Option<usize>,
    },
    /// The text is too short to hold a nonce and a tag.
    TooShort {
        /// The least number of bytes.
        needed: usize,
        /// The bytes that were there.
        available: usize,
    },
    /// The tag does not fit: the text was altered, or the key or the nonce is another.
    NotAuthentic,
    /// The decrypted bytes are authentic, but they are not UTF-8 text.
    NotText,
    /// The text is longer than the cipher allows under one nonce.
    TooLong,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TextError::PadTooShort { needed, available } => write!(
                f,
                "the pad is too short: the text has {needed} letters, the pad {available}, and no part of a pad may be used twice"
            ),
            TextError::NotEncoded {
                encoding,
                position: Some(position),
            } => {
                write!(
                    f,
                    "the text is not {encoding}: character {position} does not belong"
                )
            }
            TextError::NotEncoded {
                encoding,
                position: None,
            } => write!(f, "the text is not complete {encoding}"),
            TextError::TooShort { needed, available } => {
                write!(
                    f,
                    "the text is too short: {available} bytes, where nonce and tag need at least {needed}"
                )
            }
            TextError::NotAuthentic => {
                write!(
                    f,
                    "refused: the text was altered, or the key or nonce is not the one it was sealed with"
                )
            }
            TextError::NotText => write!(
                f,
                "the decrypted bytes are authentic, but they are not UTF-8 text"
            ),
            TextError::TooLong => write!(f, "the text is too long for one nonce"),
        }
    }
}

impl std::error::Error for TextError {}
