//! The left rail: home, the rooms with what is unread, settings. Only pictures on small windows.

use egui::{Frame, Margin, Panel, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::screens::Screen;
use super::screens::room_status::{grouped_unread, room_icon, room_status, unread};
use super::theme::{Tone, fonts, icons, palette, style, text};
use super::widgets::{IconButton, follow_focus, paint, row_end_ui};
use crate::session::{Room, RoomState, Session, clean};

/// Draws the rail; gives where to go.
pub(super) fn rail_ui(ui: &mut Ui, session: &Session, screen: Screen) -> Option<Screen> {
    let wide = ui.available_width() >= WIDE_FROM;
    let p = palette(ui);
    let frame = Frame::new().fill(p.surface_0).inner_margin(Margin {
        left: 10,
        right: 10,
        top: 14,
        bottom: 10,
    });
    Panel::left("rail")
        .resizable(false)
        .show_separator_line(false)
        .exact_size(if wide { WIDE } else { NARROW })
        .frame(frame)
        .show(ui, |ui| {
            mark_ui(ui, wide);
            ui.add_space(10.0);
            // The foot stands at the bottom, but is drawn last: the tab key goes from top to bottom.
            let rest = ui.available_rect_before_wrap();
            let foot = (rest.bottom() - FOOT).max(rest.top());
            let above = rest.with_max_y((foot - FOOT_GAP).max(rest.top()));
            let places = UiBuilder::new().max_rect(above);
            let places = ui.scope_builder(places, |ui| places_ui(ui, session, screen, wide));
            let foot = UiBuilder::new().max_rect(rest.with_min_y(foot));
            let foot = ui.scope_builder(foot, |ui| foot_ui(ui, screen, wide));
            places.inner.or(foot.inner)
        })
        .inner
}

/// Help and settings.
fn foot_ui(ui: &mut Ui, screen: Screen, wide: bool) -> Option<Screen> {
    let mut go = None;
    if entry_ui(ui, wide, false, &Entry::plain(icons::QUESTION, "Help")) {
        go = Some(Screen::Help);
    }
    let settings = Entry::plain(icons::GEAR, "Settings");
    if entry_ui(ui, wide, screen == Screen::Settings, &settings) {
        go = Some(Screen::Settings);
    }
    go
}

fn places_ui(ui: &mut Ui, session: &Session, screen: Screen, wide: bool) -> Option<Screen> {
    ui.spacing_mut().item_spacing.y = 2.0;
    let mut go = None;
    let at_home = screen == Screen::Home;
    if entry_ui(ui, wide, at_home, &Entry::plain(icons::HOUSE, "Home")) {
        go = Some(Screen::Home);
    }
    let at_lab = screen == Screen::Lab;
    if entry_ui(ui, wide, at_lab, &Entry::plain(icons::FLASK, "Classical Ciphers")) {
        go = Some(Screen::Lab);
    }
    let at_contacts = screen == Screen::Contacts;
    if entry_ui(ui, wide, at_contacts, &Entry::plain(icons::USERS, "Contacts")) {
        go = Some(Screen::Contacts);
    }
    let search = Entry::plain(icons::MAGNIFYING_GLASS, "Search");
    if entry_ui(ui, wide, screen == Screen::Kept, &search) {
        go = Some(Screen::Kept);
    }
    let at_mallory = screen == Screen::Mallory;
    if entry_ui(
        ui,
        wide,
        at_mallory,
        &Entry::plain(icons::SHIELD_WARNING, "Attack lab"),
    ) {
        go = Some(Screen::Mallory);
    }
    ui.add_space(12.0);
    if wide {
        ui.horizontal(|ui| {
            ui.add_space(8.0);
            ui.label(text::caption(ui, "Rooms"));
            row_end_ui(ui, |ui| {
                if ui
                    .add(
                        IconButton::new(icons::PLUS, "Host a room")
                            .tooltip("Host a room (Ctrl+H)")
                            .small(),
                    )
                    .clicked()
                {
                    go = Some(Screen::Host);
                }
                if ui
                    .add(
                        IconButton::new(icons::SIGN_IN, "Join a room")
                            .tooltip("Join a room (Ctrl+J)")
                            .small(),
                    )
                    .clicked()
                {
                    go = Some(Screen::Join);
                }
            });
        });
    }
    // What is scrolled is cut off at its edges: the ring around the first and the last of them needs room inside.
    ui.add_space(-RING);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add_space(RING);
        if session.rooms.is_empty() && wide {
            ui.horizontal(|ui| {
                ui.add_space(8.0);
                ui.label(text::small(ui, "No rooms yet"));
            });
        }
        for (place, room) in session.rooms.iter().enumerate() {
            let selected = screen == Screen::Room(room.key);
            let pressed = ui
                .push_id(room.key.0, |ui| room_ui(ui, wide, selected, room, place))
                .inner;
            if pressed {
                go = Some(Screen::Room(room.key));
            }
        }
        ui.add_space(RING);
        follow_focus(ui);
    });
    go
}

