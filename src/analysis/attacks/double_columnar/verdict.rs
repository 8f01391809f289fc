//! What was found, and whether it is sure: the text has to read like the language as a whole, and no twin nearly as well.

use super::second::neighbours;
use super::{Search, Solution};
use crate::analysis::attack::{Candidate, Evidence, Finding, reading_score};
use crate::analysis::attacks::ends::ends;
use crate::analysis::attacks::movers::{Movers, contains};
use crate::analysis::attacks::orders::as_keyword;
use crate::analysis::attacks::sure::{factorial_bits, unicity, unsure};
use crate::analysis::attacks::twins::DOUBTFUL;
use crate::ciphers::Key;

/// Mean log-probability in nats above which a text is prose.
pub(super) const PROSE: f64 = -2.5;
/// How many times the unicity distance a text has to have: of 100 letters under ten columns and ten, the rows were given in a
/// wrong order, found from two starts.
const LEAST_UNICITIES: usize = 8;
/// From how many starts a text has to be found, and one that reads less like the language than nineteen real ones of twenty,
/// by so many nats a letter at most.
const FOUND_AGAIN: u32 = 2;
const FOUND_STRANGE: u32 = 4;
const ROOM: f64 = 0.2;
/// How often the second key is exchanged for one that reads better.
const MOST_SETTLED: usize = 8;
/// Nats a letter by which quadgrams may be worse for the words to be asked.
const NEARBY: f64 = 0.3;
/// Nats by which the next text has to read worse: chance hardly gives so much.
const RIVAL: f64 = 8.0;
/// Letters by which texts are compared.
const READ: usize = 2_000;
/// Nats by which a text has to read better than the ciphertext does as it stands.
const GAINED: f64 = 8.0;
/// The most letters by which twins are looked for, under so many columns: a column that goes from one end of the first key to
/// the other moves the text by as many letters as the columns are, or by one the other way.
pub(super) fn most_moved(width: usize) -> isize {
    width.max(4) as isize
}

