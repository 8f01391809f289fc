//! Newcomers: who is accepted, who is turned away, who gives way when too many shake hands.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use mio::net::TcpStream;
use mio::{Interest, Token};

use super::conn::{Conn, Outgoing, Stage};
use super::newcomers::Place;
use super::{Reactor, Task};
use crate::net::host::gate::Origin;
use crate::net::host::room::Input;
use crate::net::limits::{ACCEPT_RETRY, ACCEPTS_PER_TURN, MAX_CONNECTIONS, TOLD_INTERVAL};
use crate::protocol::DepartureReason;
use crate::protocol::handshake::Refusal;
use crate::protocol::limits::HANDSHAKE_TIMEOUT;
use crate::protocol::wire::FrameBuffer;

impl Reactor {
    pub(super) fn accept(&mut self) {
        let mut accepted = Vec::new();
        let mut failed = None;
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
                        failed = Some(error);
                        break 'listeners;
                    }
                }
            }
        }
        for (stream, address) in accepted {
            let origin = Origin::of(SocketAddr::ip(&address));
            let next = self.adopted % self.others.len().max(1);
            self.adopted += 1;
            match self.others.get(next) {
                Some(other) if next != self.index => drop(other.give(Task::Adopt(stream, origin))),
                _ => self.adopt(stream, origin),
            }
        }
        if let Some(error) = failed {
            // Out of descriptors: who stands here without a word gives way, and those who wait in line are asked in
            // again a little later.
            if let Some(silent) = self.newcomers.first_to_go(Instant::now()) {
                self.end(silent, DepartureReason::ConnectionLost);
            }
            self.accept_again = Some(Instant::now() + ACCEPT_RETRY);
            self.tell_crowded(&format!("a connection could not be accepted ({error})"));
        }
    }

    /// Tells the host that the computer takes no more connections, now and then.
    fn tell_crowded(&mut self, what: &str) {
        let now = Instant::now();
        if self.crowded_told_at.is_none_or(|at| now >= at + TOLD_INTERVAL) {
            self.crowded_told_at = Some(now);
            let reason = format!(
                "Not everybody can come in: {what}. Whoever is in the room stays. A higher limit of open files for this \
                 program helps, or fewer guests."
            );
            self.hand_to_room(Input::Hindered { reason });
        }
    }

    pub(super) fn adopt(&mut self, mut stream: TcpStream, origin: Origin) {
        let most = self.shared.connections_a_reactor;
        let now = Instant::now();
        let place = match self.newcomers.place_for(origin, now) {
            Place::Free if self.conns.len() >= most => self
                .newcomers
                .first_to_go(now)
                .map_or(Place::None, Place::InsteadOf),
            place => place,
        };
        if let Place::InsteadOf(silent) = place {
            self.end(silent, DepartureReason::ConnectionLost);
        }
        if self.closing || place == Place::None {
            if self.conns.len() >= most && most < MAX_CONNECTIONS {
                self.tell_crowded("this system lets the program open no more connections");
            }
            let refusal = if self.closing {
                Refusal::Closing
            } else {
                Refusal::Full
            };
            // A new socket takes a few bytes at once; whether the stranger reads them is its affair.
            let _ = io::Write::write(&mut stream, &refusal.clear_frame());
            return;
        }
        let number = self.next_number;
        self.next_number += 1;
        let token = Token(number as usize);
        if self
            .poll
            .registry()
            .register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)
            .is_err()
        {
            return;
        }
        let deadline = now + HANDSHAKE_TIMEOUT;
        self.deadlines.insert((deadline, number));
        self.newcomers.came(origin, number);
        let conn = Conn {
            stream,
            origin,
            outgoing: Outgoing::new(&self.ledger, now),
            frames: FrameBuffer::default(),
            stage: Stage::AwaitHello,
            deadline: Some(deadline),
            at_the_gate: true,
            member_since: None,
            goodbye: None,
            ends_when_flushed: false,
            lingers: false,
            hears_room: false,
            told_gone: false,
            is_dirty: false,
            removals: 0,
            allowance: None,
            member: None,
            recorder: None,
        };
        self.conns.insert(number, conn);
        self.readable.push_back(number);
    }
}

/// Errors of accepting that concern one newcomer only.
fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
