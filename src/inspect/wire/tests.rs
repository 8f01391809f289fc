//! A recorded conversation without sockets, taken apart again.

use std::time::{Duration, Instant};

use super::*;
use crate::crypto::test_keys::{ADA, ADA_WRAP, BOB};
use crate::crypto::{Identity, Signature, Statement, WrapKey, sign_batch};
use crate::inspect::{Inspection, Tee, TimeMachine, Tool};
use crate::protocol::body::{self, Body, RoomDescriptor, Submit, Welcome};
use crate::protocol::handshake::{AwaitHost, GuestHello, HostHello, InviteSecret, InvitedHello};
use crate::protocol::limits::REKEY_INTERVAL;
use crate::protocol::{Connection, Content, Output, OwnChain, RoomLog};

fn sign(identity: &Identity, statement: &Statement) -> Signature {
    sign_batch(identity, std::slice::from_ref(statement), &mut rand::rng())
        .unwrap()
        .remove(0)
}

fn read(bytes: &[u8]) -> Frame {
    frame_of(bytes).unwrap()
}

/// What Ada, the guest, recorded, and what Bob, the host, did.
pub(in crate::inspect) struct Scene {
    pub(in crate::inspect) ada: Wire,
    pub(in crate::inspect) bob: Wire,
    guest: Connection,
    host: Connection,
    identity: Identity,
    log: RoomLog,
    chain: OwnChain,
    now: Instant,
    at_ms: u64,
}

impl Scene {
    pub(in crate::inspect) fn new() -> Scene {
        let (mut ada, mut bob) = (Wire::default(), Wire::default());
        let (guest, host) = shake_hands(&mut ada, &mut bob, 4000);
        let (identity, by) = (Identity::from_pem(ADA).unwrap(), Identity::from_pem(BOB).unwrap());
        let mut log = RoomLog::create([8; 32], by.public().clone(), "Bob");
        let introduction = log.introduction(identity.public(), "Ada");
        let mut host_chain = OwnChain::default();
        let (event, statement) = host_chain.write(&log, by.fingerprint(), 5, Content::Admitted(introduction));
        log.append(&by.fingerprint(), event, sign(&by, &statement))
            .unwrap();
        Scene {
            ada,
            bob,
            guest,
            host,
            identity,
            log,
            chain: OwnChain::default(),
            now: Instant::now(),
            at_ms: 1,
        }
    }

    /// The line was lost, and both shake hands anew.
    pub(in crate::inspect) fn reconnect(&mut self) {
        (self.guest, self.host) = shake_hands(&mut self.ada, &mut self.bob, 4001);
    }

    /// Ada says something; gives the event's id.
    pub(in crate::inspect) fn say(&mut self, text: &str) -> [u8; 32] {
        let content = Content::Message {
            text: text.to_owned(),
        };
        let (event, statement) = self
            .chain
            .write(&self.log, self.identity.fingerprint(), 9, content);
        let signature = sign(&self.identity, &statement);
        let id = crate::protocol::event::event_hash(&event);
        self.guest
            .send(&body::encode(&Body::Submit(Submit { event, signature })))
            .unwrap();
        self.settle();
        id
    }

    /// Ten minutes go by: a fresh exchange.
    pub(in crate::inspect) fn rekey(&mut self) {
        self.now += REKEY_INTERVAL + Duration::from_secs(1);
        let mut source = rand::rng();
        let mut tee = Tee::new(&mut source);
        self.guest.handle_timeout(self.now, &mut tee);
        self.ada.take(Piece::Drew(tee.into_drawn()));
        self.settle();
    }

    fn settle(&mut self) {
        let mut source = rand::rng();
        loop {
            let mut moved = false;
            for by_guest in [true, false] {
                loop {
                    let from = if by_guest { &mut self.guest } else { &mut self.host };
                    let Some(output) = from.poll_output() else { break };
                    let Output::Transmit(bytes) = output else { continue };
                    moved = true;
                    self.at_ms += 1;
                    let to = if by_guest { &mut self.host } else { &mut self.guest };
                    let mut tee = Tee::new(&mut source);
                    to.handle_input(&bytes, self.now, &mut tee).unwrap();
                    let drawn = tee.into_drawn();
                    if by_guest {
                        self.bob.take(Piece::Drew(drawn));
                    } else {
                        self.ada.take(Piece::Drew(drawn));
                    }
                    for (wire, sent) in [(&mut self.ada, by_guest), (&mut self.bob, !by_guest)] {
                        wire.take(Piece::Frame {
                            at_ms: self.at_ms,
                            sent,
                            bytes: bytes.clone(),
                        });
                    }
                }
            }
            if !moved {
                return;
            }
        }
    }
}

