//! The start: Host, Join, one's own name and fingerprint, and the rooms to return to.

mod rooms;

use egui::{Align, Layout, Sense, Ui, vec2};

pub(super) use self::rooms::go_back;
use self::rooms::{past_rooms, rooms_ui};
use super::{Page, Screen, Stage, column_ui};
use crate::session::{Fingerprint, PastRoom, clean};
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, icons, palette, text};
use crate::ui::widgets::{Avatar, Banner, Button, Tile, fingerprint_ui, modal_ui, paint};

/// What the start screen remembers.
#[derive(Debug, Default)]
pub struct Home {
    fingerprint_shown: bool,
    /// Whether that was put away just now: the keyboard goes back to what showed it.
    fingerprint_left: bool,
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
            self.fingerprint_left = own_fingerprint_ui(ui, stage, fingerprint);
            self.fingerprint_shown = !self.fingerprint_left;
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
                let button = ui.add(button);
                if std::mem::take(&mut self.fingerprint_left) {
                    button.request_focus();
                }
                self.fingerprint_shown |= button.clicked();
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
