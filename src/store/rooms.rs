//! The rooms that are kept: what is needed to open one again, or to return to it.

use std::collections::HashSet;

use minicbor::{Decode, Encode};

use super::{Rows, StoreError, Table, Vault, Writing};
use crate::crypto::Fingerprint;

/// Which end of a kept room we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum KeptRole {
    /// The room is ours.
    #[n(0)]
    Host,
    /// We are a member.
    #[n(1)]
    Member,
    /// A private conversation inside another room.
    #[n(2)]
    Private,
}

/// How long a room's log stays on the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Encode, Decode)]
pub enum Retention {
    /// All of it.
    #[default]
    #[n(0)]
    All,
    /// Entries of so many days.
    #[n(1)]
    Days(#[n(0)] u32),
    /// Nothing: the log lives in memory.
    #[n(2)]
    Nothing,
}

/// A room that is kept. Fields may be added; what an older version does not know it drops.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KeptRoom {
    /// Its id, from the descriptor that the host signs.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub id: [u8; 32],
    /// Its name, from the descriptor.
    #[n(1)]
    pub name: String,
    /// Which end we are.
    #[n(2)]
    pub role: KeptRole,
    /// Our own name in it.
    #[n(3)]
    pub own_name: String,
    /// The host's identity key as SubjectPublicKeyInfo.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub host: Vec<u8>,
    /// The host's name.
    #[n(5)]
    pub host_name: String,
    /// A member's: the invitation or address that leads there, as text. Secret.
    #[n(6)]
    pub target: Option<String>,
    /// The host's: what admits. Secret.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub secret: Option<Vec<u8>>,
    /// Seconds since 1970 after which the invitation admits nobody.
    #[n(8)]
    pub expires_unix: Option<u64>,
    /// The host's: whether who types the address gets in without an invitation.
    #[n(9)]
    pub open_to_address: bool,
    /// The host's: the port that it listened on.
    #[n(10)]
    pub port: u16,
    /// The addresses that were seen to work, or stand in the invitation.
    #[n(11)]
    pub addresses: Vec<String>,
    /// How long its log is kept.
    #[n(12)]
    pub retention: Retention,
    /// When it was made or first joined, seconds since 1970.
    #[n(13)]
    pub begun_unix: u64,
    /// When something last happened in it, seconds since 1970.
    #[n(14)]
    pub used_unix: u64,
    /// The host's: the one address that it listened on; `None` for all.
    #[n(15)]
    pub listen_address: Option<String>,
    /// How many entries were read on the screen.
    #[n(16)]
    pub read_n: Option<u64>,
}

impl KeptRoom {
    /// The host's fingerprint.
    pub fn host_fingerprint(&self) -> Fingerprint {
        Fingerprint::of_der(&self.host)
    }
}

impl Vault {
    /// All kept rooms, the one used last first, and how many could not be read.
    pub fn rooms(&self) -> Result<(Vec<KeptRoom>, usize), StoreError> {
        let (found, mut damaged) = self.read(|reading| reading.all(Table::Rooms))?;
        let mut rooms: Vec<KeptRoom> = Vec::with_capacity(found.len());
        for row in found {
            match minicbor::decode(row.value()) {
                Ok(room) => rooms.push(room),
                Err(_) => damaged += 1,
            }
        }
        rooms.sort_by_key(|room| (std::cmp::Reverse(room.used_unix), room.id));
        Ok((rooms, damaged))
    }

    /// One kept room.
    pub fn room(&self, id: &[u8; 32]) -> Result<Option<KeptRoom>, StoreError> {
        self.read(|reading| read_room(reading, id))
    }

    /// Drops a room with its log, its outbox and all that is remembered of it. What of it can't be read is no hindrance:
    /// records that only a damaged one led to stay in the file, sealed.
    pub fn forget_room(&self, id: &[u8; 32]) -> Result<(), StoreError> {
        self.write(|writing| writing.forget_room(id))
    }

    /// Drops the records of kept rooms that can't be read any more, and what is kept of rooms without a record: nobody
    /// can say any more whose it was. Gives how many records of rooms were dropped. Such a room can be joined anew.
    pub fn forget_unreadable_rooms(&self) -> Result<usize, StoreError> {
        // A copy of the damaged file is put aside first.
        let (rooms, damaged) = self.rooms()?;
        if damaged > 0 {
            self.copy_aside_once();
        }
        let known: HashSet<[u8; 32]> = rooms.iter().map(|room| room.id).collect();
        self.write(|writing| {
            let mut dropped = writing.drop_unreadable(Table::Rooms)?;
            let mut ids = HashSet::new();
            for table in [Table::Rooms, Table::Extents, Table::RoomStates] {
                let (rows, _) = writing.all(table)?;
                ids.extend(rows.iter().filter_map(|row| <[u8; 32]>::try_from(row.key()).ok()));
            }
            for id in ids.difference(&known) {
                dropped += usize::from(writing.row(Table::Rooms, id)?.is_some());
                writing.forget_room(id)?;
            }
            Ok(dropped)
        })
    }

