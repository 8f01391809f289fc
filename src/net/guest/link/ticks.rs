//! Ticks: how far we have the log, told to the host, and how far the others have what we said.

use std::time::Instant;

use super::{End, Link};
use crate::crypto::Fingerprint;
use crate::net::keep::Followed;
use crate::net::limits::{CONFIRM_INTERVAL, CONFIRM_INTERVAL_A_MEMBER, CONFIRM_SOON};
use crate::net::{Delivery, Event, MessageId};
use crate::protocol::body::Body;

impl Link<'_> {
    /// Tells the host how far our copy of the log goes.
    pub(super) fn confirm(&mut self, now: Instant) -> Result<(), End> {
        self.confirm_due = None;
        let standing = self.here.standing();
        if standing.n > self.confirmed && self.leaving_by.is_none() {
            (self.confirmed, self.confirmed_at) = (standing.n, Some(now));
            self.send(&Body::Here(standing))?;
        }
        Ok(())
    }

    pub(super) fn confirm_soon(&mut self) {
        if self.confirm_due.is_some() || !self.entered {
            return;
        }
        let now = Instant::now();
        let members = u32::try_from(self.here.log.members().count()).unwrap_or(u32::MAX);
        let interval = CONFIRM_INTERVAL.max(CONFIRM_INTERVAL_A_MEMBER * members);
        let next = self.confirmed_at.map_or(now, |at| at + interval);
        self.confirm_due = Some(next.max(now + CONFIRM_SOON));
    }

    /// Whoever is here, or expected back, is waited for; the host has it: its log is where it came from.
    pub(super) fn follow(&mut self, id: MessageId, n: u64) {
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

    /// Messages of ours from an earlier run: the host has them, and the others' ticks go on growing.
    pub(super) fn follow_further(&mut self) {
        let host = self.agreed.peer.identity.fingerprint();
        let mut deliveries = self.here.ticks.confirm([(host, self.here.log.n())]);
        for Followed { id, n, others } in self.here.keeper.said_earlier(&self.own, &self.here.log).own {
            deliveries.push(self.here.ticks.follow(id, n, others.into_iter()));
        }
        self.tell_deliveries(deliveries);
    }

    pub(super) fn tell_deliveries(&self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            self.context.teller.tell(Event::Delivered {
                room: self.wish.key,
                delivery,
            });
        }
    }
}
