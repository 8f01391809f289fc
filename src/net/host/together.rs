//! What all members together may cost the host. Keys cost nothing: many of one person's would get many allowances.
//!
//! Nobody is made to wait for what others do: a member of a class whose room is under attack must not. While all together
//! ask for more than this, the same costs each of them ten times as much of its own allowance. Who says what a person says
//! has that much in any case, and who would use up all of it does a tenth.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::net::bucket::{Bucket, Rate};
use crate::net::limits::{
    ALL_DEBT, ALL_PAGES_A_SECOND, ALL_PAGES_AT_ONCE, ALL_WORK_A_SECOND, ALL_WORK_AT_ONCE,
    PRICE_WHILE_STRAINED,
};

const WORK: Rate = Rate {
    at_once: ALL_WORK_AT_ONCE,
    a_second: ALL_WORK_A_SECOND,
};
const PAGES: Rate = Rate {
    at_once: ALL_PAGES_AT_ONCE,
    a_second: ALL_PAGES_A_SECOND,
};

/// The sums over all members of a room.
#[derive(Debug)]
pub struct Together(Mutex<Sums>);

#[derive(Debug)]
struct Sums {
    work: Bucket,
    pages: Bucket,
}

impl Together {
    /// Begins with nothing used.
    pub fn new(now: Instant) -> Together {
        Together(Mutex::new(Sums {
            work: Bucket::full(WORK, now),
            pages: Bucket::full(PAGES, now),
        }))
    }

    /// For work on a member's messages; gives what it pays.
    pub fn charge_work(&self, work: u32, now: Instant) -> u32 {
        charge(&mut self.sums().work, work, now)
    }

    /// For a page of what a member missed; gives what it pays.
    pub fn charge_page(&self, work: u32, now: Instant) -> u32 {
        charge(&mut self.sums().pages, work, now)
    }

    /// Whether half of the work is used up that all may cost at once.
    pub fn runs_low(&self, now: Instant) -> bool {
        !self.sums().work.holds(ALL_WORK_AT_ONCE / 2, now)
    }

    /// Nobody holds it for longer than a sum takes.
    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn charge(sum: &mut Bucket, work: u32, now: Instant) -> u32 {
    // A longer debt would outlast what made it.
    if sum.paid_at().is_none_or(|at| at <= now + ALL_DEBT) {
        sum.charge(work, now);
    }
    match sum.paid_at() {
        Some(at) if at > now => work.saturating_mul(PRICE_WHILE_STRAINED),
        _ => work,
    }
}
