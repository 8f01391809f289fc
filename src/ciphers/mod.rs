//! The toy ciphers: each one file, one line in the list.
//!
//! A [`CipherSpec`] describes a cipher and its parameters; [`CipherSpec::build`] checks a [`Key`] against them and gives
//! a [`Cipher`], which encrypts, decrypts and says step by step what it did.
//!
//! What is deliberately not here: text policy (which characters to strip, groups of five) belongs to the lab; attacks
//! belong to the analysis; and no message of a room ever passes through these ciphers.
//!
//! Conventions that hold for all of them but AES:
//! - a cipher works on the characters of its alphabet in their order; everything else stays where it is, unharmed;
//! - case is kept where the cipher allows it;
//! - `decrypt(encrypt(text)) == prepare(text)`, where `prepare` is the text itself unless the summary says otherwise.

mod adfgvx;
mod adfgx;
pub mod aes_256_gcm;
pub mod aes_trace;
mod affine;
pub mod alphabet;
mod atbash;
mod autokey;
mod beaufort;
mod bifid;
mod caesar;
mod cipher;
pub mod columnar;
mod double_columnar;
pub mod enigma;
mod gronsfeld;
mod hill;
mod key;
mod one_time_pad;
mod playfair;
mod polybius;
mod porta;
mod rail_fence;
mod rot13;
mod spec;
pub mod square;
pub mod step;
mod substitution;
mod tableau;
mod transposition;
mod values;
mod vigenere;

pub use cipher::{Cipher, Direction, TextError};
pub use key::{Key, KeyError};
pub use spec::{CipherSpec, Example, Family, Kind, ParamSpec};
pub use values::Values;
pub(crate) use values::residue;

/// All ciphers, in the order in which they are shown.
pub static ALL: [&CipherSpec; 22] = [
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
    &adfgx::ADFGX,
    &enigma::ENIGMA,
    &one_time_pad::ONE_TIME_PAD,
    &aes_256_gcm::AES_256_GCM,
];

/// The cipher with this id.
pub fn find(id: &str) -> Option<&'static CipherSpec> {
    ALL.iter().copied().find(|spec| spec.id == id)
}

#[cfg(test)]
mod tests;
