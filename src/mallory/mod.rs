//! The attack lab's engine: two real peers on loopback, a real relay between them, and Mallory at the relay.
//!
//! Every exhibit runs against two protocols: the `textbook` exchange that most tutorials teach, and
//! CR/1 with the code of [`crate::protocol`]. A verdict is read off the victims' screens and off what
//! their checks said, never assumed. Peers of the lab can have a check removed ([`Removed`]): that is
//! a type argument of the protocol's states which only this folder can name. Nothing here names `net`:
//! the lab's peers never meet a real room.

mod ablation;
mod cast;
mod check;
mod companion;
mod cr1;
mod evil;
mod exhibits;
mod expected;
mod hands;
mod peer;
mod relay;
mod run;
mod setting;
mod stage;
mod textbook;
mod thread;

pub use ablation::{Ablation, Removed};
pub use cast::Cast;
pub use check::Check;
pub use companion::Companion;
pub use exhibits::{EXHIBITS, Exhibit, find};
pub use expected::{Expected, expected};
pub use hands::{Halt, Offer};
pub use run::{AttackReport, Lab, Verdict, run, run_both};
pub use setting::{Protocol, frame_name};
pub use stage::{Caught, Direction, Fate, Person, Screen, Shown, Snapshot, Stop, Told};
