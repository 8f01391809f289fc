//! Records one's own connection when it was asked for; otherwise it keeps and tells nothing.

use std::net::TcpStream;
use std::time::Duration;

use super::GuestContext;
use crate::crypto::{Secret, Ticket};
use crate::inspect::{Drawn, Piece};
use crate::net::clock::now_unix_ms;
use crate::net::limits::RECORDED_PIECES;
use crate::net::{Event, RoomKey};
use crate::protocol::handshake::Role;
use crate::protocol::wire::{Frame, FrameBuffer};

/// Longest pause before a message in slow motion: four of them must fit into a handshake's ten seconds.
const PAUSE: Duration = Duration::from_millis(1900);

/// What is recorded of one attempt, then of the connection that came of it.
#[derive(Debug, Default)]
pub struct Recorder {
    on: bool,
    /// Whether this attempt has won. From then on what waits is told after each read.
    has_won: bool,
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

    /// Bytes came behind the handshake, in any pieces.
    pub fn got_bytes(&mut self, bytes: &[u8]) {
        if !self.on {
            return;
        }
        self.has_won = true;
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
        if self.has_won || self.waiting.len() < RECORDED_PIECES {
            return self.waiting.push(piece);
        }
        // A hole in the middle would hide everything behind it: the counters are never sent.
        self.on = false;
        self.waiting.push(Piece::Overrun);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::wire::FrameKind;

    fn recording() -> Recorder {
        Recorder {
            on: true,
            ..Recorder::default()
        }
    }

    #[test]
    fn however_many_frames_one_read_brings_all_of_them_are_there_to_be_told() {
        let mut recorder = recording();
        let frames: Vec<Vec<u8>> = (0..1000u16)
            .map(|i| FrameKind::Data.frame(&i.to_be_bytes()))
            .collect();
        recorder.got_bytes(&frames.concat());
        let recorded: Vec<Vec<u8>> = recorder
            .waiting
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Frame {
                    sent: false, bytes, ..
                } => Some(bytes),
                _ => None,
            })
            .collect();
        assert_eq!(recorded, frames);
    }

    #[test]
    fn a_handshake_with_more_frames_than_may_wait_says_that_its_recording_ended() {
        let mut recorder = recording();
        let frame = Frame {
            kind: FrameKind::Asking,
            body: Vec::new(),
        };
        for _ in 0..10 * RECORDED_PIECES {
            recorder.got(&frame);
        }
        recorder.got_bytes(&FrameKind::Data.frame(&[5; 40]));
        assert_eq!(recorder.waiting.len(), RECORDED_PIECES + 1);
        assert!(matches!(recorder.waiting.last(), Some(Piece::Overrun)));
    }
}
