//! Who comes in, what it missed, who goes, and what the log's new entries tell everybody.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use super::{ConnId, Kept, RoomThread, Task, ToWrite};
use crate::crypto::{Fingerprint, PublicIdentity, Sas};
use crate::net::host::Guest;
use crate::net::limits::PAGES_AHEAD;
use crate::net::{Event, MemberSeen, MessageId};
use crate::protocol::body::{self, Body, Entry, PageEnd, Return, Standing};
use crate::protocol::limits::{MAX_PAGE_BYTES, MAX_PAGE_ENTRIES};
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

/// Somebody who gets what it missed first.
pub(super) struct CatchingUp {
    pub arrival: Arrival,
    /// The last entries of the pages that it did not answer yet, where more come behind them.
    pub page_ends: VecDeque<u64>,
}

impl CatchingUp {
    /// Whether somebody who says where it stands answers a page, which then is not under way any more. Who is behind a gap
    /// knows no head, and says that it stands at 0.
    pub fn answers_page(&mut self, standing: &Standing) -> bool {
        let answers = |end: &mut u64| standing.n == *end || standing.n == 0;
        self.page_ends.pop_front_if(answers).is_some()
    }
}

impl RoomThread<'_> {
    pub(super) fn arrived(&mut self, mut arrival: Arrival, standing: &Standing) {
        let fingerprint = arrival.identity.fingerprint();
        if !self.may_come_in(&fingerprint, arrival.removals) {
            let conn = arrival.conn;
            return self.give(conn, Task::Drop { conn });
        }
        self.tell_use(&fingerprint);
        // The same person came back before its old connection was noticed as dead.
        let guests = self.guests.iter().map(|(conn, guest)| (*conn, guest.fingerprint));
        let arriving = self.arriving.iter().map(|(who, earlier)| (earlier.conn, *who));
        let catching = self
            .catching_up
            .iter()
            .map(|(conn, earlier)| (*conn, earlier.arrival.identity.fingerprint()));
        let earlier: Vec<ConnId> = guests
            .chain(arriving)
            .chain(catching)
            .filter(|(_, who)| *who == fingerprint)
            .map(|(conn, _)| conn)
            .collect();
        for old in earlier {
            self.take_out(old);
            self.catching_up.remove(&old);
            self.give(old, Task::Drop { conn: old });
        }
        self.knocking.remove(&fingerprint);
        if standing.n == 0 || !(self.has(standing) || self.was_let_go(standing.n)) {
            // Nobody new gets what was said before; of a log that is not ours there is no rest.
            arrival.at = 0;
            return self.admit(arrival);
        }
        self.delivered.confirm(&fingerprint, standing.n, &self.shared);
        let conn = arrival.conn;
        let page_ends = VecDeque::new();
        self.catching_up.insert(conn, CatchingUp { arrival, page_ends });
        for _ in 0..PAGES_AHEAD {
            self.send_page(conn);
        }
    }

    /// Whether nobody sent it away, or blocked it, since its handshake began: also not between the reactor's look and now.
    fn may_come_in(&self, who: &Fingerprint, removals: u64) -> bool {
        !self.shared.teller.is_blocked(who) && self.shared.door().still_admits(who, removals)
    }

    /// Whether a member's copy of the log is the beginning of ours.
    fn has(&self, standing: &Standing) -> bool {
        self.log.continues(standing) || self.keeper.head_at(standing.n) == Some(standing.head)
    }

    /// Whether what came behind entry `n`, or that entry itself, is kept no more.
    fn was_let_go(&self, n: u64) -> bool {
        self.keeper.let_go(&self.log).is_some_and(|(last, _)| n < last)
    }

    fn admit(&mut self, arrival: Arrival) {
        let fingerprint = arrival.identity.fingerprint();
        self.arriving.insert(fingerprint, arrival);
        self.admissions.push(fingerprint);
    }

    /// Sends the next entries to somebody who catches up; admits it when there are no more.
    pub(super) fn send_page(&mut self, conn: ConnId) {
        self.publish_all();
        let newest = self.log.n();
        let Some(CatchingUp { arrival, page_ends }) = self.catching_up.get_mut(&conn) else {
            return;
        };
        let mut texts: Vec<Arc<[u8]>> = Vec::new();
        // What is not kept any more is said to be so, or it would look as if it were kept back.
        if let Some((last, head)) = self
            .keeper
            .let_go(&self.log)
            .filter(|(last, _)| arrival.at < *last)
        {
            arrival.at = last;
            let pieces = self.log.let_go(last, head).into_iter();
            texts.extend(pieces.map(|piece| body::encode(&Body::LetGo(piece)).into()));
        }
        let rows = self.keeper.behind(arrival.at, MAX_PAGE_ENTRIES, MAX_PAGE_BYTES);
        // Where none comes, none of those behind can be read: there is nothing more to send.
        arrival.at = rows.last().map_or(newest, |row| row.n);
        let (at, who) = (arrival.at, arrival.identity.fingerprint());
        if at < newest {
            page_ends.push_back(at);
        }
        let rows = rows.into_iter().map(|row| Body::Entry(row.entry()));
        let end = Body::PageEnd(PageEnd { n: at, newest });
        texts.extend(rows.chain([end]).map(|text| Arc::from(body::encode(&text))));
        self.charge_page(&who, &texts);
        let texts = texts.into();
        self.give(conn, Task::SendAll { conn, texts });
        if at >= newest
            && let Some(CatchingUp { arrival, .. }) = self.catching_up.remove(&conn)
        {
            self.admit(arrival);
        }
    }

    /// A member pays for its pages as for its messages: who asks for them without end is read from later.
    fn charge_page(&self, who: &Fingerprint, texts: &[Arc<[u8]>]) {
        let now = Instant::now();
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        let allowance = self.shared.allowances.of(who, now);
        allowance.lock().charge_page(texts.len(), bytes, now);
    }

    pub(super) fn gone(&mut self, conn: ConnId, reason: DepartureReason) {
        self.catching_up.remove(&conn);
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
        let texts: Vec<Arc<[u8]>> = pieces
            .chain([Body::Return(Return { secret })])
            .chain(positions)
            .map(|text| body::encode(&text).into())
            .collect();
        let for_new: Arc<[Arc<[u8]>]> = texts.clone().into();
        for arrival in arrived {
            let texts = if arrival.at > 0 {
                // What came since its last page, its own admission too.
                let most = self.log.n().saturating_sub(arrival.at);
                let rows = self.keeper.behind(arrival.at, most, usize::MAX).into_iter();
                let missed = rows.map(|row| body::encode(&Body::Entry(row.entry())).into());
                missed.chain(texts.iter().cloned()).collect()
            } else {
                Arc::clone(&for_new)
            };
            self.enter(arrival, texts);
        }
        // Who is a member comes back with the room's own secret.
        self.keep_state();
    }

    fn enter(&mut self, arrival: Arrival, texts: Arc<[Arc<[u8]>]>) {
        let Arrival {
            conn,
            identity,
            name,
            sas,
            at: _,
            removals: _,
        } = arrival;
        self.give(conn, Task::Enter { conn, texts });
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
