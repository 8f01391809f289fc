//! The room's own thread: keeps the log, decides what goes into it, and has it told to everybody.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::reactor::Task;
use super::{ConnId, DeathNotice, Guest, Reactors, Shared};
use crate::crypto::{Digest, Fingerprint, MAX_BATCH, PublicIdentity, Sas, Signature, Statement, sign_batch};
use crate::net::clock::now_unix_ms;
use crate::net::thread::spawn;
use crate::net::{Alarm, ClosedReason, Event, MemberSeen, Message, MessageId};
use crate::protocol::body::{self, Body, Declined, Entry, SignedHead};
use crate::protocol::event::event_hash;
use crate::protocol::{Appended, Content, DepartureReason, EventFault, OwnChain, RoomLog};

/// Between two signatures over the room's order there is so much time at least: a busy room would
/// otherwise spend a whole core on them.
const HEAD_INTERVAL: Duration = Duration::from_millis(200);

/// How long closing waits for what the host said last to be signed and sent.
const LAST_WORDS_TIMEOUT: Duration = Duration::from_secs(2);

/// A guest of whose events so many were declined is sent away.
const MAX_DECLINED: u32 = 256;
/// So many of the host's own messages may wait to be signed.
const MAX_TO_WRITE: usize = 4096;

/// What the room's thread hears.
pub enum Input {
    /// Somebody finished the handshake.
    Arrived {
        conn: ConnId,
        identity: PublicIdentity,
        name: String,
        sas: Sas,
    },
    /// A guest hands in an event.
    Submitted {
        conn: ConnId,
        event: Vec<u8>,
        signature: Signature,
    },
    /// A guest's connection ended.
    Gone { conn: ConnId, reason: DepartureReason },
    /// The host says something.
    Say { text: String },
    /// The signatures that were asked for.
    Signed(Vec<Signature>),
    /// Close the room.
    Close,
    /// A reactor can't go on.
    Broken { reason: String },
}

/// Starts the thread that signs for the room: one batch at a time, each answered with
/// [`Input::Signed`].
pub fn start_signer(shared: &Arc<Shared>, inputs: Sender<Input>) -> std::io::Result<Sender<Vec<Statement>>> {
    let (batches, waiting) = bounded::<Vec<Statement>>(1);
    let signer = Arc::clone(shared);
    spawn("room-signer", Some(shared.key), &shared.teller, move || {
        let _notice = DeathNotice {
            inputs: inputs.clone(),
            name: "signer",
        };
        for batch in waiting {
            let answer = match sign_batch(&signer.identity, &batch, &mut rand::rng()) {
                Ok(signatures) => Input::Signed(signatures),
                Err(error) => Input::Broken {
                    reason: error.to_string(),
                },
            };
            if inputs.send(answer).is_err() {
                return;
            }
        }
    })?;
    Ok(batches)
}

/// Runs until the room is closed; tells so when every goodbye is out.
pub fn run(
    shared: &Arc<Shared>,
    inputs: &Receiver<Input>,
    reactors: &Reactors,
    signing: Sender<Vec<Statement>>,
) {
    let log = RoomLog::create(
        shared.hello.room.id,
        shared.identity.public().clone(),
        &shared.hello.welcome.host_name,
    );
    let mut room = RoomThread {
        shared: Arc::clone(shared),
        reactors,
        signing,
        log,
        own_chain: OwnChain::default(),
        to_write: VecDeque::new(),
        asked: None,
        unsigned_entries: false,
        is_closing: false,
        head_signed_at: None,
        guests: HashMap::new(),
        arriving: HashMap::new(),
        entering: Vec::new(),
    };
    let reason = room.run(inputs);
    for reactor in &reactors.handles {
        reactor.give(Task::CloseAll);
    }
    // Reactors may still hand in what came meanwhile; it is heard and forgotten.
    while !reactors.threads.iter().all(std::thread::JoinHandle::is_finished) {
        let _ = inputs.recv_timeout(Duration::from_millis(5));
    }
    shared.teller.tell(Event::Closed {
        room: shared.key,
        reason,
    });
}

