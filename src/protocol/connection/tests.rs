//! Records between two connections with time by hand.

use std::time::Duration;

use super::*;
use crate::crypto::{EarlySecret, OpeningKey, SealingKey, Secret};
use crate::protocol::limits::{MAX_SEALED_RECORD_BYTES, RECORDS_PER_KEY};
use crate::protocol::wire::WireError;

fn keys_for(role: Role) -> ApplicationKeys {
    let master = || {
        EarlySecret::new(&Secret::ZERO)
            .mix(&crate::crypto::hybrid_for_test())
            .mix(&Secret::new([3; 32]))
    };
    let (own, other) = match role {
        Role::Guest => (master().guest_traffic(&[1; 32]), master().host_traffic(&[1; 32])),
        Role::Host => (master().host_traffic(&[1; 32]), master().guest_traffic(&[1; 32])),
    };
    ApplicationKeys {
        sealing: SealingKey::new(&own),
        sealing_secret: own,
        opening: OpeningKey::new(&other),
        opening_secret: other,
        rekey: master().rekey_secret(&[1; 32]),
    }
}

struct Pair {
    guest: Connection,
    host: Connection,
    now: Instant,
}

impl Pair {
    fn new() -> Pair {
        let now = Instant::now();
        Pair {
            guest: Connection::new(Role::Guest, keys_for(Role::Guest), &[], now),
            host: Connection::new(Role::Host, keys_for(Role::Host), &[], now),
            now,
        }
    }

    /// Carries everything both ways until nothing moves; returns what guest and host received.
    fn settle(&mut self) -> (Vec<Output>, Vec<Output>) {
        let (mut at_guest, mut at_host) = (Vec::new(), Vec::new());
        loop {
            let moved = carry(&mut self.guest, &mut self.host, self.now, &mut at_guest)
                | carry(&mut self.host, &mut self.guest, self.now, &mut at_host);
            if !moved {
                return (at_guest, at_host);
            }
        }
    }
}

fn carry(from: &mut Connection, to: &mut Connection, now: Instant, told: &mut Vec<Output>) -> bool {
    let mut moved = false;
    while let Some(output) = from.poll_output() {
        moved = true;
        match output {
            Output::Transmit(bytes) => to.handle_input(&bytes, now, &mut rand::rng()).unwrap(),
            other => told.push(other),
        }
    }
    moved
}

fn transmitted(connection: &mut Connection) -> Vec<u8> {
    match connection.poll_output() {
        Some(Output::Transmit(bytes)) => bytes,
        other => panic!("expected bytes, got {other:?}"),
    }
}

fn record(pair: &mut Pair, text: &[u8]) -> Vec<u8> {
    pair.guest.send(text).unwrap();
    transmitted(&mut pair.guest)
}

/// The guest offers a fresh exchange a minute later, and the host has the offer; its answer waits.
fn offered(pair: &mut Pair) {
    pair.now += MIN_REKEY_INTERVAL;
    pair.guest.bytes_since_exchange = REKEY_BYTES;
    pair.guest.handle_timeout(pair.now, &mut rand::rng());
    let offer = transmitted(&mut pair.guest);
    pair.host
        .handle_input(&offer, pair.now, &mut rand::rng())
        .unwrap();
}

fn received(text: &[u8]) -> Output {
    Output::Received(text.to_vec())
}

#[test]
fn texts_cross_in_both_directions() {
    let mut pair = Pair::new();
    pair.guest.send(b"one").unwrap();
    pair.guest.send(&[7; MAX_RECORD_BYTES]).unwrap();
    pair.host.send(b"").unwrap();
    let (at_guest, at_host) = pair.settle();
    assert_eq!(at_guest, [received(b"")]);
    assert_eq!(at_host, [received(b"one"), received(&[7; MAX_RECORD_BYTES])]);
}

#[test]
fn a_text_above_the_limit_is_not_sent() {
    let mut pair = Pair::new();
    let mut wire = Vec::new();
    for bytes in [MAX_RECORD_BYTES + 1, 2 * MAX_RECORD_BYTES] {
        let text = vec![0; bytes];
        assert_eq!(pair.guest.send(&text), Err(CannotSend));
        assert_eq!(pair.guest.send_into(&text, &mut wire), Err(CannotSend));
    }
    assert_eq!((pair.guest.poll_output(), wire.len()), (None, 0));
    let longest = vec![7; MAX_RECORD_BYTES];
    pair.guest.send(&longest).unwrap();
    let (_, at_host) = pair.settle();
    assert_eq!(at_host, [received(&longest)]);
    pair.guest.send_into(&longest, &mut wire).unwrap();
    assert_eq!(wire.len(), MAX_SEALED_RECORD_BYTES + 5);
}

