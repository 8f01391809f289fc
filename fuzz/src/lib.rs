//! Entry points that meet foreign bytes, one for each decoder: the fuzz targets and `tests/foreign_bytes.rs`
//! run the same ones.
//!
//! A peer is the worst stranger, because it holds the keys: so the sealed messages of the handshake and
//! the records are entered with any text, *rightly sealed*. An entry must not panic, whatever it is given;
//! what else it promises, it asserts. Randomness is fixed, so that a finding can be repeated.

mod disk;
mod resumption;

use std::convert::Infallible;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use cipher_room::ciphers;
use cipher_room::crypto::{
    Digest, EarlySecret, Fingerprint, HandshakeSecret, Identity, MasterSecret, OfferPublic, OpeningKey,
    PublicIdentity, PublicWrapKey, SealingKey, Secret, Signature, Statement, TAG_BYTES, WrapKey, answer,
    sign_batch,
};
use cipher_room::lab::challenge::{Challenge, Draft, Level};
use cipher_room::protocol::body::{self, Body, Entry, RoomDescriptor, Roster, SignedHead, Welcome};
use cipher_room::protocol::handshake::{
    AwaitConfirmation, AwaitHost, AwaitProof, AwaitWelcome, Established, GuestHello, HostHello, InviteSecret,
    InvitedHello, SignHello,
};
use cipher_room::protocol::limits::MAX_RECORD_BYTES;
use cipher_room::protocol::wire::{FieldReader, FieldWriter, Frame, FrameBuffer, FrameKind, HEADER_BYTES};
use cipher_room::protocol::{
    Connection, ContactCard, Content, Endpoint, Invite, JoinTarget, Output, OwnChain, RoomEvent, RoomLog,
    SignedEvent,
};
use rand::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha256};

/// Feeds bytes to one decoder.
pub type EntryPoint = fn(&[u8]);

/// Every entry point with its name, which is also its fuzz target's.
pub const ALL: &[(&str, EntryPoint)] = &[
    ("frames", frames),
    ("m1", m1),
    ("m2", m2),
    ("m3", m3),
    ("m4", m4),
    ("m5", m5),
    ("records_to_host", records_to_host),
    ("records_to_guest", records_to_guest),
    ("bodies", bodies),
    ("room_log", room_log),
    ("invitations", invitations),
    ("keys", keys),
    ("resumption", resumption::resumption),
    ("cards", cards),
    ("challenges", challenges),
    ("imported_keys", disk::imported_keys),
    ("profile_files", disk::profile_files),
    ("backups", disk::backups),
    ("kept_rows", disk::kept_rows),
];

#[allow(
    unused_imports,
    reason = "each fuzz target names one; tests take them from the list"
)]
pub use disk::{backups, imported_keys, kept_rows, profile_files};
#[allow(unused_imports, reason = "as above")]
pub use resumption::resumption;

