//! Passphrases: a known one, a new one that is typed twice with its strength shown, and the dialog that changes one.

use egui::text_edit::TextEditState;
use egui::{Id, Key, Response, Ui};
use zeroize::Zeroize;

use super::Stage;
use crate::session::{Passphrase, Strength, Work};
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Banner, Button, Field, busy_line_ui, eye_ui, modal_ui, strength_ui};

/// The field for one passphrase. What is typed is wiped when it is dropped, and in the field's own memory when
/// it is given or put away.
#[derive(Default)]
pub struct PassphraseField {
    typed: String,
    id: Option<Id>,
}

impl PassphraseField {
    /// Draws it; the eye beside it is drawn by [`eye_ui`], once all fields are: the tab key leads from field to field.
    pub fn show_ui(&mut self, ui: &mut Ui, label: &str, help: Option<&str>, error: Option<&str>) -> Response {
        let mut field = Field::new(label, &mut self.typed)
            .password()
            .eye_later()
            .error(error);
        if let Some(help) = help {
            field = field.help(help);
        }
        let response = ui.add(field);
        self.id = Some(response.id);
        response
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.typed.is_empty()
    }

    /// What is typed, as a passphrase.
    pub fn passphrase(&self) -> Passphrase {
        Passphrase::new(&self.typed)
    }

    /// Forgets what was typed. Fields keep it for their undo; a secret must not stay there.
    pub fn wipe(&mut self, ui: &Ui) {
        self.typed.zeroize();
        if let Some(id) = self.id {
            TextEditState::default().store(ui.ctx(), id);
        }
    }
}

impl Drop for PassphraseField {
    fn drop(&mut self) {
        self.typed.zeroize();
    }
}

/// Whether Enter was pressed in a field.
pub fn entered(ui: &Ui, field: &Response) -> bool {
    field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

/// What is typed of a new passphrase.
#[derive(Default)]
pub struct NewPassphrase {
    first: PassphraseField,
    again: PassphraseField,
}

impl NewPassphrase {
    /// Draws both fields. Enter leads from the first to the second, and from there gives `true`.
    pub fn show_ui(&mut self, ui: &mut Ui, focus: bool) -> bool {
        self.labelled_ui(ui, ("Passphrase", "Passphrase again"), focus)
    }

    fn labelled_ui(&mut self, ui: &mut Ui, labels: (&str, &str), focus: bool) -> bool {
        let help =
            "Four or five words that have nothing to do with each other are easy to keep and hard to guess.";
        let first = self.first.show_ui(ui, labels.0, Some(help), None);
        if focus {
            first.request_focus();
        }
        // Its place is kept while nothing is typed: nothing may move from under the pointer.
        if self.first.is_empty() {
            strength_ui(ui, 0, "", Tone::Neutral);
        } else {
            let strength = Strength::of(&self.first.typed);
            strength_ui(ui, strength.steps(), strength.word(), tone(strength));
        }
        let differs = !self.again.is_empty() && !self.first.typed.starts_with(&self.again.typed);
        let error = differs.then_some("The two differ.");
        let again = self.again.show_ui(ui, labels.1, None, error);
        eye_ui(ui, &first);
        eye_ui(ui, &again);
        if entered(ui, &first) && !self.first.is_empty() {
            again.request_focus();
        }
        let done = entered(ui, &again);
        if done && self.ready().is_none() {
            again.request_focus();
        }
        done
    }

    /// The passphrase, once both fields agree.
    pub fn ready(&self) -> Option<Passphrase> {
        (!self.first.is_empty() && self.first.typed == self.again.typed).then(|| self.first.passphrase())
    }

    /// Forgets what was typed.
    pub fn wipe(&mut self, ui: &Ui) {
        self.first.wipe(ui);
        self.again.wipe(ui);
    }
}

fn tone(strength: Strength) -> Tone {
    match strength {
        Strength::Weak => Tone::Danger,
        Strength::Fair => Tone::Warning,
        Strength::Good | Strength::Strong => Tone::Success,
    }
}

/// The dialog that sets, changes or removes the passphrase.
#[derive(Default)]
pub struct PassphraseDialog {
    current: PassphraseField,
    new: NewPassphrase,
    /// Whether it was asked for: then it stays until that is done.
    asked: bool,
    /// Whether the first field wants the keyboard again, when that failed.
    refocus: bool,
}

impl PassphraseDialog {
    /// Draws it, until what was asked for is done: where that fails it says why, and what is typed stays. Gives whether
    /// to stop.
    pub fn show_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>) -> bool {
        let has_one = stage.session.has_passphrase;
        let title = if has_one {
            "Change the passphrase"
        } else {
            "Set a passphrase"
        };
        let work = match self.asked {
            true => stage.session.passphrase_work.clone(),
            false => Work::Idle,
        };
        if work == Work::Done {
            return self.stop(ui, stage);
        }
        let mut wish = None;
        let outcome = modal_ui(ui.ctx(), title, 440.0, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            let sentence = "It locks your key, your contacts and your rooms on this computer. Nobody can restore it: if it is lost, so is the profile.";
            ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
            let failed = match &work {
                Work::Failed { reason } => Some(reason.as_str()),
                _ => None,
            };
            let current = has_one.then(|| self.current.show_ui(ui, "Current passphrase", None, failed));
            let labels = match has_one {
                true => ("New passphrase", "New passphrase again"),
                false => ("Passphrase", "Passphrase again"),
            };
            let typed = current.as_ref().filter(|field| entered(ui, field));
            let goes_on = typed.is_some() && !self.current.is_empty();
            if let Some(field) = typed.filter(|_| !goes_on) {
                field.request_focus();
            }
            let entered = self.new.labelled_ui(ui, labels, goes_on);
            if let Some(field) = &current {
                eye_ui(ui, field);
                if failed.is_some() && std::mem::take(&mut self.refocus) {
                    field.request_focus();
                }
            }
            if let Some(reason) = failed.filter(|_| !has_one) {
                let _ = Banner::new(Tone::Danger, reason).show(ui);
            }
            wish = self.buttons_ui(ui, has_one, entered, work == Work::Working);
        });
        if let Some(wish) = wish {
            (self.asked, self.refocus) = (true, true);
            stage.session.passphrase_work = Work::Working;
            stage.wish(wish);
        }
        outcome.close && self.stop(ui, stage)
    }

    fn buttons_ui(&self, ui: &mut Ui, has_one: bool, entered: bool, is_working: bool) -> Option<UiCommand> {
        let current = has_one.then(|| self.current.passphrase());
        let may = !is_working && (!has_one || !self.current.is_empty());
        ui.horizontal_wrapped(|ui| {
            let ready = self.new.ready().filter(|_| may);
            let set =
                Button::primary(if has_one { "Change" } else { "Set passphrase" }).icon(icons::LOCK_KEY);
            let pressed = ui.add_enabled(ready.is_some(), set).clicked();
            let remove = Button::ghost("Remove the passphrase");
            let removed = has_one
                && ui
                    .add_enabled(may, remove)
                    .on_hover_text("Who can read the profile folder can then read all of it.")
                    .clicked();
            if is_working {
                busy_line_ui(ui, "Deriving the key…");
            }
            let new = ready.filter(|_| pressed || entered);
            (new.is_some() || removed).then_some(UiCommand::ChangePassphrase { current, new })
        })
        .inner
    }

    /// Forgets what was typed; what comes of a wish that is under way is told as a notice.
    fn stop(&mut self, ui: &Ui, stage: &mut Stage<'_>) -> bool {
        self.current.wipe(ui);
        self.new.wipe(ui);
        stage.session.passphrase_work.close();
        true
    }
}
