//! The vault as others use it: rooms, logs, outboxes, searching, and what its bytes tell.

use std::ops::ControlFlow;
use std::path::Path;

use super::*;
use crate::crypto::{Fingerprint, Secret, VaultKey};
use crate::protocol::body::{self, Submit};
use crate::protocol::{Content, RoomEvent};

mod foreign;
mod lost;

const ROOM: [u8; 32] = [7; 32];
const OTHER: [u8; 32] = [8; 32];

fn vault(folder: &Path) -> Vault {
    Vault::open(
        &folder.join("x.redb"),
        VaultKey::from_secret(Secret::new([5; 32])),
    )
    .unwrap()
}

fn row(n: u64, text: &str) -> LogRow {
    let event = RoomEvent {
        room: ROOM,
        author: Fingerprint::of_der(b"ada"),
        seq: n,
        prev: [0; 32],
        seen: 0,
        seen_head: [0; 32],
        time_ms: 1_000 + n,
        content: Content::Message {
            text: text.to_owned(),
        },
    };
    LogRow {
        head: [n as u8; 32],
        name: "Ada Brandt".to_owned(),
        kept_ms: n * 1000,
        ..LogRow::example(n, body::encode(&event))
    }
}

fn lost_numbers(vault: &Vault, numbers: std::ops::Range<u64>) -> Vec<u64> {
    vault
        .lost_entries(&ROOM, numbers)
        .unwrap()
        .into_iter()
        .flatten()
        .collect()
}

fn fill(vault: &Vault, count: u64) {
    let rows: Vec<LogRow> = (1..=count)
        .map(|n| row(n, &format!("Message number {n}")))
        .collect();
    for piece in rows.chunks(100) {
        vault
            .write(|writing| writing.append(&ROOM, Some([0; 32]), piece))
            .unwrap();
    }
}

/// Drops what was kept before a moment.
fn prune(vault: &Vault, before_ms: u64) -> u64 {
    vault.prune_log(&ROOM, &(before_ms..=u64::MAX), u64::MAX).unwrap()
}

fn found(vault: &Vault, question: &str) -> Vec<u64> {
    let mut numbers = Vec::new();
    let words = Words::parse(question).unwrap();
    let ended = vault.search(&ROOM, &words, &mut |found| {
        numbers.push(found.n);
        ControlFlow::Continue(())
    });
    assert!(ended.unwrap().ended);
    numbers
}

#[test]
fn entries_read_back_over_a_restart_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    fill(&vault(folder.path()), 1000);
    let vault = vault(folder.path());
    let extent = vault.log_extent(&ROOM).unwrap().unwrap();
    assert_eq!(
        (extent.first, extent.next, extent.head, extent.messages),
        (1, 1001, [1000_u64 as u8; 32], 1000)
    );
    let rows = vault.log_rows(&ROOM, 500..503).unwrap();
    assert_eq!(
        rows,
        [500, 501, 502].map(|n| row(n, &format!("Message number {n}")))
    );
    assert_eq!(vault.log_rows(&ROOM, 999..5000).unwrap().len(), 2);
    assert!(vault.log_rows(&OTHER, 0..10).unwrap().is_empty());
    assert_eq!(rows[0].signed_event().unwrap().bytes, rows[0].event);
}

#[test]
fn an_entry_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 10);
    let twice = vault.write(|writing| writing.append(&ROOM, None, &[row(10, "other")]));
    assert!(twice.is_err());
    assert_eq!(
        vault.log_rows(&ROOM, 10..11).unwrap(),
        [row(10, "Message number 10")]
    );
    vault
        .write(|writing| writing.append(&ROOM, None, &[row(20, "behind a gap")]))
        .unwrap();
    assert_eq!(vault.log_rows(&ROOM, 1..100).unwrap().len(), 11);
}

#[test]
fn a_failed_transaction_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let failed: Result<(), StoreError> = vault.write(|writing| {
        writing.append(&ROOM, None, &[row(1, "lost")])?;
        writing.queue(&ROOM, &[submit("lost")])?;
        Err(StoreError::DiskFull)
    });
    assert_eq!(failed, Err(StoreError::DiskFull));
    assert_eq!(vault.log_extent(&ROOM).unwrap(), None);
    assert_eq!(vault.outbox(&ROOM), Ok(Queued::default()));
}

/// What is handed in, as far as an outbox looks at it.
fn submit(text: &str) -> Submit {
    Submit {
        event: text.as_bytes().to_vec(),
        signature: row(1, text).signature,
    }
}

fn queue(vault: &Vault, room: &[u8; 32], texts: &[&str]) -> std::ops::Range<u64> {
    let submits: Vec<Submit> = texts.iter().map(|text| submit(text)).collect();
    vault.write(|writing| writing.queue(room, &submits)).unwrap()
}

fn unqueue(vault: &Vault, places: &[u64]) {
    vault.write(|writing| writing.unqueue(&ROOM, places)).unwrap();
}

fn waiting(vault: &Vault, room: &[u8; 32]) -> Vec<(u64, String)> {
    let Queued { waiting, cut } = vault.outbox(room).unwrap();
    assert_eq!(cut, None);
    waiting
        .into_iter()
        .map(|waiting| (waiting.place, String::from_utf8(waiting.submit.event).unwrap()))
        .collect()
}

fn records(vault: &Vault, table: Table) -> usize {
    vault.read(|reading| reading.all(table)).unwrap().0.len()
}

