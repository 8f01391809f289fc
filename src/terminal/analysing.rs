//! The verb `analyse`: what a text gives away, for people or as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::report::{complain, output_failed};
use super::texts::read;
use super::{AnalyseArguments, Exit};
use crate::analysis::identify::{Guess, identify};
use crate::analysis::ngrams::{autocorrelation, coincidence_by_period, divided_distances, kasiski, ngrams};
use crate::analysis::{Census, ENGLISH, Symbols, chi_squared, entropy, index_of_coincidence};

/// Runs `cipher-room analyse`.
pub fn analyse(arguments: &AnalyseArguments) -> Exit {
    let text = match read(arguments.file.as_deref(), MOST_BYTES) {
        Ok(text) => text,
        Err(reason) => {
            complain(&reason);
            return Exit::Failed;
        }
    };
    let found = Found::of(&text);
    let mut out = io::stdout().lock();
    let written = match arguments.json {
        true => writeln!(out, "{}", found.json()),
        false => found.write(&mut out),
    };
    match written.and_then(|()| out.flush()) {
        Ok(()) => Exit::Done,
        Err(error) => output_failed(&error),
    }
}

/// Everything that is said about a text.
struct Found<'a> {
    text: &'a str,
    census: Census,
    guess: Guess,
}

impl<'a> Found<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            census: Census::of(text, Symbols::Latin),
            guess: identify(text),
        }
    }

    fn json(&self) -> Value {
        let counts: serde_json::Map<String, Value> = ('A'..='Z')
            .zip(&self.census.counts)
            .map(|(letter, &count)| (letter.to_string(), count.into()))
            .collect();
        let grams = |length| {
            let counts = ngrams(self.text, length, SHOWN);
            let counts = counts
                .into_iter()
                .map(|count| (count.letters, Value::from(count.times)));
            Value::from(counts.collect::<serde_json::Map<_, _>>())
        };
        let repeats = kasiski(self.text, 3, SHOWN);
        let repeated: Vec<Value> = repeats
            .iter()
            .map(|repeat| json!({"letters": repeat.letters, "places": repeat.places, "distances": repeat.distances}))
            .collect();
        json!({
            "event": "analysis",
            "letters": self.census.total,
            "counts": counts,
            "bigrams": grams(2),
            "trigrams": grams(3),
            "quadgrams": grams(4),
            "index_of_coincidence": index_of_coincidence(&self.census),
            "entropy": entropy(&self.census),
            "chi_squared": chi_squared(&self.census, &ENGLISH),
            "coincidence_by_period": coincidence_by_period(self.text, PERIODS),
            "autocorrelation": autocorrelation(self.text, PERIODS),
            "repeats": repeated,
            "divided_distances": divided_distances(&repeats, PERIODS),
            "family": self.guess.family.map(|family| family.name()),
            "plain": self.guess.is_plain,
            "clear": self.guess.is_clear,
            "ciphers": self.guess.ciphers,
            "language": self.guess.language.id,
            "language_clear": self.guess.language_is_clear,
            "reasons": self.guess.reasons,
        })
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "letters                {}", self.census.total)?;
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"));
        writeln!(
            out,
            "index of coincidence   {}",
            number(index_of_coincidence(&self.census))
        )?;
        writeln!(out, "entropy, bits a letter {}", number(entropy(&self.census)))?;
        writeln!(
            out,
            "chi-squared, English   {}",
            number(chi_squared(&self.census, &ENGLISH))
        )?;
        let mut letters: Vec<(char, u64)> = ('A'..='Z').zip(self.census.counts.iter().copied()).collect();
        letters.retain(|(_, count)| *count > 0);
        letters.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let letters: Vec<String> = letters
            .iter()
            .map(|(letter, count)| format!("{letter} {count}"))
            .collect();
        writeln!(out, "letters by frequency   {}", letters.join("  "))?;
        for (name, length) in [("bigrams  ", 2), ("trigrams ", 3), ("quadgrams", 4)] {
            let counts: Vec<String> = ngrams(self.text, length, SHOWN)
                .iter()
                .filter(|count| count.times > 1)
                .map(|count| format!("{} {}", count.letters, count.times))
                .collect();
            writeln!(out, "{name}              {}", counts.join("  "))?;
        }
        for repeat in kasiski(self.text, 4, 5) {
            let distances: Vec<String> = repeat.distances.iter().map(usize::to_string).collect();
            writeln!(
                out,
                "repeats                {} at distances {}",
                repeat.in_short(),
                distances.join(", ")
            )?;
        }
        let family = match (self.guess.is_plain, self.guess.family) {
            (true, _) => "plaintext",
            (_, Some(family)) => family.name(),
            (_, None) => "unknown",
        };
        let language = self.guess.language.name;
        let language = match self.guess.language_is_clear {
            true => format!("in {language}"),
            false => format!("the language does not show ({language}, if any)"),
        };
        let how = match self.guess.is_clear {
            true => "likely ",
            false => "perhaps",
        };
        writeln!(out, "{how}                {family}, {language}")?;
        writeln!(out, "ciphers to try         {}", self.guess.ciphers.join(", "))?;
        for reason in &self.guess.reasons {
            writeln!(out, "because                {reason}")?;
        }
        Ok(())
    }
}

/// Most of a text that is examined, in bytes: as much as the window's bench holds, and some seconds of work.
const MOST_BYTES: u64 = 8 << 20;
const SHOWN: usize = 10;
const PERIODS: usize = 30;
