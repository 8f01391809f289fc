//! A guest's running conversation: one socket, one thread, no waiting but in one poll.

use std::collections::{HashSet, VecDeque};
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};

use super::reach::Reached;
use super::{GuestContext, MetHost, Wish, failed};
use crate::crypto::{Fingerprint, MAX_BATCH, Statement, sign_batch};
use crate::net::clock::now_unix_ms;
use crate::net::outbox::{Full, Outbox};
use crate::net::{
    Alarm, ClosedReason, Event, JoinCause, JoinRoom, JoinStep, Joined, MemberSeen, Message, MessageId,
    keepalive,
};
use crate::protocol::body::{self, Body, Entry, Roster, Submit};
use crate::protocol::event::event_hash;
use crate::protocol::handshake::Agreed;
use crate::protocol::limits::HANDSHAKE_TIMEOUT;
use crate::protocol::{
    Appended, CloseReason, Connection, Content, EntryFault, EventFault, JoinTarget, Output, OwnChain, RoomLog,
};
use crate::store::HostTrust;

/// Between two signatures there is so much time at least; what waits is signed together.
const SIGN_INTERVAL: Duration = Duration::from_millis(100);
/// So many bytes may wait for the host before we stop adding to them.
const MAX_WAITING_BYTES: usize = 1024 * 1024;
/// Bytes read before wishes and writing get their turn.
const READ_BUDGET: usize = 256 * 1024;
/// Texts that are taken over before they are written as events.
const MAX_TO_SAY: usize = 1024;
/// How long a goodbye may take to be written and read.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);

const SOCKET: Token = Token(0);
const WAKE: Token = Token(1);

/// Wakes the link's poll once there is one.
#[derive(Default)]
pub struct LinkWaker(Mutex<Option<Waker>>);

impl LinkWaker {
    /// Wakes the link; before it runs, wishes are heard without.
    pub fn wake(&self) {
        if let Some(waker) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = waker.wake();
        }
    }
}

/// Carries the conversation until it ends, and tells why it ended.
pub fn run(
    reached: Reached,
    wish: &JoinRoom,
    context: &GuestContext,
    wishes: &Receiver<Wish>,
    waker: &LinkWaker,
) {
    let Reached {
        stream,
        address,
        established,
        rest,
    } = reached;
    let system = |error: &io::Error| JoinCause::System {
        reason: error.to_string(),
    };
    let (mut poll, stream) = match prepare(stream, waker) {
        Ok(prepared) => prepared,
        Err(error) => {
            let failure = failed(JoinStep::Admitted, system(&error));
            return context.teller.tell(Event::JoinFailed {
                room: wish.key,
                failure,
            });
        }
    };
    let now = Instant::now();
    let (agreed, connection) = established.into_connection(&rest, now);
    let log = RoomLog::join(agreed.room.id, agreed.peer.identity.clone());
    let mut link = Link {
        wish,
        context,
        own: context.identity.fingerprint(),
        stream,
        address,
        connection,
        outbox: Outbox::default(),
        agreed,
        log,
        entered: false,
        enter_by: now + HANDSHAKE_TIMEOUT,
        own_chain: OwnChain::default(),
        to_say: VecDeque::new(),
        under_way: VecDeque::new(),
        sign_at: now,
        leaving_by: None,
        more_to_read: false,
        declined: HashSet::new(),
    };
    let outcome = link.run(&mut poll, wishes);
    let entered = link.entered;
    let event = match outcome {
        End::Closed(reason) if entered => Event::Closed {
            room: wish.key,
            reason,
        },
        End::Closed(reason) => Event::JoinFailed {
            room: wish.key,
            failure: failed(JoinStep::Admitted, cause_of(reason)),
        },
        End::NotAdmitted(cause) => Event::JoinFailed {
            room: wish.key,
            failure: failed(JoinStep::Admitted, cause),
        },
    };
    context.teller.tell(event);
}

fn prepare(stream: std::net::TcpStream, waker: &LinkWaker) -> io::Result<(Poll, TcpStream)> {
    let poll = Poll::new()?;
    stream.set_nonblocking(true)?;
    keepalive::set(&stream);
    let mut stream = TcpStream::from_std(stream);
    poll.registry()
        .register(&mut stream, SOCKET, Interest::READABLE | Interest::WRITABLE)?;
    *waker.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Waker::new(poll.registry(), WAKE)?);
    Ok((poll, stream))
}

