//! A class of 60 in a room, and what its messages take to arrive: when all is quiet, and under each attack.
//!
//! `cargo run --release --example under_attack [-- --seconds 5]`
//!
//! Host, class and attacker are processes of their own. The attacker runs at the lowest priority, because
//! a real one would not take this machine's time; what is measured is what it makes the *host* do. What it did itself
//! is counted, and where it hardly ran, nothing counts as measured. Quiet figures are taken before each attack, so that
//! both stand side by side. To 127.0.0.1 only.
//!
//! The run fails (`tests/hostile/verdict.rs`) when the class noticed an attack: p99 at twice its quiet figure or above in three
//! tries, a message that somebody missed or could not say, somebody who was hung up on. It fails when the host paid more for
//! a stranger than almost nothing, in processor time or memory; and when something was not measured.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program for a terminal"
)]

mod attacker;
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
#[path = "../load/timetable.rs"]
mod timetable;

use std::process::ExitCode;
use std::time::Duration;

use cipher_room::net::open_files;
use clap::Parser;

use attacker::Attacker;
use crowd::{Crowd, Plan, Talk};
use host::{HostProcess, Stats};
use hostile::Hostile;
use hostile::verdict::{Measured, Verdict};

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
/// A flood that is measured until its end, and an attack that does not begin, is not waited for any longer.
const LONGEST_SECONDS: f64 = 120.0;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.attack {
        _ if arguments.be_host => {
            host::be_host();
            Ok(true)
        }
        Some(name) => attacker::attack(name, &arguments.invite).map(|()| true),
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

impl Arguments {
    /// Says what of the arguments can't be measured.
    fn check(&self) -> Result<(), String> {
        if !(1..=MAX_GUESTS).contains(&self.guests) {
            return Err(format!("--guests must be 1 to {MAX_GUESTS}"));
        }
        if !(1..=self.guests).contains(&self.senders) {
            return Err(format!(
                "--senders must be 1 to --guests: {} can't talk in a class of {}",
                self.senders, self.guests
            ));
        }
        if !(1..=MAX_SECONDS).contains(&self.seconds) {
            return Err(format!("--seconds must be 1 to {MAX_SECONDS}"));
        }
        Ok(())
    }
}

/// Gives whether the class noticed nothing of what was measured, the host paid little for it, and all was measured.
fn run(arguments: &Arguments) -> Result<bool, String> {
    arguments.check()?;
    let wanted: Vec<&Hostile> = hostile::ALL
        .iter()
        .filter(|attack| attack.name.contains(&arguments.only))
        .collect();
    if wanted.is_empty() {
        return Err(format!("no attack's name contains {:?}", arguments.only));
    }
    open_files::raise(4000);
    let host = HostProcess::start()?;
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
        tell_losses(&class.talk(Duration::ZERO));
        return Err(format!("only {joined} of {} guests joined", arguments.guests));
    }
    let mut lesson = Lesson {
        host,
        class,
        length: Duration::from_secs(arguments.seconds),
    };
    println!(
        "{:<32}{:>10}{:>10}{:>10}{:>10}{:>10}{:>12}{:>12}{:>10}{:>10}{:>10}  what the attacker did",
        "",
        "p50 ms",
        "p99 ms",
        "quiet p50",
        "quiet p99",
        "p99 ratio",
        "host CPU %",
        "quiet CPU %",
        "more %",
        "host MB",
        "more MB"
    );
    let mut noticed = Vec::new();
    for attack in wanted {
        let verdict = Verdict::of_tries(|| lesson.measure(attack))?;
        if let Some(why) = verdict.failure() {
            println!("    {why}");
            noticed.push(attack.name);
        }
    }
    if !noticed.is_empty() {
        eprintln!("under_attack: failed: {}", noticed.join("; "));
    }
    Ok(noticed.is_empty())
}

/// A class in the host's room, and for how long each figure is taken of it.
struct Lesson {
    host: HostProcess,
    class: Crowd,
    length: Duration,
}

