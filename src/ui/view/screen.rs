//! Which screen is drawn: by who we are and where we went.

use egui::{CentralPanel, Popup, Ui};

use super::View;
use super::bench::{lab_ui, open_lab};
use super::keys::{keys, locks};
use crate::session::Me;
use crate::ui::command::UiCommand;
use crate::ui::rail::rail_ui;
use crate::ui::screens::failed::failed_ui;
use crate::ui::screens::locking::locking_ui;
use crate::ui::screens::room::RoomScreen;
use crate::ui::screens::{Screen, Stage};
use crate::ui::theme::icons;
use crate::ui::widgets::Button;

impl View {
    /// Draws the screen. `left_alone` says that the profile is to lock itself because nobody is there.
    pub(super) fn screen_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, left_alone: bool) {
        match stage.session.me.clone() {
            Me::Opening => {
                CentralPanel::default().show(ui, |_| ());
            }
            // The lab needs no name and no key.
            Me::New | Me::Making | Me::Locked { .. } | Me::Unlocking if self.screen == Screen::Lab => {
                let lab = self.lab.get_or_insert_with(|| open_lab(ui, stage.session));
                let view = &mut self.lab_view;
                CentralPanel::default().show(ui, |ui| {
                    let new = matches!(stage.session.me, Me::New | Me::Making);
                    let name = if new { "Back to the welcome" } else { "Back" };
                    let back = Button::ghost(name).icon(icons::ARROW_LEFT).small();
                    if ui.add(back).clicked() {
                        stage.go = Some(Screen::Home);
                    }
                    lab_ui(ui, stage, view, lab);
                });
            }
            Me::New | Me::Making => {
                let form = &mut self.first_run;
                CentralPanel::no_frame().show(ui, |ui| form.show_ui(ui, stage));
            }
            Me::Locked { .. } | Me::Unlocking => {
                let form = &mut self.unlock;
                CentralPanel::no_frame().show(ui, |ui| form.show_ui(ui, stage));
            }
            Me::Locking { .. } => {
                CentralPanel::no_frame().show(ui, |ui| locking_ui(ui, stage));
            }
            Me::Failed { reason, is_damaged } => {
                CentralPanel::no_frame().show(ui, |ui| failed_ui(ui, stage, &reason, is_damaged));
            }
            Me::Ready { .. } => self.open_ui(ui, stage, left_alone),
        }
    }

    /// Draws the screen of an open profile, with the rail beside it.
    fn open_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, left_alone: bool) {
        let dialog_open = match self.screen {
            Screen::Room(key) => self.rooms.get(&key).is_some_and(RoomScreen::has_dialog),
            _ => false,
        } || ui.ctx().memory(|memory| memory.top_modal_layer().is_some());
        if locks(ui, stage, left_alone) {
            stage.wish(UiCommand::Lock);
        }
        // A menu closes itself on Esc, but only when it is drawn, below: here it still counts as open.
        let menu_open = Popup::is_any_open(ui.ctx());
        if !dialog_open && !menu_open {
            if let Screen::Room(key) = self.screen
                && let Some(room) = self.rooms.get_mut(&key)
            {
                room.step_back(ui, self.had_focus);
            }
            stage.go = keys(ui, stage.session, self.screen, self.had_focus);
        }
        let rail = rail_ui(ui, stage.session, self.screen);
        stage.go = stage.go.or(rail);
        let change = match self.screen {
            Screen::Room(key) => {
                let room = self.rooms.entry(key).or_default();
                room.show_ui(ui, stage, key)
            }
            Screen::Lab => {
                let lab = self.lab.get_or_insert_with(|| open_lab(ui, stage.session));
                let view = &mut self.lab_view;
                CentralPanel::default().show(ui, |ui| lab_ui(ui, stage, view, lab));
                None
            }
            Screen::Mallory => {
                let view = &mut self.mallory;
                CentralPanel::no_frame().show(ui, |ui| view.ui(ui));
                None
            }
            screen => {
                CentralPanel::no_frame().show(ui, |ui| match screen {
                    Screen::Host => self.host.show_ui(ui, stage),
                    Screen::Join => self.join.show_ui(ui, stage),
                    Screen::Settings => self.settings.show_ui(ui, stage),
                    Screen::Contacts => self.contacts.show_ui(ui, stage),
                    Screen::Kept => self.kept.show_ui(ui, stage),
                    Screen::Home | Screen::Lab | Screen::Mallory | Screen::Help | Screen::Room(_) => {
                        self.home.show_ui(ui, stage)
                    }
                });
                None
            }
        };
        if let Some(target) = change {
            self.join.fill(&target);
        }
    }
}
