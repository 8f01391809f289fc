//! What can be wrong with a peer's records.

use std::fmt;

use crate::protocol::wire::{FrameKind, WireError};

/// Why nothing more can be read from the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionError {
    /// The bytes are not frames.
    Wire(WireError),
    /// A record was altered, repeated, left out or out of order.
    NotAuthentic,
    /// A record of this kind may not come now.
    OutOfTurn(FrameKind),
    /// The peer's fresh key share is not valid.
    BadRekey,
    /// The goodbye counts other records than those that came.
    WrongCount,
    /// The line ended without a goodbye.
    Cut,
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConnectionError::Wire(error) => error.fmt(f),
            ConnectionError::NotAuthentic => f.write_str("a record was altered or is out of order"),
            ConnectionError::OutOfTurn(kind) => write!(f, "a {kind:?} record came out of turn"),
            ConnectionError::BadRekey => f.write_str("a fresh key share is not valid"),
            ConnectionError::Cut => f.write_str("the line was cut without a goodbye"),
            ConnectionError::WrongCount => f.write_str("records are missing before the goodbye"),
        }
    }
}

impl std::error::Error for ConnectionError {}

impl From<WireError> for ConnectionError {
    fn from(error: WireError) -> ConnectionError {
        ConnectionError::Wire(error)
    }
}
