//! Which column stands beside which: pairs of columns scored by bigrams, and orders found from these scores alone.
//!
//! In an incomplete rectangle a column's beginning depends on how many long columns are read before it, so each column
//! has several possible alignments. All pairs in all alignments are scored beforehand; after that an order costs no
//! more than a sum over its columns (Lasry 2018, chapter 5: adjacency and alignment scores).

use super::super::attack::Random;
use super::bigrams::Bigrams;
use super::orders::{accepts, disturb, shuffled};
use super::tally::Tally;

/// A grid's measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Columns.
    pub width: usize,
    /// Letters in a short column.
    pub height: usize,
    /// How many columns, from the left, are one letter longer.
    pub long: usize,
}

impl Shape {
    /// The shape of so many letters in so many columns. Both above 0, at most 64 columns.
    pub(super) fn of(letters: usize, width: usize) -> Self {
        Self {
            width,
            height: letters / width,
            long: letters % width,
        }
    }

    /// For an order, the columns that are long, as bits by the time of reading.
    #[inline]
    pub(super) fn long_ones(&self, order: &[u8]) -> u64 {
        order[..self.long].iter().fold(0, |bits, &rank| bits | 1 << rank)
    }

    /// Where in the ciphertext the column begins that is read at `rank`.
    #[inline]
    pub(super) fn start(&self, rank: u8, long_ones: u64) -> usize {
        usize::from(rank) * self.height + (long_ones & ((1 << rank) - 1)).count_ones() as usize
    }

    /// Writes the ciphertext into the grid in this order, and reads it by rows.
    pub(super) fn unread<T: Copy>(&self, cipher: &[T], order: &[u8], out: &mut [T]) {
        let long_ones = self.long_ones(order);
        for (place, &rank) in order.iter().enumerate() {
            let start = self.start(rank, long_ones);
            let length = self.height + usize::from(place < self.long);
            for (row, &letter) in cipher[start..start + length].iter().enumerate() {
                out[row * self.width + place] = letter;
            }
        }
    }
}

/// The scores of all pairs of columns in all alignments, for one width.
pub(super) struct Adjacency {
    shape: Shape,
    /// Alignments per column.
    shifts: usize,
    /// The least number of long columns before the column that is read at this rank.
    least: Vec<usize>,
    /// For a column and its right neighbour, both with their alignments.
    beside: Vec<f32>,
    /// For the last column and the first one, a row below.
    around: Vec<f32>,
}

/// No more rows are compared: taller columns tell nothing new.
const ROWS: usize = 40;

impl Adjacency {
    /// Scores all pairs. The text has at least two rows.
    pub(super) fn new(cipher: &[u8], shape: Shape, pairs: &Bigrams) -> Self {
        let Shape { width, height, long } = shape;
        let least: Vec<usize> = (0..width).map(|rank| long.saturating_sub(width - rank)).collect();
        let most: Vec<usize> = (0..width).map(|rank| rank.min(long)).collect();
        let shifts = (0..width)
            .map(|rank| most[rank] - least[rank] + 1)
            .max()
            .unwrap_or(1);
        let rows = height.min(ROWS);
        let side = width * shifts;
        let pair =
            |a: usize, b: usize| pairs.log_odds[usize::from(cipher[a]) * pairs.size + usize::from(cipher[b])];
        let mut beside = vec![0.0; side * side];
        let mut around = vec![0.0; side * side];
        for left in 0..width {
            for right in (0..width).filter(|&right| right != left) {
                for a in 0..=most[left] - least[left] {
                    for b in 0..=most[right] - least[right] {
                        let (start_a, start_b) =
                            (left * height + least[left] + a, right * height + least[right] + b);
                        let slot = (left * shifts + a) * side + right * shifts + b;
                        // One step along the diagonal from the alignments before: a row leaves, a row comes.
                        beside[slot] = if a > 0 && b > 0 {
                            beside[slot - side - 1] - pair(start_a - 1, start_b - 1)
                                + pair(start_a + rows - 1, start_b + rows - 1)
                        } else {
                            (0..rows).map(|row| pair(start_a + row, start_b + row)).sum()
                        };
                        around[slot] = (1..rows).map(|row| pair(start_a + row - 1, start_b + row)).sum();
                    }
                }
            }
        }
        Self {
            shape,
            shifts,
            least,
            beside,
            around,
        }
    }

    /// The sum over all neighbours. `slots` is scratch space of the same length.
    #[inline]
    fn score(&self, order: &[u8], slots: &mut [usize]) -> f32 {
        let side = self.shape.width * self.shifts;
        let long_ones = self.shape.long_ones(order);
        for (slot, &rank) in slots.iter_mut().zip(order) {
            let before = (long_ones & ((1 << rank) - 1)).count_ones() as usize;
            *slot = usize::from(rank) * self.shifts + before - self.least[usize::from(rank)];
        }
        let beside: f32 = slots
            .windows(2)
            .map(|pair| self.beside[pair[0] * side + pair[1]])
            .sum();
        match slots {
            [first, .., last] => beside + self.around[*last * side + *first],
            _ => beside,
        }
    }

    /// Anneals from a random order.
    pub(super) fn anneal(&self, steps: usize, dice: &mut Random, tally: &mut Tally<'_>) -> Vec<u8> {
        const HOT: f32 = 5.0;
        const COLD: f32 = 1.0;
        let mut order = shuffled(self.shape.width, dice);
        let mut slots = vec![0; order.len()];
        let mut score = self.score(&order, &mut slots);
        let mut best = (score, order.clone());
        let mut next = order.clone();
        for step in 0..steps {
            let temperature = HOT + (COLD - HOT) * step as f32 / steps as f32;
            next.copy_from_slice(&order);
            disturb(&mut next, dice);
            let found = self.score(&next, &mut slots);
            if accepts(found - score, temperature, dice) {
                std::mem::swap(&mut order, &mut next);
                score = found;
                if score > best.0 {
                    best.0 = score;
                    best.1.copy_from_slice(&order);
                }
            }
            if step % 64 == 63 && !tally.count(64) {
                break;
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreading_is_what_the_cipher_does() {
        let cipher = b"EVLNACDTESEAROFODEECWIREE";
        let mut out = [0; 25];
        Shape::of(25, 6).unread(cipher, &[5, 2, 1, 3, 0, 4], &mut out);
        assert_eq!(&out, b"WEAREDISCOVEREDFLEEATONCE");
    }

    #[test]
    fn every_pair_in_every_alignment_is_the_sum_over_its_rows() {
        let cipher: Vec<u8> = (0..47u32).map(|i| (i * i * 7 % 26) as u8).collect();
        let pairs = Bigrams {
            size: 26,
            log_odds: (0..676).map(|i| (i * 37 % 101) as f32).collect(),
        };
        let shape = Shape::of(47, 7);
        let table = Adjacency::new(&cipher, shape, &pairs);
        let order = [3, 0, 6, 1, 5, 2, 4];
        let mut grid = [0; 47];
        shape.unread(&cipher, &order, &mut grid);
        let odds = |a: usize, b: usize| pairs.log_odds[usize::from(grid[a]) * 26 + usize::from(grid[b])];
        let beside: f32 = (0..shape.height)
            .flat_map(|row| (0..6).map(move |column| row * 7 + column))
            .map(|i| odds(i, i + 1))
            .sum();
        let around: f32 = (1..shape.height).map(|row| odds(row * 7 - 1, row * 7)).sum();
        assert_eq!(table.score(&order, &mut [0; 7]), beside + around);
    }
}
