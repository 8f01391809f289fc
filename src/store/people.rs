//! Everybody met: names, keys, when, and how far each is trusted; and what another key under a known
//! name means.

use std::collections::HashSet;

use minicbor::{Decode, Encode};

use super::acquaintances::Acquaintances;
use super::likeness::Likeness;
use super::rooms::encode;
use super::{Rows, StoreError, Table, Vault};
use crate::crypto::Fingerprint;

/// How somebody was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum VerifiedBy {
    /// The seven emoji were compared.
    #[n(0)]
    Emoji,
    /// The safety number was compared.
    #[n(1)]
    SafetyNumber,
    /// Its contact card was imported.
    #[n(2)]
    Card,
}

/// How somebody came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum MetAs {
    /// It proved its key to us: as host, or as a guest of ours.
    #[n(0)]
    InPerson,
    /// The host of a room said that it is there.
    #[n(1)]
    Introduced,
    /// Its contact card was imported.
    #[n(2)]
    ByCard,
}

/// Somebody who was met. Its key is its identity; the name is what it calls itself.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Contact {
    /// The key's fingerprint.
    #[cbor(n(0), with = "crate::protocol::body::fingerprint")]
    pub fingerprint: Fingerprint,
    /// The name that it gave itself last.
    #[n(1)]
    pub name: String,
    /// Seconds since 1970.
    #[n(2)]
    pub first_seen_unix: u64,
    /// Seconds since 1970.
    #[n(3)]
    pub last_seen_unix: u64,
    /// How it came to be known.
    #[n(4)]
    pub met: MetAs,
    /// How it was verified, and when; `None` when it was not, or that was withdrawn.
    #[n(5)]
    pub verified: Option<Verified>,
    /// Whether its messages are to be kept out of sight and it is not let into rooms of ours.
    #[n(6)]
    pub blocked: bool,
    /// Another key was known under this name before.
    #[n(7)]
    pub change: Option<KeyChange>,
}

/// A verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Verified {
    /// How.
    #[n(0)]
    pub by: VerifiedBy,
    /// When, seconds since 1970.
    #[n(1)]
    pub at_unix: u64,
}

/// A name came with another key than the one that was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KeyChange {
    /// The key that was known.
    #[cbor(n(0), with = "crate::protocol::body::fingerprint")]
    pub before: Fingerprint,
    /// Whether the user went on in spite of it. The mark stays.
    #[n(1)]
    pub accepted: bool,
}

/// The trust in one word, as the list of contacts shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrustMark {
    /// Kept out.
    Blocked,
    /// Another key was known under this name.
    Changed,
    /// Compared, and it matched.
    Verified,
    /// Met, and never compared.
    FirstUse,
    /// Only a host said so.
    IntroducedByHost,
}

impl Contact {
    /// The trust in one word.
    pub fn trust(&self) -> TrustMark {
        match self {
            Contact { blocked: true, .. } => TrustMark::Blocked,
            Contact { change: Some(_), .. } => TrustMark::Changed,
            Contact {
                verified: Some(_), ..
            } => TrustMark::Verified,
            Contact {
                met: MetAs::Introduced,
                ..
            } => TrustMark::IntroducedByHost,
            _ => TrustMark::FirstUse,
        }
    }

    /// Takes in what the user decided.
    pub fn decide(&mut self, decision: Decision, now_unix: u64) {
        match decision {
            Decision::Verify(by) => {
                self.verified = Some(Verified {
                    by,
                    at_unix: now_unix,
                });
                // Compared by hand: the change is accepted with it. Its mark stays.
                if let Some(change) = &mut self.change {
                    change.accepted = true;
                }
            }
            Decision::Withdraw => self.verified = None,
            Decision::Block => self.blocked = true,
            Decision::Unblock => self.blocked = false,
            Decision::AcceptChange => {
                if let Some(change) = &mut self.change {
                    change.accepted = true;
                }
            }
        }
    }

    /// Whether another one of the same or a like name has the better claim to it: that one was compared
    /// and this one was not, or it was met first, or both in the same second.
    pub fn yields_to(&self, other: &Contact) -> bool {
        self.verified.is_none() && (other.verified.is_some() || other.first_seen_unix <= self.first_seen_unix)
    }

    /// Whether the user must decide before anything is said in its presence.
    pub fn needs_decision(&self) -> bool {
        self.change.is_some_and(|change| !change.accepted)
    }
}

/// What the user decides about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is who it says.
    Verify(VerifiedBy),
    /// The verification no longer holds.
    Withdraw,
    /// It is to be kept out.
    Block,
    /// It may come back.
    Unblock,
    /// Go on although its key changed.
    AcceptChange,
}

