//! A whole handshake, made once with fixed randomness, and its secrets as each side has them: what a hostile peer works
//! with. And what frames and scripts are made with.

use std::convert::Infallible;
use std::sync::OnceLock;
use std::time::Instant;

use cipher_room::crypto::{
    Digest, EarlySecret, HandshakeSecret, Identity, MasterSecret, OfferPublic, OpeningKey, PublicIdentity,
    PublicWrapKey, SealingKey, Secret, Signature, Statement, TAG_BYTES, WrapKey, answer, sign_batch,
};
use cipher_room::protocol::body::{self, Body, Entry, RoomDescriptor, Roster, SignedHead, Welcome};
use cipher_room::protocol::handshake::{
    AwaitConfirmation, AwaitHost, AwaitProof, AwaitWelcome, Established, GuestHello, HostHello, InviteSecret,
    InvitedHello, SignHello,
};
use cipher_room::protocol::wire::{FieldReader, FieldWriter, Frame, FrameBuffer, FrameKind};
use cipher_room::protocol::{Content, OwnChain, RoomLog};
use rand::rand_core::utils::next_word_via_fill;
use rand::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha256};

pub(super) const ADA: &str = include_str!("../../tests/keys/ada.pem");
pub(super) const BOB: &str = include_str!("../../tests/keys/bob.pem");
/// Somebody who is in no room yet.
pub(super) const CEM: &str = include_str!("../../tests/keys/cem.pem");
pub(super) const ADA_WRAP: &str = include_str!("../../tests/keys/ada-wrap.pem");
pub(super) const PSK: [u8; 32] = [9; 32];

pub(super) struct World {
    pub(super) ada: Identity,
    pub(super) bob: Identity,
    pub(super) wrap: WrapKey,
    pub(super) host_signature: Signature,
    pub(super) guest_signature: Signature,
    pub(super) m1: Frame,
    pub(super) m2: Frame,
    pub(super) m3: Frame,
    pub(super) m3_text: Vec<u8>,
    pub(super) m4: Frame,
    pub(super) wrapped: Vec<u8>,
    pub(super) m5: Frame,
    pub(super) th1: Digest,
    pub(super) th6: Digest,
    pub(super) entry: Entry,
    pub(super) roster: Roster,
    pub(super) start: Instant,
}

