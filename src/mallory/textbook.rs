//! The textbook RSA–AES exchange, as most tutorials teach it, run by both victims.
//!
//! Two programs exchange bare public keys. One makes an AES key, wraps it with RSA-OAEP for the other,
//! and from then on every message is sealed with AES-GCM under a random nonce, with an RSA-PSS signature
//! over the plaintext sent beside it. Everything in it is a good primitive; what is missing is what ties
//! them together. A packet that does not open or verify is thrown away, as tutorials do.
//!
//! ```text
//!   HELLO    name, suites, public key                    both ways
//!   KEY      the AES key, wrapped for the other          from who called
//!   MESSAGE  from, nonce, ciphertext with tag, signature both ways
//!   BYE                                                  both ways
//! ```

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use rand::Rng;
use rsa::pkcs8::{DecodePublicKey, EncodePublicKey};
use rsa::signature::{RandomizedSigner, SignatureEncoding, Verifier};
use rsa::{Oaep, PrivateKey, PublicKey, pss};
use sha2::{Digest as _, Sha256};

use super::hands::Halt;
use super::peer::{In, Play};
use super::stage::{Person, Shown, Stage};
use crate::protocol::wire::{FieldReader, FieldWriter};

/// The kinds of packets.
pub(super) const HELLO: u8 = 1;
pub(super) const KEY: u8 = 2;
pub(super) const MESSAGE: u8 = 3;
pub(super) const BYE: u8 = 4;

/// What both can do, best first; the weak one is kept "for old programs".
pub(super) const SUITES: &[u8] = b"AES256-GCM EXPORT20-GCM";
/// The weak suite alone.
pub(super) const WEAK_SUITE: &[u8] = b"EXPORT20-GCM";
/// How many keys the weak suite has.
pub(super) const WEAK_KEYS: u32 = 1 << 20;

/// Length of the key pair's modulus: tutorials use 2048.
const RSA_BITS: usize = 2048;
const MAX_FIELD: usize = 60_000;

/// One key pair for signing and for unwrapping, as tutorials do.
pub(super) struct TextbookKey {
    private: PrivateKey,
    signing: pss::SigningKey<Sha256>,
    der: Vec<u8>,
}

impl TextbookKey {
    pub(super) fn generate() -> Result<TextbookKey, Halt> {
        let failed = || Halt::Failed("making a key failed".to_owned());
        let private = PrivateKey::new(&mut rand::rng(), RSA_BITS).map_err(|_| failed())?;
        let der = private
            .to_public_key()
            .to_public_key_der()
            .map_err(|_| failed())?;
        Ok(TextbookKey {
            signing: pss::SigningKey::new(private.clone()),
            der: der.as_bytes().to_vec(),
            private,
        })
    }

    pub(super) fn public_der(&self) -> &[u8] {
        &self.der
    }

    pub(super) fn sign(&self, text: &[u8]) -> Vec<u8> {
        let signature = self.signing.try_sign_with_rng(&mut rand::rng(), text);
        signature.map_or_else(|_| Vec::new(), |signature| signature.to_vec())
    }

    pub(super) fn unwrap(&self, wrapped: &[u8]) -> Option<SessionKey> {
        let opened = self.private.decrypt(Oaep::<Sha256>::new(), wrapped).ok()?;
        SessionKey::from_bytes(&opened)
    }
}

impl fmt::Debug for TextbookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextbookKey([secret])")
    }
}

/// Checks a signature as everybody can who has the public key.
pub(super) fn verifies(public_der: &[u8], text: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = PublicKey::from_public_key_der(public_der) else {
        return false;
    };
    let Ok(signature) = pss::Signature::try_from(signature) else {
        return false;
    };
    pss::VerifyingKey::<Sha256>::new(key)
        .verify(text, &signature)
        .is_ok()
}

/// The AES key of a session.
#[derive(Clone)]
pub(super) struct SessionKey {
    wire: Vec<u8>,
    cipher: Aes256Gcm,
}

