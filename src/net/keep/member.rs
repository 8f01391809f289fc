//! A room elsewhere: its entries, our place in it, and what waits for it.

mod beside;
mod state;

use std::fmt::Display;
use std::ops::Range;

use self::beside::Beside;
use self::state::state;
use super::entry::{head_before, rows, unrow};
use super::failing::{KeepingChange, Unkept};
use super::followed::{self, SaidEarlier};
use super::{Kept, STATE_EVERY, stays_in_memory};
use crate::crypto::{Digest, Fingerprint, Secret};
use crate::protocol::RoomLog;
use crate::protocol::body::Submit;
use crate::store::{StoreError, Vault};

pub use state::KeptMember;
pub(super) use state::load;

/// Keeps what happens in one room elsewhere.
#[derive(Debug)]
pub struct MemberKeeper {
    vault: Vault,
    room: [u8; 32],
    /// The entry at which the state was kept.
    state_n: Option<u64>,
    /// What was settled and is taken out of the outbox with the next write.
    settled: Vec<u64>,
    /// Nothing goes to the disk any more in this run.
    in_memory: bool,
    /// Entries that the disk did not take.
    failing: Option<Unkept>,
    /// Entries that a thread is writing just now; it gives back what the disk did not take.
    beside: Option<Beside>,
}

impl MemberKeeper {
    pub(super) fn new(vault: Vault, room: [u8; 32]) -> MemberKeeper {
        MemberKeeper {
            vault,
            room,
            state_n: None,
            settled: Vec::new(),
            in_memory: false,
            failing: None,
            beside: None,
        }
    }

    /// The disk did not take these, or they can't stand with what is kept.
    fn failed(&mut self, why: &StoreError, kept: Vec<Kept>, before: Option<Digest>) -> KeepingChange {
        if matches!(why, StoreError::DoesNotFit(_)) {
            return self.give_up(why);
        }
        self.state_n = None;
        self.failing = Some(Unkept::failed(kept, before));
        KeepingChange::Stopped(why.to_string())
    }

    /// Some entries are lost, or can't stand behind those that are kept: a gap in what is kept would be taken for one of the
    /// host's, so nothing more goes to the disk.
    fn give_up(&mut self, why: &dyn Display) -> KeepingChange {
        self.in_memory = true;
        self.failing = None;
        KeepingChange::Ended(why.to_string())
    }

    /// Keeps entries, and takes settled messages out of the outbox with them, in one transaction: a
    /// message of ours is in the log or in the outbox, never in both and never in none (but for one that the host
    /// logged and let go of before we got its entry). What can't be kept stays in memory,
    /// and is tried again with what comes next.
    pub fn append(&mut self, kept: Vec<Kept>, log: &RoomLog, back: Option<&Secret>) -> Option<KeepingChange> {
        let stopped = self.finish();
        match &mut self.failing {
            Some(failing) if !failing.is_due() => {
                failing.kept.extend(kept);
                stopped
            }
            _ => self.write(kept, log, back, &[]).0.or(stopped),
        }
    }

    /// Writes entries, and `submits` behind what waits for the room; gives their places where that went well.
    fn write(
        &mut self,
        kept: Vec<Kept>,
        log: &RoomLog,
        back: Option<&Secret>,
        submits: &[Submit],
    ) -> (Option<KeepingChange>, Option<Range<u64>>) {
        let keeps_log = !self.in_memory && !stays_in_memory(&self.vault, &self.room);
        let failing = self.failing.take();
        let was_failing = failing.is_some();
        let (mut all, first) = failing.map_or((Vec::new(), None), |failing| (failing.kept, failing.before));
        all.extend(kept);
        let before = first.or_else(|| head_before(&all, log));
        let is_due = self.state_n.is_none_or(|at| log.n() >= at + STATE_EVERY);
        // Behind a gap there is no head to go on from: the state from before it stays.
        let state = (keeps_log && is_due && log.knows_head()).then(|| state(log, back));
        let written = if keeps_log { rows(all) } else { Vec::new() };
        if written.is_empty() && self.settled.is_empty() && state.is_none() && submits.is_empty() {
            return (None, None);
        }
        let outcome = self.vault.write(|writing| {
            writing.append_or_fill(&self.room, before, &written)?;
            if !self.settled.is_empty() {
                writing.unqueue(&self.room, &self.settled)?;
            }
            if let Some(state) = &state {
                writing.keep_room_state(&self.room, state)?;
            }
            match submits.is_empty() {
                true => Ok(None),
                false => writing.queue(&self.room, submits).map(Some),
            }
        });
        match outcome {
            Ok(places) => {
                self.settled.clear();
                if state.is_some() {
                    self.state_n = Some(log.n());
                }
                let is_news = was_failing && !self.in_memory;
                (is_news.then_some(KeepingChange::Resumed), places)
            }
            Err(error) => {
                // Where nothing more is kept that was told, and it does not resume.
                let is_told = was_failing || self.in_memory;
                let change = self.failed(&error, unrow(written), before);
                let is_news = !is_told || matches!(change, KeepingChange::Ended(_));
                (is_news.then_some(change), None)
            }
        }
    }