#[test]
fn what_carries_more_than_it_may_or_comes_from_the_wrong_end_is_out_of_turn() {
    for (kind, text) in [
        (FrameKind::KeyUpdate, &b"more"[..]),
        (FrameKind::RekeyDone, b"more"),
        (FrameKind::RekeyAnswer, b""),
    ] {
        let mut pair = Pair::new();
        let mut bytes = Vec::new();
        pair.guest.sending.seal(kind, text, &mut bytes);
        let outcome = pair.host.handle_input(&bytes, pair.now, &mut rand::rng());
        assert_eq!(outcome, Err(ConnectionError::OutOfTurn(kind)));
    }
    for kind in [FrameKind::RekeyOffer, FrameKind::RekeyDone] {
        let mut pair = Pair::new();
        let mut bytes = Vec::new();
        pair.host.sending.seal(kind, b"", &mut bytes);
        let outcome = pair.guest.handle_input(&bytes, pair.now, &mut rand::rng());
        assert_eq!(outcome, Err(ConnectionError::OutOfTurn(kind)));
    }
}

#[test]
fn a_key_update_and_the_end_of_an_exchange_carry_nothing() {
    let mut pair = Pair::new();
    let mut bytes = Vec::new();
    for _ in 1..RECORDS_PER_KEY {
        pair.guest.send_into(b"", &mut bytes).unwrap();
    }
    pair.guest.sending.seal(FrameKind::KeyUpdate, b"more", &mut bytes);
    let outcome = pair.host.handle_input(&bytes, pair.now, &mut rand::rng());
    assert_eq!(outcome, Err(ConnectionError::OutOfTurn(FrameKind::KeyUpdate)));

    let mut pair = Pair::new();
    offered(&mut pair);
    let mut bytes = Vec::new();
    pair.guest.sending.seal(FrameKind::RekeyDone, b"more", &mut bytes);
    let outcome = pair.host.handle_input(&bytes, pair.now, &mut rand::rng());
    assert_eq!(outcome, Err(ConnectionError::OutOfTurn(FrameKind::RekeyDone)));
}

#[test]
fn every_flipped_bit_of_a_record_is_refused() {
    let bits = record(&mut Pair::new(), b"a record").len() * 8;
    for bit in 0..bits {
        let mut pair = Pair::new();
        let mut spoiled = record(&mut pair, b"a record");
        spoiled[bit / 8] ^= 1 << (bit % 8);
        let outcome = pair.host.handle_input(&spoiled, pair.now, &mut rand::rng());
        // A longer length waits for bytes that the next record then supplies, and fails there.
        let outcome = outcome.and_then(|()| {
            let mut next = record(&mut pair, &[0; 60_000]);
            next.extend(record(&mut pair, &[0; 60_000]));
            pair.host.handle_input(&next, pair.now, &mut rand::rng())
        });
        assert!(outcome.is_err(), "bit {bit}");
        assert_eq!(pair.host.poll_output(), None, "bit {bit}");
    }
}

#[test]
fn records_that_arrive_twice_are_refused() {
    let mut pair = Pair::new();
    let one = record(&mut pair, b"one");
    pair.host.handle_input(&one, pair.now, &mut rand::rng()).unwrap();
    let again = pair.host.handle_input(&one, pair.now, &mut rand::rng());
    assert_eq!(again, Err(ConnectionError::NotAuthentic));
}

#[test]
fn reordered_and_dropped_records_are_refused() {
    let mut pair = Pair::new();
    let _dropped = record(&mut pair, b"one");
    let two = record(&mut pair, b"two");
    let outcome = pair.host.handle_input(&two, pair.now, &mut rand::rng());
    assert_eq!(outcome, Err(ConnectionError::NotAuthentic));
}

#[test]
fn a_record_reflected_to_its_sender_is_refused() {
    let mut pair = Pair::new();
    let one = record(&mut pair, b"one");
    let reflected = pair.guest.handle_input(&one, pair.now, &mut rand::rng());
    assert_eq!(reflected, Err(ConnectionError::NotAuthentic));
}

