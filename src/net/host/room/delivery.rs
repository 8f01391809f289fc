//! Who has confirmed what: for the host's own ticks, and passed on to members who wrote lately.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use super::{ConnId, RoomThread};
use crate::crypto::Fingerprint;
use crate::net::host::Shared;
use crate::net::keep::Followed;
use crate::net::limits::{POSITIONS_INTERVAL, POSITIONS_INTERVAL_A_MEMBER};
use crate::net::ticks::Ticks;
use crate::net::{Delivery, Event, MessageId};
use crate::protocol::body::{Body, Position, Positions, Standing, Tally};
use crate::protocol::limits::MAX_POSITIONS;

/// What is known of deliveries.
#[derive(Debug, Default)]
pub(super) struct Delivered {
    ticks: Ticks,
    /// The host's own messages of an earlier run.
    earlier: HashSet<MessageId>,
    /// Whose position moved since it was passed on.
    moved: HashSet<Fingerprint>,
    /// Who wrote lately and waits for ticks, and its newest entry.
    authors: HashMap<Fingerprint, u64>,
    told_at: Option<Instant>,
    /// Since when somebody's position waits to be passed on.
    moved_at: Option<Instant>,
    members: u32,
}

impl Delivered {
    /// A member has the log up to `n`; gives how many of the host's own messages have a tick more, told or not.
    pub fn confirm(&mut self, member: &Fingerprint, n: u64, shared: &Shared) -> usize {
        if self.ticks.position(member) >= n {
            return 0;
        }
        let deliveries = self.ticks.confirm([(*member, n)]);
        let grown = deliveries.len();
        for delivery in deliveries.into_iter().filter(|delivery| self.is_known(delivery)) {
            shared.teller.tell(Event::Delivered {
                room: shared.key,
                delivery,
            });
        }
        self.moved.insert(*member);
        self.moved_at.get_or_insert_with(Instant::now);
        grown
    }

    /// Whether what is counted is all there is to know. Who had a message of an earlier run is not kept: until everybody
    /// whom it waits for was heard of in this one, somebody who had it and is away would be said not to have it.
    fn is_known(&self, delivery: &Delivery) -> bool {
        let is_heard_of = |who: &Fingerprint| self.ticks.position(who) > 0;
        !self.earlier.contains(&delivery.id) || delivery.awaited.iter().all(is_heard_of)
    }

    /// When positions are to be passed on next.
    pub fn due(&self) -> Option<Instant> {
        if self.moved.is_empty() || self.authors.is_empty() {
            return None;
        }
        let interval = POSITIONS_INTERVAL.max(POSITIONS_INTERVAL_A_MEMBER * self.members);
        // A fixed moment: one that moves along with the clock would never be reached.
        let moved_at = self.moved_at?;
        Some(self.told_at.map_or(moved_at, |at| moved_at.max(at + interval)))
    }

    /// All positions, for somebody who comes in; `None` where they are too many.
    pub fn everybody(&self) -> Option<Positions> {
        let confirmed: Vec<Position> = self
            .ticks
            .positions()
            .take(MAX_POSITIONS + 1)
            .map(|(member, n)| Position { member, n })
            .collect();
        (!confirmed.is_empty() && confirmed.len() <= MAX_POSITIONS).then_some(Positions { confirmed })
    }
}

/// How far all who are awaited confirmed the log, in order. Whoever came once and was lost is awaited, and anybody may be an
/// author: so they are not all gone through for each author.
struct Confirmed(Vec<u64>);

impl Confirmed {
    fn of(positions: impl Iterator<Item = u64>) -> Confirmed {
        let mut positions: Vec<u64> = positions.collect();
        positions.sort_unstable();
        Confirmed(positions)
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    /// How many confirmed entry `n`.
    fn up_to(&self, n: u64) -> usize {
        self.0.len() - self.0.partition_point(|at| *at < n)
    }
}

impl RoomThread<'_> {
    /// A message is in the log: from now on its author waits for ticks.
    pub(super) fn said(&mut self, author: Fingerprint, id: MessageId, n: u64) {
        if author != self.shared.identity.fingerprint() {
            self.delivered.authors.insert(author, n);
            return;
        }
        let others = self
            .log
            .awaited()
            .map(|(who, _)| who)
            .filter(|who| *who != author);
        let delivery = self.delivered.ticks.follow(id, n, others);
        self.shared.teller.tell(Event::Delivered {
            room: self.shared.key,
            delivery,
        });
    }

