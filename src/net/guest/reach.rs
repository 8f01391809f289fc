//! From a list of addresses to one proven host: all are tried at once, the first one wins.

mod attempt;
mod course;

use std::collections::VecDeque;
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded, select};

use self::attempt::{attempt, resume};
pub use self::course::Course;
use super::recorder::Recorder;
use super::{GuestContext, Wish, failed};
use crate::crypto::{Fingerprint, PublicIdentity, Secret};
use crate::net::clock::now_unix;
use crate::net::keep::KeptMember;
use crate::net::limits::{MAX_ATTEMPTS, MAX_TO_SAY};
use crate::net::thread::spawn;
use crate::net::{Alarm, Event, JoinCause, JoinFailure, JoinRoom, JoinStep, Loss};
use crate::protocol::Endpoint;
use crate::protocol::body::Standing;
use crate::protocol::handshake::{Established, Session};

/// A host that is proven and has admitted us.
pub struct Reached {
    /// The connection.
    pub stream: TcpStream,
    /// Its address.
    pub address: SocketAddr,
    /// The outcome of the handshake.
    pub established: Established,
    /// What came behind the last handshake frame.
    pub rest: Vec<u8>,
    /// What is kept of the room from an earlier run.
    pub kept: Option<KeptMember>,
    /// What was recorded so far, if that was asked for.
    pub recorder: Recorder,
}

/// Tries until one address succeeded, all failed, or the asker gives up. Other wishes are held.
pub(super) fn reach(
    course: &mut Course,
    wish: &JoinRoom,
    context: &GuestContext,
    wishes: &Receiver<Wish>,
    held: &mut VecDeque<Wish>,
) -> Result<Reached, JoinFailure> {
    if course.is_over(now_unix()) {
        return Err(failed(JoinStep::Reached, JoinCause::InvitationExpired));
    }
    let endpoints = course.endpoints.clone();
    let shared = Arc::new(Shared {
        wish: wish.clone(),
        context: context.clone(),
        secret: course.secret().clone(),
        pinned: course.pinned,
        standing: course.standing,
        session: Mutex::new(course.session.take().zip(course.address)),
        streams: Mutex::new(Streams::default()),
        decided: Mutex::new(Decided::default()),
    });
    let (reports, heard) = bounded(4 * MAX_ATTEMPTS);
    let (shared_here, own_reports) = (Arc::clone(&shared), reports);
    spawn("reach", Loss::Task, &context.teller, move || {
        look_up_and_try(&shared_here, &endpoints, &own_reports);
    })
    .map_err(|error| {
        failed(
            JoinStep::Reached,
            JoinCause::System {
                reason: error.to_string(),
            },
        )
    })?;
    let outcome = await_outcome(wish, context, course.pinned.is_some(), wishes, held, &heard);
    shared.give_up();
    outcome
}

/// What one attempt tells.
enum Report {
    Advanced(JoinStep),
    /// The host is asked whether to let us in.
    Asking,
    /// From an address of our own machine it says less: our own room may answer there.
    Failed {
        failure: JoinFailure,
        from_loopback: bool,
    },
    Reached(Box<Reached>),
}

struct Shared {
    wish: JoinRoom,
    context: GuestContext,
    secret: Secret,
    pinned: Option<Fingerprint>,
    standing: Option<([u8; 32], Standing)>,
    /// To be tried before anything else.
    session: Mutex<Option<(Session, SocketAddr)>>,
    streams: Mutex<Streams>,
    /// Held from the proof of the host to the end, so that only one attempt is at a door, and one is admitted.
    decided: Mutex<Decided>,
}

/// What came of the attempts that were at a door.
#[derive(Default)]
struct Decided {
    admitted: bool,
    /// The hosts that said no. By another of its addresses one would be asked the same once more.
    refused_by: Vec<Fingerprint>,
}

impl Decided {
    /// Whether there is nothing left to ask this host.
    fn is_over(&self, host: &Fingerprint) -> bool {
        self.admitted || self.refused_by.contains(host)
    }
}

