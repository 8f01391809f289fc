//! Sessions that can be resumed: the newest one of each member, by the name of its ticket. When there are too many, the
//! oldest gives way. Knows nothing of what a session is.

use std::collections::{BTreeMap, HashMap};

use crate::crypto::{Fingerprint, Ticket};

/// The name of a ticket.
type Id = [u8; Ticket::ID_BYTES];

/// Sessions by the names of their tickets.
#[derive(Debug)]
pub struct Sessions<S> {
    most: usize,
    kept: HashMap<Id, Kept<S>>,
    by_member: HashMap<Fingerprint, Id>,
    /// In the order in which they were kept.
    by_age: BTreeMap<u64, Id>,
    next_number: u64,
}

#[derive(Debug)]
struct Kept<S> {
    member: Fingerprint,
    session: S,
    number: u64,
}

impl<S> Sessions<S> {
    /// None yet, and at most so many.
    pub fn new(most: usize) -> Sessions<S> {
        Sessions {
            most,
            kept: HashMap::new(),
            by_member: HashMap::new(),
            by_age: BTreeMap::new(),
            next_number: 0,
        }
    }

    /// Whose session this is, and the session.
    pub fn get(&self, id: &Id) -> Option<(&Fingerprint, &S)> {
        self.kept.get(id).map(|kept| (&kept.member, &kept.session))
    }

    /// Keeps a session in place of the member's earlier one, or else of the oldest one where there are too many.
    pub fn keep(&mut self, id: Id, member: Fingerprint, session: S) {
        self.forget(&member);
        if self.kept.len() >= self.most
            && let Some((_, oldest)) = self.by_age.first_key_value()
        {
            let oldest = *oldest;
            self.take(&oldest);
        }
        let number = self.next_number;
        self.next_number += 1;
        self.by_member.insert(member, id);
        self.by_age.insert(number, id);
        let kept = Kept {
            member,
            session,
            number,
        };
        self.kept.insert(id, kept);
    }

    /// Takes a session out: it is used up.
    pub fn take(&mut self, id: &Id) -> Option<S> {
        let kept = self.kept.remove(id)?;
        self.by_member.remove(&kept.member);
        self.by_age.remove(&kept.number);
        Some(kept.session)
    }

    /// Forgets a member's session.
    pub fn forget(&mut self, member: &Fingerprint) {
        if let Some(id) = self.by_member.get(member).copied() {
            self.take(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(n: u8) -> Fingerprint {
        Fingerprint::of_der(&[n])
    }

    fn id(n: u8) -> Id {
        [n; Ticket::ID_BYTES]
    }

    /// Three places, taken by the sessions 1, 2 and 3 of the members of the same numbers.
    fn full() -> Sessions<u8> {
        let mut sessions = Sessions::new(3);
        (1..=3).for_each(|n| sessions.keep(id(n), person(n), n));
        sessions
    }

    fn there(sessions: &Sessions<u8>) -> Vec<u8> {
        let tables = [
            sessions.kept.len(),
            sessions.by_member.len(),
            sessions.by_age.len(),
        ];
        assert!(tables.iter().all(|len| *len == tables[0]), "{tables:?}");
        (0..100).filter(|n| sessions.get(&id(*n)).is_some()).collect()
    }

    #[test]
    fn the_oldest_session_gives_way_and_nothing_of_it_stays() {
        let mut sessions = full();
        sessions.keep(id(4), person(4), 4);
        assert_eq!(there(&sessions), [2, 3, 4]);
        sessions.keep(id(5), person(5), 5);
        assert_eq!(there(&sessions), [3, 4, 5]);
    }

    #[test]
    fn who_replaces_its_own_session_has_nobody_elses_give_way() {
        let mut sessions = full();
        sessions.keep(id(13), person(3), 13);
        assert_eq!(there(&sessions), [1, 2, 13]);
        // From here on the newest one of all.
        sessions.keep(id(11), person(1), 11);
        sessions.keep(id(4), person(4), 4);
        assert_eq!(there(&sessions), [4, 11, 13]);
    }

    #[test]
    fn a_session_is_taken_once_and_forgotten_with_its_member() {
        let mut sessions = full();
        assert_eq!(sessions.get(&id(2)), Some((&person(2), &2)));
        assert_eq!(sessions.take(&id(2)), Some(2));
        assert_eq!(sessions.take(&id(2)), None);
        sessions.forget(&person(2));
        sessions.forget(&person(3));
        assert_eq!(there(&sessions), [1]);
    }
}
