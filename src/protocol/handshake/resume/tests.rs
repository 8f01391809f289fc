//! Sessions that go on, and what is refused in their place.

use std::time::Duration;

use super::*;
use crate::protocol::handshake::Refusal;
use crate::protocol::handshake::tests::established;
use crate::protocol::wire::FrameBuffer;
use crate::protocol::{Connection, Output};

const STANDING: Standing = Standing { n: 7, head: [9; 32] };

/// The host's name is another than in the full handshake.
fn welcome() -> Welcome {
    Welcome {
        host_name: "Robert".to_owned(),
    }
}

fn frame(bytes: &[u8]) -> Frame {
    let mut buffer = FrameBuffer::default();
    buffer.push(bytes);
    buffer.next_frame().unwrap().unwrap()
}

fn sessions(now: Instant) -> (Session, Session) {
    let (guest, host) = established();
    assert!(!guest.agreed().is_resumed() && !host.agreed().is_resumed());
    (guest.agreed().session(now), host.agreed().session(now))
}

fn resume(guest: Session, host: Session, now: Instant) -> (Established, Established) {
    let mut rng = rand::rng();
    let welcome = welcome();
    let (guest, r1) = AwaitResumed::start(guest, &mut rng);
    let hello = ResumeHello::parse(&frame(&r1)).unwrap();
    let (host, r2) = hello
        .check(host, now)
        .unwrap()
        .answer(&welcome, &mut rng)
        .unwrap();
    let (guest, r3) = guest.receive(frame(&r2), STANDING).unwrap();
    (guest, host.receive(frame(&r3)).unwrap())
}

#[test]
fn a_session_resumes_with_the_same_people_and_other_keys() {
    let now = Instant::now();
    let (guest, host) = sessions(now);
    let (old_sas, old_id) = (guest.sas, *guest.id());
    let identities = (guest.peer.identity.clone(), host.peer.identity.clone());
    let room = guest.room().clone();
    let (guest, host) = resume(guest, host, now);
    assert_eq!((guest.agreed.sas, host.agreed.sas), (old_sas, old_sas));
    assert_eq!(guest.agreed.peer.identity, identities.0);
    assert_eq!(host.agreed.peer.identity, identities.1);
    for (agreed, role, peer) in [
        (&guest.agreed, Role::Guest, "Robert"),
        (&host.agreed, Role::Host, "Ada"),
    ] {
        assert_eq!((agreed.role, agreed.peer.name.as_str()), (role, peer));
        assert_eq!((&agreed.room, &agreed.welcome), (&room, &welcome()));
        assert_eq!(agreed.standing, STANDING);
        assert!(agreed.is_resumed());
    }
    assert_eq!(guest.agreed.ticket.id(), host.agreed.ticket.id());
    assert_ne!(
        *guest.agreed.ticket.id(),
        old_id,
        "the ticket is replaced at each use"
    );
    let (_, mut guest): (_, Connection) = guest.into_connection(&[], now);
    let (_, mut host) = host.into_connection(&[], now);
    guest.send(b"back").unwrap();
    let Some(Output::Transmit(record)) = guest.poll_output() else {
        panic!("nothing to transmit")
    };
    host.handle_input(&record, now, &mut rand::rng()).unwrap();
    assert_eq!(host.poll_output(), Some(Output::Received(b"back".to_vec())));
}

#[test]
fn everything_in_both_messages_is_in_the_transcript() {
    let hash = |first: &[u8], proof, [x25519, ml_kem, nonce]: [&[u8]; 3]| {
        second_message(
            first_message(&[b"id", first], &[proof; 32]),
            x25519,
            ml_kem,
            nonce,
        )
    };
    let whole = hash(b"one", 1, [b"x", b"k", b"n"]);
    for other in [
        hash(b"two", 1, [b"x", b"k", b"n"]),
        hash(b"one", 2, [b"x", b"k", b"n"]),
        hash(b"one", 1, [b"-", b"k", b"n"]),
        hash(b"one", 1, [b"x", b"-", b"n"]),
        hash(b"one", 1, [b"x", b"k", b"-"]),
    ] {
        assert_ne!(other, whole);
    }
}

