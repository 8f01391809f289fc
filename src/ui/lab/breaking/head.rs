//! The head of an attack: its cipher, how far it is, and the buttons that pause, end, repeat and close it.

use egui::Ui;

use crate::ciphers::find;
use crate::lab::Lab;
use crate::lab::attack_job::{Attack, Phase, Stopped};
use crate::lab::trial::in_short;
use crate::ui::theme::{Palette, Tone, icons, text};
use crate::ui::widgets::{Button, IconButton, Pill, row_end_ui};

/// What was pressed above an attack.
#[derive(Default)]
pub(super) struct Pressed {
    pub again: bool,
    pub remove: bool,
}

/// Draws it, and says what was pressed.
pub(super) fn head_ui(ui: &mut Ui, lab: &Lab, attack: &Attack) -> Pressed {
    let mut pressed = Pressed::default();
    let name = find(attack.task.spec.cipher).map_or(attack.task.spec.cipher, |cipher| cipher.name);
    ui.horizontal(|ui| {
        ui.label(text::subheading(ui, name));
        let (said, tone, icon) = state_of(attack);
        ui.add(Pill::new(&said, tone).icon(icon));
        row_end_ui(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let id = attack.id;
            match attack.phase {
                Phase::Ended => {
                    let again = Button::secondary("Run again")
                        .icon(icons::ARROWS_CLOCKWISE)
                        .small();
                    let told = format!("The same seed ({}) gives the same search", attack.task.seed);
                    pressed.again = ui.add(again).on_hover_text(told).clicked();
                    let close = IconButton::new(icons::X, "Close this attack").small();
                    pressed.remove = ui.add(close).clicked();
                }
                phase => {
                    let paused = phase == Phase::Paused;
                    let (label, icon) = match paused {
                        true => ("Go on", icons::PLAY),
                        false => ("Pause", icons::PAUSE),
                    };
                    if ui.add(Button::secondary(label).icon(icon).small()).clicked() {
                        match paused {
                            true => lab.attacks.resume(id),
                            false => lab.attacks.pause(id),
                        }
                    }
                    let cancel = Button::secondary("Cancel").icon(icons::STOP).small();
                    if ui.add(cancel).clicked() {
                        lab.attacks.cancel(id);
                    }
                }
            }
        });
    });
    pressed
}

fn was_cancelled(attack: &Attack) -> bool {
    let stopped = attack.ending.as_ref().and_then(|ending| ending.stopped);
    stopped == Some(Stopped::ByUser)
}

/// How far an attack is, in a word or two.
pub(super) fn state_of(attack: &Attack) -> (String, Tone, &'static str) {
    match (attack.phase, attack.ending.as_ref().map(|ending| &ending.outcome)) {
        (Phase::Waiting, _) => (
            "waiting for its turn".to_owned(),
            Tone::Neutral,
            icons::HOURGLASS_MEDIUM,
        ),
        (Phase::Paused, _) => ("paused".to_owned(), Tone::Neutral, icons::PAUSE),
        (Phase::Ended, Some(Ok(finding))) if finding.confident => (
            format!("broken in {}", in_short(attack.elapsed)),
            Tone::Danger,
            icons::LOCK_OPEN,
        ),
        (Phase::Ended, Some(Ok(_))) if was_cancelled(attack) => {
            ("cancelled".to_owned(), Tone::Neutral, icons::X)
        }
        (Phase::Ended, Some(Ok(_))) => ("not sure".to_owned(), Tone::Warning, icons::QUESTION),
        (Phase::Ended, Some(Err(_))) => ("could not begin".to_owned(), Tone::Neutral, icons::INFO),
        (Phase::Running | Phase::Ended, _) => ("at work".to_owned(), Tone::Info, icons::CPU),
    }
}

/// The colour around an attack.
pub(super) fn edge(attack: &Attack, p: &Palette) -> egui::Color32 {
    match attack.finding() {
        Some(finding) if finding.confident => p.danger.gamma_multiply(0.5),
        _ => p.border,
    }
}
