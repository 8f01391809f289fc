//! The profile can't be used: why, and what to do. Nothing was changed in it.

use egui::Ui;

use super::{Page, Stage, column_ui, title_ui};
use crate::session::clean;
use crate::ui::command::UiCommand;
use crate::ui::theme::Tone;
use crate::ui::widgets::{Banner, Button};

/// Draws the reason and a way out.
pub fn failed_ui(ui: &mut Ui, stage: &mut Stage<'_>, reason: &str) {
    let page = Page {
        name: "failed",
        width: 560.0,
        entered: stage.entered,
    };
    column_ui(ui, &page, |ui| {
        title_ui(
            ui,
            "Your profile can't be used",
            "Cipher Room stopped before it changed anything in it.",
        );
        let _ = Banner::new(Tone::Danger, &clean::reveal(reason)).show(ui);
        ui.add_space(8.0);
        let quit = ui.add(Button::primary("Quit"));
        if stage.entered {
            quit.request_focus();
        }
        if quit.clicked() {
            stage.wish(UiCommand::Quit);
        }
    });
}
