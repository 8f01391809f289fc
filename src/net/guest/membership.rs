//! What a guest has of a room beyond one connection: log, own chain, outbox, ticks, and the way back.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::time::Instant;

use super::GuestContext;
use super::writing::Writing;
use crate::crypto::{Digest, Fingerprint, PublicIdentity, Secret};
use crate::net::clock::now_unix;
use crate::net::keep::{Kept, KeptMember, MemberKeeper};
use crate::net::private::{Desk, Partner};
use crate::net::ticks::Ticks;
use crate::net::{Alarm, Event, JoinRoom, KeepingChange, MemberSeen, Message, MessageId, RoomKey};
use crate::protocol::body::{RoomDescriptor, Standing, Submit};
use crate::protocol::event::event_hash;
use crate::protocol::handshake::Session;
use crate::protocol::{Content, DepartureReason, OwnChain, RoomLog, SignedEvent};
use crate::store::{Cut, KeptRole};

/// What is told where something of the outbox can't be read.
const UNREADABLE: &str = "of what you wrote and what was not sent yet, something can't be read any more. It was given up, with what stood behind it";
/// What is told of each message behind that.
const CHAINED: &str =
    "it was never sent, because one that you wrote before it can't be read any more on this computer";

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
    /// What waited behind something that can't be read any more, until that is told: each was chained to the one before it.
    given_up: Vec<Submit>,
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
            given_up: Vec::new(),
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
            if let Some(cut) = kept.cut {
                membership.give_up(cut, context);
            }
        }
        membership
    }

    /// Lets go of what waited and can't be read any more, and of what is chained to it, so that the room goes on without.
    fn give_up(&mut self, cut: Cut, context: &GuestContext) {
        let (room, reason) = (self.key, UNREADABLE.to_owned());
        let alarm = Alarm::Kept { reason };
        context.teller.tell(Event::Alarmed { room, alarm });
        if let Err(error) = self.keeper.cut_outbox(cut.from) {
            log::warn!("what can't be read of an outbox is still there: {error}");
        }
        self.given_up = cut.behind.into_iter().map(|waiting| waiting.submit).collect();
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

    /// Tells again what waits from an earlier run; and once, with its words, what waits no more although it was not sent.
    pub fn tell_waiting(&mut self, wish: &JoinRoom, context: &GuestContext) {
        for message in self.waiting(self.outbox.len(), wish) {
            context.teller.tell(Event::Written { message });
        }
        let given_up = std::mem::take(&mut self.given_up);
        for message in given_up.iter().filter_map(|submit| self.message(submit, wish)) {
            let (room, id, reason) = (wish.key, message.id, CHAINED.to_owned());
            context.teller.tell(Event::Written { message });
            context.teller.tell(Event::Declined { room, id, reason });
        }
    }

    /// The first `count` messages that wait in the outbox, in order.
    fn waiting(&self, count: usize, wish: &JoinRoom) -> impl Iterator<Item = Message> {
        let waiting = self.outbox.iter().take(count);
        waiting.filter_map(|waiting| self.message(&waiting.submit, wish))
    }

    /// What was to be handed in, as a message of ours.
    fn message(&self, submit: &Submit, wish: &JoinRoom) -> Option<Message> {
        let Submit { event, signature } = submit.clone();
        let signed = SignedEvent::decode(event, signature).ok()?;
        let Content::Message { text } = signed.event.content else {
            return None;
        };
        Some(Message {
            room: wish.key,
            id: MessageId(signed.hash),
            author: self.own,
            name: wish.name.clone(),
            text,
            time_ms: signed.event.time_ms,
            own: true,
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

    /// The host's log does not go on from ours: whether what comes now is kept is told.
    pub fn begin_anew(&mut self, context: &GuestContext) {
        let change = self.keeper.begin_anew(self.log.n());
        self.tell_keeping(change, context);
    }

    /// Keeps how the log stands and how to come back.
    pub fn keep_way_back(&mut self, context: &GuestContext) {
        let back = self.return_secret.as_ref();
        let change = self.keeper.keep_way_back(&self.log, back);
        self.tell_keeping(change, context);
    }

    /// Notes that the room was used until now, and has the list told that says so. One that was removed meanwhile does
    /// not come back into it.
    pub fn note_use(&self, context: &GuestContext) {
        let kept = context.shelf.room(&self.room.id);
        let Some(mut kept) = kept.filter(|kept| self.was_in && kept.role == KeptRole::Member) else {
            return;
        };
        kept.used_unix = now_unix();
        if let Err(reason) = context.shelf.keep_room(kept) {
            log::warn!("when a room was last used is not kept: {reason}");
        }
        (context.tell_rooms)();
    }

    fn tell_keeping(&self, change: Option<KeepingChange>, context: &GuestContext) {
        if let Some(change) = change {
            let room = self.key;
            context.teller.tell(Event::KeepingChanged { room, change });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::deaths::{bob, wish};
    use super::super::writing::Wait;
    use super::*;
    use crate::crypto::Identity;
    use crate::crypto::test_keys::ADA;
    use crate::net::keep::tests::{ROOM, kept_room};
    use crate::store::{Table, Vault};

    fn texts(numbers: impl Iterator<Item = u64>) -> Vec<String> {
        numbers.map(|n| n.to_string()).collect()
    }

    #[test]
    fn what_waits_and_cannot_be_read_is_told_once_and_the_room_goes_on_with_what_stands_before_it() {
        let vault = Vault::in_memory().unwrap();
        let (context, events) = bob(&vault);
        let wish = wish("127.0.0.1:9".parse().unwrap());
        let ada = Identity::from_pem(ADA).unwrap().public().clone();
        let room = kept_room(&ada, KeptRole::Member);
        vault.write(|writing| writing.keep_room(&room)).unwrap();
        let room = RoomDescriptor {
            id: ROOM,
            name: room.name,
        };
        let mut here = Membership::new(room, ada, &wish, &context, None);
        here.keep_way_back(&context);
        here.write(texts(0..40), &wish, &context).unwrap();
        here.take_signed(Wait::ForAll, &wish, &context).unwrap();
        drop(here);
        // The record of the messages 16 to 31.
        let key = [ROOM.as_slice(), &16_u64.to_be_bytes()].concat();
        vault
            .write(|writing| writing.damage(Table::Outbox, &key))
            .unwrap();
        events.try_iter().for_each(drop);
        let come_back = || {
            let mut here = Membership::of_kept(&ROOM, &wish, &context).expect("the room opens");
            here.tell_waiting(&wish, &context);
            assert_eq!(here.outbox.len(), 16);
            assert!(here.outbox_follows());
            let (mut alarms, mut written, mut declined) = (0, Vec::new(), 0);
            for event in events.try_iter() {
                match event {
                    Event::Alarmed { .. } => alarms += 1,
                    Event::Written { message } => written.push(message.text),
                    Event::Declined { .. } => declined += 1,
                    _ => {}
                }
            }
            (alarms, written, declined)
        };
        assert_eq!(come_back(), (1, texts((0..16).chain(32..40)), 8));
        assert_eq!(come_back(), (0, texts(0..16), 0));
    }
}
