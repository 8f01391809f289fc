//! The key of one run of the program that unwraps session secrets: RSAES-OAEP, never signs.

use std::fmt;

use rand::CryptoRng;
use rsa::pkcs8::EncodePublicKey;
use rsa::{Oaep, PrivateKey, PublicKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::digest::Digest;
use super::identity::acceptable_public_key;
use super::{CryptoError, MIN_RSA_BITS, Secret};

/// The secret half of `WK`, made fresh at each start and dropped at exit.
pub struct WrapKey {
    key: PrivateKey,
    public: PublicWrapKey,
}

impl WrapKey {
    /// Makes a new key of 3072 bits. Takes 0.2 s, now and then over a second: call it on a thread.
    pub fn generate(rng: &mut dyn CryptoRng) -> Result<WrapKey, CryptoError> {
        let key = PrivateKey::new(rng, MIN_RSA_BITS as usize).map_err(|_| CryptoError::KeyGeneration)?;
        WrapKey::from_private_key(key)
    }

    /// Reads PKCS#8 PEM, for test vectors: a real program never stores this key.
    pub fn from_pem(pem: &str) -> Result<WrapKey, CryptoError> {
        use rsa::pkcs8::DecodePrivateKey;
        let key = PrivateKey::from_pkcs8_pem(pem).map_err(|_| CryptoError::DamagedPrivateKey)?;
        WrapKey::from_private_key(key)
    }

    /// The half that is sent to the host.
    pub fn public(&self) -> &PublicWrapKey {
        &self.public
    }

    /// Unwraps a session secret, with a random blinding of the private operation. When the
    /// ciphertext is not valid the answer is a random secret: the handshake then fails at the
    /// confirmation, like for every other cause (RFC 8017, section 7.1.2, note).
    pub fn unwrap(&self, wrapped: &[u8], label: &Digest, rng: &mut dyn CryptoRng) -> Secret {
        let fallback = Secret::generate(rng);
        let opened = open_oaep(&self.key, label, wrapped, rng).unwrap_or_default();
        match <[u8; Secret::BYTES]>::try_from(opened.as_slice()) {
            Ok(bytes) => Secret::new(bytes),
            Err(_) => fallback,
        }
    }

    fn from_private_key(key: PrivateKey) -> Result<WrapKey, CryptoError> {
        let public_key = key.to_public_key();
        let der = public_key
            .to_public_key_der()
            .map_err(|_| CryptoError::UnacceptableKey)?;
        Ok(WrapKey {
            public: PublicWrapKey {
                key: public_key,
                der: der.as_bytes().to_vec(),
            },
            key,
        })
    }
}

/// RSAES-OAEP-DECRYPT (RFC 8017, section 7.1.2) with SHA-256, MGF1 with SHA-256, blinded.
pub(super) fn open_oaep(
    key: &PrivateKey,
    label: &[u8],
    wrapped: &[u8],
    rng: &mut dyn CryptoRng,
) -> Option<Zeroizing<Vec<u8>>> {
    let padding = Oaep::<Sha256>::new_with_label(label.to_vec());
    key.decrypt_blinded(rng, padding, wrapped)
        .ok()
        .map(Zeroizing::new)
}

impl fmt::Debug for WrapKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrapKey([secret])")
    }
}

/// The public half of `WK`.
#[derive(Clone)]
pub struct PublicWrapKey {
    key: PublicKey,
    der: Vec<u8>,
}

impl PublicWrapKey {
    /// Reads a SubjectPublicKeyInfo under the same limits as an identity key.
    pub fn from_der(der: &[u8]) -> Result<PublicWrapKey, CryptoError> {
        Ok(PublicWrapKey {
            key: acceptable_public_key(der)?,
            der: der.to_vec(),
        })
    }

    /// The SubjectPublicKeyInfo in DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Wraps a session secret: RSAES-OAEP with SHA-256, MGF1 with SHA-256 (RFC 8017, section 7.1).
    pub fn wrap(
        &self,
        secret: &Secret,
        label: &Digest,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, CryptoError> {
        self.key
            .encrypt(
                rng,
                Oaep::<Sha256>::new_with_label(label.to_vec()),
                secret.expose(),
            )
            .map_err(|_| CryptoError::UnacceptableKey)
    }
}

impl fmt::Debug for PublicWrapKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicWrapKey({} bytes)", self.der.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_keys::ADA_WRAP;
    use super::*;

    #[test]
    fn a_wrapped_secret_comes_back_under_its_label_only() {
        let mut rng = rand::rng();
        let key = WrapKey::from_pem(ADA_WRAP).unwrap();
        let secret = Secret::generate(&mut rng);
        let wrapped = key.public().wrap(&secret, &[1; 32], &mut rng).unwrap();
        assert_eq!(key.unwrap(&wrapped, &[1; 32], &mut rng).expose(), secret.expose());
        assert_ne!(key.unwrap(&wrapped, &[2; 32], &mut rng).expose(), secret.expose());
    }

    #[test]
    fn nonsense_unwraps_to_a_fresh_random_secret() {
        let mut rng = rand::rng();
        let key = WrapKey::from_pem(ADA_WRAP).unwrap();
        let once = key.unwrap(&[0; 384], &[1; 32], &mut rng);
        let twice = key.unwrap(&[0; 384], &[1; 32], &mut rng);
        assert_ne!(once.expose(), twice.expose());
        assert_ne!(key.unwrap(&[], &[1; 32], &mut rng).expose(), &[0; 32]);
    }
}
