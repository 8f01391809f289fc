//! Words to try as known ones: a menu of what the ciphertext itself speaks for.

use egui::{Popup, Ui};

use super::BreakView;
use crate::lab::breaking::Choice;
use crate::lab::suggestions::Seen;
use crate::lab::{Lab, cribs};
use crate::ui::theme::{icons, text};
use crate::ui::widgets::{Button, IconButton};

impl BreakView {
    /// A button that opens the menu; pressing a word takes it over. Nothing where a cipher lets no text speak for words.
    pub(super) fn suggest_ui(ui: &mut Ui, lab: &mut Lab) {
        let Choice::Cipher(cipher) = lab.breaking.choice else {
            return;
        };
        if !cribs::proposes(cipher) || lab.breaking.text.trim().is_empty() {
            return;
        }
        let button = ui.add(IconButton::new(icons::LIST, "Suggest words"));
        Popup::menu(&button).width(420.0).show(|ui| {
            let Lab {
                breaking,
                suggestions,
                ..
            } = lab;
            let (said, proposals) = match suggestions.of(cipher, &breaking.text, breaking.expected()) {
                Seen::Sought => ("Looking for words …", [].as_slice()),
                Seen::Failed => (
                    "Looking for words failed, which is a fault of Cipher Room.",
                    [].as_slice(),
                ),
                Seen::Found([]) => (
                    "Nothing in this text speaks for one word more than for another.",
                    [].as_slice(),
                ),
                Seen::Found(words) => (
                    "Guesses from the text alone, the best first. Most are right, none is certain.",
                    words,
                ),
            };
            ui.add(egui::Label::new(text::small(ui, said)).wrap());
            for proposal in proposals {
                if ui.add(Button::ghost(&proposal.word).small()).clicked() {
                    breaking.crib.clone_from(&proposal.word);
                }
                ui.add(egui::Label::new(text::small(ui, proposal.why.as_str())).wrap());
            }
        });
    }
}
