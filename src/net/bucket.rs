//! A token bucket: so much at once, so much a second from then on. Time is an argument.

use std::time::{Duration, Instant};

/// How a bucket fills.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// What a full bucket holds.
    pub at_once: u32,
    /// What flows in a second.
    pub a_second: u32,
}

/// What somebody may still take.
#[derive(Debug, Clone)]
pub struct Bucket {
    rate: Rate,
    level: f64,
    filled_at: Instant,
}

impl Bucket {
    /// Starts full.
    pub fn full(rate: Rate, now: Instant) -> Bucket {
        Bucket {
            rate,
            level: f64::from(rate.at_once),
            filled_at: now,
        }
    }

    /// Takes one, or says that none is left.
    pub fn take_one(&mut self, now: Instant) -> bool {
        self.fill(now);
        let has_one = self.level >= 1.0;
        if has_one {
            self.level -= 1.0;
        }
        has_one
    }

    /// Gives one back.
    pub fn give_one(&mut self) {
        self.level = (self.level + 1.0).min(f64::from(self.rate.at_once));
    }

    /// Takes what was used already, however much; afterwards the bucket can be in debt.
    pub fn charge(&mut self, amount: u32, now: Instant) {
        self.fill(now);
        self.level -= f64::from(amount);
    }

    /// When a bucket in debt has paid; `None` for one that is not.
    pub fn paid_at(&self) -> Option<Instant> {
        let debt = -self.level;
        (debt > 0.0).then(|| self.filled_at + Duration::from_secs_f64(debt / f64::from(self.rate.a_second)))
    }

    /// Whether it holds at least so much.
    pub fn holds(&mut self, amount: u32, now: Instant) -> bool {
        self.fill(now);
        self.level >= f64::from(amount)
    }

    /// Whether it has filled up again.
    pub fn is_full(&mut self, now: Instant) -> bool {
        self.holds(self.rate.at_once, now)
    }

    fn fill(&mut self, now: Instant) {
        let since = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.filled_at = self.filled_at.max(now);
        let level = self.level + since * f64::from(self.rate.a_second);
        self.level = level.min(f64::from(self.rate.at_once));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        at_once: 3,
        a_second: 2,
    };

    #[test]
    fn so_much_at_once_and_so_much_a_second() {
        let start = Instant::now();
        let mut bucket = Bucket::full(RATE, start);
        let taken = |bucket: &mut Bucket, now| (0..10).filter(|_| bucket.take_one(now)).count();
        assert_eq!(taken(&mut bucket, start), 3);
        assert_eq!(taken(&mut bucket, start + Duration::from_secs(1)), 2);
        assert!(!bucket.is_full(start + Duration::from_secs(2)));
        assert!(bucket.holds(2, start + Duration::from_secs(2)));
        assert!(!bucket.holds(3, start + Duration::from_secs(2)));
        assert!(bucket.is_full(start + Duration::from_secs(60)));
        assert_eq!(taken(&mut bucket, start + Duration::from_secs(60)), 3);
    }

    #[test]
    fn a_debt_is_paid_in_time_and_a_gift_never_overflows() {
        let start = Instant::now();
        let mut bucket = Bucket::full(RATE, start);
        bucket.give_one();
        bucket.charge(3, start);
        assert_eq!(bucket.paid_at(), None);
        bucket.charge(4, start);
        assert_eq!(bucket.paid_at(), Some(start + Duration::from_secs(2)));
        assert!(!bucket.take_one(start + Duration::from_secs(2)));
        assert!(bucket.take_one(start + Duration::from_millis(2500)));
    }

    #[test]
    fn a_clock_that_stands_still_fills_nothing() {
        let start = Instant::now();
        let mut bucket = Bucket::full(RATE, start + Duration::from_secs(5));
        assert!((0..3).all(|_| bucket.take_one(start)));
        assert!(!bucket.take_one(start));
    }
}
