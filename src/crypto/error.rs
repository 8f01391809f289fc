//! What can go wrong in the crypto layer. No variant carries a secret.

use std::fmt;

use super::{MAX_RSA_BITS, MIN_RSA_BITS};

/// Why a cryptographic step failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CryptoError {
    /// A public key is not an RSA key of 3072 to 4096 bits with e = 65537, in canonical DER.
    UnacceptableKey,
    /// A private key file is damaged, encrypted, or not an RSA key.
    DamagedPrivateKey,
    /// A private key is whole, and not of 3072 to 4096 bits.
    KeyLength {
        /// How many it has.
        bits: usize,
    },
    /// A signature does not belong to this key and statement.
    BadSignature,
    /// A key exchange share is malformed or of low order.
    BadShare,
    /// A sealed text was altered, repeated or out of order.
    BadSeal,
    /// The parameters beside a wrapped vault key are not ones that this program writes.
    DamagedVault,
    /// The random number generator or the key generation failed.
    KeyGeneration,
}

impl fmt::Display for CryptoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = match self {
            CryptoError::KeyLength { bits } => {
                let how = if *bits > MAX_RSA_BITS as usize {
                    "long"
                } else {
                    "short"
                };
                return write!(
                    f,
                    "its RSA key is too {how}: it has {bits} bits, and {MIN_RSA_BITS} to {MAX_RSA_BITS} are taken"
                );
            }
            CryptoError::UnacceptableKey => {
                "the public key is not an RSA key of 3072 to 4096 bits with exponent 65537"
            }
            CryptoError::DamagedPrivateKey => "the private key is damaged or not an RSA key",
            CryptoError::BadSignature => "the signature does not match",
            CryptoError::BadShare => "the key exchange share is not valid",
            CryptoError::BadSeal => "the sealed text was altered or out of order",
            CryptoError::DamagedVault => "the parameters of the key file are damaged",
            CryptoError::KeyGeneration => "no key could be made",
        };
        f.write_str(said)
    }
}

impl std::error::Error for CryptoError {}
