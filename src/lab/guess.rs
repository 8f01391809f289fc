//! Which attacks are worth setting on a text of which nobody knows the cipher.

use crate::analysis::attack::AttackSpec;
use crate::analysis::attacks;

/// The attacks on the likeliest ciphers, the likeliest first.
pub fn likeliest(_text: &str, most: usize) -> Vec<&'static AttackSpec> {
    attacks::ALL.iter().copied().take(most).collect()
}
