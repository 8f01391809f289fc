//! One connection as it is recorded: frames with what was sealed in them, opened as they come, bounded.

mod keys;
mod legs;
mod rekeys;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use self::keys::Keys;
use self::rekeys::Rekeys;
use super::drawn::Drawn;
use crate::crypto::{PublicIdentity, Secret, Ticket};
use crate::protocol::connection::RunningKeys;
use crate::protocol::handshake::Role;
use crate::protocol::wire::{Frame, FrameBuffer, FrameKind, HEADER_BYTES};

pub(super) use self::keys::Exchange;
pub use self::legs::{Beginning, Connection};
pub(super) use self::legs::{Begins, Leg, Opened, Opening};

/// Most frames that a recording keeps; the oldest records go, the newest handshake stays.
pub const MAX_KEPT_FRAMES: usize = 20_000;
/// Most bytes of frames that a recording keeps, with what was sealed in them counted once more.
pub const MAX_KEPT_BYTES: usize = 16 * 1024 * 1024;

/// A piece of a recording, in the order in which it came about.
#[derive(Debug, Clone)]
pub enum Piece {
    /// A connection begins with a handshake; the recording of an earlier one goes on with it.
    Began {
        /// Which end this is.
        role: Role,
        /// The invite secret of the handshake.
        psk: Secret,
        /// This end's address.
        local: SocketAddr,
        /// The other end's.
        peer: SocketAddr,
    },
    /// A connection that was lost is taken up again with a ticket; the recording goes on.
    Resumed {
        /// Which end this is.
        role: Role,
        /// What proves and resumes the session.
        ticket: Ticket,
        /// This end's address.
        local: SocketAddr,
        /// The other end's.
        peer: SocketAddr,
    },
    /// The recording begins, or goes on, in the middle of a connection: with its keys as they are now.
    TakenUp {
        /// Which end this is.
        role: Role,
        /// The keys.
        keys: Box<RunningKeys>,
        /// This end's address.
        local: SocketAddr,
        /// The other end's.
        peer: SocketAddr,
        /// The room's id.
        room: [u8; 32],
        /// Whose signatures are to be checked: the host's key first, then other members'.
        known: Vec<PublicIdentity>,
    },
    /// More came at once than could be told; nothing more of this connection is recorded.
    Overrun,
    /// This end drew randomness for an exchange.
    Drew(Drawn),
    /// This end unwrapped the session's wrapped secret.
    Session(Secret),
    /// This end made the session's wrapped secret, and drew the seed of OAEP.
    Wrapped {
        /// sH.
        session: Secret,
        /// The seed.
        seed: Secret,
    },
    /// A frame crossed.
    Frame {
        /// Milliseconds since 1970.
        at_ms: u64,
        /// Whether this end sent it.
        sent: bool,
        /// Header and body.
        bytes: Vec<u8>,
    },
}

/// A frame of the recording.
#[derive(Debug, Clone)]
pub struct WireFrame {
    /// Its number, from 1.
    pub n: u64,
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// Whether this end sent it.
    pub sent: bool,
    /// Header and body.
    pub bytes: Vec<u8>,
    /// What was sealed in a record.
    pub(super) record: Option<OpenRecord>,
}

/// An opened record.
#[derive(Debug, Clone)]
pub(super) struct OpenRecord {
    pub(super) epoch: u64,
    /// The epoch of its direction's key behind it: another one where it replaced the key.
    pub(super) epoch_behind: u64,
    pub(super) counter: u64,
    /// The traffic secret, and the key that is expanded from it.
    pub(super) secret: Secret,
    pub(super) key: Secret,
    pub(super) nonce: [u8; 12],
    pub(super) text: Vec<u8>,
    /// The fresh exchange that this record ended.
    pub(super) exchange: Option<Arc<Exchange>>,
}

impl OpenRecord {
    /// The IV: the nonce without the counter in it.
    pub(super) fn iv(&self) -> [u8; 12] {
        let mut iv = self.nonce;
        for (byte, count) in iv.iter_mut().skip(4).zip(self.counter.to_be_bytes()) {
            *byte ^= count;
        }
        iv
    }
}

impl WireFrame {
    /// What it is.
    pub fn kind(&self) -> Option<FrameKind> {
        frame_of(&self.bytes).map(|frame| frame.kind)
    }

