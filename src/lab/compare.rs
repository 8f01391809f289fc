//! The comparison of a bench's cards as a table, and the table as CSV (RFC 4180) and Markdown.

use super::bench::{Card, CardId};
use super::figures::{Figures, Fingerprint};
use super::job::Output;
use super::state::Lab;
use super::trial::{Verdict, in_short};
use crate::analysis::{difference, duration_in_words, keys_in_words, seconds_to_try_all};

/// How fast keys are tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// What is that fast.
    pub name: &'static str,
    /// Keys a second.
    pub keys_per_second: f64,
}

/// The rates to choose from.
pub const RATES: [Rate; 4] = [
    Rate {
        name: "by hand: 1 key a minute",
        keys_per_second: 1.0 / 60.0,
    },
    Rate {
        name: "a laptop: 1 million keys a second",
        keys_per_second: 1e6,
    },
    Rate {
        name: "a graphics card: 1 thousand million a second",
        keys_per_second: 1e9,
    },
    Rate {
        name: "every computer there is: 10²¹ a second",
        keys_per_second: 1e21,
    },
];

/// One line of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The card; `None` for the text itself.
    pub card: Option<CardId>,
    /// The cipher's name, or "The text itself".
    pub name: String,
    /// The counts and what follows from them.
    pub figures: Figures,
    /// log2 of the number of keys; `None` for the text itself.
    pub key_bits: Option<f64>,
    /// Share of the output that one letter of the text changes (for AES, of a block).
    pub text_avalanche: Option<f64>,
    /// Share of the output that one step of the key changes.
    pub key_avalanche: Option<f64>,
    /// Whether the same text gives the same ciphertext again.
    pub repeats: Option<bool>,
    /// Whether nobody has broken this kind of cipher.
    pub trusted: bool,
    /// What a real attack here came to.
    pub verdict: Verdict,
}

impl Row {
    /// The number of keys in words.
    pub fn keys(&self) -> String {
        self.key_bits.map(keys_in_words).unwrap_or_default()
    }

    /// The time to try all keys, in words.
    pub fn time(&self, rate: &Rate) -> String {
        self.key_bits
            .map(|bits| duration_in_words(seconds_to_try_all(bits, rate.keys_per_second)))
            .unwrap_or_default()
    }
}

/// Whether the language shows, in a word or two.
pub fn fingerprint_in_words(fingerprint: Fingerprint) -> &'static str {
    match fingerprint {
        Fingerprint::TooShort => "too short to say",
        Fingerprint::Kept => "language shows",
        Fingerprint::Blurred => "language blurred",
        Fingerprint::Flat => "flat",
    }
}

/// The rows: the text itself, then every card that has a result.
pub fn rows(lab: &Lab) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(figures) = lab.input() {
        rows.push(Row {
            card: None,
            name: "The text itself".to_owned(),
            figures: figures.as_ref().clone(),
            key_bits: None,
            text_avalanche: None,
            key_avalanche: None,
            repeats: None,
            trusted: false,
            verdict: Verdict::NotTried,
        });
    }
    for (card, output) in results(lab) {
        let mut shares = output.strips.iter().map(|strip| strip.share());
        rows.push(Row {
            card: Some(card.id),
            name: card.cipher.name.to_owned(),
            figures: output.figures.clone(),
            key_bits: Some(output.key_bits),
            text_avalanche: shares.next(),
            key_avalanche: shares.next(),
            repeats: output.repeats.map(|repeats| repeats.same_text),
            trusted: card.is_trusted(),
            verdict: lab.verdict(card.id),
        });
    }
    rows
}

/// The shares of places at which the texts differ, each against each: the text itself first, then the cards.
pub fn differences(lab: &Lab) -> (Vec<String>, Vec<Vec<f64>>) {
    let mut names = vec!["Text".to_owned()];
    let excerpt = |text: &str| text.chars().take(MOST_COMPARED).collect::<String>();
    let mut texts = vec![excerpt(lab.bench.text())];
    for (card, output) in results(lab) {
        names.push(card.cipher.name.to_owned());
        texts.push(excerpt(&output.text));
    }
    let table = texts
        .iter()
        .map(|a| texts.iter().map(|b| difference(a, b).unwrap_or(0.0)).collect())
        .collect();
    (names, table)
}

fn results(lab: &Lab) -> impl Iterator<Item = (&Card, &Output)> {
    lab.bench
        .cards()
        .iter()
        .filter_map(|card| match lab.outcome(card.id) {
            Some(Ok(output)) => Some((card, output.as_ref())),
            _ => None,
        })
}

/// The table's heads.
const HEADS: [&str; 12] = [
    "Cipher",
    "Index of coincidence",
    "Times chance",
    "Entropy (bits)",
    "Most entropy (bits)",
    "Chi-squared against English",
    "Key space (bits)",
    "Time to try all keys",
    "A real attack here",
    "Avalanche of the text",
    "Avalanche of the key",
    "Same text gives same ciphertext",
];

