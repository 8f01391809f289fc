//! Help: the tour once more, and the keys that lead everywhere.

use egui::{Grid, Ui};

use super::theme::{icons, text};
use super::widgets::{Button, modal_ui};

/// What was pressed in the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HelpPressed {
    /// Begin the tour.
    Tour,
    /// Close it.
    Close,
}

/// Keys, and where they lead.
const KEYS: [(&str, &str); 10] = [
    ("Ctrl+H", "Host a room"),
    ("Ctrl+J", "Join a room"),
    ("Ctrl+1 to 9", "To an open room"),
    ("Ctrl+F", "Search what is kept of rooms"),
    ("Ctrl+L", "Classical Ciphers"),
    ("Ctrl+M", "Attack lab"),
    ("Ctrl+,", "Settings"),
    ("Ctrl+Shift+L", "Lock, where there is a passphrase"),
    ("Ctrl+plus, minus, 0", "Larger, smaller, as it was"),
    ("Esc", "Close a dialog, go back, or go home"),
];

/// Draws the dialog.
pub(super) fn help_ui(ui: &Ui) -> Option<HelpPressed> {
    let outcome = modal_ui(ui.ctx(), "Help", 460.0, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        let words = "The tour shows in five short stops what this program does, with a real second program on this computer: host, join, look inside, attack, break.";
        ui.add(egui::Label::new(text::body(ui, words)).wrap());
        let tour = ui
            .add(Button::primary("Take the tour").icon(icons::PLAY))
            .clicked();
        ui.add_space(4.0);
        ui.label(text::caption(ui, "Keys"));
        Grid::new("keys")
            .num_columns(2)
            .spacing([24.0, 6.0])
            .show(ui, |ui| {
                for (key, place) in KEYS {
                    ui.label(text::mono(ui, key).size(12.0));
                    ui.label(text::body(ui, place));
                    ui.end_row();
                }
            });
        tour
    });
    match outcome.inner {
        true => Some(HelpPressed::Tour),
        false => outcome.close.then_some(HelpPressed::Close),
    }
}
