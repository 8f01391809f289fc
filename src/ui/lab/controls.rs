//! A card's controls, drawn from its cipher's own description of its parameters.

use egui::{Align, Layout, Ui};

use crate::ciphers::alphabet::{Alphabet, LETTERS_PARAM, PRESETS};
use crate::ciphers::enigma::wheels::{MODELS, Model};
use crate::ciphers::{CipherSpec, Family, Key, KeyError, Kind, ParamSpec};
use crate::lab::Card;
use crate::ui::theme::{icons, text};
use crate::ui::widgets::{Button, Field, IconButton, segmented_ui, select_ui};

use super::acts::random_letters;
use super::pieces::{column_order_ui, square_ui};
use super::tiles::tiles_ui;
use super::wheel::wheel_ui;

/// What the controls gave.
#[derive(Default)]
pub(super) struct Controlled {
    /// The key, if it was changed.
    pub key: Option<Key>,
    /// Whether all shifts are to be shown.
    pub all_shifts: bool,
}

/// Draws the controls of a card; `unfolded` shows the further settings, `letters_needed` is how long a pad has to be.
pub(super) fn controls_ui(
    ui: &mut Ui,
    card: &Card,
    error: Option<&KeyError>,
    unfolded: bool,
    letters_needed: usize,
) -> Controlled {
    let mut done = Controlled::default();
    let mut key = card.key.clone();
    let spec = card.cipher;
    ui.spacing_mut().item_spacing.y = 6.0;
    picture_ui(ui, spec, &mut key);
    let (first, further): (Vec<_>, Vec<_>) = spec.params.iter().partition(|param| !is_further(spec, param));
    params_ui(ui, &first, &mut key, error, letters_needed);
    if spec.id == "caesar" {
        let button = Button::secondary("See all shifts").icon(icons::ROWS).small();
        done.all_shifts = ui
            .vertical_centered(|ui| ui.add(button.full_width()).clicked())
            .inner;
    }
    let wrong_inside = further
        .iter()
        .any(|param| error.and_then(KeyError::param) == Some(param.name));
    if unfolded || wrong_inside {
        params_ui(ui, &further, &mut key, error, letters_needed);
    }
    if spec.params.is_empty() {
        ui.label(text::small(ui, "This cipher has no key."));
    }
    if key != card.key {
        done.key = Some(key);
    }
    done
}

/// The drawing that belongs to a cipher: a wheel to turn, a table of letters.
fn picture_ui(ui: &mut Ui, spec: &'static CipherSpec, key: &mut Key) {
    if spec.family != Family::Monoalphabetic {
        return;
    }
    let letters = key
        .value(LETTERS_PARAM.name)
        .filter(|text| !text.trim().is_empty());
    let alphabet = letters.map_or_else(|| Ok(Alphabet::latin()), Alphabet::parse);
    let (Ok(alphabet), Ok(cipher)) = (alphabet, spec.build(key)) else {
        return;
    };
    let plain = alphabet.letters().to_vec();
    let listed: String = plain.iter().collect();
    let Ok(row) = cipher.encrypt(&listed) else { return };
    let row: Vec<char> = row.chars().collect();
    if row.len() != plain.len() {
        return;
    }
    if spec.id == "caesar" {
        let shift = plain.iter().position(|c| row.first() == Some(c)).unwrap_or(0);
        ui.vertical_centered(|ui| {
            let diameter = ui
                .available_width()
                .min(if super::is_tall(ui) { 190.0 } else { 108.0 });
            let (_, turned) = wheel_ui(ui, diameter, &plain, shift);
            if turned != 0 {
                let shift = (shift as i64 + turned).rem_euclid(plain.len() as i64);
                key.set("shift", &shift.to_string());
            }
        });
        return;
    }
    let movable = spec.id == "substitution";
    if let Some((a, b)) = tiles_ui(ui, &plain, &row, movable) {
        let mut row = row.clone();
        row.swap(a, b);
        give_alphabet(key, row);
    }
    if movable {
        ui.horizontal(|ui| {
            if ui
                .add(Button::secondary("Shuffle").icon(icons::SHUFFLE).small())
                .clicked()
            {
                let mut row = row.clone();
                // Fisher and Yates.
                for place in (1..row.len()).rev() {
                    row.swap(place, rand::random_range(0..=place));
                }
                give_alphabet(key, row);
            }
            ui.add(egui::Label::new(text::small(ui, "or drag a letter")).truncate());
        });
    }
}

/// A whole alphabet in place of the keyword: the cipher takes one of the two.
fn give_alphabet(key: &mut Key, row: Vec<char>) {
    key.remove("keyword");
    key.set("alphabet", &row.into_iter().collect::<String>());
}

/// Whether a cipher has settings that are not shown at first.
pub(super) fn has_further(spec: &CipherSpec) -> bool {
    spec.params.iter().any(|param| is_further(spec, param))
}

