//! Private conversations of earlier runs as they are shown: kept words as messages, and pages of them for who scrolls up.

use std::ops::Range;

use super::saying::Said as Unconfirmed;
use super::{Desk, Partner, message_id};
use crate::crypto::Fingerprint;
use crate::net::keep::KeptTalk;
use crate::net::{Event, HistoryPage, Message, PrivateEvent, RoomKey, Teller};
use crate::store::{Said, StoreError, Talk, Vault, missing};

/// So many messages from before are told at once.
const EARLIER: u64 = 1024;

/// Whose conversation it is: the room that carries it, and who reads.
#[derive(Debug, Clone)]
pub(in crate::net) struct Reader {
    /// The room.
    pub room: RoomKey,
    /// We.
    pub own: Fingerprint,
    /// Our name.
    pub own_name: String,
}

impl Reader {
    /// Something that was kept, as a message.
    pub(super) fn message(&self, talk: &Talk, said: &Said) -> Message {
        let (author, name) = match said.own {
            true => (self.own, &self.own_name),
            false => (talk.partner(), &talk.name),
        };
        Message {
            room: self.room,
            id: message_id(&talk.channel, &author, said.seq, &said.text),
            author,
            name: name.clone(),
            text: said.text.clone(),
            time_ms: said.time_ms,
            own: said.own,
        }
    }

    /// Tells messages from before a place of a conversation. Where reading fails, that is told, and why: nothing more
    /// comes. Of a conversation that is not kept nothing is told.
    pub(in crate::net) fn tell_earlier(
        &self,
        vault: &Vault,
        channel: &[u8; 32],
        before: u64,
        teller: &Teller,
    ) {
        match self.earlier(vault, channel, before) {
            Ok(Some((with, page))) => teller.tell(Event::Private {
                room: self.room,
                with,
                event: PrivateEvent::Earlier { page },
            }),
            Ok(None) => {}
            Err(error) => {
                let (room, id) = (self.room, *channel);
                let reason = format!("Private messages from before could not be read: {error}.");
                teller.tell(Event::NotKept { reason });
                teller.tell(Event::EarlierUnread { room, id });
            }
        }
    }

    /// Messages from before a place of a conversation, and with whom it is; `None` when it is not kept.
    fn earlier(
        &self,
        vault: &Vault,
        channel: &[u8; 32],
        before: u64,
    ) -> Result<Option<(Fingerprint, HistoryPage)>, StoreError> {
        let Some(talk) = vault.talk(channel)? else {
            return Ok(None);
        };
        let page = self.page(&talk, before, |places| vault.said(channel, places))?;
        Ok(Some((talk.partner(), page)))
    }

    /// At most so many messages before `before`, as `said` reads them; stretches of which nothing is left are passed over.
    /// Where reading fails, nothing is said to be lost: it may be there all the same.
    fn page(
        &self,
        talk: &Talk,
        before: u64,
        said: impl Fn(Range<u64>) -> Result<Vec<(u64, Said)>, StoreError>,
    ) -> Result<HistoryPage, StoreError> {
        let mut first = before.min(talk.next);
        let (mut messages, mut lost) = (Vec::new(), Vec::new());
        while messages.is_empty() && first > talk.first {
            let until = first;
            first = until.saturating_sub(EARLIER).max(talk.first);
            let said = said(first..until)?;
            lost.splice(0..0, missing(said.iter().map(|(place, _)| *place), first..until));
            messages = said
                .iter()
                .map(|(place, said)| (self.message(talk, said), *place))
                .collect();
        }
        Ok(HistoryPage {
            id: talk.channel,
            messages,
            lost,
            first,
            has_more: first > talk.first,
        })
    }
}

