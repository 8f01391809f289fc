//! Whether equal plaintexts give equal ciphertexts: the question that a nonce answers with no.

use crate::ciphers::{Cipher, TextError};

/// What repeats when a text is encrypted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repeats {
    /// The same text, encrypted twice, gives the same ciphertext.
    pub same_text: bool,
    /// Of 1,000 equal letters in a row, the share that became the most frequent character of the output.
    pub same_letter: f64,
}

/// Encrypts a text twice, and a long run of one letter once.
pub fn repeats(cipher: &dyn Cipher, text: &str) -> Result<Repeats, TextError> {
    let first = cipher.encrypt(text)?;
    let second = cipher.encrypt(text)?;
    // A one-time pad may be shorter than the run: then the text's length is what it is good for.
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    let run = match cipher.encrypt(&"E".repeat(RUN)) {
        Ok(run) => run,
        Err(_) => cipher.encrypt(&"E".repeat(letters.min(RUN)))?,
    };
    let mut counts = std::collections::HashMap::<char, usize>::new();
    run.chars().for_each(|c| *counts.entry(c).or_default() += 1);
    let most = counts.values().max().copied().unwrap_or(0);
    Ok(Repeats {
        same_text: first == second,
        same_letter: most as f64 / run.chars().count().max(1) as f64,
    })
}

const RUN: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers;

    fn of(id: &str, key: &[(&str, &str)]) -> Repeats {
        let spec = ciphers::find(id).unwrap();
        let cipher = spec.build(&key.iter().copied().collect()).unwrap();
        repeats(cipher.as_ref(), "attack at dawn").unwrap()
    }

    #[test]
    fn a_random_nonce_makes_equal_texts_differ() {
        let key = "00".repeat(32);
        assert!(!of("aes-256-gcm", &[("key", &key)]).same_text);
        let nonce = "00".repeat(12);
        assert!(of("aes-256-gcm", &[("key", &key), ("nonce", &nonce)]).same_text);
    }

    #[test]
    fn caesar_repeats_every_letter_and_vigenere_every_fifth() {
        let caesar = of("caesar", &[("shift", "3")]);
        assert!(caesar.same_text);
        assert_eq!(caesar.same_letter, 1.0);
        let vigenere = of("vigenere", &[("keyword", "LEMON")]);
        assert!((vigenere.same_letter - 0.2).abs() < 1e-9);
    }

    #[test]
    fn a_pad_as_long_as_the_text_is_enough() {
        let repeats = of("one-time-pad", &[("pad", "XMCKLQWZJVTBRA")]);
        assert!(repeats.same_text && repeats.same_letter < 0.2);
    }
}
