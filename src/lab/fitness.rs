//! How much a text looks like a language, and two columns like neighbours: scores for boards on which hands move.

use std::sync::OnceLock;

use crate::analysis::language::{Language, letters_of};

/// The mean log-probability of a letter after the three before it, in nats; greater is better. `None` for fewer than
/// four letters.
pub fn score(text: &str, language: &Language) -> Option<f64> {
    let letters = letters_of(text);
    (letters.len() >= 4).then(|| language.quadgrams().score(&letters))
}

/// How likely it is that the second of two columns stands right of the first: the mean over their pairs of letters.
pub fn neighbours(left: &[char], right: &[char]) -> f64 {
    let model = model();
    let pairs = left.iter().zip(right);
    let count = left.len().min(right.len()).max(1) as f64;
    let number = |c: &char| usize::from(c.to_ascii_uppercase() as u8 - b'A').min(25);
    pairs
        .filter(|(a, b)| a.is_ascii_alphabetic() && b.is_ascii_alphabetic())
        .map(|(a, b)| model.pair(number(a), number(b)))
        .sum::<f64>()
        / count
}

struct Model {
    singles: Vec<f64>,
    pairs: Vec<f64>,
}

impl Model {
    /// Log of how much likelier a pair is than chance makes it.
    fn pair(&self, a: usize, b: usize) -> f64 {
        let total: f64 = self.singles.iter().sum();
        let expected = self.singles[a] * self.singles[b] / total;
        ((self.pairs[a * 26 + b] + 0.5) / (expected + 0.5)).ln()
    }
}

/// Counted once, from the lab's own prose.
fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| {
        let letters: Vec<usize> = numbers(&super::rate::prose()).collect();
        let mut model = Model {
            singles: vec![1.0; 26],
            pairs: vec![0.0; 26 * 26],
        };
        letters.iter().for_each(|&a| model.singles[a] += 1.0);
        letters
            .windows(2)
            .for_each(|w| model.pairs[w[0] * 26 + w[1]] += 1.0);
        model
    })
}

fn numbers(text: &str) -> impl Iterator<Item = usize> {
    text.bytes()
        .filter(u8::is_ascii_alphabetic)
        .map(|byte| usize::from(byte.to_ascii_uppercase() - b'A'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_scores_above_its_own_letters_in_another_order() {
        let text = "the captain ordered another boat and went below without a word";
        let mut letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
        let straight = score(text, Language::english()).unwrap();
        letters.sort_by_key(|&c| (u32::from(c) * 7919) % 31);
        let mixed = score(&letters.iter().collect::<String>(), Language::english()).unwrap();
        assert!(straight > mixed + 0.5, "{straight} {mixed}");
        assert_eq!(score("ab", Language::english()), None);
    }

    #[test]
    fn columns_that_belong_together_are_told_from_others() {
        let column = |text: &str| text.chars().collect::<Vec<_>>();
        assert!(
            neighbours(&column("THTWQ"), &column("HEHEU")) > neighbours(&column("THTWQ"), &column("QXZJV"))
        );
    }
}
