//! The conversation as rows with heights, so that only what is in sight is laid out.
//!
//! A row's height is estimated until the row comes near the window's edge, then measured. Whoever
//! scrolls holds on to a row, not to a number of points, so corrections above it move nothing.

use crate::session::{Line, MessageLine, Transcript};
use crate::ui::clock::Clock;

/// What one row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A message; `starts` a group of one author.
    Message {
        /// Whether it stands in [`Transcript::waiting`].
        waiting: bool,
        /// Whether name and picture are shown.
        starts: bool,
    },
    /// People who joined one after the other, up to this line.
    Joined {
        /// The last line of the run.
        last: usize,
    },
    /// Somebody left.
    Left,
    /// A check failed.
    Alarm,
    /// Something happened to the room.
    Note,
    /// What came while one was away begins.
    Missed,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What it shows.
    pub kind: RowKind,
    /// The line, or the place among the waiting messages.
    pub index: usize,
    /// The day to announce above it.
    pub day: Option<i64>,
    /// How high it is, as far as known.
    pub height: f32,
    measured: bool,
}

/// All rows of one conversation.
#[derive(Debug, Default)]
pub struct Rows {
    rows: Vec<Row>,
    tops: Vec<f32>,
    /// Rows that never change any more.
    settled: usize,
    /// Lines that are in the rows.
    lines: usize,
    version: Option<u64>,
    /// Which authors' messages were folded away when the rows were measured, as [`Transcript::folds`] counts it.
    folds: u64,
    width: f32,
    /// Lines that were put in front so far.
    prepended: usize,
    /// Lines that were taken away so far.
    removed: usize,
}

/// By how much what was known before stands further behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    /// Rows.
    pub rows: usize,
    /// Lines.
    pub lines: usize,
}

impl Rows {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// A row.
    pub fn row(&self, place: usize) -> Option<&Row> {
        self.rows.get(place)
    }

    /// Where a row begins, from the top of the conversation.
    pub fn top(&self, place: usize) -> f32 {
        self.tops.get(place).copied().unwrap_or(0.0)
    }

    /// How high all rows are together.
    pub fn total(&self) -> f32 {
        self.tops.last().copied().unwrap_or(0.0)
    }

    /// The row at a height.
    pub fn at(&self, y: f32) -> usize {
        let after = self.tops.partition_point(|top| *top <= y);
        after.saturating_sub(1).min(self.rows.len().saturating_sub(1))
    }

    /// The row that shows a settled line.
    pub fn of_line(&self, line: usize) -> Option<usize> {
        let settled = self.rows.get(..self.settled).unwrap_or_default();
        let after = settled.partition_point(|row| row.index <= line);
        after.checked_sub(1)
    }

    /// Takes in what is new, and forgets measures when the width changed, or whose messages are folded away. Gives by
    /// how much earlier lines that came in front move everything.
    pub fn sync(&mut self, transcript: &Transcript, clock: &Clock, width: f32) -> Shift {
        let shift = self.take_in_front(transcript, clock);
        // A line was taken away: everything behind it has another place.
        if transcript.lines().len() < self.lines || transcript.removed() != self.removed {
            *self = Rows {
                prepended: transcript.prepended(),
                removed: transcript.removed(),
                ..Rows::default()
            };
        }
        if (self.width - width).abs() > 0.5 {
            self.width = width;
            for row in &mut self.rows {
                row.measured = false;
                row.height = estimate(row, transcript, width);
            }
        }
        if self.folds != transcript.folds() {
            self.folds = transcript.folds();
            for row in &mut self.rows {
                row.measured = false;
            }
        }
        if self.version != Some(transcript.version()) {
            self.version = Some(transcript.version());
            self.rows.truncate(self.settled);
            for index in self.lines..transcript.lines().len() {
                self.append_line(transcript, clock, index);
            }
            self.lines = transcript.lines().len();
            self.settled = self.rows.len();
            for (index, message) in transcript.waiting().iter().enumerate() {
                self.append_message(transcript, clock, index, message, true);
            }
        }
        self.settle();
        shift
    }

