//! What hostile members get in a room.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use cipher_room::net::limits::{
    MAX_PIECES_OF_ONE, MEMBER_KEPT_AT_ONCE, MEMBER_WORK_A_SECOND, WORK_OF_A_MESSAGE,
};
use cipher_room::net::{Alarm, ClosedReason, Event};
use cipher_room::protocol::body::{self, Body, Entry, Private};
use cipher_room::protocol::limits::{MAX_MESSAGE_BYTES, MAX_PRIVATE_BYTES};
use cipher_room::protocol::wire::FrameKind;
use cipher_room::protocol::{CloseReason, DepartureReason, OwnChain};

use super::{Siege, attack, say_as, the_room_goes_on_under};
use crate::hostile::members::{batch_of, confirm, early_rekey};
use crate::people::keys::many_keys;
use crate::people::{CEM, RawGuest};

/// Why the host ended lines. To whoever is sent away all faults look alike; only the host's log tells them apart.
struct Faults(Mutex<Vec<String>>);

static FAULTS: Faults = Faults(Mutex::new(Vec::new()));

impl log::Log for Faults {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = record.args().to_string();
        if line.contains("broke the protocol") {
            self.0.lock().unwrap().push(line);
        }
    }

    fn flush(&self) {}
}

impl Faults {
    /// Listens from now on, to the hosts of all tests here.
    fn listen() {
        log::set_logger(&FAULTS).unwrap();
        log::set_max_level(log::LevelFilter::Info);
    }

    /// How many lines were ended for this fault.
    fn count(fault: &str) -> usize {
        let lines = FAULTS.0.lock().unwrap();
        lines.iter().filter(|line| line.ends_with(fault)).count()
    }
}

fn garbage(_: &mut RawGuest) -> Vec<Vec<u8>> {
    vec![vec![0x55; 64]]
}

/// A record of this kind comes behind 65,535 others.
fn early_update(_: &mut RawGuest) -> Vec<Vec<u8>> {
    vec![vec![17, 0, 0, 0, 16], vec![0; 16]]
}

type Misbehave = fn(&mut RawGuest) -> Vec<Vec<u8>>;

#[test]
fn a_member_who_sends_garbage_or_rekeys_too_soon_is_sent_away() {
    const EARLY_OFFER: &str = "a RekeyOffer record came out of turn";
    // No other test here does the last two: such lines in the log come of this one.
    let faults: [(Misbehave, &str); 3] = [
        (garbage, "no frame starts with byte 0x55"),
        (early_update, "a KeyUpdate record came out of turn"),
        (early_rekey, EARLY_OFFER),
    ];
    Faults::listen();
    let siege = Siege::begin(false);
    for (misbehave, fault) in faults {
        let mut raw = RawGuest::join(&siege.invite, CEM);
        raw.enter();
        for bytes in misbehave(&mut raw) {
            raw.stream.write_all(&bytes).unwrap();
        }
        while raw.next_body().is_some() {}
        siege.ada.expect(|event| match event {
            Event::MemberLeft { name, reason, .. } if name == "Raw" => {
                assert_eq!(reason, DepartureReason::ProtocolError);
                Some(())
            }
            _ => None,
        });
        assert!(Faults::count(fault) > 0, "not for this: {fault}");
    }
    siege.talk("after it");
    let before = Faults::count(EARLY_OFFER);
    the_room_goes_on_under(attack("key-update storm"));
    assert!(Faults::count(EARLY_OFFER) > before, "no offer came");
}

#[test]
fn a_million_tiny_records_are_taken_in_at_a_rate_while_the_room_goes_on() {
    let count = attack("a million tiny records").enough;
    let siege = Siege::begin(false);
    let mut raw = RawGuest::join(&siege.invite, CEM);
    raw.enter();
    let began = Instant::now();
    siege.under(
        |target| confirm(target, &mut raw, count).unwrap(),
        |under_way| siege.talk_until(under_way, count),
    );
    // It comes behind all of them: who hears it knows that the host took in every one, and sent nobody away for it.
    say_as(&mut raw, "the end");
    for person in [&siege.bob, &siege.ada] {
        person.expect(|event| match event {
            Event::Logged { message, .. } => (message.text == "the end").then_some(()),
            _ => None,
        });
    }
    let allowed = Duration::from_secs(1) * count as u32 / (MEMBER_WORK_A_SECOND / WORK_OF_A_MESSAGE);
    assert!(began.elapsed() > allowed * 4 / 5, "{:?}", began.elapsed());
    siege.talk("after it");
}

