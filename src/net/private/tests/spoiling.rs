//! Bytes that a host or a partner made up: nothing is lost or shown twice, and nothing falls.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::super::saying::Piece;
use super::*;
use crate::protocol::body;

/// Drops, alters, cuts, lengthens or holds back what a host carries, or passes on something earlier in its place.
fn spoil(bytes: Vec<u8>, earlier: &mut Vec<Vec<u8>>, rng: &mut StdRng) -> Option<Vec<u8>> {
    let mut spoiled = bytes.clone();
    let place = rng.random_range(0..bytes.len());
    earlier.push(bytes);
    match rng.random_range(0..40) {
        0 => return None,
        1 => spoiled[place] ^= 1 << rng.random_range(0..8),
        2 => spoiled.truncate(place),
        3 => spoiled.insert(place, rng.random()),
        4 => return Some(earlier[rng.random_range(0..earlier.len())].clone()),
        5 => spoiled.extend_from_slice(&earlier[rng.random_range(0..earlier.len())]),
        _ => {}
    }
    Some(spoiled)
}

#[test]
fn whatever_a_host_does_to_the_bytes_each_message_arrives_once_and_in_order_when_it_stops() {
    for seed in 0..24 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut earlier = Vec::new();
        let mut pair = Pair::new();
        let texts = ["one", "two", "three", "four", "five", "six"];
        for text in texts {
            pair.say(0, text);
            pair.say(1, text);
            pair.carry(|_, bytes| spoil(bytes, &mut earlier, &mut rng));
            pair.now += BEGIN_AGAIN;
        }
        // From here on the host is honest; a handshake that nobody answers ends first.
        pair.now += HELLO_WINDOW;
        for _ in 0..3 {
            (0..2).for_each(|i| pair.came(i));
            pair.carry(|_, bytes| Some(bytes));
            pair.now += HELLO_WINDOW;
        }
        let last = "and the last";
        (0..2).for_each(|i| pair.say(i, last));
        pair.carry(|_, bytes| Some(bytes));
        let all: Vec<&str> = texts.into_iter().chain([last]).collect();
        assert_eq!((pair.heard(0), pair.heard(1)), (all.clone(), all), "seed {seed}");
    }
}

#[test]
fn no_text_of_a_partner_makes_its_reader_fall() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut pair = Pair::new();
    pair.say(0, "hello");
    pair.carry(|_, bytes| Some(bytes));
    let genuine = [
        Piece::Heard(1),
        Piece::Message {
            seq: 2,
            time_ms: u64::MAX,
            text: "hello".to_owned(),
        },
    ]
    .map(|piece| body::encode(&piece));
    let partner = pair.partners[1].clone();
    for round in 0..20_000 {
        let mut text = genuine[round % 2].clone();
        for _ in 0..rng.random_range(1..4) {
            let place = rng.random_range(0..text.len());
            match rng.random_range(0..3) {
                0 => text[place] = rng.random(),
                1 => text.truncate(place + 1),
                _ => text.insert(place, rng.random()),
            }
        }
        let _ = pair.desks[1].hear(&partner, &text, pair.now);
    }
    // What was made up may have used up all numbers of this channel; the desk goes on all the same.
    pair.carry(|_, bytes| Some(bytes));
    pair.say(1, "still here");
    pair.carry(|_, bytes| Some(bytes));
    assert!(pair.heard(0).contains(&"still here"));
}
