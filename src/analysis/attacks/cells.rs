//! Squares as substitutions: once it is known which cell each letter of the plaintext came from, the cells are letters of an
//! unknown alphabet, and the attack on monoalphabetic substitution does the rest.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::super::attack::{AttackError, Finding, Problem, Progress, Watch};
use super::substitution::SUBSTITUTION;
use crate::analysis::language::{Language, Words};
use crate::ciphers::Key;

/// The characters that stand for cells while their meaning is unknown.
pub(super) struct Signs {
    /// For each cell of the square, its sign: a letter, or a digit where there are more than 26 cells in use.
    signs: Vec<char>,
    /// The square's characters: all that may stand in a cell.
    alphabet: &'static str,
}

/// What a square of 25 cells holds.
pub(super) const LETTERS_25: &str = "ABCDEFGHIKLMNOPQRSTUVWXYZ";
/// What a square of 36 cells holds.
pub(super) const LETTERS_36: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

impl Signs {
    /// Signs for cells that occur so often: letters for the 26 most frequent, digits for the others.
    pub(super) fn of(counts: &[usize]) -> Self {
        let alphabet = if counts.len() == 25 {
            LETTERS_25
        } else {
            LETTERS_36
        };
        let mut ranking: Vec<usize> = (0..counts.len()).collect();
        ranking.sort_by_key(|&cell| std::cmp::Reverse(counts[cell]));
        let mut signs = vec!['-'; counts.len()];
        for (&cell, sign) in ranking.iter().zip(alphabet.chars()) {
            signs[cell] = sign;
        }
        Self { signs, alphabet }
    }

    /// Signs in the order of the alphabet, for 25 cells.
    pub(super) fn in_order() -> Self {
        Self {
            signs: LETTERS_25.chars().collect(),
            alphabet: LETTERS_25,
        }
    }

    /// The signs by rows, as a square under which a text becomes one of signs.
    pub(super) fn as_square(&self) -> String {
        self.signs.iter().collect()
    }

    /// The whole square by rows that follows from a substitution's alphabet: for A to Z, the sign that stands for it.
    pub(super) fn square(&self, alphabet: &str) -> String {
        let plain = |sign: char| {
            let place = alphabet.chars().position(|c| c == sign)?;
            let letter = char::from(b'A' + place as u8);
            self.alphabet.contains(letter).then_some(letter)
        };
        let mut cells: Vec<Option<char>> = self.signs.iter().map(|&sign| plain(sign)).collect();
        let mut rest: Vec<char> = self
            .alphabet
            .chars()
            .filter(|letter| !cells.contains(&Some(*letter)))
            .rev()
            .collect();
        // Cells that mean nothing so far (or a J, which a square of 25 does not hold) take what is left.
        cells
            .iter_mut()
            .map(|cell| cell.or_else(|| rest.pop()).unwrap_or('A'))
            .collect()
    }
}

/// Whether symbols, two of which make a letter, stand in groups of five, or of another odd number: then spaces say nothing of
/// words.
pub(super) fn pairs_reach_across_spaces(text: &str, is_symbol: impl Fn(&char) -> bool) -> bool {
    let symbols = |word: &str| word.chars().filter(&is_symbol).count();
    text.split_whitespace().any(|word| symbols(word) % 2 == 1)
}

/// Solves a text of signs as a monoalphabetic substitution. `describe` makes the key and the text from the square.
pub(super) fn solve(
    problem: &Problem<'_>,
    text: &str,
    signs: &Signs,
    watch: &mut dyn Watch,
    describe: &dyn Fn(&str) -> (Key, String),
) -> Result<Finding, AttackError> {
    let square = |key: &Key| signs.square(key.value("alphabet").unwrap_or_default());
    let inner = Problem {
        text,
        locks: &[],
        known: Key::new(),
        ..problem.clone()
    };
    let mut translated = Translated {
        watch,
        describe: &|key| describe(&square(key)),
    };
    let mut finding = (SUBSTITUTION.search)(&inner, &mut translated)?;
    (finding.key, finding.text) = describe(&square(&finding.key));
    for other in &mut finding.others {
        (other.key, other.text) = describe(&square(&other.key));
    }
    finding.others.retain(|other| other.key != finding.key);
    Ok(finding)
}