    /// What it is, in a word or two.
    pub fn name(&self) -> &'static str {
        match self.kind() {
            Some(FrameKind::GuestHello) => "M1",
            Some(FrameKind::HostHello) => "M2",
            Some(FrameKind::GuestProof) => "M3",
            Some(FrameKind::HostWelcome) => "M4",
            Some(FrameKind::GuestConfirm) => "M5",
            Some(FrameKind::SealedRefusal | FrameKind::Refusal) => "Refusal",
            Some(FrameKind::ResumeHello) => "R1",
            Some(FrameKind::ResumeAnswer) => "R2",
            Some(FrameKind::ResumeConfirm) => "R3",
            Some(FrameKind::Asking) => "Asking",
            Some(FrameKind::Data) => self
                .record
                .as_ref()
                .map_or("Record", |record| body_name(&record.text)),
            Some(FrameKind::KeyUpdate) => "Key update",
            Some(FrameKind::RekeyOffer) => "Rekey offer",
            Some(FrameKind::RekeyAnswer) => "Rekey answer",
            Some(FrameKind::RekeyDone) => "Rekey done",
            Some(FrameKind::Close) => "Goodbye",
            None => "Bytes",
        }
    }

    /// The message in an entry of the room's log.
    pub fn said(&self) -> Option<String> {
        use crate::protocol::body;
        use crate::protocol::event::{Content, RoomEvent};
        let text = &self.record.as_ref()?.text;
        let event = event_in(text).filter(|_| body_name(text) == "Entry")?;
        match body::decode::<RoomEvent>(&event).ok()?.content {
            Content::Message { text } => Some(text),
            _ => None,
        }
    }

    /// The text that was sealed in a record.
    pub fn text(&self) -> Option<&[u8]> {
        self.record.as_ref().map(|record| record.text.as_slice())
    }
}

/// What a body of section 9 is called: the second byte says which.
fn body_name(text: &[u8]) -> &'static str {
    match text.get(1) {
        Some(1) => "Submit",
        Some(2) => "Roster",
        Some(3) => "Entry",
        Some(4) => "Head",
        Some(5) => "Declined",
        Some(6) => "Here",
        Some(7) => "Positions",
        Some(8) => "Tally",
        Some(9) => "Return",
        Some(10) => "Private",
        Some(11) => "Away",
        Some(12) => "Page end",
        Some(13) => "Let go",
        _ => "Record",
    }
}

/// The recorded connections of one room, one after the other.
#[derive(Debug, Default)]
pub struct Wire {
    pub(super) role: Option<Role>,
    /// The connections, oldest first.
    pub(super) legs: VecDeque<Leg>,
    /// How many there were.
    begun: u64,
    frames: VecDeque<WireFrame>,
    kept_bytes: usize,
    forgotten: u64,
    count: u64,
    keys: Keys,
    rekeys: Rekeys,
    /// Keys and room that were told with the recording, where it began behind the handshake.
    pub(super) known: Vec<PublicIdentity>,
    pub(super) told_room: Option<[u8; 32]>,
    overrun: bool,
}

