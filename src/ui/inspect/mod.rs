//! The wire view: one's own connection opened up, frame by frame, as a ladder, and in the time machine.
//!
//! It reads a recording that the user asked for; it can't record by itself.

mod bytes;
mod frames;
mod ladder;
mod time;
mod timeline;

use egui::{Align, CentralPanel, Frame, Layout, Margin, ScrollArea, Ui};

use crate::session::wire::{Broken, MAX_KEPT_BYTES, Wire};
use crate::session::{Fingerprint, Look, Role, Room, RoomState, clean};
use crate::ui::clock::Clock;
use crate::ui::screens::grouped;
use crate::ui::theme::{Tone, icons, palette, text};
use crate::ui::widgets::{Banner, Button, follow_focus, modal_ui, segmented_ui, switch_ui};

/// What the wire view remembers between frames.
#[derive(Debug, Default)]
pub struct InspectView {
    place: Place,
    /// The frame that is taken apart; the newest one while nothing was chosen.
    chosen: Option<u64>,
    /// The choice was made elsewhere, or with a key: its row has to be brought into sight.
    reveal: bool,
    /// The field under the pointer: which part, which field.
    pointed: Option<(usize, usize)>,
    /// Behind how many messages the keys are stolen; one more than there are: never.
    theft: Option<usize>,
    broken: Broken,
    look: Look,
    exporting: bool,
    /// The frame whose lines with private values are shown.
    private: Option<u64>,
    /// Somebody asked for a message that is in no frame of the recording.
    missed: bool,
}

/// The places of the view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The timeline and the chosen frame.
    #[default]
    Frames,
    /// M1 to M5.
    Handshake,
    /// What a theft opens.
    Time,
}

/// What the user wants done.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Go back to the conversation.
    Back,
    /// At the host's end: look into this guest's connection, or into nobody's.
    Watch(Option<Fingerprint>),
    /// Join again, and look at it.
    Record(Look),
    /// Save a recording; with its secrets, or without.
    Save {
        /// The file.
        pcapng: Vec<u8>,
        /// Whether the secrets are in it.
        with_secrets: bool,
    },
}

impl InspectView {
    /// Shows a place.
    pub fn go(&mut self, place: Place) {
        self.place = place;
    }

    /// Shows a frame.
    pub fn show_frame(&mut self, n: u64) {
        self.place = Place::Frames;
        self.chosen = Some(n);
        self.reveal = true;
        (self.private, self.missed) = (None, false);
    }

    /// Shows the frames, and says that a message is in none of them.
    pub fn show_missed(&mut self) {
        self.place = Place::Frames;
        self.missed = true;
    }

