//! The attack on columnar transposition: the number of columns and their order, from the text alone.

use super::super::attack::{
    AttackError, AttackSpec, Candidate, Evidence, Finding, Help, Problem, Random, Watch,
};
use super::adjacency::{Adjacency, Shape};
use super::bigrams::Bigrams;
use super::movers::{Movers, OTHERS_STAY, contains, has_others};
use super::orders::as_keyword;
use super::reading::Reading;
use super::sure::{factorial_bits, unicity, unsure};
use super::tally::Tally;
use super::twins::{is_doubtful, twins};
use crate::analysis::language::{Gram, Language};
use crate::ciphers::columnar::Columns;
use crate::ciphers::{self, Key};

/// The description of the attack on columnar transposition.
pub static COLUMNAR: AttackSpec = AttackSpec {
    cipher: "columnar",
    method: "adjacency annealing over segment moves, then quadgrams",
    summary: "Finds the number of columns (2 to 30) and their order. For each number, columns are matched by pairs of \
              letters, whatever their alignment in an incomplete last row; then quadgrams of the whole text decide. It \
              ends when independent starts agree on one key. Twins, where the whole text is moved by a letter, are told \
              apart by the words at both ends, and shown. A known number of columns is given as columns=25, or as a \
              keyword of as many question marks. Where spaces and punctuation moved too (characters=all) it does not apply.",
    help: Help::CRIB,
    known: &["keyword", "columns", "fill"],
    search: run,
};

/// The widths that are tried when nothing is known.
const WIDEST: usize = 30;
/// The widest grid that can be asked for; bits of one word mark its columns.
const WIDEST_KNOWN: usize = 60;
/// Fewer letters say nothing.
const FEWEST: usize = 20;
/// How often all widths are gone through before the search gives up.
const ROUNDS: usize = 8;
/// How often each divisor of a width is tried before the width is believed.
const DIVISOR_STARTS: usize = 6;

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let movers = Movers::of(problem.text);
    let letters = movers.codes().len();
    let crib = movers.crib(problem.crib)?;
    let known = Known::of(&problem.known, letters)?;
    movers.suffice(FEWEST)?;
    let mut search = Search {
        movers: &movers,
        crib: &crib,
        known: &problem.known,
        language: problem.language,
        gram: problem.language.quadgrams(),
        dice: Random::new(problem.seed),
        tally: Tally::over(letters, watch),
    };
    if let Some(order) = known.order {
        return Ok(search.given(&order));
    }
    let lanes = search.lanes(&known.widths);
    let is_found = lanes.sure.is_some();
    let mut finding = search.finding(lanes);
    if !is_found && has_others(problem.text) {
        finding.why += OTHERS_STAY;
    }
    Ok(finding)
}

/// What is known of the key.
struct Known {
    order: Option<Vec<u8>>,
    widths: Vec<usize>,
}

impl Known {
    fn of(key: &Key, letters: usize) -> Result<Self, AttackError> {
        let wrong = |param: &str, reason: String| AttackError::Known {
            param: param.to_owned(),
            reason,
        };
        let mut width = None;
        if let Some(columns) = key.value("columns") {
            let valid = |&width: &usize| (2..=WIDEST_KNOWN).contains(&width) && width * 2 <= letters;
            let most = WIDEST_KNOWN.min(letters / 2);
            let number = columns.trim().parse().ok().filter(valid);
            width =
                Some(number.ok_or_else(|| wrong("columns", format!("has to be a number from 2 to {most}")))?);
        }
        let mut order = None;
        if let Some(keyword) = key.value("keyword").map(str::trim) {
            let places = keyword.chars().filter(|c| !c.is_whitespace());
            if !keyword.is_empty() && places.clone().all(|c| c == '?') {
                width = Some(places.count());
            } else {
                order = Some(order_of("columnar", "keyword", keyword)?);
            }
        }
        let complete_only = key
            .value("fill")
            .is_some_and(|fill| fill.trim().eq_ignore_ascii_case("x"));
        let widths: Vec<usize> = match width {
            Some(width) => vec![width],
            None => (2..=WIDEST.min(letters / 2).max(2)).collect(),
        };
        let widths: Vec<usize> = widths
            .into_iter()
            .filter(|&width| !complete_only || letters.is_multiple_of(width))
            .collect();
        if widths.is_empty() || widths[0] > WIDEST_KNOWN || widths[0] * 2 > letters.max(FEWEST) {
            let reason = format!("no grid of this kind holds {letters} letters in at least two rows");
            return Err(wrong(if complete_only { "fill" } else { "keyword" }, reason));
        }
        Ok(Self { order, widths })
    }
}

