//! The verb `break`: runs an attack on a text, with a clock beside it, and tells how it goes.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::ciphers::near;
use super::interrupt::interruptions;
use super::report::{complain, output_failed};
use super::texts::read;
use super::{BreakArguments, Exit};
use crate::analysis::attack::{AttackError, AttackSpec, Finding, Lock, Problem, Progress, Watch};
use crate::analysis::attacks;
use crate::analysis::auto::{Broken, Turns, auto};
use crate::analysis::grouping::spaces_part_words;
use crate::analysis::language::{self, Language, letters_of};
use crate::ciphers::{self, Key};

/// Runs `cipher-room break`.
pub fn break_text(arguments: &BreakArguments) -> Exit {
    let task = match Task::of(arguments) {
        Ok(task) => task,
        Err(reason) => {
            complain(&reason);
            return Exit::Usage;
        }
    };
    let text = match read(arguments.file.as_deref(), MOST_BYTES) {
        Ok(text) => text,
        Err(reason) => {
            complain(&reason);
            return Exit::Failed;
        }
    };
    let problem = Problem {
        text: &text,
        language: task.language,
        crib: arguments.crib.as_deref(),
        locks: &task.locks,
        known: task.known,
        seed: arguments.seed,
    };
    let mut clock = Clock::new(arguments.json, task.time, task.language);
    let outcome = match task.attack {
        Some(attack) => attack.run(&problem, &mut clock).map(|finding| Broken {
            cipher: attack.cipher,
            finding,
        }),
        None => auto(&problem, &mut clock),
    };
    match outcome {
        Ok(broken) => clock.conclude(&broken),
        Err(error) => {
            complain(&error.to_string());
            match error {
                AttackError::Known { .. } | AttackError::LocksContradict { .. } => Exit::Usage,
                _ => Exit::Failed,
            }
        }
    }
}

/// What the arguments ask for.
struct Task {
    /// `None` is `auto`.
    attack: Option<&'static AttackSpec>,
    language: &'static Language,
    locks: Vec<Lock>,
    known: Key,
    time: Duration,
}

impl Task {
    fn of(arguments: &BreakArguments) -> Result<Task, String> {
        let id = arguments.cipher.as_str();
        let attack = match id {
            "auto" => None,
            id => Some(attacks::find(id).ok_or_else(|| no_attack(id))?),
        };
        let language = Language::find(&arguments.language).ok_or_else(|| {
            let known: Vec<&str> = language::ALL.iter().map(|language| language.id).collect();
            format!(
                "--language: no model of '{}'; there are {}",
                arguments.language.escape_debug(),
                known.join(", ")
            )
        })?;
        let known = Key::parse(&arguments.keys).map_err(|error| format!("--key: {error}"))?;
        for (param, _) in known.iter() {
            match attack {
                None => {
                    return Err("--key: parameters can be known only of a cipher that is known".to_owned());
                }
                Some(attack) if !attack.known.contains(&param) => {
                    return Err(match attack.known {
                        [] => format!("--key: the attack on {id} takes no known parameter"),
                        valid => format!(
                            "--key: the attack on {id} takes no {}; it takes {}",
                            param.escape_debug(),
                            valid.join(", ")
                        ),
                    });
                }
                Some(_) => {}
            }
        }
        let locks = arguments
            .locks
            .iter()
            .map(|lock| parse_lock(lock))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(attack) = attack {
            if !locks.is_empty() && !attack.help.locks {
                return Err(format!("--lock: the attack on {id} can't use locked letters"));
            }
            if arguments.crib.is_some() && !attack.help.crib {
                return Err(format!("--crib: the attack on {id} can't use a crib"));
            }
        }
        if let Some(crib) = arguments
            .crib
            .as_deref()
            .filter(|crib| letters_of(crib).is_empty())
        {
            return Err(format!(
                "--crib takes a word or phrase of the plaintext with letters from A to Z; '{}' has none",
                crib.escape_debug()
            ));
        }
        let seconds = arguments.time.unwrap_or(default_seconds(id));
        if !(seconds > 0.0 && seconds <= MOST_SECONDS) {
            return Err(format!(
                "--time takes seconds, more than 0 and at most {MOST_SECONDS}"
            ));
        }
        Ok(Task {
            attack,
            language,
            locks,
            known,
            time: Duration::from_secs_f64(seconds),
        })
    }
}

const MOST_SECONDS: f64 = 86_400.0;
/// Most of a text that is attacked, in bytes: a longer one takes minutes and gigabytes beside the clock.
const MOST_BYTES: u64 = 8 << 20;
/// Bytes of a text whose spaces are put back.
const MOST_SPACED: usize = 100_000;