/// The sockets under way, to be shut when it is over.
#[derive(Default)]
struct Streams {
    open: Vec<TcpStream>,
    over: bool,
}

impl Shared {
    /// Where our copy of a room's log stands: of this run, or kept from an earlier one.
    fn standing(&self, room: &[u8; 32], host: &PublicIdentity) -> (Standing, Option<KeptMember>) {
        match &self.standing {
            Some((known, standing)) if known == room => (*standing, None),
            Some(_) => (Standing::default(), None),
            None => {
                let kept = self.context.shelf.member(room, host);
                let doubt = match &kept {
                    Ok(kept) => kept.as_ref().and_then(|kept| kept.doubt.clone()),
                    Err(reason) => Some(reason.clone()),
                };
                if let Some(reason) = doubt {
                    self.context.teller.tell(Event::Alarmed {
                        room: self.wish.key,
                        alarm: Alarm::Kept { reason },
                    });
                }
                let kept = kept.ok().flatten();
                (
                    kept.as_ref()
                        .map_or_else(Standing::default, |kept| kept.log.standing()),
                    kept,
                )
            }
        }
    }

    fn give_up(&self) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.over = true;
        for stream in streams.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Remembers a socket; `false` when it is over already.
    fn watch(&self, stream: &TcpStream) -> bool {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if !streams.over
            && let Ok(copy) = stream.try_clone()
        {
            streams.open.push(copy);
        }
        !streams.over
    }

    /// Takes the winner out of those to be shut.
    fn release(&self, address: SocketAddr) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams
            .open
            .retain(|stream| stream.peer_addr().ok() != Some(address));
    }
}

fn await_outcome(
    wish: &JoinRoom,
    context: &GuestContext,
    is_pinned: bool,
    wishes: &Receiver<Wish>,
    held: &mut VecDeque<Wish>,
    reports: &Receiver<Report>,
) -> Result<Reached, JoinFailure> {
    let mut told = None;
    let mut best: Option<(bool, JoinFailure)> = None;
    loop {
        select! {
            recv(reports) -> report => match report {
                Ok(Report::Advanced(step)) => {
                    if told < Some(step) {
                        told = Some(step);
                        context.teller.tell(Event::JoinAdvanced { room: wish.key, step });
                    }
                }
                Ok(Report::Asking) => context.teller.tell(Event::Asking { room: wish.key }),
                Ok(Report::Reached(reached)) => return Ok(*reached),
                // The host that the invitation names has said no, and no other address leads to another.
                Ok(Report::Failed { failure, .. }) if is_pinned && is_refusal_of_host(&failure) => return Err(failure),
                Ok(Report::Failed { failure, from_loopback }) => {
                    let is_better = best
                        .as_ref()
                        .is_none_or(|(loopback, best)| weight(*loopback, best) < weight(from_loopback, &failure));
                    if is_better {
                        best = Some((from_loopback, failure));
                    }
                }
                // Every attempt has ended. Each tells why; who told nothing has died.
                Err(_) => return Err(best.map_or_else(|| failed(JoinStep::Reached, JoinCause::Fault), |(_, failure)| failure)),
            },
            recv(wishes) -> asked => match asked {
                #[cfg(test)]
                Ok(Wish::Die) => super::deaths::die(),
                Ok(Wish::TryNow) => {}
                Ok(other @ (Wish::Say { .. } | Wish::SayPrivately { .. } | Wish::OpenPrivate { .. })) => {
                    hold(other, held, context);
                }
                Ok(Wish::Leave) | Err(_) => {
                    let step = told.map_or(JoinStep::Reached, next_step);
                    return Err(failed(step, JoinCause::Cancelled));
                }
            },
        }
    }
}

/// How much an attempt's failure says. What a proven host answered says most, wherever it was reached; else the attempt
/// that came furthest does, and between equals the first address.
fn weight(from_loopback: bool, failure: &JoinFailure) -> (bool, bool, JoinStep) {
    (is_refusal_of_host(failure), !from_loopback, failure.step)
}

