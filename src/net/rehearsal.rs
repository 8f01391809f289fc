//! What the tests of threads that die share: a room on loopback, and waiting for an event.

use std::time::Duration;

use crossbeam_channel::Receiver;

use super::{Admission, Event, HostRoom, ListenOn, RoomKey};

/// Longer than anything takes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Ada's room on this machine, on any port, for who holds its invitation.
pub fn room_on_loopback(key: RoomKey) -> HostRoom {
    HostRoom {
        key,
        room_name: "Den".to_owned(),
        host_name: "Ada".to_owned(),
        listen: ListenOn {
            address: Some([127, 0, 0, 1].into()),
            port: 0,
            or_any_port: true,
        },
        admission: Admission {
            open_to_address: false,
            invite_lifetime_secs: None,
        },
    }
}

/// What the first event gives that gives anything; those before it are forgotten.
pub fn wait_for<T>(events: &Receiver<Event>, mut pick: impl FnMut(Event) -> Option<T>) -> T {
    loop {
        let event = events.recv_timeout(PATIENCE).expect("an event in time");
        if let Some(found) = pick(event) {
            return found;
        }
    }
}
