//! The start screen: every room stands there once, with the way back.

mod support;

use cipher_room::net::{ClosedReason, Event, PastRoom, RoomKey};
use cipher_room::store::HostTrust;
use cipher_room::ui::{UiCommand, View};
use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use support::scene::{CLOCK, Window, WindowHarness, open, room_id};

const SIZE: [f32; 2] = [1000.0, 700.0];

/// The start screen after this room was left, or closed: it is kept on the disk.
fn left(mut window: Window, room: RoomKey, name: &str, is_own: bool) -> WindowHarness {
    let reason = ClosedReason::Left;
    window.session.apply(Event::Closed { room, reason });
    let kept = PastRoom {
        id: room_id(name),
        name: name.to_owned(),
        is_own,
        host_name: "Mira Sand".to_owned(),
        target: Some("192.168.1.20:4747".to_owned()),
        port: 4747,
        used_unix: CLOCK.now_unix,
    };
    window.session.apply(Event::RoomsKept { rooms: vec![kept] });
    window.view = View::default();
    open(SIZE, Theme::Dark, window)
}

fn press(harness: &mut WindowHarness, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run();
}

fn wishes(harness: &mut WindowHarness) -> Vec<UiCommand> {
    std::mem::take(&mut harness.state_mut().commands)
}

fn has_earlier_rooms(harness: &WindowHarness) -> bool {
    harness.query_by_label("EARLIER ROOMS").is_some()
}

#[test]
fn a_room_that_was_left_stands_once_until_it_is_taken_off_the_list() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    let mut harness = left(window, room, "Den", false);
    harness.get_by_role_and_label(Role::Button, "Return to Den");
    harness.get_by_role_and_label(Role::Button, "Return: Den");
    assert!(!has_earlier_rooms(&harness));
    press(&mut harness, "Remove Den from the list");
    assert!(matches!(wishes(&mut harness)[..], [UiCommand::Forget { room: gone }] if gone == room));
    harness.state_mut().session.forget(room);
    harness.run();
    assert!(has_earlier_rooms(&harness));
    harness.get_by_role_and_label(Role::Button, "Return: Den");
}

#[test]
fn a_room_of_ours_that_is_opened_again_takes_the_place_of_the_closed_one() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.host("Attic", false);
    let mut harness = left(window, room, "Attic", true);
    assert!(!has_earlier_rooms(&harness));
    press(&mut harness, "Open again: Attic");
    assert!(matches!(
        &wishes(&mut harness)[..],
        [UiCommand::Forget { room: gone }, UiCommand::HostAgain { past, .. }]
            if *gone == room && past.id == room_id("Attic")
    ));
}

#[test]
fn only_a_room_that_is_kept_offers_the_way_back_in_its_row() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    let mut harness = left(window, room, "Attic", true);
    harness.get_by_role_and_label(Role::Button, "Return to Den");
    assert!(harness.query_by_label("Return: Den").is_none());
    assert!(has_earlier_rooms(&harness));
    press(&mut harness, "Open again: Attic");
    assert!(matches!(wishes(&mut harness)[..], [UiCommand::HostAgain { .. }]));
}
