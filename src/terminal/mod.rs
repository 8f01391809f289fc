//! The verbs: the same core without a window, for unattended rooms, scripts and tests.
//!
//! Names, options, JSON and exit codes are a contract with other programs.

mod args;
mod chat;
mod report;

pub use args::{Arguments, HostArguments, JoinArguments, Verb};
pub use chat::{host, join};

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
