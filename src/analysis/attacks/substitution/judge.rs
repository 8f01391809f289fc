//! The final judgement of a key: pentagrams and whole words together, and how certain each letter is.

use std::collections::HashSet;

use super::climb::{Layout, Swaps, Table, Walk};
use crate::analysis::attack::Random;
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
    /// How certain it is that nineteen of twenty letters are right.
    pub whole: f64,
    /// The share of the letters that known words speak for.
    pub supported: f64,
}

impl Solution {
    /// A solution that one start has found.
    pub fn new(table: Table, score: f64) -> Self {
        Self {
            table,
            score,
            found: 1,
            certainty: [0.0; 26],
            whole: 0.0,
            supported: 0.0,
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

    /// Weighs a solution against the keys around it and all others that were found: gives how certain each cipher letter
    /// is, and the whole; and a better key, if the walk came across one.
    ///
    /// The keys around it are those that a walk of swaps at constant temperature comes through, which is a sample of what
    /// the text lets stand (Nicholas Metropolis and others, Equation of State Calculations by Fast Computing Machines, 1953).
    pub fn weigh<const SIZE: usize>(
        &self,
        best: &Solution,
        others: &[Solution],
        swaps: &Swaps,
        layout: &Layout<'_, SIZE, 5>,
        random: &mut Random,
    ) -> Weighed {
        let mut walk = Walk::new(layout, best.table);
        let at = walk.sum;
        let unit = self.language.pentagrams().unit();
        let mut around: Vec<(i32, Table)> = vec![(at, best.table)];
        let mut seen = HashSet::from([self.reading(&best.table)]);
        if !swaps.is_empty() {
            walk.wander(swaps, random, WANDERED, TEMPER / unit, |table, sum| {
                if sum > at + FAR && seen.insert(self.reading(table)) {
                    around.push((sum, *table));
                }
            });
        }
        for other in others {
            if seen.insert(self.reading(&other.table)) {
                around.push((Walk::new(layout, other.table).sum, other.table));
            }
        }
        let judged = if self.letters > JUDGED { 1 } else { WEIGHED };
        around.sort_by_key(|(sum, _)| std::cmp::Reverse(*sum));
        let own = around
            .iter()
            .position(|(_, table)| *table == best.table)
            .unwrap_or(0);
        around.swap(0, own);
        around.truncate(judged);
        let scored: Vec<(f64, Table)> = around
            .iter()
            .map(|(sum, table)| (self.score(table, *sum as u32, layout), *table))
            .collect();
        let better = scored
            .iter()
            .filter(|(score, _)| *score > best.score + 1e-9)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .copied();
        let counts = self.counts();
        let (mut all, mut same, mut alike) = (0.0, [0.0; 26], 0.0);
        for (score, table) in &scored {
            let weight = ((score - best.score) / TEMPER).min(50.0).exp();
            all += weight;
            let mut agreeing = 0;
            for letter in 0..26 {
                if table[letter] == best.table[letter] {
                    same[letter] += weight;
                    agreeing += counts[letter];
                }
            }
            if f64::from(agreeing) >= 0.95 * self.letters as f64 {
                alike += weight;
            }
        }
        Weighed {
            certainty: same.map(|same| (same / all) as f32),
            whole: alike / all,
            better,
            tried: walk.tried,
        }
    }

    /// The share of the letters whose cipher letter stands in at least one known word that is long enough to say something.
    /// A letter that only makes words that nobody knows is likely to be another one.
    pub fn supported<const SIZE: usize>(&self, table: &Table) -> f64 {
        let plain: Vec<u8> = self.codes.iter().map(|&c| table[usize::from(c)]).collect();
        let words = self.language.words();
        let mut supported = [false; 26];
        let mut support = |codes: &[u8]| codes.iter().for_each(|&c| supported[usize::from(c)] = true);
        if SIZE == 27 {
            let mut at = 0;
            for word in plain.split(|&c| c == SPACE) {
                let least = if word.len() >= TELLING {
                    f64::NEG_INFINITY
                } else {
                    COMMON
                };
                if word.len() >= TELLING - 1 && words.find(word).is_some_and(|share| share >= least) {
                    support(&self.codes[at..at + word.len()]);
                }
                at += word.len() + 1;
            }
        } else {
            let parted = words.part(&plain);
            let mut at = 0;
            for (length, known) in parted.lengths.iter().zip(parted.known) {
                if known && *length >= TELLING {
                    support(&self.codes[at..at + length]);
                }
                at += length;
            }
        }
        let counts = self.counts();
        let letters: u32 = (0..26)
            .filter(|&letter| supported[letter])
            .map(|letter| counts[letter])
            .sum();
        f64::from(letters) / self.letters.max(1) as f64
    }

    fn counts(&self) -> [u32; 26] {
        let mut counts = [0; 26];
        for &code in self.codes.iter().filter(|&&code| code != SPACE) {
            counts[usize::from(code)] += 1;
        }
        counts
    }

    /// What a key makes of the letters that stand in the text, as one number to compare.
    fn reading(&self, table: &Table) -> [u8; 26] {
        std::array::from_fn(|letter| {
            if self.present[letter] {
                table[letter]
            } else {
                SPACE
            }
        })
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

/// How sure a solution is.
pub struct Weighed {
    /// For each cipher letter, the share of all likely keys that read it so.
    pub certainty: [f32; 26],
    /// The share of all likely keys that read at least nineteen of twenty letters so.
    pub whole: f64,
    /// A likelier key that was met, with its score.
    pub better: Option<(f64, Table)>,
    /// Keys tried.
    pub tried: u64,
}

/// Letters from which on a word that is known says something for its letters; one less where the spaces are known and the word
/// is as common as "us": any two letters stand for something somewhere, like KB.
const TELLING: usize = 3;
/// ln of such a word's share of all words.
const COMMON: f64 = -8.5;
/// Steps of the walk around a solution, and the keys of it that are judged by words.
const WANDERED: u32 = 3_000;
const WEIGHED: usize = 80;
/// Probabilities by the model are too sure of themselves: letters in a row are not independent evidence. Found by trials.
const TEMPER: f64 = 2.5;
/// Weights by which pentagrams may be worse for the words to be asked: 12 nats.
const FAR: i32 = -200;
/// Letters above which pentagrams alone decide: words can't change anything any more.
const JUDGED: usize = 1_000;
