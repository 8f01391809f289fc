//! What guests hand in: into the log, or declined, and who is sent away for it.

use super::RoomThread;
use crate::crypto::Signature;
use crate::net::host::ConnId;
use crate::net::host::reactor::Task;
use crate::net::{Alarm, Event};
use crate::protocol::body::{Body, Declined};
use crate::protocol::event::event_hash;
use crate::protocol::{DepartureReason, EventFault};

/// A guest of whose events so many were declined is sent away.
const MAX_DECLINED: u32 = 256;

impl RoomThread<'_> {
    pub(super) fn submitted(&mut self, conn: ConnId, event: Vec<u8>, signature: Signature) {
        let Some(guest) = self.guests.get(&conn).cloned() else {
            return self.spoke_too_soon(conn);
        };
        let hash = event_hash(&event);
        match self.log.append(&guest.fingerprint, event, signature) {
            Ok(appended) => self.unpublished.push(appended),
            Err(fault) => {
                let declined = Body::Declined(Declined {
                    event: hash,
                    fault: fault.code(),
                });
                self.tell_one(conn, &declined);
                if !is_expected(fault) {
                    let alarm = Alarm::Submission {
                        name: guest.name,
                        fault,
                    };
                    self.shared.teller.tell(Event::Alarmed {
                        room: self.shared.key,
                        alarm,
                    });
                }
                let declined = self.guests.get_mut(&conn).map_or(0, |guest| {
                    guest.declined += 1;
                    guest.declined
                });
                if !(is_expected(fault) || is_honest_mistake(fault)) || declined >= MAX_DECLINED {
                    self.give(conn, Task::Drop { conn });
                    self.gone(conn, DepartureReason::ProtocolError);
                }
            }
        }
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