/// Everybody met, with what changed and is not kept yet.
#[derive(Debug, Default)]
pub struct People {
    met: Acquaintances,
    changed: HashSet<Fingerprint>,
    /// Our own key: meeting ourselves is no meeting.
    own: Option<Fingerprint>,
}

impl People {
    /// Those that were kept.
    pub fn of(contacts: Vec<Contact>, own: Option<Fingerprint>) -> People {
        let mut people = People {
            own,
            ..People::default()
        };
        contacts.into_iter().for_each(|contact| people.insert(contact));
        people
    }

    /// Somebody, if it was met.
    pub fn get(&self, fingerprint: &Fingerprint) -> Option<&Contact> {
        self.met.get(fingerprint)
    }

    /// Everybody, in no order.
    pub fn all(&self) -> impl Iterator<Item = &Contact> {
        self.met.values()
    }

    /// Notes that somebody is there. `present` are the others in the same room: a known key of the same
    /// name that is present beside it is another person, not an older key of this one. Met without that
    /// one, it is asked about once, whoever has not the better claim to the name. A name that a host alone
    /// gives does not replace one that was heard from its bearer. `None` for ourselves.
    pub fn meet(
        &mut self,
        fingerprint: Fingerprint,
        name: &str,
        met: MetAs,
        now_unix: u64,
        present: &dyn Fn(&Fingerprint) -> bool,
    ) -> Option<Contact> {
        if self.own == Some(fingerprint) {
            return None;
        }
        let known = self.met.get(&fingerprint).cloned();
        let likeness = self.met.likeness(&fingerprint, name);
        let is_new_name = self
            .met
            .look_of(&fingerprint)
            .is_none_or(|known| !known.is_same_name(&likeness));
        let mut contact = known.unwrap_or_else(|| Contact {
            fingerprint,
            name: name.to_owned(),
            first_seen_unix: now_unix,
            last_seen_unix: now_unix,
            met,
            verified: None,
            blocked: false,
            change: None,
        });
        if met != MetAs::Introduced || contact.met == MetAs::Introduced {
            name.clone_into(&mut contact.name);
        }
        contact.last_seen_unix = now_unix;
        if met == MetAs::InPerson && contact.met == MetAs::Introduced {
            contact.met = MetAs::InPerson;
        }
        // A key that was compared is sure; that it may call itself like somebody else is not. So taking a
        // name is asked about always, going on under it only where another one has the better claim.
        if let Some(before) = self.bearer(&likeness, &fingerprint, |other| {
            !present(&other.fingerprint) && (is_new_name || contact.yields_to(other))
        }) && !self.is_asked(&contact, before, is_new_name)
        {
            contact.change = Some(KeyChange {
                before: before.fingerprint,
                accepted: false,
            });
        }
        self.insert(contact.clone());
        self.changed.insert(fingerprint);
        Some(contact)
    }

    /// Whoever bore exactly this name last with another key, of those who count; a verified one first.
    fn bearer(
        &self,
        name: &Likeness,
        but: &Fingerprint,
        counts: impl Fn(&Contact) -> bool,
    ) -> Option<&Contact> {
        self.met
            .alike(name)
            .filter(|(other, looks)| other.fingerprint != *but && looks.is_same_name(name))
            .map(|(other, _)| other)
            // A key that was itself refused is nobody's old key.
            .filter(|other| !other.blocked && !other.needs_decision())
            .filter(|other| counts(other))
            .max_by_key(|other| (other.verified.is_some(), other.last_seen_unix, other.fingerprint))
    }

    /// Whether the question about these two keys is asked already, or decided. Under a name that it bore
    /// before, somebody is not asked about for each of its namesakes, but for a verified one.
    fn is_asked(&self, contact: &Contact, before: &Contact, is_new_name: bool) -> bool {
        let Some(change) = contact.change else {
            return false;
        };
        let decided = || self.met.get(&change.before);
        !change.accepted
            || change.before == before.fingerprint
            || !is_new_name
                && decided().is_some_and(|decided| {
                    self.are_namesakes(&decided.fingerprint, &before.fingerprint)
                        && (decided.verified.is_some() || before.verified.is_none())
                })
    }

    /// Whether two who were met bear one name.
    fn are_namesakes(&self, one: &Fingerprint, other: &Fingerprint) -> bool {
        let names = self.met.look_of(one).zip(self.met.look_of(other));
        names.is_some_and(|(one, other)| one.is_same_name(other))
    }

