//! The roster: who is in the room and how far each author's chain goes, as the host sends it and a member takes it.

use super::author::{Author, Presence};
use super::head_chain::HeadChain;
use super::{EntryFault, LogBreak, RoomLog};
use crate::crypto::{Fingerprint, PublicIdentity};
use crate::protocol::body::{MemberEntry, Roster};
use crate::protocol::checks::Checks;
use crate::protocol::limits::{MAX_COUNT, MAX_MEMBERS, MAX_ROSTER_PIECE};

impl<C: Checks> RoomLog<C> {
    /// Takes a piece of the roster. Fails when a key in it is not acceptable, pieces disagree, or there is no end
    /// of members.
    ///
    /// A member that came back compares it with its own log: see [`RoomLog::take_break`].
    pub fn take_roster(&mut self, piece: Roster) -> Result<(), EntryFault> {
        if piece.n > MAX_COUNT {
            return Err(EntryFault::Roster);
        }
        let here = (self.heads.n(), self.heads.head());
        if self.in_roster {
            if here != (piece.n, piece.head) {
                return Err(EntryFault::Roster);
            }
        } else {
            self.in_roster = true;
            if !self.authors.is_empty() {
                self.broken = match self.heads.is_known() {
                    true => LogBreak::between(&self.standing(), &piece),
                    false => LogBreak::behind_gap(self.heads.n(), &piece),
                };
                // Whoever is still present stands in the roster.
                for author in self.authors.values_mut().filter(|author| author.is_present()) {
                    author.presence = Presence::Away;
                }
            }
            if here != (piece.n, piece.head) {
                self.heads = HeadChain::starting_at(piece.n, piece.head);
            }
        }
        let present = self.authors.values().filter(|author| author.is_present()).count();
        if present + piece.members.len() > MAX_MEMBERS {
            return Err(EntryFault::TooMany);
        }
        self.read_only = piece.read_only;
        for member in piece.members {
            let mut author = Author::introduced(&member).ok_or(EntryFault::Roster)?;
            let fingerprint = author.identity.fingerprint();
            if !self.has_place_for(&fingerprint) {
                return Err(EntryFault::TooMany);
            }
            author.muted = piece.muted.contains(&fingerprint);
            if let Some(known) = self.authors.get(&fingerprint)
                && self.broken.is_none()
                && (known.seq, known.last) != (author.seq, author.last)
                && !(known.may_jump && author.seq > known.seq)
            {
                self.broken = Some(LogBreak::Chain { author: fingerprint });
            }
            self.authors.insert(fingerprint, author);
        }
        Ok(())
    }

    /// How the log of the roster just taken does not go on from the one that we had, if so.
    pub fn take_break(&mut self) -> Option<LogBreak> {
        self.broken.take()
    }

    /// The roster for a new member, in pieces.
    pub fn roster(&self) -> Vec<Roster> {
        let mut members: Vec<MemberEntry> = self
            .authors
            .values()
            .filter(|author| author.is_present())
            .map(Author::entry)
            .collect();
        members.sort_by(|a, b| a.identity.cmp(&b.identity));
        let pieces: Vec<_> = members.chunks(MAX_ROSTER_PIECE).map(<[_]>::to_vec).collect();
        let last = pieces.len().saturating_sub(1);
        let (n, head) = (self.heads.n(), self.heads.head());
        let piece = |(i, members): (usize, Vec<MemberEntry>)| Roster {
            n,
            head,
            muted: self.muted_of(&members),
            members,
            more: i < last,
            read_only: self.read_only,
        };
        pieces.into_iter().enumerate().map(piece).collect()
    }

    fn muted_of(&self, members: &[MemberEntry]) -> Vec<Fingerprint> {
        members
            .iter()
            .map(|member| Fingerprint::of_der(&member.identity))
            .filter(|fingerprint| self.is_muted(fingerprint))
            .collect()
    }

    /// How the host would introduce somebody: with the chain that the room knows of, if any.
    pub fn introduction(&self, identity: &PublicIdentity, name: &str) -> MemberEntry {
        let known = self.authors.get(&identity.fingerprint());
        MemberEntry {
            identity: identity.as_der().to_vec(),
            name: name.to_owned(),
            seq: known.map_or(0, |author| author.seq),
            last: known.map_or([0; 32], |author| author.last),
        }
    }
}