fn room_ui(ui: &mut Ui, wide: bool, selected: bool, room: &Room, place: usize) -> bool {
    let title = clean::reveal_line(&room.title).into_owned();
    let (status, tone) = room_status(room);
    let shortcut = if place < 9 {
        format!(" (Ctrl+{})", place + 1)
    } else {
        String::new()
    };
    let entry = Entry {
        icon: room_icon(room),
        name: &title,
        below: Some((&status, tone)),
        unread: unread(room),
        lively: matches!(room.state, RoomState::Open),
        hint: format!("{title}: {status}{shortcut}"),
    };
    entry_ui(ui, wide, selected, &entry)
}

struct Entry<'a> {
    icon: &'a str,
    name: &'a str,
    below: Option<(&'a str, Tone)>,
    unread: usize,
    lively: bool,
    hint: String,
}

impl<'a> Entry<'a> {
    fn plain(icon: &'a str, name: &'a str) -> Self {
        Self {
            icon,
            name,
            below: None,
            unread: 0,
            lively: false,
            hint: name.to_owned(),
        }
    }

    fn spoken(&self) -> String {
        match self.unread {
            0 => self.name.to_owned(),
            unread => format!("{}, {unread} unread", self.name),
        }
    }
}

fn entry_ui(ui: &mut Ui, wide: bool, selected: bool, entry: &Entry<'_>) -> bool {
    let p = palette(ui);
    let height = if entry.below.is_some() { 46.0 } else { PLAIN };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, entry.spoken()));
    let fill = match (selected, response.hovered()) {
        (true, _) => Some(p.surface_2),
        (_, true) => Some(p.surface_3.gamma_multiply(0.6)),
        _ => None,
    };
    let painter = ui.painter();
    if let Some(fill) = fill {
        painter.rect_filled(rect, style::RADIUS, fill);
    }
    let color = match (selected || entry.lively, entry.below) {
        (_, Some((_, tone @ (Tone::Danger | Tone::Warning)))) => p.tone(tone),
        (true, _) => p.accent,
        (false, Some(_)) => p.text_weak,
        (false, None) => p.text,
    };
    let icon_x = if wide { rect.left() + 20.0 } else { rect.center().x };
    paint::icon(painter, pos2(icon_x, rect.center().y), entry.icon, 20.0, color);
    let badge = badge_ui(ui, rect, wide, entry.unread);
    paint::interactive(ui, &response, rect, style::RADIUS, p);
    if !wide {
        return response.on_hover_text(&entry.hint).clicked();
    }
    let left = rect.left() + 40.0;
    let width = rect.right() - 8.0 - badge - left;
    let strong = selected || entry.unread > 0;
    let font = if strong {
        fonts::semibold(fonts::BODY)
    } else {
        fonts::medium(fonts::BODY)
    };
    let name = paint::line_within(
        ui,
        entry.name,
        font,
        if strong { p.text_strong } else { p.text },
        width,
    );
    let elided = name.elided;
    match entry.below {
        None => paint::galley_left(ui.painter(), left, rect.center().y, name),
        Some((below, tone)) => {
            paint::galley_left(ui.painter(), left, rect.center().y - 9.0, name);
            let color = match tone {
                Tone::Accent | Tone::Info | Tone::Neutral => p.text_weak,
                tone => p.tone(tone),
            };
            let below = paint::line_within(ui, below, fonts::regular(fonts::SMALL), color, width);
            paint::galley_left(ui.painter(), left, rect.center().y + 9.0, below);
        }
    }
    let clicked = response.clicked();
    if elided {
        response.on_hover_text(&entry.hint);
    }
    clicked
}

/// Draws how many messages are unread; returns the width that it took.
fn badge_ui(ui: &Ui, rect: egui::Rect, wide: bool, unread: usize) -> f32 {
    if unread == 0 {
        return 0.0;
    }
    let p = palette(ui);
    let count = paint::line(ui, &grouped_unread(unread), fonts::semibold(11.0), p.on_accent);
    let size = vec2((count.size().x + 10.0).max(18.0), 18.0);
    let center = if wide {
        pos2(rect.right() - 8.0 - size.x / 2.0, rect.center().y)
    } else {
        pos2(rect.right() - size.x / 2.0 + 2.0, rect.top() + 9.0)
    };
    let at = egui::Rect::from_center_size(center, size);
    ui.painter().rect_filled(at, 9, p.accent);
    paint::galley_at(ui.painter(), center - count.size() / 2.0, count, p.on_accent);
    size.x + 8.0
}

fn mark_ui(ui: &mut Ui, wide: bool) {
    let p = palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::hover());
    let left = if wide { rect.left() + 20.0 } else { rect.center().x };
    paint::icon(
        ui.painter(),
        pos2(left, rect.center().y),
        icons::SHIELD_CHECK,
        26.0,
        p.accent,
    );
    if wide {
        let name = paint::line(ui, "Cipher Room", fonts::semibold(17.0), p.text_strong);
        paint::galley_left(ui.painter(), rect.left() + 40.0, rect.center().y, name);
    }
}

/// Height of an entry with one line.
const PLAIN: f32 = 38.0;
/// Height of the foot: two entries and what stands between them.
const FOOT: f32 = 2.0 * PLAIN + 8.0;
/// Room for the focus ring, which stands around what has the keyboard.
const RING: f32 = 2.0;
/// Room above the foot.
const FOOT_GAP: f32 = 12.0;
const WIDE_FROM: f32 = 900.0;
const WIDE: f32 = 224.0;
const NARROW: f32 = 60.0;
