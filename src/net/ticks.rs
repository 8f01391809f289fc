//! How far each message of ours was delivered: whom it is for, who has confirmed it.
//!
//! A member confirms the log up to a number, so one confirmation covers every message before it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;

use super::MessageId;
use super::limits::{MAX_FOLLOWED, MAX_NAMED};
use crate::crypto::Fingerprint;

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
    /// For how many it is.
    of: usize,
    /// Who has confirmed it; empty where they are too many to name.
    confirmed: Vec<Fingerprint>,
    awaited: HashSet<Fingerprint>,
    /// What the host counted, where it named nobody.
    counted: usize,
}

impl Sent {
    fn has_names(&self) -> bool {
        self.of <= MAX_NAMED
    }

    /// How many have confirmed it.
    fn to(&self) -> usize {
        (self.of - self.awaited.len()).max(self.counted).min(self.of)
    }

    /// Notes that a member has it; gives whether its tick grew.
    fn confirm(&mut self, member: &Fingerprint) -> bool {
        let before = self.to();
        if !self.awaited.remove(member) {
            return false;
        }
        if self.has_names() {
            self.confirmed.push(*member);
        } else if self.awaited.capacity() > MAX_NAMED.max(4 * self.awaited.len()) {
            // A thousand messages may wait for the last few of a crowd.
            self.awaited.shrink_to_fit();
        }
        self.has_names() || self.to() > before
    }

    /// Notes how many members have it; gives whether its tick grew.
    fn count(&mut self, members: usize) -> bool {
        let before = self.to();
        self.counted = self.counted.max(members);
        self.to() > before
    }

    fn delivery(&self) -> Delivery {
        let awaited = match self.has_names() {
            true => self.awaited.iter().copied().collect(),
            false => Vec::new(),
        };
        Delivery {
            id: self.id,
            to: self.to(),
            of: self.of,
            confirmed: self.confirmed.clone(),
            awaited,
        }
    }
}

/// The ticks of one room.
#[derive(Debug, Default)]
pub struct Ticks {
    /// By their numbers.
    sent: VecDeque<Sent>,
    positions: HashMap<Fingerprint, u64>,
}

impl Ticks {
    /// Follows a message of ours that came into the log as entry `n`, for these others.
    pub fn follow(&mut self, id: MessageId, n: u64, others: impl Iterator<Item = Fingerprint>) -> Delivery {
        let has = |other: &Fingerprint| self.positions.get(other).is_some_and(|at| *at >= n);
        let (confirmed, awaited): (Vec<_>, Vec<_>) = others.partition(has);
        let awaited: HashSet<Fingerprint> = awaited.into_iter().collect();
        let mut sent = Sent {
            id,
            n,
            of: confirmed.len() + awaited.len(),
            confirmed,
            awaited,
            counted: 0,
        };
        if !sent.has_names() {
            sent.confirmed = Vec::new();
        }
        let delivery = sent.delivery();
        if delivery.to < delivery.of {
            if self.sent.len() == MAX_FOLLOWED {
                self.sent.pop_front();
            }
            // At the end, but for an entry that comes once more because it was damaged here.
            let place = self.sent.partition_point(|earlier| earlier.n <= n);
            self.sent.insert(place, sent);
        }
        delivery
    }

    /// Takes in how far others confirmed the log; gives the messages whose ticks grew.
    pub fn confirm(&mut self, positions: impl IntoIterator<Item = (Fingerprint, u64)>) -> Vec<Delivery> {
        let mut grown = Vec::new();
        for (member, n) in positions {
            let known = self.positions.entry(member).or_insert(0);
            let before = *known;
            if before < n {
                *known = n;
                // It has what is in front of them already.
                let news = self.places(before, n);
                grown.extend(self.grow(news, |sent| sent.confirm(&member)));
            }
        }
        self.deliveries(grown)
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
        let news = self.places(0, n);
        let grown = self.grow(news, |sent| sent.count(members));
        self.deliveries(grown)
    }

    /// How far somebody confirmed the log.
    pub fn position(&self, member: &Fingerprint) -> u64 {
        self.positions.get(member).copied().unwrap_or(0)
    }

    /// Everybody's position.
    pub fn positions(&self) -> impl Iterator<Item = (Fingerprint, u64)> {
        self.positions.iter().map(|(member, n)| (*member, *n))
    }

    /// Where the messages stand that came behind entry `after`, up to entry `n`.
    fn places(&self, after: u64, n: u64) -> Range<usize> {
        let behind = |n: u64| self.sent.partition_point(|sent| sent.n <= n);
        behind(after)..behind(n)
    }

    /// Changes some of the messages; gives the places of those whose ticks grew.
    fn grow(&mut self, places: Range<usize>, mut change: impl FnMut(&mut Sent) -> bool) -> Vec<usize> {
        let changed = places.clone().zip(self.sent.range_mut(places));
        changed
            .filter_map(|(place, sent)| change(sent).then_some(place))
            .collect()
    }

    /// What to tell of messages whose ticks grew. Those that everybody has are followed no longer.
    fn deliveries(&mut self, mut grown: Vec<usize>) -> Vec<Delivery> {
        grown.sort_unstable();
        grown.dedup();
        let grown = grown.into_iter().filter_map(|place| self.sent.get(place));
        let deliveries: Vec<Delivery> = grown.map(Sent::delivery).collect();
        if deliveries.iter().any(|delivery| delivery.to == delivery.of) {
            self.sent.retain(|sent| sent.to() < sent.of);
        }
        deliveries
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
    fn a_message_is_told_of_when_its_tick_grows_and_each_name_counts_once() {
        let mut ticks = Ticks::default();
        let names: Vec<Fingerprint> = (0..20).map(|i| person(&i.to_string())).collect();
        for n in 1..=50 {
            ticks.follow(id(n as u8), n, names.iter().copied());
        }
        let mut told = 0;
        for n in 1..=50 {
            for name in &names {
                let grown = ticks.confirm([(*name, n)]);
                assert_eq!(grown.len(), 1, "the newest alone");
                assert_eq!(grown[0].id, id(n as u8));
                told += 1;
                assert_eq!(grown[0].confirmed.len() + grown[0].awaited.len(), 20);
            }
        }
        assert_eq!((told, ticks.sent.len()), (50 * 20, 0));
    }

    #[test]
    fn a_message_that_comes_once_more_stands_where_its_number_belongs() {
        let mut ticks = Ticks::default();
        let others = || ["bob", "cem"].map(person).into_iter();
        for n in [7, 9, 3, 8] {
            ticks.follow(id(n as u8), n, others());
        }
        let numbers: Vec<u64> = ticks.sent.iter().map(|sent| sent.n).collect();
        assert_eq!(numbers, [3, 7, 8, 9]);
        let grown = ticks.confirm([(person("bob"), 8)]);
        assert_eq!(counts(&grown), [(id(3), 1, 2), (id(7), 1, 2), (id(8), 1, 2)]);
        assert_eq!(counts(&ticks.confirm([(person("bob"), 9)])), [(id(9), 1, 2)]);
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
        let named = ticks.confirm((0..480).map(|i| (person(&i.to_string()), 5)));
        assert!(named.is_empty(), "they were counted");
        assert!(ticks.sent[0].awaited.capacity() <= MAX_NAMED && ticks.sent[0].confirmed.is_empty());
        assert_eq!(counts(&ticks.confirm([(person("480"), 6)])), [(id(1), 481, 500)]);
    }
}
