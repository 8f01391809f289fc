//! Where the alarms of a conversation stand that its reader did not put away, and the warnings about names.

use std::collections::{BTreeSet, HashMap};

use super::line::Line;
use crate::crypto::Fingerprint;

/// The lines of alarms and of warnings about names that stay in sight.
#[derive(Debug, Default)]
pub(super) struct OpenAlarms(BTreeSet<usize>);

impl OpenAlarms {
    /// The one to show: the oldest. A warning about names, which anybody who joins can bring about, comes after all
    /// others.
    pub fn to_show(&self, lines: &[Line]) -> Option<usize> {
        let failed = |line: &&usize| matches!(lines.get(**line), Some(Line::Alarm { .. }));
        self.0.iter().find(failed).or(self.0.first()).copied()
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn open(&mut self, line: usize) {
        self.0.insert(line);
    }

    /// Puts the one on this line away, and no other.
    pub fn put_away(&mut self, line: usize) {
        self.0.remove(&line);
    }

    /// So many lines came in front of all.
    pub fn move_back(&mut self, lines: usize) {
        move_each(&mut self.0, |line| line + lines);
    }

    /// This line, which was no alarm, was taken away.
    pub fn taken_away(&mut self, at: usize) {
        move_each(&mut self.0, |line| line - usize::from(line > at));
    }
}

/// The lines of warnings about names, whether put away or not, by whom they name.
#[derive(Debug, Default)]
pub(super) struct NameWarnings(HashMap<Fingerprint, BTreeSet<usize>>);

impl NameWarnings {
    /// A warning about these two stands on a line.
    pub fn stands(&mut self, who: &[Fingerprint; 2], line: usize) {
        for one in who {
            self.0.entry(*one).or_default().insert(line);
        }
    }

    /// No warning about these two stands on this line any more.
    pub fn ended(&mut self, who: &[Fingerprint; 2], line: usize) {
        for one in who {
            let Some(lines) = self.0.get_mut(one) else {
                continue;
            };
            lines.remove(&line);
            if lines.is_empty() {
                self.0.remove(one);
            }
        }
    }

    /// Everybody whom one names.
    pub fn named(&self) -> impl Iterator<Item = &Fingerprint> {
        self.0.keys()
    }

    /// The lines of those that name somebody, the first first.
    pub fn naming(&self, who: &Fingerprint) -> Vec<usize> {
        self.0.get(who).into_iter().flatten().copied().collect()
    }

    /// So many lines came in front of all.
    pub fn move_back(&mut self, lines: usize) {
        for places in self.0.values_mut() {
            move_each(places, |line| line + lines);
        }
    }

    /// This line, which was no warning, was taken away.
    pub fn taken_away(&mut self, at: usize) {
        for places in self.0.values_mut() {
            move_each(places, |line| line - usize::from(line > at));
        }
    }
}

fn move_each(lines: &mut BTreeSet<usize>, to: impl Fn(usize) -> usize) {
    *lines = lines.iter().map(|line| to(*line)).collect();
}
