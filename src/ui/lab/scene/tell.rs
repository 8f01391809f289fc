//! What a step says: one line for the reader, and for whoever cannot see the drawing.

use super::{Beside, Scene, Stage};
use crate::ciphers::Direction;
use crate::ciphers::aes_trace::Operation;
use crate::ciphers::step::{DigraphRule, Half, How, Step};

impl Scene {
    /// Says what happens at a position.
    pub fn tell(&self, now: usize) -> String {
        let now = now.min(self.len().saturating_sub(1));
        let count = self.steps.len();
        match &self.stage {
            Stage::Grid { .. } | Stage::Rails { .. } => {
                let along = match self.stage {
                    Stage::Rails { .. } => ["along the zigzag", "rail by rail"],
                    _ => ["row by row", "column by column, in the order of the numbers"],
                };
                let [first, second] = match self.direction {
                    Direction::Encrypt => along,
                    Direction::Decrypt => [along[1], along[0]],
                };
                match now.checked_sub(count) {
                    None => format!("Write {} of {count}: {first}", now + 1),
                    Some(read) => format!("Read {} of {count}: {second}", read + 1),
                }
            }
            Stage::Square {
                beside: Beside::Grid(grid),
                ..
            } => match grid.symbol_at(now) {
                Some((symbol, read)) => self.tell_symbol(symbol, read),
                None => String::new(),
            },
            Stage::Rounds { trace, .. } => match trace.stages.get(now) {
                None => "The encrypted counter is the key stream: combined with the text, it gives the ciphertext.".to_owned(),
                Some(stage) => {
                    let said = match stage.operation {
                        Operation::Input => "The block that is encrypted: nonce and counter. The text comes in at the end.",
                        Operation::SubBytes => "Every byte is replaced through the S-box: the only part that is not linear.",
                        Operation::ShiftRows => "The rows turn by 0, 1, 2 and 3 places: columns are mixed up.",
                        Operation::MixColumns => "Each column is multiplied by a matrix: one byte now moves four.",
                        Operation::AddRoundKey => "The round's key is added, bit by bit.",
                    };
                    format!("Round {}: {}. {said}", stage.round, stage.operation.name())
                }
            },
            _ => self.steps.get(now).map(|step| self.tell_step(step)).unwrap_or_default(),
        }
    }

    /// Half a letter on its way through the grid under the keyword.
    fn tell_symbol(&self, symbol: &super::fractions::Symbol, read: bool) -> String {
        let step = &self.steps[symbol.step];
        let (sign, column) = (symbol.sign, symbol.place.order + 1);
        match (self.direction, read) {
            (Direction::Encrypt, false) => self.tell_step(step),
            (Direction::Encrypt, true) => format!("Column {column}, from the top: {sign} is read"),
            (Direction::Decrypt, false) => format!("{sign} is written into column {column}, from the top"),
            (Direction::Decrypt, true) if symbol.completes => self.tell_step(step),
            (Direction::Decrypt, true) => format!("Row by row, the first of a pair: {sign}"),
        }
    }

    fn tell_step(&self, step: &Step) -> String {
        let (from, to) = (step.from.trim_end(), step.to.trim_end());
        let letters = match &self.stage {
            Stage::Wheel { letters, .. } => letters.as_slice(),
            Stage::Tableau { plain, .. } => plain.as_slice(),
            _ => &[],
        };
        let name = |place: usize| letters.get(place).copied().unwrap_or('?');
        match &step.how {
            How::Shift {
                from: a,
                by,
                to: b,
                size,
            } => {
                let wrapped = a + by >= *size;
                let turn = if wrapped {
                    format!(" − {size}")
                } else {
                    String::new()
                };
                format!(
                    "{} is letter {a}: {a} + {by}{turn} = {b}, and that is {}",
                    name(*a),
                    name(*b)
                )
            }
            How::Lookup { .. } => match self.direction {
                Direction::Encrypt => format!("{from} stands above {to}"),
                Direction::Decrypt => format!("{from} stands below {to}"),
            },
            How::Linear {
                multiplier,
                x,
                offset,
                y,
                size,
            } => {
                format!("{from} is {x}: {multiplier} · {x} + {offset} = {y} modulo {size}, and that is {to}")
            }
            How::Tableau {
                key, from: a, to: b, ..
            } => match self.direction {
                Direction::Encrypt => format!(
                    "Key letter {key}: row {key}, column {}, and there stands {}",
                    name(*a),
                    name(*b)
                ),
                Direction::Decrypt => format!(
                    "Key letter {key}: in row {key} look for {}; its column is {}",
                    name(*a),
                    name(*b)
                ),
            },
            How::Digraph { rule, .. } => {
                let said = match rule {
                    DigraphRule::Row => "in one row, so each takes its neighbour",
                    DigraphRule::Column => "in one column, so each takes the letter below or above",
                    DigraphRule::Rectangle => {
                        "corners of a rectangle, so each takes the other corner of its row"
                    }
                };
                format!("{from} becomes {to}: {said}")
            }
            How::Product { .. } => format!("{from} times the matrix, remainders modulo 26: {to}"),
            How::Square { .. } => format!("{from} becomes {to}: row and column in the square"),
            How::Marked => format!("{from} becomes {to}"),
            How::Regrouped { row, column } => {
                let half = |half: Half| if half == Half::Row { "row" } else { "column" };
                format!(
                    "A {} and a {} of two letters meet at row {}, column {}: {to}",
                    half(row.half),
                    half(column.half),
                    row.value + 1,
                    column.value + 1
                )
            }
            How::Fractionated { half, .. } => {
                let half = if *half == Half::Row { "row" } else { "column" };
                format!("{from}: its {half} is {to}, written into the next cell of the row")
            }
            How::Joined { .. } => format!("{from} come together again: {to}"),
            How::Rotors { windows, .. } => {
                let shown: String = windows
                    .iter()
                    .map(|&window| char::from(b'A' + window % 26))
                    .collect();
                format!("The rotors turn to {shown}; the current goes in as {from} and comes back as {to}")
            }
            How::Leftover => format!("{from} is left over from the last block and stays"),
            How::Grid { .. } | How::Rail { .. } | How::Kept => format!("{from} becomes {to}"),
            How::KeyStream { .. } | How::Nonce | How::Tag => format!("{from} becomes {to}"),
        }
    }
}
