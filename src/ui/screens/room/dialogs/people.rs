//! The dialogs about one person: its card, comparing what shows its key, a key that changed, sending it away.

use egui::Ui;

use super::Dialog;
use crate::session::{self, Fingerprint, HostAct, Room, RoomKey, Trust, VerifiedBy, clean};
use crate::ui::command::UiCommand;
use crate::ui::screens::Stage;
use crate::ui::screens::room::members::MemberWish;
use crate::ui::screens::room::verify::{Compared, Decision, changed_key_ui, compare_ui};
use crate::ui::screens::room::{RoomScreen, members};
use crate::ui::screens::safety::{NumberCompared, differed_ui, safety_number_ui};
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Button, deciding_modal_ui, modal_ui};

impl RoomScreen {
    pub(super) fn changed_key_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>, key: RoomKey) {
        let Some(room) = stage.session.room_mut(key) else {
            return;
        };
        let title = clean::reveal_line(&room.title).into_owned();
        let Some(member) = room.undecided().cloned() else {
            return;
        };
        self.alarm_passes = self.alarm_passes.saturating_add(1);
        let opening = self.alarm_passes <= OPENING_PASSES;
        match changed_key_ui(ui, &member, &title, opening) {
            Some(Decision::Leave) => self.leave_for_good(stage, key),
            Some(Decision::GoOn) => {
                room.accept_change(&member.fingerprint);
                // Another alarm may follow; it appears anew.
                self.alarm_passes = 0;
                self.wants_composer = true;
                if matches!(member.base, Trust::Changed { .. }) {
                    stage.wish(UiCommand::AcceptChangedHost { room: key });
                } else {
                    stage.decide(member.fingerprint, session::Decision::AcceptChange);
                }
            }
            None => {}
        }
    }

    pub(super) fn member_ui(
        &mut self,
        ui: &Ui,
        stage: &mut Stage<'_>,
        key: RoomKey,
        who: Fingerprint,
    ) -> bool {
        let Some((room, member)) = stage
            .session
            .room(key)
            .and_then(|room| Some((room, room.member(&who)?)))
        else {
            return true;
        };
        let outcome = modal_ui(ui.ctx(), "Who this is", 460.0, |ui| {
            members::details_ui(ui, room, member)
        });
        match outcome.inner {
            Some(MemberWish::Compare) => self.dialog = Some(Dialog::Compare { who, differ: false }),
            Some(MemberWish::Private) => {
                self.talk_privately(who);
                self.over_members = false;
                return true;
            }
            // What can't be taken back with the same button is asked about first.
            Some(MemberWish::Act(HostAct::Remove(who))) => {
                self.dialog = Some(Dialog::SendAway { who, ban: false });
            }
            Some(MemberWish::Act(HostAct::Ban(who))) => {
                self.dialog = Some(Dialog::SendAway { who, ban: true });
            }
            Some(MemberWish::Act(act)) => self.act = Some(act),
            Some(MemberWish::SafetyNumber) => {
                self.dialog = Some(Dialog::SafetyNumber { who, differ: false });
            }
            Some(MemberWish::Withdraw) => stage.decide(who, session::Decision::Withdraw),
            Some(MemberWish::Block(true)) => stage.decide(who, session::Decision::Block),
            Some(MemberWish::Block(false)) => stage.decide(who, session::Decision::Unblock),
            None => {}
        }
        outcome.close
    }

    pub(super) fn safety_ui(
        &mut self,
        ui: &Ui,
        stage: &mut Stage<'_>,
        key: RoomKey,
        who: Fingerprint,
        differ: bool,
    ) -> bool {
        let member = stage.session.room(key).and_then(|room| room.member(&who));
        let name = member.map(|member| clean::reveal_line(&member.name).into_owned());
        let (Some(own), Some(name)) = (stage.session.fingerprint(), name) else {
            return true;
        };
        let title = format!("Safety number with {name}");
        if differ {
            let outcome = deciding_modal_ui(ui.ctx(), &title, 480.0, |ui| differed_ui(ui, &name));
            if outcome.inner {
                self.dialog = Some(Dialog::SafetyNumber { who, differ: false });
            }
            return outcome.close;
        }
        let outcome = deciding_modal_ui(ui.ctx(), &title, 480.0, |ui| {
            safety_number_ui(ui, &own, &who, &name)
        });
        match outcome.inner {
            Some(NumberCompared::Match) => {
                if let Some(room) = stage.session.room_mut(key) {
                    room.mark_verified(&who);
                }
                stage.decide(who, session::Decision::Verify(VerifiedBy::SafetyNumber));
                stage.toasts.push(Tone::Success, format!("{name} is verified."));
                true
            }
            Some(NumberCompared::Differ) => {
                if stage.session.number_differed(&who) {
                    stage.decide(who, session::Decision::Withdraw);
                }
                self.dialog = Some(Dialog::SafetyNumber { who, differ: true });
                false
            }
            None => outcome.close,
        }
    }

    pub(super) fn send_away_ui(&mut self, ui: &Ui, room: &Room, who: Fingerprint, ban: bool) -> bool {
        // Somebody who left meanwhile can still be banned, and needs no sending away.
        if room.member(&who).is_none() && !ban {
            return true;
        }
        let name = clean::reveal_line(room.name_of(&who)).into_owned();
        let (title, sentence, act) = match ban {
            false => (
                format!("Remove {name}?"),
                "This person is sent away now, and can come again with an invitation.",
                HostAct::Remove(who),
            ),
            true => (
                format!("Ban {name}?"),
                "This person is sent away now, and its key is refused from then on. You can lift that under Rules.",
                HostAct::Ban(who),
            ),
        };
        let outcome = deciding_modal_ui(ui.ctx(), &title, 420.0, |ui| {
            ui.spacing_mut().item_spacing.y = 14.0;
            ui.add(egui::Label::new(text::body(ui, sentence)).wrap());
            ui.horizontal(|ui| {
                let keep = ui.add(Button::secondary("Cancel")).clicked();
                let send = Button::danger(if ban { "Ban" } else { "Remove" }).icon(icons::SIGN_OUT);
                (keep, ui.add(send).clicked())
            })
            .inner
        });
        let (keep, send) = outcome.inner;
        if send {
            self.act = Some(act);
        }
        keep || send || outcome.close
    }

    pub(super) fn compare_ui(
        &mut self,
        ui: &Ui,
        stage: &mut Stage<'_>,
        key: RoomKey,
        who: Fingerprint,
        differ: bool,
    ) -> bool {
        let Some(room) = stage.session.room_mut(key) else {
            return true;
        };
        let Some(member) = room.member(&who).cloned() else {
            return true;
        };
        if member.sas.is_none() {
            return true;
        }
        let name = clean::reveal_line(&member.name).into_owned();
        let title = format!("Compare with {name}");
        let outcome = deciding_modal_ui(ui.ctx(), &title, 500.0, |ui| {
            compare_ui(ui, &member, room.role, differ)
        });
        match outcome.inner {
            Some(Compared::Match) => {
                emoji_matched(stage, key, who);
                true
            }
            Some(Compared::Differ) => {
                room.mark_differed(&who, VerifiedBy::Emoji);
                self.dialog = Some(Dialog::Compare { who, differ: true });
                false
            }
            Some(Compared::Leave) => {
                self.dialog = None;
                self.leave_for_good(stage, key);
                false
            }
            Some(Compared::Back) => {
                self.dialog = Some(Dialog::Compare { who, differ: false });
                false
            }
            None => outcome.close,
        }
    }
}

/// The seven emoji matched, of the room's own channel or of a private one: in both, the two ends proved their keys. That
/// is shown at once and kept.
pub(in crate::ui::screens::room) fn emoji_matched(stage: &mut Stage<'_>, key: RoomKey, who: Fingerprint) {
    let Some(room) = stage.session.room_mut(key) else {
        return;
    };
    room.mark_verified(&who);
    let name = clean::reveal_line(room.name_of(&who)).into_owned();
    stage.decide(who, session::Decision::Verify(VerifiedBy::Emoji));
    stage.toasts.push(Tone::Success, format!("{name} is verified."));
    stage.wish(UiCommand::MarkVerified {
        room: key,
        fingerprint: who,
    });
}

/// egui measures a dialog before it can take the keyboard.
const OPENING_PASSES: u32 = 4;