    /// Draws the view of a room's connection.
    pub fn ui(&mut self, ui: &mut Ui, room: &Room, clock: &Clock) -> Option<Wanted> {
        let mut wanted = None;
        let frame = Frame::new()
            .fill(palette(ui).surface_1)
            .inner_margin(Margin::symmetric(16, 10));
        CentralPanel::default().frame(frame).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 8.0;
            wanted = self.bar_ui(ui, room);
            if let Some(before) = room.waits_before() {
                // Slow motion: the ladder is what there is to see, and what is wanted afterwards.
                self.place = Place::Handshake;
                ladder::waiting_ui(ui, room, before);
                return;
            }
            match room.wire.as_deref().filter(|wire| wire.has_begun()) {
                None if room.watched.is_some() => waiting_ui(ui),
                None => wanted = wanted.take().or(self.nothing_ui(ui, room)),
                Some(wire) => match self.place {
                    Place::Frames => self.frames_ui(ui, wire, clock),
                    Place::Handshake => {
                        if let Some(n) = ladder::ladder_ui(ui, wire, room, clock) {
                            self.show_frame(n);
                        }
                    }
                    Place::Time => time::time_ui(ui, wire, &mut self.theft, &mut self.broken),
                },
            }
        });
        if let Some(wire) = room.wire.as_deref()
            && self.exporting
        {
            wanted = wanted.or(self.export_ui(ui, wire));
        }
        wanted
    }

    fn bar_ui(&mut self, ui: &mut Ui, room: &Room) -> Option<Wanted> {
        let mut wanted = None;
        let recorded = room.wire.as_deref().filter(|wire| wire.has_begun());
        ui.horizontal(|ui| {
            let back = Button::ghost("Conversation").icon(icons::ARROW_LEFT);
            if ui.add(back).clicked() {
                wanted = Some(Wanted::Back);
            }
            if recorded.is_some() {
                let places = [
                    (Place::Frames, "Frames"),
                    (Place::Handshake, "Handshake"),
                    (Place::Time, "Time machine"),
                ];
                segmented_ui(ui, "Look inside", &mut self.place, &places);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let Some(wire) = recorded else {
                    return;
                };
                if ui.add(Button::secondary("Export")).clicked() {
                    self.exporting = true;
                }
                ui.add(egui::Label::new(text::small(ui, kept(wire))).truncate());
            });
        });
        wanted.or(whose_ui(ui, room))
    }

    /// Nothing was recorded: says why, and offers to.
    fn nothing_ui(&mut self, ui: &mut Ui, room: &Room) -> Option<Wanted> {
        let mut wanted = None;
        ui.add_space(30.0);
        ui.vertical_centered(|ui| {
            ui.set_max_width(520.0);
            ui.label(icons::text(icons::MAGNIFYING_GLASS_PLUS, 40.0).color(palette(ui).accent));
            ui.label(text::heading(ui, "Nothing of this connection was recorded"));
            let sentence = match room.role {
                Role::Guest => {
                    "Nothing is ever recorded unless you ask for it. To look inside, the handshake has to be recorded too, so the connection begins anew: you leave and come back at once. What is recorded stays in this program's memory and ends with it."
                }
                Role::Host => {
                    "Nothing is ever recorded unless you ask for it. Choose a guest: from that moment on the frames of this one connection are kept in this program's memory, at most 16 MB of them, and end with it. The guest is neither disturbed nor slowed down."
                }
            };
            let sentence = text::body(ui, sentence);
            ui.add(egui::Label::new(sentence).wrap());
            if room.role == Role::Host {
                wanted = guests_ui(ui, room);
                return;
            }
            ui.add_space(6.0);
            let help = "Each message of the handshake waits until you go on, at most two seconds: a handshake has ten.";
            switch_ui(ui, &mut self.look.slow_motion, "In slow motion", help);
            let possible = !matches!(room.state, RoomState::Joining(_));
            let record = Button::primary("Reconnect and record").icon(icons::ARROWS_CLOCKWISE);
            if ui.add_enabled(possible, record).clicked() {
                self.look.record = true;
                wanted = Some(Wanted::Record(self.look));
            }
        });
        wanted
    }

    fn frames_ui(&mut self, ui: &mut Ui, wire: &Wire, clock: &Clock) {
        if wire.is_overrun() {
            let words = "More crossed at once than could be recorded, so this recording ends here. Choose the guest again to begin a new one.";
            let _ = Banner::new(Tone::Warning, words).show(ui);
        }
        if wire.count() == 0 {
            let words = "Nothing has crossed since the recording began. Whatever is said next appears here.";
            ui.add(egui::Label::new(text::body(ui, words)).wrap());
            return;
        }
        let newest = wire.frames().next_back().map(|frame| frame.n);
        let shown = self.chosen.filter(|n| wire.frame_at(*n).is_some()).or(newest);
        if self.missed {
            let words = "That message is in no frame of this recording: it crossed before it began, or is not kept any more.";
            let _ = Banner::new(Tone::Info, words).show(ui);
        }
        let reveal = std::mem::take(&mut self.reveal);
        if let Some(chosen) = timeline::timeline_ui(ui, wire, shown, reveal, clock) {
            self.show_frame(chosen);
            self.pointed = None;
        }
        let Some((n, inspection)) = shown.and_then(|n| Some((n, wire.inspect(n)?))) else {
            return;
        };
        let Some(frame) = wire.frame_at(n) else {
            return;
        };
        ui.separator();
        ui.add(egui::Label::new(text::subheading(ui, format!("Frame {n}. {}", inspection.title))).wrap());
        ScrollArea::vertical()
            .id_salt(("frame", n))
            .auto_shrink(false)
            .show(ui, |ui| {
                let mut private = self.private == Some(n);
                frames::frame_ui(ui, frame, &inspection, &mut self.pointed, &mut private);
                self.private = private.then_some(n);
                follow_focus(ui);
            });
    }

    fn export_ui(&mut self, ui: &Ui, wire: &Wire) -> Option<Wanted> {
        let mut wanted = None;
        let outcome = modal_ui(ui.ctx(), "Export the recording", 460.0, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            let sentence = format!(
                "{} frames as a pcapng file, which Wireshark and tshark open. The frames in it stay sealed.",
                grouped(wire.frames().len())
            );
            ui.add(egui::Label::new(text::body(ui, sentence)).wrap());
            if ui.add(Button::primary("Save without keys")).clicked() {
                wanted = Some(Wanted::Save {
                    pcapng: wire.to_pcapng(false),
                    with_secrets: false,
                });
            }
            let _ = Banner::new(
                Tone::Danger,
                "With the keys in it, whoever gets the file reads everything that was said on this connection. They can't be taken back.",
            )
            .title("Keys are secrets")
            .show(ui);
            if ui
                .add(Button::danger("Save with the keys all the same"))
                .clicked()
            {
                wanted = Some(Wanted::Save {
                    pcapng: wire.to_pcapng(true),
                    with_secrets: true,
                });
            }
            ui.add(Button::ghost("Cancel")).clicked()
        });
        if outcome.inner || outcome.close || wanted.is_some() {
            self.exporting = false;
        }
        wanted
    }
}

