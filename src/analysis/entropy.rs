//! Shannon's entropy of single symbols: how many bits each of them carries on average.
//!
//! Claude Shannon, A Mathematical Theory of Communication (1948), section 6.

use super::frequency::Census;

/// Bits for each symbol, from 0 to log2 of the number of symbols. `None` for a text without any.
pub fn entropy(census: &Census) -> Option<f64> {
    if census.total == 0 {
        return None;
    }
    let bits = census.shares().into_iter().filter(|&share| share > 0.0);
    Some(bits.map(|share| -share * share.log2()).sum::<f64>().max(0.0))
}

#[cfg(test)]
mod tests {
    use super::super::frequency::{ENGLISH, Symbols};
    use super::*;

    fn of(text: &str) -> Option<f64> {
        entropy(&Census::of(text, Symbols::Latin))
    }

    #[test]
    fn known_texts_have_known_entropies() {
        assert_eq!(of("AAAA"), Some(0.0));
        assert_eq!(of("ABAB"), Some(1.0));
        assert_eq!(of("ABCDEFGH"), Some(3.0));
        assert!((of("AAAB").unwrap() - 0.811_278_124_459).abs() < 1e-9);
        assert_eq!(of("1234"), None);
    }

    #[test]
    fn english_letters_carry_a_little_over_four_bits() {
        let bits: f64 = ENGLISH.iter().map(|share| -share * share.log2()).sum();
        assert!((4.1..4.2).contains(&bits), "{bits}");
    }
}
