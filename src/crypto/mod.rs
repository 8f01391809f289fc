//! Keys, key exchange, key schedule and sealing: the arithmetic of CR/1.
//!
//! Primitives come from RustCrypto; this layer gives them the names and the limits of
//! `docs/protocol.md`. It knows no sockets, files, threads or clock: randomness is an argument.
//!
//! Invariant: nothing here prints a secret. Types that hold one show `[secret]` for `Debug` and are
//! zeroed on drop.

mod digest;
mod error;
mod exchange;
mod fingerprint;
mod identity;
mod passphrase;
#[cfg(test)]
mod published;
mod safety_number;
mod schedule;
mod seal;
mod secret;
mod signature;
mod vault;
mod wrap;

pub use digest::{Digest, commitment, labelled_hash, mac, mac_matches};
pub use error::CryptoError;
pub use exchange::{Answer, HybridSecret, Offer, OfferPublic, answer};
pub use exchange::{ML_KEM_CIPHERTEXT_BYTES, ML_KEM_KEY_BYTES, X25519_BYTES};
pub use fingerprint::{Fingerprint, SAS_EMOJI, Sas};
pub use identity::{Identity, PublicIdentity};
pub use passphrase::{Passphrase, Strength};
pub use safety_number::SafetyNumber;
pub use schedule::{
    EarlySecret, HandshakeSecret, MasterSecret, RekeySecret, Ticket, TrafficSecret, invite_mac_key,
};
pub use seal::{OpeningKey, SealingKey, TAG_BYTES};
pub use secret::Secret;
pub use signature::{MAX_BATCH, Signature, Statement, sign_batch};
pub use vault::{OPAQUE_BYTES, Opened, RunningMac, Stretching, TableKeys, VaultKey};
pub use wrap::{PublicWrapKey, WrapKey};

/// Smallest accepted RSA modulus, in bits.
pub const MIN_RSA_BITS: u32 = 3072;
/// Largest accepted RSA modulus, in bits.
pub const MAX_RSA_BITS: u32 = 4096;
/// Largest DER encoding of an accepted public key, in bytes (4096 bits take 550).
pub const MAX_SPKI_BYTES: usize = 640;

#[cfg(test)]
pub(crate) use exchange::hybrid_for_test;

#[cfg(test)]
pub(crate) mod test_keys {
    //! Ready-made keys, so that tests don't wait for prime numbers.

    pub const ADA: &str = include_str!("../../tests/keys/ada.pem");
    pub const BOB: &str = include_str!("../../tests/keys/bob.pem");
    pub const CEM: &str = include_str!("../../tests/keys/cem.pem");
    pub const ADA_WRAP: &str = include_str!("../../tests/keys/ada-wrap.pem");
}
