//! People for tests: each with a profile folder, a background and the events that it told.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod keys;
pub mod line;

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cipher_room::crypto::Fingerprint;
use cipher_room::net::{
    Admission, Command, Event, HostRoom, JoinFailure, JoinRoom, Joined, ListenOn, Node, RoomKey, RoomOpened,
};
use crossbeam_channel::Receiver;
use tempfile::TempDir;

/// The one room of a person in a test.
pub const ROOM: RoomKey = RoomKey(1);

/// Longer than anything takes, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Ready-made keys.
pub const ADA: &str = include_str!("../keys/ada.pem");
pub const BOB: &str = include_str!("../keys/bob.pem");
pub const CEM: &str = include_str!("../keys/cem.pem");

/// Somebody at a machine.
pub struct Person {
    pub name: String,
    pub fingerprint: Fingerprint,
    /// Dropped before the node, so that nobody waits for a listener.
    pub events: Receiver<Event>,
    pub node: Node,
    pub folder: TempDir,
}

impl Person {
    /// With a ready-made key, or one made now.
    pub fn new(name: &str, pem: Option<&str>) -> Person {
        let folder = tempfile::tempdir().unwrap();
        if let Some(pem) = pem {
            std::fs::write(folder.path().join("identity.pem"), pem).unwrap();
        }
        let (node, events) = start(folder.path());
        if pem.is_none() {
            node.send(Command::CreateIdentity {
                name: name.to_owned(),
                passphrase: None,
            })
            .unwrap();
        }
        let mut person = Person {
            name: name.to_owned(),
            fingerprint: Fingerprint::of_der(b""),
            events,
            node,
            folder,
        };
        person.fingerprint = person.expect(|event| match event {
            Event::IdentityReady { fingerprint, .. } => Some(fingerprint),
            _ => None,
        });
        person
    }

    pub fn ada() -> Person {
        Person::new("Ada", Some(ADA))
    }

    pub fn bob() -> Person {
        Person::new("Bob", Some(BOB))
    }

    pub fn cem() -> Person {
        Person::new("Cem", Some(CEM))
    }

    pub fn send(&self, command: Command) {
        self.node.send(command).unwrap();
    }

    /// Opens a room on loopback.
    pub fn host(&self, open_to_address: bool) -> RoomOpened {
        self.host_with(Admission {
            open_to_address,
            invite_lifetime_secs: None,
        })
    }

    pub fn host_with(&self, admission: Admission) -> RoomOpened {
        let listen = ListenOn {
            address: Some([127, 0, 0, 1].into()),
            port: 0,
            or_any_port: true,
        };
        self.send(Command::HostRoom(HostRoom {
            key: ROOM,
            room_name: "Den".to_owned(),
            host_name: self.name.clone(),
            listen,
            admission,
        }));
        self.expect(|event| match event {
            Event::RoomOpened(opened) => Some(opened),
            _ => None,
        })
    }

    /// Opens the kept room of this name again, on the port that it had.
    pub fn host_again(&self, port: u16) -> RoomOpened {
        let listen = ListenOn {
            address: Some([127, 0, 0, 1].into()),
            port,
            or_any_port: false,
        };
        self.send(Command::HostAgain {
            wish: HostRoom {
                key: ROOM,
                room_name: "Den".to_owned(),
                host_name: self.name.clone(),
                listen,
                admission: Admission {
                    open_to_address: false,
                    invite_lifetime_secs: None,
                },
            },
            id: None,
        });
        self.expect(|event| match event {
            Event::RoomOpened(opened) => Some(opened),
            Event::HostFailed { failure, .. } => panic!("{failure}"),
            _ => None,
        })
    }

    /// Ends the program and starts it anew on the same folder.
    pub fn restart(self) -> Person {
        let Person {
            name,
            fingerprint,
            events,
            node,
            folder,
        } = self;
        drop(events);
        drop(node);
        let (node, events) = start(folder.path());
        let person = Person {
            name,
            fingerprint,
            events,
            node,
            folder,
        };
        person.expect(|event| matches!(event, Event::IdentityReady { .. }).then_some(()));
        person
    }

