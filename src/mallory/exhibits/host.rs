//! Mallory as the host of a room with Alice and Bob: she forges, drops, and tells two stories.

use crate::crypto::Secret;
use crate::mallory::cr1::{JOINED, Ticket, sign};
use crate::mallory::evil::{EvilHost, EvilHub, Handed};
use crate::mallory::hands::{Halt, Hands, PATIENCE};
use crate::mallory::peer::Peer;
use crate::mallory::relay::Relay;
use crate::mallory::run::Verdict;
use crate::mallory::setting::{Protocol, caller, hub_member};
use crate::mallory::stage::{Person, Shown, Snapshot};
use crate::mallory::textbook::{MESSAGE, Message, SECURE};
use crate::protocol::event::event_statement;

/// Alice and Bob on the way into Mallory's room, in CR/1.
pub(super) struct EvilRoom {
    pub(super) relay: Relay,
    pub(super) alice: Peer,
    _bob: Peer,
    secret: Secret,
}

impl EvilRoom {
    pub(super) fn open(hands: &Hands, protocol: Protocol) -> Result<EvilRoom, Halt> {
        let secret = Secret::generate(&mut rand::rng());
        let ticket = Ticket {
            secret: secret.clone(),
            host: hands.cast.player(Person::Mallory).identity.fingerprint(),
        };
        let mut relay = Relay::new(&hands.stage);
        let (alice, to_alice) = caller(hands, Person::Alice, protocol, &ticket)?;
        relay.attach(Person::Alice, to_alice)?;
        let (bob, to_bob) = caller(hands, Person::Bob, protocol, &ticket)?;
        relay.attach(Person::Bob, to_bob)?;
        Ok(EvilRoom {
            relay,
            alice,
            _bob: bob,
            secret,
        })
    }

    /// Mallory's host, with both in the room.
    pub(super) fn host<'a>(&'a self, hands: &'a Hands) -> Result<EvilHost<'a>, Halt> {
        let identity = hands.cast.player(Person::Mallory).identity.public();
        let secret = self.secret.clone();
        let mut host = EvilHost::claiming(hands, &self.relay, Person::Mallory, identity, secret);
        host.admit(Person::Alice)?;
        host.admit(Person::Bob)?;
        hands.stage.wait_until(PATIENCE, |seen| {
            let joined = |person| seen.screen(person).notes(JOINED);
            joined(Person::Alice) && joined(Person::Bob)
        });
        Ok(host)
    }
}

/// Alice and Bob in Mallory's textbook room.
pub(super) struct Hub {
    pub(super) relay: Relay,
    pub(super) alice: Peer,
    _bob: Peer,
}

impl Hub {
    pub(super) fn open(hands: &Hands) -> Result<Hub, Halt> {
        let mut relay = Relay::new(&hands.stage);
        let (alice, to_alice) = hub_member(hands, Person::Alice)?;
        relay.attach(Person::Alice, to_alice)?;
        let (bob, to_bob) = hub_member(hands, Person::Bob)?;
        relay.attach(Person::Bob, to_bob)?;
        Ok(Hub {
            relay,
            alice,
            _bob: bob,
        })
    }

    /// Takes both in.
    pub(super) fn hub<'a>(&'a self, hands: &'a Hands) -> Result<EvilHub<'a>, Halt> {
        let mut hub = EvilHub::new(hands, &self.relay);
        hub.admit(Person::Alice)?;
        hub.admit(Person::Bob)?;
        hands.stage.wait_until(PATIENCE, |seen| {
            let ready = |person| seen.screen(person).notes(SECURE);
            ready(Person::Alice) && ready(Person::Bob)
        });
        Ok(hub)
    }

    /// Alice's next message.
    pub(super) fn alice_says(&self, text: &str) -> Result<Message, Halt> {
        self.alice.say(text);
        let frame = self
            .relay
            .take(Person::Alice, |frame| frame.first() == Some(&MESSAGE))?;
        Message::read(&frame).ok_or(Halt::HungUp)
    }
}

const NO: &str = "No, I am against it.";
const YES: &str = "Yes, do it.";

pub(super) fn forges(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let succeeded = |seen: &Snapshot| {
        let bob = seen.screen(Person::Bob);
        bob.times("Alice", YES) > 0 && !bob.alarmed()
    };
    let detail = "Bob reads as Alice's what Alice never wrote.";
    let mallory = hands.cast.player(Person::Mallory);
    if let Protocol::Textbook = protocol {
        let scene = Hub::open(hands)?;
        let hub = scene.hub(hands)?;
        hands.step("Both ask the hub for each other's key. Tell Bob that Alice's key is yours.")?;
        hub.announce(Person::Bob, "Alice", mallory.textbook.public_der());
        hub.announce(Person::Alice, "Bob", &hub.key_of(Person::Bob));
        scene.alice_says(NO)?;
        let forged = Message::write("Alice", YES, &hub.session, &mallory.textbook).ok_or(Halt::HungUp)?;
        let forged = hands.edit(
            "Alice says no. Keep that, and write a yes under the key that Bob takes for hers.",
            forged.packet(),
        )?;
        scene.relay.inject(Person::Alice, Person::Bob, &forged);
        return hands.judge(detail, succeeded);
    }
    let room = EvilRoom::open(hands, protocol)?;
    let mut host = room.host(hands)?;
    room.alice.say(NO);
    host.handed_in(Person::Alice)?;
    hands.step("Alice hands in a no. Keep it.")?;
    let alice = hands.cast.player(Person::Alice).identity.fingerprint();
    let event = host.forge(Person::Bob, alice, YES)?;
    let event = hands.edit(
        "Write a yes in her name, and sign it with the only key that you have: yours.",
        event,
    )?;
    let signature = sign(&mallory.identity, &event_statement(&event))
        .ok_or_else(|| Halt::Failed("signing failed".to_owned()))?;
    host.show(Person::Bob, &alice, Handed { event, signature }, true);
    hands.judge(detail, succeeded)
}

