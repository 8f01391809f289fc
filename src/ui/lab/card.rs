//! One cipher card: title, controls, result, fingerprint.

use egui::{Frame, Margin, Popup, ScrollArea, Sense, Stroke, Ui, vec2};

use super::acts::Act;
use super::chart::{bar_color, frequency_ui, tone};
use super::controls::{controls_ui, has_further, in_words};
use super::letters::{Lit, excerpt, letters_ui};
use super::trial_cell::trial_ui;
use super::{LabCommand, LabView, Pointed};
use crate::analysis::attacks;
use crate::analysis::keyspace::grouped;
use crate::analysis::{duration_in_words, keys_in_words, seconds_to_try_all};
use crate::ciphers::{Direction, Family};
use crate::lab::compare::{RATES, fingerprint_in_words};
use crate::lab::figures::Fingerprint;
use crate::lab::job::{CardError, Output};
use crate::lab::{Card, Lab};
use crate::ui::theme::{Tone, icons, palette, style, text};
use crate::ui::widgets::{Button, IconButton, Pill, row_end_ui};

/// What all cards of a frame share.
pub(super) struct Row<'a> {
    pub lab: &'a Lab,
    /// The height that the controls of this row are given.
    pub controls: f32,
    pub acts: &'a mut Vec<Act>,
    pub commands: &'a mut Vec<LabCommand>,
}

impl LabView {
    /// Draws a card `width` wide; gives the height that its controls took.
    pub(super) fn card_ui(&mut self, ui: &mut Ui, card: &Card, width: f32, row: &mut Row<'_>) -> f32 {
        let p = palette(ui);
        let outcome = row.lab.outcome(card.id);
        let fingerprint = match outcome {
            Some(Ok(output)) => output.figures.fingerprint(),
            _ => Fingerprint::TooShort,
        };
        let edge = match fingerprint {
            Fingerprint::Flat if card.is_trusted() => p.success.gamma_multiply(0.5),
            _ => p.border,
        };
        let mut taken = 0.0;
        Frame::new()
            .fill(p.surface_2)
            .stroke(Stroke::new(1.0, edge))
            .corner_radius(style::RADIUS_LARGE)
            .inner_margin(Margin::symmetric(12, 10))
            .shadow(style::card_shadow(p))
            .show(ui, |ui| {
                ui.set_width(width - 24.0);
                ui.spacing_mut().item_spacing.y = 6.0;
                self.title_ui(ui, card, row);
                if !card.collapsed {
                    taken = self.card_controls_ui(ui, card, row);
                    ui.add_space((row.controls - taken).max(0.0));
                }
                match outcome {
                    Some(Ok(output)) => self.result_ui(ui, card, output, fingerprint, row),
                    Some(Err(error)) => refused_ui(ui, error),
                    None => {
                        ui.label(text::small(ui, "Working…"));
                    }
                }
            });
        taken
    }

