//! The key schedule of CR/1: early → handshake → master secret, and the traffic secrets between.
//!
//! `X` is HKDF-Extract and `E` HKDF-Expand of RFC 5869 with SHA-256; `docs/protocol.md`, section
//! "Key schedule", draws the ladder.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::digest::{Digest, LABEL_PREFIX};
use super::{HybridSecret, Secret};

/// `ES`: knows the invite secret.
#[derive(Debug)]
pub struct EarlySecret(Secret);

impl EarlySecret {
    /// The secret itself, for who looks inside an own connection.
    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }

    /// `X(0, psk)`.
    pub fn new(psk: &Secret) -> EarlySecret {
        EarlySecret(extract(&Secret::ZERO, psk.expose()))
    }

    /// `HS = X(E(ES, "derived"), mlkem_secret ‖ x25519_secret)`.
    pub fn mix(self, hybrid: &HybridSecret) -> HandshakeSecret {
        HandshakeSecret(extract(&expand(&self.0, "derived", &[]), hybrid.expose()))
    }
}

/// The key of M1's proof that its sender holds the invitation.
pub fn invite_mac_key(psk: &Secret) -> Secret {
    expand(psk, "invite mac", &[])
}

/// `HS`: knows the invite secret, ML-KEM and X25519.
#[derive(Debug)]
pub struct HandshakeSecret(Secret);

impl HandshakeSecret {
    /// The secret itself, for who looks inside an own connection.
    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }

    /// The secret of the host's sealed handshake parts; `transcript` ends with M2's clear fields.
    pub fn host_traffic(&self, transcript: &Digest) -> TrafficSecret {
        TrafficSecret(expand(&self.0, "h hs", transcript))
    }

    /// The secret of the guest's sealed handshake parts; `transcript` ends with M2's clear fields.
    pub fn guest_traffic(&self, transcript: &Digest) -> TrafficSecret {
        TrafficSecret(expand(&self.0, "g hs", transcript))
    }

    /// The key of the host's `fin` in M2.
    pub fn host_finished(&self) -> Secret {
        expand(&self.0, "h fin", &[])
    }

    /// The key of the guest's `fin` in M3.
    pub fn guest_finished(&self) -> Secret {
        expand(&self.0, "g fin", &[])
    }

    /// `MS = X(E(HS, "derived"), 32 zero bytes)`: a resumed session wraps no secret.
    pub fn mix_nothing(self) -> MasterSecret {
        self.mix(&Secret::ZERO)
    }

    /// `MS = X(E(HS, "derived"), sH)`, with the secret that the host wrapped for the guest.
    pub fn mix(self, wrapped: &Secret) -> MasterSecret {
        MasterSecret(extract(&expand(&self.0, "derived", &[]), wrapped.expose()))
    }
}

/// `MS`: knows all three exchanges; everything after the handshake comes from it.
#[derive(Debug)]
pub struct MasterSecret(Secret);

impl MasterSecret {
    /// The secret itself, for who looks inside an own connection.
    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }

    /// The key of the host's confirmation in M4.
    pub fn host_confirmation(&self) -> Secret {
        expand(&self.0, "h fin2", &[])
    }

    /// The key of the guest's confirmation in M5.
    pub fn guest_confirmation(&self) -> Secret {
        expand(&self.0, "g fin2", &[])
    }

    /// The host's first application traffic secret; `transcript` ends with M4's wrapped secret.
    pub fn host_traffic(&self, transcript: &Digest) -> TrafficSecret {
        TrafficSecret(expand(&self.0, "h ap", transcript))
    }

    /// The guest's first application traffic secret; `transcript` ends with M4's wrapped secret.
    pub fn guest_traffic(&self, transcript: &Digest) -> TrafficSecret {
        TrafficSecret(expand(&self.0, "g ap", transcript))
    }

    /// What is kept for resuming later without RSA: its secret and the name under which both sides keep it.
    pub fn ticket(&self, transcript: &Digest) -> Ticket {
        let mut id = [0; Ticket::ID_BYTES];
        expand_into(&self.0, "resume id", transcript, &mut id);
        Ticket {
            id,
            secret: expand(&self.0, "resume", transcript),
        }
    }

    /// What is kept for the next exchange inside the channel. Traffic secrets can't be computed from it.
    pub fn rekey_secret(&self, transcript: &Digest) -> RekeySecret {
        RekeySecret(expand(&self.0, "rekey", transcript))
    }
}

/// What both sides keep of a session to resume it once. It opens nothing that was said before.
#[derive(Debug, Clone)]
pub struct Ticket {
    id: [u8; Ticket::ID_BYTES],
    secret: Secret,
}

impl Ticket {
    /// Length of a ticket's id.
    pub const ID_BYTES: usize = 16;

    /// The name under which both sides keep it. It crosses the wire only when the ticket is used.
    pub fn id(&self) -> &[u8; Ticket::ID_BYTES] {
        &self.id
    }

    /// The key of R1's proof that its sender holds the ticket.
    pub fn mac_key(&self) -> Secret {
        expand(&self.secret, "resume mac", &[])
    }

    /// `X(0, secret)`: the early secret of a resumed session, in the place of the invitation's.
    pub fn early(&self) -> EarlySecret {
        EarlySecret::new(&self.secret)
    }
}

