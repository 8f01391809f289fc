//! The attack on double columnar transposition: the second key first, without knowing the first; then the first.

use super::super::attack::{
    AttackError, AttackSpec, Candidate, Evidence, Finding, Help, Problem, Random, Watch, reading_score,
};
use super::adjacency::{Adjacency, Shape};
use super::bigrams::Bigrams;
use super::columnar::order_of;
use super::ends::ends;
use super::movers::{Movers, OTHERS_STAY, contains, has_others};
use super::orders::{accepts, as_keyword, disturb, shuffled};
use super::reading::Reading;
use super::sure::{factorial_bits, unicity, unsure};
use super::tally::Tally;
use super::twins::DOUBTFUL;
use crate::analysis::language::{Gram, Language};
use crate::ciphers::Key;

/// The description of the attack on double columnar transposition.
pub static DOUBLE_COLUMNAR: AttackSpec = AttackSpec {
    cipher: "double-columnar",
    method: "divide and conquer on the second key by the index of digraphic potential",
    summary: "Undoes the second transposition under a trial key and asks, without knowing the first key, how well the \
              columns of what is left could stand side by side: the index of digraphic potential. So the second key \
              is found alone, then the first as for a single transposition. One key used twice is tried by itself \
              first. Lengths from 2 to 12 are gone through when they are not known; they are given as columns1=9 and \
              columns2=11. Where spaces and punctuation moved too (characters=all) it does not apply.",
    help: Help::CRIB,
    known: &["keyword1", "keyword2", "columns1", "columns2", "fill"],
    search: run,
};

/// Fewer letters say nothing.
const FEWEST: usize = 60;
/// The lengths that are tried when nothing is known, and the greatest that may be given.
const LONGEST: usize = 12;
const LONGEST_KNOWN: usize = 25;
/// Mean log-probability in nats above which a text is prose.
const PROSE: f64 = -2.5;

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let movers = Movers::of(problem.text);
    let letters = movers.codes().len();
    let crib = movers.crib(problem.crib)?;
    let first = Part::of(&problem.known, "keyword1", "columns1", letters)?;
    let second = Part::of(&problem.known, "keyword2", "columns2", letters)?;
    movers.suffice(FEWEST)?;
    let mut search = Search {
        movers: &movers,
        crib: &crib,
        known: &problem.known,
        language: problem.language,
        gram: problem.language.quadgrams(),
        log_odds: Bigrams::of(problem.language).log_odds,
        dice: Random::new(problem.seed),
        tally: Tally::over(letters, watch),
        best: Vec::new(),
        found: 0,
        unmoved: reading_score(problem.language, movers.codes()),
        has_twin: false,
    };
    let sure = search.run(&first, &second);
    if first.given().is_none() && sure {
        search.settle_twins(second.given().is_some());
    }
    let mut finding = search.finding(sure, problem.language.name);
    if !sure && has_others(problem.text) {
        finding.why += OTHERS_STAY;
    }
    Ok(finding)
}

/// What is known of one of the two keys.
enum Part {
    Given(Vec<u8>),
    Widths(Vec<usize>),
}

impl Part {
    fn of(known: &Key, keyword: &str, columns: &str, letters: usize) -> Result<Self, AttackError> {
        if let Some(word) = known
            .value(keyword)
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            return match word.chars().all(|c| c == '?') && word.len() <= LONGEST_KNOWN {
                true => Ok(Self::Widths(vec![word.len()])),
                false => order_of("double-columnar", keyword, word).map(Self::Given),
            };
        }
        let Some(number) = known.value(columns) else {
            return Ok(Self::Widths((2..=LONGEST.min(letters / 4).max(2)).collect()));
        };
        let width = number.trim().parse().ok();
        match width.filter(|width| (1..=LONGEST_KNOWN.min(letters / 2)).contains(width)) {
            Some(width) => Ok(Self::Widths(vec![width])),
            None => Err(AttackError::Known {
                param: columns.to_owned(),
                reason: format!("has to be a number from 1 to {}", LONGEST_KNOWN.min(letters / 2)),
            }),
        }
    }

    fn widths(&self) -> Vec<usize> {
        match self {
            Part::Given(order) => vec![order.len()],
            Part::Widths(widths) => widths.clone(),
        }
    }

    fn given(&self) -> Option<&[u8]> {
        match self {
            Part::Given(order) => Some(order),
            Part::Widths(_) => None,
        }
    }
}

