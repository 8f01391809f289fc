//! The hashes of the newest events, so that one that is handed in again is known.

use std::collections::{HashSet, VecDeque};

use crate::crypto::Digest;

/// So many events back a repeated one is told from a wrong one.
const KEPT: usize = 65_536;

/// The hashes of the newest events.
#[derive(Debug, Default)]
pub(super) struct Recent {
    order: VecDeque<Digest>,
    known: HashSet<Digest>,
}

impl Recent {
    pub(super) fn push(&mut self, hash: Digest) {
        if self.order.len() == KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(hash);
        self.known.insert(hash);
    }

    pub(super) fn contains(&self, hash: &Digest) -> bool {
        self.known.contains(hash)
    }
}
