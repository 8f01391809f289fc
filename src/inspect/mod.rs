//! A recorded connection of one's own, taken apart: every byte a field, every value recomputed from the page.
//!
//! Pure: a [`Recording`] goes in, value types for screens and files come out. Nothing here opens a socket,
//! starts a thread or reads a clock, and nothing here can record: that is `net`'s, and only when asked.

mod handshake;

pub(crate) use handshake::{OpenedHandshake, open_handshake};
