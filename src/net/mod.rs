//! Threads and sockets: takes [`Command`]s, tells [`Event`]s, and wakes who draws.
//!
//! ```text
//!   window or terminal ── Command ──▶ node ──▶ room ──▶ reactor-0, reactor-1   (sockets)
//!          ▲                                    ▲ │          ▲ │
//!          └────────────── Event ───────────────┘ └─▶ signer └─┴▶ crypto pool  (RSA)
//! ```
//!
//! Every channel is bounded. Invariant: a reactor never waits for anybody; who is upstream of it
//! waits or is told that the house is full.

// Here bytes of strangers are read: nothing may panic on them. Where types or our own bounds ensure that
// something is there, an `expect` says so, with `#[expect(clippy::expect_used, reason = …)]` above it.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod addresses;
mod alarm;
mod book;
mod bucket;
mod clock;
mod command;
mod error;
mod event;
pub mod foreign;
mod guest;
mod host;
mod keep;
mod keepalive;
mod kept;
pub mod limits;
mod node;
pub mod open_files;
mod outbox;
mod private;
#[cfg(test)]
mod rehearsal;
mod seen;
mod signing;
mod thread;
mod ticks;
mod waking;

pub use command::{Admission, Command, HostAct, HostRoom, JoinRoom, ListenOn, Look, RoomKey};
pub use error::{HostFailure, JoinCause, JoinFailure};
pub use node::{Busy, Node, default_profile_folder};
pub use thread::{Teller, Wake, spawn};

pub use alarm::{Alarm, ClosedReason};
pub use event::{Event, Loss, PrivateEvent};
pub use keep::KeepingChange;
pub use seen::{
    DoorSeen, FoundMessage, HistoryPage, JoinStep, Joined, KeptSeen, MemberSeen, Message, MessageId,
    OneGiven, PastRoom, PrivateEnd, RoomOpened, Rules,
};
pub use ticks::Delivery;
