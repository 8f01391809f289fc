//! A large button that explains itself: icon, title and a sentence. For Host and Join.

use egui::{Response, Role, Sense, Stroke, StrokeKind, Ui, Widget, WidgetInfo, pos2, vec2};

use super::paint;
use crate::ui::theme::style::{self, RADIUS, RADIUS_LARGE};
use crate::ui::theme::{fonts, icons, palette};

/// A tile to press. Its accessible name is the title; the sentence is its description.
#[must_use = "add it to a ui"]
pub struct Tile<'a> {
    icon: &'a str,
    title: &'a str,
    subtitle: &'a str,
    width: Option<f32>,
}

impl<'a> Tile<'a> {
    /// A tile as wide as there is room.
    pub fn new(icon: &'a str, title: &'a str, subtitle: &'a str) -> Self {
        Self {
            icon,
            title,
            subtitle,
            width: None,
        }
    }

    /// Sets the width.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }
}

impl Widget for Tile<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let p = palette(ui);
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let text_width = width - 2.0 * PADDING - BADGE - GAP - ARROW;
        let title = paint::line_within(ui, self.title, fonts::semibold(17.0), p.text_strong, text_width);
        let subtitle = paint::wrapped(ui, self.subtitle, fonts::regular(13.0), p.text_weak, text_width);
        let text_height = title.size().y + 4.0 + subtitle.size().y;
        let height = text_height.max(BADGE) + 2.0 * PADDING;

        let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.title));
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_description(self.subtitle));

        if ui.is_rect_visible(rect) {
            let dark = ui.visuals().dark_mode;
            let lively = response.hovered() || response.has_focus();
            let pressed = response.is_pointer_button_down_on();
            let fill = if pressed {
                p.surface_0
            } else if lively && dark {
                p.surface_3
            } else {
                p.surface_2
            };
            let edge = if lively { p.accent } else { p.border };
            let painter = ui.painter();
            painter.add(style::card_shadow(p).as_shape(rect, RADIUS_LARGE));
            painter.rect(
                rect,
                RADIUS_LARGE,
                fill,
                Stroke::new(1.0, edge),
                StrokeKind::Inside,
            );

            let middle = rect.center().y;
            let badge = egui::Rect::from_center_size(
                pos2(rect.left() + PADDING + BADGE / 2.0, middle),
                vec2(BADGE, BADGE),
            );
            painter.rect_filled(badge, RADIUS + 4, if lively { p.accent } else { p.accent_soft });
            let icon_color = if lively { p.on_accent } else { p.accent };
            paint::icon(painter, badge.center(), self.icon, 26.0, icon_color);

            let left = badge.right() + GAP;
            let top = middle - text_height / 2.0;
            let below = top + title.size().y + 4.0;
            paint::galley_at(painter, pos2(left, top), title, p.text_strong);
            paint::galley_at(painter, pos2(left, below), subtitle, p.text_weak);
            let arrow = if lively { p.accent } else { p.text_weak };
            paint::icon(
                painter,
                pos2(rect.right() - PADDING - 4.0, middle),
                icons::CARET_RIGHT,
                18.0,
                arrow,
            );
        }
        paint::interactive(ui, &response, rect, RADIUS_LARGE, p);
        response
    }
}

const PADDING: f32 = 20.0;
const BADGE: f32 = 52.0;
const GAP: f32 = 16.0;
const ARROW: f32 = 24.0;
