//! The autokey cipher: the text itself continues the keyword.

use super::alphabet::{Alphabet, LETTERS_PARAM};
use super::cipher::{Cipher, Direction, TextError};
use super::key::KeyError;
use super::spec::{CipherSpec, Example, Family};
use super::step::{How, Links, Step};
use super::tableau::{bytewise, letter_steps};
use super::values::Values;
use super::vigenere::KEYWORD_PARAM;

/// The description of the autokey cipher.
pub static AUTOKEY: CipherSpec = CipherSpec {
    id: "autokey",
    name: "Autokey",
    family: Family::Polyalphabetic,
    year: "1586",
    summary: "Adds a running key to the letters of the text: first the keyword, then the plaintext itself. Keeps the \
              case; everything outside the alphabet stays as it is and does not enter the key.",
    params: &[KEYWORD_PARAM, LETTERS_PARAM],
    examples: &[
        Example {
            key: &[("keyword", "QUEENLY")],
            plaintext: "attackatdawn",
            ciphertext: "qnxepvytwtwp",
            source: "Wikipedia, Autokey cipher",
        },
        Example {
            key: &[("keyword", "FORTIFICATION")],
            plaintext: "DEFENDTHEEASTWALLOFTHECASTLE",
            ciphertext: "ISWXVIBJEXIGGZEQPBIMOIGAKMHE",
            source: "practicalcryptography.com, Autokey Cipher",
        },
    ],
    make,
};

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let alphabet = Alphabet::of(values)?;
    let keyword = alphabet.keyword(values, "keyword")?;
    Ok(Box::new(Autokey { alphabet, keyword }))
}

struct Autokey {
    alphabet: Alphabet,
    keyword: Vec<usize>,
}

/// The last letters of the key: what came in one keyword's length ago.
struct RunningKey {
    ring: Vec<usize>,
    place: usize,
}

impl RunningKey {
    fn new(keyword: &[usize]) -> Self {
        Self {
            ring: keyword.to_vec(),
            place: 0,
        }
    }

    /// Gives the output for an input letter, and takes the plaintext of the two into the key.
    fn take(&mut self, direction: Direction, letter: usize, size: usize) -> usize {
        let key = self.ring[self.place];
        let sum = match direction {
            Direction::Encrypt => letter + key,
            Direction::Decrypt => letter + size - key,
        };
        let output = if sum >= size { sum - size } else { sum };
        self.ring[self.place] = if direction == Direction::Encrypt {
            letter
        } else {
            output
        };
        self.place += 1;
        if self.place == self.ring.len() {
            self.place = 0;
        }
        output
    }

    fn next(&self) -> usize {
        self.ring[self.place]
    }
}

impl Autokey {
    fn substitute(&self, direction: Direction, text: &str) -> String {
        let mut key = RunningKey::new(&self.keyword);
        let size = self.alphabet.size();
        if self.alphabet.is_latin() {
            return bytewise(text, |bytes| {
                let mut out = bytes.to_vec();
                for byte in out.iter_mut().filter(|byte| byte.is_ascii_alphabetic()) {
                    let letter = usize::from((*byte | 0x20) - b'a');
                    *byte = (*byte & 0x20) | (b'A' + key.take(direction, letter, size) as u8);
                }
                out
            });
        }
        text.chars()
            .map(|c| match self.alphabet.find(c) {
                Some(letter) => self
                    .alphabet
                    .letter(key.take(direction, letter.index, size), letter.other_case),
                None => c,
            })
            .collect()
    }
}

impl Cipher for Autokey {
    fn encrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.substitute(Direction::Encrypt, text))
    }

    fn decrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.substitute(Direction::Decrypt, text))
    }

    fn prepare(&self, text: &str) -> String {
        self.alphabet.fold(text)
    }

    fn steps(&self, direction: Direction, text: &str) -> Result<Vec<Step>, TextError> {
        let mut key = RunningKey::new(&self.keyword);
        let mut key_index = 0;
        Ok(letter_steps(&self.alphabet, text, |from| {
            let row = key.next();
            let to = key.take(direction, from, self.alphabet.size());
            key_index += 1;
            let how = How::Tableau {
                key: self.alphabet.letter(row, false),
                key_index: key_index - 1,
                row,
                from,
                to,
            };
            (to, how)
        }))
    }

    fn links(&self, _: Direction, text: &str) -> Result<Links, TextError> {
        Ok(Links::identity(text.chars().count()))
    }

    fn key_bits(&self) -> f64 {
        self.keyword.len() as f64 * (self.alphabet.size() as f64).log2()
    }
}
