//! The way into a room, step by step, and where it ended when it failed. Opening a room, too.

use egui::Ui;

use super::{Page, Screen, Stage, column_ui, title_ui};
use crate::session::wire::rungs_of_a_handshake;
use crate::session::{
    HostFailure, JoinCause, JoinFailure, JoinStep, JoinTarget, Refusal, Room, RoomKey, RoomState, clean,
};
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Banner, Button, Card, Step, StepState, fingerprint_ui, steps_ui};

/// Draws the way into a room of somebody else, or why it could not be joined. Gives the target when
/// the user wants to change it. When joining `just_failed`, trying again gets the keyboard.
pub fn joining_ui(ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey, just_failed: bool) -> Option<JoinTarget> {
    let room = stage.session.room(key)?;
    let title = clean::reveal_line(&room.title).into_owned();
    let (done, failure) = match &room.state {
        RoomState::Joining(progress) => (progress.done, None),
        RoomState::JoinFailed(failure) => (before(failure.step), Some(failure.clone())),
        _ => return None,
    };
    let target = room.target.clone();
    let paused = room.waits_before();
    let asking = room.asking;
    let mut change = None;
    let page = Page {
        name: "joining",
        width: 520.0,
        entered: stage.entered,
    };
    column_ui(ui, &page, |ui| {
        match &failure {
            None => title_ui(
                ui,
                &format!("Joining {title}"),
                "Each step is shown when it is done.",
            ),
            Some(failure) if failure.cause == JoinCause::Cancelled => {
                title_ui(ui, "You cancelled", &format!("{title} was not joined."));
            }
            Some(_) => title_ui(
                ui,
                &format!("{title} could not be joined"),
                "Nothing that you write was sent anywhere.",
            ),
        }
        if let (Some(before), None) = (paused, &failure) {
            if paused_ui(ui, before) {
                stage.wish(UiCommand::NextHandshakeStep { room: key });
            }
            ui.add_space(8.0);
        }
        Card::new().full_width().padding(20).show(ui, |ui| {
            way_ui(ui, done, failure.as_ref(), target.as_ref());
        });
        if asking && failure.is_none() {
            ui.add_space(8.0);
            let _ = Banner::new(Tone::Info, ASKED)
                .title(ASKED_TITLE)
                .icon(icons::DOOR_OPEN)
                .show(ui);
        }
        ui.add_space(8.0);
        let failed = failure.as_ref().map(|_| just_failed || stage.entered);
        change = buttons_ui(ui, stage, key, failed, target.as_ref());
        if let Some(failure) = &failure {
            ui.add_space(12.0);
            keys_ui(ui, &failure.cause);
        }
    });
    change
}

/// What is waited for at a door where the host decides.
pub(super) const ASKED_TITLE: &str = "The host was asked";
/// What that means.
pub(super) const ASKED: &str =
    "Your key is proven, and the host sees your name. You are let in when the host says so.";

/// A handshake in slow motion waits: what comes next, and a button. Gives whether to go on.
pub(super) fn paused_ui(ui: &mut Ui, before: u8) -> bool {
    let Some(rung) = rungs_of_a_handshake().get(usize::from(before).saturating_sub(1)) else {
        return false;
    };
    let title = format!("{} is next", rung.name);
    Banner::new(Tone::Info, rung.words)
        .title(&title)
        .action("Go on")
        .show(ui)
        .action
}

fn way_ui(ui: &mut Ui, done: Option<JoinStep>, failure: Option<&JoinFailure>, target: Option<&JoinTarget>) {
    let pinned = matches!(target, Some(JoinTarget::Invite(_)));
    let cause = failure.map(|failure| cause_words(&failure.cause, target));
    let mut running = failure.is_none();
    let steps: Vec<Step<'_>> = JoinStep::ALL
        .into_iter()
        .map(|step| {
            let (title, title_done, meaning) = words(step, pinned);
            if done >= Some(step) {
                return Step {
                    state: StepState::Done,
                    title: title_done,
                    detail: meaning,
                };
            }
            let failed = failure.is_some_and(|failure| failure.step == step);
            let state = match (failed, std::mem::take(&mut running)) {
                (true, _) => StepState::Failed,
                (false, true) => StepState::Running,
                _ => StepState::Pending,
            };
            let detail = cause.as_deref().filter(|_| failed).unwrap_or("");
            Step { state, title, detail }
        })
        .collect();
    steps_ui(ui, &steps);
}

