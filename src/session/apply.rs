//! How each event changes what is known.

use super::contacts::judged;
use super::room::HostSeen;
use super::{JoinProgress, Level, Line, Me, Member, Notice, Role, Room, RoomState, Session, Trust};
use crate::net::{ClosedReason, Event, HostRoom, JoinRoom, Joined, MemberSeen, RoomKey, RoomOpened};
use crate::protocol::{DepartureReason, JoinTarget};
use crate::store::{Contact, HostTrust};

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
        self.rooms.push(room);
    }

    /// Notes that a room is being joined again under its own key; what was said stays. Call it with
    /// the command that it gives; `None` when the room is not a guest's.
    pub fn begin_rejoin(&mut self, key: RoomKey) -> Option<JoinRoom> {
        let room = self.room_mut(key)?;
        let target = room.target.clone()?;
        room.state = RoomState::Joining(JoinProgress::default());
        room.members.clear();
        Some(JoinRoom {
            key,
            target,
            name: room.own_name.clone(),
        })
    }

    /// Takes in what happened.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::IdentityMissing { settings } => {
                self.me = Me::New;
                self.settings = settings;
            }
            Event::IdentityReady {
                fingerprint,
                settings,
            } => {
                self.me = Me::Ready { fingerprint };
                self.settings = settings;
            }
            Event::Locked { reason, until_unix } => self.locked(reason, until_unix),
            Event::ProtectionChanged { has_passphrase } => {
                if self.has_passphrase != has_passphrase && self.fingerprint().is_some() {
                    let text = match has_passphrase {
                        true => "The passphrase is set. It is asked for at the next start.",
                        false => {
                            "The passphrase is taken away: who can read the profile folder can read all of it."
                        }
                    };
                    self.notice(Level::Note, text.to_owned());
                } else if self.changing_passphrase {
                    self.notice(Level::Note, "The passphrase is changed.".to_owned());
                }
                self.has_passphrase = has_passphrase;
                self.changing_passphrase = false;
            }
            Event::PassphraseNotChanged { reason } => {
                self.changing_passphrase = false;
                self.notice(Level::Error, format!("The passphrase stays as it was: {reason}."));
            }
            Event::ContactsOpened(contacts) => {
                self.contacts = contacts
                    .into_iter()
                    .map(|contact| (contact.fingerprint, contact))
                    .collect();
            }
            Event::Met { room, contact } => self.contact_changed(contact, Some(room)),
            Event::ContactChanged(contact) => self.contact_changed(contact, None),
            Event::ContactForgotten(fingerprint) => {
                self.contacts.remove(&fingerprint);
            }
            Event::ProfileFailed { reason } => self.me = Me::Failed { reason },
            Event::NotKept { reason } => self.notice(Level::Warning, reason),
            Event::RoomOpened(opened) => self.opened(opened),
            Event::HostFailed { room, failure } => self.set_state(room, RoomState::HostFailed(failure)),
            Event::JoinAdvanced { room, step } => {
                self.set_state(room, RoomState::Joining(JoinProgress { done: Some(step) }));
            }
            Event::JoinFailed { room, failure } => self.set_state(room, RoomState::JoinFailed(failure)),
            Event::Joined(joined) => self.joined(joined),
            Event::MemberJoined { room, member } => {
                let contact = self.contacts.get(&member.fingerprint).cloned();
                self.with(room, |room| room.member_joined(member, contact.as_ref()));
            }
            Event::MemberLeft {
                room,
                fingerprint,
                name,
                reason,
            } => self.with(room, |room| {
                room.members.retain(|member| member.fingerprint != fingerprint);
                room.transcript.push(Line::Left {
                    fingerprint,
                    name,
                    how: departure(reason),
                });
            }),
            Event::Written { message } => self.with(message.room, |room| room.transcript.written(message)),
            Event::Logged { message, n: _ } => {
                self.with(message.room, |room| room.transcript.logged(message));
            }
            Event::Declined { room, id, reason } => {
                self.with(room, |room| room.transcript.failed(id, &reason));
            }
            Event::Alarmed { room, alarm } => {
                self.with(room, |room| {
                    room.transcript.push(Line::Alarm {
                        text: alarm.to_string(),
                    })
                });
            }
            Event::Closed { room, reason } => self.closed(room, reason),
            Event::ThreadDied { name, room } => {
                let text = format!("A part of the program failed ({name}). The rest goes on.");
                self.notice(Level::Error, text);
                if let Some(room) = room {
                    self.closed(room, ClosedReason::Broken { reason: name });
                }
            }
        }
    }

    /// Nothing of what was known stays but how the window looks.
    fn locked(&mut self, reason: Option<String>, until_unix: u64) {
        let theme = self.settings.theme;
        let next_key = self.next_key;
        *self = Session {
            me: Me::Locked { reason, until_unix },
            has_passphrase: true,
            next_key,
            ..Session::default()
        };
        self.settings.theme = theme;
    }

    fn notice(&mut self, level: Level, text: String) {
        self.notices.push(Notice { level, text });
    }

    /// A room that was forgotten meanwhile is not brought back.
    fn with(&mut self, key: RoomKey, change: impl FnOnce(&mut Room)) {
        if let Some(room) = self.room_mut(key) {
            change(room);
        }
    }

    fn set_state(&mut self, key: RoomKey, state: RoomState) {
        self.with(key, |room| room.state = state);
    }

    fn opened(&mut self, opened: RoomOpened) {
        if let Some(wanted) = opened.wanted_port {
            let text = format!(
                "Port {wanted} was taken, so the room uses port {}.",
                opened.listen.port()
            );
            self.notice(Level::Note, text);
        }
        self.with(opened.room, |room| {
            room.state = RoomState::Open;
            room.title.clone_from(&opened.room_name);
            room.transcript.push(Line::Note {
                text: "You opened the room.".to_owned(),
            });
            room.add_member(Member {
                fingerprint: opened.fingerprint,
                name: opened.own_name.clone(),
                is_host: true,
                trust: Trust::Own,
                base: Trust::Own,
                alike: false,
                sas: None,
            });
            room.opened = Some(opened);
        });
    }

    fn joined(&mut self, joined: Joined) {
        let contact = self.contacts.get(&joined.host).cloned();
        self.with(joined.room, |room| {
            let trust = match joined.trust {
                HostTrust::Pinned => Trust::Pinned,
                HostTrust::FirstUse => Trust::FirstUse,
                HostTrust::Verified => Trust::Verified,
                HostTrust::Changed { before } => Trust::Changed {
                    before,
                    accepted: false,
                },
            };
            let base = trust;
            let trust = room.remembered(&joined.host, judged(base, contact.as_ref()));
            room.state = RoomState::Open;
            room.title = joined.room_name;
            room.host = Some(HostSeen {
                fingerprint: joined.host,
                sas: joined.sas,
                trust,
            });
            room.transcript.push(Line::Note {
                text: "You joined the room.".to_owned(),
            });
            room.add_member(Member {
                fingerprint: joined.host,
                name: joined.host_name,
                is_host: true,
                trust,
                base,
                alike: false,
                sas: Some(joined.sas),
            });
            room.add_member(Member {
                fingerprint: joined.own,
                name: joined.own_name,
                is_host: false,
                trust: Trust::Own,
                base: Trust::Own,
                alike: false,
                sas: None,
            });
        });
    }

    fn closed(&mut self, key: RoomKey, reason: ClosedReason) {
        self.with(key, |room| {
            if matches!(
                room.state,
                RoomState::Closed(_) | RoomState::JoinFailed(_) | RoomState::HostFailed(_)
            ) {
                return;
            }
            let text = format!("The conversation ended: {reason}.");
            room.transcript.push(Line::Note { text });
            room.transcript
                .all_waiting_failed("the room ended before it was confirmed");
            room.state = RoomState::Closed(reason);
        });
    }
}

