//! The search over squares that Playfair and bifid share: annealing at a temperature that stays almost the same.

use super::super::attack::{Evidence, Random};
use super::orders::accepts;
use super::squares::{self, Cells};
use super::sure::{factorial_bits, unsure};
use super::tally::Tally;
use crate::analysis::language::{Gram, Language};
use crate::ciphers::Key;

/// What a square makes of a ciphertext, and what is known of the plaintext.
pub(super) trait Rule {
    /// Letters of the ciphertext.
    fn letters(&self) -> usize;

    /// Writes the plaintext under a square.
    fn plain(&self, cells: &Cells, plain: &mut [u8]);

    /// The most letters of a crib that agree with the plaintext in one place; 0 without a crib.
    fn agreement(&self, plain: &[u8]) -> usize;

    /// Whether the plaintext has the crib; true without one.
    fn has_crib(&self, plain: &[u8]) -> bool;
}

/// Mean log-probability in nats above which a text is prose: the best wrong squares end most of a nat lower.
pub(super) const PROSE: f64 = -2.75;
/// A climb is worth its time from here on.
const NEAR: f64 = -3.1;
/// Nats beyond chance that convince, as for the other attacks.
const SURPLUS: f64 = 12.0;

/// The temperature for each letter of the text, in nats: energies grow with the text, the square's entropy does not.
/// Around one temperature squares turn from melted to frozen, and right ones come up; it differs a little from text to
/// text, so it is passed in waves.
const HOT: f32 = 0.037;
const COLD: f32 = 0.032;
/// Squares in one spell of searching, which is one wave.
pub(super) const SPELL: usize = 400_000;
/// Squares in the freezing of one that gives sense.
const FREEZING: usize = 60_000;
/// What one agreeing letter of a crib is worth, in nats.
const CRIB_LETTER: f32 = 4.0;

/// A search under way.
pub(super) struct SquareSearch<'a, 'w> {
    language: &'a Language,
    gram: &'a Gram,
    plain: Vec<u8>,
    dice: Random,
    pub(super) tally: Tally<'w>,
    cells: Cells,
    best: (f32, Cells),
}

impl<'a, 'w> SquareSearch<'a, 'w> {
    /// Begins at a random square.
    pub(super) fn new(language: &'a Language, letters: usize, mut dice: Random, tally: Tally<'w>) -> Self {
        let cells = squares::shuffled(&mut dice);
        Self {
            language,
            gram: language.quadgrams(),
            plain: vec![0; letters],
            dice,
            tally,
            cells,
            best: (f32::NEG_INFINITY, cells),
        }
    }

    /// The best square so far.
    pub(super) fn best(&self) -> &Cells {
        &self.best.1
    }

    /// Goes over to another rule: what was found under the old one counts no more.
    pub(super) fn forget(&mut self, cells: Cells) {
        self.cells = cells;
        self.best = (f32::NEG_INFINITY, cells);
    }

    /// The square at which the search stands.
    pub(super) fn cells(&self) -> Cells {
        self.cells
    }

    /// Searches for so many squares, and says whether the best is sure. `keyed` makes the key and the text to tell.
    pub(super) fn spell(
        &mut self,
        rule: &impl Rule,
        squares: usize,
        keyed: &dyn Fn(&Cells) -> (Key, String),
    ) -> bool {
        self.tally.begin();
        let letter = rule.letters() as f32 / self.gram.unit() as f32;
        let mut cells = self.cells;
        let mut score = self.score(rule, &cells);
        for step in 0..squares {
            let temperature = letter * (HOT + (COLD - HOT) * step as f32 / squares as f32);
            let mut next = cells;
            squares::disturb(&mut next, &mut self.dice);
            let found = self.score(rule, &next);
            if accepts(found - score, temperature, &mut self.dice) {
                (cells, score) = (next, found);
                if score > self.best.0 {
                    self.best = (score, cells);
                    if self.mean(rule, &cells) > NEAR {
                        self.refine(rule, cells);
                    }
                    let mean = self.mean(rule, &self.best.1.clone());
                    let best = self.best.1;
                    self.tally.tell(mean, || keyed(&best));
                    if self.convincing(rule, &best) {
                        self.cells = best;
                        return true;
                    }
                }
            }
            if step % 64 == 63 && !self.tally.count(64) {
                break;
            }
        }
        self.cells = cells;
        false
    }

