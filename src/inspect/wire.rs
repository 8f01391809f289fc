//! One connection as it is recorded: frames with what was sealed in them, opened as they come, bounded.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::drawn::Drawn;
use super::handshake::{OpenedHandshake, open_handshake};
use crate::crypto::{
    Answer, HybridSecret, MasterSecret, Offer, OfferPublic, OpeningKey, Secret, TrafficSecret, answer,
    labelled_hash,
};
use crate::protocol::handshake::Role;
use crate::protocol::wire::{FieldReader, Frame, FrameBuffer, FrameKind, HEADER_BYTES};

/// Most frames that a recording keeps; the oldest records go, the handshake stays.
pub const MAX_KEPT_FRAMES: usize = 20_000;
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
    pub(super) key: Secret,
    pub(super) nonce: [u8; 12],
    pub(super) text: Vec<u8>,
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

/// A recorded connection.
#[derive(Debug, Default)]
pub struct Wire {
    pub(super) role: Option<Role>,
    pub(super) psk: Option<Secret>,
    pub(super) addresses: Option<(SocketAddr, SocketAddr)>,
    drawn: VecDeque<Drawn>,
    session: Option<Secret>,
    handshake_frames: Vec<Frame>,
    pub(super) handshake: Option<OpenedHandshake>,
    pub(super) hybrid: Option<HybridSecret>,
    frames: VecDeque<WireFrame>,
    kept_bytes: usize,
    forgotten: u64,
    count: u64,
    host: Option<Lane>,
    guest: Option<Lane>,
    rekey: Option<Rekeying>,
    epoch: u64,
    /// How often the host said that it is being asked.
    asked: u64,
}

/// One direction's keys as they are now.
#[derive(Debug)]
struct Lane {
    secret: TrafficSecret,
    key: OpeningKey,
    epoch: u64,
}

#[derive(Debug)]
struct Rekeying {
    offer: Vec<u8>,
    drawn: Option<Drawn>,
    next: Option<(MasterSecret, [u8; 32])>,
    salt: Option<crate::crypto::RekeySecret>,
}

