//! What guests hand in: into the log, or declined, and who is sent away for it.

use std::time::Instant;

use super::RoomThread;
use crate::crypto::Signature;
use crate::net::host::reactor::Task;
use crate::net::host::{ConnId, Guest};
use crate::net::limits::{FAULTS_TOLD_INTERVAL, MAX_DECLINED};
use crate::net::{Alarm, Event};
use crate::protocol::body::{Body, Declined};
use crate::protocol::event::event_hash;
use crate::protocol::{DepartureReason, EventFault};

/// What of a guest's events was declined, and how much of that the host was told: a guest must not fill its screen.
#[derive(Debug, Clone, Default)]
pub struct DeclinedEvents {
    count: u32,
    untold: u32,
    last: Option<EventFault>,
    told_at: Option<Instant>,
}

/// So many events failed a check, the last of them this one.
#[derive(Debug, PartialEq, Eq)]
struct ToTell {
    count: u32,
    fault: EventFault,
}

impl DeclinedEvents {
    /// Whether a guest is sent away for their number.
    fn are_too_many(&self) -> bool {
        self.count >= MAX_DECLINED
    }

    /// Notes one; gives what to tell: the first at once, further ones together.
    fn note(&mut self, fault: EventFault, now: Instant) -> Option<ToTell> {
        self.count += 1;
        if is_expected(fault) {
            return None;
        }
        self.untold += 1;
        self.last = Some(fault);
        if self.told_at.is_some_and(|at| now < at + FAULTS_TOLD_INTERVAL) {
            return None;
        }
        self.told_at = Some(now);
        self.take_untold()
    }

    /// What was not told yet.
    fn take_untold(&mut self) -> Option<ToTell> {
        let fault = self.last.take()?;
        let count = std::mem::take(&mut self.untold);
        Some(ToTell { count, fault })
    }
}

impl RoomThread<'_> {
    pub(super) fn submitted(&mut self, conn: ConnId, event: Vec<u8>, signature: Signature) {
        let Some(guest) = self.guests.get(&conn) else {
            return self.spoke_too_soon(conn);
        };
        let (fingerprint, guest_name) = (guest.fingerprint, guest.name.clone());
        let hash = event_hash(&event);
        match self.log.append(&fingerprint, event, signature) {
            Ok(appended) => self.unpublished.push(appended),
            Err(fault) => {
                let declined = Body::Declined(Declined {
                    event: hash,
                    fault: fault.code(),
                });
                self.tell_one(conn, &declined);
                let Some(guest) = self.guests.get_mut(&conn) else {
                    return;
                };
                let to_tell = guest.declined.note(fault, Instant::now());
                let are_too_many = guest.declined.are_too_many();
                if let Some(to_tell) = to_tell {
                    self.tell_declined(guest_name, to_tell);
                }
                if !(is_expected(fault) || is_honest_mistake(fault)) || are_too_many {
                    self.give(conn, Task::Drop { conn });
                    self.gone(conn, DepartureReason::ProtocolError);
                }
            }
        }
    }

    /// Somebody is a guest no more; what of its events was declined and not told is told now.
    pub(super) fn take_out(&mut self, conn: ConnId) -> Option<Guest> {
        let mut guest = self.guests.remove(&conn)?;
        if let Some(to_tell) = guest.declined.take_untold() {
            self.tell_declined(guest.name.clone(), to_tell);
        }
        Some(guest)
    }

    fn tell_declined(&self, name: String, to_tell: ToTell) {
        let ToTell { count, fault } = to_tell;
        self.shared.teller.tell(Event::Alarmed {
            room: self.shared.key,
            alarm: Alarm::Submission { name, count, fault },
        });
    }

    /// Before its roster a guest may say nothing: its line is ended. A connection that is being dropped is not heard.
    pub(super) fn spoke_too_soon(&mut self, conn: ConnId) {
        let is_arriving = self.arriving.values().any(|arrival| arrival.conn == conn);
        if is_arriving || self.catching_up.contains_key(&conn) {
            self.give(conn, Task::Drop { conn });
            self.gone(conn, DepartureReason::ProtocolError);
        }
    }
}

/// Faults that an honest guest can run into when its line was cut; others end the connection.
fn is_honest_mistake(fault: EventFault) -> bool {
    matches!(
        fault,
        EventFault::WrongSequence { .. } | EventFault::WrongPrevious | EventFault::WrongSeen { .. }
    )
}

/// Answers that are no fault of anybody: the rules changed on the way, or the event came twice.
fn is_expected(fault: EventFault) -> bool {
    matches!(
        fault,
        EventFault::Muted | EventFault::ReadOnly | EventFault::Duplicate
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const FAULT: EventFault = EventFault::WrongPrevious;

    fn so_many(count: u32) -> Option<ToTell> {
        Some(ToTell { count, fault: FAULT })
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
        assert_eq!(declined.take_untold(), so_many(5));
        assert_eq!(declined.take_untold(), None);
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
        assert_eq!(declined.take_untold(), None);
    }
}
