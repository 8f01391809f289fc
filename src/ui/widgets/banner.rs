//! A notice within a screen: what happened, and perhaps one thing to do about it.

use egui::{Frame, Margin, Stroke, Ui};

use super::card::tone_icon;
use super::notice::{Notice, notice_ui};
use crate::ui::theme::{Tone, palette, style};

/// An inline notice.
#[must_use = "show it"]
pub struct Banner<'a> {
    tone: Tone,
    text: &'a str,
    title: Option<&'a str>,
    icon: Option<&'a str>,
    action: Option<&'a str>,
    takes_keyboard: bool,
    closable: bool,
}

/// What was pressed in a banner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BannerResponse {
    /// The action button.
    pub action: bool,
    /// The close button.
    pub closed: bool,
}

impl<'a> Banner<'a> {
    /// A notice with this text.
    pub fn new(tone: Tone, text: &'a str) -> Self {
        Self {
            tone,
            text,
            title: None,
            icon: None,
            action: None,
            takes_keyboard: false,
            closable: false,
        }
    }

    /// A line in semibold above the text.
    pub fn title(mut self, title: &'a str) -> Self {
        self.title = Some(title);
        self
    }

    /// Replaces the tone's icon.
    pub fn icon(mut self, icon: &'a str) -> Self {
        self.icon = Some(icon);
        self
    }

    /// A button at the end.
    pub fn action(mut self, label: &'a str) -> Self {
        self.action = Some(label);
        self
    }

    /// Gives the button the keyboard, where nothing else has it.
    pub fn takes_keyboard(mut self, takes: bool) -> Self {
        self.takes_keyboard = takes;
        self
    }

    /// Lets the reader dismiss it.
    pub fn closable(mut self) -> Self {
        self.closable = true;
        self
    }

    /// Draws the notice over the full width.
    pub fn show(self, ui: &mut Ui) -> BannerResponse {
        let p = palette(ui);
        let color = p.tone(self.tone);
        let notice = Notice {
            icon: self.icon.unwrap_or(tone_icon(self.tone)),
            color,
            title: self.title,
            text: self.text,
            text_color: p.text,
            action: self.action,
            takes_keyboard: self.takes_keyboard,
            closable: self.closable,
            keyboard: true,
        };
        Frame::new()
            .fill(p.soft(self.tone))
            .stroke(Stroke::new(1.0, color.gamma_multiply(0.35)))
            .corner_radius(style::RADIUS)
            .inner_margin(Margin {
                left: 12,
                right: 8,
                top: 8,
                bottom: 8,
            })
            .show(ui, |ui| notice_ui(ui, &notice).0)
            .inner
    }
}