#[test]
fn what_waits_stays_in_order_until_it_is_taken_out() {
    let folder = tempfile::tempdir().unwrap();
    {
        let vault = vault(folder.path());
        assert_eq!(queue(&vault, &ROOM, &["one"]), 0..1);
        assert_eq!(queue(&vault, &ROOM, &["two", "three"]), 1..3);
        queue(&vault, &OTHER, &["elsewhere"]);
        unqueue(&vault, &[1]);
    }
    let vault = vault(folder.path());
    let of = |place, text: &str| (place, text.to_owned());
    assert_eq!(waiting(&vault, &ROOM), [of(0, "one"), of(2, "three")]);
    unqueue(&vault, &[0, 0, 77]);
    assert_eq!(queue(&vault, &ROOM, &["four"]), 3..4);
    assert_eq!(waiting(&vault, &ROOM), [of(2, "three"), of(3, "four")]);
    assert_eq!(waiting(&vault, &OTHER).len(), 1);
    unqueue(&vault, &[3, 2]);
    assert!(waiting(&vault, &ROOM).is_empty());
    vault.write(|writing| writing.drop_outbox(&OTHER)).unwrap();
    assert_eq!(
        records(&vault, Table::Outbox),
        1,
        "where the queue stands, and no message"
    );
    assert_eq!(queue(&vault, &ROOM, &["five"]), 4..5);
}

#[test]
fn an_outbox_of_an_earlier_version_is_read_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    queue(&vault, &ROOM, &["one", "two", "three"]);
    // There what waits was written as it crosses the wire, each with a signature of its own.
    let mut earlier = vec![0x83];
    for (place, text) in (0..).zip(["one", "two", "three"]) {
        let bytes = body::encode(&submit(text));
        earlier.extend([0xa2, 0, place, 1, 0x59]);
        earlier.extend((bytes.len() as u16).to_be_bytes());
        earlier.extend(bytes);
    }
    vault
        .write(|writing| writing.keep(Table::Outbox, &stretch::stretch_key(&ROOM, 0), &earlier))
        .unwrap();
    let texts = ["one", "two", "three"].map(str::to_owned);
    assert_eq!(waiting(&vault, &ROOM), (0..).zip(texts).collect::<Vec<_>>());
    assert_eq!(vault.outbox(&ROOM).unwrap().waiting[2].submit, submit("three"));
}

#[test]
fn an_outbox_with_more_places_than_anybody_can_look_for_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    queue(&vault, &ROOM, &["one"]);
    // Found by fuzzing: {0: first, 1: next}.
    for (first, next) in [(0, 1 << 60), (2, 1), (u64::MAX - 1, u64::MAX)] {
        let note = minicbor::to_vec(std::collections::BTreeMap::from([(0, first), (1, next)])).unwrap();
        vault
            .write(|writing| writing.keep(Table::Outbox, &ROOM, &note))
            .unwrap();
        let queued = vault.outbox(&ROOM).unwrap();
        assert_eq!(
            (queued.waiting.len(), queued.cut.map(|cut| cut.from)),
            (0, Some(0))
        );
        let more = vault.write(|writing| writing.queue(&ROOM, &[submit("two")]));
        assert!(matches!(more, Err(StoreError::Damaged { .. })));
    }
    vault.forget_room(&ROOM).unwrap();
}

#[test]
fn a_long_outbox_is_kept_in_few_records_and_empties_with_what_is_settled() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let texts: Vec<String> = (0..100).map(|n| format!("waits {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    queue(&vault, &ROOM, &texts[..5]);
    queue(&vault, &ROOM, &texts[5..]);
    assert_eq!(
        records(&vault, Table::Outbox),
        9,
        "two, six, and where the queue stands"
    );
    let places = |vault: &Vault| -> Vec<u64> { waiting(vault, &ROOM).into_iter().map(|(n, _)| n).collect() };
    assert_eq!(places(&vault), (0..100).collect::<Vec<u64>>());
    unqueue(&vault, &(0..50).chain([60, 99]).collect::<Vec<u64>>());
    let left: Vec<u64> = (50..60).chain(61..99).collect();
    assert_eq!(places(&vault), left);
    assert_eq!(
        records(&vault, Table::Outbox),
        5,
        "three stretches are settled whole"
    );
    unqueue(&vault, &left);
    assert_eq!((places(&vault).len(), records(&vault, Table::Outbox)), (0, 1));
}

#[test]
fn searching_finds_every_word_in_any_case_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 700);
    let texts = [
        "The Quick brown fox",
        "quick, said the FOX",
        "a slow fox",
        "Ünïcode QUICK fox",
    ];
    let rows: Vec<LogRow> = (701..).zip(texts).map(|(n, text)| row(n, text)).collect();
    vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
    assert_eq!(found(&vault, "fox quick"), [704, 702, 701]);
    assert_eq!(found(&vault, "ÜNÏCODE"), [704]);
    assert_eq!(found(&vault, "number 256"), [256]);
    assert_eq!(found(&vault, "number 255"), [255]);
    assert_eq!(found(&vault, "MESSAGE").len(), 700);
    assert!(found(&vault, "nowhere").is_empty());
    assert_eq!(Words::parse("  "), None);
    let mut one = 0;
    let words = Words::parse("message").unwrap();
    let ended = vault.search(&ROOM, &words, &mut |_| {
        one += 1;
        ControlFlow::Break(())
    });
    assert_eq!((ended.map(|searched| searched.ended), one), (Ok(false), 1));
}

