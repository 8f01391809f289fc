//! Second keys beside one another: what one change makes of a key, and when the potential can't tell keys apart.

use crate::analysis::attacks::adjacency::Shape;

/// Whether the potential can't tell all second keys apart: where the columns of the first grid are equally long, each begins
/// as many places behind the one before it, and if that is in step with the second grid its columns meet only some of the
/// others, or none. So it is with six columns and four, where both grids are full. If only a few columns are longer, or
/// shorter, it is hardly better; and of three or four columns in the first grid few pairs can be compared at all.
pub(super) fn tells_little(Shape { width, height, long }: Shape, other: Shape) -> bool {
    let in_step = |height: usize| gcd(height, other.width) > 1;
    width <= FEW || (long * 2 <= width && in_step(height)) || (long * 2 >= width && in_step(height + 1))
}

/// So few columns in the first grid that their pairs say little.
const FEW: usize = 4;

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Into how many classes, of equally many columns each, so many columns can be parted.
pub(super) fn classes(width: usize) -> impl Iterator<Item = usize> {
    (2..width).filter(move |&classes| width.is_multiple_of(classes))
}

/// Exchanges every column whose place leaves the rest `a` with its neighbour that leaves `b`. Where the first grid is in step
/// with the second, that exchanges whole rows of the text, which no exchange of two columns does.
pub(super) fn swap_classes(order: &mut [u8], classes: usize, a: usize, b: usize) {
    for class in order.chunks_exact_mut(classes) {
        class.swap(a, b);
    }
}

/// All keys that one change makes of a key: two columns exchanged, a run of columns slid, two classes exchanged.
pub(super) fn neighbours(order: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let width = order.len();
    let runs = (0..width).flat_map(move |first| (first + 2..=width).map(move |last| (first, last)));
    let moved = runs.flat_map(move |(first, last)| {
        (first..last).map(move |middle| {
            let mut next = order.to_vec();
            match middle == first {
                true => next.swap(first, last - 1),
                false => next[first..last].rotate_left(middle - first),
            }
            next
        })
    });
    let pairs = classes(width)
        .flat_map(|classes| (0..classes).flat_map(move |a| (a + 1..classes).map(move |b| (classes, a, b))));
    moved.chain(pairs.map(move |(classes, a, b)| {
        let mut next = order.to_vec();
        swap_classes(&mut next, classes, a, b);
        next
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_grids_in_step_tell_little_and_others_enough() {
        let tells_little =
            |letters, width, other| super::tells_little(Shape::of(letters, width), Shape::of(letters, other));
        assert!(tells_little(120, 6, 4));
        // 101 letters under six columns: five of them are 17 long, which is not in step with four.
        assert!(!tells_little(101, 6, 4));
        assert!(!tells_little(120, 8, 4));
        assert!(tells_little(121, 4, 9));
    }

    #[test]
    fn neighbours_hold_every_column_once_and_exchange_whole_classes() {
        let order = [3, 0, 5, 1, 4, 2];
        let all: Vec<Vec<u8>> = neighbours(&order).collect();
        for next in &all {
            let mut columns = next.clone();
            columns.sort_unstable();
            assert_eq!(columns, [0, 1, 2, 3, 4, 5]);
        }
        // In threes, the first two of each.
        assert!(all.contains(&vec![0, 3, 5, 4, 1, 2]));
        assert!(all.contains(&vec![0, 5, 1, 4, 2, 3]));
    }
}
