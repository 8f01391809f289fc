//! One flipped bit: of the ciphertext, the tag, the nonce, the signature.

use super::host::EvilRoom;
use crate::mallory::hands::{Halt, Hands};
use crate::mallory::run::Verdict;
use crate::mallory::setting::{Protocol, Setting};
use crate::mallory::stage::{Person, Snapshot};
use crate::mallory::textbook::Message;
use crate::protocol::wire::FrameKind;

const ORDER: &str = "Pay Carol 10";
const ALTERED: &str = "Pay Carol 90";
const CHAT: &str = "See you at noon.";

/// '1' and '9' differ in this bit.
const ONE_TO_NINE: u8 = 0x08;

/// The message vanished or changed, and nobody was told.
fn vanished(seen: &Snapshot) -> bool {
    let bob = seen.screen(Person::Bob);
    let heard = bob.heard();
    (heard == [CHAT] || heard == [ALTERED, CHAT]) && !bob.alarmed() && !seen.screen(Person::Alice).alarmed()
}

const DETAIL: &str =
    "Bob's program threw the packet away; neither he nor Alice learns that a message is missing.";

/// Spoils the first of two messages.
fn spoil(
    hands: &Hands,
    setting: &Setting,
    words: &str,
    flip: impl Fn(&mut Vec<u8>),
) -> Result<Verdict, Halt> {
    let mut frame = setting.alice_says(ORDER)?;
    flip(&mut frame);
    let frame = hands.edit(words, frame)?;
    setting.relay.inject(Person::Alice, Person::Bob, &frame);
    setting.alice.say(CHAT);
    hands.step("Alice goes on talking. Pass what she says.")?;
    setting.relay.pass_until(vanished)?;
    hands.judge(DETAIL, vanished)
}

fn flip_at(frame: &mut [u8], at: Option<usize>, bit: u8) {
    if let Some(byte) = at.and_then(|at| frame.get_mut(at)) {
        *byte ^= bit;
    }
}

/// Where the last but one character of a message stands in a record: in front of the signature and
/// the tag, whose lengths are known.
fn place_of_amount(frame: &[u8]) -> Option<usize> {
    const TAG: usize = 16;
    // The key 1 of the map, and a signature: map, RSA bytes, index, size, empty path.
    const SIGNATURE: usize = 1 + 1 + (1 + 3 + 384) + 2 + 2 + 2;
    frame.len().checked_sub(TAG + SIGNATURE + 2)
}

pub(super) fn flip_ciphertext(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let setting = Setting::talking(hands, protocol)?;
    let words = "Alice gives an order. Flip the bit that makes 10 a 90.";
    spoil(hands, &setting, words, |frame| {
        let at = match protocol {
            Protocol::Textbook => Message::place_of(frame, 2).map(|start| start + ORDER.len() - 2),
            Protocol::Cr1(_) => place_of_amount(frame),
        };
        flip_at(frame, at, ONE_TO_NINE);
    })
}

pub(super) fn flip_tag(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let setting = Setting::talking(hands, protocol)?;
    let words = "Alice gives an order. Flip a bit of the tag behind it.";
    spoil(hands, &setting, words, |frame| {
        let at = match protocol {
            Protocol::Textbook => Message::place_of(frame, 2).map(|start| start + ORDER.len()),
            Protocol::Cr1(_) => frame.len().checked_sub(1),
        };
        flip_at(frame, at, 1);
    })
}

pub(super) fn flip_nonce(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    if let Protocol::Textbook = protocol {
        let setting = Setting::talking(hands, protocol)?;
        let words = "Alice gives an order. Flip a bit of the nonce beside it.";
        return spoil(hands, &setting, words, |frame| {
            let at = Message::place_of(frame, 1);
            flip_at(frame, at, 1);
        });
    }
    // The nonces of records are never sent. The only one on the wire is the host's, in M2.
    let setting = Setting::open(hands, protocol)?;
    let is_m2 = |frame: &[u8]| frame.first() == Some(&(FrameKind::HostHello as u8));
    let mut m2 = setting.relay.hold(Person::Bob, is_m2)?;
    // Header, X25519 key, ML-KEM ciphertext, each field behind two bytes of length.
    flip_at(&mut m2, Some(5 + 2 + 32 + 2 + 1088 + 2), 1);
    let m2 = hands.edit(
        "The nonces of records never cross the wire. Flip a bit of the one that does: the host's, in M2.",
        m2,
    )?;
    setting.relay.inject(Person::Bob, Person::Alice, &m2);
    hands.judge(DETAIL, vanished)
}

pub(super) fn flip_signature(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    if let Protocol::Textbook = protocol {
        let setting = Setting::talking(hands, protocol)?;
        let words = "Alice gives an order. Flip a bit of the signature beside it.";
        return spoil(hands, &setting, words, |frame| {
            let at = Message::place_of(frame, 3);
            flip_at(frame, at, 1);
        });
    }
    // On the line a signature is sealed, and a flipped bit of it is a wrong tag. The host has it in hand.
    let room = EvilRoom::open(hands, protocol)?;
    let mut host = room.host(hands)?;
    room.alice.say(ORDER);
    let mut handed = host.handed_in(Person::Alice)?;
    hands.step("On the line the signature is sealed. So be the host: Alice hands in an order.")?;
    flip_at(&mut handed.signature.rsa, Some(7), 1);
    let rsa = hands.edit(
        "Flip a bit of her signature, and enter the order into the room.",
        handed.signature.rsa,
    )?;
    handed.signature.rsa = rsa;
    let alice = hands.cast.player(Person::Alice).identity.fingerprint();
    host.show(Person::Bob, &alice, handed, true);
    hands.judge("Bob takes an order whose signature does not fit.", |seen| {
        seen.screen(Person::Bob).times("Alice", ORDER) > 0
    })
}
