//! A room without an invitation: who typed an address makes its hello with the secret of zeros and expects no particular
//! host. So any host is one that it may take, if only it signed.

use std::sync::OnceLock;

use cipher_room::crypto::{Digest, Identity, OpeningKey, SealingKey, Secret, Statement, sign_batch};
use cipher_room::protocol::body::{self, RoomDescriptor};
use cipher_room::protocol::handshake::{AwaitHost, GuestHello, HostHello, InviteSecret, InvitedHello};
use cipher_room::protocol::wire::{FieldReader, FieldWriter, Frame, FrameKind};
use sha2::{Digest as _, Sha256};

use super::world::handshake_secret;
use super::{
    CEM, Fixed, clear_fields_of, frame_of, framed, guest_hello, host_hello, invite, overwrite, seal_behind,
    with_proof,
};

/// A genuine M1 and M2 between strangers.
struct OpenRoom {
    cem: Identity,
    m1: Frame,
    m2: Frame,
    th1: Digest,
    m2_text: Vec<u8>,
}

impl OpenRoom {
    fn get() -> &'static OpenRoom {
        static ROOM: OnceLock<OpenRoom> = OnceLock::new();
        ROOM.get_or_init(|| {
            let cem = Identity::from_pem(CEM).expect("a good key");
            let (_, m1) = knock();
            let m2 = m2_of(&cem, &m1, &host_hello().room);
            let clear = clear_fields_of(&m2.body);
            let th1: Digest = Sha256::digest([&[1], &m1.body[..], &[2], clear].concat()).into();
            let mut m2_text = FieldReader::new(&m2.body[clear.len()..])
                .take(16 * 1024)
                .expect("the sealed field")
                .to_vec();
            OpeningKey::new(&handshake_secret(&m1, Secret::ZERO).host_traffic(&th1))
                .open(&m2.header(), &mut m2_text)
                .expect("our own");
            OpenRoom {
                cem,
                m1,
                m2,
                th1,
                m2_text,
            }
        })
    }

    fn sealed(&self, text: &[u8]) -> Frame {
        let secret = handshake_secret(&self.m1, Secret::ZERO);
        let key = &mut SealingKey::new(&secret.host_traffic(&self.th1));
        seal_behind(FrameKind::HostHello, clear_fields_of(&self.m2.body), key, text)
    }
}

fn knock() -> (AwaitHost, Frame) {
    let hello = GuestHello {
        invite: Secret::ZERO,
        pinned: None,
        ..guest_hello()
    };
    let (state, m1) = AwaitHost::start(hello, &mut Fixed::new(b"guest"));
    (state, frame_of(&m1))
}

/// As the door of an open room has them: invitations are honoured beside it.
fn secrets() -> [InviteSecret; 2] {
    let open = InviteSecret {
        secret: Secret::ZERO,
        expires_unix: None,
    };
    [invite(), open]
}

fn m2_of(host: &Identity, m1: &Frame, room: &RoomDescriptor) -> Frame {
    let hello = InvitedHello::check(m1, &secrets(), 0).expect("a genuine M1");
    let host_hello = HostHello {
        identity: host.public().clone(),
        room: room.clone(),
        ..host_hello()
    };
    let signing = hello
        .answer(&host_hello, &mut Fixed::new(b"host"))
        .expect("good shares");
    let statement: Statement = signing.statement();
    let signature = sign_batch(host, &[statement], &mut Fixed::new(b"sign")).expect("a good key");
    frame_of(&signing.signed(&signature[0]).1)
}

/// M1 with the secret of zeros, which everybody knows, and bytes written over it before its proof was made.
pub fn knocked(data: &[u8]) {
    let mut body = OpenRoom::get().m1.body.clone();
    overwrite(&mut body, data);
    body.truncate(body.len() - 34);
    let frame = framed(FrameKind::GuestHello, &with_proof(body, &Secret::ZERO));
    let is_genuine = frame == OpenRoom::get().m1;
    assert!(
        InvitedHello::check(&frame, &[invite()], 0).is_err(),
        "a closed room takes none"
    );
    let hello = InvitedHello::check(&frame, &secrets(), 0);
    assert!(hello.is_ok() || !is_genuine);
    if let Ok(hello) = hello {
        assert!(hello.came_uninvited());
        let _ = hello.answer(&host_hello(), &mut Fixed::new(b"host"));
    }
}

/// M2 for who expects no particular host, with bytes written over the genuine text.
pub fn answered(data: &[u8]) {
    let open = OpenRoom::get();
    let mut text = open.m2_text.clone();
    overwrite(&mut text, data);
    let frame = open.sealed(&text);
    let is_genuine = frame == open.m2;
    assert_eq!(
        knock().0.receive(frame).is_ok(),
        is_genuine,
        "what its host did not sign is not taken"
    );
}

/// M2 with a room of any form, rightly signed when it is one.
pub fn answered_with_room(data: &[u8]) {
    let open = OpenRoom::get();
    let Ok(room) = body::decode::<RoomDescriptor>(data) else {
        let text = FieldWriter::default()
            .put(open.cem.public().as_der())
            .put(data)
            .into_bytes();
        let signature_and_fin = {
            let mut fields = FieldReader::new(&open.m2_text);
            let mut next = || fields.take(16 * 1024).expect("two fields");
            let _ = (next(), next());
            fields.rest()
        };
        let frame = open.sealed(&[&text[..], signature_and_fin].concat());
        assert!(knock().0.receive(frame).is_err());
        return;
    };
    let taken = knock().0.receive(m2_of(&open.cem, &open.m1, &room));
    let taken = taken.expect("a room may be any room");
    assert_eq!(taken.host().as_der(), open.cem.public().as_der());
}

pub fn hello_seeds() -> Vec<Vec<u8>> {
    vec![Vec::new(), vec![0, 60, 1, 2, 3]]
}

pub fn answer_seeds() -> [Vec<Vec<u8>>; 2] {
    let room = body::encode(&host_hello().room);
    [
        vec![Vec::new(), vec![4, 0, 9], vec![0, 0, 1, 0x9f]],
        vec![room.clone(), room[..20].to_vec()],
    ]
}
