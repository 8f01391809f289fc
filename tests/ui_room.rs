//! A room by keyboard and by accessible name: writing, reading, alarms, trust, leaving.

mod support;

use cipher_room::net::{Alarm, ClosedReason, Event, RoomKey, Rules};
use cipher_room::protocol::HeadFault;
use cipher_room::session::{
    Decision, JoinProgress, KeptSeen, MAX_MESSAGE_BYTES, Retention, RoomState, Trust, VerifiedBy,
};
use cipher_room::store::HostTrust;
use cipher_room::ui::UiCommand;
use egui::accesskit::Role;
use egui::{Key, Modifiers, OutputCommand, Theme, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use support::scene::{Window, WindowHarness, open, person};

const SIZE: [f32; 2] = [1000.0, 700.0];

fn guest(trust: HostTrust) -> (WindowHarness, RoomKey) {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", trust);
    (open(SIZE, Theme::Dark, window), room)
}

fn press(harness: &mut WindowHarness, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run();
}

fn type_text(harness: &mut WindowHarness, text: &str) {
    harness.get_by_label("Message").type_text(text);
    harness.run();
}

fn said(harness: &WindowHarness) -> Vec<String> {
    let said = harness
        .state()
        .commands
        .iter()
        .filter_map(|command| match command {
            UiCommand::Say { text, .. } => Some(text.clone()),
            _ => None,
        });
    said.collect()
}

fn draft(harness: &WindowHarness, room: RoomKey) -> String {
    harness.state().session.room(room).unwrap().draft.clone()
}

fn copied(harness: &WindowHarness) -> Option<String> {
    let commands = &harness.output().platform_output.commands;
    commands.iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

#[test]
fn enter_sends_and_the_keyboard_stays() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    assert!(
        harness.get_by_label("Message").is_focused(),
        "one can write at once"
    );
    type_text(&mut harness, "Hello 👋");
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(said(&harness), ["Hello 👋"]);
    assert_eq!(draft(&harness, room), "");
    type_text(&mut harness, "again");
    press(&mut harness, "Send");
    assert_eq!(said(&harness), ["Hello 👋", "again"]);
    assert!(harness.get_by_label("Message").is_focused());
}

#[test]
fn shift_enter_makes_a_new_line() {
    let (mut harness, _) = guest(HostTrust::Pinned);
    type_text(&mut harness, "one");
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    harness.run();
    type_text(&mut harness, "two");
    assert!(said(&harness).is_empty());
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(said(&harness), ["one\ntwo"]);
}

#[test]
fn nothing_and_too_much_are_not_sent() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    type_text(&mut harness, "  ");
    harness.key_press(Key::Enter);
    harness.run();
    harness.state_mut().session.room_mut(room).unwrap().draft = "x".repeat(MAX_MESSAGE_BYTES + 10);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(said(&harness).is_empty());
    harness.get_by_label("Too long by 10 bytes. Shorten it, or send it in parts.");
    assert_eq!(
        draft(&harness, room).len(),
        MAX_MESSAGE_BYTES + 10,
        "nothing is cut off"
    );
}

#[test]
fn an_emoji_is_inserted_at_the_caret() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    type_text(&mut harness, "ab");
    harness.key_press(Key::ArrowLeft);
    harness.run();
    press(&mut harness, "Insert an emoji");
    press(&mut harness, "Rocket");
    assert_eq!(draft(&harness, room), "a🚀b");
    assert!(harness.get_by_label("Message").is_focused());
    type_text(&mut harness, "!");
    assert_eq!(draft(&harness, room), "a🚀!b");
}

#[test]
fn escape_closes_the_emoji_and_stays_in_the_room() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    type_text(&mut harness, "ab");
    // Nothing has the keyboard: the next Esc would lead home.
    harness.key_press(Key::Escape);
    harness.run();
    press(&mut harness, "Insert an emoji");
    harness.get_by_label("Rocket");
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label("Rocket").is_none());
    harness.get_by_role_and_label(Role::Heading, "Den");
    type_text(&mut harness, "c");
    assert_eq!(draft(&harness, room), "abc");
}

#[test]
fn each_room_keeps_its_draft() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    type_text(&mut harness, "half a thou");
    let other = harness.state_mut().host("Attic", false);
    harness.run();
    type_text(&mut harness, "other");
    assert_eq!(
        (draft(&harness, room).as_str(), draft(&harness, other).as_str()),
        ("half a thou", "other")
    );
}

