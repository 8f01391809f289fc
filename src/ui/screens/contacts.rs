//! Everybody met: who, with which key, since when, and how far trusted; contact cards in and out.

use egui::{
    Align, Layout, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::safety::{NumberCompared, differed_ui, safety_number_ui, when};
use super::{Page, Stage, column_ui, title_ui};
use crate::session::{Contact, ContactCard, Decision, Fingerprint, TrustMark, VerifiedBy, clean};
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::{
    Avatar, Banner, Button, Field, Pill, Qr, deciding_modal_ui, fingerprint_ui, modal_ui, paint,
};

/// What the screen remembers.
#[derive(Default)]
pub struct Contacts {
    filter: String,
    dialog: Option<Dialog>,
    /// What is typed of a card that is being imported.
    card: String,
    /// Whom to forget, once that is said again.
    to_forget: Option<Fingerprint>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialog {
    Contact(Fingerprint),
    SafetyNumber(Fingerprint),
    NumberDiffered(Fingerprint),
    OwnCard,
    Import,
}

impl Contacts {
    /// Puts the text of a card into the import dialog, as when a picture was read.
    pub fn fill_card(&mut self, text: String) {
        self.card = text;
        self.dialog = Some(Dialog::Import);
    }

    /// Draws the screen.
    pub fn show_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        let page = Page {
            name: "contacts",
            width: 720.0,
            entered: stage.entered,
        };
        column_ui(ui, &page, |ui| {
            title_ui(
                ui,
                "Contacts",
                "Everybody whom you met in a room. A name is what its owner types; the key is who it is.",
            );
            ui.horizontal_wrapped(|ui| {
                let own = ui.add(Button::secondary("Your contact card").icon(icons::QR_CODE));
                if stage.entered {
                    own.request_focus();
                }
                if own.clicked() {
                    self.dialog = Some(Dialog::OwnCard);
                }
                let import = Button::secondary("Import a card").icon(icons::DOWNLOAD_SIMPLE);
                if ui.add(import).clicked() {
                    self.dialog = Some(Dialog::Import);
                }
            });
            ui.add_space(4.0);
            if stage.session.contacts.is_empty() {
                let said = "Nobody yet. Whoever is in a room with you appears here, and stays.";
                let _ = Banner::new(Tone::Info, said).show(ui);
                return;
            }
            ui.add(Field::new("Find", &mut self.filter).hint("A name or a fingerprint"));
            ui.add_space(4.0);
            self.list_ui(ui, stage);
        });
        self.dialogs_ui(ui, stage);
    }

    fn list_ui(&mut self, ui: &mut Ui, stage: &Stage<'_>) {
        let wanted = self.filter.trim().to_lowercase();
        let mut shown: Vec<&Contact> = stage
            .session
            .contacts
            .values()
            .filter(|contact| {
                contact.name.to_lowercase().contains(&wanted)
                    || contact.fingerprint.to_string().starts_with(&wanted)
            })
            .collect();
        // Alarms first, then by name.
        shown.sort_by_cached_key(|contact| {
            let calm = !contact.needs_decision();
            (calm, contact.name.to_lowercase(), contact.fingerprint)
        });
        if shown.is_empty() {
            ui.label(text::weak(ui, "Nobody of that name or fingerprint."));
        }
        let height = (ui.available_height() - 16.0).max(3.0 * ROW);
        ui.spacing_mut().item_spacing.y = 6.0;
        ScrollArea::vertical()
            .id_salt("contacts list")
            .auto_shrink([false, true])
            .max_height(height)
            .show_rows(ui, ROW, shown.len(), |ui, range| {
                for contact in shown.get(range).unwrap_or_default() {
                    let pressed = ui
                        .push_id(contact.fingerprint, |ui| row_ui(ui, stage, contact))
                        .inner;
                    if pressed {
                        self.dialog = Some(Dialog::Contact(contact.fingerprint));
                    }
                }
            });
    }

    fn dialogs_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>) {
        let Some(dialog) = self.dialog else {
            return;
        };
        let close = match dialog {
            Dialog::Contact(who) => self.contact_ui(ui, stage, who),
            Dialog::SafetyNumber(who) => self.number_ui(ui, stage, who),
            Dialog::NumberDiffered(who) => self.differed_ui(ui, stage, who),
            Dialog::OwnCard => own_card_ui(ui, stage),
            Dialog::Import => self.import_ui(ui, stage),
        };
        if close && self.dialog == Some(dialog) {
            self.dialog = None;
        }
        if self.dialog != Some(dialog) {
            self.to_forget = None;
        }
    }

    fn contact_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>, who: Fingerprint) -> bool {
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

    fn number_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>, who: Fingerprint) -> bool {
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

    fn differed_ui(&mut self, ui: &Ui, stage: &Stage<'_>, who: Fingerprint) -> bool {
        let Some((_, name)) = ends(stage, &who) else {
            return true;
        };
        let outcome = deciding_modal_ui(ui.ctx(), &number_title(&name), 480.0, |ui| differed_ui(ui, &name));
        if outcome.inner {
            self.dialog = Some(Dialog::SafetyNumber(who));
        }
        outcome.close
    }

    fn import_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>) -> bool {
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
                    .on_hover_text("A PNG file with the card's QR code")
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

fn row_ui(ui: &mut Ui, stage: &Stage<'_>, contact: &Contact) -> bool {
    let p = palette(ui);
    let name = clean::reveal_line(&contact.name);
    let words = mark_words(contact.trust());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{name}, {}", words.short)));
    let fill = if response.hovered() {
        p.surface_3
    } else {
        p.surface_2
    };
    let border = Stroke::new(1.0, p.border);
    ui.painter()
        .rect(rect, style::RADIUS_LARGE, fill, border, StrokeKind::Inside);
    paint::interactive(ui, &response, rect, style::RADIUS_LARGE, p);
    let circle =
        egui::Rect::from_min_size(pos2(rect.left() + 12.0, rect.center().y - 16.0), vec2(32.0, 32.0));
    let avatar = Avatar::new(&name, contact.fingerprint.as_bytes()).size(32.0);
    ui.new_child(UiBuilder::new().max_rect(circle)).add(avatar);
    let mut inner = ui.new_child(
        UiBuilder::new()
            .max_rect(rect.shrink2(vec2(12.0, 0.0)))
            .layout(Layout::right_to_left(Align::Center)),
    );
    inner.add(Pill::new(words.short, words.tone).icon(words.icon));
    let left = circle.right() + 12.0;
    let width = inner.min_rect().left() - 12.0 - left;
    let title = paint::line_within(ui, &name, fonts::semibold(fonts::BODY), p.text_strong, width);
    paint::galley_left(ui.painter(), left, rect.center().y - 9.0, title);
    let below = format!(
        "{}, last seen {}",
        contact.fingerprint.short(),
        when(stage, contact.last_seen_unix)
    );
    let below = paint::line_within(ui, &below, fonts::regular(fonts::SMALL), p.text_weak, width);
    paint::galley_left(ui.painter(), left, rect.center().y + 9.0, below);
    response.clicked()
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

fn own_card_ui(ui: &Ui, stage: &mut Stage<'_>) -> bool {
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

/// The words for a contact's trust.
struct MarkWords {
    short: &'static str,
    long: &'static str,
    tone: Tone,
    icon: &'static str,
}

fn mark_words(mark: TrustMark) -> MarkWords {
    let words = |short, tone, icon, long| MarkWords {
        short,
        long,
        tone,
        icon,
    };
    match mark {
        TrustMark::Verified => words(
            "verified",
            Tone::Success,
            icons::SEAL_CHECK,
            "You compared this key with its owner's, and it matched.",
        ),
        TrustMark::FirstUse => words(
            "first use",
            Tone::Neutral,
            icons::KEY,
            "Proved to hold this key when you met. Nobody compared it yet, so you know that it is the same person as the first time, and no more.",
        ),
        TrustMark::IntroducedByHost => words(
            "introduced by host",
            Tone::Neutral,
            icons::USERS_THREE,
            "A host said that this person was in its room. Its messages were signed with this key.",
        ),
        TrustMark::Changed => words(
            "changed",
            Tone::Danger,
            icons::SHIELD_WARNING,
            "Another key was known under this name, or at this address, before.",
        ),
        TrustMark::Blocked => words(
            "blocked",
            Tone::Neutral,
            icons::EYE_SLASH,
            "You keep this person out of sight.",
        ),
    }
}

const ROW: f32 = 56.0;
