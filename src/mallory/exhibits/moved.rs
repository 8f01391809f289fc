//! A genuine signature in the wrong place: at another message, in another room, before another receiver.

use super::host::{EvilRoom, Hub, note};
use crate::crypto::Secret;
use crate::mallory::cr1::{JOINED, Ticket, sign};
use crate::mallory::evil::{EvilGuest, EvilHost, EvilHub, Handed};
use crate::mallory::hands::{Halt, Hands, PATIENCE};
use crate::mallory::relay::Relay;
use crate::mallory::run::Verdict;
use crate::mallory::setting::{Protocol, called, caller, hub_member};
use crate::mallory::stage::{Person, Snapshot};
use crate::mallory::textbook::{self, Hello, MESSAGE, Message, SECURE, SessionKey, key_packet};
use crate::protocol::event::{Content, event_statement};

const LUNCH: &str = "Shall we have lunch?";
const TRANSFER: &str = "Alice, do you approve the transfer of 10,000 to Mallory?";
const YES: &str = "Yes";

pub(super) fn other_message(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let succeeded = |seen: &Snapshot| {
        let bob = seen.screen(Person::Bob);
        bob.heard().ends_with(&[TRANSFER, YES]) && !bob.alarmed()
    };
    let detail = "Bob has Alice's signed yes to a transfer that she never heard of.";
    let mallory = hands.cast.player(Person::Mallory);
    if let Protocol::Textbook = protocol {
        let scene = Hub::open(hands)?;
        let hub = scene.hub(hands)?;
        hub.announce_all();
        let say = |to: Person, text: &str| {
            let message = Message::write("Mallory", text, &hub.session, &mallory.textbook);
            scene.relay.inject(
                Person::Mallory,
                to,
                &message.map_or_else(Vec::new, |message| message.packet()),
            );
        };
        hands.step("Ask about lunch. Alice says yes, signed.")?;
        say(Person::Alice, LUNCH);
        say(Person::Bob, LUNCH);
        let yes = scene.alice_says(YES)?;
        scene.relay.inject(Person::Alice, Person::Bob, &yes.packet());
        hands.step("Ask Bob's screen, and only his, about the transfer.")?;
        say(Person::Bob, TRANSFER);
        let moved = Message::with_signature("Alice", YES, &hub.session, yes.signature).ok_or(Halt::HungUp)?;
        let moved = hands.edit(
            "Seal a fresh yes, so that no packet repeats, and move the old signature to it.",
            moved.packet(),
        )?;
        scene.relay.inject(Person::Alice, Person::Bob, &moved);
        return hands.judge(detail, succeeded);
    }
    let room = EvilRoom::open(hands, protocol)?;
    let mut host = room.host(hands)?;
    let (own, alice) = (
        mallory.identity.fingerprint(),
        hands.cast.player(Person::Alice).identity.fingerprint(),
    );
    hands.step("Ask about lunch. Alice says yes, signed.")?;
    let lunch = host.write(Content::Message {
        text: LUNCH.to_owned(),
    })?;
    host.show(Person::Alice, &own, lunch.clone(), true);
    host.show(Person::Bob, &own, lunch, true);
    room.alice.say(YES);
    let yes = host.handed_in(Person::Alice)?;
    host.show(Person::Bob, &alice, yes.clone(), true);
    hands.step("Ask Bob's screen, and only his, about the transfer.")?;
    let question = host.forge(Person::Bob, own, TRANSFER)?;
    let signature = sign(&mallory.identity, &event_statement(&question))
        .ok_or_else(|| Halt::Failed("signing failed".to_owned()))?;
    host.show(
        Person::Bob,
        &own,
        Handed {
            event: question,
            signature,
        },
        true,
    );
    let event = host.forge(Person::Bob, alice, YES)?;
    let event = hands.edit(
        "Write a fresh yes in her name, and move the old signature to it.",
        event,
    )?;
    let moved = Handed {
        event,
        signature: yes.signature,
    };
    host.show(Person::Bob, &alice, moved, true);
    hands.judge(detail, succeeded)
}

const SECRETLY: &str = "I will vote against the chairman.";

