//! Private pieces: from one member to another unread, and to and from the host's own desk.
//!
//! Nobody may lose its place because of what others send to it. So pieces stand back behind what the room says, they are
//! counted apart, and where too many wait the next one is not passed on: its sender is told so, as if its receiver were
//! away. What comes behind that piece would not open without it; it is let go of too, until a channel is begun anew.

use std::collections::HashMap;
use std::time::Instant;

use super::{RoomThread, Task};
use crate::crypto::Fingerprint;
use crate::net::Event;
use crate::net::host::ConnId;
use crate::net::host::piece::{Piece, Waiting};
use crate::net::limits::{MAX_PAIRS, MAX_PIECES, MAX_PIECES_FOR_ONE, MAX_PIECES_OF_ONE, SWEEP_INTERVAL};
use crate::net::private::{Out, Partner};
use crate::protocol::body::{self, Body, Private};
use crate::protocol::wire::FrameKind;

/// How many pieces wait, for whom and of whom. By keys and not by lines: who hangs up and comes again begins no new account.
#[derive(Debug, Default)]
pub(super) struct PassedOn {
    all: Waiting,
    to: HashMap<Fingerprint, Waiting>,
    /// By sender and receiver.
    pairs: HashMap<(Fingerprint, Fingerprint), Pair>,
    swept_at: Option<Instant>,
}

#[derive(Debug, Default)]
struct Pair {
    waiting: Waiting,
    /// Whether a piece was not passed on, and no channel was begun since.
    is_broken: bool,
}

/// What becomes of a piece.
#[derive(Debug)]
enum Passing {
    /// There is a place for it.
    On(Piece),
    /// There is none, and its sender is told.
    Back,
    /// It belongs to a channel of which a piece went back already.
    Nowhere,
}

impl PassedOn {
    fn pass(&mut self, from: Fingerprint, to: Fingerprint, bytes: Vec<u8>, now: Instant) -> Passing {
        self.sweep(now);
        if self.pairs.len() >= MAX_PAIRS && !self.pairs.contains_key(&(from, to)) {
            return Passing::Back;
        }
        let pair = self.pairs.entry((from, to)).or_default();
        if pair.is_broken && !is_of_a_handshake(&bytes) {
            return Passing::Nowhere;
        }
        let receiver = &*self.to.entry(to).or_default();
        let text = body::encode(&Body::Private(Private { member: from, bytes }));
        let size = Piece::size(&text);
        let most = match receiver.bytes() {
            0 => MAX_PIECES,
            _ => MAX_PIECES / 2,
        };
        pair.is_broken = pair.waiting.bytes() + size > MAX_PIECES_OF_ONE
            || receiver.bytes() + size > MAX_PIECES_FOR_ONE
            || self.all.bytes() + size > most;
        match pair.is_broken {
            true => Passing::Back,
            false => {
                let sums = [&pair.waiting, receiver, &self.all];
                Passing::On(Piece::new(text, sums.map(Waiting::clone)))
            }
        }
    }

    /// Forgets those for whom and of whom nothing waits, when there are many.
    fn sweep(&mut self, now: Instant) {
        let is_time = self.swept_at.is_none_or(|at| now >= at + SWEEP_INTERVAL);
        if is_time && self.pairs.len().max(self.to.len()) >= MAX_PAIRS {
            self.swept_at = Some(now);
            self.pairs.retain(|_, pair| pair.waiting.bytes() > 0);
            self.to.retain(|_, waiting| waiting.bytes() > 0);
        }
    }
}

/// Whether a piece can begin a channel, or belongs to a beginning.
fn is_of_a_handshake(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|kind| *kind < FrameKind::Data as u8)
}

