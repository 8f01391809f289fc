//! "Break it", beside a key space: a real attack on a card's own ciphertext, here and now, and the time it took.
//!
//! The bench knows the plaintext, so the answer is checked against it: what only looks like a language does not count
//! as broken. Which ciphertext is attacked, and what came of it; how that is shown is the panel's business.

use std::sync::Arc;
use std::time::Duration;

use super::attack_job::{Attack, AttackId, Phase, Stopped, Task};
use super::bench::{Card, CardId};
use super::breaking::MOST_BYTES;
use super::job::Output;
use super::state::Lab;
use crate::analysis::attack::AttackError;
use crate::analysis::attacks;
use crate::ciphers::{Direction, Key};

/// A card that is or was attacked.
#[derive(Clone, Debug)]
pub struct Trial {
    attack: AttackId,
    /// The result that was attacked: another one makes the trial stale.
    output: Arc<Output>,
    /// The plaintext, where the bench knows it: a bench that decrypts may have the wrong key.
    truth: Option<Arc<str>>,
}

/// What is known of a card's resistance.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It was not tried, or the card has changed since.
    NotTried,
    /// No attack on this cipher is in this program, or the card has no result to attack.
    NoAttack,
    /// An attack is at work.
    Working {
        /// Working time so far.
        elapsed: Duration,
    },
    /// The plaintext was found.
    Broken {
        /// The working time that it took.
        elapsed: Duration,
        /// Keys that were tried.
        tried: u64,
    },
    /// It was not found in the time that a trial has.
    Held {
        /// The working time that was spent.
        elapsed: Duration,
        /// Why, in words.
        why: String,
    },
    /// No attack of this kind can work.
    Unbreakable {
        /// Why, in words.
        why: String,
    },
}

impl Lab {
    /// Attacks a card's ciphertext, as somebody who knows the cipher and nothing of the key.
    pub fn try_to_break(&mut self, card: CardId) -> Option<AttackId> {
        let (ciphertext, truth, output) = self.material(card)?;
        let card_now = self.bench.card(card)?;
        let spec = attacks::find(card_now.cipher.id)?;
        let task = Task {
            spec,
            text: ciphertext.into(),
            language: super::languages()[0],
            crib: None,
            locks: Vec::new(),
            known: public_part(card_now),
            seed: 1,
            longest: LONGEST,
        };
        let attack = self.attacks.start(task)?;
        let trial = Trial {
            attack,
            output,
            truth: truth.map(Arc::from),
        };
        if let Some(old) = self.trials.insert(card, trial) {
            self.attacks.remove(old.attack);
        }
        Some(attack)
    }

    /// What is known of a card's resistance.
    pub fn verdict(&self, card: CardId) -> Verdict {
        let Some(on_bench) = self.bench.card(card) else {
            return Verdict::NotTried;
        };
        if attacks::find(on_bench.cipher.id).is_none() {
            return Verdict::NoAttack;
        }
        let (Some(trial), Some(Ok(output))) = (self.trials.get(&card), self.outcome(card)) else {
            return Verdict::NotTried;
        };
        if !Arc::ptr_eq(&trial.output, output) {
            return Verdict::NotTried;
        }
        match self.attacks.attack(trial.attack) {
            Some(attack) => judge(attack, trial.truth.as_deref()),
            None => Verdict::NotTried,
        }
    }

    /// A ciphertext of this card, what it says, and the result that it goes with.
    ///
    /// Of a long text only the beginning is attacked. It is encrypted anew: a piece of a transposition's output is no
    /// transposition's output.
    fn material(&self, card: CardId) -> Option<(String, Option<String>, Arc<Output>)> {
        let output = match self.outcome(card)? {
            Ok(output) => Arc::clone(output),
            Err(_) => return None,
        };
        if self.bench.direction() == Direction::Decrypt {
            let text = self.bench.text();
            let end = text.floor_char_boundary(MOST_BYTES);
            return Some((text[..end].to_owned(), None, output));
        }
        let spec = self.bench.card(card)?.cipher;
        let cipher = spec.build(&output.resolved).ok()?;
        let whole = self.bench.policy().before(self.bench.text()).text;
        let plaintext: String = whole.chars().take(MOST_ATTACKED).collect();
        let ciphertext = cipher.encrypt(&plaintext).ok()?;
        Some((ciphertext, Some(cipher.prepare(&plaintext)), output))
    }

