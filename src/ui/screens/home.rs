//! The start: Host, Join, one's own name and fingerprint, and the rooms to return to.

use egui::{Align, Layout, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::{Page, Screen, Stage, column_ui, people};
use crate::session::{
    ClosedReason, Fingerprint, PastRoom, Role as RoomRole, Room, RoomKey, RoomState, Session, clean,
};
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::{
    Avatar, Banner, Button, IconButton, Pill, Tile, deciding_modal_ui, fingerprint_ui, modal_ui, paint,
};

/// What the start screen remembers.
#[derive(Debug, Default)]
pub struct Home {
    fingerprint_shown: bool,
    /// The earlier room that is to be removed, once that is said again.
    to_remove: Option<PastRoom>,
}

impl Home {
    /// Draws the start screen.
    pub fn show_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        let page = Page {
            name: "home",
            width: 760.0,
            entered: stage.entered,
        };
        column_ui(ui, &page, |ui| {
            self.you_ui(ui, stage);
            if !stage.session.has_passphrase {
                ui.add_space(12.0);
                unlocked_ui(ui, stage);
            }
            mended_ui(ui, stage);
            if stage.session.unreadable_rooms > 0 {
                ui.add_space(12.0);
                unreadable_ui(ui, stage);
            }
            ui.add_space(20.0);
            tiles_ui(ui, stage);
            ui.add_space(24.0);
            if stage.session.rooms.is_empty() && past_rooms(stage.session).next().is_none() {
                promises_ui(ui);
            }
            if !stage.session.rooms.is_empty() {
                rooms_ui(ui, stage);
            }
            self.past_ui(ui, stage);
        });
        self.remove_ui(ui, stage);
        if self.fingerprint_shown
            && let Some(fingerprint) = stage.session.fingerprint()
        {
            self.fingerprint_shown = !own_fingerprint_ui(ui, stage, fingerprint);
        }
    }

    fn you_ui(&mut self, ui: &mut Ui, stage: &Stage<'_>) {
        let Some(fingerprint) = stage.session.fingerprint() else {
            return;
        };
        let name = clean::reveal_line(&stage.session.settings.name).into_owned();
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 14.0;
            ui.add(Avatar::new(&name, fingerprint.as_bytes()).size(48.0));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let button = Button::secondary("Your fingerprint").icon(icons::FINGERPRINT);
                self.fingerprint_shown |= ui.add(button).clicked();
                ui.with_layout(Layout::top_down(Align::Min), |ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    ui.add(egui::Label::new(text::title(ui, &name)).truncate());
                    let how = if stage.session.has_passphrase {
                        "Ready. Your key is on this computer, locked by your passphrase."
                    } else {
                        "Ready. Your key is on this computer, without a passphrase."
                    };
                    ui.add(egui::Label::new(text::weak(ui, how)).truncate());
                });
            });
        });
    }
}

/// Says what was done to a damaged profile, until it is put away.
pub(super) fn mended_ui(ui: &mut Ui, stage: &mut Stage<'_>) {
    let Some(report) = &stage.session.mended else {
        return;
    };
    ui.add_space(12.0);
    if Banner::new(Tone::Danger, &clean::reveal(report))
        .closable()
        .show(ui)
        .closed
    {
        stage.session.mended = None;
    }
}

/// Says plainly that nothing is locked, and offers to change it.
fn unlocked_ui(ui: &mut Ui, stage: &mut Stage<'_>) {
    let said = "There is no passphrase: who can read this computer's files can read your key, your contacts and your rooms.";
    let banner = Banner::new(Tone::Warning, said)
        .icon(icons::LOCK_OPEN)
        .action("Set a passphrase");
    if banner.show(ui).action {
        stage.ask_for_passphrase = true;
        stage.go = Some(Screen::Settings);
    }
}