/// At the host's end: the guests whose connection can be looked into.
fn guests_ui(ui: &mut Ui, room: &Room) -> Option<Wanted> {
    let mut wanted = None;
    let guests = room.members.iter().filter(|member| !member.is_host);
    let mut is_empty = true;
    ui.add_space(6.0);
    ScrollArea::vertical().id_salt("guests").show(ui, |ui| {
        for guest in guests {
            is_empty = false;
            let name = clean::reveal_line(&guest.name);
            let label = format!("Look into the connection of {name}");
            let button = Button::secondary(&label).icon(icons::MAGNIFYING_GLASS_PLUS);
            if ui.add(button).clicked() {
                wanted = Some(Wanted::Watch(Some(guest.fingerprint)));
            }
        }
        if is_empty {
            let words = "Nobody else is in the room yet. As soon as somebody joins, their connection can be chosen here.";
            ui.add(egui::Label::new(text::small(ui, words)).wrap());
        }
        follow_focus(ui);
    });
    wanted
}

/// At the host's end: whose connection is shown, and the way to another one.
fn whose_ui(ui: &mut Ui, room: &Room) -> Option<Wanted> {
    let watched = room.watched?;
    let mut wanted = None;
    ui.horizontal(|ui| {
        let name = room.name_of(&watched);
        let here = room.members.iter().any(|member| member.fingerprint == watched);
        let words = format!(
            "The connection of {}{}",
            clean::reveal_line(name),
            if here {
                ""
            } else {
                ", who is away; it goes on when they are back"
            }
        );
        let stop = Button::ghost("Look into another one").small();
        if ui.add(stop).clicked() {
            wanted = Some(Wanted::Watch(None));
        }
        ui.add(egui::Label::new(text::small(ui, words)).truncate());
    });
    wanted
}

fn waiting_ui(ui: &mut Ui) {
    let words = "The recording begins as soon as the connection is there.";
    ui.add(egui::Label::new(text::body(ui, words)).wrap());
}

/// How much is kept, in words.
fn kept(wire: &Wire) -> String {
    let count = usize::try_from(wire.count()).unwrap_or(usize::MAX);
    let mut words = format!(
        "{} frames, {} kB of at most {} MB",
        grouped(count),
        grouped(wire.kept_bytes().div_ceil(1000)),
        MAX_KEPT_BYTES / 1_000_000
    );
    if wire.forgotten() > 0 {
        let forgotten = usize::try_from(wire.forgotten()).unwrap_or(usize::MAX);
        words.push_str(&format!("; {} older ones are not kept", grouped(forgotten)));
    }
    words
}
