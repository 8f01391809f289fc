//! The connection that the host looks into: its recording begins, is told, and ends. Never waits.

use std::time::Instant;

use super::Reactor;
use super::conn::Stage;
use super::recorder::Recorder;
use crate::crypto::PublicIdentity;
use crate::inspect::{Piece, Tee};
use crate::net::host::ConnId;
use crate::protocol::Connection;
use crate::protocol::connection::ConnectionError;
use crate::protocol::handshake::Role;

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

    /// Somebody is in: is it whom the host looks at?
    pub(super) fn watch_if_asked(&mut self, number: u64, member: &PublicIdentity) {
        let is_watched = *self.shared.watched() == Some(member.fingerprint());
        if is_watched {
            self.begin_recording(number, std::slice::from_ref(member));
        }
    }

    fn begin_recording(&mut self, number: u64, known: &[PublicIdentity]) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        let (Stage::Live(connection), Some(member)) = (&conn.stage, conn.member) else {
            return;
        };
        let (Some(keys), Ok(local), Ok(peer)) = (
            connection.running_keys(),
            conn.stream.local_addr(),
            conn.stream.peer_addr(),
        ) else {
            return;
        };
        let host = self.shared.identity.public().clone();
        let begun = keys.begun.clone();
        let beginning = Piece::TakenUp {
            role: Role::Host,
            keys: Box::new(keys),
            local,
            peer,
            room: self.shared.hello.room.id,
            known: std::iter::once(host).chain(known.iter().cloned()).collect(),
        };
        let recorder = Recorder::begin(member, beginning, &begun);
        conn.recorder = Some(Box::new(recorder));
        self.watched = Some(number);
    }

    /// Tells what was recorded, as far as the listener takes it.
    pub(super) fn tell_recorded(&mut self) {
        let (key, teller) = (self.shared.key, &self.shared.teller);
        let conn = self.watched.and_then(|number| self.conns.get_mut(&number));
        let recorder = conn.and_then(|conn| conn.recorder.as_deref_mut());
        self.recorded_waits = recorder.is_some_and(|recorder| recorder.tell(key, teller));
    }
}
