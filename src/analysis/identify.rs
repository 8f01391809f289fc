//! A guess at the cipher and the language of a text, with its reasons in words.

use super::attack::Evidence;
use super::coincidence::index_of_coincidence;
use super::frequency::{Census, Symbols};
use super::language::{self, Language, letters_of};
use super::ngrams::coincidence_by_period;
use crate::ciphers::Family;

/// What a text seems to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// The family, if any is likely; `None` for what reads as plaintext or says nothing.
    pub family: Option<Family>,
    /// The same in words: "a transposition".
    pub what: &'static str,
    /// Whether the text is long and plain enough for the family to be more than a hint.
    pub is_clear: bool,
    /// The ciphers to try, the likeliest first, by their ids.
    pub ciphers: &'static [&'static str],
    /// The language whose letters fit best.
    pub language: &'static Language,
    /// Whether no other language's fit nearly as well.
    pub language_is_clear: bool,
    /// Whether it reads as it is.
    pub is_plain: bool,
    /// Why, in sentences.
    pub reasons: Vec<String>,
}

/// Guesses from the characters, the frequencies and the coincidences of a text.
pub fn identify(text: &str) -> Guess {
    let codes = letters_of(text);
    let solid: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(guess) = by_characters(&solid) {
        return guess;
    }
    let n = codes.len();
    let mut reasons = Vec::new();
    if n < LEAST {
        reasons.push(format!(
            "{n} letters are too few to tell anything by their frequencies"
        ));
        return Guess {
            family: None,
            what: "too short to tell",
            is_clear: false,
            ciphers: ALL_CLASSICAL,
            language: Language::english(),
            language_is_clear: false,
            is_plain: false,
            reasons,
        };
    }
    let census = Census::of(text, Symbols::Latin);
    let index = index_of_coincidence(&census).unwrap_or(0.0);
    let nearest = Nearest::of(&census, false);
    let sorted = Nearest::of(&census, true);
    let language = nearest.language;
    let score = language.quadgrams().score(&codes);
    if score > READS || Evidence::reads(language, &codes[..n.min(READ)]) {
        reasons.push(format!(
            "four letters in a row are as likely as in {} text ({score:.2} nats a letter): it reads as it is",
            language.name
        ));
        return Guess {
            family: None,
            what: "plain text",
            is_clear: n >= SHORT,
            ciphers: &["rail-fence", "columnar"],
            language,
            language_is_clear: nearest.is_clear(),
            is_plain: true,
            reasons,
        };
    }
    // The spread of the index in random text: sqrt(2 · 25) / (26 · n).
    let spread = 50f64.sqrt() / (26.0 * n as f64);
    reasons.push(format!(
        "the index of coincidence is {index:.4}; running text has about 0.066, letters by chance {:.4} (± {spread:.4} at this length)",
        1.0 / 26.0
    ));
    if index > 0.056 - spread.min(0.004) {
        // Squares keep some of the unevenness, and have no J.
        let is_square = (pairs_differ(&codes) || n < CLEAR_PAIRS) && !codes.contains(&9);
        let is_clear = n >= SHORT && !is_square && index - 1.0 / 26.0 > 5.0 * spread;
        return hedged(n, rough(n, is_clear, &nearest, &sorted, reasons));
    }
    hedged(n, flat(text, &codes, index, spread, sorted.language, reasons))
}

fn pairs_differ(codes: &[u8]) -> bool {
    codes.len().is_multiple_of(2) && codes.chunks_exact(2).all(|pair| pair[0] != pair[1])
}

/// Says of a guess at a short text that it is one.
fn hedged(n: usize, mut guess: Guess) -> Guess {
    if n < SHORT {
        guess.reasons.push(format!(
            "but {n} letters are few, and this is hardly more than a hint"
        ));
    } else if !guess.is_clear {
        guess
            .reasons
            .push("but other ciphers make such texts too".to_owned());
    }
    guess
}

