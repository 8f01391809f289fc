//! The numbers that a log passed over. A host that lies can claim very many, and one that kept its log for some days
//! honestly leaves some out: whoever goes through a log steps over them.

use std::ops::Range;

use super::log::LogExtent;
use super::rooms::encode;
use super::stretch::{Numbered as _, STRETCH, decode, end_of_stretch, stand_at};
use super::{LogRow, Rows, StoreError, Table, Writing};

/// So many gaps are noted in one log. A log with more is no honest one, and nothing more of it is kept.
const MOST_GAPS: usize = 4096;

/// The gaps of one log: ranges of numbers that rise and don't touch. Nothing is kept under any of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Gaps(Vec<Range<u64>>);

impl Gaps {
    /// Takes gaps as they were noted. `None` when they don't rise: whoever looks for one would not find it, or would not get
    /// past it.
    fn noted(pairs: Vec<(u64, u64)>) -> Option<Gaps> {
        let mut end = 0;
        let rise = pairs.iter().all(|(start, behind)| {
            let follows = end <= *start && start < behind;
            end = *behind;
            follows
        });
        rise.then(|| Gaps(pairs.into_iter().map(|(start, end)| start..end).collect()))
    }

    /// Where the gap ends that a number stands in; `None` when it stands in none.
    pub(super) fn end_at(&self, n: u64) -> Option<u64> {
        let place = self.0.partition_point(|gap| gap.end <= n);
        self.0.get(place).filter(|gap| gap.start <= n).map(|gap| gap.end)
    }

    /// The parts of a range between the gaps, in order.
    pub(super) fn spans(&self, numbers: Range<u64>) -> impl DoubleEndedIterator<Item = Range<u64>> + '_ {
        let from = self.0.partition_point(|gap| gap.end <= numbers.start);
        let until = self.0.partition_point(|gap| gap.start < numbers.end);
        let inside = self.0.get(from..until).unwrap_or_default();
        let starts = std::iter::once(numbers.start).chain(inside.iter().map(|gap| gap.end));
        let ends = inside.iter().map(|gap| gap.start).chain([numbers.end]);
        let starts: Vec<u64> = starts.collect();
        starts
            .into_iter()
            .zip(ends.collect::<Vec<u64>>())
            .map(|(start, end)| start..end)
            .filter(|span| !span.is_empty())
    }

    /// Where `most` numbers begin that end before `before` and stand in no gap; not before `first`.
    pub(super) fn back_from(&self, before: u64, most: u64, first: u64) -> u64 {
        let mut left = most;
        let mut from = before.max(first);
        for span in self.spans(first..before).rev() {
            let length = span.end - span.start;
            if length >= left {
                return span.end - left;
            }
            left -= length;
            from = span.start;
        }
        // Nothing stands before it but perhaps a gap.
        match left {
            0 => from,
            _ => first,
        }
    }

    /// Notes a gap behind all others.
    fn push(&mut self, gap: Range<u64>) -> Result<(), StoreError> {
        if self.0.len() >= MOST_GAPS {
            let why = format!("{MOST_GAPS} times entries were left out of this log");
            return Err(StoreError::System(why));
        }
        self.0.push(gap);
        Ok(())
    }

    /// Takes a number out that is kept now; gives whether it stood in a gap.
    fn fill(&mut self, n: u64) -> bool {
        let place = self.0.partition_point(|gap| gap.end <= n);
        let Some(gap) = self.0.get(place).filter(|gap| gap.start <= n).cloned() else {
            return false;
        };
        let left = [gap.start..n, n + 1..gap.end];
        self.0
            .splice(place..=place, left.into_iter().filter(|part| !part.is_empty()));
        true
    }

    /// Forgets what stands before a number.
    fn begin_at(&mut self, first: u64) {
        self.0.retain(|gap| gap.end > first);
        if let Some(gap) = self.0.first_mut() {
            gap.start = gap.start.max(first);
        }
    }
}

/// The gaps of a log that goes so far. Where an earlier version kept it and noted none, or the note can't be read, a log
/// whose numbers outrun the records by far is looked through for them.
pub(super) fn load(rows: &impl Rows, room: &[u8; 32], extent: &LogExtent) -> Result<Gaps, StoreError> {
    match noted(rows, room, extent)? {
        Some(gaps) => Ok(gaps),
        None => look_for(rows, room, extent),
    }
}

