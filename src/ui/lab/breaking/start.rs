//! What is to be broken, and what is known of it: the ciphertext, the cipher, a crib, the settings of the search.

use egui::{DragValue, Frame, Margin, Popup, ScrollArea, Stroke, TextEdit, Ui};

use super::BreakView;
use crate::analysis::attack::AttackSpec;
use crate::analysis::attacks;
use crate::analysis::keyspace::grouped;
use crate::ciphers::{Direction, find};
use crate::lab::breaking::{Breaking, Choice};
use crate::lab::placements::placements;
use crate::lab::{Lab, languages};
use crate::ui::lab::LabCommand;
use crate::ui::lab::letters::LINE;
use crate::ui::theme::{fonts, icons, palette, style, text};
use crate::ui::widgets::{Button, Field, IconButton, row_end_ui, select_ui};

impl BreakView {
    /// The ciphertext, to be written, pasted, dropped or taken from a card.
    pub(super) fn ciphertext_ui(&mut self, ui: &mut Ui, lab: &mut Lab, commands: &mut Vec<LabCommand>) {
        let p = palette(ui);
        let dropped = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
        commands.extend(dropped.map(LabCommand::ReadFile));
        let awaited = ui.input(|input| !input.raw.hovered_files.is_empty());
        let edge = match awaited {
            true => Stroke::new(2.0, p.accent),
            false => Stroke::new(1.0, p.border),
        };
        Frame::new()
            .fill(if awaited { p.accent_soft } else { p.surface_2 })
            .stroke(edge)
            .corner_radius(style::RADIUS_LARGE)
            .inner_margin(Margin::symmetric(12, 8))
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 4.0;
                ui.horizontal(|ui| {
                    ui.label(text::caption(ui, "Ciphertext"));
                    let letters = lab.breaking.text.chars().filter(|c| c.is_alphanumeric()).count();
                    let count = match letters {
                        1 => "1 letter".to_owned(),
                        count => format!("{} letters", grouped(count as u64)),
                    };
                    ui.label(text::small(ui, count));
                    row_end_ui(ui, |ui| {
                        ui.spacing_mut().item_spacing.x = 4.0;
                        bench_menu_ui(ui, lab);
                        let open = IconButton::new(icons::FOLDER_OPEN, "Open a ciphertext").small();
                        if ui.add(open).clicked() {
                            commands.push(LabCommand::OpenText);
                        }
                        let clear = IconButton::new(icons::TRASH, "Clear the ciphertext").small();
                        if ui.add(clear).clicked() {
                            lab.breaking.set("", Choice::FindOut);
                        }
                    });
                });
                let lines = if crate::ui::lab::is_tall(ui) { 5.0 } else { 3.0 };
                ScrollArea::vertical()
                    .id_salt("ciphertext")
                    .max_height(lines * LINE)
                    .min_scrolled_height(lines * LINE)
                    .auto_shrink([false, true])
                    .show(ui, |ui| {
                        let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, width: f32| {
                            crate::ui::lab::letters::layout(ui, text.as_str(), width, palette(ui).text_strong)
                        };
                        ui.add(
                            TextEdit::multiline(&mut lab.breaking.text)
                                .id_salt("ciphertext")
                                .font(fonts::mono(fonts::MONO))
                                .frame(Frame::NONE)
                                .margin(Margin::ZERO)
                                .hint_text("Paste something that you cannot read")
                                .char_limit(crate::lab::breaking::MOST_BYTES)
                                .desired_rows(lines as usize)
                                .desired_width(f32::INFINITY)
                                .layouter(&mut layouter),
                        )
                        .accessible_name("Ciphertext")
                    });
            });
    }

    /// The cipher, the crib, the button.
    pub(super) fn start_ui(&mut self, ui: &mut Ui, lab: &mut Lab) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            cipher_ui(ui, &mut lab.breaking.choice, true);
            if languages().len() > 1 {
                let options: Vec<(usize, &str)> = languages()
                    .iter()
                    .enumerate()
                    .map(|(place, language)| (place, language.name))
                    .collect();
                select_ui(ui, "Language", 110.0, &mut lab.breaking.language, &options);
            }
            let takes_crib = lab.breaking.spec().is_none_or(|spec| spec.help.crib);
            if takes_crib {
                let hint = "a word in it, if known";
                ui.add(
                    Field::new("Known word", &mut lab.breaking.crib)
                        .hide_label()
                        .hint(hint)
                        .width(190.0),
                );
                Self::suggest_ui(ui, lab);
            }
            let more = IconButton::new(icons::SLIDERS_HORIZONTAL, "More settings of the search");
            if ui.add(more.selected(self.more)).clicked() {
                self.more = !self.more;
            }
            let ready = !lab.breaking.text.trim().is_empty();
            let button = Button::primary("Break it").icon(icons::LIGHTNING);
            if ui.add_enabled(ready, button).clicked() {
                let Lab {
                    breaking, attacks, ..
                } = lab;
                breaking.start(attacks);
                self.watch.follow_newest();
            }
        });
        if self.more {
            self.settings_ui(ui, lab);
        }
        placements_ui(ui, &mut lab.breaking);
        if let Some(spec) = lab.breaking.spec() {
            let said = format!("{}. {}", capitalised(spec.method), spec.summary);
            ui.add(egui::Label::new(text::small(ui, said)).wrap());
        } else if let Some(guess) = self.guess(&lab.breaking.text) {
            let said = format!("{}. {}", guess.says, guess.why);
            ui.add(egui::Label::new(text::small(ui, said)).wrap());
        }
    }

    fn settings_ui(&mut self, ui: &mut Ui, lab: &mut Lab) {
        let p = palette(ui);
        Frame::new()
            .fill(p.surface_2)
            .stroke(Stroke::new(1.0, p.border))
            .corner_radius(style::RADIUS)
            .inner_margin(Margin::symmetric(12, 10))
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.horizontal_wrapped(|ui| {
                    ui.label(text::small(ui, "Seed"));
                    ui.add(DragValue::new(&mut lab.breaking.seed))
                        .on_hover_text("Where chance begins: the same seed gives the same search again")
                        .accessible_name("Seed");
                    let dice = IconButton::new(icons::DICE_FIVE, "Another seed").small();
                    if ui.add(dice).clicked() {
                        lab.breaking.seed = rand::random_range(1..1_000_000);
                    }
                    ui.add_space(12.0);
                    ui.label(text::small(ui, "Give up after"));
                    ui.add(
                        DragValue::new(&mut lab.breaking.longest_secs)
                            .range(1..=3_600)
                            .suffix(" s"),
                    )
                    .accessible_name("Give up after");
                });
                if let Some(spec) = lab.breaking.spec() {
                    known_ui(ui, spec, &mut lab.breaking);
                }
            });
    }
}

