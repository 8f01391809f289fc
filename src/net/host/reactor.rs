//! One I/O thread: many sockets, their handshakes and records. Never waits for anybody.

mod accepting;
mod allowance;
mod conn;
mod ending;
mod greeting;
mod ledger;
mod newcomers;
mod reading;
mod recorder;
mod task;
mod watching;
mod writing;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};

use self::conn::{Conn, Stage};
use self::ledger::{Ledger, Text};
use super::pool::Job;
use super::room::Input;
use super::{ConnId, Shared};
use crate::net::waking::Waking;
use crate::protocol::{CloseReason, DepartureReason};

pub use allowance::Allowance;
pub use newcomers::Newcomers;
pub use task::{Entrant, Prepared, ReactorHandle, Task, prepare};

use task::WAKE;

/// How often a reactor asks again while the room is behind.
const RETRY_INTERVAL: Duration = Duration::from_millis(2);
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
    let mut reactor = Reactor::new(prepared, shared, listeners, others, jobs, inputs);
    if let Err(error) = reactor.run() {
        log::error!("reactor {} ends: {error}", reactor.index);
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
    /// How others say that there are tasks.
    waking: Arc<Waking>,
    listeners: Vec<TcpListener>,
    others: Vec<ReactorHandle>,
    adopted: usize,
    jobs: Sender<Job>,
    inputs: Sender<Input>,
    conns: HashMap<u64, Conn>,
    next_number: u64,
    /// Who has not become a member yet.
    newcomers: Newcomers,
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
    /// What waits in all outboxes.
    ledger: Rc<Ledger>,
    parked: VecDeque<Input>,
    /// The connection that the host looks into, if it is here.
    watched: Option<u64>,
    /// Whether something of it waits for a listener that is behind.
    recorded_waits: bool,
    closing: bool,
    /// When the host was last told that no more connections can be opened.
    crowded_told_at: Option<Instant>,
    /// When to accept again after an error: the poll tells of newcomers only once.
    accept_again: Option<Instant>,
}

/// Why a connection ends here.
struct End(DepartureReason);

impl Reactor {
    fn new(
        prepared: Prepared,
        shared: Arc<Shared>,
        listeners: Vec<TcpListener>,
        others: Vec<ReactorHandle>,
        jobs: Sender<Job>,
        inputs: Sender<Input>,
    ) -> Reactor {
        let Prepared {
            index,
            poll,
            tasks,
            waking,
            handle: _,
        } = prepared;
        Reactor {
            index,
            shared,
            poll,
            tasks,
            waking,
            listeners,
            others,
            adopted: 0,
            jobs,
            inputs,
            conns: HashMap::new(),
            next_number: 0,
            newcomers: Newcomers::default(),
            deadlines: BTreeSet::new(),
            readable: VecDeque::new(),
            dirty: Vec::new(),
            hearers: BTreeSet::new(),
            resting: BTreeSet::new(),
            wire: Vec::new(),
            ledger: Rc::default(),
            parked: VecDeque::new(),
            watched: None,
            recorded_waits: false,
            closing: false,
            crowded_told_at: None,
            accept_again: None,
        }
    }

    /// A connection of this reactor, as others name it.
    fn id(&self, number: u64) -> ConnId {
        ConnId {
            reactor: self.index,
            number,
        }
    }

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
            self.waking.awake();
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
            self.flush_dirty();
            if let Some(unsent) = self.shared.unsent.get(self.index) {
                unsent.store(self.ledger.unsent_bytes(), Ordering::Relaxed);
            }
            self.expire();
            self.tell_recorded();
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
        if !self.parked.is_empty() || self.recorded_waits {
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
            Task::Decide { conn, decision } => self.decide(conn, decision),
            Task::ResumeAnswered { conn, state, answer } => {
                self.go_on(conn.number, Stage::AwaitResumed(state), answer);
            }
            Task::Enter { entrants, texts } => {
                let texts: Vec<Text> = texts.iter().map(|text| self.text(text)).collect();
                for Entrant { conn, missed } in entrants {
                    self.hears_from_now_on(conn.number);
                    let missed: Vec<Text> = missed.iter().map(|text| self.text(text)).collect();
                    self.send_all(conn.number, missed.into_iter().chain(texts.iter().cloned()));
                }
            }
            Task::Send { conn, text } => {
                let text = self.text(&text);
                self.send(conn.number, text);
            }
            Task::SendAll { conn, texts } => {
                let texts: Vec<Text> = texts.iter().map(|text| self.text(text)).collect();
                self.send_all(conn.number, texts.into_iter());
            }
            Task::Pass { conn, piece } => self.pass(conn.number, piece),
            Task::Broadcast(text) => {
                let text = self.text(&text);
                let hearers: Vec<u64> = self.hearers.iter().copied().collect();
                hearers
                    .into_iter()
                    .for_each(|number| self.send(number, text.clone()));
            }
            Task::Watch { conn, known } => self.watch(conn, &known),
            Task::Drop { conn } => self.say_goodbye(conn.number, CloseReason::Goodbye),
            // What it has not read it gets over the other one, or when it joins again. Behind all that the word would come
            // too late on a slow line: it would be taken for a lost one, and its guest come back and end the other.
            Task::Replace { conn } => self.cut_short(conn.number, CloseReason::Replaced),
            #[cfg(test)]
            Task::Die(super::deaths::Victim::Crypto) => drop(self.jobs.try_send(Job::Die)),
            #[cfg(test)]
            Task::Die(_) => super::deaths::die(),
            Task::CloseAll => {
                self.closing = true;
                self.listeners.clear();
                let all: Vec<u64> = self.conns.keys().copied().collect();
                for number in all {
                    self.say_goodbye(number, CloseReason::Goodbye);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
