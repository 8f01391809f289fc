//! "What if this had been Caesar?": one message in every classical cipher, and how long each lasts here and now.
//!
//! One thread, named `what if`, encrypts and attacks; the attacks are those of [`crate::analysis`], with nothing
//! told but the cipher. Dropping the comparison stops it.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::thread::spawn;
use super::trial::{SOLVED, share_right};
use crate::analysis::attack::{AttackError, Problem, Progress, Watch};
use crate::analysis::attacks;
use crate::analysis::language::Language;
use crate::ciphers::{self, CipherSpec};

/// How long each attack may take.
pub const PATIENCE: Duration = Duration::from_secs(4);
/// Longest part of a message that is looked at.
const MAX_CHARS: usize = 2000;

/// A cipher and how it fared.
#[derive(Debug, Clone)]
pub struct Row {
    /// The cipher.
    pub cipher: &'static CipherSpec,
    /// The message in it.
    pub ciphertext: String,
    /// How it fared.
    pub fate: Fate,
}

/// How a cipher fared.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// Its turn has not come.
    Waiting,
    /// The attack works.
    Working,
    /// The message was read.
    Broken {
        /// How long it took.
        took: Duration,
        /// Keys tried.
        tried: u64,
        /// Whether the attack was sure of it.
        sure: bool,
    },
    /// It was not read in the time given.
    Holds {
        /// How long was tried.
        took: Duration,
        /// Why, in words.
        why: String,
    },
    /// There is nothing to attack with.
    NoAttack {
        /// Why, in words.
        why: String,
    },
    /// Nothing was tried: the message is too short, it can't be put into this cipher, or the program failed.
    NotTried {
        /// Why, in words.
        why: String,
    },
}

/// The comparison, while it works and behind.
pub struct WhatIf {
    text: String,
    rows: Arc<Mutex<Vec<Row>>>,
    stop: Arc<AtomicBool>,
}