/// The one secret that outlives its master secret: the salt of the next one.
#[derive(Debug)]
pub struct RekeySecret(Secret);

impl RekeySecret {
    /// The secret itself, for who looks inside an own connection.
    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }

    /// One that was noted before, for who looks inside an own connection.
    pub(crate) fn noted(secret: Secret) -> RekeySecret {
        RekeySecret(secret)
    }

    /// The next master secret: `X(rekey_secret, mlkem_secret ‖ x25519_secret)`.
    pub fn renew(self, hybrid: &HybridSecret) -> MasterSecret {
        MasterSecret(extract(&self.0, hybrid.expose()))
    }
}

/// The secret of one direction, from which its key and IV are expanded.
#[derive(Debug)]
pub struct TrafficSecret(Secret);

impl TrafficSecret {
    /// The secret itself, for who looks inside an own connection.
    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }

    /// One that was noted before, for who looks inside an own connection.
    pub(crate) fn noted(secret: Secret) -> TrafficSecret {
        TrafficSecret(secret)
    }

    /// The AES-256 key.
    pub fn key(&self) -> Secret {
        expand(&self.0, "key", &[])
    }

    /// The 96-bit IV that is combined with the record counter.
    pub fn iv(&self) -> [u8; 12] {
        let mut iv = [0; 12];
        expand_into(&self.0, "iv", &[], &mut iv);
        iv
    }

    /// The secret after a key update; the old one is forgotten.
    pub fn update(self) -> TrafficSecret {
        TrafficSecret(expand(&self.0, "update", &[]))
    }
}

fn extract(salt: &Secret, input: &[u8]) -> Secret {
    hkdf_extract(salt.expose(), input)
}

/// HKDF-Extract (RFC 5869, section 2.2) with SHA-256.
pub(super) fn hkdf_extract(salt: &[u8], input: &[u8]) -> Secret {
    let (mut prk, _) = Hkdf::<Sha256>::extract(Some(salt), input);
    let secret = Secret::new(prk.into());
    zeroize::Zeroize::zeroize(prk.as_mut_slice());
    secret
}

/// HKDF-Expand (RFC 5869, section 2.3) with SHA-256. Fails above 255 SHA-256 values.
pub(super) fn hkdf_expand(prk: &Secret, info: &[u8], okm: &mut [u8]) -> Result<(), hkdf::InvalidLength> {
    Hkdf::<Sha256>::from_prk(prk.expose())
        .expect("a secret is as long as a SHA-256 value")
        .expand(info, okm)
}

fn expand(key: &Secret, label: &str, context: &[u8]) -> Secret {
    let mut okm = Zeroizing::new([0; Secret::BYTES]);
    expand_into(key, label, context, okm.as_mut());
    Secret::new(*okm)
}

/// `E(key, label, context)` with `info = len(2) ‖ len(1) ‖ "CR/1 " label ‖ len(1) ‖ context`.
fn expand_into(key: &Secret, label: &str, context: &[u8], okm: &mut [u8]) {
    let short = |len: usize| u8::try_from(len).expect("labels and contexts are short");
    let mut info = Vec::with_capacity(64);
    info.extend_from_slice(&u16::from(short(okm.len())).to_be_bytes());
    info.push(short(LABEL_PREFIX.len() + label.len()));
    info.extend_from_slice(LABEL_PREFIX.as_bytes());
    info.extend_from_slice(label.as_bytes());
    info.push(short(context.len()));
    info.extend_from_slice(context);
    hkdf_expand(key, &info, okm).expect("no output is longer than one SHA-256 value");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_gives_another_secret() {
        let hs = HandshakeSecret(Secret::new([1; 32]));
        let th = [2; 32];
        let all = [
            hs.host_traffic(&th).0,
            hs.guest_traffic(&th).0,
            hs.host_finished(),
            hs.guest_finished(),
            hs.host_traffic(&th).update().0,
            hs.host_traffic(&[3; 32]).0,
        ];
        for (i, a) in all.iter().enumerate() {
            for b in &all[i + 1..] {
                assert_ne!(a.expose(), b.expose());
            }
        }
    }

    #[test]
    fn a_secret_is_expanded_with_the_documented_bytes() {
        let key = Secret::new([1; 32]);
        let mut expected = [0; 32];
        hkdf_expand(&key, b"\x00\x20\x08CR/1 key\x02ab", &mut expected).unwrap();
        assert_eq!(expand(&key, "key", b"ab").expose(), &expected);
    }

    #[test]
    fn every_traffic_secret_has_a_key_and_an_iv_of_its_own() {
        let hs = HandshakeSecret(Secret::new([1; 32]));
        let (host, guest) = (hs.host_traffic(&[2; 32]), hs.guest_traffic(&[2; 32]));
        assert_ne!(host.iv(), guest.iv());
        assert_ne!(host.key().expose(), guest.key().expose());
        assert_ne!(host.iv(), host.update().iv());
    }

    #[test]
    fn no_step_of_the_schedule_prints_its_secret() {
        let shown = format!("{:?}", MasterSecret(Secret::new([0xab; 32])));
        assert!(shown.contains("[secret]") && !shown.contains("171"), "{shown}");
    }
}
