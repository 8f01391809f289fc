//! How a room stands, in an icon and a word or two: on the start screen, in the rail, in its own header.

use super::people;
use crate::session::{ClosedReason, Role, Room, RoomState};
use crate::ui::theme::{Tone, icons};

/// How many unread messages, as a badge writes it.
pub fn grouped_unread(unread: usize) -> String {
    if unread > 99 {
        "99+".to_owned()
    } else {
        unread.to_string()
    }
}

/// How many messages of others were not read yet: those to everybody, and those to the reader alone.
pub fn unread(room: &Room) -> usize {
    let alone = room.private.iter().map(|talk| talk.transcript.unread_messages());
    room.transcript.unread_messages() + alone.sum::<usize>()
}

/// The icon of a room.
pub fn room_icon(room: &Room) -> &'static str {
    match (&room.state, room.role) {
        (RoomState::Closed(ClosedReason::ConnectionLost { .. }), _) => icons::PLUGS,
        (RoomState::JoinFailed(_) | RoomState::HostFailed(_), _) => icons::WARNING_CIRCLE,
        (_, Role::Host) => icons::BROADCAST,
        (_, Role::Guest) => icons::CHAT_CIRCLE,
    }
}

/// How a room stands, in a word or two.
pub fn room_status(room: &Room) -> (String, Tone) {
    let (words, tone) = match &room.state {
        RoomState::Opening => ("opening", Tone::Info),
        RoomState::HostFailed(_) => ("could not open", Tone::Danger),
        RoomState::Joining(_) => ("joining", Tone::Info),
        RoomState::JoinFailed(_) => ("could not join", Tone::Danger),
        RoomState::Lost(_) => ("reconnecting", Tone::Warning),
        RoomState::Open if room.needs_decision() => ("key changed", Tone::Danger),
        RoomState::Open if !room.knocking.is_empty() => {
            return (knocking_words(room.knocking.len()), Tone::Warning);
        }
        RoomState::Open => return (people(room.members.len()), Tone::Accent),
        RoomState::Closed(ClosedReason::ConnectionLost { .. }) => ("connection lost", Tone::Warning),
        RoomState::Closed(ClosedReason::NotAuthentic { .. } | ClosedReason::Broken { .. }) => {
            ("ended by a failure", Tone::Danger)
        }
        RoomState::Closed(ClosedReason::Replaced) => ("joined elsewhere", Tone::Warning),
        // The room may go on without us.
        RoomState::Closed(ClosedReason::Left) if room.role == Role::Guest => ("left", Tone::Neutral),
        RoomState::Closed(_) => ("closed", Tone::Neutral),
    };
    (words.to_owned(), tone)
}

/// "1 asks to be let in", "3 ask to be let in".
fn knocking_words(count: usize) -> String {
    let ask = if count == 1 { "asks" } else { "ask" };
    format!("{count} {ask} to be let in")
}
