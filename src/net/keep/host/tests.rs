//! The log of a room of ours, over a full disk, a crash, damage and another retention.

use minicbor::Encode;

use super::super::tests::{ROOM, kept_room, row};
use super::state::{CANNOT_BE_MADE_ANEW, MADE_ANEW, replace_state, state_record};
use super::*;
use crate::crypto::test_keys::{ADA, BOB};
use crate::crypto::{Identity, sign_batch};
use crate::net::kept::prune;
use crate::protocol::limits::MAX_COUNT;
use crate::protocol::{Content, LogState};
use crate::store::{KeptRole, Retention, Table};

/// A room of Ada's with three messages of hers, as it is kept while it is open.
fn kept() -> (Vault, Identity, RoomLog) {
    let (vault, ada) = (Vault::in_memory().unwrap(), Identity::from_pem(ADA).unwrap());
    let room = kept_room(ada.public(), KeptRole::Host);
    vault.write(|writing| writing.keep_room(&room)).unwrap();
    let mut log = RoomLog::create(ROOM, ada.public().clone(), "Ada");
    let mut keeper = LogKeeper::new(vault.clone(), ROOM);
    for text in ["one", "two", "three"] {
        let said = say(&ada, &mut log, text);
        assert_eq!(keeper.append(vec![said], &log), None);
    }
    keeper.keep_state(b"the door", &log).unwrap();
    (vault, ada, log)
}

/// Two more are in memory alone: the disk was full when the first came, and nothing is to be kept since.
fn two_in_memory() -> (Vault, Identity, RoomLog, LogKeeper) {
    let (vault, ada, mut log) = kept();
    let mut keeper = LogKeeper::new(vault.clone(), ROOM);
    vault.fill_disk(true);
    let said = say(&ada, &mut log, "four");
    assert!(keeper.append(vec![said], &log).is_some());
    vault.fill_disk(false);
    retain(&vault, Retention::Nothing);
    let said = say(&ada, &mut log, "five");
    assert_eq!(keeper.append(vec![said], &log), None);
    (vault, ada, log, keeper)
}

fn say(ada: &Identity, log: &mut RoomLog, text: &str) -> Kept {
    let text = text.to_owned();
    write(ada, log, Content::Message { text })
}

fn write(ada: &Identity, log: &mut RoomLog, content: Content) -> Kept {
    let mut chain = log.chain_of(&ada.fingerprint());
    let (bytes, statement) = chain.write(log, ada.fingerprint(), 5, content);
    let signature = sign_batch(ada, &[statement], &mut rand::rng()).unwrap().remove(0);
    Kept::of(&log.append(&ada.fingerprint(), bytes, signature).unwrap())
}

/// Two more messages, each in a record of its own, which the kept state does not count.
fn say_more(vault: &Vault, ada: &Identity, log: &mut RoomLog) {
    let mut keeper = LogKeeper::new(vault.clone(), ROOM);
    for text in ["four", "five"] {
        let said = say(ada, log, text);
        assert_eq!(keeper.append(vec![said], log), None);
    }
}

fn retain(vault: &Vault, retention: Retention) {
    vault
        .write(|writing| writing.change_room(&ROOM, |room| room.retention = retention))
        .unwrap();
}

fn on_disk(vault: &Vault) -> Vec<u64> {
    let rows = vault.log_rows(&ROOM, 1..100).unwrap();
    rows.iter().map(|row| row.n).collect()
}

fn damage_entry(vault: &Vault, n: u64) {
    let key = [ROOM.as_slice(), &n.to_be_bytes()].concat();
    vault.write(|writing| writing.damage(Table::Log, &key)).unwrap();
}

#[test]
fn entries_that_go_as_old_are_counted_first_so_that_no_number_is_given_twice() {
    let (vault, ada, mut log) = kept();
    say_more(&vault, &ada, &mut log);
    retain(&vault, Retention::Nothing);
    prune(&vault).unwrap();
    assert_eq!(on_disk(&vault), [] as [u64; 0]);
    retain(&vault, Retention::All);
    let mut again = load(&vault, &ROOM, ada.public()).unwrap();
    assert_eq!((again.log.n(), again.log.head()), (5, log.head()));
    assert_eq!(again.door.as_deref(), Some(&b"the door"[..]));
    assert_eq!(again.doubt, None);
    let mut keeper = LogKeeper::new(vault.clone(), ROOM);
    let said = say(&ada, &mut again.log, "six");
    assert_eq!(keeper.append(vec![said], &again.log), None);
    assert_eq!(on_disk(&vault), [6]);
}

