//! The attack on the rail fence: all numbers of rails and all offsets, ranked.

use super::characters::{self, Moved};
use super::ranked::{Shape, rank};
use crate::analysis::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use crate::ciphers::Key;

/// The description of the attack.
pub static RAIL_FENCE: AttackSpec = AttackSpec {
    cipher: "rail-fence",
    method: "all rails and offsets, ranked",
    summary: "Tries every number of rails up to 100 (or the length of the text; more are given as rails=150) with every \
              offset, and ranks the texts by how much they read like the language. A text with spaces or punctuation is \
              tried both ways until one is sure: as if they had stayed, and as if they had moved too (characters=all).",
    help: Help::CRIB,
    known: &["rails", "offset", "characters"],
    search: run,
};

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    characters::search(problem, watch, &[()], |problem, watch, moved, ()| {
        rank_all(problem, watch, moved).map(Into::into)
    })
}

/// Ranks all keys under which letters alone or all characters have moved.
fn rank_all(problem: &Problem<'_>, watch: &mut dyn Watch, moved: Moved) -> Result<Finding, AttackError> {
    let letters = problem.text.chars().filter(|c| c.is_alphanumeric()).count();
    let known: Option<usize> = problem
        .known
        .value("rails")
        .and_then(|rails| rails.trim().parse().ok())
        .filter(|rails| (2..=MOST_RAILS_KNOWN).contains(rails));
    let rails = match known {
        Some(rails) => rails..rails + 1,
        None => 2..letters.min(MOST_RAILS + 1),
    };
    let keys = rails.flat_map(|rails| {
        (0..2 * (rails - 1)).map(move |offset| {
            let key = Key::new()
                .with("rails", &rails.to_string())
                .with("offset", &offset.to_string());
            let note = format!("{rails} rails, offset {offset}");
            match moved {
                Moved::All => (
                    key.with("characters", "all"),
                    format!("{note}, spaces and punctuation moved too"),
                ),
                Moved::Letters => (key, note),
            }
        })
    });
    let problem = Problem {
        // Which characters move is said by the shape.
        known: problem
            .known
            .iter()
            .filter(|(param, _)| *param != "characters")
            .collect(),
        ..problem.clone()
    };
    let shape = match moved {
        Moved::Letters => Shape::Transposition,
        Moved::All => Shape::WholeTransposition,
    };
    rank(&problem, watch, "rail-fence", shape, keys)
}

/// The rails that are tried, and the most that the cipher takes.
const MOST_RAILS: usize = 100;
const MOST_RAILS_KNOWN: usize = 1_000;