    /// Forgets the trials of cards that are gone.
    pub(super) fn forget_trials(&mut self) {
        let gone: Vec<CardId> = self
            .trials
            .keys()
            .copied()
            .filter(|&card| self.bench.card(card).is_none())
            .collect();
        for card in gone {
            if let Some(trial) = self.trials.remove(&card) {
                self.attacks.remove(trial.attack);
            }
        }
    }
}

/// What an eavesdropper knows of a key by Kerckhoffs' principle: the kind of machine, not its setting.
fn public_part(card: &Card) -> Key {
    let public = ["model", "letters"];
    card.key
        .iter()
        .filter(|(name, value)| public.contains(name) && !value.trim().is_empty())
        .filter(|(name, _)| attacks::find(card.cipher.id).is_some_and(|spec| spec.known.contains(name)))
        .collect()
}

fn judge(attack: &Attack, truth: Option<&str>) -> Verdict {
    let elapsed = attack.elapsed;
    let Some(ending) = attack.ending.as_ref().filter(|_| attack.phase == Phase::Ended) else {
        return Verdict::Working { elapsed };
    };
    match &ending.outcome {
        Ok(finding)
            if truth.map_or(finding.confident, |truth| {
                share_right(&finding.text, truth) >= SOLVED
            }) =>
        {
            Verdict::Broken {
                elapsed,
                tried: finding.tried,
            }
        }
        Ok(finding) => Verdict::Held {
            elapsed,
            why: match ending.stopped {
                Some(Stopped::ByTime) => "the time for a trial was over".to_owned(),
                Some(Stopped::ByUser) => "it was cancelled".to_owned(),
                None => finding.why.clone(),
            },
        },
        Err(AttackError::CannotBeBroken { reason }) => Verdict::Unbreakable { why: reason.clone() },
        Err(error) => Verdict::Held {
            elapsed,
            why: error.to_string(),
        },
    }
}

/// The share of the truth's letters A to Z that are right, at their places. Digits and other letters hold places, so that
/// one that was read as a letter does not move those behind it; all else does not count.
pub fn share_right(found: &str, truth: &str) -> f64 {
    let places = |text: &str| -> Vec<char> {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .map(|c| c.to_ascii_uppercase())
            .collect()
    };
    let (found, truth) = (places(found), places(truth));
    let letters = truth.iter().filter(|c| c.is_ascii_uppercase()).count();
    if letters == 0 {
        return 0.0;
    }
    let pairs = found.iter().zip(&truth);
    let right = pairs.filter(|(a, b)| a == b && b.is_ascii_uppercase()).count();
    right as f64 / (letters + found.len().saturating_sub(truth.len())) as f64
}

/// A time in short: "46 ms", "1.2 s", "3 min".
pub fn in_short(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1e3;
    match millis {
        ..0.95 => "less than 1 ms".to_owned(),
        ..999.5 => format!("{millis:.0} ms"),
        ..59_950.0 => format!("{:.1} s", millis / 1e3),
        _ => format!("{:.0} min", millis / 60e3),
    }
}

/// From this share of right letters on a text counts as solved.
pub const SOLVED: f64 = 0.95;
/// The longest working time of a trial.
const LONGEST: Duration = Duration::from_secs(20);
/// As many characters of a text as are attacked.
const MOST_ATTACKED: usize = 1_500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_short() {
        let told = |micros| in_short(Duration::from_micros(micros));
        assert_eq!(told(300), "less than 1 ms");
        assert_eq!(told(46_200), "46 ms");
        assert_eq!(told(999_700), "1.0 s");
        assert_eq!(told(90_000_000), "2 min");
    }

    #[test]
    fn right_letters_are_counted_at_their_places() {
        assert_eq!(share_right("Attack at dawn!", "ATTACKATDAWN"), 1.0);
        assert_eq!(share_right("XTTACKATDAWN", "attack at dawn"), 11.0 / 12.0);
        // What is missing or too much is wrong.
        assert_eq!(share_right("ATTACK", "ATTACKATDAWN"), 0.5);
        assert_eq!(share_right("ATTACKATDAWNATTACKATDAWN", "ATTACKATDAWN"), 0.5);
        assert_eq!(share_right("", ""), 0.0);
        assert_eq!(share_right("1942", "1942"), 0.0);
        // Digits that were read as letters hold the places of those behind them.
        assert_eq!(share_right("INZXJQTHEYCAME", "IN 1942 THEY CAME"), 1.0);
        assert_eq!(share_right("IN7HEYC4ME", "IN THEY CAME"), 8.0 / 10.0);
    }
}
