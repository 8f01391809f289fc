//! One's own events, each chained to the one before.

use super::RoomLog;
use crate::crypto::{Digest, Fingerprint, Statement};
use crate::protocol::body;
use crate::protocol::checks::Checks;
use crate::protocol::event::{Content, RoomEvent, event_hash, event_statement};

/// The chain of one's own events, which runs ahead of the log while events wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OwnChain {
    /// The number of the last event written.
    pub seq: u64,
    /// Its hash; zeros before the first.
    pub last: Digest,
}

impl OwnChain {
    /// Writes the next event and moves on. The bytes are what is to be signed.
    pub fn write<C: Checks>(
        &mut self,
        log: &RoomLog<C>,
        author: Fingerprint,
        time_ms: u64,
        content: Content,
    ) -> (Vec<u8>, Statement) {
        let (seen, seen_head) = log.heads.known();
        let event = RoomEvent {
            room: log.room,
            author,
            seq: self.seq + 1,
            prev: self.last,
            seen,
            seen_head,
            time_ms,
            content,
        };
        let bytes = body::encode(&event);
        *self = OwnChain {
            seq: event.seq,
            last: event_hash(&bytes),
        };
        let statement = event_statement(&bytes);
        (bytes, statement)
    }
}
