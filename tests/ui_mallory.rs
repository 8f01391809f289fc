//! The attack lab's screen: run, step, edit, remove a check. The victims are real. Pictures too.

mod support;

use std::time::{Duration, Instant};

use cipher_room::ui::UiCommand;
use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use support::scene::{Window, WindowHarness, open};
use support::{save_picture, themed};

const SIZE: [f32; 2] = [1100.0, 720.0];

fn lab(theme: Theme) -> WindowHarness {
    let mut harness = open(SIZE, theme, Window::of_ada(theme));
    harness.get_by_label("Attack lab").click();
    harness.run_steps(3);
    harness
}

/// Draws until something is shown; the victims take their time.
fn wait_for(harness: &mut WindowHarness, label: &str) {
    let (_never, waits) = crossbeam_channel::bounded::<()>(1);
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        harness.run_steps(2);
        if harness.query_all_by_label_contains(label).next().is_some() {
            break;
        }
        assert!(Instant::now() < until, "\"{label}\" was not shown");
        let _ = waits.recv_timeout(Duration::from_millis(20));
    }
}

fn play(harness: &mut WindowHarness, title: &str, side: &str) {
    harness.get_by_role_and_label(Role::Button, title).click();
    harness.run_steps(2);
    harness.get_by_label(side).click();
    harness.run_steps(2);
    harness.get_by_label("Run the attack").click();
}

#[test]
fn the_same_attack_works_on_one_protocol_and_is_stopped_on_the_other() {
    let mut harness = lab(Theme::Dark);
    play(&mut harness, "Send it again", "Textbook RSA–AES");
    wait_for(&mut harness, "It worked.");
    play(&mut harness, "Send it again", "CR/1");
    wait_for(&mut harness, "Stopped by the record counter.");
    harness.get_by_label_contains("section 4. Frames").click();
    harness.run_steps(3);
    harness.get_by_label("Close").click();
    harness.run_steps(3);
}

#[test]
fn every_step_waits_and_bytes_can_be_edited_by_hand() {
    let mut harness = lab(Theme::Dark);
    harness
        .get_by_role_and_label(Role::Button, "Send it again")
        .click();
    harness.run_steps(2);
    harness.get_by_label("Step through it").click();
    wait_for(&mut harness, "Pass it on, and keep a copy.");
    harness.get_by_label("Do it").click();
    wait_for(&mut harness, "Change what you like, then send them.");
    harness.get_by_label("Send it").click();
    wait_for(&mut harness, "It worked.");
}

/// Real peers with fresh keys show other bytes every time, so these pictures are drawn for the README and
/// compared with nothing; that each verdict appears is what this test holds.
#[test]
fn what_the_attack_lab_shows() {
    for theme in [Theme::Dark, Theme::Light] {
        for (side, verdict, name) in [
            ("Textbook RSA–AES", "It worked.", "screen_attack_textbook"),
            ("CR/1", "Stopped by the record counter.", "screen_attack_cr1"),
        ] {
            let mut harness = lab(theme);
            play(&mut harness, "Send it again", side);
            wait_for(&mut harness, verdict);
            harness.run_steps(6);
            if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
                let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/screenshots");
                std::fs::create_dir_all(folder).expect("the folder for pictures can be made");
                let short = name.trim_start_matches("screen_");
                save_picture(&mut harness, format!("{folder}/{}.png", themed(short, theme)));
            }
        }
    }
}

#[test]
fn the_tour_leads_from_a_real_room_to_the_attack_lab_and_can_be_skipped() {
    let mut harness = open(SIZE, Theme::Dark, Window::of_ada(Theme::Dark));
    harness.get_by_label("Help").click();
    harness.run_steps(3);
    harness.get_by_label("Take the tour").click();
    wait_for(&mut harness, "Bob's room is open on 127.0.0.1.");
    // The strip has its height in the frame behind the one in which it grew.
    harness.run_steps(3);
    harness.get_by_label("Join his room").click();
    harness.run_steps(4);
    let commands = &harness.state().commands;
    assert!(
        matches!(commands.as_slice(), [.., UiCommand::LookInside { look, .. }, UiCommand::JoinTrial { .. }] if look.record),
        "{commands:?}"
    );
    wait_for(&mut harness, "You join");
    harness.get_by_label("Skip the tour").click();
    harness.run_steps(4);
    assert!(harness.query_by_label("Skip the tour").is_none());
    assert!(matches!(
        harness.state().commands.last(),
        Some(UiCommand::Leave { .. })
    ));
}
