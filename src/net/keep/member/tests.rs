//! What is kept of a room elsewhere, over a thread that dies, a full disk and a host with another log.

use std::thread::Builder;

use super::super::tests::{ROOM, row};
use super::*;
use crate::crypto::VaultKey;
use crate::crypto::test_keys::ADA;
use crate::protocol::Content;
use crate::store::{LogRow, Queued};

/// A thread that dies while it writes.
fn died() -> Beside {
    #[expect(clippy::disallowed_methods, reason = "`finish` joins it")]
    let thread = Builder::new()
        .name("keep".to_owned())
        .spawn(|| panic!("on purpose"))
        .unwrap();
    Beside {
        thread,
        before: None,
        settled: Vec::new(),
    }
}

#[test]
fn entries_whose_writing_died_are_told_as_not_kept_and_no_gap_is_left_in_front_of_later_ones() {
    let folder = tempfile::tempdir().unwrap();
    let key = VaultKey::from_secret(Secret::new([5; 32]));
    let vault = Vault::open(&folder.path().join("x.redb"), key).unwrap();
    let ada = crate::crypto::Identity::from_pem(ADA).unwrap();
    let log = RoomLog::create(ROOM, ada.public().clone(), "Ada");
    let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
    keeper.beside = Some(died());
    let later = || {
        let text = "later".to_owned();
        unrow(vec![row(9, Content::Message { text })])
    };
    let told = keeper.append(later(), &log, None);
    assert!(
        matches!(&told, Some(KeepingChange::Ended(reason)) if reason.contains("died")),
        "{told:?}"
    );
    assert!(keeper.append(later(), &log, None).is_none(), "it is told once");
    drop(keeper);
    assert!(vault.log_extent(&ROOM).unwrap().is_none());
}

#[test]
fn what_settles_while_one_catches_up_leaves_the_outbox_with_the_entries_that_say_so() {
    let vault = Vault::in_memory().unwrap();
    let ada = crate::crypto::Identity::from_pem(ADA).unwrap();
    let log = RoomLog::create(ROOM, ada.public().clone(), "Ada");
    let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
    let text = "said".to_owned();
    let said = row(1, Content::Message { text });
    let submit = Submit {
        event: said.event.clone(),
        signature: said.signature.clone(),
    };
    let places = keeper.queue(&[submit]).unwrap();
    keeper.unqueue(places.start);
    assert_eq!(keeper.append_beside(unrow(vec![said]), &log, None), None);
    // Killed before anything else is written.
    keeper.finish();
    assert!(vault.log_extent(&ROOM).unwrap().is_some());
    assert_eq!(vault.outbox(&ROOM), Ok(Queued::default()));
}

/// A vault with the first nine entries of a room.
fn with_nine() -> (Vault, RoomLog) {
    let vault = Vault::in_memory().unwrap();
    let rows: Vec<LogRow> = (1..=9).map(said).collect();
    vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
    let ada = crate::crypto::Identity::from_pem(ADA).unwrap();
    (vault, RoomLog::create(ROOM, ada.public().clone(), "Ada"))
}

fn said(n: u64) -> LogRow {
    row(n, Content::Message { text: n.to_string() })
}

fn on_disk(vault: &Vault) -> Vec<u64> {
    let rows = vault.log_rows(&ROOM, 1..100).unwrap();
    rows.iter().map(|row| row.n).collect()
}

#[test]
fn that_nothing_more_is_kept_of_a_host_that_shows_a_shorter_log_is_told_once() {
    let (vault, log) = with_nine();
    let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
    assert_eq!(keeper.begin_anew(10), None, "what comes stands behind the rest");
    assert_eq!(keeper.append(unrow(vec![said(11)]), &log, None), None);
    let ended = KeepingChange::Ended(ANOTHER_LOG.to_owned());
    // As long as the kept one, and then shorter.
    assert_eq!(keeper.begin_anew(11), Some(ended));
    assert_eq!(keeper.begin_anew(4), None, "it is said once");
    assert_eq!(keeper.append(unrow(vec![said(5)]), &log, None), None);
    assert_eq!(keeper.keep_way_back(&log, None), None);
    let kept: Vec<u64> = (1..=9).chain([11]).collect();
    assert_eq!(on_disk(&vault), kept, "the proof");
}

