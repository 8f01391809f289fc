//! Every screen at the sizes that people have: no text is cut off, and none is shortened but what others chose.
//! What is inside a room and on the boards is in `ui_readable_inside.rs`.

mod support;

use std::time::{Duration, Instant};

use cipher_room::lab::challenge::{Challenge, Draft, Level};
use cipher_room::lab::room_challenge::challenge_in;
use cipher_room::net::{DoorSeen, Event, HistoryPage, MemberSeen, PrivateEvent};
use cipher_room::session::{Contact, MAX_NAME_BYTES};
use cipher_room::store::{HostTrust, KeyChange, MetAs};
use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use support::cut::cut_texts;
use support::readable::{SIZES, check, in_both, press, wait_for};
use support::scene::{CLOCK, Window, invite, open, person};
use support::themed;

/// Somebody who starts the program for the first time.
fn somebody_new(theme: Theme) -> Window {
    Window::first_run(theme)
}

#[test]
fn text_that_is_cut_off_or_shortened_is_found() {
    let mut harness = support::harness([300.0, 200.0], Theme::Dark, |ui| {
        ui.label("short enough");
        let place = egui::pos2(200.0, 90.0);
        let (font, color) = (egui::FontId::proportional(14.0), egui::Color32::WHITE);
        ui.painter().text(
            place,
            egui::Align2::LEFT_TOP,
            "broken in 34 ms, and more",
            font,
            color,
        );
        ui.scope(|ui| {
            ui.set_max_width(90.0);
            ui.add(egui::Label::new("a label that is far too long for its place").truncate());
        });
    });
    harness.run();
    let cut = support::cut::cut_texts(&harness.output().shapes);
    assert_eq!(cut.len(), 2, "{cut:?}");
    assert!(cut.iter().any(|text| text.starts_with("cut: broken in 34 ms")));
    assert!(cut.iter().any(|text| text.starts_with("shortened: a label")));
}

#[test]
fn the_way_in_can_be_read() {
    in_both("first_run", somebody_new, |harness, name| {
        check(harness, name, &[])
    });
    in_both("home", Window::of_ada, |harness, name| {
        check(harness, name, &[]);
        for place in ["Settings", "Contacts", "Search"] {
            harness.get_by_label(place).click();
            check(harness, &format!("{name}_{place}"), &[]);
        }
        harness.get_by_label("Help").click();
        check(harness, &format!("{name}_help"), &[]);
    });
}

#[test]
fn a_room_and_its_dialogs_can_be_read() {
    let room = |theme| {
        let mut window = Window::of_ada(theme);
        let room = window.join("Cryptography 10b", HostTrust::Pinned);
        window.class_talk(room);
        let key = cipher_room::ciphers::find("vigenere").unwrap();
        let draft = Draft {
            title: "A challenge from the room".to_owned(),
            plaintext: "Attack at dawn by the western gate".to_owned(),
            tell_cipher: true,
            hints: vec!["two words".to_owned()],
            ..Draft::default()
        };
        let challenge = Challenge::make(&draft, Level::Fair, key, &key.sample_key(), [7; 16]);
        window.say(room, "Jonas Weber", 1, &challenge.unwrap().to_text());
        window
    };
    in_both("room", room, |harness, name| {
        check(harness, name, &[]);
        harness.get_by_label("Send a cipher challenge").click();
        check(harness, &format!("{name}_write_challenge"), &[]);
        press(harness, "Cancel");
        // One click from the bubble, which shows it in words.
        harness.get_by_label_contains("A challenge from the room: Vigenère");
        press(harness, "Open the challenge");
        check(harness, &format!("{name}_challenge"), &[]);
        press(harness, "Close");
        harness.get_all_by_label("Look inside").next().unwrap().click();
        check(harness, &format!("{name}_not_recorded"), &[]);
    });
    in_both("caesar", room, |harness, name| {
        harness.get_by_label_contains("Short texts lie").click_secondary();
        harness.run_steps(3);
        check(harness, &format!("{name}_menu"), &[]);
        harness.get_by_label("What if this had been Caesar?").click();
        wait_for(harness, "holds");
        let until = Instant::now() + Duration::from_secs(120);
        while harness
            .query_all_by_label_contains("is attacked")
            .next()
            .is_some()
        {
            assert!(Instant::now() < until, "the attacks end");
            let (_never, waits) = crossbeam_channel::bounded::<()>(1);
            let _ = waits.recv_timeout(Duration::from_millis(100));
            harness.run_steps(2);
        }
        // The ciphertexts themselves are shown as far as they fit.
        let shown = harness.output().shapes.len();
        assert!(shown > 0);
        check(harness, name, &["shortened: "]);
    });
}

