//! How a room of ours stood, beside its entries: kept so that it can be opened again, and made anew from them where it is lost.

use std::collections::HashMap;

use minicbor::{Decode, Encode};

use crate::crypto::{Fingerprint, PublicIdentity};
use crate::net::keep::replay::{doubt, replay};
use crate::net::keep::{STATE_EVERY, stays_in_memory};
use crate::protocol::{Content, LogState, RoomLog};
use crate::store::{KeptRoom, Rows as _, StoreError, Table, Vault};

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
    /// Whether it was not closed, and what was said in it last is not on the disk.
    pub was_not_closed: bool,
}

/// What is kept beside the entries.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct HostState {
    #[n(0)]
    pub log: LogState,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub door: Vec<u8>,
    /// Whether the room was open when this was kept; not there in states of earlier versions.
    #[n(2)]
    pub is_open: Option<bool>,
    /// Whether entries were in memory alone; earlier versions did not always say so.
    #[n(3)]
    pub is_in_memory: Option<bool>,
}

/// How a room of ours stood by its kept state alone.
struct Stood {
    log: RoomLog,
    door: Vec<u8>,
    was_open: bool,
    /// Whether entries were in memory alone, where the state says.
    was_in_memory: Option<bool>,
    is_old: bool,
}

pub(in crate::net::keep) fn load(
    vault: &Vault,
    room: &[u8; 32],
    identity: &PublicIdentity,
) -> Result<KeptLog, String> {
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
    let was_in_memory = stood
        .was_in_memory
        .unwrap_or_else(|| stays_in_memory(vault, room));
    Ok(KeptLog {
        id: *room,
        doubt: doubt(&stood.log, stood.is_old, vault, room),
        was_not_closed: stood.was_open && was_in_memory,
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
            was_in_memory: state.is_in_memory,
            is_old: kept.is_old,
        })
    }))
}

/// Has the kept state of a room of ours count what is on the disk, because entries that were dropped are counted by nothing
/// else, and their numbers would be given twice. Gives the newest entry that it counts now; 0 where it can't be read.
pub(in crate::net::keep) fn bring_forward(vault: &Vault, room: &KeptRoom) -> u64 {
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
        is_in_memory: stood.was_in_memory,
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
pub(super) fn replace_state(
    vault: &Vault,
    room: &[u8; 32],
    record: &[u8],
    state: &[u8],
) -> Result<bool, StoreError> {
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
pub(super) fn state_record(vault: &Vault, room: &[u8; 32]) -> Option<Vec<u8>> {
    let there = vault.read(|reading| reading.row(Table::RoomStates, room));
    there.ok()?.map(|there| there.value().to_vec())
}

#[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
pub(super) fn encode(state: &HostState) -> Vec<u8> {
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

pub(super) const MADE_ANEW: &str = "its invitations, its members and its bans can't be read any more. So it has a new invitation, and you are asked before anybody comes in";
pub(super) const CANNOT_BE_MADE_ANEW: &str = "how it stood can't be read any more, and some of its messages can't either. Save what can be read from Search, under \"What is kept\", and open a new room; a copy of the damaged file stays in the profile folder";