/// Names what is damaged, and offers to be rid of it.
fn unreadable_ui(ui: &mut Ui, stage: &mut Stage<'_>) {
    let said = match stage.session.unreadable_rooms {
        1 => "One of your kept rooms can't be read any more: the profile is damaged there. Its messages go with it; then it can be joined again from its invitation. A copy of the damaged file stays in the profile folder.".to_owned(),
        count => format!("{count} of your kept rooms can't be read any more: the profile is damaged there. Their messages go with them; then they can be joined again from their invitations. A copy of the damaged file stays in the profile folder."),
    };
    let banner = Banner::new(Tone::Danger, &said).action("Remove");
    if banner.show(ui).action {
        stage.wish(UiCommand::ForgetUnreadable);
    }
}

fn tiles_ui(ui: &mut Ui, stage: &mut Stage<'_>) {
    let tiles = |ui: &mut Ui, width: f32, stage: &mut Stage<'_>| {
        let host = Tile::new(
            icons::BROADCAST,
            "Host",
            "Open a room on this computer and invite people into it.",
        );
        let host = ui.add(host.width(width));
        if stage.entered {
            host.request_focus();
        }
        if host.clicked() {
            stage.go = Some(Screen::Host);
        }
        let join = Tile::new(
            icons::SIGN_IN,
            "Join",
            "Enter a room with the invitation that you were given.",
        );
        if ui.add(join.width(width)).clicked() {
            stage.go = Some(Screen::Join);
        }
    };
    let room = ui.available_width();
    ui.spacing_mut().item_spacing = vec2(16.0, 12.0);
    if room >= 560.0 {
        ui.horizontal(|ui| tiles(ui, (room - 16.0) / 2.0, stage));
    } else {
        tiles(ui, room, stage);
    }
    let lab = Tile::new(
        icons::FLASK,
        "Classical Ciphers",
        "Caesar, Vigenère, Enigma and more side by side on one text, with AES next to them.",
    );
    if ui.add(lab.width(room)).clicked() {
        stage.go = Some(Screen::Lab);
    }
    ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
}

/// What the room promises, while there is no room to list.
fn promises_ui(ui: &mut Ui) {
    let promises = [
        (
            icons::LOCK,
            "Encrypted",
            "Fresh keys for every connection, thrown away afterwards.",
        ),
        (
            icons::CERTIFICATE,
            "Signed",
            "Every message carries its author's signature, checked by everybody.",
        ),
        (
            icons::PLUGS_CONNECTED,
            "Direct",
            "No account and no server: one of you hosts, the others join.",
        ),
    ];
    let narrow = ui.available_width() < 560.0;
    let column = |ui: &mut Ui, (icon, title, sentence): (&str, &str, &str)| {
        ui.horizontal_top(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(22.0, 22.0), Sense::hover());
            paint::icon(ui.painter(), rect.center(), icon, 20.0, palette(ui).accent);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.label(text::strong(ui, title));
                ui.add(egui::Label::new(text::weak(ui, sentence).size(13.0)).wrap());
            });
        });
    };
    if narrow {
        promises.into_iter().for_each(|promise| column(ui, promise));
    } else {
        ui.spacing_mut().item_spacing.x = 20.0;
        ui.columns(3, |columns| {
            for (ui, promise) in columns.iter_mut().zip(promises) {
                ui.spacing_mut().item_spacing.x = 10.0;
                column(ui, promise);
            }
        });
    }
}

fn rooms_ui(ui: &mut Ui, stage: &mut Stage<'_>) {
    ui.label(text::caption(ui, "Rooms"));
    let mut forget = None;
    for room in stage.session.rooms.iter().rev() {
        let (opened, forgotten) = ui.push_id(("room", room.key.0), |ui| room_row_ui(ui, room)).inner;
        if opened {
            stage.go = Some(Screen::Room(room.key));
        }
        if forgotten {
            forget = Some(room.key);
        }
    }
    if let Some(room) = forget {
        stage.wish(UiCommand::Forget { room });
    }
}

