//! All the widgets in all their states, in both themes: pictures to look at.

mod support;

use cipher_room::ui::theme::{Tone, icons, palette, text};
use cipher_room::ui::widgets::*;
use egui::{Key, Theme, Ui, vec2};
use egui_kittest::SnapshotResults;

use support::{harness, themed};

const THEMES: [Theme; 2] = [Theme::Dark, Theme::Light];

fn picture(name: &str, size: [f32; 2], content: fn(&mut Ui)) {
    let mut results = SnapshotResults::new();
    for theme in THEMES {
        let mut harness = harness(size, theme, |ui| {
            egui::Frame::new().inner_margin(16).show(ui, content);
        });
        results.add(harness.try_snapshot(themed(name, theme)));
    }
}

fn section(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    ui.label(text::caption(ui, name));
    content(ui);
    ui.add_space(8.0);
}

#[test]
fn controls_look_as_drawn() {
    picture("gallery_controls", [1040.0, 776.0], |ui| {
        ui.spacing_mut().item_spacing.x = 24.0;
        ui.columns(2, |columns| {
            columns
                .iter_mut()
                .for_each(|ui| ui.spacing_mut().item_spacing.x = 8.0);
            buttons(&mut columns[0]);
            fields(&mut columns[1]);
        });
    });
}

fn buttons(ui: &mut Ui) {
    section(ui, "Type", |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.label(text::title(ui, "Talk where you can look inside"));
        ui.label(text::heading(ui, "On this network"));
        ui.label(text::subheading(ui, "Safety number"));
        ui.label(text::body(
            ui,
            "Running text: every message is signed by its author.",
        ));
        ui.label(text::weak(ui, "Weak text, and emoji 🐶🔑🚀❤"));
        ui.label(text::mono(ui, "4f1c -> a93e != b07d <= 0xFF  LXFOPV"));
        ui.label(text::small(ui, "09:41 · delivered to 3 of 3"));
    });
    section(ui, "Buttons", |ui| {
        ui.horizontal(|ui| {
            ui.add(Button::primary("Host"));
            ui.add(Button::primary("Send").icon(icons::PAPER_PLANE_RIGHT));
            ui.add(Button::secondary("Copy").icon(icons::COPY));
            ui.add(Button::ghost("Cancel"));
            ui.add(Button::danger("Leave").icon(icons::SIGN_OUT));
        });
        ui.horizontal(|ui| {
            ui.add_enabled(false, Button::primary("Host"));
            ui.add_enabled(false, Button::secondary("Copy").icon(icons::COPY));
            ui.add_enabled(false, Button::ghost("Cancel"));
            ui.add(Button::secondary("Small").small());
            ui.add(
                Button::primary("Next")
                    .small()
                    .icon(icons::ARROW_RIGHT)
                    .icon_after(),
            );
        });
        ui.horizontal(|ui| {
            ui.add(IconButton::new(icons::FINGERPRINT, "Show fingerprint"));
            ui.add(IconButton::new(icons::QR_CODE, "Show QR code"));
            ui.add(IconButton::new(icons::GEAR, "Settings"));
            ui.add(IconButton::new(icons::EYE, "Look inside").selected(true));
            ui.add(IconButton::new(icons::TRASH, "Delete").tone(Tone::Danger));
            ui.add_enabled(false, IconButton::new(icons::PLAY, "Play"));
            ui.add(IconButton::new(icons::X, "Close").small());
            let mut theme = 1;
            segmented_ui(
                ui,
                "Theme",
                &mut theme,
                &[(0, "Light"), (1, "Dark"), (2, "System")],
            );
        });
    });
    section(ui, "Tiles", |ui| {
        ui.spacing_mut().item_spacing.y = 12.0;
        let sentence = "Open a room on this computer and invite people to it.";
        ui.add(Tile::new(icons::BROADCAST, "Host", sentence));
        let sentence = "Enter a room with an invitation, or pick one on this network.";
        ui.add(Tile::new(icons::SIGN_IN, "Join", sentence));
    });
    section(ui, "Avatars and pills", |ui| {
        ui.horizontal(|ui| {
            let people = [
                ("Ada Lovelace", 1),
                ("bob", 2),
                ("Mary Queen", 3),
                ("🦄 Luna", 4),
                ("", 9),
            ];
            for (name, seed) in people {
                ui.add(Avatar::new(name, &[seed]).presence(seed % 2 == 1));
            }
            ui.add(Avatar::new("Grace Hopper", &[7]).size(48.0));
            ui.add(Pill::new("away", Tone::Neutral));
        });
        ui.horizontal_wrapped(|ui| {
            ui.add(Pill::new("end-to-end encrypted", Tone::Accent).icon(icons::LOCK));
            ui.add(Pill::new("verified", Tone::Success).icon(icons::SEAL_CHECK));
            ui.add(Pill::new("first use", Tone::Info));
            ui.add(Pill::new("key changed", Tone::Warning));
            ui.add(Pill::new("altered", Tone::Danger));
        });
    });
}

