//! Messages in a conversation: reached by keyboard, looked at in private, found far back, of somebody who is blocked.

mod support;

use std::ops::Range;

use cipher_room::lab::challenge::{Challenge, Draft, Level};
use cipher_room::net::{DoorSeen, Event, FoundMessage, HistoryPage, HostAct, PrivateEvent, RoomKey};
use cipher_room::session::{Contact, Line};
use cipher_room::store::{HostTrust, MetAs};
use cipher_room::ui::UiCommand;
use egui::accesskit::Role;
use egui::{Key, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use support::scene::{CLOCK, Window, WindowHarness, invite, open, person, room_id};

const SIZE: [f32; 2] = [1000.0, 700.0];
/// What the challenges below hide.
const SOLUTION: &str = "Attack at dawn by the western gate";

fn guest() -> (Window, RoomKey) {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    window.member(room, "Jonas Weber", true);
    (window, room)
}

/// The private conversation with Jonas, who said this.
fn in_private(text: &str) -> WindowHarness {
    let (mut window, room) = guest();
    let message = window.message(room, "Jonas Weber", 0, text);
    let (with, event) = (person("Jonas Weber"), PrivateEvent::Heard { message });
    window.session.apply(Event::Private { room, with, event });
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Read");
    harness
}

fn press(harness: &mut WindowHarness, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    // A lab at work never rests.
    harness.run_steps(6);
}

fn has_dialog(harness: &WindowHarness, title: &str) -> bool {
    harness.query_by_role_and_label(Role::Dialog, title).is_some()
}

fn focused_message(harness: &WindowHarness) -> Option<String> {
    let mut messages = harness.query_all_by_role(Role::ListItem);
    let focused = messages.find(|node| node.is_focused())?;
    focused.accesskit_node().label()
}

/// Presses Tab until a message has the keyboard; gives which.
fn tab_to_a_message(harness: &mut WindowHarness) -> Option<String> {
    (0..40).find_map(|_| {
        harness.key_press(Key::Tab);
        harness.run_steps(2);
        focused_message(harness)
    })
}

/// Gives the keyboard to the last message, and then to the one above it.
fn go_up_from(harness: &mut WindowHarness, last: &str, above: &str) {
    harness.get_by_label(last).focus();
    harness.run_steps(3);
    harness.key_press(Key::ArrowUp);
    harness.run_steps(3);
    assert_eq!(focused_message(harness).as_deref(), Some(above));
}

#[test]
fn the_tab_key_reaches_the_conversation_when_the_chosen_message_is_far_above() {
    let (mut window, room) = guest();
    for minutes in (21..60).rev() {
        window.say(room, "Mira Sand", minutes, "some words");
    }
    let mut harness = open(SIZE, Theme::Dark, window);
    let chosen = "Message from Mira Sand at 09:23";
    go_up_from(&mut harness, "Message from Mira Sand at 09:24", chosen);
    for minutes in (0..20).rev() {
        harness
            .state_mut()
            .say(room, "Mira Sand", minutes, "more words\nover\nthree lines");
    }
    harness.run_steps(4);
    assert!(harness.query_by_label(chosen).is_none(), "it is out of sight");
    let reached = tab_to_a_message(&mut harness);
    assert_eq!(reached.as_deref(), Some("Message from Mira Sand at 09:45"));
}

#[test]
fn the_chosen_message_stays_chosen_when_a_line_above_it_is_taken_away() {
    let (mut window, room) = guest();
    window.session.apply(Event::Missed { room, from: 1 });
    window.say(room, "Mira Sand", 5, "first");
    window.member(room, "Elif Kaya", false);
    window.say(room, "Mira Sand", 3, "second");
    let mut harness = open(SIZE, Theme::Dark, window);
    let chosen = "Message from Mira Sand at 09:40";
    go_up_from(&mut harness, "Message from Mira Sand at 09:42", chosen);
    let session = &mut harness.state_mut().session;
    session.apply(Event::CaughtUp { room, messages: 0 });
    harness.run_steps(4);
    assert!(harness.query_by_label("Missed while you were away").is_none());
    assert_eq!(tab_to_a_message(&mut harness).as_deref(), Some(chosen));
}

#[test]
fn every_control_of_a_private_message_does_what_it_says() {
    let mut harness = in_private("psst");
    let seal = format!(
        "Sealed by Jonas Weber in a channel of your own, key {}",
        person("Jonas Weber").short()
    );
    press(&mut harness, &seal);
    assert!(has_dialog(&harness, "Message details"));
    harness.get_by_label_contains("Sealed by Jonas Weber. Today");
    assert!(harness.query_by_label_contains("Signed by").is_none());
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(!has_dialog(&harness, "Message details"));

    harness.get_by_label("Message from Jonas Weber at 09:45").focus();
    harness.run_steps(3);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert!(has_dialog(&harness, "Message details"));
    harness.key_press(Key::Escape);
    harness.run_steps(3);

    harness.get_by_label("psst").hover();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Button, "Message details");
    let look_inside = harness.query_all_by_label("Look inside").count();
    assert_eq!(look_inside, 1, "only the one in the room's header");
    harness.get_by_label("psst").click_secondary();
    harness.run_steps(4);
    assert!(harness.query_by_label("Look inside this message").is_none());
    harness.get_by_label("What if this had been Caesar?").click();
    harness.run_steps(4);
    assert!(has_dialog(&harness, "What if this had been Caesar?"));
}

