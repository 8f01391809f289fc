//! The characters of a text that a transposition moves: as numbers for scoring, and as they were typed for reading.

use super::super::attack::AttackError;
use super::characters::is_break;
use crate::analysis::language::{bare, letter_code, letters_of, typed_code};

/// What a transposition moves.
pub(super) struct Movers {
    chars: Vec<char>,
    codes: Vec<u8>,
    /// What stays, with its place among all characters; nothing where it is dropped.
    stay: Vec<(usize, char)>,
}

impl Movers {
    /// Takes a text's letters and digits, all coded as letters. Everything else is dropped.
    pub(super) fn of(text: &str) -> Self {
        let chars: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        let codes = chars.iter().map(|&c| letter_code(c)).collect();
        Self {
            chars,
            codes,
            stay: Vec::new(),
        }
    }

    /// Takes all characters but line breaks, which stay; coded as typed ones.
    pub(super) fn of_all(text: &str) -> Self {
        let chars: Vec<char> = text.chars().filter(|&c| !is_break(c)).collect();
        let codes = chars.iter().map(|&c| typed_code(c)).collect();
        let stay = text.chars().enumerate().filter(|&(_, c)| is_break(c));
        Self {
            chars,
            codes,
            stay: stay.collect(),
        }
    }

    /// Fails when there are fewer letters than that, or when they are less than half of what moves: an order of digits can't
    /// be told from another one.
    pub(super) fn suffice(&self, needed: usize) -> Result<(), AttackError> {
        let is_letter = |c: &&char| bare(**c).is_ascii_alphabetic();
        let letters = self.chars.iter().filter(is_letter).count();
        if letters < needed {
            return Err(AttackError::too_short(letters, needed));
        }
        match letters * 2 < self.chars.len() {
            true => Err(AttackError::NotThisCipher {
                reason: "most of what it moves are no letters, and their order nobody can judge".to_owned(),
            }),
            false => Ok(()),
        }
    }

    /// The numbers for scoring.
    pub(super) fn codes(&self) -> &[u8] {
        &self.codes
    }

    /// The characters as they were typed.
    pub(super) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// The text whose movers stand in this order, with what stays at its place.
    pub(super) fn text(&self, moved: Vec<char>) -> String {
        let mut text = String::with_capacity(moved.len() + self.stay.len());
        let (mut moved, mut place) = (moved.into_iter(), 0);
        for &(stays, c) in &self.stay {
            text.extend(moved.by_ref().take(stays - place));
            text.push(c);
            place = stays + 1;
        }
        text.extend(moved);
        text
    }

    /// A crib's letters, when the text has enough of each.
    pub(super) fn crib(&self, crib: Option<&str>) -> Result<Vec<u8>, AttackError> {
        let crib = letters_of(crib.unwrap_or_default());
        let count = |codes: &[u8], letter: u8| codes.iter().filter(|&&code| code == letter).count();
        for letter in 0..26 {
            let (wanted, there) = (count(&crib, letter), count(&self.codes, letter));
            if wanted > there {
                let letter = char::from(b'A' + letter);
                return Err(AttackError::CribDoesNotFit {
                    reason: format!(
                        "it needs {wanted} of the letter {letter}, and the text has {there}; a transposition only \
                         moves letters"
                    ),
                });
            }
        }
        Ok(crib)
    }
}

/// Whether a crib stands in a text. An empty one always does.
pub(super) fn contains(text: &[u8], crib: &[u8]) -> bool {
    crib.is_empty() || text.windows(crib.len()).any(|window| window == crib)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_no_letters_to_judge_by() {
        let digits = Movers::of(&"1415442144 ".repeat(20));
        assert_eq!(digits.suffice(20), Err(AttackError::too_short(0, 20)));
        let mixed = Movers::of(&"14154421AB ".repeat(20));
        let refused = mixed.suffice(20);
        assert!(matches!(refused, Err(AttackError::NotThisCipher { .. })));
        assert_eq!(Movers::of(&"Größe 14 ".repeat(20)).suffice(20), Ok(()));
    }

    #[test]
    fn letters_with_accents_count_as_the_letters_below_them() {
        let movers = Movers::of("Größe, señor élu 7.");
        let word: String = movers
            .codes()
            .iter()
            .map(|&code| char::from(b'A' + code))
            .collect();
        assert_eq!(word, "GROSESENORELUX");
        let chars: String = movers.chars().iter().collect();
        assert_eq!(chars, "Größeseñorélu7");
    }

    #[test]
    fn line_breaks_stay_where_all_else_moves() {
        let text = "\nGo on,\r\nsir.\n";
        let movers = Movers::of_all(text);
        let mut moved = movers.chars().to_vec();
        assert_eq!(moved.iter().collect::<String>(), "Go on,sir.");
        assert_eq!(movers.codes()[..6], [6, 14, 26, 14, 13, 27]);
        moved.reverse();
        assert_eq!(movers.text(moved), "\n.ris,n\r\no oG\n");
        assert_eq!(Movers::of(text).text(vec!['b', 'a']), "ba");
    }
}
