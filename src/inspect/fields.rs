//! Which byte of a frame belongs to which field.

use std::ops::Range;

use super::wire::WireFrame;
use crate::protocol::wire::FrameKind;

/// A named stretch of a frame, or of what was sealed in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, as `docs/protocol.md` writes it.
    pub name: String,
    /// Which bytes.
    pub bytes: Range<usize>,
    /// What it is for, in a short sentence.
    pub meaning: &'static str,
}

/// What was sealed, with its own fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// Which sealed part.
    pub name: &'static str,
    /// The text.
    pub text: Vec<u8>,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// Walks over bytes and names them.
pub(super) struct Walker<'a> {
    bytes: &'a [u8],
    at: usize,
    pub(super) fields: Vec<Field>,
}

impl<'a> Walker<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Walker<'a> {
        Walker {
            bytes,
            at: 0,
            fields: Vec::new(),
        }
    }

    /// Names the next bytes, as many as there are.
    pub(super) fn fixed(&mut self, name: &str, length: usize, meaning: &'static str) {
        let end = (self.at + length).min(self.bytes.len());
        if end > self.at {
            self.fields.push(Field {
                name: name.to_owned(),
                bytes: self.at..end,
                meaning,
            });
        }
        self.at = end;
    }

    /// Names a field behind its two bytes of length; gives where its value stands.
    pub(super) fn prefixed(&mut self, name: &str, meaning: &'static str) -> Range<usize> {
        let length = self.next_length();
        self.fixed(&format!("length of {name}"), 2, "two bytes, big-endian");
        let start = self.at;
        self.fixed(name, length, meaning);
        start..self.at
    }

    fn next_length(&self) -> usize {
        let length = self.bytes.get(self.at..self.at + 2);
        let length = length.and_then(|bytes| <[u8; 2]>::try_from(bytes).ok());
        length.map_or(0, |bytes| usize::from(u16::from_be_bytes(bytes)))
    }

    /// A field that is sealed: ciphertext and tag.
    pub(super) fn prefixed_sealed(&mut self, name: &str) {
        let length = self.next_length();
        self.fixed(&format!("length of {name}"), 2, "two bytes, big-endian");
        self.sealed(name, length);
    }

    /// Ciphertext and tag.
    pub(super) fn sealed(&mut self, name: &str, length: usize) {
        self.fixed(name, length.saturating_sub(TAG), "sealed with AES-256-GCM");
        self.fixed(
            &format!("tag of {name}"),
            TAG.min(length),
            "proves that not one bit of the sealed bytes or the header was changed",
        );
    }

    /// Names what is left.
    pub(super) fn rest(&mut self, name: &str, meaning: &'static str) {
        self.fixed(name, self.bytes.len() - self.at, meaning);
    }

    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }
}

const TAG: usize = 16;

/// The fields of a frame; every byte belongs to exactly one.
pub(super) fn fields_of(frame: &WireFrame) -> Vec<Field> {
    let mut walk = Walker::new(&frame.bytes);
    walk.fixed(
        "type",
        1,
        "what the frame is; also associated data of what is sealed in it",
    );
    walk.fixed(
        "length",
        4,
        "length of the body; also associated data of what is sealed in it",
    );
    match frame.kind() {
        Some(FrameKind::GuestHello) => {
            walk.prefixed("version", "CR/1, the only one there is");
            walk.prefixed("suite", "the one suite of CR/1");
            walk.prefixed("xG", "the guest's X25519 key, made for this handshake");
            walk.prefixed("ekG", "the guest's ML-KEM-768 key, made for this handshake");
            walk.prefixed(
                "com",
                "commits to nG and the guest's identity, so that the emoji can't be searched for",
            );
            walk.prefixed("mac", "proves that the sender holds the invitation");
        }
        Some(FrameKind::HostHello) => {
            walk.prefixed("xH", "the host's X25519 key, made for this handshake");
            walk.prefixed("ctH", "a secret for the guest's ML-KEM key");
            walk.prefixed("nH", "32 random bytes of the host");
            walk.prefixed_sealed("host's identity and proof");
        }
        Some(FrameKind::GuestProof) => {
            let left = walk.left();
            walk.sealed("guest's identity and proof", left);
        }
        Some(FrameKind::HostWelcome) => {
            walk.prefixed_sealed("wrapped secret");
            walk.prefixed_sealed("welcome");
        }
        Some(FrameKind::ResumeHello) => {
            walk.prefixed("version", "CR/1, the only one there is");
            walk.prefixed("suite", "the one suite of CR/1");
            walk.prefixed("id", "which ticket is used; it crosses the wire only now");
            walk.prefixed("xG", "the guest's X25519 key, made for this resumption");
            walk.prefixed("ekG", "the guest's ML-KEM-768 key, made for this resumption");
            walk.prefixed("nG", "32 random bytes of the guest");
            walk.prefixed("mac", "proves that the sender holds the ticket");
        }
        Some(FrameKind::ResumeAnswer) => {
            walk.prefixed("xH", "the host's X25519 key, made for this resumption");
            walk.prefixed("ctH", "a secret for the guest's ML-KEM key");
            walk.prefixed("nH", "32 random bytes of the host");
            walk.prefixed_sealed("confirmation and welcome");
        }
        Some(FrameKind::ResumeConfirm) => {
            let left = walk.left();
            walk.sealed("confirmation and standing", left);
        }
        Some(FrameKind::Refusal) => walk.rest("reason", "why there is no handshake, in clear"),
        Some(_) => {
            let left = walk.left();
            walk.sealed("ciphertext", left);
        }
        None => walk.rest("bytes", "no frame of this protocol"),
    }
    walk.rest("bytes behind", "not of the protocol");
    walk.fields
}
