//! An established connection: sealed records in both directions, without a socket.
//!
//! Feed it what arrives with [`Connection::handle_input`], then drain [`Connection::poll_output`];
//! call [`Connection::handle_timeout`] at [`Connection::next_timeout`]. After an error nothing more
//! can be read from the peer.
//!
//! ```text
//!            65,536th record                    guest: after 10 minutes or 1 GiB
//!   key ───── KeyUpdate ────▶ updated key   RekeyOffer ▶ ◀ RekeyAnswer ▶ RekeyDone: new master secret
//! ```

mod direction;
mod error;
mod running;

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::time::Instant;

use rand::CryptoRng;

use self::direction::{Receiving, Sending};
use super::checks::{Checks, Whole};
use super::handshake::{ApplicationKeys, Role};
use super::limits::{MAX_RECORD_BYTES, MIN_REKEY_BYTES, MIN_REKEY_INTERVAL, REKEY_BYTES, REKEY_INTERVAL};
use super::wire::{FieldReader, FieldWriter, Frame, FrameBuffer, FrameKind, HEADER_BYTES};
use crate::crypto::{
    Answer, ML_KEM_CIPHERTEXT_BYTES, ML_KEM_KEY_BYTES, MasterSecret, Offer, OfferPublic, RekeySecret,
    TAG_BYTES, answer, labelled_hash,
};

pub use error::ConnectionError;
pub use running::RunningKeys;

/// What a connection wants done, or has to tell.
#[derive(Debug, PartialEq, Eq)]
pub enum Output {
    /// Write these bytes to the peer.
    Transmit(Vec<u8>),
    /// The peer sent this text.
    Received(Vec<u8>),
    /// The peer said goodbye, and nothing is missing; [`Connection::peer_close_reason`] says why.
    PeerClosed,
}

/// Why a side said goodbye; one byte behind the count in a close, none for an ordinary goodbye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum CloseReason {
    /// It leaves, or closes the room.
    Goodbye = 0,
    /// The peer let too much wait for it, or took nothing for too long.
    TooSlow = 2,
    /// The peer's identity came over another connection, which takes the place of this one. The codes of departures are
    /// left out: nobody departs.
    Replaced = 6,
}

impl CloseReason {
    /// A reason that is not known here is that of a later version: its close is a goodbye all the same.
    fn of_byte(byte: u8) -> CloseReason {
        [CloseReason::TooSlow, CloseReason::Replaced]
            .into_iter()
            .find(|reason| *reason as u8 == byte)
            .unwrap_or(CloseReason::Goodbye)
    }
}

/// A text was longer than [`MAX_RECORD_BYTES`], or the goodbye is already said. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CannotSend;

/// A record connection on either side.
#[derive(Debug)]
pub struct Connection<C: Checks = Whole> {
    role: Role,
    buffer: FrameBuffer,
    sending: Sending<C>,
    receiving: Receiving<C>,
    rekey: Rekey,
    last_exchange: Instant,
    bytes_since_exchange: u64,
    outputs: VecDeque<Output>,
    peer_close_reason: CloseReason,
}

impl<C: Checks> Connection<C> {
    /// Goes on from a handshake. `rest` is what the peer sent behind its last handshake frame.
    pub(super) fn new(role: Role, keys: ApplicationKeys, rest: &[u8], now: Instant) -> Connection<C> {
        let mut buffer = FrameBuffer::default();
        buffer.push(rest);
        Connection {
            role,
            buffer,
            sending: Sending {
                key: keys.sealing,
                secret: Some(keys.sealing_secret),
                records: 0,
                closed: false,
                checks: PhantomData,
            },
            receiving: Receiving {
                key: keys.opening,
                secret: Some(keys.opening_secret),
                records: 0,
                closed: false,
                note: C::Note::default(),
            },
            rekey: Rekey::Idle(keys.rekey),
            last_exchange: now,
            bytes_since_exchange: 0,
            outputs: VecDeque::new(),
            peer_close_reason: CloseReason::Goodbye,
        }
    }

    /// Seals a text of at most 64 KiB for the peer.
    pub fn send(&mut self, text: &[u8]) -> Result<(), CannotSend> {
        if text.len() > MAX_RECORD_BYTES || self.sending.closed {
            return Err(CannotSend);
        }
        self.bytes_since_exchange += text.len() as u64;
        self.transmit(FrameKind::Data, text);
        Ok(())
    }

