//! Banners of a room: who asks, whom to doubt, who wrote privately, and why one can't talk just now.

use egui::{Frame, Margin, Ui};

use super::dialogs::Dialog;
use super::{RoomScreen, door, shortened};
use crate::session::{
    ClosedReason, LostRoom, Member, NotKept, Role, Room, RoomKey, RoomState, Trust, VerifiedBy, clean,
};
use crate::ui::command::UiCommand;
use crate::ui::screens::Stage;
use crate::ui::screens::joining::{ASKED, ASKED_TITLE, cause_words};
use crate::ui::theme::{Tone, icons};
use crate::ui::widgets::{Banner, BannerResponse};

impl RoomScreen {
    /// Banners below the header that need an answer.
    pub(super) fn notices_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, key: RoomKey) {
        if let Some(not_kept) = stage.session.room(key).and_then(|room| room.not_kept.as_ref()) {
            strip_ui(ui, |ui| not_kept_ui(ui, not_kept));
        }
        let Some(room) = stage.session.room(key).filter(|room| room.is_open()) else {
            return;
        };
        if !room.knocking.is_empty() {
            let act = strip_ui(ui, |ui| door::knocking_ui(ui, room));
            if let Some(act) = act {
                stage.wish(UiCommand::Govern { room: key, act });
            }
            return;
        }
        self.private_news_ui(ui, room);
        if let Some(doubted) = room.doubted().filter(|_| !room.needs_decision()) {
            let (who, by_number) = (doubted.fingerprint, doubted.sas.is_none());
            if doubt_ui(ui, room.role, doubted) {
                self.dialog = Some(match by_number {
                    true => Dialog::SafetyNumber { who, differ: false },
                    false => Dialog::Compare { who, differ: false },
                });
            }
            return;
        }
        let Some(host) = &room.host else {
            return;
        };
        if host.trust != Trust::FirstUse || self.first_use_dismissed {
            return;
        }
        let sentence = "You reached this host by its address, so its key was taken on trust. Compare seven emoji with the host to be sure that nobody sits in between.";
        let answer = strip_ui(ui, |ui| {
            Banner::new(Tone::Warning, sentence)
                .title("First meeting")
                .icon(icons::SHIELD_WARNING)
                .action("Compare")
                .closable()
                .show(ui)
        });
        if answer.action {
            self.dialog = Some(Dialog::Compare {
                who: host.fingerprint,
                differ: false,
            });
        }
        self.first_use_dismissed |= answer.closed;
    }

    /// Says who wrote privately meanwhile.
    fn private_news_ui(&mut self, ui: &mut Ui, room: &Room) {
        let news = room
            .private
            .iter()
            .find(|talk| talk.transcript.unread_messages() > 0);
        let Some(talk) = news else {
            return;
        };
        let name = shortened(&clean::reveal_line(&talk.name));
        let sentence = match talk.transcript.unread_messages() {
            1 => format!("{name} wrote to you alone."),
            count => format!("{name} wrote to you alone: {count} messages."),
        };
        let banner = Banner::new(Tone::Info, &sentence)
            .title("Private message")
            .icon(icons::CHATS)
            .action("Read");
        if strip_ui(ui, |ui| banner.show(ui)).action {
            self.talk_privately(talk.with);
        }
    }
}

/// Says, for as long as it is so, that somebody may not be who it says. Returns whether to compare.
fn doubt_ui(ui: &mut Ui, role: Role, doubted: &Member) -> bool {
    let name = shortened(&clean::reveal_line(&doubted.name));
    let (title, sentence, action) = match (doubted.trust, role) {
        (Trust::Differed(VerifiedBy::SafetyNumber | VerifiedBy::Card), _) => (
            "The safety number differed",
            format!("Somebody may pose as {name}, or sit between you. Write nothing secret here, and ask {name} in another way."),
            "Compare again",
        ),
        (Trust::Differed(_), Role::Guest) => (
            "The emoji differed",
            "Somebody may sit between you and the host and read along. Write nothing secret here, and ask for an invitation in another way.".to_owned(),
            "Compare again",
        ),
        (Trust::Differed(_), Role::Host) => (
            "The emoji differed",
            format!("Somebody may sit between you and {name}, or pose as {name}. Write nothing secret here while this person is in the room."),
            "Compare again",
        ),
        _ => (
            "The host's key had changed",
            "You went on in spite of it. Somebody may sit between you and the host; compare seven emoji with the host to be sure.".to_owned(),
            "Compare",
        ),
    };
    let banner = Banner::new(Tone::Danger, &sentence)
        .title(title)
        .icon(icons::SHIELD_WARNING)
        .action(action);
    strip_ui(ui, |ui| banner.show(ui)).action
}

