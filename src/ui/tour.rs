//! The guided tour: five short stops with a real second program on loopback. It points; the user does.

use std::sync::Arc;

use egui::{Frame, Margin, Panel, Stroke, Ui};

use super::command::UiCommand;
use super::screens::Screen;
use super::theme::{Tone, icons, palette, text};
use super::widgets::{Button, Pill, row_end_ui};
use crate::mallory::Companion;
use crate::session::{JoinTarget, Look, Room, RoomKey, RoomState, Session};

/// The tour, while it runs.
#[derive(Default)]
pub(super) struct Tour {
    /// It is offered, because somebody is new here.
    offered: bool,
    stop: Option<Stop>,
    companion: Option<Companion>,
    room: Option<RoomKey>,
    failure: Option<String>,
}

/// A stop of the tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    Host,
    Join,
    Inside,
    Attack,
    Break,
}

impl Stop {
    const ALL: [Stop; 5] = [Stop::Host, Stop::Join, Stop::Inside, Stop::Attack, Stop::Break];

    /// Its title and what it says, before and after the user is in Bob's room.
    fn words(self, joined: bool) -> (&'static str, &'static str) {
        match self {
            Stop::Host => (
                "Somebody hosts",
                "A room has no server: it is open on somebody's computer. Bob, a second program on this computer, makes a key and opens one now. His invitation names that key, so nobody else can pose as Bob.",
            ),
            Stop::Join if joined => (
                "You join",
                "You are in: you agreed on a secret, Bob proved his key, and you proved yours. Say something to him; your key signs it, so that he knows it is from you.",
            ),
            Stop::Join => (
                "You join",
                "Your program calls Bob's with his invitation. Watch the handshake: you agree on a secret, Bob proves his key, you prove yours.",
            ),
            Stop::Inside => (
                "Look inside",
                "Every byte that crossed is here, because the tour asked for a recording: on the left what anybody on the line sees, on the right who can tell what from it. Handshake shows how it began; Time machine, what a thief of today's keys could still read (forward secrecy).",
            ),
            Stop::Attack => (
                "Attack it",
                "Now be Mallory. Run the attack against the textbook exchange, where it works; then choose CR/1 and run it again: the verdict names the check that stops it. \"Signature, other message\" shows what a signature is for: it says who wrote just these words.",
            ),
            Stop::Break => (
                "Break a cipher",
                "And this is what secrets were kept with before: type a text and see it in several ciphers at once. The old ones keep the language's fingerprint; AES is flat. Press Break it below a card, and watch it fall.",
            ),
        }
    }
}

/// Where the tour leads.
#[derive(Debug, Default)]
pub(super) struct Lead {
    /// The screen to show.
    pub(super) go: Option<Screen>,
    /// The room whose wire view is to be shown, and the frame in it.
    pub(super) inside: Option<(RoomKey, Option<u64>)>,
    /// What the user wants done.
    pub(super) commands: Vec<UiCommand>,
}

impl Tour {
    /// Offers itself to somebody who is new; nothing has to be answered.
    pub(super) fn offer(&mut self) {
        self.offered = self.stop.is_none();
    }

    /// Begins, or begins again.
    pub(super) fn begin(&mut self) {
        *self = Tour {
            stop: Some(Stop::Host),
            ..Tour::default()
        };
    }

