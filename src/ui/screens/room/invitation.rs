//! The invitation into a room of ours: to copy, to scan, and where it leads.

use std::net::IpAddr;

use egui::{Align, Key, Layout, Modifiers, ScrollArea, Ui};

use crate::session::{Endpoint, RoomOpened, clean};
use crate::ui::clock::Clock;
use crate::ui::theme::{Tone, icons, palette, text};
use crate::ui::widgets::{Banner, Button, IconButton, Qr, follow_focus, paint};

/// What was pressed on the invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pressed {
    /// The invitation was copied.
    Copied,
    /// An address was copied.
    AddressCopied,
    /// Show the code large, for a projector.
    Large,
    /// Save the code as a picture.
    Save,
    /// Ask whether to change the invitation.
    Change,
}

/// Draws the invitation in a side panel.
pub fn invitation_ui(ui: &mut Ui, opened: &RoomOpened, clock: &Clock) -> Option<Pressed> {
    let mut pressed = None;
    ScrollArea::vertical()
        .id_salt("invitation")
        .auto_shrink([false, true])
        .show(ui, |ui| {
            let link = opened.invite.to_string();
            ui.spacing_mut().item_spacing.y = 10.0;
            ui.with_layout(Layout::top_down(Align::Center), |ui| {
                let size = ui.available_width().min(260.0);
                let name = format!(
                    "QR code of the invitation to {}",
                    clean::reveal_line(&opened.room_name)
                );
                ui.add(Qr::new(&link, &name).size(size));
            });
            if copy_ui(ui, &link, opened, clock) {
                pressed = Some(Pressed::Copied);
            }
            ui.horizontal(|ui| {
                if ui
                    .add(Button::secondary("Show large").icon(icons::DESKTOP).small())
                    .clicked()
                {
                    pressed = Some(Pressed::Large);
                }
                let save = Button::secondary("Save picture").icon(icons::DOWNLOAD_SIMPLE);
                if ui.add(save.small()).clicked() {
                    pressed = Some(Pressed::Save);
                }
            });
            if admission_ui(ui, opened, clock) {
                pressed = Some(Pressed::Change);
            }
            ui.add_space(2.0);
            ui.label(text::caption(ui, "Addresses of this computer"));
            ui.spacing_mut().item_spacing.y = 0.0;
            for endpoint in &opened.invite.endpoints {
                let copied = address_ui(ui, endpoint);
                pressed = pressed.take().or(copied.then_some(Pressed::AddressCopied));
            }
            if opened.open_to_address {
                ui.add_space(8.0);
                ui.add(egui::Label::new(text::small(ui, "Others can type one of these to join.")).wrap());
            }
            follow_focus(ui);
        });
    pressed
}

/// Draws the code as large as the window allows, for a projector.
pub fn large_ui(ui: &mut Ui, opened: &RoomOpened, clock: &Clock) -> bool {
    let link = opened.invite.to_string();
    let mut copied = false;
    ui.with_layout(Layout::top_down(Align::Center), |ui| {
        let room = ui.ctx().content_rect().height() - 290.0;
        let size = room.min(ui.available_width()).clamp(200.0, 620.0);
        let name = format!(
            "Large QR code of the invitation to {}",
            clean::reveal_line(&opened.room_name)
        );
        ui.add(Qr::new(&link, &name).size(size));
        if opened.open_to_address
            && let Some(endpoint) = opened.invite.endpoints.first()
        {
            ui.label(text::small(ui, "or type"));
            ui.label(
                text::mono(ui, endpoint.to_string())
                    .size(24.0)
                    .color(palette(ui).text_strong),
            );
        }
        copied = copy_ui(ui, &link, opened, clock);
    });
    copied
}

/// Copies the invitation when Ctrl+I is pressed, unless it has expired. Returns whether it was copied.
pub fn copied_by_key(ui: &Ui, opened: &RoomOpened, clock: &Clock) -> bool {
    let pressed = ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::I));
    if !pressed || opened.invite.expired(clock.now_unix) {
        return false;
    }
    ui.ctx().copy_text(opened.invite.to_string());
    true
}

fn copy_ui(ui: &mut Ui, link: &str, opened: &RoomOpened, clock: &Clock) -> bool {
    if opened.invite.expired(clock.now_unix) {
        return false;
    }
    let button = Button::primary("Copy invitation").icon(icons::COPY);
    let copied = ui.add(button.full_width()).on_hover_text("Ctrl+I").clicked();
    if copied {
        ui.ctx().copy_text(link.to_owned());
    }
    copied
}

/// Who can join, in plain words. Gives whether the invitation is to be changed.
fn admission_ui(ui: &mut Ui, opened: &RoomOpened, clock: &Clock) -> bool {
    if opened.invite.expired(clock.now_unix) {
        let sentence = if opened.open_to_address {
            "The invitation has expired. Who types this computer's address still gets in."
        } else {
            "The invitation has expired, and lets nobody in any more. Those for one person still do, until they expire themselves."
        };
        let _ = Banner::new(Tone::Warning, sentence).show(ui);
        let change = Button::secondary("Change the invitation").icon(icons::ARROWS_CLOCKWISE);
        return ui.add(change.small()).clicked();
    }
    let (icon, who) = if opened.open_to_address {
        (
            icons::GLOBE,
            "Anyone who can reach this computer can join. With the invitation they know for sure that it is you.",
        )
    } else {
        (
            icons::LOCK_KEY,
            "Only people with this invitation can join. Give it to nobody else: it holds the room's secret.",
        )
    };
    row_ui(ui, icon, who);
    let lasts = match opened.invite.expires_unix {
        Some(expires) => format!("Valid until {}.", clock.moment(expires)),
        None => "Valid while the room is open.".to_owned(),
    };
    row_ui(ui, icons::CLOCK, &lasts);
    false
}

fn row_ui(ui: &mut Ui, icon: &str, sentence: &str) {
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(18.0, 18.0), egui::Sense::hover());
        paint::icon(ui.painter(), rect.center(), icon, 16.0, palette(ui).text_weak);
        ui.add(egui::Label::new(text::small(ui, sentence)).wrap());
    });
}

/// One address, with what it is good for. Returns whether it was copied.
fn address_ui(ui: &mut Ui, endpoint: &Endpoint) -> bool {
    let shown = endpoint.to_string();
    let mut copied = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.set_min_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = format!("Copy {shown}");
            copied = ui.add(IconButton::new(icons::COPY, &name).small()).clicked();
            if let Some(kind) = kind(&endpoint.host) {
                ui.label(text::small(ui, kind));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let address = text::mono(ui, &shown).size(12.0);
                ui.add(egui::Label::new(address).truncate());
            });
        });
    });
    if copied {
        ui.ctx().copy_text(shown);
    }
    copied
}

/// Where an address can be reached from, in words.
fn kind(host: &str) -> Option<&'static str> {
    match host.parse::<IpAddr>().ok()? {
        address if address.is_loopback() => Some("this computer"),
        // Set apart for tests and documents (RFC 5737, RFC 3849): nobody is reached there.
        IpAddr::V4(address) if address.is_documentation() => Some("test network"),
        IpAddr::V6(address) if address.segments().starts_with(&[0x2001, 0xdb8]) => Some("test network"),
        IpAddr::V4(address) if address.is_private() || address.is_link_local() => Some("this network"),
        IpAddr::V6(address) if address.is_unicast_link_local() || address.is_unique_local() => {
            Some("this network")
        }
        _ => Some("public address"),
    }
}
