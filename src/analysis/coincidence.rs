//! The index of coincidence: how likely it is that two letters picked from a text are the same.
//!
//! William Friedman, The Index of Coincidence and Its Applications in Cryptography (Riverbank, 1922).

use super::frequency::Census;

/// The chance that two different places hold the same symbol. `None` for a text of fewer than two.
///
/// About 0.066 for English, 1/26 = 0.0385 where all letters are equally frequent.
pub fn index_of_coincidence(census: &Census) -> Option<f64> {
    if census.total < 2 {
        return None;
    }
    let pairs: f64 = census.counts.iter().map(|&n| n as f64 * (n as f64 - 1.0)).sum();
    let total = census.total as f64;
    Some(pairs / (total * (total - 1.0)))
}

/// How many times more likely a coincidence is than by chance: 1 for a flat text, 1.7 for English.
///
/// With it, texts over different sets of symbols can be compared.
pub fn above_chance(census: &Census) -> Option<f64> {
    index_of_coincidence(census).map(|index| index * census.symbols.size() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::frequency::{ENGLISH, Symbols};
    use super::*;

    fn of(text: &str) -> Option<f64> {
        index_of_coincidence(&Census::of(text, Symbols::Latin))
    }

    #[test]
    fn small_texts_come_out_as_counted_by_hand() {
        // AABB: 4 of the 12 ordered pairs are equal.
        assert_eq!(of("AABB"), Some(4.0 / 12.0));
        assert_eq!(of("AAAA"), Some(1.0));
        assert_eq!(of("ABCD"), Some(0.0));
        assert_eq!(of("A"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn a_pangram_comes_out_as_counted_by_hand() {
        // 35 letters: 4 O, 3 E, 2 each of H, R, T, U, all others once.
        let census = Census::of("The quick brown fox jumps over the lazy dog", Symbols::Latin);
        let by_hand = (4.0 * 3.0 + 3.0 * 2.0 + 4.0 * 2.0) / (35.0 * 34.0);
        let index = index_of_coincidence(&census).unwrap();
        assert!((index - by_hand).abs() < 1e-12);
        assert!((above_chance(&census).unwrap() - 26.0 * by_hand).abs() < 1e-12);
    }

    #[test]
    fn long_english_has_the_known_index() {
        // The sum of the squared shares is what a long text tends to: 0.0655 by Lewand's table.
        let limit: f64 = ENGLISH.iter().map(|share| share * share).sum();
        assert!((limit - 0.0655).abs() < 0.0005);
    }
}
