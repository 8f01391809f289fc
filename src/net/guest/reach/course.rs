//! Where a room is looked for, whom we expect there, and with which secret we ask to be let in.

use std::net::SocketAddr;

use super::Reached;
use crate::crypto::{Fingerprint, PublicIdentity, Secret};
use crate::net::JoinRoom;
use crate::net::clock::now_unix;
use crate::net::guest::GuestContext;
use crate::net::guest::membership::Membership;
use crate::protocol::body::Standing;
use crate::protocol::handshake::Session;
use crate::protocol::{Endpoint, JoinTarget};

/// Where a room is looked for, and with what.
pub struct Course {
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) pinned: Option<Fingerprint>,
    /// The invitation's secret.
    invited: Secret,
    /// The invitation's end.
    expires_unix: Option<u64>,
    /// The secret that the host gave us to come back with. It goes before the invitation's.
    back: Option<Secret>,
    /// Whether the invitation is tried all the same.
    by_invitation: bool,
    /// The session to resume, and where.
    pub session: Option<Session>,
    pub(super) address: Option<SocketAddr>,
    /// The room that the invitation, or the wish to come back, leads to, if we were in it before.
    room: Option<[u8; 32]>,
    /// The room that we were in, and where our copy of its log stands.
    pub(super) standing: Option<([u8; 32], Standing)>,
}

impl Course {
    /// As the asker wishes. To a room that we were in, with the secret that its host gave us for that.
    pub fn first(wish: &JoinRoom, context: &GuestContext, kept: Option<[u8; 32]>) -> Course {
        let mut course = Course::of_target(wish);
        let room = match kept {
            Some(id) => context.shelf.room(&id),
            None => context.shelf.member_by_target(&wish.target_text()),
        };
        let host = room
            .as_ref()
            .and_then(|room| PublicIdentity::from_der(&room.host).ok());
        // A typed address may lead to any room, and to another host meanwhile: that is asked about, not refused. An
        // invitation is of one room, and so is the way back.
        let is_pinned = course.pinned.is_some() || kept.is_some();
        if is_pinned {
            course.room = room.as_ref().map(|room| room.id);
        }
        if is_pinned
            && let (Some(room), Some(host)) = (room, host)
            && let Some(secret) = context
                .shelf
                .member(&room.id, &host)
                // What is wrong with it is told when the room is reached.
                .ok()
                .flatten()
                .and_then(|kept| kept.return_secret)
        {
            course.pinned.get_or_insert(host.fingerprint());
            course.back = Some(secret);
        }
        course
    }

    fn of_target(wish: &JoinRoom) -> Course {
        let (endpoints, invited, pinned, expires_unix) = match &wish.target {
            JoinTarget::Invite(invite) => (
                invite.endpoints.clone(),
                invite.secret.clone(),
                Some(invite.host),
                invite.expires_unix,
            ),
            JoinTarget::Address(endpoint) => (vec![endpoint.clone()], Secret::ZERO, None, None),
        };
        Course {
            endpoints,
            pinned,
            invited,
            expires_unix,
            back: None,
            by_invitation: false,
            session: None,
            address: None,
            room: None,
            standing: None,
        }
    }

    /// To the host of a room that we were in, and to no other.
    pub(in crate::net::guest) fn pin(&mut self, here: &Membership) {
        self.pinned = Some(here.host.fingerprint());
        self.standing = Some((here.room.id, here.standing()));
    }

    /// Back into a room that was kept, wherever the asker wishes to look for it.
    pub(in crate::net::guest) fn back_to(wish: &JoinRoom, here: &Membership) -> Course {
        let mut course = Course::of_target(wish);
        course.room = Some(here.room.id);
        course.come_back(here, None);
        course
    }

    /// Back into a room that we were in: the same host, with the secret that it gave us for that.
    pub(in crate::net::guest) fn come_back(&mut self, here: &Membership, address: Option<SocketAddr>) {
        self.pin(here);
        self.address = address;
        self.by_invitation = false;
        if let Some(secret) = &here.return_secret {
            self.back = Some(secret.clone());
        }
    }

    /// Whether another room was reached than the one that we were in: a host that gives its room a new id
    /// would get rid of the log that we hold of it.
    pub(in crate::net::guest) fn leads_elsewhere(&self, reached: &Reached) -> bool {
        let agreed = reached.established.agreed();
        self.room.is_some_and(|room| room != agreed.room.id)
    }

    /// The secret to ask with.
    pub(super) fn secret(&self) -> &Secret {
        match &self.back {
            Some(back) if !self.by_invitation => back,
            _ => &self.invited,
        }
    }

    /// Whether what it asks with is over by our own clock.
    pub(super) fn is_over(&self, now_unix: u64) -> bool {
        let is_invited = self.by_invitation || self.back.is_none();
        is_invited && self.invitation_is_over(now_unix)
    }

    fn invitation_is_over(&self, now_unix: u64) -> bool {
        self.expires_unix.is_some_and(|expires| now_unix > expires)
    }

    /// Gives up the secret that the host itself refused; `false` when there is no other.
    pub(in crate::net::guest) fn fall_back(&mut self) -> bool {
        if std::mem::take(&mut self.by_invitation) {
            return true;
        }
        self.back.take().is_some()
    }

    /// Asks with the other secret the next time, if there is one that still counts: nobody knows who refused this one, and
    /// it is not given up.
    pub(in crate::net::guest) fn take_turns(&mut self) {
        self.by_invitation =
            !self.by_invitation && self.back.is_some() && !self.invitation_is_over(now_unix());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::guest::deaths::wish;
    use crate::protocol::Invite;

    const INVITED: [u8; 32] = [1; 32];
    const BACK: [u8; 32] = [2; 32];

    fn course(expires_unix: Option<u64>, back: bool) -> Course {
        let invite = Invite {
            endpoints: vec!["127.0.0.1:9".parse().unwrap()],
            room: "Den".to_owned(),
            host: Fingerprint::of_der(b"Ada"),
            secret: Secret::new(INVITED),
            expires_unix,
        };
        let mut course = Course::of_target(&wish(JoinTarget::Invite(invite)));
        course.back = back.then(|| Secret::new(BACK));
        course
    }

    fn asks_with(course: &Course) -> [u8; 32] {
        *course.secret().expose()
    }

    #[test]
    fn what_nobody_knows_who_refused_is_tried_in_turn_with_the_invitation_and_is_not_given_up() {
        let mut course = course(None, true);
        for secret in [BACK, INVITED, BACK, INVITED] {
            assert_eq!(asks_with(&course), secret);
            course.take_turns();
        }
    }

    #[test]
    fn an_invitation_that_is_over_is_no_other_way() {
        let mut course = course(Some(1), true);
        course.take_turns();
        assert_eq!(asks_with(&course), BACK);
        assert!(!course.is_over(now_unix()));
        assert!(course.fall_back() && course.is_over(now_unix()));
    }

    #[test]
    fn each_secret_that_the_host_refuses_is_given_up_until_there_is_none() {
        let mut only = course(None, false);
        assert!(!only.fall_back());
        let mut both = course(None, true);
        assert!(both.fall_back());
        assert_eq!(asks_with(&both), INVITED);
        assert!(!both.fall_back());
        // The invitation was refused, while the way back was tried by somebody else's word only.
        let mut turned = course(None, true);
        turned.take_turns();
        assert!(turned.fall_back());
        assert_eq!(asks_with(&turned), BACK);
        assert!(turned.fall_back());
        assert_eq!(asks_with(&turned), INVITED);
        assert!(!turned.fall_back());
    }
}
