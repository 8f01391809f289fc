//! The characters of a text that a transposition moves, as letters for scoring and as they were typed for reading.

use super::super::attack::AttackError;
use crate::analysis::language::{bare, letters_of};

/// What a transposition moves: letters and digits. Everything else is dropped.
pub(super) struct Movers {
    chars: Vec<char>,
    /// A is 0. A letter with an accent counts as the letter below it, and what is no letter from A to Z then as an X: rare,
    /// and equally strange beside everything.
    codes: Vec<u8>,
}

impl Movers {
    /// Takes a text's letters and digits.
    pub(super) fn of(text: &str) -> Self {
        let chars: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        let code = |&c: &char| match bare(c).to_ascii_uppercase() {
            capital @ 'A'..='Z' => capital as u8 - b'A',
            _ => b'X' - b'A',
        };
        let codes = chars.iter().map(code).collect();
        Self { chars, codes }
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
                reason: "most of what it moves are digits, whose order nobody can judge".to_owned(),
            }),
            false => Ok(()),
        }
    }

    /// The letters for scoring.
    pub(super) fn codes(&self) -> &[u8] {
        &self.codes
    }

    /// The characters as they were typed.
    pub(super) fn chars(&self) -> &[char] {
        &self.chars
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

/// Whether a text has spaces or punctuation, which move too where the key says so (characters=all). A line's end does not.
pub(super) fn has_others(text: &str) -> bool {
    text.trim_end()
        .contains(|c: char| !c.is_alphanumeric() && c != '\n' && c != '\r')
}

/// What a doubt about a transposition of such a text leaves open.
pub(super) const OTHERS_STAY: &str = " Spaces and punctuation are taken to have stayed where they stood: where they \
                                      changed places too (characters=all), this attack does not apply.";

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
}
