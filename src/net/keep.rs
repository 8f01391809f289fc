//! What one room remembers of its log: in memory, and on disk where the profile keeps it.

use crate::crypto::Digest;
use crate::crypto::Signature;
use crate::protocol::Appended;
use crate::protocol::body::Entry;

/// An entry as it is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its number.
    pub n: u64,
    /// The head with it.
    pub head: Digest,
    /// The encoded event, as signed.
    pub event: Vec<u8>,
    /// The author's signature.
    pub signature: Signature,
    /// The author's name.
    pub name: String,
}

impl Kept {
    /// As the log has it.
    pub fn of(appended: &Appended) -> Kept {
        Kept {
            n: appended.n,
            head: appended.head,
            event: appended.event.bytes.clone(),
            signature: appended.event.signature.clone(),
            name: appended.author_name.clone(),
        }
    }

    /// As it crosses the wire.
    pub fn entry(self) -> Entry {
        Entry {
            n: self.n,
            event: self.event,
            signature: self.signature,
        }
    }
}

/// The log of one room of ours, for members who come back.
#[derive(Debug, Default)]
pub struct LogKeeper {
    memory: Vec<Kept>,
}

impl LogKeeper {
    /// Adds entries, in order.
    pub fn append(&mut self, rows: Vec<Kept>) {
        self.memory.extend(rows);
    }

    /// The entries behind `n`, at most so many, up to so many bytes.
    pub fn behind(&self, n: u64, most: u64, most_bytes: usize) -> Vec<Kept> {
        let from = self.memory.partition_point(|kept| kept.n <= n);
        let mut bytes = 0;
        self.memory
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take(most as usize)
            .take_while(|kept| {
                let fits = bytes < most_bytes;
                bytes += kept.event.len();
                fits
            })
            .cloned()
            .collect()
    }

    /// The head at entry `n`, if it is kept.
    pub fn head_at(&self, n: u64) -> Option<Digest> {
        let place = self.memory.binary_search_by_key(&n, |kept| kept.n).ok()?;
        self.memory.get(place).map(|kept| kept.head)
    }
}
