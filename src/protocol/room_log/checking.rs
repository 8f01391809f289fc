//! The checks that every event passes on its way into a log, in their order, and what an event that failed one moves.

use super::RoomLog;
use super::author::Author;
use crate::crypto::{Digest, Fingerprint};
use crate::protocol::body::MemberEntry;
use crate::protocol::checks::Checks;
use crate::protocol::event::{Content, EventFault, RoomEvent, SignedEvent};

impl<C: Checks> RoomLog<C> {
    pub(super) fn check(&mut self, signed: &SignedEvent) -> Result<(), EventFault> {
        let event = &signed.event;
        if !C::same_room(&event.room, &self.room) {
            return Err(EventFault::WrongRoom);
        }
        let author = self
            .authors
            .get_mut(&event.author)
            .ok_or(EventFault::UnknownAuthor)?;
        C::author_signed(author.verify(&signed.statement(), &signed.signature))
            .map_err(|_| EventFault::BadSignature)?;
        let expected = author.seq + 1;
        let jumps = author.may_jump && event.seq > expected;
        if !C::author_chain(event.seq == expected || jumps) {
            return Err(EventFault::WrongSequence {
                expected,
                found: event.seq,
            });
        }
        if !C::author_chain(event.prev == author.last || jumps) {
            return Err(EventFault::WrongPrevious);
        }
        if !C::same_order(self.heads.agrees(event.seen, &event.seen_head)) {
            return Err(EventFault::WrongSeen { at: event.seen });
        }
        match &event.content {
            Content::Message { .. } if event.author == self.host.fingerprint() => Ok(()),
            Content::Message { .. } if author.muted => Err(EventFault::Muted),
            Content::Message { .. } if self.read_only => Err(EventFault::ReadOnly),
            Content::Message { .. } => Ok(()),
            _ if event.author != self.host.fingerprint() => Err(EventFault::NotAllowed),
            Content::Departed { .. } | Content::ReadOnly(_) | Content::Muted { .. } => Ok(()),
            Content::Admitted(member) => self.check_introduction(&event.author, member),
        }
    }

    /// A host may introduce a new member while the room knows fewer than it can, or one that we know with the chain that
    /// we know; never itself: its own chain is one further already, by this event.
    fn check_introduction(&self, host: &Fingerprint, member: &MemberEntry) -> Result<(), EventFault> {
        let introduced = Author::introduced(member).ok_or(EventFault::Malformed)?;
        let who = introduced.identity.fingerprint();
        if who == *host {
            return Err(EventFault::OwnIntroduction);
        }
        if !self.has_place_for(&who) {
            return Err(EventFault::TooMany);
        }
        match self.authors.get(&who) {
            Some(known) if known.may_jump && member.seq > known.seq => Ok(()),
            Some(known) if (known.seq, known.last) != (member.seq, member.last) => {
                Err(EventFault::NotAllowed)
            }
            _ => Ok(()),
        }
    }

    /// After a gap in an author's chain the next event is compared with the one behind the gap.
    /// Only an event whose signature was right moves the chain, and never backwards.
    pub(super) fn resume_behind(&mut self, event: &RoomEvent, fault: EventFault, hash: &Digest) {
        let signature_was_right = matches!(
            fault,
            EventFault::WrongSequence { .. }
                | EventFault::WrongPrevious
                | EventFault::WrongSeen { .. }
                | EventFault::NotAllowed
                | EventFault::Muted
                | EventFault::ReadOnly
                | EventFault::TooMany
                | EventFault::OwnIntroduction
        );
        if let Some(author) = self.authors.get_mut(&event.author)
            && signature_was_right
            && event.seq > author.seq
        {
            (author.seq, author.last) = (event.seq, *hash);
            author.may_jump = false;
        }
    }
}
