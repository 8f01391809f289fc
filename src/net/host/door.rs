//! Who gets into a room of ours: invitations, members who come back, bans, and sessions to resume.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use minicbor::{Decode, Encode};

use super::sessions::Sessions;
use crate::crypto::{Fingerprint, Secret};
use crate::net::limits::MAX_SESSIONS;
use crate::protocol::handshake::{InviteSecret, Refusal, ResumeHello, Session};

/// An invitation that is given out.
#[derive(Debug, Clone)]
pub(super) struct Invitation {
    /// What admits.
    pub secret: Secret,
    /// Seconds since 1970 after which it admits nobody new.
    pub expires_unix: Option<u64>,
    /// Whether it admits one person only.
    pub for_one: bool,
    /// Who used it, when it is for one person.
    pub used_by: Option<Fingerprint>,
}

/// What is decided about a guest that has proven its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Admit,
    /// The host is asked first.
    Ask,
    Refuse(Refusal),
}

/// The door of one room.
#[derive(Debug)]
pub(super) struct Door {
    pub invitations: Vec<Invitation>,
    /// Whether who types the address gets in.
    pub open_to_address: bool,
    /// Admits only members, whatever became of their invitation.
    pub return_secret: Secret,
    /// Who was admitted and not removed since.
    pub members: HashSet<Fingerprint>,
    pub banned: HashSet<Fingerprint>,
    /// Whether the host is asked before somebody new gets in.
    pub asks: bool,
    sessions: Sessions<Session>,
    /// How often somebody was sent away so far …
    removals: u64,
    /// … and, of whom was, which time was the last: what it began before does not bring it back.
    removed: HashMap<Fingerprint, u64>,
}

impl Door {
    /// A door with one invitation.
    pub fn new(first: Invitation, open_to_address: bool, asks: bool, return_secret: Secret) -> Door {
        Door {
            invitations: vec![first],
            open_to_address,
            return_secret,
            members: HashSet::new(),
            banned: HashSet::new(),
            asks,
            sessions: Sessions::new(MAX_SESSIONS),
            removals: 0,
            removed: HashMap::new(),
        }
    }

    /// What M1's proof may be made with.
    pub fn secrets(&self) -> Vec<InviteSecret> {
        let invitations = self.invitations.iter().map(|invitation| InviteSecret {
            secret: invitation.secret.clone(),
            expires_unix: invitation.expires_unix,
        });
        let open = self.open_to_address.then_some(Secret::ZERO);
        let always = open.into_iter().chain([self.return_secret.clone()]);
        invitations
            .chain(always.map(|secret| InviteSecret {
                secret,
                expires_unix: None,
            }))
            .collect()
    }

    /// Decides about somebody who came with a secret and has proven its key. An invitation for one person
    /// is its from now on.
    pub fn judge(&mut self, secret: &Secret, guest: &Fingerprint) -> Verdict {
        if self.banned.contains(guest) {
            return Verdict::Refuse(Refusal::Banned);
        }
        let is_member = self.members.contains(guest);
        if secret.expose() == self.return_secret.expose() {
            return if is_member {
                Verdict::Admit
            } else {
                Verdict::Refuse(Refusal::NotInvited)
            };
        }
        let used = self
            .invitations
            .iter_mut()
            .find(|invitation| invitation.secret.expose() == secret.expose());
        match used {
            Some(invitation) if invitation.for_one => {
                if *invitation.used_by.get_or_insert(*guest) != *guest {
                    return Verdict::Refuse(Refusal::InvitationUsed);
                }
            }
            Some(_) => {}
            None if self.open_to_address && secret.expose() == Secret::ZERO.expose() => {}
            // Its invitation was changed while the handshake was under way.
            None => return Verdict::Refuse(Refusal::NotInvited),
        }
        if self.asks && !is_member {
            Verdict::Ask
        } else {
            Verdict::Admit
        }
    }

