//! A room elsewhere: its entries, our place in it, and what waits for it.

use std::collections::HashMap;
use std::fmt::Display;
use std::ops::Range;
use std::thread::{Builder, JoinHandle};

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::failing::{Failing, KeepingChange};
use super::followed::{self, SaidEarlier};
use super::{Kept, STATE_EVERY, doubt, had, replay, rows, stays_in_memory, unrow};
use crate::crypto::{Digest, Fingerprint, PublicIdentity, Secret};
use crate::protocol::body::Submit;
use crate::protocol::{LogState, RoomLog};
use crate::store::{LogRow, StoreError, Vault};

/// A room elsewhere as it was kept.
#[derive(Debug)]
pub struct KeptMember {
    /// Its log, as far as the checks need it.
    pub log: RoomLog,
    /// The secret to come back with.
    pub return_secret: Option<Secret>,
    /// Entries behind that log that are kept and come once more, with the hashes of their events.
    pub had: HashMap<u64, Digest>,
    /// What waits to come into the log: its place, and what to hand in.
    pub outbox: Vec<(u64, Submit)>,
    /// Why it may not be as it was left.
    pub doubt: Option<String>,
}

/// What is kept beside the entries.
#[derive(Encode, Decode)]
#[cbor(map)]
struct MemberState {
    #[n(0)]
    log: LogState,
    #[n(1)]
    return_secret: Option<ByteArray<32>>,
}

pub(super) fn load(
    vault: &Vault,
    room: &[u8; 32],
    host: &PublicIdentity,
) -> Result<Option<KeptMember>, String> {
    let failed = |error: crate::store::StoreError| error.to_string();
    let Some(kept) = vault.room_state(room).map_err(failed)? else {
        return Ok(None);
    };
    let state: MemberState = minicbor::decode(&kept.bytes).map_err(|_| "its state is damaged".to_owned())?;
    let mut log = RoomLog::restore(*room, host.clone(), state.log).ok_or("a key in it is damaged")?;
    replay(&mut log, vault, room, true)?;
    let had = had(&log, vault, room)?;
    let outbox = vault
        .outbox(room)
        .map_err(failed)?
        .into_iter()
        .map(|waiting| (waiting.place, waiting.submit))
        .collect();
    Ok(Some(KeptMember {
        doubt: doubt(&log, kept.is_old, vault, room),
        log,
        had,
        return_secret: state.return_secret.map(|secret| Secret::new(secret.into())),
        outbox,
    }))
}

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
    failing: Option<Failing>,
    /// Entries that a thread is writing just now; it gives back what the disk did not take.
    beside: Option<Beside>,
}

/// A thread that keeps entries, and the head in front of them.
#[derive(Debug)]
struct Beside {
    thread: JoinHandle<Result<(), NotTaken>>,
    before: Option<Digest>,
    /// What it takes out of the outbox with them.
    settled: Vec<u64>,
}