    /// Tries once more to keep what the disk did not take: the room is left.
    pub fn close(&mut self, log: &RoomLog, back: Option<&Secret>) -> Option<KeepingChange> {
        let stopped = self.finish();
        match self.failing.is_some() {
            true => self.write(Vec::new(), log, back, &[]).0.or(stopped),
            false => stopped,
        }
    }

    /// The log goes on behind entries that the host let go of: with the next entries the state is kept too, or the checks
    /// would end in front of them at the next start.
    pub fn begin_behind(&mut self) {
        self.state_n = None;
    }

    /// What was said in earlier runs and is still on its way to somebody, perhaps.
    pub fn said_earlier(&self, own: &Fingerprint, log: &RoomLog) -> SaidEarlier {
        followed::load(&self.vault, &self.room, own, log)
    }

    /// Keeps messages of ours before anybody is told of them; gives their places.
    pub fn queue(&mut self, submits: &[Submit]) -> Result<Range<u64>, String> {
        if stays_in_memory(&self.vault, &self.room) {
            return Ok(0..0);
        }
        let outcome = self.vault.write(|writing| writing.queue(&self.room, submits));
        outcome.map_err(|error| format!("Your message waits in memory only: {error}."))
    }

    /// [`MemberKeeper::append`] and [`MemberKeeper::queue`] in one transaction, which waits for the disk once. Where the
    /// entries can't be kept, the messages still are.
    pub fn append_and_queue(
        &mut self,
        kept: Vec<Kept>,
        log: &RoomLog,
        back: Option<&Secret>,
        submits: &[Submit],
    ) -> (Option<KeepingChange>, Result<Range<u64>, String>) {
        let is_one = !kept.is_empty() && self.failing.is_none() && self.beside.is_none();
        if !is_one || self.in_memory || stays_in_memory(&self.vault, &self.room) {
            return (self.append(kept, log, back), self.queue(submits));
        }
        let (change, places) = self.write(kept, log, back, submits);
        (change, places.map_or_else(|| self.queue(submits), Ok))
    }

    /// Forgets a message that waited, with the next write.
    pub fn unqueue(&mut self, place: u64) {
        self.settled.push(place);
    }

    /// Gives up what waited from a place on, because something there can't be read any more.
    pub fn cut_outbox(&mut self, from: u64) -> Result<(), StoreError> {
        self.vault.write(|writing| writing.cut_outbox(&self.room, from))
    }

    /// Keeps how the log stands and how to come back.
    pub fn keep_way_back(&mut self, log: &RoomLog, back: Option<&Secret>) -> Option<KeepingChange> {
        // A state that counts entries which are not on the disk would hide them for ever.
        let stopped = self.finish();
        if self.in_memory
            || self.failing.is_some()
            || !log.knows_head()
            || stays_in_memory(&self.vault, &self.room)
        {
            return stopped;
        }
        let state = state(log, back);
        match self
            .vault
            .write(|writing| writing.keep_room_state(&self.room, &state))
        {
            Ok(()) => self.state_n = Some(log.n()),
            Err(error) => log::warn!("how to come back is not kept: {error}"),
        }
        stopped
    }

    /// The host's log does not go on from what is kept. What comes now is kept behind it where its numbers
    /// are higher; else it stays in memory, and what was kept stays as it was: it is the proof.
    pub fn begin_anew(&mut self, from: u64) -> Option<KeepingChange> {
        let stopped = self.finish();
        let extent = self.vault.log_extent(&self.room).ok().flatten();
        let goes_behind = extent.is_none_or(|extent| from >= extent.next);
        match goes_behind || self.in_memory {
            true => stopped,
            false => Some(self.give_up(&ANOTHER_LOG)),
        }
    }
}

/// Why nothing more of a room is kept whose host shows another log than the one that is kept.
const ANOTHER_LOG: &str =
    "the host's log does not go on from the one that is kept here, which stays as it was, as the proof";

impl Drop for MemberKeeper {
    fn drop(&mut self) {
        // The vault is closed when its last handle is dropped: a thread must not hold one longer than its room.
        if let Some(KeepingChange::Stopped(reason) | KeepingChange::Ended(reason)) = self.finish() {
            log::warn!("{reason}");
        }
    }
}

#[cfg(test)]
mod tests;
