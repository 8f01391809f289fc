//! The whole window: which screen is shown, what is typed in it, and the keys that lead elsewhere.

mod closing;
mod keys;

use std::collections::HashMap;
use std::path::Path;

use egui::{CentralPanel, ThemePreference, Ui, ViewportCommand};

use self::closing::{Closing, closing_ui, guests_of_own_rooms};
use self::keys::{keys, locks};
use super::clock::Clock;
use super::command::UiCommand;
use super::help::{HelpPressed, help_ui};
use super::lab::{LabCommand, LabView};
use super::mallory::MalloryView;
use super::rail::rail_ui;
use super::screens::classical::Classical;
use super::screens::contacts::Contacts;
use super::screens::failed::failed_ui;
use super::screens::first_run::FirstRun;
use super::screens::home::Home;
use super::screens::host::HostForm;
use super::screens::join::JoinForm;
use super::screens::kept::Kept;
use super::screens::room::RoomScreen;
use super::screens::settings::SettingsForm;
use super::screens::unlock::Unlock;
use super::screens::{Place, Screen, Stage};
use super::theme::{Tone, icons};
use super::tour::{Lead, Tour};
use super::typed_path::TypedPath;
use super::widgets::{Button, Toasts};
use crate::lab::{Bench, Lab};
use crate::session::{Level, Me, RoomKey, Session, ThemeChoice, clean};

/// The window between two frames: everything that is not in the session.
#[derive(Default)]
pub struct View {
    screen: Screen,
    first_run: FirstRun,
    unlock: Unlock,
    home: Home,
    host: HostForm,
    join: JoinForm,
    settings: SettingsForm,
    contacts: Contacts,
    kept: Kept,
    rooms: HashMap<RoomKey, RoomScreen>,
    /// Made when its screen is first shown: it has a thread of its own.
    lab: Option<Lab>,
    lab_view: LabView,
    /// The dialog for a path, where the desktop has none for files.
    typed_path: Option<TypedPath>,
    mallory: MalloryView,
    tour: Tour,
    help_open: bool,
    classical: Classical,
    toasts: Toasts,
    /// The screen of the last frame, and who we were in it.
    shown: Option<(Screen, std::mem::Discriminant<Me>)>,
    had_focus: bool,
    theme: Option<ThemeChoice>,
    closing: Closing,
    /// When something was last typed or pointed at, seconds since 1970.
    active_unix: u64,
    /// Whether the profile was open in the last frame.
    was_open: bool,
    /// Whether it was locked in the last frame.
    was_locked: bool,
    /// The window's title as it was last set; empty for the application's own.
    title: String,
}

impl View {
    /// Says where the profile is; the settings show it.
    pub fn set_profile_folder(&mut self, folder: impl Into<String>) {
        self.settings.profile_folder = Some(folder.into());
    }

    /// Shows a room, as when the application opened or joined it by itself.
    pub fn show_room(&mut self, room: RoomKey) {
        self.screen = Screen::Room(room);
    }

    /// Puts the file that was chosen into the dialog that asked for one.
    pub fn fill_path(&mut self, path: &Path) {
        self.settings.fill_path(path);
        self.first_run.fill_path(path);
        self.kept.fill_path(path);
    }

    /// This desktop has no dialog for files: the path is to be typed.
    pub fn ask_for_path(&mut self) {
        let said = "This desktop offers no file dialog. Type the path of the file.";
        self.toasts.push(Tone::Info, said);
    }

    /// Puts the text of a contact card that was found in a picture into the import.
    pub fn fill_card(&mut self, text: String) {
        self.contacts.fill_card(text);
    }

    /// Gives a text to the Classical Ciphers, as when a file was read.
    pub fn set_lab_text(&mut self, text: &str) {
        if let Some(lab) = &mut self.lab {
            self.lab_view.take_text(lab, text);
        }
    }

    /// Asks for the path of a text to open, since this desktop has no file dialog.
    pub fn ask_path_to_open(&mut self) {
        self.typed_path = Some(TypedPath::to_open());
    }

    /// Asks for the path of a picture with a contact card, since this desktop has no file dialog.
    pub fn ask_path_of_card(&mut self) {
        self.typed_path = Some(TypedPath::of_card());
    }

    /// Asks for a path to save `bytes` at, since this desktop has no file dialog.
    pub fn ask_path_to_save(&mut self, suggested: String, bytes: Vec<u8>) {
        self.typed_path = Some(TypedPath::to_save(suggested, bytes));
    }

    /// Shows a short notice, as after a file was saved.
    pub fn toast(&mut self, level: Level, text: impl Into<String>) {
        self.toasts.push(tone(level), text);
    }

