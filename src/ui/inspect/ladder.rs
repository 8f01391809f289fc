//! Handshakes and resumptions as ladders: the guest on the left, the host on the right, the messages between them.
//! At the host's end they are those of the guest that is looked at.

use egui::{Rect, Role as WidgetRole, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::session::wire::{Beginning, Ladder, Rung, Wire, rungs_of_a_handshake};
use crate::session::{Role, Room, clean};
use crate::ui::clock::Clock;
use crate::ui::theme::{fonts, icons, palette, style, text};
use crate::ui::widgets::paint;

/// Draws the ladders; gives the frame of a rung that was pressed.
pub(super) fn ladder_ui(ui: &mut Ui, wire: &Wire, room: &Room, clock: &Clock) -> Option<u64> {
    let mut chosen = None;
    let ladders = wire.ladders();
    let ends = Ends::of(room);
    ScrollArea::vertical()
        .id_salt("ladder")
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for ladder in &ladders {
                beginning_ui(ui, ladder, &ends, ladders.len() > 1, clock);
                ends_ui(ui, &ends);
                for rung in &ladder.rungs {
                    if rung_ui(ui, rung, &ends, rung.frame.is_some()) {
                        chosen = rung.frame;
                    }
                }
                ui.add_space(16.0);
            }
        });
    chosen
}

/// Draws the ladder of a handshake that waits before a step of it, from 1.
pub(super) fn waiting_ui(ui: &mut Ui, room: &Room, before: u8) {
    let ends = Ends::of(room);
    ScrollArea::vertical()
        .id_salt("waiting ladder")
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ends_ui(ui, &ends);
            for (place, rung) in rungs_of_a_handshake().iter().enumerate() {
                let is_next = place + 1 == usize::from(before);
                let top = ui.cursor().top();
                rung_ui(ui, rung, &ends, place < usize::from(before));
                if is_next {
                    let size = vec2(ui.available_width(), ui.cursor().top() - top);
                    let rect = Rect::from_min_size(pos2(ui.cursor().left(), top), size);
                    ui.scroll_to_rect(rect, None);
                }
            }
        });
}

/// Which end is the user's.
struct Ends {
    is_host: bool,
    /// Who is at the other end, where it is known before any frame.
    peer: Option<String>,
}

impl Ends {
    fn of(room: &Room) -> Ends {
        let peer = room
            .watched
            .map(|who| clean::reveal_line(room.name_of(&who)).into_owned());
        Ends {
            is_host: room.role == Role::Host,
            peer,
        }
    }

    /// The heading over an end.
    fn name(&self, host: bool) -> String {
        match (host, &self.peer) {
            (true, _) if self.is_host => "You, the host".to_owned(),
            (true, _) => "Host".to_owned(),
            (false, Some(name)) => name.clone(),
            (false, None) => "You, a guest".to_owned(),
        }
    }
}

/// What this connection began with.
fn beginning_ui(ui: &mut Ui, ladder: &Ladder, ends: &Ends, several: bool, clock: &Clock) {
    let when = ladder
        .at_ms
        .map_or(String::new(), |at_ms| format!(", {}", clock.time_of_day(at_ms)));
    let (title, words) = match ladder.beginning {
        Beginning::Before if ends.is_host => (
            "Before the recording",
            "This connection ran already when you began to look. These are the steps that your program went through before it let this guest in; their bytes and secrets were forgotten when they were over. When this guest connects again, the whole beginning is recorded.",
        ),
        Beginning::Before => (
            "Before the recording",
            "The recording took up a connection that ran already. These are the steps that it had gone through; their secrets were forgotten when they were over.",
        ),
        Beginning::Resumption => (
            "Resumed",
            "The connection was lost and taken up again with a ticket of the session before: fresh X25519 and ML-KEM, and no RSA at all.",
        ),
        Beginning::Handshake => ("Full handshake", "Everything is agreed and proven anew."),
    };
    let number = if several {
        format!("Connection {}: ", ladder.number)
    } else {
        String::new()
    };
    ui.label(text::subheading(ui, format!("{number}{title}{when}")));
    ui.add(egui::Label::new(text::small(ui, words)).wrap());
    ui.add_space(6.0);
}

