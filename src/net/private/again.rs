//! Tries again, by itself, what the host did not pass on although its receiver is in the room.
//!
//! So much waits for the receiver then that no more may, and nobody says when it has read. The channel is broken off, since
//! what comes behind the missing piece would not open, and begun anew after a while; what was not confirmed is sent again.

use std::time::{Duration, Instant};

use super::channel::Stage;
use super::{BEGIN_AGAIN, Desk, Partner};
use crate::crypto::Fingerprint;

/// When a channel is begun anew of which the host did not pass something on.
#[derive(Debug, Default)]
pub(super) struct Again {
    at: Option<Instant>,
    /// How often in a row that was put off.
    times: u32,
}

/// The pause is doubled so often at most: to 32 s.
const DOUBLED: u32 = 5;

impl Again {
    /// Nothing is tried: there is nobody to try it with, or it was begun anew already.
    pub(super) fn call_off(&mut self) {
        self.at = None;
    }

    /// Pieces come through again.
    pub(super) fn forget(&mut self) {
        *self = Again::default();
    }

    fn put_off(&mut self, now: Instant) {
        self.times = self.times.saturating_add(1);
        self.at = Some(now + pause(self.times));
    }
}

fn pause(times: u32) -> Duration {
    BEGIN_AGAIN * (1_u32 << times.min(DOUBLED))
}

impl Desk {
    /// The host did not pass on what was for somebody: it is away, or it is here and too much waits for it. What was said
    /// waits. Whether it is here is asked when it is time to try again.
    pub fn not_passed_on(&mut self, who: &Fingerprint, now: Instant) {
        let Some(chat) = self.chats.get(who) else {
            return;
        };
        // Where no channel is and nothing waits, there is nothing to bring to an end.
        let is_wanted =
            !matches!(chat.stage, Stage::Idle) || !chat.waiting.is_empty() || chat.again.times > 0;
        let due = chat.again.at;
        self.break_off(who);
        if is_wanted && let Some(chat) = self.chats.get_mut(who) {
            // What was sent before it was known, and what was tried just now, puts nothing off.
            match due {
                Some(_) => chat.again.at = due,
                None => chat.again.put_off(now),
            }
        }
    }

    /// When something is to be tried again; `None` while there is nothing.
    pub fn due(&self) -> Option<Instant> {
        self.chats.values().filter_map(|chat| chat.again.at).min()
    }

    /// With whom it is to be tried again now; each is given once.
    pub fn take_due(&mut self, now: Instant) -> Vec<Fingerprint> {
        let due = self
            .chats
            .iter_mut()
            .filter(|(_, chat)| chat.again.at.is_some_and(|at| at <= now));
        due.map(|(who, chat)| {
            chat.again.call_off();
            *who
        })
        .collect()
    }

    /// Begins anew with somebody whose turn it is, if it is here.
    pub fn try_again(&mut self, partner: &Partner, now: Instant) {
        if !partner.present {
            return;
        }
        self.go_on(partner, now, true);
        // The answer may be what is not passed on: so much waits for us. Only its sender is told of that.
        if let Some(chat) = self.chats.get_mut(&partner.fingerprint)
            && !matches!(chat.stage, Stage::Live(_))
        {
            chat.again.put_off(now);
        }
    }
}
