//! The handshakes of a reactor: frames in, jobs for the pool out, answers back, until a guest is live.

use std::time::Instant;

use super::conn::Stage;
use super::{End, Reactor};
use crate::crypto::Fingerprint;
use crate::net::clock::now_unix;
use crate::net::host::ConnId;
use crate::net::host::gate::Answer;
use crate::net::host::pool::Job;
use crate::net::host::room::{Input, Knocker};
use crate::protocol::DepartureReason;
use crate::protocol::handshake::{
    AdmitGuest, Established, HandshakeError, InvitedHello, ProvenResume, Refusal, ResumeHello, Session,
};
use crate::protocol::limits::{HANDSHAKE_TIMEOUT, KNOCK_TIMEOUT};
use crate::protocol::wire::{Frame, FrameKind};

impl Reactor {
    /// Takes back a state from the pool or the signer, and answers.
    pub(super) fn go_on(&mut self, number: u64, stage: Stage, frame: Vec<u8>) {
        let id = self.id(number);
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        if matches!(stage, Stage::AwaitProof(_)) {
            self.newcomers.owes_proof(conn.origin, number, Instant::now());
        }
        conn.stage = stage;
        self.shared.watch().frame(id, true, &frame);
        if conn.outgoing.push_sealed(&frame).is_ok() {
            self.flush(number);
            self.step(number);
        }
    }

