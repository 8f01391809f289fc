//! What is inside: the wire view, the tour, the boards, who is who, who knocks. No text is cut off, and none is
//! shortened but what others chose.

mod people;
mod support;

use cipher_room::ciphers::{Key as CipherKey, find};
use cipher_room::inspect::Piece;
use cipher_room::lab::breaking::Choice;
use cipher_room::lab::samples;
use cipher_room::net::{DoorSeen, Event, HostAct, JoinRoom, MemberSeen, PrivateEvent, RoomKey};
use cipher_room::session::ContactCard;
use cipher_room::store::{HostTrust, KeyChange};
use cipher_room::ui::UiCommand;
use cipher_room::ui::lab::Place;
use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use people::Person;
use support::lab::{bench, click, panel_of};
use support::readable::{SIZES, check, in_both, press, wait_for};
use support::recording::{INSIDE, recorded, recording};
use support::scene::{CLOCK, Window, WindowHarness, contact, invite, open, person, sas};
use support::themed;

const LONG_NAME: &str = "Maximiliane Freifrau von Hohenstein-Wartenberg";

#[test]
fn the_wire_view_can_be_read_frame_by_frame() {
    in_both(
        "wire",
        |theme| recorded(theme).0,
        |harness, name| {
            harness.get_by_label(INSIDE).click();
            harness.run_steps(4);
            // From the newest up to M1, as with the keyboard.
            harness.get_by_label_contains("Frame 9: ").click();
            for frame in (1..=9).rev() {
                check(harness, &format!("{name}_frame_{frame}"), &[]);
                harness.get_by_label_contains(&format!("Frame {frame}. "));
                harness.get_by_label_contains(&format!("Frame {frame}: "));
                let private = "Show the private lines";
                if harness.query_by_label(private).is_some() {
                    press(harness, private);
                    check(harness, &format!("{name}_frame_{frame}_private"), &[]);
                    harness.get_by_label_contains(&format!("Frame {frame}: ")).click();
                    harness.run_steps(2);
                }
                harness.key_press(egui::Key::ArrowUp);
            }
            press(harness, "Export");
            check(harness, &format!("{name}_export"), &[]);
            press(harness, "Cancel");
            harness.get_by_label("Handshake").click();
            check(harness, &format!("{name}_ladder"), &[]);
            harness.get_by_label("Time machine").click();
            harness.run_steps(2);
            for broken in ["RSA is broken", "X25519 is broken", "ML-KEM is broken"] {
                harness.get_by_label(broken).click();
                check(
                    harness,
                    &format!("{name}_{broken}"),
                    &["the message of the example"],
                );
            }
            harness
                .get_by_role_and_label(Role::Slider, "The keys are stolen")
                .focus();
            harness.run_steps(2);
            harness.key_press(egui::Key::ArrowLeft);
            check(harness, &format!("{name}_theft"), &["the message of the example"]);
            harness.get_by_label_contains("after frame");
        },
    );
}

#[test]
fn a_second_connection_and_a_hosts_ladder_can_be_read() {
    let twice = |theme| {
        let (mut window, room) = recorded(theme);
        for piece in recording() {
            let guest = None;
            window.session.apply(Event::WireRecorded { room, guest, piece });
        }
        window
    };
    in_both("wire_twice", twice, |harness, name| {
        harness.get_by_label(INSIDE).click();
        harness.run_steps(3);
        check(harness, name, &[]);
        harness.get_by_label("Handshake").click();
        check(harness, &format!("{name}_ladders"), &[]);
    });
    let seen = seen_by_a_host();
    let host = |theme| {
        let mut window = Window::of_ada(theme);
        let room = window.host("Cryptography 10b", false);
        window.member(room, LONG_NAME, false);
        let guest = Some(person(LONG_NAME));
        window.session.apply(Event::Watching { room, guest });
        for piece in seen.clone() {
            window.session.apply(Event::WireRecorded { room, guest, piece });
        }
        window
    };
    in_both("host_ladder", host, |harness, name| {
        harness
            .get_all_by_label_contains("Look inside")
            .next()
            .unwrap()
            .click();
        check(harness, name, &[]);
        harness.get_by_label("Handshake").click();
        harness.run_steps(3);
        harness.get_by_label_contains("Before the recording");
        check(harness, &format!("{name}_before"), &[LONG_NAME]);
    });
}

