//! The top of a room: its name, how it is protected in words, and what can be done with it.

use egui::{
    Align, Frame, Layout, Margin, Panel, Pos2, Rect, Role as WidgetRole, Sense, Ui, WidgetInfo, pos2, vec2,
};

use super::Side;
use crate::session::{Role, Room, Trust, VerifiedBy, clean};
use crate::ui::screens::room_status::room_status;
use crate::ui::theme::{Tone, fonts, icons, palette};
use crate::ui::widgets::{Button, IconButton, Pill, RowEnd, paint};

/// What was pressed in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderPressed {
    /// How the room is protected.
    Protection,
    /// Show or hide what stands beside the conversation.
    Side(Side),
    /// The wire view.
    Inside,
    /// A cipher challenge.
    Challenge,
    /// Leave, or close.
    Leave,
}

/// Draws the header.
pub(super) fn header_ui(ui: &mut Ui, room: &Room, side: Option<Side>) -> Option<HeaderPressed> {
    let frame = Frame::new()
        .fill(palette(ui).surface_1)
        .inner_margin(Margin::symmetric(16, 0));
    let mut pressed = None;
    Panel::top("room header")
        .resizable(false)
        .exact_size(HEIGHT)
        .frame(frame)
        .show(ui, |ui| {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let end = RowEnd::of(ui);
                let room_for_title = ui.available_width() - end.width() - ui.spacing().item_spacing.x - 8.0;
                title_ui(ui, room, room_for_title.max(0.0), &mut pressed);
                end.show(ui, |ui| {
                    if !room.is_open() {
                        let (status, tone) = room_status(room);
                        ui.add(Pill::new(&status, tone));
                    }
                    buttons_ui(ui, room, side, &mut pressed);
                });
            });
        });
    pressed
}

fn buttons_ui(ui: &mut Ui, room: &Room, side: Option<Side>, pressed: &mut Option<HeaderPressed>) {
    if room.is_open() && room.opened.is_some() {
        let on = side == Some(Side::Invitation);
        let clicked = if ui.available_width() > INVITE_FITS && !on {
            ui.add(Button::secondary("Invite").icon(icons::USER_PLUS))
                .clicked()
        } else {
            ui.add(IconButton::new(icons::QR_CODE, "Invite").selected(on))
                .clicked()
        };
        if clicked {
            *pressed = Some(HeaderPressed::Side(Side::Invitation));
        }
    }
    let members = format!("Members: {}", room.members.len());
    let on = side == Some(Side::Members);
    if ui
        .add(IconButton::new(icons::USERS, &members).selected(on))
        .clicked()
    {
        *pressed = Some(HeaderPressed::Side(Side::Members));
    }
    let recorded = room.wire.as_deref().is_some_and(|wire| wire.count() > 0);
    let name = if recorded {
        "Look inside: this connection is recorded"
    } else {
        "Look inside"
    };
    if ui
        .add(IconButton::new(icons::MAGNIFYING_GLASS_PLUS, name))
        .clicked()
    {
        *pressed = Some(HeaderPressed::Inside);
    }
    if room.is_open()
        && ui
            .add(IconButton::new(icons::FLASK, "Send a cipher challenge"))
            .clicked()
    {
        *pressed = Some(HeaderPressed::Challenge);
    }
    if room.is_open() || room.is_lost() {
        let (name, icon) = match room.role {
            Role::Host => ("Close the room", icons::POWER),
            Role::Guest => ("Leave the room", icons::SIGN_OUT),
        };
        if ui.add(IconButton::new(icon, name)).clicked() {
            *pressed = Some(HeaderPressed::Leave);
        }
    }
}