/// What the disk did not take, and why.
type NotTaken = (StoreError, Vec<LogRow>);

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
            return None;
        }
        let before = before(&kept, log);
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
    fn finish(&mut self) -> Option<KeepingChange> {
        let beside = self.beside.take()?;
        let change = match beside.thread.join() {
            Ok(Ok(())) => return None,
            Ok(Err((error, rows))) => self.failed(&error, unrow(rows), beside.before),
            Err(_) => self.give_up(&"the thread that writes died"),
        };
        self.settled.extend(beside.settled);
        Some(change)
    }

    /// The disk did not take these.
    fn failed(&mut self, why: &StoreError, kept: Vec<Kept>, before: Option<Digest>) -> KeepingChange {
        self.state_n = None;
        self.failing = Some(Failing::new(kept, before));
        KeepingChange::Stopped(why.to_string())
    }

    /// Some entries are lost: a gap in what is kept would be taken for one of the host's, so nothing more goes to the disk.
    fn give_up(&mut self, why: &dyn Display) -> KeepingChange {
        self.in_memory = true;
        KeepingChange::Stopped(why.to_string())
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
        let before = first.or_else(|| before(&all, log));
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
                (was_failing.then_some(KeepingChange::Resumed), places)
            }
            Err(error) => {
                let stopped = self.failed(&error, unrow(written), before);
                ((!was_failing).then_some(stopped), None)
            }
        }
    }

    /// Tries once more to keep what the disk did not take: the room is left.
    pub fn close(&mut self, log: &RoomLog, back: Option<&Secret>) -> Option<KeepingChange> {
        let stopped = self.finish();
        match self.failing.is_some() {
            true => self.write(Vec::new(), log, back, &[]).0.or(stopped),
            false => None,
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

    /// Keeps how the log stands and how to come back.
    pub fn keep_way_back(&mut self, log: &RoomLog, back: Option<&Secret>) {
        // A state that counts entries which are not on the disk would hide them for ever.
        if let Some(KeepingChange::Stopped(reason)) = self.finish() {
            log::warn!("{reason}");
        }
        if self.in_memory
            || self.failing.is_some()
            || !log.knows_head()
            || stays_in_memory(&self.vault, &self.room)
        {
            return;
        }
        let state = state(log, back);
        match self
            .vault
            .write(|writing| writing.keep_room_state(&self.room, &state))
        {
            Ok(()) => self.state_n = Some(log.n()),
            Err(error) => log::warn!("how to come back is not kept: {error}"),
        }
    }

    /// The host's log does not go on from what is kept. What comes now is kept behind it where its numbers
    /// are higher; else it stays in memory, and what was kept stays as it was: it is the proof.
    pub fn begin_anew(&mut self, from: u64) {
        if let Some(KeepingChange::Stopped(reason)) = self.finish() {
            log::warn!("{reason}");
        }
        let next = self
            .vault
            .log_extent(&self.room)
            .ok()
            .flatten()
            .map_or(0, |extent| extent.next);
        self.in_memory |= from < next.saturating_sub(1) || from + 1 == next;
    }
}

impl Drop for MemberKeeper {
    fn drop(&mut self) {
        // The vault is closed when its last handle is dropped: a thread must not hold one longer than its room.
        if let Some(KeepingChange::Stopped(reason)) = self.finish() {
            log::warn!("{reason}");
        }
    }
}

/// The head in front of the first of these entries, where the log has it.
fn before(kept: &[Kept], log: &RoomLog) -> Option<Digest> {
    let first = kept.first()?;
    log.head_at(first.n.saturating_sub(1))
}

#[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
fn state(log: &RoomLog, back: Option<&Secret>) -> Vec<u8> {
    let state = MemberState {
        log: log.state(),
        return_secret: back.map(|secret| (*secret.expose()).into()),
    };
    minicbor::to_vec(&state).expect("writing to memory cannot fail")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ROOM, row};
    use super::*;
    use crate::crypto::VaultKey;
    use crate::crypto::test_keys::ADA;
    use crate::protocol::Content;

    #[test]
    fn entries_whose_writing_died_are_told_as_not_kept_and_no_gap_is_left_in_front_of_later_ones() {
        let folder = tempfile::tempdir().unwrap();
        let key = VaultKey::from_secret(Secret::new([5; 32]));
        let vault = Vault::open(&folder.path().join("x.redb"), key).unwrap();
        let ada = crate::crypto::Identity::from_pem(ADA).unwrap();
        let log = RoomLog::create(ROOM, ada.public().clone(), "Ada");
        let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
        #[expect(clippy::disallowed_methods, reason = "`finish` joins it")]
        let thread = Builder::new()
            .name("keep".to_owned())
            .spawn(|| panic!("on purpose"))
            .unwrap();
        keeper.beside = Some(Beside {
            thread,
            before: None,
            settled: Vec::new(),
        });
        let later = || {
            let text = "later".to_owned();
            unrow(vec![row(9, Content::Message { text })])
        };
        let told = keeper.append(later(), &log, None);
        assert!(
            matches!(&told, Some(KeepingChange::Stopped(reason)) if reason.contains("died")),
            "{told:?}"
        );
        assert!(keeper.append(later(), &log, None).is_none(), "it is told once");
        drop(keeper);
        assert!(vault.log_extent(&ROOM).unwrap().is_none());
    }

    #[test]
    fn what_settles_while_one_catches_up_leaves_the_outbox_with_the_entries_that_say_so() {
        let vault = Vault::in_memory().unwrap();
        let ada = crate::crypto::Identity::from_pem(ADA).unwrap();
        let log = RoomLog::create(ROOM, ada.public().clone(), "Ada");
        let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
        let text = "said".to_owned();
        let said = row(1, Content::Message { text });
        let submit = Submit {
            event: said.event.clone(),
            signature: said.signature.clone(),
        };
        let places = keeper.queue(&[submit]).unwrap();
        keeper.unqueue(places.start);
        assert_eq!(keeper.append_beside(unrow(vec![said]), &log, None), None);
        // Killed before anything else is written.
        keeper.finish();
        assert!(vault.log_extent(&ROOM).unwrap().is_some());
        assert!(vault.outbox(&ROOM).unwrap().is_empty());
    }
}
