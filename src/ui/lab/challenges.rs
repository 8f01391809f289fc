//! The challenges: a list by level, one of them opened, its hints in steps, the answer to be checked; and making one.

mod list;
mod making;

use egui::{Align, Frame, Layout, Margin, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, vec2};

use self::list::invitation_ui;
use self::making::Making;
use super::{LabCommand, LabView};
use crate::ciphers::{self, CipherSpec, find as find_cipher};
use crate::lab::Lab;
use crate::lab::breaking::Choice;
use crate::lab::challenge::{self, Challenge, Level, Puzzle};
use crate::ui::theme::{Tone, icons, palette, style, text};
use crate::ui::widgets::{Banner, Button, Field, IconButton, Pill, follow_focus, row_end_ui};

/// What the page remembers between frames.
#[derive(Default)]
pub(super) struct ChallengesView {
    chosen: Option<String>,
    answer: String,
    /// Whether the last answer was wrong.
    wrong: bool,
    making: Option<Box<Making>>,
}

/// A challenge of the program, or one that was opened.
enum Shown {
    Own(&'static Puzzle),
    Opened(String, Box<Challenge>),
}

impl Shown {
    fn find(lab: &Lab, id: &str) -> Option<Self> {
        if let Some(puzzle) = challenge::find(id) {
            return Some(Shown::Own(puzzle));
        }
        let mut opened = lab.progress().opened().into_iter();
        let (id, found) = opened.find(|(other, _)| other == id)?;
        Some(Shown::Opened(id, Box::new(found)))
    }

    fn id(&self) -> &str {
        match self {
            Shown::Own(puzzle) => puzzle.id,
            Shown::Opened(id, _) => id,
        }
    }

    fn title(&self) -> &str {
        match self {
            Shown::Own(puzzle) => puzzle.title,
            Shown::Opened(_, challenge) => &challenge.title,
        }
    }

    fn level(&self) -> Level {
        match self {
            Shown::Own(puzzle) => puzzle.level,
            Shown::Opened(_, challenge) => challenge.level,
        }
    }

    /// The cipher, where it is told.
    fn cipher(&self) -> Option<&'static CipherSpec> {
        match self {
            Shown::Own(puzzle) => puzzle.told.then(|| puzzle.spec()),
            Shown::Opened(_, challenge) => find_cipher(challenge.cipher.as_deref()?),
        }
    }

    fn ciphertext(&self) -> String {
        match self {
            Shown::Own(puzzle) => puzzle.ciphertext().to_string(),
            Shown::Opened(_, challenge) => challenge.ciphertext.clone(),
        }
    }

    fn hints(&self) -> Vec<&str> {
        match self {
            Shown::Own(puzzle) => puzzle.hints.to_vec(),
            Shown::Opened(_, challenge) => challenge.hints.iter().map(String::as_str).collect(),
        }
    }

    fn is_solved_by(&self, answer: &str) -> bool {
        match self {
            Shown::Own(puzzle) => puzzle.is_solved_by(answer),
            Shown::Opened(_, challenge) => challenge.is_solved_by(answer),
        }
    }
}

