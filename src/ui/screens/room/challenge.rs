//! Cipher challenges in a room: the dialog that writes one, and the dialog that races for one.

use std::collections::HashMap;

use egui::Ui;

use crate::ciphers::{self, Family, Key};
use crate::lab::room_challenge::{Challenge, Solved};
use crate::session::{Line, MessageLine, Room, clean};
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Banner, Button, Field, Pill, modal_ui, select_ui};

/// What the room remembers of its challenges.
#[derive(Debug, Default)]
pub(super) struct Challenges {
    writing: Option<Draft>,
    open: Option<(Challenge, String)>,
    /// Solutions that this user knows: found, or written.
    known: HashMap<[u8; 32], String>,
}

#[derive(Debug)]
struct Draft {
    text: String,
    cipher: &'static str,
    key: String,
    hint: String,
    fault: Option<String>,
}

/// What the user wants done.
#[derive(Debug)]
pub(super) enum Wanted {
    /// Say this in the room.
    Say(String),
    /// Put this on the bench.
    Bench(String),
}

impl Challenges {
    /// Begins to write one.
    pub(super) fn write(&mut self) {
        self.writing = Some(Draft {
            text: String::new(),
            cipher: "vigenere",
            key: sample("vigenere"),
            hint: String::new(),
            fault: None,
        });
    }

    /// Opens the one in a message, where there is one.
    pub(super) fn open(&mut self, message: &str) {
        if let Some(challenge) = Challenge::read(message) {
            let known = self.known.get(&challenge.commitment).cloned();
            self.open = Some((challenge, known.unwrap_or_default()));
        }
    }

    /// Whether a dialog is shown.
    pub(super) fn is_open(&self) -> bool {
        self.writing.is_some() || self.open.is_some()
    }

    /// Draws the dialog that is open.
    pub(super) fn ui(&mut self, ui: &Ui, room: &Room, own: Option<[u8; 32]>) -> Option<Wanted> {
        self.write_ui(ui).or_else(|| self.race_ui(ui, room, own))
    }

    fn write_ui(&mut self, ui: &Ui) -> Option<Wanted> {
        let draft = self.writing.as_mut()?;
        let mut made = None;
        let outcome = modal_ui(ui.ctx(), "Send a cipher challenge", 520.0, |ui| {
            ui.spacing_mut().item_spacing.y = 10.0;
            ui.add(
                Field::new("Text", &mut draft.text)
                    .multiline(3)
                    .hint("What the others have to find out"),
            );
            let options: Vec<(&str, &str)> = ciphers::ALL
                .iter()
                .filter(|spec| spec.family != Family::Modern)
                .map(|spec| (spec.id, spec.name))
                .collect();
            let before = draft.cipher;
            ui.horizontal(|ui| {
                ui.label(text::body(ui, "Cipher"));
                select_ui(ui, "Cipher", 240.0, &mut draft.cipher, &options);
            });
            if draft.cipher != before {
                draft.key = sample(draft.cipher);
            }
            ui.add(
                Field::new("Key", &mut draft.key)
                    .mono()
                    .help("One parameter a line, as name=value.")
                    .multiline(2),
            );
            ui.add(Field::new("Hint", &mut draft.hint).char_limit(200));
            if let Some(fault) = &draft.fault {
                let _ = Banner::new(Tone::Warning, fault).show(ui);
            }
            let note = "The others get the ciphertext, the cipher's name, the hint, and a commitment: a hash by which anybody can check a solution, and nobody can change it afterwards.";
            ui.add(egui::Label::new(text::small(ui, note)).wrap());
            ui.horizontal(|ui| {
                if ui
                    .add(Button::primary("Send it").icon(icons::PAPER_PLANE_RIGHT))
                    .clicked()
                {
                    match draft.make() {
                        Ok(challenge) => made = Some(challenge),
                        Err(fault) => draft.fault = Some(fault),
                    }
                }
                ui.add(Button::ghost("Cancel")).clicked()
            })
            .inner
        });
        if let Some(challenge) = made {
            self.known.insert(challenge.commitment, draft.text.clone());
            self.writing = None;
            return Some(Wanted::Say(challenge.message()));
        }
        if outcome.inner || outcome.close {
            self.writing = None;
        }
        None
    }

