//! The engine of the letter-by-letter substitutions: a row of the tableau for each letter of a key.
//!
//! A monoalphabetic cipher is a tableau with a key of one letter. The ciphers' own files say which rows there are.

use super::alphabet::Alphabet;
use super::cipher::{Cipher, Direction, TextError};
use super::step::{How, Links, Step};

/// A substitution whose row is chosen by a repeating key (or by a pad that must not repeat).
pub(super) struct Tableau {
    alphabet: Alphabet,
    encrypting: Rows,
    decrypting: Rows,
    /// For each place of the key, the row in use.
    key: Vec<u16>,
    explain: Explain,
    pad: bool,
    key_bits: f64,
}

/// Says how a letter was replaced.
pub(super) type Explain = Box<dyn Fn(&Substitution) -> How + Send + Sync>;

/// One letter's replacement: what an [`Explain`] may speak of. Positions are those of the alphabet.
pub(super) struct Substitution {
    pub direction: Direction,
    pub key_index: usize,
    pub from: usize,
    pub to: usize,
}

impl Tableau {
    /// A monoalphabetic substitution: letter `i` becomes letter `row[i]`, which must be a permutation.
    pub(super) fn monoalphabetic(alphabet: Alphabet, row: &[usize], key_bits: f64, explain: Explain) -> Self {
        let row = row.to_vec();
        Self::polyalphabetic(alphabet, &[0], |_, letter| row[letter], key_bits, explain)
    }

    /// A polyalphabetic substitution: under key letter `k`, letter `x` becomes `cell(k, x)`, each row a permutation.
    pub(super) fn polyalphabetic(
        alphabet: Alphabet,
        key: &[usize],
        cell: impl Fn(usize, usize) -> usize,
        key_bits: f64,
        explain: Explain,
    ) -> Self {
        let size = alphabet.size();
        let mut kinds: Vec<usize> = key.to_vec();
        kinds.sort_unstable();
        kinds.dedup();
        let forward: Vec<Vec<u16>> = kinds
            .iter()
            .map(|&k| (0..size).map(|x| cell(k, x) as u16).collect())
            .collect();
        let backward = forward.iter().map(|row| inverse(row)).collect();
        let key = key
            .iter()
            .map(|k| kinds.partition_point(|kind| kind < k) as u16)
            .collect();
        Self {
            encrypting: Rows::new(&alphabet, forward),
            decrypting: Rows::new(&alphabet, backward),
            alphabet,
            key,
            explain,
            pad: false,
            key_bits,
        }
    }

    /// Makes the key a pad: no part of it is used twice, and a text with more letters is refused.
    pub(super) fn into_pad(mut self) -> Self {
        self.pad = true;
        self
    }

    fn rows(&self, direction: Direction) -> &Rows {
        match direction {
            Direction::Encrypt => &self.encrypting,
            Direction::Decrypt => &self.decrypting,
        }
    }

    fn check_pad(&self, text: &str) -> Result<(), TextError> {
        if !self.pad {
            return Ok(());
        }
        let rows = &self.encrypting;
        let needed = match rows.ascii.is_empty() {
            true => text.chars().filter(|&c| self.alphabet.find(c).is_some()).count(),
            false => text
                .bytes()
                .map(|byte| usize::from(rows.advance[usize::from(byte)]))
                .sum(),
        };
        if needed > self.key.len() {
            return Err(TextError::PadTooShort {
                needed,
                available: self.key.len(),
            });
        }
        Ok(())
    }

    fn substitute(&self, direction: Direction, text: &str) -> Result<String, TextError> {
        self.check_pad(text)?;
        let rows = self.rows(direction);
        if rows.ascii.is_empty() {
            return Ok(self.substitute_chars(rows, text));
        }
        Ok(match self.key.as_slice() {
            [only] => bytewise(text, |bytes| {
                let row = &rows.ascii[usize::from(*only)];
                bytes.iter().map(|&byte| row[usize::from(byte)]).collect()
            }),
            key => bytewise(text, |bytes| {
                let mut place = 0;
                bytes
                    .iter()
                    .map(|&byte| {
                        let row = &rows.ascii[usize::from(key[place])];
                        place += usize::from(rows.advance[usize::from(byte)]);
                        place = if place == key.len() { 0 } else { place };
                        row[usize::from(byte)]
                    })
                    .collect()
            }),
        })
    }

