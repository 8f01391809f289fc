//! What the tests of a room's parts stand on.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::allowances::Allowances;
use super::gate::Gate;
use super::{Shared, new_door};
use crate::crypto::Identity;
use crate::net::thread::Teller;
use crate::net::{Admission, RoomKey};
use crate::protocol::body::{RoomDescriptor, Welcome};
use crate::protocol::handshake::HostHello;

/// The room's id.
pub const ROOM: [u8; 32] = [7; 32];
/// The room as the window knows it.
pub const KEY: RoomKey = RoomKey(1);

/// What the threads of a room of Ada's know.
pub fn shared(identity: &Arc<Identity>, teller: Teller) -> Arc<Shared> {
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
        allowances: Allowances::new(Instant::now()),
        hearers: AtomicUsize::new(0),
        watch: Mutex::default(),
        unsent: Default::default(),
        connections_a_reactor: 64,
    })
}
