//! The attacks: each one file, one line in the list. What they share is [`attack`](super::attack)'s.

mod autokey;
mod beaufort;
mod dice;
mod enigma;

mod gronsfeld;
mod letters;
mod polyalphabetic;
mod porta;
mod vigenere;

use super::attack::AttackSpec;

/// All attacks, in the order of the ciphers that they break.
pub static ALL: [&AttackSpec; 6] = [
    &vigenere::VIGENERE,
    &beaufort::BEAUFORT,
    &autokey::AUTOKEY,
    &gronsfeld::GRONSFELD,
    &porta::PORTA,
    &enigma::ENIGMA,
];

/// The attack on the cipher with this id.
pub fn find(cipher: &str) -> Option<&'static AttackSpec> {
    ALL.iter().copied().find(|spec| spec.cipher == cipher)
}