    /// Seals a text of at most 64 KiB and appends its frames to `wire`, without a buffer of its own.
    /// The caller has written, or put into `wire`, every [`Output::Transmit`] before.
    pub fn send_into(&mut self, text: &[u8], wire: &mut Vec<u8>) -> Result<(), CannotSend> {
        if text.len() > MAX_RECORD_BYTES || self.sending.closed {
            return Err(CannotSend);
        }
        self.bytes_since_exchange += text.len() as u64;
        self.sending.seal_in_turn(FrameKind::Data, text, wire);
        Ok(())
    }

    /// Says goodbye: the last record, with the number of those before it.
    pub fn close(&mut self) {
        self.close_because(CloseReason::Goodbye);
    }

    /// Says goodbye and why.
    pub fn close_because(&mut self, reason: CloseReason) {
        if !self.sending.closed {
            let mut text = self.sending.records_before_close().to_be_bytes().to_vec();
            if reason != CloseReason::Goodbye {
                text.push(reason as u8);
            }
            self.transmit(FrameKind::Close, &text);
            self.sending.closed = true;
        }
    }

    /// Why the peer said goodbye, once it did.
    pub fn peer_close_reason(&self) -> CloseReason {
        self.peer_close_reason
    }

    /// Takes what arrived, in any pieces.
    pub fn handle_input(
        &mut self,
        bytes: &[u8],
        now: Instant,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), ConnectionError> {
        self.buffer.push(bytes);
        while let Some(frame) = self.buffer.next_frame()? {
            self.handle_record(frame, now, rng)?;
        }
        Ok(())
    }

    /// Does what is due at `now`: on a guest, offers a fresh key exchange.
    pub fn handle_timeout(&mut self, now: Instant, rng: &mut dyn CryptoRng) {
        let due = self.next_timeout().is_some_and(|at| at <= now);
        if due && let Rekey::Idle(secret) = std::mem::replace(&mut self.rekey, Rekey::Broken) {
            let offer = Offer::generate(rng);
            let body = offer_body(offer.public());
            self.transmit(FrameKind::RekeyOffer, &body);
            self.rekey = Rekey::Offered {
                secret,
                offer: Box::new(offer),
                body,
            };
        }
    }

    /// When [`Connection::handle_timeout`] has something to do; `None` while nothing was said.
    pub fn next_timeout(&self) -> Option<Instant> {
        let may_offer =
            self.role == Role::Guest && matches!(self.rekey, Rekey::Idle(_)) && !self.sending.closed;
        match self.bytes_since_exchange {
            _ if !may_offer => None,
            0 => None,
            bytes if bytes >= REKEY_BYTES => Some(self.last_exchange),
            _ => Some(self.last_exchange + REKEY_INTERVAL),
        }
    }

    /// The line ended. Fails unless the peer said goodbye before: then it was cut.
    pub fn handle_end(&self) -> Result<(), ConnectionError> {
        if C::end_is_goodbye(self.receiving.closed) {
            Ok(())
        } else {
            Err(ConnectionError::Cut)
        }
    }

    /// What was noted about records that did not open.
    pub(crate) fn note(&self) -> &C::Note {
        &self.receiving.note
    }

