//! Pairs of letters of a language, as they follow from its quadgrams.

use crate::analysis::language::Language;

/// How much likelier than by chance pairs of letters stand side by side.
pub(super) struct Bigrams {
    /// For `a b` at `a * 26 + b`, ln of its share over the product of the letters' shares.
    pub log_odds: Vec<f32>,
}

const TRIPLES: usize = 26 * 26 * 26;

impl Bigrams {
    /// The pairs of a language: its triples, summed over their first letter.
    pub(super) fn of(language: &Language) -> Self {
        let letters = language.letters();
        let mut shares = vec![0.0; 676];
        for (triple, share) in triples(language).into_iter().enumerate() {
            shares[triple % 676] += share;
        }
        let log_odds = (0..676)
            .map(|i| (shares[i].max(1e-7) / (letters[i / 26] * letters[i % 26]).max(1e-7)).ln() as f32)
            .collect();
        Self { log_odds }
    }
}

/// The share of each three letters `a b c`, at `(a * 26 + b) * 26 + c`: what a language's conditional quadgrams settle at.
pub(super) fn triples(language: &Language) -> Vec<f64> {
    let letters = language.letters();
    let gram = language.quadgrams();
    let chance: Vec<f64> = (0..=255)
        .map(|weight| gram.log_probability(weight).exp())
        .collect();
    let mut triples: Vec<f64> = (0..TRIPLES)
        .map(|i| letters[i / 676] * letters[i / 26 % 26] * letters[i % 26])
        .collect();
    // Three steps forget the three letters that were begun with; a fourth smooths.
    for _ in 0..4 {
        let mut next = vec![0.0; TRIPLES];
        for (triple, &share) in triples.iter().enumerate() {
            let row = &gram.table()[triple * 26..triple * 26 + 26];
            let rest = triple % 676 * 26;
            for (slot, &weight) in next[rest..rest + 26].iter_mut().zip(row) {
                *slot += share * chance[usize::from(weight)];
            }
        }
        let sum: f64 = next.iter().sum();
        next.iter_mut().for_each(|share| *share /= sum);
        triples = next;
    }
    triples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_pairs_are_found_common_and_impossible_ones_rare() {
        let pairs = Bigrams::of(Language::english());
        let at =
            |pair: &str| usize::from(pair.as_bytes()[0] - b'A') * 26 + usize::from(pair.as_bytes()[1] - b'A');
        // TH is some 3 % of the pairs of English, four times what chance gives; QJ is next to none.
        assert!((0.9..2.5).contains(&pairs.log_odds[at("TH")]) && pairs.log_odds[at("QU")] > 2.0);
        assert!(pairs.log_odds[at("QJ")] < -1.0);
    }
}
