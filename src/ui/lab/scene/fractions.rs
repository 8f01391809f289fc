//! Letters taken apart: the grid under a keyword (ADFGVX) and the lines of rows and columns (bifid).

use egui::{Align2, Color32, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use crate::ciphers::Direction;
use crate::ciphers::step::{Fraction, GridPlace, Half, How, Step};
use crate::ui::theme::{Palette, fonts};

/// The symbols of a fractionated text in their grid.
pub(super) struct Folded {
    /// In the order in which they are written.
    pub symbols: Vec<Symbol>,
    /// For each moment of reading, the symbol that is read.
    pub reading: Vec<usize>,
    width: usize,
    /// Above the columns; empty where the key is not a word.
    keyword: Vec<char>,
}

/// One symbol: half a letter.
pub(super) struct Symbol {
    /// The step that it belongs to.
    pub step: usize,
    /// The character of the input that it comes from.
    pub input: usize,
    /// What is written.
    pub sign: char,
    /// Where it stands.
    pub place: GridPlace,
    /// Whether it is the last of its step to be read.
    pub completes: bool,
}

impl Folded {
    /// The grid of these steps. `None` where they are not of that kind.
    pub fn of(steps: &[Step], keyword: &str) -> Option<Self> {
        let mut symbols = Vec::new();
        let mut decrypting = false;
        for (number, step) in steps.iter().enumerate() {
            match &step.how {
                How::Fractionated { place, .. } => symbols.push(Symbol {
                    step: number,
                    input: *step.inputs.first()?,
                    sign: step.to.chars().next()?,
                    place: *place,
                    completes: true,
                }),
                How::Joined { places, .. } => {
                    decrypting = true;
                    for (half, (sign, place)) in step.from.chars().zip(places).enumerate() {
                        symbols.push(Symbol {
                            step: number,
                            input: *step.inputs.get(half)?,
                            sign,
                            place: *place,
                            completes: half == 1,
                        });
                    }
                }
                _ => {}
            }
        }
        let by_rows = |symbol: &Symbol| (symbol.place.cell.row, symbol.place.cell.column);
        let by_columns = |symbol: &Symbol| (symbol.place.order, symbol.place.cell.row);
        match decrypting {
            false => symbols.sort_by_key(by_rows),
            true => symbols.sort_by_key(by_columns),
        }
        let mut reading: Vec<usize> = (0..symbols.len()).collect();
        match decrypting {
            false => reading.sort_by_key(|&symbol| by_columns(&symbols[symbol])),
            true => reading.sort_by_key(|&symbol| by_rows(&symbols[symbol])),
        }
        let width = symbols.iter().map(|symbol| symbol.place.cell.column + 1).max()?;
        let letters: Vec<char> = keyword.chars().filter(|c| !c.is_whitespace()).collect();
        let is_word = letters.len() == width && letters.iter().all(|c| c.is_alphanumeric());
        Some(Self {
            symbols,
            reading,
            width,
            keyword: match is_word {
                true => letters.iter().flat_map(|c| c.to_uppercase()).collect(),
                false => Vec::new(),
            },
        })
    }

    /// The symbol that a position is about, and whether it is being read.
    pub fn symbol_at(&self, now: usize) -> Option<(&Symbol, bool)> {
        match now.checked_sub(self.symbols.len()) {
            None => self.symbols.get(now).map(|symbol| (symbol, false)),
            Some(read) => self
                .reading
                .get(read)
                .map(|&symbol| (&self.symbols[symbol], true)),
        }
    }

    /// Draws the grid under its keyword.
    pub fn paint(&self, painter: &Painter, rect: Rect, now: usize, direction: Direction, p: &Palette) {
        let count = self.symbols.len();
        let rows = self
            .symbols
            .iter()
            .map(|symbol| symbol.place.cell.row + 1)
            .max()
            .unwrap_or(1);
        let heads = 1 + usize::from(!self.keyword.is_empty());
        let side = (rect.width() / self.width as f32)
            .min(rect.height() / (rows + heads) as f32)
            .min(40.0);
        let left = rect.center().x - side * self.width as f32 / 2.0;
        let top = rect.center().y - side * (rows + heads) as f32 / 2.0;
        let current = self.symbol_at(now);
        let read = now.checked_sub(count);
        let by_columns = read.is_some() == (direction == Direction::Encrypt);
        let lit = current
            .map(|(symbol, _)| symbol.place.cell.column)
            .filter(|_| by_columns);
        for column in 0..self.width {
            let order = self
                .symbols
                .iter()
                .find(|symbol| symbol.place.cell.column == column)
                .map(|symbol| symbol.place.order + 1);
            let center = |line: usize| {
                let x = left + (column as f32 + 0.5) * side;
                pos2(x, top + (line as f32 + 0.5) * side)
            };
            let on = lit == Some(column);
            let color = if on { p.accent } else { p.text_weak };
            if on {
                painter.circle_filled(center(heads - 1), side * 0.42, p.accent_soft);
            }
            if let Some(letter) = self.keyword.get(column) {
                let font = fonts::mono((side * 0.5).clamp(7.0, 16.0));
                painter.text(center(0), Align2::CENTER_CENTER, letter, font, p.text_strong);
            }
            if let Some(order) = order {
                let font = fonts::semibold((side * 0.44).clamp(6.0, 15.0));
                painter.text(center(heads - 1), Align2::CENTER_CENTER, order, font, color);
            }
        }
        let font = fonts::mono((side * 0.56).clamp(6.0, 18.0));
        let mut is_read = vec![false; count];
        if let Some(read) = read {
            for &symbol in self.reading.iter().take(read + 1) {
                is_read[symbol] = true;
            }
        }
        for (number, symbol) in self.symbols.iter().enumerate() {
            let cell = symbol.place.cell;
            let corner = pos2(
                left + cell.column as f32 * side,
                top + (cell.row + heads) as f32 * side,
            );
            let cell = Rect::from_min_size(corner, vec2(side, side)).shrink(1.0);
            let written = read.is_some() || number <= now;
            let on = current.is_some_and(|(now, _)| std::ptr::eq(now, symbol));
            let fill = match (on, is_read[number], written) {
                (true, ..) => p.accent,
                (_, true, _) => p.series[symbol.place.order % p.series.len()].gamma_multiply(0.3),
                (_, _, true) => p.surface_3,
                _ => p.surface_1,
            };
            painter.rect(cell, 4, fill, Stroke::new(1.0, p.border), StrokeKind::Inside);
            if written {
                let ink = if on { p.on_accent } else { p.text_strong };
                painter.text(
                    cell.center(),
                    Align2::CENTER_CENTER,
                    symbol.sign,
                    font.clone(),
                    ink,
                );
            }
        }
    }
}

/// The block of a bifid text that a step belongs to, written as rows and columns.
pub(super) struct Lines<'a> {
    /// All letters' steps.
    pub steps: &'a [Step],
    /// The text that goes in.
    pub input: &'a [char],
    /// The square's letters, row by row.
    pub cells: &'a [char],
    /// Letters taken at once; 0 for all.
    pub period: usize,
}

