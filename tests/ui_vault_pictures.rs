//! Pictures of the lock, contacts, safety number and search, light and dark.

mod support;

use cipher_room::net::{Event, FoundMessage, KeptSeen, PrivateEnd};
use cipher_room::session::{VerifiedBy, Work};
use cipher_room::store::{KeyChange, MetAs, Retention, Verified};
use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;

use support::scene::{CLOCK, Window, WindowHarness, contact, open, person};
use support::{save_picture, themed};

const SIZE: [f32; 2] = [1000.0, 700.0];
const SMALL: [f32; 2] = [640.0, 480.0];

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

fn press(harness: &mut WindowHarness, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run();
}

fn with_people(theme: Theme) -> Window {
    let mut mira = contact("Mira Sand");
    mira.verified = Some(Verified {
        by: VerifiedBy::Emoji,
        at_unix: CLOCK.now_unix - 500_000,
    });
    let mut tomas = contact("Tomás Ferreira");
    tomas.met = MetAs::Introduced;
    let mut jonas = contact("Jonas Weber");
    jonas.change = Some(KeyChange {
        before: person("an older Jonas"),
        accepted: true,
    });
    let mut window = Window::of_ada(theme);
    let people = vec![mira, tomas, jonas, contact("Elif Kaya")];
    window.session.apply(Event::ContactsOpened(people));
    window
}

#[test]
fn the_lock() {
    let mut results = SnapshotResults::new();
    let locked = |theme| {
        let mut window = Window::new(theme);
        window.session.apply(Event::Locked {
            reason: Some("the passphrase is wrong".to_owned()),
            until_unix: CLOCK.now_unix + 4,
        });
        window
    };
    picture(&mut results, "screen_unlock", SIZE, locked, |_| ());
    let backing_up = |theme| {
        let mut window = Window::of_ada(theme);
        window.session.file_work = Work::Working;
        window
    };
    picture(&mut results, "screen_locking", SIZE, backing_up, |harness| {
        harness.state_mut().session.apply(Event::Locking);
        // What turns stands still at one moment.
        harness.input_mut().time = Some(60.25);
        harness.run_steps(3);
    });
    let new = |theme| Window::first_run(theme);
    picture(
        &mut results,
        "screen_passphrase",
        [640.0, 480.0],
        new,
        |harness| {
            harness
                .get_by_role_and_label(Role::TextInput, "Your name")
                .type_text("Ada Brandt");
            harness.run();
            press(harness, "Continue");
            harness
                .get_by_role_and_label(Role::PasswordInput, "Passphrase")
                .type_text("orbit velvet mango");
            harness.run();
        },
    );
}

#[test]
fn contacts() {
    let mut results = SnapshotResults::new();
    picture(&mut results, "screen_contacts", SIZE, with_people, |harness| {
        press(harness, "Contacts");
    });
    picture(
        &mut results,
        "screen_safety_number",
        SIZE,
        with_people,
        |harness| {
            press(harness, "Contacts");
            press(harness, "Elif Kaya, first use");
            press(harness, "Safety number");
        },
    );
    picture(&mut results, "screen_card", SIZE, with_people, |harness| {
        press(harness, "Contacts");
        press(harness, "Your contact card");
    });
    picture(
        &mut results,
        "screen_forget_small",
        SMALL,
        with_people,
        |harness| {
            press(harness, "Contacts");
            press(harness, "Mira Sand, verified");
            press(harness, "Forget");
        },
    );
}

#[test]
fn search() {
    let mut results = SnapshotResults::new();
    let kept = |theme| {
        let mut window = Window::of_ada(theme);
        let room = |name: &str, is_own, messages| KeptSeen {
            id: *person(name).as_bytes(),
            name: name.to_owned(),
            is_own,
            host_name: "Mira Sand".to_owned(),
            messages,
            used_unix: CLOCK.now_unix - 7_200,
            retention: Retention::All,
        };
        let rooms = vec![
            room("Cryptography 10b", false, 1_284),
            room("Reading group", true, 77),
        ];
        window.session.apply(Event::KeptListed(rooms));
        window
    };
    picture(&mut results, "screen_kept", SIZE, kept, |harness| {
        press(harness, "Search");
    });
    picture(&mut results, "screen_delete_small", SMALL, kept, |harness| {
        press(harness, "Search");
        let (room, retention) = (*person("Cryptography 10b").as_bytes(), Retention::Nothing);
        harness.state_mut().session.apply(Event::RetentionWeighed {
            room,
            retention,
            messages: 1_284,
        });
        harness.run();
    });
    picture(&mut results, "screen_search", SIZE, kept, |harness| {
        press(harness, "Search");
        harness
            .get_by_role_and_label(Role::TextInput, "Search in all rooms")
            .type_text("lemon");
        harness.run();
        let asked = harness.state().session.search.asked;
        let hit = |n: u64, name: &str, text: &str| FoundMessage {
            room: [1; 32],
            room_name: "Cryptography 10b".to_owned(),
            n,
            author: person(name),
            name: name.to_owned(),
            text: text.to_owned(),
            time_ms: (CLOCK.now_unix - 60 * n) * 1000,
            private: None,
        };
        let private = FoundMessage {
            private: Some(PrivateEnd {
                with: person("Elif Kaya"),
                name: "Elif Kaya".to_owned(),
            }),
            ..hit(9, "Elif Kaya", "It is LEMON. Don't tell Mira")
        };
        let hits = vec![
            hit(1, "Ada Brandt", "ATTACK AT DAWN. It was LEMON all along"),
            hit(7, "Elif Kaya", "Short texts lie. Try LEMON as a crib."),
            private,
        ];
        let session = &mut harness.state_mut().session;
        session.apply(Event::SearchFound { asked, hits });
        session.apply(Event::SearchEnded {
            asked,
            cut: false,
            lost: 0,
        });
        harness.run();
    });
}
