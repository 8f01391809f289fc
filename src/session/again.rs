//! The way back into a room: as which room of this run it is open already, and what goes along when it is opened again.

use std::collections::HashMap;

use super::{Role, Room, Session, Transcript};
use crate::crypto::Fingerprint;
use crate::net::{PastRoom, RoomKey};
use crate::protocol::JoinTarget;

/// What stood in the composers of a room, to everybody and to one person each, with that person's name.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    to_all: String,
    private: HashMap<Fingerprint, (String, String)>,
}

impl Session {
    /// The room of this id that is not over. There is no way back into it: one's own second connection would end the first,
    /// and a room of ours that is open twice would sign different entries under the same numbers.
    pub fn open_room(&self, id: &[u8; 32]) -> Option<&Room> {
        let mut rooms = self.rooms.iter().rev();
        rooms.find(|room| room.id == Some(*id) && !room.is_over())
    }

    /// The key under which a room is open that is over under this one.
    pub fn open_beside(&self, key: RoomKey) -> Option<RoomKey> {
        let id = self.room(key).and_then(|room| room.id)?;
        let open = self.open_room(&id).map(|room| room.key);
        open.filter(|open| *open != key)
    }

    /// The room of this run that a kept one is open as, or is just being opened or joined as.
    pub fn open_as(&self, past: &PastRoom) -> Option<&Room> {
        // On the way into a room only its name is known.
        let leads_there = |room: &&Room| {
            let is_own = room.role == Role::Host;
            room.id.is_none() && !room.is_over() && is_own == past.is_own && room.title == past.name
        };
        let mut rooms = self.rooms.iter().rev();
        self.open_room(&past.id).or_else(|| rooms.find(leads_there))
    }

    /// The room that this leads into and that is not over. An invitation is for one room, and an address for the one that
    /// is reached there now.
    pub fn joined_with(&self, target: &JoinTarget) -> Option<&Room> {
        let mut rooms = self.rooms.iter().rev();
        rooms.find(|room| match (&room.target, target) {
            (Some(JoinTarget::Invite(known)), JoinTarget::Invite(given)) => {
                !room.is_over() && known.to_string() == given.to_string()
            }
            (Some(JoinTarget::Address(known)), JoinTarget::Address(given)) => {
                room.is_open() && known == given
            }
            _ => false,
        })
    }

    /// Has a room that is over give way to itself, opened again under another key: what is being written in it will stand
    /// there. Gives whether it can be forgotten: where something of it is in memory alone, it stays to be read.
    pub fn gives_way(&mut self, key: RoomKey) -> bool {
        let Some(room) = self.rooms.iter_mut().find(|room| room.key == key) else {
            return false;
        };
        let Some(id) = room.id.filter(|_| room.is_over()) else {
            return false;
        };
        let drafts = self.drafts.entry(id).or_default();
        put_behind(&mut drafts.to_all, &std::mem::take(&mut room.draft));
        for talk in &mut room.private {
            if !talk.draft.is_empty() {
                let named = || (talk.name.clone(), String::new());
                let (_, draft) = drafts.private.entry(talk.with).or_insert_with(named);
                put_behind(draft, &std::mem::take(&mut talk.draft));
            }
        }
        room.is_spare()
    }

    /// Puts what was being written in a room back into it, now that it is open again.
    pub(super) fn give_drafts_back(&mut self, key: RoomKey) {
        let Some(room) = self.rooms.iter_mut().find(|room| room.key == key) else {
            return;
        };
        let Some(drafts) = room.id.and_then(|id| self.drafts.remove(&id)) else {
            return;
        };
        put_behind(&mut room.draft, &drafts.to_all);
        for (with, (name, draft)) in drafts.private {
            room.names.entry(with).or_insert(name);
            put_behind(&mut room.private_mut(&with).draft, &draft);
        }
    }
}

impl Room {
    /// Whether all of it but its drafts is on the disk: no words, no recording and no open alarm are here alone.
    fn is_spare(&self) -> bool {
        let talks = self.private.iter().map(|talk| &talk.transcript);
        let alarms = talks.chain([&self.transcript]).map(Transcript::open_alarms);
        self.is_kept() != Some(false)
            && self.wire.is_none()
            && self.transcript.waiting().is_empty()
            && alarms.sum::<usize>() == 0
    }
}

/// Adds to a draft; what stands there stays in front.
fn put_behind(draft: &mut String, more: &str) {
    if !draft.is_empty() && !more.is_empty() {
        draft.push('\n');
    }
    draft.push_str(more);
}