#[test]
fn undo_in_one_room_brings_nothing_up_that_was_written_in_another() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    type_text(&mut harness, "half a thou");
    // Until the field has taken note of it.
    harness.run_steps(8);
    let other = harness.state_mut().host("Attic", false);
    harness.run();
    assert!(harness.get_by_label("Message").is_focused());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run();
    assert_eq!(
        (draft(&harness, room).as_str(), draft(&harness, other).as_str()),
        ("half a thou", "")
    );
}

#[test]
fn a_message_shows_who_signed_it() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    harness.state_mut().say(room, "Mira Sand", 3, "Good morning");
    harness.run();
    let seal = format!("Signed by Mira Sand, key {}", person("Mira Sand").short());
    press(&mut harness, &seal);
    harness.get_by_role_and_label(Role::Dialog, "Message details");
    press(&mut harness, "Copy text");
    harness.get_by_label("Message copied.");
}

#[test]
fn messages_are_read_and_copied_by_keyboard() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    harness.state_mut().say(room, "Mira Sand", 3, "first");
    harness.state_mut().say(room, "Mira Sand", 2, "second");
    harness.run();
    harness.get_by_label("Message from Mira Sand at 09:43").focus();
    harness.run();
    harness.key_press(Key::ArrowUp);
    harness.run();
    assert!(
        harness
            .get_by_label("Message from Mira Sand at 09:42")
            .is_focused()
    );
    harness.event(egui::Event::Copy);
    harness.step();
    assert_eq!(copied(&harness).as_deref(), Some("first"));
    harness.key_press(Key::Enter);
    harness.run();
    harness.get_by_role_and_label(Role::Dialog, "Message details");
}

#[test]
fn the_own_message_shows_how_far_it_came() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    let message = harness.state_mut().message(room, "Ada Brandt", 0, "On its way");
    let session = &mut harness.state_mut().session;
    session.apply(Event::Written {
        message: message.clone(),
    });
    harness.run();
    harness.get_by_label("On its way to the room's log");
    let reason = "the room is full of it".to_owned();
    let id = message.id;
    harness
        .state_mut()
        .session
        .apply(Event::Declined { room, id, reason });
    harness.run();
    harness.get_by_label("Not sent");
    harness.state_mut().session.apply(Event::Logged { message, n: 1 });
    harness.run();
    harness.get_by_label("In the room's log");
}

#[test]
fn an_alarm_stays_in_sight_until_it_is_put_away() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    let alarm = Alarm::Head(HeadFault::BadSignature);
    window.session.apply(Event::Alarmed { room, alarm });
    for n in 0..50 {
        window.say(room, "Mira Sand", 60 - n, "more and more text");
    }
    let mut harness = open(SIZE, Theme::Dark, window);
    let alarms = |harness: &WindowHarness| harness.query_all_by_label_contains("A check failed").count();
    assert_eq!(alarms(&harness), 1, "as a strip, though its line is far above");
    press(&mut harness, "Show in the conversation");
    assert_eq!(alarms(&harness), 1, "its line is in sight now");
    assert!(harness.query_by_label("Show in the conversation").is_none());
    press(&mut harness, "Jump to newest");
    assert_eq!(alarms(&harness), 0);
}

#[test]
fn an_alarm_is_not_pushed_out_of_sight_by_who_joins_under_a_look_alike_name() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    window.member(room, "Paul", true);
    window.member(room, "P\u{430}ul", true); // Cyrillic а
    let alarm = Alarm::Head(HeadFault::BadSignature);
    window.session.apply(Event::Alarmed { room, alarm });
    window.member(room, "Marta", true);
    window.member(room, "M\u{430}rta", true);
    let mut harness = open(SIZE, Theme::Dark, window);
    let strip = |harness: &WindowHarness, words: &str| {
        let title = format!("A check failed {words}");
        harness.query_by_label_contains(&title).is_some()
    };
    assert!(strip(&harness, "(1 of 3): The room's order can't be trusted"));
    press(&mut harness, "Dismiss");
    assert!(strip(
        &harness,
        "(1 of 2): Two people here have names that look alike"
    ));
    press(&mut harness, "Dismiss");
    harness.get_by_role_and_label(Role::Button, "Show in the conversation");
    press(&mut harness, "Dismiss");
    assert!(harness.query_by_label("Show in the conversation").is_none());
}

