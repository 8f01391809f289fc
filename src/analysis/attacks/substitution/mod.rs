//! The attack on monoalphabetic substitution, with and without word spaces.
//!
//! Each start anneals by quadgrams and climbs by pentagrams; the solutions of many starts are then judged by how they read
//! as a whole, words included, and the best is improved under that judgement. It ends when independent starts have found
//! the best key again. Where words stand apart, a model that knows the space is used.

mod climb;
mod help;
mod judge;
#[cfg(test)]
mod tests;
mod verdict;

use std::ops::ControlFlow;

use climb::{Layout, Swaps, Table, Walk};
use help::Given;
use judge::{Judge, Solution};
use verdict::conclude;

use crate::analysis::attack::{
    AttackError, AttackSpec, Evidence, Finding, Help, Problem, Progress, Random, Watch,
};
use crate::analysis::grouping::spaces_part_words;
use crate::analysis::language::{Gram, SPACE, letters_of, spaced_of};
use crate::ciphers::Key;

/// The description of the attack.
pub static SUBSTITUTION: AttackSpec = AttackSpec {
    cipher: "substitution",
    method: "annealing over letter swaps, restarted until independent starts agree",
    summary: "Begins with random alphabets and exchanges two letters at a time: first by the likelihood of four letters in a \
              row, then of five, in the end of whole words. It stops when independent starts have found the same text again. \
              Spaces between words are a great help and are used when they are there. Below some 40 letters several \
              alphabets give likely texts, and it says so.",
    help: Help::CRIB_AND_LOCKS,
    known: &[],
    search: run,
};

/// Letters below which nothing can be said at all.
const LEAST: usize = 4;

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let letters = letters_of(problem.text).len();
    if letters < LEAST {
        return Err(AttackError::too_short(letters, LEAST));
    }
    let spaced = spaces_part_words(problem.text);
    let given = Given::of(problem, spaced, watch)?;
    let codes = match spaced {
        true => spaced_of(problem.text),
        false => letters_of(problem.text),
    };
    // A few thousand letters settle every alphabet; the rest of a long text would only cost time.
    let codes = &codes[..codes.len().min(MOST_LETTERS)];
    let language = problem.language;
    let searched = match spaced {
        true => Search::<27>::new(
            problem,
            codes,
            language.spaced_quadgrams(),
            language.spaced_pentagrams(),
        )
        .run(&given, watch),
        false => {
            Search::<26>::new(problem, codes, language.quadgrams(), language.pentagrams()).run(&given, watch)
        }
    };
    let shows_crib = given.shows_crib(&searched.solutions[0].table);
    let mut finding = conclude(problem, spaced, &codes_without_spaces(codes), &searched);
    // Between several places of a crib only the locks stay fixed to the end.
    if finding.confident && !shows_crib {
        finding.confident = false;
        finding.why = "the best that was found reads like the language but does not show the crib".to_owned();
    }
    Ok(finding)
}

const MOST_LETTERS: usize = 6_000;

fn codes_without_spaces(codes: &[u8]) -> Vec<u8> {
    codes.iter().copied().filter(|&code| code != SPACE).collect()
}

/// What a search came to.
struct Searched {
    /// The best solutions, the best first; at least one.
    solutions: Vec<Solution>,
    tried: u64,
    starts: u32,
    stopped: bool,
}

/// One search, over an alphabet with or without the space.
struct Search<'p, const SIZE: usize> {
    problem: &'p Problem<'p>,
    codes: &'p [u8],
    short: &'p [u8],
    quadgrams: &'p Gram,
    pentagrams: &'p Gram,
}

impl<'p, const SIZE: usize> Search<'p, SIZE> {
    fn new(problem: &'p Problem<'p>, codes: &'p [u8], quadgrams: &'p Gram, pentagrams: &'p Gram) -> Self {
        // Annealing needs no more than a few hundred letters; the climb sees the whole.
        let short = &codes[..codes.len().min(ANNEALED)];
        Self {
            problem,
            codes,
            short,
            quadgrams,
            pentagrams,
        }
    }

