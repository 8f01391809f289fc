//! What happened to each character: the material of the animated views and of linked highlighting.

/// One step of a cipher's work: some characters in, some characters out, and why.
///
/// Indexes count characters (not bytes) of the input and output texts. The `outputs` of all steps of a run cover
/// every character of the output exactly once.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The input characters that this step takes from; empty for what the cipher adds by itself.
    pub inputs: Vec<usize>,
    /// The output characters that this step makes, one for each character of `to`.
    pub outputs: Vec<usize>,
    /// The characters as they went in (an added null, as in Playfair, is among them).
    pub from: String,
    /// The characters as they came out.
    pub to: String,
    /// The rule that was applied.
    pub how: How,
}

/// A place in a grid, both counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The row, from the top.
    pub row: usize,
    /// The column, from the left.
    pub column: usize,
}

/// Which coordinate of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The row.
    Row,
    /// The column.
    Column,
}

/// One coordinate of one input letter, as bifid takes letters apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    /// The input character that it comes from.
    pub input: usize,
    /// Which of its two coordinates.
    pub half: Half,
    /// The coordinate, counted from 0.
    pub value: usize,
}

/// The rule of Playfair that a pair of letters fell under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigraphRule {
    /// Both in one row: each takes its neighbour in the row.
    Row,
    /// Both in one column: each takes its neighbour in the column.
    Column,
    /// Corners of a rectangle: each takes the other corner of its own row.
    Rectangle,
}

/// The letter on one contact of the Enigma's signal path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The part that the signal has just left: `plugboard`, a rotor's name, `reflector`.
    pub part: &'static str,
    /// The letter, 0 to 25, in the coordinates of the fixed entry wheel.
    pub letter: u8,
}

/// The rule of one step, with what a view needs to draw it. Numbers count from 0.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// Outside the alphabet: passed through.
    Kept,
    /// A letter of an incomplete last block, left as it is.
    Leftover,
    /// Moved along the alphabet: `to = from + by` modulo `size`.
    Shift {
        /// Position of the input letter in the alphabet.
        from: usize,
        /// Places to go forward.
        by: usize,
        /// Position of the output letter.
        to: usize,
        /// Letters in the alphabet.
        size: usize,
    },
    /// Looked up in a table of letters.
    Lookup {
        /// Position of the input letter in its row of the table.
        from: usize,
        /// Position of the output letter in the ordinary alphabet.
        to: usize,
    },
    /// `y = multiplier · x + offset` modulo `size`.
    Linear {
        /// Factor (the inverse of `a` when decrypting).
        multiplier: usize,
        /// Position of the input letter.
        x: usize,
        /// Summand.
        offset: usize,
        /// Position of the output letter.
        y: usize,
        /// Letters in the alphabet.
        size: usize,
    },
    /// Found in the tableau, in the key letter's row.
    Tableau {
        /// The letter (or digit) of the key that was used.
        key: char,
        /// Its index in the running key.
        key_index: usize,
        /// The row: the key letter's position in the alphabet.
        row: usize,
        /// Position of the input letter in the alphabet.
        from: usize,
        /// Position of the output letter in the alphabet.
        to: usize,
    },
    /// Written into a grid by rows and read by columns (or back); one grid for each pass.
    Grid {
        /// For each pass, the cell the character stood in.
        passes: Vec<GridPlace>,
    },
    /// Written on a rail of the zigzag.
    Rail {
        /// The rail, from the top.
        rail: usize,
        /// The place along the fence.
        place: usize,
    },
    /// Replaced by the coordinates of its cell, or found in the cell of these coordinates.
    Square {
        /// The cell.
        cell: Cell,
    },
    /// A digit outside the square, marked by a zero in front.
    Marked,
    /// A pair of letters in the Playfair square.
    Digraph {
        /// The rule.
        rule: DigraphRule,
        /// Where the two letters stood.
        from: [Cell; 2],
        /// Where the two new letters stand.
        to: [Cell; 2],
    },
    /// A vector times the Hill matrix.
    Product {
        /// The matrix in use (the inverse when decrypting), by rows.
        matrix: Vec<Vec<u8>>,
        /// The input letters' positions.
        vector: Vec<u8>,
        /// The sums before they are taken modulo 26.
        sums: Vec<u32>,
        /// The output letters' positions.
        result: Vec<u8>,
    },
    /// Two coordinates of different letters put together to a new cell.
    Regrouped {
        /// What became the row.
        row: Fraction,
        /// What became the column.
        column: Fraction,
    },
    /// One coordinate of a letter, moved by the transposition (ADFGVX, encrypting).
    Fractionated {
        /// The letter's cell in the square.
        cell: Cell,
        /// Which coordinate.
        half: Half,
        /// Its place in the transposition grid.
        place: GridPlace,
    },
    /// Two symbols brought together again by the transposition (ADFGVX, decrypting).
    Joined {
        /// The letter's cell in the square.
        cell: Cell,
        /// The symbols' places in the transposition grid.
        places: [GridPlace; 2],
    },
    /// A key press on the Enigma.
    Rotors {
        /// The letters in the windows after the rotors moved, left to right.
        windows: Vec<u8>,
        /// Which rotors moved, left to right.
        moved: Vec<bool>,
        /// The signal from contact to contact; the last is the lamp.
        path: Vec<Contact>,
    },
    /// Bytes combined with the key stream: `result = bytes XOR key_stream`.
    KeyStream {
        /// The bytes of the input.
        bytes: Vec<u8>,
        /// The key stream's bytes.
        key_stream: Vec<u8>,
        /// The bytes of the output.
        result: Vec<u8>,
        /// The counter block that the first of them comes from, counted from 0.
        block: usize,
    },
    /// The nonce, in front of the ciphertext.
    Nonce,
    /// The authentication tag, behind the ciphertext.
    Tag,
}

