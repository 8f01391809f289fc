//! From a list of addresses to one proven host: all are tried at once, the first one wins.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, select};

use super::recorder::{Recorder, pause};
use super::{GuestContext, Wish, failed};
use crate::crypto::{Identity, Secret, WrapKey, sign_batch};
use crate::inspect::Tee;
use crate::net::clock::now_unix;
use crate::net::thread::spawn;
use crate::net::{Event, JoinCause, JoinFailure, JoinRoom, JoinStep};
use crate::protocol::handshake::{AwaitHost, Established, GuestHello, HandshakeError};
use crate::protocol::limits::HANDSHAKE_TIMEOUT;
use crate::protocol::wire::{Frame, FrameBuffer};
use crate::protocol::{Endpoint, JoinTarget};

/// Most addresses that are tried, after names were looked up.
const MAX_ATTEMPTS: usize = 32;

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
    /// What was recorded so far, if that was asked for.
    pub recorder: Recorder,
}

/// Tries until one address succeeded, all failed, or the asker gives up.
pub fn reach(
    wish: &JoinRoom,
    context: &GuestContext,
    wishes: &Receiver<Wish>,
) -> Result<Reached, JoinFailure> {
    let endpoints = match &wish.target {
        JoinTarget::Invite(invite) if invite.expired(now_unix()) => {
            return Err(failed(JoinStep::Reached, JoinCause::InvitationExpired));
        }
        JoinTarget::Invite(invite) => invite.endpoints.clone(),
        JoinTarget::Address(endpoint) => vec![endpoint.clone()],
    };
    let shared = Arc::new(Shared {
        wish: wish.clone(),
        context: context.clone(),
        streams: Mutex::new(Streams::default()),
        decided: Mutex::new(false),
    });
    let (reports, heard) = bounded(4 * MAX_ATTEMPTS);
    let (shared_here, own_reports) = (Arc::clone(&shared), reports);
    spawn("reach", Some(wish.key), &context.teller, move || {
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
    let outcome = await_outcome(wish, context, wishes, &heard);
    shared.give_up();
    outcome
}

/// What one attempt tells.
enum Report {
    Advanced(JoinStep),
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
                // Every attempt has ended.
                Err(_) => return Err(best.map_or_else(|| failed(JoinStep::Reached, JoinCause::NobodyListens), |(_, failure)| failure)),
            },
            recv(wishes) -> asked => match asked {
                Ok(Wish::Say { .. }) => {}
                Ok(Wish::Leave) | Err(_) => {
                    let step = told.map_or(JoinStep::Reached, next_step);
                    return Err(failed(step, JoinCause::Cancelled));
                }
            },
        }
    }
}

fn next_step(done: JoinStep) -> JoinStep {
    JoinStep::ALL
        .into_iter()
        .find(|step| *step > done)
        .unwrap_or(JoinStep::Admitted)
}

