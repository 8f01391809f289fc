//! The connection that the host looks into: its recording begins, is told, and ends. Never waits.

use std::net::SocketAddr;
use std::time::Instant;

use super::Reactor;
use super::conn::Stage;
use super::recorder::Recorder;
use crate::crypto::{PublicIdentity, Secret, Ticket};
use crate::inspect::{Piece, Tee};
use crate::net::host::ConnId;
use crate::protocol::Connection;
use crate::protocol::connection::ConnectionError;
use crate::protocol::handshake::Role;
use crate::protocol::wire::Frame;

/// Takes what arrived, and notes it, and what was drawn for an exchange.
pub(super) fn handle_input(
    connection: &mut Connection,
    recorder: &mut Recorder,
    bytes: &[u8],
) -> Result<(), ConnectionError> {
    recorder.got(bytes);
    let mut source = rand::rng();
    let mut tee = Tee::new(&mut source);
    let outcome = connection.handle_input(bytes, Instant::now(), &mut tee);
    recorder.drew(tee.into_drawn());
    outcome
}

impl Reactor {
    /// Looks into a connection from now on, and into no other.
    pub(super) fn watch(&mut self, conn: Option<ConnId>, known: &[PublicIdentity]) {
        if let Some(before) = self.watched.take().and_then(|number| self.conns.get_mut(&number)) {
            before.recorder = None;
        }
        self.recorded_waits = false;
        if let Some(conn) = conn.filter(|conn| conn.reactor == self.index) {
            self.begin_recording(conn.number, known);
        }
    }

    /// Notes that a handshake begins, while the host looks at somebody: it may be theirs.
    pub(super) fn note_handshake(&self, id: ConnId, psk: &Secret, first: &Frame) {
        if let Some((local, peer)) = self.ends_of(id.number) {
            let beginning = Piece::Began {
                role: Role::Host,
                psk: psk.clone(),
                local,
                peer,
            };
            let frame = first.kind.frame(&first.body);
            self.shared.watch().begin(id, beginning, &frame);
        }
    }

    /// The same for one that resumes a session.
    pub(super) fn note_resumption(&self, id: ConnId, ticket: &Ticket, first: &Frame) {
        if let Some((local, peer)) = self.ends_of(id.number) {
            let beginning = Piece::Resumed {
                role: Role::Host,
                ticket: ticket.clone(),
                local,
                peer,
            };
            let frame = first.kind.frame(&first.body);
            self.shared.watch().begin(id, beginning, &frame);
        }
    }

    /// Somebody is in: is it whom the host looks at?
    pub(super) fn watch_if_asked(&mut self, number: u64, member: &PublicIdentity) {
        let noted = self
            .shared
            .watch()
            .arrived(self.id(number), &member.fingerprint());
        match noted {
            Some(noted) if noted.is_empty() => self.begin_recording(number, std::slice::from_ref(member)),
            Some(noted) => self.record_from(number, noted),
            None => {}
        }
    }

    /// Begins behind the handshake, with the keys as they are.
    fn begin_recording(&mut self, number: u64, known: &[PublicIdentity]) {
        let (Some(conn), Some((local, peer))) = (self.conns.get(&number), self.ends_of(number)) else {
            return;
        };
        let Stage::Live(connection) = &conn.stage else {
            return;
        };
        let Some(keys) = connection.running_keys() else {
            return;
        };
        let host = self.shared.identity.public().clone();
        let beginning = Piece::TakenUp {
            role: Role::Host,
            keys: Box::new(keys),
            local,
            peer,
            room: self.shared.hello.room.id,
            known: std::iter::once(host).chain(known.iter().cloned()).collect(),
        };
        self.record_from(number, vec![beginning]);
    }

    /// Records from now on, and tells first how it began.
    fn record_from(&mut self, number: u64, beginning: Vec<Piece>) {
        let id = self.id(number);
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        let (Stage::Live(connection), Some(member)) = (&conn.stage, conn.member) else {
            return;
        };
        let Some(keys) = connection.running_keys() else {
            return;
        };
        let recorder = Recorder::begin(member, beginning, &keys.begun);
        conn.recorder = Some(Box::new(recorder));
        self.shared.watch().tell_of(id);
        let before = self.watched.replace(number).filter(|before| *before != number);
        if let Some(before) = before.and_then(|number| self.conns.get_mut(&number)) {
            before.recorder = None;
        }
    }

    /// Tells what was recorded, as far as the listener takes it.
    pub(super) fn tell_recorded(&mut self) {
        let Some(number) = self.watched else {
            return;
        };
        // Held while it is told, so that nothing of an older connection comes behind the newer one's beginning.
        let id = self.id(number);
        let watch = self.shared.watch();
        let conn = self.conns.get_mut(&number);
        if !watch.tells_of(id) {
            if let Some(conn) = conn {
                conn.recorder = None;
            }
            (self.watched, self.recorded_waits) = (None, false);
            return;
        }
        let (key, teller) = (self.shared.key, &self.shared.teller);
        let recorder = conn.and_then(|conn| conn.recorder.as_deref_mut());
        self.recorded_waits = recorder.is_some_and(|recorder| recorder.tell(key, teller));
    }

    /// This end's address and the other's.
    fn ends_of(&self, number: u64) -> Option<(SocketAddr, SocketAddr)> {
        let stream = &self.conns.get(&number)?.stream;
        Some((stream.local_addr().ok()?, stream.peer_addr().ok()?))
    }
}
