//! The Vigenère cipher: a Caesar shift for each letter of a repeating keyword.

use super::alphabet::{Alphabet, LETTERS_PARAM};
use super::cipher::Cipher;
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::step::How;
use super::tableau::{Explain, Tableau};
use super::values::Values;

/// The description of the Vigenère cipher.
pub static VIGENERE: CipherSpec = CipherSpec {
    id: "vigenere",
    name: "Vigenère",
    family: Family::Polyalphabetic,
    year: "1553",
    summary: "Adds the letters of a repeating keyword to the letters of the text: C = P + K. The keyword moves on only \
              at letters. Keeps the case; everything outside the alphabet stays as it is.",
    params: &[KEYWORD_PARAM, LETTERS_PARAM],
    examples: &[
        Example {
            key: &[("keyword", "LEMON")],
            plaintext: "attackatdawn",
            ciphertext: "lxfopvefrnhr",
            source: "Wikipedia, Vigenère cipher",
        },
        Example {
            key: &[("keyword", "ABCD")],
            plaintext: "CRYPTOISSHORTFORCRYPTOGRAPHY",
            ciphertext: "CSASTPKVSIQUTGQUCSASTPIUAQJB",
            source: "Wikipedia, Vigenère cipher (Kasiski examination)",
        },
    ],
    make,
};

/// The keyword of the polyalphabetic ciphers.
pub(super) const KEYWORD_PARAM: ParamSpec = ParamSpec::required(
    "keyword",
    "Keyword",
    Kind::Keyword,
    "LEMON",
    "one or more letters of the alphabet",
);

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let alphabet = Alphabet::of(values)?;
    let keyword = alphabet.keyword(values, "keyword")?;
    let size = alphabet.size();
    Ok(Box::new(keyed(alphabet, &keyword, move |k, x| (x + k) % size)))
}

/// A tableau with a repeating keyword and the explanation that all of this family share.
pub(super) fn keyed(alphabet: Alphabet, keyword: &[usize], cell: impl Fn(usize, usize) -> usize) -> Tableau {
    let key_bits = keyword.len() as f64 * (alphabet.size() as f64).log2();
    let explain = tableau_steps(&alphabet, keyword);
    Tableau::polyalphabetic(alphabet, keyword, cell, key_bits, explain)
}

/// Explains a letter by its row and column in the tableau.
pub(super) fn tableau_steps(alphabet: &Alphabet, keyword: &[usize]) -> Explain {
    let key: Vec<(usize, char)> = keyword.iter().map(|&k| (k, alphabet.letter(k, false))).collect();
    Box::new(move |letter| {
        let (row, key) = key[letter.key_index];
        How::Tableau {
            key,
            key_index: letter.key_index,
            row,
            from: letter.from,
            to: letter.to,
        }
    })
}
