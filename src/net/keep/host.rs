//! A room of ours: its log, for members who come back and for the day when it is opened again.

use std::collections::HashMap;

use minicbor::{Decode, Encode};

use super::failing::{KeepingChange, Unkept};
use super::followed::{self, SaidEarlier};
use super::{Kept, STATE_EVERY, doubt, head_before, replay, rows, stays_in_memory, unrow};
use crate::crypto::{Digest, Fingerprint, PublicIdentity};
use crate::protocol::{Content, LogState, RoomLog};
use crate::store::{KeptRoom, LogRow, Rows as _, StoreError, Table, Vault};

/// A room of ours as it was kept.
#[derive(Debug)]
pub struct KeptLog {
    /// Its id.
    pub id: [u8; 32],
    /// Its log, as far as the checks need it.
    pub log: RoomLog,
    /// Its invitations, members and bans, in the door's own form; `None` when they can't be read any more.
    pub door: Option<Vec<u8>>,
    /// Why it may not be as it was left.
    pub doubt: Option<String>,
    /// Whether it was not closed, and nothing of what was said in it is on the disk.
    pub was_not_closed: bool,
}

/// What is kept beside the entries.
#[derive(Encode, Decode)]
#[cbor(map)]
struct HostState {
    #[n(0)]
    log: LogState,
    #[cbor(n(1), with = "minicbor::bytes")]
    door: Vec<u8>,
    /// Whether the room was open when this was kept; not there in states of earlier versions.
    #[n(2)]
    is_open: Option<bool>,
    /// Whether entries were in memory alone.
    #[n(3)]
    is_in_memory: Option<bool>,
}

/// How a room of ours stood by its kept state alone.
struct Stood {
    log: RoomLog,
    door: Vec<u8>,
    was_open: bool,
    was_in_memory: bool,
    is_old: bool,
}

pub(super) fn load(vault: &Vault, room: &[u8; 32], identity: &PublicIdentity) -> Result<KeptLog, String> {
    loop {
        let record = state_record(vault, room);
        let kept = load_once(vault, room, identity)?;
        // Where old entries are dropped at the same time, the state counts them first; what was replayed may be a part.
        if state_record(vault, room) == record {
            return Ok(kept);
        }
    }
}

fn load_once(vault: &Vault, room: &[u8; 32], identity: &PublicIdentity) -> Result<KeptLog, String> {
    let Some(mut stood) = stood(vault, room, identity).map_err(|error| error.to_string())? else {
        return make_anew(vault, room, identity);
    };
    replay(&mut stood.log, vault, room, false)?;
    if !stood.log.knows_first_admissions() {
        find_first_admissions(&mut stood.log, vault, room).map_err(|error| error.to_string())?;
    }
    Ok(KeptLog {
        id: *room,
        doubt: doubt(&stood.log, stood.is_old, vault, room),
        was_not_closed: stood.was_open && (stood.was_in_memory || stays_in_memory(vault, room)),
        log: stood.log,
        door: Some(stood.door),
    })
}

/// Looks among the entries for the first admissions that a state of an earlier version does not name: once, the next state
/// has them.
fn find_first_admissions(log: &mut RoomLog, vault: &Vault, room: &[u8; 32]) -> Result<(), StoreError> {
    let newest = log.n();
    let mut first = HashMap::new();
    for piece in vault.log_pieces(room, STATE_EVERY)? {
        let rows = vault.log_rows(room, piece)?;
        for row in rows.iter().filter(|row| row.n <= newest) {
            if let Ok(signed) = row.signed_event()
                && let Content::Admitted(member) = &signed.event.content
            {
                first
                    .entry(Fingerprint::of_der(&member.identity))
                    .or_insert(row.n);
            }
        }
    }
    log.note_first_admissions(&first);
    Ok(())
}

