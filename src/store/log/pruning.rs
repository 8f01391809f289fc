//! Dropping what is old from the beginning of a log.
//!
//! A clock may once have been ahead, so that an entry seems to come from the future: it is as old as what follows it. With
//! nothing behind it, it stays: perhaps the clock is behind just now, and the entry is young.

use std::ops::{Range, RangeInclusive};

use super::{LogExtent, LogRow, extent};
use crate::crypto::Digest;
use crate::store::gaps::{self, Gaps};
use crate::store::rooms::encode;
use crate::store::stretch::{self, Piece};
use crate::store::{StoreError, Table, Vault, Writing, texts};

/// Entries looked at in one transaction.
const PRUNED_AT_ONCE: u64 = 4096;

impl Vault {
    /// Drops the old entries of a room up to entry `counted` at most; gives how many could be read. What was kept in
    /// `young_ms`, milliseconds since 1970 up to now, is not old; what was kept before something old is.
    pub fn prune_log(
        &self,
        room: &[u8; 32],
        young_ms: &RangeInclusive<u64>,
        counted: u64,
    ) -> Result<u64, StoreError> {
        let mut dropped = 0;
        let mut at_once = PRUNED_AT_ONCE;
        // In pieces, so that writers of other rooms need not wait long.
        loop {
            let piece = self.write(|writing| writing.prune_piece(room, young_ms, counted, at_once))?;
            dropped += piece.dropped;
            if piece.is_last {
                return Ok(dropped);
            }
            // All of it seems to come from the future: how old it is stands further behind.
            if !piece.has_moved {
                at_once = at_once.saturating_mul(2);
            }
        }
    }
}

/// What was dropped in one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Pruned {
    /// How many entries that could be read.
    pub dropped: u64,
    /// Whether the log begins elsewhere now.
    pub has_moved: bool,
    /// Whether nothing more is old.
    pub is_last: bool,
}

impl Pruned {
    const NOTHING_THERE: Pruned = Pruned {
        dropped: 0,
        has_moved: false,
        is_last: true,
    };
}

impl Writing<'_> {
    /// Drops what is old among the first `at_once` entries of a log.
    pub(in crate::store) fn prune_piece(
        &mut self,
        room: &[u8; 32],
        young_ms: &RangeInclusive<u64>,
        counted: u64,
        at_once: u64,
    ) -> Result<Pruned, StoreError> {
        let Some(mut whole) = extent(self, room)? else {
            return Ok(Pruned::NOTHING_THERE);
        };
        let first = whole.first;
        let end = whole.next.min(counted.saturating_add(1));
        if first >= end {
            return Ok(Pruned::NOTHING_THERE);
        }
        let gaps = gaps::load(self, room, &whole)?;
        let most = reach(&gaps, first..end, at_once);
        let mut aging = Aging::new(young_ms, counted);
        let mut take = |piece: Piece<LogRow>| {
            if let Piece::Records(rows) = piece {
                aging.take(rows);
            }
        };
        stretch::walk(self, Table::Log, room, &gaps, first..most, &mut take)?;
        whole.first = aging.first_that_stays(first, most);
        let has_moved = whole.first > first;
        if has_moved {
            whole.before_first = aging.head_before(whole.first);
        }
        whole.messages = whole.messages.saturating_sub(aging.gone.messages);
        if has_moved {
            self.drop_front(room, &gaps, first, &mut whole, &aging.stays)?;
        }
        Ok(Pruned {
            dropped: aging.gone.entries,
            has_moved,
            is_last: aging.is_over || most == end,
        })
    }

    /// Drops the entries from `first` up to where the log begins now, and keeps anew what stays at its beginning.
    fn drop_front(
        &mut self,
        room: &[u8; 32],
        gaps: &Gaps,
        first: u64,
        whole: &mut LogExtent,
        stays: &[LogRow],
    ) -> Result<(), StoreError> {
        // What could not be read is gone too.
        if whole.first == whole.next {
            whole.messages = 0;
        }
        self.drop_entries(room, gaps, first..whole.first)?;
        // Stretches that stood apart may stand together now.
        let mut apart = stays.iter().map(|row| stretch::stretch_key(room, row.n));
        self.drop_rows(Table::Log, &mut apart)?;
        self.keep_stretches(Table::Log, room, stays)?;
        // A block that is only partly old is packed anew from what stays.
        let block = whole.first / texts::BLOCK_ENTRIES;
        self.drop_texts(room, gaps, first..block * texts::BLOCK_ENTRIES)?;
        self.forget_gaps(room, whole, gaps)?;
        self.keep(Table::Extents, room, &encode(whole))?;
        if whole.first > first && block < whole.next / texts::BLOCK_ENTRIES {
            self.pack_texts(room, whole, block, &[])?;
        }
        Ok(())
    }
}