/// Texts that give themselves away by the characters they use.
fn by_characters(solid: &[char]) -> Option<Guess> {
    // Full stops and letters with accents keep their places and say nothing about the rest.
    let signs: Vec<char> = solid
        .iter()
        .copied()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let within = |all: &[char], set: &str| all.iter().all(|c| set.contains(c.to_ascii_uppercase()));
    let only = |set: &str| signs.len() >= 8 && within(&signs, set);
    let guess = |family, what, ciphers: &'static [&'static str], reason: String| {
        Some(Guess {
            family: Some(family),
            what,
            is_clear: true,
            ciphers,
            language: Language::english(),
            language_is_clear: false,
            is_plain: false,
            reasons: vec![reason],
        })
    };
    let n = solid.len();
    // ADFGX leaves digits as they are.
    let letters: Vec<char> = signs.iter().copied().filter(char::is_ascii_alphabetic).collect();
    if letters.len() >= 8 && letters.len() * 2 > signs.len() && within(&letters, "ADFGX") {
        return guess(
            Family::Fractionating,
            "ADFGX",
            &["adfgx"],
            "it has no letters but A, D, F, G and X".to_owned(),
        );
    }
    if only("ADFGVX") {
        return guess(
            Family::Fractionating,
            "ADFGVX",
            &["adfgvx"],
            "it has no letters but A, D, F, G, V and X".to_owned(),
        );
    }
    if only("12345") {
        let reason =
            "it has no characters but the digits 1 to 5: pairs of them are cells of a square".to_owned();
        return guess(
            Family::Fractionating,
            "the coordinates of a square",
            &["polybius"],
            reason,
        );
    }
    if n >= 56
        && n.is_multiple_of(2)
        && within(solid, "0123456789ABCDEF")
        && solid.iter().any(char::is_ascii_digit)
    {
        let reason =
            "it is hexadecimal and long enough for a nonce and a tag: modern encryption, or data".to_owned();
        return guess(Family::Modern, "modern encryption", &["aes-256-gcm"], reason);
    }
    None
}

/// Letters as unequal as in running text: each has kept its identity, or its frequency.
fn rough(n: usize, is_clear: bool, nearest: &Nearest, sorted: &Nearest, mut reasons: Vec<String>) -> Guess {
    let (language, distance) = (nearest.language, nearest.distance);
    reasons.push(
        "so single letters are as unequal as in running text: one alphabet, or only the places changed"
            .to_owned(),
    );
    // Chi-squared for each letter of text; a transposition leaves it near that of any other text.
    let most = 0.35 + 12.0 / n as f64;
    let same_letters = distance < most;
    if same_letters {
        reasons.push(format!(
            "the frequencies of A to Z are those of {} (chi-squared {distance:.2} a letter), but their order is not: they \
             have changed places",
            language.name
        ));
        return Guess {
            family: Some(Family::Transposition),
            what: "a transposition",
            is_clear: is_clear && distance < 0.7 * most,
            ciphers: &[
                "rail-fence",
                "columnar",
                "double-columnar",
                "caesar",
                "affine",
                "substitution",
            ],
            language,
            language_is_clear: nearest.is_clear(),
            is_plain: false,
            reasons,
        };
    }
    reasons.push(format!(
        "other letters than those of the language are frequent (chi-squared {distance:.2} a letter): every letter stands for another"
    ));
    Guess {
        family: Some(Family::Monoalphabetic),
        what: "one alphabet in place of another",
        is_clear: is_clear && distance > 1.5 * most,
        ciphers: &[
            "caesar",
            "rot13",
            "atbash",
            "affine",
            "substitution",
            "rail-fence",
            "columnar",
        ],
        language: sorted.language,
        language_is_clear: sorted.is_clear(),
        is_plain: false,
        reasons,
    }
}

