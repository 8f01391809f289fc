//! One file for each screen. A screen reads the session, draws, and leaves wishes on the [`Stage`].

pub mod classical;
pub mod contacts;
mod entrance;
pub mod failed;
pub mod file_dialog;
pub mod first_run;
pub mod home;
pub mod host;
pub mod join;
pub mod joining;
pub mod kept;
pub mod locking;
pub mod passphrase;
pub mod room;
pub mod room_status;
mod safety;
pub mod settings;
mod trust;
pub mod unlock;

use egui::{Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::clock::Clock;
use super::command::UiCommand;
use super::theme::text;
use super::widgets::{Toasts, follow_focus};
use crate::session::{Decision, Fingerprint, RoomKey, Session};

/// Which screen is shown, once there is an identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// Host, Join, and the rooms.
    #[default]
    Home,
    /// The form that opens a room.
    Host,
    /// The form that joins one.
    Join,
    /// The Classical Ciphers.
    Lab,
    /// Everybody met.
    Contacts,
    /// What is kept of rooms: searching, retention, export.
    Kept,
    /// The attack lab.
    Mallory,
    /// Not a place of its own: a dialog with the keys and the guided tour.
    Help,
    /// Name, look, about.
    Settings,
    /// A room, or the way into it.
    Room(RoomKey),
}

/// A place in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At a message in the conversation of all.
    Message(room::Sought),
    /// The private conversation with somebody.
    Private(Fingerprint),
}

/// What a screen has at hand in one frame, and where it leaves its wishes.
pub struct Stage<'a> {
    /// What is known.
    pub session: &'a mut Session,
    /// What time it is.
    pub clock: &'a Clock,
    /// What the user wants done.
    pub commands: Vec<UiCommand>,
    /// Short notices.
    pub toasts: &'a mut Toasts,
    /// Where to go next.
    pub go: Option<Screen>,
    /// A message to be shown in the classical ciphers.
    pub classical: Option<String>,
    /// A challenge, as its text, for the lab.
    pub challenge: Option<String>,
    /// What is to be shown in a room, as a search found it.
    pub found: Option<(RoomKey, Place)>,
    /// Whether the settings are to ask for a passphrase.
    pub ask_for_passphrase: bool,
    /// Whether the screen was just entered: its first field wants the keyboard.
    pub entered: bool,
}

impl Stage<'_> {
    /// Leaves a wish. A room that is open under another key is not joined once more, which would end it there: it is shown.
    pub fn wish(&mut self, command: UiCommand) {
        if let UiCommand::Reconnect { room } = &command
            && let Some(open) = self.session.open_beside(*room)
        {
            self.go = Some(Screen::Room(open));
            return;
        }
        self.commands.push(command);
    }

    /// Takes over a decision about somebody and asks for it to be kept.
    pub fn decide(&mut self, fingerprint: Fingerprint, decision: Decision) {
        self.session.decide(&fingerprint, decision, self.clock.now_unix);
        self.wish(UiCommand::Decide {
            fingerprint,
            decision,
        });
    }
}

/// A page: its own place in what is scrolled, at its top when it was just entered.
pub(super) struct Page<'a> {
    /// Tells its scroll position from that of other pages.
    pub name: &'a str,
    /// How wide its column is at most.
    pub width: f32,
    /// Whether it was just entered.
    pub entered: bool,
}

/// Draws `content` in a column in the middle, scrolled when it is too high.
pub(super) fn column_ui<R>(ui: &mut Ui, page: &Page<'_>, content: impl FnOnce(&mut Ui) -> R) -> R {
    let mut area = ScrollArea::vertical().id_salt(page.name).auto_shrink(false);
    if page.entered {
        area = area.vertical_scroll_offset(0.0);
    }
    area.show(ui, |ui| {
        let room = ui.available_rect_before_wrap();
        let width = page.width.min(room.width() - 2.0 * LEAST_MARGIN);
        let top = (room.height() * 0.07).clamp(16.0, 64.0).round();
        let left = (room.center().x - width / 2.0).round();
        let column = Rect::from_min_size(pos2(left, room.top() + top), vec2(width, room.height() - top));
        let inner = ui
            .scope_builder(UiBuilder::new().max_rect(column), |ui| {
                ui.set_width(width);
                content(ui)
            })
            .inner;
        ui.add_space(24.0);
        follow_focus(ui);
        inner
    })
    .inner
}

/// A screen's title and a sentence below it.
pub(super) fn title_ui(ui: &mut Ui, title: &str, sentence: &str) {
    ui.spacing_mut().item_spacing.y = 6.0;
    ui.add(egui::Label::new(text::title(ui, title)).wrap());
    if !sentence.is_empty() {
        ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
    }
    ui.add_space(14.0);
    ui.spacing_mut().item_spacing.y = 8.0;
}

/// "1 person", "3 people".
pub(in crate::ui) fn people(count: usize) -> String {
    match count {
        1 => "1 person".to_owned(),
        _ => format!("{count} people"),
    }
}

/// A number with its thousands set apart: "32,768".
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

const LEAST_MARGIN: f32 = 24.0;
