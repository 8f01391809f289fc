//! Many keys of one person, each of which wants a place among the conversations.

use super::*;
use crate::protocol::limits::HANDSHAKE_TIMEOUT;

fn stranger(i: usize) -> Partner {
    Partner {
        fingerprint: Fingerprint::of_der(&i.to_be_bytes()),
        name: format!("Stranger {i}"),
        present: true,
    }
}

/// Takes every place with conversations that others began at `at`, and in which nothing is said.
fn crowd(desk: &mut Desk, at: Instant) {
    for i in 0..MAX_CHATS {
        let chat = desk.chat(&stranger(i)).unwrap();
        (chat.hellos, chat.begun_at) = (Some((at, 1)), at);
    }
}

#[test]
fn noise_of_many_keys_takes_no_place() {
    let mut pair = Pair::new();
    let noise = [
        vec![0],
        FrameKind::Data.frame(&[0; 40]),
        FrameKind::GuestHello.frame(&[0; 40]),
    ];
    for i in 0..MAX_CHATS {
        for bytes in &noise {
            pair.desks[0].receive(&stranger(i), bytes, pair.now);
        }
    }
    assert!(pair.desks[0].chats.is_empty());
    pair.say(0, "hello");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(1), ["hello"]);
}

#[test]
fn conversations_in_which_nothing_was_said_give_way_to_one_that_the_user_wants() {
    let mut pair = Pair::new();
    crowd(&mut pair.desks[0], pair.now);
    pair.say(0, "hello");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(1), ["hello"]);
    assert_eq!(pair.desks[0].chats.len(), MAX_CHATS);
}

#[test]
fn conversations_in_which_nothing_was_said_give_way_to_a_hello_after_a_while() {
    let mut pair = Pair::new();
    crowd(&mut pair.desks[0], pair.now);
    pair.say(1, "hello");
    pair.carry(|_, bytes| Some(bytes));
    assert!(pair.heard(0).is_empty(), "their hellos still count");
    pair.now += HANDSHAKE_TIMEOUT.max(HELLO_WINDOW) + BEGIN_AGAIN;
    pair.say(1, "is anybody there?");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(0), ["hello", "is anybody there?"]);
}

#[test]
fn conversations_in_which_something_was_said_stay_and_the_user_is_told_why_there_is_no_other() {
    let mut pair = Pair::new();
    crowd(&mut pair.desks[0], pair.now);
    let chats = pair.desks[0].chats.values_mut();
    chats.for_each(|chat| chat.heard = 1);
    pair.say(0, "hello");
    let outs = pair.desks[0].drain();
    let says_why = |out: &Out| matches!(out, Out::NotKept { reason } if reason.contains("256 private conv"));
    assert!(outs.iter().any(says_why), "{outs:?}");
    assert!((0..MAX_CHATS).all(|i| pair.desks[0].partner(&stranger(i).fingerprint).is_some()));
}

#[test]
fn a_live_conversation_that_gives_way_is_closed_so_that_its_other_end_begins_anew() {
    let mut pair = Pair::new();
    let partner = pair.partners[0].clone();
    pair.desks[0].open(&partner, pair.now);
    pair.carry(|_, bytes| Some(bytes));
    pair.now += BEGIN_AGAIN;
    crowd(&mut pair.desks[0], pair.now);
    assert!(pair.desks[0].partner(&partner.fingerprint).is_none());
    pair.carry(|_, bytes| Some(bytes));
    pair.now += HELLO_WINDOW;
    pair.say(1, "still here?");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(0), ["still here?"]);
}
