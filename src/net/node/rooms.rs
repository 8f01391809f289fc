//! The rooms at the front desk: opening, joining, saying, leaving.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, after};

use super::archive::tell_rooms;
use super::{Desk, Open, RoomHandle};
use crate::crypto::{Fingerprint, Identity};
use crate::net::guest::{self, GuestContext, MetHost};
use crate::net::host::{self, HostContext};
use crate::net::keep::Shelf;
use crate::net::limits::LEAVING_TIMEOUT;
use crate::net::thread::Wake;
use crate::net::{Event, HostFailure, HostRoom, JoinCause, JoinFailure, JoinRoom, JoinStep, Look, RoomKey};
use crate::protocol::limits::MAX_MESSAGE_BYTES;
use crate::store::Vault;

/// How long the thread of a room may take to end after it has told so.
const ENDING_TIMEOUT: Duration = Duration::from_millis(500);
/// How often it is looked at meanwhile.
const ENDING_INTERVAL: Duration = Duration::from_millis(5);

/// Which room of ours is to be opened.
pub(super) enum Again {
    No,
    ByName,
    ById([u8; 32]),
}

impl Desk {
    pub(super) fn host(&mut self, wish: HostRoom, again: Again) {
        let room = wish.key;
        let Some((open, identity)) = self.opened_identity() else {
            return self.teller.tell(Event::HostFailed {
                room,
                failure: HostFailure::NoIdentity,
            });
        };
        let shelf = Shelf::new(open.vault.clone());
        let id = match again {
            Again::No => None,
            Again::ById(id) => Some(id),
            Again::ByName => {
                let kept = shelf.own_by_name(&wish.room_name, identity.public());
                kept.map(|kept| kept.id)
            }
        };
        if id.is_some_and(|id| self.is_open_here(&id)) {
            let failure = HostFailure::AlreadyOpen;
            return self.teller.tell(Event::HostFailed { room, failure });
        }
        let kept = match id.map(|id| shelf.own_room(&id, identity.public())).transpose() {
            Ok(kept) => kept,
            Err(reason) => {
                let failure = HostFailure::NotReadable { reason };
                return self.teller.tell(Event::HostFailed { room, failure });
            }
        };
        let context = HostContext {
            identity,
            wrap: Arc::clone(&open.wrap),
            shelf,
            teller: self.teller.clone(),
        };
        match host::open(wish, context, kept) {
            Ok(handle) => drop(self.rooms.insert(room, RoomHandle::Host(handle))),
            Err(failure) => self.teller.tell(Event::HostFailed { room, failure }),
        }
        self.tell_rooms();
    }

    /// Whether a room of ours is open under any key. One that was told to be closed is given the moment that its thread
    /// takes to end.
    fn is_open_here(&self, id: &[u8; 32]) -> bool {
        let until = Instant::now() + ENDING_TIMEOUT;
        loop {
            let mut rooms = self.rooms.values();
            let is_open = rooms.any(|handle| match handle {
                RoomHandle::Host(host) => host.id == *id && !host.thread.is_finished(),
                RoomHandle::Guest(_) => false,
            });
            if !is_open || until <= Instant::now() {
                return is_open;
            }
            let _ = after(ENDING_INTERVAL).recv();
        }
    }