    /// Those whose names can be taken for this one.
    pub fn alike(&self, name: &str) -> impl Iterator<Item = &Contact> {
        let alike = self.met.alike(&Likeness::of(name));
        alike.map(|(contact, _)| contact)
    }

    /// Takes in what the user decided. `None` when nobody of this key was met.
    pub fn decide(
        &mut self,
        fingerprint: &Fingerprint,
        decision: Decision,
        now_unix: u64,
    ) -> Option<Contact> {
        let (contact, pushed_out) = self.met.decide(fingerprint, decision, now_unix)?;
        self.changed.insert(*fingerprint);
        self.changed.extend(pushed_out);
        Some(contact)
    }

    /// Notes that the user went on although another key was known where this one answered.
    pub fn note_change(
        &mut self,
        fingerprint: &Fingerprint,
        before: Fingerprint,
        now_unix: u64,
    ) -> Option<Contact> {
        let mut contact = self.met.get(fingerprint)?.clone();
        contact.change.get_or_insert(KeyChange {
            before,
            accepted: true,
        });
        self.insert(contact);
        self.decide(fingerprint, Decision::AcceptChange, now_unix)
    }

    /// Takes in somebody from a contact card, as verified by it. A card whose name is known with another
    /// key verifies nothing: the change is to be decided about first.
    pub fn import(&mut self, fingerprint: Fingerprint, name: &str, now_unix: u64) -> Option<Contact> {
        let met = self.meet(fingerprint, name, MetAs::ByCard, now_unix, &|_| false)?;
        if met.needs_decision() {
            return Some(met);
        }
        self.decide(&fingerprint, Decision::Verify(VerifiedBy::Card), now_unix)
    }

    /// Forgets somebody.
    pub fn forget(&mut self, fingerprint: &Fingerprint) {
        if self.met.remove(fingerprint) {
            self.changed.insert(*fingerprint);
        }
    }

    /// Keeps what changed since the last time, in one transaction. What can't be kept is tried again.
    pub fn keep(&mut self, vault: &Vault) -> Result<(), StoreError> {
        if self.changed.is_empty() {
            return Ok(());
        }
        vault.write(|writing| {
            let (kept, gone): (Vec<_>, Vec<_>) =
                self.changed.iter().partition(|who| self.met.get(who).is_some());
            let kept = kept.into_iter().filter_map(|who| self.met.get(who));
            writing.keep_all(
                Table::Contacts,
                kept.map(|contact| (contact.fingerprint.as_bytes().to_vec(), encode(contact))),
            )?;
            writing.drop_rows(
                Table::Contacts,
                &mut gone.into_iter().map(|who| who.as_bytes().to_vec()),
            )
        })?;
        self.changed.clear();
        Ok(())
    }

    fn insert(&mut self, contact: Contact) {
        // Who goes, because a host named too many, goes from the disk too.
        self.changed.extend(self.met.insert(contact));
    }
}

