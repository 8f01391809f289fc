//! CR/1 as the victims run it: the states, connections and room log of [`crate::protocol`], on a lab line.
//!
//! `C` says which checks are made. What a check said is mapped to its name here; nothing is guessed.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use std::time::Instant;

use super::ablation::{Finding, Without};
use super::cast::Cast;
use super::check::Check;
use super::peer::{In, Play};
use super::stage::{Person, Shown, Stage};
use crate::crypto::{Digest, Fingerprint, Identity, Secret, Signature, Statement, sign_batch};
use crate::protocol::body::{self, Body, Entry, RoomDescriptor, SignedHead, Submit, Welcome};
use crate::protocol::event::{Content, RoomEvent};
use crate::protocol::handshake::{
    AwaitConfirmation, AwaitHost, AwaitProof, AwaitWelcome, Established, GuestHello, HandshakeError,
    HostHello, InviteSecret, InvitedHello, Refusal,
};
use crate::protocol::wire::{Frame, FrameBuffer, FrameKind};
use crate::protocol::{
    Connection, ConnectionError, EntryFault, EventFault, HeadFault, Output, OwnChain, RoomLog,
};

/// What a guest shows when it is in the room.
pub(super) const JOINED: &str = "You joined the room. The host's key is the invitation's.";
/// What a host shows when a guest is in the room.
pub(super) const GUEST_JOINED: &str = "Alice joined the room.";
/// What either shows after a goodbye.
pub(super) const GOODBYE: &str = "The other side said goodbye.";

/// The invitation of a lab room: what a host hands out.
#[derive(Debug, Clone)]
pub(super) struct Ticket {
    pub(super) secret: Secret,
    pub(super) host: Fingerprint,
}

/// Bob's room, or whose it is.
pub(super) fn room(host: &str) -> RoomDescriptor {
    RoomDescriptor {
        id: *Secret::generate(&mut rand::rng()).expose(),
        name: format!("{host}'s room"),
    }
}

pub(super) fn sign(identity: &Identity, statement: &Statement) -> Option<Signature> {
    let signed = sign_batch(identity, std::slice::from_ref(statement), &mut rand::rng());
    signed.ok()?.into_iter().next()
}

/// Milliseconds since 1970.
pub(super) fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}

fn of_handshake(error: &HandshakeError) -> Check {
    match error {
        HandshakeError::WrongHost { .. } => Check::PinnedHostKey,
        HandshakeError::BadSignature => Check::TranscriptSignature,
        HandshakeError::WrongVersion | HandshakeError::Refused(Refusal::WrongVersion) => Check::OneSuite,
        HandshakeError::NotInvited | HandshakeError::Refused(Refusal::NotInvited) => Check::InviteMac,
        HandshakeError::NotAuthentic | HandshakeError::BrokenCommitment => Check::TranscriptHash,
        _ => Check::Form,
    }
}

fn of_event(fault: EventFault) -> Check {
    match fault {
        EventFault::BadSignature | EventFault::UnknownAuthor => Check::AuthorSignature,
        EventFault::WrongRoom => Check::RoomId,
        EventFault::WrongSequence { .. } | EventFault::WrongPrevious | EventFault::Duplicate => {
            Check::AuthorChain
        }
        EventFault::WrongSeen { .. } => Check::SeenOrder,
        _ => Check::Form,
    }
}

/// A record connection with what is needed to say why it ended.
struct Line<const MASK: u32> {
    connection: Connection<Without<MASK>>,
    /// The frames that were sent, to recognise one that comes back.
    sent: Vec<Vec<u8>>,
}

impl<const MASK: u32> Line<MASK> {
    fn new(connection: Connection<Without<MASK>>) -> Line<MASK> {
        Line {
            connection,
            sent: Vec::new(),
        }
    }

    fn send(&mut self, body: &Body) -> Vec<u8> {
        let _ = self.connection.send(&body::encode(body));
        self.transmits()
    }

