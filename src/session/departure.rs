//! How somebody left a room, in words: the same in the window and on a terminal.

use crate::net::limits::{OUTBOX_BYTES, STALL};
pub use crate::protocol::DepartureReason;

/// What is said behind the name of who left.
pub fn how(reason: DepartureReason) -> &'static str {
    match reason {
        DepartureReason::Goodbye => "left",
        DepartureReason::ConnectionLost => "lost the connection",
        DepartureReason::TooSlow => "was disconnected for reading too slowly",
        DepartureReason::ProtocolError => "was disconnected for breaking the protocol",
        DepartureReason::Removed => "was removed by the host",
        DepartureReason::Banned => "was banned by the host",
    }
}

/// A word for programs.
pub fn code(reason: DepartureReason) -> &'static str {
    match reason {
        DepartureReason::Goodbye => "goodbye",
        DepartureReason::ConnectionLost => "connection_lost",
        DepartureReason::TooSlow => "too_slow",
        DepartureReason::ProtocolError => "protocol_error",
        DepartureReason::Removed => "removed",
        DepartureReason::Banned => "banned",
    }
}

/// What we are told of our own departure when the log shows it afterwards; `None` when there is nothing to explain.
pub fn own(reason: DepartureReason) -> Option<String> {
    let why = match reason {
        DepartureReason::Goodbye | DepartureReason::ConnectionLost => return None,
        DepartureReason::TooSlow => {
            let (mib, secs) = (OUTBOX_BYTES >> 20, STALL.as_secs());
            return Some(format!(
                "The host had let you go because your machine or line could not keep up with the room: {mib} MiB waited for \
                 you (less where much waits for others too), or nothing was taken for {secs} seconds."
            ));
        }
        DepartureReason::ProtocolError => {
            "The host had ended your last connection because something that came over it broke the protocol. If that happens \
             again, use the same version of Cipher Room as the host."
        }
        DepartureReason::Removed => "The host had removed you from the room before you came again.",
        DepartureReason::Banned => "The host had banned your key, and lets you in again.",
    };
    Some(why.to_owned())
}
