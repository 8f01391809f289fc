//! Everybody met, as the session knows it, and found by how a name looks.

use crate::crypto::Fingerprint;
use crate::store::{Acquaintances, Contact, Decision};

/// Everybody met.
#[derive(Debug, Default)]
pub struct Known {
    met: Acquaintances,
}

impl Known {
    /// Whether nobody was met.
    pub fn is_empty(&self) -> bool {
        self.met.is_empty()
    }

    /// Somebody, if it was met.
    pub fn get(&self, fingerprint: &Fingerprint) -> Option<&Contact> {
        self.met.get(fingerprint)
    }

    /// Everybody, in no order.
    pub fn values(&self) -> impl Iterator<Item = &Contact> {
        self.met.values()
    }

    /// Takes in what is known of somebody, in place of what was known before. Among too many whom a host alone named the
    /// oldest goes, as in the profile.
    pub fn insert(&mut self, contact: Contact) {
        self.met.insert(contact);
    }

    /// Forgets somebody.
    pub fn remove(&mut self, fingerprint: &Fingerprint) {
        self.met.remove(fingerprint);
    }

    /// Takes in what the user decided; gives what is known then. `None` when nobody of this key was met.
    pub(super) fn decide(
        &mut self,
        fingerprint: &Fingerprint,
        decision: Decision,
        now_unix: u64,
    ) -> Option<Contact> {
        let (contact, _) = self.met.decide(fingerprint, decision, now_unix)?;
        Some(contact)
    }

    /// Whose name somebody's can be taken for, of those with the better claim to it: a verified one first, then
    /// whoever was met first. `None` where that one bears the very same name: that is asked about, or said of two
    /// people in one room.
    pub(super) fn feigned(&self, seen: &Contact) -> Option<&Contact> {
        let name = self.met.likeness(&seen.fingerprint, &seen.name);
        self.met
            .alike(&name)
            .filter(|(known, _)| known.fingerprint != seen.fingerprint && seen.yields_to(known))
            .min_by_key(|(known, _)| (known.verified.is_none(), known.first_seen_unix, known.fingerprint))
            .filter(|(_, looks)| !looks.is_same_name(&name))
            .map(|(known, _)| known)
    }
}

impl FromIterator<(Fingerprint, Contact)> for Known {
    fn from_iter<I: IntoIterator<Item = (Fingerprint, Contact)>>(contacts: I) -> Known {
        let mut known = Known::default();
        contacts
            .into_iter()
            .for_each(|(_, contact)| known.insert(contact));
        known
    }
}
