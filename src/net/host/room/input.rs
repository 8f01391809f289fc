//! What the room's thread hears.

use crate::crypto::{Fingerprint, PublicIdentity, Sas, Signature};
use crate::net::HostAct;
use crate::net::host::ConnId;
use crate::net::host::gate::Origin;
use crate::protocol::DepartureReason;
use crate::protocol::body::{Private, Standing};

/// What the room's thread hears.
pub enum Input {
    /// Somebody finished the handshake.
    Arrived {
        conn: ConnId,
        identity: PublicIdentity,
        name: String,
        sas: Sas,
        standing: Standing,
        /// How often somebody had been sent away when the handshake began.
        removals: u64,
    },
    /// Somebody has proven its key and asks to be let in.
    Knocked(Knocker),
    /// Somebody who knocked went away, or was answered.
    KnockGone { conn: ConnId },
    /// A guest hands in an event.
    Submitted {
        conn: ConnId,
        event: Vec<u8>,
        signature: Signature,
    },
    /// A guest says how far its copy of the log goes.
    Here { conn: ConnId, standing: Standing },
    /// A guest has something passed on.
    Private { conn: ConnId, private: Private },
    /// A guest's connection ended.
    Gone { conn: ConnId, reason: DepartureReason },
    /// The host says something.
    Say { text: String },
    /// The host says something to one member alone.
    SayPrivately { to: Fingerprint, text: String },
    /// The host wants to compare emoji with one member.
    OpenPrivate { with: Fingerprint },
    /// The host uses one of its powers.
    Govern(HostAct),
    /// The signatures that were asked for.
    Signed(Vec<Signature>),
    /// Something keeps the room from working as it should; it goes on.
    Hindered { reason: String },
    /// Close the room.
    Close,
    /// A reactor can't go on.
    Broken { reason: String },
    /// A thread panics.
    #[cfg(test)]
    Die(crate::net::host::deaths::Victim),
}

/// Somebody at the door.
pub struct Knocker {
    pub conn: ConnId,
    /// Where it comes from.
    pub origin: Origin,
    pub identity: PublicIdentity,
    pub name: String,
    pub sas: Sas,
}
