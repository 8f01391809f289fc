//! One frame taken apart: its fields, what is inside, which key, who can tell what, and how to recompute it.

use super::fields::{Field, Inside, Walker, fields_of};
use super::handshake::{OpenedHandshake, OpenedText};
use super::recompute::{
    Recompute, aes_gcm, hash_line, hkdf_expand, hkdf_extract, hmac_line, labelled, signature_lines,
};
use super::wire::{OpenRecord, Wire, WireFrame, event_in, frame_of};
use crate::crypto::{PublicIdentity, Signature, Statement, invite_mac_key};
use crate::protocol::body::{self, Body};
use crate::protocol::event::{Content, RoomEvent, event_hash, event_statement};
use crate::protocol::handshake::Role;
use crate::protocol::wire::{FieldReader, FrameKind, HEADER_BYTES};

/// A frame, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What it is, in a sentence.
    pub title: String,
    /// Every byte that crossed the wire, named.
    pub fields: Vec<Field>,
    /// What was sealed in it.
    pub inside: Vec<Inside>,
    /// What it means: pairs of a name and a value.
    pub facts: Vec<(String, String)>,
    /// What somebody on the line can tell from it.
    pub eavesdropper: String,
    /// What the host can tell from it.
    pub host: String,
    /// What you can tell from it.
    pub you: String,
    /// Lines that recompute its values.
    pub lines: Vec<Recompute>,
}

impl Wire {
    /// Takes a frame apart.
    pub fn inspect(&self, n: u64) -> Option<Inspection> {
        let frame = self.frame_at(n)?;
        let mut out = Inspection {
            title: title(frame),
            fields: fields_of(frame),
            inside: Vec::new(),
            facts: Vec::new(),
            eavesdropper: eavesdropper(frame),
            host: String::new(),
            you: String::new(),
            lines: Vec::new(),
        };
        match frame.kind() {
            Some(kind) if (kind as u8) < FrameKind::Data as u8 => self.handshake_frame(frame, kind, &mut out),
            _ => match &frame.record {
                Some(record) => self.record(frame, record, &mut out),
                None => {
                    out.facts.push((
                        "Sealed".to_owned(),
                        "the key of this part was not recorded, so it can't be opened here either".to_owned(),
                    ));
                }
            },
        }
        Some(out)
    }

