//! Who is at the gate of a reactor, by origin, and who gives way when it is crowded.
//!
//! A stranger costs a socket until it has shown a right hello, and whoever knows the room shows one at once. So where
//! too many stand, the one that has been silent longest goes: however many strangers share an address with a guest,
//! they push out each other. Who holds an invitation and shows no proof of its key after that goes next, when it has had
//! the time that a slow machine takes for it; never one that has done what it owes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use crate::net::host::gate::Origin;
use crate::net::limits::{MAX_HANDSHAKES, MAX_HANDSHAKES_PER_ORIGIN, PROOF_PATIENCE};

/// Those whose handshakes are not done.
#[derive(Debug, Default)]
pub struct Newcomers {
    origins: HashMap<Origin, OfOrigin>,
    count: usize,
}

#[derive(Debug, Default)]
struct OfOrigin {
    count: usize,
    /// By number, which rises with each connection: the first has been here longest.
    silent: BTreeSet<u64>,
    /// Who has an answer to its hello and owes the proof of its key, since when.
    owing: BTreeMap<u64, Instant>,
}

/// Whether there is a place for one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Free,
    /// When this one goes.
    InsteadOf(u64),
    /// All have shown what they owe by now.
    None,
}

impl Newcomers {
    /// A place for a connection of this origin.
    pub fn place_for(&self, origin: Origin, now: Instant) -> Place {
        let own = self.origins.get(&origin);
        let leaving = if own.is_some_and(|own| own.count >= MAX_HANDSHAKES_PER_ORIGIN) {
            own.and_then(|own| own.silent.first().copied().or_else(|| own.owes_longest(now)))
        } else if self.count >= MAX_HANDSHAKES {
            self.first_to_go(now)
        } else {
            return Place::Free;
        };
        leaving.map_or(Place::None, Place::InsteadOf)
    }

    /// Who has been silent longest, of the origin with most who are: a flood pushes out its own. Where nobody is, who
    /// owes its proof too long, of the origin with most who owe one.
    pub fn first_to_go(&self, now: Instant) -> Option<u64> {
        let most = self.origins.values().max_by_key(|of| of.silent.len())?;
        most.silent.first().copied().or_else(|| {
            let most = self.origins.values().max_by_key(|of| of.owing.len())?;
            most.owes_longest(now)
        })
    }

    /// Somebody connected, and says nothing yet.
    pub fn came(&mut self, origin: Origin, number: u64) {
        self.count += 1;
        let of = self.origins.entry(origin).or_default();
        of.count += 1;
        of.silent.insert(number);
    }

    /// It has shown a right hello.
    pub fn has_shown_hello(&mut self, origin: Origin, number: u64) {
        if let Some(of) = self.origins.get_mut(&origin) {
            of.silent.remove(&number);
        }
    }

    /// Its hello is answered: it owes a proof from now on.
    pub fn owes_proof(&mut self, origin: Origin, number: u64, now: Instant) {
        if let Some(of) = self.origins.get_mut(&origin) {
            of.owing.insert(number, now);
        }
    }

    /// It has shown something for a proof.
    pub fn has_shown_proof(&mut self, origin: Origin, number: u64) {
        if let Some(of) = self.origins.get_mut(&origin) {
            of.owing.remove(&number);
        }
    }

    /// One of those that came is a member now, or gone.
    pub fn left(&mut self, origin: Origin, number: u64) {
        self.count = self.count.saturating_sub(1);
        if let Some(of) = self.origins.get_mut(&origin) {
            of.count = of.count.saturating_sub(1);
            of.silent.remove(&number);
            of.owing.remove(&number);
            if of.count == 0 {
                self.origins.remove(&origin);
            }
        }
    }
}

