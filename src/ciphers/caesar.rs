//! The Caesar cipher: every letter moves the same number of places along the alphabet.

use super::alphabet::{Alphabet, LETTERS_PARAM};
use super::cipher::{Cipher, Direction};
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, ParamSpec, WHOLE_NUMBER_MOD_26};
use super::step::How;
use super::tableau::Tableau;
use super::values::Values;

/// The description of the Caesar cipher.
pub static CAESAR: CipherSpec = CipherSpec {
    id: "caesar",
    name: "Caesar",
    family: Family::Monoalphabetic,
    year: "about 50 BC",
    summary: "Moves every letter the same number of places along the alphabet: C = P + shift. Keeps the case; \
              everything outside the alphabet stays as it is.",
    params: &[
        ParamSpec::required(
            "shift",
            "Shift",
            WHOLE_NUMBER_MOD_26,
            "3",
            "any whole number; 26 is a full turn",
        ),
        LETTERS_PARAM,
    ],
    examples: &[
        Example {
            key: &[("shift", "-3")],
            plaintext: "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG",
            ciphertext: "QEB NRFZH YOLTK CLU GRJMP LSBO QEB IXWV ALD",
            source: "Wikipedia, Caesar cipher (left shift of 3)",
        },
        Example {
            key: &[("shift", "1")],
            plaintext: "defend the east wall of the castle",
            ciphertext: "efgfoe uif fbtu xbmm pg uif dbtumf",
            source: "practicalcryptography.com, Caesar Cipher",
        },
    ],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let alphabet = Alphabet::of(values)?;
    let shift = values.residue("shift", alphabet.size())?;
    Ok(Box::new(shifted(alphabet, shift, true)))
}

/// A tableau of one row, shifted. ROT13 is one too, without a key to choose.
pub(super) fn shifted(alphabet: Alphabet, shift: usize, keyed: bool) -> Tableau {
    let size = alphabet.size();
    let row: Vec<usize> = (0..size).map(|x| (x + shift) % size).collect();
    let key_bits = if keyed { (size as f64).log2() } else { 0.0 };
    Tableau::monoalphabetic(
        alphabet,
        &row,
        key_bits,
        Box::new(move |letter| {
            let by = match letter.direction {
                Direction::Encrypt => shift,
                Direction::Decrypt => (size - shift) % size,
            };
            How::Shift {
                from: letter.from,
                by,
                to: letter.to,
                size,
            }
        }),
    )
}
