//! What Alice and Bob see, side by side, and the wire between them.

use egui::{Align, Frame, Layout, Margin, Stroke, Ui};

use super::caption_row;
use crate::mallory::{Caught, Fate, Person, Screen, Shown, Snapshot, frame_name};
use crate::ui::theme::{Tone, icons, palette, style, text};

/// Draws both screens with the wire between them.
pub(super) fn screens_ui(ui: &mut Ui, seen: &Snapshot, cr1: bool) {
    let width = ui.available_width();
    if width < 420.0 {
        screen_ui(ui, &seen.screen(Person::Alice), width);
        screen_ui(ui, &seen.screen(Person::Bob), width);
        wire_ui(ui, seen, cr1, width);
        return;
    }
    let gap = 12.0;
    if width < 820.0 {
        // Both victims beside each other; the wire has long lines and gets a row of its own.
        let column = ((width - gap) / 2.0).floor();
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            screen_ui(ui, &seen.screen(Person::Alice), column);
            screen_ui(ui, &seen.screen(Person::Bob), column);
        });
        wire_ui(ui, seen, cr1, width);
        return;
    }
    let column = ((width - 2.0 * gap) / 3.0).floor();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = gap;
        screen_ui(ui, &seen.screen(Person::Alice), column);
        wire_ui(ui, seen, cr1, column);
        screen_ui(ui, &seen.screen(Person::Bob), column);
    });
}

fn column_ui(ui: &mut Ui, width: f32, alarm: bool, content: impl FnOnce(&mut Ui)) {
    let p = palette(ui);
    let edge = if alarm {
        p.tone(Tone::Danger).gamma_multiply(0.6)
    } else {
        p.border
    };
    ui.allocate_ui_with_layout(egui::vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
        Frame::new()
            .fill(p.surface_2)
            .stroke(Stroke::new(1.0, edge))
            .corner_radius(style::RADIUS_LARGE)
            .inner_margin(Margin::same(12))
            .show(ui, |ui| {
                ui.set_width(width - 26.0);
                ui.set_min_height(190.0);
                ui.spacing_mut().item_spacing.y = 6.0;
                content(ui);
            });
    });
}

fn screen_ui(ui: &mut Ui, screen: &Screen, width: f32) {
    column_ui(ui, width, screen.alarmed(), |ui| {
        caption_row(ui, &format!("{}'s screen", screen.person.name()), |_| ());
        if screen.lines.is_empty() {
            ui.label(text::small(ui, "Nothing yet."));
        }
        for line in &screen.lines {
            line_ui(ui, line);
        }
    });
}

fn line_ui(ui: &mut Ui, line: &Shown) {
    let p = palette(ui);
    let wrapped = |ui: &mut Ui, words: egui::RichText| ui.add(egui::Label::new(words).wrap());
    match line {
        Shown::Note(words) => {
            let words = text::small(ui, words);
            wrapped(ui, words);
        }
        Shown::Said(words) => bubble_ui(ui, p.bubble_own, None, words),
        Shown::Heard { from, text: words } => bubble_ui(ui, p.surface_3, Some(from), words),
        Shown::Alarm(words) => {
            Frame::new()
                .fill(p.danger_soft)
                .corner_radius(style::RADIUS)
                .inner_margin(Margin::symmetric(8, 6))
                .show(ui, |ui| {
                    let words = text::small(ui, words).color(p.danger);
                    wrapped(ui, words);
                });
        }
    }
}

fn bubble_ui(ui: &mut Ui, fill: egui::Color32, from: Option<&str>, words: &str) {
    let own = from.is_none();
    let layout = if own {
        Layout::top_down(Align::Max)
    } else {
        Layout::top_down(Align::Min)
    };
    ui.with_layout(layout, |ui| {
        if let Some(from) = from {
            let shown = text::small(ui, format!("{from}  "));
            ui.label(shown);
        }
        Frame::new()
            .fill(fill)
            .corner_radius(style::RADIUS)
            .inner_margin(Margin::symmetric(10, 6))
            .show(ui, |ui| {
                ui.set_max_width(ui.available_width().min(220.0));
                let words = text::body(ui, words).color(palette(ui).text_strong);
                ui.add(egui::Label::new(words).wrap());
            });
    });
}

/// How many of the newest frames are shown.
const SHOWN_FRAMES: usize = 14;

fn wire_ui(ui: &mut Ui, seen: &Snapshot, cr1: bool, width: f32) {
    column_ui(ui, width, false, |ui| {
        caption_row(ui, "The wire, through your hands", |_| ());
        if seen.frames.is_empty() {
            ui.label(text::small(ui, "Nothing crosses it yet."));
        }
        let hidden = seen.frames.len().saturating_sub(SHOWN_FRAMES);
        if hidden + seen.forgotten_frames > 0 {
            let older = format!("{} older frames", hidden + seen.forgotten_frames);
            ui.label(text::small(ui, older));
        }
        ui.spacing_mut().item_spacing.y = 3.0;
        for frame in seen.frames.iter().skip(hidden) {
            frame_ui(ui, frame, cr1);
        }
    });
}

fn frame_ui(ui: &mut Ui, frame: &Caught, cr1: bool) {
    let p = palette(ui);
    let (tone, word) = match frame.fate {
        Fate::Passed => (Tone::Neutral, ""),
        Fate::Held => (Tone::Warning, "held"),
        Fate::Injected => (Tone::Danger, "yours"),
    };
    let kind = frame.bytes.first().copied().unwrap_or(0);
    let arrow = if frame.direction.to == Person::Bob || frame.direction.from == Person::Alice {
        icons::ARROW_RIGHT
    } else {
        icons::ARROW_LEFT
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(icons::text(arrow, 13.0).color(p.tone(tone)));
        let name = text::mono(ui, frame_name(cr1, kind)).size(12.0);
        ui.label(name);
        ui.label(text::small(ui, format!("{} bytes", frame.length)));
        if !word.is_empty() {
            ui.label(text::small(ui, word).color(p.tone(tone)));
        }
    });
}
