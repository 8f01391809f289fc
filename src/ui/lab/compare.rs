//! The comparison: every card's fingerprint large, the numbers in one table, and what a small change does.

mod table;

use egui::{Align, Color32, Frame, Grid, Layout, Margin, Popup, Rect, ScrollArea, Sense, Stroke, Ui, vec2};

use super::acts::Act;
use super::card::short_name;
use super::chart::{bar_color, frequency_ui, strip_ui, tone};
use super::{LabCommand, LabView, Sorting, picture};
use crate::analysis::avalanche::AES_EXPLANATION;
use crate::ciphers::{Direction, Family};
use crate::lab::compare::{RATES, Row, csv, differences, fingerprint_in_words, markdown, rows};
use crate::lab::trial::Verdict;
use crate::lab::{CardId, Lab, job::Output};
use crate::ui::theme::{Palette, Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::{
    Banner, Button, Drawing, Pill, empty_ui, follow_focus, row_end_ui, segmented_ui, select_ui,
};

/// What the comparison remembers between frames.
pub(super) struct CompareView {
    rate: usize,
    /// Where the table stands on the screen; the picture is cut out there.
    table: Rect,
    /// The picture that was asked for.
    picture: Option<picture::Asked>,
}

impl Default for CompareView {
    fn default() -> Self {
        Self {
            rate: 1,
            table: Rect::NOTHING,
            picture: None,
        }
    }
}

impl LabView {
    pub(super) fn compare_ui(
        &mut self,
        ui: &mut Ui,
        lab: &mut Lab,
        acts: &mut Vec<Act>,
        commands: &mut Vec<LabCommand>,
    ) {
        let rows = rows(lab);
        self.compare_bar_ui(ui, &rows, acts, commands);
        if lab.bench.cards().is_empty() {
            ui.add_space(24.0);
            let sentence = "Put some ciphers on the bench, and see here what they leave of the language.";
            empty_ui(ui, Drawing::Search, "Nothing to compare", sentence, |_| ());
            return;
        }
        ScrollArea::vertical()
            .id_salt("comparison")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 10.0;
                let shown = ui.scope(|ui| {
                    if lab.bench.direction() == Direction::Decrypt {
                        let said = "The bench decrypts: these are the numbers of what came out.";
                        let _ = Banner::new(Tone::Info, said).show(ui);
                    }
                    ui.label(text::subheading(ui, "Does the language show through?"));
                    fingerprints_ui(ui, &rows, self.sorting);
                    let rate = &RATES[self.compare.rate.min(RATES.len() - 1)];
                    table::table_ui(ui, lab, &rows, rate, acts);
                });
                self.compare.table = shown.response.rect.intersect(ui.clip_rect());
                avalanche_ui(ui, lab);
                differences_ui(ui, lab);
                follow_focus(ui);
            });
        let taken = self
            .compare
            .picture
            .as_ref()
            .and_then(|asked| asked.get().cloned());
        if let Some(png) = taken {
            self.compare.picture = None;
            commands.push(LabCommand::SavePng {
                suggested_name: "comparison.png".to_owned(),
                png,
            });
        }
    }

    fn compare_bar_ui(
        &mut self,
        ui: &mut Ui,
        rows: &[Row],
        acts: &mut Vec<Act>,
        commands: &mut Vec<LabCommand>,
    ) {
        // In a narrow window what concerns all rows stands in a row of its own.
        let beside = ui.available_width() >= BAR_WIDTH;
        ui.horizontal(|ui| {
            ui.label(text::small(ui, "Keys tried by"));
            let options: Vec<(usize, &str)> =
                RATES.iter().enumerate().map(|(i, rate)| (i, rate.name)).collect();
            let taken = if beside { ALL_WIDTH } else { 0.0 };
            let width = (ui.available_width() - taken).clamp(110.0, 300.0);
            select_ui(ui, "Keys tried by", width, &mut self.compare.rate, &options);
            if beside {
                row_end_ui(ui, |ui| self.all_rows_ui(ui, rows, acts, commands));
            }
        });
        if !beside {
            ui.horizontal(|ui| self.all_rows_ui(ui, rows, acts, commands));
        }
    }

    /// What concerns all rows: the order of their bars, attacks on each, the export.
    fn all_rows_ui(
        &mut self,
        ui: &mut Ui,
        rows: &[Row],
        acts: &mut Vec<Act>,
        commands: &mut Vec<LabCommand>,
    ) {
        let options = [(Sorting::Frequency, "By count"), (Sorting::Letter, "A to Z")];
        segmented_ui(ui, "Order of the bars", &mut self.sorting, &options);
        let untried = rows.iter().filter(|row| row.verdict == Verdict::NotTried);
        let cards: Vec<CardId> = untried.filter_map(|row| row.card).collect();
        let all = Button::secondary("Break them all").icon(icons::LIGHTNING);
        if ui.add_enabled(!cards.is_empty(), all).clicked() {
            acts.extend(cards.into_iter().map(Act::BreakIt));
        }
        self.export_ui(ui, rows, commands);
    }

    fn export_ui(&mut self, ui: &mut Ui, rows: &[Row], commands: &mut Vec<LabCommand>) {
        let rate = &RATES[self.compare.rate.min(RATES.len() - 1)];
        let export = ui.add(Button::secondary("Export").icon(icons::UPLOAD_SIMPLE));
        Popup::menu(&export).width(200.0).show(|ui| {
            let mut save = |name: &str, text: String| {
                commands.push(LabCommand::SaveText {
                    suggested_name: name.to_owned(),
                    text,
                });
            };
            if ui
                .add(Button::ghost("Table as CSV").icon(icons::TABLE).small())
                .clicked()
            {
                save("comparison.csv", csv(rows, rate));
            }
            if ui
                .add(Button::ghost("Table as Markdown").icon(icons::HASH).small())
                .clicked()
            {
                save("comparison.md", markdown(rows, rate));
            }
            if ui
                .add(Button::ghost("Picture as PNG").icon(icons::CHART_BAR).small())
                .clicked()
            {
                self.compare.picture = Some(picture::request(ui.ctx(), self.compare.table));
            }
        });
    }
}

