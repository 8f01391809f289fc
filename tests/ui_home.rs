//! The start screen: every room stands there once, with the way back.

mod support;

use cipher_room::net::{ClosedReason, Event, KeepingChange, PastRoom, RoomKey};
use cipher_room::store::HostTrust;
use cipher_room::ui::{UiCommand, View};
use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use support::scene::{CLOCK, Window, WindowHarness, invite, open, person, room_id};

const SIZE: [f32; 2] = [1000.0, 700.0];

/// The start screen after this room was left, or closed: it is kept on the disk.
fn left(mut window: Window, room: RoomKey, name: &str, is_own: bool) -> WindowHarness {
    leave(&mut window, room, name, is_own);
    at_home(window)
}

fn leave(window: &mut Window, room: RoomKey, name: &str, is_own: bool) {
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
}

fn at_home(mut window: Window) -> WindowHarness {
    window.view = View::default();
    open(SIZE, Theme::Dark, window)
}

/// Den was left, and joined once more under another key, which is given.
fn left_and_joined_again() -> (Window, RoomKey, RoomKey) {
    let mut window = Window::of_ada(Theme::Dark);
    let over = window.join("Den", HostTrust::Pinned);
    leave(&mut window, over, "Den", false);
    let open = window.join("Den", HostTrust::Pinned);
    (window, over, open)
}

/// Has the closed Attic opened again, as far as the background would.
fn open_attic_again(harness: &mut WindowHarness) -> RoomKey {
    press(harness, "Open again: Attic");
    for wish in wishes(harness) {
        if let UiCommand::Forget { room } = wish {
            harness.state_mut().session.forget(room);
        }
    }
    let room = harness.state_mut().host("Attic", false);
    harness.run();
    room
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

#[test]
fn a_room_that_was_joined_again_offers_no_way_back_in_its_closed_row() {
    let (window, _, open) = left_and_joined_again();
    let mut harness = at_home(window);
    assert!(harness.query_by_label("Return: Den").is_none());
    assert!(!has_earlier_rooms(&harness));
    // Once neither is open, there is a way back again.
    leave(harness.state_mut(), open, "Den", false);
    harness.run();
    assert_eq!(harness.query_all_by_label("Return: Den").count(), 2);
}

#[test]
fn joining_again_where_the_room_is_open_already_leads_there() {
    let (mut window, over, _) = left_and_joined_again();
    window.view.show_room(over);
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Join again");
    assert!(wishes(&mut harness).is_empty());
    assert!(harness.query_by_label("Join again").is_none());
    harness.get_by_label("Message");
}

#[test]
fn an_invitation_that_was_used_leads_into_the_room_that_is_open() {
    let text = invite("Den", None).to_string();
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.begin_join(&text);
    window.joined(room, "Den", HostTrust::Pinned);
    let mut harness = at_home(window);
    let join = |harness: &mut WindowHarness| {
        press(harness, "Join a room");
        harness
            .get_by_role_and_label(Role::TextInput, "Invitation or address")
            .type_text(&text);
        harness.run();
        press(harness, "Join");
    };
    join(&mut harness);
    assert!(wishes(&mut harness).is_empty());
    harness.get_by_label("Message");
    let reason = ClosedReason::Left;
    harness.state_mut().session.apply(Event::Closed { room, reason });
    join(&mut harness);
    assert!(matches!(wishes(&mut harness)[..], [UiCommand::Join { .. }]));
}

#[test]
fn a_closed_room_that_stays_because_the_disk_was_full_is_opened_again_once() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.host("Attic", false);
    let change = KeepingChange::Stopped("no space".to_owned());
    window.session.apply(Event::KeepingChanged { room, change });
    let mut harness = left(window, room, "Attic", true);
    press(&mut harness, "Open again: Attic");
    assert!(matches!(wishes(&mut harness)[..], [UiCommand::HostAgain { .. }]));
    harness.state_mut().host("Attic", false);
    harness.state_mut().view = View::default();
    harness.run();
    assert_eq!(harness.state().session.rooms.len(), 2);
    assert!(harness.query_by_label("Open again: Attic").is_none());
}

#[test]
fn what_was_being_written_goes_along_into_the_room_that_is_opened_again() {
    let mut window = Window::of_ada(Theme::Dark);
    let before = window.host("Attic", false);
    window.member(before, "Jonas Weber", true);
    let room = window.session.room_mut(before).unwrap();
    room.draft = "half a thought".to_owned();
    room.private_mut(&person("Jonas Weber")).draft = "between us".to_owned();
    let mut harness = left(window, before, "Attic", true);
    let again = open_attic_again(&mut harness);
    let session = &harness.state().session;
    assert!(session.room(before).is_none());
    let room = session.room(again).unwrap();
    assert_eq!(room.draft, "half a thought");
    let talk = room.private(&person("Jonas Weber")).unwrap();
    assert_eq!(
        (talk.name.as_str(), talk.draft.as_str()),
        ("Jonas Weber", "between us")
    );
}

#[test]
fn a_recording_that_was_not_saved_stays_when_its_room_is_opened_again() {
    let mut window = Window::of_ada(Theme::Dark);
    let before = window.host("Attic", false);
    window.session.room_mut(before).unwrap().wire = Some(Box::default());
    let mut harness = left(window, before, "Attic", true);
    open_attic_again(&mut harness);
    let session = &harness.state().session;
    assert!(session.room(before).is_some_and(|room| room.wire.is_some()));
}
