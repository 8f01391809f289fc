//! The affine cipher: C = a·P + b modulo the size of the alphabet.

use super::alphabet::{Alphabet, LETTERS_PARAM};
use super::cipher::{Cipher, Direction};
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, ParamSpec, WHOLE_NUMBER_MOD_26};
use super::step::How;
use super::tableau::Tableau;
use super::values::Values;

/// The description of the affine cipher.
pub static AFFINE: CipherSpec = CipherSpec {
    id: "affine",
    name: "Affine",
    family: Family::Monoalphabetic,
    year: "20th century (textbooks)",
    summary: "Multiplies each letter's number by a, adds b and takes the rest modulo 26 (A is 0). a must share no \
              factor with 26, or two letters would become one. Keeps the case; everything outside the alphabet stays \
              as it is.",
    params: &[
        ParamSpec::required(
            "a",
            "a (factor)",
            WHOLE_NUMBER_MOD_26,
            "5",
            "a whole number with no factor in common with 26: 1, 3, 5, 7, 9, 11, 15, 17, 19, 21, 23, 25",
        ),
        ParamSpec::required("b", "b (summand)", WHOLE_NUMBER_MOD_26, "8", "any whole number"),
        LETTERS_PARAM,
    ],
    examples: &[Example {
        key: &[("a", "5"), ("b", "8")],
        plaintext: "AFFINE CIPHER",
        ciphertext: "IHHWVC SWFRCP",
        source: "Wikipedia, Affine cipher",
    }],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let alphabet = Alphabet::of(values)?;
    let size = alphabet.size();
    let a = values.residue("a", size)?;
    let b = values.residue("b", size)?;
    let units: Vec<usize> = (1..size).filter(|&unit| gcd(unit, size) == 1).collect();
    let Some(inverse) = units.iter().copied().find(|unit| unit * a % size == 1) else {
        let listed: Vec<String> = units.iter().map(usize::to_string).collect();
        let reason = format!("{a} has a factor in common with {size}");
        return Err(values.invalid_because("a", reason, listed.join(", ")));
    };
    let row: Vec<usize> = (0..size).map(|x| (a * x + b) % size).collect();
    let key_bits = ((units.len() * size) as f64).log2();
    Ok(Box::new(Tableau::monoalphabetic(
        alphabet,
        &row,
        key_bits,
        Box::new(move |letter| {
            let (multiplier, offset) = match letter.direction {
                Direction::Encrypt => (a, b),
                Direction::Decrypt => (inverse, (size - inverse * b % size) % size),
            };
            How::Linear {
                multiplier,
                x: letter.from,
                offset,
                y: letter.to,
                size,
            }
        }),
    )))
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
