//! Records that somebody else wrote under our key, as whoever sends a backup can: numbers that nobody reckoned with.

use super::*;
use crate::protocol::limits::MAX_COUNT;
use crate::store::log::entry_key;
use crate::store::rooms::encode;

fn keep(vault: &Vault, table: Table, key: &[u8], value: &[u8]) {
    vault.write(|writing| writing.keep(table, key, value)).unwrap();
}

fn is_damaged<T>(outcome: Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Damaged { .. }))
}

#[test]
fn a_log_that_goes_farther_than_anybody_counts_is_damaged() {
    let vault = Vault::in_memory().unwrap();
    fill(&vault, 300);
    let whole = extent(&vault);
    for (first, next, messages, is_read) in [
        (1, 301, 300, true),
        (1, 2 * MAX_COUNT, 300, true),
        (1, 2 * MAX_COUNT + 1, 300, false),
        (1, u64::MAX, 300, false),
        (u64::MAX, u64::MAX, 0, false),
        (302, 301, 300, false),
        (1, 301, u64::MAX, false),
    ] {
        let extent = LogExtent {
            first,
            next,
            messages,
            ..whole
        };
        keep(&vault, Table::Extents, &ROOM, &encode(&extent));
        assert_eq!(vault.log_extent(&ROOM).is_ok(), is_read, "{extent:?}");
        assert_eq!(is_damaged(vault.log_pieces(&ROOM, 1 << 40)), !is_read);
        let more = vault.write(|writing| writing.append(&ROOM, None, &[row(u64::MAX, "the end")]));
        assert!(more.is_err(), "nothing could come behind it");
    }
    vault.forget_room(&ROOM).unwrap();
}

#[test]
fn records_whose_numbers_do_not_stand_under_their_key_are_damaged() {
    let vault = Vault::in_memory().unwrap();
    let put = |numbers: &[u64]| {
        let rows: Vec<LogRow> = numbers.iter().map(|n| row(*n % 1000, "elsewhere")).collect();
        let rows: Vec<LogRow> = rows
            .into_iter()
            .zip(numbers)
            .map(|(row, n)| LogRow { n: *n, ..row })
            .collect();
        keep(&vault, Table::Log, &entry_key(&ROOM, 1), &stretch::encode(&rows));
    };
    fill(&vault, 3);
    let whole = extent(&vault);
    for numbers in [
        &[u64::MAX][..],
        &[0],
        &[2, 3],
        &[1, u64::MAX],
        &[1, 16],
        &[1, 1],
        &[1, 3, 2],
    ] {
        keep(&vault, Table::Extents, &ROOM, &encode(&whole));
        put(numbers);
        assert_eq!(lost_numbers(&vault, 0..100), [1, 2, 3], "{numbers:?}");
        // All of it is old, and what comes behind the last of it is reckoned.
        prune(&vault, u64::MAX);
        assert_eq!(extent(&vault).first, 4, "{numbers:?}");
    }
    keep(&vault, Table::Extents, &ROOM, &encode(&whole));
    put(&[1, 2, 3]);
    assert_eq!(readable(&vault, 0..100), [1, 2, 3]);
}

#[test]
fn a_word_that_is_said_to_stand_in_another_block_is_not_looked_for_there() {
    let vault = Vault::in_memory().unwrap();
    fill(&vault, 300);
    let folded = b"message\n";
    for n in [u64::MAX, 290, 7] {
        let packed = [&[0, 0, 0, 1][..], &n.to_be_bytes(), &[0, 0, 0, 8], folded].concat();
        keep(&vault, Table::Texts, &entry_key(&ROOM, 0), &packed);
        // Those that are in no block yet, and what the block names of its own.
        let in_block = (n == 7).then_some(7);
        let expected: Vec<u64> = (256..=300).rev().chain(in_block).collect();
        assert_eq!(found(&vault, "message"), expected, "{n}");
    }
}

#[test]
fn a_private_conversation_that_counts_farther_than_anybody_does_is_damaged() {
    let vault = Vault::in_memory().unwrap();
    let channel = [3; 32];
    let key = [b"private talk ".as_slice(), &channel].concat();
    let whole = Talk::new(channel, &Fingerprint::of_der(b"bob"), "Bob");
    for (last_seq, heard, is_read) in [
        (MAX_COUNT, MAX_COUNT, true),
        (MAX_COUNT + 1, 0, false),
        (u64::MAX, 0, false),
        (0, u64::MAX, false),
    ] {
        let talk = Talk {
            last_seq,
            heard,
            ..whole.clone()
        };
        keep(&vault, Table::Notes, &key, &encode(&talk));
        assert_eq!(vault.talk(&channel).is_ok(), is_read, "{talk:?}");
    }
    let endless = Talk {
        next: 1 << 32,
        waits_from: 1 << 32,
        ..whole
    };
    keep(&vault, Table::Notes, &key, &encode(&endless));
    assert!(
        is_damaged(vault.talk(&channel)),
        "nobody waits until all of it is looked for"
    );
}