impl SessionKey {
    /// Makes a key for the best suite of a list.
    pub(super) fn generate(suite: &[u8]) -> SessionKey {
        let mut rng = rand::rng();
        if suite == WEAK_SUITE {
            return SessionKey::weak(rng.next_u32() % WEAK_KEYS);
        }
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        SessionKey {
            wire: bytes.to_vec(),
            cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(bytes)),
        }
    }

    /// One of the weak suite's 2^20 keys.
    pub(super) fn weak(number: u32) -> SessionKey {
        let wire = number.to_be_bytes().to_vec();
        let bytes: [u8; 32] = Sha256::digest(&wire).into();
        SessionKey {
            wire,
            cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(bytes)),
        }
    }

    fn from_bytes(bytes: &[u8]) -> Option<SessionKey> {
        if let Ok(number) = <[u8; 4]>::try_from(bytes) {
            return Some(SessionKey::weak(u32::from_be_bytes(number)));
        }
        let bytes: [u8; 32] = bytes.try_into().ok()?;
        Some(SessionKey {
            wire: bytes.to_vec(),
            cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(bytes)),
        })
    }

    pub(super) fn open(&self, message: &Message) -> Option<String> {
        let nonce: [u8; 12] = message.nonce.as_slice().try_into().ok()?;
        let text_len = message.sealed.len().checked_sub(16)?;
        let (text, tag) = message.sealed.split_at_checked(text_len)?;
        let tag: [u8; 16] = tag.try_into().ok()?;
        let mut text = text.to_vec();
        self.cipher
            .decrypt_inout_detached(
                &Nonce::from(nonce),
                &[],
                text.as_mut_slice().into(),
                &Tag::from(tag),
            )
            .ok()?;
        String::from_utf8(text).ok()
    }

    pub(super) fn seal(&self, text: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut nonce = [0; 12];
        rand::rng().fill_bytes(&mut nonce);
        let mut sealed = text.to_vec();
        let tag = self
            .cipher
            .encrypt_inout_detached(&Nonce::from(nonce), &[], sealed.as_mut_slice().into())
            .ok()?;
        sealed.extend_from_slice(&tag);
        Some((nonce.to_vec(), sealed))
    }

    fn wrap_for(&self, public_der: &[u8]) -> Option<Vec<u8>> {
        let key = PublicKey::from_public_key_der(public_der).ok()?;
        key.encrypt(&mut rand::rng(), Oaep::<Sha256>::new(), &self.wire)
            .ok()
    }
}

/// A packet: the kind, the length, the fields.
pub(super) fn packet(kind: u8, fields: &[&[u8]]) -> Vec<u8> {
    let body = fields
        .iter()
        .fold(FieldWriter::default(), |writer, field| writer.put(field))
        .into_bytes();
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut bytes = vec![kind];
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&body);
    bytes
}

/// HELLO.
#[derive(Debug, Clone)]
pub(super) struct Hello {
    pub(super) name: String,
    pub(super) suites: Vec<u8>,
    pub(super) key: Vec<u8>,
}

impl Hello {
    pub(super) fn read(frame: &[u8]) -> Option<Hello> {
        let mut fields = fields_of(frame, HELLO)?;
        Some(Hello {
            name: String::from_utf8(fields.take(MAX_FIELD).ok()?.to_vec()).ok()?,
            suites: fields.take(MAX_FIELD).ok()?.to_vec(),
            key: fields.take(MAX_FIELD).ok()?.to_vec(),
        })
    }

    pub(super) fn packet(&self) -> Vec<u8> {
        packet(HELLO, &[self.name.as_bytes(), &self.suites, &self.key])
    }
}

/// MESSAGE.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) from: String,
    pub(super) nonce: Vec<u8>,
    pub(super) sealed: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl Message {
    pub(super) fn read(frame: &[u8]) -> Option<Message> {
        let mut fields = fields_of(frame, MESSAGE)?;
        Some(Message {
            from: String::from_utf8(fields.take(MAX_FIELD).ok()?.to_vec()).ok()?,
            nonce: fields.take(MAX_FIELD).ok()?.to_vec(),
            sealed: fields.take(MAX_FIELD).ok()?.to_vec(),
            signature: fields.take(MAX_FIELD).ok()?.to_vec(),
        })
    }

    pub(super) fn packet(&self) -> Vec<u8> {
        packet(
            MESSAGE,
            &[self.from.as_bytes(), &self.nonce, &self.sealed, &self.signature],
        )
    }

    /// A message sealed and signed.
    pub(super) fn write(from: &str, text: &str, session: &SessionKey, key: &TextbookKey) -> Option<Message> {
        Message::with_signature(from, text, session, key.sign(text.as_bytes()))
    }

    /// A message with a signature from wherever.
    pub(super) fn with_signature(
        from: &str,
        text: &str,
        session: &SessionKey,
        signature: Vec<u8>,
    ) -> Option<Message> {
        let (nonce, sealed) = session.seal(text.as_bytes())?;
        Some(Message {
            from: from.to_owned(),
            nonce,
            sealed,
            signature,
        })
    }

    /// Where a field stands in the packet: 0 from, 1 nonce, 2 sealed, 3 signature.
    pub(super) fn place_of(frame: &[u8], field: usize) -> Option<usize> {
        let mut at = 5;
        for _ in 0..field {
            let length = u16::from_be_bytes(frame.get(at..at + 2)?.try_into().ok()?);
            at += 2 + usize::from(length);
        }
        Some(at + 2)
    }
}

/// The wrapped key in KEY.
pub(super) fn wrapped_key(frame: &[u8]) -> Option<Vec<u8>> {
    let mut fields = fields_of(frame, KEY)?;
    Some(fields.take(MAX_FIELD).ok()?.to_vec())
}

