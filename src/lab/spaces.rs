//! Spaces put back into a text that has none, so that people can read it.

use crate::analysis::language::{Language, letters_of};

/// The text with spaces between its words, in capitals. `None` for a text that has spaces, that is too short, or that
/// holds something else than letters.
pub fn put_back(text: &str, language: &Language) -> Option<String> {
    let text = text.trim();
    let letters = letters_of(text);
    let plain = text.chars().all(|c| c.is_ascii_alphabetic());
    if !plain || letters.len() < LEAST_LETTERS || letters.len() > MOST_LETTERS {
        return None;
    }
    let parted = language.words().part(&letters);
    let mut rest = text;
    let mut words = Vec::with_capacity(parted.lengths.len());
    for length in parted.lengths {
        let (word, tail) = rest.split_at_checked(length)?;
        words.push(word);
        rest = tail;
    }
    Some(words.join(" "))
}

const LEAST_LETTERS: usize = 12;
const MOST_LETTERS: usize = 4_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_apart_again() {
        let language = Language::english();
        let spaced = put_back("MEETMEUNDERTHECLOCKTOMORROW", language);
        assert_eq!(spaced.as_deref(), Some("MEET ME UNDER THE CLOCK TOMORROW"));
        assert_eq!(put_back("meet me under the clock", language), None);
        assert_eq!(put_back("MEET", language), None);
    }
}