/// Two orders, and how well the text under them reads.
#[derive(Clone, PartialEq)]
struct Solution {
    score: f64,
    first: Vec<u8>,
    second: Vec<u8>,
}

struct Search<'a, 'w> {
    movers: &'a Movers,
    crib: &'a [u8],
    known: &'a Key,
    language: &'static Language,
    gram: &'static Gram,
    log_odds: Vec<f32>,
    dice: Random,
    tally: Tally<'w>,
    /// The best solutions, the best first.
    best: Vec<Solution>,
    /// From how many starts the best text was reached, but for a move by a few letters.
    found: u32,
    /// How the ciphertext reads as it stands: letters that have hardly moved prove nothing.
    unmoved: f64,
    /// Whether the best text, moved by a few letters, is nearly as likely under another key.
    has_twin: bool,
}

/// How often all pairs of lengths are gone through: a single pair more often than many.
const ROUNDS: [usize; 2] = [60, 8];
/// How many times more patient the later rounds are than the first.
const MOST_PATIENT: usize = 5;

impl Search<'_, '_> {
    /// Searches, and says whether the best solution is sure.
    fn run(&mut self, first: &Part, second: &Part) -> bool {
        let single = first.widths().len() * second.widths().len() == 1;
        for round in 1..=ROUNDS[usize::from(!single)] {
            let round = round.min(MOST_PATIENT);
            if first.given().is_none() && second.given().is_none() {
                for width in first.widths() {
                    let both = second.widths().contains(&width);
                    if both && self.is_confirmed((width, width), |search| search.same(width, round)) {
                        return true;
                    }
                    if self.tally.stopped() {
                        return false;
                    }
                }
            }
            let (widths, others) = (first.widths(), second.widths());
            let mut pairs: Vec<(usize, usize)> = others
                .iter()
                .flat_map(|&other| widths.iter().map(move |&width| (width, other)))
                .collect();
            // Short keys first: they cost least.
            pairs.sort_by_key(|&(width, other)| width.max(other) * 64 + width + other);
            for (width, other) in pairs {
                if self.is_confirmed((width, other), |search| {
                    search.divided(first.given(), second.given(), (width, other), round)
                }) {
                    return true;
                }
                if self.tally.stopped() {
                    return false;
                }
            }
        }
        false
    }

    /// Starts with keys of these lengths and, when the text looks right, again until another start ends at the same one:
    /// pieces as long as a row read well in a wrong order too, but hardly twice in the same.
    fn is_confirmed(&mut self, (width, other): (usize, usize), start: impl Fn(&mut Self)) -> bool {
        for _ in 0..=MOST_CONFIRMATIONS {
            start(self);
            let is_best = |best: &Solution| best.first.len() == width && best.second.len() == other;
            if !self.best.first().is_some_and(is_best) || !self.is_convincing() {
                return false;
            }
            if self.found >= FOUND_AGAIN {
                return true;
            }
            if self.tally.stopped() {
                return false;
            }
        }
        false
    }

    /// One key used twice: annealed as a whole by quadgrams.
    fn same(&mut self, width: usize, round: usize) {
        if width > 9 && round == 1 && self.known.value("columns1").is_none() {
            return;
        }
        self.tally.begin();
        let cipher = self.movers.codes();
        let shape = Shape::of(cipher.len(), width);
        let (mut between, mut plain) = (vec![0; cipher.len()], vec![0; cipher.len()]);
        let gram = self.gram;
        let mut weigh = |order: &[u8]| {
            shape.unread(cipher, order, &mut between);
            shape.unread(&between, order, &mut plain);
            super::square_search::weigh(gram.table(), &plain) as f32
        };
        let steps = 300 * width * width * round;
        let hot = 40.0 / gram.unit() as f32;
        let mut order = shuffled(width, &mut self.dice);
        let mut score = weigh(&order);
        let mut best = (score, order.clone());
        for step in 0..steps {
            let mut next = order.clone();
            disturb(&mut next, &mut self.dice);
            let found = weigh(&next);
            let temperature = hot * (1.02 - step as f32 / steps as f32);
            if accepts(found - score, temperature, &mut self.dice) {
                (order, score) = (next, found);
                if score > best.0 {
                    best = (score, order.clone());
                }
            }
            // Of a long text every single key takes its time.
            if !self.tally.count(1) {
                break;
            }
        }
        self.offer(best.1.clone(), best.1);
    }

