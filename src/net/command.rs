//! What the window or the terminal asks the background to do.

use std::net::IpAddr;
use std::path::PathBuf;

use crate::crypto::{Fingerprint, Passphrase};
use crate::protocol::JoinTarget;
use crate::store::{Decision, Export, Retention, Settings};

/// The asker's own name for a room, so that answers can be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomKey(pub u64);

/// A wish. Each is answered by [`super::Event`]s.
#[derive(Debug, Clone)]
pub enum Command {
    /// Have the next thread of this name die of a fault, or the front desk at its next command.
    #[cfg(test)]
    Doom(&'static str),
    /// Have a thread of the front desk die of one.
    #[cfg(test)]
    DieAtWork,
    /// Have a thread of the front desk work until the other end is dropped.
    #[cfg(test)]
    WorkUntil(crossbeam_channel::Receiver<()>),
    /// Make an identity under this name; only before there is one.
    CreateIdentity {
        /// The name shown to others.
        name: String,
        /// What locks the profile; `None` leaves it open to who can read the folder.
        passphrase: Option<Passphrase>,
    },
    /// Open the profile with its passphrase.
    Unlock {
        /// The passphrase.
        passphrase: Passphrase,
    },
    /// Set, change or take away the passphrase.
    ChangePassphrase {
        /// The one that holds now, if there is one.
        current: Option<Passphrase>,
        /// The one that is to hold; `None` for none.
        new: Option<Passphrase>,
    },
    /// Leave all rooms and drop every key; only where there is a passphrase.
    Lock,
    /// Put a profile that is damaged aside, as it is, and begin with a new one.
    BeginAnew,
    /// Remember these settings.
    KeepSettings(Settings),
    /// Open a room here.
    HostRoom(HostRoom),
    /// Open a room of ours again, with its log and its invitation; a new one when there is none.
    HostAgain {
        /// How. The name is the kept room's.
        wish: HostRoom,
        /// Which; `None` for the newest of ours with the wish's name.
        id: Option<[u8; 32]>,
    },
    /// How the next connection to a room elsewhere is looked at; without it nothing is recorded.
    LookInside {
        /// The room.
        room: RoomKey,
        /// What is wanted.
        look: Look,
    },
    /// Go on with the next message of a handshake in slow motion.
    NextHandshakeStep {
        /// The room.
        room: RoomKey,
    },
    /// Join a room elsewhere.
    JoinRoom(JoinRoom),
    /// Return to a room that we were in, by what is kept of it.
    ReturnToRoom {
        /// How. The target is the kept room's.
        wish: JoinRoom,
        /// Which.
        id: [u8; 32],
    },
    /// Drop the kept rooms that can't be read any more, with all that is kept of them.
    ForgetUnreadable,
    /// Drop a room that is kept, with all that was said in it.
    ForgetRoom {
        /// Which.
        id: [u8; 32],
    },
    /// Say something in a room.
    Say {
        /// The room.
        room: RoomKey,
        /// The text, 1 byte to 32 KiB.
        text: String,
    },
    /// The emoji were compared with this room's host and match: remember the host as verified.
    MarkHostVerified {
        /// The room.
        room: RoomKey,
    },
    /// Another key answered at a known address and the user goes on: remember the new one.
    AcceptChangedHost {
        /// The room.
        room: RoomKey,
    },
    /// Write the identity into a file, under a passphrase of its own.
    ExportIdentity {
        /// The file.
        path: PathBuf,
        /// What opens it.
        passphrase: Passphrase,
    },
    /// Put an exported identity in the place of the one that is there. Rooms are left.
    ImportIdentity {
        /// The file.
        path: PathBuf,
        /// What opens it.
        passphrase: Passphrase,
    },
    /// Write the public half of the identity into a file.
    ExportPublicKey {
        /// The file.
        path: PathBuf,
    },
    /// Write the whole profile into one encrypted file.
    BackUp {
        /// The file.
        path: PathBuf,
        /// What opens it.
        passphrase: Passphrase,
    },
    /// Fill a new profile from a backup.
    Restore {
        /// The file.
        path: PathBuf,
        /// What opens it.
        passphrase: Passphrase,
    },
    /// Tell what is kept of rooms.
    ListKept,
    /// Look for words in all kept rooms. A newer search ends an older one.
    SearchKept {
        /// The asker's number for this search; rises.
        asked: u64,
        /// The words.
        question: String,
    },
    /// Count what another retention of a room would delete.
    WeighRetention {
        /// The room's id.
        room: [u8; 32],
        /// How long it would be kept.
        retention: Retention,
    },
    /// Choose how long a room's log is kept. What is older goes at once.
    SetRetention {
        /// The room's id.
        room: [u8; 32],
        /// How long.
        retention: Retention,
    },
    /// Write a kept room into a file that is not encrypted.
    ExportRoom {
        /// The room's id.
        room: [u8; 32],
        /// What of it, and in which form.
        what: Export,
        /// The file.
        path: PathBuf,
    },
    /// Say something to one member alone, so that the host can't read it.
    SayPrivately {
        /// The room.
        room: RoomKey,
        /// To whom.
        to: Fingerprint,
        /// The text, 1 byte to 32 KiB.
        text: String,
    },
    /// Begin a private conversation, so that its emoji can be compared before anything is said.
    OpenPrivate {
        /// The room.
        room: RoomKey,
        /// With whom.
        with: Fingerprint,
    },
    /// Tell what was said in a room from before an entry, as its reader scrolls up.
    TellEarlier {
        /// The room.
        room: RoomKey,
        /// Its id.
        id: [u8; 32],
        /// The first entry that is known.
        before: u64,
    },
    /// Tell what was said in a private conversation from before a place, as its reader scrolls up.
    TellEarlierPrivate {
        /// The room that carries it.
        room: RoomKey,
        /// The id of its channel.
        channel: [u8; 32],
        /// The first place that is known.
        before: u64,
    },
    /// A lost room is tried again at some time: try it now.
    TryNow {
        /// The room.
        room: RoomKey,
    },
    /// Use a host's power in a room of ours.
    Govern {
        /// The room.
        room: RoomKey,
        /// Which.
        act: HostAct,
    },
    /// Decide about somebody who was met.
    Decide {
        /// Who.
        fingerprint: Fingerprint,
        /// What.
        decision: Decision,
    },
    /// Take in somebody from a contact card.
    ImportContact {
        /// Its key.
        fingerprint: Fingerprint,
        /// The name on the card.
        name: String,
    },
    /// Forget somebody.
    ForgetContact {
        /// Who.
        fingerprint: Fingerprint,
    },
    /// Say goodbye and leave; close the room if it is ours; give up joining.
    Leave {
        /// The room.
        room: RoomKey,
    },
}

impl Command {
    /// The room that is opened or gone into.
    pub(super) fn enters(&self) -> Option<RoomKey> {
        match self {
            Command::HostRoom(wish) | Command::HostAgain { wish, .. } => Some(wish.key),
            Command::JoinRoom(wish) | Command::ReturnToRoom { wish, .. } => Some(wish.key),
            _ => None,
        }
    }
}

/// What a host can do in its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostAct {
    /// Answer somebody who knocks.
    Answer {
        /// Who.
        who: Fingerprint,
        /// Whether to let it in.
        admit: bool,
    },
    /// Send somebody away; with an invitation it can come again.
    Remove(Fingerprint),
    /// Send somebody away for good: its key is refused from now on.
    Ban(Fingerprint),
    /// Lift a ban.
    Unban(Fingerprint),
    /// Have somebody listen only, or talk again.
    Mute {
        /// Who.
        who: Fingerprint,
        /// Whether it is muted.
        muted: bool,
    },
    /// Whether only the host may write.
    ReadOnly(bool),
    /// Whether the host is asked before somebody new gets in.
    AskFirst(bool),
    /// Make a new invitation; the old ones admit nobody any more.
    ChangeInvitation {
        /// After how many seconds it ends; `None` while the room is open.
        lifetime_secs: Option<u64>,
    },
    /// Look into one guest's connection, from now on and when it comes back; `None` for nobody's.
    Watch(Option<Fingerprint>),
    /// Make an invitation that admits one person only, beside the others.
    InviteOne {
        /// After how many seconds it ends; `None` while the room is open.
        lifetime_secs: Option<u64>,
    },
}

