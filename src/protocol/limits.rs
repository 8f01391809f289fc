//! The limits of CR/1: what both ends must keep, and, at the end, how far this program's checks look back.
//!
//! `docs/protocol.md`, section 2, repeats these tables. What one peer may cost this program, how long it waits for it and
//! how often it does something is the program's own affair and stands in `net`'s limits.

use std::time::Duration;

use crate::crypto::TAG_BYTES;

/// The limits of RSA keys and of batches of signatures. They stand in [`crate::crypto`], which checks them where a key is
/// read and a batch is signed, and names no layer above it.
pub use crate::crypto::{MAX_BATCH, MAX_RSA_BITS, MAX_SPKI_BYTES, MIN_RSA_BITS};

// Handshakes and records.

/// A handshake that is not done by then is given up by both sides.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a guest that knocks waits for the host's answer.
pub const KNOCK_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// Longest body of a handshake frame, in bytes.
pub const MAX_HANDSHAKE_BYTES: usize = 16 * 1024;
/// Longest text of one record, in bytes.
pub const MAX_RECORD_BYTES: usize = 64 * 1024;
/// Longest body of a record frame: text and tag.
pub const MAX_SEALED_RECORD_BYTES: usize = MAX_RECORD_BYTES + TAG_BYTES;
/// One traffic key seals so many records; the last of them is the key update.
pub const RECORDS_PER_KEY: u64 = 65_536;
/// A guest offers a fresh key exchange when the last one is so old and anything was said since.
pub const REKEY_INTERVAL: Duration = Duration::from_secs(10 * 60);
/// A guest offers a fresh key exchange after so many bytes of text in both directions.
pub const REKEY_BYTES: u64 = 1 << 30;
/// A host refuses an offer that comes sooner than this after the last exchange …
pub const MIN_REKEY_INTERVAL: Duration = Duration::from_secs(60);
/// … unless so many bytes were exchanged since.
pub const MIN_REKEY_BYTES: u64 = 1 << 28;
/// A session can be resumed so long after its full handshake.
pub const RESUMPTION_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

// Names, texts and events.

/// Longest display name, in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 128;
/// Longest room name, in bytes of UTF-8.
pub const MAX_ROOM_NAME_BYTES: usize = 128;
/// Longest text of a message, in bytes of UTF-8.
pub const MAX_MESSAGE_BYTES: usize = 32 * 1024;
/// Longest encoding of a room event, in bytes.
pub const MAX_EVENT_BYTES: usize = 48 * 1024;
/// Largest number of an event or entry; nobody gets there by counting.
pub const MAX_COUNT: u64 = 1 << 53;

// Bodies of several parts.

/// Most members in one piece of the roster.
pub const MAX_ROSTER_PIECE: usize = 64;
/// Most members who can be in a room at once.
pub const MAX_MEMBERS: usize = 16_384;
/// Most people whom a host may name to a member that was away for long: all who ever were in the room.
pub const MAX_KNOWN: usize = 131_072;
/// Most entries in one page of a catch-up.
pub const MAX_PAGE_ENTRIES: u64 = 512;
/// A page of a catch-up ends behind the entry that brings it to so many bytes.
pub const MAX_PAGE_BYTES: usize = 1024 * 1024;
/// Most positions in one body.
pub const MAX_POSITIONS: usize = 128;
/// Longest piece of a private channel that the host passes on at once, in bytes.
pub const MAX_PRIVATE_BYTES: usize = 60 * 1024;

// Invitations and cards.

/// Longest invitation, in bytes.
pub const MAX_INVITE_BYTES: usize = 4096;
/// Most addresses in one invitation.
pub const MAX_INVITE_ADDRESSES: usize = 32;
/// The port that a host takes when it is free.
pub const DEFAULT_PORT: u16 = 4747;
/// Longest contact card, in bytes: a name of which every byte is escaped, and the rest. Cards cross no wire.
pub const MAX_CARD_BYTES: usize = 1024;

// How far this program looks back; another one may choose other figures.

/// So many entries behind a gap can come before the host signs a head that leads to the newest one.
pub const MOST_UNKNOWN: usize = 4096;
/// So many events back a host tells a repeated one, which its author may forget, from a wrong one.
pub const MAX_RECENT: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_that_other_programs_count_on() {
        let bytes = [
            (MAX_HANDSHAKE_BYTES, 16_384),
            (MAX_RECORD_BYTES, 65_536),
            (MAX_SEALED_RECORD_BYTES, 65_552),
            (MAX_MESSAGE_BYTES, 32_768),
            (MAX_EVENT_BYTES, 49_152),
            (MAX_PAGE_BYTES, 1_048_576),
            (MAX_PRIVATE_BYTES, 61_440),
            (MAX_SPKI_BYTES, 640),
            (MAX_INVITE_BYTES, 4096),
            (MAX_NAME_BYTES, 128),
            (MAX_ROOM_NAME_BYTES, 128),
        ];
        for (limit, bytes) in bytes {
            assert_eq!(limit, bytes);
        }
        let counts = [
            (RECORDS_PER_KEY, 65_536),
            (REKEY_BYTES, 1_073_741_824),
            (MIN_REKEY_BYTES, 268_435_456),
            (MAX_COUNT, 9_007_199_254_740_992),
            (MAX_PAGE_ENTRIES, 512),
            (MAX_BATCH as u64, 64),
            (MAX_ROSTER_PIECE as u64, 64),
            (MAX_MEMBERS as u64, 16_384),
            (MAX_KNOWN as u64, 131_072),
            (MAX_POSITIONS as u64, 128),
            (MAX_INVITE_ADDRESSES as u64, 32),
            (u64::from(DEFAULT_PORT), 4747),
            (u64::from(MIN_RSA_BITS), 3072),
            (u64::from(MAX_RSA_BITS), 4096),
        ];
        for (limit, count) in counts {
            assert_eq!(limit, count);
        }
        let seconds = [
            (HANDSHAKE_TIMEOUT, 10),
            (REKEY_INTERVAL, 600),
            (MIN_REKEY_INTERVAL, 60),
            (RESUMPTION_LIFETIME, 86_400),
            (KNOCK_TIMEOUT, 300),
        ];
        for (limit, seconds) in seconds {
            assert_eq!(limit.as_secs(), seconds);
        }
    }
}
