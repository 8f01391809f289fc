//! The widgets by keyboard and by name: every control can be found, reached and used without a mouse.

mod support;

use cipher_room::ui::theme::{Tone, icons};
use cipher_room::ui::widgets::*;
use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers, Theme, Ui};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use support::{builder, harness};

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

#[test]
fn what_is_only_drawn_is_spoken_too() {
    let harness = harness([700.0, 700.0], Theme::Dark, |ui| {
        ui.add(Pill::new("key changed", Tone::Warning));
        steps_ui(
            ui,
            &[Step {
                state: StepState::Failed,
                title: "Keys agreed",
                detail: "",
            }],
        );
        emoji_row_ui(ui, &[("🐶", "Dog"), ("🔑", "Key")]);
        ui.add(Qr::new("cipher-room://", "Invitation to Room"));
        let _ = Banner::new(Tone::Danger, "Two orders of events.")
            .title("Fork")
            .show(ui);
    });
    for spoken in [
        "key changed",
        "Keys agreed: failed",
        "2 of 2: Key",
        "Fork: Two orders of events.",
    ] {
        harness.get_by_label(spoken);
    }
    harness.get_by_role_and_label(Role::Image, "Invitation to Room");
}

#[test]
fn a_banner_tells_what_was_pressed() {
    let mut harness = builder([500.0, 100.0], Theme::Light).build_ui_state(
        |ui: &mut Ui, pressed: &mut Vec<BannerResponse>| {
            let banner = Banner::new(Tone::Info, "Trusted on first use.")
                .action("Compare")
                .closable();
            let answer = banner.show(ui);
            if answer != BannerResponse::default() {
                pressed.push(answer);
            }
        },
        Vec::new(),
    );
    harness.get_by_label("Compare").click();
    harness.run();
    harness.get_by_label("Dismiss").click();
    harness.run();
    let expected = [
        BannerResponse {
            action: true,
            closed: false,
        },
        BannerResponse {
            action: false,
            closed: true,
        },
    ];
    assert_eq!(*harness.state(), expected);
}

#[test]
fn a_list_is_opened_and_chosen_from() {
    let mut harness = builder([300.0, 200.0], Theme::Dark).build_ui_state(
        |ui: &mut Ui, cipher: &mut u8| {
            select_ui(ui, "Cipher", 150.0, cipher, &[(0, "Caesar"), (1, "Vigenère")]);
        },
        0,
    );
    harness.get_by_role_and_label(Role::ComboBox, "Cipher").click();
    harness.run();
    harness.get_by_label("Vigenère").click();
    harness.run();
    assert_eq!(*harness.state(), 1);
}
