//! Two peers without sockets: the whole handshake, and every way to spoil it.

use std::time::{Duration, Instant};

use super::*;
use crate::crypto::test_keys::{ADA, ADA_WRAP, BOB, CEM};
use crate::crypto::{Fingerprint, Identity, Secret, WrapKey, sign_batch};
use crate::protocol::Output;
use crate::protocol::wire::{Frame, FrameBuffer, FrameKind};

mod edges;

/// Ada is the guest, Bob the host.
struct Scene {
    ada: Identity,
    ada_wrap: WrapKey,
    bob: Identity,
    secret: Secret,
    invites: Vec<InviteSecret>,
    pinned: Option<Fingerprint>,
    now_unix: u64,
}

impl Scene {
    fn new() -> Scene {
        let bob = Identity::from_pem(BOB).unwrap();
        let secret = Secret::new([4; 32]);
        Scene {
            ada: Identity::from_pem(ADA).unwrap(),
            ada_wrap: WrapKey::from_pem(ADA_WRAP).unwrap(),
            pinned: Some(bob.fingerprint()),
            bob,
            invites: vec![InviteSecret {
                secret: secret.clone(),
                expires_unix: Some(1000),
            }],
            secret,
            now_unix: 1000,
        }
    }

    fn guest(&self) -> GuestHello {
        GuestHello {
            invite: self.secret.clone(),
            pinned: self.pinned,
            identity: self.ada.public().clone(),
            wrap: self.ada_wrap.public().clone(),
            name: "Ada".to_owned(),
        }
    }

    fn host(&self) -> HostHello {
        HostHello {
            identity: self.bob.public().clone(),
            room: RoomDescriptor {
                id: [8; 32],
                name: "Den".to_owned(),
            },
            welcome: Welcome {
                host_name: "Bob".to_owned(),
            },
        }
    }

    /// M1 is checked and answered; the host's signature is next.
    fn greet(&self) -> (AwaitHost, SignHello) {
        let mut rng = rand::rng();
        let (guest, m1) = AwaitHost::start(self.guest(), &mut rng);
        let hello = InvitedHello::check(&read(&m1).unwrap(), &self.invites, 0).unwrap();
        (guest, hello.answer(&self.host(), &mut rng).unwrap())
    }

    /// Runs the handshake with `spoil` on every frame between the two; frames are numbered 1 to 5.
    fn run(
        &self,
        mut spoil: impl FnMut(usize, &mut Vec<u8>),
    ) -> Result<(Established, Established), HandshakeError> {
        let mut rng = rand::rng();
        let mut pass = |number, mut bytes: Vec<u8>| {
            spoil(number, &mut bytes);
            read(&bytes)
        };
        let (guest, m1) = AwaitHost::start(self.guest(), &mut rng);
        let hello = InvitedHello::check(&pass(1, m1)?, &self.invites, self.now_unix)?;
        let hello = hello.answer(&self.host(), &mut rng)?;
        let signature = sign(&self.bob, &hello.statement());
        let (host, m2) = hello.signed(&signature);
        let guest = guest.receive(pass(2, m2)?)?;
        assert_eq!(guest.host(), self.bob.public());
        let signature = sign(&self.ada, &guest.statement());
        let (guest, m3) = guest.signed(&signature);
        let host = host.receive(pass(3, m3)?)?;
        assert_eq!(
            (host.guest().name.as_str(), &host.guest().identity),
            ("Ada", self.ada.public())
        );
        let (host, m4) = host.admit(&mut rng)?;
        let (guest, m5) = guest.receive(pass(4, m4)?, &self.ada_wrap, &mut rng)?;
        let host = host.receive(pass(5, m5)?)?;
        Ok((guest, host))
    }
}

/// Both ends of a finished handshake, for tests of what comes behind it.
pub(super) fn established() -> (Established, Established) {
    Scene::new().run(|_, _| {}).unwrap()
}

fn sign(identity: &Identity, statement: &Statement) -> Signature {
    sign_batch(identity, std::slice::from_ref(statement), &mut rand::rng())
        .unwrap()
        .remove(0)
}

/// Reads one frame; half a frame is what a timeout ends.
fn read(bytes: &[u8]) -> Result<Frame, HandshakeError> {
    let mut buffer = FrameBuffer::default();
    buffer.push(bytes);
    let frame = buffer.next_frame()?.ok_or(HandshakeError::Malformed)?;
    if buffer.is_empty() {
        Ok(frame)
    } else {
        Err(HandshakeError::Malformed)
    }
}

