//! The Vigenère family solved by hand: a period, and one wheel for each column of letters that share a key letter.

use super::past::Past;
use crate::analysis::{Census, ENGLISH, Symbols, chi_squared, index_of_coincidence};
use crate::ciphers::{Cipher, Key};

/// The ciphers whose key letters repeat. An autokey's do not, so it has no wheels.
pub const CIPHERS: [&str; 4] = ["vigenere", "beaufort", "gronsfeld", "porta"];

/// A ciphertext, the cipher that it is taken for, and a key letter for each column.
#[derive(Clone, Debug)]
pub struct Board {
    text: String,
    letters: Vec<char>,
    cipher: &'static str,
    past: Past<Vec<u8>>,
}

impl Board {
    /// A board with one wheel at its first position.
    pub fn new(text: &str, cipher: &str) -> Self {
        Self {
            text: text.to_owned(),
            letters: text
                .chars()
                .filter(char::is_ascii_alphabetic)
                .map(|c| c.to_ascii_uppercase())
                .collect(),
            cipher: CIPHERS.into_iter().find(|id| *id == cipher).unwrap_or(CIPHERS[0]),
            past: Past::new(vec![0]),
        }
    }

    /// The ciphertext.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The id of the cipher.
    pub fn cipher(&self) -> &'static str {
        self.cipher
    }

    /// The number of positions that a wheel has.
    pub fn positions(&self) -> u8 {
        match self.cipher {
            "gronsfeld" => 10,
            // Two key letters share an alphabet.
            "porta" => 13,
            _ => 26,
        }
    }

    /// The number of wheels.
    pub fn period(&self) -> usize {
        self.past.now().len()
    }

    /// Sets the number of wheels; those that stay keep their positions.
    pub fn set_period(&mut self, period: usize) {
        let mut wheels = self.past.now().clone();
        wheels.resize(period.clamp(1, MOST_WHEELS), 0);
        self.past.go(wheels);
    }

    /// The position of a wheel.
    pub fn wheel(&self, column: usize) -> u8 {
        self.past.now().get(column).copied().unwrap_or(0)
    }

    /// Turns a wheel to a position.
    pub fn turn(&mut self, column: usize, position: u8) {
        let mut wheels = self.past.now().clone();
        if let Some(wheel) = wheels.get_mut(column) {
            *wheel = position % self.positions();
            self.past.go(wheels);
        }
    }

    /// What is written for a position: the key letter, or the digit.
    pub fn name_of(&self, position: u8) -> char {
        match self.cipher {
            "gronsfeld" => char::from(b'0' + position % 10),
            "porta" => char::from(b'A' + 2 * (position % 13)),
            _ => char::from(b'A' + position % 26),
        }
    }

    /// The key as the wheels stand.
    pub fn key(&self) -> Key {
        let letters: String = self.past.now().iter().map(|&wheel| self.name_of(wheel)).collect();
        Key::new().with(self.param(), &letters)
    }

    /// Takes over what an attack found, if the period is one that the board has room for.
    pub fn fill(&mut self, key: &Key) {
        let Some(letters) = key.value(self.param()) else {
            return;
        };
        let wheels: Vec<u8> = letters
            .chars()
            .filter_map(|c| match self.cipher {
                "gronsfeld" => c.to_digit(10).map(|digit| digit as u8),
                "porta" => c
                    .is_ascii_alphabetic()
                    .then(|| (c.to_ascii_uppercase() as u8 - b'A') / 2),
                _ => c
                    .is_ascii_alphabetic()
                    .then(|| c.to_ascii_uppercase() as u8 - b'A'),
            })
            .collect();
        if (1..=MOST_WHEELS).contains(&wheels.len()) {
            self.past.go(wheels);
        }
    }

    fn param(&self) -> &'static str {
        if self.cipher == "gronsfeld" {
            "digits"
        } else {
            "keyword"
        }
    }

    fn built(&self, key: &Key) -> Option<Box<dyn Cipher>> {
        crate::ciphers::find(self.cipher)?.build(key).ok()
    }

    /// The text as the wheels stand.
    pub fn plaintext(&self) -> String {
        self.built(&self.key())
            .and_then(|cipher| cipher.decrypt(&self.text).ok())
            .unwrap_or_default()
    }

    /// The ciphertext letters of a column.
    pub fn column(&self, column: usize) -> String {
        self.letters.iter().skip(column).step_by(self.period()).collect()
    }

    /// A column's counts with its wheel at a position, and how far from English they are; smaller is nearer.
    pub fn column_at(&self, column: usize, position: u8) -> (Census, f64) {
        let key = Key::new().with(self.param(), &self.name_of(position).to_string());
        let opened = self
            .built(&key)
            .and_then(|cipher| cipher.decrypt(&self.column(column)).ok())
            .unwrap_or_default();
        let census = Census::of(&opened, Symbols::Latin);
        let far = chi_squared(&census, &ENGLISH).unwrap_or(f64::INFINITY);
        (census, far)
    }

    /// The position at which a column looks most like English.
    pub fn best(&self, column: usize) -> u8 {
        (0..self.positions())
            .map(|position| (position, self.column_at(column, position).1))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(0, |best| best.0)
    }

    /// Turns every wheel to its best position.
    pub fn turn_all_to_best(&mut self) {
        self.past
            .go((0..self.period()).map(|column| self.best(column)).collect());
    }

    /// The mean index of coincidence of the columns for each period from 1 to `most`.
    pub fn periods(&self, most: usize) -> Vec<f64> {
        (1..=most.min(MOST_WHEELS))
            .map(|period| {
                let columns = (0..period).filter_map(|column| {
                    let letters: String = self.letters.iter().skip(column).step_by(period).collect();
                    index_of_coincidence(&Census::of(&letters, Symbols::Latin))
                });
                let (sum, count) = columns.fold((0.0, 0), |(sum, count), index| (sum + index, count + 1));
                sum / f64::from(count.max(1))
            })
            .collect()
    }

    /// Whether something can be taken back.
    pub fn can_undo(&self) -> bool {
        self.past.can_undo()
    }

    /// Whether something can be done again.
    pub fn can_redo(&self) -> bool {
        self.past.can_redo()
    }

    /// Takes the last step back.
    pub fn undo(&mut self) {
        self.past.undo();
    }

    /// Does the step again that was taken back last.
    pub fn redo(&mut self) {
        self.past.redo();
    }
}

