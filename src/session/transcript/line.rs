//! What stands in a conversation, line by line.

use std::collections::HashSet;
use std::ops::Range;

use crate::crypto::Fingerprint;
use crate::net::{Delivery, HistoryPage, Message, MessageId};

/// One line of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Somebody said something.
    Message(MessageLine),
    /// Somebody joined.
    Joined {
        /// Who.
        fingerprint: Fingerprint,
        /// Its name.
        name: String,
    },
    /// Somebody left.
    Left {
        /// Who.
        fingerprint: Fingerprint,
        /// Its name.
        name: String,
        /// How, in words that follow the name: "left", "lost the connection".
        how: &'static str,
    },
    /// What came while we were away begins here.
    Missed,
    /// A check failed; it stays in sight.
    Alarm {
        /// What was wrong.
        text: String,
    },
    /// Two people here have names that look alike; it stays in sight while both are here.
    Alike {
        /// Who.
        who: [Fingerprint; 2],
        /// The warning.
        text: String,
        /// What it says once one of them has left.
        afterwards: String,
    },
    /// The room began, ended, or was lost.
    Note {
        /// What happened.
        text: String,
    },
}

impl Line {
    /// Whether it stays in sight until it is put away.
    pub(super) fn is_alarm(&self) -> bool {
        matches!(self, Line::Alarm { .. } | Line::Alike { .. })
    }
}

/// A message in the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageLine {
    /// Its id.
    pub id: MessageId,
    /// Who signed it.
    pub author: Fingerprint,
    /// That person's name.
    pub name: String,
    /// The text as it came; show it through [`super::super::clean`].
    pub text: String,
    /// The author's clock, milliseconds since 1970.
    pub time_ms: u64,
    /// Whether it is ours.
    pub own: bool,
    /// How far it came.
    pub state: MessageState,
    /// Ours: to whom it was delivered.
    pub delivery: Option<Delivery>,
}

/// How far a message came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageState {
    /// Ours, on its way to the room's log.
    Waiting,
    /// In the room's log.
    Logged,
    /// Ours, and the host did not take it, or the room ended before.
    Failed {
        /// Why, in words.
        reason: String,
    },
}

/// A part of a kept conversation as lines, without the messages that are here; what can't be read is named in its place.
pub(super) fn lines(page: HistoryPage, known: &HashSet<MessageId>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut lost = page.lost.into_iter().peekable();
    for (message, place) in page.messages {
        lines.extend(
            std::iter::from_fn(|| lost.next_if(|lost| lost.start < place)).map(|lost| lost_line(&lost)),
        );
        if !known.contains(&message.id) {
            lines.push(Line::Message(line(message, MessageState::Logged)));
        }
    }
    lines.extend(lost.map(|lost| lost_line(&lost)));
    lines
}

fn lost_line(lost: &Range<u64>) -> Line {
    let what = match lost.end - lost.start {
        1 => format!("Entry {}", lost.start),
        _ => format!("Entries {} to {}", lost.start, lost.end - 1),
    };
    Line::Note {
        text: format!("{what} can't be read any more: the profile is damaged there."),
    }
}

pub(super) fn line(message: Message, state: MessageState) -> MessageLine {
    let Message {
        room: _,
        id,
        author,
        name,
        text,
        time_ms,
        own,
    } = message;
    MessageLine {
        id,
        author,
        name,
        text,
        time_ms,
        own,
        state,
        delivery: None,
    }
}
