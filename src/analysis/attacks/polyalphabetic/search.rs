//! The search: all periods in the order of their promise, each climbed from several starts, until one is sure.

use super::super::super::attack::{AttackError, Candidate, Finding, Problem, Progress, Watch};
use super::columns::{CONTEXT, Columns, Trial};
use super::verdict::{self, Verdict};
use super::{Kind, LONGEST_PERIOD, crib, letters};
use crate::analysis::attack::Random;
use crate::analysis::language::Gram;
use crate::ciphers::{self, Key};

/// Letters that the search looks at. More make it slower, not surer; the last climb looks at more.
const SEARCHED_LETTERS: usize = 400;
/// Letters that the last climb and the verdict look at.
const JUDGED_LETTERS: usize = 4000;
/// What a key symbol costs, as a multiple of its surprise, so that a longer key must earn its length.
const SYMBOL_COST: f32 = 1.1;
/// How many periods each round takes, and how many starts each of them is given.
const ROUNDS: [(usize, u32); 3] = [(LONGEST_PERIOD, 3), (10, 15), (10, 40)];
/// Columns that are changed by chance before a new climb.
const SHAKEN_COLUMNS: usize = 3;
/// Starts that have to agree before a short text is called sure.
const CONFIRMING_STARTS: u32 = 24;
/// Starts from a crib's place.
const CRIB_STARTS: u32 = 2;
/// How many keys of other periods are shown beside the best.
const OTHERS: usize = 3;

pub(super) struct Search<'a, 'w> {
    kind: &'a Kind,
    problem: &'a Problem<'a>,
    cipher: &'a [u8],
    grams: &'static Gram,
    letters: [f32; 26],
    watch: &'w mut dyn Watch,
    random: Random,
    tried: u64,
    start: u32,
    best: f32,
    stopped: bool,
}

/// One period with the best key for it so far.
struct Period {
    columns: Columns<'static>,
    fixed: Vec<Option<u8>>,
    trial: Trial,
    /// How promising: at first by single letters, then by the score less the cost of the key.
    promise: f32,
}

impl<'a, 'w> Search<'a, 'w> {
    pub(super) fn new(
        kind: &'a Kind,
        problem: &'a Problem<'a>,
        cipher: &'a [u8],
        watch: &'w mut dyn Watch,
    ) -> Self {
        Self {
            kind,
            problem,
            cipher,
            grams: problem.language.quadgrams(),
            letters: problem
                .language
                .letters()
                .map(|share| share.max(1e-6).ln() as f32),
            watch,
            random: Random::new(problem.seed),
            tried: 0,
            start: 0,
            best: f32::NEG_INFINITY,
            stopped: false,
        }
    }

    pub(super) fn run(
        mut self,
        known: Option<Vec<Option<u8>>>,
        crib: Option<Vec<u8>>,
    ) -> Result<Finding, AttackError> {
        let searched = &self.cipher[..self.cipher.len().min(SEARCHED_LETTERS)];
        let patterns: Vec<Vec<Option<u8>>> = match known {
            Some(pattern) => vec![pattern],
            None => (1..=(searched.len() / 3).clamp(1, LONGEST_PERIOD))
                .map(|period| vec![None; period])
                .collect(),
        };
        let mut periods: Vec<Period> = patterns
            .into_iter()
            .map(|fixed| self.lay_out(searched, fixed))
            .collect();
        let mut sure = self.climb_all(&mut periods, crib.as_deref());
        if let (None, Some(crib), false) = (sure, &crib, self.stopped) {
            sure = self.place(&mut periods, crib)?;
        }
        let best = sure.unwrap_or_else(|| most_promising(&periods));
        Ok(self.conclude(&periods, best, crib.as_deref()))
    }

    fn lay_out(&self, cipher: &[u8], fixed: Vec<Option<u8>>) -> Period {
        let (symbols, period) = (self.kind.symbols, fixed.len());
        let columns = Columns::new(period, symbols, self.kind.table(cipher, period), self.grams);
        let (key, sum) = columns.by_frequency(&self.letters, &fixed);
        Period {
            trial: columns.trial(key),
            promise: sum - 0.8 * (symbols as f32).ln() * period as f32,
            columns,
            fixed,
        }
    }

    /// What a key of so many unknown symbols costs.
    fn cost(&self, fixed: &[Option<u8>]) -> f32 {
        let unknown = fixed.iter().filter(|symbol| symbol.is_none()).count();
        SYMBOL_COST * (self.kind.symbols as f32).ln() * unknown as f32
    }

