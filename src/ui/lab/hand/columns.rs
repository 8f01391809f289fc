//! The board for a transposition: columns are dragged side by side, and the score says whether they like it.

use egui::{
    Align2, Key as Press, Modifiers, Rect, Role, ScrollArea, Sense, Slider, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::{Arrow, Helper, arrows_ui};
use crate::analysis::attacks;
use crate::ciphers::Key;
use crate::lab::Lab;
use crate::lab::fitness;
use crate::lab::hand::columns::Board;
use crate::ui::lab::acts::Act;
use crate::ui::theme::{Palette, Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::{Banner, Button, Pill};

/// The board, and the scores that it has been through.
#[derive(Default)]
pub(super) struct View {
    board: Option<Board>,
    of: String,
    /// The score after each change, the newest last.
    scores: Vec<f64>,
    helper: Helper,
}

impl View {
    pub(super) fn ui(&mut self, ui: &mut Ui, lab: &mut Lab, acts: &mut Vec<Act>) {
        if self.board.is_none() || self.of != lab.breaking.text {
            *self = Self {
                board: Some(Board::new(&lab.breaking.text, FIRST_WIDTH)),
                of: lab.breaking.text.clone(),
                ..Self::default()
            };
        }
        let language = crate::lab::languages()[lab.breaking.language];
        let best = self.helper.best(ui, lab);
        let Some(board) = &mut self.board else { return };
        if let Some(key) = best {
            board.fill(&key);
        }
        if board.letters().len() < 2 {
            ui.label(text::weak(
                ui,
                "Paste a ciphertext above: its letters will stand here in columns.",
            ));
            return;
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            match arrows_ui(ui, board.can_undo(), board.can_redo()) {
                Some(Arrow::Undo) => board.undo(),
                Some(Arrow::Redo) => board.redo(),
                None => {}
            }
            ui.label(text::body(ui, "Columns"));
            let mut width = board.width();
            let most = MOST_COLUMNS.min(board.letters().len());
            let slider = ui
                .add(Slider::new(&mut width, 2..=most.max(3)))
                .accessible_name("Number of columns");
            if slider.changed() {
                board.set_width(width);
            }
            let help = Button::primary("Let the machine do it").icon(icons::LIGHTNING);
            let spec = attacks::find("columnar");
            if ui
                .add_enabled(spec.is_some() && !self.helper.is_at_work(), help)
                .clicked()
                && let Some(spec) = spec
            {
                let Lab {
                    breaking, attacks, ..
                } = lab;
                self.helper
                    .begin(breaking.start_with(attacks, spec, Vec::new(), Key::new()));
            }
            if ui
                .add(Button::secondary("Use this key").icon(icons::CHECK))
                .clicked()
            {
                acts.push(Act::Accept {
                    cipher: "columnar",
                    key: board.key(),
                    ciphertext: self.of.clone(),
                });
            }
        });
        if let Some(said) = &self.helper.said {
            let _ = Banner::new(Tone::Info, said).show(ui);
        }
        let plaintext = board.plaintext();
        let score = fitness::score(&plaintext, language).unwrap_or(f64::NEG_INFINITY);
        if self.scores.last() != Some(&score) {
            self.scores.push(score);
            if self.scores.len() > MOST_SCORES {
                self.scores.remove(0);
            }
        }
        score_ui(ui, &self.scores, score);
        columns_ui(ui, board);
        ui.label(text::caption(ui, "Read by rows"));
        let shown: String = plaintext.chars().take(1_200).collect();
        let label = ui.add(egui::Label::new(text::mono(ui, shown.as_str()).size(14.0)).wrap());
        label.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Read by rows: {shown}")));
    }
}

/// The score, and its course.
fn score_ui(ui: &mut Ui, scores: &[f64], score: f64) {
    let p = palette(ui);
    // Prose in English lies near −2.0 here, its letters in any order near −3.1.
    let share = ((score - CHANCE) / (ENGLISH - CHANCE)).clamp(0.0, 1.0) as f32;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let (said, tone) = match share {
            ..0.25 => ("no better than chance", Tone::Neutral),
            ..0.55 => ("some pairs fit", Tone::Info),
            ..0.8 => ("words begin to show", Tone::Warning),
            _ => ("this is a language", Tone::Success),
        };
        ui.label(text::body(ui, "Score"));
        ui.label(text::strong(ui, format!("{:.0}", share * 100.0)));
        let (rect, response) = ui.allocate_exact_size(vec2(180.0, 8.0), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Image, true, format!("Score {:.0} of 100", share * 100.0))
        });
        ui.painter().rect_filled(rect, 4, p.surface_3);
        let filled = rect.with_max_x(rect.left() + rect.width() * share.max(0.01));
        ui.painter().rect_filled(filled, 4, p.tone(tone));
        ui.add(Pill::new(said, tone));
        let (rect, _) = ui.allocate_exact_size(vec2(150.0, 26.0), Sense::hover());
        let (low, high) = (
            scores.iter().copied().fold(f64::INFINITY, f64::min),
            scores.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        );
        if scores.len() > 1 && high > low {
            let points: Vec<egui::Pos2> = scores
                .iter()
                .enumerate()
                .map(|(place, score)| {
                    let x = rect.left() + rect.width() * place as f32 / (scores.len() - 1) as f32;
                    pos2(
                        x,
                        rect.bottom() - rect.height() * ((score - low) / (high - low)) as f32,
                    )
                })
                .collect();
            ui.painter()
                .add(egui::Shape::line(points, egui::Stroke::new(1.5, p.accent)));
        }
    });
}

