//! A lesson under attack: a class of sixty, each made of the protocol alone, and a stranger who floods the host.

use std::time::{Duration, Instant};

use cipher_room::net::Event;
use cipher_room::protocol::Content;
use cipher_room::protocol::body::Body;

use super::{Siege, attack, say_as};
use crate::people::RawGuest;
use crate::people::keys::many_keys;

const STUDENTS: usize = 60;
/// Within so long everybody hears a word, on a busy machine that is host, attacker and all sixty.
const SOON: Duration = Duration::from_secs(5);

#[test]
fn a_class_of_sixty_hears_every_word_while_a_stranger_floods_the_host() {
    let siege = Siege::begin(false);
    let mut class: Vec<RawGuest> = many_keys(STUDENTS)
        .iter()
        .map(|key| {
            let mut student = RawGuest::join(&siege.invite, key);
            student.enter();
            student
        })
        .collect();
    let flood = attack("flood, 64 addresses");
    siege.under(flood.run, |under_way| {
        for round in 0.. {
            let word = format!("word {round}");
            let began = Instant::now();
            say_as(&mut class[round % STUDENTS], &word);
            for student in &mut class {
                hear(student, &word);
            }
            for person in [&siege.bob, &siege.ada] {
                person.expect(|event| match event {
                    Event::Logged { message, .. } => (message.text == word).then_some(()),
                    _ => None,
                });
            }
            assert!(began.elapsed() < SOON, "{word}: {:?}", began.elapsed());
            if under_way.has_done(flood.enough) && round >= 20 {
                break;
            }
        }
    });
}

/// Reads on until the word comes, and checks all that comes as a member does.
fn hear(student: &mut RawGuest, word: &str) {
    loop {
        match student.next_body().expect("a student was hung up on") {
            Body::Entry(entry) => {
                let appended = student.log.receive(entry).unwrap();
                if matches!(&appended.event.event.content, Content::Message { text } if text == word) {
                    return;
                }
            }
            Body::Head(head) => student.log.receive_head(&head).unwrap(),
            _ => {}
        }
    }
}
