//! The hybrid key exchange: X25519 (RFC 7748) and ML-KEM-768 (FIPS 203), both or nothing.

use std::fmt;

use ml_kem::kem::{Decapsulate, Encapsulate, Kem, KeyExport};
use ml_kem::{DecapsulationKey768, EncapsulationKey768, MlKem768};
use rand::CryptoRng;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::CryptoError;

/// Length of an X25519 public key.
pub const X25519_BYTES: usize = 32;
/// Length of an ML-KEM-768 encapsulation key.
pub const ML_KEM_KEY_BYTES: usize = 1184;
/// Length of an ML-KEM-768 ciphertext.
pub const ML_KEM_CIPHERTEXT_BYTES: usize = 1088;

/// The secret half of an exchange that was offered and not yet answered.
pub struct Offer {
    x25519: StaticSecret,
    ml_kem: DecapsulationKey768,
    public: OfferPublic,
}

/// What the offering side sends.
#[derive(Debug, Clone)]
pub struct OfferPublic {
    /// The X25519 public key.
    pub x25519: [u8; X25519_BYTES],
    /// The ML-KEM-768 encapsulation key.
    pub ml_kem: Vec<u8>,
}

/// What the answering side sends back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The X25519 public key.
    pub x25519: [u8; X25519_BYTES],
    /// The ML-KEM-768 ciphertext.
    pub ml_kem: Vec<u8>,
}

impl Offer {
    /// Draws fresh keys: 32 bytes for X25519, then a 64-byte seed for ML-KEM.
    pub fn generate(rng: &mut dyn CryptoRng) -> Offer {
        let x25519 = StaticSecret::random_from_rng(rng);
        let (ml_kem, encapsulation) = MlKem768::generate_keypair_from_rng(&mut &mut *rng);
        let public = OfferPublic {
            x25519: PublicKey::from(&x25519).to_bytes(),
            ml_kem: encapsulation.to_bytes().to_vec(),
        };
        Offer {
            x25519,
            ml_kem,
            public,
        }
    }

    /// What to send.
    pub fn public(&self) -> &OfferPublic {
        &self.public
    }

    /// Finishes with the other side's answer. Fails when the answer has the wrong length or its
    /// X25519 key is of low order (RFC 7748, section 6.1).
    pub fn finish(self, answer: &Answer) -> Result<HybridSecret, CryptoError> {
        let kem_secret = decapsulate(&self.ml_kem, &answer.ml_kem)?;
        HybridSecret::combine(kem_secret.as_slice(), &self.x25519, &answer.x25519)
    }
}

/// Answers an offer. Fails when its encapsulation key is not valid (FIPS 203, section 7.2) or its
/// X25519 key is of low order.
pub fn answer(offer: &OfferPublic, rng: &mut dyn CryptoRng) -> Result<(Answer, HybridSecret), CryptoError> {
    let encapsulation = encapsulation_key(&offer.ml_kem)?;
    let x25519 = StaticSecret::random_from_rng(rng);
    let (ml_kem, kem_secret) = encapsulate(&encapsulation, rng);
    let secret = HybridSecret::combine(kem_secret.as_slice(), &x25519, &offer.x25519)?;
    let answer = Answer {
        x25519: PublicKey::from(&x25519).to_bytes(),
        ml_kem,
    };
    Ok((answer, secret))
}

/// Reads an encapsulation key and checks it (FIPS 203, section 7.2).
pub(super) fn encapsulation_key(bytes: &[u8]) -> Result<EncapsulationKey768, CryptoError> {
    let encoded = bytes.try_into().map_err(|_| CryptoError::BadShare)?;
    EncapsulationKey768::new(encoded).map_err(|_| CryptoError::BadShare)
}

/// ML-KEM.Encaps (FIPS 203, section 7.2): the ciphertext and the shared secret.
pub(super) fn encapsulate(
    key: &EncapsulationKey768,
    rng: &mut dyn CryptoRng,
) -> (Vec<u8>, Zeroizing<[u8; 32]>) {
    let (ciphertext, secret) = key.encapsulate_with_rng(rng);
    (ciphertext.to_vec(), Zeroizing::new(secret.into()))
}

