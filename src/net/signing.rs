//! Signs what one room says, beside everything else: as many batches at once as there are processors.
//!
//! A signature over a batch takes longer than everything else that happens to its 64 messages, and one processor alone
//! makes some 160 to 260 of them a second. The batches are independent of each other: events are chained by their
//! hashes, not by their signatures. So each goes to whichever signer is free, also those of the next burst, and the
//! answers are put in order again.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread::{self, Builder, available_parallelism};

use crossbeam_channel::{Receiver, Sender, bounded, never, select};

use super::limits::{MAX_BURST, MAX_UNDER_WAY};
use super::thread::{Teller, spawn};
use super::{Loss, RoomKey};
use crate::crypto::{CryptoError, Identity, MAX_BATCH, Signature, Statement, sign_batch};

type Outcome = Result<Vec<Signature>, CryptoError>;

/// Starts a thread that has one burst after the other signed and answers each, in order. A burst has 1 to [`MAX_BURST`]
/// statements; its signatures come in the same order, up to [`MAX_BATCH`] of them as one batch, more as the fewest
/// batches that hold them. The thread ends when the way to it is dropped and nothing is under way any more, or when an
/// answer is `false`: nobody waits for it.
pub fn start(
    name: &str,
    room: RoomKey,
    teller: &Teller,
    identity: &Arc<Identity>,
    answer: impl Fn(Outcome) -> bool + Send + 'static,
) -> io::Result<Sender<Vec<Statement>>> {
    let (bursts, waiting) = bounded::<Vec<Statement>>(MAX_UNDER_WAY);
    let signers = Signers::new(identity);
    spawn(name, Loss::Room(room), teller, move || {
        in_order(waiting, signers, answer);
    })?;
    Ok(bursts)
}

/// Hands out what comes, and answers what is signed in the order in which it came.
fn in_order(mut waiting: Receiver<Vec<Statement>>, mut signers: Signers, answer: impl Fn(Outcome) -> bool) {
    let mut under_way: VecDeque<Burst> = VecDeque::new();
    let nothing = never();
    let mut is_over = false;
    while !(is_over && under_way.is_empty()) {
        let next = under_way
            .front()
            .and_then(|burst| burst.batches.front())
            .unwrap_or(&nothing);
        select! {
            recv(waiting) -> came => match came {
                Ok(statements) => {
                    let ahead = under_way.iter().map(|burst| burst.batches.len()).sum();
                    under_way.push_back(signers.begin(statements, ahead));
                }
                Err(_) => {
                    is_over = true;
                    waiting = never();
                }
            },
            recv(next) -> signed => {
                // A fault of whoever signed it goes on here.
                let outcome = signed
                    .unwrap_or_else(|gone| Err(Box::new(gone)))
                    .unwrap_or_else(|panic| resume_unwind(panic));
                let Some(burst) = under_way.front_mut() else {
                    continue;
                };
                if burst.take(outcome) {
                    let whole = under_way.pop_front().map(|burst| burst.signed);
                    if !whole.is_none_or(&answer) {
                        return;
                    }
                }
            }
        }
    }
}

/// What is under way of one burst.
struct Burst {
    /// The way from each batch that is not signed yet, in order.
    batches: VecDeque<Receiver<thread::Result<Outcome>>>,
    signed: Outcome,
}

impl Burst {
    /// Takes in the next batch; gives whether that was the last one.
    fn take(&mut self, outcome: Outcome) -> bool {
        self.batches.pop_front();
        match (&mut self.signed, outcome) {
            (Ok(signed), Ok(mut more)) => signed.append(&mut more),
            (signed, Err(error)) => *signed = Err(error),
            (Err(_), Ok(_)) => {}
        }
        self.batches.is_empty()
    }
}

/// A batch to sign, and where it is waited for.
struct Job {
    statements: Vec<Statement>,
    tell: Sender<thread::Result<Outcome>>,
}

impl Job {
    fn sign(self, identity: &Identity) {
        let signing = || sign_batch(identity, &self.statements, &mut rand::rng());
        let outcome = catch_unwind(AssertUnwindSafe(signing));
        // Where nobody waits any more, it was for nothing.
        let _ = self.tell.send(outcome);
    }
}

/// Threads that sign one batch after the other. They are started when there is more than the others have begun with.
struct Signers {
    identity: Arc<Identity>,
    jobs: Sender<Job>,
    waiting: Receiver<Job>,
    threads: usize,
}

