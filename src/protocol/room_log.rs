//! The room as everybody keeps it: the host's order as a hash chain, and each author's own chain.
//!
//! Host and members run the same checks; the host appends what passes, a member names what doesn't.

mod admissions;
mod author;
mod checking;
mod fault;
mod head_chain;
mod letting_go;
mod own_chain;
mod recent;
mod roster;
mod state;

use std::collections::HashMap;
use std::marker::PhantomData;

use self::author::Author;
use self::head_chain::HeadChain;
use self::recent::Recent;
use super::body::{Entry, SignedHead, Standing};
use super::checks::{Checks, Whole};
use super::event::{Content, DepartureReason, EventFault, SignedEvent, event_hash};
use super::limits::{MAX_COUNT, MAX_KNOWN};
use crate::crypto::{Digest, Fingerprint, PublicIdentity, Signature, Statement};

pub use author::Presence;
pub use fault::{EntryFault, HeadFault, LogBreak};
pub use letting_go::NotKept;
pub use own_chain::OwnChain;
pub use state::{AuthorState, LogState};

/// The log of one room.
#[derive(Debug)]
pub struct RoomLog<C: Checks = Whole> {
    room: [u8; 32],
    host: PublicIdentity,
    heads: HeadChain,
    authors: HashMap<Fingerprint, Author>,
    read_only: bool,
    /// The events that came last, to know one that is handed in twice.
    recent: Recent,
    /// On a member: whether a piece of the roster of this connection came already.
    in_roster: bool,
    /// On a member: what the host keeps no more, while it says so in pieces.
    letting_go: Option<NotKept>,
    /// On a member that came back: how the host's log does not go on from ours.
    broken: Option<LogBreak>,
    checks: PhantomData<C>,
}

/// An entry that passed all checks and is in the log now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Its number.
    pub n: u64,
    /// The head of the log with it.
    pub head: Digest,
    /// The event.
    pub event: SignedEvent,
    /// The name of its author.
    pub author_name: String,
}

impl RoomLog {
    /// Begins an empty log, on the host.
    pub fn create(room: [u8; 32], host: PublicIdentity, host_name: &str) -> RoomLog {
        RoomLog::create_with(room, host, host_name)
    }

    /// Begins a log that waits for its roster, on a member.
    pub fn join(room: [u8; 32], host: PublicIdentity) -> RoomLog {
        RoomLog::join_with(room, host)
    }
}

impl<C: Checks> RoomLog<C> {
    /// [`RoomLog::create`] for whatever checks the type names.
    pub(crate) fn create_with(room: [u8; 32], host: PublicIdentity, host_name: &str) -> RoomLog<C> {
        let mut log = RoomLog::join_with(room, host.clone());
        log.authors
            .insert(host.fingerprint(), Author::new(host, host_name, 0, [0; 32]));
        log
    }

    /// [`RoomLog::join`] for whatever checks the type names.
    pub(crate) fn join_with(room: [u8; 32], host: PublicIdentity) -> RoomLog<C> {
        RoomLog {
            room,
            host,
            heads: HeadChain::default(),
            authors: HashMap::new(),
            read_only: false,
            recent: Recent::default(),
            in_roster: false,
            letting_go: None,
            broken: None,
            checks: PhantomData,
        }
    }

    /// Prepares a member's log for the next connection: what was missed comes first, then a roster.
    pub fn come_back(&mut self) {
        self.in_roster = false;
        self.letting_go = None;
    }

    /// The head at an entry, as far back as this log goes.
    pub fn head_at(&self, n: u64) -> Option<Digest> {
        self.heads.at(n)
    }

    /// Where this log stands; nowhere while its newest head is not known, as behind a gap.
    pub fn standing(&self) -> Standing {
        if !self.knows_head() {
            return Standing::default();
        }
        Standing {
            n: self.heads.n(),
            head: self.heads.head(),
        }
    }

    /// Whether somebody's copy of the log that stands there is the beginning of this one.
    pub fn continues(&self, standing: &Standing) -> bool {
        self.heads.at(standing.n) == Some(standing.head)
    }

