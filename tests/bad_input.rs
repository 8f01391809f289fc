//! Strangers and broken peers: each gets a clear end, and a room goes on undisturbed.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that loses one of its threads fails by itself"
)]

mod people;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use cipher_room::net::{Event, JoinCause, JoinStep};
use cipher_room::protocol::handshake::Refusal;
use cipher_room::protocol::limits::HANDSHAKE_TIMEOUT;
use people::{CEM, Person, RawGuest};

/// A host and a guest who talk while `disturb` does what it does to the host's port.
fn room_goes_on_while(disturb: impl FnOnce(u16)) {
    let (bob, ada) = (Person::bob(), Person::ada());
    let opened = bob.host(false);
    ada.join(&opened.invite.to_string());
    disturb(opened.listen.port());
    ada.say("undisturbed");
    assert_eq!(bob.hear(1), ["undisturbed"]);
    bob.say("indeed");
    assert_eq!(ada.hear(2), ["undisturbed", "indeed"]);
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(2 * HANDSHAKE_TIMEOUT)).unwrap();
    stream
}

/// What comes back until the host hangs up.
fn answer(mut stream: TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all);
    all
}

#[test]
fn noise_and_other_protocols_are_hung_up_on() {
    room_goes_on_while(|port| {
        for noise in [
            &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..],
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"\x00",
            &[0xff; 5000],
        ] {
            let mut stream = connect(port);
            stream.write_all(noise).unwrap();
            assert_eq!(answer(stream), b"");
        }
    });
}

#[test]
fn lengths_of_4_gb_are_hung_up_on_at_the_header() {
    room_goes_on_while(|port| {
        for kind in [1_u8, 3, 16] {
            let mut stream = connect(port);
            stream.write_all(&[kind, 0xff, 0xff, 0xff, 0xff]).unwrap();
            let began = Instant::now();
            assert_eq!(answer(stream), b"");
            assert!(
                began.elapsed() < HANDSHAKE_TIMEOUT,
                "the header alone must be enough"
            );
        }
    });
}

#[test]
fn a_malformed_hello_is_refused_in_words_of_the_protocol() {
    room_goes_on_while(|port| {
        let refusal = |body: &[u8]| {
            let mut frame = vec![1];
            frame.extend((body.len() as u32).to_be_bytes());
            frame.extend(body);
            let mut stream = connect(port);
            stream.write_all(&frame).unwrap();
            answer(stream)
        };
        let refused = |reason: Refusal| reason.clear_frame();
        assert_eq!(refusal(b"\x00\x04CR/2"), refused(Refusal::WrongVersion));
        assert_eq!(refusal(b""), refused(Refusal::BadHandshake));
        assert_eq!(refusal(&[0; 1000]), refused(Refusal::WrongVersion));
    });
}

#[test]
fn silence_and_half_a_message_end_after_the_deadline() {
    room_goes_on_while(|port| {
        let silent = connect(port);
        let mut half = connect(port);
        half.write_all(&[1, 0, 0, 5, 0, 1, 2, 3]).unwrap();
        let began = Instant::now();
        assert_eq!(answer(silent), b"");
        assert_eq!(answer(half), b"");
        let took = began.elapsed();
        assert!(took >= HANDSHAKE_TIMEOUT - Duration::from_secs(1), "{took:?}");
    });
}

#[test]
fn a_thousand_strangers_at_once_do_not_keep_a_guest_out() {
    room_goes_on_while(|port| {
        let strangers: Vec<TcpStream> = (0..1000)
            .filter_map(|_| TcpStream::connect(("127.0.0.1", port)).ok())
            .collect();
        drop(strangers);
    });
}

/// A server that does `behave` with the first connection.
fn server(behave: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let work = move || {
        let (stream, _) = listener.accept().unwrap();
        behave(stream);
    };
    std::thread::Builder::new()
        .name("server".to_owned())
        .spawn(work)
        .unwrap();
    address
}

fn cause_at(target: &str) -> (JoinStep, JoinCause) {
    let failure = Person::ada().fail_to_join(target);
    assert!(failure.to_string().ends_with(['.']), "{failure}");
    (failure.step, failure.cause)
}

fn read_some(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0; 4096]);
}

#[test]
fn a_web_server_is_named_as_no_cipher_room() {
    let address = server(|mut stream| {
        read_some(&mut stream);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });
    assert_eq!(
        cause_at(&address),
        (JoinStep::KeysAgreed, JoinCause::NotCipherRoom)
    );
}

#[test]
fn a_host_that_hangs_up_half_way_is_named() {
    let address = server(|mut stream| {
        read_some(&mut stream);
        stream.write_all(&[2, 0, 0]).unwrap();
    });
    assert_eq!(cause_at(&address), (JoinStep::KeysAgreed, JoinCause::HungUp));
}