/// How a connection of one's own is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Whether its frames and secrets are told, for the wire view.
    pub record: bool,
    /// Whether its handshake pauses before each message.
    pub slow_motion: bool,
}

/// How to open a room.
#[derive(Debug, Clone)]
pub struct HostRoom {
    /// The asker's name for the room.
    pub key: RoomKey,
    /// The room's name.
    pub room_name: String,
    /// The host's display name.
    pub host_name: String,
    /// Where to listen.
    pub listen: ListenOn,
    /// Who is let in.
    pub admission: Admission,
}

/// Where to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenOn {
    /// One address only; `None` for every address of this machine, IPv4 and IPv6.
    pub address: Option<IpAddr>,
    /// The port; 0 lets the system choose.
    pub port: u16,
    /// Whether another port will do when this one is taken.
    pub or_any_port: bool,
}

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// Whether who types the address gets in without an invitation.
    pub open_to_address: bool,
    /// After how many seconds the invitation ends; `None` while the room is open.
    pub invite_lifetime_secs: Option<u64>,
}

/// How to join a room.
#[derive(Debug, Clone)]
pub struct JoinRoom {
    /// The asker's name for the room.
    pub key: RoomKey,
    /// Where, and with what.
    pub target: JoinTarget,
    /// The guest's display name.
    pub name: String,
    /// Whether nothing of this room is kept and nobody in it is noted: a room to try things out in.
    pub is_trial: bool,
}

impl JoinRoom {
    /// The target as it is written.
    pub fn target_text(&self) -> String {
        match &self.target {
            JoinTarget::Invite(invite) => invite.to_string(),
            JoinTarget::Address(endpoint) => endpoint.to_string(),
        }
    }
}
