//! Alphabets: the letters that a cipher works on, their order, and what becomes of small letters.

use std::collections::HashMap;

use super::key::KeyError;
use super::spec::{Kind, ParamSpec};
use super::values::Values;

/// An ordered set of letters with a way to tell capitals from small letters.
///
/// A character in the other case of a listed letter counts as that letter. Where every letter has two cases, the case is
/// carried over to the output; an alphabet with caseless letters (digits, say) writes all letters as they are listed.
#[derive(Clone, Debug)]
pub struct Alphabet {
    letters: Vec<char>,
    others: Vec<char>,
    places: HashMap<char, Letter>,
    latin: bool,
    ascii: bool,
}

/// A letter found in an alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its position, from 0.
    pub index: usize,
    /// Whether it stood in the other case than the alphabet lists it.
    pub other_case: bool,
}

/// The parameter with which a cipher takes another alphabet than A to Z.
pub const LETTERS_PARAM: ParamSpec = ParamSpec::optional(
    "letters",
    "Alphabet",
    Kind::Letters,
    LATIN,
    "the letters of the alphabet in order: 2 to 256 different characters, such as 0123456789 or a national alphabet",
);

/// The ordinary alphabet.
pub const LATIN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Alphabets to offer beside A to Z, by name.
pub const PRESETS: &[(&str, &str)] = &[
    ("Latin", LATIN),
    ("Digits", "0123456789"),
    ("Latin and digits", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
    ("German", "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ"),
    ("Spanish", "ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"),
    ("Danish and Norwegian", "ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅ"),
    ("Swedish and Finnish", "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ"),
    ("Polish", "AĄBCĆDEĘFGHIJKLŁMNŃOÓPRSŚTUWYZŹŻ"),
    ("Greek", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"),
    ("Russian", "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"),
    ("Ukrainian", "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ"),
    ("Hebrew", "אבגדהוזחטיכלמנסעפצקרשת"),
];

const MOST_LETTERS: usize = 256;

impl Alphabet {
    /// The ordinary alphabet, A to Z.
    pub fn latin() -> Self {
        Self::parse(LATIN).expect("the ordinary alphabet has 26 different letters")
    }

    /// Reads an alphabet. Fails, saying why, on fewer than 2, more than 256 or repeated letters.
    pub fn parse(text: &str) -> Result<Self, String> {
        let listed: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        if listed.len() < 2 || listed.len() > MOST_LETTERS {
            return Err(format!("has {} letters", listed.len()));
        }
        let mut places = HashMap::new();
        for (index, &c) in listed.iter().enumerate() {
            if places
                .insert(
                    c,
                    Letter {
                        index,
                        other_case: false,
                    },
                )
                .is_some()
            {
                return Err(format!("'{}' stands there twice", c.escape_debug()));
            }
        }
        // An alphabet typed in small letters is the same alphabet: capitals are its listed form.
        let small = listed
            .iter()
            .all(|&c| other_case(c).is_some() && c.is_lowercase());
        let letters: Vec<char> = match small {
            true => listed.iter().map(|&c| other_case(c).unwrap_or(c)).collect(),
            false => listed,
        };
        if small {
            places.clear();
            places.extend(letters.iter().enumerate().map(|(i, &c)| {
                (
                    c,
                    Letter {
                        index: i,
                        other_case: false,
                    },
                )
            }));
        }
        let mut cased = true;
        let mut others = letters.clone();
        for (index, &c) in letters.iter().enumerate() {
            match other_case(c).filter(|other| !places.contains_key(other)) {
                Some(other) => {
                    places.insert(
                        other,
                        Letter {
                            index,
                            other_case: true,
                        },
                    );
                    others[index] = other;
                }
                None => cased = false,
            }
        }
        if !cased {
            others.clone_from(&letters);
            places.values_mut().for_each(|letter| letter.other_case = false);
        }
        let latin = letters.iter().copied().eq(LATIN.chars());
        let ascii = places.keys().all(char::is_ascii);
        Ok(Self {
            letters,
            others,
            places,
            latin,
            ascii,
        })
    }

    /// Reads the alphabet of a key: its `letters`, or A to Z.
    pub fn of(values: &Values<'_>) -> Result<Self, KeyError> {
        match values.given(LETTERS_PARAM.name) {
            Some(text) => Self::parse(text).map_err(|reason| values.invalid(LETTERS_PARAM.name, reason)),
            None => Ok(Self::latin()),
        }
    }

    /// The number of letters.
    pub fn size(&self) -> usize {
        self.letters.len()
    }

    /// The letters as listed.
    pub fn letters(&self) -> &[char] {
        &self.letters
    }

    /// Whether this is A to Z.
    pub fn is_latin(&self) -> bool {
        self.latin
    }

    /// Whether all letters, in both cases, are ASCII characters.
    pub fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// Finds a character among the letters.
    pub fn find(&self, c: char) -> Option<Letter> {
        self.places.get(&c).copied()
    }

    /// The letter at a position (taken modulo the size), in the case asked for.
    pub fn letter(&self, index: usize, other_case: bool) -> char {
        let letters = if other_case { &self.others } else { &self.letters };
        letters[index % letters.len()]
    }

    /// Writes every letter of the text as this alphabet writes it back: a caseless alphabet loses the case.
    pub fn fold(&self, text: &str) -> String {
        text.chars()
            .map(|c| {
                self.find(c)
                    .map_or(c, |letter| self.letter(letter.index, letter.other_case))
            })
            .collect()
    }

    /// Reads a parameter as a word of these letters: their positions. Spaces are ignored; anything else is refused.
    pub fn keyword(&self, values: &Values<'_>, name: &str) -> Result<Vec<usize>, KeyError> {
        let text = values.required(name)?;
        let word = self.word(text).map_err(|c| {
            let reason = format!("'{}' is not a letter of the alphabet", c.escape_debug());
            values.invalid_because(name, reason, self.describe_words())
        })?;
        if word.is_empty() {
            return Err(values.invalid_because(name, "is empty", self.describe_words()));
        }
        Ok(word)
    }

    /// Reads a word of these letters, ignoring spaces; fails with the first character that is not a letter.
    pub fn word(&self, text: &str) -> Result<Vec<usize>, char> {
        text.chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| self.find(c).map(|letter| letter.index).ok_or(c))
            .collect()
    }

    fn describe_words(&self) -> String {
        match self.latin {
            true => "one or more letters A to Z".to_owned(),
            false => format!(
                "one or more letters of {}",
                self.letters.iter().collect::<String>()
            ),
        }
    }
}

/// The character's single counterpart in the other case, if the way back leads to the same character.
fn other_case(c: char) -> Option<char> {
    let single = |mut chars: Box<dyn Iterator<Item = char>>| match (chars.next(), chars.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    };
    let lower = single(Box::new(c.to_lowercase()))
        .filter(|&l| l != c && single(Box::new(l.to_uppercase())) == Some(c));
    let upper = single(Box::new(c.to_uppercase()))
        .filter(|&u| u != c && single(Box::new(u.to_lowercase())) == Some(c));
    lower.or(upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_letters_are_found_in_both_cases() {
        let latin = Alphabet::latin();
        assert!(latin.is_latin() && latin.is_ascii());
        assert_eq!(
            latin.find('C'),
            Some(Letter {
                index: 2,
                other_case: false
            })
        );
        assert_eq!(
            latin.find('c'),
            Some(Letter {
                index: 2,
                other_case: true
            })
        );
        assert_eq!(latin.find('ç'), None);
        assert_eq!(latin.letter(25, true), 'z');
    }

    #[test]
    fn an_alphabet_with_digits_has_no_case() {
        let mixed = Alphabet::parse("ABC123").unwrap();
        assert_eq!(mixed.find('b'), mixed.find('B'));
        assert_eq!(mixed.fold("abc1 x"), "ABC1 x");
    }

    #[test]
    fn an_alphabet_may_list_both_cases_as_different_letters() {
        let both = Alphabet::parse("ABab").unwrap();
        assert_eq!(both.find('a').map(|l| l.index), Some(2));
        assert_eq!(both.fold("AaBb"), "AaBb");
    }

    #[test]
    fn small_letters_give_the_same_alphabet() {
        assert_eq!(
            Alphabet::parse(&LATIN.to_lowercase()).unwrap().letters(),
            Alphabet::latin().letters()
        );
    }

    #[test]
    fn repeated_letters_and_wrong_sizes_are_refused() {
        assert!(Alphabet::parse("ABCA").unwrap_err().contains("'A'"));
        assert!(Alphabet::parse("A").is_err());
        assert!(
            Alphabet::parse(
                &(0..300)
                    .filter_map(|i| char::from_u32(0x4e00 + i))
                    .collect::<String>()
            )
            .is_err()
        );
    }

    #[test]
    fn every_preset_is_an_alphabet() {
        for (name, letters) in PRESETS {
            let alphabet = Alphabet::parse(letters).unwrap_or_else(|reason| panic!("{name}: {reason}"));
            assert_eq!(alphabet.letters().iter().collect::<String>(), *letters, "{name}");
        }
    }
}
