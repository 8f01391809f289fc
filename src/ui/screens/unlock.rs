//! The locked profile: asks for its passphrase.

use std::time::Duration;

use egui::Ui;

use super::entrance::{entrance_ui, only_the_lab_ui};
use super::passphrase::{PassphraseField, entered};
use super::{Page, Stage};
use crate::session::{Me, clean};
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, icons};
use crate::ui::widgets::{Banner, Button, Card, busy_ui, eye_ui};

/// What is typed to unlock. Wiped when it is given, and when it is dropped.
#[derive(Default)]
pub struct Unlock {
    typed: PassphraseField,
    /// Whether the field wants the keyboard again, after a wrong passphrase.
    refocus: bool,
}

impl Unlock {
    /// Draws the question, or how far the key is.
    pub fn show_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        let page = Page {
            name: "unlock",
            width: 440.0,
            entered: stage.entered,
        };
        let title = "Cipher Room is locked";
        let sentence = "Your key, your contacts and your rooms open with your passphrase.";
        entrance_ui(ui, &page, title, sentence, |ui| {
            Card::new().full_width().padding(20).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 12.0;
                match stage.session.me.clone() {
                    Me::Locked { reason, until_unix } => {
                        self.form_ui(ui, stage, reason.as_deref(), until_unix);
                    }
                    _ => {
                        self.refocus = true;
                        busy_ui(
                            ui,
                            "Deriving the key…",
                            "This takes a moment on purpose: it makes guessing expensive.",
                        );
                    }
                }
            });
            only_the_lab_ui(ui, stage);
        });
    }

    fn form_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, reason: Option<&str>, until_unix: u64) {
        let wait_secs = until_unix.saturating_sub(stage.clock.now_unix);
        if let Some(reason) = reason {
            let reason = clean::reveal(reason).into_owned();
            let said = match wait_secs {
                0 => "That passphrase does not open this profile. Look at capital letters and the keyboard's language, and try again.".to_owned(),
                _ if reason.contains("passphrase") => format!(
                    "That passphrase does not open this profile. The next attempt is possible in {}; each wrong one doubles the wait.",
                    seconds(wait_secs)
                ),
                _ => reason,
            };
            let _ = Banner::new(Tone::Danger, &said).show(ui);
        }
        let field = self.typed.show_ui(ui, "Passphrase", None, None);
        eye_ui(ui, &field);
        if stage.entered || std::mem::take(&mut self.refocus) {
            field.request_focus();
        }
        let entered = entered(ui, &field);
        let may = wait_secs == 0 && !self.typed.is_empty();
        let label = match wait_secs {
            0 => "Unlock".to_owned(),
            _ => format!("Unlock (in {})", seconds(wait_secs)),
        };
        let pressed = ui
            .add_enabled(may, Button::primary(&label).icon(icons::LOCK_OPEN).full_width())
            .clicked();
        if wait_secs > 0 {
            // The wait is shown counting down.
            ui.ctx().request_repaint_after(Duration::from_secs(1));
        }
        if (pressed || entered) && may {
            let passphrase = self.typed.passphrase();
            self.typed.wipe(ui);
            stage.session.me = Me::Unlocking;
            stage.wish(UiCommand::Unlock { passphrase });
        } else if entered {
            field.request_focus();
        }
    }
}

/// "1 second", "4 seconds", "2 minutes".
fn seconds(count: u64) -> String {
    match count {
        1 => "1 second".to_owned(),
        2..120 => format!("{count} seconds"),
        _ => format!("{} minutes", count.div_ceil(60)),
    }
}
