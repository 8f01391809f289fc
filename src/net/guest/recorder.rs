//! Records one's own connection when it was asked for; otherwise it keeps and tells nothing.

use std::net::TcpStream;
use std::time::Duration;

use super::GuestContext;
use crate::crypto::{Secret, Ticket};
use crate::inspect::{Drawn, Piece};
use crate::net::clock::now_unix_ms;
use crate::net::{Event, RoomKey};
use crate::protocol::handshake::Role;
use crate::protocol::wire::{Frame, FrameBuffer};

/// Longest pause before a message in slow motion: four of them must fit into a handshake's ten seconds.
const PAUSE: Duration = Duration::from_millis(1900);
/// Pieces of a handshake that may wait until it is known whether this attempt wins.
const MAX_WAITING: usize = 64;

/// What is recorded of one attempt, then of the connection that came of it.
#[derive(Debug, Default)]
pub struct Recorder {
    on: bool,
    /// Until an attempt has won.
    waiting: Vec<Piece>,
    incoming: FrameBuffer,
}

impl Recorder {
    /// Begins, when recording was asked for.
    pub fn begin(context: &GuestContext, psk: &Secret, stream: &TcpStream) -> Recorder {
        let mut recorder = Recorder {
            on: context.look.record,
            ..Recorder::default()
        };
        if recorder.on
            && let (Ok(local), Ok(peer)) = (stream.local_addr(), stream.peer_addr())
        {
            recorder.keep(Piece::Began {
                role: Role::Guest,
                psk: psk.clone(),
                local,
                peer,
            });
        }
        recorder
    }

    /// Goes on with a connection that takes up a session, when recording was asked for.
    pub fn resume(context: &GuestContext, ticket: &Ticket, stream: &TcpStream) -> Recorder {
        let mut recorder = Recorder {
            on: context.look.record,
            ..Recorder::default()
        };
        if recorder.on
            && let (Ok(local), Ok(peer)) = (stream.local_addr(), stream.peer_addr())
        {
            recorder.keep(Piece::Resumed {
                role: Role::Guest,
                ticket: ticket.clone(),
                local,
                peer,
            });
        }
        recorder
    }

    /// Randomness was drawn.
    pub fn drew(&mut self, drawn: Drawn) {
        if self.on && !drawn.is_empty() {
            self.keep(Piece::Drew(drawn));
        }
    }

    /// The wrapped secret was opened.
    pub fn unwrapped(&mut self, session: &Secret) {
        if self.on {
            self.keep(Piece::Session(session.clone()));
        }
    }

    /// A frame was sent.
    pub fn sent(&mut self, frame: &[u8]) {
        if self.on {
            self.keep(piece(true, frame.to_vec()));
        }
    }

    /// A whole frame came.
    pub fn got(&mut self, frame: &Frame) {
        if self.on {
            self.keep(piece(false, frame.kind.frame(&frame.body)));
        }
    }

    /// Bytes came, in any pieces.
    pub fn got_bytes(&mut self, bytes: &[u8]) {
        if !self.on {
            return;
        }
        self.incoming.push(bytes);
        while let Ok(Some(frame)) = self.incoming.next_frame() {
            self.got(&frame);
        }
    }

    /// Tells what was recorded since.
    pub fn tell(&mut self, room: RoomKey, context: &GuestContext) {
        for piece in self.waiting.drain(..) {
            context.teller.tell(Event::WireRecorded {
                room,
                guest: None,
                piece,
            });
        }
    }

    fn keep(&mut self, piece: Piece) {
        if self.waiting.len() < MAX_WAITING || matches!(piece, Piece::Drew(_) | Piece::Session(_)) {
            self.waiting.push(piece);
        }
    }
}

fn piece(sent: bool, bytes: Vec<u8>) -> Piece {
    Piece::Frame {
        at_ms: now_unix_ms(),
        sent,
        bytes,
    }
}

/// Waits before a message of the handshake, where slow motion was asked for.
pub fn pause(context: &GuestContext, room: RoomKey, before: u8) {
    if let Some(go_on) = context.go_on.as_ref().filter(|_| context.look.slow_motion) {
        context.teller.tell(Event::HandshakePaused { room, before });
        // Goes on by itself: the host waits ten seconds for a handshake, and no longer for this one.
        let _ = go_on.recv_timeout(PAUSE);
    }
}