#[test]
fn fifty_members_for_whom_much_waits_do_not_disturb_a_room() {
    let siege = Siege::begin(false);
    siege.endure(attack("50 readers who read little"), || {});
    siege.talk("after it");
}

/// Eight members have as much as each may send at once for one who reads nothing of it: together twice as much as may wait
/// for it of what the room says.
#[test]
fn a_member_to_whom_many_send_much_in_private_keeps_its_place_and_hears_the_room() {
    const SENDERS: usize = 8;
    let siege = Siege::begin(false);
    let mut senders: Vec<RawGuest> = many_keys(SENDERS)
        .iter()
        .map(|key| RawGuest::join(&siege.invite, key))
        .collect();
    senders.iter_mut().for_each(RawGuest::enter);
    let mut slow = RawGuest::join(&siege.invite, CEM);
    slow.enter();
    let member = slow.identity.fingerprint();
    for (number, sender) in senders.iter_mut().enumerate() {
        for place in 0..MEMBER_KEPT_AT_ONCE as usize / MAX_PRIVATE_BYTES {
            let mut bytes = vec![place as u8; MAX_PRIVATE_BYTES];
            bytes[0] = FrameKind::Data as u8;
            sender.send(&body::encode(&Body::Private(Private { member, bytes })));
        }
        say_as(sender, &format!("all sent by {number}"));
    }
    let mut heard = 0;
    siege.bob.expect(|event| {
        match event {
            Event::Logged { message, .. } => heard += usize::from(message.text.starts_with("all sent")),
            Event::MemberLeft {
                fingerprint, reason, ..
            } if fingerprint == member => panic!("it is gone: {reason:?}"),
            _ => {}
        }
        (heard == SENDERS).then_some(())
    });
    siege.talk("meanwhile");
    // It reads on: all that the room said, and of each sender what came before the first piece that went back.
    let says = |entry: &Entry, text: &str| {
        entry
            .event
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    let mut texts = 0;
    let mut passed: HashMap<_, usize> = HashMap::new();
    while texts < SENDERS || passed.values().sum::<usize>() * MAX_PRIVATE_BYTES < MAX_PIECES_OF_ONE {
        match slow.next_body().expect("it keeps its place") {
            Body::Entry(entry) => texts += usize::from(says(&entry, "all sent by")),
            Body::Private(Private { member, bytes }) => {
                let next = passed.entry(member).or_insert(0);
                assert_eq!(usize::from(bytes[1]), *next, "nothing is left out");
                *next += 1;
            }
            _ => {}
        }
    }
    // Who is told so is told before its own next words come.
    let went_back = senders.iter_mut().enumerate().map(|(number, sender)| {
        let mut told = 0;
        loop {
            match sender.next_body().expect("it is a member") {
                Body::Away(away) => {
                    assert_eq!(away.member, member);
                    told += 1;
                }
                Body::Entry(entry) if says(&entry, &format!("all sent by {number}")) => break told,
                _ => {}
            }
        }
    });
    let went_back: Vec<usize> = went_back.collect();
    assert!(went_back.iter().all(|told| *told <= 1), "{went_back:?}");
    assert!(went_back.contains(&1), "more waits than may");
    siege.talk("after it");
}

#[test]
fn whose_events_are_declined_is_told_of_once_and_then_counted() {
    let siege = Siege::begin(false);
    let mut raw = RawGuest::join(&siege.invite, CEM);
    raw.enter();
    let mut chain = OwnChain {
        seq: 40,
        ..OwnChain::default()
    };
    for _ in 0..4 {
        for text in batch_of("x", &raw, &mut chain) {
            raw.send(&text);
        }
    }
    let mut told = Vec::new();
    siege.bob.expect(|event| match event {
        Event::Alarmed {
            alarm: Alarm::Submission { count, .. },
            ..
        } => {
            told.push(count);
            None
        }
        Event::MemberLeft { name, reason, .. } if name == "Raw" => {
            assert_eq!(reason, DepartureReason::ProtocolError);
            Some(())
        }
        _ => None,
    });
    assert_eq!((told[0], told.iter().sum()), (1, 256));
    assert!(told.len() < 10, "{told:?}");
    siege.talk("after it");
}

#[test]
fn who_counts_members_at_the_host_never_counts_below_nobody() {
    let siege = Siege::begin(false);
    // Some are gone before their admission is signed.
    for _ in 0..20 {
        drop(RawGuest::join(&siege.invite, CEM));
    }
    let mut last = RawGuest::join(&siege.invite, CEM);
    last.enter();
    siege.bob.say("the end");
    let mut here = 0;
    siege.bob.expect(|event| {
        match event {
            Event::MemberJoined { member, .. } if member.name == "Raw" => here += 1,
            Event::MemberLeft { name, .. } if name == "Raw" => here -= 1,
            Event::Logged { message, .. } if message.text == "the end" => return Some(()),
            _ => {}
        }
        assert!(here >= 0, "somebody left who was not told of");
        None
    });
    siege.talk("after it");
}

#[test]
fn a_member_who_says_more_than_its_share_waits_and_is_heard_in_the_end() {
    let siege = Siege::begin(false);
    let mut raw = RawGuest::join(&siege.invite, CEM);
    raw.enter();
    let mut chain = OwnChain::default();
    for _ in 0..20 {
        for text in batch_of("x", &raw, &mut chain) {
            raw.send(&text);
        }
    }
    siege.ada.say("in between");
    let mut heard = 0;
    let mut in_between = None;
    siege.bob.expect(|event| {
        if let Event::Logged { message, .. } = event {
            match message.text.as_str() {
                "x" => heard += 1,
                _ => in_between = Some(heard),
            }
        }
        (heard == 20 * 64 && in_between.is_some()).then_some(())
    });
    siege.talk("after it");
}

#[test]
fn who_hangs_up_and_comes_again_owes_what_it_owed() {
    let siege = Siege::begin(false);
    let long = "x".repeat(MAX_MESSAGE_BYTES);
    let began = Instant::now();
    for _ in 0..3 {
        let mut raw = RawGuest::join(&siege.invite, CEM);
        raw.enter();
        let mut chain = raw.log.chain_of(&raw.identity.fingerprint());
        for text in batch_of(&long, &raw, &mut chain) {
            raw.send(&text);
        }
        let mut heard = 0;
        siege.bob.expect(|event| {
            heard += usize::from(matches!(event, Event::Logged { .. }));
            (heard == 64).then_some(())
        });
    }
    // 6 MiB, of which two may come at once, and one a second.
    assert!(began.elapsed() > Duration::from_secs(3), "{:?}", began.elapsed());
    siege.talk("after it");
}

#[test]
fn a_reader_who_reads_nothing_is_dropped_and_told_so_and_nobody_waits_for_it() {
    let siege = Siege::begin(false);
    let mut raw = RawGuest::join(&siege.invite, CEM);
    raw.enter();
    let long = "x".repeat(32 * 1024);
    let mut said = 0;
    let mut dropped = false;
    while !dropped {
        for _ in 0..20 {
            siege.bob.say(&long);
            said += 1;
        }
        assert!(said < 4000, "it is never dropped");
        let mut heard = 0;
        siege.ada.expect(|event| {
            match event {
                Event::Logged { .. } => heard += 1,
                Event::MemberLeft { reason, .. } => {
                    assert_eq!(reason, DepartureReason::TooSlow);
                    dropped = true;
                }
                _ => {}
            }
            (heard == 20).then_some(())
        });
    }
    siege.talk("after it");
    // It reads at last what was on its way, and then why nothing more comes.
    while raw.next_body().is_some() {}
    assert_eq!(raw.connection.peer_close_reason(), CloseReason::TooSlow);
    let told = ClosedReason::TooSlow.to_string();
    assert!(told.contains("could not keep up"), "{told}");
}
