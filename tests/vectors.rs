//! The worked example of `docs/protocol.md`: a handshake with fixed randomness, recomputed from the
//! page with nothing but the primitives, and kept in `tests/vectors/worked_example.json`.
//!
//! `UPDATE_VECTORS=1 cargo test --test vectors` writes the file anew.

use std::convert::Infallible;
use std::time::Instant;

use cipher_room::crypto::{Digest, Identity, Secret, Signature, Statement, WrapKey, sign_batch};
use cipher_room::protocol::body::{self, Body, Entry, RoomDescriptor, SignedHead, Standing, Submit, Welcome};
use cipher_room::protocol::handshake::{
    Agreed, AwaitHost, AwaitResumed, GuestHello, HostHello, InviteSecret, InvitedHello, ResumeHello,
};
use cipher_room::protocol::limits::REKEY_INTERVAL;
use cipher_room::protocol::wire::{Frame, FrameBuffer};
use cipher_room::protocol::{Connection, Content, Endpoint, Invite, Output, OwnChain, RoomLog};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use rand::rand_core::utils::next_word_via_fill;
use rand::{TryCryptoRng, TryRng};
use rsa::pkcs8::DecodePrivateKey;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

const ADA: &str = include_str!("keys/ada.pem");
const ADA_WRAP: &str = include_str!("keys/ada-wrap.pem");
const BOB: &str = include_str!("keys/bob.pem");
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/worked_example.json");

/// Randomness that anybody can repeat, and a note of what was drawn.
struct Fixed {
    seed: &'static str,
    count: u64,
    drawn: Vec<Vec<u8>>,
}

