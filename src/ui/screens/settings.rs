//! Name, look, and what this program is.

use std::path::Path;

use egui::Ui;

use super::file_dialog::{FileAct, FileDialog};
use super::first_run::name_fault;
use super::passphrase::PassphraseDialog;
use super::{Page, Stage, column_ui, title_ui};
use crate::session::{Settings, ThemeChoice};
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Button, Card, Field, fingerprint_ui, segmented_ui};

/// Why nothing is begun with a file just now.
pub(super) const STILL_WORKING: &str = "Something else is still being written or read.";

/// What is typed in the settings.
#[derive(Default)]
pub struct SettingsForm {
    name: String,
    /// The dialog about the passphrase, while it is shown.
    passphrase: Option<PassphraseDialog>,
    /// The dialog about a file, while it is shown.
    file: Option<FileDialog>,
    /// Where the profile is, if the application said so.
    pub profile_folder: Option<String>,
}

impl SettingsForm {
    /// Draws the settings; each change is kept at once, the name when asked to.
    pub fn show_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        if stage.entered {
            self.name.clone_from(&stage.session.settings.name);
        }
        let page = Page {
            name: "settings",
            width: 560.0,
            entered: stage.entered,
        };
        column_ui(ui, &page, |ui| {
            title_ui(ui, "Settings", "");
            ui.spacing_mut().item_spacing.y = 16.0;
            self.you_ui(ui, stage);
            self.lock_ui(ui, stage);
            self.files_ui(ui, stage);
            look_ui(ui, stage);
            self.about_ui(ui);
        });
        if let Some(dialog) = &mut self.file {
            let (done, wish) = dialog.show_ui(ui, stage);
            if done {
                self.file = None;
            }
            wish.into_iter().for_each(|wish| stage.wish(wish));
        }
        if let Some(dialog) = &mut self.passphrase
            && dialog.show_ui(ui, stage)
        {
            self.passphrase = None;
        }
    }

    /// Puts the file that was chosen into the dialog.
    pub fn fill_path(&mut self, path: &Path) {
        if let Some(dialog) = &mut self.file {
            dialog.fill_path(path);
        }
    }

    fn files_ui(&mut self, ui: &mut Ui, stage: &Stage<'_>) {
        let is_busy = stage.session.is_busy_with_a_file();
        Card::new()
            .title("Key and backup")
            .icon(icons::FLOPPY_DISK)
            .full_width()
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 10.0;
                let sentence = "Keep a backup where this computer is not. Without it and without this computer, your key is gone for good.";
                ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
                ui.horizontal_wrapped(|ui| {
                    for (label, act) in [
                        ("Back up everything", FileAct::BackUp),
                        ("Export your key", FileAct::ExportIdentity),
                        ("Import a key", FileAct::ImportIdentity),
                        ("Save your public key", FileAct::ExportPublicKey),
                    ] {
                        let button = ui.add_enabled(!is_busy, Button::secondary(label));
                        if button.on_disabled_hover_text(STILL_WORKING).clicked() {
                            self.file = Some(FileDialog::new(act));
                        }
                    }
                });
            });
    }

    /// Asks for a passphrase, as when the home screen was asked for one.
    pub fn ask_for_passphrase(&mut self) {
        self.passphrase = Some(PassphraseDialog::default());
    }

    fn lock_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        Card::new()
            .title("Lock")
            .icon(icons::LOCK_KEY)
            .full_width()
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 10.0;
                let has_one = stage.session.has_passphrase;
                let sentence = if has_one {
                    "Your key, your contacts and your rooms are locked by your passphrase whenever Cipher Room is closed or locked."
                } else {
                    "There is no passphrase: who can read this computer's files can read your key, your contacts and your rooms."
                };
                ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
                ui.horizontal_wrapped(|ui| {
                    let label = if has_one { "Change passphrase" } else { "Set a passphrase" };
                    let change = ui.add_enabled(!stage.session.passphrase_work.is_under_way(), Button::secondary(label));
                    if change.clicked() {
                        self.passphrase = Some(PassphraseDialog::default());
                    }
                    let button = Button::secondary("Lock now").icon(icons::LOCK);
                    if ui
                        .add_enabled(has_one, button)
                        .on_hover_text("Leaves all rooms (Ctrl+Shift+L)")
                        .clicked()
                    {
                        lock(stage);
                    }
                });
                if has_one {
                    ui.label(text::small(ui, "Lock by itself when nothing is typed or pointed at"));
                    let mut minutes = stage.session.settings.lock_after_minutes;
                    let options = [(0, "Never"), (5, "5 minutes"), (15, "15 minutes"), (60, "1 hour")];
                    if segmented_ui(ui, "Lock after", &mut minutes, &options).changed() {
                        let settings = Settings {
                            lock_after_minutes: minutes,
                            ..stage.session.settings.clone()
                        };
                        keep(stage, settings);
                    }
                    ui.add(
                        egui::Label::new(text::small(
                            ui,
                            "Locking leaves every room; rooms that you host close for their guests.",
                        ))
                        .wrap(),
                    );
                }
            });
    }

    fn you_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        Card::new()
            .title("You")
            .icon(icons::USER)
            .full_width()
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 10.0;
                let fault = name_fault(&self.name);
                let field = ui.add(
                    Field::new("Your name", &mut self.name)
                        .help("Rooms that are open keep the old name.")
                        .error(fault),
                );
                if stage.entered {
                    field.request_focus();
                }
                let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
                let changed = self.name.trim() != stage.session.settings.name;
                let save = ui
                    .add_enabled(changed && fault.is_none(), Button::secondary("Save name"))
                    .clicked();
                if (save || entered) && changed && fault.is_none() {
                    let settings = Settings {
                        name: self.name.trim().to_owned(),
                        ..stage.session.settings.clone()
                    };
                    keep(stage, settings);
                    stage.toasts.push(Tone::Success, "Name saved.");
                }
                if let Some(fingerprint) = stage.session.fingerprint() {
                    ui.label(text::small(ui, "Fingerprint of your key"));
                    if fingerprint_ui(ui, &fingerprint.to_string()) {
                        stage.toasts.push(Tone::Success, "Fingerprint copied.");
                    }
                }
            });
    }

    fn about_ui(&self, ui: &mut Ui) {
        Card::new()
            .title("About")
            .icon(icons::INFO)
            .full_width()
            .show(ui, |ui| {
                ui.label(text::body(
                    ui,
                    concat!("Cipher Room ", env!("CARGO_PKG_VERSION")),
                ));
                let what = "A messenger whose insides are open to look at. Every message is signed by its author, and every connection is encrypted with keys that are thrown away afterwards.";
                ui.add(egui::Label::new(text::weak(ui, what)).wrap());
                if let Some(folder) = &self.profile_folder {
                    ui.label(text::small(ui, "Your profile is kept in"));
                    ui.add(
                        egui::Label::new(text::mono(ui, folder.as_str()))
                            .selectable(true)
                            .wrap(),
                    );
                }
            });
    }
}

fn look_ui(ui: &mut Ui, stage: &mut Stage<'_>) {
    Card::new()
        .title("Look")
        .icon(icons::SUN)
        .full_width()
        .show(ui, |ui| {
            let mut theme = stage.session.settings.theme;
            let options = [
                (ThemeChoice::System, "As the system"),
                (ThemeChoice::Light, "Light"),
                (ThemeChoice::Dark, "Dark"),
            ];
            if segmented_ui(ui, "Theme", &mut theme, &options).changed() {
                let settings = Settings {
                    theme,
                    ..stage.session.settings.clone()
                };
                keep(stage, settings);
            }
        });
}

/// Asks for the profile to be locked. What is being written or read comes first.
fn lock(stage: &mut Stage<'_>) {
    if stage.session.is_busy_with_a_file() || stage.session.passphrase_work.is_under_way() {
        stage.toasts.push(Tone::Info, "It locks as soon as that is done.");
    }
    stage.wish(UiCommand::Lock);
}

/// Takes the settings over and asks for them to be kept.
pub fn keep(stage: &mut Stage<'_>, settings: Settings) {
    stage.session.settings = settings.clone();
    stage.wish(UiCommand::KeepSettings(settings));
}
