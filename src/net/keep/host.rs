//! A room of ours: its log, for members who come back and for the day when it is opened again.

mod reading;
mod state;

use self::state::{HostState, encode};
use super::entry::{head_before, rows, unrow};
use super::failing::{KeepingChange, Unkept};
use super::followed::{self, SaidEarlier};
use super::{Kept, STATE_EVERY, stays_in_memory};
use crate::crypto::Fingerprint;
use crate::protocol::RoomLog;
use crate::store::{StoreError, Vault};

pub use state::KeptLog;
pub(super) use state::{bring_forward, load};

/// The log of one room of ours.
#[derive(Debug)]
pub struct LogKeeper {
    vault: Vault,
    room: [u8; 32],
    door: Vec<u8>,
    state_n: u64,
    is_closed: bool,
    /// The entries behind those on the disk: it did not take them, or nothing may go there.
    unkept: Option<Unkept>,
}

impl LogKeeper {
    pub(super) fn new(vault: Vault, room: [u8; 32]) -> LogKeeper {
        LogKeeper {
            vault,
            room,
            door: Vec::new(),
            state_n: 0,
            is_closed: false,
            unkept: None,
        }
    }

    /// Adds entries, in order, before anybody is told of them. What can't be kept on disk, or may not be, stays in memory, and
    /// is tried again with what comes next.
    pub fn append(&mut self, kept: Vec<Kept>, log: &RoomLog) -> Option<KeepingChange> {
        let may_write = !stays_in_memory(&self.vault, &self.room);
        match &mut self.unkept {
            Some(unkept) if !(may_write && unkept.is_due()) => unkept.kept.extend(kept),
            None if !may_write => {
                let before = head_before(&kept, log);
                self.unkept = (!kept.is_empty()).then(|| Unkept::unwanted(kept, before));
            }
            _ => return self.write(kept, log),
        }
        if !may_write {
            self.note_in_memory(log);
        }
        None
    }

    /// Has the room's state say that entries are in memory alone, before anybody is told of the first of them: if this run
    /// ends without closing the room, the next one knows by that what is missing, whatever the user chose meanwhile.
    fn note_in_memory(&mut self, log: &RoomLog) {
        if self.unkept.as_mut().is_some_and(Unkept::wants_note)
            && let Err(error) = self.write_state(log)
        {
            log::warn!("that entries of a room are in memory alone is not kept: {error}");
        }
    }

    /// Tries once more to keep what is not on the disk, if it may be there: the room ends, and the state that is kept from here
    /// on says so.
    pub fn finish(&mut self, log: &RoomLog) -> Option<KeepingChange> {
        self.is_closed = true;
        let is_wanted = self.unkept.is_some() && !stays_in_memory(&self.vault, &self.room);
        is_wanted.then(|| self.write(Vec::new(), log)).flatten()
    }

    fn write(&mut self, kept: Vec<Kept>, log: &RoomLog) -> Option<KeepingChange> {
        let unkept = self.unkept.take();
        let was_failing = unkept.as_ref().is_some_and(Unkept::has_failed);
        // Where the disk did not take the entries, how the room stands was not kept either; else it counts what was not there.
        let is_due = unkept.is_some() || log.n() >= self.state_n + STATE_EVERY;
        let (mut all, before) = unkept.map_or((Vec::new(), None), |unkept| (unkept.kept, unkept.before));
        all.extend(kept);
        let before = before.or_else(|| head_before(&all, log));
        let state = is_due.then(|| self.state(log));
        let written = rows(all);
        let outcome = self.vault.write(|writing| {
            writing.append(&self.room, before, &written)?;
            match &state {
                Some(state) => writing.keep_room_state(&self.room, state),
                None => Ok(()),
            }
        });
        match outcome {
            Ok(()) => {
                if is_due {
                    self.state_n = log.n();
                }
                was_failing.then_some(KeepingChange::Resumed)
            }
            Err(error) => {
                self.unkept = Some(Unkept::failed(unrow(written), before));
                (!was_failing).then(|| KeepingChange::Stopped(error.to_string()))
            }
        }
    }

    /// Keeps what is needed to open the room again.
    pub fn keep_state(&mut self, door: &[u8], log: &RoomLog) -> Result<(), String> {
        self.door = door.to_vec();
        let has_failed = self.unkept.as_ref().is_some_and(Unkept::has_failed);
        if has_failed && !stays_in_memory(&self.vault, &self.room) {
            return Ok(());
        }
        // Without a log on the disk the room opens again with its invitation, and goes on behind the last number.
        self.write_state(log)
            .map_err(|error| format!("The room's invitation and members are not kept: {error}."))
    }

    fn write_state(&mut self, log: &RoomLog) -> Result<(), StoreError> {
        let state = self.state(log);
        self.vault
            .write(|writing| writing.keep_room_state(&self.room, &state))?;
        self.state_n = log.n();
        Ok(())
    }

    fn state(&self, log: &RoomLog) -> Vec<u8> {
        encode(&HostState {
            log: log.state(),
            door: self.door.clone(),
            is_open: (!self.is_closed).then_some(true),
            is_in_memory: Some(self.unkept.is_some()),
        })
    }

    /// What was said in earlier runs and is still on its way to somebody, perhaps.
    pub fn said_earlier(&self, own: &Fingerprint, log: &RoomLog) -> SaidEarlier {
        followed::load(&self.vault, &self.room, own, log)
    }
}

#[cfg(test)]
mod tests;