/// Says why one cannot talk, and offers a way out. Of a room that was left, who `came` to it just now has the keyboard on
/// the way back.
pub(super) fn state_ui(ui: &mut Ui, room: &Room, came: bool) -> Option<UiCommand> {
    let key = room.key;
    let again = UiCommand::Reconnect { room: key };
    let (tone, icon, title, text, action, wish) = match &room.state {
        RoomState::Open | RoomState::Opening | RoomState::HostFailed(_) => return None,
        RoomState::Joining(_) if room.asking => (
            Tone::Info,
            icons::DOOR_OPEN,
            ASKED_TITLE,
            format!("{ASKED} What was said stays here."),
            "Cancel",
            UiCommand::Leave { room: key },
        ),
        RoomState::Joining(_) => (
            Tone::Info,
            icons::PLUGS,
            "Reconnecting…",
            "What was said stays here.".to_owned(),
            "Cancel",
            UiCommand::Leave { room: key },
        ),
        RoomState::Lost(lost) => (
            Tone::Warning,
            icons::PLUGS,
            match lost.tries {
                0 => "Connection lost",
                _ => "The host is not reached",
            },
            lost_words(lost),
            "Try now",
            UiCommand::TryNow { room: key },
        ),
        RoomState::JoinFailed(failure) => (
            Tone::Warning,
            icons::PLUGS,
            "Could not reconnect",
            cause_words(&failure.cause, room.target.as_ref()),
            "Try again",
            again,
        ),
        RoomState::Closed(reason) if room.role == Role::Host => (
            Tone::Neutral,
            icons::POWER,
            "This room is closed",
            format!("{} {}", ended(reason), room.afterwards()),
            "Remove",
            UiCommand::Forget { room: key },
        ),
        RoomState::Closed(reason @ ClosedReason::ConnectionLost { .. }) => (
            Tone::Warning,
            icons::PLUGS,
            "Connection lost",
            format!(
                "{} What was said, and what you were writing, stays here.",
                ended(reason)
            ),
            "Reconnect",
            again,
        ),
        RoomState::Closed(reason @ ClosedReason::NotAuthentic { .. }) => (
            Tone::Danger,
            icons::SHIELD_WARNING,
            "The connection was not safe any more",
            ended(reason),
            "Join again",
            again,
        ),
        RoomState::Closed(reason) => (
            Tone::Neutral,
            icons::SIGN_OUT,
            "You are not in this room any more",
            format!("{} {}", ended(reason), room.afterwards()),
            "Join again",
            again,
        ),
    };
    let answer: BannerResponse = Banner::new(tone, &text)
        .title(title)
        .icon(icon)
        .action(action)
        .takes_keyboard(came && was_left(room))
        .show(ui);
    answer.action.then_some(wish)
}

/// Whether a room was left in peace and nothing is to be written there. To join again where a connection was not safe is
/// not what Enter is to do by itself.
fn was_left(room: &Room) -> bool {
    let RoomState::Closed(reason) = &room.state else {
        return false;
    };
    let in_peace = !matches!(
        reason,
        ClosedReason::ConnectionLost { .. } | ClosedReason::NotAuthentic { .. }
    );
    in_peace && room.role == Role::Guest && room.draft.is_empty()
}

/// Says why one can't write.
pub(super) fn silenced_ui(ui: &mut Ui, room: &Room) {
    let (title, sentence) = if room.rules.read_only {
        (
            "Read only",
            "Only the host can write in this room now. You can still write privately to a member.",
        )
    } else {
        (
            "You are muted",
            "The host has muted you: you can read, and write privately to a member.",
        )
    };
    let _ = Banner::new(Tone::Neutral, sentence)
        .title(title)
        .icon(icons::BELL_SLASH)
        .show(ui);
}

/// Why the room is not there now, and when it is tried next.
fn lost_words(lost: &LostRoom) -> String {
    let when = match (lost.tries, lost.next_secs) {
        (0, _) => "It is tried again at once.".to_owned(),
        (1, secs) => format!("Tried once; again in {secs} s."),
        (tries, secs) => format!("Tried {tries} times; again in {secs} s."),
    };
    let why = match &lost.reason {
        ClosedReason::ConnectionLost { reason: Some(reason) } if lost.tries > 0 => as_sentence(reason),
        reason => ended(reason),
    };
    format!("{why} {when} What you write waits and is sent then.")
}

/// Why a room ended, as a sentence.
fn ended(reason: &ClosedReason) -> String {
    as_sentence(&reason.to_string())
}

fn as_sentence(reason: &str) -> String {
    let text = clean::reveal_line(reason);
    let mut chars = text.trim_end_matches('.').chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", chars.as_str())
}

/// Stays for as long as what is said is in memory only.
fn not_kept_ui(ui: &mut Ui, not_kept: &NotKept) {
    let mut rest = not_kept.reason.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
    let then = match not_kept.is_kept_later {
        true => {
            "What is said here is kept as soon as that works again; until then it is lost when Cipher Room is closed."
        }
        false => "Nothing more of this room is kept: what is said here is lost when Cipher Room is closed.",
    };
    let sentence = format!("{first}{}. {then}", rest.as_str());
    let _ = Banner::new(Tone::Danger, &clean::reveal(&sentence))
        .title("Not kept on this computer")
        .icon(icons::SHIELD_WARNING)
        .show(ui);
}

pub(super) fn strip_ui<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    Frame::new()
        .inner_margin(Margin {
            left: 16,
            right: 16,
            top: 10,
            bottom: 2,
        })
        .show(ui, content)
        .inner
}
