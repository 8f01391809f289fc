//! The other end has heard higher numbers than this one knows of.

use super::*;
use crate::protocol::limits::MAX_COUNT;

const HOUR_MS: u64 = 60 * 60 * 1000;

/// Bob has heard what Ada said by a clock that was ahead; nothing of that was kept by Ada.
fn hears_ahead(pair: &mut Pair, by_ms: u64) {
    let ada = pair.partners[1].fingerprint;
    pair.desks[1].chats.get_mut(&ada).unwrap().heard += by_ms;
}

fn begun() -> Pair {
    let mut pair = Pair::new();
    pair.say(0, "before");
    pair.carry(|_, bytes| Some(bytes));
    pair
}

fn is_alarmed(pair: &Pair) -> bool {
    let mut told = pair.told.iter();
    told.any(|(_, event)| matches!(event, PrivateEvent::Alarmed { .. }))
}

#[test]
fn what_the_other_end_took_for_heard_is_sent_again_and_told_as_delivered_only_then() {
    let mut pair = begun();
    hears_ahead(&mut pair, HOUR_MS);
    pair.told.clear();
    pair.say(0, "one");
    pair.say(0, "two");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["one", "two"], 2));
    assert!(!is_alarmed(&pair));
    let ids = |find: fn(&PrivateEvent) -> Option<MessageId>| -> Vec<MessageId> {
        pair.told.iter().filter_map(|(_, event)| find(event)).collect()
    };
    let delivered = ids(|event| match event {
        PrivateEvent::Delivered { id } => Some(*id),
        _ => None,
    });
    let renumbered = ids(|event| match event {
        PrivateEvent::Renumbered { id, .. } => Some(*id),
        _ => None,
    });
    let heard = ids(|event| match event {
        PrivateEvent::Heard { message } => Some(message.id),
        _ => None,
    });
    assert_eq!(delivered, renumbered);
    assert_eq!(delivered, heard, "both ends know them by one id");
    // On the disk each stands once, and nothing waits; what is said next comes behind them.
    pair.restart(0);
    pair.came(0);
    pair.say(0, "three");
    pair.carry(|_, bytes| Some(bytes));
    let all = ["before", "one", "two"].map(str::to_owned).to_vec();
    assert_eq!(kept(&pair, 0), (all, Vec::new()));
    assert_eq!(pair.heard(1), ["one", "two", "three"]);
}

#[test]
fn who_is_killed_with_new_numbers_goes_on_with_them() {
    let mut pair = begun();
    hears_ahead(&mut pair, HOUR_MS);
    pair.told.clear();
    pair.say(0, "one");
    pair.say(0, "two");
    // Bob's answers to the old numbers arrive, those to the new ones do not.
    let mut answers = 0;
    pair.carry(|from, bytes| {
        answers += usize::from(from == 1);
        (from == 0 || answers <= 2).then_some(bytes)
    });
    assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["one", "two"], 0));
    pair.restart(0);
    pair.came(0);
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["one", "two"], 2));
}

#[test]
fn only_what_stands_before_the_number_that_was_heard_is_sent_again() {
    let mut pair = begun();
    hears_ahead(&mut pair, HOUR_MS);
    pair.told.clear();
    pair.say(0, "lost on it");
    // The clock has come to where it was before.
    let bob = pair.partners[0].fingerprint;
    pair.desks[0].chats.get_mut(&bob).unwrap().last_seq += 2 * HOUR_MS;
    pair.say(0, "heard");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(
        (pair.heard(1), pair.delivered(0)),
        (vec!["heard", "lost on it"], 2)
    );
}

#[test]
fn who_confirms_what_was_never_sent_again_and_again_or_beyond_all_clocks_is_broken_off() {
    let mut pair = begun();
    for text in ["one", "two"] {
        assert!(!is_alarmed(&pair));
        hears_ahead(&mut pair, HOUR_MS);
        pair.say(0, text);
        pair.carry(|_, bytes| Some(bytes));
    }
    assert!(is_alarmed(&pair));
    let mut pair = begun();
    hears_ahead(&mut pair, MAX_COUNT / 2);
    pair.say(0, "one");
    pair.carry(|_, bytes| Some(bytes));
    assert!(is_alarmed(&pair));
    let bob = pair.partners[0].fingerprint;
    assert!(pair.desks[0].chats[&bob].last_seq < MAX_COUNT / 2);
}
