//! The final judgement of a key: pentagrams and whole words together, and how certain each letter is.

use super::climb::{Layout, Swaps, Table, Walk};
use crate::analysis::language::{Language, SPACE};

/// One key that the search has found.
#[derive(Clone, Debug)]
pub struct Solution {
    /// What each cipher letter stands for.
    pub table: Table,
    /// The log-probability of the whole text in nats.
    pub score: f64,
    /// How many starts ended at it.
    pub found: u32,
    /// For each cipher letter, how certain it is.
    pub certainty: [f32; 26],
}

impl Solution {
    /// A solution that one start has found.
    pub fn new(table: Table, score: f64) -> Self {
        Self {
            table,
            score,
            found: 1,
            certainty: [0.0; 26],
        }
    }
}

/// Judges keys for one ciphertext.
pub struct Judge<'a> {
    language: &'a Language,
    codes: &'a [u8],
    present: [bool; 26],
    letters: usize,
}

impl<'a> Judge<'a> {
    /// A judge for a ciphertext, with spaces or without.
    pub fn new(language: &'a Language, codes: &'a [u8], present: [bool; 26]) -> Self {
        let letters = codes.iter().filter(|&&code| code != SPACE).count();
        Self {
            language,
            codes,
            present,
            letters,
        }
    }

    /// Letters of the text.
    pub fn letters(&self) -> f64 {
        self.letters as f64
    }

    /// The log-probability of the text under a key in nats: half by pentagrams, half by words.
    pub fn score<const SIZE: usize>(&self, table: &Table, sum: u32, layout: &Layout<'_, SIZE, 5>) -> f64 {
        let grams = (f64::from(sum) - 255.0 * layout.windows() as f64) * self.language.pentagrams().unit();
        // Windows are fewer than letters: a text of five letters has one.
        let grams = grams * self.codes.len() as f64 / layout.windows().max(1) as f64;
        let plain: Vec<u8> = self.codes.iter().map(|&c| table[usize::from(c)]).collect();
        let words = self.language.words();
        let words = match SIZE {
            27 => plain
                .split(|&c| c == SPACE)
                .filter(|word| !word.is_empty())
                .map(|word| words.log_probability(word))
                .sum(),
            _ => words.part(&plain).log_probability,
        };
        0.5 * (grams + words)
    }

    /// Takes the best swap under the final judgement until none is better. Gives how many were tried.
    pub fn polish<const SIZE: usize>(
        &self,
        solution: &mut Solution,
        swaps: &Swaps,
        layout: &Layout<'_, SIZE, 5>,
    ) -> u64 {
        if self.letters > JUDGED {
            return 0;
        }
        let mut tried = 0;
        loop {
            let mut best: Option<(Table, f64)> = None;
            tried += self.neighbours(solution, swaps, layout, |table, score, _, _| {
                if score > solution.score + 1e-9 && best.is_none_or(|(_, before)| score > before) {
                    best = Some((*table, score));
                }
            });
            match best {
                Some((table, score)) => (solution.table, solution.score) = (table, score),
                None => return tried,
            }
        }
    }

    /// Sets how certain each letter of a solution is: its weight against all keys one swap away.
    pub fn weigh<const SIZE: usize>(
        &self,
        solution: &mut Solution,
        swaps: &Swaps,
        layout: &Layout<'_, SIZE, 5>,
    ) -> u64 {
        let mut against = [0.0f64; 26];
        let at = solution.score;
        let tried = self.neighbours(solution, swaps, layout, |_, score, a, b| {
            let weight = ((score - at) / TEMPER).exp();
            against[a] += weight;
            against[b] += weight;
        });
        for (certainty, weight) in solution.certainty.iter_mut().zip(against) {
            *certainty = (1.0 / (1.0 + weight)) as f32;
        }
        tried
    }

    /// Lessens the certainty of each letter by the weight of other solutions that read it otherwise.
    pub fn contest(&self, best: &mut Solution, others: &[Solution]) {
        for cipher in (0..26).filter(|&cipher| self.present[cipher]) {
            let against: f64 = others
                .iter()
                .filter(|other| other.table[cipher] != best.table[cipher])
                .map(|other| ((other.score - best.score) / TEMPER).exp())
                .sum();
            best.certainty[cipher] = best.certainty[cipher].min((1.0 / (1.0 + against)) as f32);
        }
    }

    /// All keys one swap away that are not much worse by pentagrams.
    fn neighbours<const SIZE: usize>(
        &self,
        solution: &Solution,
        swaps: &Swaps,
        layout: &Layout<'_, SIZE, 5>,
        mut seen: impl FnMut(&Table, f64, usize, usize),
    ) -> u64 {
        let mut walk = Walk::new(layout, solution.table);
        let at = walk.sum;
        let mut tried = 0;
        for (a, b) in swaps.iter().filter(|&(a, b)| self.present[a] || self.present[b]) {
            let delta = walk.probe(a, b, |table, delta| {
                if delta > FAR {
                    let score = self.score(table, (at + delta) as u32, layout);
                    seen(table, score, a, b);
                }
            });
            tried += u64::from(delta > FAR);
        }
        tried
    }
}

/// Probabilities by the model are too sure of themselves: letters in a row are not independent evidence. Found by trials.
const TEMPER: f64 = 2.5;
/// Weights by which pentagrams may be worse for the words to be asked: 9 nats.
const FAR: i32 = -150;
/// Letters above which pentagrams alone decide: words can't change anything any more.
const JUDGED: usize = 1_000;
