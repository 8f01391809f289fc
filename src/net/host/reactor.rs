//! One I/O thread: many sockets, their handshakes and records. Never waits for anybody.

mod conn;
mod greeting;
mod task;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use super::pool::Job;
use super::room::Input;
use super::{ConnId, Shared};
use crate::net::outbox::{Full, Outbox};
use crate::protocol::body::{self, Body};
use crate::protocol::handshake::Refusal;
use crate::protocol::limits::{HANDSHAKE_TIMEOUT, MAX_HANDSHAKE_BYTES};
use crate::protocol::wire::{FrameBuffer, HEADER_BYTES};
use crate::protocol::{DepartureReason, Output};

pub use task::{Prepared, ReactorHandle, Task, prepare};

use conn::{Conn, Stage};
use task::WAKE;

/// Connections that one reactor holds; more are turned away.
const MAX_CONNECTIONS: usize = 8192;
/// Connections of one reactor that may be shaking hands at once.
const MAX_HANDSHAKES: usize = 1024;
/// How long a goodbye may take to be written.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long after a failed accept the next one is tried.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);
/// How often a reactor asks again while the room is behind.
const RETRY_INTERVAL: Duration = Duration::from_millis(2);
/// Bytes read from one socket before the others get their turn.
const READ_BUDGET: usize = 256 * 1024;

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
            for _ in 0..self.readable.len() {
                if !self.parked.is_empty() {
                    break;
                }
                if let Some(number) = self.readable.pop_front() {
                    self.read(number, &mut buffer);
                }
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
        if !self.readable.is_empty() || !self.tasks.is_empty() {
            return Some(Duration::ZERO);
        }
        let deadline = self.deadlines.first().map(|(at, _)| *at);
        let first = deadline.into_iter().chain(self.accept_again).min()?;
        // A little later, so that the deadline has passed when the poll returns.
        Some(first.saturating_duration_since(Instant::now()) + Duration::from_millis(1))
    }

    fn accept(&mut self) {
        let mut accepted = Vec::new();
        for listener in &self.listeners {
            loop {
                match listener.accept() {
                    Ok((stream, _)) => accepted.push(stream),
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
        for stream in accepted {
            let next = self.adopted % self.others.len().max(1);
            self.adopted += 1;
            match self.others.get(next) {
                Some(other) if next != self.index => drop(other.give(Task::Adopt(stream))),
                _ => self.adopt(stream),
            }
        }
    }

    fn adopt(&mut self, mut stream: TcpStream) {
        if self.handshakes >= MAX_HANDSHAKES {
            self.make_room();
        }
        if self.closing || self.conns.len() >= MAX_CONNECTIONS || self.handshakes >= MAX_HANDSHAKES {
            let refusal = if self.closing {
                Refusal::Closing
            } else {
                Refusal::Full
            };
            // A new socket takes a few bytes at once; whether the stranger reads them is its affair.
            let _ = io::Write::write(&mut stream, &refusal.clear_frame());
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
            return;
        }
        let deadline = Instant::now() + HANDSHAKE_TIMEOUT;
        self.deadlines.insert((deadline, number));
        self.handshakes += 1;
        let conn = Conn {
            stream,
            outbox: Outbox::default(),
            frames: FrameBuffer::default(),
            stage: Stage::AwaitHello,
            deadline: Some(deadline),
            ends_when_flushed: false,
            lingers: false,
            hears_room: false,
        };
        self.conns.insert(number, conn);
        self.readable.push_back(number);
    }

    /// Ends the oldest connection that has not even said hello, so that silent strangers don't keep
    /// others out.
    fn make_room(&mut self) {
        let is_silent = |number: &u64| {
            self.conns
                .get(number)
                .is_some_and(|conn| matches!(conn.stage, Stage::AwaitHello))
        };
        let oldest = self.deadlines.iter().map(|(_, number)| *number).find(is_silent);
        if let Some(number) = oldest {
            self.end(number, DepartureReason::ConnectionLost);
        }
    }

    fn handle_task(&mut self, task: Task) {
        match task {
            Task::Adopt(stream) => self.adopt(stream),
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
            Task::Ask { conn, state, frame } => self.ask(conn, state, frame),
            Task::Decide { conn, admit } => self.decide(conn, admit),
            Task::ResumeAnswered { conn, state, answer } => {
                self.go_on(conn.number, Stage::AwaitResumed(state), answer);
            }
            Task::Enter { conn, texts } => {
                if let Some(entered) = self.conns.get_mut(&conn.number) {
                    entered.hears_room = true;
                }
                texts.iter().for_each(|text| self.send(conn.number, text));
            }
            Task::Send { conn, text } => self.send(conn.number, &text),
            Task::SendAll { conn, texts } => texts.iter().for_each(|text| self.send(conn.number, text)),
            Task::Broadcast(text) => {
                let hearers: Vec<u64> = self
                    .conns
                    .iter()
                    .filter(|(_, conn)| conn.hears_room)
                    .map(|(number, _)| *number)
                    .collect();
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
            let _ = conn.outbox.push(frame.to_vec());
            self.end_by(number, Instant::now() + GOODBYE_TIMEOUT);
            self.flush(number);
        }
    }

    fn say_goodbye(&mut self, number: u64) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        conn.hears_room = false;
        if let Stage::Live(connection) = &mut conn.stage {
            connection.close();
        }
        conn.ends_when_flushed = true;
        self.end_by(number, Instant::now() + GOODBYE_TIMEOUT);
        let _ = self.drain(number);
        self.flush(number);
    }

    /// Sets the time by which a connection must be gone.
    fn end_by(&mut self, number: u64, at: Instant) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        match conn.deadline.replace(at) {
            Some(old) => drop(self.deadlines.remove(&(old, number))),
            // Counted as a handshake until it is gone, so that ending it balances.
            None => self.handshakes += 1,
        }
        self.deadlines.insert((at, number));
    }

    fn send(&mut self, number: u64, text: &[u8]) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        let Stage::Live(connection) = &mut conn.stage else {
            return;
        };
        if connection.send(text).is_ok()
            && let Err(End(reason)) = self.drain(number)
        {
            self.end(number, reason);
            return;
        }
        self.flush(number);
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) {
        let mut taken = 0;
        loop {
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
                    conn.outbox
                        .push(frame)
                        .map_err(|Full| End(DepartureReason::TooSlow))?;
                }
                Some(Output::Received(text)) => match body::decode(&text) {
                    Ok(Body::Submit(submit)) => {
                        self.hand_to_room(Input::Submitted {
                            conn: conn_id,
                            event: submit.event,
                            signature: submit.signature,
                        });
                    }
                    Ok(Body::Here(standing)) => self.hand_to_room(Input::Here {
                        conn: conn_id,
                        standing,
                    }),
                    Ok(Body::Private(private)) => self.hand_to_room(Input::Private {
                        conn: conn_id,
                        private,
                    }),
                    _ => return Err(End(DepartureReason::ProtocolError)),
                },
                Some(Output::PeerClosed) => return Err(End(DepartureReason::Goodbye)),
            }
        }
    }

    fn flush(&mut self, number: u64) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        match conn.outbox.flush(&mut conn.stream) {
            Ok(true) if conn.ends_when_flushed && !conn.lingers => {
                conn.lingers = true;
                let _ = conn.stream.shutdown(std::net::Shutdown::Write);
            }
            Ok(_) => {}
            Err(_) => self.end(number, DepartureReason::ConnectionLost),
        }
    }

    fn end(&mut self, number: u64, reason: DepartureReason) {
        let Some(mut conn) = self.conns.remove(&number) else {
            return;
        };
        let _ = self.poll.registry().deregister(&mut conn.stream);
        if let Some(deadline) = conn.deadline {
            self.deadlines.remove(&(deadline, number));
            self.handshakes -= 1;
        }
        let conn_id = ConnId {
            reactor: self.index,
            number,
        };
        match conn.stage {
            Stage::Live(_) => self.hand_to_room(Input::Gone {
                conn: conn_id,
                reason,
            }),
            Stage::Knocking(_) => self.hand_to_room(Input::KnockGone { conn: conn_id }),
            _ => {}
        }
    }

    fn expire(&mut self) {
        let now = Instant::now();
        while let Some((deadline, number)) = self.deadlines.first().copied()
            && deadline <= now
        {
            self.deadlines.pop_first();
            self.end(number, DepartureReason::ConnectionLost);
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
                    self.deadlines.clear();
                    self.handshakes = 0;
                    self.listeners.clear();
                    return;
                }
            }
        }
    }
}
