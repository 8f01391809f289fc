//! The attack on double columnar transposition: the second key first, without knowing the first; then the first.
//!
//! Here is what is known of both keys; `search` looks for them, `potential` judges a second key alone, `second` changes one,
//! `verdict` says what was found.

mod potential;
mod search;
mod second;
#[cfg(test)]
mod tests;
mod verdict;

use super::bigrams::Bigrams;
use super::characters::has_others;
use super::columnar::order_of;
use super::movers::Movers;
use super::tally::Tally;
use crate::analysis::attack::{
    AttackError, AttackSpec, Finding, Help, Problem, Random, Watch, reading_score,
};
use crate::analysis::language::{Gram, Language};
use crate::ciphers::Key;

/// The description of the attack on double columnar transposition.
pub static DOUBLE_COLUMNAR: AttackSpec = AttackSpec {
    cipher: "double-columnar",
    method: "divide and conquer on the second key by the index of digraphic potential",
    summary: "Undoes the second transposition under a trial key and asks, without knowing the first key, how well the \
              columns of what is left could stand side by side: the index of digraphic potential. So the second key \
              is found alone, then the first as for a single transposition. One key used twice is tried by itself \
              first. Lengths from 2 to 12 are gone through when they are not known; they are given as columns1=9 and \
              columns2=11. Where spaces and punctuation moved too (characters=all) it does not apply.",
    help: Help::CRIB,
    known: &["keyword1", "keyword2", "columns1", "columns2", "fill"],
    search: run,
};

/// Fewer letters say nothing.
const FEWEST: usize = 60;
/// The lengths that are tried when nothing is known, and the greatest that may be given.
const LONGEST: usize = 12;
const LONGEST_KNOWN: usize = 25;

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let movers = Movers::of(problem.text);
    let letters = movers.codes().len();
    let crib = movers.crib(problem.crib)?;
    let first = Part::of(&problem.known, "keyword1", "columns1", letters)?;
    let second = Part::of(&problem.known, "keyword2", "columns2", letters)?;
    movers.suffice(FEWEST)?;
    let mut search = Search {
        movers: &movers,
        crib: &crib,
        known: &problem.known,
        language: problem.language,
        gram: problem.language.quadgrams(),
        pairs: Bigrams::of_letters(problem.language),
        dice: Random::new(problem.seed),
        tally: Tally::over(letters, watch),
        best: Vec::new(),
        found: 0,
        unmoved: reading_score(problem.language, movers.codes()),
        has_twin: false,
        has_rival: false,
    };
    let sure = search.run(&first, &second);
    if second.given().is_none() && sure {
        search.settle_second();
    }
    // A text moved by a few letters is the same find: the one that begins with a word is shown, sure or not.
    if first.given().is_none() && (sure || search.reads()) {
        search.settle_twins(second.given().is_some());
    }
    let mut finding = search.finding(sure, problem.language.name);
    if !sure && has_others(problem.text) {
        finding.why += OTHERS_STAY;
    }
    Ok(finding)
}

/// What a doubt leaves open where there is more than letters and digits.
const OTHERS_STAY: &str = " Spaces and punctuation are taken to have stayed where they stood: where they changed places too \
                           (characters=all), this attack does not apply.";

/// What is known of one of the two keys.
enum Part {
    Given(Vec<u8>),
    Widths(Vec<usize>),
}

impl Part {
    fn of(known: &Key, keyword: &str, columns: &str, letters: usize) -> Result<Self, AttackError> {
        if let Some(word) = known
            .value(keyword)
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            return match word.chars().all(|c| c == '?') && word.len() <= LONGEST_KNOWN {
                true => Ok(Self::Widths(vec![word.len()])),
                false => order_of("double-columnar", keyword, word).map(Self::Given),
            };
        }
        let Some(number) = known.value(columns) else {
            return Ok(Self::Widths((2..=LONGEST.min(letters / 4).max(2)).collect()));
        };
        let width = number.trim().parse().ok();
        match width.filter(|width| (1..=LONGEST_KNOWN.min(letters / 2)).contains(width)) {
            Some(width) => Ok(Self::Widths(vec![width])),
            None => Err(AttackError::Known {
                param: columns.to_owned(),
                reason: format!("has to be a number from 1 to {}", LONGEST_KNOWN.min(letters / 2)),
            }),
        }
    }

    fn widths(&self) -> Vec<usize> {
        match self {
            Part::Given(order) => vec![order.len()],
            Part::Widths(widths) => widths.clone(),
        }
    }

    fn given(&self) -> Option<&[u8]> {
        match self {
            Part::Given(order) => Some(order),
            Part::Widths(_) => None,
        }
    }
}

/// Two orders, and how well the text under them reads.
#[derive(Clone, PartialEq)]
struct Solution {
    score: f64,
    first: Vec<u8>,
    second: Vec<u8>,
}

struct Search<'a, 'w> {
    movers: &'a Movers,
    crib: &'a [u8],
    known: &'a Key,
    language: &'static Language,
    gram: &'static Gram,
    pairs: Bigrams,
    dice: Random,
    tally: Tally<'w>,
    /// The best solutions, the best first.
    best: Vec<Solution>,
    /// From how many starts the best text was reached, but for a move by a few letters.
    found: u32,
    /// How the ciphertext reads as it stands: letters that have hardly moved prove nothing.
    unmoved: f64,
    /// Whether the best text, moved by a few letters, is nearly as likely under another key.
    has_twin: bool,
    /// Whether the best text, with its rows in another order, reads nearly as well.
    has_rival: bool,
}