impl RoomThread<'_> {
    /// Passes on what one member sent to another, unread; what is for the host goes to its own desk.
    pub(super) fn private(&mut self, conn: ConnId, private: Private) {
        let Some(from) = self.guests.get(&conn).map(|guest| guest.fingerprint) else {
            return self.spoke_too_soon(conn);
        };
        let Private { member, bytes } = private;
        if member == self.shared.identity.fingerprint() {
            if !self.shared.teller.is_blocked(&from)
                && let Some(partner) = self.partner(&from)
            {
                self.desk.receive(&partner, &bytes, Instant::now());
            }
            return;
        }
        if !self.pass_on(from, member, bytes) {
            // Only whom: what was to be passed on is the sender's to keep.
            let bytes = Vec::new();
            self.tell_one(conn, &Body::Away(Private { member, bytes }));
        }
    }

    /// Has a piece written to its receiver; `false` where its sender has to be told that it isn't.
    pub(super) fn pass_on(&mut self, from: Fingerprint, to: Fingerprint, bytes: Vec<u8>) -> bool {
        let Some(conn) = self.conn_of(&to) else {
            return false;
        };
        match self.passed_on.pass(from, to, bytes, Instant::now()) {
            Passing::On(piece) => self.give(conn, Task::Pass { conn, piece }),
            Passing::Nowhere => {}
            Passing::Back => return false,
        }
        true
    }

    /// Carries out what the host's own desk wants. What can't be passed on changes what there is to tell.
    pub(super) fn pass_on_private(&mut self) {
        let own = self.shared.identity.fingerprint();
        loop {
            let outs = self.desk.drain();
            if outs.is_empty() {
                return;
            }
            for out in outs {
                match out {
                    Out::Send { to, bytes } => {
                        if !self.pass_on(own, to, bytes) {
                            self.desk.not_passed_on(&to, Instant::now());
                        }
                    }
                    Out::NotKept { reason } => self.shared.teller.tell(Event::NotKept { reason }),
                    Out::Tell { with, event } => self.shared.teller.tell(Event::Private {
                        room: self.shared.key,
                        with,
                        event,
                    }),
                }
            }
        }
    }

    /// Begins anew with those to whom something of the host's own could not be passed on a while ago.
    pub(super) fn try_private_again(&mut self, now: Instant) {
        for who in self.desk.take_due(now) {
            if let Some(partner) = self.partner(&who) {
                self.desk.try_again(&partner, now);
            }
        }
    }

    pub(super) fn partner(&self, who: &Fingerprint) -> Option<Partner> {
        Some(Partner {
            fingerprint: *who,
            name: self.log.name_of(who)?.to_owned(),
            present: self.conn_of(who).is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::net::limits::{MAX_ON_ITS_WAY, MAX_WAITING_FOR_ONE};
    use crate::protocol::limits::MAX_PRIVATE_BYTES;

    fn person(n: usize) -> Fingerprint {
        Fingerprint::of_der(&n.to_be_bytes())
    }

    fn record(bytes: usize) -> Vec<u8> {
        let mut record = vec![0; bytes];
        record[0] = FrameKind::Data as u8;
        record
    }

    /// Passes on as much as there is a place for, in the longest pieces; gives them.
    fn fill(passed_on: &mut PassedOn, from: usize, to: usize, now: Instant) -> Vec<Piece> {
        let mut waiting = Vec::new();
        let mut hello = record(MAX_PRIVATE_BYTES);
        hello[0] = FrameKind::GuestHello as u8;
        while let Passing::On(piece) = passed_on.pass(person(from), person(to), hello.clone(), now) {
            waiting.push(piece);
        }
        waiting
    }

    fn bytes(pieces: &[Piece]) -> usize {
        pieces.iter().map(|piece| Piece::size(piece.text())).sum()
    }

    #[test]
    fn one_sender_leaves_a_place_for_others_and_many_senders_have_no_more_than_one_receiver_bears() {
        let now = Instant::now();
        let mut passed_on = PassedOn::default();
        let first = fill(&mut passed_on, 1, 0, now);
        let most_of_one = MAX_PIECES_OF_ONE - MAX_PRIVATE_BYTES..=MAX_PIECES_OF_ONE;
        assert!(most_of_one.contains(&bytes(&first)), "{}", bytes(&first));
        let others: Vec<Piece> = (2..50).flat_map(|n| fill(&mut passed_on, n, 0, now)).collect();
        let all = bytes(&first) + bytes(&others);
        assert!(
            (MAX_PIECES_FOR_ONE - MAX_PRIVATE_BYTES..=MAX_PIECES_FOR_ONE).contains(&all),
            "{all}"
        );
        assert!(bytes(&others) > MAX_PIECES_OF_ONE);
        assert_eq!(passed_on.to[&person(0)].bytes(), all);
        // Another receiver has a place of its own, and what is written is counted no more.
        let elsewhere = fill(&mut passed_on, 1, 100, now);
        assert_eq!(bytes(&elsewhere), bytes(&first));
        drop(others);
        assert!(!fill(&mut passed_on, 60, 0, now).is_empty());
    }

    #[test]
    fn what_an_honest_end_may_have_on_its_way_is_passed_on_though_nothing_of_it_is_read() {
        let now = Instant::now();
        let mut passed_on = PassedOn::default();
        let mut waiting = Vec::new();
        let mut pass = |bytes: usize| match passed_on.pass(person(1), person(0), record(bytes), now) {
            Passing::On(piece) => waiting.push(piece),
            other => panic!("{other:?}"),
        };
        // Texts of the most bytes and of the greatest number, and a confirmation of each of as many; 64 bytes are more than
        // a record has beside its text.
        for _ in 0..=MAX_ON_ITS_WAY / 32_768 {
            pass(32_768 + 64);
        }
        for _ in 0..2 * MAX_WAITING_FOR_ONE {
            pass(64);
        }
    }

    #[test]
    fn behind_a_piece_that_went_back_nothing_is_passed_on_until_a_channel_begins_anew() {
        let now = Instant::now();
        let mut passed_on = PassedOn::default();
        let waiting = fill(&mut passed_on, 1, 0, now);
        drop(waiting);
        let mut pass = |kind: FrameKind| passed_on.pass(person(1), person(0), kind.frame(&[0; 40]), now);
        assert!(
            matches!(pass(FrameKind::Data), Passing::Nowhere),
            "its place is free, its channel broken"
        );
        assert!(matches!(pass(FrameKind::KeyUpdate), Passing::Nowhere));
        assert!(matches!(pass(FrameKind::GuestHello), Passing::On(_)));
        assert!(matches!(pass(FrameKind::Data), Passing::On(_)));
    }

    #[test]
    fn receivers_who_read_nothing_do_not_keep_pieces_from_those_who_read() {
        let now = Instant::now();
        let mut passed_on = PassedOn::default();
        let mut waiting = Vec::new();
        // Each by itself, so that the bound of one receiver is not in the way.
        for n in 0..MAX_PIECES / MAX_PIECES_OF_ONE {
            waiting.extend(fill(&mut passed_on, n, n, now));
        }
        let all = bytes(&waiting);
        assert!(
            (MAX_PIECES / 2 - MAX_PRIVATE_BYTES..=MAX_PIECES).contains(&all),
            "{all}"
        );
        let mut pass = || passed_on.pass(person(1_000_000), person(2_000_000), record(1000), now);
        let Passing::On(first) = pass() else {
            panic!("nothing waits for it");
        };
        drop(first);
        assert!(matches!(pass(), Passing::On(_)), "it reads");
    }

    #[test]
    fn pairs_without_number_take_no_memory_without_number() {
        let now = Instant::now();
        let mut passed_on = PassedOn::default();
        let mut held = Vec::new();
        for n in 0..2 * MAX_PAIRS {
            let later = now + Duration::from_millis(n as u64);
            let passing = passed_on.pass(person(n), person(n + 1), record(100), later);
            if let Passing::On(piece) = passing
                && n < 10
            {
                held.push(piece);
            }
        }
        assert!(passed_on.pairs.len() <= MAX_PAIRS && passed_on.to.len() <= MAX_PAIRS);
        let still = (0..10).filter(|n| passed_on.pairs.contains_key(&(person(*n), person(n + 1))));
        assert_eq!(still.count(), held.len(), "of whom something waits");
    }
}
