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
    #[command(after_help = HOST_LINES)]
    Host(HostArguments),
    /// Join a room; each line of standard input is a message, its end says goodbye.
    #[command(after_help = LINES)]
    Join(JoinArguments),
    /// List the ciphers with their parameters.
    Ciphers(CiphersArguments),
    /// Run attacks against the textbook exchange and against CR/1, on loopback.
    Attack(AttackArguments),
    /// Encrypt a text with a cipher.
    Encrypt(TextArguments),
    /// Decrypt a text with a cipher.
    Decrypt(TextArguments),
    /// Say what a text gives away: frequencies, coincidences, repeats, the likely cipher.
    Analyse(AnalyseArguments),
    /// Break a cipher without its key.
    Break(BreakArguments),
}

const LINES: &str = "\
Lines that are no messages for everybody:
  /private NAME TEXT   says TEXT to NAME alone, sealed end to end; it waits while NAME is away
  //private …          says /private … to everybody
NAME is a member's name, a name in double quotes, or the first 8 or more digits of a fingerprint.
Every other line is sent as it is, but for empty ones. The exit status is 1 if a line was not sent.";

const HOST_LINES: &str = "\
Lines that are no messages for everybody:
  /private NAME TEXT   says TEXT to NAME alone, sealed end to end; it waits while NAME is away
  /ask on, /ask off    whether you are asked before somebody new gets in
  /admit NAME          lets somebody in who asks
  /refuse NAME         does not
  //private …          says /private … to everybody; the same for //ask, //admit and //refuse
NAME is a member's name, a name in double quotes, or the first 8 or more digits of a fingerprint.
Every other line is sent as it is, but for empty ones. The exit status is 1 if a line was not sent.";

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

/// Options of `analyse`.
#[derive(Debug, Args)]
pub struct AnalyseArguments {
    /// The file with the text; standard input without it.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// One JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Options of `break`.
#[derive(Debug, Args)]
pub struct BreakArguments {
    /// The cipher, or `auto` to find out which it is.
    #[arg(value_name = "CIPHER|auto")]
    pub cipher: String,
    /// The file with the ciphertext; standard input without it. For one-time-pad: texts under the same pad, a line each.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Ends with the best so far after that time; without it, after what the cipher needs.
    #[arg(long, value_name = "SECONDS")]
    pub time: Option<f64>,
    /// A word or phrase that stands somewhere in the plaintext.
    #[arg(long, value_name = "TEXT")]
    pub crib: Option<String>,
    /// A letter of the ciphertext and what it stands for; may be given several times.
    #[arg(long = "lock", value_name = "CIPHER=PLAIN")]
    pub locks: Vec<String>,
    /// A parameter of the cipher that is known; may be given several times. Unknown parts of keywords and of Enigma
    /// settings are written ?.
    #[arg(long = "key", value_name = "PARAM=VALUE", allow_hyphen_values = true)]
    pub keys: Vec<String>,
    /// The language of the plaintext: en, de, fr or es.
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub language: String,
    /// The same seed gives the same run.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// One JSON object a line on standard output: progress, then what was found.
    #[arg(long)]
    pub json: bool,
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
