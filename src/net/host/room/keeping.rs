//! What the room keeps of itself, so that it can be opened again.

use super::{Kept, RoomThread};
use crate::net::Event;

impl RoomThread<'_> {
    /// Keeps entries before anybody is told of them. When that fails the user is told at once, and the
    /// conversation goes on in memory.
    pub(super) fn keep(&mut self, rows: Vec<Kept>) {
        if let Err(reason) = self.keeper.append(rows, &self.log) {
            self.shared.teller.tell(Event::NotKept { reason });
        }
    }

    /// Keeps invitations, bans and members.
    pub(super) fn keep_state(&mut self) {
        let state = minicbor::to_vec(self.shared.door().state()).unwrap_or_default();
        if let Err(reason) = self.keeper.keep_state(&state, &self.log) {
            self.shared.teller.tell(Event::NotKept { reason });
        }
    }
}