impl Signers {
    fn new(identity: &Arc<Identity>) -> Signers {
        let (jobs, waiting) = bounded(MAX_UNDER_WAY * MAX_BURST / MAX_BATCH);
        Signers {
            identity: Arc::clone(identity),
            jobs,
            waiting,
            threads: 0,
        }
    }

    /// Hands out the batches of one burst, behind so many that are not signed yet.
    fn begin(&mut self, mut statements: Vec<Statement>, ahead: usize) -> Burst {
        let batches = statements.len().div_ceil(MAX_BATCH).max(1);
        let size = statements.len().div_ceil(batches);
        let mut under_way = VecDeque::with_capacity(batches);
        for place in 1..=batches {
            let batch = statements.drain(..size.min(statements.len())).collect();
            let (tell, signed) = bounded(1);
            under_way.push_back(signed);
            self.give(
                Job {
                    statements: batch,
                    tell,
                },
                ahead + place,
            );
        }
        Burst {
            batches: under_way,
            signed: Ok(Vec::new()),
        }
    }

    /// Gives a batch to whoever is free; `open` are not signed with it.
    fn give(&mut self, job: Job, open: usize) {
        if self.threads < open.min(available_parallelism().map_or(1, usize::from)) {
            let (identity, jobs) = (Arc::clone(&self.identity), self.waiting.clone());
            #[expect(
                clippy::disallowed_methods,
                reason = "a panic goes on where the batch is waited for"
            )]
            let started = Builder::new()
                .name("signing".to_owned())
                .spawn(move || jobs.iter().for_each(|job| job.sign(&identity)));
            match started {
                Ok(_) => self.threads += 1,
                Err(error) => log::warn!("no thread to sign: {error}"),
            }
        }
        if self.threads == 0 {
            // Where no thread is to be had, this one does the work.
            return job.sign(&self.identity);
        }
        let _ = self.jobs.send(job);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::test_keys::ADA;
    use crate::net::Event;

    /// What is signed of these bursts, in order.
    fn sign(ada: &Arc<Identity>, bursts: &[Vec<Statement>]) -> Vec<Vec<Signature>> {
        let (events, _heard) = bounded(100);
        let (tell, signed) = bounded(100);
        let teller = Teller::new(events, Arc::new(|| ()));
        let answer = move |outcome| tell.send(outcome).is_ok();
        let way = start("signer", RoomKey(1), &teller, ada, answer).unwrap();
        for burst in bursts {
            way.send(burst.clone()).unwrap();
        }
        drop(way);
        signed.iter().map(Result::unwrap).collect()
    }

    #[test]
    fn every_statement_of_every_burst_is_signed_in_its_place_by_as_few_signatures_as_hold_them() {
        let ada = Arc::new(Identity::from_pem(ADA).unwrap());
        let counts = [(1, 1), (64, 1), (65, 2), (128, 2), (129, 3), (256, 4), (2, 1)];
        let bursts: Vec<Vec<Statement>> = counts
            .iter()
            .map(|(count, _)| {
                (0..*count)
                    .map(|i: u32| Statement::new("test", &[&count.to_be_bytes(), &i.to_be_bytes()]))
                    .collect()
            })
            .collect();
        let signed = sign(&ada, &bursts);
        assert_eq!(signed.len(), bursts.len());
        for ((signatures, burst), (count, batches)) in signed.iter().zip(&bursts).zip(counts) {
            assert_eq!(signatures.len(), burst.len());
            for (signature, statement) in signatures.iter().zip(burst) {
                assert_eq!(signature.verify(ada.public(), statement), Ok(()));
            }
            let mut rsa: Vec<&[u8]> = signatures.iter().map(|signature| &signature.rsa[..]).collect();
            rsa.dedup();
            assert_eq!(rsa.len(), batches, "{count}");
        }
    }

    #[test]
    fn a_signer_that_dies_takes_the_thread_along_that_waits_for_it_and_that_is_told() {
        let ada = Arc::new(Identity::from_pem(ADA).unwrap());
        let (events, heard) = bounded(100);
        let teller = Teller::new(events, Arc::new(|| ()));
        let way = start("signer", RoomKey(1), &teller, &ada, |_| true).unwrap();
        // A burst of nothing can't be signed.
        way.send(Vec::new()).unwrap();
        let told = heard.recv_timeout(std::time::Duration::from_secs(20)).unwrap();
        assert!(
            matches!(
                &told,
                Event::ThreadDied {
                    loss: Loss::Room(RoomKey(1)),
                    ..
                }
            ),
            "{told:?}"
        );
    }
}
