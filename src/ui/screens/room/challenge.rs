//! Cipher challenges in a room: the dialog that writes one, and the dialog that races for one.

use std::collections::HashMap;

use egui::{Context, ScrollArea, Ui};

use super::shortened;
use crate::ciphers::{self, Family, Key};
use crate::lab::challenge::{self, Challenge, Draft as Made, Level};
use crate::lab::room_challenge::{Judgement, Solution, Solved, challenge_in};
use crate::session::{Fingerprint, Line, MessageLine, Room, clean};
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Banner, Button, Field, ModalOutcome, Pill, blocking_modal_ui, modal_ui, select_ui};

/// What the room remembers of its challenges.
#[derive(Debug, Default)]
pub(super) struct Challenges {
    writing: Option<Draft>,
    open: Option<Racing>,
    /// What was typed as a solution when the lab was opened instead.
    typed: HashMap<[u8; 32], String>,
    /// Solutions that this user knows: found, or written.
    known: HashMap<[u8; 32], Solution>,
}

#[derive(Debug)]
struct Draft {
    text: String,
    cipher: &'static str,
    key: String,
    hint: String,
    fault: Option<String>,
}

/// A challenge that is open.
#[derive(Debug)]
struct Racing {
    challenge: Challenge,
    id: [u8; 32],
    /// With whom, where it was said in private.
    with: Option<Fingerprint>,
    attempt: String,
    wrong: bool,
}

/// What the user wants done.
#[derive(Debug)]
pub(super) enum Wanted {
    /// Say this.
    Say {
        /// To whom alone; `None` for everybody.
        to: Option<Fingerprint>,
        /// What.
        text: String,
    },
    /// Open this challenge in the lab.
    Lab(String),
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

    /// Opens the one in a message, where there is one; `with` is the other end where it was said in private.
    pub(super) fn open(&mut self, message: &str, with: Option<Fingerprint>) {
        self.open = challenge_in(message).map(|challenge| {
            let id = challenge.id();
            Racing {
                challenge,
                id,
                with,
                attempt: self.typed.remove(&id).unwrap_or_default(),
                wrong: false,
            }
        });
    }

    /// Whether a dialog is shown.
    pub(super) fn is_open(&self) -> bool {
        self.writing.is_some() || self.open.is_some()
    }

    /// Draws the dialog that is open.
    pub(super) fn ui(&mut self, ui: &Ui, room: &Room, own: Option<[u8; 32]>) -> Option<Wanted> {
        self.write_ui(ui, room).or_else(|| self.race_ui(ui, room, own))
    }

    fn write_ui(&mut self, ui: &Ui, room: &Room) -> Option<Wanted> {
        let draft = self.writing.as_mut()?;
        let mut made = None;
        let may_say = may_say(room);
        let is_typed = draft.is_typed();
        let outcome = form_modal_ui(ui.ctx(), "Send a cipher challenge", 520.0, is_typed, |ui| {
            ui.spacing_mut().item_spacing.y = 10.0;
            ui.add(
                Field::new("Text", &mut draft.text)
                    .multiline(3)
                    .char_limit(challenge::MOST_TEXT_BYTES)
                    .hint("What the others have to find out; or paste the text of a challenge's file"),
            );
            if let Some(ready) = challenge_in(&draft.text) {
                let title = clean::reveal_line(&ready.title).into_owned();
                let words = format!("This is a challenge already, \"{title}\". It is sent as it is.");
                let _ = Banner::new(Tone::Info, &words).show(ui);
                return send_ui(ui, may_say, || made = Some(Ok((ready, None))));
            }
            draft.cipher_ui(ui);
            let note = "The others get the ciphertext, the cipher's name, the hint, and a commitment: a hash by which anybody can check a solution, and nobody can change it afterwards.";
            ui.add(egui::Label::new(text::small(ui, note)).wrap());
            send_ui(ui, may_say, || made = Some(draft.make()))
        });
        match made {
            Some(Ok((challenge, solution))) => {
                if let Some(solution) = solution {
                    self.known.insert(challenge.id(), solution);
                }
                self.writing = None;
                let text = challenge.to_text();
                return Some(Wanted::Say { to: None, text });
            }
            Some(Err(fault)) => draft.fault = Some(fault),
            None => {}
        }
        if outcome.inner || outcome.close {
            self.writing = None;
        }
        None
    }

