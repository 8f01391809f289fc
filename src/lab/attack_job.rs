//! Attacks at work: a bounded pool of named threads, what each attack has told so far, and how it is paused and ended.
//!
//! Knows neither which attack is worth starting nor how it is shown. What is told lies in a log that the window takes
//! from when it draws, so that an attack never waits for a window that is hidden.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use self::shared::{Permits, Reporter, Shared};
use super::thread::spawn;
use crate::analysis::attack::{AttackError, AttackSpec, Finding, Lock, Problem};
use crate::analysis::language::Language;
use crate::ciphers::Key;

mod shared;

/// An attack's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttackId(pub u32);

/// Everything that an attack is given: the same task gives the same run.
#[derive(Clone, Debug)]
pub struct Task {
    /// The attack.
    pub spec: &'static AttackSpec,
    /// The ciphertext.
    pub text: Arc<str>,
    /// The language that the plaintext is expected to be in.
    pub language: &'static Language,
    /// A word that is known to stand in the plaintext.
    pub crib: Option<String>,
    /// Letters that are known.
    pub locks: Vec<Lock>,
    /// Values of parameters that are known.
    pub known: Key,
    /// Where randomness begins.
    pub seed: u64,
    /// The longest working time; pauses do not count.
    pub longest: Duration,
}

/// One improvement of the best key.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The best key so far.
    pub key: Key,
    /// The beginning of what it makes of the ciphertext.
    pub text: Arc<str>,
    /// The mean log-probability of a letter in nats.
    pub score: f64,
    /// Keys tried so far.
    pub tried: u64,
    /// Independent starts begun so far.
    pub start: u32,
    /// Working time until then.
    pub at: Duration,
}

/// How far an attack is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// For a thread, or for its turn on one of the processor's cores.
    Waiting,
    /// At work.
    Running,
    /// Held by the user.
    Paused,
    /// Over.
    Ended,
}

/// Why an attack ended before it wanted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The user cancelled it.
    ByUser,
    /// Its time was over.
    ByTime,
}

/// How an attack ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// What it found, or why it could not begin.
    pub outcome: Result<Finding, AttackError>,
    /// What stopped it, if it did not end by itself.
    pub stopped: Option<Stopped>,
}

/// One attack, as it was when [`Attacks::refresh`] looked last.
#[derive(Debug)]
pub struct Attack {
    /// Its number.
    pub id: AttackId,
    /// What it was given.
    pub task: Task,
    /// How far it is.
    pub phase: Phase,
    /// The improvements, oldest first; of many, a part that shows their course.
    pub moments: Vec<Moment>,
    /// Keys tried so far.
    pub tried: u64,
    /// Independent starts begun so far.
    pub start: u32,
    /// Working time so far.
    pub elapsed: Duration,
    /// How it ended.
    pub ending: Option<Ending>,
    shared: Arc<Shared>,
}

impl Attack {
    /// What it found, once it has ended well.
    pub fn finding(&self) -> Option<&Finding> {
        self.ending
            .as_ref()
            .and_then(|ending| ending.outcome.as_ref().ok())
    }

    /// Keys tried in a second of work.
    pub fn keys_per_second(&self) -> f64 {
        self.tried as f64 / self.elapsed.as_secs_f64().max(1e-6)
    }

    fn take(&mut self) {
        let mut told = self.shared.told();
        self.moments.append(&mut told.moments);
        shared::thin(&mut self.moments);
        self.tried = told.tried;
        self.start = told.start;
        self.elapsed = told.elapsed;
        self.phase = told.phase;
        self.ending = told.ending.take().or(self.ending.take());
    }
}

/// What a thread takes from the queue.
struct Job {
    task: Task,
    shared: Arc<Shared>,
}

/// All attacks of a lab, and the threads that carry them out. Dropping it ends them.
pub struct Attacks {
    all: Vec<Attack>,
    /// Dropped first: the threads end when nothing more can come.
    queue: Option<Sender<Job>>,
    jobs: Receiver<Job>,
    threads: usize,
    permits: Arc<Permits>,
    wake: Arc<dyn Fn() + Send + Sync>,
    next: u32,
}

