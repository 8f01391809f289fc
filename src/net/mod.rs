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

mod command;
mod error;
mod event;

pub use command::{Admission, Command, HostRoom, JoinRoom, ListenOn, RoomKey};
pub use error::{HostFailure, JoinCause, JoinFailure};
pub use event::{Alarm, ClosedReason, Event, JoinStep, Joined, MemberSeen, Message, MessageId, RoomOpened};
