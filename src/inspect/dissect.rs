//! One frame taken apart: its fields, what is inside, which key, who can tell what, and how to recompute it.

mod exchanges;
mod opening;
mod words;

use self::words::{as_host, eavesdropper, title};
use super::fields::{Field, Inside, Walker, fields_of};
use super::recompute::{
    Recompute, aes_gcm, hash_line, hkdf_expand, labelled, nonce_line, root_line, signature_lines, tag_line,
};
use super::wire::{OpenRecord, Wire, WireFrame, event_in};
use crate::crypto::{PublicIdentity, Signature, Statement};
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
    /// What the host can tell from it; nothing where you are the host.
    pub host: String,
    /// What you can tell from it.
    pub you: String,
    /// Lines that recompute its values.
    pub lines: Vec<Recompute>,
    /// Lines with private values of this end in them: to be shown only when asked for.
    pub private: Vec<Recompute>,
    /// Values for which there is no line, and why.
    pub without: Vec<&'static str>,
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
            private: Vec::new(),
            without: Vec::new(),
        };
        if self.legs.len() > 1
            && let Some(leg) = self.leg_of(n)
        {
            let words = format!(
                "{} of this recording, {}",
                leg.number,
                leg.begins.beginning().words()
            );
            out.facts.push(("Connection".to_owned(), words));
        }
        out.facts.extend(in_clear(frame, &out.fields));
        match frame.kind() {
            Some(kind) if (kind as u8) < FrameKind::Data as u8 => self.handshake_frame(frame, kind, &mut out),
            _ => match &frame.record {
                Some(record) => self.record(frame, record, &mut out),
                None => {
                    let closed = "the key of this part was not recorded, so it can't be opened here either";
                    out.facts.push(("Sealed".to_owned(), closed.to_owned()));
                }
            },
        }
        if self.role == Some(Role::Host) {
            out.you = as_host(frame, std::mem::take(&mut out.host));
        }
        Some(out)
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
        let tag = sealed.get(sealed.len().saturating_sub(16)..).unwrap_or_default();
        let secret = record.secret.expose();
        out.lines.extend([
            hkdf_expand(
                "the key, from the traffic secret",
                secret,
                "key",
                &[],
                32,
                record.key.expose(),
            ),
            hkdf_expand(
                "the IV, from the traffic secret",
                secret,
                "iv",
                &[],
                12,
                &record.iv(),
            ),
            nonce_line(&record.iv(), record.counter, &record.nonce),
            aes_gcm(
                "the sealed text",
                record.key.expose(),
                &record.nonce,
                header,
                sealed,
                &record.text,
            ),
            tag_line(record.key.expose(), &record.nonce, header, &record.text, tag),
        ]);
        if let Some(exchange) = &record.exchange {
            exchanges::rekey(exchange, self.role, out);
        }
        out.inside.push(Inside {
            name: "record",
            text: record.text.clone(),
            fields: body_fields(&record.text),
        });
        (out.host, out.you) = words::views_of_record(frame);
        self.body_facts(frame.n, &record.text, out);
    }

    fn body_facts(&self, n: u64, text: &[u8], out: &mut Inspection) {
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
                self.room_id(n).map(|room| {
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
                out.host = "Who writes to whom, when, and how much. What is in it is sealed between the two, and the host has no key for that.".to_owned();
                None
            }
            Body::PageEnd(end) => {
                let told = format!("up to entry {} of {}", end.n, end.newest);
                out.facts.push(fact("Page of what was missed", told));
                None
            }
            Body::LetGo(piece) => {
                let told = format!("up to entry {}", piece.n);
                out.facts.push(fact("Not kept by the host", told));
                None
            }
            Body::Return(_) => None,
        };
        let (mut signer, whose) = match &body {
            Body::Head(_) => (self.host_identity(n), "the host's signature"),
            _ => (None, "the author's signature"),
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
            signer = self.identity_of(n, &decoded.author);
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
                    push_signature(out, whose, &signer, &signature, &statement);
                }
                None => out.facts.push(fact(
                    "Signature is",
                    "of somebody whose key is not in this recording".to_owned(),
                )),
            }
        }
    }

    fn room_id(&self, n: u64) -> Option<[u8; 32]> {
        let Some(opened) = self.handshake_of(n) else {
            return self.told_room;
        };
        let mut fields = FieldReader::new(&opened.handshake.m2.text);
        fields.take(640).ok()?;
        let room: body::RoomDescriptor = body::decode(fields.take(2048).ok()?).ok()?;
        Some(room.id)
    }

    fn host_identity(&self, n: u64) -> Option<PublicIdentity> {
        let Some(opened) = self.handshake_of(n) else {
            return self.known.first().cloned();
        };
        let der = FieldReader::new(&opened.handshake.m2.text).take(640).ok()?;
        PublicIdentity::from_der(der).ok()
    }

    fn guest_identity(&self, n: u64) -> Option<PublicIdentity> {
        let opened = self.handshake_of(n)?;
        let mut fields = FieldReader::new(&opened.handshake.m3.text);
        fields.take(32).ok()?;
        PublicIdentity::from_der(fields.take(640).ok()?).ok()
    }

    /// The key of an author: of the frame's handshake, or introduced in a roster or an entry that is kept.
    fn identity_of(&self, n: u64, author: &crate::crypto::Fingerprint) -> Option<PublicIdentity> {
        let known = [self.host_identity(n), self.guest_identity(n)];
        let known = known
            .into_iter()
            .flatten()
            .find(|key| key.fingerprint() == *author);
        let told = || {
            self.known
                .iter()
                .find(|key| key.fingerprint() == *author)
                .cloned()
        };
        known.or_else(told).or_else(|| {
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
        if signature.size > 1 {
            let root = signed.as_bytes();
            let root = root.get(root.len().saturating_sub(32)..).unwrap_or_default();
            out.lines.push(root_line(
                what,
                statement.as_bytes(),
                signature.index,
                signature.size,
                &signature.path,
                root,
            ));
        }
        out.lines.extend(signature_lines(
            what,
            signer.as_der(),
            &signature.rsa,
            signed.as_bytes(),
        ));
    }
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

/// The short values that cross in clear, with what each is for.
fn in_clear(frame: &WireFrame, fields: &[Field]) -> Vec<(String, String)> {
    const SHORT: [&str; 9] = ["version", "suite", "id", "xG", "xH", "nG", "nH", "com", "mac"];
    let short = fields.iter().filter(|field| SHORT.contains(&field.name.as_str()));
    short
        .filter_map(|field| {
            let bytes = frame.bytes.get(field.bytes.clone())?;
            let value = match std::str::from_utf8(bytes) {
                Ok(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => text.to_owned(),
                _ => hex(bytes),
            };
            Some((format!("{}: {}", field.name, field.meaning), value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::test_keys::BOB;
    use crate::crypto::{Identity, sign_batch};
    use crate::inspect::wire::tests::Scene;

    #[test]
    fn the_signature_over_a_head_is_called_the_hosts_and_that_over_an_event_the_authors() {
        let mut scene = Scene::new();
        scene.say("hello");
        let submit = scene.ada.frames().find(|frame| frame.name() == "Submit").unwrap();
        let inspection = scene.ada.inspect(submit.n).unwrap();
        let is_named =
            |out: &Inspection, whose: &str| out.lines.iter().any(|line| line.what.starts_with(whose));
        assert!(is_named(&inspection, "the author's signature"));

        let (n, head) = (3_u64, [4; 32]);
        let statement = Statement::new("head", &[&[8; 32], &n.to_be_bytes(), &head]);
        let bob = Identity::from_pem(BOB).unwrap();
        let signature = sign_batch(&bob, &[statement], &mut rand::rng())
            .unwrap()
            .remove(0);
        let body = Body::Head(body::SignedHead { n, head, signature });
        let mut out = Inspection {
            lines: Vec::new(),
            ..inspection
        };
        scene.ada.body_facts(submit.n, &body::encode(&body), &mut out);
        assert!(is_named(&out, "the host's signature"));
        assert!(!is_named(&out, "the author's signature"));
    }
}
