//! Who is connected and admitted: found by connection, and by identity key.

use std::collections::HashMap;

use crate::crypto::Fingerprint;
use crate::net::host::{ConnId, Guest};

/// The guests of one room.
#[derive(Debug, Default)]
pub(super) struct Guests {
    guests: HashMap<ConnId, Guest>,
    /// A member may ask for somebody with each private piece: in a large room nobody is looked for among all.
    conns: HashMap<Fingerprint, ConnId>,
}

impl Guests {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.guests.len()
    }

    /// Who is on a connection.
    pub fn get(&self, conn: &ConnId) -> Option<&Guest> {
        self.guests.get(conn)
    }

    /// The same, to be changed; the key stays.
    pub fn get_mut(&mut self, conn: &ConnId) -> Option<&mut Guest> {
        self.guests.get_mut(conn)
    }

    /// The connection of somebody.
    pub fn conn_of(&self, who: &Fingerprint) -> Option<ConnId> {
        self.conns.get(who).copied()
    }

    /// Somebody is admitted.
    pub fn insert(&mut self, conn: ConnId, guest: Guest) {
        self.remove(&conn);
        self.conns.insert(guest.fingerprint, conn);
        self.guests.insert(conn, guest);
    }

    /// Somebody is gone.
    pub fn remove(&mut self, conn: &ConnId) -> Option<Guest> {
        let guest = self.guests.remove(conn)?;
        // Who came back is found on the newer connection.
        if self.conns.get(&guest.fingerprint) == Some(conn) {
            self.conns.remove(&guest.fingerprint);
        }
        Some(guest)
    }
}

#[cfg(test)]
mod tests {
    use super::super::DeclinedEvents;
    use super::*;

    fn conn(number: u64) -> ConnId {
        ConnId { reactor: 0, number }
    }

    fn guest(name: &str) -> Guest {
        Guest {
            fingerprint: Fingerprint::of_der(name.as_bytes()),
            name: name.to_owned(),
            declined: DeclinedEvents::default(),
        }
    }

    #[test]
    fn somebody_is_found_by_key_on_the_newest_connection_until_that_one_is_gone() {
        let mut guests = Guests::default();
        let who = guest("Ada").fingerprint;
        guests.insert(conn(1), guest("Ada"));
        guests.insert(conn(2), guest("Bob"));
        assert_eq!(guests.conn_of(&who), Some(conn(1)));
        guests.insert(conn(3), guest("Ada"));
        assert!(guests.remove(&conn(1)).is_some());
        assert_eq!(guests.conn_of(&who), Some(conn(3)));
        assert!(guests.remove(&conn(3)).is_some());
        assert_eq!(guests.conn_of(&who), None);
        assert!(guests.remove(&conn(3)).is_none());
        assert_eq!((guests.len(), guests.conns.len()), (1, 1));
    }
}
