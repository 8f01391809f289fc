//! A text whose letters can be pointed at and lit.

use std::borrow::Cow;
use std::sync::Arc;

use egui::text::{CCursor, LayoutJob, TextFormat};
use egui::{Color32, Galley, Painter, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::session::clean::is_hidden;
use crate::ui::theme::{Palette, fonts, palette};

/// The characters to light, by their index.
#[derive(Clone, Debug, Default)]
pub(super) struct Lit {
    /// What the pointed letter became, or came from.
    pub strong: Vec<usize>,
    /// What is the same as the pointed letter.
    pub soft: Vec<usize>,
}

/// Draws a text over the width there is; says which character the pointer is on. `name` is spoken before it.
///
/// With `follow`, what is lit scrolls into view, unless the pointer is here.
pub(super) fn letters_ui(
    ui: &mut Ui,
    name: &str,
    text: &str,
    lit: &Lit,
    follow: bool,
) -> (Response, Option<usize>) {
    let p = palette(ui);
    let shown = shown(text);
    let galley = layout(ui, &shown, ui.available_width(), p.text_strong);
    let size = vec2(ui.available_width(), galley.size().y);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::MultilineTextInput, true, name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_read_only();
        node.set_value(shown.as_ref());
    });
    if ui.is_rect_visible(rect) {
        paint_lit(ui.painter(), rect.min, &galley, lit, p);
        ui.painter().galley(rect.min, Arc::clone(&galley), p.text_strong);
    }
    if follow && !response.contains_pointer() {
        scroll_to_lit(ui, rect.min, &galley, lit);
    }
    let pointed = response
        .hover_pos()
        .and_then(|at| character_at(&galley, rect.min, at));
    (response, pointed)
}

/// The character under a point.
pub(super) fn character_at(galley: &Galley, origin: Pos2, at: Pos2) -> Option<usize> {
    let half = advance(galley) / 2.0;
    let cursor = galley.cursor_from_pos(at - origin - vec2(half, 0.0));
    let place = galley.pos_from_cursor(cursor).translate(origin.to_vec2());
    let inside = at.x >= place.left() - 1.0
        && at.x <= place.left() + 2.0 * half + 1.0
        && place.y_range().contains(at.y);
    inside.then_some(cursor.index.0)
}

/// Scrolls the surrounding area to the first of the strongly lit characters.
pub(super) fn scroll_to_lit(ui: &Ui, origin: Pos2, galley: &Galley, lit: &Lit) {
    if let Some(&index) = lit.strong.iter().min() {
        let rect = cell(origin, galley, index).expand2(vec2(0.0, 4.0));
        ui.scroll_to_rect(rect, None);
    }
}

/// Where a character stands on the screen.
fn cell(origin: Pos2, galley: &Galley, index: usize) -> Rect {
    let cursor = CCursor {
        prefer_next_row: true,
        ..CCursor::new(index)
    };
    let caret = galley.pos_from_cursor(cursor).translate(origin.to_vec2());
    Rect::from_min_size(
        pos2(caret.left(), caret.top()),
        vec2(advance(galley), caret.height()),
    )
}

/// Puts a ground behind the lit characters.
pub(super) fn paint_lit(painter: &Painter, origin: Pos2, galley: &Galley, lit: &Lit, p: &Palette) {
    let cell = |index: usize| cell(origin, galley, index);
    for &index in lit.soft.iter().take(MOST_LIT) {
        painter.rect_filled(cell(index), 3, p.warning.gamma_multiply(0.32));
    }
    for &index in lit.strong.iter().take(MOST_LIT) {
        let rect = cell(index).expand2(vec2(1.0, 0.0));
        painter.rect_filled(rect, 3, p.accent.gamma_multiply(0.5));
        painter.rect_stroke(
            rect,
            3,
            egui::Stroke::new(1.0, p.accent),
            egui::StrokeKind::Inside,
        );
    }
}

fn advance(galley: &Galley) -> f32 {
    let glyph = galley.rows.iter().flat_map(|row| row.glyphs.first()).next();
    glyph.map_or(8.0, |glyph| glyph.advance_width)
}

/// The text in the fixed-width font, broken wherever the width ends.
pub(super) fn layout(ui: &Ui, text: &str, width: f32, color: Color32) -> Arc<Galley> {
    let mut format = TextFormat::simple(fonts::mono(fonts::MONO), color);
    format.line_height = Some(LINE);
    let mut job = LayoutJob::single_section(text.to_owned(), format);
    job.wrap.max_width = width;
    // A word breaks where it must; hexadecimal digits are one long word.
    job.wrap.break_anywhere = !text.chars().take(80).any(char::is_whitespace);
    ui.painter().layout_job(job)
}

/// Hidden characters as a visible sign, one for one, so that places stay the same.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| c != '\n' && is_hidden(c);
    match text.chars().any(hidden) {
        true => Cow::Owned(text.chars().map(|c| if hidden(c) { '¤' } else { c }).collect()),
        false => Cow::Borrowed(text),
    }
}

/// The first characters of a text, as many as are shown.
pub(super) fn excerpt(text: &str, most: usize) -> &str {
    match text.char_indices().nth(most) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// Height of a line.
pub(super) const LINE: f32 = 18.0;
const MOST_LIT: usize = 600;
