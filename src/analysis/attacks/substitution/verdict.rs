//! Whether the best alphabet is sure, and what is said of it and of the others.

use super::climb::Table;
use super::{Searched, decrypt, key_of};
use crate::analysis::attack::{Candidate, Evidence, Finding, Problem};

/// What a search has found of a problem, and whether it can be relied on. `letters` are those of the text that were
/// searched.
pub(super) fn conclude(problem: &Problem<'_>, spaced: bool, letters: &[u8], searched: &Searched) -> Finding {
    let (solutions, starts) = (&searched.solutions, searched.starts);
    let best = &solutions[0];
    let plain: Vec<u8> = letters.iter().map(|&c| best.table[usize::from(c)]).collect();
    let bits: f64 = key_bits(letters);
    let mut evidence = Evidence::of(problem.language, &plain, bits);
    if spaced {
        // Where the words are known, they are not to be guessed: a text of the same length says more.
        evidence = evidence.with_score(best.score / letters.len() as f64, bits);
    }
    let evidence = evidence.with_accents(problem.language, &decrypt(problem.text, &best.table), bits);
    let counts = letters.iter().fold([0u32; 26], |mut counts, &c| {
        counts[usize::from(c)] += 1;
        counts
    });
    // How many letters are right, by all likely keys together.
    let expected: f64 = counts
        .iter()
        .zip(&best.certainty)
        .map(|(&count, &certainty)| f64::from(count) * f64::from(certainty))
        .sum::<f64>()
        / letters.len().max(1) as f64;
    let confident = evidence.is_convincing()
        && evidence.surplus >= SURE
        && best.found >= 2
        && best.whole >= CERTAIN
        && expected >= EXPECTED
        && best.supported >= SUPPORTED;
    let found = match best.found {
        1 => "one".to_owned(),
        n => n.to_string(),
    };
    let found = format!("{found} of {starts} independent starts found it");
    let why = if confident {
        format!("{found}; {}", evidence.why())
    } else if searched.stopped {
        // What was not searched any more may read like the language; too short a text stays too short.
        let lack = evidence.lack_of_text().map(|lack| format!("; {lack}"));
        format!(
            "stopped in start {starts}, before independent starts agreed on a text that can be relied on: this is the \
             best so far{}",
            lack.unwrap_or_default()
        )
    } else if !evidence.is_convincing() || evidence.surplus < SURE {
        evidence.why_not()
    } else if best.found < 2 {
        format!("{found}, too few to rely on it, though the text reads like the language")
    } else if best.supported < SUPPORTED {
        format!(
            "{found}, but {:.0} of 100 letters stand in no word that is known",
            (1.0 - best.supported) * 100.0
        )
    } else if best.whole >= CERTAIN {
        format!(
            "{found}, but other alphabets read nearly as well: about {:.0} of 100 letters can be relied on",
            expected * 100.0
        )
    } else {
        format!(
            "{found}, but other alphabets read nearly as well: the chance that nineteen of twenty letters are right is {:.0} %",
            best.whole * 100.0
        )
    };
    let certainty = problem
        .text
        .bytes()
        .filter(u8::is_ascii_alphabetic)
        .map(|byte| best.certainty[usize::from(byte.to_ascii_uppercase() - b'A')])
        .collect();
    let others = solutions[1..]
        .iter()
        .take(4)
        .map(|other| Candidate {
            key: key_of(&other.table),
            text: decrypt(problem.text, &other.table),
            score: other.score / letters.len() as f64,
            note: difference(&best.table, &other.table, &counts),
        })
        .collect();
    Finding {
        key: key_of(&best.table),
        text: decrypt(problem.text, &best.table),
        score: best.score / letters.len() as f64,
        confident,
        why,
        tried: searched.tried,
        certainty,
        others,
    }
}

/// Nats beyond chance below which an alphabet that is right in most letters may be wrong in some.
const SURE: f64 = 15.0;
/// The share of likely keys that have to read nineteen of twenty letters alike.
const CERTAIN: f64 = 0.97;
/// The share of the letters that have to be right by all likely keys together: nineteen of twenty may be alike in all of them
/// and the last one be wrong too.
const EXPECTED: f64 = 0.98;
/// The share of letters that have to stand in words that are known, wherever they stand.
const SUPPORTED: f64 = 0.945;

/// Bits of the key that matter: what the letters that stand in the text may stand for.
fn key_bits(letters: &[u8]) -> f64 {
    let mut present = [false; 26];
    letters.iter().for_each(|&c| present[usize::from(c)] = true);
    let kinds = present.iter().filter(|&&there| there).count();
    (27 - kinds..=26).map(|n| (n as f64).log2()).sum()
}

fn difference(best: &Table, other: &Table, counts: &[u32; 26]) -> String {
    let differing = (0..26).filter(|&c| counts[c] > 0 && best[c] != other[c]).count();
    match differing {
        0 => "the same letters".to_owned(),
        1 => "one letter differs".to_owned(),
        n => format!("{n} letters differ"),
    }
}
