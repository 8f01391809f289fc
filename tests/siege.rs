//! A host under attack: each attack runs beside a room in which two people talk, and they must not notice.
//!
//! What the attacks cost in milliseconds is measured by `examples/under_attack`; here stands what each
//! one gets, and that the room goes on.

mod hostile;
mod people;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use cipher_room::crypto::{Identity, Secret, WrapKey};
use cipher_room::net::limits::MAX_KNOCKING_PER_ORIGIN;
use cipher_room::net::{Alarm, ClosedReason, Command, Event, HostAct};
use cipher_room::protocol::body::Standing;
use cipher_room::protocol::handshake::{AwaitHost, AwaitResumed, GuestHello, Refusal, Session};
use cipher_room::protocol::limits::{HANDSHAKE_TIMEOUT, MAX_MESSAGE_BYTES};
use cipher_room::protocol::wire::{Frame, FrameBuffer};
use cipher_room::protocol::{CloseReason, DepartureReason, Invite, OwnChain};
use cipher_room::store::Decision;
use crossbeam_channel::bounded;
use hostile::{Attack, Target, batch_of, early_rekey};
use people::keys::many_keys;
use people::{CEM, Person, RawGuest, RawKnocker};

/// Bob hosts, Ada is there, and somebody attacks.
struct Siege {
    bob: Person,
    ada: Person,
    invite: Invite,
}

impl Siege {
    fn begin(open_to_address: bool) -> Siege {
        let (bob, ada) = (Person::bob(), Person::ada());
        let invite = bob.host(open_to_address).invite;
        ada.join(&invite.to_string());
        Siege { bob, ada, invite }
    }

    /// For what is done by hand: nobody says that it is enough.
    fn target(&self) -> Target {
        Target {
            invite: self.invite.clone(),
            from: hostile::STRANGER,
            enough: crossbeam_channel::never(),
            done: Arc::default(),
        }
    }

    /// While the attack runs, the two talk; then comes what is to happen under it too.
    fn endure(&self, attack: Attack, then: impl FnOnce(&Siege)) {
        let (tell, enough) = bounded::<()>(0);
        let target = Target {
            enough,
            ..self.target()
        };
        let (done, began) = (Arc::clone(&target.done), Instant::now());
        std::thread::scope(|threads| {
            threads.spawn(move || attack(&target));
            // Until there was an attack: on a busy machine its thread may have to wait.
            for round in 0.. {
                self.talk(&round.to_string());
                if round >= 10 && done.load(Ordering::Relaxed) > 0 {
                    break;
                }
                assert!(began.elapsed() < Duration::from_secs(60), "nobody attacks");
            }
            then(self);
            drop(tell);
        });
    }

    /// Both say something and hear it. Others may talk meanwhile.
    fn talk(&self, word: &str) {
        for (speaker, name) in [(&self.ada, "ada"), (&self.bob, "bob")] {
            let text = format!("{name} {word}");
            speaker.say(&text);
            for listener in [&self.bob, &self.ada] {
                listener.expect(|event| match event {
                    Event::Logged { message, .. } if message.text == text => Some(()),
                    Event::Closed { reason, .. } => panic!("{}: {reason}", listener.name),
                    Event::ThreadDied { name, .. } => panic!("{name} died"),
                    _ => None,
                });
            }
        }
    }
}

/// While the attack runs, the two talk; afterwards somebody new comes in.
fn the_room_goes_on_under(attack: Attack) {
    let siege = Siege::begin(false);
    siege.endure(attack, |_| {});
    let dora = Person::new("Dora", None);
    dora.join(&siege.invite.to_string());
    siege.talk("in the end");
}

/// While the attack runs, the two talk, and somebody new comes in.
fn the_door_stands_open_under(attack: Attack) {
    let (siege, dora) = (Siege::begin(false), Person::new("Dora", None));
    siege.endure(attack, |siege| {
        dora.join(&siege.invite.to_string());
        siege.talk("in the end");
    });
}

fn attack(name: &str) -> Attack {
    let found = hostile::ALL.iter().find(|other| other.name == name);
    found.unwrap_or_else(|| panic!("no attack {name}")).run
}

