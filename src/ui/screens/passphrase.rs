//! A new passphrase, typed twice with its strength shown; and the dialog that changes one.

use egui::text_edit::TextEditState;
use egui::{Id, Key, Ui};
use zeroize::Zeroize;

use super::Stage;
use crate::session::{Passphrase, Strength};
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Button, Field, modal_ui, strength_ui};

/// What is typed of a new passphrase. Wiped when it is dropped.
#[derive(Default)]
pub struct NewPassphrase {
    first: String,
    again: String,
    fields: Vec<Id>,
}

impl NewPassphrase {
    /// Draws both fields. Enter leads from the first to the second, and from there gives `true`.
    pub fn show_ui(&mut self, ui: &mut Ui, focus: bool) -> bool {
        let first = ui.add(
            Field::new("Passphrase", &mut self.first)
                .help("Four or five words that have nothing to do with each other are easy to keep and hard to guess.")
                .password(),
        );
        if focus {
            first.request_focus();
        }
        if !self.first.is_empty() {
            let strength = Strength::of(&self.first);
            strength_ui(ui, strength.steps(), strength.word(), tone(strength));
        }
        let differs = !self.again.is_empty() && !self.first.starts_with(&self.again);
        let again = ui.add(
            Field::new("Passphrase again", &mut self.again)
                .password()
                .error(differs.then_some("The two differ.")),
        );
        self.fields = vec![first.id, again.id];
        let enter = ui.input(|input| input.key_pressed(Key::Enter));
        if first.lost_focus() && enter && !self.first.is_empty() {
            again.request_focus();
        }
        let done = again.lost_focus() && enter;
        if done && self.ready().is_none() {
            again.request_focus();
        }
        done
    }

    /// The passphrase, once both fields agree.
    pub fn ready(&self) -> Option<Passphrase> {
        (!self.first.is_empty() && self.first == self.again).then(|| Passphrase::new(&self.first))
    }

    /// Forgets what was typed, in the fields' own memory too.
    pub fn wipe(&mut self, ui: &Ui) {
        self.first.zeroize();
        self.again.zeroize();
        forget_typed(ui, &self.fields);
    }
}

impl Drop for NewPassphrase {
    fn drop(&mut self) {
        self.first.zeroize();
        self.again.zeroize();
    }
}

/// Fields keep what was typed for their undo; a secret must not stay there.
pub fn forget_typed(ui: &Ui, fields: &[Id]) {
    for field in fields {
        TextEditState::default().store(ui.ctx(), *field);
    }
}

fn tone(strength: Strength) -> Tone {
    match strength {
        Strength::Weak => Tone::Danger,
        Strength::Fair => Tone::Warning,
        Strength::Good | Strength::Strong => Tone::Success,
    }
}

/// The dialog that sets, changes or takes away the passphrase.
#[derive(Default)]
pub struct PassphraseDialog {
    current: String,
    new: NewPassphrase,
    current_field: Option<Id>,
}

impl PassphraseDialog {
    /// Draws it. Gives whether to stop.
    pub fn show_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>) -> bool {
        let has_one = stage.session.has_passphrase;
        let title = if has_one {
            "Change the passphrase"
        } else {
            "Set a passphrase"
        };
        let mut wish = None;
        let outcome = modal_ui(ui.ctx(), title, 440.0, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            let sentence = "It locks your key, your contacts and your rooms on this computer. Nobody can restore it: if it is lost, so is the profile.";
            ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
            if has_one {
                let field = ui.add(Field::new("Current passphrase", &mut self.current).password());
                self.current_field = Some(field.id);
            }
            let entered = self.new.show_ui(ui, false);
            let current = has_one.then(|| Passphrase::new(&self.current));
            let may = current.as_ref().is_none_or(|current| !current.is_empty());
            ui.horizontal(|ui| {
                let ready = self.new.ready().filter(|_| may);
                let set =
                    Button::primary(if has_one { "Change" } else { "Set passphrase" }).icon(icons::LOCK_KEY);
                let pressed = ui.add_enabled(ready.is_some(), set).clicked();
                if let Some(new) = ready.filter(|_| pressed || entered) {
                    wish = Some(UiCommand::ChangePassphrase {
                        current: current.clone(),
                        new: Some(new),
                    });
                }
                if has_one
                    && ui
                        .add_enabled(may, Button::ghost("Take it away"))
                        .on_hover_text("Who can read the profile folder can then read all of it.")
                        .clicked()
                {
                    wish = Some(UiCommand::ChangePassphrase { current, new: None });
                }
            });
        });
        let done = wish.is_some() || outcome.close;
        if let Some(wish) = wish {
            stage.session.changing_passphrase = true;
            stage.wish(wish);
        }
        if done {
            self.current.zeroize();
            self.new.wipe(ui);
            forget_typed(ui, self.current_field.as_slice());
        }
        done
    }
}

impl Drop for PassphraseDialog {
    fn drop(&mut self) {
        self.current.zeroize();
    }
}
