//! What members missed, page by page, before they are admitted.
//!
//! A guest gets one more page for each page end that it answers. It could answer pages that it has not read: it can guess
//! where they end. So an answer is a wish and nothing more. The room sends pages in its own time, a few in a turn of its
//! thread, and none to somebody who has not paid for the last one yet.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use super::entering::Arrival;
use super::{RoomThread, Task};
use crate::crypto::Fingerprint;
use crate::net::host::ConnId;
use crate::net::host::allowances::MemberAllowance;
use crate::net::limits::PAGES_AHEAD;
use crate::protocol::body::{self, Body, PageEnd, Standing};
use crate::protocol::limits::{MAX_PAGE_BYTES, MAX_PAGE_ENTRIES};

/// So many pages are sent in a turn of the room's thread: what else it hears waits no longer than for them.
const PAGES_A_TURN: usize = 4;

/// Those who get what they missed first.
#[derive(Default)]
pub(super) struct CatchUps {
    by_conn: HashMap<ConnId, CatchUp>,
    /// Who wants pages, each once, in turn. Somebody who is gone may stand here for a while.
    turns: VecDeque<ConnId>,
}

struct CatchUp {
    arrival: Arrival,
    /// What it pays with.
    allowance: MemberAllowance,
    /// So many pages it wants.
    wanted: u32,
    /// The last entries of the pages that it did not answer yet, where more come behind them.
    page_ends: VecDeque<u64>,
}

impl CatchUp {
    /// When it has paid for its last page; `None` if it has.
    fn next_page_at(&self) -> Option<Instant> {
        self.allowance.lock().next_page_at()
    }
}

impl CatchUps {
    /// Somebody gets what it missed from now on.
    pub fn begin(&mut self, arrival: Arrival, allowance: MemberAllowance) {
        let conn = arrival.conn;
        let begun = CatchUp {
            arrival,
            allowance,
            wanted: PAGES_AHEAD,
            page_ends: VecDeque::new(),
        };
        self.by_conn.insert(conn, begun);
        self.turns.push_back(conn);
    }

    /// Whether somebody on this connection gets what it missed.
    pub fn holds(&self, conn: ConnId) -> bool {
        self.by_conn.contains_key(&conn)
    }

    /// The connection on which somebody gets what it missed.
    pub fn conn_of(&self, who: &Fingerprint) -> Option<ConnId> {
        let mut all = self.by_conn.iter();
        all.find(|(_, one)| one.arrival.identity.fingerprint() == *who)
            .map(|(conn, _)| *conn)
    }

    /// Somebody has everything, or is gone.
    pub fn remove(&mut self, conn: ConnId) -> Option<Arrival> {
        self.by_conn.remove(&conn).map(|done| done.arrival)
    }

    /// Takes in where somebody says that it stands; gives whether it gets what it missed. When that answers a page, it wants
    /// one more; any other is answered with nothing. Who is behind a gap knows no head, and says that it stands at 0.
    pub fn take_answer(&mut self, conn: ConnId, standing: &Standing) -> bool {
        let Some(one) = self.by_conn.get_mut(&conn) else {
            return false;
        };
        let answers = |end: &mut u64| standing.n == *end || standing.n == 0;
        if one.page_ends.pop_front_if(answers).is_some() {
            if one.wanted == 0 {
                self.turns.push_back(conn);
            }
            one.wanted += 1;
        }
        true
    }

    /// Whose turn it is to get a page; who has to pay first stays in the queue.
    fn take_turn(&mut self, now: Instant) -> Option<ConnId> {
        for _ in 0..self.turns.len() {
            let conn = self.turns.pop_front()?;
            let Some(one) = self.by_conn.get_mut(&conn) else {
                continue;
            };
            if one.next_page_at().is_some_and(|at| at > now) {
                self.turns.push_back(conn);
                continue;
            }
            one.wanted = one.wanted.saturating_sub(1);
            if one.wanted > 0 {
                self.turns.push_back(conn);
            }
            return Some(conn);
        }
        None
    }

    /// When somebody gets a page next; `None` while nobody wants one.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        let waiting = self.turns.iter().filter_map(|conn| self.by_conn.get(conn));
        waiting.map(|one| one.next_page_at().unwrap_or(now)).min()
    }
}

