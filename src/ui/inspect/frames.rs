//! One frame in three columns: the wire, the meaning, who can tell what.

use egui::{Align, Layout, Ui, vec2};

use super::bytes::{bytes_ui, fields_ui};
use crate::session::clean;
use crate::session::wire::{Inspection, Recompute, WireFrame};
use crate::ui::theme::Tone;
use crate::ui::theme::{fonts, icons, palette, text};
use crate::ui::widgets::{Banner, Button, IconButton, Pill};

/// Draws a frame in three columns: the wire, the meaning, who can tell what.
pub(super) fn frame_ui(
    ui: &mut Ui,
    frame: &WireFrame,
    inspection: &Inspection,
    pointed: &mut Option<(usize, usize)>,
    shows_private: &mut bool,
) {
    let width = ui.available_width();
    let mut under = None;
    if width < 700.0 {
        wire_column(ui, frame, inspection, *pointed, &mut under);
        meaning_column(ui, inspection, shows_private);
        tell_column(ui, inspection);
    } else {
        let gap = 18.0;
        let wire = ((width - 2.0 * gap) * 0.38).floor();
        let meaning = ((width - 2.0 * gap) * 0.36).floor();
        let tell = width - 2.0 * gap - wire - meaning;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            column(ui, wire, |ui| {
                wire_column(ui, frame, inspection, *pointed, &mut under)
            });
            column(ui, meaning, |ui| meaning_column(ui, inspection, shows_private));
            column(ui, tell - 10.0, |ui| tell_column(ui, inspection));
        });
    }
    if *pointed != under {
        *pointed = under;
        ui.ctx().request_repaint();
    }
}

fn column(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing = vec2(8.0, 6.0);
        content(ui);
    });
}

fn wire_column(
    ui: &mut Ui,
    frame: &WireFrame,
    inspection: &Inspection,
    pointed: Option<(usize, usize)>,
    under: &mut Option<(usize, usize)>,
) {
    ui.label(text::caption(ui, "What crossed the wire"));
    let of_part = |part: usize| {
        pointed
            .filter(|(which, _)| *which == part)
            .map(|(_, field)| field)
    };
    let mut part_ui = |ui: &mut Ui, part: usize, bytes: &[u8], fields: &[_]| {
        let lit = of_part(part);
        let at_bytes = bytes_ui(ui, bytes, fields, lit);
        let at_list = fields_ui(ui, fields, lit);
        if let Some(field) = at_bytes.or(at_list) {
            *under = Some((part, field));
        }
    };
    part_ui(ui, 0, &frame.bytes, &inspection.fields);
    for (place, inside) in inspection.inside.iter().enumerate() {
        ui.add_space(6.0);
        ui.label(text::caption(ui, &format!("Sealed in it: {}", inside.name)));
        part_ui(ui, place + 1, &inside.text, &inside.fields);
    }
}

fn meaning_column(ui: &mut Ui, inspection: &Inspection, shows_private: &mut bool) {
    ui.label(text::caption(ui, "What it means"));
    for (name, value) in &inspection.facts {
        ui.add(egui::Label::new(text::small(ui, name)).wrap());
        // Some values are texts of others.
        let shown = clean::reveal_line(value);
        let words = text::with_bytes(&shown, fonts::BODY, palette(ui).text);
        ui.add(egui::Label::new(words).wrap());
    }
    let Inspection {
        lines,
        private,
        without,
        ..
    } = inspection;
    if lines.is_empty() && private.is_empty() && without.is_empty() {
        return;
    }
    ui.add_space(6.0);
    ui.label(text::caption(ui, "Compute it yourself"));
    for (place, line) in lines.iter().enumerate() {
        ui.push_id(place, |ui| line_ui(ui, line));
    }
    for words in without {
        ui.add(egui::Label::new(text::small(ui, *words)).wrap());
    }
    if private.is_empty() {
        return;
    }
    ui.add_space(6.0);
    if *shows_private {
        let words =
            "These lines hold private values of your end. Who sees them can compute what they compute.";
        let _ = Banner::new(Tone::Warning, words).show(ui);
        for (place, line) in private.iter().enumerate() {
            ui.push_id(("private", place), |ui| line_ui(ui, line));
        }
        if ui.add(Button::ghost("Hide them").small()).clicked() {
            *shows_private = false;
        }
    } else {
        let words =
            "More can be computed with private values of your end. They are not shown unless you ask.";
        ui.add(egui::Label::new(text::small(ui, words)).wrap());
        let show = Button::secondary("Show the private lines").small();
        if ui.add(show).clicked() {
            *shows_private = true;
        }
    }
}

fn line_ui(ui: &mut Ui, line: &Recompute) {
    let p = palette(ui);
    ui.horizontal_top(|ui| {
        let name = format!("Copy the line for {}", line.what);
        if ui.add(IconButton::new(icons::COPY, &name).small()).clicked() {
            ui.ctx().copy_text(line.command.clone());
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add(egui::Label::new(text::small(ui, &line.what)).wrap());
            ui.add(Pill::new(line.tool.program(), Tone::Neutral));
            let command = text::mono(ui, beginning(&line.command, 90)).size(11.0);
            ui.add(egui::Label::new(command.color(p.text_weak)).wrap());
            let gives = format!("gives {}", beginning(&line.expect, 64));
            let gives = text::with_bytes(&gives, fonts::SMALL, p.text_weak);
            ui.add(egui::Label::new(gives).wrap())
                .on_hover_text(beginning(&line.expect, 2000));
        });
    });
}

/// The beginning of a long text, with a sign that it goes on.
fn beginning(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn tell_column(ui: &mut Ui, inspection: &Inspection) {
    let views = [
        ("What an eavesdropper can tell", &inspection.eavesdropper),
        ("What the host can tell", &inspection.host),
        ("What you can tell", &inspection.you),
    ];
    for (who, words) in views {
        if words.is_empty() {
            continue;
        }
        ui.label(text::caption(ui, who));
        ui.add(egui::Label::new(text::body(ui, words)).wrap());
        ui.add_space(4.0);
    }
}
