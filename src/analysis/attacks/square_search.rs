//! The search over squares that Playfair and bifid share: annealing in waves, and the judgement of what comes up.

use super::super::attack::{Evidence, Problem, Random, reading_score};
use super::agreement::Agreement;
use super::orders::{accepts, unit};
use super::pair_score::PairScore;
use super::pair_table;
use super::squares::{self, Cells, Indexed};
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

    /// The mean log-probability that real text is given, beside that of prose: what the cipher itself puts into a text, like
    /// the X between double letters, makes it less likely.
    fn allowance(&self) -> f64 {
        0.0
    }

    /// Whether the letter at this place is a null that the cipher has put in.
    fn is_null(&self, _plain: &[u8], _place: usize) -> bool {
        false
    }

    /// The most letters of a crib that agree with the plaintext in one place; 0 without a crib.
    fn agreement(&self, plain: &[u8]) -> usize;

    /// Whether the plaintext has the crib; true without one.
    fn has_crib(&self, plain: &[u8]) -> bool;
}

/// Mean log-probability in nats above which a text is prose: the best wrong squares end most of a nat lower.
pub(super) const PROSE: f64 = -2.75;
/// A climb is worth its time from here on.
const NEAR: f64 = -3.1;
/// How often a square that gives sense is frozen, at least and at most: a short text leaves more letters of it open.
const FREEZINGS: (usize, usize) = (3, 12);
/// Letters of all freezings together, which set their number.
const FROZEN_LETTERS: usize = 960;
/// By how much each freezing begins hotter than the one before, as a part of the first.
const HOTTER: f32 = 0.1;
/// Letters read on one walk, and how many walks there are at most: each begins where the one before read best.
const WALKED_LETTERS: usize = 240_000;
const WALKS: usize = 3;
/// Probabilities by the model are too sure of themselves, as for the substitution.
const TEMPER: f64 = 2.5;
/// The share of likely squares nearby that have to read nineteen of twenty letters alike.
const CERTAIN: f64 = 0.97;
/// Nats beyond chance that convince, as for the other attacks.
const SURPLUS: f64 = 12.0;

/// The temperature for each letter of the text, in nats: energies grow with the text, the square's entropy does not.
/// Around one temperature squares turn from melted to frozen, and right ones come up; it differs a little from text to
/// text, so it is passed in waves.
const FOUR: (f32, f32) = (0.037, 0.032);
const PAIRED: (f32, f32) = (0.031, 0.023);
/// The same for a text of at most so many letters: of 32 texts of 80 letters 18 fell so in as many squares as 12 before.
const SHORT: (usize, (f32, f32)) = (100, (0.033, 0.027));
/// Where the freezing begins, by quadgrams and by pentagrams.
const FREEZES: (f32, f32) = (FOUR.1, 0.030);
/// What the rest of a text is trusted to make good, in temperatures.
const SLACK: f32 = 4.0;
/// Squares in one wave by pairs, and after how many its best is looked at anew.
const WAVE: usize = 1_000_000;
const LOOK: usize = 4_096;
/// Squares in one spell of searching, which is one wave.
pub(super) const SPELL: usize = 400_000;
/// Squares in the freezing of one that gives sense.
const FREEZING: usize = 60_000;
/// What one agreeing letter of a crib is worth, in nats.
const CRIB_LETTER: f32 = 4.0;

/// A search under way.
pub(super) struct SquareSearch<'a, 'w> {
    language: &'a Language,
    /// The ciphertext as it was pasted.
    text: &'a str,
    /// What finished squares are judged by, and what [`spell`](Self::spell) goes by: pentagrams are sharper, quadgrams faster.
    gram: &'a Gram,
    plain: Vec<u8>,
    dice: Random,
    pub(super) tally: Tally<'w>,
    cells: Cells,
    best: (f32, Cells),
    /// For each letter of the best square's text, how sure it is; empty before a square gave sense.
    pub(super) certainty: Vec<f32>,
    /// What speaks against the best square, where it gives sense and is not sure.
    pub(super) doubt: Option<Doubt>,
}

