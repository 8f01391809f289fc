//! The panel "Classical Ciphers": the bench, the comparison, how each cipher works, and RSA by hand.
//!
//! Draws the lab and changes its bench. Whatever needs a file or a dialog it asks for with a [`LabCommand`].

mod acts;
mod bench;
mod card;
mod chart;
mod compare;
mod controls;
mod how;
mod letters;
mod picture;
mod pieces;
mod rsa;
mod scene;
mod shifts;
mod text_panel;
mod tiles;
mod wheel;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::{Align, Layout, Ui};

use crate::ciphers::{self, Direction};
use crate::lab::{CardId, Lab};
use crate::ui::widgets::{segmented_ui, select_ui};

use self::acts::{Act, carry_out};

/// What the application has to do for the lab.
#[derive(Clone, Debug, PartialEq)]
pub enum LabCommand {
    /// Let the user pick a text file, and give its content to `Bench::set_text`.
    OpenText,
    /// Read a file that was dropped on the bench, and give its content to `Bench::set_text`.
    ReadFile(PathBuf),
    /// Let the user save a text.
    SaveText {
        /// The file name to suggest.
        suggested_name: String,
        /// The content.
        text: String,
    },
    /// Let the user save a picture.
    SavePng {
        /// The file name to suggest.
        suggested_name: String,
        /// The file's bytes.
        png: Vec<u8>,
    },
    /// Keep this setup, and give it to `Bench::from_json` at the next start. It holds keys as typed.
    KeepSetup {
        /// The setup.
        json: String,
    },
    /// Tell the user, in passing, what was done.
    Say(String),
}

/// The places of the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The text and the cards.
    #[default]
    Bench,
    /// The cards' numbers side by side.
    Compare,
    /// One step after the other.
    HowItWorks,
    /// RSA with small numbers.
    RsaByHand,
}

/// What stands under the bars of a chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sorting {
    /// The most frequent first.
    #[default]
    Frequency,
    /// In the order of the alphabet.
    Letter,
}

/// What the pointer is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pointed {
    /// A character of the text on top.
    Text(usize),
    /// A character of a card's result.
    Card(CardId, usize),
}

/// What the panel remembers between frames; all that matters is in the [`Lab`].
#[derive(Default)]
pub struct LabView {
    place: Place,
    sorting: Sorting,
    pointed: Option<Pointed>,
    points_at: Option<Pointed>,
    buffer: String,
    buffer_of: Option<Arc<str>>,
    unfolded: HashSet<CardId>,
    shifts: Option<CardId>,
    control_heights: Vec<f32>,
    compare: compare::CompareView,
    how: how::HowView,
    rsa: rsa::RsaView,
    kept: Kept,
}

/// When the setup changed last, and whether it was kept since.
#[derive(Default)]
struct Kept {
    changes: Option<u64>,
    due: Option<f64>,
}

impl LabView {
    /// A panel that shows this place first.
    pub fn at(place: Place) -> Self {
        Self {
            place,
            ..Self::default()
        }
    }

    /// The place that is shown.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Shows another place.
    pub fn go(&mut self, place: Place) {
        self.place = place;
    }

    /// Draws the panel into all the room there is, and says what the application has to do.
    pub fn ui(&mut self, ui: &mut Ui, lab: &mut Lab) -> Vec<LabCommand> {
        lab.refresh();
        let mut commands = Vec::new();
        self.points_at = None;
        let mut acts = Vec::new();
        self.head_ui(ui, lab, &mut acts);
        match self.place {
            Place::Bench => self.bench_ui(ui, lab, &mut acts, &mut commands),
            Place::Compare => self.compare_ui(ui, lab, &mut commands),
            Place::HowItWorks => self.how_ui(ui, lab),
            Place::RsaByHand => rsa::rsa_ui(ui, &mut self.rsa),
        }
        carry_out(lab, acts);
        if self.pointed != self.points_at {
            self.pointed = self.points_at;
            ui.ctx().request_repaint();
        }
        // Results of what was just changed may be there before anything else is drawn.
        lab.refresh();
        self.keep(ui, lab, &mut commands);
        commands
    }

    fn head_ui(&mut self, ui: &mut Ui, lab: &mut Lab, acts: &mut Vec<Act>) {
        // In a narrow window the bench's own controls stand in a row of their own.
        let narrow = self.place == Place::Bench && ui.available_width() < HEAD_WIDTH;
        ui.horizontal(|ui| {
            let places = [
                (Place::Bench, "Bench"),
                (Place::Compare, "Compare"),
                (Place::HowItWorks, "How it works"),
                (Place::RsaByHand, "RSA by hand"),
            ];
            segmented_ui(ui, "Part of the lab", &mut self.place, &places);
            if self.place != Place::RsaByHand && !narrow {
                self.controls_ui(ui, lab, acts);
            }
        });
        if narrow {
            ui.horizontal(|ui| self.controls_ui(ui, lab, acts));
        }
    }

    /// What concerns all cards, at the right end of a row.
    fn controls_ui(&mut self, ui: &mut Ui, lab: &mut Lab, acts: &mut Vec<Act>) {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut direction = lab.bench.direction();
            let options = [(Direction::Encrypt, "Encrypt"), (Direction::Decrypt, "Decrypt")];
            segmented_ui(ui, "Direction", &mut direction, &options);
            lab.bench.set_direction(direction);
            if self.place == Place::Bench {
                let options = [(Sorting::Frequency, "By count"), (Sorting::Letter, "A to Z")];
                segmented_ui(ui, "Order of the bars", &mut self.sorting, &options);
                add_ui(ui, acts);
            }
        });
    }

    /// Asks to keep the setup, once it has stood still for a moment.
    fn keep(&mut self, ui: &Ui, lab: &Lab, commands: &mut Vec<LabCommand>) {
        let changes = lab.bench.changes();
        let now = ui.input(|input| input.time);
        if self.kept.changes.is_none() {
            // What is there at the start came from the store.
            self.kept.changes = Some(changes);
        }
        if self.kept.changes != Some(changes) {
            self.kept.changes = Some(changes);
            self.kept.due = Some(now + KEEP_AFTER_SECS);
            ui.ctx()
                .request_repaint_after(Duration::from_secs_f64(KEEP_AFTER_SECS));
        }
        if let Some(due) = self.kept.due {
            if now >= due {
                self.kept.due = None;
                commands.push(LabCommand::KeepSetup {
                    json: lab.bench.to_json(),
                });
            } else {
                ui.ctx().request_repaint_after(Duration::from_secs_f64(due - now));
            }
        }
    }
}

/// The list of ciphers from which a card is added.
fn add_ui(ui: &mut Ui, acts: &mut Vec<Act>) {
    let mut added = "";
    let mut options: Vec<(&str, &str)> = ciphers::ALL.iter().map(|spec| (spec.id, spec.name)).collect();
    options.insert(0, ("", "Add a cipher"));
    select_ui(ui, "Add a cipher", ADD_WIDTH, &mut added, &options);
    acts.extend(ciphers::find(added).map(Act::Add));
}

/// Whether there is room to be generous with heights.
fn is_tall(ui: &Ui) -> bool {
    ui.ctx().content_rect().height() > TALL
}

const TALL: f32 = 900.0;
const ADD_WIDTH: f32 = 138.0;
const HEAD_WIDTH: f32 = 868.0;
const KEEP_AFTER_SECS: f64 = 1.0;
