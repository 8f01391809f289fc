//! The two victims and the relay between them, for either protocol.

use std::net::TcpStream;
use std::sync::Arc;

use super::ablation::{Removed, with_checks};
use super::cast::Cast;
use super::cr1::{self, Guest, Host, Ticket};
use super::hands::{Halt, Hands};
use super::peer::{Peer, Play, listen};
use super::relay::Relay;
use super::stage::{Person, Shown, Snapshot, Stage};
use super::textbook::{self, KeyBy, TextbookPeer};
use crate::crypto::Secret;

/// Which protocol the victims speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The textbook RSA–AES exchange.
    Textbook,
    /// CR/1, with these checks removed.
    Cr1(Removed),
}

/// What a frame is called, by its first byte.
pub fn frame_name(cr1: bool, kind: u8) -> &'static str {
    match (cr1, kind) {
        (true, 1) => "M1",
        (true, 2) => "M2",
        (true, 3) => "M3",
        (true, 4) => "M4",
        (true, 5) => "M5",
        (true, 6 | 7) => "REFUSAL",
        (true, 16) => "RECORD",
        (true, 17) => "KEY UPDATE",
        (true, 21) => "CLOSE",
        (false, textbook::HELLO) => "HELLO",
        (false, textbook::KEY) => "KEY",
        (false, textbook::MESSAGE) => "MESSAGE",
        (false, textbook::BYE) => "BYE",
        _ => "BYTES",
    }
}

/// Alice, the relay, Bob.
pub(super) struct Setting {
    pub(super) relay: Relay,
    pub(super) alice: Peer,
    pub(super) _bob: Peer,
    pub(super) ticket: Ticket,
    protocol: Protocol,
}

impl Setting {
    /// Starts both; what they send waits at the relay.
    pub(super) fn open(hands: &Hands, protocol: Protocol) -> Result<Setting, Halt> {
        let secret = Secret::generate(&mut rand::rng());
        let (bob, to_bob) = called(hands, Person::Bob, protocol, &secret)?;
        let ticket = Ticket {
            secret,
            host: hands.cast.player(Person::Bob).identity.fingerprint(),
        };
        let (alice, to_alice) = caller(hands, Person::Alice, protocol, &ticket)?;
        let mut relay = Relay::new(&hands.stage);
        relay.attach(Person::Alice, to_alice)?;
        relay.attach(Person::Bob, to_bob)?;
        Ok(Setting {
            relay,
            alice,
            _bob: bob,
            ticket,
            protocol,
        })
    }

    /// Starts both and passes everything until they can talk.
    pub(super) fn talking(hands: &Hands, protocol: Protocol) -> Result<Setting, Halt> {
        let setting = Setting::open(hands, protocol)?;
        if !setting.relay.pass_until(|seen| setting.both_ready(seen))? {
            return Err(Halt::Failed("the victims did not come together".to_owned()));
        }
        Ok(setting)
    }

    fn both_ready(&self, seen: &Snapshot) -> bool {
        let (alice, bob) = (seen.screen(Person::Alice), seen.screen(Person::Bob));
        match self.protocol {
            Protocol::Textbook => alice.notes(textbook::SECURE) && bob.notes(textbook::SECURE),
            Protocol::Cr1(_) => alice.notes(cr1::JOINED) && bob.notes(cr1::GUEST_JOINED),
        }
    }

    /// Whether a frame carries a message.
    pub(super) fn is_message(&self, frame: &[u8]) -> bool {
        match self.protocol {
            Protocol::Textbook => frame.first() == Some(&textbook::MESSAGE),
            Protocol::Cr1(_) => cr1::is_record(frame),
        }
    }

    /// Alice says something; the frame of it is held at the relay.
    pub(super) fn alice_says(&self, text: &str) -> Result<Vec<u8>, Halt> {
        self.alice.say(text);
        self.relay.hold(Person::Alice, |frame| self.is_message(frame))
    }

