//! What is told apart at the door: how somebody came, and what it speaks.

use super::*;
use crate::protocol::wire::{FieldWriter, WireError};

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
fn a_first_message_that_comes_twice_is_known_by_its_proof() {
    let scene = Scene::new();
    let proof = |m1: &[u8]| {
        let hello = InvitedHello::check(&read(m1).unwrap(), &scene.invites, 0).unwrap();
        *hello.proof()
    };
    let (_, m1) = AwaitHost::start(scene.guest(), &mut rand::rng());
    let (_, other) = AwaitHost::start(scene.guest(), &mut rand::rng());
    assert_eq!(proof(&m1), proof(&m1));
    assert_ne!(proof(&m1), proof(&other));
    assert_eq!(proof(&m1), m1[m1.len() - 32..]);
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

#[test]
fn bytes_of_another_protocol_are_told_from_malformed_ones() {
    let too_long = |kind| WireError::TooLong {
        kind,
        claimed: 1 << 20,
    };
    for (error, named) in [
        (WireError::UnknownKind(b'G'), HandshakeError::NotCipherRoom),
        (too_long(FrameKind::Data), HandshakeError::NotCipherRoom),
        (too_long(FrameKind::Close), HandshakeError::NotCipherRoom),
        (too_long(FrameKind::Asking), HandshakeError::Malformed),
        (WireError::Malformed, HandshakeError::Malformed),
    ] {
        assert_eq!(HandshakeError::from(error), named, "{error}");
    }
}
