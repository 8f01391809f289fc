//! What a guest has of a room beyond one connection: log, own chain, outbox, ticks, and the way back.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::time::Instant;

use super::GuestContext;
use super::writing::Writing;
use crate::crypto::{Digest, Fingerprint, PublicIdentity, Secret};
use crate::net::keep::{Kept, KeptMember, MemberKeeper};
use crate::net::private::{Desk, Partner};
use crate::net::ticks::Ticks;
use crate::net::{Alarm, Event, JoinRoom, KeepingChange, MemberSeen, Message, MessageId, RoomKey};
use crate::protocol::body::{RoomDescriptor, Standing, Submit};
use crate::protocol::event::event_hash;
use crate::protocol::handshake::Session;
use crate::protocol::{Content, DepartureReason, OwnChain, RoomLog, SignedEvent};

/// Messages of ours that may wait for the room.
pub(super) const MAX_OUTBOX: usize = 16 * 1024;

/// A message of ours, written and signed, that is not in the log yet.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub id: MessageId,
    pub submit: Submit,
    /// Where it is kept.
    pub place: Option<u64>,
}

/// Our place in one room.
pub(super) struct Membership {
    /// The room as the window knows it.
    key: RoomKey,
    pub room: RoomDescriptor,
    pub host: PublicIdentity,
    pub own: Fingerprint,
    pub log: RoomLog,
    pub own_chain: OwnChain,
    /// What is written and being signed.
    pub writing: Writing,
    /// In order; sent again, byte for byte, until the log has them.
    pub outbox: VecDeque<Waiting>,
    /// What the host said that it did not take.
    pub declined: HashSet<MessageId>,
    pub ticks: Ticks,
    pub desk: Desk,
    /// How to come back without RSA.
    pub session: Option<Session>,
    /// How to come back whatever becomes of the invitation.
    pub return_secret: Option<Secret>,
    /// Whether we were in the room in this run.
    pub was_in: bool,
    /// Whether the host said that it let us go for reading too slowly, and its log did not say so yet.
    pub knows_too_slow: bool,
    pub keeper: MemberKeeper,
    /// In the log, and not kept yet.
    unkept: Vec<Kept>,
    /// Entries that are kept behind a damaged one: they come once more.
    had: HashMap<u64, Digest>,
}

/// Whether an entry is kept already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Had {
    /// It comes for the first time.
    No,
    /// It is kept and was told.
    Same,
    /// Another one is kept under its number.
    Other,
}

impl Membership {
    /// Begins anew, or with what was kept of an earlier run.
    pub fn new(
        room: RoomDescriptor,
        host: PublicIdentity,
        wish: &JoinRoom,
        context: &GuestContext,
        kept: Option<KeptMember>,
    ) -> Membership {
        let own = context.identity.fingerprint();
        let desk = Desk::new(
            wish.key,
            std::sync::Arc::clone(&context.identity),
            wish.name.clone(),
            std::sync::Arc::clone(&context.wrap),
            room.id,
            context.shelf.talk_keeper(&room.id),
        );
        let keeper = context.shelf.member_keeper(&room.id);
        let mut membership = Membership {
            log: RoomLog::join(room.id, host.clone()),
            key: wish.key,
            room,
            host,
            own,
            own_chain: OwnChain::default(),
            writing: Writing::default(),
            outbox: VecDeque::new(),
            declined: HashSet::new(),
            ticks: Ticks::default(),
            desk,
            session: None,
            return_secret: None,
            was_in: false,
            knows_too_slow: false,
            keeper,
            unkept: Vec::new(),
            had: HashMap::new(),
        };
        if let Some(kept) = kept {
            membership.log = kept.log;
            membership.had = kept.had;
            membership.return_secret = kept.return_secret;
            for (place, submit) in kept.outbox {
                membership.outbox.push_back(Waiting {
                    id: MessageId(event_hash(&submit.event)),
                    submit,
                    place: Some(place),
                });
            }
        }
        membership
    }

