//! The panel "Classical Ciphers": the bench, the comparison, how each cipher works, what a text gives away, how it is
//! broken, the challenges, and RSA by hand.
//!
//! Draws the lab and changes it. Whatever needs a file or a dialog it asks for with a [`LabCommand`].

mod acts;
mod analyse;
mod bench;
mod breaking;
mod card;
mod challenges;
mod chart;
mod compare;
mod controls;
mod hand;
mod how;
mod letters;
mod pages;
mod picture;
mod pieces;
mod rsa;
mod scene;
mod shifts;
mod text_panel;
mod tiles;
mod trial_cell;
mod wheel;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::{ComboBox, Key, Ui};

use crate::analysis::keyspace::grouped;
use crate::ciphers::{self, Direction};
use crate::lab::breaking::MOST_BYTES;
use crate::lab::{CardId, Lab};
use crate::ui::theme::icons;
use crate::ui::widgets::{IconButton, row_end_ui, segmented_ui, select_ui};

use self::acts::{Act, carry_out};

/// What the application has to do for the lab.
#[derive(Clone, Debug, PartialEq)]
pub enum LabCommand {
    /// Let the user pick a text file, and give its content to [`LabView::take_text`].
    OpenText,
    /// Read a file that was dropped on the bench, or whose path was typed, and give its content to
    /// [`LabView::take_text`].
    ReadFile(PathBuf),
    /// Write a new file at a path that was typed. One that is there already is left alone.
    WriteFile {
        /// The path.
        path: PathBuf,
        /// The content.
        bytes: Vec<u8>,
    },
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
    /// Keep this setup, and give it to `Lab::from_json` at the next start. It holds keys as typed.
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
    /// What a text gives away.
    Analyse,
    /// Attacks and boards.
    BreakIt,
    /// Ciphertexts to be solved.
    Challenges,
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
    /// Whether the pointer has just gone to another letter.
    pointed_anew: bool,
    pages: pages::Pages,
    /// The page that is edited, of which text and which part of it.
    buffer: String,
    buffer_of: Option<Arc<str>>,
    buffer_range: std::ops::Range<usize>,
    unfolded: HashSet<CardId>,
    /// A card that has just come to the bench, until it was scrolled to.
    newcomer: Option<CardId>,
    /// Whether the list of ciphers to add was open in the frame before.
    adds: bool,
    shifts: Option<CardId>,
    control_heights: Vec<f32>,
    compare: compare::CompareView,
    analyse: analyse::AnalyseView,
    breaking: breaking::BreakView,
    challenges: challenges::ChallengesView,
    /// What is to be said in the next frame.
    to_say: Option<String>,
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
        let mut commands: Vec<LabCommand> = self.to_say.take().map(LabCommand::Say).into_iter().collect();
        self.points_at = None;
        let mut acts = Vec::new();
        self.head_ui(ui, lab, &mut acts);
        match self.place {
            Place::Bench => self.bench_ui(ui, lab, &mut acts, &mut commands),
            Place::Compare => self.compare_ui(ui, lab, &mut acts, &mut commands),
            Place::HowItWorks => self.how_ui(ui, lab),
            Place::Analyse => self.analyse_ui(ui, lab, &mut commands),
            Place::BreakIt => self.breaking_ui(ui, lab, &mut acts, &mut commands),
            Place::Challenges => self.challenges_ui(ui, lab, &mut commands),
            Place::RsaByHand => rsa::rsa_ui(ui, &mut self.rsa),
        }
        for act in &acts {
            self.follow(act, lab);
        }
        let before: Vec<CardId> = lab.bench.cards().iter().map(|card| card.id).collect();
        carry_out(lab, acts);
        let mut cards = lab.bench.cards().iter().map(|card| card.id);
        self.newcomer = cards.find(|id| !before.contains(id)).or(self.newcomer);
        self.pointed_anew = self.pointed != self.points_at;
        if self.pointed_anew {
            self.pointed = self.points_at;
            ui.ctx().request_repaint();
        }
        // Results of what was just changed may be there before anything else is drawn.
        lab.refresh();
        self.keep(ui, lab, &mut commands);
        commands
    }

    /// Asks to keep the setup at once, if it has changed since: the panel is left, or the window closes.
    pub fn leave(&mut self, lab: &Lab) -> Option<LabCommand> {
        let changed = self.kept.changes.is_some_and(|kept| kept != lab.changes());
        if !changed && self.kept.due.is_none() {
            return None;
        }
        self.kept = Kept {
            changes: Some(lab.changes()),
            due: None,
        };
        Some(LabCommand::KeepSetup { json: lab.to_json() })
    }

    /// Takes a text that was read from a file, to where the user asked for it.
    pub fn take_text(&mut self, lab: &mut Lab, text: &str) {
        let is_challenge = crate::lab::challenge::Challenge::parse(text).is_ok();
        match self.place {
            _ if is_challenge => drop(self.open_challenge(lab, text)),
            Place::Challenges => {
                if let Err(why) = self.open_challenge(lab, text) {
                    let mut chars = why.chars();
                    let first = chars
                        .next()
                        .map(|c| c.to_uppercase().collect::<String>())
                        .unwrap_or_default();
                    self.to_say = Some(format!("{first}{}.", chars.as_str()));
                }
            }
            Place::BreakIt => {
                lab.breaking.set(text, lab.breaking.choice);
                self.say_if_cut(text);
            }
            Place::Analyse => {
                self.analyse.set(text);
                self.say_if_cut(text);
            }
            Place::Bench | Place::Compare | Place::HowItWorks | Place::RsaByHand => lab.bench.set_text(text),
        }
    }

    /// Who attacks or analyses in the window needs less than a whole book.
    fn say_if_cut(&mut self, text: &str) {
        if text.len() > MOST_BYTES {
            let most = grouped(MOST_BYTES as u64);
            self.to_say = Some(format!("The text is long: its first {most} bytes are taken."));
        }
    }

    /// Goes where something that was done leads.
    fn follow(&mut self, act: &Act, lab: &mut Lab) {
        match act {
            Act::Watch(card) => {
                let Some(card) = lab.bench.card(*card) else { return };
                let (id, text) = match (lab.bench.direction(), lab.outcome(card.id)) {
                    (Direction::Decrypt, _) => (card.cipher.id, lab.bench.text().to_string()),
                    (Direction::Encrypt, Some(Ok(output))) => (card.cipher.id, output.text.clone()),
                    _ => return,
                };
                self.show_breaking(lab, &text, crate::lab::breaking::Choice::Cipher(id));
                if crate::analysis::attacks::find(id).is_some() {
                    let Lab {
                        breaking, attacks, ..
                    } = lab;
                    breaking.start(attacks);
                }
            }
            Act::Accept { .. } => self.place = Place::Bench,
            _ => {}
        }
    }

    fn head_ui(&mut self, ui: &mut Ui, lab: &mut Lab, acts: &mut Vec<Act>) {
        let places = [
            (Place::Bench, "Bench"),
            (Place::Compare, "Compare"),
            (Place::HowItWorks, "How it works"),
            (Place::Analyse, "Analyse"),
            (Place::BreakIt, "Break it"),
            (Place::Challenges, "Challenges"),
            (Place::RsaByHand, "RSA by hand"),
        ];
        let turns = matches!(self.place, Place::Bench | Place::Compare | Place::HowItWorks);
        let width = ui.available_width();
        // In a narrow window the bench's own controls stand in a row of their own.
        let beside = width
            >= if self.place == Place::Bench {
                HEAD_WIDTH
            } else {
                PLACES_WIDTH + 170.0
            };
        ui.horizontal(|ui| {
            match width < PLACES_WIDTH {
                true => drop(select_ui(ui, "Part of the lab", 160.0, &mut self.place, &places)),
                false => drop(segmented_ui(ui, "Part of the lab", &mut self.place, &places)),
            }
            if turns && (beside || width < PLACES_WIDTH && self.place != Place::Bench) {
                self.controls_ui(ui, lab, acts);
            }
        });
        if turns && !beside && !(width < PLACES_WIDTH && self.place != Place::Bench) {
            ui.horizontal(|ui| self.controls_ui(ui, lab, acts));
        }
    }

    /// What concerns all cards, at the right end of a row.
    fn controls_ui(&mut self, ui: &mut Ui, lab: &mut Lab, acts: &mut Vec<Act>) {
        row_end_ui(ui, |ui| {
            if self.place == Place::Bench {
                self.add_ui(ui, acts);
                let by_letter = self.sorting == Sorting::Letter;
                let (icon, name) = match by_letter {
                    true => (icons::TEXT_AA, "Sort the bars by count"),
                    false => (icons::CHART_BAR, "Sort the bars from A to Z"),
                };
                if ui.add(IconButton::new(icon, name).selected(by_letter)).clicked() {
                    self.sorting = if by_letter {
                        Sorting::Frequency
                    } else {
                        Sorting::Letter
                    };
                }
            }
            let mut direction = lab.bench.direction();
            let options = [(Direction::Encrypt, "Encrypt"), (Direction::Decrypt, "Decrypt")];
            segmented_ui(ui, "Direction", &mut direction, &options);
            lab.bench.set_direction(direction);
        });
    }

    /// The list of ciphers from which a card is added.
    fn add_ui(&mut self, ui: &mut Ui, acts: &mut Vec<Act>) {
        let mut added = "";
        let options: Vec<(&str, &str)> = ciphers::ALL.iter().map(|spec| (spec.id, spec.name)).collect();
        let button = select_ui(ui, "Add a cipher", ADD_WIDTH, &mut added, &options);
        let is_open = ComboBox::is_open(ui.ctx(), button.id);
        if self.adds && !is_open && ui.input(|input| input.key_pressed(Key::Escape)) {
            // Whoever closes it by key goes on where they were.
            button.request_focus();
        }
        self.adds = is_open;
        acts.extend(ciphers::find(added).map(Act::Add));
    }

    /// Asks to keep the setup, once it has stood still for a moment.
    fn keep(&mut self, ui: &Ui, lab: &Lab, commands: &mut Vec<LabCommand>) {
        let changes = lab.changes();
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
                commands.push(LabCommand::KeepSetup { json: lab.to_json() });
            } else {
                ui.ctx().request_repaint_after(Duration::from_secs_f64(due - now));
            }
        }
    }
}

/// Whether there is room to be generous with heights.
fn is_tall(ui: &Ui) -> bool {
    ui.ctx().content_rect().height() > TALL
}

const TALL: f32 = 900.0;
const ADD_WIDTH: f32 = 138.0;
/// The width of the row of places, and of that row with all controls of the bench.
const PLACES_WIDTH: f32 = 664.0;
const HEAD_WIDTH: f32 = 976.0;
const KEEP_AFTER_SECS: f64 = 1.0;
