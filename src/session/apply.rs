//! How each event changes what is known.

use super::contacts::judged;
use super::room::HostSeen;
use super::{
    JoinProgress, Level, Line, LostRoom, Me, Member, Notice, OneInvite, Room, RoomState, Session, Trust,
    Weighed, Work, departure, missed,
};
use crate::crypto::Fingerprint;
use crate::net::{
    ClosedReason, DoorSeen, Event, Joined, KeptSeen, Loss, MemberSeen, RoomKey, RoomOpened, Rules,
};
use crate::store::{Contact, HostTrust};

impl Session {
    /// Takes in what happened.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::IdentityMissing { settings } => {
                self.me = Me::New;
                self.settings = settings;
                self.notices.append(&mut self.unread);
            }
            Event::IdentityReady {
                fingerprint,
                settings,
            } => {
                self.me = Me::Ready { fingerprint };
                self.settings = settings;
                self.notices.append(&mut self.unread);
                end(&mut self.file_work, Work::Done);
            }
            Event::Locking => self.locking(),
            Event::Locked { reason, until_unix } => self.locked(reason, until_unix),
            Event::ProtectionChanged { has_passphrase } => {
                if self.has_passphrase != has_passphrase && self.fingerprint().is_some() {
                    let text = match has_passphrase {
                        true => "The passphrase is set. It is asked for at the next start.",
                        false => {
                            "The passphrase is removed: who can read the profile folder can read all of it."
                        }
                    };
                    self.notice(Level::Note, text.to_owned());
                } else if self.passphrase_work.is_under_way() {
                    self.notice(Level::Note, "The passphrase is changed.".to_owned());
                }
                self.has_passphrase = has_passphrase;
                self.passphrase_work.end(Work::Done);
            }
            Event::PassphraseNotChanged { reason } => {
                let reason = format!("The passphrase stays as it was: {reason}.");
                let failed = Work::Failed {
                    reason: reason.clone(),
                };
                if !self.passphrase_work.end(failed) {
                    self.notice(Level::Error, reason);
                }
            }
            Event::KeptListed(kept) => self.kept_listed(kept),
            Event::RetentionWeighed {
                room,
                retention,
                messages,
            } => {
                self.weighed = Some(Weighed {
                    room,
                    retention,
                    messages,
                });
            }
            Event::SearchFound { asked, hits } => {
                if self.search.asked == asked {
                    self.search.hits.extend(hits);
                }
            }
            Event::SearchEnded { asked, cut, lost } => {
                if self.search.asked == asked {
                    (self.search.ended, self.search.cut, self.search.lost) = (true, cut, lost);
                }
            }
            Event::SearchFailed { asked } => {
                if self.search.asked == asked {
                    (self.search.ended, self.search.failed) = (true, true);
                }
            }
            Event::FileDone { text, is_room } => {
                // A dialog waits for its own file only.
                match is_room {
                    true => end(&mut self.export_work, Work::Done),
                    false => end(&mut self.file_work, Work::Done),
                };
                self.notice(Level::Note, text);
            }
            Event::FileFailed { reason } => {
                if self.me == Me::Making {
                    self.me = Me::New;
                }
                let reason = format!("Nothing was changed: {reason}.");
                let failed = Work::Failed {
                    reason: reason.clone(),
                };
                let work = match self.export_work.is_under_way() {
                    true => &mut self.export_work,
                    false => &mut self.file_work,
                };
                if !end(work, failed) {
                    self.notice(Level::Error, reason);
                }
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
            Event::ProfileFailed { reason, is_damaged } => self.me = Me::Failed { reason, is_damaged },
            Event::ProfileMended { report } => self.mended = Some(report),
            Event::KeepingChanged { room, change } => self.with(room, |room| room.keeping_changed(change)),
            Event::NotKept { reason } | Event::Hindered { reason, .. } => {
                self.notice(Level::Warning, reason);
            }
            Event::RoomOpened(opened) => self.opened(opened),
            Event::HostFailed { room, failure } => self.set_state(room, RoomState::HostFailed(failure)),
            Event::JoinAdvanced { room, step } => {
                self.set_state(room, RoomState::Joining(JoinProgress { done: Some(step) }));
            }
            Event::JoinFailed { room, failure } => self.set_state(room, RoomState::JoinFailed(failure)),
            // Told again, as joined, when what was missed is here; until then the screen shows how far joining came.
            Event::Welcomed(_) => {}
            Event::Joined(joined) => self.joined(joined),
            // Each of them was told by itself.
            Event::RosterTold { room: _ } => {}
            Event::MemberJoined { room, member } => {
                let contact = self.contacts.get(&member.fingerprint).cloned();
                self.with(room, |room| room.member_joined(member, contact.as_ref()));
            }
            Event::MemberLeft {
                room,
                fingerprint,
                name,
                reason,
            } => self.with(room, |room| room.member_left(fingerprint, name, departure::how(reason))),
            Event::Departed { room, reason } => {
                if let Some(text) = departure::own(reason) {
                    self.notice(Level::Warning, text.clone());
                    self.with(room, |room| room.transcript.push(Line::Note { text }));
                }
            }
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
            Event::RoomsKept { rooms } => self.past = rooms,
            Event::UnreadableRooms { count } => self.unreadable_rooms = count,
            Event::History { room, page } => {
                self.name_authors(room, &page);
                self.with(room, |room| room.transcript.history(page));
            }
            Event::Earlier { room, page } => {
                self.name_authors(room, &page);
                self.with(room, |room| room.transcript.earlier(page));
            }
            Event::EarlierUnread { room, id } => self.with(room, |room| room.earlier_unread(&id)),
            Event::LastSeen { room, members } => self.last_seen(room, members),
            Event::Delivered { room, delivery } => {
                self.with(room, |room| room.transcript.delivered(delivery));
            }
            Event::Lost {
                room,
                reason,
                tries,
                next_secs,
            } => self.with(room, |room| room.lost(reason, tries, next_secs)),
            Event::Returned { room, resumed: _ } => self.with(room, |room| {
                room.state = RoomState::Open;
                room.keep_members(|member| member.is_host || member.trust == Trust::Own);
                room.transcript.push(Line::Note {
                    text: "You are back in the room.".to_owned(),
                });
            }),
            Event::Missed { room, from: _ } => {
                self.with(room, |room| room.transcript.push(Line::Missed));
            }
            Event::LetGo { room, from, to } => self.with(room, |room| {
                let text = format!(
                    "Older messages were not kept: the host let go of what came while you were away up to then (entries {from} to {to})."
                );
                room.transcript.push(Line::Note { text });
            }),
            Event::CaughtUp { room, messages } => self.with(room, |room| {
                if messages == 0 {
                    room.transcript.nothing_missed();
                }
                let text = missed::caught_up(messages);
                room.transcript.push(Line::Note { text });
            }),
            // What is waited for is told last: a person, or a press of the button.
            Event::Asking { room } => {
                self.with(room, |room| (room.asking, room.paused_before) = (true, None));
            }
            Event::Knocked { room, member } => self.with(room, |room| room.knocked(member)),
            Event::KnockEnded { room, fingerprint } => self.with(room, |room| {
                room.knocking.retain(|one| one.fingerprint != fingerprint);
            }),
            Event::RulesChanged { room, rules } => self.with(room, |room| {
                room.rules_changed(rules);
                // Told last of all when we are back: now it is known who is here.
                room.settle_alike();
            }),
            Event::DoorChanged { room, door } => self.with(room, |room| {
                if let Some(opened) = &mut room.opened {
                    opened.invite = door.invite.clone();
                    opened.open_to_address = door.open_to_address;
                }
                room.one_invite_stands(&door);
                room.door = Some(door);
            }),
            Event::OneInvited { room, invite } => {
                self.with(room, |room| {
                    room.one_invite = Some(OneInvite {
                        invite,
                        used_by: None,
                    });
                });
            }
            Event::Private { room, with, event } => {
                self.with(room, |room| {
                    let is_verified = room.transcript.author_trust(&with) == Some(Trust::Verified);
                    room.private_mut(&with).apply(event, is_verified);
                });
            }
            Event::WireRecorded { room, guest, piece } => self.with(room, |room| {
                // What was still on its way from a connection that is not looked into any more is let go.
                if room.watched == guest {
                    room.wire.get_or_insert_default().take(piece);
                }
            }),
            Event::Watching { room, guest } => self.with(room, |room| {
                room.wire = None;
                room.watched = guest;
            }),
            Event::HandshakePaused { room, before } => {
                self.with(room, |room| (room.asking, room.paused_before) = (false, Some(before)));
            }
            Event::Closed { room, reason } => self.closed(room, reason),
            Event::ThreadDied { name, loss } => {
                let rest = match loss {
                    Loss::Task | Loss::Room(_) => "The rest goes on.",
                    Loss::Background => {
                        "Nothing is sent or kept any more: close Cipher Room and start it again."
                    }
                };
                let text = format!("A part of the program failed ({name}). {rest}");
                // At once: if it is the background that died, a profile that is to be locked never is.
                self.notices.push(Notice {
                    level: Level::Error,
                    text,
                });
                if let Loss::Room(room) = loss {
                    self.closed(room, ClosedReason::Broken { reason: name });
                }
            }
        }
    }

    /// What is under way goes on unwatched: the dialogs about it are gone from the screen.
    fn locking(&mut self) {
        if let Some(fingerprint) = self.fingerprint() {
            self.me = Me::Locking { fingerprint };
            self.file_work.close();
            self.export_work.close();
            self.passphrase_work.close();
        }
    }

    /// Nothing of what was known stays but how the window looks, and what nobody has read yet.
    fn locked(&mut self, reason: Option<String>, until_unix: u64) {
        let theme = self.settings.theme;
        let next_key = self.next_key;
        let mut unread = std::mem::take(&mut self.unread);
        unread.append(&mut self.notices);
        *self = Session {
            me: Me::Locked { reason, until_unix },
            unread,
            has_passphrase: true,
            next_key,
            ..Session::default()
        };
        self.settings.theme = theme;
    }

    fn kept_listed(&mut self, kept: Vec<KeptSeen>) {
        self.kept = kept;
        for room in &mut self.rooms {
            room.kept_as(&self.kept);
        }
    }

    /// Has something shown once. What comes of the work that locking waits for is shown when the profile is open again:
    /// nobody may be there now, and it may name what is not for everybody.
    fn notice(&mut self, level: Level, text: String) {
        let notices = match self.me {
            Me::Locking { .. } => &mut self.unread,
            _ => &mut self.notices,
        };
        notices.push(Notice { level, text });
    }

    /// A room that was forgotten meanwhile is not brought back.
    pub(super) fn with(&mut self, key: RoomKey, change: impl FnOnce(&mut Room)) {
        if let Some(room) = self.room_mut(key) {
            change(room);
        }
    }

    fn set_state(&mut self, key: RoomKey, state: RoomState) {
        self.with(key, |room| {
            room.state = state;
            room.asking = false;
        });
    }

    fn opened(&mut self, opened: RoomOpened) {
        if let Some(wanted) = opened.wanted_port {
            let text = format!(
                "Port {wanted} was taken, so the room uses port {}.",
                opened.listen.port()
            );
            self.notice(Level::Note, text);
        }
        let key = opened.room;
        self.with(key, |room| {
            room.state = RoomState::Open;
            room.id = Some(opened.id);
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
        self.give_drafts_back(key);
        self.note_retention(key);
    }

    fn joined(&mut self, joined: Joined) {
        let contact = self.contacts.get(&joined.host).cloned();
        let key = joined.room;
        self.with(key, |room| {
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
            room.asking = false;
            // Who was here before stands there until now.
            room.keep_members(|_| false);
            room.id = Some(joined.id);
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
        self.note_retention(key);
    }

    /// Tells a room how long it is kept, now that its id is known.
    fn note_retention(&mut self, key: RoomKey) {
        if let Some(room) = self.rooms.iter_mut().find(|room| room.key == key) {
            room.kept_as(&self.kept);
        }
    }

    fn closed(&mut self, key: RoomKey, reason: ClosedReason) {
        self.with(key, |room| {
            if room.is_over() {
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
    /// What the door says of the invitation for one person: whether it is given out still, and who used it.
    fn one_invite_stands(&mut self, door: &DoorSeen) {
        self.one_invite = self.one_invite.take().and_then(|one| {
            let secret = one.invite.secret.expose();
            let given = door
                .for_one
                .iter()
                .find(|given| given.secret.expose() == secret)?;
            Some(OneInvite {
                used_by: given.used_by,
                ..one
            })
        });
    }

    /// The first loss is noted; further tries only change what is shown.
    fn lost(&mut self, reason: ClosedReason, tries: u32, next_secs: u64) {
        if !self.is_lost() && self.is_open() {
            let text = format!("{} It is tried again by itself.", sentence(&reason));
            self.transcript.push(Line::Note { text });
        }
        self.state = RoomState::Lost(LostRoom {
            reason,
            tries,
            next_secs,
        });
    }

    fn knocked(&mut self, seen: MemberSeen) {
        self.names.insert(seen.fingerprint, seen.name.clone());
        self.knocking.retain(|one| one.fingerprint != seen.fingerprint);
        let trust = self.remembered(&seen.fingerprint, Trust::Admitted);
        self.knocking.push(Member {
            fingerprint: seen.fingerprint,
            name: seen.name,
            is_host: false,
            trust,
            base: Trust::Admitted,
            alike: false,
            sas: seen.sas,
        });
    }

    fn rules_changed(&mut self, rules: Rules) {
        let before = std::mem::replace(&mut self.rules, rules);
        if before.read_only != self.rules.read_only {
            let text = if self.rules.read_only {
                "Only the host can write from here on."
            } else {
                "Everybody can write again."
            };
            self.transcript.push(Line::Note {
                text: text.to_owned(),
            });
        }
        let now = self.rules.muted.clone();
        let changed = |from: &[Fingerprint], to: &[Fingerprint]| -> Vec<Fingerprint> {
            from.iter().filter(|who| !to.contains(who)).copied().collect()
        };
        let own = self.members.iter().find(|member| member.trust == Trust::Own);
        let own = own.map(|member| member.fingerprint);
        for (who, words) in changed(&now, &before.muted)
            .into_iter()
            .map(|who| (who, "muted"))
            .chain(
                changed(&before.muted, &now)
                    .into_iter()
                    .map(|who| (who, "no longer muted")),
            )
        {
            let text = if own == Some(who) {
                format!("You are {words} by the host.")
            } else {
                format!("{} is {words} by the host.", self.name_of(&who))
            };
            self.transcript.push(Line::Note { text });
        }
    }

    fn member_joined(&mut self, seen: MemberSeen, contact: Option<&Contact>) {
        if self
            .member(&seen.fingerprint)
            .is_some_and(|known| known.trust == Trust::Own || known.is_host)
        {
            return;
        }
        let base = self.base_of_others();
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

    fn member_left(&mut self, fingerprint: Fingerprint, name: String, how: &'static str) {
        self.keep_members(|member| member.fingerprint != fingerprint);
        self.calm_alike(&fingerprint);
        self.transcript.push(Line::Left {
            fingerprint,
            name,
            how,
        });
    }
}

/// The work with a file came to this. Gives whether a dialog says so; what a dialog did not read yet stays.
fn end(work: &mut Work, outcome: Work) -> bool {
    work.is_under_way() && work.end(outcome)
}

/// A reason as a sentence.
fn sentence(reason: &ClosedReason) -> String {
    let text = reason.to_string();
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}
