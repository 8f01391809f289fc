//! What strangers get at the door of a room, and who was sent away through it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use cipher_room::crypto::{Identity, Secret, WrapKey};
use cipher_room::net::limits::MAX_KNOCKING_PER_ORIGIN;
use cipher_room::net::{Command, Event, HostAct};
use cipher_room::protocol::body::Standing;
use cipher_room::protocol::handshake::{AwaitHost, AwaitResumed, GuestHello, Refusal, Session};
use cipher_room::protocol::limits::HANDSHAKE_TIMEOUT;
use cipher_room::store::Decision;

use super::Siege;
use crate::hostile;
use crate::people::keys::many_keys;
use crate::people::{self, CEM, RawGuest, RawKnocker, read_frame};

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

/// A line on which somebody has shaken hands up to its last message, and that message.
struct KeptBack {
    stream: TcpStream,
    last: Vec<u8>,
}

impl KeptBack {
    /// Cem keeps back M5.
    fn in_full(siege: &Siege) -> KeptBack {
        let identity = Identity::from_pem(CEM).unwrap();
        let wrap = WrapKey::from_pem(include_str!("../keys/ada-wrap.pem")).unwrap();
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
        let state = state.receive(read_frame(&mut stream).unwrap()).unwrap();
        let signature = people::sign(&identity, &state.statement());
        let (state, m3) = state.signed(&signature);
        stream.write_all(&m3).unwrap();
        let m4 = read_frame(&mut stream).unwrap();
        let (_, last) = state.receive(m4, &wrap, &mut rand::rng()).unwrap();
        KeptBack { stream, last }
    }

    /// Whoever resumes a session keeps back R3.
    fn resumed(siege: &Siege, session: Session) -> KeptBack {
        let mut stream = siege.target().connect().unwrap();
        let (state, r1) = AwaitResumed::start(session, &mut rand::rng());
        stream.write_all(&r1).unwrap();
        let r2 = read_frame(&mut stream).unwrap();
        let (_, last) = state.receive(r2, Standing::default()).unwrap();
        KeptBack { stream, last }
    }

    /// Sends it at last. A member would hear of the room.
    fn ends_hung_up(self) -> bool {
        answer(self.stream, &self.last).is_empty()
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
