//! What a text gives away, all in one: counts, coincidence, repeats, and a guess at the cipher with its reasons.

use super::figures::Figures;
use crate::analysis::language::letters_of;
use crate::analysis::ngrams::{
    Count, Repeat, autocorrelation, coincidence_by_period, divided_distances, kasiski, ngrams,
};
use crate::analysis::{Census, ENGLISH, Symbols, chi_squared};

/// Everything that is said about a text.
#[derive(Clone, Debug)]
pub struct Report {
    /// Letters A to Z in the text.
    pub letters: usize,
    /// Runs of one, two, three and four letters with their counts, the most frequent first.
    pub runs: [Vec<Count>; 4],
    /// Index of coincidence, entropy, chi-squared.
    pub figures: Figures,
    /// The mean index of coincidence of the columns, for the periods 1, 2, 3 and so on.
    pub periods: Vec<f64>,
    /// Sequences that repeat, the longest first (Kasiski).
    pub repeats: Vec<Repeat>,
    /// For each number from 2 on, how many distances between repeats it divides.
    pub divisors: Vec<usize>,
    /// For each shift from 1 on, the share of letters that meet their like when the text is laid beside itself.
    pub autocorrelation: Vec<f64>,
    /// What it may be, the likeliest first.
    pub guesses: Vec<Guess>,
}

/// A guess at what a text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// What it may be, in words.
    pub what: &'static str,
    /// The ciphers to attack, the likeliest first.
    pub ciphers: &'static [&'static str],
    /// Why, in a sentence.
    pub why: String,
}

impl Report {
    /// Looks at a text; of a very long one at its beginning.
    pub fn of(text: &str) -> Self {
        let mut letters = letters_of(text);
        letters.truncate(MOST_LETTERS);
        let beginning = as_text(&letters);
        let figures = Figures::of(&beginning, Symbols::Latin);
        let periods = coincidence_by_period(&beginning, MOST_PERIODS);
        let repeats = kasiski(&beginning, 3, MOST_REPEATS);
        let guesses = guesses(text, &letters, &figures, &periods);
        Self {
            letters: letters.len(),
            runs: [1, 2, 3, 4].map(|length| ngrams(&beginning, length, MOST_RUNS)),
            periods,
            divisors: divided_distances(&repeats, MOST_PERIODS),
            repeats,
            autocorrelation: autocorrelation(&beginning, MOST_SHIFT),
            guesses,
            figures,
        }
    }
}

fn as_text(letters: &[u8]) -> String {
    letters.iter().map(|&letter| char::from(b'A' + letter)).collect()
}

/// The guesses, by what shows in the text.
fn guesses(text: &str, letters: &[u8], figures: &Figures, periods: &[f64]) -> Vec<Guess> {
    let signs: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(guess) = by_signs(&signs) {
        return vec![guess];
    }
    let Some(index) = figures.index.filter(|_| letters.len() >= 2) else {
        return Vec::new();
    };
    let short = match letters.len() {
        ..LEAST_LETTERS => " But the text is short, and this is hardly more than a guess.",
        _ => "",
    };
    let guess = |what, ciphers, why: String| Guess {
        what,
        ciphers,
        why: why + short,
    };
    let far = figures.chi_english.unwrap_or(f64::INFINITY) / letters.len() as f64;
    if index >= 0.057 {
        if far < 0.35 {
            return vec![guess(
                "a transposition",
                &["columnar", "rail-fence", "double-columnar"],
                format!(
                    "Each letter is as frequent as in English (index {index:.3}), so the letters have kept their faces and only moved."
                ),
            )];
        }
        let shift = best_shift(letters);
        if shift.1 / (letters.len() as f64) < 0.35 {
            return vec![guess(
                "a shifted alphabet",
                &["caesar", "affine", "substitution"],
                format!(
                    "The counts are those of English (index {index:.3}) moved by {} places as a whole.",
                    shift.0
                ),
            )];
        }
        return vec![guess(
            "a monoalphabetic substitution",
            &["substitution", "affine", "atbash"],
            format!(
                "The counts are as uneven as a language's (index {index:.3}), but they belong to other letters."
            ),
        )];
    }
    let mut all = Vec::new();
    let best = best_period(periods, letters.len());
    let pairs = looks_like_pairs(letters);
    if let Some((period, height)) = best {
        all.push(guess(
            "a polyalphabetic substitution with a repeating key",
            &["vigenere", "beaufort", "porta", "gronsfeld"],
            format!(
                "Over the whole text the counts are blurred (index {index:.3}), but every {period}th letter together they are as uneven as a \
                 language's ({height:.3}): {period} alphabets in turn."
            ),
        ));
    }
    if pairs {
        all.push(guess(
            "pairs of letters in a square",
            &["playfair"],
            "There is no J, the number of letters is even, and no pair consists of two equal letters: Playfair never makes one.".to_owned(),
        ));
    } else if !letters.contains(&9) && letters.len() > 120 {
        all.push(guess(
            "a square of 25 letters",
            &["bifid", "playfair"],
            "There is no J, and the counts are blurred without a period.".to_owned(),
        ));
    }
    if all.is_empty() && index > 0.042 {
        all.push(guess(
            "a polyalphabetic or polygraphic cipher without a period that shows",
            &["vigenere", "autokey", "hill", "bifid"],
            format!("The counts are blurred (index {index:.3}), and no period stands out: the key may be long, or the text itself."),
        ));
    }
    if all.is_empty() {
        all.push(guess(
            "a machine, or a key as long as the text",
            &["enigma", "autokey", "vigenere"],
            format!("The counts are as even as chance makes them (index {index:.3}), whatever the period."),
        ));
    }
    all
}

