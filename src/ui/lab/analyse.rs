//! Analyse: what a text gives away before anybody attacks it, and what it may be.

use egui::{
    Align2, Frame, Margin, Popup, Rect, Role, ScrollArea, Sense, Stroke, TextEdit, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

use super::letters::LINE;
use super::{LabCommand, LabView};
use crate::analysis::keyspace::grouped;
use crate::analysis::ngrams::Repeat;
use crate::ciphers::find;
use crate::lab::Lab;
use crate::lab::breaking::{Choice, MOST_BYTES};
use crate::lab::report::Report;
use crate::ui::theme::{fonts, icons, palette, style, text};
use crate::ui::widgets::{
    Button, Card, Drawing, IconButton, empty_ui, follow_focus, row_end_ui, segmented_ui,
};

/// What the page remembers between frames.
pub(super) struct AnalyseView {
    text: String,
    /// The report, and the text that it is of.
    made: Option<(String, Report)>,
    /// Letters in each run of the chart.
    run: usize,
}

impl Default for AnalyseView {
    fn default() -> Self {
        Self {
            text: String::new(),
            made: None,
            run: 1,
        }
    }
}

impl AnalyseView {
    /// Puts another text there.
    pub fn set(&mut self, text: &str) {
        self.text = text[..text.floor_char_boundary(MOST_BYTES)].to_owned();
    }
}

impl LabView {
    pub(super) fn analyse_ui(&mut self, ui: &mut Ui, lab: &mut Lab, commands: &mut Vec<LabCommand>) {
        let dropped = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
        commands.extend(dropped.map(LabCommand::ReadFile));
        ScrollArea::vertical()
            .id_salt("analyse")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 10.0;
                self.analysed_text_ui(ui, lab, commands);
                let view = &mut self.analyse;
                if view.made.as_ref().is_none_or(|(of, _)| *of != view.text) {
                    view.made = Some((view.text.clone(), Report::of(&view.text)));
                }
                let Some((_, report)) = &view.made else { return };
                if report.letters == 0 && report.guesses.is_empty() {
                    ui.add_space(16.0);
                    let sentence = "Paste any text: its letters, pairs and repeats say what it may be, before anybody attacks it.";
                    empty_ui(ui, Drawing::Search, "Nothing to look at", sentence, |_| ());
                    return;
                }
                let attack = guess_ui(ui, report);
                numbers_ui(ui, report);
                runs_ui(ui, report, &mut view.run);
                let (text, wide) = (view.text.clone(), ui.available_width() > 760.0);
                let charts: [&dyn Fn(&mut Ui); 3] = [
                    &|ui| periods_ui(ui, report),
                    &|ui| kasiski_ui(ui, report),
                    &|ui| autocorrelation_ui(ui, report),
                ];
                if wide {
                    ui.columns(2, |columns| {
                        charts[0](&mut columns[0]);
                        charts[2](&mut columns[0]);
                        charts[1](&mut columns[1]);
                    });
                } else {
                    charts.iter().for_each(|chart| chart(ui));
                }
                if let Some(choice) = attack {
                    self.show_breaking(lab, &text, choice);
                }
                follow_focus(ui);
            });
    }

    fn analysed_text_ui(&mut self, ui: &mut Ui, lab: &Lab, commands: &mut Vec<LabCommand>) {
        let p = palette(ui);
        Frame::new()
            .fill(p.surface_2)
            .stroke(Stroke::new(1.0, p.border))
            .corner_radius(style::RADIUS_LARGE)
            .inner_margin(Margin::symmetric(12, 8))
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 4.0;
                ui.horizontal(|ui| {
                    ui.label(text::caption(ui, "Any text"));
                    row_end_ui(ui, |ui| {
                        ui.spacing_mut().item_spacing.x = 4.0;
                        let menu = ui.add(Button::ghost("From the bench").icon(icons::FLASK).small());
                        Popup::menu(&menu).width(240.0).show(|ui| {
                            if ui.add(Button::ghost("The text on top").small()).clicked() {
                                self.analyse.set(lab.bench.text());
                            }
                            for card in lab.bench.cards() {
                                let Some(Ok(output)) = lab.outcome(card.id) else {
                                    continue;
                                };
                                if ui.add(Button::ghost(card.cipher.name).small()).clicked() {
                                    self.analyse.set(&output.text);
                                }
                            }
                        });
                        let open = IconButton::new(icons::FOLDER_OPEN, "Open a text file").small();
                        if ui.add(open).clicked() {
                            commands.push(LabCommand::OpenText);
                        }
                        let clear = IconButton::new(icons::TRASH, "Clear the text").small();
                        if ui.add(clear).clicked() {
                            self.analyse.text.clear();
                        }
                    });
                });
                let lines = if super::is_tall(ui) { 5.0 } else { 3.0 };
                ScrollArea::vertical()
                    .id_salt("analysed text")
                    .max_height(lines * LINE)
                    .min_scrolled_height(lines * LINE)
                    .auto_shrink([false, true])
                    .show(ui, |ui| {
                        let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, width: f32| {
                            super::letters::layout(ui, text.as_str(), width, palette(ui).text_strong)
                        };
                        ui.add(
                            TextEdit::multiline(&mut self.analyse.text)
                                .id_salt("analysed text")
                                .font(fonts::mono(fonts::MONO))
                                .frame(Frame::NONE)
                                .margin(Margin::ZERO)
                                .hint_text("Paste something")
                                .char_limit(MOST_BYTES)
                                .desired_rows(lines as usize)
                                .desired_width(f32::INFINITY)
                                .layouter(&mut layouter),
                        )
                        .accessible_name("Text to analyse")
                    });
            });
    }
}