/// The parameters that may be known.
fn known_ui(ui: &mut Ui, spec: &AttackSpec, breaking: &mut Breaking) {
    let Some(cipher) = find(spec.cipher) else { return };
    if spec.known.is_empty() {
        return;
    }
    ui.add_space(6.0);
    ui.label(text::small(
        ui,
        "What is known of the key; what is left empty is searched for",
    ));
    ui.horizontal_wrapped(|ui| {
        for name in spec.known {
            let Some(param) = cipher.param(name) else { continue };
            let mut value = breaking.known.value(name).unwrap_or_default().to_owned();
            ui.add(
                Field::new(param.label, &mut value)
                    .mono()
                    .hint("not known")
                    .width(150.0),
            );
            match value.is_empty() {
                true => drop(breaking.known.remove(name)),
                false => breaking.known.set(name, &value),
            }
        }
    });
}

/// The list of ciphers that can be attacked.
pub(in crate::ui::lab) fn cipher_ui(ui: &mut Ui, choice: &mut Choice, find_out: bool) {
    let named =
        |spec: &&'static AttackSpec| find(spec.cipher).map(|cipher| (Choice::Cipher(cipher.id), cipher.name));
    let mut options: Vec<(Choice, &str)> = attacks::ALL.iter().filter_map(named).collect();
    if find_out {
        options.insert(0, (Choice::FindOut, "Find out which cipher"));
    }
    select_ui(ui, "Cipher", 230.0, choice, &options);
}

/// The cards whose ciphertexts can be taken.
fn bench_menu_ui(ui: &mut Ui, lab: &mut Lab) {
    let button = ui.add(Button::ghost("From the bench").icon(icons::FLASK).small());
    let mut taken = None;
    Popup::menu(&button).width(240.0).show(|ui| {
        let decrypting = lab.bench.direction() == Direction::Decrypt;
        if decrypting && ui.add(Button::ghost("The text on top").small()).clicked() {
            taken = Some((lab.bench.text().to_string(), Choice::FindOut));
        }
        for card in lab.bench.cards().iter().filter(|_| !decrypting) {
            let Some(Ok(output)) = lab.outcome(card.id) else {
                continue;
            };
            if ui.add(Button::ghost(card.cipher.name).small()).clicked() {
                taken = Some((output.text.clone(), Choice::Cipher(card.cipher.id)));
            }
        }
    });
    if let Some((text, choice)) = taken {
        lab.breaking.set(&text, choice);
    }
}

/// Where the known word could stand, the likeliest places first; pressing one locks the letters that it decides.
fn placements_ui(ui: &mut Ui, breaking: &mut Breaking) {
    let (Choice::Cipher(cipher), word) = (breaking.choice, breaking.crib.trim()) else {
        return;
    };
    let Some(found) = placements(cipher, &breaking.text, word) else {
        return;
    };
    let p = palette(ui);
    let count = found.possible.len();
    let places = |count: usize| match count {
        1 => "1 place".to_owned(),
        count => format!("{} places", grouped(count as u64)),
    };
    let said = match (count, found.impossible) {
        (0, _) => format!(
            "{} stands nowhere in this text: {}.",
            word.to_uppercase(),
            found.why
        ),
        (_, 0) => format!(
            "{} could stand at any of {}. The likeliest:",
            word.to_uppercase(),
            places(count)
        ),
        (_, impossible) => format!(
            "{} could stand at {}, and not at {} others: {}. The likeliest:",
            word.to_uppercase(),
            places(count),
            grouped(impossible as u64),
            found.why
        ),
    };
    ui.add(egui::Label::new(text::body(ui, said).color(if count == 0 { p.danger } else { p.text })).wrap());
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for placement in found.possible.iter().take(4) {
            let label = format!("letter {}: {}", placement.place + 1, placement.says);
            let lockable = !placement.locks.is_empty();
            let locked = lockable && breaking.locks == placement.locks;
            let button = match locked {
                true => Button::secondary(&label).icon(icons::LOCK),
                false => Button::ghost(&label).icon(icons::CROSSHAIR),
            };
            let response = ui.add_enabled(lockable, button.small());
            if response
                .on_hover_text("Locks these letters for the search")
                .clicked()
            {
                breaking.locks = if locked {
                    Vec::new()
                } else {
                    placement.locks.clone()
                };
            }
        }
    });
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>());
    first.unwrap_or_default() + chars.as_str()
}
