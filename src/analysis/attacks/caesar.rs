//! The attack on Caesar's cipher: all shifts, ranked.

use super::ranked::{Shape, rank};
use crate::analysis::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use crate::ciphers::Key;

/// The description of the attack.
pub static CAESAR: AttackSpec = AttackSpec {
    cipher: "caesar",
    method: "all 26 shifts, ranked",
    summary: "Tries every shift and ranks the texts by how much they read like the language. A dozen letters are enough.",
    help: Help::CRIB_AND_LOCKS,
    known: &["shift"],
    search: run,
};

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let keys = (0..26).map(|shift| {
        let shift = shift.to_string();
        (Key::new().with("shift", &shift), format!("shift {shift}"))
    });
    rank(problem, watch, "caesar", Shape::Substitution, keys)
}