    /// The room's id.
    pub fn room(&self) -> &[u8; 32] {
        &self.room
    }

    /// The number of the newest entry.
    pub fn n(&self) -> u64 {
        self.heads.n()
    }

    /// The head at the newest entry.
    pub fn head(&self) -> Digest {
        self.heads.head()
    }

    /// Who is present: identity and name.
    pub fn members(&self) -> impl Iterator<Item = (&PublicIdentity, &str)> {
        let present = self.authors.values().filter(|author| author.is_present());
        present.map(|author| (&author.identity, author.name.as_str()))
    }

    /// Who is waited for: present, or lost and not gone for good. Identity and whether it is present.
    pub fn awaited(&self) -> impl Iterator<Item = (Fingerprint, bool)> {
        let awaited = self
            .authors
            .iter()
            .filter(|(_, author)| author.presence != Presence::Gone);
        awaited.map(|(fingerprint, author)| (*fingerprint, author.is_present()))
    }

    /// Whether somebody is waited for.
    pub fn is_awaited(&self, member: &Fingerprint) -> bool {
        let author = self.authors.get(member);
        author.is_some_and(|author| author.presence != Presence::Gone)
    }

    /// Somebody's identity key, if the room knows it.
    pub fn identity_of(&self, member: &Fingerprint) -> Option<&PublicIdentity> {
        self.authors.get(member).map(|author| &author.identity)
    }

    /// How many more people can be known: without an end a host could have its members remember people for ever.
    pub fn places(&self) -> usize {
        MAX_KNOWN.saturating_sub(self.authors.len())
    }

    /// Whether somebody is known, or one more can be.
    pub fn has_place_for(&self, member: &Fingerprint) -> bool {
        self.places() > 0 || self.authors.contains_key(member)
    }

    /// Whether somebody may not write.
    pub fn is_muted(&self, member: &Fingerprint) -> bool {
        self.authors.get(member).is_some_and(|author| author.muted)
    }

    /// Whether only the host may write.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Whether somebody is present.
    pub fn is_present(&self, member: &Fingerprint) -> bool {
        self.authors.get(member).is_some_and(Author::is_present)
    }

    /// The name of somebody whom the room knows.
    pub fn name_of(&self, member: &Fingerprint) -> Option<&str> {
        self.authors.get(member).map(|author| author.name.as_str())
    }

    /// The author's chain as the log has it.
    pub fn chain_of(&self, member: &Fingerprint) -> OwnChain {
        self.authors
            .get(member)
            .map_or(OwnChain::default(), |author| OwnChain {
                seq: author.seq,
                last: author.last,
            })
    }