/// A handshake of both, recorded at both ends.
fn shake_hands(at_ada: &mut Wire, at_bob: &mut Wire, port: u16) -> (Connection, Connection) {
    let (ada, bob) = (Identity::from_pem(ADA).unwrap(), Identity::from_pem(BOB).unwrap());
    let wrap = WrapKey::from_pem(ADA_WRAP).unwrap();
    let psk = Secret::new([7; 32]);
    let addresses: (SocketAddr, SocketAddr) = (([127, 0, 0, 1], port).into(), ([127, 0, 0, 1], 4747).into());
    let began = |role, (local, peer)| Piece::Began {
        role,
        psk: psk.clone(),
        local,
        peer,
    };
    at_ada.take(began(Role::Guest, addresses));
    at_bob.take(began(Role::Host, (addresses.1, addresses.0)));
    let room = RoomDescriptor {
        id: [8; 32],
        name: "Den".to_owned(),
    };
    let hello = HostHello {
        identity: bob.public().clone(),
        room: room.clone(),
        welcome: Welcome {
            host_name: "Bob".to_owned(),
        },
    };
    let guest_hello = GuestHello {
        invite: psk.clone(),
        pinned: Some(bob.fingerprint()),
        identity: ada.public().clone(),
        wrap: wrap.public().clone(),
        name: "Ada".to_owned(),
    };
    let mut source = rand::rng();
    let both = |by_guest: bool, bytes: &[u8], at_ada: &mut Wire, at_bob: &mut Wire| {
        for (wire, sent) in [(at_ada, by_guest), (at_bob, !by_guest)] {
            wire.take(Piece::Frame {
                at_ms: 1,
                sent,
                bytes: bytes.to_vec(),
            });
        }
    };

    let mut tee = Tee::new(&mut source);
    let (guest, m1) = AwaitHost::start(guest_hello, &mut tee);
    at_ada.take(Piece::Drew(tee.into_drawn()));
    both(true, &m1, at_ada, at_bob);
    let invites = [InviteSecret {
        secret: psk.clone(),
        expires_unix: None,
    }];
    let mut tee = Tee::new(&mut source);
    let state = InvitedHello::check(&read(&m1), &invites, 0)
        .unwrap()
        .answer(&hello, &mut tee)
        .unwrap();
    at_bob.take(Piece::Drew(tee.into_drawn()));
    let signature = sign(&bob, &state.statement());
    let (state, m2) = state.signed(&signature);
    both(false, &m2, at_ada, at_bob);
    let guest = guest.receive(read(&m2)).unwrap();
    let signature = sign(&ada, &guest.statement());
    let (guest, m3) = guest.signed(&signature);
    both(true, &m3, at_ada, at_bob);
    let admit = state.receive(read(&m3)).unwrap();
    let mut tee = Tee::new(&mut source);
    let (state, m4) = admit.admit(&mut tee).unwrap();
    let drawn = tee.into_drawn();
    at_bob.take(Piece::Wrapped {
        session: Secret::new(drawn.word(0).unwrap()),
        seed: Secret::new(drawn.word(32).unwrap()),
    });
    both(false, &m4, at_ada, at_bob);
    let mut session = None;
    let (guest, m5) = guest
        .receive_noting(read(&m4), &wrap, &mut source, &mut |secret| {
            session = Some(secret.clone())
        })
        .unwrap();
    at_ada.take(Piece::Session(session.unwrap()));
    both(true, &m5, at_ada, at_bob);
    let host = state.receive(read(&m5)).unwrap();
    let now = Instant::now();
    (
        guest.into_connection(&[], now).1,
        host.into_connection(&[], now).1,
    )
}

#[test]
fn both_ends_open_what_they_recorded_over_a_fresh_exchange_too() {
    let mut scene = Scene::new();
    scene.say("before");
    scene.rekey();
    scene.say("behind");
    for wire in [&scene.ada, &scene.bob] {
        assert!(wire.is_open());
        let submits: Vec<&WireFrame> = wire.frames().filter(|frame| frame.name() == "Submit").collect();
        assert_eq!(
            submits.len(),
            2,
            "{:?}",
            wire.frames().map(WireFrame::name).collect::<Vec<_>>()
        );
        let texts: Vec<u64> = submits
            .iter()
            .map(|frame| frame.record.as_ref().unwrap().epoch)
            .collect();
        assert_eq!(texts, [0, 1]);
    }
}