impl Fixed {
    fn new(seed: &'static str) -> Fixed {
        Fixed {
            seed,
            count: 0,
            drawn: Vec::new(),
        }
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
        self.drawn.push(out.to_vec());
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn frame(bytes: &[u8]) -> Frame {
    let mut buffer = FrameBuffer::default();
    buffer.push(bytes);
    buffer.next_frame().unwrap().unwrap()
}

fn sign(identity: &Identity, statement: &Statement, rng: &mut Fixed) -> Signature {
    sign_batch(identity, std::slice::from_ref(statement), rng)
        .unwrap()
        .remove(0)
}

// What follows is written from the page, not with the crate: `H`, `E`, `X`, fields, sealed parts.

fn labelled(label: &str, fields: &[&[u8]]) -> Vec<u8> {
    let label = format!("CR/1 {label}");
    let mut bytes = vec![label.len() as u8];
    bytes.extend(label.as_bytes());
    for field in fields {
        bytes.extend((field.len() as u32).to_be_bytes());
        bytes.extend(*field);
    }
    bytes
}

fn h(label: &str, fields: &[&[u8]]) -> Digest {
    Sha256::digest(labelled(label, fields)).into()
}

fn x(salt: &[u8], input: &[u8]) -> Digest {
    Hkdf::<Sha256>::extract(Some(salt), input).0.into()
}

fn e(key: &[u8], label: &str, context: &[u8], len: usize) -> Vec<u8> {
    let label = format!("CR/1 {label}");
    let mut info = (len as u16).to_be_bytes().to_vec();
    info.push(label.len() as u8);
    info.extend(label.as_bytes());
    info.push(context.len() as u8);
    info.extend(context);
    let mut out = vec![0; len];
    Hkdf::<Sha256>::from_prk(key)
        .unwrap()
        .expand(&info, &mut out)
        .unwrap();
    out
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn field(value: &[u8]) -> Vec<u8> {
    let mut bytes = (value.len() as u16).to_be_bytes().to_vec();
    bytes.extend(value);
    bytes
}

fn fields(body: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = body;
    let mut all = Vec::new();
    while let Some((len, behind)) = rest.split_first_chunk::<2>() {
        let (value, after) = behind.split_at(usize::from(u16::from_be_bytes(*len)));
        all.push(value.to_vec());
        rest = after;
    }
    assert!(rest.is_empty());
    all
}

fn open(secret: &[u8], counter: u64, header: &[u8], sealed: &[u8]) -> Vec<u8> {
    use aes_gcm::aead::{Aead, KeyInit, Payload};
    let cipher = aes_gcm::Aes256Gcm::new_from_slice(&e(secret, "key", b"", 32)).unwrap();
    let mut nonce: [u8; 12] = e(secret, "iv", b"", 12).try_into().unwrap();
    for (byte, count) in nonce[4..].iter_mut().zip(counter.to_be_bytes()) {
        *byte ^= count;
    }
    cipher
        .decrypt(
            &nonce.into(),
            Payload {
                msg: sealed,
                aad: header,
            },
        )
        .unwrap()
}

/// The session of the example resumed once: by the crate, and from the page.
fn resume(guest: &Agreed, host: &Agreed, ms: &[u8], th6: &[u8], now: Instant) -> Value {
    let (rs, id) = (e(ms, "resume", th6, 32), e(ms, "resume id", th6, 16));
    let (mut guest_rng, mut host_rng) = (Fixed::new("resuming guest"), Fixed::new("resuming host"));
    let standing = Standing { n: 2, head: [7; 32] };
    let welcome = Welcome {
        host_name: "Bob".to_owned(),
    };
    let (guest, r1) = AwaitResumed::start(guest.session(now), &mut guest_rng);
    let hello = ResumeHello::parse(&frame(&r1)).unwrap();
    assert_eq!(hello.id()[..], id);
    let proven = hello.check(host.session(now), now).unwrap();
    let (host, r2) = proven.answer(&welcome, &mut host_rng).unwrap();
    let (_, r3) = guest.receive(frame(&r2), standing).unwrap();
    host.receive(frame(&r3)).unwrap();

    let r1_fields = fields(&r1[5..]);
    assert_eq!(r1_fields.len(), 7);
    assert_eq!((&r1_fields[0][..], &r1_fields[2][..]), (&b"CR/1"[..], &id[..]));
    let mac_start = r1.len() - 34;
    assert_eq!(
        r1_fields[6],
        hmac(&e(&rs, "resume mac", b"", 32), &r1[5..mac_start])
    );
    let r2_fields = fields(&r2[5..]);
    let x25519 = x25519_dalek::StaticSecret::from(<[u8; 32]>::try_from(&guest_rng.drawn[1][..]).unwrap());
    let theirs = x25519_dalek::PublicKey::from(<[u8; 32]>::try_from(&r2_fields[0][..]).unwrap());
    let x25519_secret = x25519.diffie_hellman(&theirs).to_bytes();
    let seed: [u8; 64] = [&guest_rng.drawn[2][..], &guest_rng.drawn[3]]
        .concat()
        .try_into()
        .unwrap();
    let kem = ml_kem::DecapsulationKey768::from_seed(seed.into());
    let kem_secret = ml_kem::Decapsulate::decapsulate_slice(&kem, &r2_fields[1]).unwrap();
    let mut transcript = vec![8];
    transcript.extend(&r1[5..]);
    transcript.push(9);
    r2_fields[..3]
        .iter()
        .for_each(|value| transcript.extend(field(value)));
    let thq: Digest = Sha256::digest(&transcript).into();
    let es = x(&[0; 32], &rs);
    let hs = x(
        &e(&es, "derived", b"", 32),
        &[&kem_secret[..], &x25519_secret].concat(),
    );
    let ms = x(&e(&hs, "derived", b"", 32), &[0; 32]);
    let (host_ap, guest_ap) = (e(&ms, "h ap", &thq, 32), e(&ms, "g ap", &thq, 32));
    let r2_text = open(&host_ap, 0, &r2[..5], &r2_fields[3]);
    let r2_inner = fields(&r2_text);
    assert_eq!(r2_inner[0], hmac(&e(&ms, "h fin2", b"", 32), &thq));
    assert_eq!(body::decode::<Welcome>(&r2_inner[1]), Ok(welcome));
    let r3_text = open(&guest_ap, 0, &r3[..5], &r3[5..]);
    let r3_inner = fields(&r3_text);
    assert_eq!(r3_inner[0], hmac(&e(&ms, "g fin2", b"", 32), &thq));
    assert_eq!(body::decode::<Standing>(&r3_inner[1]), Ok(standing));
    let texts = |values: &[(&str, &[u8])]| -> Value {
        let pairs = values
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), Value::from(hex(bytes))));
        pairs.collect::<Map<_, _>>().into()
    };
    texts(&[
        ("RS", &rs),
        ("id", &id),
        ("nG", &guest_rng.drawn[0]),
        ("guest_x25519_private", &guest_rng.drawn[1]),
        ("guest_mlkem_seed", &seed),
        ("host_x25519_private", &host_rng.drawn[0]),
        ("host_mlkem_m", &host_rng.drawn[1]),
        ("nH", &r2_fields[2]),
        ("R1", &r1),
        ("R2", &r2),
        ("R3", &r3),
        ("R2_sealed", &r2_text),
        ("R3_sealed", &r3_text),
        ("mlkem_secret", &kem_secret),
        ("x25519_secret", &x25519_secret),
        ("ES", &es),
        ("HS", &hs),
        ("thQ", &thq),
        ("MS", &ms),
        ("host_application_secret", &host_ap),
        ("guest_application_secret", &guest_ap),
        ("next_RS", &e(&ms, "resume", &thq, 32)),
        ("next_id", &e(&ms, "resume id", &thq, 16)),
    ])
}

