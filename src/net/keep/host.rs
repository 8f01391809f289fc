//! A room of ours: its log, for members who come back and for the day when it is opened again.

use minicbor::{Decode, Encode};

use super::followed::{self, SaidEarlier};
use super::{Kept, STATE_EVERY, doubt, replay, rows, stays_in_memory};
use crate::crypto::{Digest, Fingerprint, PublicIdentity};
use crate::protocol::{LogState, RoomLog};
use crate::store::{StoreError, Vault};

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
}

/// What is kept beside the entries.
#[derive(Encode, Decode)]
#[cbor(map)]
struct HostState {
    #[n(0)]
    log: LogState,
    #[cbor(n(1), with = "minicbor::bytes")]
    door: Vec<u8>,
}

pub(super) fn load(vault: &Vault, room: &[u8; 32], identity: &PublicIdentity) -> Result<KeptLog, String> {
    let kept = match vault.room_state(room) {
        Ok(kept) => kept,
        Err(StoreError::Damaged { .. }) => None,
        Err(error) => return Err(error.to_string()),
    };
    let stood = kept.and_then(|kept| {
        let state: HostState = minicbor::decode(&kept.bytes).ok()?;
        let log = RoomLog::restore(*room, identity.clone(), state.log)?;
        Some((log, state.door, kept.is_old))
    });
    let Some((mut log, door, is_old)) = stood else {
        return make_anew(vault, room, identity);
    };
    replay(&mut log, vault, room, false)?;
    Ok(KeptLog {
        id: *room,
        doubt: doubt(&log, is_old, vault, room),
        log,
        door: Some(door),
    })
}

/// Makes the state of a room anew from its entries, from the first one on. Fails when some of them are not there.
fn make_anew(vault: &Vault, room: &[u8; 32], identity: &PublicIdentity) -> Result<KeptLog, String> {
    let failed = |error: StoreError| error.to_string();
    let kept = vault.room(room).map_err(failed)?.ok_or("it is not kept any more")?;
    let mut log = RoomLog::create(*room, identity.clone(), &kept.host_name);
    replay(&mut log, vault, room, false)?;
    let next = vault.log_extent(room).map_err(failed)?.map_or(1, |extent| extent.next);
    if log.n() + 1 != next {
        return Err(CANNOT_BE_MADE_ANEW.to_owned());
    }
    Ok(KeptLog {
        id: *room,
        doubt: Some(MADE_ANEW.to_owned()),
        log,
        door: None,
    })
}

const MADE_ANEW: &str = "its invitations, its members and its bans can't be read any more. So it has a new invitation, and you are asked before anybody comes in";
const CANNOT_BE_MADE_ANEW: &str = "how it stood can't be read any more, and some of its messages can't either. Save what can be read from Search, under \"What is kept\", and open a new room; a copy of the damaged file stays in the profile folder";

/// The log of one room of ours.
#[derive(Debug)]
pub struct LogKeeper {
    vault: Vault,
    room: [u8; 32],
    door: Vec<u8>,
    state_n: u64,
    /// From here on entries are in memory, because they may not or can't go to the disk.
    memory: Vec<Kept>,
    failed: bool,
}

impl LogKeeper {
    pub(super) fn new(vault: Vault, room: [u8; 32]) -> LogKeeper {
        LogKeeper {
            vault,
            room,
            door: Vec::new(),
            state_n: 0,
            memory: Vec::new(),
            failed: false,
        }
    }

    /// Adds entries, in order, before anybody is told of them. Fails once when they can't be kept on disk;
    /// from then on they are kept in memory.
    pub fn append(&mut self, kept: Vec<Kept>, log: &RoomLog) -> Result<(), String> {
        if self.failed || !self.memory.is_empty() || stays_in_memory(&self.vault, &self.room) {
            self.memory.extend(kept);
            return Ok(());
        }
        let is_due = log.n() >= self.state_n + STATE_EVERY;
        let state = is_due.then(|| self.state(log));
        let written = rows(kept);
        let before = written
            .first()
            .and_then(|first| log.head_at(first.n.saturating_sub(1)));
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
                Ok(())
            }
            Err(error) => {
                self.failed = true;
                self.memory.extend(written.into_iter().map(Kept::from));
                Err(format!(
                    "What is said in this room is not kept on the disk from here on: {error}."
                ))
            }
        }
    }

    /// Keeps what is needed to open the room again.
    pub fn keep_state(&mut self, door: &[u8], log: &RoomLog) -> Result<(), String> {
        self.door = door.to_vec();
        if self.failed {
            return Ok(());
        }
        // Without a log on the disk the room opens again with its invitation and an empty log's state.
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

    #[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
    fn state(&self, log: &RoomLog) -> Vec<u8> {
        let state = HostState {
            log: log.state(),
            door: self.door.clone(),
        };
        minicbor::to_vec(&state).expect("writing to memory cannot fail")
    }

    /// What was said in earlier runs and is still on its way to somebody, perhaps.
    pub fn said_earlier(&self, own: &Fingerprint, log: &RoomLog) -> SaidEarlier {
        followed::load(&self.vault, &self.room, own, log)
    }

    /// The entries behind `n`, at most so many, up to so many bytes, without a gap.
    pub fn behind(&self, n: u64, most: u64, most_bytes: usize) -> Vec<Kept> {
        let until = n.saturating_add(most).saturating_add(1);
        let on_disk = self.vault.log_rows(&self.room, n + 1..until).unwrap_or_default();
        let from = self.memory.partition_point(|kept| kept.n <= n);
        let in_memory = self.memory.get(from..).unwrap_or_default().iter().cloned();
        let mut bytes = 0;
        let mut next = n + 1;
        on_disk
            .into_iter()
            .map(Kept::from)
            .chain(in_memory)
            .take(usize::try_from(most).unwrap_or(usize::MAX))
            .take_while(|kept| {
                let fits = bytes < most_bytes && kept.n == next;
                bytes += kept.event.len();
                next += 1;
                fits
            })
            .collect()
    }

    /// The last entry that is kept no more, and the head there; `None` while the log is whole from its first entry on.
    pub fn let_go(&self, log: &RoomLog) -> Option<(u64, Digest)> {
        let extent = self.vault.log_extent(&self.room).ok().flatten();
        let on_disk = extent.filter(|extent| extent.first < extent.next);
        let first = match (on_disk, self.memory.first()) {
            (Some(extent), _) => extent.first,
            (None, Some(kept)) => kept.n,
            (None, None) => log.n() + 1,
        };
        let last = first.checked_sub(1).filter(|last| *last > 0)?;
        let at_disk = on_disk.and_then(|extent| extent.before_first);
        Some((last, at_disk.or_else(|| log.head_at(last))?))
    }

    /// The head at entry `n`, if it is kept.
    pub fn head_at(&self, n: u64) -> Option<Digest> {
        let rows = self.vault.log_rows(&self.room, n..n + 1).ok()?;
        let on_disk = rows.first().map(|row| row.head);
        on_disk.or_else(|| {
            let place = self.memory.binary_search_by_key(&n, |kept| kept.n).ok()?;
            self.memory.get(place).map(|kept| kept.head)
        })
    }
}