#[test]
fn every_byte_of_every_frame_belongs_to_exactly_one_named_field() {
    let mut scene = Scene::new();
    scene.say("hello");
    for frame in scene.ada.frames() {
        let inspection = scene.ada.inspect(frame.n).unwrap();
        let mut at = 0;
        for field in &inspection.fields {
            assert_eq!(field.bytes.start, at, "{}: {:?}", frame.name(), field);
            assert!(field.bytes.end > at);
            at = field.bytes.end;
        }
        assert_eq!(at, frame.bytes.len(), "{}", frame.name());
        for inside in &inspection.inside {
            let end = inside.fields.last().unwrap().bytes.end;
            assert_eq!(end, inside.text.len(), "{} {}", frame.name(), inside.name);
        }
    }
}

#[test]
fn a_hello_says_what_crosses_in_clear() {
    let scene = Scene::new();
    let facts = scene.ada.inspect(1).unwrap().facts;
    let first = (
        "version: CR/1, the only one there is".to_owned(),
        "CR/1".to_owned(),
    );
    assert_eq!(facts.first(), Some(&first));
    let names: Vec<&str> = facts
        .iter()
        .filter_map(|(name, _)| name.split(':').next())
        .collect();
    assert_eq!(names, ["version", "suite", "xG", "com", "mac"]);
    let mac = &facts.last().unwrap().1;
    assert!(
        mac.len() == 64 && mac.bytes().all(|digit| digit.is_ascii_hexdigit()),
        "{mac}"
    );
}

