//! What is told apart at the door: how somebody came, and which version it speaks.

use super::*;
use crate::protocol::wire::FieldWriter;

#[test]
fn who_typed_an_address_is_told_from_who_holds_an_invitation() {
    let mut scene = Scene::new();
    scene.invites.push(InviteSecret {
        secret: Secret::ZERO,
        expires_unix: None,
    });
    for (invite, uninvited) in [(Secret::ZERO, true), (scene.secret.clone(), false)] {
        let guest = GuestHello {
            invite,
            ..scene.guest()
        };
        let (_, m1) = AwaitHost::start(guest, &mut rand::rng());
        let hello = InvitedHello::check(&read(&m1).unwrap(), &scene.invites, 0).unwrap();
        assert_eq!(hello.came_uninvited(), uninvited);
    }
}

#[test]
fn another_version_is_named_whatever_follows_it() {
    for (version, error) in [
        (&b"CR/2"[..], HandshakeError::WrongVersion),
        (VERSION, HandshakeError::Malformed),
    ] {
        let hello = Frame {
            kind: FrameKind::GuestHello,
            body: FieldWriter::default().put(version).into_bytes(),
        };
        assert_eq!(InvitedHello::check(&hello, &[], 0).unwrap_err(), error);
    }
}
