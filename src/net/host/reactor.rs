//! One I/O thread: many sockets, their handshakes and records. Never waits for anybody.

mod conn;
mod greeting;
mod task;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::io::{self, Read};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use self::conn::{Conn, Flushed, Full, Outgoing, Stage};
use super::gate::Origin;
use super::pool::Job;
use super::room::Input;
use super::{ConnId, Shared};
use crate::net::bucket::{Bucket, Rate};
use crate::net::limits::{
    ACCEPT_RETRY, ACCEPTS_PER_TURN, GOODBYE_TIMEOUT, LAST_WORD_TIMEOUT, MAX_CONNECTIONS, MAX_HANDSHAKES,
    MEMBER_WORK_A_SECOND, MEMBER_WORK_AT_ONCE, READ_BUDGET, SHORT_STAY, STALL, WORK_OF_A_DELIVERY,
    WORK_OF_A_MESSAGE, WORK_OF_A_SIGNATURE,
};
use crate::protocol::body::{self, Body, Submit};
use crate::protocol::handshake::{HandshakeError, Refusal};
use crate::protocol::limits::{HANDSHAKE_TIMEOUT, MAX_HANDSHAKE_BYTES};
use crate::protocol::wire::{FrameBuffer, HEADER_BYTES};
use crate::protocol::{CloseReason, DepartureReason, Output};

pub use task::{Prepared, ReactorHandle, Task, prepare};

use task::WAKE;

/// How often a reactor asks again while the room is behind.
const RETRY_INTERVAL: Duration = Duration::from_millis(2);
/// What one member may cost.
const MEMBER_WORK: Rate = Rate {
    at_once: MEMBER_WORK_AT_ONCE,
    a_second: MEMBER_WORK_A_SECOND,
};

const LISTENER: Token = Token(usize::MAX - 1);

/// Runs until told to close.
pub fn run(
    prepared: Prepared,
    shared: Arc<Shared>,
    listeners: Vec<TcpListener>,
    others: Vec<ReactorHandle>,
    jobs: Sender<Job>,
    inputs: Sender<Input>,
) {
    let Prepared {
        index,
        poll,
        tasks,
        handle: _,
    } = prepared;
    let mut reactor = Reactor {
        index,
        shared,
        poll,
        tasks,
        listeners,
        others,
        adopted: 0,
        jobs,
        inputs,
        conns: HashMap::new(),
        next_number: 0,
        handshakes: 0,
        deadlines: BTreeSet::new(),
        readable: VecDeque::new(),
        dirty: Vec::new(),
        hearers: BTreeSet::new(),
        resting: BTreeSet::new(),
        wire: Vec::new(),
        unsent: 0,
        parked: VecDeque::new(),
        closing: false,
        accept_again: None,
    };
    if let Err(error) = reactor.run() {
        log::error!("reactor {index} ends: {error}");
        let _ = reactor.inputs.send(Input::Broken {
            reason: error.to_string(),
        });
    }
}

struct Reactor {
    index: usize,
    shared: Arc<Shared>,
    poll: Poll,
    tasks: Receiver<Task>,
    listeners: Vec<TcpListener>,
    others: Vec<ReactorHandle>,
    adopted: usize,
    jobs: Sender<Job>,
    inputs: Sender<Input>,
    conns: HashMap<u64, Conn>,
    next_number: u64,
    handshakes: usize,
    deadlines: BTreeSet<(Instant, u64)>,
    readable: VecDeque<u64>,
    /// Who has something to be written.
    dirty: Vec<u64>,
    /// Who hears the room.
    hearers: BTreeSet<u64>,
    /// Members who said more than they may for now, and when they are read from again.
    resting: BTreeSet<(Instant, u64)>,
    /// What is sealed and not written yet, a buffer to be used again.
    wire: Vec<u8>,
    /// Bytes of the texts that wait in all outboxes.
    unsent: usize,
    parked: VecDeque<Input>,
    closing: bool,
    /// When to accept again after an error: the poll tells of newcomers only once.
    accept_again: Option<Instant>,
}

/// Errors of accepting that concern one newcomer only.
fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// Why a connection ends here.
struct End(DepartureReason);

