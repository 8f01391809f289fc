//! Break it: a ciphertext on top, and below it the machine at work, the boards for hands, or the length that it takes.

mod chips;
mod course;
mod emerging;
mod head;
mod length;
mod moments;
mod outcome;
mod plot;
mod start;
mod suggest;
mod watch;

use egui::{ScrollArea, Ui};

use super::acts::Act;
use super::hand::HandView;
use super::{LabCommand, LabView};
use crate::lab::Lab;
use crate::lab::breaking::Choice;
use crate::lab::report::{Guess, Report};
use crate::ui::widgets::{follow_focus, segmented_ui};

/// The parts of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
    /// Attacks at work.
    #[default]
    Machine,
    /// Boards.
    ByHand,
    /// How much text it takes.
    Length,
}

/// What the page remembers between frames.
#[derive(Default)]
pub(super) struct BreakView {
    pub part: Part,
    /// Whether the further settings are shown.
    more: bool,
    /// The first guess at what the ciphertext is, and of which text.
    guessed: Option<(String, Option<Guess>)>,
    watch: moments::WatchView,
    pub hand: HandView,
    length: length::LengthView,
}

impl BreakView {
    /// The first guess at what a text is; worked out once for each text.
    fn guess(&mut self, text: &str) -> Option<&Guess> {
        if self.guessed.as_ref().is_none_or(|(of, _)| of != text) {
            let guess = Report::of(text).guesses.into_iter().next();
            self.guessed = Some((text.to_owned(), guess));
        }
        self.guessed.as_ref().and_then(|(_, guess)| guess.as_ref())
    }
}

impl LabView {
    pub(super) fn breaking_ui(
        &mut self,
        ui: &mut Ui,
        lab: &mut Lab,
        acts: &mut Vec<Act>,
        commands: &mut Vec<LabCommand>,
    ) {
        ScrollArea::vertical()
            .id_salt("break it")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 10.0;
                self.breaking.ciphertext_ui(ui, lab, commands);
                ui.horizontal(|ui| {
                    let parts = [
                        (Part::Machine, "The machine"),
                        (Part::ByHand, "By hand"),
                        (Part::Length, "How much text?"),
                    ];
                    segmented_ui(ui, "Way of breaking", &mut self.breaking.part, &parts);
                });
                match self.breaking.part {
                    Part::Machine => {
                        self.breaking.start_ui(ui, lab);
                        self.breaking.attacks_ui(ui, lab, acts, commands);
                    }
                    Part::ByHand => self.breaking.hand.ui(ui, lab, acts),
                    Part::Length => self.breaking.length.ui(ui, lab),
                }
                follow_focus(ui);
            });
    }

    /// Puts a ciphertext on the page and shows it.
    pub(super) fn show_breaking(&mut self, lab: &mut Lab, text: &str, choice: Choice) {
        lab.breaking.set(text, choice);
        self.breaking.part = Part::Machine;
        self.place = super::Place::BreakIt;
    }
}
