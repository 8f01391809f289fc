//! The row of all attacks on the page, to choose one among them or to end them all.

use egui::Ui;

use super::head::state_of;
use crate::ciphers::find;
use crate::lab::Lab;
use crate::lab::attack_job::Phase;
use crate::ui::theme::{Tone, icons};
use crate::ui::widgets::{Banner, Button};

/// All attacks on this page, to choose among.
pub(super) fn chips_ui(ui: &mut Ui, lab: &mut Lab) {
    let ids = lab.breaking.set_on().to_vec();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let mut names: Vec<&str> = Vec::new();
        for id in ids {
            let Some(attack) = lab.attacks.attack(id) else {
                continue;
            };
            let name = find(attack.task.spec.cipher).map_or("", |cipher| cipher.name);
            let (said, tone, icon) = state_of(attack);
            // A search that was run again stands beside the first: the two are told apart by their numbers.
            let label = match names.iter().filter(|other| **other == name).count() {
                0 => format!("{name}: {said}"),
                earlier => format!("{name}, run {}: {said}", earlier + 1),
            };
            names.push(name);
            let mut button = match lab.breaking.shown == Some(id) {
                true => Button::secondary(&label),
                false => Button::ghost(&label),
            }
            .icon(icon)
            .small();
            if tone == Tone::Danger {
                button = button.tone(tone);
            }
            if ui.add(button).clicked() {
                lab.breaking.shown = Some(id);
            }
        }
    });
    let busy = lab
        .breaking
        .set_on()
        .iter()
        .filter_map(|id| lab.attacks.attack(*id))
        .filter(|attack| attack.phase != Phase::Ended)
        .count();
    let said = match lab.breaking.to_come() {
        Some(0) => "The last ciphers are being tried".to_owned(),
        Some(more) => format!("Ciphers are tried, the likeliest first: {more} more to come"),
        None if busy > 1 => format!("{busy} attacks at once"),
        None => return,
    };
    let banner = Banner::new(Tone::Info, &said)
        .icon(icons::CPU)
        .action("Cancel all")
        .show(ui);
    if banner.action {
        lab.breaking.cancel_all(&lab.attacks);
    }
}
