//! What we say: texts become events, go into the outbox and are handed in, and leave it logged or declined.

use std::time::Instant;

use crossbeam_channel::{Receiver, TryRecvError};

use super::{End, Link};
use crate::crypto::MAX_BATCH;
use crate::net::guest::Wish;
use crate::net::guest::writing::Wait;
use crate::net::limits::{
    GOODBYE_TIMEOUT, MAX_BURST, MAX_OUTBOX, MAX_TO_SAY, MAX_UNDER_WAY, MAX_UNWRITTEN, SIGN_INTERVAL,
};
use crate::net::{Alarm, Event, MessageId};
use crate::protocol::EventFault;
use crate::protocol::body::{self, Body};
use crate::protocol::event::event_hash;

impl Link<'_> {
    pub(super) fn hear_wishes(&mut self, wishes: &Receiver<Wish>) {
        while self.to_say.len() < MAX_TO_SAY {
            match wishes.try_recv() {
                Ok(wish) => self.heed(wish),
                Err(TryRecvError::Disconnected) => return self.heed(Wish::Leave),
                Err(TryRecvError::Empty) => return,
            }
        }
    }

    pub(super) fn heed(&mut self, wish: Wish) {
        match wish {
            Wish::Say { text } => self.to_say.push_back(text),
            Wish::SayPrivately { to, text } => {
                self.here.say_privately(&to, text, self.entered);
            }
            Wish::OpenPrivate { with } => {
                if let Some(partner) = self.here.partner(&with, self.entered) {
                    self.here.desk.open(&partner, Instant::now());
                }
            }
            Wish::TryNow => {}
            Wish::Leave if self.leaving_by.is_none() => {
                // What was said before the goodbye goes out before it.
                while self.entered && !self.to_say.is_empty() {
                    let written = self.write_what_waits(Instant::now());
                    if written.and_then(|()| self.take_signed(Wait::ForAll)).is_err() {
                        break;
                    }
                }
                let _ = self.take_signed(Wait::ForAll);
                if self.entered {
                    let _ = self.hand_in();
                }
                self.connection.close();
                self.leaving_by = Some(Instant::now() + GOODBYE_TIMEOUT);
            }
            Wish::Leave => {}
            #[cfg(test)]
            Wish::Die => crate::net::guest::deaths::die(),
        }
    }

    /// Begins anew with those to whom the host did not pass something on a while ago.
    pub(super) fn try_private_again(&mut self, now: Instant) {
        for who in self.here.desk.take_due(now) {
            if let Some(partner) = self.here.partner(&who, self.entered) {
                self.here.desk.try_again(&partner, now);
            }
        }
    }

    /// While the host reads slowly, nothing is added to what waits for it.
    pub(super) fn may_say(&self) -> bool {
        self.entered && self.leaving_by.is_none() && self.outbox.waiting_bytes() < MAX_UNWRITTEN
    }

    /// When what waits is to be written. While something is being signed, only a full batch: what comes one by one is
    /// signed together.
    pub(super) fn writes_at(&self, now: Instant) -> Option<Instant> {
        // A full outbox takes no more texts; the wish to leave is heard behind them all the same.
        if !self.may_say() || self.to_say.is_empty() || self.here.outbox.len() >= MAX_OUTBOX {
            return None;
        }
        let is_full = self.to_say.len() >= MAX_BATCH;
        match self.here.writing.under_way() {
            MAX_UNDER_WAY.. => None,
            0 if !is_full => Some(self.sign_at),
            _ => is_full.then_some(now),
        }
    }

    /// Takes what is signed into the outbox.
    pub(super) fn take_signed(&mut self, wait: Wait) -> Result<(), End> {
        self.here
            .take_signed(wait, self.wish, self.context)
            .map_err(End::broken)
    }

    /// Writes the waiting texts as events and has them signed: full batches if there are any, else what there is.
    pub(super) fn write_what_waits(&mut self, now: Instant) -> Result<(), End> {
        if self.to_say.is_empty() {
            return Ok(());
        }
        self.sign_at = now + SIGN_INTERVAL;
        let full = self.to_say.len() / MAX_BATCH * MAX_BATCH;
        let count = if full == 0 {
            self.to_say.len()
        } else {
            full.min(MAX_BURST)
        };
        let texts = self.to_say.drain(..count).collect();
        self.here
            .write(texts, self.wish, self.context)
            .map_err(End::broken)
    }

    /// Hands in what the outbox has and this connection has not carried yet.
    pub(super) fn hand_in(&mut self) -> Result<(), End> {
        while let Some(waiting) = self.here.outbox.get(self.sent) {
            let text = body::encode(&Body::Submit(waiting.submit.clone()));
            if self.connection.send(&text).is_err() {
                return Err(End::broken("a message was too long"));
            }
            self.sent += 1;
            self.drain()?;
            if self.outbox.waiting_bytes() >= MAX_UNWRITTEN && self.leaving_by.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// A message of ours is in the log: it need not be sent again. Gives whether it was written here; else our identity
    /// said it from somewhere else.
    pub(super) fn own_is_logged(&mut self, id: &MessageId, seq: u64) -> bool {
        let waited = self.here.settle(id);
        if waited {
            self.sent = self.sent.saturating_sub(1);
        }
        if seq > self.here.own_chain.seq {
            self.here.own_chain = self.here.log.chain_of(&self.own);
        }
        let was_declined = self.here.declined.remove(id);
        if was_declined {
            self.alarm(Alarm::DeclinedYetLogged);
        }
        waited || was_declined
    }

    /// What follows a declined event was chained to it and is declined too; the next begins anew.
    pub(super) fn declined(&mut self, id: MessageId, fault: u8) {
        // It came twice because the line was cut: it is in the log, and comes from there.
        if fault == EventFault::Duplicate.code() || !self.here.settle(&id) {
            return;
        }
        self.sent = self.sent.saturating_sub(1);
        self.here.declined.insert(id);
        if self.here.outbox.is_empty() && self.here.writing.under_way() == 0 {
            self.here.own_chain = self.here.log.chain_of(&self.own);
        }
        self.tell_declined(id, EventFault::describe_code(fault).to_owned());
    }

    /// What waited does not go on from our chain in the log any more.
    pub(super) fn give_up_outbox(&mut self) {
        let ids: Vec<MessageId> = self
            .here
            .outbox
            .iter()
            .map(|waiting| MessageId(event_hash(&waiting.submit.event)))
            .collect();
        for id in ids {
            self.here.settle(&id);
            self.tell_declined(id, "the room's log went on without it".to_owned());
        }
    }

    fn tell_declined(&self, id: MessageId, reason: String) {
        self.context.teller.tell(Event::Declined {
            room: self.wish.key,
            id,
            reason,
        });
    }
}