/// An end before we were in the room.
fn cause_of(reason: ClosedReason) -> JoinCause {
    match reason {
        ClosedReason::Left => JoinCause::Cancelled,
        ClosedReason::HostClosed | ClosedReason::TooSlow | ClosedReason::ConnectionLost { .. } => {
            JoinCause::HungUp
        }
        ClosedReason::NotAuthentic { reason } => JoinCause::NotAuthentic { reason },
        ClosedReason::Broken { reason } => JoinCause::System { reason },
    }
}

/// Why the link ends.
enum End {
    Closed(ClosedReason),
    NotAdmitted(JoinCause),
}

impl End {
    fn not_authentic(reason: impl ToString) -> End {
        End::Closed(ClosedReason::NotAuthentic {
            reason: reason.to_string(),
        })
    }

    fn lost(reason: Option<String>) -> End {
        End::Closed(ClosedReason::ConnectionLost { reason })
    }
}

struct Link<'a> {
    wish: &'a JoinRoom,
    context: &'a GuestContext,
    own: Fingerprint,
    stream: TcpStream,
    address: std::net::SocketAddr,
    connection: Connection,
    outbox: Outbox,
    agreed: Agreed,
    log: RoomLog,
    entered: bool,
    enter_by: Instant,
    own_chain: OwnChain,
    /// Texts that are not written as events yet.
    to_say: VecDeque<String>,
    /// Events of ours that are neither in the log nor declined.
    under_way: VecDeque<MessageId>,
    sign_at: Instant,
    leaving_by: Option<Instant>,
    more_to_read: bool,
    /// What the host said that it did not take.
    declined: HashSet<MessageId>,
}