fn fields(ui: &mut Ui) {
    section(ui, "Fields", |ui| {
        ui.spacing_mut().item_spacing.y = 12.0;
        let (mut name, mut empty, mut bad) = ("Ada".to_owned(), String::new(), "192.168.1".to_owned());
        let (mut secret, mut long) = ("correct horse".to_owned(), "LXFOPV EFRNHR".to_owned());
        ui.add(Field::new("Your name", &mut name).help("The others in the room see it."));
        ui.add(
            Field::new("Invitation", &mut empty)
                .hint("cipher-room://… or an address")
                .mono(),
        );
        let error = "That is no address: a port is missing. Try 192.168.1.20:4747.";
        ui.add(Field::new("Address", &mut bad).mono().error(Some(error)));
        ui.add(Field::new("Passphrase", &mut secret).password());
        ui.add(Field::new("Ciphertext", &mut long).multiline(2).mono());
        let mut off = "Fixed while the room is open".to_owned();
        ui.add_enabled(false, Field::new("Room name", &mut off));
    });
    section(ui, "Switches", |ui| {
        let (mut on, mut off) = (true, false);
        switch_ui(
            ui,
            &mut on,
            "Announce the room on this network",
            "Others see its name, not who is inside.",
        );
        switch_ui(ui, &mut off, "Keep the history", "");
    });
    section(ui, "egui's own, in the same style", |ui| {
        ui.horizontal(|ui| {
            let (mut on, mut off, mut shift) = (true, false, 3);
            ui.checkbox(&mut on, "Notify me");
            ui.checkbox(&mut off, "Loop");
            let slider = ui.add(egui::Slider::new(&mut shift, 0..=25).show_value(false));
            let _ = slider.accessible_name("Shift");
            let mut cipher = 1;
            select_ui(
                ui,
                "Cipher",
                150.0,
                &mut cipher,
                &[(0, "Caesar"), (1, "Vigenère")],
            );
        });
    });
}

#[test]
fn notices_and_panels_look_as_drawn() {
    picture("gallery_panels", [1040.0, 800.0], |ui| {
        ui.spacing_mut().item_spacing.x = 24.0;
        ui.columns(2, |columns| {
            columns
                .iter_mut()
                .for_each(|ui| ui.spacing_mut().item_spacing.x = 8.0);
            notices(&mut columns[0]);
            security(&mut columns[1]);
        });
    });
}

fn notices(ui: &mut Ui) {
    section(ui, "Banners", |ui| {
        let _ = Banner::new(
            Tone::Accent,
            "Compare the safety number aloud before you trust this chat.",
        )
        .show(ui);
        let sentence = "This room was joined by its address alone. Compare the seven emoji with the host.";
        let _ = Banner::new(Tone::Info, sentence)
            .title("Trusted on first use")
            .action("Compare")
            .show(ui);
        let sentence = "Mary's key is not the one you know. Ask her before you write.";
        let _ = Banner::new(Tone::Warning, sentence)
            .action("Look")
            .closable()
            .show(ui);
        let _ = Banner::new(Tone::Danger, "The host shows two orders of events.")
            .title("Fork")
            .show(ui);
        let _ = Banner::new(Tone::Success, "Verified.").closable().show(ui);
    });
    section(ui, "Steps", |ui| {
        Card::new()
            .title("Joining Room")
            .icon(icons::SIGN_IN)
            .full_width()
            .show(ui, |ui| {
                steps_ui(
                    ui,
                    &[
                        step(StepState::Done, "Connected to 192.168.1.20:4747", ""),
                        step(StepState::Done, "Keys agreed", "X25519 and ML-KEM-768, 31 ms"),
                        step(
                            StepState::Running,
                            "Checking the host's signature",
                            "RSA-3072, PSS",
                        ),
                        step(StepState::Pending, "Unwrapping the session secret", ""),
                        step(StepState::Pending, "Inside", ""),
                    ],
                );
            });
        steps_ui(
            ui,
            &[
                step(StepState::Done, "Connected", ""),
                step(
                    StepState::Failed,
                    "The host is not the one of the invitation",
                    "Ask for a new invitation.",
                ),
            ],
        );
    });
}

fn step<'a>(state: StepState, title: &'a str, detail: &'a str) -> Step<'a> {
    Step { state, title, detail }
}

const EMOJI: [(&str, &str); 7] = [
    ("🐶", "Dog"),
    ("🔑", "Key"),
    ("🚀", "Rocket"),
    ("🍕", "Pizza"),
    ("🎸", "Guitar"),
    ("☂️", "Umbrella"),
    ("🦄", "Unicorn"),
];

