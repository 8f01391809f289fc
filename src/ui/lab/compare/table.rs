//! The numbers of the comparison: one table where there is room, two below each other where there is not.

use egui::{Align, Color32, Grid, Layout, Sense, Ui, vec2};

use super::panel;
use crate::lab::Lab;
use crate::lab::compare::{Rate, Row};
use crate::lab::trial::Verdict;
use crate::ui::lab::acts::Act;
use crate::ui::lab::card::short_name;
use crate::ui::lab::chart::bar_color;
use crate::ui::lab::trial_cell::trial_ui;
use crate::ui::theme::{fonts, palette, text};

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Cipher,
    Coincidence,
    Entropy,
    ChiSquared,
    KeySpace,
    AllKeys,
    Attack,
    Change,
    Again,
}

use Column::{Again, AllKeys, Attack, Change, ChiSquared, Cipher, Coincidence, Entropy, KeySpace};

/// All in one table.
const WHOLE: [Column; 9] = [
    Cipher,
    Coincidence,
    Entropy,
    ChiSquared,
    KeySpace,
    AllKeys,
    Attack,
    Change,
    Again,
];
/// What the ciphertext gives away.
const TRACES: [Column; 6] = [Cipher, Coincidence, Entropy, ChiSquared, Change, Again];
/// What an attacker needs.
const EFFORT: [Column; 4] = [Cipher, KeySpace, AllKeys, Attack];

/// What all columns need beside each other, in points, once verdicts stand in them.
const WHOLE_FROM: f32 = 1060.0;
const GAP: f32 = 14.0;

/// Draws the numbers of every row.
pub(super) fn table_ui(ui: &mut Ui, lab: &Lab, rows: &[Row], rate: &Rate, acts: &mut Vec<Act>) {
    let p = palette(ui);
    // The frame takes its margin on both sides.
    if ui.available_width() - 30.0 >= WHOLE_FROM {
        panel(p).show(ui, |ui| {
            grid_ui(ui, "comparison table", &WHOLE, lab, rows, rate, acts)
        });
        return;
    }
    for (name, columns) in [("what it shows", TRACES.as_slice()), ("what it costs", &EFFORT)] {
        panel(p).show(ui, |ui| grid_ui(ui, name, columns, lab, rows, rate, acts));
    }
}

fn grid_ui(
    ui: &mut Ui,
    name: &str,
    columns: &[Column],
    lab: &Lab,
    rows: &[Row],
    rate: &Rate,
    acts: &mut Vec<Act>,
) {
    ui.set_width(ui.available_width());
    let room = ui.available_width();
    let least = if room < 1200.0 {
        40.0
    } else {
        (room - 8.0 * GAP) / 9.6
    };
    Grid::new(name)
        .striped(true)
        .spacing(vec2(GAP, 8.0))
        .min_row_height(26.0)
        .min_col_width(least)
        .show(ui, |ui| {
            for column in columns {
                let (head, about) = column.head();
                ui.label(text::small(ui, head).font(fonts::medium(fonts::SMALL)))
                    .on_hover_text(about);
            }
            ui.end_row();
            for row in rows {
                for column in columns {
                    cell_ui(ui, *column, lab, row, rate, acts);
                }
                ui.end_row();
            }
        });
}

impl Column {
    /// Its name, and what it says.
    fn head(self) -> (&'static str, &'static str) {
        match self {
            Cipher => ("Cipher", "The text itself first"),
            Coincidence => (
                "Coincidence",
                "Index of coincidence: how likely two letters of the text are the same. English has 0.066, chance 0.038 with 26 letters.",
            ),
            Entropy => ("Entropy", "Bits for each letter, of the most that there could be"),
            ChiSquared => (
                "Chi-squared",
                "How far the counts are from English. Small is near. Only for results in letters A to Z.",
            ),
            KeySpace => ("Key space", "Bits: each one doubles the number of keys"),
            AllKeys => ("All keys take", "The longest time to find the key by trying"),
            Attack => (
                "A real attack",
                "The time that it took this computer, just now, to find the plaintext without the key",
            ),
            Change => (
                "One change",
                "Avalanche: share of the output that changes with one letter of the text, and with one step of the key",
            ),
            Again => (
                "Same again",
                "Whether the same text gives the same ciphertext a second time. A fresh nonce prevents it.",
            ),
        }
    }
}

