//! The Gronsfeld cipher: Vigenère with a number for a keyword.

use super::alphabet::{Alphabet, LETTERS_PARAM};
use super::cipher::Cipher;
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::step::How;
use super::tableau::Tableau;
use super::values::Values;

/// The description of the Gronsfeld cipher.
pub static GRONSFELD: CipherSpec = CipherSpec {
    id: "gronsfeld",
    name: "Gronsfeld",
    family: Family::Polyalphabetic,
    year: "about 1655",
    summary: "Adds the digits of a repeating number to the letters of the text, so each letter moves 0 to 9 places. \
              Keeps the case; everything outside the alphabet stays as it is.",
    params: &[
        ParamSpec::required(
            "digits",
            "Number",
            Kind::Digits,
            "31415",
            "one or more digits 0 to 9",
        ),
        LETTERS_PARAM,
    ],
    examples: &[
        Example {
            key: &[("digits", "432513")],
            plaintext: "Ortega",
            ciphertext: "Suvjhd",
            source: "Jules Verne, La Jangada (1881), part 2: the signature",
        },
        Example {
            // Verne's alphabet has no W.
            key: &[("digits", "432513"), ("letters", "ABCDEFGHIJKLMNOPQRSTUVXYZ")],
            plaintext: "LEVERITABLEAUTEURDUVOLDE",
            ciphertext: "PHYJSLYDDQFDZXGASGZZQQEH",
            source: "Jules Verne, La Jangada (1881), part 2: the document's first words",
        },
    ],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let alphabet = Alphabet::of(values)?;
    let size = alphabet.size();
    let digits: Vec<usize> = values
        .required("digits")?
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|digit| digit as usize)
        .collect();
    let key_bits = digits.len() as f64 * 10f64.log2();
    let shown: Vec<char> = digits
        .iter()
        .map(|&digit| char::from(b'0' + digit as u8))
        .collect();
    let rows = digits.clone();
    Ok(Box::new(Tableau::polyalphabetic(
        alphabet,
        &digits,
        |digit, x| (x + digit) % size,
        key_bits,
        Box::new(move |letter| How::Tableau {
            key: shown[letter.key_index],
            key_index: letter.key_index,
            row: rows[letter.key_index],
            from: letter.from,
            to: letter.to,
        }),
    )))
}
