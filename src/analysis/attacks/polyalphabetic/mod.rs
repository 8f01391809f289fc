//! What the attacks on repeating keys share: columns, climbing from key to key, and telling sure from unsure.
//!
//! A cipher of this family is described by its [`Kind`]: how many symbols a key's place can have and what each makes of
//! a letter. [`attack`] does the rest, with the period unknown.

mod columns;
mod crib;
mod search;
#[cfg(test)]
pub(super) mod trial;
pub(super) mod verdict;

use super::super::attack::{AttackError, Finding, Problem, Watch};
use super::letters::{self, Letters};
use crate::ciphers::{self, Key};

/// A cipher with a repeating key.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its id.
    pub cipher: &'static str,
    /// The parameter that holds the key.
    pub param: &'static str,
    /// How many different symbols stand in one place of the key.
    pub symbols: usize,
    /// How a symbol is written.
    pub write: fn(u8) -> char,
    /// How a symbol is read.
    pub read: fn(char) -> Option<u8>,
    /// What a symbol makes of a cipher letter.
    pub plain: fn(symbol: u8, cipher: u8) -> u8,
    /// Whether only the first letters are under the key, and the plaintext itself is the key of those after them.
    pub running: bool,
}

/// The fewest letters of which anything can be said.
const FEWEST_LETTERS: usize = 16;
/// The longest period that is looked for; nobody remembers longer keywords.
const LONGEST_PERIOD: usize = 40;

impl Kind {
    /// What each symbol makes of each letter under a period: `[letter * symbols + symbol]`.
    fn table(&self, cipher: &[u8], period: usize) -> Vec<u8> {
        let mut table = Vec::with_capacity(cipher.len() * self.symbols);
        for (i, &letter) in cipher.iter().enumerate() {
            for symbol in 0..self.symbols {
                // Under a running key the letter a period ago is this letter's key.
                let key = match i.checked_sub(period).filter(|_| self.running) {
                    Some(before) => table[before * self.symbols + symbol],
                    None => symbol as u8,
                };
                table.push((self.plain)(key, letter));
            }
        }
        table
    }

    fn word(&self, key: &[u8]) -> String {
        key.iter().map(|&symbol| (self.write)(symbol)).collect()
    }

    fn key(&self, symbols: &[u8]) -> Key {
        Key::new().with(self.param, &self.word(symbols))
    }

    /// Reads a key of which some places may be unknown, written `?`.
    fn pattern(&self, text: &str) -> Result<Vec<Option<u8>>, AttackError> {
        let places: Option<Vec<Option<u8>>> = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| match c {
                '?' => Some(None),
                _ => (self.read)(c).map(Some),
            })
            .collect();
        places
            .filter(|places| !places.is_empty())
            .ok_or_else(|| AttackError::Known {
                param: self.param.to_owned(),
                reason: format!(
                    "'{}' has characters that do not stand in a key; write unknown places as ?",
                    text.escape_debug()
                ),
            })
    }
}