/// Is no longer sure where a cell of the 36 may hold another character than was read: letters were sought alone, in the
/// cells that occur most often, so a digit is read as a rare letter, or a rare letter as a digit, unless known words
/// speak for it.
pub(super) fn doubt_guesses(language: &Language, finding: &mut Finding) {
    let characters: Vec<char> = finding
        .text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let code = |&c: &char| match c {
        'A'..='Z' => c as u8 - b'A',
        _ => DIGIT,
    };
    let codes: Vec<u8> = characters.iter().take(PARTED).map(code).collect();
    let words = language.words();
    let as_read = with_digits(words, &codes, &[]);
    let ahead = |letters: &[u8]| as_read - with_digits(words, &codes, letters);
    let longest = longest_known(words, &codes);
    let mut spoken_for: [bool; 26] = std::array::from_fn(|letter| {
        ahead(&[letter as u8]) >= LIKELIER[longest[letter].min(LIKELIER.len() - 1)]
    });
    // Two digits that always stand together may make a word, which neither does without the other: 10 as BY.
    for pair in rare_pairs(&codes) {
        let both = pair.map(usize::from);
        if both.iter().all(|&letter| spoken_for[letter]) && ahead(&pair) < LIKELIER_TOGETHER {
            both.iter().for_each(|&letter| spoken_for[letter] = false);
        }
    }
    let is_guess = |c: &char| !c.is_ascii_uppercase() || !spoken_for[usize::from(*c as u8 - b'A')];
    let mut guesses: Vec<char> = characters.iter().copied().filter(is_guess).collect();
    let count = guesses.len();
    guesses.sort_unstable();
    guesses.dedup();
    if guesses.is_empty() {
        return;
    }
    let names: Vec<String> = guesses.iter().map(char::to_string).collect();
    let are_guesses = if count == 1 { "is a guess" } else { "are guesses" };
    finding.confident = false;
    finding.why = format!(
        "Most letters are right, but {count} of {} characters {are_guesses}: {}. In a square of 36 a digit can't be told \
         from a rare letter, and known words do not speak for these.",
        characters.len(),
        names.join(", ")
    );
}

/// For each letter, the length of the longest known word that it stands in.
fn longest_known(words: &Words, codes: &[u8]) -> [usize; 26] {
    let mut longest = [0; 26];
    for run in codes.split(|&code| code == DIGIT) {
        let parted = words.part(run);
        let mut at = 0;
        for (&length, known) in parted.lengths.iter().zip(parted.known) {
            for &letter in run[at..at + length].iter().filter(|_| known) {
                let longest = &mut longest[usize::from(letter)];
                *longest = length.max(*longest);
            }
            at += length;
        }
    }
    longest
}

/// Two different letters that stand side by side, and both seldom.
fn rare_pairs(codes: &[u8]) -> BTreeSet<[u8; 2]> {
    let mut counts = [0; 27];
    codes.iter().for_each(|&code| counts[usize::from(code)] += 1);
    let is_rare = |code: u8| code != DIGIT && counts[usize::from(code)] <= RARE;
    let pairs = codes
        .array_windows::<2>()
        .filter(|[a, b]| a != b && is_rare(*a) && is_rare(*b));
    pairs.map(|&[a, b]| [a.min(b), a.max(b)]).collect()
}

/// ln of the probability of a text whose letters are parted into words, if some letters are digits as well. Between digits
/// words end.
fn with_digits(words: &Words, codes: &[u8], digits: &[u8]) -> f64 {
    let is_digit = |code: u8| code == DIGIT || digits.contains(&code);
    codes
        .chunk_by(|a, b| is_digit(*a) == is_digit(*b))
        .map(|run| match run.first() {
            Some(&first) if is_digit(first) => NUMBER + (run.len() - 1) as f64 * ANOTHER_DIGIT,
            _ => words.part(run).log_probability,
        })
        .sum()
}

