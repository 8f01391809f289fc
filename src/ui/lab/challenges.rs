//! The challenges: a list by level, one of them opened, its hints in steps, the answer to be checked; and making one.

use egui::{
    Align, Align2, Frame, Layout, Margin, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::controls::controls_ui;
use super::{LabCommand, LabView};
use crate::ciphers::{self, CipherSpec, Key, find as find_cipher};
use crate::lab::breaking::Choice;
use crate::lab::challenge::{self, Challenge, Draft, DraftError, Level, Puzzle};
use crate::lab::{Card, CardId, Lab};
use crate::ui::theme::{Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::{
    Banner, Button, Card as Panel, Field, IconButton, Pill, follow_focus, segmented_ui, select_ui, switch_ui,
};

/// What the page remembers between frames.
#[derive(Default)]
pub(super) struct ChallengesView {
    chosen: Option<String>,
    answer: String,
    /// Whether the last answer was wrong.
    wrong: bool,
    making: Option<Box<Making>>,
}

/// A challenge that is being made.
struct Making {
    draft: Draft,
    hints: [String; 3],
    level: Level,
    spec: &'static CipherSpec,
    key: Key,
    made: Option<Challenge>,
    error: Option<String>,
}

impl Default for Making {
    fn default() -> Self {
        let spec = find_cipher("vigenere").unwrap_or(ciphers::ALL[0]);
        Self {
            draft: Draft {
                tell_cipher: true,
                ..Draft::default()
            },
            hints: Default::default(),
            level: Level::Fair,
            spec,
            key: spec.sample_key(),
            made: None,
            error: None,
        }
    }
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
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
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
                if ui
                    .add(Button::secondary("Open a challenge").icon(icons::FOLDER_OPEN))
                    .clicked()
                {
                    commands.push(LabCommand::OpenText);
                }
            });
        });
    }

    fn list_ui(&mut self, ui: &mut Ui, lab: &mut Lab) {
        let chosen = self.challenges.chosen.clone();
        let mut picked = None;
        ScrollArea::vertical()
            .id_salt("challenges")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 3.0;
                let opened = lab.progress().opened();
                if !opened.is_empty() {
                    ui.label(text::caption(ui, "Opened"));
                    for (id, challenge) in &opened {
                        let cipher = challenge.cipher.as_deref().and_then(find_cipher);
                        let by = match challenge.author.as_str() {
                            "" => cipher.map_or("which cipher?", |cipher| cipher.name).to_owned(),
                            author => format!("by {author}"),
                        };
                        let solved = lab.progress().mark(id).solved;
                        if row_ui(ui, &challenge.title, &by, solved, chosen.as_deref() == Some(id)) {
                            picked = Some(id.clone());
                        }
                    }
                }
                for level in Level::ALL {
                    ui.add_space(6.0);
                    let puzzles = challenge::ALL.iter().filter(|puzzle| puzzle.level == level);
                    let solved = lab.progress().solved(puzzles.clone().map(|puzzle| puzzle.id));
                    let count = puzzles.clone().count();
                    ui.horizontal(|ui| {
                        ui.label(text::caption(ui, level.name()));
                        ui.label(text::small(ui, format!("{solved} of {count}")));
                    });
                    for puzzle in puzzles {
                        let solved = lab.progress().mark(puzzle.id).solved;
                        let cipher = match puzzle.told || solved {
                            true => super::card::short_name(puzzle.spec().name),
                            false => "which cipher?",
                        };
                        let on = chosen.as_deref() == Some(puzzle.id);
                        if row_ui(ui, puzzle.title, cipher, solved, on) {
                            picked = Some(puzzle.id.to_owned());
                        }
                    }
                }
                follow_focus(ui);
            });
        if let Some(picked) = picked {
            self.challenges.chosen = Some(picked);
            self.challenges.answer.clear();
            self.challenges.wrong = false;
        }
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
                            "" => "From a file".to_owned(),
                            author => format!("From a file, by {author}"),
                        };
                        ui.label(text::small(ui, by));
                        if ui
                            .add(IconButton::new(icons::TRASH, "Take this challenge away").small())
                            .clicked()
                        {
                            lab.change_progress(|progress| progress.close(id));
                            self.challenges.chosen = None;
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

    /// The form that makes a challenge.
    fn make_ui(&mut self, ui: &mut Ui, commands: &mut Vec<LabCommand>) {
        let Some(making) = &mut self.challenges.making else {
            return;
        };
        ui.spacing_mut().item_spacing.y = 10.0;
        let before = (making.draft.plaintext.clone(), making.key.clone(), making.spec.id);
        let said = "Write a text and choose how to encrypt it. The file that you get holds the ciphertext, your hints and a check for \
                    the answer, but not the answer: nobody can read it out of the file.";
        ui.add(egui::Label::new(text::weak(ui, said)).wrap());
        ui.add(
            Field::new("The text", &mut making.draft.plaintext)
                .multiline(4)
                .char_limit(challenge::MOST_TEXT_BYTES / 2)
                .hint("What the others have to find out"),
        );
        ui.horizontal_top(|ui| {
            let half = (ui.available_width() - 12.0) / 2.0;
            ui.spacing_mut().item_spacing.x = 12.0;
            ui.add(
                Field::new("Title", &mut making.draft.title)
                    .char_limit(80)
                    .width(half),
            );
            ui.add(
                Field::new("Your name (may be left out)", &mut making.draft.author)
                    .char_limit(80)
                    .width(half),
            );
        });
        ui.horizontal_wrapped(|ui| {
            let mut id = making.spec.id;
            let options: Vec<(&str, &str)> = ciphers::ALL.iter().map(|spec| (spec.id, spec.name)).collect();
            if select_ui(ui, "Cipher of the challenge", 230.0, &mut id, &options).changed()
                && let Some(spec) = find_cipher(id)
            {
                making.spec = spec;
                making.key = spec.sample_key();
            }
            let levels = Level::ALL.map(|level| (level, level.name()));
            segmented_ui(ui, "Level", &mut making.level, &levels);
        });
        let built = making.spec.build(&making.key);
        let error = built.as_ref().err().cloned();
        Panel::new()
            .title("Key")
            .icon(icons::KEY)
            .full_width()
            .show(ui, |ui| {
                let card = Card {
                    id: CardId(u32::MAX),
                    cipher: making.spec,
                    key: making.key.clone(),
                    collapsed: false,
                };
                let letters = making
                    .draft
                    .plaintext
                    .chars()
                    .filter(|c| c.is_alphabetic())
                    .count();
                ui.set_max_width(420.0);
                let done = controls_ui(ui, &card, error.as_ref(), false, letters);
                if let Some(key) = done.key {
                    making.key = key;
                }
                if !making.spec.params.is_empty()
                    && ui
                        .add(Button::secondary("A random key").icon(icons::DICE_FIVE).small())
                        .clicked()
                {
                    making.key = crate::lab::random_key::random_key(making.spec, letters, &mut rand::rng());
                }
            });
        for (number, hint) in making.hints.iter_mut().enumerate() {
            let label = format!("Hint {} (may be left out)", number + 1);
            ui.add(Field::new(&label, hint).char_limit(300));
        }
        switch_ui(ui, &mut making.draft.tell_cipher, "Say which cipher it is", "");
        if before != (making.draft.plaintext.clone(), making.key.clone(), making.spec.id) {
            making.error = None;
        }
        let row = ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let save = ui
                .add(Button::primary("Save the challenge").icon(icons::FLOPPY_DISK))
                .clicked();
            let copy = ui
                .add(Button::secondary("Copy the challenge").icon(icons::COPY))
                .clicked();
            if save || copy {
                making.finish();
            }
            if let Some(made) = making.made.take() {
                let name = file_name(&made.title);
                let whole = made.to_text();
                if copy {
                    ui.ctx().copy_text(whole);
                    commands.push(LabCommand::Say("Challenge copied".to_owned()));
                } else {
                    commands.push(LabCommand::SaveText {
                        suggested_name: name,
                        text: whole,
                    });
                }
            }
            save || copy
        });
        if let Some(error) = &making.error {
            let _ = Banner::new(Tone::Danger, error).show(ui);
            if row.inner {
                // It stands at the end of a form that is longer than the window.
                ui.scroll_to_cursor(Some(Align::BOTTOM));
            }
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

impl Making {
    fn finish(&mut self) {
        let draft = Draft {
            title: match self.draft.title.trim() {
                "" => "A challenge".to_owned(),
                title => title.to_owned(),
            },
            hints: self.hints.to_vec(),
            ..self.draft.clone()
        };
        match Challenge::make(&draft, self.level, self.spec, &self.key, rand::random()) {
            Ok(made) => {
                self.made = Some(made);
                self.error = None;
            }
            Err(error) => {
                let said = match &error {
                    DraftError::Key(error) => super::controls::in_words(error),
                    error => format!("{error}."),
                };
                let mut chars = said.chars();
                let first = chars
                    .next()
                    .map(|c| c.to_uppercase().collect::<String>())
                    .unwrap_or_default();
                self.error = Some(first + chars.as_str());
            }
        }
    }
}

/// A row of the list; whether it was pressed.
fn row_ui(ui: &mut Ui, title: &str, cipher: &str, solved: bool, on: bool) -> bool {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - 8.0, 34.0), Sense::click());
    let state = if solved { ", solved" } else { "" };
    let name = format!("{title} ({cipher}){state}");
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &name));
    if !ui.is_rect_visible(rect) {
        return response.clicked();
    }
    let fill = match (on, response.hovered()) {
        (true, _) => p.accent_soft,
        (_, true) => p.surface_3,
        _ => p.surface_2,
    };
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 8, fill);
    let (icon, color) = match solved {
        true => (icons::CHECK_CIRCLE, p.success),
        false => (icons::CIRCLE, p.text_weak),
    };
    let middle = rect.left_center();
    painter.text(
        middle + vec2(18.0, 0.0),
        Align2::CENTER_CENTER,
        icon,
        fonts::icon(17.0),
        color,
    );
    let right = painter.text(
        rect.right_center() - vec2(10.0, 0.0),
        Align2::RIGHT_CENTER,
        cipher,
        fonts::regular(12.0),
        p.text_weak,
    );
    let mut job =
        egui::text::LayoutJob::simple_singleline(title.to_owned(), fonts::medium(14.0), p.text_strong);
    job.wrap = egui::text::TextWrapping::truncate_at_width((right.left() - rect.left() - 42.0).max(40.0));
    let galley = painter.layout_job(job);
    painter.galley(
        pos2(rect.left() + 34.0, rect.center().y - galley.size().y / 2.0),
        galley,
        p.text_strong,
    );
    if response.has_focus() {
        style::focus_ring(&painter, rect.shrink(2.0), 8, p);
    }
    response.clicked()
}

