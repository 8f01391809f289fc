//! What can be wrong with what a host sends, in words for the user.

use std::fmt;

use crate::crypto::Fingerprint;
use crate::protocol::EventFault;

/// What is wrong with an entry that the host sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryFault {
    /// The host left out entries or sent one twice.
    Gap {
        /// The number that should come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// The event in it fails a check.
    Event {
        /// Which.
        fault: EventFault,
        /// Who is said to have written it, where that can be read.
        author: Option<Fingerprint>,
    },
    /// The roster has an unacceptable key, or its pieces disagree.
    Roster,
}

impl fmt::Display for EntryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EntryFault::Gap { expected, found } => {
                write!(
                    f,
                    "the host sent entry {found} of the room's log where {expected} should come"
                )
            }
            EntryFault::Event { fault, .. } => fault.fmt(f),
            EntryFault::Roster => f.write_str("the host's list of members is not valid"),
        }
    }
}

impl std::error::Error for EntryFault {}

/// What is wrong with a head that the host signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadFault {
    /// The signature is not the host's.
    BadSignature,
    /// The host signed another order than it sent us.
    Fork {
        /// The entry.
        at: u64,
    },
    /// The host signed an entry that it did not send us.
    Unknown {
        /// The entry.
        at: u64,
    },
}

impl fmt::Display for HeadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeadFault::BadSignature => f.write_str("the host's signature over the room's order is wrong"),
            HeadFault::Fork { at } => {
                write!(
                    f,
                    "the host signed another order of the room than it sent: entry {at} differs"
                )
            }
            HeadFault::Unknown { at } => write!(f, "the host signed entry {at}, which it did not send"),
        }
    }
}

impl std::error::Error for HeadFault {}
