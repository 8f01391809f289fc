//! Rooms as they are kept, and what is told of them.

use crossbeam_channel::bounded;

use super::history::HISTORY;
use super::replay::doubt;
use super::shelf::ANOTHER_KEY;
use super::*;
use crate::crypto::{Fingerprint, PublicIdentity, Secret, VaultKey};
use crate::net::clock::now_unix_ms;
use crate::net::{Event, RoomKey, Teller};
use crate::protocol::{Content, DepartureReason, RoomEvent, RoomLog, body};
use crate::store::{KeptRole, KeptRoom, LogRow};

pub(in crate::net) const ROOM: [u8; 32] = [7; 32];

pub(in crate::net) fn row(n: u64, content: Content) -> LogRow {
    let event = RoomEvent {
        room: ROOM,
        author: Fingerprint::of_der(b"ada"),
        seq: n,
        prev: [0; 32],
        seen: 0,
        seen_head: [0; 32],
        time_ms: n,
        content,
    };
    LogRow {
        kept_ms: n,
        ..LogRow::example(n, body::encode(&event))
    }
}

/// A room of this host's, as it is kept.
pub(in crate::net) fn kept_room(host: &PublicIdentity, role: KeptRole) -> KeptRoom {
    KeptRoom {
        id: ROOM,
        name: "Den".to_owned(),
        role,
        own_name: "Ada".to_owned(),
        host: host.as_der().to_vec(),
        host_name: "Ada".to_owned(),
        target: None,
        secret: None,
        expires_unix: None,
        open_to_address: false,
        port: 0,
        addresses: Vec::new(),
        retention: Retention::All,
        begun_unix: 0,
        used_unix: 0,
        listen_address: None,
        read_n: None,
    }
}

#[test]
fn who_scrolls_up_is_told_page_after_page_up_to_the_first_message() {
    let folder = tempfile::tempdir().unwrap();
    let key = VaultKey::from_secret(Secret::new([5; 32]));
    let vault = Vault::open(&folder.path().join("x.redb"), key).unwrap();
    // 3,000 messages, 2,000 departures in the middle of them, which are not shown.
    let content = |n: u64| match n {
        1501..3501 => Content::Departed {
            member: Fingerprint::of_der(b"bob"),
            reason: DepartureReason::Goodbye,
        },
        _ => Content::Message { text: n.to_string() },
    };
    let rows: Vec<LogRow> = (1..=5000).map(|n| row(n, content(n))).collect();
    vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
    let shelf = Shelf::new(vault);
    let (events, heard) = bounded(16);
    let teller = Teller::new(events, std::sync::Arc::new(|| {}));
    let own = Fingerprint::of_der(b"cem");
    shelf.tell_history(&ROOM, RoomKey(1), &own, &teller);
    let Event::History { page, .. } = heard.recv().unwrap() else {
        panic!("the history is told first");
    };
    let mut texts: Vec<u64> = Vec::new();
    let mut page = page;
    loop {
        let numbers: Vec<u64> = page
            .messages
            .iter()
            .map(|(message, _)| message.text.parse().unwrap())
            .collect();
        assert!(numbers.len() <= HISTORY as usize && !numbers.is_empty());
        texts.splice(0..0, numbers);
        if !page.has_more {
            break;
        }
        shelf.tell_earlier(&ROOM, page.first, RoomKey(1), &own, &teller);
        let Event::Earlier { page: next, .. } = heard.recv().unwrap() else {
            panic!("the page that was asked for");
        };
        page = next;
    }
    let expected: Vec<u64> = (1..=1500).chain(3501..=5000).collect();
    assert_eq!(texts, expected);
    shelf.tell_earlier(&ROOM, 1, RoomKey(1), &own, &teller);
    assert!(
        matches!(heard.recv().unwrap(), Event::Earlier { page, .. } if page.messages.is_empty() && !page.has_more)
    );
}

