//! The attack on the rail fence: all numbers of rails and all offsets, ranked.

use super::ranked::{Shape, rank};
use crate::analysis::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use crate::ciphers::Key;

/// The description of the attack.
pub static RAIL_FENCE: AttackSpec = AttackSpec {
    cipher: "rail-fence",
    method: "all rails and offsets, ranked",
    summary: "Tries every number of rails up to 100 (or the length of the text) with every offset, and ranks the texts by how \
              much they read like the language.",
    help: Help::CRIB,
    known: &["rails", "offset"],
    search: run,
};

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let moved = problem.text.chars().filter(|c| c.is_alphanumeric()).count();
    let keys = (2..moved.min(MOST_RAILS + 1)).flat_map(|rails| {
        (0..2 * (rails - 1)).map(move |offset| {
            let key = Key::new()
                .with("rails", &rails.to_string())
                .with("offset", &offset.to_string());
            (key, format!("{rails} rails, offset {offset}"))
        })
    });
    rank(problem, watch, "rail-fence", Shape::Transposition, keys)
}

const MOST_RAILS: usize = 100;
