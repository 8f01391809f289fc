//! The dialogs around somebody met: who it is, comparing the safety number, contact cards in and out.

use egui::Ui;

use super::{Contacts, Dialog, mark_words};
use crate::session::{Contact, ContactCard, Decision, Fingerprint, VerifiedBy, clean};
use crate::ui::command::UiCommand;
use crate::ui::screens::Stage;
use crate::ui::screens::safety::{NumberCompared, differed_ui, safety_number_ui, when};
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{
    Avatar, Banner, Button, Field, Pill, Qr, deciding_modal_ui, fingerprint_ui, modal_ui,
};

impl Contacts {
    /// One person. Gives whether to close.
    pub(super) fn contact_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>, who: Fingerprint) -> bool {
        let Some(contact) = stage.session.contact(&who).cloned() else {
            return true;
        };
        let mut forget = false;
        let outcome = modal_ui(ui.ctx(), "Contact", 480.0, |ui| {
            ui.spacing_mut().item_spacing.y = 10.0;
            head_ui(ui, &contact);
            let words = mark_words(contact.trust());
            ui.add(egui::Label::new(text::weak(ui, words.long)).wrap());
            if let Some(verified) = contact.verified {
                let how = match verified.by {
                    VerifiedBy::Emoji => "by comparing the seven emoji",
                    VerifiedBy::SafetyNumber => "by comparing the safety number",
                    VerifiedBy::Card => "by its contact card",
                };
                let said = format!("Verified {how}, {}.", when(stage, verified.at_unix));
                ui.label(text::small(ui, said));
            }
            if let Some(change) = contact.change {
                let said = format!("Known before: {}", change.before);
                let _ = Banner::new(Tone::Danger, &said).show(ui);
            }
            ui.label(text::small(ui, "Fingerprint of the key"));
            fingerprint_ui(ui, &contact.fingerprint.to_string());
            let seen = format!(
                "First seen {}. Last seen {}.",
                when(stage, contact.first_seen_unix),
                when(stage, contact.last_seen_unix)
            );
            ui.add(egui::Label::new(text::small(ui, seen)).wrap());
            if self.to_forget == Some(who) {
                forget = self.forget_ui(ui, &contact);
                return;
            }
            ui.horizontal_wrapped(|ui| {
                let number = Button::secondary("Safety number").icon(icons::SHIELD_CHECK);
                if ui.add(number).clicked() {
                    self.dialog = Some(Dialog::SafetyNumber(who));
                }
                if contact.verified.is_some() && ui.add(Button::ghost("Withdraw verification")).clicked() {
                    stage.decide(who, Decision::Withdraw);
                }
                let (label, decision) = match contact.blocked {
                    true => ("Unblock", Decision::Unblock),
                    false => ("Block", Decision::Block),
                };
                if ui.add(Button::ghost(label)).clicked() {
                    stage.decide(who, decision);
                }
                if ui.add(Button::ghost("Forget")).clicked() {
                    self.to_forget = Some(who);
                }
            });
        });
        if forget {
            stage.session.contacts.remove(&who);
            stage.wish(UiCommand::ForgetContact { fingerprint: who });
        }
        outcome.close || forget
    }

    /// Forgetting asks once: nothing brings the marks back. Gives whether it is said again.
    fn forget_ui(&mut self, ui: &mut Ui, contact: &Contact) -> bool {
        let goes = match (contact.verified.is_some(), contact.blocked) {
            (true, true) => "The verification and the block go with it. ",
            (true, false) => "The verification goes with it. ",
            (false, true) => "The block goes with it. ",
            (false, false) => "",
        };
        let sentence =
            format!("{goes}Met again, this person counts as new: a change of the key is then not noticed.");
        ui.add(egui::Label::new(text::small(ui, sentence)).wrap());
        ui.horizontal(|ui| {
            let forget = ui.add(Button::danger("Forget this person").small()).clicked();
            if ui.add(Button::ghost("Keep").small()).clicked() {
                self.to_forget = None;
            }
            forget
        })
        .inner
    }

    /// The safety number with somebody. Gives whether to close.
    pub(super) fn number_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>, who: Fingerprint) -> bool {
        let Some((own, name)) = ends(stage, &who) else {
            return true;
        };
        let outcome = deciding_modal_ui(ui.ctx(), &number_title(&name), 480.0, |ui| {
            safety_number_ui(ui, &own, &who, &name)
        });
        match outcome.inner {
            Some(NumberCompared::Match) => {
                stage.decide(who, Decision::Verify(VerifiedBy::SafetyNumber));
                stage.toasts.push(Tone::Success, format!("{name} is verified."));
                true
            }
            Some(NumberCompared::Differ) => {
                if stage.session.number_differed(&who) {
                    stage.decide(who, Decision::Withdraw);
                }
                self.dialog = Some(Dialog::NumberDiffered(who));
                false
            }
            None => outcome.close,
        }
    }

    /// What a number that differs means. Gives whether to close.
    pub(super) fn differed_ui(&mut self, ui: &Ui, stage: &Stage<'_>, who: Fingerprint) -> bool {
        let Some((_, name)) = ends(stage, &who) else {
            return true;
        };
        let outcome = deciding_modal_ui(ui.ctx(), &number_title(&name), 480.0, |ui| differed_ui(ui, &name));
        if outcome.inner {
            self.dialog = Some(Dialog::SafetyNumber(who));
        }
        outcome.close
    }

    /// A card from somebody. Gives whether to close.
    pub(super) fn import_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>) -> bool {
        let mut done = false;
        let outcome = modal_ui(ui.ctx(), "Import a contact card", 480.0, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            let sentence = "Take it only from the person itself, or from somebody whom you trust to have it right: it marks the key as verified.";
            ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
            let parsed = self.card.parse::<ContactCard>();
            let fault = parsed.as_ref().err().map(ToString::to_string);
            let shown = fault.as_deref().filter(|_| !self.card.trim().is_empty());
            ui.add(
                Field::new("Card", &mut self.card)
                    .hint("cipher-room-contact:…")
                    .multiline(3)
                    .mono()
                    .error(shown),
            );
            let known = parsed.as_ref().ok();
            if let Some(card) = known {
                let name = clean::reveal_line(&card.name);
                ui.label(text::strong(ui, &*name));
                fingerprint_ui(ui, &card.fingerprint.to_string());
            }
            let own = stage.session.fingerprint();
            let is_own = known.is_some_and(|card| own == Some(card.fingerprint));
            if is_own {
                ui.label(text::small(ui, "This is your own card."));
            }
            ui.horizontal(|ui| {
                let import = Button::primary("Import").icon(icons::CHECK);
                let may = known.is_some() && !is_own;
                if ui.add_enabled(may, import).clicked()
                    && let Some(card) = known
                {
                    stage.wish(UiCommand::ImportContact {
                        fingerprint: card.fingerprint,
                        name: card.name.clone(),
                    });
                    let name = clean::reveal_line(&card.name);
                    stage
                        .toasts
                        .push(Tone::Success, format!("{name} is in your contacts."));
                    done = true;
                }
                if ui
                    .add(Button::secondary("From a picture").icon(icons::FOLDER_OPEN))
                    .on_hover_text("A PNG or JPEG file with the card's QR code")
                    .clicked()
                {
                    stage.wish(UiCommand::OpenCardPicture);
                }
            });
        });
        if done || outcome.close {
            self.card.clear();
        }
        done || outcome.close
    }
}

