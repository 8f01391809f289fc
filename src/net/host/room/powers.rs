//! What only a host can do: let in who knocks, send away, mute, change the invitation.

use std::sync::Arc;
use std::time::Instant;

use super::knocking::Full;
use super::{ConnId, Knocker, RoomThread, Task, ToWrite};
use crate::crypto::{Fingerprint, PublicIdentity, Secret};
use crate::net::clock::now_unix;
use crate::net::host::door::Invitation;
use crate::net::limits::{KEYS_OF_A_RECORDING, MAX_INVITATIONS, MAX_KNOCKING, MAX_KNOCKING_PER_ORIGIN};
use crate::net::{DoorSeen, Event, HostAct, MemberSeen, OneGiven, Rules};
use crate::protocol::handshake::Refusal;
use crate::protocol::{DepartureReason, Invite};

impl RoomThread<'_> {
    pub(super) fn govern(&mut self, act: HostAct) {
        match act {
            HostAct::Watch(who) => return self.watch(who),
            HostAct::Answer { who, admit } => self.answer(&who, admit),
            HostAct::Remove(who) => self.send_away(&who, DepartureReason::Removed),
            HostAct::Ban(who) => {
                self.shared.door().banned.insert(who);
                self.send_away(&who, DepartureReason::Banned);
            }
            HostAct::Unban(who) => drop(self.shared.door().banned.remove(&who)),
            HostAct::Mute { who, muted } => self.to_write.push_back(ToWrite::Mute(who, muted)),
            HostAct::ReadOnly(read_only) => self.to_write.push_back(ToWrite::ReadOnly(read_only)),
            HostAct::AskFirst(asks) => self.shared.door().asks = asks,
            HostAct::ChangeInvitation { lifetime_secs } => {
                let invitation = new_invitation(lifetime_secs, false);
                let mut door = self.shared.door();
                door.open_to_address = false;
                door.invitations = vec![invitation];
            }
            HostAct::InviteOne { lifetime_secs } => self.invite_one(lifetime_secs),
        }
        self.keep_state();
        self.tell_door();
    }

    /// Looks into one guest's connection from now on: the reactor that has it is given the keys to check with.
    fn watch(&mut self, who: Option<Fingerprint>) {
        self.shared.watch().turn_to(who);
        self.shared.teller.tell(Event::Watching {
            room: self.shared.key,
            guest: who,
        });
        let conn = who.and_then(|who| self.conn_of(&who));
        let mut known: Vec<PublicIdentity> =
            self.log.members().map(|(identity, _)| identity.clone()).collect();
        // In a large room the one who is looked at comes first.
        known.sort_by_key(|identity| Some(identity.fingerprint()) != who);
        known.truncate(KEYS_OF_A_RECORDING);
        let known: Arc<[PublicIdentity]> = known.into();
        for reactor in &self.reactors.handles {
            reactor.give(Task::Watch {
                conn,
                known: Arc::clone(&known),
            });
        }
    }

    /// Tells how the room stands when it was opened again.
    pub(super) fn begin(&mut self) {
        if self.log.n() > 0 {
            self.tell_rules();
        }
        self.keep_state();
        self.tell_door();
        self.follow_further();
        // Whom an earlier run left in the room is not there any more.
        let own = self.shared.identity.fingerprint();
        let left_over: Vec<Fingerprint> = self
            .log
            .members()
            .map(|(identity, _)| identity.fingerprint())
            .filter(|who| *who != own)
            .collect();
        for who in left_over {
            self.to_write
                .push_back(ToWrite::Dismiss(who, DepartureReason::ConnectionLost));
        }
    }

    fn invite_one(&mut self, lifetime_secs: Option<u64>) {
        let invitation = new_invitation(lifetime_secs, true);
        let invite = self.invite(&invitation);
        {
            let mut door = self.shared.door();
            let now = now_unix();
            // Used and expired ones make room.
            door.invitations.retain(|old| {
                let is_over = old.expires_unix.is_some_and(|expires| expires < now);
                !old.for_one || (old.used_by.is_none() && !is_over)
            });
            if door.invitations.len() >= MAX_INVITATIONS {
                drop(door);
                let reason =
                    "There are too many invitations for one person. Change the invitation to end them all.";
                return self.shared.teller.tell(Event::NotKept {
                    reason: reason.to_owned(),
                });
            }
            door.invitations.push(invitation);
        }
        self.shared.teller.tell(Event::OneInvited {
            room: self.shared.key,
            invite,
        });
    }

    fn answer(&mut self, who: &Fingerprint, admit: bool) {
        if let Some(conn) = self.knocking.remove(who) {
            let decision = if admit { Ok(()) } else { Err(Refusal::NotAdmitted) };
            self.give(conn, Task::Decide { conn, decision });
        }
        // Also where nobody waits any more: nothing of it stays on the host's screen.
        self.knock_ended(*who);
    }

    fn send_away(&mut self, who: &Fingerprint, reason: DepartureReason) {
        self.answer(who, false);
        self.shared.door().forget(who);
        // Signed and told first, so that the one who is sent away learns why; then the line is cut.
        if self.log.is_present(who) {
            self.to_write.push_back(ToWrite::SendAway(*who, reason));
        }
        if let Some(conn) = self.catch_ups.conn_of(who) {
            self.catch_ups.remove(conn);
            self.give(conn, Task::Drop { conn });
        }
        let arriving = self.arriving.get(who).map(|arrival| arrival.conn);
        if let Some(conn) = arriving {
            self.give(conn, Task::Drop { conn });
            self.gone(conn, reason);
        }
    }

    pub(super) fn knocked(&mut self, knocker: Knocker) {
        let Knocker {
            conn,
            origin,
            identity,
            name,
            sas,
        } = knocker;
        let fingerprint = identity.fingerprint();
        self.tell_use(&fingerprint);
        let is_known = self.log.name_of(&fingerprint).is_some() || self.shared.teller.has_met(&fingerprint);
        match self.knocking.wait(fingerprint, conn, origin, is_known) {
            Ok(Some(earlier)) => self.give(earlier, Task::Drop { conn: earlier }),
            Ok(None) => {}
            Err(Full) => {
                let decision = Err(Refusal::Full);
                self.give(conn, Task::Decide { conn, decision });
                return self.tell_full_door();
            }
        }
        let member = MemberSeen {
            fingerprint,
            name,
            is_host: false,
            was_here: false,
            sas: Some(sas),
        };
        self.shared.teller.tell(Event::Knocked {
            room: self.shared.key,
            member,
        });
    }

    /// The host can't be asked about everybody: it is told so now and then.
    fn tell_full_door(&mut self) {
        if self.knocking.is_to_be_told_full(Instant::now()) {
            let reason = format!(
                "More people ask to be let in than can wait: {MAX_KNOCKING_PER_ORIGIN} from one address, {MAX_KNOCKING} in all. \
                 The others are told to try again in a minute. Answer those who wait, and there is room for them."
            );
            self.shared.teller.tell(Event::Hindered {
                room: self.shared.key,
                reason,
            });
        }
    }

    pub(super) fn knock_gone(&mut self, conn: ConnId) {
        if let Some(who) = self.knocking.on(conn) {
            self.knocking.remove(&who);
            self.knock_ended(who);
        }
    }

    pub(super) fn knock_ended(&self, fingerprint: Fingerprint) {
        self.shared.teller.tell(Event::KnockEnded {
            room: self.shared.key,
            fingerprint,
        });
    }

    pub(super) fn tell_rules(&self) {
        self.shared.teller.tell(Event::RulesChanged {
            room: self.shared.key,
            rules: Rules::of(&self.log),
        });
    }

    /// Somebody came to the door: tells it anew where an invitation for one person was used up.
    pub(super) fn tell_use(&self, who: &Fingerprint) {
        let is_used = |invitation: &Invitation| invitation.used_by == Some(*who);
        if self.shared.door().invitations.iter().any(is_used) {
            self.tell_door();
        }
    }

    fn tell_door(&self) {
        if let Some(door) = self.door_seen() {
            self.shared.teller.tell(Event::DoorChanged {
                room: self.shared.key,
                door,
            });
        }
    }

    /// How the door stands. Telling it may wait for the window, and the door is not locked so long: who comes needs it.
    fn door_seen(&self) -> Option<DoorSeen> {
        let door = self.shared.door();
        let common = door.invitations.iter().find(|invitation| !invitation.for_one)?;
        let mut banned: Vec<Fingerprint> = door.banned.iter().copied().collect();
        banned.sort();
        Some(DoorSeen {
            invite: self.invite(common),
            asks: door.asks,
            open_to_address: door.open_to_address,
            banned,
            for_one: door
                .invitations
                .iter()
                .filter(|invitation| invitation.for_one)
                .map(|invitation| OneGiven {
                    secret: invitation.secret.clone(),
                    used_by: invitation.used_by,
                })
                .collect(),
        })
    }

    fn invite(&self, invitation: &Invitation) -> Invite {
        Invite {
            endpoints: self.shared.endpoints.clone(),
            room: self.shared.hello.room.name.clone(),
            host: self.shared.identity.fingerprint(),
            secret: invitation.secret.clone(),
            expires_unix: invitation.expires_unix,
        }
    }
}

fn new_invitation(lifetime_secs: Option<u64>, for_one: bool) -> Invitation {
    Invitation {
        secret: Secret::generate(&mut rand::rng()),
        expires_unix: lifetime_secs.map(|secs| now_unix() + secs),
        for_one,
        used_by: None,
    }
}
