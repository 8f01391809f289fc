//! The search for the columns: widths as lanes, independent starts in each, and the judgement of what they agree on.

use crate::analysis::attack::{Candidate, Evidence, Finding, Problem, Random, Watch};
use crate::analysis::attacks::adjacency::{Adjacency, Shape};
use crate::analysis::attacks::bigrams::Bigrams;
use crate::analysis::attacks::characters::{Answer, Moved};
use crate::analysis::attacks::ends::{ends, typed};
use crate::analysis::attacks::movers::{Movers, contains};
use crate::analysis::attacks::orders::as_keyword;
use crate::analysis::attacks::reading::Reading;
use crate::analysis::attacks::sure::{factorial_bits, unicity, unsure};
use crate::analysis::attacks::tally::Tally;
use crate::analysis::attacks::twins::{is_doubtful, twins};
use crate::analysis::language::{Gram, Language, SPACE};
use crate::ciphers::Key;

/// How often each divisor of a width is tried before the width is believed.
const DIVISOR_STARTS: usize = 6;

/// One search, over what has moved: letters by the model of letters, all characters by that of typed ones.
pub(super) struct Search<'a, 'w> {
    movers: &'a Movers,
    crib: &'a [u8],
    moved: Moved,
    /// What is known of the key beside the order.
    rest: Key,
    language: &'static Language,
    gram: &'static Gram,
    dice: Random,
    tally: Tally<'w>,
}

/// What is known of one width.
struct Lane {
    adjacency: Adjacency,
    shape: Shape,
    /// The order of the last start and its score.
    last: (f64, Vec<u8>),
    /// The best order so far and its score.
    best: (f64, Vec<u8>),
    /// From how many independent starts the best order was reached.
    hits: u32,
}

/// All widths after the search, and which of them is sure.
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    sure: Option<usize>,
}

/// Mean log-probabilities in nats. Prose lies around −2.2, technical prose may lie at −2.5; a wrong order, even the best
/// of a wrong width, below −3. By typed characters prose lies around −1.7 and the best of wrong widths below −4.
const PROMISING: f64 = -2.95;
const PROSE: [f64; 3] = [-2.45, -2.6, -2.75];

impl<'a, 'w> Search<'a, 'w> {
    /// A search for what has moved of the problem's text.
    pub fn new(
        problem: &Problem<'_>,
        movers: &'a Movers,
        crib: &'a [u8],
        moved: Moved,
        watch: &'w mut dyn Watch,
    ) -> Self {
        let mut rest = Key::new();
        if let Some(fill) = problem.known.value("fill") {
            rest.set("fill", fill);
        }
        if moved == Moved::All {
            rest.set("characters", "all");
        }
        Self {
            movers,
            crib,
            moved,
            rest,
            language: problem.language,
            gram: match moved {
                Moved::Letters => problem.language.quadgrams(),
                Moved::All => problem.language.typed_quadgrams(),
            },
            dice: Random::new(problem.seed),
            tally: Tally::over(movers.codes().len(), watch),
        }
    }

    /// Goes through the widths, so often at most, until one of them is sure.
    pub fn lanes(&mut self, widths: &[usize], rounds: usize) -> Lanes {
        let letters = self.movers.codes().len();
        let pairs = match self.moved {
            Moved::Letters => Bigrams::of_letters(self.language),
            Moved::All => Bigrams::of_typed(self.language),
        };
        let mut lanes: Vec<Lane> = Vec::with_capacity(widths.len());
        for round in 0..rounds {
            for (index, &width) in widths.iter().enumerate() {
                if round == 0 {
                    let shape = Shape::of(letters, width);
                    lanes.push(Lane {
                        adjacency: Adjacency::new(self.movers.codes(), shape, &pairs),
                        shape,
                        last: (f64::NEG_INFINITY, Vec::new()),
                        best: (f64::NEG_INFINITY, (0..width as u8).collect()),
                        hits: 0,
                    });
                }
                let lane = &mut lanes[index];
                let order = self.start(lane, round.min(3) + 1);
                let reading = Reading::new(self.movers.codes(), lane.shape, self.gram, &order);
                lane.last = (reading.mean(), order);
                if self.settle(lane, round) {
                    let sure = Some(self.simplest(&mut lanes, index));
                    return Lanes { lanes, sure };
                }
                if self.tally.stopped() {
                    return Lanes { lanes, sure: None };
                }
            }
            // The widths that look best get the slower look at the whole text.
            let mut ranking: Vec<usize> = (0..lanes.len()).collect();
            ranking.sort_by(|&a, &b| {
                let rank = |lane: &Lane| lane.last.0.max(lane.best.0);
                rank(&lanes[b]).total_cmp(&rank(&lanes[a]))
            });
            for &index in ranking.iter().take(5) {
                let lane = &mut lanes[index];
                let mut reading = Reading::new(self.movers.codes(), lane.shape, self.gram, &lane.last.1);
                let steps = steps(lane.shape.width, letters) * (round.min(3) + 1) / 2;
                reading.anneal(steps, &mut self.dice, &mut self.tally);
                lane.last = (reading.mean(), reading.order().to_vec());
                if self.settle(lane, round) {
                    let sure = Some(self.simplest(&mut lanes, index));
                    return Lanes { lanes, sure };
                }
                if self.tally.stopped() {
                    return Lanes { lanes, sure: None };
                }
            }
        }
        Lanes { lanes, sure: None }
    }

