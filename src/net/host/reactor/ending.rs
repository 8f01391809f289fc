//! How a connection ends: deadlines, stalls, and who is told.

use std::time::Instant;

use super::Reactor;
use super::conn::Stage;
use crate::net::host::ConnId;
use crate::net::host::room::Input;
use crate::net::limits::{SHORT_STAY, STALL};
use crate::protocol::DepartureReason;

impl Reactor {
    /// Sets the time by which a connection must be gone.
    pub(super) fn end_by(&mut self, number: u64, at: Instant) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        if let Some(old) = conn.deadline.replace(at) {
            self.deadlines.remove(&(old, number));
        }
        self.deadlines.insert((at, number));
    }

    pub(super) fn end(&mut self, number: u64, reason: DepartureReason) {
        self.leave_the_gate(number, false);
        self.hears_no_more(number);
        self.tell_gone(number, reason);
        self.shared.watch().gone(self.id(number));
        if self.watched == Some(number) {
            self.tell_recorded();
            (self.watched, self.recorded_waits) = (None, false);
        }
        let Some(mut conn) = self.conns.remove(&number) else {
            return;
        };
        if matches!(conn.stage, Stage::Knocking(_)) {
            let conn = ConnId {
                reactor: self.index,
                number,
            };
            self.hand_to_room(Input::KnockGone { conn });
        }
        let _ = self.poll.registry().deregister(&mut conn.stream);
        if let Some(deadline) = conn.deadline {
            self.deadlines.remove(&(deadline, number));
        }
        let now = Instant::now();
        if conn
            .member_since
            .is_some_and(|since| now.saturating_duration_since(since) < SHORT_STAY)
        {
            self.shared.gate().came_for_nothing(conn.origin, now);
        }
    }

    /// It is a member now, or gone.
    pub(super) fn leave_the_gate(&mut self, number: u64, became_member: bool) {
        if let Some(conn) = self.conns.get_mut(&number)
            && std::mem::take(&mut conn.at_the_gate)
        {
            self.newcomers.left(conn.origin, number);
            if became_member {
                self.shared.gate().became_member(conn.origin, Instant::now());
            }
        }
    }

    /// Tells the room that a member is gone, once.
    pub(super) fn tell_gone(&mut self, number: u64, reason: DepartureReason) {
        if let Some(conn) = self.conns.get_mut(&number)
            && matches!(conn.stage, Stage::Live(_))
            && !std::mem::replace(&mut conn.told_gone, true)
        {
            let conn = ConnId {
                reactor: self.index,
                number,
            };
            self.hand_to_room(Input::Gone { conn, reason });
        }
    }

    pub(super) fn expire(&mut self) {
        let now = Instant::now();
        while let Some((deadline, number)) = self.deadlines.first().copied()
            && deadline <= now
        {
            self.deadlines.pop_first();
            match self.conns.get_mut(&number) {
                Some(conn) if matches!(conn.stage, Stage::Live(_)) && !conn.ends_when_flushed => {
                    conn.deadline = None;
                    self.look_after_the_stalled(number, now);
                }
                _ => self.end(number, DepartureReason::ConnectionLost),
            }
        }
    }

    /// A member's socket was full a while ago: has it taken anything since?
    pub(super) fn look_after_the_stalled(&mut self, number: u64, now: Instant) {
        let Some(conn) = self.conns.get(&number).filter(|conn| !conn.outgoing.is_empty()) else {
            return;
        };
        let at = conn.outgoing.progress_at() + STALL;
        if at <= now {
            self.dismiss(number);
        } else {
            self.end_by(number, at);
        }
    }
}
