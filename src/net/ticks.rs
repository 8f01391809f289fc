//! How far each message of ours was delivered: whom it is for, who has confirmed it.
//!
//! A member confirms the log up to a number, so one confirmation covers every message before it.

use std::collections::{HashMap, VecDeque};

use super::MessageId;
use crate::crypto::Fingerprint;

/// Messages of ours whose delivery is followed; older ones stay as they stood.
const FOLLOWED: usize = 1024;
/// So many names go with a tick; above it is a number alone.
const NAMED: usize = 128;

/// How far a message was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The message.
    pub id: MessageId,
    /// How many have confirmed it.
    pub to: usize,
    /// For how many it is: who was in the room, or expected back, when it came into the log.
    pub of: usize,
    /// Who has confirmed it; empty where they are too many to name.
    pub confirmed: Vec<Fingerprint>,
    /// Who has not; empty where they are too many to name.
    pub awaited: Vec<Fingerprint>,
}

impl Delivery {
    /// Of a private message that the one other end has.
    pub fn to_one(id: MessageId) -> Delivery {
        Delivery {
            id,
            to: 1,
            of: 1,
            confirmed: Vec::new(),
            awaited: Vec::new(),
        }
    }
}

#[derive(Debug)]
struct Sent {
    id: MessageId,
    n: u64,
    confirmed: Vec<Fingerprint>,
    awaited: Vec<Fingerprint>,
    /// What the host counted, where it named nobody.
    counted: usize,
}

impl Sent {
    fn delivery(&self) -> Delivery {
        let of = self.confirmed.len() + self.awaited.len();
        let names = of <= NAMED;
        let named = |all: &[Fingerprint]| if names { all.to_vec() } else { Vec::new() };
        Delivery {
            id: self.id,
            to: self.confirmed.len().max(self.counted).min(of),
            of,
            confirmed: named(&self.confirmed),
            awaited: named(&self.awaited),
        }
    }
}

/// The ticks of one room.
#[derive(Debug, Default)]
pub struct Ticks {
    sent: VecDeque<Sent>,
    positions: HashMap<Fingerprint, u64>,
}

impl Ticks {
    /// Follows a message of ours that came into the log as entry `n`, for these others.
    pub fn follow(&mut self, id: MessageId, n: u64, others: impl Iterator<Item = Fingerprint>) -> Delivery {
        let has = |other: &Fingerprint| self.positions.get(other).is_some_and(|at| *at >= n);
        let (confirmed, awaited) = others.partition(has);
        let sent = Sent {
            id,
            n,
            confirmed,
            awaited,
            counted: 0,
        };
        let delivery = sent.delivery();
        if delivery.to < delivery.of {
            if self.sent.len() == FOLLOWED {
                self.sent.pop_front();
            }
            self.sent.push_back(sent);
        }
        delivery
    }

    /// Takes in how far others confirmed the log; gives the messages whose ticks grew.
    pub fn confirm(&mut self, positions: impl IntoIterator<Item = (Fingerprint, u64)>) -> Vec<Delivery> {
        let mut moved = Vec::new();
        for (member, n) in positions {
            let known = self.positions.entry(member).or_insert(0);
            if *known < n {
                *known = n;
                moved.push((member, n));
            }
        }
        self.grow(|sent| {
            let before = sent.awaited.len();
            for (member, n) in &moved {
                if *n >= sent.n
                    && let Some(place) = sent.awaited.iter().position(|one| one == member)
                {
                    sent.confirmed.push(sent.awaited.swap_remove(place));
                }
            }
            sent.awaited.len() < before
        })
    }

    /// Takes in how far others confirmed the log, as a host says it. Whom the log does not know does not count: a host can
    /// make up strangers for ever.
    pub fn confirm_known(
        &mut self,
        positions: impl IntoIterator<Item = (Fingerprint, u64)>,
        is_known: impl Fn(&Fingerprint) -> bool,
    ) -> Vec<Delivery> {
        let known = positions.into_iter().filter(|(member, _)| is_known(member));
        self.confirm(known)
    }