/// A place in a columnar grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridPlace {
    /// The cell, the grid being filled by rows.
    pub cell: Cell,
    /// When the cell's column is read: 0 for the first.
    pub order: usize,
}

/// For each input character, the output characters that it became. Compact, so that it fits a megabyte of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Links {
    /// Links each of `count` characters to the one in the same place.
    pub fn identity(count: usize) -> Self {
        Self {
            starts: (0..=count as u32).collect(),
            targets: (0..count as u32).collect(),
        }
    }

    /// Links each input character to the one output character whose index stands in its place.
    pub fn permutation(targets: Vec<u32>) -> Self {
        Self {
            starts: (0..=targets.len() as u32).collect(),
            targets,
        }
    }

    /// Collects links from `(input, output)` pairs in any order; `count` is the number of input characters.
    pub fn from_pairs(count: usize, pairs: &[(usize, usize)]) -> Self {
        let mut pairs: Vec<(usize, usize)> = pairs.iter().copied().filter(|pair| pair.0 < count).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = Vec::with_capacity(count + 1);
        let mut next = 0;
        for input in 0..=count {
            while next < pairs.len() && pairs[next].0 < input {
                next += 1;
            }
            starts.push(next as u32);
        }
        Self {
            starts,
            targets: pairs.iter().map(|pair| pair.1 as u32).collect(),
        }
    }

    /// Collects the links of a run of steps: every input of a step leads to every output of it.
    pub fn from_steps(count: usize, steps: &[Step]) -> Self {
        let pairs: Vec<(usize, usize)> = steps
            .iter()
            .flat_map(|step| {
                step.inputs
                    .iter()
                    .flat_map(|&input| step.outputs.iter().map(move |&output| (input, output)))
            })
            .collect();
        Self::from_pairs(count, &pairs)
    }

    /// The number of input characters.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there is no input character.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The output characters that an input character became; none for an index beyond the text.
    pub fn outputs_of(&self, input: usize) -> &[u32] {
        match (self.starts.get(input), self.starts.get(input + 1)) {
            (Some(&start), Some(&end)) => self.targets.get(start as usize..end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The same links seen from the output's side; `count` is the number of output characters.
    pub fn reversed(&self, count: usize) -> Links {
        let pairs: Vec<(usize, usize)> = (0..self.len())
            .flat_map(|input| {
                self.outputs_of(input)
                    .iter()
                    .map(move |&output| (output as usize, input))
            })
            .collect();
        Links::from_pairs(count, &pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_can_be_read_from_both_sides() {
        let links = Links::from_pairs(3, &[(2, 0), (0, 1), (0, 2), (0, 1)]);
        assert_eq!(links.outputs_of(0), &[1, 2]);
        assert_eq!(links.outputs_of(1), &[] as &[u32]);
        assert_eq!(links.outputs_of(2), &[0]);
        assert_eq!(links.outputs_of(3), &[] as &[u32]);
        let reversed = links.reversed(3);
        assert_eq!(
            [
                reversed.outputs_of(0),
                reversed.outputs_of(1),
                reversed.outputs_of(2)
            ],
            [&[2], &[0], &[0]]
        );
    }
}
