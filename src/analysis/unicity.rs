//! How much text decides a key at all: Shannon's unicity distance, in letters and in words.

use super::attack::unicity_distance;
use crate::ciphers::{CipherSpec, Key};

/// The unicity distance of a cipher under keys of this shape. `None` for a key that is not valid, and for ciphers
/// whose plaintext cannot be told from others at any length.
pub fn of(spec: &'static CipherSpec, key: &Key) -> Option<f64> {
    if spec.id == "one-time-pad" {
        return None;
    }
    spec.build(key)
        .ok()
        .map(|cipher| unicity_distance(cipher.key_bits()))
}

/// A distance in whole letters, as it is shown.
pub fn whole_letters(distance: f64) -> usize {
    distance.ceil().max(1.0) as usize
}

/// What the length of a text has to do with an answer that is not sure, in a sentence. Where there is enough of it,
/// something else is wrong, and only the two numbers are told.
pub fn beside_a_doubt(letters: usize, distance: f64) -> String {
    let least = whole_letters(distance);
    match letters < 2 * least {
        true => in_words(letters, distance),
        false => format!("The text has {letters} letters, the unicity distance is {least}."),
    }
}

/// What a text of so many letters can say about such a key, in a sentence.
pub fn in_words(letters: usize, distance: f64) -> String {
    let least = whole_letters(distance);
    if letters < least {
        format!(
            "The text has {letters} letters. Fewer than {least} (the unicity distance) leave several keys that all give \
             readable texts: nobody could know which one is right."
        )
    } else if letters < 2 * least {
        format!(
            "The text has {letters} letters, the unicity distance is {least}: one key is right, but there is little to \
             find it by."
        )
    } else {
        format!(
            "The text has {letters} letters, far more than the unicity distance of {least}: only one key can be right."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers::find;

    #[test]
    fn the_distances_are_those_of_the_books() {
        let of = |id: &str| of(find(id).unwrap(), &find(id).unwrap().sample_key());
        // Menezes, van Oorschot, Vanstone, "Handbook of Applied Cryptography", section 7.3.3: 28 for a simple
        // substitution (with 3.2 bits of redundancy).
        assert_eq!(of("substitution").unwrap().round(), 28.0);
        assert!(of("caesar").unwrap() < 2.0);
        assert_eq!(of("one-time-pad"), None);
    }

    #[test]
    fn it_is_said_whether_there_is_enough_text() {
        assert!(in_words(20, 27.6).contains("Fewer than 28"));
        assert!(in_words(40, 27.6).contains("little to find it by"));
        assert!(in_words(300, 27.6).contains("only one key"));
        assert_eq!(beside_a_doubt(20, 27.6), in_words(20, 27.6));
        let doubt = beside_a_doubt(300, 27.6);
        assert_eq!(doubt, "The text has 300 letters, the unicity distance is 28.");
    }
}