impl Vault {
    /// Everybody met, and how many records could not be read.
    pub fn contacts(&self) -> Result<(Vec<Contact>, usize), StoreError> {
        let (found, mut damaged) = self.read(|reading| reading.all(Table::Contacts))?;
        let mut contacts = Vec::with_capacity(found.len());
        for row in found {
            match minicbor::decode(row.value()) {
                Ok(contact) => contacts.push(contact),
                Err(_) => damaged += 1,
            }
        }
        Ok((contacts, damaged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Secret, VaultKey};
    use crate::store::Lookalikes;

    fn key(name: &str) -> Fingerprint {
        Fingerprint::of_der(name.as_bytes())
    }

    fn nobody(_: &Fingerprint) -> bool {
        false
    }

    fn meet(people: &mut People, who: &str, name: &str, now: u64) -> Contact {
        people
            .meet(key(who), name, MetAs::InPerson, now, &nobody)
            .unwrap()
    }

    #[test]
    fn a_known_name_with_another_key_asks_for_a_decision_and_the_mark_stays() {
        let mut people = People::default();
        assert_eq!(meet(&mut people, "mira", "Mira", 1).trust(), TrustMark::FirstUse);
        let other = meet(&mut people, "eve", "mira ", 2);
        assert_eq!(other.change.unwrap().before, key("mira"));
        assert!(other.needs_decision());
        assert_eq!(other.trust(), TrustMark::Changed);
        // Meeting it again does not put the question away.
        assert!(meet(&mut people, "eve", "mira", 3).needs_decision());
        let accepted = people.decide(&key("eve"), Decision::AcceptChange, 4).unwrap();
        assert!(!accepted.needs_decision());
        assert_eq!(accepted.trust(), TrustMark::Changed, "the mark stays");
        assert_eq!(meet(&mut people, "eve", "mira", 5).trust(), TrustMark::Changed);
        // The old key is not asked about: it was first.
        assert!(!meet(&mut people, "mira", "Mira", 6).needs_decision());
    }

    #[test]
    fn two_people_of_one_name_at_the_same_time_are_two_people() {
        let mut people = People::default();
        meet(&mut people, "one", "Anna", 1);
        let here = |who: &Fingerprint| *who == key("one");
        let two = people
            .meet(key("two"), "Anna", MetAs::Introduced, 2, &here)
            .unwrap();
        assert_eq!(two.trust(), TrustMark::IntroducedByHost);
        assert_eq!(people.alike("аnnа").count(), 2);
    }

    #[test]
    fn who_was_once_seen_beside_the_real_one_is_asked_about_without_it() {
        let mut people = People::default();
        meet(&mut people, "ada", "Ada", 1);
        people.decide(&key("ada"), Decision::Verify(VerifiedBy::Emoji), 1);
        let here = |who: &Fingerprint| *who == key("ada");
        let beside = people
            .meet(key("eve"), "Ada", MetAs::Introduced, 2, &here)
            .unwrap();
        assert!(!beside.needs_decision(), "two people at the same time");
        // It opens a room of its own, or comes into one where Ada is not.
        let alone = meet(&mut people, "eve", "Ada", 3);
        assert!(alone.needs_decision());
        assert_eq!(alone.change.unwrap().before, key("ada"));
        people.decide(&key("eve"), Decision::AcceptChange, 4);
        assert!(!meet(&mut people, "eve", "Ada", 5).needs_decision(), "asked once");
        assert!(
            !meet(&mut people, "ada", "Ada", 6).needs_decision(),
            "she was compared"
        );
    }

    #[test]
    fn of_two_namesakes_the_newer_is_asked_about_unless_it_alone_was_compared() {
        let mut people = People::default();
        let both = |_: &Fingerprint| true;
        for (who, now) in [("one", 1), ("two", 2), ("three", 3)] {
            people.meet(key(who), "Anna", MetAs::InPerson, now, &both);
        }
        assert!(!meet(&mut people, "one", "Anna", 4).needs_decision(), "the first");
        assert!(meet(&mut people, "three", "Anna", 5).needs_decision());
        people.decide(&key("three"), Decision::AcceptChange, 5);
        meet(&mut people, "two", "Anna", 6);
        people.decide(&key("two"), Decision::AcceptChange, 6);
        // Not once for each namesake.
        assert!(!meet(&mut people, "three", "Anna", 7).needs_decision());
        // But a verified one counts more than one that was there earlier.
        people.decide(&key("two"), Decision::Verify(VerifiedBy::Emoji), 8);
        assert!(!meet(&mut people, "two", "Anna", 9).needs_decision());
        for who in ["one", "three"] {
            let asked = meet(&mut people, who, "Anna", 9);
            assert!(asked.needs_decision(), "{who}");
            assert_eq!(asked.change.unwrap().before, key("two"));
        }
    }

    #[test]
    fn a_look_alike_is_no_change_of_key_but_is_found() {
        let mut people = People::default();
        meet(&mut people, "paul", "Paul", 1);
        let fake = meet(&mut people, "fake", "Pаul", 2);
        assert!(!fake.needs_decision());
        let alike: Vec<Fingerprint> = people.alike(&fake.name).map(|who| who.fingerprint).collect();
        assert!(alike.contains(&key("paul")));
    }

    #[test]
    fn of_whom_is_met_one_name_is_computed_however_many_namesakes_there_are() {
        let mut people = People::default();
        let before = Likeness::computed();
        for who in 0..100_u64 {
            let who = Fingerprint::of_der(&who.to_be_bytes());
            people.meet(who, "Anna", MetAs::InPerson, 1, &|_| true);
        }
        assert!(Likeness::computed() - before <= 200);
        // What was computed is kept.
        let before = Likeness::computed();
        for who in 0..100_u64 {
            let who = Fingerprint::of_der(&who.to_be_bytes());
            people.meet(who, "Anna", MetAs::InPerson, 2, &nobody);
        }
        assert_eq!(Likeness::computed(), before);
    }

    #[test]
    fn a_crowd_of_namesakes_costs_each_newcomer_the_same_and_hides_nobody_who_was_verified() {
        let mut people = People::default();
        let visited = Lookalikes::visited();
        let crowd: Vec<Fingerprint> = (0..2000_u64)
            .map(|n| Fingerprint::of_der(&n.to_be_bytes()))
            .collect();
        for who in &crowd {
            people.meet(*who, "Anna", MetAs::Introduced, 1, &|_| true);
        }
        // Each looked at all before it: two millions.
        assert!(Lookalikes::visited() - visited <= 64 * 2000);
        people.meet(key("anna"), "Anna", MetAs::Introduced, 2, &|_| true);
        people.decide(&key("anna"), Decision::Verify(VerifiedBy::Emoji), 3);
        let is_in_crowd = |who: &Fingerprint| *who != key("anna");
        let eve = people.meet(key("eve"), "Anna", MetAs::Introduced, 4, &is_in_crowd);
        assert_eq!(eve.unwrap().change.unwrap().before, key("anna"));
    }

    #[test]
    fn verifying_can_be_withdrawn_and_blocking_undone() {
        let mut people = People::default();
        meet(&mut people, "bob", "Bob", 1);
        let mut decide = |decision| people.decide(&key("bob"), decision, 2).unwrap().trust();
        assert_eq!(decide(Decision::Verify(VerifiedBy::Emoji)), TrustMark::Verified);
        assert_eq!(decide(Decision::Block), TrustMark::Blocked);
        assert_eq!(decide(Decision::Unblock), TrustMark::Verified);
        assert_eq!(decide(Decision::Withdraw), TrustMark::FirstUse);
        assert_eq!(people.decide(&key("nobody"), Decision::Block, 3), None);
    }

    #[test]
    fn taking_a_known_name_later_is_noticed_too_even_of_a_key_that_was_compared() {
        let mut people = People::default();
        meet(&mut people, "mira", "Mira", 1);
        meet(&mut people, "eve", "Eve", 1);
        assert!(meet(&mut people, "eve", "Mira", 2).needs_decision());
        meet(&mut people, "bob", "Bob", 1);
        people.decide(&key("bob"), Decision::Verify(VerifiedBy::SafetyNumber), 1);
        let bob = meet(&mut people, "bob", "Mira", 3);
        assert!(bob.needs_decision());
        assert_eq!(bob.change.unwrap().before, key("mira"));
        people.decide(&key("bob"), Decision::AcceptChange, 4);
        meet(&mut people, "bob", "Bob", 5);
        let again = meet(&mut people, "bob", "Mira", 6);
        assert!(!again.needs_decision(), "it was decided about these two keys");
    }

    #[test]
    fn a_host_alone_renames_nobody_who_said_its_own_name() {
        let mut people = People::default();
        meet(&mut people, "alice", "Alice", 1);
        let introduced = people.meet(key("alice"), "Bob", MetAs::Introduced, 2, &nobody);
        assert_eq!(introduced.unwrap().name, "Alice");
        meet(&mut people, "bob", "Bob", 3);
        let feigned = people.meet(key("alice"), "Bob", MetAs::Introduced, 4, &nobody);
        assert!(feigned.unwrap().needs_decision());
    }

    #[test]
    fn a_card_under_a_known_name_with_another_key_verifies_nothing() {
        let mut people = People::default();
        meet(&mut people, "bob", "Bob", 1);
        let card = people.import(key("eve"), "Bob", 2).unwrap();
        assert!(card.needs_decision());
        assert_eq!(card.verified, None);
        assert_eq!(
            people.import(key("bob"), "Bob", 3).unwrap().trust(),
            TrustMark::Verified
        );
    }

    #[test]
    fn we_ourselves_are_nobody_met() {
        let mut people = People::of(Vec::new(), Some(key("me")));
        assert_eq!(people.meet(key("me"), "Me", MetAs::InPerson, 1, &nobody), None);
    }

    #[test]
    fn contacts_are_kept_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.redb");
        let vault = Vault::open(&path, VaultKey::from_secret(Secret::new([5; 32]))).unwrap();
        let mut people = People::default();
        meet(&mut people, "bob", "Bob", 1);
        people.import(key("card"), "Card", 2);
        people.keep(&vault).unwrap();
        let (mut kept, damaged) = vault.contacts().unwrap();
        kept.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!((kept.len(), damaged), (2, 0));
        assert_eq!(kept[0], *people.get(&key("bob")).unwrap());
        assert_eq!(kept[1].verified.unwrap().by, VerifiedBy::Card);
        let mut people = People::of(kept, None);
        people.forget(&key("bob"));
        people.keep(&vault).unwrap();
        assert_eq!(vault.contacts().unwrap().0.len(), 1);
    }
}
