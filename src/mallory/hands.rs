//! Mallory's hands: what a script of an exhibit does, step by step, by itself or with the user.

use std::sync::Arc;
use std::time::Duration;

use super::cast::Cast;
use super::check::Check;
use super::run::Verdict;
use super::stage::{Snapshot, Stage};

/// How long a script waits for the victims before it gives up.
pub(super) const PATIENCE: Duration = Duration::from_secs(8);

/// What waits for Mallory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What comes next, in words.
    pub words: String,
    /// Bytes that she may change before they go out; `None` where there is nothing to change.
    pub bytes: Option<Vec<u8>>,
}

/// Why a script ended before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// Mallory stopped it.
    Stopped,
    /// A victim hung up.
    HungUp,
    /// The system did not give a socket or a thread, or a peer is gone.
    Failed(String),
}

impl From<std::io::Error> for Halt {
    fn from(error: std::io::Error) -> Halt {
        Halt::Failed(error.to_string())
    }
}

/// What a script has at hand.
pub(super) struct Hands {
    pub(super) stage: Arc<Stage>,
    pub(super) cast: Arc<Cast>,
    /// Whether the user steps.
    pub(super) by_hand: bool,
}

impl Hands {
    /// Says what comes next, and waits for the user where there is one.
    pub(super) fn step(&self, words: &str) -> Result<(), Halt> {
        if self.by_hand {
            let offer = Offer {
                words: words.to_owned(),
                bytes: None,
            };
            self.stage.offer(offer).ok_or(Halt::Stopped)?;
        }
        self.stage.tell(words);
        self.go_on()
    }

    /// Says what comes next, and lets the user change the bytes first.
    pub(super) fn edit(&self, words: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Halt> {
        let bytes = if self.by_hand {
            let offer = Offer {
                words: words.to_owned(),
                bytes: Some(bytes),
            };
            self.stage.offer(offer).ok_or(Halt::Stopped)?
        } else {
            bytes
        };
        self.stage.tell(words);
        self.go_on()?;
        Ok(bytes)
    }

    fn go_on(&self) -> Result<(), Halt> {
        if self.stage.halted() {
            Err(Halt::Stopped)
        } else {
            Ok(())
        }
    }

    /// Waits until the attack has succeeded or a check stopped it, and says which.
    pub(super) fn judge(&self, detail: &str, succeeded: impl Fn(&Snapshot) -> bool) -> Result<Verdict, Halt> {
        self.stage
            .wait_until(PATIENCE, |seen| succeeded(seen) || !seen.stops.is_empty());
        self.go_on()?;
        Ok(self.verdict(detail, succeeded))
    }

    /// The verdict as things are.
    pub(super) fn verdict(&self, detail: &str, succeeded: impl Fn(&Snapshot) -> bool) -> Verdict {
        let seen = self.stage.snapshot();
        if succeeded(&seen) {
            return Verdict::Succeeded {
                detail: detail.to_owned(),
            };
        }
        match seen.stops.first() {
            Some(stop) => Verdict::Stopped {
                check: stop.check,
                detail: format!("{}: {}", stop.person.name(), stop.reason),
            },
            None => Verdict::Unclear {
                detail: "neither victim shows it, and no check spoke".to_owned(),
            },
        }
    }

    /// A verdict that Mallory finds herself: she has nothing in her hands.
    pub(super) fn empty_handed(&self, check: Check, detail: impl Into<String>) -> Verdict {
        let detail = detail.into();
        self.stage.tell(&detail);
        Verdict::Stopped { check, detail }
    }
}
