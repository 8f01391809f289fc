//! What of a log can't be read any more: entries in a damaged record, and such as were lost with a part of the file.

use std::ops::Range;

use super::gaps::{self, Gaps};
use super::log::{LogRow, extent};
use super::stretch::{self, Piece};
use super::{Rows, StoreError, Table, Vault};

/// A part of a log as it can be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogPart {
    /// The entries, in order.
    pub rows: Vec<LogRow>,
    /// The numbers between them that were kept and can't be read, in order.
    pub lost: Vec<Range<u64>>,
    /// Whether a record was there and did not open.
    damaged: bool,
}

impl Vault {
    /// The entries with numbers in a range, and what of it is lost. One damaged record takes along what was kept at once
    /// with it, 16 entries at most. When damage is met a copy of the file is put aside.
    pub fn log_part(&self, room: &[u8; 32], numbers: Range<u64>) -> Result<LogPart, StoreError> {
        let part = self.read(|reading| {
            let Some(extent) = extent(reading, room)? else {
                return Ok(LogPart::default());
            };
            let gaps = gaps::load(reading, room, &extent)?;
            let numbers = numbers.start.max(extent.first)..numbers.end.min(extent.next);
            part(reading, room, &gaps, numbers)
        })?;
        if part.damaged {
            self.copy_aside_once();
        }
        Ok(part)
    }

    /// The numbers in a range that were kept and can't be read, in order.
    pub fn lost_entries(&self, room: &[u8; 32], numbers: Range<u64>) -> Result<Vec<Range<u64>>, StoreError> {
        Ok(self.log_part(room, numbers)?.lost)
    }
}

/// The entries with these numbers, and which of them can't be read.
pub(super) fn part(
    rows: &impl Rows,
    room: &[u8; 32],
    gaps: &Gaps,
    numbers: Range<u64>,
) -> Result<LogPart, StoreError> {
    let mut part = LogPart::default();
    let mut take = |piece| match piece {
        Piece::Records(rows) => part
            .rows
            .extend(rows.into_iter().filter(|row: &LogRow| numbers.contains(&row.n))),
        Piece::Damaged => part.damaged = true,
    };
    stretch::walk(rows, Table::Log, room, gaps, numbers.clone(), &mut take)?;
    let mut read = part.rows.iter().map(|row| row.n).peekable();
    for span in gaps.spans(numbers) {
        let inside = std::iter::from_fn(|| read.next_if(|n| *n < span.end));
        part.lost.extend(missing(inside, span.clone()));
    }
    Ok(part)
}

/// The numbers of a range between those that were read, which rise.
pub fn missing(read: impl Iterator<Item = u64>, numbers: Range<u64>) -> Vec<Range<u64>> {
    let mut missing = Vec::new();
    let mut next = numbers.start;
    for n in read.chain([numbers.end]) {
        if n > next {
            missing.push(next..n);
        }
        next = n + 1;
    }
    missing
}

/// How many numbers there are in ranges.
pub fn count(ranges: &[Range<u64>]) -> u64 {
    ranges.iter().map(|range| range.end - range.start).sum()
}
