//! The host's order as a hash chain, from where this reader began.

use crate::crypto::{Digest, labelled_hash};

/// `head_n = H("head", head_{n-1}, n, event_hash)` from where this reader began.
#[derive(Debug, Default)]
pub(super) struct HeadChain {
    base: u64,
    base_head: Digest,
    heads: Vec<Digest>,
}

impl HeadChain {
    pub(super) fn starting_at(base: u64, base_head: Digest) -> HeadChain {
        HeadChain {
            base,
            base_head,
            heads: Vec::new(),
        }
    }

    /// The entry behind which this reader began.
    pub(super) fn base(&self) -> u64 {
        self.base
    }

    /// The number of the newest entry.
    pub(super) fn n(&self) -> u64 {
        self.base + self.heads.len() as u64
    }

    pub(super) fn head(&self) -> Digest {
        self.heads.last().copied().unwrap_or(self.base_head)
    }

    /// Adds a head that was computed before.
    pub(super) fn push_head(&mut self, head: Digest) {
        self.heads.push(head);
    }

    /// The newest heads, at most so many, and the entry and head behind which they begin.
    pub(super) fn newest(&self, most: usize) -> (u64, Digest, Vec<Digest>) {
        let skipped = self.heads.len().saturating_sub(most);
        let base = self.base + skipped as u64;
        let heads = self.heads.get(skipped..).unwrap_or_default().to_vec();
        (base, self.at(base).unwrap_or(self.base_head), heads)
    }

    pub(super) fn at(&self, n: u64) -> Option<Digest> {
        match n.checked_sub(self.base)? {
            0 => Some(self.base_head),
            behind => self.heads.get(usize::try_from(behind - 1).ok()?).copied(),
        }
    }

    /// Whether somebody who saw `head` at `n` saw our order. Before our beginning we can't tell.
    pub(super) fn agrees(&self, n: u64, head: &Digest) -> bool {
        n < self.base || self.at(n) == Some(*head)
    }

    pub(super) fn push(&mut self, event_hash: &Digest) -> (u64, Digest) {
        let n = self.n() + 1;
        let head = labelled_hash("head", &[&self.head(), &n.to_be_bytes(), event_hash]);
        self.heads.push(head);
        (n, head)
    }
}