impl Attacks {
    /// No attack yet, and no thread; `wake` is called when there is something new, sixty times a second at most.
    pub fn new(wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let (queue, jobs) = bounded(MOST_WAITING);
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            all: Vec::new(),
            queue: Some(queue),
            jobs,
            threads: 0,
            permits: Arc::new(Permits::new(cores.saturating_sub(1).clamp(2, MOST_THREADS))),
            wake,
            next: 1,
        }
    }

    /// Starts an attack, or lets it wait for a thread. `None` when too many wait, or the system has no thread.
    pub fn start(&mut self, task: Task) -> Option<AttackId> {
        let id = AttackId(self.next);
        let shared = Arc::new(Shared::default());
        let job = Job {
            task: task.clone(),
            shared: Arc::clone(&shared),
        };
        let busy = self
            .all
            .iter()
            .filter(|attack| attack.phase != Phase::Ended)
            .count();
        if busy >= self.threads && self.threads < MOST_THREADS {
            self.add_thread();
        }
        if self.threads == 0 {
            return None;
        }
        match self.queue.as_ref()?.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => return None,
        }
        self.next += 1;
        self.all.push(Attack {
            id,
            task,
            phase: Phase::Waiting,
            moments: Vec::new(),
            tried: 0,
            start: 0,
            elapsed: Duration::ZERO,
            ending: None,
            shared,
        });
        self.forget_old();
        Some(id)
    }

    fn add_thread(&mut self) {
        let (jobs, permits, wake) = (
            self.jobs.clone(),
            Arc::clone(&self.permits),
            Arc::clone(&self.wake),
        );
        let work = move || {
            while let Ok(job) = jobs.recv() {
                carry_out(&job, &permits, wake.as_ref());
            }
        };
        // A fault of an attack is its ending, in `carry_out`.
        let started = spawn(&format!("attack {}", self.threads + 1), work, || ());
        self.threads += usize::from(started.is_ok());
    }

    /// Takes what was told since the last time. Call it before drawing; it never waits.
    pub fn refresh(&mut self) {
        for attack in &mut self.all {
            if attack.phase != Phase::Ended || attack.ending.is_none() {
                attack.take();
            }
        }
    }

    /// All attacks that are remembered, oldest first.
    pub fn all(&self) -> &[Attack] {
        &self.all
    }

    /// One attack.
    pub fn attack(&self, id: AttackId) -> Option<&Attack> {
        self.all.iter().find(|attack| attack.id == id)
    }

    /// Whether one is at work or waits to be.
    pub fn is_busy(&self) -> bool {
        self.all
            .iter()
            .any(|attack| matches!(attack.phase, Phase::Running | Phase::Waiting))
    }

    /// Holds an attack; its core is free for others meanwhile.
    pub fn pause(&self, id: AttackId) {
        if let Some(attack) = self.attack(id) {
            attack.shared.wish(shared::PAUSE);
        }
    }

    /// Lets a held attack go on.
    pub fn resume(&self, id: AttackId) {
        if let Some(attack) = self.attack(id) {
            attack.shared.wish(shared::GO);
        }
    }

    /// Ends an attack; it gives the best that it has.
    pub fn cancel(&self, id: AttackId) {
        if let Some(attack) = self.attack(id) {
            attack.shared.wish(shared::END);
        }
    }

    /// Ends an attack and forgets it.
    pub fn remove(&mut self, id: AttackId) {
        self.cancel(id);
        self.all.retain(|attack| attack.id != id);
    }

    /// Waits until an attack has ended, or the time is over; says which. For tests and scripts.
    pub fn settle(&mut self, id: AttackId, longest: Duration) -> bool {
        let ends = Instant::now() + longest;
        let Some(shared) = self.attack(id).map(|attack| Arc::clone(&attack.shared)) else {
            return false;
        };
        let ended = shared.wait_for_end(ends);
        self.refresh();
        ended
    }

    /// Keeps the log short: of those that have ended, the oldest go.
    fn forget_old(&mut self) {
        while self.all.len() > MOST_REMEMBERED {
            match self.all.iter().position(|attack| attack.phase == Phase::Ended) {
                Some(oldest) => drop(self.all.remove(oldest)),
                None => return,
            }
        }
    }
}

impl Drop for Attacks {
    fn drop(&mut self) {
        self.queue = None;
        self.all.iter().for_each(|attack| attack.shared.wish(shared::END));
    }
}

impl std::fmt::Debug for Attacks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attacks")
            .field("all", &self.all)
            .finish_non_exhaustive()
    }
}

/// Runs one attack on this thread.
fn carry_out(job: &Job, permits: &Permits, wake: &dyn Fn()) {
    let Job { task, shared } = job;
    let mut reporter = Reporter::begin(shared, permits, wake, task.longest);
    let problem = Problem {
        text: &task.text,
        language: task.language,
        crib: task.crib.as_deref(),
        locks: &task.locks,
        known: task.known.clone(),
        seed: task.seed,
    };
    let outcome = match reporter.is_wanted() {
        true => catch_unwind(AssertUnwindSafe(|| task.spec.run(&problem, &mut reporter))),
        false => Ok(Err(AttackError::CannotBeBroken {
            reason: "cancelled before it began".to_owned(),
        })),
    };
    // A fault of an attack ends that attack, not the thread.
    let outcome = outcome.unwrap_or_else(|_| {
        Err(AttackError::CannotBeBroken {
            reason: "the attack itself failed: a fault of this program".to_owned(),
        })
    });
    reporter.end(outcome);
}

/// Threads at most; those beyond the number of cores serve attacks that are paused.
pub const MOST_THREADS: usize = 8;
/// Attacks that may wait for a thread.
const MOST_WAITING: usize = 32;
/// Attacks that are remembered.
const MOST_REMEMBERED: usize = 24;

#[cfg(test)]
mod tests;
