//! The keys of both directions as a recording goes on: updates, fresh exchanges, resumptions.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::OpenRecord;
use crate::crypto::{
    Answer, HybridSecret, MasterSecret, Offer, OfferPublic, OpeningKey, RekeySecret, Secret, TrafficSecret,
    answer, labelled_hash,
};
use crate::inspect::drawn::Drawn;
use crate::protocol::connection::RunningKeys;
use crate::protocol::handshake::Role;
use crate::protocol::wire::{FieldReader, Frame, FrameKind};

/// The newest fresh exchanges that are remembered; one takes a minute at least.
const MAX_FRESH: usize = 4096;
/// What was drawn and not used yet, at most.
const MAX_DRAWN: usize = 4;

/// The keys of a recording as they are now.
#[derive(Debug, Default)]
pub(super) struct Keys {
    host: Option<Lane>,
    guest: Option<Lane>,
    rekey: Option<Rekeying>,
    /// The salt of the next exchange.
    salt: Option<RekeySecret>,
    epoch: u64,
    /// Epochs that began with a fresh exchange of X25519 and ML-KEM.
    fresh: BTreeSet<u64>,
    drawn: VecDeque<Drawn>,
}

/// One direction's key as it is now.
#[derive(Debug)]
struct Lane {
    secret: TrafficSecret,
    key: OpeningKey,
    epoch: u64,
}

/// A fresh exchange on a running connection, as this end saw it.
#[derive(Debug)]
pub(in crate::inspect) struct Exchange {
    /// What this end drew for it.
    pub(in crate::inspect) drawn: Drawn,
    /// The guest's offer and the host's answer.
    pub(in crate::inspect) offer: Vec<u8>,
    pub(in crate::inspect) answer: Vec<u8>,
    /// What came of it.
    pub(in crate::inspect) hybrid: HybridSecret,
}

#[derive(Debug)]
struct Rekeying {
    offer: Vec<u8>,
    drawn: Option<Drawn>,
    /// Behind the answer: the guest's next secret, and the salt of the exchange after this one.
    next: Option<(TrafficSecret, RekeySecret)>,
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

impl Keys {
    /// This end drew randomness for an exchange.
    pub(super) fn drew(&mut self, drawn: Drawn) {
        if !drawn.is_empty() && self.drawn.len() < MAX_DRAWN {
            self.drawn.push_back(drawn);
        }
    }

    /// What was drawn first and not used yet.
    pub(super) fn next_drawn(&mut self) -> Option<Drawn> {
        self.drawn.pop_front()
    }

    /// A handshake gave a master secret; each side has sealed one text under it already.
    pub(super) fn begin(&mut self, master: &MasterSecret, transcript: &[u8; 32]) {
        self.host = Some(Lane::new(master.host_traffic(transcript), self.epoch, 1));
        self.guest = Some(Lane::new(master.guest_traffic(transcript), self.epoch, 1));
        self.salt = Some(master.rekey_secret(transcript));
        self.rekey = None;
    }

    /// A new connection: what opens it is not known yet. Gives the number of its first keys.
    pub(super) fn interrupt(&mut self) -> u64 {
        if self.host.is_some() || self.guest.is_some() || self.epoch > 0 {
            self.next_epoch();
        }
        (self.host, self.guest, self.rekey, self.salt) = (None, None, None, None);
        self.drawn.clear();
        self.epoch
    }

    /// A connection that runs already is taken up.
    pub(super) fn take_up(&mut self, keys: RunningKeys) {
        let RunningKeys {
            host: (host, host_count),
            guest: (guest, guest_count),
            salt,
            answered,
            begun: _,
        } = keys;
        let lane = |secret, used| Lane::new(TrafficSecret::noted(secret), self.epoch, used);
        (self.host, self.guest) = (Some(lane(host, host_count)), Some(lane(guest, guest_count)));
        self.salt = salt.map(RekeySecret::noted);
        self.rekey = answered.map(|(guest, salt)| Rekeying {
            offer: Vec::new(),
            drawn: None,
            next: Some((TrafficSecret::noted(guest), RekeySecret::noted(salt))),
        });
    }

    /// Whether a fresh exchange came behind epoch `from` and not behind `to`.
    pub(super) fn is_fresh_between(&self, from: u64, to: u64) -> bool {
        from < to && self.fresh.range(from + 1..=to).next().is_some()
    }

    /// Opens a record, and follows what it does to the keys.
    pub(super) fn open(&mut self, frame: Frame, by_host: bool, role: Option<Role>) -> Option<OpenRecord> {
        let lane = if by_host { &mut self.host } else { &mut self.guest };
        let lane = lane.as_mut()?;
        let counter = lane.key.opened();
        let mut nonce = lane.secret.iv();
        for (byte, count) in nonce.iter_mut().skip(4).zip(counter.to_be_bytes()) {
            *byte ^= count;
        }
        let (key, epoch) = (lane.secret.key(), lane.epoch);
        let lane_secret = lane.secret.secret().clone();
        let header = frame.header();
        let mut text = frame.body;
        lane.key.open(&header, &mut text).ok()?;
        let exchange = self.follow(frame.kind, by_host, role, &text);
        let lane = if by_host { &self.host } else { &self.guest };
        Some(OpenRecord {
            epoch,
            epoch_behind: lane.as_ref().map_or(epoch, |lane| lane.epoch),
            counter,
            secret: lane_secret,
            key,
            nonce,
            text,
            exchange: exchange.map(Arc::new),
        })
    }

