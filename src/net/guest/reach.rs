//! From a list of addresses to one proven host: all are tried at once, the first one wins.

mod attempt;

use std::collections::VecDeque;
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded, select};

use self::attempt::{attempt, resume};
use super::membership::Membership;
use super::recorder::Recorder;
use super::{GuestContext, Wish, failed};
use crate::crypto::{Fingerprint, PublicIdentity, Secret};
use crate::net::clock::now_unix;
use crate::net::keep::KeptMember;
use crate::net::limits::{MAX_ATTEMPTS, MAX_TO_SAY};
use crate::net::thread::spawn;
use crate::net::{Alarm, Event, JoinCause, JoinFailure, JoinRoom, JoinStep, Loss};
use crate::protocol::body::Standing;
use crate::protocol::handshake::{Established, Session};
use crate::protocol::{Endpoint, JoinTarget};

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

/// Where a room is looked for, and with what.
pub struct Course {
    endpoints: Vec<Endpoint>,
    secret: Secret,
    pinned: Option<Fingerprint>,
    /// The invitation's end, where it counts.
    expires_unix: Option<u64>,
    /// The secret to try when the host does not know the one to come back with.
    otherwise: Option<Secret>,
    otherwise_expires: Option<u64>,
    /// The session to resume, and where.
    pub session: Option<Session>,
    address: Option<SocketAddr>,
    /// The room that the invitation, or the wish to come back, leads to, if we were in it before.
    pub(super) room: Option<[u8; 32]>,
    /// The room that we were in, and where our copy of its log stands.
    pub standing: Option<([u8; 32], Standing)>,
}

impl Course {
    /// As the asker wishes. To a room that we were in, with the secret that its host gave us for that.
    pub fn first(wish: &JoinRoom, context: &GuestContext, kept: Option<[u8; 32]>) -> Course {
        let mut course = Course::of_target(wish);
        let room = match kept {
            Some(id) => context.shelf.room(&id),
            None => context.shelf.member_by_target(&wish.target_text()),
        };
        let host = room
            .as_ref()
            .and_then(|room| PublicIdentity::from_der(&room.host).ok());
        // A typed address may lead to any room; an invitation is of one, and so is the way back.
        if course.pinned.is_some() || kept.is_some() {
            course.room = room.as_ref().map(|room| room.id);
        }
        if let (Some(room), Some(host)) = (room, host)
            && let Some(secret) = context
                .shelf
                .member(&room.id, &host)
                // What is wrong with it is told when the room is reached.
                .ok()
                .flatten()
                .and_then(|kept| kept.return_secret)
        {
            // A typed address may lead to another host meanwhile: that is asked about, not refused.
            let is_pinned = course.pinned.is_some() || kept.is_some();
            if is_pinned {
                course.pinned.get_or_insert(host.fingerprint());
                course.otherwise = Some(std::mem::replace(&mut course.secret, secret));
                course.otherwise_expires = course.expires_unix.take();
            }
        }
        course
    }

    fn of_target(wish: &JoinRoom) -> Course {
        let (endpoints, secret, pinned, expires_unix) = match &wish.target {
            JoinTarget::Invite(invite) => (
                invite.endpoints.clone(),
                invite.secret.clone(),
                Some(invite.host),
                invite.expires_unix,
            ),
            JoinTarget::Address(endpoint) => (vec![endpoint.clone()], Secret::ZERO, None, None),
        };
        Course {
            endpoints,
            secret,
            pinned,
            expires_unix,
            otherwise: None,
            otherwise_expires: None,
            session: None,
            address: None,
            room: None,
            standing: None,
        }
    }

    /// To the host of a room that we were in, and to no other.
    pub(super) fn pin(&mut self, here: &Membership) {
        self.pinned = Some(here.host.fingerprint());
        self.standing = Some((here.room.id, here.standing()));
    }

    /// Back into a room that was kept, wherever the asker wishes to look for it.
    pub(super) fn back_to(wish: &JoinRoom, here: &Membership) -> Course {
        let mut course = Course::of_target(wish);
        course.room = Some(here.room.id);
        course.come_back(here, None);
        course
    }

    /// Back into a room that we were in: the same host, with the secret that it gave us for that.
    pub(super) fn come_back(&mut self, here: &Membership, address: Option<SocketAddr>) {
        self.pin(here);
        self.address = address;
        if let Some(secret) = &here.return_secret {
            let first = std::mem::replace(&mut self.secret, secret.clone());
            if self.otherwise.is_none() {
                self.otherwise = Some(first);
                self.otherwise_expires = self.expires_unix.take();
            }
        }
    }

    /// Whether another room was reached than the one that we were in: a host that gives its room a new id
    /// would get rid of the log that we hold of it.
    pub(super) fn leads_elsewhere(&self, reached: &Reached) -> bool {
        let agreed = reached.established.agreed();
        self.room.is_some_and(|room| room != agreed.room.id)
    }

    /// Goes back to the invitation when the other secret did not help; `false` when there is no other.
    pub(super) fn fall_back(&mut self) -> bool {
        match self.otherwise.take() {
            Some(secret) => {
                self.secret = secret;
                self.expires_unix = self.otherwise_expires;
                true
            }
            None => false,
        }
    }
}

/// Tries until one address succeeded, all failed, or the asker gives up. Other wishes are held.
pub(super) fn reach(
    course: &mut Course,
    wish: &JoinRoom,
    context: &GuestContext,
    wishes: &Receiver<Wish>,
    held: &mut VecDeque<Wish>,
) -> Result<Reached, JoinFailure> {
    let now = now_unix();
    if course.expires_unix.is_some_and(|expires| now > expires) {
        return Err(failed(JoinStep::Reached, JoinCause::InvitationExpired));
    }
    let endpoints = course.endpoints.clone();
    let shared = Arc::new(Shared {
        wish: wish.clone(),
        context: context.clone(),
        secret: course.secret.clone(),
        pinned: course.pinned,
        standing: course.standing,
        session: Mutex::new(course.session.take().zip(course.address)),
        streams: Mutex::new(Streams::default()),
        decided: Mutex::new(false),
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
    let outcome = await_outcome(wish, context, wishes, held, &heard);
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
    /// Held from the proof of the host to the end, so that only one attempt is admitted.
    decided: Mutex<bool>,
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
                Ok(Report::Failed { failure, from_loopback }) => {
                    // The attempt that came furthest says most; between equals, the first address.
                    let weight = |loopback: bool, failure: &JoinFailure| (!loopback, failure.step);
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
