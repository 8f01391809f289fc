//! The rooms' logs: entries by number, as the exact bytes that were signed, and pruning of old ones.

mod pruning;

use std::ops::Range;

use minicbor::{Decode, Encode};

use super::covered::{self, Covering};
use super::gaps::{self, Gaps};
use super::rooms::encode;
use super::stretch::{self, Numbered};
use super::{Rows, StoreError, Table, Vault, Writing, lost, texts};
use crate::crypto::{Digest, Signature};
use crate::protocol::SignedEvent;
use crate::protocol::limits::MAX_COUNT;

/// One entry of a room's log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map, context_bound = "AsMut<Covering>")]
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
    #[cbor(n(3), encode_with = "covered::encode", decode_with = "covered::decode")]
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

#[cfg(test)]
impl LogRow {
    /// An entry of Ada's as it is kept, with a signature that nobody checks.
    pub(crate) fn example(n: u64, event: Vec<u8>) -> LogRow {
        LogRow {
            n,
            head: [0; 32],
            event,
            signature: Signature {
                rsa: vec![3; 384],
                index: 0,
                size: 1,
                path: Vec::new(),
            },
            name: "Ada".to_owned(),
            kept_ms: 0,
            fault: None,
            missed: false,
        }
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
    /// How many of the entries that are kept are messages with words to find.
    #[n(4)]
    pub messages: u64,
    /// How many gaps of it are noted; not there in logs of earlier versions.
    #[n(5)]
    pub gaps: Option<u64>,
}

/// No log comes near: who says so in a record of a backup means what is reckoned from it to overflow.
const FARTHEST: u64 = 2 * MAX_COUNT;

impl LogExtent {
    fn is_sound(&self) -> bool {
        self.first <= self.next && self.next <= FARTHEST && self.messages <= FARTHEST
    }
}

impl Vault {
    /// How far a room's log goes; `None` when nothing of it is kept.
    pub fn log_extent(&self, room: &[u8; 32]) -> Result<Option<LogExtent>, StoreError> {
        self.read(|reading| extent(reading, room))
    }

    /// The entries with numbers in a range, in order; those that are not kept are left out. Entries that can't be read any
    /// more are left out too: [`Vault::log_part`] names them.
    pub fn log_rows(&self, room: &[u8; 32], numbers: Range<u64>) -> Result<Vec<LogRow>, StoreError> {
        Ok(self.log_part(room, numbers)?.rows)
    }

    /// All numbers of a room's log in ranges of at most so many, in order, without its gaps: to read a log from end to
    /// end, however many numbers its host passed over.
    pub fn log_pieces(&self, room: &[u8; 32], at_once: u64) -> Result<Vec<Range<u64>>, StoreError> {
        self.read(|reading| {
            let Some(extent) = extent(reading, room)? else {
                return Ok(Vec::new());
            };
            let gaps = gaps::load(reading, room, &extent)?;
            let mut pieces = Vec::new();
            for mut span in gaps.spans(extent.first..extent.next) {
                while !span.is_empty() {
                    let end = span.end.min(span.start.saturating_add(at_once.max(1)));
                    pieces.push(span.start..end);
                    span.start = end;
                }
            }
            Ok(pieces)
        })
    }

    /// Where the newest `most` entries of a room's log before `before` begin; gaps don't count.
    pub fn log_back_from(&self, room: &[u8; 32], before: u64, most: u64) -> Result<u64, StoreError> {
        self.read(|reading| {
            let Some(extent) = extent(reading, room)? else {
                return Ok(before);
            };
            let gaps = gaps::load(reading, room, &extent)?;
            Ok(gaps.back_from(before.min(extent.next), most, extent.first))
        })
    }