/// KEY for somebody.
pub(super) fn key_packet(session: &SessionKey, public_der: &[u8]) -> Option<Vec<u8>> {
    Some(packet(KEY, &[&session.wrap_for(public_der)?]))
}

fn fields_of(frame: &[u8], kind: u8) -> Option<FieldReader<'_>> {
    (frame.first() == Some(&kind)).then_some(())?;
    frame.get(5..).map(FieldReader::new)
}

/// Who makes the session's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyBy {
    /// This peer: it called.
    Me,
    /// The other one, or the hub.
    Other,
}

/// A peer that runs the textbook exchange.
pub(super) struct TextbookPeer {
    person: Person,
    key: Arc<TextbookKey>,
    key_by: KeyBy,
    stage: Arc<Stage>,
    keys: HashMap<String, Vec<u8>>,
    session: Option<SessionKey>,
    waiting: Vec<u8>,
}

impl TextbookPeer {
    pub(super) fn new(
        person: Person,
        key: &Arc<TextbookKey>,
        key_by: KeyBy,
        stage: &Arc<Stage>,
    ) -> TextbookPeer {
        TextbookPeer {
            person,
            key: Arc::clone(key),
            key_by,
            stage: Arc::clone(stage),
            keys: HashMap::new(),
            session: None,
            waiting: Vec::new(),
        }
    }

    fn show(&self, line: Shown) {
        self.stage.show(self.person, line);
    }

    fn frame(&mut self, frame: &[u8]) -> Vec<u8> {
        match frame.first() {
            Some(&HELLO) => self.hello(frame),
            Some(&KEY) if self.key_by == KeyBy::Other => {
                let session = wrapped_key(frame).and_then(|wrapped| self.key.unwrap(&wrapped));
                if let Some(session) = session {
                    self.session = Some(session);
                    self.show(Shown::Note(SECURE.to_owned()));
                }
                Vec::new()
            }
            Some(&MESSAGE) => {
                self.message(frame);
                Vec::new()
            }
            Some(&BYE) => {
                self.show(Shown::Note(GONE.to_owned()));
                Vec::new()
            }
            // What can't be understood is thrown away.
            _ => Vec::new(),
        }
    }

    /// Believes the key, as tutorials do: there is nothing to compare it with.
    fn hello(&mut self, frame: &[u8]) -> Vec<u8> {
        let Some(hello) = Hello::read(frame) else {
            return Vec::new();
        };
        let suite = SUITES.split(|byte| *byte == b' ').find(|suite| {
            hello
                .suites
                .split(|byte| *byte == b' ')
                .any(|theirs| theirs == *suite)
        });
        let answer = match (self.key_by, suite) {
            (KeyBy::Me, Some(suite)) if self.session.is_none() => {
                let session = SessionKey::generate(suite);
                let packet = key_packet(&session, &hello.key).unwrap_or_default();
                self.session = Some(session);
                self.show(Shown::Note(SECURE.to_owned()));
                packet
            }
            _ => Vec::new(),
        };
        self.keys.insert(hello.name, hello.key);
        answer
    }

    fn message(&self, frame: &[u8]) {
        let shown = Message::read(frame).and_then(|message| {
            let text = self.session.as_ref()?.open(&message)?;
            let key = self.keys.get(&message.from)?;
            verifies(key, text.as_bytes(), &message.signature).then_some(Shown::Heard {
                from: message.from,
                text,
            })
        });
        if let Some(line) = shown {
            self.show(line);
        }
    }
}

/// What a peer shows once it has a key.
pub(super) const SECURE: &str = "Secure connection established.";
/// What a peer shows when the other is gone, however that came.
pub(super) const GONE: &str = "The other side left.";

impl Play for TextbookPeer {
    fn begin(&mut self) -> Vec<u8> {
        let hello = Hello {
            name: self.person.name().to_owned(),
            suites: SUITES.to_vec(),
            key: self.key.public_der().to_vec(),
        };
        hello.packet()
    }

    fn take(&mut self, input: In) -> Option<Vec<u8>> {
        match input {
            In::Bytes(bytes) => {
                self.waiting.extend_from_slice(&bytes);
                let mut out = Vec::new();
                while let Some(frame) = next_frame(&mut self.waiting) {
                    out.extend(self.frame(&frame));
                }
                Some(out)
            }
            In::End => {
                self.show(Shown::Note(GONE.to_owned()));
                None
            }
            In::Say(text) => {
                let session = self.session.as_ref()?;
                let message = Message::write(self.person.name(), &text, session, &self.key)?;
                self.show(Shown::Said(text));
                Some(message.packet())
            }
            In::Bye => Some(packet(BYE, &[])),
        }
    }
}

fn next_frame(waiting: &mut Vec<u8>) -> Option<Vec<u8>> {
    let length = u32::from_be_bytes(waiting.get(1..5)?.try_into().ok()?) as usize;
    (waiting.len() >= 5 + length).then(|| waiting.drain(..5 + length).collect())
}
