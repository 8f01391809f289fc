//! The wire view: a recording of the worked example, looked at as the user would. Pictures too.

mod support;

use cipher_room::net::{ClosedReason, Event, RoomKey};
use cipher_room::store::HostTrust;
use cipher_room::ui::UiCommand;
use egui::Theme;
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;

use support::recording::{INSIDE, bytes, example, recorded, recording};
use support::scene::{Window, WindowHarness, open};
use support::{save_picture, themed};

const SIZE: [f32; 2] = [1100.0, 720.0];

fn picture(name: &str, then: impl Fn(&mut WindowHarness)) {
    let mut results = SnapshotResults::new();
    for theme in [Theme::Dark, Theme::Light] {
        let mut harness = open(SIZE, theme, recorded(theme).0);
        harness.get_by_label(INSIDE).click();
        harness.run_steps(3);
        then(&mut harness);
        harness.run_steps(6);
        results.add(harness.try_snapshot(themed(name, theme)));
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/screenshots");
            std::fs::create_dir_all(folder).expect("the folder for pictures can be made");
            let short = name.trim_start_matches("screen_");
            save_picture(&mut harness, format!("{folder}/{}.png", themed(short, theme)));
        }
    }
}

#[test]
fn a_frame_taken_apart() {
    picture("screen_wire", |harness| {
        harness.get_by_label_contains("Frame 2: M2, received").click();
    });
}

#[test]
fn the_handshake_as_a_ladder() {
    picture("screen_ladder", |harness| {
        harness.get_by_label("Handshake").click();
    });
}

#[test]
fn the_time_machine() {
    picture("screen_time_machine", |harness| {
        harness.get_by_label("Time machine").click();
        harness.run_steps(2);
        harness.get_by_label("ML-KEM is broken").click();
    });
}

#[test]
fn the_worked_example_opens_and_its_message_is_found() {
    let mut wire = cipher_room::inspect::Wire::default();
    recording().into_iter().for_each(|piece| wire.take(piece));
    assert!(wire.is_open());
    let id = bytes(&example()["events"][1]["hash"]).try_into().unwrap();
    let n = wire.frame_of_event(&id).unwrap();
    assert_eq!(wire.frame_at(n).unwrap().name(), "Entry");
    let texts = [
        ("M2", 0, "M2_sealed"),
        ("M3", 0, "M3_sealed"),
        ("M4", 0, "M4_wrap"),
        ("M4", 1, "M4_welcome"),
    ];
    for (name, part, text) in texts {
        let frame = wire.frames().find(|frame| frame.name() == name).unwrap();
        let inspection = wire.inspect(frame.n).unwrap();
        assert_eq!(
            inspection.inside[part].text,
            bytes(&example()["texts"][text]),
            "{text}"
        );
    }
}

#[test]
fn a_bubble_leads_to_its_frame() {
    let (window, _) = recorded(Theme::Dark);
    let mut harness = open(SIZE, Theme::Dark, window);
    harness
        .get_by_label("the message of the example")
        .click_secondary();
    harness.run_steps(3);
    harness.get_by_label("Look inside this message").click();
    harness.run_steps(3);
    harness.get_by_label_contains("Frame 8. You got an entry of the room's log");
}

#[test]
fn nothing_recorded_is_said_and_recording_begins_with_a_new_connection() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Look inside").click();
    harness.run_steps(3);
    harness.get_by_label("Nothing of this connection was recorded");
    harness.get_by_label("Reconnect and record").click();
    harness.run_steps(3);
    let commands = &harness.state().commands;
    assert!(
        matches!(commands.as_slice(), [.., UiCommand::LookInside { look, .. }, UiCommand::Leave { .. }] if look.record),
        "{commands:?}"
    );
    harness.state_mut().session.apply(Event::Closed {
        room,
        reason: ClosedReason::Left,
    });
    harness.run_steps(3);
    assert!(matches!(
        harness.state().commands.last(),
        Some(UiCommand::Reconnect { .. })
    ));
}

/// A room whose connection is lost, and that the user asked to have recorded.
fn lost_and_to_be_recorded() -> (WindowHarness, RoomKey) {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    window.session.apply(Event::Lost {
        room,
        reason: ClosedReason::ConnectionLost { reason: None },
        tries: 3,
        next_secs: 8,
    });
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Look inside").click();
    harness.run_steps(3);
    harness.get_by_label("Reconnect and record").click();
    harness.run_steps(3);
    (harness, room)
}

fn ended(harness: &mut WindowHarness, room: RoomKey) {
    harness.state_mut().session.apply(Event::Closed {
        room,
        reason: ClosedReason::Left,
    });
    harness.run_steps(3);
}

#[test]
fn a_lost_connection_is_ended_before_it_is_recorded_anew() {
    let (mut harness, room) = lost_and_to_be_recorded();
    let commands = &harness.state().commands;
    assert!(
        matches!(
            commands.as_slice(),
            [UiCommand::LookInside { .. }, UiCommand::Leave { .. }]
        ),
        "{commands:?}"
    );
    ended(&mut harness, room);
    let last = harness.state().commands.last();
    assert!(matches!(last, Some(UiCommand::Reconnect { .. })), "{last:?}");
}

#[test]
fn who_leaves_a_room_that_was_to_be_recorded_is_not_brought_back() {
    let (mut harness, room) = lost_and_to_be_recorded();
    harness.get_by_label("Leave the room").click();
    harness.run_steps(3);
    ended(&mut harness, room);
    harness.state_mut().view.show_room(room);
    harness.run_steps(3);
    let commands = &harness.state().commands;
    let comes_back = |command: &UiCommand| matches!(command, UiCommand::Reconnect { .. });
    assert!(!commands.iter().any(comes_back), "{commands:?}");
}

#[test]
fn keys_are_exported_only_by_an_act_of_its_own() {
    let (window, _) = recorded(Theme::Dark);
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label(INSIDE).click();
    harness.run_steps(3);
    harness.get_by_label("Export").click();
    harness.run_steps(3);
    harness.get_by_label_contains("Keys are secrets");
    harness.get_by_label("Save without keys").click();
    harness.run_steps(3);
    let saved = harness.state().commands.last();
    let Some(UiCommand::SaveRecording {
        pcapng,
        with_secrets: false,
    }) = saved
    else {
        panic!("{saved:?}");
    };
    let secrets = ["AES-256-GCM key", "SECRETS"];
    let file = String::from_utf8_lossy(pcapng).into_owned();
    assert!(!secrets.iter().any(|word| file.contains(word)), "no key in it");
    harness.get_by_label("Export").click();
    harness.run_steps(3);
    harness.get_by_label("Save with the keys all the same").click();
    harness.run_steps(3);
    let saved = harness.state().commands.last();
    let Some(UiCommand::SaveRecording {
        pcapng,
        with_secrets: true,
    }) = saved
    else {
        panic!("{saved:?}");
    };
    let file = String::from_utf8_lossy(pcapng).into_owned();
    assert!(
        secrets.iter().all(|word| file.contains(word)),
        "the keys are in it"
    );
}
