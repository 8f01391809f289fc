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
              texts give fragments that a crib (a word known to stand in one of them) turns into sentences, and are never \
              called sure; three give nearly all letters, four or more of some 60 letters fall by themselves. Letters that only the longest text \
              has stay unknown and are shown as ?.",
    help: Help::CRIB,
    known: &[],
    search: run,
};

/// Beginnings that are kept at each letter.
const BEAM: usize = 3000;
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
    if lines.len() < 2 {
        return Err(AttackError::CannotBeBroken {
            reason: "a one-time pad can't be broken: for every text of this length there is a pad that makes this ciphertext \
                     of it, and all are equally likely. Needed would be the pad, or a second text under the same pad: give \
                     each on a line of its own"
                .to_owned(),
        });
    }
    let mut lengths: Vec<usize> = lines.iter().map(|line| line.numbers().len()).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    // Beyond the second longest text there is nothing to compare.
    let overlap = lengths[1];
    if overlap < FEWEST_LETTERS {
        return Err(AttackError::too_short(overlap, FEWEST_LETTERS));
    }
    let mut search = Search {
        cipher: lines.iter().map(|line| line.numbers().to_vec()).collect(),
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

/// A pad of which some letters are known, and where the crib stands that says so.
type Forced = (Vec<Option<u8>>, Option<String>);

struct Search<'a> {
    lines: Vec<Letters<'a>>,
    cipher: Vec<Vec<u8>>,
    overlap: usize,
    gram: &'static Gram,
    letters: [f64; 26],
    tried: u64,
    stopped: bool,
}

/// A beginning of the pad.
#[derive(Clone)]
struct Beginning {
    score: f64,
    pad: Vec<u8>,
}

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
                let place = format!("the crib at letter {} of text {}", drag.place + 1, drag.text + 1);
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
        let mut found: Vec<(Beginning, Vec<f32>, Option<String>)> = Vec::new();
        for (number, (pad, place)) in forced.into_iter().enumerate() {
            if self.stopped && !found.is_empty() {
                break;
            }
            let (best, certainty) = self.beam(&pad, watch);
            let better = found.iter().all(|(other, ..)| best.score > other.score);
            if better && !self.stopped {
                let (key, text) = (self.key(&best), self.text(&best.pad));
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
            text: self.text(&other.pad),
            score: self.mean(other),
            note: place.clone().unwrap_or_default(),
        });
        let others = others.collect();
        let (best, certainty, place) = found.swap_remove(0);
        let (confident, why) = self.verdict(&best, &certainty, place.as_deref());
        Finding {
            key: self.key(&best),
            text: self.text(&best.pad),
            score: self.mean(&best),
            confident,
            why,
            tried: self.tried,
            certainty: self
                .cipher
                .iter()
                .flat_map(|letters| (0..letters.len()).map(|i| certainty.get(i).copied().unwrap_or(0.0)))
                .collect(),
            others,
        }
    }

    /// Lengthens the best beginnings letter by letter. Gives the best pad, and for each letter the share of the kept
    /// pads that agree with it, by their likelihood.
    fn beam(&mut self, forced: &[Option<u8>], watch: &mut dyn Watch) -> (Beginning, Vec<f32>) {
        let mut kept = vec![Beginning {
            score: 0.0,
            pad: Vec::new(),
        }];
        for (i, &known) in forced.iter().enumerate() {
            self.stopped |= watch.go_on().is_break();
            let mut next: Vec<(f64, u32, u8)> = Vec::with_capacity(kept.len() * 26);
            for (from, beginning) in kept.iter().enumerate() {
                // A stopped search still ends with a whole pad: it goes on with the best beginning alone.
                if self.stopped && from > 0 {
                    break;
                }
                for key in (0..26).filter(|&key| known.is_none_or(|known| known == key)) {
                    let gain: f64 = self
                        .cipher
                        .iter()
                        .map(|letters| self.gain(letters, &beginning.pad, i, key))
                        .sum();
                    next.push((beginning.score + gain, from as u32, key));
                }
            }
            self.tried += next.len() as u64;
            if next.len() > BEAM {
                next.select_nth_unstable_by(BEAM, |a, b| b.0.total_cmp(&a.0));
                next.truncate(BEAM);
            }
            next.sort_by(|a, b| b.0.total_cmp(&a.0));
            kept = next
                .into_iter()
                .map(|(score, from, key)| {
                    let mut pad = Vec::with_capacity(forced.len());
                    pad.extend_from_slice(&kept[from as usize].pad);
                    pad.push(key);
                    Beginning { score, pad }
                })
                .collect();
        }
        let best = kept.first().cloned().unwrap_or(Beginning {
            score: 0.0,
            pad: Vec::new(),
        });
        let total: f64 = kept.iter().map(|other| (other.score - best.score).exp()).sum();
        let certainty = (0..best.pad.len())
            .map(|i| {
                let agree = kept.iter().filter(|other| other.pad[i] == best.pad[i]);
                let agree: f64 = agree.map(|other| (other.score - best.score).exp()).sum();
                (agree / total) as f32
            })
            .collect();
        (best, certainty)
    }

    /// What the letter of one text under a pad's next letter adds: its log-probability after those before it.
    fn gain(&self, cipher: &[u8], pad: &[u8], i: usize, key: u8) -> f64 {
        let Some(&letter) = cipher.get(i) else {
            return 0.0;
        };
        let plain = (26 + letter - key) % 26;
        let order = self.gram.order();
        if i + 1 < order {
            return self.letters[usize::from(plain)];
        }
        let mut index = 0;
        for before in i + 1 - order..i {
            index = index * 26 + usize::from((26 + cipher[before] - pad[before]) % 26);
        }
        self.gram
            .log_probability(self.gram.table()[index * 26 + usize::from(plain)])
    }

    fn verdict(&self, best: &Beginning, certainty: &[f32], place: Option<&str>) -> (bool, String) {
        let shared: usize = self
            .cipher
            .iter()
            .map(|letters| letters.len().min(self.overlap))
            .sum();
        let chance = 26f64.ln();
        // The pad is free: only what the texts say beyond one of them can speak for it.
        let excess = best.score + (shared - self.overlap) as f64 * chance;
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

    fn key(&self, best: &Beginning) -> Key {
        Key::new().with("pad", &letters::word(&best.pad))
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

    fn mean(&self, best: &Beginning) -> f64 {
        let shared: usize = self
            .cipher
            .iter()
            .map(|letters| letters.len().min(self.overlap))
            .sum();
        best.score / shared.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::Blind;
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
