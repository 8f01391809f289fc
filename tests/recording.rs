//! A connection over real sockets is recorded when that was asked for, and never otherwise.

mod people;

use cipher_room::inspect::{Beginning, Inspection, Wire};
use cipher_room::mallory::Companion;
use cipher_room::net::HostAct;
use cipher_room::net::{Command, Event, Look};
use cipher_room::protocol::handshake::Role;
use people::line::{Line, through};
use people::{Person, ROOM};

const RECORD: Look = Look {
    record: true,
    slow_motion: false,
};

/// Runs every line of a recording that a tool of this machine can run; gives how many there were.
fn recompute(wire: &Wire, names: &[&str]) -> usize {
    let has = |program: &str, arguments: &[&str]| {
        let output = std::process::Command::new(program).args(arguments).output();
        output.is_ok_and(|output| output.status.success())
    };
    let openssl = has("openssl", &["version"]);
    let python = has("python3", &["-c", "import cryptography"]);
    let ml_kem = has(
        "python3",
        &["-c", "import cryptography.hazmat.primitives.asymmetric.mlkem"],
    );
    let mut run = 0;
    for frame in wire.frames().filter(|frame| names.contains(&frame.name())) {
        let Inspection { lines, private, .. } = wire.inspect(frame.n).unwrap();
        for line in lines.into_iter().chain(private) {
            let available = match line.tool {
                cipher_room::inspect::Tool::OpenSsl => openssl,
                cipher_room::inspect::Tool::Python => python,
                cipher_room::inspect::Tool::PythonWithMlKem => ml_kem,
            };
            if !available {
                continue;
            }
            let output = std::process::Command::new("sh")
                .args(["-c", &line.command])
                .output()
                .unwrap();
            let printed = String::from_utf8_lossy(&output.stdout);
            assert!(line.agrees(&printed), "{} {}: {printed}", frame.name(), line.what);
            run += 1;
        }
    }
    assert!(run > 0 || !(openssl || python));
    run
}

fn fact(wire: &Wire, n: u64, name: &str) -> String {
    let inspection = wire.inspect(n).unwrap();
    let found = inspection.facts.into_iter().find(|(fact, _)| fact == name);
    found.map(|(_, value)| value).unwrap_or_default()
}

/// Joins, says something, and takes what was recorded until it is in the log.
fn recorded(ada: &Person, invite: &str, look: Option<Look>) -> (Wire, [u8; 32], u8) {
    let mut wire = Wire::default();
    let (id, paused) = recorded_into(&mut wire, ada, invite, look);
    (wire, id, paused)
}

/// The same, for a recording that goes on.
fn recorded_into(wire: &mut Wire, ada: &Person, invite: &str, look: Option<Look>) -> ([u8; 32], u8) {
    if let Some(look) = look {
        ada.send(Command::LookInside { room: ROOM, look });
    }
    ada.begin_join(invite);
    let mut paused = 0;
    let mut said = false;
    let id = ada.expect(|event| match event {
        Event::WireRecorded { piece, .. } => {
            wire.take(piece);
            None
        }
        Event::HandshakePaused { before, .. } => {
            paused = before;
            ada.send(Command::NextHandshakeStep { room: ROOM });
            None
        }
        Event::Joined(_) => {
            ada.say("look at me");
            said = true;
            None
        }
        Event::Logged { message, .. } if said && message.own => Some(message.id.0),
        Event::JoinFailed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    });
    (id, paused)
}

