//! Entry points that meet foreign bytes, one for each decoder: the fuzz targets and `tests/foreign_bytes.rs`
//! run the same ones.
//!
//! A peer is the worst stranger, because it holds the keys: so the sealed messages of the handshake and
//! the records are entered with any text, *rightly sealed*. An entry must not panic, whatever it is given;
//! what else it promises, it asserts. Randomness is fixed, so that a finding can be repeated.

mod bodies;
mod card_pictures;
mod disk;
mod inspection;
mod open_room;
mod private_pieces;
mod records;
mod resumption;
mod room_log;
mod world;

use cipher_room::ciphers;
use cipher_room::crypto::{
    Fingerprint, Identity, PublicIdentity, PublicWrapKey, SealingKey, Secret, TAG_BYTES, WrapKey,
};
use cipher_room::lab::challenge::{Challenge, Draft, Level};
use cipher_room::protocol::handshake::{AwaitHost, Established, InvitedHello};
use cipher_room::protocol::wire::{FieldWriter, Frame, FrameBuffer, FrameKind, HEADER_BYTES};
use cipher_room::protocol::{ContactCard, Endpoint, Invite, JoinTarget};

use self::world::{
    ADA, ADA_WRAP, CEM, Fixed, PSK, World, clear_fields_of, form_of, frame_of, framed, guest_hello,
    host_hello, invite, overwrite, parts_of, script, seal_alone, seal_alone_bytes, seal_behind, with_proof,
};

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
    ("records_to_host", records::records_to_host),
    ("records_to_guest", records::records_to_guest),
    ("bodies", bodies::bodies),
    ("room_log", room_log::room_log),
    ("invitations", invitations),
    ("keys", keys),
    ("resumption", resumption::resumption),
    ("cards", cards),
    ("challenges", challenges),
    ("imported_keys", disk::imported_keys),
    ("profile_files", disk::profile_files),
    ("backups", disk::backups),
    ("kept_rows", disk::kept_rows),
    ("card_pictures", card_pictures::card_pictures),
    ("private_pieces", private_pieces::private_pieces),
    ("inspection", inspection::inspection),
];

#[allow(
    unused_imports,
    reason = "each fuzz target names one; tests take them from the list"
)]
pub use disk::{backups, imported_keys, kept_rows, profile_files};
#[allow(unused_imports, reason = "as above")]
pub use {
    bodies::bodies, card_pictures::card_pictures, inspection::inspection, private_pieces::private_pieces,
    records::records_to_guest, records::records_to_host, resumption::resumption, room_log::room_log,
};

/// What each target begins with: the genuine bytes in the form that the entry point takes them in.
pub fn seeds(name: &str) -> Vec<Vec<u8>> {
    let world = World::get();
    let with_form = |form: u8, data: &[u8]| [&[form], data].concat();
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
        ]
        .into_iter()
        .chain(open_room::hello_seeds().iter().map(|seed| with_form(3, seed)))
        .collect(),
        "m2" => vec![
            with_form(0, &world.m2.body),
            with_form(1, &world.m2_text()),
            with_form(2, &[4, 0, 9]),
            with_form(3, &[5]),
        ]
        .into_iter()
        .chain((4..).zip(open_room::answer_seeds()).flat_map(|(form, seeds)| {
            let with_form = move |seed: Vec<u8>| [&[form], &seed[..]].concat();
            seeds.into_iter().map(with_form)
        }))
        .collect(),
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
            with_form(4, &[0, 0]),
            with_form(4, &[0, 0, 0, 0]),
            with_form(4, &[1, 4, 9, 9, 9, 9]),
            with_form(4, &[0, 1, 7]),
        ],
        "m5" => vec![with_form(0, &world.m5.body), with_form(1, &world.m5_text())],
        "records_to_host" => records::host_seeds(),
        "records_to_guest" => records::guest_seeds(),
        "bodies" => bodies::seeds(),
        "room_log" => room_log::seeds(),
        "invitations" => invitation_seeds(),
        "keys" => key_seeds(),
        "resumption" => resumption::seeds(),
        "cards" => card_seeds(),
        "challenges" => challenge_seeds(),
        "imported_keys" => disk::imported_key_seeds(),
        "profile_files" => disk::profile_file_seeds(),
        "backups" => disk::backup_seeds(),
        "kept_rows" => disk::kept_row_seeds(),
        "card_pictures" => card_pictures::seeds(),
        "private_pieces" => private_pieces::seeds(),
        "inspection" => inspection::seeds(),
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
    let body = match form % 4 {
        0 => data.to_vec(),
        // Right up to the proof, which is right for what stands there: the sender holds the invitation.
        1 => {
            let offered = FieldWriter::default()
                .put(b"CR/1")
                .put(b"RSA3072-PSS-OAEP+X25519+MLKEM768+AES256GCM+SHA256");
            with_proof([&offered.into_bytes()[..], data].concat(), &Secret::new(PSK))
        }
        2 => {
            let mut body = world.m1.body.clone();
            overwrite(&mut body, data);
            body.truncate(world.m1.body.len() - 34);
            with_proof(body, &Secret::new(PSK))
        }
        _ => return open_room::knocked(data),
    };
    let frame = Frame {
        kind: FrameKind::GuestHello,
        body,
    };
    let is_genuine = frame == world.m1;
    let hello = InvitedHello::check(&frame, &[invite()], 0);
    assert!(hello.is_ok() || !is_genuine);
    if let Ok(hello) = hello {
        assert!(!hello.came_uninvited());
        let _ = hello.answer(&host_hello(), &mut Fixed::new(b"host"));
    }
}