    /// Rows for lines that were put in front. The first row behind them is made anew: it may go on a day or
    /// a group now.
    fn take_in_front(&mut self, transcript: &Transcript, clock: &Clock) -> Shift {
        let lines = transcript.prepended().saturating_sub(self.prepended);
        self.prepended = transcript.prepended();
        if lines == 0 || self.lines == 0 {
            return Shift::default();
        }
        let mut before = std::mem::take(&mut self.rows);
        before.truncate(self.settled);
        let first_row_lines = before.get(1).map_or(self.lines, |row| row.index);
        for index in 0..lines + first_row_lines {
            self.append_line(transcript, clock, index);
        }
        let rows = self.rows.len() - 1;
        self.rows.extend(before.into_iter().skip(1).map(|mut row| {
            row.index += lines;
            if let RowKind::Joined { last } = &mut row.kind {
                *last += lines;
            }
            row
        }));
        self.lines += lines;
        self.settled = self.rows.len();
        self.version = None;
        Shift { rows, lines }
    }

    /// Notes the measured height of a row; call [`Rows::settle`] after a run of these.
    pub fn measured(&mut self, place: usize, height: f32) {
        if let Some(row) = self.rows.get_mut(place) {
            row.height = height;
            row.measured = true;
        }
    }

    /// Whether a row's height is only estimated.
    pub fn is_estimated(&self, place: usize) -> bool {
        self.rows.get(place).is_some_and(|row| !row.measured)
    }

    /// Has a row measured again.
    pub fn forget(&mut self, place: usize) {
        if let Some(row) = self.rows.get_mut(place) {
            row.measured = false;
        }
    }

    /// Adds the heights up.
    pub fn settle(&mut self) {
        self.tops.clear();
        self.tops.reserve(self.rows.len() + 1);
        let mut top = 0.0;
        self.tops.push(top);
        for row in &self.rows {
            top += row.height;
            self.tops.push(top);
        }
    }

    fn append_line(&mut self, transcript: &Transcript, clock: &Clock, index: usize) {
        let kind = match &transcript.lines()[index] {
            Line::Message(message) => {
                self.append_message(transcript, clock, index, message, false);
                return;
            }
            Line::Joined { .. } => {
                if let Some(row) = self.rows.last_mut()
                    && let RowKind::Joined { last } = &mut row.kind
                {
                    *last = index;
                    row.measured = false;
                    return;
                }
                RowKind::Joined { last: index }
            }
            Line::Left { .. } => RowKind::Left,
            Line::Alarm { .. } | Line::Alike { .. } => RowKind::Alarm,
            Line::Note { .. } => RowKind::Note,
            Line::Missed => RowKind::Missed,
        };
        self.push(transcript, kind, index, None);
    }

    fn append_message(
        &mut self,
        transcript: &Transcript,
        clock: &Clock,
        index: usize,
        message: &MessageLine,
        waiting: bool,
    ) {
        let day = clock.day(message.time_ms);
        let before = self.rows.iter().rev().find_map(|row| said(row, transcript));
        let new_day = before.is_none_or(|before| clock.day(before.time_ms) != day);
        let follows = self
            .rows
            .last()
            .and_then(|row| said(row, transcript))
            .is_some_and(|last| {
                last.author == message.author && last.time_ms.abs_diff(message.time_ms) < GROUP_MS
            });
        let starts = new_day || !follows;
        let kind = RowKind::Message { waiting, starts };
        self.push(transcript, kind, index, new_day.then_some(day));
    }

    fn push(&mut self, transcript: &Transcript, kind: RowKind, index: usize, day: Option<i64>) {
        let mut row = Row {
            kind,
            index,
            day,
            height: 0.0,
            measured: false,
        };
        row.height = estimate(&row, transcript, self.width);
        self.rows.push(row);
    }
}

/// The message of a row, if it is one.
pub fn said<'a>(row: &Row, transcript: &'a Transcript) -> Option<&'a MessageLine> {
    match row.kind {
        RowKind::Message { waiting: true, .. } => transcript.waiting().get(row.index),
        RowKind::Message { waiting: false, .. } => match transcript.lines().get(row.index) {
            Some(Line::Message(message)) => Some(message),
            _ => None,
        },
        _ => None,
    }
}

/// A guess from the number of bytes; only the scroll bar's length depends on it.
fn estimate(row: &Row, transcript: &Transcript, width: f32) -> f32 {
    let own = match row.kind {
        RowKind::Message { starts, .. } => {
            let bytes = said(row, transcript).map_or(0, |message| message.text.len().min(1500));
            let a_line = (width * 0.6 / 7.0).max(10.0);
            let lines = 1.0 + (bytes as f32 / a_line).floor();
            22.0 + lines * 20.0 + if starts { 24.0 } else { 0.0 }
        }
        RowKind::Alarm => 80.0,
        _ => 28.0,
    };
    own + if row.day.is_some() { 36.0 } else { 0.0 }
}

/// Messages of one author that are closer than this stand in one group.
const GROUP_MS: u64 = 5 * 60 * 1000;
