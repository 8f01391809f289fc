//! The Beaufort cipher: the text is taken from the keyword, so that one act both encrypts and decrypts.

use super::alphabet::{Alphabet, LETTERS_PARAM};
use super::cipher::Cipher;
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family};
use super::values::Values;
use super::vigenere::{KEYWORD_PARAM, keyed};

/// The description of the Beaufort cipher.
pub static BEAUFORT: CipherSpec = CipherSpec {
    id: "beaufort",
    name: "Beaufort",
    family: Family::Polyalphabetic,
    year: "1857",
    summary: "Takes the letters of the text from the letters of a repeating keyword: C = K − P. Encrypting and \
              decrypting are the same. (The variant C = P − K is not meant.) Keeps the case; everything outside the \
              alphabet stays as it is.",
    params: &[KEYWORD_PARAM, LETTERS_PARAM],
    examples: &[Example {
        key: &[("keyword", "FORTIFICATION")],
        plaintext: "DEFENDTHEEASTWALLOFTHECASTLE",
        ciphertext: "CKMPVCPVWPIWUJOGIUAPVWRIWUUK",
        source: "practicalcryptography.com, Beaufort Cipher",
    }],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let alphabet = Alphabet::of(values)?;
    let keyword = alphabet.keyword(values, "keyword")?;
    let size = alphabet.size();
    Ok(Box::new(keyed(alphabet, &keyword, move |k, x| {
        (size + k - x) % size
    })))
}
