//! What everybody can see of a run: the victims' screens, the frames at the relay, what was told, what was caught.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::check::Check;
use super::hands::Offer;
use crate::protocol::event::RoomEvent;

/// Most lines that a screen keeps; older ones go.
const MAX_LINES: usize = 200;
/// Most frames that are kept of a run; older ones go.
const MAX_FRAMES: usize = 500;
/// Longest part of a frame that is kept for showing.
const MAX_SHOWN_BYTES: usize = 4096;

/// Who.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Person {
    /// The one who calls.
    Alice,
    /// The one who is called.
    Bob,
    /// You.
    Mallory,
}

impl Person {
    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Person::Alice => "Alice",
            Person::Bob => "Bob",
            Person::Mallory => "Mallory",
        }
    }
}

/// A line on a victim's screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Said by the owner of the screen.
    Said(String),
    /// Shown as said by somebody else, with nothing to doubt it.
    Heard {
        /// Who is shown as its author.
        from: String,
        /// The text.
        text: String,
    },
    /// Something that the owner can't overlook.
    Alarm(String),
    /// Something quiet.
    Note(String),
}

/// A victim's screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// Whose.
    pub person: Person,
    /// What stands on it, oldest first.
    pub lines: Vec<Shown>,
}

impl Screen {
    /// The texts that stand there as said by somebody else.
    pub fn heard(&self) -> Vec<&str> {
        let texts = self.lines.iter().filter_map(|line| match line {
            Shown::Heard { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// How often a text stands there as said by `from`.
    pub fn times(&self, from: &str, said: &str) -> usize {
        let same =
            |line: &&Shown| matches!(line, Shown::Heard { from: by, text } if by == from && text == said);
        self.lines.iter().filter(same).count()
    }

    /// Whether something stands there that the owner can't overlook.
    pub fn alarmed(&self) -> bool {
        self.lines.iter().any(|line| matches!(line, Shown::Alarm(_)))
    }

    /// Whether a quiet note says so.
    pub fn notes(&self, note: &str) -> bool {
        self.lines
            .iter()
            .any(|line| matches!(line, Shown::Note(text) if text == note))
    }
}

/// Which way a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Direction {
    /// Who sends, or in whose name it comes.
    pub from: Person,
    /// Who gets it.
    pub to: Person,
}

/// What became of a frame at the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Passed on as it came.
    Passed,
    /// Mallory keeps it.
    Held,
    /// Written by Mallory, or sent by her a second time.
    Injected,
}

/// A frame at the relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caught {
    /// Which way.
    pub direction: Direction,
    /// What became of it.
    pub fate: Fate,
    /// Its length in bytes.
    pub length: usize,
    /// Its first bytes, at most 4096.
    pub bytes: Vec<u8>,
}

/// A sentence of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The sentence.
    pub words: String,
}

/// A check of a victim stopped something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Whose check.
    pub person: Person,
    /// Which.
    pub check: Check,
    /// What the code said.
    pub reason: String,
}

/// Everything that can be seen, at one moment.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The victims' screens.
    pub screens: Vec<Screen>,
    /// The frames at the relay, oldest first, at most 500.
    pub frames: Vec<Caught>,
    /// How many older frames are not kept any more.
    pub forgotten_frames: usize,
    /// What Mallory did so far, in words.
    pub told: Vec<Told>,
    /// What waits for Mallory to go on.
    pub offer: Option<Offer>,
    /// Which checks stopped something.
    pub stops: Vec<Stop>,
}

impl Snapshot {
    /// Somebody's screen; an empty one when nobody of that name plays.
    pub fn screen(&self, person: Person) -> Screen {
        let found = self.screens.iter().find(|screen| screen.person == person);
        found.cloned().unwrap_or(Screen {
            person,
            lines: Vec::new(),
        })
    }
}

/// Called after every change.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Shared by the peers, the relay and the script.
pub(super) struct Stage {
    state: Mutex<State>,
    changed: Condvar,
    wake: Wake,
}

#[derive(Default)]
struct State {
    screens: Vec<Screen>,
    frames: VecDeque<Caught>,
    forgotten_frames: usize,
    told: Vec<Told>,
    stops: Vec<Stop>,
    written: Option<RoomEvent>,
    offer: Option<Offer>,
    answer: Option<Vec<u8>>,
    halted: bool,
    /// The thread of this run that died, if one.
    dead: Option<String>,
    #[cfg(test)]
    doomed: Option<&'static str>,
    changes: u64,
}

