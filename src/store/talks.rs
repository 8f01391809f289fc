//! Private conversations: who with, what was said, and what waits for somebody who is away.
//!
//! A conversation lies under the id of its channel (room and both people). What was said is numbered by
//! place; everything of ours from `waits_from` on was not confirmed by the other end and is to be sent again.

use std::ops::RangeInclusive;

use minicbor::{Decode, Encode};

use super::log::entry_key;
use super::rooms::encode;
use super::{Rows, StoreError, Table, Vault, Writing};
use crate::crypto::Fingerprint;
use crate::protocol::limits::MAX_COUNT;

/// One private conversation.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Talk {
    /// The id of its channel.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub channel: [u8; 32],
    /// The other end's fingerprint.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub with: [u8; 32],
    /// Its name when we last heard of it.
    #[n(2)]
    pub name: String,
    /// The oldest place that is kept.
    #[n(3)]
    pub first: u64,
    /// The place that comes next.
    #[n(4)]
    pub next: u64,
    /// The place of our oldest message that was not confirmed; equals `next` when nothing waits.
    #[n(5)]
    pub waits_from: u64,
    /// The highest number that we gave to a message.
    #[n(6)]
    pub last_seq: u64,
    /// The highest number that we heard.
    #[n(7)]
    pub heard: u64,
}

/// No conversation has so many places: whoever says so would have us look for them for ever.
const MOST_PLACES: u64 = 1 << 32;

impl Talk {
    fn is_sound(&self) -> bool {
        let in_order = self.first <= self.waits_from && self.waits_from <= self.next;
        in_order && self.next <= MAX_COUNT && self.next - self.first <= MOST_PLACES
    }

    /// One in which nothing was said.
    pub fn new(channel: [u8; 32], with: &Fingerprint, name: &str) -> Talk {
        Talk {
            channel,
            with: *with.as_bytes(),
            name: name.to_owned(),
            first: 0,
            next: 0,
            waits_from: 0,
            last_seq: 0,
            heard: 0,
        }
    }

    /// Who is at the other end.
    pub fn partner(&self) -> Fingerprint {
        Fingerprint::from_bytes(self.with)
    }
}

/// Something that was said in private.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Said {
    /// Whether we said it.
    #[n(0)]
    pub own: bool,
    /// Its author's number for it; rises.
    #[n(1)]
    pub seq: u64,
    /// Its author's clock, milliseconds since 1970.
    #[n(2)]
    pub time_ms: u64,
    /// The words.
    #[n(3)]
    pub text: String,
    /// When it came here, milliseconds since 1970. Retention counts from it.
    #[n(4)]
    pub kept_ms: u64,
}

