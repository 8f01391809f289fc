//! A signature in clear is a test for guesses.
//!
//! Against CR/1 Mallory is given all that Alice signs beside her text: room, count, order, and the time to the millisecond.
//! So a guess that is right would fit, if only she had the signature.

use crate::crypto::{PublicIdentity, Signature, TAG_BYTES};
use crate::mallory::check::Check;
use crate::mallory::hands::{Halt, Hands};
use crate::mallory::run::Verdict;
use crate::mallory::setting::{Protocol, Setting};
use crate::mallory::stage::Person;
use crate::mallory::textbook::{Hello, Message, verifies};
use crate::protocol::body::{self, Body};
use crate::protocol::event::{Content, RoomEvent, event_statement};
use crate::protocol::wire::HEADER_BYTES;

/// How many texts there are.
const CODES: u32 = 1000;
/// How many places of a record are tried as the beginning of a signature.
const PLACES: usize = 400;
/// How many guesses are tried at each place, the right one first.
const GUESSES: u32 = 4;
/// An RSA signature of 3072 bits.
const SIGNATURE_BYTES: usize = 384;

/// What Alice sends: a thousand possibilities, all of one length.
fn candidate(number: u32) -> String {
    format!("The code is {:03}.", number % CODES)
}

pub(super) fn guess(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let code = rand::Rng::next_u32(&mut rand::rng()) % CODES;
    let text = candidate(code);
    let setting = match protocol {
        Protocol::Textbook => return textbook(hands, &text),
        Protocol::Cr1(_) => Setting::talking(hands, protocol)?,
    };
    let frame = setting.alice_says(&text)?;
    let known = hands
        .stage
        .written()
        .ok_or_else(|| Halt::Failed("Alice wrote nothing".to_owned()))?;
    hands.step("Alice sends a code of three digits. Look for a signature in what crosses the line.")?;
    let frame = hands.edit(
        "Know all that Alice signs but the code. Try every place as a signature, with the right code among the guesses.",
        frame,
    )?;
    let guesser = Guesser {
        alice: hands.cast.player(Person::Alice).identity.public(),
        known,
    };
    let record = frame.get(HEADER_BYTES..).unwrap_or_default();
    if let Some(signature) = signature_in_clear(record) {
        return Ok(judged(guesser.fitting(&signature), &text));
    }
    Ok(match guesser.search(record, code) {
        Ok(found) => judged(Some(found), &text),
        Err(tried) => hands.empty_handed(
            Check::SealedSignature,
            format!(
                "Mallory tried {tried} combinations of place and guess, the right code among them; the signature is inside the sealed record, and nothing fits"
            ),
        ),
    })
}

/// Whether the guess that fits the signature is what Alice said.
fn judged(found: Option<String>, text: &str) -> Verdict {
    match found {
        Some(found) if found == text => Verdict::Succeeded {
            detail: format!("only one of a thousand guesses fits the signature: \"{found}\""),
        },
        _ => Verdict::Unclear {
            detail: "no guess fits the signature".to_owned(),
        },
    }
}

/// The signature of a record whose seal was removed.
fn signature_in_clear(record: &[u8]) -> Option<Signature> {
    let text = record.get(..record.len().checked_sub(TAG_BYTES)?)?;
    match body::decode::<Body>(text).ok()? {
        Body::Submit(submit) => Some(submit.signature),
        _ => None,
    }
}

/// What Mallory tries guesses with.
struct Guesser<'a> {
    alice: &'a PublicIdentity,
    /// What Alice signed, without its text.
    known: RoomEvent,
}

impl Guesser<'_> {
    /// Whether Alice signed this text.
    fn fits(&self, text: &str, signature: &Signature) -> bool {
        let event = RoomEvent {
            content: Content::Message {
                text: text.to_owned(),
            },
            ..self.known.clone()
        };
        let statement = event_statement(&body::encode(&event));
        signature.verify(self.alice, &statement).is_ok()
    }

    /// The one of all texts that fits a signature.
    fn fitting(&self, signature: &Signature) -> Option<String> {
        (0..CODES).map(candidate).find(|text| self.fits(text, signature))
    }

    /// Takes every place of a record for the beginning of a signature, and tries some guesses from `code` on with it. Gives
    /// the one that fits, or how many were tried.
    fn search(&self, record: &[u8], code: u32) -> Result<String, usize> {
        let mut tried = 0;
        for rsa in record.windows(SIGNATURE_BYTES).take(PLACES) {
            let signature = Signature {
                rsa: rsa.to_vec(),
                index: 0,
                size: 1,
                path: Vec::new(),
            };
            for text in (code..code + GUESSES).map(candidate) {
                tried += 1;
                if self.fits(&text, &signature) {
                    return Ok(text);
                }
            }
        }
        Err(tried)
    }
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
    let found = (0..CODES)
        .map(candidate)
        .find(|guess| verifies(&key, guess.as_bytes(), &message.signature));
    Ok(judged(found, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Identity;
    use crate::crypto::test_keys::ADA;
    use crate::mallory::cr1::sign;
    use crate::protocol::body::Submit;

    /// What Mallory knows of an event of Ada's that says `text`, and its record without a seal.
    fn unsealed(ada: &Identity, text: &str) -> (RoomEvent, Vec<u8>) {
        let event = RoomEvent {
            room: [1; 32],
            author: ada.fingerprint(),
            seq: 1,
            prev: [0; 32],
            seen: 1,
            seen_head: [2; 32],
            time_ms: 1_700_000_000_000,
            content: Content::Message {
                text: text.to_owned(),
            },
        };
        let bytes = body::encode(&event);
        let signature = sign(ada, &event_statement(&bytes)).unwrap();
        let submit = Submit {
            event: bytes,
            signature,
        };
        let record = [body::encode(&Body::Submit(submit)), vec![0; TAG_BYTES]].concat();
        (event, record)
    }

    #[test]
    fn only_the_right_guess_fits_a_signature_in_clear_and_the_search_would_find_it() {
        let ada = Identity::from_pem(ADA).unwrap();
        let text = candidate(417);
        let (known, record) = unsealed(&ada, &text);
        let guesser = Guesser {
            alice: ada.public(),
            known,
        };
        let signature = signature_in_clear(&record).unwrap();
        assert!(guesser.fits(&text, &signature));
        assert!(!guesser.fits(&candidate(418), &signature));
        assert_eq!(guesser.fitting(&signature), Some(text.clone()));
        // What is tried on a sealed record finds the code in one that is not: it fails for want of the signature alone.
        assert_eq!(guesser.search(&record, 417), Ok(text));
        assert!(guesser.search(&record, 418).is_err());
    }
}
