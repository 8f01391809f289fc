//! A square button that shows only an icon; its name is spoken, and shown as a tooltip.

use egui::{Color32, Response, Role, Sense, Ui, Widget, WidgetInfo, vec2};

use super::paint;
use crate::ui::theme::style::{CONTROL_HEIGHT, RADIUS};
use crate::ui::theme::{Tone, fonts, palette};

/// An icon to press. `name` says what it does, in the imperative: "Copy invitation".
#[must_use = "add it to a ui"]
pub struct IconButton<'a> {
    icon: &'a str,
    name: &'a str,
    tooltip: Option<&'a str>,
    selected: Option<bool>,
    tone: Option<Tone>,
    small: bool,
    keyboard: bool,
}

impl<'a> IconButton<'a> {
    /// A button with this icon and accessible name.
    pub fn new(icon: &'a str, name: &'a str) -> Self {
        Self {
            icon,
            name,
            tooltip: None,
            selected: None,
            tone: None,
            small: false,
            keyboard: true,
        }
    }

    /// Says more than the name while the pointer rests on it.
    pub fn tooltip(mut self, text: &'a str) -> Self {
        self.tooltip = Some(text);
        self
    }

    /// Makes it a toggle that is on or off.
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = Some(selected);
        self
    }

    /// Colours the icon.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }

    /// Smaller, for inside fields and rows.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// Whether the keyboard reaches it; it does unless told otherwise.
    pub fn keyboard(mut self, keyboard: bool) -> Self {
        self.keyboard = keyboard;
        self
    }
}

impl Widget for IconButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let p = palette(ui);
        let (side, size) = if self.small {
            (24.0, 15.0)
        } else {
            (CONTROL_HEIGHT, fonts::ICON)
        };
        let sense = if self.keyboard {
            Sense::click()
        } else {
            Sense::CLICK
        };
        let (rect, response) = ui.allocate_exact_size(vec2(side, side), sense);
        response.widget_info(|| match self.selected {
            Some(on) => WidgetInfo::selected(Role::Button, ui.is_enabled(), on, self.name),
            None => WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.name),
        });
        let on = self.selected == Some(true);
        if ui.is_rect_visible(rect) {
            let fill = match (response.is_pointer_button_down_on(), response.hovered(), on) {
                (true, ..) => p.surface_0,
                (_, _, true) => p.accent_soft,
                (_, true, _) => p.surface_3,
                _ => Color32::TRANSPARENT,
            };
            let color = match self.tone {
                Some(tone) => p.tone(tone),
                None if on => p.accent,
                None if response.hovered() => p.text_strong,
                None => p.text,
            };
            ui.painter().rect_filled(rect, RADIUS, fill);
            paint::icon(ui.painter(), rect.center(), self.icon, size, color);
        }
        paint::interactive(ui, &response, rect, RADIUS, p);
        response.on_hover_text(self.tooltip.unwrap_or(self.name))
    }
}
