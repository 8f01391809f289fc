//! One guest: the handshake step by step on a socket that is never waited for, then what it hears.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cipher_room::crypto::{Identity, WrapKey, sign_batch};
use cipher_room::protocol::body::{self, Body, Submit};
use cipher_room::protocol::handshake::{AwaitHost, AwaitWelcome, GuestHello, HandshakeError, Refusal};
use cipher_room::protocol::wire::{Frame, FrameBuffer};
use cipher_room::protocol::{Connection, Content, Invite, Output, OwnChain, RoomLog};
use mio::net::TcpStream;

use crate::confirming::Confirming;
use crate::heads::{Heads, Heard};

/// What every message begins with; behind it the nanoseconds from the run's beginning until it was due.
const MARK: &str = "load ";
/// A message is so long.
pub const TEXT_BYTES: usize = 200;
/// Where in an entry a message's text begins, at the earliest and at the latest.
const TEXT_FROM: usize = 100;
const TEXT_TO: usize = 400;

/// A guest on one socket.
pub struct Guest {
    pub stream: TcpStream,
    identity: Identity,
    wrap: Arc<WrapKey>,
    frames: FrameBuffer,
    stage: Stage,
    waiting: Vec<u8>,
    /// Only who checks everything keeps a log.
    log: Option<RoomLog>,
    /// Checks everything that it hears.
    pub checks: bool,
    chain: OwnChain,
    pub joined: bool,
    /// Where who keeps no log finds the heads that it confirms.
    heads: Arc<Heads>,
    /// The newest entry that who keeps no log heard.
    n: u64,
    /// Others said something that no confirmation was planned for yet.
    heard_others: bool,
    confirming: Confirming,
    /// Messages whose signature, chain and place were checked.
    pub checked: u64,
}

/// Why a guest did not come into the room, or is in it no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// The host ended the line without a word: so does a busy one with whom it could not answer in time.
    HungUp,
    /// The host said that it is full, or that too many come in just now.
    Full,
    /// One of the two programs made a mistake.
    Failed(String),
}

impl Lost {
    fn in_handshake(error: HandshakeError) -> Lost {
        match error {
            HandshakeError::Refused(Refusal::Full) => Lost::Full,
            other => Lost::Failed(other.to_string()),
        }
    }

    fn on_the_line(error: &io::Error) -> Lost {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        match error.kind() {
            BrokenPipe | ConnectionAborted | ConnectionReset => Lost::HungUp,
            _ => Lost::Failed(error.to_string()),
        }
    }
}

impl From<String> for Lost {
    fn from(reason: String) -> Lost {
        Lost::Failed(reason)
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::HungUp => f.write_str("the host hung up"),
            Lost::Full => f.write_str("the host was full"),
            Lost::Failed(reason) => f.write_str(reason),
        }
    }
}

enum Stage {
    AwaitHost(Box<AwaitHost>),
    AwaitWelcome(Box<AwaitWelcome>),
    Live(Box<Connection>),
    Moving,
}

impl Guest {
    /// Connects and says M1 as soon as the socket takes it.
    pub fn connect(
        invite: &Invite,
        identity: Identity,
        wrap: &Arc<WrapKey>,
        checks: bool,
        heads: &Arc<Heads>,
    ) -> Result<Guest, String> {
        let port = invite
            .endpoints
            .first()
            .ok_or("the invitation has no address")?
            .port;
        // Never anywhere else than this machine.
        let stream = TcpStream::connect(([127, 0, 0, 1], port).into()).map_err(|error| error.to_string())?;
        // As a real guest does: a message must not wait until what was confirmed before it is acknowledged.
        let _ = stream.set_nodelay(true);
        let hello = GuestHello {
            invite: invite.secret.clone(),
            pinned: Some(invite.host),
            identity: identity.public().clone(),
            wrap: wrap.public().clone(),
            name: "Guest".to_owned(),
        };
        let (state, m1) = AwaitHost::start(hello, &mut rand::rng());
        Ok(Guest {
            stream,
            identity,
            wrap: Arc::clone(wrap),
            frames: FrameBuffer::default(),
            stage: Stage::AwaitHost(Box::new(state)),
            waiting: m1,
            log: None,
            checks,
            chain: OwnChain::default(),
            joined: false,
            heads: Arc::clone(heads),
            n: 0,
            heard_others: false,
            confirming: Confirming::default(),
            checked: 0,
        })
    }

