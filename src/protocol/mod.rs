//! The protocol CR/1 without input or output: bytes, instants and randomness are arguments.
//!
//! `docs/protocol.md` is its specification. A connection goes through [`handshake`], then is a
//! [`Connection`] of sealed records, whose texts are the [`body`] types; the room itself is a
//! [`RoomLog`] of signed events. Nothing here opens a socket, starts a thread or reads a clock.

// Here bytes of strangers are read: nothing may panic on them. Where types or our own bounds ensure that
// something is there, an `expect` says so, with `#[expect(clippy::expect_used, reason = …)]` above it.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

pub mod body;
pub mod card;
pub mod checks;
pub mod connection;
pub mod event;
pub mod handshake;
pub mod invite;
pub mod limits;
pub mod room_log;
pub mod wire;

pub use card::{CardError, ContactCard};
pub use checks::{Checks, Whole};
pub use connection::{CloseReason, Connection, ConnectionError, Output};
pub use event::{Content, DepartureReason, EventFault, RoomEvent, SignedEvent};
pub use invite::{Endpoint, Invite, InviteError, JoinTarget};
pub use room_log::{
    Appended, EntryFault, HeadFault, LogBreak, LogState, NotKept, OwnChain, Presence, RoomLog,
};