/// Kept rooms that are not open now.
fn past_rooms(session: &Session) -> impl Iterator<Item = &PastRoom> {
    let shown = |past: &&PastRoom| {
        let same = |room: &Room| {
            let is_own = room.role == RoomRole::Host;
            !is_over(room) && is_own == past.is_own && room.title == past.name
        };
        !session.rooms.iter().any(same)
    };
    session.past.iter().filter(shown)
}

impl Home {
    /// The rooms of earlier runs: one press leads back.
    fn past_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        let past: Vec<PastRoom> = past_rooms(stage.session).cloned().collect();
        if past.is_empty() {
            return;
        }
        ui.add_space(8.0);
        ui.label(text::caption(ui, "Earlier rooms"));
        for past in past {
            let name = clean::reveal_line(&past.name).into_owned();
            let pressed = ui
                .push_id(("past", past.id), |ui| past_row_ui(ui, &past, &name))
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
    fn remove_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>) {
        let Some(past) = &self.to_remove else {
            return;
        };
        let name = clean::reveal_line(&past.name);
        let outcome = deciding_modal_ui(ui.ctx(), "Remove this room?", 440.0, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            let also = match past.is_own {
                true => "Its invitation ends with it.",
                false => "You can join it again if you still have its invitation.",
            };
            ui.label(format!(
                "All that was said in {name} goes from this computer, private messages too. {also}"
            ));
            ui.horizontal(|ui| {
                let remove = ui.add(Button::danger("Remove it")).clicked();
                let keep = ui.add(Button::secondary("Keep it")).clicked();
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

/// Asks to open a room of an earlier run again, or to return there; gives its key.
pub(super) fn go_back(stage: &mut Stage<'_>, past: PastRoom) -> RoomKey {
    let room = stage.session.new_key();
    stage.wish(if past.is_own {
        UiCommand::HostAgain { room, past }
    } else {
        UiCommand::Return { room, past }
    });
    room
}

/// One earlier room. `true` leads back, `false` removes it.
fn past_row_ui(ui: &mut Ui, past: &PastRoom, name: &str) -> Option<bool> {
    let mut pressed = None;
    ui.horizontal(|ui| {
        ui.set_min_height(40.0);
        let icon = if past.is_own {
            icons::BROADCAST
        } else {
            icons::CHAT_CIRCLE
        };
        let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::hover());
        paint::icon(ui.painter(), rect.center(), icon, 18.0, palette(ui).text_weak);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let remove = format!("Remove {name} and all that was said in it");
            if ui.add(IconButton::new(icons::TRASH, &remove).small()).clicked() {
                pressed = Some(false);
            }
            let label = if past.is_own { "Open again" } else { "Return" };
            let button = ui.add(Button::secondary(label).small());
            let spoken = format!("{label}: {name}");
            button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
            if button.clicked() {
                pressed = Some(true);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(text::strong(ui, name)).truncate());
                let host = clean::reveal_line(&past.host_name);
                let whose = if past.is_own {
                    "yours".to_owned()
                } else {
                    format!("hosted by {host}")
                };
                ui.add(egui::Label::new(text::small(ui, whose)).truncate());
            });
        });
    });
    pressed
}

