//! Who is at the gate of a reactor, by origin, and who gives way when it is crowded.
//!
//! A stranger costs a socket until it has shown a right hello, and whoever knows the room shows one at once. So where
//! too many stand, the one that has been silent longest goes, and never one that has shown what it holds: however many
//! strangers share an address with a guest, they push out each other.

use std::collections::{BTreeSet, HashMap};

use crate::net::host::gate::Origin;
use crate::net::limits::{MAX_HANDSHAKES, MAX_HANDSHAKES_PER_ORIGIN};

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
}

/// Whether there is a place for one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Free,
    /// When this one goes.
    InsteadOf(u64),
    /// All have shown a right hello.
    None,
}

impl Newcomers {
    /// A place for a connection of this origin.
    pub fn place_for(&self, origin: Origin) -> Place {
        let own = self.origins.get(&origin);
        let leaving = if own.is_some_and(|own| own.count >= MAX_HANDSHAKES_PER_ORIGIN) {
            own.and_then(|own| own.silent.first().copied())
        } else if self.count >= MAX_HANDSHAKES {
            self.longest_silent()
        } else {
            return Place::Free;
        };
        leaving.map_or(Place::None, Place::InsteadOf)
    }

    /// Who has been silent longest, of the origin with most who are: a flood pushes out its own.
    pub fn longest_silent(&self) -> Option<u64> {
        let most = self.origins.values().max_by_key(|of| of.silent.len())?;
        most.silent.first().copied()
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

    /// One of those that came is a member now, or gone.
    pub fn left(&mut self, origin: Origin, number: u64) {
        self.count = self.count.saturating_sub(1);
        if let Some(of) = self.origins.get_mut(&origin) {
            of.count = of.count.saturating_sub(1);
            of.silent.remove(&number);
            if of.count == 0 {
                self.origins.remove(&origin);
            }
        }
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
            assert_eq!(newcomers.place_for(origin), Place::Free);
            newcomers.came(origin, number);
        }
    }

    #[test]
    fn of_a_crowded_origin_the_longest_silent_gives_way_and_who_has_shown_a_hello_stays() {
        let mut newcomers = Newcomers::default();
        crowd(&mut newcomers, origin(1), 0);
        assert_eq!(newcomers.place_for(origin(1)), Place::InsteadOf(0));
        newcomers.has_shown_hello(origin(1), 0);
        assert_eq!(newcomers.place_for(origin(1)), Place::InsteadOf(1));
        assert_eq!(
            newcomers.place_for(origin(2)),
            Place::Free,
            "others are not concerned"
        );
        newcomers.left(origin(1), 1);
        assert_eq!(newcomers.place_for(origin(1)), Place::Free);
        newcomers.came(origin(1), 5000);
        assert_eq!(newcomers.place_for(origin(1)), Place::InsteadOf(2));
    }

    #[test]
    fn where_all_have_shown_a_hello_there_is_no_place() {
        let mut newcomers = Newcomers::default();
        crowd(&mut newcomers, origin(1), 0);
        for number in 0..MAX_HANDSHAKES_PER_ORIGIN as u64 {
            newcomers.has_shown_hello(origin(1), number);
        }
        assert_eq!(newcomers.place_for(origin(1)), Place::None);
        newcomers.left(origin(1), 3);
        assert_eq!(newcomers.place_for(origin(1)), Place::Free);
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
        assert_eq!(newcomers.place_for(origin(200)), Place::InsteadOf(0));
        newcomers.left(origin(0), 0);
        assert_eq!(newcomers.place_for(origin(200)), Place::Free);
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
