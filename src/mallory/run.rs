//! Runs an exhibit: by itself for the terminal, or step by step for the window, on threads of its own.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use super::ablation::Removed;
use super::cast::Cast;
use super::check::Check;
use super::exhibits::Exhibit;
use super::hands::{Halt, Hands};
use super::setting::Protocol;
use super::stage::{Snapshot, Stage, Wake};
use super::thread::spawn;

/// How long a check that spoke late is waited for after a line ended.
const LATE: Duration = Duration::from_secs(2);

/// What came of an attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The victims' screens show what Mallory wanted.
    Succeeded {
        /// What she got.
        detail: String,
    },
    /// A check stopped it.
    Stopped {
        /// Which.
        check: Check,
        /// What it said.
        detail: String,
    },
    /// Neither: as after bytes that were changed by hand.
    Unclear {
        /// What can be said.
        detail: String,
    },
    /// Mallory stopped it half way.
    Abandoned,
}

impl Verdict {
    /// One word, as the terminal writes it.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Succeeded { .. } => "succeeded",
            Verdict::Stopped { .. } => "stopped",
            Verdict::Unclear { .. } => "unclear",
            Verdict::Abandoned => "abandoned",
        }
    }

    /// The check that stopped it.
    pub fn check(&self) -> Option<Check> {
        match self {
            Verdict::Stopped { check, .. } => Some(*check),
            _ => None,
        }
    }

    /// What can be said beyond the word.
    pub fn detail(&self) -> &str {
        match self {
            Verdict::Succeeded { detail } | Verdict::Stopped { detail, .. } | Verdict::Unclear { detail } => {
                detail
            }
            Verdict::Abandoned => "stopped half way",
        }
    }
}

/// An exhibit's outcome against both protocols.
#[derive(Debug, Clone)]
pub struct AttackReport {
    /// The exhibit's name.
    pub name: &'static str,
    /// Against the textbook exchange.
    pub textbook: Verdict,
    /// Against CR/1.
    pub cr1: Verdict,
}

/// Runs an exhibit by itself. Blocks: not for the window.
pub fn run(exhibit: &Exhibit, protocol: Protocol, cast: &Arc<Cast>) -> Result<Verdict, Halt> {
    let hands = Hands {
        stage: Stage::new(Arc::new(|| {})),
        cast: Arc::clone(cast),
        by_hand: false,
    };
    perform(exhibit, protocol, &hands)
}

/// Runs an exhibit against the textbook exchange, then against CR/1.
pub fn run_both(exhibit: &Exhibit, cast: &Arc<Cast>) -> Result<AttackReport, Halt> {
    Ok(AttackReport {
        name: exhibit.name,
        textbook: run(exhibit, Protocol::Textbook, cast)?,
        cr1: run(exhibit, Protocol::Cr1(Removed::NOTHING), cast)?,
    })
}

fn perform(exhibit: &Exhibit, protocol: Protocol, hands: &Hands) -> Result<Verdict, Halt> {
    let outcome = act(exhibit, protocol, hands);
    // Whatever came out when one of the two, or a reader, was dead says nothing about a protocol.
    match hands.stage.dead() {
        Some(thread) => Err(Halt::Failed(format!(
            "a part of the attack lab failed ({thread})"
        ))),
        None => outcome,
    }
}

fn act(exhibit: &Exhibit, protocol: Protocol, hands: &Hands) -> Result<Verdict, Halt> {
    match (exhibit.run)(hands, protocol) {
        // A victim hung up: its screen says why.
        Err(Halt::HungUp) => {
            hands.stage.wait_until(LATE, |seen| !seen.stops.is_empty());
            Ok(hands.verdict("", |_| false))
        }
        Err(Halt::Stopped) => Ok(Verdict::Abandoned),
        outcome => outcome,
    }
}

/// A run that the window steps through. Dropping it stops the run.
pub struct Lab {
    stage: Arc<Stage>,
    outcome: Arc<Mutex<Option<Result<Verdict, Halt>>>>,
    ended: Receiver<Result<Verdict, Halt>>,
}

/// The keys of the window's runs, made when the first begins.
static CAST: OnceLock<Mutex<Option<Arc<Cast>>>> = OnceLock::new();

pub(super) fn cast() -> Result<Arc<Cast>, Halt> {
    let mut kept = CAST
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(cast) = &*kept {
        return Ok(Arc::clone(cast));
    }
    let made = Arc::new(Cast::generate()?);
    *kept = Some(Arc::clone(&made));
    Ok(made)
}

impl Lab {
    /// Begins a run. `by_hand`: every step waits for [`Lab::go_on`].
    pub fn begin(
        exhibit: &'static Exhibit,
        protocol: Protocol,
        by_hand: bool,
        wake: Wake,
    ) -> Result<Lab, Halt> {
        let stage = Stage::new(Arc::clone(&wake));
        let outcome = Arc::new(Mutex::new(None));
        let (tell, ended) = bounded(1);
        let (own_stage, own_outcome) = (Arc::clone(&stage), Arc::clone(&outcome));
        let work = move || {
            let hands = Hands {
                stage: own_stage,
                cast: cast()?,
                by_hand,
            };
            perform(exhibit, protocol, &hands)
        };
        let end = move |ended: Result<Verdict, Halt>| {
            *own_outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended.clone());
            let _ = tell.try_send(ended);
            wake();
        };
        let end_of_the_dead = end.clone();
        // Whatever the user did to the bytes, the window hears of an end.
        spawn(
            "Mallory",
            move || end(work()),
            move || {
                end_of_the_dead(Err(Halt::Failed("the exhibit failed".to_owned())));
            },
        )?;
        Ok(Lab {
            stage,
            outcome,
            ended,
        })
    }

    /// Everything that can be seen now.
    pub fn seen(&self) -> Snapshot {
        self.stage.snapshot()
    }

    /// Goes on with the step that waits, with these bytes where it offers some.
    pub fn go_on(&self, bytes: Vec<u8>) {
        self.stage.answer(bytes);
    }

    /// What came of it, once it has ended.
    pub fn outcome(&self) -> Option<Result<Verdict, Halt>> {
        self.outcome
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Lab {
    /// Stops the run and gives where its outcome will come.
    pub fn outcome_when_dropped(self) -> Receiver<Result<Verdict, Halt>> {
        self.ended.clone()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.stage.halt();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::mallory::check::Check;

    /// [`run`], with a thread that dies as soon as it begins.
    pub(in crate::mallory) fn run_with(
        exhibit: &Exhibit,
        protocol: Protocol,
        cast: &Arc<Cast>,
        doomed: &'static str,
    ) -> Result<Verdict, Halt> {
        let hands = Hands {
            stage: Stage::new(Arc::new(|| {})),
            cast: Arc::clone(cast),
            by_hand: false,
        };
        hands.stage.doom(doomed);
        perform(exhibit, protocol, &hands)
    }

    #[test]
    fn an_exhibit_that_died_has_an_outcome() {
        static DEADLY: Exhibit = Exhibit {
            name: "deadly",
            title: "",
            goal: "",
            lesson: "",
            check: Check::RecordTag,
            ablations: &[],
            run: |_, _| panic!("on purpose"),
        };
        let lab = Lab::begin(&DEADLY, Protocol::Textbook, false, Arc::new(|| {})).unwrap();
        let ended = lab.ended.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(matches!(ended, Err(Halt::Failed(_))), "{ended:?}");
        assert_eq!(lab.outcome(), Some(ended));
    }
}