#[test]
fn an_alarm_stays_in_sight_when_a_mark_before_it_is_taken_away() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    window.session.apply(Event::Missed { room, from: 1 });
    let alarm = Alarm::Head(HeadFault::BadSignature);
    window.session.apply(Event::Alarmed { room, alarm });
    window.session.apply(Event::CaughtUp { room, messages: 0 });
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Dismiss");
    assert!(harness.query_by_label("Show in the conversation").is_none());
}

#[test]
fn of_many_who_join_at_once_the_first_three_are_named() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    for name in ["Jonas Weber", "Elif Kaya", "Yuki Tanaka", "Priya Nair"] {
        window.member(room, name, false);
    }
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Jonas Weber, Elif Kaya, Yuki Tanaka and Priya Nair joined");
    harness.state_mut().member(room, "Noor Haddad", false);
    harness.run();
    harness.get_by_label("Jonas Weber, Elif Kaya, Yuki Tanaka and 2 others joined");
}

#[test]
fn a_message_that_failed_is_written_again_behind_what_is_being_written() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    let message = harness.state_mut().message(room, "Ada Brandt", 0, "It was LEMON");
    let id = message.id;
    let reason = "the room is full of it".to_owned();
    for event in [Event::Written { message }, Event::Declined { room, id, reason }] {
        harness.state_mut().session.apply(event);
    }
    type_text(&mut harness, "half a thou");
    harness.get_by_label("It was LEMON").click_secondary();
    harness.run();
    let again = harness.get_all_by_label("Write it again").next_back();
    again.expect("it can be written again").click();
    harness.run();
    assert_eq!(draft(&harness, room), "half a thou\nIt was LEMON");
}

fn type_in_form(harness: &mut WindowHarness, field: &str, text: &str) {
    harness
        .get_by_role_and_label(Role::MultilineTextInput, field)
        .focus();
    harness.run();
    harness
        .get_by_role_and_label(Role::MultilineTextInput, field)
        .type_text(text);
    harness.run();
}

/// Presses Esc, and clicks beside the dialog.
fn turn_away(harness: &mut WindowHarness) {
    harness.key_press(Key::Escape);
    harness.run();
    let beside = egui::pos2(120.0, 20.0);
    harness.hover_at(beside);
    harness.run();
    harness.drag_at(beside);
    harness.run();
    harness.drop_at(beside);
    harness.run();
}

fn has_dialog(harness: &WindowHarness, title: &str) -> bool {
    harness.query_by_role_and_label(Role::Dialog, title).is_some()
}

#[test]
fn a_challenge_that_is_being_written_is_thrown_away_by_its_own_button_only() {
    let (mut harness, _) = guest(HostTrust::Pinned);
    let title = "Send a cipher challenge";
    press(&mut harness, title);
    turn_away(&mut harness);
    assert!(!has_dialog(&harness, title), "nothing was typed");
    press(&mut harness, title);
    type_in_form(&mut harness, "Text", "Attack at dawn by the western gate");
    turn_away(&mut harness);
    assert!(has_dialog(&harness, title));
    press(&mut harness, "Cancel");
    assert!(!has_dialog(&harness, title));
}

#[test]
fn a_solution_that_is_being_typed_is_thrown_away_by_its_own_button_only() {
    use cipher_room::lab::challenge::{Challenge, Draft, Level};
    let (mut harness, room) = guest(HostTrust::Pinned);
    let cipher = cipher_room::ciphers::find("vigenere").unwrap();
    let made = Draft {
        title: "A challenge from the room".to_owned(),
        plaintext: "Attack at dawn by the western gate".to_owned(),
        ..Draft::default()
    };
    let challenge = Challenge::make(&made, Level::Fair, cipher, &cipher.sample_key(), [7; 16]);
    let text = challenge.unwrap().to_text();
    harness.state_mut().say(room, "Mira Sand", 1, &text);
    harness.run();
    let title = "Cipher challenge";
    press(&mut harness, "Open the challenge");
    turn_away(&mut harness);
    assert!(!has_dialog(&harness, title), "nothing was typed");
    press(&mut harness, "Open the challenge");
    type_in_form(&mut harness, "Your solution", "Attack at d");
    turn_away(&mut harness);
    assert!(has_dialog(&harness, title));
    press(&mut harness, "Close");
    assert!(!has_dialog(&harness, title));
}

