//! What the reader wants of a message: of the room's conversation, or of a private one.

use egui::Ui;

use super::conversation::Wanted;
use super::dialogs::Dialog;
use super::{RoomScreen, write_again};
use crate::session::{Fingerprint, RoomKey};
use crate::ui::command::UiCommand;
use crate::ui::screens::Stage;
use crate::ui::theme::Tone;

impl RoomScreen {
    /// Does what is wanted of a message; `with` is the other end where it was said in private.
    pub(super) fn message_wanted(
        &mut self,
        ui: &Ui,
        stage: &mut Stage<'_>,
        key: RoomKey,
        with: Option<Fingerprint>,
        wanted: Wanted,
    ) {
        let Some(room) = stage.session.room_mut(key) else {
            return;
        };
        match wanted {
            Wanted::Details(id) => self.dialog = Some(Dialog::Message { id, with }),
            Wanted::ToWhom(id) => self.dialog = Some(Dialog::ToWhom(id)),
            Wanted::TooFarBack => stage.toasts.push(Tone::Warning, TOO_FAR_BACK),
            Wanted::Copy(text) => {
                ui.ctx().copy_text(text);
                stage.toasts.push(Tone::Success, "Message copied.");
            }
            Wanted::Again(text) => match with {
                Some(with) => write_again(&mut room.private_mut(&with).draft, &text),
                None => {
                    write_again(&mut room.draft, &text);
                    self.wants_composer = true;
                }
            },
            Wanted::Inside(id) => {
                let frame = room.wire.as_deref().and_then(|wire| wire.frame_of_event(&id.0));
                let view = self.inspect.get_or_insert_default();
                match frame {
                    Some(n) => view.show_frame(n),
                    None => view.show_missed(),
                }
            }
            Wanted::Challenge(text) => self.challenges.open(&text, with),
            Wanted::Classical(text) => stage.classical = Some(text),
            Wanted::Earlier { id, before } => stage.wish(match with {
                None => UiCommand::ReadEarlier {
                    room: key,
                    id,
                    before,
                },
                Some(_) => UiCommand::ReadEarlierPrivate {
                    room: key,
                    channel: id,
                    before,
                },
            }),
        }
    }
}

const TOO_FAR_BACK: &str = "This message lies too far back to be shown here. Export the room under Search to read what was said around it.";
