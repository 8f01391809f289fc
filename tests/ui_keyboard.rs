//! The window by keyboard alone: where the tab key leads, that what has the keyboard is in sight, and the way back.

mod support;

use cipher_room::net::{ClosedReason, Delivery, Event, RoomKey};
use cipher_room::store::HostTrust;
use cipher_room::ui::View;
use cipher_room::ui::lab::Place;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Shape, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use support::scene::{Window, WindowHarness, contact, open, person};

const SIZE: [f32; 2] = [1000.0, 700.0];

/// What has the keyboard: what it is, its name, and where it stands.
fn focused<State>(harness: &Harness<'_, State>) -> Option<(Role, String, Rect)> {
    let mut nodes = harness.query_all_by(|node| node.is_focused());
    nodes.find_map(|node| {
        let inner = node.accesskit_node();
        let name = inner.label().or_else(|| inner.value())?;
        Some((inner.role(), name, node.rect()))
    })
}

/// What the tab key stops at from the top of the window on, so often.
fn tab_stops<State>(harness: &mut Harness<'_, State>, count: usize) -> Vec<(Role, String, Rect)> {
    harness.ctx.memory_mut(|memory| {
        if let Some(id) = memory.focused() {
            memory.surrender_focus(id);
        }
    });
    let stop = |_: usize| {
        harness.key_press(Key::Tab);
        harness.run_steps(3);
        focused(harness)
    };
    (0..count).filter_map(stop).collect()
}

fn names(stops: &[(Role, String, Rect)]) -> Vec<&str> {
    stops.iter().map(|(_, name, _)| name.as_str()).collect()
}

fn press(harness: &mut WindowHarness, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    // A lab at work never rests.
    harness.run_steps(6);
}

fn guest() -> (Window, RoomKey) {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    window.member(room, "Jonas Weber", true);
    (window, room)
}

#[test]
fn the_tab_key_goes_through_the_rail_from_top_to_bottom() {
    let (mut window, _) = guest();
    window.view = View::default();
    let mut harness = open(SIZE, Theme::Dark, window);
    let stops = tab_stops(&mut harness, 11);
    let rail = [
        "Home",
        "Classical Ciphers",
        "Contacts",
        "Search",
        "Attack lab",
        "Host a room",
        "Join a room",
        "Den",
        "Help",
        "Settings",
        "Your fingerprint",
    ];
    assert_eq!(names(&stops), rail);
}

#[test]
fn the_tab_key_goes_through_a_rooms_header_from_left_to_right() {
    let (window, _) = guest();
    let mut harness = open(SIZE, Theme::Dark, window);
    let mut stops = tab_stops(&mut harness, 18);
    // Beside the rail, and no lower than the header.
    stops.retain(|(_, _, place)| place.left() > 224.0 && place.bottom() < 60.0);
    let header = [
        "Encrypted between you and the host. The host can read this room.",
        "Members: 3",
        "Look inside",
        "Send a cipher challenge",
        "Leave the room",
    ];
    assert_eq!(names(&stops), header);
}

#[test]
fn the_tab_key_reaches_everybody_in_a_long_list_in_both_directions_and_keeps_them_in_sight() {
    let mut window = Window::of_ada(Theme::Dark);
    let people = (1..=30).map(|n| contact(&format!("Person {n:02}"))).collect();
    window.session.apply(Event::ContactsOpened(people));
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Contacts");
    harness.get_by_role_and_label(Role::TextInput, "Find").focus();
    harness.run_steps(3);
    let mut go = |modifiers: Modifiers, n: usize| {
        harness.key_press_modifiers(modifiers, Key::Tab);
        harness.run_steps(8);
        let (_, name, place) = focused(&harness).expect("something has the keyboard");
        assert_eq!(name, format!("Person {n:02}, first use"));
        assert!(
            place.top() >= 0.0 && place.bottom() <= SIZE[1],
            "{name}: {place:?}"
        );
    };
    (1..=30).for_each(|n| go(Modifiers::NONE, n));
    (1..=29).rev().for_each(|n| go(Modifiers::SHIFT, n));
}

#[test]
fn a_room_far_down_the_rail_is_in_sight_when_it_has_the_keyboard() {
    let mut window = Window::of_ada(Theme::Dark);
    for n in 1..=20 {
        window.join(&format!("Room {n}"), HostTrust::Pinned);
    }
    window.view = View::default();
    let mut harness = open(SIZE, Theme::Dark, window);
    // Seven stops stand above the rooms.
    let stops = tab_stops(&mut harness, 7 + 20);
    assert_eq!(stops.last().map(|(_, name, _)| name.as_str()), Some("Room 20"));
    harness.run_steps(6);
    let (_, _, place) = focused(&harness).expect("it has the keyboard");
    let help = harness.get_by_role_and_label(Role::Button, "Help").rect();
    assert!(place.bottom() <= help.top(), "{place:?} above {help:?}");
}