#[test]
fn a_message_leads_to_its_frame_and_its_signature() {
    let mut scene = Scene::new();
    scene.say("first");
    let id = scene.say("find me");
    let n = scene.ada.frame_of_event(&id).unwrap();
    let inspection = scene.ada.inspect(n).unwrap();
    let fact = |name: &str| {
        let found = inspection.facts.iter().find(|(fact, _)| fact == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(fact("Message"), Some("find me"));
    assert_eq!(fact("Signature is"), Some("right"));
    assert_eq!(scene.ada.frame_of_event(&[0; 32]), None);
}

/// Whether a tool answers here.
fn has(tool: Tool) -> bool {
    let (program, argument) = match tool {
        Tool::OpenSsl => ("openssl", "version"),
        Tool::Python => ("python3", "import cryptography"),
        Tool::PythonWithMlKem => (
            "python3",
            "import cryptography.hazmat.primitives.asymmetric.mlkem",
        ),
    };
    let mut command = std::process::Command::new(program);
    if program == "python3" {
        command.arg("-c");
    }
    command
        .arg(argument)
        .output()
        .is_ok_and(|output| output.status.success())
}

#[test]
fn every_line_that_recomputes_a_value_gives_that_value_when_run() {
    let mut scene = Scene::new();
    scene.say("hello, world");
    scene.rekey();
    let tools = [Tool::OpenSsl, Tool::Python, Tool::PythonWithMlKem];
    let available = tools.map(|tool| (tool, has(tool)));
    let mut run = 0;
    for wire in [&scene.ada, &scene.bob] {
        for frame in wire.frames() {
            let Inspection { lines, private, .. } = wire.inspect(frame.n).unwrap();
            for line in lines.into_iter().chain(private) {
                if !available.contains(&(line.tool, true)) {
                    continue;
                }
                let output = std::process::Command::new("sh")
                    .args(["-c", &line.command])
                    .output()
                    .unwrap();
                let printed = String::from_utf8_lossy(&output.stdout);
                assert!(
                    line.agrees(&printed),
                    "{} {}: printed {printed} {}, not {}",
                    frame.name(),
                    line.what,
                    String::from_utf8_lossy(&output.stderr),
                    line.expect
                );
                assert!(!line.agrees("00"));
                run += 1;
            }
        }
    }
    assert!(run > 0 || available.iter().all(|(_, has)| !has));
}

/// What a frame's lines compute, by the first word: those for everybody, those with private values, those without a line.
fn computed(wire: &Wire, name: &str) -> [Vec<String>; 3] {
    let frame = wire.frames().find(|frame| frame.name() == name).unwrap();
    let inspection = wire.inspect(frame.n).unwrap();
    let first = |text: &str| text.split([',', ' ']).next().unwrap_or_default().to_owned();
    let of = |lines: &[crate::inspect::Recompute]| lines.iter().map(|line| first(&line.what)).collect();
    let without = inspection.without.iter().map(|words| first(words)).collect();
    [of(&inspection.lines), of(&inspection.private), without]
}

#[test]
fn exchanged_secrets_have_a_line_or_it_is_said_why_not_and_private_values_stand_apart() {
    let mut scene = Scene::new();
    scene.say("something");
    scene.rekey();
    let (ada, bob) = (&scene.ada, &scene.bob);
    for name in ["M2", "Rekey answer"] {
        assert_eq!(computed(ada, name)[1], ["mlkem", "x25519"], "{name}");
        assert_eq!(computed(bob, name)[1], ["xH", "x25519"], "{name}");
        assert_eq!(computed(bob, name)[2], ["mlkem"], "{name}");
    }
    assert_eq!(computed(ada, "M1")[1], ["xG"]);
    assert_eq!(computed(ada, "M4")[2], ["w"]);
    assert_eq!(computed(bob, "M4")[1], ["w"]);
    assert!(computed(bob, "M4")[2].is_empty());
    for wire in [ada, bob] {
        let m3 = wire.frames().find(|frame| frame.name() == "M3").unwrap();
        let lines = wire.inspect(m3.n).unwrap().lines;
        assert!(lines.iter().any(|line| line.what.starts_with("the seven emoji")));
        // Nothing that is shown unasked holds a private value.
        for frame in wire.frames() {
            let inspection = wire.inspect(frame.n).unwrap();
            for secret in inspection.private.iter().map(|line| &line.command) {
                let own = secret
                    .split('\'')
                    .find(|part| part.len() == 64 || part.len() == 128)
                    .unwrap();
                assert!(inspection.lines.iter().all(|line| !line.command.contains(own)));
            }
        }
    }
}

#[test]
fn a_second_handshake_goes_on_with_the_recording_of_the_first() {
    let mut scene = Scene::new();
    let early = scene.say("before the line was lost");
    scene.reconnect();
    let late = scene.say("behind it");
    for wire in [&scene.ada, &scene.bob] {
        let beginnings: Vec<_> = wire
            .connections()
            .map(|connection| (connection.number, connection.beginning, connection.place))
            .collect();
        let place = wire
            .frames()
            .position(|frame| frame.n > 6 && frame.name() == "M1")
            .unwrap();
        assert_eq!(
            beginnings,
            [(1, Beginning::Handshake, 0), (2, Beginning::Handshake, place)]
        );
        for (id, text, number) in [(early, "before the line was lost", "1"), (late, "behind it", "2")] {
            let n = wire.frame_of_event(&id).unwrap();
            let facts = wire.inspect(n).unwrap().facts;
            let fact = |name: &str| &facts.iter().find(|(fact, _)| fact == name).unwrap().1;
            assert_eq!(fact("Message"), text);
            assert_eq!(fact("Signature is"), "right");
            assert!(fact("Connection").starts_with(number));
        }
        let ladders = wire.ladders();
        assert_eq!(ladders.len(), 2);
        let frames = ladders
            .iter()
            .flat_map(|ladder| &ladder.rungs)
            .filter_map(|rung| rung.frame);
        assert_eq!(frames.collect::<std::collections::BTreeSet<_>>().len(), 10);
        // In the file each connection has its own addresses and secrets.
        let file = String::from_utf8_lossy(&wire.to_pcapng(true)).into_owned();
        assert!(file.contains(" Connection 1: HS ") && file.contains(" Connection 2: HS "));
        assert!(file.contains("Connection 2: a full handshake"));
    }
}

#[test]
fn an_earlier_connection_goes_first_and_with_its_beginning_last() {
    let mut scene = Scene::new();
    let early = scene.say("early");
    scene.reconnect();
    let small = FrameKind::Data.frame(&[0; 40]);
    let mut fill = |count: usize| {
        for _ in 0..count {
            scene.ada.take(Piece::Frame {
                at_ms: 2,
                sent: true,
                bytes: small.clone(),
            });
        }
        let beginnings = scene
            .ada
            .frames()
            .filter(|frame| frame.name().starts_with('M'))
            .count();
        (
            scene.ada.connections().len(),
            beginnings,
            scene.ada.frame_of_event(&early).is_some(),
        )
    };
    let room = MAX_KEPT_FRAMES - 11;
    assert_eq!(fill(room), (2, 10, true));
    assert_eq!(fill(1), (2, 10, false));
    assert_eq!(fill(4), (2, 6, false));
    assert_eq!(fill(1), (1, 5, false));
    assert_eq!(fill(30_000), (1, 5, false));
    assert_eq!(scene.ada.connections().next().unwrap().number, 2);
    assert_eq!(scene.ada.frames().len(), MAX_KEPT_FRAMES);
}

#[test]
fn connections_without_end_stay_within_the_bounds() {
    let mut wire = Wire::default();
    let ends = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    for port in 1..=1000 {
        wire.take(Piece::Began {
            role: Role::Guest,
            psk: Secret::ZERO,
            local: ends(port),
            peer: ends(4747),
        });
        wire.take(Piece::Frame {
            at_ms: 0,
            sent: true,
            bytes: FrameKind::GuestHello.frame(&[]),
        });
    }
    assert_eq!(wire.connections().len(), 64);
    assert_eq!(wire.frames().len() as u64 + wire.forgotten(), 1000);
    for frame in wire.frames() {
        assert_eq!(wire.connection_of(frame.n), Some(frame.n));
    }
}

#[test]
fn a_hundred_thousand_frames_stay_within_the_bounds_and_the_rest_is_counted() {
    let mut scene = Scene::new();
    let mut small = FrameKind::Data.frame(&[0; 40]);
    for n in 0..100_000_u32 {
        small.splice(5..9, n.to_be_bytes());
        scene.ada.take(Piece::Frame {
            at_ms: 2,
            sent: true,
            bytes: small.clone(),
        });
    }
    assert_eq!(scene.ada.frames().len(), MAX_KEPT_FRAMES);
    assert_eq!(scene.ada.count(), 100_005);
    assert_eq!(scene.ada.forgotten(), 100_005 - MAX_KEPT_FRAMES as u64);
    assert!(scene.ada.kept_bytes() <= MAX_KEPT_BYTES);
    // The handshake stays, and frames are found by their numbers behind the gap.
    assert_eq!(
        scene.ada.ladders()[0]
            .rungs
            .iter()
            .filter(|rung| rung.frame.is_some())
            .count(),
        5
    );
    assert_eq!(scene.ada.frame_at(100_005).unwrap().n, 100_005);
    assert!(scene.ada.frame_at(6).is_none());
    let large = FrameKind::Data.frame(&vec![1; 65_552]);
    for _ in 0..400 {
        scene.ada.take(Piece::Frame {
            at_ms: 2,
            sent: false,
            bytes: large.clone(),
        });
    }
    assert!(scene.ada.kept_bytes() <= MAX_KEPT_BYTES);
}

#[test]
fn bytes_that_are_no_frames_are_shown_and_not_understood() {
    let mut wire = Wire::default();
    for bytes in [
        Vec::new(),
        vec![0xff; 3],
        vec![16, 0, 0, 0, 200],
        FrameKind::GuestHello.frame(&[0xff; 9]),
    ] {
        wire.take(Piece::Frame {
            at_ms: 0,
            sent: false,
            bytes,
        });
    }
    for n in 1..=4 {
        assert!(wire.inspect(n).is_some());
    }
    assert!(wire.inspect(5).is_none());
}

#[test]
fn a_theft_opens_its_own_time_and_not_what_a_fresh_exchange_divides_from_it() {
    let mut scene = Scene::new();
    scene.say("early");
    scene.rekey();
    scene.say("late");
    let wire = &scene.ada;
    let submits: Vec<&WireFrame> = wire.frames().filter(|frame| frame.name() == "Submit").collect();
    let [early, late] = submits.as_slice() else {
        panic!("two messages")
    };
    let theft = |at: u64| TimeMachine {
        stolen_at: Some(at),
        broken: Default::default(),
    };
    assert!(theft(early.n).fate(wire, early).opens);
    assert!(!theft(early.n).fate(wire, late).opens);
    assert!(!theft(late.n).fate(wire, early).opens);
    assert!(theft(late.n).fate(wire, late).opens);
    // In the middle of the handshake the secrets that it is made of are there to be stolen; behind it they are gone.
    let m2 = wire.frame_at(2).unwrap();
    for during in 1..=4 {
        assert!(theft(during).fate(wire, m2).opens, "{during}");
        assert!(theft(during).fate(wire, early).opens, "{during}");
        assert!(!theft(during).fate(wire, late).opens, "{during}");
    }
    assert!(!theft(5).fate(wire, m2).opens);
    assert!(theft(5).fate(wire, early).opens);
    let broken = |rsa, x25519, ml_kem| TimeMachine {
        stolen_at: None,
        broken: crate::inspect::Broken { rsa, x25519, ml_kem },
    };
    assert!(!broken(true, true, false).fate(wire, early).opens);
    assert!(!broken(false, true, true).fate(wire, early).opens);
    assert!(broken(true, true, true).fate(wire, early).opens);
}

#[test]
fn a_theft_during_a_fresh_exchange_opens_what_comes_of_it_and_not_what_was_forgotten() {
    let mut scene = Scene::new();
    scene.say("early");
    scene.rekey();
    scene.say("late");
    scene.rekey();
    scene.say("last");
    let opens = |wire: &Wire, at: &str, said: &str| {
        let n = wire.frames().find(|frame| frame.name() == at).unwrap().n;
        let theft = TimeMachine {
            stolen_at: Some(n),
            broken: Default::default(),
        };
        let is_it = |frame: &&WireFrame| text_of(frame).as_deref() == Some(said);
        theft.fate(wire, wire.frames().find(is_it).unwrap()).opens
    };
    for wire in [&scene.ada, &scene.bob] {
        // The guest's own key is replaced with the last frame; till then it opens what was said under it.
        for (at, early) in [("Rekey answer", true), ("Rekey done", false)] {
            assert_eq!(opens(wire, at, "early"), early, "{at}");
            assert!(opens(wire, at, "late"), "{at}");
            assert!(!opens(wire, at, "last"), "{at}");
        }
    }
    // From its offer on the guest has the private halves; the host draws its own for the answer.
    assert!(opens(&scene.ada, "Rekey offer", "late"));
    assert!(!opens(&scene.ada, "Rekey offer", "last"));
    assert!(!opens(&scene.bob, "Rekey offer", "late"));
    assert!(opens(&scene.bob, "Rekey offer", "early"));
}

/// What somebody says in a submission.
fn text_of(frame: &WireFrame) -> Option<String> {
    let event = event_in(frame.text()?)?;
    match body::decode::<crate::protocol::RoomEvent>(&event).ok()?.content {
        Content::Message { text } => Some(text),
        _ => None,
    }
}

#[test]
fn every_body_has_a_name_of_its_own() {
    // The second byte says which body of section 9 it is.
    let names: std::collections::BTreeSet<&str> = (1..=13).map(|kind| body_name(&[0x82, kind])).collect();
    assert_eq!(names.len(), 13);
    assert!(!names.contains("Record"));
}

#[test]
fn tshark_opens_a_recording_where_it_is_installed() {
    let mut scene = Scene::new();
    scene.say("hello");
    let folder = std::env::temp_dir().join(format!("cipher-room-{}.pcapng", std::process::id()));
    for with_secrets in [false, true] {
        let file = scene.ada.to_pcapng(with_secrets);
        let words = String::from_utf8_lossy(&file).into_owned();
        assert_eq!(words.contains("SECRETS"), with_secrets);
        assert_eq!(words.contains("AES-256-GCM key"), with_secrets);
        assert_eq!(words.contains("that this program could open"), with_secrets);
        std::fs::write(&folder, &file).unwrap();
        let tshark = std::process::Command::new("tshark")
            .args([
                "-r",
                folder.to_str().unwrap(),
                "-T",
                "fields",
                "-e",
                "tcp.len",
                "-e",
                "tcp.checksum.status",
            ])
            .args(["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"])
            .output();
        let Ok(output) = tshark else {
            break;
        };
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let printed = String::from_utf8(output.stdout).unwrap();
        let expected: Vec<String> = scene
            .ada
            .frames()
            .map(|frame| format!("{}\t1", frame.bytes.len()))
            .collect();
        assert_eq!(printed.lines().collect::<Vec<_>>(), expected);
    }
    let _ = std::fs::remove_file(folder);
}
