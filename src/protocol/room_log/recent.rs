//! The hashes of the newest events, so that one that is handed in again is known.

use std::collections::{HashSet, VecDeque};

use crate::crypto::Digest;
use crate::protocol::limits::MAX_RECENT;

/// The hashes of the newest events.
#[derive(Debug, Default)]
pub(super) struct Recent {
    order: VecDeque<Digest>,
    known: HashSet<Digest>,
}

impl Recent {
    pub(super) fn push(&mut self, hash: Digest) {
        if self.order.len() == MAX_RECENT
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::labelled_hash;

    #[test]
    fn the_newest_65536_are_known_and_the_one_before_them_is_not() {
        let hash = |n: usize| labelled_hash("test", &[&n.to_be_bytes()]);
        let mut recent = Recent::default();
        (0..=MAX_RECENT).for_each(|n| recent.push(hash(n)));
        assert!(!recent.contains(&hash(0)));
        assert!(recent.contains(&hash(1)) && recent.contains(&hash(MAX_RECENT)));
        assert_eq!((recent.order.len(), recent.known.len()), (MAX_RECENT, MAX_RECENT));
    }
}
