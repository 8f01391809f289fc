//! The attacks: each one file, one line in the list. What they share is [`attack`](super::attack)'s.

mod affine;
mod atbash;
mod caesar;
mod rail_fence;
mod ranked;
mod rot13;
mod substitution;

use super::attack::AttackSpec;

/// All attacks, in the order of the ciphers that they break.
pub static ALL: [&AttackSpec; 6] = [
    &caesar::CAESAR,
    &rot13::ROT13,
    &atbash::ATBASH,
    &affine::AFFINE,
    &substitution::SUBSTITUTION,
    &rail_fence::RAIL_FENCE,
];

/// The attack on the cipher with this id.
pub fn find(cipher: &str) -> Option<&'static AttackSpec> {
    ALL.iter().copied().find(|spec| spec.cipher == cipher)
}
