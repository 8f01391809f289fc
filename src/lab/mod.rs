//! The lab behind its screens: the bench and its cards, the background job, the comparison, RSA by hand.
//!
//! Names ciphers and analysis only; files, dialogs and the screen are others' business. One thread, named `lab`,
//! computes; it takes the newest request and gives results over a bounded channel.

pub mod bench;
pub mod compare;
pub mod figures;
pub mod job;
pub mod policy;
pub mod room_challenge;
pub mod rsa_by_hand;
pub mod samples;
mod setup;
mod state;
pub mod stories;
pub mod what_if;

pub use bench::{Bench, Card, CardId};
pub use job::{CardError, Outcome};
pub use policy::{Case, Policy};
pub use setup::SetupError;
pub use state::Lab;