fn head_ui(ui: &mut Ui, contact: &Contact) {
    let name = clean::reveal_line(&contact.name);
    let words = mark_words(contact.trust());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        ui.add(Avatar::new(&name, contact.fingerprint.as_bytes()).size(44.0));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            ui.add(egui::Label::new(text::subheading(ui, &*name)).truncate());
            ui.add(Pill::new(words.short, words.tone).icon(words.icon));
        });
    });
}

/// Our fingerprint, and the name of who is at the other end.
fn ends(stage: &Stage<'_>, who: &Fingerprint) -> Option<(Fingerprint, String)> {
    let contact = stage.session.contact(who)?;
    let name = clean::reveal_line(&contact.name).into_owned();
    Some((stage.session.fingerprint()?, name))
}

fn number_title(name: &str) -> String {
    format!("Safety number with {name}")
}

/// Our own card, to be given away. Gives whether to close.
pub(super) fn own_card_ui(ui: &Ui, stage: &mut Stage<'_>) -> bool {
    let Some(fingerprint) = stage.session.fingerprint() else {
        return true;
    };
    let card = ContactCard {
        name: stage.session.settings.name.clone(),
        fingerprint,
    };
    let card = card.to_string();
    modal_ui(ui.ctx(), "Your contact card", 420.0, |ui| {
        ui.spacing_mut().item_spacing.y = 12.0;
        let sentence = "Whoever scans or imports it knows your key for sure, if it comes from you yourself. It is no secret.";
        ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
        ui.vertical_centered(|ui| ui.add(Qr::new(&card, "Your contact card").size(260.0)));
        ui.horizontal(|ui| {
            if ui.add(Button::primary("Copy as text").icon(icons::COPY)).clicked() {
                ui.ctx().copy_text(card.clone());
                stage.toasts.push(Tone::Success, "Contact card copied.");
            }
            if ui
                .add(Button::secondary("Save picture").icon(icons::FLOPPY_DISK))
                .clicked()
            {
                stage.wish(UiCommand::SaveCardPicture { text: card.clone() });
            }
        });
    })
    .close
}
