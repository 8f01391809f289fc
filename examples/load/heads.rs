//! The heads of the room's log, computed once for all guests of this program: a confirmation names one, and who checks
//! nothing has no log of its own to take it from.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use cipher_room::crypto::{Digest, labelled_hash};
use cipher_room::protocol::body::Standing;
use cipher_room::protocol::event::event_hash;
use minicbor::Decoder;
use minicbor::decode::Error;

/// The heads that are known.
#[derive(Debug, Default)]
pub struct Heads {
    /// The newest entry with a known head, to be looked at without waiting for the others.
    newest: AtomicU64,
    known: Mutex<BTreeMap<u64, Digest>>,
}

impl Heads {
    /// Takes the head with which a guest begins.
    pub fn begin(&self, n: u64, head: Digest) {
        if n > self.newest.load(Ordering::Acquire) {
            let mut known = self.known.lock().expect("nobody panicked");
            known.entry(n).or_insert(head);
            self.newest.fetch_max(n, Ordering::Release);
        }
    }

    /// Takes an entry that some guest heard: every guest hears them in order, and only the first one computes.
    pub fn heard(&self, entry: &Heard<'_>) {
        let Heard { n, event } = *entry;
        if n <= self.newest.load(Ordering::Acquire) {
            return;
        }
        let mut known = self.known.lock().expect("nobody panicked");
        let Some(before) = n.checked_sub(1).and_then(|before| known.get(&before)).copied() else {
            return;
        };
        known
            .entry(n)
            .or_insert_with(|| labelled_hash("head", &[&before, &n.to_be_bytes(), &event_hash(event)]));
        self.newest.fetch_max(n, Ordering::Release);
    }

    /// Where a copy of the log stands that goes up to entry `n`.
    pub fn standing(&self, n: u64) -> Option<Standing> {
        let known = self.known.lock().expect("nobody panicked");
        known.get(&n).map(|head| Standing { n, head: *head })
    }
}

/// An entry, read without decoding and checking the rest.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// Its number.
    pub n: u64,
    event: &'a [u8],
}

impl Heard<'_> {
    /// Reads a body; `None` when it is no entry.
    pub fn read(text: &[u8]) -> Option<Heard<'_>> {
        let mut decoder = Decoder::new(text);
        let mut number = || -> Result<(u64, u8, u64), Error> {
            decoder.array()?;
            let kind = decoder.u8()?;
            decoder.map()?;
            decoder.u8()?;
            Ok((decoder.u64()?, kind, decoder.u64()?))
        };
        let (n, ENTRY, 1) = number().ok()? else {
            return None;
        };
        let event = decoder.bytes().ok()?;
        Some(Heard { n, event })
    }

    /// Whether it is a message: admissions and departures are not confirmed.
    pub fn is_message(&self) -> bool {
        let mut decoder = Decoder::new(self.event);
        let mut kind = || -> Result<u8, Error> {
            decoder.map()?;
            for _ in 0..FIELDS_BEFORE_CONTENT {
                decoder.skip()?;
                decoder.skip()?;
            }
            decoder.u8()?;
            decoder.array()?;
            decoder.u8()
        };
        kind().is_ok_and(|kind| kind == MESSAGE)
    }
}

/// The kind of body that carries an entry (`docs/protocol.md`, section 9).
const ENTRY: u8 = 3;
/// The kind of content that is a message, behind seven other fields of an event.
const MESSAGE: u8 = 1;
const FIELDS_BEFORE_CONTENT: usize = 7;

#[cfg(test)]
mod tests {
    use cipher_room::crypto::{Identity, sign_batch};
    use cipher_room::protocol::body::{self, Body, Entry};
    use cipher_room::protocol::{Content, OwnChain, RoomLog};

    use super::*;

    /// The first entries of a room: a message, a rule, and a message, with the log behind them.
    fn entries() -> (Vec<Vec<u8>>, RoomLog) {
        let host = Identity::from_pem(include_str!("../../tests/keys/ada.pem")).unwrap();
        let own = host.fingerprint();
        let mut log = RoomLog::create([7; 32], host.public().clone(), "Ada");
        let mut chain = OwnChain::default();
        let message = |text: &str| Content::Message {
            text: text.to_owned(),
        };
        let bodies = [message("one"), Content::ReadOnly(true), message("three")].map(|content| {
            let (event, statement) = chain.write(&log, own, 5, content);
            let signature = sign_batch(&host, &[statement], &mut rand::rng())
                .unwrap()
                .remove(0);
            let n = log.append(&own, event.clone(), signature.clone()).unwrap().n;
            body::encode(&Body::Entry(Entry { n, event, signature }))
        });
        (bodies.to_vec(), log)
    }

    #[test]
    fn the_heads_are_those_of_the_log_whoever_hears_an_entry_first() {
        let (entries, log) = entries();
        let heads = Heads::default();
        heads.begin(1, log.head_at(1).unwrap());
        for entry in entries.iter().chain(&entries) {
            heads.heard(&Heard::read(entry).unwrap());
        }
        assert_eq!(heads.standing(3), Some(log.standing()));
        assert_eq!(heads.standing(4), None);
    }

    #[test]
    fn who_comes_later_begins_where_its_roster_stands() {
        let (entries, log) = entries();
        let heads = Heads::default();
        heads.begin(1, log.head_at(1).unwrap());
        heads.begin(2, log.head_at(2).unwrap());
        heads.heard(&Heard::read(&entries[2]).unwrap());
        assert_eq!(heads.standing(3), Some(log.standing()));
    }

    #[test]
    fn messages_are_told_from_other_entries_and_entries_from_other_bodies() {
        let (entries, log) = entries();
        let is_message = |entry: &Vec<u8>| Heard::read(entry).unwrap().is_message();
        assert_eq!(
            entries.iter().map(is_message).collect::<Vec<_>>(),
            [true, false, true]
        );
        assert!(Heard::read(&body::encode(&Body::Here(log.standing()))).is_none());
        assert!(Heard::read(&[]).is_none());
    }
}
