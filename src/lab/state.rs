//! The lab as a whole: the bench, the thread that works for it, and what came back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::attack_job::Attacks;
use super::bench::{Bench, CardId};
use super::breaking::Breaking;
use super::challenge::Progress;
use super::figures::Figures;
use super::job::{CardError, Desk, Outcome, Reply, Request, Worker};
use super::rate::Rate;
use super::setup::{self, SetupError};
use super::suggestions::Suggestions;
use super::trial::Trial;

/// The state behind the panel "Classical Ciphers".
pub struct Lab {
    /// The text and the cards.
    pub bench: Bench,
    /// The attacks, at work and over.
    pub attacks: Attacks,
    /// The ciphertext that is attacked on its own page.
    pub breaking: Breaking,
    /// How much text an attack needs, measured.
    pub rate: Rate,
    /// Words to try in the ciphertext.
    pub suggestions: Suggestions,
    progress: Progress,
    progress_changes: u64,
    /// The cards that were attacked where they stand.
    pub(super) trials: HashMap<CardId, Trial>,
    worker: Option<Worker>,
    /// In place of the thread, should the system have had none left.
    desk: Desk,
    outcomes: HashMap<CardId, Outcome>,
    input: Option<Arc<Figures>>,
    asked: u64,
    asked_changes: Option<u64>,
    done: u64,
}

impl Lab {
    /// A lab with this bench; `wake` is called from the lab's threads when a result is there.
    pub fn new(bench: Bench, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(wake);
        let theirs = Arc::clone(&wake);
        Self {
            bench,
            suggestions: Suggestions::new(Arc::clone(&wake)),
            attacks: Attacks::new(wake),
            breaking: Breaking::default(),
            rate: Rate::default(),
            progress: Progress::default(),
            progress_changes: 0,
            trials: HashMap::new(),
            worker: Worker::start(move || theirs()).ok(),
            desk: Desk::default(),
            outcomes: HashMap::new(),
            input: None,
            asked: 0,
            asked_changes: None,
            done: 0,
        }
    }

    /// How far the challenges are.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Changes how far the challenges are.
    pub fn change_progress<T>(&mut self, change: impl FnOnce(&mut Progress) -> T) -> T {
        self.progress_changes += 1;
        change(&mut self.progress)
    }

    /// A number that grows with every change of what is kept between starts.
    pub fn changes(&self) -> u64 {
        self.bench.changes() + self.progress_changes
    }

    /// What is kept between starts, as JSON: the bench and the progress. Keys are written as typed.
    pub fn to_json(&self) -> String {
        self.bench.to_json_with(&self.progress)
    }

    /// A lab as it was kept; `wake` as for [`Self::new`]. Fails on nonsense.
    pub fn from_json(json: &str, wake: impl Fn() + Send + Sync + 'static) -> Result<Self, SetupError> {
        let (bench, progress) = setup::read(json)?;
        Ok(Self {
            progress,
            ..Self::new(bench, wake)
        })
    }

    /// Asks for what has changed and takes what is ready. Call it before drawing; it never waits.
    pub fn refresh(&mut self) {
        self.attacks.refresh();
        self.forget_trials();
        self.rate.refresh(&mut self.attacks);
        self.breaking.refresh(&mut self.attacks);
        let changes = self.bench.changes();
        if self.asked_changes != Some(changes) {
            self.asked_changes = Some(changes);
            self.asked += 1;
            let request = Request {
                number: self.asked,
                text: Arc::clone(self.bench.text()),
                direction: self.bench.direction(),
                policy: self.bench.policy(),
                cards: self.bench.cards().to_vec(),
            };
            match &self.worker {
                Some(worker) => worker.ask(request),
                None => {
                    let mut replies = Vec::new();
                    self.desk.work(&request, &|| false, &mut |reply| {
                        replies.push(reply);
                        true
                    });
                    replies.into_iter().for_each(|reply| self.take(reply));
                }
            }
        }
        while let Some(reply) = self
            .worker
            .as_ref()
            .and_then(|worker| worker.replies().try_recv().ok())
        {
            self.take(reply);
        }
    }