impl Lesson {
    /// Takes a quiet figure and one under the attack, and prints both.
    fn measure(&mut self, attack: &Hostile) -> Result<Verdict, String> {
        let (mut quiet, mut attacked) = (Deliveries::default(), Deliveries::default());
        let at_first = self.host.stats()?;
        quiet.take(self.class.talk(self.length));
        let at_peace = self.host.stats()?;
        let mut attacker = Attacker::start(attack.name, &self.host.invite.to_string())?;
        let lead = self.get_under_way(attack, &mut attacker)?;
        let (before, done_before) = (self.host.stats()?, attacker.done()?);
        attacked.take(self.class.talk(self.length));
        while attacker.done()? < attack.whole && attacked.seconds < LONGEST_SECONDS {
            attacked.take(self.class.talk(self.length));
        }
        let (after, done_after) = (self.host.stats()?, attacker.done()?);
        drop(attacker);
        let percent = |from: Stats, to: Stats, seconds: f64| (to.cpu_s - from.cpu_s) / seconds * 100.0;
        let megabytes = |stats: Stats| stats.rss_bytes as f64 / 1e6;
        let measured = Measured {
            rate: (done_after - done_before) as f64 / attacked.seconds,
            floor: attack.floor,
            deliveries: [quiet.latencies.len(), attacked.latencies.len()],
            p99: [quiet.share(0.99), attacked.share(0.99)],
            cpu_percent: [
                percent(at_first, at_peace, quiet.seconds),
                percent(before, after, attacked.seconds),
            ],
            more_megabytes: megabytes(after) - megabytes(at_peace),
            most: attack.most,
            has_losses: quiet.has_losses || lead.has_losses || attacked.has_losses,
        };
        let verdict = measured.verdict();
        let ratio = match verdict {
            Verdict::Unnoticed(_) | Verdict::Disturbed(_) | Verdict::Costly(_) | Verdict::Hungry(_) => {
                format!("{:.2}", measured.times())
            }
            Verdict::Lost | Verdict::NoAttack | Verdict::TooFew => "-".to_owned(),
        };
        let (name, rate, unit) = (attack.name, measured.rate, attack.unit);
        let digits = usize::from(rate < 10.0);
        let [quiet_p99, p99] = measured.p99;
        let (quiet_p50, p50) = (quiet.share(0.5), attacked.share(0.5));
        let ([quiet_cpu, cpu], more) = (measured.cpu_percent, measured.more_percent());
        let (mb, more_mb) = (megabytes(after), measured.more_megabytes);
        println!(
            "{name:<32}{p50:>10.2}{p99:>10.2}{quiet_p50:>10.2}{quiet_p99:>10.2}{ratio:>10}{cpu:>12.1}{quiet_cpu:>12.1}\
             {more:>10.1}{mb:>10.0}{more_mb:>10.0}  {rate:.digits$} {unit}/s, {done_after} in all"
        );
        Ok(verdict)
    }

    /// The class talks until the attack has begun, for which some need keys of their own, and is in full swing.
    fn get_under_way(&mut self, attack: &Hostile, attacker: &mut Attacker) -> Result<Deliveries, String> {
        let mut lead = Deliveries::default();
        while attacker.done()? == 0 && lead.seconds < LONGEST_SECONDS {
            lead.take(self.class.talk(Duration::from_secs(1)));
        }
        lead.take(self.class.talk(attack.lead));
        Ok(lead)
    }
}

/// What came of talks that were taken one after the other.
#[derive(Default)]
struct Deliveries {
    /// Microseconds from when a message was due until it was heard.
    latencies: Vec<u32>,
    seconds: f64,
    has_losses: bool,
}

impl Deliveries {
    /// Adds a talk, and tells what was lost in it.
    fn take(&mut self, mut talk: Talk) {
        self.has_losses |= tell_losses(&talk);
        self.latencies.append(&mut talk.latencies);
        self.latencies.sort_unstable();
        self.seconds += talk.talk_seconds;
    }

    /// So many milliseconds this share of the deliveries took at most.
    fn share(&self, share: f64) -> f64 {
        let place = (self.latencies.len().saturating_sub(1) as f64 * share).round() as usize;
        self.latencies
            .get(place)
            .map_or(f64::NAN, |us| f64::from(*us) / 1e3)
    }
}

/// Tells who missed something or could not say it, and who was hung up on; gives whether there was any.
fn tell_losses(talk: &Talk) -> bool {
    let expected = talk.sent * talk.joined as u64;
    if talk.delivered != expected {
        println!("    delivered {} of {expected}", talk.delivered);
    }
    if !talk.is_as_asked() {
        println!("    said {} of {} asked", talk.sent, talk.asked);
    }
    for reason in &talk.failures {
        println!("    {reason}");
    }
    talk.delivered != expected || !talk.is_as_asked() || !talk.failures.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_measured_is_refused_for_its_own_reason() {
        let refused = |given: &[&str]| {
            let given = ["under_attack"].iter().chain(given);
            Arguments::parse_from(given).check().unwrap_err()
        };
        for guests in ["0", "1001"] {
            assert_eq!(refused(&["--guests", guests]), "--guests must be 1 to 1000");
        }
        assert_eq!(
            refused(&["--guests", "3"]),
            "--senders must be 1 to --guests: 4 can't talk in a class of 3"
        );
        assert!(refused(&["--senders", "0"]).starts_with("--senders must be 1 to --guests"));
        for seconds in ["0", "61"] {
            assert_eq!(refused(&["--seconds", seconds]), "--seconds must be 1 to 60");
        }
        assert!(Arguments::parse_from(["under_attack"]).check().is_ok());
    }
}
