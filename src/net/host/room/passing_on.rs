//! Private pieces: from one member to another unread, and to and from the host's own desk.

use std::time::Instant;

use super::RoomThread;
use crate::crypto::Fingerprint;
use crate::net::Event;
use crate::net::host::ConnId;
use crate::net::private::{Out, Partner};
use crate::protocol::body::{Body, Private};

impl RoomThread<'_> {
    /// Passes on what one member sent to another, unread; what is for the host goes to its own desk.
    pub(super) fn private(&mut self, conn: ConnId, private: Private) {
        let Some(from) = self.guests.get(&conn).map(|guest| guest.fingerprint) else {
            return self.spoke_too_soon(conn);
        };
        if private.member == self.shared.identity.fingerprint() {
            if !self.shared.teller.is_blocked(&from)
                && let Some(partner) = self.partner(&from)
            {
                self.desk.receive(&partner, &private.bytes, Instant::now());
            }
            return;
        }
        match self.conn_of(&private.member) {
            Some(to) => self.tell_one(
                to,
                &Body::Private(Private {
                    member: from,
                    bytes: private.bytes,
                }),
            ),
            // Only whom: what was to be passed on is the sender's to keep.
            None => self.tell_one(
                conn,
                &Body::Away(Private {
                    bytes: Vec::new(),
                    ..private
                }),
            ),
        }
    }

    pub(super) fn pass_on_private(&mut self) {
        for out in self.desk.drain() {
            match out {
                Out::Send { to, bytes } => {
                    let member = self.shared.identity.fingerprint();
                    if let Some(conn) = self.conn_of(&to) {
                        self.tell_one(conn, &Body::Private(Private { member, bytes }));
                    }
                }
                Out::NotKept { reason } => self.shared.teller.tell(Event::NotKept { reason }),
                Out::Tell { with, event } => self.shared.teller.tell(Event::Private {
                    room: self.shared.key,
                    with,
                    event,
                }),
            }
        }
    }

    pub(super) fn partner(&self, who: &Fingerprint) -> Option<Partner> {
        Some(Partner {
            fingerprint: *who,
            name: self.log.name_of(who)?.to_owned(),
            present: self.conn_of(who).is_some(),
        })
    }
}