#[test]
fn nothing_is_recorded_unless_asked_and_everything_when_asked() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let invite = bob.host(false).invite.to_string();
    let (wire, _, paused) = recorded(&ada, &invite, None);
    assert_eq!((wire.count(), paused), (0, 0));
    ada.leave();
    ada.expect(|event| matches!(event, Event::Closed { .. }).then_some(()));

    let look = Look {
        record: true,
        slow_motion: false,
    };
    let (wire, id, paused) = recorded(&ada, &invite, Some(look));
    assert!(wire.is_open());
    assert_eq!(paused, 0);
    let names: Vec<&str> = wire.frames().take(5).map(|frame| frame.name()).collect();
    assert_eq!(names, ["M1", "M2", "M3", "M4", "M5"]);
    let n = wire.frame_of_event(&id).unwrap();
    let inspection = wire.inspect(n).unwrap();
    let fact = |name: &str| {
        inspection
            .facts
            .iter()
            .find(|(fact, _)| fact == name)
            .unwrap()
            .1
            .clone()
    };
    assert_eq!(fact("Message"), "look at me");
    assert_eq!(fact("Author"), ada.fingerprint.to_string());
    assert_eq!(fact("Signature is"), "right");
    assert_eq!(wire.frame_at(n).unwrap().said().as_deref(), Some("look at me"));
}

#[test]
fn a_handshake_in_slow_motion_pauses_before_each_message_and_still_arrives() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let invite = bob.host(false).invite.to_string();
    let look = Look {
        record: true,
        slow_motion: true,
    };
    let (wire, _, paused) = recorded(&ada, &invite, Some(look));
    assert_eq!(paused, 5);
    assert!(wire.is_open());
}

#[test]
fn the_companion_of_the_tour_is_a_real_host_that_answers() {
    let (open, opened) = crossbeam_channel::bounded(1);
    let companion = Companion::begin(std::sync::Arc::new(move || {
        let _ = open.try_send(());
    }))
    .unwrap();
    opened.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    let invite = companion.invite().unwrap().unwrap();
    let ada = Person::ada();
    let look = Look {
        record: true,
        slow_motion: false,
    };
    let (wire, id, _) = recorded(&ada, &invite, Some(look));
    assert!(wire.is_open());
    assert!(wire.frame_of_event(&id).is_some());
    // Its greeting may have come before; behind what was said comes its answer.
    let answered = |text: &str| text.starts_with("Hello!") || text.starts_with("That came");
    let answer = ada.hear(1);
    assert!(answered(&answer[0]), "{answer:?}");
}

#[test]
fn a_recording_goes_on_over_a_resumption_and_its_frames_open() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let invite = bob.host(false).invite;
    let line = Line::to(invite.endpoints[0].port);
    let (mut wire, before, _) = recorded(&ada, &through(&invite, &line), Some(RECORD));
    line.cut();
    ada.expect(|event| match event {
        Event::WireRecorded { piece, .. } => {
            wire.take(piece);
            None
        }
        event => matches!(event, Event::Lost { .. }).then_some(()),
    });
    line.mend();
    ada.send(Command::TryNow { room: ROOM });
    let mut back = false;
    let behind = ada.expect(|event| match event {
        Event::WireRecorded { piece, .. } => {
            wire.take(piece);
            None
        }
        Event::Returned { resumed, .. } => {
            assert!(resumed);
            back = true;
            ada.say("behind the resumption");
            None
        }
        Event::Logged { message, .. } if back && message.own => Some(message.id.0),
        Event::Closed { reason, .. } => panic!("{reason}"),
        _ => None,
    });
    let names: Vec<&str> = wire.frames().map(|frame| frame.name()).collect();
    let at = |name: &str| names.iter().position(|other| *other == name).unwrap();
    assert!(
        at("M5") < at("R1") && at("R1") < at("R2") && at("R2") < at("R3"),
        "{names:?}"
    );

    // What was said before and behind opens, and the signature is right, in one timeline.
    for (id, text) in [(before, "look at me"), (behind, "behind the resumption")] {
        let n = wire.frame_of_event(&id).unwrap();
        assert_eq!(fact(&wire, n, "Message"), text);
        assert_eq!(fact(&wire, n, "Signature is"), "right");
    }
    let ladders = wire.ladders();
    assert_eq!(ladders.len(), 2);
    assert_eq!(ladders[0].beginning, Beginning::Handshake);
    assert_eq!(ladders[1].beginning, Beginning::Resumption);
    assert!(ladders[1].rungs.iter().all(|rung| rung.frame.is_some()));
    assert_eq!(ladders[1].rungs.len(), 3);

    // Every byte has a name, and every value can be computed again.
    for frame in wire.frames() {
        let inspection = wire.inspect(frame.n).unwrap();
        let covered: usize = inspection.fields.iter().map(|field| field.bytes.len()).sum();
        assert_eq!(covered, frame.bytes.len(), "{}", frame.name());
    }
    recompute(&wire, &["R1", "R2", "R3", "Submit", "Entry"]);

    // A thief of today's keys does not read what was said over the connection before.
    let machine = cipher_room::inspect::TimeMachine {
        stolen_at: wire.frames().next_back().map(|frame| frame.n),
        broken: Default::default(),
    };
    let fate = |id: &[u8; 32]| {
        let frame = wire.frame_at(wire.frame_of_event(id).unwrap()).unwrap();
        machine.fate(&wire, frame)
    };
    assert!(!fate(&before).opens, "{}", fate(&before).why);
    assert!(fate(&behind).opens, "{}", fate(&behind).why);
}

