//! From the room to the sockets: texts, refusals, goodbyes, and the rule for who reads too slowly.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::Reactor;
use super::conn::{Flushed, Full, Stage};
use super::ledger::Text;
use crate::net::host::piece::Piece;
use crate::net::limits::{GOODBYE_TIMEOUT, HELD_AFTERWARDS, HELD_BYTES, LAST_WORD_TIMEOUT, STALL};
use crate::protocol::{CloseReason, DepartureReason};

impl Reactor {
    /// Says why not, then ends.
    pub(super) fn refuse(&mut self, number: u64, frame: &[u8]) {
        if let Some(conn) = self.conns.get_mut(&number) {
            conn.stage = Stage::Away;
            conn.ends_when_flushed = true;
            let _ = conn.outgoing.push_sealed(frame);
            self.end_by(number, Instant::now() + GOODBYE_TIMEOUT);
            self.flush(number);
        }
    }

    /// Ends a connection when all is written that waits for it. The first reason is the one that is said.
    pub(super) fn say_goodbye(&mut self, number: u64, reason: CloseReason) {
        self.hears_no_more(number);
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        conn.goodbye.get_or_insert(reason);
        conn.ends_when_flushed = true;
        self.end_by(number, Instant::now() + GOODBYE_TIMEOUT);
        self.flush(number);
    }

    /// Drops a member who reads too slowly, and has it told so in place of what it did not read.
    pub(super) fn dismiss(&mut self, number: u64) {
        self.tell_gone(number, DepartureReason::TooSlow);
        self.cut_short(number, CloseReason::TooSlow);
    }

    /// Ends a member's connection and says why in place of what waits for it, with more time to read that than any other
    /// goodbye has. Does nothing where a goodbye is under way: what was said before that one is to be heard.
    pub(super) fn cut_short(&mut self, number: u64, reason: CloseReason) {
        self.hears_no_more(number);
        let Some(conn) = self.conns.get_mut(&number).filter(|conn| !conn.ends_when_flushed) else {
            return;
        };
        conn.outgoing.forget_unsealed();
        conn.ends_when_flushed = true;
        if let Stage::Live(connection) = &mut conn.stage {
            connection.close_because(reason);
        }
        self.end_by(number, Instant::now() + LAST_WORD_TIMEOUT);
        let _ = self.drain(number);
        self.mark_dirty(number);
    }

    pub(super) fn hears_from_now_on(&mut self, number: u64) {
        if let Some(conn) = self.conns.get_mut(&number)
            && !conn.ends_when_flushed
            && !conn.hears_room
        {
            conn.hears_room = true;
            self.hearers.insert(number);
            self.shared.hearers.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn hears_no_more(&mut self, number: u64) {
        if self.hearers.remove(&number) {
            self.shared.hearers.fetch_sub(1, Ordering::Relaxed);
        }
        if let Some(conn) = self.conns.get_mut(&number) {
            conn.hears_room = false;
        }
    }

    /// A text, to wait for as many as it is for.
    pub(super) fn text(&self, bytes: &Arc<[u8]>) -> Text {
        Text::new(Arc::clone(bytes), &self.ledger)
    }

    pub(super) fn send_all(&mut self, number: u64, texts: impl Iterator<Item = Text>) {
        texts.for_each(|text| self.send(number, text));
    }

    pub(super) fn send(&mut self, number: u64, text: Text) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        if !matches!(conn.stage, Stage::Live(_)) || conn.ends_when_flushed {
            return;
        }
        match conn.outgoing.push_text(text) {
            Ok(()) => {
                self.mark_dirty(number);
                self.make_room();
            }
            Err(Full) => self.dismiss(number),
        }
    }

    /// Has a private piece wait for somebody. Nobody is dropped for that: the room saw to it that there is a place.
    pub(super) fn pass(&mut self, number: u64, piece: Piece) {
        if let Some(conn) = self.conns.get_mut(&number)
            && matches!(conn.stage, Stage::Live(_))
            && !conn.ends_when_flushed
        {
            conn.outgoing.push_piece(piece);
            self.mark_dirty(number);
        }
    }

    /// When what waits for all members takes too much memory, those who hold most of it are dropped: each by itself reads
    /// fast enough, and there are too many of them. Several at once, so that they are not all looked through for each text.
    fn make_room(&mut self) {
        if self.ledger.held_bytes() <= HELD_BYTES {
            return;
        }
        // What a socket takes at once need not wait.
        self.flush_dirty();
        if self.ledger.held_bytes() <= HELD_BYTES {
            return;
        }
        let mut parts: Vec<(usize, u64)> = self
            .conns
            .iter()
            .map(|(number, conn)| (conn.outgoing.held_bytes(), *number))
            .collect();
        parts.sort_unstable_by(|one, other| other.cmp(one));
        for (_, number) in parts {
            if self.ledger.held_bytes() <= HELD_AFTERWARDS {
                break;
            }
            let may_be_told = self
                .conns
                .get(&number)
                .is_some_and(|conn| matches!(conn.stage, Stage::Live(_)) && !conn.ends_when_flushed);
            if may_be_told {
                self.dismiss(number);
            } else {
                // It was told, and does not read that either.
                self.end(number, DepartureReason::TooSlow);
            }
        }
    }

    pub(super) fn mark_dirty(&mut self, number: u64) {
        if let Some(conn) = self.conns.get_mut(&number)
            && !std::mem::replace(&mut conn.is_dirty, true)
        {
            self.dirty.push(number);
        }
    }

    /// Flushes those for whom something came.
    pub(super) fn flush_dirty(&mut self) {
        for number in std::mem::take(&mut self.dirty) {
            if let Some(conn) = self.conns.get_mut(&number) {
                conn.is_dirty = false;
            }
            self.flush(number);
        }
    }

    /// Seals and writes what waits, as far as the socket takes it.
    pub(super) fn flush(&mut self, number: u64) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        let connection = match &mut conn.stage {
            Stage::Live(connection) => Some(&mut **connection),
            _ => None,
        };
        let now = Instant::now();
        let outcome = conn.outgoing.flush(
            connection,
            conn.recorder.as_deref_mut(),
            &mut conn.stream,
            &mut self.wire,
            now,
        );
        match outcome {
            Ok(Flushed::All) if conn.goodbye.is_some() => {
                if let (Some(reason), Stage::Live(connection)) = (conn.goodbye.take(), &mut conn.stage) {
                    connection.close_because(reason);
                }
                let _ = self.drain(number);
                self.flush(number);
            }
            Ok(Flushed::All) if conn.ends_when_flushed && !conn.lingers => {
                conn.lingers = true;
                let _ = conn.stream.shutdown(std::net::Shutdown::Write);
            }
            Ok(Flushed::All) => {}
            Ok(Flushed::SocketFull) if conn.deadline.is_none() => self.end_by(number, now + STALL),
            Ok(Flushed::SocketFull) => {}
            Ok(Flushed::BudgetSpent) => self.mark_dirty(number),
            Err(_) => self.end(number, DepartureReason::ConnectionLost),
        }
    }
}