    fn title_ui(&mut self, ui: &mut Ui, card: &Card, row: &mut Row<'_>) {
        let name = card.cipher.name;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            ui.set_min_height(26.0);
            let further = has_further(card.cipher) && !card.collapsed;
            // In a narrow card folding is in the menu.
            let foldable = ui.available_width() >= NARROW;
            let icons = 1 + u8::from(foldable) + u8::from(further);
            let room = ui.available_width() - f32::from(icons) * 26.0;
            let title = ui.allocate_ui(vec2(room, 24.0), |ui| {
                ui.set_width(room);
                let label = egui::Label::new(text::subheading(ui, short_name(name)))
                    .truncate()
                    .selectable(false);
                // A hand drags it; the keyboard moves a card with its menu, and does not stop here.
                ui.add(label.sense(Sense::DRAG))
            });
            let told = format!("{} ({})\n{}", name, card.cipher.year, card.cipher.summary);
            let handle = title
                .inner
                .on_hover_cursor(egui::CursorIcon::Grab)
                .on_hover_text(told);
            if handle.dragged() {
                ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
                ui.data_mut(|data| data.insert_temp(dragged_card(), Some(card.id)));
            }
            if further {
                let open = self.unfolded.contains(&card.id);
                let settings = format!("More settings of {name}");
                let button = IconButton::new(icons::SLIDERS_HORIZONTAL, &settings).small();
                if ui.add(button.selected(open)).clicked() && !self.unfolded.remove(&card.id) {
                    self.unfolded.insert(card.id);
                }
            }
            let (fold, fold_name) = match card.collapsed {
                true => (icons::CARET_DOWN, "Show controls"),
                false => (icons::CARET_UP, "Hide controls"),
            };
            let fold_name = format!("{fold_name} of {name}");
            if foldable && ui.add(IconButton::new(fold, &fold_name).small()).clicked() {
                row.acts.push(Act::Collapse(card.id, !card.collapsed));
            }
            let menu_name = format!("More for {name}");
            let menu = ui.add(IconButton::new(icons::DOTS_THREE, &menu_name).small());
            let place = row.lab.bench.place(card.id).unwrap_or(0);
            let last = row.lab.bench.cards().len().saturating_sub(1);
            Popup::menu(&menu).width(170.0).show(|ui| {
                let mut item = |ui: &mut Ui, enabled: bool, icon: &str, label: &str, act: Act| {
                    let button = Button::ghost(label).icon(icon).small();
                    if ui.add_enabled(enabled, button).clicked() {
                        row.acts.push(act);
                    }
                };
                item(ui, true, icons::COPY, "Duplicate", Act::Duplicate(card.id));
                let left = place.saturating_sub(1);
                item(
                    ui,
                    place > 0,
                    icons::ARROW_LEFT,
                    "Move left",
                    Act::MoveTo(card.id, left),
                );
                item(
                    ui,
                    place < last,
                    icons::ARROW_RIGHT,
                    "Move right",
                    Act::MoveTo(card.id, place + 1),
                );
                item(
                    ui,
                    true,
                    icons::ARROW_UP,
                    "Use as input",
                    Act::UseAsInput(card.id),
                );
                item(
                    ui,
                    attacks::find(card.cipher.id).is_some(),
                    icons::LIGHTNING,
                    "Watch it fall",
                    Act::Watch(card.id),
                );
                if !foldable {
                    let said = if card.collapsed {
                        "Show controls"
                    } else {
                        "Hide controls"
                    };
                    item(ui, true, fold, said, Act::Collapse(card.id, !card.collapsed));
                }
                item(ui, true, icons::TRASH, "Remove", Act::Remove(card.id));
            });
        });
    }

    fn card_controls_ui(&mut self, ui: &mut Ui, card: &Card, row: &mut Row<'_>) -> f32 {
        let error = match row.lab.outcome(card.id) {
            Some(Err(CardError::Key(error))) => Some(error),
            _ => None,
        };
        let letters = row.lab.input().map_or(0, |figures| figures.census.total as usize);
        let unfolded = self.unfolded.contains(&card.id);
        let before = ui.cursor().top();
        let done = ui
            .scope(|ui| controls_ui(ui, card, error, unfolded, letters))
            .inner;
        if let Some(key) = done.key {
            row.acts.push(Act::SetKey(card.id, key));
        }
        if done.all_shifts {
            self.shifts = Some(card.id);
        }
        ui.cursor().top() - before
    }

    fn result_ui(
        &mut self,
        ui: &mut Ui,
        card: &Card,
        output: &Output,
        fingerprint: Fingerprint,
        row: &mut Row<'_>,
    ) {
        let p = palette(ui);
        let name = card.cipher.name;
        let decrypting = row.lab.bench.direction() == Direction::Decrypt;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let caption = if decrypting { "Plaintext" } else { "Ciphertext" };
            ui.label(text::caption(ui, caption));
            row_end_ui(ui, |ui| {
                let copy = format!("Copy {name}");
                if ui.add(IconButton::new(icons::COPY, &copy).small()).clicked() {
                    ui.ctx().copy_text(output.text.clone());
                    row.commands.push(LabCommand::Say(format!("{name} copied")));
                }
                let save = format!("Save {name}");
                if ui
                    .add(IconButton::new(icons::FLOPPY_DISK, &save).small())
                    .clicked()
                {
                    row.commands.push(LabCommand::SaveText {
                        suggested_name: format!("{}.txt", card.cipher.id),
                        text: output.text.clone(),
                    });
                }
                let again = format!("Use {name} as input");
                if ui.add(IconButton::new(icons::ARROW_UP, &again).small()).clicked() {
                    row.acts.push(Act::UseAsInput(card.id));
                }
            });
        });
        let shown = excerpt(&output.text, MOST_SHOWN);
        let lit = self.lit_in_card(row.lab, card, output, shown);
        Frame::new()
            .fill(p.surface_0)
            .corner_radius(style::RADIUS)
            .inner_margin(Margin::symmetric(8, 6))
            .show(ui, |ui| {
                let lines = if super::is_tall(ui) { 8.0 } else { 4.0 };
                let height = lines * super::letters::LINE;
                ScrollArea::vertical()
                    .id_salt(("result", card.id.0))
                    .max_height(height)
                    .min_scrolled_height(height)
                    .auto_shrink([false, false])
                    .show(ui, |ui| {
                        let spoken = format!("{name} result");
                        let (_, pointed) = letters_ui(ui, &spoken, shown, &lit, self.pointed_anew);
                        if let Some(index) = pointed {
                            self.points_at = Some(Pointed::Card(card.id, index));
                        }
                        if shown.len() < output.text.len() {
                            let all = output.length as u64;
                            let first = grouped(MOST_SHOWN as u64);
                            let note = format!(
                                "The first {first} of {} characters. Copy and save take all.",
                                grouped(all)
                            );
                            ui.add(egui::Label::new(text::small(ui, note)).wrap());
                        }
                    });
            });
        let height = if super::is_tall(ui) { 130.0 } else { 62.0 };
        let size = vec2(ui.available_width(), height);
        let color = bar_color(fingerprint, card.is_trusted(), p);
        frequency_ui(ui, size, name, &output.figures.census, self.sorting, color);
        verdict_ui(ui, card, output, fingerprint);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            trial_ui(ui, row.lab, card, true, row.acts);
        });
    }

    /// What to light in a card's result.
    fn lit_in_card(&self, lab: &Lab, card: &Card, output: &Output, shown: &str) -> Lit {
        let mut lit = Lit::default();
        let count = shown.chars().count();
        let became = |lit: &mut Lit, input: usize| {
            if let Some(links) = &output.links {
                let outputs = links.outputs_of(input).iter().map(|&at| at as usize);
                lit.strong.extend(outputs.filter(|&at| at < count));
            }
        };
        match self.pointed {
            Some(Pointed::Text(index)) => became(&mut lit, index),
            Some(Pointed::Card(id, index)) if id == card.id => {
                lit.soft = equal_letters(shown, index);
                lit.strong.push(index);
            }
            Some(Pointed::Card(id, index)) => {
                if let Some(Ok(other)) = lab.outcome(id)
                    && let Some(back) = &other.back
                {
                    let origins = back.outputs_of(index).iter();
                    origins.for_each(|&origin| became(&mut lit, origin as usize));
                }
            }
            None => {}
        }
        lit
    }

    /// What to light in the text on top.
    pub(super) fn lit_in_text(&self, lab: &Lab) -> Lit {
        let mut lit = Lit::default();
        match self.pointed {
            Some(Pointed::Text(index)) => lit.strong.push(index),
            Some(Pointed::Card(id, index)) => {
                if let Some(Ok(output)) = lab.outcome(id)
                    && let Some(back) = &output.back
                {
                    let inputs = |index: usize| back.outputs_of(index).iter().map(|&at| at as usize);
                    let equal = equal_letters(excerpt(&output.text, MOST_SHOWN), index);
                    lit.soft = equal.into_iter().flat_map(inputs).collect();
                    lit.strong = inputs(index).collect();
                }
            }
            None => {}
        }
        lit
    }
}