    pub fn govern(&self, act: cipher_room::net::HostAct) {
        self.send(Command::Govern { room: ROOM, act });
    }

    pub fn begin_join(&self, target: &str) {
        let target = target.parse().unwrap();
        self.send(Command::JoinRoom(JoinRoom {
            key: ROOM,
            target,
            name: self.name.clone(),
            is_trial: false,
        }));
    }

    pub fn join(&self, target: &str) -> Joined {
        self.begin_join(target);
        self.expect(|event| match event {
            Event::Joined(joined) => Some(joined),
            Event::JoinFailed { failure, .. } => panic!("{failure:?}"),
            _ => None,
        })
    }

    pub fn fail_to_join(&self, target: &str) -> JoinFailure {
        self.begin_join(target);
        self.failure()
    }

    pub fn failure(&self) -> JoinFailure {
        self.expect(|event| match event {
            Event::JoinFailed { failure, .. } => Some(failure),
            Event::Joined(_) => panic!("joined"),
            _ => None,
        })
    }

    pub fn say(&self, text: &str) {
        self.send(Command::Say {
            room: ROOM,
            text: text.to_owned(),
        });
    }

    pub fn leave(&self) {
        self.send(Command::Leave { room: ROOM });
    }

    /// Waits for an event that is wanted; others before it are let go.
    pub fn expect<T>(&self, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            let event = self
                .events
                .recv_deadline(until)
                .unwrap_or_else(|_| panic!("{} waited in vain", self.name));
            if let Some(found) = wanted(event) {
                return found;
            }
        }
    }

    /// Waits until so many messages are in the log, and returns their texts in order.
    pub fn hear(&self, count: usize) -> Vec<String> {
        (0..count)
            .map(|_| {
                self.expect(|event| match event {
                    Event::Logged { message, .. } => Some(message.text),
                    Event::Alarmed { alarm, .. } => panic!("{}: {alarm}", self.name),
                    Event::Closed { reason, .. } => panic!("{}: {reason}", self.name),
                    _ => None,
                })
            })
            .collect()
    }
}

/// Starts a background on a folder.
pub fn start(folder: &Path) -> (Node, Receiver<Event>) {
    Node::start(folder.to_owned(), Arc::new(|| {})).unwrap()
}

/// A guest made of the protocol alone, for what an honest program never does.
pub struct RawGuest {
    pub stream: std::net::TcpStream,
    pub connection: cipher_room::protocol::Connection,
    pub identity: cipher_room::crypto::Identity,
    pub log: cipher_room::protocol::RoomLog,
    /// How to come back without RSA.
    pub session: cipher_room::protocol::handshake::Session,
    rest: Vec<cipher_room::protocol::body::Body>,
}

/// A guest made of the protocol alone that has proven its key and waits for the host's answer.
pub struct RawKnocker {
    pub stream: std::net::TcpStream,
    pub identity: cipher_room::crypto::Identity,
    state: cipher_room::protocol::handshake::AwaitWelcome,
}

impl RawKnocker {
    /// Shakes hands up to M3.
    pub fn try_knock(invite: &cipher_room::protocol::Invite, pem: &str) -> std::io::Result<RawKnocker> {
        use cipher_room::crypto::{Identity, WrapKey, sign_batch};
        use cipher_room::protocol::handshake::{AwaitHost, GuestHello};
        use std::io::Write;
        let identity = Identity::from_pem(pem).unwrap();
        let wrap = WrapKey::from_pem(include_str!("../keys/ada-wrap.pem")).unwrap();
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", invite.endpoints[0].port))?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let hello = GuestHello {
            invite: invite.secret.clone(),
            pinned: Some(invite.host),
            identity: identity.public().clone(),
            wrap: wrap.public().clone(),
            name: "Raw".to_owned(),
        };
        let (state, m1) = AwaitHost::start(hello, &mut rand::rng());
        stream.write_all(&m1)?;
        let state = state
            .receive(read_frame(&mut stream)?)
            .map_err(std::io::Error::other)?;
        let signature = sign_batch(&identity, &[state.statement()], &mut rand::rng())
            .unwrap()
            .remove(0);
        let (state, m3) = state.signed(&signature);
        stream.write_all(&m3)?;
        Ok(RawKnocker {
            stream,
            identity,
            state,
        })
    }

    /// Waits until the host says that it is asked.
    pub fn is_asked_about(&mut self) {
        let frame = read_frame(&mut self.stream).unwrap();
        assert!(self.state.is_asking(&frame).unwrap());
    }

    /// Waits for the refusal.
    pub fn refusal(mut self) -> cipher_room::protocol::handshake::Refusal {
        use cipher_room::crypto::WrapKey;
        use cipher_room::protocol::handshake::HandshakeError;
        let wrap = WrapKey::from_pem(include_str!("../keys/ada-wrap.pem")).unwrap();
        let frame = read_frame(&mut self.stream).unwrap();
        match self.state.receive(frame, &wrap, &mut rand::rng()) {
            Err(HandshakeError::Refused(refusal)) => refusal,
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("it was let in"),
        }
    }
}