#[test]
fn an_entry_that_failed_a_check_is_kept_and_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let bad = LogRow {
        fault: Some("its signature is not the author's".to_owned()),
        ..row(1, "forged words")
    };
    vault
        .write(|writing| writing.append(&ROOM, None, std::slice::from_ref(&bad)))
        .unwrap();
    assert!(found(&vault, "forged").is_empty());
    assert_eq!(vault.log_rows(&ROOM, 1..2).unwrap(), [bad]);
}

#[test]
fn old_entries_go_with_their_words_and_what_stays_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 1000);
    assert_eq!(prune(&vault, 601_000), 600);
    let extent = vault.log_extent(&ROOM).unwrap().unwrap();
    assert_eq!((extent.first, extent.next), (601, 1001));
    assert_eq!(extent.before_first, Some([600_u64 as u8; 32]));
    assert_eq!(found(&vault, "message").len(), 400);
    assert!(found(&vault, "number 600").is_empty());
    assert_eq!(found(&vault, "number 601"), [601]);
    assert_eq!(prune(&vault, 601_000), 0);
    let texts = vault.read(|reading| reading.all(Table::Texts)).unwrap().0.len();
    assert_eq!(texts, 1, "words of dropped entries are gone too");
}

fn extent(vault: &Vault) -> LogExtent {
    vault.log_extent(&ROOM).unwrap().unwrap()
}

#[test]
fn old_entries_behind_the_last_one_that_counts_stay() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 40);
    let prune = |counted| vault.prune_log(&ROOM, &(u64::MAX..=u64::MAX), counted).unwrap();
    assert_eq!(prune(0), 0);
    assert_eq!(prune(20), 20);
    assert_eq!(readable(&vault, 1..41), (21..41).collect::<Vec<_>>());
    assert_eq!(extent(&vault).before_first, Some([20; 32]));
    assert_eq!(prune(20), 0);
}

#[test]
fn behind_old_entries_that_cannot_be_read_the_head_is_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 100);
    // The record of entries 16 to 31.
    damage_entry(&vault, 16);
    assert_eq!(prune(&vault, 32_000), 15);
    let whole = extent(&vault);
    assert_eq!((whole.first, whole.before_first), (32, None));
    // It is again, once an entry that could be read goes.
    assert_eq!(prune(&vault, 34_000), 2);
    let whole = extent(&vault);
    assert_eq!((whole.first, whole.before_first), (34, Some([33; 32])));
}

#[test]
fn a_log_begins_behind_all_that_went_where_a_transaction_ends_within_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 100);
    // Entry 20 stands in the record of entries 16 to 31.
    let piece = vault
        .write(|writing| writing.prune_piece(&ROOM, &(90_000..=u64::MAX), u64::MAX, 20))
        .unwrap();
    assert_eq!((piece.dropped, piece.is_last), (31, false));
    let whole = extent(&vault);
    assert_eq!((whole.first, whole.before_first), (32, Some([31; 32])));
    assert_eq!(readable(&vault, 1..101), (32..101).collect::<Vec<_>>());
}

/// Entries up to `count`, of which those in `ahead` were kept while the clock was ahead.
fn fill_ahead(vault: &Vault, count: u64, ahead: std::ops::RangeInclusive<u64>) {
    let rows: Vec<LogRow> = (1..=count)
        .map(|n| match ahead.contains(&n) {
            true => LogRow {
                kept_ms: u64::MAX,
                ..row(n, "ahead")
            },
            false => row(n, "in time"),
        })
        .collect();
    vault
        .write(|writing| writing.append(&ROOM, Some([0; 32]), &rows))
        .unwrap();
}

#[test]
fn entries_of_a_clock_that_was_ahead_go_with_old_ones_behind_them() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill_ahead(&vault, 100, 10..=40);
    let prune = |before_ms| {
        let young_ms = before_ms..=1_000_000;
        vault.prune_log(&ROOM, &young_ms, u64::MAX).unwrap()
    };
    assert_eq!(prune(5_000), 4);
    assert_eq!(prune(30_000), 5, "behind entry 9 nothing is as old");
    assert_eq!(prune(61_000), 51);
    let whole = extent(&vault);
    assert_eq!((whole.first, whole.before_first), (61, Some([60; 32])));
    assert_eq!(
        (found(&vault, "ahead").len(), found(&vault, "time").len()),
        (0, 40)
    );
    assert_eq!(whole.messages, 40);
}

#[test]
fn more_entries_of_a_clock_that_was_ahead_than_one_transaction_takes_go_too() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill_ahead(&vault, 5000, 1..=4900);
    let young_ms = 4_951_000..=10_000_000;
    assert_eq!(vault.prune_log(&ROOM, &young_ms, u64::MAX), Ok(4950));
    assert_eq!(extent(&vault).first, 4951);
}

#[test]
fn a_clock_that_is_behind_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 50);
    // A machine that starts in 1970 takes all of them for entries from the future.
    assert_eq!(vault.prune_log(&ROOM, &(0..=500), u64::MAX), Ok(0));
    assert_eq!(vault.prune_log(&ROOM, &(1_000..=60_000), u64::MAX), Ok(0));
    assert_eq!(readable(&vault, 1..51).len(), 50);
    assert_eq!(vault.prune_log(&ROOM, &(21_000..=80_000), u64::MAX), Ok(20));
}

