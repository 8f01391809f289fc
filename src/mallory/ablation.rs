//! CR/1 with checks removed, as types that only the lab's peers can name.
//!
//! [`Without`] is private to this folder: a real room can't spell a state that goes on with it. What
//! the outside can say is [`Removed`], a wish that the lab's peers, and nobody else, take.

use super::check::Check;
use crate::crypto::{
    CryptoError, Digest, Fingerprint, HybridSecret, MasterSecret, OpeningKey, PublicIdentity, SealingKey,
    Secret, Signature, Statement, TAG_BYTES, TrafficSecret,
};
use crate::protocol::checks::{Checks, Whole, sealed};
use crate::protocol::handshake::Role;

/// Which checks the lab's peers leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed(u32);

impl Removed {
    /// None: CR/1 as it is.
    pub const NOTHING: Removed = Removed(0);

    pub(super) const fn mask(self) -> u32 {
        self.0
    }

    /// The checks that are left out.
    pub fn checks(self) -> Vec<Check> {
        let bits = BITS.iter().filter(|(bit, _)| self.0 & bit != 0);
        bits.map(|(_, check)| *check).collect()
    }
}

/// A check, or several, that can be removed in an exhibit, and what then happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ablation {
    /// What is left out.
    pub removed: Removed,
    /// `None`: the attack works; else the check that stops it all the same.
    pub stopped_by: Option<Check>,
}

impl Ablation {
    pub(super) const fn works(mask: u32) -> Ablation {
        Ablation {
            removed: Removed(mask),
            stopped_by: None,
        }
    }

    pub(super) const fn stopped(mask: u32, check: Check) -> Ablation {
        Ablation {
            removed: Removed(mask),
            stopped_by: Some(check),
        }
    }
}

pub(super) const PIN: u32 = 1;
pub(super) const TRANSCRIPT: u32 = 1 << 1;
pub(super) const SUITE: u32 = 1 << 2;
pub(super) const INVITE: u32 = 1 << 3;
pub(super) const COUNTER: u32 = 1 << 4;
pub(super) const TAG: u32 = 1 << 5;
pub(super) const DIRECTION: u32 = 1 << 6;
pub(super) const CLOSE: u32 = 1 << 7;
pub(super) const SEAL: u32 = 1 << 8;
pub(super) const AUTHOR: u32 = 1 << 9;
pub(super) const ROOM: u32 = 1 << 10;
pub(super) const CHAIN: u32 = 1 << 11;
pub(super) const SEEN: u32 = 1 << 12;
pub(super) const FRESH: u32 = 1 << 13;

const BITS: [(u32, Check); 14] = [
    (PIN, Check::PinnedHostKey),
    (TRANSCRIPT, Check::TranscriptSignature),
    (SUITE, Check::OneSuite),
    (INVITE, Check::InviteMac),
    (COUNTER, Check::RecordCounter),
    (TAG, Check::RecordTag),
    (DIRECTION, Check::DirectionKeys),
    (CLOSE, Check::CloseRecord),
    (SEAL, Check::SealedSignature),
    (AUTHOR, Check::AuthorSignature),
    (ROOM, Check::RoomId),
    (CHAIN, Check::AuthorChain),
    (SEEN, Check::SeenOrder),
    (FRESH, Check::FreshExchange),
];

/// CR/1 without the checks in the mask. `Without<0>` makes them all, and also notes why a record did not open.
#[derive(Debug)]
pub(super) struct Without<const MASK: u32>;

impl<const MASK: u32> sealed::Sealed for Without<MASK> {}

/// Why a record did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// It is whole, but its counter is another one than the next.
    OtherCounter {
        /// The counter under which it was sealed.
        found: u64,
        /// The counter that comes next.
        next: u64,
    },
    /// It opens under no counter near.
    Altered,
}

/// Which checks are made and which are not. Those made are the methods of [`Whole`].
impl<const MASK: u32> Checks for Without<MASK> {
    type Note = Option<Finding>;

    fn suite(version: &[u8], suite: &[u8]) -> bool {
        MASK & SUITE != 0 || Whole::suite(version, suite)
    }

    fn invited(key: &Secret, signed: &[u8], proof: &[u8]) -> bool {
        MASK & INVITE != 0 || Whole::invited(key, signed, proof)
    }

    fn pinned(expected: Option<Fingerprint>, found: Fingerprint) -> bool {
        MASK & PIN != 0 || Whole::pinned(expected, found)
    }

    fn transcript_signed(
        peer: &PublicIdentity,
        statement: &Statement,
        signature: &Signature,
    ) -> Result<(), CryptoError> {
        if MASK & TRANSCRIPT != 0 {
            return Ok(());
        }
        Whole::transcript_signed(peer, statement, signature)
    }

    fn fresh(hybrid: HybridSecret) -> HybridSecret {
        if MASK & FRESH != 0 {
            HybridSecret::none()
        } else {
            hybrid
        }
    }

