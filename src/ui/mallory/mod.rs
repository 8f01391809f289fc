//! The attack lab: the user is Mallory between two victims, chooses an attack, steps through it, edits bytes.
//!
//! Draws what [`crate::mallory`] shows and gives it the user's hands. It knows nothing of rooms.

mod hands;
mod list;
mod screens;
mod verdict;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use egui::{Align, CentralPanel, Frame, Layout, Margin, Panel, ScrollArea, Ui};

use self::hands::HexEditor;
use crate::mallory::{EXHIBITS, Exhibit, Halt, Lab, Protocol, Removed, Snapshot, Verdict};
use crate::ui::theme::Tone;
use crate::ui::theme::{icons, palette, text};
use crate::ui::widgets::{Button, Pill, follow_focus, segmented_ui, select_ui};

/// What the attack lab remembers between frames.
#[derive(Default)]
pub struct MalloryView {
    chosen: usize,
    side: Side,
    /// Which of the exhibit's removals is chosen; 0 for none.
    removal: usize,
    /// The run that goes on, and what it plays.
    lab: Option<(Key, Lab)>,
    editor: HexEditor,
    /// Whether other bytes than the attack's were sent in this run.
    edited: bool,
    /// What came of the newest run of each that has ended.
    ended: HashMap<Key, Ended>,
    failure: Option<String>,
    /// The section of the specification that is open.
    section: Option<(&'static str, &'static str)>,
}

/// An exhibit, its side, and which of its removals.
type Key = (usize, Side, usize);

/// A run that has ended: what was seen, and what came of it.
struct Ended {
    seen: Snapshot,
    verdict: Verdict,
    /// Whether the user sent other bytes than the attack's: then the verdict is about those.
    edited: bool,
}

/// Which protocol the victims speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Side {
    #[default]
    Textbook,
    Cr1,
}

impl MalloryView {
    /// Shows an exhibit by its name.
    pub fn choose(&mut self, name: &str) {
        if let Some(place) = EXHIBITS.iter().position(|exhibit| exhibit.name == name) {
            self.take(place);
        }
    }

    /// Whether a run has ended with a verdict.
    pub fn has_verdict(&self) -> bool {
        self.ended.contains_key(&self.key())
    }

