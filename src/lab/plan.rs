//! The search for the cipher: the attacks of [`auto::plan`], two at once, until the first that is sure.
//!
//! Says whose turn it is and for how long; who begins an attack and shows it is the page's business.

use std::collections::VecDeque;
use std::time::Duration;

use super::attack_job::{AttackId, Attacks};
use crate::analysis::attack::{AttackSpec, Finding};
use crate::analysis::auto;

/// A plan that is carried out.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Those whose turn is to come, the next one first.
    rest: VecDeque<&'static AttackSpec>,
    /// Those that have or had their turn, in the plan's order.
    turns: Vec<Turn>,
    /// Working time that nobody was given yet.
    left: Duration,
    /// The longest working time of one attack.
    longest: Duration,
    /// The attack that the page showed for the plan.
    pub followed: Option<AttackId>,
}

#[derive(Clone, Debug)]
struct Turn {
    id: AttackId,
    given: Duration,
    is_over: bool,
}

/// How a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// This attack is sure, and none before it is.
    Found(AttackId),
    /// None is sure; this one has the best score, if any has found something.
    Over(Option<AttackId>),
    /// It goes on.
    GoingOn,
}

impl Plan {
    /// Nothing begun yet. All attacks together end after about `longest`, as long as [`AT_ONCE`] of them work at once.
    pub fn new(specs: Vec<&'static AttackSpec>, longest: Duration) -> Self {
        Self {
            rest: specs.into(),
            turns: Vec::new(),
            left: longest * AT_ONCE as u32,
            longest,
            followed: None,
        }
    }

    /// How many attacks are still to come.
    pub fn to_come(&self) -> usize {
        self.rest.len()
    }

    /// Whether one of its attacks has not ended.
    pub fn is_at_work(&self) -> bool {
        self.turns.iter().any(|turn| !turn.is_over)
    }

    /// Whether one of these attacks is the plan's.
    pub fn is_of(&self, attacks: &[AttackId]) -> bool {
        self.turns.iter().any(|turn| attacks.contains(&turn.id))
    }

    /// Takes in which attacks have ended, and says how the plan stands. The answer is the first sure one in the plan's
    /// order, whichever was quicker: an affine key is found for every Caesar too.
    pub fn look(&mut self, all: &Attacks) -> Stand {
        for turn in &mut self.turns {
            let attack = all.attack(turn.id);
            if turn.is_over || attack.is_some_and(|attack| attack.ending.is_none()) {
                continue;
            }
            turn.is_over = true;
            let spent = attack.map_or(turn.given, |attack| attack.elapsed);
            self.left += turn.given.saturating_sub(spent);
        }
        let is_sure = |turn: &Turn| found(all, turn).is_some_and(|finding| finding.confident);
        if self.turns.iter().any(is_sure) {
            // Those before it may still be sure too; nobody behind it is asked.
            self.rest.clear();
        }
        let first = self.turns.iter().find(|turn| !turn.is_over || is_sure(turn));
        match first {
            Some(turn) if turn.is_over => return Stand::Found(turn.id),
            Some(_) => return Stand::GoingOn,
            None => {}
        }
        if !self.turns.is_empty() && (self.rest.is_empty() || self.left < LEAST) {
            let scored = self
                .turns
                .iter()
                .filter_map(|turn| Some((turn.id, found(all, turn)?.score)));
            let best = scored.max_by(|a, b| a.1.total_cmp(&b.1));
            return Stand::Over(best.map(|(id, _)| id));
        }
        Stand::GoingOn
    }

    /// The next attack and its longest working time, where there is room for one.
    pub fn next_turn(&self) -> Option<(&'static AttackSpec, Duration)> {
        let at_work = self.turns.iter().filter(|turn| !turn.is_over).count();
        if at_work >= AT_ONCE || self.left < LEAST {
            return None;
        }
        let share = self.left.mul_f64(auto::share(self.rest.len()));
        Some((*self.rest.front()?, share.min(self.longest)))
    }

    /// Takes note that the next attack has begun.
    pub fn begun(&mut self, id: AttackId, given: Duration) {
        self.rest.pop_front();
        self.left = self.left.saturating_sub(given);
        self.turns.push(Turn {
            id,
            given,
            is_over: false,
        });
    }

    /// Ends the attacks that are still at work.
    pub fn end(&self, all: &Attacks) {
        for turn in self.turns.iter().filter(|turn| !turn.is_over) {
            all.cancel(turn.id);
        }
    }
}

/// What an attack has found.
fn found<'a>(all: &'a Attacks, turn: &Turn) -> Option<&'a Finding> {
    all.attack(turn.id)?.finding()
}

/// Attacks that work at once.
const AT_ONCE: usize = 2;
/// Less time than this is none.
const LEAST: Duration = Duration::from_millis(1);
