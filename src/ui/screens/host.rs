//! The form that opens a room: its name, its port, who can join, how long the invitation lasts.

use egui::Ui;

use super::{Page, Screen, Stage, column_ui, title_ui};
use crate::session::{DEFAULT_PORT, HostAct, MAX_ROOM_NAME_BYTES, Settings};
use crate::ui::command::UiCommand;
use crate::ui::theme::{fonts, icons, palette};
use crate::ui::widgets::{Button, Card, Field, choice_ui, segmented_ui, switch_ui};

/// What is typed and chosen.
#[derive(Debug)]
pub struct HostForm {
    room_name: String,
    port: String,
    or_any_port: bool,
    open_to_address: bool,
    ask_first: bool,
    lifetime_secs: Option<u64>,
    filled: bool,
}

impl Default for HostForm {
    fn default() -> Self {
        Self {
            room_name: String::new(),
            port: String::new(),
            or_any_port: true,
            open_to_address: false,
            ask_first: false,
            lifetime_secs: None,
            filled: false,
        }
    }
}

impl HostForm {
    /// Draws the form.
    pub fn show_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        if !self.filled {
            self.fill(&stage.session.settings);
        }
        let page = Page {
            name: "host",
            width: 560.0,
            entered: stage.entered,
        };
        column_ui(ui, &page, |ui| {
            title_ui(
                ui,
                "Host a room",
                "The room lives on this computer for as long as it is open. You give out the invitation, and you, the host, can read what is said to everybody.",
            );
            let mut open = Card::new()
                .full_width()
                .padding(20)
                .show(ui, |ui| self.fields_ui(ui, stage.entered))
                .inner;
            ui.add_space(8.0);
            let ready = self.name_fault().is_none() && self.parsed_port().is_some();
            ui.horizontal(|ui| {
                let button = Button::primary("Open room").icon(icons::DOOR_OPEN);
                open |= ui.add_enabled(ready, button).clicked();
                if ui.add(Button::ghost("Cancel")).clicked() {
                    stage.go = Some(Screen::Home);
                }
            });
            if open && ready {
                self.open(stage);
            }
        });
    }

    /// Draws the fields; returns whether Enter was pressed in one of them.
    fn fields_ui(&mut self, ui: &mut Ui, entered: bool) -> bool {
        ui.spacing_mut().item_spacing.y = 16.0;
        let name_fault = self.name_fault();
        let port_fault = self
            .parsed_port()
            .is_none()
            .then_some("Enter a port from 1 to 65535.");
        let name = ui.add(
            Field::new("Room name", &mut self.room_name)
                .help("Everybody in the room sees it; so does who holds the invitation.")
                .error(name_fault),
        );
        if entered {
            name.request_focus();
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 8.0;
            label_ui(ui, "Who can join");
            choice_ui(
                ui,
                &mut self.open_to_address,
                false,
                "Only people with the invitation",
                "The invitation holds a secret. Without it nobody gets in, even on this network.",
            );
            choice_ui(
                ui,
                &mut self.open_to_address,
                true,
                "Anyone who can reach this computer",
                "Typing its address is enough. Good for a class; compare the seven emoji when it matters.",
            );
        });
        let help = "You see who knocks, with its proven key, and decide.";
        switch_ui(
            ui,
            &mut self.ask_first,
            "Ask me before somebody new gets in",
            help,
        );
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            label_ui(ui, "The invitation lasts");
            let options = [
                (None, "While the room is open"),
                (Some(3600), "1 hour"),
                (Some(24 * 3600), "1 day"),
            ];
            segmented_ui(ui, "The invitation lasts", &mut self.lifetime_secs, &options);
        });
        let port = ui
            .horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 20.0;
                let field = Field::new("Port", &mut self.port).width(120.0);
                let port = ui.add(field.char_limit(5).error(port_fault));
                ui.vertical(|ui| {
                    ui.add_space(22.0);
                    switch_ui(
                        ui,
                        &mut self.or_any_port,
                        "Use another port if this one is taken",
                        "",
                    );
                });
                port
            })
            .inner;
        let entered =
            ui.input(|input| input.key_pressed(egui::Key::Enter)) && (name.lost_focus() || port.lost_focus());
        if entered && name_fault.is_some() {
            name.request_focus();
        } else if entered && port_fault.is_some() {
            port.request_focus();
        }
        entered
    }

    fn fill(&mut self, settings: &Settings) {
        self.filled = true;
        self.room_name = if settings.room.is_empty() {
            format!("{}'s room", settings.name)
        } else {
            settings.room.clone()
        };
        let port = if settings.port == 0 {
            DEFAULT_PORT
        } else {
            settings.port
        };
        self.port = port.to_string();
        self.open_to_address = settings.open_to_address;
    }

    fn open(&mut self, stage: &mut Stage<'_>) {
        let Some(port) = self.parsed_port() else {
            return;
        };
        let room_name = self.room_name.trim().to_owned();
        let settings = Settings {
            room: room_name.clone(),
            port,
            open_to_address: self.open_to_address,
            ..stage.session.settings.clone()
        };
        if settings != stage.session.settings {
            super::settings::keep(stage, settings);
        }
        let room = stage.session.new_key();
        stage.wish(UiCommand::Host {
            room,
            room_name,
            port,
            or_any_port: self.or_any_port,
            open_to_address: self.open_to_address,
            invite_lifetime_secs: self.lifetime_secs,
        });
        if self.ask_first {
            let act = HostAct::AskFirst(true);
            stage.wish(UiCommand::Govern { room, act });
        }
        stage.go = Some(Screen::Room(room));
    }

    fn parsed_port(&self) -> Option<u16> {
        self.port.trim().parse().ok().filter(|port| *port != 0)
    }

    fn name_fault(&self) -> Option<&'static str> {
        let name = self.room_name.trim();
        if name.is_empty() {
            Some("Enter a name for the room.")
        } else if name.len() > MAX_ROOM_NAME_BYTES {
            Some("This name is too long. Use a shorter one.")
        } else {
            None
        }
    }
}

fn label_ui(ui: &mut Ui, label: &str) {
    let label = egui::RichText::new(label)
        .font(fonts::medium(13.0))
        .color(palette(ui).text);
    ui.label(label);
}