struct RoomThread<'a> {
    shared: Arc<Shared>,
    reactors: &'a Reactors,
    signing: Sender<Vec<Statement>>,
    log: RoomLog,
    own_chain: OwnChain,
    /// What the host has to write, in order.
    to_write: VecDeque<ToWrite>,
    /// The batch that is being signed.
    asked: Option<Asked>,
    unsigned_entries: bool,
    is_closing: bool,
    head_signed_at: Option<Instant>,
    guests: HashMap<ConnId, Guest>,
    /// Who is admitted by an event that is not in the log yet.
    arriving: HashMap<Fingerprint, (ConnId, PublicIdentity, String, Sas)>,
    /// Whose admission went into the log with the batch at hand.
    entering: Vec<Fingerprint>,
}

enum ToWrite {
    Message(String),
    Admit(Fingerprint),
    Dismiss(Fingerprint, DepartureReason),
}

struct Asked {
    events: Vec<Vec<u8>>,
    head: Option<(u64, Digest)>,
}

impl RoomThread<'_> {
    fn run(&mut self, inputs: &Receiver<Input>) -> ClosedReason {
        let mut close_by: Option<Instant> = None;
        loop {
            self.ask_for_signatures();
            let all_said = self.to_write.is_empty() && self.asked.is_none() && !self.unsigned_entries;
            if close_by.is_some_and(|by| all_said || by <= Instant::now()) {
                return ClosedReason::Left;
            }
            let input = match self.next_head_at().into_iter().chain(close_by).min() {
                Some(at) => match inputs.recv_timeout(at.saturating_duration_since(Instant::now())) {
                    Err(RecvTimeoutError::Timeout) => continue,
                    outcome => outcome.map_err(|_| ()),
                },
                None => inputs.recv().map_err(|_| ()),
            };
            match input {
                Ok(Input::Close) => {
                    self.is_closing = true;
                    close_by = Some(Instant::now() + LAST_WORDS_TIMEOUT);
                }
                Err(()) => return ClosedReason::Left,
                Ok(Input::Broken { reason }) => return ClosedReason::Broken { reason },
                Ok(Input::Arrived {
                    conn,
                    identity,
                    name,
                    sas,
                }) => self.arrived(conn, identity, name, sas),
                Ok(Input::Submitted {
                    conn,
                    event,
                    signature,
                }) => self.submitted(conn, event, signature),
                Ok(Input::Gone { conn, reason }) => self.gone(conn, reason),
                Ok(Input::Say { text }) if self.to_write.len() < MAX_TO_WRITE => {
                    self.to_write.push_back(ToWrite::Message(text));
                }
                Ok(Input::Say { .. }) => {
                    let reason = "Too many messages wait; the last one was not sent.".to_owned();
                    self.shared.teller.tell(Event::NotKept { reason });
                }
                Ok(Input::Signed(signatures)) => self.signed(signatures),
            }
        }
    }

    fn arrived(&mut self, conn: ConnId, identity: PublicIdentity, name: String, sas: Sas) {
        let fingerprint = identity.fingerprint();
        let earlier: Vec<ConnId> = self
            .guests
            .iter()
            .filter(|(_, guest)| guest.fingerprint == fingerprint)
            .map(|(conn, _)| *conn)
            .chain(self.arriving.get(&fingerprint).map(|(conn, ..)| *conn))
            .collect();
        // The same person came back before its old connection was noticed as dead.
        for old in earlier {
            self.guests.remove(&old);
            self.give(old, Task::Drop { conn: old });
        }
        self.arriving.insert(fingerprint, (conn, identity, name, sas));
        let is_queued = self
            .to_write
            .iter()
            .any(|next| matches!(next, ToWrite::Admit(queued) if *queued == fingerprint));
        if !is_queued {
            self.to_write.push_back(ToWrite::Admit(fingerprint));
        }
    }

    fn gone(&mut self, conn: ConnId, reason: DepartureReason) {
        // Whose admission is being signed right now will be in the log when this is written.
        let arriving = self.arriving.iter().find(|(_, (arriving, ..))| *arriving == conn);
        if let Some(fingerprint) = arriving.map(|(fingerprint, _)| *fingerprint) {
            self.arriving.remove(&fingerprint);
            self.to_write.push_back(ToWrite::Dismiss(fingerprint, reason));
        }
        if let Some(guest) = self.guests.remove(&conn) {
            self.to_write
                .push_back(ToWrite::Dismiss(guest.fingerprint, reason));
        }
    }

    fn submitted(&mut self, conn: ConnId, event: Vec<u8>, signature: Signature) {
        let Some(guest) = self.guests.get(&conn).cloned() else {
            // Before its roster a guest may say nothing; a connection that is being dropped is not heard.
            if self.arriving.values().any(|(arriving, ..)| *arriving == conn) {
                self.give(conn, Task::Drop { conn });
                self.gone(conn, DepartureReason::ProtocolError);
            }
            return;
        };
        let hash = event_hash(&event);
        match self.log.append(&guest.fingerprint, event, signature) {
            Ok(appended) => self.publish(appended),
            Err(fault) => {
                let declined = Body::Declined(Declined {
                    event: hash,
                    fault: fault.code(),
                });
                self.give(
                    conn,
                    Task::Send {
                        conn,
                        text: body::encode(&declined).into(),
                    },
                );
                let alarm = Alarm::Submission {
                    name: guest.name,
                    fault,
                };
                self.shared.teller.tell(Event::Alarmed {
                    room: self.shared.key,
                    alarm,
                });
                let declined = self.guests.get_mut(&conn).map_or(0, |guest| {
                    guest.declined += 1;
                    guest.declined
                });
                if !is_honest_mistake(fault) || declined >= MAX_DECLINED {
                    self.give(conn, Task::Drop { conn });
                    self.gone(conn, DepartureReason::ProtocolError);
                }
            }
        }
    }

    /// Writes what waits and asks for one batch of signatures; there is never more than one under way.
    fn ask_for_signatures(&mut self) {
        if self.asked.is_some() {
            return;
        }
        let mut events = Vec::new();
        let mut statements = Vec::new();
        while events.len() < MAX_BATCH - 1 {
            let Some(next) = self.to_write.pop_front() else {
                break;
            };
            let Some(content) = self.content_of(next) else {
                continue;
            };
            let own = self.shared.identity.fingerprint();
            let text = match &content {
                Content::Message { text } => Some(text.clone()),
                _ => None,
            };
            let time_ms = now_unix_ms();
            let (bytes, statement) = self.own_chain.write(&self.log, own, time_ms, content);
            if let Some(text) = text {
                let message = self.message(MessageId(event_hash(&bytes)), own, text, time_ms);
                self.shared.teller.tell(Event::Written { message });
            }
            events.push(bytes);
            statements.push(statement);
        }
        let head_is_due = self.next_head_at().is_some_and(|at| at <= Instant::now());
        let head = head_is_due.then(|| (self.log.n(), self.log.head()));
        if head.is_some() {
            statements.push(self.log.newest_head_statement());
            self.unsigned_entries = false;
            self.head_signed_at = Some(Instant::now());
        }
        if !statements.is_empty() && self.signing.send(statements).is_ok() {
            self.asked = Some(Asked { events, head });
        }
    }

    fn signed(&mut self, signatures: Vec<Signature>) {
        let Some(Asked { events, head }) = self.asked.take() else {
            return;
        };
        let own = self.shared.identity.fingerprint();
        let mut signatures = signatures.into_iter();
        for (event, signature) in events.into_iter().zip(signatures.by_ref()) {
            match self.log.append(&own, event, signature) {
                Ok(appended) => self.publish(appended),
                Err(fault) => log::error!("an event of ours did not pass our own checks: {fault}"),
            }
        }
        self.own_chain = self.log.chain_of(&own);
        if let (Some((n, head)), Some(signature)) = (head, signatures.next()) {
            self.broadcast(&Body::Head(SignedHead { n, head, signature }));
        }
        self.enter_all();
    }

    fn next_head_at(&self) -> Option<Instant> {
        // The last head is signed at once.
        let earliest = || match self.head_signed_at {
            Some(at) if !self.is_closing => at + HEAD_INTERVAL,
            _ => Instant::now(),
        };
        (self.unsigned_entries && self.asked.is_none()).then(earliest)
    }

    fn content_of(&self, next: ToWrite) -> Option<Content> {
        match next {
            ToWrite::Message(text) => Some(Content::Message { text }),
            ToWrite::Admit(fingerprint) => {
                let (_, identity, name, _) = self.arriving.get(&fingerprint)?;
                Some(Content::Admitted(self.log.introduction(identity, name)))
            }
            // Somebody who is back meanwhile is not sent away.
            ToWrite::Dismiss(member, reason) => {
                let is_back = self.guests.values().any(|guest| guest.fingerprint == member);
                (!is_back && !self.arriving.contains_key(&member) && self.log.is_present(&member))
                    .then_some(Content::Departed { member, reason })
            }
        }
    }

    /// Tells an entry of the log to the members and to the window.
    fn publish(&mut self, appended: Appended) {
        self.unsigned_entries = true;
        let Appended {
            n,
            head: _,
            event,
            author_name: _,
        } = appended;
        if let Content::Admitted(member) = &event.event.content {
            self.entering.push(Fingerprint::of_der(&member.identity));
        }
        let entry = Entry {
            n,
            event: event.bytes,
            signature: event.signature,
        };
        self.broadcast(&Body::Entry(entry));
        let room = self.shared.key;
        match event.event.content {
            Content::Message { text } => {
                let author = event.event.author;
                let message = self.message(MessageId(event.hash), author, text, event.event.time_ms);
                self.shared.teller.tell(Event::Logged { message, n });
            }
            Content::Admitted(_) => {}
            Content::Departed { member, reason } => {
                let name = self.log.name_of(&member).unwrap_or_default().to_owned();
                self.shared.teller.tell(Event::MemberLeft {
                    room,
                    fingerprint: member,
                    name,
                    reason,
                });
            }
        }
    }

    /// Those whose admissions are in the log now hear the room from here on. They came in one batch
    /// and get one roster: to write it for each would take the square of a full room's members.
    fn enter_all(&mut self) {
        let arrived: Vec<_> = std::mem::take(&mut self.entering)
            .into_iter()
            .filter_map(|fingerprint| self.arriving.remove(&fingerprint))
            .collect();
        if arrived.is_empty() {
            return;
        }
        let pieces = self.log.roster().into_iter();
        let texts: Arc<[Arc<[u8]>]> = pieces
            .map(|piece| body::encode(&Body::Roster(piece)).into())
            .collect();
        for (conn, identity, name, sas) in arrived {
            let texts = Arc::clone(&texts);
            self.give(conn, Task::Enter { conn, texts });
            let fingerprint = identity.fingerprint();
            self.guests.insert(
                conn,
                Guest {
                    fingerprint,
                    name: name.clone(),
                    declined: 0,
                },
            );
            let member = MemberSeen {
                fingerprint,
                name,
                is_host: false,
                was_here: false,
                sas: Some(sas),
            };
            self.shared.teller.tell(Event::MemberJoined {
                room: self.shared.key,
                member,
            });
        }
    }

    fn message(&self, id: MessageId, author: Fingerprint, text: String, time_ms: u64) -> Message {
        let own = author == self.shared.identity.fingerprint();
        let name = self.log.name_of(&author).unwrap_or_default().to_owned();
        Message {
            room: self.shared.key,
            id,
            author,
            name,
            text,
            time_ms,
            own,
        }
    }

    fn broadcast(&self, text: &Body) {
        let text: Arc<[u8]> = body::encode(text).into();
        for reactor in &self.reactors.handles {
            reactor.give(Task::Broadcast(Arc::clone(&text)));
        }
    }

    fn give(&self, conn: ConnId, task: Task) {
        if let Some(reactor) = self.reactors.handles.get(conn.reactor) {
            reactor.give(task);
        }
    }
}

/// Faults that an honest guest can run into when its line was cut; others end the connection.
fn is_honest_mistake(fault: EventFault) -> bool {
    matches!(
        fault,
        EventFault::WrongSequence { .. } | EventFault::WrongPrevious | EventFault::WrongSeen { .. }
    )
}
