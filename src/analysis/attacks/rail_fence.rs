//! The attack on the rail fence: all numbers of rails and all offsets, ranked.

use super::movers::has_others;
use super::ranked::{Shape, rank};
use crate::analysis::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use crate::ciphers::Key;

/// The description of the attack.
pub static RAIL_FENCE: AttackSpec = AttackSpec {
    cipher: "rail-fence",
    method: "all rails and offsets, ranked",
    summary: "Tries every number of rails up to 100 (or the length of the text; more are given as rails=150) with every \
              offset, and ranks the texts by how much they read like the language. Where no text of letters alone is sure, \
              all of it is tried again as if spaces and punctuation had moved too (characters=all).",
    help: Help::CRIB,
    known: &["rails", "offset", "characters"],
    search: run,
};

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let characters = problem.known.value("characters").unwrap_or_default().trim();
    if characters.eq_ignore_ascii_case("all") {
        return moved(problem, watch, Shape::WholeTransposition);
    }
    let found = moved(problem, watch, Shape::Transposition);
    let is_settled = match &found {
        Ok(found) => found.confident,
        // With the spaces among them its letters stand elsewhere.
        Err(AttackError::CribDoesNotFit { .. }) => false,
        Err(_) => true,
    };
    let may_have_moved = characters.is_empty() && has_others(problem.text);
    if is_settled || !may_have_moved || watch.go_on().is_break() {
        return found;
    }
    let whole = moved(problem, watch, Shape::WholeTransposition);
    let is_stopped = watch.go_on().is_break();
    match (found, whole) {
        (Ok(found), Ok(whole)) if !whole.confident => Ok(Finding {
            tried: found.tried + whole.tried,
            why: match is_stopped {
                true => format!(
                    "{}; stopped before it was tried as if spaces had moved too",
                    found.why
                ),
                false => found.why,
            },
            ..found
        }),
        (found, Ok(whole)) => Ok(Finding {
            tried: found.map_or(0, |found| found.tried) + whole.tried,
            ..whole
        }),
        (found, Err(_)) => found,
    }
}

/// Ranks all keys under which letters alone or all characters have moved.
fn moved(problem: &Problem<'_>, watch: &mut dyn Watch, shape: Shape) -> Result<Finding, AttackError> {
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
            match shape {
                Shape::WholeTransposition => (
                    key.with("characters", "all"),
                    format!("{note}, spaces and punctuation moved too"),
                ),
                Shape::Transposition | Shape::Substitution => (key, note),
            }
        })
    });
    let problem = Problem {
        // Which characters move is said by the shape.
        known: problem
            .known
            .iter()
            .filter(|(param, value)| *param != "characters" || !is_a_choice(value))
            .collect(),
        ..problem.clone()
    };
    rank(&problem, watch, "rail-fence", shape, keys)
}

/// Whether the cipher knows such characters; it refuses others itself.
fn is_a_choice(characters: &str) -> bool {
    ["", "letters", "all"]
        .iter()
        .any(|choice| characters.trim().eq_ignore_ascii_case(choice))
}

/// The rails that are tried, and the most that the cipher takes.
const MOST_RAILS: usize = 100;
const MOST_RAILS_KNOWN: usize = 1_000;
