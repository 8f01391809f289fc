//! How much room a message takes: its text or what stands for it, its name, its footer, what is wrong with it.

use std::sync::Arc;

use egui::{Galley, Ui, vec2};

use super::super::carried::{Carried, carried};
use super::Bubble;
use crate::session::{MessageState, clean};
use crate::ui::screens::grouped;
use crate::ui::theme::{fonts, palette};
use crate::ui::widgets::paint;

/// What a button below a text does.
pub(super) enum More {
    /// Shows all of the text, or its beginning only.
    Text(String),
    /// Opens the challenge that the message carries.
    Challenge,
}

impl More {
    pub(super) fn label(&self) -> &str {
        match self {
            More::Text(label) => label,
            More::Challenge => "Open the challenge",
        }
    }
}

pub(super) struct Layout {
    pub(super) name: Option<Arc<Galley>>,
    pub(super) text: Arc<Galley>,
    pub(super) more: Option<More>,
    pub(super) footer: Arc<Galley>,
    pub(super) footer_width: f32,
    pub(super) fault: Option<Arc<Galley>>,
    pub(super) bubble: egui::Vec2,
    pub(super) above: f32,
    pub(super) height: f32,
}

impl Bubble<'_> {
    /// How high the bubble's row is at this width.
    pub fn height(&self, ui: &Ui, width: f32) -> f32 {
        self.lay_out(ui, width).height
    }

    pub(super) fn lay_out(&self, ui: &Ui, width: f32) -> Layout {
        let p = palette(ui);
        let message = self.message;
        let indent = if message.own { 0.0 } else { indent(width) };
        let widest = ((width - indent) * 0.82).min(WIDEST) - 2.0 * PAD_X;
        let (shown, more) = self.shown();
        let color = if message.own { p.text_strong } else { p.text };
        let text = paint::wrapped(ui, &shown, fonts::regular(fonts::BODY), color, widest);
        let weak = if message.own {
            p.bubble_own_weak
        } else {
            p.text_weak
        };
        let footer = self.clock.time_of_day(message.time_ms);
        let footer = paint::line(ui, &footer, fonts::regular(11.0), weak);
        let marks = if message.own { 2.0 } else { 1.0 };
        let footer_width = footer.size().x + marks * MARK;

        let last = text.rows.last().map_or(0.0, |row| row.size.x);
        let inline = more.is_none() && last + GAP + footer_width <= widest;
        let content = if inline {
            text.size().x.max(last + GAP + footer_width)
        } else {
            text.size().x.max(footer_width)
        };
        let more_width = if more.is_some() {
            170.0_f32.min(widest)
        } else {
            0.0
        };
        let below = match (inline, more.is_some()) {
            (true, _) => 0.0,
            (false, false) => FOOTER,
            (false, true) => FOOTER + 28.0,
        };
        let bubble = vec2(
            content.max(more_width) + 2.0 * PAD_X,
            text.size().y + below + 2.0 * PAD_Y,
        );
        let name = (!message.own && self.starts).then(|| {
            let name = clean::reveal_line(&message.name);
            paint::line_within(ui, &name, fonts::semibold(13.0), p.text_strong, widest)
        });
        let fault = match &message.state {
            MessageState::Failed { reason } => {
                let text = format!("Not sent: {}.", clean::reveal_line(reason));
                Some(paint::wrapped(
                    ui,
                    &text,
                    fonts::regular(fonts::SMALL),
                    p.danger,
                    widest,
                ))
            }
            _ => None,
        };
        let above = if self.starts { APART } else { TOGETHER } + if name.is_some() { NAME } else { 0.0 };
        let height = above + bubble.y + fault.as_ref().map_or(0.0, |fault| fault.size().y + 5.0);
        Layout {
            name,
            text,
            more,
            footer,
            footer_width,
            fault,
            bubble,
            above,
            height: height.ceil(),
        }
    }

    /// The text to show, and the label of the button that shows more or less of it.
    fn shown(&self) -> (String, Option<More>) {
        if self.badge.folded && !self.expanded {
            return (
                "A message of somebody whom you blocked.".to_owned(),
                Some(More::Text("Show it".to_owned())),
            );
        }
        match carried(&self.message.text) {
            Some(Carried::Challenge(words)) => return (words, Some(More::Challenge)),
            Some(Carried::Solved(words)) => return (words.to_owned(), None),
            None => {}
        }
        let text = clean::reveal(&self.message.text);
        let lines = text.lines().count();
        let chars = text.chars().count();
        if lines <= LONG_LINES && chars <= LONG_CHARS {
            return (text.into_owned(), None);
        }
        if self.expanded {
            return (text.into_owned(), Some(More::Text("Show less".to_owned())));
        }
        let label = if lines > LONG_LINES {
            format!("Show all {lines} lines")
        } else {
            format!("Show all {} characters", grouped(chars))
        };
        let start: Vec<&str> = text.lines().take(PREVIEW_LINES).collect();
        let mut start: String = start.join("\n").chars().take(PREVIEW_CHARS).collect();
        start.push('…');
        (start, Some(More::Text(label)))
    }
}

/// Room for the picture, where there is room.
pub(super) fn indent(width: f32) -> f32 {
    if width >= 400.0 { AVATAR + 10.0 } else { 0.0 }
}

pub(super) const AVATAR: f32 = 32.0;
const WIDEST: f32 = 580.0;
pub(super) const PAD_X: f32 = 12.0;
pub(super) const PAD_Y: f32 = 7.0;
const GAP: f32 = 12.0;
pub(super) const MARK: f32 = 17.0;
const FOOTER: f32 = 17.0;
const NAME: f32 = 20.0;
pub(super) const APART: f32 = 14.0;
const TOGETHER: f32 = 3.0;
const LONG_LINES: usize = 24;
const LONG_CHARS: usize = 3000;
const PREVIEW_LINES: usize = 12;
const PREVIEW_CHARS: usize = 1200;
