//! One address: from the first packet to the admission, or a session resumed. Blocks, on a thread of its own.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::{Reached, Report, Shared};
use crate::crypto::{Identity, WrapKey, sign_batch};
use crate::inspect::Tee;
use crate::net::guest::failed;
use crate::net::guest::recorder::{Recorder, pause};
use crate::net::{JoinCause, JoinFailure, JoinStep};
use crate::protocol::handshake::{AwaitHost, AwaitResumed, GuestHello, HandshakeError, Refusal, Session};
use crate::protocol::limits::{HANDSHAKE_TIMEOUT, KNOCK_TIMEOUT};
use crate::protocol::wire::{Frame, FrameBuffer};

/// Takes up the session where it was, without RSA.
pub(super) fn resume(shared: &Shared, session: Session, address: SocketAddr) -> Result<Reached, JoinFailure> {
    let resumed = |cause| failed(JoinStep::KeysAgreed, cause);
    if session.is_over(Instant::now()) {
        return Err(resumed(JoinCause::Refused(Refusal::NotResumable)));
    }
    let mut line = Line::connect(shared, address)?;
    let (standing, _) = shared.standing(&session.room().id, &session.peer().identity);
    let mut recorder = Recorder::resume(&shared.context, session.ticket(), &line.stream);
    let mut source = rand::rng();
    let mut tee = Tee::new(&mut source);
    let (state, r1) = AwaitResumed::start(session, &mut tee);
    recorder.drew(tee.into_drawn());
    recorder.sent(&r1);
    line.write(&r1).map_err(resumed)?;
    let r2 = line.read_frame().map_err(resumed)?;
    recorder.got(&r2);
    let (established, r3) = state.receive(r2, standing).map_err(failure_of)?;
    recorder.sent(&r3);
    line.write(&r3).map_err(resumed)?;
    shared.release(address);
    Ok(Reached {
        stream: line.stream,
        address,
        established,
        rest: line.frames.into_rest(),
        kept: None,
        recorder,
    })
}

/// One address, from the first packet to the admission.
pub(super) fn attempt(
    shared: &Shared,
    address: SocketAddr,
    reports: &Sender<Report>,
) -> Result<Reached, JoinFailure> {
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
    let mut line = Line::connect(shared, address)?;
    let _ = reports.send(Report::Advanced(JoinStep::Reached));

    let identity = &shared.context.identity;
    let hello = hello(shared, identity, &wrap);
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
    let host = state.host().fingerprint();
    if decided.is_over(&host) {
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
    let (standing, kept) = shared.standing(&state.room().id, state.host());
    let mut state = state.standing(standing);
    let mut m4 = line.read_frame().map_err(admitted)?;
    recorder.got(&m4);
    while state
        .is_asking(&m4)
        .map_err(|error| admitted(failure_of(error).cause))?
    {
        let _ = reports.send(Report::Asking);
        line.deadline = Instant::now() + KNOCK_TIMEOUT;
        m4 = line.read_frame().map_err(admitted)?;
        recorder.got(&m4);
    }
    pause(&shared.context, shared.wish.key, 4);
    let (established, m5) = state
        .receive_noting(m4, &wrap, &mut rand::rng(), &mut |session| {
            recorder.unwrapped(session)
        })
        .map_err(|error| {
            if matches!(error, HandshakeError::Refused(_)) {
                decided.refused_by.push(host);
            }
            admitted(failure_of(error).cause)
        })?;
    pause(&shared.context, shared.wish.key, 5);
    line.write(&m5).map_err(admitted)?;
    recorder.sent(&m5);
    decided.admitted = true;
    shared.release(address);
    Ok(Reached {
        stream: line.stream,
        address,
        established,
        rest: line.frames.into_rest(),
        kept,
        recorder,
    })
}

fn hello(shared: &Shared, identity: &Identity, wrap: &WrapKey) -> GuestHello {
    GuestHello {
        invite: shared.secret.clone(),
        pinned: shared.pinned,
        identity: identity.public().clone(),
        wrap: wrap.public().clone(),
        name: shared.wish.name.clone(),
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
    /// Whether anything came back.
    is_answered: bool,
}

impl Line {
    fn connect(shared: &Shared, address: SocketAddr) -> Result<Line, JoinFailure> {
        let unreachable = |cause| failed(JoinStep::Reached, cause);
        let stream = TcpStream::connect_timeout(&address, HANDSHAKE_TIMEOUT)
            .map_err(|error| unreachable(cause_of_connect(&error)))?;
        if !shared.watch(&stream) {
            return Err(unreachable(JoinCause::Cancelled));
        }
        let _ = stream.set_nodelay(true);
        Ok(Line {
            stream,
            frames: FrameBuffer::default(),
            deadline: Instant::now() + HANDSHAKE_TIMEOUT,
            is_answered: false,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), JoinCause> {
        let outcome = self.stream.set_write_timeout(Some(self.time_left()?));
        outcome
            .and_then(|()| self.stream.write_all(bytes))
            .map_err(|error| self.cause_of(&error))
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
                Ok(count) => {
                    self.is_answered = true;
                    self.frames.push(buffer.get(..count).unwrap_or_default());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.cause_of(&error)),
            }
        }
    }

    fn time_left(&self) -> Result<Duration, JoinCause> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            Err(self.too_late())
        } else {
            Ok(left)
        }
    }

    fn cause_of(&self, error: &io::Error) -> JoinCause {
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => self.too_late(),
            _ => JoinCause::HungUp,
        }
    }

    /// The time of a handshake is over.
    fn too_late(&self) -> JoinCause {
        match self.is_answered {
            true => JoinCause::NotLetIn,
            false => JoinCause::NoAnswer,
        }
    }
}