#[test]
fn a_host_that_claims_4_gb_or_sends_nonsense_is_named() {
    let huge = server(|mut stream| {
        read_some(&mut stream);
        stream.write_all(&[2, 0xff, 0xff, 0xff, 0xff]).unwrap();
        std::thread::park_timeout(Duration::from_secs(30));
    });
    assert!(matches!(
        cause_at(&huge),
        (JoinStep::KeysAgreed, JoinCause::NotAuthentic { .. })
    ));
    let nonsense = server(|mut stream| {
        read_some(&mut stream);
        let mut frame = vec![2, 0, 0, 4, 0];
        frame.extend([7; 1024]);
        stream.write_all(&frame).unwrap();
    });
    assert!(matches!(
        cause_at(&nonsense),
        (JoinStep::KeysAgreed, JoinCause::NotAuthentic { .. })
    ));
}

#[test]
fn a_host_of_another_version_is_named() {
    let address = server(|mut stream| {
        read_some(&mut stream);
        stream.write_all(&Refusal::WrongVersion.clear_frame()).unwrap();
    });
    let refused = JoinCause::Refused(Refusal::WrongVersion);
    assert_eq!(cause_at(&address), (JoinStep::KeysAgreed, refused));
}

#[test]
fn a_host_that_never_answers_is_given_up_after_ten_seconds() {
    let began = Instant::now();
    let address = server(|mut stream| {
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    assert_eq!(cause_at(&address), (JoinStep::KeysAgreed, JoinCause::NoAnswer));
    assert!(began.elapsed() >= HANDSHAKE_TIMEOUT);
}

#[test]
fn a_host_that_stops_in_the_middle_of_its_answer_is_not_taken_for_nobody() {
    let address = server(|mut stream| {
        read_some(&mut stream);
        // The head of M2, and no more.
        stream.write_all(&[2, 0, 0, 8, 0]).unwrap();
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    assert_eq!(cause_at(&address), (JoinStep::KeysAgreed, JoinCause::NotLetIn));
}

#[test]
fn a_port_where_nobody_listens_and_a_name_that_is_none_are_named() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(
        cause_at(&gone.to_string()),
        (JoinStep::Reached, JoinCause::NobodyListens)
    );
    let (step, cause) = cause_at("no-such-machine.invalid:4747");
    assert_eq!(step, JoinStep::Reached);
    assert!(matches!(cause, JoinCause::UnknownName { .. }), "{cause:?}");
}

#[test]
fn a_read_only_or_damaged_profile_is_reported_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("identity.pem");
    std::fs::write(&key, "-----BEGIN PRIVATE KEY-----\nnonsense\n").unwrap();
    let (_node, events) = people::start(folder.path());
    match events.recv_timeout(Duration::from_secs(60)).unwrap() {
        Event::ProfileFailed { reason, .. } => assert!(reason.contains("damaged"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert!(std::fs::read_to_string(&key).unwrap().contains("nonsense"));
    let file = tempfile::NamedTempFile::new().unwrap();
    let (_node, events) = people::start(file.path());
    match events.recv_timeout(Duration::from_secs(60)).unwrap() {
        Event::ProfileFailed { reason, .. } => assert!(reason.contains("can't be written"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_damaged_profile_is_put_aside_and_one_begins_anew() {
    let ada = Person::ada();
    let folder = ada.folder;
    drop((ada.node, ada.events));
    let damaged = vec![0x5a; 300_000];
    std::fs::write(folder.path().join("vault.redb"), &damaged).unwrap();
    let (node, events) = people::start(folder.path());
    let next = || events.recv_timeout(Duration::from_secs(60)).unwrap();
    match next() {
        Event::ProfileFailed {
            reason,
            is_damaged: true,
        } => assert!(reason.contains("damaged"), "{reason}"),
        other => panic!("{other:?}"),
    }
    node.send(cipher_room::net::Command::BeginAnew).unwrap();
    match next() {
        Event::ProfileMended { report } => assert!(report.contains("put-aside-"), "{report}"),
        other => panic!("{other:?}"),
    }
    assert!(matches!(next(), Event::IdentityMissing { .. }));
    let mut aside = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let aside = aside.next().unwrap();
    assert_eq!(std::fs::read(aside.join("vault.redb")).unwrap(), damaged);
    assert!(aside.join("vault.json").exists());
    node.send(cipher_room::net::Command::CreateIdentity {
        name: "Ada".to_owned(),
        passphrase: None,
    })
    .unwrap();
    loop {
        match next() {
            Event::IdentityReady { .. } => break,
            Event::ProfileFailed { reason, .. } => panic!("{reason}"),
            _ => {}
        }
    }
}

#[test]
fn a_profile_that_is_not_damaged_is_never_put_aside() {
    let ada = Person::ada();
    ada.node.send(cipher_room::net::Command::BeginAnew).unwrap();
    let opened = ada.host(false);
    assert!(!opened.invite.to_string().is_empty());
}

#[test]
fn a_second_program_on_one_profile_is_told_so() {
    let ada = Person::ada();
    let (_node, events) = people::start(ada.folder.path());
    match events.recv_timeout(Duration::from_secs(60)).unwrap() {
        Event::ProfileFailed { reason, .. } => assert!(reason.contains("already running"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_guest_who_hangs_up_right_after_the_handshake_leaves_no_ghost() {
    let (bob, ada) = (Person::bob(), Person::ada());
    let invite = bob.host(false).invite;
    ada.join(&invite.to_string());
    drop(RawGuest::join(&invite, CEM));
    // It was admitted, and it is gone: whoever saw it come sees it leave.
    let came = |person: &Person| {
        person.expect(|event| match event {
            Event::MemberJoined { member, .. } if member.name == "Raw" => Some(true),
            Event::Logged { .. } => Some(false),
            _ => None,
        })
    };
    bob.say("anybody else?");
    if came(&ada) {
        ada.expect(|event| matches!(event, Event::MemberLeft { name, .. } if name == "Raw").then_some(()));
    }
    let mut late = RawGuest::join(&invite, CEM);
    late.enter();
    assert_eq!(late.log.members().count(), 3, "host, Ada and the newcomer");
}

/// A raw guest hands in what `spoil` makes of a good event; the host must name the fault and nobody
/// else may notice.
fn submission_is_named(spoil: impl FnOnce(&mut Vec<u8>, &mut cipher_room::crypto::Signature), fault: u8) {
    use cipher_room::crypto::sign_batch;
    use cipher_room::protocol::body::Body;
    use cipher_room::protocol::{Content, OwnChain};
    let (bob, ada) = (Person::bob(), Person::ada());
    let invite = bob.host(false).invite;
    ada.join(&invite.to_string());
    let mut raw = RawGuest::join(&invite, CEM);
    raw.enter();
    let own = raw.identity.fingerprint();
    let content = Content::Message {
        text: "forged".to_owned(),
    };
    let (mut event, statement) = OwnChain::default().write(&raw.log, own, 1, content);
    let mut signature = sign_batch(&raw.identity, &[statement], &mut rand::rng())
        .unwrap()
        .remove(0);
    spoil(&mut event, &mut signature);
    raw.submit(event, signature);
    let declined = loop {
        match raw.next_body() {
            Some(Body::Declined(declined)) => break declined,
            Some(_) => {}
            None => panic!("the host must say why"),
        }
    };
    assert_eq!(declined.fault, fault);
    bob.expect(|event| match event {
        Event::Alarmed { alarm, .. } => {
            assert!(alarm.to_string().contains("Raw"), "{alarm}");
            Some(())
        }
        _ => None,
    });
    ada.say("undisturbed");
    assert_eq!(bob.hear(1), ["undisturbed"]);
    assert_eq!(ada.hear(1), ["undisturbed"]);
}

#[test]
fn a_submission_with_another_signature_is_named_and_not_passed_on() {
    submission_is_named(|_, signature| signature.rsa[10] ^= 1, 4);
}

#[test]
fn a_submission_that_is_no_event_is_named_and_not_passed_on() {
    submission_is_named(|event, _| event.truncate(20), 1);
}

#[test]
fn a_submission_in_the_name_of_another_is_named_and_not_passed_on() {
    submission_is_named(
        |event, _| {
            let cem = cipher_room::crypto::Identity::from_pem(CEM)
                .unwrap()
                .fingerprint();
            let place = event
                .windows(32)
                .position(|bytes| bytes == cem.as_bytes())
                .unwrap();
            event[place] ^= 1;
        },
        8,
    );
}

#[test]
fn whoever_speaks_before_its_roster_is_sent_away() {
    use cipher_room::protocol::body::{self, Body, Private, Submit};
    let bob = Person::bob();
    let invite = bob.host(false).invite;
    let signature = cipher_room::crypto::Signature {
        rsa: vec![0; 384],
        index: 0,
        size: 1,
        path: vec![],
    };
    let event = vec![0xa0];
    let private = Private {
        member: bob.fingerprint,
        bytes: vec![1; 40],
    };
    for text in [Body::Submit(Submit { event, signature }), Body::Private(private)] {
        let mut raw = RawGuest::join(&invite, CEM);
        raw.send(&body::encode(&text));
        while raw.next_body().is_some() {}
    }
    let ada = Person::ada();
    ada.join(&invite.to_string());
}