/// Whether a host that is proven said no. In place of M4 a refusal is sealed: what anybody can say belongs to an earlier step.
fn is_refusal_of_host(failure: &JoinFailure) -> bool {
    failure.step == JoinStep::Admitted && matches!(failure.cause, JoinCause::Refused(_))
}

/// Keeps a wish for later, while there is room for it; else the user is told.
pub(super) fn hold(wish: Wish, held: &mut VecDeque<Wish>, context: &GuestContext) {
    if held.len() < MAX_TO_SAY {
        return held.push_back(wish);
    }
    let reason = "Too many messages wait; the last one was not taken.".to_owned();
    context.teller.tell(Event::NotKept { reason });
}

fn next_step(done: JoinStep) -> JoinStep {
    JoinStep::ALL
        .into_iter()
        .find(|step| *step > done)
        .unwrap_or(JoinStep::Admitted)
}

fn look_up_and_try(shared: &Arc<Shared>, endpoints: &[Endpoint], reports: &Sender<Report>) {
    let session = shared
        .session
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some((session, address)) = session {
        match resume(shared, session, address) {
            Ok(reached) => {
                let _ = reports.send(Report::Reached(Box::new(reached)));
                return;
            }
            // The full handshake will say why, if that fails too.
            Err(failure) => log::info!("the session was not resumed: {failure}"),
        }
    }
    let mut attempts = 0;
    for endpoint in endpoints {
        let addresses = match (endpoint.host.as_str(), endpoint.port).to_socket_addrs() {
            Ok(addresses) if addresses.len() > 0 => addresses,
            _ => {
                let cause = JoinCause::UnknownName {
                    host: endpoint.host.clone(),
                };
                let _ = reports.send(Report::Failed {
                    failure: failed(JoinStep::Reached, cause),
                    from_loopback: false,
                });
                continue;
            }
        };
        for address in addresses {
            attempts += 1;
            if attempts > MAX_ATTEMPTS {
                return;
            }
            let (shared_here, own_reports) = (Arc::clone(shared), reports.clone());
            let started = spawn("attempt", Loss::Task, &shared.context.teller, move || {
                let report = match attempt(&shared_here, address, &own_reports) {
                    Ok(reached) => Report::Reached(Box::new(reached)),
                    Err(failure) => Report::Failed {
                        failure,
                        from_loopback: address.ip().is_loopback(),
                    },
                };
                let _ = own_reports.send(report);
            });
            if let Err(error) = started {
                let cause = JoinCause::System {
                    reason: error.to_string(),
                };
                let _ = reports.send(Report::Failed {
                    failure: failed(JoinStep::Reached, cause),
                    from_loopback: false,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::handshake::Refusal;

    #[test]
    fn the_word_of_a_proven_host_outweighs_whatever_else_went_wrong() {
        let turned_away = failed(JoinStep::Admitted, JoinCause::Refused(Refusal::NotAdmitted));
        let by_anybody = failed(JoinStep::KeysAgreed, JoinCause::Refused(Refusal::Banned));
        let others = [
            failed(JoinStep::Admitted, JoinCause::NotLetIn),
            failed(JoinStep::Admitted, JoinCause::Cancelled),
            failed(JoinStep::Reached, JoinCause::NobodyListens),
            by_anybody.clone(),
        ];
        for other in &others {
            assert!(weight(true, &turned_away) > weight(false, other), "{other:?}");
        }
        let furthest = failed(JoinStep::Admitted, JoinCause::HungUp);
        assert!(weight(false, &by_anybody) < weight(false, &furthest));
    }

    #[test]
    fn a_host_that_said_no_is_asked_no_more_and_another_one_still_is() {
        let [bob, eve] = [&b"Bob"[..], b"Eve"].map(Fingerprint::of_der);
        let mut decided = Decided::default();
        decided.refused_by.push(bob);
        assert!(decided.is_over(&bob) && !decided.is_over(&eve));
        decided.admitted = true;
        assert!(decided.is_over(&eve));
    }
}