/// What each target begins with: the genuine bytes in the form that the entry point takes them in.
pub fn seeds(name: &str) -> Vec<Vec<u8>> {
    let world = World::get();
    let with_form = |form: u8, data: &[u8]| [&[form], data].concat();
    let script = |records: &[(u8, &[u8])]| {
        let one = |(kind, text): &(u8, &[u8])| {
            let [high, low] = (text.len() as u16).to_be_bytes();
            [&[*kind, high, low], *text].concat()
        };
        records.iter().flat_map(one).collect::<Vec<u8>>()
    };
    let roster = body::encode(&Body::Roster(world.roster.clone()));
    let head = body::encode(&Body::Head(SignedHead {
        n: 1,
        head: world.roster.head,
        signature: world.host_signature.clone(),
    }));
    match name {
        "frames" => vec![
            with_form(
                7,
                &[FrameKind::Data.frame(b"hello"), FrameKind::Close.frame(b"")].concat(),
            ),
            with_form(0, &FrameKind::GuestHello.frame(&world.m1.body)),
        ],
        "m1" => vec![
            with_form(0, &world.m1.body),
            with_form(1, &world.m1.body[4 + 2 + 2 + 51..world.m1.body.len() - 34]),
            with_form(2, &[0, 60, 1, 2, 3]),
        ],
        "m2" => vec![
            with_form(0, &world.m2.body),
            with_form(1, &world.m2_text()),
            with_form(2, &[4, 0, 9]),
            with_form(3, &[5]),
        ],
        "m3" => vec![
            with_form(0, &world.m3.body),
            with_form(1, &world.m3_text),
            with_form(2, &[0, 40, 9]),
        ],
        "m4" => vec![
            with_form(0, &world.m4.body),
            with_form(1, &FieldWriter::default().put(&world.wrapped).into_bytes()),
            with_form(2, &world.welcome_text()),
            with_form(3, &[6]),
        ],
        "m5" => vec![with_form(0, &world.m5.body), with_form(1, &world.m5_text())],
        "records_to_host" => vec![
            script(&[(0, &head), (5, &[0, 0, 0, 0, 0, 0, 0, 1])]),
            script(&[(2, &[7; 40]), (0, b"x")]),
        ],
        "records_to_guest" => vec![
            script(&[(0, &roster), (0, &head), (5, &[0, 0, 0, 0, 0, 0, 0, 2])]),
            script(&[(5, &[0, 0, 0, 0, 0, 0, 0, 0, 2])]),
        ],
        "bodies" => vec![
            roster,
            head,
            body::encode(&host_hello().room),
            body::encode(&host_hello().welcome),
        ],
        "room_log" => vec![roster, vec![0; 96], (0..=255).collect()],
        "invitations" => vec![
            b"192.168.1.20:4747".to_vec(),
            b"[::1]:4747".to_vec(),
            Invite {
                endpoints: vec!["192.0.2.1:4747".parse().expect("an address")],
                room: "Den".to_owned(),
                host: world.bob.fingerprint(),
                secret: Secret::new(PSK),
                expires_unix: Some(2_000_000_000),
            }
            .to_string()
            .into_bytes(),
        ],
        "keys" => vec![
            ADA.as_bytes().to_vec(),
            world.ada.public().as_der().to_vec(),
            b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n".to_vec(),
        ],
        "resumption" => resumption::seeds(),
        "cards" => vec![
            ContactCard {
                name: "Ada Lövelace".to_owned(),
                fingerprint: world.ada.fingerprint(),
            }
            .to_string()
            .into_bytes(),
            b"cipher-room-contact:Ada#00".to_vec(),
        ],
        "challenges" => challenge_seeds(),
        "imported_keys" => disk::imported_key_seeds(),
        "profile_files" => disk::profile_file_seeds(),
        "backups" => disk::backup_seeds(),
        "kept_rows" => disk::kept_row_seeds(),
        _ => Vec::new(),
    }
}

/// Frames in pieces: what comes out does not depend on how the bytes were cut.
pub fn frames(data: &[u8]) {
    let Some((piece, stream)) = data.split_first() else {
        return;
    };
    let read = |piece: usize| {
        let mut buffer = FrameBuffer::default();
        let mut found = Vec::new();
        for bytes in stream.chunks(piece.max(1)) {
            buffer.push(bytes);
            loop {
                match buffer.next_frame() {
                    Ok(Some(frame)) => found.push(frame),
                    Ok(None) => break,
                    Err(error) => return (found, Some(error)),
                }
            }
        }
        (found, None)
    };
    let whole = read(stream.len());
    assert_eq!(read(usize::from(*piece)), whole);
    let bytes: usize = whole.0.iter().map(|frame| HEADER_BYTES + frame.body.len()).sum();
    assert!(bytes <= stream.len());
}

/// M1 as any stranger can send it.
pub fn m1(data: &[u8]) {
    let world = World::get();
    let (form, data) = form_of(data);
    let body = match form % 3 {
        0 => data.to_vec(),
        // Right up to the proof, which is right for what stands there: the sender holds the invitation.
        1 => {
            let offered = FieldWriter::default()
                .put(b"CR/1")
                .put(b"RSA3072-PSS-OAEP+X25519+MLKEM768+AES256GCM+SHA256");
            with_proof([&offered.into_bytes()[..], data].concat())
        }
        _ => {
            let mut body = world.m1.body.clone();
            overwrite(&mut body, data);
            body.truncate(world.m1.body.len() - 34);
            with_proof(body)
        }
    };
    let frame = Frame {
        kind: FrameKind::GuestHello,
        body,
    };
    if let Ok(hello) = InvitedHello::check(&frame, &[invite()], 0) {
        assert!(!hello.came_uninvited());
        let _ = hello.answer(&host_hello(), &mut Fixed::new(b"host"));
    }
}