    /// The second key by the digraphic potential, then the first.
    fn divided(
        &mut self,
        first: Option<&[u8]>,
        second: Option<&[u8]>,
        (width, other): (usize, usize),
        round: usize,
    ) {
        self.tally.begin();
        let cipher = self.movers.codes();
        let (shape, other_shape) = (Shape::of(cipher.len(), width), Shape::of(cipher.len(), other));
        let order = match second {
            Some(order) => order.to_vec(),
            None => self.potential(shape, other_shape, round),
        };
        let mut between = vec![0; cipher.len()];
        other_shape.unread(cipher, &order, &mut between);
        let mut inner = match first {
            Some(first) => first.to_vec(),
            None => {
                let adjacency = Adjacency::new(&between, shape, &self.log_odds);
                let steps = 1000 + 20 * width * width;
                let found = adjacency.anneal(steps, &mut self.dice, &mut self.tally);
                let mut reading = Reading::new(&between, shape, self.gram, &found);
                reading.climb(&mut self.tally);
                reading.order().to_vec()
            }
        };
        if self.tally.stopped() {
            self.offer(inner, order);
            return;
        }
        // What is nearly right is made right on both sides in turn.
        let mut outer = order;
        if self.mean(&inner, &outer) > NEAR && second.is_none() {
            for _ in 0..3 {
                self.climb_second(&inner, &mut outer);
                if first.is_none() {
                    other_shape.unread(cipher, &outer, &mut between);
                    let mut reading = Reading::new(&between, shape, self.gram, &inner);
                    reading.climb(&mut self.tally);
                    inner = reading.order().to_vec();
                }
            }
            self.anneal_second(&inner, &mut outer);
        }
        self.offer(inner, outer);
    }

    /// Anneals the second key by how well the columns of the first grid could stand side by side.
    fn potential(&mut self, shape: Shape, other: Shape, round: usize) -> Vec<u8> {
        const HOT: f32 = 12.0;
        const COLD: f32 = 2.0;
        let cipher = self.movers.codes();
        let mut between = vec![0; cipher.len()];
        let mut order = shuffled(other.width, &mut self.dice);
        let mut potential = |order: &[u8], log_odds: &[f32]| {
            other.unread(cipher, order, &mut between);
            digraphic_potential(&between, shape, log_odds)
        };
        let mut score = potential(&order, &self.log_odds);
        let mut best = (score, order.clone());
        let steps = (300 + 80 * other.width * other.width) * round;
        let mut next = order.clone();
        for step in 0..steps {
            next.copy_from_slice(&order);
            disturb(&mut next, &mut self.dice);
            let found = potential(&next, &self.log_odds);
            let temperature = HOT + (COLD - HOT) * step as f32 / steps as f32;
            if accepts(found - score, temperature, &mut self.dice) {
                std::mem::swap(&mut order, &mut next);
                score = found;
                if score > best.0 {
                    best = (score, order.clone());
                }
            }
            // One potential costs as much as many readings: the watcher is asked more often.
            if !self.tally.count(if step % 8 == 7 { 64 } else { 1 }) {
                break;
            }
        }
        best.1
    }

    /// Anneals the second key under a first that is nearly right: a climb leaves whole rows in a wrong order.
    fn anneal_second(&mut self, inner: &[u8], outer: &mut Vec<u8>) {
        const HOT: f32 = 10.0;
        let letters = self.movers.codes().len() as f64;
        let steps = 60 * outer.len() * outer.len();
        let mut order = outer.clone();
        let mut score = self.mean(inner, &order);
        let mut best = score;
        for step in 0..steps {
            let mut next = order.clone();
            disturb(&mut next, &mut self.dice);
            let found = self.mean(inner, &next);
            let temperature = HOT * (1.05 - step as f32 / steps as f32);
            if accepts(((found - score) * letters) as f32, temperature, &mut self.dice) {
                (order, score) = (next, found);
                if score > best + 1e-9 {
                    best = score;
                    outer.clone_from(&order);
                }
            }
            if step % 16 == 15 && !self.tally.count(16) {
                break;
            }
        }
    }

