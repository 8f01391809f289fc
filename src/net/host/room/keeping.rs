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
