//! A guess at the cipher and the language of a text, with its reasons in words.

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
    /// The ciphers to try, the likeliest first, by their ids.
    pub ciphers: Vec<&'static str>,
    /// The language whose letters fit best.
    pub language: &'static Language,
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
            ciphers: ALL_CLASSICAL.to_vec(),
            language: Language::english(),
            is_plain: false,
            reasons,
        };
    }
    let census = Census::of(text, Symbols::Latin);
    let index = index_of_coincidence(&census).unwrap_or(0.0);
    let (language, distance) = nearest_language(&census, false);
    let (sorted_language, _) = nearest_language(&census, true);
    let score = language.quadgrams().score(&codes);
    if score > READS {
        reasons.push(format!(
            "four letters in a row are as likely as in {} text ({score:.2} nats a letter): it reads as it is",
            language.name
        ));
        return Guess {
            family: None,
            ciphers: vec!["rail-fence", "columnar"],
            language,
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
        return rough(n, language, sorted_language, distance, reasons);
    }
    flat(text, &codes, index, spread, sorted_language, reasons)
}

/// Texts that give themselves away by the characters they use.
fn by_characters(solid: &[char]) -> Option<Guess> {
    let only = |set: &str| !solid.is_empty() && solid.iter().all(|c| set.contains(c.to_ascii_uppercase()));
    let guess = |family, ciphers: &[&'static str], reason: String| {
        Some(Guess {
            family: Some(family),
            ciphers: ciphers.to_vec(),
            language: Language::english(),
            is_plain: false,
            reasons: vec![reason],
        })
    };
    let n = solid.len();
    if n >= 8 && only("ADFGX") {
        return guess(
            Family::Fractionating,
            &["adfgx"],
            "it has no letters but A, D, F, G and X".to_owned(),
        );
    }
    if n >= 8 && only("ADFGVX") {
        return guess(
            Family::Fractionating,
            &["adfgvx"],
            "it has no letters but A, D, F, G, V and X".to_owned(),
        );
    }
    if n >= 8 && only("12345") {
        let reason =
            "it has no characters but the digits 1 to 5: pairs of them are cells of a square".to_owned();
        return guess(Family::Fractionating, &["polybius"], reason);
    }
    if n >= 56 && n.is_multiple_of(2) && only("0123456789ABCDEF") && solid.iter().any(char::is_ascii_digit) {
        let reason =
            "it is hexadecimal and long enough for a nonce and a tag: modern encryption, or data".to_owned();
        return guess(Family::Modern, &["aes-256-gcm"], reason);
    }
    None
}

/// Letters as unequal as in running text: each has kept its identity, or its frequency.
fn rough(
    n: usize,
    language: &'static Language,
    sorted_language: &'static Language,
    distance: f64,
    mut reasons: Vec<String>,
) -> Guess {
    reasons.push(
        "so single letters are as unequal as in running text: one alphabet, or only the places changed"
            .to_owned(),
    );
    // Chi-squared for each letter of text; a transposition leaves it near that of any other text.
    let same_letters = distance < 0.35 + 12.0 / n as f64;
    if same_letters {
        reasons.push(format!(
            "the frequencies of A to Z are those of {} (chi-squared {distance:.2} a letter), but their order is not: they \
             have changed places",
            language.name
        ));
        return Guess {
            family: Some(Family::Transposition),
            ciphers: vec![
                "rail-fence",
                "columnar",
                "double-columnar",
                "caesar",
                "affine",
                "substitution",
            ],
            language,
            is_plain: false,
            reasons,
        };
    }
    reasons.push(format!(
        "other letters than those of the language are frequent (chi-squared {distance:.2} a letter): every letter stands for another"
    ));
    Guess {
        family: Some(Family::Monoalphabetic),
        ciphers: vec![
            "caesar",
            "rot13",
            "atbash",
            "affine",
            "substitution",
            "rail-fence",
            "columnar",
        ],
        language: sorted_language,
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
    let pairs_differ = n.is_multiple_of(2) && codes.chunks_exact(2).all(|pair| pair[0] != pair[1]);
    let without_j = !codes.contains(&9);
    if let Some((period, of_columns, sigma)) = best.filter(|(.., sigma)| *sigma > 4.0) {
        reasons.push(format!(
            "with every {period}th letter taken alone it rises to {of_columns:.4} ({sigma:.0} times the spread): {period} alphabets in turn"
        ));
        let mut ciphers = vec!["vigenere", "beaufort", "gronsfeld", "porta", "autokey", "enigma"];
        ciphers.extend(["playfair", "bifid", "hill", "substitution"]);
        return Guess {
            family: Some(Family::Polyalphabetic),
            ciphers,
            language,
            is_plain: false,
            reasons,
        };
    }
    reasons.push("no period up to 30 makes it rise".to_owned());
    if pairs_differ && without_j && n >= 40 {
        reasons.push("the number of letters is even, no pair has two equal letters and J is missing: pairs from a square".to_owned());
        return Guess {
            family: Some(Family::Polygraphic),
            ciphers: vec![
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
            is_plain: false,
            reasons,
        };
    }
    let (family, ciphers): (_, &[&'static str]) = if without_j && n >= 80 {
        reasons.push("J is missing: a square of 25 letters".to_owned());
        (
            Family::Fractionating,
            &["bifid", "playfair", "vigenere", "autokey", "hill"],
        )
    } else if index > 0.0385 + 4.0 * spread {
        reasons.push(
            "it is still above chance: an alphabet for each letter of a long key, or groups of letters"
                .to_owned(),
        );
        (
            Family::Polyalphabetic,
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
        ciphers: ciphers.to_vec(),
        language,
        is_plain: false,
        reasons,
    }
}

/// The language whose letter frequencies are nearest, and chi-squared for each letter of the text. With `sorted`, only the
/// heights count, not which letter has which: that survives a change of the alphabet.
fn nearest_language(census: &Census, sorted: bool) -> (&'static Language, f64) {
    let shares = |shares: &[f64]| {
        let mut shares = shares.to_vec();
        if sorted {
            shares.sort_by(|a, b| b.total_cmp(a));
        }
        shares
    };
    let seen = shares(&census.shares());
    let distances = language::ALL.iter().map(|&language| {
        let expected = shares(language.letters());
        let terms = seen.iter().zip(expected).map(|(seen, expected)| {
            let expected = expected.max(1e-4);
            (seen - expected).powi(2) / expected
        });
        (language, terms.sum::<f64>())
    });
    let best = distances.min_by(|a, b| a.1.total_cmp(&b.1));
    best.unwrap_or((Language::english(), f64::INFINITY))
}

/// Letters below which frequencies tell nothing.
const LEAST: usize = 20;
/// Nats a letter by quadgrams above which a text reads as it is.
const READS: f64 = -2.45;
const LONGEST_PERIOD: usize = 30;
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
