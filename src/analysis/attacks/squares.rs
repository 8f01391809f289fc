//! Squares of 25 letters as keys: random ones, the moves that change one, and how they are written.

use super::super::attack::Random;

/// The letters of a square by rows, A is 0. J (9) is not among them: it shares the cell of I.
pub(super) type Cells = [u8; 25];

/// J, which no square holds, and I, which stands for it.
const J: u8 = 9;
const I: u8 = 8;

/// A random square.
pub(super) fn shuffled(dice: &mut Random) -> Cells {
    let mut cells = ordered();
    for last in (1..25).rev() {
        cells.swap(last, dice.below(last + 1));
    }
    cells
}

/// The square that a word sets up: its letters first, each once, then the rest of the alphabet. J is written as I.
pub(super) fn set_up(word: &[u8]) -> Cells {
    let (mut cells, mut filled, mut seen) = (ordered(), 0, 1u32 << J);
    let written = word.iter().map(|&letter| if letter == J { I } else { letter });
    for letter in written.chain(ordered()) {
        if seen & (1 << letter) == 0 {
            seen |= 1 << letter;
            cells[filled] = letter;
            filled += 1;
        }
    }
    cells
}

/// The alphabet in order.
fn ordered() -> Cells {
    std::array::from_fn(|cell| cell as u8 + u8::from(cell >= usize::from(J)))
}

/// For each letter, its cell; J has that of I. Longer than the alphabet, so that five bits may index it.
pub(super) fn places(cells: &Cells) -> [u8; 32] {
    let mut places = [0; 32];
    for (cell, &letter) in cells.iter().enumerate() {
        places[usize::from(letter)] = cell as u8;
    }
    places[usize::from(J)] = places[usize::from(I)];
    places
}

/// Changes a square at random: mostly two letters, now and then whole rows, columns, or the square on its diagonal. Says which
/// two cells changed their letters, if nothing else changed.
///
/// George Lasry, Solving a 40-Letter Playfair Challenge with CrypTool 2 (HistoCrypt 2019): the coarse moves lead out of
/// squares that are right but for the order of their rows.
#[inline]
pub(super) fn disturb(cells: &mut Cells, dice: &mut Random) -> Option<[usize; 2]> {
    // All choices come from one draw: searches make ten million of them a second.
    let bits = dice.bits();
    let pick = |part: u32, end: u64| ((((bits >> (16 * part)) & 0xffff) * end) >> 16) as usize;
    let two = |end: u64| {
        let (a, b) = (pick(1, end), pick(2, end - 1));
        [a, b + usize::from(b >= a)]
    };
    let was = *cells;
    match pick(0, 100) {
        0..80 => {
            let [a, b] = two(25);
            cells.swap(a, b);
            return Some([a, b]);
        }
        80..86 => {
            let [a, b] = two(5);
            (0..5).for_each(|column| cells.swap(a * 5 + column, b * 5 + column));
        }
        86..92 => {
            let [a, b] = two(5);
            (0..5).for_each(|row| cells.swap(row * 5 + a, row * 5 + b));
        }
        92..94 => *cells = std::array::from_fn(|cell| was[cell % 5 * 5 + cell / 5]),
        94..97 => {
            let (row, by) = (pick(1, 5), 1 + pick(2, 4));
            cells[row * 5..row * 5 + 5].rotate_left(by);
        }
        _ => {
            let (column, by) = (pick(1, 5), 1 + pick(2, 4));
            (0..5).for_each(|row| cells[row * 5 + column] = was[(row + by) % 5 * 5 + column]);
        }
    }
    None
}

/// A square in which the cell of each letter is known too: brought up to date by a change instead of made anew.
#[derive(Clone, Copy)]
pub(super) struct Indexed {
    pub(super) cells: Cells,
    /// As [`places`] gives them.
    pub(super) places: [u8; 32],
}

impl Indexed {
    pub(super) fn new(cells: Cells) -> Self {
        Self {
            cells,
            places: places(&cells),
        }
    }

    /// Changes it as [`disturb`] does.
    #[inline]
    pub(super) fn disturb(&mut self, dice: &mut Random) {
        let Some(changed) = disturb(&mut self.cells, dice) else {
            self.places = places(&self.cells);
            return;
        };
        for cell in changed {
            self.places[usize::from(self.cells[cell] & 31)] = cell as u8;
        }
        self.places[usize::from(J)] = self.places[usize::from(I)];
    }
}

/// The square with its rows and its columns rotated.
pub(super) fn rotated(cells: &Cells, rows: usize, columns: usize) -> Cells {
    std::array::from_fn(|cell| cells[(cell / 5 + rows) % 5 * 5 + (cell % 5 + columns) % 5])
}

/// Of all rotations, the one that looks most like a keyword followed by the rest of the alphabet.
pub(super) fn as_set_up(cells: &Cells) -> Cells {
    let tail = |cells: &Cells| {
        let ascending = cells.windows(2).rev().take_while(|pair| pair[0] < pair[1]);
        ascending.count()
    };
    (0..25)
        .map(|by| rotated(cells, by / 5, by % 5))
        .max_by_key(|cells| (tail(cells), std::cmp::Reverse(cells[0])))
        .unwrap_or(*cells)
}

/// The whole square as a value of a keyword.
pub(super) fn as_keyword(cells: &Cells) -> String {
    super::letters::word(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_disturbance_keeps_every_letter() {
        let mut dice = Random::new(1);
        let mut cells = shuffled(&mut dice);
        for _ in 0..2000 {
            let before = cells;
            let changed = disturb(&mut cells, &mut dice);
            assert_ne!(cells, before);
            if let Some([a, b]) = changed {
                cells.swap(a, b);
                assert_eq!(cells, before);
                cells.swap(a, b);
            }
            let mut sorted = cells;
            sorted.sort_unstable();
            assert_eq!(sorted, ordered());
        }
    }

    #[test]
    fn an_indexed_square_knows_its_places_after_every_disturbance() {
        let mut dice = Random::new(2);
        let mut square = Indexed::new(shuffled(&mut dice));
        for _ in 0..2000 {
            square.disturb(&mut dice);
            assert_eq!(square.places, places(&square.cells));
        }
    }

    #[test]
    fn a_word_sets_up_the_square_that_the_cipher_makes_of_it() {
        for word in ["JOURNEY", "PLAYFAIREXAMPLE", "A"] {
            let square = crate::ciphers::square::Square::five(word).unwrap();
            let cells = set_up(&super::super::letters::numbers(word));
            assert_eq!(as_keyword(&cells).as_bytes(), square.cells());
        }
    }

    #[test]
    fn a_rotated_square_is_set_up_as_it_was_keyed() {
        let keyed = super::super::letters::numbers("PLAYFIREXMBCDGHKNOQSTUVWZ");
        let keyed: Cells = keyed.try_into().unwrap();
        assert_eq!(as_set_up(&rotated(&keyed, 2, 3)), keyed);
    }
}
