//! What the host says: which body may come when, entries and heads, and what an entry says to us.

use std::time::Instant;

use super::{End, Link};
use crate::crypto::{Digest, Fingerprint};
use crate::net::guest::membership::Had;
use crate::net::keep::Kept;
use crate::net::{Alarm, Event, MemberSeen, Message, MessageId, Rules};
use crate::protocol::body::{self, Body, Entry, Private, SignedHead};
use crate::protocol::event::event_hash;
use crate::protocol::{Appended, Content, DepartureReason, EntryFault, LogBreak, RoomEvent, SignedEvent};

impl Link<'_> {
    pub(super) fn hear(&mut self, text: &[u8]) -> Result<(), End> {
        match body::decode(text).map_err(End::not_authentic)? {
            Body::Roster(piece) if !self.entered => self.take_roster(piece),
            Body::Entry(entry) if self.entered => {
                self.take_entry(entry);
                Ok(())
            }
            // What was missed comes before the roster, if we asked for it.
            Body::Entry(entry) if self.agreed.standing.n > 0 => {
                self.take_missed(entry);
                Ok(())
            }
            Body::PageEnd(end) if !self.entered && self.agreed.standing.n > 0 => self.page_ended(end),
            Body::LetGo(piece) if !self.entered && self.agreed.standing.n > 0 => self.take_let_go(piece),
            Body::Head(head) if self.entered => {
                self.take_head(&head);
                Ok(())
            }
            Body::Declined(declined) if self.entered => {
                self.declined(MessageId(declined.event), declined.fault);
                Ok(())
            }
            Body::Positions(positions) if self.entered => {
                let positions = positions.confirmed.iter().map(|at| (at.member, at.n));
                let log = &self.here.log;
                let is_known = |member: &Fingerprint| log.identity_of(member).is_some();
                let grown = self.here.ticks.confirm_known(positions, is_known);
                self.tell_deliveries(grown);
                Ok(())
            }
            Body::Tally(tally) if self.entered => {
                let members = usize::try_from(tally.members).unwrap_or(usize::MAX);
                let grown = self.here.ticks.count(tally.n, members);
                self.tell_deliveries(grown);
                Ok(())
            }
            Body::Return(back) if self.entered => {
                self.here.return_secret = Some(back.secret);
                self.here.keep(self.context);
                self.here.keep_way_back(self.context);
                Ok(())
            }
            // Who is blocked gets no answer.
            Body::Private(private) if self.entered && self.context.teller.is_blocked(&private.member) => {
                Ok(())
            }
            Body::Private(private) if self.entered => {
                if let Some(partner) = self.here.partner(&private.member, true) {
                    self.here.desk.receive(&partner, &private.bytes, Instant::now());
                }
                Ok(())
            }
            Body::Away(Private { member, .. }) if self.entered => {
                self.here.desk.not_passed_on(&member, Instant::now());
                Ok(())
            }
            _ => Err(End::not_authentic("the host sent a body that may not come now")),
        }
    }

    fn take_head(&mut self, head: &SignedHead) {
        let was_known = self.here.log.knows_head();
        if let Err(fault) = self.here.log.receive_head(head) {
            self.alarm(Alarm::Head(fault));
        }
        // Behind a gap there was nothing to come back to.
        if !was_known && self.here.log.knows_head() {
            self.here.keep(self.context);
            self.here.keep_way_back(self.context);
        }
    }

    pub(super) fn take_entry(&mut self, entry: Entry) {
        let expected = self.here.log.n() + 1;
        if self.here.log.go_on_behind_gap(entry.n) {
            let found = entry.n;
            self.alarm(Alarm::LeftOut { expected, found });
        }
        let raw = (entry.n, entry.event.clone(), entry.signature.clone());
        match self.here.log.receive(entry) {
            Ok(appended) => {
                let Appended {
                    n,
                    head,
                    event,
                    author_name,
                } = appended;
                let SignedEvent {
                    event,
                    bytes,
                    hash,
                    signature,
                } = event;
                let had = self.here.had(n, &hash);
                match had {
                    Had::No => self.here.note(Kept {
                        n,
                        head,
                        event: bytes,
                        signature,
                        name: author_name.clone(),
                        fault: None,
                        missed: !self.entered,
                    }),
                    Had::Same => {}
                    Had::Other => self.other_is_kept(n),
                }
                self.tell_entry(n, hash, event, author_name, had == Had::Same);
            }
            Err(fault) => {
                let author = match &fault {
                    EntryFault::Event {
                        author: Some(author), ..
                    } => self.here.log.name_of(author).map(str::to_owned),
                    _ => None,
                };
                // A faulty event is part of the order all the same.
                let (n, event, signature) = raw;
                let is_in_order = !matches!(fault, EntryFault::Gap { .. });
                let had = match is_in_order {
                    true => self.here.had(n, &event_hash(&event)),
                    false => Had::No,
                };
                match had {
                    // It was told when it came first.
                    Had::Same => return,
                    Had::Other => self.other_is_kept(n),
                    Had::No => {}
                }
                if is_in_order && had == Had::No {
                    self.here.note(Kept {
                        n,
                        head: self.here.log.head(),
                        event,
                        signature,
                        name: author.clone().unwrap_or_default(),
                        fault: Some(fault.to_string()),
                        missed: !self.entered,
                    });
                }
                self.alarm(Alarm::Entry { author, fault });
            }
        }
    }

    /// The host once sent another entry under this number: that one stays as the proof.
    fn other_is_kept(&self, n: u64) {
        let what = LogBreak::Fork { at: n };
        self.alarm(Alarm::Broken { what, author: None });
    }

    /// Whether our own departure says that the host sends us away now. One that we missed is over: we are here again.
    fn is_sent_away(&mut self, reason: DepartureReason) -> bool {
        let banned = match reason {
            DepartureReason::Removed => false,
            DepartureReason::Banned => true,
            _ => return false,
        };
        if self.entered {
            self.sent_away = Some(banned);
        }
        self.entered
    }

    /// Tells what an entry says; the message of one that was kept before is in the history already.
    fn tell_entry(&mut self, n: u64, hash: Digest, event: RoomEvent, author_name: String, was_told: bool) {
        let room = self.wish.key;
        match event.content {
            Content::Message { text } => {
                let (id, author) = (MessageId(hash), event.author);
                let own = author == self.own;
                let is_news = !own || !self.own_is_logged(&id, event.seq);
                let message = Message {
                    room,
                    id,
                    author,
                    name: author_name,
                    text,
                    time_ms: event.time_ms,
                    own,
                };
                if !was_told {
                    self.context.teller.tell(Event::Logged { message, n });
                    // Of what was written here only the answer was missed.
                    if let Some(missed) = self.missed_messages.as_mut().filter(|_| is_news) {
                        *missed += 1;
                    }
                }
                if own {
                    self.follow(id, n);
                } else {
                    self.confirm_soon();
                }
            }
            Content::Admitted(member) => {
                let fingerprint = Fingerprint::of_der(&member.identity);
                if fingerprint != self.own {
                    let member = MemberSeen {
                        fingerprint,
                        name: member.name,
                        is_host: false,
                        was_here: false,
                        sas: None,
                    };
                    self.context.teller.tell(Event::MemberJoined { room, member });
                }
                if let Some(partner) = self.here.partner(&fingerprint, self.entered) {
                    self.here.desk.came(&partner, Instant::now());
                }
            }
            Content::Departed { member, reason } => {
                self.here.desk.left(&member);
                if member == self.own && !self.is_sent_away(reason) {
                    if !was_told && !self.here.knows_departure(reason) {
                        self.context.teller.tell(Event::Departed { room, reason });
                    }
                    return;
                }
                let name = self.here.log.name_of(&member).unwrap_or_default().to_owned();
                self.context.teller.tell(Event::MemberLeft {
                    room,
                    fingerprint: member,
                    name,
                    reason,
                });
            }
            Content::ReadOnly(_) | Content::Muted { .. } => {
                let rules = Rules::of(&self.here.log);
                self.context.teller.tell(Event::RulesChanged { room, rules });
            }
        }
    }
}
