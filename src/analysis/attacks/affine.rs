//! The attack on the affine cipher: all 312 pairs of numbers, ranked.

use super::ranked::{Shape, rank};
use crate::analysis::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use crate::ciphers::Key;

/// The description of the attack.
pub static AFFINE: AttackSpec = AttackSpec {
    cipher: "affine",
    method: "all 312 keys, ranked",
    summary: "Tries every pair of numbers and ranks the texts by how much they read like the language.",
    help: Help::CRIB_AND_LOCKS,
    known: &["a", "b"],
    search: run,
};

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    // Even numbers and 13 have no inverse modulo 26.
    let factors = (1..26).step_by(2).filter(|&a| a != 13);
    let keys = factors.flat_map(|a| (0..26).map(move |b| (a, b))).map(|(a, b)| {
        let key = Key::new().with("a", &a.to_string()).with("b", &b.to_string());
        (key, format!("a = {a}, b = {b}"))
    });
    rank(problem, watch, "affine", Shape::Substitution, keys)
}