    /// Waits until all results are those of the bench as it is, or the time is over; says which. For tests and scripts.
    pub fn settle(&mut self, longest: Duration) -> bool {
        let ends = Instant::now() + longest;
        self.refresh();
        while !self.is_settled() {
            let reply = self
                .worker
                .as_ref()
                .and_then(|worker| worker.replies().recv_deadline(ends).ok());
            match reply {
                Some(reply) => self.take(reply),
                None => return false,
            }
        }
        true
    }

    /// Whether all results are those of the bench as it is.
    pub fn is_settled(&self) -> bool {
        self.asked_changes == Some(self.bench.changes()) && self.done == self.asked
    }

    /// What became of a card, last time it was worked out.
    pub fn outcome(&self, card: CardId) -> Option<&Outcome> {
        self.outcomes.get(&card)
    }

    /// The numbers of the text itself, after the policy.
    pub fn input(&self) -> Option<&Arc<Figures>> {
        self.input.as_ref()
    }

    fn take(&mut self, reply: Reply) {
        match reply {
            Reply::Input { number, figures } if number == self.asked => self.input = Some(figures),
            Reply::Card {
                number,
                card,
                outcome,
            } if number == self.asked => {
                self.outcomes.insert(card, outcome);
            }
            Reply::Done { number } if number == self.asked => {
                self.done = number;
                let bench = &self.bench;
                self.outcomes.retain(|id, _| bench.card(*id).is_some());
            }
            Reply::Failed { number } if number == self.asked => {
                self.done = number;
                self.input = None;
                let cards = self.bench.cards().iter();
                self.outcomes = cards.map(|card| (card.id, Err(CardError::BenchFault))).collect();
            }
            _ => {}
        }
    }
}

impl std::fmt::Debug for Lab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lab")
            .field("cards", &self.bench.cards().len())
            .field("settled", &self.is_settled())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn results_follow_the_bench() {
        let mut lab = Lab::new(Bench::default(), || ());
        assert!(lab.settle(LONG));
        let caesar = lab.bench.cards()[0].id;
        let text = |lab: &Lab| lab.outcome(caesar).unwrap().as_ref().unwrap().text.clone();
        assert!(text(&lab).starts_with("Lw zdv"));
        lab.bench.set_text("abc");
        assert!(!lab.is_settled());
        assert!(lab.settle(LONG));
        assert_eq!(text(&lab), "def");
        assert_eq!(lab.input().unwrap().census.total, 3);
    }

    #[test]
    fn a_fault_of_the_bench_is_said_on_every_card_and_the_next_text_is_worked_out() {
        for in_place in [false, true] {
            let mut lab = Lab::new(Bench::default(), || ());
            if in_place {
                lab.worker = None;
            }
            assert!(lab.settle(LONG));
            lab.bench.set_text(crate::lab::job::tests::DEADLY);
            assert!(lab.settle(LONG), "it does not compute for ever");
            let is_fault = |outcome: &Outcome| matches!(outcome, Err(CardError::BenchFault));
            assert_eq!(lab.outcomes.len(), 4);
            assert!(lab.outcomes.values().all(is_fault) && lab.input().is_none());
            lab.bench.set_text("abc");
            assert!(lab.settle(LONG));
            let caesar = &lab.outcomes[&lab.bench.cards()[0].id];
            assert_eq!(caesar.as_ref().unwrap().text, "def");
            assert_eq!(lab.input().unwrap().census.total, 3);
        }
    }

    #[test]
    fn without_a_thread_the_lab_works_in_place() {
        let mut lab = Lab::new(Bench::default(), || ());
        lab.worker = None;
        lab.refresh();
        assert!(lab.is_settled());
        assert_eq!(lab.outcomes.len(), 4);
    }
}
