//! What the host writes: its own messages and the events that only it may write, signed in batches.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Sender;

use super::{Input, RoomThread};
use crate::crypto::{CryptoError, Digest, Fingerprint, MAX_BATCH, Signature, Statement};
use crate::net::clock::now_unix_ms;
use crate::net::host::{DeathNotice, Shared};
use crate::net::limits::{COMING_AND_GOING_INTERVAL, HEAD_INTERVAL, MAX_BURST, MAX_UNDER_WAY};
use crate::net::{Event, Message, MessageId, signing};
use crate::protocol::body::{Body, SignedHead};
use crate::protocol::event::event_hash;
use crate::protocol::{Content, DepartureReason};

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

/// Something that is being signed.
pub(super) struct Asked {
    events: Vec<Vec<u8>>,
    head: Option<(u64, Digest)>,
}

/// Starts the thread that signs for the room: one burst after the other, each answered with
/// [`Input::Signed`].
pub fn start_signer(shared: &Arc<Shared>, inputs: Sender<Input>) -> std::io::Result<Sender<Vec<Statement>>> {
    let notice = DeathNotice {
        inputs,
        name: "signer",
    };
    let answer = move |outcome: Result<Vec<Signature>, CryptoError>| {
        let answer = match outcome {
            Ok(signatures) => Input::Signed(signatures),
            Err(error) => Input::Broken {
                reason: error.to_string(),
            },
        };
        notice.inputs.send(answer).is_ok()
    };
    signing::start(
        "room-signer",
        shared.key,
        &shared.teller,
        &shared.identity,
        answer,
    )
}

impl RoomThread<'_> {
    /// Writes what waits and asks for its signatures. While some are under way, only for a full batch: what comes one
    /// by one is signed together.
    pub(super) fn ask_for_signatures(&mut self) {
        let may_ask = match self.asked.len() {
            0 => true,
            under_way => under_way < MAX_UNDER_WAY && self.to_write.len() >= MAX_BATCH,
        };
        if !may_ask {
            return;
        }
        let mut events = Vec::new();
        let mut statements = Vec::new();
        let mut newcomers = HashSet::new();
        let now = Instant::now();
        let most = match self.to_write.len() {
            _ if self.comings_wait_until(now).is_some() => 0,
            few if few < 2 * MAX_BATCH => MAX_BATCH - 1,
            many => (many / MAX_BATCH * MAX_BATCH).min(MAX_BURST) - 1,
        };
        while events.len() < most {
            // Only messages: what else is written depends on what is in the log by then.
            let goes_ahead =
                |next: &mut ToWrite| self.asked.is_empty() || matches!(next, ToWrite::Message(_));
            let Some(next) = self.to_write.pop_front_if(goes_ahead) else {
                break;
            };
            if let ToWrite::Admit(who) = &next
                && !self.finds_place(who, &mut newcomers)
            {
                continue;
            }
            let Some(content) = self.content_of(next) else {
                continue;
            };
            let own = self.shared.identity.fingerprint();
            let text = match &content {
                Content::Message { text } => Some(text.clone()),
                Content::Admitted(_) | Content::Departed { .. } => {
                    self.comings_asked_at = Some(now);
                    None
                }
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
        let head_is_due = self.next_head_at(now).is_some_and(|at| at <= now);
        let head = head_is_due.then(|| (self.log.n(), self.log.head()));
        if head.is_some() {
            statements.push(self.log.newest_head_statement());
            self.unsigned_entries = false;
            self.head_signed_at = Some(now);
        }
        if !statements.is_empty() && self.signing.send(statements).is_ok() {
            self.asked.push_back(Asked { events, head });
        }
    }

    pub(super) fn signed(&mut self, signatures: Vec<Signature>) {
        let Some(Asked { events, head }) = self.asked.pop_front() else {
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
        // What is under way goes on from our chain as it was written.
        if self.asked.is_empty() {
            self.own_chain = self.log.chain_of(&own);
        }
        // The head covers what was in the log when it was asked for: that is told first.
        self.publish_all();
        if let (Some((n, head)), Some(signature)) = (head, signatures.next()) {
            self.broadcast(&Body::Head(SignedHead { n, head, signature }));
        }
        self.enter_all();
    }

    pub(super) fn next_head_at(&self, now: Instant) -> Option<Instant> {
        // The last head is signed at once.
        let earliest = || match self.head_signed_at {
            Some(at) if !self.is_closing => at + HEAD_INTERVAL,
            _ => now,
        };
        (self.unsigned_entries && self.asked.is_empty()).then(earliest)
    }

    /// Until when those who came and went wait to be written, if nothing else is to be.
    pub(super) fn comings_wait_until(&self, now: Instant) -> Option<Instant> {
        let until = self.comings_asked_at? + COMING_AND_GOING_INTERVAL;
        let is_coming = |next: &ToWrite| matches!(next, ToWrite::Admit(_) | ToWrite::Dismiss(..));
        let waits = until > now
            && !self.is_closing
            && (1..MAX_BATCH).contains(&self.to_write.len())
            && self.to_write.iter().all(is_coming);
        waits.then_some(until)
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
