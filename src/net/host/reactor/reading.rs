//! From the sockets to the room: records in, what members hand in out; who says too much is read from later.

use std::io::{self, Read};
use std::sync::atomic::Ordering;
use std::time::Instant;

use crossbeam_channel::TrySendError;

use super::conn::{Conn, Full, Stage};
use super::{End, Newcomers, Reactor};
use crate::net::host::ConnId;
use crate::net::host::room::Input;
use crate::net::limits::{CAREFUL_READ, READ_BUDGET};
use crate::protocol::body::{self, Body};
use crate::protocol::limits::MAX_HANDSHAKE_BYTES;
use crate::protocol::wire::HEADER_BYTES;
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
        let paid_at = self.conns.get(&number).and_then(Conn::paid_at);
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
            let piece = match conn.runs_low(Instant::now()) {
                true => buffer.split_at_mut(CAREFUL_READ.min(buffer.len())).0,
                false => &mut *buffer,
            };
            match conn.stream.read(piece) {
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
                        conn.charge(|allowance| allowance.charge_submit(&submit, hearers, Instant::now()));
                        self.hand_to_room(Input::Submitted {
                            conn: conn_id,
                            event: submit.event,
                            signature: submit.signature,
                        });
                    }
                    Ok(Body::Here(standing)) => {
                        conn.charge(|allowance| allowance.charge_standing(Instant::now()));
                        self.hand_to_room(Input::Here {
                            conn: conn_id,
                            standing,
                        });
                    }
                    Ok(Body::Private(private)) => {
                        conn.charge(|allowance| allowance.charge_private(&private.bytes, Instant::now()));
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
                    self.deadlines.clear();
                    self.hearers.clear();
                    self.resting.clear();
                    self.newcomers = Newcomers::default();
                    self.listeners.clear();
                    return;
                }
            }
        }
    }
}
