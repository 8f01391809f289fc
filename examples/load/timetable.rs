//! When a sender says something: at its rate, and what comes due within a signing interval under one signature, as the
//! program does it (`src/net/guest/link/saying.rs`).

use std::time::{Duration, Instant};

use cipher_room::crypto::MAX_BATCH;
use cipher_room::net::limits::SIGN_INTERVAL;

/// What one sender is asked to say, and how far it is with that.
#[derive(Debug)]
pub struct Timetable {
    /// When the next message is due.
    due: Instant,
    pause: Duration,
    /// Nothing is due from here on.
    until: Instant,
    /// Before this only a full batch is signed.
    sign_at: Instant,
}

impl Timetable {
    /// A message at `first`, and one after each pause, as long as it is before `until`.
    pub fn new(first: Instant, pause: Duration, until: Instant) -> Timetable {
        Timetable {
            due: first,
            pause,
            until,
            sign_at: first,
        }
    }

    /// How many messages are not said yet.
    pub fn left(&self) -> u64 {
        let time = self.until.saturating_duration_since(self.due);
        time.as_nanos().div_ceil(self.pause.as_nanos().max(1)) as u64
    }

    /// When to say what is due; `None` when there is nothing more to say.
    pub fn says_at(&self) -> Option<Instant> {
        let is_full_at = self.due + self.pause * (MAX_BATCH as u32 - 1);
        let at = self.due.max(self.sign_at.min(is_full_at));
        (self.due < self.until).then_some(at)
    }

    /// When each of the messages was due that one signature is to cover now; none when it is not the time.
    pub fn take_due(&mut self, now: Instant) -> Vec<Instant> {
        if self.says_at().is_none_or(|at| at > now) {
            return Vec::new();
        }
        self.sign_at = now + SIGN_INTERVAL;
        let mut due = Vec::new();
        while self.due <= now && self.due < self.until && due.len() < MAX_BATCH {
            due.push(self.due);
            self.due += self.pause;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(20);

    /// One second at 50 messages a second.
    fn busy(start: Instant) -> Timetable {
        Timetable::new(start, PAUSE, start + Duration::from_secs(1))
    }

    #[test]
    fn the_first_message_is_said_at_once_and_what_comes_due_within_the_interval_together() {
        let start = Instant::now();
        let mut sender = busy(start);
        assert_eq!(sender.left(), 50);
        assert_eq!(sender.take_due(start), [start]);
        assert_eq!(sender.take_due(start + PAUSE), [], "it is too soon");
        let next = start + SIGN_INTERVAL;
        assert_eq!(sender.says_at(), Some(next));
        assert_eq!(sender.take_due(next), [1, 2, 3, 4, 5].map(|n| start + n * PAUSE));
        assert_eq!(sender.left(), 44);
    }

    #[test]
    fn who_is_late_says_full_batches_and_tells_when_each_message_was_due() {
        let start = Instant::now();
        let late = start + Duration::from_secs(10);
        let mut sender = Timetable::new(start, PAUSE, start + Duration::from_secs(2));
        let first = sender.take_due(late);
        assert_eq!(
            (first.len(), first[0], first[63]),
            (64, start, start + 63 * PAUSE)
        );
        assert_eq!(sender.take_due(late).len(), 100 - 64, "the rest is late as well");
        assert_eq!((sender.left(), sender.says_at()), (0, None));
        assert_eq!(sender.take_due(late), []);
    }

    #[test]
    fn who_talks_seldom_says_each_message_when_it_is_due_and_nothing_behind_the_end() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut sender = Timetable::new(start, second, start + 2 * second);
        for due in [start, start + second] {
            assert_eq!(sender.says_at(), Some(due));
            assert_eq!(sender.take_due(due), [due]);
        }
        assert_eq!(sender.says_at(), None);
        assert_eq!(Timetable::new(start, second, start).left(), 0);
    }
}