#[test]
fn what_is_kept_and_cannot_be_read_is_never_told_as_all_that_is_kept() {
    let vault = Vault::in_memory().unwrap();
    let rows: Vec<LogRow> = (1..=3)
        .map(|n| row(n, Content::Message { text: n.to_string() }))
        .collect();
    vault
        .write(|writing| {
            writing.append(&ROOM, None, &rows)?;
            writing.damage(crate::store::Table::Extents, &ROOM)
        })
        .unwrap();
    let shelf = Shelf::new(vault);
    let (events, heard) = bounded(16);
    let teller = Teller::new(events, std::sync::Arc::new(|| {}));
    let own = Fingerprint::of_der(b"cem");
    let unread = |event: Event| matches!(event, Event::EarlierUnread { room: RoomKey(1), id } if id == ROOM);
    shelf.tell_earlier(&ROOM, 3, RoomKey(1), &own, &teller);
    assert!(unread(heard.try_recv().unwrap()));
    shelf.tell_history(&ROOM, RoomKey(1), &own, &teller);
    let first = heard.try_recv().unwrap();
    assert!(
        matches!(&first, Event::History { page, .. } if page.id == ROOM && page.has_more),
        "{first:?}"
    );
    assert!(unread(heard.try_recv().unwrap()));
    assert!(heard.try_recv().is_err());
}

#[test]
fn a_room_of_another_key_is_not_opened_and_not_found_by_its_name() {
    use crate::crypto::Identity;
    use crate::crypto::test_keys::{ADA, BOB};
    let vault = Vault::in_memory().unwrap();
    let [ada, bob] = [ADA, BOB].map(|pem| Identity::from_pem(pem).unwrap().public().clone());
    let log = RoomLog::create(ROOM, ada.clone(), "Ada");
    let room = kept_room(&ada, KeptRole::Host);
    vault.write(|writing| writing.keep_room(&room)).unwrap();
    let shelf = Shelf::new(vault);
    shelf.log_keeper(&ROOM).keep_state(b"the door", &log).unwrap();
    assert!(shelf.own_room(&ROOM, &ada).is_ok());
    assert_eq!(shelf.own_by_name("Den", &ada), Some(room));
    assert_eq!(shelf.own_room(&ROOM, &bob).unwrap_err(), ANOTHER_KEY);
    assert_eq!(shelf.own_by_name("Den", &bob), None);
}

#[test]
fn a_room_is_its_number_and_its_host_and_what_cannot_be_read_is_nobodys() {
    use crate::crypto::Identity;
    use crate::crypto::test_keys::{ADA, BOB};
    let folder = tempfile::tempdir().unwrap();
    let key = VaultKey::from_secret(Secret::new([5; 32]));
    let vault = Vault::open(&folder.path().join("x.redb"), key).unwrap();
    let shelf = Shelf::new(vault.clone());
    let [ada, bob] = [ADA, BOB].map(|pem| Identity::from_pem(pem).unwrap().public().clone());
    assert_eq!(shelf.is_taken(&ROOM, &ada), Ok(false));
    let rows = [row(1, Content::Message { text: "x".to_owned() })];
    vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
    assert!(shelf.is_taken(&ROOM, &ada).is_err(), "a log without its room");
    let mut room = kept_room(&ada, KeptRole::Member);
    vault.write(|writing| writing.keep_room(&room)).unwrap();
    assert_eq!(shelf.is_taken(&ROOM, &ada), Ok(false));
    assert_eq!(shelf.is_taken(&ROOM, &bob), Ok(true));
    room.role = KeptRole::Host;
    vault.write(|writing| writing.keep_room(&room)).unwrap();
    assert_eq!(shelf.is_taken(&ROOM, &ada), Ok(true));
    vault
        .write(|writing| writing.keep(crate::store::Table::Rooms, &ROOM, b"nonsense"))
        .unwrap();
    assert!(shelf.is_taken(&ROOM, &bob).is_err());
    assert!(shelf.member(&ROOM, &ada).is_err(), "not as if nothing were kept");
}

