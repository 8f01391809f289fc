//! What of guests' events was declined, and how much of that the host was told: a guest must not fill its screen, also not
//! by coming and going.

use std::collections::HashMap;
use std::time::Instant;

use crate::crypto::Fingerprint;
use crate::net::limits::{DECLINED_REMEMBERED, FAULTS_TOLD_INTERVAL, MAX_DECLINED};
use crate::protocol::EventFault;
use crate::protocol::limits::MAX_MEMBERS;

/// What of one guest's events was declined.
#[derive(Debug, Clone, Default)]
pub struct DeclinedEvents {
    count: u32,
    untold: u32,
    last: Option<EventFault>,
    /// When one was declined last.
    last_at: Option<Instant>,
    told_at: Option<Instant>,
    /// When the rest was told because the guest went.
    rest_told_at: Option<Instant>,
}

/// So many events failed a check, the last of them this one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ToTell {
    pub count: u32,
    pub fault: EventFault,
}

impl DeclinedEvents {
    /// Whether a guest is sent away for their number.
    pub(super) fn are_too_many(&self) -> bool {
        self.count >= MAX_DECLINED
    }

    /// Notes one; gives what to tell: the first at once, further ones together.
    pub(super) fn note(&mut self, fault: EventFault, now: Instant) -> Option<ToTell> {
        self.count = self.count.saturating_add(1);
        self.last_at = Some(now);
        if is_expected(fault) {
            return None;
        }
        self.untold += 1;
        self.last = Some(fault);
        if was_lately(self.told_at, now) {
            return None;
        }
        self.told_at = Some(now);
        self.take_untold()
    }

    /// What is to be told when the guest goes: what was not told yet. Who went lately too is told of later.
    pub(super) fn take_rest(&mut self, now: Instant) -> Option<ToTell> {
        if was_lately(self.rest_told_at, now) {
            return None;
        }
        let rest = self.take_untold()?;
        self.rest_told_at = Some(now);
        Some(rest)
    }

    fn take_untold(&mut self) -> Option<ToTell> {
        let fault = self.last.take()?;
        let count = std::mem::take(&mut self.untold);
        Some(ToTell { count, fault })
    }

    /// Whether the last one was so long ago that none counts any more.
    fn are_forgiven(&self, now: Instant) -> bool {
        self.last_at.is_none_or(|at| now >= at + DECLINED_REMEMBERED)
    }
}

fn was_lately(at: Option<Instant>, now: Instant) -> bool {
    at.is_some_and(|at| now < at + FAULTS_TOLD_INTERVAL)
}

/// Answers that are no fault of anybody: the rules changed on the way, or the event came twice.
pub(super) fn is_expected(fault: EventFault) -> bool {
    matches!(
        fault,
        EventFault::Muted | EventFault::ReadOnly | EventFault::Duplicate
    )
}

/// What was declined of guests who went: who comes back soon goes on from there.
#[derive(Debug, Default)]
pub(super) struct DeclinedOfGone {
    gone: HashMap<Fingerprint, Gone>,
    /// When to look through them next.
    due: Option<Instant>,
}

#[derive(Debug)]
struct Gone {
    name: String,
    declined: DeclinedEvents,
}

impl DeclinedOfGone {
    /// Somebody went.
    pub(super) fn keep(&mut self, who: Fingerprint, name: String, declined: DeclinedEvents, now: Instant) {
        if declined.are_forgiven(now) || self.gone.len() >= MAX_MEMBERS {
            return;
        }
        self.due.get_or_insert(now + FAULTS_TOLD_INTERVAL);
        self.gone.insert(who, Gone { name, declined });
    }

    /// Somebody is here, perhaps again.
    pub(super) fn take(&mut self, who: &Fingerprint, now: Instant) -> DeclinedEvents {
        let kept = self.gone.remove(who).map(|gone| gone.declined);
        kept.filter(|declined| !declined.are_forgiven(now))
            .unwrap_or_default()
    }