/// The conversations of a room, for the list.
#[derive(Debug, Clone, Default, Encode, Decode)]
#[cbor(map)]
struct Index {
    #[n(0)]
    channels: Vec<Channel>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
struct Channel(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

impl Vault {
    /// The private conversations of a room. Those that can't be read are left out.
    pub fn talks(&self, room: &[u8; 32]) -> Result<Vec<Talk>, StoreError> {
        self.read(|reading| {
            let mut talks = Vec::new();
            for Channel(channel) in index(reading, room)?.channels {
                match talk(reading, &channel) {
                    Ok(found) => talks.extend(found),
                    Err(error) => log::warn!("a private conversation can't be read: {error}"),
                }
            }
            Ok(talks)
        })
    }

    /// What was said in a conversation at these places, in order, each with its place. What can't be read,
    /// or was dropped, is left out.
    pub fn said(
        &self,
        channel: &[u8; 32],
        places: std::ops::Range<u64>,
    ) -> Result<Vec<(u64, Said)>, StoreError> {
        self.read(|reading| {
            let mut found = Vec::new();
            for place in places {
                match said(reading, channel, place) {
                    Ok(said) => found.extend(said.map(|said| (place, said))),
                    Err(error @ StoreError::Damaged { .. }) => log::warn!("{error}"),
                    Err(error) => return Err(error),
                }
            }
            Ok(found)
        })
    }
}

impl Writing<'_> {
    /// Adds something to a conversation, which begins with it if there is none. What is heard twice is
    /// kept once.
    pub fn add_said(
        &mut self,
        room: &[u8; 32],
        channel: &[u8; 32],
        partner: (&Fingerprint, &str),
        said: &Said,
    ) -> Result<(), StoreError> {
        let (with, name) = partner;
        let known = talk(self, channel)?;
        if known.is_none() {
            let mut index = index(self, room)?;
            if !index.channels.contains(&Channel(*channel)) {
                index.channels.push(Channel(*channel));
                self.keep(Table::Notes, &index_key(room), &encode(&index))?;
            }
        }
        let mut talk = known.unwrap_or_else(|| Talk::new(*channel, with, name));
        name.clone_into(&mut talk.name);
        if said.own {
            talk.last_seq = talk.last_seq.max(said.seq);
        } else if said.seq <= talk.heard {
            return Ok(());
        } else {
            talk.heard = said.seq;
            // Nothing of ours waits: then nothing does before this place either.
            if talk.waits_from == talk.next {
                talk.waits_from += 1;
            }
        }
        self.keep(Table::Notes, &said_key(channel, talk.next), &encode(said))?;
        talk.next += 1;
        self.keep(Table::Notes, &talk_key(channel), &encode(&talk))
    }

    /// The other end has everything of ours up to this number: it waits no more.
    pub fn confirm_said(&mut self, channel: &[u8; 32], seq: u64) -> Result<(), StoreError> {
        let Some(mut talk) = talk(self, channel)? else {
            return Ok(());
        };
        while talk.waits_from < talk.next {
            let waits = match said(self, channel, talk.waits_from) {
                Ok(found) => found.is_some_and(|said| said.own && said.seq > seq),
                Err(StoreError::Damaged { .. }) => false,
                Err(error) => return Err(error),
            };
            if waits {
                break;
            }
            talk.waits_from += 1;
        }
        self.keep(Table::Notes, &talk_key(channel), &encode(&talk))
    }

    /// Drops what is old in a room's conversations, but for what waits. What was kept in `young_ms`, milliseconds since 1970
    /// up to now, is not old; what was kept before something old is.
    pub fn prune_talks(&mut self, room: &[u8; 32], young_ms: &RangeInclusive<u64>) -> Result<(), StoreError> {
        for Channel(channel) in index(self, room)?.channels {
            let Some(mut talk) = talk(self, &channel)? else {
                continue;
            };
            let first = talk.first;
            talk.first = self.first_that_stays(&talk, young_ms)?;
            if talk.first > first {
                let mut keys = (first..talk.first).map(|place| said_key(&channel, place));
                self.drop_rows(Table::Notes, &mut keys)?;
                self.keep(Table::Notes, &talk_key(&channel), &encode(&talk))?;
            }
        }
        Ok(())
    }

    /// Where what stays of a conversation begins. What seems to come from the future is as old as what follows it.
    fn first_that_stays(&self, talk: &Talk, young_ms: &RangeInclusive<u64>) -> Result<u64, StoreError> {
        let mut first = talk.first;
        for place in talk.first..talk.waits_from {
            match said(self, &talk.channel, place) {
                Ok(Some(said)) if young_ms.contains(&said.kept_ms) => return Ok(first),
                Ok(Some(said)) if said.kept_ms < *young_ms.start() => {
                    first = place + 1;
                }
                Ok(Some(_)) => {}
                Ok(None) | Err(StoreError::Damaged { .. }) => first += u64::from(first == place),
                Err(error) => return Err(error),
            }
        }
        Ok(first)
    }

    /// Drops all private conversations of a room, with what waits.
    pub fn drop_talks(&mut self, room: &[u8; 32]) -> Result<(), StoreError> {
        for Channel(channel) in index(self, room)?.channels {
            let whole = talk(self, &channel).ok().flatten();
            let places = whole.map_or(0..0, |talk| talk.first..talk.next);
            let mut keys = places.map(|place| said_key(&channel, place));
            self.drop_rows(Table::Notes, &mut keys)?;
            self.drop_row(Table::Notes, &talk_key(&channel))?;
        }
        self.drop_row(Table::Notes, &index_key(room))
    }
}

fn index(rows: &impl Rows, room: &[u8; 32]) -> Result<Index, StoreError> {
    match rows.row(Table::Notes, &index_key(room))? {
        Some(row) => minicbor::decode(row.value())
            .map_err(|_| StoreError::damaged("the list of a room's private conversations")),
        None => Ok(Index::default()),
    }
}

pub(super) fn talk(rows: &impl Rows, channel: &[u8; 32]) -> Result<Option<Talk>, StoreError> {
    let Some(row) = rows.row(Table::Notes, &talk_key(channel))? else {
        return Ok(None);
    };
    minicbor::decode(row.value())
        .ok()
        .filter(Talk::is_sound)
        .map(Some)
        .ok_or_else(|| StoreError::damaged("a private conversation"))
}

fn said(rows: &impl Rows, channel: &[u8; 32], place: u64) -> Result<Option<Said>, StoreError> {
    let Some(row) = rows.row(Table::Notes, &said_key(channel, place))? else {
        return Ok(None);
    };
    minicbor::decode(row.value())
        .map(Some)
        .map_err(|_| StoreError::damaged("a private message"))
}

fn index_key(room: &[u8; 32]) -> Vec<u8> {
    [b"private talks ".as_slice(), room].concat()
}

fn talk_key(channel: &[u8; 32]) -> Vec<u8> {
    [b"private talk ".as_slice(), channel].concat()
}

pub(super) fn said_key(channel: &[u8; 32], place: u64) -> Vec<u8> {
    [b"private said ".as_slice(), &entry_key(channel, place)].concat()
}