/// M2 as a host can send it, with any text under the right key.
pub fn m2(data: &[u8]) {
    let world = World::get();
    let (form, data) = form_of(data);
    let (state, _) = AwaitHost::start(guest_hello(), &mut Fixed::new(b"guest"));
    let frame = match form % 4 {
        0 => framed(FrameKind::HostHello, data),
        1 => {
            let clear = clear_fields_of(&world.m2.body);
            let key = &mut SealingKey::new(&world.handshake().host_traffic(&world.th1));
            seal_behind(FrameKind::HostHello, clear, key, data)
        }
        2 => {
            let mut body = world.m2.body.clone();
            overwrite(&mut body, data);
            framed(FrameKind::HostHello, &body)
        }
        _ => framed(FrameKind::Refusal, data),
    };
    let is_genuine = frame == world.m2;
    assert_eq!(
        state.receive(frame).is_ok(),
        is_genuine,
        "only the genuine M2 is taken"
    );
}

/// M3 as a guest can send it, with any text under the right key.
pub fn m3(data: &[u8]) {
    let world = World::get();
    let (form, data) = form_of(data);
    let frame = match form % 3 {
        0 => framed(FrameKind::GuestProof, data),
        1 => {
            let key = &mut SealingKey::new(&world.handshake().guest_traffic(&world.th1));
            seal_alone(FrameKind::GuestProof, key, data)
        }
        _ => {
            let mut text = world.m3_text.clone();
            overwrite(&mut text, data);
            let key = &mut SealingKey::new(&world.handshake().guest_traffic(&world.th1));
            seal_alone(FrameKind::GuestProof, key, &text)
        }
    };
    let is_genuine = frame == world.m3;
    assert_eq!(world.await_proof().receive(frame).is_ok(), is_genuine);
}

/// M4 as a host can send it.
pub fn m4(data: &[u8]) {
    let world = World::get();
    let (form, data) = form_of(data);
    let frame = match form % 4 {
        0 => framed(FrameKind::HostWelcome, data),
        // Any wrapped secret.
        1 => {
            let mut key = world.host_key_behind_m2();
            let sealed_len = data.len() + TAG_BYTES;
            let header = FrameKind::HostWelcome.header(2 + sealed_len + 2 + 64);
            let mut sealed = data.to_vec();
            key.seal(&header, &mut sealed);
            let body = FieldWriter::default().put(&sealed).put(&[7; 64]).into_bytes();
            framed(FrameKind::HostWelcome, &body)
        }
        // The right secret, and any welcome.
        2 => {
            let wrap = FieldWriter::default().put(&world.wrapped).into_bytes();
            let body_len = 2 + wrap.len() + TAG_BYTES + 2 + data.len() + TAG_BYTES;
            let header = FrameKind::HostWelcome.header(body_len);
            let (mut sealed_wrap, mut sealed_welcome) = (wrap, data.to_vec());
            world.host_key_behind_m2().seal(&header, &mut sealed_wrap);
            let mut key = SealingKey::new(&world.master().host_traffic(&world.th6));
            key.seal(&header, &mut sealed_welcome);
            let body = FieldWriter::default()
                .put(&sealed_wrap)
                .put(&sealed_welcome)
                .into_bytes();
            framed(FrameKind::HostWelcome, &body)
        }
        _ => seal_alone(FrameKind::SealedRefusal, &mut world.host_key_behind_m2(), data),
    };
    let is_genuine = frame == world.m4;
    // A host may call itself what it likes; only its confirmation must be right.
    let is_other_welcome = form % 4 == 2 && data.get(..34) == world.welcome_text().get(..34);
    let outcome = world
        .await_welcome()
        .receive(frame, &world.wrap, &mut Fixed::new(b"unwrap"));
    assert!(outcome.is_ok() || !is_genuine);
    assert!(outcome.is_err() || is_genuine || is_other_welcome);
}

