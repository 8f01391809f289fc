//! The scenes of places: the transposition grid, the rail fence, the squares of letters.

use egui::{Align2, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

use crate::ciphers::Direction;
use crate::ciphers::step::{Cell, DigraphRule, Half, How, Step};
use crate::ui::theme::{Palette, fonts};

/// When a step's letter is written, and when it is read: both by index among all steps.
fn times(steps: &[Step]) -> (Vec<usize>, Vec<usize>) {
    let rank = |of: &dyn Fn(&Step) -> usize| {
        let mut order: Vec<usize> = (0..steps.len()).collect();
        order.sort_by_key(|&step| of(&steps[step]));
        let mut rank = vec![0; steps.len()];
        order
            .iter()
            .enumerate()
            .for_each(|(place, &step)| rank[step] = place);
        rank
    };
    let first = |places: &[usize]| places.first().copied().unwrap_or(usize::MAX);
    (
        rank(&|step| first(&step.inputs)),
        rank(&|step| first(&step.outputs)),
    )
}

/// The grid of a columnar transposition: written by rows, read by columns in their order, or the other way round.
pub(super) fn columns(
    painter: &Painter,
    rect: Rect,
    widths: &[usize],
    steps: &[Step],
    now: usize,
    direction: Direction,
    p: &Palette,
) {
    let count = steps.len();
    let (written, read) = times(steps);
    // Two passes stand side by side: the first is written while the text goes in, the second is read as it comes out.
    let room = rect.width() / widths.len().max(1) as f32;
    for (pass, &width) in widths.iter().enumerate() {
        let part = Rect::from_min_size(
            pos2(rect.left() + pass as f32 * room, rect.top()),
            vec2(room - 8.0, rect.height()),
        );
        let places: Vec<Option<(Cell, usize)>> = steps
            .iter()
            .map(|step| match &step.how {
                How::Grid { passes } => passes.get(pass).map(|place| (place.cell, place.order)),
                _ => None,
            })
            .collect();
        let rows = places
            .iter()
            .flatten()
            .map(|(cell, _)| cell.row + 1)
            .max()
            .unwrap_or(1);
        let side = (part.width() / width.max(1) as f32)
            .min(part.height() / (rows as f32 + 1.2))
            .min(40.0);
        let left = part.center().x - side * width as f32 / 2.0;
        let top = part.center().y - side * (rows as f32 + 1.0) / 2.0;
        let cell_rect = |cell: Cell| {
            let corner = pos2(
                left + cell.column as f32 * side,
                top + (cell.row as f32 + 1.0) * side,
            );
            Rect::from_min_size(corner, vec2(side, side)).shrink(1.0)
        };
        let font = fonts::mono((side * 0.56).clamp(6.0, 18.0));
        let reading = now.checked_sub(count);
        let current = match reading {
            Some(now) => read.iter().position(|&place| place == now),
            None => written.iter().position(|&place| place == now),
        };
        let lit_column = current.and_then(|step| places[step]).map(|(cell, _)| cell.column);
        for column in 0..width {
            let order = places
                .iter()
                .flatten()
                .find(|(cell, _)| cell.column == column)
                .map(|(_, order)| order + 1);
            let head = pos2(left + (column as f32 + 0.5) * side, top + side * 0.5);
            let on = lit_column == Some(column) && reading.is_some() == (direction == Direction::Encrypt);
            let color = if on { p.accent } else { p.text_weak };
            if on {
                painter.circle_filled(head, side * 0.42, p.accent_soft);
            }
            if let Some(order) = order {
                let font = fonts::semibold((side * 0.44).clamp(6.0, 15.0));
                painter.text(head, Align2::CENTER_CENTER, order, font, color);
            }
        }
        for (step, place) in places.iter().enumerate() {
            let Some((cell, order)) = place else { continue };
            let rect = cell_rect(*cell);
            let is_written = reading.is_some() || written[step] <= now;
            let is_read = reading.is_some_and(|now| read[step] <= now);
            let on = current == Some(step);
            let fill = match (on, is_read, is_written) {
                (true, ..) => p.accent,
                (_, true, _) => p.series[*order % p.series.len()].gamma_multiply(0.3),
                (_, _, true) => p.surface_3,
                _ => p.surface_1,
            };
            painter.rect(rect, 4, fill, Stroke::new(1.0, p.border), StrokeKind::Inside);
            if is_written {
                let letter = steps[step].from.chars().next().unwrap_or(' ');
                let ink = if on { p.on_accent } else { p.text_strong };
                painter.text(rect.center(), Align2::CENTER_CENTER, letter, font.clone(), ink);
            }
        }
    }
}

/// The zigzag: written along it, read rail by rail.
pub(super) fn rails(
    painter: &Painter,
    rect: Rect,
    rails: usize,
    steps: &[Step],
    now: usize,
    direction: Direction,
    p: &Palette,
) {
    let count = steps.len();
    let (written, read) = times(steps);
    let places: Vec<(usize, usize)> = steps
        .iter()
        .map(|step| match step.how {
            How::Rail { rail, place } => (rail, place),
            _ => (0, 0),
        })
        .collect();
    let step_x = (rect.width() / count.max(1) as f32).min(46.0);
    let step_y = (rect.height() / rails.max(1) as f32).min(70.0);
    let left = rect.center().x - step_x * count as f32 / 2.0;
    let top = rect.center().y - step_y * rails as f32 / 2.0;
    let point = |rail: usize, place: usize| {
        pos2(
            left + (place as f32 + 0.5) * step_x,
            top + (rail as f32 + 0.5) * step_y,
        )
    };
    for rail in 0..rails {
        let y = point(rail, 0).y;
        painter.hline(rect.x_range(), y, Stroke::new(1.0, p.border));
    }
    let mut way: Vec<(usize, Pos2)> = places
        .iter()
        .map(|&(rail, place)| (place, point(rail, place)))
        .collect();
    way.sort_by_key(|(place, _)| *place);
    let reading = now.checked_sub(count);
    // Encrypting writes along the zigzag; decrypting reads along it.
    let along = match (direction, reading) {
        (Direction::Encrypt, None) => now + 1,
        (Direction::Decrypt, None) => 0,
        (Direction::Encrypt, Some(_)) => count,
        (Direction::Decrypt, Some(now)) => now + 1,
    };
    for pair in way.windows(2).take(along.saturating_sub(1)) {
        painter.line_segment(
            [pair[0].1, pair[1].1],
            Stroke::new(2.0, p.accent.gamma_multiply(0.45)),
        );
    }
    let current = match reading {
        Some(now) => read.iter().position(|&place| place == now),
        None => written.iter().position(|&place| place == now),
    };
    let radius = (step_x * 0.48).min(step_y * 0.42).clamp(5.0, 17.0);
    for (step, &(rail, place)) in places.iter().enumerate() {
        let is_written = reading.is_some() || written[step] <= now;
        let is_read = reading.is_some_and(|now| read[step] <= now);
        let on = current == Some(step);
        let fill = match (on, is_read, is_written) {
            (true, ..) => p.accent,
            (_, true, _) => p.accent_soft,
            (_, _, true) => p.surface_3,
            _ => p.surface_1,
        };
        let at = point(rail, place);
        painter.circle(at, radius, fill, Stroke::new(1.0, p.outline));
        if is_written {
            let letter = steps[step].from.chars().next().unwrap_or(' ');
            let ink = if on { p.on_accent } else { p.text_strong };
            let font = fonts::mono((radius * 1.15).clamp(6.0, 17.0));
            painter.text(at, Align2::CENTER_CENTER, letter, font, ink);
        }
    }
}

/// A square of letters, with names for its rows and columns.
pub(super) struct Letters<'a> {
    pub cells: &'a [char],
    pub width: usize,
    pub names: &'a [char],
}