    fn close(&mut self) -> Vec<u8> {
        self.connection.close();
        self.transmits()
    }

    fn transmits(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(output) = self.connection.poll_output() {
            if let Output::Transmit(frame) = output {
                if self.sent.len() < 64 {
                    self.sent.push(frame.clone());
                }
                out.extend(frame);
            }
        }
        out
    }

    /// Takes bytes; gives the texts that came, whether a goodbye came, and what went wrong.
    fn take(&mut self, bytes: &[u8]) -> (Vec<Vec<u8>>, bool, Option<(Check, String)>) {
        let outcome = self
            .connection
            .handle_input(bytes, Instant::now(), &mut rand::rng());
        let (mut texts, mut closed) = (Vec::new(), false);
        while let Some(output) = self.connection.poll_output() {
            match output {
                Output::Received(text) => texts.push(text),
                Output::PeerClosed => closed = true,
                Output::Transmit(_) => {}
            }
        }
        let fault = outcome.err().map(|error| self.name(error, bytes));
        (texts, closed, fault)
    }

    fn name(&self, error: ConnectionError, bytes: &[u8]) -> (Check, String) {
        let is_own = self.sent.iter().any(|own| own == bytes);
        match (error, self.connection.note()) {
            (ConnectionError::NotAuthentic, Some(Finding::Altered)) if is_own => (
                Check::DirectionKeys,
                "a record that I sealed myself came back; it does not open under the other direction's key"
                    .to_owned(),
            ),
            (ConnectionError::NotAuthentic, Some(Finding::OtherCounter { found, next })) => (
                Check::RecordCounter,
                format!("a record with counter {found} came where {next} must come, so it does not open"),
            ),
            (ConnectionError::NotAuthentic, _) => (
                Check::RecordTag,
                "a record was altered: its tag does not fit".to_owned(),
            ),
            (ConnectionError::WrongCount | ConnectionError::Cut, _) => {
                (Check::CloseRecord, error.to_string())
            }
            (error, _) => (Check::Form, error.to_string()),
        }
    }
}

/// A guest.
pub(super) struct Guest<const MASK: u32> {
    person: Person,
    cast: Arc<Cast>,
    stage: Arc<Stage>,
    ticket: Ticket,
    frames: FrameBuffer,
    step: GuestStep<MASK>,
    /// What was said before the room was entered.
    to_say: Vec<String>,
}

enum GuestStep<const MASK: u32> {
    Begin,
    AwaitHost(Box<AwaitHost<Without<MASK>>>),
    AwaitWelcome(Box<AwaitWelcome<Without<MASK>>>),
    Live(Box<Member<MASK>>),
    Over,
}

struct Member<const MASK: u32> {
    line: Line<MASK>,
    log: RoomLog<Without<MASK>>,
    chain: OwnChain,
    entered: bool,
}

impl<const MASK: u32> Guest<MASK> {
    pub(super) fn new(person: Person, ticket: Ticket, cast: &Arc<Cast>, stage: &Arc<Stage>) -> Guest<MASK> {
        Guest {
            person,
            cast: Arc::clone(cast),
            stage: Arc::clone(stage),
            ticket,
            frames: FrameBuffer::default(),
            step: GuestStep::Begin,
            to_say: Vec::new(),
        }
    }

    fn identity(&self) -> &Identity {
        &self.cast.player(self.person).identity
    }

    fn stop(&mut self, check: Check, reason: impl ToString) -> Option<Vec<u8>> {
        self.stage.stopped(self.person, check, reason);
        self.step = GuestStep::Over;
        None
    }

