//! The lab behind its screens: the bench and its cards, the background job, the comparison, RSA by hand.
//!
//! Names ciphers and analysis only; files, dialogs and the screen are others' business. One thread, named `lab`,
//! computes; it takes the newest request and gives results over a bounded channel. Attacks have a pool of their own, and one
//! named `words` seeks words to try while somebody waits for them.

pub mod attack_job;
pub mod bench;
pub mod breaking;
pub mod challenge;
pub mod compare;
pub mod cribs;
pub mod figures;
pub mod fitness;
pub mod hand;
pub mod job;
pub mod placements;
mod plan;
pub mod policy;
pub mod random_key;
pub mod rate;
pub mod report;
pub mod room_challenge;
pub mod rsa_by_hand;
pub mod samples;
mod setup;
pub mod spaces;
mod state;
pub mod stories;
pub mod suggestions;
mod thread;
pub mod trial;
pub mod what_if;

use crate::analysis::language::{self, Language};

pub use bench::{Bench, Card, CardId};
pub use job::{CardError, Outcome};
pub use policy::{Case, Policy};
pub use setup::SetupError;
pub use state::Lab;

/// The languages that attacks can expect, the usual one first.
pub fn languages() -> &'static [&'static Language] {
    &language::ALL
}