    /// Goes on with a handshake as far as the frames at hand allow.
    pub(super) fn step(&mut self, number: u64) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        if matches!(conn.stage, Stage::Away | Stage::Live(_) | Stage::Knocking(_)) {
            return;
        }
        let frame = match conn.frames.next_frame() {
            Ok(Some(frame)) => frame,
            Ok(None) => return,
            Err(_) => return self.end(number, DepartureReason::ProtocolError),
        };
        let stage = std::mem::replace(&mut conn.stage, Stage::Away);
        let origin = conn.origin;
        let conn_id = self.id(number);
        if !matches!(stage, Stage::AwaitHello) {
            let bytes = frame.kind.frame(&frame.body);
            self.shared.watch().frame(conn_id, false, &bytes);
        }
        match stage {
            Stage::AwaitHello if frame.kind == FrameKind::ResumeHello => self.check_resume(conn_id, &frame),
            Stage::AwaitHello => self.check_hello(conn_id, &frame),
            Stage::AwaitProof(state) => {
                self.newcomers.has_shown_proof(origin, number);
                let job = Job::Check {
                    conn: conn_id,
                    state,
                    frame,
                };
                if self.jobs.try_send(job).is_err() {
                    self.end(number, DepartureReason::ProtocolError);
                }
            }
            Stage::AwaitConfirm(state) => self.go_live(conn_id, state.receive(frame)),
            Stage::AwaitResumed(state) => self.go_live(conn_id, state.receive(frame)),
            Stage::Away | Stage::Live(_) | Stage::Knocking(_) => {}
        }
    }

    fn check_hello(&mut self, conn: ConnId, frame: &Frame) {
        let (secrets, removals) = {
            let door = self.shared.door();
            (door.secrets(), door.removals())
        };
        self.note_removals(conn.number, removals);
        let checked = InvitedHello::check(frame, &secrets, now_unix()).map_err(refusal_of);
        let welcome = checked.and_then(|hello| self.ask_at_the_gate(conn.number, hello));
        let refusal = match welcome {
            Ok(hello) => {
                self.has_shown_hello(conn.number);
                self.note_handshake(conn, hello.invite(), frame);
                match self.jobs.try_send(Job::Answer {
                    conn,
                    hello: Box::new(hello),
                }) {
                    Ok(()) => return,
                    Err(_) => Refusal::Full,
                }
            }
            Err(refusal) => refusal,
        };
        self.refuse(conn.number, &refusal.clear_frame());
    }

    /// From now on it is worth more than the socket, and gives way to nobody.
    fn has_shown_hello(&mut self, number: u64) {
        if let Some(conn) = self.conns.get_mut(&number) {
            let _ = conn.stream.set_nodelay(true);
            crate::net::keepalive::set(&conn.stream);
            self.newcomers.has_shown_hello(conn.origin, number);
        }
    }

    /// What comes next costs more than hashing: is it the first of its kind, and not one too many?
    fn ask_at_the_gate(&self, number: u64, hello: InvitedHello) -> Result<InvitedHello, Refusal> {
        let origin = self.conns.get(&number).ok_or(Refusal::BadHandshake)?.origin;
        let mut gate = self.shared.gate();
        match gate.hello(origin, hello.proof(), hello.came_uninvited(), Instant::now()) {
            Answer::GoOn => Ok(hello),
            Answer::Repeated => Err(Refusal::BadHandshake),
            Answer::TooMany => Err(Refusal::Full),
        }
    }

    /// A ticket is looked up and its proof checked before any key is touched, and it is used up at once. Then it counts
    /// at the gate: coming and going by tickets is not free.
    fn check_resume(&mut self, conn: ConnId, frame: &Frame) {
        let now = Instant::now();
        let proven = match ResumeHello::parse(frame) {
            Err(HandshakeError::WrongVersion) => Err(Refusal::WrongVersion),
            Err(_) => Err(Refusal::BadHandshake),
            Ok(hello) => self.resume(conn.number, hello, now),
        };
        let refusal = match proven {
            Ok(proven) => {
                self.has_shown_hello(conn.number);
                self.note_resumption(conn, proven.ticket(), frame);
                match self.jobs.try_send(Job::Resume {
                    conn,
                    state: Box::new(proven),
                }) {
                    Ok(()) => return,
                    Err(_) => Refusal::Full,
                }
            }
            Err(refusal) => refusal,
        };
        self.refuse(conn.number, &refusal.clear_frame());
    }

    /// Takes the session that R1 names, for who holds its ticket and may still come.
    fn resume(&mut self, number: u64, hello: ResumeHello, now: Instant) -> Result<ProvenResume, Refusal> {
        let (session, removals) = {
            let mut door = self.shared.door();
            (door.resume(&hello, now)?, door.removals())
        };
        self.note_removals(number, removals);
        let member = session.peer().identity.fingerprint();
        if self.shared.teller.is_blocked(&member) {
            return Err(Refusal::NotResumable);
        }
        let proven = hello.check(session, now).map_err(|_| Refusal::NotResumable)?;
        self.may_come_back(number, now)?;
        match self.shared.allowances.owes_much(&member, now) {
            true => Err(Refusal::Full),
            false => Ok(proven),
        }
    }

    /// A handshake begins: whom the host sends away from here on does not come in with it.
    fn note_removals(&mut self, number: u64, removals: u64) {
        if let Some(conn) = self.conns.get_mut(&number) {
            conn.removals = removals;
        }
    }

    fn may_come_back(&self, number: u64, now: Instant) -> Result<(), Refusal> {
        let origin = self.conns.get(&number).ok_or(Refusal::BadHandshake)?.origin;
        match self.shared.gate().comes_back(origin, now) {
            true => Ok(()),
            false => Err(Refusal::Full),
        }
    }

    /// Has the host asked about a guest that has proven its key; it waits longer than a handshake may take.
    pub(super) fn ask(&mut self, id: ConnId, state: Box<AdmitGuest>, frame: &[u8]) {
        let Some(conn) = self.conns.get_mut(&id.number) else {
            return;
        };
        let (identity, name, sas) = (
            state.guest().identity.clone(),
            state.guest().name.clone(),
            state.sas(),
        );
        conn.stage = Stage::Knocking(state);
        let origin = conn.origin;
        self.shared.watch().frame(id, true, frame);
        if conn.outgoing.push_sealed(frame).is_ok() {
            self.end_by(id.number, Instant::now() + KNOCK_TIMEOUT);
            self.hand_to_room(Input::Knocked(Knocker {
                conn: id,
                origin,
                identity,
                name,
                sas,
            }));
            self.flush(id.number);
        }
    }

    /// The host has decided about a guest that knocked, or can't be asked about it.
    pub(super) fn decide(&mut self, id: ConnId, decision: Result<(), Refusal>) {
        let Some(conn) = self.conns.get_mut(&id.number) else {
            return;
        };
        match std::mem::replace(&mut conn.stage, Stage::Away) {
            Stage::Knocking(state) => match decision {
                Ok(()) => {
                    self.end_by(id.number, Instant::now() + HANDSHAKE_TIMEOUT);
                    let full = self.jobs.try_send(Job::Admit { conn: id, state }).is_err();
                    if full {
                        self.end(id.number, DepartureReason::ConnectionLost);
                    }
                }
                Err(refusal) => self.refuse(id.number, &state.refuse(refusal)),
            },
            other => conn.stage = other,
        }
    }

    fn go_live(&mut self, id: ConnId, outcome: Result<Established, HandshakeError>) {
        let Ok(established) = outcome else {
            return self.end(id.number, DepartureReason::ProtocolError);
        };
        let now = Instant::now();
        let member = established.agreed().peer.identity.fingerprint();
        let Some(removals) = self.conns.get(&id.number).map(|conn| conn.removals) else {
            return;
        };
        if !self.enter(&member, removals, || established.agreed().session(now)) {
            return self.end(id.number, DepartureReason::Removed);
        }
        let Some(conn) = self.conns.get_mut(&id.number) else {
            return;
        };
        let rest = std::mem::take(&mut conn.frames).into_rest();
        let (agreed, connection) = established.into_connection(&rest, now);
        conn.stage = Stage::Live(Box::new(connection));
        conn.member_since = Some(now);
        conn.member = Some(member);
        conn.allowance = Some(self.shared.allowances.of(&member, now));
        if let Some(deadline) = conn.deadline.take() {
            self.deadlines.remove(&(deadline, id.number));
        }
        self.leave_the_gate(id.number, true);
        self.watch_if_asked(id.number, &agreed.peer.identity);
        self.hand_to_room(Input::Arrived {
            conn: id,
            identity: agreed.peer.identity,
            name: agreed.peer.name,
            sas: agreed.sas,
            standing: agreed.standing,
            removals,
        });
        if let Err(End(reason)) = self.take_in(id.number, &[]) {
            self.end(id.number, reason);
        }
    }

    /// Makes somebody a member and keeps its session, unless it was sent away or blocked while the handshake was under way:
    /// a guest can keep back its last message as long as a handshake may take.
    fn enter(&self, member: &Fingerprint, removals: u64, session: impl FnOnce() -> Session) -> bool {
        if self.shared.teller.is_blocked(member) {
            return false;
        }
        let mut door = self.shared.door();
        let may_enter = door.enter(member, removals);
        if may_enter {
            door.keep_session(session());
        }
        may_enter
    }
}

/// What is answered to a hello that fails its check.
fn refusal_of(error: HandshakeError) -> Refusal {
    match error {
        HandshakeError::WrongVersion => Refusal::WrongVersion,
        HandshakeError::NotInvited => Refusal::NotInvited,
        HandshakeError::InvitationExpired => Refusal::InvitationExpired,
        _ => Refusal::BadHandshake,
    }
}
