//! The wire view in the place of the conversation, and the connection that is begun anew to be recorded.

use egui::{CentralPanel, Frame, Ui};

use super::RoomScreen;
use super::notices::strip_ui;
use crate::session::{HostAct, RoomKey, RoomState};
use crate::ui::command::UiCommand;
use crate::ui::inspect;
use crate::ui::screens::{Stage, joining};
use crate::ui::theme::palette;

impl RoomScreen {
    /// The wire view in the place of the conversation, below the same banners.
    pub(super) fn wire_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey) {
        let ground = Frame::new().fill(palette(ui).surface_1);
        CentralPanel::default().frame(ground).show(ui, |ui| {
            self.notices_ui(ui, stage, key);
            self.recording_ui(ui, stage, key);
        });
    }

    fn recording_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey) {
        let (Some(view), Some(room)) = (&mut self.inspect, stage.session.room(key)) else {
            return;
        };
        if let Some(before) = room.waits_before() {
            let pressed = strip_ui(ui, |ui| joining::paused_ui(ui, before));
            if pressed {
                stage.wish(UiCommand::NextHandshakeStep { room: key });
                return;
            }
        }
        // A lost room is still being tried: it has to end before it is joined anew.
        let goes_on = room.is_open() || room.is_lost();
        match view.ui(ui, room, stage.clock) {
            None => {}
            Some(inspect::Wanted::Back) => self.inspect = None,
            Some(inspect::Wanted::Watch(who)) => {
                let act = HostAct::Watch(who);
                stage.wish(UiCommand::Govern { room: key, act });
            }
            Some(inspect::Wanted::Record(look)) => {
                stage.wish(UiCommand::LookInside { room: key, look });
                if goes_on {
                    stage.wish(UiCommand::Leave { room: key });
                }
                self.rejoin = true;
            }
            Some(inspect::Wanted::Save { pcapng, with_secrets }) => {
                stage.wish(UiCommand::SaveRecording { pcapng, with_secrets });
            }
        }
    }

    /// The connection that is to be recorded begins when the one before has ended.
    pub(super) fn rejoin_when_over(&mut self, stage: &mut Stage<'_>, key: RoomKey) {
        let room = stage.session.room(key);
        let over =
            room.is_some_and(|room| matches!(room.state, RoomState::Closed(_) | RoomState::JoinFailed(_)));
        if self.rejoin && over {
            self.rejoin = false;
            stage.wish(UiCommand::Reconnect { room: key });
        }
    }
}