impl Room {
    fn member_joined(&mut self, seen: MemberSeen, contact: Option<&Contact>) {
        if self
            .member(&seen.fingerprint)
            .is_some_and(|known| known.trust == Trust::Own || known.is_host)
        {
            return;
        }
        let base = match self.role {
            Role::Host => Trust::Admitted,
            Role::Guest => Trust::IntroducedByHost,
        };
        let trust = self.remembered(&seen.fingerprint, judged(base, contact));
        if !seen.was_here {
            let (fingerprint, name) = (seen.fingerprint, seen.name.clone());
            self.transcript.push(Line::Joined { fingerprint, name });
        }
        let MemberSeen {
            fingerprint,
            name,
            is_host,
            was_here: _,
            sas,
        } = seen;
        self.add_member(Member {
            fingerprint,
            name,
            is_host,
            trust,
            base,
            alike: false,
            sas,
        });
        self.mark_alike(&fingerprint);
    }
}

fn departure(reason: DepartureReason) -> &'static str {
    match reason {
        DepartureReason::Goodbye => "left",
        DepartureReason::ConnectionLost => "lost the connection",
        DepartureReason::TooSlow => "was disconnected for reading too slowly",
        DepartureReason::ProtocolError => "was disconnected for breaking the protocol",
    }
}
