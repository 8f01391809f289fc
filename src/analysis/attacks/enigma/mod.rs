//! The attack on the Enigma: every setting that agrees with what is known, by crib or by the language alone.
//!
//! Turing's bombe with Welchman's diagonal board (1940) for cribs; for ciphertext alone Gillogly, Ciphertext-only
//! Cryptanalysis of Enigma (Cryptologia 19, 1995), with the refinements of Williams (Cryptologia 24, 2000) and of Ostwald
//! and Weierud (Cryptologia 41, 2017): a plugboard is climbed for *each* setting. That is within reach here because a
//! [tally](plugboard::Tally) gives the worth of any plugboard without decrypting.

mod judge;
mod menu;
mod plugboard;
mod scrambler;
mod search;
mod space;

use super::super::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use super::letters;

/// The description of the attack on the Enigma.
pub static ENIGMA: AttackSpec = AttackSpec {
    cipher: "enigma",
    method: "bombe for a crib; hill climbing on the plugboard by coincidence, then n-grams, without one",
    summary: "SUMMARY",
    help: Help::CRIB,
    known: &["model", "rotors", "reflector", "rings", "start", "plugboard"],
    run,
};

/// The fewest letters of which anything can be said, without and with a crib.
const FEWEST_LETTERS: usize = 20;
const FEWEST_WITH_CRIB: usize = 8;

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let space = space::Space::of(&problem.known)?;
    let cipher = letters::numbers(problem.text);
    let needed = if problem.crib.is_some() {
        FEWEST_WITH_CRIB
    } else {
        FEWEST_LETTERS
    };
    if cipher.len() < needed {
        return Err(AttackError::TooShort {
            letters: cipher.len(),
            needed,
        });
    }
    let at_start = problem
        .crib
        .is_some_and(|crib| crib.trim_start().starts_with('^'));
    let crib = problem.crib.map(letters::numbers);
    search::Search::new(problem, &cipher, space, crib, watch).run(at_start)
}
