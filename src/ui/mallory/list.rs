//! The list of exhibits, with what came of each so far.

use std::collections::HashMap;

use egui::{Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{Ended, Key, Side};
use crate::mallory::{EXHIBITS, Verdict};
use crate::ui::theme::{Tone, fonts, icons, palette, style};
use crate::ui::widgets::paint;

/// Draws the list; gives which one was chosen.
pub(super) fn list_ui(ui: &mut Ui, chosen: usize, ended: &HashMap<Key, Ended>) -> Option<usize> {
    ui.spacing_mut().item_spacing.y = 2.0;
    let mut picked = None;
    for (place, exhibit) in EXHIBITS.iter().enumerate() {
        let p = palette(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::click());
        let selected = place == chosen;
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, exhibit.title));
        let fill = match (selected, response.hovered()) {
            (true, _) => Some(p.surface_2),
            (_, true) => Some(p.surface_3.gamma_multiply(0.6)),
            _ => None,
        };
        if let Some(fill) = fill {
            ui.painter().rect_filled(rect, style::RADIUS, fill);
        }
        let mut right = rect.right() - 11.0;
        for side in [Side::Cr1, Side::Textbook] {
            let ended = ended.get(&(place, side, 0)).filter(|ended| !ended.edited);
            if let Some(Ended { verdict, .. }) = ended {
                let (icon, tone) = match verdict {
                    Verdict::Succeeded { .. } => (icons::WARNING, Tone::Danger),
                    Verdict::Stopped { .. } => (icons::SHIELD_CHECK, Tone::Accent),
                    _ => (icons::QUESTION, Tone::Neutral),
                };
                paint::icon(
                    ui.painter(),
                    pos2(right, rect.center().y),
                    icon,
                    15.0,
                    p.tone(tone),
                );
            }
            right -= 17.0;
        }
        let (font, color) = if selected {
            (fonts::semibold(fonts::BODY), p.text_strong)
        } else {
            (fonts::regular(fonts::BODY), p.text)
        };
        let width = rect.width() - 48.0;
        let name = paint::line_within(ui, exhibit.title, font, color, width);
        paint::galley_left(ui.painter(), rect.left() + 10.0, rect.center().y, name);
        paint::interactive(ui, &response, rect, style::RADIUS, p);
        if response.on_hover_text(exhibit.goal).clicked() {
            picked = Some(place);
        }
    }
    picked
}
