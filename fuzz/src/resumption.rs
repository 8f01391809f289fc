//! R1, R2 and R3 of a resumed session, as strangers and as the other end can send them.

use std::sync::OnceLock;

use cipher_room::crypto::{SealingKey, TAG_BYTES, Ticket};
use cipher_room::protocol::body::{self, Standing, Welcome};
use cipher_room::protocol::handshake::{AwaitResumed, AwaitResumedConfirmation, ResumeHello, Session};
use cipher_room::protocol::wire::{FieldWriter, Frame, FrameKind};
use sha2::{Digest as _, Sha256};

use super::{
    Established, Fixed, World, clear_fields_of, form_of, frame_of, framed, overwrite, seal_alone, seal_behind,
};

const STANDING: Standing = Standing { n: 3, head: [5; 32] };

/// The whole of a genuine resumption, made anew for each input with the same randomness.
struct Resuming {
    guest: AwaitResumed,
    host: AwaitResumedConfirmation,
    r1: Frame,
    r2: Frame,
}

impl Resuming {
    fn new() -> Resuming {
        let (guest_session, host_session) = sessions();
        let (guest, r1) = AwaitResumed::start(guest_session, &mut Fixed::new(b"resume"));
        let r1 = frame_of(&r1);
        let hello = ResumeHello::parse(&r1).expect("our own");
        let proven = hello.check(host_session, World::get().start).expect("our own");
        let (host, r2) = proven
            .answer(&welcome(), &mut Fixed::new(b"answer"))
            .expect("our own");
        Resuming {
            guest,
            host,
            r1,
            r2: frame_of(&r2),
        }
    }

    /// The key of the host's records, which seals R2 first: what a hostile host has.
    fn host_key(&self) -> SealingKey {
        SealingKey::new(&self.master().host_traffic(&self.transcript()))
    }

    fn guest_key(&self) -> SealingKey {
        SealingKey::new(&self.master().guest_traffic(&self.transcript()))
    }

    fn transcript(&self) -> [u8; 32] {
        let clear = clear_fields_of(&self.r2.body);
        let kinds = [FrameKind::ResumeHello, FrameKind::ResumeAnswer].map(|kind| kind.header(0)[0]);
        Sha256::new()
            .chain_update([kinds[0]])
            .chain_update(&self.r1.body)
            .chain_update([kinds[1]])
            .chain_update(clear)
            .finalize()
            .into()
    }

    fn master(&self) -> cipher_room::crypto::MasterSecret {
        let mut fields = cipher_room::protocol::wire::FieldReader::new(&self.r1.body);
        let mut next = || fields.take(16 * 1024).expect("seven fields");
        let (_, _, _) = (next(), next(), next());
        let offer = cipher_room::crypto::OfferPublic {
            x25519: next().try_into().expect("32 bytes"),
            ml_kem: next().to_vec(),
        };
        let (_, hybrid) =
            cipher_room::crypto::answer(&offer, &mut Fixed::new(b"answer")).expect("good shares");
        ticket().early().mix(&hybrid).mix_nothing()
    }
}

