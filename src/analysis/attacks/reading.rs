//! An order of columns scored by the quadgrams of the text that it gives, and made better step by step.

use super::super::attack::Random;
use super::adjacency::Shape;
use super::orders::{accepts, disturb};
use super::tally::Tally;
use crate::analysis::language::Gram;

/// A grid in one order, with the score of each column; a changed order costs only its changed neighbourhoods.
pub(super) struct Reading<'a> {
    cipher: &'a [u8],
    shape: Shape,
    gram: &'a Gram,
    /// For each column, how many quadgrams begin in it.
    windows: Vec<usize>,
    order: Vec<u8>,
    now: Scored,
    next: Scored,
}

#[derive(Clone)]
struct Scored {
    /// Where each column begins, and again the first three, a row below.
    starts: Vec<u32>,
    /// The weights of the quadgrams that begin in each column.
    weights: Vec<u32>,
    total: u32,
}

impl<'a> Reading<'a> {
    /// Reads a ciphertext of at least two rows in this order. Its characters are coded as those of the quadgrams.
    pub(super) fn new(cipher: &'a [u8], shape: Shape, gram: &'a Gram, order: &[u8]) -> Self {
        let width = shape.width;
        let windows = (0..width)
            .map(|column| cipher.len().saturating_sub(3 + column).div_ceil(width))
            .collect();
        let scored = Scored {
            starts: vec![u32::MAX; width + 3],
            weights: vec![0; width],
            total: 0,
        };
        let mut reading = Self {
            cipher,
            shape,
            gram,
            windows,
            order: order.to_vec(),
            now: scored.clone(),
            next: scored,
        };
        reading.weigh(order);
        reading.take(order);
        reading
    }

    /// The sum of the weights of the text in another order.
    #[inline]
    fn weigh(&mut self, order: &[u8]) -> u32 {
        let width = self.shape.width;
        let long_ones = self.shape.long_ones(order);
        let next = &mut self.next;
        for (start, &rank) in next.starts.iter_mut().zip(order) {
            *start = self.shape.start(rank, long_ones) as u32;
        }
        for beyond in 0..3 {
            next.starts[width + beyond] = next.starts[beyond % width] + 1 + (beyond / width) as u32;
        }
        next.total = 0;
        for column in 0..width {
            let starts = &next.starts[column..column + 4];
            let weight = if starts == &self.now.starts[column..column + 4] {
                self.now.weights[column]
            } else {
                let rows = self.windows[column];
                let cells = |start: u32| &self.cipher[start as usize..start as usize + rows];
                let (a, b, c, d) = (
                    cells(starts[0]),
                    cells(starts[1]),
                    cells(starts[2]),
                    cells(starts[3]),
                );
                let (table, size) = (self.gram.table(), self.gram.size());
                let mut sum = 0;
                for row in 0..rows {
                    let index = ((usize::from(a[row]) * size + usize::from(b[row])) * size
                        + usize::from(c[row]))
                        * size
                        + usize::from(d[row]);
                    sum += u32::from(table[index]);
                }
                sum
            };
            next.weights[column] = weight;
            next.total += weight;
        }
        next.total
    }

    /// Goes over to the order that was weighed last.
    fn take(&mut self, order: &[u8]) {
        self.order.copy_from_slice(order);
        std::mem::swap(&mut self.now, &mut self.next);
    }

    /// The order.
    pub(super) fn order(&self) -> &[u8] {
        &self.order
    }

    /// The sum of the weights of all quadgrams.
    pub(super) fn total(&self) -> u32 {
        self.now.total
    }

    /// The mean log-probability of a letter in nats.
    pub(super) fn mean(&self) -> f64 {
        self.gram
            .mean(self.now.total, self.cipher.len().saturating_sub(3))
    }

    /// Anneals from the present order, and ends at the best that was met.
    pub(super) fn anneal(&mut self, steps: usize, dice: &mut Random, tally: &mut Tally<'_>) {
        /// In nats.
        const HOT: f32 = 10.0;
        let unit = self.gram.unit() as f32;
        let mut best = (self.total(), self.order.clone());
        let mut next = self.order.clone();
        for step in 0..steps {
            let temperature = HOT / unit * (1.02 - step as f32 / steps as f32);
            next.copy_from_slice(&self.order);
            disturb(&mut next, dice);
            let change = self.weigh(&next) as f32 - self.total() as f32;
            if accepts(change, temperature, dice) {
                self.take(&next);
                if self.total() > best.0 {
                    best.0 = self.total();
                    best.1.copy_from_slice(&self.order);
                }
            }
            if step % 32 == 31 && !tally.count(32) {
                break;
            }
        }
        self.go_to(&best.1);
    }

    /// Climbs until no swap of two columns and no slide of a run of columns is better.
    pub(super) fn climb(&mut self, tally: &mut Tally<'_>) {
        let width = self.shape.width;
        let mut next = self.order.clone();
        loop {
            let before = self.total();
            for first in 0..width {
                for second in first + 1..width {
                    next.copy_from_slice(&self.order);
                    next.swap(first, second);
                    self.take_if_better(&next);
                }
                if !tally.count((width - first) as u64) {
                    return;
                }
            }
            for first in 0..width {
                for last in first + 2..=width {
                    for middle in first + 1..last {
                        next.copy_from_slice(&self.order);
                        next[first..last].rotate_left(middle - first);
                        self.take_if_better(&next);
                    }
                    if !tally.count((last - first) as u64) {
                        return;
                    }
                }
            }
            if self.total() == before {
                return;
            }
        }
    }

    fn take_if_better(&mut self, order: &[u8]) {
        if self.weigh(order) > self.total() {
            self.take(order);
        }
    }

    /// Goes over to any order.
    pub(super) fn go_to(&mut self, order: &[u8]) {
        self.weigh(order);
        self.take(order);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::Blind;
    use super::*;
    use crate::analysis::language::{Language, letters_of, typed_code};

    #[test]
    fn a_reading_weighs_what_its_text_weighs_whatever_it_went_through() {
        let (letters, typed) = ("EVLNACDTESEAROFODEECWIREEXYZ", "EV LNA, CDTE.SE AROFO DEECWI");
        for (gram, cipher) in [
            (Language::english().quadgrams(), letters_of(letters)),
            (
                Language::english().typed_quadgrams(),
                typed.chars().map(typed_code).collect(),
            ),
        ] {
            for width in 2..9 {
                let shape = Shape::of(cipher.len(), width);
                let mut dice = Random::new(5);
                let order: Vec<u8> = (0..width as u8).collect();
                let mut reading = Reading::new(&cipher, shape, gram, &order);
                let (mut watch, mut out) = (Blind, vec![0; cipher.len()]);
                let mut tally = Tally::over(0, &mut watch);
                for _ in 0..20 {
                    reading.anneal(7, &mut dice, &mut tally);
                    shape.unread(&cipher, reading.order(), &mut out);
                    assert_eq!(reading.total(), gram.sum(&out));
                }
                reading.climb(&mut tally);
                shape.unread(&cipher, reading.order(), &mut out);
                assert_eq!(reading.total(), gram.sum(&out));
            }
        }
    }
}
