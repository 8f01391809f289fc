//! The rooms on the start screen: those of this run, and those of earlier ones.

use egui::{Align, Layout, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::Home;
use crate::session::{PastRoom, Role as RoomRole, Room, RoomKey, Session, clean};
use crate::ui::command::UiCommand;
use crate::ui::screens::room_status::{grouped_unread, room_icon, room_status, unread};
use crate::ui::screens::safety::when;
use crate::ui::screens::{Screen, Stage};
use crate::ui::theme::{Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::{Button, IconButton, Pill, RowEnd, deciding_modal_ui, paint, row_end_ui};

/// The rooms of this run, newest first.
pub(super) fn rooms_ui(ui: &mut Ui, stage: &mut Stage<'_>) {
    ui.label(text::caption(ui, "Rooms"));
    let mut pressed = None;
    for room in stage.session.rooms.iter().rev() {
        let mut kept = stage.session.past.iter();
        let is_kept_as = |past: &&PastRoom| room.is_over() && room.id == Some(past.id);
        // Where it is open again, its other row leads there.
        let past = kept
            .find(is_kept_as)
            .filter(|past| stage.session.open_as(past).is_none());
        let row = ui.push_id(("room", room.key.0), |ui| room_row_ui(ui, room, past.is_some()));
        if let Some(row) = row.inner {
            pressed = Some((row, room.key, past.cloned()));
        }
    }
    match pressed {
        Some((RowPressed::Open, room, _)) => stage.go = Some(Screen::Room(room)),
        Some((RowPressed::Back, _, Some(past))) => {
            let room = go_back(stage, past);
            stage.go = Some(Screen::Room(room));
        }
        Some((RowPressed::Forget, room, _)) => stage.wish(UiCommand::Forget { room }),
        Some((RowPressed::Back, _, None)) | None => {}
    }
}

/// Kept rooms without a row of their own among those of this run: what was left stands there, with the way back.
pub(super) fn past_rooms(session: &Session) -> impl Iterator<Item = &PastRoom> {
    let has_no_row = |past: &&PastRoom| {
        let mut rooms = session.rooms.iter();
        rooms.all(|room| room.id != Some(past.id)) && session.open_as(past).is_none()
    };
    session.past.iter().filter(has_no_row)
}

impl Home {
    /// The rooms of earlier runs: one press leads back.
    pub(super) fn past_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        let past: Vec<PastRoom> = past_rooms(stage.session).cloned().collect();
        if past.is_empty() {
            return;
        }
        ui.add_space(8.0);
        ui.label(text::caption(ui, "Earlier rooms"));
        for past in past {
            let name = clean::reveal_line(&past.name).into_owned();
            let about = format!("{}, last used {}", whose(&past), when(stage, past.used_unix));
            let pressed = ui
                .push_id(("past", past.id), |ui| {
                    past_row_ui(ui, past.is_own, &name, &about)
                })
                .inner;
            match pressed {
                Some(true) => {
                    let room = go_back(stage, past);
                    stage.go = Some(Screen::Room(room));
                }
                Some(false) => self.to_remove = Some(past),
                None => {}
            }
        }
    }

    /// Asks before a room goes with all that was said in it.
    pub(super) fn remove_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>) {
        let Some(past) = &self.to_remove else {
            return;
        };
        let name = clean::reveal_line(&past.name);
        // Rooms may have one name.
        let about = format!("{}, last used {}", whose(past), when(stage, past.used_unix));
        let outcome = deciding_modal_ui(ui.ctx(), "Remove this room?", 440.0, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            let also = match past.is_own {
                true => "Its invitation ends with it.",
                false => "You can join it again if you still have its invitation.",
            };
            let goes =
                format!("All that was said in {name} goes from this computer, private messages too. {also}");
            ui.add(egui::Label::new(text::body(ui, goes)).wrap());
            ui.add(egui::Label::new(text::weak(ui, format!("{name}: {about}."))).wrap());
            ui.horizontal(|ui| {
                let keep = ui.add(Button::secondary("Keep it")).clicked();
                let remove = ui.add(Button::danger("Remove it").icon(icons::TRASH)).clicked();
                (remove, keep)
            })
            .inner
        });
        let (remove, keep) = outcome.inner;
        if remove {
            stage.wish(UiCommand::ForgetPast { id: past.id });
        }
        if remove || keep || outcome.close {
            self.to_remove = None;
        }
    }
}

/// Asks to open a kept room again, or to return there; gives its key. Of one that is open already it gives that key, and
/// asks for nothing. A room of this run that was left is joined again where it stands, with its draft; one that can't be
/// gives way to what is kept of it. So it does not stand there twice.
pub(in crate::ui::screens) fn go_back(stage: &mut Stage<'_>, past: PastRoom) -> RoomKey {
    if let Some(open) = stage.session.open_as(&past) {
        return open.key;
    }
    let over = |room: &&Room| room.id == Some(past.id);
    let was_left = |room: &&Room| room.role == RoomRole::Guest && over(room) && room.target.is_some();
    let left = stage.session.rooms.iter().rev().find(was_left);
    if let Some(room) = left.map(|room| room.key).filter(|_| !past.is_own) {
        stage.wish(UiCommand::Reconnect { room });
        return room;
    }
    let rooms = stage.session.rooms.iter().filter(over);
    let over: Vec<RoomKey> = rooms.map(|room| room.key).collect();
    for room in over {
        if stage.session.gives_way(room) {
            stage.wish(UiCommand::Forget { room });
        }
    }
    let room = stage.session.new_key();
    stage.wish(if past.is_own {
        UiCommand::HostAgain { room, past }
    } else {
        UiCommand::Return { room, past }
    });
    room
}