/// What the button of a trial needs, in points.
const TRIAL_WIDTH: f32 = 78.0;
/// What a verdict needs: "broken in 12.3 seconds".
const VERDICT_WIDTH: f32 = 176.0;

fn cell_ui(ui: &mut Ui, column: Column, lab: &Lab, row: &Row, rate: &Rate, acts: &mut Vec<Act>) {
    let p = palette(ui);
    let figures = &row.figures;
    match column {
        Cipher => drop(ui.label(text::strong(ui, short_name(&row.name)))),
        Coincidence => {
            let number = figures.index.map(|index| format!("{index:.3}"));
            let share = figures.above_chance.map(|above| ((above - 1.0) / 0.8) as f32);
            let color = bar_color(figures.fingerprint(), row.trusted, p);
            meter_ui(ui, number.unwrap_or_default(), share, color);
        }
        Entropy => {
            let words = figures
                .entropy
                .map(|bits| format!("{bits:.2} of {:.2}", figures.most_entropy()));
            ui.label(text::body(ui, words.unwrap_or_default()));
        }
        ChiSquared => {
            let chi = figures
                .chi_english
                .map(|chi| crate::analysis::keyspace::grouped(chi.round() as u64));
            ui.label(text::body(ui, chi.unwrap_or_else(|| "no letters".to_owned())));
        }
        KeySpace => {
            let bits = row.key_bits.map(|bits| format!("{bits:.0} bits"));
            ui.label(text::body(ui, bits.unwrap_or_default()));
        }
        AllKeys => {
            let seconds = row
                .key_bits
                .map(|bits| crate::analysis::seconds_to_try_all(bits, rate.keys_per_second));
            let color = match seconds {
                Some(seconds) if seconds < 86_400.0 => p.danger,
                _ => p.text,
            };
            ui.label(text::body(ui, row.time(rate)).color(color));
        }
        Attack => match row.card.and_then(|card| lab.bench.card(card)) {
            Some(card) => drop(ui.horizontal(|ui| {
                // A grid gives a cell what it needed last time; button and verdict would be cut off for ever.
                ui.set_min_width(match lab.verdict(card.id) {
                    Verdict::NotTried => TRIAL_WIDTH,
                    _ => VERDICT_WIDTH,
                });
                trial_ui(ui, lab, card, false, acts);
            })),
            None => drop(ui.label("")),
        },
        Change => {
            let share = |share: Option<f64>| match share {
                None => "–".to_owned(),
                Some(share) if share > 0.0 && share < 0.01 => "<1 %".to_owned(),
                Some(share) => format!("{:.0} %", share * 100.0),
            };
            let change = match row.key_bits {
                Some(_) => format!("{} · {}", share(row.text_avalanche), share(row.key_avalanche)),
                None => String::new(),
            };
            ui.label(text::body(ui, change));
        }
        Again => {
            match row.repeats {
                Some(true) => ui.label(text::body(ui, "yes").color(p.warning)),
                Some(false) => ui.label(text::body(ui, "no").color(p.success)),
                None => ui.label(""),
            };
        }
    }
}

/// A number with a small bar behind it: empty at chance, full at English.
fn meter_ui(ui: &mut Ui, number: String, share: Option<f32>, color: Color32) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.label(text::body(ui, number));
        let (rect, _) = ui.allocate_exact_size(vec2(46.0, 6.0), Sense::hover());
        let p = palette(ui);
        ui.painter().rect_filled(rect, 3, p.surface_3);
        let filled = rect.with_max_x(rect.left() + rect.width() * share.unwrap_or(0.0).clamp(0.02, 1.0));
        ui.painter().rect_filled(filled, 3, color);
    });
}