#[test]
fn a_whole_new_handshake_keeps_what_was_recorded_before() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let invite = bob.host(false).invite.to_string();
    let (mut wire, first, _) = recorded(&ada, &invite, Some(RECORD));
    ada.leave();
    ada.expect(|event| match event {
        Event::WireRecorded { piece, .. } => {
            wire.take(piece);
            None
        }
        event => matches!(event, Event::Closed { .. }).then_some(()),
    });
    let (second, _) = recorded_into(&mut wire, &ada, &invite, Some(RECORD));
    assert_eq!(wire.connections().len(), 2);
    for (id, number) in [(first, '1'), (second, '2')] {
        let n = wire.frame_of_event(&id).unwrap();
        assert_eq!(fact(&wire, n, "Message"), "look at me");
        assert_eq!(fact(&wire, n, "Signature is"), "right");
        assert!(fact(&wire, n, "Connection").starts_with(number));
    }
    recompute(&wire, &["M1", "M2", "M3", "M4", "M5"]);
}

#[test]
fn a_recording_of_somebody_who_had_to_knock_opens() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let invite = bob.host(false).invite.to_string();
    bob.govern(HostAct::AskFirst(true));
    ada.send(Command::LookInside {
        room: ROOM,
        look: RECORD,
    });
    ada.begin_join(&invite);
    let who = bob.expect(|event| match event {
        Event::Knocked { member, .. } => Some(member.fingerprint),
        _ => None,
    });
    bob.govern(HostAct::Answer { who, admit: true });
    let mut wire = Wire::default();
    ada.expect(|event| match event {
        Event::WireRecorded { piece, .. } => {
            wire.take(piece);
            None
        }
        event => matches!(event, Event::Joined(_)).then_some(()),
    });
    assert!(wire.is_open());
    assert!(wire.frames().any(|frame| frame.name() == "Asking"));
    assert!(wire.ladders()[0].rungs.iter().all(|rung| rung.frame.is_some()));
}

/// Takes what the host records until a message is in the log.
fn until_logged(
    host: &Person,
    wire: &mut Wire,
    guest: Option<cipher_room::crypto::Fingerprint>,
    text: &str,
) -> [u8; 32] {
    host.expect(|event| match event {
        Event::WireRecorded { guest: of, piece, .. } => {
            assert_eq!(of, guest);
            wire.take(piece);
            None
        }
        Event::Logged { message, .. } if message.text == text => Some(message.id.0),
        Event::Closed { reason, .. } => panic!("{reason}"),
        _ => None,
    })
}