const FINGERPRINT: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn security(ui: &mut Ui) {
    section(ui, "Safety check", |ui| {
        Card::new()
            .title("Compare with Ada")
            .icon(icons::SHIELD_CHECK)
            .tone(Tone::Accent)
            .full_width()
            .show(ui, |ui| {
                ui.label(text::weak(ui, "Both screens show the same seven?"));
                emoji_row_ui(ui, &EMOJI);
                ui.add_space(4.0);
                fingerprint_ui(ui, FINGERPRINT);
                ui.horizontal(|ui| {
                    ui.add(Button::primary("They match").icon(icons::CHECK));
                    ui.add(Button::secondary("They differ"));
                });
            });
    });
    section(ui, "Invitation", |ui| {
        Card::new().full_width().show(ui, |ui| {
            ui.horizontal(|ui| {
                let invitation = "cipher-room://192.168.1.20:4747/Room#9f86d081884c7d65.aGVsbG8.1793";
                ui.add(Qr::new(invitation, "Invitation to Room").size(180.0));
                ui.vertical(|ui| {
                    ui.label(text::subheading(ui, "Scan to join"));
                    ui.label(text::weak(ui, "Or copy the link."));
                    ui.add(Button::secondary("Copy link").icon(icons::LINK));
                });
            });
        });
    });
}

#[test]
fn empty_states_look_as_drawn() {
    picture("gallery_empty", [880.0, 530.0], |ui| {
        ui.spacing_mut().item_spacing.x = 24.0;
        ui.columns(2, |columns| {
            columns
                .iter_mut()
                .for_each(|ui| ui.spacing_mut().item_spacing.x = 8.0);
            let sentence = "Say hello: everything you write is sealed for the people in this room.";
            empty_ui(
                &mut columns[0],
                Drawing::Conversation,
                "No messages yet",
                sentence,
                |_| (),
            );
            let sentence = "Show the QR code, or send the link to somebody you trust.";
            empty_ui(
                &mut columns[0],
                Drawing::People,
                "Nobody here yet",
                sentence,
                |ui| {
                    ui.add(Button::secondary("Invite people").icon(icons::USER_PLUS));
                },
            );
            let sentence = "Write a text, pick a cipher and watch every letter move.";
            empty_ui(
                &mut columns[1],
                Drawing::Wheel,
                "Nothing on the bench",
                sentence,
                |_| (),
            );
            empty_ui(
                &mut columns[1],
                Drawing::Search,
                "No records",
                "Nothing went over the wire yet.",
                |_| (),
            );
        });
    });
}

#[test]
fn a_dialog_and_toasts_look_as_drawn() {
    let mut results = SnapshotResults::new();
    for theme in THEMES {
        let mut toasts = Toasts::default();
        toasts.push(Tone::Success, "Invitation copied");
        toasts.push(
            Tone::Danger,
            "The line to the host was cut. Trying again in 4 seconds.",
        );
        let mut name = "Reading group".to_owned();
        let mut harness = harness([760.0, 460.0], theme, |ui| {
            ui.label(text::title(ui, "Behind the dialog"));
            ui.add(Button::primary("Host"));
            modal_ui(ui.ctx(), "Open a room", 400.0, |ui| {
                ui.label(text::weak(ui, "People on this network see its name."));
                ui.add(Field::new("Room name", &mut name));
                ui.add_space(8.0);
                ui.horizontal(|ui| {
                    ui.add(Button::primary("Open room"));
                    ui.add(Button::ghost("Cancel"));
                });
            });
            toasts.show(ui.ctx());
        });
        results.add(harness.try_snapshot(themed("gallery_dialog", theme)));
    }
}

#[test]
fn what_has_the_keyboard_shows_a_ring() {
    let mut results = SnapshotResults::new();
    for theme in THEMES {
        let mut harness = harness([420.0, 60.0], theme, |ui| {
            ui.horizontal(|ui| {
                ui.add(Button::primary("Host"));
                ui.add(Button::secondary("Join"));
            });
        });
        harness.key_press(Key::Tab);
        harness.run();
        let first = harness.render().unwrap();
        harness.key_press(Key::Tab);
        harness.run();
        assert_ne!(first, harness.render().unwrap(), "the ring moves");
        results.add(harness.try_snapshot(themed("gallery_focus", theme)));
    }
}

#[test]
fn every_icon_is_drawn() {
    picture("gallery_icons", [720.0, 420.0], |ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        ui.horizontal_wrapped(|ui| {
            for (_, icon) in icons::ALL {
                let (rect, _) = ui.allocate_exact_size(vec2(36.0, 36.0), egui::Sense::hover());
                ui.painter().rect_filled(rect, 8, palette(ui).surface_2);
                ui.put(rect, egui::Label::new(icons::text(icon, 20.0)));
            }
        });
    });
}

#[test]
fn the_renderer_leaves_no_seam_between_triangles() {
    let mut harness = harness([60.0, 60.0], Theme::Dark, |ui| {
        let rect = egui::Rect::from_min_max(egui::pos2(10.25, 10.5), egui::pos2(50.25, 50.75));
        let mut mesh = egui::Mesh::default();
        mesh.add_colored_rect(rect, egui::Color32::from_white_alpha(100));
        ui.painter().add(egui::Shape::mesh(mesh));
    });
    let picture = harness.render().unwrap();
    let inside = *picture.get_pixel(30, 20);
    for (x, y, pixel) in picture.enumerate_pixels() {
        let covered = (10..50).contains(&x) && (10..51).contains(&y);
        let expected = if covered { inside } else { *picture.get_pixel(0, 0) };
        assert_eq!(*pixel, expected, "at {x}, {y}");
    }
    assert_ne!(inside, *picture.get_pixel(0, 0));
}