    fn traffic(master: &MasterSecret, sender: Role, transcript: &Digest) -> TrafficSecret {
        let sender = if MASK & DIRECTION != 0 { Role::Host } else { sender };
        Whole::traffic(master, sender, transcript)
    }

    fn seal_record(key: &mut SealingKey, header: &[u8], text: &[u8], frame: &mut Vec<u8>) {
        if MASK & SEAL != 0 {
            frame.extend_from_slice(text);
            frame.extend_from_slice(&[0; TAG_BYTES]);
        } else {
            Whole::seal_record(key, header, text, frame);
        }
    }

    fn open_record(
        key: &mut OpeningKey,
        header: &[u8],
        text: &mut Vec<u8>,
        note: &mut Self::Note,
    ) -> Result<(), CryptoError> {
        if MASK & SEAL != 0 {
            text.truncate(text.len().saturating_sub(TAG_BYTES));
            return Ok(());
        }
        if MASK & COUNTER != 0 {
            return key.open_at_any(header, text).map(drop);
        }
        if MASK & TAG != 0 {
            return key.open_unchecked(header, text);
        }
        let whole = text.clone();
        let next = key.opened();
        let outcome = Whole::open_record(key, header, text, &mut ());
        if outcome.is_err() {
            // Looks only; the connection ends either way.
            let found = key.open_at_any(header, &mut whole.clone());
            *note = Some(found.map_or(Finding::Altered, |found| Finding::OtherCounter { found, next }));
        }
        outcome
    }

    fn close_count(claimed: u64, counted: u64) -> bool {
        MASK & CLOSE != 0 || Whole::close_count(claimed, counted)
    }

    fn end_is_goodbye(goodbye_came: bool) -> bool {
        MASK & CLOSE != 0 || Whole::end_is_goodbye(goodbye_came)
    }

    fn same_room(event: &[u8; 32], own: &[u8; 32]) -> bool {
        MASK & ROOM != 0 || Whole::same_room(event, own)
    }

    fn author_signed(verified: Result<(), CryptoError>) -> Result<(), CryptoError> {
        if MASK & AUTHOR != 0 { Ok(()) } else { verified }
    }

    fn author_chain(follows: bool) -> bool {
        MASK & CHAIN != 0 || follows
    }

    fn same_order(agrees: bool) -> bool {
        MASK & SEEN != 0 || agrees
    }
}

/// Calls a function with the mask that stands for what is removed. A mask that no exhibit lists makes
/// every check.
macro_rules! with_checks {
    ($removed:expr, $function:ident ( $($argument:expr),* $(,)? )) => {{
        use $crate::mallory::ablation as a;
        match $removed.mask() {
            m if m == (a::PIN) => $function::<{ a::PIN }>($($argument),*),
            m if m == (a::TRANSCRIPT) => $function::<{ a::TRANSCRIPT }>($($argument),*),
            m if m == (a::SUITE) => $function::<{ a::SUITE }>($($argument),*),
            m if m == (a::SUITE | a::INVITE) => $function::<{ a::SUITE | a::INVITE }>($($argument),*),
            m if m == (a::COUNTER) => $function::<{ a::COUNTER }>($($argument),*),
            m if m == (a::COUNTER | a::CHAIN) => $function::<{ a::COUNTER | a::CHAIN }>($($argument),*),
            m if m == (a::TAG) => $function::<{ a::TAG }>($($argument),*),
            m if m == (a::TAG | a::AUTHOR) => $function::<{ a::TAG | a::AUTHOR }>($($argument),*),
            m if m == (a::DIRECTION) => $function::<{ a::DIRECTION }>($($argument),*),
            m if m == (a::CLOSE) => $function::<{ a::CLOSE }>($($argument),*),
            m if m == (a::SEAL) => $function::<{ a::SEAL }>($($argument),*),
            m if m == (a::AUTHOR) => $function::<{ a::AUTHOR }>($($argument),*),
            m if m == (a::ROOM) => $function::<{ a::ROOM }>($($argument),*),
            m if m == (a::CHAIN) => $function::<{ a::CHAIN }>($($argument),*),
            m if m == (a::SEEN) => $function::<{ a::SEEN }>($($argument),*),
            m if m == (a::FRESH) => $function::<{ a::FRESH }>($($argument),*),
            m if m == (a::TAG | a::AUTHOR | a::CHAIN) => {
                $function::<{ a::TAG | a::AUTHOR | a::CHAIN }>($($argument),*)
            }
            m if m == (a::DIRECTION | a::COUNTER) => $function::<{ a::DIRECTION | a::COUNTER }>($($argument),*),
            m if m == (a::TRANSCRIPT | a::ROOM) => $function::<{ a::TRANSCRIPT | a::ROOM }>($($argument),*),
            m if m == (a::TRANSCRIPT | a::ROOM | a::SEEN) => $function::<{ a::TRANSCRIPT | a::ROOM | a::SEEN }>($($argument),*),
            _ => $function::<0>($($argument),*),
        }
    }};
}
pub(super) use with_checks;
