//! A status in a word or two: "verified", "key changed", "3 members".

use egui::{Response, Role, Sense, Ui, Widget, WidgetInfo, pos2, vec2};

use super::paint;
use crate::ui::theme::{Tone, fonts, palette};

/// A small rounded label with a tone.
#[must_use = "add it to a ui"]
pub struct Pill<'a> {
    text: &'a str,
    tone: Tone,
    icon: Option<&'a str>,
}

impl<'a> Pill<'a> {
    /// A pill with this text.
    pub fn new(text: &'a str, tone: Tone) -> Self {
        Self {
            text,
            tone,
            icon: None,
        }
    }

    /// An icon before the text.
    pub fn icon(mut self, icon: &'a str) -> Self {
        self.icon = Some(icon);
        self
    }
}

impl Widget for Pill<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let p = palette(ui);
        let color = p.tone(self.tone);
        let icon_width = self.icon.map_or(0.0, |_| 17.0);
        let room = (paint::room(ui) - 20.0 - icon_width).max(20.0);
        let label = paint::line_within(ui, self.text, fonts::medium(fonts::SMALL), color, room);
        let size = vec2(label.size().x + icon_width + 18.0, 22.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), self.text));
        if ui.is_rect_visible(rect) {
            let painter = ui.painter();
            painter.rect_filled(rect, 11, p.soft(self.tone));
            let mut left = rect.left() + 9.0;
            if let Some(icon) = self.icon {
                paint::icon(painter, pos2(left + 6.0, rect.center().y), icon, 14.0, color);
                left += icon_width;
            }
            paint::galley_left(painter, left, rect.center().y, label);
        }
        response
    }
}