#[test]
fn a_hosts_view_of_a_guests_connection_can_be_read() {
    let host = |theme| {
        let mut window = Window::of_ada(theme);
        let room = window.host("Cryptography 10b", false);
        for name in ["Jonas Weber", "Elif Kaya"] {
            window.member(room, name, false);
        }
        window
    };
    in_both("host", host, |harness, name| {
        check(harness, name, &[]);
        harness.get_all_by_label("Look inside").next().unwrap().click();
        check(harness, &format!("{name}_guests"), &[]);
        press(harness, "Look into the connection of Jonas Weber");
        let command = harness.state().commands.last().cloned();
        let room = harness.state().session.rooms[0].key;
        let guest = person("Jonas Weber");
        assert!(
            matches!(command, Some(cipher_room::ui::UiCommand::Govern { act: cipher_room::session::HostAct::Watch(Some(who)), .. }) if who == guest)
        );
        harness.state_mut().session.apply(Event::Watching {
            room,
            guest: Some(guest),
        });
        check(harness, &format!("{name}_waiting"), &[]);
    });
}

#[test]
fn the_attack_lab_can_be_read_with_both_victims_beside_each_other() {
    in_both("attack", Window::of_ada, |harness, name| {
        harness.get_by_label("Attack lab").click();
        harness.run_steps(3);
        check(harness, name, &[]);
        for (side, verdict) in [
            ("Textbook RSA–AES", "It worked."),
            ("CR/1", "Stopped by the record counter."),
        ] {
            press(harness, "Send it again");
            harness.get_by_label(side).click();
            harness.run_steps(2);
            harness.get_by_label("Run the attack").click();
            wait_for(harness, verdict);
            check(harness, &format!("{name}_{}", &side[..4].replace('/', "")), &[]);
        }
        press(harness, "Step through it");
        wait_for(harness, "Do it");
        check(harness, &format!("{name}_step"), &[]);
    });
}

#[test]
fn the_ciphers_can_be_read_beside_the_rail() {
    in_both("lab", Window::of_ada, |harness, name| {
        harness
            .get_all_by_label("Classical Ciphers")
            .next()
            .unwrap()
            .click();
        let (_never, waits) = crossbeam_channel::bounded::<()>(1);
        let _ = waits.recv_timeout(Duration::from_millis(300));
        harness.run_steps(6);
        for place in [
            "Compare",
            "How it works",
            "Analyse",
            "Break it",
            "Challenges",
            "RSA by hand",
            "Bench",
        ] {
            harness.get_by_label(place).click();
            harness.run_steps(4);
            check(harness, &format!("{name}_{place}"), &["shortened: "]);
        }
    });
}

#[test]
fn the_tour_offers_itself_once_to_who_is_new_and_covers_nothing() {
    for (size, theme) in SIZES.into_iter().zip([Theme::Light, Theme::Dark]) {
        let mut harness = open(size, theme, somebody_new(theme));
        harness.run_steps(3);
        assert!(harness.query_by_label("Show me around").is_none());
        let ada = Window::of_ada(theme).session;
        harness.state_mut().session = ada;
        harness.run_steps(3);
        check(
            &mut harness,
            &themed(&format!("tour_offer_{}", size[0]), theme),
            &[],
        );
        // Nothing is blocked meanwhile.
        harness.get_all_by_label("Contacts").next().unwrap().click();
        harness.run_steps(3);
        harness.get_by_label("Show me around");
        harness.get_by_label("Not now").click();
        harness.run_steps(3);
        assert!(harness.query_by_label("Show me around").is_none());
        harness.get_by_label("Help").click();
        harness.run_steps(3);
        harness.get_by_label("Take the tour").click();
        wait_for(&mut harness, "Bob's room is open");
        check(&mut harness, &themed(&format!("tour_1_{}", size[0]), theme), &[]);
        harness.get_by_label("Skip the tour").click();
        harness.run_steps(3);
        assert!(harness.query_by_label("Skip the tour").is_none());
    }
    // Who was here before is not asked.
    let mut harness = open(SIZES[0], Theme::Dark, Window::of_ada(Theme::Dark));
    harness.run_steps(3);
    assert!(harness.query_by_label("Show me around").is_none());
}

/// As long as a name may be, as wide as letters are, and nowhere to break it.
fn longest_name() -> String {
    "W".repeat(MAX_NAME_BYTES)
}

