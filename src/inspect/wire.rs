//! One connection as it is recorded: frames with what was sealed in them, opened as they come, bounded.

mod keys;

use std::collections::VecDeque;
use std::net::SocketAddr;

use self::keys::Keys;
use super::drawn::Drawn;
use super::handshake::{OpenedHandshake, open_handshake};
use super::resumption::{OpenedResumption, open_resumption};
use crate::crypto::{HybridSecret, PublicIdentity, Secret, Ticket};
use crate::protocol::connection::RunningKeys;
use crate::protocol::handshake::Role;
use crate::protocol::wire::{Frame, FrameBuffer, FrameKind, HEADER_BYTES};

/// Most frames that a recording keeps; the oldest records go, the handshake stays.
pub const MAX_KEPT_FRAMES: usize = 20_000;
/// Connections of one recording of which the beginnings are kept; the oldest resumption goes first.
const MAX_LEGS: usize = 64;
/// Most bytes of frames that a recording keeps, with what was sealed in them counted once more.
pub const MAX_KEPT_BYTES: usize = 16 * 1024 * 1024;

/// A piece of a recording, in the order in which it came about.
#[derive(Debug, Clone)]
pub enum Piece {
    /// A connection begins; what was recorded of an earlier one under this key is forgotten.
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
    /// This end unwrapped, or made, the session's wrapped secret.
    Session(Secret),
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
    pub(super) counter: u64,
    /// The traffic secret, and the key that is expanded from it.
    pub(super) secret: Secret,
    pub(super) key: Secret,
    pub(super) nonce: [u8; 12],
    pub(super) text: Vec<u8>,
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
        _ => "Record",
    }
}

/// A recorded connection, and those that resumed it.
#[derive(Debug, Default)]
pub struct Wire {
    pub(super) role: Option<Role>,
    pub(super) psk: Option<Secret>,
    /// The connections, oldest first.
    pub(super) legs: VecDeque<Leg>,
    session: Option<Secret>,
    handshake_frames: Vec<Frame>,
    pub(super) handshake: Option<OpenedHandshake>,
    pub(super) hybrid: Option<HybridSecret>,
    resuming: Option<(Ticket, Vec<Frame>)>,
    frames: VecDeque<WireFrame>,
    kept_bytes: usize,
    forgotten: u64,
    count: u64,
    keys: Keys,
    /// How often the host said that it is being asked.
    asked: u64,
    /// Keys and room that were told with the recording, where it began behind the handshake.
    pub(super) known: Vec<PublicIdentity>,
    pub(super) told_room: Option<[u8; 32]>,
    overrun: bool,
}

/// One connection of a recording.
#[derive(Debug)]
pub(super) struct Leg {
    /// The number of its first frame.
    pub(super) first: u64,
    pub(super) local: SocketAddr,
    pub(super) peer: SocketAddr,
    /// The number of its first keys.
    pub(super) epoch: u64,
    pub(super) begins: Begins,
}