/// Opens the details of a message, looks at what is said there, and closes them.
fn details_say(harness: &mut WindowHarness, seal: &str, said: &[&str], unsaid: &str) {
    press(harness, seal);
    for words in said {
        assert!(harness.query_by_label_contains(words).is_some(), "{words}");
    }
    assert!(harness.query_by_label_contains(unsaid).is_none(), "{unsaid}");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
}

#[test]
fn whose_key_a_message_was_signed_with_is_said_to_be_known_only_once_it_was_compared() {
    let (mut window, room) = guest();
    window.say(room, "Jonas Weber", 0, "hello");
    let mut harness = open(SIZE, Theme::Dark, window);
    let seal = format!("Signed by Jonas Weber, key {}", person("Jonas Weber").short());
    let only_then = "you know only after comparing";
    let before = ["Signed as Jonas Weber. Today", only_then];
    details_say(&mut harness, &seal, &before, "which you have verified");
    let room = harness.state_mut().session.room_mut(room).unwrap();
    room.mark_verified(&person("Jonas Weber"));
    harness.run_steps(2);
    let after = ["Signed by Jonas Weber. Today", "which you have verified"];
    details_say(&mut harness, &seal, &after, only_then);
}

#[test]
fn whose_key_is_at_the_other_end_is_said_to_be_known_only_once_it_was_compared() {
    let mut harness = in_private("psst");
    let seal = format!(
        "Sealed by Jonas Weber in a channel of your own, key {}",
        person("Jonas Weber").short()
    );
    let only_then = "you know only after comparing";
    details_say(&mut harness, &seal, &[only_then], "that you have verified");
    let room = harness.state_mut().session.rooms.first_mut().unwrap();
    room.mark_verified(&person("Jonas Weber"));
    harness.run_steps(2);
    details_say(&mut harness, &seal, &["that you have verified"], only_then);
}

#[test]
fn nothing_is_to_be_pressed_at_the_tick_of_a_private_message() {
    let (mut window, room) = guest();
    let message = window.message(room, "Ada Brandt", 0, "psst");
    let (with, id) = (person("Jonas Weber"), message.id);
    for event in [PrivateEvent::Written { message }, PrivateEvent::Delivered { id }] {
        window.session.apply(Event::Private { room, with, event });
    }
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Jonas Weber, introduced by the host");
    press(&mut harness, "Write privately");
    harness.get_by_label("Delivered");
    assert!(
        harness
            .query_by_role_and_label(Role::Button, "Delivered")
            .is_none()
    );
}

