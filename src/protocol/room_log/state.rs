//! A log's state between two runs of the program: what the checks need, without the entries.

use std::collections::HashMap;
use std::marker::PhantomData;

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::RoomLog;
use super::author::{Author, Presence};
use super::head_chain::HeadChain;
use super::recent::Recent;
use crate::crypto::{Digest, PublicIdentity};
use crate::protocol::body::MemberEntry;
use crate::protocol::limits::MAX_COUNT;

/// What is kept of a log beside its entries. Trust it only as far as who kept it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LogState {
    /// The entry behind which `heads` begin.
    #[n(0)]
    pub base: u64,
    /// The head there.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub base_head: Digest,
    /// The heads of the entries from there, up to [`LogState::HEADS`]; the last is the newest.
    #[n(2)]
    pub heads: Vec<ByteArray<32>>,
    /// Everybody whom the room knows.
    #[n(3)]
    pub authors: Vec<AuthorState>,
    /// Whether only the host may write.
    #[n(4)]
    pub read_only: bool,
}

/// Somebody whom the room knows.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AuthorState {
    /// Key, name, chain.
    #[n(0)]
    pub member: MemberEntry,
    /// Here 0, away 1, gone 2.
    #[n(1)]
    pub presence: u8,
    /// Whether it is muted.
    #[n(2)]
    pub muted: bool,
    /// Whether its next event may be any later one; not there in states of version 0.1.
    #[n(3)]
    pub may_jump: Option<bool>,
    /// The entry that admitted it first; not there in states of earlier versions.
    #[n(4)]
    pub first_admitted: Option<u64>,
}

impl LogState {
    /// So many heads are kept, to judge what authors saw.
    pub const HEADS: usize = 1024;
}

impl RoomLog {
    /// What to keep between two runs.
    pub fn state(&self) -> LogState {
        let (base, base_head, heads) = self.heads.newest(LogState::HEADS);
        let mut authors: Vec<AuthorState> = self
            .authors
            .values()
            .map(|author| AuthorState {
                member: author.entry(),
                presence: author.presence as u8,
                muted: author.muted,
                may_jump: author.may_jump.then_some(true),
                first_admitted: author.first_admitted,
            })
            .collect();
        authors.sort_by(|a, b| a.member.identity.cmp(&b.member.identity));
        LogState {
            base,
            base_head,
            heads: heads.into_iter().map(ByteArray::from).collect(),
            authors,
            read_only: self.read_only,
        }
    }

    /// Goes on from what was kept; entries behind it are taken with [`RoomLog::receive`]. Nobody is
    /// here yet. `None` when a key in it is not acceptable, or a number larger than anybody counts.
    pub fn restore(room: [u8; 32], host: PublicIdentity, state: LogState) -> Option<RoomLog> {
        let heads = state.heads.into_iter().map(Digest::from).collect();
        let heads = HeadChain::restored(state.base, state.base_head, heads)?;
        let mut authors = HashMap::new();
        for kept in state.authors {
            let mut author = Author::introduced(&kept.member)?;
            if kept.first_admitted.is_some_and(|n| n > MAX_COUNT) {
                return None;
            }
            author.presence = match kept.presence {
                2 => Presence::Gone,
                _ => Presence::Away,
            };
            author.muted = kept.muted;
            author.may_jump = kept.may_jump == Some(true);
            author.first_admitted = kept.first_admitted;
            authors.insert(author.identity.fingerprint(), author);
        }
        // A host is always in its own room.
        if let Some(author) = authors.get_mut(&host.fingerprint()) {
            author.presence = Presence::Here;
        }
        Some(RoomLog {
            room,
            host,
            heads,
            authors,
            read_only: state.read_only,
            recent: Recent::default(),
            in_roster: false,
            letting_go: None,
            broken: None,
            checks: PhantomData,
        })
    }
}