#[test]
fn the_worked_example_follows_from_the_page_and_stays_the_same() {
    let (ada, bob) = (Identity::from_pem(ADA).unwrap(), Identity::from_pem(BOB).unwrap());
    let wrap = WrapKey::from_pem(ADA_WRAP).unwrap();
    let psk: [u8; 32] = Sha256::digest(b"worked example: invite secret").into();
    let room = RoomDescriptor {
        id: Sha256::digest(b"worked example: room").into(),
        name: "Den".to_owned(),
    };
    let welcome = Welcome {
        host_name: "Bob".to_owned(),
    };
    let (mut guest_rng, mut host_rng) = (Fixed::new("guest"), Fixed::new("host"));
    let mut signing_rng = Fixed::new("signing");

    // The handshake by the crate.
    let hello = GuestHello {
        invite: Secret::new(psk),
        pinned: Some(bob.fingerprint()),
        identity: ada.public().clone(),
        wrap: wrap.public().clone(),
        name: "Ada".to_owned(),
    };
    let (guest, m1) = AwaitHost::start(hello, &mut guest_rng);
    let invites = [InviteSecret {
        secret: Secret::new(psk),
        expires_unix: None,
    }];
    let host_hello = HostHello {
        identity: bob.public().clone(),
        room: room.clone(),
        welcome: welcome.clone(),
    };
    let host = InvitedHello::check(&frame(&m1), &invites, 0)
        .unwrap()
        .answer(&host_hello, &mut host_rng)
        .unwrap();
    let host_statement = host.statement();
    let (host, m2) = host.signed(&sign(&bob, &host_statement, &mut signing_rng));
    let guest = guest.receive(frame(&m2)).unwrap();
    let guest_statement = guest.statement();
    let (guest, m3) = guest.signed(&sign(&ada, &guest_statement, &mut signing_rng));
    let (host, m4) = host.receive(frame(&m3)).unwrap().admit(&mut host_rng).unwrap();
    let (guest, m5) = guest.receive(frame(&m4), &wrap, &mut guest_rng).unwrap();
    let host = host.receive(frame(&m5)).unwrap();

    // The same from the page.
    let m1_fields = fields(&m1[5..]);
    assert_eq!(m1_fields.len(), 6);
    let mac_start = m1.len() - 34;
    assert_eq!(
        m1_fields[5],
        hmac(&e(&psk, "invite mac", b"", 32), &m1[5..mac_start])
    );
    let guest_nonce = guest_rng.drawn[0].clone();
    assert_eq!(m1_fields[4], h("commit", &[&guest_nonce, ada.public().as_der()]));

    let m2_fields = fields(&m2[5..]);
    let x25519_guest =
        x25519_dalek::StaticSecret::from(<[u8; 32]>::try_from(&guest_rng.drawn[1][..]).unwrap());
    let x25519_host = x25519_dalek::PublicKey::from(<[u8; 32]>::try_from(&m2_fields[0][..]).unwrap());
    let x25519_secret = x25519_guest.diffie_hellman(&x25519_host).to_bytes();
    let seed: [u8; 64] = [&guest_rng.drawn[2][..], &guest_rng.drawn[3]]
        .concat()
        .try_into()
        .unwrap();
    let kem = ml_kem::DecapsulationKey768::from_seed(seed.into());
    let kem_secret = ml_kem::Decapsulate::decapsulate_slice(&kem, &m2_fields[1]).unwrap();

    let mut transcript = vec![1];
    transcript.extend(&m1[5..]);
    transcript.push(2);
    m2_fields[..3]
        .iter()
        .for_each(|value| transcript.extend(field(value)));
    let th_keys: Digest = Sha256::digest(&transcript).into();
    let es = x(&[0; 32], &psk);
    let hs = x(
        &e(&es, "derived", b"", 32),
        &[&kem_secret[..], &x25519_secret].concat(),
    );
    let host_hs = e(&hs, "h hs", &th_keys, 32);
    let guest_hs = e(&hs, "g hs", &th_keys, 32);

    let m2_text = open(&host_hs, 0, &m2[..5], &m2_fields[3]);
    let m2_inner = fields(&m2_text);
    assert_eq!(m2_inner[0], bob.public().as_der());
    assert_eq!(body::decode::<RoomDescriptor>(&m2_inner[1]), Ok(room.clone()));
    m2_inner[..2]
        .iter()
        .for_each(|value| transcript.extend(field(value)));
    let th2: Digest = Sha256::digest(&transcript).into();
    assert_eq!(host_statement.as_bytes(), labelled("sign host", &[&th2]));
    transcript.extend(field(&m2_inner[2]));
    assert_eq!(
        m2_inner[3],
        hmac(&e(&hs, "h fin", b"", 32), &Sha256::digest(&transcript))
    );
    transcript.extend(field(&m2_inner[3]));

    let m3_inner = fields(&open(&guest_hs, 0, &m3[..5], &m3[5..]));
    transcript.push(3);
    m3_inner[..4]
        .iter()
        .for_each(|value| transcript.extend(field(value)));
    let th4: Digest = Sha256::digest(&transcript).into();
    assert_eq!(guest_statement.as_bytes(), labelled("sign guest", &[&th4]));
    transcript.extend(field(&m3_inner[4]));
    assert_eq!(
        m3_inner[5],
        hmac(&e(&hs, "g fin", b"", 32), &Sha256::digest(&transcript))
    );
    transcript.extend(field(&m3_inner[5]));
    let th5: Digest = Sha256::digest(&transcript).into();

    let m4_fields = fields(&m4[5..]);
    let wrapped = fields(&open(&host_hs, 1, &m4[..5], &m4_fields[0])).remove(0);
    let session = rsa::PrivateKey::from_pkcs8_pem(ADA_WRAP)
        .unwrap()
        .decrypt(rsa::Oaep::<Sha256>::new_with_label(th5.to_vec()), &wrapped)
        .unwrap();
    assert_eq!(session, host_rng.drawn[3]);
    transcript.push(4);
    transcript.extend(field(&wrapped));
    let th6: Digest = Sha256::digest(&transcript).into();
    let ms = x(&e(&hs, "derived", b"", 32), &session);
    let host_ap = e(&ms, "h ap", &th6, 32);
    let guest_ap = e(&ms, "g ap", &th6, 32);
    let m4_inner = fields(&open(&host_ap, 0, &m4[..5], &m4_fields[1]));
    assert_eq!(m4_inner[0], hmac(&e(&ms, "h fin2", b"", 32), &th6));
    assert_eq!(body::decode::<Welcome>(&m4_inner[1]), Ok(welcome));
    let m5_inner = fields(&open(&guest_ap, 0, &m5[..5], &m5[5..]));
    assert_eq!(m5_inner.len(), 2);
    assert_eq!(m5_inner[0], hmac(&e(&ms, "g fin2", b"", 32), &th6));
    // Somebody new has nothing of the log: {0: 0, 1: zeros}.
    let nothing = [&[0xa2, 0x00, 0x00, 0x01, 0x58, 0x20][..], &[0; 32]].concat();
    assert_eq!(m5_inner[1], nothing);

    let host_nonce = &m2_fields[2];
    let (ada_print, bob_print) = (ada.fingerprint(), bob.fingerprint());
    let sas_hash = h(
        "sas",
        &[
            ada_print.as_bytes(),
            bob_print.as_bytes(),
            &guest_nonce,
            host_nonce,
        ],
    );

    // Records and the room.
    let now = Instant::now();
    let (agreed, mut guest) = guest.into_connection(&[], now);
    let (host_agreed, mut host) = host.into_connection(&[], now);
    let resumption = resume(&agreed, &host_agreed, &ms, &th6, now);
    let mut log = RoomLog::create(room.id, bob.public().clone(), "Bob");
    let mut chain = OwnChain::default();
    let introduction = log.introduction(ada.public(), "Ada");
    let time = 1_767_225_600_000;
    let (admitted, statement) = chain.write(&log, bob_print, time, Content::Admitted(introduction));
    let admitted_signature = sign(&bob, &statement, &mut signing_rng);
    let appended = log
        .append(&bob_print, admitted.clone(), admitted_signature.clone())
        .unwrap();
    assert_eq!(appended.event.hash, h("event", &[&admitted]));
    assert_eq!(
        appended.head,
        h("head", &[&[0; 32], &1_u64.to_be_bytes(), &appended.event.hash])
    );

    let mut records = Vec::new();
    let mut send = |connection: &mut Connection, to: &mut Connection, body: &Body, secret: &[u8], counter| {
        let text = body::encode(body);
        connection.send(&text).unwrap();
        let Some(Output::Transmit(frame)) = connection.poll_output() else {
            panic!("nothing to transmit")
        };
        assert_eq!(open(secret, counter, &frame[..5], &frame[5..]), text);
        to.handle_input(&frame, now, &mut Fixed::new("unused")).unwrap();
        assert_eq!(to.poll_output(), Some(Output::Received(text.clone())));
        records.push(json!({"frame": hex(&frame), "text": hex(&text)}));
    };
    send(
        &mut host,
        &mut guest,
        &Body::Roster(log.roster().remove(0)),
        &host_ap,
        1,
    );
    let (said, statement) = OwnChain::default().write(
        &log,
        ada_print,
        time + 1000,
        Content::Message {
            text: "Hello, Bob ✈".to_owned(),
        },
    );
    assert_eq!(statement.as_bytes(), labelled("sign event", &[&said]));
    let said_signature = sign(&ada, &statement, &mut signing_rng);
    let submit = Submit {
        event: said.clone(),
        signature: said_signature.clone(),
    };
    send(&mut guest, &mut host, &Body::Submit(submit), &guest_ap, 1);
    let appended = log
        .append(&ada_print, said.clone(), said_signature.clone())
        .unwrap();
    let entry = Entry {
        n: 2,
        event: said.clone(),
        signature: said_signature.clone(),
    };
    send(&mut host, &mut guest, &Body::Entry(entry), &host_ap, 2);
    let statement = log.newest_head_statement();
    assert_eq!(
        statement.as_bytes(),
        labelled("sign head", &[&room.id, &2_u64.to_be_bytes(), &appended.head])
    );
    let signature = sign(&bob, &statement, &mut signing_rng);
    send(
        &mut host,
        &mut guest,
        &Body::Head(SignedHead {
            n: 2,
            head: log.head(),
            signature,
        }),
        &host_ap,
        3,
    );
    // A fresh exchange ten minutes later, and a record behind it.
    let later = now + REKEY_INTERVAL;
    let carry = |from: &mut Connection, to: &mut Connection, rng: &mut Fixed| {
        let Some(Output::Transmit(frame)) = from.poll_output() else {
            panic!("nothing to transmit")
        };
        to.handle_input(&frame, later, rng).unwrap();
        frame
    };
    let (mut offer_rng, mut answer_rng) = (Fixed::new("offer"), Fixed::new("answer"));
    guest.handle_timeout(later, &mut offer_rng);
    let offer = carry(&mut guest, &mut host, &mut answer_rng);
    let answer = carry(&mut host, &mut guest, &mut offer_rng);
    let done = carry(&mut guest, &mut host, &mut answer_rng);
    let offer_text = open(&guest_ap, 2, &offer[..5], &offer[5..]);
    let answer_text = open(&host_ap, 4, &answer[..5], &answer[5..]);
    assert_eq!(open(&guest_ap, 3, &done[..5], &done[5..]), b"");
    let answered = fields(&answer_text);
    let x25519 = x25519_dalek::StaticSecret::from(<[u8; 32]>::try_from(&offer_rng.drawn[0][..]).unwrap());
    let x25519_secret2 = x25519
        .diffie_hellman(&x25519_dalek::PublicKey::from(
            <[u8; 32]>::try_from(&answered[0][..]).unwrap(),
        ))
        .to_bytes();
    let seed2: [u8; 64] = [&offer_rng.drawn[1][..], &offer_rng.drawn[2]]
        .concat()
        .try_into()
        .unwrap();
    let kem2 = ml_kem::DecapsulationKey768::from_seed(seed2.into());
    let kem_secret2 = ml_kem::Decapsulate::decapsulate_slice(&kem2, &answered[1]).unwrap();
    let thr = h("rekey", &[&offer_text, &answer_text]);
    let rk = e(&ms, "rekey", &th6, 32);
    let ms2 = x(&rk, &[&kem_secret2[..], &x25519_secret2].concat());
    let (host_ap2, guest_ap2) = (e(&ms2, "h ap", &thr, 32), e(&ms2, "g ap", &thr, 32));
    host.send(b"after").unwrap();
    let after = carry(&mut host, &mut guest, &mut offer_rng);
    assert_eq!(open(&host_ap2, 0, &after[..5], &after[5..]), b"after");
    assert_eq!(guest.poll_output(), Some(Output::Received(b"after".to_vec())));

    guest.close();
    let Some(Output::Transmit(close)) = guest.poll_output() else {
        panic!("no goodbye")
    };
    // One submit, the offer and "done" came before.
    assert_eq!(open(&guest_ap2, 0, &close[..5], &close[5..]), 3_u64.to_be_bytes());

    // A batch of three statements under one signature.
    let statements: Vec<Statement> = ["one", "two", "three"]
        .map(|text| Statement::new("example", &[text.as_bytes()]))
        .to_vec();
    let batch = sign_batch(&ada, &statements, &mut signing_rng).unwrap();
    let batch: Vec<Value> = statements
        .iter()
        .zip(&batch)
        .map(|(statement, signature)| {
            signature.verify(ada.public(), statement).unwrap();
            json!({"statement": hex(statement.as_bytes()), "signature": hex(&body::encode(signature))})
        })
        .collect();

    let invite = Invite {
        endpoints: vec![
            Endpoint {
                host: "192.168.1.20".to_owned(),
                port: 4747,
            },
            Endpoint {
                host: "2001:db8::20".to_owned(),
                port: 4747,
            },
        ],
        room: "Den".to_owned(),
        host: bob_print,
        secret: Secret::new(psk),
        expires_unix: None,
    };
    let texts = |values: &[(&str, &[u8])]| -> Value {
        values
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), Value::from(hex(bytes))))
            .collect::<Map<_, _>>()
            .into()
    };
    let example = json!({
        "keys": {
            "guest_identity_pem": ADA, "guest_wrap_pem": ADA_WRAP, "host_identity_pem": BOB,
            "guest_fingerprint": ada_print.to_string(), "host_fingerprint": bob_print.to_string(),
        },
        "invite": invite.to_string(),
        "drawn": texts(&[
            ("psk", &psk), ("nG", &guest_nonce), ("guest_x25519_private", &guest_rng.drawn[1]),
            ("guest_mlkem_seed", &seed), ("host_x25519_private", &host_rng.drawn[0]),
            ("host_mlkem_m", &host_rng.drawn[1]), ("nH", host_nonce), ("sH", &session),
        ]),
        "frames": texts(&[("M1", &m1), ("M2", &m2), ("M3", &m3), ("M4", &m4), ("M5", &m5)]),
        "texts": texts(&[
            ("M2_sealed", &m2_text),
            ("M3_sealed", &open(&guest_hs, 0, &m3[..5], &m3[5..])),
            ("M4_wrap", &open(&host_hs, 1, &m4[..5], &m4_fields[0])),
            ("M4_welcome", &open(&host_ap, 0, &m4[..5], &m4_fields[1])),
            ("M5_sealed", &open(&guest_ap, 0, &m5[..5], &m5[5..])),
        ]),
        "schedule": texts(&[
            ("invite_mac_key", &e(&psk, "invite mac", b"", 32)), ("mlkem_secret", &kem_secret),
            ("x25519_secret", &x25519_secret), ("ES", &es), ("HS", &hs), ("th1", &th_keys), ("th2", &th2),
            ("th4", &th4), ("th5", &th5), ("th6", &th6), ("host_handshake_secret", &host_hs),
            ("guest_handshake_secret", &guest_hs), ("MS", &ms), ("host_application_secret", &host_ap),
            ("guest_application_secret", &guest_ap), ("host_application_key", &e(&host_ap, "key", b"", 32)),
            ("host_application_iv", &e(&host_ap, "iv", b"", 12)), ("rekey_secret", &e(&ms, "rekey", &th6, 32)),
            ("host_application_secret_updated", &e(&host_ap, "update", b"", 32)),
            ("host_fin_key", &e(&hs, "h fin", b"", 32)), ("guest_fin_key", &e(&hs, "g fin", b"", 32)),
            ("host_fin2_key", &e(&ms, "h fin2", b"", 32)), ("guest_fin2_key", &e(&ms, "g fin2", b"", 32)),
        ]),
        "rekey": texts(&[
            ("guest_x25519_private", &offer_rng.drawn[0]), ("guest_mlkem_seed", &seed2),
            ("host_x25519_private", &answer_rng.drawn[0]), ("host_mlkem_m", &answer_rng.drawn[1]),
            ("offer", &offer), ("offer_text", &offer_text), ("answer", &answer), ("answer_text", &answer_text),
            ("done", &done), ("mlkem_secret", &kem_secret2), ("x25519_secret", &x25519_secret2), ("thR", &thr),
            ("RK", &rk), ("MS", &ms2), ("host_application_secret", &host_ap2),
            ("guest_application_secret", &guest_ap2), ("rekey_secret", &e(&ms2, "rekey", &thr, 32)),
            ("record_after", &after),
        ]),
        "resumption": resumption,
        "sas": {"hash": hex(&sas_hash), "emoji": agreed.sas.emoji().map(|(sign, name)| format!("{sign} {name}"))},
        "records": records,
        "close": hex(&close),
        "events": [
            {"event": hex(&admitted), "hash": hex(&h("event", &[&admitted])), "signature": hex(&body::encode(&admitted_signature))},
            {"event": hex(&said), "hash": hex(&h("event", &[&said])), "signature": hex(&body::encode(&said_signature))},
        ],
        "head": hex(&log.head()),
        "batch": batch,
    });
    let written = serde_json::to_string_pretty(&example).unwrap() + "\n";
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(FILE, &written).unwrap();
    }
    let kept = std::fs::read_to_string(FILE).unwrap();
    assert!(
        kept == written,
        "the worked example has changed; the protocol is no longer the one of the page"
    );
}
