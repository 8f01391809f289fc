//! Atbash: the alphabet turned round, A for Z and Z for A.

use super::alphabet::{Alphabet, LETTERS_PARAM};
use super::cipher::Cipher;
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family};
use super::step::How;
use super::tableau::Tableau;
use super::values::Values;

/// The description of Atbash.
pub static ATBASH: CipherSpec = CipherSpec {
    id: "atbash",
    name: "Atbash",
    family: Family::Monoalphabetic,
    year: "about 600 BC",
    summary: "Replaces the first letter of the alphabet by the last, the second by the last but one, and so on. It \
              undoes itself and has no key. Keeps the case; everything outside the alphabet stays as it is.",
    params: &[LETTERS_PARAM],
    examples: &[
        Example {
            key: &[],
            plaintext: "ATTACK AT DAWN",
            ciphertext: "ZGGZXP ZG WZDM",
            source: "practicalcryptography.com, Atbash Cipher",
        },
        Example {
            key: &[("letters", "אבגדהוזחטיכלמנסעפצקרשת")],
            plaintext: "בבל",
            ciphertext: "ששכ",
            source: "Jeremiah 25:26 (Babel written as Sheshach)",
        },
    ],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let alphabet = Alphabet::of(values)?;
    let row: Vec<usize> = (0..alphabet.size()).rev().collect();
    let explain = Box::new(|letter: &super::tableau::Substitution| How::Lookup {
        from: letter.from,
        to: letter.to,
    });
    Ok(Box::new(Tableau::monoalphabetic(alphabet, &row, 0.0, explain)))
}