    fn handshake_frame(&self, frame: &WireFrame, kind: FrameKind, out: &mut Inspection) {
        (out.host, out.you) = views_of_handshake(kind);
        if kind == FrameKind::GuestHello {
            self.hello(frame, out);
        }
        let Some(opened) = &self.handshake else {
            return;
        };
        match kind {
            FrameKind::HostHello => host_hello(opened, self, out),
            FrameKind::GuestProof => guest_proof(opened, out),
            FrameKind::HostWelcome => host_welcome(opened, out),
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

    fn hello(&self, frame: &WireFrame, out: &mut Inspection) {
        let (Some(psk), Some(parsed)) = (&self.psk, frame_of(&frame.bytes)) else {
            return;
        };
        let before_mac = parsed.body.len().saturating_sub(34);
        let before_mac = parsed.body.get(..before_mac).unwrap_or_default();
        let key = invite_mac_key(psk);
        out.lines.push(hkdf_expand(
            "the key of the invitation's proof",
            psk.expose(),
            "invite mac",
            &[],
            32,
            key.expose(),
        ));
        out.lines.push(hmac_line("mac", key.expose(), before_mac));
        if let Some(opened) = &self.handshake {
            let mut fields = FieldReader::new(&opened.m3.text);
            if let (Ok(nonce), Ok(identity)) = (fields.take(32), fields.take(640)) {
                let bytes = labelled("commit", &[nonce, identity]);
                out.lines
                    .push(hash_line("com, from nG and the guest's identity", &bytes));
            }
        }
    }

    fn record(&self, frame: &WireFrame, record: &OpenRecord, out: &mut Inspection) {
        let by_host = frame.sent == (self.role == Some(Role::Host));
        let header = frame.bytes.get(..HEADER_BYTES).unwrap_or_default();
        let sealed = frame.bytes.get(HEADER_BYTES..).unwrap_or_default();
        let direction = if by_host { "h ap" } else { "g ap" };
        let fact = |name: &str, value: String| (name.to_owned(), value);
        out.facts.extend([
            fact(
                "Sealed under",
                format!(
                    "\"{direction}\", the traffic secret of {}, epoch {}",
                    if by_host { "the host" } else { "the guest" },
                    record.epoch
                ),
            ),
            fact("Counter", format!("{} (never sent)", record.counter)),
            fact(
                "Nonce",
                format!("{}: the IV with the counter XORed in", hex(&record.nonce)),
            ),
            fact("Associated data", format!("{}: the header", hex(header))),
            fact(
                "Tag",
                hex(sealed.get(sealed.len().saturating_sub(16)..).unwrap_or_default()),
            ),
        ]);
        out.lines.push(aes_gcm(
            "the sealed text",
            record.key.expose(),
            &record.nonce,
            header,
            sealed,
            &record.text,
        ));
        out.inside.push(Inside {
            name: "record",
            text: record.text.clone(),
            fields: body_fields(&record.text),
        });
        (out.host, out.you) = (
            "Everything: the host opens this record, reads it, and puts it into the log or takes it from there. It can't change what is signed.".to_owned(),
            "Everything: you hold the keys of this connection, and the author's public key to check the signature.".to_owned(),
        );
        self.body_facts(&record.text, out);
    }

    fn body_facts(&self, text: &[u8], out: &mut Inspection) {
        let fact = |name: &str, value: String| (name.to_owned(), value);
        let Ok(body) = body::decode::<Body>(text) else {
            return;
        };
        let signature = match &body {
            Body::Submit(submit) => Some((submit.signature.clone(), event_statement(&submit.event))),
            Body::Entry(entry) => Some((entry.signature.clone(), event_statement(&entry.event))),
            Body::Head(head) => {
                out.facts
                    .push(fact("Head of entry", format!("{}: {}", head.n, hex(&head.head))));
                self.room_id().map(|room| {
                    let n = head.n.to_be_bytes();
                    (
                        head.signature.clone(),
                        Statement::new("head", &[&room, &n, &head.head]),
                    )
                })
            }
            Body::Roster(roster) => {
                out.facts.push(fact("Members", roster.members.len().to_string()));
                None
            }
            Body::Declined(declined) => {
                out.facts.push(fact("Declined event", hex(&declined.event)));
                None
            }
            Body::Here(standing) => {
                let at = format!("{}: {}", standing.n, hex(&standing.head));
                out.facts.push(fact("Has the log up to entry", at));
                None
            }
            Body::Positions(positions) => {
                let count = positions.confirmed.len().to_string();
                out.facts.push(fact("Members whose position is told", count));
                None
            }
            Body::Tally(tally) => {
                let told = format!("{} members have entry {}", tally.members, tally.n);
                out.facts.push(fact("Confirmed", told));
                None
            }
            Body::Private(private) | Body::Away(private) => {
                out.facts.push(fact("Other member", private.member.to_string()));
                out.facts
                    .push(fact("Sealed bytes", private.bytes.len().to_string()));
                None
            }
            Body::PageEnd(end) => {
                let told = format!("up to entry {} of {}", end.n, end.newest);
                out.facts.push(fact("Page of what was missed", told));
                None
            }
            Body::Return(_) => None,
        };
        let mut signer = match &body {
            Body::Head(_) => self.host_identity(),
            _ => None,
        };
        if let Some(event) = event_in(text)
            && let Ok(decoded) = body::decode::<RoomEvent>(&event)
        {
            let id = event_hash(&event);
            out.facts.extend([
                fact("Event", hex(&id)),
                fact("Author", decoded.author.to_string()),
                fact("Author's count", decoded.seq.to_string()),
                fact("Event before", hex(&decoded.prev)),
                fact("Author saw", format!("entry {}", decoded.seen)),
            ]);
            if let Content::Message { text } = &decoded.content {
                out.facts.insert(0, fact("Message", text.clone()));
            }
            out.lines
                .push(hash_line("the event's id", &labelled("event", &[&event])));
            signer = self.identity_of(&decoded.author);
        }
        if let Some((signature, statement)) = signature {
            out.facts.push(fact(
                "Signature",
                format!(
                    "RSASSA-PSS, {} of a batch of {}",
                    signature.index + 1,
                    signature.size
                ),
            ));
            match signer {
                Some(signer) => {
                    let right = signature.verify(&signer, &statement).is_ok();
                    let word = if right { "right" } else { "wrong" };
                    out.facts.push(fact("Signature is", word.to_owned()));
                    push_signature(out, "the author's signature", &signer, &signature, &statement);
                }
                None => out.facts.push(fact(
                    "Signature is",
                    "of somebody whose key is not in this recording".to_owned(),
                )),
            }
        }
    }

    fn room_id(&self) -> Option<[u8; 32]> {
        let opened = self.handshake.as_ref()?;
        let mut fields = FieldReader::new(&opened.m2.text);
        fields.take(640).ok()?;
        let room: body::RoomDescriptor = body::decode(fields.take(2048).ok()?).ok()?;
        Some(room.id)
    }

    fn host_identity(&self) -> Option<PublicIdentity> {
        let opened = self.handshake.as_ref()?;
        let der = FieldReader::new(&opened.m2.text).take(640).ok()?;
        PublicIdentity::from_der(der).ok()
    }

    fn guest_identity(&self) -> Option<PublicIdentity> {
        let opened = self.handshake.as_ref()?;
        let mut fields = FieldReader::new(&opened.m3.text);
        fields.take(32).ok()?;
        PublicIdentity::from_der(fields.take(640).ok()?).ok()
    }

    /// The key of an author: of this handshake, or introduced in a roster or an entry that is kept.
    fn identity_of(&self, author: &crate::crypto::Fingerprint) -> Option<PublicIdentity> {
        let known = [self.host_identity(), self.guest_identity()];
        let known = known
            .into_iter()
            .flatten()
            .find(|key| key.fingerprint() == *author);
        known.or_else(|| {
            self.frames().find_map(|frame| {
                introduced(frame.text()?)
                    .into_iter()
                    .find(|key| key.fingerprint() == *author)
            })
        })
    }
}

/// The keys that a roster or an admission introduces.
fn introduced(text: &[u8]) -> Vec<PublicIdentity> {
    let members = match body::decode::<Body>(text) {
        Ok(Body::Roster(roster)) => roster.members,
        Ok(Body::Entry(entry)) => match body::decode::<RoomEvent>(&entry.event).map(|event| event.content) {
            Ok(Content::Admitted(member)) => vec![member],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    members
        .iter()
        .filter_map(|member| PublicIdentity::from_der(&member.identity).ok())
        .collect()
}

fn push_signature(
    out: &mut Inspection,
    what: &str,
    signer: &PublicIdentity,
    signature: &Signature,
    statement: &Statement,
) {
    if let Ok(signed) = signature.signed_statement(statement) {
        out.lines.extend(signature_lines(
            what,
            signer.as_der(),
            &signature.rsa,
            signed.as_bytes(),
        ));
    }
}

fn host_hello(opened: &OpenedHandshake, wire: &Wire, out: &mut Inspection) {
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
    if let Some(psk) = &wire.psk {
        out.lines
            .push(hkdf_extract("ES", &[0; 32], psk.expose(), opened.early.expose()));
    }
    if let Some(hybrid) = &wire.hybrid {
        out.lines.push(hkdf_expand_extract("HS", opened, hybrid.expose()));
    }
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
    super::recompute::derive_and_extract(what, opened.early.expose(), hybrid, opened.handshake.expose())
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
}

fn host_welcome(opened: &OpenedHandshake, out: &mut Inspection) {
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
    let [.., end6] = opened.ends;
    out.lines.push(hash_line(
        "th6",
        opened.transcript.get(..end6).unwrap_or_default(),
    ));
    out.lines.push(super::recompute::derive_and_extract(
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

fn title(frame: &WireFrame) -> String {
    let who = if frame.sent { "You sent" } else { "You got" };
    let what = match frame.kind() {
        Some(FrameKind::GuestHello) => "M1: key shares, a commitment, and the proof of the invitation",
        Some(FrameKind::HostHello) => "M2: the host's shares, its identity, and its signature",
        Some(FrameKind::GuestProof) => "M3: the guest's identity and signature",
        Some(FrameKind::HostWelcome) => "M4: the RSA-wrapped secret and the welcome",
        Some(FrameKind::GuestConfirm) => "M5: the guest's confirmation",
        Some(FrameKind::SealedRefusal | FrameKind::Refusal) => "a refusal",
        Some(FrameKind::ResumeHello) => "R1: a ticket to resume a session, and fresh key shares",
        Some(FrameKind::ResumeAnswer) => "R2: the host's shares, and that it holds the ticket",
        Some(FrameKind::ResumeConfirm) => "R3: the guest's confirmation",
        Some(FrameKind::Asking) => "word that the host is asked first",
        Some(FrameKind::Data) => match frame.name() {
            "Submit" => "an event handed in to the host",
            "Roster" => "a piece of the roster",
            "Entry" => "an entry of the room's log",
            "Head" => "the host's signature over its order",
            "Declined" => "word that an event was not taken",
            "Here" => "how far the guest's copy of the log goes",
            "Positions" | "Tally" => "who has confirmed what",
            "Return" => "the secret with which a member comes back",
            "Private" => "a piece of a private conversation, which the host can't read",
            "Away" => "word that somebody is not here",
            "Page end" => "the end of a page of what was missed",
            _ => "a record",
        },
        Some(FrameKind::KeyUpdate) => "a key update",
        Some(FrameKind::RekeyOffer) => "an offer of a fresh key exchange",
        Some(FrameKind::RekeyAnswer) => "the answer to a fresh key exchange",
        Some(FrameKind::RekeyDone) => "the end of a fresh key exchange",
        Some(FrameKind::Close) => "a goodbye",
        None => "bytes that are no frame",
    };
    format!("{who} {what}.")
}

fn eavesdropper(frame: &WireFrame) -> String {
    let length = frame.bytes.len();
    let clear = match frame.kind() {
        Some(FrameKind::GuestHello) => {
            "That somebody begins a Cipher Room handshake. The key shares are public and useless without their secret halves; the commitment hides who it is."
        }
        Some(FrameKind::HostHello) => "The host's shares. Who the host is and which room it keeps is sealed.",
        Some(FrameKind::GuestProof) => "Nothing of who the guest is.",
        Some(FrameKind::Refusal) => "Why the host refused; this frame is in clear.",
        Some(FrameKind::Data) => {
            "That something was said, how long it is, and when. Not who said it, nor what, nor the signature."
        }
        _ => "Nothing of what is in it.",
    };
    format!("Its type, its {length} bytes of length, the time, and the two addresses. {clear}")
}

fn views_of_handshake(kind: FrameKind) -> (String, String) {
    let (host, you) = match kind {
        FrameKind::GuestHello => (
            "That the guest holds the invitation. Not yet who it is.",
            "All of it: the shares are yours, and nG is your secret until M3.",
        ),
        FrameKind::HostHello => (
            "All of it.",
            "That the host holds the key which the invitation names: it signed everything that crossed so far.",
        ),
        FrameKind::GuestProof => (
            "Who the guest is, proven by its signature, and the key to wrap a secret for.",
            "All of it.",
        ),
        FrameKind::HostWelcome => (
            "All of it: the host made the wrapped secret.",
            "The wrapped secret, because you hold WK_G; and that the host has the same master secret as you.",
        ),
        FrameKind::GuestConfirm => (
            "That the guest has the same master secret. Only now it is a member.",
            "All of it.",
        ),
        _ => ("All of it.", "All of it."),
    };
    (host.to_owned(), you.to_owned())
}

/// The fields of a CBOR body, coarse: head, event, signature.
fn body_fields(text: &[u8]) -> Vec<Field> {
    let mut walk = Walker::new(text);
    walk.fixed(
        "kind of body",
        2,
        "an array of two; the second byte says which body",
    );
    if let Some(event) = event_in(text)
        && let Some(at) = text
            .windows(event.len().max(1))
            .position(|window| window == event)
    {
        walk.fixed(
            "head of the map",
            at.saturating_sub(2),
            "keys and lengths in CBOR",
        );
        walk.fixed("event", event.len(), "the exact bytes that are signed");
        walk.rest(
            "signature",
            "RSA signature, place in the batch, and path, in CBOR",
        );
    } else {
        walk.rest("content", "CBOR, as section 9 describes it");
    }
    walk.fields
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
