//! A challenge of this program, which knows its answer.

use std::sync::Arc;

use super::{Level, normalised};
use crate::ciphers::{CipherSpec, Key, find as find_cipher};

/// A challenge whose answer this program knows.
#[derive(Clone, Copy, Debug)]
pub struct Puzzle {
    /// Under which progress is kept.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// How hard it is.
    pub level: Level,
    /// The cipher.
    pub cipher: &'static str,
    /// Whether the cipher's name is told from the beginning.
    pub told: bool,
    key: &'static [(&'static str, &'static str)],
    plaintext: &'static str,
    /// A second text under the same pad.
    second: &'static str,
    /// Hints, the gentlest first.
    pub hints: &'static [&'static str],
}

impl Puzzle {
    /// The cipher's description.
    pub fn spec(&self) -> &'static CipherSpec {
        find_cipher(self.cipher).expect("the tests build every puzzle")
    }

    /// The key.
    pub(super) fn key(&self) -> Key {
        self.key.iter().copied().collect()
    }

    /// What is to be solved. For AES the nonce stands in front, as the cipher itself would put it.
    pub fn ciphertext(&self) -> Arc<str> {
        let key = self.key();
        let sealed = |text: &str| -> String {
            self.spec()
                .build(&key)
                .ok()
                .and_then(|cipher| cipher.encrypt(text).ok())
                .unwrap_or_default()
        };
        let first = format!(
            "{}{}",
            key.value("nonce").unwrap_or_default(),
            sealed(self.plaintext)
        );
        match self.second {
            "" => first.into(),
            second => format!("{first}\n\n{}", sealed(second)).into(),
        }
    }

    /// Whether this solves it: the text, or what the cipher can carry of it. Of two texts either will do.
    pub fn is_solved_by(&self, answer: &str) -> bool {
        let answer = normalised(answer);
        let texts = [self.plaintext, self.second];
        texts.iter().filter(|text| !text.is_empty()).any(|text| {
            answer == normalised(text)
                || self
                    .spec()
                    .build(&self.key())
                    .is_ok_and(|cipher| answer == normalised(&cipher.prepare(text)))
        })
    }

    /// The plaintext.
    pub(in crate::lab) fn plaintext(&self) -> &'static str {
        self.plaintext
    }
}

/// A puzzle that tells its cipher.
pub(super) const fn puzzle(
    id: &'static str,
    title: &'static str,
    level: Level,
    cipher: &'static str,
    key: &'static [(&'static str, &'static str)],
    plaintext: &'static str,
    hints: &'static [&'static str],
) -> Puzzle {
    Puzzle {
        id,
        title,
        level,
        cipher,
        told: true,
        key,
        plaintext,
        second: "",
        hints,
    }
}

impl Puzzle {
    /// Does not tell its cipher.
    pub(super) const fn untold(mut self) -> Self {
        self.told = false;
        self
    }

    /// Has a second text under the same key.
    pub(super) const fn and(mut self, second: &'static str) -> Self {
        self.second = second;
        self
    }
}