    /// The identity, to try again with.
    pub fn into_identity(self) -> Identity {
        self.identity
    }

    /// Reads and writes what goes now; tells every message's delay to `heard`.
    pub fn go_on(
        &mut self,
        buffer: &mut [u8],
        began: Instant,
        heard: &mut impl FnMut(Duration),
    ) -> Result<(), Lost> {
        self.write()?;
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(Lost::HungUp),
                Ok(count) => self.take_in(&buffer[..count], began, heard)?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_for_later(&error) => break,
                Err(error) => return Err(Lost::on_the_line(&error)),
            }
        }
        self.write()
    }

    /// Signs and sends messages that tell when they were due, one for each of these instants, under one signature.
    pub fn say(&mut self, due: &[Instant], began: Instant) -> Result<(), Lost> {
        if due.is_empty() {
            return Ok(());
        }
        let (Stage::Live(connection), Some(log)) = (&mut self.stage, &self.log) else {
            return Err(Lost::Failed("a sender is not in the room".to_owned()));
        };
        let author = self.identity.fingerprint();
        let write = |due: &Instant| {
            let text = text_of(due.saturating_duration_since(began));
            self.chain.write(log, author, 0, Content::Message { text })
        };
        let (events, statements): (Vec<_>, Vec<_>) = due.iter().map(write).unzip();
        let signatures =
            sign_batch(&self.identity, &statements, &mut rand::rng()).map_err(|error| error.to_string())?;
        for (event, signature) in events.into_iter().zip(signatures) {
            let submit = body::encode(&Body::Submit(Submit { event, signature }));
            connection
                .send(&submit)
                .map_err(|_| "a message was too long".to_owned())?;
        }
        self.drain(began, &mut |_| {})?;
        self.write()
    }

    /// When to confirm what others said; `None` where they said nothing new, or that is settled already.
    pub fn confirms_at(&mut self, now: Instant, interval: Duration) -> Option<Instant> {
        match std::mem::take(&mut self.heard_others) {
            true => self.confirming.heard(now, interval),
            false => None,
        }
    }

    /// Tells the host how far this guest has the log, where it does not know; gives whether it told anything.
    pub fn confirm(&mut self, now: Instant, began: Instant) -> Result<bool, Lost> {
        let standing = match &self.log {
            Some(log) => log.standing(),
            None => self.heads.standing(self.n).unwrap_or_default(),
        };
        let is_news = self.confirming.confirms(standing.n, now);
        let Stage::Live(connection) = &mut self.stage else {
            return Ok(false);
        };
        if is_news {
            connection
                .send(&body::encode(&Body::Here(standing)))
                .map_err(|_| "a confirmation was too long".to_owned())?;
            self.drain(began, &mut |_| {})?;
            self.write()?;
        }
        Ok(is_news)
    }

    fn take_in(
        &mut self,
        bytes: &[u8],
        began: Instant,
        heard: &mut impl FnMut(Duration),
    ) -> Result<(), Lost> {
        if let Stage::Live(connection) = &mut self.stage {
            connection
                .handle_input(bytes, Instant::now(), &mut rand::rng())
                .map_err(|error| error.to_string())?;
            return self.drain(began, heard);
        }
        self.frames.push(bytes);
        while let Some(frame) = self.next_frame()? {
            self.shake_hands(frame)?;
            if matches!(self.stage, Stage::Live(_)) {
                return self.take_in(&[], began, heard);
            }
        }
        Ok(())
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, String> {
        self.frames.next_frame().map_err(|error| error.to_string())
    }

    fn shake_hands(&mut self, frame: Frame) -> Result<(), Lost> {
        match std::mem::replace(&mut self.stage, Stage::Moving) {
            Stage::AwaitHost(state) => {
                let state = state.receive(frame).map_err(Lost::in_handshake)?;
                let signature = sign_batch(&self.identity, &[state.statement()], &mut rand::rng())
                    .map_err(|error| error.to_string())?
                    .remove(0);
                let (state, m3) = state.signed(&signature);
                self.waiting.extend_from_slice(&m3);
                self.stage = Stage::AwaitWelcome(Box::new(state));
            }
            Stage::AwaitWelcome(state) => {
                let (established, m5) = state
                    .receive(frame, &self.wrap, &mut rand::rng())
                    .map_err(Lost::in_handshake)?;
                self.waiting.extend_from_slice(&m5);
                let rest = std::mem::take(&mut self.frames).into_rest();
                let (agreed, connection) = established.into_connection(&rest, Instant::now());
                self.log = self
                    .checks
                    .then(|| RoomLog::join(agreed.room.id, agreed.peer.identity));
                self.stage = Stage::Live(Box::new(connection));
            }
            Stage::Live(_) | Stage::Moving => {
                return Err(Lost::Failed("a frame out of turn".to_owned()));
            }
        }
        Ok(())
    }

    fn drain(&mut self, began: Instant, heard: &mut impl FnMut(Duration)) -> Result<(), Lost> {
        loop {
            let Stage::Live(connection) = &mut self.stage else {
                return Ok(());
            };
            match connection.poll_output() {
                None => return Ok(()),
                Some(Output::Transmit(frame)) => self.waiting.extend_from_slice(&frame),
                Some(Output::PeerClosed) => return Err(Lost::Failed("the host said goodbye".to_owned())),
                Some(Output::Received(text)) => self.hear(&text, began, heard)?,
            }
        }
    }

    fn hear(&mut self, text: &[u8], began: Instant, heard: &mut impl FnMut(Duration)) -> Result<(), Lost> {
        if !self.joined || self.log.is_some() {
            self.check(text)?;
        } else if let Some(entry) = Heard::read(text) {
            self.n = entry.n;
            self.heads.heard(&entry);
            self.heard_others |= entry.is_message();
        }
        if self.joined
            && let Some(due) = due_at(text)
        {
            heard(began.elapsed().saturating_sub(due));
        }
        Ok(())
    }

    /// Decodes; who keeps a log checks everything, too.
    fn check(&mut self, text: &[u8]) -> Result<(), String> {
        let body = body::decode::<Body>(text).map_err(|error| error.to_string())?;
        match (body, &mut self.log) {
            (Body::Roster(piece), log) => {
                self.joined = !piece.more;
                if let Some(log) = log {
                    log.take_roster(piece).map_err(|fault| fault.to_string())?;
                    self.chain = log.chain_of(&self.identity.fingerprint());
                } else {
                    self.n = piece.n;
                    self.heads.begin(piece.n, piece.head);
                }
            }
            (Body::Entry(entry), Some(log)) => {
                let appended = log.receive(entry).map_err(|fault| fault.to_string())?;
                let event = &appended.event.event;
                let is_message = matches!(event.content, Content::Message { .. });
                self.checked += u64::from(is_message);
                self.heard_others |= is_message && event.author != self.identity.fingerprint();
            }
            (Body::Head(head), Some(log)) => log.receive_head(&head).map_err(|fault| fault.to_string())?,
            (Body::Declined(declined), _) => {
                return Err(format!("the host declined a message: fault {}", declined.fault));
            }
            _ => {}
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), Lost> {
        while !self.waiting.is_empty() {
            match self.stream.write(&self.waiting) {
                Ok(count) => drop(self.waiting.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_for_later(&error) => return Ok(()),
                Err(error) => return Err(Lost::on_the_line(&error)),
            }
        }
        Ok(())
    }
}

/// Also a socket that is not connected yet.
fn is_for_later(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected
    )
}

/// A message that was due so long after the run began.
fn text_of(due: Duration) -> String {
    format!("{:<TEXT_BYTES$}", format!("{MARK}{} ", due.as_nanos()))
}

/// When a message of this run was due, read from its text without decoding the rest.
fn due_at(text: &[u8]) -> Option<Duration> {
    let part = text.get(TEXT_FROM..TEXT_TO.min(text.len()))?;
    let at = part
        .windows(MARK.len())
        .position(|bytes| bytes == MARK.as_bytes())?;
    let digits = part.get(at + MARK.len()..)?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    let nanoseconds = std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