    /// What a victim shows when the other is gone without anything odd.
    pub(super) fn left_note(&self) -> &'static str {
        match self.protocol {
            Protocol::Textbook => textbook::GONE,
            Protocol::Cr1(_) => cr1::GOODBYE,
        }
    }
}

/// Starts a victim that calls; its line leads to Mallory.
pub(super) fn caller(
    hands: &Hands,
    person: Person,
    protocol: Protocol,
    ticket: &Ticket,
) -> Result<(Peer, TcpStream), Halt> {
    let play: Box<dyn Play> = match protocol {
        Protocol::Textbook => textbook_peer(hands, person, KeyBy::Me),
        Protocol::Cr1(removed) => guest(removed, person, ticket, &hands.cast, &hands.stage),
    };
    start_calling(hands, person, play)
}

/// Starts a textbook victim that gets its key from a hub.
pub(super) fn hub_member(hands: &Hands, person: Person) -> Result<(Peer, TcpStream), Halt> {
    let play = textbook_peer(hands, person, KeyBy::Other);
    start_calling(hands, person, play)
}

/// Starts a victim that is called; Mallory has called it.
pub(super) fn called(
    hands: &Hands,
    person: Person,
    protocol: Protocol,
    secret: &Secret,
) -> Result<(Peer, TcpStream), Halt> {
    let play: Box<dyn Play> = match protocol {
        Protocol::Textbook => textbook_peer(hands, person, KeyBy::Other),
        Protocol::Cr1(removed) => host(removed, person, secret, &hands.cast, &hands.stage),
    };
    let (listener, address) = listen()?;
    let to_victim = TcpStream::connect(address)?;
    let (stream, _) = listener.accept()?;
    let peer = Peer::start(person, stream, &hands.stage, play)?;
    Ok((peer, to_victim))
}

fn start_calling(hands: &Hands, person: Person, play: Box<dyn Play>) -> Result<(Peer, TcpStream), Halt> {
    let (listener, address) = listen()?;
    let stream = TcpStream::connect(address)?;
    let (to_victim, _) = listener.accept()?;
    let peer = Peer::start(person, stream, &hands.stage, play)?;
    Ok((peer, to_victim))
}

fn textbook_peer(hands: &Hands, person: Person, key_by: KeyBy) -> Box<dyn Play> {
    let note = format!("{} speaks the textbook exchange.", person.name());
    hands.stage.show(person, Shown::Note(note));
    let key = &hands.cast.player(person).textbook;
    Box::new(TextbookPeer::new(person, key, key_by, &hands.stage))
}

/// A guest with the checks that are left.
fn guest(
    removed: Removed,
    person: Person,
    ticket: &Ticket,
    cast: &Arc<Cast>,
    stage: &Arc<Stage>,
) -> Box<dyn Play> {
    stage.show(person, Shown::Note(format!("{} speaks CR/1.", person.name())));
    with_checks!(removed, new_guest(person, ticket, cast, stage))
}

fn new_guest<const MASK: u32>(
    person: Person,
    ticket: &Ticket,
    cast: &Arc<Cast>,
    stage: &Arc<Stage>,
) -> Box<dyn Play> {
    Box::new(Guest::<MASK>::new(person, ticket.clone(), cast, stage))
}

/// A host with the checks that are left.
fn host(
    removed: Removed,
    person: Person,
    secret: &Secret,
    cast: &Arc<Cast>,
    stage: &Arc<Stage>,
) -> Box<dyn Play> {
    stage.show(person, Shown::Note(format!("{} speaks CR/1.", person.name())));
    with_checks!(removed, new_host(person, secret, cast, stage))
}

fn new_host<const MASK: u32>(
    person: Person,
    secret: &Secret,
    cast: &Arc<Cast>,
    stage: &Arc<Stage>,
) -> Box<dyn Play> {
    Box::new(Host::<MASK>::new(person, secret.clone(), cast, stage))
}
