//! One attack being watched: its head, the plaintext that emerges, its course, and what came of it.

use egui::{Align, Frame, Layout, Margin, Stroke, Ui, vec2};

use super::chips::chips_ui;
use super::head::{edge, head_ui};
use super::{BreakView, outcome};
use crate::lab::Lab;
use crate::lab::attack_job::AttackId;
use crate::lab::breaking::Choice;
use crate::ui::lab::LabCommand;
use crate::ui::lab::acts::Act;
use crate::ui::theme::{palette, style};
use crate::ui::widgets::{Drawing, empty_ui};

impl BreakView {
    /// The attacks on this page, and the one that is chosen.
    pub(super) fn attacks_ui(
        &mut self,
        ui: &mut Ui,
        lab: &mut Lab,
        acts: &mut Vec<Act>,
        commands: &mut Vec<LabCommand>,
    ) {
        if let Choice::Cipher(id @ ("one-time-pad" | "aes-256-gcm")) = lab.breaking.choice {
            outcome::honest_ui(ui, id, &mut self.part);
        }
        if lab.breaking.take_found() {
            // Most of these searches were over before anybody saw them.
            self.watch.follow_newest();
        }
        let shown = lab.breaking.shown.and_then(|id| lab.attacks.attack(id));
        let Some(shown) = shown.map(|attack| attack.id) else {
            ui.add_space(16.0);
            let sentence = match lab.breaking.text.trim().is_empty() {
                true => {
                    "Paste a ciphertext, or take one from a card on the bench. Then watch the plaintext come up."
                }
                false => "Press Break it, and watch the plaintext come up.",
            };
            empty_ui(ui, Drawing::Search, "Nothing under attack", sentence, |_| ());
            return;
        };
        if lab.breaking.set_on().len() > 1 || lab.breaking.to_come().is_some() {
            chips_ui(ui, lab);
        }
        self.attack_ui(ui, lab, shown, acts, commands);
    }

    fn attack_ui(
        &mut self,
        ui: &mut Ui,
        lab: &mut Lab,
        id: AttackId,
        acts: &mut Vec<Act>,
        commands: &mut Vec<LabCommand>,
    ) {
        let mut again = None;
        let mut remove = false;
        if let Some(attack) = lab.attacks.attack(id) {
            self.watch.follow(ui, attack);
            let p = palette(ui);
            Frame::new()
                .fill(p.surface_2)
                .stroke(Stroke::new(1.0, edge(attack, p)))
                .corner_radius(style::RADIUS_LARGE)
                .inner_margin(Margin::symmetric(14, 12))
                .show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    ui.spacing_mut().item_spacing.y = 10.0;
                    let pressed = head_ui(ui, lab, attack);
                    again = pressed.again.then(|| attack.task.clone());
                    remove = pressed.remove;
                    let wide = ui.available_width() > 720.0;
                    let side = if wide { 300.0 } else { ui.available_width() };
                    let left = if wide {
                        ui.available_width() - side - 16.0
                    } else {
                        side
                    };
                    let height = if crate::ui::lab::is_tall(ui) { 330.0 } else { 236.0 };
                    let layout = match wide {
                        true => Layout::left_to_right(Align::Min),
                        false => Layout::top_down(Align::Min),
                    };
                    ui.with_layout(layout, |ui| {
                        ui.spacing_mut().item_spacing.x = 16.0;
                        ui.allocate_ui_with_layout(vec2(left, height), Layout::top_down(Align::Min), |ui| {
                            ui.set_width(left);
                            self.emerging_ui(ui, attack, height - 8.0);
                        });
                        ui.allocate_ui_with_layout(vec2(side, height), Layout::top_down(Align::Min), |ui| {
                            ui.set_width(side);
                            self.course_ui(ui, attack, if wide { height - 112.0 } else { 120.0 });
                        });
                    });
                    self.outcome_ui(ui, attack, acts, commands);
                });
        }
        let Lab {
            breaking, attacks, ..
        } = lab;
        if let Some(task) = again {
            breaking.again(attacks, task);
            self.watch.follow_newest();
        }
        if remove {
            breaking.remove(attacks, id);
        }
    }
}
