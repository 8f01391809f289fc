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
    /// How many keys are tried between two questions.
    between: u64,
    stopped: bool,
}

/// How many keys are tried between two questions at most: well below a millisecond for a text of some hundred letters.
const BETWEEN_QUESTIONS: u64 = 512;
/// Letters that those keys are tried on at most: a key costs as much as its text is long.
const LETTERS_BETWEEN_QUESTIONS: u64 = 500_000;

impl<'w> Tally<'w> {
    /// Nothing tried yet, and keys that are judged by so many letters each.
    pub(super) fn over(letters: usize, watch: &'w mut dyn Watch) -> Self {
        Self {
            watch,
            tried: 0,
            start: 0,
            told: f64::NEG_INFINITY,
            since: 0,
            between: (LETTERS_BETWEEN_QUESTIONS / letters.max(1) as u64).clamp(1, BETWEEN_QUESTIONS),
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
        if self.since >= self.between && !self.stopped {
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Asked(u32);

    impl Watch for Asked {
        fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }

        fn go_on(&mut self) -> ControlFlow<()> {
            self.0 += 1;
            ControlFlow::Continue(())
        }
    }

    #[test]
    fn the_longer_the_text_the_fewer_keys_lie_between_two_questions() {
        for (letters, keys, questions) in [(0, 1024, 2), (300, 1024, 2), (50_000, 100, 10), (4_000_000, 5, 5)]
        {
            let mut asked = Asked(0);
            let mut tally = Tally::over(letters, &mut asked);
            for _ in 0..keys {
                tally.count(1);
            }
            assert_eq!(asked.0, questions, "{letters}");
        }
    }
}