/// The gaps of a log as they are noted; `None` where it must be looked through for them.
fn noted(rows: &impl Rows, room: &[u8; 32], extent: &LogExtent) -> Result<Option<Gaps>, StoreError> {
    let (gaps, of_each) = match extent.gaps {
        Some(0) => (Gaps::default(), MOST_OF_A_RECORD),
        Some(_) => {
            let noted = match rows.row(Table::Extents, &key(room)) {
                Ok(row) => row.and_then(|row| minicbor::decode::<Vec<(u64, u64)>>(row.value()).ok()),
                Err(StoreError::Damaged { .. }) => None,
                Err(error) => return Err(error),
            };
            let Some(gaps) = noted.and_then(Gaps::noted) else {
                return Ok(None);
            };
            (gaps, MOST_OF_A_RECORD)
        }
        None => (Gaps::default(), 2 * STRETCH),
    };
    let could_be = rows.count(Table::Log)?.saturating_mul(of_each);
    let numbers = gaps.spans(extent.first..extent.next);
    let claimed = numbers.fold(0, |count: u64, span| count.saturating_add(span.end - span.start));
    Ok((claimed <= could_be.max(MOST_UNNOTED)).then_some(gaps))
}

/// So many numbers are gone through one by one rather than all records of a file.
const MOST_UNNOTED: u64 = 1 << 16;
/// So many numbers are believed for each record there is, where gaps are noted: a file that was mended may have lost most
/// of them. Whoever claims more would have us look for them for ever.
const MOST_OF_A_RECORD: u64 = 64 * STRETCH;

/// Finds the gaps of a log by all records that are there. Long in a large file.
fn look_for(rows: &impl Rows, room: &[u8; 32], extent: &LogExtent) -> Result<Gaps, StoreError> {
    let mut there: Vec<Range<u64>> = Vec::new();
    rows.each(Table::Log, &mut |record| {
        let Some(first) = record
            .key()
            .strip_prefix(room)
            .and_then(|n| <[u8; 8]>::try_from(n).ok())
            .map(u64::from_be_bytes)
        else {
            return;
        };
        let rows = decode::<LogRow>(record.value()).filter(|rows| stand_at(rows, first));
        let last = rows.and_then(|rows| Some(rows.last()?.number()));
        // What can't be understood stands for as much as it may hold.
        let end = last.map_or_else(|| end_of_stretch(first), |last| last.saturating_add(1));
        there.push(first..end);
    })?;
    there.sort_unstable_by_key(|stretch| stretch.start);
    let mut gaps = Gaps::default();
    let mut next = extent.first;
    for stretch in there {
        // A damaged record shows no key: what it held is no gap if it may have stood beside this one.
        if stretch.start > next.saturating_add(STRETCH) {
            gaps.push(next..stretch.start)?;
        }
        next = next.max(stretch.end);
    }
    // Nor is what the last of them held; but nobody lost so many.
    if extent.next.saturating_sub(next) > MOST_UNNOTED {
        gaps.push(next..extent.next)?;
    }
    Ok(gaps)
}

fn key(room: &[u8; 32]) -> Vec<u8> {
    [room.as_slice(), b"gaps"].concat()
}