/// ML-KEM.Decaps (FIPS 203, section 7.3). Fails only when the length is wrong.
pub(super) fn decapsulate(
    key: &DecapsulationKey768,
    ciphertext: &[u8],
) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
    let secret = key
        .decapsulate_slice(ciphertext)
        .map_err(|_| CryptoError::BadShare)?;
    Ok(Zeroizing::new(secret.into()))
}

/// `mlkem_secret ‖ x25519_secret`, 64 bytes.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct HybridSecret([u8; 64]);

impl HybridSecret {
    /// No secret at all: what the key schedule gets in the attack lab when the fresh exchange is left out.
    pub(crate) fn none() -> HybridSecret {
        HybridSecret([0; 64])
    }

    /// The bytes, for the key schedule and for who looks inside an own connection.
    pub(crate) fn expose(&self) -> &[u8; 64] {
        &self.0
    }

    fn combine(
        kem_secret: &[u8],
        ours: &StaticSecret,
        theirs: &[u8; X25519_BYTES],
    ) -> Result<HybridSecret, CryptoError> {
        let shared = agree(ours, theirs)?;
        let mut bytes = [0; 64];
        let (kem_half, dh_half) = bytes.split_at_mut(32);
        kem_half.copy_from_slice(kem_secret);
        dh_half.copy_from_slice(shared.as_bytes());
        Ok(HybridSecret(bytes))
    }
}

impl fmt::Debug for HybridSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Offer([secret])")
    }
}

/// X25519 (RFC 7748, section 6.1). Fails when the result is all zeros: their key is of low order.
pub(super) fn agree(
    ours: &StaticSecret,
    theirs: &[u8; X25519_BYTES],
) -> Result<x25519_dalek::SharedSecret, CryptoError> {
    let shared = ours.diffie_hellman(&PublicKey::from(*theirs));
    if shared.was_contributory() {
        Ok(shared)
    } else {
        Err(CryptoError::BadShare)
    }
}

/// A secret for tests of what comes after an exchange.
#[cfg(test)]
pub(crate) fn hybrid_for_test() -> HybridSecret {
    HybridSecret([5; 64])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_reach_the_same_secret() {
        let mut rng = rand::rng();
        let offer = Offer::generate(&mut rng);
        let (answer, theirs) = answer(offer.public(), &mut rng).unwrap();
        assert_eq!(offer.finish(&answer).unwrap().expose(), theirs.expose());
    }

    #[test]
    fn two_exchanges_reach_two_secrets() {
        let mut rng = rand::rng();
        let offer = Offer::generate(&mut rng);
        let secrets = [(); 2].map(|()| answer(offer.public(), &mut rng).unwrap().1);
        assert_ne!(secrets[0].expose(), secrets[1].expose());
    }

    #[test]
    fn low_order_and_malformed_shares_are_refused() {
        let mut rng = rand::rng();
        let good = Offer::generate(&mut rng);
        let low_order = OfferPublic {
            x25519: [0; 32],
            ..good.public().clone()
        };
        assert_eq!(answer(&low_order, &mut rng).unwrap_err(), CryptoError::BadShare);
        let not_reduced = OfferPublic {
            ml_kem: vec![0xff; ML_KEM_KEY_BYTES],
            ..good.public().clone()
        };
        assert_eq!(answer(&not_reduced, &mut rng).unwrap_err(), CryptoError::BadShare);
        let short = OfferPublic {
            ml_kem: vec![0; 10],
            ..good.public().clone()
        };
        assert_eq!(answer(&short, &mut rng).unwrap_err(), CryptoError::BadShare);
        let (answered, _) = answer(good.public(), &mut rng).unwrap();
        let low_answer = Answer {
            x25519: [0; 32],
            ..answered
        };
        assert_eq!(good.finish(&low_answer).unwrap_err(), CryptoError::BadShare);
    }
}
