//! Whose hello is answered: accounts of newcomers by where they come from.
//!
//! TCP has shown already that a newcomer can be reached at its address, which is what a cookie would
//! show; so what newcomers cost is counted by origin, once they have shown a hello with a right proof. Who has shown none
//! costs a socket and a hash ([`Newcomers`](super::reactor::Newcomers)). Holds no socket and reads no clock.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Instant;

use crate::crypto::Digest;
use crate::net::bucket::{Bucket, Rate};
use crate::net::limits::{
    ALL_UNINVITED_A_SECOND, ALL_UNINVITED_AT_ONCE, HELLOS_A_SECOND, HELLOS_AT_ONCE, MAX_ORIGINS,
    REMEMBERED_HELLOS, SWEEP_INTERVAL, UNINVITED_A_SECOND, UNINVITED_AT_ONCE,
};

/// Where somebody comes from: an IPv4 address, or the 64 bits of an IPv6 address that a provider gives
/// to one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(IpAddr);

impl Origin {
    /// The origin of an address.
    pub fn of(address: IpAddr) -> Origin {
        match address.to_canonical() {
            IpAddr::V6(v6) => {
                let network = u128::from(v6) & !u128::from(u64::MAX);
                Origin(Ipv6Addr::from(network).into())
            }
            v4 => Origin(v4),
        }
    }

    /// The account of all those who have none of their own.
    const OTHERS: Origin = Origin(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
}

/// What one gate lets in.
#[derive(Debug)]
pub struct Gate {
    origins: HashMap<Origin, Account>,
    all_uninvited: Bucket,
    invited: Remembered,
    uninvited: Remembered,
    /// When accounts were last looked through.
    swept_at: Instant,
}

#[derive(Debug)]
struct Account {
    hellos: Bucket,
    uninvited: Bucket,
}

/// What a hello with a right proof gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    GoOn,
    /// The same hello was answered before.
    Repeated,
    /// Too many came from there, or without an invitation from everywhere.
    TooMany,
}

impl Gate {
    /// Nobody has come yet.
    pub fn new(now: Instant) -> Gate {
        let all = Rate {
            at_once: ALL_UNINVITED_AT_ONCE,
            a_second: ALL_UNINVITED_A_SECOND,
        };
        Gate {
            origins: HashMap::new(),
            all_uninvited: Bucket::full(all, now),
            invited: Remembered::default(),
            uninvited: Remembered::default(),
            swept_at: now,
        }
    }

    /// Somebody has become a member: its hello is not counted.
    pub fn became_member(&mut self, origin: Origin, now: Instant) {
        self.account(origin, now).hellos.give_one();
    }

    /// A member is gone again, hardly here: its hello counts after all.
    pub fn came_for_nothing(&mut self, origin: Origin, now: Instant) {
        self.account(origin, now).hellos.charge(1, now);
    }

    /// Somebody comes back with a right ticket, which costs as much as a hello, and the log two entries. Gives whether it may.
    pub fn comes_back(&mut self, origin: Origin, now: Instant) -> bool {
        self.account(origin, now).hellos.take_one(now)
    }

    /// A hello with a right proof; `came_uninvited` when the proof is one that everybody can make.
    pub fn hello(&mut self, origin: Origin, proof: &Digest, came_uninvited: bool, now: Instant) -> Answer {
        let remembered = if came_uninvited {
            &self.uninvited
        } else {
            &self.invited
        };
        if remembered.contains(proof) {
            return Answer::Repeated;
        }
        if came_uninvited {
            let own = self.account(origin, now).uninvited.take_one(now);
            if !own || !self.all_uninvited.take_one(now) {
                return Answer::TooMany;
            }
            self.uninvited.insert(*proof);
        } else {
            if !self.account(origin, now).hellos.take_one(now) {
                return Answer::TooMany;
            }
            self.invited.insert(*proof);
        }
        Answer::GoOn
    }

    fn account(&mut self, origin: Origin, now: Instant) -> &mut Account {
        let is_new = !self.origins.contains_key(&origin);
        // Not for each newcomer: looking through all accounts takes longer than a refusal.
        if is_new && self.origins.len() >= MAX_ORIGINS && now > self.swept_at + SWEEP_INTERVAL {
            self.swept_at = now;
            self.origins.retain(|_, account| !account.is_forgettable(now));
        }
        let origin = if is_new && self.origins.len() >= MAX_ORIGINS {
            Origin::OTHERS
        } else {
            origin
        };
        self.origins.entry(origin).or_insert_with(|| Account::new(now))
    }
}

impl Account {
    fn new(now: Instant) -> Account {
        let hellos = Rate {
            at_once: HELLOS_AT_ONCE,
            a_second: HELLOS_A_SECOND,
        };
        let uninvited = Rate {
            at_once: UNINVITED_AT_ONCE,
            a_second: UNINVITED_A_SECOND,
        };
        Account {
            hellos: Bucket::full(hellos, now),
            uninvited: Bucket::full(uninvited, now),
        }
    }

    fn is_forgettable(&mut self, now: Instant) -> bool {
        self.hellos.is_full(now) && self.uninvited.is_full(now)
    }
}

