//! Between the two from the first byte: every key that they see is Mallory's.

use crate::crypto::Secret;
use crate::mallory::ablation::{Removed, TRANSCRIPT};
use crate::mallory::cr1::Ticket;
use crate::mallory::evil::{EvilGuest, EvilHost};
use crate::mallory::hands::{Halt, Hands};
use crate::mallory::relay::Relay;
use crate::mallory::run::Verdict;
use crate::mallory::setting::{Protocol, Setting, called, caller};
use crate::mallory::stage::{Person, Snapshot};
use crate::mallory::textbook::{Hello, KEY, MESSAGE, Message, key_packet, wrapped_key};

const ORDER: &str = "Pay 10 to Carol.";
const ALTERED: &str = "Pay 10,000 to Mallory.";
const DETAIL: &str = "Mallory read the order and changed it; Bob takes the changed one for Alice's.";

fn succeeded(seen: &Snapshot) -> bool {
    let bob = seen.screen(Person::Bob);
    bob.times("Alice", ALTERED) > 0 && !bob.alarmed() && !seen.screen(Person::Alice).alarmed()
}

pub(super) fn man_in_the_middle(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    match protocol {
        Protocol::Textbook => textbook(hands),
        Protocol::Cr1(removed) => cr1(hands, removed),
    }
}

fn textbook(hands: &Hands) -> Result<Verdict, Halt> {
    let setting = Setting::open(hands, Protocol::Textbook)?;
    let own = &hands.cast.player(Person::Mallory).textbook;
    let relay = &setting.relay;
    let mut keys = Vec::new();
    for (from, to) in [(Person::Alice, Person::Bob), (Person::Bob, Person::Alice)] {
        let mut hello = Hello::read(&relay.next_frame(from)?).ok_or(Halt::HungUp)?;
        keys.push(std::mem::replace(&mut hello.key, own.public_der().to_vec()));
        let words = format!("{} shows a public key. Put yours in its place.", from.name());
        let hello = hands.edit(&words, hello.packet())?;
        relay.inject(from, to, &hello);
    }
    let [_, bobs_key] = keys.as_slice() else {
        return Err(Halt::HungUp);
    };
    let frame = relay.hold(Person::Alice, |frame| frame.first() == Some(&KEY))?;
    let session = wrapped_key(&frame)
        .and_then(|wrapped| own.unwrap(&wrapped))
        .ok_or(Halt::HungUp)?;
    let wrapped = key_packet(&session, bobs_key).ok_or(Halt::HungUp)?;
    let wrapped = hands.edit(
        "Alice wraps the AES key for the key that she saw: yours. Unwrap it, and wrap it again for Bob.",
        wrapped,
    )?;
    relay.inject(Person::Alice, Person::Bob, &wrapped);
    setting.alice.say(ORDER);
    let frame = relay.hold(Person::Alice, |frame| frame.first() == Some(&MESSAGE))?;
    let message = Message::read(&frame).ok_or(Halt::HungUp)?;
    let read = session.open(&message).ok_or(Halt::HungUp)?;
    hands.step(&format!("Read what Alice says: \"{read}\""))?;
    let altered = Message::write("Alice", ALTERED, &session, own).ok_or(Halt::HungUp)?;
    let altered = hands.edit(
        "Write another order, and sign it with your key.",
        altered.packet(),
    )?;
    relay.inject(Person::Alice, Person::Bob, &altered);
    hands.judge(DETAIL, succeeded)
}

fn cr1(hands: &Hands, removed: Removed) -> Result<Verdict, Halt> {
    let protocol = Protocol::Cr1(removed);
    let bob = &hands.cast.player(Person::Bob).identity;
    let own = &hands.cast.player(Person::Mallory).identity;
    // Mallory knows the invitation: it hung on a wall.
    let ticket = Ticket {
        secret: Secret::generate(&mut rand::rng()),
        host: bob.fingerprint(),
    };
    let (bob_peer, to_bob) = called(hands, Person::Bob, protocol, &ticket.secret)?;
    let (alice, to_alice) = caller(hands, Person::Alice, protocol, &ticket)?;
    let mut relay = Relay::new(&hands.stage);
    relay.attach(Person::Alice, to_alice)?;
    relay.attach(Person::Bob, to_bob)?;
    // Where nobody checks the signature, Mallory need not even show a key of her own.
    let (claimed, words) = if removed.mask() & TRANSCRIPT != 0 {
        (
            bob.public(),
            "Alice calls. Answer with Bob's key, which everybody knows, and sign with yours.",
        )
    } else {
        (own.public(), "Alice calls. Answer as Bob, with your own key.")
    };
    hands.step(words)?;
    let secret = ticket.secret.clone();
    let mut host = EvilHost::claiming(hands, &relay, Person::Bob, claimed, secret);
    host.admit(Person::Alice)?;
    hands.step("Alice believes that you are Bob. Call Bob as Alice.")?;
    let mut guest = EvilGuest::join(hands, &relay, Person::Bob, &ticket, own.public().clone(), None)?;
    alice.say(ORDER);
    host.handed_in(Person::Alice)?;
    hands.step("Alice gives an order. Read it, and tell Bob another one.")?;
    guest.say(ALTERED)?;
    let verdict = hands.judge(DETAIL, succeeded);
    drop(bob_peer);
    verdict
}
