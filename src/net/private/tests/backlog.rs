//! More waits for a partner than may be on its way at once.

use super::*;
use crate::net::limits::{MAX_ON_ITS_WAY, MAX_WAITING_FOR_ONE};
use crate::protocol::limits::{HANDSHAKE_TIMEOUT, MAX_MESSAGE_BYTES, REKEY_INTERVAL};

/// Texts of the greatest length, each of them another one.
fn long_texts(count: usize) -> Vec<String> {
    let long = |i: usize| format!("{i:04}").repeat(MAX_MESSAGE_BYTES / 4);
    (0..count).map(long).collect()
}

fn is_data(bytes: &[u8]) -> bool {
    bytes[0] == FrameKind::Data as u8
}

#[test]
fn however_much_waits_little_is_on_its_way_at_once_and_all_arrives_in_order() {
    let mut pair = Pair::new();
    let texts = long_texts(MAX_WAITING_FOR_ONE);
    pair.partners[0].present = false;
    texts.iter().for_each(|text| pair.say(0, text));
    pair.carry(|_, _| panic!("nothing is sent to somebody away"));
    pair.partners[0].present = true;
    pair.came(0);
    let (mut on_its_way, mut most) = (0, 0);
    pair.carry(|from, bytes| {
        // When the other end answers, everything before is there.
        on_its_way = if from == 0 { on_its_way + bytes.len() } else { 0 };
        most = most.max(on_its_way);
        Some(bytes)
    });
    assert!(most > MAX_ON_ITS_WAY && most < 2 * MAX_ON_ITS_WAY, "{most} bytes");
    assert!(pair.heard(1) == texts, "all of them, in order");
    assert_eq!(pair.delivered(0), texts.len());
}

#[test]
fn a_backlog_goes_on_over_a_fresh_key_exchange_and_in_the_next_channel() {
    let mut pair = Pair::new();
    pair.say(0, "first");
    pair.carry(|_, bytes| Some(bytes));
    pair.now += REKEY_INTERVAL;
    let texts = long_texts(40);
    texts.iter().for_each(|text| pair.say(0, text));
    let (mut has_fresh_keys, mut confirmations) = (false, 0);
    // Then the line is lost, and with it all other confirmations.
    pair.carry(|from, bytes| {
        has_fresh_keys |= bytes[0] == FrameKind::RekeyDone as u8;
        confirmations += usize::from(from == 1 && is_data(&bytes));
        (from == 0 || confirmations <= 20).then_some(bytes)
    });
    assert!(has_fresh_keys);
    let before = pair.heard(1).len();
    assert!((20..40).contains(&before), "{before} arrived");
    pair.desks[1].lost();
    pair.came(0);
    pair.carry(|_, bytes| Some(bytes));
    let all: Vec<String> = ["first".to_owned()].into_iter().chain(texts).collect();
    assert!(pair.heard(1) == all, "each of them once, in order");
    assert_eq!(pair.delivered(0), all.len());
}

#[test]
fn where_nothing_on_its_way_is_confirmed_for_long_the_next_text_begins_a_channel_anew() {
    let mut pair = Pair::new();
    pair.say(0, "first");
    pair.carry(|_, bytes| Some(bytes));
    let texts = long_texts(20);
    texts.iter().for_each(|text| pair.say(0, text));
    pair.carry(|from, bytes| (from == 0).then_some(bytes));
    assert!(pair.heard(1).len() < texts.len(), "the rest is held back");
    pair.now += HANDSHAKE_TIMEOUT + BEGIN_AGAIN;
    pair.say(0, "last");
    pair.carry(|_, bytes| Some(bytes));
    let all: Vec<String> = ["first".to_owned()]
        .into_iter()
        .chain(texts)
        .chain(["last".to_owned()])
        .collect();
    assert!(pair.heard(1) == all, "each of them once, in order");
    assert_eq!(pair.delivered(0), all.len());
}