/// Where so many of these numbers end, gaps not counted.
fn reach(gaps: &Gaps, numbers: Range<u64>, at_once: u64) -> u64 {
    let mut left = at_once;
    let end = numbers.end;
    gaps.spans(numbers)
        .find_map(|span| {
            let length = span.end - span.start;
            let end = (length > left).then_some(span.start + left);
            left = left.saturating_sub(length);
            end
        })
        .unwrap_or(end)
}

/// Goes through a log from its beginning and parts what is old from what stays.
struct Aging<'a> {
    young_ms: &'a RangeInclusive<u64>,
    counted: u64,
    /// What goes.
    gone: Tally,
    /// The last entry that goes, and the head there.
    last: Option<(u64, Digest)>,
    /// What seems to come from the future, so that it goes only with something old behind it.
    undecided: Tally,
    /// What stays of the stretch of the last entry that goes.
    stays: Vec<LogRow>,
    /// The first entry that stays, of those that could be read.
    next: Option<u64>,
    /// Whether something was met that is neither old nor from the future.
    is_over: bool,
}

/// How many entries, and how many of them are messages with words to find.
#[derive(Default)]
struct Tally {
    entries: u64,
    messages: u64,
}

impl Tally {
    fn add(&mut self, rows: &[LogRow]) {
        let messages = rows.iter().filter(|row| texts::words_of(row).is_some()).count();
        self.entries += rows.len() as u64;
        self.messages += messages as u64;
    }
}

impl<'a> Aging<'a> {
    fn new(young_ms: &'a RangeInclusive<u64>, counted: u64) -> Aging<'a> {
        Aging {
            young_ms,
            counted,
            gone: Tally::default(),
            last: None,
            undecided: Tally::default(),
            stays: Vec::new(),
            next: None,
            is_over: false,
        }
    }

    fn take(&mut self, mut rows: Vec<LogRow>) {
        // What is dropped is a beginning of the log, so that what stays has no new gap.
        if self.is_over {
            return;
        }
        let young = rows.iter().position(|row| self.is_young(row));
        let before = rows.get(..young.unwrap_or(rows.len())).unwrap_or_default();
        let old = before
            .iter()
            .rposition(|row| row.kept_ms < *self.young_ms.start());
        let rest = rows.split_off(old.map_or(0, |last| last + 1));
        if let Some(last) = rows.last() {
            self.last = Some((last.n, last.head));
            self.undecided.add(&rows);
            let Tally { entries, messages } = std::mem::take(&mut self.undecided);
            self.gone.entries += entries;
            self.gone.messages += messages;
            self.next = None;
        }
        self.undecided.add(&rest);
        self.next = self.next.or(rest.first().map(|row| row.n));
        if !rows.is_empty() {
            self.stays = rest;
        }
        self.is_over = young.is_some();
    }

    fn is_young(&self, row: &LogRow) -> bool {
        row.n > self.counted || self.young_ms.contains(&row.kept_ms)
    }

    /// Where a log that began at `first` begins now, of which everything before `most` was looked at.
    fn first_that_stays(&self, first: u64, most: u64) -> u64 {
        // What can't be read goes with old entries behind it, or when everything goes.
        if self.last.is_none() && *self.young_ms.start() != u64::MAX {
            return first;
        }
        let behind_last = self.last.map_or(0, |(last, _)| last + 1);
        self.next.unwrap_or(most.max(behind_last))
    }

    /// The head in front of where the log begins now; `None` when the entry there is not the last one that goes.
    fn head_before(&self, first: u64) -> Option<Digest> {
        let (last, head) = self.last?;
        (last + 1 == first).then_some(head)
    }
}