/// Searches for the key.
pub(super) fn attack(
    kind: &Kind,
    problem: &Problem<'_>,
    watch: &mut dyn Watch,
) -> Result<Finding, AttackError> {
    if problem
        .known
        .value("letters")
        .is_some_and(|letters| !letters.eq_ignore_ascii_case(ciphers::alphabet::LATIN))
    {
        return Err(AttackError::Known {
            param: "letters".to_owned(),
            reason: "only texts over the letters A to Z can be attacked".to_owned(),
        });
    }
    let letters = Letters::of(problem.text);
    let known = match problem.known.value(kind.param) {
        Some(text) => Some(kind.pattern(text)?),
        None => None,
    };
    let needed = if known.is_some() { 4 } else { FEWEST_LETTERS };
    if letters.numbers().len() < needed {
        return Err(AttackError::too_short(letters.numbers().len(), needed));
    }
    let crib = match problem.crib {
        Some(crib) => Some(crib::read(crib, letters.numbers().len())?),
        None => None,
    };
    search::Search::new(kind, problem, letters.numbers(), watch).run(known, crib)
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::Blind;
    use super::super::{autokey::AUTOKEY, gronsfeld::GRONSFELD, vigenere::VIGENERE};
    use super::*;
    use crate::analysis::language::Language;

    #[test]
    fn a_text_full_of_accents_is_sure() {
        let plain = "Hier après-midi, nous avons marché le long de la rivière jusqu'au vieux moulin, où le propriétaire nous a \
                     offert du cidre et des gâteaux encore chauds. Ma cousine Hélène, qui détes";
        for (attack, param, value) in [(&AUTOKEY, "keyword", "NDWJ"), (&GRONSFELD, "digits", "846")] {
            let cipher = ciphers::find(attack.cipher).unwrap();
            let text = cipher
                .build(&Key::new().with(param, value))
                .unwrap()
                .encrypt(plain)
                .unwrap();
            let problem = Problem::new(&text, Language::find("fr").unwrap());
            let finding = attack.run(&problem, &mut Blind).unwrap();
            assert_eq!(finding.text, plain);
            assert!(finding.confident, "{}: {}", attack.cipher, finding.why);
        }
    }

    #[test]
    fn a_keyword_found_doubled_is_given_once() {
        let plain =
            "the letters of a doubled keyword are those of the keyword itself and nobody needs them twice";
        let key = Key::new().with("keyword", "CABCAB");
        let text = ciphers::find("vigenere")
            .unwrap()
            .build(&key)
            .unwrap()
            .encrypt(plain)
            .unwrap();
        for known in [Key::new(), key] {
            let problem = Problem {
                known,
                ..Problem::new(&text, Language::english())
            };
            let finding = VIGENERE.run(&problem, &mut Blind).unwrap();
            assert_eq!(finding.key.value("keyword"), Some("CAB"));
        }
    }

    #[test]
    fn letters_by_chance_are_never_sure() {
        let mut dice = crate::analysis::attack::Random::new(5);
        for letters in [20, 40, 80, 120] {
            let text: String = (0..letters)
                .map(|_| char::from(b'A' + dice.below(26) as u8))
                .collect();
            let finding = VIGENERE
                .run(&Problem::new(&text, Language::english()), &mut Blind)
                .unwrap();
            assert!(!finding.confident, "{text}");
            assert!(finding.why.contains("unicity") || finding.why.contains("another cipher"));
        }
    }

    #[test]
    fn letters_that_were_only_moved_are_not_sure_under_a_key_that_leaves_them_alone() {
        // A rail fence's: as letters of English they are far from chance as they stand.
        let moved = "HFPASSRONTAREOISEENLESOFT";
        let finding = VIGENERE
            .run(&Problem::new(moved, Language::english()), &mut Blind)
            .unwrap();
        assert!(!finding.confident, "{}", finding.text);
    }

    #[test]
    fn an_automatic_key_that_leaves_words_as_they_are_beside_runs_of_a_is_not_sure() {
        // Texts that read as they are: a run of A keeps the words behind it.
        for plain in [
            "HEREWEREJUSTDISCUSSINGTHETECHNICALIMPLEMENTATIONOF",
            "EXPANDSAMESSAGEINTENDEDFORTHEUSERTOINCLUDEANINDICA",
        ] {
            let finding = AUTOKEY
                .run(&Problem::new(plain, Language::english()), &mut Blind)
                .unwrap();
            assert!(!finding.confident, "{}", finding.text);
        }
    }

    /// More letters than are searched, and behind them words that stand nowhere else.
    const LONG: &str = "We had rented the cottage for a fortnight in September, when the visitors have gone and the village \
                        belongs to itself again. Every morning my brother went down to fetch bread and came back with news: \
                        a boat had lost its mooring, the schoolmaster was to be married, somebody had seen a seal near the \
                        old pier. In the evenings we read aloud or mended nets with the neighbour, who knew each rock of the \
                        coast by name and each name by its story. On the last day but one the wind turned to the north, and \
                        over the hills came thunderclouds of violet and brass.";

    fn secret(cipher: &str, key: Key) -> String {
        let cipher = ciphers::find(cipher).unwrap().build(&key).unwrap();
        cipher.encrypt(LONG).unwrap()
    }

    #[test]
    fn a_crib_behind_what_is_searched_binds_nothing_and_is_looked_for_in_the_whole() {
        let keyed = [
            (&VIGENERE, "vigenere", Key::new().with("keyword", "LEMON")),
            (&AUTOKEY, "autokey", Key::new().with("keyword", "LEMON")),
        ];
        for (spec, cipher, key) in keyed {
            let text = secret(cipher, key);
            let problem = Problem {
                crib: Some("thunderclouds of violet"),
                ..Problem::new(&text, Language::english())
            };
            let finding = spec.run(&problem, &mut Blind).unwrap();
            assert!(finding.confident, "{cipher}: {}", finding.why);
            assert_eq!(finding.text, LONG);
        }
    }

    #[test]
    fn a_crib_that_stands_nowhere_in_a_long_text_leaves_its_key_and_is_not_sure() {
        let text = secret("vigenere", Key::new().with("keyword", "LEMON"));
        let problem = Problem {
            crib: Some("thunderstorms of amber"),
            known: Key::new().with("keyword", "L????"),
            ..Problem::new(&text, Language::english())
        };
        let finding = VIGENERE.run(&problem, &mut Blind).unwrap();
        assert_eq!(finding.text, LONG);
        assert!(
            !finding.confident && finding.why.contains("does not show the crib"),
            "{}",
            finding.why
        );
    }

    #[test]
    fn what_cannot_be_is_said_before_the_search() {
        let short = VIGENERE.run(&Problem::new("LXFOPV", Language::english()), &mut Blind);
        assert!(matches!(
            short,
            Err(AttackError::TooShort {
                letters: 6,
                needed: FEWEST_LETTERS,
                unicity: Some(_),
            })
        ));
        // Digits 0 to 9 never make Z of A: it would have to move one back.
        let text = "A".repeat(30);
        let crib = Problem {
            crib: Some("ABC"),
            ..Problem::new(&text, Language::english())
        };
        let error = GRONSFELD.run(&crib, &mut Blind).unwrap_err();
        assert!(error.to_string().contains("nearest at letter"), "{error}");
    }
}