impl RoomThread<'_> {
    /// Begins to send somebody what it missed.
    pub(super) fn begin_to_catch_up(&mut self, arrival: Arrival) {
        let who = arrival.identity.fingerprint();
        let allowance = self.shared.allowances.of(&who, Instant::now());
        self.catch_ups.begin(arrival, allowance);
    }

    /// Sends the next pages, to one after the other of those who want some.
    pub(super) fn send_pages(&mut self, now: Instant) {
        for _ in 0..PAGES_A_TURN {
            let Some(conn) = self.catch_ups.take_turn(now) else {
                return;
            };
            self.send_page(conn, now);
        }
    }

    /// Sends somebody the next entries, and has it pay as for its messages; admits it when there are no more.
    fn send_page(&mut self, conn: ConnId, now: Instant) {
        self.publish_all();
        let newest = self.log.n();
        let Some(catch_up) = self.catch_ups.by_conn.get_mut(&conn) else {
            return;
        };
        let CatchUp {
            arrival,
            allowance,
            wanted: _,
            page_ends,
        } = catch_up;
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
        let at = arrival.at;
        if at < newest {
            page_ends.push_back(at);
        }
        let rows = rows.into_iter().map(|row| Body::Entry(row.entry()));
        let end = Body::PageEnd(PageEnd { n: at, newest });
        texts.extend(rows.chain([end]).map(|text| Arc::from(body::encode(&text))));
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        allowance.lock().charge_page(texts.len(), bytes, now);
        let texts = texts.into();
        self.give(conn, Task::SendAll { conn, texts });
        if at >= newest
            && let Some(arrival) = self.catch_ups.remove(conn)
        {
            self.admit(arrival);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::test_keys::BOB;
    use crate::crypto::{Identity, Sas};
    use crate::net::host::allowances::Allowances;

    fn conn(number: u64) -> ConnId {
        ConnId { reactor: 0, number }
    }

    fn arrival(conn: ConnId) -> Arrival {
        let identity = Identity::from_pem(BOB).unwrap().public().clone();
        let who = identity.fingerprint();
        Arrival {
            conn,
            sas: Sas::new(&who, &who, &[1; 32], &[2; 32]),
            identity,
            name: "Bob".to_owned(),
            at: 1,
            removals: 0,
        }
    }

    #[test]
    fn everybody_gets_a_page_in_turn_and_who_has_to_pay_for_the_last_one_waits() {
        let now = Instant::now();
        let allowances = Allowances::new(now);
        let allowance = |name: &str| allowances.of(&Fingerprint::of_der(name.as_bytes()), now);
        let mut catch_ups = CatchUps::default();
        assert_eq!(catch_ups.due(now), None);
        for (number, name) in [(1, "ada"), (2, "bob"), (3, "cem")] {
            catch_ups.begin(arrival(conn(number)), allowance(name));
        }
        while allowance("bob").lock().next_page_at().is_none() {
            allowance("bob").lock().charge_page(512, 1 << 20, now);
        }
        assert_eq!(catch_ups.due(now), Some(now));
        let turns: Vec<ConnId> = std::iter::from_fn(|| catch_ups.take_turn(now)).collect();
        assert_eq!(turns, [1, 3, 1, 3].map(conn));
        let paid = allowance("bob").lock().next_page_at().unwrap();
        assert!(paid > now);
        assert_eq!(catch_ups.due(now), Some(paid));
        assert_eq!(catch_ups.take_turn(paid), Some(conn(2)));
        assert!(catch_ups.remove(conn(2)).is_some());
        assert_eq!((catch_ups.take_turn(paid), catch_ups.due(paid)), (None, None));
        assert!(catch_ups.holds(conn(1)) && !catch_ups.holds(conn(2)));
    }

    #[test]
    fn no_more_pages_are_wanted_than_were_answered_however_often_somebody_says_where_it_stands() {
        let now = Instant::now();
        let mut catch_ups = CatchUps::default();
        let allowance = Allowances::new(now).of(&Fingerprint::of_der(b"bob"), now);
        catch_ups.begin(arrival(conn(1)), allowance);
        let here = |n| Standing { n, head: [0; 32] };
        assert!(!catch_ups.take_answer(conn(2), &here(0)), "it is not here");
        while catch_ups.take_turn(now).is_some() {}
        catch_ups
            .by_conn
            .get_mut(&conn(1))
            .unwrap()
            .page_ends
            .extend([32, 64]);
        let mut wanted_at = |n: u64| {
            assert!(catch_ups.take_answer(conn(1), &here(n)));
            catch_ups.by_conn[&conn(1)].wanted
        };
        for n in [1, 33, 64, 5000] {
            assert_eq!(wanted_at(n), 0, "{n} does not answer the first page");
        }
        assert_eq!(wanted_at(32), 1);
        assert_eq!(wanted_at(32), 1, "it was answered");
        assert_eq!(wanted_at(0), 2, "behind a gap no head is known");
        assert_eq!(wanted_at(0), 2, "no other page is under way");
        let turns: Vec<ConnId> = std::iter::from_fn(|| catch_ups.take_turn(now)).collect();
        assert_eq!(turns, [conn(1), conn(1)]);
    }
}