#[test]
fn what_cannot_be_read_in_front_of_young_entries_stays() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 50);
    let key = stretch::stretch_key(&ROOM, 1);
    vault.write(|writing| writing.damage(Table::Log, &key)).unwrap();
    assert_eq!(vault.prune_log(&ROOM, &(1..=60_000), u64::MAX), Ok(0));
    let whole = extent(&vault);
    assert_eq!((whole.first, whole.before_first), (1, Some([0; 32])));
    assert_eq!(vault.prune_log(&ROOM, &(u64::MAX..=u64::MAX), u64::MAX), Ok(35));
    assert_eq!(records(&vault, Table::Log), 0);
}

#[test]
fn private_words_of_a_clock_that_was_ahead_go_with_old_ones_behind_them() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let bob = Fingerprint::of_der(b"bob");
    let say = |seq: u64, kept_ms: u64| {
        let said = Said {
            own: false,
            seq,
            time_ms: seq,
            text: seq.to_string(),
            kept_ms,
        };
        vault
            .write(|writing| writing.add_said(&ROOM, &[1; 32], (&bob, "Bob"), &said))
            .unwrap();
    };
    let prune = |young_ms: std::ops::RangeInclusive<u64>| -> Vec<u64> {
        vault
            .write(|writing| writing.prune_talks(&ROOM, &young_ms))
            .unwrap();
        let left = vault.said(&[1; 32], 0..9).unwrap();
        left.iter().map(|(_, said)| said.seq).collect()
    };
    for (seq, kept_ms) in (1..).zip([10, u64::MAX, 30, u64::MAX, 50]) {
        say(seq, kept_ms);
    }
    assert_eq!(prune(20..=100), [2, 3, 4, 5]);
    assert_eq!(prune(40..=100), [4, 5]);
    say(6, u64::MAX);
    assert_eq!(prune(60..=100), [6]);
    assert_eq!(prune(101..=141), [6], "perhaps the clock is behind just now");
    say(7, 50);
    assert_eq!(prune(101..=141), [] as [u64; 0]);
}

#[test]
fn a_forgotten_room_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 600);
    vault
        .write(|writing| {
            writing.queue(&ROOM, &[submit("waits")])?;
            writing.keep_room_state(&ROOM, b"state")?;
            writing.keep_room(&kept())
        })
        .unwrap();
    assert_eq!(vault.rooms().unwrap(), (vec![kept()], 0));
    assert_eq!(vault.room(&ROOM).unwrap(), Some(kept()));
    assert_eq!(vault.room_state(&ROOM).unwrap().unwrap().bytes, b"state");
    vault.forget_room(&ROOM).unwrap();
    for table in [
        Table::Log,
        Table::Texts,
        Table::Extents,
        Table::Outbox,
        Table::RoomStates,
        Table::Rooms,
    ] {
        let left = vault.read(|reading| reading.all(table)).unwrap().0.len();
        assert_eq!(left, 0, "{table:?}");
    }
}

#[test]
fn rooms_that_cannot_be_read_can_be_removed_and_take_no_other_along() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 40);
    queue(&vault, &ROOM, &["waits"]);
    let other = KeptRoom { id: OTHER, ..kept() };
    vault
        .write(|writing| {
            writing.keep_room(&kept())?;
            writing.keep_room_state(&ROOM, b"state")?;
            writing.append(&OTHER, None, &[row(1, "of the other room")])?;
            writing.keep_room_state(&OTHER, b"state")?;
            writing.keep_room(&other)
        })
        .unwrap();
    assert_eq!(vault.forget_unreadable_rooms(), Ok(0), "all is well");
    vault
        .write(|writing| {
            writing.damage(Table::Rooms, &ROOM)?;
            // What leads to its outbox is damaged too.
            writing.damage(Table::Outbox, &ROOM)
        })
        .unwrap();
    assert_eq!(vault.rooms().unwrap(), (vec![other.clone()], 1));
    assert!(vault.room(&ROOM).is_err());
    assert_eq!(vault.forget_unreadable_rooms(), Ok(1));
    assert_eq!(vault.rooms().unwrap(), (vec![other], 0));
    assert_eq!(vault.room(&ROOM), Ok(None));
    assert_eq!(vault.log_extent(&ROOM), Ok(None));
    assert_eq!(vault.outbox(&ROOM), Ok(Queued::default()));
    assert_eq!(vault.room_state(&ROOM), Ok(None));
    assert_eq!(vault.log_rows(&OTHER, 1..2).unwrap().len(), 1);
    let copies = std::fs::read_dir(folder.path()).unwrap().filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains(".damaged-")
    });
    assert_eq!(copies.count(), 1, "the damaged file is copied aside first");
}

fn kept() -> KeptRoom {
    KeptRoom {
        id: ROOM,
        name: "Attic".to_owned(),
        role: KeptRole::Host,
        own_name: "Ada Brandt".to_owned(),
        host: vec![1, 2, 3],
        host_name: "Ada Brandt".to_owned(),
        target: None,
        secret: Some(vec![9; 32]),
        expires_unix: Some(5),
        open_to_address: true,
        port: 4747,
        addresses: vec!["192.0.2.1:4747".to_owned()],
        retention: Retention::Days(30),
        begun_unix: 1,
        used_unix: 2,
        listen_address: None,
        read_n: Some(4),
    }
}

