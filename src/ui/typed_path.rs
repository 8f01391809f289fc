//! Where the desktop has no file dialog: a field for the path, for opening a text or a contact
//! card's picture, and for saving anything.

use std::path::PathBuf;

use egui::Ui;

use super::command::UiCommand;
use super::lab::LabCommand;
use super::screens::passphrase::entered;
use super::theme::{icons, text};
use super::widgets::{Button, Field, modal_ui};

/// The dialog, while it is open.
pub(super) struct TypedPath {
    path: String,
    wanted: Wanted,
}

enum Wanted {
    Open,
    Card,
    Save(Vec<u8>),
}

impl TypedPath {
    /// Asks which file to open.
    pub fn to_open() -> Self {
        Self {
            path: String::new(),
            wanted: Wanted::Open,
        }
    }

    /// Asks for the picture with a contact card.
    pub fn of_card() -> Self {
        Self {
            path: String::new(),
            wanted: Wanted::Card,
        }
    }

    /// Asks where to save `bytes`, and suggests a path.
    pub fn to_save(suggested: String, bytes: Vec<u8>) -> Self {
        Self {
            path: suggested,
            wanted: Wanted::Save(bytes),
        }
    }

    /// Draws the dialog; gives what is to be done, and whether it is over.
    pub fn ui(&mut self, ui: &Ui) -> (Option<UiCommand>, bool) {
        let (title, label) = match self.wanted {
            Wanted::Open => ("Which file?", "Open"),
            Wanted::Card => ("Which picture?", "Open"),
            Wanted::Save(_) => ("Save as", "Save"),
        };
        let outcome = modal_ui(ui.ctx(), title, 520.0, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            let said = match self.wanted {
                Wanted::Open => {
                    "This desktop offers no file dialog. Type the path of a text file, or drop the file on the window."
                }
                Wanted::Card => {
                    "This desktop offers no file dialog. Type the path of the picture with the card's QR code."
                }
                Wanted::Save(_) => "This desktop offers no file dialog. Type where the file is to go.",
            };
            ui.add(egui::Label::new(text::weak(ui, said)).wrap());
            let hint = match self.wanted {
                Wanted::Card => "/home/ada/card.png",
                Wanted::Open | Wanted::Save(_) => "/home/ada/text.txt",
            };
            let field = ui.add(Field::new("Path", &mut self.path).mono().hint(hint));
            let entered = entered(ui, &field);
            let button = Button::primary(label).icon(match self.wanted {
                Wanted::Open | Wanted::Card => icons::FOLDER_OPEN,
                Wanted::Save(_) => icons::FLOPPY_DISK,
            });
            let typed = !self.path.trim().is_empty();
            if entered && !typed {
                field.request_focus();
            }
            let pressed = ui.add_enabled(typed, button).clicked();
            typed && (pressed || entered)
        });
        if !outcome.inner {
            return (None, outcome.close);
        }
        let path = PathBuf::from(self.path.trim());
        let command = match &mut self.wanted {
            Wanted::Open => UiCommand::Lab(LabCommand::ReadFile(path)),
            Wanted::Card => UiCommand::ReadCardPicture { path },
            Wanted::Save(bytes) => UiCommand::Lab(LabCommand::WriteFile {
                path,
                bytes: std::mem::take(bytes),
            }),
        };
        (Some(command), true)
    }
}