impl Link<'_> {
    fn run(&mut self, poll: &mut Poll, wishes: &Receiver<Wish>) -> End {
        let mut events = Events::with_capacity(16);
        let mut buffer = vec![0; 64 * 1024];
        // What came behind the handshake, and wishes made while joining.
        let mut readable = true;
        loop {
            let now = Instant::now();
            match self.turn(now, readable, &mut buffer, wishes) {
                Ok(()) => {}
                Err(_) if self.leaving_by.is_some() => return End::Closed(ClosedReason::Left),
                Err(end) => return end,
            }
            match poll.poll(&mut events, self.timeout()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return End::Closed(ClosedReason::Broken {
                        reason: error.to_string(),
                    });
                }
                Ok(()) => {}
            }
            readable = events.iter().any(|event| event.token() == SOCKET);
        }
    }

    fn turn(
        &mut self,
        now: Instant,
        readable: bool,
        buffer: &mut [u8],
        wishes: &Receiver<Wish>,
    ) -> Result<(), End> {
        if readable || self.more_to_read {
            self.read(now, buffer)?;
        }
        if !self.entered && now >= self.enter_by {
            return Err(End::NotAdmitted(JoinCause::NoAnswer));
        }
        self.hear_wishes(wishes);
        if self.may_say() && (self.to_say.len() >= MAX_BATCH || now >= self.sign_at) {
            self.say_what_waits(now)?;
        }
        self.connection.handle_timeout(now, &mut rand::rng());
        self.drain()?;
        let all_out = self
            .outbox
            .flush(&mut self.stream)
            .map_err(|error| End::lost(Some(error.to_string())))?;
        match self.leaving_by {
            Some(by) if now >= by => Err(End::Closed(ClosedReason::Left)),
            // The host hangs up when it has read all; hanging up first could take back what is on its way.
            Some(_) if all_out => {
                let _ = self.stream.shutdown(std::net::Shutdown::Write);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// While the host reads slowly, nothing is added to what waits for it.
    fn may_say(&self) -> bool {
        self.entered && self.leaving_by.is_none() && self.outbox.waiting_bytes() < MAX_WAITING_BYTES
    }

    fn timeout(&self) -> Option<Duration> {
        let may_say = self.may_say() && !self.to_say.is_empty();
        if self.more_to_read || (may_say && self.to_say.len() >= MAX_BATCH) {
            return Some(Duration::ZERO);
        }
        let says = may_say.then_some(self.sign_at);
        let enters = (!self.entered).then_some(self.enter_by);
        let first = [says, enters, self.leaving_by, self.connection.next_timeout()]
            .into_iter()
            .flatten()
            .min()?;
        Some(first.saturating_duration_since(Instant::now()) + Duration::from_millis(1))
    }

    fn hear_wishes(&mut self, wishes: &Receiver<Wish>) {
        while self.to_say.len() < MAX_TO_SAY {
            match wishes.try_recv() {
                Ok(Wish::Say { text }) => self.to_say.push_back(text),
                Ok(Wish::Leave) | Err(TryRecvError::Disconnected) => {
                    if self.leaving_by.is_none() {
                        // What was said before the goodbye goes out before it.
                        while self.entered && !self.to_say.is_empty() {
                            if self.say_what_waits(Instant::now()).is_err() {
                                break;
                            }
                        }
                        self.connection.close();
                        self.leaving_by = Some(Instant::now() + GOODBYE_TIMEOUT);
                    }
                    return;
                }
                Err(TryRecvError::Empty) => return,
            }
        }
    }

    /// Writes the waiting texts as events, signs up to 64 of them at once, and hands them in.
    fn say_what_waits(&mut self, now: Instant) -> Result<(), End> {
        if self.to_say.is_empty() {
            return Ok(());
        }
        self.sign_at = now + SIGN_INTERVAL;
        let count = self.to_say.len().min(MAX_BATCH);
        let texts: Vec<String> = self.to_say.drain(..count).collect();
        let mut events = Vec::with_capacity(count);
        let mut statements: Vec<Statement> = Vec::with_capacity(count);
        for text in texts {
            let time_ms = now_unix_ms();
            let content = Content::Message { text: text.clone() };
            let (bytes, statement) = self.own_chain.write(&self.log, self.own, time_ms, content);
            let id = MessageId(event_hash(&bytes));
            self.under_way.push_back(id);
            let message = Message {
                room: self.wish.key,
                id,
                author: self.own,
                name: self.wish.name.clone(),
                text,
                time_ms,
                own: true,
            };
            self.context.teller.tell(Event::Written { message });
            events.push(bytes);
            statements.push(statement);
        }
        let signatures =
            sign_batch(&self.context.identity, &statements, &mut rand::rng()).map_err(|error| {
                End::Closed(ClosedReason::Broken {
                    reason: error.to_string(),
                })
            })?;
        for (event, signature) in events.into_iter().zip(signatures) {
            let text = body::encode(&Body::Submit(Submit { event, signature }));
            if self.connection.send(&text).is_err() {
                return Err(End::Closed(ClosedReason::Broken {
                    reason: "a message was too long".to_owned(),
                }));
            }
        }
        self.drain()
    }

    fn read(&mut self, now: Instant, buffer: &mut [u8]) -> Result<(), End> {
        self.take_in(now, &[])?;
        self.more_to_read = false;
        let mut taken = 0;
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(End::lost(None)),
                Ok(count) => {
                    self.take_in(now, buffer.get(..count).unwrap_or_default())?;
                    taken += count;
                    if taken >= READ_BUDGET {
                        self.more_to_read = true;
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(End::lost(Some(error.to_string()))),
            }
        }
    }

    fn take_in(&mut self, now: Instant, bytes: &[u8]) -> Result<(), End> {
        let outcome = self.connection.handle_input(bytes, now, &mut rand::rng());
        // What came before a bad record was good.
        self.drain()?;
        outcome.map_err(End::not_authentic)
    }

    fn drain(&mut self) -> Result<(), End> {
        while let Some(output) = self.connection.poll_output() {
            match output {
                Output::Transmit(frame) => self
                    .outbox
                    .push(frame)
                    .map_err(|Full| End::lost(Some("the host reads too slowly".to_owned())))?,
                Output::Received(text) => self.hear(&text)?,
                Output::PeerClosed => {
                    return Err(End::Closed(match self.connection.peer_close_reason() {
                        CloseReason::Goodbye => ClosedReason::HostClosed,
                        CloseReason::TooSlow => ClosedReason::TooSlow,
                    }));
                }
            }
        }
        Ok(())
    }

    fn hear(&mut self, text: &[u8]) -> Result<(), End> {
        match body::decode(text).map_err(End::not_authentic)? {
            Body::Roster(piece) if !self.entered => self.take_roster(piece),
            Body::Entry(entry) if self.entered => {
                self.take_entry(entry);
                Ok(())
            }
            Body::Head(head) if self.entered => {
                if let Err(fault) = self.log.receive_head(&head) {
                    self.alarm(Alarm::Head(fault));
                }
                Ok(())
            }
            Body::Declined(declined) if self.entered => {
                self.declined(MessageId(declined.event), declined.fault);
                Ok(())
            }
            _ => Err(End::not_authentic("the host sent a body that may not come now")),
        }
    }

    fn take_roster(&mut self, piece: Roster) -> Result<(), End> {
        let more = piece.more;
        self.log.take_roster(piece).map_err(End::not_authentic)?;
        if more {
            return Ok(());
        }
        self.entered = true;
        self.own_chain = self.log.chain_of(&self.own);
        let trust = self.judge_host();
        let teller = &self.context.teller;
        teller.tell(Event::JoinAdvanced {
            room: self.wish.key,
            step: JoinStep::Admitted,
        });
        let host = self.agreed.peer.identity.fingerprint();
        teller.tell(Event::Joined(Joined {
            room: self.wish.key,
            room_name: self.agreed.room.name.clone(),
            host_name: self.agreed.peer.name.clone(),
            host,
            own: self.own,
            own_name: self.wish.name.clone(),
            trust,
            sas: self.agreed.sas,
            address: self.address,
        }));
        for (identity, name) in self.log.members() {
            let fingerprint = identity.fingerprint();
            if fingerprint != self.own && fingerprint != host {
                let name = name.to_owned();
                let member = MemberSeen {
                    fingerprint,
                    name,
                    is_host: false,
                    was_here: true,
                    sas: None,
                };
                teller.tell(Event::MemberJoined {
                    room: self.wish.key,
                    member,
                });
            }
        }
        Ok(())
    }

    fn judge_host(&self) -> HostTrust {
        let JoinTarget::Address(endpoint) = &self.wish.target else {
            return HostTrust::Pinned;
        };
        let (address, host) = (endpoint.to_string(), self.agreed.peer.identity.fingerprint());
        let trust = self
            .context
            .contacts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .judge(&address, &host);
        let changed = matches!(trust, HostTrust::Changed { .. });
        let _ = self.context.met.send(MetHost {
            room: self.wish.key,
            address,
            host,
            changed,
        });
        trust
    }

    fn take_entry(&mut self, entry: Entry) {
        match self.log.receive(entry) {
            Ok(appended) => self.tell_entry(appended),
            Err(fault) => {
                let author = match &fault {
                    EntryFault::Event {
                        author: Some(author), ..
                    } => self.log.name_of(author).map(str::to_owned),
                    _ => None,
                };
                self.alarm(Alarm::Entry { author, fault });
            }
        }
    }

    fn tell_entry(&mut self, appended: Appended) {
        let Appended {
            n,
            head: _,
            event,
            author_name,
        } = appended;
        let room = self.wish.key;
        let teller = &self.context.teller;
        match event.event.content {
            Content::Message { text } => {
                let (id, author) = (MessageId(event.hash), event.event.author);
                self.under_way.retain(|under_way| *under_way != id);
                let own = author == self.own;
                if own && event.event.seq > self.own_chain.seq {
                    self.own_chain = self.log.chain_of(&self.own);
                }
                if self.declined.remove(&id) {
                    self.alarm(Alarm::DeclinedYetLogged);
                }
                let message = Message {
                    room,
                    id,
                    author,
                    name: author_name,
                    text,
                    time_ms: event.event.time_ms,
                    own,
                };
                teller.tell(Event::Logged { message, n });
            }
            Content::Admitted(member) => {
                let fingerprint = Fingerprint::of_der(&member.identity);
                let member = MemberSeen {
                    fingerprint,
                    name: member.name,
                    is_host: false,
                    was_here: false,
                    sas: None,
                };
                teller.tell(Event::MemberJoined { room, member });
            }
            Content::Departed { member, reason } => {
                let name = self.log.name_of(&member).unwrap_or_default().to_owned();
                teller.tell(Event::MemberLeft {
                    room,
                    fingerprint: member,
                    name,
                    reason,
                });
            }
        }
    }

    /// What follows a declined event was chained to it and is declined too; the next begins anew.
    fn declined(&mut self, id: MessageId, fault: u8) {
        if !self.under_way.contains(&id) {
            return;
        }
        self.under_way.retain(|own| *own != id);
        self.declined.insert(id);
        if self.under_way.is_empty() {
            self.own_chain = self.log.chain_of(&self.own);
        }
        let reason = EventFault::describe_code(fault).to_owned();
        self.context.teller.tell(Event::Declined {
            room: self.wish.key,
            id,
            reason,
        });
    }

    fn alarm(&self, alarm: Alarm) {
        self.context.teller.tell(Event::Alarmed {
            room: self.wish.key,
            alarm,
        });
    }
}
