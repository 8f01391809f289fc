//! Who has proven its key and waits at the door until the host answers. Bounded, also for one address.

use std::collections::HashMap;

use crate::crypto::Fingerprint;
use crate::net::host::ConnId;
use crate::net::host::gate::Origin;

/// People who may wait at once …
const MAX_KNOCKING: usize = 64;
/// … and so many of them from one address: keys cost nothing, and one machine must not fill the door.
const MAX_KNOCKING_PER_ORIGIN: usize = 16;

/// Who waits.
#[derive(Debug, Default)]
pub(super) struct Knocking(HashMap<Fingerprint, (ConnId, Origin)>);

impl Knocking {
    /// Has somebody wait, in place of an earlier connection of the same key, which is given back. Fails when there are
    /// too many.
    pub(super) fn wait(
        &mut self,
        who: Fingerprint,
        conn: ConnId,
        origin: Origin,
    ) -> Result<Option<ConnId>, Full> {
        let others = self.0.iter().filter(|(waiting, _)| **waiting != who);
        let (all, of_origin) = others.fold((0, 0), |(all, of_origin), (_, (_, from))| {
            (all + 1, of_origin + usize::from(*from == origin))
        });
        if all >= MAX_KNOCKING || of_origin >= MAX_KNOCKING_PER_ORIGIN {
            return Err(Full);
        }
        Ok(self.0.insert(who, (conn, origin)).map(|(earlier, _)| earlier))
    }

    /// Somebody waits no more; gives its connection.
    pub(super) fn remove(&mut self, who: &Fingerprint) -> Option<ConnId> {
        self.0.remove(who).map(|(conn, _)| conn)
    }

    /// Who waits on a connection.
    pub(super) fn on(&self, conn: ConnId) -> Option<Fingerprint> {
        let mut waiting = self.0.iter();
        waiting
            .find(|(_, (waiting, _))| *waiting == conn)
            .map(|(who, _)| *who)
    }
}

/// Too many wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn one_address_does_not_fill_the_door() {
        let mut knocking = Knocking::default();
        let origin = |n: u8| Origin::of(Ipv4Addr::new(192, 0, 2, n).into());
        let conn = |number| ConnId { reactor: 0, number };
        let who = |n: u64| Fingerprint::of_der(&n.to_be_bytes());
        let from_one = (0..100).filter(|n| knocking.wait(who(*n), conn(*n), origin(1)).is_ok());
        assert_eq!(from_one.count(), 16);
        // Who waits already may come over another connection.
        assert_eq!(knocking.wait(who(3), conn(500), origin(1)), Ok(Some(conn(3))));
        assert_eq!(knocking.on(conn(500)), Some(who(3)));
        let others = (100..200).filter(|n| {
            let origin = origin(u8::try_from(n - 98).unwrap());
            knocking.wait(who(*n), conn(*n), origin).is_ok()
        });
        assert_eq!(others.count(), 64 - 16);
        assert_eq!(knocking.remove(&who(3)), Some(conn(500)));
        assert_eq!(knocking.wait(who(900), conn(900), origin(200)), Ok(None));
    }
}
