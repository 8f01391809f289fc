//! What the background tells. Each is past: it has happened.

use std::fmt;
use std::net::SocketAddr;

use super::{Delivery, HostFailure, JoinCause, JoinFailure, RoomKey};
use crate::crypto::{Digest, Fingerprint, Sas};
use crate::inspect::Piece;
use crate::protocol::{DepartureReason, EntryFault, EventFault, HeadFault, Invite, LogBreak, RoomLog};
use crate::store::{Contact, HostTrust, Retention, Settings};

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

/// Something happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// The profile is open and has no identity yet: the first run.
    IdentityMissing {
        /// The settings as they are.
        settings: Settings,
    },
    /// The profile is locked: its passphrase is needed. Every key is gone from memory.
    Locked {
        /// Why the last passphrase did not open it, and what to do; `None` before one was given.
        reason: Option<String>,
        /// Seconds since 1970 before which no passphrase is tried.
        until_unix: u64,
    },
    /// Whether the profile has a passphrase: told when it was opened, and when that changes.
    ProtectionChanged {
        /// Whether it has one.
        has_passphrase: bool,
    },
    /// The passphrase stays as it was.
    PassphraseNotChanged {
        /// Why, and what to do.
        reason: String,
    },
    /// The identity is ready.
    IdentityReady {
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// The settings as they are.
        settings: Settings,
    },
    /// What is kept of rooms.
    KeptListed(Vec<KeptSeen>),
    /// A search found these, newest first in each room.
    SearchFound {
        /// Which search.
        asked: u64,
        /// The messages.
        hits: Vec<FoundMessage>,
    },
    /// A search came to its end.
    SearchEnded {
        /// Which search.
        asked: u64,
        /// Whether there are more than were told.
        cut: bool,
    },
    /// Something was done with a file of the user's choice.
    FileDone {
        /// What, for the screen.
        text: String,
    },
    /// Something could not be done with a file; nothing was changed.
    FileFailed {
        /// Why, and what to do.
        reason: String,
    },
    /// Everybody who was met before: told once, after the profile was opened.
    ContactsOpened(Vec<Contact>),
    /// Somebody is there: told just before it is told to be host or member.
    Met {
        /// The room.
        room: RoomKey,
        /// What is known of it.
        contact: Contact,
    },
    /// What is known of somebody changed, by the user's decision.
    ContactChanged(Contact),
    /// Somebody is no longer known.
    ContactForgotten(Fingerprint),
    /// The profile can't be used; nothing was changed in it.
    ProfileFailed {
        /// Why, and what to do.
        reason: String,
    },
    /// Something could not be written to the profile; the program goes on.
    NotKept {
        /// Why, and what to do.
        reason: String,
    },
    /// The rooms that are kept, the one used last first: told when the profile is open, and when they change.
    RoomsKept {
        /// The rooms.
        rooms: Vec<PastRoom>,
    },
    /// What is kept of a room's conversation, before anything new in it.
    History {
        /// The room.
        room: RoomKey,
        /// The newest messages that are kept, in order, each with its place in the log.
        messages: Vec<(Message, u64)>,
        /// Whether more is kept from before.
        has_more: bool,
    },
    /// A room of ours is open.
    RoomOpened(RoomOpened),
    /// A room of ours could not be opened.
    HostFailed {
        /// The room.
        room: RoomKey,
        /// Why.
        failure: HostFailure,
    },
    /// Joining came this far.
    JoinAdvanced {
        /// The room.
        room: RoomKey,
        /// The step that is done.
        step: JoinStep,
    },
    /// Joining failed.
    JoinFailed {
        /// The room.
        room: RoomKey,
        /// How far it came and why.
        failure: JoinFailure,
    },
    /// We are a member.
    Joined(Joined),
    /// Somebody is a member; after joining, once for each who is there already.
    MemberJoined {
        /// The room.
        room: RoomKey,
        /// Who.
        member: MemberSeen,
    },
    /// Somebody is gone.
    MemberLeft {
        /// The room.
        room: RoomKey,
        /// Who.
        fingerprint: Fingerprint,
        /// Its name.
        name: String,
        /// How.
        reason: DepartureReason,
    },
    /// A message of ours is written, and waits to be put into the log.
    Written {
        /// The message.
        message: Message,
    },
    /// A message is in the log, checked; ours too.
    Logged {
        /// The message.
        message: Message,
        /// Its place in the log.
        n: u64,
    },
    /// The host did not take a message of ours.
    Declined {
        /// The room.
        room: RoomKey,
        /// The message.
        id: MessageId,
        /// Why, in words.
        reason: String,
    },
    /// Something that the protocol checks was wrong. Whoever looks must see it.
    Alarmed {
        /// The room.
        room: RoomKey,
        /// What.
        alarm: Alarm,
    },
    /// How far a message of ours was delivered; it grows as members confirm.
    Delivered {
        /// The room.
        room: RoomKey,
        /// How far.
        delivery: Delivery,
    },
    /// The connection was lost; what was said stays, what is said waits, and the room is tried again.
    Lost {
        /// The room.
        room: RoomKey,
        /// Why.
        reason: ClosedReason,
        /// How often it was tried since.
        tries: u32,
        /// In how many seconds it is tried next.
        next_secs: u64,
    },
    /// We are back in a room that was lost, or known from an earlier run. Who is there is told next.
    Returned {
        /// The room.
        room: RoomKey,
        /// Whether the session was resumed, without RSA.
        resumed: bool,
    },
    /// What was missed while away begins here.
    Missed {
        /// The room.
        room: RoomKey,
        /// The first entry that was missed.
        from: u64,
    },
    /// All that was missed is here.
    CaughtUp {
        /// The room.
        room: RoomKey,
        /// How many messages it was.
        messages: u64,
    },
    /// The host is asked whether to let us in.
    Asking {
        /// The room.
        room: RoomKey,
    },
    /// Somebody asks to be let into a room of ours.
    Knocked {
        /// The room.
        room: RoomKey,
        /// Who; it has proven its key.
        member: MemberSeen,
    },
    /// Somebody who asked to be let in was answered, or went away.
    KnockEnded {
        /// The room.
        room: RoomKey,
        /// Who.
        fingerprint: Fingerprint,
    },
    /// Who may write changed, by the host's word.
    RulesChanged {
        /// The room.
        room: RoomKey,
        /// The rules now.
        rules: Rules,
    },
    /// Of a room of ours: who is let in.
    DoorChanged {
        /// The room.
        room: RoomKey,
        /// The door now.
        door: DoorSeen,
    },
    /// An invitation for one person was made.
    OneInvited {
        /// The room.
        room: RoomKey,
        /// The invitation.
        invite: Invite,
    },
    /// Something happened in a private conversation.
    Private {
        /// The room that carries it.
        room: RoomKey,
        /// The other member.
        with: Fingerprint,
        /// What.
        event: PrivateEvent,
    },
    /// A piece of a recording that was asked for.
    WireRecorded {
        /// The room.
        room: RoomKey,
        /// At the host's end: whose connection it is.
        guest: Option<Fingerprint>,
        /// The piece.
        piece: Piece,
    },
    /// At the host's end: whose connection is looked into from now on; `None` for nobody's.
    Watching {
        /// The room.
        room: RoomKey,
        /// Whose.
        guest: Option<Fingerprint>,
    },
    /// A handshake in slow motion waits before a message.
    HandshakePaused {
        /// The room.
        room: RoomKey,
        /// 1 to 5, for M1 to M5.
        before: u8,
    },
    /// The room is over for us.
    Closed {
        /// The room.
        room: RoomKey,
        /// Why.
        reason: ClosedReason,
    },
    /// A background thread died; what it did is over, the rest goes on.
    ThreadDied {
        /// What it did.
        name: String,
        /// The room that it served, if one.
        room: Option<RoomKey>,
    },
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
    /// The number of its entry.
    pub n: u64,
    /// Who wrote it.
    pub author: Fingerprint,
    /// The author's name when it was logged.
    pub name: String,
    /// The text.
    pub text: String,
    /// The author's clock, milliseconds since 1970.
    pub time_ms: u64,
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
}