/// M5 as a guest can send it.
pub fn m5(data: &[u8]) {
    let world = World::get();
    let (form, data) = form_of(data);
    let frame = if form % 2 == 0 {
        framed(FrameKind::GuestConfirm, data)
    } else {
        let key = &mut SealingKey::new(&world.master().guest_traffic(&world.th6));
        seal_alone(FrameKind::GuestConfirm, key, data)
    };
    let is_genuine = frame == world.m5;
    // A guest may say that it has another part of the log; only its confirmation must be right.
    let is_other_standing = form % 2 == 1 && data.get(..34) == world.m5_text().get(..34);
    let outcome = world.await_confirmation().receive(frame);
    assert!(outcome.is_ok() || !is_genuine);
    assert!(outcome.is_err() || is_genuine || is_other_standing);
}

/// Records of a member, rightly sealed, of any kind and with any text.
pub fn records_to_host(data: &[u8]) {
    let world = World::get();
    let (_, connection) = world.at_host().into_connection(&[], world.start);
    // M5 used counter 0.
    let mut key = SealingKey::new(&world.master().guest_traffic(&world.th6));
    seal_alone(FrameKind::GuestConfirm, &mut key, b"");
    feed(connection, key, data, world.start);
}

/// Records of a host, rightly sealed, of any kind and with any text.
pub fn records_to_guest(data: &[u8]) {
    let world = World::get();
    let (_, connection) = world.at_guest().into_connection(&[], world.start);
    let mut key = SealingKey::new(&world.master().host_traffic(&world.th6));
    seal_alone(FrameKind::HostWelcome, &mut key, b"");
    feed(connection, key, data, world.start);
}

/// Every CBOR value: what decodes encodes back to the same bytes.
pub fn bodies(data: &[u8]) {
    fn one<T>(data: &[u8])
    where
        T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>,
    {
        if let Ok(value) = body::decode::<T>(data) {
            assert_eq!(body::encode(&value), data);
        }
    }
    one::<Body>(data);
    one::<RoomEvent>(data);
    one::<RoomDescriptor>(data);
    one::<Welcome>(data);
    one::<Signature>(data);
    one::<Entry>(data);
    one::<Roster>(data);
    one::<SignedHead>(data);
    let signature = Signature {
        rsa: Vec::new(),
        index: 0,
        size: 1,
        path: Vec::new(),
    };
    let _ = SignedEvent::decode(data.to_vec(), signature);
}

/// A member's log, and a host's, with whatever the other one writes into it: the events are well formed
/// and signed, what they say is not to be trusted.
pub fn room_log(data: &[u8]) {
    let world = World::get();
    let mut log = RoomLog::join([7; 32], world.bob.public().clone());
    let _ = log.take_roster(world.roster.clone());
    let mut host_log = RoomLog::create([7; 32], world.bob.public().clone(), "Bob");
    for part in data.chunks(96) {
        if let Ok(body) = body::decode::<Body>(part) {
            hand_in(&mut log, body);
        }
        let Some((choice, rest)) = part.split_first() else {
            continue;
        };
        let number = |at: usize| u64::from(rest.get(at).copied().unwrap_or(0));
        let content = match choice % 4 {
            0 => Content::Message {
                text: String::from_utf8_lossy(rest).into_owned(),
            },
            1 => Content::Admitted(body::MemberEntry {
                identity: if number(0) % 2 == 0 {
                    world.ada.public().as_der().to_vec()
                } else {
                    rest.to_vec()
                },
                name: "Ada".to_owned(),
                seq: number(1),
                last: [number(2) as u8; 32],
            }),
            2 => Content::Departed {
                member: world.ada.fingerprint(),
                reason: cipher_room::protocol::DepartureReason::Goodbye,
            },
            _ => Content::Message {
                text: "hello".to_owned(),
            },
        };
        let author = if choice & 4 == 0 { &world.bob } else { &world.ada };
        let event = RoomEvent {
            room: [7; 32],
            author: author.fingerprint(),
            seq: number(3),
            prev: log.chain_of(&author.fingerprint()).last,
            seen: number(4),
            seen_head: log.head(),
            time_ms: number(5),
            content,
        };
        let bytes = body::encode(&event);
        let signature = Signature {
            rsa: vec![number(6) as u8; 384],
            index: number(7) as u8,
            size: number(8) as u8,
            path: vec![[number(9) as u8; 32]; (number(10) % 7) as usize],
        };
        let n = log.n() + 1 + number(11) % 2;
        let taken = log.receive(Entry {
            n,
            event: bytes.clone(),
            signature: signature.clone(),
        });
        assert!(taken.is_err(), "nobody signed it");
        assert!(host_log.append(&author.fingerprint(), bytes, signature).is_err());
    }
    assert_eq!(host_log.n(), 0);
}