/// How a room stood; `None` when that can't be read.
fn stood(vault: &Vault, room: &[u8; 32], identity: &PublicIdentity) -> Result<Option<Stood>, StoreError> {
    let kept = match vault.room_state(room) {
        Ok(kept) => kept,
        Err(StoreError::Damaged { .. }) => None,
        Err(error) => return Err(error),
    };
    Ok(kept.and_then(|kept| {
        let state: HostState = minicbor::decode(&kept.bytes).ok()?;
        Some(Stood {
            log: RoomLog::restore(*room, identity.clone(), state.log)?,
            door: state.door,
            was_open: state.is_open == Some(true),
            was_in_memory: state.is_in_memory == Some(true),
            is_old: kept.is_old,
        })
    }))
}

/// Has the kept state of a room of ours count what is on the disk, because entries that were dropped are counted by nothing
/// else, and their numbers would be given twice. Gives the newest entry that it counts now; 0 where it can't be read.
pub(super) fn bring_forward(vault: &Vault, room: &KeptRoom) -> u64 {
    let record = state_record(vault, &room.id);
    let stood = PublicIdentity::from_der(&room.host)
        .ok()
        .and_then(|identity| stood(vault, &room.id, &identity).ok()?);
    let (Some(mut stood), Some(record)) = (stood, record) else {
        return 0;
    };
    let counted = stood.log.n();
    // That an older record was put back is told when the room is opened: it stays as it is.
    if stood.is_old || replay(&mut stood.log, vault, &room.id, false).is_err() || stood.log.n() == counted {
        return counted;
    }
    let newest = stood.log.n();
    let state = encode(&HostState {
        log: stood.log.state(),
        door: stood.door,
        is_open: stood.was_open.then_some(true),
        is_in_memory: stood.was_in_memory.then_some(true),
    });
    match replace_state(vault, &room.id, &record, &state) {
        Ok(true) => newest,
        Ok(false) => counted,
        Err(error) => {
            log::warn!("how a room stands could not be kept before its old messages are dropped: {error}");
            counted
        }
    }
}

/// Keeps a state in place of the one in `record`, unless the room's own thread kept another one meanwhile; gives whether it
/// is kept.
fn replace_state(vault: &Vault, room: &[u8; 32], record: &[u8], state: &[u8]) -> Result<bool, StoreError> {
    vault.write(|writing| {
        let there = writing.row(Table::RoomStates, room)?;
        let is_same = there.is_some_and(|there| there.value() == record);
        if is_same {
            writing.keep_room_state(room, state)?;
        }
        Ok(is_same)
    })
}

/// The record of a room's state as it stands on the disk: each write makes another one.
fn state_record(vault: &Vault, room: &[u8; 32]) -> Option<Vec<u8>> {
    let there = vault.read(|reading| reading.row(Table::RoomStates, room));
    there.ok()?.map(|there| there.value().to_vec())
}

#[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
fn encode(state: &HostState) -> Vec<u8> {
    minicbor::to_vec(state).expect("writing to memory cannot fail")
}

/// Makes the state of a room anew from its entries, from the first one on. Fails when some of them are not there.
fn make_anew(vault: &Vault, room: &[u8; 32], identity: &PublicIdentity) -> Result<KeptLog, String> {
    let failed = |error: StoreError| error.to_string();
    let kept = vault
        .room(room)
        .map_err(failed)?
        .ok_or("it is not kept any more")?;
    let mut log = RoomLog::create(*room, identity.clone(), &kept.host_name);
    replay(&mut log, vault, room, false)?;
    // Where it is not even known how many there were, members may have others under the numbers that would come next.
    let extent = vault.log_extent(room).map_err(failed)?;
    if extent.is_none_or(|extent| log.n() + 1 != extent.next) {
        return Err(CANNOT_BE_MADE_ANEW.to_owned());
    }
    Ok(KeptLog {
        id: *room,
        doubt: Some(MADE_ANEW.to_owned()),
        was_not_closed: false,
        log,
        door: None,
    })
}

const MADE_ANEW: &str = "its invitations, its members and its bans can't be read any more. So it has a new invitation, and you are asked before anybody comes in";
const CANNOT_BE_MADE_ANEW: &str = "how it stood can't be read any more, and some of its messages can't either. Save what can be read from Search, under \"What is kept\", and open a new room; a copy of the damaged file stays in the profile folder";

