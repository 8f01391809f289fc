//! A columnar transposition solved by hand: the ciphertext's columns side by side, to be put in order.

use super::past::Past;
use crate::ciphers::Key;
use crate::ciphers::columnar::Columns;

/// A ciphertext cut into columns. Only letters and digits are moved, as the cipher does.
#[derive(Clone, Debug)]
pub struct Board {
    letters: Vec<char>,
    past: Past<Vec<usize>>,
}

impl Board {
    /// A board with columns in the order in which they were read.
    pub fn new(text: &str, width: usize) -> Self {
        let letters: Vec<char> = text
            .chars()
            .filter(|c| c.is_ascii_alphabetic())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let width = width.clamp(1, letters.len().max(1));
        Self {
            letters,
            past: Past::new((0..width).collect()),
        }
    }

    /// The letters of the ciphertext.
    pub fn letters(&self) -> &[char] {
        &self.letters
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.past.now().len()
    }

    /// For each place from left to right, the column that stands there, counted as they were read.
    pub fn order(&self) -> &[usize] {
        self.past.now()
    }

    /// Moves the column at one place to another; those between close up.
    pub fn move_column(&mut self, from: usize, to: usize) {
        let mut order = self.past.now().clone();
        if from < order.len() {
            let column = order.remove(from);
            order.insert(to.min(order.len()), column);
            self.past.go(order);
        }
    }

    /// Cuts the text into another number of columns, in the order in which they were read.
    pub fn set_width(&mut self, width: usize) {
        let width = width.clamp(1, self.letters.len().max(1));
        if width != self.width() {
            self.past.go((0..width).collect());
        }
    }

    /// Takes over an order; one that is no order of so many columns is left alone.
    pub fn set_order(&mut self, order: Vec<usize>) {
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !order.is_empty() && sorted.into_iter().eq(0..order.len()) {
            self.past.go(order);
        }
    }

    /// Takes over the order that a key gives: a keyword, or the numbers of the columns.
    pub fn fill(&mut self, key: &Key) {
        let Some(keyword) = key.value("keyword") else {
            return;
        };
        let numbers: Option<Vec<usize>> = keyword
            .split([' ', ',', '-'])
            .filter(|number| !number.is_empty())
            .map(|number| number.parse::<usize>().ok()?.checked_sub(1))
            .collect();
        // A single number is a keyword of digits.
        if let Some(order) = numbers.filter(|numbers| numbers.len() > 1) {
            return self.set_order(order);
        }
        if let Ok(Some(columns)) = Columns::from_keyword(keyword) {
            // The cipher says which place is read when; the board which column stands where.
            let mut order = vec![0; columns.width()];
            for (read, &place) in columns.order().iter().enumerate() {
                order[place] = read;
            }
            self.set_order(order);
        }
    }

    /// The key: for each place from left to right, when its column was read, as numbers.
    pub fn key(&self) -> Key {
        let numbers: Vec<String> = self.order().iter().map(|read| (read + 1).to_string()).collect();
        Key::new().with("keyword", &numbers.join(" "))
    }

    /// The columns from left to right, each from top to bottom. Those on the left are longer by one where the last
    /// row is not full, whichever they are.
    pub fn columns(&self) -> Vec<&[char]> {
        let (width, count) = (self.width(), self.letters.len());
        let (short, long) = (count / width.max(1), count % width.max(1));
        let order = self.order();
        let mut starts = vec![0; width];
        let mut place_of = vec![0; width];
        order
            .iter()
            .enumerate()
            .for_each(|(place, &read)| place_of[read] = place);
        let mut start = 0;
        for &place in &place_of {
            starts[place] = start;
            start += short + usize::from(place < long);
        }
        (0..width)
            .map(|place| {
                let length = short + usize::from(place < long);
                &self.letters[starts[place]..starts[place] + length]
            })
            .collect()
    }

    /// The text, read by rows.
    pub fn plaintext(&self) -> String {
        let columns = self.columns();
        let rows = columns.iter().map(|column| column.len()).max().unwrap_or(0);
        (0..rows)
            .flat_map(|row| columns.iter().filter_map(move |column| column.get(row)))
            .collect()
    }

    /// Whether something can be taken back.
    pub fn can_undo(&self) -> bool {
        self.past.can_undo()
    }

    /// Whether something can be done again.
    pub fn can_redo(&self) -> bool {
        self.past.can_redo()
    }

    /// Takes the last step back.
    pub fn undo(&mut self) {
        self.past.undo();
    }

    /// Does the step again that was taken back last.
    pub fn redo(&mut self) {
        self.past.redo();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ZEBRAS, "WEAREDISCOVEREDFLEEATONCE": Wikipedia, "Transposition cipher", irregular case.
    const CIPHERTEXT: &str = "EVLNACDTESEAROFODEECWIREE";
    const PLAINTEXT: &str = "WEAREDISCOVEREDFLEEATONCE";

    #[test]
    fn dragging_columns_gives_the_plaintext() {
        let mut board = Board::new(CIPHERTEXT, 6);
        assert_eq!(board.order(), [0, 1, 2, 3, 4, 5]);
        board.set_order(vec![5, 2, 1, 3, 0, 4]);
        assert_eq!(board.plaintext(), PLAINTEXT);
        // A wrong move and back.
        board.move_column(5, 0);
        assert_ne!(board.plaintext(), PLAINTEXT);
        board.undo();
        assert_eq!(board.plaintext(), PLAINTEXT);
    }

    #[test]
    fn a_key_fills_the_board_and_the_board_is_a_key() {
        let spec = crate::ciphers::find("columnar").unwrap();
        let mut board = Board::new(CIPHERTEXT, 4);
        board.fill(&Key::new().with("keyword", "ZEBRAS"));
        assert_eq!(board.plaintext(), PLAINTEXT);
        let found = spec.build(&board.key()).unwrap().decrypt(CIPHERTEXT).unwrap();
        assert_eq!(found, PLAINTEXT);
        let key = board.key();
        board.set_width(3);
        board.fill(&key);
        assert_eq!(board.plaintext(), PLAINTEXT);
    }

    #[test]
    fn nonsense_changes_nothing() {
        let mut board = Board::new("ABCDEF", 3);
        board.set_order(vec![0, 0, 1]);
        board.move_column(9, 0);
        board.fill(&Key::new());
        assert_eq!(board.order(), [0, 1, 2]);
        board.set_width(99);
        assert_eq!(board.width(), 6);
        assert_eq!(Board::new("", 5).plaintext(), "");
    }
}