/// Wheels at most.
pub const MOST_WHEELS: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::samples;

    fn sealed(cipher: &str, param: &str, value: &str) -> String {
        let spec = crate::ciphers::find(cipher).unwrap();
        let key = Key::new().with(param, value);
        spec.build(&key).unwrap().encrypt(samples::ALL[1].text).unwrap()
    }

    #[test]
    fn the_true_period_stands_out_and_the_best_wheels_read_the_text() {
        for (cipher, param, value) in [
            ("vigenere", "keyword", "LEMON"),
            ("beaufort", "keyword", "LEMON"),
            ("gronsfeld", "digits", "31415"),
            ("porta", "keyword", "KEYME"),
        ] {
            let mut board = Board::new(&sealed(cipher, param, value), cipher);
            let periods = board.periods(9);
            let best = (1..=9)
                .max_by(|&a, &b| periods[a - 1].total_cmp(&periods[b - 1]))
                .unwrap();
            assert_eq!(best, 5, "{cipher}: {periods:?}");
            board.set_period(5);
            board.turn_all_to_best();
            assert_eq!(board.plaintext(), samples::ALL[1].text, "{cipher}");
            board.undo();
            assert_ne!(board.plaintext(), samples::ALL[1].text);
        }
    }

    #[test]
    fn a_key_sets_the_wheels_and_the_wheels_are_a_key() {
        let mut board = Board::new(&sealed("vigenere", "keyword", "LEMON"), "vigenere");
        board.fill(&Key::new().with("keyword", "lemon"));
        assert_eq!((board.period(), board.wheel(0)), (5, 11));
        assert_eq!(board.key().value("keyword"), Some("LEMON"));
        board.turn(0, 27);
        assert_eq!(board.key().value("keyword"), Some("BEMON"));
        board.set_period(2);
        assert_eq!(board.key().value("keyword"), Some("BE"));
        board.fill(&Key::new().with("keyword", ""));
        assert_eq!(board.period(), 2);
        assert_eq!(board.column(1).chars().count(), board.letters.len() / 2);
    }
}
