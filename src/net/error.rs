//! Why a room could not be opened or joined, in words that say what to do.

use std::fmt;

use super::JoinStep;
use crate::crypto::Fingerprint;
use crate::protocol::handshake::Refusal;

/// Why a room could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostFailure {
    /// The port is in use by another program.
    PortTaken {
        /// Which.
        port: u16,
    },
    /// The system does not let us listen there.
    CannotListen {
        /// What the system said.
        reason: String,
    },
    /// The identity is not ready.
    NoIdentity,
    /// The room is open in this program: two threads would sign different entries under the same numbers.
    AlreadyOpen,
    /// What is kept of the room can't be used.
    NotReadable {
        /// What of it, and why.
        reason: String,
    },
    /// The system gave no thread or poll.
    System {
        /// What the system said.
        reason: String,
    },
}

impl fmt::Display for HostFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostFailure::PortTaken { port } => {
                write!(
                    f,
                    "Port {port} is in use by another program. Choose another port."
                )
            }
            HostFailure::CannotListen { reason } => {
                write!(f, "This machine does not let Cipher Room listen there: {reason}.")
            }
            HostFailure::NoIdentity => f.write_str("Your key is not ready yet. Try again in a moment."),
            HostFailure::AlreadyOpen => {
                f.write_str("This room is open already. Close it before you open it again.")
            }
            HostFailure::NotReadable { reason } => {
                write!(f, "What is kept of this room can't be used: {reason}.")
            }
            HostFailure::System { reason } => {
                write!(f, "The system has no room for another room: {reason}.")
            }
        }
    }
}

impl std::error::Error for HostFailure {}

/// Why joining failed, and how far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinFailure {
    /// The step that failed.
    pub step: JoinStep,
    /// Why.
    pub cause: JoinCause,
}

/// Why joining failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoinCause {
    /// The name has no address.
    UnknownName {
        /// The name.
        host: String,
    },
    /// Nobody listens there: the connection was refused.
    NobodyListens,
    /// No way leads there.
    Unreachable {
        /// What the system said.
        reason: String,
    },
    /// Nothing came back for ten seconds.
    NoAnswer,
    /// The host was reached, and did not let us in within ten seconds.
    NotLetIn,
    /// The other end hung up before the handshake was done.
    HungUp,
    /// What answered speaks something else.
    NotCipherRoom,
    /// Another version of Cipher Room answered.
    WrongVersion,
    /// The host said no.
    Refused(Refusal),
    /// The invitation is over by this machine's clock.
    InvitationExpired,
    /// The host proved another identity than the invitation names.
    WrongHost {
        /// What the invitation names.
        expected: Fingerprint,
        /// What the host showed.
        found: Fingerprint,
    },
    /// The host's proof or an answer was wrong.
    NotAuthentic {
        /// Which check failed.
        reason: String,
    },
    /// The host has another room there now.
    OtherRoom,
    /// The host gives its room the id of another host's room.
    FeignedRoom,
    /// The identity is not ready.
    NoIdentity,
    /// Our own identity joined from somewhere else, before we were in.
    Replaced,
    /// The asker gave up.
    Cancelled,
    /// The system gave no thread or poll.
    System {
        /// What the system said.
        reason: String,
    },
    /// What tried to connect died of a fault of ours.
    Fault,
}

impl fmt::Display for JoinFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl std::error::Error for JoinFailure {}

impl fmt::Display for JoinCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JoinCause::UnknownName { host } => {
                write!(f, "No machine called \"{host}\" was found. Check the spelling, or use its address in numbers.")
            }
            JoinCause::NobodyListens => f.write_str(
                "Nobody listens there. Ask the host whether the room is open and the port is right.",
            ),
            JoinCause::Unreachable { reason } => write!(
                f,
                "That address can't be reached ({reason}). Check that both of you are on one network."
            ),
            JoinCause::NoAnswer => f.write_str(
                "Nothing answered within ten seconds. A firewall may be in the way, or the address is wrong.",
            ),
            JoinCause::NotLetIn => f.write_str(
                "The host answered, but did not let you in within ten seconds. Its line may be slow: try again.",
            ),
            JoinCause::HungUp => f.write_str(
                "The other end hung up in the middle. The room may just have closed, or it is not a Cipher Room.",
            ),
            JoinCause::NotCipherRoom => {
                f.write_str("Something else answers there: it is not a Cipher Room. Check address and port.")
            }
            JoinCause::WrongVersion => f.write_str(
                "The other end speaks another version of Cipher Room. Update both to the same version.",
            ),
            JoinCause::Refused(refusal) => f.write_str(match refusal {
                Refusal::WrongVersion => {
                    "The host speaks another version of Cipher Room. Update both to the same version."
                }
                Refusal::NotInvited => {
                    "The host does not know this invitation, or the room takes only people with one. Ask the host for a new invitation."
                }
                Refusal::InvitationExpired => {
                    "This invitation has expired. Ask the host for a new one."
                }
                Refusal::BadHandshake => {
                    "The host did not accept the handshake. Somebody may be altering the connection; try again."
                }
                Refusal::Full => {
                    "The room is full, or too many people want to come in just now. Try again in a minute."
                }
                Refusal::NotAdmitted => "The host did not admit you.",
                Refusal::Closing => "The room is just being closed.",
                Refusal::NotResumable => "The host does not keep this session any more. Join again.",
                Refusal::Banned => {
                    "The host has banned your key from this room. Only the host can lift that; ask in another way."
                }
                Refusal::InvitationUsed => {
                    "This invitation was for one person, and somebody else used it. Ask the host for one of your own, and tell the host if you gave it to nobody."
                }
            }),
            JoinCause::InvitationExpired => {
                f.write_str("This invitation has expired. Ask the host for a new one.")
            }
            JoinCause::WrongHost { expected, found } => write!(
                f,
                "Another key answers there: {found}. The invitation names {expected}. Nothing was sent. Somebody may be in between; ask the host for a new invitation over another way."
            ),
            JoinCause::NotAuthentic { reason } => write!(
                f,
                "The other end could not prove who it is: {reason}. Somebody may be altering the connection; try again."
            ),
            JoinCause::OtherRoom => {
                f.write_str("Another room answers than the one that you were in, which stays as you have it. Ask its host for a new invitation.")
            }
            JoinCause::FeignedRoom => f.write_str(
                "This host gives its room the number of another room that you know. Rooms do not share numbers by chance: do not trust this host. Your own room is untouched.",
            ),
            JoinCause::NoIdentity => f.write_str("Your key is not ready yet. Try again in a moment."),
            JoinCause::Replaced => {
                f.write_str(
                    "This identity joined from somewhere else, so this connection was ended. Join again here to go on here.",
                )
            }
            JoinCause::Cancelled => f.write_str("You cancelled."),
            JoinCause::System { reason } => write!(f, "The system gave no means to connect: {reason}."),
            JoinCause::Fault => f.write_str(
                "Connecting failed by a fault of Cipher Room, not of the host or the line. Try again.",
            ),
        }
    }
}
