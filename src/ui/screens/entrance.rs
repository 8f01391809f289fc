//! What the screens share that stand in front of an open profile: the first run, the lock, and the wait for it.

use egui::{Sense, Ui, vec2};

use super::{Page, Screen, Stage, column_ui, title_ui};
use crate::ui::theme::{icons, palette};
use crate::ui::widgets::{Button, paint};

/// Draws such a screen: the application's mark, a title with a sentence, and below them `content`.
pub(super) fn entrance_ui<R>(
    ui: &mut Ui,
    page: &Page<'_>,
    title: &str,
    sentence: &str,
    content: impl FnOnce(&mut Ui) -> R,
) -> R {
    column_ui(ui, page, |ui| {
        mark_ui(ui);
        ui.add_space(8.0);
        title_ui(ui, title, sentence);
        content(ui)
    })
}

/// Offers what can be had without a profile.
pub(super) fn only_the_lab_ui(ui: &mut Ui, stage: &mut Stage<'_>) {
    ui.add_space(8.0);
    let lab = Button::ghost("Only the Classical Ciphers")
        .icon(icons::FLASK)
        .small();
    if ui
        .add(lab)
        .on_hover_text("They need no name and no key.")
        .clicked()
    {
        stage.go = Some(Screen::Lab);
    }
}

/// The application's mark: a shield in the accent.
fn mark_ui(ui: &mut Ui) {
    let p = palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(56.0, 56.0), Sense::hover());
    ui.painter().rect_filled(rect, 14, p.accent_soft);
    paint::icon(ui.painter(), rect.center(), icons::SHIELD_CHECK, 32.0, p.accent);
}
