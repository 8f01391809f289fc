//! Every screen at the sizes that people have: no text is cut off, and none is shortened but what others chose.
//! What is inside a room and on the boards is in `ui_readable_inside.rs`.

mod support;

use std::time::{Duration, Instant};

use cipher_room::lab::challenge::{Challenge, Draft, Level};
use cipher_room::net::Event;
use cipher_room::store::HostTrust;
use egui::Theme;
use egui_kittest::kittest::Queryable as _;

use support::readable::{SIZES, check, in_both, press, wait_for};
use support::scene::{Window, open, person};
use support::themed;

/// Somebody who starts the program for the first time.
fn somebody_new(theme: Theme) -> Window {
    let mut window = Window::new(theme);
    let settings = window.session.settings.clone();
    window.session.apply(Event::IdentityMissing { settings });
    window
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
