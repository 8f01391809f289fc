//! A member away for 10,000 messages: the time of its catch-up against reading and verifying them alone.
//!
//! `cargo bench --bench catch_up`
//!
//! Both ends run in this process, over loopback, with their logs on the disk. The catch-up counts from
//! the first missed entry until the member is told that this was all; meanwhile everything is checked, kept
//! and told. Reading and verifying alone takes the same entries from the host's disk through the same
//! checks, and tells nobody. Messages that one person types in a burst share signatures; those of many people
//! do not: both are measured.

#![expect(
    clippy::disallowed_methods,
    reason = "a bench that loses one of its threads fails by itself"
)]

mod measure;
#[path = "../tests/people/mod.rs"]
mod people;

use std::time::{Duration, Instant};

use cipher_room::crypto::{Fingerprint, Identity, sign_batch};
use cipher_room::net::Event;
use cipher_room::protocol::body::{Body, Entry};
use cipher_room::protocol::{Content, OwnChain, RoomLog, SignedEvent};
use cipher_room::store::Profile;

use self::measure::{heading, line};
use self::people::{CEM, Person, RawGuest};

const MESSAGES: usize = 10_000;

fn main() {
    heading(
        "Catch-up of 10,000 messages",
        &["catch-up ms", "alone ms", "ratio"],
    );
    for (name, batched) in [
        ("each signed for itself", false),
        ("signed in batches of 64", true),
    ] {
        let (caught_up, alone) = measure(batched);
        line(
            name,
            &[
                format!("{:.0}", caught_up.as_secs_f64() * 1e3),
                format!("{:.0}", alone.as_secs_f64() * 1e3),
                format!("{:.2}", caught_up.as_secs_f64() / alone.as_secs_f64()),
            ],
        );
    }
}

fn measure(batched: bool) -> (Duration, Duration) {
    let (bob, ada) = (Person::bob(), Person::ada());
    let invite = bob.host(false).invite;
    ada.join(&invite.to_string());
    ada.leave();
    ada.expect(|event| matches!(event, Event::Closed { .. }).then_some(()));
    // Heard while it is said: a host whose window hears nothing waits for it.
    std::thread::scope(|scope| {
        let saying = std::thread::Builder::new()
            .name("saying".to_owned())
            .spawn_scoped(scope, || say_all(&invite, batched))
            .expect("a thread");
        bob.hear(MESSAGES);
        saying.join().expect("it said everything");
    });

    ada.begin_join(&invite.to_string());
    ada.expect(|event| matches!(event, Event::Missed { .. }).then_some(()));
    let began = Instant::now();
    let told = ada.expect(|event| match event {
        Event::CaughtUp { messages, .. } => Some(messages),
        Event::Alarmed { alarm, .. } => panic!("{alarm}"),
        _ => None,
    });
    let caught_up = began.elapsed();
    assert_eq!(told, MESSAGES as u64);

    // The same entries from Bob's disk, through the same checks, from the first one on.
    drop(ada);
    let Person {
        events, node, folder, ..
    } = bob;
    drop(events);
    drop(node);
    let profile = Profile::open(folder.path()).expect("the profile is there");
    let vault = profile.unlock(None, 0).expect("it has no passphrase");
    let (rooms, _) = vault.rooms().expect("the rooms can be read");
    let room = rooms.first().expect("the room is kept").id;
    let host = Identity::from_pem(people::BOB)
        .expect("a good key")
        .public()
        .clone();
    let extent = vault
        .log_extent(&room)
        .expect("the log can be read")
        .expect("there is one");
    let mut log = RoomLog::create(room, host, "Bob");
    let began = Instant::now();
    let mut n = 1;
    let mut verified = 0;
    while n < extent.next {
        let rows = vault.log_rows(&room, n..n + 512).expect("the log can be read");
        n += 512;
        for row in rows {
            let entry = Entry {
                n: log.n() + 1,
                event: row.event,
                signature: row.signature,
            };
            verified += usize::from(log.receive(entry).is_ok());
        }
    }
    let alone = began.elapsed();
    assert!(verified > MESSAGES, "{verified} were verified");
    (caught_up, alone)
}

/// A member says everything as fast as the room takes it.
fn say_all(invite: &cipher_room::protocol::Invite, batched: bool) {
    let mut raw = RawGuest::join(invite, CEM);
    raw.enter();
    let own = raw.identity.fingerprint();
    let mut chain: OwnChain = raw.log.chain_of(&own);
    let at_once = if batched { 64 } else { 1 };
    let mut said = 0;
    while said < MESSAGES {
        let count = at_once.min(MESSAGES - said);
        let written: Vec<_> = (said..said + count)
            .map(|i| {
                let text = format!("message {i} {}", "and some words ".repeat(8));
                chain.write(&raw.log, own, 1_767_225_600_000, Content::Message { text })
            })
            .collect();
        said += count;
        let statements: Vec<_> = written.iter().map(|(_, statement)| statement.clone()).collect();
        let signatures = sign_batch(&raw.identity, &statements, &mut rand::rng()).expect("a good key");
        for ((event, _), signature) in written.into_iter().zip(signatures) {
            raw.submit(event, signature);
        }
        // It reads too, or the host would take it for too slow.
        if said % 256 == 0 || said == MESSAGES {
            hear_until(&mut raw, own, said as u64);
        }
    }
}

fn hear_until(raw: &mut RawGuest, own: Fingerprint, seq: u64) {
    loop {
        match raw.next_body() {
            Some(Body::Entry(entry)) => {
                let event = SignedEvent::decode(entry.event, entry.signature)
                    .expect("a good event")
                    .event;
                if event.author == own && event.seq == seq {
                    return;
                }
            }
            Some(_) => {}
            None => panic!("the host hung up"),
        }
    }
}