#[test]
fn a_slow_loris_and_half_open_connections_do_not_disturb_a_room() {
    the_door_stands_open_under(attack("slow loris"));
    the_door_stands_open_under(attack("half-open connections"));
    the_door_stands_open_under(attack("half-open, a guest's address"));
}

#[test]
fn floods_of_connections_noise_and_lengths_do_not_disturb_a_room() {
    the_door_stands_open_under(attack("connection flood"));
    the_door_stands_open_under(attack("flood, a guest's address"));
    the_door_stands_open_under(attack("random bytes"));
    the_door_stands_open_under(attack("oversized lengths"));
}

#[test]
fn floods_of_hellos_do_not_disturb_a_room() {
    the_door_stands_open_under(attack("repeated M1"));
    the_door_stands_open_under(attack("hellos without an invitation"));
}

#[test]
fn hostile_members_do_not_disturb_a_room() {
    the_room_goes_on_under(attack("handshake, then garbage"));
    the_room_goes_on_under(attack("key-update storm"));
    the_room_goes_on_under(attack("tiny messages"));
    the_room_goes_on_under(attack("long messages"));
    the_room_goes_on_under(attack("a reader who reads nothing"));
}

/// What comes back until the host hangs up.
fn answer(mut stream: TcpStream, bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    let _ = stream.write_all(bytes);
    let _ = stream.read_to_end(&mut all);
    all
}

/// The first bytes that come back.
fn first_answer(stream: &mut TcpStream, bytes: &[u8]) -> u8 {
    let mut kind = [0];
    stream.write_all(bytes).unwrap();
    stream.read_exact(&mut kind).unwrap();
    kind[0]
}

#[test]
fn a_recorded_hello_is_answered_once() {
    let siege = Siege::begin(true);
    let target = siege.target();
    for secret in [siege.invite.secret.clone(), Secret::ZERO] {
        let recorded = target.hello(&secret);
        let mut first = target.connect().unwrap();
        assert_eq!(first_answer(&mut first, &recorded), 2, "M2");
        for from in [hostile::STRANGER, Ipv4Addr::new(127, 0, 0, 67)] {
            let again = target.connect_from(from).unwrap();
            assert_eq!(answer(again, &recorded), Refusal::BadHandshake.clear_frame());
        }
    }
    siege.talk("after it");
}

#[test]
fn the_uninvited_are_answered_at_a_rate_and_who_is_invited_always() {
    let siege = Siege::begin(true);
    let target = siege.target();
    let hello = || target.hello(&Secret::ZERO);
    let answers: Vec<u8> = (0..100)
        .map(|_| first_answer(&mut target.connect().unwrap(), &hello()))
        .collect();
    let answered = answers.iter().filter(|kind| **kind == 2).count();
    // 64 at once, and a few more while the test went on.
    assert!((64..100).contains(&answered), "{answered}");
    assert_eq!(answers.last(), Some(&7), "a refusal: full");
    let mut elsewhere = target.connect_from(Ipv4Addr::new(127, 0, 0, 68)).unwrap();
    assert_eq!(
        first_answer(&mut elsewhere, &hello()),
        2,
        "others are not concerned"
    );
    let mut invited = target.connect().unwrap();
    let invitation = target.hello(&siege.invite.secret);
    assert_eq!(first_answer(&mut invited, &invitation), 2);
    siege.talk("after it");
}

#[test]
fn an_origin_holds_only_so_many_connections_that_say_nothing_and_the_oldest_gives_way() {
    let siege = Siege::begin(false);
    let target = siege.target();
    let mut held: Vec<TcpStream> = (0..600).filter_map(|_| target.connect().ok()).collect();
    let last = held.pop().unwrap();
    // The oldest are hung up on at once, the others after the handshake's time.
    let began = Instant::now();
    assert_eq!(answer(held.remove(0), b""), b"");
    assert!(began.elapsed() < HANDSHAKE_TIMEOUT / 2, "{:?}", began.elapsed());
    siege.talk("meanwhile");
    // Who comes from the same address and has something to show is let in.
    let mut invited = target.connect().unwrap();
    assert_eq!(
        first_answer(&mut invited, &target.hello(&siege.invite.secret)),
        2,
        "M2"
    );
    assert_eq!(answer(last, b""), b"");
    assert!(began.elapsed() > HANDSHAKE_TIMEOUT / 2, "{:?}", began.elapsed());
    assert!(began.elapsed() < 2 * HANDSHAKE_TIMEOUT);
}

