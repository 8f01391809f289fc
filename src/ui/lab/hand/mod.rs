//! The boards on which a cipher is taken apart by hand.

mod columns;
mod pads;
mod substitution;
mod wheels;

use egui::Ui;

use super::acts::Act;
use crate::lab::Lab;
use crate::lab::attack_job::{AttackId, Phase};
use crate::lab::breaking::Choice;
use crate::ui::theme::icons;
use crate::ui::widgets::{IconButton, segmented_ui};

/// The boards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Guess letters.
    #[default]
    Letters,
    /// Drag columns.
    Columns,
    /// Turn wheels.
    Wheels,
    /// Drag a word along two texts.
    Pads,
}

/// What the boards remember; they are made anew for another ciphertext.
#[derive(Default)]
pub(super) struct HandView {
    kind: Kind,
    /// The choice that was followed last.
    followed: Option<Choice>,
    substitution: substitution::View,
    columns: columns::View,
    wheels: wheels::View,
    pads: pads::View,
}

impl HandView {
    /// Draws the board that is chosen.
    pub fn ui(&mut self, ui: &mut Ui, lab: &mut Lab, acts: &mut Vec<Act>) {
        if self.followed != Some(lab.breaking.choice) {
            self.followed = Some(lab.breaking.choice);
            self.kind = board_for(lab.breaking.choice).unwrap_or(self.kind);
        }
        let kinds = [
            (Kind::Letters, "Letters"),
            (Kind::Columns, "Columns"),
            (Kind::Wheels, "Wheels"),
            (Kind::Pads, "A pad used twice"),
        ];
        segmented_ui(ui, "Board", &mut self.kind, &kinds);
        match self.kind {
            Kind::Letters => self.substitution.ui(ui, lab, acts),
            Kind::Columns => self.columns.ui(ui, lab, acts),
            Kind::Wheels => self.wheels.ui(ui, lab, acts),
            Kind::Pads => self.pads.ui(ui, lab),
        }
    }
}

/// The board on which a cipher is solved.
fn board_for(choice: Choice) -> Option<Kind> {
    match choice {
        Choice::Cipher("substitution" | "caesar" | "affine" | "atbash" | "rot13") => Some(Kind::Letters),
        Choice::Cipher("columnar") => Some(Kind::Columns),
        Choice::Cipher("vigenere" | "beaufort" | "gronsfeld" | "porta") => Some(Kind::Wheels),
        Choice::Cipher("one-time-pad") => Some(Kind::Pads),
        _ => None,
    }
}

/// The two arrows of a board: what is to be done, undo or redo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrow {
    Undo,
    Redo,
}

fn arrows_ui(ui: &mut Ui, can_undo: bool, can_redo: bool) -> Option<Arrow> {
    let undo = ui.add_enabled(can_undo, IconButton::new(icons::ARROW_COUNTER_CLOCKWISE, "Undo"));
    let redo = ui.add_enabled(can_redo, IconButton::new(icons::ARROWS_CLOCKWISE, "Redo"));
    // The keys of every editor, as long as no field has the keyboard.
    let typing = ui.ctx().text_edit_focused();
    let (back, forth) = ui.input_mut(|input| {
        let forth = egui::Modifiers::COMMAND | egui::Modifiers::SHIFT;
        let forth = !typing
            && (input.consume_key(forth, egui::Key::Z)
                || input.consume_key(egui::Modifiers::COMMAND, egui::Key::Y));
        let back = !typing && input.consume_key(egui::Modifiers::COMMAND, egui::Key::Z);
        (back, forth)
    });
    if undo.clicked() || (back && can_undo) {
        return Some(Arrow::Undo);
    }
    (redo.clicked() || (forth && can_redo)).then_some(Arrow::Redo)
}

/// The machine at work on a board.
#[derive(Default)]
struct Helper {
    attack: Option<AttackId>,
    said: Option<String>,
}

impl Helper {
    fn begin(&mut self, attack: Option<AttackId>) {
        self.attack = attack;
        self.said = attack
            .is_none()
            .then(|| "Too many attacks wait already.".to_owned());
    }

    fn is_at_work(&self) -> bool {
        self.attack.is_some()
    }

    /// The best key so far: once for each frame while it works, and once more at the end.
    fn best(&mut self, ui: &Ui, lab: &Lab) -> Option<crate::ciphers::Key> {
        let attack = lab.attacks.attack(self.attack?)?;
        if attack.phase != Phase::Ended {
            ui.ctx()
                .request_repaint_after(std::time::Duration::from_millis(60));
            return attack.moments.last().map(|moment| moment.key.clone());
        }
        self.attack = None;
        match attack.ending.as_ref().map(|ending| &ending.outcome) {
            Some(Ok(finding)) => {
                self.said = Some(finding.why.clone());
                Some(finding.key.clone())
            }
            Some(Err(error)) => {
                self.said = Some(error.to_string());
                None
            }
            None => None,
        }
    }
}