    fn run(&self, given: &Given, watch: &mut dyn Watch) -> Searched {
        let mut present = [false; 26];
        for &code in self.codes.iter().filter(|&&code| code != SPACE) {
            present[usize::from(code)] = true;
        }
        let first = Layout::<SIZE, 4>::new(self.short, self.quadgrams);
        let second = Layout::<SIZE, 5>::new(self.codes, self.pentagrams);
        let judge = Judge::new(self.problem.language, self.codes, present);
        let mut solutions: Vec<Solution> = Vec::new();
        let (mut tried, mut starts, mut best_told) = (0u64, 0u32, f64::NEG_INFINITY);
        let effort = Effort::of(self.short.len());
        let least = Evidence::least(judge.letters() as usize);
        let last = given.frames().len() - 1;
        let mut stopped = false;
        'all: for (place, frame) in given.frames().iter().enumerate() {
            let free: [bool; 26] = std::array::from_fn(|letter| !frame.is_fixed(letter as u8));
            let swaps = Swaps::new(&present, &free);
            let frame_starts = if last == 0 || (given.is_open() && place == last) {
                effort.starts
            } else {
                FRAME_STARTS
            };
            for start in 0..frame_starts {
                starts += 1;
                let mut random = Random::of_start(self.problem.seed, u64::from(starts));
                let mut walk = Walk::new(&first, frame.fill(&mut random));
                // The first start is told while it cools, so that whoever watches sees the text come up.
                let parts = if starts == 1 && !swaps.is_empty() { TOLD } else { 1 };
                for part in 0..parts {
                    let (hot, cold) = (effort.hot, effort.cold);
                    let at = |part: u32| hot * (cold / hot).powf(f64::from(part) / f64::from(parts));
                    if !swaps.is_empty() {
                        walk.anneal(&swaps, &mut random, effort.steps / parts, at(part), at(part + 1));
                    }
                    if parts > 1 {
                        let now = Walk::new(&second, walk.table);
                        let score = judge.score(&now.table, now.sum as u32, &second);
                        if score > best_told {
                            best_told = score;
                            let (mean, tried) = (score / judge.letters(), tried + walk.tried);
                            if tell(self.problem, &now.table, mean, tried, starts, true, watch).is_break() {
                                self.remember(&mut solutions, &now.table, &present, score);
                                stopped = true;
                                break 'all;
                            }
                        }
                    }
                }
                let mut climb = Walk::new(&second, walk.table);
                climb.climb(&swaps);
                tried += walk.tried + climb.tried;
                let score = judge.score(&climb.table, climb.sum as u32, &second);
                self.remember(&mut solutions, &climb.table, &present, score);
                let better = score > best_told;
                best_told = best_told.max(score);
                let told = if better { &climb.table } else { &solutions[0].table };
                if tell(
                    self.problem,
                    told,
                    best_told / judge.letters(),
                    tried,
                    starts,
                    better,
                    watch,
                )
                .is_break()
                {
                    stopped = true;
                    break 'all;
                }
                if swaps.is_empty() {
                    // Nothing is open: every other start would end here too.
                    solutions[0].found = AGAIN;
                    break;
                }
                let again = solutions[0].found;
                let reads = solutions[0].score / judge.letters() >= least;
                if start + 1 >= effort.least && (again >= AGAIN || (again >= 2 && reads)) {
                    break;
                }
            }
            // Among so many places the crib has nothing to add to a text that shows it by itself.
            let best = &solutions[0];
            let is_found = best.found >= 2 && best.score / judge.letters() >= least;
            if given.is_open() && is_found && given.shows_crib(&best.table) {
                break;
            }
        }
        // The best few are improved under the judgement of whole words, which is too slow for the search.
        let all = Swaps::new(
            &present,
            &std::array::from_fn(|letter| !given.is_locked(letter as u8)),
        );
        for solution in solutions.iter_mut().take(POLISHED) {
            tried += judge.polish(solution, &all, &second);
        }
        solutions.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut random = Random::of_start(self.problem.seed, u64::MAX);
        for _ in 0..ROUNDS {
            let weighed = judge.weigh(&solutions[0], &solutions[1..], &all, &second, &mut random);
            tried += weighed.tried;
            match weighed.better {
                Some((score, table)) => {
                    let mut better = Solution {
                        found: solutions[0].found,
                        ..Solution::new(table, score)
                    };
                    tried += judge.polish(&mut better, &all, &second);
                    solutions[0] = better;
                }
                None => {
                    solutions[0].certainty = weighed.certainty;
                    solutions[0].whole = weighed.whole;
                    solutions[0].supported = judge.supported::<SIZE>(&solutions[0].table);
                    break;
                }
            }
        }
        Searched {
            solutions,
            tried,
            starts,
            stopped,
        }
    }

    /// Keeps the best solutions apart, and counts how often each was found.
    fn remember(&self, solutions: &mut Vec<Solution>, table: &Table, present: &[bool; 26], score: f64) {
        let same = |other: &Table| (0..26).all(|c| !present[c] || other[c] == table[c]);
        match solutions.iter_mut().find(|solution| same(&solution.table)) {
            Some(solution) => solution.found += 1,
            None => solutions.push(Solution::new(*table, score)),
        }
        solutions.sort_by(|a, b| b.score.total_cmp(&a.score));
        solutions.truncate(KEPT);
    }
}

