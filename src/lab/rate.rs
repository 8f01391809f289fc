//! How much text an attack needs: the share of fresh texts that it solves, measured length by length.
//!
//! Each trial takes a piece of prose, encrypts it under a random key, and sets the attack on it. The trials run in the
//! pool of [`attack_job`](super::attack_job), two at a time.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::attack_job::{AttackId, Attacks, Phase, Task};
use super::random_key::random_key;
use super::trial::{SOLVED, share_right};
use super::{challenge, samples};
use crate::analysis::attack::AttackSpec;
use crate::ciphers::{Key, find};

/// What was measured at one length.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Letters of each text.
    pub length: usize,
    /// Texts that were tried.
    pub tried: u32,
    /// Texts of which at least 95 % came out right.
    pub solved: u32,
    /// Wrong answers that the attack was sure of.
    pub falsely_sure: u32,
    /// Working time of all trials.
    pub time: Duration,
}

impl Point {
    /// The share of texts that were solved.
    pub fn share(&self) -> f64 {
        f64::from(self.solved) / f64::from(self.tried.max(1))
    }
}

/// A measurement, at work or over.
#[derive(Debug, Default)]
pub struct Rate {
    cipher: Option<&'static str>,
    points: Vec<Point>,
    /// Lengths that are still to be tried, the next last.
    waiting: Vec<usize>,
    running: Vec<Trial>,
    drawn: u64,
    seed: u64,
}

#[derive(Debug)]
struct Trial {
    attack: AttackId,
    length: usize,
    truth: String,
}

impl Rate {
    /// Begins anew for a cipher: `trials` texts of each length. What was measured of another cipher is forgotten.
    pub fn begin(
        &mut self,
        attacks: &mut Attacks,
        spec: &AttackSpec,
        lengths: &[usize],
        trials: usize,
        seed: u64,
    ) {
        if self.cipher != Some(spec.cipher) {
            self.stop(attacks);
            self.points.clear();
            self.drawn = 0;
        }
        self.cipher = Some(spec.cipher);
        self.seed = seed;
        // One text of each length, then the next of each: the whole curve shows early.
        for _ in 0..trials {
            self.waiting.extend(lengths.iter().rev());
        }
        self.refresh(attacks);
    }

    /// Ends what is under way; what was measured stays.
    pub fn stop(&mut self, attacks: &mut Attacks) {
        self.waiting.clear();
        for trial in self.running.drain(..) {
            attacks.remove(trial.attack);
        }
    }

    /// The cipher that is or was measured.
    pub fn cipher(&self) -> Option<&'static str> {
        self.cipher
    }

    /// What was measured, the shortest texts first.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Trials that are still to come or at work.
    pub fn left(&self) -> usize {
        self.waiting.len() + self.running.len()
    }

    /// Counts what is over and starts what is next. Never waits.
    pub fn refresh(&mut self, attacks: &mut Attacks) {
        let mut still = Vec::new();
        for trial in std::mem::take(&mut self.running) {
            match attacks.attack(trial.attack) {
                Some(attack) if attack.phase != Phase::Ended => still.push(trial),
                Some(attack) => {
                    let finding = attack.finding();
                    let solved =
                        finding.is_some_and(|finding| share_right(&finding.text, &trial.truth) >= SOLVED);
                    let sure = finding.is_some_and(|finding| finding.confident);
                    let time = attack.elapsed;
                    let place = self.points.partition_point(|point| point.length < trial.length);
                    if self
                        .points
                        .get(place)
                        .is_none_or(|point| point.length != trial.length)
                    {
                        let length = trial.length;
                        self.points.insert(
                            place,
                            Point {
                                length,
                                ..Point::default()
                            },
                        );
                    }
                    let point = &mut self.points[place];
                    point.tried += 1;
                    point.solved += u32::from(solved);
                    point.falsely_sure += u32::from(sure && !solved);
                    point.time += time;
                    attacks.remove(trial.attack);
                }
                None => {}
            }
        }
        self.running = still;
        while self.running.len() < AT_ONCE {
            let (Some(cipher), Some(length)) = (self.cipher, self.waiting.pop()) else {
                return;
            };
            if let Some(trial) = self.start(attacks, cipher, length) {
                self.running.push(trial);
            }
        }
    }

    fn start(&mut self, attacks: &mut Attacks, cipher: &'static str, length: usize) -> Option<Trial> {
        self.drawn += 1;
        let mut rng = StdRng::seed_from_u64(self.seed.wrapping_add(self.drawn));
        let plaintext = piece(length, &mut rng);
        let spec = find(cipher)?;
        let built = spec.build(&random_key(spec, length, &mut rng)).ok()?;
        let attack = attacks.start(Task {
            spec: crate::analysis::attacks::find(cipher)?,
            text: built.encrypt(&plaintext).ok()?.into(),
            language: super::languages()[0],
            crib: None,
            locks: Vec::new(),
            known: Key::new(),
            seed: self.drawn,
            longest: LONGEST,
        })?;
        Some(Trial {
            attack,
            length,
            truth: built.prepare(&plaintext),
        })
    }
}

/// A piece of English prose with so many letters, from the beginning of a word, without spaces.
pub fn piece(length: usize, rng: &mut StdRng) -> String {
    let prose = prose();
    let starts: Vec<usize> = prose
        .char_indices()
        .filter(|&(at, c)| c == ' ' && prose.len() - at > 2 * length)
        .map(|(at, _)| at + 1)
        .collect();
    let start = match starts.len() {
        0 => 0,
        count => starts[rng.random_range(0..count)],
    };
    let letters = prose[start..].chars().filter(char::is_ascii_alphabetic);
    letters.take(length).map(|c| c.to_ascii_uppercase()).collect()
}

/// All English prose of the lab.
pub(super) fn prose() -> String {
    let samples = samples::ALL.iter().take(3).map(|sample| sample.text);
    let spaced = |text: &&str| text.contains(' ');
    let puzzles = challenge::ALL
        .iter()
        .map(|puzzle| puzzle.plaintext())
        .filter(spaced);
    samples.chain(puzzles).collect::<Vec<_>>().join(" ")
}

/// Trials at work at once.
const AT_ONCE: usize = 2;
/// The longest working time of one trial.
const LONGEST: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_have_the_length_that_was_asked_for() {
        let mut rng = StdRng::seed_from_u64(3);
        for length in [10, 60, 400] {
            let piece = piece(length, &mut rng);
            assert_eq!(piece.len(), length);
            assert!(piece.bytes().all(|byte| byte.is_ascii_uppercase()));
        }
        assert_ne!(piece(60, &mut rng), piece(60, &mut rng));
    }
}