/// Who hosts an earlier room.
fn whose(past: &PastRoom) -> String {
    match past.is_own {
        true => "yours".to_owned(),
        false => format!("hosted by {}", clean::reveal_line(&past.host_name)),
    }
}

/// One earlier room, with its name and what tells it from others of that name. `true` leads back, `false` removes it.
fn past_row_ui(ui: &mut Ui, is_own: bool, name: &str, about: &str) -> Option<bool> {
    let mut pressed = None;
    ui.horizontal(|ui| {
        ui.set_min_height(PAST_ROW);
        let icon = if is_own {
            icons::BROADCAST
        } else {
            icons::CHAT_CIRCLE
        };
        let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::hover());
        paint::icon(ui.painter(), rect.center(), icon, 18.0, palette(ui).text_weak);
        let end = RowEnd::of(ui);
        let rest = ui.available_rect_before_wrap();
        let right = rest.right() - end.width() - ui.spacing().item_spacing.x;
        let names = UiBuilder::new()
            .max_rect(rest.with_max_x(right.max(rest.left())))
            .layout(Layout::top_down(Align::Min));
        ui.scope_builder(names, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add(egui::Label::new(text::strong(ui, name)).truncate());
            ui.add(egui::Label::new(text::small(ui, about)).truncate());
        });
        end.show(ui, |ui| {
            if back_ui(ui, is_own, name) {
                pressed = Some(true);
            }
            let remove = format!("Remove {name} and all that was said in it");
            if ui.add(IconButton::new(icons::TRASH, &remove).small()).clicked() {
                pressed = Some(false);
            }
        });
    });
    pressed
}

/// The button that leads back into a room; gives whether it was pressed.
fn back_ui(ui: &mut Ui, is_own: bool, name: &str) -> bool {
    let label = if is_own { "Open again" } else { "Return" };
    let button = ui.add(Button::secondary(label).small());
    let spoken = format!("{label}: {name}");
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    button.clicked()
}

/// What was pressed of a room's row.
enum RowPressed {
    /// The row: show the room.
    Open,
    /// Return to it, or open it again.
    Back,
    /// Take it off the list.
    Forget,
}

/// One room: press it to see it. `is_kept` says that it is over, and kept on the disk: then its row leads back too.
fn room_row_ui(ui: &mut Ui, room: &Room, is_kept: bool) -> Option<RowPressed> {
    let p = palette(ui);
    let title = clean::reveal_line(&room.title).into_owned();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Return to {title}")));
    let fill = if response.hovered() {
        p.surface_3
    } else {
        p.surface_2
    };
    let painter = ui.painter();
    painter.rect(
        rect,
        style::RADIUS_LARGE,
        fill,
        Stroke::new(1.0, p.border),
        StrokeKind::Inside,
    );
    paint::interactive(ui, &response, rect, style::RADIUS_LARGE, p);
    let icon = room_icon(room);
    let (status, tone) = room_status(room);
    let color = if room.is_over() { p.text_weak } else { p.accent };
    paint::icon(
        painter,
        pos2(rect.left() + 28.0, rect.center().y),
        icon,
        22.0,
        color,
    );

    let mut pressed = None;
    let mut inner = ui.new_child(
        UiBuilder::new()
            .max_rect(rect.shrink2(vec2(12.0, 0.0)))
            .layout(Layout::left_to_right(Align::Center)),
    );
    let end = row_end_ui(&mut inner, |ui| {
        let unread = unread(room);
        if unread > 0 {
            let new = format!("{} new", grouped_unread(unread));
            ui.add(Pill::new(&new, Tone::Accent));
        }
        ui.add(Pill::new(&status, tone));
        if is_kept && back_ui(ui, room.role == RoomRole::Host, &title) {
            pressed = Some(RowPressed::Back);
        }
        let name = format!("Remove {title} from the list");
        let forget = IconButton::new(icons::X, &name).small();
        if room.is_over() && ui.add(forget).clicked() {
            pressed = Some(RowPressed::Forget);
        }
    });
    let right = end.response.rect.left() - 12.0;
    let left = rect.left() + 54.0;
    let galley = paint::line_within(
        ui,
        &title,
        fonts::semibold(fonts::BODY),
        p.text_strong,
        right - left,
    );
    let response = paint::hover_if_elided(response, &galley, &title);
    paint::galley_left(ui.painter(), left, rect.center().y, galley);
    pressed.or(response.clicked().then_some(RowPressed::Open))
}

const ROW: f32 = 56.0;
const PAST_ROW: f32 = 44.0;
