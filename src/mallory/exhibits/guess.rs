//! A signature in clear is a test for guesses.

use crate::crypto::Statement;
use crate::mallory::check::Check;
use crate::mallory::hands::{Halt, Hands};
use crate::mallory::run::Verdict;
use crate::mallory::setting::{Protocol, Setting};
use crate::mallory::stage::Person;
use crate::mallory::textbook::{Hello, Message, verifies};
use crate::protocol::body::{self, Body};
use crate::protocol::event::{Content, SignedEvent};
use crate::protocol::wire::HEADER_BYTES;

/// What Alice sends: a thousand possibilities, all of one length.
fn candidate(number: u32) -> String {
    format!("The code is {number:03}.")
}

/// How many places of a record are tried as the beginning of a signature.
const PLACES: usize = 400;
/// How many guesses are tried at each place.
const GUESSES: u32 = 4;

pub(super) fn guess(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let code = rand::Rng::next_u32(&mut rand::rng()) % 1000;
    let text = candidate(code);
    let setting = match protocol {
        Protocol::Textbook => return textbook(hands, &text),
        Protocol::Cr1(_) => Setting::talking(hands, protocol)?,
    };
    let frame = setting.alice_says(&text)?;
    hands.step("Alice sends a code of three digits. Look for a signature in what crosses the line.")?;
    let frame = hands.edit(
        "Try every place as a signature, and every guess as what was signed.",
        frame,
    )?;
    let sealed = frame.get(HEADER_BYTES..).unwrap_or_default();
    // With the seal removed the record is what it says.
    let in_clear = sealed
        .get(..sealed.len().saturating_sub(16))
        .and_then(|text| body::decode::<Body>(text).ok());
    if let Some(Body::Submit(submit)) = in_clear
        && let Ok(signed) = SignedEvent::decode(submit.event, submit.signature)
        && let Content::Message { text: read } = signed.event.content
        && read == text
    {
        return Ok(Verdict::Succeeded {
            detail: format!("the record is not sealed: \"{read}\" stands in it, with its signature"),
        });
    }
    let alice = hands.cast.player(Person::Alice).identity.public();
    let mut tried = 0;
    for place in (0..sealed.len().saturating_sub(384)).take(PLACES) {
        let rsa = sealed.get(place..place + 384).unwrap_or_default().to_vec();
        for number in (code..code + GUESSES).map(|number| number % 1000) {
            let signature = crate::crypto::Signature {
                rsa: rsa.clone(),
                index: 0,
                size: 1,
                path: Vec::new(),
            };
            let guess = Statement::new("event", &[candidate(number).as_bytes()]);
            tried += 1;
            if signature.verify(alice, &guess).is_ok() {
                return Ok(Verdict::Succeeded {
                    detail: "a signature was found in the record".to_owned(),
                });
            }
        }
    }
    Ok(hands.empty_handed(
        Check::SealedSignature,
        format!(
            "Mallory tried {tried} combinations of place and guess; the signature is inside the sealed record, and nothing fits"
        ),
    ))
}

fn textbook(hands: &Hands, text: &str) -> Result<Verdict, Halt> {
    let setting = Setting::open(hands, Protocol::Textbook)?;
    let hello = setting.relay.next_frame(Person::Alice)?;
    setting.relay.pass(Person::Alice, &hello);
    let key = Hello::read(&hello).ok_or(Halt::HungUp)?.key;
    setting.relay.pass_until(|seen| {
        let ready = |person| seen.screen(person).notes(crate::mallory::textbook::SECURE);
        ready(Person::Alice) && ready(Person::Bob)
    })?;
    let frame = setting.alice_says(text)?;
    let frame = hands.edit(
        "Alice sends a code of three digits. The signature stands beside the ciphertext: try all thousand.",
        frame,
    )?;
    setting.relay.pass(Person::Alice, &frame);
    let message = Message::read(&frame).ok_or(Halt::HungUp)?;
    let found = (0..1000)
        .map(candidate)
        .find(|guess| verifies(&key, guess.as_bytes(), &message.signature));
    Ok(match found {
        Some(found) if found == text => Verdict::Succeeded {
            detail: format!("only one of a thousand guesses fits the signature: \"{found}\""),
        },
        _ => Verdict::Unclear {
            detail: "no guess fits the signature".to_owned(),
        },
    })
}