    /// Draws the lab.
    pub fn ui(&mut self, ui: &mut Ui) {
        self.follow();
        let ground = palette(ui).surface_0;
        let wide = ui.available_width() > 760.0;
        if wide {
            Panel::left("exhibits")
                .resizable(false)
                .show_separator_line(false)
                .exact_size(250.0)
                .frame(Frame::new().fill(ground).inner_margin(Margin::symmetric(10, 12)))
                .show(ui, |ui| {
                    ui.label(text::heading(ui, "Attack lab"));
                    ui.add(egui::Label::new(text::small(ui, INTRODUCTION)).wrap());
                    ui.add_space(6.0);
                    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                        if let Some(chosen) = list::list_ui(ui, self.chosen, &self.ended) {
                            self.take(chosen);
                        }
                        follow_focus(ui);
                    });
                });
        }
        CentralPanel::default()
            .frame(Frame::new().inner_margin(Margin::symmetric(20, 14)))
            .show(ui, |ui| {
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 10.0;
                    if !wide {
                        self.select_ui(ui);
                    }
                    self.exhibit_ui(ui);
                    follow_focus(ui);
                });
            });
        self.section_ui(ui);
    }

    fn take(&mut self, chosen: usize) {
        if chosen != self.chosen {
            self.chosen = chosen;
            self.removal = 0;
            self.failure = None;
        }
    }

    fn exhibit(&self) -> &'static Exhibit {
        EXHIBITS.get(self.chosen).unwrap_or(&EXHIBITS[0])
    }

    fn key(&self) -> Key {
        let removal = if self.side == Side::Cr1 { self.removal } else { 0 };
        (self.chosen, self.side, removal)
    }

    fn removed(&self) -> Removed {
        let ablation = self.removal.checked_sub(1);
        let ablation = ablation.and_then(|place| self.exhibit().ablations.get(place));
        ablation.map_or(Removed::NOTHING, |ablation| ablation.removed)
    }

    fn protocol(&self) -> Protocol {
        match self.side {
            Side::Textbook => Protocol::Textbook,
            Side::Cr1 => Protocol::Cr1(self.removed()),
        }
    }

    /// Takes in what came of the run; one that is not looked at any more is stopped.
    fn follow(&mut self) {
        let chosen = self.key();
        let Some((key, lab)) = self
            .lab
            .take_if(|(key, lab)| *key != chosen || lab.outcome().is_some())
        else {
            return;
        };
        match lab.outcome() {
            Some(Ok(verdict)) => {
                let seen = lab.seen();
                let edited = self.edited;
                self.ended.insert(
                    key,
                    Ended {
                        seen,
                        verdict,
                        edited,
                    },
                );
            }
            Some(Err(Halt::Failed(reason))) => self.failure = Some(reason),
            _ => {}
        }
    }

    fn begin(&mut self, ui: &Ui, by_hand: bool) {
        let context = ui.ctx().clone();
        let wake = Arc::new(move || context.request_repaint());
        self.failure = None;
        self.editor = HexEditor::default();
        self.edited = false;
        self.ended.remove(&self.key());
        // The old run is stopped before the new one begins.
        self.lab = None;
        match Lab::begin(self.exhibit(), self.protocol(), by_hand, wake) {
            Ok(lab) => self.lab = Some((self.key(), lab)),
            Err(Halt::Failed(reason)) => self.failure = Some(reason),
            Err(_) => {}
        }
    }

    fn select_ui(&mut self, ui: &mut Ui) {
        ui.label(text::heading(ui, "Attack lab"));
        let options: Vec<(usize, &str)> = EXHIBITS
            .iter()
            .enumerate()
            .map(|(place, exhibit)| (place, exhibit.title))
            .collect();
        let mut chosen = self.chosen;
        let width = ui.available_width().min(320.0);
        if select_ui(ui, "Attack", width, &mut chosen, &options).changed() {
            self.take(chosen);
        }
    }

    fn exhibit_ui(&mut self, ui: &mut Ui) {
        let exhibit = self.exhibit();
        ui.label(text::heading(ui, exhibit.title));
        ui.add(egui::Label::new(text::body(ui, format!("You are Mallory. {}", exhibit.goal))).wrap());
        let sides = [(Side::Textbook, "Textbook RSA–AES"), (Side::Cr1, "CR/1")];
        segmented_ui(ui, "Protocol of the victims", &mut self.side, &sides);
        let can_remove = self.side == Side::Cr1 && !exhibit.ablations.is_empty();
        let running = self.lab.is_some();
        ui.horizontal_wrapped(|ui| {
            let run = Button::primary("Run the attack").icon(icons::PLAY);
            if ui.add_enabled(!running, run).clicked() {
                self.begin(ui, false);
            }
            let step = Button::secondary("Step through it").icon(icons::CARET_RIGHT);
            if ui.add_enabled(!running, step).clicked() {
                self.begin(ui, true);
            }
            if running && ui.add(Button::ghost("Stop").icon(icons::X)).clicked() {
                self.lab = None;
            }
            if can_remove && !running {
                self.removal_ui(ui, exhibit);
            }
        });
        if can_remove {
            let words =
                "Only the lab's victims can leave a check out. A room can't: there it is another type.";
            ui.add(egui::Label::new(text::small(ui, words)).wrap());
        }
        let ended = self.ended.get(&self.key());
        let seen = match (&self.lab, ended) {
            (Some((_, lab)), _) => Cow::Owned(lab.seen()),
            (None, Some(ended)) => Cow::Borrowed(&ended.seen),
            (None, None) => Cow::Owned(Snapshot::default()),
        };
        let cr1 = self.side == Side::Cr1;
        if let Some(Ended { verdict, edited, .. }) = ended {
            let pressed = verdict::verdict_ui(ui, exhibit, cr1, self.removal, verdict);
            self.section = pressed.or(self.section);
            if *edited {
                let words = "You sent other bytes than the attack's, and this came of yours. Run it again to see the attack itself.";
                ui.add(egui::Label::new(text::small(ui, words)).wrap());
            }
        }
        if let Some(reason) = &self.failure {
            ui.add(Pill::new(reason, Tone::Warning));
        }
        if let Some(answer) = hands::hands_ui(ui, &seen, running, &mut self.editor)
            && let Some((_, lab)) = &self.lab
        {
            let offered = seen.offer.as_ref().and_then(|offer| offer.bytes.as_ref());
            self.edited |= offered.is_some_and(|offered| *offered != answer);
            lab.go_on(answer);
        }
        screens::screens_ui(ui, &seen, cr1);
    }

    /// Which check the victims leave out.
    fn removal_ui(&mut self, ui: &mut Ui, exhibit: &'static Exhibit) {
        let mut labels = vec!["Every check is made".to_owned()];
        for ablation in exhibit.ablations {
            let names: Vec<&str> = ablation
                .removed
                .checks()
                .iter()
                .map(|check| check.name())
                .collect();
            labels.push(format!("Without: {}", names.join(", ")));
        }
        let options: Vec<(usize, &str)> = labels.iter().map(String::as_str).enumerate().collect();
        select_ui(ui, "Checks of CR/1", 280.0, &mut self.removal, &options);
    }

    fn section_ui(&mut self, ui: &Ui) {
        let Some((title, _)) = self.section else {
            return;
        };
        if verdict::section_dialog(ui, title) {
            self.section = None;
        }
    }
}

const INTRODUCTION: &str =
    "Two real programs talk over this machine's own network, and every byte goes through your hands.";

/// A caption with something at its right.
fn caption_row(ui: &mut Ui, caption: &str, right: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.label(text::caption(ui, caption));
        ui.with_layout(Layout::right_to_left(Align::Center), right);
    });
}