/// Why a square that gives sense is not sure.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Doubt {
    /// The watcher ended the search before all squares nearby were compared.
    Stopped,
    /// Squares one exchange away read nearly as well; so many of 100 letters they leave alone.
    Nearby(f64),
    /// Squares several exchanges away read nearly as well.
    Further,
    /// As a whole the text is unlike the language.
    Unlike,
    /// It does not show the crib.
    NoCrib,
}

impl<'a, 'w> SquareSearch<'a, 'w> {
    /// Begins at a random square.
    pub(super) fn new(problem: &Problem<'a>, gram: &'a Gram, letters: usize, tally: Tally<'w>) -> Self {
        let mut dice = Random::new(problem.seed);
        let cells = squares::shuffled(&mut dice);
        Self {
            language: problem.language,
            text: problem.text,
            gram,
            plain: vec![0; letters],
            dice,
            tally,
            cells,
            best: (f32::NEG_INFINITY, cells),
            certainty: Vec::new(),
            doubt: None,
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
        (self.doubt, self.certainty) = (None, Vec::new());
    }

    /// The square at which the search stands.
    pub(super) fn cells(&self) -> Cells {
        self.cells
    }

    /// Searches for so many squares by quadgrams and the crib, and says whether the best is sure. `keyed` makes the key and
    /// the text to tell.
    pub(super) fn spell(
        &mut self,
        rule: &impl Rule,
        squares: usize,
        keyed: &dyn Fn(&Cells) -> (Key, String),
    ) -> bool {
        self.tally.begin();
        let letter = rule.letters() as f32 / self.gram.unit() as f32;
        let (hot, cold) = FOUR;
        let mut cells = self.cells;
        let mut score = self.score(rule, &cells);
        for step in 0..squares {
            let temperature = letter * (hot + (cold - hot) * step as f32 / squares as f32);
            let mut next = cells;
            squares::disturb(&mut next, &mut self.dice);
            let found = self.score(rule, &next);
            if accepts(found - score, temperature, &mut self.dice) {
                (cells, score) = (next, found);
                if score > self.best.0 && self.improves(rule, cells) {
                    match self.judge(rule, keyed) {
                        Verdict::Senseless => {}
                        Verdict::Sure => {
                            self.cells = self.best.1;
                            return true;
                        }
                        Verdict::Unsure => (score, cells) = self.best,
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

    /// Anneals Playfair's pairs once from a random square, and says whether the best square is sure.
    ///
    /// George Lasry, Solving a 40-Letter Playfair Challenge with CrypTool 2 (HistoCrypt 2019), has many starts at a
    /// temperature that does not fall. It is passed in waves here, for it differs from text to text.
    pub(super) fn wave(
        &mut self,
        rule: &impl Rule,
        pairs: &mut PairScore,
        keyed: &dyn Fn(&Cells) -> (Key, String),
    ) -> bool {
        self.tally.begin();
        let letter = rule.letters() as f32 / pair_table::UNIT;
        let (hot, cold) = if rule.letters() <= SHORT.0 {
            SHORT.1
        } else {
            PAIRED
        };
        let mut square = Indexed::new(squares::shuffled(&mut self.dice));
        pairs.stand_on(&square);
        let mut top = (pairs.sum(), square.cells);
        let mut looked = top.0;
        for step in 0..WAVE {
            let temperature = letter * (hot + (cold - hot) * step as f32 / WAVE as f32);
            let mut next = square;
            next.disturb(&mut self.dice);
            let limit = unit(&mut self.dice).max(1e-7).ln() * temperature;
            if let Some(sum) = pairs.look(&next, limit, SLACK * temperature) {
                pairs.step_over();
                square = next;
                if sum > top.0 {
                    top = (sum, square.cells);
                }
            }
            if step % LOOK == LOOK - 1 && top.0 > looked {
                looked = top.0;
                if self.improves(rule, top.1) {
                    match self.judge(rule, keyed) {
                        Verdict::Senseless => {}
                        Verdict::Sure => return true,
                        Verdict::Unsure => return false,
                    }
                }
            }
            if step % 64 == 63 && !self.tally.count(64) {
                break;
            }
        }
        false
    }

    /// Tries the squares that words of the language set up, and says whether the best is sure.
    pub(super) fn words(&mut self, rule: &impl Rule, keyed: &dyn Fn(&Cells) -> (Key, String)) -> bool {
        self.tally.begin();
        let mut top = (f32::NEG_INFINITY, self.cells);
        for word in self.language.words().iter() {
            let cells = squares::set_up(word);
            let score = self.score(rule, &cells);
            if score > top.0 {
                top = (score, cells);
            }
            if !self.tally.count(1) {
                break;
            }
        }
        self.improves(rule, top.1) && self.judge(rule, keyed) == Verdict::Sure
    }

    /// Makes a square the best if it is better, after a climb where that is worth its time.
    fn improves(&mut self, rule: &impl Rule, mut cells: Cells) -> bool {
        if self.mean(rule, &cells) > NEAR {
            cells = self.climb(rule, cells);
            if self.mean(rule, &cells) > PROSE {
                cells = self.freeze(rule, cells, 1.0);
            }
        }
        let score = self.score(rule, &cells);
        let better = score > self.best.0;
        if better {
            self.best = (score, cells);
        }
        better
    }

    /// Tells of the best square, and says what it is worth.
    fn judge(&mut self, rule: &impl Rule, keyed: &dyn Fn(&Cells) -> (Key, String)) -> Verdict {
        self.tell(rule, keyed);
        let best = self.best.1;
        if !self.makes_sense(rule, &best) {
            // What was said of the best square before is not said of this one.
            (self.doubt, self.certainty) = (None, Vec::new());
            return Verdict::Senseless;
        }
        self.doubt = self.settle(rule);
        self.tell(rule, keyed);
        match self.doubt {
            None => Verdict::Sure,
            Some(_) => Verdict::Unsure,
        }
    }

    fn tell(&mut self, rule: &impl Rule, keyed: &dyn Fn(&Cells) -> (Key, String)) {
        let best = self.best.1;
        let mean = self.mean(rule, &best);
        self.tally.tell(mean, || keyed(&best));
    }

    /// The text's weight, and what the crib adds.
    #[inline]
    fn score(&mut self, rule: &impl Rule, cells: &Cells) -> f32 {
        rule.plain(cells, &mut self.plain);
        let crib = CRIB_LETTER / self.gram.unit() as f32 * rule.agreement(&self.plain) as f32;
        let weight = match self.gram.order() {
            5 => weigh_five(self.gram.table(), &self.plain),
            _ => weigh(self.gram.table(), &self.plain),
        };
        weight as f32 + crib
    }

    /// The mean log-probability of a letter under a square, in nats.
    pub(super) fn mean(&mut self, rule: &impl Rule, cells: &Cells) -> f64 {
        rule.plain(cells, &mut self.plain);
        self.language.quadgrams().score(&self.plain)
    }

    /// Cools a square that gives sense, until its last rare letters are in their places too, from so many times the
    /// temperature at which that begins.
    fn freeze(&mut self, rule: &impl Rule, mut cells: Cells, hotter: f32) -> Cells {
        let letter = rule.letters() as f32 / self.gram.unit() as f32;
        let cold = if self.gram.order() == 5 {
            FREEZES.1
        } else {
            FREEZES.0
        };
        let mut score = self.score(rule, &cells);
        let mut best = (score, cells);
        for step in 0..FREEZING {
            let temperature = letter * cold * hotter * (1.001 - step as f32 / FREEZING as f32);
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

    /// Whether a square's text is prose, by and large, far beyond what chance gives, with the crib in it.
    fn makes_sense(&mut self, rule: &impl Rule, cells: &Cells) -> bool {
        if self.mean(rule, cells) < PROSE || !rule.has_crib(&self.plain) {
            return false;
        }
        Evidence::of(self.language, &self.plain, key_bits()).surplus >= SURPLUS
    }

    /// Brings the last letters of the best square, which gives sense, into their places, and says what speaks against it, if
    /// anything: the weight of the squares one exchange away, or a walk through those further off, both judged by words too.
    fn settle(&mut self, rule: &impl Rule) -> Option<Doubt> {
        for turn in 0..(FROZEN_LETTERS / rule.letters()).clamp(FREEZINGS.0, FREEZINGS.1) {
            let (score, cells) = self.best;
            // Hotter each time: where several letters have to move at once, a cool beginning doesn't get there.
            let frozen = self.freeze(rule, cells, 1.0 + HOTTER * turn as f32);
            let found = self.score(rule, &frozen);
            if found > score {
                self.best = (found, frozen);
            }
            if self.tally.stopped() {
                return Some(Doubt::Stopped);
            }
        }
        let mut cells = self.climb_by_reading(rule, self.best.1);
        let mut stays = 0.0;
        for _ in 0..WALKS {
            let walk = self.walk(rule, cells);
            stays = walk.stays;
            match walk.better {
                Some(better) => cells = self.climb_by_reading(rule, better),
                None => break,
            }
        }
        self.best = (self.score(rule, &cells), cells);
        let reading = self.reading(rule, &cells);
        let mut nearby = Agreement::new(self.plain.clone());
        for next in exchanged(cells) {
            let weight = ((self.reading(rule, &next) - reading) / TEMPER).exp();
            nearby.add(&self.plain, weight);
        }
        self.certainty = nearby.certainty();
        let own = nearby.own();
        let evidence = Evidence::of(self.language, own, key_bits());
        let read = reading_score(self.language, &self.as_read(rule, own));
        let evidence = evidence.with_score(read.max(evidence.score), key_bits());
        if nearby.share() < CERTAIN {
            let mean = self.certainty.iter().sum::<f32>() / self.certainty.len().max(1) as f32;
            Some(Doubt::Nearby(f64::from(mean) * 100.0))
        } else if self.tally.stopped() {
            Some(Doubt::Stopped)
        } else if stays < CERTAIN {
            Some(Doubt::Further)
        } else if evidence.surplus < SURPLUS || evidence.score < evidence.real - rule.allowance() {
            Some(Doubt::Unlike)
        } else if !rule.has_crib(own) {
            Some(Doubt::NoCrib)
        } else {
            None
        }
    }

    /// A plaintext as people read it: without nulls, and with the letters with accents, which have kept their places.
    fn as_read(&self, rule: &impl Rule, plain: &[u8]) -> Vec<u8> {
        let mut letters = plain.iter().enumerate();
        let mut text = String::with_capacity(self.text.len());
        for c in self.text.chars() {
            match c.is_ascii_alphabetic() {
                true => text.extend(
                    letters
                        .next()
                        .filter(|&(place, _)| !rule.is_null(plain, place))
                        .map(|(_, &letter)| char::from(b'A' + letter)),
                ),
                false => text.push(c),
            }
        }
        self.language.folded(&text)
    }

    /// Climbs until no two letters read better the other way round.
    fn climb_by_reading(&mut self, rule: &impl Rule, mut cells: Cells) -> Cells {
        let mut reading = self.reading(rule, &cells);
        'better: loop {
            for next in exchanged(cells) {
                let found = self.reading(rule, &next);
                if found > reading + 1e-9 {
                    (cells, reading) = (next, found);
                    continue 'better;
                }
            }
            return cells;
        }
    }

    /// Walks from a square as far as texts stay likely: meets what several exchanges at once would make of it.
    fn walk(&mut self, rule: &impl Rule, from: Cells) -> Walk {
        let (mut cells, mut reading) = (from, self.reading(rule, &from));
        let start = Agreement::new(self.plain.clone());
        let mut best = (reading, from);
        let (mut is_alike, mut alike) = (true, 0);
        let steps = (WALKED_LETTERS / rule.letters()).max(1);
        for step in 0..steps {
            let mut next = cells;
            squares::disturb(&mut next, &mut self.dice);
            let found = self.reading(rule, &next);
            if accepts((found - reading) as f32, TEMPER as f32, &mut self.dice) {
                (cells, reading) = (next, found);
                is_alike = start.is_alike(&self.plain);
                if reading > best.0 + 1e-9 {
                    best = (reading, cells);
                }
            }
            alike += usize::from(is_alike);
            if step % 64 == 63 && !self.tally.count(64) {
                break;
            }
        }
        Walk {
            stays: alike as f64 / steps as f64,
            better: (best.1 != from).then_some(best.1),
        }
    }

    /// The log-probability of the whole text under a square, by pentagrams and words.
    fn reading(&mut self, rule: &impl Rule, cells: &Cells) -> f64 {
        rule.plain(cells, &mut self.plain);
        reading_score(self.language, &self.plain) * self.plain.len() as f64
    }

    /// Why the search ended, as a sentence.
    pub(super) fn why(&self, rule: &impl Rule, sure: bool) -> String {
        let language = self.language.name;
        match self.doubt {
            _ if sure => format!(
                "The text reads like {language}, far beyond what wrong squares reach by chance, and no square nearby reads \
                 as well."
            ),
            Some(Doubt::Stopped) => {
                "A square gives sense, but the search was stopped before all squares nearby were \
                                     compared with it."
                    .to_owned()
            }
            Some(Doubt::Nearby(percent)) => format!(
                "A square gives sense, but others nearby read nearly as well: about {percent:.0} of 100 letters can be \
                 relied on."
            ),
            Some(Doubt::Further) => {
                "A square gives sense, but others read nearly as well, in which several letters have \
                                     changed places."
                    .to_owned()
            }
            Some(Doubt::Unlike) => format!(
                "A square gives sense and none nearby reads as well, but the text as a whole is unlike {language}: letters \
                 that are no A to Z leave gaps, or it is in another language."
            ),
            Some(Doubt::NoCrib) => "A square gives sense, but its text does not show the crib.".to_owned(),
            None if self.tally.stopped() => {
                "Stopped before a square gave sense. This is the best so far.".to_owned()
            }
            None => unsure(rule.letters(), key_bits(), "no square gave sense."),
        }
    }
}

/// Where a walk led.
struct Walk {
    /// The share of its time in texts like the one that it began at.
    stays: f64,
    /// A square that reads better than that one.
    better: Option<Cells>,
}

/// What the best square so far is worth.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Senseless,
    /// It gives sense, but others nearby do too.
    Unsure,
    Sure,
}

/// log2 of the number of squares; 25 rotations of each are the same in Playfair.
fn key_bits() -> f64 {
    factorial_bits(25) - 25f64.log2()
}

/// All squares with two letters exchanged.
fn exchanged(cells: Cells) -> impl Iterator<Item = Cells> {
    (0..25).flat_map(move |a| {
        (a + 1..25).map(move |b| {
            let mut next = cells;
            next.swap(a, b);
            next
        })
    })
}

/// The weights of all pentagrams.
#[inline]
fn weigh_five(table: &[u8], plain: &[u8]) -> u32 {
    let at = |window: &[u8; 5]| {
        let [a, b, c, d, e] = window.map(u32::from);
        u32::from(table[(((a * 26 + b) * 26 + c) * 676 + d * 26 + e) as usize])
    };
    plain.array_windows().map(at).sum()
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
