//! One row of a conversation: its day and its line of new messages, its bubble, its keys, and what is wanted of it.

use std::collections::{HashMap, HashSet};

use egui::{EventFilter, Key, Modifiers, Rect, Ui, UiBuilder};

use super::{Conversation, Wanted};
use crate::session::{Fingerprint, MessageId, MessageLine, Transcript, Trust, VerifiedBy, clean};
use crate::ui::clock::Clock;
use crate::ui::screens::room::marks;
use crate::ui::screens::room::message::{Badge, Bubble, BubbleResponse};
use crate::ui::screens::room::rows::{Row, RowKind, said};
use crate::ui::theme::{Tone, icons};

/// What every row needs to be measured and drawn.
pub(super) struct Context<'a> {
    pub transcript: &'a Transcript,
    pub names: &'a HashMap<Fingerprint, String>,
    pub clock: &'a Clock,
    pub width: f32,
    pub expanded: &'a HashSet<MessageId>,
    pub unread_row: Option<usize>,
    /// The row that the tab key stops at.
    pub tab_stop: Option<usize>,
    pub private: bool,
}

impl Conversation {
    pub(super) fn row_ui(
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
        let reachable = context.tab_stop == Some(place);
        let mut answer = bubble.show_ui(&mut ui, rest, reachable);
        if let Some(response) = answer.response.take() {
            if reachable && self.wants_focus {
                response.request_focus();
                self.wants_focus = false;
            }
            if response.has_focus() {
                // It keeps the keyboard when others come below it.
                self.chosen = Some(id);
                self.keys(&ui, context, place, response.id, &mut answer);
            }
        }
        Some((id, answer))
    }

    /// Up and down move among the messages, Enter shows details, copying copies.
    fn keys(
        &mut self,
        ui: &Ui,
        context: &Context<'_>,
        place: usize,
        id: egui::Id,
        answer: &mut BubbleResponse,
    ) {
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
        let message_at = |place: usize| Some((place, self.message_at(context.transcript, place)?));
        let next = match (up, down) {
            (true, false) => (0..place).rev().find_map(message_at),
            (false, true) => (place + 1..self.rows.len()).find_map(message_at),
            _ => None,
        };
        if let Some((next, id)) = next {
            self.chosen = Some(id);
            self.wants_focus = true;
            self.bring_into_sight = Some(next);
            ui.ctx().request_repaint();
        }
    }

    /// The row that the tab key stops at, of those between two heights of the conversation: the message that was
    /// chosen, else the last one of which all is in sight, else the last one.
    pub(super) fn tab_stop(&self, transcript: &Transcript, from: f32, to: f32) -> Option<usize> {
        let in_sight = (self.rows.at(from)..self.rows.len()).take_while(|place| self.rows.top(*place) <= to);
        let messages: Vec<(usize, MessageId)> = in_sight
            .filter_map(|place| Some((place, self.message_at(transcript, place)?)))
            .collect();
        let chosen = messages.iter().find(|(_, id)| self.chosen == Some(*id));
        let whole = messages.iter().rfind(|(place, _)| self.rows.top(place + 1) <= to);
        let (place, _) = chosen.or(whole).or(messages.last())?;
        Some(*place)
    }

    /// The message of a row, if it is one.
    pub(super) fn message_at(&self, transcript: &Transcript, place: usize) -> Option<MessageId> {
        said(self.rows.row(place)?, transcript).map(|message| message.id)
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

    pub(super) fn height(&self, ui: &Ui, place: usize, row: &Row) -> f32 {
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

/// What stands beside an author's name.
fn badge(transcript: &Transcript, author: &Fingerprint) -> Badge {
    let sign = match transcript.author_trust(author) {
        Some(Trust::Verified) => Some((icons::SEAL_CHECK, Tone::Success, "verified by you")),
        Some(Trust::Differed(VerifiedBy::Emoji)) => {
            Some((icons::SHIELD_WARNING, Tone::Danger, "emoji differed"))
        }
        Some(Trust::Differed(_)) => Some((icons::SHIELD_WARNING, Tone::Danger, "number differed")),
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

pub(super) fn as_wanted(
    row: &Row,
    context: &Context<'_>,
    id: MessageId,
    response: &BubbleResponse,
) -> Option<Wanted> {
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