#[test]
fn a_byte_now_and_then_does_not_stretch_the_deadline() {
    let siege = Siege::begin(false);
    let target = siege.target();
    let hello = target.hello(&siege.invite.secret);
    let mut stream = target.connect().unwrap();
    let began = Instant::now();
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    for byte in &hello {
        if stream.write_all(&[*byte]).is_err() || matches!(stream.read(&mut [0]), Ok(0)) {
            break;
        }
        assert!(began.elapsed() < 2 * HANDSHAKE_TIMEOUT, "still there");
    }
    assert!(began.elapsed() >= HANDSHAKE_TIMEOUT - Duration::from_secs(1));
    siege.talk("after it");
}

#[test]
fn a_member_who_sends_garbage_or_rekeys_too_soon_is_sent_away() {
    let siege = Siege::begin(false);
    for misbehave in [
        (|_| vec![vec![0x55; 64]]) as fn(&mut RawGuest) -> Vec<Vec<u8>>,
        early_rekey,
        |_| vec![vec![17, 0, 0, 0, 16], vec![0; 16]],
    ] {
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
    }
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
fn who_comes_back_is_counted_like_who_comes() {
    let siege = Siege::begin(false);
    // Several, because now and then one of them finds the place of this moment.
    let keys = many_keys(8);
    let come_back = keys.iter().map(|key| {
        let mut raw = RawGuest::join(&siege.invite, key);
        raw.enter();
        AwaitResumed::start(raw.session, &mut rand::rng()).1
    });
    let come_back: Vec<Vec<u8>> = come_back.collect();
    // Somebody at the same address takes all that this address may.
    let target = siege.target().beside_the_guests();
    let hellos = target.hellos(&siege.invite.secret);
    let answers = |all: &[Vec<u8>]| -> Vec<[u8; 6]> {
        let mut lines: Vec<TcpStream> = all.iter().map(|_| target.connect().unwrap()).collect();
        for (line, bytes) in lines.iter_mut().zip(all) {
            line.write_all(bytes).unwrap();
        }
        let mut first = [0; 6];
        let read = |mut line: TcpStream| line.read_exact(&mut first).map(|()| first).unwrap();
        lines.into_iter().map(read).collect()
    };
    let full = Refusal::Full.clear_frame();
    let refused = |answers: &[[u8; 6]]| answers.iter().filter(|answer| **answer == *full).count();
    let burst = || -> Vec<Vec<u8>> { (0..100).map(|_| hellos()).collect() };
    let began = Instant::now();
    while refused(&answers(&burst())) < 50 {
        assert!(began.elapsed() < Duration::from_secs(60), "never refused");
    }
    let mixed: Vec<Vec<u8>> = come_back
        .iter()
        .flat_map(|r1| (0..12).map(|_| hellos()).chain([r1.clone()]))
        .collect();
    let returns: Vec<[u8; 6]> = answers(&mixed).into_iter().skip(12).step_by(13).collect();
    assert_eq!(returns.len(), come_back.len());
    assert!(refused(&returns) > 0, "{returns:?}");
    siege.talk("after it");
}

#[test]
fn a_full_door_says_so_and_who_was_here_before_is_asked_about_all_the_same() {
    let siege = Siege::begin(false);
    let mut before = RawGuest::join(&siege.invite, CEM);
    before.enter();
    siege.bob.expect(|event| match event {
        Event::MemberJoined { member, .. } => (member.name == "Raw").then_some(()),
        _ => None,
    });
    siege.bob.govern(HostAct::Remove(before.identity.fingerprint()));
    siege
        .bob
        .expect(|event| matches!(event, Event::MemberLeft { .. }).then_some(()));
    siege.bob.govern(HostAct::AskFirst(true));
    siege.bob.expect(|event| match event {
        Event::DoorChanged { door, .. } => door.asks.then_some(()),
        _ => None,
    });
    let keys = many_keys(MAX_KNOCKING_PER_ORIGIN + 2);
    let mut waiting: Vec<RawKnocker> = Vec::new();
    for key in &keys {
        let mut knocker = RawKnocker::try_knock(&siege.invite, key).unwrap();
        knocker.is_asked_about();
        waiting.push(knocker);
    }
    for knocker in waiting.drain(MAX_KNOCKING_PER_ORIGIN..) {
        assert_eq!(knocker.refusal(), Refusal::Full);
    }
    let mut again = RawKnocker::try_knock(&siege.invite, CEM).unwrap();
    again.is_asked_about();
    let (mut knocked, mut told) = (0, 0);
    siege.bob.expect(|event| match event {
        Event::Knocked { member, .. } => {
            knocked += 1;
            (member.fingerprint == again.identity.fingerprint()).then_some(())
        }
        Event::Hindered { .. } => {
            told += 1;
            None
        }
        _ => None,
    });
    assert_eq!((knocked, told), (MAX_KNOCKING_PER_ORIGIN + 1, 1));
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

/// A line on which somebody has shaken hands up to its last message, and that message.
struct KeptBack {
    stream: TcpStream,
    last: Vec<u8>,
}

impl KeptBack {
    /// Cem keeps back M5.
    fn in_full(siege: &Siege) -> KeptBack {
        let identity = Identity::from_pem(CEM).unwrap();
        let wrap = WrapKey::from_pem(include_str!("keys/ada-wrap.pem")).unwrap();
        let hello = GuestHello {
            invite: siege.invite.secret.clone(),
            pinned: None,
            identity: identity.public().clone(),
            wrap: wrap.public().clone(),
            name: "Raw".to_owned(),
        };
        let mut stream = siege.target().connect().unwrap();
        let (state, m1) = AwaitHost::start(hello, &mut rand::rng());
        stream.write_all(&m1).unwrap();
        let state = state.receive(next_frame(&mut stream)).unwrap();
        let signature = people::sign(&identity, &state.statement());
        let (state, m3) = state.signed(&signature);
        stream.write_all(&m3).unwrap();
        let m4 = next_frame(&mut stream);
        let (_, last) = state.receive(m4, &wrap, &mut rand::rng()).unwrap();
        KeptBack { stream, last }
    }

    /// Whoever resumes a session keeps back R3.
    fn resumed(siege: &Siege, session: Session) -> KeptBack {
        let mut stream = siege.target().connect().unwrap();
        let (state, r1) = AwaitResumed::start(session, &mut rand::rng());
        stream.write_all(&r1).unwrap();
        let r2 = next_frame(&mut stream);
        let (_, last) = state.receive(r2, Standing::default()).unwrap();
        KeptBack { stream, last }
    }

    /// Sends it at last. A member would hear of the room.
    fn ends_hung_up(self) -> bool {
        answer(self.stream, &self.last).is_empty()
    }
}

fn next_frame(stream: &mut TcpStream) -> Frame {
    let mut frames = FrameBuffer::default();
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        frames.push(&byte);
        if let Some(frame) = frames.next_frame().unwrap() {
            return frame;
        }
    }
}

#[test]
fn who_is_sent_away_does_not_come_back_with_a_last_message_that_it_kept_back() {
    let siege = Siege::begin(false);
    let cem = Identity::from_pem(CEM).unwrap().fingerprint();
    let send_away = [
        Command::Govern {
            room: people::ROOM,
            act: HostAct::Remove(cem),
        },
        Command::Decide {
            fingerprint: cem,
            decision: Decision::Block,
        },
    ];
    // Who was removed and not blocked comes in again with a new handshake.
    for command in send_away {
        let mut raw = RawGuest::join(&siege.invite, CEM);
        raw.enter();
        let kept_back = [KeptBack::in_full(&siege), KeptBack::resumed(&siege, raw.session)];
        siege.bob.send(command);
        siege
            .bob
            .expect(|event| matches!(event, Event::MemberLeft { .. }).then_some(()));
        for line in kept_back {
            assert!(line.ends_hung_up());
        }
    }
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
