//! The book-keeping of a search: keys counted, the watcher asked and told. What is searched is each attack's business.

use std::ops::ControlFlow;

use super::super::attack::{Progress, Watch};
use crate::ciphers::Key;

/// Counts keys, asks the watcher now and then whether to go on, and tells it of every better key.
pub(super) struct Tally<'w> {
    watch: &'w mut dyn Watch,
    tried: u64,
    start: u32,
    told: f64,
    since: u64,
    stopped: bool,
}

/// How many keys are tried between two questions: well below a millisecond.
const BETWEEN_QUESTIONS: u64 = 512;

impl<'w> Tally<'w> {
    /// Nothing tried yet.
    pub(super) fn new(watch: &'w mut dyn Watch) -> Self {
        Self {
            watch,
            tried: 0,
            start: 0,
            told: f64::NEG_INFINITY,
            since: 0,
            stopped: false,
        }
    }

    /// Another independent start begins.
    pub(super) fn begin(&mut self) {
        self.start = self.start.saturating_add(1);
    }

    /// Counts keys, and says whether to go on.
    pub(super) fn count(&mut self, keys: u64) -> bool {
        self.tried += keys;
        self.since += keys;
        if self.since >= BETWEEN_QUESTIONS && !self.stopped {
            self.since = 0;
            self.stopped = self.watch.go_on() == ControlFlow::Break(());
        }
        !self.stopped
    }

    /// Tells of a key, if it is better than all before. The key and the text are made only then.
    pub(super) fn tell(&mut self, score: f64, describe: impl FnOnce() -> (Key, String)) {
        if score <= self.told + 1e-9 || self.stopped {
            return;
        }
        self.told = score;
        let (key, text) = describe();
        let progress = Progress {
            key: &key,
            text: &text,
            score,
            tried: self.tried,
            start: self.start,
            better: true,
        };
        self.stopped = self.watch.seen(progress) == ControlFlow::Break(());
    }

    /// Whether the watcher wants the search to end.
    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }

    /// Keys tried so far.
    pub(super) fn tried(&self) -> u64 {
        self.tried
    }

    /// Independent starts begun so far.
    pub(super) fn starts(&self) -> u32 {
        self.start
    }
}
