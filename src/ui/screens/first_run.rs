//! The first run: a name, a passphrase unless it is skipped, and a key of one's own.

use std::path::Path;

use egui::{Key, Ui};

use super::entrance::{entrance_ui, only_the_lab_ui};
use super::file_dialog::{FileAct, FileDialog};
use super::home::mended_ui;
use super::passphrase::NewPassphrase;
use super::{Page, Stage};
use crate::session::{MAX_NAME_BYTES, Me, Passphrase};
use crate::ui::command::UiCommand;
use crate::ui::theme::{icons, text};
use crate::ui::widgets::{Button, Card, Field, busy_ui};

/// What is typed on the first run.
#[derive(Default)]
pub struct FirstRun {
    name: String,
    passphrase: NewPassphrase,
    step: Step,
    /// The dialog that restores a backup, while it is shown.
    restore: Option<FileDialog>,
    /// Whether the step was just entered: its first field wants the keyboard.
    entered: bool,
}

/// Which question is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Step {
    #[default]
    Name,
    Passphrase,
}

impl FirstRun {
    /// Draws the welcome and the form, or how far the key is.
    pub fn show_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        let page = Page {
            name: "first run",
            width: 480.0,
            entered: stage.entered,
        };
        let title = "Welcome to Cipher Room";
        let sentence = "A private room for people who can trust each other to be who they are. No account, no server, no phone number.";
        entrance_ui(ui, &page, title, sentence, |ui| {
            mended_ui(ui, stage);
            Card::new().full_width().padding(20).show(ui, |ui| {
                if stage.session.me == Me::Making {
                    making_ui(ui, stage.session.file_work.is_under_way());
                } else {
                    ui.spacing_mut().item_spacing.y = 12.0;
                    self.entered |= stage.entered;
                    match self.step {
                        Step::Name => self.name_ui(ui, stage),
                        Step::Passphrase => self.passphrase_ui(ui, stage),
                    }
                }
            });
            only_the_lab_ui(ui, stage);
            let restore = Button::ghost("Restore a backup")
                .icon(icons::UPLOAD_SIMPLE)
                .small();
            if stage.session.me == Me::New && ui.add(restore).clicked() {
                self.restore = Some(FileDialog::new(FileAct::Restore));
            }
        });
        if let Some(dialog) = &mut self.restore {
            let (done, wish) = dialog.show_ui(ui, stage);
            if done {
                self.restore = None;
            }
            if let Some(wish) = wish {
                stage.session.me = Me::Making;
                stage.wish(wish);
            }
        }
    }

    /// Puts the file that was chosen into the dialog.
    pub fn fill_path(&mut self, path: &Path) {
        if let Some(dialog) = &mut self.restore {
            dialog.fill_path(path);
        }
    }

    fn name_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        let fault = name_fault(&self.name);
        let shown_fault = fault.filter(|_| !self.name.is_empty());
        let field = ui.add(
            Field::new("Your name", &mut self.name)
                .hint("How others know you")
                .help("The others in a room see it. You can change it later.")
                .error(shown_fault),
        );
        if std::mem::take(&mut self.entered) {
            field.request_focus();
        }
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if entered && fault.is_some() {
            field.request_focus();
        }
        // A profile whose key is gone was unlocked with its passphrase, and keeps it.
        let is_last = stage.session.has_passphrase;
        let (label, icon) = match is_last {
            true => ("Create my key", icons::KEY),
            false => ("Continue", icons::ARROW_RIGHT),
        };
        let next = Button::primary(label).icon(icon).full_width();
        let pressed = ui.add_enabled(fault.is_none(), next).clicked();
        let goes_on = (pressed || entered) && fault.is_none();
        if goes_on && is_last {
            self.create(ui, stage, None);
        } else if goes_on {
            self.step = Step::Passphrase;
            self.entered = true;
            ui.ctx().request_repaint();
        }
    }

    fn passphrase_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        ui.label(text::subheading(ui, "Lock it with a passphrase"));
        ui.add(
            egui::Label::new(text::weak(
                ui,
                "Your key, your contacts and your rooms are then of no use to who takes this computer. Nobody can restore a passphrase that is lost.",
            ))
            .wrap(),
        );
        let focus = std::mem::take(&mut self.entered);
        let entered = self.passphrase.show_ui(ui, focus);
        let ready = self.passphrase.ready();
        let create = Button::primary("Create my key").icon(icons::KEY).full_width();
        let pressed = ui.add_enabled(ready.is_some(), create).clicked();
        let mut skipped = false;
        // In a dialog over it, Esc is that dialog's.
        let has_dialog = ui.memory(|memory| memory.top_modal_layer().is_some());
        let escaped = !has_dialog && ui.input(|input| input.key_pressed(Key::Escape));
        ui.horizontal(|ui| {
            let back = Button::ghost("Back").icon(icons::ARROW_LEFT).small();
            if ui.add(back).clicked() || escaped {
                self.step = Step::Name;
                self.entered = true;
                ui.ctx().request_repaint();
            }
            skipped = ui
                .add(Button::ghost("Skip the passphrase").small())
                .on_hover_text("Who can read this computer's files can then read your key and your rooms.")
                .clicked();
        });
        if let Some(passphrase) = ready.filter(|_| pressed || entered) {
            self.create(ui, stage, Some(passphrase));
        } else if skipped {
            self.create(ui, stage, None);
        }
    }

    fn create(&mut self, ui: &Ui, stage: &mut Stage<'_>, passphrase: Option<Passphrase>) {
        self.passphrase.wipe(ui);
        self.step = Step::Name;
        stage.session.me = Me::Making;
        stage.wish(UiCommand::CreateIdentity {
            name: self.name.trim().to_owned(),
            passphrase,
        });
    }
}

/// How the key comes about: it is made, or a backup brings it.
fn making_ui(ui: &mut Ui, restores: bool) {
    let (title, sentence) = match restores {
        true => (
            "Restoring your backup…",
            "Deriving its key takes a moment on purpose; a large backup takes longer.",
        ),
        false => (
            "Making your key…",
            "Looking for two large prime numbers. This takes a second or two.",
        ),
    };
    busy_ui(ui, title, sentence);
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