/// Whether a parameter is not shown at first: an optional one without a sample, where others have one.
fn is_further(spec: &CipherSpec, param: &ParamSpec) -> bool {
    let plain = |param: &ParamSpec| param.optional && param.sample.is_empty();
    matches!(param.kind, Kind::Letters) || (plain(param) && spec.params.iter().any(|other| !plain(other)))
}

fn params_ui(
    ui: &mut Ui,
    params: &[&'static ParamSpec],
    key: &mut Key,
    error: Option<&KeyError>,
    letters_needed: usize,
) {
    for param in params {
        let wrong = error
            .filter(|error| error.param() == Some(param.name))
            .map(in_words);
        param_ui(ui, param, key, wrong.as_deref(), letters_needed);
    }
}

/// A key's fault as a sentence below its field.
pub(super) fn in_words(error: &KeyError) -> String {
    match error {
        KeyError::Missing { expected, .. } => format!("Missing. Give {expected}."),
        KeyError::Invalid { reason, expected, .. } => {
            // Reasons are told of the value, or name what is wrong in it.
            let of_value = ["is ", "are ", "has ", "have ", "stands ", "do "]
                .iter()
                .any(|verb| reason.starts_with(verb));
            let subject = if of_value { "This " } else { "" };
            format!("{subject}{reason}. Valid: {expected}.")
        }
        other => format!("{other}."),
    }
}

fn param_ui(
    ui: &mut Ui,
    param: &'static ParamSpec,
    key: &mut Key,
    wrong: Option<&str>,
    letters_needed: usize,
) {
    let given = key.value(param.name).unwrap_or_default().to_owned();
    let mut value = given.clone();
    match param.kind {
        Kind::Integer { min, max, wraps } => {
            stepper_ui(ui, param.label, &mut value, (min, max, wraps), wrong)
        }
        Kind::Choice(choices) => choice_ui(ui, param, choices, usual(param, key), &mut value),
        Kind::Letters => letters_ui(ui, param, &mut value, wrong),
        Kind::Passphrase => {
            ui.add(Field::new(param.label, &mut value).password().error(wrong));
        }
        Kind::ColumnOrder => {
            ui.add(Field::new(param.label, &mut value).mono().error(wrong));
            if wrong.is_none() {
                column_order_ui(ui, &value);
            }
        }
        Kind::Square { cells } => {
            let hint = if param.optional { "the alphabet" } else { "" };
            ui.add(Field::new(param.label, &mut value).mono().hint(hint).error(wrong));
            if wrong.is_none() {
                square_ui(ui, &value, cells);
            }
        }
        Kind::Pad => {
            ui.add(
                Field::new(param.label, &mut value)
                    .mono()
                    .multiline(2)
                    .error(wrong),
            );
            if ui
                .add(Button::secondary("Random pad").icon(icons::DICE_FIVE).small())
                .clicked()
            {
                value = random_letters(letters_needed);
            }
        }
        Kind::Hex { bytes } => {
            let hint = if param.name == "nonce" {
                "random, put in front"
            } else {
                ""
            };
            ui.add(Field::new(param.label, &mut value).mono().hint(hint).error(wrong));
            let name = format!("Random {}", param.label.to_lowercase());
            if ui
                .add(Button::secondary(&name).icon(icons::DICE_FIVE).small())
                .clicked()
            {
                value = (0..bytes)
                    .map(|_| format!("{:02x}", rand::random::<u8>()))
                    .collect();
                if param.name == "key" {
                    key.remove("passphrase");
                }
            }
        }
        _ => {
            ui.add(
                Field::new(param.label, &mut value)
                    .mono()
                    .hint(hint(param))
                    .error(wrong),
            );
            if param.name == "keyword" && !value.trim().is_empty() && value != given {
                // A keyword in place of the whole alphabet: the cipher takes one of the two.
                key.remove("alphabet");
            }
        }
    }
    if value != given {
        if param.name == "passphrase" && !value.is_empty() {
            key.remove("key");
        }
        match param.optional && value.is_empty() {
            true => drop(key.remove(param.name)),
            false => key.set(param.name, &value),
        }
    }
}

/// What stands in an empty field: what its cipher takes when nothing is given.
fn hint(param: &ParamSpec) -> &'static str {
    match (param.kind, param.name) {
        _ if !param.optional => "",
        (Kind::Rotors, _) => "I II III",
        (Kind::RotorPositions, "rings") => "1 1 1",
        (Kind::RotorPositions, _) => "AAA",
        (Kind::Pairs, _) => "no cables",
        (Kind::Alphabet26, _) => "from the keyword",
        (Kind::Keyword, _) => "from the alphabet",
        _ => param.default,
    }
}