const OBJECTION: &str = "I object: the bridge will not hold.";
const CHAT: &str = "Shall we meet tomorrow?";

pub(super) fn drops(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let succeeded = |seen: &Snapshot| {
        let bob = seen.screen(Person::Bob);
        bob.heard() == [CHAT] && !bob.alarmed()
    };
    let detail = "Bob hears Alice chat, and never learns that she objected.";
    if let Protocol::Textbook = protocol {
        let scene = Hub::open(hands)?;
        let hub = scene.hub(hands)?;
        hub.announce_all();
        scene.alice_says(OBJECTION)?;
        hands.step("Alice objects. Leave that out.")?;
        let next = hands.edit(
            "She goes on. Pass that on to Bob.",
            scene.alice_says(CHAT)?.packet(),
        )?;
        scene.relay.inject(Person::Alice, Person::Bob, &next);
        return hands.judge(detail, succeeded);
    }
    let room = EvilRoom::open(hands, protocol)?;
    let mut host = room.host(hands)?;
    let alice = hands.cast.player(Person::Alice).identity.fingerprint();
    room.alice.say(OBJECTION);
    host.handed_in(Person::Alice)?;
    hands.step("Alice objects. Leave that out.")?;
    room.alice.say(CHAT);
    let next = host.handed_in(Person::Alice)?;
    hands.step("She goes on. Enter that into the room.")?;
    host.show(Person::Bob, &alice, next, true);
    hands.judge(detail, succeeded)
}

const NINE: &str = "The vote is at nine.";
const TEN: &str = "The vote is at ten.";
const FINE: &str = "Fine, that suits me.";

pub(super) fn forks(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let succeeded = |seen: &Snapshot| {
        let (alice, bob) = (seen.screen(Person::Alice), seen.screen(Person::Bob));
        alice.heard() == [NINE] && bob.heard() == [TEN, FINE] && !bob.alarmed()
    };
    let detail = "Alice is told nine, Bob is told ten, and both believe that they agreed.";
    let mallory = hands.cast.player(Person::Mallory);
    if let Protocol::Textbook = protocol {
        let scene = Hub::open(hands)?;
        let hub = scene.hub(hands)?;
        hub.announce_all();
        for (to, text) in [(Person::Alice, NINE), (Person::Bob, TEN)] {
            let message =
                Message::write("Mallory", text, &hub.session, &mallory.textbook).ok_or(Halt::HungUp)?;
            let words = format!("Tell {}: {text}", to.name());
            let bytes = hands.edit(&words, message.packet())?;
            scene.relay.inject(Person::Mallory, to, &bytes);
        }
        hands
            .stage
            .wait_until(PATIENCE, |seen| seen.screen(Person::Alice).heard() == [NINE]);
        let answer = hands.edit(
            "Alice answers. Pass that on to Bob.",
            scene.alice_says(FINE)?.packet(),
        )?;
        scene.relay.inject(Person::Alice, Person::Bob, &answer);
        return hands.judge(detail, succeeded);
    }
    let room = EvilRoom::open(hands, protocol)?;
    let mut host = room.host(hands)?;
    let own = mallory.identity.fingerprint();
    let [nine, ten] = host.write_two([NINE, TEN])?;
    hands.step("Write two announcements for one and the same place in the room. Show Alice one …")?;
    host.show(Person::Alice, &own, nine, true);
    hands.step("… and Bob the other.")?;
    host.show(Person::Bob, &own, ten, true);
    hands
        .stage
        .wait_until(PATIENCE, |seen| seen.screen(Person::Alice).heard() == [NINE]);
    room.alice.say(FINE);
    let answer = host.handed_in(Person::Alice)?;
    hands.step("Alice answers. Enter that into Bob's story.")?;
    let alice = hands.cast.player(Person::Alice).identity.fingerprint();
    host.show(Person::Bob, &alice, answer, true);
    hands.judge(detail, succeeded)
}

/// Says in the quiet what a scene is about.
pub(super) fn note(hands: &Hands, person: Person, text: &str) {
    hands.stage.show(person, Shown::Note(text.to_owned()));
}