fn cells(row: &Row, rate: &Rate) -> [String; 12] {
    let number =
        |value: Option<f64>, places: usize| value.map(|v| format!("{v:.places$}")).unwrap_or_default();
    let share = |value: Option<f64>| value.map(|v| format!("{:.1} %", v * 100.0)).unwrap_or_default();
    [
        row.name.clone(),
        number(row.figures.index, 4),
        number(row.figures.above_chance, 2),
        number(row.figures.entropy, 2),
        number(Some(row.figures.most_entropy()), 2),
        number(row.figures.chi_english, 0),
        number(row.key_bits, 1),
        row.time(rate),
        trial_in_words(&row.verdict),
        share(row.text_avalanche),
        share(row.key_avalanche),
        row.repeats
            .map(|same| if same { "yes" } else { "no" }.to_owned())
            .unwrap_or_default(),
    ]
}

/// What a real attack came to, in a few words; empty where there was none.
fn trial_in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::NotTried | Verdict::NoAttack | Verdict::Working { .. } => String::new(),
        Verdict::Broken { elapsed, .. } => format!("broken in {}", in_short(*elapsed)),
        Verdict::Held { elapsed, .. } => format!("held for {}", in_short(*elapsed)),
        Verdict::Unbreakable { .. } => "nothing to attack".to_owned(),
    }
}

/// The table as comma-separated values.
pub fn csv(rows: &[Row], rate: &Rate) -> String {
    let line = |cells: &[String]| {
        let quoted: Vec<String> = cells
            .iter()
            .map(|cell| match cell.contains([',', '"', '\n']) {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell.clone(),
            })
            .collect();
        quoted.join(",") + "\r\n"
    };
    let mut out = line(&HEADS.map(str::to_owned));
    rows.iter().for_each(|row| out += &line(&cells(row, rate)));
    out
}

/// The table as Markdown.
pub fn markdown(rows: &[Row], rate: &Rate) -> String {
    let line = |cells: &[String]| {
        let escaped: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", escaped.join(" | "))
    };
    let mut out = line(&HEADS.map(str::to_owned));
    out += &line(&["---"; HEADS.len()].map(str::to_owned));
    rows.iter().for_each(|row| out += &line(&cells(row, rate)));
    out += &format!("\nKeys are tried {}.\n", rate.name);
    out
}

const MOST_COMPARED: usize = 5_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Bench;
    use std::time::Duration;

    fn settled() -> Lab {
        let mut lab = Lab::new(Bench::default(), || ());
        assert!(lab.settle(Duration::from_secs(60)));
        lab
    }

    #[test]
    fn the_table_shows_what_the_lesson_is_about() {
        let rows = rows(&settled());
        assert_eq!(rows.len(), 5);
        let [text, caesar, substitution, columnar, aes] = rows.as_slice() else {
            panic!("five rows");
        };
        // A substitution changes no counts but only whose they are; a transposition not even that.
        assert_eq!(text.figures.index, caesar.figures.index);
        let difference = text.figures.entropy.unwrap() - substitution.figures.entropy.unwrap();
        assert!(difference.abs() < 1e-9);
        assert_eq!(text.figures.census, columnar.figures.census);
        assert!(aes.figures.above_chance.unwrap() < 1.1);
        assert!(caesar.text_avalanche.unwrap() < 0.01 && aes.text_avalanche.unwrap() > 0.3);
        assert_eq!(aes.key_bits, Some(256.0));
        assert_eq!((caesar.repeats, aes.repeats), (Some(true), Some(false)));
        assert_eq!(caesar.time(&RATES[1]), "less than a millisecond");
    }

    #[test]
    fn the_table_can_be_taken_away() {
        let rows = rows(&settled());
        let csv = csv(&rows, &RATES[2]);
        assert_eq!(csv.lines().count(), 6);
        assert!(csv.starts_with("Cipher,Index of coincidence,"));
        let columns = csv.lines().next().unwrap().split(',').count();
        assert_eq!(columns, HEADS.len());
        let markdown = markdown(&rows, &RATES[2]);
        assert_eq!(markdown.lines().filter(|line| line.starts_with('|')).count(), 7);
        assert!(markdown.contains("| AES-256-GCM |"));
    }

    #[test]
    fn differences_are_symmetric_and_nothing_differs_from_itself() {
        let (names, table) = differences(&settled());
        assert_eq!(names.len(), 5);
        for (i, row) in table.iter().enumerate() {
            assert_eq!(row[i], 0.0);
            for (j, share) in row.iter().enumerate() {
                assert_eq!(*share, table[j][i]);
            }
        }
        assert!(table[0][1] > 0.7);
    }
}