    /// Takes the next thing to do or to tell, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn handle_record(
        &mut self,
        frame: Frame,
        now: Instant,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), ConnectionError> {
        let kind = frame.kind;
        let text = self.receiving.open(frame)?;
        match kind {
            FrameKind::Data => {
                self.bytes_since_exchange += text.len() as u64;
                self.outputs.push_back(Output::Received(text));
                Ok(())
            }
            FrameKind::KeyUpdate if text.is_empty() => {
                self.receiving.update();
                Ok(())
            }
            FrameKind::RekeyOffer if self.role == Role::Host => self.answer_rekey(&text, now, rng),
            // What these answer is said by one side only: where it was not, they are out of turn.
            FrameKind::RekeyAnswer => self.finish_rekey(&text, now),
            FrameKind::RekeyDone if text.is_empty() => self.rekey_done(),
            FrameKind::Close => {
                let (count, reason) = text.split_first_chunk().ok_or(ConnectionError::WrongCount)?;
                self.peer_close_reason = match reason {
                    [] => CloseReason::Goodbye,
                    [byte] => CloseReason::of_byte(*byte),
                    _ => return Err(ConnectionError::WrongCount),
                };
                let count = u64::from_be_bytes(*count);
                if !C::close_count(count, self.receiving.records_before_last()) {
                    return Err(ConnectionError::WrongCount);
                }
                self.receiving.closed = true;
                self.outputs.push_back(Output::PeerClosed);
                Ok(())
            }
            _ => Err(ConnectionError::OutOfTurn(kind)),
        }
    }

    fn answer_rekey(
        &mut self,
        offer_text: &[u8],
        now: Instant,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), ConnectionError> {
        let too_soon =
            now < self.last_exchange + MIN_REKEY_INTERVAL && self.bytes_since_exchange < MIN_REKEY_BYTES;
        let Rekey::Idle(secret) = std::mem::replace(&mut self.rekey, Rekey::Broken) else {
            return Err(ConnectionError::OutOfTurn(FrameKind::RekeyOffer));
        };
        if too_soon {
            return Err(ConnectionError::OutOfTurn(FrameKind::RekeyOffer));
        }
        let mut fields = FieldReader::new(offer_text);
        let x25519 = fields.take_array()?;
        let ml_kem = fields.take_array::<ML_KEM_KEY_BYTES>()?.to_vec();
        fields.finish()?;
        let (answer, hybrid) =
            answer(&OfferPublic { x25519, ml_kem }, rng).map_err(|_| ConnectionError::BadRekey)?;
        let body = FieldWriter::default()
            .put(&answer.x25519)
            .put(&answer.ml_kem)
            .into_bytes();
        let context = labelled_hash("rekey", &[offer_text, &body]);
        let master = secret.renew(&C::fresh(hybrid));
        if !self.sending.closed {
            self.transmit(FrameKind::RekeyAnswer, &body);
        }
        self.sending.switch(C::traffic(&master, Role::Host, &context));
        self.rekey = Rekey::Answered { master, context };
        self.exchanged(now);
        Ok(())
    }

    fn finish_rekey(&mut self, answer_text: &[u8], now: Instant) -> Result<(), ConnectionError> {
        let Rekey::Offered { secret, offer, body } = std::mem::replace(&mut self.rekey, Rekey::Broken) else {
            return Err(ConnectionError::OutOfTurn(FrameKind::RekeyAnswer));
        };
        let mut fields = FieldReader::new(answer_text);
        let x25519 = fields.take_array()?;
        let ml_kem = fields.take_array::<ML_KEM_CIPHERTEXT_BYTES>()?.to_vec();
        fields.finish()?;
        let hybrid = offer
            .finish(&Answer { x25519, ml_kem })
            .map_err(|_| ConnectionError::BadRekey)?;
        let context = labelled_hash("rekey", &[&body, answer_text]);
        let master = secret.renew(&C::fresh(hybrid));
        self.receiving.switch(C::traffic(&master, Role::Host, &context));
        if !self.sending.closed {
            self.transmit(FrameKind::RekeyDone, &[]);
        }
        self.sending.switch(C::traffic(&master, Role::Guest, &context));
        self.rekey = Rekey::Idle(master.rekey_secret(&context));
        self.exchanged(now);
        Ok(())
    }

    fn rekey_done(&mut self) -> Result<(), ConnectionError> {
        let Rekey::Answered { master, context } = std::mem::replace(&mut self.rekey, Rekey::Broken) else {
            return Err(ConnectionError::OutOfTurn(FrameKind::RekeyDone));
        };
        self.receiving.switch(C::traffic(&master, Role::Guest, &context));
        self.rekey = Rekey::Idle(master.rekey_secret(&context));
        Ok(())
    }

    fn exchanged(&mut self, now: Instant) {
        self.last_exchange = now;
        self.bytes_since_exchange = 0;
    }

    fn transmit(&mut self, kind: FrameKind, text: &[u8]) {
        if self.sending.key_is_used_up() {
            let mut update = Vec::new();
            self.sending.update(&mut update);
            self.outputs.push_back(Output::Transmit(update));
        }
        let mut record = Vec::with_capacity(HEADER_BYTES + text.len() + TAG_BYTES);
        self.sending.seal(kind, text, &mut record);
        self.outputs.push_back(Output::Transmit(record));
    }
}

fn offer_body(offer: &OfferPublic) -> Vec<u8> {
    FieldWriter::default()
        .put(&offer.x25519)
        .put(&offer.ml_kem)
        .into_bytes()
}

/// Where a fresh exchange stands.
#[derive(Debug)]
enum Rekey {
    Idle(RekeySecret),
    /// Guest: the offer is sent.
    Offered {
        secret: RekeySecret,
        offer: Box<Offer>,
        body: Vec<u8>,
    },
    /// Host: the answer is sent; the guest still seals under its old key.
    Answered {
        master: MasterSecret,
        context: crate::crypto::Digest,
    },
    /// An error was returned in between.
    Broken,
}

#[cfg(test)]
mod tests;