/// What is answered to a hello that fails its check.
fn refusal_of(error: HandshakeError) -> Refusal {
    match error {
        HandshakeError::WrongVersion => Refusal::WrongVersion,
        HandshakeError::NotInvited => Refusal::NotInvited,
        HandshakeError::InvitationExpired => Refusal::InvitationExpired,
        _ => Refusal::BadHandshake,
    }
}

/// What an event costs the host, in microseconds by rule of thumb.
fn work_of(submit: &Submit, hearers: usize, last_signature: &mut Vec<u8>) -> u32 {
    let signature = if *last_signature == submit.signature.rsa {
        0
    } else {
        last_signature.clone_from(&submit.signature.rsa);
        WORK_OF_A_SIGNATURE
    };
    let bytes = submit.event.len() + submit.signature.rsa.len() + 32 * submit.signature.path.len();
    let deliveries = (bytes.div_ceil(2048) * hearers) as u32;
    WORK_OF_A_MESSAGE + signature + deliveries.saturating_mul(WORK_OF_A_DELIVERY)
}

impl Reactor {
    fn run(&mut self) -> io::Result<()> {
        for listener in &mut self.listeners {
            self.poll
                .registry()
                .register(listener, LISTENER, Interest::READABLE)?;
        }
        let mut events = Events::with_capacity(1024);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match self.poll.poll(&mut events, self.timeout()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => outcome?,
            }
            for event in &events {
                match event.token() {
                    WAKE => {}
                    LISTENER => self.accept(),
                    Token(number) => {
                        let number = number as u64;
                        if event.is_writable() {
                            self.flush(number);
                        }
                        if event.is_readable() || event.is_read_closed() || event.is_error() {
                            self.readable.push_back(number);
                        }
                    }
                }
            }
            // Counted, so that a storm of tasks does not starve the sockets.
            for _ in 0..self.tasks.len() {
                if let Ok(task) = self.tasks.try_recv() {
                    self.handle_task(task);
                }
            }
            self.deliver_parked();
            self.wake_the_resting();
            for _ in 0..self.readable.len() {
                if !self.parked.is_empty() {
                    break;
                }
                if let Some(number) = self.readable.pop_front() {
                    self.read(number, &mut buffer);
                }
            }
            // Once for all that a turn brought, so that messages in a burst share a write.
            for number in std::mem::take(&mut self.dirty) {
                if let Some(conn) = self.conns.get_mut(&number) {
                    conn.is_dirty = false;
                }
                self.flush(number);
            }
            if let Some(unsent) = self.shared.unsent.get(self.index) {
                unsent.store(self.unsent, Ordering::Relaxed);
            }
            self.expire();
            if self.accept_again.is_some_and(|at| at <= Instant::now()) {
                self.accept_again = None;
                self.accept();
            }
            if self.closing && self.conns.is_empty() {
                return Ok(());
            }
        }
    }

    fn timeout(&self) -> Option<Duration> {
        if !self.parked.is_empty() {
            return Some(RETRY_INTERVAL);
        }
        if !self.readable.is_empty() || !self.tasks.is_empty() || !self.dirty.is_empty() {
            return Some(Duration::ZERO);
        }
        let first = [
            self.deadlines.first().map(|(at, _)| *at),
            self.resting.first().map(|(at, _)| *at),
            self.accept_again,
        ]
        .into_iter()
        .flatten()
        .min()?;
        // A little later, so that the deadline has passed when the poll returns.
        Some(first.saturating_duration_since(Instant::now()) + Duration::from_millis(1))
    }

    fn accept(&mut self) {
        let mut accepted = Vec::new();
        'listeners: for listener in &self.listeners {
            loop {
                if accepted.len() >= ACCEPTS_PER_TURN {
                    self.accept_again = Some(Instant::now());
                    break 'listeners;
                }
                match listener.accept() {
                    Ok(newcomer) => accepted.push(newcomer),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) if is_of_the_peer(&error) => {}
                    Err(error) => {
                        // Out of descriptors: those who wait in line are asked in again a little later.
                        self.accept_again = Some(Instant::now() + ACCEPT_RETRY);
                        log::warn!("a connection could not be accepted: {error}");
                        break;
                    }
                }
            }
        }
        let now = Instant::now();
        for (stream, address) in accepted {
            let origin = Origin::of(SocketAddr::ip(&address));
            // Who knocks too often gets no answer: even a refusal would be work.
            if !self.shared.gate().knock(origin, now) {
                continue;
            }
            let next = self.adopted % self.others.len().max(1);
            self.adopted += 1;
            match self.others.get(next) {
                Some(other) if next != self.index => drop(other.give(Task::Adopt(stream, origin))),
                _ => self.adopt(stream, origin),
            }
        }
    }

    fn adopt(&mut self, mut stream: TcpStream, origin: Origin) {
        if self.handshakes >= MAX_HANDSHAKES {
            self.make_room();
        }
        let now = Instant::now();
        if self.closing || self.conns.len() >= MAX_CONNECTIONS || self.handshakes >= MAX_HANDSHAKES {
            let refusal = if self.closing {
                Refusal::Closing
            } else {
                Refusal::Full
            };
            // A new socket takes a few bytes at once; whether the stranger reads them is its affair.
            let _ = io::Write::write(&mut stream, &refusal.clear_frame());
            self.shared.gate().left(origin, false, now);
            return;
        }
        let number = self.next_number;
        self.next_number += 1;
        let _ = stream.set_nodelay(true);
        crate::net::keepalive::set(&stream);
        let token = Token(number as usize);
        if self
            .poll
            .registry()
            .register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)
            .is_err()
        {
            self.shared.gate().left(origin, false, now);
            return;
        }
        let deadline = now + HANDSHAKE_TIMEOUT;
        self.deadlines.insert((deadline, number));
        self.handshakes += 1;
        let conn = Conn {
            stream,
            origin,
            outgoing: Outgoing::new(now),
            frames: FrameBuffer::default(),
            stage: Stage::AwaitHello,
            deadline: Some(deadline),
            at_the_gate: true,
            member_since: None,
            says_goodbye: false,
            ends_when_flushed: false,
            lingers: false,
            hears_room: false,
            told_gone: false,
            is_dirty: false,
            allowance: Bucket::full(MEMBER_WORK, now),
            last_signature: Vec::new(),
        };
        self.conns.insert(number, conn);
        self.readable.push_back(number);
    }

    /// Ends the oldest connection that has not even said hello, of the origin that has most of them: so
    /// a flood pushes out its own, and silent strangers don't keep others out.
    fn make_room(&mut self) {
        let silent = self.deadlines.iter().filter_map(|(_, number)| {
            let conn = self.conns.get(number)?;
            matches!(conn.stage, Stage::AwaitHello).then_some((*number, conn.origin))
        });
        let mut by_origin: BTreeMap<Origin, (usize, u64)> = BTreeMap::new();
        for (number, origin) in silent {
            // The first one of an origin is its oldest.
            by_origin.entry(origin).or_insert((0, number)).0 += 1;
        }
        let oldest_of_most = by_origin.into_values().max_by_key(|(count, _)| *count);
        if let Some((_, number)) = oldest_of_most {
            self.end(number, DepartureReason::ConnectionLost);
        }
    }

    fn handle_task(&mut self, task: Task) {
        match task {
            Task::Adopt(stream, origin) => self.adopt(stream, origin),
            Task::HelloSigned {
                conn,
                state,
                signature,
            } => {
                let (state, frame) = state.signed(&signature);
                self.go_on(conn.number, Stage::AwaitProof(Box::new(state)), frame);
            }
            Task::HelloRefused { conn, refusal } => self.refuse(conn.number, &refusal.clear_frame()),
            Task::ProofAccepted { conn, state, answer } => {
                self.go_on(conn.number, Stage::AwaitConfirm(state), answer);
            }
            Task::ProofRefused { conn, answer } => self.refuse(conn.number, &answer.unwrap_or_default()),
            Task::Ask { conn, state, frame } => self.ask(conn, state, &frame),
            Task::Decide { conn, admit } => self.decide(conn, admit),
            Task::ResumeAnswered { conn, state, answer } => {
                self.go_on(conn.number, Stage::AwaitResumed(state), answer);
            }
            Task::Enter { conn, texts } => {
                if let Some(entered) = self.conns.get_mut(&conn.number)
                    && !entered.says_goodbye
                    && !entered.hears_room
                {
                    entered.hears_room = true;
                    self.hearers.insert(conn.number);
                    self.shared.hearers.fetch_add(1, Ordering::Relaxed);
                }
                for text in texts.iter() {
                    self.send(conn.number, text);
                }
            }
            Task::Send { conn, text } => self.send(conn.number, &text),
            Task::SendAll { conn, texts } => {
                for text in texts.iter() {
                    self.send(conn.number, text);
                }
            }
            Task::Broadcast(text) => {
                let hearers: Vec<u64> = self.hearers.iter().copied().collect();
                hearers.into_iter().for_each(|number| self.send(number, &text));
            }
            Task::Drop { conn } => self.say_goodbye(conn.number),
            Task::CloseAll => {
                self.closing = true;
                self.listeners.clear();
                let all: Vec<u64> = self.conns.keys().copied().collect();
                all.into_iter().for_each(|number| self.say_goodbye(number));
            }
        }
    }

    /// Says why not, then ends.
    fn refuse(&mut self, number: u64, frame: &[u8]) {
        if let Some(conn) = self.conns.get_mut(&number) {
            conn.stage = Stage::Away;
            conn.ends_when_flushed = true;
            let _ = conn.outgoing.push_sealed(frame);
            self.end_by(number, Instant::now() + GOODBYE_TIMEOUT);
            self.flush(number);
        }
    }

    fn say_goodbye(&mut self, number: u64) {
        self.hears_no_more(number);
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        conn.says_goodbye = true;
        conn.ends_when_flushed = true;
        self.end_by(number, Instant::now() + GOODBYE_TIMEOUT);
        self.flush(number);
    }

    /// Drops a member who reads too slowly, and has it told so in place of what it did not read.
    fn dismiss(&mut self, number: u64) {
        self.hears_no_more(number);
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        self.unsent -= conn.outgoing.text_bytes();
        conn.outgoing.forget_texts();
        conn.ends_when_flushed = true;
        if let Stage::Live(connection) = &mut conn.stage {
            connection.close_because(CloseReason::TooSlow);
        }
        self.tell_gone(number, DepartureReason::TooSlow);
        self.end_by(number, Instant::now() + LAST_WORD_TIMEOUT);
        let _ = self.drain(number);
        self.mark_dirty(number);
    }

    fn hears_no_more(&mut self, number: u64) {
        if self.hearers.remove(&number) {
            self.shared.hearers.fetch_sub(1, Ordering::Relaxed);
        }
        if let Some(conn) = self.conns.get_mut(&number) {
            conn.hears_room = false;
        }
    }

    /// Sets the time by which a connection must be gone.
    fn end_by(&mut self, number: u64, at: Instant) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        if let Some(old) = conn.deadline.replace(at) {
            self.deadlines.remove(&(old, number));
        }
        self.deadlines.insert((at, number));
    }

    fn send(&mut self, number: u64, text: &Arc<[u8]>) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        if !matches!(conn.stage, Stage::Live(_)) || conn.ends_when_flushed {
            return;
        }
        let before = conn.outgoing.text_bytes();
        match conn.outgoing.push_text(Arc::clone(text)) {
            Ok(()) => {
                self.unsent += conn.outgoing.text_bytes() - before;
                self.mark_dirty(number);
            }
            Err(Full) => self.dismiss(number),
        }
    }

    fn mark_dirty(&mut self, number: u64) {
        if let Some(conn) = self.conns.get_mut(&number)
            && !std::mem::replace(&mut conn.is_dirty, true)
        {
            self.dirty.push(number);
        }
    }

    /// Reads again from those whose time has come.
    fn wake_the_resting(&mut self) {
        let now = Instant::now();
        while let Some((at, number)) = self.resting.first().copied()
            && at <= now
        {
            self.resting.pop_first();
            self.readable.push_back(number);
        }
    }

    /// Whether a member said more than it may for now; then it is read from later, and TCP has it wait.
    fn must_rest(&mut self, number: u64) -> bool {
        let paid_at = self.conns.get(&number).and_then(|conn| conn.allowance.paid_at());
        match paid_at {
            Some(at) if at > Instant::now() => {
                self.resting.insert((at, number));
                true
            }
            _ => false,
        }
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) {
        let mut taken = 0;
        loop {
            if self.must_rest(number) {
                return;
            }
            let Some(conn) = self.conns.get_mut(&number) else {
                return;
            };
            match conn.stream.read(buffer) {
                Ok(0) => return self.end(number, DepartureReason::ConnectionLost),
                Ok(count) => {
                    let bytes = if conn.lingers {
                        &[]
                    } else {
                        buffer.get(..count).unwrap_or_default()
                    };
                    if let Err(End(reason)) = self.take_in(number, bytes) {
                        return self.end(number, reason);
                    }
                    taken += count;
                    if taken >= READ_BUDGET || !self.parked.is_empty() {
                        self.readable.push_back(number);
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return self.end(number, DepartureReason::ConnectionLost),
            }
        }
    }

    fn take_in(&mut self, number: u64, bytes: &[u8]) -> Result<(), End> {
        let Some(conn) = self.conns.get_mut(&number) else {
            return Ok(());
        };
        if conn.told_gone {
            return Ok(());
        }
        if let Stage::Live(connection) = &mut conn.stage {
            // What came before a bad record was good, and is handed on.
            let outcome = connection.handle_input(bytes, Instant::now(), &mut rand::rng());
            self.drain(number)?;
            return outcome.map_err(|error| {
                log::info!("a guest broke the protocol: {error}");
                End(DepartureReason::ProtocolError)
            });
        }
        if conn.ends_when_flushed {
            return Ok(());
        }
        conn.frames.push(bytes);
        if conn.frames.waiting_bytes() > 2 * (MAX_HANDSHAKE_BYTES + HEADER_BYTES) {
            return Err(End(DepartureReason::ProtocolError));
        }
        self.step(number);
        Ok(())
    }

    /// Does what a connection wants done and hands on what it received.
    fn drain(&mut self, number: u64) -> Result<(), End> {
        let conn_id = ConnId {
            reactor: self.index,
            number,
        };
        loop {
            let Some(conn) = self.conns.get_mut(&number) else {
                return Ok(());
            };
            let Stage::Live(connection) = &mut conn.stage else {
                return Ok(());
            };
            match connection.poll_output() {
                None => return Ok(()),
                Some(Output::Transmit(frame)) => {
                    conn.outgoing
                        .push_sealed(&frame)
                        .map_err(|Full| End(DepartureReason::TooSlow))?;
                    self.mark_dirty(number);
                }
                Some(Output::Received(text)) => match body::decode(&text) {
                    Ok(Body::Submit(submit)) => {
                        let hearers = self.shared.hearers.load(Ordering::Relaxed);
                        let work = work_of(&submit, hearers, &mut conn.last_signature);
                        conn.allowance.charge(work, Instant::now());
                        self.hand_to_room(Input::Submitted {
                            conn: conn_id,
                            event: submit.event,
                            signature: submit.signature,
                        });
                    }
                    Ok(Body::Here(standing)) => {
                        conn.allowance.charge(WORK_OF_A_MESSAGE, Instant::now());
                        self.hand_to_room(Input::Here {
                            conn: conn_id,
                            standing,
                        });
                    }
                    Ok(Body::Private(private)) => {
                        let work = WORK_OF_A_MESSAGE + WORK_OF_A_DELIVERY;
                        conn.allowance.charge(work, Instant::now());
                        self.hand_to_room(Input::Private {
                            conn: conn_id,
                            private,
                        });
                    }
                    _ => return Err(End(DepartureReason::ProtocolError)),
                },
                Some(Output::PeerClosed) => return Err(End(DepartureReason::Goodbye)),
            }
        }
    }

    /// Seals and writes what waits, as far as the socket takes it.
    fn flush(&mut self, number: u64) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        let connection = match &mut conn.stage {
            Stage::Live(connection) => Some(&mut **connection),
            _ => None,
        };
        let now = Instant::now();
        let before = conn.outgoing.text_bytes();
        let outcome = conn
            .outgoing
            .flush(connection, &mut conn.stream, &mut self.wire, now);
        self.unsent -= before - conn.outgoing.text_bytes();
        match outcome {
            Ok(Flushed::All) if std::mem::take(&mut conn.says_goodbye) => {
                if let Stage::Live(connection) = &mut conn.stage {
                    connection.close();
                }
                let _ = self.drain(number);
                self.flush(number);
            }
            Ok(Flushed::All) if conn.ends_when_flushed && !conn.lingers => {
                conn.lingers = true;
                let _ = conn.stream.shutdown(std::net::Shutdown::Write);
            }
            Ok(Flushed::All) => {}
            Ok(Flushed::SocketFull) if conn.deadline.is_none() => self.end_by(number, now + STALL),
            Ok(Flushed::SocketFull) => {}
            Ok(Flushed::BudgetSpent) => self.mark_dirty(number),
            Err(_) => self.end(number, DepartureReason::ConnectionLost),
        }
    }

    fn end(&mut self, number: u64, reason: DepartureReason) {
        self.leave_the_gate(number, false);
        self.hears_no_more(number);
        self.tell_gone(number, reason);
        let Some(mut conn) = self.conns.remove(&number) else {
            return;
        };
        self.unsent -= conn.outgoing.text_bytes();
        if matches!(conn.stage, Stage::Knocking(_)) {
            let conn = ConnId {
                reactor: self.index,
                number,
            };
            self.hand_to_room(Input::KnockGone { conn });
        }
        let _ = self.poll.registry().deregister(&mut conn.stream);
        if let Some(deadline) = conn.deadline {
            self.deadlines.remove(&(deadline, number));
        }
        let now = Instant::now();
        if conn
            .member_since
            .is_some_and(|since| now.saturating_duration_since(since) < SHORT_STAY)
        {
            self.shared.gate().came_for_nothing(conn.origin, now);
        }
    }

    /// It is a member now, or gone.
    fn leave_the_gate(&mut self, number: u64, became_member: bool) {
        if let Some(conn) = self.conns.get_mut(&number)
            && std::mem::take(&mut conn.at_the_gate)
        {
            self.handshakes -= 1;
            self.shared
                .gate()
                .left(conn.origin, became_member, Instant::now());
        }
    }

    /// Tells the room that a member is gone, once.
    fn tell_gone(&mut self, number: u64, reason: DepartureReason) {
        if let Some(conn) = self.conns.get_mut(&number)
            && matches!(conn.stage, Stage::Live(_))
            && !std::mem::replace(&mut conn.told_gone, true)
        {
            let conn = ConnId {
                reactor: self.index,
                number,
            };
            self.hand_to_room(Input::Gone { conn, reason });
        }
    }

    fn expire(&mut self) {
        let now = Instant::now();
        while let Some((deadline, number)) = self.deadlines.first().copied()
            && deadline <= now
        {
            self.deadlines.pop_first();
            match self.conns.get_mut(&number) {
                Some(conn) if matches!(conn.stage, Stage::Live(_)) && !conn.ends_when_flushed => {
                    conn.deadline = None;
                    self.look_after_the_stalled(number, now);
                }
                _ => self.end(number, DepartureReason::ConnectionLost),
            }
        }
    }

    /// A member's socket was full a while ago: has it taken anything since?
    fn look_after_the_stalled(&mut self, number: u64, now: Instant) {
        let Some(conn) = self.conns.get(&number).filter(|conn| !conn.outgoing.is_empty()) else {
            return;
        };
        let at = conn.outgoing.progress_at() + STALL;
        if at <= now {
            self.dismiss(number);
        } else {
            self.end_by(number, at);
        }
    }

    /// Never waits: what the room can't take yet is parked, and nothing is read meanwhile.
    fn hand_to_room(&mut self, input: Input) {
        self.parked.push_back(input);
        self.deliver_parked();
    }

    fn deliver_parked(&mut self) {
        while let Some(input) = self.parked.pop_front() {
            match self.inputs.try_send(input) {
                Ok(()) => {}
                Err(TrySendError::Full(input)) => {
                    self.parked.push_front(input);
                    return;
                }
                Err(TrySendError::Disconnected(_)) => {
                    // The room's thread is gone; so are its guests.
                    self.closing = true;
                    self.parked.clear();
                    self.conns.clear();
                    self.unsent = 0;
                    self.deadlines.clear();
                    self.hearers.clear();
                    self.resting.clear();
                    self.handshakes = 0;
                    self.listeners.clear();
                    return;
                }
            }
        }
    }
}