#[test]
fn both_sides_agree_and_can_talk() {
    let (guest, host) = Scene::new().run(|_, _| {}).unwrap();
    let now = Instant::now();
    let (at_guest, mut guest) = guest.into_connection(&[], now);
    let (at_host, mut host) = host.into_connection(&[], now);
    assert_eq!(at_guest.sas, at_host.sas);
    assert_eq!(at_guest.room, at_host.room);
    assert_eq!(
        (at_guest.peer.name.as_str(), at_host.peer.name.as_str()),
        ("Bob", "Ada")
    );
    guest.send(b"hello").unwrap();
    let Some(Output::Transmit(bytes)) = guest.poll_output() else {
        panic!("nothing to transmit")
    };
    host.handle_input(&bytes, now + Duration::from_secs(1), &mut rand::rng())
        .unwrap();
    assert_eq!(host.poll_output(), Some(Output::Received(b"hello".to_vec())));
}

#[test]
fn every_flipped_bit_of_every_message_is_refused() {
    let scene = Scene::new();
    let mut lengths = std::collections::BTreeMap::new();
    scene
        .run(|number, bytes| {
            lengths.insert(number, bytes.len());
        })
        .unwrap();
    for (number, len) in lengths {
        for place in flips(len) {
            let outcome = scene.run(|n, bytes| {
                if n == number {
                    bytes[place / 8] ^= 1 << (place % 8);
                }
            });
            assert!(outcome.is_err(), "bit {place} of M{number}");
        }
    }
}

/// One bit of every 37th byte through the whole handshake; the tests below go through all bits of
/// each message against the side that reads it.
fn flips(len: usize) -> impl Iterator<Item = usize> {
    (0..len).step_by(37).map(|byte| byte * 8 + byte % 8)
}

/// Flips every bit of `message` and has `reads` refuse each.
fn every_bit_is_refused(message: &[u8], mut reads: impl FnMut(Frame) -> bool) {
    assert!(
        reads(read(message).unwrap()),
        "the message as it was must be accepted"
    );
    for bit in 0..message.len() * 8 {
        let mut spoiled = message.to_vec();
        spoiled[bit / 8] ^= 1 << (bit % 8);
        if let Ok(frame) = read(&spoiled) {
            assert!(!reads(frame), "bit {bit}");
        }
    }
}

/// A handshake in which every state can be made again, because all randomness is fixed.
struct Repeatable {
    scene: Scene,
    host_signature: Signature,
    guest_signature: Signature,
    m2: Vec<u8>,
    m3: Vec<u8>,
    m4: Vec<u8>,
    m5: Vec<u8>,
}

impl Repeatable {
    fn new() -> Repeatable {
        let scene = Scene::new();
        let blank = Signature {
            rsa: Vec::new(),
            index: 0,
            size: 1,
            path: Vec::new(),
        };
        let (m2, m3, m4, m5) = Default::default();
        let mut all = Repeatable {
            scene,
            host_signature: blank.clone(),
            guest_signature: blank,
            m2,
            m3,
            m4,
            m5,
        };
        all.host_signature = sign(&all.scene.bob, &all.sign_hello().statement());
        all.m2 = all.sign_hello().signed(&all.host_signature).1;
        all.guest_signature = sign(&all.scene.ada, &all.prove_guest().statement());
        all.m3 = all.prove_guest().signed(&all.guest_signature).1;
        all.m4 = all.admitted().1;
        let wrap = &all.scene.ada_wrap;
        all.m5 = all
            .await_welcome()
            .receive(read(&all.m4).unwrap(), wrap, &mut seeded([4; 32]))
            .unwrap()
            .1;
        all
    }

    fn await_host(&self) -> (AwaitHost, Vec<u8>) {
        AwaitHost::start(self.scene.guest(), &mut seeded([1; 32]))
    }

    fn sign_hello(&self) -> SignHello {
        let m1 = read(&self.await_host().1).unwrap();
        let hello = InvitedHello::check(&m1, &self.scene.invites, 1000).unwrap();
        hello.answer(&self.scene.host(), &mut seeded([2; 32])).unwrap()
    }

    fn prove_guest(&self) -> ProveGuest {
        self.await_host().0.receive(read(&self.m2).unwrap()).unwrap()
    }

    fn await_proof(&self) -> AwaitProof {
        self.sign_hello().signed(&self.host_signature).0
    }