/// Invitations and addresses: what reads reads back.
pub fn invitations(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(invite) = text.parse::<Invite>() {
        let again: Invite = invite.to_string().parse().expect("what we write we can read");
        assert_eq!(again.to_string(), invite.to_string());
        assert_eq!(again.endpoints, invite.endpoints);
    }
    if let Ok(endpoint) = text.parse::<Endpoint>() {
        let again: Endpoint = endpoint.to_string().parse().expect("what we write we can read");
        assert_eq!(again, endpoint);
    }
    let _ = text.parse::<JoinTarget>();
}

/// Contact cards: what reads reads back, and one changed character is seen.
pub fn cards(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(card) = text.parse::<ContactCard>() {
        assert_eq!(card.to_string().parse::<ContactCard>().as_ref(), Ok(&card));
    }
}

/// Challenges, from files and out of messages: what is written of one that was read is read alike.
pub fn challenges(data: &[u8]) {
    if let Ok(challenge) = Challenge::parse(&String::from_utf8_lossy(data)) {
        let text = challenge.to_text();
        let again = Challenge::parse(&text).expect("what we write we can read");
        assert_eq!(again.to_text(), text);
    }
}

fn challenge_seeds() -> Vec<Vec<u8>> {
    let spec = ciphers::find("caesar").expect("it is in the list");
    let draft = Draft {
        title: "Salad".to_owned(),
        author: "Julius".to_owned(),
        plaintext: "Gaul as a whole is divided into three parts".to_owned(),
        tell_cipher: true,
        hints: vec!["Three".to_owned()],
    };
    let challenge = Challenge::make(&draft, Level::Fair, spec, &spec.sample_key(), [7; 16]);
    vec![challenge.expect("a right draft").to_text().into_bytes()]
}

/// Keys from files and from peers: PEM and DER.
pub fn keys(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = Identity::from_pem(&text);
    let _ = WrapKey::from_pem(&text);
    if let Ok(identity) = PublicIdentity::from_der(data) {
        assert_eq!(identity.as_der(), data, "a key has one encoding only");
        assert_eq!(identity.fingerprint(), Fingerprint::of_der(data));
    }
    if let Ok(key) = PublicWrapKey::from_der(data) {
        assert_eq!(key.as_der(), data);
    }
}

fn hand_in(log: &mut RoomLog, body: Body) {
    match body {
        Body::Roster(roster) => drop(log.take_roster(roster)),
        Body::Entry(entry) => drop(log.receive(entry)),
        Body::Head(head) => drop(log.receive_head(&head)),
        _ => {}
    }
}

/// Seals a script of frames, `kind, length in two bytes, text`, and feeds it to a connection in pieces.
fn feed(mut connection: Connection, mut key: SealingKey, data: &[u8], start: Instant) {
    const KINDS: [FrameKind; 7] = [
        FrameKind::Data,
        FrameKind::KeyUpdate,
        FrameKind::RekeyOffer,
        FrameKind::RekeyAnswer,
        FrameKind::RekeyDone,
        FrameKind::Close,
        FrameKind::GuestProof,
    ];
    let mut rng = Fixed::new(b"records");
    let mut now = start;
    let mut rest = data;
    let mut had_error = false;
    while let Some((head, behind)) = rest.split_first_chunk::<3>() {
        let kind = KINDS[usize::from(head[0]) % KINDS.len()];
        let len = usize::from(u16::from_be_bytes([head[1], head[2]])).min(behind.len());
        let (text, after) = behind.split_at(len);
        rest = after;
        now += Duration::from_secs(u64::from(head[0] / 7));
        let mut wire = seal_alone_bytes(kind, &mut key, text);
        if head[0] == 255 {
            // Not sealed at all.
            wire = text.to_vec();
        }
        for piece in wire.chunks(usize::from(head[2]).max(1)) {
            let outcome = connection.handle_input(piece, now, &mut rng);
            had_error |= outcome.is_err();
        }
        connection.handle_timeout(now, &mut rng);
        while let Some(output) = connection.poll_output() {
            match output {
                Output::Received(text) => {
                    assert!(text.len() <= MAX_RECORD_BYTES);
                    assert!(kind == FrameKind::Data || had_error);
                }
                Output::PeerClosed => assert_eq!(kind, FrameKind::Close),
                Output::Transmit(_) => {}
            }
        }
        if had_error {
            return;
        }
    }
    let _ = connection.send(b"after all that");
    connection.close();
}

