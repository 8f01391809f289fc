//! The attacker, in a process of its own and at the lowest priority, and the way to ask it how far it is.

use std::io::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crossbeam_channel::bounded;

use crate::child::Child;
use crate::crowd::PATIENCE;
use crate::hostile;

/// The attacker's process; it ends when this is dropped.
pub struct Attacker(Child);

impl Attacker {
    /// Starts the attack of this name.
    pub fn start(name: &str, invite: &str) -> Result<Attacker, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new("nice");
        command
            .args(["-n", "19"])
            .arg(own)
            .args(["--attack", name, "--invite", invite]);
        Child::start(command, "the attacker", PATIENCE).map(Attacker)
    }

    /// What it did so far.
    pub fn done(&mut self) -> Result<u64, String> {
        let line = self.0.ask("done")?;
        line.parse().map_err(|_| format!("the attacker said: {line}"))
    }
}

/// What the attacker's process does: attacks, and says how far it is when it is asked.
pub fn attack(name: &str, invite: &str) -> Result<(), String> {
    let attack = hostile::named(name).ok_or("no such attack")?;
    let (tell, enough) = bounded::<()>(0);
    let invite = invite.parse().map_err(|error| format!("{error}"))?;
    let target = hostile::Target::new(invite, enough);
    let done = Arc::clone(&target.done);
    std::thread::scope(|threads| {
        threads.spawn(|| (attack.run)(&target));
        for _ in std::io::stdin().lines().map_while(Result::ok) {
            if writeln!(std::io::stdout(), "{}", done.load(Ordering::Relaxed)).is_err() {
                break;
            }
        }
        drop(tell);
    });
    Ok(())
}
