//! The index of digraphic potential: whether a second key is right, whatever the first.

use crate::analysis::attacks::adjacency::Shape;

/// How well the columns of a grid could stand side by side in their best order and alignment: for each column the best
/// neighbour on its right.
///
/// George Lasry, Nils Kopal, Arno Wacker, Solving the Double Transposition Challenge with a Divide-and-Conquer Approach
/// (Cryptologia 38, 2014): high only when the second key is right, whatever the first.
pub(super) fn digraphic_potential(between: &[u8], shape: Shape, log_odds: &[f32]) -> f32 {
    /// Rows that are compared: more tell little.
    const ROWS: usize = 24;
    let Shape { width, height, long } = shape;
    let rows = height.min(ROWS);
    let least = |rank: usize| rank * height + long.saturating_sub(width - rank);
    let most = |rank: usize| rank * height + rank.min(long);
    let mut sum = 0.0;
    for left in 0..width {
        // The middle of the possible beginnings of the left column, against all of the right one's.
        let start = (least(left) + most(left)) / 2;
        let mut best = f32::NEG_INFINITY;
        for right in (0..width).filter(|&right| right != left) {
            for other in least(right).saturating_sub(most(left) - start)..=most(right) + start - least(left) {
                if other + rows > between.len() {
                    break;
                }
                let pairs = between[start..start + rows].iter().zip(&between[other..]);
                let fit: f32 = pairs
                    .map(|(a, b)| log_odds[usize::from(*a) * 26 + usize::from(*b)])
                    .sum();
                best = best.max(fit);
            }
        }
        sum += best;
    }
    sum
}
