//! Entries that come while one catches up: a thread writes them as the next ones are checked.

use std::thread::{Builder, JoinHandle};

use super::MemberKeeper;
use super::state::state;
use crate::crypto::{Digest, Secret};
use crate::net::keep::entry::{head_before, rows, unrow};
use crate::net::keep::{KeepingChange, Kept, stays_in_memory};
use crate::protocol::RoomLog;
use crate::store::{LogRow, StoreError};

/// A thread that keeps entries, and the head in front of them.
#[derive(Debug)]
pub(super) struct Beside {
    pub thread: JoinHandle<Result<(), NotTaken>>,
    pub before: Option<Digest>,
    /// What it takes out of the outbox with them.
    pub settled: Vec<u64>,
}

/// What the disk did not take, and why.
type NotTaken = (StoreError, Vec<LogRow>);

impl MemberKeeper {
    /// Begins to keep entries on a thread of its own and comes back at once; they are on the disk when the next call
    /// to this keeper returns, which also tells how it went.
    pub fn append_beside(
        &mut self,
        kept: Vec<Kept>,
        log: &RoomLog,
        back: Option<&Secret>,
    ) -> Option<KeepingChange> {
        let stopped = self.finish();
        if self.failing.is_some() {
            return stopped.or(self.append(kept, log, back));
        }
        if self.in_memory || kept.is_empty() || stays_in_memory(&self.vault, &self.room) {
            return stopped;
        }
        let before = head_before(&kept, log);
        let state = (self.state_n.is_none() && log.knows_head()).then(|| state(log, back));
        // When this fails the state is kept with the entries, later.
        self.state_n = state.is_some().then(|| log.n()).or(self.state_n);
        let (vault, room) = (self.vault.clone(), self.room);
        let written = rows(kept);
        let settled = std::mem::take(&mut self.settled);
        let taken_out = settled.clone();
        #[expect(clippy::disallowed_methods, reason = "`finish` joins it, and tells its death")]
        let started = Builder::new().name("keep".to_owned()).spawn(move || {
            let outcome = vault.write(|writing| {
                writing.append_or_fill(&room, before, &written)?;
                if !taken_out.is_empty() {
                    writing.unqueue(&room, &taken_out)?;
                }
                match &state {
                    Some(state) => writing.keep_room_state(&room, state),
                    None => Ok(()),
                }
            });
            outcome.map_err(|error| (error, written))
        });
        match started {
            Ok(thread) => {
                self.beside = Some(Beside {
                    thread,
                    before,
                    settled,
                });
                None
            }
            Err(error) => {
                self.settled = settled;
                Some(self.give_up(&error))
            }
        }
    }

    /// Waits for what is being written beside.
    pub(super) fn finish(&mut self) -> Option<KeepingChange> {
        let beside = self.beside.take()?;
        let change = match beside.thread.join() {
            Ok(Ok(())) => return None,
            Ok(Err((error, rows))) => self.failed(&error, unrow(rows), beside.before),
            Err(_) => self.give_up(&"the thread that writes died"),
        };
        self.settled.extend(beside.settled);
        Some(change)
    }
}
