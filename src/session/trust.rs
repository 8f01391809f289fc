//! How sure we are of the people in a room, and what that rests on.

use super::{Line, Member, Room};
use crate::crypto::Fingerprint;
use crate::store::VerifiedBy;

/// How sure we are that somebody is who it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// It is us.
    Own,
    /// The invitation named this key.
    Pinned,
    /// Met at a typed address; nobody compared the emoji.
    FirstUse,
    /// The emoji were compared and match.
    Verified,
    /// What was compared differed: somebody may sit in between.
    Differed(VerifiedBy),
    /// The room's host says so.
    IntroducedByHost,
    /// On the host: it held the invitation and proved its key to us.
    Admitted,
    /// The user keeps it out.
    Blocked,
    /// Another key was known at this address, or under this name.
    Changed {
        /// The key that was known.
        before: Fingerprint,
        /// Whether the user went on in spite of it.
        accepted: bool,
    },
}

impl Room {
    /// Whether somebody is here under another key than the known one, and the user did not decide yet.
    pub fn needs_decision(&self) -> bool {
        self.undecided().is_some()
    }

    /// Who is here under another key than the known one; the host first.
    pub fn undecided(&self) -> Option<&Member> {
        self.members
            .iter()
            .find(|member| matches!(member.trust, Trust::Changed { accepted: false, .. }))
    }

    /// Goes on in spite of somebody's changed key; the mark stays, and the conversation says so.
    pub fn accept_change(&mut self, fingerprint: &Fingerprint) {
        let Some(member) = self.member(fingerprint) else {
            return;
        };
        if let Trust::Changed {
            before,
            accepted: false,
        } = member.trust
        {
            let whose = match member.is_host {
                true => "the host's key".to_owned(),
                false => format!("the key of {}", member.name),
            };
            self.transcript.push(Line::Note {
                text: format!("You went on although {whose} had changed."),
            });
            self.set_trust(
                fingerprint,
                Trust::Changed {
                    before,
                    accepted: true,
                },
            );
        }
    }

    /// Marks somebody as verified: what was compared matches. Where it had differed, the conversation says so.
    pub fn mark_verified(&mut self, fingerprint: &Fingerprint) {
        if self.differed.remove(fingerprint).is_some() {
            let text = format!(
                "You compared again with {}, and they matched.",
                self.name_of(fingerprint)
            );
            self.transcript.push(Line::Note { text });
        }
        self.set_trust(fingerprint, Trust::Verified);
    }

    /// Marks somebody with whom something was compared that differs. The mark stays until it matches or the
    /// room is left, over a lost connection too; the conversation says so.
    pub fn mark_differed(&mut self, fingerprint: &Fingerprint, by: VerifiedBy) {
        if self.differed.insert(*fingerprint, by) != Some(by) {
            let name = self.name_of(fingerprint);
            let text = match by {
                VerifiedBy::Emoji => format!("You compared emoji with {name}, and they differed."),
                _ => format!("You compared the safety number with {name}, and it differed."),
            };
            self.transcript.push(Line::Note { text });
        }
        // Whoever is kept out stays out.
        let is_blocked = self
            .member(fingerprint)
            .is_some_and(|member| member.trust == Trust::Blocked);
        if !is_blocked {
            self.set_trust(fingerprint, Trust::Differed(by));
        }
    }

    /// Who may not be who it says: first who did not match, then a host whose key changed.
    pub fn doubted(&self) -> Option<&Member> {
        let find = |doubt: fn(Trust) -> bool| self.members.iter().find(move |member| doubt(member.trust));
        find(|trust| matches!(trust, Trust::Differed(_)))
            .or_else(|| find(|trust| matches!(trust, Trust::Changed { .. })))
    }

    /// The trust that a member or host begins with, unless it did not match before.
    pub(super) fn remembered(&self, fingerprint: &Fingerprint, trust: Trust) -> Trust {
        match trust {
            // A key that changed asks its own question first, and whoever is kept out stays out.
            Trust::Changed { .. } | Trust::Blocked => trust,
            _ => self
                .differed
                .get(fingerprint)
                .map_or(trust, |by| Trust::Differed(*by)),
        }
    }

    pub(super) fn set_trust(&mut self, fingerprint: &Fingerprint, trust: Trust) {
        self.transcript.set_author_trust(*fingerprint, trust);
        self.host
            .iter_mut()
            .filter(|host| host.fingerprint == *fingerprint)
            .for_each(|host| host.trust = trust);
        self.members
            .iter_mut()
            .filter(|member| member.fingerprint == *fingerprint)
            .for_each(|member| member.trust = trust);
    }
}
