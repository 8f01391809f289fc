//! Something is being done that takes a moment: a spinner, with words beside it.

use egui::{Label, Spinner, Ui};

use crate::ui::theme::{palette, text};

/// Says what is being done and why that takes a moment.
pub fn busy_ui(ui: &mut Ui, title: &str, sentence: &str) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        ui.add(Spinner::new().size(26.0).color(palette(ui).accent));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.label(text::subheading(ui, title));
            ui.add(Label::new(text::weak(ui, sentence)).wrap());
        });
    });
}

/// Says in a word or two what is being done, beside the button that asked for it.
pub fn busy_line_ui(ui: &mut Ui, words: &str) {
    ui.add(Spinner::new().size(18.0).color(palette(ui).accent));
    ui.label(text::small(ui, words));
}
