//! What stands at the right end of a row, reached with the tab key in the order of reading.
//!
//! egui's own way there, `Layout::right_to_left`, draws the last control first, and the tab key follows the order of
//! drawing. Here the end is drawn from left to right, beginning as far from the right edge as it was wide before.

use egui::{Align, Id, InnerResponse, Layout, Rect, Ui, UiBuilder, pos2};

/// The right end of the row that a `Ui` draws; a row has one.
#[must_use = "show it"]
pub struct RowEnd {
    id: Id,
    /// How wide it was, once it was drawn.
    width: Option<f32>,
    /// What the row had left when it was asked for.
    row: Rect,
}

impl RowEnd {
    /// The end of this row. Asked for before the beginning is drawn, it says how much that has to leave free.
    pub fn of(ui: &Ui) -> RowEnd {
        let id = ui.unique_id().with("row end");
        RowEnd {
            id,
            width: ui.data(|data| data.get_temp(id)),
            row: ui.available_rect_before_wrap(),
        }
    }

    /// How wide it is; 0 before it was drawn.
    pub fn width(&self) -> f32 {
        self.width.unwrap_or(0.0)
    }

    /// Draws it. When its width is another than before, the pass is drawn once more.
    pub fn show<R>(self, ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
        let left = self.row.right() - self.width();
        // As wide as the row, although it begins further right: what shortens itself in it has the room that there is, not
        // the room that it took before.
        let place = Rect::from_min_size(pos2(left, self.row.top()), self.row.size());
        let builder = UiBuilder::new()
            .max_rect(place)
            .layout(Layout::left_to_right(Align::Center));
        let shown = ui.scope_builder(builder, content);
        let width = shown.response.rect.right() - left;
        if self.width.is_none_or(|before| (before - width).abs() > ROUNDING) {
            ui.data_mut(|data| data.insert_temp(self.id, width));
            ui.ctx().request_discard("the end of a row has another width");
            if !ui.ctx().will_discard() {
                ui.ctx().request_repaint();
            }
        }
        shown
    }
}

/// Draws `content` at the right end of the row.
pub fn row_end_ui<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    RowEnd::of(ui).show(ui, content)
}

/// Widths that differ by less are the same.
const ROUNDING: f32 = 0.05;

#[cfg(test)]
mod tests {
    use egui::{Context, RawInput, Sense, vec2};

    use super::*;

    /// Draws a row 400 wide with an end of two parts; gives where they stand, and whether another frame is asked for.
    fn frame(ctx: &Context, widths: [f32; 2]) -> ([Rect; 2], bool) {
        let mut places = [Rect::NOTHING; 2];
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(400.0, 100.0))),
            ..RawInput::default()
        };
        let output = ctx.run_ui(input, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 10.0;
                row_end_ui(ui, |ui| {
                    for (place, width) in places.iter_mut().zip(widths) {
                        *place = ui.allocate_exact_size(vec2(width, 20.0), Sense::click()).0;
                    }
                });
            });
        });
        let repaints = output
            .viewport_output
            .values()
            .any(|viewport| viewport.repaint_delay.is_zero());
        output.drop_without_applying_deltas();
        (places, repaints)
    }

    #[test]
    fn it_is_drawn_from_left_to_right_and_ends_where_the_row_ends_in_the_first_frame_too() {
        let ctx = Context::default();
        for widths in [[50.0, 30.0], [50.0, 30.0], [90.0, 30.0], [10.0, 5.0]] {
            let ([first, second], _) = frame(&ctx, widths);
            assert_eq!(second.right(), 400.0, "{widths:?}");
            assert_eq!(second.left() - first.right(), 10.0, "{widths:?}");
        }
    }

    #[test]
    fn a_row_that_stays_as_it_is_asks_for_no_other_frame() {
        let ctx = Context::default();
        for _ in 0..4 {
            frame(&ctx, [50.0, 30.0]);
        }
        let (_, repaints) = frame(&ctx, [50.0, 30.0]);
        assert!(!repaints);
    }
}
