//! A room: header, conversation, composer, who is here, and the dialogs about them.

mod carried;
mod challenge;
mod composer;
mod conversation;
mod dialogs;
mod door;
mod header;
mod invitation;
mod marks;
mod members;
mod message;
mod notices;
mod private;
mod rows;
mod side;
mod verify;
mod wanted;
mod wire;

use std::collections::HashMap;

use egui::{CentralPanel, Frame, Margin, Panel, Ui};

use self::challenge::Challenges;
use self::composer::{Composer, ComposerLook};
use self::conversation::Conversation;
pub use self::conversation::Sought;
use self::dialogs::{Dialog, emoji_matched};
use self::door::DoorScreen;
use self::header::HeaderPressed;
use self::notices::{silenced_ui, state_ui};
use self::private::PrivateScreen;
use self::side::{INVITATION_COPIED, SIDE_FITS, Side};
use self::verify::Compared;
use super::joining::{joining_ui, opening_ui};
use super::{Screen, Stage};
use crate::session::{
    ClosedReason, Fingerprint, HostAct, JoinTarget, Role, Room, RoomKey, RoomState, VerifiedBy, clean,
};
use crate::ui::command::UiCommand;
use crate::ui::inspect::InspectView;
use crate::ui::theme::{Tone, palette};

/// What the window remembers of one room.
#[derive(Debug, Default)]
pub struct RoomScreen {
    conversation: Conversation,
    composer: Composer,
    door: DoorScreen,
    /// With whom a private conversation is shown in the place of the room's.
    private: Option<Fingerprint>,
    private_screens: HashMap<Fingerprint, PrivateScreen>,
    /// A host's power that was used in a dialog.
    act: Option<HostAct>,
    side: Option<Side>,
    side_chosen: bool,
    dialog: Option<Dialog>,
    /// Whether the card of a person was opened from the list of members in a dialog: it leads back there.
    over_members: bool,
    first_use_dismissed: bool,
    wants_composer: bool,
    was_open: bool,
    /// Whether joining had failed in the last frame.
    had_failed: bool,
    challenges: Challenges,
    /// The wire view, while it is shown.
    inspect: Option<InspectView>,
    /// Whether to come back as soon as the old connection has ended.
    rejoin: bool,
    /// For how many passes the alarm about a changed key has been shown.
    alarm_passes: u32,
}

impl RoomScreen {
    /// Shows the room's conversation at a message, as soon as that is here.
    pub fn show_message(&mut self, sought: Sought) {
        self.private = None;
        self.inspect = None;
        self.conversation.seek(sought);
    }

    /// Shows the private conversation with somebody.
    pub fn talk_privately(&mut self, with: Fingerprint) {
        self.inspect = None;
        self.private = Some(with);
        self.private_screens.entry(with).or_default();
    }

    /// Another screen is shown now.
    pub fn leave(&mut self) {
        self.conversation.leave();
    }

    /// Shows the wire view, and a frame in it.
    pub fn look_inside(&mut self, frame: Option<u64>) {
        let view = self.inspect.get_or_insert_default();
        if let Some(n) = frame {
            view.show_frame(n);
        }
    }

