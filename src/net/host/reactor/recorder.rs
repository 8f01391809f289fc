//! Records one guest's connection at the host's end, from the moment at which it was asked for.
//!
//! A reactor never waits: what can't be told at once waits here, within a bound, and behind it the
//! recording ends and says so.

use std::collections::VecDeque;

use crate::crypto::Fingerprint;
use crate::inspect::{Drawn, Piece};
use crate::net::clock::now_unix_ms;
use crate::net::limits::RECORDED_BYTES;
use crate::net::thread::Teller;
use crate::net::{Event, RoomKey};
use crate::protocol::wire::FrameBuffer;

/// What a piece costs beside its bytes.
const OVERHEAD: usize = 128;

/// What is recorded of one guest's connection.
#[derive(Debug)]
pub struct Recorder {
    guest: Fingerprint,
    waiting: VecDeque<Piece>,
    waiting_bytes: usize,
    incoming: FrameBuffer,
    outgoing: FrameBuffer,
    overrun: bool,
}

impl Recorder {
    /// Begins with the handshake, or with the connection's keys as they are; `begun` is what came of a
    /// frame not whole yet.
    pub fn begin(guest: Fingerprint, beginning: Vec<Piece>, begun: &[u8]) -> Recorder {
        let mut recorder = Recorder {
            guest,
            waiting_bytes: beginning.iter().map(cost).sum(),
            waiting: beginning.into(),
            incoming: FrameBuffer::default(),
            outgoing: FrameBuffer::default(),
            overrun: false,
        };
        recorder.incoming.push(begun);
        recorder
    }

    /// Bytes came, in any pieces.
    pub fn got(&mut self, bytes: &[u8]) {
        if self.overrun {
            return;
        }
        self.incoming.push(bytes);
        while let Ok(Some(frame)) = self.incoming.next_frame() {
            self.keep(false, frame.kind.frame(&frame.body));
        }
    }

    /// Frames were sealed, in the order in which they will be written.
    pub fn sent(&mut self, bytes: &[u8]) {
        if self.overrun {
            return;
        }
        self.outgoing.push(bytes);
        while let Ok(Some(frame)) = self.outgoing.next_frame() {
            self.keep(true, frame.kind.frame(&frame.body));
        }
    }

    /// Randomness was drawn.
    pub fn drew(&mut self, drawn: Drawn) {
        if !drawn.is_empty() && !self.overrun {
            self.waiting.push_back(Piece::Drew(drawn));
        }
    }

    /// Tells what waits, as far as the listener takes it now. Returns whether something still waits.
    pub fn tell(&mut self, room: RoomKey, teller: &Teller) -> bool {
        while let Some(piece) = self.waiting.pop_front() {
            let cost = cost(&piece);
            let guest = Some(self.guest);
            match teller.try_tell(Event::WireRecorded { room, guest, piece }) {
                Ok(()) => self.waiting_bytes = self.waiting_bytes.saturating_sub(cost),
                Err(Some(Event::WireRecorded { piece, .. })) => {
                    self.waiting.push_front(piece);
                    return true;
                }
                Err(_) => return false,
            }
        }
        false
    }

    fn keep(&mut self, sent: bool, bytes: Vec<u8>) {
        let piece = Piece::Frame {
            at_ms: now_unix_ms(),
            sent,
            bytes,
        };
        self.waiting_bytes += cost(&piece);
        self.waiting.push_back(piece);
        if self.waiting_bytes > RECORDED_BYTES {
            // A hole in the middle would hide everything behind it: the counters are never sent.
            self.overrun = true;
            self.waiting.push_back(Piece::Overrun);
        }
    }
}

fn cost(piece: &Piece) -> usize {
    match piece {
        Piece::Frame { bytes, .. } => bytes.len() + OVERHEAD,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::protocol::wire::FrameKind;

    #[test]
    fn a_listener_that_takes_nothing_costs_bounded_memory_and_is_told_where_the_recording_ends() {
        let (events, heard) = crossbeam_channel::bounded(1);
        let teller = Teller::new(events, Arc::new(|| {}));
        let guest = Fingerprint::from_bytes([7; 32]);
        let mut recorder = Recorder::begin(guest, vec![Piece::Overrun], &[]);
        let frame = FrameKind::Data.frame(&[0; 60_000]);
        for _ in 0..1000 {
            recorder.sent(&frame);
            assert!(recorder.tell(RoomKey(1), &teller));
            assert!(recorder.waiting_bytes <= RECORDED_BYTES + frame.len() + OVERHEAD);
            assert!(recorder.waiting.len() < 100);
        }
        // Who listens again hears all that was kept, and then that it is not everything.
        let mut pieces = Vec::new();
        loop {
            pieces.extend(heard.try_iter());
            if !recorder.tell(RoomKey(1), &teller) {
                break;
            }
        }
        pieces.extend(heard.try_iter());
        assert!(matches!(
            pieces.last(),
            Some(Event::WireRecorded {
                piece: Piece::Overrun,
                ..
            })
        ));
        assert_eq!(recorder.waiting_bytes, 0);
    }

    #[test]
    fn frames_are_told_whole_however_their_bytes_come() {
        let (events, heard) = crossbeam_channel::bounded(8);
        let teller = Teller::new(events, Arc::new(|| {}));
        let guest = Fingerprint::from_bytes([7; 32]);
        let frame = FrameKind::Data.frame(&[5; 40]);
        let (begun, rest) = frame.split_at(9);
        let mut recorder = Recorder::begin(guest, vec![Piece::Overrun], begun);
        recorder.got(&rest[..3]);
        recorder.got(&rest[3..]);
        assert!(!recorder.tell(RoomKey(1), &teller));
        let told: Vec<Event> = heard.try_iter().collect();
        match &told[1] {
            Event::WireRecorded {
                piece: Piece::Frame { sent, bytes, .. },
                ..
            } => assert_eq!((*sent, bytes), (false, &frame)),
            other => panic!("{other:?}"),
        }
    }
}
