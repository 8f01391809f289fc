//! Fills one room with thousands of guests over loopback and measures what that costs its host.
//!
//! `cargo run --release --example load -- --guests 5000 --senders 20 --seconds 10 [--json]`
//!
//! The host is the real program without its window, in a process of its own, which this one starts from
//! itself. Every guest shakes hands like any other (with an RSA signature and an RSA-wrapped secret), is
//! told the roster, counts what it hears and confirms it as often as the program does; the senders and a sample of others
//! check every signature, every chain and the order. What a sender has to say is due at its rate, and its delay counts from
//! there; what comes due within 100 ms is signed together, as the program does it. Who says less than nine tenths of what was
//! asked for fails the run. Speaks to 127.0.0.1 only, and ends by itself.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program for a terminal"
)]

mod child;
mod confirming;
mod crowd;
mod figures;
mod guest;
mod heads;
mod host;
mod keys;
#[path = "../../tests/people/mod.rs"]
mod people;
mod timetable;

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cipher_room::net::open_files;
use clap::Parser;

use crowd::{Crowd, Plan};
use figures::{Aim, Figures, Seen};
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

impl Arguments {
    /// So many guests check everything: the senders, and the sample.
    fn checking(&self) -> usize {
        self.senders.saturating_add(self.sample).min(self.guests)
    }
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

    let aim = Aim {
        guests: arguments.guests,
        checking: arguments.checking(),
        talks: arguments.senders > 0 && arguments.seconds > 0,
    };
    let mut seen = Seen::default();
    let measured = catch_unwind(AssertUnwindSafe(|| measure(arguments, &mut seen)));
    if let Err(reason) = measured.unwrap_or_else(|_| Err("a thread of this program died".to_owned())) {
        seen.talk.failures.push(reason);
    }
    let figures = Figures::new(aim, &seen);
    eprint!("{figures}");
    if arguments.json {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", figures.to_json()).map_err(|error| format!("standard output: {error}"))?;
    }
    Ok(figures.is_complete())
}

/// Fills the room and lets it talk. What was seen until something failed is kept.
fn measure(arguments: &Arguments, seen: &mut Seen) -> Result<(), String> {
    let began = Instant::now();
    let identities = keys::distinct(arguments.guests)?;
    eprintln!("{} keys in {:.1?}", identities.len(), began.elapsed());
    let mut host = HostProcess::start()?;
    let plan = Plan {
        invite: host.invite.clone(),
        senders: arguments.senders,
        checking: arguments.checking(),
        pause: Duration::from_secs_f64(1.0 / arguments.rate),
        at_once: arguments.at_once,
        threads: arguments.threads.min(arguments.guests),
    };
    seen.stats.push(host.stats()?);
    let mut crowd = Crowd::join(plan, identities)?;
    let joined = host.stats();
    // Nobody talks in a room whose host is gone; who got in, and why others did not, is seen all the same.
    let length = joined
        .as_ref()
        .map_or(Duration::ZERO, |_| Duration::from_secs(arguments.seconds));
    seen.talk = crowd.talk(length);
    seen.stats.push(joined?);
    seen.stats.push(host.stats()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_sample_is_everybody() {
        let arguments = Arguments::parse_from(["load", "--guests", "9", "--sample", "18446744073709551615"]);
        assert_eq!(arguments.checking(), 9);
    }
}
