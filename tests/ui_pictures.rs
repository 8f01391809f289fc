//! Pictures of the main screens, light and dark. `UPDATE_SNAPSHOTS=1` also writes `screenshots/`.

mod support;

use cipher_room::net::{Alarm, Event, JoinCause, JoinFailure, JoinStep};
use cipher_room::protocol::HeadFault;
use cipher_room::store::HostTrust;
use egui::Theme;
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;

use support::scene::{CLOCK, Window, WindowHarness, invite, open, person};
use support::{save_picture, themed};

const SIZE: [f32; 2] = [1100.0, 720.0];
const SMALL: [f32; 2] = [640.0, 480.0];

/// Compares a picture, and writes it for the README too when asked to.
fn picture(
    results: &mut SnapshotResults,
    name: &str,
    size: [f32; 2],
    make: impl Fn(Theme) -> Window,
    then: impl Fn(&mut WindowHarness),
) {
    for theme in [Theme::Dark, Theme::Light] {
        let mut harness = open(size, theme, make(theme));
        then(&mut harness);
        results.add(harness.try_snapshot(themed(name, theme)));
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() && size == SIZE {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/screenshots");
            std::fs::create_dir_all(folder).expect("the folder for pictures can be made");
            let short = name.trim_start_matches("screen_");
            save_picture(&mut harness, format!("{folder}/{}.png", themed(short, theme)));
        }
    }
}

fn nothing(_: &mut WindowHarness) {}

#[test]
fn first_run() {
    let mut results = SnapshotResults::new();
    let new = |theme| Window::first_run(theme);
    picture(&mut results, "screen_first_run", [800.0, 600.0], new, nothing);
}

#[test]
fn home() {
    let mut results = SnapshotResults::new();
    picture(&mut results, "screen_home", SIZE, Window::of_ada, nothing);
    let rooms = |theme| {
        let mut window = Window::of_ada(theme);
        let den = window.join("Cryptography 10b", HostTrust::Pinned);
        window.class_talk(den);
        let closed = window.join("Reading group", HostTrust::Pinned);
        window.session.apply(Event::Closed {
            room: closed,
            reason: cipher_room::net::ClosedReason::ConnectionLost { reason: None },
        });
        window.host(
            "A room whose name is so long that it cannot possibly stand on one line of the list of rooms",
            false,
        );
        window.view = cipher_room::ui::View::default();
        window
    };
    picture(&mut results, "screen_rooms", SMALL, rooms, nothing);
}

#[test]
fn settings() {
    let mut results = SnapshotResults::new();
    picture(&mut results, "screen_settings", SIZE, Window::of_ada, |harness| {
        harness.get_by_label("Settings").click();
        harness.run();
    });
}

#[test]
fn host() {
    let mut results = SnapshotResults::new();
    let form = |harness: &mut WindowHarness| {
        harness.get_by_label("Host").click();
        harness.run();
    };
    picture(&mut results, "screen_host", SIZE, Window::of_ada, form);
    picture(&mut results, "screen_host_small", SMALL, Window::of_ada, form);
}

#[test]
fn join() {
    let mut results = SnapshotResults::new();
    picture(&mut results, "screen_join", SIZE, Window::of_ada, |harness| {
        harness.get_by_label("Join").click();
        harness.run();
        let link = invite("Cryptography 10b", Some(CLOCK.now_unix + 3600)).to_string();
        harness.get_by_label("Invitation or address").type_text(&link);
        harness.run();
    });
}

#[test]
fn joining() {
    let mut results = SnapshotResults::new();
    let on_the_way = |theme| {
        let mut window = Window::of_ada(theme);
        let key = window.begin_join(&invite("Cryptography 10b", None).to_string());
        let step = JoinStep::KeysAgreed;
        window.session.apply(Event::JoinAdvanced { room: key, step });
        window
    };
    picture(&mut results, "screen_joining", SIZE, on_the_way, nothing);
    let failed = |theme| {
        let mut window = Window::of_ada(theme);
        let key = window.begin_join(&invite("Cryptography 10b", None).to_string());
        let failure = JoinFailure {
            step: JoinStep::IdentityProven,
            cause: JoinCause::WrongHost {
                expected: person("Ada Brandt"),
                found: person("Eve"),
            },
        };
        window.session.apply(Event::JoinFailed { room: key, failure });
        window
    };
    picture(&mut results, "screen_join_failed", SIZE, failed, nothing);
}

