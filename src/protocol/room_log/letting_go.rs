//! Entries that a host keeps no more: a member who was away longer goes on behind them.

use super::author::{Author, Presence};
use super::head_chain::HeadChain;
use super::{EntryFault, RoomLog};
use crate::protocol::body::LetGo;
use crate::protocol::checks::Checks;
use crate::protocol::limits::{MAX_COUNT, MAX_KNOWN};

/// Entries that a member does not get, because their host keeps them no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotKept {
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
}

impl<C: Checks> RoomLog<C> {
    /// What a host says about entries up to `n` that it keeps no more, in pieces: the head there, and everybody whom the
    /// room knows, because who came in meanwhile was introduced in one of them.
    pub fn let_go(&self, n: u64, head: crate::crypto::Digest) -> Vec<LetGo> {
        let members: Vec<_> = self.authors.values().map(Author::unheard).collect();
        let pieces: Vec<_> = members
            .chunks(crate::protocol::limits::MAX_ROSTER_PIECE)
            .collect();
        let last = pieces.len().saturating_sub(1);
        let piece = |(i, members): (usize, &&[_])| LetGo {
            n,
            head,
            members: members.to_vec(),
            more: i < last,
        };
        pieces.iter().enumerate().map(piece).collect()
    }

    /// Takes that on a member, in its catch-up. Of each author the next event may be any later one than the last that we
    /// have. Fails for entries that we have: a host can't take them back. Gives what is not kept, with the last piece.
    pub fn take_let_go(&mut self, piece: LetGo) -> Result<Option<NotKept>, EntryFault> {
        let begun = match self.letting_go {
            Some(begun) if (begun.to, self.heads.head()) == (piece.n, piece.head) => begun,
            Some(_) => return Err(EntryFault::Roster),
            None if piece.n <= self.heads.n() || piece.n > MAX_COUNT => {
                return Err(EntryFault::LetGo { n: piece.n });
            }
            None => {
                let from = self.heads.n() + 1;
                self.heads = HeadChain::starting_at(piece.n, piece.head);
                for author in self.authors.values_mut() {
                    author.may_jump = true;
                }
                NotKept { from, to: piece.n }
            }
        };
        if self.authors.len() + piece.members.len() > MAX_KNOWN {
            return Err(EntryFault::TooMany);
        }
        for member in &piece.members {
            let mut author = Author::introduced(member).ok_or(EntryFault::Roster)?;
            author.presence = Presence::Away;
            author.may_jump = true;
            self.authors
                .entry(author.identity.fingerprint())
                .or_insert(author);
        }
        self.letting_go = piece.more.then_some(begun);
        Ok((!piece.more).then_some(begun))
    }
}