fn damage_entry(vault: &Vault, n: u64) {
    // A record that was altered: sealed for another place.
    vault
        .write(|writing| writing.damage(Table::Log, &log::entry_key(&ROOM, n)))
        .unwrap();
}

fn readable(vault: &Vault, numbers: std::ops::Range<u64>) -> Vec<u64> {
    let rows = vault.log_rows(&ROOM, numbers).unwrap();
    rows.iter().map(|row| row.n).collect()
}

#[test]
fn a_damaged_entry_is_named_and_takes_no_other_along() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    for n in 1..=5 {
        let rows = [row(n, &format!("Message number {n}"))];
        vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
    }
    damage_entry(&vault, 3);
    assert_eq!(readable(&vault, 1..6), [1, 2, 4, 5]);
    assert_eq!(lost_numbers(&vault, 1..6), [3]);
    assert_eq!(found(&vault, "message"), [5, 4, 2, 1]);
}

#[test]
fn of_entries_that_were_kept_at_once_a_damaged_record_takes_16_along_at_most_and_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 100);
    assert_eq!(
        records(&vault, Table::Log),
        7,
        "a hundred entries stand in seven records"
    );
    damage_entry(&vault, 32);
    let left: Vec<u64> = (1..32).chain(48..101).collect();
    assert_eq!(readable(&vault, 1..101), left);
    assert_eq!(lost_numbers(&vault, 1..101), (32..48).collect::<Vec<u64>>());
    assert_eq!(lost_numbers(&vault, 40..42), [40, 41]);
    let newest_first: Vec<u64> = left.into_iter().rev().collect();
    assert_eq!(found(&vault, "message"), newest_first);
}

#[test]
fn every_range_is_read_whether_entries_came_alone_in_bursts_or_behind_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let mut all: Vec<u64> = Vec::new();
    for numbers in [1..2, 2..3, 3..20, 25..26, 26..70, 90..95, 96..97, 97..130] {
        let rows: Vec<LogRow> = numbers
            .clone()
            .map(|n| row(n, &format!("Message number {n}")))
            .collect();
        vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
        all.extend(numbers);
    }
    for from in 0..131 {
        for until in [from + 1, from + 2, from + 17, 131] {
            let wanted: Vec<u64> = all
                .iter()
                .copied()
                .filter(|n| (from..until).contains(n))
                .collect();
            assert_eq!(readable(&vault, from..until), wanted, "{from}..{until}");
        }
    }
    assert!(vault.lost_entries(&ROOM, 0..131).unwrap().is_empty());
    // A record of which only a part is old.
    assert_eq!(prune(&vault, 40_000), 34);
    let left: Vec<u64> = all.into_iter().filter(|n| *n >= 40).collect();
    assert_eq!(readable(&vault, 0..131), left);
    assert_eq!(
        vault.log_extent(&ROOM).unwrap().unwrap().before_first,
        Some([39; 32])
    );
    assert!(found(&vault, "number 39").is_empty());
    vault.write(|writing| writing.drop_log(&ROOM)).unwrap();
    assert_eq!(records(&vault, Table::Log), 0);
}

/// What a host that lies can claim: the highest number there is.
const FAR: u64 = crate::protocol::limits::MAX_COUNT;

/// Runs something that must not take as long as counting the numbers of a gap would.
#[expect(clippy::disallowed_methods, reason = "its death is the end of the channel")]
fn soon(work: impl FnOnce() + Send + 'static) {
    let (done, ended) = crossbeam_channel::bounded(1);
    let _running = std::thread::Builder::new()
        .name("soon".to_owned())
        .spawn(move || {
            work();
            let _ = done.send(());
        })
        .unwrap();
    ended
        .recv_timeout(std::time::Duration::from_secs(30))
        .expect("it goes over what is there, and none of it fails");
}

/// Messages 1 to 300, those from 700 to 719, and 300 that end with the highest number.
fn with_gaps(vault: &Vault) -> Vec<u64> {
    fill(vault, 300);
    let numbers: Vec<u64> = (700..720).chain(FAR - 299..=FAR).collect();
    for piece in [&numbers[..20], &numbers[20..]] {
        let rows: Vec<LogRow> = piece
            .iter()
            .map(|n| row(*n, &format!("Message number {n}")))
            .collect();
        vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
    }
    (1..=300).chain(numbers).collect()
}

/// Everything that goes through a log from end to end.
fn goes_through(vault: &Vault, all: &[u64], folder: &Path) {
    let newest_first: Vec<u64> = all.iter().rev().copied().collect();
    assert_eq!(found(vault, "message"), newest_first);
    assert_eq!(readable(vault, 0..u64::MAX), all);
    assert!(vault.lost_entries(&ROOM, 0..u64::MAX).unwrap().is_empty());
    let mut read = Vec::new();
    for piece in vault.log_pieces(&ROOM, 64).unwrap() {
        assert!(piece.end - piece.start <= 64);
        read.extend(readable(vault, piece));
    }
    assert_eq!(read, all);
    // Page by page from the newest one up.
    let mut before = u64::MAX;
    let mut pages = Vec::new();
    loop {
        let from = vault.log_back_from(&ROOM, before, 100).unwrap();
        let page = readable(vault, from..before);
        if page.is_empty() {
            break;
        }
        assert_eq!(page.len(), 100.min(all.len() - pages.len()));
        pages.splice(0..0, page);
        before = from;
    }
    assert_eq!(pages, all);
    let room = kept();
    let what = Export {
        format: ExportFormat::Text,
        with_private: false,
    };
    let path = folder.join("log.txt");
    let exported = vault
        .export_room(&room, &Default::default(), what, &path)
        .unwrap();
    assert_eq!((exported.messages, exported.lost), (all.len() as u64, 0));
}

