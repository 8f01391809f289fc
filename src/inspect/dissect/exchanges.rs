//! The lines for what the exchanges agree on: X25519, ML-KEM, the RSA-wrapped secret, the seven emoji.
//!
//! A shared secret takes a private value of this end. Such lines stand apart, so that nobody shows one unasked.

use sha2::{Digest as _, Sha256};

use super::Inspection;
use crate::crypto::{Fingerprint, ML_KEM_CIPHERTEXT_BYTES, ML_KEM_KEY_BYTES, Sas, Secret};
use crate::inspect::drawn::Drawn;
use crate::inspect::handshake::OpenedHandshake;
use crate::inspect::recompute::{emoji_line, ml_kem_line, oaep_line, x25519_line, x25519_public_line};
use crate::inspect::resumption::OpenedResumption;
use crate::inspect::wire::Exchange;
use crate::protocol::handshake::Role;
use crate::protocol::wire::{FieldReader, FrameKind};

/// A guest draws nG before its shares.
const OWN_NONCE: usize = 32;

/// What both ends sent, and what this end drew: its X25519 key, and the guest's ML-KEM seed.
struct Shares<'a> {
    guest: [u8; 32],
    host: [u8; 32],
    ciphertext: &'a [u8],
    own: [u8; 32],
    seed: Option<&'a [u8]>,
    /// mlkem ‖ x25519.
    hybrid: &'a [u8; 64],
}

/// What crossed in clear.
struct Sent<'a> {
    guest: [u8; 32],
    host: [u8; 32],
    ciphertext: &'a [u8],
    host_nonce: [u8; 32],
}

/// The lines of M1 and M2.
pub(super) fn of_handshake(
    opened: &OpenedHandshake,
    hybrid: &[u8; 64],
    drawn: &Drawn,
    role: Option<Role>,
    kind: FrameKind,
    out: &mut Inspection,
) {
    match kind {
        FrameKind::GuestHello => offered(&opened.transcript, 2, drawn, role, out),
        FrameKind::HostHello => {
            if let Some(shares) = shares(&opened.transcript, 2, hybrid, drawn, role) {
                agreed(&shares, role, out);
            }
        }
        _ => {}
    }
}

/// The lines of R1 and R2.
pub(super) fn of_resumption(
    opened: &OpenedResumption,
    drawn: &Drawn,
    role: Option<Role>,
    kind: FrameKind,
    out: &mut Inspection,
) {
    match kind {
        FrameKind::ResumeHello => offered(&opened.transcript, 3, drawn, role, out),
        FrameKind::ResumeAnswer => {
            let hybrid = opened.hybrid.expose();
            if let Some(shares) = shares(&opened.transcript, 3, hybrid, drawn, role) {
                agreed(&shares, role, out);
            }
        }
        _ => {}
    }
}

/// The lines of a fresh exchange on a running connection.
pub(super) fn rekey(exchange: &Exchange, role: Option<Role>, out: &mut Inspection) {
    let mut offer = FieldReader::new(&exchange.offer);
    let mut answer = FieldReader::new(&exchange.answer);
    let (Ok(guest), Ok(host), Ok(ciphertext), Some(own)) = (
        offer.take_array(),
        answer.take_array(),
        answer.take(ML_KEM_CIPHERTEXT_BYTES),
        exchange.drawn.word(0),
    ) else {
        return;
    };
    let shares = Shares {
        guest,
        host,
        ciphertext,
        own,
        seed: exchange.drawn.stretch(32, 64),
        hybrid: exchange.hybrid.expose(),
    };
    agreed(&shares, role, out);
}

/// The wrapped secret: only who drew the seed can make the same bytes again.
pub(super) fn wrapped(opened: &OpenedHandshake, seed: Option<&Secret>, out: &mut Inspection) {
    let mut fields = FieldReader::new(&opened.m3.text);
    let key = [32, 640, 640].map(|max| fields.take(max).ok());
    let w = FieldReader::new(&opened.wrap.text).take(640).ok();
    let (Some(seed), [_, _, Some(key)], Some(w)) = (seed, key, w) else {
        out.without.push(
            "w has no line here. It is wrapped with a random seed that only the host drew, so only the host can make the same bytes again; and to unwrap it takes the private half of WK_G, which this program shows nobody. That it holds sH is seen at MS.",
        );
        return;
    };
    let [_, _, _, end5, _] = opened.ends;
    let th5 = Sha256::digest(opened.transcript.get(..end5).unwrap_or_default());
    let line = oaep_line(
        "w, from sH and the seed",
        key,
        &th5,
        opened.session.expose(),
        seed.expose(),
        w,
    );
    out.private.push(line);
}