impl RawGuest {
    /// Shakes hands up to M5 and no further.
    pub fn join(invite: &cipher_room::protocol::Invite, pem: &str) -> RawGuest {
        RawGuest::try_join(invite, pem).unwrap()
    }

    /// The same for somebody whom the host may hang up on.
    pub fn try_join(invite: &cipher_room::protocol::Invite, pem: &str) -> std::io::Result<RawGuest> {
        use cipher_room::crypto::WrapKey;
        use cipher_room::protocol::RoomLog;
        use std::io::Write;
        let wrap = WrapKey::from_pem(include_str!("../keys/ada-wrap.pem")).unwrap();
        let RawKnocker {
            mut stream,
            identity,
            state,
        } = RawKnocker::try_knock(invite, pem)?;
        let (established, m5) = state
            .receive(read_frame(&mut stream)?, &wrap, &mut rand::rng())
            .map_err(std::io::Error::other)?;
        stream.write_all(&m5)?;
        let (agreed, connection) = established.into_connection(&[], Instant::now());
        let session = agreed.session(Instant::now());
        let log = RoomLog::join(agreed.room.id, agreed.peer.identity);
        Ok(RawGuest {
            stream,
            connection,
            identity,
            log,
            session,
            rest: Vec::new(),
        })
    }

    /// Waits for the roster.
    pub fn enter(&mut self) {
        use cipher_room::protocol::body::Body;
        match self.next_body() {
            Some(Body::Roster(roster)) => self.log.take_roster(roster).unwrap(),
            other => panic!("expected the roster, got {other:?}"),
        }
    }

    /// The next body; `None` when the host ended the connection.
    pub fn next_body(&mut self) -> Option<cipher_room::protocol::body::Body> {
        use cipher_room::protocol::{Output, body};
        use std::io::Read;
        let mut buffer = [0; 16 * 1024];
        loop {
            if !self.rest.is_empty() {
                return Some(self.rest.remove(0));
            }
            let count = self.stream.read(&mut buffer).unwrap_or(0);
            if count == 0 {
                return None;
            }
            self.connection
                .handle_input(&buffer[..count], Instant::now(), &mut rand::rng())
                .unwrap();
            while let Some(output) = self.connection.poll_output() {
                match output {
                    Output::Received(text) => self.rest.push(body::decode(&text).unwrap()),
                    // What came before the goodbye is told first; the next read then finds the end.
                    Output::PeerClosed => {}
                    Output::Transmit(_) => {}
                }
            }
        }
    }

    /// Hands in any bytes as an event.
    pub fn submit(&mut self, event: Vec<u8>, signature: cipher_room::crypto::Signature) {
        use cipher_room::protocol::body::{self, Body, Submit};
        self.send(&body::encode(&Body::Submit(Submit { event, signature })));
    }

    /// Sends any text as a record.
    pub fn send(&mut self, text: &[u8]) {
        use cipher_room::protocol::Output;
        use std::io::Write;
        self.connection.send(text).unwrap();
        while let Some(Output::Transmit(bytes)) = self.connection.poll_output() {
            self.stream.write_all(&bytes).unwrap();
        }
    }
}

