//! Contacts found by key and by how a name looks; of those whom a host alone named, so many at most.

use std::collections::{BTreeSet, HashMap};

use super::likeness::{Likeness, Lookalikes, Rank};
use super::people::{Contact, Decision, MetAs};
use crate::crypto::Fingerprint;
use crate::protocol::limits::MAX_MEMBERS;

/// Everybody met.
#[derive(Debug, Default)]
pub struct Acquaintances {
    contacts: HashMap<Fingerprint, Contact>,
    /// All of them, by the names that they have in `contacts`.
    looks: Lookalikes,
    /// Those of whom nothing is known but a host's word, whoever was seen longest ago first.
    hearsay: BTreeSet<(u64, Fingerprint)>,
}

/// So many are known by a host's word alone: as many as two rooms can hold. A host can name people without end.
const MOST_HEARSAY: usize = 2 * MAX_MEMBERS;

impl Acquaintances {
    /// Whether nobody was met.
    pub fn is_empty(&self) -> bool {
        self.contacts.is_empty()
    }

    /// Somebody, if it was met.
    pub fn get(&self, who: &Fingerprint) -> Option<&Contact> {
        self.contacts.get(who)
    }

    /// Everybody, in no order.
    pub fn values(&self) -> impl Iterator<Item = &Contact> {
        self.contacts.values()
    }

    /// Takes in what is known of somebody, in place of what was known before. Gives whom it pushed out: among too many
    /// whom a host alone named and about whom the user decided nothing, the one seen longest ago.
    pub fn insert(&mut self, contact: Contact) -> Option<Fingerprint> {
        let who = contact.fingerprint;
        self.unlist_hearsay(&who);
        self.looks.list(who, &contact.name, rank(&contact));
        if is_hearsay(&contact) {
            self.hearsay.insert((contact.last_seen_unix, who));
        }
        self.contacts.insert(who, contact);
        if self.hearsay.len() <= MOST_HEARSAY {
            return None;
        }
        let (_, oldest) = *self.hearsay.first()?;
        self.remove(&oldest);
        Some(oldest)
    }

    /// Forgets somebody. Gives whether it was known.
    pub fn remove(&mut self, who: &Fingerprint) -> bool {
        self.unlist_hearsay(who);
        self.looks.unlist(who);
        self.contacts.remove(who).is_some()
    }

    /// Takes in what the user decided; gives what is known then, and whom that pushed out. `None` when nobody of this key
    /// was met.
    pub fn decide(
        &mut self,
        who: &Fingerprint,
        decision: Decision,
        now_unix: u64,
    ) -> Option<(Contact, Option<Fingerprint>)> {
        let mut contact = self.get(who)?.clone();
        contact.decide(decision, now_unix);
        let pushed_out = self.insert(contact.clone());
        Some((contact, pushed_out))
    }

    /// What the name looks like under which somebody is known.
    pub fn look_of(&self, who: &Fingerprint) -> Option<&Likeness> {
        self.looks.get(who)
    }

    /// What a name looks like that somebody gives itself.
    pub fn likeness(&self, who: &Fingerprint, name: &str) -> Likeness {
        self.looks.likeness(who, name)
    }

    /// Those whose names can be taken for this one: whom the user verified, then who was met, then who was named by a
    /// host, the earlier before the later. Of a crowd the first only.
    pub fn alike<'a>(
        &'a self,
        name: &Likeness,
    ) -> impl Iterator<Item = (&'a Contact, &'a Likeness)> + use<'a> {
        let alike = self.looks.alike(name);
        alike.filter_map(move |(who, looks)| Some((self.contacts.get(who)?, looks)))
    }

    fn unlist_hearsay(&mut self, who: &Fingerprint) {
        if let Some(known) = self.contacts.get(who) {
            self.hearsay.remove(&(known.last_seen_unix, *who));
        }
    }
}

fn rank(contact: &Contact) -> Rank {
    Rank {
        unverified: contact.verified.is_none(),
        hearsay: contact.met == MetAs::Introduced,
        first_seen_unix: contact.first_seen_unix,
    }
}

/// Whether nothing is known of somebody but a host's word, and the user decided nothing about it.
fn is_hearsay(contact: &Contact) -> bool {
    let is_decided =
        contact.verified.is_some() || contact.blocked || contact.change.is_some_and(|change| change.accepted);
    contact.met == MetAs::Introduced && !is_decided
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::VerifiedBy;

    fn key(n: usize) -> Fingerprint {
        Fingerprint::of_der(&n.to_be_bytes())
    }

    fn contact(n: usize, met: MetAs) -> Contact {
        Contact {
            fingerprint: key(n),
            name: "Anna".to_owned(),
            first_seen_unix: n as u64,
            last_seen_unix: n as u64,
            met,
            verified: None,
            blocked: false,
            change: None,
        }
    }

    #[test]
    fn of_too_many_whom_a_host_alone_named_the_oldest_goes_and_nobody_else() {
        let mut met = Acquaintances::default();
        met.insert(contact(0, MetAs::InPerson));
        met.insert(contact(1, MetAs::ByCard));
        for n in 2..4 {
            met.insert(contact(n, MetAs::Introduced));
        }
        met.decide(&key(2), Decision::Block, 9);
        met.decide(&key(3), Decision::Verify(VerifiedBy::Emoji), 9);
        let first = 4;
        for n in first..first + MOST_HEARSAY {
            assert_eq!(met.insert(contact(n, MetAs::Introduced)), None);
        }
        // Seen again: now the one behind it is the oldest.
        let again = Contact {
            last_seen_unix: u64::MAX,
            ..contact(first, MetAs::Introduced)
        };
        assert_eq!(met.insert(again), None);
        let next = first + MOST_HEARSAY;
        let pushed_out = met.insert(contact(next, MetAs::Introduced));
        assert_eq!(pushed_out, Some(key(first + 1)));
        assert!(met.get(&key(first + 1)).is_none() && met.look_of(&key(first + 1)).is_none());
        assert!((0..=first).all(|n| met.get(&key(n)).is_some()));
        assert_eq!(met.values().count(), 4 + MOST_HEARSAY);
        // Who is no longer undecided counts no more.
        met.decide(&key(next), Decision::Block, 9);
        assert_eq!(met.insert(contact(next + 1, MetAs::Introduced)), None);
        assert_eq!(
            met.decide(&key(next), Decision::Unblock, 9).unwrap().1,
            Some(key(first + 2))
        );
    }
}
