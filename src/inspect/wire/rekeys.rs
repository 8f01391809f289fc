//! When the fresh exchanges of a recording were under way, and which keys came of each.

use std::collections::VecDeque;

use crate::protocol::handshake::Role;
use crate::protocol::wire::FrameKind;

/// Exchanges that are remembered; the oldest goes first. One takes a minute at least.
const MAX_REKEYS: usize = 4096;

/// The exchanges, oldest first.
#[derive(Debug, Default)]
pub(super) struct Rekeys(VecDeque<Rekey>);

/// One exchange: the numbers of its frames.
#[derive(Debug)]
struct Rekey {
    offer: u64,
    /// The number of the answer, and that of the keys behind it.
    answer: Option<(u64, u64)>,
    /// Where it is over: its last frame, or the first one of the next connection.
    over: Option<u64>,
}

impl Rekeys {
    /// Takes a record that was opened; `epoch` is that of its direction's key behind it.
    pub(super) fn take(&mut self, n: u64, kind: FrameKind, epoch: u64) {
        match kind {
            FrameKind::RekeyOffer => {
                if self.0.len() == MAX_REKEYS {
                    self.0.pop_front();
                }
                self.0.push_back(Rekey {
                    offer: n,
                    answer: None,
                    over: None,
                });
            }
            FrameKind::RekeyAnswer => {
                if let Some(rekey) = self.0.back_mut().filter(|rekey| rekey.over.is_none()) {
                    rekey.answer = Some((n, epoch));
                }
            }
            FrameKind::RekeyDone => self.end(n),
            _ => {}
        }
    }

    /// What was under way is over, with frame `n`.
    pub(super) fn end(&mut self, n: u64) {
        if let Some(rekey) = self.0.back_mut() {
            rekey.over.get_or_insert(n);
        }
    }

    /// The number of the keys that come of the exchange whose secrets one end has in memory behind frame `at`. The guest has
    /// its shares' private halves from its offer on; the host draws its own for the answer, and keeps the guest's next key
    /// until the exchange is over.
    pub(super) fn under_way(&self, at: u64, role: Role) -> Option<u64> {
        let place = self.0.partition_point(|rekey| rekey.offer <= at).checked_sub(1)?;
        let rekey = self.0.get(place)?;
        let (answer, epoch) = rekey.answer?;
        let is_there = match role {
            Role::Guest => true,
            Role::Host => answer <= at,
        };
        (is_there && rekey.over.is_none_or(|over| at < over)).then_some(epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_is_under_way_from_the_offer_at_the_guest_and_from_the_answer_at_the_host() {
        let mut rekeys = Rekeys::default();
        for (n, kind, epoch) in [
            (10, FrameKind::RekeyOffer, 0),
            (12, FrameKind::RekeyAnswer, 1),
            (14, FrameKind::RekeyDone, 1),
            (20, FrameKind::RekeyOffer, 1),
        ] {
            rekeys.take(n, kind, epoch);
        }
        // The line is lost, and the next connection has an exchange of its own.
        rekeys.end(22);
        rekeys.take(25, FrameKind::RekeyOffer, 2);
        rekeys.take(26, FrameKind::RekeyAnswer, 3);
        let under_way = |role: Role| -> Vec<u64> {
            let is_under_way = |at: &u64| rekeys.under_way(*at, role).is_some();
            (1..=30).filter(is_under_way).collect()
        };
        assert_eq!(under_way(Role::Guest), [10, 11, 12, 13, 25, 26, 27, 28, 29, 30]);
        assert_eq!(under_way(Role::Host), [12, 13, 26, 27, 28, 29, 30]);
        assert_eq!(rekeys.under_way(11, Role::Guest), Some(1));
        assert_eq!(rekeys.under_way(30, Role::Host), Some(3));
    }
}