impl World {
    pub(super) fn get() -> &'static World {
        static WORLD: OnceLock<World> = OnceLock::new();
        WORLD.get_or_init(World::new)
    }

    fn new() -> World {
        let [ada, bob] = [ADA, BOB].map(|pem| Identity::from_pem(pem).expect("a good key"));
        let wrap = WrapKey::from_pem(ADA_WRAP).expect("a good key");
        let sign = |identity: &Identity, statement: Statement| {
            let signatures = sign_batch(identity, &[statement], &mut Fixed::new(b"sign"));
            signatures.expect("a good key").remove(0)
        };
        let (guest, m1) = AwaitHost::start(guest_hello(), &mut Fixed::new(b"guest"));
        let m1 = frame_of(&m1);
        let signing = sign_hello(&m1);
        let host_signature = sign(&bob, signing.statement());
        let (host, m2) = signing.signed(&host_signature);
        let m2 = frame_of(&m2);
        let clear = clear_fields_of(&m2.body);
        let mut transcript = [&[1], &m1.body[..], &[2], clear].concat();
        let th1: Digest = Sha256::digest(&transcript).into();
        let hs = handshake_secret(&m1, Secret::new(PSK));
        let mut m2_text = FieldReader::new(&m2.body[clear.len()..])
            .take(16 * 1024)
            .expect("the sealed field")
            .to_vec();
        OpeningKey::new(&hs.host_traffic(&th1))
            .open(&m2.header(), &mut m2_text)
            .expect("our own");
        transcript.extend(&m2_text);

        let proving = guest.receive(m2.clone()).expect("our own");
        let guest_signature = sign(&ada, proving.statement());
        let (guest, m3) = proving.signed(&guest_signature);
        let m3 = frame_of(&m3);
        let mut m3_text = m3.body.clone();
        OpeningKey::new(&hs.guest_traffic(&th1))
            .open(&m3.header(), &mut m3_text)
            .expect("our own");
        transcript.push(3);
        transcript.extend(&m3_text);

        let admitting = host.receive(m3.clone()).expect("our own");
        let (_, m4) = admitting.admit(&mut Fixed::new(b"admit")).expect("a good key");
        let m4 = frame_of(&m4);
        let mut sealed_wrap = FieldReader::new(&m4.body)
            .take(16 * 1024)
            .expect("the wrap")
            .to_vec();
        let mut opening = OpeningKey::new(&hs.host_traffic(&th1));
        let mut m2_again = FieldReader::new(&m2.body[clear.len()..])
            .take(16 * 1024)
            .expect("the sealed field")
            .to_vec();
        opening.open(&m2.header(), &mut m2_again).expect("our own");
        opening.open(&m4.header(), &mut sealed_wrap).expect("our own");
        let wrapped = FieldReader::new(&sealed_wrap).take(1024).expect("w").to_vec();
        transcript.push(4);
        transcript.extend(&sealed_wrap);
        let th6: Digest = Sha256::digest(&transcript).into();
        let (_, m5) = guest
            .receive(m4.clone(), &wrap, &mut Fixed::new(b"unwrap"))
            .expect("our own");
        let mut host_log = RoomLog::create([7; 32], bob.public().clone(), "Bob");
        let content = Content::Admitted(host_log.introduction(ada.public(), "Ada"));
        let (event, statement) = OwnChain::default().write(&host_log, bob.fingerprint(), 1, content);
        let signature = sign(&bob, statement);
        host_log
            .append(&bob.fingerprint(), event.clone(), signature.clone())
            .expect("our own event");
        let entry = Entry {
            n: 1,
            event,
            signature,
        };
        let roster = host_log.roster().remove(0);
        World {
            host_signature,
            guest_signature,
            m2,
            m3,
            m3_text,
            m4,
            wrapped,
            m5: frame_of(&m5),
            th1,
            th6,
            entry,
            roster,
            start: Instant::now(),
            m1,
            ada,
            bob,
            wrap,
        }
    }

    pub(super) fn handshake(&self) -> HandshakeSecret {
        handshake_secret(&self.m1, Secret::new(PSK))
    }

    pub(super) fn master(&self) -> MasterSecret {
        self.handshake().mix(&Secret::generate(&mut Fixed::new(b"admit")))
    }

    pub(super) fn m2_text(&self) -> Vec<u8> {
        let clear = clear_fields_of(&self.m2.body);
        let mut fields = FieldReader::new(&self.m2.body[clear.len()..]);
        let mut text = fields.take(16 * 1024).expect("the sealed field").to_vec();
        OpeningKey::new(&self.handshake().host_traffic(&self.th1))
            .open(&self.m2.header(), &mut text)
            .expect("our own");
        text
    }

    pub(super) fn welcome_text(&self) -> Vec<u8> {
        let mut fields = FieldReader::new(&self.m4.body);
        fields.take(16 * 1024).expect("the wrap");
        let mut text = fields.take(16 * 1024).expect("the welcome").to_vec();
        OpeningKey::new(&self.master().host_traffic(&self.th6))
            .open(&self.m4.header(), &mut text)
            .expect("our own");
        text
    }

    pub(super) fn m5_text(&self) -> Vec<u8> {
        let mut text = self.m5.body.clone();
        OpeningKey::new(&self.master().guest_traffic(&self.th6))
            .open(&self.m5.header(), &mut text)
            .expect("our own");
        text
    }

    /// M4 with the right secret and any welcome, behind what the host's handshake key has sealed before.
    pub(super) fn m4_with(&self, key: &mut SealingKey, welcome: &[u8]) -> Frame {
        let wrap = FieldWriter::default().put(&self.wrapped).into_bytes();
        let body_len = 2 + wrap.len() + TAG_BYTES + 2 + welcome.len() + TAG_BYTES;
        let header = FrameKind::HostWelcome.header(body_len);
        let (mut sealed_wrap, mut sealed_welcome) = (wrap, welcome.to_vec());
        key.seal(&header, &mut sealed_wrap);
        SealingKey::new(&self.master().host_traffic(&self.th6)).seal(&header, &mut sealed_welcome);
        let body = FieldWriter::default()
            .put(&sealed_wrap)
            .put(&sealed_welcome)
            .into_bytes();
        framed(FrameKind::HostWelcome, &body)
    }

    /// The key of the guest's records, behind M5.
    pub(super) fn guest_record_key(&self) -> SealingKey {
        let mut key = SealingKey::new(&self.master().guest_traffic(&self.th6));
        key.seal(b"", &mut Vec::new());
        key
    }

    /// The key of the host's records, behind M4.
    pub(super) fn host_record_key(&self) -> SealingKey {
        let mut key = SealingKey::new(&self.master().host_traffic(&self.th6));
        key.seal(b"", &mut Vec::new());
        key
    }

    /// Bodies of records as a host sends them: the roster, an entry, a head.
    pub(super) fn told_bodies(&self) -> [Vec<u8>; 3] {
        let head = SignedHead {
            n: 1,
            head: self.roster.head,
            signature: self.host_signature.clone(),
        };
        let bodies = [
            Body::Roster(self.roster.clone()),
            Body::Entry(self.entry.clone()),
            Body::Head(head),
        ];
        bodies.map(|body| body::encode(&body))
    }

    /// The host's handshake key after M2 has used its first counter.
    pub(super) fn host_key_behind_m2(&self) -> SealingKey {
        let mut key = SealingKey::new(&self.handshake().host_traffic(&self.th1));
        key.seal(b"", &mut Vec::new());
        key
    }

    pub(super) fn await_proof(&self) -> AwaitProof {
        sign_hello(&self.m1).signed(&self.host_signature).0
    }

    pub(super) fn await_welcome(&self) -> AwaitWelcome {
        let (state, _) = AwaitHost::start(guest_hello(), &mut Fixed::new(b"guest"));
        let state = state.receive(self.m2.clone()).expect("the genuine M2");
        state.signed(&self.guest_signature).0
    }

    pub(super) fn await_confirmation(&self) -> AwaitConfirmation {
        let admitting = self
            .await_proof()
            .receive(self.m3.clone())
            .expect("the genuine M3");
        admitting.admit(&mut Fixed::new(b"admit")).expect("a good key").0
    }

    pub(super) fn at_host(&self) -> Established {
        self.await_confirmation()
            .receive(self.m5.clone())
            .expect("the genuine M5")
    }

    pub(super) fn at_guest(&self) -> Established {
        self.await_welcome()
            .receive(self.m4.clone(), &self.wrap, &mut Fixed::new(b"unwrap"))
            .expect("the genuine M4")
            .0
    }
}

