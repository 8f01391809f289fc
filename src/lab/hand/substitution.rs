//! A monoalphabetic substitution solved by hand: guesses for letters, locks, conflicts, and what the machine adds.

use super::past::Past;
use crate::analysis::attack::Lock;
use crate::ciphers::Key;

/// A ciphertext and the guesses for its letters. Letters are `A` to `Z`.
#[derive(Clone, Debug)]
pub struct Board {
    text: String,
    counts: [u32; 26],
    past: Past<State>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    /// The plain letter of each cipher letter.
    plain: [Option<u8>; 26],
    locked: [bool; 26],
}

impl Board {
    /// A board without a guess.
    pub fn new(text: &str) -> Self {
        let mut counts = [0; 26];
        text.chars()
            .filter_map(number)
            .for_each(|letter| counts[usize::from(letter)] += 1);
        Self {
            text: text.to_owned(),
            counts,
            past: Past::new(State::default()),
        }
    }

    /// The ciphertext.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How often a cipher letter stands in the text.
    pub fn count(&self, cipher: char) -> u32 {
        number(cipher).map_or(0, |letter| self.counts[usize::from(letter)])
    }

    /// The guess for a cipher letter.
    pub fn guess(&self, cipher: char) -> Option<char> {
        let plain = self.past.now().plain[usize::from(number(cipher)?)]?;
        Some(char::from(b'A' + plain))
    }

    /// Guesses what a cipher letter stands for, or takes the guess back. A locked letter stays.
    pub fn set(&mut self, cipher: char, plain: Option<char>) {
        let Some(letter) = number(cipher).map(usize::from) else {
            return;
        };
        let mut next = self.past.now().clone();
        if !next.locked[letter] {
            next.plain[letter] = plain.and_then(number);
            self.past.go(next);
        }
    }

    /// Whether a cipher letter's guess is locked.
    pub fn is_locked(&self, cipher: char) -> bool {
        number(cipher).is_some_and(|letter| self.past.now().locked[usize::from(letter)])
    }

    /// Locks a guess, or unlocks it. There is nothing to lock without a guess.
    pub fn lock(&mut self, cipher: char, locked: bool) {
        let Some(letter) = number(cipher).map(usize::from) else {
            return;
        };
        let mut next = self.past.now().clone();
        next.locked[letter] = locked && next.plain[letter].is_some();
        self.past.go(next);
    }

    /// The locked letters, as an attack takes them.
    pub fn locks(&self) -> Vec<Lock> {
        ('A'..='Z')
            .filter(|&cipher| self.is_locked(cipher))
            .filter_map(|cipher| self.guess(cipher).map(|plain| Lock { cipher, plain }))
            .collect()
    }

    /// Takes over what an attack found; locked letters stay as they are.
    pub fn fill(&mut self, key: &Key) {
        let Some(alphabet) = cipher_alphabet(key) else {
            return;
        };
        let mut next = self.past.now().clone();
        for (plain, cipher) in alphabet.into_iter().enumerate() {
            let cipher = usize::from(cipher);
            if !next.locked[cipher] && self.counts[cipher] > 0 {
                next.plain[cipher] = Some(plain as u8);
            }
        }
        self.past.go(next);
    }

    /// Takes back all guesses that are not locked.
    pub fn clear(&mut self) {
        let mut next = self.past.now().clone();
        for (plain, locked) in next.plain.iter_mut().zip(next.locked) {
            if !locked {
                *plain = None;
            }
        }
        self.past.go(next);
    }

    /// Cipher letters that claim a plain letter that another claims too: one of them is wrong.
    pub fn conflicts(&self) -> Vec<char> {
        let plain = &self.past.now().plain;
        let claimed = |letter: u8| plain.iter().filter(|&&other| other == Some(letter)).count();
        (b'A'..=b'Z')
            .filter(|&cipher| plain[usize::from(cipher - b'A')].is_some_and(|letter| claimed(letter) > 1))
            .map(char::from)
            .collect()
    }

    /// Plain letters that no guess uses yet.
    pub fn unused(&self) -> Vec<char> {
        let plain = &self.past.now().plain;
        (0..26)
            .filter(|&letter| !plain.contains(&Some(letter)))
            .map(|letter| char::from(b'A' + letter))
            .collect()
    }

    /// Cipher letters of the text that have no guess yet.
    pub fn open(&self) -> usize {
        let plain = &self.past.now().plain;
        (0..26)
            .filter(|&cipher| self.counts[cipher] > 0 && plain[cipher].is_none())
            .count()
    }

