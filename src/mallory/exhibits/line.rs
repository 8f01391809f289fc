//! What a relay can do with whole frames: repeat, exchange, swallow, cut off, send back.

use crate::mallory::cr1::Ticket;
use crate::mallory::hands::{Halt, Hands};
use crate::mallory::relay::Relay;
use crate::mallory::run::Verdict;
use crate::mallory::setting::{Protocol, Setting, caller};
use crate::mallory::stage::{Person, Snapshot};
use crate::mallory::textbook::{self, Hello, Message};

const ORDER: &str = "Pay 10 to Carol.";

/// Whether Bob's screen shows a text as Alice's.
fn bob_heard(text: &'static str) -> impl Fn(&Snapshot) -> bool {
    move |seen| seen.screen(Person::Bob).times("Alice", text) > 0
}

pub(super) fn replay(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let setting = Setting::talking(hands, protocol)?;
    let frame = setting.alice_says(ORDER)?;
    hands.step("Alice gives an order. Pass it on, and keep a copy.")?;
    setting.relay.pass(Person::Alice, &frame);
    setting.relay.pass_until(bob_heard(ORDER))?;
    let again = hands.edit("Send the copy.", frame)?;
    setting.relay.inject(Person::Alice, Person::Bob, &again);
    hands.judge(
        "Bob read the order twice, and both times it was genuine.",
        |seen| seen.screen(Person::Bob).times("Alice", ORDER) > 1,
    )
}

const FIRST: &str = "Sell, if the price falls.";
const SECOND: &str = "No, forget that.";

pub(super) fn reorder(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let setting = Setting::talking(hands, protocol)?;
    let first = setting.alice_says(FIRST)?;
    let second = setting.alice_says(SECOND)?;
    hands.step("Alice says two things. Hold both.")?;
    let second = hands.edit("Pass the second one.", second)?;
    setting.relay.pass(Person::Alice, &second);
    let first = hands.edit("Now the first one.", first)?;
    setting.relay.pass(Person::Alice, &first);
    hands.judge(
        "Bob read the second message first, so the order stands.",
        |seen| seen.screen(Person::Bob).heard() == [SECOND, FIRST],
    )
}

const WARNING: &str = "Don't sign the contract!";
const CHAT: &str = "See you at noon.";

pub(super) fn drop_one(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let setting = Setting::talking(hands, protocol)?;
    setting.alice_says(WARNING)?;
    hands.step("Alice warns Bob. Keep the message for good.")?;
    let next = setting.alice_says(CHAT)?;
    let next = hands.edit("Pass the next one.", next)?;
    setting.relay.pass(Person::Alice, &next);
    hands.judge(
        "Bob goes on talking and never learns that there was a warning.",
        |seen| {
            let bob = seen.screen(Person::Bob);
            bob.heard() == [CHAT] && !bob.alarmed()
        },
    )
}

const PROMISE: &str = "I will pay 100.";
const CONDITION: &str = "But only if you deliver by Friday.";

pub(super) fn truncation(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let setting = Setting::talking(hands, protocol)?;
    let promise = setting.alice_says(PROMISE)?;
    hands.step("Alice makes a promise. Pass it on.")?;
    setting.relay.pass(Person::Alice, &promise);
    setting.relay.pass_until(bob_heard(PROMISE))?;
    setting.alice_says(CONDITION)?;
    setting.alice.bye();
    hands.step("She adds a condition and says goodbye. Keep both, and end the line to Bob.")?;
    setting.relay.cut(Person::Bob);
    let note = setting.left_note();
    hands.judge(
        "Bob has the promise without the condition, and believes that Alice left.",
        |seen| {
            let bob = seen.screen(Person::Bob);
            bob.heard() == [PROMISE] && bob.notes(note) && !bob.alarmed()
        },
    )
}

const WORDS: &str = "I agree to everything.";

pub(super) fn reflection(hands: &Hands, protocol: Protocol) -> Result<Verdict, Halt> {
    let detail = "Alice reads her own words as Bob's.";
    let succeeded = |seen: &Snapshot| seen.screen(Person::Alice).times("Bob", WORDS) > 0;
    if let Protocol::Cr1(_) = protocol {
        let setting = Setting::talking(hands, protocol)?;
        let frame = setting.alice_says(WORDS)?;
        let back = hands.edit("Alice says something to Bob. Send it back to her.", frame)?;
        setting.relay.inject(Person::Bob, Person::Alice, &back);
        return hands.judge(detail, succeeded);
    }
    // Mallory is all there is: Alice talks to her own reflection.
    let nobody = Ticket {
        secret: crate::crypto::Secret::ZERO,
        host: hands.cast.player(Person::Bob).identity.fingerprint(),
    };
    let (alice, to_alice) = caller(hands, Person::Alice, protocol, &nobody)?;
    let mut relay = Relay::new(&hands.stage);
    relay.attach(Person::Alice, to_alice)?;
    let hello = relay.next_frame(Person::Alice)?;
    let mut mirrored = Hello::read(&hello).ok_or(Halt::HungUp)?;
    mirrored.name = Person::Bob.name().to_owned();
    let mirrored = hands.edit(
        "Alice shows her public key. Show it back to her as Bob's.",
        mirrored.packet(),
    )?;
    relay.inject(Person::Bob, Person::Alice, &mirrored);
    hands.stage.wait_until(crate::mallory::hands::PATIENCE, |seen| {
        seen.screen(Person::Alice).notes(textbook::SECURE)
    });
    alice.say(WORDS);
    let frame = relay.take(Person::Alice, |frame| frame.first() == Some(&textbook::MESSAGE))?;
    let mut message = Message::read(&frame).ok_or(Halt::HungUp)?;
    message.from = Person::Bob.name().to_owned();
    let back = hands.edit(
        "Alice says something to Bob. Send it back to her.",
        message.packet(),
    )?;
    relay.inject(Person::Bob, Person::Alice, &back);
    hands.judge(detail, succeeded)
}