impl LabView {
    pub(super) fn challenges_ui(&mut self, ui: &mut Ui, lab: &mut Lab, commands: &mut Vec<LabCommand>) {
        let dropped = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
        commands.extend(dropped.map(LabCommand::ReadFile));
        let wide = ui.available_width() > 760.0;
        self.challenges_head_ui(ui, lab, commands);
        if self.challenges.making.is_some() {
            ScrollArea::vertical()
                .id_salt("make a challenge")
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    self.make_ui(ui, commands);
                    follow_focus(ui);
                });
            return;
        }
        let chosen = self
            .challenges
            .chosen
            .clone()
            .and_then(|id| Shown::find(lab, &id));
        match (wide, chosen) {
            (true, chosen) => {
                let room = ui.available_rect_before_wrap();
                let list = Rect::from_min_size(room.min, vec2(LIST, room.height()));
                let rest = room.with_min_x(list.right() + 14.0);
                ui.scope_builder(egui::UiBuilder::new().max_rect(list), |ui| self.list_ui(ui, lab));
                ui.scope_builder(egui::UiBuilder::new().max_rect(rest), |ui| match chosen {
                    Some(shown) => self.challenge_ui(ui, lab, &shown, commands),
                    None => invitation_ui(ui, lab),
                });
                ui.advance_cursor_after_rect(room);
            }
            (false, Some(shown)) => {
                let back = Button::ghost("All challenges").icon(icons::ARROW_LEFT).small();
                if ui.add(back).clicked() {
                    self.challenges.chosen = None;
                }
                self.challenge_ui(ui, lab, &shown, commands);
            }
            (false, None) => self.list_ui(ui, lab),
        }
    }

    fn challenges_head_ui(&mut self, ui: &mut Ui, lab: &Lab, commands: &mut Vec<LabCommand>) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let solved = lab
                .progress()
                .solved(challenge::ALL.iter().map(|puzzle| puzzle.id));
            let all = challenge::ALL.len();
            ui.label(text::subheading(ui, format!("{solved} of {all} solved")));
            let (rect, response) = ui.allocate_exact_size(vec2(130.0, 8.0), Sense::hover());
            response.widget_info(|| {
                WidgetInfo::labeled(Role::Image, true, format!("{solved} of {all} challenges solved"))
            });
            let p = palette(ui);
            ui.painter().rect_filled(rect, 4, p.surface_3);
            let share = solved as f32 / all as f32;
            if solved > 0 {
                let filled = rect.with_max_x(rect.left() + (rect.width() * share).max(8.0));
                ui.painter().rect_filled(filled, 4, p.success);
            }
            row_end_ui(ui, |ui| {
                if ui
                    .add(Button::secondary("Open a challenge").icon(icons::FOLDER_OPEN))
                    .clicked()
                {
                    commands.push(LabCommand::OpenText);
                }
                let (label, icon) = match self.challenges.making.is_some() {
                    true => ("Back to the challenges", icons::ARROW_LEFT),
                    false => ("Make a challenge", icons::NOTE_PENCIL),
                };
                if ui.add(Button::secondary(label).icon(icon)).clicked() {
                    self.challenges.making = match self.challenges.making {
                        Some(_) => None,
                        None => Some(Box::default()),
                    };
                }
            });
        });
    }

    fn challenge_ui(&mut self, ui: &mut Ui, lab: &mut Lab, shown: &Shown, commands: &mut Vec<LabCommand>) {
        ScrollArea::vertical()
            .id_salt("challenge")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 10.0;
                let mark = lab.progress().mark(shown.id());
                ui.horizontal_wrapped(|ui| {
                    ui.label(text::heading(ui, shown.title()));
                    ui.add(Pill::new(shown.level().name(), tone_of(shown.level())));
                    let cipher = shown
                        .cipher()
                        .map_or("Which cipher? Find out", |cipher| cipher.name);
                    ui.add(Pill::new(cipher, Tone::Info));
                    if mark.solved {
                        ui.add(Pill::new("solved", Tone::Success).icon(icons::CHECK_CIRCLE));
                    }
                });
                if let Shown::Opened(id, challenge) = shown {
                    ui.horizontal(|ui| {
                        let by = match challenge.author.as_str() {
                            "" => "From a file or a room".to_owned(),
                            author => format!("From a file or a room, by {author}"),
                        };
                        ui.label(text::small(ui, by));
                        if ui
                            .add(IconButton::new(icons::TRASH, "Take this challenge away").small())
                            .clicked()
                        {
                            lab.change_progress(|progress| progress.close(id));
                            self.challenges.chosen = None;
                        }
                        let copy = IconButton::new(icons::COPY, "Copy the challenge, to say it in a room");
                        if ui.add(copy.small()).clicked() {
                            ui.ctx().copy_text(challenge.to_text());
                            let said = "Challenge copied. Paste it into a room to have others race for it.";
                            commands.push(LabCommand::Say(said.to_owned()));
                        }
                        let save = IconButton::new(icons::FLOPPY_DISK, "Save the challenge as a file");
                        if ui.add(save.small()).clicked() {
                            commands.push(LabCommand::SaveText {
                                suggested_name: making::file_name(&challenge.title),
                                text: challenge.to_text(),
                            });
                        }
                    });
                }
                let ciphertext = shown.ciphertext();
                ciphertext_ui(ui, &ciphertext, commands);
                let choice = shown
                    .cipher()
                    .map_or(Choice::FindOut, |cipher| Choice::Cipher(cipher.id));
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing.x = 8.0;
                    let bench = Button::secondary("Put it on the bench").icon(icons::FLASK);
                    if ui.add(bench).clicked() {
                        lab.bench.set_text(&ciphertext);
                        lab.bench.set_direction(ciphers::Direction::Decrypt);
                        if let Some(cipher) = shown.cipher()
                            && !lab.bench.cards().iter().any(|card| card.cipher == cipher)
                        {
                            lab.bench.add(cipher.id);
                        }
                        self.place = super::Place::Bench;
                    }
                    let attack = Button::secondary("Attack it").icon(icons::LIGHTNING);
                    if ui.add(attack).clicked() {
                        self.show_breaking(lab, &ciphertext, choice);
                    }
                    let by_hand = Button::secondary("By hand").icon(icons::PUZZLE_PIECE);
                    if ui.add(by_hand).clicked() {
                        self.show_breaking(lab, &ciphertext, choice);
                        self.breaking.part = super::breaking::Part::ByHand;
                    }
                });
                hints_ui(ui, lab, shown);
                self.answer_ui(ui, lab, shown);
                follow_focus(ui);
            });
    }

    fn answer_ui(&mut self, ui: &mut Ui, lab: &mut Lab, shown: &Shown) {
        let view = &mut self.challenges;
        ui.label(text::subheading(ui, "Your answer"));
        let field = ui.add(
            Field::new("The plaintext", &mut view.answer)
                .hide_label()
                .mono()
                .multiline(3)
                .hint("The plaintext. Spaces, punctuation and capitals do not matter."),
        );
        if field.changed() {
            view.wrong = false;
        }
        let ready = challenge::normalised(&view.answer).len() >= 4;
        let check = Button::primary("Check").icon(icons::CHECK);
        if ui.add_enabled(ready, check).clicked() {
            view.wrong = !shown.is_solved_by(&view.answer);
            if !view.wrong {
                lab.change_progress(|progress| progress.solve(shown.id()));
            }
        }
        if view.wrong {
            let said = "That is not it. Every letter has to be right, from the first to the last.";
            let _ = Banner::new(Tone::Warning, said).title("Not yet").show(ui);
        } else if lab.progress().mark(shown.id()).solved {
            let hints = lab.progress().mark(shown.id()).hints;
            let said = match hints {
                0 => "Without a single hint.".to_owned(),
                1 => "With one hint.".to_owned(),
                hints => format!("With {hints} hints."),
            };
            let _ = Banner::new(Tone::Success, &said).title("Solved").show(ui);
        }
    }

    /// Opens a challenge from its text, and shows it. Says why not, otherwise.
    pub(super) fn open_challenge(&mut self, lab: &mut Lab, text: &str) -> Result<(), String> {
        let challenge = Challenge::parse(text).map_err(|error| error.to_string())?;
        let id = lab.change_progress(|progress| progress.open(&challenge));
        self.place = super::Place::Challenges;
        self.challenges = ChallengesView {
            chosen: Some(id),
            ..ChallengesView::default()
        };
        Ok(())
    }
}