#[test]
fn a_challenge_is_sent_only_while_one_may_write_and_is_kept_until_then() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    press(&mut harness, "Send a cipher challenge");
    type_in_form(&mut harness, "Text", "Attack at dawn by the western gate");
    for read_only in [true, false] {
        let muted = Vec::new();
        let rules = Rules { read_only, muted };
        let session = &mut harness.state_mut().session;
        session.apply(Event::RulesChanged { room, rules });
        harness.run();
        let send = harness.get_by_role_and_label(Role::Button, "Send it");
        assert_eq!(send.accesskit_node().is_disabled(), read_only);
    }
    let reason = ClosedReason::ConnectionLost { reason: None };
    harness.state_mut().session.apply(Event::Closed { room, reason });
    harness.run();
    let send = harness.get_by_role_and_label(Role::Button, "Send it");
    assert!(send.accesskit_node().is_disabled());
    harness.get_by_label_contains("You can't write in this room now");
    harness.state_mut().joined(room, "Den", HostTrust::Pinned);
    harness.run();
    press(&mut harness, "Send it");
    assert_eq!(said(&harness).len(), 1, "what was typed was kept");
}

#[test]
fn hidden_characters_of_peers_are_shown() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    harness.state_mut().member(room, "Eve\u{202E}nimda", false);
    harness
        .state_mut()
        .say(room, "Eve\u{202E}nimda", 1, "pay\u{200B}pal \u{1B}[31m");
    harness.run();
    harness.get_by_label("pay⟨U+200B⟩pal ⟨U+001B⟩[31m");
    assert!(harness.query_all_by_label_contains("\u{202E}").next().is_none());
    harness.get_by_label("Eve⟨U+202E⟩nimda joined");
}

#[test]
fn a_changed_key_blocks_the_room_until_decided() {
    let before = person("Mira before");
    let (mut harness, room) = guest(HostTrust::Changed { before });
    harness.get_by_role_and_label(Role::Dialog, "The host's key has changed");
    assert!(harness.get_by_role_and_label(Role::Button, "Leave").is_focused());
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_role_and_label(Role::Dialog, "The host's key has changed");
    harness.state_mut().session.room_mut(room).unwrap().draft = "secret".to_owned();
    harness.run();
    let send = harness.get_by_role_and_label(Role::Button, "Send");
    assert!(send.accesskit_node().is_disabled());
    press(&mut harness, "Go on anyway");
    assert!(matches!(
        harness.state().commands[..],
        [UiCommand::AcceptChangedHost { .. }]
    ));
    assert!(harness.query_by_label("Leave").is_none());
    let session = &harness.state().session;
    assert!(!session.room(room).unwrap().needs_decision());
    assert!(
        harness
            .query_all_by_label_contains("key changed")
            .next()
            .is_some(),
        "the mark stays"
    );
    harness.get_by_label("You went on although the host's key had changed.");
    harness.get_by_label("Encrypted, but perhaps not with the host: its key changed.");
    let banner = "The host's key had changed: You went on in spite of it.";
    assert!(harness.query_by_label_contains(banner).is_some());
    press(&mut harness, "Compare");
    press(&mut harness, "They match");
    assert!(harness.query_by_label_contains(banner).is_none());
}

#[test]
fn the_first_answer_to_a_changed_key_is_to_leave() {
    let before = person("Mira before");
    let (mut harness, _) = guest(HostTrust::Changed { before });
    harness.key_press(Key::Enter);
    harness.run();
    assert!(matches!(harness.state().commands[..], [UiCommand::Leave { .. }]));
}

#[test]
fn a_first_meeting_offers_the_emoji_and_remembers_a_match() {
    let (mut harness, room) = guest(HostTrust::FirstUse);
    press(&mut harness, "Compare");
    let sas = support::scene::sas().emoji();
    for (place, (_, name)) in sas.iter().enumerate() {
        harness.get_by_label(&format!("{} of 7: {name}", place + 1));
    }
    press(&mut harness, "They match");
    // Kept in the contacts, and for the host of this room.
    assert!(matches!(
        harness.state().commands[..],
        [
            UiCommand::Decide { fingerprint: kept, decision: Decision::Verify(VerifiedBy::Emoji) },
            UiCommand::MarkVerified { fingerprint, .. },
        ] if kept == person("Mira Sand") && fingerprint == kept
    ));
    let trust = harness
        .state()
        .session
        .room(room)
        .unwrap()
        .host
        .as_ref()
        .unwrap()
        .trust;
    assert_eq!(trust, Trust::Verified);
    assert!(harness.query_by_label("Compare").is_none(), "the banner is gone");
}

