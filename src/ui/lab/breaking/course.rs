//! The course of a search: its numbers, the chart of its score, and the way back through its improvements.

use egui::{Slider, Ui, vec2};

use super::BreakView;
use super::plot::plot_ui;
use crate::analysis::keyspace::grouped;
use crate::lab::attack_job::Attack;
use crate::lab::trial::in_short;
use crate::ui::theme::{icons, text};
use crate::ui::widgets::IconButton;

impl BreakView {
    /// The chart, the numbers, and the way through the moments.
    pub(super) fn course_ui(&mut self, ui: &mut Ui, attack: &Attack, height: f32) {
        ui.spacing_mut().item_spacing.y = 6.0;
        ui.horizontal(|ui| {
            number_ui(ui, "time", &in_short(attack.elapsed));
            number_ui(ui, "keys tried", &grouped(attack.tried));
            number_ui(ui, "keys a second", &rounded(attack.keys_per_second()));
        });
        let at = self.watch.moment(attack);
        let size = vec2(ui.available_width(), height.max(80.0));
        let (_, picked) = plot_ui(ui, size, &attack.moments, at, attack.elapsed);
        if let Some(picked) = picked {
            self.watch.at = Some(picked as f32);
            self.watch.playing = false;
        }
        let last = attack.moments.len().saturating_sub(1);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let (icon, name) = match self.watch.playing {
                true => (icons::PAUSE, "Hold the replay"),
                false => (icons::PLAY, "Replay the search"),
            };
            let replay = IconButton::new(icon, name).small();
            if ui.add_enabled(last > 0, replay).clicked() {
                self.watch.playing = !self.watch.playing;
                if self.watch.playing && self.watch.at.is_none() {
                    self.watch.at = Some(0.0);
                }
            }
            let mut place = at;
            ui.spacing_mut().slider_width = (ui.available_width() - 40.0).max(60.0);
            let slider = ui
                .add_enabled(
                    last > 0,
                    Slider::new(&mut place, 0..=last.max(1)).show_value(false),
                )
                .accessible_name("Improvement");
            if slider.changed() {
                self.watch.playing = false;
                self.watch.at = (place < last).then_some(place as f32);
            }
            let newest = IconButton::new(icons::SKIP_FORWARD, "To the end of the search").small();
            if ui.add_enabled(self.watch.at.is_some(), newest).clicked() {
                self.watch.at = None;
                self.watch.playing = false;
            }
        });
    }
}

/// A number over its name.
fn number_ui(ui: &mut Ui, name: &str, value: &str) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.set_width(92.0);
        ui.label(text::strong(ui, value));
        ui.label(text::small(ui, name));
    });
}

/// A rate with three digits that count: "812", "45,100", "1.2 million".
fn rounded(rate: f64) -> String {
    match rate {
        ..1e3 => format!("{rate:.0}"),
        ..1e6 => grouped((rate / 100.0).round() as u64 * 100),
        _ => format!("{:.1} million", rate / 1e6),
    }
}