/// Letters more equal than in running text: several alphabets, pairs or machines.
fn flat(
    text: &str,
    codes: &[u8],
    index: f64,
    spread: f64,
    language: &'static Language,
    mut reasons: Vec<String>,
) -> Guess {
    let n = codes.len();
    let by_period = coincidence_by_period(text, LONGEST_PERIOD.min(n / 4).max(1));
    // The index of a column has the spread of a text as long as all columns have pairs.
    let best = by_period
        .iter()
        .enumerate()
        .skip(1)
        .map(|(at, &index)| {
            let period = at + 1;
            let column = n as f64 / period as f64;
            let spread = 50f64.sqrt() / (26.0 * column * (period as f64).sqrt());
            (period, index, (index - 1.0 / 26.0) / spread.max(1e-9))
        })
        .filter(|&(_, index, _)| index > 0.052)
        .max_by(|a, b| a.2.total_cmp(&b.2));
    let pairs_differ = pairs_differ(codes);
    let without_j = !codes.contains(&9);
    if let Some((period, of_columns, sigma)) = best.filter(|(.., sigma)| *sigma > 4.0) {
        reasons.push(format!(
            "with every {period}th letter taken alone it rises to {of_columns:.4} ({sigma:.0} times the spread): {period} alphabets in turn"
        ));
        return Guess {
            family: Some(Family::Polyalphabetic),
            what: "several alphabets in turn",
            // Uneven as a whole, it may be any other cipher, and columns of a few letters are uneven by chance.
            is_clear: n >= SHORT && sigma > 7.0 && index < 0.05 && n / period >= 8,
            ciphers: &[
                "vigenere",
                "beaufort",
                "gronsfeld",
                "porta",
                "autokey",
                "enigma",
                "playfair",
                "bifid",
                "hill",
                "substitution",
            ],
            language,
            language_is_clear: false,
            is_plain: false,
            reasons,
        };
    }
    reasons.push("no period up to 30 makes it rise".to_owned());
    if pairs_differ && without_j && n >= 40 {
        reasons.push("the number of letters is even, no pair has two equal letters and J is missing: pairs from a square".to_owned());
        return Guess {
            family: Some(Family::Polygraphic),
            what: "pairs of letters from a square",
            is_clear: n >= CLEAR_PAIRS,
            ciphers: &[
                "playfair",
                "bifid",
                "hill",
                "vigenere",
                "beaufort",
                "porta",
                "gronsfeld",
                "autokey",
            ],
            language,
            language_is_clear: false,
            is_plain: false,
            reasons,
        };
    }
    let (family, what, ciphers): (_, _, &'static [&'static str]) = if without_j && n >= 80 {
        reasons.push("J is missing: a square of 25 letters".to_owned());
        (
            Family::Fractionating,
            "a square of 25 letters",
            &["bifid", "playfair", "vigenere", "autokey", "hill"],
        )
    } else if index > 0.0385 + 4.0 * spread {
        reasons.push(
            "it is still above chance: an alphabet for each letter of a long key, or groups of letters"
                .to_owned(),
        );
        (
            Family::Polyalphabetic,
            "a long key, or groups of letters",
            &[
                "vigenere",
                "beaufort",
                "autokey",
                "porta",
                "gronsfeld",
                "hill",
                "substitution",
            ],
        )
    } else {
        reasons.push("nothing tells it from chance: a running or automatic key, groups of letters, a rotor machine, or a pad".to_owned());
        (
            Family::Polyalphabetic,
            "a machine, groups of letters, or a key as long as the text",
            &[
                "vigenere",
                "beaufort",
                "autokey",
                "porta",
                "gronsfeld",
                "hill",
                "enigma",
                "playfair",
                "bifid",
            ],
        )
    };
    Guess {
        family: Some(family),
        what,
        // J is missing from a text by chance too, and several alphabets look like any other flat text.
        is_clear: false,
        ciphers,
        language,
        language_is_clear: false,
        is_plain: false,
        reasons,
    }
}

/// The language whose letters are likeliest to give such counts.
struct Nearest {
    language: &'static Language,
    /// Chi-squared for each letter of the text.
    distance: f64,
    /// How much likelier it makes the counts than the next language, in nats.
    ahead: f64,
}

impl Nearest {
    /// With `sorted`, only the heights count, not which letter has which: that survives a change of the alphabet.
    fn of(census: &Census, sorted: bool) -> Self {
        let in_order = |mut shares: Vec<f64>| {
            if sorted {
                shares.sort_by(|a, b| b.total_cmp(a));
            }
            shares
        };
        let seen = in_order(census.shares());
        let mut all: Vec<Self> = language::ALL
            .iter()
            .map(|&language| {
                let expected = in_order(language.letters().iter().map(|share| share.max(1e-4)).collect());
                let pairs = || seen.iter().zip(&expected);
                let likely: f64 = pairs().map(|(seen, expected)| seen * expected.ln()).sum();
                Self {
                    language,
                    distance: pairs()
                        .map(|(seen, expected)| (seen - expected).powi(2) / expected)
                        .sum(),
                    ahead: likely * census.total as f64,
                }
            })
            .collect();
        all.sort_by(|a, b| b.ahead.total_cmp(&a.ahead));
        let next = all.get(1).map_or(0.0, |next| next.ahead);
        let mut best = all.swap_remove(0);
        best.ahead -= next;
        best
    }

