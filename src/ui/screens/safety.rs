//! The sixty-digit safety number, and a moment in the past in words.

use egui::{Grid, Role, Ui, WidgetInfo};

use super::Stage;
use crate::session::{Fingerprint, SafetyNumber};
use crate::ui::theme::{Tone, fonts, icons, palette, text};
use crate::ui::widgets::{Banner, Button};

/// What comparing the number gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberCompared {
    /// The same digits.
    Match,
    /// Not the same.
    Differ,
}

/// Draws the number that two people compare; gives what the user said of it.
pub fn safety_number_ui(
    ui: &mut Ui,
    own: &Fingerprint,
    other: &Fingerprint,
    name: &str,
) -> Option<NumberCompared> {
    ui.spacing_mut().item_spacing.y = 12.0;
    let sentence = format!(
        "Meet {name} or call, and compare these sixty digits with those on the other screen. The same digits mean that you both have each other's true key. They stay the same in every room."
    );
    ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
    // Hashed some thousand times on purpose: kept from frame to frame.
    let id = ui.scope_id().with(("safety number", own, other));
    let kept = ui.data(|data| data.get_temp::<SafetyNumber>(id));
    let number = kept.unwrap_or_else(|| {
        let number = SafetyNumber::of(own, other);
        ui.data_mut(|data| data.insert_temp(id, number));
        number
    });
    let p = palette(ui);
    let shown = ui.scope(|ui| {
        Grid::new("safety number").spacing([22.0, 10.0]).show(ui, |ui| {
            for (place, group) in number.groups().into_iter().enumerate() {
                let digits = egui::RichText::new(group)
                    .font(fonts::mono(20.0))
                    .color(p.text_strong);
                ui.add(egui::Label::new(digits).selectable(true));
                if place % 4 == 3 {
                    ui.end_row();
                }
            }
        });
    });
    let spoken = format!("Safety number {number}");
    shown
        .response
        .widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    ui.horizontal(|ui| {
        let matches = ui.add(Button::primary("They match").icon(icons::CHECK)).clicked();
        let differ = ui.add(Button::secondary("They differ")).clicked();
        if ui.add(Button::ghost("Copy")).clicked() {
            ui.ctx().copy_text(number.to_string());
        }
        match (matches, differ) {
            (true, _) => Some(NumberCompared::Match),
            (_, true) => Some(NumberCompared::Differ),
            _ => None,
        }
    })
    .inner
}

/// Says what it means that the number differed; gives whether to go back to it.
pub fn differed_ui(ui: &mut Ui, name: &str) -> bool {
    ui.spacing_mut().item_spacing.y = 12.0;
    let sentence = format!(
        "The key that you know is not the one on {name}'s screen: somebody may pose as {name}, or sit between you. Tell nothing secret until the numbers match."
    );
    let _ = Banner::new(Tone::Danger, &sentence)
        .title("This is not the same key")
        .icon(icons::SHIELD_WARNING)
        .show(ui);
    ui.add(Button::ghost("Back")).clicked()
}

/// "today, 09:41", "Monday, 23 November 2026, 09:41".
pub fn when(stage: &Stage<'_>, unix: u64) -> String {
    let time_ms = unix.saturating_mul(1000);
    let day = stage.clock.day_name(stage.clock.day(time_ms));
    let day = match day.as_str() {
        "Today" => "today".to_owned(),
        "Yesterday" => "yesterday".to_owned(),
        _ => day,
    };
    format!("{day}, {}", stage.clock.time_of_day(time_ms))
}
