//! The board for a pad used twice: a word is dragged along two ciphertexts, and what stands opposite comes out.

use egui::{Align2, Rect, Role, ScrollArea, Sense, Slider, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::lab::Lab;
use crate::lab::hand::pads::{Board, Placement};
use crate::ui::theme::{fonts, icons, palette, text};
use crate::ui::widgets::{Button, Field, IconButton, segmented_ui};

/// The board, the word and where it lies.
pub(super) struct View {
    board: Option<Board>,
    of: [String; 2],
    second: String,
    crib: String,
    place: usize,
    in_first: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            board: None,
            of: Default::default(),
            second: String::new(),
            crib: "THE".to_owned(),
            place: 0,
            in_first: true,
        }
    }
}

impl View {
    pub(super) fn ui(&mut self, ui: &mut Ui, lab: &mut Lab) {
        // Two texts with an empty line between them are taken as the two.
        let both = lab.breaking.text.trim().split_once("\n\n");
        let (first, second) = match both {
            Some((first, second)) => (first.to_owned(), second.to_owned()),
            None => {
                ui.add(
                    Field::new("The second ciphertext", &mut self.second)
                        .mono()
                        .multiline(2)
                        .hint("another text under the same pad"),
                );
                (lab.breaking.text.clone(), self.second.clone())
            }
        };
        let now = [first, second];
        if self.board.is_none() || self.of != now {
            self.board = Some(Board::new(&now[0], &now[1]));
            self.of = now;
            self.place = 0;
        }
        let Some(board) = &mut self.board else { return };
        if board.is_empty() {
            let said = "Paste two ciphertexts that were made with the same pad: one above and one here, or both above with an empty \
                        line between them.";
            ui.add(egui::Label::new(text::weak(ui, said)).wrap());
            return;
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let undo = IconButton::new(icons::ARROW_COUNTER_CLOCKWISE, "Undo");
            if ui.add_enabled(board.can_undo(), undo).clicked() {
                board.undo();
            }
            ui.add(
                Field::new("Word to drag", &mut self.crib)
                    .mono()
                    .hide_label()
                    .width(200.0),
            );
            let texts = [(true, "In the first"), (false, "In the second")];
            segmented_ui(ui, "The word stands", &mut self.in_first, &texts);
            if ui
                .add(Button::secondary("Put it down").icon(icons::ARROW_DOWN))
                .clicked()
            {
                board.put(&self.crib, self.place, self.in_first);
            }
        });
        let length = self.crib.chars().filter(char::is_ascii_alphabetic).count();
        let last = board.len().saturating_sub(length.max(1));
        self.place = self.place.min(last);
        tapes_ui(ui, board, &self.crib, &mut self.place, self.in_first);
        ui.horizontal(|ui| {
            ui.label(text::small(ui, "Place"));
            ui.spacing_mut().slider_width = (ui.available_width() - 70.0).max(80.0);
            ui.add(Slider::new(&mut self.place, 0..=last.max(1)))
                .accessible_name("Place of the word");
        });
        let placements = board.placements(&self.crib, lab.breaking.expected());
        ui.label(text::caption(ui, "Where it fits best"));
        if placements.is_empty() {
            ui.label(text::small(
                ui,
                "Nowhere: it contradicts what was put down before, or it is longer than the texts.",
            ));
        }
        if let Some(chosen) = placements_ui(ui, &placements) {
            self.place = chosen.place;
            self.in_first = chosen.in_first;
        }
    }
}