#[test]
fn emoji_that_differ_lead_out() {
    let (mut harness, _) = guest(HostTrust::FirstUse);
    press(&mut harness, "Compare");
    press(&mut harness, "They differ");
    assert!(
        harness
            .query_by_label_contains("This is not a safe connection")
            .is_some()
    );
    let leave = harness.get_all_by_role_and_label(Role::Button, "Leave the room");
    leave.last().unwrap().click();
    harness.run();
    assert!(matches!(harness.state().commands[..], [UiCommand::Leave { .. }]));
    harness.get_by_role_and_label(Role::Button, "Host");
}

#[test]
fn emoji_that_differed_stay_in_sight_until_they_match() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    press(&mut harness, "Mira Sand, host, named by the invitation");
    press(&mut harness, "Compare seven emoji");
    press(&mut harness, "They differ");
    press(&mut harness, "Back");
    harness.get_by_label("They match");
    harness.key_press(Key::Escape);
    harness.run();
    let marked = |harness: &WindowHarness| {
        let banners = harness.query_all_by_label_contains("The emoji differed: Somebody may sit between");
        let lock = "Encrypted, but perhaps not with the host: the emoji differed.";
        let member = "Mira Sand, host, emoji differed";
        let all = [lock, member].map(|label| harness.query_by_label(label).is_some());
        (banners.count(), all)
    };
    assert_eq!(marked(&harness), (1, [true, true]));
    let reason = ClosedReason::ConnectionLost { reason: None };
    harness.state_mut().session.apply(Event::Closed { room, reason });
    harness.run();
    harness.state_mut().joined(room, "Den", HostTrust::Pinned);
    harness.run();
    assert_eq!(marked(&harness), (1, [true, true]), "over a lost connection");
    press(&mut harness, "Compare again");
    press(&mut harness, "They match");
    assert_eq!(marked(&harness), (0, [false, false]));
    harness.get_by_label("Mira Sand, host, verified by you");
}

#[test]
fn a_guest_whose_emoji_differed_is_marked_for_the_host() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.host("Den", false);
    window.member(room, "Elif Kaya", false);
    let elif = person("Elif Kaya");
    window
        .session
        .room_mut(room)
        .unwrap()
        .mark_differed(&elif, cipher_room::store::VerifiedBy::Emoji);
    let harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Encrypted, but perhaps not with every guest: emoji differed.");
    let banner = "The emoji differed: Somebody may sit between you and Elif Kaya";
    assert!(harness.query_by_label_contains(banner).is_some());
}

#[test]
fn comparing_is_not_answered_by_pressing_enter_twice() {
    let (mut harness, room) = guest(HostTrust::FirstUse);
    harness.get_by_role_and_label(Role::Button, "Compare").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    harness.get_by_label("They match");
    assert!(
        harness
            .get_by_role_and_label(Role::Button, "Close dialog")
            .is_focused()
    );
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.state().commands.is_empty());
    let host = harness.state().session.room(room).unwrap().host.clone();
    assert_eq!(host.unwrap().trust, Trust::FirstUse);
}

#[test]
fn a_lost_connection_keeps_text_and_draft_and_offers_to_reconnect() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    harness.state_mut().say(room, "Mira Sand", 3, "Good morning");
    type_text(&mut harness, "half a thou");
    let reason = ClosedReason::ConnectionLost {
        reason: Some("timed out".to_owned()),
    };
    harness.state_mut().session.apply(Event::Closed { room, reason });
    harness.run();
    harness.get_by_label("Good morning");
    assert_eq!(draft(&harness, room), "half a thou");
    assert!(
        harness
            .query_by_label_contains("The connection was lost (timed out)")
            .is_some()
    );
    harness.get_by_label("Message").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(said(&harness).is_empty());
    press(&mut harness, "Reconnect");
    assert!(matches!(
        harness.state().commands[..],
        [UiCommand::Reconnect { .. }]
    ));
    harness.state_mut().session.room_mut(room).unwrap().state = RoomState::Joining(JoinProgress::default());
    harness.run();
    harness.get_by_label("Good morning");
    harness.state_mut().joined(room, "Den", HostTrust::Pinned);
    harness.run();
    harness.get_by_label("Good morning");
    assert_eq!(draft(&harness, room), "half a thou");
}