fn ciphertext_ui(ui: &mut Ui, ciphertext: &str, commands: &mut Vec<LabCommand>) {
    let p = palette(ui);
    Frame::new()
        .fill(p.surface_2)
        .stroke(Stroke::new(1.0, p.border))
        .corner_radius(style::RADIUS_LARGE)
        .inner_margin(Margin::symmetric(14, 10))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal(|ui| {
                ui.label(text::caption(ui, "Ciphertext"));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let copy = IconButton::new(icons::COPY, "Copy the ciphertext").small();
                    if ui.add(copy).clicked() {
                        ui.ctx().copy_text(ciphertext.to_owned());
                        commands.push(LabCommand::Say("Ciphertext copied".to_owned()));
                    }
                });
            });
            ScrollArea::vertical()
                .id_salt("challenge text")
                .max_height(190.0)
                .show(ui, |ui| {
                    let shown = super::letters::shown(ciphertext);
                    ui.add(egui::Label::new(text::mono(ui, shown.as_ref()).size(14.0)).wrap());
                });
        });
}

/// The hints that were taken, and a button for the next.
fn hints_ui(ui: &mut Ui, lab: &mut Lab, shown: &Shown) {
    let hints = shown.hints();
    if hints.is_empty() {
        return;
    }
    let taken = usize::from(lab.progress().mark(shown.id()).hints).min(hints.len());
    for (number, hint) in hints.iter().take(taken).enumerate() {
        let title = format!("Hint {}", number + 1);
        let _ = Banner::new(Tone::Info, hint).title(&title).show(ui);
    }
    if taken < hints.len() {
        let label = format!("Give me a hint ({} of {})", taken + 1, hints.len());
        if ui
            .add(Button::ghost(&label).icon(icons::QUESTION).small())
            .clicked()
        {
            lab.change_progress(|progress| progress.take_hint(shown.id(), hints.len()));
        }
    }
}

fn tone_of(level: Level) -> Tone {
    match level {
        Level::Easy | Level::Fair => Tone::Neutral,
        Level::Hard => Tone::Warning,
        Level::VeryHard | Level::Fiendish => Tone::Danger,
    }
}

const LIST: f32 = 330.0;