pub fn read_frame(stream: &mut std::net::TcpStream) -> std::io::Result<cipher_room::protocol::wire::Frame> {
    use std::io::Read;
    let mut frames = cipher_room::protocol::wire::FrameBuffer::default();
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        frames.push(&byte);
        if let Some(frame) = frames.next_frame().map_err(std::io::Error::other)? {
            return Ok(frame);
        }
    }
}

/// What a host does while the test is somebody else.
#[expect(
    clippy::disallowed_methods,
    reason = "its end is joined, and its panic with it"
)]
pub fn host_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::Builder::new()
        .name("host".to_owned())
        .spawn(work)
        .unwrap()
}

/// A host made of the protocol alone, for what an honest program never does. Bob hosts; Cem is a member
/// whose events it holds.
pub struct RawHost {
    /// The id that it gives its room in the handshake.
    pub room: [u8; 32],
    listener: std::net::TcpListener,
    pub host: cipher_room::crypto::Identity,
    pub cem: cipher_room::crypto::Identity,
    secret: cipher_room::crypto::Secret,
    pub log: cipher_room::protocol::RoomLog,
    host_chain: cipher_room::protocol::OwnChain,
    pub cem_chain: cipher_room::protocol::OwnChain,
    /// Everything in the log, in order.
    pub entries: Vec<cipher_room::protocol::body::Entry>,
}

/// A connection of a [`RawHost`].
pub struct RawLine {
    stream: std::net::TcpStream,
    connection: cipher_room::protocol::Connection,
    /// Where the guest said that its log stands.
    pub standing: cipher_room::protocol::body::Standing,
    pub guest: cipher_room::crypto::PublicIdentity,
    pub name: String,
}

const RAW_ROOM: [u8; 32] = [0x77; 32];

impl RawHost {
    pub fn open() -> RawHost {
        use cipher_room::crypto::{Identity, Secret};
        use cipher_room::protocol::{Content, RoomLog};
        let host = Identity::from_pem(BOB).unwrap();
        let cem = Identity::from_pem(CEM).unwrap();
        let mut raw = RawHost {
            room: RAW_ROOM,
            listener: std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
            log: RoomLog::create(RAW_ROOM, host.public().clone(), "Bob"),
            host,
            cem,
            secret: Secret::new([5; 32]),
            host_chain: Default::default(),
            cem_chain: Default::default(),
            entries: Vec::new(),
        };
        let introduction = raw.log.introduction(raw.cem.public(), "Cem");
        raw.by_host(Content::Admitted(introduction));
        raw
    }

    pub fn invite(&self) -> String {
        let address = self.listener.local_addr().unwrap();
        cipher_room::protocol::Invite {
            endpoints: vec![address.to_string().parse().unwrap()],
            room: "Den".to_owned(),
            host: self.host.fingerprint(),
            secret: self.secret.clone(),
            expires_unix: None,
        }
        .to_string()
    }

    /// An event of the host, in the log.
    pub fn by_host(&mut self, content: cipher_room::protocol::Content) {
        let own = self.host.fingerprint();
        let (bytes, statement) = self.host_chain.write(&self.log, own, 5, content);
        let signature = sign(&self.host, &statement);
        self.append(own, bytes, signature);
    }

    /// A message of Cem, in the log.
    pub fn by_cem(&mut self, text: &str) {
        let own = self.cem.fingerprint();
        let content = cipher_room::protocol::Content::Message {
            text: text.to_owned(),
        };
        let (bytes, statement) = self.cem_chain.write(&self.log, own, 5, content);
        let signature = sign(&self.cem, &statement);
        self.append(own, bytes, signature);
    }

    fn append(&mut self, author: Fingerprint, bytes: Vec<u8>, signature: cipher_room::crypto::Signature) {
        let appended = self.log.append(&author, bytes, signature).unwrap();
        self.entries.push(cipher_room::protocol::body::Entry {
            n: appended.n,
            event: appended.event.bytes,
            signature: appended.event.signature,
        });
    }

