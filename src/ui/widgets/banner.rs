//! A notice within a screen: what happened, and perhaps one thing to do about it.

use egui::{Frame, Label, Layout, Margin, RichText, Stroke, Ui, vec2};

use super::button::Button;
use super::card::tone_icon;
use super::icon_button::IconButton;
use super::paint;
use crate::ui::theme::{Tone, fonts, icons, palette, style};

/// An inline notice.
#[must_use = "show it"]
pub struct Banner<'a> {
    tone: Tone,
    text: &'a str,
    title: Option<&'a str>,
    icon: Option<&'a str>,
    action: Option<&'a str>,
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

    /// Lets the reader dismiss it.
    pub fn closable(mut self) -> Self {
        self.closable = true;
        self
    }

    /// Draws the notice over the full width.
    pub fn show(self, ui: &mut Ui) -> BannerResponse {
        let p = palette(ui);
        let color = p.tone(self.tone);
        let mut answer = BannerResponse::default();
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
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing = vec2(8.0, 2.0);
                ui.spacing_mut().interact_size.y = 26.0;
                ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
                    if self.closable {
                        answer.closed = ui.add(IconButton::new(icons::X, "Dismiss").small()).clicked();
                    }
                    if let Some(action) = self.action {
                        answer.action = ui.add(Button::secondary(action).small()).clicked();
                    }
                    let width = ui.available_width();
                    ui.allocate_ui_with_layout(
                        vec2(width, 26.0),
                        Layout::left_to_right(egui::Align::Center),
                        |ui| {
                            let (rect, _) = ui.allocate_exact_size(vec2(20.0, 26.0), egui::Sense::hover());
                            let icon = self.icon.unwrap_or(tone_icon(self.tone));
                            paint::icon(ui.painter(), rect.center(), icon, 18.0, color);
                            ui.vertical(|ui| {
                                if let Some(title) = self.title {
                                    let title = RichText::new(title)
                                        .font(fonts::semibold(fonts::BODY))
                                        .color(color);
                                    ui.label(title);
                                }
                                let text = RichText::new(self.text)
                                    .font(fonts::regular(fonts::BODY))
                                    .color(p.text);
                                ui.add(Label::new(text).wrap());
                            });
                        },
                    );
                });
            });
        answer
    }
}
