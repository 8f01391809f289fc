//! Who may knock, and who is answered: accounts of strangers by where they come from.
//!
//! TCP has shown already that a newcomer can be reached at its address, which is what a cookie would
//! show; so what strangers cost is counted by origin. Holds no socket and reads no clock.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use crate::crypto::Digest;
use crate::net::bucket::{Bucket, Rate};
use crate::net::limits::{
    ALL_UNINVITED_A_SECOND, ALL_UNINVITED_AT_ONCE, KNOCKS_A_SECOND, KNOCKS_AT_ONCE,
    MAX_HANDSHAKES_PER_ORIGIN, MAX_ORIGINS, REMEMBERED_HELLOS, UNINVITED_A_SECOND, UNINVITED_AT_ONCE,
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
    under_way: u32,
    knocks: Bucket,
    uninvited: Bucket,
}

/// Between two looks through all accounts.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// A hello that holds an invitation, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    GoOn,
    /// The same hello was answered before.
    Repeated,
    /// Too many came from there, or from everywhere, without an invitation.
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

    /// Somebody connects. When it may come in, [`Gate::left`] must be called in the end.
    pub fn knock(&mut self, origin: Origin, now: Instant) -> bool {
        let account = self.account(origin, now);
        let may = account.under_way < MAX_HANDSHAKES_PER_ORIGIN && account.knocks.take_one(now);
        if may {
            account.under_way += 1;
        }
        may
    }

    /// A member is gone again, hardly here: its knock counts after all.
    pub fn came_for_nothing(&mut self, origin: Origin, now: Instant) {
        self.account(origin, now).knocks.charge(1, now);
    }

    /// A handshake is over, one way or the other.
    pub fn left(&mut self, origin: Origin, became_member: bool, now: Instant) {
        // Who knocked while the table was full may have an account of its own by now.
        let has_own = self
            .origins
            .get(&origin)
            .is_some_and(|account| account.under_way > 0);
        let booked = if has_own { origin } else { Origin::OTHERS };
        let account = self.account(booked, now);
        account.under_way = account.under_way.saturating_sub(1);
        if became_member {
            account.knocks.give_one();
        }
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
            self.invited.insert(*proof);
        }
        Answer::GoOn
    }

    fn account(&mut self, origin: Origin, now: Instant) -> &mut Account {
        let is_new = !self.origins.contains_key(&origin);
        // Not for each newcomer: looking through all accounts takes longer than a refusal.
        if is_new && self.origins.len() >= MAX_ORIGINS && now > self.swept_at + SWEEP_INTERVAL {
            self.swept_at = now;
            self.origins
                .retain(|_, account| account.under_way > 0 || !account.is_forgettable(now));
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
        let knocks = Rate {
            at_once: KNOCKS_AT_ONCE,
            a_second: KNOCKS_A_SECOND,
        };
        let uninvited = Rate {
            at_once: UNINVITED_AT_ONCE,
            a_second: UNINVITED_A_SECOND,
        };
        Account {
            under_way: 0,
            knocks: Bucket::full(knocks, now),
            uninvited: Bucket::full(uninvited, now),
        }
    }

    fn is_forgettable(&mut self, now: Instant) -> bool {
        self.knocks.is_full(now) && self.uninvited.is_full(now)
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
    fn an_origin_has_so_many_handshakes_under_way_and_no_more() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        let knocks = (0..2000).filter(|_| gate.knock(origin(1), now)).count();
        assert_eq!(knocks, MAX_HANDSHAKES_PER_ORIGIN as usize);
        assert!(gate.knock(origin(2), now), "others are not concerned");
        gate.left(origin(1), false, now);
        assert!(gate.knock(origin(1), now));
        assert!(!gate.knock(origin(1), now));
    }

    #[test]
    fn who_knocks_and_goes_is_slowed_and_who_becomes_a_member_is_not() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        let mut come_and_go = |origin, became_member| {
            let may = gate.knock(origin, now);
            if may {
                gate.left(origin, became_member, now);
            }
            may
        };
        assert!((0..10_000).all(|_| come_and_go(origin(1), true)));
        let let_in = (0..10_000).filter(|_| come_and_go(origin(2), false)).count();
        assert_eq!(let_in, KNOCKS_AT_ONCE as usize);
        let later = now + Duration::from_secs(1);
        let let_in = (0..10_000)
            .filter(|_| {
                let may = gate.knock(origin(2), later);
                if may {
                    gate.left(origin(2), false, later);
                }
                may
            })
            .count();
        assert_eq!(let_in, KNOCKS_A_SECOND as usize);
    }

    #[test]
    fn a_recorded_hello_is_answered_once_and_however_many_others_came_before() {
        let now = Instant::now();
        let mut gate = Gate::new(now);
        assert_eq!(gate.hello(origin(1), &digest(7), false, now), Answer::GoOn);
        for other in 1000..1000 + REMEMBERED_HELLOS as u32 {
            gate.hello(origin(1), &digest(other), false, now);
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
            gate.knock(Origin::of(Ipv6Addr::from(network << 64).into()), now);
        }
        assert!(gate.origins.len() <= MAX_ORIGINS + 1);
    }
}