    /// Takes in how many members have entry `n`.
    pub fn count(&mut self, n: u64, members: usize) -> Vec<Delivery> {
        self.grow(|sent| {
            let grows = sent.n <= n && sent.counted < members;
            if grows {
                sent.counted = members;
            }
            grows
        })
    }

    /// How far somebody confirmed the log.
    pub fn position(&self, member: &Fingerprint) -> u64 {
        self.positions.get(member).copied().unwrap_or(0)
    }

    /// Everybody's position.
    pub fn positions(&self) -> impl Iterator<Item = (Fingerprint, u64)> {
        self.positions.iter().map(|(member, n)| (*member, *n))
    }

    fn grow(&mut self, mut change: impl FnMut(&mut Sent) -> bool) -> Vec<Delivery> {
        let mut grown = Vec::new();
        for sent in &mut self.sent {
            if change(sent) {
                grown.push(sent.delivery());
            }
        }
        self.sent.retain(|sent| {
            let Delivery { to, of, .. } = sent.delivery();
            to < of
        });
        grown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Fingerprint {
        Fingerprint::of_der(name.as_bytes())
    }

    fn id(byte: u8) -> MessageId {
        MessageId([byte; 32])
    }

    fn counts(grown: &[Delivery]) -> Vec<(MessageId, usize, usize)> {
        grown.iter().map(|one| (one.id, one.to, one.of)).collect()
    }

    #[test]
    fn one_confirmation_covers_every_message_before_it() {
        let mut ticks = Ticks::default();
        let others = || ["bob", "cem"].map(person).into_iter();
        ticks.follow(id(1), 5, others());
        ticks.follow(id(2), 6, others());
        ticks.follow(id(3), 9, others());
        let grown = ticks.confirm([(person("bob"), 6)]);
        assert_eq!(counts(&grown), [(id(1), 1, 2), (id(2), 1, 2)]);
        assert_eq!(grown[0].confirmed, [person("bob")]);
        assert_eq!(grown[0].awaited, [person("cem")]);
        assert!(ticks.confirm([(person("bob"), 6)]).is_empty(), "nothing is new");
        let grown = ticks.confirm([(person("cem"), 9), (person("bob"), 9)]);
        assert_eq!(counts(&grown), [(id(1), 2, 2), (id(2), 2, 2), (id(3), 2, 2)]);
        assert!(ticks.sent.is_empty());
    }

    #[test]
    fn a_member_that_was_away_counts_when_it_is_back_and_a_stranger_never() {
        let mut ticks = Ticks::default();
        let first = ticks.follow(id(1), 5, [person("bob")].into_iter());
        assert_eq!((first.to, first.of), (0, 1));
        assert!(ticks.confirm([(person("eve"), 50)]).is_empty());
        assert!(ticks.confirm([(person("bob"), 4)]).is_empty());
        assert_eq!(counts(&ticks.confirm([(person("bob"), 700)])), [(id(1), 1, 1)]);
    }

    #[test]
    fn strangers_whom_a_host_makes_up_take_no_memory() {
        let mut ticks = Ticks::default();
        ticks.follow(id(1), 5, [person("bob")].into_iter());
        let is_known = |member: &Fingerprint| *member == person("bob");
        for i in 0..1000 {
            let made_up = [(person(&i.to_string()), 5)];
            assert!(ticks.confirm_known(made_up, is_known).is_empty());
        }
        let grown = ticks.confirm_known([(person("eve"), 5), (person("bob"), 5)], is_known);
        assert_eq!(counts(&grown), [(id(1), 1, 1)]);
        let positions: Vec<_> = ticks.positions().collect();
        assert_eq!(positions, [(person("bob"), 5)]);
    }

    #[test]
    fn many_are_counted_and_not_named() {
        let mut ticks = Ticks::default();
        let others = (0..500).map(|i| person(&i.to_string()));
        let first = ticks.follow(id(1), 5, others);
        assert!(first.awaited.is_empty() && first.of == 500);
        assert_eq!(counts(&ticks.count(5, 480)), [(id(1), 480, 500)]);
        assert!(ticks.count(5, 300).is_empty(), "a tick never shrinks");
    }
}
