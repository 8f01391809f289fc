//! What every attack shares: its description, its task, what it tells while it works, and what it found.
//!
//! An attack is a pure function of its [`Problem`]: the same seed gives the same run. It knows no clock and no thread;
//! whoever [watches](Watch) stops it. The attacks themselves are in [`attacks`](super::attacks), one file each.

mod confidence;
mod finding;
mod problem;
mod random;
mod spec;
mod watch;

pub use confidence::{Evidence, reading_score, unicity_distance};
pub use finding::{AttackError, Candidate, Finding};
pub use problem::{Lock, Problem};
pub use random::Random;
pub use spec::{AttackSpec, Help};
pub use watch::{Blind, Progress, Watch};