const SIDE: f32 = 70.0;

fn ends_ui(ui: &mut Ui, ends: &Ends) {
    let p = palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::hover());
    for host in [false, true] {
        let font = fonts::semibold(fonts::BODY);
        let name = paint::line_within(
            ui,
            &ends.name(host),
            font,
            p.text_strong,
            rect.width() / 2.0 - 12.0,
        );
        let x = if host {
            rect.right() - name.size().x
        } else {
            rect.left()
        };
        paint::galley_left(ui.painter(), x, rect.center().y, name);
    }
}

/// Draws a step, lit where it is `here`; gives whether its frame is wanted.
fn rung_ui(ui: &mut Ui, rung: &Rung, ends: &Ends, here: bool) -> bool {
    let p = palette(ui);
    let top = ui.cursor().top();
    let left = ui.cursor().left();
    let width = ui.available_width();
    let (arrow, response) = ui.allocate_exact_size(vec2(width, 44.0), Sense::click());
    let spoken = format!("{}: {}", rung.name, rung.words);
    response.widget_info(|| WidgetInfo::labeled(WidgetRole::Button, true, &spoken));
    let (from, to) = (arrow.left() + SIDE / 2.0, arrow.right() - SIDE / 2.0);
    let y = arrow.center().y + 8.0;
    let color = if here { p.accent } else { p.text_weak };
    ui.painter()
        .line_segment([pos2(from, y), pos2(to, y)], Stroke::new(2.0, color));
    let (tip, icon) = if rung.from_guest {
        (to - 6.0, icons::CARET_RIGHT)
    } else {
        (from + 6.0, icons::CARET_LEFT)
    };
    paint::icon(ui.painter(), pos2(tip, y), icon, 18.0, color);
    let size = rung
        .length
        .map_or(String::new(), |length| format!("  ·  {length} bytes"));
    let title = format!("{}{size}", rung.name);
    let title = paint::line_within(
        ui,
        &title,
        fonts::semibold(fonts::BODY),
        p.text_strong,
        to - from - 24.0,
    );
    let x = (from + to) / 2.0 - title.size().x / 2.0;
    paint::galley_left(ui.painter(), x, y - 14.0, title);
    paint::interactive(ui, &response, arrow, style::RADIUS, p);

    let checker = match (rung.from_guest, ends.is_host) {
        (true, true) | (false, false) => "You check",
        (true, false) => "The host checks",
        (false, true) => "The guest checks",
    };
    let facts = [
        ("Carries", rung.carries),
        ("Secrets now", rung.secrets),
        ("Hashed", rung.hashed),
        ("Signed", rung.signed),
        (checker, rung.checked),
        ("Standards", rung.standards),
        ("docs/protocol.md", rung.section),
    ];
    ui.horizontal_top(|ui| {
        ui.add_space(SIDE);
        ui.vertical(|ui| {
            ui.set_width((width - 2.0 * SIDE).max(200.0));
            ui.spacing_mut().item_spacing.y = 2.0;
            let words = text::body(ui, rung.words);
            ui.add(egui::Label::new(words).wrap());
            ui.add_space(2.0);
            for (name, words) in facts {
                ui.horizontal_top(|ui| {
                    let (rect, _) = ui.allocate_exact_size(vec2(112.0, 18.0), Sense::hover());
                    let name = paint::line(ui, name, fonts::regular(fonts::SMALL), p.text_weak);
                    paint::galley_left(ui.painter(), rect.left(), rect.center().y, name);
                    let color = if here { p.text } else { p.text_weak };
                    ui.add(egui::Label::new(text::small(ui, words).color(color)).wrap());
                });
            }
            ui.add_space(8.0);
        });
    });
    let bottom = ui.cursor().top();
    for x in [left + SIDE / 2.0, left + width - SIDE / 2.0] {
        ui.painter()
            .line_segment([pos2(x, top), pos2(x, bottom)], Stroke::new(1.0, p.border));
    }
    if rung.frame.is_some() {
        response.on_hover_text("Look at the frame").clicked()
    } else {
        false
    }
}