    /// Esc in the wire view and in a private conversation leads back to everybody's, not out of the room. Where something
    /// had the keyboard, the first Esc in a private conversation only takes that away.
    pub fn step_back(&mut self, ui: &Ui, had_focus: bool) {
        let leads_back = self.inspect.is_some() || (self.private.is_some() && !had_focus);
        let pressed = || ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape));
        if !leads_back || !pressed() {
            return;
        }
        if self.inspect.take().is_none() {
            self.private = None;
        }
        self.wants_composer |= self.private.is_none();
    }

    /// Whether a dialog is open over the room.
    pub fn has_dialog(&self) -> bool {
        self.dialog.is_some() || self.challenges.is_open()
    }

    /// Draws the room, or the way into it. Gives the target when the user wants to change it.
    pub fn show_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey) -> Option<JoinTarget> {
        let room = stage.session.room(key)?;
        let was_inside = !room.transcript.lines().is_empty();
        match &room.state {
            RoomState::Joining(_) | RoomState::JoinFailed(_) if !was_inside => {
                let failed = matches!(room.state, RoomState::JoinFailed(_));
                let just_failed = failed && !std::mem::replace(&mut self.had_failed, failed);
                self.had_failed = failed;
                return CentralPanel::no_frame()
                    .show(ui, |ui| joining_ui(ui, stage, key, just_failed))
                    .inner;
            }
            RoomState::Opening | RoomState::HostFailed(_) => {
                CentralPanel::no_frame().show(ui, |ui| opening_ui(ui, stage, key));
                return None;
            }
            _ => {}
        }
        self.inside_ui(ui, stage, key);
        None
    }

    fn inside_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey) {
        let wide = ui.available_width() >= SIDE_FITS;
        self.choose_side(stage, key, wide);
        if let Some(room) = stage.session.room(key) {
            // Whoever just got in wants to write.
            self.wants_composer |= stage.entered || (room.is_open() && !self.was_open);
            self.was_open = room.is_open();
            if let Some(opened) = room.opened.as_ref().filter(|_| room.is_open())
                && invitation::copied_by_key(ui, opened, stage.clock)
            {
                stage.toasts.push(Tone::Success, INVITATION_COPIED);
            }
            if let Some(pressed) = header::header_ui(ui, room, self.shown_side(wide)) {
                self.header_pressed(stage, key, pressed, wide);
            }
        }
        self.rejoin_when_over(stage, key);
        self.challenge_ui(ui, stage, key);
        self.middle_ui(ui, stage, key, wide);
        self.dialogs_ui(ui, stage, key);
        if let Some(act) = self.act.take() {
            stage.wish(UiCommand::Govern { room: key, act });
        }
    }

    /// What is looked at: the wire view, a private conversation, or the room's.
    fn middle_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey, wide: bool) {
        if self.inspect.is_some() {
            self.wire_ui(ui, stage, key);
            return;
        }
        if wide && let Some(side) = self.side {
            self.side_ui(ui, stage, key, side);
        }
        match self.private {
            Some(with) => self.private_ui(ui, stage, key, with),
            None => {
                self.write_ui(ui, stage, key);
                self.conversation_ui(ui, stage, key);
            }
        }
    }

    /// What was said to everybody, below the banners that need an answer.
    fn conversation_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey) {
        let ground = Frame::new().fill(palette(ui).surface_1);
        CentralPanel::default().frame(ground).show(ui, |ui| {
            self.notices_ui(ui, stage, key);
            let clock = stage.clock;
            let Some(room) = stage.session.room_mut(key) else {
                return;
            };
            let wanted = self
                .conversation
                .show_ui(ui, &mut room.transcript, &room.names, clock);
            if let Some(wanted) = wanted {
                self.message_wanted(ui, stage, key, None, wanted);
            }
        });
    }

    /// A private conversation in the place of the room's.
    fn private_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey, with: Fingerprint) {
        let clock = stage.clock;
        let dialog_open = self.has_dialog();
        let frame = Frame::new()
            .fill(palette(ui).surface_1)
            .inner_margin(Margin::symmetric(16, 12));
        let said = Panel::bottom("private composer")
            .resizable(false)
            .frame(frame)
            .show(ui, |ui| {
                let room = stage.session.room_mut(key)?;
                let screen = self.private_screens.entry(with).or_default();
                screen.write_ui(ui, room, &with, dialog_open)
            })
            .inner;
        let ground = Frame::new().fill(palette(ui).surface_1);
        let shown = CentralPanel::default()
            .frame(ground)
            .show(ui, |ui| {
                self.urgent_ui(ui, stage, key);
                let room = stage.session.room_mut(key)?;
                let screen = self.private_screens.entry(with).or_default();
                let head = screen.head_ui(ui, room, &with);
                Some((head, screen.talk_ui(ui, room, &with, clock)))
            })
            .inner;
        let Some((head, wanted)) = shown else {
            return;
        };
        if head.back {
            self.private = None;
            self.wants_composer = true;
        }
        if let Some(wanted) = wanted {
            self.message_wanted(ui, stage, key, Some(with), wanted);
        }
        match head.compared {
            Some(Compared::Match) => emoji_matched(stage, key, with),
            Some(_) => {
                if let Some(room) = stage.session.room_mut(key) {
                    room.mark_differed(&with, VerifiedBy::Emoji);
                }
            }
            None => {}
        }
        for wish in [head.wish, said].into_iter().flatten() {
            stage.wish(wish);
        }
    }

    /// Of the banners those that can't wait until the reader is back: who knocks, that nothing is kept, and the way back
    /// into a room that does not come back by itself.
    fn urgent_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey) {
        let has_knocks = |room: &Room| room.is_open() && !room.knocking.is_empty();
        let room = stage.session.room(key);
        if room.is_some_and(|room| room.not_kept.is_some() || has_knocks(room)) {
            self.notices_ui(ui, stage, key);
        }
        let room = stage.session.room(key);
        let over = room.filter(|room| !room.is_open() && !room.is_lost());
        let wish = over.and_then(|room| notices::strip_ui(ui, |ui| state_ui(ui, room, false)));
        self.state_answered(stage, wish);
    }

    fn challenge_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>, key: RoomKey) {
        let own = stage.session.fingerprint().map(|own| *own.as_bytes());
        let Some(room) = stage.session.room(key) else {
            return;
        };
        match self.challenges.ui(ui, room, own) {
            Some(challenge::Wanted::Say { to: None, text }) => {
                stage.wish(UiCommand::Say { room: key, text });
            }
            Some(challenge::Wanted::Say { to: Some(to), text }) => {
                stage.wish(UiCommand::SayPrivately { room: key, to, text });
            }
            Some(challenge::Wanted::Lab(text)) => stage.challenge = Some(text),
            None => {}
        }
    }

    fn header_pressed(&mut self, stage: &mut Stage<'_>, key: RoomKey, pressed: HeaderPressed, wide: bool) {
        match pressed {
            HeaderPressed::Challenge => self.challenges.write(),
            HeaderPressed::Inside => {
                self.inspect = match self.inspect {
                    Some(_) => None,
                    None => Some(InspectView::default()),
                };
            }
            HeaderPressed::Protection => self.dialog = Some(Dialog::Protection),
            HeaderPressed::Side(side) if wide => {
                self.side = if self.side == Some(side) { None } else { Some(side) };
            }
            HeaderPressed::Side(side) => {
                self.side = Some(side);
                self.dialog = Some(Dialog::Side);
            }
            HeaderPressed::Leave => {
                let asks = stage
                    .session
                    .room(key)
                    .is_some_and(|room| room.role == Role::Host && room.members.len() > 1);
                if asks {
                    self.dialog = Some(Dialog::Leave);
                } else {
                    self.leave_for_good(stage, key);
                }
            }
        }
    }

    /// The composer, and above it what keeps it from sending.
    fn write_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey) {
        let came = stage.entered;
        let Some(room) = stage.session.room_mut(key) else {
            return;
        };
        let frame = Frame::new()
            .fill(palette(ui).surface_1)
            .inner_margin(Margin::symmetric(16, 12));
        let mut wish = None;
        let mut sent = false;
        let dialog_open = self.dialog.is_some() || self.challenges.is_open() || room.needs_decision();
        Panel::bottom("composer")
            .resizable(false)
            .frame(frame)
            .show(ui, |ui| {
                wish = state_ui(ui, room, came);
                if room.is_open() && room.is_silenced() {
                    silenced_ui(ui, room);
                }
                let writable = match &room.state {
                    RoomState::Open | RoomState::Lost(_) | RoomState::Joining(_) => !room.is_silenced(),
                    RoomState::Closed(ClosedReason::ConnectionLost { .. }) => true,
                    _ => room.role == Role::Guest && !room.draft.is_empty(),
                };
                if !writable {
                    return;
                }
                let hint = if room.is_open() {
                    "Write to everybody in the room"
                } else if room.is_lost() {
                    "Write now; it is sent when the room is back"
                } else {
                    "Reconnect to send this"
                };
                let look = ComposerLook {
                    hint,
                    can_send: (room.is_open() || room.is_lost()) && !room.needs_decision(),
                    focus: self.wants_composer && !dialog_open,
                    typing: !dialog_open,
                };
                if look.focus {
                    self.wants_composer = false;
                }
                let said = self.composer.show_ui(ui, &mut room.draft, &look);
                sent = said.is_some();
                wish = wish
                    .take()
                    .or(said.map(|text| UiCommand::Say { room: key, text }));
            });
        if sent {
            self.conversation.go_to_end();
        }
        self.state_answered(stage, wish);
    }

    /// Asks for what the banner about the room's state offers, or the composer below it.
    fn state_answered(&mut self, stage: &mut Stage<'_>, wish: Option<UiCommand>) {
        let Some(wish) = wish else {
            return;
        };
        if matches!(wish, UiCommand::Forget { .. }) {
            stage.go = Some(Screen::Home);
        }
        if matches!(wish, UiCommand::Leave { .. }) {
            self.rejoin = false;
        }
        stage.wish(wish);
    }

    /// Leaves the room, and does not come back by itself.
    fn leave_for_good(&mut self, stage: &mut Stage<'_>, key: RoomKey) {
        self.rejoin = false;
        leave(stage, key);
    }
}

/// Puts a text that was not sent back into a composer, behind what is being written there.
fn write_again(draft: &mut String, text: &str) {
    if !draft.is_empty() {
        draft.push('\n');
    }
    draft.push_str(text);
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= 32 {
        return name.to_owned();
    }
    let start: String = name.chars().take(31).collect();
    format!("{start}…")
}

/// Leaves a room, or closes it if it is ours.
fn leave(stage: &mut Stage<'_>, key: RoomKey) {
    if let Some(room) = stage.session.room(key) {
        let title = clean::reveal_line(&room.title);
        let words = match room.role {
            Role::Host => format!("{} is closed.", shortened(&title)),
            Role::Guest => format!("You left {}.", shortened(&title)),
        };
        stage.toasts.push(Tone::Info, words);
    }
    stage.wish(UiCommand::Leave { room: key });
    stage.go = Some(Screen::Home);
}
