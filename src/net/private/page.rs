//! Private conversations of earlier runs as they are shown: kept words as messages, and pages of them for who scrolls up.

use super::saying::Said as Unconfirmed;
use super::{Desk, Partner, message_id};
use crate::crypto::Fingerprint;
use crate::net::keep::KeptTalk;
use crate::net::{Event, HistoryPage, Message, PrivateEvent, RoomKey, Teller};
use crate::store::{Said, Talk, Vault, missing};

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

    /// Tells messages from before a place of a conversation. Where nothing can be read, that is told too: nothing
    /// more comes. Of a conversation that is not kept nothing is told.
    pub(in crate::net) fn tell_earlier(
        &self,
        vault: &Vault,
        channel: &[u8; 32],
        before: u64,
        teller: &Teller,
    ) {
        let talk = match vault.talk(channel) {
            Ok(Some(talk)) => talk,
            Ok(None) => return,
            Err(error) => {
                log::warn!("a private conversation can't be read: {error}");
                let (room, id) = (self.room, *channel);
                return teller.tell(Event::EarlierUnread { room, id });
            }
        };
        teller.tell(Event::Private {
            room: self.room,
            with: talk.partner(),
            event: PrivateEvent::Earlier {
                page: self.page(vault, &talk, before),
            },
        });
    }

    /// At most so many messages before `before`; stretches of which nothing can be read are passed over.
    fn page(&self, vault: &Vault, talk: &Talk, before: u64) -> HistoryPage {
        let mut first = before.min(talk.next);
        let (mut messages, mut lost) = (Vec::new(), Vec::new());
        while messages.is_empty() && first > talk.first {
            let until = first;
            first = until.saturating_sub(EARLIER).max(talk.first);
            let said = vault.said(&talk.channel, first..until).unwrap_or_else(|error| {
                log::warn!("private messages can't be read: {error}");
                Vec::new()
            });
            lost.splice(0..0, missing(said.iter().map(|(place, _)| *place), first..until));
            messages = said
                .iter()
                .map(|(place, said)| (self.message(talk, said), *place))
                .collect();
        }
        HistoryPage {
            id: talk.channel,
            messages,
            lost,
            first,
            has_more: first > talk.first,
        }
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
