//! One room as this program knows it: how it stands, who is in it, what was said.

use std::collections::HashMap;

use super::namesakes::Pairs;
use super::{Line, PrivateTalk, Transcript, Trust};
use crate::crypto::{Fingerprint, Sas};
use crate::inspect::Wire;
use crate::net::{
    ClosedReason, DoorSeen, HostFailure, JoinFailure, JoinStep, KeepingChange, KeptSeen, RoomKey, RoomOpened,
    Rules,
};
use crate::protocol::{Invite, JoinTarget};
use crate::store::{Lookalikes, Rank, Retention, VerifiedBy};

/// Which end we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The room is ours.
    Host,
    /// We are a guest.
    Guest,
}

/// A room.
#[derive(Debug)]
pub struct Room {
    /// Its key.
    pub key: RoomKey,
    /// Its id, once it is open or was joined.
    pub id: Option<[u8; 32]>,
    /// Which end we are.
    pub role: Role,
    /// Its name; while joining, what the invitation calls it or the address.
    pub title: String,
    /// How it stands.
    pub state: RoomState,
    /// Ours: the invitation and where it listens.
    pub opened: Option<RoomOpened>,
    /// A guest's: how to come back.
    pub target: Option<JoinTarget>,
    /// A guest's: the host.
    pub host: Option<HostSeen>,
    /// Our own name in the room.
    pub own_name: String,
    /// Whether it is for trying things out: nothing of it is kept.
    pub is_trial: bool,
    /// Who is present, or was when the room was last reached, we ourselves too; the host first, then by name.
    pub members: Vec<Member>,
    /// A guest's, on the way: whether the host is asked to let us in.
    pub asking: bool,
    /// Why what is said does not go to the disk, while that is so.
    pub not_kept: Option<NotKept>,
    /// Who may write.
    pub rules: Rules,
    /// Ours: who is let in.
    pub door: Option<DoorSeen>,
    /// Ours: who asks to be let in.
    pub knocking: Vec<Member>,
    /// Ours: the invitation for one person that was made last, while it stands.
    pub one_invite: Option<OneInvite>,
    /// Names of who was here, for ticks and bans.
    pub names: HashMap<Fingerprint, String>,
    /// Private conversations.
    pub private: Vec<PrivateTalk>,
    /// What was said.
    pub transcript: Transcript,
    /// A recording of this connection, where one was asked for.
    pub wire: Option<Box<Wire>>,
    /// Ours: whose connection it is that is looked into.
    pub watched: Option<Fingerprint>,
    /// A handshake in slow motion waits before this message, 1 to 5.
    pub paused_before: Option<u8>,
    /// What stands in the composer and is not sent yet.
    pub draft: String,
    /// How long it is kept, once that was listed.
    retention: Option<Retention>,
    /// Who did not match, and in what; kept here so that the mark outlives a lost connection.
    pub(super) differed: HashMap<Fingerprint, VerifiedBy>,
    /// The members, by how their names look.
    pub(super) looks: Lookalikes,
    /// Which two were said to have names that can be taken for each other; once each.
    pub(super) warned_of: Pairs,
}

/// That what is said in a room does not go to the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotKept {
    /// Why.
    pub reason: String,
    /// Whether it is kept as soon as the disk takes it again; else it is kept no more while the room is open.
    pub is_kept_later: bool,
}

/// An invitation for one person.
#[derive(Debug, Clone)]
pub struct OneInvite {
    /// The invitation.
    pub invite: Invite,
    /// Who used it: it admits nobody else any more.
    pub used_by: Option<Fingerprint>,
}

/// How a room stands.
#[derive(Debug, Clone, PartialEq)]
pub enum RoomState {
    /// Ours, being opened.
    Opening,
    /// Ours, and it could not be opened.
    HostFailed(HostFailure),
    /// A guest's, on the way.
    Joining(JoinProgress),
    /// A guest's, and it could not be joined.
    JoinFailed(JoinFailure),
    /// Open: talk.
    Open,
    /// A guest's: the connection was lost, and it is tried again. What is said waits.
    Lost(LostRoom),
    /// Over. The conversation can still be read.
    Closed(ClosedReason),
}

/// A room that is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostRoom {
    /// Why it was lost, or why the last try failed.
    pub reason: ClosedReason,
    /// How often it was tried.
    pub tries: u32,
    /// In how many seconds it is tried next, when this was told.
    pub next_secs: u64,
}

/// How far joining came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JoinProgress {
    /// The last step that is done.
    pub done: Option<JoinStep>,
}

/// A guest's view of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSeen {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The emoji to compare.
    pub sas: Sas,
    /// How its key is known.
    pub trust: Trust,
}

/// Somebody in the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The name that it gives itself; show it through [`super::clean`].
    pub name: String,
    /// Whether it is the host.
    pub is_host: bool,
    /// How sure we are of it.
    pub trust: Trust,
    /// How sure its coming into this room makes us, before what is known of it.
    pub base: Trust,
    /// Whether somebody else here has a name that can be taken for its own.
    pub alike: bool,
    /// The emoji to compare with it, where we have a channel of our own to it.
    pub sas: Option<Sas>,
}

impl Room {
    /// What is said goes to the disk no more, or again.
    pub(super) fn keeping_changed(&mut self, change: KeepingChange) {
        let not_kept = |reason, is_kept_later| NotKept {
            reason,
            is_kept_later,
        };
        self.not_kept = match change {
            KeepingChange::Stopped(reason) => Some(not_kept(reason, true)),
            KeepingChange::Ended(reason) => Some(not_kept(reason, false)),
            KeepingChange::Resumed => {
                self.transcript.push(Line::Note {
                    text: "All that was said is kept on this computer again.".to_owned(),
                });
                None
            }
        };
    }