impl Lines<'_> {
    /// Draws the two lines of coordinates, with the two that meet in this step lit.
    pub fn paint(&self, painter: &Painter, rect: Rect, now: usize, direction: Direction, p: &Palette) {
        let period = if self.period == 0 {
            self.steps.len()
        } else {
            self.period
        }
        .max(1);
        let start = now / period * period;
        let block = &self.steps[start.min(self.steps.len())..self.steps.len().min(start + period)];
        let Some(How::Regrouped { row, column }) = self.steps.get(now).map(|step| &step.how) else {
            return;
        };
        let index = now - start;
        let count = block.len();
        let side = (rect.width() / (count as f32 + 3.0)).clamp(13.0, 40.0);
        let fitting = ((rect.width() / side) as usize)
            .saturating_sub(3)
            .clamp(1, count.max(1));
        // A long block shows the part around the letter that is made.
        let first = index.saturating_sub(fitting / 2).min(count - fitting);
        let left = rect.center().x - side * (fitting as f32 - 3.0) / 2.0;
        let top = rect.center().y - side * 2.4;
        let places: Vec<usize> = block
            .iter()
            .filter_map(|step| step.outputs.first().copied())
            .collect();
        let lines = self.lines(&places, direction);
        let lit = |line: usize, column_at: usize| -> bool {
            let letter = match direction {
                Direction::Encrypt => places.get(column_at).copied(),
                // Ciphertext letters lie two digits each along the lines.
                Direction::Decrypt => places.get((line * count + column_at) / 2).copied(),
            };
            let half = match direction {
                Direction::Encrypt if line == 0 => Half::Row,
                Direction::Encrypt => Half::Column,
                Direction::Decrypt if (line * count + column_at).is_multiple_of(2) => Half::Row,
                Direction::Decrypt => Half::Column,
            };
            let is = |fraction: &Fraction| Some(fraction.input) == letter && fraction.half == half;
            is(row) || is(column)
        };
        let cell = |line: f32, column: usize, sign: String, fill: Color32, ink: Color32| {
            let corner = pos2(left + (column - first) as f32 * side, top + line * side);
            let cell = Rect::from_min_size(corner, vec2(side, side)).shrink(1.0);
            painter.rect(cell, 4, fill, Stroke::NONE, StrokeKind::Inside);
            let font = fonts::mono((side * 0.54).clamp(7.0, 17.0));
            painter.text(cell.center(), Align2::CENTER_CENTER, sign, font, ink);
        };
        let names = match direction {
            Direction::Encrypt => ["Text", "Row", "Column", "Cipher"],
            Direction::Decrypt => ["Cipher", "Row", "Column", "Text"],
        };
        for (line, name) in [0.0, 1.15, 2.15, 3.45].into_iter().zip(names) {
            let at = pos2(left - 10.0, top + (line + 0.5) * side);
            painter.text(
                at,
                Align2::RIGHT_CENTER,
                name,
                fonts::regular(fonts::SMALL),
                p.text_weak,
            );
        }
        for at in first..first + fitting {
            let letter = places.get(at).and_then(|&place| self.input.get(place));
            let source = places.get(at).copied();
            let taken = source == Some(row.input) || source == Some(column.input);
            let (fill, ink) = match taken {
                true => (p.warning_soft, p.warning),
                false => (p.surface_3, p.text_strong),
            };
            cell(
                0.0,
                at,
                letter.map(char::to_string).unwrap_or_default(),
                fill,
                ink,
            );
            for (line, digits) in lines.iter().enumerate() {
                let on = lit(line, at);
                let (fill, ink) = match on {
                    true => (p.accent, p.on_accent),
                    false => (p.surface_2, p.text),
                };
                let digit = digits.get(at).map(|digit| (digit + 1).to_string());
                cell(1.15 + line as f32, at, digit.unwrap_or_default(), fill, ink);
            }
            let made = block.get(at).filter(|_| at <= index).map(|step| step.to.clone());
            let (fill, ink) = match at == index {
                true => (p.accent, p.on_accent),
                false => (p.accent_soft, p.text_strong),
            };
            cell(3.45, at, made.unwrap_or_default(), fill, ink);
        }
    }

    /// The two lines of digits of a block.
    fn lines(&self, places: &[usize], direction: Direction) -> [Vec<usize>; 2] {
        let cells = places.iter().map(|&place| {
            let letter = self.input.get(place).map_or('A', char::to_ascii_uppercase);
            let letter = if letter == 'J' { 'I' } else { letter };
            self.cells.iter().position(|&c| c == letter).unwrap_or(0)
        });
        match direction {
            Direction::Encrypt => {
                let cells: Vec<usize> = cells.collect();
                [
                    cells.iter().map(|cell| cell / 5).collect(),
                    cells.iter().map(|cell| cell % 5).collect(),
                ]
            }
            Direction::Decrypt => {
                let digits: Vec<usize> = cells.flat_map(|cell| [cell / 5, cell % 5]).collect();
                let (rows, columns) = digits.split_at(places.len());
                [rows.to_vec(), columns.to_vec()]
            }
        }
    }
}
