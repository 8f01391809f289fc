//! The dialogs over a room: which is open, how the room is protected, what a message carries, leaving.

mod message;
mod people;

use egui::Ui;

pub(super) use self::people::emoji_matched;
use super::{RoomScreen, Side, header, invitation, leave};
use crate::session::{Delivery, Fingerprint, MessageId, Role, Room, RoomKey, clean};
use crate::ui::screens::trust::trust_words;
use crate::ui::screens::{Stage, people};
use crate::ui::theme::{Tone, icons, palette, text};
use crate::ui::widgets::{Button, fingerprint_ui, modal_ui, paint};

/// Which dialog is open over a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialog {
    /// How the room is protected.
    Protection,
    /// Who somebody is.
    Member(Fingerprint),
    /// The safety number with somebody.
    SafetyNumber {
        /// With whom.
        who: Fingerprint,
        /// Whether the user said that it differs.
        differ: bool,
    },
    /// Comparing emoji with somebody.
    Compare {
        /// With whom.
        who: Fingerprint,
        /// Whether the user said that they differ.
        differ: bool,
    },
    /// What a message carries.
    Message {
        /// Which.
        id: MessageId,
        /// With whom, where it was said in private.
        with: Option<Fingerprint>,
    },
    /// To whom a message was delivered.
    ToWhom(MessageId),
    /// Whether to send somebody away.
    SendAway {
        /// Whom.
        who: Fingerprint,
        /// Whether its key is refused from then on.
        ban: bool,
    },
    /// Whether to close the room for everybody.
    Leave,
    /// The invitation for a projector.
    LargeInvitation,
    /// What stands beside the conversation, where there is no room beside it.
    Side,
}

impl RoomScreen {
    /// Draws the dialog that is open, if one is; first of all the alarm about a changed key.
    pub(super) fn dialogs_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey) {
        let Some(room) = stage.session.room(key) else {
            return;
        };
        if (room.is_open() || room.is_lost()) && room.needs_decision() {
            (self.dialog, self.over_members) = (None, false);
            self.changed_key_ui(ui, stage, key);
            return;
        }
        self.alarm_passes = 0;
        let Some(dialog) = self.dialog else {
            return;
        };
        let before = dialog;
        let close = match dialog {
            Dialog::Protection => protection_ui(ui, room),
            Dialog::Member(who) => self.member_ui(ui, stage, key, who),
            Dialog::SafetyNumber { who, differ } => self.safety_ui(ui, stage, key, who, differ),
            Dialog::Compare { who, differ } => self.compare_ui(ui, stage, key, who, differ),
            Dialog::Message { id, with } => {
                let (close, wanted) = message::message_ui(ui, stage, key, id, with);
                if let Some(wanted) = wanted {
                    self.dialog = None;
                    self.message_wanted(ui, stage, key, with, wanted);
                }
                close
            }
            Dialog::ToWhom(id) => to_whom_ui(ui, room, id),
            Dialog::SendAway { who, ban } => self.send_away_ui(ui, room, who, ban),
            Dialog::Leave => leave_ui(ui, stage, key),
            Dialog::LargeInvitation => large_ui(ui, stage, key),
            Dialog::Side => {
                let side = self.side.unwrap_or(Side::Members);
                modal_ui(ui.ctx(), side_title(side), 360.0, |ui| {
                    self.side_content_ui(ui, stage, key, side);
                })
                .close
            }
        };
        // A dialog may have led to another one.
        if self.dialog != Some(before) {
            self.over_members = before == Dialog::Side && matches!(self.dialog, Some(Dialog::Member(_)));
        } else if close {
            self.dialog = std::mem::take(&mut self.over_members).then_some(Dialog::Side);
            self.wants_composer |= self.dialog.is_none();
        }
    }
}

fn side_title(side: Side) -> &'static str {
    match side {
        Side::Invitation => "Invitation",
        Side::Members => "Members",
        Side::Door => "Rules",
    }
}

/// Who has a message of ours, and who has not.
fn to_whom_ui(ui: &Ui, room: &Room, id: MessageId) -> bool {
    let Some(delivery) = message::find(&room.transcript, id).and_then(|message| message.delivery.as_ref())
    else {
        return true;
    };
    modal_ui(ui.ctx(), "Delivered to", 400.0, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        ui.add(egui::Label::new(text::body(ui, delivered_words(delivery))).wrap());
        let groups = [
            (icons::CHECKS, "Confirmed", &delivery.confirmed),
            (icons::CLOCK, "Not yet", &delivery.awaited),
        ];
        for (icon, title, people) in groups {
            if people.is_empty() {
                continue;
            }
            let mut names: Vec<_> = people
                .iter()
                .map(|who| clean::reveal_line(room.name_of(who)).into_owned())
                .collect();
            names.sort();
            fact_ui(ui, icon, title, &names.join(", "));
        }
        if delivery.confirmed.is_empty() && delivery.awaited.is_empty() && delivery.of > 0 {
            ui.add(egui::Label::new(text::weak(ui, "They are too many to name.")).wrap());
        }
    })
    .close
}

