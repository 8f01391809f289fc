//! What a run found, in words and as the JSON object of the contract.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::json;

use crate::crowd::Talk;
use crate::host::Stats;

/// The figures of one run.
pub struct Figures {
    guests: usize,
    joined: usize,
    join_seconds: f64,
    sent: u64,
    delivered: u64,
    checked: u64,
    p50_ms: f64,
    p99_ms: f64,
    talk_seconds: f64,
    join_cpu_s: f64,
    talk_cpu_s: f64,
    host_cpu_s: f64,
    empty_rss_bytes: u64,
    rss_bytes: u64,
    failures: BTreeMap<String, usize>,
}

impl Figures {
    /// `stats` were taken before anybody joined, when all had joined, and at the end.
    pub fn new(guests: usize, stats: [&Stats; 3], talk: &Talk) -> Figures {
        let [before, joined, after] = stats;
        let mut latencies = talk.latencies.clone();
        latencies.sort_unstable();
        let share = |share: f64| {
            let place = (latencies.len().saturating_sub(1) as f64 * share).round() as usize;
            latencies.get(place).map_or(0.0, |us| f64::from(*us) / 1e3)
        };
        let mut failures = BTreeMap::new();
        for reason in &talk.failures {
            *failures.entry(reason.clone()).or_insert(0) += 1;
        }
        Figures {
            guests,
            joined: talk.joined,
            join_seconds: talk.join_seconds,
            sent: talk.sent,
            delivered: talk.delivered,
            checked: talk.checked,
            p50_ms: share(0.5),
            p99_ms: share(0.99),
            talk_seconds: talk.talk_seconds,
            join_cpu_s: joined.cpu_s - before.cpu_s,
            talk_cpu_s: after.cpu_s - joined.cpu_s,
            host_cpu_s: after.cpu_s,
            empty_rss_bytes: before.rss_bytes,
            rss_bytes: after.rss_bytes.max(joined.rss_bytes),
            failures,
        }
    }

    fn expected(&self) -> u64 {
        self.sent * self.joined as u64
    }

    /// Whether everybody joined and heard everything.
    pub fn is_complete(&self) -> bool {
        self.joined == self.guests && self.delivered == self.expected() && self.failures.is_empty()
    }

    /// The object that the contract names.
    pub fn to_json(&self) -> String {
        let rounded = |figure: f64| (figure * 1000.0).round() / 1000.0;
        json!({
            "guests": self.guests,
            "joined": self.joined,
            "handshakes_per_s": rounded(self.joined as f64 / self.join_seconds),
            "sent": self.sent,
            "delivered": self.delivered,
            "expected": self.expected(),
            "latency_ms": { "p50": rounded(self.p50_ms), "p99": rounded(self.p99_ms) },
            "host_cpu_s": rounded(self.host_cpu_s),
            "host_rss_bytes": self.rss_bytes,
        })
        .to_string()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_guest = |bytes: u64| bytes as f64 / 1e3 / self.joined.max(1) as f64;
        writeln!(
            f,
            "joined      {} of {} in {:.1} s: {:.0} a second, host {:.2} ms CPU each",
            self.joined,
            self.guests,
            self.join_seconds,
            self.joined as f64 / self.join_seconds,
            self.join_cpu_s * 1e3 / self.joined.max(1) as f64
        )?;
        writeln!(
            f,
            "memory      host {:.0} MB, {:.0} kB a guest",
            self.rss_bytes as f64 / 1e6,
            per_guest(self.rss_bytes.saturating_sub(self.empty_rss_bytes))
        )?;
        writeln!(
            f,
            "delivered   {} of {} ({} messages), {:.0} a second, host {:.2} µs CPU each",
            self.delivered,
            self.expected(),
            self.sent,
            self.delivered as f64 / self.talk_seconds,
            self.talk_cpu_s * 1e6 / self.delivered.max(1) as f64
        )?;
        writeln!(
            f,
            "latency     p50 {:.1} ms, p99 {:.1} ms",
            self.p50_ms, self.p99_ms
        )?;
        writeln!(
            f,
            "checked     {} messages, every signature and chain",
            self.checked
        )?;
        for (reason, count) in &self.failures {
            writeln!(f, "failed      {count}: {reason}")?;
        }
        Ok(())
    }
}