    /// Draws the stop as a strip below everything else, so that it covers nothing; gives where it leads. While a
    /// form is filled in it is not offered: the button at the end of the form needs the height.
    pub(super) fn ui(&mut self, ui: &mut Ui, session: &mut Session, in_form: bool) -> Lead {
        let mut lead = Lead::default();
        let Some(stop) = self.stop else {
            if self.offered && !in_form {
                self.offer_ui(ui);
            }
            return lead;
        };
        if stop == Stop::Host && self.companion.is_none() && self.failure.is_none() {
            let context = ui.ctx().clone();
            match Companion::begin(Arc::new(move || context.request_repaint())) {
                Ok(companion) => self.companion = Some(companion),
                Err(halt) => self.failure = Some(format!("{halt:?}")),
            }
        }
        let invite = self.companion.as_ref().and_then(Companion::invite);
        let place = Stop::ALL.iter().position(|other| *other == stop).unwrap_or(0);
        let room = self.room.and_then(|room| session.room(room));
        let joined = room.is_some_and(|room| matches!(room.state, RoomState::Open));
        let (title, words) = stop.words(joined);
        let mut pressed = Pressed::default();
        strip_ui(ui, |ui| {
            ui.horizontal(|ui| {
                ui.add(Pill::new(&format!("{} of 5", place + 1), Tone::Accent));
                ui.label(text::subheading(ui, title));
                row_end_ui(ui, |ui| {
                    pressed.skip = ui.add(Button::ghost("Skip the tour")).clicked();
                    let next = match stop {
                        Stop::Break => "Done",
                        Stop::Host => "Join his room",
                        _ => "Next stop",
                    };
                    let ready = stop != Stop::Host || matches!(invite, Some(Ok(_)));
                    let next = Button::primary(next).icon(icons::CARET_RIGHT);
                    pressed.next = ui.add_enabled(ready, next).clicked();
                });
            });
            ui.add(egui::Label::new(text::body(ui, words)).wrap());
            if let Some(failure) = &self.failure {
                ui.add(Pill::new(failure, Tone::Warning));
            }
            match (stop, &invite) {
                (Stop::Host, None) if self.failure.is_none() => {
                    ui.horizontal(|ui| {
                        ui.spinner();
                        ui.label(text::small(ui, "Bob makes his key …"));
                    });
                }
                (Stop::Host, Some(Ok(_))) => {
                    ui.label(text::small(ui, "Bob's room is open on 127.0.0.1."));
                }
                _ => {}
            }
        });
        if pressed.next {
            let invite = invite.as_ref().and_then(|invite| invite.as_ref().ok());
            self.next(place, invite.map(String::as_str), session, &mut lead);
        }
        if pressed.skip {
            self.end(&mut lead);
        }
        lead
    }

    fn offer_ui(&mut self, ui: &mut Ui) {
        let mut pressed = Pressed::default();
        strip_ui(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(text::subheading(ui, "New here?"));
                row_end_ui(ui, |ui| {
                    pressed.skip = ui.add(Button::ghost("Not now")).clicked();
                    pressed.next = ui.add(Button::primary("Show me around")).clicked();
                });
            });
            let words = "Five short stops, five minutes: a room on this computer, a handshake, a look inside, an attack, and a cipher that breaks. You find the tour again under Help.";
            ui.add(egui::Label::new(text::body(ui, words)).wrap());
        });
        if pressed.next {
            self.begin();
        }
        if pressed.skip {
            self.offered = false;
        }
    }

    fn next(&mut self, place: usize, invite: Option<&str>, session: &mut Session, lead: &mut Lead) {
        let Some(stop) = Stop::ALL.get(place + 1).copied() else {
            self.end(lead);
            return;
        };
        self.stop = Some(stop);
        match stop {
            Stop::Host => {}
            Stop::Join => {
                let Some(target) = invite.and_then(|invite| invite.parse::<JoinTarget>().ok()) else {
                    return;
                };
                let room = session.new_key();
                let look = Look {
                    record: true,
                    slow_motion: false,
                };
                lead.commands.push(UiCommand::LookInside { room, look });
                lead.commands.push(UiCommand::JoinTrial { room, target });
                lead.go = Some(Screen::Room(room));
                self.room = Some(room);
            }
            Stop::Inside => {
                lead.go = self.room.map(Screen::Room);
                let said = self.room.and_then(|room| session.room(room)).and_then(last_said);
                lead.inside = self.room.map(|room| (room, said));
            }
            Stop::Attack => lead.go = Some(Screen::Mallory),
            Stop::Break => lead.go = Some(Screen::Lab),
        }
    }

    /// Leaves Bob's room; the companion goes with the tour.
    fn end(&mut self, lead: &mut Lead) {
        if let Some(room) = self.room {
            lead.commands.push(UiCommand::Leave { room });
        }
        *self = Tour::default();
    }
}

/// The newest frame with something that was said: by the user, or else by Bob.
fn last_said(room: &Room) -> Option<u64> {
    let wire = room.wire.as_deref()?;
    let newest = |name| wire.frames().rev().find(|frame| frame.name() == name);
    newest("Submit").or_else(|| newest("Entry")).map(|frame| frame.n)
}

#[derive(Default)]
struct Pressed {
    next: bool,
    skip: bool,
}

/// A strip along the bottom of the window.
fn strip_ui(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let p = palette(ui);
    let frame = Frame::new()
        .fill(p.surface_2)
        .stroke(Stroke::new(1.0, p.accent))
        .inner_margin(Margin::symmetric(20, 12));
    Panel::bottom("tour")
        .resizable(false)
        .show_separator_line(false)
        .frame(frame)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            content(ui);
        });
}