#[test]
fn a_goodbye_is_told_from_a_cut() {
    let mut pair = Pair::new();
    pair.guest.send(b"one").unwrap();
    assert_eq!(pair.settle().1, [received(b"one")]);
    assert_eq!(pair.host.handle_end(), Err(ConnectionError::Cut));
    pair.guest.close();
    pair.guest.close();
    assert_eq!(pair.guest.send(b"two"), Err(CannotSend));
    let (_, at_host) = pair.settle();
    assert_eq!(at_host, [Output::PeerClosed]);
    assert_eq!(pair.host.handle_end(), Ok(()));
    assert_eq!(pair.guest.handle_end(), Err(ConnectionError::Cut));
    let after = pair
        .host
        .handle_input(&FrameKind::Data.frame(&[0; 20]), pair.now, &mut rand::rng());
    assert_eq!(after, Err(ConnectionError::OutOfTurn(FrameKind::Data)));
}

#[test]
fn keys_are_updated_every_65536_records() {
    let mut pair = Pair::new();
    let mut frames = 0;
    let mut kinds = Vec::new();
    for i in 0..2 * RECORDS_PER_KEY {
        pair.guest.send(&i.to_be_bytes()).unwrap();
        while let Some(output) = pair.guest.poll_output() {
            let Output::Transmit(bytes) = output else { panic!() };
            if bytes[0] == FrameKind::KeyUpdate as u8 {
                kinds.push(frames);
            }
            frames += 1;
            pair.host
                .handle_input(&bytes, pair.now, &mut rand::rng())
                .unwrap();
        }
        assert_eq!(pair.host.poll_output(), Some(received(&i.to_be_bytes())));
    }
    assert_eq!(kinds, [RECORDS_PER_KEY - 1, 2 * RECORDS_PER_KEY - 1]);
    pair.guest.close();
    assert_eq!(pair.settle().1, [Output::PeerClosed]);
}

#[test]
fn a_key_update_out_of_turn_is_refused() {
    let mut pair = Pair::new();
    let mut bytes = Vec::new();
    let sending = &mut pair.guest.sending;
    sending.seal(FrameKind::KeyUpdate, &[], &mut bytes);
    let outcome = pair.host.handle_input(&bytes, pair.now, &mut rand::rng());
    assert_eq!(outcome, Err(ConnectionError::OutOfTurn(FrameKind::KeyUpdate)));
}

#[test]
fn a_goodbye_with_another_count_is_refused() {
    let mut pair = Pair::new();
    let mut bytes = Vec::new();
    let sending = &mut pair.guest.sending;
    sending.seal(FrameKind::Close, &5_u64.to_be_bytes(), &mut bytes);
    let outcome = pair.host.handle_input(&bytes, pair.now, &mut rand::rng());
    assert_eq!(outcome, Err(ConnectionError::WrongCount));
}

#[test]
fn handshake_frames_among_records_are_refused() {
    let mut pair = Pair::new();
    let outcome = pair
        .host
        .handle_input(&FrameKind::GuestHello.frame(&[]), pair.now, &mut rand::rng());
    assert_eq!(outcome, Err(ConnectionError::OutOfTurn(FrameKind::GuestHello)));
    let mut pair = Pair::new();
    let length = FrameKind::Data.header(MAX_SEALED_RECORD_BYTES + 1);
    assert!(matches!(
        pair.host.handle_input(&length, pair.now, &mut rand::rng()),
        Err(ConnectionError::Wire(WireError::TooLong { .. }))
    ));
}

#[test]
fn a_fresh_exchange_happens_after_ten_minutes_of_talk_and_not_in_silence() {
    let mut pair = Pair::new();
    assert_eq!(pair.guest.next_timeout(), None);
    pair.guest.send(b"hello").unwrap();
    pair.settle();
    assert_eq!(pair.guest.next_timeout(), Some(pair.now + REKEY_INTERVAL));
    assert_eq!(pair.host.next_timeout(), None);
    pair.guest.handle_timeout(
        pair.now + REKEY_INTERVAL - Duration::from_secs(1),
        &mut rand::rng(),
    );
    assert_eq!(pair.guest.poll_output(), None);

    for round in 0..3_u8 {
        pair.now += REKEY_INTERVAL;
        pair.guest.handle_timeout(pair.now, &mut rand::rng());
        // Both sides go on talking while the exchange is under way.
        pair.guest.send(&[round]).unwrap();
        pair.host.send(&[round]).unwrap();
        let (at_guest, at_host) = pair.settle();
        assert_eq!(
            (at_guest, at_host),
            (vec![received(&[round])], vec![received(&[round])])
        );
        pair.guest.send(b"after").unwrap();
        pair.host.send(b"after").unwrap();
        let (at_guest, at_host) = pair.settle();
        assert_eq!(
            (at_guest, at_host),
            (vec![received(b"after")], vec![received(b"after")])
        );
    }
    pair.guest.close();
    pair.host.close();
    assert_eq!(
        pair.settle(),
        (vec![Output::PeerClosed], vec![Output::PeerClosed])
    );
}

