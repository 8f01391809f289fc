//! The attacks: each one file, one line in the list. What they share is [`attack`](super::attack)'s.

mod aes_256_gcm;
mod affine;
mod atbash;
mod autokey;
mod beaufort;
mod caesar;
mod enigma;
mod gronsfeld;
mod letters;
mod one_time_pad;
mod polyalphabetic;
mod porta;
mod rail_fence;
mod ranked;
mod rot13;
mod substitution;
mod vigenere;

use super::attack::AttackSpec;

/// All attacks, in the order of the ciphers that they break.
pub static ALL: [&AttackSpec; 14] = [
    &caesar::CAESAR,
    &rot13::ROT13,
    &atbash::ATBASH,
    &affine::AFFINE,
    &substitution::SUBSTITUTION,
    &rail_fence::RAIL_FENCE,
    &vigenere::VIGENERE,
    &beaufort::BEAUFORT,
    &autokey::AUTOKEY,
    &gronsfeld::GRONSFELD,
    &porta::PORTA,
    &enigma::ENIGMA,
    &one_time_pad::ONE_TIME_PAD,
    &aes_256_gcm::AES_256_GCM,
];

/// The attack on the cipher with this id.
pub fn find(cipher: &str) -> Option<&'static AttackSpec> {
    ALL.iter().copied().find(|spec| spec.cipher == cipher)
}
