//! The profile that is about to be locked: nothing of it is shown any more.

use egui::Ui;

use super::first_run::mark_ui;
use super::{Page, Stage, column_ui, title_ui};

/// Says what the lock waits for.
pub fn locking_ui(ui: &mut Ui, stage: &Stage<'_>) {
    let page = Page {
        name: "locking",
        width: 440.0,
        entered: stage.entered,
    };
    column_ui(ui, &page, |ui| {
        mark_ui(ui);
        ui.add_space(8.0);
        title_ui(
            ui,
            "Cipher Room is about to be locked",
            "Something is being read or written that needs your key. It locks as soon as that is done.",
        );
    });
}