    /// Swaps and slides in the second key while they make the text likelier.
    fn climb_second(&mut self, inner: &[u8], outer: &mut Vec<u8>) {
        let width = outer.len();
        let mut score = self.mean(inner, outer);
        loop {
            let before = score;
            for first in 0..width {
                for last in first + 1..=width {
                    for middle in first..last {
                        let mut next = outer.clone();
                        if middle == first {
                            next.swap(first, last - 1);
                        } else {
                            next[first..last].rotate_left(middle - first);
                        }
                        let found = self.mean(inner, &next);
                        if found > score + 1e-9 {
                            (*outer, score) = (next, found);
                        }
                    }
                    if !self.tally.count((last - first) as u64) {
                        return;
                    }
                }
            }
            if score <= before {
                return;
            }
        }
    }

    /// Among the keys that give the same text moved by a few letters, takes the one that begins with a word, and notes
    /// whether another one is nearly as likely.
    fn settle_twins(&mut self, second_is_given: bool) {
        let Some(best) = self.best.first().cloned() else {
            return;
        };
        let own = Self::plain(self.movers.codes(), &best.first, &best.second);
        let turns = if second_is_given { 1 } else { best.second.len() };
        let mut twins: Vec<(f64, Solution)> = Vec::new();
        for moved in -MOST_MOVED..=MOST_MOVED {
            let mut first = best.first.clone();
            let by = moved.rem_euclid(first.len() as isize) as usize;
            first.rotate_left(by);
            let turned = (0..turns).filter_map(|turn| {
                let mut second = best.second.clone();
                second.rotate_left(turn);
                let text = Self::plain(self.movers.codes(), &first, &second);
                // The same text, moved: all but a few letters of it.
                moved_by(&own, &text, moved).then(|| (self.gram.score(&text), second, text))
            });
            // Some turns of the second key spoil letters in the middle, which the ends don't show.
            if let Some((score, second, text)) = turned.max_by(|a, b| a.0.total_cmp(&b.0)) {
                let likely = ends(self.language, &text, moved);
                twins.push((likely, Solution { score, first, second }));
            }
        }
        twins.sort_by(|a, b| b.0.total_cmp(&a.0));
        let Some(&(top, _)) = twins.first() else {
            return;
        };
        self.has_twin = twins.get(1).is_some_and(|(likely, _)| top - likely < DOUBTFUL);
        self.best = twins.into_iter().map(|(_, twin)| twin).take(3).collect();
    }

    fn plain<T: Copy>(text: &[T], first: &[u8], second: &[u8]) -> Vec<T> {
        let (mut between, mut plain) = (text.to_vec(), text.to_vec());
        Shape::of(text.len(), second.len()).unread(text, second, &mut between);
        Shape::of(text.len(), first.len()).unread(&between, first, &mut plain);
        plain
    }

    fn mean(&self, first: &[u8], second: &[u8]) -> f64 {
        self.gram.score(&Self::plain(self.movers.codes(), first, second))
    }

    /// Keeps what a start has found if it is among the best, and counts how often the best text was found.
    fn offer(&mut self, first: Vec<u8>, second: Vec<u8>) {
        let solution = Solution {
            score: self.mean(&first, &second),
            first,
            second,
        };
        let is_again = self.best.first().is_some_and(|best| {
            let plain = |one: &Solution| Self::plain(self.movers.codes(), &one.first, &one.second);
            let (best, text) = (plain(best), plain(&solution));
            (-MOST_MOVED..=MOST_MOVED).any(|moved| moved_by(&best, &text, moved))
        });
        self.found = match self.best.first() {
            _ if is_again => self.found + 1,
            Some(best) if best.score >= solution.score => self.found,
            _ => 1,
        };
        if !self.best.contains(&solution) {
            let place = self.best.partition_point(|other| other.score >= solution.score);
            self.best.insert(place, solution);
            self.best.truncate(3);
            if place == 0 {
                let (best, movers, known) = (self.best[0].clone(), self.movers, self.known);
                self.tally.tell(best.score, || described(movers, known, &best));
            }
        }
    }

    fn key_bits(best: &Solution) -> f64 {
        factorial_bits(best.first.len()) + factorial_bits(best.second.len())
    }

