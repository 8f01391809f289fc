//! A room of ours is open once, under whichever key: two threads would sign different entries under the same numbers.

use crossbeam_channel::Receiver;

use super::Node;
use super::deaths::ada;
use crate::net::rehearsal::{room_on_loopback, wait_for};
use crate::net::{Command, Event, HostFailure, RoomKey, RoomOpened};

const FIRST: RoomKey = RoomKey(1);
const SECOND: RoomKey = RoomKey(2);

fn open_again(node: &Node, id: Option<[u8; 32]>) {
    let wish = room_on_loopback(SECOND);
    node.send(Command::HostAgain { wish, id }).unwrap();
}

fn outcome(events: &Receiver<Event>) -> Result<RoomOpened, (RoomKey, HostFailure)> {
    wait_for(events, |event| match event {
        Event::RoomOpened(opened) => Some(Ok(opened)),
        Event::HostFailed { room, failure } => Some(Err((room, failure))),
        _ => None,
    })
}

#[test]
fn a_room_of_ours_that_is_open_is_not_opened_a_second_time() {
    let (events, node, _folder) = ada();
    node.send(Command::HostRoom(room_on_loopback(FIRST))).unwrap();
    let opened = outcome(&events).unwrap();
    for id in [Some(opened.id), None] {
        open_again(&node, id);
        let (room, failure) = outcome(&events).unwrap_err();
        assert_eq!((room, failure), (SECOND, HostFailure::AlreadyOpen));
    }
    drop(events);
}

#[test]
fn a_room_of_ours_is_opened_again_as_soon_as_it_is_closed() {
    let (events, node, _folder) = ada();
    node.send(Command::HostRoom(room_on_loopback(FIRST))).unwrap();
    let opened = outcome(&events).unwrap();
    node.send(Command::Leave { room: FIRST }).unwrap();
    wait_for(&events, |event| {
        matches!(event, Event::Closed { room: FIRST, .. }).then_some(())
    });
    open_again(&node, Some(opened.id));
    let again = outcome(&events).unwrap();
    assert_eq!((again.room, again.id), (SECOND, opened.id));
    drop(events);
}
