//! Rows of the database: where each stands, and genuine ones.

use cipher_room::crypto::{Fingerprint, labelled_hash};
use cipher_room::protocol::{LogState, RoomLog};
use cipher_room::store::{KeptRole, KeptRoom, LogRow, Retention, Rows as _, Said, Table, Vault};

use super::super::{ADA, World, script};

pub const ROOM: [u8; 32] = [7; 32];

/// The table and the key that a byte names.
pub fn place(choice: u8) -> (Table, Vec<u8>) {
    let n = u64::from(choice / PLACES);
    let entry = |n: u64| [&ROOM[..], &n.to_be_bytes()].concat();
    match choice % PLACES {
        0 => (Table::Own, b"identity".to_vec()),
        1 => (Table::Own, b"settings".to_vec()),
        2 => (Table::Own, b"hosts".to_vec()),
        3 => (Table::Contacts, vec![choice / PLACES; 32]),
        4 => (Table::Rooms, ROOM.to_vec()),
        5 => (Table::Extents, ROOM.to_vec()),
        6 => (Table::Log, entry(n)),
        7 => (Table::Texts, entry(n)),
        8 => (Table::Outbox, ROOM.to_vec()),
        9 => (Table::Outbox, entry(n)),
        10 => (Table::RoomStates, ROOM.to_vec()),
        11 => (Table::Own, b"version".to_vec()),
        12 => (Table::Extents, [&ROOM[..], b"gaps"].concat()),
        13 => (Table::Notes, [&b"state generation "[..], &ROOM].concat()),
        14 => (Table::Notes, [&b"private talks "[..], &ROOM].concat()),
        15 => (Table::Notes, [&b"private talk "[..], &channel()].concat()),
        _ => {
            let key = [&b"private said "[..], &channel(), &n.to_be_bytes()].concat();
            (Table::Notes, key)
        }
    }
}

const PLACES: u8 = 17;

/// The id of the private channel between Ada and Bob.
pub fn channel() -> [u8; 32] {
    let world = World::get();
    let mut both = [world.ada.fingerprint(), world.bob.fingerprint()];
    both.sort();
    let [first, second] = both;
    labelled_hash("private", &[&ROOM, first.as_bytes(), second.as_bytes()])
}

/// The room as Ada keeps it, hers or Bob's.
pub fn kept_room(is_own: bool) -> KeptRoom {
    let world = World::get();
    let (role, host) = match is_own {
        true => (KeptRole::Host, &world.ada),
        false => (KeptRole::Member, &world.bob),
    };
    KeptRoom {
        id: ROOM,
        name: "Den".to_owned(),
        role,
        own_name: "Ada".to_owned(),
        host: host.public().as_der().to_vec(),
        host_name: "Bob".to_owned(),
        target: None,
        secret: None,
        expires_unix: None,
        open_to_address: false,
        port: 0,
        addresses: Vec::new(),
        retention: Retention::Days(7),
        begun_unix: 0,
        used_unix: 0,
        listen_address: None,
        read_n: None,
    }
}

/// What is kept of how a room stands, in the form of who hosts it and of who is a member: key 1 has the door, or the secret to
/// come back with.
#[derive(minicbor::Encode)]
#[cbor(map)]
struct RoomState {
    #[n(0)]
    log: LogState,
    #[cbor(n(1), with = "minicbor::bytes")]
    beside: Vec<u8>,
}

fn state_of(log: LogState, beside: &[u8]) -> Vec<u8> {
    let beside = beside.to_vec();
    minicbor::to_vec(RoomState { log, beside }).expect("memory")
}

/// A door without an invitation.
fn door() -> Vec<u8> {
    let secret = [&[1, 0x58, 32][..], &[9; 32]].concat();
    [
        &[0xa6, 0, 0x80][..],
        &secret,
        &[2, 0x80, 3, 0x80, 4, 0xf4, 5, 0xf4],
    ]
    .concat()
}

