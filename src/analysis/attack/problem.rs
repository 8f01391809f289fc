//! What an attack is given: the ciphertext and everything that is known beforehand.

use crate::analysis::language::Language;
use crate::ciphers::Key;

/// The task of one attack.
#[derive(Clone, Debug)]
pub struct Problem<'a> {
    /// The ciphertext as it was pasted: any case, spaces and punctuation.
    pub text: &'a str,
    /// The language that the plaintext is expected to be in.
    pub language: &'static Language,
    /// A word or phrase that is known to stand somewhere in the plaintext.
    pub crib: Option<&'a str>,
    /// Letters that are known.
    pub locks: &'a [Lock],
    /// Values of the cipher's parameters that are known; the others are searched for.
    pub known: Key,
    /// Where randomness begins: the same seed, the same run.
    pub seed: u64,
}

impl<'a> Problem<'a> {
    /// A ciphertext of which nothing is known.
    pub fn new(text: &'a str, language: &'static Language) -> Self {
        Self {
            text,
            language,
            crib: None,
            locks: &[],
            known: Key::new(),
            seed: 1,
        }
    }
}

/// A cipher letter whose plain letter is known, both `A` to `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lock {
    /// The letter in the ciphertext.
    pub cipher: char,
    /// The letter that it stands for.
    pub plain: char,
}
