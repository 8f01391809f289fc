//! The quick look at a Playfair square: quadgrams, block by block, given up as soon as it falls too far behind.
//!
//! Of some two hundred squares near another, at the temperature at which right ones come up, the search goes over to one.
//! So a square first has to pass here, on a table that fits into a processor's cache, and only then is it judged by
//! pentagrams. The chance of passing both is the one that a single judgement by pentagrams would give: J. A. Christen and
//! C. Fox, Markov chain Monte Carlo using an approximation (Journal of Computational and Graphical Statistics 14, 2005).

use super::playfair::CORNERS;
use super::squares::{self, Cells};
use crate::analysis::language::Gram;

/// A ciphertext in pairs, and how the present square's text weighs up to the end of each block.
pub(super) struct Glance<'a> {
    pairs: Vec<[u8; 2]>,
    table: &'a [u8],
    plain: Vec<Pair>,
    sums: Vec<i32>,
}

/// Two letters of plaintext, alone and as one number.
#[derive(Clone, Copy, Default)]
struct Pair {
    first: u32,
    second: u32,
    both: u32,
}

/// Pairs of one block.
const BLOCK: usize = 12;

impl<'a> Glance<'a> {
    /// Lays out a ciphertext, J as I, of at least two pairs; the quadgrams are those of 26 letters.
    pub(super) fn new(cipher: &[u8], quadgrams: &'a Gram) -> Self {
        let pairs: Vec<[u8; 2]> = cipher.as_chunks::<2>().0.to_vec();
        Self {
            plain: vec![Pair::default(); pairs.len()],
            sums: vec![i32::MIN / 2; pairs.len().div_ceil(BLOCK)],
            pairs,
            table: quadgrams.table(),
        }
    }

    /// The weight of the present square's text.
    pub(super) fn sum(&self) -> i32 {
        self.sums.last().copied().unwrap_or(0)
    }

    /// Makes a square the present one.
    pub(super) fn stand_on(&mut self, cells: &Cells) {
        let mut sums = std::mem::take(&mut self.sums);
        let mut block = 0;
        self.weigh(cells, |_, sum| {
            sums[block] = sum;
            block += 1;
            true
        });
        self.sums = sums;
    }

    /// The weight of another square's text, or `None` as soon as it is behind the present one by more than `limit`, less
    /// what `slack` lets the rest make good.
    pub(super) fn look(&mut self, cells: &Cells, limit: f32, slack: f32) -> Option<i32> {
        let sums = std::mem::take(&mut self.sums);
        let mut block = 0;
        let sum = self.weigh(cells, |left, sum| {
            let behind = (sum - sums[block]) as f32;
            block += 1;
            behind >= limit - slack * left.sqrt()
        });
        self.sums = sums;
        sum
    }

    /// Weighs a square's text; after each block, `go_on` is given the share that is left and the sum so far.
    fn weigh(&mut self, cells: &Cells, mut go_on: impl FnMut(f32, i32) -> bool) -> Option<i32> {
        let places = squares::places(cells);
        let mut letters = [0u32; 32];
        letters
            .iter_mut()
            .zip(cells)
            .for_each(|(to, &from)| *to = u32::from(from));
        let weight = |index: u32| i32::from(self.table[index as usize]);
        let count = self.pairs.len();
        let plain = &mut self.plain[..count];
        let (mut sum, mut from) = (0, 0);
        while from < count {
            let to = (from + BLOCK).min(count);
            for (out, pair) in plain[from..to].iter_mut().zip(&self.pairs[from..to]) {
                let [a, b] = pair.map(|letter| usize::from(places[usize::from(letter & 31)]));
                let [first, second] =
                    CORNERS[(a * 25 + b).min(624)].map(|cell| letters[usize::from(cell & 31)]);
                *out = Pair {
                    first,
                    second,
                    both: first * 26 + second,
                };
            }
            for at in from.max(2)..to {
                let (a, b, c) = (plain[at - 2], plain[at - 1], plain[at]);
                sum += weight(a.both * 676 + b.both) + weight(a.second * 17_576 + b.both * 26 + c.first);
            }
            if to == count && count >= 2 {
                sum += weight(plain[count - 2].both * 676 + plain[count - 1].both);
            }
            from = to;
            if !go_on((count - to) as f32 / count as f32, sum) {
                return None;
            }
        }
        Some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::Random;
    use super::super::letters::numbers;
    use super::super::playfair::unpair;
    use super::*;
    use crate::analysis::language::Language;

    const CIPHER: &str = "BMODZBXDNABEKUDMUIXMMOUVIFBMODZBXDNABEKUDMUIXMHSSAYXFQEFBQRMFQPDTZKT";

    #[test]
    fn a_look_weighs_what_the_whole_text_weighs_or_gives_up() {
        let gram = Language::english().quadgrams();
        let cipher = numbers(CIPHER);
        let mut dice = Random::new(1);
        let mut glance = Glance::new(&cipher, gram);
        let mut plain = vec![0; cipher.len()];
        let mut given_up = 0;
        for _ in 0..200 {
            let (here, there) = (squares::shuffled(&mut dice), squares::shuffled(&mut dice));
            glance.stand_on(&here);
            unpair(&here, &cipher, &mut plain);
            let of_here = gram.sum(&plain) as i32;
            assert_eq!(glance.sum(), of_here);
            unpair(&there, &cipher, &mut plain);
            let of_there = gram.sum(&plain) as i32;
            assert_eq!(glance.look(&there, f32::MIN, 0.0), Some(of_there));
            match glance.look(&there, -50.0, 0.0) {
                Some(sum) => assert!(sum == of_there && of_there - of_here >= -50),
                None => given_up += 1,
            }
        }
        assert!(given_up > 20);
    }
}
