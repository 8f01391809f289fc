//! The question whether to close the window although there are guests.

use egui::Ui;

use crate::session::{Me, Role, Room, Session, clean};
use crate::ui::screens::people;
use crate::ui::theme::{icons, text};
use crate::ui::widgets::{Button, modal_ui};

/// Whether the window is about to close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Closing {
    #[default]
    No,
    /// It asks, because rooms of ours would close for their guests.
    Asking,
    /// The user said so.
    Yes,
}

/// How many people are guests in rooms of ours that closing the window would close. A profile that is about to be locked
/// leaves its rooms anyway, and nothing of them is said any more.
pub(super) fn guests_of_own_rooms(session: &Session) -> usize {
    if matches!(session.me, Me::Locking { .. }) {
        return 0;
    }
    let own = session
        .rooms
        .iter()
        .filter(|room| room.is_open() && room.role == Role::Host);
    own.map(|room| room.members.len().saturating_sub(1)).sum()
}

/// Asks whether to close the window although there are guests.
pub(super) fn closing_ui(ui: &Ui, session: &Session) -> Closing {
    let guests = people(guests_of_own_rooms(session));
    let outcome = modal_ui(ui.ctx(), "Close the room for everybody?", 420.0, |ui| {
        ui.spacing_mut().item_spacing.y = 14.0;
        let sentence = format!(
            "{guests} will be told goodbye and disconnected. {}",
            afterwards(session)
        );
        ui.add(egui::Label::new(text::body(ui, sentence)).wrap());
        ui.horizontal(|ui| {
            let keep = ui.add(Button::secondary("Keep it open")).clicked();
            let close = ui
                .add(Button::danger("Close the window").icon(icons::POWER))
                .clicked();
            (keep, close)
        })
        .inner
    });
    match outcome.inner {
        (_, true) => Closing::Yes,
        (true, _) => Closing::No,
        _ if outcome.close => Closing::No,
        _ => Closing::Asking,
    }
}

/// What becomes of what was said, once the window is closed.
fn afterwards(session: &Session) -> String {
    let talks = || {
        let rooms = session.rooms.iter();
        rooms.filter(|room| !room.transcript.lines().is_empty())
    };
    let gone: Vec<_> = talks()
        .filter(|room| room.is_kept() == Some(false))
        .map(|room| clean::reveal_line(&room.title))
        .collect();
    if !gone.is_empty() {
        let names = gone.join(", ");
        return format!("What was said in {names} is gone when the window closes.");
    }
    // Where it is not known of one room, it is not said of all.
    let unknown = talks().find(|room| room.is_kept().is_none());
    let room = unknown.or_else(|| talks().next());
    room.map_or("", Room::afterwards).to_owned()
}