    fn race_ui(&mut self, ui: &Ui, room: &Room, own: Option<[u8; 32]>) -> Option<Wanted> {
        let Racing {
            challenge,
            id,
            with,
            attempt,
            wrong,
        } = self.open.as_mut()?;
        let place = Place::of(room, *with);
        let mut wanted = None;
        let known = &mut self.known;
        let is_typed = !attempt.is_empty() && !known.contains_key(id);
        let outcome = form_modal_ui(ui.ctx(), "Cipher challenge", 560.0, is_typed, |ui| {
            ui.spacing_mut().item_spacing.y = 10.0;
            about_ui(ui, challenge);
            let lab = Button::secondary("Open it in the lab").icon(icons::FLASK);
            if ui.add(lab).clicked() {
                wanted = Some(Wanted::Lab(challenge.to_text()));
            }
            if let Some(solution) = known.get(id) {
                let words = "You have it: it fits the author's commitment.";
                let _ = Banner::new(Tone::Success, words).show(ui);
                let tell = Button::primary(&place.tell).icon(icons::PAPER_PLANE_RIGHT);
                if let Some(own) = own.filter(|own| place.may_say && !place.has_told(id, own))
                    && ui.add(tell).clicked()
                {
                    let text = solution.message(&own);
                    wanted = Some(Wanted::Say { to: *with, text });
                }
            } else {
                let field = ui.add(Field::new("Your solution", attempt).multiline(2));
                *wrong &= !field.changed();
                let ready = challenge::normalised(attempt).len() >= 4;
                let check = Button::primary("Check it").icon(icons::CHECK);
                if ui.add_enabled(ready, check).clicked() {
                    match challenge.solve(attempt) {
                        Some(solution) => drop(known.insert(*id, solution)),
                        None => *wrong = true,
                    }
                }
                if *wrong {
                    let words = "It does not fit the author's commitment: every letter has to be right.";
                    let _ = Banner::new(Tone::Danger, words).show(ui);
                }
            }
            place.race_list_ui(ui, id, known.get(id));
            ui.add(Button::ghost("Close")).clicked()
        });
        if matches!(wanted, Some(Wanted::Lab(_))) && is_typed {
            self.typed.insert(*id, std::mem::take(attempt));
        }
        if outcome.inner || outcome.close || wanted.is_some() {
            self.open = None;
        }
        wanted
    }
}

/// Shows a dialog to write in. Once something is typed, neither Esc nor a click beside it throws that away: it ends by
/// its own buttons.
fn form_modal_ui<R>(
    ctx: &Context,
    title: &str,
    width: f32,
    is_typed: bool,
    content: impl FnOnce(&mut Ui) -> R,
) -> ModalOutcome<R> {
    if !is_typed {
        return modal_ui(ctx, title, width, content);
    }
    ModalOutcome {
        inner: blocking_modal_ui(ctx, title, width, content),
        close: false,
    }
}

/// Whether one may write in the room now.
fn may_say(room: &Room) -> bool {
    room.is_open() && !room.is_silenced() && !room.needs_decision()
}

/// Draws the way on and the way back; gives whether to go back.
fn send_ui(ui: &mut Ui, may_say: bool, send: impl FnOnce()) -> bool {
    if !may_say {
        let words = "You can't write in this room now. What you typed stays here until you cancel.";
        ui.add(egui::Label::new(text::small(ui, words)).wrap());
    }
    ui.horizontal(|ui| {
        let button = Button::primary("Send it").icon(icons::PAPER_PLANE_RIGHT);
        if ui.add_enabled(may_say, button).clicked() {
            send();
        }
        ui.add(Button::ghost("Cancel")).clicked()
    })
    .inner
}

/// What everybody may know of it.
fn about_ui(ui: &mut Ui, challenge: &Challenge) {
    ui.horizontal_wrapped(|ui| {
        ui.label(text::strong(
            ui,
            clean::reveal_line(&challenge.title).into_owned(),
        ));
        let cipher = challenge.cipher.as_deref().and_then(ciphers::find);
        let name = cipher.map_or("Which cipher? Find out", |spec| spec.name);
        ui.add(Pill::new(name, Tone::Accent));
    });
    for hint in &challenge.hints {
        let hint = format!("Hint: {}", clean::reveal_line(hint));
        ui.add(egui::Label::new(text::body(ui, hint)).wrap());
    }
    ScrollArea::vertical()
        .id_salt("ciphertext")
        .max_height(160.0)
        .show(ui, |ui| {
            let shown = clean::reveal(&challenge.ciphertext).into_owned();
            ui.add(egui::Label::new(text::mono(ui, shown)).wrap());
        });
}