#[test]
fn closing_a_room_with_guests_asks_first() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.host("Den", false);
    window.member(room, "Elif Kaya", false);
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Close the room");
    harness.get_by_role_and_label(Role::Dialog, "Close the room for everybody?");
    press(&mut harness, "Keep it open");
    assert!(harness.state().commands.is_empty());
    press(&mut harness, "Close the room");
    harness
        .get_all_by_role_and_label(Role::Button, "Close the room")
        .last()
        .unwrap()
        .click();
    harness.run();
    assert!(matches!(harness.state().commands[..], [UiCommand::Leave { .. }]));
}

#[test]
fn whoever_closes_a_room_or_the_window_is_told_whether_what_was_said_is_kept() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.host("Den", false);
    window.member(room, "Elif Kaya", false);
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Close the room");
    harness.get_by_label_contains("is kept on this computer, unless you chose otherwise");
    for (retention, words) in [
        (
            Retention::Days(30),
            "is kept on this computer; you find it under Search.",
        ),
        (Retention::Nothing, "can be read here until you quit"),
    ] {
        let kept = KeptSeen {
            id: support::scene::room_id("Den"),
            name: "Den".to_owned(),
            is_own: true,
            host_name: "Ada Brandt".to_owned(),
            messages: 3,
            used_unix: 0,
            retention,
        };
        let session = &mut harness.state_mut().session;
        session.apply(Event::KeptListed(vec![kept]));
        harness.run();
        harness.get_by_label_contains(words);
    }
    press(&mut harness, "Keep it open");
    let window = harness.state_mut();
    assert!(!window.view.may_close(&window.session));
    harness.run();
    harness.get_by_label_contains("What was said in Den is gone when the window closes.");
}

#[test]
fn a_room_without_guests_and_a_guest_leave_at_once() {
    let mut window = Window::of_ada(Theme::Dark);
    window.host("Den", false);
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Close the room");
    assert!(matches!(harness.state().commands[..], [UiCommand::Leave { .. }]));
    let (mut harness, _) = guest(HostTrust::Pinned);
    press(&mut harness, "Leave the room");
    assert!(matches!(harness.state().commands[..], [UiCommand::Leave { .. }]));
}

#[test]
fn the_invitation_is_copied_with_one_click() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.host("Den", false);
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_role_and_label(Role::Image, "QR code of the invitation to Den");
    harness
        .get_by_role_and_label(Role::Button, "Copy invitation")
        .click();
    harness.step();
    let opened = harness
        .state()
        .session
        .room(room)
        .unwrap()
        .opened
        .clone()
        .unwrap();
    let mut found = copied(&harness);
    for _ in 0..3 {
        harness.step();
        found = found.or(copied(&harness));
    }
    assert_eq!(found, Some(opened.invite.to_string()));
    harness.get_by_label("this computer");
    press(&mut harness, "Save picture");
    assert!(matches!(harness.state().commands[..], [UiCommand::SaveQr { .. }]));
}

#[test]
fn ctrl_i_copies_the_invitation_whatever_is_beside_the_conversation() {
    let mut window = Window::of_ada(Theme::Dark);
    window.host("Den", false);
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Invite");
    assert!(harness.query_by_label("Copy invitation").is_none());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::I);
    harness.run();
    assert!(harness.query_by_label_contains("Invitation copied.").is_some());
}

#[test]
fn typing_with_nothing_focused_goes_to_the_composer() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    type_text(&mut harness, "one");
    harness.key_press(Key::Home);
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!harness.get_by_label("Message").is_focused());
    harness.event(egui::Event::Text(" two".to_owned()));
    harness.run();
    assert_eq!(draft(&harness, room), "one two");
    assert!(harness.get_by_label("Message").is_focused());
}

#[test]
fn many_pasted_lines_keep_the_caret_in_sight() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    let text = (1..=40).map(|n| format!("line {n}\n")).collect::<String>();
    harness.event(egui::Event::Paste(text.clone()));
    harness.run();
    assert_eq!(draft(&harness, room), text);
    let field = harness.get_by_label("Message").rect();
    assert!(
        field.bottom() <= 700.0,
        "the end of the text is in sight: {field:?}"
    );
}

