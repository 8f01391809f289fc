//! The board for the Vigenère family: the period from its chart, then one wheel for each column.

use egui::{Align2, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::{Arrow, Helper, arrows_ui};
use crate::analysis::attacks;
use crate::ciphers::{Key, find};
use crate::lab::Lab;
use crate::lab::breaking::Choice;
use crate::lab::hand::wheels::{Board, CIPHERS};
use crate::ui::lab::Sorting;
use crate::ui::lab::acts::Act;
use crate::ui::lab::chart::frequency_ui;
use crate::ui::lab::wheel::wheel_ui;
use crate::ui::theme::{Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::{Banner, Button, select_ui};

/// The board.
#[derive(Default)]
pub(super) struct View {
    board: Option<Board>,
    helper: Helper,
}

impl View {
    pub(super) fn ui(&mut self, ui: &mut Ui, lab: &mut Lab, acts: &mut Vec<Act>) {
        let asked = match lab.breaking.choice {
            Choice::Cipher(id) if CIPHERS.contains(&id) => Some(id),
            _ => None,
        };
        let mut cipher = asked
            .or(self.board.as_ref().map(Board::cipher))
            .unwrap_or(CIPHERS[0]);
        let stale = |board: &Board| board.text() != lab.breaking.text || board.cipher() != cipher;
        if self.board.as_ref().is_none_or(stale) {
            *self = Self {
                board: Some(Board::new(&lab.breaking.text, cipher)),
                ..Self::default()
            };
        }
        let best = self.helper.best(ui, lab);
        let Some(board) = &mut self.board else { return };
        if let Some(key) = best {
            board.fill(&key);
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            match arrows_ui(ui, board.can_undo(), board.can_redo()) {
                Some(Arrow::Undo) => board.undo(),
                Some(Arrow::Redo) => board.redo(),
                None => {}
            }
            let options: Vec<(&str, &str)> = CIPHERS
                .iter()
                .filter_map(|id| find(id).map(|spec| (spec.id, spec.name)))
                .collect();
            if select_ui(ui, "Cipher of the wheels", 150.0, &mut cipher, &options).changed() {
                lab.breaking.choice = Choice::Cipher(cipher);
            }
            let turn = Button::secondary("Turn all to the best").icon(icons::ARROWS_CLOCKWISE);
            if ui
                .add(turn)
                .on_hover_text("Each wheel alone, by its letter counts")
                .clicked()
            {
                board.turn_all_to_best();
            }
            let help = Button::primary("Let the machine do it").icon(icons::LIGHTNING);
            let spec = attacks::find(cipher);
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
                    cipher: board.cipher(),
                    key: board.key(),
                    ciphertext: board.text().to_owned(),
                });
            }
        });
        if let Some(said) = &self.helper.said {
            let _ = Banner::new(Tone::Info, said).show(ui);
        }
        ui.label(text::body(
            ui,
            "First the period: where the columns are as uneven as a language, a bar stands out. Press it.",
        ));
        periods_ui(ui, board);
        ui.label(text::body(
            ui,
            "Then the wheels: turn each until its column (coloured) has the shape of English (pale).",
        ));
        wheels_ui(ui, board);
        let plaintext: String = board.plaintext().chars().take(1_200).collect();
        ui.label(text::caption(ui, "As the wheels stand"));
        let label = ui.add(egui::Label::new(text::mono(ui, plaintext.as_str()).size(14.0)).wrap());
        label.widget_info(|| {
            WidgetInfo::labeled(Role::Label, true, format!("As the wheels stand: {plaintext}"))
        });
    }
}