    /// Whether the best text reads like the language, far beyond chance and far better than the ciphertext as it stands.
    fn is_convincing(&self) -> bool {
        let Some(best) = self.best.first() else {
            return false;
        };
        let text = Self::plain(self.movers.codes(), &best.first, &best.second);
        // Pieces as long as a row read well by themselves; words across them do not.
        let evidence = Evidence::of_moved(self.language, &text, Self::key_bits(best));
        best.score > PROSE
            && evidence.score >= evidence.real
            && (evidence.score - self.unmoved) * text.len() as f64 >= GAINED
            && text.len() >= LEAST_UNICITIES * unicity(Self::key_bits(best))
            && contains(&text, self.crib)
    }

    fn finding(&self, sure: bool, language: &str) -> Finding {
        let letters = self.movers.codes().len();
        let Some(best) = self.best.first() else {
            return Finding {
                key: Key::new(),
                text: String::new(),
                score: f64::NEG_INFINITY,
                confident: false,
                why: "Stopped before anything was found.".to_owned(),
                tried: self.tally.tried(),
                certainty: Vec::new(),
                others: Vec::new(),
            };
        };
        let (key, text) = described(self.movers, self.known, best);
        let why = if sure && self.has_twin {
            format!(
                "The keys of {} and {} columns are found, but a twin, which moves the whole text by a letter, is almost as \
                 likely: compare the first and last words.",
                best.first.len(),
                best.second.len()
            )
        } else if sure {
            format!(
                "Under {} and {} columns the text reads like {language}.",
                best.first.len(),
                best.second.len()
            )
        } else if self.is_convincing() {
            "Two keys give a text that reads like the language, but no other start found it again.".to_owned()
        } else if self.tally.stopped() {
            "Stopped before any two keys gave sense. This is the best so far.".to_owned()
        } else {
            unsure(letters, Self::key_bits(best), "no two keys gave sense.")
        };
        Finding {
            key,
            text,
            score: best.score,
            confident: sure && !self.has_twin,
            why,
            tried: self.tally.tried(),
            certainty: Vec::new(),
            others: self.best[1..]
                .iter()
                .map(|other| {
                    let (key, text) = described(self.movers, self.known, other);
                    Candidate {
                        key,
                        text,
                        score: other.score,
                        note: format!(
                            "the next in rank, {} and {} columns",
                            other.first.len(),
                            other.second.len()
                        ),
                    }
                })
                .collect(),
        }
    }
}

/// From how many starts a text has to be found, and how many more are made for it where one looks right.
const FOUND_AGAIN: u32 = 2;
const MOST_CONFIRMATIONS: usize = 8;
/// How many times the unicity distance a text has to have: of 100 letters under ten columns and ten, the rows were given in a
/// wrong order, found from two starts.
const LEAST_UNICITIES: usize = 8;
/// Nats by which a text has to read better than the ciphertext does as it stands.
const GAINED: f64 = 8.0;
/// The most letters by which twins are looked for.
const MOST_MOVED: isize = 4;

/// Whether a text is another one moved to the left by so many letters, but for a few of them.
fn moved_by(own: &[u8], text: &[u8], moved: isize) -> bool {
    let (ahead, behind) = if moved >= 0 {
        (&own[moved.unsigned_abs().min(own.len())..], text)
    } else {
        (own, &text[moved.unsigned_abs().min(text.len())..])
    };
    let equal = ahead.iter().zip(behind).filter(|(a, b)| a == b).count();
    equal * 20 >= own.len() * 19
}

/// From here on both keys are made right in turn: a wrong second key ends a nat lower.
const NEAR: f64 = -3.6;

fn described(movers: &Movers, known: &Key, solution: &Solution) -> (Key, String) {
    let mut key = Key::new()
        .with("keyword1", &as_keyword(&solution.first))
        .with("keyword2", &as_keyword(&solution.second));
    if let Some(fill) = known.value("fill") {
        key.set("fill", fill);
    }
    let text = Search::plain(movers.chars(), &solution.first, &solution.second);
    (key, text.into_iter().collect())
}

