//! What the background tells, as lines on standard output and as what the conversation knows.

use std::io;

use super::{Chat, ROOM, rules};
use crate::net::{ClosedReason, Command, Event, Joined, KeepingChange, Loss, PrivateEvent};
use crate::session::{Contact, Fingerprint, HostTrust, departure};
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
                self.report.room_opened(&opened)
            }
            Event::HostFailed { failure, .. } => {
                self.end = Some(Err(failure.to_string()));
                Ok(())
            }
            Event::JoinFailed { failure, .. } => {
                self.end = Some(if self.left {
                    Ok(())
                } else {
                    Err(failure.to_string())
                });
                Ok(())
            }
            Event::Met { contact, .. } => {
                let outcome = match contact.change.filter(|_| contact.needs_decision()) {
                    Some(change) => self.report.warning(&known_name(&contact, &change.before)),
                    None => Ok(()),
                };
                self.met.insert(contact.fingerprint, contact);
                outcome
            }
            Event::Joined(mut joined) => {
                joined.trust = self.judged(&joined);
                self.own = Some(joined.own);
                self.others.insert(joined.host);
                self.names.insert(joined.host, joined.host_name.clone());
                self.report.joined(&joined)?;
                if let HostTrust::Changed { before } = joined.trust {
                    // Nothing is said to a host whose key changed: going on must be somebody's decision.
                    self.left = true;
                    self.changed_key = Some(before);
                    self.give(Command::Leave { room: ROOM });
                }
                Ok(())
            }
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
            // What was said in an earlier run is the window's to show.
            Event::Delivered { .. } if !self.in_room => Ok(()),
            Event::Delivered { delivery, .. } => {
                self.report.delivered(&delivery.id, delivery.to, delivery.of)
            }
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
            Event::Missed { .. } => self.report.note("What you missed while away follows."),
            Event::LetGo { from, to, .. } => self.report.note(&format!(
                "Older messages were not kept: the host let go of the entries {from} to {to}."
            )),
            Event::CaughtUp { messages, .. } => self.report.note(&format!(
                "That was all: {messages} messages came while you were away."
            )),
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
            Event::Logged { message, .. } => self.report.message(&message),
            Event::Declined { id, reason, .. } => {
                self.tally.declined(&id);
                self.report
                    .warning(&format!("The host did not take your message: {reason}."))
            }
            Event::Alarmed { alarm, .. } => self.report.warning(&alarm.to_string()),
            Event::KeepingChanged { change, .. } => self.report.warning(&match change {
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
            PrivateEvent::Waiting | PrivateEvent::Earlier { .. } => Ok(()),
            PrivateEvent::Alarmed { text } => self.report.warning(&text),
        }
    }
}
