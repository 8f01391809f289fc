//! The checks of CR/1 as a type. [`Whole`] makes all of them, and is what every state is without further words.
//!
//! A peer of the attack lab can be built with another implementation, one that leaves a single check
//! out, to show which attack that check stops. A real room can't: its fields name the states without
//! an argument, which is [`Whole`]; the states that go on with another implementation are other types.
//! The trait is sealed, and its other implementation is private to the lab.
//!
//! What a real room holds has every check:
//! ```
//! use cipher_room::protocol::{Connection, RoomLog, Whole};
//! fn kept_by_a_room(connection: Connection<Whole>, log: RoomLog<Whole>) -> (Connection, RoomLog) {
//!     (connection, log)
//! }
//! ```
//! Other checks can't be written elsewhere, because the trait is sealed:
//! ```compile_fail,E0277
//! #[derive(Debug)]
//! struct Mine;
//! impl cipher_room::protocol::Checks for Mine {
//!     type Note = ();
//! }
//! ```
//! Those of the lab can't be named outside it:
//! ```compile_fail,E0603
//! use cipher_room::mallory::ablation::Without;
//! ```
//! And a connection with other checks is not what a room takes:
//! ```compile_fail,E0308
//! use cipher_room::protocol::{Checks, Connection};
//! fn into_a_room<C: Checks>(of_the_lab: Connection<C>) -> Connection {
//!     of_the_lab
//! }
//! ```

use crate::crypto::{
    CryptoError, Digest, Fingerprint, HybridSecret, MasterSecret, OpeningKey, PublicIdentity, SealingKey,
    Secret, Signature, Statement, TrafficSecret, mac_matches,
};

use super::handshake::{Role, SUITE, VERSION};

pub(crate) mod sealed {
    /// Implemented in this crate only.
    pub trait Sealed {}
}

/// What a peer checks. Every method has the body that `docs/protocol.md` demands.
pub trait Checks: sealed::Sealed + std::fmt::Debug + Send + Sync + 'static {
    /// What is noted about records that do not open; nothing in a real room.
    type Note: Default + std::fmt::Debug + Send;

    /// M1 names the one version and the one suite.
    fn suite(version: &[u8], suite: &[u8]) -> bool {
        version == VERSION && suite == SUITE
    }

    /// M1's sender holds the invitation.
    fn invited(key: &Secret, signed: &[u8], proof: &[u8]) -> bool {
        mac_matches(key, signed, proof)
    }

    /// The host's key is the one that the invitation names.
    fn pinned(expected: Option<Fingerprint>, found: Fingerprint) -> bool {
        expected.is_none_or(|expected| expected == found)
    }

    /// The identity of M3 is the one that M1 committed to.
    fn committed(expected: &Digest, found: &Digest) -> bool {
        expected == found
    }

    /// The peer signed this handshake with its identity key.
    fn transcript_signed(
        peer: &PublicIdentity,
        statement: &Statement,
        signature: &Signature,
    ) -> Result<(), CryptoError> {
        signature.verify(peer, statement)
    }

    /// What the fresh exchange gives to the key schedule.
    fn fresh(hybrid: HybridSecret) -> HybridSecret {
        hybrid
    }

    /// The traffic secret of one direction.
    fn traffic(master: &MasterSecret, sender: Role, transcript: &Digest) -> TrafficSecret {
        match sender {
            Role::Host => master.host_traffic(transcript),
            Role::Guest => master.guest_traffic(transcript),
        }
    }

    /// Seals a record behind what `frame` holds already.
    fn seal_record(key: &mut SealingKey, header: &[u8], text: &[u8], frame: &mut Vec<u8>) {
        key.seal_behind(header, text, frame);
    }

    /// Opens a record under the one counter that may come now.
    fn open_record(
        key: &mut OpeningKey,
        header: &[u8],
        text: &mut Vec<u8>,
        _note: &mut Self::Note,
    ) -> Result<(), CryptoError> {
        key.open(header, text)
    }

    /// The goodbye counts the records that came.
    fn close_count(claimed: u64, counted: u64) -> bool {
        claimed == counted
    }

    /// A line that ends without a goodbye was cut.
    fn end_is_goodbye(goodbye_came: bool) -> bool {
        goodbye_came
    }

    /// The event was written for this room.
    fn same_room(event: &[u8; 32], own: &[u8; 32]) -> bool {
        event == own
    }

    /// The author signed the event.
    fn author_signed(verified: Result<(), CryptoError>) -> Result<(), CryptoError> {
        verified
    }

    /// The event follows the author's event before: number and hash.
    fn author_chain(follows: bool) -> bool {
        follows
    }

    /// The author saw the order that we have.
    fn same_order(agrees: bool) -> bool {
        agrees
    }
}

/// Every check of `docs/protocol.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole;

impl sealed::Sealed for Whole {}

impl Checks for Whole {
    type Note = ();
}
