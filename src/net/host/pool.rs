//! The threads that do RSA for handshakes: a small pool, and one that signs many answers at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use rand::CryptoRng;

use super::door::Verdict;
use super::reactor::{ReactorHandle, Task};
use super::room::Input;
use super::watch::drawing;
use super::{ConnId, DeathNotice, Shared};
use crate::crypto::{MAX_BATCH, PublicIdentity, Secret, Statement, sign_batch};
use crate::inspect::Piece;
use crate::net::Loss;
use crate::net::limits::WAITING_JOBS;
use crate::net::thread::spawn;
use crate::protocol::handshake::{AdmitGuest, AwaitProof, InvitedHello, ProvenResume, Refusal, SignHello};
use crate::protocol::wire::Frame;

/// A step of a handshake that costs more than hashing.
pub enum Job {
    /// M1 holds an invitation: answer the key exchange.
    Answer {
        /// Which connection.
        conn: ConnId,
        /// The checked hello.
        hello: Box<InvitedHello>,
    },
    /// R1 holds a ticket: answer the key exchange.
    Resume {
        /// Which connection.
        conn: ConnId,
        /// The checked hello.
        state: Box<ProvenResume>,
    },
    /// The host lets in who knocked.
    Admit {
        /// Which connection.
        conn: ConnId,
        /// Who knocked.
        state: Box<AdmitGuest>,
    },
    /// M3 arrived: check it and admit.
    Check {
        /// Which connection.
        conn: ConnId,
        /// What awaits it.
        state: Box<AwaitProof>,
        /// The frame.
        frame: Frame,
    },
    /// The thread panics.
    #[cfg(test)]
    Die,
}

type ToSign = (ConnId, Box<SignHello>);

/// Newcomers come thick when the one before was signed for so short a time ago …
const STORM: Duration = Duration::from_millis(50);
/// … and then their answers wait so long for each other, so that one signature of 4 ms covers many.
const GATHERING: Duration = Duration::from_millis(20);

/// Starts the pool and the signing thread; they end when nobody can give jobs any more.
pub fn start(
    shared: &Arc<Shared>,
    jobs: &Receiver<Job>,
    reactors: &[ReactorHandle],
    inputs: &Sender<Input>,
) -> std::io::Result<()> {
    let (to_sign, waiting) = bounded::<ToSign>(WAITING_JOBS);
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().clamp(2, 8));
    for index in 0..threads {
        let notice = DeathNotice {
            inputs: inputs.clone(),
            name: "crypto thread",
        };
        let (shared_here, jobs, to_sign, reactors) = (
            Arc::clone(shared),
            jobs.clone(),
            to_sign.clone(),
            reactors.to_vec(),
        );
        let (name, loss) = (format!("crypto-{index}"), Loss::Room(shared.key));
        spawn(&name, loss, &shared.teller, move || {
            let _notice = notice;
            jobs.iter()
                .for_each(|job| work(&shared_here, job, &to_sign, &reactors));
        })?;
    }
    let notice = DeathNotice {
        inputs: inputs.clone(),
        name: "signer",
    };
    let (shared_here, reactors) = (Arc::clone(shared), reactors.to_vec());
    spawn("signer", Loss::Room(shared.key), &shared.teller, move || {
        let _notice = notice;
        sign_all(&shared_here, &waiting, &reactors);
    })?;
    Ok(())
}

fn work(shared: &Shared, job: Job, to_sign: &Sender<ToSign>, reactors: &[ReactorHandle]) {
    let drew = |drawn| Some(Piece::Drew(drawn));
    match job {
        Job::Answer { conn, hello } => {
            match drawing(shared, conn, |rng| hello.answer(&shared.hello, rng), drew) {
                // Nobody signs any more: the room is over.
                Ok(state) => drop(to_sign.send((conn, Box::new(state)))),
                Err(_) => give(
                    reactors,
                    conn,
                    Task::HelloRefused {
                        conn,
                        refusal: Refusal::BadHandshake,
                    },
                ),
            }
        }
        Job::Resume { conn, state } => {
            let answer = |rng: &mut dyn CryptoRng| state.answer(&shared.hello.welcome, rng);
            let task = match drawing(shared, conn, answer, drew) {
                Ok((state, answer)) => Task::ResumeAnswered {
                    conn,
                    state: Box::new(state),
                    answer,
                },
                Err(_) => Task::HelloRefused {
                    conn,
                    refusal: Refusal::BadHandshake,
                },
            };
            give(reactors, conn, task);
        }
        #[cfg(test)]
        Job::Die => super::deaths::die(),
        Job::Admit { conn, state } => give(reactors, conn, admit(shared, conn, *state)),
        Job::Check { conn, state, frame } => give(reactors, conn, check(shared, conn, *state, frame)),
    }
}

fn check(shared: &Shared, conn: ConnId, state: AwaitProof, frame: Frame) -> Task {
    let mut guest = match state.receive(frame) {
        Ok(guest) => guest,
        Err(error) => {
            log::info!("a guest's proof failed: {error}");
            return Task::ProofRefused { conn, answer: None };
        }
    };
    match judge(shared, guest.invite(), &guest.guest().identity) {
        Verdict::Admit => admit(shared, conn, guest),
        Verdict::Ask => {
            let frame = guest.ask();
            Task::Ask {
                conn,
                state: Box::new(guest),
                frame,
            }
        }
        Verdict::Refuse(refusal) => Task::ProofRefused {
            conn,
            answer: Some(guest.refuse(refusal)),
        },
    }
}

