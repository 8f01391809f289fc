//! A text taken apart into its letters A to Z and everything between them, and put together again.

/// The letters of a text as numbers from 0, with the way back into the text.
#[derive(Clone, Debug)]
pub(super) struct Letters<'a> {
    text: &'a str,
    numbers: Vec<u8>,
}

impl<'a> Letters<'a> {
    /// Takes the ASCII letters out of a text.
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            text,
            numbers: numbers(text),
        }
    }

    /// The letters, A is 0.
    pub(super) fn numbers(&self) -> &[u8] {
        &self.numbers
    }

    /// The text with its letters replaced in order, each in the case of the letter that stood there, and by `beyond` where
    /// there are no more.
    pub(super) fn replaced(&self, by: &[u8], beyond: char) -> String {
        let mut next = by.iter();
        self.text
            .chars()
            .map(|c| match c.is_ascii_alphabetic() {
                true => next.next().map_or(beyond, |&letter| {
                    let capital = char::from(b'A' + letter % 26);
                    if c.is_ascii_lowercase() {
                        capital.to_ascii_lowercase()
                    } else {
                        capital
                    }
                }),
                false => c,
            })
            .collect()
    }
}

/// The ASCII letters of a text as numbers, A is 0.
pub(super) fn numbers(text: &str) -> Vec<u8> {
    text.bytes()
        .filter(u8::is_ascii_alphabetic)
        .map(|byte| byte.to_ascii_uppercase() - b'A')
        .collect()
}

/// One letter as a number, A is 0.
pub(super) fn number(c: char) -> Option<u8> {
    c.is_ascii_alphabetic()
        .then(|| c.to_ascii_uppercase() as u8 - b'A')
}

/// Numbers from 0 as capital letters.
pub(super) fn word(numbers: &[u8]) -> String {
    numbers
        .iter()
        .map(|&letter| char::from(b'A' + letter % 26))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_the_letters_stays_where_it_was() {
        let letters = Letters::of("Ab, ç c!");
        assert_eq!(letters.numbers(), [0, 1, 2]);
        assert_eq!(letters.replaced(&[25, 24], '?'), "Zy, ç ?!");
        assert_eq!(word(&[0, 25]), "AZ");
    }
}
