//! What the host writes: its own messages and the events that only it may write, signed in batches.

use std::time::{Duration, Instant};

use super::RoomThread;
use crate::crypto::{Digest, Fingerprint, MAX_BATCH, Signature};
use crate::net::clock::now_unix_ms;
use crate::net::{Event, Message, MessageId};
use crate::protocol::body::{Body, SignedHead};
use crate::protocol::event::event_hash;
use crate::protocol::{Content, DepartureReason};

/// Between two signatures over the room's order there is so much time at least: a busy room would
/// otherwise spend a whole core on them.
const HEAD_INTERVAL: Duration = Duration::from_millis(200);

/// What the host has to write.
pub(super) enum ToWrite {
    Message(String),
    Admit(Fingerprint),
    Dismiss(Fingerprint, DepartureReason),
    ReadOnly(bool),
    Mute(Fingerprint, bool),
    /// Dismiss somebody who is connected, and hang up behind it.
    SendAway(Fingerprint, DepartureReason),
}

/// A batch that is being signed.
pub(super) struct Asked {
    events: Vec<Vec<u8>>,
    head: Option<(u64, Digest)>,
}

impl RoomThread<'_> {
    /// Writes what waits and asks for one batch of signatures; there is never more than one under way.
    pub(super) fn ask_for_signatures(&mut self) {
        if self.asked.is_some() {
            return;
        }
        let mut events = Vec::new();
        let mut statements = Vec::new();
        while events.len() < MAX_BATCH - 1 {
            let Some(next) = self.to_write.pop_front() else {
                break;
            };
            let Some(content) = self.content_of(next) else {
                continue;
            };
            let own = self.shared.identity.fingerprint();
            let text = match &content {
                Content::Message { text } => Some(text.clone()),
                _ => None,
            };
            let time_ms = now_unix_ms();
            let (bytes, statement) = self.own_chain.write(&self.log, own, time_ms, content);
            if let Some(text) = text {
                let message = self.message(MessageId(event_hash(&bytes)), own, text, time_ms);
                self.shared.teller.tell(Event::Written { message });
            }
            events.push(bytes);
            statements.push(statement);
        }
        let head_is_due = self.next_head_at().is_some_and(|at| at <= Instant::now());
        let head = head_is_due.then(|| (self.log.n(), self.log.head()));
        if head.is_some() {
            statements.push(self.log.newest_head_statement());
            self.unsigned_entries = false;
            self.head_signed_at = Some(Instant::now());
        }
        if !statements.is_empty() && self.signing.send(statements).is_ok() {
            self.asked = Some(Asked { events, head });
        }
    }

    pub(super) fn signed(&mut self, signatures: Vec<Signature>) {
        let Some(Asked { events, head }) = self.asked.take() else {
            return;
        };
        let own = self.shared.identity.fingerprint();
        let mut signatures = signatures.into_iter();
        for (event, signature) in events.into_iter().zip(signatures.by_ref()) {
            match self.log.append(&own, event, signature) {
                Ok(appended) => self.unpublished.push(appended),
                Err(fault) => log::error!("an event of ours did not pass our own checks: {fault}"),
            }
        }
        self.own_chain = self.log.chain_of(&own);
        // The head covers what was in the log when it was asked for: that is told first.
        self.publish_all();
        if let (Some((n, head)), Some(signature)) = (head, signatures.next()) {
            self.broadcast(&Body::Head(SignedHead { n, head, signature }));
        }
        self.enter_all();
    }

    pub(super) fn next_head_at(&self) -> Option<Instant> {
        // The last head is signed at once.
        let earliest = || match self.head_signed_at {
            Some(at) if !self.is_closing => at + HEAD_INTERVAL,
            _ => Instant::now(),
        };
        (self.unsigned_entries && self.asked.is_none()).then(earliest)
    }

    fn content_of(&self, next: ToWrite) -> Option<Content> {
        match next {
            ToWrite::Message(text) => Some(Content::Message { text }),
            ToWrite::Admit(fingerprint) => {
                let arrival = self.arriving.get(&fingerprint)?;
                Some(Content::Admitted(
                    self.log.introduction(&arrival.identity, &arrival.name),
                ))
            }
            // Somebody who is back meanwhile is not sent away.
            ToWrite::Dismiss(member, reason) => {
                let is_back = self.conn_of(&member).is_some() || self.arriving.contains_key(&member);
                (!is_back && self.log.is_present(&member)).then_some(Content::Departed { member, reason })
            }
            ToWrite::SendAway(member, reason) => self
                .log
                .is_present(&member)
                .then_some(Content::Departed { member, reason }),
            ToWrite::ReadOnly(read_only) => {
                (read_only != self.log.is_read_only()).then_some(Content::ReadOnly(read_only))
            }
            ToWrite::Mute(member, muted) => {
                (muted != self.log.is_muted(&member)).then_some(Content::Muted { member, muted })
            }
        }
    }

    pub(super) fn message(&self, id: MessageId, author: Fingerprint, text: String, time_ms: u64) -> Message {
        let own = author == self.shared.identity.fingerprint();
        let name = self.log.name_of(&author).unwrap_or_default().to_owned();
        Message {
            room: self.shared.key,
            id,
            author,
            name,
            text,
            time_ms,
            own,
        }
    }
}
