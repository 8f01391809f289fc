//! The handshake of CR/1 as states that are consumed by value.
//!
//! ```text
//!   guest (initiator)                                   host (responder)
//!   AwaitHost::start ── M1 ──────────────────────────▶  InvitedHello::check    the invite MAC
//!                                                          SignHello: sign the statement
//!   ProveGuest ◀─────────────────────────────── M2 ──── AwaitProof
//!      │ sign the statement
//!   AwaitWelcome ────── M3 ──────────────────────────▶  AdmitGuest           decides
//!                                                          │ admit, or refuse
//!   Established ◀────────────────────────────── M4 ──── AwaitConfirmation
//!      └─────────────── M5 ──────────────────────────▶  Established
//! ```
//!
//! A session that was lost is resumed without RSA: `AwaitResumed` ── R1 ▶ `ResumeHello`, `ProvenResume`
//! ◀ R2 ── `AwaitResumedConfirmation` ── R3 ▶, each with the fresh ticket of the session before.
//!
//! No state signs by itself: it hands out a [`Statement`] and goes on with
//! the signature, so that a host can sign many at once. No state reads a clock or a socket.

mod confirmation;
mod error;
mod initiator;
mod responder;
mod resume;
mod transcript;

#[cfg(test)]
mod tests;

pub use error::{HandshakeError, Refusal};
pub use initiator::{AwaitHost, AwaitWelcome, GuestHello, ProveGuest};
pub use responder::{
    AdmitGuest, AwaitConfirmation, AwaitProof, HostHello, InviteSecret, InvitedHello, SignHello,
};
pub use resume::{AwaitResumed, AwaitResumedConfirmation, ProvenResume, ResumeHello, Session};

use std::marker::PhantomData;
use std::time::Instant;

use crate::crypto::{
    OpeningKey, PublicIdentity, RekeySecret, Sas, SealingKey, Signature, Statement, Ticket, TrafficSecret,
};
use crate::protocol::Connection;
use crate::protocol::body::{RoomDescriptor, Standing, Welcome};
use crate::protocol::checks::{Checks, Whole};

/// The version that this program speaks, the first field of M1.
pub const VERSION: &[u8] = b"CR/1";
/// The one suite of CR/1, the second field of M1.
pub const SUITE: &[u8] = b"RSA3072-PSS-OAEP+X25519+MLKEM768+AES256GCM+SHA256";

/// Which end of a connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Opened the connection.
    Guest,
    /// Accepted it.
    Host,
}

/// Proof that a peer's signature over this session's transcript was checked. Only that check makes one.
#[derive(Debug)]
pub struct PeerVerified<C: Checks = Whole>(PhantomData<C>);

impl<C: Checks> PeerVerified<C> {
    fn check(
        peer: &PublicIdentity,
        statement: &Statement,
        signature: &Signature,
    ) -> Result<PeerVerified<C>, HandshakeError> {
        C::transcript_signed(peer, statement, signature).map_err(|_| HandshakeError::BadSignature)?;
        Ok(PeerVerified(PhantomData))
    }
}

/// The other end, proven to hold its identity key.
#[derive(Debug)]
pub struct Peer<C: Checks = Whole> {
    /// Its identity key.
    pub identity: PublicIdentity,
    /// The name that it gives itself; not checked by anybody.
    pub name: String,
    _proof: PeerVerified<C>,
}

/// What a handshake found out.
#[derive(Debug)]
pub struct Agreed<C: Checks = Whole> {
    /// Which end this is.
    pub role: Role,
    /// Who the other end is.
    pub peer: Peer<C>,
    /// The room.
    pub room: RoomDescriptor,
    /// What the host said when it admitted the guest.
    pub welcome: Welcome,
    /// The emoji that both ends can compare. A resumed session keeps those of its full handshake.
    pub sas: Sas,
    /// Where the guest's copy of the room's log stands.
    pub standing: Standing,
    ticket: Ticket,
    /// When the full handshake was, if this session was resumed.
    resumed_since: Option<Instant>,
}

impl Agreed {
    /// What is kept to resume this session once, within 24 hours of its full handshake.
    pub fn session(&self, now: Instant) -> Session {
        Session::new(self, now)
    }

    /// Whether this session was resumed, without RSA.
    pub fn is_resumed(&self) -> bool {
        self.resumed_since.is_some()
    }
}

/// The outcome of a handshake on either side.
#[derive(Debug)]
pub struct Established<C: Checks = Whole> {
    agreed: Agreed<C>,
    keys: ApplicationKeys,
}

impl<C: Checks> Established<C> {
    /// Goes on with records. `rest` is what the peer sent behind its last handshake frame; feed the
    /// connection an empty input to have it read.
    pub fn into_connection(self, rest: &[u8], now: Instant) -> (Agreed<C>, Connection<C>) {
        let connection = Connection::new(self.agreed.role, self.keys, rest, now);
        (self.agreed, connection)
    }

    /// What was found out.
    pub fn agreed(&self) -> &Agreed<C> {
        &self.agreed
    }
}

/// The keys of an established connection.
#[derive(Debug)]
pub(in crate::protocol) struct ApplicationKeys {
    pub sealing: SealingKey,
    pub sealing_secret: TrafficSecret,
    pub opening: OpeningKey,
    pub opening_secret: TrafficSecret,
    pub rekey: RekeySecret,
}
