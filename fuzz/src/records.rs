//! Records of an established connection, rightly sealed, of any kind and with any text, at any time.

use std::time::{Duration, Instant};

use cipher_room::crypto::{Offer, SealingKey, TrafficSecret, answer};
use cipher_room::protocol::limits::{MAX_RECORD_BYTES, MIN_REKEY_INTERVAL, RECORDS_PER_KEY, REKEY_INTERVAL};
use cipher_room::protocol::wire::{FieldWriter, FrameKind};
use cipher_room::protocol::{Connection, Output};

use super::{Fixed, World, parts_of, script, seal_alone_bytes};

const KINDS: [FrameKind; 7] = [
    FrameKind::Data,
    FrameKind::KeyUpdate,
    FrameKind::RekeyOffer,
    FrameKind::RekeyAnswer,
    FrameKind::RekeyDone,
    FrameKind::Close,
    FrameKind::GuestProof,
];

/// Our own randomness, from which an offer of ours is made.
const OWN: &[u8] = b"records";

/// The choice of a part that stands for as many records as its key may still seal before its update.
const USED_UP: u8 = 254;

/// The other end's key, which is updated with its last record.
struct Side {
    key: SealingKey,
    secret: Option<TrafficSecret>,
}

impl Side {
    fn guest() -> Side {
        let world = World::get();
        Side {
            key: world.guest_record_key(),
            secret: Some(world.master().guest_traffic(&world.th6)),
        }
    }

    fn host() -> Side {
        let world = World::get();
        Side {
            key: world.host_record_key(),
            secret: Some(world.master().host_traffic(&world.th6)),
        }
    }

    fn seal(&mut self, kind: FrameKind, text: &[u8]) -> Vec<u8> {
        let frame = seal_alone_bytes(kind, &mut self.key, text);
        if kind == FrameKind::KeyUpdate
            && let Some(next) = self.secret.take().map(TrafficSecret::update)
        {
            self.key = SealingKey::new(&next);
            self.secret = Some(next);
        }
        frame
    }

    /// Records without a text, up to the one that must be the update.
    fn use_up(&mut self, connection: &mut Connection, now: Instant, rng: &mut Fixed) {
        while self.key.sealed() < RECORDS_PER_KEY - 1 {
            let record = self.seal(FrameKind::Data, b"");
            if connection.handle_input(&record, now, rng).is_err() {
                return;
            }
            while connection.poll_output().is_some() {}
        }
    }
}

/// Records of a member.
pub fn records_to_host(data: &[u8]) {
    let world = World::get();
    let (_, mut connection) = world.at_host().into_connection(&[], world.start);
    feed(&mut connection, Side::guest(), data, world.start);
}

/// Records of a host.
pub fn records_to_guest(data: &[u8]) {
    let world = World::get();
    let (_, mut connection) = world.at_guest().into_connection(&[], world.start);
    feed(&mut connection, Side::host(), data, world.start);
}

/// Seals a script of records and feeds it to a connection in pieces, each at its time. Gives the kinds of the frames that the
/// connection sent.
fn feed(connection: &mut Connection, mut side: Side, data: &[u8], start: Instant) -> Vec<u8> {
    let mut rng = Fixed::new(OWN);
    let mut now = start;
    let mut sent = Vec::new();
    let (mut had_error, mut is_used_up) = (false, false);
    for (choice, text) in parts_of(data) {
        if choice == USED_UP {
            // Once in an input.
            if !std::mem::replace(&mut is_used_up, true) {
                side.use_up(connection, now, &mut rng);
            }
            continue;
        }
        let kind = KINDS[usize::from(choice) % KINDS.len()];
        now += step(choice);
        let mut wire = side.seal(kind, text);
        if choice == 255 {
            // Not sealed at all.
            wire = text.to_vec();
        }
        for piece in wire.chunks((text.len() % 256).max(1)) {
            let outcome = connection.handle_input(piece, now, &mut rng);
            had_error |= outcome.is_err();
        }
        connection.handle_timeout(now, &mut rng);
        while let Some(output) = connection.poll_output() {
            match output {
                Output::Received(text) => {
                    assert!(text.len() <= MAX_RECORD_BYTES);
                    assert!(kind == FrameKind::Data || had_error);
                }
                Output::PeerClosed => assert_eq!(kind, FrameKind::Close),
                Output::Transmit(frame) => sent.extend(frame.first()),
            }
        }
        if had_error {
            return sent;
        }
    }
    let _ = connection.send(b"after all that");
    connection.close();
    sent
}