    fn await_welcome(&self) -> AwaitWelcome {
        self.prove_guest().signed(&self.guest_signature).0
    }

    fn admitted(&self) -> (AwaitConfirmation, Vec<u8>) {
        self.await_proof()
            .receive(read(&self.m3).unwrap())
            .unwrap()
            .admit(&mut seeded([3; 32]))
            .unwrap()
    }
}

#[test]
fn every_bit_of_the_second_message_is_refused_by_the_guest() {
    let all = Repeatable::new();
    every_bit_is_refused(&all.m2, |frame| all.await_host().0.receive(frame).is_ok());
}

#[test]
fn every_bit_of_the_third_message_is_refused_by_the_host() {
    let all = Repeatable::new();
    every_bit_is_refused(&all.m3, |frame| all.await_proof().receive(frame).is_ok());
}

#[test]
fn every_bit_of_the_fourth_message_is_refused_by_the_guest() {
    let all = Repeatable::new();
    let wrap = &all.scene.ada_wrap;
    every_bit_is_refused(&all.m4, |frame| {
        all.await_welcome()
            .receive(frame, wrap, &mut seeded([4; 32]))
            .is_ok()
    });
}

#[test]
fn every_bit_of_the_fifth_message_is_refused_by_the_host() {
    let all = Repeatable::new();
    every_bit_is_refused(&all.m5, |frame| all.admitted().0.receive(frame).is_ok());
}

#[test]
fn every_bit_of_the_first_message_is_covered_by_the_invite_mac() {
    let scene = Scene::new();
    let (_, m1) = AwaitHost::start(scene.guest(), &mut rand::rng());
    for bit in 0..m1.len() * 8 {
        let mut spoiled = m1.clone();
        spoiled[bit / 8] ^= 1 << (bit % 8);
        let checked = read(&spoiled).and_then(|frame| InvitedHello::check(&frame, &scene.invites, 1000));
        assert!(checked.is_err(), "bit {bit}");
    }
}

fn seeded(seed: [u8; 32]) -> rand::rngs::StdRng {
    use rand::SeedableRng;
    rand::rngs::StdRng::from_seed(seed)
}

#[test]
fn a_stranger_is_stopped_at_the_first_message() {
    let stranger = Scene {
        secret: Secret::new([5; 32]),
        ..Scene::new()
    };
    assert_eq!(stranger.run(|_, _| {}).unwrap_err(), HandshakeError::NotInvited);
    let typed = Scene {
        secret: Secret::ZERO,
        pinned: None,
        ..Scene::new()
    };
    assert_eq!(typed.run(|_, _| {}).unwrap_err(), HandshakeError::NotInvited);
}

#[test]
fn a_typed_address_works_where_the_host_lets_everybody_in() {
    let mut open = Scene {
        secret: Secret::ZERO,
        pinned: None,
        ..Scene::new()
    };
    open.invites.push(InviteSecret {
        secret: Secret::ZERO,
        expires_unix: None,
    });
    assert!(open.run(|_, _| {}).is_ok());
}

#[test]
fn an_expired_invitation_is_named_as_such() {
    let late = Scene {
        now_unix: 1001,
        ..Scene::new()
    };
    assert_eq!(
        late.run(|_, _| {}).unwrap_err(),
        HandshakeError::InvitationExpired
    );
}

#[test]
fn another_host_than_the_invitation_names_is_refused() {
    let other = Identity::from_pem(CEM).unwrap().fingerprint();
    let scene = Scene {
        pinned: Some(other),
        ..Scene::new()
    };
    let found = scene.bob.fingerprint();
    assert_eq!(
        scene.run(|_, _| {}).unwrap_err(),
        HandshakeError::WrongHost {
            expected: other,
            found
        }
    );
}

#[test]
fn a_guest_that_lacks_its_identity_key_is_refused() {
    let scene = Scene::new();
    let mallory = Identity::from_pem(CEM).unwrap();
    let (guest, hello) = scene.greet();
    let signature = sign(&scene.bob, &hello.statement());
    let (host, m2) = hello.signed(&signature);
    let guest = guest.receive(read(&m2).unwrap()).unwrap();
    let (_, m3) = guest.signed(&sign(&mallory, &guest_statement(&scene)));
    assert_eq!(
        host.receive(read(&m3).unwrap()).unwrap_err(),
        HandshakeError::BadSignature
    );
}

