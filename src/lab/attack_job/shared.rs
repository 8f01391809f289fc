//! What an attack's thread and the window share: the log, the user's wish, and the turns on the cores.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Ending, Moment, Phase, Stopped};
use crate::analysis::attack::{AttackError, Finding, Progress, Watch};

/// Go on.
pub(super) const GO: u8 = 0;
/// Hold.
pub(super) const PAUSE: u8 = 1;
/// End with the best so far.
pub(super) const END: u8 = 2;

/// One attack's side that both threads see.
#[derive(Debug, Default)]
pub(super) struct Shared {
    wish: AtomicU8,
    told: Mutex<Told>,
    changed: Condvar,
}

/// What an attack has told since the window looked last.
#[derive(Debug)]
pub(super) struct Told {
    pub phase: Phase,
    pub moments: Vec<Moment>,
    pub tried: u64,
    pub start: u32,
    pub elapsed: Duration,
    pub ending: Option<Ending>,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            phase: Phase::Waiting,
            moments: Vec::new(),
            tried: 0,
            start: 0,
            elapsed: Duration::ZERO,
            ending: None,
        }
    }
}

impl Shared {
    pub fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets what the user wishes; an end stays an end.
    pub fn wish(&self, wish: u8) {
        let told = self.told();
        if self.wish.load(Ordering::Relaxed) != END {
            self.wish.store(wish, Ordering::Relaxed);
        }
        drop(told);
        self.changed.notify_all();
    }

    fn wished(&self) -> u8 {
        self.wish.load(Ordering::Relaxed)
    }

    /// Waits while the attack is to be held.
    fn wait_while_paused(&self) {
        let mut told = self.told();
        while self.wished() == PAUSE {
            told = self.changed.wait(told).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub fn wait_for_end(&self, ends: Instant) -> bool {
        let mut told = self.told();
        while told.phase != Phase::Ended {
            let left = ends.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            told = self
                .changed
                .wait_timeout(told, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }
}

/// Turns on the processor's cores: as many attacks work at once as there are permits.
#[derive(Debug)]
pub(super) struct Permits {
    free: Mutex<usize>,
    changed: Condvar,
}

impl Permits {
    pub fn new(count: usize) -> Self {
        Self {
            free: Mutex::new(count),
            changed: Condvar::new(),
        }
    }

    fn acquire(&self) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.changed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
    }

    fn release(&self) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_one();
    }
}

/// Watches an attack for the window: keeps its log, holds it, ends it.
pub(super) struct Reporter<'a> {
    shared: &'a Shared,
    permits: &'a Permits,
    wake: &'a dyn Fn(),
    /// Working time before the present stretch, and when that began.
    before: Duration,
    since: Instant,
    longest: Duration,
    woken: Option<Instant>,
    stopped: Option<Stopped>,
}

impl<'a> Reporter<'a> {
    /// Waits for a turn, and begins.
    pub fn begin(shared: &'a Shared, permits: &'a Permits, wake: &'a dyn Fn(), longest: Duration) -> Self {
        permits.acquire();
        shared.told().phase = Phase::Running;
        Self {
            shared,
            permits,
            wake,
            before: Duration::ZERO,
            since: Instant::now(),
            longest,
            woken: None,
            stopped: None,
        }
    }

    /// Whether nobody has cancelled it while it waited. Waits where it is to be held.
    pub fn is_wanted(&mut self) -> bool {
        self.pass().is_continue()
    }

    fn elapsed(&self) -> Duration {
        self.before + self.since.elapsed()
    }

    fn pass(&mut self) -> ControlFlow<()> {
        if self.shared.wished() == PAUSE {
            self.before = self.elapsed();
            {
                let mut told = self.shared.told();
                told.phase = Phase::Paused;
                told.elapsed = self.before;
            }
            self.permits.release();
            (self.wake)();
            self.shared.wait_while_paused();
            self.permits.acquire();
            self.since = Instant::now();
            self.shared.told().phase = Phase::Running;
        }
        if self.shared.wished() == END {
            self.stopped = Some(Stopped::ByUser);
            return ControlFlow::Break(());
        }
        if self.elapsed() >= self.longest {
            self.stopped = Some(Stopped::ByTime);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Puts the end into the log.
    pub fn end(self, outcome: Result<Finding, AttackError>) {
        let elapsed = self.elapsed();
        {
            let mut told = self.shared.told();
            told.phase = Phase::Ended;
            told.elapsed = elapsed;
            if let Ok(finding) = &outcome {
                told.tried = told.tried.max(finding.tried);
            }
            told.ending = Some(Ending {
                outcome,
                stopped: self.stopped,
            });
        }
        self.permits.release();
        self.shared.changed.notify_all();
        (self.wake)();
    }
}

impl Watch for Reporter<'_> {
    fn seen(&mut self, progress: Progress<'_>) -> ControlFlow<()> {
        let at = self.elapsed();
        {
            let mut told = self.shared.told();
            told.tried = progress.tried;
            told.start = progress.start;
            told.elapsed = at;
            if progress.better {
                let end = progress
                    .text
                    .char_indices()
                    .nth(MOST_CHARACTERS)
                    .map_or(progress.text.len(), |(end, _)| end);
                told.moments.push(Moment {
                    key: progress.key.clone(),
                    text: progress.text[..end].into(),
                    score: progress.score,
                    tried: progress.tried,
                    start: progress.start,
                    at,
                });
                thin(&mut told.moments);
            }
        }
        let now = Instant::now();
        if self.woken.is_none_or(|woken| now - woken >= BETWEEN_WAKES) {
            self.woken = Some(now);
            (self.wake)();
        }
        self.pass()
    }

    fn go_on(&mut self) -> ControlFlow<()> {
        self.pass()
    }
}

/// Halves a log that has become too long: the first and the last stay, and of the others every second.
pub(super) fn thin(moments: &mut Vec<Moment>) {
    if moments.len() <= MOST_MOMENTS {
        return;
    }
    let last = moments.len() - 1;
    let mut place = 0;
    moments.retain(|_| {
        let keep = place % 2 == 0 || place == last;
        place += 1;
        keep
    });
}

/// Moments that are kept of one attack.
const MOST_MOMENTS: usize = 800;
/// Characters of each moment's text that are kept.
const MOST_CHARACTERS: usize = 2_000;
/// The least time between two calls of `wake`.
const BETWEEN_WAKES: Duration = Duration::from_millis(16);