    /// Climbs from a square that is near, and cools it if it gives sense.
    fn refine(&mut self, rule: &impl Rule, cells: Cells) {
        let mut better = self.climb(rule, cells);
        if self.mean(rule, &better) > PROSE {
            better = self.freeze(rule, better);
        }
        self.best = (self.score(rule, &better), better);
    }

    /// The text's weight, and what the crib adds.
    #[inline]
    fn score(&mut self, rule: &impl Rule, cells: &Cells) -> f32 {
        rule.plain(cells, &mut self.plain);
        let crib = CRIB_LETTER / self.gram.unit() as f32 * rule.agreement(&self.plain) as f32;
        weigh(self.gram.table(), &self.plain) as f32 + crib
    }

    /// The mean log-probability of a letter under a square, in nats.
    pub(super) fn mean(&mut self, rule: &impl Rule, cells: &Cells) -> f64 {
        rule.plain(cells, &mut self.plain);
        self.gram.score(&self.plain)
    }

    /// Cools a square that gives sense, until its last rare letters are in their places too.
    fn freeze(&mut self, rule: &impl Rule, mut cells: Cells) -> Cells {
        let letter = rule.letters() as f32 / self.gram.unit() as f32;
        let mut score = self.score(rule, &cells);
        let mut best = (score, cells);
        for step in 0..FREEZING {
            let temperature = letter * COLD * (1.001 - step as f32 / FREEZING as f32);
            let mut next = cells;
            squares::disturb(&mut next, &mut self.dice);
            let found = self.score(rule, &next);
            if accepts(found - score, temperature, &mut self.dice) {
                (cells, score) = (next, found);
                if score > best.0 {
                    best = (score, cells);
                }
            }
            if step % 64 == 63 && !self.tally.count(64) {
                break;
            }
        }
        self.climb(rule, best.1)
    }

    /// Climbs until no two letters are better the other way round.
    fn climb(&mut self, rule: &impl Rule, mut cells: Cells) -> Cells {
        let mut score = self.score(rule, &cells);
        loop {
            let before = score;
            for a in 0..25 {
                for b in a + 1..25 {
                    let mut next = cells;
                    next.swap(a, b);
                    let found = self.score(rule, &next);
                    if found > score {
                        (cells, score) = (next, found);
                    }
                }
            }
            if score <= before || !self.tally.count(300) {
                return cells;
            }
        }
    }

    /// Whether a square's text is beyond doubt: prose, far beyond what chance gives, with the crib in it.
    fn convincing(&mut self, rule: &impl Rule, cells: &Cells) -> bool {
        if self.mean(rule, cells) < PROSE || !rule.has_crib(&self.plain) {
            return false;
        }
        Evidence::of(self.language, &self.plain, key_bits()).surplus >= SURPLUS
    }

    /// Why the search ended, as a sentence.
    pub(super) fn why(&self, rule: &impl Rule, sure: bool) -> String {
        if sure {
            format!(
                "The text reads like {}, far beyond what wrong squares reach by chance.",
                self.language.name
            )
        } else if self.tally.stopped() {
            "Stopped before a square gave sense. This is the best so far.".to_owned()
        } else {
            unsure(rule.letters(), key_bits(), "no square gave sense.")
        }
    }
}

/// log2 of the number of squares; 25 rotations of each are the same in Playfair.
fn key_bits() -> f64 {
    factorial_bits(25) - 25f64.log2()
}

/// The weights of all quadgrams. Each index is made anew, so that none waits for the one before.
#[inline]
pub(super) fn weigh(table: &[u8], plain: &[u8]) -> u32 {
    let at = |window: &[u8]| {
        let (front, back) = (
            usize::from(window[0]) * 26 + usize::from(window[1]),
            usize::from(window[2]) * 26 + usize::from(window[3]),
        );
        u32::from(table[front * 676 + back])
    };
    plain.windows(4).map(at).sum()
}
