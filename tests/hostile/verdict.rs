//! Whether a room has noticed an attack on its host: from what was measured of its deliveries.

/// The goal: under attack the slowest hundredth of the deliveries takes less than so many times what it takes in peace.
pub const MOST_TIMES: f64 = 2.0;
/// Of fewer deliveries the slowest hundredth says nothing.
pub const FEWEST_DELIVERIES: usize = 1000;
/// A machine is noisy: what looks like a disturbance is measured so often, and the best counts.
pub const TRIES: usize = 3;

/// What was measured of one attack.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// What the attacker did in a second, and how much of it is an attack at all.
    pub rate: f64,
    pub floor: f64,
    /// Deliveries in peace and under attack.
    pub deliveries: [usize; 2],
    /// What all but the slowest hundredth of them took at most, in milliseconds.
    pub p99: [f64; 2],
    /// Somebody missed a message, was hung up on, or could not say anything.
    pub has_losses: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// So many times as slow as in peace, below the goal.
    Unnoticed(f64),
    /// The same, at the goal or above it.
    Disturbed(f64),
    /// Slow or not, somebody in the room lost something.
    Lost,
    /// The attacker hardly ran.
    NoAttack,
    /// Too few deliveries.
    TooFew,
}

impl Measured {
    pub fn verdict(&self) -> Verdict {
        let [quiet, attacked] = self.p99;
        let times = attacked / quiet;
        if self.has_losses {
            Verdict::Lost
        } else if self.rate < self.floor {
            Verdict::NoAttack
        } else if self.deliveries.iter().any(|count| *count < FEWEST_DELIVERIES) {
            Verdict::TooFew
        } else if times < MOST_TIMES {
            Verdict::Unnoticed(times)
        } else {
            Verdict::Disturbed(times)
        }
    }
}

impl Verdict {
    /// Measures, and while it looks disturbed again, up to three times; gives the best. A loss counts at once.
    pub fn of_tries<E>(mut measure: impl FnMut() -> Result<Verdict, E>) -> Result<Verdict, E> {
        let mut best = f64::INFINITY;
        for _ in 0..TRIES {
            match measure()? {
                Verdict::Disturbed(times) => best = best.min(times),
                other => return Ok(other),
            }
        }
        Ok(Verdict::Disturbed(best))
    }

    /// Why the whole run fails for it; `None` where the room did not notice.
    pub fn failure(&self) -> Option<String> {
        match self {
            Verdict::Unnoticed(_) => None,
            Verdict::Disturbed(times) => Some(format!(
                "the p99 is {times:.2} times its quiet figure in the best of {TRIES} tries; below {MOST_TIMES} is the goal"
            )),
            Verdict::Lost => Some("somebody in the room lost something: see above".to_owned()),
            Verdict::NoAttack => Some("not measured: the attacker hardly ran".to_owned()),
            Verdict::TooFew => Some(format!(
                "not measured: fewer than {FEWEST_DELIVERIES} deliveries; let it take longer"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALM: Measured = Measured {
        rate: 10.0,
        floor: 10.0,
        deliveries: [FEWEST_DELIVERIES; 2],
        p99: [5.0, 9.0],
        has_losses: false,
    };

    #[test]
    fn a_room_has_noticed_nothing_below_twice_its_quiet_p99() {
        assert_eq!(CALM.verdict(), Verdict::Unnoticed(1.8));
        assert_eq!(CALM.verdict().failure(), None);
        for (p99, times) in [(10.0, 2.0), (11.0, 2.2)] {
            let verdict = Measured {
                p99: [5.0, p99],
                ..CALM
            }
            .verdict();
            assert_eq!(verdict, Verdict::Disturbed(times));
            assert!(verdict.failure().is_some());
        }
    }

    #[test]
    fn a_loss_counts_whatever_the_rest_is_and_what_was_not_measured_is_no_success() {
        let lost = Measured {
            has_losses: true,
            rate: 0.0,
            ..CALM
        };
        assert_eq!(lost.verdict(), Verdict::Lost);
        let idle = Measured { rate: 9.9, ..CALM };
        assert_eq!(idle.verdict(), Verdict::NoAttack);
        let few = Measured {
            deliveries: [FEWEST_DELIVERIES, FEWEST_DELIVERIES - 1],
            p99: [f64::NAN; 2],
            ..CALM
        };
        assert_eq!(few.verdict(), Verdict::TooFew);
        for measured in [lost, idle, few] {
            assert!(measured.verdict().failure().is_some());
        }
    }

    #[test]
    fn the_best_of_three_tries_counts_and_a_loss_is_not_tried_again() {
        let of = |verdicts: &[Verdict]| {
            let mut left = verdicts.iter().copied();
            let verdict = Verdict::of_tries(|| left.next().ok_or("one try too many")).unwrap();
            assert_eq!(left.next(), None, "all were needed");
            verdict
        };
        use Verdict::{Disturbed, Lost, Unnoticed};
        assert_eq!(of(&[Unnoticed(1.0)]), Unnoticed(1.0));
        assert_eq!(of(&[Disturbed(2.5), Unnoticed(1.5)]), Unnoticed(1.5));
        assert_eq!(
            of(&[Disturbed(2.5), Disturbed(2.1), Disturbed(3.0)]),
            Disturbed(2.1)
        );
        assert_eq!(of(&[Disturbed(2.5), Lost]), Lost);
    }
}
