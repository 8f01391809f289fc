//! The host's order as a hash chain, from where this reader began, or from behind a gap.

use std::collections::VecDeque;

use crate::crypto::{Digest, labelled_hash};
use crate::protocol::limits::{MAX_COUNT, MOST_UNKNOWN};

/// `head_n = H("head", head_{n-1}, n, event_hash)` from where this reader began.
#[derive(Debug, Default)]
pub(super) struct HeadChain {
    base: u64,
    base_head: Digest,
    heads: Vec<Digest>,
    unknown: Option<Unknown>,
}

/// Entries behind a gap: their heads can't be computed until the host signs one.
#[derive(Debug)]
struct Unknown {
    /// The number of the newest entry.
    n: u64,
    /// The hashes of the newest entries, up to it.
    hashes: VecDeque<Digest>,
}

impl HeadChain {
    pub(super) fn starting_at(base: u64, base_head: Digest) -> HeadChain {
        HeadChain {
            base,
            base_head,
            heads: Vec::new(),
            unknown: None,
        }
    }

    /// Goes on from heads that were kept. `None` when they reach further than anybody counts: who wrote that into the
    /// state meant the next number to overflow.
    pub(super) fn restored(base: u64, base_head: Digest, heads: Vec<Digest>) -> Option<HeadChain> {
        let newest = base.checked_add(heads.len() as u64)?;
        (newest <= MAX_COUNT).then_some(HeadChain {
            base,
            base_head,
            heads,
            unknown: None,
        })
    }

    /// The entry behind which this reader began.
    pub(super) fn base(&self) -> u64 {
        self.base
    }

    /// The number of the newest entry.
    pub(super) fn n(&self) -> u64 {
        self.unknown.as_ref().map_or(self.known_n(), |unknown| unknown.n)
    }

    /// The head at the newest entry; zeros while it is not known.
    pub(super) fn head(&self) -> Digest {
        match self.is_known() {
            true => self.known().1,
            false => [0; 32],
        }
    }

    /// Whether the head at the newest entry is known.
    pub(super) fn is_known(&self) -> bool {
        self.unknown.is_none()
    }

    /// The newest entry whose head is known, and that head.
    pub(super) fn known(&self) -> (u64, Digest) {
        let head = self.heads.last().copied().unwrap_or(self.base_head);
        (self.known_n(), head)
    }

    fn known_n(&self) -> u64 {
        self.base + self.heads.len() as u64
    }

    /// Goes on behind a gap that ends with entry `n`.
    pub(super) fn skip_to(&mut self, n: u64) {
        let hashes = VecDeque::new();
        self.unknown = Some(Unknown { n, hashes });
    }

    /// Takes a head that the host signed for an entry behind a gap: from there on all are known again. Gives
    /// whether it was of use.
    pub(super) fn anchor(&mut self, n: u64, head: &Digest) -> bool {
        let Some(unknown) = &mut self.unknown else {
            return false;
        };
        let Some(behind) = unknown
            .n
            .checked_sub(n)
            .and_then(|count| usize::try_from(count).ok())
        else {
            return false;
        };
        // The hash of entry `n` itself is there too, or it came before the gap.
        if behind >= unknown.hashes.len() {
            return false;
        }
        let hashes = unknown.hashes.split_off(unknown.hashes.len() - behind);
        *self = HeadChain::starting_at(n, *head);
        for hash in hashes {
            self.push(&hash);
        }
        true
    }