/// So many entries are read from the disk at once: as many as one record holds at most.
const PIECE: u64 = 16;

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
        None
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
        let state = self.state(log);
        let outcome = self
            .vault
            .write(|writing| writing.keep_room_state(&self.room, &state));
        match outcome {
            Ok(()) => {
                self.state_n = log.n();
                Ok(())
            }
            Err(error) => Err(format!(
                "The room's invitation and members are not kept: {error}."
            )),
        }
    }

    fn state(&self, log: &RoomLog) -> Vec<u8> {
        encode(&HostState {
            log: log.state(),
            door: self.door.clone(),
            is_open: (!self.is_closed).then_some(true),
            is_in_memory: self.unkept.is_some().then_some(true),
        })
    }

    /// What was said in earlier runs and is still on its way to somebody, perhaps.
    pub fn said_earlier(&self, own: &Fingerprint, log: &RoomLog) -> SaidEarlier {
        followed::load(&self.vault, &self.room, own, log)
    }

    /// The first entries behind `n` that can be read, at most so many, up to so many bytes. What can't be read between them is
    /// left out: it hides nothing behind it, and who gets the others sees the gap.
    pub fn behind(&self, n: u64, most: u64, most_bytes: usize) -> Vec<Kept> {
        let on_disk = self.behind_on_disk(n, most, most_bytes);
        let last = on_disk.last().map_or(n, |row| row.n);
        let memory = self.memory();
        let from = memory.partition_point(|kept| kept.n <= last);
        let in_memory = memory.get(from..).unwrap_or_default().iter().cloned();
        let mut bytes = 0;
        on_disk
            .into_iter()
            .map(Kept::from)
            .chain(in_memory)
            .take(usize::try_from(most).unwrap_or(usize::MAX))
            .take_while(|kept| {
                let fits = bytes < most_bytes;
                bytes += kept.event.len();
                fits
            })
            .collect()
    }

    /// The first entries behind `n` on the disk that can be read: so many, or up to so many bytes and a piece more, or all
    /// to the end.
    fn behind_on_disk(&self, n: u64, most: u64, most_bytes: usize) -> Vec<LogRow> {
        let (mut found, mut bytes) = (Vec::new(), 0_usize);
        let Ok(Some(extent)) = self.vault.log_extent(&self.room) else {
            return found;
        };
        let wanted = usize::try_from(most).unwrap_or(usize::MAX);
        let mut from = extent.first.max(n.saturating_add(1));
        while from < extent.next && found.len() < wanted && bytes < most_bytes {
            let until = extent.next.min((from - from % PIECE).saturating_add(PIECE));
            let Ok(rows) = self.vault.log_rows(&self.room, from..until) else {
                break;
            };
            bytes = rows
                .iter()
                .fold(bytes, |bytes, row| bytes.saturating_add(row.event.len()));
            let is_to_the_end = rows.last().is_some_and(|row| row.n.saturating_add(1) == until);
            found.extend(rows);
            from = if is_to_the_end {
                until
            } else {
                let behind_gap = self.vault.log_gap_end(&self.room, until).ok().flatten();
                behind_gap.unwrap_or(until)
            };
        }
        found.truncate(wanted);
        found
    }

    /// The last entry that who was away longer does not get, and the head there; `None` while the log is whole from its first
    /// entry on.
    pub fn let_go(&self, log: &RoomLog) -> Option<(u64, Digest)> {
        let extent = self.vault.log_extent(&self.room).ok().flatten();
        let on_disk = extent.filter(|extent| extent.first < extent.next);
        let first = match (on_disk, self.memory().first()) {
            (Some(extent), _) => extent.first,
            (None, Some(kept)) => kept.n,
            (None, None) => log.n() + 1,
        };
        let last = first.checked_sub(1).filter(|last| *last > 0)?;
        let at_disk = || on_disk.and_then(|extent| extent.before_first);
        let Some(head) = log.head_at(last).or_else(at_disk) else {
            // One that is kept is let go too: only the head with it is known.
            let first = self.behind(last, 1, usize::MAX).pop()?;
            return Some((first.n, first.head));
        };
        Some((last, head))
    }

    /// The head at entry `n`, if it is kept.
    pub fn head_at(&self, n: u64) -> Option<Digest> {
        let rows = self.vault.log_rows(&self.room, n..n.saturating_add(1)).ok()?;
        let on_disk = rows.first().map(|row| row.head);
        on_disk.or_else(|| {
            let memory = self.memory();
            let place = memory.binary_search_by_key(&n, |kept| kept.n).ok()?;
            memory.get(place).map(|kept| kept.head)
        })
    }

    /// The entries behind those on the disk.
    fn memory(&self) -> &[Kept] {
        self.unkept.as_ref().map_or(&[], |unkept| &unkept.kept)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ROOM, kept_room, row};
    use super::*;
    use crate::crypto::test_keys::{ADA, BOB};
    use crate::crypto::{Identity, sign_batch};
    use crate::net::kept::prune;
    use crate::protocol::limits::MAX_COUNT;
    use crate::store::{KeptRole, Retention};

    /// A room of Ada's with three messages of hers, as it is kept while it is open.
    fn kept() -> (Vault, Identity, RoomLog) {
        let (vault, ada) = (Vault::in_memory().unwrap(), Identity::from_pem(ADA).unwrap());
        let room = kept_room(ada.public(), KeptRole::Host);
        vault.write(|writing| writing.keep_room(&room)).unwrap();
        let mut log = RoomLog::create(ROOM, ada.public().clone(), "Ada");
        let mut keeper = LogKeeper::new(vault.clone(), ROOM);
        for text in ["one", "two", "three"] {
            let said = say(&ada, &mut log, text);
            assert_eq!(keeper.append(vec![said], &log), None);
        }
        keeper.keep_state(b"the door", &log).unwrap();
        (vault, ada, log)
    }

    fn say(ada: &Identity, log: &mut RoomLog, text: &str) -> Kept {
        let text = text.to_owned();
        write(ada, log, Content::Message { text })
    }

    fn write(ada: &Identity, log: &mut RoomLog, content: Content) -> Kept {
        let mut chain = log.chain_of(&ada.fingerprint());
        let (bytes, statement) = chain.write(log, ada.fingerprint(), 5, content);
        let signature = sign_batch(ada, &[statement], &mut rand::rng()).unwrap().remove(0);
        Kept::of(&log.append(&ada.fingerprint(), bytes, signature).unwrap())
    }

    /// Two more messages, each in a record of its own, which the kept state does not count.
    fn say_more(vault: &Vault, ada: &Identity, log: &mut RoomLog) {
        let mut keeper = LogKeeper::new(vault.clone(), ROOM);
        for text in ["four", "five"] {
            let said = say(ada, log, text);
            assert_eq!(keeper.append(vec![said], log), None);
        }
    }

    fn retain(vault: &Vault, retention: Retention) {
        vault
            .write(|writing| writing.change_room(&ROOM, |room| room.retention = retention))
            .unwrap();
    }

    fn on_disk(vault: &Vault) -> Vec<u64> {
        let rows = vault.log_rows(&ROOM, 1..100).unwrap();
        rows.iter().map(|row| row.n).collect()
    }

    fn damage_entry(vault: &Vault, n: u64) {
        let key = [ROOM.as_slice(), &n.to_be_bytes()].concat();
        vault.write(|writing| writing.damage(Table::Log, &key)).unwrap();
    }

    #[test]
    fn entries_that_go_as_old_are_counted_first_so_that_no_number_is_given_twice() {
        let (vault, ada, mut log) = kept();
        say_more(&vault, &ada, &mut log);
        retain(&vault, Retention::Nothing);
        prune(&vault).unwrap();
        assert_eq!(on_disk(&vault), [] as [u64; 0]);
        retain(&vault, Retention::All);
        let mut again = load(&vault, &ROOM, ada.public()).unwrap();
        assert_eq!((again.log.n(), again.log.head()), (5, log.head()));
        assert_eq!(again.door.as_deref(), Some(&b"the door"[..]));
        assert_eq!(again.doubt, None);
        let mut keeper = LogKeeper::new(vault.clone(), ROOM);
        let said = say(&ada, &mut again.log, "six");
        assert_eq!(keeper.append(vec![said], &again.log), None);
        assert_eq!(on_disk(&vault), [6]);
    }

    #[test]
    fn entries_that_the_state_cannot_count_do_not_go() {
        let (vault, ada, mut log) = kept();
        say_more(&vault, &ada, &mut log);
        damage_entry(&vault, 4);
        retain(&vault, Retention::Nothing);
        assert_eq!(prune(&vault).unwrap_err().rooms, ["Den"]);
        assert_eq!(on_disk(&vault), [5]);
        let doubt = load(&vault, &ROOM, ada.public()).unwrap().doubt;
        assert!(doubt.is_some_and(|why| why.contains("entry 4 is missing")));
    }

    #[test]
    fn an_older_state_that_was_put_back_is_still_seen_when_old_entries_were_dropped() {
        let (vault, ada, mut log) = kept();
        say_more(&vault, &ada, &mut log);
        // There were more writes than the record knows of.
        let key = [b"state generation ".as_slice(), &ROOM].concat();
        let newest = minicbor::to_vec(9_u64).unwrap();
        vault
            .write(|writing| writing.keep(Table::Notes, &key, &newest))
            .unwrap();
        retain(&vault, Retention::Nothing);
        assert_eq!(prune(&vault).unwrap_err().rooms, ["Den"]);
        assert_eq!(on_disk(&vault), [4, 5]);
        let doubt = load(&vault, &ROOM, ada.public()).unwrap().doubt;
        assert!(doubt.is_some_and(|why| why.contains("older record")));
    }

    #[test]
    fn a_state_that_the_open_room_kept_meanwhile_is_not_written_over() {
        let (vault, ada, log) = kept();
        let record = state_record(&vault, &ROOM).unwrap();
        let mut keeper = LogKeeper::new(vault.clone(), ROOM);
        keeper.keep_state(b"with a ban", &log).unwrap();
        assert_eq!(replace_state(&vault, &ROOM, &record, b"older"), Ok(false));
        let stands = load(&vault, &ROOM, ada.public()).unwrap();
        assert_eq!(stands.door.as_deref(), Some(&b"with a ban"[..]));
    }

    #[test]
    fn a_room_that_was_not_closed_and_is_not_on_the_disk_is_doubted_until_it_is_closed() {
        let (vault, ada, log) = kept();
        let was_not_closed = || load(&vault, &ROOM, ada.public()).unwrap().was_not_closed;
        assert!(!was_not_closed(), "all of it is on the disk");
        retain(&vault, Retention::Nothing);
        assert!(was_not_closed());
        let mut keeper = LogKeeper::new(vault.clone(), ROOM);
        assert_eq!(keeper.finish(&log), None);
        keeper.keep_state(b"the door", &log).unwrap();
        assert!(!was_not_closed());
    }

    #[test]
    fn what_was_said_while_nothing_was_kept_goes_to_the_disk_with_what_is_said_when_all_is_kept_again() {
        let (vault, ada, mut log) = kept();
        retain(&vault, Retention::Nothing);
        let mut keeper = LogKeeper::new(vault.clone(), ROOM);
        let mut append = |text: &str| {
            let said = say(&ada, &mut log, text);
            assert_eq!(keeper.append(vec![said], &log), None);
        };
        append("four");
        append("five");
        assert_eq!(on_disk(&vault), [1, 2, 3]);
        retain(&vault, Retention::Days(7));
        append("six");
        append("seven");
        assert_eq!(on_disk(&vault), [1, 2, 3, 4, 5, 6, 7]);
        // Killed here.
        let stands = load(&vault, &ROOM, ada.public()).unwrap();
        assert_eq!(
            (stands.log.n(), stands.doubt, stands.was_not_closed),
            (7, None, false)
        );
    }

    #[test]
    fn a_room_that_is_closed_keeps_what_was_in_memory_if_it_may_and_nothing_if_it_may_not() {
        let (vault, ada, mut log) = kept();
        let mut keeper = LogKeeper::new(vault.clone(), ROOM);
        vault.fill_disk(true);
        let said = say(&ada, &mut log, "four");
        assert!(keeper.append(vec![said], &log).is_some());
        vault.fill_disk(false);
        retain(&vault, Retention::Nothing);
        let said = say(&ada, &mut log, "five");
        assert_eq!(keeper.append(vec![said], &log), None);
        let behind = keeper.behind(3, 9, 1 << 20);
        assert_eq!(behind.iter().map(|kept| kept.n).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(keeper.finish(&log), None);
        keeper.keep_state(b"the door", &log).unwrap();
        assert_eq!(on_disk(&vault), [1, 2, 3], "what the disk did not take, neither");
        let stands = load(&vault, &ROOM, ada.public()).unwrap();
        assert_eq!(stands.log.n(), 5, "no number is given twice");
        retain(&vault, Retention::All);
        assert_eq!(keeper.finish(&log), Some(KeepingChange::Resumed));
        assert_eq!(on_disk(&vault), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_state_of_an_earlier_version_is_read_and_is_no_reason_for_doubt() {
        #[derive(Encode)]
        #[cbor(map)]
        struct Earlier {
            #[n(0)]
            log: LogState,
            #[cbor(n(1), with = "minicbor::bytes")]
            door: Vec<u8>,
        }
        let (vault, ada, log) = kept();
        let earlier = minicbor::to_vec(Earlier {
            log: log.state(),
            door: b"the door".to_vec(),
        })
        .unwrap();
        vault
            .write(|writing| writing.keep_room_state(&ROOM, &earlier))
            .unwrap();
        retain(&vault, Retention::Nothing);
        let stands = load(&vault, &ROOM, ada.public()).unwrap();
        assert_eq!((stands.log.n(), stands.doubt), (3, None));
        assert!(!stands.was_not_closed);
        assert_eq!(stands.door.as_deref(), Some(&b"the door"[..]));
    }

    #[test]
    fn first_admissions_that_an_earlier_version_did_not_keep_are_found_among_the_entries() {
        let (vault, ada, mut log) = kept();
        let bob = Identity::from_pem(BOB).unwrap().public().clone();
        let mut keeper = LogKeeper::new(vault.clone(), ROOM);
        for _ in 0..2 {
            let admitted = Content::Admitted(log.introduction(&bob, "Bob"));
            let kept = vec![write(&ada, &mut log, admitted), say(&ada, &mut log, "hello")];
            assert_eq!(keeper.append(kept, &log), None);
        }
        let mut earlier = log.state();
        for author in &mut earlier.authors {
            author.first_admitted = None;
        }
        let state = encode(&HostState {
            log: earlier,
            door: Vec::new(),
            is_open: None,
            is_in_memory: None,
        });
        vault
            .write(|writing| writing.keep_room_state(&ROOM, &state))
            .unwrap();
        let first = || {
            let stands = load(&vault, &ROOM, ada.public()).unwrap();
            assert_eq!(stands.log.n(), 7);
            stands.log.first_admission(&bob.fingerprint())
        };
        assert_eq!(first(), Some(4));
        let drop_up_to = |n| vault.prune_log(&ROOM, &(u64::MAX..=u64::MAX), n).unwrap();
        drop_up_to(5);
        assert_eq!((on_disk(&vault), first()), (vec![6, 7], Some(6)));
        drop_up_to(7);
        assert_eq!(first(), Some(0), "before all that is kept");
    }

    #[test]
    fn no_number_is_too_large_to_ask_for_the_head_there() {
        let (vault, _, log) = kept();
        let keeper = LogKeeper::new(vault, ROOM);
        assert_eq!(keeper.head_at(log.n()), Some(log.head()));
        for n in [log.n() + 1, MAX_COUNT, MAX_COUNT + 1, u64::MAX] {
            assert_eq!(keeper.head_at(n), None, "{n}");
        }
    }

    #[test]
    fn what_cannot_be_read_hides_nothing_behind_it_from_who_comes_back() {
        let (vault, ada) = (Vault::in_memory().unwrap(), Identity::from_pem(ADA).unwrap());
        let log = RoomLog::create(ROOM, ada.public().clone(), "Ada");
        let mut keeper = LogKeeper::new(vault.clone(), ROOM);
        let entry = |n: u64| Kept::from(row(n, Content::Message { text: n.to_string() }));
        assert_eq!(keeper.append((1..=40).map(entry).collect(), &log), None);
        // The record of entries 16 to 31.
        damage_entry(&vault, 16);
        vault.fill_disk(true);
        assert!(
            keeper.append(vec![entry(41)], &log).is_some(),
            "it stays in memory"
        );
        let behind = |n: u64, most: u64| -> Vec<u64> {
            let kept = keeper.behind(n, most, 1 << 20);
            kept.iter().map(|kept| kept.n).collect()
        };
        assert_eq!(behind(0, 512), (1..16).chain(32..=41).collect::<Vec<_>>());
        assert_eq!(behind(13, 4), [14, 15, 32, 33]);
        assert_eq!(behind(15, 4), [32, 33, 34, 35], "over a whole page of them");
        assert_eq!(behind(38, 2), [39, 40]);
        assert_eq!(behind(39, 2), [40, 41]);
        assert_eq!(behind(41, 2), [] as [u64; 0]);
    }

    #[test]
    fn not_much_more_is_read_from_the_disk_than_a_page_may_hold() {
        let (vault, ada) = (Vault::in_memory().unwrap(), Identity::from_pem(ADA).unwrap());
        let log = RoomLog::create(ROOM, ada.public().clone(), "Ada");
        let mut keeper = LogKeeper::new(vault.clone(), ROOM);
        let entry = |n: u64| {
            let text = "x".repeat(10_000);
            Kept::from(row(n, Content::Message { text }))
        };
        assert_eq!(keeper.append((1..=100).map(entry).collect(), &log), None);
        let most_bytes = 200_000;
        let read = keeper.behind_on_disk(5, 512, most_bytes);
        let bytes: usize = read.iter().map(|row| row.event.len()).sum();
        assert!((most_bytes..most_bytes + 16 * 11_000).contains(&bytes), "{bytes}");
        let numbers: Vec<u64> = keeper
            .behind(5, 512, most_bytes)
            .iter()
            .map(|kept| kept.n)
            .collect();
        assert_eq!(
            numbers,
            (6..=25).collect::<Vec<_>>(),
            "the page itself is no shorter"
        );
        assert_eq!(keeper.behind(5, 512, usize::MAX).len(), 95);
        assert_eq!(keeper.behind(5, 40, usize::MAX).len(), 40);
    }

    #[test]
    fn a_room_whose_state_is_damaged_is_made_anew_from_its_messages() {
        let (vault, ada, log) = kept();
        let whole = load(&vault, &ROOM, ada.public()).unwrap();
        assert_eq!(
            (whole.door.as_deref(), whole.doubt),
            (Some(&b"the door"[..]), None)
        );
        vault
            .write(|writing| writing.damage(Table::RoomStates, &ROOM))
            .unwrap();
        let anew = load(&vault, &ROOM, ada.public()).unwrap();
        assert_eq!((anew.log.n(), anew.log.head()), (log.n(), log.head()));
        assert_eq!(
            anew.log.chain_of(&ada.fingerprint()),
            log.chain_of(&ada.fingerprint())
        );
        assert_eq!(anew.door, None, "nobody knows who was let in or banned");
        assert_eq!(anew.doubt.as_deref(), Some(MADE_ANEW));
    }

    #[test]
    fn a_room_of_which_messages_are_missing_too_is_not_opened_and_says_what_to_do() {
        let (vault, ada, _) = kept();
        vault
            .write(|writing| writing.damage(Table::RoomStates, &ROOM))
            .unwrap();
        vault.prune_log(&ROOM, &(u64::MAX..=u64::MAX), u64::MAX).unwrap();
        let refused = || load(&vault, &ROOM, ada.public()).unwrap_err();
        assert_eq!(refused(), CANNOT_BE_MADE_ANEW);
        vault.write(|writing| writing.drop_log(&ROOM)).unwrap();
        assert_eq!(refused(), CANNOT_BE_MADE_ANEW);
    }
}