pub(super) fn guest_hello() -> GuestHello {
    static PUBLIC: OnceLock<(PublicIdentity, PublicIdentity, PublicWrapKey)> = OnceLock::new();
    let (ada, bob, wrap) = PUBLIC.get_or_init(|| {
        let public = |pem| Identity::from_pem(pem).expect("a good key").public().clone();
        let wrap = WrapKey::from_pem(ADA_WRAP).expect("a good key");
        (public(ADA), public(BOB), wrap.public().clone())
    });
    GuestHello {
        invite: Secret::new(PSK),
        pinned: Some(bob.fingerprint()),
        identity: ada.clone(),
        wrap: wrap.clone(),
        name: "Ada".to_owned(),
    }
}

pub(super) fn host_hello() -> HostHello {
    static BOB_PUBLIC: OnceLock<PublicIdentity> = OnceLock::new();
    let identity = BOB_PUBLIC.get_or_init(|| Identity::from_pem(BOB).expect("a good key").public().clone());
    HostHello {
        identity: identity.clone(),
        room: RoomDescriptor {
            id: [7; 32],
            name: "Den".to_owned(),
        },
        welcome: Welcome {
            host_name: "Bob".to_owned(),
        },
    }
}

pub(super) fn invite() -> InviteSecret {
    InviteSecret {
        secret: Secret::new(PSK),
        expires_unix: None,
    }
}

pub(super) fn sign_hello(m1: &Frame) -> SignHello {
    let hello = InvitedHello::check(m1, &[invite()], 0).expect("the genuine M1");
    hello
        .answer(&host_hello(), &mut Fixed::new(b"host"))
        .expect("good shares")
}

/// HS, as the host computes it: it draws the same bytes again.
pub(super) fn handshake_secret(m1: &Frame, invite: Secret) -> HandshakeSecret {
    let mut fields = FieldReader::new(&m1.body);
    let mut next = || fields.take(16 * 1024).expect("six fields");
    let (_, _) = (next(), next());
    let offer = OfferPublic {
        x25519: next().try_into().expect("32 bytes"),
        ml_kem: next().to_vec(),
    };
    let (_, hybrid) = answer(&offer, &mut Fixed::new(b"host")).expect("good shares");
    EarlySecret::new(&invite).mix(&hybrid)
}

