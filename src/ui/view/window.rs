//! What the window follows outside of its screens: its title and its theme.

use egui::{ThemePreference, Ui, ViewportCommand};

use super::View;
use crate::session::{Me, Session, ThemeChoice, clean};
use crate::ui::screens::Screen;

impl View {
    /// The window is named after the room that it shows.
    pub(super) fn follow_title(&mut self, ui: &Ui, session: &Session) {
        let room = match self.screen {
            Screen::Room(key) => session.room(key),
            _ => None,
        };
        let title = room.map_or(String::new(), |room| clean::reveal_line(&room.title).into_owned());
        if title == self.title {
            return;
        }
        let whole = if title.is_empty() {
            "Cipher Room".to_owned()
        } else {
            format!("{title} – Cipher Room")
        };
        ui.ctx().send_viewport_cmd(ViewportCommand::Title(whole));
        self.title = title;
    }

    pub(super) fn follow_theme(&mut self, ui: &Ui, session: &Session) {
        let choice = session.settings.theme;
        // Before the profile is open its choice is not known.
        if session.me == Me::Opening || self.theme == Some(choice) {
            return;
        }
        self.theme = Some(choice);
        ui.ctx().set_theme(match choice {
            ThemeChoice::System => ThemePreference::System,
            ThemeChoice::Light => ThemePreference::Light,
            ThemeChoice::Dark => ThemePreference::Dark,
        });
    }
}