/// What happens in a private conversation.
#[derive(Debug, Clone)]
pub enum PrivateEvent {
    /// The two ends have proven themselves to each other and share keys that the host does not have.
    Secured {
        /// The emoji to compare with the other end: they are this channel's own.
        sas: Sas,
    },
    /// The other end is not there, or its connection was lost; what is said waits.
    Waiting,
    /// A message of ours is written and waits to be delivered.
    Written {
        /// The message.
        message: Message,
    },
    /// The other end has a message of ours.
    Delivered {
        /// The message.
        id: MessageId,
    },
    /// A message of the other end, checked.
    Heard {
        /// The message.
        message: Message,
    },
    /// A check failed.
    Alarmed {
        /// What was wrong.
        text: String,
    },
}

/// A room of ours is open.
#[derive(Debug, Clone)]
pub struct RoomOpened {
    /// The room.
    pub room: RoomKey,
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
    /// The host's signature over its order is wrong or of another order.
    Head(HeadFault),
    /// The host's log does not go on from the one that we had when we were away.
    Broken {
        /// How.
        what: LogBreak,
        /// The name of the member whom it concerns, if one.
        author: Option<String>,
    },
    /// Who answers as this room's host has another key.
    OtherHost {
        /// The host's key as it was.
        expected: Fingerprint,
        /// The key now.
        found: Fingerprint,
    },
    /// The host said that it did not take a message of ours, and put it into the log all the same.
    DeclinedYetLogged,
    /// On the host: a guest handed in an event that failed a check.
    Submission {
        /// The guest's name.
        name: String,
        /// Which check.
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
            Alarm::Head(fault) => write!(f, "The room's order can't be trusted: {fault}."),
            Alarm::Broken {
                what,
                author: Some(name),
            } => write!(f, "The room's log was changed while you were away ({name}): {what}."),
            Alarm::Broken { what, author: None } => {
                write!(f, "The room's log was changed while you were away: {what}.")
            }
            Alarm::OtherHost { expected, found } => write!(
                f,
                "Another key answers as this room's host: {found}. It was {expected}. Nothing was sent. Either the host has a new key, or somebody is in between; ask the host over another way."
            ),
            Alarm::DeclinedYetLogged => f.write_str(
                "The host said that it did not take a message of yours, and put it into the room all the same.",
            ),
            Alarm::Submission { name, fault } => {
                write!(f, "A message of {name} was not let into the room: {fault}.")
            }
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
    /// The host let us go: we did not read what it sent, or far too slowly.
    TooSlow,
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
            ClosedReason::TooSlow => f.write_str(
                "the host let you go because your machine or line could not keep up with the room; join again when it can",
            ),
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
