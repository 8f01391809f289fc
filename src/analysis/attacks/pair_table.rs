//! How often two pairs of letters follow one another in what Playfair enciphers.

use crate::analysis::language::Language;

/// For each two pairs of letters, how likely they stand side by side, as a weight.
///
/// Only whole pairs are weighed, each with the one before it, and what is rarer than [`FLOOR`] counts as if it were not:
/// of all tables that were tried, this is the one whose landscape leads from random squares to the right one soonest.
/// Sharper ones (pentagrams, hexagrams after four letters) know the right square better and find it more seldom.
pub(super) struct PairTable {
    weights: Vec<u8>,
}

/// Pairs of letters, A to Z.
pub(super) const PAIRS: usize = 26 * 26;
/// Nats that one step of a weight stands for.
pub(super) const UNIT: f32 = 0.06;
/// ln of the share below which two pairs are all alike.
const FLOOR: f64 = -15.3;

const I: usize = 8;
const J: usize = 9;
const X: usize = 23;

impl PairTable {
    /// The table of a language, from its quadgrams.
    pub(super) fn of(language: &Language) -> Self {
        let gram = language.quadgrams();
        let chance: Vec<f64> = (0..=255)
            .map(|weight| gram.log_probability(weight).exp())
            .collect();
        let mut shares = vec![0.0; PAIRS * PAIRS];
        for (triple, share) in gram.triples(language.letters()).into_iter().enumerate() {
            let [a, b, c] = [triple / 676, triple / 26 % 26, triple % 26].map(written);
            for (d, &weight) in gram.table()[triple * 26..triple * 26 + 26].iter().enumerate() {
                let [first, second] = paired([a, b, c, written(d)]);
                shares[first * PAIRS + second] += share * chance[usize::from(weight)];
            }
        }
        let heights: Vec<f64> = shares.iter().map(|share| share.ln().max(FLOOR)).collect();
        let top = heights.iter().copied().fold(FLOOR, f64::max);
        let weight = |height: f64| (255.0 + (height - top) / f64::from(UNIT)).round() as u8;
        Self {
            weights: heights.into_iter().map(weight).collect(),
        }
    }

    /// The weights: that of the pairs `a b` and `c d` is at `(a * 26 + b) * PAIRS + c * 26 + d`.
    pub(super) fn weights(&self) -> &[u8] {
        &self.weights
    }
}

/// J is written as I.
fn written(letter: usize) -> usize {
    if letter == J { I } else { letter }
}

/// The two pairs that four letters begin, with X between equal letters of a pair.
fn paired([a, b, c, d]: [usize; 4]) -> [usize; 2] {
    let pair = |a: usize, b: usize| a * 26 + if a == b { X } else { b };
    match a == b {
        true => [pair(a, b), pair(b, c)],
        false => [pair(a, b), pair(c, d)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_often_weighs_more() {
        let table = PairTable::of(Language::english());
        let weight = |text: &str| {
            let pair = |at: usize| {
                let letter = |at: usize| usize::from(text.as_bytes()[at] - b'A');
                letter(at) * 26 + letter(at + 1)
            };
            table.weights()[pair(0) * PAIRS + pair(2)]
        };
        assert!(weight("THER") > weight("THRE") && weight("THRE") > weight("THXQ"));
        // LL in one pair becomes LX, and the second L begins the next.
        assert!(weight("LXLE") > weight("LXRE") + 20);
        // No pair has two equal letters, and no J is written.
        assert_eq!(weight("LLTH"), weight("JQZX"));
    }
}
