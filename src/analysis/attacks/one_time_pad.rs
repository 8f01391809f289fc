//! The one-time pad, which can't be broken, and the two-time pad, which can: texts under one pad read one another.
//!
//! Mason, Watkins, Eisner and Stubblefield, A Natural Language Approach to Automated Cryptanalysis of Two-time Pads
//! (CCS 2006): the likeliest texts are sought together, letter by letter, keeping the best beginnings.

use super::super::attack::{AttackError, AttackSpec, Candidate, Finding, Help, Problem, Progress, Watch};
use super::letters::{self, Letters};
use crate::analysis::crib_drag;
use crate::analysis::language::Gram;
use crate::ciphers::Key;

/// The description of the attack on pads that were used twice.
pub static ONE_TIME_PAD: AttackSpec = AttackSpec {
    cipher: "one-time-pad",
    method: "crib dragging and beam search over texts under one pad",
    summary: "A pad that is random, as long as the text, secret and used once can't be broken by anybody: every text of \
              that length fits some pad equally well. Used twice it can. Give two or more texts under the same pad, each on \
              a line of its own, all beginning at the pad's first letter: the likeliest texts are then sought together. Two \
              texts (lines that are there twice, or that only break off sooner, count once) give fragments that a crib (a word known to stand in one of them) turns into sentences, and are never \
              called sure; three give nearly all letters, four or more of some 60 letters fall by themselves. Letters that only the longest text \
              has stay unknown and are shown as ?.",
    help: Help::CRIB,
    known: &[],
    search: run,
};

/// Beginnings that are kept at each letter.
const BEAM: usize = 3000;
/// Letters of all texts that the next letter of beginnings is judged by between two questions: about a millisecond.
const BETWEEN_QUESTIONS: usize = 4000;
/// Letters of all texts that a stopped search still adds the likeliest pad for: some hundredths of a second.
const MOST_AFTER_A_STOP: usize = 200_000;
/// Places of the crib that are tried in full.
const PLACES: usize = 12;
/// Nats by which the texts must be likelier than chance.
const LEAST_EXCESS: f64 = 12.0;
/// With fewer texts letters can trade places between them, so that a wrong reading is as likely as the right one.
const FEWEST_SURE: usize = 4;
/// How sure the letters must be on average.
const LEAST_CERTAINTY: f64 = 0.98;
/// The fewest letters that two texts must share.
const FEWEST_LETTERS: usize = 8;

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let lines: Vec<Letters<'_>> = problem
        .text
        .lines()
        .map(Letters::of)
        .filter(|line| !line.numbers().is_empty())
        .collect();
    let cipher = distinct(&lines);
    if cipher.len() < 2 {
        return Err(AttackError::CannotBeBroken {
            reason: "a one-time pad can't be broken: for every text of this length there is a pad that makes this ciphertext \
                     of it, and all are equally likely. Needed would be the pad, or a second text under the same pad: give \
                     each on a line of its own"
                .to_owned(),
        });
    }
    let mut lengths: Vec<usize> = cipher.iter().map(Vec::len).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    // Beyond the second longest text there is nothing to compare.
    let overlap = lengths[1];
    if overlap < FEWEST_LETTERS {
        return Err(AttackError::too_short(overlap, FEWEST_LETTERS));
    }
    let mut search = Search {
        cipher,
        lines,
        overlap,
        gram: problem.language.pentagrams(),
        letters: problem.language.letters().map(|share| share.max(1e-6).ln()),
        tried: 0,
        stopped: false,
    };
    let forced = match problem.crib {
        Some(crib) => search.places(problem, crib)?,
        None => vec![(vec![None; overlap], None)],
    };
    Ok(search.run(forced, watch))
}

