//! People for tests: each with a profile folder, a background and the events that it told.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;
use std::sync::Arc;
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
const PATIENCE: Duration = Duration::from_secs(60);

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

    pub fn begin_join(&self, target: &str) {
        let target = target.parse().unwrap();
        self.send(Command::JoinRoom(JoinRoom {
            key: ROOM,
            target,
            name: self.name.clone(),
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
    rest: Vec<cipher_room::protocol::body::Body>,
}

impl RawGuest {
    /// Shakes hands up to M5 and no further.
    pub fn join(invite: &cipher_room::protocol::Invite, pem: &str) -> RawGuest {
        use cipher_room::crypto::{Identity, WrapKey, sign_batch};
        use cipher_room::protocol::RoomLog;
        use cipher_room::protocol::handshake::{AwaitHost, GuestHello};
        use std::io::Write;
        let identity = Identity::from_pem(pem).unwrap();
        let wrap = WrapKey::from_pem(include_str!("../keys/ada-wrap.pem")).unwrap();
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", invite.endpoints[0].port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let hello = GuestHello {
            invite: invite.secret.clone(),
            pinned: Some(invite.host),
            identity: identity.public().clone(),
            wrap: wrap.public().clone(),
            name: "Raw".to_owned(),
        };
        let (state, m1) = AwaitHost::start(hello, &mut rand::rng());
        stream.write_all(&m1).unwrap();
        let state = state.receive(read_frame(&mut stream)).unwrap();
        let signature = sign_batch(&identity, &[state.statement()], &mut rand::rng())
            .unwrap()
            .remove(0);
        let (state, m3) = state.signed(&signature);
        stream.write_all(&m3).unwrap();
        let (established, m5) = state
            .receive(read_frame(&mut stream), &wrap, &mut rand::rng())
            .unwrap();
        stream.write_all(&m5).unwrap();
        let (agreed, connection) = established.into_connection(&[], Instant::now());
        let log = RoomLog::join(agreed.room.id, agreed.peer.identity);
        RawGuest {
            stream,
            connection,
            identity,
            log,
            rest: Vec::new(),
        }
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
        use cipher_room::protocol::Output;
        use cipher_room::protocol::body::{self, Body, Submit};
        use std::io::Write;
        self.connection
            .send(&body::encode(&Body::Submit(Submit { event, signature })))
            .unwrap();
        while let Some(Output::Transmit(bytes)) = self.connection.poll_output() {
            self.stream.write_all(&bytes).unwrap();
        }
    }
}

fn read_frame(stream: &mut std::net::TcpStream) -> cipher_room::protocol::wire::Frame {
    use std::io::Read;
    let mut frames = cipher_room::protocol::wire::FrameBuffer::default();
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        frames.push(&byte);
        if let Some(frame) = frames.next_frame().unwrap() {
            return frame;
        }
    }
}