/// The order that a keyword gives; fails as the cipher does.
pub(super) fn order_of(cipher: &str, param: &str, keyword: &str) -> Result<Vec<u8>, AttackError> {
    let spec = ciphers::find(cipher).map(|spec| (spec, spec.sample_key().with(param, keyword)));
    let wrong = |reason: String| AttackError::Known {
        param: param.to_owned(),
        reason,
    };
    if let Some(Err(error)) = spec.map(|(spec, key)| spec.build(&key)) {
        return Err(wrong(error.to_string()));
    }
    let numbers: Option<Vec<usize>> = keyword
        .split(|c: char| c.is_whitespace() || c == ',' || c == '-')
        .filter(|number| !number.is_empty())
        .map(|number| number.parse().ok())
        .collect();
    let ranks = match numbers {
        Some(numbers) if numbers.len() > 1 => numbers.into_iter().map(|number| number - 1).collect(),
        _ => {
            let columns = Columns::from_keyword(keyword).ok().flatten();
            let columns = columns.ok_or_else(|| wrong("is not a keyword".to_owned()))?;
            let mut ranks = vec![0; columns.width()];
            for (rank, &column) in columns.order().iter().enumerate() {
                ranks[column] = rank;
            }
            ranks
        }
    };
    if ranks.len() > WIDEST_KNOWN {
        return Err(wrong(format!("has more than {WIDEST_KNOWN} columns")));
    }
    Ok(ranks.into_iter().map(|rank| rank as u8).collect())
}