#[test]
fn a_list_stays_where_it_is_when_the_keyboard_is_out_of_sight_in_the_one_below() {
    let (mut window, room) = guest();
    for n in 1..=30 {
        window.member(room, &format!("Person {n:02}"), true);
    }
    let stands = window.session.room_mut(room).unwrap();
    for n in 1..=30 {
        let name = format!("Away {n:02}");
        stands.names.insert(person(&name), name.clone());
        stands.private_mut(&person(&name));
    }
    let mut harness = open(SIZE, Theme::Dark, window);
    let top = |harness: &WindowHarness| {
        let first = harness.get_by_role_and_label(Role::Button, "Away 01, away");
        first.rect().top()
    };
    let before = top(&harness);
    // The last row that is drawn stands below what is in sight.
    let drawn = harness.query_all_by_label_contains(", introduced by the host");
    let drawn = drawn.max_by(|one, other| one.rect().bottom().total_cmp(&other.rect().bottom()));
    let drawn = drawn.expect("members are listed");
    assert!(drawn.rect().bottom() > SIZE[1], "{:?}", drawn.rect());
    drawn.focus();
    harness.run_steps(8);
    let (_, name, place) = focused(&harness).expect("it has the keyboard");
    assert!(name.starts_with("Person "), "{name}");
    assert!(place.bottom() <= SIZE[1], "{name}: {place:?}");
    assert_eq!(top(&harness), before);

    // And the other way round: the list below stays when the keyboard goes out of sight above.
    let member = |harness: &WindowHarness| harness.get_by_role_and_label(Role::Button, &name).rect().top();
    let before = member(&harness);
    let talks = harness.query_all_by_label_contains(", away");
    let talks = talks.filter(|talk| talk.accesskit_node().role() == Role::Button);
    let last = talks.max_by(|one, other| one.rect().bottom().total_cmp(&other.rect().bottom()));
    last.expect("conversations are listed").focus();
    harness.run_steps(8);
    let (_, talk, _) = focused(&harness).expect("it has the keyboard");
    assert!(talk.starts_with("Away "), "{talk}");
    assert_ne!(talk, "Away 01, away");
    assert_eq!(member(&harness), before);
}

#[test]
fn an_option_that_the_arrows_reach_is_in_sight() {
    let mut harness = open(SIZE, Theme::Dark, Window::of_ada(Theme::Dark));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    harness.run_steps(4);
    harness
        .get_by_role_and_label(Role::ComboBox, "Add a cipher")
        .focus();
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(4);
    for _ in 0..20 {
        harness.key_press(Key::ArrowDown);
        harness.run_steps(3);
    }
    harness.run_steps(6);
    let (_, name, place) = focused(&harness).expect("an option has the keyboard");
    let mut listed = cipher_room::ciphers::ALL.iter();
    let reached = listed.position(|spec| spec.name == name);
    assert!(reached.is_some_and(|reached| reached >= 18), "{name}");
    assert!(place.bottom() <= SIZE[1], "{name}: {place:?}");
}

#[test]
fn what_the_pointer_finds_beside_a_message_the_keyboard_finds_in_its_details() {
    let (mut window, room) = guest();
    window.say(room, "Jonas Weber", 5, "see you at noon");
    let own = window.message(room, "Ada Brandt", 1, "at the mill");
    window.session.apply(Event::Logged {
        message: own.clone(),
        n: 2,
    });
    let delivery = Delivery {
        id: own.id,
        to: 1,
        of: 2,
        confirmed: vec![person("Mira Sand")],
        awaited: vec![person("Jonas Weber")],
    };
    window.session.apply(Event::Delivered { room, delivery });
    let failed = window.message(room, "Ada Brandt", 0, "or at the bridge");
    let id = failed.id;
    window.session.apply(Event::Written { message: failed });
    let reason = "the room is read only".to_owned();
    window.session.apply(Event::Declined { room, id, reason });
    let mut harness = open(SIZE, Theme::Dark, window);
    // The tab key stops at one message; the arrows lead from there to the others.
    let details = |harness: &mut WindowHarness, stop: &str, up: usize| {
        harness.get_by_label(stop).focus();
        harness.run_steps(3);
        for _ in 0..up {
            harness.key_press(Key::ArrowUp);
            harness.run_steps(3);
        }
        harness.key_press(Key::Enter);
        harness.run_steps(3);
        harness.get_by_role_and_label(Role::Dialog, "Message details");
    };

    details(&mut harness, "Your message at 09:45", 0);
    press(&mut harness, "Write it again");
    let draft = &harness.state().session.room(room).unwrap().draft;
    assert_eq!(draft, "or at the bridge");

    details(&mut harness, "Your message at 09:45", 1);
    press(&mut harness, "Delivered to whom");
    harness.get_by_role_and_label(Role::Dialog, "Delivered to");
    harness.key_press(Key::Escape);
    harness.run_steps(3);

    details(&mut harness, "Your message at 09:44", 1);
    assert!(harness.query_by_label("Write it again").is_none());
    assert!(harness.query_by_label("Delivered to whom").is_none());
    press(&mut harness, "What if this had been Caesar?");
    harness.get_by_role_and_label(Role::Dialog, "What if this had been Caesar?");
    harness.key_press(Key::Escape);
    harness.run_steps(3);

    details(&mut harness, "Message from Jonas Weber at 09:40", 0);
    press(&mut harness, "Look inside this message");
    harness.get_by_label("Nothing of this connection was recorded");
}