impl Stage {
    pub(super) fn new(wake: Wake) -> Arc<Stage> {
        Arc::new(Stage {
            state: Mutex::default(),
            changed: Condvar::new(),
            wake,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.lock();
        let out = act(&mut state);
        state.changes += 1;
        drop(state);
        self.changed.notify_all();
        (self.wake)();
        out
    }

    pub(super) fn show(&self, person: Person, line: Shown) {
        self.change(|state| {
            let place = state.screens.iter().position(|screen| screen.person == person);
            let place = place.unwrap_or_else(|| {
                state.screens.push(Screen {
                    person,
                    lines: Vec::new(),
                });
                state.screens.len() - 1
            });
            if let Some(screen) = state.screens.get_mut(place) {
                if screen.lines.len() >= MAX_LINES {
                    screen.lines.remove(0);
                }
                screen.lines.push(line);
            }
        });
    }

    /// A check stopped something; the screen says so too.
    pub(super) fn stopped(&self, person: Person, check: Check, reason: impl ToString) {
        let reason = reason.to_string();
        self.show(person, Shown::Alarm(format!("Stopped: {reason}.")));
        self.change(|state| {
            if state.stops.len() < MAX_LINES {
                state.stops.push(Stop {
                    person,
                    check,
                    reason,
                });
            }
        });
    }

    /// A guest wrote an event; its text is not for this.
    pub(super) fn wrote(&self, event: RoomEvent) {
        self.change(|state| state.written = Some(event));
    }

    /// What a guest wrote last, without its text: what an attacker may know, and can't read here.
    pub(super) fn written(&self) -> Option<RoomEvent> {
        self.lock().written.clone()
    }

    pub(super) fn caught(&self, direction: Direction, fate: Fate, bytes: &[u8]) {
        self.change(|state| {
            if state.frames.len() >= MAX_FRAMES {
                state.frames.pop_front();
                state.forgotten_frames += 1;
            }
            state.frames.push_back(Caught {
                direction,
                fate,
                length: bytes.len(),
                bytes: bytes
                    .get(..bytes.len().min(MAX_SHOWN_BYTES))
                    .unwrap_or_default()
                    .to_vec(),
            });
        });
    }

    pub(super) fn tell(&self, words: &str) {
        self.change(|state| {
            if state.told.len() < MAX_LINES {
                state.told.push(Told {
                    words: words.to_owned(),
                });
            }
        });
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let state = self.lock();
        snapshot_of(&state)
    }

    /// Puts something before Mallory and waits for her; `None` when she stopped the run.
    pub(super) fn offer(&self, offer: Offer) -> Option<Vec<u8>> {
        self.change(|state| {
            state.answer = None;
            state.offer = Some(offer);
        });
        let mut state = self.lock();
        loop {
            if state.halted {
                return None;
            }
            if let Some(answer) = state.answer.take() {
                state.offer = None;
                return Some(answer);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Mallory goes on, with the bytes that she wants.
    pub(super) fn answer(&self, bytes: Vec<u8>) {
        self.change(|state| {
            if state.offer.is_some() {
                state.answer = Some(bytes);
            }
        });
    }

    /// Mallory stops the run.
    pub(super) fn halt(&self) {
        self.change(|state| state.halted = true);
    }

    /// A thread of the run died of a fault of ours: the run ends, as when it is stopped.
    pub(super) fn fail(&self, thread: &str) {
        self.change(|state| {
            state.halted = true;
            state.dead.get_or_insert_with(|| thread.to_owned());
        });
    }

    /// The first thread of the run that died.
    pub(super) fn dead(&self) -> Option<String> {
        self.lock().dead.clone()
    }

    /// For tests: the thread of this name dies as soon as it begins.
    #[cfg(test)]
    pub(super) fn doom(&self, thread: &'static str) {
        self.change(|state| state.doomed = Some(thread));
    }

    #[cfg(test)]
    pub(super) fn is_doomed(&self, thread: &str) -> bool {
        self.lock().doomed == Some(thread)
    }

    pub(super) fn halted(&self) -> bool {
        self.lock().halted
    }

    /// Waits until `holds`, at most `patience`; gives whether it held.
    pub(super) fn wait_until(&self, patience: Duration, holds: impl Fn(&Snapshot) -> bool) -> bool {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            if holds(&snapshot_of(&state)) {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || state.halted {
                return false;
            }
            let (next, _) = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner);
            state = next;
        }
    }
}

/// Without the frames where only screens are looked at would be cheaper; runs are short.
fn snapshot_of(state: &State) -> Snapshot {
    Snapshot {
        screens: state.screens.clone(),
        frames: state.frames.iter().cloned().collect(),
        forgotten_frames: state.forgotten_frames,
        told: state.told.clone(),
        offer: state.offer.clone(),
        stops: state.stops.clone(),
    }
}