struct Search<'a, 'w> {
    movers: &'a Movers,
    crib: &'a [u8],
    known: &'a Key,
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
struct Lanes {
    lanes: Vec<Lane>,
    sure: Option<usize>,
}

/// Mean log-probabilities in nats. Prose lies around −2.2, technical prose may lie at −2.5; a wrong order, even the best
/// of a wrong width, below −3.
const PROMISING: f64 = -2.95;
const PROSE: [f64; 3] = [-2.45, -2.6, -2.75];

impl Search<'_, '_> {
    fn lanes(&mut self, widths: &[usize]) -> Lanes {
        let letters = self.movers.codes().len();
        let pairs = Bigrams::of(self.language);
        let mut lanes: Vec<Lane> = Vec::with_capacity(widths.len());
        for round in 0..ROUNDS {
            for (index, &width) in widths.iter().enumerate() {
                if round == 0 {
                    let shape = Shape::of(letters, width);
                    lanes.push(Lane {
                        adjacency: Adjacency::new(self.movers.codes(), shape, &pairs.log_odds),
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
            let text = self.codes_of(&lane.best.1, lane.shape);
            if lane.hits >= wanted && lane.best.0 > prose && contains(&text, self.crib) {
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
        let (movers, known) = (self.movers, self.known);
        self.tally.tell(score, || {
            (key_of(known, order), text_of(movers, lane.shape, order))
        });
    }

    fn codes_of(&self, order: &[u8], shape: Shape) -> Vec<u8> {
        let mut text = vec![0; self.movers.codes().len()];
        shape.unread(self.movers.codes(), order, &mut text);
        text
    }

    /// The finding under a key that was given.
    fn given(&mut self, order: &[u8]) -> Finding {
        let shape = Shape::of(self.movers.codes().len(), order.len());
        let score = self.gram.score(&self.codes_of(order, shape));
        let mut finding = self.describe(shape, order, score);
        finding.confident = score > PROSE[1] && contains(&self.codes_of(order, shape), self.crib);
        finding.why = "The key was given; nothing was searched for.".to_owned();
        finding
    }

    fn describe(&self, shape: Shape, order: &[u8], score: f64) -> Finding {
        Finding {
            key: key_of(self.known, order),
            text: text_of(self.movers, shape, order),
            score,
            confident: false,
            why: String::new(),
            tried: self.tally.tried(),
            certainty: Vec::new(),
            others: Vec::new(),
        }
    }

    fn finding(&self, Lanes { lanes, sure }: Lanes) -> Finding {
        let crib_first = |lane: &Lane| contains(&self.codes_of(&lane.best.1, lane.shape), self.crib);
        let rank = |a: &usize, b: &usize| {
            let key = |index: usize| (crib_first(&lanes[index]), lanes[index].best.0);
            let (a, b) = (key(*a), key(*b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        };
        let best = sure.or_else(|| (0..lanes.len()).max_by(rank)).unwrap_or(0);
        let lane = &lanes[best];
        let twins = twins(self.language, &lane.best.1, 1, |order| {
            self.codes_of(order, lane.shape)
        });
        let order = twins.first().map_or(&lane.best.1, |twin| &twin.order);
        let letters = self.movers.codes().len();
        let mut finding = self.describe(
            lane.shape,
            order,
            self.gram.score(&self.codes_of(order, lane.shape)),
        );
        let doubtful = is_doubtful(&twins);
        let width = lane.shape.width;
        // All widths were tried, and each of them has its own keys.
        let key_bits = factorial_bits(width) + (lanes.len() as f64).log2();
        let text = self.codes_of(order, lane.shape);
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
        finding
    }

    fn candidate(&self, shape: Shape, order: &[u8], note: String) -> Candidate {
        Candidate {
            key: key_of(self.known, order),
            text: text_of(self.movers, shape, order),
            score: self.gram.score(&self.codes_of(order, shape)),
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

fn key_of(known: &Key, order: &[u8]) -> Key {
    let key = Key::new().with("keyword", &as_keyword(order));
    match known.value("fill") {
        Some(fill) => key.with("fill", fill),
        None => key,
    }
}

fn text_of(movers: &Movers, shape: Shape, order: &[u8]) -> String {
    let mut text = vec![' '; movers.chars().len()];
    shape.unread(movers.chars(), order, &mut text);
    text.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::super::attack::{Blind, Progress};
    use super::super::tests::Patience;
    use super::*;

    const PLAIN: &str = "THEFERRYWASLATEAGAINSOWESATONTHEWALLABOVETHEHARBOURANDWATCHEDTHEBOATSCOMEINONEAFTERANOTHERWHILETHE\
                         GULLSQUARRELLEDOVERSCRAPSOFBREADTHATSOMECHILDRENHADLEFTBEHINDONTHESTEPSOFTHEOLDCUSTOMSHOUSE";

    fn encrypted(keyword: &str) -> String {
        let key = Key::new().with("keyword", keyword);
        let cipher = ciphers::find("columnar").unwrap().build(&key).unwrap();
        cipher.encrypt(PLAIN).unwrap()
    }

    fn solve(problem: &Problem<'_>) -> Finding {
        run(problem, &mut Blind).unwrap()
    }

    #[test]
    fn an_incomplete_grid_of_unknown_width_falls_and_its_key_gives_the_text_back() {
        let cipher = encrypted("HARBOURMASTER");
        let finding = solve(&Problem::new(&cipher, Language::english()));
        assert_eq!(finding.text, PLAIN);
        assert!(finding.confident, "{}", finding.why);
        let again = ciphers::find("columnar").unwrap().build(&finding.key).unwrap();
        assert_eq!(again.decrypt(&cipher).unwrap(), PLAIN);
    }

    #[test]
    fn a_doubt_says_that_spaces_are_taken_to_have_stayed_where_there_are_any() {
        let key = Key::new().with("keyword", "ZEBRA").with("characters", "all");
        let cipher = ciphers::find("columnar").unwrap().build(&key).unwrap();
        let moved = cipher
            .encrypt("The ferry was late again, so we sat on the wall above the harbour.")
            .unwrap();
        for (text, is_said) in [(moved, true), (encrypted("GULLS"), false)] {
            let finding = run(&Problem::new(&text, Language::english()), &mut Patience(1)).unwrap();
            assert!(!finding.confident, "{}", finding.text);
            assert_eq!(finding.why.contains("characters=all"), is_said, "{}", finding.why);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_run() {
        let cipher = encrypted("GULLS");
        let problem = Problem::new(&cipher, Language::english());
        assert_eq!(solve(&problem), solve(&problem));
    }

    #[test]
    fn a_known_width_is_the_only_one_tried() {
        let cipher = encrypted("GULLSCRY");
        for (param, value) in [("columns", "8"), ("keyword", "????????")] {
            let mut problem = Problem::new(&cipher, Language::english());
            problem.known = Key::new().with(param, value);
            let finding = solve(&problem);
            assert_eq!(finding.text, PLAIN);
            assert!(finding.others.iter().all(|other| !other.note.contains("columns")));
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_reason() {
        let cipher = encrypted("GULLS");
        let mut problem = Problem::new(&cipher, Language::english());
        problem.crib = Some("ZZZZ");
        let error = run(&problem, &mut Blind).unwrap_err();
        assert!(error.to_string().contains("4 of the letter Z"), "{error}");
        problem.crib = None;
        for (param, value) in [("columns", "1"), ("columns", "many"), ("keyword", "A!B")] {
            problem.known = Key::new().with(param, value);
            let error = run(&problem, &mut Blind).unwrap_err();
            assert!(matches!(error, AttackError::Known { .. }), "{error}");
        }
        let short = Problem::new("TOO SHORT", Language::english());
        assert!(matches!(
            run(&short, &mut Blind),
            Err(AttackError::TooShort { letters: 8, .. })
        ));
    }

    #[test]
    fn noise_is_never_sure_and_says_so() {
        let mut dice = Random::new(8);
        let noise: String = (0..80).map(|_| char::from(b'A' + dice.below(26) as u8)).collect();
        let mut problem = Problem::new(&noise, Language::english());
        problem.known = Key::new().with("columns", "20");
        let finding = solve(&problem);
        assert!(!finding.confident);
        assert!(finding.why.contains("unicity distance"), "{}", finding.why);
    }

    #[test]
    fn whoever_says_stop_gets_the_best_so_far_at_once() {
        struct Stop(u32);
        impl Watch for Stop {
            fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
                self.0 += 1;
                ControlFlow::Break(())
            }
        }
        let cipher = encrypted("HARBOURMASTER");
        let mut stop = Stop(0);
        let finding = run(&Problem::new(&cipher, Language::english()), &mut stop).unwrap();
        assert_eq!(stop.0, 1);
        assert!(!finding.confident && finding.tried < 10_000);
    }
}
