//! A room elsewhere: its entries, our place in it, and what waits for it.

use std::collections::HashMap;
use std::fmt::Display;
use std::ops::Range;
use std::thread::{Builder, JoinHandle};

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::failing::{KeepingChange, Unkept};
use super::followed::{self, SaidEarlier};
use super::{Kept, STATE_EVERY, doubt, had, head_before, replay, rows, stays_in_memory, unrow};
use crate::crypto::{Digest, Fingerprint, PublicIdentity, Secret};
use crate::protocol::body::Submit;
use crate::protocol::{LogState, RoomLog};
use crate::store::{Cut, LogRow, Queued, StoreError, Vault};

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
    /// Where the outbox ends because something in it can't be read any more.
    pub cut: Option<Cut>,
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
    let mut log = RoomLog::restore(*room, host.clone(), state.log)
        .ok_or("a key or a number in its state is damaged")?;
    replay(&mut log, vault, room, true)?;
    let had = had(&log, vault, room)?;
    let Queued { waiting, cut } = vault.outbox(room).map_err(failed)?;
    let outbox = waiting
        .into_iter()
        .map(|waiting| (waiting.place, waiting.submit))
        .collect();
    Ok(Some(KeptMember {
        doubt: doubt(&log, kept.is_old, vault, room),
        log,
        had,
        return_secret: state.return_secret.map(|secret| Secret::new(secret.into())),
        outbox,
        cut,
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
    failing: Option<Unkept>,
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
        self.failing = Some(Unkept::failed(kept, before));
        KeepingChange::Stopped(why.to_string())
    }

    /// Some entries are lost, or can't stand behind those that are kept: a gap in what is kept would be taken for one of the
    /// host's, so nothing more goes to the disk.
    fn give_up(&mut self, why: &dyn Display) -> KeepingChange {
        self.in_memory = true;
        self.failing = None;
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
        if let Some(KeepingChange::Stopped(reason)) = self.finish() {
            log::warn!("{reason}");
        }
    }
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

    /// A thread that dies while it writes.
    fn died() -> Beside {
        #[expect(clippy::disallowed_methods, reason = "`finish` joins it")]
        let thread = Builder::new()
            .name("keep".to_owned())
            .spawn(|| panic!("on purpose"))
            .unwrap();
        Beside {
            thread,
            before: None,
            settled: Vec::new(),
        }
    }

    #[test]
    fn entries_whose_writing_died_are_told_as_not_kept_and_no_gap_is_left_in_front_of_later_ones() {
        let folder = tempfile::tempdir().unwrap();
        let key = VaultKey::from_secret(Secret::new([5; 32]));
        let vault = Vault::open(&folder.path().join("x.redb"), key).unwrap();
        let ada = crate::crypto::Identity::from_pem(ADA).unwrap();
        let log = RoomLog::create(ROOM, ada.public().clone(), "Ada");
        let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
        keeper.beside = Some(died());
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
        assert_eq!(vault.outbox(&ROOM), Ok(Queued::default()));
    }

    /// A vault with the first nine entries of a room.
    fn with_nine() -> (Vault, RoomLog) {
        let vault = Vault::in_memory().unwrap();
        let rows: Vec<LogRow> = (1..=9).map(said).collect();
        vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
        let ada = crate::crypto::Identity::from_pem(ADA).unwrap();
        (vault, RoomLog::create(ROOM, ada.public().clone(), "Ada"))
    }

    fn said(n: u64) -> LogRow {
        row(n, Content::Message { text: n.to_string() })
    }

    fn on_disk(vault: &Vault) -> Vec<u64> {
        let rows = vault.log_rows(&ROOM, 1..100).unwrap();
        rows.iter().map(|row| row.n).collect()
    }

    #[test]
    fn that_nothing_more_is_kept_of_a_host_that_shows_a_shorter_log_is_told_once() {
        let (vault, log) = with_nine();
        let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
        assert_eq!(keeper.begin_anew(10), None, "what comes stands behind the rest");
        assert_eq!(keeper.append(unrow(vec![said(11)]), &log, None), None);
        let stopped = KeepingChange::Stopped(ANOTHER_LOG.to_owned());
        // As long as the kept one, and then shorter.
        assert_eq!(keeper.begin_anew(11), Some(stopped));
        assert_eq!(keeper.begin_anew(4), None, "it is said once");
        assert_eq!(keeper.append(unrow(vec![said(5)]), &log, None), None);
        assert_eq!(keeper.keep_way_back(&log, None), None);
        let kept: Vec<u64> = (1..=9).chain([11]).collect();
        assert_eq!(on_disk(&vault), kept, "the proof");
    }

    #[test]
    fn what_the_disk_did_not_take_is_never_said_to_be_kept_again_where_the_host_shows_another_log() {
        let (vault, log) = with_nine();
        let mut keeper = MemberKeeper::new(vault.clone(), ROOM);
        vault.fill_disk(true);
        assert!(keeper.append(unrow(vec![said(10)]), &log, None).is_some());
        vault.fill_disk(false);
        assert!(keeper.begin_anew(4).is_some());
        keeper.unqueue(0);
        assert_eq!(keeper.append(unrow(vec![said(5)]), &log, None), None);
        assert_eq!(keeper.close(&log, None), None);
        assert_eq!(on_disk(&vault), (1..=9).collect::<Vec<_>>());
    }

    #[test]
    fn a_thread_that_died_while_it_wrote_is_told_by_whatever_call_finds_it() {
        let calls: [fn(&mut MemberKeeper, &RoomLog) -> Option<KeepingChange>; 5] = [
            |keeper, log| keeper.append(unrow(vec![said(10)]), log, None),
            |keeper, log| keeper.append_beside(unrow(vec![said(10)]), log, None),
            |keeper, log| keeper.keep_way_back(log, None),
            |keeper, _| keeper.begin_anew(9),
            |keeper, log| keeper.close(log, None),
        ];
        for (at, call) in calls.into_iter().enumerate() {
            let (vault, log) = with_nine();
            let mut keeper = MemberKeeper::new(vault, ROOM);
            keeper.beside = Some(died());
            let told = call(&mut keeper, &log);
            assert!(
                matches!(&told, Some(KeepingChange::Stopped(reason)) if reason.contains("died")),
                "{at}: {told:?}"
            );
        }
    }
}
