//! A room's thread without its thread: what it is given goes in, and what it gives its one reactor is counted.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{Arrival, Beginning, RoomThread};
use crate::crypto::test_keys::{ADA, ADA_WRAP, BOB};
use crate::crypto::{Identity, MAX_BATCH, PublicIdentity, Sas, Statement, WrapKey, sign_batch};
use crate::net::guest::WrapKeyCell;
use crate::net::host::allowances::Allowances;
use crate::net::host::gate::Gate;
use crate::net::host::reactor::{Prepared, prepare};
use crate::net::host::{ConnId, Reactors, Shared, new_door};
use crate::net::keep::{Kept, Shelf};
use crate::net::private::Desk;
use crate::net::thread::Teller;
use crate::net::{Admission, Event, HostAct, RoomKey};
use crate::protocol::body::{RoomDescriptor, Standing, Welcome};
use crate::protocol::handshake::HostHello;
use crate::protocol::limits::MAX_MESSAGE_BYTES;
use crate::protocol::{Content, RoomLog};
use crate::store::Vault;

const ROOM: [u8; 32] = [7; 32];
const KEY: RoomKey = RoomKey(1);
const CONN: ConnId = ConnId {
    reactor: 0,
    number: 5,
};

/// What a room of Ada's stands on.
struct Ground {
    vault: Vault,
    shelf: Shelf,
    identity: Arc<Identity>,
    shared: Arc<Shared>,
    reactors: Reactors,
    reactor: Prepared,
    signing: Sender<Vec<Statement>>,
    _to_sign: Receiver<Vec<Statement>>,
    _heard: Receiver<Event>,
}

impl Ground {
    fn new() -> Ground {
        let vault = Vault::in_memory().unwrap();
        let identity = Arc::new(Identity::from_pem(ADA).unwrap());
        let (events, heard) = bounded(256);
        let (signing, to_sign) = bounded(1);
        let reactor = prepare(0).unwrap();
        Ground {
            shelf: Shelf::new(vault.clone()),
            vault,
            shared: shared(&identity, Teller::new(events, Arc::new(|| {}))),
            identity,
            reactors: Reactors {
                handles: vec![reactor.handle.clone()],
                threads: Vec::new(),
            },
            reactor,
            signing,
            _to_sign: to_sign,
            _heard: heard,
        }
    }

    fn room(&self) -> RoomThread<'_> {
        let wrap = Arc::new(WrapKeyCell::of(WrapKey::from_pem(ADA_WRAP).unwrap()));
        let name = "Ada".to_owned();
        let beginning = Beginning {
            log: RoomLog::create(ROOM, self.identity.public().clone(), &name),
            keeper: self.shelf.log_keeper(&ROOM),
            desk: Desk::new(
                KEY,
                Arc::clone(&self.identity),
                name,
                wrap,
                ROOM,
                self.shelf.talk_keeper(&ROOM),
            ),
        };
        RoomThread::new(&self.shared, &self.reactors, self.signing.clone(), beginning)
    }

    /// How much the room gave its reactor to do.
    fn given(&self) -> usize {
        self.reactor.handle.waiting_tasks()
    }

    /// Has the room keep 64 of the longest messages, 2 MiB.
    fn keep_long_messages(&self, room: &mut RoomThread<'_>) {
        let (own, text) = (self.identity.fingerprint(), "x".repeat(MAX_MESSAGE_BYTES));
        let (events, statements): (Vec<_>, Vec<_>) = (0..MAX_BATCH)
            .map(|_| {
                let text = text.clone();
                room.own_chain.write(&room.log, own, 5, Content::Message { text })
            })
            .unzip();
        let signatures = sign_batch(&self.identity, &statements, &mut rand::rng()).unwrap();
        let kept: Vec<Kept> = events
            .into_iter()
            .zip(signatures)
            .map(|(bytes, signature)| Kept::of(&room.log.append(&own, bytes, signature).unwrap()))
            .collect();
        room.keep(kept);
    }
}

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
        allowances: Allowances::default(),
        hearers: AtomicUsize::new(0),
        watch: Mutex::default(),
        unsent: Default::default(),
        connections_a_reactor: 1,
    })
}

fn bob() -> PublicIdentity {
    Identity::from_pem(BOB).unwrap().public().clone()
}

/// Bob at the end of a handshake that began after so many removals.
fn arrival(standing: &Standing, removals: u64) -> Arrival {
    let identity = bob();
    let who = identity.fingerprint();
    Arrival {
        conn: CONN,
        sas: Sas::new(&who, &who, &[1; 32], &[2; 32]),
        identity,
        name: "Bob".to_owned(),
        at: standing.n,
        removals,
    }
}

#[test]
fn what_is_kept_of_a_room_never_counts_an_entry_that_is_not_on_the_disk() {
    let ground = Ground::new();
    let mut room = ground.room();
    // It came in with the same inputs as what has the state kept.
    let (own, text) = (ground.identity.fingerprint(), "hello".to_owned());
    let (bytes, statement) = room.own_chain.write(&room.log, own, 5, Content::Message { text });
    let signature = sign_batch(&ground.identity, &[statement], &mut rand::rng())
        .unwrap()
        .remove(0);
    let appended = room.log.append(&own, bytes, signature).unwrap();
    room.unpublished.push(appended);
    room.keep_state();
    let stands = ground.shelf.own_room(&ROOM, ground.identity.public()).unwrap();
    assert_eq!(stands.log.n(), 1);
    assert_eq!(ground.vault.log_rows(&ROOM, 1..9).unwrap().len(), 1);
}

#[test]
fn a_page_is_sent_for_the_answer_to_one_and_for_nothing_else_and_is_paid_for() {
    let ground = Ground::new();
    let mut room = ground.room();
    (0..2).for_each(|_| ground.keep_long_messages(&mut room));
    let standing = Standing {
        n: 1,
        head: room.log.head_at(1).unwrap(),
    };
    let began = Instant::now();
    room.arrived(arrival(&standing, 0), &standing);
    assert_eq!(ground.given(), 2, "two pages");
    let first = room.catching_up[&CONN].page_ends[0];
    let mut here = |n: u64| {
        room.here(CONN, &Standing { n, head: [0; 32] });
        ground.given()
    };
    for n in [1, first + 1, 128, 5000] {
        assert_eq!(here(n), 2, "{n}");
    }
    assert_eq!(here(first), 3);
    assert_eq!(here(first), 3, "it was answered");
    assert_eq!(here(0), 4, "behind a gap no head is known");
    assert!(room.catching_up.is_empty(), "that was the last page");
    let allowance = ground.shared.allowances.of(&bob().fingerprint(), began);
    assert!(!allowance.lock().is_full(began));
}

#[test]
fn who_is_sent_away_on_the_way_from_the_door_into_the_room_does_not_come_in() {
    let ground = Ground::new();
    let mut room = ground.room();
    let who = bob().fingerprint();
    let before = ground.shared.door().removals();
    room.govern(HostAct::Remove(who));
    room.arrived(arrival(&Standing::default(), before), &Standing::default());
    assert!(room.arriving.is_empty());
    assert_eq!(ground.given(), 1, "it is hung up on");
    let after = ground.shared.door().removals();
    room.arrived(arrival(&Standing::default(), after), &Standing::default());
    assert!(room.arriving.contains_key(&who), "it came anew");
}