/// The texts that say something of their own, in their order: a line that is there again, or that is the beginning of
/// another, makes sense whenever that one does.
fn distinct(lines: &[Letters<'_>]) -> Vec<Vec<u8>> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    // Sorted, whatever begins with a text follows it.
    order.sort_by(|&a, &b| lines[a].numbers().cmp(lines[b].numbers()));
    let mut is_own = vec![true; lines.len()];
    for pair in order.windows(2) {
        is_own[pair[0]] = !lines[pair[1]].numbers().starts_with(lines[pair[0]].numbers());
    }
    let own = lines.iter().zip(is_own).filter(|(_, is_own)| *is_own);
    own.map(|(line, _)| line.numbers().to_vec()).collect()
}

/// A pad of which some letters are known, and where the crib stands that says so.
type Forced = (Vec<Option<u8>>, Option<String>);

struct Search<'a> {
    /// All texts, as they are shown.
    lines: Vec<Letters<'a>>,
    /// Those that are searched.
    cipher: Vec<Vec<u8>>,
    overlap: usize,
    gram: &'static Gram,
    letters: [f64; 26],
    tried: u64,
    stopped: bool,
}

/// A pad and how likely the texts are under it.
struct Pad {
    score: f64,
    letters: Vec<u8>,
}

/// A beginning of the pad. Its letters are the [`Tree`]'s.
struct Beginning {
    score: f64,
    /// The last letters, five bits each, the very last in the lowest.
    recent: u64,
}

/// The last letters after one more.
fn followed(recent: u64, key: u8) -> u64 {
    (recent << LETTER_BITS) | u64::from(key)
}

const LETTER_BITS: u32 = 5;
const LETTER_MASK: u64 = (1 << LETTER_BITS) - 1;

/// The letters of all kept beginnings. Each points to the one before it, so that what beginnings share is there once.
#[derive(Default)]
struct Tree {
    /// The letters on which all kept beginnings agree.
    settled: Vec<u8>,
    /// Those after them, a list for each place; those of the last list are in the order of the beginnings.
    levels: Vec<Vec<Node>>,
    /// With how many levels it is pruned next.
    prune_at: usize,
}

/// One letter of the pad.
#[derive(Clone, Copy)]
struct Node {
    /// Its place in the level before; of no meaning in the first.
    from: u32,
    key: u8,
}

impl Tree {
    fn grow(&mut self, level: Vec<Node>) {
        self.levels.push(level);
        if self.levels.len() >= self.prune_at.max(FEWEST_LEVELS) {
            self.prune();
            // Twice as many the next time: the work stays in proportion to the pad's length.
            self.prune_at = 2 * self.levels.len();
        }
    }

    /// Drops the letters that no kept beginning has, and settles those that all have.
    fn prune(&mut self) {
        for at in (1..self.levels.len()).rev() {
            let (before, after) = self.levels.split_at_mut(at);
            let (parents, children) = (&mut before[at - 1], &mut after[0]);
            let mut moved: Vec<Option<u32>> = vec![None; parents.len()];
            let mut left: Vec<Node> = Vec::new();
            for child in children {
                let parent = child.from as usize;
                child.from = *moved[parent].get_or_insert_with(|| {
                    left.push(parents[parent]);
                    left.len() as u32 - 1
                });
            }
            *parents = left;
        }
        let shared = self.levels.iter().take_while(|level| level.len() == 1).count();
        let shared = self.levels.drain(..shared).flatten();
        self.settled.extend(shared.map(|node| node.key));
    }

    /// The letters of the first beginning, and for each of them the share of the likelihood of all beginnings that have it too.
    fn best(self, mut likelihoods: Vec<f64>) -> (Vec<u8>, Vec<f32>) {
        let total: f64 = likelihoods.iter().sum();
        let mut ends: Vec<(u8, f32)> = Vec::with_capacity(self.levels.len());
        let mut at = 0;
        for place in (0..self.levels.len()).rev() {
            let level = &self.levels[place];
            let key = level[at].key;
            let agree = level.iter().zip(&likelihoods).filter(|(node, _)| node.key == key);
            let agree: f64 = agree.map(|(_, likelihood)| likelihood).sum();
            ends.push((key, (agree / total).min(1.0) as f32));
            let before = place.checked_sub(1).map_or(0, |before| self.levels[before].len());
            let mut shared = vec![0.0; before];
            for (node, likelihood) in level.iter().zip(&likelihoods) {
                if let Some(shared) = shared.get_mut(node.from as usize) {
                    *shared += likelihood;
                }
            }
            at = level[at].from as usize;
            likelihoods = shared;
        }
        let mut letters = self.settled;
        let mut certainty = vec![1.0; letters.len()];
        letters.extend(ends.iter().rev().map(|end| end.0));
        certainty.extend(ends.iter().rev().map(|end| end.1));
        (letters, certainty)
    }
}