#[test]
fn escape_leads_from_a_private_conversation_back_to_everybody() {
    let (mut window, room) = guest();
    window.say(room, "Mira Sand", 9, "to everybody");
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Jonas Weber, introduced by the host");
    press(&mut harness, "Write privately");
    assert!(harness.get_by_label("Message").is_focused());
    // The first takes the keyboard away from what is being written.
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_label("Private with Jonas Weber");
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label("Private with Jonas Weber").is_none());
    harness.get_by_label("to everybody");
    assert!(harness.get_by_label("Message").is_focused());
}

#[test]
fn the_tab_key_stops_in_the_lab_at_controls_alone() {
    let mut harness = support::lab::panel(Place::Bench);
    let stops = tab_stops(&mut harness, 60);
    let mut inert = stops
        .iter()
        .filter(|(role, _, _)| matches!(role, Role::Label | Role::Image));
    assert_eq!(inert.next(), None);
    assert!(names(&stops).contains(&"More for Caesar"));
}

#[test]
fn escape_leads_from_the_wire_view_back_to_what_is_being_written() {
    let (window, _) = guest();
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Look inside");
    assert!(harness.query_by_label("Message").is_none());
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.get_by_label("Message").is_focused());
}

#[test]
fn escape_leads_from_a_persons_card_back_to_the_list_it_was_opened_from() {
    let (window, _) = guest();
    // Too narrow for the list to stand beside the conversation.
    let mut harness = open([640.0, 600.0], Theme::Dark, window);
    let shown =
        |harness: &WindowHarness, title: &str| harness.query_by_role_and_label(Role::Dialog, title).is_some();
    press(&mut harness, "Members: 3");
    press(&mut harness, "Jonas Weber, introduced by the host");
    assert!(shown(&harness, "Who this is") && !shown(&harness, "Members"));
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!shown(&harness, "Who this is") && shown(&harness, "Members"));
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!shown(&harness, "Members"));
    assert!(harness.get_by_label("Message").is_focused());
    // A private conversation that is begun from there is not covered by the list.
    press(&mut harness, "Members: 3");
    press(&mut harness, "Jonas Weber, introduced by the host");
    press(&mut harness, "Write privately");
    assert!(!shown(&harness, "Members"));
}

#[test]
fn the_keyboard_goes_back_to_what_showed_the_fingerprint() {
    let mut harness = open(SIZE, Theme::Dark, Window::of_ada(Theme::Dark));
    press(&mut harness, "Your fingerprint");
    harness.key_press(Key::Escape);
    harness.run();
    let dialog = harness.query_by_role_and_label(Role::Dialog, "Your fingerprint");
    assert!(dialog.is_none());
    let opener = harness.get_by_role_and_label(Role::Button, "Your fingerprint");
    assert!(opener.is_focused());
}

#[test]
fn who_opens_a_room_that_was_left_has_the_keyboard_on_the_way_back() {
    let joins_again = |reason| {
        let (mut window, room) = guest();
        window.session.apply(Event::Closed { room, reason });
        let harness = open(SIZE, Theme::Dark, window);
        let button = harness.get_by_role_and_label(Role::Button, "Join again");
        button.is_focused()
    };
    assert!(joins_again(ClosedReason::Left) && joins_again(ClosedReason::Replaced));
    let reason = "a record was altered".to_owned();
    assert!(
        !joins_again(ClosedReason::NotAuthentic { reason }),
        "it takes a decision"
    );
}

#[test]
fn the_ring_around_the_first_room_of_the_rail_is_not_cut_off() {
    let (window, _) = guest();
    let mut harness = open([640.0, 480.0], Theme::Dark, window);
    harness.get_by_role_and_label(Role::Button, "Den").focus();
    harness.run();
    let ring = harness
        .get_by_role_and_label(Role::Button, "Den")
        .rect()
        .expand(2.0);
    let clips: Vec<Rect> = harness
        .output()
        .shapes
        .iter()
        .filter(|clipped| matches!(&clipped.shape, Shape::Rect(shape) if shape.rect == ring))
        .map(|clipped| clipped.clip_rect)
        .collect();
    assert!(!clips.is_empty(), "the ring is drawn");
    for clip in clips {
        assert!(clip.contains_rect(ring), "{ring:?} in {clip:?}");
    }
}