#[test]
fn a_fresh_exchange_is_due_at_once_after_a_gibibyte() {
    let mut pair = Pair::new();
    pair.guest.bytes_since_exchange = REKEY_BYTES;
    assert_eq!(pair.guest.next_timeout(), Some(pair.now));
}

#[test]
fn only_the_guest_begins_a_fresh_exchange() {
    let mut pair = Pair::new();
    pair.now += MIN_REKEY_INTERVAL;
    let body = offer_body(Offer::generate(&mut rand::rng()).public());
    let mut bytes = Vec::new();
    pair.host.sending.seal(FrameKind::RekeyOffer, &body, &mut bytes);
    let outcome = pair.guest.handle_input(&bytes, pair.now, &mut rand::rng());
    assert_eq!(outcome, Err(ConnectionError::OutOfTurn(FrameKind::RekeyOffer)));
    pair.host.bytes_since_exchange = REKEY_BYTES;
    assert_eq!(pair.host.next_timeout(), None);
}

#[test]
fn a_storm_of_fresh_exchanges_is_refused() {
    let mut pair = Pair::new();
    pair.guest.bytes_since_exchange = REKEY_BYTES;
    pair.guest.handle_timeout(pair.now, &mut rand::rng());
    let offer = transmitted(&mut pair.guest);
    let outcome = pair.host.handle_input(&offer, pair.now, &mut rand::rng());
    assert_eq!(outcome, Err(ConnectionError::OutOfTurn(FrameKind::RekeyOffer)));
}

#[test]
fn a_fresh_exchange_may_be_offered_at_once_after_256_mebibytes() {
    for (said, answered) in [(MIN_REKEY_BYTES - 1, false), (MIN_REKEY_BYTES, true)] {
        let mut pair = Pair::new();
        pair.guest.bytes_since_exchange = REKEY_BYTES;
        pair.guest.handle_timeout(pair.now, &mut rand::rng());
        let offer = transmitted(&mut pair.guest);
        pair.host.bytes_since_exchange = said;
        let outcome = pair.host.handle_input(&offer, pair.now, &mut rand::rng());
        assert_eq!(outcome.is_ok(), answered, "{said}");
    }
}

#[test]
fn a_fresh_exchange_may_be_offered_again_after_a_minute() {
    for (early, answered) in [(Duration::from_millis(1), false), (Duration::ZERO, true)] {
        let mut pair = Pair::new();
        pair.guest.bytes_since_exchange = REKEY_BYTES;
        pair.guest.handle_timeout(pair.now, &mut rand::rng());
        let offer = transmitted(&mut pair.guest);
        let at = pair.now + MIN_REKEY_INTERVAL - early;
        let outcome = pair.host.handle_input(&offer, at, &mut rand::rng());
        assert_eq!(outcome.is_ok(), answered);
    }
}

#[test]
fn an_exchange_begins_the_ten_minutes_and_the_minute_anew() {
    let mut pair = Pair::new();
    offered(&mut pair);
    pair.settle();
    assert_eq!(pair.guest.next_timeout(), None, "nothing was said since");
    pair.host.send(b"hello").unwrap();
    pair.settle();
    assert_eq!(pair.guest.next_timeout(), Some(pair.now + REKEY_INTERVAL));
    pair.guest.bytes_since_exchange = REKEY_BYTES;
    pair.now += MIN_REKEY_INTERVAL - Duration::from_millis(1);
    pair.guest.handle_timeout(pair.now, &mut rand::rng());
    let again = transmitted(&mut pair.guest);
    let outcome = pair.host.handle_input(&again, pair.now, &mut rand::rng());
    assert_eq!(outcome, Err(ConnectionError::OutOfTurn(FrameKind::RekeyOffer)));
}

