//! The attacks: each one file, one line in the list. What they share is [`attack`](super::attack)'s.

mod adjacency;
mod affine;
mod atbash;
mod bigrams;
mod caesar;
mod columnar;
mod dice;
mod letters;
mod movers;
mod orders;
mod playfair;
mod rail_fence;
mod ranked;
mod reading;
mod rot13;
mod squares;
mod substitution;
mod sure;
mod tally;

use super::attack::AttackSpec;

/// All attacks, in the order of the ciphers that they break.
pub static ALL: [&AttackSpec; 8] = [
    &caesar::CAESAR,
    &rot13::ROT13,
    &atbash::ATBASH,
    &affine::AFFINE,
    &substitution::SUBSTITUTION,
    &columnar::COLUMNAR,
    &rail_fence::RAIL_FENCE,
    &playfair::PLAYFAIR,
];

/// The attack on the cipher with this id.
pub fn find(cipher: &str) -> Option<&'static AttackSpec> {
    ALL.iter().copied().find(|spec| spec.cipher == cipher)
}
