//! Four steps that fill as something gets stronger, with a word beside them.

use egui::{Role, Sense, Ui, WidgetInfo, vec2};

use crate::ui::theme::{Tone, palette, text};

/// Draws `filled` of four steps and the word, in the tone.
pub fn strength_ui(ui: &mut Ui, filled: usize, word: &str, tone: Tone) {
    let p = palette(ui);
    let name = format!("Strength: {word}");
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for step in 0..4 {
            let (rect, _) = ui.allocate_exact_size(vec2(36.0, 18.0), Sense::hover());
            let bar = egui::Rect::from_center_size(rect.center(), vec2(36.0, 5.0));
            let fill = if step < filled { p.tone(tone) } else { p.surface_3 };
            ui.painter().rect_filled(bar, 2, fill);
        }
        ui.add_space(6.0);
        let label = ui.label(text::small(ui, word).color(p.tone(tone)));
        label.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    });
}