#[test]
fn entries_that_the_state_cannot_count_do_not_go() {
    let (vault, ada, mut log) = kept();
    say_more(&vault, &ada, &mut log);
    damage_entry(&vault, 4);
    retain(&vault, Retention::Nothing);
    assert_eq!(prune(&vault).unwrap_err().rooms, ["Den"]);
    assert_eq!(on_disk(&vault), [5]);
    let doubt = load(&vault, &ROOM, ada.public()).unwrap().doubt;
    assert!(doubt.is_some_and(|why| why.contains("entry 4 is missing")));
}

#[test]
fn an_older_state_that_was_put_back_is_still_seen_when_old_entries_were_dropped() {
    let (vault, ada, mut log) = kept();
    say_more(&vault, &ada, &mut log);
    // There were more writes than the record knows of.
    let key = [b"state generation ".as_slice(), &ROOM].concat();
    let newest = minicbor::to_vec(9_u64).unwrap();
    vault
        .write(|writing| writing.keep(Table::Notes, &key, &newest))
        .unwrap();
    retain(&vault, Retention::Nothing);
    assert_eq!(prune(&vault).unwrap_err().rooms, ["Den"]);
    assert_eq!(on_disk(&vault), [4, 5]);
    let doubt = load(&vault, &ROOM, ada.public()).unwrap().doubt;
    assert!(doubt.is_some_and(|why| why.contains("older record")));
}

#[test]
fn a_state_that_the_open_room_kept_meanwhile_is_not_written_over() {
    let (vault, ada, log) = kept();
    let record = state_record(&vault, &ROOM).unwrap();
    let mut keeper = LogKeeper::new(vault.clone(), ROOM);
    keeper.keep_state(b"with a ban", &log).unwrap();
    assert_eq!(replace_state(&vault, &ROOM, &record, b"older"), Ok(false));
    let stands = load(&vault, &ROOM, ada.public()).unwrap();
    assert_eq!(stands.door.as_deref(), Some(&b"with a ban"[..]));
}

#[test]
fn a_room_that_was_not_closed_and_is_not_on_the_disk_is_doubted_until_it_is_closed() {
    let (vault, ada, mut log) = kept();
    let was_not_closed = || load(&vault, &ROOM, ada.public()).unwrap().was_not_closed;
    assert!(!was_not_closed(), "all of it is on the disk");
    retain(&vault, Retention::Nothing);
    let mut keeper = LogKeeper::new(vault.clone(), ROOM);
    let said = say(&ada, &mut log, "four");
    assert_eq!(keeper.append(vec![said], &log), None);
    assert!(was_not_closed());
    retain(&vault, Retention::All);
    assert!(was_not_closed(), "whatever the user chose after a crash");
    retain(&vault, Retention::Nothing);
    assert_eq!(keeper.finish(&log), None);
    keeper.keep_state(b"the door", &log).unwrap();
    assert!(!was_not_closed());
}

#[test]
fn a_room_that_was_all_on_the_disk_is_not_doubted_because_nothing_is_to_stay_there_from_now_on() {
    let (vault, ada, mut log) = kept();
    say_more(&vault, &ada, &mut log);
    // Killed here; then the user chose.
    retain(&vault, Retention::Nothing);
    prune(&vault).unwrap();
    assert_eq!(on_disk(&vault), [] as [u64; 0]);
    let stands = load(&vault, &ROOM, ada.public()).unwrap();
    assert_eq!(
        (stands.log.n(), stands.doubt, stands.was_not_closed),
        (5, None, false)
    );
}

#[test]
fn a_room_that_nothing_may_be_kept_of_any_more_while_the_disk_is_full_is_doubted_if_it_is_not_closed() {
    let (vault, ada, _log, _keeper) = two_in_memory();
    let stands = load(&vault, &ROOM, ada.public()).unwrap();
    assert_eq!((stands.log.n(), stands.was_not_closed), (5, true));
}

#[test]
fn where_an_earlier_version_did_not_say_whether_all_was_on_the_disk_what_the_room_keeps_tells() {
    let (vault, ada, log) = kept();
    let state = encode(&HostState {
        log: log.state(),
        door: Vec::new(),
        is_open: Some(true),
        is_in_memory: None,
    });
    vault
        .write(|writing| writing.keep_room_state(&ROOM, &state))
        .unwrap();
    let was_not_closed = || load(&vault, &ROOM, ada.public()).unwrap().was_not_closed;
    assert!(!was_not_closed());
    retain(&vault, Retention::Nothing);
    assert!(was_not_closed());
}

