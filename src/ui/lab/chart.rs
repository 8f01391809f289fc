//! The charts: how often each letter stands in a text, against what was to be expected; and which cells changed.

use egui::{Align2, Color32, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::Sorting;
use crate::analysis::{Census, Strip};
use crate::lab::figures::Fingerprint;
use crate::ui::theme::{Palette, Tone, fonts, palette};

/// The tone of a fingerprint: what shows is a warning. What is flat is well only for a cipher that is trusted: an
/// Enigma's counts are flat too, and it was read.
pub(super) fn tone(fingerprint: Fingerprint, trusted: bool) -> Tone {
    match fingerprint {
        Fingerprint::Flat if !trusted => Tone::Info,
        Fingerprint::TooShort => Tone::Neutral,
        Fingerprint::Kept => Tone::Danger,
        Fingerprint::Blurred => Tone::Warning,
        Fingerprint::Flat => Tone::Success,
    }
}

/// The colour of a fingerprint's bars.
pub(super) fn bar_color(fingerprint: Fingerprint, trusted: bool, p: &Palette) -> Color32 {
    match fingerprint {
        Fingerprint::Flat if !trusted => p.info,
        Fingerprint::TooShort => p.info,
        Fingerprint::Kept => p.series[4],
        Fingerprint::Blurred => p.series[2],
        Fingerprint::Flat => p.series[0],
    }
}

/// Draws the shares of all symbols as bars, with the expected shares as a pale ground behind them.
pub(super) fn frequency_ui(
    ui: &mut Ui,
    size: Vec2,
    name: &str,
    census: &Census,
    sorting: Sorting,
    color: Color32,
) -> Response {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let symbols = census.symbols.list();
    let shares = census.shares();
    let mut expected = census.expected();
    let mut order: Vec<usize> = (0..symbols.len()).collect();
    if sorting == Sorting::Frequency {
        order.sort_by(|&a, &b| shares[b].total_cmp(&shares[a]));
        expected.sort_by(|a, b| b.total_cmp(a));
    }
    response.widget_info(|| {
        let mut most: Vec<usize> = (0..symbols.len()).collect();
        most.sort_by(|&a, &b| shares[b].total_cmp(&shares[a]));
        let most: Vec<String> = most
            .iter()
            .take(3)
            .map(|&i| format!("{} {:.0} %", symbols[i], shares[i] * 100.0))
            .collect();
        let told = format!("Frequencies of {name}: {}", most.join(", "));
        WidgetInfo::labeled(Role::Image, true, told)
    });
    if !ui.is_rect_visible(rect) || symbols.is_empty() {
        return response;
    }
    let labelled = rect.width() / symbols.len() as f32 >= 6.6 && size.y >= 40.0;
    let ground = match labelled {
        true => rect.with_max_y(rect.bottom() - 12.0),
        false => rect,
    };
    let tallest = shares.iter().copied().fold(SCALE, f64::max);
    let step = ground.width() / symbols.len() as f32;
    let height = |share: f64| (share / tallest) as f32 * ground.height();
    let painter = ui.painter();
    let hovered = response
        .hover_pos()
        .map(|at| ((at.x - ground.left()) / step) as usize);
    for (place, &symbol) in order.iter().enumerate() {
        let left = ground.left() + place as f32 * step;
        let column = |share: f64, inset: f32| {
            Rect::from_min_max(
                pos2(left + inset, ground.bottom() - height(share).max(1.0)),
                pos2(left + step - inset, ground.bottom()),
            )
        };
        painter.rect_filled(column(expected[place], 0.0), 0, p.text_weak.gamma_multiply(0.22));
        let inset = (step * 0.18).clamp(0.3, 4.0);
        let color = match hovered == Some(place) {
            true => p.text_strong,
            false => color,
        };
        painter.rect_filled(column(shares[symbol], inset), 1, color);
        if labelled {
            let at = pos2(left + step / 2.0, rect.bottom());
            let font = fonts::mono((step * 1.1).clamp(8.0, 11.0));
            painter.text(at, Align2::CENTER_BOTTOM, symbols[symbol], font, p.text_weak);
        }
    }
    if sorting == Sorting::Frequency && size.y >= 40.0 {
        let said = match census.symbols {
            crate::analysis::Symbols::Latin => "pale: English",
            _ => "pale: pure chance",
        };
        let at = rect.right_top() + vec2(-2.0, 1.0);
        painter.text(at, Align2::RIGHT_TOP, said, fonts::regular(11.0), p.text_weak);
    }
    painter.hline(ground.x_range(), ground.bottom(), Stroke::new(1.0, p.outline));
    if let Some(place) = hovered.filter(|&place| place < order.len()) {
        let symbol = order[place];
        let told = format!(
            "{}: {:.1} % here, {:.1} % {}",
            symbols[symbol],
            shares[symbol] * 100.0,
            expected[place] * 100.0,
            match census.symbols {
                crate::analysis::Symbols::Latin => "in English",
                _ => "by chance",
            }
        );
        return response.on_hover_text_at_pointer(told);
    }
    response
}

/// Draws a strip: one cell for each character or bit, filled where it changed.
pub(super) fn strip_ui(ui: &mut Ui, width: f32, strip: &Strip) -> Response {
    let p = palette(ui);
    let count = strip.changed.len().max(1);
    let columns = ((width / CELL).floor() as usize).clamp(1, count);
    let rows = count.div_ceil(columns);
    let (rect, response) = ui.allocate_exact_size(vec2(width, rows as f32 * CELL), Sense::hover());
    response.widget_info(|| {
        let told = format!("{}: {:.0} % changed", strip.title, strip.share() * 100.0);
        WidgetInfo::labeled(Role::Image, true, told)
    });
    if ui.is_rect_visible(rect) {
        for (place, &changed) in strip.changed.iter().enumerate() {
            let at = vec2((place % columns) as f32 * CELL, (place / columns) as f32 * CELL);
            let cell = Rect::from_min_size(rect.min + at, vec2(CELL - 1.0, CELL - 1.0));
            let color = if changed { p.series[1] } else { p.surface_3 };
            ui.painter().rect_filled(cell, 1, color);
        }
    }
    response
}

const CELL: f32 = 7.0;
/// English's E; a little air above it.
const SCALE: f64 = 0.135;
