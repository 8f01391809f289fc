//! Whose connection the host looks into, and the handshakes under way meanwhile: only at its end a handshake
//! says whose it is, so each is noted until then, and forgotten when it was somebody else's.

use std::collections::HashMap;

use rand::CryptoRng;

use super::{ConnId, Shared};
use crate::crypto::Fingerprint;
use crate::inspect::{Drawn, Piece, Tee};
use crate::net::clock::now_unix_ms;
use crate::net::limits::WATCHED_HANDSHAKES;
use crate::net::limits::WATCHED_PIECES;

/// What the host looks into.
#[derive(Debug, Default)]
pub struct Watch {
    guest: Option<Fingerprint>,
    /// The connection that is told of; a recording of any other has ended.
    conn: Option<ConnId>,
    pages: HashMap<ConnId, Page>,
    /// How many handshakes were noted so far.
    noted: u64,
}

/// What is noted of one handshake.
#[derive(Debug)]
struct Page {
    number: u64,
    pieces: Vec<Piece>,
}

impl Watch {
    /// Looks at somebody else, or at nobody.
    pub fn turn_to(&mut self, guest: Option<Fingerprint>) {
        *self = Watch {
            guest,
            ..Watch::default()
        };
    }

    /// A handshake begins. It is noted while somebody is looked at, in place of the oldest one where there are too many.
    pub fn begin(&mut self, conn: ConnId, beginning: Piece, first: &[u8]) {
        if self.guest.is_none() {
            return;
        }
        if self.pages.len() >= WATCHED_HANDSHAKES {
            self.drop_oldest();
        }
        let page = Page {
            number: self.noted,
            pieces: vec![beginning],
        };
        self.noted += 1;
        self.pages.insert(conn, page);
        self.frame(conn, false, first);
    }

    fn drop_oldest(&mut self) {
        let oldest = self.pages.iter().min_by_key(|(_, page)| page.number);
        if let Some(oldest) = oldest.map(|(conn, _)| *conn) {
            self.pages.remove(&oldest);
        }
    }

    /// A frame of a handshake crossed.
    pub fn frame(&mut self, conn: ConnId, sent: bool, frame: &[u8]) {
        if let Some(page) = self
            .pages
            .get_mut(&conn)
            .filter(|page| page.pieces.len() < WATCHED_PIECES)
        {
            page.pieces.push(Piece::Frame {
                at_ms: now_unix_ms(),
                sent,
                bytes: frame.to_vec(),
            });
        }
    }

    /// A handshake is over: gives what was noted of it if it was that of whom the host looks at.
    /// `None`: it was somebody else's.
    pub fn arrived(&mut self, conn: ConnId, member: &Fingerprint) -> Option<Vec<Piece>> {
        let page = self.pages.remove(&conn);
        (self.guest == Some(*member)).then(|| page.map_or_else(Vec::new, |page| page.pieces))
    }

    /// A connection ended before its handshake did.
    pub fn gone(&mut self, conn: ConnId) {
        self.pages.remove(&conn);
    }

    /// From now on this connection is told of.
    pub fn tell_of(&mut self, conn: ConnId) {
        self.conn = Some(conn);
    }

    /// Whether this connection is told of.
    pub fn tells_of(&self, conn: ConnId) -> bool {
        self.conn == Some(conn)
    }
}

/// Draws for a handshake, and notes what was drawn where the host looks; `piece` says as what.
pub fn drawing<T>(
    shared: &Shared,
    conn: ConnId,
    draw: impl FnOnce(&mut dyn CryptoRng) -> T,
    piece: impl FnOnce(Drawn) -> Option<Piece>,
) -> T {
    let mut source = rand::rng();
    let is_noted = shared.watch().pages.contains_key(&conn);
    if !is_noted {
        return draw(&mut source);
    }
    let mut tee = Tee::new(&mut source);
    let out = draw(&mut tee);
    let piece = piece(tee.into_drawn());
    if let (Some(piece), Some(page)) = (piece, shared.watch().pages.get_mut(&conn)) {
        page.pieces.push(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conn(number: u64) -> ConnId {
        ConnId { reactor: 0, number }
    }

    #[test]
    fn nothing_is_noted_while_nobody_is_looked_at_and_only_theirs_is_given() {
        let (ada, bob) = (Fingerprint::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32]));
        let mut watch = Watch::default();
        watch.begin(conn(1), Piece::Overrun, &[1]);
        assert!(watch.pages.is_empty());
        watch.turn_to(Some(ada));
        for number in 1..=3 {
            watch.begin(conn(number), Piece::Overrun, &[1]);
        }
        watch.frame(conn(1), true, &[2]);
        assert_eq!(watch.arrived(conn(1), &ada).unwrap().len(), 3);
        assert!(watch.arrived(conn(2), &bob).is_none());
        watch.gone(conn(3));
        assert!(watch.pages.is_empty());
    }

    #[test]
    fn a_crowd_of_handshakes_is_noted_within_a_bound() {
        let mut watch = Watch::default();
        watch.turn_to(Some(Fingerprint::from_bytes([1; 32])));
        for number in 0..1000 {
            watch.begin(conn(number), Piece::Overrun, &[1]);
        }
        assert_eq!(watch.pages.len(), WATCHED_HANDSHAKES);
        let first = 1000 - WATCHED_HANDSHAKES as u64;
        assert!(
            (first..1000).all(|number| watch.pages.contains_key(&conn(number))),
            "the oldest give way"
        );
        for _ in 0..1000 {
            watch.frame(conn(999), true, &[2]);
        }
        assert_eq!(watch.pages[&conn(999)].pieces.len(), WATCHED_PIECES);
        watch.turn_to(None);
        assert!(watch.pages.is_empty());
    }
}