#[test]
fn what_was_said_while_nothing_was_kept_goes_to_the_disk_with_what_is_said_when_all_is_kept_again() {
    let (vault, ada, mut log) = kept();
    retain(&vault, Retention::Nothing);
    let mut keeper = LogKeeper::new(vault.clone(), ROOM);
    let mut append = |text: &str| {
        let said = say(&ada, &mut log, text);
        assert_eq!(keeper.append(vec![said], &log), None);
    };
    append("four");
    append("five");
    assert_eq!(on_disk(&vault), [1, 2, 3]);
    retain(&vault, Retention::Days(7));
    append("six");
    append("seven");
    assert_eq!(on_disk(&vault), [1, 2, 3, 4, 5, 6, 7]);
    // Killed here.
    let stands = load(&vault, &ROOM, ada.public()).unwrap();
    assert_eq!(
        (stands.log.n(), stands.doubt, stands.was_not_closed),
        (7, None, false)
    );
}

#[test]
fn a_room_that_is_closed_keeps_what_was_in_memory_if_it_may_and_nothing_if_it_may_not() {
    let (vault, ada, log, mut keeper) = two_in_memory();
    let behind = keeper.behind(3, 9, 1 << 20);
    assert_eq!(behind.iter().map(|kept| kept.n).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(keeper.finish(&log), None);
    keeper.keep_state(b"the door", &log).unwrap();
    assert_eq!(on_disk(&vault), [1, 2, 3], "what the disk did not take, neither");
    let stands = load(&vault, &ROOM, ada.public()).unwrap();
    assert_eq!(stands.log.n(), 5, "no number is given twice");
    retain(&vault, Retention::All);
    assert_eq!(keeper.finish(&log), Some(KeepingChange::Resumed));
    assert_eq!(on_disk(&vault), [1, 2, 3, 4, 5]);
}

#[test]
fn a_state_of_an_earlier_version_is_read_and_is_no_reason_for_doubt() {
    #[derive(Encode)]
    #[cbor(map)]
    struct Earlier {
        #[n(0)]
        log: LogState,
        #[cbor(n(1), with = "minicbor::bytes")]
        door: Vec<u8>,
    }
    let (vault, ada, log) = kept();
    let earlier = minicbor::to_vec(Earlier {
        log: log.state(),
        door: b"the door".to_vec(),
    })
    .unwrap();
    vault
        .write(|writing| writing.keep_room_state(&ROOM, &earlier))
        .unwrap();
    retain(&vault, Retention::Nothing);
    let stands = load(&vault, &ROOM, ada.public()).unwrap();
    assert_eq!((stands.log.n(), stands.doubt), (3, None));
    assert!(!stands.was_not_closed);
    assert_eq!(stands.door.as_deref(), Some(&b"the door"[..]));
}

#[test]
fn first_admissions_that_an_earlier_version_did_not_keep_are_found_among_the_entries() {
    let (vault, ada, mut log) = kept();
    let bob = Identity::from_pem(BOB).unwrap().public().clone();
    let mut keeper = LogKeeper::new(vault.clone(), ROOM);
    for _ in 0..2 {
        let admitted = Content::Admitted(log.introduction(&bob, "Bob"));
        let kept = vec![write(&ada, &mut log, admitted), say(&ada, &mut log, "hello")];
        assert_eq!(keeper.append(kept, &log), None);
    }
    let mut earlier = log.state();
    for author in &mut earlier.authors {
        author.first_admitted = None;
    }
    let state = encode(&HostState {
        log: earlier,
        door: Vec::new(),
        is_open: None,
        is_in_memory: None,
    });
    vault
        .write(|writing| writing.keep_room_state(&ROOM, &state))
        .unwrap();
    let first = || {
        let stands = load(&vault, &ROOM, ada.public()).unwrap();
        assert_eq!(stands.log.n(), 7);
        stands.log.first_admission(&bob.fingerprint())
    };
    assert_eq!(first(), Some(4));
    let drop_up_to = |n| vault.prune_log(&ROOM, &(u64::MAX..=u64::MAX), n).unwrap();
    drop_up_to(5);
    assert_eq!((on_disk(&vault), first()), (vec![6, 7], Some(6)));
    drop_up_to(7);
    assert_eq!(first(), Some(0), "before all that is kept");
}

#[test]
fn no_number_is_too_large_to_ask_for_the_head_there() {
    let (vault, _, log) = kept();
    let keeper = LogKeeper::new(vault, ROOM);
    assert_eq!(keeper.head_at(log.n()), Some(log.head()));
    for n in [log.n() + 1, MAX_COUNT, MAX_COUNT + 1, u64::MAX] {
        assert_eq!(keeper.head_at(n), None, "{n}");
    }
}

#[test]
fn what_cannot_be_read_hides_nothing_behind_it_from_who_comes_back() {
    let (vault, ada) = (Vault::in_memory().unwrap(), Identity::from_pem(ADA).unwrap());
    let log = RoomLog::create(ROOM, ada.public().clone(), "Ada");
    let mut keeper = LogKeeper::new(vault.clone(), ROOM);
    let entry = |n: u64| Kept::from(row(n, Content::Message { text: n.to_string() }));
    assert_eq!(keeper.append((1..=40).map(entry).collect(), &log), None);
    // The record of entries 16 to 31.
    damage_entry(&vault, 16);
    vault.fill_disk(true);
    assert!(
        keeper.append(vec![entry(41)], &log).is_some(),
        "it stays in memory"
    );
    let behind = |n: u64, most: u64| -> Vec<u64> {
        let kept = keeper.behind(n, most, 1 << 20);
        kept.iter().map(|kept| kept.n).collect()
    };
    assert_eq!(behind(0, 512), (1..16).chain(32..=41).collect::<Vec<_>>());
    assert_eq!(behind(13, 4), [14, 15, 32, 33]);
    assert_eq!(behind(15, 4), [32, 33, 34, 35], "over a whole page of them");
    assert_eq!(behind(38, 2), [39, 40]);
    assert_eq!(behind(39, 2), [40, 41]);
    assert_eq!(behind(41, 2), [] as [u64; 0]);
}

#[test]
fn not_much_more_is_read_from_the_disk_than_a_page_may_hold() {
    let (vault, ada) = (Vault::in_memory().unwrap(), Identity::from_pem(ADA).unwrap());
    let log = RoomLog::create(ROOM, ada.public().clone(), "Ada");
    let mut keeper = LogKeeper::new(vault.clone(), ROOM);
    let entry = |n: u64| {
        let text = "x".repeat(10_000);
        Kept::from(row(n, Content::Message { text }))
    };
    assert_eq!(keeper.append((1..=100).map(entry).collect(), &log), None);
    let most_bytes = 200_000;
    let read = keeper.behind_on_disk(5, 512, most_bytes);
    let bytes: usize = read.iter().map(|row| row.event.len()).sum();
    assert!((most_bytes..most_bytes + 16 * 11_000).contains(&bytes), "{bytes}");
    let numbers: Vec<u64> = keeper
        .behind(5, 512, most_bytes)
        .iter()
        .map(|kept| kept.n)
        .collect();
    assert_eq!(
        numbers,
        (6..=25).collect::<Vec<_>>(),
        "the page itself is no shorter"
    );
    assert_eq!(keeper.behind(5, 512, usize::MAX).len(), 95);
    assert_eq!(keeper.behind(5, 40, usize::MAX).len(), 40);
}

#[test]
fn a_room_whose_state_is_damaged_is_made_anew_from_its_messages() {
    let (vault, ada, log) = kept();
    let whole = load(&vault, &ROOM, ada.public()).unwrap();
    assert_eq!(
        (whole.door.as_deref(), whole.doubt),
        (Some(&b"the door"[..]), None)
    );
    vault
        .write(|writing| writing.damage(Table::RoomStates, &ROOM))
        .unwrap();
    let anew = load(&vault, &ROOM, ada.public()).unwrap();
    assert_eq!((anew.log.n(), anew.log.head()), (log.n(), log.head()));
    assert_eq!(
        anew.log.chain_of(&ada.fingerprint()),
        log.chain_of(&ada.fingerprint())
    );
    assert_eq!(anew.door, None, "nobody knows who was let in or banned");
    assert_eq!(anew.doubt.as_deref(), Some(MADE_ANEW));
}

#[test]
fn a_room_of_which_messages_are_missing_too_is_not_opened_and_says_what_to_do() {
    let (vault, ada, _) = kept();
    vault
        .write(|writing| writing.damage(Table::RoomStates, &ROOM))
        .unwrap();
    vault.prune_log(&ROOM, &(u64::MAX..=u64::MAX), u64::MAX).unwrap();
    let refused = || load(&vault, &ROOM, ada.public()).unwrap_err();
    assert_eq!(refused(), CANNOT_BE_MADE_ANEW);
    vault.write(|writing| writing.drop_log(&ROOM)).unwrap();
    assert_eq!(refused(), CANNOT_BE_MADE_ANEW);
}