pub(super) fn other_room(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let succeeded = |seen: &Snapshot| {
        let bob = seen.screen(Person::Bob);
        bob.times("Alice", SECRETLY) > 0 && !bob.alarmed()
    };
    let detail = "Bob reads in his room what Alice said in another.";
    let alice_key = &hands.cast.player(Person::Alice).identity;
    note(hands, Person::Alice, "Alice is in Mallory's first room.");
    note(hands, Person::Bob, "Bob is in Mallory's second room.");
    let mut relay = Relay::new(&hands.stage);
    if let Protocol::Textbook = protocol {
        let (alice, to_alice) = hub_member(hands, Person::Alice)?;
        relay.attach(Person::Alice, to_alice)?;
        let (_bob, to_bob) = hub_member(hands, Person::Bob)?;
        relay.attach(Person::Bob, to_bob)?;
        let mut first = EvilHub::new(hands, &relay);
        let mut second = EvilHub::new(hands, &relay);
        first.admit(Person::Alice)?;
        second.admit(Person::Bob)?;
        second.announce(Person::Bob, "Alice", &first.key_of(Person::Alice));
        hands
            .stage
            .wait_until(PATIENCE, |seen| seen.screen(Person::Alice).notes(SECURE));
        alice.say(SECRETLY);
        let frame = relay.take(Person::Alice, |frame| frame.first() == Some(&MESSAGE))?;
        let said = Message::read(&frame).ok_or(Halt::HungUp)?;
        hands.step("Alice says something in the first room.")?;
        let moved = Message::with_signature("Alice", SECRETLY, &second.session, said.signature)
            .ok_or(Halt::HungUp)?;
        let moved = hands.edit("Seal it for the second room, with her signature.", moved.packet())?;
        relay.inject(Person::Alice, Person::Bob, &moved);
        return hands.judge(detail, succeeded);
    }
    let mallory = hands.cast.player(Person::Mallory).identity.public();
    let secrets = [
        Secret::generate(&mut rand::rng()),
        Secret::generate(&mut rand::rng()),
    ];
    let ticket = |secret: &Secret| Ticket {
        secret: secret.clone(),
        host: mallory.fingerprint(),
    };
    let (alice, to_alice) = caller(hands, Person::Alice, protocol, &ticket(&secrets[0]))?;
    relay.attach(Person::Alice, to_alice)?;
    let (_bob, to_bob) = caller(hands, Person::Bob, protocol, &ticket(&secrets[1]))?;
    relay.attach(Person::Bob, to_bob)?;
    let [one, two] = secrets;
    let mut first = EvilHost::claiming(hands, &relay, Person::Mallory, mallory, one);
    let mut second = EvilHost::claiming(hands, &relay, Person::Mallory, mallory, two);
    first.admit(Person::Alice)?;
    hands.step("Alice is in the first room. Say in the second that she is there too.")?;
    second.introduce(alice_key.public(), "Alice")?;
    second.admit(Person::Bob)?;
    alice.say(SECRETLY);
    let said = first.handed_in(Person::Alice)?;
    let event = hands.edit(
        "Alice says something in the first room. Enter her event, with her signature, into the second.",
        said.event,
    )?;
    let moved = Handed {
        event,
        signature: said.signature,
    };
    hands
        .stage
        .wait_until(PATIENCE, |seen| seen.screen(Person::Bob).notes(JOINED));
    second.show(Person::Bob, &alice_key.fingerprint(), moved, true);
    hands.judge(detail, succeeded)
}

const QUIT: &str = "I quit.";

pub(super) fn other_receiver(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let succeeded = |seen: &Snapshot| {
        let bob = seen.screen(Person::Bob);
        bob.times("Alice", QUIT) > 0 && !bob.alarmed()
    };
    let detail = "Bob reads as said to him what Alice said to Mallory.";
    note(hands, Person::Alice, "Alice talks with Mallory.");
    let mallory = hands.cast.player(Person::Mallory);
    let alice_key = &hands.cast.player(Person::Alice).identity;
    let mut relay = Relay::new(&hands.stage);
    if let Protocol::Textbook = protocol {
        let (alice, to_alice) = hub_member(hands, Person::Alice)?;
        relay.attach(Person::Alice, to_alice)?;
        let (_bob, to_bob) = called(hands, Person::Bob, protocol, &Secret::ZERO)?;
        relay.attach(Person::Bob, to_bob)?;
        let mut line = EvilHub::new(hands, &relay);
        line.admit(Person::Alice)?;
        hands
            .stage
            .wait_until(PATIENCE, |seen| seen.screen(Person::Alice).notes(SECURE));
        alice.say(QUIT);
        let frame = relay.take(Person::Alice, |frame| frame.first() == Some(&MESSAGE))?;
        let said = Message::read(&frame).ok_or(Halt::HungUp)?;
        hands.step("Alice tells Mallory something, signed. Call Bob, and show him Alice's public key.")?;
        let bob = relay.next_frame(Person::Bob)?;
        let bob = Hello::read(&bob).ok_or(Halt::HungUp)?;
        let session = SessionKey::generate(b"AES256-GCM");
        let hello = Hello {
            name: "Alice".to_owned(),
            suites: textbook::SUITES.to_vec(),
            key: line.key_of(Person::Alice),
        };
        relay.inject(Person::Alice, Person::Bob, &hello.packet());
        relay.inject(
            Person::Alice,
            Person::Bob,
            &key_packet(&session, &bob.key).ok_or(Halt::HungUp)?,
        );
        let moved = Message::with_signature("Alice", QUIT, &session, said.signature).ok_or(Halt::HungUp)?;
        let moved = hands.edit("Seal her words for Bob, with her signature.", moved.packet())?;
        relay.inject(Person::Alice, Person::Bob, &moved);
        return hands.judge(detail, succeeded);
    }
    let own_room = Ticket {
        secret: Secret::generate(&mut rand::rng()),
        host: mallory.identity.fingerprint(),
    };
    let bobs_room = Ticket {
        secret: Secret::generate(&mut rand::rng()),
        host: hands.cast.player(Person::Bob).identity.fingerprint(),
    };
    let (alice, to_alice) = caller(hands, Person::Alice, protocol, &own_room)?;
    relay.attach(Person::Alice, to_alice)?;
    let (_bob, to_bob) = called(hands, Person::Bob, protocol, &bobs_room.secret)?;
    relay.attach(Person::Bob, to_bob)?;
    let mut host = EvilHost::claiming(
        hands,
        &relay,
        Person::Mallory,
        mallory.identity.public(),
        own_room.secret,
    );
    host.admit(Person::Alice)?;
    alice.say(QUIT);
    let said = host.handed_in(Person::Alice)?;
    hands.step(
        "Alice tells Mallory something, signed. Call Bob with his invitation, and show him Alice's key.",
    )?;
    hands.step(
        "Bob wants a signature over this very handshake. All that you have of Alice's is the other one.",
    )?;
    let proof = Some(said.signature.clone());
    let mut guest = EvilGuest::join(
        hands,
        &relay,
        Person::Bob,
        &bobs_room,
        alice_key.public().clone(),
        proof,
    )?;
    let event = hands.edit("Hand in Alice's event.", said.event)?;
    guest.submit(event, said.signature);
    hands.judge(detail, succeeded)
}
