//! The dialog about one message: who wrote it, how that is known, its id, and what can be done with it.

use egui::Ui;

use super::fact_ui;
use crate::session::{
    Fingerprint, Line, MessageId, MessageLine, MessageState, Room, RoomKey, Transcript, Trust, clean,
};
use crate::ui::clock::Clock;
use crate::ui::screens::Stage;
use crate::ui::screens::room::conversation::Wanted;
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Button, Toasts, fingerprint_ui, modal_ui};

/// Draws the dialog about a message of the room, or of the private conversation with somebody; gives whether it is over,
/// and what is wanted of the message.
pub(super) fn message_ui(
    ui: &Ui,
    stage: &mut Stage<'_>,
    key: RoomKey,
    id: MessageId,
    with: Option<Fingerprint>,
) -> (bool, Option<Wanted>) {
    let clock = stage.clock;
    let room = stage.session.room(key);
    let said = room.and_then(|room| Some((room, find(said_in(room, with)?, id)?)));
    let Some((room, message)) = said else {
        return (true, None);
    };
    let other = with.unwrap_or(message.author);
    let is_verified = room.transcript.author_trust(&other) == Some(Trust::Verified);
    let copied = |ui: &Ui, text: String, what: &str, toasts: &mut Toasts| {
        ui.ctx().copy_text(text);
        toasts.push(Tone::Success, what);
    };
    let outcome = modal_ui(ui.ctx(), "Message details", 480.0, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        match with {
            None => signed_ui(ui, message, is_verified, clock),
            Some(_) => sealed_ui(ui, message, is_verified, clock),
        }
        ui.label(text::small(ui, "Fingerprint of the author's key"));
        ui.push_id("author", |ui| fingerprint_ui(ui, &message.author.to_string()));
        let what = match with {
            None => "Id of the message: the hash of what was signed",
            Some(_) => "Id of the message: a hash of your channel, its author, its number and its text",
        };
        ui.add(egui::Label::new(text::small(ui, what)).wrap());
        ui.add(
            egui::Label::new(text::mono(ui, message.id.to_string()).size(12.0))
                .selectable(true)
                .wrap(),
        );
        ui.horizontal_wrapped(|ui| {
            if ui.add(Button::secondary("Copy text").icon(icons::COPY)).clicked() {
                let text = clean::reveal(&message.text).into_owned();
                copied(ui, text, "Message copied.", stage.toasts);
            }
            if ui.add(Button::ghost("Copy id")).clicked() {
                copied(ui, message.id.to_string(), "Id copied.", stage.toasts);
            }
            wanted_ui(ui, message, with.is_some())
        })
        .inner
    });
    (outcome.close, outcome.inner)
}

/// What the pointer finds beside a bubble and in its menu, so that the keyboard reaches it too.
fn wanted_ui(ui: &mut Ui, message: &MessageLine, is_private: bool) -> Option<Wanted> {
    let failed = matches!(message.state, MessageState::Failed { .. });
    if failed && ui.add(Button::ghost("Write it again")).clicked() {
        return Some(Wanted::Again(message.text.clone()));
    }
    let for_others = message.delivery.as_ref().is_some_and(|delivery| delivery.of > 0);
    let delivered = Button::ghost("Delivered to whom");
    if message.own && !is_private && for_others && ui.add(delivered).clicked() {
        return Some(Wanted::ToWhom(message.id));
    }
    if !is_private && ui.add(Button::ghost("Look inside this message")).clicked() {
        return Some(Wanted::Inside(message.id));
    }
    let classical = ui.add(Button::ghost("What if this had been Caesar?"));
    classical
        .clicked()
        .then(|| Wanted::Classical(clean::reveal(&message.text).into_owned()))
}

/// Finds a message, one that waits too.
pub(super) fn find(transcript: &Transcript, id: MessageId) -> Option<&MessageLine> {
    let settled = transcript.lines().iter().rev().filter_map(|line| match line {
        Line::Message(message) => Some(message),
        _ => None,
    });
    transcript
        .waiting()
        .iter()
        .chain(settled)
        .find(|message| message.id == id)
}

fn said_in(room: &Room, with: Option<Fingerprint>) -> Option<&Transcript> {
    match with {
        None => Some(&room.transcript),
        Some(with) => room.private(&with).map(|talk| &talk.transcript),
    }
}

/// A message of the room: signed for everybody. A signature proves a key; whose key it is, only who compared it knows.
fn signed_ui(ui: &mut Ui, message: &MessageLine, is_verified: bool, clock: &Clock) {
    let (signed, how) = match (message.own, is_verified) {
        (true, _) => (
            "Signed by",
            "This computer checked the signature with your own key.",
        ),
        (false, true) => (
            "Signed by",
            "This computer checked the signature with the key below, which you have verified.",
        ),
        (false, false) => (
            "Signed as",
            "This computer checked the signature with the key below. Whose key that is, you know only after comparing.",
        ),
    };
    let sentence = format!("{signed} {}. {}", who(message), when(message, clock));
    fact_ui(ui, icons::SEAL_CHECK, &sentence, how);
}

/// A private message: sealed between two, and signed for nobody.
fn sealed_ui(ui: &mut Ui, message: &MessageLine, is_verified: bool, clock: &Clock) {
    let (icon, done, how) = match (&message.state, is_verified) {
        (MessageState::Waiting, _) => (
            icons::CLOCK,
            "Written",
            "It waits on this computer until the other one confirms it. It goes sealed, in a channel that only its two ends have the keys of.",
        ),
        (_, true) => (
            icons::LOCK,
            "Sealed",
            "Only the two ends of your channel have its keys: yours, and the one that you have verified. It carries no signature: nobody else can check who wrote it.",
        ),
        (_, false) => (
            icons::LOCK,
            "Sealed",
            "Only the two ends of your channel have its keys, and each proved its own key. Whose the other one is, you know only after comparing. It carries no signature: nobody else can check who wrote it.",
        ),
    };
    let sentence = format!("{done} by {}. {}", who(message), when(message, clock));
    fact_ui(ui, icon, &sentence, how);
}

fn who(message: &MessageLine) -> String {
    match message.own {
        true => "you".to_owned(),
        false => clean::reveal_line(&message.name).into_owned(),
    }
}

fn when(message: &MessageLine, clock: &Clock) -> String {
    let day = clock.day_name(clock.day(message.time_ms));
    format!(
        "{day}, {} by the author's clock.",
        clock.time_of_day(message.time_ms)
    )
}