    /// Whether no other language fits nearly as well.
    fn is_clear(&self) -> bool {
        self.ahead > AHEAD
    }
}

/// Letters below which frequencies tell nothing.
const LEAST: usize = 20;
/// Nats a letter by quadgrams above which a text reads as it is.
const READS: f64 = -2.45;
/// Letters by whose words that is judged.
const READ: usize = 1_000;
const LONGEST_PERIOD: usize = 30;
/// Letters below which a guess is a hint.
const SHORT: usize = 60;
/// Letters from which on it is no chance that no pair of them has two equal ones and J is missing.
const CLEAR_PAIRS: usize = 100;
/// Nats by which a language has to be likelier than the next: letters depend on their neighbours and texts on their subject, so
/// more than it would take for independent ones.
const AHEAD: f64 = 7.0;
const ALL_CLASSICAL: &[&str] = &[
    "caesar",
    "rot13",
    "atbash",
    "affine",
    "rail-fence",
    "vigenere",
    "columnar",
    "substitution",
    "playfair",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers;

    const PROSE: &str = "the ferry was late again so we sat on the wall above the harbour and watched the boats come in one after \
                         another until the lamps were lit along the quay and the last of the passengers had gone home for the \
                         night while a dog slept under the bench and nobody spoke of what had happened in the morning";

    fn of(id: &str, key: &[(&str, &str)]) -> Guess {
        let cipher = ciphers::find(id)
            .unwrap()
            .build(&key.iter().copied().collect())
            .unwrap();
        identify(&cipher.encrypt(PROSE).unwrap())
    }

    #[test]
    fn families_are_told_apart_with_reasons() {
        for (id, key, family) in [
            (
                "substitution",
                &[("keyword", "ZEBRAS")][..],
                Family::Monoalphabetic,
            ),
            ("caesar", &[("shift", "3")], Family::Monoalphabetic),
            ("columnar", &[("keyword", "HARBOUR")], Family::Transposition),
            ("rail-fence", &[("rails", "4")], Family::Transposition),
            ("vigenere", &[("keyword", "LEMON")], Family::Polyalphabetic),
            (
                "adfgvx",
                &[("square", "QUAY"), ("keyword", "LAMPS")],
                Family::Fractionating,
            ),
        ] {
            let guess = of(id, key);
            assert_eq!(guess.family, Some(family), "{id}: {guess:?}");
            assert!(guess.ciphers.contains(&id), "{id}: {guess:?}");
            assert!(!guess.reasons.is_empty());
        }
    }

    #[test]
    fn digits_of_a_square_are_known_between_full_stops_and_accents() {
        let cipher = ciphers::find("polybius").unwrap();
        let cipher = cipher.build(&cipher.sample_key()).unwrap();
        let guess = identify(
            &cipher
                .encrypt("Hier soir, Mathilde a trouvé une valise.")
                .unwrap(),
        );
        assert_eq!(guess.ciphers, ["polybius"]);
    }

    #[test]
    fn adfgx_is_known_beside_the_digits_that_it_leaves_alone() {
        let cipher = ciphers::find("adfgx").unwrap();
        let cipher = cipher.build(&cipher.sample_key()).unwrap();
        let guess = identify(
            &cipher
                .encrypt("The ferry of 1931 was late again at 10.45")
                .unwrap(),
        );
        assert_eq!(guess.ciphers, ["adfgx"]);
    }

    #[test]
    fn a_text_that_reads_is_called_plain() {
        assert!(identify(PROSE).is_plain);
        assert!(!of("columnar", &[("keyword", "HARBOUR")]).is_plain);
    }

    #[test]
    fn nothing_is_claimed_of_a_few_letters() {
        let guess = identify("XQZ KW");
        assert_eq!(guess.family, None);
        assert!(guess.reasons[0].contains("too few"));
        assert!(identify("").family.is_none());
    }
}
