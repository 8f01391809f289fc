//! Rooms over real sockets, with the background that the window uses.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that loses one of its threads fails by itself"
)]

#[path = "loopback/again.rs"]
mod again;
mod people;

use cipher_room::crypto::{Fingerprint, Identity};
use cipher_room::net::limits::UNPROVEN_ANSWERS;
use cipher_room::net::{Alarm, ClosedReason, Command, Event, JoinCause, JoinRoom, JoinStep};
use cipher_room::protocol::DepartureReason;
use cipher_room::protocol::handshake::Refusal;
use cipher_room::store::{HostTrust, Profile};
use people::{CEM, Person, ROOM, RawHost, host_thread};

#[test]
fn two_people_talk() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let opened = bob.host(false);
    let joined = ada.join(&opened.invite.to_string());
    assert_eq!(
        (joined.room_name.as_str(), joined.host_name.as_str()),
        ("Den", "Bob")
    );
    assert_eq!((joined.host, joined.trust), (bob.fingerprint, HostTrust::Pinned));
    let (name, sas) = bob.expect(|event| match event {
        Event::MemberJoined { member, .. } => Some((member.name, member.sas)),
        _ => None,
    });
    assert_eq!((name.as_str(), sas), ("Ada", Some(joined.sas)));
    ada.say("hello ✈");
    assert_eq!(bob.hear(1), ["hello ✈"]);
    bob.say("hi\nthere");
    assert_eq!(ada.hear(2), ["hello ✈", "hi\nthere"]);
    ada.leave();
    assert_eq!(closed(&ada), ClosedReason::Left);
    assert_eq!(gone(&bob), DepartureReason::Goodbye);
    bob.leave();
    assert_eq!(closed(&bob), ClosedReason::Left);
}

#[test]
fn of_a_room_to_try_things_out_in_nothing_is_kept_and_nobody_in_it_is_noted() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let target = bob.host(false).invite.to_string().parse().unwrap();
    ada.send(Command::JoinRoom(JoinRoom {
        key: ROOM,
        target,
        name: "Ada".to_owned(),
        is_trial: true,
    }));
    ada.expect(|event| match event {
        Event::Joined(_) => Some(()),
        Event::Met { contact, .. } => panic!("{contact:?}"),
        _ => None,
    });
    ada.say("is this kept?");
    assert_eq!(ada.hear(1), ["is this kept?"]);
    ada.leave();
    assert_eq!(closed(&ada), ClosedReason::Left);
    let Person {
        node, events, folder, ..
    } = ada;
    drop(events);
    drop(node);
    let vault = Profile::open(folder.path()).unwrap().unlock(None, 0).unwrap();
    assert_eq!(vault.contacts().unwrap(), (Vec::new(), 0));
    assert!(vault.rooms().unwrap().0.is_empty());
}

#[test]
fn twenty_guests_hear_the_same_in_the_same_order() {
    const GUESTS: usize = 20;
    const MESSAGES: usize = 30;
    let bob = Person::bob();
    let invite = bob.host(false).invite.to_string();
    let guests: Vec<Person> = std::thread::scope(|scope| {
        let people: Vec<_> = (0..GUESTS)
            .map(|i| {
                let invite = &invite;
                let work = move || {
                    let person = Person::new(&format!("guest {i}"), None);
                    person.join(invite);
                    person
                };
                std::thread::Builder::new().spawn_scoped(scope, work).unwrap()
            })
            .collect();
        people.into_iter().map(|person| person.join().unwrap()).collect()
    });
    let mut known = 0;
    while known < GUESTS {
        known += bob.expect(|event| matches!(event, Event::MemberJoined { .. }).then_some(1));
    }
    for round in 0..MESSAGES {
        for guest in &guests {
            guest.say(&format!("{} says {round}", guest.name));
        }
    }
    let order = bob.hear(GUESTS * MESSAGES);
    for guest in &guests {
        assert_eq!(guest.hear(GUESTS * MESSAGES), order);
        let own: Vec<&String> = order
            .iter()
            .filter(|text| text.starts_with(&format!("{} ", guest.name)))
            .collect();
        let expected: Vec<String> = (0..MESSAGES)
            .map(|round| format!("{} says {round}", guest.name))
            .collect();
        assert_eq!(own, expected.iter().collect::<Vec<_>>());
    }
    bob.leave();
    for guest in &guests {
        assert_eq!(closed(guest), ClosedReason::HostClosed);
    }
}