// What follows is a whole handshake, made once with fixed randomness, and its secrets as each side has
// them: what a hostile peer works with.

const ADA: &str = include_str!("../../tests/keys/ada.pem");
const BOB: &str = include_str!("../../tests/keys/bob.pem");
const ADA_WRAP: &str = include_str!("../../tests/keys/ada-wrap.pem");
const PSK: [u8; 32] = [9; 32];

struct World {
    ada: Identity,
    bob: Identity,
    wrap: WrapKey,
    host_signature: Signature,
    guest_signature: Signature,
    m1: Frame,
    m2: Frame,
    m3: Frame,
    m3_text: Vec<u8>,
    m4: Frame,
    wrapped: Vec<u8>,
    m5: Frame,
    th1: Digest,
    th6: Digest,
    roster: Roster,
    start: Instant,
}

impl World {
    fn get() -> &'static World {
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
        let hs = handshake_secret(&m1);
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
            .append(&bob.fingerprint(), event, signature)
            .expect("our own event");
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
            roster,
            start: Instant::now(),
            m1,
            ada,
            bob,
            wrap,
        }
    }

    fn handshake(&self) -> HandshakeSecret {
        handshake_secret(&self.m1)
    }

    fn master(&self) -> MasterSecret {
        self.handshake().mix(&Secret::generate(&mut Fixed::new(b"admit")))
    }

    fn m2_text(&self) -> Vec<u8> {
        let clear = clear_fields_of(&self.m2.body);
        let mut fields = FieldReader::new(&self.m2.body[clear.len()..]);
        let mut text = fields.take(16 * 1024).expect("the sealed field").to_vec();
        OpeningKey::new(&self.handshake().host_traffic(&self.th1))
            .open(&self.m2.header(), &mut text)
            .expect("our own");
        text
    }

    fn welcome_text(&self) -> Vec<u8> {
        let mut fields = FieldReader::new(&self.m4.body);
        fields.take(16 * 1024).expect("the wrap");
        let mut text = fields.take(16 * 1024).expect("the welcome").to_vec();
        OpeningKey::new(&self.master().host_traffic(&self.th6))
            .open(&self.m4.header(), &mut text)
            .expect("our own");
        text
    }

    fn m5_text(&self) -> Vec<u8> {
        let mut text = self.m5.body.clone();
        OpeningKey::new(&self.master().guest_traffic(&self.th6))
            .open(&self.m5.header(), &mut text)
            .expect("our own");
        text
    }

    /// The host's handshake key after M2 has used its first counter.
    fn host_key_behind_m2(&self) -> SealingKey {
        let mut key = SealingKey::new(&self.handshake().host_traffic(&self.th1));
        key.seal(b"", &mut Vec::new());
        key
    }

    fn await_proof(&self) -> AwaitProof {
        sign_hello(&self.m1).signed(&self.host_signature).0
    }

    fn await_welcome(&self) -> AwaitWelcome {
        let (state, _) = AwaitHost::start(guest_hello(), &mut Fixed::new(b"guest"));
        let state = state.receive(self.m2.clone()).expect("the genuine M2");
        state.signed(&self.guest_signature).0
    }

    fn await_confirmation(&self) -> AwaitConfirmation {
        let admitting = self
            .await_proof()
            .receive(self.m3.clone())
            .expect("the genuine M3");
        admitting.admit(&mut Fixed::new(b"admit")).expect("a good key").0
    }

    fn at_host(&self) -> Established {
        self.await_confirmation()
            .receive(self.m5.clone())
            .expect("the genuine M5")
    }

    fn at_guest(&self) -> Established {
        self.await_welcome()
            .receive(self.m4.clone(), &self.wrap, &mut Fixed::new(b"unwrap"))
            .expect("the genuine M4")
            .0
    }
}