/// What it may be and why; gives what to attack, if that was asked for.
fn guess_ui(ui: &mut Ui, report: &Report) -> Option<Choice> {
    let mut attack = None;
    let title = "What it may be";
    Card::new()
        .title(title)
        .icon(icons::DETECTIVE)
        .full_width()
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            if report.guesses.is_empty() {
                ui.label(text::weak(ui, "There is too little to say anything."));
            }
            for guess in &report.guesses {
                ui.add(egui::Label::new(text::strong(ui, guess.says.as_str())).wrap());
                ui.add(egui::Label::new(text::body(ui, guess.why.as_str())).wrap());
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    for id in guess.ciphers {
                        let Some(spec) = find(id) else { continue };
                        let label = format!("Attack it as {}", spec.name);
                        if ui
                            .add(Button::secondary(&label).icon(icons::LIGHTNING).small())
                            .clicked()
                        {
                            attack = Some(Choice::Cipher(spec.id));
                        }
                    }
                });
            }
        });
    attack
}

/// The numbers of the whole text.
fn numbers_ui(ui: &mut Ui, report: &Report) {
    let figures = &report.figures;
    let number = |value: Option<f64>, places: usize| {
        value.map_or("–".to_owned(), |value| format!("{value:.places$}"))
    };
    let each = [
        (
            "Letters",
            grouped(report.letters as u64),
            "A to Z, in the whole text",
        ),
        (
            "Index of coincidence",
            number(figures.index, 4),
            "English 0.0667, chance 0.0385",
        ),
        (
            "Entropy",
            format!("{} bits", number(figures.entropy, 2)),
            "English 4.18, at most 4.70",
        ),
        (
            "Chi-squared",
            number(figures.chi_english, 0),
            "against English; small is near",
        ),
    ];
    let p = palette(ui);
    let columns = if ui.available_width() > 640.0 { 4 } else { 2 };
    let width = (ui.available_width() + 10.0) / columns as f32 - 10.0;
    for row in each.chunks(columns) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 10.0;
            for (name, value, about) in row {
                Frame::new()
                    .fill(p.surface_2)
                    .stroke(Stroke::new(1.0, p.border))
                    .corner_radius(style::RADIUS_LARGE)
                    .inner_margin(Margin::symmetric(14, 10))
                    .show(ui, |ui| {
                        ui.set_width(width - 30.0);
                        ui.vertical(|ui| {
                            ui.spacing_mut().item_spacing.y = 1.0;
                            ui.label(text::small(ui, *name));
                            ui.label(text::heading(ui, value.as_str()));
                            ui.add(egui::Label::new(text::small(ui, *about)).truncate());
                        });
                    });
            }
        });
    }
}