    /// The lane that is sure, or one of half (a third …) its width that does better: a grid of twice the right width can
    /// hold every second row of it.
    fn simplest(&mut self, lanes: &mut [Lane], sure: usize) -> usize {
        let (width, mut best) = (lanes[sure].shape.width, sure);
        for index in 0..sure {
            if !width.is_multiple_of(lanes[index].shape.width) {
                continue;
            }
            for _ in 0..DIVISOR_STARTS {
                let lane = &mut lanes[index];
                let order = self.start(lane, 1);
                let mut reading = Reading::new(self.movers.codes(), lane.shape, self.gram, &order);
                reading.climb(&mut self.tally);
                if reading.mean() > lane.best.0 {
                    lane.best = (reading.mean(), reading.order().to_vec());
                }
            }
            if lanes[index].best.0 > lanes[best].best.0 {
                best = index;
                self.tell(&lanes[best]);
            }
        }
        best
    }

    /// One more independent start of a lane: columns matched by pairs.
    fn start(&mut self, lane: &Lane, patience: usize) -> Vec<u8> {
        self.tally.begin();
        let steps = steps(lane.shape.width, self.movers.codes().len()) * patience;
        lane.adjacency.anneal(steps, &mut self.dice, &mut self.tally)
    }

    /// Takes notice of a lane's last order. If it is promising, starts again and again, until independent starts agree
    /// or it turns out to be nothing.
    fn settle(&mut self, lane: &mut Lane, round: usize) -> bool {
        if lane.last.0 > lane.best.0 {
            lane.best = lane.last.clone();
            lane.hits = 0;
            self.tell(lane);
        }
        if lane.last.0 < PROMISING {
            return false;
        }
        let (letters, width) = (self.movers.codes().len(), lane.shape.width);
        // Few rows in many columns can be made to look like anything.
        let unicity = unicity(factorial_bits(width));
        let prose = match letters / unicity.max(1) {
            0..2 => 0.0,
            2..5 => PROSE[0],
            _ => PROSE[round.min(PROSE.len() - 1)],
        };
        // Wider grids have more half-right orders that a start can end in.
        let wanted = match width {
            ..18 => 2,
            18..25 => 3,
            _ => 5,
        };
        let mut order = lane.last.1.clone();
        for start in 0..16 {
            let mut reading = Reading::new(self.movers.codes(), lane.shape, self.gram, &order);
            if start > 0 {
                let steps = steps(width, letters) * (round.min(3) + 1) / 2;
                reading.anneal(steps, &mut self.dice, &mut self.tally);
            }
            reading.climb(&mut self.tally);
            if self.tally.stopped() {
                return false;
            }
            if reading.mean() > lane.best.0 + 1e-6 {
                lane.best = (reading.mean(), reading.order().to_vec());
                lane.hits = 1;
                self.tell(lane);
            } else if reading.order() == lane.best.1 {
                lane.hits += 1;
            }
            if lane.hits >= wanted && lane.best.0 > prose && self.shows_crib(&lane.best.1, lane.shape) {
                return true;
            }
            if start >= 3 && lane.best.0 < prose {
                return false;
            }
            order = self.start(lane, round.min(3) + 1);
        }
        false
    }

    fn tell(&mut self, lane: &Lane) {
        let (score, order) = (lane.best.0, &lane.best.1);
        let (movers, rest) = (self.movers, &self.rest);
        self.tally.tell(score, || {
            (key_of(rest, order), text_of(movers, lane.shape, order))
        });
    }

    fn codes_of(&self, order: &[u8], shape: Shape) -> Vec<u8> {
        unread(self.movers.codes(), shape, order)
    }

    /// The letters alone of the text under an order.
    fn letters_of(&self, order: &[u8], shape: Shape) -> Vec<u8> {
        let mut letters = self.codes_of(order, shape);
        letters.retain(|&code| code < SPACE);
        letters
    }

    /// The mean log-probability of a letter in nats under an order: alike for every attack, whatever has moved.
    fn score(&self, order: &[u8], shape: Shape) -> f64 {
        self.language.quadgrams().score(&self.letters_of(order, shape))
    }

    fn shows_crib(&self, order: &[u8], shape: Shape) -> bool {
        contains(&self.letters_of(order, shape), self.crib)
    }

