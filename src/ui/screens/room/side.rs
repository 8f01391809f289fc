//! What stands beside the conversation: a host's invitation and rules, and who is here.

use egui::{Frame, Margin, Panel, Ui};

use super::dialogs::Dialog;
use super::{RoomScreen, door, invitation, members};
use crate::session::{Role, RoomKey};
use crate::ui::command::UiCommand;
use crate::ui::screens::Stage;
use crate::ui::theme::{Tone, palette};
use crate::ui::widgets::segmented_ui;

/// What stands beside the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Invitation,
    Members,
    Door,
}

impl RoomScreen {
    /// A new room of ours begins with its invitation beside it.
    pub(super) fn choose_side(&mut self, stage: &Stage<'_>, key: RoomKey, wide: bool) {
        let Some(room) = stage.session.room(key).filter(|room| room.is_open()) else {
            return;
        };
        if self.side_chosen {
            return;
        }
        self.side_chosen = true;
        self.side = match room.role {
            Role::Host => Some(Side::Invitation),
            Role::Guest => wide.then_some(Side::Members),
        };
        if !wide && room.role == Role::Host {
            self.dialog = Some(Dialog::Side);
        }
    }

    pub(super) fn shown_side(&self, wide: bool) -> Option<Side> {
        self.side.filter(|_| wide)
    }

    pub(super) fn side_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey, side: Side) {
        let frame = Frame::new()
            .fill(palette(ui).surface_1)
            .inner_margin(Margin::same(16));
        Panel::right("beside the conversation")
            .resizable(false)
            .exact_size(SIDE)
            .frame(frame)
            .show(ui, |ui| self.side_content_ui(ui, stage, key, side));
    }

    pub(super) fn side_content_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey, side: Side) {
        let Some(room) = stage.session.room(key) else {
            return;
        };
        let clock = stage.clock;
        let opened = room.opened.as_ref().filter(|_| room.is_open());
        let mut side = side;
        if opened.is_some() {
            let count = format!("Members · {}", room.members.len());
            let options = [
                (Side::Invitation, "Invitation"),
                (Side::Members, count.as_str()),
                (Side::Door, "Rules"),
            ];
            segmented_ui(ui, "Beside the conversation", &mut side, &options);
            self.side = Some(side);
            ui.add_space(8.0);
        }
        match (side, opened) {
            (Side::Door, Some(_)) => match self.door.show_ui(ui, room, clock) {
                Some(door::Pressed::Act(act)) => stage.wish(UiCommand::Govern { room: key, act }),
                Some(door::Pressed::Copied) => stage
                    .toasts
                    .push(Tone::Success, "Invitation copied. It is for one person."),
                None => {}
            },
            (Side::Invitation, Some(opened)) => match invitation::invitation_ui(ui, opened, clock) {
                Some(invitation::Pressed::Copied) => stage.toasts.push(Tone::Success, INVITATION_COPIED),
                Some(invitation::Pressed::AddressCopied) => {
                    stage.toasts.push(Tone::Success, "Address copied.");
                }
                Some(invitation::Pressed::Large) => self.dialog = Some(Dialog::LargeInvitation),
                Some(invitation::Pressed::Save) => stage.wish(UiCommand::SaveQr { room: key }),
                Some(invitation::Pressed::Change) => {
                    self.side = Some(Side::Door);
                    self.door.ask_to_change();
                }
                None => {}
            },
            _ => match members::members_ui(ui, room) {
                Some(members::Pressed::Member(who)) => self.dialog = Some(Dialog::Member(who)),
                Some(members::Pressed::Talk(with)) => self.talk_privately(with),
                None => {}
            },
        }
    }
}

pub(super) const INVITATION_COPIED: &str =
    "Invitation copied. Send it only to people whom you want in the room.";
/// Width of what stands beside the conversation.
const SIDE: f32 = 292.0;
/// From this width on there is room for it.
pub(super) const SIDE_FITS: f32 = 700.0;
