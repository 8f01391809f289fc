//! All shifts of a Caesar card at once: what an eavesdropper sees after a second's work.

use egui::{Align2, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::LabView;
use super::acts::Act;
use super::letters::{excerpt, shown};
use crate::analysis::{Census, ENGLISH, Symbols, chi_squared};
use crate::ciphers::{Direction, find};
use crate::lab::{Card, Lab};
use crate::ui::theme::{fonts, icons, palette, text};
use crate::ui::widgets::modal_ui;

impl LabView {
    /// Shows the dialog, if a card asked for it.
    pub(super) fn shifts_ui(&mut self, ui: &Ui, lab: &Lab, acts: &mut Vec<Act>) {
        let Some(card) = self.shifts.and_then(|id| lab.bench.card(id)) else {
            self.shifts = None;
            return;
        };
        let ciphertext = match (lab.bench.direction(), lab.outcome(card.id)) {
            (Direction::Decrypt, _) => excerpt(lab.bench.text(), MOST_TRIED).to_owned(),
            (Direction::Encrypt, Some(Ok(output))) => excerpt(&output.text, MOST_TRIED).to_owned(),
            _ => String::new(),
        };
        let outcome = modal_ui(ui.ctx(), "All shifts at once", 720.0, |ui| {
            let said = "This is the ciphertext under every shift there is. No machine is needed to see which one is right.";
            ui.add(egui::Label::new(text::weak(ui, said)).wrap());
            let height = ui.ctx().content_rect().height() - 200.0;
            ScrollArea::vertical()
                .max_height(height)
                .min_scrolled_height(height)
                .auto_shrink([false, true])
                .show(ui, |ui| list_ui(ui, card, &ciphertext))
                .inner
        });
        if let Some(shift) = outcome.inner {
            let key = card.key.clone().with("shift", &shift.to_string());
            acts.push(Act::SetKey(card.id, key));
        }
        if outcome.close {
            self.shifts = None;
        }
    }
}

/// One line for each shift; gives the shift that was picked.
fn list_ui(ui: &mut Ui, card: &Card, ciphertext: &str) -> Option<usize> {
    let p = palette(ui);
    let size = match card
        .key
        .value("letters")
        .filter(|letters| !letters.trim().is_empty())
    {
        Some(letters) => letters.chars().filter(|c| !c.is_whitespace()).count(),
        None => 26,
    };
    let lines: Vec<(usize, String, f64)> = (0..size)
        .filter_map(|shift| {
            let key = card.key.clone().with("shift", &shift.to_string());
            let opened = find("caesar")?.build(&key).ok()?.decrypt(ciphertext).ok()?;
            let census = Census::of(&opened, Symbols::Latin);
            let far = chi_squared(&census, &ENGLISH).unwrap_or(f64::INFINITY);
            Some((shift, shown(&opened).replace('\n', " "), far))
        })
        .collect();
    let best = lines.iter().min_by(|a, b| a.2.total_cmp(&b.2)).map(|line| line.0);
    let mut picked = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    for (shift, opened, _) in &lines {
        let likely = best == Some(*shift);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 18.5), Sense::click());
        let name = format!("Shift {shift}: {}", excerpt(opened, 40));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        match (likely, response.hovered() || response.has_focus()) {
            (true, _) => {
                painter.rect_filled(rect, 6, p.accent);
            }
            (_, true) => {
                painter.rect_filled(rect, 6, p.surface_3);
            }
            _ => {}
        }
        let (color, weak) = match likely {
            true => (p.on_accent, p.on_accent),
            false => (p.text, p.text_weak),
        };
        let middle = rect.left_center();
        painter.text(
            middle + vec2(30.0, 0.0),
            Align2::RIGHT_CENTER,
            shift,
            fonts::semibold(12.0),
            weak,
        );
        painter.text(
            middle + vec2(44.0, 0.0),
            Align2::LEFT_CENTER,
            excerpt(opened, 78),
            fonts::mono(fonts::MONO),
            color,
        );
        if likely {
            let at = rect.right_center() - vec2(10.0, 0.0);
            painter.text(at, Align2::RIGHT_CENTER, icons::CHECK, fonts::icon(16.0), color);
        }
        if response.clicked() {
            picked = Some(*shift);
        }
    }
    picked
}

/// As much of a text as tells one shift from another.
const MOST_TRIED: usize = 400;