type Limits = (Option<i64>, Option<i64>, Option<u32>);

fn stepper_ui(ui: &mut Ui, label: &str, value: &mut String, limits: Limits, wrong: Option<&str>) {
    let (min, max, wraps) = limits;
    let number = value.trim().parse::<i64>().ok();
    let step = |by: i64| -> Option<i64> {
        let next = number?.checked_add(by)?;
        match wraps {
            Some(size) => Some(next.rem_euclid(i64::from(size))),
            None => Some(next)
                .filter(|next| min.is_none_or(|min| *next >= min) && max.is_none_or(|max| *next <= max)),
        }
    };
    let (less, more) = (
        format!("Decrease {}", label.to_lowercase()),
        format!("Increase {}", label.to_lowercase()),
    );
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.label(text::body(ui, label));
        let field = if ui.available_width() < 140.0 { 40.0 } else { 56.0 };
        let width = 2.0 * 36.0 + field;
        ui.add_space((ui.available_width() - width).max(0.0));
        if ui
            .add_enabled(step(-1).is_some(), IconButton::new(icons::MINUS, &less))
            .clicked()
        {
            *value = step(-1).map_or_else(|| value.clone(), |n| n.to_string());
        }
        ui.add(Field::new(label, value).mono().hide_label().width(field));
        if ui
            .add_enabled(step(1).is_some(), IconButton::new(icons::PLUS, &more))
            .clicked()
        {
            *value = step(1).map_or_else(|| value.clone(), |n| n.to_string());
        }
    });
    if let Some(wrong) = wrong {
        let danger = crate::ui::theme::palette(ui).danger;
        ui.add(egui::Label::new(text::small(ui, wrong).color(danger)).wrap());
    }
}

/// What a cipher takes where nothing is chosen.
fn usual(param: &ParamSpec, key: &Key) -> &'static str {
    if param.name != "reflector" {
        return param.default;
    }
    // Each machine has its own.
    let given = key.value("model").unwrap_or_default();
    let named = |model: &&Model| model.name.eq_ignore_ascii_case(given.trim());
    let model = MODELS.iter().find(named).or(MODELS.first());
    let first = model.and_then(|model| model.reflectors.first());
    first.copied().unwrap_or(param.default)
}

fn choice_ui(
    ui: &mut Ui,
    param: &ParamSpec,
    choices: &'static [&'static str],
    usual: &'static str,
    value: &mut String,
) {
    let current = match value.trim() {
        "" => usual,
        given => given,
    };
    let named = |choice: &&str| choice.eq_ignore_ascii_case(current);
    let mut chosen = choices.iter().copied().find(named).unwrap_or("");
    let before = chosen;
    let options: Vec<(&str, &str)> = choices.iter().map(|choice| (*choice, *choice)).collect();
    let widest: f32 = choices
        .iter()
        .map(|choice| choice.len() as f32 * 8.0 + 30.0)
        .sum();
    let label = param.label.len() as f32 * 7.5;
    if label + widest < ui.available_width() {
        ui.horizontal(|ui| {
            ui.label(text::body(ui, param.label));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                segmented_ui(ui, param.label, &mut chosen, &options);
            });
        });
    } else {
        ui.label(text::body(ui, param.label));
        let width = ui.available_width();
        select_ui(ui, param.label, width, &mut chosen, &options);
    }
    if chosen != before {
        // The usual one where it is another for each machine stays none: it follows the machine.
        let follows = param.default.is_empty() && chosen == usual;
        *value = if follows { String::new() } else { chosen.to_owned() };
    }
}

fn letters_ui(ui: &mut Ui, param: &ParamSpec, value: &mut String, wrong: Option<&str>) {
    let current = match value.trim() {
        "" => param.default,
        given => given,
    };
    const OWN: &str = "";
    let mut preset = PRESETS
        .iter()
        .map(|(_, letters)| *letters)
        .find(|letters| *letters == current)
        .unwrap_or(OWN);
    let before = preset;
    let mut options: Vec<(&str, &str)> = PRESETS.iter().map(|(name, letters)| (*letters, *name)).collect();
    options.push((OWN, "Your own"));
    ui.horizontal(|ui| {
        ui.label(text::body(ui, param.label));
        let width = ui.available_width().min(150.0);
        select_ui(ui, param.label, width, &mut preset, &options);
    });
    if preset != before {
        // An own alphabet begins as something that no other choice is.
        *value = match preset {
            OWN => "ABCDEFGHIJKLMNOPQRSTUVWXYZ.".to_owned(),
            letters => letters.to_owned(),
        };
    }
    if preset == OWN {
        ui.add(Field::new("Letters in order", value).mono().error(wrong));
    } else if let Some(wrong) = wrong {
        ui.add(egui::Label::new(text::small(ui, wrong)).wrap());
    }
}