/// How well the columns of a grid could stand side by side in their best order and alignment: for each column the best
/// neighbour on its right.
///
/// George Lasry, Nils Kopal, Arno Wacker, Solving the Double Transposition Challenge with a Divide-and-Conquer Approach
/// (Cryptologia 38, 2014): high only when the second key is right, whatever the first.
fn digraphic_potential(between: &[u8], shape: Shape, log_odds: &[f32]) -> f32 {
    /// Rows that are compared: more tell little.
    const ROWS: usize = 24;
    let Shape { width, height, long } = shape;
    let rows = height.min(ROWS);
    let least = |rank: usize| rank * height + long.saturating_sub(width - rank);
    let most = |rank: usize| rank * height + rank.min(long);
    let mut sum = 0.0;
    for left in 0..width {
        // The middle of the possible beginnings of the left column, against all of the right one's.
        let start = (least(left) + most(left)) / 2;
        let mut best = f32::NEG_INFINITY;
        for right in (0..width).filter(|&right| right != left) {
            for other in least(right).saturating_sub(most(left) - start)..=most(right) + start - least(left) {
                if other + rows > between.len() {
                    break;
                }
                let pairs = between[start..start + rows].iter().zip(&between[other..]);
                let fit: f32 = pairs
                    .map(|(a, b)| log_odds[usize::from(*a) * 26 + usize::from(*b)])
                    .sum();
                best = best.max(fit);
            }
        }
        sum += best;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::Blind;
    use super::super::tests::Patience;
    use super::*;
    use crate::analysis::language::Language;
    use crate::ciphers;

    const PLAIN: &str = "THEFERRYWASLATEAGAINSOWESATONTHEWALLABOVETHEHARBOURANDWATCHEDTHEBOATSCOMEINONEAFTERANOTHERWHILETHE\
                         GULLSQUARRELLEDOVERSCRAPSOFBREADTHATSOMECHILDRENHADLEFTBEHINDONTHESTEPSOFTHEOLDCUSTOMSHOUSE";

    fn falls(first: &str, second: &str, known: &[(&str, &str)]) {
        let key = Key::new().with("keyword1", first).with("keyword2", second);
        let cipher = ciphers::find("double-columnar").unwrap().build(&key).unwrap();
        let secret = cipher.encrypt(PLAIN).unwrap();
        let mut problem = Problem::new(&secret, Language::english());
        problem.known = known.iter().copied().collect();
        let finding = run(&problem, &mut Blind).unwrap();
        assert_eq!(finding.text, PLAIN);
        assert!(finding.confident, "{}", finding.why);
        let again = ciphers::find("double-columnar")
            .unwrap()
            .build(&finding.key)
            .unwrap();
        assert_eq!(again.decrypt(&secret).unwrap(), PLAIN);
    }

    #[test]
    fn a_stop_in_a_long_text_is_heeded_at_the_next_question() {
        let text = "ETAOINSHRDLU".repeat(3_400);
        let finding = run(&Problem::new(&text, Language::english()), &mut Patience(1)).unwrap();
        // So many keys lie between two questions about 40,800 letters.
        assert_eq!(finding.tried, 12);
    }

    #[test]
    fn pieces_of_a_row_in_a_wrong_order_are_not_sure() {
        // American Adventures, Julian Street, 1917, in a grid that both keys fill: the first start parted it into rows.
        let plain = "ITISPERHAPSINTHEQUALITYOFSOLIDITYARCHITECTURALCOMMERCIALSOCIALEVENSPIRITUALTHATRICHMONDANDBOSTONAREM";
        let key = Key::new()
            .with("keyword1", "2 4 3 10 5 6 9 8 7 1")
            .with("keyword2", "9 10 3 5 8 4 7 6 2 1");
        let cipher = ciphers::find("double-columnar").unwrap().build(&key).unwrap();
        for (text, plain) in [(cipher.encrypt(plain).unwrap(), plain), (plain.to_owned(), "")] {
            for seed in 1..=4 {
                let mut problem = Problem::new(&text, Language::english());
                problem.known = Key::new().with("columns1", "10").with("columns2", "10");
                problem.seed = seed;
                let finding = run(&problem, &mut Patience(3_000)).unwrap();
                assert!(!finding.confident || finding.text == plain, "{}", finding.text);
            }
        }
    }

    #[test]
    fn two_keys_of_known_lengths_fall() {
        falls("GULLS", "FERRY", &[("columns1", "5"), ("columns2", "5")]);
        falls("HARBOR", "GULLS", &[("columns1", "6"), ("keyword2", "?????")]);
    }

    #[test]
    fn one_key_used_twice_falls_with_its_length_unknown() {
        falls("FERRYS", "FERRYS", &[]);
    }

    #[test]
    fn a_known_second_key_leaves_a_single_transposition() {
        falls(
            "HARBOURS",
            "GULLSCRY",
            &[("keyword2", "GULLSCRY"), ("columns1", "8")],
        );
    }
}
