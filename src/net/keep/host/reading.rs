//! What members who come back get of the log: from the disk, and behind that from memory.

use super::LogKeeper;
use crate::crypto::Digest;
use crate::net::keep::Kept;
use crate::protocol::RoomLog;
use crate::store::LogRow;

/// So many entries are read from the disk at once: as many as one record holds at most.
const PIECE: u64 = 16;

impl LogKeeper {
    /// The first entries behind `n` that can be read, at most so many, up to so many bytes. What can't be read between them is
    /// left out: it hides nothing behind it, and who gets the others sees the gap.
    pub fn behind(&self, n: u64, most: u64, most_bytes: usize) -> Vec<Kept> {
        let on_disk = self.behind_on_disk(n, most, most_bytes);
        let last = on_disk.last().map_or(n, |row| row.n);
        let memory = self.memory();
        let from = memory.partition_point(|kept| kept.n <= last);
        let in_memory = memory.get(from..).unwrap_or_default().iter().cloned();
        let mut bytes = 0;
        on_disk
            .into_iter()
            .map(Kept::from)
            .chain(in_memory)
            .take(usize::try_from(most).unwrap_or(usize::MAX))
            .take_while(|kept| {
                let fits = bytes < most_bytes;
                bytes += kept.event.len();
                fits
            })
            .collect()
    }

    /// The first entries behind `n` on the disk that can be read: so many, or up to so many bytes and a piece more, or all
    /// to the end.
    pub(super) fn behind_on_disk(&self, n: u64, most: u64, most_bytes: usize) -> Vec<LogRow> {
        let (mut found, mut bytes) = (Vec::new(), 0_usize);
        let Ok(Some(extent)) = self.vault.log_extent(&self.room) else {
            return found;
        };
        let wanted = usize::try_from(most).unwrap_or(usize::MAX);
        let mut from = extent.first.max(n.saturating_add(1));
        while from < extent.next && found.len() < wanted && bytes < most_bytes {
            let until = extent.next.min((from - from % PIECE).saturating_add(PIECE));
            let Ok(rows) = self.vault.log_rows(&self.room, from..until) else {
                break;
            };
            bytes = rows
                .iter()
                .fold(bytes, |bytes, row| bytes.saturating_add(row.event.len()));
            let is_to_the_end = rows.last().is_some_and(|row| row.n.saturating_add(1) == until);
            found.extend(rows);
            from = if is_to_the_end {
                until
            } else {
                let behind_gap = self.vault.log_gap_end(&self.room, until).ok().flatten();
                behind_gap.unwrap_or(until)
            };
        }
        found.truncate(wanted);
        found
    }

    /// The last entry that who was away longer does not get, and the head there; `None` while the log is whole from its first
    /// entry on.
    pub fn let_go(&self, log: &RoomLog) -> Option<(u64, Digest)> {
        let extent = self.vault.log_extent(&self.room).ok().flatten();
        let on_disk = extent.filter(|extent| extent.first < extent.next);
        let first = match (on_disk, self.memory().first()) {
            (Some(extent), _) => extent.first,
            (None, Some(kept)) => kept.n,
            (None, None) => log.n() + 1,
        };
        let last = first.checked_sub(1).filter(|last| *last > 0)?;
        let at_disk = || on_disk.and_then(|extent| extent.before_first);
        let Some(head) = log.head_at(last).or_else(at_disk) else {
            // One that is kept is let go too: only the head with it is known.
            let first = self.behind(last, 1, usize::MAX).pop()?;
            return Some((first.n, first.head));
        };
        Some((last, head))
    }

    /// The head at entry `n`, if it is kept.
    pub fn head_at(&self, n: u64) -> Option<Digest> {
        let rows = self.vault.log_rows(&self.room, n..n.saturating_add(1)).ok()?;
        let on_disk = rows.first().map(|row| row.head);
        on_disk.or_else(|| {
            let memory = self.memory();
            let place = memory.binary_search_by_key(&n, |kept| kept.n).ok()?;
            memory.get(place).map(|kept| kept.head)
        })
    }

    /// The entries behind those on the disk.
    fn memory(&self) -> &[Kept] {
        self.unkept.as_ref().map_or(&[], |unkept| &unkept.kept)
    }
}
