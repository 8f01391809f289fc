//! Atbash has one key: it is undone, and the text is judged.

use super::ranked::{Shape, rank};
use crate::analysis::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use crate::ciphers::Key;

/// The description of the attack.
pub static ATBASH: AttackSpec = AttackSpec {
    cipher: "atbash",
    method: "its only key",
    summary: "There is nothing to search: the alphabet is reversed and the text judged by how it reads.",
    help: Help::CRIB_AND_LOCKS,
    known: &[],
    search: run,
};

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let keys = std::iter::once((Key::new(), "the only key".to_owned()));
    rank(problem, watch, "atbash", Shape::Substitution, keys)
}
