//! The alarms of a conversation that its reader did not put away.

use super::line::Line;

/// The lines of alarms and of warnings about names that stay in sight, in their order.
#[derive(Debug, Default)]
pub(super) struct OpenAlarms(Vec<usize>);

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
        self.0.push(line);
    }

    /// Puts the one on this line away, and no other.
    pub fn put_away(&mut self, line: usize) {
        self.0.retain(|open| *open != line);
    }

    /// Lets go of those whose lines are no alarms any more.
    pub fn keep_alarms(&mut self, lines: &[Line]) {
        self.0.retain(|line| lines.get(*line).is_some_and(Line::is_alarm));
    }

    /// So many lines came in front of all.
    pub fn move_back(&mut self, lines: usize) {
        self.0.iter_mut().for_each(|line| *line += lines);
    }

    /// This line, which was no alarm, was taken away.
    pub fn taken_away(&mut self, at: usize) {
        for line in self.0.iter_mut().filter(|line| **line > at) {
            *line -= 1;
        }
    }
}
