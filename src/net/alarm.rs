//! What went wrong, in words for whoever looks: checks that failed, and why a room is over.

use std::fmt;

use super::JoinCause;
use super::limits::{OUTBOX_BYTES, STALL};
use crate::crypto::Fingerprint;
use crate::protocol::{EntryFault, EventFault, HeadFault, LogBreak};

/// Something that the protocol checks was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    /// An entry of the log failed a check; it is not shown as a message.
    Entry {
        /// The name of who is said to have written it, where known.
        author: Option<String>,
        /// Which check.
        fault: EntryFault,
    },
    /// The host left out entries. What follows is shown.
    LeftOut {
        /// The number that should come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// The host's signature over its order is wrong or of another order.
    Head(HeadFault),
    /// The host's log does not go on from the one that we had when we were away.
    Broken {
        /// How.
        what: LogBreak,
        /// The name of the member whom it concerns, if one.
        author: Option<String>,
    },
    /// What is kept of the room on this disk is not as it was left.
    Kept {
        /// How.
        reason: String,
    },
    /// A room of ours of which nothing is on the disk was not closed: nobody knows how its log went on.
    NotClosed,
    /// Who answers as this room's host has another key.
    OtherHost {
        /// The host's key as it was.
        expected: Fingerprint,
        /// The key now.
        found: Fingerprint,
    },
    /// The host said that it did not take a message of ours, and put it into the log all the same.
    DeclinedYetLogged,
    /// On the host: a guest handed in events that failed a check. The first one is told at once, further ones together.
    Submission {
        /// The guest's name.
        name: String,
        /// So many.
        count: u32,
        /// Which check, for the last of them.
        fault: EventFault,
    },
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Alarm::Entry {
                author: Some(name),
                fault,
            } => {
                write!(f, "A message said to be from {name} is not shown: {fault}.")
            }
            Alarm::Entry { author: None, fault } => {
                write!(f, "A message of the host's log is not shown: {fault}.")
            }
            Alarm::LeftOut { expected, found } => write!(
                f,
                "The host left out a part of the room: entry {found} came where {expected} should come. What follows is shown; whoever was left out is named at its next message."
            ),
            Alarm::Head(fault) => write!(f, "The room's order can't be trusted: {fault}."),
            Alarm::Broken {
                what,
                author: Some(name),
            } => write!(f, "The room's log was changed while you were away ({name}): {what}."),
            Alarm::Broken { what, author: None } => {
                write!(f, "The room's log was changed while you were away: {what}.")
            }
            Alarm::Kept { reason } => write!(
                f,
                "What this computer keeps of the room is not as it was left: {reason}. Either the disk is damaged, or somebody changed the profile's files."
            ),
            Alarm::NotClosed => f.write_str(
                "Cipher Room ended last time without closing this room, and nothing of what was said is on the disk. So members who come back may be warned that this is not the log that they know. A new room is safer.",
            ),
            Alarm::OtherHost { expected, found } => write!(
                f,
                "Another key answers as this room's host: {found}. It was {expected}. Nothing was sent. Either the host has a new key, or somebody is in between; ask the host over another way."
            ),
            Alarm::DeclinedYetLogged => f.write_str(
                "The host said that it did not take a message of yours, and put it into the room all the same.",
            ),
            Alarm::Submission { name, count: 1, fault } => {
                write!(f, "A message of {name} was not let into the room: {fault}.")
            }
            Alarm::Submission { name, count, fault } => write!(
                f,
                "{count} more messages of {name} were not let into the room; the last one: {fault}."
            ),
        }
    }
}

/// Why a room is over for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClosedReason {
    /// We left, or closed it.
    Left,
    /// The host said goodbye.
    HostClosed,
    /// The host let us go: we did not read what it sent, or far too slowly. We come back by ourselves.
    TooSlow,
    /// Our own identity joined from somewhere else, in place of this connection. We do not come back by ourselves: that
    /// would throw the other one out in turn.
    Replaced,
    /// The connection was cut without a goodbye.
    ConnectionLost {
        /// What the system said, if anything.
        reason: Option<String>,
    },
    /// The host's bytes failed a check.
    NotAuthentic {
        /// Which.
        reason: String,
    },
    /// The host sent us away.
    Removed {
        /// Whether it banned our key.
        banned: bool,
    },
    /// The host does not let us in again.
    Refused(JoinCause),
    /// Something of ours broke.
    Broken {
        /// What.
        reason: String,
    },
}

impl fmt::Display for ClosedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClosedReason::Left => f.write_str("you left"),
            ClosedReason::HostClosed => f.write_str("the host said goodbye"),
            ClosedReason::TooSlow => write!(
                f,
                "the host let you go because your machine or line could not keep up with the room: {} MiB waited for you (less where much waits for others too), or nothing was taken for {} seconds",
                OUTBOX_BYTES >> 20,
                STALL.as_secs()
            ),
            ClosedReason::Replaced => {
                f.write_str(
                    "this identity joined from somewhere else, so this connection was ended; join again here to go on here",
                )
            }
            ClosedReason::ConnectionLost { reason: None } => f.write_str("the connection was lost"),
            ClosedReason::ConnectionLost { reason: Some(reason) } => {
                write!(f, "the connection was lost ({reason})")
            }
            ClosedReason::NotAuthentic { reason } => {
                write!(f, "the connection was ended because a check failed: {reason}")
            }
            ClosedReason::Removed { banned: false } => {
                f.write_str("the host removed you from the room; with an invitation you can come again")
            }
            ClosedReason::Removed { banned: true } => {
                f.write_str("the host banned you: your key is refused in this room from now on")
            }
            ClosedReason::Refused(cause) => {
                let text = cause.to_string();
                write!(f, "the way back is closed. {}", text.trim_end_matches('.'))
            }
            ClosedReason::Broken { reason } => write!(f, "a part of the program failed: {reason}"),
        }
    }
}
