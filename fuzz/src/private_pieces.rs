//! Private conversations: what another member says in the channel, rightly sealed, and what the host passes on as if it were
//! that member's.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use cipher_room::crypto::{Identity, OpeningKey, TrafficSecret};
use cipher_room::net::PrivateEvent;
use cipher_room::net::foreign::{Conversation, Turn};
use cipher_room::protocol::limits::MAX_MESSAGE_BYTES;
use cipher_room::protocol::wire::FrameKind;

use super::world::BOB;
use super::{World, frame_of, parts_of, script, seal_alone_bytes};

/// Pieces of the other end: sealed for the channel, or put into it by the host; and what we say meanwhile.
pub fn private_pieces(data: &[u8]) {
    let world = World::get();
    let mut conversation = begin();
    let mut heard = Heard::default();
    let mut key = world.guest_record_key();
    let mut now = world.start;
    // Something is on its way, so that a confirmation finds it.
    for text in ["one", "two", "three"] {
        heard.take(conversation.say(text.to_owned(), now));
    }
    for (choice, text) in parts_of(data).take(64) {
        now += Duration::from_secs(u64::from(choice / 4));
        let turn = match choice % 4 {
            0 | 1 => conversation.receive(&seal_alone_bytes(FrameKind::Data, &mut key, text), now),
            2 => conversation.receive(text, now),
            _ => conversation.say(String::from_utf8_lossy(text).into_owned(), now),
        };
        heard.take(turn);
    }
}

/// What was told so far: nothing twice, and nothing that could not have been said.
#[derive(Default)]
struct Heard {
    waiting: HashSet<[u8; 32]>,
    heard: HashSet<[u8; 32]>,
}

impl Heard {
    fn take(&mut self, turn: Turn) {
        let ada = World::get().ada.fingerprint();
        for event in turn.told {
            match event {
                PrivateEvent::Written { message } => assert!(self.waiting.insert(message.id.0)),
                PrivateEvent::Renumbered { before, id } => {
                    assert!(self.waiting.remove(&before.0), "it waited");
                    assert!(self.waiting.insert(id.0), "no two bear one number");
                }
                PrivateEvent::Delivered { id } => assert!(self.waiting.remove(&id.0), "it waited"),
                PrivateEvent::Heard { message } => {
                    assert!(!message.text.is_empty() && message.text.len() <= MAX_MESSAGE_BYTES);
                    assert!(message.author == ada && !message.own);
                    assert!(self.heard.insert(message.id.0), "a message is heard once");
                }
                _ => {}
            }
        }
    }
}

/// We are Bob, and Ada is the other end.
fn begin() -> Conversation {
    static IDENTITY: OnceLock<Arc<Identity>> = OnceLock::new();
    let world = World::get();
    let identity = IDENTITY.get_or_init(|| Arc::new(Identity::from_pem(BOB).expect("a good key")));
    let (_, connection) = world.at_host().into_connection(&[], world.start);
    Conversation::begin(Arc::clone(identity), world.ada.fingerprint(), connection).expect("memory")
}

/// What was sealed in the records of a turn, whose key has sealed so many texts before.
fn texts_of(turn: &Turn, secret: &TrafficSecret, before: u64) -> Vec<Vec<u8>> {
    let mut key = OpeningKey::new(secret);
    for _ in 0..before {
        // The counter moves on with every attempt.
        let _ = key.open(b"", &mut vec![0; 16]);
    }
    let open = |bytes: &Vec<u8>| {
        let frame = frame_of(bytes);
        let mut text = frame.body.clone();
        key.open(&frame.header(), &mut text).expect("our own");
        text
    };
    turn.sent.iter().map(open).collect()
}

pub fn seeds() -> Vec<Vec<u8>> {
    let world = World::get();
    let secret = || world.master().host_traffic(&world.th6);
    let start: Instant = world.start;
    // What we say is in the form in which the other end says it.
    let mut conversation = begin();
    let said: Vec<Turn> = ["hello", "and again"]
        .into_iter()
        .map(|text| conversation.say(text.to_owned(), start))
        .collect();
    let first = texts_of(&said[0], &secret(), 1).remove(0);
    let second = texts_of(&said[1], &secret(), 2).remove(0);
    let mut key = world.guest_record_key();
    let heard = conversation.receive(&seal_alone_bytes(FrameKind::Data, &mut key, &first), start);
    assert!(
        matches!(heard.told[..], [PrivateEvent::Heard { .. }]),
        "it is understood"
    );
    let confirmation = texts_of(&heard, &secret(), 3).remove(0);
    assert_eq!(
        confirmation[..3],
        [0x82, 2, 0x81],
        "an array of a kind and its fields"
    );
    assert_eq!(first[..3], [0x82, 1, 0x83]);
    // The largest number there is, with 9 bytes in CBOR.
    let most = [&[0x1b][..], &[0xff; 8]].concat();
    let all_confirmed = [&[0x82, 2, 0x81][..], &most].concat();
    let farthest = [&[0x82, 1, 0x83][..], &most, &[0, 0x61, b'x']].concat();
    vec![
        script(&[(0, &first), (0, &second), (0, &first)]),
        script(&[(0, &confirmation), (0, &confirmation)]),
        script(&[
            (0, &first),
            (2, b"\x10\0\0\0\x05noise"),
            (3, b"hello"),
            (0, &second),
        ]),
        script(&[(3, b"hello"), (0, &all_confirmed)]),
        script(&[(0, &farthest), (0, &second)]),
        script(&[(2, &world.m1.kind.frame(&world.m1.body)), (0, &second)]),
    ]
}
