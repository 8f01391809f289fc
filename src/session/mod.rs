//! What the application knows: built from events alone, read by the screens and the terminal.
//!
//! Knows no sockets, threads, files or widgets. [`Session::apply`] takes every
//! [`Event`](crate::net::Event) in order; nothing else changes what is known, but for the few marks
//! of the reader itself (what was read, which alarms were put away).

mod again;
mod apply;
mod begin;
pub mod clean;
mod contacts;
pub mod departure;
mod known;
pub mod missed;
mod namesakes;
mod notices;
mod private;
mod room;
mod transcript;
mod trust;

use std::collections::HashMap;

pub use known::Known;
pub use notices::{Level, Notice};
pub use private::{Lock, PrivateTalk};
pub use room::{HostSeen, JoinProgress, LostRoom, Member, NotKept, OneInvite, Role, Room, RoomState};
pub use transcript::{Line, MessageLine, MessageState, Transcript};
pub use trust::Trust;

// The value types that screens need, so that they name this layer only.
pub use crate::crypto::{Fingerprint, Passphrase, SafetyNumber, Sas, Strength};
/// The wire view's types: a recording of one's own connection, taken apart.
pub mod wire {
    pub use crate::inspect::{
        Beginning, Broken, Connection, Fate, Field, Inside, Inspection, Ladder, MAX_KEPT_BYTES,
        MAX_KEPT_FRAMES, Piece, Recompute, Rung, TimeMachine, Tool, Wire, WireFrame, rungs_of_a_handshake,
    };
}

pub use crate::net::{
    Admission, ClosedReason, Delivery, DoorSeen, FoundMessage, HostAct, HostFailure, JoinCause, JoinFailure,
    JoinStep, KeptSeen, Look, MessageId, PastRoom, PrivateEnd, PrivateEvent, RoomKey, RoomOpened, Rules,
};
pub use crate::protocol::handshake::Refusal;
pub use crate::protocol::limits::{DEFAULT_PORT, MAX_MESSAGE_BYTES, MAX_NAME_BYTES, MAX_ROOM_NAME_BYTES};
pub use crate::protocol::{ContactCard, Endpoint, Invite, InviteError, JoinTarget};
pub use crate::store::{Contact, Decision, HostTrust, Settings, ThemeChoice, TrustMark, VerifiedBy};
pub use crate::store::{Export, ExportFormat, Retention};

/// Everything that is known.
#[derive(Debug)]
pub struct Session {
    /// Who we are.
    pub me: Me,
    /// The settings as they are kept.
    pub settings: Settings,
    /// The rooms, in the order in which they were begun.
    pub rooms: Vec<Room>,
    /// The rooms that are kept, the one used last first.
    pub past: Vec<PastRoom>,
    /// How many kept rooms can't be read any more.
    pub unreadable_rooms: usize,
    /// What was done to a damaged profile when it was opened, until the user put that away.
    pub mended: Option<String>,
    /// What is to be shown once, oldest first; the screen takes them out.
    pub notices: Vec<Notice>,
    /// What was to be shown when the profile was locked: shown when it is open again.
    unread: Vec<Notice>,
    /// Everybody met.
    pub contacts: Known,
    /// What is kept of rooms, as it was listed last.
    pub kept: Vec<KeptSeen>,
    /// What another retention of a room would delete, once it is counted and until it is answered.
    pub weighed: Option<Weighed>,
    /// The newest search in them.
    pub search: Search,
    /// Whether the profile has a passphrase.
    pub has_passphrase: bool,
    /// How changing the passphrase goes, while the dialog about it is open.
    pub passphrase_work: Work,
    /// How what was asked for in the dialog about files goes, while that is open.
    pub file_work: Work,
    /// How writing a room into a file goes, while the dialog about that is open.
    pub export_work: Work,
    /// What was being written in rooms that are to be opened again, by their ids.
    drafts: HashMap<[u8; 32], again::Drafts>,
    next_key: u64,
}

/// How something goes that was asked for in a dialog: with the passphrase, or with a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Work {
    /// Nothing was asked for.
    #[default]
    Idle,
    /// It is being done.
    Working,
    /// It is being done, and its dialog was closed.
    Unwatched,
    /// It is done.
    Done,
    /// It could not be done, and nothing was changed.
    Failed {
        /// Why, and what to do.
        reason: String,
    },
}