    /// What a room's threads remembered of it last. Fails where something was kept and can't be read any more, or is
    /// gone.
    pub fn room_state(&self, id: &[u8; 32]) -> Result<Option<RoomState>, StoreError> {
        self.read(|reading| {
            let newest = generation(reading, id)?;
            let Some(row) = reading.row(Table::RoomStates, id)? else {
                return match newest {
                    0 => Ok(None),
                    _ => Err(StoreError::damaged("how a kept room stood (its record is gone)")),
                };
            };
            let (generation, state) = unstamped(row.value());
            Ok(Some(RoomState {
                bytes: state,
                is_old: generation != newest,
            }))
        })
    }
}

/// What a room's threads remembered of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomState {
    /// In their own form.
    pub bytes: Vec<u8>,
    /// Whether this is not what was written last: somebody put an older record back.
    pub is_old: bool,
}

/// A state as it stands in its record: with the number of the write, which stands in a record of its own too.
#[derive(Encode, Decode)]
#[cbor(array)]
struct Stamped {
    #[n(0)]
    generation: u64,
    #[cbor(n(1), with = "minicbor::bytes")]
    state: Vec<u8>,
}

/// The number and the state in a record. Version 0.1 wrote states, which are maps, without a number.
fn unstamped(bytes: &[u8]) -> (u64, Vec<u8>) {
    match minicbor::decode(bytes) {
        Ok(Stamped { generation, state }) => (generation, state),
        Err(_) => (0, bytes.to_vec()),
    }
}

fn generation(rows: &impl Rows, id: &[u8; 32]) -> Result<u64, StoreError> {
    let Some(row) = rows.row(Table::Notes, &generation_key(id))? else {
        return Ok(0);
    };
    minicbor::decode(row.value()).map_err(|_| StoreError::damaged("the count of a kept room's states"))
}

fn generation_key(id: &[u8; 32]) -> Vec<u8> {
    [b"state generation ".as_slice(), id].concat()
}

/// What was not dropped because the record that leads to it can't be read stays in the file, sealed.
fn where_readable(outcome: Result<(), StoreError>) -> Result<(), StoreError> {
    match outcome {
        Err(StoreError::Damaged { .. }) => Ok(()),
        outcome => outcome,
    }
}

impl Writing<'_> {
    fn forget_room(&mut self, id: &[u8; 32]) -> Result<(), StoreError> {
        where_readable(self.drop_log(id))?;
        self.drop_row(Table::Extents, id)?;
        where_readable(self.drop_outbox(id))?;
        self.drop_row(Table::Outbox, id)?;
        where_readable(self.drop_talks(id))?;
        self.drop_row(Table::RoomStates, id)?;
        self.drop_row(Table::Notes, &generation_key(id))?;
        self.drop_row(Table::Rooms, id)
    }

    /// Keeps a room, in place of what was known of it.
    pub fn keep_room(&mut self, room: &KeptRoom) -> Result<(), StoreError> {
        self.keep(Table::Rooms, &room.id, &encode(room))
    }

    /// Changes a kept room; nothing happens when it is not kept.
    pub fn change_room(
        &mut self,
        id: &[u8; 32],
        change: impl FnOnce(&mut KeptRoom),
    ) -> Result<(), StoreError> {
        match read_room(self, id)? {
            Some(mut room) => {
                change(&mut room);
                self.keep_room(&room)
            }
            None => Ok(()),
        }
    }

    /// Keeps what a room's threads remember of it, in their own form: written together with the
    /// entries that it speaks of.
    pub fn keep_room_state(&mut self, id: &[u8; 32], state: &[u8]) -> Result<(), StoreError> {
        // What can't be read is counted on from the other record, so that damage is mended by the next write.
        let in_state = self.row(Table::RoomStates, id).ok().flatten();
        let in_state = in_state.map_or(0, |row| unstamped(row.value()).0);
        let generation = generation(self, id).unwrap_or(0).max(in_state).saturating_add(1);
        let state = state.to_vec();
        self.keep(Table::RoomStates, id, &encode(&Stamped { generation, state }))?;
        self.keep(Table::Notes, &generation_key(id), &encode(&generation))
    }
}

fn read_room(rows: &impl Rows, id: &[u8; 32]) -> Result<Option<KeptRoom>, StoreError> {
    let Some(row) = rows.row(Table::Rooms, id)? else {
        return Ok(None);
    };
    minicbor::decode(row.value())
        .map(Some)
        .map_err(|_| StoreError::damaged("a kept room"))
}

#[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
pub(super) fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).expect("writing to memory cannot fail")
}
