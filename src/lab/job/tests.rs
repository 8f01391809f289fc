use std::time::{Duration, Instant};

use super::*;
use crate::ciphers::Family;
use crate::lab::bench::Bench;

/// A text that the thread dies of, for tests.
pub(in crate::lab) const DEADLY: &str = "die of this";

fn request(bench: &Bench, number: u64) -> Request {
    Request {
        number,
        text: Arc::clone(bench.text()),
        direction: bench.direction(),
        policy: bench.policy(),
        cards: bench.cards().to_vec(),
    }
}

fn work(desk: &mut Desk, bench: &Bench) -> HashMap<CardId, Outcome> {
    let mut outcomes = HashMap::new();
    desk.work(&request(bench, 1), &|| false, &mut |reply| {
        if let Reply::Card { card, outcome, .. } = reply {
            outcomes.insert(card, outcome);
        }
        true
    });
    outcomes
}

#[test]
fn every_card_gets_its_result() {
    let bench = Bench::default();
    let outcomes = work(&mut Desk::default(), &bench);
    assert_eq!(outcomes.len(), 4);
    let caesar = outcomes[&bench.cards()[0].id].as_ref().unwrap();
    assert!(caesar.text.starts_with("Lw zdv wkh ehvw ri wlphv"));
    assert!((caesar.key_bits - 26f64.log2()).abs() < 1e-9);
    assert_eq!(caesar.links.as_ref().unwrap().outputs_of(3), &[3]);
    assert_eq!(outcomes[&bench.cards()[3].id].as_ref().unwrap().strips.len(), 4);
}

#[test]
fn a_random_nonce_is_not_drawn_again_for_nothing() {
    let mut desk = Desk::default();
    let mut bench = Bench::default();
    let aes = bench.cards()[3].id;
    let before = work(&mut desk, &bench)[&aes].as_ref().unwrap().text.clone();
    bench.set_key(bench.cards()[0].id, Key::new().with("shift", "4"));
    assert_eq!(work(&mut desk, &bench)[&aes].as_ref().unwrap().text, before);
    bench.set_text("Another text");
    assert_ne!(work(&mut desk, &bench)[&aes].as_ref().unwrap().text, before);
}

#[test]
fn wrong_keys_and_altered_texts_are_told_apart() {
    let mut bench = Bench::empty();
    bench.set_text("00ff");
    let caesar = bench.add("caesar").unwrap();
    bench.set_key(caesar, Key::new().with("shift", "three"));
    let aes = bench.add("aes-256-gcm").unwrap();
    bench.set_direction(Direction::Decrypt);
    let outcomes = work(&mut Desk::default(), &bench);
    assert!(matches!(&outcomes[&caesar], Err(CardError::Key(error)) if error.param() == Some("shift")));
    assert!(matches!(&outcomes[&aes], Err(CardError::Text(_))));
}

#[test]
fn links_lead_through_policy_and_groups() {
    let mut bench = Bench::empty();
    bench.set_text("ab cd efg");
    bench.set_policy(Policy {
        strip_spaces: true,
        groups: true,
        ..Default::default()
    });
    let rot13 = bench.add("rot13").unwrap();
    let outcomes = work(&mut Desk::default(), &bench);
    let output = outcomes[&rot13].as_ref().unwrap();
    assert_eq!(output.text, "nopqr st");
    let links = output.links.as_ref().unwrap();
    assert_eq!(links.outputs_of(3), &[2]);
    assert_eq!(links.outputs_of(7), &[6]);
    assert_eq!(links.outputs_of(2), &[] as &[u32]);
    assert_eq!(output.back.as_ref().unwrap().outputs_of(6), &[7]);
}

#[test]
fn stale_work_is_left() {
    let bench = Bench::default();
    let cards = std::cell::Cell::new(0);
    let mut done = false;
    let listens = Desk::default().work(&request(&bench, 1), &|| cards.get() == 2, &mut |reply| {
        match reply {
            Reply::Card { .. } => cards.set(cards.get() + 1),
            Reply::Done { .. } => done = true,
            Reply::Input { .. } | Reply::Failed { .. } => {}
        }
        true
    });
    assert!(listens && !done);
    assert_eq!(cards.get(), 2, "the third card is not begun");
}

#[test]
fn the_last_request_wins() {
    let worker = Worker::start(|| ()).unwrap();
    let mut bench = Bench::default();
    bench.set_text(&"the quick brown fox ".repeat(50_000));
    for number in 1..=20 {
        bench.set_key(bench.cards()[0].id, Key::new().with("shift", &number.to_string()));
        worker.ask(request(&bench, number));
    }
    let ends = Instant::now() + Duration::from_secs(60);
    let mut last = String::new();
    loop {
        match worker.replies().recv_deadline(ends).unwrap() {
            Reply::Card {
                number: 20,
                card,
                outcome,
            } if card == bench.cards()[0].id => {
                last = outcome.unwrap().text.chars().take(3).collect();
            }
            Reply::Done { number } => {
                assert_eq!(number, 20, "a stale request is never finished");
                break;
            }
            _ => {}
        }
    }
    assert_eq!(last, "nby");
}

#[test]
fn a_fault_in_one_cipher_ends_its_card_and_nothing_else() {
    static FAULTY: CipherSpec = CipherSpec {
        id: "faulty",
        name: "Faulty",
        family: Family::Monoalphabetic,
        year: "",
        summary: "",
        params: &[],
        examples: &[],
        make: |_| panic!("on purpose"),
    };
    let mut bench = Bench::default();
    let (caesar, rot13) = (bench.cards()[0].id, bench.add("rot13").unwrap());
    let mut request = request(&bench, 1);
    (request.cards[0].cipher, request.cards[0].key) = (&FAULTY, Key::new());
    let worker = Worker::start(|| ()).unwrap();
    worker.ask(request);
    let mut outcomes = HashMap::new();
    loop {
        match worker.replies().recv_timeout(Duration::from_secs(60)).unwrap() {
            Reply::Card { card, outcome, .. } => {
                outcomes.insert(card, outcome);
            }
            Reply::Done { .. } => break,
            Reply::Input { .. } => {}
            Reply::Failed { .. } => panic!("one card's fault is its own"),
        }
    }
    assert!(matches!(outcomes[&caesar], Err(CardError::Fault)));
    assert!(outcomes[&rot13].is_ok());
}
