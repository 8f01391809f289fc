//! All the widgets in all their states, in both themes: pictures to look at, and the keyboard.

mod support;

use cipher_room::ui::theme::{Tone, icons, palette, text};
use cipher_room::ui::widgets::*;
use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers, Theme, Ui, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotResults};

use support::{builder, harness, themed};

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
    picture("gallery_controls", [1040.0, 720.0], |ui| {
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
    picture("gallery_empty", [880.0, 500.0], |ui| {
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

// The keyboard.

#[test]
fn enter_and_space_press_buttons_and_tiles() {
    let counts = [0_u32; 3];
    let mut harness = builder([600.0, 300.0], Theme::Dark).build_ui_state(
        |ui: &mut Ui, counts: &mut [u32; 3]| {
            counts[0] += u32::from(
                ui.add(Tile::new(icons::BROADCAST, "Host", "Open a room."))
                    .clicked(),
            );
            counts[1] += u32::from(ui.add(Button::secondary("Copy")).clicked());
            counts[2] += u32::from(ui.add(IconButton::new(icons::GEAR, "Settings")).clicked());
        },
        counts,
    );
    for (index, name) in ["Host", "Copy", "Settings"].into_iter().enumerate() {
        for key in [Key::Enter, Key::Space] {
            harness.get_by_role_and_label(Role::Button, name).focus();
            harness.run();
            harness.key_press(key);
            harness.run();
        }
        assert_eq!(harness.state()[index], 2, "{name}");
    }
}

#[test]
fn a_disabled_button_does_nothing() {
    let mut harness = builder([300.0, 100.0], Theme::Dark).build_ui_state(
        |ui: &mut Ui, clicks: &mut u32| {
            *clicks += u32::from(ui.add_enabled(false, Button::primary("Send")).clicked());
        },
        0,
    );
    let button = harness.get_by_role_and_label(Role::Button, "Send");
    assert!(button.accesskit_node().is_disabled());
    button.click();
    harness.run();
    assert_eq!(*harness.state(), 0);
}

fn segmented_harness(choice: u8) -> Harness<'static, u8> {
    builder([400.0, 100.0], Theme::Dark).build_ui_state(
        |ui: &mut Ui, choice: &mut u8| {
            segmented_ui(ui, "Theme", choice, &[(0, "Light"), (1, "Dark"), (2, "System")]);
        },
        choice,
    )
}

#[test]
fn arrows_move_the_segmented_choice_and_wrap() {
    let mut harness = segmented_harness(1);
    harness.key_press(Key::Tab);
    harness.run();
    for (key, expected) in [
        (Key::ArrowRight, 2),
        (Key::ArrowRight, 0),
        (Key::ArrowLeft, 2),
        (Key::ArrowLeft, 1),
    ] {
        harness.key_press(key);
        harness.run();
        assert_eq!(*harness.state(), expected);
    }
    let dark = harness.get_by_role_and_label(Role::RadioButton, "Dark");
    assert!(dark.is_focused(), "the focus follows the choice");
    assert_eq!(dark.accesskit_node().toggled(), Some(Toggled::True));
}

#[test]
fn space_turns_a_switch() {
    let mut harness = builder([400.0, 100.0], Theme::Dark).build_ui_state(
        |ui: &mut Ui, on: &mut bool| {
            switch_ui(ui, on, "Keep the history", "");
        },
        false,
    );
    harness.key_press(Key::Tab);
    harness.run();
    harness.key_press(Key::Space);
    harness.run();
    assert!(harness.state());
    let switch = harness.get_by_role_and_label(Role::Switch, "Keep the history");
    assert_eq!(switch.accesskit_node().toggled(), Some(Toggled::True));
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

#[test]
fn a_segment_can_be_clicked() {
    let mut harness = segmented_harness(0);
    harness.get_by_role_and_label(Role::RadioButton, "System").click();
    harness.run();
    assert_eq!(*harness.state(), 2);
}

#[test]
fn a_field_is_found_and_filled_by_its_label() {
    let mut harness = builder([400.0, 160.0], Theme::Dark).build_ui_state(
        |ui: &mut Ui, (name, secret): &mut (String, String)| {
            ui.add(Field::new("Your name", name).error(Some("Too short.")));
            ui.add(Field::new("Passphrase", secret).password());
        },
        (String::new(), String::new()),
    );
    harness
        .get_by_role_and_label(Role::TextInput, "Your name")
        .focus();
    harness.run();
    harness
        .get_by_role_and_label(Role::TextInput, "Your name")
        .type_text("Ada");
    harness.run();
    assert_eq!(harness.state().0, "Ada");
    harness.get_by_label("Show what I type").click();
    harness.run();
    assert!(harness.query_by_label("Hide what I type").is_some());
}

#[test]
fn escape_closes_a_dialog_and_the_keyboard_stays_inside() {
    let mut harness = builder([500.0, 400.0], Theme::Dark).build_ui_state(
        |ui: &mut Ui, open: &mut bool| {
            if ui.add(Button::primary("Open")).clicked() {
                *open = true;
            }
            if *open {
                let outcome = modal_ui(ui.ctx(), "Leave the room?", 300.0, |ui| {
                    ui.add(Button::danger("Leave"));
                    ui.add(Button::ghost("Stay"));
                });
                *open = !outcome.close;
            }
        },
        false,
    );
    harness.get_by_label("Open").click();
    harness.run();
    assert!(harness.get_by_role_and_label(Role::Button, "Leave").is_focused());
    for name in ["Stay", "Close dialog", "Leave"] {
        harness.key_press(Key::Tab);
        harness.run();
        assert!(
            harness.get_by_role_and_label(Role::Button, name).is_focused(),
            "{name}"
        );
    }
    harness.key_press_modifiers(Modifiers::NONE, Key::Escape);
    harness.run();
    assert!(!harness.state());
    assert!(harness.query_by_label("Leave").is_none());
}

#[test]
fn toasts_end_by_themselves_without_a_repaint_loop() {
    let mut toasts = Toasts::default();
    toasts.push(Tone::Success, "Copied");
    let mut harness = builder([500.0, 300.0], Theme::Dark)
        .with_step_dt(1.0)
        .build_ui_state(|ui: &mut Ui, toasts: &mut Toasts| toasts.show(ui.ctx()), toasts);
    assert!(harness.query_by_label("Copied").is_some());
    assert!(harness.run() <= 3, "it waits instead of repainting");
    harness.run_steps(7);
    assert!(harness.query_by_label("Copied").is_none());
    assert!(harness.state().is_empty());
}

#[test]
fn copying_a_fingerprint_copies_its_blocks() {
    let mut harness = harness([600.0, 120.0], Theme::Dark, |ui| {
        fingerprint_ui(ui, "9F86:D081 884c7d65");
    });
    harness.get_by_label("Copy fingerprint").click();
    harness.step();
    let copied = harness.output().platform_output.commands.iter().any(
        |command| matches!(command, egui::OutputCommand::CopyText(text) if text == "9F86 D081 884c 7d65"),
    );
    assert!(copied);
}