fn title_ui(ui: &mut Ui, room: &Room, width: f32, pressed: &mut Option<HeaderPressed>) {
    let p = palette(ui);
    let title = clean::reveal_line(&room.title);
    let size = vec2(width, HEIGHT - 8.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let font = fonts::semibold(17.0);
    let is_verified = room
        .members
        .iter()
        .any(|member| member.is_host && member.trust == Trust::Verified);
    let width = rect.width() - if is_verified { VERIFIED } else { 0.0 };
    let galley = paint::line_within(ui, &title, font, p.text_strong, width);
    response.widget_info(|| WidgetInfo::labeled(WidgetRole::Heading, true, &*title));
    paint::hover_if_elided(response, &galley, &title);
    if is_verified {
        let at = pos2(
            rect.left() + galley.size().x + VERIFIED / 2.0 + 2.0,
            rect.center().y - 10.0,
        );
        verified_ui(ui, at, "You verified the host");
    }
    paint::galley_left(ui.painter(), rect.left(), rect.center().y - 10.0, galley);

    let sentence = lock_words(room);
    let font = fonts::regular(fonts::SMALL);
    let doubted = room.doubted().is_some();
    let color = if doubted {
        p.tone(Tone::Danger)
    } else {
        p.text_weak
    };
    let galley = paint::line_within(ui, sentence, font, color, rect.width() - 30.0);
    let at = egui::Rect::from_min_size(
        pos2(rect.left() - 4.0, rect.center().y + 2.0),
        vec2(galley.size().x + 26.0, 20.0),
    );
    let lock = ui.interact(at, ui.scope_id().with("lock"), Sense::click());
    lock.widget_info(|| WidgetInfo::labeled(WidgetRole::Button, true, sentence));
    if lock.hovered() {
        ui.painter().rect_filled(at, 6, p.surface_3);
    }
    paint::icon(
        ui.painter(),
        pos2(at.left() + 11.0, at.center().y),
        if doubted {
            icons::SHIELD_WARNING
        } else {
            icons::LOCK
        },
        14.0,
        match (room.is_open(), doubted) {
            (true, true) => p.tone(Tone::Danger),
            (true, false) => p.tone(Tone::Accent),
            (false, _) => p.text_weak,
        },
    );
    paint::galley_left(ui.painter(), at.left() + 21.0, at.center().y, galley);
    paint::interactive(ui, &lock, at, 6, p);
    if lock.clicked() {
        *pressed = Some(HeaderPressed::Protection);
    }
    lock.on_hover_text(format!("{sentence} Press for details."));
}

/// Draws the badge of somebody whom the user verified, centred on a point.
pub(super) fn verified_ui(ui: &Ui, center: Pos2, words: &str) {
    let rect = Rect::from_center_size(center, vec2(VERIFIED, VERIFIED));
    let badge = ui.interact(rect, ui.scope_id().with("verified"), Sense::hover());
    badge.widget_info(|| WidgetInfo::labeled(WidgetRole::Label, true, words));
    let color = palette(ui).tone(Tone::Success);
    paint::icon(ui.painter(), center, icons::SEAL_CHECK, 17.0, color);
    badge.on_hover_text(words);
}

/// How the room is protected, and from whom it is not.
pub(super) fn lock_words(room: &Room) -> &'static str {
    match (room.doubted().map(|member| member.trust), room.role) {
        (Some(Trust::Differed(VerifiedBy::Emoji)), Role::Guest) => {
            "Encrypted, but perhaps not with the host: the emoji differed."
        }
        (Some(Trust::Differed(VerifiedBy::Emoji)), Role::Host) => {
            "Encrypted, but perhaps not with every guest: emoji differed."
        }
        (Some(Trust::Differed(_)), _) => "Encrypted, but somebody may not be who it says: a number differed.",
        (Some(_), _) => "Encrypted, but perhaps not with the host: its key changed.",
        (None, Role::Guest) => "Encrypted between you and the host. The host can read this room.",
        (None, Role::Host) => "Encrypted between you and each guest. You, the host, pass everything on.",
    }
}

const HEIGHT: f32 = 60.0;
/// In a header wider than this there is room for the word beside the icon that invites.
const INVITE_FITS: f32 = 680.0;
/// Width of the badge of who is verified.
pub(super) const VERIFIED: f32 = 22.0;
