//! Fills one room with thousands of guests over loopback and measures what that costs its host.
//!
//! `cargo run --release --example load -- --guests 5000 --senders 20 --seconds 10 [--json]`
//!
//! The host is the real program without its window, in a process of its own, which this one starts from
//! itself. Every guest shakes hands like any other (with an RSA signature and an RSA-wrapped secret), is
//! told the roster, and counts what it hears; the senders and a sample of others check every signature,
//! every chain and the order. Speaks to 127.0.0.1 only, and ends by itself.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program for a terminal"
)]

mod crowd;
mod figures;
mod guest;
mod host;
mod keys;
#[path = "../../tests/people/mod.rs"]
mod people;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use cipher_room::net::open_files;
use clap::Parser;

use crowd::{Crowd, Plan};
use figures::Figures;
use host::HostProcess;

/// Fills one room on this machine and measures it.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many guests join.
    #[arg(long, default_value_t = 1000)]
    guests: usize,
    /// How many of them talk.
    #[arg(long, default_value_t = 20)]
    senders: usize,
    /// For how many seconds they talk.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Messages that each sender says in a second.
    #[arg(long, default_value_t = 1.0)]
    rate: f64,
    /// Guests beside the senders that check every signature.
    #[arg(long, default_value_t = 8)]
    sample: usize,
    /// Handshakes that are under way at once.
    #[arg(long, default_value_t = 96)]
    at_once: usize,
    /// Threads of the guests.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// The last line is one JSON object; everything else goes to standard error.
    #[arg(long)]
    json: bool,
    /// Be the host: what this program starts itself as.
    #[arg(long, hide = true)]
    be_host: bool,
}

/// More would be a mistake: each guest takes a descriptor and a port of loopback.
const MAX_GUESTS: usize = 20_000;
/// Bounds of a run.
const MAX_SECONDS: u64 = 600;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.be_host {
        host::be_host();
        return ExitCode::SUCCESS;
    }
    match run(&arguments) {
        Ok(complete) if complete => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("load: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool, String> {
    if !(1..=MAX_GUESTS).contains(&arguments.guests) {
        return Err(format!("--guests must be 1 to {MAX_GUESTS}"));
    }
    if arguments.senders > arguments.guests || arguments.seconds > MAX_SECONDS {
        return Err(format!(
            "--senders must be at most --guests, and --seconds at most {MAX_SECONDS}"
        ));
    }
    if !(0.01..=1000.0).contains(&arguments.rate) || arguments.threads == 0 || arguments.at_once == 0 {
        return Err("--rate must be 0.01 to 1000, --threads and --at-once at least 1".to_owned());
    }
    // The host inherits the limit.
    let files = arguments.guests as u64 + 200;
    if let Some(limit) = open_files::raise(files).filter(|limit| *limit < files) {
        return Err(format!(
            "{files} open files are needed and this system allows {limit}; as root, say `ulimit -Hn {files}` in the \
             shell that starts this, or have fewer guests"
        ));
    }

    let began = Instant::now();
    let identities = keys::distinct(arguments.guests)?;
    eprintln!("{} keys in {:.1?}", identities.len(), began.elapsed());
    let mut host = HostProcess::start()?;
    let plan = Plan {
        invite: host.invite.clone(),
        senders: arguments.senders,
        checking: (arguments.senders + arguments.sample).min(arguments.guests),

        pause: Duration::from_secs_f64(1.0 / arguments.rate),
        at_once: arguments.at_once,
        threads: arguments.threads.min(arguments.guests),
    };
    let before = host.stats()?;
    let mut crowd = Crowd::join(plan, identities)?;
    let joined = host.stats()?;
    let talk = crowd.talk(Duration::from_secs(arguments.seconds));
    let after = host.stats()?;
    let figures = Figures::new(arguments.guests, [&before, &joined, &after], &talk);
    eprint!("{figures}");
    if arguments.json {
        println!("{}", figures.to_json());
    }
    Ok(figures.is_complete())
}