fn look_up_and_try(shared: &Arc<Shared>, endpoints: &[Endpoint], reports: &Sender<Report>) {
    let mut attempts = 0;
    for endpoint in endpoints {
        let addresses = match (endpoint.host.as_str(), endpoint.port).to_socket_addrs() {
            Ok(addresses) => addresses,
            Err(_) => {
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
            let started = spawn(
                "attempt",
                Some(shared.wish.key),
                &shared.context.teller,
                move || {
                    let report = match attempt(&shared_here, address, &own_reports) {
                        Ok(reached) => Report::Reached(Box::new(reached)),
                        Err(failure) => Report::Failed {
                            failure,
                            from_loopback: address.ip().is_loopback(),
                        },
                    };
                    let _ = own_reports.send(report);
                },
            );
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

/// One address, from the first packet to the admission.
fn attempt(shared: &Shared, address: SocketAddr, reports: &Sender<Report>) -> Result<Reached, JoinFailure> {
    let unreachable = |cause| failed(JoinStep::Reached, cause);
    // Before the connection: a handshake has ten seconds, and a slow machine may need one for the key.
    let wrap = shared.context.wrap.wait().map_err(|error| {
        failed(
            JoinStep::Reached,
            JoinCause::System {
                reason: error.to_string(),
            },
        )
    })?;
    pause(&shared.context, shared.wish.key, 1);
    let stream = TcpStream::connect_timeout(&address, HANDSHAKE_TIMEOUT)
        .map_err(|error| unreachable(cause_of_connect(&error)))?;
    if !shared.watch(&stream) {
        return Err(unreachable(JoinCause::Cancelled));
    }
    let _ = reports.send(Report::Advanced(JoinStep::Reached));
    let _ = stream.set_nodelay(true);
    let mut line = Line {
        stream,
        frames: FrameBuffer::default(),
        deadline: Instant::now() + HANDSHAKE_TIMEOUT,
    };

    let identity = &shared.context.identity;
    let hello = hello(&shared.wish, identity, &wrap);
    let mut recorder = Recorder::begin(&shared.context, &hello.invite, &line.stream);
    let mut source = rand::rng();
    let mut tee = Tee::new(&mut source);
    let (state, m1) = AwaitHost::start(hello, &mut tee);
    recorder.drew(tee.into_drawn());
    recorder.sent(&m1);
    line.write(&m1)
        .map_err(|cause| failed(JoinStep::KeysAgreed, cause))?;
    let m2 = line
        .read_frame()
        .map_err(|cause| failed(JoinStep::KeysAgreed, cause))?;
    recorder.got(&m2);
    pause(&shared.context, shared.wish.key, 2);
    let state = state.receive(m2).map_err(failure_of)?;
    let _ = reports.send(Report::Advanced(JoinStep::KeysAgreed));
    let _ = reports.send(Report::Advanced(JoinStep::IdentityProven));

    let admitted = |cause| failed(JoinStep::Admitted, cause);
    let mut decided = shared.decided.lock().unwrap_or_else(PoisonError::into_inner);
    if *decided {
        return Err(admitted(JoinCause::Cancelled));
    }
    let signature = sign_batch(identity, &[state.statement()], &mut rand::rng())
        .ok()
        .and_then(|signatures| signatures.into_iter().next())
        .ok_or_else(|| {
            admitted(JoinCause::System {
                reason: "signing failed".to_owned(),
            })
        })?;
    let (state, m3) = state.signed(&signature);
    pause(&shared.context, shared.wish.key, 3);
    line.write(&m3).map_err(admitted)?;
    recorder.sent(&m3);
    let m4 = line.read_frame().map_err(admitted)?;
    recorder.got(&m4);
    pause(&shared.context, shared.wish.key, 4);
    let (established, m5) = state
        .receive_noting(m4, &wrap, &mut rand::rng(), &mut |session| {
            recorder.unwrapped(session)
        })
        .map_err(|error| admitted(failure_of(error).cause))?;
    pause(&shared.context, shared.wish.key, 5);
    line.write(&m5).map_err(admitted)?;
    recorder.sent(&m5);
    *decided = true;
    shared.release(address);
    Ok(Reached {
        stream: line.stream,
        address,
        established,
        rest: line.frames.into_rest(),
        recorder,
    })
}

fn hello(wish: &JoinRoom, identity: &Identity, wrap: &WrapKey) -> GuestHello {
    let (invite, pinned) = match &wish.target {
        JoinTarget::Invite(invite) => (invite.secret.clone(), Some(invite.host)),
        JoinTarget::Address(_) => (Secret::ZERO, None),
    };
    GuestHello {
        invite,
        pinned,
        identity: identity.public().clone(),
        wrap: wrap.public().clone(),
        name: wish.name.clone(),
    }
}

fn cause_of_connect(error: &io::Error) -> JoinCause {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => JoinCause::NobodyListens,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => JoinCause::NoAnswer,
        _ => JoinCause::Unreachable {
            reason: error.to_string(),
        },
    }
}

/// Which step a failed check belongs to.
fn failure_of(error: HandshakeError) -> JoinFailure {
    let (step, cause) = match error {
        HandshakeError::NotCipherRoom => (JoinStep::KeysAgreed, JoinCause::NotCipherRoom),
        HandshakeError::WrongVersion => (JoinStep::KeysAgreed, JoinCause::WrongVersion),
        HandshakeError::Refused(refusal) => (JoinStep::KeysAgreed, JoinCause::Refused(refusal)),
        HandshakeError::WrongHost { expected, found } => {
            (JoinStep::IdentityProven, JoinCause::WrongHost { expected, found })
        }
        error @ (HandshakeError::BadSignature | HandshakeError::UnacceptableKey) => (
            JoinStep::IdentityProven,
            JoinCause::NotAuthentic {
                reason: error.to_string(),
            },
        ),
        error => (
            JoinStep::KeysAgreed,
            JoinCause::NotAuthentic {
                reason: error.to_string(),
            },
        ),
    };
    failed(step, cause)
}

/// A socket read frame by frame until a deadline.
struct Line {
    stream: TcpStream,
    frames: FrameBuffer,
    deadline: Instant,
}

impl Line {
    fn write(&mut self, bytes: &[u8]) -> Result<(), JoinCause> {
        let outcome = self.stream.set_write_timeout(Some(self.time_left()?));
        outcome
            .and_then(|()| self.stream.write_all(bytes))
            .map_err(|error| cause_of_talk(&error))
    }

    fn read_frame(&mut self) -> Result<Frame, JoinCause> {
        let mut buffer = [0; 16 * 1024];
        loop {
            match self.frames.next_frame() {
                Ok(Some(frame)) => return Ok(frame),
                Ok(None) => {}
                Err(error) => return Err(failure_of(error.into()).cause),
            }
            let time_left = self.time_left()?;
            let outcome = self.stream.set_read_timeout(Some(time_left));
            match outcome.and_then(|()| self.stream.read(&mut buffer)) {
                Ok(0) => return Err(JoinCause::HungUp),
                Ok(count) => self.frames.push(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(cause_of_talk(&error)),
            }
        }
    }

    fn time_left(&self) -> Result<Duration, JoinCause> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            Err(JoinCause::NoAnswer)
        } else {
            Ok(left)
        }
    }
}

fn cause_of_talk(error: &io::Error) -> JoinCause {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => JoinCause::NoAnswer,
        _ => JoinCause::HungUp,
    }
}
