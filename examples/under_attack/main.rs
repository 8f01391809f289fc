//! A class of 60 in a room, and what its messages take to arrive: when all is quiet, and under each attack.
//!
//! `cargo run --release --example under_attack [-- --seconds 5]`
//!
//! Host, class and attacker are processes of their own. The attacker runs at the lowest priority, because
//! a real one would not take this machine's time; what is measured is what it makes the *host* do. What it did itself
//! is counted, and where it hardly ran, nothing counts as measured. Quiet figures are taken before each attack, so that
//! both stand side by side. To 127.0.0.1 only.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program for a terminal"
)]

#[allow(dead_code, reason = "the load generator tells more of it")]
#[path = "../load/child.rs"]
mod child;
#[path = "../load/confirming.rs"]
mod confirming;
#[allow(dead_code, reason = "the load generator tells more of it")]
#[path = "../load/crowd.rs"]
mod crowd;
#[path = "../load/guest.rs"]
mod guest;
#[path = "../load/heads.rs"]
mod heads;
#[allow(dead_code, reason = "the load generator tells more of it")]
#[path = "../load/host.rs"]
mod host;
#[path = "../../tests/hostile/mod.rs"]
mod hostile;
#[path = "../load/keys.rs"]
mod keys;
#[path = "../../tests/people/mod.rs"]
mod people;

use std::io::Write as _;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cipher_room::net::open_files;
use clap::Parser;
use crossbeam_channel::bounded;

use child::Child;
use crowd::{Crowd, PATIENCE, Plan, Talk};
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
            Ok(true)
        }
        Some(name) => attack(name, &arguments.invite).map(|()| true),
        None => run(&arguments),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("under_attack: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Gives whether everything was measured.
fn run(arguments: &Arguments) -> Result<bool, String> {
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
    let joined = class.joined();
    if joined < arguments.guests {
        complain(&class.talk(Duration::ZERO));
        return Err(format!("only {joined} of {} guests joined", arguments.guests));
    }
    let length = Duration::from_secs(arguments.seconds);
    println!(
        "{:<32}{:>10}{:>10}{:>10}{:>10}{:>10}{:>12}  what the attacker did",
        "", "p50 ms", "p99 ms", "quiet p50", "quiet p99", "p99 ratio", "host CPU %"
    );
    let mut all_measured = true;
    let wanted = hostile::ALL
        .iter()
        .filter(|attack| attack.name.contains(&arguments.only));
    for attack in wanted {
        let quiet = class.talk(length);
        let mut attacker = Attacker::start(attack.name, &host.invite.to_string())?;
        // It needs a moment to get under way.
        drop(class.talk(Duration::from_secs(1)));
        let (before, done_before) = (host.stats()?, attacker.done()?);
        let attacked = class.talk(length);
        let (after, done_after) = (host.stats()?, attacker.done()?);
        drop(attacker);
        let cpu = (after.cpu_s - before.cpu_s) / attacked.talk_seconds * 100.0;
        let rate = (done_after - done_before) as f64 / attacked.talk_seconds;
        let [quiet_p50, quiet_p99] = shares(&quiet);
        let [p50, p99] = shares(&attacked);
        let is_measured = rate >= attack.floor;
        all_measured &= is_measured;
        let ratio = match is_measured {
            true => format!("{:.2}", p99 / quiet_p99),
            false => "-".to_owned(),
        };
        let (name, unit) = (attack.name, attack.unit);
        let digits = usize::from(rate < 10.0);
        println!(
            "{name:<32}{p50:>10.2}{p99:>10.2}{quiet_p50:>10.2}{quiet_p99:>10.2}{ratio:>10}{cpu:>12.1}  {rate:.digits$} {unit}/s"
        );
        if !is_measured {
            println!(
                "    not measured: the attacker hardly ran ({} {unit}/s at least)",
                attack.floor
            );
        }
        for talk in [&quiet, &attacked] {
            complain(talk);
        }
    }
    Ok(all_measured)
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

/// The attacker's process; it ends when this is dropped.
struct Attacker(Child);

impl Attacker {
    fn start(name: &str, invite: &str) -> Result<Attacker, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new("nice");
        command
            .args(["-n", "19"])
            .arg(own)
            .args(["--attack", name, "--invite", invite]);
        Child::start(command, "the attacker", PATIENCE).map(Attacker)
    }

    /// What it did so far.
    fn done(&mut self) -> Result<u64, String> {
        let line = self.0.ask("done")?;
        line.parse().map_err(|_| format!("the attacker said: {line}"))
    }
}

/// What the attacker's process does: attacks, and says how far it is when it is asked.
fn attack(name: &str, invite: &str) -> Result<(), String> {
    let attack = hostile::ALL
        .iter()
        .find(|other| other.name == name)
        .ok_or("no such attack")?;
    let (tell, enough) = bounded::<()>(0);
    let invite = invite.parse().map_err(|error| format!("{error}"))?;
    let target = hostile::Target {
        invite,
        from: hostile::STRANGER,
        enough,
        done: Arc::default(),
    };
    std::thread::scope(|threads| {
        threads.spawn(|| (attack.run)(&target));
        for _ in std::io::stdin().lines().map_while(Result::ok) {
            let done = target.done.load(Ordering::Relaxed);
            if writeln!(std::io::stdout(), "{done}").is_err() {
                break;
            }
        }
        drop(tell);
    });
    Ok(())
}