impl Desk {
    /// Goes on with a conversation of an earlier run, and tells what is kept of it.
    pub(super) fn take_up(&mut self, mut kept: KeptTalk) {
        let with = kept.talk.partner();
        // Of another identity that this profile had before.
        if kept.talk.channel != self.channel(&with) {
            return;
        }
        let partner = Partner {
            fingerprint: with,
            name: kept.talk.name.clone(),
            present: false,
        };
        let reader = Reader {
            room: self.key,
            own: self.identity.fingerprint(),
            own_name: self.own_name.clone(),
        };
        let page = HistoryPage {
            id: kept.talk.channel,
            messages: kept
                .said
                .iter()
                .map(|(place, said)| (reader.message(&kept.talk, said), *place))
                .collect(),
            lost: kept.lost,
            first: kept.from,
            has_more: kept.from > kept.talk.first,
        };
        // What was given a new number stands at its old place on the disk, and is sent in the order of the numbers.
        kept.waiting.sort_by_key(|said| said.seq);
        let waiting: Vec<Message> = kept
            .waiting
            .iter()
            .map(|said| reader.message(&kept.talk, said))
            .collect();
        let Some(chat) = self.chat(&partner) else {
            return;
        };
        (chat.last_seq, chat.heard) = (kept.talk.last_seq, kept.talk.heard);
        for (said, message) in kept.waiting.into_iter().zip(&waiting) {
            chat.waiting.push_back(Unconfirmed {
                id: message.id,
                seq: said.seq,
                time_ms: said.time_ms,
                text: said.text,
            });
        }
        self.tell(
            with,
            PrivateEvent::Kept {
                name: partner.name,
                page,
                waiting,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crossbeam_channel::bounded;

    use super::*;
    use crate::store::Table;

    const CHANNEL: [u8; 32] = [7; 32];

    fn reader() -> Reader {
        Reader {
            room: RoomKey(1),
            own: Fingerprint::of_der(b"ada"),
            own_name: "Ada".to_owned(),
        }
    }

    #[test]
    fn private_words_that_cannot_be_read_just_now_are_not_told_as_lost() {
        let with = Fingerprint::of_der(b"bob");
        let talk = Talk {
            next: 3000,
            waits_from: 3000,
            ..Talk::new(CHANNEL, &with, "Bob")
        };
        let none_left = reader().page(&talk, u64::MAX, |_| Ok(Vec::new())).unwrap();
        let lost: u64 = none_left
            .lost
            .iter()
            .map(|places| places.end - places.start)
            .sum();
        assert_eq!((lost, none_left.first), (3000, 0));
        // The newest are lost, and those before them can't be read: how many of them are left is not known.
        let page = reader().page(&talk, u64::MAX, |places| match places.end {
            3000 => Ok(Vec::new()),
            _ => Err(StoreError::System("the disk is gone".to_owned())),
        });
        assert!(matches!(page, Err(StoreError::System(_))), "{page:?}");
    }

    #[test]
    fn whoever_scrolls_up_in_a_private_conversation_that_cannot_be_read_is_told_so_and_why() {
        let vault = Vault::in_memory().unwrap();
        let with = Fingerprint::of_der(b"bob");
        let said = Said {
            own: true,
            seq: 1,
            time_ms: 0,
            text: "hello".to_owned(),
            kept_ms: 0,
        };
        let record = [b"private talk ".as_slice(), &CHANNEL].concat();
        vault
            .write(|writing| {
                writing.add_said(&[1; 32], &CHANNEL, (&with, "Bob"), &said)?;
                writing.damage(Table::Notes, &record)
            })
            .unwrap();
        let (events, heard) = bounded(4);
        let teller = Teller::new(events, Arc::new(|| {}));
        reader().tell_earlier(&vault, &CHANNEL, u64::MAX, &teller);
        let why = heard.try_recv().unwrap();
        assert!(
            matches!(&why, Event::NotKept { reason }
                if reason.starts_with("Private messages from before could not be read: a part of the profile")),
            "{why:?}"
        );
        let place = heard.try_recv().unwrap();
        assert!(
            matches!(
                place,
                Event::EarlierUnread {
                    room: RoomKey(1),
                    id: CHANNEL
                }
            ),
            "{place:?}"
        );
        assert!(heard.try_recv().is_err());
    }
}