    pub(super) fn join(&mut self, wish: JoinRoom, id: Option<[u8; 32]>) {
        let room = wish.key;
        let fail = |cause| JoinFailure {
            step: JoinStep::Reached,
            cause,
        };
        let Some((open, identity)) = self.opened_identity() else {
            return self.teller.tell(Event::JoinFailed {
                room,
                failure: fail(JoinCause::NoIdentity),
            });
        };
        let teller = self.teller.clone();
        let keeping = match wish.is_trial {
            true => Vault::in_memory().map(|vault| (vault, teller.without_book())),
            false => Ok((open.vault.clone(), teller)),
        };
        let (vault, teller) = match keeping {
            Ok(keeping) => keeping,
            Err(error) => {
                let failure = fail(JoinCause::System {
                    reason: error.to_string(),
                });
                return self.teller.tell(Event::JoinFailed { room, failure });
            }
        };
        let tell_rooms: Wake = match wish.is_trial {
            // It is kept in memory alone, and is no room to go back to.
            true => Arc::new(|| {}),
            false => {
                let (vault, teller) = (vault.clone(), teller.clone());
                Arc::new(move || tell_rooms(&vault, &teller))
            }
        };
        let look = self.looks.get(&room);
        let context = GuestContext {
            look: look.map_or(Look::default(), |(look, ..)| *look),
            go_on: look.map(|(_, _, paused)| paused.clone()),
            identity,
            wrap: Arc::clone(&open.wrap),
            contacts: Arc::clone(&open.contacts),
            shelf: Shelf::new(vault),
            met: self.met.clone(),
            waker: Arc::default(),
            tell_rooms,
            teller,
        };
        // Whoever is on the way back by itself gives way to who joins by hand.
        if let Some(RoomHandle::Guest(earlier)) = self.rooms.remove(&room) {
            drop(earlier.leave());
        }
        match guest::join(wish, context, id) {
            Ok(handle) => drop(self.rooms.insert(room, RoomHandle::Guest(handle))),
            Err(error) => {
                let failure = fail(JoinCause::System {
                    reason: error.to_string(),
                });
                self.teller.tell(Event::JoinFailed { room, failure });
            }
        }
    }

    pub(super) fn opened_identity(&self) -> Option<(&Open, Arc<Identity>)> {
        let open = self.open.as_ref()?;
        Some((open, open.identity.clone()?))
    }

    pub(super) fn is_sayable(&self, text: &str) -> bool {
        let fits = !text.is_empty() && text.len() <= MAX_MESSAGE_BYTES;
        if !fits {
            let reason = format!(
                "A message has 1 to {MAX_MESSAGE_BYTES} bytes; this one has {}.",
                text.len()
            );
            self.teller.tell(Event::NotKept { reason });
        }
        fits
    }

    pub(super) fn say_privately(&mut self, room: RoomKey, to: Fingerprint, text: String) {
        if !self.is_sayable(&text) {
            return;
        }
        let heard = match self.rooms.get(&room) {
            Some(RoomHandle::Host(handle)) => handle.say_privately(to, text).is_ok(),
            Some(RoomHandle::Guest(handle)) => handle.say_privately(to, text).is_ok(),
            None => false,
        };
        if !heard {
            let reason = "The private message was not sent: the room is over.".to_owned();
            self.teller.tell(Event::NotKept { reason });
        }
    }

    pub(super) fn say(&mut self, room: RoomKey, text: String) {
        if !self.is_sayable(&text) {
            return;
        }
        let heard = match self.rooms.get(&room) {
            Some(RoomHandle::Host(handle)) => handle.say(text).is_ok(),
            Some(RoomHandle::Guest(handle)) => handle.say(text).is_ok(),
            None => false,
        };
        if !heard {
            let reason = "The message was not sent: the room is over, or too many messages wait.".to_owned();
            self.teller.tell(Event::NotKept { reason });
        }
    }

    pub(super) fn leave(&mut self, room: RoomKey) {
        // A room whose thread has ended has told so already.
        match self.rooms.get(&room) {
            Some(RoomHandle::Host(handle)) => drop(handle.close()),
            Some(RoomHandle::Guest(handle)) => drop(handle.leave()),
            None => {}
        }
    }

    /// Says goodbye in every room and waits for the threads, so that they hold no key any more.
    pub(super) fn leave_all(&mut self, hosts_met: &Receiver<MetHost>) {
        let until = Instant::now() + LEAVING_TIMEOUT;
        let threads: Vec<JoinHandle<()>> = self
            .rooms
            .drain()
            .map(|(_, handle)| match handle {
                RoomHandle::Host(handle) => {
                    let _ = handle.close();
                    handle.thread
                }
                RoomHandle::Guest(handle) => {
                    let _ = handle.leave();
                    handle.thread
                }
            })
            .collect();
        for thread in threads {
            while !thread.is_finished() && Instant::now() < until {
                // A guest that is just arriving must not wait for us.
                let _ = hosts_met.recv_timeout(Duration::from_millis(5));
            }
        }
    }
}
