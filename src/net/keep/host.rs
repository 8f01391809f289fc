//! A room of ours: its log, for members who come back and for the day when it is opened again.

use minicbor::{Decode, Encode};

use super::failing::{Failing, KeepingChange};
use super::followed::{self, SaidEarlier};
use super::{Kept, STATE_EVERY, doubt, replay, rows, stays_in_memory, unrow};
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
    /// Entries of a room of which nothing may go to the disk: once one is here, all are.
    memory: Vec<Kept>,
    /// Entries that the disk did not take.
    failing: Option<Failing>,
}

impl LogKeeper {
    pub(super) fn new(vault: Vault, room: [u8; 32]) -> LogKeeper {
        LogKeeper {
            vault,
            room,
            door: Vec::new(),
            state_n: 0,
            memory: Vec::new(),
            failing: None,
        }
    }

    /// Adds entries, in order, before anybody is told of them. What can't be kept on disk stays in memory, and is tried again
    /// with what comes next.
    pub fn append(&mut self, kept: Vec<Kept>, log: &RoomLog) -> Option<KeepingChange> {
        if !self.memory.is_empty() || stays_in_memory(&self.vault, &self.room) {
            self.memory.extend(kept);
            return None;
        }
        match &mut self.failing {
            Some(failing) if !failing.is_due() => {
                failing.kept.extend(kept);
                None
            }
            _ => self.write(kept, log),
        }
    }

    /// Tries once more to keep what the disk did not take: the room ends.
    pub fn finish(&mut self, log: &RoomLog) -> Option<KeepingChange> {
        self.failing.is_some().then(|| self.write(Vec::new(), log))?
    }

    fn write(&mut self, kept: Vec<Kept>, log: &RoomLog) -> Option<KeepingChange> {
        let failing = self.failing.take();
        let was_failing = failing.is_some();
        let (mut all, before) = failing.map_or((Vec::new(), None), |failing| (failing.kept, failing.before));
        all.extend(kept);
        let first = all.first().map(|first| first.n.saturating_sub(1));
        let before = before.or_else(|| log.head_at(first?));
        // How the room stands was not kept meanwhile either.
        let is_due = was_failing || log.n() >= self.state_n + STATE_EVERY;
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
                self.failing = Some(Failing::new(unrow(written), before));
                (!was_failing).then(|| KeepingChange::Stopped(error.to_string()))
            }
        }
    }

    /// Keeps what is needed to open the room again.
    pub fn keep_state(&mut self, door: &[u8], log: &RoomLog) -> Result<(), String> {
        self.door = door.to_vec();
        if self.failing.is_some() {
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
        let memory = self.memory();
        let from = memory.partition_point(|kept| kept.n <= n);
        let in_memory = memory.get(from..).unwrap_or_default().iter().cloned();
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
        let first = match (on_disk, self.memory().first()) {
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
            let memory = self.memory();
            let place = memory.binary_search_by_key(&n, |kept| kept.n).ok()?;
            memory.get(place).map(|kept| kept.head)
        })
    }

    /// The entries behind those on the disk.
    fn memory(&self) -> &[Kept] {
        self.failing
            .as_ref()
            .map_or(&self.memory, |failing| &failing.kept)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ROOM, kept_room};
    use super::*;
    use crate::crypto::test_keys::ADA;
    use crate::crypto::{Identity, sign_batch};
    use crate::protocol::Content;
    use crate::store::{KeptRole, Table};

    /// A room of Ada's with three messages of hers, as it is kept.
    fn kept() -> (Vault, Identity, RoomLog) {
        let (vault, ada) = (Vault::in_memory().unwrap(), Identity::from_pem(ADA).unwrap());
        let room = kept_room(ada.public(), KeptRole::Host);
        vault.write(|writing| writing.keep_room(&room)).unwrap();
        let mut log = RoomLog::create(ROOM, ada.public().clone(), "Ada");
        let mut keeper = LogKeeper::new(vault.clone(), ROOM);
        let mut chain = log.chain_of(&ada.fingerprint());
        for text in ["one", "two", "three"] {
            let content = Content::Message {
                text: text.to_owned(),
            };
            let (bytes, statement) = chain.write(&log, ada.fingerprint(), 5, content);
            let signature = sign_batch(&ada, &[statement], &mut rand::rng())
                .unwrap()
                .remove(0);
            let appended = log.append(&ada.fingerprint(), bytes, signature).unwrap();
            assert_eq!(keeper.append(vec![Kept::of(&appended)], &log), None);
        }
        keeper.keep_state(b"the door", &log).unwrap();
        (vault, ada, log)
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
        vault.prune_log(&ROOM, u64::MAX).unwrap();
        let refused = || load(&vault, &ROOM, ada.public()).unwrap_err();
        assert_eq!(refused(), CANNOT_BE_MADE_ANEW);
        vault.write(|writing| writing.drop_log(&ROOM)).unwrap();
        assert_eq!(refused(), CANNOT_BE_MADE_ANEW);
    }
}
