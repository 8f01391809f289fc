//! How much text a key takes: what the attacks of this folder say when a text is too short.

use super::super::attack::unicity_distance;

/// The letters from which on only one key gives sense, for a key of so many bits.
pub(super) fn unicity(key_bits: f64) -> usize {
    unicity_distance(key_bits).ceil() as usize
}

/// log2 of n!.
pub(super) fn factorial_bits(n: usize) -> f64 {
    (2..=n).map(|i| (i as f64).log2()).sum()
}

/// Why a search is not sure, for so many letters and a key of so many bits.
pub(super) fn unsure(letters: usize, key_bits: f64, whole: &str) -> String {
    let unicity = unicity(key_bits);
    if letters < unicity {
        format!(
            "Not enough text: {letters} letters, and below about {unicity} (the unicity distance) several keys give \
             sense. This is only the best that was found."
        )
    } else {
        format!(
            "Not sure: {whole} The unicity distance is about {unicity} letters, the text has {letters}; a search needs \
             several times as many. This is only the best that was found."
        )
    }
}
