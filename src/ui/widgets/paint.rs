//! What the widgets draw with: text laid out in a font and colour, the pointer's shape, the frame
//! colours of an interactive surface.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align, Color32, FontId, Galley, Painter, Pos2, Rect, Response, Ui, pos2};

use crate::ui::theme::text::line_height;
use crate::ui::theme::{Palette, fonts, style};

/// One line of text, never wrapped.
pub(in crate::ui) fn line(ui: &Ui, text: &str, font: FontId, color: Color32) -> Arc<Galley> {
    ui.painter().layout_no_wrap(text.to_owned(), font, color)
}

/// One line of text, ended with `…` where it would be wider than `width`.
pub(in crate::ui) fn line_within(
    ui: &Ui,
    text: &str,
    font: FontId,
    color: Color32,
    width: f32,
) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(text.to_owned(), TextFormat::simple(font, color));
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    ui.painter().layout_job(job)
}

/// Shows the whole of an elided text while the pointer rests on it.
pub(in crate::ui) fn hover_if_elided(response: Response, galley: &Galley, whole: &str) -> Response {
    if galley.elided {
        response.on_hover_text(whole)
    } else {
        response
    }
}

/// Text wrapped at `width`.
pub(in crate::ui) fn wrapped(ui: &Ui, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    ui.painter().layout_job(paragraph(text, font, color, width))
}

/// Text wrapped at `width`, each row of it centred on where the galley is drawn.
pub(in crate::ui) fn centred(ui: &Ui, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = paragraph(text, font, color, width);
    job.halign = Align::Center;
    ui.painter().layout_job(job)
}

fn paragraph(text: &str, font: FontId, color: Color32, width: f32) -> LayoutJob {
    let mut format = TextFormat::simple(font, color);
    format.line_height = Some(line_height(format.font_id.size));
    let mut job = LayoutJob::single_section(text.to_owned(), format);
    job.wrap.max_width = width.max(0.0);
    job
}

/// The width that one widget may take: the rest of the row, or a whole row where rows wrap.
pub(in crate::ui) fn room(ui: &Ui) -> f32 {
    if ui.layout().main_wrap {
        ui.max_rect().width()
    } else {
        ui.available_width()
    }
}

/// Draws an icon centred on a point.
pub(in crate::ui) fn icon(painter: &Painter, center: Pos2, icon: &str, size: f32, color: Color32) {
    let galley = painter.layout_no_wrap(icon.to_owned(), fonts::icon(size), color);
    galley_at(painter, center - galley.size() / 2.0, galley, color);
}

/// Draws a galley with its left edge at `left` and its middle at `center_y`.
pub(in crate::ui) fn galley_left(painter: &Painter, left: f32, center_y: f32, galley: Arc<Galley>) {
    let top = center_y - galley.size().y / 2.0;
    galley_at(painter, pos2(left, top), galley, Color32::PLACEHOLDER);
}

/// Draws a galley at whole pixels, so that its letters are as sharp as those of labels.
pub(in crate::ui) fn galley_at(painter: &Painter, at: Pos2, galley: Arc<Galley>, color: Color32) {
    use egui::emath::GuiRounding as _;
    painter.galley(at.round_to_pixels(painter.pixels_per_point()), galley, color);
}

/// The pointing hand over something that can be pressed, and the focus ring around what has the keyboard.
pub(in crate::ui) fn interactive(ui: &Ui, response: &Response, rect: Rect, radius: u8, palette: &Palette) {
    if let Some(cursor) = ui.visuals().interact_cursor
        && response.hovered()
        && response.enabled()
    {
        ui.ctx().set_cursor_icon(cursor);
    }
    if response.has_focus() {
        style::focus_ring(ui.painter(), rect, radius, palette);
    }
}
