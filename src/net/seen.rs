//! What events carry: messages, members, rooms, doors, as values.

use std::fmt;
use std::net::SocketAddr;
use std::ops::Range;

use super::RoomKey;
use crate::crypto::{Digest, Fingerprint, Sas, Secret};
use crate::protocol::{Invite, RoomLog};
use crate::store::{HostTrust, Retention};

/// The id of a message: the hash of its event.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub Digest);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A message whose signature, room, sequence and previous hash were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The room.
    pub room: RoomKey,
    /// Its id.
    pub id: MessageId,
    /// Who signed it.
    pub author: Fingerprint,
    /// That person's name.
    pub name: String,
    /// The text.
    pub text: String,
    /// The author's clock, milliseconds since 1970.
    pub time_ms: u64,
    /// Whether it is ours.
    pub own: bool,
}

/// A part of a kept conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryPage {
    /// The room's id; of a private conversation its channel's.
    pub id: [u8; 32],
    /// The messages, in order, each with its place in the log or in the conversation.
    pub messages: Vec<(Message, u64)>,
    /// The entries between them that can't be read any more, in order.
    pub lost: Vec<Range<u64>>,
    /// The first entry of this part.
    pub first: u64,
    /// Whether more is kept from before it.
    pub has_more: bool,
}

/// A kept room, for the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSeen {
    /// Its id.
    pub id: [u8; 32],
    /// Its name.
    pub name: String,
    /// Whether it is ours.
    pub is_own: bool,
    /// The host's name.
    pub host_name: String,
    /// How many messages were kept of it.
    pub messages: u64,
    /// When something last happened in it, seconds since 1970.
    pub used_unix: u64,
    /// How long its log is kept.
    pub retention: Retention,
}

/// A message that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundMessage {
    /// The room's id.
    pub room: [u8; 32],
    /// The room's name.
    pub room_name: String,
    /// The number of its entry; in a private conversation its place there.
    pub n: u64,
    /// Who wrote it.
    pub author: Fingerprint,
    /// The author's name when it was logged.
    pub name: String,
    /// The text.
    pub text: String,
    /// The author's clock, milliseconds since 1970.
    pub time_ms: u64,
    /// Of a private conversation: who is at its other end.
    pub private: Option<PrivateEnd>,
}

/// The other end of a private conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PrivateEnd {
    /// Its fingerprint.
    pub with: Fingerprint,
    /// Its name when we last heard of it.
    pub name: String,
}

/// A room that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRoom {
    /// Its id.
    pub id: [u8; 32],
    /// Its name.
    pub name: String,
    /// Whether it is ours.
    pub is_own: bool,
    /// The host's name.
    pub host_name: String,
    /// A member's: what leads there.
    pub target: Option<String>,
    /// The port that it listened on, if it is ours.
    pub port: u16,
    /// When something last happened in it, seconds since 1970.
    pub used_unix: u64,
}

/// Who may write in a room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Only the host.
    pub read_only: bool,
    /// Who may not.
    pub muted: Vec<Fingerprint>,
}

impl Rules {
    /// As a log has them.
    pub(super) fn of(log: &RoomLog) -> Rules {
        let muted = log.awaited().map(|(who, _)| who).filter(|who| log.is_muted(who));
        Rules {
            read_only: log.is_read_only(),
            muted: muted.collect(),
        }
    }
}

/// Who is let into a room of ours.
#[derive(Debug, Clone)]
pub struct DoorSeen {
    /// The invitation that is good now.
    pub invite: Invite,
    /// Whether the host is asked before somebody new gets in.
    pub asks: bool,
    /// Whether who types the address gets in without an invitation.
    pub open_to_address: bool,
    /// Whose keys are refused.
    pub banned: Vec<Fingerprint>,
    /// The invitations for one person that are given out.
    pub for_one: Vec<OneGiven>,
}

/// An invitation for one person, as the door knows it.
#[derive(Debug, Clone)]
pub struct OneGiven {
    /// What admits.
    pub secret: Secret,
    /// Who used it.
    pub used_by: Option<Fingerprint>,
}

/// A room of ours is open.
#[derive(Debug, Clone)]
pub struct RoomOpened {
    /// The room.
    pub room: RoomKey,
    /// Its id.
    pub id: [u8; 32],
    /// Its name.
    pub room_name: String,
    /// The invitation with every address at which others may reach it.
    pub invite: Invite,
    /// Where it listens.
    pub listen: SocketAddr,
    /// The port that was asked for and taken, when another one was used.
    pub wanted_port: Option<u16>,
    /// Whether who types the address gets in without an invitation.
    pub open_to_address: bool,
    /// Our own fingerprint.
    pub fingerprint: Fingerprint,
    /// Our own name in the room.
    pub own_name: String,
}

/// We are a member of a room.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The room.
    pub room: RoomKey,
    /// Its id.
    pub id: [u8; 32],
    /// Its name, signed by the host.
    pub room_name: String,
    /// The host's name.
    pub host_name: String,
    /// The host's fingerprint.
    pub host: Fingerprint,
    /// Our own fingerprint.
    pub own: Fingerprint,
    /// Our own name in the room.
    pub own_name: String,
    /// How the host's key is known.
    pub trust: HostTrust,
    /// The emoji to compare with the host.
    pub sas: Sas,
    /// The address that answered.
    pub address: SocketAddr,
}

/// Somebody in the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberSeen {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The name that it gives itself.
    pub name: String,
    /// Whether it is the host.
    pub is_host: bool,
    /// Whether it was there before us.
    pub was_here: bool,
    /// On the host: the emoji to compare with this guest.
    pub sas: Option<Sas>,
}

/// The steps of joining, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum JoinStep {
    /// The host's machine answered.
    Reached,
    /// A fresh secret is shared with it.
    KeysAgreed,
    /// It proved its identity.
    IdentityProven,
    /// It admitted us.
    Admitted,
}

impl JoinStep {
    /// All steps in order.
    pub const ALL: [JoinStep; 4] = [
        JoinStep::Reached,
        JoinStep::KeysAgreed,
        JoinStep::IdentityProven,
        JoinStep::Admitted,
    ];
}