/// The places of all letters that are the same as the one at `index`; none for spaces and signs.
fn equal_letters(text: &str, index: usize) -> Vec<usize> {
    let Some(letter) = text.chars().nth(index).filter(|c| c.is_alphanumeric()) else {
        return Vec::new();
    };
    let same = |c: char| c == letter || c.to_lowercase().eq(letter.to_lowercase());
    let places = text.chars().enumerate().filter(|&(_, c)| same(c));
    places.map(|(place, _)| place).collect()
}

/// Says whether the language shows, and how long all keys would take.
fn verdict_ui(ui: &mut Ui, card: &Card, output: &Output, fingerprint: Fingerprint) {
    ui.spacing_mut().item_spacing.y = 4.0;
    let trusted = card.is_trusted();
    let icon = match fingerprint {
        Fingerprint::Flat if !trusted => icons::EYEGLASSES,
        Fingerprint::TooShort => icons::QUESTION,
        Fingerprint::Kept => icons::FINGERPRINT,
        Fingerprint::Blurred => icons::EYEGLASSES,
        Fingerprint::Flat => icons::SHIELD_CHECK,
    };
    let said = match fingerprint {
        Fingerprint::Flat if !trusted => "flat, at first sight",
        Fingerprint::Kept => "the language shows",
        Fingerprint::Blurred => "the language is blurred",
        Fingerprint::Flat => "flat: nothing shows",
        Fingerprint::TooShort => fingerprint_in_words(fingerprint),
    };
    ui.add(Pill::new(said, tone(fingerprint, trusted)).icon(icon));
    let p = palette(ui);
    let seconds = seconds_to_try_all(output.key_bits, RATES[1].keys_per_second);
    let quick = seconds < QUICK_SECS;
    let said = match output.key_bits {
        bits if bits <= 0.0 => "No key: nothing to try".to_owned(),
        _ if card.cipher.family == Family::OneTimePad => {
            format!(
                "{} keys, and no way to tell which",
                keys_in_words(output.key_bits)
            )
        }
        bits => format!("{} keys · {}", keys_in_words(bits), duration_in_words(seconds)),
    };
    let color = if quick { p.tone(Tone::Danger) } else { p.text_weak };
    ui.add(egui::Label::new(text::small(ui, said).color(color)).wrap())
        .on_hover_text(format!("Trying all keys, {}", RATES[1].name));
}