#[test]
fn a_long_name_does_not_run_under_the_cross() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.host("Den", false);
    let name = "Maximiliane Theodora Wilhelmine von und zu Unterbergen-Oberhausen";
    let member = cipher_room::net::MemberSeen {
        fingerprint: person(name),
        name: name.to_owned(),
        is_host: false,
        was_here: false,
        sas: Some(support::scene::sas()),
    };
    window.session.apply(Event::MemberJoined { room, member });
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Members · 2").click();
    harness.run();
    press(&mut harness, &format!("{name}, held the invitation"));
    press(&mut harness, "Compare seven emoji");
    let cross = harness.get_by_role_and_label(Role::Button, "Close dialog").rect();
    let title = format!("Compare with {name}");
    let heading = harness.get_by_role_and_label(Role::Label, &title);
    assert!(heading.rect().right() <= cross.left());
}

#[test]
fn ten_thousand_messages_are_scrolled_without_being_laid_out() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    for n in 0..10_000 {
        let name = if n % 3 == 0 { "Ada Brandt" } else { "Mira Sand" };
        window.say(
            room,
            name,
            10_000 - n,
            &format!("message {n}, {}", "and some words ".repeat((n % 9) as usize)),
        );
    }
    let mut harness = open(SIZE, Theme::Dark, window);
    assert!(
        harness.query_by_label_contains("message 9999,").is_some(),
        "the newest is in sight"
    );
    let drawn = harness.query_all_by_label_contains("message ").count();
    assert!(drawn < 60, "only what is in sight is drawn, not {drawn}");

    harness.hover_at(egui::pos2(500.0, 300.0));
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: vec2(0.0, 4000.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    harness.run_steps(40);
    assert!(harness.query_by_label_contains("message 9999,").is_none());
    let in_sight: Vec<String> = harness
        .query_all_by_role(Role::Label)
        .filter_map(|node| node.accesskit_node().value())
        .filter(|label| label.starts_with("message "))
        .collect();
    assert!(!in_sight.is_empty());
    harness.state_mut().say(room, "Mira Sand", 0, "the latest");
    harness.run_steps(3);
    for label in &in_sight {
        assert!(
            harness.query_by_label(label).is_some(),
            "{label} stays where it is"
        );
    }
    press(&mut harness, "1 new message");
    harness.get_by_label("the latest");
}

#[test]
fn a_long_text_is_folded_until_asked_for() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    let lines: Vec<String> = (1..=200).map(|n| format!("line {n}.")).collect();
    window.say(room, "Mira Sand", 3, &lines.join("\n"));
    let mut harness = open(SIZE, Theme::Dark, window);
    assert!(harness.query_by_label_contains("line 200.").is_none());
    press(&mut harness, "Show all 200 lines");
    assert!(harness.query_by_label_contains("line 200.").is_some());
}

#[test]
fn messages_that_came_meanwhile_stand_below_a_line() {
    let (mut harness, room) = guest(HostTrust::Pinned);
    harness.state_mut().say(room, "Mira Sand", 9, "read");
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    harness.run();
    harness.state_mut().say(room, "Mira Sand", 1, "unread");
    harness.run();
    harness.get_by_label("Den, 1 unread");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    harness.run();
    harness.get_by_label("New messages");
    assert!(
        harness.query_by_label("Den, 1 unread").is_none(),
        "it is read now"
    );
    type_text(&mut harness, "answer");
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.query_by_label("New messages").is_none());
}

#[test]
fn what_protects_the_room_is_one_click_away() {
    let (mut harness, _) = guest(HostTrust::Pinned);
    press(
        &mut harness,
        "Encrypted between you and the host. The host can read this room.",
    );
    harness.get_by_role_and_label(Role::Dialog, "How this room is protected");
    assert!(harness.query_by_label_contains("AES-256-GCM").is_some());
    harness.key_press(Key::Escape);
    harness.run();
    press(&mut harness, "Mira Sand, host, named by the invitation");
    harness.get_by_role_and_label(Role::Dialog, "Who this is");
    press(&mut harness, "Compare seven emoji");
    harness.get_by_label("They match");
}
