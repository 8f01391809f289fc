//! A connection over real sockets is recorded when that was asked for, and never otherwise.

mod people;

use cipher_room::inspect::Wire;
use cipher_room::mallory::Companion;
use cipher_room::net::{Command, Event, Look};
use people::{Person, ROOM};

/// Joins, says something, and takes what was recorded until it is in the log.
fn recorded(ada: &Person, invite: &str, look: Option<Look>) -> (Wire, [u8; 32], u8) {
    if let Some(look) = look {
        ada.send(Command::LookInside { room: ROOM, look });
    }
    ada.begin_join(invite);
    let (mut wire, mut paused) = (Wire::default(), 0);
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
    (wire, id, paused)
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
