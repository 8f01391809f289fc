//! The "break it" cell beside a key space: a button, then the clock, then how long a real attack took.

use std::time::Duration;

use egui::Ui;

use super::acts::Act;
use crate::lab::trial::{Verdict, in_short};
use crate::lab::{Card, Lab};
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Button, IconButton, Pill};

/// Draws the cell of a card; `watchable` adds the way to the page where an attack can be watched.
pub(super) fn trial_ui(ui: &mut Ui, lab: &Lab, card: &Card, watchable: bool, acts: &mut Vec<Act>) {
    let name = card.cipher.name;
    let watch = match lab.verdict(card.id) {
        Verdict::NotTried => {
            // A column of a table is narrow.
            let label = if watchable { "Break it" } else { "Break" };
            let button = Button::secondary(label).icon(icons::LIGHTNING).small();
            let hint = "Attacks this ciphertext here and now, knowing the cipher but not the key";
            let response = ui.add(button).on_hover_text(hint);
            let clicked = response.clicked();
            let _ = response.accessible_name(format!("Break {name}"));
            if clicked {
                acts.push(Act::BreakIt(card.id));
            }
            false
        }
        Verdict::NoAttack => {
            ui.label(text::small(ui, "No attack here"));
            false
        }
        Verdict::Working { elapsed } => {
            let said = format!("at work, {}", in_short(elapsed));
            ui.add(Pill::new(&said, Tone::Info).icon(icons::HOURGLASS_MEDIUM));
            ui.ctx().request_repaint_after(Duration::from_millis(80));
            true
        }
        Verdict::Broken { elapsed, tried } => {
            let said = format!("broken in {}", in_short(elapsed));
            let told = format!(
                "The plaintext was found on this computer, just now, after {} keys.",
                crate::analysis::keyspace::grouped(tried)
            );
            ui.add(Pill::new(&said, Tone::Danger).icon(icons::LOCK_OPEN))
                .on_hover_text(told);
            true
        }
        Verdict::Held { elapsed, why } => {
            let said = format!("held for {}", in_short(elapsed));
            ui.add(Pill::new(&said, Tone::Warning).icon(icons::LOCK))
                .on_hover_text(format!("Not found in this trial: {why}"));
            true
        }
        Verdict::Unbreakable { why } => {
            ui.add(Pill::new("nothing to attack", Tone::Success).icon(icons::SHIELD_CHECK))
                .on_hover_text(why);
            true
        }
    };
    if watch && watchable {
        let name = format!("Watch {name} being attacked");
        if ui.add(IconButton::new(icons::EYE, &name).small()).clicked() {
            acts.push(Act::Watch(card.id));
        }
    }
}