impl Writing<'_> {
    /// Notes the gap in front of entries that are to be kept behind all others, if there is one, and those between them.
    /// Where the log had to be looked through for its gaps, what was found is noted too: once is enough.
    pub(super) fn note_gaps(
        &mut self,
        room: &[u8; 32],
        whole: &mut LogExtent,
        rows: &[LogRow],
    ) -> Result<(), StoreError> {
        let mut next = whole.next;
        let is_whole = rows.iter().all(|row| {
            let follows = row.n == next;
            next = row.n + 1;
            follows
        });
        if is_whole && whole.gaps == Some(0) {
            return Ok(());
        }
        let mut gaps = match noted(self, room, whole)? {
            Some(_) if is_whole && whole.gaps.is_some() => return Ok(()),
            Some(gaps) => gaps,
            None => look_for(self, room, whole)?,
        };
        let mut next = whole.next;
        for row in rows {
            if row.n > next {
                gaps.push(next..row.n)?;
            }
            next = row.n + 1;
        }
        self.keep_gaps(room, whole, &gaps)
    }

    /// Notes that these entries stand in no gap any more.
    pub(super) fn fill_gaps(
        &mut self,
        room: &[u8; 32],
        whole: &mut LogExtent,
        rows: &[LogRow],
    ) -> Result<(), StoreError> {
        let mut gaps = load(self, room, whole)?;
        let filled = rows.iter().filter(|row| gaps.fill(row.n)).count();
        match filled {
            0 => Ok(()),
            _ => self.keep_gaps(room, whole, &gaps),
        }
    }

    /// Forgets the gaps in front of where a log begins now.
    pub(super) fn forget_gaps(
        &mut self,
        room: &[u8; 32],
        whole: &mut LogExtent,
        gaps: &Gaps,
    ) -> Result<(), StoreError> {
        let mut left = gaps.clone();
        left.begin_at(whole.first);
        match left == *gaps {
            true => Ok(()),
            false => self.keep_gaps(room, whole, &left),
        }
    }

    /// Forgets all gaps of a log that is dropped.
    pub(super) fn drop_gaps(&mut self, room: &[u8; 32]) -> Result<(), StoreError> {
        self.drop_row(Table::Extents, &key(room))
    }

    fn keep_gaps(&mut self, room: &[u8; 32], whole: &mut LogExtent, gaps: &Gaps) -> Result<(), StoreError> {
        whole.gaps = Some(gaps.0.len() as u64);
        if gaps.0.is_empty() {
            return self.drop_gaps(room);
        }
        let pairs: Vec<(u64, u64)> = gaps.0.iter().map(|gap| (gap.start, gap.end)).collect();
        self.keep(Table::Extents, &key(room), &encode(&pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Vault;

    const ROOM: [u8; 32] = [1; 32];

    #[test]
    fn gaps_whose_note_cannot_be_read_are_noted_anew_with_the_next_entry() {
        let vault = Vault::in_memory().unwrap();
        let append = |numbers: &[u64]| {
            let rows: Vec<LogRow> = numbers.iter().map(|n| LogRow::example(*n, vec![1; 64])).collect();
            vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
        };
        let note = || {
            vault.read(|reading| {
                let extent = crate::store::log::extent(reading, &ROOM)?.unwrap();
                noted(reading, &ROOM, &extent)
            })
        };
        append(&[1, 2, 3]);
        append(&[1000]);
        let before = note().unwrap();
        assert_eq!(before.as_ref().and_then(|gaps| gaps.end_at(4)), Some(1000));
        vault
            .write(|writing| writing.damage(Table::Extents, &key(&ROOM)))
            .unwrap();
        assert_eq!(note().unwrap(), None);
        append(&[1001]);
        assert_eq!(note().unwrap(), before);
    }

    #[test]
    fn what_stands_between_the_gaps_is_gone_through_forwards_and_backwards() {
        let gaps = Gaps(vec![5..8, 10..1 << 53]);
        let spans: Vec<_> = gaps.spans(1..(1 << 53) + 3).collect();
        assert_eq!(spans, [1..5, 8..10, 1 << 53..(1 << 53) + 3]);
        assert_eq!(gaps.spans(6..7).count(), 0);
        assert_eq!(gaps.spans(4..9).collect::<Vec<_>>(), [4..5, 8..9]);
        assert_eq!(gaps.end_at(4), None);
        assert_eq!(gaps.end_at(5), Some(8));
        assert_eq!(gaps.end_at(9), None);
        let newest = (1 << 53) + 3;
        for (most, from) in [
            (1, newest - 1),
            (3, 1 << 53),
            (4, 9),
            (5, 8),
            (6, 4),
            (9, 1),
            (99, 1),
        ] {
            assert_eq!(gaps.back_from(newest, most, 1), from, "{most}");
        }
    }

    #[test]
    fn gaps_that_do_not_rise_are_looked_for_anew() {
        let vault = Vault::in_memory().unwrap();
        let rows: Vec<LogRow> = [1, 2, 3, 1000]
            .iter()
            .map(|n| LogRow::example(*n, vec![1; 64]))
            .collect();
        vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
        let gap_end = || vault.log_gap_end(&ROOM, 4).unwrap();
        assert_eq!(gap_end(), Some(1000));
        for noted in [
            vec![(4, 1000), (2, 3)],
            vec![(4, 4)],
            vec![(1000, 4)],
            vec![(4, 900), (800, 1000)],
        ] {
            vault
                .write(|writing| writing.keep(Table::Extents, &key(&ROOM), &encode(&noted)))
                .unwrap();
            assert_eq!(gap_end(), Some(1000), "{noted:?}");
            assert_eq!(vault.log_rows(&ROOM, 0..2000).unwrap().len(), 4);
        }
    }

    #[test]
    fn a_log_that_claims_more_numbers_than_its_records_can_hold_is_looked_through_for_its_gaps() {
        let vault = Vault::in_memory().unwrap();
        let rows: Vec<LogRow> = (1..=3).map(|n| LogRow::example(n, vec![1; 64])).collect();
        vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
        let mut extent = vault.log_extent(&ROOM).unwrap().unwrap();
        assert_eq!(extent.gaps, Some(0));
        extent.next = crate::protocol::limits::MAX_COUNT;
        vault
            .write(|writing| writing.keep(Table::Extents, &ROOM, &encode(&extent)))
            .unwrap();
        // One piece for every 512 numbers would be more than there is memory.
        let pieces = vault.log_pieces(&ROOM, 1 << 40).unwrap();
        let numbers: u64 = pieces.iter().map(|piece| piece.end - piece.start).sum();
        assert_eq!(numbers, 3, "{pieces:?}");
    }

    #[test]
    fn a_gap_that_is_filled_in_its_middle_is_two() {
        let mut gaps = Gaps(vec![5..8, 10..20]);
        assert!(gaps.fill(6) && gaps.fill(10) && !gaps.fill(10) && !gaps.fill(8));
        assert_eq!(gaps, Gaps(vec![5..6, 7..8, 11..20]));
        gaps.begin_at(12);
        assert_eq!(gaps.spans(0..25).collect::<Vec<_>>(), [0..12, 20..25]);
    }
}