/// One room: press it to return. Gives whether it was opened, and whether it is to be forgotten.
fn room_row_ui(ui: &mut Ui, room: &Room) -> (bool, bool) {
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
    let color = if is_over(room) { p.text_weak } else { p.accent };
    paint::icon(
        painter,
        pos2(rect.left() + 28.0, rect.center().y),
        icon,
        22.0,
        color,
    );

    let mut inner = ui.new_child(
        egui::UiBuilder::new()
            .max_rect(rect.shrink2(vec2(12.0, 0.0)))
            .layout(Layout::right_to_left(Align::Center)),
    );
    let forgotten = is_over(room) && {
        let name = format!("Remove {title} from the list");
        inner.add(IconButton::new(icons::X, &name).small()).clicked()
    };
    inner.add(Pill::new(&status, tone));
    let unread = room.transcript.unread_messages();
    if unread > 0 {
        inner.add(Pill::new(
            &format!("{} new", grouped_unread(unread)),
            Tone::Accent,
        ));
    }
    let right = inner.min_rect().left() - 12.0;
    let left = rect.left() + 54.0;
    let galley = paint::line_within(
        ui,
        &title,
        fonts::semibold(fonts::BODY),
        p.text_strong,
        right - left,
    );
    let response = hover_if_elided(response, &galley, &title);
    paint::galley_left(ui.painter(), left, rect.center().y, galley);
    (response.clicked(), forgotten)
}

/// Shows the whole of an elided text while the pointer rests on it.
pub fn hover_if_elided(response: Response, galley: &egui::Galley, whole: &str) -> Response {
    if galley.elided {
        response.on_hover_text(whole)
    } else {
        response
    }
}

/// How many unread messages, as a badge writes it.
pub fn grouped_unread(unread: usize) -> String {
    if unread > 99 {
        "99+".to_owned()
    } else {
        unread.to_string()
    }
}

/// The icon of a room.
pub fn room_icon(room: &Room) -> &'static str {
    match (&room.state, room.role) {
        (RoomState::Closed(ClosedReason::ConnectionLost { .. }), _) => icons::PLUGS,
        (RoomState::JoinFailed(_) | RoomState::HostFailed(_), _) => icons::WARNING_CIRCLE,
        (_, RoomRole::Host) => icons::BROADCAST,
        (_, RoomRole::Guest) => icons::CHAT_CIRCLE,
    }
}

/// How a room stands, in a word or two.
pub fn room_status(room: &Room) -> (String, Tone) {
    let (words, tone) = match &room.state {
        RoomState::Opening => ("opening", Tone::Info),
        RoomState::HostFailed(_) => ("could not open", Tone::Danger),
        RoomState::Joining(_) => ("joining", Tone::Info),
        RoomState::JoinFailed(_) => ("could not join", Tone::Danger),
        RoomState::Lost(_) => ("reconnecting", Tone::Warning),
        RoomState::Open if room.needs_decision() => ("key changed", Tone::Danger),
        RoomState::Open => return (people(room.members.len()), Tone::Accent),
        RoomState::Closed(ClosedReason::ConnectionLost { .. }) => ("connection lost", Tone::Warning),
        RoomState::Closed(ClosedReason::NotAuthentic { .. } | ClosedReason::Broken { .. }) => {
            ("ended by a failure", Tone::Danger)
        }
        RoomState::Closed(_) => ("closed", Tone::Neutral),
    };
    (words.to_owned(), tone)
}

/// Whether a room is over, so that it can be forgotten.
pub fn is_over(room: &Room) -> bool {
    matches!(
        room.state,
        RoomState::Closed(_) | RoomState::JoinFailed(_) | RoomState::HostFailed(_)
    )
}

/// Shows one's own fingerprint. Returns whether to stop.
fn own_fingerprint_ui(ui: &Ui, stage: &mut Stage<'_>, fingerprint: Fingerprint) -> bool {
    modal_ui(ui.ctx(), "Your fingerprint", 460.0, |ui| {
        let sentence =
            "Others can compare it with what they see of you. It is no secret: give it to anybody.";
        ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
        ui.add_space(4.0);
        if fingerprint_ui(ui, &fingerprint.to_string()) {
            stage.toasts.push(Tone::Success, "Fingerprint copied.");
        }
        ui.add_space(4.0);
        ui.add(
            egui::Label::new(text::small(
                ui,
                "SHA-256 of your public RSA key, in hexadecimal digits.",
            ))
            .wrap(),
        );
    })
    .close
}

const ROW: f32 = 56.0;
