//! Why a handshake ended without a connection, said by one side or found by the other.

use std::fmt;

use crate::crypto::{CryptoError, Fingerprint};
use crate::protocol::wire::{FrameKind, WireError};

/// What a host answers instead of going on; one byte on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Refusal {
    /// The guest speaks a version or suite that the host does not.
    WrongVersion = 1,
    /// The proof of the invitation does not match any that is open.
    NotInvited = 2,
    /// The invitation was right and is over.
    InvitationExpired = 3,
    /// The guest's message could not be understood or its proof was wrong.
    BadHandshake = 4,
    /// The host has as many guests or handshakes as it can take.
    Full = 5,
    /// The host does not admit this guest.
    NotAdmitted = 6,
    /// The room is being closed.
    Closing = 7,
    /// The host keeps no such session: a full handshake is needed.
    NotResumable = 8,
    /// The host has banned this key from the room.
    Banned = 9,
    /// The invitation was for one person, and somebody else used it.
    InvitationUsed = 10,
}

impl Refusal {
    /// Reads the byte; an unknown one counts as a bad handshake.
    pub fn parse(byte: u8) -> Refusal {
        use Refusal::*;
        [
            WrongVersion,
            NotInvited,
            InvitationExpired,
            BadHandshake,
            Full,
            NotAdmitted,
            Closing,
            NotResumable,
            Banned,
            InvitationUsed,
        ]
        .into_iter()
        .find(|refusal| *refusal as u8 == byte)
        .unwrap_or(BadHandshake)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::WrongVersion => "the host speaks another version of Cipher Room",
            Refusal::NotInvited => "the host does not know this invitation",
            Refusal::InvitationExpired => "the invitation has expired",
            Refusal::BadHandshake => "the host did not accept the handshake",
            Refusal::Full => "the room is full, or too many come in just now; try again in a minute",
            Refusal::NotAdmitted => "the host did not admit you",
            Refusal::Closing => "the room is closing",
            Refusal::NotResumable => "the host does not keep this session any more",
            Refusal::Banned => "the host has banned your key from this room",
            Refusal::InvitationUsed => "the invitation was for one person and is used up",
        })
    }
}

/// Why a handshake failed on this side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandshakeError {
    /// The peer's bytes are not frames of this protocol.
    NotCipherRoom,
    /// The peer speaks another version or suite of it.
    WrongVersion,
    /// The host said no.
    Refused(Refusal),
    /// The guest's proof of the invitation is wrong.
    NotInvited,
    /// The guest's invitation is over.
    InvitationExpired,
    /// The host proved an identity other than the invitation's.
    WrongHost {
        /// What the invitation names.
        expected: Fingerprint,
        /// What the host showed.
        found: Fingerprint,
    },
    /// A key is outside the limits of the protocol.
    UnacceptableKey,
    /// The identity of M3 is not the one that M1 committed to.
    BrokenCommitment,
    /// The signature over the transcript is wrong.
    BadSignature,
    /// A sealed part did not open, or a confirmation did not match.
    NotAuthentic,
    /// A message is malformed or came at the wrong time.
    Malformed,
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HandshakeError::NotCipherRoom => f.write_str("the other end is not a Cipher Room"),
            HandshakeError::WrongVersion => f.write_str("the other end speaks another version"),
            HandshakeError::Refused(refusal) => refusal.fmt(f),
            HandshakeError::NotInvited => f.write_str("the proof of the invitation is wrong"),
            HandshakeError::InvitationExpired => f.write_str("the invitation has expired"),
            HandshakeError::WrongHost { expected, found } => {
                write!(
                    f,
                    "the host's key is {found}, but the invitation names {expected}"
                )
            }
            HandshakeError::UnacceptableKey => f.write_str("a key of the other end is not acceptable"),
            HandshakeError::BrokenCommitment => f.write_str("the identity is not the one committed to"),
            HandshakeError::BadSignature => f.write_str("the signature of the other end is wrong"),
            HandshakeError::NotAuthentic => f.write_str("a sealed part was altered"),
            HandshakeError::Malformed => f.write_str("a handshake message is malformed"),
        }
    }
}

impl std::error::Error for HandshakeError {}

impl From<WireError> for HandshakeError {
    fn from(error: WireError) -> HandshakeError {
        match error {
            // Records have no place in a handshake: another protocol's bytes look like one by chance.
            WireError::UnknownKind(_) => HandshakeError::NotCipherRoom,
            WireError::TooLong { kind, .. } if kind as u8 >= FrameKind::Data as u8 => {
                HandshakeError::NotCipherRoom
            }
            WireError::TooLong { .. } | WireError::Malformed => HandshakeError::Malformed,
        }
    }
}

impl From<CryptoError> for HandshakeError {
    fn from(error: CryptoError) -> HandshakeError {
        match error {
            // A peer shows public keys only: of these, it can give cause for the first alone.
            CryptoError::UnacceptableKey
            | CryptoError::DamagedPrivateKey
            | CryptoError::KeyLength { .. }
            | CryptoError::KeyGeneration
            | CryptoError::DamagedVault => HandshakeError::UnacceptableKey,
            CryptoError::BadSignature => HandshakeError::BadSignature,
            CryptoError::BadShare => HandshakeError::Malformed,
            CryptoError::BadSeal => HandshakeError::NotAuthentic,
        }
    }
}