    /// Climbs in all periods, the promising first and longest. Gives the one that is sure, if there is one.
    fn climb_all(&mut self, periods: &mut [Period], crib: Option<&[u8]>) -> Option<usize> {
        for (round, (most, starts)) in ROUNDS.into_iter().enumerate() {
            periods.sort_by(|a, b| b.promise.total_cmp(&a.promise));
            for place in 0..most.min(periods.len()) {
                if self.is_stopped() {
                    return None;
                }
                let period = &mut periods[place];
                if round == 0 {
                    self.tried += period.columns.climb(&mut period.trial, &period.fixed, 0);
                    self.start += 1;
                }
                self.shake(period, starts);
                period.promise = period.trial.score - self.cost(&period.fixed);
                self.tell(&periods[place]);
                if self.is_sure(&mut periods[place], crib) && self.is_confirmed(&mut periods[place], crib) {
                    return Some(self.shortest(periods, place));
                }
            }
        }
        None
    }

    /// Climbs anew from keys near the best.
    fn shake(&mut self, period: &mut Period, starts: u32) {
        let count = period.columns.period();
        for _ in 0..starts {
            if self.is_stopped() {
                return;
            }
            let mut trial = period.trial.clone();
            for _ in 0..SHAKEN_COLUMNS.min(count) {
                let column = self.random.below(count);
                let symbol = self.random.below(self.kind.symbols) as u8;
                if period.fixed[column].is_none() {
                    period.columns.set(&mut trial, column, symbol);
                }
            }
            trial.score = period.columns.whole(&trial.text);
            let from = self.random.below(count);
            self.tried += period.columns.climb(&mut trial, &period.fixed, from);
            self.start += 1;
            if trial.score > period.trial.score {
                period.trial = trial;
            }
        }
    }

    /// Whether the text is longer than what is searched: then the crib may stand behind it.
    fn is_longer(&self) -> bool {
        self.cipher.len() > SEARCHED_LETTERS
    }

    /// Tries the crib in every place of every period. Fails when it stands nowhere, unless it may stand behind what is
    /// searched.
    fn place(&mut self, periods: &mut [Period], crib: &[u8]) -> Result<Option<usize>, AttackError> {
        let mut placed = false;
        let mut nearest = (0, 0);
        periods.sort_by(|a, b| b.promise.total_cmp(&a.promise));
        for (place, period) in periods.iter_mut().enumerate() {
            let mut best: Option<(Trial, Vec<Option<u8>>)> = None;
            for at in 0..=period.trial.text.len().saturating_sub(crib.len()) {
                if crib.len() > period.trial.text.len() {
                    break;
                }
                let fitting = crib::fitting(&period.columns, crib, at);
                nearest = nearest.max((fitting, at));
                let Some(fixed) = crib::forced(&period.columns, crib, at, &period.fixed) else {
                    continue;
                };
                placed = true;
                if self.is_stopped() {
                    break;
                }
                let (key, _) = period.columns.by_frequency(&self.letters, &fixed);
                let mut start = Period {
                    trial: period.columns.trial(key),
                    promise: 0.0,
                    columns: Columns::new(1, self.kind.symbols, Vec::new(), self.grams),
                    fixed,
                };
                std::mem::swap(&mut start.columns, &mut period.columns);
                self.tried += start.columns.climb(&mut start.trial, &start.fixed, 0);
                self.shake(&mut start, CRIB_STARTS);
                std::mem::swap(&mut start.columns, &mut period.columns);
                if best
                    .as_ref()
                    .is_none_or(|(trial, _)| start.trial.score > trial.score)
                {
                    best = Some((start.trial, start.fixed));
                }
            }
            // All places of the crib were tried, so that it stands at one of them if this is the period.
            let binds = !self.is_longer() && !self.stopped;
            let Some((trial, fixed)) = best else {
                if binds {
                    period.promise = f32::NEG_INFINITY;
                }
                if self.stopped {
                    return Ok(None);
                }
                continue;
            };
            // The place is a free choice too.
            let places = (self.cipher.len() as f32).ln();
            let promise = trial.score - self.cost(&fixed) - places;
            if binds || promise > period.promise {
                period.promise = promise;
                (period.trial, period.fixed) = (trial, fixed);
                self.tell(period);
            }
            if self.is_sure(period, Some(crib)) {
                return Ok(Some(place));
            }
            if self.stopped {
                return Ok(None);
            }
        }
        match placed || self.is_longer() {
            true => Ok(None),
            false => Err(AttackError::CribDoesNotFit {
                reason: format!(
                    "no key makes it of any part of this text; it comes nearest at letter {}, where {} of its {} letters \
                     can be reached",
                    nearest.1 + 1,
                    nearest.0,
                    crib.len()
                ),
            }),
        }
    }