/// Any message of a resumption in any form: as it came, with bytes overwritten, or rightly sealed.
pub fn resumption(data: &[u8]) {
    let (form, data) = form_of(data);
    let resuming = Resuming::new();
    match form % 6 {
        0 | 1 => {
            let body = match form % 6 {
                0 => data.to_vec(),
                _ => {
                    let mut body = resuming.r1.body.clone();
                    overwrite(&mut body, data);
                    body
                }
            };
            let frame = framed(FrameKind::ResumeHello, &body);
            let is_genuine = frame == resuming.r1;
            if let Ok(hello) = ResumeHello::parse(&frame) {
                let (_, session) = sessions();
                assert_eq!(hello.proves(&session), is_genuine);
                assert_eq!(hello.check(session, World::get().start).is_ok(), is_genuine);
            }
        }
        // R1 with any shares, by who holds the ticket.
        2 => {
            let mut body = resuming.r1.body.clone();
            overwrite(&mut body, data);
            body.truncate(body.len() - 34);
            let proof = cipher_room::crypto::mac(&ticket().mac_key(), &body);
            body.extend(FieldWriter::default().put(&proof).into_bytes());
            if let Ok(hello) = ResumeHello::parse(&framed(FrameKind::ResumeHello, &body)) {
                let (_, session) = sessions();
                if let Ok(proven) = hello.check(session, World::get().start) {
                    let _ = proven.answer(&welcome(), &mut Fixed::new(b"answer"));
                }
            }
        }
        3 => {
            let frame = if data.first().is_some_and(|choice| choice % 2 == 0) {
                framed(FrameKind::ResumeAnswer, data)
            } else {
                framed(FrameKind::Refusal, data)
            };
            let is_genuine = frame == resuming.r2;
            assert_eq!(resuming.guest.receive(frame, STANDING).is_ok(), is_genuine);
        }
        4 => {
            let mut key = resuming.host_key();
            let frame = seal_behind(
                FrameKind::ResumeAnswer,
                clear_fields_of(&resuming.r2.body),
                &mut key,
                data,
            );
            let is_genuine = frame == resuming.r2;
            // Another welcome of the same host is as good; only its confirmation must be right.
            let has_confirmation = data.len() > 34 && data[..34] == r2_text(&resuming)[..34];
            let taken = resuming.guest.receive(frame, STANDING).is_ok();
            assert!(!is_genuine || taken);
            assert!(!taken || has_confirmation);
        }
        _ => {
            let frame = seal_alone(FrameKind::ResumeConfirm, &mut resuming.guest_key(), data);
            // A guest may say that it has another part of the log; only its confirmation must be right.
            let is_genuine = data == r3_text(&resuming);
            let has_confirmation = data.get(..34) == r3_text(&resuming).get(..34);
            let taken = resuming.host.receive(frame).is_ok();
            assert!(!is_genuine || taken);
            assert!(!taken || has_confirmation);
        }
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let resuming = Resuming::new();
    let with_form = |form: u8, data: &[u8]| [&[form], data].concat();
    vec![
        with_form(0, &resuming.r1.body),
        with_form(1, &[0, 70, 1, 2]),
        with_form(2, &[0, 90, 9]),
        with_form(3, &resuming.r2.body),
        with_form(4, &r2_text(&resuming)),
        with_form(5, &r3_text(&resuming)),
    ]
}

fn r3_text(resuming: &Resuming) -> Vec<u8> {
    let confirmation =
        cipher_room::crypto::mac(&resuming.master().guest_confirmation(), &resuming.transcript());
    FieldWriter::default()
        .put(&confirmation)
        .put(&body::encode(&STANDING))
        .into_bytes()
}

fn r2_text(resuming: &Resuming) -> Vec<u8> {
    let confirmation =
        cipher_room::crypto::mac(&resuming.master().host_confirmation(), &resuming.transcript());
    let text = FieldWriter::default()
        .put(&confirmation)
        .put(&body::encode(&welcome()))
        .into_bytes();
    let sealed_len = resuming.r2.body.len() - clear_fields_of(&resuming.r2.body).len() - 2;
    assert_eq!(text.len() + TAG_BYTES, sealed_len);
    text
}

/// Of one full handshake, which takes RSA and is made once.
fn sessions() -> (Session, Session) {
    static FULL: OnceLock<(Established, Established)> = OnceLock::new();
    let world = World::get();
    let (guest, host) = FULL.get_or_init(|| (world.at_guest(), world.at_host()));
    (
        guest.agreed().session(world.start),
        host.agreed().session(world.start),
    )
}

fn ticket() -> Ticket {
    let world = World::get();
    world.master().ticket(&world.th6)
}

fn welcome() -> Welcome {
    Welcome {
        host_name: "Bob".to_owned(),
    }
}