impl OfOrigin {
    fn owes_longest(&self, now: Instant) -> Option<u64> {
        let (number, since) = self.owing.first_key_value()?;
        (now.saturating_duration_since(*since) >= PROOF_PATIENCE).then_some(*number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(last: u8) -> Origin {
        Origin::of([192, 0, 2, last].into())
    }

    /// As many as one origin may have, numbered from `first`.
    fn crowd(newcomers: &mut Newcomers, origin: Origin, first: u64) {
        for number in first..first + MAX_HANDSHAKES_PER_ORIGIN as u64 {
            assert_eq!(newcomers.place_for(origin, Instant::now()), Place::Free);
            newcomers.came(origin, number);
        }
    }

    #[test]
    fn of_a_crowded_origin_the_longest_silent_gives_way_and_who_has_shown_a_hello_stays() {
        let mut newcomers = Newcomers::default();
        crowd(&mut newcomers, origin(1), 0);
        assert_eq!(
            newcomers.place_for(origin(1), Instant::now()),
            Place::InsteadOf(0)
        );
        newcomers.has_shown_hello(origin(1), 0);
        assert_eq!(
            newcomers.place_for(origin(1), Instant::now()),
            Place::InsteadOf(1)
        );
        assert_eq!(
            newcomers.place_for(origin(2), Instant::now()),
            Place::Free,
            "others are not concerned"
        );
        newcomers.left(origin(1), 1);
        assert_eq!(newcomers.place_for(origin(1), Instant::now()), Place::Free);
        newcomers.came(origin(1), 5000);
        assert_eq!(
            newcomers.place_for(origin(1), Instant::now()),
            Place::InsteadOf(2)
        );
    }

    #[test]
    fn where_all_have_shown_a_hello_there_is_no_place() {
        let mut newcomers = Newcomers::default();
        crowd(&mut newcomers, origin(1), 0);
        for number in 0..MAX_HANDSHAKES_PER_ORIGIN as u64 {
            newcomers.has_shown_hello(origin(1), number);
        }
        assert_eq!(newcomers.place_for(origin(1), Instant::now()), Place::None);
        newcomers.left(origin(1), 3);
        assert_eq!(newcomers.place_for(origin(1), Instant::now()), Place::Free);
    }

    #[test]
    fn who_owes_its_proof_too_long_gives_way_where_nobody_is_silent() {
        let now = Instant::now();
        let mut newcomers = Newcomers::default();
        crowd(&mut newcomers, origin(1), 0);
        for number in 0..MAX_HANDSHAKES_PER_ORIGIN as u64 {
            newcomers.has_shown_hello(origin(1), number);
            newcomers.owes_proof(origin(1), number, now);
        }
        let place = |newcomers: &Newcomers, at| newcomers.place_for(origin(1), at);
        assert_eq!(place(&newcomers, now), Place::None, "it has a little time");
        let later = now + PROOF_PATIENCE;
        assert_eq!(place(&newcomers, later), Place::InsteadOf(0));
        assert_eq!(newcomers.first_to_go(later), Some(0));
        newcomers.has_shown_proof(origin(1), 0);
        assert_eq!(place(&newcomers, later), Place::InsteadOf(1));
        newcomers.left(origin(1), 1);
        newcomers.came(origin(1), 5000);
        assert_eq!(
            place(&newcomers, later),
            Place::InsteadOf(5000),
            "who is silent goes first"
        );
        assert_eq!(newcomers.first_to_go(later), Some(5000));
    }

    #[test]
    fn where_all_places_are_taken_the_origin_with_most_who_are_silent_gives_one_up() {
        let mut newcomers = Newcomers::default();
        let mut number = 0;
        for of in 0..(MAX_HANDSHAKES / MAX_HANDSHAKES_PER_ORIGIN) as u8 {
            crowd(&mut newcomers, origin(of), number);
            // One less is silent in each origin after the first.
            for shown in number..number + u64::from(of) {
                newcomers.has_shown_hello(origin(of), shown);
            }
            number += MAX_HANDSHAKES_PER_ORIGIN as u64;
        }
        assert_eq!(
            newcomers.place_for(origin(200), Instant::now()),
            Place::InsteadOf(0)
        );
        newcomers.left(origin(0), 0);
        assert_eq!(newcomers.place_for(origin(200), Instant::now()), Place::Free);
    }

    #[test]
    fn nothing_is_remembered_of_an_origin_that_is_gone() {
        let mut newcomers = Newcomers::default();
        for number in 0..10_000 {
            newcomers.came(origin(number as u8), number);
            newcomers.left(origin(number as u8), number);
        }
        assert!(newcomers.origins.is_empty());
        assert_eq!(newcomers.count, 0);
    }
}
