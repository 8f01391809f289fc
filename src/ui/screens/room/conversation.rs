//! What was said, scrolled: only the rows in sight are drawn; the newest stays in sight while it is.

use std::collections::{HashMap, HashSet};

use egui::{EventFilter, Key, Modifiers, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::marks;
use super::message::{Badge, Bubble, BubbleResponse};
use super::rows::{Row, RowKind, Rows, Shift, said};
use crate::session::{Fingerprint, MessageId, MessageLine, Transcript, Trust, clean};
use crate::ui::clock::Clock;
use crate::ui::theme::{Tone, icons};
use crate::ui::widgets::{Banner, Button};

/// The scrolled conversation of one room.
#[derive(Debug)]
pub struct Conversation {
    rows: Rows,
    offset: f32,
    /// The largest offset of the last frame.
    most_before: f32,
    /// Whether the newest row is in sight and is to stay there.
    at_end: bool,
    unread_from: Option<usize>,
    /// Whether the reader comes from another screen.
    returning: bool,
    expanded: HashSet<MessageId>,
    /// The row that the tab key stops at; the last message when none was chosen.
    chosen: Option<usize>,
    wants_focus: bool,
    bring_into_sight: Option<usize>,
    alarms_acknowledged: usize,
    /// Whether this is a private conversation.
    private: bool,
}

impl Default for Conversation {
    fn default() -> Self {
        Self {
            rows: Rows::default(),
            offset: 0.0,
            most_before: 0.0,
            at_end: true,
            unread_from: None,
            returning: true,
            expanded: HashSet::new(),
            chosen: None,
            wants_focus: false,
            bring_into_sight: None,
            alarms_acknowledged: 0,
            private: false,
        }
    }
}

/// What the reader wants of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Signature, id and fingerprint.
    Details(MessageId),
    /// The text on the clipboard.
    Copy(String),
    /// The text in the composer.
    Again(String),
    /// The frame that carried it.
    Inside(MessageId),
    /// The challenge that it carries.
    Challenge(String),
    /// What classical ciphers would have made of it.
    Classical(String),
    /// To whom it was delivered.
    ToWhom(MessageId),
    /// What was said before, from the disk.
    Earlier {
        /// The room's id.
        id: [u8; 32],
        /// The first entry that is here.
        before: u64,
    },
}

impl Conversation {
    /// Says that this conversation is private: its messages are sealed between two, not signed for all.
    pub fn private(mut self) -> Conversation {
        self.private = true;
        self
    }

    /// Goes to the newest row, as after sending.
    pub fn go_to_end(&mut self) {
        self.at_end = true;
        self.forget_unread_row();
        self.unread_from = None;
    }

    /// Forgets the unread line, when the room is left for another screen.
    pub fn leave(&mut self) {
        self.forget_unread_row();
        self.unread_from = None;
        self.returning = true;
    }

    /// Draws the conversation into the rest of `ui`.
    pub fn show_ui(
        &mut self,
        ui: &mut Ui,
        transcript: &mut Transcript,
        names: &HashMap<Fingerprint, String>,
        clock: &Clock,
    ) -> Option<Wanted> {
        self.alarm_ui(ui, transcript);
        let area = ui.available_rect_before_wrap();
        let width = (area.width() - 2.0 * MARGIN).min(WIDEST);
        self.mark_unread(ui, transcript);

        let anchor = (!self.at_end && self.rows.len() > 0).then(|| {
            let row = self.rows.at(self.offset);
            (row, self.offset - self.rows.top(row))
        });
        let shift = self.rows.sync(transcript, clock, width);
        let anchor = anchor.map(|(row, within)| (row + shift.rows, within));
        self.shift(shift);
        let expanded = std::mem::take(&mut self.expanded);
        let mut context = Context {
            transcript,
            names,
            clock,
            width,
            expanded: &expanded,
            unread_row: None,
            private: self.private,
        };
        context.unread_row = self.unread_from.and_then(|line| self.rows.of_line(line));
        self.place(ui, &context, anchor, area.height());

        let total = self.rows.total() + BELOW;
        let pad = (area.height() - total).max(0.0);
        let most = (total - area.height()).max(0.0);
        // egui springs back to the height that the content had before. So the rows stand where they are
        // wanted, and the scroll area only says by how much the user moved them.
        let mut begun_at = 0.0;
        let pushed =
            ui.input(|input| input.pointer.any_down() || input.smooth_scroll_delta() != egui::Vec2::ZERO);
        let (mut wanted, mut expand) = (None, None);
        let shown = ScrollArea::vertical()
            .id_salt("conversation")
            .auto_shrink(false)
            .vertical_scroll_offset(self.offset.min(self.most_before))
            .show_viewport(ui, |ui, viewport| {
                begun_at = viewport.top();
                ui.set_height(total + pad);
                let left = (area.center().x - width / 2.0).round();
                let top = area.top() + pad - self.offset;
                let first = self.rows.at(self.offset - pad);
                for place in first..self.rows.len() {
                    let y = self.rows.top(place);
                    if top + y > area.bottom() {
                        break;
                    }
                    let Some(row) = self.rows.row(place).copied() else {
                        break;
                    };
                    let rect = Rect::from_min_size(pos2(left, (top + y).round()), vec2(width, row.height));
                    let answer = self.row_ui(ui, &context, place, &row, rect);
                    if let Some((id, response)) = answer {
                        if response.expand {
                            expand = Some((place, id));
                        }
                        wanted = wanted.take().or(as_wanted(&row, &context, id, &response));
                    }
                }
            });
        self.most_before = most;
        if (begun_at - self.offset).abs() > 0.5 {
            ui.ctx().request_repaint();
        }
        let moved = shown.state.unclamped_offset().y - begun_at;
        let by_hand = pushed || shown.state.velocity() != egui::Vec2::ZERO;
        if by_hand && moved != 0.0 {
            self.offset = (self.offset + moved).clamp(0.0, most);
            self.at_end = self.offset >= most - 2.0;
        } else {
            self.at_end |= self.offset >= most - 2.0;
        }
        self.expanded = expanded;
        if let Some((place, id)) = expand {
            if !self.expanded.remove(&id) {
                self.expanded.insert(id);
            }
            self.rows.forget(place);
            // Reading on from where the button was, rather than jumping to the newest.
            self.at_end = false;
            ui.ctx().request_repaint();
        }
        self.jump_ui(ui, area, transcript);
        wanted.or_else(|| self.earlier(transcript, area.height()))
    }