#[test]
fn a_host_looks_into_the_connection_of_the_guest_it_chose_and_of_nobody_else() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let invite = bob.host(false).invite;
    let line = Line::to(invite.endpoints[0].port);
    ada.join(&through(&invite, &line));
    cem.join(&invite.to_string());
    let mut wire = Wire::default();
    ada.say("before anybody looks");
    until_logged(&bob, &mut wire, None, "before anybody looks");
    assert!(!wire.has_begun());

    let watched = Some(ada.fingerprint);
    bob.govern(HostAct::Watch(watched));
    bob.expect(|event| matches!(event, Event::Watching { guest, .. } if guest == watched).then_some(()));
    ada.say("now somebody looks");
    let of_ada = until_logged(&bob, &mut wire, watched, "now somebody looks");
    cem.say("and I am not looked at");
    let of_cem = until_logged(&bob, &mut wire, watched, "and I am not looked at");
    bob.say("the host itself");
    let of_bob = until_logged(&bob, &mut wire, watched, "the host itself");
    // What the host sends out is sealed when the socket takes it, behind the news of it.
    ada.hear(4);
    ada.say("once more");
    until_logged(&bob, &mut wire, watched, "once more");
    assert_eq!(wire.role(), Some(Role::Host));
    assert!(wire.began_midway() && !wire.is_overrun());
    for (id, text) in [
        (of_ada, "now somebody looks"),
        (of_cem, "and I am not looked at"),
        (of_bob, "the host itself"),
    ] {
        let n = wire.frame_of_event(&id).unwrap();
        assert_eq!(fact(&wire, n, "Message"), text);
        assert_eq!(fact(&wire, n, "Signature is"), "right", "{text}");
    }
    let submits: Vec<_> = wire.frames().filter(|frame| frame.name() == "Submit").collect();
    assert_eq!(submits.len(), 2, "only Ada's own");
    assert!(submits.iter().all(|frame| !frame.sent));
    recompute(&wire, &["Submit", "Head"]);

    // She loses the line and comes back: the same recording goes on.
    line.cut();
    ada.expect(|event| matches!(event, Event::Lost { .. }).then_some(()));
    line.mend();
    ada.send(Command::TryNow { room: ROOM });
    ada.expect(|event| matches!(event, Event::Returned { .. }).then_some(()));
    ada.say("back again");
    let id = until_logged(&bob, &mut wire, watched, "back again");
    // What she resumed with is recorded at this end too, and every value of it can be computed again.
    let ladders = wire.ladders();
    assert_eq!(ladders[0].beginning, Beginning::Before);
    assert!(ladders[0].rungs.iter().all(|rung| rung.frame.is_none()));
    assert_eq!(ladders[1].beginning, Beginning::Resumption);
    assert!(ladders[1].rungs.iter().all(|rung| rung.frame.is_some()));
    recompute(&wire, &["R1", "R2", "R3"]);
    let n = wire
        .frames()
        .find(|frame| frame.said().as_deref() == Some("back again"));
    assert!(n.is_some() || wire.frame_of_event(&id).is_some());

    // She leaves and joins anew: now the whole handshake is there, as the host saw it.
    ada.leave();
    ada.expect(|event| matches!(event, Event::Closed { .. }).then_some(()));
    ada.join(&invite.to_string());
    ada.say("from the beginning");
    let id = until_logged(&bob, &mut wire, watched, "from the beginning");
    assert!(wire.is_open());
    let ladders = wire.ladders();
    assert_eq!((ladders.len(), ladders[2].beginning), (3, Beginning::Handshake));
    assert!(ladders[2].rungs.iter().all(|rung| rung.frame.is_some()));
    recompute(&wire, &["M1", "M2", "M3", "M4", "M5"]);
    let n = wire.frame_of_event(&id).unwrap();
    assert!(fact(&wire, n, "Connection").starts_with('3'));
    assert_eq!(fact(&wire, n, "Signature is"), "right");

    // Nobody is looked at any more, and nothing more is told.
    bob.govern(HostAct::Watch(None));
    bob.expect(|event| matches!(event, Event::Watching { guest: None, .. }).then_some(()));
    let count = wire.count();
    ada.say("unseen");
    bob.expect(|event| match event {
        // What was on its way is let go by the session.
        Event::WireRecorded { guest, .. } => {
            assert_eq!(guest, watched);
            None
        }
        Event::Logged { message, .. } => (message.text == "unseen").then_some(()),
        _ => None,
    });
    ada.say("unseen too");
    bob.expect(|event| match event {
        Event::WireRecorded { .. } => panic!("nobody asked"),
        Event::Logged { message, .. } => (message.text == "unseen too").then_some(()),
        _ => None,
    });
    assert_eq!(wire.count(), count);
}
