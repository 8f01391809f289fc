//! The rooms of a profile: which are kept, whose they are, and who keeps what happens in each.

use super::host::{self, KeptLog, LogKeeper};
use super::member::{self, KeptMember, MemberKeeper};
use super::talks::TalkKeeper;
use crate::crypto::PublicIdentity;
use crate::store::{KeptRole, KeptRoom, StoreError, Vault};

/// Where rooms are kept.
#[derive(Debug, Clone)]
pub struct Shelf {
    pub(super) vault: Vault,
}

impl Shelf {
    /// Keeps rooms in a vault.
    pub fn new(vault: Vault) -> Shelf {
        Shelf { vault }
    }

    /// What is kept of a room that we were in, if its host is the same. Fails, with the reason, when something is kept
    /// and can't be used.
    pub fn member(&self, room: &[u8; 32], host: &PublicIdentity) -> Result<Option<KeptMember>, String> {
        match self.vault.room(room).map_err(|error| error.to_string())? {
            Some(kept) if kept.role == KeptRole::Member && kept.host == host.as_der() => {
                member::load(&self.vault, room, host)
            }
            _ => Ok(None),
        }
    }

    /// Keeps what happens in a room elsewhere.
    pub fn member_keeper(&self, room: &[u8; 32]) -> MemberKeeper {
        MemberKeeper::new(self.vault.clone(), *room)
    }

    /// Keeps the log of a room of ours.
    pub fn log_keeper(&self, room: &[u8; 32]) -> LogKeeper {
        LogKeeper::new(self.vault.clone(), *room)
    }

    /// Keeps the private conversations of a room.
    pub fn talk_keeper(&self, room: &[u8; 32]) -> TalkKeeper {
        TalkKeeper::new(self.vault.clone(), *room)
    }

    /// A room of ours as it was kept. Fails, with the reason, when it can't be used; so where another key opened it, because
    /// only with that one its log goes on.
    pub fn own_room(&self, room: &[u8; 32], identity: &PublicIdentity) -> Result<KeptLog, String> {
        let kept = self.vault.room(room).map_err(|error| error.to_string())?;
        if kept.is_some_and(|kept| kept.host != identity.as_der()) {
            return Err(ANOTHER_KEY.to_owned());
        }
        host::load(&self.vault, room, identity)
    }

    /// Has the state of a room of ours count what is kept of its log, before that is dropped as old. Gives the newest entry
    /// that it counts; what comes behind it must stay.
    pub fn bring_forward(&self, room: &KeptRoom) -> u64 {
        host::bring_forward(&self.vault, room)
    }

    /// A room by its id.
    pub fn room(&self, id: &[u8; 32]) -> Option<KeptRoom> {
        self.vault.room(id).ok().flatten()
    }

    /// Whether another host's room, or one of ours, is kept under the id that this host gives: nothing of
    /// the one may be written into the other. Fails when that can't be told: a record that can't be read, or a log whose
    /// room is gone, might be another host's.
    pub fn is_taken(&self, id: &[u8; 32], host: &PublicIdentity) -> Result<bool, String> {
        let failed = |error: StoreError| format!("what is kept of this room can't be read ({error})");
        if let Some(kept) = self.vault.room(id).map_err(failed)? {
            return Ok(kept.role != KeptRole::Member || kept.host != host.as_der());
        }
        match self.vault.log_extent(id).map_err(failed)? {
            None => Ok(false),
            Some(_) => Err("a log is kept under this room's number, and not whose it is".to_owned()),
        }
    }

    /// The newest room with this name that was opened with our key.
    pub fn own_by_name(&self, name: &str, identity: &PublicIdentity) -> Option<KeptRoom> {
        self.find(|room| room.role == KeptRole::Host && room.name == name && room.host == identity.as_der())
    }

    /// The newest room elsewhere that was joined with this invitation or address.
    pub fn member_by_target(&self, target: &str) -> Option<KeptRoom> {
        self.find(|room| room.role == KeptRole::Member && room.target.as_deref() == Some(target))
    }

    fn find(&self, wanted: impl Fn(&KeptRoom) -> bool) -> Option<KeptRoom> {
        let (rooms, _) = self.vault.rooms().ok()?;
        rooms.into_iter().find(|room| wanted(room))
    }

    /// Keeps a room in the list; what the user chose for it before stays.
    pub fn keep_room(&self, mut room: KeptRoom) -> Result<(), String> {
        if let Some(before) = self.room(&room.id) {
            room.retention = before.retention;
            room.begun_unix = before.begun_unix;
            room.read_n = before.read_n;
        }
        self.vault
            .write(|writing| writing.keep_room(&room))
            .map_err(|error| error.to_string())
    }
}

/// Why a room of ours is not opened.
pub(super) const ANOTHER_KEY: &str = "it was opened with another key than the one that is yours now, and only with that one its log goes on. Import that key to open it, or open a new room";