fn panel(p: &Palette) -> Frame {
    Frame::new()
        .fill(p.surface_2)
        .stroke(Stroke::new(1.0, p.border))
        .corner_radius(style::RADIUS_LARGE)
        .inner_margin(Margin::symmetric(14, 10))
}

/// One large chart for each row, side by side.
fn fingerprints_ui(ui: &mut Ui, rows: &[Row], sorting: Sorting) {
    let p = palette(ui);
    let width = ui.available_width();
    let columns = ((width / 182.0) as usize).clamp(1, rows.len().max(1));
    let step = (width + 10.0) / columns as f32;
    let height = if ui.ctx().content_rect().height() > 900.0 {
        150.0
    } else {
        104.0
    };
    for chunk in rows.chunks(columns) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 10.0;
            for row in chunk {
                let fingerprint = row.figures.fingerprint();
                let own = row.key_bits.is_none();
                let frame = panel(p).inner_margin(Margin::symmetric(10, 8));
                frame.show(ui, |ui| {
                    ui.set_width(step - 10.0 - 22.0);
                    ui.vertical(|ui| {
                        ui.spacing_mut().item_spacing.y = 6.0;
                        ui.add(egui::Label::new(text::strong(ui, short_name(&row.name))).truncate());
                        let color = if own {
                            p.info
                        } else {
                            bar_color(fingerprint, row.trusted, p)
                        };
                        let size = vec2(ui.available_width(), height);
                        frequency_ui(ui, size, &row.name, &row.figures.census, sorting, color);
                        let tone = if own {
                            Tone::Info
                        } else {
                            tone(fingerprint, row.trusted)
                        };
                        ui.add(Pill::new(fingerprint_in_words(fingerprint), tone));
                    });
                });
            }
        });
    }
}

