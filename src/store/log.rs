//! The rooms' logs: entries by number, as the exact bytes that were signed, and pruning of old ones.

use std::ops::Range;

use minicbor::{Decode, Encode};

use super::rooms::encode;
use super::stretch::{self, Numbered, Piece};
use super::{Rows, StoreError, Table, Vault, Writing, texts};
use crate::crypto::{Digest, Signature};
use crate::protocol::SignedEvent;

/// One entry of a room's log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LogRow {
    /// Its number.
    #[n(0)]
    pub n: u64,
    /// The head of the log with it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub head: Digest,
    /// The encoded event, exactly as signed.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub event: Vec<u8>,
    /// The author's signature.
    #[n(3)]
    pub signature: Signature,
    /// The author's name when it was logged.
    #[n(4)]
    pub name: String,
    /// When it came here, milliseconds since 1970. Retention counts from it.
    #[n(5)]
    pub kept_ms: u64,
    /// Why it is not shown, when it failed a check.
    #[n(6)]
    pub fault: Option<String>,
    /// Whether it came as part of what was missed while away.
    #[n(7)]
    pub missed: bool,
}

impl Numbered for LogRow {
    fn number(&self) -> u64 {
        self.n
    }
}

impl LogRow {
    /// The event with its hash. Fails only for an entry that failed its check as malformed.
    pub fn signed_event(&self) -> Result<SignedEvent, StoreError> {
        SignedEvent::decode(self.event.clone(), self.signature.clone())
            .map_err(|_| StoreError::damaged(format!("entry {} of a room", self.n)))
    }
}

/// How far a room's log goes on this disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LogExtent {
    /// The oldest entry that is kept.
    #[n(0)]
    pub first: u64,
    /// The entry that would come next.
    #[n(1)]
    pub next: u64,
    /// The head at the newest entry.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub head: Digest,
    /// The head before the oldest entry, where it is known.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub before_first: Option<[u8; 32]>,
    /// How many of the entries that were kept are messages with words to find.
    #[n(4)]
    pub messages: u64,
}

impl Vault {
    /// How far a room's log goes; `None` when nothing of it is kept.
    pub fn log_extent(&self, room: &[u8; 32]) -> Result<Option<LogExtent>, StoreError> {
        self.read(|reading| extent(reading, room))
    }

    /// The entries with numbers in a range, in order; those that are not kept are left out. Entries
    /// that can't be read any more are left out too: ask [`Vault::damaged_entries`] for their numbers.
    pub fn log_rows(&self, room: &[u8; 32], numbers: Range<u64>) -> Result<Vec<LogRow>, StoreError> {
        self.read(|reading| {
            let Some(extent) = extent(reading, room)? else {
                return Ok(Vec::new());
            };
            let numbers = numbers.start.max(extent.first)..numbers.end.min(extent.next);
            entries(reading, room, numbers)
        })
    }

    /// The numbers in a range whose entries are there and can't be read: one damaged record takes along what was kept
    /// at once with it, 16 entries at most. A gap right behind those can't be told from them.
    pub fn damaged_entries(&self, room: &[u8; 32], numbers: Range<u64>) -> Result<Vec<u64>, StoreError> {
        self.read(|reading| {
            let Some(extent) = extent(reading, room)? else {
                return Ok(Vec::new());
            };
            let numbers = numbers.start.max(extent.first)..numbers.end.min(extent.next);
            let mut damaged = Vec::new();
            stretch::walk(reading, Table::Log, room, numbers.clone(), &mut |piece: Piece<
                LogRow,
            >| {
                if let Piece::Damaged(at) = piece {
                    damaged.extend(at.filter(|n| numbers.contains(n)));
                }
            })?;
            Ok(damaged)
        })
    }

    /// Drops the entries of a room that came before `before_ms`; gives how many.
    pub fn prune_log(&self, room: &[u8; 32], before_ms: u64) -> Result<u64, StoreError> {
        let mut dropped = 0;
        // In pieces, so that writers of other rooms need not wait long.
        loop {
            let piece = self.write(|writing| writing.prune_piece(room, before_ms))?;
            dropped += piece;
            if piece < PRUNED_AT_ONCE {
                return Ok(dropped);
            }
        }
    }
}

/// Entries dropped in one transaction.
const PRUNED_AT_ONCE: u64 = 4096;

