//! What the host says: what was missed, the roster, entries and heads, ticks, private pieces.

use std::time::Instant;

use super::{CONFIRM_INTERVAL, CONFIRM_INTERVAL_A_MEMBER, CONFIRM_SOON, End, Link};
use crate::crypto::{Digest, Fingerprint};
use crate::net::clock::now_unix;
use crate::net::guest::MetHost;
use crate::net::guest::membership::Had;
use crate::net::keep::{Followed, Kept};
use crate::net::{Alarm, Event, JoinStep, Joined, MemberSeen, Message, MessageId, Rules};
use crate::protocol::body::{self, Body, Entry, LetGo, PageEnd, Private, Roster, SignedHead};
use crate::protocol::event::event_hash;
use crate::protocol::limits::HANDSHAKE_TIMEOUT;
use crate::protocol::{
    Appended, Content, DepartureReason, EntryFault, EventFault, JoinTarget, LogBreak, NotKept, RoomEvent,
    SignedEvent,
};
use crate::store::{HostTrust, KeptRole, KeptRoom, Retention};

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
                let grown = self.here.ticks.confirm(positions);
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
                self.here
                    .keeper
                    .keep_way_back(&self.here.log, self.here.return_secret.as_ref());
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
                self.here.desk.left(&member);
                Ok(())
            }
            _ => Err(End::not_authentic("the host sent a body that may not come now")),
        }
    }

    /// An entry that we missed while away: checked like every other.
    fn take_missed(&mut self, entry: Entry) {
        if self.missed_messages.is_none() {
            self.missed_messages = Some(0);
            self.context.teller.tell(Event::Missed {
                room: self.wish.key,
                from: entry.n,
            });
        }
        self.enter_by = Instant::now() + HANDSHAKE_TIMEOUT;
        self.take_entry(entry);
    }

    /// A page of what we missed is here; asks for the next one.
    fn page_ended(&mut self, end: PageEnd) -> Result<(), End> {
        self.enter_by = Instant::now() + HANDSHAKE_TIMEOUT;
        if end.n < end.newest {
            let standing = self.here.standing();
            self.send(&Body::Here(standing))?;
        }
        Ok(())
    }

    /// The host keeps some of what we missed no more.
    fn take_let_go(&mut self, piece: LetGo) -> Result<(), End> {
        self.enter_by = Instant::now() + HANDSHAKE_TIMEOUT;
        match self.here.log.take_let_go(piece) {
            Ok(None) => {}
            Ok(Some(NotKept { from, to })) => {
                let room = self.wish.key;
                self.here.keeper.begin_behind();
                self.context.teller.tell(Event::LetGo { room, from, to });
            }
            Err(fault) => {
                self.alarm(Alarm::Entry { author: None, fault });
                return Err(End::not_authentic(fault));
            }
        }
        Ok(())
    }

    fn take_roster(&mut self, piece: Roster) -> Result<(), End> {
        let more = piece.more;
        self.here.log.take_roster(piece).map_err(End::not_authentic)?;
        if more {
            return Ok(());
        }
        if let Some(what) = self.here.log.take_break() {
            let author = match &what {
                LogBreak::Chain { author } => self.here.log.name_of(author).map(str::to_owned),
                _ => None,
            };
            self.alarm(Alarm::Broken { what, author });
            let from = self.here.log.n();
            self.here.keeper.begin_anew(from);
        }
        self.entered = true;
        self.confirmed = self.here.log.n();
        if !self.here.outbox_follows() {
            self.give_up_outbox();
        }
        self.here.take_up_chain();
        self.tell_entered();
        // A state that counts entries which are not on the disk would hide them for ever.
        self.here.keep(self.context);
        self.here
            .keeper
            .keep_way_back(&self.here.log, self.here.return_secret.as_ref());
        let others: Vec<Fingerprint> = self.here.log.awaited().map(|(who, _)| who).collect();
        for who in others {
            if let Some(partner) = self.here.partner(&who, true).filter(|partner| partner.present) {
                self.here.desk.came(&partner, Instant::now());
            }
        }
        Ok(())
    }

    /// Has the room stand in the list of those that one can return to.
    fn keep_in_list(&self) {
        let now = now_unix();
        let room = KeptRoom {
            id: self.agreed.room.id,
            name: self.agreed.room.name.clone(),
            role: KeptRole::Member,
            own_name: self.wish.name.clone(),
            host: self.here.host.as_der().to_vec(),
            host_name: self.agreed.peer.name.clone(),
            target: Some(self.wish.target_text()),
            secret: None,
            expires_unix: None,
            open_to_address: false,
            port: 0,
            addresses: vec![self.address.to_string()],
            retention: Retention::default(),
            begun_unix: now,
            used_unix: now,
            listen_address: None,
            read_n: None,
        };
        if let Err(reason) = self.context.shelf.keep_room(room) {
            let reason = format!("The room is not kept: {reason}.");
            self.context.teller.tell(Event::NotKept { reason });
        }
    }

    fn tell_entered(&mut self) {
        let room = self.wish.key;
        let host = self.agreed.peer.identity.fingerprint();
        let was_in = std::mem::replace(&mut self.here.was_in, true);
        let teller = self.context.teller.clone();
        self.keep_in_list();
        if was_in {
            let resumed = self.agreed.is_resumed();
            teller.tell(Event::Returned { room, resumed });
        } else {
            let trust = self.judge_host();
            teller.tell(Event::JoinAdvanced {
                room,
                step: JoinStep::Admitted,
            });
            teller.tell(Event::Joined(Joined {
                room,
                id: self.agreed.room.id,
                room_name: self.agreed.room.name.clone(),
                host_name: self.agreed.peer.name.clone(),
                host,
                own: self.own,
                own_name: self.wish.name.clone(),
                trust,
                sas: self.agreed.sas,
                address: self.address,
            }));
            self.here.tell_waiting(self.wish, self.context);
        }
        for (identity, name) in self.here.log.members() {
            let fingerprint = identity.fingerprint();
            if fingerprint != self.own && fingerprint != host {
                let member = MemberSeen {
                    fingerprint,
                    name: name.to_owned(),
                    is_host: false,
                    was_here: true,
                    sas: None,
                };
                teller.tell(Event::MemberJoined { room, member });
            }
        }
        let rules = Rules::of(&self.here.log);
        if rules != Rules::default() || was_in {
            teller.tell(Event::RulesChanged { room, rules });
        }
        if let Some(messages) = self.missed_messages.take() {
            teller.tell(Event::CaughtUp { room, messages });
        }
    }

    fn judge_host(&self) -> HostTrust {
        let JoinTarget::Address(endpoint) = &self.wish.target else {
            return HostTrust::Pinned;
        };
        let (address, host) = (endpoint.to_string(), self.agreed.peer.identity.fingerprint());
        let trust = self
            .context
            .contacts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .judge(&address, &host);
        let changed = matches!(trust, HostTrust::Changed { .. });
        let _ = self.context.met.send(MetHost {
            room: self.wish.key,
            address,
            host,
            changed,
        });
        trust
    }

    fn take_head(&mut self, head: &SignedHead) {
        let was_known = self.here.log.knows_head();
        if let Err(fault) = self.here.log.receive_head(head) {
            self.alarm(Alarm::Head(fault));
        }
        // Behind a gap there was nothing to come back to.
        if !was_known && self.here.log.knows_head() {
            self.here.keep(self.context);
            self.here
                .keeper
                .keep_way_back(&self.here.log, self.here.return_secret.as_ref());
        }
    }

    fn take_entry(&mut self, entry: Entry) {
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

    /// Tells what an entry says; the message of one that was kept before is in the history already.
    fn tell_entry(&mut self, n: u64, hash: Digest, event: RoomEvent, author_name: String, was_told: bool) {
        let room = self.wish.key;
        match event.content {
            Content::Message { text } => {
                let (id, author) = (MessageId(hash), event.author);
                let own = author == self.own;
                if own {
                    self.own_is_logged(&id, event.seq);
                }
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
                    if let Some(missed) = &mut self.missed_messages {
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
                if member == self.own {
                    self.sent_away = match reason {
                        DepartureReason::Removed => Some(false),
                        DepartureReason::Banned => Some(true),
                        _ => None,
                    };
                }
                self.here.desk.left(&member);
                let name = self.here.log.name_of(&member).unwrap_or_default().to_owned();
                if member != self.own || self.sent_away.is_some() {
                    self.context.teller.tell(Event::MemberLeft {
                        room,
                        fingerprint: member,
                        name,
                        reason,
                    });
                }
            }
            Content::ReadOnly(_) | Content::Muted { .. } => {
                let rules = Rules::of(&self.here.log);
                self.context.teller.tell(Event::RulesChanged { room, rules });
            }
        }
    }

    /// A message of ours is in the log: it need not be sent again.
    fn own_is_logged(&mut self, id: &MessageId, seq: u64) {
        if self.here.settle(id) {
            self.sent = self.sent.saturating_sub(1);
        }
        if seq > self.here.own_chain.seq {
            self.here.own_chain = self.here.log.chain_of(&self.own);
        }
        if self.here.declined.remove(id) {
            self.alarm(Alarm::DeclinedYetLogged);
        }
    }

    /// Whoever is here, or expected back, is waited for; the host has it: its log is where it came from.
    fn follow(&mut self, id: MessageId, n: u64) {
        let host = self.agreed.peer.identity.fingerprint();
        let own = self.own;
        let others = self
            .here
            .log
            .awaited()
            .map(|(who, _)| who)
            .filter(|who| *who != own);
        let others: Vec<Fingerprint> = others.collect();
        let mut deliveries = self.here.ticks.confirm([(host, n)]);
        deliveries.push(self.here.ticks.follow(id, n, others.into_iter()));
        self.tell_deliveries(deliveries);
    }

    fn confirm_soon(&mut self) {
        if self.confirm_due.is_some() || !self.entered {
            return;
        }
        let now = Instant::now();
        let members = u32::try_from(self.here.log.members().count()).unwrap_or(u32::MAX);
        let interval = CONFIRM_INTERVAL.max(CONFIRM_INTERVAL_A_MEMBER * members);
        let next = self.confirmed_at.map_or(now, |at| at + interval);
        self.confirm_due = Some(next.max(now + CONFIRM_SOON));
    }

    /// Messages of ours from an earlier run: the host has them, and the others' ticks go on growing.
    pub(super) fn follow_further(&mut self) {
        let host = self.agreed.peer.identity.fingerprint();
        let mut deliveries = self.here.ticks.confirm([(host, self.here.log.n())]);
        for Followed { id, n, others } in self.here.keeper.said_earlier(&self.own, &self.here.log).own {
            deliveries.push(self.here.ticks.follow(id, n, others.into_iter()));
        }
        self.tell_deliveries(deliveries);
    }

    fn tell_deliveries(&self, deliveries: Vec<crate::net::Delivery>) {
        for delivery in deliveries {
            self.context.teller.tell(Event::Delivered {
                room: self.wish.key,
                delivery,
            });
        }
    }

    /// What follows a declined event was chained to it and is declined too; the next begins anew.
    fn declined(&mut self, id: MessageId, fault: u8) {
        // It came twice because the line was cut: it is in the log, and comes from there.
        if fault == EventFault::Duplicate.code() || !self.here.settle(&id) {
            return;
        }
        self.sent = self.sent.saturating_sub(1);
        self.here.declined.insert(id);
        if self.here.outbox.is_empty() {
            self.here.own_chain = self.here.log.chain_of(&self.own);
        }
        self.tell_declined(id, EventFault::describe_code(fault).to_owned());
    }

    /// What waited does not go on from our chain in the log any more.
    fn give_up_outbox(&mut self) {
        let ids: Vec<MessageId> = self
            .here
            .outbox
            .iter()
            .map(|waiting| MessageId(event_hash(&waiting.submit.event)))
            .collect();
        for id in ids {
            self.here.settle(&id);
            self.tell_declined(id, "the room's log went on without it".to_owned());
        }
    }

    fn tell_declined(&self, id: MessageId, reason: String) {
        self.context.teller.tell(Event::Declined {
            room: self.wish.key,
            id,
            reason,
        });
    }
}
