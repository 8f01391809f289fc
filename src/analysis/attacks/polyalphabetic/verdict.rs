//! Whether a key is sure: the text must be far from chance as a whole, and each place of the key from its rivals.

use super::columns::{CONTEXT, Columns, Trial};
use crate::analysis::attack::{Evidence, Problem};
use crate::analysis::attacks::letters::Letters;

/// How many different letters a text has at least; a row of equal letters is likely in any model, and no text.
const FEWEST_KINDS: u32 = 7;
/// At most one letter in so many repeats the one before it; in English it is one in thirty. An automatic key makes runs of
/// A where it takes over whole words as they are.
const MOST_DOUBLED: usize = 7;
/// How many nats a text must be likelier than random letters, after paying for the key. Random letters and wrong
/// ciphers stay below 3 (measured on thousands of texts of 30 to 400 letters).
pub(super) const LEAST_EXCESS: f32 = 11.0;
/// From here on a key needs no confirmation by more starts.
pub(super) const PLAIN_EXCESS: f32 = 35.0;
/// How sure the key as a whole must be, its places taken together.
const LEAST_CERTAINTY: f32 = 0.92;
/// How far into the neighbourhood a rival is looked for: two places changed at once.
const NEIGHBOURS: [usize; 2] = [1, 2];
/// Nats that a letter of English says less than a random one, as a trained n-gram model counts them.
const REDUNDANCY: f64 = 2.2;

/// What can be said about a key.
pub(super) struct Verdict {
    /// Whether it can be relied on.
    pub sure: bool,
    /// For each column, how sure its symbol is.
    pub columns: Vec<f32>,
}

impl Verdict {
    pub(super) fn of(
        problem: &Problem<'_>,
        columns: &Columns<'_>,
        trial: &mut Trial,
        symbols: usize,
        fixed: &[Option<u8>],
    ) -> Self {
        let period = columns.period();
        let mut certainty = vec![1f32; period];
        let mut sums = vec![0f32; symbols];
        for column in 0..period {
            if fixed[column].is_some() {
                continue;
            }
            columns.weigh(trial, column, &mut sums);
            let now = sums[usize::from(trial.key[column])];
            let all: f32 = sums.iter().map(|sum| (sum - now).exp()).sum();
            certainty[column] = certainty[column].min(1.0 / all);
            for step in NEIGHBOURS {
                let other = (column + step) % period;
                if other == column || fixed[other].is_some() {
                    continue;
                }
                let rivals = pair_rivals(columns, trial, (column, other), symbols);
                for place in [column, other] {
                    certainty[place] = certainty[place].min(1.0 / (1.0 + rivals));
                }
            }
        }
        let unknown = fixed.iter().filter(|symbol| symbol.is_none()).count();
        let together: f32 = certainty.iter().product();
        Self {
            sure: excess(trial, symbols, unknown) > LEAST_EXCESS
                && together > LEAST_CERTAINTY
                && is_varied(&trial.text)
                // Letters of the language in no order at all are far from chance too: those of a transposition.
                && reads(problem, &trial.text),
            columns: certainty,
        }
    }
}

/// Whether the first letters of a text read like the language. Those with an accent have kept their places, and a language
/// that has many reads badly with gaps in its words.
fn reads(problem: &Problem<'_>, plain: &[u8]) -> bool {
    /// Stands behind the letters that were looked at, and in no text.
    const END: char = '\0';
    let with_accents = || {
        let text = Letters::of(problem.text).replaced(plain, END);
        let text = text.split(END).next().unwrap_or_default();
        Evidence::reads(problem.language, &problem.language.folded(text))
    };
    Evidence::reads(problem.language, plain) || (!problem.text.is_ascii() && with_accents())
}

/// Whether a text has as many kinds of letters as any text of a language, and no long runs of one of them.
pub(in super::super) fn is_varied(text: &[u8]) -> bool {
    let kinds = text
        .iter()
        .fold(0u32, |kinds, &letter| kinds | 1 << (letter % 26));
    let doubled = text.windows(2).filter(|pair| pair[0] == pair[1]).count();
    kinds.count_ones() >= FEWEST_KINDS && doubled * MOST_DOUBLED < text.len()
}

/// How likely all keys are together that differ in both places, beside this one.
fn pair_rivals(
    columns: &Columns<'_>,
    trial: &mut Trial,
    (column, other): (usize, usize),
    symbols: usize,
) -> f32 {
    let (kept, kept_other) = (trial.key[column], trial.key[other]);
    let mut sums = vec![0f32; symbols];
    columns.weigh(trial, column, &mut sums);
    let own: Vec<f32> = sums.iter().map(|sum| sum - sums[usize::from(kept)]).collect();
    let mut rivals = 0.0;
    for symbol in (0..symbols as u8).filter(|&symbol| symbol != kept) {
        columns.set(trial, column, symbol);
        columns.weigh(trial, other, &mut sums);
        let base = own[usize::from(symbol)] - sums[usize::from(kept_other)];
        rivals += (0..symbols)
            .filter(|&rival| rival != usize::from(kept_other))
            .map(|rival| (base + sums[rival]).exp())
            .sum::<f32>();
    }
    columns.set(trial, column, kept);
    rivals
}

/// How many nats the text is likelier in the language than as random letters, after paying for the unknown symbols of
/// the key.
pub(super) fn excess(trial: &Trial, symbols: usize, unknown: usize) -> f32 {
    let judged = trial.text.len().saturating_sub(CONTEXT) as f32;
    trial.score + judged * 26f32.ln() - unknown as f32 * (symbols as f32).ln()
}

/// Shannon's unicity distance: below so many letters more than one key makes sense.
pub(super) fn unicity_distance(symbols: usize, period: usize) -> usize {
    (period as f64 * (symbols as f64).ln() / REDUNDANCY).ceil() as usize
}
