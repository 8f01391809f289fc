//! A flat table of small integers: the weight of a character after those before it.

use std::borrow::Cow;

/// Conditional log-probabilities of characters after `order - 1` others, quantised.
///
/// Letters are numbers from 0. The weight of `d` after `a b c` in an alphabet of 26 stands at
/// `((a * 26 + b) * 26 + c) * 26 + d`; ln p = (weight − 255) · [`unit`](Self::unit). So weights may be added up and
/// compared without any arithmetic in floating point: a greater sum is a likelier text of the same length.
#[derive(Debug)]
pub struct Gram {
    order: usize,
    size: usize,
    unit: f64,
    table: Cow<'static, [u8]>,
}

impl Gram {
    pub(super) fn new(order: usize, size: usize, unit: f64, table: Cow<'static, [u8]>) -> Self {
        Self {
            order,
            size,
            unit,
            table,
        }
    }

    /// How many characters one entry spans: 4 or 5.
    pub fn order(&self) -> usize {
        self.order
    }

    /// How many characters the alphabet has: 26, or 27 with the space.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Nats that one step of a weight stands for.
    pub fn unit(&self) -> f64 {
        self.unit
    }

    /// The weights, `size` to the power of `order`.
    pub fn table(&self) -> &[u8] {
        &self.table
    }

    /// The natural logarithm of the probability that a weight stands for.
    pub fn log_probability(&self, weight: u8) -> f64 {
        (f64::from(weight) - 255.0) * self.unit
    }

    /// The sum of the weights of all windows of a text. Every code has to be below `size`.
    pub fn sum(&self, codes: &[u8]) -> u32 {
        let index = |window: &[u8]| window.iter().fold(0, |i, &c| i * self.size + usize::from(c));
        codes
            .windows(self.order)
            .map(|window| u32::from(self.table[index(window)]))
            .sum()
    }

    /// The mean log-probability of a character in nats, over the characters that have enough others before them.
    /// A text shorter than the order is as unlikely as can be.
    pub fn score(&self, codes: &[u8]) -> f64 {
        match (codes.len() + 1).checked_sub(self.order) {
            None | Some(0) => -255.0 * self.unit,
            Some(windows) => self.mean(self.sum(codes), windows),
        }
    }

    /// A [`sum`](Self::sum) over so many windows as a mean log-probability in nats.
    pub fn mean(&self, sum: u32, windows: usize) -> f64 {
        (f64::from(sum) / windows.max(1) as f64 - 255.0) * self.unit
    }

    /// The share of each three characters `a b c`, at `(a * size + b) * size + c`: what quadgrams settle at when texts are
    /// begun with these shares of single characters.
    pub fn triples(&self, shares: &[f64]) -> Vec<f64> {
        let size = self.size;
        let chances: Vec<f64> = (0..=255)
            .map(|weight| self.log_probability(weight).exp())
            .collect();
        let mut triples: Vec<f64> = (0..size.pow(3))
            .map(|i| shares[i / size / size] * shares[i / size % size] * shares[i % size])
            .collect();
        // Three steps forget the three characters that were begun with; a fourth smooths.
        for _ in 0..4 {
            let mut next = vec![0.0; triples.len()];
            for (triple, &share) in triples.iter().enumerate() {
                let row = &self.table[triple * size..(triple + 1) * size];
                let rest = triple % (size * size) * size;
                for (slot, &weight) in next[rest..rest + size].iter_mut().zip(row) {
                    *slot += share * chances[usize::from(weight)];
                }
            }
            let sum: f64 = next.iter().sum();
            next.iter_mut().for_each(|share| *share /= sum);
            triples = next;
        }
        triples
    }
}
