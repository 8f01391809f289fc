//! One peer's socket, and how far its handshake came.

use std::time::Instant;

use mio::net::TcpStream;

use crate::net::outbox::Outbox;
use crate::protocol::Connection;
use crate::protocol::handshake::{AdmitGuest, AwaitConfirmation, AwaitProof, AwaitResumedConfirmation};
use crate::protocol::wire::FrameBuffer;

/// One peer's socket and how far it came.
pub(super) struct Conn {
    pub(super) stream: TcpStream,
    pub(super) outbox: Outbox,
    pub(super) frames: FrameBuffer,
    pub(super) stage: Stage,
    pub(super) deadline: Option<Instant>,
    pub(super) ends_when_flushed: bool,
    /// All is said; what the peer still sends is read and forgotten until it hangs up, because
    /// hanging up first could take back what is on its way.
    pub(super) lingers: bool,
    pub(super) hears_room: bool,
}

/// How far a handshake came.
pub(super) enum Stage {
    AwaitHello,
    /// The pool or the signer has the state.
    Away,
    AwaitProof(Box<AwaitProof>),
    AwaitConfirm(Box<AwaitConfirmation>),
    /// The host is asked whether to admit it.
    Knocking(Box<AdmitGuest>),
    AwaitResumed(Box<AwaitResumedConfirmation>),
    Live(Box<Connection>),
}
