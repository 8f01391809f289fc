//! Members of one room whose names can be taken for each other: their marks, and what is said of them.
//!
//! A host can fill a room with people of one name, so what coming and leaving costs does not grow with how many there are.

use std::collections::{HashMap, HashSet};

use super::{Line, Room};
use crate::crypto::Fingerprint;

/// Pairs of people of whom something was said, found by either of the two.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    others: HashMap<Fingerprint, HashSet<Fingerprint>>,
}

impl Pairs {
    /// Notes a pair. Gives whether it is new.
    fn insert(&mut self, one: Fingerprint, other: Fingerprint) -> bool {
        self.others.entry(other).or_default().insert(one);
        self.others.entry(one).or_default().insert(other)
    }

    /// Lets go of every pair that somebody is one of.
    fn forget(&mut self, who: &Fingerprint) {
        for other in self.others.remove(who).unwrap_or_default() {
            #[cfg(test)]
            LOOKED_AT.set(LOOKED_AT.get() + 1);
            if let Some(others) = self.others.get_mut(&other) {
                others.remove(who);
                if others.is_empty() {
                    self.others.remove(&other);
                }
            }
        }
    }
}

impl Room {
    /// Whether nothing was said yet of how alike the names of these two are.
    pub(super) fn first_warning_of(&mut self, one: Fingerprint, other: Fingerprint) -> bool {
        self.warned_of.insert(one, other)
    }

    /// Marks members whose names can be taken for each other, and says so once.
    pub(super) fn mark_alike(&mut self, fingerprint: &Fingerprint) {
        let Some(name) = self.member(fingerprint).map(|new| new.name.clone()) else {
            return;
        };
        let Some(twin) = self.mark_twins(fingerprint) else {
            return;
        };
        let (other, other_key) = (twin.name, twin.fingerprint);
        let (have, were) = match twin.has_same_name {
            true => ("the same name", "Two people of the same name"),
            false => ("names that look alike", "Two names that look alike"),
        };
        let text = format!(
            "Two people here have {have}: \"{other}\" ({}) and \"{name}\" ({}). Tell them apart by these first digits of their fingerprints.",
            other_key.short(),
            fingerprint.short()
        );
        self.set_alike(fingerprint);
        let afterwards = format!(
            "{were} were here: \"{other}\" ({}) and \"{name}\" ({}). One of them has left.",
            other_key.short(),
            fingerprint.short()
        );
        let who = [other_key, *fingerprint];
        if self.first_warning_of(*fingerprint, other_key) {
            self.transcript.push(Line::Alike {
                who,
                text,
                afterwards,
            });
        }
    }

    /// Marks whoever else is here under a name like that of this member; gives one of them.
    ///
    /// Of a crowd of namesakes two are marked only: the others have been since they came.
    fn mark_twins(&mut self, fingerprint: &Fingerprint) -> Option<Twin> {
        let name = self.looks.get(fingerprint)?;
        let (other, looks) = self.looks.alike(name).find(|(who, _)| *who != fingerprint)?;
        let (other, has_same_name) = (*other, looks.is_same_name(name));
        for twin in self.looks.nearest(name, fingerprint) {
            self.set_alike(&twin);
        }
        Some(Twin {
            name: self.member(&other)?.name.clone(),
            fingerprint: other,
            has_same_name,
        })
    }

    /// Marks a member whose name can be taken for another one's.
    fn set_alike(&mut self, who: &Fingerprint) {
        if let Some(member) = self.members.iter_mut().find(|member| member.fingerprint == *who) {
            member.alike = true;
        }
        self.transcript.set_alike(*who);
    }

    /// Lists somebody no more, and takes the mark from whoever is like nobody here any more.
    ///
    /// Of a crowd of namesakes two are looked at only: where there are two, they and the others are like each other.
    pub(super) fn unlist(&mut self, who: &Fingerprint) {
        let Some(name) = self.looks.get(who).cloned() else {
            return;
        };
        self.looks.unlist(who);
        for left in self.looks.nearest(&name, who) {
            if !self.has_twin(&left)
                && let Some(member) = self.members.iter_mut().find(|member| member.fingerprint == left)
            {
                member.alike = false;
            }
        }
    }

    /// Whether somebody else is here under a name like that of this member.
    fn has_twin(&self, who: &Fingerprint) -> bool {
        let Some(name) = self.looks.get(who) else {
            return false;
        };
        self.looks.alike(name).any(|(other, _)| other != who)
    }

    /// Takes the warnings about somebody's name away, now that it is not here any more.
    pub(super) fn calm_alike(&mut self, gone: &Fingerprint) {
        if self.transcript.calm_alike(gone) {
            // Who comes again is warned of again.
            self.warned_of.forget(gone);
        }
    }

    /// Takes the warnings about the names of all who did not come back away.
    pub(super) fn settle_alike(&mut self) {
        let is_gone = |who: &&Fingerprint| self.looks.get(who).is_none();
        let gone: Vec<Fingerprint> = self
            .transcript
            .named_in_warnings()
            .filter(is_gone)
            .copied()
            .collect();
        for who in gone {
            self.calm_alike(&who);
        }
    }
}

/// A member whose name is like another one's.
struct Twin {
    name: String,
    fingerprint: Fingerprint,
    has_same_name: bool,
}

#[cfg(test)]
thread_local! {
    /// How many warnings and pairs this thread has looked at because somebody left.
    pub(super) static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}