    fn handshake(&mut self, frame: Frame) -> Result<Vec<u8>, HandshakeError> {
        match std::mem::replace(&mut self.step, GuestStep::Over) {
            GuestStep::AwaitHost(state) => {
                let state = state.receive(frame)?;
                let signature = sign(self.identity(), &state.statement()).ok_or(HandshakeError::Malformed)?;
                let (state, m3) = state.signed(&signature);
                self.step = GuestStep::AwaitWelcome(Box::new(state));
                Ok(m3)
            }
            GuestStep::AwaitWelcome(state) => {
                let wrap = &self.cast.player(self.person).wrap;
                let (established, m5) = state.receive(frame, wrap, &mut rand::rng())?;
                let rest = std::mem::take(&mut self.frames).into_rest();
                let (agreed, connection) = established.into_connection(&rest, Instant::now());
                let log = RoomLog::join_with(agreed.room.id, agreed.peer.identity);
                self.step = GuestStep::Live(Box::new(Member {
                    line: Line::new(connection),
                    log,
                    chain: OwnChain::default(),
                    entered: false,
                }));
                Ok(m5)
            }
            step => {
                self.step = step;
                Err(HandshakeError::Malformed)
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        if !matches!(self.step, GuestStep::Live(_)) {
            self.frames.push(bytes);
            loop {
                let frame = match self.frames.next_frame() {
                    Ok(Some(frame)) => frame,
                    Ok(None) => return Some(out),
                    Err(error) => return self.stop(Check::Form, error),
                };
                match self.handshake(frame) {
                    Ok(answer) => out.extend(answer),
                    Err(error) => return self.stop(of_handshake(&error), error),
                }
                if matches!(self.step, GuestStep::Live(_)) {
                    break;
                }
            }
            out.extend(self.records(&[])?);
            return Some(out);
        }
        self.records(bytes)
    }

    fn records(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let GuestStep::Live(member) = &mut self.step else {
            return Some(Vec::new());
        };
        let (texts, closed, fault) = member.line.take(bytes);
        for text in texts {
            let heard = body::decode::<Body>(&text);
            let GuestStep::Live(member) = &mut self.step else {
                break;
            };
            match heard {
                Ok(Body::Roster(piece)) if !member.entered => {
                    let more = piece.more;
                    if let Err(fault) = member.log.take_roster(piece) {
                        return self.stop(Check::Form, fault);
                    }
                    if !more {
                        member.entered = true;
                        member.chain = member
                            .log
                            .chain_of(&self.cast.player(self.person).identity.fingerprint());
                        self.stage.show(self.person, Shown::Note(JOINED.to_owned()));
                    }
                }
                Ok(Body::Entry(entry)) if member.entered => {
                    let outcome = member.log.receive(entry);
                    self.entry(outcome);
                }
                Ok(Body::Head(head)) if member.entered => {
                    if let Err(fault) = member.log.receive_head(&head) {
                        let check = match fault {
                            HeadFault::BadSignature => Check::AuthorSignature,
                            HeadFault::Fork { .. } | HeadFault::Unknown { .. } => Check::SeenOrder,
                        };
                        self.stage.stopped(self.person, check, fault);
                    }
                }
                Ok(Body::Declined(declined)) if member.entered => {
                    let why = EventFault::describe_code(declined.fault);
                    self.stage.show(
                        self.person,
                        Shown::Note(format!("A message was not taken: {why}.")),
                    );
                }
                Ok(_) => {
                    return self.stop(Check::BodyDirection, "the host sent a body that only guests send");
                }
                Err(error) => return self.stop(Check::Form, error),
            }
        }
        if let Some((check, reason)) = fault {
            return self.stop(check, reason);
        }
        if closed {
            self.stage.show(self.person, Shown::Note(GOODBYE.to_owned()));
            self.step = GuestStep::Over;
            return None;
        }
        let mut out = Vec::new();
        if matches!(&self.step, GuestStep::Live(member) if member.entered) {
            for text in std::mem::take(&mut self.to_say) {
                out.extend(self.say(text));
            }
        }
        Some(out)
    }

    fn entry(&self, outcome: Result<crate::protocol::Appended, EntryFault>) {
        match outcome {
            Ok(appended) => {
                if let Content::Message { text } = appended.event.event.content
                    && appended.event.event.author != self.identity().fingerprint()
                {
                    let from = appended.author_name;
                    self.stage.show(self.person, Shown::Heard { from, text });
                }
            }
            Err(fault) => {
                let check = match fault {
                    EntryFault::Event { fault, .. } => of_event(fault),
                    EntryFault::Gap { .. } => Check::EntryNumbers,
                    EntryFault::Roster | EntryFault::TooMany | EntryFault::LetGo { .. } => Check::Form,
                };
                let reason = format!("a message of the host's log is not shown: {fault}");
                self.stage.stopped(self.person, check, reason);
            }
        }
    }

    fn say(&mut self, text: String) -> Vec<u8> {
        let author = self.identity().fingerprint();
        let person = self.person;
        let cast = Arc::clone(&self.cast);
        let GuestStep::Live(member) = &mut self.step else {
            return Vec::new();
        };
        let content = Content::Message { text: text.clone() };
        let (event, statement) = member.chain.write(&member.log, author, now_ms(), content);
        if let Ok(mut written) = body::decode::<RoomEvent>(&event) {
            let text = String::new();
            written.content = Content::Message { text };
            self.stage.wrote(written);
        }
        let Some(signature) = sign(&cast.player(person).identity, &statement) else {
            return Vec::new();
        };
        let out = member.line.send(&Body::Submit(Submit { event, signature }));
        self.stage.show(person, Shown::Said(text));
        out
    }
}

impl<const MASK: u32> Play for Guest<MASK> {
    fn begin(&mut self) -> Vec<u8> {
        let player = self.cast.player(self.person);
        let hello = GuestHello {
            invite: self.ticket.secret.clone(),
            pinned: Some(self.ticket.host),
            identity: player.identity.public().clone(),
            wrap: player.wrap.public().clone(),
            name: self.person.name().to_owned(),
        };
        let (state, m1) = AwaitHost::start_with(hello, &mut rand::rng());
        self.step = GuestStep::AwaitHost(Box::new(state));
        m1
    }

    fn take(&mut self, input: In) -> Option<Vec<u8>> {
        match input {
            In::Bytes(bytes) => self.bytes(&bytes),
            In::Say(text) => {
                if matches!(&self.step, GuestStep::Live(member) if member.entered) {
                    Some(self.say(text))
                } else {
                    self.to_say.push(text);
                    Some(Vec::new())
                }
            }
            In::Bye => match &mut self.step {
                GuestStep::Live(member) => Some(member.line.close()),
                _ => None,
            },
            In::End => match &self.step {
                GuestStep::Live(member) => match member.line.connection.handle_end() {
                    Ok(()) => {
                        self.stage.show(self.person, Shown::Note(GOODBYE.to_owned()));
                        None
                    }
                    Err(error) => self.stop(Check::CloseRecord, error),
                },
                GuestStep::Over => None,
                _ => {
                    let note = "The connection ended before the room was entered.";
                    self.stage.show(self.person, Shown::Note(note.to_owned()));
                    None
                }
            },
        }
    }
}

/// An honest host with one guest.
pub(super) struct Host<const MASK: u32> {
    person: Person,
    cast: Arc<Cast>,
    stage: Arc<Stage>,
    hello: HostHello,
    secret: Secret,
    frames: FrameBuffer,
    step: HostStep<MASK>,
    log: RoomLog<Without<MASK>>,
    chain: OwnChain,
}

enum HostStep<const MASK: u32> {
    AwaitHello,
    AwaitProof(Box<AwaitProof<Without<MASK>>>),
    AwaitConfirmation(Box<AwaitConfirmation<Without<MASK>>>),
    Live(Box<Line<MASK>>, Fingerprint),
    Over,
}

impl<const MASK: u32> Host<MASK> {
    pub(super) fn new(person: Person, secret: Secret, cast: &Arc<Cast>, stage: &Arc<Stage>) -> Host<MASK> {
        let identity = cast.player(person).identity.public().clone();
        let hello = host_hello(person, &identity);
        let log = RoomLog::create_with(hello.room.id, identity, person.name());
        Host {
            person,
            cast: Arc::clone(cast),
            stage: Arc::clone(stage),
            hello,
            secret,
            frames: FrameBuffer::default(),
            step: HostStep::AwaitHello,
            log,
            chain: OwnChain::default(),
        }
    }

    fn identity(&self) -> &Identity {
        &self.cast.player(self.person).identity
    }

    fn stop(&mut self, check: Check, reason: impl ToString) -> Option<Vec<u8>> {
        self.stage.stopped(self.person, check, reason);
        self.step = HostStep::Over;
        None
    }

    fn handshake(&mut self, frame: Frame) -> Result<Vec<u8>, HandshakeError> {
        match std::mem::replace(&mut self.step, HostStep::Over) {
            HostStep::AwaitHello => {
                let invites = [InviteSecret {
                    secret: self.secret.clone(),
                    expires_unix: None,
                }];
                let hello = InvitedHello::<Without<MASK>>::check_with(&frame, &invites, 0)?;
                let state = hello.answer(&self.hello, &mut rand::rng())?;
                let signature = sign(self.identity(), &state.statement()).ok_or(HandshakeError::Malformed)?;
                let (state, m2) = state.signed(&signature);
                self.step = HostStep::AwaitProof(Box::new(state));
                Ok(m2)
            }
            HostStep::AwaitProof(state) => {
                let (state, m4) = state.receive(frame)?.admit(&mut rand::rng())?;
                self.step = HostStep::AwaitConfirmation(Box::new(state));
                Ok(m4)
            }
            HostStep::AwaitConfirmation(state) => {
                let established = state.receive(frame)?;
                Ok(self.enter(established))
            }
            step => {
                self.step = step;
                Err(HandshakeError::Malformed)
            }
        }
    }

    fn enter(&mut self, established: Established<Without<MASK>>) -> Vec<u8> {
        let rest = std::mem::take(&mut self.frames).into_rest();
        let (agreed, connection) = established.into_connection(&rest, Instant::now());
        let introduction = self.log.introduction(&agreed.peer.identity, &agreed.peer.name);
        self.append_own(Content::Admitted(introduction));
        let mut line = Line::new(connection);
        let mut out = Vec::new();
        for piece in self.log.roster() {
            out.extend(line.send(&Body::Roster(piece)));
        }
        self.step = HostStep::Live(Box::new(line), agreed.peer.identity.fingerprint());
        let note = format!("{} joined the room.", agreed.peer.name);
        self.stage.show(self.person, Shown::Note(note));
        out
    }

    /// Writes an event of the host's own into the log.
    fn append_own(&mut self, content: Content) -> Option<Entry> {
        let author = self.identity().fingerprint();
        let (event, statement) = self.chain.write(&self.log, author, now_ms(), content);
        let signature = sign(self.identity(), &statement)?;
        let appended = self.log.append(&author, event.clone(), signature.clone()).ok()?;
        Some(Entry {
            n: appended.n,
            event,
            signature,
        })
    }

    fn bytes(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if matches!(self.step, HostStep::Live(..)) {
            return self.records(bytes);
        }
        self.frames.push(bytes);
        let mut out = Vec::new();
        loop {
            let frame = match self.frames.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => return Some(out),
                Err(error) => return self.stop(Check::Form, error),
            };
            match self.handshake(frame) {
                Ok(answer) => out.extend(answer),
                Err(error) => {
                    // The guest hears why in clear, as from a real host.
                    return self.stop(of_handshake(&error), error);
                }
            }
            if matches!(self.step, HostStep::Live(..)) {
                out.extend(self.records(&[])?);
                return Some(out);
            }
        }
    }

    fn records(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let HostStep::Live(line, guest) = &mut self.step else {
            return Some(Vec::new());
        };
        let guest = *guest;
        let (texts, closed, fault) = line.take(bytes);
        let mut out = Vec::new();
        for text in texts {
            let (event, signature) = match body::decode::<Body>(&text) {
                Ok(Body::Submit(Submit { event, signature })) => (event, signature),
                // A real guest also says how far its copy of the log goes.
                Ok(Body::Here(_)) => continue,
                _ => return self.stop(Check::BodyDirection, "the guest sent a body that only hosts send"),
            };
            match self.log.append(&guest, event.clone(), signature.clone()) {
                Ok(appended) => {
                    if let Content::Message { text } = appended.event.event.content {
                        let from = appended.author_name;
                        self.stage.show(self.person, Shown::Heard { from, text });
                    }
                    let entry = Entry {
                        n: appended.n,
                        event,
                        signature,
                    };
                    out.extend(self.tell(entry));
                }
                Err(fault) => {
                    let reason = format!("a message was not let into the room: {fault}");
                    self.stage.stopped(self.person, of_event(fault), reason);
                }
            }
        }
        if let Some((check, reason)) = fault {
            return self.stop(check, reason);
        }
        if closed {
            self.stage.show(self.person, Shown::Note(GOODBYE.to_owned()));
            self.step = HostStep::Over;
            return None;
        }
        Some(out)
    }

    /// An entry, and the signed head behind it.
    fn tell(&mut self, entry: Entry) -> Vec<u8> {
        let head = signed_head(
            &self.log.newest_head_statement(),
            self.log.n(),
            self.log.head(),
            self.identity(),
        );
        let HostStep::Live(line, _) = &mut self.step else {
            return Vec::new();
        };
        let mut out = line.send(&Body::Entry(entry));
        if let Some(head) = head {
            out.extend(line.send(&Body::Head(head)));
        }
        out
    }
}

/// A head with the host's signature.
pub(super) fn signed_head(
    statement: &Statement,
    n: u64,
    head: Digest,
    identity: &Identity,
) -> Option<SignedHead> {
    Some(SignedHead {
        n,
        head,
        signature: sign(identity, statement)?,
    })
}

/// What a host says of itself and its room.
pub(super) fn host_hello(person: Person, identity: &crate::crypto::PublicIdentity) -> HostHello {
    HostHello {
        identity: identity.clone(),
        room: room(person.name()),
        welcome: Welcome {
            host_name: person.name().to_owned(),
        },
    }
}

impl<const MASK: u32> Play for Host<MASK> {
    fn take(&mut self, input: In) -> Option<Vec<u8>> {
        match input {
            In::Bytes(bytes) => self.bytes(&bytes),
            In::Say(text) => {
                let entry = self.append_own(Content::Message { text: text.clone() })?;
                self.stage.show(self.person, Shown::Said(text));
                Some(self.tell(entry))
            }
            In::Bye => match &mut self.step {
                HostStep::Live(line, _) => Some(line.close()),
                _ => None,
            },
            In::End => match &self.step {
                HostStep::Live(line, _) => match line.connection.handle_end() {
                    Ok(()) => {
                        self.stage.show(self.person, Shown::Note(GOODBYE.to_owned()));
                        None
                    }
                    Err(error) => self.stop(Check::CloseRecord, error),
                },
                HostStep::Over => None,
                _ => {
                    let note = "Somebody called and hung up before the handshake was done.";
                    self.stage.show(self.person, Shown::Note(note.to_owned()));
                    None
                }
            },
        }
    }
}

/// Whether a frame is a data record.
pub(super) fn is_record(frame: &[u8]) -> bool {
    frame.first() == Some(&(FrameKind::Data as u8))
}
