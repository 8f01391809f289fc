//! What each member may still cost, by its key: a line that ends takes no debt along, and two lines of one member share
//! one allowance. What a message costs is [`Allowance`]'s affair.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::reactor::Allowance;
use super::together::Together;
use crate::crypto::Fingerprint;
use crate::net::limits::{FEW_ALLOWANCES, MAX_ALLOWANCES, MEMBER_DEBT, SWEEP_INTERVAL};

/// The allowances of a room's members.
#[derive(Debug)]
pub struct Allowances {
    table: Mutex<Table>,
    /// What they may all cost together.
    together: Arc<Together>,
}

#[derive(Debug, Default)]
struct Table {
    by_member: HashMap<Fingerprint, MemberAllowance>,
    swept_at: Option<Instant>,
}

/// One member's, as each of its connections has it.
#[derive(Debug, Clone)]
pub struct MemberAllowance(Arc<Mutex<Allowance>>);

impl Allowances {
    /// Nobody has cost anything yet.
    pub fn new(now: Instant) -> Allowances {
        Allowances {
            table: Mutex::default(),
            together: Arc::new(Together::new(now)),
        }
    }

    /// That of somebody who comes in: the one that it had while it owes something, or while another line of it stands.
    pub fn of(&self, member: &Fingerprint, now: Instant) -> MemberAllowance {
        let mut table = self.table();
        if let Some(known) = table.by_member.get(member) {
            return known.clone();
        }
        table.sweep(now);
        let new = MemberAllowance(Arc::new(Mutex::new(Allowance::new(&self.together, now))));
        if table.by_member.len() < MAX_ALLOWANCES {
            table.by_member.insert(*member, new.clone());
        }
        new
    }

    /// Whether somebody owes so much work that it comes in only when it has paid.
    pub fn owes_much(&self, member: &Fingerprint, now: Instant) -> bool {
        let known = self.table().by_member.get(member).cloned();
        known.is_some_and(|allowance| allowance.lock().owes_work_for(MEMBER_DEBT, now))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Forgets those who are gone and owe nothing.
    fn sweep(&mut self, now: Instant) {
        let is_time = self.swept_at.is_none_or(|at| now >= at + SWEEP_INTERVAL);
        if is_time && self.by_member.len() >= FEW_ALLOWANCES {
            self.swept_at = Some(now);
            self.by_member.retain(|_, allowance| allowance.is_needed(now));
        }
    }
}

impl MemberAllowance {
    /// Nobody holds it for longer than a sum takes.
    pub fn lock(&self) -> MutexGuard<'_, Allowance> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_needed(&self, now: Instant) -> bool {
        Arc::strong_count(&self.0) > 1 || !self.lock().is_full(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn person(n: usize) -> Fingerprint {
        Fingerprint::of_der(&n.to_be_bytes())
    }

    /// Uses up all that a member may cost at once.
    fn use_up(allowance: &MemberAllowance, now: Instant) {
        while allowance.lock().paid_at().is_none() {
            allowance.lock().charge_standing(now);
        }
    }

    #[test]
    fn who_comes_back_owes_what_it_owed_until_it_is_paid() {
        let now = Instant::now();
        let allowances = Allowances::new(now);
        use_up(&allowances.of(&person(1), now), now);
        assert!(allowances.of(&person(1), now).lock().paid_at().is_some());
        assert!(allowances.of(&person(2), now).lock().is_full(now));
        let later = now + Duration::from_secs(1);
        assert!(allowances.of(&person(1), later).lock().is_full(later));
    }

    #[test]
    fn two_lines_of_one_member_share_one_allowance() {
        let now = Instant::now();
        let allowances = Allowances::new(now);
        let (first, second) = (allowances.of(&person(1), now), allowances.of(&person(1), now));
        use_up(&first, now);
        assert!(second.lock().paid_at().is_some());
    }

    #[test]
    fn who_owes_much_work_is_known_and_who_owes_a_little_is_let_in() {
        let now = Instant::now();
        let allowances = Allowances::new(now);
        let owing = allowances.of(&person(1), now);
        use_up(&owing, now);
        assert!(!allowances.owes_much(&person(1), now));
        while !allowances.owes_much(&person(1), now) {
            owing.lock().charge_page(512, 1 << 20, now);
        }
        assert!(!allowances.owes_much(&person(2), now));
        assert!(!allowances.owes_much(&person(1), now + Duration::from_secs(1)));
    }

    #[test]
    fn members_without_number_take_no_memory_without_number() {
        let now = Instant::now();
        let allowances = Allowances::new(now);
        let held: Vec<MemberAllowance> = (0..10).map(|n| allowances.of(&person(n), now)).collect();
        use_up(&allowances.of(&person(10), now), now);
        for n in 11..2 * MAX_ALLOWANCES {
            allowances.of(&person(n), now);
        }
        assert_eq!(allowances.table().by_member.len(), MAX_ALLOWANCES);
        // A moment later what nobody needs is forgotten: not the ten who are here, nor the one who owes something.
        let soon = now + Duration::from_millis(1);
        allowances.table().swept_at = None;
        allowances.of(&person(3 * MAX_ALLOWANCES), soon);
        assert_eq!(allowances.table().by_member.len(), held.len() + 2);
    }
}