    /// The number behind the gap that begins at, or holds, `n`; `None` when `n` stands in no gap that was noted.
    pub fn log_gap_end(&self, room: &[u8; 32], n: u64) -> Result<Option<u64>, StoreError> {
        self.read(|reading| {
            let Some(extent) = extent(reading, room)? else {
                return Ok(None);
            };
            Ok(gaps::load(reading, room, &extent)?.end_at(n))
        })
    }
}

impl Writing<'_> {
    /// Appends entries to a room's log. Their numbers rise and are higher than all before; gaps are
    /// allowed, and stay gaps. `before` is the head in front of the first entry, where known.
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
            gaps: Some(0),
        });
        let rising = rows.windows(2).all(|pair| matches!(pair, [a, b] if a.n < b.n));
        if first.n < whole.next || !rising {
            return Err(StoreError::DoesNotFit(format!(
                "entry {} was to be kept behind entry {}",
                first.n,
                whole.next.saturating_sub(1)
            )));
        }
        if last.n >= FARTHEST {
            let why = format!("nobody counts up to entry {}", last.n);
            return Err(StoreError::DoesNotFit(why));
        }
        // Where nothing is kept any more, the log begins anew: what was not kept is no gap in it.
        if whole.first == whole.next && first.n > whole.next {
            (whole.first, whole.next, whole.before_first) = (first.n, first.n, before);
        }
        self.note_gaps(room, &mut whole, rows)?;
        self.keep_stretches(Table::Log, room, rows)?;
        // Blocks that are over now: the one that was begun, and those that these entries stand in.
        let begun = whole.next.checked_sub(1).filter(|last| *last >= whole.first);
        let numbers = begun.into_iter().chain(rows.iter().map(|row| row.n));
        let mut blocks: Vec<u64> = numbers.map(|n| n / texts::BLOCK_ENTRIES).collect();
        blocks.dedup();
        let packed = whole.next / texts::BLOCK_ENTRIES;
        blocks.retain(|block| (packed..(last.n + 1) / texts::BLOCK_ENTRIES).contains(block));
        whole.next = last.n + 1;
        whole.head = last.head;
        let words: Vec<(u64, Option<String>)> = rows.iter().map(|row| (row.n, texts::folded(row))).collect();
        whole.messages += words.iter().filter(|(_, words)| words.is_some()).count() as u64;
        // So that what is packed reads over the new gap.
        self.keep(Table::Extents, room, &encode(&whole))?;
        for block in blocks {
            self.pack_texts(room, &whole, block, &words)?;
        }
        Ok(())
    }

    /// Appends entries like [`Writing::append`]; those among them that stand in front of the newest one are put in
    /// their places where nothing that can be read stands. One that is there is left as it is, and must be the same.
    pub fn append_or_fill(
        &mut self,
        room: &[u8; 32],
        before: Option<Digest>,
        rows: &[LogRow],
    ) -> Result<(), StoreError> {
        let (first, next) = extent(self, room)?.map_or((0, 0), |whole| (whole.first, whole.next));
        let (inside, behind) = rows.split_at(rows.partition_point(|row| row.n < next));
        // What was dropped as old stays dropped.
        let (_, inside) = inside.split_at(inside.partition_point(|row| row.n < first));
        for block in inside.chunk_by(|a, b| a.n / stretch::STRETCH == b.n / stretch::STRETCH) {
            self.fill(room, block)?;
        }
        self.append(room, before, behind)
    }

    /// Puts entries of one stretch in their places.
    fn fill(&mut self, room: &[u8; 32], rows: &[LogRow]) -> Result<(), StoreError> {
        let (Some(mut whole), Some(first)) = (extent(self, room)?, rows.first()) else {
            return Ok(());
        };
        let gaps = gaps::load(self, room, &whole)?;
        let from = first.n - first.n % stretch::STRETCH;
        let numbers = from..from + stretch::STRETCH;
        let mut there = entries(self, room, &gaps, numbers.clone())?;
        let mut missing = Vec::new();
        for row in rows {
            match there.iter().find(|kept| kept.n == row.n) {
                Some(kept) if kept.event == row.event => {}
                Some(_) => {
                    let why = format!("another entry {} is kept already", row.n);
                    return Err(StoreError::DoesNotFit(why));
                }
                None => missing.push(row.clone()),
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        self.fill_gaps(room, &mut whole, &missing)?;
        // What can be read is kept anew with them; a damaged record goes when its first number is filled.
        self.drop_rows(
            Table::Log,
            &mut there.iter().map(|row| stretch::stretch_key(room, row.n)),
        )?;
        there.append(&mut missing);
        there.sort_by_key(|row| row.n);
        self.keep_stretches(Table::Log, room, &there)?;
        self.keep(Table::Extents, room, &encode(&whole))?;
        let block = first.n / texts::BLOCK_ENTRIES;
        if block < whole.next / texts::BLOCK_ENTRIES {
            self.pack_texts(room, &whole, block, &[])?;
        }
        Ok(())
    }

    /// Drops all of a room's log.
    pub fn drop_log(&mut self, room: &[u8; 32]) -> Result<(), StoreError> {
        if let Some(whole) = extent(self, room)? {
            let gaps = gaps::load(self, room, &whole)?;
            self.drop_entries(room, &gaps, whole.first..whole.next)?;
            self.drop_texts(room, &gaps, whole.first..whole.next + 1)?;
            self.drop_gaps(room)?;
            self.drop_row(Table::Extents, room)?;
        }
        Ok(())
    }

    fn drop_entries(&mut self, room: &[u8; 32], gaps: &Gaps, numbers: Range<u64>) -> Result<(), StoreError> {
        for span in gaps.spans(numbers) {
            self.drop_stretches(Table::Log, room, span)?;
        }
        Ok(())
    }

    /// Drops the blocks of texts that these numbers stand in.
    fn drop_texts(&mut self, room: &[u8; 32], gaps: &Gaps, numbers: Range<u64>) -> Result<(), StoreError> {
        for span in gaps.spans(numbers) {
            let blocks = texts::blocks_of(&span);
            self.drop_rows(Table::Texts, &mut blocks.map(|block| entry_key(room, block)))?;
        }
        Ok(())
    }
}

pub(super) fn extent(rows: &impl Rows, room: &[u8; 32]) -> Result<Option<LogExtent>, StoreError> {
    let Some(row) = rows.row(Table::Extents, room)? else {
        return Ok(None);
    };
    minicbor::decode(row.value())
        .ok()
        .filter(LogExtent::is_sound)
        .map(Some)
        .ok_or_else(|| StoreError::damaged("the extent of a room's log"))
}

/// The entries with these numbers that are there and can be read, in order.
pub(super) fn entries(
    rows: &impl Rows,
    room: &[u8; 32],
    gaps: &Gaps,
    numbers: Range<u64>,
) -> Result<Vec<LogRow>, StoreError> {
    Ok(lost::part(rows, room, gaps, numbers)?.rows)
}

/// The room and a number: the key of a stretch of entries or of waiting messages, and of a block of texts.
pub(super) fn entry_key(room: &[u8; 32], n: u64) -> Vec<u8> {
    let mut key = Vec::with_capacity(40);
    key.extend_from_slice(room);
    key.extend_from_slice(&n.to_be_bytes());
    key
}