    /// As a room that we were in was kept, before its host is reached; `None` when too little of it can be read.
    pub fn of_kept(id: &[u8; 32], wish: &JoinRoom, context: &GuestContext) -> Option<Membership> {
        let room = context.shelf.room(id)?;
        let host = PublicIdentity::from_der(&room.host).ok()?;
        let kept = context.shelf.member(id, &host).ok().flatten()?;
        if let Some(reason) = kept.doubt.clone() {
            context.teller.tell(Event::Alarmed {
                room: wish.key,
                alarm: Alarm::Kept { reason },
            });
        }
        let room = RoomDescriptor {
            id: room.id,
            name: room.name,
        };
        let mut here = Membership::new(room, host, wish, context, Some(kept));
        here.take_up_chain();
        Some(here)
    }

    /// Where our copy of the log stands.
    pub fn standing(&self) -> Standing {
        self.log.standing()
    }

    /// Tells who belonged to the room when we were here last: we ourselves, the host, and who was here or was to come
    /// back.
    pub fn tell_last_seen(&self, wish: &JoinRoom, context: &GuestContext) {
        let host = self.host.fingerprint();
        let awaited = self.log.awaited().map(|(who, _)| who);
        let others = awaited.filter(|who| *who != host && *who != self.own);
        let members = [host, self.own]
            .into_iter()
            .chain(others)
            .map(|fingerprint| MemberSeen {
                fingerprint,
                name: self.log.name_of(&fingerprint).unwrap_or(&wish.name).to_owned(),
                is_host: fingerprint == host,
                was_here: true,
                sas: None,
            })
            .collect();
        let room = wish.key;
        context.teller.tell(Event::LastSeen { room, members });
    }

    /// Tells again what waits from an earlier run.
    pub fn tell_waiting(&self, wish: &JoinRoom, context: &GuestContext) {
        for message in self.waiting(self.outbox.len(), wish) {
            context.teller.tell(Event::Written { message });
        }
    }

    /// The first `count` messages that wait in the outbox, in order.
    fn waiting(&self, count: usize, wish: &JoinRoom) -> impl Iterator<Item = Message> {
        self.outbox.iter().take(count).filter_map(|waiting| {
            let Submit { event, signature } = waiting.submit.clone();
            let signed = SignedEvent::decode(event, signature).ok()?;
            let Content::Message { text } = signed.event.content else {
                return None;
            };
            Some(Message {
                room: wish.key,
                id: waiting.id,
                author: self.own,
                name: wish.name.clone(),
                text,
                time_ms: signed.event.time_ms,
                own: true,
            })
        })
    }

    /// Takes out of the outbox what came into the log in entries that we did not get, and gives it: our chain in the log
    /// ends with the last of it.
    pub fn settle_logged(&mut self, wish: &JoinRoom) -> Vec<Message> {
        let last = MessageId(self.log.chain_of(&self.own).last);
        let Some(at) = self.outbox.iter().position(|waiting| waiting.id == last) else {
            return Vec::new();
        };
        let logged = self.waiting(at + 1, wish).collect();
        for place in self.outbox.drain(..=at).filter_map(|waiting| waiting.place) {
            self.keeper.unqueue(place);
        }
        logged
    }

    /// Takes a message of ours out of the outbox: it is in the log, or it will never be. Returns whether
    /// it was there.
    pub fn settle(&mut self, id: &MessageId) -> bool {
        let Some(at) = self.outbox.iter().position(|waiting| waiting.id == *id) else {
            return false;
        };
        if let Some(place) = self.outbox.remove(at).and_then(|waiting| waiting.place) {
            self.keeper.unqueue(place);
        }
        true
    }

