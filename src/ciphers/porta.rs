//! The Porta cipher: thirteen reciprocal alphabets, each for two letters of the keyword.

use super::alphabet::Alphabet;
use super::cipher::Cipher;
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family};
use super::tableau::Tableau;
use super::values::Values;
use super::vigenere::{KEYWORD_PARAM, tableau_steps};

/// The description of the Porta cipher.
pub static PORTA: CipherSpec = CipherSpec {
    id: "porta",
    name: "Porta",
    family: Family::Polyalphabetic,
    year: "1563",
    summary: "Swaps letters of the first half of the alphabet with letters of the second half; each pair of key letters \
              (AB, CD, …) turns the second half by one more place, as in the American Cryptogram Association's tableau \
              (under AB, A becomes N; under CD, A becomes O). Encrypting and decrypting are the same. Keeps the case; \
              everything outside A to Z stays as it is.",
    params: &[KEYWORD_PARAM],
    examples: &[Example {
        key: &[("keyword", "FORTIFICATION")],
        plaintext: "defendtheeastwallofthecastle",
        ciphertext: "synnjscvrnrlahutukucvryrlany",
        source: "practicalcryptography.com, Porta Cipher (the tableau of the American Cryptogram Association)",
    }],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let alphabet = Alphabet::latin();
    let keyword = alphabet.keyword(values, "keyword")?;
    let key_bits = keyword.len() as f64 * 13f64.log2();
    let explain = tableau_steps(&alphabet, &keyword);
    Ok(Box::new(Tableau::polyalphabetic(
        alphabet, &keyword, cell, key_bits, explain,
    )))
}

/// The tableau: row `k / 2` swaps `x` below 13 with `13 + (x + k/2) mod 13`.
fn cell(k: usize, x: usize) -> usize {
    let turn = k / 2;
    if x < 13 {
        13 + (x + turn) % 13
    } else {
        (x - turn) % 13
    }
}