/// The counts of letters, pairs, threes and fours.
fn runs_ui(ui: &mut Ui, report: &Report, run: &mut usize) {
    Card::new()
        .title("How often")
        .icon(icons::CHART_BAR)
        .full_width()
        .show(ui, |ui| {
            let lengths = [(1, "Letters"), (2, "Pairs"), (3, "Threes"), (4, "Fours")];
            segmented_ui(ui, "Letters in a row", run, &lengths);
            let counts = &report.runs[run.saturating_sub(1).min(3)];
            let bars: Vec<Bar> = counts
                .iter()
                .map(|count| Bar {
                    name: count.letters.clone(),
                    value: count.times as f64,
                    strong: false,
                })
                .collect();
            let name = lengths[run.saturating_sub(1).min(3)].1;
            bars_ui(ui, vec2(ui.available_width(), 130.0), name, &bars, &[], true);
        });
}

fn periods_ui(ui: &mut Ui, report: &Report) {
    Card::new().title("By period").icon(icons::COLUMNS).full_width().show(ui, |ui| {
        let said = "The index of coincidence if every so many letters share an alphabet. A repeating key stands out at its length.";
        ui.add(egui::Label::new(text::small(ui, said)).wrap());
        let bars = numbered(&report.periods, 1, |index| index > 0.057);
        let lines = [("English", 0.0667), ("chance", 0.0385)];
        bars_ui(ui, vec2(ui.available_width(), 120.0), "Index of coincidence by period", &bars, &lines, false);
    });
}

fn autocorrelation_ui(ui: &mut Ui, report: &Report) {
    let title = "Laid beside itself";
    Card::new().title(title).icon(icons::STACK).full_width().show(ui, |ui| {
        let said = "The share of letters that meet their like when the text is moved by so many places (autocorrelation).";
        ui.add(egui::Label::new(text::small(ui, said)).wrap());
        let bars = numbered(&report.autocorrelation, 1, |share| share > 0.06);
        let lines = [("chance", 0.0385)];
        bars_ui(ui, vec2(ui.available_width(), 120.0), "Autocorrelation by shift", &bars, &lines, false);
    });
}

/// Repeated sequences, their distances, and what divides them.
fn kasiski_ui(ui: &mut Ui, report: &Report) {
    let title = "What repeats";
    Card::new().title(title).icon(icons::ARROWS_CLOCKWISE).full_width().show(ui, |ui| {
        let said = "Kasiski's way: the key's length divides the distances between repeats (but for those by chance).";
        ui.add(egui::Label::new(text::small(ui, said)).wrap());
        if report.repeats.is_empty() {
            ui.label(text::weak(ui, "No three letters stand here twice."));
            return;
        }
        let shares: Vec<f64> = report.divisors.iter().map(|&count| count as f64).collect();
        let most = shares.iter().copied().fold(1.0, f64::max);
        let bars = numbered(&shares, 2, |count| count > 0.8 * most);
        bars_ui(ui, vec2(ui.available_width(), 90.0), "Distances divided by", &bars, &[], false);
        for repeat in report.repeats.iter().take(7) {
            repeat_ui(ui, repeat);
        }
    });
}

fn repeat_ui(ui: &mut Ui, repeat: &Repeat) {
    ui.horizontal(|ui| {
        ui.label(text::mono(ui, repeat.in_short()));
        let distances: Vec<String> = repeat.distances.iter().take(6).map(usize::to_string).collect();
        let said = format!("{} times, {} apart", repeat.places.len(), distances.join(", "));
        ui.add(egui::Label::new(text::small(ui, said)).truncate());
    });
}