fn guest_hello() -> GuestHello {
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

fn host_hello() -> HostHello {
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

fn invite() -> InviteSecret {
    InviteSecret {
        secret: Secret::new(PSK),
        expires_unix: None,
    }
}

fn sign_hello(m1: &Frame) -> SignHello {
    let hello = InvitedHello::check(m1, &[invite()], 0).expect("the genuine M1");
    hello
        .answer(&host_hello(), &mut Fixed::new(b"host"))
        .expect("good shares")
}

/// HS, as the host computes it: it draws the same bytes again.
fn handshake_secret(m1: &Frame) -> HandshakeSecret {
    let mut fields = FieldReader::new(&m1.body);
    let mut next = || fields.take(16 * 1024).expect("six fields");
    let (_, _) = (next(), next());
    let offer = OfferPublic {
        x25519: next().try_into().expect("32 bytes"),
        ml_kem: next().to_vec(),
    };
    let (_, hybrid) = answer(&offer, &mut Fixed::new(b"host")).expect("good shares");
    EarlySecret::new(&Secret::new(PSK)).mix(&hybrid)
}

/// Puts the proof of the invitation behind the beginning of an M1.
fn with_proof(mut body: Vec<u8>) -> Vec<u8> {
    let key = cipher_room::crypto::invite_mac_key(&Secret::new(PSK));
    let proof = cipher_room::crypto::mac(&key, &body);
    body.extend(FieldWriter::default().put(&proof).into_bytes());
    body
}

/// The three fields in clear at the beginning of an M2.
fn clear_fields_of(body: &[u8]) -> &[u8] {
    let mut fields = FieldReader::new(body);
    for _ in 0..3 {
        fields.take(16 * 1024).expect("three fields in clear");
    }
    let clear = body.len() - fields.rest().len();
    &body[..clear]
}

/// The first byte chooses a form; what it is filled with stays below the limit of a handshake frame.
fn form_of(data: &[u8]) -> (u8, &[u8]) {
    let (form, rest) = data.split_first().map_or((0, data), |(form, rest)| (*form, rest));
    (form, &rest[..rest.len().min(12_000)])
}

/// Writes `data[2..]` over the bytes at the place that its first two bytes name.
fn overwrite(bytes: &mut [u8], data: &[u8]) {
    let Some((place, new)) = data.split_first_chunk::<2>() else {
        return;
    };
    let place = usize::from(u16::from_be_bytes(*place)) % bytes.len().max(1);
    for (old, new) in bytes.iter_mut().skip(place).zip(new) {
        *old = *new;
    }
}

fn framed(kind: FrameKind, body: &[u8]) -> Frame {
    Frame {
        kind,
        body: body.to_vec(),
    }
}

fn frame_of(bytes: &[u8]) -> Frame {
    let mut buffer = FrameBuffer::default();
    buffer.push(bytes);
    buffer.next_frame().expect("a good frame").expect("a whole frame")
}

fn seal_alone(kind: FrameKind, key: &mut SealingKey, text: &[u8]) -> Frame {
    let mut body = text.to_vec();
    key.seal(&kind.header(text.len() + TAG_BYTES), &mut body);
    Frame { kind, body }
}

fn seal_alone_bytes(kind: FrameKind, key: &mut SealingKey, text: &[u8]) -> Vec<u8> {
    let frame = seal_alone(kind, key, text);
    kind.frame(&frame.body)
}

fn seal_behind(kind: FrameKind, clear: &[u8], key: &mut SealingKey, text: &[u8]) -> Frame {
    let header = kind.header(clear.len() + 2 + text.len() + TAG_BYTES);
    let mut sealed = text.to_vec();
    key.seal(&header, &mut sealed);
    let field = FieldWriter::default().put(&sealed).into_bytes();
    framed(kind, &[clear, &field].concat())
}

/// Randomness that anybody can repeat.
struct Fixed {
    seed: &'static [u8],
    count: u64,
}

impl Fixed {
    fn new(seed: &'static [u8]) -> Fixed {
        Fixed { seed, count: 0 }
    }
}

impl TryRng for Fixed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
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
