//! The profile can't be used: why, and what to do. Nothing was changed in it.

use egui::Ui;

use super::{Page, Stage, column_ui, title_ui};
use crate::session::clean;
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, text};
use crate::ui::widgets::{Banner, Button};

const PUT_ASIDE: &str = "You can begin anew, or restore a backup. What is there is put into a folder of its own beside the new files, and nothing of it is lost.";

/// Draws the reason and the ways out.
pub fn failed_ui(ui: &mut Ui, stage: &mut Stage<'_>, reason: &str, is_damaged: bool) {
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
        if is_damaged {
            ui.label(text::weak(ui, PUT_ASIDE));
            ui.add_space(8.0);
        }
        ui.horizontal(|ui| {
            let quit = ui.add(Button::primary("Quit"));
            if stage.entered {
                quit.request_focus();
            }
            if quit.clicked() {
                stage.wish(UiCommand::Quit);
            }
            if is_damaged && ui.add(Button::secondary("Put it aside and begin anew")).clicked() {
                stage.wish(UiCommand::BeginAnew);
            }
        });
    });
}