/// The emoji, from both nonces and both identities.
pub(super) fn emoji(opened: &OpenedHandshake, out: &mut Inspection) {
    let mut guest = FieldReader::new(&opened.m3.text);
    let mut host = FieldReader::new(&opened.m2.text);
    let (Ok(guest_nonce), Ok(guest), Ok(host), Some(host_nonce)) = (
        guest.take_array(),
        guest.take(640),
        host.take(640),
        sent(&opened.transcript, 2).map(|sent| sent.host_nonce),
    ) else {
        return;
    };
    let (guest, host) = (Fingerprint::of_der(guest), Fingerprint::of_der(host));
    let names = Sas::new(&guest, &host, &guest_nonce, &host_nonce)
        .emoji()
        .map(|(_, name)| name);
    out.facts.push(("Emoji".to_owned(), names.join(", ")));
    let fields: [&[u8]; 4] = [guest.as_bytes(), host.as_bytes(), &guest_nonce, &host_nonce];
    out.lines.push(emoji_line(&fields, &names));
}

/// What this end offered: its public share, from the private one.
fn offered(transcript: &[u8], skip: usize, drawn: &Drawn, role: Option<Role>, out: &mut Inspection) {
    if let (Some(Role::Guest), Some(own), Some(sent)) = (role, drawn.word(OWN_NONCE), sent(transcript, skip))
    {
        out.private.push(x25519_public_line("xG", &own, &sent.guest));
    }
}

/// What both have from then on.
fn agreed(shares: &Shares<'_>, role: Option<Role>, out: &mut Inspection) {
    let [ml_kem, x25519] = [&shares.hybrid[..32], &shares.hybrid[32..]];
    let peer = match role {
        Some(Role::Host) => {
            out.private
                .push(x25519_public_line("xH", &shares.own, &shares.host));
            out.without.push(
                "mlkem, the secret of ML-KEM, has no line at the host's end: the tools make it with randomness of their own and can't be given the host's. At the guest's end there is one.",
            );
            &shares.guest
        }
        _ => {
            if let Some(seed) = shares.seed {
                out.private
                    .push(ml_kem_line("mlkem", seed, shares.ciphertext, ml_kem));
            }
            &shares.host
        }
    };
    out.private.push(x25519_line("x25519", &shares.own, peer, x25519));
}

fn shares<'a>(
    transcript: &'a [u8],
    skip: usize,
    hybrid: &'a [u8; 64],
    drawn: &'a Drawn,
    role: Option<Role>,
) -> Option<Shares<'a>> {
    let Sent {
        guest,
        host,
        ciphertext,
        ..
    } = sent(transcript, skip)?;
    let at = if role == Some(Role::Guest) { OWN_NONCE } else { 0 };
    Some(Shares {
        guest,
        host,
        ciphertext,
        own: drawn.word(at)?,
        seed: drawn.stretch(at + 32, 64),
        hybrid,
    })
}

/// xG, xH, ctH and nH, out of a transcript in which `skip` fields stand before xG.
fn sent(transcript: &[u8], skip: usize) -> Option<Sent<'_>> {
    let mut hello = FieldReader::new(transcript.get(1..)?);
    for _ in 0..skip {
        hello.take(64).ok()?;
    }
    let guest = hello.take_array().ok()?;
    hello.take(ML_KEM_KEY_BYTES).ok()?;
    // com or nG, and mac.
    hello.take(32).ok()?;
    hello.take(32).ok()?;
    let mut answer = FieldReader::new(hello.rest().get(1..)?);
    let host = answer.take_array().ok()?;
    let ciphertext = answer.take(ML_KEM_CIPHERTEXT_BYTES).ok()?;
    Some(Sent {
        guest,
        host,
        ciphertext,
        host_nonce: answer.take_array().ok()?,
    })
}
