//! How far somebody is: which challenges are solved, how many hints were taken, and the challenges that were opened.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Challenge, normalised};

/// How far one challenge is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mark {
    /// Whether it was solved.
    pub solved: bool,
    /// Hints that were taken.
    pub hints: u8,
}

/// All marks, by the id of the challenge; and opened challenges as texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    marks: BTreeMap<String, Mark>,
    opened: Vec<String>,
}

impl Progress {
    /// How far a challenge is.
    pub fn mark(&self, id: &str) -> Mark {
        self.marks.get(id).copied().unwrap_or_default()
    }

    /// Remembers that a challenge is solved.
    pub fn solve(&mut self, id: &str) {
        self.marks.entry(id.to_owned()).or_default().solved = true;
    }

    /// Takes one more hint of `of`.
    pub fn take_hint(&mut self, id: &str, of: usize) {
        let mark = self.marks.entry(id.to_owned()).or_default();
        mark.hints = mark.hints.saturating_add(1).min(of.min(255) as u8);
    }

    /// The number of solved challenges among these ids.
    pub fn solved<'a>(&self, ids: impl Iterator<Item = &'a str>) -> usize {
        ids.filter(|id| self.mark(id).solved).count()
    }

    /// Keeps a challenge that was opened, the newest first; the oldest gives way when there are too many.
    pub fn open(&mut self, challenge: &Challenge) -> String {
        let text = challenge.to_text();
        self.opened.retain(|other| *other != text);
        self.opened.insert(0, text);
        self.opened.truncate(MOST_OPENED);
        id_of(challenge)
    }

    /// Drops an opened challenge.
    pub fn close(&mut self, id: &str) {
        self.opened
            .retain(|text| Challenge::parse(text).is_ok_and(|challenge| id_of(&challenge) != id));
    }

    /// The opened challenges, with their ids.
    pub fn opened(&self) -> Vec<(String, Challenge)> {
        self.opened
            .iter()
            .filter_map(|text| Challenge::parse(text).ok())
            .map(|challenge| (id_of(&challenge), challenge))
            .collect()
    }

    /// Whether it is small enough to be kept.
    pub(crate) fn is_sane(&self) -> bool {
        self.marks.len() <= MOST_MARKS && self.opened.len() <= MOST_OPENED
    }
}

/// An opened challenge's id: from its salt, which is its own.
fn id_of(challenge: &Challenge) -> String {
    let salt: String = challenge
        .answer
        .salt
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("opened-{}-{}", salt, normalised(&challenge.title).len())
}

/// Opened challenges that are kept.
const MOST_OPENED: usize = 12;
const MOST_MARKS: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::challenge::{Draft, Level};

    #[test]
    fn hints_and_solutions_are_remembered() {
        let mut progress = Progress::default();
        progress.take_hint("a", 2);
        progress.take_hint("a", 2);
        progress.take_hint("a", 2);
        progress.solve("b");
        assert_eq!(
            progress.mark("a"),
            Mark {
                solved: false,
                hints: 2
            }
        );
        assert_eq!(progress.solved(["a", "b", "c"].into_iter()), 1);
        let json = serde_json::to_string(&progress).unwrap();
        assert_eq!(serde_json::from_str::<Progress>(&json).unwrap(), progress);
    }

    #[test]
    fn opened_challenges_are_kept_once_and_can_be_closed() {
        let spec = crate::ciphers::find("rot13").unwrap();
        let draft = Draft {
            title: "Mine".to_owned(),
            plaintext: "Meet me under the clock".to_owned(),
            ..Draft::default()
        };
        let make = |salt| {
            Challenge::make(&draft, Level::Easy, spec, &crate::ciphers::Key::new(), [salt; 16]).unwrap()
        };
        let mut progress = Progress::default();
        let first = progress.open(&make(1));
        progress.open(&make(2));
        progress.open(&make(1));
        assert_eq!(progress.opened().len(), 2);
        assert_eq!(progress.opened()[0].0, first);
        progress.close(&first);
        assert_eq!(progress.opened().len(), 1);
    }
}