fn challenge() -> String {
    let cipher = cipher_room::ciphers::find("vigenere").unwrap();
    let made = Draft {
        title: "A challenge for you".to_owned(),
        plaintext: SOLUTION.to_owned(),
        ..Draft::default()
    };
    let challenge = Challenge::make(&made, Level::Fair, cipher, &cipher.sample_key(), [7; 16]);
    challenge.unwrap().to_text()
}

fn type_solution(harness: &mut WindowHarness, text: &str) {
    let field = (Role::MultilineTextInput, "Your solution");
    harness.get_by_role_and_label(field.0, field.1).focus();
    harness.run_steps(3);
    harness.get_by_role_and_label(field.0, field.1).type_text(text);
    harness.run_steps(3);
}

#[test]
fn a_challenge_in_private_is_solved_and_told_in_private() {
    let mut harness = in_private(&challenge());
    press(&mut harness, "Open the challenge");
    assert!(has_dialog(&harness, "Cipher challenge"));
    type_solution(&mut harness, SOLUTION);
    press(&mut harness, "Check it");
    assert!(harness.query_by_label("Tell the room").is_none());
    press(&mut harness, "Tell Jonas Weber");
    assert!(matches!(
        &harness.state().commands[..],
        [UiCommand::SayPrivately { to, text, .. }]
            if *to == person("Jonas Weber") && text.starts_with("cipher-room-solved")
    ));
}

#[test]
fn a_solution_that_was_begun_is_still_there_after_a_look_into_the_lab() {
    let (mut window, room) = guest();
    window.say(room, "Mira Sand", 1, &challenge());
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Open the challenge");
    type_solution(&mut harness, "Attack at d");
    press(&mut harness, "Open it in the lab");
    assert!(!has_dialog(&harness, "Cipher challenge"));
    press(&mut harness, "Den");
    press(&mut harness, "Open the challenge");
    let field = harness.get_by_role_and_label(Role::MultilineTextInput, "Your solution");
    assert_eq!(field.value().as_deref(), Some("Attack at d"));
}

#[test]
fn an_expired_invitation_is_changed_from_where_it_is_said() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.host("Den", false);
    let door = DoorSeen {
        invite: invite("Den", Some(CLOCK.now_unix - 1)),
        asks: false,
        open_to_address: false,
        banned: Vec::new(),
        for_one: Vec::new(),
    };
    window.session.apply(Event::DoorChanged { room, door });
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label_contains("The invitation has expired");
    assert!(harness.query_by_label_contains("nobody else gets in").is_none());
    assert!(harness.query_by_label_contains("Open the room anew").is_none());
    press(&mut harness, "Change the invitation");
    press(&mut harness, "Change it");
    let changed = HostAct::ChangeInvitation { lifetime_secs: None };
    assert!(matches!(
        harness.state().commands[..],
        [UiCommand::Govern { act, .. }] if act == changed
    ));
}

fn jonas(blocked: bool) -> Contact {
    Contact {
        fingerprint: person("Jonas Weber"),
        name: "Jonas Weber".to_owned(),
        first_seen_unix: CLOCK.now_unix - 900_000,
        last_seen_unix: CLOCK.now_unix - 3_600,
        met: MetAs::InPerson,
        verified: None,
        blocked,
        change: None,
    }
}