    /// Messages of an earlier run get their ticks when all the others have come back.
    pub(super) fn follow_further(&mut self) {
        let own = self.shared.identity.fingerprint();
        let said = self.keeper.said_earlier(&own, &self.log);
        for Followed { id, n, others } in said.own {
            self.delivered.earlier.insert(id);
            self.delivered.ticks.follow(id, n, others.into_iter());
        }
        self.delivered.authors.extend(said.others);
    }

    /// A guest says how far its copy goes: a tick for others, and in a catch-up the wish for more.
    pub(super) fn here(&mut self, conn: ConnId, standing: &Standing) {
        if self.catch_ups.take_answer(conn, standing) {
            return;
        }
        let Some(member) = self.guests.get(&conn).map(|guest| guest.fingerprint) else {
            return;
        };
        // Who has another order than ours is told so by its own checks; it confirms nothing here.
        if self.log.continues(standing) {
            let ticks = self.delivered.confirm(&member, standing.n, &self.shared);
            self.charge_ticks(&member, ticks);
        }
    }

    /// A member pays for the ticks that it brings: it may confirm a thousand messages at once, or each by itself.
    fn charge_ticks(&self, member: &Fingerprint, ticks: usize) {
        if ticks > 0 {
            let now = Instant::now();
            let allowance = self.shared.allowances.of(member, now);
            allowance.lock().charge_ticks(ticks, now);
        }
    }

    /// Tells members who wrote lately how far the others are, a few times a second at most.
    pub(super) fn tell_positions(&mut self, now: Instant) {
        if self.delivered.due().is_none_or(|at| at > now) {
            return;
        }
        self.delivered.told_at = Some(now);
        self.delivered.moved_at = None;
        let host = self.shared.identity.fingerprint();
        let awaited = self.log.awaited().map(|(who, _)| who);
        let awaited = awaited.filter(|who| *who != host);
        let awaited = Confirmed::of(awaited.map(|who| self.delivered.ticks.position(&who)));
        self.delivered.members = u32::try_from(awaited.len()).unwrap_or(u32::MAX);
        let moved: Vec<Fingerprint> = self.delivered.moved.drain().collect();
        let mut done = Vec::new();
        for (author, n) in &self.delivered.authors {
            // An author is one of them too, and does not wait for itself.
            let is_among = self.log.is_awaited(author);
            let has_itself = is_among && self.delivered.ticks.position(author) >= *n;
            let counted = awaited.up_to(*n) - usize::from(has_itself);
            if counted == awaited.len() - usize::from(is_among) {
                done.push(*author);
            }
            let Some(conn) = self.conn_of(author) else {
                continue;
            };
            if awaited.len() > MAX_POSITIONS {
                // The host has it too.
                let members = counted as u64 + 1;
                self.tell_one(conn, &Body::Tally(Tally { n: *n, members }));
                continue;
            }
            let confirmed: Vec<Position> = moved
                .iter()
                .filter(|who| *who != author)
                .take(MAX_POSITIONS)
                .map(|who| Position {
                    member: *who,
                    n: self.delivered.ticks.position(who),
                })
                .collect();
            if !confirmed.is_empty() {
                self.tell_one(conn, &Body::Positions(Positions { confirmed }));
            }
        }
        for author in done {
            self.delivered.authors.remove(&author);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_an_entry_is_counted_as_if_all_were_gone_through() {
        let positions = [7, 0, 3, 7, 12, 3, 1];
        let confirmed = Confirmed::of(positions.into_iter());
        assert_eq!(confirmed.len(), positions.len());
        for n in 0..15 {
            let one_by_one = positions.iter().filter(|at| **at >= n).count();
            assert_eq!(confirmed.up_to(n), one_by_one, "{n}");
        }
        assert_eq!(Confirmed::of([].into_iter()).up_to(0), 0);
    }
}