/// The code of every digit.
const DIGIT: u8 = 26;
/// Letters that are parted into words: what occurs only behind them was not sought either.
const PARTED: usize = 6_000;
/// ln of how often a number stands where a word could, and how often one more digit follows: rather too often than too
/// seldom, so that a digit is not taken for a letter.
const NUMBER: f64 = -4.0;
const ANOTHER_DIGIT: f64 = -0.7;
/// Nats by which a text has to be likelier with a letter than with a digit in its place, by the length of the longest known
/// word that the letter stands in: chance makes short ones easily. Of 1,199 texts with digits that the attack itself had read
/// as letters one would be sure ("final 4 IDs", read as "final kids"), and of 548 texts of 300 letters without any digit 99
/// are not.
const LIKELIER: [f64; 5] = [f64::INFINITY, f64::INFINITY, 8.0, 6.0, 1.0];
/// The same for two letters together.
const LIKELIER_TOGETHER: f64 = 1.0;
/// How often a letter may stand in a text that could be one digit of several.
const RARE: usize = 15;

struct Translated<'a> {
    watch: &'a mut dyn Watch,
    describe: &'a dyn Fn(&Key) -> (Key, String),
}

impl Watch for Translated<'_> {
    fn seen(&mut self, progress: Progress<'_>) -> ControlFlow<()> {
        let (key, text) = (self.describe)(progress.key);
        self.watch.seen(Progress {
            key: &key,
            text: &text,
            ..progress
        })
    }

    fn go_on(&mut self) -> ControlFlow<()> {
        self.watch.go_on()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_known_word_speaks_for_is_a_guess() {
        let told = |text: &str| {
            let mut finding = Finding {
                key: Key::new(),
                text: text.to_owned(),
                score: -2.0,
                confident: true,
                why: "found".to_owned(),
                tried: 1,
                certainty: Vec::new(),
                others: Vec::new(),
            };
            doubt_guesses(Language::english(), &mut finding);
            (finding.confident, finding.why)
        };
        for plain in [
            "THEHARBOURISNEARTHEMOUNTAINS",
            // F stands in no longer word than OF, but thrice.
            "THEBELLWENTTOTHEHARBOUROFTHETOWNOFTHEISLANDANDOFTHESEA",
        ] {
            assert_eq!(told(plain), (true, "found".to_owned()), "{plain}");
        }
        for (text, guesses) in [
            (
                "THEHARBOURISNEARTHEMOUNTAINSIN1942",
                "4 of 34 characters are guesses: 1, 2, 4, 9.",
            ),
            (
                "THEHARBOURISNEARTHEMOUNTAINSINZXJQ",
                "4 of 34 characters are guesses: J, Q, X, Z.",
            ),
            // "To 7, then", "F42 was read", "10 from": words that nobody wrote.
            (
                "WEWALKEDTOYTHENTOTHEHARBOURANDSAWTHEBOATS",
                "1 of 41 characters is a guess: Y.",
            ),
            (
                "THEWHOLEFAQWASREADATTHERIVER",
                "1 of 28 characters is a guess: Q.",
            ),
            (
                "THEWHOLEMAILWASSENTBYFROMTHERIVER",
                "2 of 33 characters are guesses: B, Y.",
            ),
        ] {
            let (confident, why) = told(text);
            assert!(!confident && why.contains(guesses), "{why}");
        }
    }

    #[test]
    fn a_square_follows_from_an_alphabet_and_holds_every_letter_once() {
        // ROT13: A is written N, and so on.
        let square = Signs::in_order().square("NOPQRSTUVWXYZABCDEFGHIJKLM");
        assert!(square.starts_with("NOPQRSTUV"), "{square}");
        let mut letters: Vec<char> = square.chars().collect();
        letters.sort_unstable();
        assert_eq!(letters.into_iter().collect::<String>(), LETTERS_25);
        let mut counts = vec![1; 36];
        counts[35] = 9;
        let signs = Signs::of(&counts);
        assert_eq!(signs.as_square().chars().nth(35), Some('A'));
        let mut letters: Vec<char> = signs.square("BACDEFGHIJKLMNOPQRSTUVWXYZ").chars().collect();
        assert_eq!((letters[35], letters[0]), ('B', 'A'));
        letters.sort_unstable();
        letters.rotate_left(10);
        assert_eq!(letters.into_iter().collect::<String>(), LETTERS_36);
    }
}