    /// Says whether the window may close now. If rooms of ours would close for their guests, it may not:
    /// then the window asks, and gives [`UiCommand::Quit`] when the answer is to close.
    pub fn may_close(&mut self, session: &Session) -> bool {
        if self.closing == Closing::Yes || guests_of_own_rooms(session) == 0 {
            return true;
        }
        self.closing = Closing::Asking;
        false
    }

    /// Draws the window and gives what the user wants done, in order.
    ///
    /// Changes the session only in the reader's own marks: what was read, drafts, who was verified,
    /// settings, and that an identity is being made. It repaints by itself only while a spinner or a
    /// short notice is shown.
    pub fn ui(&mut self, ui: &mut Ui, session: &mut Session, clock: &Clock) -> Vec<UiCommand> {
        let active = ui.input(|input| !input.events.is_empty());
        if active || self.active_unix == 0 {
            self.active_unix = clock.now_unix;
        }
        if self.was_open && matches!(session.me, Me::Locked { .. }) {
            self.forget_all(ui);
        }
        self.was_open = matches!(session.me, Me::Ready { .. });
        if self.was_locked && self.was_open {
            // The bench of a locked profile is not the one that is kept.
            self.lab = None;
        }
        self.was_locked = matches!(session.me, Me::Locked { .. } | Me::Unlocking);
        self.follow_theme(ui, session);
        for notice in session.notices.drain(..) {
            self.toasts.push(tone(notice.level), notice.text);
        }
        let open = matches!(session.me, Me::Ready { .. });
        if self.was_open && matches!(session.me, Me::Locked { .. }) {
            self.forget_all(ui);
        }
        self.was_open = open;
        let is_new = self.shown.is_some_and(|(_, me)| {
            [Me::New, Me::Making]
                .iter()
                .any(|new| std::mem::discriminant(new) == me)
        });
        if open && is_new {
            self.tour.offer();
        }
        let lead = if open {
            self.tour.ui(ui, session)
        } else {
            Lead::default()
        };
        let mut stage = Stage {
            session: &mut *session,
            clock,
            commands: Vec::new(),
            toasts: &mut self.toasts,
            go: None,
            classical: None,
            challenge: None,
            found: None,
            ask_for_passphrase: false,
            entered: false,
        };
        // A room that was forgotten leaves its screen behind.
        if let Screen::Room(key) = self.screen
            && stage.session.room(key).is_none()
        {
            self.screen = Screen::Home;
        }
        self.rooms.retain(|key, _| stage.session.room(*key).is_some());
        let now = (self.screen, std::mem::discriminant(&stage.session.me));
        stage.entered = self.shown != Some(now);
        self.shown = Some(now);

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
                    lab_ui(ui, &mut stage, view, lab);
                });
            }
            Me::New | Me::Making => {
                let form = &mut self.first_run;
                CentralPanel::no_frame().show(ui, |ui| form.show_ui(ui, &mut stage));
            }
            Me::Locked { .. } | Me::Unlocking => {
                let form = &mut self.unlock;
                CentralPanel::no_frame().show(ui, |ui| form.show_ui(ui, &mut stage));
            }
            Me::Failed { reason, is_damaged } => {
                CentralPanel::no_frame().show(ui, |ui| failed_ui(ui, &mut stage, &reason, is_damaged));
            }
            Me::Ready { .. } => {
                let dialog_open = match self.screen {
                    Screen::Room(key) => self.rooms.get(&key).is_some_and(RoomScreen::has_dialog),
                    _ => false,
                } || ui.ctx().memory(|memory| memory.top_modal_layer().is_some());
                if locks(ui, &mut stage, self.active_unix) {
                    stage.wish(UiCommand::Lock);
                }
                if !dialog_open {
                    if let Screen::Room(key) = self.screen
                        && let Some(room) = self.rooms.get_mut(&key)
                    {
                        room.step_back(ui);
                    }
                    stage.go = keys(ui, stage.session, self.screen, self.had_focus);
                }
                let rail = rail_ui(ui, stage.session, self.screen);
                stage.go = stage.go.or(rail);
                let change = match self.screen {
                    Screen::Room(key) => {
                        let room = self.rooms.entry(key).or_default();
                        room.show_ui(ui, &mut stage, key)
                    }
                    Screen::Lab => {
                        let lab = self.lab.get_or_insert_with(|| open_lab(ui, stage.session));
                        let view = &mut self.lab_view;
                        CentralPanel::default().show(ui, |ui| lab_ui(ui, &mut stage, view, lab));
                        None
                    }
                    Screen::Mallory => {
                        let view = &mut self.mallory;
                        CentralPanel::no_frame().show(ui, |ui| view.ui(ui));
                        None
                    }
                    screen => {
                        CentralPanel::no_frame().show(ui, |ui| match screen {
                            Screen::Host => self.host.show_ui(ui, &mut stage),
                            Screen::Join => self.join.show_ui(ui, &mut stage),
                            Screen::Settings => self.settings.show_ui(ui, &mut stage),
                            Screen::Contacts => self.contacts.show_ui(ui, &mut stage),
                            Screen::Kept => self.kept.show_ui(ui, &mut stage),
                            Screen::Home | Screen::Lab | Screen::Mallory | Screen::Help | Screen::Room(_) => {
                                self.home.show_ui(ui, &mut stage)
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
        let Stage {
            mut commands,
            mut go,
            classical,
            challenge,
            found,
            ask_for_passphrase,
            ..
        } = stage;
        if let Some((room, place)) = found {
            let screen = self.rooms.entry(room).or_default();
            match place {
                Place::Message(sought) => screen.show_message(sought),
                Place::Private(with) => screen.talk_privately(with),
            }
        }
        if let Some(message) = classical {
            self.classical.begin(ui, &message);
        }
        self.classical.ui(ui);
        if let Some(challenge) = challenge {
            let lab = self.lab.get_or_insert_with(|| open_lab(ui, session));
            self.lab_view.take_text(lab, &challenge);
            go = Some(Screen::Lab);
        }
        if go == Some(Screen::Help) {
            self.help_open = true;
            go = None;
        }
        if self.help_open {
            match help_ui(ui) {
                Some(HelpPressed::Tour) => {
                    self.tour.begin();
                    self.help_open = false;
                }
                Some(HelpPressed::Close) => self.help_open = false,
                None => {}
            }
        }
        commands.extend(lead.commands);
        go = go.or(lead.go);
        if let Some((room, frame)) = lead.inside {
            self.rooms.entry(room).or_default().look_inside(frame);
        }
        if ask_for_passphrase {
            self.settings.ask_for_passphrase();
        }
        if self.closing == Closing::Asking {
            self.closing = closing_ui(ui, session);
            if self.closing == Closing::Yes {
                commands.push(UiCommand::Quit);
            }
        }
        if let Some(dialog) = &mut self.typed_path {
            let (command, over) = dialog.ui(ui);
            commands.extend(command);
            if over {
                self.typed_path = None;
            }
        }
        // What was changed on the bench a moment ago is kept too.
        let closes = ui.input(|input| input.viewport().close_requested());
        if closes || (self.screen == Screen::Lab && go.is_some_and(|screen| screen != Screen::Lab)) {
            commands.extend(self.leave_lab(session));
        }
        self.follow_title(ui, session);
        self.toasts.show(ui.ctx());
        self.had_focus = ui.memory(|memory| memory.focused().is_some());
        if let Some(screen) = go.filter(|screen| *screen != self.screen) {
            self.go(ui, screen);
        }
        commands
    }

    /// Keeps the bench as it is, if that was still to come.
    fn leave_lab(&mut self, session: &mut Session) -> Option<UiCommand> {
        let LabCommand::KeepSetup { json } = self.lab_view.leave(self.lab.as_ref()?)? else {
            return None;
        };
        session.settings.lab_setup = Some(json);
        Some(UiCommand::KeepSettings(session.settings.clone()))
    }

    /// Forgets what was typed and shown, as when the profile is locked: the fields' undo too.
    fn forget_all(&mut self, ui: &Ui) {
        let folder = self.settings.profile_folder.take();
        let before = std::mem::take(self);
        self.toasts = before.toasts;
        self.theme = before.theme;
        self.title = before.title;
        self.active_unix = before.active_unix;
        self.settings.profile_folder = folder;
        ui.ctx().data_mut(|data| data.clear());
    }

    fn go(&mut self, ui: &Ui, screen: Screen) {
        if let Screen::Room(key) = self.screen
            && let Some(room) = self.rooms.get_mut(&key)
        {
            room.leave();
        }
        self.screen = screen;
        if let Some(focused) = ui.memory(|memory| memory.focused()) {
            ui.memory_mut(|memory| memory.surrender_focus(focused));
        }
        ui.ctx().request_repaint();
    }

    /// The window is named after the room that it shows.
    fn follow_title(&mut self, ui: &Ui, session: &Session) {
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

    fn follow_theme(&mut self, ui: &Ui, session: &Session) {
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

/// The lab as it was left; a setup that can't be read gives way to the first one.
fn open_lab(ui: &Ui, session: &Session) -> Lab {
    let context = ui.ctx().clone();
    let wake = move || context.request_repaint();
    let kept = session.settings.lab_setup.as_deref();
    kept.and_then(|setup| Lab::from_json(setup, wake.clone()).ok())
        .unwrap_or_else(|| Lab::new(Bench::default(), wake))
}

fn lab_ui(ui: &mut Ui, stage: &mut Stage<'_>, view: &mut LabView, lab: &mut Lab) {
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

fn tone(level: Level) -> Tone {
    match level {
        Level::Note => Tone::Info,
        Level::Warning => Tone::Warning,
        Level::Error => Tone::Danger,
    }
}
