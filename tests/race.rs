//! Three members race for a cipher challenge over real sockets; a challenge's file and its message are one form.

mod people;

use cipher_room::ciphers;
use cipher_room::lab::challenge::{Challenge, Draft, Level};
use cipher_room::lab::room_challenge::{Judgement, Solved, challenge_in};
use cipher_room::net::Event;
use people::Person;

const SOLUTION: &str = "Behind the third lamp, at midnight.";

/// Waits for the next message; gives who said it, and what.
fn hear(person: &Person) -> ([u8; 32], String) {
    person.expect(|event| match event {
        Event::Logged { message, .. } => Some((*message.author.as_bytes(), message.text)),
        Event::Alarmed { alarm, .. } => panic!("{alarm}"),
        Event::Closed { reason, .. } => panic!("{reason}"),
        _ => None,
    })
}

#[test]
fn a_race_between_three_members_is_decided_by_the_log_and_confirmed_by_proofs() {
    let (bob, ada, cem) = (Person::bob(), Person::ada(), Person::cem());
    let invite = bob.host(false).invite.to_string();
    ada.join(&invite);
    cem.join(&invite);

    // Made in the lab, saved as a file, and its text said in the room.
    let spec = ciphers::find("vigenere").unwrap();
    let draft = Draft {
        title: "The lamp".to_owned(),
        plaintext: SOLUTION.to_owned(),
        tell_cipher: true,
        ..Draft::default()
    };
    let made = Challenge::make(&draft, Level::Fair, spec, &spec.sample_key(), [3; 16]).unwrap();
    let file = made.to_text();
    bob.say(&file);

    // Everybody reads the same challenge, and it can be saved as the file that it was.
    let everybody = [&bob, &ada, &cem];
    for person in everybody {
        let (_, message) = hear(person);
        assert!(!message.to_uppercase().contains("MIDNIGHT"));
        let read = challenge_in(&message).unwrap();
        assert_eq!((read.id(), read.to_text()), (made.id(), file.clone()));
    }

    // Ada is first. Cem copies her proof, then solves it himself.
    let solve = |answer: &str| made.solve(answer);
    assert!(solve("Behind the third lamp, at noon.").is_none());
    let solution = solve("behind the third lamp at midnight").unwrap();
    let proof = solution.message(ada.fingerprint.as_bytes());
    ada.say(&proof);
    for person in everybody {
        assert_eq!(hear(person), (*ada.fingerprint.as_bytes(), proof.clone()));
    }
    cem.say(&proof);
    cem.say(&solution.message(cem.fingerprint.as_bytes()));
    for person in everybody {
        let told: Vec<_> = [hear(person), hear(person)].into();
        let judged: Vec<Judgement> = told
            .iter()
            .map(|(author, text)| {
                assert_eq!(author, cem.fingerprint.as_bytes());
                solution.judge(&Solved::read(text).unwrap(), author)
            })
            .collect();
        assert_eq!(judged, [Judgement::Wrong, Judgement::Confirmed]);
        let first = Solved::read(&proof).unwrap();
        assert_eq!(
            solution.judge(&first, ada.fingerprint.as_bytes()),
            Judgement::Confirmed
        );
    }
}