impl Letters<'_> {
    /// Draws it with the cells of the step lit.
    pub fn paint(&self, painter: &Painter, rect: Rect, step: Option<&Step>, p: &Palette) {
        let headed = usize::from(!self.names.is_empty());
        let count = (self.width + headed) as f32;
        let side = (rect.height() / count).min(rect.width() / count).min(64.0);
        let left = rect.center().x - side * count / 2.0 + headed as f32 * side;
        let top = rect.center().y - side * count / 2.0 + headed as f32 * side;
        let place = |cell: &Cell| {
            let corner = pos2(left + cell.column as f32 * side, top + cell.row as f32 * side);
            Rect::from_min_size(corner, vec2(side, side)).shrink(1.5)
        };
        let (from, to) = self.lit(step);
        let font = fonts::mono((side * 0.5).clamp(8.0, 24.0));
        for (number, &letter) in self.cells.iter().enumerate() {
            let cell = Cell {
                row: number / self.width,
                column: number % self.width,
            };
            let rect = place(&cell);
            let (fill, ink) = match (to.contains(&cell), from.contains(&cell)) {
                (true, _) => (p.accent, p.on_accent),
                (_, true) => (p.warning_soft, p.warning),
                _ => (p.surface_3, p.text_strong),
            };
            painter.rect(rect, 6, fill, Stroke::NONE, StrokeKind::Inside);
            painter.text(rect.center(), Align2::CENTER_CENTER, letter, font.clone(), ink);
        }
        for (number, name) in self.names.iter().enumerate() {
            let lit_row = to.iter().chain(&from).any(|cell| cell.row == number);
            let lit_column = to.iter().chain(&from).any(|cell| cell.column == number);
            let color = |lit: bool| if lit { p.accent } else { p.text_weak };
            let row = pos2(left - side * 0.5, top + (number as f32 + 0.5) * side);
            let column = pos2(left + (number as f32 + 0.5) * side, top - side * 0.5);
            painter.text(row, Align2::CENTER_CENTER, name, font.clone(), color(lit_row));
            painter.text(
                column,
                Align2::CENTER_CENTER,
                name,
                font.clone(),
                color(lit_column),
            );
        }
        if let Some(How::Digraph { rule, from, to }) = step.map(|step| &step.how) {
            let stroke = Stroke::new(2.5, p.accent.gamma_multiply(0.8));
            match rule {
                DigraphRule::Rectangle => {
                    let frame = place(&from[0]).union(place(&from[1]));
                    painter.rect_stroke(frame.expand(2.0), 8, stroke, StrokeKind::Outside);
                }
                DigraphRule::Row | DigraphRule::Column => {
                    for (a, b) in from.iter().zip(to) {
                        let line = [place(a).center(), place(b).center()];
                        painter.arrow(line[0], line[1] - line[0], stroke);
                    }
                }
            }
        }
    }

    /// The cells that a step takes from, and those that it goes to.
    fn lit(&self, step: Option<&Step>) -> (Vec<Cell>, Vec<Cell>) {
        match step.map(|step| &step.how) {
            Some(How::Digraph { from, to, .. }) => (from.to_vec(), to.to_vec()),
            Some(How::Square { cell } | How::Fractionated { cell, .. } | How::Joined { cell, .. }) => {
                (Vec::new(), vec![*cell])
            }
            Some(How::Regrouped { row, column }) => {
                let value = |half: Half| {
                    if half == Half::Row {
                        row.value
                    } else {
                        column.value
                    }
                };
                let cell = Cell {
                    row: value(Half::Row),
                    column: value(Half::Column),
                };
                (Vec::new(), vec![cell])
            }
            _ => (Vec::new(), Vec::new()),
        }
    }
}
