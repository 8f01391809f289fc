//! A recorded connection of one's own, taken apart: every byte a field, every value recomputed from the page.
//!
//! Pure: [`Piece`]s of a recording go in, value types for screens and files come out. Nothing here opens a
//! socket, starts a thread or reads a clock, and nothing here can record: that is `net`'s, and only when asked.

mod dissect;
mod drawn;
mod fields;
mod handshake;
mod ladder;
mod pcapng;
mod recompute;
mod resumption;
mod time_machine;
mod wire;

pub use dissect::Inspection;
pub use drawn::{Drawn, Tee};
pub use fields::{Field, Inside};
pub use ladder::{Ladder, Rung, rungs_of_a_handshake};
pub use recompute::{Recompute, Tool};
pub use time_machine::{Broken, Fate, TimeMachine};
pub use wire::{Beginning, Connection, MAX_KEPT_BYTES, MAX_KEPT_FRAMES, Piece, Wire, WireFrame};

pub(crate) use handshake::open_handshake;