fn avalanche_ui(ui: &mut Ui, lab: &Lab) {
    let p = palette(ui);
    ui.label(text::subheading(ui, "Change one letter, and what changes?"));
    panel(p).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 8.0;
        let mut modern = false;
        for card in lab.bench.cards() {
            let Some(Ok(output)) = lab.outcome(card.id) else {
                continue;
            };
            modern |= card.cipher.family == Family::Modern;
            strips_ui(ui, card.cipher.name, output);
        }
        if modern {
            ui.add(egui::Label::new(text::small(ui, AES_EXPLANATION)).wrap());
        }
    });
}

fn strips_ui(ui: &mut Ui, name: &str, output: &Output) {
    let p = palette(ui);
    ui.label(text::strong(ui, short_name(name)));
    for strip in &output.strips {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            ui.allocate_ui_with_layout(vec2(230.0, 16.0), Layout::left_to_right(Align::Min), |ui| {
                ui.set_width(230.0);
                ui.add(egui::Label::new(text::small(ui, strip.title)).truncate());
            });
            let width = ui.available_width() - 76.0;
            strip_ui(ui, width, strip);
            let changed = strip.changed.iter().filter(|&&changed| changed).count();
            let share = match strip.share() {
                share if share < 0.05 => format!("{changed} of {}", strip.changed.len()),
                share => format!("{:.0} %", share * 100.0),
            };
            ui.label(text::small(ui, share).color(p.text_strong));
        });
    }
    if output.strips.is_empty() {
        ui.label(text::small(ui, "Nothing to change here."));
    }
}

/// The heat map: how much of each result differs from each other, place by place.
fn differences_ui(ui: &mut Ui, lab: &Lab) {
    let p = palette(ui);
    let (names, table) = differences(lab);
    if names.len() < 2 {
        return;
    }
    ui.label(text::subheading(
        ui,
        "How much do the results differ, place by place?",
    ));
    panel(p).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let side = ((ui.available_width() - 190.0) / names.len() as f32).clamp(40.0, 96.0);
        Grid::new("differences").spacing(vec2(3.0, 3.0)).show(ui, |ui| {
            for (row, name) in names.iter().enumerate() {
                ui.allocate_ui_with_layout(vec2(180.0, 26.0), Layout::left_to_right(Align::Center), |ui| {
                    ui.set_width(180.0);
                    ui.add(egui::Label::new(text::small(ui, name.as_str())).truncate());
                });
                for share in &table[row] {
                    let (rect, _) = ui.allocate_exact_size(vec2(side, 26.0), Sense::hover());
                    let cold = p.surface_3;
                    let color = cold.lerp_to_gamma(p.series[1], *share as f32 * 0.85);
                    ui.painter().rect_filled(rect, 4, color);
                    let ink = if *share > 0.55 { heat_ink(p) } else { p.text };
                    ui.painter().text(
                        rect.center(),
                        egui::Align2::CENTER_CENTER,
                        format!("{:.0} %", share * 100.0),
                        fonts::regular(fonts::SMALL),
                        ink,
                    );
                }
                ui.end_row();
            }
        });
        let said = "In the same order from left to right. A transposition keeps the letters, but hardly any in its place.";
        ui.add(egui::Label::new(text::small(ui, said)).wrap());
    });
}

/// Readable on the hot end of the map, in either theme.
fn heat_ink(p: &Palette) -> Color32 {
    match p.series[1].intensity() > 0.5 {
        true => p.surface_0,
        false => p.surface_2,
    }
}

/// The width of the bar's end, and of the whole bar at its narrowest.
const ALL_WIDTH: f32 = 430.0;
const BAR_WIDTH: f32 = 640.0;
