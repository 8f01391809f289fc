//! Whether a room has noticed an attack on its host, and what it cost the host: from what was measured of both.

use super::Cost;

/// The goal: under attack the slowest hundredth of the deliveries takes less than so many times what it takes in peace.
pub const MOST_TIMES: f64 = 2.0;
/// Of fewer deliveries the slowest hundredth says nothing.
pub const FEWEST_DELIVERIES: usize = 1000;
/// A machine is noisy: what looks like a disturbance, or took the processor away, is measured so often, and the best counts.
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
    /// What the host took in peace and under attack, percent of a core.
    pub cpu_percent: [f64; 2],
    /// How much its memory grew.
    pub more_megabytes: f64,
    /// What it may take beyond peace.
    pub most: Cost,
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
    /// The room noticed nothing, and the host paid more for it than it may: so much of a core, in percent.
    Costly(f64),
    /// The host's memory grew by so many megabytes, more than it may.
    Hungry(f64),
    /// Slow or not, somebody in the room lost something.
    Lost,
    /// The attacker hardly ran.
    NoAttack,
    /// Too few deliveries.
    TooFew,
}

impl Measured {
    pub fn verdict(&self) -> Verdict {
        let (times, more) = (self.times(), self.more_percent());
        if self.has_losses {
            Verdict::Lost
        } else if self.rate < self.floor {
            Verdict::NoAttack
        } else if self.deliveries.iter().any(|count| *count < FEWEST_DELIVERIES) {
            Verdict::TooFew
        } else if self.more_megabytes > self.most.megabytes {
            Verdict::Hungry(self.more_megabytes)
        } else if times >= MOST_TIMES {
            Verdict::Disturbed(times)
        } else if more > self.most.cpu_percent {
            Verdict::Costly(more)
        } else {
            Verdict::Unnoticed(times)
        }
    }

    /// So many times as slow as in peace are the slowest deliveries.
    pub fn times(&self) -> f64 {
        let [quiet, attacked] = self.p99;
        attacked / quiet
    }

    /// How much more of a core the host took than in peace.
    pub fn more_percent(&self) -> f64 {
        let [quiet, attacked] = self.cpu_percent;
        attacked - quiet
    }
}

impl Verdict {
    /// Measures, and again while the machine may be to blame, up to three times; gives the best. A loss counts at once, and
    /// so does memory, which the next try would find taken already.
    pub fn of_tries<E>(mut measure: impl FnMut() -> Result<Verdict, E>) -> Result<Verdict, E> {
        let mut best = Verdict::NoAttack;
        for _ in 0..TRIES {
            match measure()? {
                again @ (Verdict::Disturbed(_) | Verdict::Costly(_) | Verdict::NoAttack) => {
                    best = best.better(again);
                }
                other => return Ok(other),
            }
        }
        Ok(best)
    }

    /// Of two tries of one attack the one that speaks better of the host; what was not measured speaks for nothing.
    fn better(self, other: Verdict) -> Verdict {
        use Verdict::{Costly, Disturbed, NoAttack};
        match (self, other) {
            (NoAttack, measured) => measured,
            (Disturbed(times), Disturbed(others)) => Disturbed(times.min(others)),
            (Costly(percent), Costly(others)) => Costly(percent.min(others)),
            // Costly is whom nobody noticed.
            (Disturbed(_), Costly(_)) => other,
            _ => self,
        }
    }

    /// Why the whole run fails for it; `None` where the room did not notice.
    pub fn failure(&self) -> Option<String> {
        match self {
            Verdict::Unnoticed(_) => None,
            Verdict::Disturbed(times) => Some(format!(
                "the p99 is {times:.2} times its quiet figure in the best of {TRIES} tries; below {MOST_TIMES} is the goal"
            )),
            Verdict::Costly(percent) => Some(format!(
                "it costs the host {percent:.1} % of a core more than peace, in the best of {TRIES} tries: too much for who \
                 did it"
            )),
            Verdict::Hungry(megabytes) => Some(format!(
                "the host's memory grew by {megabytes:.0} MB: too much for who did it"
            )),
            Verdict::Lost => Some("somebody in the room lost something: see above".to_owned()),
            Verdict::NoAttack => Some(format!("not measured: the attacker hardly ran in {TRIES} tries")),
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
        cpu_percent: [5.0, 20.0],
        more_megabytes: 16.0,
        most: Cost::LITTLE,
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
    fn what_a_stranger_may_cost_is_little_and_what_a_member_may_is_its_allowance() {
        let costly = Measured {
            cpu_percent: [5.0, 21.0],
            ..CALM
        };
        assert_eq!(costly.verdict(), Verdict::Costly(16.0));
        let hungry = Measured {
            more_megabytes: 17.0,
            ..CALM
        };
        assert_eq!(hungry.verdict(), Verdict::Hungry(17.0));
        for measured in [costly, hungry] {
            assert!(measured.verdict().failure().is_some());
            let most = Cost::ALLOWANCE;
            let by_a_member = Measured { most, ..measured };
            assert_eq!(by_a_member.verdict(), Verdict::Unnoticed(1.8));
        }
    }

    #[test]
    fn the_best_of_three_tries_counts_and_neither_a_loss_nor_memory_is_tried_again() {
        let of = |verdicts: &[Verdict]| {
            let mut left = verdicts.iter().copied();
            let verdict = Verdict::of_tries(|| left.next().ok_or("one try too many")).unwrap();
            assert_eq!(left.next(), None, "all were needed");
            verdict
        };
        use Verdict::{Costly, Disturbed, Hungry, Lost, NoAttack, Unnoticed};
        assert_eq!(of(&[Unnoticed(1.0)]), Unnoticed(1.0));
        assert_eq!(of(&[Disturbed(2.5), Unnoticed(1.5)]), Unnoticed(1.5));
        assert_eq!(
            of(&[Disturbed(2.5), Disturbed(2.1), Disturbed(3.0)]),
            Disturbed(2.1)
        );
        assert_eq!(of(&[Disturbed(2.5), Lost]), Lost);
        assert_eq!(of(&[Hungry(40.0)]), Hungry(40.0));
        assert_eq!(of(&[NoAttack, Costly(16.0), Unnoticed(1.5)]), Unnoticed(1.5));
        assert_eq!(of(&[Costly(18.0), NoAttack, Costly(16.0)]), Costly(16.0));
        assert_eq!(of(&[Disturbed(2.5), Costly(16.0), NoAttack]), Costly(16.0));
        assert_eq!(of(&[Costly(16.0), Disturbed(2.5), NoAttack]), Costly(16.0));
        assert_eq!(of(&[NoAttack; 3]), NoAttack);
    }
}
