//! The attack on the Polybius square: pairs of digits are letters of an unknown alphabet.

use super::super::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use super::cells::{self, Signs, pairs_reach_across_spaces};
use super::given::{GivenKey, PROSE, crib_in_square};
use super::letters::numbers;
use super::movers::contains;
use super::playfair::decrypt;
use crate::ciphers::Key;

/// The description of the attack on the Polybius square.
pub static POLYBIUS: AttackSpec = AttackSpec {
    cipher: "polybius",
    method: "pairs of digits as letters, then as a substitution",
    summary: "Takes each pair of digits for one letter of an unknown alphabet, and finds that alphabet as for a \
              monoalphabetic substitution: some 40 letters do where spaces are kept, some 80 where they are not.",
    help: Help::CRIB,
    known: &["keyword"],
    search: run,
};

/// Fewer letters say nothing.
const FEWEST: usize = 10;

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let digits = problem.text.chars().filter(char::is_ascii_digit).count();
    let coordinates = problem.text.chars().filter(|c| ('1'..='5').contains(c)).count();
    let is_empty = !problem.text.contains(char::is_alphanumeric);
    if !is_empty && (digits == 0 || coordinates * 10 < digits * 9) {
        return Err(AttackError::NotThisCipher {
            reason: "its output is digits from 1 to 5, and these are few here".to_owned(),
        });
    }
    // Under the square in order, each cell becomes its letter of the alphabet, and all else keeps its place.
    let keyword = problem.known.value("keyword").unwrap_or_default();
    let mut signs = decrypt("polybius", &Key::new(), problem.text).unwrap_or_default();
    if pairs_reach_across_spaces(problem.text, char::is_ascii_digit) {
        signs.retain(|c| !c.is_whitespace());
    }
    let described = |square: &str| {
        let key = Key::new().with("keyword", square);
        let text = decrypt("polybius", &key, problem.text).unwrap_or_default();
        (key, text)
    };
    if !keyword.trim().is_empty() {
        let crib = crib_in_square(problem.crib);
        let given = GivenKey {
            cipher: "polybius",
            param: "keyword",
            least: PROSE,
        };
        return given.finding(problem, Key::new().with("keyword", keyword), |plain| {
            contains(plain, &crib)
        });
    }
    let letters = numbers(&signs).len();
    if letters < FEWEST {
        return Err(AttackError::too_short(letters, FEWEST));
    }
    cells::solve(problem, &signs, &Signs::in_order(), watch, &described)
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::Blind;
    use super::*;
    use crate::analysis::language::Language;

    const PLAIN: &str = "THE FERRY WAS LATE AGAIN SO WE SAT ON THE WALL ABOVE THE HARBOUR AND WATCHED THE BOATS COME IN ONE AFTER \
                         ANOTHER WHILE THE GULLS QUARRELLED OVER SCRAPS OF BREAD";

    #[test]
    fn a_keyed_square_is_found_from_the_digits() {
        let key = Key::new().with("keyword", "LIGHTHOUSE");
        let cipher = crate::ciphers::find("polybius").unwrap().build(&key).unwrap();
        let secret = cipher.encrypt(PLAIN).unwrap();
        let finding = run(&Problem::new(&secret, Language::english()), &mut Blind).unwrap();
        assert_eq!(finding.text, PLAIN);
        let again = crate::ciphers::find("polybius")
            .unwrap()
            .build(&finding.key)
            .unwrap();
        assert_eq!(again.decrypt(&secret).unwrap(), PLAIN);
    }

    #[test]
    fn digits_are_read_however_they_are_written() {
        let key = Key::new().with("keyword", "LIGHTHOUSE");
        let cipher = crate::ciphers::find("polybius").unwrap().build(&key).unwrap();
        let words = cipher.encrypt(PLAIN).unwrap();
        let digits: Vec<char> = words.chars().filter(char::is_ascii_digit).collect();
        let groups = |of: usize| {
            let groups: Vec<String> = digits.chunks(of).map(|group| group.iter().collect()).collect();
            groups.join(" ")
        };
        let words_of_pairs: Vec<String> = words
            .split(' ')
            .map(|word| {
                let pairs = word.as_bytes().chunks(2).map(String::from_utf8_lossy);
                pairs.collect::<Vec<_>>().join(" ")
            })
            .collect();
        for text in [
            groups(5),
            groups(digits.len()),
            groups(2),
            groups(7),
            words_of_pairs.join(" / "),
        ] {
            let finding = run(&Problem::new(&text, Language::english()), &mut Blind).unwrap();
            assert_eq!(numbers(&finding.text), numbers(PLAIN), "{text}: {}", finding.why);
            assert!(finding.confident, "{text}: {}", finding.why);
        }
    }

    #[test]
    fn letters_are_no_digits() {
        let error = run(&Problem::new("HELLO THERE", Language::english()), &mut Blind);
        assert!(matches!(error, Err(AttackError::NotThisCipher { .. })));
    }
}
