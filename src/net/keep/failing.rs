//! What is not on the disk: it waits in memory, and is tried again with what comes next.

use std::time::{Duration, Instant};

use super::Kept;
use crate::crypto::Digest;

/// A failing disk is asked again so often at most.
const AGAIN: Duration = Duration::from_secs(2);

/// What changed with what was to be kept just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeepingChange {
    /// From here on it stays in memory, and goes to the disk as soon as that takes it again; why.
    Stopped(String),
    /// From here on it stays in memory for as long as the room is open, whatever the disk does; why.
    Ended(String),
    /// All of it is on the disk again.
    Resumed,
}

/// Entries that are not on the disk.
#[derive(Debug)]
pub(super) struct Unkept {
    /// In order; the first of them comes behind what is on the disk.
    pub kept: Vec<Kept>,
    /// The head in front of the first.
    pub before: Option<Digest>,
    /// When the disk, which did not take them, is asked again; `None` where it was not asked.
    again_at: Option<Instant>,
    /// Whether the room's state was to say that they are in memory.
    is_noted: bool,
}

impl Unkept {
    /// The disk did not take these.
    pub fn failed(kept: Vec<Kept>, before: Option<Digest>) -> Unkept {
        Unkept {
            kept,
            before,
            again_at: Some(Instant::now() + AGAIN),
            is_noted: false,
        }
    }

    /// Nothing of the room may go to the disk.
    pub fn unwanted(kept: Vec<Kept>, before: Option<Digest>) -> Unkept {
        Unkept {
            kept,
            before,
            again_at: None,
            is_noted: false,
        }
    }

    /// Whether the disk did not take them; then that was told.
    pub fn has_failed(&self) -> bool {
        self.again_at.is_some()
    }

    /// Whether the room's state is to say now that they are in memory: it is asked for once.
    pub fn wants_note(&mut self) -> bool {
        !std::mem::replace(&mut self.is_noted, true)
    }

