//! Thirty-two secret bytes that are zeroed on drop and never printed.

use std::fmt;

use rand::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A 32-byte secret: an invite secret, a session secret, a step of the key schedule.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; Secret::BYTES]);

impl Secret {
    /// Length of a secret.
    pub const BYTES: usize = 32;

    /// The secret of who has none: 32 zero bytes, for a typed address.
    pub const ZERO: Secret = Secret([0; Secret::BYTES]);

    /// Wraps bytes that are secret from now on.
    pub fn new(bytes: [u8; Secret::BYTES]) -> Secret {
        Secret(bytes)
    }

    /// Draws a fresh secret.
    pub fn generate(rng: &mut dyn CryptoRng) -> Secret {
        let mut bytes = [0; Secret::BYTES];
        rng.fill_bytes(&mut bytes);
        Secret(bytes)
    }

    /// Shows the bytes to a primitive or an encoder.
    pub fn expose(&self) -> &[u8; Secret::BYTES] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
