//! Private conversations of one room: what was said, what waits, how far each end came.

use std::ops::Range;

use super::stays_in_memory;
use crate::crypto::Fingerprint;
use crate::net::clock::now_unix_ms;
use crate::net::limits::MAX_UNKEPT;
use crate::store::{Said, StoreError, Talk, Vault, missing};

/// So many of the newest messages of a conversation are told when its room is opened or returned to.
const HISTORY: u64 = 2048;

/// A conversation as it was kept.
#[derive(Debug)]
pub struct KeptTalk {
    /// Who with, and how far each end came.
    pub talk: Talk,
    /// The newest that was said and confirmed, in order, each with its place.
    pub said: Vec<(u64, Said)>,
    /// The places that can't be read any more, in order.
    pub lost: Vec<Range<u64>>,
    /// Ours that was not confirmed, in order.
    pub waiting: Vec<Said>,
    /// The first place that was looked at.
    pub from: u64,
}

/// What is kept of a room's conversations.
#[derive(Debug, Default)]
pub struct KeptTalks {
    /// Those that can be read.
    pub talks: Vec<KeptTalk>,
    /// What can't be read, as a sentence to tell.
    pub unread: Option<String>,
}

/// Something that happened in a conversation.
#[derive(Debug, Clone)]
pub enum TalkChange {
    /// Something was said by either end.
    Said(Said),
    /// The other end has everything of ours up to this number.
    Confirmed(u64),
    /// What waits under these numbers bears others: the old and the new ones, in order.
    Renumbered(Vec<(u64, u64)>),
}

/// With whom, and the id of the channel.
#[derive(Debug, Clone)]
pub struct TalkEnd {
    /// The id of the channel.
    pub channel: [u8; 32],
    /// The other end.
    pub with: Fingerprint,
    /// Its name.
    pub name: String,
}

/// Keeps the private conversations of one room.
#[derive(Debug)]
pub struct TalkKeeper {
    vault: Vault,
    room: [u8; 32],
    unkept: Vec<(TalkEnd, TalkChange)>,
    failed: bool,
}

impl TalkKeeper {
    pub(super) fn new(vault: Vault, room: [u8; 32]) -> TalkKeeper {
        TalkKeeper {
            vault,
            room,
            unkept: Vec::new(),
            failed: false,
        }
    }

    /// What is kept of the room's conversations.
    pub fn load(&self) -> KeptTalks {
        let vault = &self.vault;
        let load = || {
            let mut found = Vec::new();
            let (talks, lost) = vault.talks_and_lost(&self.room)?;
            for talk in talks {
                let from = talk
                    .next
                    .saturating_sub(HISTORY)
                    .min(talk.waits_from)
                    .max(talk.first);
                let rows = vault.said(&talk.channel, from..talk.next)?;
                let lost = missing(rows.iter().map(|(place, _)| *place), from..talk.next);
                let waits = |(place, said): &(u64, Said)| said.own && *place >= talk.waits_from;
                let (waiting, said): (Vec<_>, Vec<_>) = rows.into_iter().partition(waits);
                found.push(KeptTalk {
                    lost,
                    from,
                    said,
                    waiting: waiting.into_iter().map(|(_, said)| said).collect(),
                    talk,
                });
            }
            Ok(KeptTalks {
                talks: found,
                unread: unread(lost),
            })
        };
        load().unwrap_or_else(|error: StoreError| KeptTalks {
            talks: Vec::new(),
            unread: Some(format!(
                "The private conversations of this room can't be read: {error}."
            )),
        })
    }

    /// Notes a change; [`TalkKeeper::keep`] keeps it.
    pub fn note(&mut self, end: TalkEnd, change: TalkChange) {
        if self.unkept.len() < MAX_UNKEPT {
            self.unkept.push((end, change));
        }
    }

    /// Keeps what was noted, in one transaction, before anybody is told of it. When that fails it says so
    /// once, goes on in memory, and tries again with the next change.
    pub fn keep(&mut self) -> Result<(), String> {
        if self.unkept.is_empty() {
            return Ok(());
        }
        if stays_in_memory(&self.vault, &self.room) {
            self.unkept.clear();
            return Ok(());
        }
        let outcome = self.vault.write(|writing| {
            for (end, change) in &self.unkept {
                match change {
                    TalkChange::Said(said) => {
                        writing.add_said(&self.room, &end.channel, (&end.with, &end.name), said)?;
                    }
                    TalkChange::Confirmed(seq) => writing.confirm_said(&end.channel, *seq)?,
                    TalkChange::Renumbered(numbers) => writing.renumber_said(&end.channel, numbers)?,
                }
            }
            Ok(())
        });
        match outcome {
            Ok(()) => {
                self.unkept.clear();
                self.failed = false;
                Ok(())
            }
            Err(_) if self.failed => Ok(()),
            Err(error) => {
                self.failed = true;
                Err(format!(
                    "Private messages of this room are in memory only, and are lost when the program ends: {error}."
                ))
            }
        }
    }
}

/// What is told of conversations whose records, or whose list, can't be read.
fn unread(count: u64) -> Option<String> {
    let which = match count {
        0 => return None,
        1 => "A private conversation of this room".to_owned(),
        _ => format!("{count} private conversations of this room"),
    };
    Some(format!(
        "{which} can't be read: the profile is damaged there. What was said in one comes back when something more is \
         said in it and the room is opened again."
    ))
}

/// Something said now.
pub fn said_now(own: bool, seq: u64, time_ms: u64, text: &str) -> TalkChange {
    TalkChange::Said(Said {
        own,
        seq,
        time_ms,
        text: text.to_owned(),
        kept_ms: now_unix_ms(),
    })
}
