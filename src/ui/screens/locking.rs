//! The profile that is about to be locked: nothing of it is shown any more.
//!
//! There is no way back from here but the passphrase: nobody may be there, and whoever passes by must not undo a lock.

use egui::Ui;

use super::entrance::entrance_ui;
use super::{Page, Stage};
use crate::session::Session;
use crate::ui::widgets::{Card, busy_ui};

/// Says what the lock waits for.
pub fn locking_ui(ui: &mut Ui, stage: &Stage<'_>) {
    let page = Page {
        name: "locking",
        width: 440.0,
        entered: stage.entered,
    };
    let title = "Cipher Room is about to be locked";
    let sentence =
        "Something needs your key until it is done. Then it locks by itself; you can leave it alone.";
    entrance_ui(ui, &page, title, sentence, |ui| {
        let (work, needs) = awaited(stage.session);
        Card::new()
            .full_width()
            .padding(20)
            .show(ui, |ui| busy_ui(ui, work, needs));
    });
}

/// The work that is waited for, and what it needs, in words.
fn awaited(session: &Session) -> (&'static str, &'static str) {
    if session.passphrase_work.is_under_way() {
        (
            "Changing the passphrase…",
            "This takes a moment on purpose: it makes guessing expensive.",
        )
    } else if session.is_busy_with_a_file() {
        (
            "Working with a file…",
            "A key, a backup or a room is being written or read. A large one takes longer.",
        )
    } else {
        ("Finishing…", "Something is being written or read.")
    }
}
