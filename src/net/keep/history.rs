//! What was said in a room before, told page by page.

use super::Shelf;
use crate::crypto::Fingerprint;
use crate::net::{Event, HistoryPage, Message, MessageId, RoomKey, Teller};
use crate::protocol::Content;
use crate::store::{LogRow, StoreError};

/// So many of the newest entries are told when a room is opened or returned to.
pub(super) const HISTORY: u64 = 2048;
/// So many entries from before are told at once to who scrolls up to them.
const EARLIER: u64 = 1024;

impl Shelf {
    /// Tells the newest messages of a room that are kept, if there are any, or that they could not be read.
    pub fn tell_history(&self, room: &[u8; 32], key: RoomKey, own: &Fingerprint, teller: &Teller) {
        let (page, is_read) = match self.page(room, u64::MAX, HISTORY, key, own) {
            Ok(None) => return,
            Ok(Some(page)) if page.messages.is_empty() && page.lost.is_empty() => return,
            Ok(Some(page)) => (page, true),
            Err(error) => {
                log::warn!("what is kept of a room could not be read: {error}");
                let page = HistoryPage {
                    has_more: true,
                    ..nothing_before(room, u64::MAX)
                };
                (page, false)
            }
        };
        teller.tell(Event::History { room: key, page });
        if !is_read {
            teller.tell(Event::EarlierUnread { room: key, id: *room });
        }
    }

    /// Tells messages from before entry `before`, for who scrolls up to them, or that they could not be read.
    pub fn tell_earlier(
        &self,
        room: &[u8; 32],
        before: u64,
        key: RoomKey,
        own: &Fingerprint,
        teller: &Teller,
    ) {
        match self.page(room, before, EARLIER, key, own) {
            Ok(page) => {
                // Where nothing is kept, that is told too: nothing more comes.
                let page = page.unwrap_or_else(|| nothing_before(room, before));
                teller.tell(Event::Earlier { room: key, page });
            }
            Err(error) => {
                log::warn!("earlier messages of a room could not be read: {error}");
                teller.tell(Event::EarlierUnread { room: key, id: *room });
            }
        }
    }

    /// At most so many entries before `before`; `None` when nothing is kept. Pages without a message, as when many came and
    /// went, are passed over.
    fn page(
        &self,
        room: &[u8; 32],
        before: u64,
        most: u64,
        key: RoomKey,
        own: &Fingerprint,
    ) -> Result<Option<HistoryPage>, StoreError> {
        let Some(extent) = self.vault.log_extent(room)? else {
            return Ok(None);
        };
        let mut until = before.min(extent.next);
        let mut lost = Vec::new();
        loop {
            let from = self.vault.log_back_from(room, until, most)?;
            let part = self.vault.log_part(room, from..until)?;
            lost.splice(0..0, part.lost);
            let messages: Vec<(Message, u64)> = part
                .rows
                .iter()
                .filter(|row| row.fault.is_none())
                .filter_map(|row| Some((message_of(row, key, own)?, row.n)))
                .collect();
            let has_more = from > extent.first;
            if messages.is_empty() && has_more {
                until = from;
                continue;
            }
            return Ok(Some(HistoryPage {
                id: *room,
                messages,
                lost,
                first: from,
                has_more,
            }));
        }
    }
}

/// The page of a room of which nothing is kept.
fn nothing_before(room: &[u8; 32], before: u64) -> HistoryPage {
    HistoryPage {
        id: *room,
        messages: Vec::new(),
        lost: Vec::new(),
        first: before,
        has_more: false,
    }
}

fn message_of(row: &LogRow, room: RoomKey, own: &Fingerprint) -> Option<Message> {
    let signed = row.signed_event().ok()?;
    let Content::Message { text } = signed.event.content else {
        return None;
    };
    Some(Message {
        room,
        id: MessageId(signed.hash),
        author: signed.event.author,
        name: row.name.clone(),
        text,
        time_ms: signed.event.time_ms,
        own: signed.event.author == *own,
    })
}
