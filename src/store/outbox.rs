//! Messages of ours that wait to come into a room's log: kept until they are there, sent exactly once.

use std::ops::Range;

use minicbor::bytes::ByteVec;
use minicbor::decode::Error as DecodeError;
use minicbor::{Decode, Decoder, Encode};

use super::covered::{self, Covered, Covering};
use super::gaps::Gaps;
use super::rooms::encode;
use super::stretch::{self, Numbered, Piece, STRETCH};
use super::{Rows, StoreError, Table, Vault, Writing, missing};
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

/// What waits in a room's outbox, as far as it can be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queued {
    /// What can be handed in, in order.
    pub waiting: Vec<Waiting>,
    /// Where that ends because something behind it can't be read any more.
    pub cut: Option<Cut>,
}

/// The end of an outbox that can't be handed in: it begins with something that can't be read, and each message is chained
/// to the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The place where it begins.
    pub from: u64,
    /// What of it can still be read, in order.
    pub behind: Vec<Waiting>,
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
    /// What waits in a room's outbox, in order, up to something that can't be read any more. When damage is met a copy of
    /// the file is put aside; [`Writing::cut_outbox`] mends it.
    pub fn outbox(&self, room: &[u8; 32]) -> Result<Queued, StoreError> {
        let found = self.read(|reading| {
            let queue = queue(reading, room)?;
            let mut found = Vec::new();
            let mut take = |piece: Piece<Waiting>| {
                if let Piece::Records(waiting) = piece {
                    let waits = |waiting: &Waiting| queue.holds(waiting.place);
                    found.extend(waiting.into_iter().filter(waits));
                }
            };
            let places = queue.first..queue.next;
            stretch::walk(reading, Table::Outbox, room, &Gaps::default(), places, &mut take)?;
            Ok(queue.parted(found))
        });
        match found {
            // Not even where it begins and ends.
            Err(StoreError::Damaged { .. }) => Ok(Queued {
                waiting: Vec::new(),
                cut: Some(Cut {
                    from: 0,
                    behind: Vec::new(),
                }),
            }),
            Ok(queued) if queued.cut.is_some() => {
                self.copy_aside_once();
                Ok(queued)
            }
            found => found,
        }
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

    /// Parts what could be read, in order, at the first place that is held and was not among it.
    fn parted(&self, mut waiting: Vec<Waiting>) -> Queued {
        let read = waiting.iter().map(|waiting| waiting.place);
        let mut unread = missing(read, self.first..self.next).into_iter().flatten();
        let cut = unread.find(|place| self.holds(*place)).map(|from| {
            let readable = waiting.partition_point(|waiting| waiting.place < from);
            let behind = waiting.split_off(readable);
            Cut { from, behind }
        });
        Queued { waiting, cut }
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

    /// Gives up what waits from a place on, because something there can't be read any more.
    pub fn cut_outbox(&mut self, room: &[u8; 32], from: u64) -> Result<(), StoreError> {
        let mut queue = match queue(self, room) {
            Err(StoreError::Damaged { .. }) => return self.begin_outbox_anew(room),
            queue => queue?,
        };
        let until = queue.next;
        queue.next = from.clamp(queue.first, until);
        queue.gone.retain(|place| *place < queue.next);
        // Where nothing is left, what can't be read may stand at the beginning of its 16 places.
        let begin = match queue.first == queue.next {
            true => queue.first - queue.first % STRETCH,
            false => queue.next,
        };
        self.drop_stretches(Table::Outbox, room, begin..until)?;
        self.keep(Table::Outbox, room, &encode(&queue))
    }

    /// Drops all of a room's outbox.
    pub fn drop_outbox(&mut self, room: &[u8; 32]) -> Result<(), StoreError> {
        match queue(self, room) {
            Ok(queue) => {
                let before = queue.first - queue.first % STRETCH;
                self.drop_stretches(Table::Outbox, room, before..queue.next)?;
            }
            Err(StoreError::Damaged { .. }) => {
                self.sweep_outbox(room)?;
            }
            Err(error) => return Err(error),
        }
        self.drop_row(Table::Outbox, room)
    }

    /// Empties an outbox of which nobody knows where it begins and ends. Records that can't be read may stay where they are,
    /// so it goes on behind all places that they can have.
    fn begin_outbox_anew(&mut self, room: &[u8; 32]) -> Result<(), StoreError> {
        let last = self.sweep_outbox(room)?;
        let first = (last - last % STRETCH).saturating_add(MOST_PLACES);
        let queue = Queue {
            first,
            next: first,
            gone: Vec::new(),
        };
        self.keep(Table::Outbox, room, &encode(&queue))
    }

    /// Drops what of a room's outbox can be read, wherever it stands, and gives the last place of it. Goes through the outboxes
    /// of all rooms.
    fn sweep_outbox(&mut self, room: &[u8; 32]) -> Result<u64, StoreError> {
        let (mut keys, mut last) = (Vec::new(), 0);
        self.each(Table::Outbox, &mut |row| {
            let place = row.key().strip_prefix(room);
            if let Some(place) = place.and_then(|place| <[u8; 8]>::try_from(place).ok()) {
                last = u64::from_be_bytes(place).max(last);
                keys.push(row.key().to_vec());
            }
        })?;
        self.drop_rows(Table::Outbox, &mut keys.into_iter())?;
        Ok(last)
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
