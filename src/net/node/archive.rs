//! What is kept of rooms, at the front desk: the list, searching, reading on, retention.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crossbeam_channel::bounded;

use super::{Desk, RoomHandle};
use crate::net::keep::Shelf;
use crate::net::kept::Unpruned;
use crate::net::limits::LEAVING_TIMEOUT;
use crate::net::private::Reader;
use crate::net::thread::{Teller, spawn_task};
use crate::net::{Event, PastRoom, RoomKey, kept};
use crate::store::{KeptRole, KeptRoom, Retention, Vault};

/// How often what is older than its room keeps is dropped while the program runs. Several times a day, because a machine
/// that sleeps counts none of that.
pub(super) const PRUNE_INTERVAL: Duration = Duration::from_secs(6 * 60 * 60);

impl Desk {
    pub(super) fn list_kept(&self) {
        if let Some(open) = &self.open {
            tell_kept(&open.vault, &self.teller);
        }
    }

    pub(super) fn search_kept(&mut self, asked: u64, question: String) {
        self.search.store(asked, Ordering::Relaxed);
        let Some((open, identity)) = self.opened_identity() else {
            return;
        };
        let vault = open.vault.clone();
        let (newest, teller) = (Arc::clone(&self.search), self.teller.clone());
        let (hold, own) = (self.holding.0.clone(), identity.fingerprint());
        let failed = Event::SearchFailed { asked };
        spawn_task("search", &self.teller, failed, move || {
            let search = kept::Search {
                own,
                newest: &newest,
                teller: &teller,
            };
            kept::search(&vault, asked, &question, &search);
            drop((vault, hold));
        });
    }

    pub(super) fn tell_earlier(&self, room: RoomKey, id: [u8; 32], before: u64) {
        let Some((open, identity)) = self.opened_identity() else {
            return;
        };
        let (shelf, teller) = (Shelf::new(open.vault.clone()), self.teller.clone());
        let hold = self.holding.0.clone();
        let own = identity.fingerprint();
        let unread = Event::EarlierUnread { room, id };
        spawn_task("earlier", &self.teller, unread, move || {
            shelf.tell_earlier(&id, before, room, &own, &teller);
            drop((shelf, hold));
        });
    }

    pub(super) fn tell_earlier_private(&self, room: RoomKey, channel: [u8; 32], before: u64) {
        let Some((open, identity)) = self.opened_identity() else {
            return;
        };
        let reader = Reader {
            room,
            own: identity.fingerprint(),
            own_name: open.settings.name.clone(),
        };
        let (vault, teller) = (open.vault.clone(), self.teller.clone());
        let hold = self.holding.0.clone();
        let unread = Event::EarlierUnread { room, id: channel };
        spawn_task("earlier", &self.teller, unread, move || {
            reader.tell_earlier(&vault, &channel, before, &teller);
            drop((vault, hold));
        });
    }

    pub(super) fn set_retention(&mut self, room: [u8; 32], retention: Retention) {
        let Some(open) = &self.open else {
            return;
        };
        let kept = open
            .vault
            .write(|writing| writing.change_room(&room, |kept| kept.retention = retention));
        match kept {
            // The list is told when what is old is gone, so that its counts are true.
            Ok(()) => self.prune_then(tell_kept),
            Err(error) => {
                self.teller.tell(Event::NotKept {
                    reason: error.to_string(),
                });
                self.list_kept();
            }
        }
    }

    /// Counts, on a thread, what another retention of a room would delete.
    pub(super) fn weigh_retention(&self, room: [u8; 32], retention: Retention) {
        let Some(open) = &self.open else {
            return;
        };
        let (vault, teller) = (open.vault.clone(), self.teller.clone());
        let hold = self.holding.0.clone();
        let failed = Event::NotKept {
            reason: "How many messages would go could not be counted; nothing was deleted.".to_owned(),
        };
        spawn_task("weigh", &self.teller, failed, move || {
            match kept::weigh(&vault, &room, retention) {
                Ok(messages) => teller.tell(Event::RetentionWeighed {
                    room,
                    retention,
                    messages,
                }),
                Err(error) => teller.tell(Event::NotKept {
                    reason: error.to_string(),
                }),
            }
            drop((vault, hold));
        });
    }

    /// Drops what is older than the rooms keep, on a thread. What could not be dropped is told.
    pub(super) fn prune(&mut self) {
        self.prune_then(|_, _| {});
    }