/// What a real host sees that begins to look when its guest is there already.
fn seen_by_a_host() -> Vec<Piece> {
    let (bob, ada) = (Person::bob(), Person::ada());
    ada.join(&bob.host(false).invite.to_string());
    bob.govern(HostAct::Watch(Some(ada.fingerprint)));
    ada.say("look at me");
    let mut pieces = Vec::new();
    bob.expect(|event| match event {
        Event::WireRecorded { piece, .. } => {
            pieces.push(piece);
            None
        }
        Event::Logged { message, .. } => (message.text == "look at me").then_some(()),
        _ => None,
    });
    pieces
}

#[test]
fn every_stop_of_the_tour_can_be_read() {
    in_both("tour", Window::of_ada, |harness, name| {
        harness.get_by_label("Help").click();
        harness.run_steps(3);
        harness.get_by_label("Take the tour").click();
        wait_for(harness, "Bob's room is open");
        harness.run_steps(4);
        press(harness, "Join his room");
        let wish = harness.state().commands.iter().find_map(|command| match command {
            UiCommand::JoinTrial { room, target } => Some((*room, target.clone())),
            _ => None,
        });
        let (key, target) = wish.expect("the tour joins");
        let name_of_ada = "Ada Brandt".to_owned();
        let state = harness.state_mut();
        state.session.begin_join(&JoinRoom {
            key,
            target,
            name: name_of_ada,
            is_trial: false,
        });
        // The application joins before the next picture is drawn.
        state.view.show_room(key);
        check(harness, &format!("{name}_2_joining"), &[]);
        harness.state_mut().joined(key, "Den", HostTrust::Pinned);
        check(harness, &format!("{name}_2"), &[]);
        for piece in recording() {
            let (room, guest) = (key, None);
            harness
                .state_mut()
                .session
                .apply(Event::WireRecorded { room, guest, piece });
        }
        for stop in 3..=5 {
            press(harness, "Next stop");
            harness.run_steps(6);
            check(harness, &format!("{name}_{stop}"), &["shortened: "]);
            harness.get_by_label(&format!("{stop} of 5"));
        }
        press(harness, "Done");
        assert!(harness.query_by_label("Skip the tour").is_none());
    });
}

#[test]
fn the_boards_can_be_read() {
    for (size, theme) in SIZES.into_iter().zip([Theme::Light, Theme::Dark]) {
        for cipher in ["substitution", "columnar", "vigenere"] {
            let spec = find(cipher).unwrap();
            let key = match cipher {
                "vigenere" => CipherKey::new().with("keyword", "LEMON"),
                _ => spec.sample_key(),
            };
            let text = spec.build(&key).unwrap().encrypt(samples::ALL[1].text).unwrap();
            let mut harness = panel_of(bench(), size, theme, Place::BreakIt);
            harness
                .state_mut()
                .lab
                .breaking
                .set(&text, Choice::Cipher(spec.id));
            harness.run_steps(3);
            click(&mut harness, Role::RadioButton, "By hand");
            let name = themed(&format!("board_{cipher}_{}", size[0]), theme);
            check(&mut harness, &name, &[]);
            if cipher == "vigenere" {
                harness.get_by_label_contains("Period 5:").click();
                harness.run_steps(3);
                check(&mut harness, &format!("{name}_wheels"), &[]);
            }
        }
    }
}

#[test]
fn who_is_who_can_be_read() {
    let people = |theme| {
        let mut window = Window::of_ada(theme);
        let mut jonas = contact("Jonas Weber");
        jonas.change = Some(KeyChange {
            before: person("an older Jonas"),
            accepted: true,
        });
        let people = vec![contact("Elif Kaya"), jonas, contact(LONG_NAME)];
        window.session.apply(Event::ContactsOpened(people));
        window
    };
    in_both("people", people, |harness, name| {
        press(harness, "Contacts");
        check(harness, name, &[LONG_NAME]);
        press(harness, "Elif Kaya, first use");
        check(harness, &format!("{name}_one"), &[LONG_NAME]);
        press(harness, "Safety number");
        check(harness, &format!("{name}_safety_number"), &[LONG_NAME]);
        harness.key_press(egui::Key::Escape);
        harness.run_steps(3);
        press(harness, "Import a card");
        check(harness, &format!("{name}_card"), &[LONG_NAME]);
        let card = ContactCard {
            name: LONG_NAME.to_owned(),
            fingerprint: person("Nora"),
        };
        harness.state_mut().view.fill_card(card.to_string());
        check(harness, &format!("{name}_card_whole"), &[LONG_NAME]);
    });
}