    /// Takes out the session that a guest wants to resume, so that nobody can resume it again.
    pub fn resume(&mut self, hello: &ResumeHello, now: Instant) -> Result<Session, Refusal> {
        let (member, session) = self.sessions.get(hello.id()).ok_or(Refusal::NotResumable)?;
        let may_come = self.members.contains(member) && !self.banned.contains(member);
        if !may_come || session.is_over(now) || !hello.proves(session) {
            return Err(Refusal::NotResumable);
        }
        self.sessions.take(hello.id()).ok_or(Refusal::NotResumable)
    }

    /// Keeps a session of somebody who is in, in place of its earlier one.
    pub fn keep_session(&mut self, session: Session) {
        let (id, member) = (*session.id(), session.peer().identity.fingerprint());
        self.sessions.keep(id, member, session);
    }

    /// How often somebody was sent away so far. A handshake notes it when it begins.
    pub fn removals(&self) -> u64 {
        self.removals
    }

    /// Whether a handshake that began after so many removals may still bring somebody in: it was not banned or sent away
    /// meanwhile.
    pub fn still_admits(&self, who: &Fingerprint, removals: u64) -> bool {
        let removed = self.removed.get(who);
        !self.banned.contains(who) && removed.is_none_or(|number| *number <= removals)
    }

    /// Makes somebody a member at the end of such a handshake; gives whether it may be one.
    pub fn enter(&mut self, who: &Fingerprint, removals: u64) -> bool {
        let may_enter = self.still_admits(who, removals);
        if may_enter {
            self.members.insert(*who);
        }
        may_enter
    }

    /// Forgets that somebody was a member: it needs an invitation to come again, and a full handshake that begins after this.
    pub fn forget(&mut self, member: &Fingerprint) {
        self.members.remove(member);
        self.sessions.forget(member);
        self.removals += 1;
        self.removed.insert(*member, self.removals);
    }

    /// What to keep between two runs.
    pub fn state(&self) -> DoorState {
        DoorState {
            invitations: self
                .invitations
                .iter()
                .map(|invitation| InvitationState {
                    secret: (*invitation.secret.expose()).into(),
                    expires_unix: invitation.expires_unix,
                    for_one: invitation.for_one,
                    used_by: invitation.used_by.map(|by| (*by.as_bytes()).into()),
                })
                .collect(),
            return_secret: (*self.return_secret.expose()).into(),
            members: fingerprints(&self.members),
            banned: fingerprints(&self.banned),
            open_to_address: self.open_to_address,
            asks: self.asks,
        }
    }

    /// Goes on from what was kept.
    pub fn restore(state: DoorState) -> Door {
        let people = |all: Vec<Bytes32>| {
            all.into_iter()
                .map(|one| Fingerprint::from_bytes(one.into()))
                .collect()
        };
        Door {
            invitations: state
                .invitations
                .into_iter()
                .map(|kept| Invitation {
                    secret: Secret::new(kept.secret.into()),
                    expires_unix: kept.expires_unix,
                    for_one: kept.for_one,
                    used_by: kept.used_by.map(|by| Fingerprint::from_bytes(by.into())),
                })
                .collect(),
            open_to_address: state.open_to_address,
            return_secret: Secret::new(state.return_secret.into()),
            members: people(state.members),
            banned: people(state.banned),
            asks: state.asks,
            sessions: Sessions::new(MAX_SESSIONS),
            removals: 0,
            removed: HashMap::new(),
        }
    }
}

type Bytes32 = minicbor::bytes::ByteArray<32>;

fn fingerprints(all: &HashSet<Fingerprint>) -> Vec<Bytes32> {
    let mut all: Vec<Fingerprint> = all.iter().copied().collect();
    all.sort();
    all.into_iter().map(|one| (*one.as_bytes()).into()).collect()
}

/// A door between two runs of the program. Secret: it holds the invitations.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
pub(super) struct DoorState {
    #[n(0)]
    invitations: Vec<InvitationState>,
    #[n(1)]
    return_secret: Bytes32,
    #[n(2)]
    members: Vec<Bytes32>,
    #[n(3)]
    banned: Vec<Bytes32>,
    #[n(4)]
    open_to_address: bool,
    #[n(5)]
    asks: bool,
}