    fn substitute_chars(&self, rows: &Rows, text: &str) -> String {
        let mut key = self.key.iter().cycle();
        text.chars()
            .map(|c| match self.alphabet.find(c) {
                Some(letter) => {
                    let row = &rows.cells[usize::from(*key.next().unwrap_or(&0))];
                    self.alphabet
                        .letter(usize::from(row[letter.index]), letter.other_case)
                }
                None => c,
            })
            .collect()
    }
}

impl Cipher for Tableau {
    fn encrypt(&self, text: &str) -> Result<String, TextError> {
        self.substitute(Direction::Encrypt, text)
    }

    fn decrypt(&self, text: &str) -> Result<String, TextError> {
        self.substitute(Direction::Decrypt, text)
    }

    fn prepare(&self, text: &str) -> String {
        self.alphabet.fold(text)
    }

    fn steps(&self, direction: Direction, text: &str) -> Result<Vec<Step>, TextError> {
        self.check_pad(text)?;
        let rows = self.rows(direction);
        let mut key_index = 0;
        Ok(letter_steps(&self.alphabet, text, |letter| {
            let row = &rows.cells[usize::from(self.key[key_index])];
            let to = usize::from(row[letter]);
            let how = (self.explain)(&Substitution {
                direction,
                key_index,
                from: letter,
                to,
            });
            key_index = (key_index + 1) % self.key.len();
            (to, how)
        }))
    }

    fn links(&self, _: Direction, text: &str) -> Result<Links, TextError> {
        self.check_pad(text)?;
        Ok(Links::identity(text.chars().count()))
    }

    fn key_bits(&self) -> f64 {
        self.key_bits
    }
}

/// One step for each character of a text whose letters are replaced one by one, in place.
pub(super) fn letter_steps(
    alphabet: &Alphabet,
    text: &str,
    mut replace: impl FnMut(usize) -> (usize, How),
) -> Vec<Step> {
    text.chars()
        .enumerate()
        .map(|(place, c)| {
            let (to, how) = match alphabet.find(c) {
                Some(letter) => {
                    let (to, how) = replace(letter.index);
                    (alphabet.letter(to, letter.other_case), how)
                }
                None => (c, How::Kept),
            };
            Step {
                inputs: vec![place],
                outputs: vec![place],
                from: c.into(),
                to: to.into(),
                how,
            }
        })
        .collect()
}

/// Rewrites a text byte by byte, with ASCII standing for ASCII and every other byte for itself.
pub(super) fn bytewise(text: &str, rewrite: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    String::from_utf8(rewrite(text.as_bytes())).expect("only ASCII bytes are rewritten, and to ASCII")
}

/// The indexes of the bytes that belong. Without a branch for each byte: in prose, letters and spaces come unforeseen.
pub(super) fn places_of(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> Vec<u32> {
    let mut places = vec![0; bytes.len()];
    let mut count = 0;
    for (place, &byte) in bytes.iter().enumerate() {
        places[count] = place as u32;
        count += usize::from(belongs(byte));
    }
    places.truncate(count);
    places
}

/// The positions that lead back: `inverse(row)[row[i]] == i`.
fn inverse(row: &[u16]) -> Vec<u16> {
    let mut back = vec![0; row.len()];
    for (from, &to) in row.iter().enumerate() {
        back[usize::from(to)] = from as u16;
    }
    back
}

/// The rows of one direction: positions, and the same as byte tables where the alphabet is ASCII.
struct Rows {
    cells: Vec<Vec<u16>>,
    ascii: Vec<[u8; 256]>,
    advance: [u8; 256],
}

impl Rows {
    fn new(alphabet: &Alphabet, cells: Vec<Vec<u16>>) -> Self {
        let mut advance = [0; 256];
        let mut ascii = Vec::new();
        if alphabet.is_ascii() {
            for byte in 0..=127u8 {
                advance[usize::from(byte)] = u8::from(alphabet.find(char::from(byte)).is_some());
            }
            ascii = cells.iter().map(|row| ascii_row(alphabet, row)).collect();
        }
        Self {
            cells,
            ascii,
            advance,
        }
    }
}

fn ascii_row(alphabet: &Alphabet, row: &[u16]) -> [u8; 256] {
    std::array::from_fn(|byte| {
        let byte = byte as u8;
        match alphabet.find(char::from(byte)).filter(|_| byte.is_ascii()) {
            Some(letter) => alphabet.letter(usize::from(row[letter.index]), letter.other_case) as u8,
            None => byte,
        }
    })
}
