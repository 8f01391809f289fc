//! What guests hand in: into the log, or declined, and who is sent away for it.

use std::time::Instant;

use super::RoomThread;
use super::declined::{ToTell, is_expected};
use crate::crypto::Signature;
use crate::net::host::reactor::Task;
use crate::net::host::{ConnId, Guest};
use crate::net::{Alarm, Event};
use crate::protocol::body::{Body, Declined};
use crate::protocol::event::event_hash;
use crate::protocol::{DepartureReason, EventFault};

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
        let (mut guest, now) = (self.guests.remove(&conn)?, Instant::now());
        if let Some(to_tell) = guest.declined.take_rest(now) {
            self.tell_declined(guest.name.clone(), to_tell);
        }
        let declined = std::mem::take(&mut guest.declined);
        self.declined_of_gone
            .keep(guest.fingerprint, guest.name.clone(), declined, now);
        Some(guest)
    }

    /// Tells what was declined of guests who went, where it was too soon for that.
    pub(super) fn tell_declined_of_gone(&mut self, now: Instant) {
        for (name, to_tell) in self.declined_of_gone.look_through(now) {
            self.tell_declined(name, to_tell);
        }
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
        if is_arriving || self.catch_ups.holds(conn) {
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