/// Letters that are annealed.
const ANNEALED: usize = 300;
/// How often the best has to be found: twice is enough where it reads like the language.
const AGAIN: u32 = 3;
/// How often the first start is told while it cools.
const TOLD: u32 = 16;
/// Starts for each of several places of a crib.
const FRAME_STARTS: u32 = 6;
/// Solutions that are kept apart, and those that are polished.
const KEPT: usize = 12;
const POLISHED: usize = 6;
/// How often a solution may be replaced by a better one that was met around it.
const ROUNDS: usize = 4;

/// How hard a text of some length is searched. Found by trials on the tuning texts: a short text has more false summits, and
/// wants slower cooling.
struct Effort {
    /// Swaps of one start.
    steps: u32,
    /// Starts before the search may end.
    least: u32,
    /// The most starts.
    starts: u32,
    /// Temperatures at the beginning and the end, in steps of a weight.
    hot: f64,
    cold: f64,
}

impl Effort {
    fn of(length: usize) -> Self {
        let (steps, starts, hot, cold) = match length {
            0..=70 => (16_000, 336, 88.0, 23.0),
            71..=130 => (8_000, 600, 110.0, 33.0),
            131..=220 => (8_000, 288, 110.0, 33.0),
            _ => (9_000, 48, 110.0, 33.0),
        };
        Self {
            steps,
            least: if length <= 70 { 10 } else { 4 },
            starts,
            hot,
            cold,
        }
    }
}

fn tell(
    problem: &Problem<'_>,
    table: &Table,
    score: f64,
    tried: u64,
    start: u32,
    better: bool,
    watch: &mut dyn Watch,
) -> ControlFlow<()> {
    let key = key_of(table);
    let text = decrypt(problem.text, table);
    watch.seen(Progress {
        key: &key,
        text: &text,
        score,
        tried,
        start,
        better,
    })
}

/// The key in the cipher's terms: the cipher letters for A to Z.
fn key_of(table: &Table) -> Key {
    let mut alphabet = [b'A'; 26];
    for cipher in 0..26u8 {
        alphabet[usize::from(table[usize::from(cipher)])] = b'A' + cipher;
    }
    let alphabet: String = alphabet.iter().map(|&letter| char::from(letter)).collect();
    Key::new().with("alphabet", &alphabet)
}

/// The text under a key; what is no letter stays where it is, capitals stay capitals.
fn decrypt(text: &str, table: &Table) -> String {
    text.chars()
        .map(|c| match c {
            'A'..='Z' => char::from(b'A' + table[usize::from(c as u8 - b'A')]),
            'a'..='z' => char::from(b'a' + table[usize::from(c as u8 - b'a')]),
            c => c,
        })
        .collect()
}
