//! Pairs of characters of a language, as they follow from its quadgrams.

use crate::analysis::language::{Gram, Language};

/// How much likelier than by chance pairs of characters stand side by side.
pub(super) struct Bigrams {
    /// How many characters the alphabet has.
    pub size: usize,
    /// For `a b` at `a * size + b`, ln of its share over the product of the characters' shares.
    pub log_odds: Vec<f32>,
}

impl Bigrams {
    /// The pairs of letters of a language.
    pub(super) fn of_letters(language: &Language) -> Self {
        Self::of(language.quadgrams(), language.letters())
    }

    /// The pairs of all characters that people type, spaces and marks too.
    pub(super) fn of_typed(language: &Language) -> Self {
        Self::of(language.typed_quadgrams(), &language.typed_shares())
    }

    /// The quadgrams' triples, summed over their first character.
    fn of(gram: &Gram, single: &[f64]) -> Self {
        let size = gram.size();
        let mut shares = vec![0.0; size * size];
        for (triple, share) in gram.triples(single).into_iter().enumerate() {
            shares[triple % (size * size)] += share;
        }
        let log_odds = (0..size * size)
            .map(|i| (shares[i].max(1e-7) / (single[i / size] * single[i % size]).max(1e-7)).ln() as f32)
            .collect();
        Self { size, log_odds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::language::typed_code;

    #[test]
    fn common_pairs_are_found_common_and_impossible_ones_rare() {
        let (letters, typed) = (
            Bigrams::of_letters(Language::english()),
            Bigrams::of_typed(Language::english()),
        );
        for pairs in [letters, typed] {
            let at = |pair: &str| {
                let codes: Vec<usize> = pair.chars().map(|c| usize::from(typed_code(c))).collect();
                pairs.log_odds[codes[0] * pairs.size + codes[1]]
            };
            // TH is some 3 % of the pairs of English, four times what chance gives; QJ is next to none.
            assert!((0.9..2.5).contains(&at("TH")) && at("QU") > 2.0);
            assert!(at("QJ") < -1.0);
            if pairs.size == 28 {
                assert!(at(", ") > 1.0 && at("Y ") > 0.5);
                assert!(at("  ") < -2.0 && at(" ,") < -0.3);
            }
        }
    }
}
