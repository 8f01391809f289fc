//! One dialog for everything that takes a file and a passphrase: keys and backups, out and in.

use std::path::{Path, PathBuf};

use egui::Ui;

use super::Stage;
use super::passphrase::{NewPassphrase, PassphraseField, entered};
use crate::session::{Passphrase, Work};
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Banner, Button, Field, busy_line_ui, eye_ui, modal_ui};

/// What is done with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileAct {
    /// The identity goes out.
    ExportIdentity,
    /// An identity comes in.
    ImportIdentity,
    /// The public key goes out.
    ExportPublicKey,
    /// The whole profile goes out.
    BackUp,
    /// A whole profile comes in.
    Restore,
}

/// The words for an act.
struct Words {
    title: &'static str,
    sentence: &'static str,
    button: &'static str,
    suggested_name: Option<&'static str>,
}

impl FileAct {
    fn words(self) -> Words {
        match self {
            FileAct::ExportIdentity => Words {
                title: "Export your key",
                sentence: "An encrypted PKCS#8 file that this program and openssl read. Whoever has it and its passphrase can speak in your name.",
                button: "Export",
                suggested_name: Some("cipher-room-key.pem"),
            },
            FileAct::ImportIdentity => Words {
                title: "Import a key",
                sentence: "It takes the place of the key that you have now, and all rooms are left. Export the present one first if you may need it again.",
                button: "Import",
                suggested_name: None,
            },
            FileAct::ExportPublicKey => Words {
                title: "Save your public key",
                sentence: "Others check your signatures with it. It is no secret.",
                button: "Save",
                suggested_name: Some("cipher-room-public-key.pem"),
            },
            FileAct::BackUp => Words {
                title: "Back up everything",
                sentence: "One encrypted file with your key, contacts, rooms and what was said in them. It can be restored on another computer, with this passphrase.",
                button: "Back up",
                suggested_name: Some("cipher-room.backup"),
            },
            FileAct::Restore => Words {
                title: "Restore a backup",
                sentence: "Everything in it becomes yours on this computer, and its passphrase becomes the one that you unlock with.",
                button: "Restore",
                suggested_name: None,
            },
        }
    }

    /// Whether a file is written, so that its passphrase is a new one.
    pub fn writes(self) -> bool {
        self.words().suggested_name.is_some()
    }

    /// What is said while it is done.
    fn busy_words(self) -> &'static str {
        match self.writes() {
            true => "Writing the file…",
            false => "Reading the file…",
        }
    }
}

/// What is typed in the dialog.
pub struct FileDialog {
    act: FileAct,
    path: String,
    new: NewPassphrase,
    known: PassphraseField,
    /// Whether it was asked for: then it stays until that is done.
    asked: bool,
}

impl FileDialog {
    /// A dialog for an act.
    pub fn new(act: FileAct) -> FileDialog {
        FileDialog {
            act,
            path: String::new(),
            new: NewPassphrase::default(),
            known: PassphraseField::default(),
            asked: false,
        }
    }

    /// Puts the file that was chosen into the field.
    pub fn fill_path(&mut self, path: &Path) {
        self.path = path.display().to_string();
    }

    /// Draws it, until what was asked for is done: where that fails it says why, and the path stays. Gives whether to
    /// stop, and what was asked for.
    pub fn show_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>) -> (bool, Option<UiCommand>) {
        let words = self.act.words();
        let work = match self.asked {
            true => stage.session.file_work.clone(),
            false => Work::Idle,
        };
        let mut wish = None;
        let outcome = modal_ui(ui.ctx(), words.title, 460.0, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            ui.add(egui::Label::new(text::weak(ui, words.sentence)).wrap());
            let file = ui.add(Field::new("File", &mut self.path).hint("The whole path").mono());
            let typed = entered(ui, &file);
            let goes_on = typed && !self.path.trim().is_empty();
            if typed && !goes_on {
                file.request_focus();
            }
            if ui
                .add(Button::secondary("Choose a file").icon(icons::FOLDER_OPEN))
                .clicked()
            {
                stage.wish(UiCommand::ChooseFile {
                    suggested_name: words.suggested_name.map(str::to_owned),
                });
            }
            let again = matches!(work, Work::Failed { .. });
            let (passphrase, entered) = self.passphrase_ui(ui, goes_on, again);
            if let Work::Failed { reason } = &work {
                Banner::new(Tone::Danger, reason).show(ui);
            }
            let path = self.path.trim();
            let ready = passphrase.filter(|_| !path.is_empty() && work != Work::Working);
            let row = ui.horizontal(|ui| {
                let act = Button::primary(words.button).icon(icons::CHECK);
                let pressed = ui.add_enabled(ready.is_some(), act).clicked();
                if work == Work::Working {
                    busy_line_ui(ui, self.act.busy_words());
                }
                pressed
            });
            let pressed = row.inner;
            if let Some(passphrase) = ready.filter(|_| pressed || entered) {
                wish = Some(UiCommand::File {
                    act: self.act,
                    path: PathBuf::from(path),
                    passphrase,
                });
            }
        });
        let done = outcome.close || work == Work::Done;
        if wish.is_some() {
            self.asked = true;
            stage.session.file_work = Work::Working;
        } else if done && self.asked {
            stage.session.file_work.close();
        }
        if done {
            self.new.wipe(ui);
        }
        // One that does not open the file is typed anew.
        if done || wish.is_some() {
            self.known.wipe(ui);
        }
        (done, wish)
    }

    /// Asks for the passphrase that the act needs; gives it when it is complete, and whether Enter was
    /// pressed in the last field. Where Enter `goes_on` from the path, or it is asked for `again`, it has the keyboard.
    fn passphrase_ui(&mut self, ui: &mut Ui, goes_on: bool, again: bool) -> (Option<Passphrase>, bool) {
        if self.act == FileAct::ExportPublicKey {
            return (Some(Passphrase::new("")), goes_on);
        }
        if self.act.writes() {
            let entered = self.new.show_ui(ui, goes_on);
            return (self.new.ready(), entered);
        }
        let field = self.known.show_ui(ui, "Passphrase of the file", None, None);
        eye_ui(ui, &field);
        let entered = entered(ui, &field);
        let is_free = ui.memory(|memory| memory.focused().is_none());
        if goes_on || (again && self.known.is_empty() && is_free) {
            field.request_focus();
        }
        // A key that is not encrypted has none.
        let may = !self.known.is_empty() || self.act == FileAct::ImportIdentity;
        (may.then(|| self.known.passphrase()), entered)
    }
}
