//! What is noted of a room when it is asked for, before anything is told of it.

use super::{JoinProgress, Role, Room, RoomState, Session};
use crate::net::{HostRoom, JoinRoom, PastRoom, RoomKey};
use crate::protocol::JoinTarget;

impl Session {
    /// Notes that a room is being opened; call it with the command.
    pub fn begin_host(&mut self, command: &HostRoom) {
        let room = Room::new(
            command.key,
            Role::Host,
            command.room_name.clone(),
            command.host_name.clone(),
        );
        self.rooms.push(room);
    }

    /// Notes that a room is being joined; call it with the command.
    pub fn begin_join(&mut self, command: &JoinRoom) {
        let title = match &command.target {
            JoinTarget::Invite(invite) if !invite.room.is_empty() => invite.room.clone(),
            JoinTarget::Invite(_) => "A room".to_owned(),
            JoinTarget::Address(endpoint) => endpoint.to_string(),
        };
        let mut room = Room::new(command.key, Role::Guest, title, command.name.clone());
        room.target = Some(command.target.clone());
        room.is_trial = command.is_trial;
        self.rooms.push(room);
    }

    /// Notes that we return to a room that we were in. Call it with the command.
    pub fn begin_return(&mut self, command: &JoinRoom, past: &PastRoom) {
        self.begin_join(command);
        self.with(command.key, |room| {
            room.id = Some(past.id);
            room.title.clone_from(&past.name);
        });
    }

    /// Notes that a room is being joined again under its own key; what was said stays. Call it with
    /// the command that it gives; `None` when the room is not a guest's.
    pub fn begin_rejoin(&mut self, key: RoomKey) -> Option<JoinRoom> {
        let room = self.room_mut(key)?;
        let target = room.target.clone()?;
        room.state = RoomState::Joining(JoinProgress::default());
        (room.asking, room.paused_before) = (false, None);
        // Keeping begins anew too; what keeps it from that is told again.
        room.not_kept = None;
        room.keep_members(|_| false);
        Some(JoinRoom {
            key,
            target,
            name: room.own_name.clone(),
            is_trial: room.is_trial,
        })
    }
}