/// Two generations of hellos: when the newer one is full, the older one is forgotten. Who holds the
/// secret could push others out; but it can make hellos of its own anyway.
#[derive(Debug, Default)]
struct Remembered {
    newer: HashSet<Digest>,
    older: HashSet<Digest>,
}

impl Remembered {
    fn contains(&self, proof: &Digest) -> bool {
        self.newer.contains(proof) || self.older.contains(proof)
    }

    fn insert(&mut self, proof: Digest) {
        if self.newer.len() >= REMEMBERED_HELLOS {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(proof);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn origin(last: u8) -> Origin {
        Origin::of([192, 0, 2, last].into())
    }

    fn digest(number: u32) -> Digest {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&number.to_be_bytes());
        digest
    }

    #[test]
    fn one_customer_is_one_origin() {
        let of = |text: &str| Origin::of(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.7"), origin(7));
        assert_ne!(origin(7), origin(8));
    }

    #[test]
    fn who_shows_hellos_and_goes_is_slowed_and_who_becomes_a_member_is_not() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        let mut number = 0;
        let mut come = |gate: &mut Gate, last, now| {
            number += 1;
            gate.hello(origin(last), &digest(number), false, now) == Answer::GoOn
        };
        for _ in 0..3000 {
            assert!(come(&mut gate, 1, now));
            gate.became_member(origin(1), now);
        }
        let answered = (0..3000).filter(|_| come(&mut gate, 2, now)).count();
        assert_eq!(answered, HELLOS_AT_ONCE as usize);
        assert!(come(&mut gate, 1, now), "others are not concerned");
        let later = now + Duration::from_secs(1);
        let answered = (0..3000).filter(|_| come(&mut gate, 2, later)).count();
        assert_eq!(answered, HELLOS_A_SECOND as usize);
    }

    #[test]
    fn who_becomes_a_member_and_goes_at_once_is_slowed_like_who_never_became_one() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        let answered = (0..3000)
            .filter(|number| {
                let answer = gate.hello(origin(1), &digest(*number), false, now);
                if answer == Answer::GoOn {
                    gate.became_member(origin(1), now);
                    gate.came_for_nothing(origin(1), now);
                }
                answer == Answer::GoOn
            })
            .count();
        assert_eq!(answered, HELLOS_AT_ONCE as usize);
    }

    #[test]
    fn who_comes_back_again_and_again_is_slowed_and_a_class_that_comes_back_at_once_is_not() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        let come_back = |gate: &mut Gate, stays: bool| {
            let may = gate.comes_back(origin(1), now);
            if may {
                gate.became_member(origin(1), now);
            }
            if may && !stays {
                gate.came_for_nothing(origin(1), now);
            }
            may
        };
        for _ in 0..60 {
            assert!((0..60).all(|_| come_back(&mut gate, true)));
        }
        let let_in = (0..3000).filter(|_| come_back(&mut gate, false)).count();
        assert_eq!(let_in, HELLOS_AT_ONCE as usize);
        // What is left is one account: who comes anew from there waits as well.
        assert_eq!(gate.hello(origin(1), &digest(1), false, now), Answer::TooMany);
        assert!(gate.comes_back(origin(2), now), "others are not concerned");
    }

    #[test]
    fn a_recorded_hello_is_answered_once_and_however_many_others_came_before() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        assert_eq!(gate.hello(origin(1), &digest(7), false, now), Answer::GoOn);
        for other in 1000..1000 + REMEMBERED_HELLOS as u32 {
            assert_eq!(gate.hello(origin(1), &digest(other), false, now), Answer::GoOn);
            gate.became_member(origin(1), now);
        }
        assert_eq!(gate.hello(origin(2), &digest(7), false, now), Answer::Repeated);
        let remembered = gate.invited.newer.len() + gate.invited.older.len();
        assert!(remembered <= 2 * REMEMBERED_HELLOS);
    }

    #[test]
    fn the_uninvited_are_answered_at_a_rate_and_the_invited_always() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        let mut number = 0;
        let mut answered = |origin, came_uninvited, now| {
            number += 1;
            gate.hello(origin, &digest(number), came_uninvited, now) == Answer::GoOn
        };
        let one = (0..1000).filter(|_| answered(origin(1), true, now)).count();
        assert_eq!(one, UNINVITED_AT_ONCE as usize);
        let all = (2..250)
            .map(|last| (0..100).filter(|_| answered(origin(last), true, now)).count())
            .sum::<usize>();
        assert_eq!(all + one, ALL_UNINVITED_AT_ONCE as usize);
        let later = now + Duration::from_secs(1);
        let one = (0..1000).filter(|_| answered(origin(1), true, later)).count();
        assert_eq!(one, UNINVITED_A_SECOND as usize);
        assert!((0..1000).all(|_| answered(origin(1), false, now)));
    }

    #[test]
    fn origins_without_number_take_no_memory_without_number() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        for network in 0..3 * MAX_ORIGINS as u128 {
            let origin = Origin::of(Ipv6Addr::from(network << 64).into());
            gate.hello(origin, &digest(network as u32), false, now);
        }
        assert!(gate.origins.len() <= MAX_ORIGINS + 1);
    }
}
