//! What the window or the terminal asks the background to do.

use std::net::IpAddr;

use crate::crypto::{Fingerprint, Passphrase};
use crate::protocol::JoinTarget;
use crate::store::{Decision, Settings};

/// The asker's own name for a room, so that answers can be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomKey(pub u64);

/// A wish. Each is answered by [`super::Event`]s.
#[derive(Debug, Clone)]
pub enum Command {
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
    /// Remember these settings.
    KeepSettings(Settings),
    /// Open a room here.
    HostRoom(HostRoom),
    /// Join a room elsewhere.
    JoinRoom(JoinRoom),
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
}
