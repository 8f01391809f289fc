//! What the background tells. Each is past: it has happened.

use super::alarm::{Alarm, ClosedReason};
use super::seen::{
    DoorSeen, FoundMessage, HistoryPage, JoinStep, Joined, KeptSeen, MemberSeen, Message, MessageId,
    PastRoom, RoomOpened, Rules,
};
use super::{Delivery, HostFailure, JoinFailure, KeepingChange, RoomKey};
use crate::crypto::{Fingerprint, Sas};
use crate::inspect::Piece;
use crate::protocol::{DepartureReason, Invite};
use crate::store::{Contact, Retention, Settings};

/// Something happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// The profile is open and has no identity yet: the first run.
    IdentityMissing {
        /// The settings as they are.
        settings: Settings,
    },
    /// The profile is locked as soon as something is read or written that needs its keys. Until then nothing of it is to be
    /// shown; where it can't be locked after all, [`Event::IdentityReady`] is told again.
    Locking,
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
    /// What another retention of a room would delete.
    RetentionWeighed {
        /// The room's id.
        room: [u8; 32],
        /// How long it would be kept.
        retention: Retention,
        /// So many messages would go, private ones too.
        messages: u64,
    },
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
        /// How many messages that were looked at can't be read any more.
        lost: u64,
    },
    /// A search died of a fault of ours before its end.
    SearchFailed {
        /// Which search.
        asked: u64,
    },
    /// Something was done with a file of the user's choice.
    FileDone {
        /// What, for the screen.
        text: String,
        /// Whether it is a kept room that was written. No dialog waits for that.
        is_room: bool,
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
        /// Whether its own files are damaged: then [`Command::BeginAnew`](super::Command::BeginAnew) puts them aside.
        is_damaged: bool,
    },
    /// The profile was damaged, and can be used: what was done, and what is lost.
    ProfileMended {
        /// In words.
        report: String,
    },
    /// Something could not be written to the profile; the program goes on.
    NotKept {
        /// Why, and what to do.
        reason: String,
    },
    /// Something keeps a room of ours from working as it should; it goes on.
    Hindered {
        /// The room.
        room: RoomKey,
        /// What, and what to do.
        reason: String,
    },
    /// What is said in a room goes to the disk no more, or again.
    KeepingChanged {
        /// The room.
        room: RoomKey,
        /// Which of them.
        change: KeepingChange,
    },
    /// The rooms that are kept, the one used last first: told when the profile is open, and when they change.
    RoomsKept {
        /// The rooms.
        rooms: Vec<PastRoom>,
    },
    /// So many kept rooms can't be read any more: told when there are any, and when they are removed.
    UnreadableRooms {
        /// How many.
        count: usize,
    },
    /// What is kept of a room's conversation, before anything new in it.
    History {
        /// The room.
        room: RoomKey,
        /// The newest messages that are kept.
        page: HistoryPage,
    },
    /// Who belonged to a room elsewhere when we were in it last, before its host is reached again; ourselves too.
    LastSeen {
        /// The room.
        room: RoomKey,
        /// The members.
        members: Vec<MemberSeen>,
    },
    /// What was asked for of a room's conversation from before.
    Earlier {
        /// The room.
        room: RoomKey,
        /// The messages; none when nothing more is kept.
        page: HistoryPage,
    },
    /// What was asked for of a conversation from before could not be read just now.
    EarlierUnread {
        /// The room.
        room: RoomKey,
        /// The room's id; of a private conversation its channel's.
        id: [u8; 32],
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
    /// We are in a room, for the first time or again, and everybody who is there was told.
    RosterTold {
        /// The room.
        room: RoomKey,
    },
    /// Joining failed.
    JoinFailed {
        /// The room.
        room: RoomKey,
        /// How far it came and why.
        failure: JoinFailure,
    },
    /// A room that we were in in an earlier run has let us in: told before what we missed of it, all of which comes before we
    /// are members again. Then [`Event::Joined`] is told as ever, unless the line ends before that.
    Welcomed(Joined),
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
    /// We had left the room, by its log: told while what was missed comes, unless the host said so when it let us go.
    Departed {
        /// The room.
        room: RoomKey,
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
        /// Its place in the log; the last one that it can have, where its entry did not come to us.
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
    /// The host keeps some of what was missed no more.
    LetGo {
        /// The room.
        room: RoomKey,
        /// The first entry that is not kept.
        from: u64,
        /// The last.
        to: u64,
    },
    /// All that was missed is here.
    CaughtUp {
        /// The room.
        room: RoomKey,
        /// How many messages it was that were not written here.
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
    /// A background thread died of a fault of ours.
    ThreadDied {
        /// What it did.
        name: String,
        /// What is over with it; the rest goes on.
        loss: Loss,
    },
}

/// What is over when a thread has died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// What it was doing just then. Whoever waits for the outcome is told something in its place.
    Task,
    /// A room.
    Room(RoomKey),
    /// The background as a whole: nothing is carried out any more.
    Background,
}

/// What happens in a private conversation.
#[derive(Debug, Clone)]
pub enum PrivateEvent {
    /// The two ends have proven themselves to each other and share keys that the host does not have.
    Secured {
        /// The emoji to compare with the other end: they are this channel's own.
        sas: Sas,
    },
    /// What is kept of the conversation from an earlier run, before anything new in it.
    Kept {
        /// The other end's name when we last heard of it.
        name: String,
        /// The newest messages that are kept.
        page: HistoryPage,
        /// Ours that were not confirmed: they wait again.
        waiting: Vec<Message>,
    },
    /// What was asked for of the conversation from before.
    Earlier {
        /// The messages; none when nothing more is kept.
        page: HistoryPage,
    },
    /// The other end is not there, its connection was lost, or it has more to read than may wait for it; what is said waits.
    Waiting,
    /// We are not in the room ourselves; what is said waits. Of the other end nothing is known.
    RoomLost,
    /// A message of ours is written and waits to be delivered.
    Written {
        /// The message.
        message: Message,
    },
    /// A message of ours that waits bears another number, because the other end took the one that it had for heard: it is
    /// sent again, and known by another id from here on.
    Renumbered {
        /// The message, as it was known.
        before: MessageId,
        /// The message, as it is known now.
        id: MessageId,
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
