//! Who has proven its key and waits at the door until the host answers. Bounded, also for one address.

use std::collections::HashMap;
use std::time::Instant;

use crate::crypto::Fingerprint;
use crate::net::host::ConnId;
use crate::net::host::gate::Origin;
use crate::net::limits::{MAX_KNOCKING, MAX_KNOCKING_PER_ORIGIN, TOLD_INTERVAL};

/// Who waits.
#[derive(Debug, Default)]
pub(super) struct Knocking {
    waiting: HashMap<Fingerprint, Knock>,
    /// When the host was last told that no more can wait.
    full_told_at: Option<Instant>,
}

#[derive(Debug)]
struct Knock {
    conn: ConnId,
    origin: Origin,
    /// Whether the host has seen its key before.
    is_known: bool,
}

impl Knocking {
    /// Has somebody wait, in place of an earlier connection of the same key, which is given back. Fails when there are
    /// too many. Keys cost nothing, so strangers are counted by origin; who `is_known` is not shut out by them.
    pub(super) fn wait(
        &mut self,
        who: Fingerprint,
        conn: ConnId,
        origin: Origin,
        is_known: bool,
    ) -> Result<Option<ConnId>, Full> {
        let others = self.waiting.iter().filter(|(waiting, _)| **waiting != who);
        let alike = others.filter(|(_, knock)| knock.is_known == is_known);
        let (all, of_origin) = alike.fold((0, 0), |(all, of_origin), (_, knock)| {
            (all + 1, of_origin + usize::from(knock.origin == origin))
        });
        if all >= MAX_KNOCKING || (!is_known && of_origin >= MAX_KNOCKING_PER_ORIGIN) {
            return Err(Full);
        }
        let knock = Knock {
            conn,
            origin,
            is_known,
        };
        Ok(self.waiting.insert(who, knock).map(|earlier| earlier.conn))
    }

    /// Somebody waits no more; gives its connection.
    pub(super) fn remove(&mut self, who: &Fingerprint) -> Option<ConnId> {
        self.waiting.remove(who).map(|knock| knock.conn)
    }

    /// Who waits on a connection.
    pub(super) fn on(&self, conn: ConnId) -> Option<Fingerprint> {
        let mut waiting = self.waiting.iter();
        waiting.find(|(_, knock)| knock.conn == conn).map(|(who, _)| *who)
    }

    /// Whether it is time to tell the host that no more can wait; notes that it is told.
    pub(super) fn is_to_be_told_full(&mut self, now: Instant) -> bool {
        let is_time = self.full_told_at.is_none_or(|at| now >= at + TOLD_INTERVAL);
        if is_time {
            self.full_told_at = Some(now);
        }
        is_time
    }
}

/// Too many wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use std::time::Duration;

    fn origin(n: u8) -> Origin {
        Origin::of(Ipv4Addr::new(192, 0, 2, n).into())
    }

    fn conn(number: u64) -> ConnId {
        ConnId { reactor: 0, number }
    }

    fn who(n: u64) -> Fingerprint {
        Fingerprint::of_der(&n.to_be_bytes())
    }

    #[test]
    fn a_class_behind_one_address_finds_place_and_one_address_does_not_fill_the_door() {
        let mut knocking = Knocking::default();
        let from_one = (0..100).filter(|n| knocking.wait(who(*n), conn(*n), origin(1), false).is_ok());
        assert_eq!(from_one.count(), 64);
        // Who waits already may come over another connection.
        assert_eq!(
            knocking.wait(who(3), conn(500), origin(1), false),
            Ok(Some(conn(3)))
        );
        assert_eq!(knocking.on(conn(500)), Some(who(3)));
        let others = (1000..1250).filter(|n| {
            let origin = origin(u8::try_from(n - 998).unwrap());
            knocking.wait(who(*n), conn(*n), origin, false).is_ok()
        });
        assert_eq!(others.count(), 256 - 64);
        assert_eq!(knocking.remove(&who(3)), Some(conn(500)));
        assert_eq!(knocking.wait(who(900), conn(900), origin(255), false), Ok(None));
        assert_eq!(knocking.wait(who(901), conn(901), origin(254), false), Err(Full));
    }

    #[test]
    fn who_was_seen_before_is_not_shut_out_by_strangers_and_does_not_wait_without_number_either() {
        let mut knocking = Knocking::default();
        for n in 0..64 {
            assert_eq!(knocking.wait(who(n), conn(n), origin(1), false), Ok(None));
        }
        assert_eq!(knocking.wait(who(64), conn(64), origin(1), false), Err(Full));
        let known = (1000..2000).filter(|n| knocking.wait(who(*n), conn(*n), origin(1), true).is_ok());
        assert_eq!(known.count(), 256);
    }

    #[test]
    fn the_host_is_told_of_a_full_door_once_a_minute() {
        let start = Instant::now();
        let mut knocking = Knocking::default();
        let told = (0..130).filter(|secs| knocking.is_to_be_told_full(start + Duration::from_secs(*secs)));
        assert_eq!(told.collect::<Vec<_>>(), [0, 60, 120]);
    }
}