impl WhatIf {
    /// Begins; `wake` is called after every change.
    pub fn begin(text: &str, wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<WhatIf> {
        Self::with(text, attack, wake)
    }

    /// [`WhatIf::begin`] with an attack of the caller's.
    fn with(text: &str, attack: Attack, wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<WhatIf> {
        let text: String = text.chars().take(MAX_CHARS).collect();
        let rows: Vec<Row> = ciphers::ALL.iter().map(|spec| row(spec, &text)).collect();
        let rows = Arc::new(Mutex::new(rows));
        let stop = Arc::new(AtomicBool::new(false));
        let (theirs, stopped, plain) = (Arc::clone(&rows), Arc::clone(&stop), text.clone());
        let wake = Arc::new(wake);
        let (of_the_dead, wake_of_the_dead) = (Arc::clone(&rows), Arc::clone(&wake));
        let work = move || attack_all(&theirs, &stopped, &plain, attack, wake.as_ref());
        spawn("what if", work, move || {
            give_up(&of_the_dead);
            wake_of_the_dead();
        })?;
        Ok(WhatIf { text, rows, stop })
    }

    /// The message.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The ciphers as they stand now.
    pub fn rows(&self) -> Vec<Row> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for WhatIf {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Attacks a ciphertext whose plaintext is known, until it is told to stop.
type Attack = fn(&'static CipherSpec, &str, &str, &AtomicBool) -> Fate;

/// What is said of a cipher or an attack that panicked: it ends its row, not the others.
const FAULT: &str = "it failed here: a fault of this program";

fn row(spec: &'static CipherSpec, text: &str) -> Row {
    let encrypt = || {
        let cipher = spec
            .build(&spec.sample_key())
            .map_err(|error| error.to_string())?;
        cipher.encrypt(text).map_err(|error| error.to_string())
    };
    let encrypted = catch_unwind(AssertUnwindSafe(encrypt)).unwrap_or_else(|_| Err(FAULT.to_owned()));
    let (ciphertext, fate) = match encrypted {
        Ok(ciphertext) => (ciphertext, Fate::Waiting),
        Err(why) => (String::new(), Fate::NotTried { why }),
    };
    Row {
        cipher: spec,
        ciphertext,
        fate,
    }
}

/// What was still to be tried is not tried: the thread died.
fn give_up(rows: &Mutex<Vec<Row>>) {
    let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
    for row in rows.iter_mut() {
        if matches!(row.fate, Fate::Waiting | Fate::Working) {
            let why = FAULT.to_owned();
            row.fate = Fate::NotTried { why };
        }
    }
}

fn attack_all(rows: &Mutex<Vec<Row>>, stop: &AtomicBool, plain: &str, attack: Attack, wake: &impl Fn()) {
    Language::english().unpack();
    let count = ciphers::ALL.len();
    for place in 0..count {
        let task = {
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(row) = rows.get_mut(place).filter(|row| row.fate == Fate::Waiting) else {
                continue;
            };
            row.fate = Fate::Working;
            (row.cipher, row.ciphertext.clone())
        };
        wake();
        let fate = catch_unwind(AssertUnwindSafe(|| attack(task.0, &task.1, plain, stop)));
        let fate = fate.unwrap_or_else(|_| Fate::NotTried {
            why: FAULT.to_owned(),
        });
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(row) = rows.get_mut(place) {
            row.fate = fate;
        }
        drop(rows);
        wake();
    }
}

fn attack(spec: &'static CipherSpec, ciphertext: &str, plain: &str, stop: &AtomicBool) -> Fate {
    let Some(attack) = attacks::find(spec.id) else {
        let why = match spec.id {
            "one-time-pad" => {
                "every text of this length is as likely as every other: there is nothing to find"
            }
            "aes-256-gcm" => "2^256 keys, and nothing known that is better than trying them",
            _ => "there is no automatic attack on it here",
        };
        return Fate::NoAttack { why: why.to_owned() };
    };
    let begin = Instant::now();
    let mut clock = Clock {
        until: begin + PATIENCE,
        stop,
    };
    let outcome = attack.run(&Problem::new(ciphertext, Language::english()), &mut clock);
    let took = begin.elapsed();
    match outcome {
        Ok(found) => {
            let cipher = spec.build(&spec.sample_key());
            let wanted = cipher.map_or_else(|_| plain.to_owned(), |cipher| cipher.prepare(plain));
            let share = share_right(&found.text, &wanted);
            if share >= SOLVED {
                Fate::Broken {
                    took,
                    tried: found.tried,
                    sure: found.confident,
                }
            } else {
                let why = nearest(share, found.confident);
                Fate::Holds { took, why }
            }
        }
        Err(AttackError::CannotBeBroken { reason }) => Fate::NoAttack { why: reason },
        Err(error @ AttackError::TooShort { .. }) => Fate::NotTried {
            why: error.to_string(),
        },
        Err(error) => Fate::Holds {
            took,
            why: error.to_string(),
        },
    }
}

/// What came out instead of the message. The bench knows the message, so what the attack thinks of its own text
/// counts only where it took a wrong one for right.
fn nearest(share: f64, sure: bool) -> String {
    let percent = (share * 100.0).floor();
    match sure {
        true => format!(
            "the attack took another text for the message, which reads like English too; {percent} % of its letters are right"
        ),
        false => format!("of the best text that came out {percent} % of the letters are right"),
    }
}

struct Clock<'a> {
    until: Instant,
    stop: &'a AtomicBool,
}

impl Watch for Clock<'_> {
    fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
        self.go_on()
    }

    fn go_on(&mut self) -> ControlFlow<()> {
        if self.stop.load(Ordering::Relaxed) || Instant::now() >= self.until {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU8;

    use super::*;

    #[test]
    fn a_verdict_says_one_thing() {
        assert_eq!(
            nearest(0.948, false),
            "of the best text that came out 94 % of the letters are right"
        );
        assert!(nearest(0.2, true).contains("took another text for the message"));
    }

    #[test]
    fn an_attack_that_panics_ends_its_row_and_no_other() {
        let faulty = |spec: &'static CipherSpec, _: &str, _: &str, _: &AtomicBool| match spec.id {
            "caesar" => panic!("as it is meant to"),
            _ => Fate::NoAttack {
                why: "not now".to_owned(),
            },
        };
        let (woken, wakes) = crossbeam_channel::bounded(1);
        let what_if = WhatIf::with("We attack at dawn.", faulty, move || {
            let _ = woken.try_send(());
        })
        .unwrap();
        while wakes.recv_timeout(Duration::from_secs(60)).is_ok() {}
        for row in what_if.rows() {
            match row.cipher.id {
                "caesar" => assert!(matches!(row.fate, Fate::NotTried { ref why } if why == FAULT)),
                _ => assert!(matches!(row.fate, Fate::NoAttack { .. }), "{:?}", row.fate),
            }
        }
    }

    #[test]
    fn what_the_dead_thread_did_not_try_is_said_to_be_so() {
        let faulty: Attack = |_, _, _, _| Fate::NoAttack {
            why: "not now".to_owned(),
        };
        let (woken, wakes) = crossbeam_channel::bounded(64);
        // The first row is tried and waited for; whoever is woken for the second panics, and is woken no more.
        let count = AtomicU8::new(0);
        let what_if = WhatIf::with("We attack at dawn.", faulty, move || {
            let woken_before = count.fetch_add(1, Ordering::Relaxed);
            let _ = woken.try_send(());
            assert!(woken_before != 2, "on purpose");
        })
        .unwrap();
        while wakes.recv_timeout(Duration::from_secs(60)).is_ok() {}
        let rows = what_if.rows();
        let tried = |row: &&Row| matches!(row.fate, Fate::NoAttack { .. });
        assert_eq!(rows.iter().filter(tried).count(), 1);
        let given_up = |row: &&Row| matches!(&row.fate, Fate::NotTried { why } if why == FAULT);
        assert_eq!(rows.iter().filter(given_up).count(), rows.len() - 1);
    }

    #[test]
    fn every_cipher_gets_a_fate_and_the_modern_ones_hold() {
        let (woken, wakes) = crossbeam_channel::bounded(1);
        let text = "We attack at dawn, from the north, as soon as the fog has lifted over the river and the bells ring.";
        let what_if = WhatIf::begin(text, move || {
            let _ = woken.try_send(());
        })
        .unwrap();
        let until = Instant::now() + Duration::from_secs(200);
        let settled = |fate: &Fate| !matches!(fate, Fate::Waiting | Fate::Working);
        while !what_if.rows().iter().all(|row| settled(&row.fate)) {
            assert!(Instant::now() < until);
            let _ = wakes.recv_timeout(Duration::from_millis(100));
        }
        for row in what_if.rows() {
            match row.cipher.id {
                "aes-256-gcm" | "one-time-pad" => assert!(!matches!(row.fate, Fate::Broken { .. })),
                // Where there is an attack on Caesar, it reads this in no time.
                "caesar" if attacks::find("caesar").is_some() => {
                    assert!(matches!(row.fate, Fate::Broken { .. }), "{:?}", row.fate);
                }
                _ => {}
            }
        }
    }
}