    /// Whether more starts lead to the same key, where the text alone leaves little room.
    fn is_confirmed(&mut self, period: &mut Period, crib: Option<&[u8]>) -> bool {
        let unknown = period.fixed.iter().filter(|symbol| symbol.is_none()).count();
        if verdict::excess(&period.trial, self.kind.symbols, unknown) > verdict::PLAIN_EXCESS {
            return true;
        }
        self.shake(period, CONFIRMING_STARTS);
        period.promise = period.trial.score - self.cost(&period.fixed);
        self.is_sure(period, crib)
    }

    fn is_sure(&mut self, period: &mut Period, crib: Option<&[u8]>) -> bool {
        let unknown = period.fixed.iter().filter(|symbol| symbol.is_none()).count();
        if verdict::excess(&period.trial, self.kind.symbols, unknown) < verdict::LEAST_EXCESS {
            return false;
        }
        let unseen = crib.filter(|crib| !crib::stands_in(crib, &period.trial.text));
        if unseen.is_some() && !self.is_longer() {
            return false;
        }
        let verdict = Verdict::of(
            self.problem,
            &period.columns,
            &mut period.trial,
            self.kind.symbols,
            &period.fixed,
        );
        verdict.sure && unseen.is_none_or(|crib| crib::stands_in(crib, &self.whole(&period.trial.key)))
    }

    /// What a key makes of all letters, those behind what is searched too.
    fn whole(&self, key: &[u8]) -> Vec<u8> {
        let mut text: Vec<u8> = Vec::with_capacity(self.cipher.len());
        for (i, &letter) in self.cipher.iter().enumerate() {
            // As in `Kind::table`.
            let symbol = match i.checked_sub(key.len()).filter(|_| self.kind.running) {
                Some(before) => text[before],
                None => key[i % key.len()],
            };
            text.push((self.kind.plain)(symbol, letter));
        }
        text
    }

    /// A divisor of the period explains the text as well, or the period itself is the shortest.
    fn shortest(&mut self, periods: &mut [Period], found: usize) -> usize {
        let period = periods[found].columns.period();
        for place in 0..periods.len() {
            let shorter = periods[place].columns.period();
            if shorter < period && period.is_multiple_of(shorter) {
                let key = periods[found].trial.key[..shorter].to_vec();
                let mut trial = periods[place].columns.trial(key);
                let candidate = &mut periods[place];
                self.tried += candidate.columns.climb(&mut trial, &candidate.fixed, 0);
                if trial.score > candidate.trial.score {
                    candidate.trial = trial;
                }
                candidate.promise = candidate.trial.score - self.cost(&candidate.fixed);
            }
        }
        let better = |&place: &usize| {
            let shorter = periods[place].columns.period();
            shorter <= period && period.is_multiple_of(shorter)
        };
        (0..periods.len())
            .filter(better)
            .max_by(|&a, &b| periods[a].promise.total_cmp(&periods[b].promise))
            .unwrap_or(found)
    }

    fn conclude(&mut self, periods: &[Period], best: usize, crib: Option<&[u8]>) -> Finding {
        let found = &periods[best];
        let judged = &self.cipher[..self.cipher.len().min(JUDGED_LETTERS)];
        let mut last = self.lay_out(judged, found.fixed.clone());
        last.trial = last.columns.trial(found.trial.key.clone());
        self.tried += last.columns.climb(&mut last.trial, &last.fixed, 0);
        let verdict = Verdict::of(
            self.problem,
            &last.columns,
            &mut last.trial,
            self.kind.symbols,
            &last.fixed,
        );
        let key = self.kind.key(&self.shown(&last.trial.key));
        let text = self.decrypt(&key);
        let crib_missing = crib.is_some_and(|crib| !crib::stands_in(crib, &letters::numbers(&text)));
        let others = self.others(periods, best, &last.trial.key);
        Finding {
            score: mean(&last.trial),
            confident: verdict.sure && !crib_missing,
            why: self.why(&verdict, last.columns.period(), crib_missing),
            tried: self.tried,
            certainty: (0..self.cipher.len())
                .map(|i| verdict.columns[i % last.columns.period()])
                .collect(),
            others,
            key,
            text,
        }
    }

