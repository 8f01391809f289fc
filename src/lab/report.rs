//! What a text gives away, all in one: counts, coincidence, repeats, and a guess at the cipher with its reasons.

use super::figures::Figures;
use crate::analysis::Symbols;
use crate::analysis::identify::identify;
use crate::analysis::language::letters_of;
use crate::analysis::ngrams::{
    Count, Repeat, autocorrelation, coincidence_by_period, divided_distances, kasiski, ngrams,
};

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

/// A guess at what a text is, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// What it may be, and how likely that is, in words: "Perhaps a transposition".
    pub says: String,
    /// The ciphers to attack, the likeliest first.
    pub ciphers: &'static [&'static str],
    /// Why, in a sentence.
    pub why: String,
}

impl Guess {
    /// What the analysis of the text says; nothing of a text without letters.
    fn at(text: &str) -> Option<Self> {
        let solid = text.chars().filter(|c| c.is_ascii_alphanumeric());
        let beginning: String = match text.len() {
            ..=MOST_LETTERS => text.to_owned(),
            _ => solid.clone().take(MOST_LETTERS).collect(),
        };
        let guess = solid.clone().next().map(|_| identify(&beginning))?;
        let mut why = guess.reasons.join("; ");
        if let Some(first) = why.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let says = match guess.family {
            None if !guess.is_plain => "Too short to tell".to_owned(),
            _ if guess.is_clear => format!("Most likely {}", guess.what),
            _ => format!("Perhaps {}", guess.what),
        };
        Some(Self {
            says,
            ciphers: &guess.ciphers[..guess.ciphers.len().min(MOST_CIPHERS)],
            why: why + ".",
        })
    }
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
        let guesses = Guess::at(text).into_iter().collect();
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

/// As much of a text as is looked at.
const MOST_LETTERS: usize = 20_000;
/// Ciphers that are named.
const MOST_CIPHERS: usize = 7;
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
    fn of_a_short_text_nothing_is_called_likely() {
        let columnar = sample("columnar");
        let says = |text: &str| Report::of(text).guesses[0].says.clone();
        assert_eq!(says(&columnar), "Most likely a transposition");
        let letters: String = columnar.chars().filter(char::is_ascii_alphabetic).collect();
        for (length, begins) in [(8, "Too short to tell"), (30, "Perhaps "), (50, "Perhaps ")] {
            assert!(says(&letters[..length]).starts_with(begins), "{length}");
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
