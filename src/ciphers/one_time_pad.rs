//! The one-time pad: Vigenère with a random key as long as the text, never used again.

use super::alphabet::{Alphabet, LETTERS_PARAM};
use super::cipher::Cipher;
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::values::Values;
use super::vigenere::keyed;

/// The description of the one-time pad.
pub static ONE_TIME_PAD: CipherSpec = CipherSpec {
    id: "one-time-pad",
    name: "One-time pad",
    family: Family::OneTimePad,
    year: "1882 (Miller), 1919 (Vernam)",
    summary: "Adds the letters of a pad to the letters of the text: C = P + K, each letter of the pad used once. A pad \
              with fewer letters than the text is refused. With a random pad nothing but the length can be learned. \
              Keeps the case; everything outside the alphabet stays as it is.",
    params: &[
        ParamSpec::required(
            "pad",
            "Pad",
            Kind::Pad,
            "XMCKLQWZJVTBRAEOYHDGNSPIUFXKCMWLQZBJVTREAOHYDGSNPIFU",
            "random letters of the alphabet, at least as many as the text has",
        ),
        LETTERS_PARAM,
    ],
    examples: &[Example {
        key: &[("pad", "XMCKL")],
        plaintext: "HELLO",
        ciphertext: "EQNVZ",
        source: "Wikipedia, One-time pad",
    }],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let alphabet = Alphabet::of(values)?;
    let pad = alphabet.keyword(values, "pad")?;
    let size = alphabet.size();
    Ok(Box::new(
        keyed(alphabet, &pad, move |k, x| (x + k) % size).into_pad(),
    ))
}
