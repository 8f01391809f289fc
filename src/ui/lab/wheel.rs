//! The two rings of a cipher disk: to be dragged on a card, and turning by itself in the step views.

use std::f32::consts::TAU;

use egui::{
    Align2, Color32, Key, Modifiers, Painter, Pos2, Response, Role, Sense, Stroke, Ui, WidgetInfo, vec2,
};

use crate::ui::theme::{Palette, fonts, palette, style};

/// Draws a wheel that can be dragged, and turned with the arrow keys. Gives the number of places it was turned.
pub(super) fn wheel_ui(ui: &mut Ui, diameter: f32, letters: &[char], shift: usize) -> (Response, i64) {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(diameter, diameter), Sense::click_and_drag());
    let count = letters.len().max(1);
    let mut turned = 0;
    let center = rect.center();
    let held = response.id.with("held");
    if response.drag_started() {
        ui.data_mut(|data| data.insert_temp(held, 0f32));
    }
    if response.dragged()
        && let Some(at) = response.interact_pointer_pos()
    {
        let before = at - response.drag_delta();
        let step = (at - center).angle() - (before - center).angle();
        let step = (step + TAU / 2.0).rem_euclid(TAU) - TAU / 2.0;
        let angle: f32 = ui.data(|data| data.get_temp(held)).unwrap_or(0.0) + step;
        // The inner ring follows the hand: clockwise brings earlier letters under the outer ones.
        let places = (-angle / TAU * count as f32).trunc();
        turned = places as i64;
        ui.data_mut(|data| data.insert_temp(held, angle + places / count as f32 * TAU));
    }
    if response.clicked() {
        response.request_focus();
    }
    if response.has_focus() {
        let filter = egui::EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..Default::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        turned += i64::from(pressed(Key::ArrowRight)) + i64::from(pressed(Key::ArrowUp));
        turned -= i64::from(pressed(Key::ArrowLeft)) + i64::from(pressed(Key::ArrowDown));
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, "Wheel"));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_numeric_value(shift as f64);
        node.set_description("Drag it, or use the arrow keys");
    });
    if ui.is_rect_visible(rect) {
        let drawing = Wheel {
            letters,
            shift: shift as f32,
            lit: None,
        };
        drawing.paint(ui.painter(), center, diameter / 2.0, p);
        if response.has_focus() {
            style::focus_ring(ui.painter(), rect, (diameter / 2.0) as u8, p);
        }
    }
    let cursor = match response.dragged() {
        true => egui::CursorIcon::Grabbing,
        false => egui::CursorIcon::Grab,
    };
    (response.on_hover_cursor(cursor), turned)
}

/// What a wheel shows.
pub(super) struct Wheel<'a> {
    /// The letters of both rings.
    pub letters: &'a [char],
    /// Places that the inner ring is turned, whole or in between.
    pub shift: f32,
    /// The outer letter to light, with the inner one below it.
    pub lit: Option<usize>,
}

impl Wheel<'_> {
    /// Draws it around a point.
    pub fn paint(&self, painter: &Painter, center: Pos2, radius: f32, p: &Palette) {
        let count = self.letters.len().max(1) as f32;
        let ring = radius * 0.25;
        let (outer, inner) = (radius - ring / 2.0, radius - 1.5 * ring);
        painter.circle(center, radius, p.surface_3, Stroke::new(1.0, p.outline));
        painter.circle(
            center,
            radius - ring,
            p.accent_soft,
            Stroke::new(1.0, p.accent.gamma_multiply(0.6)),
        );
        painter.circle(
            center,
            radius - 2.0 * ring,
            p.surface_2,
            Stroke::new(1.0, p.outline),
        );
        let point = |place: f32, distance: f32| {
            let angle = place / count * TAU - TAU / 4.0;
            center + distance * vec2(angle.cos(), angle.sin())
        };
        if let Some(lit) = self.lit {
            let place = lit as f32;
            let dot = (ring * 0.56).min(16.0);
            painter.line_segment(
                [point(place, outer), point(place, inner)],
                Stroke::new(2.0 * dot, p.accent),
            );
            painter.circle_filled(point(place, outer), dot, p.accent);
            painter.circle_filled(point(place, inner), dot, p.accent);
        }
        let size = (ring * 0.72).min(TAU * inner / count * 1.05).clamp(6.0, 20.0);
        for (place, &letter) in self.letters.iter().enumerate() {
            let lit = self.lit == Some(place);
            let (plain, cipher) = match lit {
                true => (p.on_accent, p.on_accent),
                false => (p.text, p.text_strong),
            };
            let write = |at: Pos2, letter: char, strong: bool, color: Color32| {
                let font = match strong {
                    true => fonts::semibold(size),
                    false => fonts::regular(size),
                };
                painter.text(at, Align2::CENTER_CENTER, letter, font, color);
            };
            write(point(place as f32, outer), letter, false, plain);
            let under = place as f32 - self.shift;
            let below_lit = self.lit.is_some_and(|lit| {
                let apart = (under - lit as f32).rem_euclid(count);
                apart < 0.5 || apart > count - 0.5
            });
            write(
                point(under, inner),
                letter,
                true,
                if below_lit {
                    cipher_lit(p)
                } else if lit {
                    p.text_strong
                } else {
                    cipher
                },
            );
        }
        // A mark at A, so that the eye finds where it begins.
        let tip = point(0.0, radius - 2.0 * ring - 1.0);
        let base = radius * 0.07;
        painter.add(egui::Shape::convex_polygon(
            vec![tip, tip + vec2(-base, base * 1.4), tip + vec2(base, base * 1.4)],
            p.accent,
            Stroke::NONE,
        ));
        let font = fonts::semibold((radius * 0.26).max(10.0));
        let shown = self.shift.round().rem_euclid(count);
        painter.text(
            center + vec2(0.0, radius * 0.04),
            Align2::CENTER_CENTER,
            format!("+{shown}"),
            font,
            p.text_strong,
        );
    }
}

fn cipher_lit(p: &Palette) -> Color32 {
    p.on_accent
}
