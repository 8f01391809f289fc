//! The bench: the text, and below it the cards in as many columns as there is room.

use egui::{Align, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::acts::Act;
use super::card::{Row, dragged_card};
use super::{LabCommand, LabView};
use crate::lab::{Card, CardId, Lab};
use crate::ui::theme::{Tone, icons, palette};
use crate::ui::widgets::{Banner, Drawing, empty_ui, follow_focus};

impl LabView {
    pub(super) fn bench_ui(
        &mut self,
        ui: &mut Ui,
        lab: &mut Lab,
        acts: &mut Vec<Act>,
        commands: &mut Vec<LabCommand>,
    ) {
        self.text_ui(ui, lab, commands);
        if let Some(name) = lab.bench.last_removed() {
            let said = format!("{name} was removed.");
            let banner = Banner::new(Tone::Neutral, &said).icon(icons::TRASH);
            let answer = banner.action("Bring it back").closable().show(ui);
            if answer.action {
                acts.push(Act::Undo);
            }
            if answer.closed {
                acts.push(Act::ForgetRemoved);
            }
        }
        if lab.bench.cards().is_empty() {
            ui.add_space(24.0);
            let sentence = "Pick a cipher from the list and watch every letter move.";
            empty_ui(ui, Drawing::Wheel, "Nothing on the bench", sentence, |_| ());
        } else {
            self.cards_ui(ui, lab, acts, commands);
        }
        self.shifts_ui(ui, lab, acts);
    }

    fn cards_ui(&mut self, ui: &mut Ui, lab: &Lab, acts: &mut Vec<Act>, commands: &mut Vec<LabCommand>) {
        let cards: Vec<Card> = lab.bench.cards().to_vec();
        ScrollArea::vertical()
            .id_salt("cards")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                let width = ui.available_width() - 6.0;
                let columns = columns(width, cards.len());
                let step = (width + GAP) / columns as f32;
                let mut places: Vec<(CardId, Rect)> = Vec::new();
                let rows = cards.chunks(columns).count();
                self.control_heights.resize(rows, 0.0);
                for (number, chunk) in cards.chunks(columns).enumerate() {
                    let top = ui.cursor().min;
                    let mut bottom = top.y;
                    let mut controls: f32 = 0.0;
                    for (column, card) in chunk.iter().enumerate() {
                        let corner = pos2(top.x + column as f32 * step, top.y);
                        let room = Rect::from_min_size(corner, vec2(step - GAP, f32::INFINITY));
                        let builder = UiBuilder::new().max_rect(room).id_salt(("card", card.id.0));
                        let mut row = Row {
                            lab,
                            controls: self.control_heights[number],
                            acts,
                            commands,
                        };
                        let shown =
                            ui.scope_builder(builder, |ui| self.card_ui(ui, card, step - GAP, &mut row));
                        controls = controls.max(shown.inner);
                        bottom = bottom.max(shown.response.rect.bottom());
                        places.push((card.id, shown.response.rect));
                    }
                    if (self.control_heights[number] - controls).abs() > 0.5 {
                        // The row's cards line up in the next frame.
                        self.control_heights[number] = controls;
                        ui.ctx()
                            .request_discard("the cards' controls have another height");
                    }
                    let used = Rect::from_min_max(top, pos2(top.x + width, bottom));
                    ui.advance_cursor_after_rect(used);
                    ui.add_space(GAP - ui.spacing().item_spacing.y);
                }
                self.greet(ui, lab, &places);
                drop_card(ui, &places, acts);
                follow_focus(ui);
            });
    }

    /// Scrolls to a card that has just come, until its result is there: only then does it have its whole height.
    fn greet(&mut self, ui: &Ui, lab: &Lab, places: &[(CardId, Rect)]) {
        let newcomer = self.newcomer;
        let Some((id, rect)) = places.iter().find(|(id, _)| newcomer == Some(*id)) else {
            return;
        };
        // Of a card that is higher than the room, its title.
        let is_high = rect.height() > ui.clip_rect().height();
        ui.scroll_to_rect(*rect, is_high.then_some(Align::TOP));
        if lab.outcome(*id).is_some() {
            self.newcomer = None;
        }
    }
}

/// As many columns as give every card at least its least width; all cards in one row where that is possible.
fn columns(width: f32, cards: usize) -> usize {
    let all = (width + GAP) / cards.max(1) as f32 - GAP;
    if all >= LEAST_WIDTH {
        return cards.max(1);
    }
    (((width + GAP) / (GOOD_WIDTH + GAP)) as usize).clamp(1, cards.max(1))
}

/// Moves the dragged card where it is let go, and marks the place meanwhile.
fn drop_card(ui: &Ui, places: &[(CardId, Rect)], acts: &mut Vec<Act>) {
    let Some(dragged) = ui
        .data(|data| data.get_temp::<Option<CardId>>(dragged_card()))
        .flatten()
    else {
        return;
    };
    let pointer = ui.input(|input| input.pointer.latest_pos());
    let over = pointer.and_then(|at| places.iter().position(|(_, rect)| rect.contains(at)));
    let released = ui.input(|input| !input.pointer.any_down());
    if released {
        ui.data_mut(|data| data.insert_temp(dragged_card(), None::<CardId>));
        acts.extend(over.map(|place| Act::MoveTo(dragged, place)));
    } else if let Some((id, rect)) = over.map(|place| places[place])
        && id != dragged
    {
        let p = palette(ui);
        let stroke = egui::Stroke::new(2.0, p.accent);
        ui.painter()
            .rect_stroke(rect, 12, stroke, egui::StrokeKind::Inside);
    }
}

const GAP: f32 = 12.0;
const LEAST_WIDTH: f32 = 176.0;
const GOOD_WIDTH: f32 = 288.0;