    /// Whether an entry stands behind a gap, so that its head can't be judged.
    pub(super) fn is_unknown(&self, n: u64) -> bool {
        let newest = self.unknown.as_ref().map(|unknown| unknown.n);
        newest.is_some_and(|newest| n > self.known_n() && n <= newest)
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

    /// Whether somebody who saw `head` at `n` saw our order. Before our beginning and behind a gap we can't tell.
    pub(super) fn agrees(&self, n: u64, head: &Digest) -> bool {
        n < self.base || self.is_unknown(n) || self.at(n) == Some(*head)
    }

    /// Adds an entry; gives its number and the head with it, zeros while that is not known.
    pub(super) fn push(&mut self, event_hash: &Digest) -> (u64, Digest) {
        if let Some(unknown) = &mut self.unknown {
            unknown.n += 1;
            unknown.hashes.push_back(*event_hash);
            if unknown.hashes.len() > MOST_UNKNOWN {
                unknown.hashes.pop_front();
            }
            return (unknown.n, [0; 32]);
        }
        let n = self.n() + 1;
        let head = labelled_hash("head", &[&self.head(), &n.to_be_bytes(), event_hash]);
        self.heads.push(head);
        (n, head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_heads_come_with_the_head_before_them() {
        let mut chain = HeadChain::starting_at(5, [9; 32]);
        let heads: Vec<Digest> = (6..=9).map(|n| chain.push(&[n; 32]).1).collect();
        assert_eq!(chain.newest(2), (7, heads[1], heads[2..].to_vec()));
        assert_eq!(chain.newest(0), (9, heads[3], Vec::new()));
        for all in [4, 5] {
            assert_eq!(chain.newest(all), (5, [9; 32], heads.clone()));
        }
    }

    #[test]
    fn heads_that_were_kept_reach_up_to_the_largest_number_and_no_further() {
        let heads = |count: usize| vec![[3; 32]; count];
        for (base, count, newest) in [
            (0, 0, Some(0)),
            (MAX_COUNT - 2, 2, Some(MAX_COUNT)),
            (MAX_COUNT, 0, Some(MAX_COUNT)),
            (MAX_COUNT - 2, 3, None),
            (MAX_COUNT + 1, 0, None),
            (u64::MAX, 0, None),
            (u64::MAX, 1, None),
        ] {
            let chain = HeadChain::restored(base, [9; 32], heads(count));
            assert_eq!(chain.map(|chain| chain.n()), newest, "{base} and {count}");
        }
    }

    #[test]
    fn a_signed_head_leads_to_the_newest_entry_from_up_to_4096_back() {
        let hash = |n: u64| labelled_hash("test", &[&n.to_be_bytes()]);
        let most = MOST_UNKNOWN as u64;
        let newest = 7 + most + 5;
        let anchors = [
            (newest + 1, false),
            (newest, true),
            (newest - 2, true),
            (newest - most + 1, true),
            (newest - most, false),
            (7, false),
        ];
        for (n, leads) in anchors {
            let mut chain = HeadChain::starting_at(0, [9; 32]);
            chain.skip_to(7);
            for n in 8..=newest {
                chain.push(&hash(n));
            }
            assert_eq!(chain.anchor(n, &[3; 32]), leads, "{n}");
            assert_eq!((chain.n(), chain.is_known()), (newest, leads));
            if leads {
                let mut known = HeadChain::starting_at(n, [3; 32]);
                for n in n + 1..=newest {
                    known.push(&hash(n));
                }
                assert_eq!(chain.head(), known.head());
            }
        }
    }

    #[test]
    fn what_stands_before_our_beginning_is_not_judged_and_our_beginning_is() {
        let chain = HeadChain::starting_at(5, [9; 32]);
        assert!(chain.agrees(4, &[1; 32]));
        assert!(chain.agrees(5, &[9; 32]) && !chain.agrees(5, &[1; 32]));
    }

    #[test]
    fn what_stands_before_a_gap_is_still_judged_and_what_stands_behind_it_is_not() {
        let mut chain = HeadChain::starting_at(0, [9; 32]);
        let heads: Vec<Digest> = (1..=3).map(|n| chain.push(&[n; 32]).1).collect();
        chain.skip_to(7);
        chain.push(&[8; 32]);
        let other = [1; 32];
        assert!(chain.agrees(2, &heads[1]) && !chain.agrees(2, &other));
        assert!(chain.agrees(3, &heads[2]) && !chain.agrees(3, &other));
        for unknown in 4..=8 {
            assert!(chain.agrees(unknown, &other), "{unknown}");
        }
        assert!(!chain.agrees(9, &other), "nobody saw what has not come");
    }
}