/// An entry that nobody signed: it is kept for what its number is.
fn row(n: u64) -> LogRow {
    let entry = &World::get().entry;
    LogRow {
        n,
        head: [n as u8; 32],
        event: entry.event.clone(),
        signature: entry.signature.clone(),
        name: "Bob".to_owned(),
        kept_ms: n,
        fault: None,
        missed: false,
    }
}

fn said(own: bool, seq: u64) -> Said {
    Said {
        own,
        seq,
        time_ms: seq,
        text: "hello".to_owned(),
        kept_ms: seq,
    }
}

/// Rows as the store itself writes them, by their choices: of a log with a gap, and of a private conversation.
fn written() -> impl Fn(u8) -> (u8, Vec<u8>) {
    let vault = Vault::in_memory().expect("memory");
    let bob: Fingerprint = World::get().bob.fingerprint();
    let done = vault.write(|writing| {
        writing.append(&ROOM, None, &[1, 2, 40].map(row))?;
        for said in [said(true, 5), said(false, 6), said(true, 7)] {
            writing.add_said(&ROOM, &channel(), (&bob, "Bob"), &said)?;
        }
        writing.confirm_said(&channel(), 5)?;
        writing.keep_room_state(&ROOM, &state_of(log().state(), &door()))
    });
    done.expect("memory");
    move |choice| {
        let (table, key) = place(choice);
        let row = vault.read(|reading| reading.row(table, &key)).expect("memory");
        let row = row.unwrap_or_else(|| panic!("the store writes no row {choice} there"));
        (choice, row.value().to_vec())
    }
}

/// What is kept of the room by a member, beside its log.
pub fn state_of_room() -> Vec<u8> {
    state_of(log().state(), &[9; 32])
}

fn log() -> RoomLog {
    let world = World::get();
    let mut log = RoomLog::create(ROOM, world.bob.public().clone(), "Bob");
    let entry = world.entry.clone();
    log.append(&world.bob.fingerprint(), entry.event, entry.signature)
        .expect("our own event");
    log
}

pub fn seeds() -> Vec<Vec<u8>> {
    let world = World::get();
    let roster = world.told_bodies().into_iter().next().unwrap_or_default();
    let rows = |rows: &[(u8, Vec<u8>)]| {
        let parts: Vec<(u8, &[u8])> = rows
            .iter()
            .map(|(choice, row)| (*choice, row.as_slice()))
            .collect();
        script(&parts)
    };
    let of_store = written();
    let store = |choices: &[u8]| rows(&choices.iter().map(|choice| of_store(*choice)).collect::<Vec<_>>());
    // Entries 1 and 2 stand together, under the number of the first; 40 is lost.
    let own_room = store(&[5, 12, 6 + PLACES, 10, 13]);
    let conversation = store(&[14, 15, 16, 16 + PLACES, 16 + 2 * PLACES]);
    let secret_back = state_of_room();
    let member = rows(&[(10, secret_back), of_store(14), of_store(15), of_store(16)]);
    let mut endless = log().state();
    endless.base = u64::MAX;
    for (seed, is_own) in [(&own_room, true), (&member, false)] {
        let vault = super::vault_of(seed);
        vault
            .write(|writing| writing.keep_room(&kept_room(is_own)))
            .expect("memory");
        assert_eq!(super::take_up(&vault).len(), 1, "the room is taken up");
    }
    vec![
        rows(&[(1, b"{\"name\":\"Ada\"}".to_vec())]),
        rows(&[(0, ADA.as_bytes().to_vec())]),
        rows(&[(5, vec![0xa5, 0, 0, 1, 2, 2, 0x58, 32]), (6, roster.clone())]),
        rows(&[(8, vec![0xa2, 0, 0, 1, 2])]),
        rows(&[(4, roster)]),
        own_room,
        conversation,
        member,
        // A base behind which the next head has no number.
        rows(&[(10, state_of(endless, &door()))]),
    ]
}
