//! The dialog about one message: who wrote it, how that is known, and its id.

use egui::Ui;

use super::fact_ui;
use crate::session::{
    Fingerprint, Line, MessageId, MessageLine, MessageState, Room, RoomKey, Transcript, clean,
};
use crate::ui::clock::Clock;
use crate::ui::screens::Stage;
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Button, Toasts, fingerprint_ui, modal_ui};

/// Draws the dialog about a message of the room, or of the private conversation with somebody; gives whether it is over.
pub(super) fn message_ui(
    ui: &Ui,
    stage: &mut Stage<'_>,
    key: RoomKey,
    id: MessageId,
    with: Option<Fingerprint>,
) -> bool {
    let clock = stage.clock;
    let transcript = stage.session.room(key).and_then(|room| said_in(room, with));
    let Some(message) = transcript.and_then(|transcript| find(transcript, id)) else {
        return true;
    };
    let copied = |ui: &Ui, text: String, what: &str, toasts: &mut Toasts| {
        ui.ctx().copy_text(text);
        toasts.push(Tone::Success, what);
    };
    modal_ui(ui.ctx(), "Message details", 480.0, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        match with {
            None => signed_ui(ui, message, clock),
            Some(_) => sealed_ui(ui, message, clock),
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
        ui.horizontal(|ui| {
            if ui.add(Button::secondary("Copy text").icon(icons::COPY)).clicked() {
                let text = clean::reveal(&message.text).into_owned();
                copied(ui, text, "Message copied.", stage.toasts);
            }
            if ui.add(Button::ghost("Copy id")).clicked() {
                copied(ui, message.id.to_string(), "Id copied.", stage.toasts);
            }
        });
    })
    .close
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

/// A message of the room: signed for everybody.
fn signed_ui(ui: &mut Ui, message: &MessageLine, clock: &Clock) {
    let sentence = format!("Signed by {}. {}", who(message), when(message, clock));
    let how =
        "This computer checked the signature with the author's public key before it showed the message.";
    fact_ui(ui, icons::SEAL_CHECK, &sentence, how);
}

/// A private message: sealed between two, and signed for nobody.
fn sealed_ui(ui: &mut Ui, message: &MessageLine, clock: &Clock) {
    let (icon, done, how) = match message.state {
        MessageState::Waiting => (
            icons::CLOCK,
            "Written",
            "It waits on this computer until the other one confirms it. It goes sealed, in a channel that only the two of you have the keys of.",
        ),
        _ => (
            icons::LOCK,
            "Sealed",
            "Only the two of you have the keys of your channel, and both proved who they are when it was made. It carries no signature: nobody else can check who wrote it.",
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
