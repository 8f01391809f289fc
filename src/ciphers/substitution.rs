//! Monoalphabetic substitution: the alphabet in any other order.

use super::alphabet::{Alphabet, LATIN, LETTERS_PARAM};
use super::cipher::Cipher;
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::step::How;
use super::tableau::Tableau;
use super::values::Values;

/// The description of monoalphabetic substitution.
pub static SUBSTITUTION: CipherSpec = CipherSpec {
    id: "substitution",
    name: "Monoalphabetic substitution",
    family: Family::Monoalphabetic,
    year: "about 900",
    summary: "Replaces every letter by the one below it in a mixed alphabet, given whole or built from a keyword: the \
              keyword's letters first, each once, then the rest in order. Keeps the case; everything outside the \
              alphabet stays as it is.",
    params: &[
        ParamSpec::optional(
            "alphabet",
            "Cipher alphabet",
            Kind::Alphabet26,
            "",
            "the cipher letters for A to Z: every letter of the alphabet exactly once (or give a keyword)",
        ),
        ParamSpec::optional(
            "keyword",
            "Keyword",
            Kind::Keyword,
            "",
            "one or more letters from which the cipher alphabet is built (or give the alphabet)",
        )
        .with_sample("ZEBRAS"),
        LETTERS_PARAM,
    ],
    examples: &[
        Example {
            key: &[("keyword", "zebras")],
            plaintext: "flee at once. we are discovered!",
            ciphertext: "siaa zq lkba. va zoa rfpbluaoar!",
            source: "Wikipedia, Substitution cipher",
        },
        Example {
            key: &[("alphabet", "phqgiumeaylnofdxjkrcvstzwb")],
            plaintext: "defend the east wall of the castle",
            ciphertext: "giuifg cei iprc tpnn du cei qprcni",
            source: "practicalcryptography.com, Simple Substitution Cipher",
        },
    ],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let alphabet = Alphabet::of(values)?;
    let row = match (values.given("alphabet"), values.given("keyword")) {
        (Some(_), Some(_)) => {
            return Err(values.invalid_because(
                "keyword",
                "stands beside an alphabet",
                "one of the two: alphabet or keyword",
            ));
        }
        (Some(text), None) => whole_alphabet(values, &alphabet, text)?,
        (None, Some(_)) => keyed_alphabet(alphabet.keyword(values, "keyword")?, alphabet.size()),
        (None, None) => return Err(values.missing("alphabet")),
    };
    let key_bits = (2..=alphabet.size()).map(|n| (n as f64).log2()).sum();
    let explain = Box::new(|letter: &super::tableau::Substitution| How::Lookup {
        from: letter.from,
        to: letter.to,
    });
    Ok(Box::new(Tableau::monoalphabetic(
        alphabet, &row, key_bits, explain,
    )))
}

/// A mixed alphabet: the keyword's letters first, each once, then the rest in order.
pub(super) fn keyed_alphabet(keyword: Vec<usize>, size: usize) -> Vec<usize> {
    let mut row: Vec<usize> = Vec::with_capacity(size);
    let mut used = vec![false; size];
    for letter in keyword.into_iter().chain(0..size) {
        if !std::mem::replace(&mut used[letter], true) {
            row.push(letter);
        }
    }
    row
}

fn whole_alphabet(values: &Values<'_>, alphabet: &Alphabet, text: &str) -> Result<Vec<usize>, KeyError> {
    let listed: String = alphabet.letters().iter().collect();
    let expected = || match alphabet.is_latin() {
        true => format!(
            "each of the 26 letters exactly once, such as {}",
            LATIN.chars().rev().collect::<String>()
        ),
        false => format!("each letter of {listed} exactly once"),
    };
    let row = alphabet.word(text).map_err(|c| {
        values.invalid_because(
            "alphabet",
            format!("'{}' is not a letter", c.escape_debug()),
            expected(),
        )
    })?;
    let mut used = vec![false; alphabet.size()];
    for &letter in &row {
        if std::mem::replace(&mut used[letter], true) {
            let reason = format!("{} stands there twice", alphabet.letter(letter, false));
            return Err(values.invalid_because("alphabet", reason, expected()));
        }
    }
    if row.len() != alphabet.size() {
        let reason = format!("has {} letters of {}", row.len(), alphabet.size());
        return Err(values.invalid_because("alphabet", reason, expected()));
    }
    Ok(row)
}