impl Work {
    /// Whether it is being done.
    pub fn is_under_way(&self) -> bool {
        matches!(self, Work::Working | Work::Unwatched)
    }

    /// Its dialog is closed: what comes of it now is told as a notice.
    pub fn close(&mut self) {
        *self = match self.is_under_way() {
            true => Work::Unwatched,
            false => Work::Idle,
        };
    }

    /// It ended like this. Gives whether a dialog says so.
    fn end(&mut self, outcome: Work) -> bool {
        let is_watched = *self == Work::Working;
        *self = if is_watched { outcome } else { Work::Idle };
        is_watched
    }
}

/// Who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Me {
    /// The profile is being opened.
    Opening,
    /// The profile is locked: ask for its passphrase.
    Locked {
        /// Why the last passphrase did not open it, and what to do.
        reason: Option<String>,
        /// Seconds since 1970 before which no passphrase is tried.
        until_unix: u64,
    },
    /// The passphrase is being tried.
    Unlocking,
    /// There is no identity yet: ask for a name.
    New,
    /// The identity is being made.
    Making,
    /// The identity is ready.
    Ready {
        /// Its fingerprint.
        fingerprint: Fingerprint,
    },
    /// The profile is locked as soon as something is written. Nothing of it is shown any more.
    Locking {
        /// Our fingerprint.
        fingerprint: Fingerprint,
    },
    /// The profile can't be used.
    Failed {
        /// Why, and what to do.
        reason: String,
        /// Whether its own files are damaged and can be put aside.
        is_damaged: bool,
    },
}

impl Default for Session {
    fn default() -> Session {
        Session {
            me: Me::Opening,
            settings: Settings::default(),
            rooms: Vec::new(),
            past: Vec::new(),
            unreadable_rooms: 0,
            mended: None,
            notices: Vec::new(),
            unread: Vec::new(),
            contacts: Known::default(),
            kept: Vec::new(),
            weighed: None,
            search: Search::default(),
            has_passphrase: false,
            passphrase_work: Work::default(),
            file_work: Work::default(),
            export_work: Work::default(),
            drafts: HashMap::new(),
            next_key: 1,
        }
    }
}

/// What another retention of a room would delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weighed {
    /// The room's id.
    pub room: [u8; 32],
    /// How long it would be kept.
    pub retention: Retention,
    /// So many messages would go.
    pub messages: u64,
}

/// A search in all kept rooms, as far as it came.
#[derive(Debug, Default)]
pub struct Search {
    /// Its number.
    pub asked: u64,
    /// What was found.
    pub hits: Vec<FoundMessage>,
    /// Whether it came to its end.
    pub ended: bool,
    /// Whether there are more than are here.
    pub cut: bool,
    /// Whether it failed before its end.
    pub failed: bool,
    /// How many messages that were looked at can't be read any more.
    pub lost: u64,
}

impl Session {
    /// Begins another search; gives its number. No words end at once.
    pub fn begin_search(&mut self, question: &str) -> u64 {
        self.search = Search {
            asked: self.search.asked + 1,
            ended: question.is_empty(),
            ..Search::default()
        };
        self.search.asked
    }

    /// Draws a key for a new room.
    pub fn new_key(&mut self) -> RoomKey {
        let key = RoomKey(self.next_key);
        self.next_key += 1;
        key
    }

    /// The room under a key.
    pub fn room(&self, key: RoomKey) -> Option<&Room> {
        self.rooms.iter().find(|room| room.key == key)
    }

    /// The room under a key, to mark it as read.
    pub fn room_mut(&mut self, key: RoomKey) -> Option<&mut Room> {
        self.rooms.iter_mut().find(|room| room.key == key)
    }

    /// Forgets a room that is over.
    pub fn forget(&mut self, key: RoomKey) {
        self.rooms.retain(|room| room.key != key);
    }

    /// Whether a file is being written or read. Another one waits until that is done.
    pub fn is_busy_with_a_file(&self) -> bool {
        self.file_work.is_under_way() || self.export_work.is_under_way()
    }

    /// Our fingerprint, once there is one.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        match self.me {
            Me::Ready { fingerprint } | Me::Locking { fingerprint } => Some(fingerprint),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
