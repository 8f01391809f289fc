//! What can be wrong with what a host sends, in words for the user.

use std::cmp::Ordering;
use std::fmt;

use crate::crypto::Fingerprint;
use crate::protocol::EventFault;
use crate::protocol::body::{Roster, Standing};

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
    /// The host names more people than a room can have.
    TooMany,
    /// The host says that it let go of entries that we have.
    LetGo {
        /// The last one, as it says.
        n: u64,
    },
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
            EntryFault::LetGo { n } => write!(
                f,
                "the host says that it keeps nothing up to entry {n}, although you have that and more"
            ),
            EntryFault::Roster => f.write_str("the host's list of members is not valid"),
            EntryFault::TooMany => f.write_str("the host names more people than a room can have"),
        }
    }
}

impl std::error::Error for EntryFault {}

/// How a host's log does not go on from the one that a member had when it was away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogBreak {
    /// The host's log ends before ours.
    Behind {
        /// Our newest entry.
        ours: u64,
        /// The host's newest entry.
        theirs: u64,
    },
    /// The host has another entry where ours ends.
    Fork {
        /// The entry.
        at: u64,
    },
    /// The host did not send what came behind our newest entry.
    Missing {
        /// The first that is missing.
        from: u64,
        /// The last that is missing.
        to: u64,
    },
    /// The host gives somebody another last event than the one that we have.
    Chain {
        /// Who.
        author: Fingerprint,
    },
}

impl LogBreak {
    /// Compares the number of our newest entry with a roster, where its head is not known.
    pub(super) fn behind_gap(ours: u64, theirs: &Roster) -> Option<LogBreak> {
        let head = theirs.head;
        LogBreak::between(&Standing { n: ours, head }, theirs)
    }

    /// Compares where we stand with a roster; `None` when it goes on from there.
    pub(super) fn between(ours: &Standing, theirs: &Roster) -> Option<LogBreak> {
        match theirs.n.cmp(&ours.n) {
            Ordering::Less => Some(LogBreak::Behind {
                ours: ours.n,
                theirs: theirs.n,
            }),
            Ordering::Equal if theirs.head != ours.head => Some(LogBreak::Fork { at: ours.n }),
            Ordering::Equal => None,
            Ordering::Greater => Some(LogBreak::Missing {
                from: ours.n + 1,
                to: theirs.n,
            }),
        }
    }
}

impl fmt::Display for LogBreak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogBreak::Behind { ours, theirs } => write!(
                f,
                "the host's log ends at entry {theirs}, but you have {ours}: it shows you an old log, or it lost the rest"
            ),
            LogBreak::Fork { at } => write!(f, "the host has another entry {at} than the one that you have"),
            LogBreak::Missing { from, to } => {
                write!(
                    f,
                    "the host did not send the entries {from} to {to} that you missed"
                )
            }
            LogBreak::Chain { .. } => {
                f.write_str("the host gives a member another last message than the one that you have")
            }
        }
    }
}

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