#[test]
fn the_keys_of_now_are_those_of_both_ends_and_none_while_an_exchange_is_under_way() {
    let mut pair = Pair::new();
    let now = |connection: &Connection| {
        let keys = connection.running_keys()?;
        let of = |(secret, records): &(Secret, u64)| (*secret.expose(), *records);
        let salt = keys.salt.as_ref().map(|salt| *salt.expose());
        Some((of(&keys.host), of(&keys.guest), salt))
    };
    let first = now(&pair.host).unwrap();
    pair.guest.send(b"one").unwrap();
    pair.settle();
    let (host, guest, salt) = now(&pair.host).unwrap();
    assert_eq!((host, guest, salt), (first.0, (first.1.0, 1), first.2));
    assert_eq!(now(&pair.guest), now(&pair.host));
    assert_ne!(host.0, guest.0);

    offered(&mut pair);
    assert_eq!(now(&pair.guest), None);
    let answered = pair.host.running_keys().unwrap();
    assert!(answered.salt.is_none());
    let (next_guest, next_salt) = answered.answered.unwrap();
    pair.settle();
    let (host, guest, salt) = now(&pair.guest).unwrap();
    assert_eq!((host.0, host.1), (*answered.host.0.expose(), 0));
    assert_eq!(
        (guest, salt),
        ((*next_guest.expose(), 0), Some(*next_salt.expose()))
    );
    assert_eq!(now(&pair.guest), now(&pair.host));

    let begun = &record(&mut pair, b"two")[..7];
    pair.host.handle_input(begun, pair.now, &mut rand::rng()).unwrap();
    assert_eq!(pair.host.running_keys().unwrap().begun, begun);
}

#[test]
fn a_goodbye_can_say_why() {
    for reason in [CloseReason::Goodbye, CloseReason::TooSlow, CloseReason::Replaced] {
        let mut pair = Pair::new();
        pair.host.send(b"one").unwrap();
        pair.host.close_because(reason);
        assert_eq!(pair.settle().0, [received(b"one"), Output::PeerClosed]);
        assert_eq!(pair.guest.peer_close_reason(), reason);
    }
}

/// What a guest makes of a close with these bytes behind the count.
fn close_with(behind: &[u8]) -> Result<CloseReason, ConnectionError> {
    let mut pair = Pair::new();
    let mut bytes = Vec::new();
    let text = [&0_u64.to_be_bytes()[..], behind].concat();
    pair.host.sending.seal(FrameKind::Close, &text, &mut bytes);
    pair.guest.handle_input(&bytes, pair.now, &mut rand::rng())?;
    assert_eq!(pair.guest.poll_output(), Some(Output::PeerClosed));
    Ok(pair.guest.peer_close_reason())
}

#[test]
fn a_goodbye_for_a_reason_that_is_not_known_is_a_goodbye_and_one_of_another_length_is_none() {
    for unknown in [0, 1, 3, 255] {
        assert_eq!(close_with(&[unknown]), Ok(CloseReason::Goodbye), "{unknown}");
    }
    // On the wire, whatever the enum says.
    assert_eq!(close_with(&[2]), Ok(CloseReason::TooSlow));
    assert_eq!(close_with(&[6]), Ok(CloseReason::Replaced));
    for behind in [&[2, 2][..], &[6; 8]] {
        assert_eq!(close_with(behind), Err(ConnectionError::WrongCount), "{behind:?}");
    }
}

#[test]
fn a_goodbye_in_the_place_of_a_key_update_comes_behind_it_and_counts_it() {
    let mut pair = Pair::new();
    let mut wire = Vec::new();
    for _ in 1..RECORDS_PER_KEY {
        pair.guest.send_into(b"", &mut wire).unwrap();
    }
    pair.host.handle_input(&wire, pair.now, &mut rand::rng()).unwrap();
    pair.guest.close();
    let told = pair.settle().1;
    assert_eq!(told.last(), Some(&Output::PeerClosed));
    assert_eq!(told.len() as u64, RECORDS_PER_KEY);
}

#[test]
fn what_is_sealed_into_a_buffer_counts_towards_a_fresh_exchange() {
    let mut pair = Pair::new();
    pair.guest.send_into(b"hello", &mut Vec::new()).unwrap();
    assert_eq!(pair.guest.next_timeout(), Some(pair.now + REKEY_INTERVAL));
}

#[test]
fn texts_sealed_into_a_buffer_are_the_records_that_they_would_be_alone() {
    let mut pair = Pair::new();
    let mut wire = Vec::new();
    // Over the end of a key, where an update stands between two texts.
    for number in 0..RECORDS_PER_KEY + 2 {
        pair.host.send_into(&number.to_be_bytes(), &mut wire).unwrap();
    }
    pair.guest
        .handle_input(&wire, pair.now, &mut rand::rng())
        .unwrap();
    for number in 0..RECORDS_PER_KEY + 2 {
        assert_eq!(pair.guest.poll_output(), Some(received(&number.to_be_bytes())));
    }
    assert_eq!(pair.guest.poll_output(), None);
    pair.host.close();
    assert_eq!(pair.host.send_into(b"", &mut wire), Err(CannotSend));
}
