//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Talk over a channel that you can see into. Without a verb, opens the window.
#[derive(Debug, Parser)]
#[command(name = "cipher-room", version, about)]
pub struct Arguments {
    /// The profile folder; by default the platform's folder for application data.
    #[arg(long, value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// What to do without a window.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What to do without a window.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Open a room; each line of standard input is a message, its end closes the room.
    Host(HostArguments),
    /// Join a room; each line of standard input is a message, its end says goodbye.
    Join(JoinArguments),
    /// List the ciphers with their parameters.
    Ciphers(CiphersArguments),
    /// Run attacks against the textbook exchange and against CR/1, on loopback.
    Attack(AttackArguments),
    /// Encrypt a text with a cipher.
    Encrypt(TextArguments),
    /// Decrypt a text with a cipher.
    Decrypt(TextArguments),
}

/// Options of `ciphers`.
#[derive(Debug, Args)]
pub struct CiphersArguments {
    /// One JSON object a line on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Options of `attack`.
#[derive(Debug, Args)]
pub struct AttackArguments {
    /// The attack, or `all`; without it, the list.
    #[arg(value_name = "NAME|all")]
    pub name: Option<String>,
    /// One JSON object a line on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Options of `encrypt` and `decrypt`.
#[derive(Debug, Args)]
pub struct TextArguments {
    /// The cipher; `cipher-room ciphers` lists them.
    #[arg(value_name = "CIPHER")]
    pub cipher: String,
    /// A parameter of the cipher; may be given several times.
    #[arg(long = "key", value_name = "PARAM=VALUE", allow_hyphen_values = true)]
    pub keys: Vec<String>,
    /// The file with the text; standard input without it.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Options of `host`.
#[derive(Debug, Args)]
pub struct HostArguments {
    /// Where to listen; by default every address of this machine on port 4747, or on a free port if
    /// that one is taken.
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// The name of the room.
    #[arg(long, value_name = "NAME")]
    pub room: Option<String>,
    /// Your name in the room.
    #[arg(long, value_name = "ME")]
    pub name: Option<String>,
    /// The profile folder.
    #[arg(long, value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// A file whose first line is the profile's passphrase; without it, it is asked for on the terminal.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// One JSON object a line on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Options of `join`.
#[derive(Debug, Args)]
pub struct JoinArguments {
    /// The invitation, or the address of the host.
    #[arg(value_name = "INVITE|ADDR:PORT")]
    pub target: String,
    /// Your name in the room.
    #[arg(long, value_name = "ME")]
    pub name: Option<String>,
    /// The profile folder.
    #[arg(long, value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// A file whose first line is the profile's passphrase; without it, it is asked for on the terminal.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// One JSON object a line on standard output.
    #[arg(long)]
    pub json: bool,
}
