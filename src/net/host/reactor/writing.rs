//! From the room to the sockets: texts, refusals, goodbyes, and the rule for who reads too slowly.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::Reactor;
use super::conn::{Flushed, Full, Stage};
use crate::net::limits::{GOODBYE_TIMEOUT, LAST_WORD_TIMEOUT, STALL};
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

    pub(super) fn say_goodbye(&mut self, number: u64) {
        self.hears_no_more(number);
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        conn.says_goodbye = true;
        conn.ends_when_flushed = true;
        self.end_by(number, Instant::now() + GOODBYE_TIMEOUT);
        self.flush(number);
    }

    /// Drops a member who reads too slowly, and has it told so in place of what it did not read.
    pub(super) fn dismiss(&mut self, number: u64) {
        self.hears_no_more(number);
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        self.unsent -= conn.outgoing.text_bytes();
        conn.outgoing.forget_texts();
        conn.ends_when_flushed = true;
        if let Stage::Live(connection) = &mut conn.stage {
            connection.close_because(CloseReason::TooSlow);
        }
        self.tell_gone(number, DepartureReason::TooSlow);
        self.end_by(number, Instant::now() + LAST_WORD_TIMEOUT);
        let _ = self.drain(number);
        self.mark_dirty(number);
    }

    pub(super) fn hears_no_more(&mut self, number: u64) {
        if self.hearers.remove(&number) {
            self.shared.hearers.fetch_sub(1, Ordering::Relaxed);
        }
        if let Some(conn) = self.conns.get_mut(&number) {
            conn.hears_room = false;
        }
    }

    pub(super) fn send(&mut self, number: u64, text: &Arc<[u8]>) {
        let Some(conn) = self.conns.get_mut(&number) else {
            return;
        };
        if !matches!(conn.stage, Stage::Live(_)) || conn.ends_when_flushed {
            return;
        }
        let before = conn.outgoing.text_bytes();
        match conn.outgoing.push_text(Arc::clone(text)) {
            Ok(()) => {
                self.unsent += conn.outgoing.text_bytes() - before;
                self.mark_dirty(number);
            }
            Err(Full) => self.dismiss(number),
        }
    }

    pub(super) fn mark_dirty(&mut self, number: u64) {
        if let Some(conn) = self.conns.get_mut(&number)
            && !std::mem::replace(&mut conn.is_dirty, true)
        {
            self.dirty.push(number);
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
        let before = conn.outgoing.text_bytes();
        let outcome = conn.outgoing.flush(
            connection,
            conn.recorder.as_deref_mut(),
            &mut conn.stream,
            &mut self.wire,
            now,
        );
        self.unsent -= before - conn.outgoing.text_bytes();
        match outcome {
            Ok(Flushed::All) if std::mem::take(&mut conn.says_goodbye) => {
                if let Stage::Live(connection) = &mut conn.stage {
                    connection.close();
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