    fn race_ui(&mut self, ui: &Ui, room: &Room, own: Option<[u8; 32]>) -> Option<Wanted> {
        let (challenge, attempt) = self.open.as_mut()?;
        let mut wanted = None;
        let right = challenge.is_solution(attempt);
        let outcome = modal_ui(ui.ctx(), "Cipher challenge", 560.0, |ui| {
            ui.spacing_mut().item_spacing.y = 10.0;
            let name = ciphers::find(&challenge.cipher).map_or("", |spec| spec.name);
            ui.horizontal(|ui| {
                ui.add(Pill::new(name, Tone::Accent));
                let hint = clean::reveal_line(&challenge.hint);
                ui.add(egui::Label::new(text::body(ui, format!("Hint: {hint}"))).wrap());
            });
            let shown = clean::reveal(&challenge.ciphertext).into_owned();
            ui.add(egui::Label::new(text::mono(ui, shown)).wrap());
            if ui
                .add(Button::secondary("Open it in the lab").icon(icons::FLASK))
                .clicked()
            {
                wanted = Some(Wanted::Bench(challenge.ciphertext.clone()));
            }
            ui.add(Field::new("Your solution", attempt).multiline(2));
            if right {
                let words = "That is it: it fits the author's commitment.";
                let _ = Banner::new(Tone::Success, words).show(ui);
                let tell = Button::primary("Tell the room").icon(icons::PAPER_PLANE_RIGHT);
                if let Some(own) = own.filter(|_| room.is_open())
                    && ui.add(tell).clicked()
                {
                    wanted = Some(Wanted::Say(challenge.solved_message(attempt, &own)));
                }
            } else if !attempt.trim().is_empty() {
                ui.label(text::small(ui, "It does not fit the author's commitment yet."));
            }
            race_list_ui(ui, room, challenge, right.then_some(attempt.as_str()));
            ui.add(Button::ghost("Close")).clicked()
        });
        if right {
            self.known.insert(challenge.commitment, attempt.clone());
        }
        if outcome.inner || outcome.close || wanted.is_some() {
            self.open = None;
        }
        wanted
    }
}

/// Who says to have solved it, in the order of the room's log; who knows the solution sees who really did.
fn race_list_ui(ui: &mut Ui, room: &Room, challenge: &Challenge, solution: Option<&str>) {
    let told = room.transcript.lines().iter().filter_map(|line| match line {
        Line::Message(message) => {
            let solved =
                Solved::read(&message.text).filter(|solved| solved.commitment == challenge.commitment);
            solved.map(|solved| (message, solved))
        }
        _ => None,
    });
    for (place, (message, solved)) in told.take(10).enumerate() {
        let name = clean::reveal_line(&message.name).into_owned();
        let (tone, words) = judge(challenge, message, &solved, solution);
        ui.horizontal(|ui| {
            ui.label(text::body(ui, format!("{}. {name}", place + 1)));
            ui.add(Pill::new(words, tone));
        });
    }
}

fn judge(
    challenge: &Challenge,
    message: &MessageLine,
    solved: &Solved,
    solution: Option<&str>,
) -> (Tone, &'static str) {
    match solution {
        None => (Tone::Neutral, "says so; solve it to check"),
        Some(solution) if challenge.confirms(solved, solution, message.author.as_bytes()) => {
            (Tone::Success, "confirmed")
        }
        Some(_) => (Tone::Danger, "the proof is wrong"),
    }
}

impl Draft {
    fn make(&self) -> Result<Challenge, String> {
        let spec = ciphers::find(self.cipher).ok_or("There is no such cipher.")?;
        let pairs: Vec<&str> = self
            .key
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let key = Key::parse(&pairs).map_err(|error| format!("{error}."))?;
        // The salt must differ between challenges; it is no secret.
        let mut salt = [0; 16];
        rand::Rng::fill_bytes(&mut rand::rng(), &mut salt);
        Challenge::make(spec, &key, &self.text, &self.hint, salt)
    }
}

/// The sample key of a cipher, a parameter a line.
fn sample(cipher: &str) -> String {
    let key = ciphers::find(cipher)
        .map(|spec| spec.sample_key())
        .unwrap_or_default();
    let lines: Vec<String> = key
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    lines.join("\n")
}