/// The time that an attack gets when none is said: enough for what it can do.
fn default_seconds(id: &str) -> f64 {
    match id {
        "caesar" | "rot13" | "atbash" | "affine" | "rail-fence" | "substitution" => 10.0,
        "vigenere" | "beaufort" | "gronsfeld" | "porta" | "autokey" => 20.0,
        "columnar" | "playfair" | "bifid" | "hill" => 30.0,
        _ => 60.0,
    }
}

fn no_attack(id: &str) -> String {
    match ciphers::find(id) {
        Some(spec) => format!("there is no attack on {} yet", spec.name),
        None => format!(
            "there is no cipher '{}'; near it: {}; `auto` finds out which it is",
            id.escape_debug(),
            near(id).join(", ")
        ),
    }
}

fn parse_lock(text: &str) -> Result<Lock, String> {
    let letters: Vec<char> = text.trim().chars().collect();
    match letters.as_slice() {
        &[cipher, '=', plain] if cipher.is_ascii_alphabetic() && plain.is_ascii_alphabetic() => Ok(Lock {
            cipher: cipher.to_ascii_uppercase(),
            plain: plain.to_ascii_uppercase(),
        }),
        _ => Err(format!(
            "--lock takes CIPHER=PLAIN, two letters from A to Z, like X=E; not '{}'",
            text.escape_debug()
        )),
    }
}

/// Watches an attack: stops it in time or when it is interrupted, and says how it goes.
struct Clock {
    json: bool,
    language: &'static Language,
    began: Instant,
    ends: Instant,
    /// When the attack whose turn it is has to end.
    turn_ends: Instant,
    interrupted: crossbeam_channel::Receiver<()>,
    stopped: bool,
    output: io::Result<()>,
}

impl Clock {
    fn new(json: bool, time: Duration, language: &'static Language) -> Self {
        let began = Instant::now();
        Self {
            json,
            language,
            began,
            ends: began + time,
            turn_ends: began + time,
            interrupted: interruptions(),
            stopped: false,
            output: Ok(()),
        }
    }

    fn conclude(self, broken: &Broken) -> Exit {
        let finding = &broken.finding;
        let written = match self.json {
            true => line(&self.solved(broken)),
            false => {
                let mut out = io::stdout().lock();
                out.write_all(finding.text.as_bytes()).and_then(|()| out.flush())
            }
        };
        if let Err(error) = self.output.and(written) {
            return output_failed(&error);
        }
        if finding.confident {
            return Exit::Done;
        }
        complain(&format!("not sure: {}", finding.why));
        Exit::Failed
    }

    fn solved(&self, broken: &Broken) -> Value {
        let Broken { cipher, finding } = broken;
        json!({
            "event": "solved",
            "cipher": cipher,
            "key": key_json(&finding.key),
            "score": rounded(finding.score),
            "text": finding.text,
            "words": self.spaced(&finding.text),
            "elapsed_ms": rounded(self.began.elapsed().as_secs_f64() * 1e3),
            "confident": finding.confident,
            "why": finding.why,
            "tried": finding.tried,
            "others": others(finding),
        })
    }

    /// A text without spaces between its words, with them put back.
    fn spaced(&self, text: &str) -> Option<String> {
        let solid = !spaces_part_words(text) && text.len() <= MOST_SPACED;
        solid.then(|| self.language.words().with_spaces(text))
    }

    fn is_over(&mut self) -> bool {
        self.stopped = self.stopped || self.interrupted.try_recv().is_ok() || self.output.is_err();
        self.stopped || Instant::now() >= self.turn_ends
    }
}

impl Watch for Clock {
    fn seen(&mut self, progress: Progress<'_>) -> ControlFlow<()> {
        if self.json && progress.better && self.output.is_ok() {
            self.output = line(&json!({
                "event": "progress",
                "score": rounded(progress.score),
                "tried": progress.tried,
                "text": progress.text,
            }));
        }
        self.go_on()
    }

    fn go_on(&mut self) -> ControlFlow<()> {
        match self.is_over() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

impl Turns for Clock {
    fn turn(&mut self, _: &'static AttackSpec, share: f64) -> ControlFlow<()> {
        let now = Instant::now();
        if self.stopped || now >= self.ends {
            return ControlFlow::Break(());
        }
        self.turn_ends = now + (self.ends - now).mul_f64(share);
        ControlFlow::Continue(())
    }
}

fn line(value: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{value}")?;
    out.flush()
}

fn key_json(key: &Key) -> Value {
    key.iter()
        .map(|(param, value)| (param.to_owned(), Value::from(value)))
        .collect::<serde_json::Map<String, Value>>()
        .into()
}

fn others(finding: &Finding) -> Vec<Value> {
    let others = finding.others.iter().map(|other| {
        json!({
            "key": key_json(&other.key),
            "score": rounded(other.score),
            "note": other.note,
            "text": other.text,
        })
    });
    others.collect()
}

/// Three decimals are more than anybody compares.
fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