/// `failed` says that joining failed, and whether this is news.
fn buttons_ui(
    ui: &mut Ui,
    stage: &mut Stage<'_>,
    room: RoomKey,
    failed: Option<bool>,
    target: Option<&JoinTarget>,
) -> Option<JoinTarget> {
    let mut change = None;
    ui.horizontal(|ui| {
        let Some(news) = failed else {
            let cancel = ui.add(Button::secondary("Cancel"));
            // It does not take the keyboard: Enter pressed twice in the form would cancel.
            if cancel.clicked() {
                change = target.cloned();
                stage.wish(UiCommand::Leave { room });
                stage.wish(UiCommand::Forget { room });
                stage.go = Some(Screen::Join);
            }
            return;
        };
        let again = ui.add(Button::primary("Try again").icon(icons::ARROWS_CLOCKWISE));
        if news {
            again.request_focus();
        }
        if again.clicked() {
            stage.wish(UiCommand::Reconnect { room });
        }
        if ui.add(Button::secondary("Change")).clicked() {
            change = target.cloned();
            stage.wish(UiCommand::Forget { room });
            stage.go = Some(Screen::Join);
        }
        if ui.add(Button::ghost("Close")).clicked() {
            stage.wish(UiCommand::Forget { room });
            stage.go = Some(Screen::Home);
        }
    });
    change
}

/// Two keys side by side, where the wrong one answered.
fn keys_ui(ui: &mut Ui, cause: &JoinCause) {
    let JoinCause::WrongHost { expected, found } = cause else {
        return;
    };
    Card::new()
        .title("Two different keys")
        .icon(icons::SHIELD_WARNING)
        .tone(Tone::Danger)
        .full_width()
        .show(ui, |ui| {
            ui.label(text::small(ui, "The invitation names"));
            ui.push_id("expected", |ui| fingerprint_ui(ui, &expected.to_string()));
            ui.label(text::small(ui, "At the address answered"));
            ui.push_id("found", |ui| fingerprint_ui(ui, &found.to_string()));
        });
}

/// The cause in words; the two keys of a wrong host stand below, in blocks that can be compared.
pub(super) fn cause_words(cause: &JoinCause, target: Option<&JoinTarget>) -> String {
    match cause {
        JoinCause::Refused(Refusal::NotInvited) if matches!(target, Some(JoinTarget::Address(_))) => {
            "This room takes only people with an invitation. Ask the host for one.".to_owned()
        }
        JoinCause::WrongHost { .. } => "Another key answers there than the one that the invitation names. Somebody may be in between: ask the host for a new invitation in another way.".to_owned(),
        _ => clean::reveal(&cause.to_string()).into_owned(),
    }
}

/// A step's name before and after it is done, and what it means then.
fn words(step: JoinStep, pinned: bool) -> (&'static str, &'static str, &'static str) {
    match step {
        JoinStep::Reached => ("Reach the host", "Reached", "The host's computer answered."),
        JoinStep::KeysAgreed => (
            "Agree on keys",
            "Keys agreed",
            "A fresh secret that only you two know.",
        ),
        JoinStep::IdentityProven if pinned => (
            "Prove the identity",
            "Identity proven",
            "The host holds the key that the invitation names.",
        ),
        JoinStep::IdentityProven => (
            "Prove the identity",
            "Identity proven",
            "The host holds the key that it shows.",
        ),
        JoinStep::Admitted => ("Be admitted", "Admitted", "You are in."),
    }
}

/// The step before this one.
fn before(step: JoinStep) -> Option<JoinStep> {
    JoinStep::ALL.into_iter().rfind(|earlier| *earlier < step)
}

/// Draws a room of ours that is being opened, or why it could not be.
pub fn opening_ui(ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey) {
    let Some(room) = stage.session.room(key) else {
        return;
    };
    let title = clean::reveal_line(&room.title).into_owned();
    let failure = host_failure(room).cloned();
    let page = Page {
        name: "joining",
        width: 520.0,
        entered: stage.entered,
    };
    column_ui(ui, &page, |ui| {
        let Some(failure) = failure else {
            title_ui(ui, &format!("Opening {title}"), "This takes a moment.");
            return;
        };
        title_ui(ui, &format!("{title} could not be opened"), "");
        let _ = Banner::new(Tone::Danger, &clean::reveal(&failure.to_string())).show(ui);
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            let change = ui.add(Button::primary("Change and try again"));
            if stage.entered {
                change.request_focus();
            }
            if change.clicked() {
                stage.wish(UiCommand::Forget { room: key });
                stage.go = Some(Screen::Host);
            }
            if ui.add(Button::ghost("Close")).clicked() {
                stage.wish(UiCommand::Forget { room: key });
                stage.go = Some(Screen::Home);
            }
        });
    });
}

fn host_failure(room: &Room) -> Option<&HostFailure> {
    match &room.state {
        RoomState::HostFailed(failure) => Some(failure),
        _ => None,
    }
}
