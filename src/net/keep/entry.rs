//! An entry as it is kept, between the log, the disk and the wire.

use crate::crypto::{Digest, Signature};
use crate::net::clock::now_unix_ms;
use crate::protocol::body::Entry;
use crate::protocol::{Appended, RoomLog};
use crate::store::LogRow;

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
    /// Why it is not shown, when it failed a check.
    pub fault: Option<String>,
    /// Whether it came as part of what was missed.
    pub missed: bool,
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
            fault: None,
            missed: false,
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

    fn row(self, kept_ms: u64) -> LogRow {
        LogRow {
            n: self.n,
            head: self.head,
            event: self.event,
            signature: self.signature,
            name: self.name,
            kept_ms,
            fault: self.fault,
            missed: self.missed,
        }
    }
}

impl From<LogRow> for Kept {
    fn from(row: LogRow) -> Kept {
        Kept {
            n: row.n,
            head: row.head,
            event: row.event,
            signature: row.signature,
            name: row.name,
            fault: row.fault,
            missed: row.missed,
        }
    }
}

pub(super) fn rows(kept: Vec<Kept>) -> Vec<LogRow> {
    let now = now_unix_ms();
    kept.into_iter().map(|kept| kept.row(now)).collect()
}

pub(super) fn unrow(rows: Vec<LogRow>) -> Vec<Kept> {
    rows.into_iter().map(Kept::from).collect()
}

/// The head in front of the first of these entries, where the log has it.
pub(super) fn head_before(kept: &[Kept], log: &RoomLog) -> Option<Digest> {
    let first = kept.first()?;
    log.head_at(first.n.saturating_sub(1))
}