/// M2 as a host can send it, with any text under the right key.
pub fn m2(data: &[u8]) {
    let world = World::get();
    let (form, data) = form_of(data);
    let (state, _) = AwaitHost::start(guest_hello(), &mut Fixed::new(b"guest"));
    let frame = match form % 6 {
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
        3 => framed(FrameKind::Refusal, data),
        4 => return open_room::answered(data),
        _ => return open_room::answered_with_room(data),
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

/// M4 as a host can send it, at once or after it has said that it asks somebody.
pub fn m4(data: &[u8]) {
    let world = World::get();
    let (form, data) = form_of(data);
    let frame = match form % 5 {
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
        2 => world.m4_with(&mut world.host_key_behind_m2(), data),
        3 => seal_alone(FrameKind::SealedRefusal, &mut world.host_key_behind_m2(), data),
        _ => return m4_after_asking(data),
    };
    let is_genuine = frame == world.m4;
    // A host may call itself what it likes; only its confirmation must be right.
    let is_other_welcome = form % 5 == 2 && data.get(..34) == world.welcome_text().get(..34);
    let mut state = world.await_welcome();
    assert_eq!(state.is_asking(&frame).ok(), Some(false));
    let outcome = state.receive(frame, &world.wrap, &mut Fixed::new(b"unwrap"));
    assert!(outcome.is_ok() || !is_genuine);
    assert!(outcome.is_err() || is_genuine || is_other_welcome);
}

/// Frames that say that somebody is asked, `sealed or not, length, text`, and then the genuine welcome.
fn m4_after_asking(data: &[u8]) {
    let world = World::get();
    let mut state = world.await_welcome();
    let mut key = world.host_key_behind_m2();
    let (mut rest, mut asked) = (data, false);
    while let Some((head, behind)) = rest.split_first_chunk::<2>() {
        let (text, after) = behind.split_at(usize::from(head[1]).min(behind.len()));
        rest = after;
        let is_sealed = head[0] % 2 == 0;
        let frame = if is_sealed {
            seal_alone(FrameKind::Asking, &mut key, text)
        } else {
            framed(FrameKind::Asking, text)
        };
        let outcome = state.is_asking(&frame).ok();
        // It says so once, and says nothing with it.
        assert_eq!(outcome, (is_sealed && text.is_empty() && !asked).then_some(true));
        if outcome.is_none() {
            return;
        }
        asked = true;
    }
    let frame = world.m4_with(&mut key, &world.welcome_text());
    let outcome = state.receive(frame, &world.wrap, &mut Fixed::new(b"unwrap"));
    assert!(outcome.is_ok(), "a welcome comes after the question too");
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

fn invitation_seeds() -> Vec<Vec<u8>> {
    let invite = Invite {
        endpoints: vec!["192.0.2.1:4747".parse().expect("an address")],
        room: "Den".to_owned(),
        host: World::get().bob.fingerprint(),
        secret: Secret::new(PSK),
        expires_unix: Some(2_000_000_000),
    };
    let invite = invite.to_string();
    assert!(invite.parse::<Invite>().is_ok());
    let addresses = ["192.168.1.20:4747", "[::1]:4747"];
    assert!(
        addresses
            .iter()
            .all(|address| address.parse::<Endpoint>().is_ok())
    );
    let texts = addresses.map(str::to_owned).into_iter().chain([invite]);
    texts.map(String::into_bytes).collect()
}

/// Contact cards: what reads reads back, and one changed character is seen.
pub fn cards(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(card) = text.parse::<ContactCard>() {
        assert_eq!(card.to_string().parse::<ContactCard>().as_ref(), Ok(&card));
    }
}

fn card_seeds() -> Vec<Vec<u8>> {
    let card = ContactCard {
        name: "Ada Lövelace".to_owned(),
        fingerprint: World::get().ada.fingerprint(),
    };
    let card = card.to_string();
    assert!(card.parse::<ContactCard>().is_ok());
    vec![card.into_bytes(), b"cipher-room-contact:Ada#00".to_vec()]
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
    let text = challenge.expect("a right draft").to_text();
    assert!(Challenge::parse(&text).is_ok());
    vec![text.into_bytes()]
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

fn key_seeds() -> Vec<Vec<u8>> {
    let der = World::get().ada.public().as_der();
    let wrap = World::get().wrap.public().as_der();
    assert!(Identity::from_pem(ADA).is_ok() && WrapKey::from_pem(ADA_WRAP).is_ok());
    assert!(PublicIdentity::from_der(der).is_ok() && PublicWrapKey::from_der(wrap).is_ok());
    vec![
        ADA.as_bytes().to_vec(),
        der.to_vec(),
        b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n".to_vec(),
        ADA_WRAP.as_bytes().to_vec(),
        wrap.to_vec(),
    ]
}