#[test]
fn a_typed_address_is_trust_on_first_use_then_known() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let opened = bob.host(true);
    let address = opened.listen.to_string();
    assert_eq!(ada.join(&address).trust, HostTrust::FirstUse);
    ada.send(cipher_room::net::Command::MarkHostVerified { room: ROOM });
    ada.leave();
    closed(&ada);
    assert_eq!(ada.join(&address).trust, HostTrust::Verified);
    ada.leave();
    closed(&ada);

    bob.leave();
    closed(&bob);
    let cem = Person::cem();
    let listen = cipher_room::net::ListenOn {
        address: Some(opened.listen.ip()),
        port: opened.listen.port(),
        or_any_port: false,
    };
    cem.send(cipher_room::net::Command::HostRoom(cipher_room::net::HostRoom {
        key: ROOM,
        room_name: "Trap".to_owned(),
        host_name: "Bob".to_owned(),
        listen,
        admission: cipher_room::net::Admission {
            open_to_address: true,
            invite_lifetime_secs: None,
        },
    }));
    cem.expect(|event| matches!(event, Event::RoomOpened(_)).then_some(()));
    assert_eq!(
        ada.join(&address).trust,
        HostTrust::Changed {
            before: bob.fingerprint
        }
    );
    ada.leave();
    closed(&ada);
    // Nothing was remembered, so the warning comes again, until the user goes on in spite of it.
    assert_eq!(
        ada.join(&address).trust,
        HostTrust::Changed {
            before: bob.fingerprint
        }
    );
    ada.send(cipher_room::net::Command::AcceptChangedHost { room: ROOM });
    ada.leave();
    closed(&ada);
    assert_eq!(ada.join(&address).trust, HostTrust::FirstUse);
}

#[test]
fn an_address_does_not_lead_into_a_room_for_the_invited() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let opened = bob.host(false);
    let failure = ada.fail_to_join(&opened.listen.to_string());
    assert!(matches!(failure.cause, JoinCause::Refused(_)), "{failure:?}");
    assert!(failure.to_string().contains("invitation"));
}

#[test]
fn an_invitation_for_another_host_is_stopped_before_anything_is_said() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let mut invite = bob.host(false).invite;
    let expected = Fingerprint::of_der(b"somebody else");
    invite.host = expected;
    let failure = ada.fail_to_join(&invite.to_string());
    assert_eq!(failure.step, JoinStep::IdentityProven);
    assert_eq!(
        failure.cause,
        JoinCause::WrongHost {
            expected,
            found: bob.fingerprint
        }
    );
}

#[test]
fn an_expired_invitation_is_named_by_guest_and_host() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let mut invite = bob
        .host_with(cipher_room::net::Admission {
            open_to_address: false,
            invite_lifetime_secs: Some(3600),
        })
        .invite;
    ada.join(&invite.to_string());
    ada.leave();
    closed(&ada);
    invite.expires_unix = Some(1);
    assert_eq!(
        ada.fail_to_join(&invite.to_string()).cause,
        JoinCause::InvitationExpired
    );
}

#[test]
fn joining_can_be_cancelled() {
    let ada = Person::ada();
    // A listener that accepts and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    ada.begin_join(&silent.local_addr().unwrap().to_string());
    ada.expect(|event| {
        matches!(
            event,
            Event::JoinAdvanced {
                step: JoinStep::Reached,
                ..
            }
        )
        .then_some(())
    });
    ada.leave();
    let failure = ada.failure();
    assert_eq!(
        (failure.step, failure.cause),
        (JoinStep::KeysAgreed, JoinCause::Cancelled)
    );
}

#[test]
fn of_several_addresses_the_one_that_answers_wins() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let mut invite = bob.host(false).invite;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        gone.local_addr().unwrap()
    };
    for address in [silent.local_addr().unwrap(), dead] {
        let endpoint = address.to_string().parse().unwrap();
        invite.endpoints.insert(0, endpoint);
    }
    ada.join(&invite.to_string());
}

#[test]
fn a_guest_who_vanishes_is_noticed_and_the_others_go_on() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let invite = bob.host(false).invite.to_string();
    let relay = Relay::start(invite.parse::<cipher_room::protocol::Invite>().unwrap().endpoints[0].port);
    let mut through_relay: cipher_room::protocol::Invite = invite.parse().unwrap();
    through_relay.endpoints[0].port = relay.port;
    ada.join(&through_relay.to_string());
    cem.join(&invite);
    relay.cut();
    assert_eq!(gone(&bob), DepartureReason::ConnectionLost);
    ada.expect(|event| match event {
        Event::Lost { reason, .. } => {
            assert!(matches!(reason, ClosedReason::ConnectionLost { .. }));
            Some(())
        }
        _ => None,
    });
    bob.say("still here");
    assert_eq!(cem.hear(1), ["still here"]);
    // Ada comes back with the invitation, and her chain goes on.
    ada.join(&invite);
    ada.say("back");
    assert_eq!(cem.hear(1), ["back"]);
}

