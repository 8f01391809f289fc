//! The first run: a name, and a key of one's own.

use egui::{Spinner, Ui, vec2};

use super::{Page, Screen, Stage, column_ui, title_ui};
use crate::session::{MAX_NAME_BYTES, Me};
use crate::ui::command::UiCommand;
use crate::ui::theme::{icons, palette, text};
use crate::ui::widgets::{Button, Card, Field};

/// What is typed on the first run.
#[derive(Debug, Default)]
pub struct FirstRun {
    name: String,
}

impl FirstRun {
    /// Draws the welcome and the form, or how far the key is.
    pub fn show_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        let page = Page {
            name: "first run",
            width: 480.0,
            entered: stage.entered,
        };
        column_ui(ui, &page, |ui| {
            mark_ui(ui);
            ui.add_space(8.0);
            title_ui(
                ui,
                "Welcome to Cipher Room",
                "A private room for people who can trust each other to be who they are. No account, no server, no phone number.",
            );
            Card::new().full_width().padding(20).show(ui, |ui| {
                if stage.session.me == Me::Making {
                    making_ui(ui);
                } else {
                    self.form_ui(ui, stage);
                }
            });
            ui.add_space(8.0);
            let lab = Button::ghost("Only the Classical Ciphers")
                .icon(icons::FLASK)
                .small();
            if ui
                .add(lab)
                .on_hover_text("They need no name and no key.")
                .clicked()
            {
                stage.go = Some(Screen::Lab);
            }
        });
    }

    fn form_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        ui.spacing_mut().item_spacing.y = 12.0;
        let fault = name_fault(&self.name);
        let shown_fault = fault.filter(|_| !self.name.is_empty());
        let field = ui.add(
            Field::new("Your name", &mut self.name)
                .hint("How others know you")
                .help("The others in a room see it. You can change it later.")
                .error(shown_fault),
        );
        if stage.entered {
            field.request_focus();
        }
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if entered && fault.is_some() {
            field.request_focus();
        }
        let create = ui
            .add_enabled(
                fault.is_none(),
                Button::primary("Create my key").icon(icons::KEY).full_width(),
            )
            .clicked();
        ui.add(
            egui::Label::new(text::small(
                ui,
                "Your key proves to others that it is you. It is made on this computer and never leaves it.",
            ))
            .wrap(),
        );
        if (create || entered) && fault.is_none() {
            stage.session.me = Me::Making;
            stage.wish(UiCommand::CreateIdentity {
                name: self.name.trim().to_owned(),
            });
        }
    }
}

fn making_ui(ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        ui.add(Spinner::new().size(26.0).color(palette(ui).accent));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.label(text::subheading(ui, "Making your key…"));
            ui.add(
                egui::Label::new(text::weak(
                    ui,
                    "Looking for two large prime numbers. This takes a second or two.",
                ))
                .wrap(),
            );
        });
    });
}

/// The application's mark: a shield in the accent.
pub fn mark_ui(ui: &mut Ui) {
    let p = palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(56.0, 56.0), egui::Sense::hover());
    ui.painter().rect_filled(rect, 14, p.accent_soft);
    crate::ui::widgets::paint::icon(ui.painter(), rect.center(), icons::SHIELD_CHECK, 32.0, p.accent);
}

/// What is wrong with a display name, if anything.
pub fn name_fault(name: &str) -> Option<&'static str> {
    let name = name.trim();
    if name.is_empty() {
        Some("Enter a name.")
    } else if name.len() > MAX_NAME_BYTES {
        Some("This name is too long. Use a shorter one.")
    } else {
        None
    }
}
