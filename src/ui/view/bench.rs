//! The lab's bench: opened when it is first shown, and kept as it is left.

use egui::Ui;

use super::View;
use crate::lab::{Bench, Lab};
use crate::session::Session;
use crate::ui::command::UiCommand;
use crate::ui::lab::{LabCommand, LabView};
use crate::ui::screens::Stage;
use crate::ui::theme::Tone;

impl View {
    /// Keeps the bench as it is, if that was still to come.
    pub(super) fn leave_lab(&mut self, session: &mut Session) -> Option<UiCommand> {
        let LabCommand::KeepSetup { json } = self.lab_view.leave(self.lab.as_ref()?)? else {
            return None;
        };
        session.settings.lab_setup = Some(json);
        Some(UiCommand::KeepSettings(session.settings.clone()))
    }
}

/// The lab as it was left; a setup that can't be read gives way to the first one.
pub(super) fn open_lab(ui: &Ui, session: &Session) -> Lab {
    let context = ui.ctx().clone();
    let wake = move || context.request_repaint();
    let kept = session.settings.lab_setup.as_deref();
    kept.and_then(|setup| Lab::from_json(setup, wake.clone()).ok())
        .unwrap_or_else(|| Lab::new(Bench::default(), wake))
}

pub(super) fn lab_ui(ui: &mut Ui, stage: &mut Stage<'_>, view: &mut LabView, lab: &mut Lab) {
    for command in view.ui(ui, lab) {
        match command {
            LabCommand::KeepSetup { json } => {
                stage.session.settings.lab_setup = Some(json);
                let settings = stage.session.settings.clone();
                stage.wish(UiCommand::KeepSettings(settings));
            }
            LabCommand::Say(text) => stage.toasts.push(Tone::Info, text),
            command => stage.wish(UiCommand::Lab(command)),
        }
    }
}