/// How far a message was delivered, in words.
pub(super) fn delivered_words(delivery: &Delivery) -> String {
    match (delivery.to, delivery.of) {
        (_, 0) => "In the room's log. Nobody else was in the room.".to_owned(),
        (to, of) if to == of => format!("In the room's log, delivered to all {of}."),
        (to, of) => format!("In the room's log, delivered to {to} of {of}."),
    }
}

fn protection_ui(ui: &Ui, room: &Room) -> bool {
    modal_ui(ui.ctx(), "How this room is protected", 520.0, |ui| {
        ui.spacing_mut().item_spacing.y = 12.0;
        ui.add(egui::Label::new(text::body(ui, header::lock_words(room))).wrap());
        let facts = [
            (
                icons::LOCK,
                "Sealed on the way",
                "AES-256-GCM. Each direction has its own key, renewed as you talk and thrown away afterwards.",
            ),
            (
                icons::ARROWS_LEFT_RIGHT,
                "Agreed afresh",
                "Three secrets make the key: X25519, ML-KEM-768 and one wrapped with RSA-3072. Who records today gains nothing by stealing a key tomorrow.",
            ),
            (
                icons::CERTIFICATE,
                "Signed by its author",
                "RSA-PSS over every message, checked by everybody here. The host cannot sign with another's key, nor change a message unseen. Whose key it is, you know once you have compared it.",
            ),
        ];
        for (icon, title, sentence) in facts {
            fact_ui(ui, icon, title, sentence);
        }
        let honest = match room.role {
            Role::Guest => "The host passes everything on and keeps the log, so it can read this room. What two members write privately it can't read once they have compared their emoji; until then they have its word alone for each other's keys. It sees that they write, when and how much.",
            Role::Host => "You pass everything on and keep the log, so you can read this room. What two members write privately you can't read: you see that, when and how much. They know so once they have compared their emoji; until then they have your word alone for each other's keys.",
        };
        fact_ui(ui, icons::EYE, "Who can read along", honest);
        if let Some(host) = &room.host {
            let words = trust_words(room, host.trust);
            fact_ui(ui, words.icon, &format!("The host: {}", words.short), words.long);
            ui.label(text::small(ui, "Fingerprint of the host's key"));
            fingerprint_ui(ui, &host.fingerprint.to_string());
        } else if let Some(opened) = &room.opened {
            ui.label(text::small(ui, "Fingerprint of your key, as guests see it"));
            fingerprint_ui(ui, &opened.fingerprint.to_string());
        }
    })
    .close
}

fn fact_ui(ui: &mut Ui, icon: &str, title: &str, sentence: &str) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        let (rect, _) = ui.allocate_exact_size(egui::vec2(22.0, 22.0), egui::Sense::hover());
        paint::icon(ui.painter(), rect.center(), icon, 20.0, palette(ui).accent);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.label(text::strong(ui, title));
            ui.add(egui::Label::new(text::weak(ui, sentence).size(13.0)).wrap());
        });
    });
}

fn leave_ui(ui: &Ui, stage: &mut Stage<'_>, key: RoomKey) -> bool {
    let Some(room) = stage.session.room(key).filter(|room| room.role == Role::Host) else {
        return true;
    };
    let guests = people(room.members.len().saturating_sub(1));
    let outcome = modal_ui(ui.ctx(), "Close the room for everybody?", 420.0, |ui| {
        ui.spacing_mut().item_spacing.y = 14.0;
        let sentence = format!(
            "{guests} will be told goodbye and disconnected. {}",
            room.afterwards()
        );
        ui.add(egui::Label::new(text::body(ui, sentence)).wrap());
        ui.horizontal(|ui| {
            let keep = ui.add(Button::secondary("Keep it open")).clicked();
            let close = ui
                .add(Button::danger("Close the room").icon(icons::POWER))
                .clicked();
            (keep, close)
        })
        .inner
    });
    let (keep, close) = outcome.inner;
    if close {
        leave(stage, key);
    }
    keep || close || outcome.close
}

fn large_ui(ui: &Ui, stage: &mut Stage<'_>, key: RoomKey) -> bool {
    let clock = stage.clock;
    let Some(opened) = stage.session.room(key).and_then(|room| room.opened.as_ref()) else {
        return true;
    };
    let title = format!("Join {}", clean::reveal_line(&opened.room_name));
    let outcome = modal_ui(ui.ctx(), &title, 660.0, |ui| {
        invitation::large_ui(ui, opened, clock)
    });
    if outcome.inner {
        stage.toasts.push(Tone::Success, "Invitation copied.");
    }
    outcome.close
}
