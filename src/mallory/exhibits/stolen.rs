//! A conversation is recorded today, and the keys of both are stolen a year later.

use crate::crypto::{HybridSecret, OpeningKey};
use crate::inspect::open_handshake;
use crate::mallory::check::Check;
use crate::mallory::evil::parse;
use crate::mallory::hands::{Halt, Hands};
use crate::mallory::run::Verdict;
use crate::mallory::setting::{Protocol, Setting};
use crate::mallory::stage::{Fate, Person, Snapshot};
use crate::mallory::textbook::{KEY, MESSAGE, Message, wrapped_key};
use crate::protocol::body::{self, Body};
use crate::protocol::event::{Content, RoomEvent};
use crate::protocol::wire::{Frame, FrameKind};

const SECRET: &str = "Meet me at the old mill at midnight.";

pub(super) fn stolen_key(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let setting = Setting::talking(hands, protocol)?;
    setting.alice.say(SECRET);
    setting
        .relay
        .pass_until(|seen| seen.screen(Person::Bob).times("Alice", SECRET) > 0)?;
    let recorded = hands.stage.snapshot();
    hands.step("Alice and Bob talk, and everything is recorded. A year goes by.")?;
    let words = match protocol {
        Protocol::Textbook => "Steal Bob's private key, and open the recording.",
        Protocol::Cr1(_) => {
            "Steal the identity keys of both, Alice's unwrapping key, and the invitation. Open the recording."
        }
    };
    hands.step(words)?;
    let read = match protocol {
        Protocol::Textbook => textbook(hands, &recorded),
        Protocol::Cr1(_) => cr1(hands, &setting, &recorded),
    };
    Ok(match read {
        Some(text) => Verdict::Succeeded {
            detail: format!("the recording says: \"{text}\""),
        },
        None => hands.empty_handed(
            Check::FreshExchange,
            "every stolen key is in place, but the secrets of the X25519 and ML-KEM exchange were forgotten by both: the recording does not open",
        ),
    })
}

fn from(recorded: &Snapshot, person: Person) -> impl Iterator<Item = &[u8]> {
    let frames = recorded.frames.iter();
    frames
        .filter(move |frame| frame.direction.from == person && frame.fate != Fate::Held)
        .map(|frame| frame.bytes.as_slice())
}

fn textbook(hands: &Hands, recorded: &Snapshot) -> Option<String> {
    let stolen = &hands.cast.player(Person::Bob).textbook;
    let kind = |kind: u8| from(recorded, Person::Alice).find(move |frame| frame.first() == Some(&kind));
    let session = stolen.unwrap(&wrapped_key(kind(KEY)?)?)?;
    session.open(&Message::read(kind(MESSAGE)?)?)
}

/// All that can be done with every key that lasts: everything but the fresh exchange.
fn cr1(hands: &Hands, setting: &Setting, recorded: &Snapshot) -> Option<String> {
    let of_kind = |person: Person, kind: FrameKind| -> Option<Frame> {
        parse(from(recorded, person).find(|frame| frame.first() == Some(&(kind as u8)))?).ok()
    };
    let frames = [
        of_kind(Person::Alice, FrameKind::GuestHello)?,
        of_kind(Person::Bob, FrameKind::HostHello)?,
        of_kind(Person::Alice, FrameKind::GuestProof)?,
        of_kind(Person::Bob, FrameKind::HostWelcome)?,
        of_kind(Person::Alice, FrameKind::GuestConfirm)?,
    ];
    let stolen = &hands.cast.player(Person::Alice).wrap;
    let opened = open_handshake(
        frames.each_ref(),
        0,
        &setting.ticket.secret,
        &HybridSecret::none(),
        |wrapped, label| Some(stolen.unwrap(wrapped, label, &mut rand::rng())),
    )
    .ok()?;
    let mut key = OpeningKey::new(&opened.guest_traffic());
    // M5 was sealed under counter 0.
    let _ = key.open(&[], &mut vec![0; 16]);
    let record = of_kind(Person::Alice, FrameKind::Data)?;
    let mut text = record.body.clone();
    key.open(&record.header(), &mut text).ok()?;
    let Ok(Body::Submit(submit)) = body::decode::<Body>(&text) else {
        return None;
    };
    match body::decode::<RoomEvent>(&submit.event).ok()?.content {
        Content::Message { text } => Some(text),
        _ => None,
    }
}