#[test]
fn the_lock_can_be_read() {
    let locked = |theme| {
        let mut window = Window::new(theme);
        window.session.apply(Event::Locked {
            reason: None,
            until_unix: 0,
        });
        window
    };
    in_both("unlock", locked, |harness, name| {
        check(harness, name, &[]);
        harness.state_mut().session.apply(Event::Locked {
            reason: Some("the passphrase is wrong".to_owned()),
            until_unix: CLOCK.now_unix + 4,
        });
        check(harness, &format!("{name}_wrong"), &[]);
    });
}

fn seen(name: &str) -> MemberSeen {
    MemberSeen {
        fingerprint: person(name),
        name: name.to_owned(),
        is_host: false,
        was_here: false,
        sas: Some(sas()),
    }
}

#[test]
fn who_knocks_and_the_rules_can_be_read() {
    let host = |theme| {
        let mut window = Window::of_ada(theme);
        let room = window.host("Cryptography 10b", false);
        window.class_talk(room);
        for name in ["Noor Haddad", LONG_NAME] {
            let member = seen(name);
            window.session.apply(Event::Knocked { room, member });
        }
        window.session.apply(Event::DoorChanged {
            room,
            door: DoorSeen {
                invite: invite("Cryptography 10b", None),
                asks: true,
                open_to_address: false,
                banned: vec![person("Tomás Ferreira")],
                for_one: Vec::new(),
            },
        });
        window.session.apply(Event::OneInvited {
            room,
            invite: invite("Cryptography 10b", None),
        });
        window
    };
    in_both("knock", host, |harness, name| {
        // Nobody is answered before one could look.
        harness.run_steps(3);
        check(harness, name, &[LONG_NAME]);
        harness.get_by_label("Rules").click();
        check(harness, &format!("{name}_rules"), &[LONG_NAME]);
        press(harness, "Change the invitation");
        check(harness, &format!("{name}_change"), &[LONG_NAME]);
    });
}

#[test]
fn a_private_conversation_can_be_read() {
    let make = |theme| {
        let mut window = Window::of_ada(theme);
        let room = window.join("Cryptography 10b", HostTrust::Pinned);
        window.class_talk(room);
        private_talk(&mut window, room);
        window
    };
    in_both("private", make, |harness, name| {
        press(harness, "Elif Kaya, introduced by the host");
        check(harness, &format!("{name}_member"), &[]);
        press(harness, "Write privately");
        check(harness, name, &[]);
        press(harness, "Compare emoji");
        check(harness, &format!("{name}_emoji"), &[]);
    });
}

fn private_talk(window: &mut Window, room: RoomKey) {
    let with = person("Elif Kaya");
    let mine = window.message(room, "Ada Brandt", 3, "Did you try LEMON before I said it?");
    let theirs = window.message(room, "Elif Kaya", 2, "I had it a minute earlier.");
    for event in [
        PrivateEvent::Secured { sas: sas() },
        PrivateEvent::Written { message: mine },
        PrivateEvent::Heard { message: theirs },
    ] {
        window.session.apply(Event::Private { room, with, event });
    }
}

/// Every dialog closes with Escape.
#[test]
fn escape_closes_what_stands_before_the_room() {
    let closes = |harness: &mut WindowHarness, sign: &str| {
        harness.run_steps(3);
        assert!(
            harness.query_all_by_label_contains(sign).next().is_some(),
            "{sign}"
        );
        harness.key_press(egui::Key::Escape);
        harness.run_steps(3);
        assert!(
            harness.query_all_by_label_contains(sign).next().is_none(),
            "{sign} stays"
        );
    };
    let mut harness = open(SIZES[0], Theme::Dark, recorded(Theme::Dark).0);
    harness.get_by_label(INSIDE).click();
    harness.run_steps(3);
    press(&mut harness, "Export");
    closes(&mut harness, "Keys are secrets");
    harness.get_by_label("Handshake").click();
    closes(&mut harness, "Full handshake");
    harness
        .get_by_label("the message of the example")
        .click_secondary();
    harness.run_steps(3);
    harness.get_by_label("What if this had been Caesar?").click();
    closes(&mut harness, "each attacked on this computer now");
    harness.get_by_label("Send a cipher challenge").click();
    closes(&mut harness, "Cancel");
}
