//! What waits for somebody gets new numbers where the other end has heard higher ones than we know of.
//!
//! A message whose number is not above the newest that was heard is dropped by the other end as one that came twice, and
//! confirmed. So it is lost without a word when our numbers begin lower than they had come: the clock was ahead before, and
//! what was kept is gone, or never was, or another computer has this identity too. What the other end confirms then is
//! no number of ours, and that shows it.

use std::time::Instant;

use super::saying::Said;
use super::{Chat, Desk, Partner, message_id};
use crate::net::PrivateEvent;
use crate::net::keep::TalkChange;
use crate::protocol::limits::MAX_COUNT;

/// No clock was ever so far ahead. Behind it as many numbers are left as anybody can use.
const MOST_HEARD: u64 = MAX_COUNT / 2;

impl Chat {
    /// Whether the other end has heard a number that we know nothing of, and something waits under a lower one. An end that
    /// heard only what we know of confirms the number of something that waits, or one below all that does.
    pub(super) fn was_given_elsewhere(&self, heard: u64) -> bool {
        let may_be_dropped = self.waiting.front().is_some_and(|first| first.seq < heard);
        may_be_dropped
            && self
                .waiting
                .binary_search_by_key(&heard, |said| said.seq)
                .is_err()
    }
}

impl Desk {
    /// Gives what waits under numbers up to `heard` new ones, behind all others, and sends it again. Fails where no end
    /// that keeps to the protocol can have heard that: once in a channel it may, and from then on our numbers are higher.
    pub(super) fn number_anew(&mut self, partner: &Partner, heard: u64, now: Instant) -> Result<(), String> {
        let with = partner.fingerprint;
        let (own, channel) = (self.identity.fingerprint(), self.channel(&with));
        let Some(chat) = self.chats.get_mut(&with) else {
            return Ok(());
        };
        if heard > MOST_HEARD || std::mem::replace(&mut chat.numbered_anew, true) {
            return Err("it confirmed a private message that was never sent".to_owned());
        }
        chat.last_seq = chat.last_seq.max(heard);
        let lower = chat.waiting.partition_point(|said| said.seq <= heard);
        let dropped: Vec<Said> = chat.waiting.drain(..lower).collect();
        chat.sent = chat.sent.saturating_sub(lower);
        let (mut numbers, mut told) = (Vec::new(), Vec::new());
        for before in dropped {
            chat.last_seq += 1;
            let seq = chat.last_seq;
            let id = message_id(&channel, &own, seq, &before.text);
            numbers.push((before.seq, seq));
            told.push(PrivateEvent::Renumbered {
                before: before.id,
                id,
            });
            chat.waiting.push_back(Said { id, seq, ..before });
        }
        chat.moved_at = now;
        chat.send_waiting(now);
        self.note(partner, TalkChange::Renumbered(numbers));
        told.into_iter().for_each(|event| self.tell(with, event));
        Ok(())
    }
}