#[test]
fn a_gap_of_any_size_is_gone_over_in_one_step() {
    soon(|| {
        let folder = tempfile::tempdir().unwrap();
        let all = with_gaps(&vault(folder.path()));
        let vault = vault(folder.path());
        goes_through(&vault, &all, folder.path());
        assert_eq!(vault.log_gap_end(&ROOM, 301).unwrap(), Some(700));
        assert_eq!(vault.log_gap_end(&ROOM, 720).unwrap(), Some(FAR - 299));
        assert_eq!(vault.log_gap_end(&ROOM, 300).unwrap(), None);
        let texts = records(&vault, Table::Texts);
        assert!(
            texts <= 5,
            "a gap has no blocks of words: {texts} for those of 620 messages"
        );
        // Old ones go; what stays has the gap in front of it or not.
        assert_eq!(prune(&vault, 301_000), 300);
        assert_eq!(readable(&vault, 0..u64::MAX), &all[300..]);
        assert_eq!(prune(&vault, u64::MAX), 320);
        let extent = vault.log_extent(&ROOM).unwrap().unwrap();
        assert_eq!((extent.first, extent.next), (FAR + 1, FAR + 1));
        assert_eq!(records(&vault, Table::Log) + records(&vault, Table::Texts), 0);
    });
}

#[test]
fn a_log_with_a_gap_is_dropped_whole() {
    soon(|| {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        with_gaps(&vault);
        vault.write(|writing| writing.drop_log(&ROOM)).unwrap();
        for table in [Table::Log, Table::Texts, Table::Extents] {
            assert_eq!(records(&vault, table), 0);
        }
        // It begins anew without the gaps that it had.
        fill(&vault, 800);
        assert_eq!(readable(&vault, 0..u64::MAX).len(), 800);
    });
}

/// As versions before this one kept it: they noted no gaps.
#[test]
fn gaps_that_an_earlier_version_did_not_note_are_found() {
    soon(|| {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let all = with_gaps(&vault);
        let unnoted = |vault: &Vault| {
            let whole = vault.log_extent(&ROOM).unwrap().unwrap();
            let whole = LogExtent { gaps: None, ..whole };
            vault
                .write(|writing| writing.keep(Table::Extents, &ROOM, &rooms::encode(&whole)))
                .unwrap();
        };
        unnoted(&vault);
        goes_through(&vault, &all, folder.path());
        // With the next entry they are noted.
        unnoted(&vault);
        vault
            .write(|writing| writing.append(&ROOM, None, &[row(FAR + 1, "one more")]))
            .unwrap();
        let gaps = vault.log_extent(&ROOM).unwrap().unwrap().gaps;
        assert_eq!(gaps, Some(2));
        // And where the note can't be read any more.
        vault
            .write(|writing| writing.damage(Table::Extents, &[ROOM.as_slice(), b"gaps"].concat()))
            .unwrap();
        assert_eq!(readable(&vault, 0..u64::MAX).len(), all.len() + 1);
    });
}

#[test]
fn a_log_of_nothing_but_gaps_is_not_kept_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let rows: Vec<LogRow> = (1..=4097).map(|i| row(2 * i, "x")).collect();
    vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
    let failed = vault.write(|writing| writing.append(&ROOM, None, &[row(9000, "x")]));
    assert!(
        failed
            .clone()
            .is_err_and(|error| error.to_string().contains("left out")),
        "{failed:?}"
    );
}

#[test]
fn damaged_entries_that_come_once_more_are_put_in_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 600);
    for first in [112, 320] {
        damage_entry(&vault, first);
    }
    let left: Vec<u64> = (1..112).chain(128..320).chain(336..601).collect();
    assert_eq!(readable(&vault, 1..601), left);
    let again = |numbers: std::ops::Range<u64>| {
        let rows: Vec<LogRow> = numbers.map(|n| row(n, &format!("Message number {n}"))).collect();
        vault.write(|writing| writing.append_or_fill(&ROOM, None, &rows))
    };
    // From the middle of what is damaged, over what is there, and on.
    again(115..330).unwrap();
    again(330..620).unwrap();
    let left: Vec<u64> = (1..112).chain(115..620).collect();
    assert_eq!(readable(&vault, 1..700), left);
    assert_eq!(lost_numbers(&vault, 1..620), [112, 113, 114]);
    let newest_first: Vec<u64> = left.into_iter().rev().collect();
    assert_eq!(found(&vault, "message"), newest_first);
    let other = [row(200, "another")];
    let refused = vault.write(|writing| writing.append_or_fill(&ROOM, None, &other));
    assert!(
        matches!(refused, Err(StoreError::DoesNotFit(_))),
        "an entry is never written over: {refused:?}"
    );
    assert_eq!(found(&vault, "another"), Vec::<u64>::new());
    // What was dropped as old stays dropped.
    prune(&vault, 300_000);
    again(250..301).unwrap();
    assert_eq!(readable(&vault, 1..700), (300..620).collect::<Vec<_>>());
}

