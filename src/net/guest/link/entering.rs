//! Coming in: what was missed, the roster, and who is told that we are here.

use std::sync::PoisonError;
use std::time::Instant;

use super::{End, Link};
use crate::crypto::Fingerprint;
use crate::net::clock::now_unix;
use crate::net::guest::MetHost;
use crate::net::{Alarm, Event, JoinStep, Joined, MemberSeen, Rules};
use crate::protocol::body::{Body, Entry, LetGo, PageEnd, Roster};
use crate::protocol::limits::HANDSHAKE_TIMEOUT;
use crate::protocol::{JoinTarget, LogBreak, NotKept};
use crate::store::{HostTrust, KeptRole, KeptRoom, Retention};

impl Link<'_> {
    /// An entry that we missed while away: checked like every other.
    pub(super) fn take_missed(&mut self, entry: Entry) {
        if self.missed_messages.is_none() {
            self.missed_messages = Some(0);
            self.tell_welcomed();
            self.context.teller.tell(Event::Missed {
                room: self.wish.key,
                from: entry.n,
            });
        }
        self.enter_by = Instant::now() + HANDSHAKE_TIMEOUT;
        self.take_entry(entry);
    }

    /// A page of what we missed is here; asks for the next one.
    pub(super) fn page_ended(&mut self, end: PageEnd) -> Result<(), End> {
        self.enter_by = Instant::now() + HANDSHAKE_TIMEOUT;
        if end.n < end.newest {
            let standing = self.here.standing();
            self.send(&Body::Here(standing))?;
        }
        Ok(())
    }

    /// The host keeps some of what we missed no more.
    pub(super) fn take_let_go(&mut self, piece: LetGo) -> Result<(), End> {
        self.enter_by = Instant::now() + HANDSHAKE_TIMEOUT;
        match self.here.log.take_let_go(piece) {
            Ok(None) => {}
            Ok(Some(NotKept { from, to })) => {
                let room = self.wish.key;
                self.here.keeper.begin_behind();
                self.tell_welcomed();
                self.context.teller.tell(Event::LetGo { room, from, to });
            }
            Err(fault) => {
                self.alarm(Alarm::Entry { author: None, fault });
                return Err(End::not_authentic(fault));
            }
        }
        Ok(())
    }

    /// What we missed begins to come: which room it is of is told first, unless we were in it before in this run.
    fn tell_welcomed(&mut self) {
        if !self.here.was_in && self.welcomed.is_none() {
            let joined = self.joined();
            self.context.teller.tell(Event::Welcomed(joined));
        }
    }

    pub(super) fn take_roster(&mut self, piece: Roster) -> Result<(), End> {
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
            self.here.begin_anew(self.context);
        }
        self.entered = true;
        self.confirmed = self.here.log.n();
        let n = self.here.log.n();
        for message in self.here.settle_logged(self.wish) {
            self.context.teller.tell(Event::Logged { message, n });
        }
        if !self.here.outbox_follows() {
            self.give_up_outbox();
        }
        self.here.take_up_chain();
        self.tell_entered();
        // A state that counts entries which are not on the disk would hide them for ever.
        self.here.keep(self.context);
        self.here.keep_way_back(self.context);
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
        // What the log did not say until here, it does not say any more.
        self.here.knows_too_slow = false;
        let teller = self.context.teller.clone();
        self.keep_in_list();
        if was_in {
            let resumed = self.agreed.is_resumed();
            teller.tell(Event::Returned { room, resumed });
        } else {
            let joined = self.joined();
            teller.tell(Event::JoinAdvanced {
                room,
                step: JoinStep::Admitted,
            });
            teller.tell(Event::Joined(joined));
            self.here.tell_waiting(self.wish, self.context);
        }
        (self.context.tell_rooms)();
        let present = self.here.log.members();
        teller.note_present(room, present.map(|(identity, _)| identity.fingerprint()));
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
        teller.tell(Event::RosterTold { room });
        let rules = Rules::of(&self.here.log);
        if rules != Rules::default() || was_in {
            teller.tell(Event::RulesChanged { room, rules });
        }
        if let Some(messages) = self.missed_messages.take() {
            teller.tell(Event::CaughtUp { room, messages });
        }
    }

    /// We as a member of the room. The host is judged once: that it was met is noted with it.
    fn joined(&mut self) -> Joined {
        let trust = self.welcomed.unwrap_or_else(|| self.judge_host());
        self.welcomed = Some(trust);
        Joined {
            room: self.wish.key,
            id: self.agreed.room.id,
            room_name: self.agreed.room.name.clone(),
            host_name: self.agreed.peer.name.clone(),
            host: self.agreed.peer.identity.fingerprint(),
            own: self.own,
            own_name: self.wish.name.clone(),
            trust,
            sas: self.agreed.sas,
            address: self.address,
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
            .unwrap_or_else(PoisonError::into_inner)
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
}