/// What the set of signs alone says.
fn by_signs(signs: &[char]) -> Option<Guess> {
    let only = |set: &str| signs.len() >= 8 && signs.iter().all(|&c| set.contains(c.to_ascii_uppercase()));
    let told = |what, ciphers, why: &str| {
        Some(Guess {
            what,
            ciphers,
            why: why.to_owned(),
        })
    };
    if only("12345") {
        return told(
            "the coordinates of a square",
            &["polybius"],
            "There are only the digits 1 to 5: rows and columns of a square.",
        );
    }
    if only("ADFGX") {
        return told(
            "ADFGX",
            &["adfgx"],
            "There are only the letters A, D, F, G and X.",
        );
    }
    if only("ADFGVX") {
        return told(
            "ADFGVX",
            &["adfgvx"],
            "There are only the letters A, D, F, G, V and X.",
        );
    }
    if only("0123456789ABCDEF") && signs.iter().any(char::is_ascii_digit) && signs.len() >= 56 {
        return told(
            "modern encryption",
            &["aes-256-gcm"],
            "Hexadecimal digits, and enough of them for a nonce and a tag. If they are as even as chance, there is nothing to attack.",
        );
    }
    None
}

/// The shift at which the counts are nearest to English, and how far they still are.
fn best_shift(letters: &[u8]) -> (u8, f64) {
    (0..26u8)
        .map(|shift| {
            let moved: Vec<u8> = letters.iter().map(|letter| (letter + 26 - shift) % 26).collect();
            let census = Census::of(&as_text(&moved), Symbols::Latin);
            (shift, chi_squared(&census, &ENGLISH).unwrap_or(f64::INFINITY))
        })
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap_or((0, f64::INFINITY))
}

/// The shortest period whose columns are about as uneven as a language, if there is one.
fn best_period(periods: &[f64], letters: usize) -> Option<(usize, f64)> {
    let enough = |period: usize| letters / period >= 6;
    periods
        .iter()
        .enumerate()
        .skip(1)
        .map(|(place, &height)| (place + 1, height))
        .find(|&(period, height)| {
            // Chance makes short columns uneven too.
            let noise = 0.9 / (letters as f64 / period as f64) / (letters as f64).sqrt().max(1.0);
            enough(period) && height > 0.057 + noise
        })
}

fn looks_like_pairs(letters: &[u8]) -> bool {
    letters.len() >= 40
        && letters.len().is_multiple_of(2)
        && !letters.contains(&9)
        && letters.chunks_exact(2).all(|pair| pair[0] != pair[1])
}

/// As much of a text as is looked at.
const MOST_LETTERS: usize = 20_000;
const LEAST_LETTERS: usize = 60;
const MOST_RUNS: usize = 26;
const MOST_PERIODS: usize = 30;
const MOST_SHIFT: usize = 40;
const MOST_REPEATS: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers::{Key, find};
    use crate::lab::samples;

    fn sealed(id: &str, key: &Key) -> String {
        let text = format!("{} {}", samples::ALL[1].text, samples::ALL[2].text);
        find(id).unwrap().build(key).unwrap().encrypt(&text).unwrap()
    }

    fn sample(id: &str) -> String {
        sealed(id, &find(id).unwrap().sample_key())
    }

    #[test]
    fn the_cipher_is_among_the_first_guesses_with_a_reason() {
        for (id, text) in [
            ("caesar", sample("caesar")),
            ("substitution", sample("substitution")),
            ("columnar", sample("columnar")),
            (
                "vigenere",
                sealed("vigenere", &Key::new().with("keyword", "LEMONADE")),
            ),
            ("playfair", sample("playfair")),
            (
                "polybius",
                sample("polybius").replace(|c: char| !c.is_ascii_digit(), ""),
            ),
            (
                "adfgvx",
                sample("adfgvx").replace(|c: char| !c.is_ascii_uppercase(), ""),
            ),
            ("enigma", sample("enigma")),
        ] {
            let guesses = Report::of(&text).guesses;
            let named = guesses.iter().any(|guess| guess.ciphers.contains(&id));
            assert!(named, "{id}: {guesses:?}");
            assert!(guesses.iter().all(|guess| guess.why.len() > 20));
        }
    }

    #[test]
    fn repeats_and_periods_give_the_key_length_away() {
        let text = "ATTACKATDAWNONTHEEASTSIDE".repeat(4);
        let vigenere = find("vigenere")
            .unwrap()
            .build(&Key::new().with("keyword", "LEMON"))
            .unwrap();
        let report = Report::of(&vigenere.encrypt(&text).unwrap());
        assert!(
            report.repeats[0]
                .distances
                .iter()
                .all(|distance| distance.is_multiple_of(25))
        );
        let best = (1..report.divisors.len())
            .max_by_key(|&place| report.divisors[place])
            .unwrap();
        assert_eq!((best + 2) % 5, 0);
        let highest = report.autocorrelation.iter().copied().fold(0.0, f64::max);
        assert_eq!(report.autocorrelation[24], highest);
    }

    #[test]
    fn counts_are_sorted_and_complete() {
        let report = Report::of("Banana, banana!");
        assert_eq!(report.letters, 12);
        let first = |place: usize| {
            (
                report.runs[place][0].letters.as_str(),
                report.runs[place][0].times,
            )
        };
        assert_eq!((first(0), first(1)), (("A", 6), ("AN", 4)));
        assert_eq!(report.repeats[0].letters, "BANANA");
        let empty = Report::of("");
        assert!(empty.guesses.is_empty() && empty.runs[0].is_empty());
    }
}
