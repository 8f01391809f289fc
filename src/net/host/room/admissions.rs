//! When newcomers are let in: at once in a small room, in groups in a crowd.
//!
//! Every admission is told to every member, so a crowd that comes one by one costs the square of its
//! number in deliveries, faster than the members can be written to: their outboxes would fill until the
//! slowest are dropped. Those who come in one group share a signature, a roster and one write to each
//! member; and while much waits to be written, the next group waits too.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::{RoomThread, ToWrite};
use crate::crypto::Fingerprint;
use crate::net::limits::{
    ADMISSION_INTERVAL_A_MEMBER, ADMISSION_PATIENCE, ADMITTED_ONE_BY_ONE, UNSENT_A_MEMBER, WAITING_BROADCASTS,
};

/// How often it is looked again whether the members have been written to.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Who waits to be let in.
#[derive(Debug, Default)]
pub(super) struct Admissions {
    waiting: VecDeque<Fingerprint>,
    /// When the last group was let in.
    last: Option<Instant>,
    /// When it was last found that the members have not been written to yet.
    looked: Option<Instant>,
}

/// How far the reactors are behind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behind {
    /// Members who hear the room.
    pub members: usize,
    /// Bytes for them that no socket took yet.
    pub unsent_bytes: usize,
    /// What the room told a reactor that it has not begun with.
    pub waiting_tasks: usize,
}

impl Behind {
    fn is_much(self) -> bool {
        self.unsent_bytes > self.members.saturating_mul(UNSENT_A_MEMBER)
            || self.waiting_tasks > WAITING_BROADCASTS
    }
}

impl Admissions {
    /// Somebody waits to be let in; nothing happens when it waits already.
    pub fn push(&mut self, who: Fingerprint) {
        if !self.waiting.contains(&who) {
            self.waiting.push_back(who);
        }
    }

    /// Those who are let in now: all who wait, or nobody.
    pub fn take(&mut self, behind: Behind, now: Instant) -> VecDeque<Fingerprint> {
        if self.waiting.is_empty() || self.earliest(behind.members).is_some_and(|at| at > now) {
            return VecDeque::new();
        }
        let is_patient = self.last.is_some_and(|last| now < last + ADMISSION_PATIENCE);
        if is_patient && behind.is_much() {
            self.looked = Some(now);
            return VecDeque::new();
        }
        self.last = Some(now);
        self.looked = None;
        std::mem::take(&mut self.waiting)
    }

    /// When to ask again; `None` when nobody waits.
    pub fn due(&self, members: usize, now: Instant) -> Option<Instant> {
        if self.waiting.is_empty() {
            return None;
        }
        let earliest = self.earliest(members).unwrap_or(now);
        Some(
            self.looked
                .map_or(earliest, |looked| earliest.max(looked + LOOK_AGAIN)),
        )
    }

    fn earliest(&self, members: usize) -> Option<Instant> {
        let crowd = members.saturating_sub(ADMITTED_ONE_BY_ONE);
        let crowd = u32::try_from(crowd).unwrap_or(u32::MAX);
        self.last.map(|last| last + ADMISSION_INTERVAL_A_MEMBER * crowd)
    }
}

impl RoomThread<'_> {
    /// Lets in those whose time has come.
    pub(super) fn let_in(&mut self, now: Instant) {
        let group = self.admissions.take(self.behind(), now);
        self.to_write.extend(group.into_iter().map(ToWrite::Admit));
    }

    fn behind(&self) -> Behind {
        let waiting = self
            .reactors
            .handles
            .iter()
            .map(|reactor| reactor.waiting_tasks());
        Behind {
            members: self.guests.len(),
            unsent_bytes: self.shared.unsent_bytes(),
            waiting_tasks: waiting.max().unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Fingerprint {
        Fingerprint::of_der(name.as_bytes())
    }

    fn behind(members: usize, unsent_bytes: usize) -> Behind {
        Behind {
            members,
            unsent_bytes,
            waiting_tasks: 0,
        }
    }

    #[test]
    fn a_class_of_sixty_is_let_in_at_once_and_a_crowd_in_groups() {
        let start = Instant::now();
        let mut admissions = Admissions::default();
        for name in ["ada", "bob", "cem"] {
            admissions.push(person(name));
            assert_eq!(admissions.take(behind(60, 0), start).len(), 1);
        }
        for name in ["dee", "eve", "eve"] {
            admissions.push(person(name));
            assert!(admissions.take(behind(5000, 0), start).is_empty());
        }
        let at = admissions.due(5000, start).unwrap();
        assert!(at > start && at < start + Duration::from_secs(1));
        assert_eq!(admissions.take(behind(5000, 0), at).len(), 2);
        assert_eq!(admissions.due(5000, at), None);
    }

    #[test]
    fn newcomers_wait_while_members_have_much_to_hear_but_not_for_ever() {
        let start = Instant::now();
        let mut admissions = Admissions::default();
        admissions.push(person("ada"));
        let much = behind(100, 100 * UNSENT_A_MEMBER + 1);
        assert_eq!(
            admissions.take(much, start).len(),
            1,
            "the first waits for nobody"
        );
        admissions.push(person("bob"));
        let soon = start + Duration::from_secs(1);
        assert!(admissions.take(much, soon).is_empty());
        assert_eq!(admissions.due(100, soon), Some(soon + LOOK_AGAIN));
        assert_eq!(admissions.take(much, start + ADMISSION_PATIENCE).len(), 1);
        admissions.push(person("cem"));
        let later = start + 2 * ADMISSION_PATIENCE;
        assert_eq!(admissions.take(behind(100, 0), later).len(), 1);
    }
}