#[test]
fn a_ticket_is_found_by_the_name_in_the_first_message() {
    let (guest, host) = sessions(Instant::now());
    let (_, r1) = AwaitResumed::start(guest, &mut rand::rng());
    assert_eq!(ResumeHello::parse(&frame(&r1)).unwrap().id(), host.id());
}

#[test]
fn a_ticket_of_the_session_before_proves_nothing_for_the_next() {
    let now = Instant::now();
    let (guest, host) = sessions(now);
    let (recorded, r1) = AwaitResumed::start(guest, &mut rand::rng());
    drop(recorded);
    let replayed = ResumeHello::parse(&frame(&r1)).unwrap();
    let (_, host) = {
        // The honest use of the same ticket.
        let hello = ResumeHello::parse(&frame(&r1)).unwrap();
        let welcome = welcome();
        hello
            .check(host, now)
            .unwrap()
            .answer(&welcome, &mut rand::rng())
            .unwrap();
        sessions(now)
    };
    assert!(!replayed.proves(&host));
    assert!(matches!(
        replayed.check(host, now),
        Err(HandshakeError::NotAuthentic)
    ));
}

#[test]
fn after_a_day_the_full_handshake_is_needed_also_after_resuming() {
    let now = Instant::now();
    let (guest, host) = sessions(now);
    let later = now + RESUMPTION_LIFETIME - Duration::from_secs(1);
    let (guest, host) = resume(guest, host, later);
    let (guest, host) = (guest.agreed.session(later), host.agreed.session(later));
    assert!(!host.is_over(later) && host.is_over(later + Duration::from_secs(1)));
    let (_, r1) = AwaitResumed::start(guest, &mut rand::rng());
    let hello = ResumeHello::parse(&frame(&r1)).unwrap();
    assert!(hello.check(host, now + RESUMPTION_LIFETIME).is_err());
}

#[test]
fn every_flipped_bit_of_a_resumption_is_noticed() {
    let now = Instant::now();
    let (guest, host) = sessions(now);
    let welcome = welcome();
    let (guest, r1) = AwaitResumed::start(guest, &mut rand::rng());
    for bit in 0..r1.len().saturating_sub(5) * 8 {
        let mut spoiled = frame(&r1);
        spoiled.body[bit / 8] ^= 1 << (bit % 8);
        let proves = ResumeHello::parse(&spoiled).is_ok_and(|hello| hello.proves(&host));
        assert!(!proves, "bit {bit} of R1");
    }
    let hello = ResumeHello::parse(&frame(&r1)).unwrap();
    let (host, r2) = hello
        .check(host, now)
        .unwrap()
        .answer(&welcome, &mut rand::rng())
        .unwrap();
    // The guest's state can't be copied: one byte of each part of R2 is enough here.
    let mut spoiled = frame(&r2);
    let last = spoiled.body.len() - 1;
    spoiled.body[last] ^= 1;
    assert_eq!(
        guest.receive(spoiled, STANDING).unwrap_err(),
        HandshakeError::NotAuthentic
    );
    let mut r3 = frame(&FrameKind::ResumeConfirm.frame(&[0; 90]));
    r3.body[3] ^= 1;
    assert_eq!(host.receive(r3).unwrap_err(), HandshakeError::NotAuthentic);
}

#[test]
fn a_host_may_refuse_in_clear_and_answers_with_nothing_else() {
    let (guest, _) = sessions(Instant::now());
    let (guest, _) = AwaitResumed::start(guest, &mut rand::rng());
    let refusal = frame(&Refusal::Full.clear_frame());
    assert_eq!(
        guest.receive(refusal, STANDING).unwrap_err(),
        HandshakeError::Refused(Refusal::Full)
    );
    let (guest, _) = sessions(Instant::now());
    let (guest, _) = AwaitResumed::start(guest, &mut rand::rng());
    let other = frame(&FrameKind::HostHello.frame(&[]));
    assert_eq!(
        guest.receive(other, STANDING).unwrap_err(),
        HandshakeError::NotCipherRoom
    );
}

#[test]
fn a_session_prints_no_secret() {
    let (guest, _) = sessions(Instant::now());
    assert!(format!("{guest:?}").contains("[secret]"));
}
