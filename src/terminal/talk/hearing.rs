//! What the background tells, as lines on standard output and as what the conversation knows.

use std::io;

use super::{Chat, ROOM, rules};
use crate::net::{ClosedReason, Command, Event, JoinFailure, Joined, KeepingChange, Loss, PrivateEvent};
use crate::session::{Contact, Fingerprint, HostTrust, departure, missed};
use crate::terminal::report::named;

/// Why nothing is said to a host whose key changed, and how to go on.
const CHANGED_KEY: &str = "another key answered at an address that you know, so nothing was said. Ask the host over another way; with an invitation, which names its key, you can join";

fn known_name(contact: &Contact, before: &Fingerprint) -> String {
    format!(
        "WARNING: you knew \"{}\" with another key: before {before}, now {}. Either this person has a new key, or somebody else uses the name. Ask over another way.",
        contact.name, contact.fingerprint
    )
}

impl Chat {
    /// Takes in an event.
    pub(super) fn hear(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::RoomOpened(opened) => {
                (self.in_room, self.is_host) = (true, true);
                if let Some(wanted) = opened.wanted_port {
                    let port = opened.listen.port();
                    self.report
                        .note(&format!("Port {wanted} is taken; the room uses port {port}."))?;
                }
                self.report.room_opened(&opened)?;
                self.tell_held()
            }
            Event::HostFailed { failure, .. } => {
                self.end = Some(Err(failure.to_string()));
                Ok(())
            }
            Event::JoinFailed { failure, .. } => self.not_joined(&failure),
            Event::Met { contact, .. } => match self.meet(contact) {
                Some(warning) => self.warn_of_room(warning),
                None => Ok(()),
            },
            Event::Welcomed(joined) | Event::Joined(joined) => self.joined(joined),
            // Not sooner: a line may name somebody who is there.
            Event::RosterTold { .. } => {
                self.in_room = self.changed_key.is_none();
                Ok(())
            }
            Event::MemberJoined { member, .. } => match self.is_news(member.fingerprint, &member.name) {
                true => self.report.member_joined(&member),
                false => Ok(()),
            },
            Event::MemberLeft {
                fingerprint,
                name,
                reason,
                ..
            } => {
                self.others.remove(&fingerprint);
                self.report.member_left(&name, &fingerprint, reason)
            }
            Event::Departed { reason, .. } => match departure::own(reason) {
                Some(words) => self.report.warning(&words),
                None => Ok(()),
            },
            Event::Written { message } => {
                self.tally.written(message.id);
                self.leave_by = None;
                Ok(())
            }
            Event::Logged { message, .. } if message.own => {
                self.tally.logged(&message.id);
                self.leave_by = None;
                Ok(())
            }
            Event::Delivered { delivery, .. } => match self.tally.delivered(&delivery) {
                true => self.report.delivered(&delivery.id, delivery.to, delivery.of),
                false => Ok(()),
            },
            Event::Lost { reason, tries: 0, .. } => self.report.warning(&format!(
                "{reason}; what you write waits, and the room is tried again until it answers"
            )),
            Event::Lost { .. } => Ok(()),
            Event::Returned { resumed, .. } => {
                let how = if resumed {
                    "the session was resumed"
                } else {
                    "after a full handshake"
                };
                self.report.note(&format!("You are back in the room ({how})."))
            }
            Event::Missed { .. } => {
                self.tally.begin_missed();
                self.report.note("What you missed while away follows.")
            }
            Event::LetGo { from, to, .. } => self.report.note(&format!(
                "Older messages were not kept: the host let go of the entries {from} to {to}."
            )),
            Event::CaughtUp { messages, .. } => {
                let own = self.tally.own_of_missed(messages);
                self.report.note(&missed::caught_up_with_others(messages, own))
            }
            Event::Asking { .. } => self.report.note("The host is asked whether to let you in."),
            Event::Knocked { member, .. } => {
                let outcome = self.report.knocked(&member);
                self.asking.insert(member.fingerprint, member.name);
                outcome
            }
            Event::DoorChanged { door, .. } if door.asks != self.asks => {
                self.asks = door.asks;
                self.report.note(if door.asks {
                    "You are asked before somebody new gets in: /admit NAME or /refuse NAME."
                } else {
                    "Whoever has the invitation gets in without being asked about."
                })
            }
            Event::KnockEnded { fingerprint, .. } => {
                self.asking.remove(&fingerprint);
                Ok(())
            }
            Event::RulesChanged { rules, .. } => {
                let before = std::mem::replace(&mut self.rules, rules);
                let words = rules::words(&before, &self.rules, self.own, |who| self.name_of(who));
                words.iter().try_for_each(|words| self.report.note(words))
            }
            Event::Private { with, event, .. } => self.private(with, event),
            Event::Logged { message, .. } => {
                self.tally.heard();
                self.report.message(&message)
            }
            Event::Declined { id, reason, .. } => {
                self.tally.declined(&id);
                self.report
                    .warning(&format!("The host did not take your message: {reason}."))
            }
            Event::Alarmed { alarm, .. } => self.warn_of_room(alarm.to_string()),
            Event::KeepingChanged { change, .. } => self.warn_of_room(match change {
                KeepingChange::Stopped(reason) | KeepingChange::Ended(reason) => {
                    format!("what is said in this room is not kept from here on: {reason}")
                }
                KeepingChange::Resumed => "all that was said is kept again".to_owned(),
            }),
            Event::NotKept { reason } => {
                self.tally.not_kept();
                self.report.warning(&reason)
            }
            Event::Hindered { reason, .. } => self.report.warning(&reason),
            Event::ProfileMended { report } => self.report.warning(&report),
            Event::ProfileFailed { reason, .. } => {
                self.end = Some(Err(reason));
                Ok(())
            }
            // A terminal never asks for a recording.
            Event::WireRecorded { .. } | Event::Watching { .. } | Event::HandshakePaused { .. } => Ok(()),
            Event::Closed { reason, .. } => {
                self.end = Some(match &reason {
                    _ if self.changed_key.is_some() => Err(CHANGED_KEY.to_owned()),
                    ClosedReason::Left | ClosedReason::HostClosed => Ok(()),
                    _ => Err(reason.to_string()),
                });
                self.report.closed(&reason.to_string())
            }
            Event::ThreadDied {
                name,
                loss: Loss::Task,
            } => self.report.warning(&format!(
                "A part of the program failed ({name}). The rest goes on."
            )),
            Event::ThreadDied { name, .. } => {
                self.end = Some(Err(format!("a part of the program failed ({name})")));
                Ok(())
            }
            Event::RoomsKept { .. }
            | Event::UnreadableRooms { .. }
            | Event::History { .. }
            | Event::LastSeen { .. }
            | Event::Earlier { .. }
            | Event::EarlierUnread { .. }
            | Event::DoorChanged { .. }
            | Event::OneInvited { .. }
            | Event::IdentityMissing { .. }
            | Event::IdentityReady { .. }
            | Event::Locking
            | Event::Locked { .. }
            | Event::ProtectionChanged { .. }
            | Event::PassphraseNotChanged { .. }
            | Event::KeptListed(_)
            | Event::RetentionWeighed { .. }
            | Event::SearchFound { .. }
            | Event::SearchEnded { .. }
            | Event::SearchFailed { .. }
            | Event::FileDone { .. }
            | Event::FileFailed { .. }
            | Event::ContactsOpened(_)
            | Event::ContactChanged(_)
            | Event::ContactForgotten(_)
            | Event::JoinAdvanced { .. } => Ok(()),
        }
    }

    /// We are in the room. Where we were in it before, that is told before what was missed, and once more behind it.
    fn joined(&mut self, mut joined: Joined) -> io::Result<()> {
        if self.own.is_some() {
            return Ok(());
        }
        joined.trust = self.judged(&joined);
        self.own = Some(joined.own);
        self.others.insert(joined.host);
        self.names.insert(joined.host, joined.host_name.clone());
        self.report.joined(&joined)?;
        self.tell_held()?;
        if let HostTrust::Changed { before } = joined.trust {
            // Nothing is said to a host whose key changed: going on must be somebody's decision.
            self.left = true;
            self.changed_key = Some(before);
            self.give(Command::Leave { room: ROOM });
        }
        Ok(())
    }

    /// Joining failed. Where we were said to be in the room, because what was missed began to come, that ends with it.
    fn not_joined(&mut self, failure: &JoinFailure) -> io::Result<()> {
        let (end, reason) = match (self.changed_key, self.left) {
            (Some(_), _) => (Err(CHANGED_KEY.to_owned()), ClosedReason::Left.to_string()),
            (None, true) => (Ok(()), ClosedReason::Left.to_string()),
            (None, false) => (Err(failure.to_string()), failure.to_string()),
        };
        self.end = Some(end);
        match self.own {
            Some(_) => self.report.closed(&reason),
            None => Ok(()),
        }
    }

    /// Takes in what is known of somebody, and gives what is to be said of its key: once, however often it is met.
    fn meet(&mut self, contact: Contact) -> Option<String> {
        let known = self.met.get(&contact.fingerprint);
        let warned_of = known.and_then(|known| known.change);
        let asks = contact.change.filter(|_| contact.needs_decision());
        let change = asks.filter(|change| warned_of != Some(*change));
        let warning = change.map(|change| known_name(&contact, &change.before));
        self.met.insert(contact.fingerprint, contact);
        warning
    }

    /// How the host's key is known: by its address, and by what is known of the key itself. An
    /// invitation that names the key is the user's own word for it.
    fn judged(&self, joined: &Joined) -> HostTrust {
        match (joined.trust, self.met.get(&joined.host)) {
            (HostTrust::FirstUse, Some(contact)) => match contact.change {
                Some(change) if !change.accepted => HostTrust::Changed {
                    before: change.before,
                },
                None if contact.verified.is_some() => HostTrust::Verified,
                _ => HostTrust::FirstUse,
            },
            (trust, _) => trust,
        }
    }

    /// A name as it stands in a line for people.
    fn name_of(&self, who: &Fingerprint) -> String {
        let name = self.names.get(who);
        name.map_or("Somebody".to_owned(), |name| named(name))
    }

    /// Whether somebody was not here, or had another name: all who are here are told of again after a line was lost.
    pub(super) fn is_news(&mut self, who: Fingerprint, name: &str) -> bool {
        let is_new = self.others.insert(who);
        let before = self.names.insert(who, name.to_owned());
        is_new || before.as_deref() != Some(name)
    }

    fn private(&mut self, with: Fingerprint, event: PrivateEvent) -> io::Result<()> {
        match event {
            PrivateEvent::Kept { name, waiting, .. } => {
                self.names.entry(with).or_insert(name);
                let waiting = waiting.into_iter().map(|message| (message.id, with));
                self.private_under_way.extend(waiting);
                Ok(())
            }
            PrivateEvent::Written { message } => {
                self.tally.written_privately();
                self.private_under_way.insert(message.id, with);
                Ok(())
            }
            PrivateEvent::Renumbered { before, id } => {
                if self.private_under_way.remove(&before).is_some() {
                    self.private_under_way.insert(id, with);
                }
                Ok(())
            }
            PrivateEvent::Delivered { id } => {
                self.private_under_way.remove(&id);
                self.report.private_delivered(&id, &with)
            }
            PrivateEvent::Heard { message } => self.report.private(&message),
            PrivateEvent::Secured { sas } => {
                let name = self.names.get(&with).map_or("somebody", String::as_str);
                self.report.private_secured(name, &with, &sas)
            }
            PrivateEvent::Waiting if self.private_under_way.values().any(|who| *who == with) => {
                self.report.note(&format!(
                    "{} is away, or has much to read. Your private message waits on this computer.",
                    self.name_of(&with)
                ))
            }
            // That what is written waits while we are away ourselves is told when the line is lost.
            PrivateEvent::Waiting | PrivateEvent::RoomLost | PrivateEvent::Earlier { .. } => Ok(()),
            PrivateEvent::Alarmed { text } => self.warn_of_room(text),
        }
    }

    /// Warns of what is met in the room. Until it was told which room that is, the warning is held.
    fn warn_of_room(&mut self, warning: String) -> io::Result<()> {
        if self.is_host || self.own.is_some() {
            return self.report.warning(&warning);
        }
        self.held.push(warning);
        Ok(())
    }

    /// Tells the warnings that were held.
    pub(super) fn tell_held(&mut self) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        held.iter().try_for_each(|warning| self.report.warning(warning))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::chat;
    use super::*;
    use crate::net::{Alarm, JoinCause, JoinStep};
    use crate::session::Sas;
    use crate::store::{KeyChange, MetAs};

    fn person(name: &str) -> Fingerprint {
        Fingerprint::of_der(name.as_bytes())
    }

    /// Ada is in Bob's room.
    fn joined(trust: HostTrust) -> Joined {
        let (host, own) = (person("bob"), person("ada"));
        Joined {
            room: ROOM,
            id: [4; 32],
            room_name: "Den".to_owned(),
            host_name: "Bob".to_owned(),
            host,
            own,
            own_name: "Ada".to_owned(),
            trust,
            sas: Sas::new(&own, &host, &[1; 32], &[2; 32]),
            address: "127.0.0.1:4747".parse().unwrap(),
        }
    }

    fn gave_up() -> Event {
        let failure = JoinFailure {
            step: JoinStep::Admitted,
            cause: JoinCause::Cancelled,
        };
        Event::JoinFailed { room: ROOM, failure }
    }

    #[test]
    fn another_key_that_shows_before_what_was_missed_ends_with_that_reason() {
        let (_folder, mut chat, _events) = chat();
        let before = person("bob, before");
        let welcomed = joined(HostTrust::Changed { before });
        chat.hear(Event::Welcomed(welcomed)).unwrap();
        assert!(chat.left, "it does not wait for what was missed");
        chat.hear(gave_up()).unwrap();
        assert_eq!(chat.end, Some(Err(CHANGED_KEY.to_owned())));
    }

    #[test]
    fn who_leaves_before_all_that_was_missed_is_here_has_left() {
        let (_folder, mut chat, _events) = chat();
        chat.hear(Event::Welcomed(joined(HostTrust::Pinned))).unwrap();
        assert!(!chat.in_room, "no line is read yet");
        chat.end_lines(Ok(()));
        chat.leave_when_all_is_said();
        chat.hear(gave_up()).unwrap();
        assert_eq!(chat.end, Some(Ok(())));
    }

    #[test]
    fn a_run_fails_when_its_identity_joins_from_somewhere_else_and_not_when_the_host_says_goodbye() {
        let (_folder, mut chat, _events) = chat();
        let mut end = |reason| {
            chat.hear(Event::Closed { room: ROOM, reason }).unwrap();
            chat.end.take().unwrap()
        };
        assert_eq!(end(ClosedReason::HostClosed), Ok(()));
        let why = end(ClosedReason::Replaced).unwrap_err();
        assert!(why.contains("from somewhere else"), "{why}");
    }

    #[test]
    fn what_is_warned_of_is_held_until_it_is_told_which_room_it_is_about() {
        let (_folder, mut chat, _events) = chat();
        let alarm = Alarm::Kept {
            reason: "entry 1 is missing".to_owned(),
        };
        let alarmed = Event::Alarmed {
            room: ROOM,
            alarm: alarm.clone(),
        };
        chat.hear(alarmed.clone()).unwrap();
        assert_eq!(chat.held, [alarm.to_string()]);
        chat.hear(Event::Joined(joined(HostTrust::Pinned))).unwrap();
        assert!(chat.held.is_empty(), "it is told behind that");
        chat.hear(alarmed).unwrap();
        assert!(chat.held.is_empty(), "and from here on at once");
    }

    #[test]
    fn a_changed_key_is_warned_of_once_however_often_its_bearer_is_met() {
        let (_folder, mut chat, _events) = chat();
        let met = |before| Contact {
            fingerprint: person("bob"),
            name: "Bob".to_owned(),
            first_seen_unix: 1,
            last_seen_unix: 1,
            met: MetAs::InPerson,
            verified: None,
            blocked: false,
            change: Some(KeyChange {
                before: person(before),
                accepted: false,
            }),
        };
        assert!(chat.meet(met("one")).is_some());
        assert_eq!(chat.meet(met("one")), None);
        assert!(chat.meet(met("another")).is_some());
    }
}