    /// The finding under a key that was given.
    pub fn given(&self, order: &[u8]) -> Finding {
        let shape = Shape::of(self.movers.codes().len(), order.len());
        let mut finding = self.describe(shape, order);
        finding.confident = finding.score > PROSE[1] && self.shows_crib(order, shape);
        finding.why = "The key was given; nothing was searched for.".to_owned();
        finding
    }

    fn describe(&self, shape: Shape, order: &[u8]) -> Finding {
        Finding {
            key: key_of(&self.rest, order),
            text: text_of(self.movers, shape, order),
            score: self.score(order, shape),
            confident: false,
            why: String::new(),
            tried: self.tally.tried(),
            certainty: Vec::new(),
            others: Vec::new(),
        }
    }

    /// What the widths have come to. Where the columns are found but for a twin, it is settled.
    pub fn finding(&self, Lanes { lanes, sure }: Lanes) -> Answer {
        let crib_first = |lane: &Lane| self.shows_crib(&lane.best.1, lane.shape);
        let rank = |a: &usize, b: &usize| {
            let key = |index: usize| (crib_first(&lanes[index]), lanes[index].best.0);
            let (a, b) = (key(*a), key(*b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        };
        let best = sure.or_else(|| (0..lanes.len()).max_by(rank)).unwrap_or(0);
        let lane = &lanes[best];
        let twins = twins(&lane.best.1, 1, |order, moved| match self.moved {
            Moved::Letters => ends(self.language, &self.codes_of(order, lane.shape), moved),
            Moved::All => typed(self.language, &unread(self.movers.chars(), lane.shape, order)),
        });
        let order = twins.first().map_or(&lane.best.1, |twin| &twin.order);
        let mut finding = self.describe(lane.shape, order);
        let doubtful = is_doubtful(&twins);
        let width = lane.shape.width;
        // All widths were tried, and each of them has its own keys.
        let key_bits = factorial_bits(width) + (lanes.len() as f64).log2();
        let text = self.letters_of(order, lane.shape);
        let letters = text.len();
        let is_beyond_chance = Evidence::of_moved(self.language, &text, key_bits).is_beyond_chance();
        finding.confident = sure.is_some() && !doubtful && is_beyond_chance;
        finding.others = twins
            .iter()
            .skip(1)
            .map(|twin| self.candidate(lane.shape, &twin.order, twin.note()))
            .collect();
        let mut next: Vec<usize> = (0..lanes.len())
            .filter(|&index| index != best && lanes[index].best.0 > f64::NEG_INFINITY)
            .collect();
        next.sort_by(|a, b| rank(b, a));
        finding.others.extend(next.iter().take(2).map(|&index| {
            let lane = &lanes[index];
            let note = format!("the best with {} columns", lane.shape.width);
            self.candidate(lane.shape, &lane.best.1, note)
        }));
        finding.why = match (sure, doubtful) {
            (Some(_), _) if !is_beyond_chance => format!(
                "Independent starts agree on one order of {width} columns, but {letters} letters are too few for so many \
                 keys: chance gives texts that read as well."
            ),
            (Some(_), false) => format!(
                "Independent starts agree on one order of {width} columns, and the text reads like {}.",
                self.language.name
            ),
            (Some(_), true) => format!(
                "The {width} columns are found, but a twin key, which moves the whole text by a letter, is almost as \
                 likely: compare the first and last words."
            ),
            (None, _) if self.tally.stopped() => {
                "Stopped before independent starts agreed. This is the best so far.".to_owned()
            }
            (None, _) => unsure(
                letters,
                factorial_bits(width),
                "no order was found again from another start.",
            ),
        };
        Answer {
            finding,
            is_settled: sure.is_some() && is_beyond_chance,
        }
    }

    fn candidate(&self, shape: Shape, order: &[u8], note: String) -> Candidate {
        Candidate {
            key: key_of(&self.rest, order),
            text: text_of(self.movers, shape, order),
            score: self.score(order, shape),
            note,
        }
    }
}

/// How many steps a start takes: wide grids need many, short columns more.
fn steps(width: usize, letters: usize) -> usize {
    let wide = (width as f64 / 20.0).powi(3) * 12_000.0;
    let short = (600.0 / letters as f64).clamp(0.6, 1.6);
    2000 + ((wide * short) as usize).min(60_000)
}

fn key_of(rest: &Key, order: &[u8]) -> Key {
    rest.clone().with("keyword", &as_keyword(order))
}

fn text_of(movers: &Movers, shape: Shape, order: &[u8]) -> String {
    movers.text(unread(movers.chars(), shape, order))
}

fn unread<T: Copy>(written: &[T], shape: Shape, order: &[u8]) -> Vec<T> {
    let mut text = written.to_vec();
    shape.unread(written, order, &mut text);
    text
}