/// How much time goes by before a record. The small steps are whole seconds; the large ones lead to where an offer may
/// come, where one is due, and behind.
fn step(choice: u8) -> Duration {
    match u64::from(choice) / KINDS.len() as u64 {
        31 => MIN_REKEY_INTERVAL,
        32 => MIN_REKEY_INTERVAL + Duration::from_secs(1),
        33 => REKEY_INTERVAL,
        34 => Duration::from_secs(60 * 60),
        35.. => Duration::from_secs(24 * 60 * 60),
        secs => Duration::from_secs(secs),
    }
}

/// The choice of a kind after a step, both by their place.
const fn choice(kind: u8, step: u8) -> u8 {
    step * KINDS.len() as u8 + kind
}

const UPDATE: u8 = 1;
const KEYS_END: &[(u8, &[u8])] = &[(USED_UP, b""), (UPDATE, b""), (0, b"x")];

/// Shows that a key comes to its end: its update is taken there and nowhere else, and what follows is under the next one.
fn assert_keys_end(connect: impl Fn() -> Connection, side: impl Fn() -> Side) {
    let start = World::get().start;
    let is_gone_on = |parts: &[(u8, &[u8])]| {
        let mut connection = connect();
        feed(&mut connection, side(), &script(parts), start);
        connection.poll_output().is_some()
    };
    assert!(is_gone_on(KEYS_END));
    assert!(!is_gone_on(&[(USED_UP, b""), (0, b"x")]));
    assert!(!is_gone_on(&[(0, b"x"), (UPDATE, b""), (0, b"x")]));
}

pub fn host_seeds() -> Vec<Vec<u8>> {
    let world = World::get();
    assert_keys_end(
        || world.at_host().into_connection(&[], world.start).1,
        Side::guest,
    );
    let [_, _, head] = world.told_bodies();
    let offer = Offer::generate(&mut Fixed::new(b"offer"));
    let offer = shares(&offer.public().x25519, &offer.public().ml_kem);
    let answered = script(&[(0, b"x"), (choice(2, 31), &offer), (4, b""), (0, b"y")]);
    let (_, mut connection) = world.at_host().into_connection(&[], world.start);
    let sent = feed(&mut connection, Side::guest(), &answered, world.start);
    assert_eq!(
        sent,
        [FrameKind::RekeyAnswer as u8],
        "an offer in its time is answered"
    );
    vec![
        script(&[(0, &head), (5, &[0, 0, 0, 0, 0, 0, 0, 1])]),
        script(&[(2, &[7; 40]), (0, b"x")]),
        answered,
        script(&[(choice(2, 32), &offer[..40]), (0, b"x")]),
        script(&[(choice(2, 35), &offer), (choice(2, 31), &offer)]),
        script(KEYS_END),
    ]
}

pub fn guest_seeds() -> Vec<Vec<u8>> {
    let world = World::get();
    assert_keys_end(
        || world.at_guest().into_connection(&[], world.start).1,
        Side::host,
    );
    let [roster, _, head] = world.told_bodies();
    // As ours will be, because its randomness is known.
    let ours = Offer::generate(&mut Fixed::new(OWN));
    let (answer, _) = answer(ours.public(), &mut Fixed::new(b"answer")).expect("good shares");
    let answer = shares(&answer.x25519, &answer.ml_kem);
    let finished = script(&[(0, &roster), (choice(0, 33), &head), (3, &answer), (0, b"y")]);
    let (_, mut connection) = world.at_guest().into_connection(&[], world.start);
    let sent = feed(&mut connection, Side::host(), &finished, world.start);
    let expected = [FrameKind::RekeyOffer, FrameKind::RekeyDone].map(|kind| kind as u8);
    assert_eq!(
        sent, expected,
        "ours is sent when it is due, and its answer is taken"
    );
    vec![
        script(&[(0, &roster), (0, &head), (5, &[0, 0, 0, 0, 0, 0, 0, 2])]),
        script(&[(5, &[0, 0, 0, 0, 0, 0, 0, 0, 2])]),
        finished,
        script(&[(0, &roster), (choice(0, 33), &head), (3, &answer[..90])]),
        script(&[(0, &roster), (3, &answer)]),
        script(KEYS_END),
    ]
}

pub(super) fn shares(x25519: &[u8], ml_kem: &[u8]) -> Vec<u8> {
    FieldWriter::default().put(x25519).put(ml_kem).into_bytes()
}
