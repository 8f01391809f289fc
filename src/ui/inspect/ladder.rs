//! Handshake and resumptions as ladders: the guest on the left, the host on the right, the messages between them.

use egui::{Role as WidgetRole, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::session::wire::{Ladder, Rung, Wire};
use crate::ui::clock::Clock;
use crate::ui::theme::{fonts, icons, palette, style, text};
use crate::ui::widgets::paint;

/// Draws the ladder; gives the frame of a rung that was pressed.
pub(super) fn ladder_ui(ui: &mut Ui, wire: &Wire, clock: &Clock) -> Option<u64> {
    let mut chosen = None;
    let ladders = wire.ladders();
    ScrollArea::vertical()
        .id_salt("ladder")
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for ladder in &ladders {
                beginning_ui(ui, ladder, clock);
                if ladder.rungs.is_empty() {
                    continue;
                }
                ends_ui(ui);
                for rung in &ladder.rungs {
                    if rung_ui(ui, rung) {
                        chosen = rung.frame;
                    }
                }
                ui.add_space(16.0);
            }
        });
    chosen
}

/// What this connection began with.
fn beginning_ui(ui: &mut Ui, ladder: &Ladder, clock: &Clock) {
    let when = ladder
        .at_ms
        .map_or(String::new(), |at_ms| format!(", {}", clock.time_of_day(at_ms)));
    let (title, words) = match (ladder.rungs.is_empty(), ladder.resumed) {
        (true, _) => (
            "Before the recording",
            "The recording took up a connection that ran already, with its keys as they were then. How they were agreed can't be shown: the secrets of a handshake are forgotten when it is over. At the guest's end the handshake can be recorded too.",
        ),
        (_, true) => (
            "Resumed",
            "The connection was lost and taken up again with a ticket of the session before: fresh X25519 and ML-KEM, and no RSA at all.",
        ),
        _ => ("Full handshake", "Everything is agreed and proven anew."),
    };
    ui.label(text::subheading(ui, format!("{title}{when}")));
    ui.add(egui::Label::new(text::small(ui, words)).wrap());
    ui.add_space(6.0);
}

const SIDE: f32 = 70.0;

fn ends_ui(ui: &mut Ui) {
    let p = palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::hover());
    for (name, x) in [
        ("Guest", rect.left() + SIDE / 2.0),
        ("Host", rect.right() - SIDE / 2.0),
    ] {
        let galley = paint::line(ui, name, fonts::semibold(fonts::BODY), p.text_strong);
        paint::galley_left(ui.painter(), x - galley.size().x / 2.0, rect.center().y, galley);
    }
}

fn rung_ui(ui: &mut Ui, rung: &Rung) -> bool {
    let p = palette(ui);
    let top = ui.cursor().top();
    let left = ui.cursor().left();
    let width = ui.available_width();
    let (arrow, response) = ui.allocate_exact_size(vec2(width, 44.0), Sense::click());
    let spoken = format!("{}: {}", rung.name, rung.carries);
    response.widget_info(|| WidgetInfo::labeled(WidgetRole::Button, true, &spoken));
    let (from, to) = (arrow.left() + SIDE / 2.0, arrow.right() - SIDE / 2.0);
    let y = arrow.center().y + 8.0;
    let here = rung.frame.is_some();
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
    let title = format!("{}   {}{size}", rung.name, rung.carries);
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

    let facts = [
        ("Secrets now", rung.secrets),
        ("Hashed", rung.hashed),
        ("Signed", rung.signed),
        ("Checked", rung.checked),
        ("Standards", rung.standards),
        ("docs/protocol.md", rung.section),
    ];
    ui.horizontal_top(|ui| {
        ui.add_space(SIDE);
        ui.vertical(|ui| {
            ui.set_width((width - 2.0 * SIDE).max(200.0));
            ui.spacing_mut().item_spacing.y = 2.0;
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
    response.on_hover_text("Look at the frame").clicked()
}