/// Levels before which it is not worth pruning.
const FEWEST_LEVELS: usize = 64;

impl Search<'_> {
    /// The best places for a crib, each with the pad's letters that follow.
    fn places(&self, problem: &Problem<'_>, crib: &str) -> Result<Vec<Forced>, AttackError> {
        let texts: Vec<String> = self.cipher.iter().map(|letters| letters::word(letters)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let drags = crib_drag::drag(&texts, crib, problem.language);
        let forced: Vec<Forced> = drags
            .into_iter()
            .filter(|drag| drag.place < self.overlap)
            .take(PLACES)
            .map(|drag| {
                let mut pad = vec![None; self.overlap];
                for (slot, letter) in pad[drag.place..].iter_mut().zip(letters::numbers(&drag.pad)) {
                    *slot = Some(letter);
                }
                let is_it = |line: &Letters<'_>| line.numbers() == self.cipher[drag.text];
                let line = self.lines.iter().position(is_it).unwrap_or(drag.text);
                let place = format!("the crib at letter {} of text {}", drag.place + 1, line + 1);
                (pad, Some(place))
            })
            .collect();
        match forced.is_empty() {
            true => Err(AttackError::CribDoesNotFit {
                reason: "it has no letters A to Z, or more than any of the texts".to_owned(),
            }),
            false => Ok(forced),
        }
    }

    fn run(&mut self, forced: Vec<Forced>, watch: &mut dyn Watch) -> Finding {
        let mut found: Vec<(Pad, Vec<f32>, Option<String>)> = Vec::new();
        for (number, (pad, place)) in forced.into_iter().enumerate() {
            if self.stopped && !found.is_empty() {
                break;
            }
            let (best, certainty) = self.beam(&pad, watch);
            // The likelihoods of pads compare only where they are equally long.
            if best.letters.len() < pad.len() && !found.is_empty() {
                break;
            }
            let better = found.iter().all(|(other, ..)| best.score > other.score);
            if better && !self.stopped {
                let (key, text) = (self.key(&best), self.text(&best.letters));
                self.stopped |= watch
                    .seen(Progress {
                        key: &key,
                        text: &text,
                        score: self.mean(&best),
                        tried: self.tried,
                        start: number as u32 + 1,
                        better,
                    })
                    .is_break();
            }
            found.push((best, certainty, place));
        }
        found.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
        let others = found.iter().skip(1).take(3).map(|(other, _, place)| Candidate {
            key: self.key(other),
            text: self.text(&other.letters),
            score: self.mean(other),
            note: place.clone().unwrap_or_default(),
        });
        let others = others.collect();
        let (best, certainty, place) = found.swap_remove(0);
        let (confident, why) = self.verdict(&best, &certainty, place.as_deref());
        Finding {
            key: self.key(&best),
            text: self.text(&best.letters),
            score: self.mean(&best),
            confident,
            why,
            tried: self.tried,
            certainty: self
                .lines
                .iter()
                .flat_map(|line| (0..line.numbers().len()).map(|i| certainty.get(i).copied().unwrap_or(0.0)))
                .collect(),
            others,
        }
    }

    /// Lengthens the best beginnings letter by letter. Gives the best pad, and for each letter the share of the kept
    /// pads that agree with it, by their likelihood: 0 for those that were only added after the search was stopped.
    fn beam(&mut self, forced: &[Option<u8>], watch: &mut dyn Watch) -> (Pad, Vec<f32>) {
        let mut kept = vec![Beginning {
            score: 0.0,
            recent: 0,
        }];
        let mut letters = Tree::default();
        let mut unasked = 0;
        for (i, &known) in forced.iter().enumerate() {
            self.stopped |= watch.go_on().is_break();
            if self.stopped {
                break;
            }
            let mut next: Vec<(f64, u32, u8)> = Vec::with_capacity(kept.len() * 26);
            for (from, beginning) in kept.iter().enumerate() {
                unasked += self.cipher.len();
                if unasked > BETWEEN_QUESTIONS {
                    unasked = 0;
                    self.stopped |= watch.go_on().is_break();
                }
                // The best beginning is lengthened in any case.
                if self.stopped && from > 0 {
                    break;
                }
                let gains = self.gains(beginning.recent, i);
                for key in (0..26).filter(|&key| known.is_none_or(|known| known == key)) {
                    next.push((beginning.score + gains[usize::from(key)], from as u32, key));
                }
            }
            self.tried += next.len() as u64;
            if next.len() > BEAM {
                next.select_nth_unstable_by(BEAM, |a, b| b.0.total_cmp(&a.0));
                next.truncate(BEAM);
            }
            next.sort_by(|a, b| b.0.total_cmp(&a.0));
            let grown = next.iter().map(|&(score, from, key)| Beginning {
                score,
                recent: followed(kept[from as usize].recent, key),
            });
            kept = grown.collect();
            letters.grow(
                next.into_iter()
                    .map(|(_, from, key)| Node { from, key })
                    .collect(),
            );
        }
        let likelihoods: Vec<f64> = kept
            .iter()
            .map(|other| (other.score - kept[0].score).exp())
            .collect();
        let (best, mut certainty) = letters.best(likelihoods);
        let mut pad = Pad {
            score: kept[0].score,
            letters: best,
        };
        self.complete(&mut pad, kept[0].recent, forced);
        certainty.resize(pad.letters.len(), 0.0);
        (pad, certainty)
    }

    /// Lengthens a pad by the likeliest letter each time, where the search was stopped before its end.
    fn complete(&self, pad: &mut Pad, mut recent: u64, forced: &[Option<u8>]) {
        let most = MOST_AFTER_A_STOP / self.cipher.len();
        for (i, &known) in forced.iter().enumerate().skip(pad.letters.len()).take(most) {
            let gains = self.gains(recent, i);
            let likeliest = (0..26u8)
                .filter(|&key| known.is_none_or(|known| known == key))
                .min_by(|&a, &b| gains[usize::from(b)].total_cmp(&gains[usize::from(a)]));
            let key = likeliest.unwrap_or(0);
            pad.score += gains[usize::from(key)];
            pad.letters.push(key);
            recent = followed(recent, key);
        }
    }

    /// What each next letter of the pad adds: the log-probability, in all texts together, of the letter that it makes
    /// after those before it. `recent` are the pad's last letters.
    fn gains(&self, recent: u64, i: usize) -> [f64; 26] {
        let mut gains = [0.0; 26];
        let order = self.gram.order();
        for cipher in &self.cipher {
            let Some(&letter) = cipher.get(i) else {
                continue;
            };
            let plain = |key: usize| (26 + usize::from(letter) - key) % 26;
            if i + 1 < order {
                for (key, gain) in gains.iter_mut().enumerate() {
                    *gain += self.letters[plain(key)];
                }
                continue;
            }
            let mut index = 0;
            for back in (1..order).rev() {
                let key = (recent >> (LETTER_BITS * (back as u32 - 1))) & LETTER_MASK;
                index = index * 26 + (26 + usize::from(cipher[i - back]) - key as usize) % 26;
            }
            let row = &self.gram.table()[index * 26..][..26];
            for (key, gain) in gains.iter_mut().enumerate() {
                *gain += self.gram.log_probability(row[plain(key)]);
            }
        }
        gains
    }

    fn verdict(&self, best: &Pad, certainty: &[f32], place: Option<&str>) -> (bool, String) {
        let chance = 26f64.ln();
        // The pad is free: only what the texts say beyond one of them can speak for it.
        let excess = best.score + (self.under(best) - best.letters.len()) as f64 * chance;
        let mean = certainty.iter().map(|&sure| f64::from(sure)).sum::<f64>() / certainty.len().max(1) as f64;
        let confident = self.cipher.len() >= FEWEST_SURE && excess > LEAST_EXCESS && mean > LEAST_CERTAINTY;
        let with = place.map(|place| format!(" With {place}.")).unwrap_or_default();
        let why = if confident {
            format!(
                "{} texts under one pad all make sense at once, far beyond chance.{with}",
                self.cipher.len()
            )
        } else if self.stopped {
            format!("The search was stopped.{with}")
        } else if self.cipher.len() < FEWEST_SURE {
            format!(
                "{} texts under one pad show fragments, but letters trade places between them, so this is never sure. Drag \
                 words that may stand in them: a right one shows a piece of the other text.{with}",
                if self.cipher.len() == 2 { "Two" } else { "Three" }
            )
        } else {
            format!(
                "Not enough text to be sure, or the lines are not under one pad from its first letter on.{with}"
            )
        };
        (confident, why)
    }

    /// How many letters of all texts stand under a pad.
    fn under(&self, pad: &Pad) -> usize {
        let of_each = self.cipher.iter();
        of_each.map(|letters| letters.len().min(pad.letters.len())).sum()
    }

    fn key(&self, best: &Pad) -> Key {
        Key::new().with("pad", &letters::word(&best.letters))
    }

    /// The texts under a pad, a line each. Letters beyond the pad are shown as ?.
    fn text(&self, pad: &[u8]) -> String {
        let lines: Vec<String> = self
            .lines
            .iter()
            .map(|line| {
                let plain = line
                    .numbers()
                    .iter()
                    .zip(pad)
                    .map(|(cipher, key)| (26 + cipher - key) % 26);
                line.replaced(&plain.collect::<Vec<u8>>(), '?')
            })
            .collect();
        lines.join("\n")
    }

    fn mean(&self, best: &Pad) -> f64 {
        best.score / self.under(best).max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::{Blind, Random};
    use super::super::tests::Patience;
    use super::*;
    use crate::analysis::language::Language;
    use crate::ciphers;

    const PAD: &str = "XMCKLQWZJVTBRAEOYHDGNSPIUFXKCMWLQZBJVTREAOHYDGSNPIFUGQZMTXKWPLDEHVBN";

    fn under_one_pad(texts: &[&str]) -> String {
        let cipher = ciphers::find("one-time-pad")
            .unwrap()
            .build(&Key::new().with("pad", PAD))
            .unwrap();
        let lines: Vec<String> = texts.iter().map(|text| cipher.encrypt(text).unwrap()).collect();
        lines.join("\n")
    }

    #[test]
    fn a_pad_used_once_is_not_broken_and_says_why() {
        let outcome = run(&Problem::new("EQNVZ QWERT", Language::english()), &mut Blind);
        assert!(matches!(outcome, Err(AttackError::CannotBeBroken { .. })));
        let short = run(&Problem::new("EQN\nABC", Language::english()), &mut Blind);
        assert_eq!(short, Err(AttackError::too_short(3, FEWEST_LETTERS)));
    }

    #[test]
    fn four_texts_under_one_pad_fall_by_themselves() {
        let texts = [
            "The committee will meet again on Thursday in the small room",
            "Please send the money to the usual address before the end",
            "There was nothing in the letter that we had not known",
            "We have seen them leave the house together this morning",
        ];
        let text = under_one_pad(&texts);
        let problem = Problem::new(&text, Language::english());
        let finding = run(&problem, &mut Blind).unwrap();
        let right = finding
            .text
            .chars()
            .zip(texts.join("\n").chars())
            .filter(|(a, b)| a == b)
            .count();
        assert!(right * 100 >= 90 * text.len(), "{}", finding.text);
        assert_eq!(run(&problem, &mut Blind).unwrap(), finding);
    }

    #[test]
    fn a_text_that_is_there_again_speaks_for_nothing() {
        let texts = [
            "The weather in the mountains is fine",
            "Meet me behind the station at seven",
        ];
        let again = [texts[0], texts[1], texts[0], &texts[1][..20], texts[1]];
        let text = under_one_pad(&again);
        let finding = run(&Problem::new(&text, Language::english()), &mut Blind).unwrap();
        assert!(!finding.confident, "{}", finding.text);
        assert!(finding.why.starts_with("Two texts"), "{}", finding.why);
        // All of them are shown.
        assert_eq!(finding.text.lines().count(), again.len());
        let letters = text.chars().filter(char::is_ascii_alphabetic).count();
        assert_eq!(finding.certainty.len(), letters);
        let alone = under_one_pad(&[texts[0], texts[0]]);
        let refused = run(&Problem::new(&alone, Language::english()), &mut Blind);
        assert!(matches!(refused, Err(AttackError::CannotBeBroken { .. })));
    }

    #[test]
    fn a_tree_gives_back_the_pads_that_were_put_into_it() {
        // Pads as the search makes them, but kept whole: every one goes on from some pad of the level before.
        let mut random = Random::new(4);
        let mut pads: Vec<Vec<u8>> = vec![Vec::new()];
        let mut tree = Tree::default();
        for _ in 0..400 {
            let from: Vec<usize> = (0..9).map(|_| random.below(pads.len())).collect();
            let level: Vec<Node> = from
                .iter()
                .map(|&from| Node {
                    from: from as u32,
                    key: random.below(26) as u8,
                })
                .collect();
            pads = from
                .iter()
                .zip(&level)
                .map(|(&from, node)| [&pads[from][..], &[node.key]].concat())
                .collect();
            tree.grow(level);
        }
        // Of nine pads that go on from one of nine at random all soon have one ancestor.
        assert!(tree.settled.len() > 200, "{}", tree.settled.len());
        let likelihoods: Vec<f64> = (1..=9).map(f64::from).collect();
        let (letters, certainty) = tree.best(likelihoods.clone());
        assert_eq!(letters, pads[0]);
        for (i, certainty) in certainty.into_iter().enumerate() {
            let agree = pads
                .iter()
                .zip(&likelihoods)
                .filter(|(pad, _)| pad[i] == pads[0][i]);
            let agree: f64 = agree.map(|(_, likelihood)| likelihood).sum();
            assert!((f64::from(certainty) - agree / 45.0).abs() < 1e-6, "{i}");
        }
    }

    #[test]
    fn a_stopped_search_adds_what_is_likeliest_and_is_sure_of_none_of_it() {
        let text = under_one_pad(&[
            "The committee will meet again on Thursday in the small room",
            "Please send the money to the usual address before the end",
            "There was nothing in the letter that we had not known",
            "We have seen them leave the house together this morning",
        ]);
        let problem = Problem::new(&text, Language::english());
        let finding = run(&problem, &mut Patience(1)).unwrap();
        let pad = finding.key.value("pad").unwrap();
        assert!(
            !finding.confident && finding.why == "The search was stopped.",
            "{}",
            finding.why
        );
        assert!(finding.certainty.iter().all(|&sure| sure == 0.0));
        // As many letters as the second longest text has.
        assert_eq!(pad.len(), 47);
    }

    #[test]
    fn a_long_text_ends_soon_after_the_stop() {
        let line = "QXJZ".repeat(MOST_AFTER_A_STOP / 4);
        let other = "ZQXJ".repeat(MOST_AFTER_A_STOP / 4);
        let text = format!("{line}\n{other}\n");
        let finding = run(&Problem::new(&text, Language::english()), &mut Patience(3)).unwrap();
        let pad = finding.key.value("pad").unwrap();
        assert!(
            pad.len() >= MOST_AFTER_A_STOP / 2 && pad.len() < line.len(),
            "{}",
            pad.len()
        );
        assert!(finding.text.ends_with('?') && finding.score < 0.0);
        assert!(!finding.confident);
    }

    #[test]
    fn a_crib_shows_what_stands_beside_it_and_two_texts_are_never_sure() {
        let text = under_one_pad(&[
            "The weather in the mountains is fine",
            "Meet me behind the station at seven",
        ]);
        let problem = Problem {
            crib: Some("the mountains"),
            ..Problem::new(&text, Language::english())
        };
        let finding = run(&problem, &mut Blind).unwrap();
        assert!(finding.text.contains("the station at"), "{}", finding.text);
        assert!(!finding.confident);
    }
}
