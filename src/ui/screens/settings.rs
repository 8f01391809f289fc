//! Name, look, and what this program is.

use egui::Ui;

use super::first_run::name_fault;
use super::{Page, Stage, column_ui, title_ui};
use crate::session::{Settings, ThemeChoice};
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Button, Card, Field, fingerprint_ui, segmented_ui};

/// What is typed in the settings.
#[derive(Debug, Default)]
pub struct SettingsForm {
    name: String,
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
            look_ui(ui, stage);
            self.about_ui(ui);
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
                    ui.label(text::small(ui, "Your key and settings are kept in"));
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

/// Takes the settings over and asks for them to be kept.
pub fn keep(stage: &mut Stage<'_>, settings: Settings) {
    stage.session.settings = settings.clone();
    stage.wish(UiCommand::KeepSettings(settings));
}