/// One bar of a chart.
struct Bar {
    name: String,
    value: f64,
    strong: bool,
}

fn numbered(values: &[f64], first: usize, strong: impl Fn(f64) -> bool) -> Vec<Bar> {
    values
        .iter()
        .enumerate()
        .map(|(place, &value)| Bar {
            name: (first + place).to_string(),
            value,
            strong: strong(value),
        })
        .collect()
}

/// A chart of bars with their names below, and lines to compare with.
fn bars_ui(ui: &mut Ui, size: Vec2, name: &str, bars: &[Bar], lines: &[(&str, f64)], counted: bool) {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        let mut most: Vec<&Bar> = bars.iter().collect();
        most.sort_by(|a, b| b.value.total_cmp(&a.value));
        let told: Vec<String> = most
            .iter()
            .take(3)
            .map(|bar| match counted {
                true => format!("{} {:.0}", bar.name, bar.value),
                false => format!("{} {:.3}", bar.name, bar.value),
            })
            .collect();
        WidgetInfo::labeled(Role::Image, true, format!("{name}: {}", told.join(", ")))
    });
    if !ui.is_rect_visible(rect) || bars.is_empty() {
        return;
    }
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let ground = Rect::from_min_max(rect.min + vec2(0.0, 14.0), rect.max - vec2(0.0, 16.0));
    let highest = bars
        .iter()
        .map(|bar| bar.value)
        .chain(lines.iter().map(|line| line.1))
        .fold(1e-9, f64::max);
    let step = (ground.width() / bars.len() as f32).min(46.0);
    let height = |value: f64| (value / highest) as f32 * ground.height();
    for (name, value) in lines {
        let y = ground.bottom() - height(*value);
        painter.hline(ground.x_range(), y, Stroke::new(1.0, p.outline));
        painter.text(
            pos2(ground.right(), y - 1.0),
            Align2::RIGHT_BOTTOM,
            *name,
            fonts::regular(10.0),
            p.text_weak,
        );
    }
    let hovered = response
        .hover_pos()
        .map(|at| ((at.x - ground.left()) / step) as usize);
    let widest = bars.iter().map(|bar| bar.name.len()).max().unwrap_or(1) as f32;
    // Names that would touch are left out, every second or third.
    let every = ((widest * 7.0 + 3.0) / step).ceil().max(1.0) as usize;
    for (place, bar) in bars.iter().enumerate() {
        let left = ground.left() + place as f32 * step;
        let column = Rect::from_min_max(
            pos2(left + step * 0.16, ground.bottom() - height(bar.value).max(1.0)),
            pos2(left + step * 0.84, ground.bottom()),
        );
        let color = match (hovered == Some(place), bar.strong) {
            (true, _) => p.text_strong,
            (_, true) => p.accent,
            _ => p.info.gamma_multiply(0.8),
        };
        painter.rect_filled(column, 2, color);
        if place % every == 0 {
            let at = pos2(left + step / 2.0, rect.bottom());
            let color = if bar.strong { p.accent } else { p.text_weak };
            painter.text(at, Align2::CENTER_BOTTOM, &bar.name, fonts::mono(10.5), color);
        }
        if counted && step > 22.0 {
            let at = pos2(left + step / 2.0, column.top() - 1.0);
            painter.text(
                at,
                Align2::CENTER_BOTTOM,
                bar.value,
                fonts::regular(10.0),
                p.text_weak,
            );
        }
    }
    painter.hline(ground.x_range(), ground.bottom(), Stroke::new(1.0, p.outline));
    if let Some(bar) = hovered.and_then(|place| bars.get(place)) {
        let told = match counted {
            true => format!("{}: {:.0}", bar.name, bar.value),
            false => format!("{}: {:.4}", bar.name, bar.value),
        };
        let _ = response.on_hover_text_at_pointer(told);
    }
}
