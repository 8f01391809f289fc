//! The timeline of frames: one row for each, one choice among them.

use egui::{
    EventFilter, Id, Key, Modifiers, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use crate::session::wire::{Connection, Wire, WireFrame};
use crate::ui::clock::Clock;
use crate::ui::theme::{fonts, icons, palette, style};
use crate::ui::widgets::paint;

const ROW: f32 = 24.0;

/// Draws the timeline, with the frame `shown` brought into sight where `reveal` asks for it; gives the frame that
/// was chosen. The up and down keys move the choice, as in every list.
pub(super) fn timeline_ui(
    ui: &mut Ui,
    wire: &Wire,
    shown: Option<u64>,
    reveal: bool,
    clock: &Clock,
) -> Option<u64> {
    let mut chosen = None;
    let height = (ui.available_height() * 0.3).clamp(80.0, 190.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    // One connection needs no divider; of several each has one in front of its frames.
    let mut connections: Vec<Connection> = wire.connections().collect();
    if connections.len() < 2 {
        connections.clear();
    }
    ScrollArea::vertical()
        .id_salt("timeline")
        .max_height(height)
        .auto_shrink([false, true])
        .stick_to_bottom(true)
        .animated(false)
        .show_rows(ui, ROW, wire.frames().len() + connections.len(), |ui, rows| {
            if let Some(n) = shown.filter(|_| reveal) {
                let place = wire.place_of(n);
                let dividers = connections.iter().filter(|connection| connection.place <= place);
                let row = (place + dividers.count()) as f32 - rows.start as f32;
                let at = pos2(ui.min_rect().left(), ui.min_rect().top() + row * ROW);
                let row = Rect::from_min_size(at, vec2(1.0, ROW)).expand2(vec2(0.0, ROW));
                ui.scroll_to_rect(row, None);
            }
            for row in rows {
                // The divider of the connection numbered `before` stands `before` rows further down.
                let before = connections
                    .iter()
                    .enumerate()
                    .take_while(|(before, connection)| connection.place + before < row)
                    .count();
                let divider = connections.get(before).filter(|next| next.place + before == row);
                if let Some(connection) = divider {
                    divider_ui(ui, connection);
                } else if let Some(frame) = wire.nth(row - before)
                    && let Some(step) = row_ui(ui, frame, shown == Some(frame.n), clock)
                {
                    let place = wire.place_of(frame.n).saturating_add_signed(step);
                    chosen = wire.nth(place).map(|frame| frame.n);
                    if let Some(n) = chosen {
                        ui.memory_mut(|memory| memory.request_focus(row_id(n)));
                    }
                }
            }
        });
    ui.spacing_mut().item_spacing.y = 8.0;
    chosen
}

/// Where another connection begins.
fn divider_ui(ui: &mut Ui, connection: &Connection) {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let words = format!(
        "Connection {}: {}",
        connection.number,
        connection.beginning.words()
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    let words = paint::line_within(
        ui,
        &words,
        fonts::medium(fonts::SMALL),
        p.text_weak,
        rect.width() - 40.0,
    );
    let left = rect.left() + 6.0;
    let right = left + words.size().x + 10.0;
    paint::galley_left(ui.painter(), left, rect.center().y, words);
    ui.painter()
        .hline(right..=rect.right(), rect.center().y, Stroke::new(1.0, p.border));
}

fn row_id(n: u64) -> Id {
    Id::unique(("frame of the wire view", n))
}

/// Draws a row; gives how far from it the choice moves, 0 when it was pressed itself.
fn row_ui(ui: &mut Ui, frame: &WireFrame, selected: bool, clock: &Clock) -> Option<isize> {
    let p = palette(ui);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    // The tab key reaches the chosen row only; from there the arrows go on.
    let sense = if selected { Sense::click() } else { Sense::CLICK };
    let response = ui.interact(rect, row_id(frame.n), sense);
    let way = if frame.sent { "sent" } else { "received" };
    let spoken = format!(
        "Frame {}: {}, {way}, {} bytes",
        frame.n,
        frame.name(),
        frame.bytes.len()
    );
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &spoken));
    if selected || response.hovered() {
        let fill = if selected { p.surface_3 } else { p.surface_2 };
        ui.painter().rect_filled(rect, 4, fill);
    }
    let middle = rect.center().y;
    let mut left = rect.left() + 6.0;
    let mut put = |ui: &Ui, width: f32, words: &str, font: egui::FontId, color: egui::Color32| {
        let galley = paint::line_within(ui, words, font, color, width);
        paint::galley_left(ui.painter(), left, middle, galley);
        left += width + 8.0;
    };
    put(ui, 44.0, &frame.n.to_string(), fonts::mono(12.0), p.text_weak);
    put(
        ui,
        92.0,
        &clock.time_to_the_thousandth(frame.at_ms),
        fonts::mono(12.0),
        p.text_weak,
    );
    let (icon, color) = if frame.sent {
        (icons::ARROW_RIGHT, p.accent)
    } else {
        (icons::ARROW_LEFT, p.info)
    };
    put(ui, 18.0, "", fonts::regular(fonts::SMALL), p.text);
    paint::icon(ui.painter(), pos2(rect.left() + 166.0, middle), icon, 14.0, color);
    put(ui, 96.0, frame.name(), fonts::medium(13.0), p.text_strong);
    put(
        ui,
        90.0,
        &format!("{} bytes", frame.bytes.len()),
        fonts::regular(fonts::SMALL),
        p.text_weak,
    );
    let rest = rect.right() - rect.left() - 386.0;
    if rest > 120.0 {
        put(ui, rest, frame.what(), fonts::regular(fonts::SMALL), p.text_weak);
    }
    paint::interactive(ui, &response, rect, style::RADIUS, p);
    if response.clicked() {
        return Some(0);
    }
    response.has_focus().then(|| arrow(ui, response.id)).flatten()
}

/// Where an arrow key moves the choice.
fn arrow(ui: &Ui, id: Id) -> Option<isize> {
    let arrows = EventFilter {
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
    ui.input_mut(|input| {
        let mut pressed = |key| input.consume_key(Modifiers::NONE, key);
        match (pressed(Key::ArrowUp), pressed(Key::ArrowDown)) {
            (true, _) => Some(-1),
            (_, true) => Some(1),
            _ => None,
        }
    })
}