    /// Takes in how long it is kept, where it is listed.
    pub(super) fn kept_as(&mut self, listed: &[KeptSeen]) {
        if let Some(kept) = listed.iter().find(|kept| self.id == Some(kept.id)) {
            self.retention = Some(kept.retention);
        }
    }

    /// Whether what is said here is kept on this computer. `None` before that was listed: it is, unless the user
    /// chose otherwise in an earlier run.
    pub fn is_kept(&self) -> Option<bool> {
        if self.is_trial || self.not_kept.is_some() {
            return Some(false);
        }
        self.retention.map(|retention| retention != Retention::Nothing)
    }

    /// What becomes of what was said when the room is over, as a sentence.
    pub fn afterwards(&self) -> &'static str {
        match self.is_kept() {
            Some(true) => "What was said is kept on this computer; you find it under Search.",
            Some(false) => "What was said can be read here until you quit: it is not kept on this computer.",
            None => {
                "What was said is kept on this computer, unless you chose otherwise; you find it under Search."
            }
        }
    }

    pub(super) fn new(key: RoomKey, role: Role, title: String, own_name: String) -> Room {
        Room {
            key,
            id: None,
            role,
            title,
            state: match role {
                Role::Host => RoomState::Opening,
                Role::Guest => RoomState::Joining(JoinProgress::default()),
            },
            opened: None,
            target: None,
            host: None,
            own_name,
            is_trial: false,
            members: Vec::new(),
            asking: false,
            not_kept: None,
            rules: Rules::default(),
            door: None,
            knocking: Vec::new(),
            one_invite: None,
            names: HashMap::new(),
            private: Vec::new(),
            transcript: Transcript::default(),
            wire: None,
            watched: None,
            paused_before: None,
            draft: String::new(),
            retention: None,
            differed: HashMap::new(),
            looks: Lookalikes::default(),
            warned_of: Pairs::default(),
        }
    }

    /// The step of its handshake, from 1, before which it waits for the user.
    pub fn waits_before(&self) -> Option<u8> {
        self.paused_before
            .filter(|_| matches!(self.state, RoomState::Joining(_)))
    }

    /// Whether one can talk.
    pub fn is_open(&self) -> bool {
        self.state == RoomState::Open
    }

    /// Whether what is said now waits until the room is reached again.
    pub fn is_lost(&self) -> bool {
        matches!(self.state, RoomState::Lost(_))
    }

    /// Whether it is over, so that it can be forgotten.
    pub fn is_over(&self) -> bool {
        matches!(
            self.state,
            RoomState::Closed(_) | RoomState::JoinFailed(_) | RoomState::HostFailed(_)
        )
    }

    /// Whether we may not write by the host's rules.
    pub fn is_silenced(&self) -> bool {
        let own = self.members.iter().find(|member| member.trust == Trust::Own);
        let is_muted = own.is_some_and(|own| self.rules.muted.contains(&own.fingerprint));
        self.role == Role::Guest && (self.rules.read_only || is_muted)
    }

    /// The name of somebody who is or was here.
    pub fn name_of(&self, who: &Fingerprint) -> &str {
        self.names.get(who).map_or("somebody", String::as_str)
    }

    /// What came before could not be read: of the room's conversation, or of a private one.
    pub(super) fn earlier_unread(&mut self, id: &[u8; 32]) {
        self.transcript.earlier_unread(id);
        for talk in &mut self.private {
            talk.transcript.earlier_unread(id);
        }
    }

    /// A private conversation, begun if there is none.
    pub fn private_mut(&mut self, with: &Fingerprint) -> &mut PrivateTalk {
        let place = match self.private.iter().position(|talk| talk.with == *with) {
            Some(place) => place,
            None => {
                let name = self.name_of(with).to_owned();
                self.private.push(PrivateTalk::new(*with, name));
                self.private.len() - 1
            }
        };
        &mut self.private[place]
    }

    /// A private conversation.
    pub fn private(&self, with: &Fingerprint) -> Option<&PrivateTalk> {
        self.private.iter().find(|talk| talk.with == *with)
    }

    /// Whether somebody is present now, as far as is known: nobody is while the room is not reached.
    pub fn is_here(&self, who: &Fingerprint) -> bool {
        self.is_open() && self.member(who).is_some()
    }

    /// Somebody who is present, or was when the room was last reached.
    pub fn member(&self, fingerprint: &Fingerprint) -> Option<&Member> {
        self.members
            .iter()
            .find(|member| member.fingerprint == *fingerprint)
    }

    /// Has those members only stay of whom that is true.
    pub(super) fn keep_members(&mut self, stays: impl Fn(&Member) -> bool) {
        let gone: Vec<Member> = self.members.extract_if(.., |member| !stays(member)).collect();
        for member in gone {
            self.unlist(&member.fingerprint);
        }
    }

    pub(super) fn add_member(&mut self, member: Member) {
        self.transcript.set_author_trust(member.fingerprint, member.trust);
        self.names.insert(member.fingerprint, member.name.clone());
        // Whoever bears the name that it had is like somebody else no more.
        let known = self.member(&member.fingerprint);
        if known.is_some_and(|known| known.name != member.name) {
            self.unlist(&member.fingerprint);
        }
        self.looks.list(member.fingerprint, &member.name, Rank::default());
        self.members
            .retain(|known| known.fingerprint != member.fingerprint);
        let key = |m: &Member| {
            (
                !m.is_host,
                m.trust != Trust::Own,
                m.name.to_lowercase(),
                m.fingerprint,
            )
        };
        let place = self.members.partition_point(|known| key(known) < key(&member));
        self.members.insert(place, member);
    }
}
