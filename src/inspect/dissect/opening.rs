//! M1 to M5 and R1 to R3 taken apart: what was sealed in them, and the lines that recompute it.

use super::{Inspection, exchanges, hex, push_signature};
use crate::crypto::{HybridSecret, PublicIdentity, Secret, Signature, Statement, invite_mac_key};
use crate::inspect::fields::{Inside, Walker};
use crate::inspect::handshake::{OpenedHandshake, OpenedText};
use crate::inspect::recompute::{
    Recompute, aes_gcm, derive_and_extract, hash_line, hkdf_expand, hkdf_extract, hmac_line, labelled,
};
use crate::inspect::resumption::OpenedResumption;
use crate::inspect::wire::{Begins, Opened, Opening, Wire, WireFrame, frame_of};
use crate::protocol::body;
use crate::protocol::wire::{FieldReader, FrameKind};

use super::words::views_of_handshake;

impl Wire {
    pub(super) fn handshake_frame(&self, frame: &WireFrame, kind: FrameKind, out: &mut Inspection) {
        (out.host, out.you) = views_of_handshake(kind);
        if matches!(
            kind,
            FrameKind::ResumeHello | FrameKind::ResumeAnswer | FrameKind::ResumeConfirm
        ) {
            if let Some(Begins::Resumption(resuming)) = self.leg_of(frame.n).map(|leg| &leg.begins)
                && let Some((opened, drawn)) = &resuming.opened
            {
                resumption_frame(opened, kind, out);
                exchanges::of_resumption(opened, drawn, self.role, kind, out);
            }
            return;
        }
        let Some(Begins::Handshake(opening)) = self.leg_of(frame.n).map(|leg| &leg.begins) else {
            return;
        };
        if kind == FrameKind::GuestHello {
            hello(opening, frame, out);
        }
        let Some(Opened {
            handshake: opened,
            hybrid,
            drawn,
            seed,
        }) = &opening.opened
        else {
            return;
        };
        exchanges::of_handshake(opened, hybrid.expose(), drawn, self.role, kind, out);
        match kind {
            FrameKind::HostHello => host_hello(opened, &opening.psk, hybrid, out),
            FrameKind::GuestProof => guest_proof(opened, out),
            FrameKind::HostWelcome => host_welcome(opened, seed.as_ref(), out),
            FrameKind::GuestConfirm => {
                sealed_part(&opened.m5, "g ap", "confirmation", out, |walk| {
                    walk.prefixed("confirmation", "proves that the guest has the master secret");
                    walk.prefixed("standing", "where the guest's copy of the room's log stands");
                });
                let key = opened.master.guest_confirmation();
                out.lines
                    .push(hmac_line("the guest's confirmation", key.expose(), &opened.th6));
            }
            _ => {}
        }
    }
}

fn hello(opening: &Opening, frame: &WireFrame, out: &mut Inspection) {
    let Some(parsed) = frame_of(&frame.bytes) else {
        return;
    };
    let before_mac = parsed.body.len().saturating_sub(34);
    let before_mac = parsed.body.get(..before_mac).unwrap_or_default();
    let key = invite_mac_key(&opening.psk);
    out.lines.push(hkdf_expand(
        "the key of the invitation's proof",
        opening.psk.expose(),
        "invite mac",
        &[],
        32,
        key.expose(),
    ));
    out.lines.push(hmac_line("mac", key.expose(), before_mac));
    if let Some(opened) = &opening.opened {
        let mut fields = FieldReader::new(&opened.handshake.m3.text);
        if let (Ok(nonce), Ok(identity)) = (fields.take(32), fields.take(640)) {
            let bytes = labelled("commit", &[nonce, identity]);
            out.lines
                .push(hash_line("com, from nG and the guest's identity", &bytes));
        }
    }
}