    /// Whether the disk may take them now.
    pub fn is_due(&self) -> bool {
        self.again_at.is_none_or(|again_at| Instant::now() >= again_at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ROOM, row};
    use super::super::{LogKeeper, MemberKeeper};
    use super::*;
    use crate::crypto::Identity;
    use crate::crypto::test_keys::ADA;
    use crate::protocol::body::{Entry, Submit};
    use crate::protocol::{Content, RoomLog};
    use crate::store::{Queued, StoreError, Vault};

    fn entry(n: u64) -> Kept {
        Kept::from(row(n, Content::Message { text: n.to_string() }))
    }

    fn log() -> RoomLog {
        RoomLog::create(ROOM, Identity::from_pem(ADA).unwrap().public().clone(), "Ada")
    }

    fn on_disk(vault: &Vault) -> Vec<u64> {
        let rows = vault.log_rows(&ROOM, 1..100).unwrap();
        rows.iter().map(|row| row.n).collect()
    }

    #[test]
    fn what_a_full_disk_did_not_take_from_a_host_is_there_meanwhile_and_kept_once_there_is_space() {
        let (vault, log) = (Vault::in_memory().unwrap(), log());
        let mut keeper = LogKeeper::new(vault.clone(), ROOM);
        assert_eq!(keeper.append(vec![entry(1)], &log), None);
        vault.fill_disk(true);
        let stopped = KeepingChange::Stopped(StoreError::DiskFull.to_string());
        assert_eq!(keeper.append(vec![entry(2)], &log), Some(stopped));
        assert_eq!(keeper.append(vec![entry(3)], &log), None, "it is said once");
        assert_eq!(keeper.finish(&log), None, "still full");
        assert_eq!(on_disk(&vault), [1]);
        let behind: Vec<u64> = keeper.behind(0, 9, 1 << 20).iter().map(|kept| kept.n).collect();
        assert_eq!(behind, [1, 2, 3], "who comes back gets all of it");
        vault.fill_disk(false);
        assert_eq!(keeper.finish(&log), Some(KeepingChange::Resumed));
        assert_eq!(keeper.append(vec![entry(4)], &log), None);
        assert_eq!(on_disk(&vault), [1, 2, 3, 4]);
        assert!(vault.room_state(&ROOM).unwrap().is_some(), "how it stands too");
    }

    #[test]
    fn what_a_full_disk_did_not_take_from_a_member_is_kept_once_there_is_space() {
        let (vault, log) = (Vault::in_memory().unwrap(), log());
        let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
        let Entry { event, signature, .. } = entry(1).entry();
        let waits = Submit { event, signature };
        let place = vault.write(|writing| writing.queue(&ROOM, &[waits])).unwrap();
        assert_eq!(keeper.append(vec![entry(1)], &log, None), None);
        vault.fill_disk(true);
        // On a thread of its own, as while one catches up.
        assert_eq!(keeper.append_beside(vec![entry(2), entry(3)], &log, None), None);
        let stopped = KeepingChange::Stopped(StoreError::DiskFull.to_string());
        assert_eq!(keeper.append(vec![entry(4)], &log, None), Some(stopped));
        keeper.unqueue(place.start);
        assert_eq!(keeper.close(&log, None), None, "still full");
        assert_eq!(on_disk(&vault), [1]);
        vault.fill_disk(false);
        assert_eq!(keeper.close(&log, None), Some(KeepingChange::Resumed));
        assert_eq!(keeper.append(vec![entry(5)], &log, None), None);
        assert_eq!(on_disk(&vault), [1, 2, 3, 4, 5]);
        assert_eq!(
            vault.outbox(&ROOM),
            Ok(Queued::default()),
            "what is in the log waits no more"
        );
    }

    #[test]
    fn what_is_said_while_entries_come_waits_with_them_and_on_a_full_disk_neither_hides_the_other() {
        let (vault, log) = (Vault::in_memory().unwrap(), log());
        let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
        let said = || {
            let Entry { event, signature, .. } = entry(1).entry();
            Submit { event, signature }
        };
        let waiting = |vault: &Vault| -> Vec<u64> {
            let outbox = vault.outbox(&ROOM).unwrap().waiting;
            outbox.iter().map(|waiting| waiting.place).collect()
        };
        assert_eq!(
            keeper.append_and_queue(vec![entry(1)], &log, None, &[said()]),
            (None, Ok(0..1))
        );
        assert_eq!((on_disk(&vault), waiting(&vault)), (vec![1], vec![0]));
        keeper.unqueue(0);
        let two = [said(), said()];
        assert_eq!(
            keeper.append_and_queue(vec![entry(2)], &log, None, &two),
            (None, Ok(1..3))
        );
        assert_eq!((on_disk(&vault), waiting(&vault)), (vec![1, 2], vec![1, 2]));
        vault.fill_disk(true);
        let (change, places) = keeper.append_and_queue(vec![entry(3)], &log, None, &[said()]);
        assert_eq!(
            change,
            Some(KeepingChange::Stopped(StoreError::DiskFull.to_string()))
        );
        assert!(places.is_err_and(|reason| reason.contains("in memory only")));
        vault.fill_disk(false);
        let outcome = keeper.append_and_queue(vec![entry(4)], &log, None, &[said()]);
        assert_eq!(outcome.1, Ok(3..4));
        assert_eq!(
            keeper.close(&log, None).or(outcome.0),
            Some(KeepingChange::Resumed)
        );
        assert_eq!(
            (on_disk(&vault), waiting(&vault)),
            (vec![1, 2, 3, 4], vec![1, 2, 3])
        );
    }

    #[test]
    fn entries_that_cannot_go_on_from_what_is_kept_do_not_keep_a_message_of_ours_from_waiting() {
        let (vault, log) = (Vault::in_memory().unwrap(), log());
        let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
        assert_eq!(keeper.append(vec![entry(2)], &log, None), None);
        let Entry { event, signature, .. } = entry(1).entry();
        let text = "another entry of the same number".to_owned();
        let other = vec![Kept::from(row(2, Content::Message { text }))];
        let (change, places) = keeper.append_and_queue(other, &log, None, &[Submit { event, signature }]);
        assert!(matches!(change, Some(KeepingChange::Ended(_))), "{change:?}");
        assert_eq!(places, Ok(0..1));
        assert_eq!(vault.outbox(&ROOM).unwrap().waiting.len(), 1);
    }
}
