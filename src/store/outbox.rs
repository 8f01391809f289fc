//! Messages of ours that wait to come into a room's log: kept until they are there, sent exactly once.

use minicbor::{Decode, Encode};

use super::log::entry_key;
use super::rooms::encode;
use super::{Rows, StoreError, Table, Vault, Writing};

/// Something that waits. What it is, is its owner's affair: a text that is not written yet, or an
/// event with its signature that must be handed in again byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Waiting {
    /// Its place in the queue of its room; rises.
    #[n(0)]
    pub place: u64,
    /// The bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

/// Where a room's queue begins and ends. Places between may be empty.
#[derive(Debug, Clone, Copy, Default, Encode, Decode)]
#[cbor(map)]
struct Queue {
    #[n(0)]
    first: u64,
    #[n(1)]
    next: u64,
}

impl Vault {
    /// What waits in a room's outbox, in order.
    pub fn outbox(&self, room: &[u8; 32]) -> Result<Vec<Waiting>, StoreError> {
        self.read(|reading| {
            let queue = queue(reading, room)?;
            let mut keys = (queue.first..queue.next).map(|place| entry_key(room, place));
            let rows = reading.rows(Table::Outbox, &mut keys)?;
            rows.iter()
                .map(|row| {
                    minicbor::decode(row.value()).map_err(|_| StoreError::damaged("a message that waits"))
                })
                .collect()
        })
    }
}

impl Writing<'_> {
    /// Puts something at the end of a room's outbox; gives its place.
    pub fn queue(&mut self, room: &[u8; 32], bytes: &[u8]) -> Result<u64, StoreError> {
        let mut queue = queue(self, room)?;
        let place = queue.next;
        queue.next += 1;
        let waiting = Waiting {
            place,
            bytes: bytes.to_vec(),
        };
        self.keep(Table::Outbox, &entry_key(room, place), &encode(&waiting))?;
        self.keep(Table::Outbox, room, &encode(&queue))?;
        Ok(place)
    }

    /// Puts other bytes in a place, as when a text was written as an event.
    pub fn replace_waiting(&mut self, room: &[u8; 32], waiting: &Waiting) -> Result<(), StoreError> {
        self.keep(Table::Outbox, &entry_key(room, waiting.place), &encode(waiting))
    }

    /// Takes something out of a room's outbox: it is in the log, or given up.
    pub fn unqueue(&mut self, room: &[u8; 32], place: u64) -> Result<(), StoreError> {
        self.drop_row(Table::Outbox, &entry_key(room, place))?;
        let mut queue = queue(self, room)?;
        let first = queue.first;
        while queue.first < queue.next && self.row(Table::Outbox, &entry_key(room, queue.first))?.is_none() {
            queue.first += 1;
        }
        if queue.first != first {
            self.keep(Table::Outbox, room, &encode(&queue))?;
        }
        Ok(())
    }

    /// Drops all of a room's outbox.
    pub fn drop_outbox(&mut self, room: &[u8; 32]) -> Result<(), StoreError> {
        let queue = queue(self, room)?;
        let mut keys = (queue.first..queue.next).map(|place| entry_key(room, place));
        self.drop_rows(Table::Outbox, &mut keys)?;
        self.drop_row(Table::Outbox, room)
    }
}

fn queue(rows: &impl Rows, room: &[u8; 32]) -> Result<Queue, StoreError> {
    match rows.row(Table::Outbox, room)? {
        Some(row) => minicbor::decode(row.value()).map_err(|_| StoreError::damaged("a room's outbox")),
        None => Ok(Queue::default()),
    }
}
