//! What stays on disk: one profile folder with a key file and a sealed database.
//!
//! [`Profile`] keeps other programs out of the folder and opens its [`Vault`], with the passphrase if
//! there is one. The vault holds everything else: the identity, the settings, everybody met, the rooms,
//! their logs, what waits to be sent. It is a handle: clones are cheap, may go to any thread, and share
//! one database; when the last is dropped, the keys are gone from memory.
//!
//! ```text
//!   vault.write(|writing| {                      one transaction, durable when `Ok` comes back
//!       writing.append(&room, before, &rows)?;   entries: number, head, exact bytes, signature
//!       writing.unqueue(&room, &places)?;        ours came into the log: it waits no more
//!       writing.keep_room_state(&room, &state)   whatever the room's thread needs to go on
//!   })?;
//!   vault.log_rows(&room, 1..101)?               by number; missing ones are left out, `log_part` names them
//!   vault.log_pieces(&room, 512)?                all of a log in ranges, over gaps of any size
//!   vault.log_extent(&room)?                     first, next, head: where the log stands
//!   vault.outbox(&room)?                         what waits, in order, up to what can't be read
//!   vault.rooms()?, vault.room(&id)?             kept rooms; writing.keep_room, writing.change_room
//!   vault.search(&room, &words, &mut found)?     newest first; long, so on a thread
//! ```
//!
//! A room is named by the 32 bytes of its descriptor's id, a private conversation in it by its channel's id
//! (`talks.rs`). [`Table::Notes`] is free for whatever else must survive: `writing.keep(Table::Notes, key, bytes)`,
//! `reading.row(Table::Notes, key)`. A room whose [`Retention`] is `Nothing` is not written to by its
//! owner; the vault does not look. When a write fails nothing of it is kept, [`StoreError`] says why, and
//! the next one may succeed; whoever fails to write says so at once and goes on in memory.
//!
//! Files that are replaced are written beside the old ones first, so a crash leaves the old or the new
//! and never half of either. A file that can't be understood is reported and never overwritten.

// Here bytes of strangers are read: nothing may panic on them. Where types or our own bounds ensure that
// something is there, an `expect` says so, with `#[expect(clippy::expect_used, reason = …)]` above it.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod acquaintances;
mod backup;
mod contacts;
mod covered;
mod database;
mod error;
mod export;
mod gaps;
mod identity_file;
mod key_file;
mod likeness;
mod log;
mod lost;
mod migration;
mod outbox;
mod own;
mod people;
mod profile;
mod rooms;
mod settings;
mod stretch;
mod talk_search;
mod talks;
mod texts;

pub use acquaintances::Acquaintances;
pub use contacts::{Contacts, HostTrust};
pub use database::{LookUp, Mended, Reading, Rows, Table, Vault, Writing};
pub use error::StoreError;
pub use export::{Export, ExportFormat, Exported};
pub use identity_file::{read_identity, write_identity, write_public_key};
pub use likeness::{Likeness, Lookalikes, Rank};
pub use log::{LogExtent, LogRow};
pub use lost::{LogPart, missing};
pub use outbox::{Cut, Queued, Waiting};
pub use people::{Contact, Decision, KeyChange, MetAs, People, TrustMark, Verified, VerifiedBy};
pub use profile::{Profile, ProfileError, ProfileState};
pub use rooms::{KeptRole, KeptRoom, Retention, RoomState};
pub use settings::{Settings, ThemeChoice};
pub use talk_search::FoundPrivate;
pub use talks::{Said, Talk};
pub use texts::{Found, Searched, Words};

#[cfg(test)]
mod tests;
