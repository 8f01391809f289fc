//! Everybody met, as the session knows it: what it says of who is in a room, and whose name one can be taken for.

use super::{Line, Member, Role, Room, RoomKey, Session, Trust};
use crate::crypto::Fingerprint;
use crate::net::{HistoryPage, MemberSeen};
use crate::protocol::JoinTarget;
use crate::store::{Contact, Decision, VerifiedBy};

impl Session {
    /// Somebody, if it was met.
    pub fn contact(&self, fingerprint: &Fingerprint) -> Option<&Contact> {
        self.contacts.get(fingerprint)
    }

    /// Takes over a decision of the user before the background has kept it, so that the screen shows it
    /// at once.
    pub fn decide(&mut self, fingerprint: &Fingerprint, decision: Decision, now_unix: u64) {
        if let Some(contact) = self.contacts.decide(fingerprint, decision, now_unix) {
            self.rooms.iter_mut().for_each(|room| room.know(&contact));
        }
    }

    /// Notes that the safety number with somebody differed: in every room where it is, and against an earlier comparison.
    /// Gives whether somebody who was verified is not any more.
    pub fn number_differed(&mut self, fingerprint: &Fingerprint) -> bool {
        for room in &mut self.rooms {
            if room.member(fingerprint).is_some() {
                room.mark_differed(fingerprint, VerifiedBy::SafetyNumber);
            }
        }
        self.contact(fingerprint)
            .is_some_and(|contact| contact.verified.is_some())
    }

    /// Names who wrote what is kept, and says how far each is trusted: whoever is not here now, too.
    pub(super) fn name_authors(&mut self, key: RoomKey, page: &HistoryPage) {
        let (contacts, own) = (&self.contacts, self.fingerprint());
        let Some(room) = self.rooms.iter_mut().find(|room| room.key == key) else {
            return;
        };
        for (message, _) in &page.messages {
            let author = message.author;
            room.names.entry(author).or_insert_with(|| message.name.clone());
            if own != Some(author) && room.transcript.author_trust(&author).is_none() {
                let trust = judged(room.base_of_others(), contacts.get(&author));
                room.transcript
                    .set_author_trust(author, room.remembered(&author, trust));
            }
        }
    }

    /// Who was in a room when it was reached last stands in it until it is reached again.
    pub(super) fn last_seen(&mut self, key: RoomKey, members: Vec<MemberSeen>) {
        let (contacts, own) = (&self.contacts, self.fingerprint());
        let Some(room) = self.rooms.iter_mut().find(|room| room.key == key) else {
            return;
        };
        for seen in members {
            let base = match (&room.target, seen.is_host) {
                _ if own == Some(seen.fingerprint) => Trust::Own,
                (Some(JoinTarget::Invite(invite)), true) if invite.host == seen.fingerprint => Trust::Pinned,
                (_, true) => Trust::FirstUse,
                (_, false) => room.base_of_others(),
            };
            let trust = judged(base, contacts.get(&seen.fingerprint));
            let fingerprint = seen.fingerprint;
            room.add_member(Member {
                fingerprint,
                name: seen.name,
                is_host: seen.is_host,
                trust: room.remembered(&fingerprint, trust),
                base,
                alike: false,
                sas: None,
            });
            room.mark_alike(&fingerprint);
        }
    }

    /// What is known of somebody changed, or it was met in a room.
    pub(super) fn contact_changed(&mut self, contact: Contact, met_in: Option<RoomKey>) {
        if let Some(key) = met_in
            && let Some(known) = self.contacts.feigned(&contact).cloned()
            && let Some(room) = self.room_mut(key)
        {
            room.warn_of_name(&contact, &known);
        }
        self.rooms.iter_mut().for_each(|room| room.know(&contact));
        self.contacts.insert(contact);
    }
}

impl Room {
    /// How sure somebody's coming into this room makes us of who is neither its host nor ourselves.
    pub(super) fn base_of_others(&self) -> Trust {
        match self.role {
            Role::Host => Trust::Admitted,
            Role::Guest => Trust::IntroducedByHost,
        }
    }

    /// Takes in what is known of somebody, where it is here or wrote something.
    fn know(&mut self, contact: &Contact) {
        let Some(member) = self
            .members
            .iter_mut()
            .find(|member| member.fingerprint == contact.fingerprint)
        else {
            if self.transcript.author_trust(&contact.fingerprint).is_some() {
                let trust = judged(self.base_of_others(), Some(contact));
                let trust = self.remembered(&contact.fingerprint, trust);
                self.transcript.set_author_trust(contact.fingerprint, trust);
            }
            return;
        };
        let before = member.trust;
        let mut trust = judged(member.base, Some(contact));
        // What was seen in this room is not undone by what was known before, but by a new comparison.
        if matches!(before, Trust::Differed(_)) && !matches!(trust, Trust::Verified | Trust::Blocked) {
            return;
        }
        if before == Trust::Blocked {
            trust = self.remembered(&contact.fingerprint, trust);
        }
        let keeps_question = matches!(before, Trust::Changed { accepted: true, .. })
            && matches!(trust, Trust::Changed { accepted: false, .. });
        if before != Trust::Own && !keeps_question {
            self.set_trust(&contact.fingerprint, trust);
        }
    }

    /// Says whose name somebody's can be taken for. Where both are here, [`Room::mark_alike`] says so.
    fn warn_of_name(&mut self, seen: &Contact, known: &Contact) {
        if self.member(&known.fingerprint).is_some()
            || !self.first_warning_of(seen.fingerprint, known.fingerprint)
        {
            return;
        }
        let how = match known.verified {
            Some(_) => "verified",
            None => "know",
        };
        let text = format!(
            "The name \"{}\" ({}) looks like \"{}\" ({}), whom you {how}, but it is another name and another key. Tell them apart by these first digits of their fingerprints.",
            seen.name,
            seen.fingerprint.short(),
            known.name,
            known.fingerprint.short()
        );
        self.transcript.push(Line::Alarm { text });
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