#[test]
fn what_the_disk_did_not_take_is_never_said_to_be_kept_again_where_the_host_shows_another_log() {
    let (vault, log) = with_nine();
    let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
    vault.fill_disk(true);
    assert!(keeper.append(unrow(vec![said(10)]), &log, None).is_some());
    vault.fill_disk(false);
    assert!(keeper.begin_anew(4).is_some());
    keeper.unqueue(0);
    assert_eq!(keeper.append(unrow(vec![said(5)]), &log, None), None);
    // A disk that takes nothing out of the outbox, and then does, is no news either.
    keeper.unqueue(1);
    vault.fill_disk(true);
    assert_eq!(keeper.append(unrow(vec![said(6)]), &log, None), None);
    vault.fill_disk(false);
    assert_eq!(keeper.close(&log, None), None);
    assert_eq!(on_disk(&vault), (1..=9).collect::<Vec<_>>());
}

fn other(n: u64) -> LogRow {
    let text = "another".to_owned();
    row(n, Content::Message { text })
}

#[test]
fn another_entry_under_a_number_that_is_kept_ends_the_keeping_and_is_not_tried_again() {
    let (vault, log) = with_nine();
    let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
    assert_eq!(keeper.append_beside(unrow(vec![other(5)]), &log, None), None);
    let ended = keeper.append(unrow(vec![said(10)]), &log, None);
    assert!(
        matches!(&ended, Some(KeepingChange::Ended(why)) if why.contains("another entry 5")),
        "{ended:?}"
    );
    assert_eq!(
        keeper.append(unrow(vec![said(11)]), &log, None),
        None,
        "it is said once"
    );
    assert_eq!(keeper.close(&log, None), None);
    assert_eq!(on_disk(&vault), (1..=9).collect::<Vec<_>>(), "the proof");
}

#[test]
fn of_two_entries_with_one_number_that_waited_for_the_disk_neither_is_kept_and_that_is_told() {
    let (vault, log) = with_nine();
    let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
    vault.fill_disk(true);
    let stopped = keeper.append(unrow(vec![said(10)]), &log, None);
    assert!(matches!(stopped, Some(KeepingChange::Stopped(_))), "{stopped:?}");
    vault.fill_disk(false);
    let waits = keeper.append(unrow(vec![other(10)]), &log, None);
    let ended = waits.or_else(|| keeper.close(&log, None));
    assert!(matches!(ended, Some(KeepingChange::Ended(_))), "{ended:?}");
    assert_eq!(on_disk(&vault), (1..=9).collect::<Vec<_>>());
}

#[test]
fn a_thread_that_died_while_it_wrote_is_told_by_whatever_call_finds_it() {
    let calls: [fn(&mut MemberKeeper, &RoomLog) -> Option<KeepingChange>; 5] = [
        |keeper, log| keeper.append(unrow(vec![said(10)]), log, None),
        |keeper, log| keeper.append_beside(unrow(vec![said(10)]), log, None),
        |keeper, log| keeper.keep_way_back(log, None),
        |keeper, _| keeper.begin_anew(9),
        |keeper, log| keeper.close(log, None),
    ];
    for (at, call) in calls.into_iter().enumerate() {
        let (vault, log) = with_nine();
        let mut keeper = MemberKeeper::new(vault, ROOM);
        keeper.beside = Some(died());
        let told = call(&mut keeper, &log);
        assert!(
            matches!(&told, Some(KeepingChange::Ended(reason)) if reason.contains("died")),
            "{at}: {told:?}"
        );
    }
}