/// The two texts, with the word on one and what it drags out on the other. A drag moves the word.
fn tapes_ui(ui: &mut Ui, board: &Board, crib: &str, place: &mut usize, in_first: bool) {
    let p = palette(ui);
    let letters: Vec<char> = crib
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let opposite: Vec<char> = board.drag(crib, *place, in_first).chars().collect();
    let fits = board.fits(crib, *place, in_first);
    let plaintexts = board.plaintexts().map(|text| text.chars().collect::<Vec<_>>());
    let ciphertexts = board.ciphertexts().map(|text| text.chars().collect::<Vec<_>>());
    let width = CELL * board.len() as f32;
    ScrollArea::horizontal().id_salt("tapes").show(ui, |ui| {
        let (rect, response) =
            ui.allocate_exact_size(vec2(width, 4.0 * ROW + 12.0), Sense::CLICK | Sense::DRAG);
        response.widget_info(|| {
            let told: String = opposite.iter().collect();
            WidgetInfo::labeled(
                Role::Image,
                true,
                format!("The word at place {} drags out {told}", *place + 1),
            )
        });
        if let Some(at) = response.interact_pointer_pos() {
            let middle = letters.len() / 2;
            let under = ((at.x - rect.left()) / CELL).max(0.0) as usize;
            *place = under
                .saturating_sub(middle)
                .min(board.len().saturating_sub(letters.len()));
        }
        for (line, text) in [0, 1].into_iter().enumerate() {
            let top = rect.top() + line as f32 * (2.0 * ROW + 12.0);
            let is_word = (text == 0) == in_first;
            for column in 0..board.len() {
                let x = rect.left() + (column as f32 + 0.5) * CELL;
                if !ui.clip_rect().x_range().expand(CELL).contains(x) {
                    continue;
                }
                let under = column
                    .checked_sub(*place)
                    .filter(|offset| *offset < letters.len());
                let dragged = under.and_then(|offset| match is_word {
                    true => letters.get(offset),
                    false => opposite.get(offset),
                });
                let cell = Rect::from_center_size(pos2(x, top + ROW / 2.0), vec2(CELL, ROW)).shrink(1.0);
                let (sign, fill, ink) = match (dragged, is_word) {
                    (Some(letter), true) => (*letter, p.accent, p.on_accent),
                    (Some(letter), false) if fits => (*letter, p.warning_soft, p.warning),
                    (Some(letter), false) => (*letter, p.danger_soft, p.danger),
                    (None, _) => (plaintexts[text][column], p.surface_2, p.text_strong),
                };
                ui.painter().rect(cell, 4, fill, Stroke::NONE, StrokeKind::Inside);
                ui.painter()
                    .text(cell.center(), Align2::CENTER_CENTER, sign, fonts::mono(14.0), ink);
                let below = pos2(x, top + ROW * 1.45);
                let letter = ciphertexts[text][column];
                ui.painter().text(
                    below,
                    Align2::CENTER_CENTER,
                    letter,
                    fonts::mono(11.0),
                    p.text_weak,
                );
            }
        }
    });
    ui.label(text::small(
        ui,
        "Drag the word along. Where it is right, the other text turns into words too; then guess what comes next.",
    ));
}

/// The likeliest places; gives the one that was pressed.
fn placements_ui(ui: &mut Ui, placements: &[Placement]) -> Option<Placement> {
    let p = palette(ui);
    let mut chosen = None;
    ui.spacing_mut().item_spacing.y = 2.0;
    for placement in placements.iter().take(8) {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
        let which = if placement.in_first { "first" } else { "second" };
        let name = format!(
            "In the {which} text at {}: {}",
            placement.place + 1,
            placement.opposite
        );
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, 6, p.surface_3);
        }
        let said = format!("in the {which} text, letter {}", placement.place + 1);
        let middle = rect.left_center();
        ui.painter().text(
            middle + vec2(8.0, 0.0),
            Align2::LEFT_CENTER,
            said,
            fonts::regular(12.0),
            p.text_weak,
        );
        ui.painter().text(
            middle + vec2(200.0, 0.0),
            Align2::LEFT_CENTER,
            &placement.opposite,
            fonts::mono(13.0),
            p.text_strong,
        );
        if response.clicked() {
            chosen = Some(placement.clone());
        }
    }
    chosen
}

const CELL: f32 = 19.0;
const ROW: f32 = 26.0;