    /// When there may be something to tell or to forget.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Forgets what counts no more; gives what is to be told, with the guests' names.
    pub(super) fn look_through(&mut self, now: Instant) -> Vec<(String, ToTell)> {
        if self.due.is_none_or(|due| due > now) {
            return Vec::new();
        }
        let to_tell = |gone: &mut Gone| Some((gone.name.clone(), gone.declined.take_rest(now)?));
        let told = self.gone.values_mut().filter_map(to_tell).collect();
        self.gone.retain(|_, gone| !gone.declined.are_forgiven(now));
        self.due = (!self.gone.is_empty()).then(|| now + FAULTS_TOLD_INTERVAL);
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const FAULT: EventFault = EventFault::WrongPrevious;

    fn so_many(count: u32) -> Option<ToTell> {
        Some(ToTell { count, fault: FAULT })
    }

    fn ada() -> Fingerprint {
        Fingerprint::of_der(b"ada")
    }

    #[test]
    fn the_first_is_told_then_a_count_now_and_then_and_the_rest_in_the_end() {
        let start = Instant::now();
        let mut declined = DeclinedEvents::default();
        assert_eq!(declined.note(FAULT, start), so_many(1));
        let soon = start + Duration::from_secs(1);
        assert!((0..100).all(|_| declined.note(FAULT, soon).is_none()));
        let later = start + FAULTS_TOLD_INTERVAL;
        assert_eq!(declined.note(FAULT, later), so_many(101));
        assert!((0..5).all(|_| declined.note(FAULT, later).is_none()));
        assert_eq!(declined.take_rest(later), so_many(5));
        assert_eq!(declined.take_rest(later), None);
    }

    #[test]
    fn what_is_nobodys_fault_is_not_told_and_counts_all_the_same() {
        let now = Instant::now();
        let mut declined = DeclinedEvents::default();
        for _ in 0..MAX_DECLINED {
            assert!(!declined.are_too_many());
            assert_eq!(declined.note(EventFault::Muted, now), None);
        }
        assert!(declined.are_too_many());
        assert_eq!(declined.take_rest(now), None);
    }

    #[test]
    fn who_comes_and_goes_is_counted_on_and_told_of_no_more_often_than_who_stays() {
        let start = Instant::now();
        let mut gone = DeclinedOfGone::default();
        let mut told = Vec::new();
        for round in 0..128 {
            let now = start + Duration::from_millis(10 * round);
            told.extend(gone.look_through(now).into_iter().map(|(_, one)| one.count));
            let mut declined = gone.take(&ada(), now);
            assert!(!declined.are_too_many());
            for _ in 0..2 {
                told.extend(declined.note(FAULT, now).map(|one| one.count));
            }
            told.extend(declined.take_rest(now).map(|one| one.count));
            gone.keep(ada(), "Ada".to_owned(), declined, now);
        }
        assert_eq!(told, [1, 1], "the first, and the rest when it went first");
        let later = start + Duration::from_millis(1270) + FAULTS_TOLD_INTERVAL;
        let rest = ToTell {
            count: 254,
            fault: FAULT,
        };
        assert_eq!(gone.look_through(later), [("Ada".to_owned(), rest)]);
        assert!(gone.take(&ada(), later).are_too_many());
    }

    #[test]
    fn what_was_declined_long_ago_is_forgotten() {
        let start = Instant::now();
        let mut gone = DeclinedOfGone::default();
        gone.keep(ada(), "Ada".to_owned(), DeclinedEvents::default(), start);
        assert_eq!((gone.gone.len(), gone.due()), (0, None), "nothing was");
        let mut declined = DeclinedEvents::default();
        declined.note(FAULT, start);
        gone.keep(ada(), "Ada".to_owned(), declined, start);
        assert_eq!(gone.take(&ada(), start).count, 1);
        let mut declined = DeclinedEvents::default();
        declined.note(FAULT, start);
        gone.keep(ada(), "Ada".to_owned(), declined, start);
        assert!(gone.look_through(start + DECLINED_REMEMBERED).is_empty());
        assert_eq!((gone.gone.len(), gone.due()), (0, None));
    }
}