    /// Appends an event on the host, or says which check it fails; then nothing has changed.
    ///
    /// `sender` is who handed it in: nobody hands in for somebody else. The order of checks: form,
    /// sender, room, author, signature, sequence, previous hash, seen, rights.
    pub fn append(
        &mut self,
        sender: &Fingerprint,
        bytes: Vec<u8>,
        signature: Signature,
    ) -> Result<Appended, EventFault> {
        let signed = SignedEvent::decode(bytes, signature)?;
        if signed.event.author != *sender {
            return Err(EventFault::NotAllowed);
        }
        match self.check(&signed) {
            Ok(()) => Ok(self.push(signed)),
            // Handed in again because the line was cut: it is in the log, and that is all its author wants.
            Err(EventFault::WrongSequence { .. }) if self.recent.contains(&signed.hash) => {
                Err(EventFault::Duplicate)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Whether the head at the newest entry is known: not behind a gap, until the host signs one.
    pub fn knows_head(&self) -> bool {
        self.heads.is_known()
    }

    /// Takes entry `n` for the next one, on a member, although others should come before it; gives whether there was
    /// such a gap. From here on the order is the host's word alone, until it signs a head behind the gap.
    pub fn go_on_behind_gap(&mut self, n: u64) -> bool {
        let is_gap = n > self.heads.n() + 1 && n <= MAX_COUNT;
        if is_gap {
            self.heads.skip_to(n - 1);
        }
        is_gap
    }

    /// Takes a head that was known when an entry behind a gap was kept: from there on all are known again.
    pub fn trust_head(&mut self, n: u64, head: &Digest) {
        self.heads.anchor(n, head);
    }

    /// Takes an entry from the host, on a member. An entry that fails a check is not shown; the log
    /// goes on behind it, so that the next fault is named for itself.
    pub fn receive(&mut self, entry: Entry) -> Result<Appended, EntryFault> {
        let expected = self.heads.n() + 1;
        // Behind the largest number nothing comes: neither the next state nor the disk could hold it.
        if entry.n != expected || entry.n > MAX_COUNT {
            return Err(EntryFault::Gap {
                expected,
                found: entry.n,
            });
        }
        let hash = event_hash(&entry.event);
        let signed = match SignedEvent::decode(entry.event, entry.signature) {
            Ok(signed) => signed,
            Err(fault) => {
                self.heads.push(&hash);
                return Err(EntryFault::Event { fault, author: None });
            }
        };
        match self.check(&signed) {
            Ok(()) => Ok(self.push(signed)),
            Err(fault) => {
                self.heads.push(&hash);
                self.resume_behind(&signed.event, fault, &hash);
                Err(EntryFault::Event {
                    fault,
                    author: Some(signed.event.author),
                })
            }
        }
    }

    /// Checks the host's signature over its order, on a member. Behind a gap the order is known again from there on.
    pub fn receive_head(&mut self, signed: &SignedHead) -> Result<(), HeadFault> {
        let statement = self.head_statement(signed.n, &signed.head);
        signed
            .signature
            .verify(&self.host, &statement)
            .map_err(|_| HeadFault::BadSignature)?;
        if self.heads.anchor(signed.n, &signed.head) {
            return Ok(());
        }
        match self.heads.at(signed.n) {
            Some(head) if head == signed.head => Ok(()),
            Some(_) => Err(HeadFault::Fork { at: signed.n }),
            // Signed before we came and sent after: of what was before us we can't tell.
            None if signed.n < self.heads.base() || self.heads.is_unknown(signed.n) => Ok(()),
            None => Err(HeadFault::Unknown { at: signed.n }),
        }
    }

    /// What the host signs for the newest entry.
    pub fn newest_head_statement(&self) -> Statement {
        self.head_statement(self.heads.n(), &self.heads.head())
    }

    fn head_statement(&self, n: u64, head: &Digest) -> Statement {
        Statement::new("head", &[&self.room, &n.to_be_bytes(), head])
    }

    fn push(&mut self, signed: SignedEvent) -> Appended {
        let (n, head) = self.heads.push(&signed.hash);
        self.recent.push(signed.hash);
        let mut author_name = String::new();
        if let Some(author) = self.authors.get_mut(&signed.event.author) {
            (author.seq, author.last) = (signed.event.seq, signed.hash);
            author.may_jump = false;
            author_name.clone_from(&author.name);
        }
        match &signed.event.content {
            Content::Message { .. } => {}
            Content::Admitted(member) => {
                if let Some(mut author) = Author::introduced(member) {
                    let fingerprint = author.identity.fingerprint();
                    author.muted = self.is_muted(&fingerprint);
                    author.first_admitted = match self.authors.get(&fingerprint) {
                        Some(known) => known.first_admitted,
                        None => Some(n),
                    };
                    self.authors.insert(fingerprint, author);
                }
            }
            Content::Departed { member, reason } => {
                if let Some(author) = self.authors.get_mut(member) {
                    author.presence = match reason {
                        DepartureReason::ConnectionLost | DepartureReason::TooSlow => Presence::Away,
                        _ => Presence::Gone,
                    };
                }
            }
            Content::ReadOnly(read_only) => self.read_only = *read_only,
            Content::Muted { member, muted } => {
                if let Some(author) = self.authors.get_mut(member) {
                    author.muted = *muted;
                }
            }
        }
        Appended {
            n,
            head,
            event: signed,
            author_name,
        }
    }
}

#[cfg(test)]
mod tests;