    /// With what the next guest begins a full handshake; a wish to resume is refused.
    fn next_hello(&self) -> (std::net::TcpStream, cipher_room::protocol::wire::Frame) {
        use cipher_room::protocol::handshake::Refusal;
        use cipher_room::protocol::wire::FrameKind;
        use std::io::Write;
        loop {
            let (mut stream, _) = self.listener.accept().unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            // Somebody who hung up is no guest.
            let Ok(first) = read_frame(&mut stream) else {
                continue;
            };
            if first.kind == FrameKind::ResumeHello {
                let _ = stream.write_all(&Refusal::NotResumable.clear_frame());
                continue;
            }
            return (stream, first);
        }
    }

    /// Says no to the next guest before anything is proven: anybody in its place can.
    pub fn refuse(&self, refusal: cipher_room::protocol::handshake::Refusal) {
        use std::io::Write;
        let (mut stream, _) = self.next_hello();
        stream.write_all(&refusal.clear_frame()).unwrap();
    }

    /// Proves itself to the next guest.
    pub fn answer(&self) -> (std::net::TcpStream, cipher_room::protocol::handshake::AwaitProof) {
        use cipher_room::protocol::body::{RoomDescriptor, Welcome};
        use cipher_room::protocol::handshake::{HostHello, InviteSecret, InvitedHello};
        use std::io::Write;
        let (mut stream, first) = self.next_hello();
        let invites = [InviteSecret {
            secret: self.secret.clone(),
            expires_unix: None,
        }];
        let hello = HostHello {
            identity: self.host.public().clone(),
            room: RoomDescriptor {
                id: self.room,
                name: "Den".to_owned(),
            },
            welcome: Welcome {
                host_name: "Bob".to_owned(),
            },
        };
        let state = InvitedHello::check(&first, &invites, 0).unwrap();
        let state = state.answer(&hello, &mut rand::rng()).unwrap();
        let signature = sign(&self.host, &state.statement());
        let (state, m2) = state.signed(&signature);
        stream.write_all(&m2).unwrap();
        (stream, state)
    }

    /// The next guest's full handshake.
    pub fn accept(&self) -> RawLine {
        use std::io::Write;
        let (mut stream, state) = self.answer();
        let state = state.receive(read_frame(&mut stream).unwrap()).unwrap();
        let (state, m4) = state.admit(&mut rand::rng()).unwrap();
        stream.write_all(&m4).unwrap();
        let established = state.receive(read_frame(&mut stream).unwrap()).unwrap();
        let (agreed, connection) = established.into_connection(&[], Instant::now());
        RawLine {
            stream,
            connection,
            standing: agreed.standing,
            guest: agreed.peer.identity,
            name: agreed.peer.name,
        }
    }

    /// Admits a guest and tells it the roster, behind `before`.
    pub fn admit(&mut self, line: &mut RawLine, before: &[cipher_room::protocol::body::Entry]) {
        use cipher_room::protocol::body::Body;
        for entry in before {
            line.send(&Body::Entry(entry.clone()));
        }
        let introduction = self.log.introduction(&line.guest, &line.name);
        self.by_host(cipher_room::protocol::Content::Admitted(introduction));
        if line.standing.n > 0 {
            line.send(&Body::Entry(self.entries.last().unwrap().clone()));
        }
        for piece in self.log.roster() {
            line.send(&Body::Roster(piece));
        }
    }
}

impl RawLine {
    pub fn send(&mut self, body: &cipher_room::protocol::body::Body) {
        use cipher_room::protocol::{Output, body};
        use std::io::Write;
        self.connection.send(&body::encode(body)).unwrap();
        while let Some(Output::Transmit(frame)) = self.connection.poll_output() {
            self.stream.write_all(&frame).unwrap();
        }
    }

    /// Ends the connection without a goodbye.
    pub fn cut(self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

pub fn sign(
    identity: &cipher_room::crypto::Identity,
    statement: &cipher_room::crypto::Statement,
) -> cipher_room::crypto::Signature {
    cipher_room::crypto::sign_batch(identity, std::slice::from_ref(statement), &mut rand::rng())
        .unwrap()
        .remove(0)
}
