//! Who comes in, who goes, and what the log's new entries tell everybody.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use super::{ConnId, Kept, RoomThread, Task, ToWrite};
use crate::crypto::{Fingerprint, PublicIdentity, Sas};
use crate::net::host::Guest;
use crate::net::host::reactor::Entrant;
use crate::net::{Event, MemberSeen, MessageId};
use crate::protocol::body::{self, Body, Entry, Return, Standing};
use crate::protocol::{Appended, Content, DepartureReason};

/// Somebody who finished the handshake and is not a member yet.
pub(super) struct Arrival {
    pub conn: ConnId,
    pub identity: PublicIdentity,
    pub name: String,
    pub sas: Sas,
    /// Up to which entry it has the log; 0 for somebody new.
    pub at: u64,
    /// How often somebody had been sent away when its handshake began.
    pub removals: u64,
}

impl RoomThread<'_> {
    pub(super) fn arrived(&mut self, mut arrival: Arrival, standing: &Standing) {
        let fingerprint = arrival.identity.fingerprint();
        if !self.may_come_in(&fingerprint, arrival.removals) {
            let conn = arrival.conn;
            return self.give(conn, Task::Drop { conn });
        }
        self.tell_use(&fingerprint);
        // The same person came back before its old connection was noticed as dead, or joins from somewhere else. The old
        // one is told so, and does not come back by itself: else the two would throw each other out for ever.
        let earlier = [
            self.conn_of(&fingerprint),
            self.arriving.get(&fingerprint).map(|earlier| earlier.conn),
            self.catch_ups.conn_of(&fingerprint),
        ];
        for old in earlier.into_iter().flatten() {
            self.take_out(old);
            self.catch_ups.remove(old);
            self.give(old, Task::Replace { conn: old });
        }
        // It may have been let in on one line and knock on another.
        if let Some(knocking) = self.knocking.remove(&fingerprint) {
            self.give(knocking, Task::Drop { conn: knocking });
            self.knock_ended(fingerprint);
        }
        if !self.may_catch_up(&fingerprint, standing) {
            // Nobody new gets what was said before; of a log that is not ours there is no rest.
            arrival.at = 0;
            return self.admit(arrival);
        }
        self.delivered.confirm(&fingerprint, standing.n, &self.shared);
        self.begin_to_catch_up(arrival);
    }

    /// Whether nobody sent it away, or blocked it, since its handshake began: also not between the reactor's look and now.
    /// Nobody new comes into a room that knows as many as it can: its members would not take the admission.
    fn may_come_in(&self, who: &Fingerprint, removals: u64) -> bool {
        let is_welcome =
            !self.shared.teller.is_blocked(who) && self.shared.door().still_admits(who, removals);
        is_welcome && self.log.has_place_for(who)
    }

    /// Whether somebody gets what came behind the entry at which it says to stand. Nobody gets what was said before it was
    /// here first, whatever it says.
    fn may_catch_up(&self, who: &Fingerprint, standing: &Standing) -> bool {
        let first = self.log.first_admission(who);
        standing.n > 0 && first.is_some_and(|first| first <= standing.n) && self.goes_on_from(standing)
    }

    /// Whether a copy of the log that stands there is the beginning of ours. Where the head there was let go together with
    /// the entry it can't be told, and it is believed.
    fn goes_on_from(&self, standing: &Standing) -> bool {
        let at = (standing.n, standing.head);
        let head = self.log.head_at(standing.n);
        if let Some(head) = head.or_else(|| self.keeper.head_at(standing.n)) {
            return head == standing.head;
        }
        let let_go = self.keeper.let_go(&self.log);
        let_go.is_some_and(|last| standing.n < last.0 || last == at)
    }

    pub(super) fn admit(&mut self, arrival: Arrival) {
        let fingerprint = arrival.identity.fingerprint();
        self.arriving.insert(fingerprint, arrival);
        self.admissions.push(fingerprint);
    }

    /// Whether somebody who is to be admitted finds a place beside `newcomers`, who are admitted with it and whom the log
    /// does not know yet. Who finds none is hung up on: the members would not take its admission.
    pub(super) fn finds_place(&mut self, who: &Fingerprint, newcomers: &mut HashSet<Fingerprint>) -> bool {
        let Some(conn) = self.arriving.get(who).map(|arrival| arrival.conn) else {
            // It is gone, and takes none.
            return true;
        };
        let is_known = self.log.name_of(who).is_some();
        if is_known || newcomers.contains(who) || newcomers.len() < self.log.places() {
            if !is_known {
                newcomers.insert(*who);
            }
            return true;
        }
        self.arriving.remove(who);
        self.give(conn, Task::Drop { conn });
        false
    }

    pub(super) fn gone(&mut self, conn: ConnId, reason: DepartureReason) {
        if let Some(behind) = self.catch_ups.remove(conn) {
            // The line that it came to replace was taken out without a word: it may be present still.
            let fingerprint = behind.identity.fingerprint();
            self.desk.left(&fingerprint);
            self.to_write.push_back(ToWrite::Dismiss(fingerprint, reason));
        }
        // Whose admission is being signed right now will be in the log when this is written.
        let arriving = self.arriving.iter().find(|(_, arrival)| arrival.conn == conn);
        if let Some(fingerprint) = arriving.map(|(fingerprint, _)| *fingerprint) {
            self.arriving.remove(&fingerprint);
            self.to_write.push_back(ToWrite::Dismiss(fingerprint, reason));
        }
        if let Some(guest) = self.take_out(conn) {
            self.desk.left(&guest.fingerprint);
            self.to_write
                .push_back(ToWrite::Dismiss(guest.fingerprint, reason));
        }
    }

    /// Keeps what came into the log, then tells it.
    pub(super) fn publish_all(&mut self) {
        let appended = std::mem::take(&mut self.unpublished);
        if appended.is_empty() {
            return;
        }
        self.keep(appended.iter().map(Kept::of).collect());
        appended.into_iter().for_each(|appended| self.publish(appended));
    }

    /// Tells an entry of the log to the members and to the window.
    fn publish(&mut self, appended: Appended) {
        self.unsigned_entries = true;
        let Appended {
            n,
            head: _,
            event,
            author_name: _,
        } = appended;
        if let Content::Admitted(member) = &event.event.content {
            self.entering.push(Fingerprint::of_der(&member.identity));
        }
        let entry = Entry {
            n,
            event: event.bytes,
            signature: event.signature,
        };
        self.broadcast(&Body::Entry(entry));
        let room = self.shared.key;
        match event.event.content {
            Content::Message { text } => {
                let author = event.event.author;
                let id = MessageId(event.hash);
                let message = self.message(id, author, text, event.event.time_ms);
                self.shared.teller.tell(Event::Logged { message, n });
                self.said(author, id, n);
            }
            Content::Admitted(_) => {}
            Content::Departed { member, reason } => {
                if matches!(reason, DepartureReason::Removed | DepartureReason::Banned) {
                    self.hang_up_on(&member);
                }
                // Who was gone before it was told to be here, or was here in an earlier run, does not leave.
                if self.told.remove(&member) {
                    let name = self.log.name_of(&member).unwrap_or_default().to_owned();
                    self.shared.teller.tell(Event::MemberLeft {
                        room,
                        fingerprint: member,
                        name,
                        reason,
                    });
                }
            }
            Content::ReadOnly(_) | Content::Muted { .. } => self.tell_rules(),
        }
    }

    /// The line of somebody who was sent away is cut behind the entry that says so.
    fn hang_up_on(&mut self, member: &Fingerprint) {
        if let Some(conn) = self.conn_of(member) {
            self.take_out(conn);
            self.desk.left(member);
            self.give(conn, Task::Drop { conn });
        }
    }

    /// Those whose admissions are in the log now hear the room from here on. They came in one batch
    /// and get one roster: to write it for each would take the square of a full room's members.
    pub(super) fn enter_all(&mut self) {
        let arrived: Vec<Arrival> = std::mem::take(&mut self.entering)
            .into_iter()
            .filter_map(|fingerprint| self.arriving.remove(&fingerprint))
            .collect();
        if arrived.is_empty() {
            return;
        }
        let secret = self.shared.door().return_secret.clone();
        let pieces = self.log.roster().into_iter().map(Body::Roster);
        let positions = self.delivered.everybody().map(Body::Positions);
        let texts: Arc<[Arc<[u8]>]> = pieces
            .chain([Body::Return(Return { secret })])
            .chain(positions)
            .map(|text| body::encode(&text).into())
            .collect();
        for (index, reactor) in self.reactors.handles.iter().enumerate() {
            let here = arrived.iter().filter(|arrival| arrival.conn.reactor == index);
            let entrants: Vec<Entrant> = here.map(|arrival| self.entrant(arrival)).collect();
            if !entrants.is_empty() {
                let texts = Arc::clone(&texts);
                reactor.give(Task::Enter { entrants, texts });
            }
        }
        arrived.into_iter().for_each(|arrival| self.enter(arrival));
        // Who is a member comes back with the room's own secret.
        self.keep_state();
    }

    /// Somebody who comes in, with what came since its last page, its own admission too.
    fn entrant(&self, arrival: &Arrival) -> Entrant {
        let (at, conn) = (arrival.at, arrival.conn);
        let most = self.log.n().saturating_sub(at);
        let rows = match at {
            0 => Vec::new(),
            at => self.keeper.behind(at, most, usize::MAX),
        };
        let missed = rows
            .into_iter()
            .map(|row| body::encode(&Body::Entry(row.entry())).into())
            .collect();
        Entrant { conn, missed }
    }

    fn enter(&mut self, arrival: Arrival) {
        let Arrival {
            conn,
            identity,
            name,
            sas,
            at: _,
            removals: _,
        } = arrival;
        let (fingerprint, now) = (identity.fingerprint(), Instant::now());
        self.delivered.confirm(&fingerprint, self.log.n(), &self.shared);
        self.guests.insert(
            conn,
            Guest {
                fingerprint,
                name: name.clone(),
                declined: self.declined_of_gone.take(&fingerprint, now),
            },
        );
        let member = MemberSeen {
            fingerprint,
            name,
            is_host: false,
            was_here: false,
            sas: Some(sas),
        };
        self.told.insert(fingerprint);
        self.shared.teller.tell(Event::MemberJoined {
            room: self.shared.key,
            member,
        });
        if let Some(partner) = self.partner(&fingerprint) {
            self.desk.came(&partner, now);
        }
    }
}