/// Says why there is no result: a fault of the key stands below its field.
fn refused_ui(ui: &mut Ui, error: &CardError) {
    let p = palette(ui);
    let said = match error {
        CardError::Key(error) if error.param().is_some() => "No result: look at the field in red.".to_owned(),
        CardError::Key(error) => in_words(error),
        CardError::Text(error) => {
            let said = error.to_string();
            let mut chars = said.chars();
            let first = chars
                .next()
                .map(|c| c.to_uppercase().collect::<String>())
                .unwrap_or_default();
            format!("{first}{}.", chars.as_str())
        }
        CardError::Fault => {
            "No result: this cipher failed, which is a fault of Cipher Room. The others go on.".to_owned()
        }
        CardError::BenchFault => {
            "No result: this text could not be worked out, which is a fault of Cipher Room. Change it to try again."
                .to_owned()
        }
    };
    Frame::new()
        .fill(p.danger_soft)
        .corner_radius(style::RADIUS)
        .inner_margin(Margin::same(10))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_top(|ui| {
                let icon = match error {
                    CardError::Key(_) => icons::KEY,
                    CardError::Text(_) | CardError::Fault | CardError::BenchFault => icons::SHIELD_WARNING,
                };
                ui.label(icons::text(icon, 18.0).color(p.danger));
                ui.add(egui::Label::new(text::body(ui, said)).wrap());
            });
        });
}

/// A name that fits: "Monoalphabetic substitution" is wider than a narrow card.
pub(super) fn short_name(name: &str) -> &str {
    match name {
        "Monoalphabetic substitution" => "Substitution",
        "Columnar transposition" => "Transposition",
        "Double columnar transposition" => "Double transposition",
        other => other,
    }
}

/// Where the card that is being dragged is noted.
pub(super) fn dragged_card() -> egui::Id {
    egui::Id::unique("lab: card being dragged")
}

/// The most characters of a result that are shown.
pub(super) const MOST_SHOWN: usize = 2_000;
const NARROW: f32 = 180.0;
const QUICK_SECS: f64 = 3600.0;
