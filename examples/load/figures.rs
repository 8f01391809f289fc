//! What a run found, in words and as the JSON object of the contract.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::json;

use crate::crowd::{Talk, TriedAgain};
use crate::host::Stats;

/// What a run is to come to.
pub struct Aim {
    pub guests: usize,
    /// So many of them check everything that is said.
    pub checking: usize,
    /// Whether anything is to be said.
    pub talks: bool,
}

/// What was seen of a run, whole or not.
#[derive(Default)]
pub struct Seen {
    /// Before anybody joined, when all had joined, and at the end: as many as the host told.
    pub stats: Vec<Stats>,
    pub talk: Talk,
}

/// The figures of one run.
pub struct Figures {
    aim: Aim,
    joined: usize,
    join_seconds: f64,
    asked: u64,
    sent: u64,
    is_as_asked: bool,
    delivered: u64,
    checked: u64,
    confirmed: u64,
    p50_ms: f64,
    p99_ms: f64,
    talk_seconds: f64,
    join_cpu_s: f64,
    talk_cpu_s: f64,
    host_cpu_s: f64,
    empty_rss_bytes: u64,
    rss_bytes: u64,
    tried_again: TriedAgain,
    failures: BTreeMap<String, usize>,
}

impl Figures {
    pub fn new(aim: Aim, seen: &Seen) -> Figures {
        let talk = &seen.talk;
        let told = |place: usize| {
            seen.stats
                .get(place)
                .or(seen.stats.last())
                .copied()
                .unwrap_or_default()
        };
        let [before, joined, after] = [0, 1, 2].map(told);
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
            aim,
            joined: talk.joined,
            join_seconds: talk.join_seconds,
            asked: talk.asked,
            sent: talk.sent,
            is_as_asked: talk.is_as_asked(),
            delivered: talk.delivered,
            checked: talk.checked,
            confirmed: talk.confirmed,
            p50_ms: share(0.5),
            p99_ms: share(0.99),
            talk_seconds: talk.talk_seconds,
            join_cpu_s: joined.cpu_s - before.cpu_s,
            talk_cpu_s: after.cpu_s - joined.cpu_s,
            host_cpu_s: after.cpu_s,
            empty_rss_bytes: before.rss_bytes,
            rss_bytes: after.rss_bytes.max(joined.rss_bytes),
            tried_again: talk.tried_again,
            failures,
        }
    }

    fn expected(&self) -> u64 {
        self.sent * self.joined as u64
    }

    /// Whether everybody joined, all but a tenth was said of what was asked, everybody heard it, who was to check it did, and
    /// what others said was confirmed.
    pub fn is_complete(&self) -> bool {
        self.joined == self.aim.guests
            && self.delivered == self.expected()
            && self.is_as_asked
            && (self.sent > 0 || !self.aim.talks)
            && (self.confirmed > 0 || self.sent == 0 || self.aim.guests < 2)
            && self.checked >= self.to_check()
            && self.failures.is_empty()
    }

    fn to_check(&self) -> u64 {
        self.sent * self.aim.checking as u64
    }

    fn joins_per_s(&self) -> f64 {
        match self.joined {
            0 => 0.0,
            joined => joined as f64 / self.join_seconds,
        }
    }

    /// The object that the contract names.
    pub fn to_json(&self) -> String {
        let rounded = |figure: f64| (figure * 1000.0).round() / 1000.0;
        json!({
            "guests": self.aim.guests,
            "joined": self.joined,
            "handshakes_per_s": rounded(self.joins_per_s()),
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
            self.aim.guests,
            self.join_seconds,
            self.joins_per_s(),
            self.join_cpu_s * 1e3 / self.joined.max(1) as f64
        )?;
        writeln!(
            f,
            "tried again {} times after the host hung up, {} after it was full",
            self.tried_again.hung_up, self.tried_again.full
        )?;
        writeln!(
            f,
            "memory      host {:.0} MB, {:.0} kB a guest",
            self.rss_bytes as f64 / 1e6,
            per_guest(self.rss_bytes.saturating_sub(self.empty_rss_bytes))
        )?;
        writeln!(f, "said        {} of {} asked", self.sent, self.asked)?;
        writeln!(
            f,
            "delivered   {} of {}, {:.0} a second, host {:.2} µs CPU each",
            self.delivered,
            self.expected(),
            self.delivered as f64 / self.talk_seconds.max(f64::MIN_POSITIVE),
            self.talk_cpu_s * 1e6 / self.delivered.max(1) as f64
        )?;
        writeln!(
            f,
            "latency     p50 {:.1} ms, p99 {:.1} ms, from when a message was due",
            self.p50_ms, self.p99_ms
        )?;
        writeln!(
            f,
            "checked     {} of {} messages, every signature and chain",
            self.checked,
            self.to_check()
        )?;
        writeln!(
            f,
            "confirmed   {} times by the guests that others were heard",
            self.confirmed
        )?;
        if !self.is_as_asked {
            writeln!(
                f,
                "failed      the guests of this machine can't say so much: fewer senders or a lower rate"
            )?;
        }
        for (reason, count) in &self.failures {
            writeln!(f, "failed      {count}: {reason}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AIM: Aim = Aim {
        guests: 3,
        checking: 2,
        talks: true,
    };

    fn is_complete(change: impl FnOnce(&mut Talk)) -> bool {
        let mut talk = Talk {
            joined: 3,
            asked: 2,
            sent: 2,
            delivered: 6,
            checked: 4,
            confirmed: 1,
            ..Talk::default()
        };
        change(&mut talk);
        let seen = Seen {
            talk,
            ..Seen::default()
        };
        Figures::new(AIM, &seen).is_complete()
    }

    #[test]
    fn a_run_is_complete_when_all_joined_heard_and_checked() {
        assert!(is_complete(|_| {}));
        assert!(!is_complete(|talk| talk.joined = 2));
        assert!(!is_complete(|talk| talk.delivered = 5));
        assert!(!is_complete(|talk| talk.checked = 3));
        assert!(!is_complete(|talk| talk.confirmed = 0));
        assert!(!is_complete(|talk| talk
            .failures
            .push("the host ended".to_owned())));
        assert!(!is_complete(
            |talk| (talk.sent, talk.delivered, talk.checked) = (0, 0, 0)
        ));
    }

    #[test]
    fn who_says_less_than_nine_tenths_of_what_was_asked_is_told_so_and_fails() {
        let said = |sent| Talk {
            joined: 3,
            asked: 20,
            sent,
            delivered: 3 * sent,
            checked: 2 * sent,
            confirmed: 1,
            ..Talk::default()
        };
        for (sent, is_enough) in [(18, true), (17, false)] {
            let talk = said(sent);
            let seen = Seen {
                talk,
                ..Seen::default()
            };
            let figures = Figures::new(AIM, &seen);
            assert_eq!(figures.is_complete(), is_enough);
            let told = figures.to_string();
            assert!(
                told.contains(&format!("said        {sent} of 20 asked\n")),
                "{told}"
            );
            assert_eq!(told.contains("fewer senders or a lower rate"), !is_enough);
        }
    }

    #[test]
    fn who_tried_again_is_told_beside_the_figures_and_not_in_the_object() {
        let mut seen = Seen::default();
        let before = Figures::new(AIM, &seen).to_json();
        seen.talk.tried_again = TriedAgain { hung_up: 7, full: 8 };
        let figures = Figures::new(AIM, &seen);
        assert!(
            figures
                .to_string()
                .contains("tried again 7 times after the host hung up, 8 after it was full\n")
        );
        assert_eq!(figures.to_json(), before);
    }

    #[test]
    fn what_was_not_seen_is_in_the_object_too() {
        let nothing = Figures::new(AIM, &Seen::default());
        assert_eq!(
            nothing.to_json(),
            r#"{"guests":3,"joined":0,"handshakes_per_s":0.0,"sent":0,"delivered":0,"expected":0,"latency_ms":{"p50":0.0,"p99":0.0},"host_cpu_s":0.0,"host_rss_bytes":0}"#
        );
    }

    #[test]
    fn the_last_that_the_host_told_counts() {
        let mut seen = Seen::default();
        seen.stats.push(Stats {
            cpu_s: 1.5,
            rss_bytes: 7,
        });
        let json = Figures::new(AIM, &seen).to_json();
        assert!(
            json.ends_with(r#""host_cpu_s":1.5,"host_rss_bytes":7}"#),
            "{json}"
        );
    }
}
