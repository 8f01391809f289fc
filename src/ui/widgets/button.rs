//! Buttons with a label: primary, secondary, ghost and danger.

use egui::{Color32, Response, Role, Sense, Stroke, StrokeKind, Ui, Widget, WidgetInfo, vec2};

use super::paint;
use crate::ui::theme::style::{CONTROL_HEIGHT, RADIUS};
use crate::ui::theme::{Palette, Tone, fonts, palette};

/// A button with a label and perhaps an icon. Disable it with `ui.add_enabled`. A label that is longer than its place is
/// shown whole while the pointer rests on it.
#[must_use = "add it to a ui"]
pub struct Button<'a> {
    label: &'a str,
    kind: Kind,
    icon: Option<&'a str>,
    icon_after: bool,
    small: bool,
    full_width: bool,
    tone: Option<Tone>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Primary,
    Secondary,
    Ghost,
    Danger,
}

impl<'a> Button<'a> {
    /// The one thing to do here; at most one on a screen.
    pub fn primary(label: &'a str) -> Self {
        Self::new(label, Kind::Primary)
    }

    /// Something else that can be done.
    pub fn secondary(label: &'a str) -> Self {
        Self::new(label, Kind::Secondary)
    }

    /// A quiet action without a frame.
    pub fn ghost(label: &'a str) -> Self {
        Self::new(label, Kind::Ghost)
    }

    /// Destroys something or ends a conversation.
    pub fn danger(label: &'a str) -> Self {
        Self::new(label, Kind::Danger)
    }

    fn new(label: &'a str, kind: Kind) -> Self {
        Self {
            label,
            kind,
            icon: None,
            icon_after: false,
            small: false,
            full_width: false,
            tone: None,
        }
    }

    /// An icon before the label.
    pub fn icon(mut self, icon: &'a str) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Puts the icon behind the label.
    pub fn icon_after(mut self) -> Self {
        self.icon_after = true;
        self
    }

    /// Lower, for rows and banners.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// Colours the label of a secondary or ghost button.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }

    /// As wide as there is room.
    pub fn full_width(mut self) -> Self {
        self.full_width = true;
        self
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let p = palette(ui);
        let (size, height, padding) = if self.small {
            (13.0, 26.0, 10.0)
        } else {
            (fonts::BODY, CONTROL_HEIGHT, 14.0)
        };
        let font = if self.kind == Kind::Primary || self.kind == Kind::Danger {
            fonts::semibold(size)
        } else {
            fonts::medium(size)
        };
        let icon_width = self.icon.map_or(0.0, |_| size + 2.0 + ICON_GAP);
        let room = paint::room(ui) - 2.0 * padding - icon_width;
        let label = paint::line_within(ui, self.label, font, Color32::PLACEHOLDER, room.max(24.0));
        let content = icon_width + label.size().x;
        let elided = label.elided;
        let width = if self.full_width {
            ui.available_width()
        } else {
            content + 2.0 * padding
        };

        let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.label));
        if ui.is_rect_visible(rect) {
            let mut look = self.kind.look(&response, p);
            if let Some(tone) = self.tone
                && matches!(self.kind, Kind::Secondary | Kind::Ghost)
            {
                look.text = p.tone(tone);
            }
            let painter = ui.painter();
            painter.rect(rect, RADIUS, look.fill, look.stroke, StrokeKind::Inside);
            let left = rect.center().x - content / 2.0;
            let middle = rect.center().y;
            let (icon_x, label_x) = if self.icon_after {
                (left + content - (size + 2.0) / 2.0, left)
            } else {
                (left + (size + 2.0) / 2.0, left + icon_width)
            };
            if let Some(icon) = self.icon {
                paint::icon(painter, egui::pos2(icon_x, middle), icon, size + 2.0, look.text);
            }
            let top = middle - label.size().y / 2.0;
            paint::galley_at(painter, egui::pos2(label_x, top), label, look.text);
        }
        paint::interactive(ui, &response, rect, RADIUS, p);
        match elided {
            true => response.on_hover_text(self.label),
            false => response,
        }
    }
}

struct Look {
    fill: Color32,
    stroke: Stroke,
    text: Color32,
}

impl Kind {
    fn look(self, response: &Response, p: &Palette) -> Look {
        let pressed = response.is_pointer_button_down_on();
        let hovered = response.hovered();
        let pick = |rest, over, down| match (pressed, hovered) {
            (true, _) => down,
            (_, true) => over,
            _ => rest,
        };
        match self {
            Self::Primary => Look {
                fill: pick(p.accent, p.accent_hover, p.accent_pressed),
                stroke: Stroke::NONE,
                text: p.on_accent,
            },
            Self::Secondary => Look {
                fill: pick(p.surface_2, p.surface_3, p.surface_0),
                stroke: Stroke::new(1.0, p.outline),
                text: p.text_strong,
            },
            Self::Ghost => Look {
                fill: pick(Color32::TRANSPARENT, p.surface_3, p.surface_0),
                stroke: Stroke::NONE,
                text: p.text,
            },
            Self::Danger => Look {
                fill: pick(
                    p.danger_fill,
                    p.danger_fill.gamma_multiply(0.88),
                    p.danger_fill.gamma_multiply(0.75),
                ),
                stroke: Stroke::NONE,
                text: p.on_danger,
            },
        }
    }
}

const ICON_GAP: f32 = 7.0;