/// Puts the proof of the invitation behind the beginning of an M1.
pub(super) fn with_proof(mut body: Vec<u8>, invite: &Secret) -> Vec<u8> {
    let key = cipher_room::crypto::invite_mac_key(invite);
    let proof = cipher_room::crypto::mac(&key, &body);
    body.extend(FieldWriter::default().put(&proof).into_bytes());
    body
}

/// The three fields in clear at the beginning of an M2.
pub(super) fn clear_fields_of(body: &[u8]) -> &[u8] {
    let mut fields = FieldReader::new(body);
    for _ in 0..3 {
        fields.take(16 * 1024).expect("three fields in clear");
    }
    let clear = body.len() - fields.rest().len();
    &body[..clear]
}

/// A script as [`parts_of`] takes it apart.
pub(super) fn script(parts: &[(u8, &[u8])]) -> Vec<u8> {
    let one = |(choice, text): &(u8, &[u8])| {
        let [high, low] = (text.len() as u16).to_be_bytes();
        [&[*choice, high, low], *text].concat()
    };
    parts.iter().flat_map(one).collect()
}

/// The parts of a script, `choice, length in two bytes, text`, of which the last may be cut.
pub(super) fn parts_of(script: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = script;
    std::iter::from_fn(move || {
        let (head, behind) = rest.split_first_chunk::<3>()?;
        let len = usize::from(u16::from_be_bytes([head[1], head[2]])).min(behind.len());
        let (text, after) = behind.split_at(len);
        rest = after;
        Some((head[0], text))
    })
}

/// The first byte chooses a form; what it is filled with stays below the limit of a handshake frame.
pub(super) fn form_of(data: &[u8]) -> (u8, &[u8]) {
    let (form, rest) = data.split_first().map_or((0, data), |(form, rest)| (*form, rest));
    (form, &rest[..rest.len().min(12_000)])
}

/// Writes `data[2..]` over the bytes at the place that its first two bytes name.
pub(super) fn overwrite(bytes: &mut [u8], data: &[u8]) {
    let Some((place, new)) = data.split_first_chunk::<2>() else {
        return;
    };
    let place = usize::from(u16::from_be_bytes(*place)) % bytes.len().max(1);
    for (old, new) in bytes.iter_mut().skip(place).zip(new) {
        *old = *new;
    }
}

pub(super) fn framed(kind: FrameKind, body: &[u8]) -> Frame {
    Frame {
        kind,
        body: body.to_vec(),
    }
}

pub(super) fn frame_of(bytes: &[u8]) -> Frame {
    let mut buffer = FrameBuffer::default();
    buffer.push(bytes);
    buffer.next_frame().expect("a good frame").expect("a whole frame")
}

pub(super) fn seal_alone(kind: FrameKind, key: &mut SealingKey, text: &[u8]) -> Frame {
    let mut body = text.to_vec();
    key.seal(&kind.header(text.len() + TAG_BYTES), &mut body);
    Frame { kind, body }
}

pub(super) fn seal_alone_bytes(kind: FrameKind, key: &mut SealingKey, text: &[u8]) -> Vec<u8> {
    let frame = seal_alone(kind, key, text);
    kind.frame(&frame.body)
}

pub(super) fn seal_behind(kind: FrameKind, clear: &[u8], key: &mut SealingKey, text: &[u8]) -> Frame {
    let header = kind.header(clear.len() + 2 + text.len() + TAG_BYTES);
    let mut sealed = text.to_vec();
    key.seal(&header, &mut sealed);
    let field = FieldWriter::default().put(&sealed).into_bytes();
    framed(kind, &[clear, &field].concat())
}

/// Randomness that anybody can repeat.
pub(super) struct Fixed {
    seed: &'static [u8],
    count: u64,
}

impl Fixed {
    pub(super) fn new(seed: &'static [u8]) -> Fixed {
        Fixed { seed, count: 0 }
    }
}

impl TryRng for Fixed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for part in out.chunks_mut(32) {
            let block = Sha256::new()
                .chain_update(self.seed)
                .chain_update(self.count.to_be_bytes())
                .finalize();
            part.copy_from_slice(&block[..part.len()]);
            self.count += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}