#[test]
fn bytes_altered_on_the_way_end_the_connection_with_a_reason() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let mut invite = bob.host(false).invite;
    let relay = Relay::start(invite.endpoints[0].port);
    invite.endpoints[0].port = relay.port;
    ada.join(&invite.to_string());
    relay.spoil();
    bob.say("this one is altered");
    assert!(matches!(closed(&ada), ClosedReason::NotAuthentic { .. }));
}

/// Somebody else answers for a while at the host's address: by its word, and with a key of its own.
#[test]
fn what_anybody_can_say_in_the_hosts_place_ends_the_way_back_only_after_a_while() {
    let mut raw = RawHost::open();
    let invite = raw.invite();
    let host = move || {
        let come_in = |raw: &mut RawHost| {
            let mut line = raw.accept();
            raw.admit(&mut line, &[]);
            line.cut();
        };
        come_in(&mut raw);
        for refusal in [Refusal::Banned, Refusal::NotInvited, Refusal::WrongVersion] {
            raw.refuse(refusal);
        }
        let own = std::mem::replace(&mut raw.host, Identity::from_pem(CEM).unwrap());
        drop(raw.answer());
        raw.host = own;
        come_in(&mut raw);
        for _ in 0..UNPROVEN_ANSWERS {
            raw.refuse(Refusal::Banned);
        }
    };
    let host = host_thread(host);
    let ada = Person::ada();
    ada.join(&invite);
    // Nobody waits out the pauses here.
    let hurry = || ada.send(Command::TryNow { room: ROOM });
    let mut alarms = Vec::new();
    ada.expect(|event| {
        match event {
            Event::Lost { .. } => hurry(),
            Event::Alarmed { alarm, .. } => alarms.push(alarm),
            Event::Closed { reason, .. } => panic!("{reason}"),
            Event::Returned { .. } => return Some(()),
            _ => {}
        }
        None
    });
    assert!(matches!(alarms[..], [Alarm::OtherHost { .. }]), "{alarms:?}");
    let mut losses = 0;
    let reason = ada.expect(|event| {
        match event {
            Event::Lost { .. } => {
                losses += 1;
                hurry();
            }
            Event::Closed { reason, .. } => return Some(reason),
            _ => {}
        }
        None
    });
    assert_eq!(reason, ClosedReason::Refused(JoinCause::Refused(Refusal::Banned)));
    assert_eq!(
        losses, UNPROVEN_ANSWERS,
        "the line, and each refusal but the last"
    );
    host.join().unwrap();
}

fn closed(person: &Person) -> ClosedReason {
    person.expect(|event| match event {
        Event::Closed { reason, .. } => Some(reason),
        _ => None,
    })
}

fn gone(person: &Person) -> DepartureReason {
    person.expect(|event| match event {
        Event::MemberLeft { reason, .. } => Some(reason),
        _ => None,
    })
}

/// Somebody on the line between guest and host.
struct Relay {
    port: u16,
    streams: std::sync::Arc<std::sync::Mutex<Vec<std::net::TcpStream>>>,
    spoil: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Relay {
    fn start(to: u16) -> Relay {
        use std::io::{Read, Write};
        use std::sync::atomic::Ordering;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Relay {
            port: listener.local_addr().unwrap().port(),
            streams: Default::default(),
            spoil: Default::default(),
        };
        let (streams, spoil) = (relay.streams.clone(), relay.spoil.clone());
        let carry = |mut from: std::net::TcpStream,
                     mut into: std::net::TcpStream,
                     spoil: std::sync::Arc<std::sync::atomic::AtomicBool>| {
            move || {
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = from.read(&mut buffer) {
                    if spoil.load(Ordering::SeqCst) {
                        buffer[count - 1] ^= 1;
                    }
                    if into.write_all(&buffer[..count]).is_err() {
                        return;
                    }
                }
                let _ = into.shutdown(std::net::Shutdown::Both);
            }
        };
        let accept = move || {
            let (guest, _) = listener.accept().unwrap();
            let host = std::net::TcpStream::connect(("127.0.0.1", to)).unwrap();
            streams
                .lock()
                .unwrap()
                .extend([guest.try_clone().unwrap(), host.try_clone().unwrap()]);
            let upward = carry(
                guest.try_clone().unwrap(),
                host.try_clone().unwrap(),
                Default::default(),
            );
            let downward = carry(host, guest, spoil);
            std::thread::Builder::new()
                .name("up".to_owned())
                .spawn(upward)
                .unwrap();
            std::thread::Builder::new()
                .name("down".to_owned())
                .spawn(downward)
                .unwrap();
        };
        std::thread::Builder::new()
            .name("relay".to_owned())
            .spawn(accept)
            .unwrap();
        relay
    }

    fn cut(&self) {
        for stream in self.streams.lock().unwrap().iter() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    fn spoil(&self) {
        self.spoil.store(true, std::sync::atomic::Ordering::SeqCst);
    }
}
