//! ROT13: a Caesar cipher of half a turn, which undoes itself. It hides a punch line, not a secret.

use super::alphabet::Alphabet;
use super::caesar::shifted;
use super::spec::{CipherSpec, Example, Family};

/// The description of ROT13.
pub static ROT13: CipherSpec = CipherSpec {
    id: "rot13",
    name: "ROT13",
    family: Family::Monoalphabetic,
    year: "about 1982",
    summary: "Moves every letter 13 places along the alphabet, so that doing it twice gives the text back. It has no \
              key. Keeps the case; everything outside the alphabet stays as it is.",
    params: &[],
    examples: &[Example {
        key: &[],
        plaintext: "Why did the chicken cross the road? Gb trg gb gur bgure fvqr!",
        ciphertext: "Jul qvq gur puvpxra pebff gur ebnq? To get to the other side!",
        source: "Wikipedia, ROT13",
    }],
    make: |_| Ok(Box::new(shifted(Alphabet::latin(), 13, false))),
};
