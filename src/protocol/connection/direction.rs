//! One direction of a connection: its key, which is updated when it is used up, and the count of its records.

use std::marker::PhantomData;

use super::ConnectionError;
use crate::crypto::{OpeningKey, SealingKey, TAG_BYTES, TrafficSecret};
use crate::protocol::checks::Checks;
use crate::protocol::limits::RECORDS_PER_KEY;
use crate::protocol::wire::{Frame, FrameKind};

/// What this side seals, and how much of it.
#[derive(Debug)]
pub(super) struct Sending<C: Checks> {
    pub key: SealingKey,
    pub secret: Option<TrafficSecret>,
    pub records: u64,
    pub closed: bool,
    pub checks: PhantomData<C>,
}

impl<C: Checks> Sending<C> {
    /// The 65,536th record of a key is the update.
    pub fn key_is_used_up(&self) -> bool {
        self.key.sealed() == RECORDS_PER_KEY - 1
    }

    pub fn records_before_close(&self) -> u64 {
        self.records + u64::from(self.key_is_used_up())
    }

    /// Appends the frame, behind the key update where one is due.
    pub fn seal_in_turn(&mut self, kind: FrameKind, text: &[u8], wire: &mut Vec<u8>) {
        if self.key_is_used_up() {
            self.update(wire);
        }
        self.seal(kind, text, wire);
    }

    pub fn seal(&mut self, kind: FrameKind, text: &[u8], wire: &mut Vec<u8>) {
        let header = kind.header(text.len() + TAG_BYTES);
        wire.extend_from_slice(&header);
        C::seal_record(&mut self.key, &header, text, wire);
        self.records += 1;
    }

    pub fn update(&mut self, wire: &mut Vec<u8>) {
        self.seal(FrameKind::KeyUpdate, &[], wire);
        if let Some(secret) = self.secret.take() {
            self.switch(secret.update());
        }
    }

    pub fn switch(&mut self, secret: TrafficSecret) {
        self.key = SealingKey::new(&secret);
        self.secret = Some(secret);
    }
}

/// What the peer seals, and how much of it came.
#[derive(Debug)]
pub(super) struct Receiving<C: Checks> {
    pub key: OpeningKey,
    pub secret: Option<TrafficSecret>,
    pub records: u64,
    pub closed: bool,
    pub note: C::Note,
}

impl<C: Checks> Receiving<C> {
    /// Opens a record; checks that the key update comes exactly when it must.
    pub fn open(&mut self, frame: Frame) -> Result<Vec<u8>, ConnectionError> {
        let is_record = frame.kind as u8 >= FrameKind::Data as u8;
        let update_is_due = self.key.opened() == RECORDS_PER_KEY - 1;
        let is_update = frame.kind == FrameKind::KeyUpdate;
        if self.closed || !is_record || is_update != update_is_due {
            return Err(ConnectionError::OutOfTurn(frame.kind));
        }
        let header = frame.header();
        let mut text = frame.body;
        C::open_record(&mut self.key, &header, &mut text, &mut self.note)
            .map_err(|_| ConnectionError::NotAuthentic)?;
        self.records += 1;
        Ok(text)
    }

    pub fn records_before_last(&self) -> u64 {
        self.records.saturating_sub(1)
    }

    pub fn update(&mut self) {
        if let Some(secret) = self.secret.take() {
            self.switch(secret.update());
        }
    }

    pub fn switch(&mut self, secret: TrafficSecret) {
        self.key = OpeningKey::new(&secret);
        self.secret = Some(secret);
    }
}
