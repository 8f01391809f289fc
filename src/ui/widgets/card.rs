//! A raised surface that holds things which belong together.

use egui::{Frame, InnerResponse, Margin, Stroke, Ui};

use super::paint;
use crate::ui::theme::{Tone, icons, palette, style, text};

/// A card, perhaps with a title row.
#[must_use = "show it"]
pub struct Card<'a> {
    title: Option<&'a str>,
    icon: Option<&'a str>,
    tone: Option<Tone>,
    padding: i8,
    full_width: bool,
}

impl Default for Card<'_> {
    fn default() -> Self {
        Self {
            title: None,
            icon: None,
            tone: None,
            padding: 16,
            full_width: false,
        }
    }
}

impl<'a> Card<'a> {
    /// A card without a title, as wide as what it holds.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a title on top.
    pub fn title(mut self, title: &'a str) -> Self {
        self.title = Some(title);
        self
    }

    /// An icon before the title.
    pub fn icon(mut self, icon: &'a str) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Draws the edge and the icon in a tone.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }

    /// Space between edge and content.
    pub fn padding(mut self, padding: i8) -> Self {
        self.padding = padding;
        self
    }

    /// Takes all the width there is.
    pub fn full_width(mut self) -> Self {
        self.full_width = true;
        self
    }

    /// Draws the card around `content`.
    pub fn show<R>(self, ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
        let p = palette(ui);
        let edge = self
            .tone
            .map_or(p.border, |tone| p.tone(tone).gamma_multiply(0.55));
        Frame::new()
            .fill(p.surface_2)
            .stroke(Stroke::new(1.0, edge))
            .corner_radius(style::RADIUS_LARGE)
            .inner_margin(Margin::same(self.padding))
            .shadow(style::card_shadow(p))
            .show(ui, |ui| {
                if self.full_width {
                    ui.set_width(ui.available_width());
                }
                if let Some(title) = self.title {
                    let layout = egui::Layout::left_to_right(egui::Align::Center);
                    let size = egui::vec2(ui.available_width(), 20.0);
                    ui.allocate_ui_with_layout(size, layout, |ui| {
                        if let Some(icon) = self.icon {
                            let color = self.tone.map_or(p.text, |tone| p.tone(tone));
                            let (rect, _) =
                                ui.allocate_exact_size(egui::vec2(18.0, 20.0), egui::Sense::hover());
                            paint::icon(ui.painter(), rect.center(), icon, 18.0, color);
                        }
                        ui.label(text::subheading(ui, title));
                    });
                    ui.add_space(2.0);
                }
                content(ui)
            })
    }
}

/// The icon that stands for a tone, where a notice brings none of its own.
pub fn tone_icon(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral | Tone::Info => icons::INFO,
        Tone::Accent => icons::SHIELD_CHECK,
        Tone::Success => icons::CHECK_CIRCLE,
        Tone::Warning => icons::WARNING,
        Tone::Danger => icons::WARNING_CIRCLE,
    }
}
