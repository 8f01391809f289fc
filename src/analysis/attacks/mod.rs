//! The attacks: each one file, one line in the list. What they share is [`attack`](super::attack)'s.

mod adjacency;
mod bigrams;
mod columnar;
mod dice;
mod letters;
mod movers;
mod orders;
mod playfair;
mod reading;
mod squares;
mod sure;
mod tally;

use super::attack::AttackSpec;

/// All attacks, in the order of the ciphers that they break.
pub static ALL: [&AttackSpec; 2] = [
    &columnar::COLUMNAR,
    &playfair::PLAYFAIR,
];

/// The attack on the cipher with this id.
pub fn find(cipher: &str) -> Option<&'static AttackSpec> {
    ALL.iter().copied().find(|spec| spec.cipher == cipher)
}
