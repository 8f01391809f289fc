//! The weight of a Playfair square's text: pair after pair, given up as soon as it falls too far behind.

use super::pair_table::{PAIRS, PairTable};
use super::playfair::CORNERS;
use super::squares::Indexed;

/// A ciphertext in pairs, and how the present square's text weighs up to the end of each block.
pub(super) struct PairScore {
    pairs: Vec<[u8; 2]>,
    table: PairTable,
    /// The sums of the present square, and of the one looked at last.
    sums: Vec<i32>,
    looked: Vec<i32>,
    /// For each block, the square root of the share of the text behind it.
    left: Vec<f32>,
}

/// Pairs of one block.
const BLOCK: usize = 8;

impl PairScore {
    /// Lays out a ciphertext, J as I.
    pub(super) fn new(cipher: &[u8], table: PairTable) -> Self {
        let pairs: Vec<[u8; 2]> = cipher.as_chunks::<2>().0.to_vec();
        let count = pairs.len();
        let blocks = count.div_ceil(BLOCK);
        let behind = |block: usize| count.saturating_sub((block + 1) * BLOCK) as f32 / count as f32;
        Self {
            pairs,
            table,
            sums: vec![i32::MIN / 2; blocks],
            looked: vec![0; blocks],
            left: (0..blocks).map(|block| behind(block).sqrt()).collect(),
        }
    }

    /// The weight of the present square's text.
    pub(super) fn sum(&self) -> i32 {
        self.sums.last().copied().unwrap_or(0)
    }

    /// Makes a square the present one.
    pub(super) fn stand_on(&mut self, square: &Indexed) {
        self.look(square, f32::MIN, 0.0);
        self.step_over();
    }

    /// Makes the square that was looked at last, to its end, the present one.
    pub(super) fn step_over(&mut self) {
        std::mem::swap(&mut self.sums, &mut self.looked);
    }

    /// The weight of another square's text, or `None` as soon as it is behind the present one by more than `limit`, which is
    /// negative, and more than `slack` lets the rest make good.
    #[inline]
    pub(super) fn look(&mut self, square: &Indexed, limit: f32, slack: f32) -> Option<i32> {
        let weights = self.table.weights();
        let (mut sum, mut before) = (0, None);
        let blocks = self.pairs.chunks(BLOCK).zip(&mut self.looked);
        for ((block, looked), (&present, &left)) in blocks.zip(self.sums.iter().zip(&self.left)) {
            for pair in block {
                let [a, b] = pair.map(|letter| usize::from(square.places[usize::from(letter & 31)]));
                let [first, second] =
                    CORNERS[(a * 25 + b).min(624)].map(|cell| usize::from(square.cells[usize::from(cell)]));
                let both = first * 26 + second;
                if let Some(before) = before {
                    sum += i32::from(weights[before * PAIRS + both]);
                }
                before = Some(both);
            }
            *looked = sum;
            if ((sum - present) as f32) < limit - slack * left {
                return None;
            }
        }
        ((sum - self.sum()) as f32 >= limit).then_some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::Random;
    use super::super::letters::numbers;
    use super::super::playfair::unpair;
    use super::super::squares::{self, Cells};
    use super::*;
    use crate::analysis::language::Language;

    const CIPHER: &str = "BMODZBXDNABEKUDMUIXMMOUVIFBMODZBXDNABEKUDMUIXMHSSAYXFQEFBQRMFQPDTZKT";

    fn weight(cells: &Cells, cipher: &[u8], table: &PairTable) -> i32 {
        let mut plain = vec![0; cipher.len()];
        unpair(cells, cipher, &mut plain);
        let codes: Vec<usize> = plain
            .chunks(2)
            .map(|pair| usize::from(pair[0]) * 26 + usize::from(pair[1]))
            .collect();
        codes
            .windows(2)
            .map(|two| i32::from(table.weights()[two[0] * PAIRS + two[1]]))
            .sum()
    }

    #[test]
    fn a_look_weighs_what_the_whole_text_weighs_or_gives_up() {
        let table = || PairTable::of(Language::english());
        let cipher = numbers(CIPHER);
        let mut dice = Random::new(1);
        let mut score = PairScore::new(&cipher, table());
        let table = table();
        let mut given_up = 0;
        for _ in 0..200 {
            let (here, there) = (squares::shuffled(&mut dice), squares::shuffled(&mut dice));
            score.stand_on(&Indexed::new(here));
            let of_here = weight(&here, &cipher, &table);
            assert_eq!(score.sum(), of_here);
            let of_there = weight(&there, &cipher, &table);
            assert_eq!(score.look(&Indexed::new(there), f32::MIN, 0.0), Some(of_there));
            match score.look(&Indexed::new(there), -50.0, 0.0) {
                Some(sum) => assert!(sum == of_there && of_there - of_here >= -50),
                None => given_up += 1,
            }
            assert_eq!(score.sum(), of_here);
        }
        assert!(given_up > 20);
    }
}
