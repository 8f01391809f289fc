//! The front desk and its threads die of a fault: it is told, whoever waits for an outcome is told one, and the next
//! command is carried out.

use std::sync::Arc;

use crossbeam_channel::Receiver;
use tempfile::TempDir;

use super::{FRONT_DESK, Node};
use crate::crypto::test_keys::ADA;
use crate::net::rehearsal::{PATIENCE, room_on_loopback, wait_for};
use crate::net::{ClosedReason, Command, Event, Loss, RoomKey};

const ROOM: RoomKey = RoomKey(1);

fn died(events: &Receiver<Event>) -> (String, Loss) {
    wait_for(events, |event| match event {
        Event::ThreadDied { name, loss } => Some((name, loss)),
        _ => None,
    })
}

/// A desk with Ada's profile. The events are dropped before the desk, or it would wait for whoever hears them.
pub(super) fn ada() -> (Receiver<Event>, Node, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("identity.pem"), ADA).unwrap();
    let (node, events) = Node::start(folder.path().to_owned(), Arc::new(|| {})).unwrap();
    wait_for(&events, |event| {
        matches!(event, Event::IdentityReady { .. }).then_some(())
    });
    (events, node, folder)
}

#[test]
fn a_fault_in_a_command_is_told_and_the_next_one_is_carried_out() {
    let folder = tempfile::tempdir().unwrap();
    let (node, events) = Node::start(folder.path().to_owned(), Arc::new(|| {})).unwrap();
    for _ in 0..2 {
        node.send(Command::Doom(FRONT_DESK)).unwrap();
        node.send(Command::ListKept).unwrap();
        assert_eq!(died(&events), (FRONT_DESK.to_owned(), Loss::Task));
    }
    drop(events);
}

#[test]
fn a_room_that_was_just_to_be_opened_is_closed_and_can_be_opened_again() {
    let (events, node, _folder) = ada();
    let wish = room_on_loopback(ROOM);
    node.send(Command::Doom(FRONT_DESK)).unwrap();
    node.send(Command::HostRoom(wish.clone())).unwrap();
    assert_eq!(died(&events), (FRONT_DESK.to_owned(), Loss::Task));
    let reason = wait_for(&events, |event| match event {
        Event::Closed { room: ROOM, reason } => Some(reason),
        _ => None,
    });
    assert!(matches!(reason, ClosedReason::Broken { .. }), "{reason}");
    node.send(Command::HostRoom(wish)).unwrap();
    wait_for(&events, |event| {
        matches!(event, Event::RoomOpened(_)).then_some(())
    });
    drop(events);
}

#[test]
fn whoever_waits_for_a_page_or_for_a_search_that_died_is_told() {
    let (events, node, _folder) = ada();
    let id = [7; 32];
    let asked_for = [
        Command::TellEarlier {
            room: ROOM,
            id,
            before: 5,
        },
        Command::TellEarlierPrivate {
            room: ROOM,
            channel: id,
            before: 5,
        },
    ];
    for command in asked_for {
        node.send(Command::Doom("earlier")).unwrap();
        node.send(command).unwrap();
        assert_eq!(died(&events), ("earlier".to_owned(), Loss::Task));
        let next = events.recv_timeout(PATIENCE).unwrap();
        assert!(
            matches!(next, Event::EarlierUnread { room: ROOM, id: told } if told == id),
            "{next:?}"
        );
    }
    node.send(Command::Doom("search")).unwrap();
    for asked in [1, 2] {
        let question = "den".to_owned();
        node.send(Command::SearchKept { asked, question }).unwrap();
        if asked == 1 {
            assert_eq!(died(&events), ("search".to_owned(), Loss::Task));
        }
        let next = events.recv_timeout(PATIENCE).unwrap();
        let failed = matches!(next, Event::SearchFailed { asked: 1 });
        let ended = matches!(next, Event::SearchEnded { asked: 2, .. });
        assert!(if asked == 1 { failed } else { ended }, "{next:?}");
    }
    drop(events);
}

#[test]
fn work_that_died_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let (node, events) = Node::start(folder.path().to_owned(), Arc::new(|| {})).unwrap();
    let says_where_things_stand = |event: &Event| matches!(event, Event::IdentityMissing { .. });
    assert!(says_where_things_stand(&events.recv_timeout(PATIENCE).unwrap()));
    // Were the desk still busy with the first, the second would not be begun.
    for _ in 0..2 {
        node.send(Command::DieAtWork).unwrap();
        let mut told = [
            events.recv_timeout(PATIENCE).unwrap(),
            events.recv_timeout(PATIENCE).unwrap(),
        ];
        told.sort_by_key(says_where_things_stand);
        assert!(
            matches!(&told[0], Event::ThreadDied { name, .. } if name == "doomed"),
            "{told:?}"
        );
        assert!(says_where_things_stand(&told[1]), "{told:?}");
    }
    drop(events);
}
