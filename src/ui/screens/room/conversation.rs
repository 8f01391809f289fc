//! What was said, scrolled: only the rows in sight are drawn; the newest stays in sight while it is.

mod row;
mod scrolling;

use std::collections::{HashMap, HashSet};

use egui::{Rect, ScrollArea, Ui, pos2, vec2};

use self::row::{Context, as_wanted};
use super::marks;
use super::rows::Rows;
use crate::session::{Fingerprint, FoundMessage, Line, MessageId, Transcript, clean};
use crate::ui::clock::Clock;
use crate::ui::theme::Tone;
use crate::ui::widgets::Banner;

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
    /// The message that the tab key stops at while it is in sight.
    chosen: Option<MessageId>,
    wants_focus: bool,
    bring_into_sight: Option<usize>,
    /// What is brought into sight as soon as it is here.
    sought: Option<Sought>,
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
            sought: None,
            private: false,
        }
    }
}

/// A message that the reader came for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    author: Fingerprint,
    time_ms: u64,
    text: String,
    /// The number of its entry.
    n: u64,
}

impl Sought {
    /// The one that a search found.
    pub fn of(hit: &FoundMessage) -> Sought {
        Sought {
            author: hit.author,
            time_ms: hit.time_ms,
            text: hit.text.clone(),
            n: hit.n,
        }
    }

    fn is(&self, line: &Line) -> bool {
        matches!(line, Line::Message(message)
            if message.author == self.author && message.time_ms == self.time_ms && message.text == self.text)
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
    /// To be told that what the reader came for is too far back to be shown.
    TooFarBack,
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

    /// Goes to a message, as soon as it is here.
    pub fn seek(&mut self, sought: Sought) {
        self.sought = Some(sought);
    }

    /// Goes to the newest row, as after sending.
    pub fn go_to_end(&mut self) {
        self.sought = None;
        self.chosen = None;
        self.at_end = true;
        self.forget_unread_row();
        self.unread_from = None;
    }

    /// Forgets the unread line, when the room is left for another screen.
    pub fn leave(&mut self) {
        self.forget_unread_row();
        self.unread_from = None;
        self.sought = None;
        self.chosen = None;
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
        let sought_alarm = alarm_ui(ui, transcript);
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
        if let Some(line) = sought_alarm {
            self.bring_into_sight = self.rows.of_line(line);
        }
        self.find_sought(transcript);
        let expanded = std::mem::take(&mut self.expanded);
        let mut context = Context {
            transcript,
            names,
            clock,
            width,
            expanded: &expanded,
            unread_row: None,
            tab_stop: None,
            private: self.private,
        };
        context.unread_row = self.unread_from.and_then(|line| self.rows.of_line(line));
        self.place(ui, &context, anchor, area.height());

        let total = self.rows.total() + BELOW;
        let pad = (area.height() - total).max(0.0);
        let seen_from = self.offset - pad;
        context.tab_stop = self.tab_stop(context.transcript, seen_from, seen_from + area.height());
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
                let first = self.rows.at(seen_from);
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
}

/// A strip above the conversation with one alarm at a time, until the reader has put each of them away. Gives the
/// line that is to be brought into sight.
fn alarm_ui(ui: &mut Ui, transcript: &mut Transcript) -> Option<usize> {
    let line = transcript.alarm_to_show()?;
    let Some(Line::Alarm { text } | Line::Alike { text, .. }) = transcript.lines().get(line) else {
        return None;
    };
    let text = clean::reveal_line(text).into_owned();
    let title = match transcript.open_alarms() {
        1 => marks::ALARM_TITLE.to_owned(),
        count => format!("{} (1 of {count})", marks::ALARM_TITLE),
    };
    let answer = egui::Frame::new()
        .inner_margin(egui::Margin::symmetric(16, 8))
        .show(ui, |ui| {
            Banner::new(Tone::Danger, &text)
                .title(&title)
                .action("Show in the conversation")
                .closable()
                .show(ui)
        })
        .inner;
    if answer.action || answer.closed {
        transcript.put_alarm_away(line);
    }
    answer.action.then_some(line)
}

const MARGIN: f32 = 20.0;
const WIDEST: f32 = 940.0;
const BELOW: f32 = 14.0;