/// Where a challenge was said, and who solves it is told.
struct Place<'a> {
    lines: &'a [Line],
    may_say: bool,
    /// What telling is called.
    tell: String,
}

impl<'a> Place<'a> {
    fn of(room: &'a Room, with: Option<Fingerprint>) -> Place<'a> {
        let Some(with) = with else {
            return Place {
                lines: room.transcript.lines(),
                may_say: may_say(room),
                tell: "Tell the room".to_owned(),
            };
        };
        let talk = room.private(&with);
        let name = talk.map_or(room.name_of(&with), |talk| &talk.name);
        Place {
            lines: talk.map(|talk| talk.transcript.lines()).unwrap_or_default(),
            may_say: (room.is_open() || room.is_lost()) && !room.needs_decision(),
            tell: format!("Tell {}", shortened(&clean::reveal_line(name))),
        }
    }

    /// Whether this user has told it already.
    fn has_told(&self, id: &[u8; 32], own: &[u8; 32]) -> bool {
        self.told(id).any(|(message, _)| message.author.as_bytes() == own)
    }

    fn told(&self, id: &[u8; 32]) -> impl Iterator<Item = (&'a MessageLine, Solved)> {
        self.lines.iter().filter_map(move |line| match line {
            Line::Message(message) => {
                let solved = Solved::read(&message.text).filter(|solved| solved.id == *id);
                solved.map(|solved| (message, solved))
            }
            _ => None,
        })
    }

    /// Who says to have solved it, in the order in which it was said; who knows the solution sees who really did.
    fn race_list_ui(&self, ui: &mut Ui, id: &[u8; 32], solution: Option<&Solution>) {
        for (place, (message, solved)) in self.told(id).take(10).enumerate() {
            let name = clean::reveal_line(&message.name).into_owned();
            let judgement = solution.map(|solution| solution.judge(&solved, message.author.as_bytes()));
            let (tone, words) = match judgement {
                None => (Tone::Neutral, "says so; solve it to check"),
                Some(Judgement::Confirmed) => (Tone::Success, "confirmed"),
                Some(Judgement::OtherSpelling) => (Tone::Neutral, "says so, in another spelling"),
                Some(Judgement::Wrong) => (Tone::Danger, "the proof is wrong"),
            };
            ui.horizontal_wrapped(|ui| {
                let label = ui.label(text::body(ui, format!("{}. {}", place + 1, shortened(&name))));
                if shortened(&name) != name {
                    label.on_hover_text(&name);
                }
                ui.add(Pill::new(words, tone));
            });
        }
    }
}

impl Draft {
    /// Whether something would be lost with it.
    fn is_typed(&self) -> bool {
        !self.text.is_empty() || !self.hint.is_empty() || self.key != sample(self.cipher)
    }

    /// Draws the cipher, its key and the hint.
    fn cipher_ui(&mut self, ui: &mut Ui) {
        let options: Vec<(&str, &str)> = ciphers::ALL
            .iter()
            .filter(|spec| spec.family != Family::Modern)
            .map(|spec| (spec.id, spec.name))
            .collect();
        let before = self.cipher;
        ui.horizontal(|ui| {
            ui.label(text::body(ui, "Cipher"));
            select_ui(ui, "Cipher", 240.0, &mut self.cipher, &options);
        });
        if self.cipher != before {
            self.key = sample(self.cipher);
        }
        ui.add(
            Field::new("Key", &mut self.key)
                .mono()
                .help("One parameter a line, as name=value.")
                .multiline(2),
        );
        ui.add(Field::new("Hint", &mut self.hint).char_limit(200));
        if let Some(fault) = &self.fault {
            let _ = Banner::new(Tone::Warning, fault).show(ui);
        }
    }

    /// Makes it, with the solution that its author knows. Fails with a sentence for people.
    fn make(&self) -> Result<(Challenge, Option<Solution>), String> {
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
        let made = Made {
            title: "A challenge from the room".to_owned(),
            plaintext: self.text.clone(),
            tell_cipher: true,
            hints: vec![self.hint.clone()],
            ..Made::default()
        };
        let challenge =
            Challenge::make(&made, Level::Fair, spec, &key, salt).map_err(|error| sentence(&error))?;
        let solution = challenge.solve(&self.text);
        Ok((challenge, solution))
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

/// Begins with a capital and ends with a full stop.
fn sentence(error: &challenge::DraftError) -> String {
    let words = error.to_string();
    let mut chars = words.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", chars.as_str())
}