fn host_hello(opened: &OpenedHandshake, psk: &Secret, hybrid: &HybridSecret, out: &mut Inspection) {
    sealed_part(&opened.m2, "h hs", "host's identity and proof", out, |walk| {
        walk.prefixed(
            "IK_H",
            "the host's lasting key; the invitation names its fingerprint",
        );
        walk.prefixed("room", "id and name of the room");
        walk.prefixed("sigH", "the host's signature over everything that crossed so far");
        walk.prefixed("finH", "proves that the host has the handshake secret");
    });
    let transcript = |end: usize| opened.transcript.get(..end).unwrap_or_default();
    let [end1, end2, ..] = opened.ends;
    out.lines.push(hash_line("th1", transcript(end1)));
    out.lines.push(hash_line("th2", transcript(end2)));
    out.lines
        .push(hkdf_extract("ES", &[0; 32], psk.expose(), opened.early.expose()));
    out.lines.push(hkdf_expand_extract("HS", opened, hybrid.expose()));
    let (key, hash) = opened.finished(true);
    out.lines.push(hmac_line("finH", key.expose(), &hash));
    let mut fields = FieldReader::new(&opened.m2.text);
    if let (Ok(key), Ok(_), Ok(signature)) = (fields.take(640), fields.take(2048), fields.take(4096))
        && let (Ok(key), Ok(signature)) = (
            PublicIdentity::from_der(key),
            body::decode::<Signature>(signature),
        )
    {
        out.facts.push(("Host".to_owned(), key.fingerprint().to_string()));
        let statement = Statement::new("host", &[&opened.th2]);
        push_signature(out, "the host's signature", &key, &signature, &statement);
    }
}

/// HS = X(E(ES, "derived"), mlkem ‖ x25519), in one line.
fn hkdf_expand_extract(what: &str, opened: &OpenedHandshake, hybrid: &[u8]) -> Recompute {
    derive_and_extract(what, opened.early.expose(), hybrid, opened.handshake.expose())
}

fn guest_proof(opened: &OpenedHandshake, out: &mut Inspection) {
    sealed_part(&opened.m3, "g hs", "guest's identity and proof", out, |walk| {
        walk.prefixed("nG", "32 random bytes of the guest, committed to in M1");
        walk.prefixed("IK_G", "the guest's lasting key");
        walk.prefixed(
            "WK_G",
            "the guest's key of this run, for the host to wrap a secret with",
        );
        walk.prefixed("name", "the name that the guest gives itself");
        walk.prefixed(
            "sigG",
            "the guest's signature over everything that crossed so far",
        );
        walk.prefixed("finG", "proves that the guest has the handshake secret");
    });
    let [_, _, end4, end5, _] = opened.ends;
    let transcript = |end: usize| opened.transcript.get(..end).unwrap_or_default();
    out.lines.push(hash_line("th4", transcript(end4)));
    out.lines.push(hash_line("th5", transcript(end5)));
    let (key, hash) = opened.finished(false);
    out.lines.push(hmac_line("finG", key.expose(), &hash));
    let mut fields = FieldReader::new(&opened.m3.text);
    let parts: Vec<&[u8]> = std::iter::from_fn(|| fields.take(16 * 1024).ok())
        .take(5)
        .collect();
    if let [_, key, _, name, signature] = parts.as_slice()
        && let (Ok(key), Ok(signature)) = (
            PublicIdentity::from_der(key),
            body::decode::<Signature>(signature),
        )
    {
        out.facts
            .push(("Guest".to_owned(), key.fingerprint().to_string()));
        out.facts
            .push(("Name".to_owned(), String::from_utf8_lossy(name).into_owned()));
        let statement = Statement::new("guest", &[&opened.th4]);
        push_signature(out, "the guest's signature", &key, &signature, &statement);
    }
    exchanges::emoji(opened, out);
}