impl Wire {
    /// Takes the next piece.
    pub fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Began {
                role,
                psk,
                local,
                peer,
            } => self.leg(role, local, peer, Begins::handshake(psk)),
            Piece::Resumed {
                role,
                ticket,
                local,
                peer,
            } => self.leg(role, local, peer, Begins::resumption(ticket)),
            Piece::TakenUp {
                role,
                keys,
                local,
                peer,
                room,
                known,
            } => {
                self.leg(role, local, peer, Begins::Before);
                self.keys.take_up(*keys);
                self.told_room = Some(room);
                self.know(known);
            }
            Piece::Overrun => self.overrun = true,
            Piece::Drew(drawn) => self.keys.drew(drawn),
            Piece::Session(session) => self.session(session, None),
            Piece::Wrapped { session, seed } => self.session(session, Some(seed)),
            Piece::Frame { at_ms, sent, bytes } => self.frame(at_ms, sent, bytes),
        }
    }

    /// Remembers keys of members, to check their signatures with.
    fn know(&mut self, known: Vec<PublicIdentity>) {
        for key in known {
            if !self.known.contains(&key) && self.known.len() < MAX_KNOWN {
                self.known.push(key);
            }
        }
    }

    /// Whether a fresh exchange came behind one epoch of keys and not behind another.
    pub(super) fn is_fresh_between(&self, from: u64, to: u64) -> bool {
        self.keys.is_fresh_between(from, to)
    }

    /// The epoch that comes of the fresh exchange whose secrets are in memory behind frame `n`.
    pub(super) fn epoch_under_way(&self, n: u64) -> Option<u64> {
        self.rekeys.under_way(n, self.role?)
    }

    /// Whether a recording has begun.
    pub fn has_begun(&self) -> bool {
        !self.legs.is_empty()
    }

    /// Whether the newest connection was recorded from behind its handshake, which then can't be shown.
    pub fn began_midway(&self) -> bool {
        self.legs
            .back()
            .is_some_and(|leg| matches!(leg.begins, Begins::Before))
    }

    /// Whether it stopped because more came at once than could be told.
    pub fn is_overrun(&self) -> bool {
        self.overrun
    }

    /// The frames that are kept, oldest first.
    pub fn frames(&self) -> impl DoubleEndedIterator<Item = &WireFrame> + ExactSizeIterator {
        self.frames.iter()
    }

    /// A frame by its number.
    pub fn frame_at(&self, n: u64) -> Option<&WireFrame> {
        self.frames.get(self.place_of(n)).filter(|frame| frame.n == n)
    }

    /// The place among those that are kept at which a frame stands, or would stand.
    pub fn place_of(&self, n: u64) -> usize {
        self.frames.partition_point(|frame| frame.n < n)
    }

    /// The frame at a place among those that are kept.
    pub fn nth(&self, place: usize) -> Option<&WireFrame> {
        self.frames.get(place)
    }

    /// How many frames were recorded, those that are not kept any more too.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many frames are not kept any more.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// How many bytes are kept.
    pub fn kept_bytes(&self) -> usize {
        self.kept_bytes
    }

    /// Whether the newest connection's handshake is in the recording and opened.
    pub fn is_open(&self) -> bool {
        self.handshake_of(self.count).is_some()
    }

    /// Which end recorded.
    pub fn role(&self) -> Option<Role> {
        self.role
    }

    /// The frame that carries an event, given its id: the entry if it came, else the submission.
    pub fn frame_of_event(&self, id: &[u8; 32]) -> Option<u64> {
        let found = self.frames.iter().rev().find(|frame| {
            let event = frame.record.as_ref().and_then(|record| event_in(&record.text));
            event.is_some_and(|event| crate::protocol::event::event_hash(&event) == *id)
        });
        found.map(|frame| frame.n)
    }

    fn frame(&mut self, at_ms: u64, sent: bool, bytes: Vec<u8>) {
        self.count += 1;
        let record = frame_of(&bytes).and_then(|frame| self.open(frame, sent));
        let frame = WireFrame {
            n: self.count,
            at_ms,
            sent,
            record,
            bytes,
        };
        self.kept_bytes += cost(&frame);
        self.frames.push_back(frame);
        while (self.frames.len() > MAX_KEPT_FRAMES || self.kept_bytes > MAX_KEPT_BYTES) && self.forget() {}
    }

    fn open(&mut self, frame: Frame, sent: bool) -> Option<OpenRecord> {
        let by_host = sent == (self.role? == Role::Host);
        if frame.kind < FrameKind::Data {
            self.beginning_frame(frame);
            return None;
        }
        let kind = frame.kind;
        let record = self.keys.open(frame, by_host, self.role)?;
        self.rekeys.take(self.count, kind, record.epoch_behind);
        Some(record)
    }
}

/// Members whose keys are remembered.
const MAX_KNOWN: usize = 512;

fn cost(frame: &WireFrame) -> usize {
    let text = frame.record.as_ref().map_or(0, |record| record.text.len());
    frame.bytes.len() + text + 128
}

pub(super) fn frame_of(bytes: &[u8]) -> Option<Frame> {
    let mut buffer = FrameBuffer::default();
    buffer.push(bytes);
    let frame = buffer.next_frame().ok()??;
    (bytes.len() == HEADER_BYTES + frame.body.len()).then_some(frame)
}

/// The encoded event in a submission or an entry.
pub(super) fn event_in(text: &[u8]) -> Option<Vec<u8>> {
    use crate::protocol::body::{self, Body};
    match body::decode::<Body>(text).ok()? {
        Body::Submit(submit) => Some(submit.event),
        Body::Entry(entry) => Some(entry.event),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests;
