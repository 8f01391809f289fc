//! The attacks: each one file, one line in the list. What they share is [`attack`](super::attack)'s.

mod adfgvx;
mod adjacency;
mod affine;
mod atbash;
mod bifid;
mod bigrams;
mod caesar;
mod cells;
mod columnar;
mod dice;
mod double_columnar;
mod hill;
mod letters;
mod movers;
mod orders;
mod playfair;
mod polybius;
mod rail_fence;
mod ranked;
mod reading;
mod rot13;
mod square_search;
mod squares;
mod substitution;
mod sure;
mod tally;

use super::attack::AttackSpec;

/// All attacks, in the order of the ciphers that they break.
pub static ALL: [&AttackSpec; 14] = [
    &caesar::CAESAR,
    &rot13::ROT13,
    &atbash::ATBASH,
    &affine::AFFINE,
    &substitution::SUBSTITUTION,
    &columnar::COLUMNAR,
    &double_columnar::DOUBLE_COLUMNAR,
    &rail_fence::RAIL_FENCE,
    &playfair::PLAYFAIR,
    &hill::HILL,
    &polybius::POLYBIUS,
    &bifid::BIFID,
    &adfgvx::ADFGVX,
    &adfgvx::ADFGX,
];

/// The attack on the cipher with this id.
pub fn find(cipher: &str) -> Option<&'static AttackSpec> {
    ALL.iter().copied().find(|spec| spec.cipher == cipher)
}
