//! What stands where nothing is yet: a drawing, a title and a sentence that says what to do.

use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::paint;
use crate::ui::theme::{Palette, fonts, icons, palette, text};

/// The drawing of an empty state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// Two speech bubbles: no messages.
    Conversation,
    /// People around a table: no members, no contacts.
    People,
    /// A cipher wheel: the lab.
    Wheel,
    /// A magnifying glass over bytes: nothing found, nothing recorded.
    Search,
}

/// Draws the empty state in the middle of the room there is; returns after `content`, where a button may stand.
pub fn empty_ui<R>(
    ui: &mut Ui,
    drawing: Drawing,
    title: &str,
    sentence: &str,
    content: impl FnOnce(&mut Ui) -> R,
) -> R {
    let p = palette(ui);
    ui.vertical_centered(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(180.0, 128.0), egui::Sense::hover());
        drawing.paint(ui.painter(), rect.center(), p);
        ui.add_space(4.0);
        ui.label(text::subheading(ui, title).size(17.0));
        ui.scope(|ui| {
            ui.set_max_width(380.0);
            ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
        });
        ui.add_space(4.0);
        content(ui)
    })
    .inner
}

impl Drawing {
    fn paint(self, painter: &Painter, center: Pos2, p: &Palette) {
        painter.circle_filled(center, 62.0, p.accent_soft.gamma_multiply(0.6));
        painter.circle_stroke(center, 62.0, Stroke::new(1.0, p.accent.gamma_multiply(0.18)));
        match self {
            Self::Conversation => conversation(painter, center, p),
            Self::People => people(painter, center, p),
            Self::Wheel => wheel(painter, center, p),
            Self::Search => search(painter, center, p),
        }
    }
}

fn conversation(painter: &Painter, center: Pos2, p: &Palette) {
    let bubble = |center: Pos2,
                  size: egui::Vec2,
                  fill: Color32,
                  edge: Color32,
                  tail: f32,
                  lines: &[f32],
                  ink: Color32| {
        let rect = Rect::from_center_size(center, size);
        let foot = pos2(center.x + tail * size.x * 0.32, rect.bottom() - 1.0);
        let points = vec![
            foot + vec2(-7.0, 0.0),
            foot + vec2(tail * 9.0, 11.0),
            foot + vec2(7.0, 0.0),
        ];
        painter.add(Shape::convex_polygon(points, edge, Stroke::NONE));
        painter.rect(rect, 12, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
        painter.rect_filled(
            Rect::from_center_size(foot, vec2(16.0, 4.0)).translate(vec2(0.0, -2.5)),
            0,
            fill,
        );
        for (index, length) in lines.iter().enumerate() {
            let y = rect.top() + 15.0 + index as f32 * 11.0;
            let line = Rect::from_min_size(pos2(rect.left() + 14.0, y - 2.0), vec2(*length, 4.0));
            painter.rect_filled(line, 2, ink);
        }
    };
    let quiet = p.text_weak.gamma_multiply(0.45);
    bubble(
        center + vec2(-20.0, -16.0),
        vec2(92.0, 42.0),
        p.surface_2,
        p.outline,
        -1.0,
        &[60.0, 40.0],
        quiet,
    );
    let ink = p.on_accent.gamma_multiply(0.55);
    bubble(
        center + vec2(30.0, 20.0),
        vec2(78.0, 32.0),
        p.accent,
        p.accent,
        1.0,
        &[42.0],
        ink,
    );
    paint::icon(
        painter,
        center + vec2(58.0, 19.0),
        icons::CHECK,
        13.0,
        p.on_accent,
    );
}

fn people(painter: &Painter, center: Pos2, p: &Palette) {
    painter.circle_stroke(center, 40.0, Stroke::new(1.5, p.accent.gamma_multiply(0.4)));
    let seats = [(-90.0_f32, 0), (30.0, 3), (150.0, 1)];
    for (degrees, color) in seats {
        let at = center + egui::Vec2::angled(degrees.to_radians()) * 40.0;
        painter.circle_filled(at, 18.0, p.surface_1);
        painter.circle_filled(at, 15.0, p.avatars[color]);
        paint::icon(painter, at, icons::USER, 18.0, Color32::WHITE);
    }
    paint::icon(painter, center, icons::LOCK_KEY, 26.0, p.accent);
}

fn wheel(painter: &Painter, center: Pos2, p: &Palette) {
    let ring = |radius: f32, shift: usize, size: f32, color: Color32| {
        for index in 0..26_usize {
            let letter = char::from(b'A' + ((index + shift) % 26) as u8);
            let angle = index as f32 / 26.0 * std::f32::consts::TAU - std::f32::consts::FRAC_PI_2;
            let at = center + egui::Vec2::angled(angle) * radius;
            painter.text(at, Align2::CENTER_CENTER, letter, fonts::mono(size), color);
        }
    };
    painter.circle(center, 60.0, p.surface_2, Stroke::new(1.0, p.outline));
    painter.circle(
        center,
        46.0,
        p.accent_soft,
        Stroke::new(1.0, p.accent.gamma_multiply(0.5)),
    );
    painter.circle(center, 30.0, p.surface_2, Stroke::new(1.0, p.outline));
    ring(53.0, 0, 9.0, p.text);
    ring(38.0, 3, 8.0, p.accent);
    paint::icon(painter, center, icons::KEY, 26.0, p.accent);
    let top = center + vec2(0.0, -62.0);
    let pointer = vec![
        top + vec2(-5.0, -5.0),
        top + vec2(5.0, -5.0),
        top + vec2(0.0, 4.0),
    ];
    painter.add(Shape::convex_polygon(pointer, p.accent, Stroke::NONE));
}

fn search(painter: &Painter, center: Pos2, p: &Palette) {
    let page = Rect::from_center_size(center + vec2(-6.0, 0.0), vec2(76.0, 84.0));
    painter.rect(
        page,
        10,
        p.surface_2,
        Stroke::new(1.0, p.outline),
        StrokeKind::Inside,
    );
    for (index, bytes) in ["4B 1F 9C", "A0 73 E2", "0D 58 C6", "F1 2E 84"]
        .iter()
        .enumerate()
    {
        let at = pos2(page.left() + 12.0, page.top() + 18.0 + index as f32 * 16.0);
        painter.text(at, Align2::LEFT_CENTER, bytes, fonts::mono(10.0), p.text_weak);
    }
    let lens = center + vec2(22.0, 14.0);
    let handle = [lens + vec2(15.0, 15.0), lens + vec2(30.0, 30.0)];
    painter.line_segment(handle, Stroke::new(7.0, p.accent));
    painter.circle(lens, 21.0, p.surface_1, Stroke::new(4.0, p.accent));
    paint::icon(painter, lens, icons::LOCK_KEY, 20.0, p.accent);
}
