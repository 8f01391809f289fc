//! What every attack shares: its description, its task, what it tells while it works, and what it found.
//!
//! An attack is a pure function of its [`Problem`]: the same seed gives the same run. It knows no clock and no thread;
//! whoever [watches](Watch) stops it. The attacks themselves are in [`attacks`](super::attacks), one file each.

mod finding;
mod problem;
mod spec;
mod watch;

pub use finding::{AttackError, Candidate, Finding};
pub use problem::{Lock, Problem};
pub use spec::{AttackSpec, Help};
pub use watch::{Blind, Progress, Watch};