    fn prune_then(&self, then: fn(&Vault, &Teller)) {
        let Some(vault) = self.open.as_ref().map(|open| open.vault.clone()) else {
            return;
        };
        let (hold, teller) = (self.holding.0.clone(), self.teller.clone());
        let failed = Event::NotKept {
            reason: "Messages that should be gone by now could not be deleted.".to_owned(),
        };
        spawn_task("prune", &self.teller, failed, move || {
            if let Err(unpruned) = kept::prune(&vault) {
                tell_unpruned(&unpruned, &vault, &teller);
            }
            then(&vault, &teller);
            drop((vault, hold));
        });
    }

    /// Waits until nothing but the desk holds the vault: it can be opened again only when it is closed.
    pub(super) fn end_holders(&mut self) {
        // A search that is under way ends, and lets go of its handle.
        self.search.store(u64::MAX, Ordering::Relaxed);
        let (hold, all_let_go) = std::mem::replace(&mut self.holding, bounded(0));
        drop(hold);
        // Nothing is ever sent: the channel ends with the last holder.
        let _ = all_let_go.recv_timeout(LEAVING_TIMEOUT);
    }

    pub(super) fn forget_room(&mut self, id: &[u8; 32]) {
        let Some(open) = &self.open else {
            return;
        };
        if let Err(error) = open.vault.forget_room(id) {
            let reason = format!("The room could not be removed: {error}.");
            self.teller.tell(Event::NotKept { reason });
        }
        self.tell_rooms();
    }

    /// Not while a room is open: what it is just writing might have no record yet.
    pub(super) fn forget_unreadable(&mut self) {
        let Some(open) = &self.open else {
            return;
        };
        let is_open = |handle: &RoomHandle| match handle {
            RoomHandle::Host(host) => !host.thread.is_finished(),
            RoomHandle::Guest(guest) => !guest.thread.is_finished(),
        };
        if self.rooms.values().any(is_open) {
            let reason = "Leave and close your rooms first, then remove what can't be read.".to_owned();
            return self.teller.tell(Event::NotKept { reason });
        }
        match open.vault.forget_unreadable_rooms() {
            Ok(_) => self.teller.tell(Event::UnreadableRooms { count: 0 }),
            Err(error) => {
                let reason = format!("The rooms could not be removed: {error}.");
                self.teller.tell(Event::NotKept { reason });
            }
        }
        self.tell_rooms();
    }

    pub(super) fn tell_rooms(&self) {
        if let Some(open) = &self.open {
            tell_rooms(&open.vault, &self.teller);
        }
    }
}

/// Tells which rooms one can go back to.
pub(super) fn tell_rooms(vault: &Vault, teller: &Teller) {
    match vault.rooms() {
        Ok((rooms, unreadable)) => {
            let rooms = rooms.iter().filter_map(past_room).collect();
            teller.tell(Event::RoomsKept { rooms });
            if unreadable > 0 {
                teller.tell(Event::UnreadableRooms { count: unreadable });
            }
        }
        Err(error) => teller.tell(Event::NotKept {
            reason: format!("The earlier rooms can't be read: {error}."),
        }),
    }
}

fn tell_unpruned(unpruned: &Unpruned, vault: &Vault, teller: &Teller) {
    // That nothing can be changed was told when the profile was opened.
    if vault.is_read_only() {
        return;
    }
    let Unpruned { rooms, error } = unpruned;
    let of_rooms = match rooms.is_empty() {
        true => String::new(),
        false => format!(" in {}", rooms.join(", ")),
    };
    let reason = format!("Messages{of_rooms} that should be gone by now could not all be deleted: {error}.");
    teller.tell(Event::NotKept { reason });
}

fn tell_kept(vault: &Vault, teller: &Teller) {
    match kept::list(vault) {
        Ok((rooms, damaged)) => {
            if damaged > 0 {
                let reason =
                    format!("{damaged} of your kept rooms can't be read any more; the others are here.");
                teller.tell(Event::NotKept { reason });
            }
            teller.tell(Event::KeptListed(rooms));
        }
        Err(error) => teller.tell(Event::NotKept {
            reason: error.to_string(),
        }),
    }
}

fn past_room(kept: &KeptRoom) -> Option<PastRoom> {
    let is_own = match kept.role {
        KeptRole::Host => true,
        KeptRole::Member => false,
        KeptRole::Private => return None,
    };
    Some(PastRoom {
        id: kept.id,
        name: kept.name.clone(),
        is_own,
        host_name: kept.host_name.clone(),
        target: kept.target.clone(),
        port: kept.port,
        used_unix: kept.used_unix,
    })
}
