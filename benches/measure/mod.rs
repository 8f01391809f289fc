//! Clocks that count CPU time, medians, and how figures are printed.
#![allow(dead_code, reason = "each benchmark uses a part of it")]

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// The CPU time that this thread has used so far.
pub fn thread_cpu() -> Duration {
    clock(ClockId::ThreadCPUTime)
}

/// The CPU time that all threads of this process have used so far.
pub fn process_cpu() -> Duration {
    clock(ClockId::ProcessCPUTime)
}

fn clock(id: ClockId) -> Duration {
    Duration::try_from(clock_gettime(id)).expect("the clocks of the CPU run forwards")
}

/// Adds the CPU time of `work` on this thread to `total`.
pub fn on_cpu<T>(total: &mut Duration, work: impl FnOnce() -> T) -> T {
    let before = thread_cpu();
    let done = work();
    *total += thread_cpu() - before;
    done
}

/// How long `work` takes by the clock on the wall, in seconds.
pub fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Figures of one thing from several rounds.
#[derive(Debug, Default, Clone)]
pub struct Rounds(Vec<f64>);

impl Rounds {
    /// Adds the figure of one round.
    pub fn add(&mut self, figure: f64) {
        self.0.push(figure);
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        self.share(0.5)
    }

    /// The figure below which this share of them lies.
    pub fn share(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let place = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
        sorted.get(place).copied().unwrap_or(f64::NAN)
    }

    /// The middle one of the ratios of rounds that stood side by side.
    pub fn ratio_to(&self, other: &Rounds) -> f64 {
        let ratios = self.0.iter().zip(&other.0).map(|(own, other)| own / other);
        Rounds(ratios.collect()).median()
    }
}

/// Prints what the columns of the following [`line`]s are.
pub fn heading(title: &str, columns: &[&str]) {
    print!("\n{title:<44}");
    for column in columns {
        print!("{column:>16}");
    }
    println!();
}

/// Prints a name and its figures.
pub fn line(name: &str, figures: &[String]) {
    print!("{name:<44}");
    for figure in figures {
        print!("{figure:>16}");
    }
    println!();
}
