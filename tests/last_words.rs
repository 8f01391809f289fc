//! What is said just before a room is left, and a profile that is locked while a host does not answer.

mod people;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use cipher_room::crypto::Passphrase;
use cipher_room::net::{Command, Event, JoinRoom};
use cipher_room::store::Retention;
use people::line::{Line, through};
use people::{Person, ROOM};
use socket2::{Domain, Socket, Type};

/// Goes back to a room that is kept.
fn return_to(person: &Person, id: [u8; 32], invite: &str) {
    let wish = JoinRoom {
        key: ROOM,
        target: invite.parse().unwrap(),
        name: person.name.clone(),
        is_trial: false,
    };
    person.send(Command::ReturnToRoom { wish, id });
}

fn closed(person: &Person) {
    person.expect(|event| matches!(event, Event::Closed { .. }).then_some(()));
}

#[test]
fn what_is_said_while_a_room_is_reached_again_waits_although_it_is_left() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let opened = bob.host(false);
    let (port, invite) = (opened.listen.port(), opened.invite.to_string());
    ada.join(&invite);
    bob.leave();
    closed(&ada);
    closed(&bob);
    // Who listens there now says nothing.
    let silent = TcpListener::bind(("127.0.0.1", port)).unwrap();
    return_to(&ada, opened.id, &invite);
    let _unanswered = silent.accept().unwrap();
    ada.say("said while nobody answers");
    ada.leave();
    ada.expect(|event| match event {
        Event::Written { message } => {
            assert_eq!(message.text, "said while nobody answers");
            Some(())
        }
        _ => None,
    });
    ada.expect(|event| matches!(event, Event::JoinFailed { .. } | Event::Closed { .. }).then_some(()));
    drop(silent);
    bob.host_again(port);
    ada.begin_join(&invite);
    assert_eq!(bob.hear(1), ["said while nobody answers"]);
}

/// Listens and takes no connection: whoever connects waits until it gives up.
fn deaf(port: u16) -> (Socket, TcpStream) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    socket.bind(&address.into()).unwrap();
    socket.listen(0).unwrap();
    let only = TcpStream::connect(address).unwrap();
    (socket, only)
}

#[test]
fn a_profile_that_is_locked_while_a_host_is_reached_can_be_unlocked_at_once() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let opened = bob.host(false);
    let (port, invite) = (opened.listen.port(), opened.invite.to_string());
    ada.join(&invite);
    let passphrase = || Passphrase::new("orbit velvet");
    ada.send(Command::ChangePassphrase {
        current: None,
        new: Some(passphrase()),
    });
    ada.expect(|event| match event {
        Event::ProtectionChanged { has_passphrase } => has_passphrase.then_some(()),
        _ => None,
    });
    bob.leave();
    closed(&ada);
    closed(&bob);
    let _deaf = deaf(port);
    return_to(&ada, opened.id, &invite);
    ada.expect(|event| matches!(event, Event::LastSeen { .. }).then_some(()));
    // It is on its way when nothing more is told.
    while ada.events.recv_timeout(Duration::from_millis(300)).is_ok() {}
    ada.send(Command::Lock);
    ada.expect(|event| matches!(event, Event::Locked { .. }).then_some(()));
    ada.send(Command::Unlock {
        passphrase: passphrase(),
    });
    ada.expect(|event| match event {
        Event::IdentityReady { .. } => Some(()),
        Event::ProfileFailed { reason, .. } => panic!("{reason}"),
        Event::Locked { reason, .. } => panic!("{reason:?}"),
        _ => None,
    });
}

#[test]
fn a_message_that_the_host_logged_and_keeps_no_more_is_known_to_have_arrived_and_the_next_one_goes_out() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let opened = bob.host(false);
    let line = Line::to(opened.listen.port());
    ada.join(&through(&opened.invite, &line));
    ada.say("arrives");
    assert_eq!(bob.hear(1), ["arrives"]);
    assert_eq!(ada.hear(1), ["arrives"]);
    line.swallow();
    ada.say("arrives, and its author does not hear of it");
    assert_eq!(bob.hear(1), ["arrives, and its author does not hear of it"]);
    line.cut();
    ada.expect(|event| matches!(event, Event::Lost { .. }).then_some(()));
    ada.say("waits");
    ada.expect(|event| match event {
        Event::Written { message } => (message.text == "waits").then_some(()),
        _ => None,
    });
    let retain = |retention| {
        bob.send(Command::SetRetention {
            room: opened.id,
            retention,
        });
        bob.expect(|event| matches!(event, Event::KeptListed(_)).then_some(()));
    };
    retain(Retention::Nothing);
    line.mend();
    ada.send(Command::TryNow { room: ROOM });
    let mut logged = Vec::new();
    while logged.len() < 2 {
        ada.expect(|event| match event {
            Event::Logged { message, .. } => {
                logged.push(message.text);
                Some(())
            }
            Event::Declined { reason, .. } => panic!("{reason}"),
            Event::Alarmed { alarm, .. } => panic!("{alarm}"),
            _ => None,
        });
    }
    assert_eq!(logged, ["arrives, and its author does not hear of it", "waits"]);
    assert_eq!(bob.hear(1), ["waits"]);
}
