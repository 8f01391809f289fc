//! When a guest says *here*: as the program does it (`src/net/guest/link/ticks.rs`; `docs/protocol.md`, "Ticks").

use std::time::{Duration, Instant};

/// What others said is confirmed so soon, if the last confirmation is long ago …
const SOON: Duration = Duration::from_millis(40);
/// … and else after so long, and longer in a large room.
const INTERVAL: Duration = Duration::from_millis(250);
const INTERVAL_A_MEMBER: Duration = Duration::from_millis(4);

/// The time between two confirmations in a room of so many members.
pub fn interval(members: u64) -> Duration {
    INTERVAL.max(INTERVAL_A_MEMBER * u32::try_from(members).unwrap_or(u32::MAX))
}

/// What one guest confirmed, and when it does so next.
#[derive(Debug, Default)]
pub struct Confirming {
    n: u64,
    at: Option<Instant>,
    is_due: bool,
}

impl Confirming {
    /// Somebody else said something. Gives when to confirm it, unless that is settled already.
    pub fn heard(&mut self, now: Instant, interval: Duration) -> Option<Instant> {
        if std::mem::replace(&mut self.is_due, true) {
            return None;
        }
        let next = self.at.map_or(now, |at| at + interval);
        Some(next.max(now + SOON))
    }

    /// It is time. Gives whether entry `n` is news to the host; then it counts as confirmed.
    pub fn confirms(&mut self, n: u64, now: Instant) -> bool {
        self.is_due = false;
        let is_news = n > self.n;
        if is_news {
            (self.n, self.at) = (n, Some(now));
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_confirmation_comes_soon_and_the_next_ones_at_the_interval() {
        let now = Instant::now();
        let mut confirming = Confirming::default();
        assert_eq!(confirming.heard(now, INTERVAL), Some(now + SOON));
        assert_eq!(confirming.heard(now, INTERVAL), None, "it is settled");
        let first = now + SOON;
        assert!(confirming.confirms(5, first));
        assert_eq!(confirming.heard(first, INTERVAL), Some(first + INTERVAL));
        assert!(!confirming.confirms(5, first + INTERVAL), "nothing is new");
        assert!(confirming.heard(first, INTERVAL).is_some());
        assert!(confirming.confirms(6, first + INTERVAL));
    }

    #[test]
    fn a_large_room_confirms_less_often() {
        assert_eq!(interval(3), Duration::from_millis(250));
        assert_eq!(interval(5001), Duration::from_millis(20_004));
    }
}