/// What becomes of somebody who has proven its key.
fn judge(shared: &Shared, invite: &Secret, guest: &PublicIdentity) -> Verdict {
    let fingerprint = guest.fingerprint();
    // Whoever the user keeps out comes into no room of ours, whatever it holds.
    if guest == shared.identity.public() || shared.teller.is_blocked(&fingerprint) {
        return Verdict::Refuse(Refusal::NotAdmitted);
    }
    let verdict = shared.door().judge(invite, &fingerprint);
    // Who may not come in is not told to come later.
    let may_come_in = matches!(verdict, Verdict::Admit | Verdict::Ask);
    if may_come_in && shared.allowances.owes_much(&fingerprint, Instant::now()) {
        return Verdict::Refuse(Refusal::Full);
    }
    verdict
}

fn admit(shared: &Shared, conn: ConnId, guest: AdmitGuest) -> Task {
    let admitted = drawing(
        shared,
        conn,
        |rng| guest.admit(rng),
        |drawn| {
            // sH is drawn first, then the seed of OAEP.
            Some(Piece::Wrapped {
                session: Secret::new(drawn.word(0)?),
                seed: Secret::new(drawn.word(Secret::BYTES)?),
            })
        },
    );
    match admitted {
        Ok((state, answer)) => Task::ProofAccepted {
            conn,
            state: Box::new(state),
            answer,
        },
        Err(_) => Task::ProofRefused { conn, answer: None },
    }
}

/// Takes what waits, up to a batch, and signs it with one RSA operation.
fn sign_all(shared: &Shared, waiting: &Receiver<ToSign>, reactors: &[ReactorHandle]) {
    let mut signed_at: Option<Instant> = None;
    while let Ok(first) = waiting.recv() {
        let now = Instant::now();
        let is_storm = signed_at.is_some_and(|at| now < at + STORM);
        let batch = gather(first, waiting, is_storm.then(|| now + GATHERING));
        signed_at = Some(Instant::now());
        let statements: Vec<Statement> = batch.iter().map(|(_, state)| state.statement()).collect();
        match sign_batch(&shared.identity, &statements, &mut rand::rng()) {
            Ok(signatures) => {
                for ((conn, state), signature) in batch.into_iter().zip(signatures) {
                    give(
                        reactors,
                        conn,
                        Task::HelloSigned {
                            conn,
                            state,
                            signature,
                        },
                    );
                }
            }
            Err(error) => {
                log::error!("signing failed: {error}");
                for (conn, _) in batch {
                    give(
                        reactors,
                        conn,
                        Task::HelloRefused {
                            conn,
                            refusal: Refusal::Full,
                        },
                    );
                }
            }
        }
    }
}

/// The first and what else waits, or comes until then; no more than a batch.
fn gather<T>(first: T, waiting: &Receiver<T>, until: Option<Instant>) -> Vec<T> {
    let mut batch = vec![first];
    while batch.len() < MAX_BATCH {
        let next = match until {
            Some(at) => waiting.recv_deadline(at).ok(),
            None => waiting.try_recv().ok(),
        };
        match next {
            Some(next) => batch.push(next),
            None => break,
        }
    }
    batch
}

fn give(reactors: &[ReactorHandle], conn: ConnId, task: Task) {
    if let Some(reactor) = reactors.get(conn.reactor) {
        reactor.give(task);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Identity;
    use crate::crypto::test_keys::{ADA, BOB};
    use crate::net::host::rehearsal::shared;
    use crate::net::thread::Teller;

    #[test]
    fn who_may_not_come_in_is_told_so_whatever_it_owes_and_any_other_debtor_comes_later() {
        let ada = Arc::new(Identity::from_pem(ADA).unwrap());
        let (events, _) = bounded(1);
        let shared = shared(&ada, Teller::new(events, Arc::new(|| {})));
        let bob = Identity::from_pem(BOB).unwrap();
        let who = bob.fingerprint();
        let (invite, wrong) = (shared.door().invitations[0].secret.clone(), Secret::new([1; 32]));
        let verdict = |invite: &Secret| judge(&shared, invite, bob.public());
        assert_eq!(verdict(&invite), Verdict::Admit);
        let now = Instant::now();
        let (allowance, later) = (shared.allowances.of(&who, now), now + Duration::from_secs(600));
        while !shared.allowances.owes_much(&who, later) {
            allowance.lock().charge_page(512, 1 << 20, now);
        }
        for asks in [false, true] {
            shared.door().asks = asks;
            assert_eq!(verdict(&invite), Verdict::Refuse(Refusal::Full));
        }
        assert_eq!(verdict(&wrong), Verdict::Refuse(Refusal::NotInvited));
        shared.door().banned.insert(who);
        assert_eq!(verdict(&invite), Verdict::Refuse(Refusal::Banned));
        let itself = judge(&shared, &invite, ada.public());
        assert_eq!(itself, Verdict::Refuse(Refusal::NotAdmitted));
    }

    #[test]
    fn a_batch_takes_what_comes_in_time_and_no_more_than_fits() {
        let (give, waiting) = bounded(200);
        (1..4).for_each(|n| give.send(n).unwrap());
        assert_eq!(gather(0, &waiting, None), [0, 1, 2, 3]);
        assert_eq!(gather(0, &waiting, Some(Instant::now())), [0]);
        (0..100).for_each(|n| give.send(n).unwrap());
        let far = Instant::now() + Duration::from_secs(600);
        assert_eq!(gather(0, &waiting, Some(far)).len(), MAX_BATCH);
        drop(give);
        assert_eq!(gather(0, &waiting, Some(far)).len(), 101 - MAX_BATCH + 1);
    }
}
