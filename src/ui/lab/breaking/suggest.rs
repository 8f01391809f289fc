//! Words to try as known ones: a menu of what the ciphertext itself speaks for.

use egui::{Popup, Ui};

use super::BreakView;
use crate::lab::Lab;
use crate::lab::breaking::Choice;
use crate::lab::cribs::{self, Proposal};
use crate::lab::languages;
use crate::ui::theme::{icons, text};
use crate::ui::widgets::{Button, IconButton};

/// What was proposed last, and for what.
pub(super) struct Proposed {
    cipher: &'static str,
    language: usize,
    text: String,
    proposals: Vec<Proposal>,
}

impl BreakView {
    /// A button that opens the menu; pressing a word takes it over. Nothing where a cipher lets no text speak for words.
    pub(super) fn suggest_ui(&mut self, ui: &mut Ui, lab: &mut Lab) {
        let Choice::Cipher(cipher) = lab.breaking.choice else {
            return;
        };
        if !cribs::proposes(cipher) || lab.breaking.text.trim().is_empty() {
            return;
        }
        let button = ui.add(IconButton::new(icons::LIST, "Suggest words"));
        Popup::menu(&button).width(420.0).show(|ui| {
            let language = lab.breaking.language;
            let fresh = |made: &Proposed| {
                made.cipher == cipher && made.language == language && made.text == lab.breaking.text
            };
            if !self.proposed.as_ref().is_some_and(fresh) {
                let expected = languages()[language.min(languages().len() - 1)];
                self.proposed = Some(Proposed {
                    cipher,
                    language,
                    text: lab.breaking.text.clone(),
                    proposals: cribs::proposals(cipher, &lab.breaking.text, expected),
                });
            }
            let proposals = self.proposed.as_ref().map_or(&[][..], |made| &made.proposals);
            let said = match proposals {
                [] => "Nothing in this text speaks for one word more than for another.",
                _ => "Guesses from the text alone, the best first. Most are right, none is certain.",
            };
            ui.add(egui::Label::new(text::small(ui, said)).wrap());
            for proposal in proposals {
                if ui.add(Button::ghost(&proposal.word).small()).clicked() {
                    lab.breaking.crib.clone_from(&proposal.word);
                }
                ui.add(egui::Label::new(text::small(ui, proposal.why.as_str())).wrap());
            }
        });
    }
}