impl Writing<'_> {
    /// Appends entries to a room's log. Their numbers rise and are higher than all before; gaps are
    /// allowed, and stay gaps. `before` is the head in front of the first entry ever, where known.
    pub fn append(
        &mut self,
        room: &[u8; 32],
        before: Option<Digest>,
        rows: &[LogRow],
    ) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(());
        };
        let known = extent(self, room)?;
        let mut whole = known.unwrap_or(LogExtent {
            first: first.n,
            next: first.n,
            head: before.unwrap_or([0; 32]),
            before_first: before,
            messages: 0,
        });
        let rising = rows.windows(2).all(|pair| matches!(pair, [a, b] if a.n < b.n));
        if first.n < whole.next || !rising {
            return Err(StoreError::System(format!(
                "entry {} was to be kept behind entry {}",
                first.n,
                whole.next.saturating_sub(1)
            )));
        }
        self.keep_stretches(Table::Log, room, rows)?;
        let full = whole.next / texts::BLOCK_ENTRIES..(last.n + 1) / texts::BLOCK_ENTRIES;
        whole.next = last.n + 1;
        whole.head = last.head;
        let words: Vec<(u64, Option<String>)> = rows.iter().map(|row| (row.n, texts::folded(row))).collect();
        whole.messages += words.iter().filter(|(_, words)| words.is_some()).count() as u64;
        for block in full {
            self.pack_texts(room, block, &words)?;
        }
        self.keep(Table::Extents, room, &encode(&whole))
    }

    /// Drops all of a room's log.
    pub fn drop_log(&mut self, room: &[u8; 32]) -> Result<(), StoreError> {
        if let Some(LogExtent { first, next, .. }) = extent(self, room)? {
            self.drop_stretches(Table::Log, room, first..next)?;
            let blocks = first / texts::BLOCK_ENTRIES..next / texts::BLOCK_ENTRIES + 1;
            self.drop_rows(Table::Texts, &mut blocks.map(|block| entry_key(room, block)))?;
            self.drop_row(Table::Extents, room)?;
        }
        Ok(())
    }

    fn prune_piece(&mut self, room: &[u8; 32], before_ms: u64) -> Result<u64, StoreError> {
        let Some(mut whole) = extent(self, room)? else {
            return Ok(0);
        };
        let first = whole.first;
        let most = whole.next.min(first.saturating_add(PRUNED_AT_ONCE));
        let mut stays = None;
        // What is dropped is a beginning of the log, so that what stays has no new gap.
        stretch::walk(self, Table::Log, room, first..most, &mut |piece: Piece<
            LogRow,
        >| {
            let Piece::Records(mut rows) = piece else {
                return;
            };
            if stays.is_some() {
                return;
            }
            let old = rows.partition_point(|row| row.kept_ms < before_ms);
            if let Some(last) = old.checked_sub(1).and_then(|last| rows.get(last)) {
                whole.before_first = Some(last.head);
            }
            // The rest of a stretch that is only partly old is kept anew.
            rows.drain(..old);
            if !rows.is_empty() {
                stays = Some(rows);
            }
        })?;
        whole.first = stays
            .as_ref()
            .and_then(|rows| rows.first())
            .map_or(most, |row| row.n);
        self.drop_stretches(Table::Log, room, first..whole.first)?;
        if let Some(rows) = &stays {
            self.keep_stretches(Table::Log, room, rows)?;
        }
        // A block that is only partly old is packed anew from what stays.
        let block = whole.first / texts::BLOCK_ENTRIES;
        let blocks = first / texts::BLOCK_ENTRIES..block;
        self.drop_rows(Table::Texts, &mut blocks.map(|block| entry_key(room, block)))?;
        if whole.first > first && block < whole.next / texts::BLOCK_ENTRIES {
            self.pack_texts(room, block, &[])?;
        }
        self.keep(Table::Extents, room, &encode(&whole))?;
        Ok(whole.first - first)
    }
}

pub(super) fn extent(rows: &impl Rows, room: &[u8; 32]) -> Result<Option<LogExtent>, StoreError> {
    let Some(row) = rows.row(Table::Extents, room)? else {
        return Ok(None);
    };
    minicbor::decode(row.value())
        .map(Some)
        .map_err(|_| StoreError::damaged("the extent of a room's log"))
}

/// The entries with these numbers that are there and can be read, in order.
pub(super) fn entries(
    rows: &impl Rows,
    room: &[u8; 32],
    numbers: Range<u64>,
) -> Result<Vec<LogRow>, StoreError> {
    let mut found = Vec::new();
    stretch::walk(rows, Table::Log, room, numbers.clone(), &mut |piece| {
        if let Piece::Records(rows) = piece {
            found.extend(rows.into_iter().filter(|row: &LogRow| numbers.contains(&row.n)));
        }
    })?;
    Ok(found)
}

/// The room and a number: the key of a stretch of entries or of waiting messages, and of a block of texts.
pub(super) fn entry_key(room: &[u8; 32], n: u64) -> Vec<u8> {
    let mut key = Vec::with_capacity(40);
    key.extend_from_slice(room);
    key.extend_from_slice(&n.to_be_bytes());
    key
}
