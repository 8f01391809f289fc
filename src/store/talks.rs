//! Private conversations: who with, what was said, and what waits for somebody who is away.
//!
//! A conversation lies under the id of its channel (room and both people). What was said is numbered by
//! place; everything of ours from `waits_from` on was not confirmed by the other end and is to be sent again. Where the
//! record of a conversation is damaged, it is made anew from those words by the next one.

use std::ops::RangeInclusive;

use minicbor::{Decode, Encode};

use super::log::entry_key;
use super::rooms::encode;
use super::{Rows, StoreError, Table, Vault, Writing};
use crate::crypto::{Fingerprint, Opened};
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
const MOST_PLACES: u64 = 1 << 24;

impl Talk {
    fn is_sound(&self) -> bool {
        let in_order = self.first <= self.waits_from && self.waits_from <= self.next;
        let counts = [self.next, self.last_seq, self.heard];
        in_order && counts.iter().all(|count| *count <= MAX_COUNT) && self.next - self.first <= MOST_PLACES
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
    /// The private conversations of a room. Those that can't be read are left out: [`Vault::talks_and_lost`] counts them.
    pub fn talks(&self, room: &[u8; 32]) -> Result<Vec<Talk>, StoreError> {
        Ok(self.talks_and_lost(room)?.0)
    }

    /// The private conversations of a room, and how many can't be read; a damaged list of them counts as one. When damage is
    /// met a copy of the file is put aside.
    pub fn talks_and_lost(&self, room: &[u8; 32]) -> Result<(Vec<Talk>, u64), StoreError> {
        let found = self.read(|reading| {
            let (mut talks, mut lost) = (Vec::new(), 0);
            for Channel(channel) in index(reading, room)?.channels {
                match talk(reading, &channel) {
                    Ok(Some(talk)) => talks.push(talk),
                    // One that is listed was there.
                    Ok(None) | Err(StoreError::Damaged { .. }) => lost += 1,
                    Err(error) => return Err(error),
                }
            }
            Ok((talks, lost))
        });
        match found {
            Err(StoreError::Damaged { .. }) => Ok((Vec::new(), 1)),
            Ok((talks, lost)) if lost > 0 => {
                self.copy_aside_once();
                Ok((talks, lost))
            }
            found => found,
        }
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
    /// Adds something to a conversation, which begins with it if there is none, and is mended by it if its record, or the
    /// list of the room's conversations, can't be read. What is heard twice is kept once.
    pub fn add_said(
        &mut self,
        room: &[u8; 32],
        channel: &[u8; 32],
        partner: (&Fingerprint, &str),
        said: &Said,
    ) -> Result<(), StoreError> {
        let (with, name) = partner;
        let (mut index, is_whole) = match index(self, room) {
            Err(StoreError::Damaged { .. }) => (Index::default(), false),
            index => (index?, true),
        };
        let is_listed = index.channels.contains(&Channel(*channel));
        let mut talk = match talk(self, channel) {
            Ok(Some(talk)) => talk,
            Ok(None) if is_whole && !is_listed => Talk::new(*channel, with, name),
            Ok(None) | Err(StoreError::Damaged { .. }) => self.made_anew(Talk::new(*channel, with, name))?,
            Err(error) => return Err(error),
        };
        if !is_listed {
            index.channels.push(Channel(*channel));
            self.keep(Table::Notes, &index_key(room), &encode(&index))?;
        }
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

    /// A conversation as what was said in it has it. What stands behind the last word of the other end counts as not
    /// confirmed: it is sent again, and the other end drops what it has.
    fn made_anew(&self, mut talk: Talk) -> Result<Talk, StoreError> {
        let mut found = Vec::new();
        self.each_said(&talk.channel, &mut |place, row| {
            // What comes next is reckoned from the highest of them.
            if let Ok(said) = minicbor::decode::<Said>(row.value())
                && place.max(said.seq) < MAX_COUNT
            {
                found.push((place, said.own, said.seq));
            }
        })?;
        found.sort_unstable();
        talk.first = found.first().map_or(0, |(first, ..)| *first);
        (talk.next, talk.waits_from) = (talk.first, talk.first);
        for (place, own, seq) in found {
            talk.next = place.saturating_add(1);
            if own {
                talk.last_seq = talk.last_seq.max(seq);
            } else {
                talk.heard = talk.heard.max(seq);
                talk.waits_from = talk.next;
            }
        }
        Ok(talk)
    }

    /// Goes through what was said in a conversation whose record can't be read, in no order. Long: all notes are looked at.
    fn each_said(&self, channel: &[u8; 32], take: &mut dyn FnMut(u64, &Opened)) -> Result<(), StoreError> {
        let prefix = [SAID, channel].concat();
        self.each(Table::Notes, &mut |row| {
            let place = row.key().strip_prefix(prefix.as_slice());
            if let Some(place) = place.and_then(|place| <[u8; 8]>::try_from(place).ok()) {
                take(u64::from_be_bytes(place), &row);
            }
        })?;
        Ok(())
    }

    /// The other end has everything of ours up to this number: it waits no more.
    pub fn confirm_said(&mut self, channel: &[u8; 32], seq: u64) -> Result<(), StoreError> {
        let mut talk = match talk(self, channel) {
            Ok(Some(talk)) => talk,
            // Nobody knows what waited; the next word in it mends it.
            Ok(None) | Err(StoreError::Damaged { .. }) => return Ok(()),
            Err(error) => return Err(error),
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

    /// Gives what waits in a conversation other numbers: the old and the new ones, in order.
    pub fn renumber_said(&mut self, channel: &[u8; 32], numbers: &[(u64, u64)]) -> Result<(), StoreError> {
        let mut talk = match talk(self, channel) {
            Ok(Some(talk)) => talk,
            Ok(None) | Err(StoreError::Damaged { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        for place in talk.waits_from..talk.next {
            let mut waiting = match said(self, channel, place) {
                Ok(Some(said)) if said.own => said,
                Ok(_) | Err(StoreError::Damaged { .. }) => continue,
                Err(error) => return Err(error),
            };
            let found = numbers.binary_search_by_key(&waiting.seq, |(old, _)| *old).ok();
            if let Some((_, new)) = found.and_then(|at| numbers.get(at)) {
                waiting.seq = *new;
                self.keep(Table::Notes, &said_key(channel, place), &encode(&waiting))?;
            }
        }
        let new = numbers.iter().map(|(_, new)| *new);
        talk.last_seq = new.fold(talk.last_seq, u64::max);
        self.keep(Table::Notes, &talk_key(channel), &encode(&talk))
    }

    /// Drops what is old in a room's conversations, but for what waits. What was kept in `young_ms`, milliseconds since 1970
    /// up to now, is not old; what was kept before something old is. Gives how many conversations can't be read: they stay.
    pub fn prune_talks(
        &mut self,
        room: &[u8; 32],
        young_ms: &RangeInclusive<u64>,
    ) -> Result<u64, StoreError> {
        let mut unread = 0;
        for Channel(channel) in index(self, room)?.channels {
            let mut talk = match talk(self, &channel) {
                Ok(Some(talk)) => talk,
                Ok(None) | Err(StoreError::Damaged { .. }) => {
                    unread += 1;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let first = talk.first;
            talk.first = self.first_that_stays(&talk, young_ms)?;
            if talk.first > first {
                let mut keys = (first..talk.first).map(|place| said_key(&channel, place));
                self.drop_rows(Table::Notes, &mut keys)?;
                self.keep(Table::Notes, &talk_key(&channel), &encode(&talk))?;
            }
        }
        Ok(unread)
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
            let mut places = Vec::new();
            match talk(self, &channel) {
                Ok(Some(talk)) => places.extend(talk.first..talk.next),
                Ok(None) | Err(StoreError::Damaged { .. }) => {
                    self.each_said(&channel, &mut |place, _| places.push(place))?;
                }
                Err(error) => return Err(error),
            }
            let mut keys = places.into_iter().map(|place| said_key(&channel, place));
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

/// In front of the channel and the place of something that was said.
const SAID: &[u8] = b"private said ";

pub(super) fn said_key(channel: &[u8; 32], place: u64) -> Vec<u8> {
    [SAID, &entry_key(channel, place)].concat()
}