fn host_welcome(opened: &OpenedHandshake, seed: Option<&Secret>, out: &mut Inspection) {
    sealed_part(&opened.wrap, "h hs", "wrapped secret", out, |walk| {
        walk.prefixed(
            "w",
            "a fresh secret, wrapped with RSAES-OAEP for WK_G under the label th5",
        );
    });
    sealed_part(&opened.welcome, "h ap", "welcome", out, |walk| {
        walk.prefixed("confirmation", "proves that the host has the master secret");
        walk.prefixed("welcome", "the name that the host gives itself");
    });
    exchanges::wrapped(opened, seed, out);
    let [.., end6] = opened.ends;
    out.lines.push(hash_line(
        "th6",
        opened.transcript.get(..end6).unwrap_or_default(),
    ));
    out.lines.push(derive_and_extract(
        "MS",
        opened.handshake.expose(),
        opened.session.expose(),
        opened.master.secret().expose(),
    ));
    let host = opened.host_traffic();
    out.lines.push(hkdf_expand(
        "the host's traffic secret",
        opened.master.secret().expose(),
        "h ap",
        &opened.th6,
        32,
        host.secret().expose(),
    ));
    let key = opened.master.host_confirmation();
    out.lines
        .push(hmac_line("the host's confirmation", key.expose(), &opened.th6));
}

fn sealed_part(
    part: &OpenedText,
    label: &str,
    name: &'static str,
    out: &mut Inspection,
    walk: impl FnOnce(&mut Walker<'_>),
) {
    let (key, mut nonce) = (part.secret.key(), part.secret.iv());
    for (byte, count) in nonce.iter_mut().skip(4).zip(part.counter.to_be_bytes()) {
        *byte ^= count;
    }
    let fact = |what: &str, value: String| (format!("{what} ({name})"), value);
    out.facts.extend([
        fact("Sealed under", format!("\"{label}\"")),
        fact("Counter", part.counter.to_string()),
        fact("Nonce", hex(&nonce)),
        fact("Associated data", hex(&part.header)),
    ]);
    out.lines.push(hkdf_expand(
        &format!("the key of the {name}"),
        part.secret.secret().expose(),
        "key",
        &[],
        32,
        key.expose(),
    ));
    out.lines.push(aes_gcm(
        &format!("the text of the {name}"),
        key.expose(),
        &nonce,
        &part.header,
        &part.sealed,
        &part.text,
    ));
    let mut walker = Walker::new(&part.text);
    walk(&mut walker);
    walker.rest("bytes behind", "not of the protocol");
    out.inside.push(Inside {
        name,
        text: part.text.clone(),
        fields: walker.fields,
    });
}

fn resumption_frame(opened: &OpenedResumption, kind: FrameKind, out: &mut Inspection) {
    let master = &opened.master;
    match kind {
        FrameKind::ResumeHello => {
            out.lines
                .push(hmac_line("mac", opened.mac_key.expose(), &opened.covered));
        }
        FrameKind::ResumeAnswer => {
            sealed_part(&opened.r2, "h ap", "confirmation and welcome", out, |walk| {
                walk.prefixed("confirmation", "proves that the host holds the ticket");
                walk.prefixed("welcome", "the name that the host gives itself");
            });
            out.lines.push(hash_line("thQ", &opened.transcript));
            out.lines.push(derive_and_extract(
                "HS",
                opened.early.expose(),
                opened.hybrid.expose(),
                opened.handshake.expose(),
            ));
            out.lines.push(derive_and_extract(
                "MS",
                opened.handshake.expose(),
                &[0; 32],
                master.secret().expose(),
            ));
            out.lines.push(hkdf_expand(
                "the host's traffic secret",
                master.secret().expose(),
                "h ap",
                &opened.th,
                32,
                master.host_traffic(&opened.th).secret().expose(),
            ));
            let key = master.host_confirmation();
            out.lines
                .push(hmac_line("the host's confirmation", key.expose(), &opened.th));
        }
        _ => {
            sealed_part(&opened.r3, "g ap", "confirmation and standing", out, |walk| {
                walk.prefixed("confirmation", "proves that the guest holds the ticket");
                walk.prefixed("standing", "where the guest's copy of the room's log stands");
            });
            let key = master.guest_confirmation();
            out.lines
                .push(hmac_line("the guest's confirmation", key.expose(), &opened.th));
        }
    }
}
