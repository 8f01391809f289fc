//! Where the reader is: rows are measured as they come near, and stay where they are when something comes in front.

use egui::{Rect, Ui, UiBuilder, pos2, vec2};

use super::row::Context;
use super::{BELOW, Conversation, Wanted};
use crate::session::Transcript;
use crate::ui::screens::room::rows::Shift;
use crate::ui::theme::icons;
use crate::ui::widgets::Button;

/// So many entries are read back at most to find what the reader came for.
const FARTHEST: u64 = 10_000;

impl Conversation {
    /// What was said before is asked for while there is still something above to look at.
    pub(super) fn earlier(&mut self, transcript: &mut Transcript, height: f32) -> Option<Wanted> {
        let (id, before) = transcript.wants_earlier()?;
        if self
            .sought
            .take_if(|sought| sought.n.saturating_add(FARTHEST) < before)
            .is_some()
        {
            return Some(Wanted::TooFarBack);
        }
        let is_further_up = self.sought.as_ref().is_some_and(|sought| sought.n < before);
        if !is_further_up && self.offset >= 2.0 * height {
            return None;
        }
        transcript.asked_earlier();
        Some(Wanted::Earlier { id, before })
    }

    /// Brings what the reader came for into sight, and gives it the keyboard, once it is here.
    pub(super) fn find_sought(&mut self, transcript: &Transcript) {
        let Some(sought) = &self.sought else {
            return;
        };
        let line = transcript.lines().iter().rposition(|line| sought.is(line));
        if let Some(row) = line.and_then(|line| self.rows.of_line(line)) {
            (self.chosen, self.bring_into_sight) = (self.message_at(transcript, row), Some(row));
            (self.wants_focus, self.sought) = (true, None);
        }
    }

    /// Earlier lines came in front: what is remembered by its place stands further behind.
    pub(super) fn shift(&mut self, shift: Shift) {
        self.bring_into_sight = self.bring_into_sight.map(|place| place + shift.rows);
        self.unread_from = self.unread_from.map(|line| line + shift.lines);
    }

    /// Follows what was read. The unread line stays until the reader leaves or answers.
    pub(super) fn mark_unread(&mut self, ui: &Ui, transcript: &mut Transcript) {
        let unread = transcript.unread_messages() > 0;
        let seen = self.at_end && ui.input(|input| input.focused);
        if unread
            && self
                .unread_from
                .is_none_or(|line| line < transcript.read() && !seen)
        {
            self.forget_unread_row();
            // Arriving while one reads along needs no line.
            self.unread_from = (!seen || self.returning)
                .then(|| transcript.read())
                .filter(|line| *line > 0);
            self.forget_unread_row();
        }
        self.returning = false;
        if seen {
            transcript.mark_read();
        }
    }

    pub(super) fn forget_unread_row(&mut self) {
        if let Some(row) = self.unread_from.and_then(|line| self.rows.of_line(line)) {
            self.rows.forget(row);
        }
    }

    /// Measures what is near, and finds the offset that keeps the anchor where it is.
    pub(super) fn place(
        &mut self,
        ui: &Ui,
        context: &Context<'_>,
        anchor: Option<(usize, f32)>,
        height: f32,
    ) {
        let last = self.rows.len().saturating_sub(1);
        if let Some(row) = self.bring_into_sight.take() {
            self.measure(ui, context, row, -height);
            self.measure(ui, context, row, height * 2.0);
            self.rows.settle();
            let (top, bottom) = (self.rows.top(row), self.rows.top(row + 1));
            if top < self.offset || bottom > self.offset + height - BELOW {
                self.offset = top - (height - (bottom - top)).max(0.0) / 2.0;
            }
            self.at_end = false;
        } else if let Some((row, within)) = anchor {
            let row = row.min(last);
            self.measure(ui, context, row, -height);
            self.measure(ui, context, row, within + height * 1.5);
            self.rows.settle();
            self.offset = self.rows.top(row) + within;
        } else {
            self.measure(ui, context, last, -1.5 * height);
            self.rows.settle();
            self.offset = f32::INFINITY;
        }
        let most = (self.rows.total() + BELOW - height).max(0.0);
        self.offset = self.offset.clamp(0.0, most);
    }

    /// Measures rows from `from` on, downwards for as many points, upwards where negative.
    fn measure(&mut self, ui: &Ui, context: &Context<'_>, from: usize, points: f32) {
        let mut left = points.abs();
        let mut place = from;
        while left > 0.0 && place < self.rows.len() {
            let Some(row) = self.rows.row(place).copied() else {
                break;
            };
            if self.rows.is_estimated(place) {
                let height = context.height(ui, place, &row);
                self.rows.measured(place, height);
            }
            left -= self.rows.row(place).map_or(0.0, |row| row.height);
            if points < 0.0 {
                let Some(above) = place.checked_sub(1) else {
                    break;
                };
                place = above;
            } else {
                place += 1;
            }
        }
    }

    pub(super) fn jump_ui(&mut self, ui: &mut Ui, area: Rect, transcript: &mut Transcript) {
        if self.at_end {
            return;
        }
        let label = match transcript.unread_messages() {
            0 => "Jump to newest".to_owned(),
            1 => "1 new message".to_owned(),
            unread => format!("{unread} new messages"),
        };
        let size = vec2(190.0, 32.0);
        let at = Rect::from_center_size(pos2(area.center().x, area.bottom() - 30.0), size);
        let mut child = ui.new_child(
            UiBuilder::new()
                .id_salt("jump")
                .max_rect(at)
                .layout(egui::Layout::top_down(egui::Align::Center)),
        );
        let button = Button::secondary(&label).icon(icons::ARROW_DOWN);
        if child.add(button).clicked() {
            self.at_end = true;
            self.chosen = None;
            transcript.mark_read();
            ui.ctx().request_repaint();
        }
    }
}
