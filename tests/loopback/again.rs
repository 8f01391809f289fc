//! Who comes into a room once more: from somewhere else, in another run, or when its line was cut.

use std::io::Read as _;

use cipher_room::net::{ClosedReason, Command, Event, JoinRoom};

use crate::closed;
use crate::people::line::{Line, through};
use crate::people::{PATIENCE, Person, ROOM};

#[test]
fn who_joins_from_somewhere_else_takes_the_place_of_its_earlier_connection_for_good() {
    let (bob, here, there) = (Person::bob(), Person::ada(), Person::ada());
    let invite = bob.host(false).invite.to_string();
    here.join(&invite);
    there.join(&invite);
    let reason = here.expect(|event| match event {
        Event::Closed { reason, .. } => Some(reason),
        Event::Lost { reason, .. } => panic!("it would come back: {reason}"),
        _ => None,
    });
    assert_eq!(reason, ClosedReason::Replaced);
    bob.say("who is here?");
    assert_eq!(there.hear(1), ["who is here?"]);
    there.say("I am");
    assert_eq!(bob.hear(2), ["who is here?", "I am"]);
}

#[test]
fn who_comes_back_over_a_new_line_is_not_ended_by_its_own_old_one() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let opened = bob.host(false);
    let line = Line::to(opened.listen.port());
    ada.join(&through(&opened.invite, &line));
    // For the host the first line lives on.
    let mut old = line.cut_at_the_guest();
    ada.expect(|event| match event {
        Event::Lost { .. } => {
            ada.send(Command::TryNow { room: ROOM });
            None
        }
        Event::Returned { .. } => Some(()),
        Event::Closed { reason, .. } => panic!("{reason}"),
        _ => None,
    });
    // The host ends it for the new one, and not because it was cut.
    old.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut buffer = [0; 4096];
    while old.read(&mut buffer).unwrap() > 0 {}
    drop(old);
    ada.say("back");
    ada.expect(|event| match event {
        Event::Logged { message, .. } => (message.text == "back").then_some(()),
        Event::Lost { reason, .. } | Event::Closed { reason, .. } => panic!("{reason}"),
        _ => None,
    });
    let mut times_joined = 0;
    bob.expect(|event| match event {
        Event::MemberJoined { .. } => {
            times_joined += 1;
            None
        }
        Event::MemberLeft { reason, .. } => panic!("{reason:?}"),
        Event::Logged { message, .. } => (message.text == "back").then_some(()),
        _ => None,
    });
    assert_eq!(times_joined, 2);
}

#[test]
fn a_room_that_lets_somebody_in_again_says_which_it_is_before_what_was_missed() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let invite = bob.host(false).invite.to_string();
    ada.join(&invite);
    ada.leave();
    closed(&ada);
    bob.say("while she was away");
    bob.hear(1);
    let ada = ada.restart();
    ada.begin_join(&invite);
    let (mut order, mut welcomed) = (Vec::new(), None);
    let joined = ada.expect(|event| {
        match event {
            Event::Welcomed(told) => {
                order.push("welcomed");
                welcomed = Some(told);
            }
            Event::Missed { .. } => order.push("missed"),
            Event::Logged { .. } => order.push("logged"),
            Event::Joined(joined) => return Some(joined),
            Event::JoinFailed { failure, .. } => panic!("{failure}"),
            _ => {}
        }
        None
    });
    assert_eq!(order, ["welcomed", "missed", "logged"]);
    let welcomed = welcomed.unwrap();
    assert_eq!(
        (welcomed.id, welcomed.host, welcomed.trust),
        (joined.id, joined.host, joined.trust)
    );
}

#[test]
fn of_what_was_missed_the_words_of_others_are_counted() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let opened = bob.host(false);
    let line = Line::to(opened.listen.port());
    ada.join(&through(&opened.invite, &line));
    line.swallow();
    ada.say("her own");
    assert_eq!(bob.hear(1), ["her own"]);
    bob.say("of Bob");
    assert_eq!(bob.hear(1), ["of Bob"]);
    line.cut();
    line.mend();
    let mut missed = Vec::new();
    let told = ada.expect(|event| match event {
        Event::Lost { .. } => {
            ada.send(Command::TryNow { room: ROOM });
            None
        }
        Event::Logged { message, .. } => {
            missed.push(message.text);
            None
        }
        Event::CaughtUp { messages, .. } => Some(messages),
        Event::Closed { reason, .. } => panic!("{reason}"),
        _ => None,
    });
    assert_eq!(missed, ["her own", "of Bob"]);
    assert_eq!(told, 1);
}

#[test]
fn what_was_said_from_somewhere_else_is_counted_among_what_was_missed_here() {
    let (bob, here, there) = (Person::bob(), Person::ada(), Person::ada());
    let invite = bob.host(false).invite.to_string();
    here.join(&invite);
    there.join(&invite);
    assert_eq!(closed(&here), ClosedReason::Replaced);
    there.say("from there");
    assert_eq!(bob.hear(1), ["from there"]);
    there.leave();
    assert_eq!(closed(&there), ClosedReason::Left);
    here.begin_join(&invite);
    let told = here.expect(|event| match event {
        Event::CaughtUp { messages, .. } => Some(messages),
        Event::JoinFailed { failure, .. } => panic!("{failure}"),
        _ => None,
    });
    assert_eq!(told, 1);
}

#[test]
fn a_room_is_told_among_the_kept_ones_when_it_is_joined_and_again_before_it_is_over() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let joined = ada.join(&bob.host(false).invite.to_string());
    let kept = || {
        ada.expect(|event| match event {
            Event::RoomsKept { rooms } => Some(rooms),
            Event::Closed { reason, .. } => panic!("it was not told: {reason}"),
            _ => None,
        })
    };
    assert_eq!(kept()[0].id, joined.id);
    ada.leave();
    assert_eq!(kept()[0].id, joined.id);
    assert_eq!(closed(&ada), ClosedReason::Left);
}

#[test]
fn a_room_to_try_things_out_in_is_never_told_among_the_kept_ones() {
    let (bob, ada) = (Person::bob(), Person::ada());
    ada.send(Command::JoinRoom(JoinRoom {
        key: ROOM,
        target: bob.host(false).invite.to_string().parse().unwrap(),
        name: "Ada".to_owned(),
        is_trial: true,
    }));
    ada.expect(|event| matches!(event, Event::Joined(_)).then_some(()));
    ada.leave();
    ada.expect(|event| match event {
        Event::RoomsKept { rooms } => panic!("{rooms:?}"),
        Event::Closed { .. } => Some(()),
        _ => None,
    });
}
