//! From the sockets to the room: records in, what members hand in out; who says too much is read from later.

use std::io::{self, Read};
use std::sync::atomic::Ordering;
use std::time::Instant;

use crossbeam_channel::TrySendError;

use super::conn::{Full, Stage};
use super::{End, Reactor};
use crate::net::host::ConnId;
use crate::net::host::room::Input;
use crate::net::limits::{
    READ_BUDGET, WORK_OF_A_DELIVERY, WORK_OF_A_MESSAGE, WORK_OF_A_PRIVATE_HELLO, WORK_OF_A_SIGNATURE,
};
use crate::protocol::body::{self, Body, Submit};
use crate::protocol::limits::MAX_HANDSHAKE_BYTES;
use crate::protocol::wire::{FrameKind, HEADER_BYTES};
use crate::protocol::{DepartureReason, Output};

impl Reactor {
    /// Reads again from those whose time has come.
    pub(super) fn wake_the_resting(&mut self) {
        let now = Instant::now();
        while let Some((at, number)) = self.resting.first().copied()
            && at <= now
        {
            self.resting.pop_first();
            self.readable.push_back(number);
        }
    }

    /// Whether a member said more than it may for now; then it is read from later, and TCP has it wait.
    pub(super) fn must_rest(&mut self, number: u64) -> bool {
        let paid_at = self.conns.get(&number).and_then(|conn| conn.allowance.paid_at());
        match paid_at {
            Some(at) if at > Instant::now() => {
                self.resting.insert((at, number));
                true
            }
            _ => false,
        }
    }

    pub(super) fn read(&mut self, number: u64, buffer: &mut [u8]) {
        let mut taken = 0;
        loop {
            if self.must_rest(number) {
                return;
            }
            let Some(conn) = self.conns.get_mut(&number) else {
                return;
            };
            match conn.stream.read(buffer) {
                Ok(0) => return self.end(number, DepartureReason::ConnectionLost),
                Ok(count) => {
                    let bytes = if conn.lingers {
                        &[]
                    } else {
                        buffer.get(..count).unwrap_or_default()
                    };
                    if let Err(End(reason)) = self.take_in(number, bytes) {
                        return self.end(number, reason);
                    }
                    taken += count;
                    if taken >= READ_BUDGET || !self.parked.is_empty() {
                        self.readable.push_back(number);
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return self.end(number, DepartureReason::ConnectionLost),
            }
        }
    }

    pub(super) fn take_in(&mut self, number: u64, bytes: &[u8]) -> Result<(), End> {
        let Some(conn) = self.conns.get_mut(&number) else {
            return Ok(());
        };
        if conn.told_gone {
            return Ok(());
        }
        if let Stage::Live(connection) = &mut conn.stage {
            // What came before a bad record was good, and is handed on.
            let outcome = match &mut conn.recorder {
                None => connection.handle_input(bytes, Instant::now(), &mut rand::rng()),
                Some(recorder) => super::watching::handle_input(connection, recorder, bytes),
            };
            self.drain(number)?;
            return outcome.map_err(|error| {
                log::info!("a guest broke the protocol: {error}");
                End(DepartureReason::ProtocolError)
            });
        }
        if conn.ends_when_flushed {
            return Ok(());
        }
        conn.frames.push(bytes);
        if conn.frames.waiting_bytes() > 2 * (MAX_HANDSHAKE_BYTES + HEADER_BYTES) {
            return Err(End(DepartureReason::ProtocolError));
        }
        self.step(number);
        Ok(())
    }

    /// Does what a connection wants done and hands on what it received.
    pub(super) fn drain(&mut self, number: u64) -> Result<(), End> {
        let conn_id = ConnId {
            reactor: self.index,
            number,
        };
        loop {
            let Some(conn) = self.conns.get_mut(&number) else {
                return Ok(());
            };
            let Stage::Live(connection) = &mut conn.stage else {
                return Ok(());
            };
            match connection.poll_output() {
                None => return Ok(()),
                Some(Output::Transmit(frame)) => {
                    if let Some(recorder) = &mut conn.recorder {
                        recorder.sent(&frame);
                    }
                    conn.outgoing
                        .push_sealed(&frame)
                        .map_err(|Full| End(DepartureReason::TooSlow))?;
                    self.mark_dirty(number);
                }
                Some(Output::Received(text)) => match body::decode(&text) {
                    Ok(Body::Submit(submit)) => {
                        let hearers = self.shared.hearers.load(Ordering::Relaxed);
                        let work = work_of(&submit, hearers, &mut conn.last_signature);
                        conn.allowance.charge(work, Instant::now());
                        self.hand_to_room(Input::Submitted {
                            conn: conn_id,
                            event: submit.event,
                            signature: submit.signature,
                        });
                    }
                    Ok(Body::Here(standing)) => {
                        conn.allowance.charge(WORK_OF_A_MESSAGE, Instant::now());
                        self.hand_to_room(Input::Here {
                            conn: conn_id,
                            standing,
                        });
                    }
                    Ok(Body::Private(private)) => {
                        conn.allowance
                            .charge(work_of_private(&private.bytes), Instant::now());
                        self.hand_to_room(Input::Private {
                            conn: conn_id,
                            private,
                        });
                    }
                    _ => return Err(End(DepartureReason::ProtocolError)),
                },
                Some(Output::PeerClosed) => return Err(End(DepartureReason::Goodbye)),
            }
        }
    }

    /// Never waits: what the room can't take yet is parked, and nothing is read meanwhile.
    pub(super) fn hand_to_room(&mut self, input: Input) {
        self.parked.push_back(input);
        self.deliver_parked();
    }

    pub(super) fn deliver_parked(&mut self) {
        while let Some(input) = self.parked.pop_front() {
            match self.inputs.try_send(input) {
                Ok(()) => {}
                Err(TrySendError::Full(input)) => {
                    self.parked.push_front(input);
                    return;
                }
                Err(TrySendError::Disconnected(_)) => {
                    // The room's thread is gone; so are its guests.
                    self.closing = true;
                    self.parked.clear();
                    self.conns.clear();
                    self.unsent = 0;
                    self.deadlines.clear();
                    self.hearers.clear();
                    self.resting.clear();
                    self.handshakes = 0;
                    self.listeners.clear();
                    return;
                }
            }
        }
    }
}

/// What an event costs the host, in microseconds by rule of thumb.
fn work_of(submit: &Submit, hearers: usize, last_signature: &mut Vec<u8>) -> u32 {
    let signature = if *last_signature == submit.signature.rsa {
        0
    } else {
        last_signature.clone_from(&submit.signature.rsa);
        WORK_OF_A_SIGNATURE
    };
    let bytes = submit.event.len() + submit.signature.rsa.len() + 32 * submit.signature.path.len();
    let deliveries = (bytes.div_ceil(2048) * hearers) as u32;
    WORK_OF_A_MESSAGE + signature + deliveries.saturating_mul(WORK_OF_A_DELIVERY)
}

/// What a piece of a private conversation costs: its way by its length, and the answer to a hello.
fn work_of_private(bytes: &[u8]) -> u32 {
    let begins = bytes
        .first()
        .is_some_and(|kind| *kind == FrameKind::GuestHello as u8);
    let answer = if begins { WORK_OF_A_PRIVATE_HELLO } else { 0 };
    let pieces = u32::try_from(bytes.len().div_ceil(2048)).unwrap_or(u32::MAX);
    WORK_OF_A_MESSAGE + answer + pieces.saturating_mul(WORK_OF_A_DELIVERY)
}