fn invitation_ui(ui: &mut Ui, lab: &Lab) {
    ui.add_space(40.0);
    let next = challenge::ALL
        .iter()
        .find(|puzzle| !lab.progress().mark(puzzle.id).solved);
    let sentence = match next {
        Some(puzzle) => format!(
            "Pick one from the list. \u{201c}{}\u{201d} is a good one to go on with: take the ciphertext to the bench or to the boards, and bring \
             the plaintext back.",
            puzzle.title
        ),
        None => "All solved. Make one yourself, and send it to somebody who thinks that it can't be done."
            .to_owned(),
    };
    crate::ui::widgets::empty_ui(
        ui,
        crate::ui::widgets::Drawing::Search,
        "Read what is not meant for you",
        &sentence,
        |_| (),
    );
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

/// A file name from a title: "under-the-clock.challenge.txt".
fn file_name(title: &str) -> String {
    let words: Vec<String> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let name: String = words.join("-").chars().take(40).collect();
    match name.is_empty() {
        true => "challenge.txt".to_owned(),
        false => format!("{name}.challenge.txt"),
    }
}

const LIST: f32 = 330.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_come_from_titles() {
        assert_eq!(file_name("Under the Clock!"), "under-the-clock.challenge.txt");
        assert_eq!(file_name("…"), "challenge.txt");
        assert!(file_name(&"long ".repeat(40)).len() < 60);
    }
}
