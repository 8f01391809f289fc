//! The verbs: the same core without a window, for unattended rooms, scripts and tests.
//!
//! Names, options, JSON and exit codes are a contract with other programs.

mod analysing;
mod args;
mod attack;
mod breaking;
mod chat;
pub mod ciphers;
mod interrupt;
mod lines;
mod passphrase;
mod report;
mod talk;
mod texts;

pub use analysing::analyse;
pub use args::{
    AnalyseArguments, Arguments, AttackArguments, BreakArguments, CiphersArguments, HostArguments,
    JoinArguments, TextArguments, Verb,
};
pub use attack::attack;
pub use breaking::break_text;
pub use chat::{host, join};
pub use report::{answer, complain};
pub use texts::{list_ciphers, transform};

/// How a verb ended, as the program's exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Failed; the reason stands on standard error.
    Failed = 1,
    /// Wrong usage.
    Usage = 2,
}
