//! The attacks: each one file, one line in the list. What they share is [`attack`](super::attack)'s.

mod adfgvx;
mod adjacency;
mod aes_256_gcm;
mod affine;
mod agreement;
mod atbash;
mod autokey;
mod beaufort;
mod bifid;
mod bigrams;
mod caesar;
mod cells;
mod columnar;
mod double_columnar;
mod ends;
mod enigma;
mod gronsfeld;
mod hill;
mod letters;
mod movers;
mod one_time_pad;
mod orders;
mod pair_score;
mod pair_table;
mod playfair;
mod polyalphabetic;
mod polybius;
mod porta;
mod rail_fence;
mod ranked;
mod reading;
mod rot13;
mod square_search;
mod squares;
mod substitution;
mod sure;
mod tally;
mod vigenere;

use super::attack::AttackSpec;

/// All attacks, in the order of the ciphers that they break.
pub static ALL: [&AttackSpec; 22] = [
    &caesar::CAESAR,
    &rot13::ROT13,
    &atbash::ATBASH,
    &affine::AFFINE,
    &substitution::SUBSTITUTION,
    &columnar::COLUMNAR,
    &double_columnar::DOUBLE_COLUMNAR,
    &rail_fence::RAIL_FENCE,
    &vigenere::VIGENERE,
    &beaufort::BEAUFORT,
    &autokey::AUTOKEY,
    &gronsfeld::GRONSFELD,
    &porta::PORTA,
    &playfair::PLAYFAIR,
    &hill::HILL,
    &polybius::POLYBIUS,
    &bifid::BIFID,
    &adfgvx::ADFGVX,
    &adfgvx::ADFGX,
    &enigma::ENIGMA,
    &one_time_pad::ONE_TIME_PAD,
    &aes_256_gcm::AES_256_GCM,
];

/// The attack on the cipher with this id.
pub fn find(cipher: &str) -> Option<&'static AttackSpec> {
    ALL.iter().copied().find(|spec| spec.cipher == cipher)
}