/// The columns, to be dragged; a bridge between two says how well they fit.
fn columns_ui(ui: &mut Ui, board: &mut Board) {
    let p = palette(ui);
    let width = board.width();
    let step = (ui.available_width() / width as f32).clamp(26.0, 54.0);
    let columns: Vec<Vec<char>> = board.columns().into_iter().map(<[char]>::to_vec).collect();
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0).min(MOST_ROWS);
    let height = HEAD + rows as f32 * ROW + 22.0;
    ScrollArea::horizontal().id_salt("columns").show(ui, |ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(step * width as f32, height), Sense::hover());
        let cell = |place: usize| {
            Rect::from_min_size(
                pos2(rect.left() + place as f32 * step, rect.top()),
                vec2(step, HEAD + rows as f32 * ROW),
            )
            .shrink2(vec2(1.5, 0.0))
        };
        let pointer = ui.input(|input| input.pointer.latest_pos());
        let over = pointer.map(|at| (((at.x - rect.left()) / step).max(0.0) as usize).min(width - 1));
        let mut held = None;
        let mut moved = None;
        for place in 0..width {
            let read = board.order()[place];
            let response = ui.interact(
                cell(place),
                ui.scope_id().with(("column", read)),
                Sense::click_and_drag(),
            );
            let name = format!("Column {} at place {}", read + 1, place + 1);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            if response.clicked() {
                response.request_focus();
            }
            if response.dragged() {
                held = Some(place);
                ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
            }
            if response.drag_stopped() {
                moved = over.map(|to| (place, to));
            }
            if response.has_focus() {
                let filter = egui::EventFilter {
                    horizontal_arrows: true,
                    ..Default::default()
                };
                ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
                let by = ui.input_mut(|input| {
                    i64::from(input.consume_key(Modifiers::NONE, Press::ArrowRight))
                        - i64::from(input.consume_key(Modifiers::NONE, Press::ArrowLeft))
                });
                let to = (place as i64 + by).clamp(0, width as i64 - 1) as usize;
                if to != place {
                    moved = Some((place, to));
                }
                style::focus_ring(ui.painter(), cell(place), 6, p);
            }
            let state = match (held == Some(place), response.hovered()) {
                (true, _) => Face::Held,
                (_, true) => Face::Hovered,
                _ => Face::Still,
            };
            column_paint(ui.painter(), cell(place), read, &columns[place], rows, state, p);
            if place + 1 < width {
                let fit = fitness::neighbours(&columns[place], &columns[place + 1]);
                let at = pos2(rect.left() + (place + 1) as f32 * step, rect.bottom() - 10.0);
                let share = ((fit + 0.2) / 1.2).clamp(0.0, 1.0) as f32;
                let color = p.surface_3.lerp_to_gamma(p.success, share);
                ui.painter().circle_filled(at, 3.0 + 3.0 * share, color);
            }
        }
        if let (Some(from), Some(to)) = (held, over)
            && from != to
        {
            let x = if to > from {
                cell(to).right()
            } else {
                cell(to).left()
            };
            ui.painter().vline(x, rect.y_range(), Stroke::new(3.0, p.accent));
        }
        if let Some((from, to)) = moved {
            board.move_column(from, to);
        }
    });
    let said = "Drag a column to its place, or press it and use the arrow keys. Large dots: pairs of letters that English likes.";
    ui.label(text::small(ui, said));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Still,
    Hovered,
    Held,
}

fn column_paint(
    painter: &egui::Painter,
    cell: Rect,
    read: usize,
    letters: &[char],
    rows: usize,
    face: Face,
    p: &Palette,
) {
    let fill = match face {
        Face::Still => p.surface_2,
        Face::Hovered => p.surface_3,
        Face::Held => p.accent_soft,
    };
    let edge = if face == Face::Held { p.accent } else { p.border };
    painter.rect(cell, 6, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let head = pos2(cell.center().x, cell.top() + HEAD / 2.0);
    painter.text(
        head,
        Align2::CENTER_CENTER,
        read + 1,
        fonts::semibold(12.0),
        p.accent,
    );
    for (row, letter) in letters.iter().take(rows).enumerate() {
        let at = pos2(cell.center().x, cell.top() + HEAD + (row as f32 + 0.5) * ROW);
        painter.text(
            at,
            Align2::CENTER_CENTER,
            letter,
            fonts::mono(13.0),
            p.text_strong,
        );
    }
    if letters.len() > rows {
        let at = pos2(cell.center().x, cell.bottom() - 2.0);
        painter.text(at, Align2::CENTER_BOTTOM, "…", fonts::mono(11.0), p.text_weak);
    }
}

const FIRST_WIDTH: usize = 6;
const MOST_COLUMNS: usize = 30;
const MOST_ROWS: usize = 14;
const MOST_SCORES: usize = 200;
const HEAD: f32 = 22.0;
const ROW: f32 = 18.0;
/// The scores between which the bar runs: letters of English in any order, and English.
const CHANCE: f64 = -3.15;
const ENGLISH: f64 = -2.15;
