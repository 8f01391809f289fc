//! Messages of ours that wait to come into a room's log: kept until they are there, sent exactly once.

use std::ops::Range;

use minicbor::bytes::ByteVec;
use minicbor::decode::Error as DecodeError;
use minicbor::{Decode, Decoder, Encode};

use super::covered::{self, Covered, Covering};
use super::gaps::Gaps;
use super::rooms::encode;
use super::stretch::{self, Numbered, Piece, STRETCH};
use super::{Rows, StoreError, Table, Vault, Writing};
use crate::crypto::Signature;
use crate::protocol::body::{self, Submit};
use crate::protocol::limits::MAX_COUNT;

/// Something that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its place in the queue of its room; rises.
    pub place: u64,
    /// What is handed in again byte for byte.
    pub submit: Submit,
}

/// The same as it is written.
#[derive(Encode)]
#[cbor(map, context_bound = "AsMut<Covering>")]
struct Row<'a> {
    #[n(0)]
    place: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    event: &'a [u8],
    #[cbor(n(3), encode_with = "covered::encode_of")]
    signature: &'a Signature,
}

/// The same as it is read.
#[derive(Decode)]
#[cbor(map, context_bound = "AsMut<Covering>")]
struct Found {
    #[n(0)]
    place: u64,
    /// All of it, as earlier versions wrote it.
    #[n(1)]
    encoded: Option<ByteVec>,
    #[n(2)]
    event: Option<ByteVec>,
    #[n(3)]
    signature: Option<Covered>,
}

impl<'b, C: AsMut<Covering>> Decode<'b, C> for Waiting {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Waiting, DecodeError> {
        let found = Found::decode(d, ctx)?;
        let submit = match (found.encoded, found.event, found.signature) {
            (Some(encoded), _, _) => body::decode(&encoded).map_err(DecodeError::message)?,
            (None, Some(event), Some(Covered(signature))) => Submit {
                event: event.into(),
                signature,
            },
            _ => return Err(DecodeError::message("something of what waits is missing")),
        };
        Ok(Waiting {
            place: found.place,
            submit,
        })
    }
}

/// Where a room's queue begins and ends.
#[derive(Debug, Clone, Default, Encode, Decode)]
#[cbor(map)]
struct Queue {
    #[n(0)]
    first: u64,
    #[n(1)]
    next: u64,
    /// Places between that were taken out; they rise.
    #[cbor(n(2), default)]
    gone: Vec<u64>,
}

impl Numbered for Waiting {
    fn number(&self) -> u64 {
        self.place
    }
}

impl Numbered for Row<'_> {
    fn number(&self) -> u64 {
        self.place
    }
}

impl Vault {
    /// What waits in a room's outbox, in order. Fails when something of it can't be read.
    pub fn outbox(&self, room: &[u8; 32]) -> Result<Vec<Waiting>, StoreError> {
        self.read(|reading| {
            let queue = queue(reading, room)?;
            let (mut found, mut is_whole) = (Vec::new(), true);
            stretch::walk(
                reading,
                Table::Outbox,
                room,
                &Gaps::default(),
                queue.first..queue.next,
                &mut |piece| match piece {
                    Piece::Records(waiting) => {
                        found.extend(
                            waiting
                                .into_iter()
                                .filter(|waiting: &Waiting| queue.holds(waiting.place)),
                        );
                    }
                    Piece::Damaged => is_whole = false,
                },
            )?;
            match is_whole {
                true => Ok(found),
                false => Err(StoreError::damaged("a message that waits")),
            }
        })
    }
}

/// No queue has so many places between its first and its last: whoever says so would have us look for them for ever.
const MOST_PLACES: u64 = 1 << 20;

impl Queue {
    fn is_sound(&self) -> bool {
        self.next <= MAX_COUNT
            && self
                .next
                .checked_sub(self.first)
                .is_some_and(|span| span <= MOST_PLACES)
    }

    fn holds(&self, place: u64) -> bool {
        (self.first..self.next).contains(&place) && self.gone.binary_search(&place).is_err()
    }

    /// Takes places out; what is gone at the beginning moves it.
    fn take_out(&mut self, places: &[u64]) {
        let held = places.iter().copied().filter(|place| self.holds(*place));
        let mut gone: Vec<u64> = held.collect();
        gone.append(&mut self.gone);
        gone.sort_unstable();
        gone.dedup();
        let passed = gone
            .iter()
            .zip(self.first..)
            .take_while(|(gone, place)| *gone == place)
            .count();
        self.first += passed as u64;
        gone.drain(..passed);
        self.gone = gone;
    }
}

impl Writing<'_> {
    /// Puts things at the end of a room's outbox, in order; gives their places.
    pub fn queue(&mut self, room: &[u8; 32], submits: &[Submit]) -> Result<Range<u64>, StoreError> {
        let mut queue = queue(self, room)?;
        let first = queue.next;
        let waiting: Vec<Row<'_>> = (first..)
            .zip(submits)
            .map(|(place, submit)| Row {
                place,
                event: &submit.event,
                signature: &submit.signature,
            })
            .collect();
        queue.next += waiting.len() as u64;
        self.keep_stretches(Table::Outbox, room, &waiting)?;
        self.keep(Table::Outbox, room, &encode(&queue))?;
        Ok(first..queue.next)
    }

    /// Takes things out of a room's outbox: they are in the log, or given up. Their bytes go when nothing waits any more, or
    /// with the last of the 16 places around them.
    pub fn unqueue(&mut self, room: &[u8; 32], places: &[u64]) -> Result<(), StoreError> {
        let mut queue = queue(self, room)?;
        let before = queue.first - queue.first % STRETCH;
        queue.take_out(places);
        let until = match queue.first == queue.next {
            true => queue.next,
            false => queue.first - queue.first % STRETCH,
        };
        self.drop_stretches(Table::Outbox, room, before..until)?;
        self.keep(Table::Outbox, room, &encode(&queue))
    }

    /// Drops all of a room's outbox.
    pub fn drop_outbox(&mut self, room: &[u8; 32]) -> Result<(), StoreError> {
        let queue = queue(self, room)?;
        let before = queue.first - queue.first % STRETCH;
        self.drop_stretches(Table::Outbox, room, before..queue.next)?;
        self.drop_row(Table::Outbox, room)
    }
}

fn queue(rows: &impl Rows, room: &[u8; 32]) -> Result<Queue, StoreError> {
    match rows.row(Table::Outbox, room)? {
        Some(row) => minicbor::decode(row.value())
            .ok()
            .filter(Queue::is_sound)
            .ok_or_else(|| StoreError::damaged("a room's outbox")),
        None => Ok(Queue::default()),
    }
}