/// Its beginning, where something has to stand behind it.
fn beginning() -> String {
    format!("{}…", "W".repeat(31))
}

#[test]
fn who_asks_to_be_let_in_and_whose_ban_is_lifted_can_have_the_longest_name() {
    let name = longest_name();
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.host("Den", false);
    window.member(room, &name, true);
    window.session.apply(Event::DoorChanged {
        room,
        door: DoorSeen {
            invite: invite("Den", None),
            asks: true,
            open_to_address: false,
            banned: vec![person(&name)],
            for_one: Vec::new(),
        },
    });
    let member = MemberSeen {
        fingerprint: person("somebody else"),
        name: name.clone(),
        is_host: false,
        was_here: false,
        sas: None,
    };
    window.session.apply(Event::Knocked { room, member });
    let mut harness = open(SIZES[0], Theme::Dark, window);
    harness.get_by_label("Rules").click();
    harness.run_steps(4);
    harness.get_by_label(&format!("{} asks to be let in", beginning()));
    let cut = cut_texts(&harness.output().shapes);
    assert!(
        !cut.iter().any(|text| text.contains("… asks to be let in")),
        "{cut:?}"
    );
    let lift = format!("Lift the ban on {name}");
    let lift = harness.get_by_role_and_label(Role::Button, &lift).rect();
    assert!(lift.right() <= SIZES[0][0], "{lift:?}");
}

#[test]
fn the_alarm_about_a_key_that_changed_says_so_of_the_longest_name() {
    let name = longest_name();
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    let contact = Contact {
        fingerprint: person(&name),
        name: name.clone(),
        first_seen_unix: CLOCK.now_unix - 5,
        last_seen_unix: CLOCK.now_unix - 5,
        met: MetAs::InPerson,
        verified: None,
        blocked: false,
        change: Some(KeyChange {
            before: person("the one before"),
            accepted: false,
        }),
    };
    window.session.apply(Event::ContactsOpened(vec![contact]));
    window.member(room, &name, false);
    let harness = open(SIZES[0], Theme::Dark, window);
    // The end of it is cut off.
    harness.get_by_role_and_label(Role::Dialog, &format!("The key has changed: {name}"));
}

#[test]
fn whether_somebody_of_the_longest_name_solved_a_challenge_can_be_read() {
    let solution = "Attack at dawn by the western gate";
    let made = Draft {
        title: "A challenge".to_owned(),
        plaintext: solution.to_owned(),
        ..Draft::default()
    };
    let cipher = cipher_room::ciphers::find("vigenere").unwrap();
    let challenge = Challenge::make(&made, Level::Fair, cipher, &cipher.sample_key(), [7; 16]).unwrap();
    let challenge = challenge.to_text();
    let solution = challenge_in(&challenge).unwrap().solve(solution).unwrap();
    let name = longest_name();
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    window.member(room, &name, true);
    window.say(room, "Mira Sand", 1, &challenge);
    window.say(room, &name, 0, &solution.message(person(&name).as_bytes()));
    let mut harness = open(SIZES[0], Theme::Dark, window);
    press(&mut harness, "Open the challenge");
    harness.get_by_label("says so; solve it to check");
    let cut = cut_texts(&harness.output().shapes);
    assert!(!cut.iter().any(|text| text.contains("says so")), "{cut:?}");
}

#[test]
fn a_button_whose_label_is_too_long_shows_the_whole_of_it_to_who_points_at_it() {
    let name = longest_name();
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    let mut waits = window.message(room, "Ada Brandt", 0, "this still waits");
    waits.own = true;
    let event = PrivateEvent::Kept {
        name: name.clone(),
        page: HistoryPage {
            id: [5; 32],
            messages: Vec::new(),
            lost: Vec::new(),
            first: 0,
            has_more: false,
        },
        waiting: vec![waits],
    };
    let with = person(&name);
    window.session.apply(Event::Private { room, with, event });
    let mut harness = open(SIZES[0], Theme::Dark, window);
    let words = format!("{name}, away, 1 message waits");
    let button = harness.get_by_role_and_label(Role::Button, &words).rect();
    let shown = |harness: &support::scene::WindowHarness| {
        let whole = harness.query_all_by_role_and_label(Role::Label, &words);
        whole.count()
    };
    assert_eq!(shown(&harness), 0);
    harness.hover_at(button.center());
    harness.run_steps(8);
    assert_eq!(shown(&harness), 1);
}
