//! Two desks and a host that carries their bytes, or spoils them.

use super::*;
use crate::crypto::WrapKey;
use crate::crypto::test_keys::{ADA, ADA_WRAP, BOB};
use crate::protocol::wire::FrameKind;

struct Pair {
    desks: [Desk; 2],
    partners: [Partner; 2],
    told: Vec<(usize, PrivateEvent)>,
    /// Every byte that the host passed on.
    carried: Vec<u8>,
}

impl Pair {
    fn new() -> Pair {
        let identities = [ADA, BOB].map(|pem| Arc::new(Identity::from_pem(pem).unwrap()));
        let desks = [0, 1].map(|i| {
            let wrap = Arc::new(WrapKeyCell::of(WrapKey::from_pem(ADA_WRAP).unwrap()));
            let name = ["Ada", "Bob"][i].to_owned();
            Desk::new(RoomKey(1), Arc::clone(&identities[i]), name, wrap, [7; 32])
        });
        let partners = [1, 0].map(|i: usize| Partner {
            fingerprint: identities[i].fingerprint(),
            name: ["Ada", "Bob"][i].to_owned(),
            present: true,
        });
        Pair {
            desks,
            partners,
            told: Vec::new(),
            carried: Vec::new(),
        }
    }

    /// Passes on what both want to send until there is nothing; `spoil` may change or drop it.
    fn carry(&mut self, mut spoil: impl FnMut(usize, Vec<u8>) -> Option<Vec<u8>>) {
        loop {
            let mut moved = false;
            for i in 0..2 {
                for out in self.desks[i].drain() {
                    moved = true;
                    match out {
                        Out::Tell { event, .. } => self.told.push((i, event)),
                        Out::Send { bytes, .. } => {
                            if let Some(bytes) = spoil(i, bytes) {
                                self.carried.extend(&bytes);
                                let partner = self.partners[1 - i].clone();
                                self.desks[1 - i].receive(&partner, &bytes, Instant::now());
                            }
                        }
                    }
                }
            }
            if !moved {
                return;
            }
        }
    }

    fn say(&mut self, i: usize, text: &str) {
        let partner = self.partners[i].clone();
        self.desks[i].say(&partner, text.to_owned(), Instant::now());
    }

    fn heard(&self, i: usize) -> Vec<&str> {
        let heard = |(at, event): &'_ (usize, PrivateEvent)| match event {
            PrivateEvent::Heard { message } if *at == i => Some(message.text.as_str().to_owned()),
            _ => None,
        };
        self.told
            .iter()
            .filter_map(heard)
            .map(|text| &*text.leak())
            .collect()
    }

    fn delivered(&self, i: usize) -> usize {
        let is = |(at, event): &&(usize, PrivateEvent)| {
            *at == i && matches!(event, PrivateEvent::Delivered { .. })
        };
        self.told.iter().filter(is).count()
    }
}

#[test]
fn two_members_talk_and_the_host_reads_no_word() {
    let mut pair = Pair::new();
    pair.say(0, "for your eyes only");
    pair.carry(|_, bytes| Some(bytes));
    pair.say(1, "and for yours");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(1), ["for your eyes only"]);
    assert_eq!(pair.heard(0), ["and for yours"]);
    assert_eq!((pair.delivered(0), pair.delivered(1)), (1, 1));
    let emoji: Vec<_> = pair
        .told
        .iter()
        .filter_map(|(_, event)| match event {
            PrivateEvent::Secured { sas } => Some(*sas),
            _ => None,
        })
        .collect();
    assert_eq!(emoji.len(), 2);
    assert_eq!(emoji[0], emoji[1], "both compare the same seven");
    let words = |text: &[u8]| pair.carried.windows(text.len()).any(|part| part == text);
    assert!(!words(b"eyes only") && !words(b"for yours"));
}

#[test]
fn what_is_said_to_somebody_away_arrives_once_when_it_is_back() {
    let mut pair = Pair::new();
    pair.partners[0].present = false;
    pair.say(0, "one");
    pair.say(0, "two");
    pair.carry(|_, _| panic!("nothing is sent to somebody away"));
    pair.partners[0].present = true;
    let partner = pair.partners[0].clone();
    pair.desks[0].came(&partner, Instant::now());
    // The confirmations are lost, so both are sent again in the next channel.
    let mut records = 0;
    pair.carry(|from, bytes| {
        records += usize::from(from == 1 && bytes[0] == FrameKind::Data as u8);
        (from == 0 || bytes[0] != FrameKind::Data as u8).then_some(bytes)
    });
    assert!(records > 0);
    assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["one", "two"], 0));
    pair.desks[1].lost();
    let partner = pair.partners[0].clone();
    pair.desks[1]
        .chats
        .values_mut()
        .for_each(|chat| chat.heard_hello_at = None);
    pair.desks[0].came(&partner, Instant::now());
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["one", "two"], 2));
}

#[test]
fn both_may_begin_at_once() {
    let mut pair = Pair::new();
    pair.say(0, "hello from Ada");
    pair.say(1, "hello from Bob");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(1), ["hello from Ada"]);
    assert_eq!(pair.heard(0), ["hello from Bob"]);
}

#[test]
fn an_altered_byte_breaks_the_channel_off_and_is_told() {
    let mut pair = Pair::new();
    pair.say(0, "first");
    pair.carry(|_, bytes| Some(bytes));
    pair.say(0, "second");
    pair.carry(|from, mut bytes| {
        if from == 0 {
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
        }
        Some(bytes)
    });
    assert_eq!(pair.heard(1), ["first"]);
    assert!(
        pair.told
            .iter()
            .any(|(at, event)| *at == 1 && matches!(event, PrivateEvent::Alarmed { .. }))
    );
}

#[test]
fn a_host_that_puts_itself_in_between_shows_another_key() {
    let mut pair = Pair::new();
    // The host tells Ada that Bob has another key: then Bob's proof does not fit it.
    pair.partners[0].fingerprint = Fingerprint::of_der(b"the host's own");
    pair.say(0, "secret");
    pair.carry(|_, bytes| Some(bytes));
    assert!(pair.heard(1).is_empty());
}