impl Lane {
    fn new(secret: TrafficSecret, epoch: u64, used: u64) -> Lane {
        let mut key = OpeningKey::new(&secret);
        for _ in 0..used {
            // The counter moves on with every attempt.
            let _ = key.open(&[], &mut vec![0; 16]);
        }
        Lane { secret, key, epoch }
    }
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
                    addresses: Some((local, peer)),
                    ..Wire::default()
                };
            }
            Piece::Drew(drawn) if !drawn.is_empty() => {
                if self.drawn.len() < 4 {
                    self.drawn.push_back(drawn);
                }
            }
            Piece::Drew(_) => {}
            Piece::Session(secret) => {
                self.session = Some(secret);
                self.open_handshake();
            }
            Piece::Frame { at_ms, sent, bytes } => self.frame(at_ms, sent, bytes),
        }
    }

    /// The frames that are kept, oldest first.
    pub fn frames(&self) -> impl DoubleEndedIterator<Item = &WireFrame> + ExactSizeIterator {
        self.frames.iter()
    }

    /// A frame by its number.
    pub fn frame_at(&self, n: u64) -> Option<&WireFrame> {
        let place = self.frames.partition_point(|frame| frame.n < n);
        self.frames.get(place).filter(|frame| frame.n == n)
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
            // The five frames of the handshake stay: everything is explained by them.
            let oldest = HANDSHAKE_FRAMES.min(self.frames.len().saturating_sub(1));
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
        if (frame.kind as u8) < FrameKind::Data as u8 {
            if frame.kind as u8 > FrameKind::GuestConfirm as u8 {
                self.asked += 1;
            } else if self.handshake_frames.len() < HANDSHAKE_FRAMES {
                self.handshake_frames.push(frame);
            }
            self.open_handshake();
            return None;
        }
        let by_host = sent == (self.role? == Role::Host);
        let lane = if by_host {
            self.host.as_mut()
        } else {
            self.guest.as_mut()
        }?;
        let counter = lane.key.opened();
        let mut nonce = lane.secret.iv();
        for (byte, count) in nonce.iter_mut().skip(4).zip(counter.to_be_bytes()) {
            *byte ^= count;
        }
        let (key, epoch) = (lane.secret.key(), lane.epoch);
        let header = frame.header();
        let mut text = frame.body;
        lane.key.open(&header, &mut text).ok()?;
        let record = OpenRecord {
            epoch,
            counter,
            key,
            nonce,
            text,
        };
        self.follow_keys(frame.kind, by_host, &record.text);
        Some(record)
    }

    /// Key updates and fresh exchanges, as section 7 says.
    fn follow_keys(&mut self, kind: FrameKind, by_host: bool, text: &[u8]) {
        match kind {
            FrameKind::KeyUpdate => {
                self.epoch += 1;
                let epoch = self.epoch;
                let lane = if by_host { &mut self.host } else { &mut self.guest };
                *lane = lane.take().map(|lane| Lane::new(lane.secret.update(), epoch, 0));
            }
            FrameKind::RekeyOffer => {
                let salt = self.rekey.take().and_then(|rekey| match rekey.next {
                    Some((master, context)) => Some(master.rekey_secret(&context)),
                    None => rekey.salt,
                });
                self.rekey = Some(Rekeying {
                    offer: text.to_vec(),
                    drawn: self.drawn.pop_front(),
                    next: None,
                    salt: salt.or_else(|| self.first_salt()),
                });
            }
            FrameKind::RekeyAnswer => self.finish_rekey(text),
            FrameKind::RekeyDone => {
                if let Some((master, context)) = self.rekey.as_ref().and_then(|rekey| rekey.next.as_ref()) {
                    self.guest = Some(Lane::new(master.guest_traffic(context), self.epoch, 0));
                }
            }
            _ => {}
        }
    }

    fn first_salt(&self) -> Option<crate::crypto::RekeySecret> {
        let handshake = self.handshake.as_ref()?;
        Some(handshake.master.rekey_secret(&handshake.th6))
    }

    fn finish_rekey(&mut self, answer_text: &[u8]) {
        let Some(mut rekey) = self.rekey.take() else {
            return;
        };
        let drawn = rekey.drawn.take().or_else(|| self.drawn.pop_front());
        let hybrid = match (self.role, &drawn) {
            (Some(Role::Guest), Some(drawn)) => finish_offer(drawn, 0, answer_text, 0),
            (Some(Role::Host), Some(drawn)) => repeat_answer(drawn, &rekey.offer, 0),
            _ => None,
        };
        if let (Some(hybrid), Some(salt)) = (hybrid, rekey.salt.take()) {
            let context = labelled_hash("rekey", &[&rekey.offer, answer_text]);
            let master = salt.renew(&hybrid);
            self.epoch += 1;
            self.host = Some(Lane::new(master.host_traffic(&context), self.epoch, 0));
            rekey.next = Some((master, context));
        } else {
            // What follows can't be opened: the randomness of this exchange was not recorded.
            (self.host, self.guest) = (None, None);
        }
        self.rekey = Some(rekey);
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
        let Some(drawn) = self.drawn.pop_front() else {
            return;
        };
        let hybrid = match role {
            // nG was drawn first; behind it the offer.
            Role::Guest => finish_offer(&drawn, 32, &m2.body, 1),
            // The version, the suite, then the shares.
            Role::Host => repeat_answer(&drawn, &m1.body, 2),
        };
        let Some(hybrid) = hybrid else {
            return;
        };
        let opened = open_handshake([m1, m2, m3, m4, m5], self.asked, psk, &hybrid, |_, _| {
            Some(session.clone())
        });
        if let Ok(opened) = opened {
            self.host = Some(Lane::new(opened.host_traffic(), 0, 1));
            self.guest = Some(Lane::new(opened.guest_traffic(), 0, 1));
            self.handshake = Some(opened);
            self.hybrid = Some(hybrid);
        }
    }
}

/// The guest's half of an exchange once more. `fields` of the answer beyond the two are not looked at.
fn finish_offer(drawn: &Drawn, at: usize, answer: &[u8], _behind: usize) -> Option<HybridSecret> {
    let offer = Offer::generate(&mut drawn.replay_from(at));
    let mut fields = FieldReader::new(answer);
    let x25519 = fields.take_array().ok()?;
    let ml_kem = fields.take(2048).ok()?.to_vec();
    offer.finish(&Answer { x25519, ml_kem }).ok()
}

/// The host's half of an exchange once more; `skip` fields stand before the shares.
fn repeat_answer(drawn: &Drawn, offer: &[u8], skip: usize) -> Option<HybridSecret> {
    let mut fields = FieldReader::new(offer);
    for _ in 0..skip {
        fields.take(usize::MAX).ok()?;
    }
    let x25519 = fields.take_array().ok()?;
    let ml_kem = fields.take(2048).ok()?.to_vec();
    let (_, hybrid) = answer(&OfferPublic { x25519, ml_kem }, &mut drawn.replay_from(0)).ok()?;
    Some(hybrid)
}

const HANDSHAKE_FRAMES: usize = 5;

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
