//! Everybody met, as the session knows it: what it says of who is in a room, and whose names look alike.

use super::{Line, Room, RoomKey, Session, Trust};
use crate::crypto::Fingerprint;
use crate::store::{Contact, Decision, Likeness, same_name};

impl Session {
    /// Somebody, if it was met.
    pub fn contact(&self, fingerprint: &Fingerprint) -> Option<&Contact> {
        self.contacts.get(fingerprint)
    }

    /// Takes over a decision of the user before the background has kept it, so that the screen shows it
    /// at once.
    pub fn decide(&mut self, fingerprint: &Fingerprint, decision: Decision, now_unix: u64) {
        if let Some(contact) = self.contacts.get_mut(fingerprint) {
            contact.decide(decision, now_unix);
            let contact = contact.clone();
            self.rooms.iter_mut().for_each(|room| room.know(&contact));
        }
    }

    /// What is known of somebody changed, or it was met in a room.
    pub(super) fn contact_changed(&mut self, contact: Contact, met_in: Option<RoomKey>) {
        if let Some(key) = met_in {
            let like = self
                .contacts
                .values()
                .find(|other| is_feigned(other, &contact))
                .map(|other| other.name.clone());
            if let (Some(like), Some(room)) = (like, self.room_mut(key)) {
                room.warn_of_name(&contact, &like);
            }
        }
        self.rooms.iter_mut().for_each(|room| room.know(&contact));
        self.contacts.insert(contact.fingerprint, contact);
    }
}

/// Whether a name is not the known one but can be taken for it.
fn is_feigned(known: &Contact, seen: &Contact) -> bool {
    known.fingerprint != seen.fingerprint
        && !same_name(&known.name, &seen.name)
        && Likeness::of(&known.name).is_like(&Likeness::of(&seen.name))
}

impl Room {
    /// Takes in what is known of somebody, where it is here.
    fn know(&mut self, contact: &Contact) {
        let Some(member) = self
            .members
            .iter_mut()
            .find(|member| member.fingerprint == contact.fingerprint)
        else {
            return;
        };
        let trust = judged(member.base, Some(contact));
        // What was seen in this room is not undone by what was known before, but by a new comparison.
        if member.trust == Trust::Differed && trust != Trust::Verified {
            return;
        }
        let keeps_question = matches!(member.trust, Trust::Changed { accepted: true, .. })
            && matches!(trust, Trust::Changed { accepted: false, .. });
        if member.trust != Trust::Own && !keeps_question {
            self.set_trust(&contact.fingerprint, trust);
        }
    }

    fn warn_of_name(&mut self, contact: &Contact, like: &str) {
        if self.warned_of.insert(contact.fingerprint) {
            let text = format!(
                "The name \"{}\" looks like \"{like}\", whom you know, but it is another name and another key ({}).",
                contact.name,
                contact.fingerprint.short()
            );
            self.transcript.push(Line::Alarm { text });
        }
    }

    /// Marks members whose names can be taken for each other, and says so once.
    pub(super) fn mark_alike(&mut self, fingerprint: &Fingerprint) {
        let Some(new) = self.member(fingerprint) else {
            return;
        };
        let (name, likeness) = (new.name.clone(), Likeness::of(&new.name));
        let mut twins = Vec::new();
        for member in &mut self.members {
            if member.fingerprint != *fingerprint && Likeness::of(&member.name).is_like(&likeness) {
                member.alike = true;
                twins.push((member.name.clone(), member.fingerprint));
                self.transcript.set_alike(member.fingerprint);
            }
        }
        let Some((other, other_key)) = twins.first() else {
            return;
        };
        let text = format!(
            "Two people here have names that look alike: \"{other}\" ({}) and \"{name}\" ({}). Tell them apart by these first digits of their fingerprints.",
            other_key.short(),
            fingerprint.short()
        );
        if let Some(member) = self
            .members
            .iter_mut()
            .find(|member| member.fingerprint == *fingerprint)
        {
            member.alike = true;
        }
        self.transcript.set_alike(*fingerprint);
        if self.warned_of.insert(*fingerprint) {
            self.transcript.push(Line::Alarm { text });
        }
    }
}

/// How somebody is trusted: as it was met here, unless more is known of it.
pub(super) fn judged(base: Trust, contact: Option<&Contact>) -> Trust {
    let Some(contact) = contact else {
        return base;
    };
    match (base, contact.change) {
        (Trust::Own, _) => Trust::Own,
        _ if contact.blocked => Trust::Blocked,
        // The room's own question comes first.
        (
            Trust::Changed {
                accepted: false,
                before,
            },
            Some(change),
        ) => Trust::Changed {
            before,
            accepted: change.accepted,
        },
        (Trust::Changed { .. }, None) => base,
        (_, Some(change)) => Trust::Changed {
            before: change.before,
            accepted: change.accepted,
        },
        _ if contact.verified.is_some() => Trust::Verified,
        _ => base,
    }
}
