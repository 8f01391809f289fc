//! Messages of an earlier run whose delivery is followed further: ours with whom each was for, others by author.

use std::collections::{HashMap, HashSet};

use crate::crypto::Fingerprint;
use crate::net::MessageId;
use crate::protocol::{Content, DepartureReason, RoomLog};
use crate::store::{LogRow, Vault};

/// So many of the newest entries are looked through.
const LOOKED_THROUGH: u64 = 1024;
/// Above so many people an earlier run's ticks stay as they stood.
const MOST_PEOPLE: usize = 128;

/// A message of ours that came into the log in an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The message.
    pub id: MessageId,
    /// Its number in the log.
    pub n: u64,
    /// Whom it was for: who was in the room then, or expected back.
    pub others: Vec<Fingerprint>,
}

/// What was said in an earlier run, among the newest kept entries.
#[derive(Debug, Default)]
pub struct SaidEarlier {
    /// Ours, oldest first.
    pub own: Vec<Followed>,
    /// Each other author's newest entry.
    pub others: HashMap<Fingerprint, u64>,
}

pub(super) fn load(vault: &Vault, room: &[u8; 32], own: &Fingerprint, log: &RoomLog) -> SaidEarlier {
    let next = log.n() + 1;
    let rows = vault
        .log_rows(room, next.saturating_sub(LOOKED_THROUGH).max(1)..next)
        .unwrap_or_default();
    of_rows(&rows, own, log.awaited().map(|(who, _)| who))
}

/// Goes through `rows` forwards, with who is awaited behind the last of them.
fn of_rows(rows: &[LogRow], own: &Fingerprint, awaited: impl Iterator<Item = Fingerprint>) -> SaidEarlier {
    let events: Vec<_> = rows
        .iter()
        .filter_map(|row| Some((row.n, row.fault.is_none(), row.signed_event().ok()?)))
        .collect();
    // Who is first seen leaving was there before these rows, and so was who is awaited and never seen.
    let mut seen = HashSet::new();
    let mut people = HashSet::new();
    for (_, _, signed) in &events {
        match &signed.event.content {
            Content::Admitted(member) => {
                seen.insert(Fingerprint::of_der(&member.identity));
            }
            Content::Departed { member, .. } if seen.insert(*member) => {
                people.insert(*member);
            }
            _ => {}
        }
    }
    people.extend(awaited.filter(|who| !seen.contains(who)));
    let mut said = SaidEarlier::default();
    for (n, passed, signed) in events {
        match &signed.event.content {
            Content::Admitted(member) => {
                people.insert(Fingerprint::of_der(&member.identity));
            }
            Content::Departed { member, reason } => {
                let comes_back = matches!(reason, DepartureReason::ConnectionLost | DepartureReason::TooSlow);
                if !comes_back {
                    people.remove(member);
                }
            }
            Content::Message { .. } if passed && people.len() <= MOST_PEOPLE => {
                let author = signed.event.author;
                if author == *own {
                    said.own.push(Followed {
                        id: MessageId(signed.hash),
                        n,
                        others: people.iter().filter(|who| *who != own).copied().collect(),
                    });
                } else {
                    said.others.insert(author, n);
                }
            }
            _ => {}
        }
    }
    said
}
