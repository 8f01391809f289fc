//! The timeline of frames, and one frame in three columns.

use egui::{Align, Layout, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::bytes::{bytes_ui, fields_ui};
use crate::session::clean;
use crate::session::wire::{Connection, Inspection, Recompute, Wire, WireFrame};
use crate::ui::clock::Clock;
use crate::ui::theme::Tone;
use crate::ui::theme::{fonts, icons, palette, style, text};
use crate::ui::widgets::{Banner, Button, IconButton, Pill, paint};

const ROW: f32 = 24.0;

/// Draws the timeline; gives the frame that was chosen.
pub(super) fn timeline_ui(ui: &mut Ui, wire: &Wire, shown: Option<u64>, clock: &Clock) -> Option<u64> {
    let mut chosen = None;
    let height = (ui.available_height() * 0.3).clamp(80.0, 190.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    // One connection needs no divider; of several each has one in front of its frames.
    let mut connections: Vec<Connection> = wire.connections().collect();
    if connections.len() < 2 {
        connections.clear();
    }
    ScrollArea::vertical()
        .id_salt("timeline")
        .max_height(height)
        .auto_shrink([false, true])
        .stick_to_bottom(true)
        .show_rows(ui, ROW, wire.frames().len() + connections.len(), |ui, rows| {
            for row in rows {
                // The divider of the connection numbered `before` stands `before` rows further down.
                let before = connections
                    .iter()
                    .enumerate()
                    .take_while(|(before, connection)| connection.place + before < row)
                    .count();
                let divider = connections.get(before).filter(|next| next.place + before == row);
                if let Some(connection) = divider {
                    divider_ui(ui, connection);
                } else if let Some(frame) = wire.nth(row - before)
                    && row_ui(ui, frame, shown == Some(frame.n), clock)
                {
                    chosen = Some(frame.n);
                }
            }
        });
    ui.spacing_mut().item_spacing.y = 8.0;
    chosen
}

/// Where another connection begins.
fn divider_ui(ui: &mut Ui, connection: &Connection) {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let words = format!(
        "Connection {}: {}",
        connection.number,
        connection.beginning.words()
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    let words = paint::line_within(
        ui,
        &words,
        fonts::medium(fonts::SMALL),
        p.text_weak,
        rect.width() - 40.0,
    );
    let left = rect.left() + 6.0;
    let right = left + words.size().x + 10.0;
    paint::galley_left(ui.painter(), left, rect.center().y, words);
    ui.painter()
        .hline(right..=rect.right(), rect.center().y, Stroke::new(1.0, p.border));
}

fn row_ui(ui: &mut Ui, frame: &WireFrame, selected: bool, clock: &Clock) -> bool {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let way = if frame.sent { "sent" } else { "received" };
    let spoken = format!(
        "Frame {}: {}, {way}, {} bytes",
        frame.n,
        frame.name(),
        frame.bytes.len()
    );
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &spoken));
    if selected || response.hovered() {
        let fill = if selected { p.surface_3 } else { p.surface_2 };
        ui.painter().rect_filled(rect, 4, fill);
    }
    let middle = rect.center().y;
    let mut left = rect.left() + 6.0;
    let mut put = |ui: &Ui, width: f32, words: &str, font: egui::FontId, color: egui::Color32| {
        let galley = paint::line_within(ui, words, font, color, width);
        paint::galley_left(ui.painter(), left, middle, galley);
        left += width + 8.0;
    };
    put(ui, 44.0, &frame.n.to_string(), fonts::mono(12.0), p.text_weak);
    put(
        ui,
        92.0,
        &clock.time_to_the_thousandth(frame.at_ms),
        fonts::mono(12.0),
        p.text_weak,
    );
    let (icon, color) = if frame.sent {
        (icons::ARROW_RIGHT, p.accent)
    } else {
        (icons::ARROW_LEFT, p.info)
    };
    put(ui, 18.0, "", fonts::regular(fonts::SMALL), p.text);
    paint::icon(ui.painter(), pos2(rect.left() + 166.0, middle), icon, 14.0, color);
    put(ui, 96.0, frame.name(), fonts::medium(13.0), p.text_strong);
    put(
        ui,
        90.0,
        &format!("{} bytes", frame.bytes.len()),
        fonts::regular(fonts::SMALL),
        p.text_weak,
    );
    let rest = rect.right() - rect.left() - 386.0;
    if rest > 120.0 {
        put(ui, rest, frame.what(), fonts::regular(fonts::SMALL), p.text_weak);
    }
    paint::interactive(ui, &response, rect, style::RADIUS, p);
    response.clicked()
}

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
        ui.label(text::small(ui, name));
        // Some values are texts of others.
        let shown = clean::reveal_line(value);
        let is_hex = value.len() >= 10 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        let words = if is_hex {
            text::mono(ui, &*shown).size(11.0)
        } else {
            text::body(ui, &*shown)
        };
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
        let show = Button::secondary("Show the lines with private values").small();
        if ui.add(show).clicked() {
            *shows_private = true;
        }
    }
}

fn line_ui(ui: &mut Ui, line: &Recompute) {
    ui.horizontal_top(|ui| {
        let name = format!("Copy the line for {}", line.what);
        if ui.add(IconButton::new(icons::COPY, &name).small()).clicked() {
            ui.ctx().copy_text(line.command.clone());
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add(egui::Label::new(text::small(ui, &line.what)).wrap());
            ui.horizontal_wrapped(|ui| {
                ui.add(Pill::new(line.tool.program(), Tone::Neutral));
                let command = text::mono(ui, beginning(&line.command, 90))
                    .size(11.0)
                    .color(palette(ui).text_weak);
                ui.add(egui::Label::new(command).wrap());
            });
            let gives = format!("gives {}", beginning(&line.expect, 64));
            ui.add(egui::Label::new(text::small(ui, gives)).wrap())
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
