//! Each of a room's threads dies once, by a panic: it is told, the room ends, its guests are hung up on, and
//! the program opens the next one.

use std::io::Read;
use std::net::TcpStream;
use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};
use tempfile::TempDir;

use super::{HostContext, HostHandle, open, room};
use crate::crypto::test_keys::{ADA, ADA_WRAP};
use crate::crypto::{Identity, WrapKey};
use crate::net::guest::WrapKeyCell;
use crate::net::keep::Shelf;
use crate::net::rehearsal::{PATIENCE, room_on_loopback, wait_for};
use crate::net::thread::Teller;
use crate::net::{ClosedReason, Event, Loss, RoomKey};
use crate::store::Profile;

/// Which thread is to die.
#[derive(Debug, Clone, Copy)]
pub enum Victim {
    Room,
    Reactor,
    Crypto,
}

/// What a victim does.
pub fn die() -> ! {
    panic!("on purpose")
}

const KEY: RoomKey = RoomKey(1);

struct Open {
    handle: HostHandle,
    events: Receiver<Event>,
    _folder: TempDir,
}

/// Opens a room; the next threads of these names die.
fn open_one(doomed: &[&'static str]) -> Open {
    let folder = tempfile::tempdir().unwrap();
    let vault = Profile::open(folder.path()).unwrap().create(None).unwrap();
    let (tell, events) = bounded(64);
    let teller = Teller::new(tell, Arc::new(|| {}));
    doomed.iter().for_each(|name| teller.doom(name));
    let context = HostContext {
        identity: Arc::new(Identity::from_pem(ADA).unwrap()),
        wrap: Arc::new(WrapKeyCell::of(WrapKey::from_pem(ADA_WRAP).unwrap())),
        shelf: Shelf::new(vault),
        teller,
    };
    let wish = room_on_loopback(KEY);
    let handle = open(wish, context, None).unwrap_or_else(|failure| panic!("{failure}"));
    Open {
        handle,
        events,
        _folder: folder,
    }
}

fn died(room: &Open) -> String {
    wait_for(&room.events, |event| match event {
        Event::ThreadDied { name, loss } => {
            assert_eq!(loss, Loss::Room(KEY));
            Some(name)
        }
        _ => None,
    })
}

fn end(victim: Victim) -> (String, Open) {
    let room = open_one(&[]);
    let listen = wait_for(&room.events, |event| match event {
        Event::RoomOpened(opened) => Some(opened.listen),
        _ => None,
    });
    let mut stranger = TcpStream::connect(listen).unwrap();
    stranger.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(room.handle.inputs.send(room::Input::Die(victim)).is_ok());
    let name = died(&room);
    // Whoever is connected is hung up on, rather than left in a room that nobody runs.
    let outcome = stranger.read_to_end(&mut Vec::new());
    let is_over = |error: std::io::Error| error.kind() == std::io::ErrorKind::ConnectionReset;
    assert!(outcome.map_or_else(is_over, |_| true), "still connected");
    (name, room)
}

fn reason_of(room: &Open) -> ClosedReason {
    wait_for(&room.events, |event| match event {
        Event::Closed { reason, .. } => Some(reason),
        _ => None,
    })
}

#[test]
fn a_room_ends_with_a_reason_when_its_reactor_dies() {
    let (name, room) = end(Victim::Reactor);
    assert_eq!(name, "reactor-0");
    let reason = reason_of(&room);
    assert!(
        matches!(&reason, ClosedReason::Broken { reason } if reason.contains("reactor")),
        "{reason}"
    );
    room.handle.thread.join().unwrap();
}

#[test]
fn a_room_ends_with_a_reason_when_a_thread_of_its_pool_dies() {
    let (name, room) = end(Victim::Crypto);
    assert!(name.starts_with("crypto-"), "{name}");
    let reason = reason_of(&room);
    assert!(
        matches!(&reason, ClosedReason::Broken { reason } if reason.contains("crypto")),
        "{reason}"
    );
    room.handle.thread.join().unwrap();
}

#[test]
fn guests_are_hung_up_on_when_the_rooms_own_thread_dies_and_the_next_room_opens() {
    let (name, room) = end(Victim::Room);
    assert_eq!(name, "room");
    room.handle.thread.join().unwrap();
    let next = open_one(&[]);
    assert!(next.handle.close().is_ok());
    assert!(matches!(reason_of(&next), ClosedReason::Left));
}

#[test]
fn a_room_ends_with_a_reason_when_a_thread_that_signs_dies() {
    for doomed in ["room-signer", "signer"] {
        let room = open_one(&[doomed]);
        let mut name = None;
        let reason = wait_for(&room.events, |event| match event {
            Event::Closed { reason, .. } => Some(reason),
            Event::ThreadDied { name: one, loss } => {
                name = Some((one, loss));
                None
            }
            _ => None,
        });
        assert!(
            matches!(&reason, ClosedReason::Broken { reason } if reason.contains("signer died")),
            "{reason}"
        );
        let told = name.map_or_else(
            || died(&room),
            |(name, loss)| {
                assert_eq!(loss, Loss::Room(KEY));
                name
            },
        );
        assert_eq!(told, doomed);
        room.handle.thread.join().unwrap();
    }
}
