//! Everybody met: who, with which key, since when, and how far trusted.

mod dialogs;

use egui::{
    Align, Layout, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::safety::when;
use super::{Page, Stage, column_ui, title_ui};
use crate::session::{Contact, Fingerprint, TrustMark, clean};
use crate::ui::theme::{Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::{Avatar, Banner, Button, Field, Pill, follow_focus, paint};

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
                // Rows out of sight are not drawn: the tab key reaches the next one when this one is in sight.
                follow_focus(ui);
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
            Dialog::OwnCard => dialogs::own_card_ui(ui, stage),
            Dialog::Import => self.import_ui(ui, stage),
        };
        if close && self.dialog == Some(dialog) {
            self.dialog = None;
        }
        if self.dialog != Some(dialog) {
            self.to_forget = None;
        }
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
    let response = paint::hover_if_elided(response, &title, &name);
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
