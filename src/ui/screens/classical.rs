//! One message in every classical cipher, with how long each of them lasts here and now.

use std::time::Duration;

use egui::{ScrollArea, Ui};

use crate::lab::what_if::{Fate, WhatIf};
use crate::session::clean;
use crate::ui::theme::{Tone, icons, palette, text};
use crate::ui::widgets::{Button, Pill, modal_ui};

/// What a message would have been.
#[derive(Default)]
pub struct Classical {
    shown: Option<WhatIf>,
    failure: Option<String>,
}

impl Classical {
    /// Begins with a message.
    pub fn begin(&mut self, ui: &Ui, message: &str) {
        let context = ui.ctx().clone();
        match WhatIf::begin(message, move || context.request_repaint()) {
            Ok(shown) => self.shown = Some(shown),
            Err(error) => self.failure = Some(error.to_string()),
        }
    }

    /// Draws the dialog while there is something to show.
    pub fn ui(&mut self, ui: &Ui) {
        if let Some(failure) = &self.failure {
            let outcome = modal_ui(ui.ctx(), "What if this had been Caesar?", 420.0, |ui| {
                let words = format!("The attacks could not be started: {failure}.");
                ui.add(egui::Label::new(text::body(ui, words)).wrap());
                ui.add(Button::secondary("Close")).clicked()
            });
            if outcome.inner || outcome.close {
                self.failure = None;
            }
        }
        let Some(shown) = &self.shown else {
            return;
        };
        let outcome = modal_ui(ui.ctx(), "What if this had been Caesar?", 760.0, |ui| {
            ui.spacing_mut().item_spacing.y = 8.0;
            let words = format!("\"{}\"", clean::reveal_line(shown.text()));
            ui.add(egui::Label::new(text::strong(ui, words)).truncate());
            let words = "The same words in every cipher of the lab, each attacked on this computer now, with nothing told but the cipher. CR/1 carried them under AES-256-GCM.";
            ui.add(egui::Label::new(text::small(ui, words)).wrap());
            ScrollArea::vertical().max_height(430.0).show(ui, |ui| {
                for row in shown.rows() {
                    row_ui(ui, row.cipher.name, &row.ciphertext, &row.fate);
                }
            });
            ui.add(Button::secondary("Close")).clicked()
        });
        if outcome.inner || outcome.close {
            self.shown = None;
        }
    }
}

/// Room for the longest name of a cipher.
const NAMES: f32 = 212.0;

fn row_ui(ui: &mut Ui, name: &str, ciphertext: &str, fate: &Fate) {
    ui.horizontal(|ui| {
        let (icon, tone, words) = match fate {
            Fate::Waiting => (icons::CLOCK, Tone::Neutral, "waits".to_owned()),
            Fate::Working => (icons::CLOCK, Tone::Info, "is attacked …".to_owned()),
            Fate::Broken { took, sure, .. } => {
                let sure = if *sure { "" } else { ", as one guess of several" };
                (
                    icons::LOCK_OPEN,
                    Tone::Danger,
                    format!("read in {}{sure}", lasted(*took)),
                )
            }
            Fate::Holds { took, .. } => (
                icons::LOCK,
                Tone::Warning,
                format!("not read in {}", lasted(*took)),
            ),
            Fate::NoAttack { .. } => (icons::LOCK, Tone::Success, "holds".to_owned()),
            Fate::NotTried { .. } => (icons::WARNING, Tone::Neutral, "not tried".to_owned()),
        };
        ui.label(icons::text(icon, 16.0).color(palette(ui).tone(tone)));
        let name = text::strong(ui, name);
        ui.allocate_ui_with_layout(
            egui::vec2(NAMES, 20.0),
            egui::Layout::left_to_right(egui::Align::Center),
            |ui| {
                ui.set_min_width(NAMES);
                ui.add(egui::Label::new(name).truncate());
            },
        );
        ui.add(Pill::new(&words, tone));
        let shown: String = ciphertext.chars().take(200).collect();
        let cipher = text::mono(ui, clean::reveal_line(&shown).into_owned()).size(11.0);
        ui.add(egui::Label::new(cipher.color(palette(ui).text_weak)).truncate());
    });
    if let Fate::Holds { why, .. } | Fate::NoAttack { why } | Fate::NotTried { why } = fate {
        ui.horizontal(|ui| {
            ui.add_space(24.0);
            ui.add(egui::Label::new(text::small(ui, why)).wrap());
        });
    }
}

/// "0.3 ms", "46 ms", "2.1 s".
fn lasted(took: Duration) -> String {
    let ms = took.as_secs_f64() * 1000.0;
    if ms < 0.1 {
        "less than 0.1 ms".to_owned()
    } else if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.1} s", ms / 1000.0)
    }
}