    fn why(&self, verdict: &Verdict, period: usize, crib_missing: bool) -> String {
        let letters = self.cipher.len();
        let end = match self.stopped {
            true => "The search was stopped. ",
            false => "",
        };
        if crib_missing {
            return format!("{end}The best key does not show the crib, so it can't be relied on.");
        }
        if verdict.sure {
            return format!(
                "{end}A key of {period} explains the text far better than chance could, and every one of its places is \
                 sure."
            );
        }
        let distance = verdict::unicity_distance(self.kind.symbols, period);
        let enough = 4 * distance.max(8);
        if letters < enough {
            format!(
                "{end}Not enough text to be sure: {letters} letters for a key of {period}. Below {distance} letters (the \
                 unicity distance) several keys make sense; in practice some {enough} are needed."
            )
        } else if self.stopped {
            format!(
                "{end}No key that was tried makes a text in {} of this.",
                self.problem.language.name
            )
        } else {
            format!(
                "{end}No key of up to {} makes a text in {} of this; it may be of another cipher or in another language.",
                (letters.min(SEARCHED_LETTERS) / 3).clamp(1, LONGEST_PERIOD),
                self.problem.language.name
            )
        }
    }

    fn others(&self, periods: &[Period], best: usize, key: &[u8]) -> Vec<Candidate> {
        let shown = self.kind.word(&self.shown(key));
        let mut places: Vec<usize> = (0..periods.len()).filter(|&place| place != best).collect();
        places.sort_by(|&a, &b| periods[b].promise.total_cmp(&periods[a].promise));
        let mut others: Vec<Candidate> = Vec::new();
        for place in places {
            let period = &periods[place];
            let symbols = self.shown(&period.trial.key);
            let key = self.kind.key(&symbols);
            if self.kind.word(&symbols) == shown || others.iter().any(|other| other.key == key) {
                continue;
            }
            others.push(Candidate {
                text: self.decrypt(&key),
                score: mean(&period.trial),
                note: format!("a key of {}", period.columns.period()),
                key,
            });
            if others.len() == OTHERS {
                break;
            }
        }
        others
    }

    /// A key as it is shown: one that repeats itself is given once.
    fn shown(&self, key: &[u8]) -> Vec<u8> {
        let length = key.len();
        let once = (1..=length)
            .find(|&part| {
                !self.kind.running
                    && length.is_multiple_of(part)
                    && key.iter().zip(&key[part..]).all(|(a, b)| a == b)
            })
            .unwrap_or(length);
        key[..once].to_vec()
    }

    fn decrypt(&self, key: &Key) -> String {
        ciphers::find(self.kind.cipher)
            .and_then(|spec| spec.build(key).ok())
            .and_then(|cipher| cipher.decrypt(self.problem.text).ok())
            .unwrap_or_default()
    }

    fn tell(&mut self, period: &Period) {
        let better = period.promise > self.best;
        if !better {
            return;
        }
        self.best = period.promise;
        let key = self.kind.key(&self.shown(&period.trial.key));
        let text = self.decrypt(&key);
        let progress = Progress {
            key: &key,
            text: &text,
            score: mean(&period.trial),
            tried: self.tried,
            start: self.start,
            better,
        };
        self.stopped |= self.watch.seen(progress).is_break();
    }

    fn is_stopped(&mut self) -> bool {
        self.stopped = self.stopped || self.watch.go_on().is_break();
        self.stopped
    }
}

fn most_promising(periods: &[Period]) -> usize {
    (0..periods.len())
        .max_by(|&a, &b| periods[a].promise.total_cmp(&periods[b].promise))
        .unwrap_or(0)
}

fn mean(trial: &Trial) -> f64 {
    f64::from(trial.score) / trial.text.len().saturating_sub(CONTEXT).max(1) as f64
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::analysis::language::Language;

    static KIND: Kind = Kind {
        cipher: "vigenere",
        param: "keyword",
        symbols: 26,
        write: |symbol| char::from(b'A' + symbol),
        read: letters::number,
        plain: |symbol, cipher| (cipher + 26 - symbol) % 26,
        running: false,
    };

    struct Stop;

    impl Watch for Stop {
        fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
            self.go_on()
        }

        fn go_on(&mut self) -> ControlFlow<()> {
            ControlFlow::Break(())
        }
    }

    #[test]
    fn a_stop_while_the_crib_is_placed_rules_no_period_out() {
        let text = "LXFOPVEFRNHRLXFOPVEFRNHRLXFOPVEFRNHR";
        let cipher = letters::numbers(text);
        let problem = Problem::new(text, Language::english());
        let mut watch = Stop;
        let mut search = Search::new(&KIND, &problem, &cipher, &mut watch);
        let mut periods: Vec<Period> = (3..9)
            .map(|period| search.lay_out(&cipher, vec![None; period]))
            .collect();
        let placed = search.place(&mut periods, &letters::numbers("cat")).unwrap();
        assert_eq!(placed, None);
        assert!(periods.iter().all(|period| period.promise.is_finite()));
    }
}