    /// Key updates and fresh exchanges, as section 7 says. Gives an exchange that ended.
    fn follow(
        &mut self,
        kind: FrameKind,
        by_host: bool,
        role: Option<Role>,
        text: &[u8],
    ) -> Option<Exchange> {
        match kind {
            FrameKind::KeyUpdate => {
                self.epoch += 1;
                let epoch = self.epoch;
                let lane = if by_host { &mut self.host } else { &mut self.guest };
                *lane = lane.take().map(|lane| Lane::new(lane.secret.update(), epoch, 0));
            }
            FrameKind::RekeyOffer => {
                self.rekey = Some(Rekeying {
                    offer: text.to_vec(),
                    drawn: self.drawn.pop_front(),
                    next: None,
                });
            }
            FrameKind::RekeyAnswer => return self.finish_rekey(role, text),
            FrameKind::RekeyDone => {
                if let Some((guest, salt)) = self.rekey.take().and_then(|rekey| rekey.next) {
                    self.guest = Some(Lane::new(guest, self.epoch, 0));
                    self.salt = Some(salt);
                }
            }
            _ => {}
        }
        None
    }

    fn finish_rekey(&mut self, role: Option<Role>, answer_text: &[u8]) -> Option<Exchange> {
        let mut rekey = self.rekey.take()?;
        let drawn = rekey.drawn.take().or_else(|| self.drawn.pop_front());
        let hybrid = match (role, &drawn) {
            (Some(Role::Guest), Some(drawn)) => finish_offer(drawn, 0, answer_text),
            (Some(Role::Host), Some(drawn)) => repeat_answer(drawn, &rekey.offer, 0),
            _ => None,
        };
        let mut exchange = None;
        if let (Some(hybrid), Some(salt), Some(drawn)) = (hybrid, self.salt.take(), drawn) {
            let context = labelled_hash("rekey", &[&rekey.offer, answer_text]);
            let master = salt.renew(&hybrid);
            self.next_epoch();
            self.host = Some(Lane::new(master.host_traffic(&context), self.epoch, 0));
            rekey.next = Some((master.guest_traffic(&context), master.rekey_secret(&context)));
            exchange = Some(Exchange {
                drawn,
                offer: rekey.offer.clone(),
                answer: answer_text.to_vec(),
                hybrid,
            });
        } else {
            // What follows can't be opened: the randomness of this exchange was not recorded.
            (self.host, self.guest) = (None, None);
        }
        self.rekey = Some(rekey);
        exchange
    }

    fn next_epoch(&mut self) {
        self.epoch += 1;
        self.fresh.insert(self.epoch);
        if self.fresh.len() > MAX_FRESH {
            self.fresh.pop_first();
        }
    }
}

/// The guest's half of an exchange once more: its shares were drawn at `at`.
pub(super) fn finish_offer(drawn: &Drawn, at: usize, answer: &[u8]) -> Option<HybridSecret> {
    let offer = Offer::generate(&mut drawn.replay_from(at));
    let mut fields = FieldReader::new(answer);
    let x25519 = fields.take_array().ok()?;
    let ml_kem = fields.take(2048).ok()?.to_vec();
    offer.finish(&Answer { x25519, ml_kem }).ok()
}

/// The host's half of an exchange once more; `skip` fields stand before the shares.
pub(super) fn repeat_answer(drawn: &Drawn, offer: &[u8], skip: usize) -> Option<HybridSecret> {
    let mut fields = FieldReader::new(offer);
    for _ in 0..skip {
        fields.take(usize::MAX).ok()?;
    }
    let x25519 = fields.take_array().ok()?;
    let ml_kem = fields.take(2048).ok()?.to_vec();
    let (_, hybrid) = answer(&OfferPublic { x25519, ml_kem }, &mut drawn.replay_from(0)).ok()?;
    Some(hybrid)
}

/// What is known of the first exchange of a connection: by which end, and what it drew.
pub(super) fn first_exchange(
    role: Role,
    drawn: &Drawn,
    offer: &Frame,
    answer: &Frame,
    skip: usize,
) -> Option<HybridSecret> {
    match role {
        // nG was drawn first; behind it the offer.
        Role::Guest => finish_offer(drawn, Secret::BYTES, &answer.body),
        // The version, the suite and what else stands before the shares.
        Role::Host => repeat_answer(drawn, &offer.body, skip),
    }
}
