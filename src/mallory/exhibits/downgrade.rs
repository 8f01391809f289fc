//! Both are talked into the weakest thing that they can do.

use crate::mallory::hands::{Halt, Hands};
use crate::mallory::run::Verdict;
use crate::mallory::setting::{Protocol, Setting};
use crate::mallory::stage::Person;
use crate::mallory::textbook::{Hello, Message, SECURE, SessionKey, WEAK_KEYS, WEAK_SUITE};
use crate::protocol::wire::{FieldWriter, FrameKind};

const SECRET: &str = "The combination is 7-23-41.";

pub(super) fn downgrade(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let setting = Setting::open(hands, protocol)?;
    if let Protocol::Cr1(_) = protocol {
        let mut m1 = setting.relay.hold(Person::Alice, |frame| {
            frame.first() == Some(&(FrameKind::GuestHello as u8))
        })?;
        name_another_suite(&mut m1);
        let m1 = hands.edit("Alice names the one suite of CR/1. Name a weaker one.", m1)?;
        setting.relay.inject(Person::Alice, Person::Bob, &m1);
        setting.relay.pass_until(|_| false)?;
        return hands.judge("the handshake went on with the weaker suite", |seen| {
            seen.screen(Person::Bob).notes(crate::mallory::cr1::GUEST_JOINED)
        });
    }
    let relay = &setting.relay;
    for (from, to) in [(Person::Alice, Person::Bob), (Person::Bob, Person::Alice)] {
        let mut hello = Hello::read(&relay.next_frame(from)?).ok_or(Halt::HungUp)?;
        hello.suites = WEAK_SUITE.to_vec();
        let words = format!("{} lists two suites. Leave only the weak one.", from.name());
        let hello = hands.edit(&words, hello.packet())?;
        relay.inject(from, to, &hello);
    }
    relay.pass_until(|seen| {
        let ready = |person| seen.screen(person).notes(SECURE);
        ready(Person::Alice) && ready(Person::Bob)
    })?;
    let frame = setting.alice_says(SECRET)?;
    relay.pass(Person::Alice, &frame);
    hands.step("Alice tells a secret. Try all 1,048,576 keys of the weak suite.")?;
    let message = Message::read(&frame).ok_or(Halt::HungUp)?;
    let found = (0..WEAK_KEYS).find_map(|number| Some((number, SessionKey::weak(number).open(&message)?)));
    Ok(match found {
        Some((number, text)) if text == SECRET => Verdict::Succeeded {
            detail: format!("key {number} of 1,048,576 opens it: \"{text}\""),
        },
        _ => Verdict::Unclear {
            detail: "no key of the weak suite opens it".to_owned(),
        },
    })
}

/// The second field of M1 says another suite of the same length.
fn name_another_suite(m1: &mut [u8]) {
    let version = FieldWriter::default().put(b"CR/1").into_bytes().len();
    // Behind the header, the version and the suite's length: "RSA3072" becomes "RSA0512".
    let at = 5 + version + 2 + "RSA".len();
    if let Some(digits) = m1.get_mut(at..at + 4) {
        digits.copy_from_slice(b"0512");
    }
}