    /// What was said before is asked for while there is still something above to look at.
    fn earlier(&self, transcript: &mut Transcript, height: f32) -> Option<Wanted> {
        let (id, before) = transcript
            .wants_earlier()
            .filter(|_| self.offset < 2.0 * height)?;
        transcript.asked_earlier();
        Some(Wanted::Earlier { id, before })
    }

    /// Earlier lines came in front: what is remembered by its place stands further behind.
    fn shift(&mut self, shift: Shift) {
        for place in [&mut self.chosen, &mut self.bring_into_sight] {
            *place = place.map(|place| place + shift.rows);
        }
        self.unread_from = self.unread_from.map(|line| line + shift.lines);
    }

    /// Follows what was read. The unread line stays until the reader leaves or answers.
    fn mark_unread(&mut self, ui: &Ui, transcript: &mut Transcript) {
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

    fn forget_unread_row(&mut self) {
        if let Some(row) = self.unread_from.and_then(|line| self.rows.of_line(line)) {
            self.rows.forget(row);
        }
    }

    /// Measures what is near, and finds the offset that keeps the anchor where it is.
    fn place(&mut self, ui: &Ui, context: &Context<'_>, anchor: Option<(usize, f32)>, height: f32) {
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

    fn row_ui(
        &mut self,
        ui: &mut Ui,
        context: &Context<'_>,
        place: usize,
        row: &Row,
        rect: Rect,
    ) -> Option<(MessageId, BubbleResponse)> {
        let salt = match row.kind {
            RowKind::Message { waiting: true, .. } => ("waiting", row.index),
            _ => ("line", row.index),
        };
        let mut ui = ui.new_child(UiBuilder::new().id_salt(salt).max_rect(rect));
        let mut rest = rect;
        if let Some(day) = row.day {
            let (above, below) = rest.split_top_bottom_at_y(rest.top() + marks::DAY_HEIGHT);
            marks::day_ui(&ui, above, &context.clock.day_name(day));
            rest = below;
        }
        if context.unread_row == Some(place) {
            let (above, below) = rest.split_top_bottom_at_y(rest.top() + marks::UNREAD_HEIGHT);
            marks::unread_ui(&ui, above);
            rest = below;
        }
        let Some(bubble) = context.bubble(row) else {
            marks::mark_ui(&mut ui, rest, row, context.transcript);
            return None;
        };
        let id = bubble.message.id;
        let reachable = self.chosen.unwrap_or(self.last_message()) == place;
        let mut answer = bubble.show_ui(&mut ui, rest, reachable);
        if let Some(response) = answer.response.take() {
            if reachable && self.wants_focus {
                response.request_focus();
                self.wants_focus = false;
            }
            if response.has_focus() {
                self.keys(&ui, place, response.id, &mut answer);
            }
        }
        Some((id, answer))
    }

    /// Up and down move among the messages, Enter shows details, copying copies.
    fn keys(&mut self, ui: &Ui, place: usize, id: egui::Id, answer: &mut BubbleResponse) {
        let arrows = EventFilter {
            vertical_arrows: true,
            ..Default::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
        let (up, down, enter, copy) = ui.input_mut(|input| {
            (
                input.consume_key(Modifiers::NONE, Key::ArrowUp),
                input.consume_key(Modifiers::NONE, Key::ArrowDown),
                input.consume_key(Modifiers::NONE, Key::Enter),
                input
                    .events
                    .iter()
                    .any(|event| matches!(event, egui::Event::Copy)),
            )
        });
        answer.details |= enter;
        answer.copy |= copy;
        let is_message = |row: &Row| matches!(row.kind, RowKind::Message { .. });
        let next = match (up, down) {
            (true, false) => (0..place)
                .rev()
                .find(|place| self.rows.row(*place).is_some_and(is_message)),
            (false, true) => {
                (place + 1..self.rows.len()).find(|place| self.rows.row(*place).is_some_and(is_message))
            }
            _ => None,
        };
        if let Some(next) = next {
            self.chosen = Some(next);
            self.wants_focus = true;
            self.bring_into_sight = Some(next);
            ui.ctx().request_repaint();
        }
    }

    fn last_message(&self) -> usize {
        let is_message = |place: &usize| {
            self.rows
                .row(*place)
                .is_some_and(|row| matches!(row.kind, RowKind::Message { .. }))
        };
        (0..self.rows.len()).rev().find(is_message).unwrap_or(0)
    }

    /// A strip above the conversation until the reader has put the last alarm away.
    fn alarm_ui(&mut self, ui: &mut Ui, transcript: &Transcript) {
        let Some(line) = self.rows.alarms.last().copied() else {
            return;
        };
        let Some(crate::session::Line::Alarm { text }) = transcript.lines().get(line) else {
            return;
        };
        if self.rows.alarms.len() <= self.alarms_acknowledged {
            return;
        }
        let text = clean::reveal_line(text);
        let answer = egui::Frame::new()
            .inner_margin(egui::Margin::symmetric(16, 8))
            .show(ui, |ui| {
                Banner::new(Tone::Danger, &text)
                    .title(marks::ALARM_TITLE)
                    .action("Show in the conversation")
                    .closable()
                    .show(ui)
            })
            .inner;
        if answer.action {
            self.bring_into_sight = self.rows.of_line(line);
        }
        if answer.action || answer.closed {
            self.alarms_acknowledged = self.rows.alarms.len();
        }
    }

    fn jump_ui(&mut self, ui: &mut Ui, area: Rect, transcript: &mut Transcript) {
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
            transcript.mark_read();
            ui.ctx().request_repaint();
        }
    }
}

/// What every row needs to be measured and drawn.
struct Context<'a> {
    transcript: &'a Transcript,
    names: &'a HashMap<Fingerprint, String>,
    clock: &'a Clock,
    width: f32,
    expanded: &'a HashSet<MessageId>,
    unread_row: Option<usize>,
    private: bool,
}

/// What stands beside an author's name.
fn badge(transcript: &Transcript, author: &Fingerprint) -> Badge {
    let sign = match transcript.author_trust(author) {
        Some(Trust::Verified) => Some((icons::SEAL_CHECK, Tone::Success, "verified by you")),
        Some(Trust::Differed) => Some((icons::SHIELD_WARNING, Tone::Danger, "emoji differed")),
        Some(Trust::Changed { .. }) => Some((icons::SHIELD_WARNING, Tone::Danger, "key changed")),
        Some(Trust::Blocked) => Some((icons::EYE_SLASH, Tone::Neutral, "blocked by you")),
        _ => None,
    };
    Badge {
        sign,
        digits: transcript.is_alike(author).then(|| author.short()),
        folded: transcript.author_trust(author) == Some(Trust::Blocked),
    }
}

impl Context<'_> {
    fn bubble(&self, row: &Row) -> Option<Bubble<'_>> {
        let RowKind::Message { starts, .. } = row.kind else {
            return None;
        };
        let message = said(row, self.transcript)?;
        Some(Bubble {
            message,
            starts,
            expanded: self.expanded.contains(&message.id),
            badge: badge(self.transcript, &message.author),
            clock: self.clock,
            names: self.names,
            private: self.private,
        })
    }

    fn height(&self, ui: &Ui, place: usize, row: &Row) -> f32 {
        let own = match self.bubble(row) {
            Some(bubble) => bubble.height(ui, self.width),
            None => marks::height(ui, row, self.transcript, self.width),
        };
        let day = if row.day.is_some() { marks::DAY_HEIGHT } else { 0.0 };
        let unread = if self.unread_row == Some(place) {
            marks::UNREAD_HEIGHT
        } else {
            0.0
        };
        own + day + unread
    }
}

fn as_wanted(row: &Row, context: &Context<'_>, id: MessageId, response: &BubbleResponse) -> Option<Wanted> {
    let message: &MessageLine = said(row, context.transcript)?;
    if response.details {
        Some(Wanted::Details(id))
    } else if response.copy {
        Some(Wanted::Copy(clean::reveal(&message.text).into_owned()))
    } else if response.again {
        Some(Wanted::Again(message.text.clone()))
    } else if response.to_whom {
        Some(Wanted::ToWhom(id))
    } else if response.inside {
        Some(Wanted::Inside(id))
    } else if response.challenge {
        Some(Wanted::Challenge(message.text.clone()))
    } else if response.classical {
        Some(Wanted::Classical(clean::reveal(&message.text).into_owned()))
    } else {
        None
    }
}

const MARGIN: f32 = 20.0;
const WIDEST: f32 = 940.0;
const BELOW: f32 = 14.0;
