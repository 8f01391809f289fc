//! The host, in a process of its own, and the way to ask it what it used.

#[path = "../../benches/measure/mod.rs"]
mod measure;

use std::process::Command;

use cipher_room::net::Event;
use cipher_room::protocol::Invite;

use crate::child::Child;
use crate::crowd::PATIENCE;
use crate::people::Person;

/// What the host used so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stats {
    pub cpu_s: f64,
    pub rss_bytes: u64,
}

/// The host's process; it ends when this is dropped.
pub struct HostProcess {
    process: Child,
    pub invite: Invite,
}

impl HostProcess {
    pub fn start() -> Result<HostProcess, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(own);
        command.arg("--be-host");
        let mut process = Child::start(command, "the host", PATIENCE)?;
        let invite = process
            .next()?
            .parse()
            .map_err(|error| format!("the host's invitation: {error}"))?;
        Ok(HostProcess { process, invite })
    }

    /// Asks what the host used so far.
    pub fn stats(&mut self) -> Result<Stats, String> {
        let line = self.process.ask("stats")?;
        let mut figures = line.split_whitespace();
        let (Some(cpu), Some(rss)) = (figures.next(), figures.next()) else {
            return Err(format!("the host said: {line}"));
        };
        Ok(Stats {
            cpu_s: cpu.parse().map_err(|_| line.clone())?,
            rss_bytes: rss.parse().map_err(|_| line.clone())?,
        })
    }
}

/// What the host's process does: opens a room, tells its invitation, then what it is asked.
pub fn be_host() {
    let host = Person::ada();
    println!("{}", host.host(false).invite);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for line in std::io::stdin().lines() {
                if line.is_ok_and(|line| line == "stats") {
                    println!("{} {}", measure::process_cpu().as_secs_f64(), rss_bytes());
                }
            }
            host.leave();
        });
        while let Ok(event) = host.events.recv() {
            match event {
                Event::Closed { .. } => return,
                Event::Alarmed { alarm, .. } => eprintln!("host: {alarm}"),
                Event::ThreadDied { name, .. } => eprintln!("host: thread {name} died"),
                _ => {}
            }
        }
    });
}

/// The memory of this process that is really there; 0 where the system does not say it in `/proc`.
fn rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
