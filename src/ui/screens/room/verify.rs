//! Comparing the seven emoji, and the alarm about somebody whose key changed.

use egui::Ui;

use crate::session::{Fingerprint, Member, Role, Trust, clean};
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Banner, Button, blocking_modal_ui, emoji_row_ui, fingerprint_ui};

/// What the comparison gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The same seven.
    Match,
    /// Not the same.
    Differ,
    /// Leave the room.
    Leave,
    /// Return to the emoji.
    Back,
}

/// Draws the emoji to compare with somebody; `differ` once the user said so.
pub fn compare_ui(ui: &mut Ui, member: &Member, own_role: Role, differ: bool) -> Option<Compared> {
    let name = clean::reveal_line(&member.name);
    let sas = member.sas?;
    if differ {
        return differ_ui(ui, &name, own_role);
    }
    ui.spacing_mut().item_spacing.y = 12.0;
    let sentence = format!(
        "Meet {name} or call, so that you know the voice, and read these to each other in order. The same seven on both screens mean that nobody sits in between."
    );
    ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
    emoji_row_ui(ui, &sas.emoji());
    ui.add_space(2.0);
    ui.horizontal(|ui| {
        if ui.add(Button::primary("They match").icon(icons::CHECK)).clicked() {
            return Some(Compared::Match);
        }
        ui.add(Button::secondary("They differ"))
            .clicked()
            .then_some(Compared::Differ)
    })
    .inner
}

fn differ_ui(ui: &mut Ui, name: &str, own_role: Role) -> Option<Compared> {
    ui.spacing_mut().item_spacing.y = 12.0;
    let sentence = match own_role {
        Role::Guest => format!(
            "Somebody may sit between you and {name} and read along. Write nothing more here. Leave, and ask for an invitation in another way: on paper, or over a call."
        ),
        Role::Host => format!(
            "Whoever is shown here as {name} may be somebody else, or somebody sits in between. Tell nothing that {name} alone should read, and give {name} an invitation in another way."
        ),
    };
    let _ = Banner::new(Tone::Danger, &sentence)
        .title("This is not a safe connection")
        .show(ui);
    ui.horizontal(|ui| {
        let leave = Button::danger("Leave the room").icon(icons::SIGN_OUT);
        if own_role == Role::Guest && ui.add(leave).clicked() {
            return Some(Compared::Leave);
        }
        ui.add(Button::ghost("Back")).clicked().then_some(Compared::Back)
    })
    .inner
}

/// What is done about a changed key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Leave the room.
    Leave,
    /// Go on in spite of it.
    GoOn,
}

/// Draws the alarm about somebody whose key changed. Only its buttons end it;
/// `opening` while it appears.
pub fn changed_key_ui(ui: &Ui, member: &Member, room: &str, opening: bool) -> Option<Decision> {
    let Trust::Changed { before, .. } = member.trust else {
        return None;
    };
    let name = clean::reveal_line(&member.name);
    let title = match member.is_host {
        true => "The host's key has changed".to_owned(),
        // The name stands last: a long one must not cut off what happened.
        false => format!("The key has changed: {name}"),
    };
    // How it was known: under the address that was typed, or under its name.
    let by_address = matches!(member.base, Trust::Changed { .. });
    blocking_modal_ui(ui.ctx(), &title, 540.0, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        let sentence = match by_address {
            true => format!("The host of \"{room}\" proved another key than the one known at this address."),
            false => {
                format!("Somebody in \"{room}\" calls itself {name}, whom you know, and has another key.")
            }
        };
        let _ = Banner::new(Tone::Danger, &sentence)
            .icon(icons::SHIELD_WARNING)
            .show(ui);
        let reasons = if by_address {
            [
                "It can be harmless: the host uses a new computer or a new profile, or this address now belongs to somebody else.",
                "Or somebody sits between you and the host and reads everything. From here, the two look the same.",
                "Ask the host by another way, best by voice, and compare the new fingerprint.",
            ]
        } else {
            [
                "It can be harmless: a new computer or a new profile, or another person of the same name.",
                "Or somebody uses the name to be taken for the person whom you know. From here, the two look the same.",
                "Ask the person by another way, best by voice, and compare the new fingerprint.",
            ]
        };
        for reason in reasons {
            ui.add(egui::Label::new(text::body(ui, reason)).wrap());
        }
        // On a low window the answers stand before the keys, so that both can be seen without scrolling.
        let low = ui.ctx().content_rect().height() < LOW_WINDOW;
        if !low {
            keys_ui(ui, &before, &member.fingerprint);
        }
        let decision = answers_ui(ui, opening);
        if low {
            keys_ui(ui, &before, &member.fingerprint);
        }
        decision
    })
}

fn answers_ui(ui: &mut Ui, opening: bool) -> Option<Decision> {
    ui.horizontal(|ui| {
        let leave = ui.add(Button::primary("Leave").icon(icons::SIGN_OUT));
        // The safe answer has the keyboard, not what happens to be drawn first.
        if opening {
            leave.request_focus();
        }
        if leave.clicked() {
            return Some(Decision::Leave);
        }
        ui.add(Button::ghost("Go on anyway").tone(Tone::Danger))
            .clicked()
            .then_some(Decision::GoOn)
    })
    .inner
}

fn keys_ui(ui: &mut Ui, before: &Fingerprint, now: &Fingerprint) {
    key_ui(ui, "Known before", before);
    key_ui(ui, "Now", now);
    ui.add_space(2.0);
}

fn key_ui(ui: &mut Ui, label: &str, key: &Fingerprint) {
    ui.push_id(label, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.label(text::small(ui, label));
        fingerprint_ui(ui, &key.to_string());
    });
}

const LOW_WINDOW: f32 = 620.0;