#[test]
fn room() {
    let mut results = SnapshotResults::new();
    let class = |theme| {
        let mut window = Window::of_ada(theme);
        let key = window.join("Cryptography 10b", HostTrust::Pinned);
        window.class_talk(key);
        window
    };
    picture(&mut results, "screen_room", SIZE, class, nothing);
    picture(&mut results, "screen_room_small", SMALL, class, nothing);
    let alarm = |theme| {
        let mut window = class(theme);
        let room = window.session.rooms[0].key;
        window.session.apply(Event::Alarmed {
            room,
            alarm: Alarm::Head(HeadFault::Fork { at: 12 }),
        });
        let waiting = window.message(room, "Ada Brandt", 0, "Did anybody else see this?");
        window.session.apply(Event::Written { message: waiting });
        window.session.apply(Event::Closed {
            room,
            reason: cipher_room::net::ClosedReason::ConnectionLost { reason: None },
        });
        window
    };
    picture(&mut results, "screen_lost", SIZE, alarm, nothing);
}

#[test]
fn long_things() {
    let mut results = SnapshotResults::new();
    let long = |theme| {
        let mut window = Window::of_ada(theme);
        let key = window.host(
            "Long things, and a room name that goes on and on until nobody reads it any more",
            true,
        );
        let name = "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff the Third of Somewhere";
        window.member(key, name, false);
        let lines: Vec<String> = (1..=200).map(|n| format!("line {n} of a poem")).collect();
        window.say(key, name, 9, &lines.join("\n"));
        window.say(
            key,
            name,
            9,
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
                .repeat(2)
                .as_str(),
        );
        window.say(key, "Ada Brandt", 3, "Ja.");
        window
    };
    picture(&mut results, "screen_long", [1000.0, 700.0], long, nothing);
}

#[test]
fn invitation() {
    let mut results = SnapshotResults::new();
    let hosting = |theme| {
        let mut window = Window::of_ada(theme);
        let key = window.host("Cryptography 10b", false);
        for name in ["Jonas Weber", "Elif Kaya", "Tomás Ferreira"] {
            window.member(key, name, false);
        }
        window.say(key, "Elif Kaya", 1, "In! That was quick.");
        window.say(key, "Ada Brandt", 1, "Welcome. We start when everybody is here.");
        window
    };
    picture(&mut results, "screen_invitation", SIZE, hosting, nothing);
    picture(&mut results, "screen_invitation_small", SMALL, hosting, nothing);
    picture(
        &mut results,
        "screen_invitation_large",
        [1920.0, 1080.0],
        hosting,
        |harness| {
            harness.get_by_label("Show large").click();
            harness.run();
        },
    );
}

#[test]
fn verify() {
    let mut results = SnapshotResults::new();
    let met = |theme| {
        let mut window = Window::of_ada(theme);
        let key = window.join("Cryptography 10b", HostTrust::FirstUse);
        window.class_talk(key);
        window
    };
    picture(&mut results, "screen_first_use", [1000.0, 700.0], met, nothing);
    let differed = |theme| {
        let mut window = met(theme);
        let room = window.session.rooms[0].key;
        let host = person("Mira Sand");
        window
            .session
            .room_mut(room)
            .unwrap()
            .mark_differed(&host, cipher_room::store::VerifiedBy::Emoji);
        window
    };
    picture(
        &mut results,
        "screen_differed",
        [1000.0, 700.0],
        differed,
        |harness| {
            let text = (1..=40).map(|n| format!("line {n}\n")).collect::<String>();
            harness.event(egui::Event::Paste(text));
            harness.run();
        },
    );
    picture(&mut results, "screen_verify", SIZE, met, |harness| {
        harness.get_by_label("Compare").click();
        harness.run();
    });
}

#[test]
fn changed_key() {
    let mut results = SnapshotResults::new();
    let changed = |theme| {
        let mut window = Window::of_ada(theme);
        let before = person("Mira before");
        let key = window.join("Cryptography 10b", HostTrust::Changed { before });
        window.class_talk(key);
        window
    };
    picture(&mut results, "screen_changed_key", SIZE, changed, nothing);
    picture(&mut results, "screen_changed_key_small", SMALL, changed, nothing);
}