    /// The text as far as it is guessed, in the case of the ciphertext; `·` for letters without a guess.
    pub fn plaintext(&self) -> String {
        self.text
            .chars()
            .map(|c| match (number(c), self.guess(c)) {
                (None, _) => c,
                (_, None) => '·',
                (_, Some(plain)) if c.is_ascii_lowercase() => plain.to_ascii_lowercase(),
                (_, Some(plain)) => plain,
            })
            .collect()
    }

    /// The key, once every letter of the text has a guess and none conflict; unused letters are filled up in order.
    pub fn key(&self) -> Option<Key> {
        if self.open() > 0 || !self.conflicts().is_empty() {
            return None;
        }
        let mut alphabet = [None; 26];
        let mut spare: Vec<u8> = Vec::new();
        for cipher in 0..26u8 {
            match self.past.now().plain[usize::from(cipher)] {
                Some(plain) => alphabet[usize::from(plain)] = Some(cipher),
                None => spare.push(cipher),
            }
        }
        let mut spare = spare.into_iter();
        let letters: Option<String> = alphabet
            .into_iter()
            .map(|cipher| {
                cipher
                    .or_else(|| spare.next())
                    .map(|cipher| char::from(b'A' + cipher))
            })
            .collect();
        Some(Key::new().with("alphabet", &letters?))
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

/// The cipher letters for A to Z of a substitution's key: its alphabet, or the one that its keyword gives.
pub fn cipher_alphabet(key: &Key) -> Option<[u8; 26]> {
    let cipher = crate::ciphers::find("substitution")?.build(key).ok()?;
    let letters = cipher.encrypt("ABCDEFGHIJKLMNOPQRSTUVWXYZ").ok()?;
    let numbers: Vec<u8> = letters.chars().filter_map(number).collect();
    numbers.try_into().ok()
}

fn number(letter: char) -> Option<u8> {
    let upper = letter.to_ascii_uppercase();
    upper.is_ascii_uppercase().then(|| upper as u8 - b'A')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_show_in_the_text_and_can_be_taken_back() {
        let mut board = Board::new("Xyyxz, x!");
        assert_eq!(board.plaintext(), "·····, ·!");
        board.set('x', Some('a'));
        board.set('Y', Some('T'));
        assert_eq!(board.plaintext(), "Atta·, a!");
        board.undo();
        assert_eq!(board.plaintext(), "A··a·, a!");
        board.redo();
        board.set('X', None);
        assert_eq!(board.plaintext(), "·tt··, ·!");
        assert_eq!((board.count('Y'), board.open()), (2, 2));
    }

    #[test]
    fn two_claims_on_one_letter_conflict() {
        let mut board = Board::new("XYZ");
        board.set('X', Some('E'));
        board.set('Y', Some('E'));
        board.set('Z', Some('A'));
        assert_eq!(board.conflicts(), ['X', 'Y']);
        assert_eq!(board.key(), None);
        board.set('Y', Some('T'));
        assert!(board.conflicts().is_empty());
        assert!(!board.unused().contains(&'E') && board.unused().contains(&'B'));
    }

    #[test]
    fn locked_letters_stay_whatever_comes() {
        let mut board = Board::new("XYZ");
        board.lock('X', true);
        assert!(!board.is_locked('X'), "there is no guess to lock");
        board.set('X', Some('Q'));
        board.lock('X', true);
        board.set('X', Some('R'));
        board.clear();
        assert_eq!(board.guess('X'), Some('Q'));
        assert_eq!(
            board.locks(),
            [Lock {
                cipher: 'X',
                plain: 'Q'
            }]
        );
        board.fill(&Key::new().with("alphabet", "ZYXWVUTSRQPONMLKJIHGFEDCBA"));
        assert_eq!(board.plaintext(), "QBA");
        board.undo();
        assert_eq!(board.plaintext(), "Q··");
    }

    #[test]
    fn a_finished_board_is_a_key() {
        let spec = crate::ciphers::find("substitution").unwrap();
        let key = spec.sample_key();
        let plaintext = "It was the best of times";
        let mut board = Board::new(&spec.build(&key).unwrap().encrypt(plaintext).unwrap());
        assert_eq!(board.key(), None);
        board.fill(&key);
        assert_eq!(board.plaintext(), plaintext);
        let found = spec.build(&board.key().unwrap()).unwrap();
        assert_eq!(found.decrypt(board.text()).unwrap(), plaintext);
    }
}
