//! Pieces that one member has for another who reads none of them.

use super::*;
use crate::net::limits::MAX_PIECES_OF_ONE;
use crate::protocol::body::Private;
use crate::protocol::wire::FrameKind;

/// Bob and Cem are here, with a line each.
fn room_of_two(ground: &Ground) -> (RoomThread<'_>, [Fingerprint; 2]) {
    let mut room = ground.room();
    let cem = Identity::from_pem(CEM).unwrap().public().clone();
    let people = [(CONN, bob(), "Bob"), (OTHER, cem, "Cem")].map(|(conn, identity, name)| {
        ground.admit(&mut room, &identity, name);
        let guest = Guest {
            fingerprint: identity.fingerprint(),
            name: name.to_owned(),
            declined: DeclinedEvents::default(),
        };
        room.guests.insert(conn, guest);
        identity.fingerprint()
    });
    (room, people)
}

#[test]
fn so_much_is_passed_on_unread_then_the_sender_is_told_once_and_begins_anew() {
    let ground = Ground::new();
    let (mut room, [bob, _]) = room_of_two(&ground);
    let mut passes = |member: Fingerprint, kind: FrameKind, bytes: usize| {
        let (before, bytes) = (ground.given(), kind.frame(&vec![0; bytes]));
        room.private(OTHER, Private { member, bytes });
        ground.given() - before
    };
    // Each is given to Bob's reactor; the last one goes back to Cem.
    for _ in 0..=MAX_PIECES_OF_ONE / 50_000 {
        assert_eq!(passes(bob, FrameKind::Data, 50_000), 1);
    }
    assert_eq!(passes(bob, FrameKind::Data, 50_000), 0, "told once");
    assert_eq!(
        passes(bob, FrameKind::Data, 10),
        0,
        "it would not open behind a gap"
    );
    assert_eq!(passes(bob, FrameKind::GuestHello, 10), 1);
    assert_eq!(passes(bob, FrameKind::Data, 10), 1);
}

#[test]
fn what_of_the_host_cannot_be_passed_on_waits_at_its_desk_and_is_tried_again() {
    let ground = Ground::new();
    let (mut room, [bob, _]) = room_of_two(&ground);
    let own = ground.identity.fingerprint();
    // What is left then is too little for any hello.
    for bytes in [10_000, 100] {
        while room.pass_on(own, bob, FrameKind::GuestHello.frame(&vec![0; bytes])) {}
    }
    let filled = ground.given();
    let partner = room.partner(&bob).unwrap();
    room.desk.say(&partner, "hello".to_owned(), Instant::now());
    room.pass_on_private();
    assert_eq!(ground.given(), filled, "nothing is passed on");
    let due = room.desk.due().unwrap();
    assert!(due > Instant::now());
    // Everything before it is written by then.
    room.passed_on = super::super::PassedOn::default();
    room.try_private_again(due);
    room.pass_on_private();
    assert_eq!(ground.given(), filled + 1, "the hello");
}