    /// Whether what waits goes on from our last event in the log.
    pub fn outbox_follows(&self) -> bool {
        let chain = self.log.chain_of(&self.own);
        let first = self.outbox.front().and_then(|waiting| {
            SignedEvent::decode(waiting.submit.event.clone(), waiting.submit.signature.clone()).ok()
        });
        first.is_none_or(|first| first.event.seq == chain.seq + 1 && first.event.prev == chain.last)
    }

    /// Takes our chain up where the outbox, or else the log, ends.
    pub fn take_up_chain(&mut self) {
        self.own_chain = self.log.chain_of(&self.own);
        if let Some(last) = self.outbox.back()
            && let Ok(signed) = SignedEvent::decode(last.submit.event.clone(), last.submit.signature.clone())
        {
            self.own_chain = OwnChain {
                seq: signed.event.seq,
                last: signed.hash,
            };
        }
    }

    /// Somebody for a private conversation.
    pub fn partner(&self, who: &Fingerprint, connected: bool) -> Option<Partner> {
        Some(Partner {
            fingerprint: *who,
            name: self.log.name_of(who)?.to_owned(),
            present: connected && self.log.is_present(who),
        })
    }

    /// Says something to one member alone; what is for somebody unknown is not kept, and that is told.
    pub fn say_privately(&mut self, to: &Fingerprint, text: String, connected: bool) {
        match self.partner(to, connected).or_else(|| self.desk.partner(to)) {
            Some(partner) => self.desk.say(&partner, text, Instant::now()),
            None => self.desk.refuse(),
        }
    }

    /// Whether entry `n` is kept from an earlier run although the checks began in front of it.
    pub fn had(&mut self, n: u64, hash: &Digest) -> Had {
        match self.had.remove(&n) {
            None => Had::No,
            Some(kept) if kept == *hash => Had::Same,
            Some(_) => Had::Other,
        }
    }

    /// Whether the host told us itself that we left like this, when it let us go.
    pub fn knows_departure(&mut self, reason: DepartureReason) -> bool {
        reason == DepartureReason::TooSlow && std::mem::take(&mut self.knows_too_slow)
    }

    /// Notes an entry to be kept; [`Membership::keep`] keeps them.
    pub fn note(&mut self, row: Kept) {
        self.unkept.push(row);
    }

    /// How many entries came and are not kept yet.
    pub fn unkept(&self) -> usize {
        self.unkept.len()
    }

    /// Keeps what came on a thread of its own, while the next entries are checked.
    pub fn keep_beside(&mut self, context: &GuestContext) {
        let rows = std::mem::take(&mut self.unkept);
        let change = self
            .keeper
            .append_beside(rows, &self.log, self.return_secret.as_ref());
        self.tell_keeping(change, context);
    }

    /// Keeps what came. A failure is told; the conversation goes on in memory.
    pub fn keep(&mut self, context: &GuestContext) {
        let rows = std::mem::take(&mut self.unkept);
        let change = self.keeper.append(rows, &self.log, self.return_secret.as_ref());
        self.tell_keeping(change, context);
    }

    /// Keeps what came, and with it messages of ours that wait from now on; gives their places.
    pub fn keep_and_queue(
        &mut self,
        submits: &[Submit],
        context: &GuestContext,
    ) -> Result<Range<u64>, String> {
        let rows = std::mem::take(&mut self.unkept);
        let back = self.return_secret.as_ref();
        let (change, places) = self.keeper.append_and_queue(rows, &self.log, back, submits);
        self.tell_keeping(change, context);
        places
    }

    /// The room is left: what the disk did not take is tried once more.
    pub fn keep_last(&mut self, context: &GuestContext) {
        let change = self.keeper.close(&self.log, self.return_secret.as_ref());
        self.tell_keeping(change, context);
    }

    fn tell_keeping(&self, change: Option<KeepingChange>, context: &GuestContext) {
        if let Some(change) = change {
            let room = self.key;
            context.teller.tell(Event::KeepingChanged { room, change });
        }
    }
}