#[test]
fn a_number_in_a_gap_is_filled_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let all = with_gaps(&vault);
    let rows = [row(301, "first of the gap"), row(500, "in its middle")];
    vault
        .write(|writing| writing.append_or_fill(&ROOM, None, &rows))
        .unwrap();
    let mut all = all;
    all.extend([301, 500]);
    all.sort_unstable();
    assert_eq!(readable(&vault, 0..u64::MAX), all);
    assert_eq!(found(&vault, "middle"), [500]);
}

#[test]
fn where_nothing_is_kept_any_more_a_log_begins_anew_behind_what_was_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 20);
    prune(&vault, u64::MAX);
    vault
        .write(|writing| writing.append(&ROOM, Some([29; 32]), &[row(30, "anew")]))
        .unwrap();
    let extent = vault.log_extent(&ROOM).unwrap().unwrap();
    assert_eq!(
        (extent.first, extent.next, extent.before_first),
        (30, 31, Some([29; 32]))
    );
}

#[test]
fn records_of_an_earlier_version_are_read_as_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    fill(&vault, 40);
    let rows = vault.log_rows(&ROOM, 1..41).unwrap();
    // There each entry had a record of its own.
    vault
        .write(|writing| {
            writing.drop_stretches(Table::Log, &ROOM, 0..41)?;
            let alone = rows
                .iter()
                .map(|row| (log::entry_key(&ROOM, row.n), stretch::encode(row)));
            writing.keep_all(Table::Log, alone)
        })
        .unwrap();
    vault
        .write(|writing| writing.append(&ROOM, None, &[row(41, "one"), row(42, "two")]))
        .unwrap();
    assert_eq!(records(&vault, Table::Log), 41);
    assert_eq!(vault.log_rows(&ROOM, 1..41).unwrap(), rows);
    assert_eq!(readable(&vault, 39..43), [39, 40, 41, 42]);
}

#[test]
fn rsa_bytes_that_cover_several_entries_stand_once_in_a_stretch() {
    let mut rows: Vec<LogRow> = (16..32).map(|n| row(n, "hello")).collect();
    // Others between, also some without any bytes, as a host may tell them.
    rows[5].signature.rsa = vec![9; 384];
    rows[6].signature.rsa = Vec::new();
    rows[7].signature.rsa = Vec::new();
    rows[9].signature.index = 5;
    rows[9].signature.size = 64;
    rows[9].signature.path = vec![[7; 32]; 6];
    let shared = stretch::encode(&rows);
    assert_eq!(stretch::decode::<LogRow>(&shared).unwrap(), rows);
    // As earlier versions wrote it: each entry with a signature of its own.
    let mut apart = vec![0x90];
    rows.iter().for_each(|row| apart.extend(stretch::encode(row)));
    assert_eq!(stretch::decode::<LogRow>(&apart).unwrap(), rows);
    assert!(shared.len() + 11 * 384 < apart.len());
    // The bytes that the first one should have are missing.
    let first = apart
        .windows(387)
        .position(|at| at == [&[0, 0x59, 1, 0x80], &[3; 383][..]].concat());
    let mut bare = apart.clone();
    bare.drain(first.unwrap()..first.unwrap() + 388);
    bare[first.unwrap() - 1] -= 1;
    assert_eq!(stretch::decode::<LogRow>(&bare), None);
}

#[test]
fn the_file_shows_no_word_no_name_and_no_key() {
    let folder = tempfile::tempdir().unwrap();
    {
        let vault = vault(folder.path());
        fill(&vault, 600);
        vault
            .write(|writing| {
                writing.queue(&ROOM, &[submit("Message that waits")])?;
                writing.keep_room(&kept())
            })
            .unwrap();
    }
    let bytes = std::fs::read(folder.path().join("x.redb")).unwrap();
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    // Sealed bytes are random: in a megabyte of them a given word of three letters stands by chance once in
    // sixteen files, one of five letters once in a million.
    for needle in [
        &b"Message"[..],
        b"message",
        b"Ada Brandt",
        b"Attic",
        b"rooms",
        b"outbox",
        b"192.0.2",
        &ROOM[..8],
        &[9; 8],
    ] {
        assert!(!holds(needle), "{}", String::from_utf8_lossy(needle));
    }
}

#[test]
fn two_threads_may_write_and_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    std::thread::scope(|scope| {
        for thread in 0..2_u8 {
            let vault = vault.clone();
            scope.spawn(move || {
                for n in 1..=20 {
                    vault
                        .write(|writing| writing.append(&[thread; 32], None, &[row(n, "hello")]))
                        .unwrap();
                    assert_eq!(vault.log_rows(&[thread; 32], 1..n + 1).unwrap().len(), n as usize);
                }
            });
        }
    });
    assert_eq!(vault.log_extent(&[1; 32]).unwrap().unwrap().next, 21);
}