/// How a connection began.
#[derive(Debug)]
pub(super) enum Begins {
    /// With M1 to M5.
    Handshake,
    /// With R1 to R3, opened once they are there.
    Resumption(Option<Box<OpenedResumption>>),
    /// Before the recording.
    Before,
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
            } => {
                *self = Wire {
                    role: Some(role),
                    psk: Some(psk),
                    ..Wire::default()
                };
                self.leg(local, peer, 0, Begins::Handshake);
            }
            Piece::Resumed {
                role,
                ticket,
                local,
                peer,
            } => {
                self.role = Some(role);
                let epoch = self.keys.interrupt();
                self.resuming = Some((ticket, Vec::new()));
                self.leg(local, peer, epoch, Begins::Resumption(None));
            }
            Piece::TakenUp {
                role,
                keys,
                local,
                peer,
                room,
                known,
            } => {
                self.role = Some(role);
                let epoch = self.keys.interrupt();
                self.keys.take_up(*keys);
                (self.overrun, self.told_room) = (false, Some(room));
                for key in known {
                    if !self.known.contains(&key) && self.known.len() < MAX_KNOWN {
                        self.known.push(key);
                    }
                }
                self.leg(local, peer, epoch, Begins::Before);
            }
            Piece::Overrun => self.overrun = true,
            Piece::Drew(drawn) => self.keys.drew(drawn),
            Piece::Session(secret) => {
                self.session = Some(secret);
                self.open_handshake();
            }
            Piece::Frame { at_ms, sent, bytes } => self.frame(at_ms, sent, bytes),
        }
    }

    fn leg(&mut self, local: SocketAddr, peer: SocketAddr, epoch: u64, begins: Begins) {
        if self.legs.len() >= MAX_LEGS {
            // The first connection stays: the handshake explains everything else.
            self.legs.remove(1);
        }
        self.legs.push_back(Leg {
            first: self.count + 1,
            local,
            peer,
            epoch,
            begins,
        });
    }

    /// The connection that a frame belongs to.
    pub(super) fn leg_of(&self, n: u64) -> Option<&Leg> {
        let behind = self.legs.partition_point(|leg| leg.first <= n);
        self.legs.get(behind.checked_sub(1)?)
    }

    /// Whether two frames belong to one connection.
    pub(super) fn is_of_leg(&self, n: u64, other: u64) -> bool {
        let first = |n| self.leg_of(n).map(|leg| leg.first);
        first(n) == first(other)
    }

    /// Whether a fresh exchange came behind one epoch of keys and not behind another.
    pub(super) fn is_fresh_between(&self, from: u64, to: u64) -> bool {
        self.keys.is_fresh_between(from, to)
    }

    /// Whether a recording has begun.
    pub fn has_begun(&self) -> bool {
        !self.legs.is_empty()
    }

    /// How many connections were recorded one after the other, as far as they are remembered.
    pub fn connections(&self) -> usize {
        self.legs.len()
    }

    /// Whether the recording began behind the handshake, which it then can't show.
    pub fn began_midway(&self) -> bool {
        matches!(self.legs.front(), Some(leg) if matches!(leg.begins, Begins::Before))
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
    pub(super) fn place_of(&self, n: u64) -> usize {
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

    /// Whether the handshake is in the recording and opened.
    pub fn is_open(&self) -> bool {
        self.handshake.is_some()
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
        while self.frames.len() > MAX_KEPT_FRAMES || self.kept_bytes > MAX_KEPT_BYTES {
            // The frames of the handshake stay: everything is explained by them.
            let kept = self.frames.iter().take(MAX_PINNED);
            let kept = kept.take_while(|frame| frame.kind().is_some_and(|kind| kind < FrameKind::Data));
            let oldest = kept.count().min(self.frames.len().saturating_sub(1));
            match self.frames.remove(oldest) {
                Some(gone) => {
                    self.kept_bytes -= cost(&gone);
                    self.forgotten += 1;
                }
                None => break,
            }
        }
    }

    fn open(&mut self, frame: Frame, sent: bool) -> Option<OpenRecord> {
        let by_host = sent == (self.role? == Role::Host);
        match frame.kind {
            FrameKind::Asking => self.asked += 1,
            FrameKind::ResumeHello | FrameKind::ResumeAnswer | FrameKind::ResumeConfirm => {
                if let Some((_, frames)) = &mut self.resuming {
                    frames.push(frame);
                }
                self.open_resumption();
            }
            kind if kind < FrameKind::Data => {
                if self.handshake_frames.len() < HANDSHAKE_FRAMES {
                    self.handshake_frames.push(frame);
                }
                self.open_handshake();
            }
            _ => return self.keys.open(frame, by_host, self.role),
        }
        None
    }

    /// Opens the handshake once everything is there, and the first keys with it.
    fn open_handshake(&mut self) {
        if self.handshake.is_some() {
            return;
        }
        let (Some(role), Some(psk), Some(session)) = (self.role, &self.psk, &self.session) else {
            return;
        };
        let [m1, m2, m3, m4, m5] = self.handshake_frames.as_slice() else {
            return;
        };
        let Some(drawn) = self.keys.next_drawn() else {
            return;
        };
        let Some(hybrid) = keys::first_exchange(role, &drawn, m1, m2, 2) else {
            return;
        };
        let opened = open_handshake([m1, m2, m3, m4, m5], self.asked, psk, &hybrid, |_, _| {
            Some(session.clone())
        });
        if let Ok(opened) = opened {
            self.keys.begin(&opened.master, &opened.th6);
            self.handshake = Some(opened);
            self.hybrid = Some(hybrid);
        }
    }

    /// Opens a resumption once everything is there, and the keys behind it.
    fn open_resumption(&mut self) {
        let (Some(role), Some((ticket, frames))) = (self.role, &self.resuming) else {
            return;
        };
        let [r1, r2, r3] = frames.as_slice() else {
            return;
        };
        let drawn = self.keys.next_drawn();
        let hybrid = drawn.and_then(|drawn| keys::first_exchange(role, &drawn, r1, r2, 3));
        let opened = hybrid.and_then(|hybrid| open_resumption([r1, r2, r3], ticket, hybrid).ok());
        if let Some(opened) = opened {
            self.keys.begin(&opened.master, &opened.th);
            if let Some(leg) = self.legs.back_mut() {
                leg.begins = Begins::Resumption(Some(Box::new(opened)));
            }
        }
        self.resuming = None;
    }
}

const HANDSHAKE_FRAMES: usize = 5;
/// The handshake's frames, with word that the host is asked between them.
const MAX_PINNED: usize = 8;
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
