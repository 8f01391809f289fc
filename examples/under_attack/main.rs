//! A class of 60 in a room, and what its messages take to arrive: when all is quiet, and under each attack.
//!
//! `cargo run --release --example under_attack [-- --seconds 5]`
//!
//! Host, class and attacker are processes of their own. The attacker runs at the lowest priority, because
//! a real one would not take this machine's time; what is measured is what it makes the *host* do. Quiet
//! figures are taken before each attack, so that both stand side by side. To 127.0.0.1 only.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program for a terminal"
)]

#[allow(dead_code, reason = "the load generator tells more of it")]
#[path = "../load/crowd.rs"]
mod crowd;
#[path = "../load/guest.rs"]
mod guest;
#[allow(dead_code, reason = "the load generator tells more of it")]
#[path = "../load/host.rs"]
mod host;
#[path = "../../tests/hostile/mod.rs"]
mod hostile;
#[path = "../load/keys.rs"]
mod keys;
#[path = "../../tests/people/mod.rs"]
mod people;

use std::io::Read;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use cipher_room::net::open_files;
use clap::Parser;
use crossbeam_channel::bounded;

use crowd::{Crowd, Plan, Talk};
use host::HostProcess;

/// Measures a class under attack.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many guests are in the room.
    #[arg(long, default_value_t = 60)]
    guests: usize,
    /// How many of them talk, five times a second each.
    #[arg(long, default_value_t = 4)]
    senders: usize,
    /// For how many seconds each figure is taken.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Only attacks whose names contain this.
    #[arg(long, default_value = "")]
    only: String,
    /// Be the host: what this program starts itself as.
    #[arg(long, hide = true)]
    be_host: bool,
    /// Be the attacker until the input ends.
    #[arg(long, hide = true)]
    attack: Option<String>,
    /// The host under attack.
    #[arg(long, hide = true, default_value = "")]
    invite: String,
}

const MAX_GUESTS: usize = 1000;
const MAX_SECONDS: u64 = 60;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.attack {
        _ if arguments.be_host => {
            host::be_host();
            Ok(())
        }
        Some(name) => attack(name, &arguments.invite),
        None => run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("under_attack: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    if arguments.guests > MAX_GUESTS
        || arguments.seconds > MAX_SECONDS
        || arguments.senders > arguments.guests
    {
        return Err(format!("at most {MAX_GUESTS} guests and {MAX_SECONDS} s"));
    }
    open_files::raise(4000);
    let mut host = HostProcess::start()?;
    let plan = Plan {
        invite: host.invite.clone(),
        senders: arguments.senders,
        checking: arguments.senders,
        pause: Duration::from_millis(200),
        at_once: 16,
        threads: 1,
    };
    let mut class = Crowd::join(plan, keys::distinct(arguments.guests)?)?;
    let length = Duration::from_secs(arguments.seconds);
    println!(
        "{:<32}{:>10}{:>10}{:>10}{:>10}{:>10}{:>12}",
        "", "p50 ms", "p99 ms", "quiet p50", "quiet p99", "p99 ratio", "host CPU %"
    );
    let wanted = hostile::ALL
        .iter()
        .filter(|(name, _)| name.contains(&arguments.only));
    for (name, _) in wanted {
        let quiet = class.talk(length);
        let attacker = Attacker::start(name, &host.invite.to_string())?;
        // It needs a moment to get under way.
        drop(class.talk(Duration::from_secs(1)));
        let before = host.stats()?;
        let attacked = class.talk(length);
        let after = host.stats()?;
        attacker.stop();
        let cpu = (after.cpu_s - before.cpu_s) / attacked.talk_seconds * 100.0;
        let [quiet_p50, quiet_p99] = shares(&quiet);
        let [p50, p99] = shares(&attacked);
        println!(
            "{name:<32}{p50:>10.2}{p99:>10.2}{quiet_p50:>10.2}{quiet_p99:>10.2}{:>10.2}{cpu:>12.1}",
            p99 / quiet_p99
        );
        for talk in [&quiet, &attacked] {
            complain(talk);
        }
    }
    Ok(())
}

fn complain(talk: &Talk) {
    let expected = talk.sent * talk.joined as u64;
    if talk.delivered != expected {
        println!("    delivered {} of {expected}", talk.delivered);
    }
    for reason in &talk.failures {
        println!("    {reason}");
    }
}

fn shares(talk: &Talk) -> [f64; 2] {
    let mut latencies = talk.latencies.clone();
    latencies.sort_unstable();
    [0.5, 0.99].map(|share| {
        let place = (latencies.len().saturating_sub(1) as f64 * share).round() as usize;
        latencies.get(place).map_or(f64::NAN, |us| f64::from(*us) / 1e3)
    })
}

/// The attacker's process.
struct Attacker(Child);

impl Attacker {
    fn start(name: &str, invite: &str) -> Result<Attacker, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let started = Command::new("nice")
            .args(["-n", "19"])
            .arg(own)
            .args(["--attack", name, "--invite", invite])
            .stdin(Stdio::piped())
            .spawn();
        started.map(Attacker).map_err(|error| error.to_string())
    }

    fn stop(mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// What the attacker's process does.
fn attack(name: &str, invite: &str) -> Result<(), String> {
    let (_, attack) = hostile::ALL
        .iter()
        .find(|(other, _)| *other == name)
        .ok_or("no such attack")?;
    let (tell, enough) = bounded::<()>(0);
    let invite = invite.parse().map_err(|error| format!("{error}"))?;
    let target = hostile::Target {
        invite,
        from: hostile::STRANGER,
        enough,
    };
    std::thread::scope(|threads| {
        threads.spawn(|| attack(&target));
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(tell);
    });
    Ok(())
}
