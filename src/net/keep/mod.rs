//! What rooms remember between two connections and two runs: entries, the state of the checks, the outbox.
//!
//! It goes into the profile's [`Vault`], unless the user wants nothing of a room on the disk; then, and when
//! the disk fails, a room goes on in memory and says so.

mod entry;
mod failing;
mod followed;
mod history;
mod host;
mod member;
mod replay;
mod shelf;
mod talks;

use crate::store::{Retention, Vault};

pub use entry::Kept;
pub use failing::KeepingChange;
pub use followed::Followed;
pub use host::{KeptLog, LogKeeper};
pub use member::{KeptMember, MemberKeeper};
pub use shelf::Shelf;
pub use talks::{KeptTalk, KeptTalks, TalkChange, TalkEnd, TalkKeeper, said_now};

/// The state of the checks is kept anew after so many entries; those behind it are checked again at the start.
const STATE_EVERY: u64 = 256;

/// Whether nothing of a room's log may go to the disk.
fn stays_in_memory(vault: &Vault, room: &[u8; 32]) -> bool {
    let kept = vault.room(room).ok().flatten();
    kept.is_some_and(|kept| kept.retention == Retention::Nothing)
}

#[cfg(test)]
pub(super) mod tests;