/// A file that was altered anywhere is an error or a smaller truth, never a panic and never a lie; what was
/// there stays as a copy.
#[test]
fn a_file_that_was_altered_anywhere_never_lies_and_leaves_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.redb");
    fill(&vault(folder.path()), 300);
    let whole = std::fs::read(&path).unwrap();
    let mut refused = 0;
    for step in 0..60 {
        let elsewhere = tempfile::tempdir().unwrap();
        let path = elsewhere.path().join("x.redb");
        let mut bytes = whole.clone();
        // The head of the file closely, the rest in strides.
        let at = if step < 20 {
            step * 16
        } else {
            (step - 20) * whole.len() / 40 + 7
        };
        let end = (at + 8).min(whole.len());
        for byte in &mut bytes[at..end] {
            *byte ^= 0x5a;
        }
        std::fs::write(&path, &bytes).unwrap();
        let key = VaultKey::from_secret(Secret::new([5; 32]));
        let opened = std::panic::catch_unwind(|| Vault::open(&path, key)).expect("no panic");
        let read = opened.and_then(|vault| vault.log_rows(&ROOM, 1..301));
        match read {
            Ok(rows) => {
                for kept in rows {
                    assert_eq!(kept, row(kept.n, &format!("Message number {}", kept.n)));
                }
            }
            Err(_) => {
                refused += 1;
                let is_untouched = std::fs::read(&path).unwrap() == bytes;
                let is_copied = std::fs::read_dir(elsewhere.path()).unwrap().count() > 1;
                assert!(is_untouched || is_copied, "the file was changed without a copy");
            }
        }
    }
    assert!(refused < 60, "most alterations spare the rest");
}

#[test]
fn a_file_that_is_no_database_is_named_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.redb");
    std::fs::write(&path, "something else entirely".repeat(1000)).unwrap();
    let opened = Vault::open(&path, VaultKey::from_secret(Secret::new([5; 32])));
    assert!(opened.is_err());
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .starts_with("something else")
    );
}

#[test]
fn words_said_in_private_are_found_newest_first_and_a_damaged_one_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let bob = Fingerprint::of_der(b"bob");
    vault
        .write(|writing| {
            for seq in 1..=5 {
                let said = Said {
                    own: false,
                    seq,
                    time_ms: seq,
                    text: format!("Private LEMON {seq}"),
                    kept_ms: seq,
                };
                writing.add_said(&ROOM, &[1; 32], (&bob, "Bob"), &said)?;
            }
            writing.damage(Table::Notes, &super::talks::said_key(&[1; 32], 2))
        })
        .unwrap();
    let found = |words: &str, most: usize| {
        let mut found = Vec::new();
        let words = Words::parse(words).unwrap();
        let ended = vault
            .search_talks(&ROOM, &words, &mut |hit| {
                assert_eq!((hit.talk.partner(), hit.talk.name.as_str()), (bob, "Bob"));
                found.push((hit.place, hit.said.seq));
                match found.len() < most {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                }
            })
            .unwrap();
        (found, ended.ended)
    };
    assert_eq!(
        found("lemon private", 9),
        (vec![(4, 5), (3, 4), (1, 2), (0, 1)], true)
    );
    assert_eq!(found("lemon", 2), (vec![(4, 5), (3, 4)], false));
    assert_eq!(found("lemon tree", 9), (Vec::new(), true));
}

#[test]
fn an_older_state_that_is_put_back_is_seen_and_one_that_is_gone_is_not_taken_for_none() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    assert_eq!(vault.room_state(&ROOM).unwrap(), None);
    let keep = |state: &[u8]| {
        vault
            .write(|writing| writing.keep_room_state(&ROOM, state))
            .unwrap()
    };
    let state = || {
        vault
            .room_state(&ROOM)
            .unwrap()
            .map(|state| (state.bytes, state.is_old))
    };
    keep(b"with a ban");
    let old = vault.sealed(Table::RoomStates, &ROOM);
    keep(b"and another ban");
    assert_eq!(state(), Some((b"and another ban".to_vec(), false)));
    vault.put_sealed(Table::RoomStates, &ROOM, &old);
    assert_eq!(state(), Some((b"with a ban".to_vec(), true)));
    // The next write counts on.
    keep(b"anew");
    assert_eq!(state(), Some((b"anew".to_vec(), false)));
    vault
        .write(|writing| writing.drop_row(Table::RoomStates, &ROOM))
        .unwrap();
    assert!(matches!(vault.room_state(&ROOM), Err(StoreError::Damaged { .. })));
    vault.forget_room(&ROOM).unwrap();
    assert_eq!(vault.room_state(&ROOM).unwrap(), None);
}

#[test]
fn the_same_damage_is_copied_once_and_copies_are_few() {
    let folder = tempfile::tempdir().unwrap();
    {
        let vault = vault(folder.path());
        fill(&vault, 5);
        vault
            .write(|writing| writing.damage(Table::Log, &super::log::entry_key(&ROOM, 3)))
            .unwrap();
    }
    let copies = || {
        let names = std::fs::read_dir(folder.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains(".damaged-")).count()
    };
    let start = |change: Option<u8>| {
        let vault = vault(folder.path());
        vault.log_rows(&ROOM, 1..6).unwrap();
        let damaged = vault.read(|reading| reading.row(Table::Log, &super::log::entry_key(&ROOM, 3)));
        assert!(matches!(damaged, Err(StoreError::Damaged { .. })));
        if let Some(n) = change {
            vault
                .write(|writing| writing.keep(Table::Notes, &[n], b"new"))
                .unwrap();
        }
    };
    start(None);
    assert_eq!(copies(), 1);
    for n in 0..6 {
        start(Some(n));
        assert!((1..=3).contains(&copies()), "{} after {n}", copies());
    }
    assert_eq!(
        copies(),
        3,
        "what is written between the starts makes other files"
    );
}