impl Search<'_, '_> {
    /// Among the keys that give the same text moved by a few letters, takes the one that begins with a word, and notes
    /// whether another one is nearly as likely.
    pub(super) fn settle_twins(&mut self, second_is_given: bool) {
        let Some(best) = self.best.first().cloned() else {
            return;
        };
        let own = Self::plain(self.movers.codes(), &best.first, &best.second);
        let turns = if second_is_given { 1 } else { best.second.len() };
        let mut twins: Vec<(f64, Solution)> = Vec::new();
        let most = most_moved(best.first.len());
        for moved in -most..=most {
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

    /// Compares the best second key with those that one change makes of it by how their texts read, words included: rows in a
    /// wrong order may be likelier by their quadgrams. Notes whether one of them reads nearly as well.
    pub(super) fn settle_second(&mut self) {
        for _ in 0..MOST_SETTLED {
            let Some(best) = self.best.first().cloned() else {
                return;
            };
            let own = Self::plain(self.movers.codes(), &best.first, &best.second);
            let most = most_moved(best.first.len());
            let reading = self.reading(&own);
            let mut rival: Option<(f64, Solution)> = None;
            for second in neighbours(&best.second) {
                let text = Self::plain(self.movers.codes(), &best.first, &second);
                let score = self.gram.score(&text);
                let is_same = (-most..=most).any(|moved| moved_by(&own, &text, moved));
                if score < best.score - NEARBY || is_same || !contains(&text, self.crib) {
                    continue;
                }
                let reading = self.reading(&text);
                if rival.as_ref().is_none_or(|(top, _)| reading > *top) {
                    let first = best.first.clone();
                    rival = Some((reading, Solution { score, first, second }));
                }
            }
            self.has_rival = rival.as_ref().is_some_and(|(top, _)| *top > reading - RIVAL);
            match rival {
                Some((top, better)) if top > reading => self.best[0] = better,
                _ => return,
            }
        }
    }

    /// How likely a text is by its words and pentagrams, in nats; of a long one its beginning.
    fn reading(&self, text: &[u8]) -> f64 {
        let text = &text[..text.len().min(READ)];
        reading_score(self.language, text) * text.len() as f64
    }

    /// Whether the best text is prose by its quadgrams.
    pub(super) fn reads(&self) -> bool {
        self.best.first().is_some_and(|best| best.score > PROSE)
    }

    fn key_bits(best: &Solution) -> f64 {
        factorial_bits(best.first.len()) + factorial_bits(best.second.len())
    }

    /// From how many starts the best text has to be found to be sure: of more where it reads strangely. `None` where it does
    /// not read like the language, far beyond chance and far better than the ciphertext as it stands.
    pub(super) fn wanted(&self) -> Option<u32> {
        let best = self.best.first()?;
        let text = Self::plain(self.movers.codes(), &best.first, &best.second);
        // Pieces as long as a row read well by themselves; words across them do not.
        let evidence = Evidence::of_moved(self.language, &text, Self::key_bits(best));
        let unicities = text.len() / unicity(Self::key_bits(best)).max(1);
        let stands = best.score > PROSE
            && unicities >= LEAST_UNICITIES
            && (evidence.score - self.unmoved) * text.len() as f64 >= GAINED
            && contains(&text, self.crib);
        let is_strange = evidence.score < evidence.real;
        if !stands
            || (is_strange && (evidence.score < evidence.real - ROOM || unicities < 2 * LEAST_UNICITIES))
        {
            return None;
        }
        Some(if is_strange { FOUND_STRANGE } else { FOUND_AGAIN })
    }

    /// What the search has come to.
    pub(super) fn finding(&self, sure: bool, language: &str) -> Finding {
        let letters = self.movers.codes().len();
        let Some(best) = self.best.first() else {
            return Finding::nothing_yet(self.tally.tried());
        };
        let (key, text) = described(self.movers, self.known, best);
        let why = if sure && self.has_rival {
            format!(
                "The keys of {} and {} columns are nearly found, but with its rows in another order the text reads almost as \
                 well.",
                best.first.len(),
                best.second.len()
            )
        } else if sure && self.has_twin {
            format!(
                "The keys of {} and {} columns are found, but a twin, which moves the text by a few letters, is almost as \
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
        } else if self.wanted().is_some() {
            "Two keys give a text that reads like the language, but too few starts found them again."
                .to_owned()
        } else if best.score > PROSE {
            format!(
                "Two keys give a text whose letters follow each other as in {language}, but its words do not, or it is too \
                 short to rely on that."
            )
        } else if self.tally.stopped() {
            "Stopped before any two keys gave sense. This is the best so far.".to_owned()
        } else {
            unsure(letters, Self::key_bits(best), "no two keys gave sense.")
        };
        Finding {
            key,
            text,
            score: best.score,
            confident: sure && !self.has_twin && !self.has_rival,
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

/// Whether a text is another one moved to the left by so many letters, but for a few of them.
pub(super) fn moved_by(own: &[u8], text: &[u8], moved: isize) -> bool {
    let (ahead, behind) = if moved >= 0 {
        (&own[moved.unsigned_abs().min(own.len())..], text)
    } else {
        (own, &text[moved.unsigned_abs().min(text.len())..])
    };
    let equal = ahead.iter().zip(behind).filter(|(a, b)| a == b).count();
    equal * 20 >= own.len() * 19
}

/// The key in the cipher's terms, and the text under it.
pub(super) fn described(movers: &Movers, known: &Key, solution: &Solution) -> (Key, String) {
    let mut key = Key::new()
        .with("keyword1", &as_keyword(&solution.first))
        .with("keyword2", &as_keyword(&solution.second));
    if let Some(fill) = known.value("fill") {
        key.set("fill", fill);
    }
    let text = Search::plain(movers.chars(), &solution.first, &solution.second);
    (key, text.into_iter().collect())
}