#[test]
fn the_messages_of_who_is_blocked_take_as_much_room_as_they_show() {
    const FOLDED: &str = "A message of somebody whom you blocked.";
    let (mut window, room) = guest();
    window.session.apply(Event::ContactChanged(jonas(true)));
    let lines: Vec<String> = (1..=20).map(|n| format!("line {n}.")).collect();
    window.say(room, "Jonas Weber", 2, &lines.join("\n"));
    window.say(room, "Mira Sand", 1, "below");
    let mut harness = open(SIZE, Theme::Dark, window);
    let gap = |harness: &WindowHarness, text: &str| {
        let above = harness.get_by_label_contains(text).rect();
        harness.get_by_label("below").rect().top() - above.bottom()
    };
    let folded = gap(&harness, FOLDED);
    let decide = |harness: &mut WindowHarness, blocked: bool| {
        let session = &mut harness.state_mut().session;
        session.apply(Event::ContactChanged(jonas(blocked)));
        harness.run_steps(4);
    };
    decide(&mut harness, false);
    let shown = gap(&harness, "line 20.");
    assert!(shown > 0.0, "the next message is drawn over it by {shown}");
    decide(&mut harness, true);
    assert!((gap(&harness, FOLDED) - folded).abs() < 2.0, "as it was before");
}

fn page(window: &mut Window, room: RoomKey, numbers: Range<u64>) -> HistoryPage {
    let first = numbers.start;
    let messages = numbers.map(|n| (window.message(room, "Mira Sand", 90, &format!("kept {n}")), n));
    HistoryPage {
        id: room_id("Den"),
        messages: messages.collect(),
        lost: Vec::new(),
        first,
        has_more: true,
    }
}

#[test]
fn a_message_that_is_found_too_far_back_is_said_to_be() {
    let (mut window, room) = guest();
    let page = page(&mut window, room, 20_000..20_200);
    window.session.apply(Event::History { room, page });
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Search");
    harness
        .get_by_role_and_label(Role::TextInput, "Search in all rooms")
        .type_text("lemon");
    harness.run_steps(3);
    let asked = harness.state().session.search.asked;
    let hit = FoundMessage {
        room: room_id("Den"),
        room_name: "Den".to_owned(),
        n: 9_999,
        author: person("Mira Sand"),
        name: "Mira Sand".to_owned(),
        text: "the lemon tree".to_owned(),
        time_ms: 0,
        private: None,
    };
    // One entry further on it is read from the disk.
    let near = FoundMessage {
        n: 10_000,
        name: "Elif Kaya".to_owned(),
        ..hit.clone()
    };
    let hits = vec![hit, near];
    let session = &mut harness.state_mut().session;
    session.apply(Event::SearchFound { asked, hits });
    harness.run_steps(3);
    let said = |harness: &WindowHarness| {
        let mut said = harness.query_all_by_label_contains("too far back to be shown");
        said.next().is_some()
    };
    let reads = |harness: &WindowHarness| {
        let mut commands = harness.state().commands.iter();
        commands.any(|command| matches!(command, UiCommand::ReadEarlier { .. }))
    };
    press(&mut harness, "Open Den at this message of Mira Sand");
    assert!(said(&harness) && !reads(&harness));
    press(&mut harness, "Search");
    press(&mut harness, "Open Den at this message of Elif Kaya");
    assert!(reads(&harness));
}

#[test]
fn who_misses_old_words_is_sent_to_a_screen_that_is_there() {
    let (mut window, room) = guest();
    let newest = page(&mut window, room, 100_000..165_536);
    let earlier = page(&mut window, room, 99_999..100_000);
    let id = newest.id;
    window.session.apply(Event::History { room, page: newest });
    window.session.apply(Event::Earlier { room, page: earlier });
    let first = |window: &Window| {
        let room = window.session.room(room).unwrap();
        room.transcript.lines().first().cloned()
    };
    let sent_to_search =
        |line: Option<Line>| matches!(line, Some(Line::Note { text }) if text.contains("under Search"));
    assert!(sent_to_search(first(&window)), "too many to show");

    let (mut window, room) = guest();
    let newest = page(&mut window, room, 100..105);
    window.session.apply(Event::History { room, page: newest });
    window.session.apply(Event::EarlierUnread { room, id });
    let first = window
        .session
        .room(room)
        .unwrap()
        .transcript
        .lines()
        .first()
        .cloned();
    assert!(sent_to_search(first), "could not be read");
    let harness = open(SIZE, Theme::Dark, window);
    harness.get_by_role_and_label(Role::Button, "Search");
}
