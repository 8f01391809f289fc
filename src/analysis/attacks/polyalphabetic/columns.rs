//! One ciphertext under one assumed period: what each key symbol makes of each column, and climbing from key to key.

use crate::analysis::language::Gram;

/// The ciphertext as columns under a key of `period` symbols.
///
/// Letter `i` stands in column `i % period`; its plaintext depends on that column's symbol alone.
pub(super) struct Columns<'g> {
    period: usize,
    symbols: usize,
    letters: usize,
    /// For each letter, its plaintext under each symbol: `letter * symbols + symbol`, all below 26.
    plain: Vec<u8>,
    grams: &'g Gram,
}

/// A key with what it makes of the text.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    /// One symbol for each column.
    pub key: Vec<u8>,
    /// The plaintext's letters.
    pub text: Vec<u8>,
    /// The sum of the quadgrams' log-probabilities.
    pub score: f32,
}

/// Letters before the one that a quadgram judges.
pub(super) const CONTEXT: usize = 3;
/// The worth of one place in a quadgram's index.
const PLACES: [usize; 4] = [26 * 26 * 26, 26 * 26, 26, 1];
/// What a change must gain; less is the noise of adding in another order.
const GAIN: f32 = 1e-3;

impl<'g> Columns<'g> {
    /// Lays a text out; `plain` as in [`Kind::table`](super::Kind::table).
    pub(super) fn new(period: usize, symbols: usize, plain: Vec<u8>, grams: &'g Gram) -> Self {
        Self {
            period,
            symbols,
            letters: plain.len() / symbols,
            plain,
            grams,
        }
    }

    /// The number of columns.
    pub(super) fn period(&self) -> usize {
        self.period
    }

    /// What a letter is under each symbol.
    pub(super) fn row(&self, letter: usize) -> &[u8] {
        &self.plain[letter * self.symbols..(letter + 1) * self.symbols]
    }

    /// The trial of a key.
    pub(super) fn trial(&self, key: Vec<u8>) -> Trial {
        let text: Vec<u8> = (0..self.letters)
            .map(|i| self.row(i)[usize::from(key[i % self.period])])
            .collect();
        let score = self.whole(&text);
        Trial { key, text, score }
    }

    /// For each column the symbol whose letters are the most usual, by the log-probabilities of single letters; with the
    /// sum of these.
    pub(super) fn by_frequency(&self, shares: &[f32; 26], fixed: &[Option<u8>]) -> (Vec<u8>, f32) {
        let mut total = 0.0;
        let key = (0..self.period)
            .map(|column| {
                let mut sums = [0f32; 26];
                let sums = &mut sums[..self.symbols];
                for letter in (column..self.letters).step_by(self.period) {
                    for (sum, &plain) in sums.iter_mut().zip(self.row(letter)) {
                        *sum += shares[usize::from(plain)];
                    }
                }
                let (best, sum) = match fixed[column] {
                    Some(symbol) => (symbol, sums[usize::from(symbol)]),
                    None => best_of(sums),
                };
                total += sum;
                best
            })
            .collect();
        (key, total)
    }

    /// Changes one symbol after the other for the best, until no single change helps. Fixed columns stay. Gives the
    /// number of keys tried.
    pub(super) fn climb(&self, trial: &mut Trial, fixed: &[Option<u8>], from: usize) -> u64 {
        let mut tried = 0;
        let mut quiet = 0;
        let mut column = from % self.period;
        let mut sums = [0f32; 26];
        let sums = &mut sums[..self.symbols];
        while quiet < self.period {
            quiet += 1;
            if fixed[column].is_none() {
                self.weigh(trial, column, sums);
                tried += self.symbols as u64;
                let (best, score) = best_of(sums);
                let now = sums[usize::from(trial.key[column])];
                if score > now + GAIN {
                    self.set(trial, column, best);
                    trial.score += score - now;
                    quiet = 0;
                }
            }
            column = (column + 1) % self.period;
        }
        tried
    }

    /// Gives a column another symbol. The score is left to the caller.
    pub(super) fn set(&self, trial: &mut Trial, column: usize, symbol: u8) {
        trial.key[column] = symbol;
        for i in (column..self.letters).step_by(self.period) {
            trial.text[i] = self.row(i)[usize::from(symbol)];
        }
    }

    /// For each symbol of a column, the sum of the log-probabilities that depend on it, but for a summand that all share.
    pub(super) fn weigh(&self, trial: &mut Trial, column: usize, sums: &mut [f32]) {
        sums.fill(0.0);
        if self.period > CONTEXT {
            for letter in (column..self.letters).step_by(self.period) {
                self.weigh_letter(&trial.text, letter, sums);
            }
            let unit = self.grams.unit() as f32;
            sums.iter_mut().for_each(|sum| *sum *= unit);
            return;
        }
        // In short periods a quadgram holds the column more than once: each symbol is written down and read.
        let kept = trial.key[column];
        for (symbol, sum) in sums.iter_mut().enumerate() {
            self.set(trial, column, symbol as u8);
            *sum = self.whole(&trial.text);
        }
        self.set(trial, column, kept);
    }

    fn weigh_letter(&self, text: &[u8], letter: usize, sums: &mut [f32]) {
        let first = letter.saturating_sub(CONTEXT);
        let row = self.row(letter);
        let table = self.grams.table();
        for start in first..=letter {
            let Some(window) = text.get(start..start + CONTEXT + 1) else {
                break;
            };
            let place = PLACES[letter - start];
            let base = index(window) - usize::from(text[letter]) * place;
            for (sum, &plain) in sums.iter_mut().zip(row) {
                *sum += f32::from(table[base + usize::from(plain) * place]);
            }
        }
    }

    /// The sum of the quadgrams' log-probabilities.
    pub(super) fn whole(&self, text: &[u8]) -> f32 {
        let judged = text.len().saturating_sub(CONTEXT) as f64;
        ((f64::from(self.grams.sum(text)) - 255.0 * judged) * self.grams.unit()) as f32
    }
}

fn index(window: &[u8]) -> usize {
    window
        .iter()
        .fold(0, |index, &letter| index * 26 + usize::from(letter))
}

fn best_of(sums: &[f32]) -> (u8, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    for (symbol, &sum) in sums.iter().enumerate() {
        if sum > best.1 {
            best = (symbol as u8, sum);
        }
    }
    best
}
