//! The whole window: which screen is shown, what is typed in it, and the keys that lead elsewhere.

mod bench;
mod closing;
mod idle;
mod keys;
mod screen;
mod window;

use std::collections::HashMap;
use std::path::Path;

use egui::{Context, Ui, ViewportCommand};

use self::bench::open_lab;
use self::closing::{Closing, closing_ui, guests_of_own_rooms};
use self::idle::Idle;
use super::clock::Clock;
use super::command::UiCommand;
use super::help::{HelpPressed, help_ui};
use super::lab::LabView;
use super::mallory::MalloryView;
use super::screens::classical::Classical;
use super::screens::contacts::Contacts;
use super::screens::first_run::FirstRun;
use super::screens::home::Home;
use super::screens::host::HostForm;
use super::screens::join::JoinForm;
use super::screens::kept::Kept;
use super::screens::room::RoomScreen;
use super::screens::settings::SettingsForm;
use super::screens::unlock::Unlock;
use super::screens::{Place, Screen, Stage};
use super::theme::Tone;
use super::tour::{Lead, Tour};
use super::typed_path::TypedPath;
use super::widgets::Toasts;
use crate::lab::Lab;
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
    idle: Idle,
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

    /// Does what can't wait until the window is shown, and gives what is to be done: a profile that was left alone locks
    /// itself, and a window that is to close asks about the guests of our rooms, or keeps the bench of the lab. Call it
    /// before each frame, and while the window is minimised or covered and has no frames.
    pub fn logic(&mut self, context: &Context, session: &mut Session, clock: &Clock) -> Vec<UiCommand> {
        self.follow_profile(context, session);
        let mut commands = Vec::new();
        if self.idle.is_over(context, session, clock.now_unix) {
            commands.push(UiCommand::Lock);
        }
        if context.input(|input| input.viewport().close_requested()) {
            if self.may_close(session) {
                commands.extend(self.leave_lab(session));
            } else {
                context.send_viewport_cmd(ViewportCommand::CancelClose);
                // The question has to be seen.
                context.send_viewport_cmd(ViewportCommand::Minimized(false));
                context.send_viewport_cmd(ViewportCommand::Focus);
            }
        }
        commands
    }

    /// Draws the window and gives what the user wants done, in order.
    ///
    /// Changes the session only in the reader's own marks: what was read, drafts, who was verified,
    /// settings, and that an identity is being made. It repaints by itself only while a spinner or a
    /// short notice is shown.
    pub fn ui(&mut self, ui: &mut Ui, session: &mut Session, clock: &Clock) -> Vec<UiCommand> {
        let left_alone = self.idle.is_over(ui.ctx(), session, clock.now_unix);
        let active = ui.input(|input| !input.events.is_empty());
        self.idle.note(active, clock.now_unix);
        self.follow_profile(ui.ctx(), session);
        self.follow_theme(ui, session);
        for notice in session.notices.drain(..) {
            // A notice may name a room or a person.
            self.toasts.push(tone(notice.level), clean::reveal(&notice.text));
        }
        let lead = self.lead(ui, session);
        let mut toasts = std::mem::take(&mut self.toasts);
        let mut stage = Stage {
            session: &mut *session,
            clock,
            commands: Vec::new(),
            toasts: &mut toasts,
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
        self.screen_ui(ui, &mut stage, left_alone);
        let Stage {
            mut commands,
            mut go,
            classical,
            challenge,
            found,
            ask_for_passphrase,
            ..
        } = stage;
        self.toasts = toasts;
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

    /// What was typed and shown goes when the profile is locked, or is about to be.
    fn follow_profile(&mut self, context: &Context, session: &Session) {
        let is_open = matches!(session.me, Me::Ready { .. });
        if self.was_open && matches!(session.me, Me::Locked { .. } | Me::Locking { .. }) {
            self.forget_all(context);
        }
        self.was_open = is_open;
        if self.was_locked && is_open {
            // The bench of a locked profile is not the one that is kept.
            self.lab = None;
        }
        self.was_locked = matches!(session.me, Me::Locked { .. } | Me::Unlocking);
    }

    /// The tour, offered to whoever has just made an identity.
    fn lead(&mut self, ui: &mut Ui, session: &mut Session) -> Lead {
        if !self.was_open {
            return Lead::default();
        }
        let news = [Me::New, Me::Making].map(|me| std::mem::discriminant(&me));
        if self.shown.is_some_and(|(_, me)| news.contains(&me)) {
            self.tour.offer();
        }
        let in_form = matches!(self.screen, Screen::Host | Screen::Join);
        self.tour.ui(ui, session, in_form)
    }

    /// Forgets what was typed and shown, as when the profile is locked: the fields' undo too.
    fn forget_all(&mut self, context: &Context) {
        let folder = self.settings.profile_folder.take();
        let before = std::mem::take(self);
        self.toasts = before.toasts;
        self.theme = before.theme;
        self.title = before.title;
        self.settings.profile_folder = folder;
        context.data_mut(|data| data.clear());
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
}

fn tone(level: Level) -> Tone {
    match level {
        Level::Note => Tone::Info,
        Level::Warning => Tone::Warning,
        Level::Error => Tone::Danger,
    }
}
