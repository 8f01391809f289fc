//! So much waits for a receiver that the host passes on no more, and tells the sender so.

use super::*;
use crate::protocol::limits::HANDSHAKE_TIMEOUT;

/// The pauses, one after the other, and then the longest again and again.
const PAUSES: [u64; 6] = [2, 4, 8, 16, 32, 32];

impl Pair {
    /// The host tells one of them that what it sent is not passed on.
    fn goes_back(&mut self, i: usize) {
        let with = self.partners[i].fingerprint;
        self.desks[i].not_passed_on(&with, self.now);
    }

    /// In so many seconds it is due to try again, and it does.
    fn tries_again(&mut self, i: usize, secs: u64) {
        assert_eq!(self.desks[i].due(), Some(self.now + Duration::from_secs(secs)));
        self.now += Duration::from_secs(secs);
        self.try_what_is_due(i);
    }

    fn try_what_is_due(&mut self, i: usize) {
        for who in self.desks[i].take_due(self.now) {
            assert_eq!(who, self.partners[i].fingerprint);
            let partner = self.partners[i].clone();
            self.desks[i].try_again(&partner, self.now);
        }
    }

    fn is_alarmed(&self) -> bool {
        let mut told = self.told.iter();
        told.any(|(_, event)| matches!(event, PrivateEvent::Alarmed { .. }))
    }
}

/// The host passes on what comes from this one alone.
fn only(i: usize) -> impl FnMut(usize, Vec<u8>) -> Option<Vec<u8>> {
    move |from, bytes| (from == i).then_some(bytes)
}

#[test]
fn what_is_not_passed_on_waits_and_comes_through_by_itself_once_and_in_order() {
    let mut pair = Pair::new();
    pair.say(0, "first");
    pair.carry(|_, bytes| Some(bytes));
    pair.say(0, "second");
    pair.say(0, "third");
    pair.carry(only(1));
    pair.told.clear();
    pair.goes_back(0);
    pair.carry(|_, _| panic!("nothing is sent for now"));
    assert!(
        matches!(pair.told[..], [(0, PrivateEvent::Waiting)]),
        "{:?}",
        pair.told
    );
    pair.tries_again(0, 2);
    // It goes with what waits when the channel stands.
    pair.say(0, "fourth");
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(1), ["second", "third", "fourth"]);
    assert_eq!(pair.delivered(0), 3);
    assert!(!pair.is_alarmed(), "{:?}", pair.told);
    assert_eq!(pair.desks[0].due(), None);
}

#[test]
fn the_pauses_grow_to_half_a_minute_and_are_short_again_when_something_came_through() {
    let mut pair = Pair::new();
    pair.say(0, "first");
    pair.carry(only(1));
    pair.goes_back(0);
    for secs in PAUSES {
        pair.tries_again(0, secs);
        pair.carry(only(1));
        pair.goes_back(0);
    }
    pair.tries_again(0, 32);
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["first"], 1));
    pair.say(0, "second");
    pair.carry(only(1));
    pair.goes_back(0);
    pair.tries_again(0, PAUSES[0]);
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!(pair.heard(1), ["first", "second"]);
}

#[test]
fn a_confirmation_that_is_not_passed_on_comes_with_the_next_channel() {
    let mut pair = Pair::new();
    pair.say(0, "first");
    pair.carry(|_, bytes| Some(bytes));
    pair.say(0, "second");
    pair.carry(only(0));
    assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["first", "second"], 1));
    pair.goes_back(1);
    pair.tries_again(1, 2);
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["first", "second"], 2));
    assert!(!pair.is_alarmed());
}

#[test]
fn an_answer_to_a_hello_that_is_not_passed_on_leaves_neither_end_waiting_for_ever() {
    for begins in 0..2 {
        let (mut pair, answers) = (Pair::new(), 1 - begins);
        pair.say(begins, "hello");
        pair.carry(only(begins));
        pair.goes_back(answers);
        // Whose hello counts depends on the fingerprints; the other one's is left unanswered at first.
        for secs in PAUSES {
            if pair.delivered(begins) == 0 {
                pair.tries_again(answers, secs);
                pair.carry(|_, bytes| Some(bytes));
            }
        }
        assert_eq!((pair.heard(answers), pair.delivered(begins)), (vec!["hello"], 1));
        assert!(!pair.is_alarmed());
    }
}

#[test]
fn nothing_is_tried_with_somebody_who_is_away_and_all_when_it_is_back() {
    let mut pair = Pair::new();
    pair.say(0, "first");
    pair.carry(only(1));
    pair.goes_back(0);
    pair.partners[0].present = false;
    pair.now += HANDSHAKE_TIMEOUT;
    pair.try_what_is_due(0);
    pair.carry(|_, _| panic!("nothing is sent to somebody away"));
    assert_eq!(pair.desks[0].due(), None);
    pair.partners[0].present = true;
    pair.came(0);
    pair.carry(|_, bytes| Some(bytes));
    assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["first"], 1));
}
