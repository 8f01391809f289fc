//! The attack on columnar transposition: the number of columns and their order, from the text alone.
//!
//! Here is what it is told and what it reads the text as; the search itself is in `search`.

mod known;
mod search;
#[cfg(test)]
mod tests;

use known::Known;
pub(in crate::analysis::attacks) use known::order_of;
use search::Search;

use super::characters::{self, Answer, Moved};
use super::movers::Movers;
use crate::analysis::attack::{AttackError, AttackSpec, Help, Problem, Watch};

/// The description of the attack on columnar transposition.
pub static COLUMNAR: AttackSpec = AttackSpec {
    cipher: "columnar",
    method: "adjacency annealing over segment moves, then quadgrams",
    summary: "Finds the number of columns (2 to 30) and their order. For each number, columns are matched by pairs of \
              letters, whatever their alignment in an incomplete last row; then quadgrams of the whole text decide. It \
              ends when independent starts agree on one key. Twins, where the whole text is moved by a letter, are told \
              apart by the words at both ends, and shown. A known number of columns is given as columns=25, or as a \
              keyword of as many question marks. A text with spaces or punctuation is tried both ways until one is sure: \
              as if they had stayed, and as if they had moved too (characters=all), where they are scored like letters.",
    help: Help::CRIB,
    known: &["keyword", "columns", "fill", "characters"],
    search: |problem, watch| characters::search(problem, watch, &ROUNDS, run),
};

/// How often all widths are gone through: once before a text is read the other way, and in the end.
const ROUNDS: [usize; 2] = [1, 8];
/// Fewer letters say nothing.
const FEWEST: usize = 20;

fn run(
    problem: &Problem<'_>,
    watch: &mut dyn Watch,
    moved: Moved,
    rounds: usize,
) -> Result<Answer, AttackError> {
    let movers = match moved {
        Moved::Letters => Movers::of(problem.text),
        Moved::All => Movers::of_all(problem.text),
    };
    let crib = movers.crib(problem.crib)?;
    let known = Known::of(&problem.known, movers.codes().len())?;
    movers.suffice(FEWEST)?;
    let mut search = Search::new(problem, &movers, &crib, moved, watch);
    let mut answer = match &known.order {
        Some(order) => search.given(order).into(),
        None => {
            let lanes = search.lanes(&known.widths, rounds);
            search.finding(lanes)
        }
    };
    if moved == Moved::All {
        answer.finding.why += match answer.finding.confident {
            true => " Spaces and punctuation moved with the letters (characters=all).",
            false => " Spaces and punctuation are taken to have moved too (characters=all).",
        };
    }
    Ok(answer)
}