#[test]
fn a_host_knows_what_it_keeps_no_more() {
    use crate::crypto::Identity;
    use crate::crypto::test_keys::ADA;
    let folder = tempfile::tempdir().unwrap();
    let key = VaultKey::from_secret(Secret::new([5; 32]));
    let vault = Vault::open(&folder.path().join("x.redb"), key).unwrap();
    let host = Identity::from_pem(ADA).unwrap().public().clone();
    let log = RoomLog::create(ROOM, host, "Ada");
    let keeper = LogKeeper::new(vault.clone(), ROOM);
    assert_eq!(keeper.let_go(&log), None, "an empty log is whole");
    let rows: Vec<LogRow> = (1..=9)
        .map(|n| LogRow {
            head: [u8::try_from(n).unwrap(); 32],
            ..row(n, Content::Message { text: n.to_string() })
        })
        .collect();
    vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
    assert_eq!(keeper.let_go(&log), None);
    vault.prune_log(&ROOM, &(6..=u64::MAX), u64::MAX).unwrap();
    assert_eq!(keeper.let_go(&log), Some((5, [5; 32])));
}

#[test]
fn a_host_that_does_not_know_the_head_in_front_of_what_it_keeps_lets_one_more_go() {
    use crate::crypto::Identity;
    use crate::crypto::test_keys::ADA;
    let vault = Vault::in_memory().unwrap();
    let host = Identity::from_pem(ADA).unwrap().public().clone();
    let log = RoomLog::create(ROOM, host, "Ada");
    let keeper = LogKeeper::new(vault.clone(), ROOM);
    let rows: Vec<LogRow> = (1..=40)
        .map(|n| LogRow {
            head: [u8::try_from(n).unwrap(); 32],
            ..row(n, Content::Message { text: n.to_string() })
        })
        .collect();
    let key = [ROOM.as_slice(), &16_u64.to_be_bytes()].concat();
    vault
        .write(|writing| {
            writing.append(&ROOM, None, &rows)?;
            // The record of entries 16 to 31.
            writing.damage(crate::store::Table::Log, &key)
        })
        .unwrap();
    vault.prune_log(&ROOM, &(32..=u64::MAX), u64::MAX).unwrap();
    assert_eq!(keeper.let_go(&log), Some((32, [32; 32])));
}

#[test]
fn what_would_go_is_counted_over_a_clock_that_was_once_ahead() {
    let vault = Vault::in_memory().unwrap();
    let now_ms = now_unix_ms();
    let kept_ms = [5, u64::MAX, 6, now_ms, 7];
    let rows: Vec<LogRow> = (1..)
        .zip(kept_ms)
        .map(|(n, kept_ms)| LogRow {
            kept_ms,
            ..row(n, Content::Message { text: n.to_string() })
        })
        .collect();
    vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
    let weigh = |retention| crate::net::kept::weigh(&vault, &ROOM, retention).unwrap();
    assert_eq!(weigh(Retention::Days(7)), 3);
    assert_eq!(weigh(Retention::All), 0);
    assert_eq!(weigh(Retention::Nothing), 5);
}

#[test]
fn a_log_that_is_not_as_it_was_left_is_doubted() {
    use crate::crypto::Identity;
    use crate::crypto::test_keys::ADA;
    let folder = tempfile::tempdir().unwrap();
    let key = VaultKey::from_secret(Secret::new([5; 32]));
    let vault = Vault::open(&folder.path().join("x.redb"), key).unwrap();
    let host = Identity::from_pem(ADA).unwrap().public().clone();
    let log = RoomLog::create(ROOM, host.clone(), "Ada");
    assert_eq!(doubt(&log, false, &vault, &ROOM), None);
    assert!(doubt(&log, true, &vault, &ROOM).is_some_and(|why| why.contains("older record")));
    let rows = [row(1, Content::Message { text: "x".to_owned() })];
    vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
    let is_missing =
        || doubt(&log, false, &vault, &ROOM).is_some_and(|why| why.contains("entry 1 is missing"));
    assert!(is_missing());
    // What a member never had is not missed; a host had all of its own log.
    vault.prune_log(&ROOM, &(u64::MAX..=u64::MAX), u64::MAX).unwrap();
    assert!(!is_missing());
    let own = kept_room(&host, KeptRole::Host);
    vault.write(|writing| writing.keep_room(&own)).unwrap();
    assert!(is_missing());
}
