//! Newcomers: who is accepted, who is turned away, who gives way when too many shake hands.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use mio::net::TcpStream;
use mio::{Interest, Token};

use super::allowance::Allowance;
use super::conn::{Conn, Outgoing, Stage};
use super::{Reactor, Task};
use crate::net::host::gate::Origin;
use crate::net::limits::{ACCEPT_RETRY, ACCEPTS_PER_TURN, MAX_CONNECTIONS, MAX_HANDSHAKES};
use crate::protocol::DepartureReason;
use crate::protocol::handshake::Refusal;
use crate::protocol::limits::HANDSHAKE_TIMEOUT;
use crate::protocol::wire::FrameBuffer;

impl Reactor {
    pub(super) fn accept(&mut self) {
        let mut accepted = Vec::new();
        'listeners: for listener in &self.listeners {
            loop {
                if accepted.len() >= ACCEPTS_PER_TURN {
                    self.accept_again = Some(Instant::now());
                    break 'listeners;
                }
                match listener.accept() {
                    Ok(newcomer) => accepted.push(newcomer),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) if is_of_the_peer(&error) => {}
                    Err(error) => {
                        // Out of descriptors: those who wait in line are asked in again a little later.
                        self.accept_again = Some(Instant::now() + ACCEPT_RETRY);
                        log::warn!("a connection could not be accepted: {error}");
                        break;
                    }
                }
            }
        }
        let now = Instant::now();
        for (stream, address) in accepted {
            let origin = Origin::of(SocketAddr::ip(&address));
            // Who knocks too often gets no answer: even a refusal would be work.
            if !self.shared.gate().knock(origin, now) {
                continue;
            }
            let next = self.adopted % self.others.len().max(1);
            self.adopted += 1;
            match self.others.get(next) {
                Some(other) if next != self.index => drop(other.give(Task::Adopt(stream, origin))),
                _ => self.adopt(stream, origin),
            }
        }
    }

    pub(super) fn adopt(&mut self, mut stream: TcpStream, origin: Origin) {
        if self.handshakes >= MAX_HANDSHAKES {
            self.make_room();
        }
        let now = Instant::now();
        if self.closing || self.conns.len() >= MAX_CONNECTIONS || self.handshakes >= MAX_HANDSHAKES {
            let refusal = if self.closing {
                Refusal::Closing
            } else {
                Refusal::Full
            };
            // A new socket takes a few bytes at once; whether the stranger reads them is its affair.
            let _ = io::Write::write(&mut stream, &refusal.clear_frame());
            self.shared.gate().left(origin, false, now);
            return;
        }
        let number = self.next_number;
        self.next_number += 1;
        let _ = stream.set_nodelay(true);
        crate::net::keepalive::set(&stream);
        let token = Token(number as usize);
        if self
            .poll
            .registry()
            .register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)
            .is_err()
        {
            self.shared.gate().left(origin, false, now);
            return;
        }
        let deadline = now + HANDSHAKE_TIMEOUT;
        self.deadlines.insert((deadline, number));
        self.handshakes += 1;
        let conn = Conn {
            stream,
            origin,
            outgoing: Outgoing::new(now),
            frames: FrameBuffer::default(),
            stage: Stage::AwaitHello,
            deadline: Some(deadline),
            at_the_gate: true,
            member_since: None,
            says_goodbye: false,
            ends_when_flushed: false,
            lingers: false,
            hears_room: false,
            told_gone: false,
            is_dirty: false,
            allowance: Allowance::new(now),
            member: None,
            recorder: None,
        };
        self.conns.insert(number, conn);
        self.readable.push_back(number);
    }

    /// Ends the oldest connection that has not even said hello, of the origin that has most of them: so
    /// a flood pushes out its own, and silent strangers don't keep others out.
    pub(super) fn make_room(&mut self) {
        let silent = self.deadlines.iter().filter_map(|(_, number)| {
            let conn = self.conns.get(number)?;
            matches!(conn.stage, Stage::AwaitHello).then_some((*number, conn.origin))
        });
        let mut by_origin: BTreeMap<Origin, (usize, u64)> = BTreeMap::new();
        for (number, origin) in silent {
            // The first one of an origin is its oldest.
            by_origin.entry(origin).or_insert((0, number)).0 += 1;
        }
        let oldest_of_most = by_origin.into_values().max_by_key(|(count, _)| *count);
        if let Some((_, number)) = oldest_of_most {
            self.end(number, DepartureReason::ConnectionLost);
        }
    }
}

/// Errors of accepting that concern one newcomer only.
fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
