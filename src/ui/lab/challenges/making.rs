//! The form that makes a challenge.

use egui::{Align, Ui};

use crate::ciphers::{self, CipherSpec, Key, find as find_cipher};
use crate::lab::challenge::{self, Challenge, Draft, DraftError, Level};
use crate::lab::{Card, CardId};
use crate::ui::lab::controls::{self, controls_ui};
use crate::ui::lab::{LabCommand, LabView};
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Banner, Button, Card as Panel, Field, segmented_ui, select_ui, switch_ui};

/// A challenge that is being made.
pub(super) struct Making {
    draft: Draft,
    hints: [String; 3],
    level: Level,
    spec: &'static CipherSpec,
    key: Key,
    made: Option<Challenge>,
    error: Option<String>,
}

impl Default for Making {
    fn default() -> Self {
        let spec = find_cipher("vigenere").unwrap_or(ciphers::ALL[0]);
        Self {
            draft: Draft {
                tell_cipher: true,
                ..Draft::default()
            },
            hints: Default::default(),
            level: Level::Fair,
            spec,
            key: spec.sample_key(),
            made: None,
            error: None,
        }
    }
}

impl LabView {
    /// The form that makes a challenge.
    pub(super) fn make_ui(&mut self, ui: &mut Ui, commands: &mut Vec<LabCommand>) {
        let Some(making) = &mut self.challenges.making else {
            return;
        };
        ui.spacing_mut().item_spacing.y = 10.0;
        let before = (making.draft.plaintext.clone(), making.key.clone(), making.spec.id);
        let said = "Write a text and choose how to encrypt it. The file that you get holds the ciphertext, your hints and a check for \
                    the answer, but not the answer: nobody can read it out of the file.";
        ui.add(egui::Label::new(text::weak(ui, said)).wrap());
        ui.add(
            Field::new("The text", &mut making.draft.plaintext)
                .multiline(4)
                .char_limit(challenge::MOST_TEXT_BYTES / 2)
                .hint("What the others have to find out"),
        );
        ui.horizontal_top(|ui| {
            let half = (ui.available_width() - 12.0) / 2.0;
            ui.spacing_mut().item_spacing.x = 12.0;
            ui.add(
                Field::new("Title", &mut making.draft.title)
                    .char_limit(80)
                    .width(half),
            );
            ui.add(
                Field::new("Your name (may be left out)", &mut making.draft.author)
                    .char_limit(80)
                    .width(half),
            );
        });
        ui.horizontal_wrapped(|ui| {
            let mut id = making.spec.id;
            let options: Vec<(&str, &str)> = ciphers::ALL.iter().map(|spec| (spec.id, spec.name)).collect();
            if select_ui(ui, "Cipher of the challenge", 230.0, &mut id, &options).changed()
                && let Some(spec) = find_cipher(id)
            {
                making.spec = spec;
                making.key = spec.sample_key();
            }
            let levels = Level::ALL.map(|level| (level, level.name()));
            segmented_ui(ui, "Level", &mut making.level, &levels);
        });
        let built = making.spec.build(&making.key);
        let error = built.as_ref().err().cloned();
        Panel::new()
            .title("Key")
            .icon(icons::KEY)
            .full_width()
            .show(ui, |ui| {
                let card = Card {
                    id: CardId(u32::MAX),
                    cipher: making.spec,
                    key: making.key.clone(),
                    collapsed: false,
                };
                let letters = making
                    .draft
                    .plaintext
                    .chars()
                    .filter(|c| c.is_alphabetic())
                    .count();
                ui.set_max_width(420.0);
                let done = controls_ui(ui, &card, error.as_ref(), false, letters);
                if let Some(key) = done.key {
                    making.key = key;
                }
                if !making.spec.params.is_empty()
                    && ui
                        .add(Button::secondary("A random key").icon(icons::DICE_FIVE).small())
                        .clicked()
                {
                    making.key = crate::lab::random_key::random_key(making.spec, letters, &mut rand::rng());
                }
            });
        for (number, hint) in making.hints.iter_mut().enumerate() {
            let label = format!("Hint {} (may be left out)", number + 1);
            ui.add(Field::new(&label, hint).char_limit(300));
        }
        switch_ui(ui, &mut making.draft.tell_cipher, "Say which cipher it is", "");
        if before != (making.draft.plaintext.clone(), making.key.clone(), making.spec.id) {
            making.error = None;
        }
        let row = ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let save = ui
                .add(Button::primary("Save the challenge").icon(icons::FLOPPY_DISK))
                .clicked();
            let copy = ui
                .add(Button::secondary("Copy the challenge").icon(icons::COPY))
                .clicked();
            if save || copy {
                making.finish();
            }
            if let Some(made) = making.made.take() {
                let name = file_name(&made.title);
                let whole = made.to_text();
                if copy {
                    ui.ctx().copy_text(whole);
                    commands.push(LabCommand::Say(
                        "Challenge copied. Paste it into a room to have others race for it.".to_owned(),
                    ));
                } else {
                    commands.push(LabCommand::SaveText {
                        suggested_name: name,
                        text: whole,
                    });
                }
            }
            save || copy
        });
        if let Some(error) = &making.error {
            let _ = Banner::new(Tone::Danger, error).show(ui);
            if row.inner {
                // It stands at the end of a form that is longer than the window.
                ui.scroll_to_cursor(Some(Align::BOTTOM));
            }
        }
    }
}

impl Making {
    fn finish(&mut self) {
        let draft = Draft {
            title: match self.draft.title.trim() {
                "" => "A challenge".to_owned(),
                title => title.to_owned(),
            },
            hints: self.hints.to_vec(),
            ..self.draft.clone()
        };
        match Challenge::make(&draft, self.level, self.spec, &self.key, rand::random()) {
            Ok(made) => {
                self.made = Some(made);
                self.error = None;
            }
            Err(error) => {
                let said = match &error {
                    DraftError::Key(error) => controls::in_words(error),
                    error => format!("{error}."),
                };
                let mut chars = said.chars();
                let first = chars
                    .next()
                    .map(|c| c.to_uppercase().collect::<String>())
                    .unwrap_or_default();
                self.error = Some(first + chars.as_str());
            }
        }
    }
}

/// A file name from a title: "under-the-clock.challenge.txt".
pub(super) fn file_name(title: &str) -> String {
    let words: Vec<String> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let name: String = words.join("-").chars().take(40).collect();
    match name.is_empty() {
        true => "challenge.txt".to_owned(),
        false => format!("{name}.challenge.txt"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_come_from_titles() {
        assert_eq!(file_name("Under the Clock!"), "under-the-clock.challenge.txt");
        assert_eq!(file_name("…"), "challenge.txt");
        assert!(file_name(&"long ".repeat(40)).len() < 60);
    }
}