fn guest_statement(_: &Scene) -> Statement {
    Statement::new("guest", &[&[0; 32]])
}

#[test]
fn a_host_that_lacks_its_identity_key_is_refused() {
    let scene = Scene::new();
    let mallory = Identity::from_pem(CEM).unwrap();
    let (guest, hello) = scene.greet();
    let signature = sign(&mallory, &hello.statement());
    let (_, m2) = hello.signed(&signature);
    assert_eq!(
        guest.receive(read(&m2).unwrap()).unwrap_err(),
        HandshakeError::BadSignature
    );
}

#[test]
fn an_identity_other_than_the_committed_one_is_refused() {
    let scene = Scene::new();
    let cem = Identity::from_pem(CEM).unwrap();
    let (guest, hello) = scene.greet();
    let signature = sign(&scene.bob, &hello.statement());
    let (host, m2) = hello.signed(&signature);
    let guest = guest
        .with_identity(cem.public().clone())
        .receive(read(&m2).unwrap())
        .unwrap();
    let signature = sign(&cem, &guest.statement());
    let (_, m3) = guest.signed(&signature);
    assert_eq!(
        host.receive(read(&m3).unwrap()).unwrap_err(),
        HandshakeError::BrokenCommitment
    );
}

#[test]
fn a_refusal_reaches_the_guest_in_clear_and_sealed() {
    let scene = Scene::new();
    let mut rng = rand::rng();
    let (guest, _) = AwaitHost::start(scene.guest(), &mut rng);
    let refusal = guest
        .receive(read(&Refusal::Full.clear_frame()).unwrap())
        .unwrap_err();
    assert_eq!(refusal, HandshakeError::Refused(Refusal::Full));

    let (guest, hello) = scene.greet();
    let signature = sign(&scene.bob, &hello.statement());
    let (host, m2) = hello.signed(&signature);
    let guest = guest.receive(read(&m2).unwrap()).unwrap();
    let signature = sign(&scene.ada, &guest.statement());
    let (guest, m3) = guest.signed(&signature);
    let no = host
        .receive(read(&m3).unwrap())
        .unwrap()
        .refuse(Refusal::NotAdmitted);
    let refused = guest
        .receive(read(&no).unwrap(), &scene.ada_wrap, &mut rng)
        .unwrap_err();
    assert_eq!(refused, HandshakeError::Refused(Refusal::NotAdmitted));
}

#[test]
fn another_version_or_suite_is_named_as_such() {
    let scene = Scene::new();
    let version = scene.run(|n, bytes| {
        if n == 1 {
            bytes[10] = b'2';
        }
    });
    assert_eq!(version.unwrap_err(), HandshakeError::WrongVersion);
    let suite = scene.run(|n, bytes| {
        if n == 1 {
            bytes[13] = b'X';
        }
    });
    assert_eq!(suite.unwrap_err(), HandshakeError::WrongVersion);
}

#[test]
fn a_message_of_another_step_is_refused() {
    let scene = Scene::new();
    for number in 1..=5 {
        let outcome = scene.run(|n, bytes| {
            if n == number {
                bytes[0] = FrameKind::Data as u8;
            }
        });
        assert!(outcome.is_err());
    }
}

#[test]
fn a_replayed_first_message_leads_nowhere() {
    let scene = Scene::new();
    let mut recorded = Vec::new();
    scene.run(|n, bytes| recorded.push((n, bytes.clone()))).unwrap();
    let replayed = scene.run(|n, bytes| {
        if n == 3 {
            bytes.clone_from(&recorded[2].1);
        }
    });
    assert_eq!(replayed.unwrap_err(), HandshakeError::NotAuthentic);
}

#[test]
fn no_state_prints_a_secret() {
    let (guest, _) = AwaitHost::start(Scene::new().guest(), &mut rand::rng());
    let shown = format!("{guest:?}");
    assert!(shown.contains("[secret]"));
    assert!(!shown.contains("4, 4, 4, 4"), "the invite secret is shown");
}

#[test]
fn a_host_says_once_that_it_asks_somebody() {
    let all = Repeatable::new();
    let mut host = all.await_proof().receive(read(&all.m3).unwrap()).unwrap();
    let (first, second) = (read(&host.ask()).unwrap(), read(&host.ask()).unwrap());
    let mut guest = all.await_welcome();
    assert_eq!(guest.is_asking(&first), Ok(true));
    assert_eq!(guest.is_asking(&second), Err(HandshakeError::Malformed));
}