/// The index of coincidence of the columns for each period; a press chooses one.
fn periods_ui(ui: &mut Ui, board: &mut Board) {
    let p = palette(ui);
    let periods = board.periods(MOST_PERIODS);
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, 112.0), Sense::hover());
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 8, p.surface_0);
    let ground = Rect::from_min_max(rect.min + vec2(12.0, 22.0), rect.max - vec2(12.0, 20.0));
    let step = ground.width() / periods.len() as f32;
    let height = |index: f64| ((index - FLOOR) / (CEILING - FLOOR)).clamp(0.02, 1.0) as f32 * ground.height();
    for (name, index, color) in [("English", 0.0667, p.success), ("chance", 0.0385, p.text_weak)] {
        let y = ground.bottom() - height(index);
        painter.hline(ground.x_range(), y, Stroke::new(1.0, color.gamma_multiply(0.5)));
        painter.text(
            pos2(ground.right(), y - 1.0),
            Align2::RIGHT_BOTTOM,
            name,
            fonts::regular(10.0),
            color,
        );
    }
    painter.text(
        rect.left_top() + vec2(12.0, 4.0),
        Align2::LEFT_TOP,
        "index of coincidence of the columns, by period",
        fonts::regular(11.0),
        p.text_weak,
    );
    for (place, &index) in periods.iter().enumerate() {
        let period = place + 1;
        let left = ground.left() + place as f32 * step;
        let column = Rect::from_min_max(pos2(left, ground.top()), pos2(left + step, rect.bottom()));
        let response = ui.interact(column, ui.scope_id().with(("period", period)), Sense::click());
        let on = board.period() == period;
        let name = format!("Period {period}: index {index:.3}");
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &name));
        let bar = Rect::from_min_max(
            pos2(left + step * 0.2, ground.bottom() - height(index)),
            pos2(left + step * 0.8, ground.bottom()),
        );
        let color = match (on, response.hovered()) {
            (true, _) => p.accent,
            (_, true) => p.text_strong,
            _ => p.info.gamma_multiply(0.75),
        };
        painter.rect_filled(bar, 2, color);
        let ink = if on { p.accent } else { p.text_weak };
        painter.text(
            pos2(left + step / 2.0, rect.bottom() - 4.0),
            Align2::CENTER_BOTTOM,
            period,
            fonts::regular(11.0),
            ink,
        );
        if response.has_focus() {
            style::focus_ring(&painter, column, 4, p);
        }
        if response.clicked() {
            board.set_period(period);
        }
    }
}

/// One wheel for each column, with the column's counts under it.
fn wheels_ui(ui: &mut Ui, board: &mut Board) {
    let p = palette(ui);
    let positions: Vec<char> = (0..board.positions())
        .map(|position| board.name_of(position))
        .collect();
    ScrollArea::horizontal().id_salt("wheels").show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 10.0;
            for column in 0..board.period() {
                ui.push_id(("wheel", column), |ui| {
                    ui.vertical(|ui| {
                        ui.set_width(WHEEL);
                        ui.spacing_mut().item_spacing.y = 4.0;
                        let position = usize::from(board.wheel(column));
                        let (response, turned) = wheel_ui(ui, WHEEL, &positions, position);
                        let letter = board.name_of(board.wheel(column));
                        let _ = response.accessible_name(format!("Wheel {} at {letter}", column + 1));
                        if turned != 0 {
                            let count = positions.len() as i64;
                            board.turn(column, (position as i64 + turned).rem_euclid(count) as u8);
                        }
                        let (census, _) = board.column_at(column, board.wheel(column));
                        let best = board.best(column) == board.wheel(column);
                        let color = if best { p.success } else { p.series[4] };
                        let name = format!("column {}", column + 1);
                        frequency_ui(ui, vec2(WHEEL, 46.0), &name, &census, Sorting::Letter, color);
                        let (rect, _) = ui.allocate_exact_size(vec2(WHEEL, 22.0), Sense::hover());
                        ui.painter()
                            .rect(rect, 5, p.surface_3, Stroke::NONE, StrokeKind::Inside);
                        ui.painter().text(
                            rect.center(),
                            Align2::CENTER_CENTER,
                            letter,
                            fonts::semibold(14.0),
                            if best { p.success } else { p.text_strong },
                        );
                    });
                });
            }
        });
    });
}

const WHEEL: f32 = 118.0;
const MOST_PERIODS: usize = 24;
/// The indexes between which the bars stand.
const FLOOR: f64 = 0.030;
const CEILING: f64 = 0.078;
