//! What the room keeps of itself, so that it can be opened again.

use super::{Kept, RoomThread};
use crate::net::{Event, KeepingChange};

impl RoomThread<'_> {
    /// Keeps entries before anybody is told of them. When that fails the user is told at once, and the
    /// conversation goes on in memory.
    pub(super) fn keep(&mut self, rows: Vec<Kept>) {
        let change = self.keeper.append(rows, &self.log);
        self.tell_keeping(change);
    }

    /// The room ends: what the disk did not take is tried once more, and how the room stands is kept. Without that the next
    /// run would give the numbers of entries that are not on the disk, or not any more, once again.
    pub(super) fn keep_last(&mut self) {
        self.publish_all();
        let change = self.keeper.finish(&self.log);
        self.tell_keeping(change);
        self.keep_state();
    }

    fn tell_keeping(&self, change: Option<KeepingChange>) {
        if let Some(change) = change {
            let room = self.shared.key;
            self.shared.teller.tell(Event::KeepingChanged { room, change });
        }
    }

    /// Keeps invitations, bans and members, and up to where the log goes.
    pub(super) fn keep_state(&mut self) {
        // A state that counts entries which are not on the disk would hide them for ever.
        self.publish_all();
        let state = minicbor::to_vec(self.shared.door().state()).unwrap_or_default();
        if let Err(reason) = self.keeper.keep_state(&state, &self.log) {
            self.shared.teller.tell(Event::NotKept { reason });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::{Arc, Mutex};
    use std::time::Instant;

    use crossbeam_channel::bounded;

    use super::super::{Beginning, RoomThread};
    use crate::crypto::test_keys::{ADA, ADA_WRAP};
    use crate::crypto::{Identity, WrapKey, sign_batch};
    use crate::net::guest::WrapKeyCell;
    use crate::net::host::gate::Gate;
    use crate::net::host::{Reactors, Shared, new_door};
    use crate::net::keep::Shelf;
    use crate::net::private::Desk;
    use crate::net::thread::Teller;
    use crate::net::{Admission, RoomKey};
    use crate::protocol::body::{RoomDescriptor, Welcome};
    use crate::protocol::handshake::HostHello;
    use crate::protocol::{Content, RoomLog};
    use crate::store::Vault;

    const ROOM: [u8; 32] = [7; 32];
    const KEY: RoomKey = RoomKey(1);

    fn shared(identity: &Arc<Identity>, teller: Teller) -> Arc<Shared> {
        let admission = Admission {
            open_to_address: false,
            invite_lifetime_secs: None,
        };
        Arc::new(Shared {
            key: KEY,
            identity: Arc::clone(identity),
            hello: HostHello {
                identity: identity.public().clone(),
                room: RoomDescriptor {
                    id: ROOM,
                    name: "Den".to_owned(),
                },
                welcome: Welcome {
                    host_name: "Ada".to_owned(),
                },
            },
            endpoints: Vec::new(),
            door: Mutex::new(new_door(&admission, false)),
            teller,
            gate: Mutex::new(Gate::new(Instant::now())),
            hearers: AtomicUsize::new(0),
            watch: Mutex::default(),
            unsent: Default::default(),
            connections_a_reactor: 1,
        })
    }

    #[test]
    fn what_is_kept_of_a_room_never_counts_an_entry_that_is_not_on_the_disk() {
        let vault = Vault::in_memory().unwrap();
        let shelf = Shelf::new(vault.clone());
        let identity = Arc::new(Identity::from_pem(ADA).unwrap());
        let (events, _heard) = bounded(64);
        let shared = shared(&identity, Teller::new(events, Arc::new(|| {})));
        let reactors = Reactors {
            handles: Vec::new(),
            threads: Vec::new(),
        };
        let wrap = Arc::new(WrapKeyCell::of(WrapKey::from_pem(ADA_WRAP).unwrap()));
        let name = "Ada".to_owned();
        let beginning = Beginning {
            log: RoomLog::create(ROOM, identity.public().clone(), &name),
            keeper: shelf.log_keeper(&ROOM),
            desk: Desk::new(
                KEY,
                Arc::clone(&identity),
                name,
                wrap,
                ROOM,
                shelf.talk_keeper(&ROOM),
            ),
        };
        let (signing, _to_sign) = bounded(1);
        let mut room = RoomThread::new(&shared, &reactors, signing, beginning);
        // It came in with the same inputs as what has the state kept.
        let (own, text) = (identity.fingerprint(), "hello".to_owned());
        let (bytes, statement) = room.own_chain.write(&room.log, own, 5, Content::Message { text });
        let signature = sign_batch(&identity, &[statement], &mut rand::rng())
            .unwrap()
            .remove(0);
        let appended = room.log.append(&own, bytes, signature).unwrap();
        room.unpublished.push(appended);
        room.keep_state();
        let stands = shelf.own_room(&ROOM, identity.public()).unwrap();
        assert_eq!(stands.log.n(), 1);
        assert_eq!(vault.log_rows(&ROOM, 1..9).unwrap().len(), 1);
    }
}