#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
struct InvitationState {
    #[n(0)]
    secret: Bytes32,
    #[n(1)]
    expires_unix: Option<u64>,
    #[n(2)]
    for_one: bool,
    #[n(3)]
    used_by: Option<Bytes32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Fingerprint {
        Fingerprint::of_der(name.as_bytes())
    }

    fn invitation(byte: u8, for_one: bool) -> Invitation {
        Invitation {
            secret: Secret::new([byte; 32]),
            expires_unix: None,
            for_one,
            used_by: None,
        }
    }

    fn door() -> Door {
        Door::new(invitation(1, false), false, false, Secret::new([9; 32]))
    }

    #[test]
    fn an_invitation_for_one_person_admits_the_first_and_again_the_same() {
        let mut door = door();
        door.invitations.push(invitation(2, true));
        let secret = Secret::new([2; 32]);
        assert_eq!(door.judge(&secret, &person("ada")), Verdict::Admit);
        assert_eq!(
            door.judge(&secret, &person("bob")),
            Verdict::Refuse(Refusal::InvitationUsed)
        );
        assert_eq!(door.judge(&secret, &person("ada")), Verdict::Admit);
    }

    #[test]
    fn a_banned_key_is_refused_whatever_it_holds() {
        let mut door = door();
        door.members.insert(person("ada"));
        door.banned.insert(person("ada"));
        for byte in [1, 9] {
            let verdict = door.judge(&Secret::new([byte; 32]), &person("ada"));
            assert_eq!(verdict, Verdict::Refuse(Refusal::Banned));
        }
    }

    #[test]
    fn the_secret_to_come_back_with_is_good_for_members_only() {
        let mut door = door();
        let back = Secret::new([9; 32]);
        assert_eq!(
            door.judge(&back, &person("ada")),
            Verdict::Refuse(Refusal::NotInvited)
        );
        door.members.insert(person("ada"));
        assert_eq!(door.judge(&back, &person("ada")), Verdict::Admit);
        door.forget(&person("ada"));
        assert_eq!(
            door.judge(&back, &person("ada")),
            Verdict::Refuse(Refusal::NotInvited)
        );
    }

    #[test]
    fn a_handshake_that_began_before_a_removal_brings_nobody_back_and_a_new_one_does() {
        let mut door = door();
        let (ada, bob) = (person("ada"), person("bob"));
        let before = door.removals();
        assert!(door.enter(&ada, before));
        door.forget(&ada);
        assert!(!door.enter(&ada, before), "it was kept back until now");
        assert!(!door.members.contains(&ada));
        assert!(door.enter(&bob, before), "others are not concerned");
        let after = door.removals();
        door.forget(&bob);
        assert!(door.enter(&ada, after));
        assert!(!door.still_admits(&bob, after));
        door.banned.insert(ada);
        assert!(!door.enter(&ada, door.removals()));
    }

    #[test]
    fn who_knocks_is_asked_about_once_and_a_member_is_not() {
        let mut door = door();
        door.asks = true;
        let secret = Secret::new([1; 32]);
        assert_eq!(door.judge(&secret, &person("ada")), Verdict::Ask);
        door.members.insert(person("ada"));
        assert_eq!(door.judge(&secret, &person("ada")), Verdict::Admit);
    }

    #[test]
    fn a_changed_invitation_ends_the_old_one() {
        let mut door = door();
        door.invitations = vec![invitation(3, false)];
        assert_eq!(
            door.judge(&Secret::new([1; 32]), &person("ada")),
            Verdict::Refuse(Refusal::NotInvited)
        );
        assert_eq!(door.judge(&Secret::new([3; 32]), &person("ada")), Verdict::Admit);
    }

    #[test]
    fn a_door_reads_back() {
        let mut door = door();
        door.members.insert(person("ada"));
        door.banned.insert(person("bob"));
        door.invitations.push(invitation(2, true));
        let bytes = minicbor::to_vec(door.state()).unwrap();
        let mut back = Door::restore(minicbor::decode(&bytes).unwrap());
        assert_eq!(back.members, door.members);
        assert_eq!(back.banned, door.banned);
        assert_eq!(back.judge(&Secret::new([2; 32]), &person("cem")), Verdict::Admit);
    }
}
