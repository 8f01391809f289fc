//! Contacts, verification and alarms, by keyboard and by accessible name.

mod support;

use cipher_room::net::Event;
use cipher_room::session::{Contact, ContactCard, Decision, SafetyNumber, VerifiedBy};
use cipher_room::store::{HostTrust, KeyChange, MetAs};
use cipher_room::ui::UiCommand;
use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use support::scene::{CLOCK, Window, WindowHarness, contact, open, person};

const SIZE: [f32; 2] = [1000.0, 700.0];

fn press(harness: &mut WindowHarness, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run();
}

fn with_contacts(contacts: Vec<Contact>) -> Window {
    let mut window = Window::of_ada(Theme::Dark);
    window.session.apply(Event::ContactsOpened(contacts));
    window
}

fn people() -> Vec<Contact> {
    let mut mira = contact("Mira Sand");
    mira.verified = Some(cipher_room::store::Verified {
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
    vec![mira, tomas, jonas, contact("Elif Kaya")]
}

#[test]
fn everybody_met_is_listed_with_the_trust_in_words() {
    let mut harness = open(SIZE, Theme::Dark, with_contacts(people()));
    press(&mut harness, "Contacts");
    for row in [
        "Mira Sand, verified",
        "Tomás Ferreira, introduced by host",
        "Jonas Weber, changed",
        "Elif Kaya, first use",
    ] {
        harness.get_by_role_and_label(Role::Button, row);
    }
}

#[test]
fn the_safety_number_verifies_and_the_verification_can_be_withdrawn() {
    let mut harness = open(SIZE, Theme::Dark, with_contacts(people()));
    press(&mut harness, "Contacts");
    press(&mut harness, "Elif Kaya, first use");
    press(&mut harness, "Safety number");
    let number = SafetyNumber::of(&person("Ada Brandt"), &person("Elif Kaya"));
    harness.get_by_label(&format!("Safety number {number}"));
    press(&mut harness, "They match");
    let [
        UiCommand::Decide {
            fingerprint,
            decision,
        },
    ] = harness.state().commands[..]
    else {
        panic!("{:?}", harness.state().commands);
    };
    assert_eq!(fingerprint, person("Elif Kaya"));
    assert_eq!(decision, Decision::Verify(VerifiedBy::SafetyNumber));
    press(&mut harness, "Elif Kaya, verified");
    press(&mut harness, "Withdraw verification");
    harness.key_press(egui::Key::Escape);
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Elif Kaya, first use");
}

#[test]
fn a_card_is_imported_only_when_it_is_whole() {
    let card = ContactCard {
        name: "Nora".to_owned(),
        fingerprint: person("Nora"),
    };
    let text = card.to_string();
    let mut harness = open(SIZE, Theme::Dark, with_contacts(Vec::new()));
    press(&mut harness, "Contacts");
    press(&mut harness, "Import a card");
    let cut = text[..text.len() - 3].to_owned();
    harness.state_mut().view.fill_card(cut);
    harness.run();
    harness.get_by_label("the contact card is cut off; copy all of it");
    harness.state_mut().view.fill_card(text);
    // The dialog grows, and stands in the middle again a frame later.
    harness.run_steps(3);
    press(&mut harness, "Import");
    assert!(matches!(&harness.state().commands[..],
        [UiCommand::ImportContact { name, fingerprint }] if name == "Nora" && *fingerprint == person("Nora")));
}

#[test]
fn a_known_name_with_another_key_stops_everything_until_somebody_decides() {
    let mut window = with_contacts(people());
    let room = window.join("Den", HostTrust::Pinned);
    let mut impostor = contact("Elif Kaya");
    impostor.fingerprint = person("somebody else");
    impostor.change = Some(KeyChange {
        before: person("Elif Kaya"),
        accepted: false,
    });
    window.session.apply(Event::Met {
        room,
        contact: impostor.clone(),
    });
    window.session.apply(Event::MemberJoined {
        room,
        member: cipher_room::net::MemberSeen {
            fingerprint: impostor.fingerprint,
            name: impostor.name.clone(),
            is_host: false,
            was_here: false,
            sas: None,
        },
    });
    assert!(window.session.room(room).unwrap().needs_decision());
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_role_and_label(Role::Dialog, "The key has changed: Elif Kaya");
    // Both possibilities in words, and both keys.
    assert!(
        harness
            .query_all_by_label_contains("It can be harmless")
            .next()
            .is_some()
    );
    assert!(
        harness
            .query_all_by_label_contains("Or somebody uses the name")
            .next()
            .is_some()
    );
    harness.get_by_label("Known before");
    harness.get_by_label("Now");
    harness.key_press(egui::Key::Escape);
    harness.run();
    press(&mut harness, "Go on anyway");
    assert!(matches!(
        harness.state().commands[..],
        [UiCommand::Decide {
            decision: Decision::AcceptChange,
            ..
        }]
    ));
    let session = &harness.state().session;
    let member = session.room(room).unwrap().member(&impostor.fingerprint).unwrap();
    assert!(matches!(
        member.trust,
        cipher_room::session::Trust::Changed { accepted: true, .. }
    ));
}

#[test]
fn a_namesake_once_seen_beside_the_real_one_stops_everything_where_that_one_is_not() {
    use cipher_room::store::People;
    let mut people = People::of(people(), Some(person("Ada Brandt")));
    let mut window = with_contacts(people.all().cloned().collect());
    let (real, impostor) = (person("Mira Sand"), person("somebody else"));
    let mut meet = |room, met, present: &dyn Fn(&cipher_room::session::Fingerprint) -> bool| {
        let contact = people
            .meet(impostor, "Mira Sand", met, CLOCK.now_unix, present)
            .unwrap();
        Event::Met { room, contact }
    };
    // In Mira's own room: two people of one name, and a warning.
    let den = window.join("Den", HostTrust::Pinned);
    let met = meet(den, MetAs::Introduced, &|who| *who == real);
    window.session.apply(met);
    window.session.apply(Event::MemberJoined {
        room: den,
        member: cipher_room::net::MemberSeen {
            fingerprint: impostor,
            name: "Mira Sand".to_owned(),
            is_host: false,
            was_here: false,
            sas: None,
        },
    });
    assert!(!window.session.room(den).unwrap().needs_decision());
    // In a room of the impostor's own, to which its invitation led.
    let extra = window.begin_join("192.168.1.66:4747");
    let met = meet(extra, MetAs::InPerson, &|_| false);
    window.session.apply(met);
    window.session.apply(Event::Joined(cipher_room::net::Joined {
        room: extra,
        id: support::scene::room_id("Extra"),
        room_name: "Extra".to_owned(),
        host_name: "Mira Sand".to_owned(),
        host: impostor,
        own: person("Ada Brandt"),
        own_name: "Ada Brandt".to_owned(),
        trust: HostTrust::Pinned,
        sas: support::scene::sas(),
        address: "192.168.1.66:4747".parse().unwrap(),
    }));
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_role_and_label(Role::Dialog, "The host's key has changed");
    harness.key_press(egui::Key::Escape);
    harness.run();
    assert!(
        harness.state().session.room(extra).unwrap().needs_decision(),
        "it is not closed by the way"
    );
    press(&mut harness, "Go on anyway");
    assert!(!harness.state().session.room(extra).unwrap().needs_decision());
}

#[test]
fn look_alike_names_are_told_apart_and_warned_of_while_both_are_here() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    window.member(room, "Paul", true);
    window.member(room, "P\u{430}ul", true); // Cyrillic а
    let mut harness = open(SIZE, Theme::Dark, window);
    let warned = |harness: &WindowHarness| {
        let said = "Two people here have names that look alike";
        harness.query_all_by_label_contains(said).next().is_some()
    };
    assert!(warned(&harness));
    let row = |name: &str| format!("{name}, {}, introduced by the host", person(name).short());
    harness.get_by_role_and_label(Role::Button, &row("Paul"));
    harness.get_by_role_and_label(Role::Button, &row("P\u{430}ul"));
    let leave = |name: &str| Event::MemberLeft {
        room,
        fingerprint: person(name),
        name: name.to_owned(),
        reason: cipher_room::protocol::DepartureReason::Goodbye,
    };
    harness.state_mut().session.apply(leave("Paul"));
    harness.run();
    assert!(!warned(&harness), "the alarm is over with the danger");
    harness.get_by_label_contains("Two names that look alike were here");
    harness.get_by_role_and_label(Role::Button, "P\u{430}ul, introduced by the host");
    harness.state_mut().member(room, "Paul", false);
    harness.run();
    assert!(warned(&harness), "who comes again is warned of again");
}

#[test]
fn searching_shows_what_is_found_while_it_goes_on() {
    use cipher_room::net::FoundMessage;
    let mut harness = open(SIZE, Theme::Dark, Window::of_ada(Theme::Dark));
    press(&mut harness, "Search");
    let field = harness.get_by_role_and_label(Role::TextInput, "Search in all rooms");
    assert!(field.is_focused());
    field.type_text("lemon");
    harness.run();
    let asked = harness
        .state()
        .commands
        .iter()
        .rev()
        .find_map(|command| match command {
            UiCommand::SearchKept { asked, question } if question == "lemon" => Some(*asked),
            _ => None,
        })
        .expect("a search");
    harness.get_by_label("Searching…");
    let hit = FoundMessage {
        room: [1; 32],
        room_name: "Den".to_owned(),
        n: 4,
        author: person("Mira Sand"),
        name: "Mira Sand".to_owned(),
        text: "It was LEMON all along".to_owned(),
        time_ms: CLOCK.now_unix * 1000,
        private: None,
    };
    // What an older search found late does not count.
    harness.state_mut().session.apply(Event::SearchFound {
        asked: asked - 1,
        hits: vec![hit.clone()],
    });
    harness.state_mut().session.apply(Event::SearchFound {
        asked,
        hits: vec![hit],
    });
    harness.run();
    harness.get_by_label("It was LEMON all along");
    harness.state_mut().session.apply(Event::SearchEnded {
        asked,
        cut: false,
        lost: 0,
    });
    harness.run();
    harness.get_by_label("1 message");
}

#[test]
fn a_private_message_that_is_found_is_marked_and_opens_its_conversation() {
    use cipher_room::net::{FoundMessage, PastRoom, PrivateEnd};
    use support::scene::room_id;
    let mut window = Window::of_ada(Theme::Dark);
    let den = window.join("Den", HostTrust::Pinned);
    window.member(den, "Elif Kaya", true);
    let past = PastRoom {
        id: room_id("Attic"),
        name: "Attic".to_owned(),
        is_own: false,
        host_name: "Mira Sand".to_owned(),
        target: None,
        port: 0,
        used_unix: 0,
    };
    window.session.apply(Event::RoomsKept { rooms: vec![past] });
    let mut harness = open(SIZE, Theme::Dark, window);
    let search = |harness: &mut WindowHarness, question: &str| {
        press(harness, "Search");
        harness
            .get_by_role_and_label(Role::TextInput, "Search in all rooms")
            .type_text(question);
        harness.run();
        harness.state().session.search.asked
    };
    let end = |name: &str| PrivateEnd {
        with: person(name),
        name: name.to_owned(),
    };
    let hit = |room: &str, author: &str, private| FoundMessage {
        room: room_id(room),
        room_name: room.to_owned(),
        n: 0,
        author: person(author),
        name: author.to_owned(),
        text: "the lemon tree".to_owned(),
        time_ms: CLOCK.now_unix * 1000,
        private,
    };
    let asked = search(&mut harness, "lemon");
    let hits = vec![
        hit("Den", "Elif Kaya", Some(end("Elif Kaya"))),
        hit("Attic", "Ada Brandt", Some(end("Ben Away"))),
    ];
    harness
        .state_mut()
        .session
        .apply(Event::SearchFound { asked, hits });
    harness.run();
    assert!(
        harness
            .query_by_label_contains("Elif Kaya to you in private, in Den")
            .is_some()
    );
    assert!(
        harness
            .query_by_label_contains("Ada Brandt to Ben Away in private, in Attic")
            .is_some()
    );
    press(&mut harness, "Open the private conversation with Elif Kaya");
    harness.get_by_label("Private with Elif Kaya");
    harness.state_mut().commands.clear();
    // Of a room that is not open: back there first.
    press(&mut harness, "Search");
    press(&mut harness, "Open the private conversation with Ben Away");
    assert!(
        harness
            .state()
            .commands
            .iter()
            .any(|command| matches!(command, UiCommand::Return { past, .. } if past.id == room_id("Attic")))
    );
}

#[test]
fn a_message_that_is_found_is_opened_where_it_stands_in_its_room() {
    use cipher_room::net::{FoundMessage, PastRoom};
    use support::scene::room_id;
    let mut window = Window::of_ada(Theme::Dark);
    let den = window.join("Den", HostTrust::Pinned);
    window.say(den, "Mira Sand", 90, "the lemon tree");
    for minute in 0..60 {
        window.say(den, "Mira Sand", 80 - minute, &format!("something else {minute}"));
    }
    window.session.apply(Event::RoomsKept {
        rooms: vec![PastRoom {
            id: room_id("Attic"),
            name: "Attic".to_owned(),
            is_own: false,
            host_name: "Mira Sand".to_owned(),
            target: None,
            port: 0,
            used_unix: 0,
        }],
    });
    let mut harness = open(SIZE, Theme::Dark, window);
    assert!(
        harness.query_by_label_contains("the lemon tree").is_none(),
        "it is far above"
    );
    press(&mut harness, "Search");
    harness
        .get_by_role_and_label(Role::TextInput, "Search in all rooms")
        .type_text("lemon");
    harness.run();
    let asked = harness.state().session.search.asked;
    let hit = |room: &str| FoundMessage {
        room: room_id(room),
        room_name: room.to_owned(),
        n: 1,
        author: person("Mira Sand"),
        name: "Mira Sand".to_owned(),
        text: "the lemon tree".to_owned(),
        time_ms: (CLOCK.now_unix - 90 * 60) * 1000,
        private: None,
    };
    let hits = vec![hit("Den"), hit("Attic")];
    harness
        .state_mut()
        .session
        .apply(Event::SearchFound { asked, hits });
    harness.run();
    press(&mut harness, "Open Den at this message of Mira Sand");
    harness.run();
    assert!(
        harness
            .query_all_by_label_contains("the lemon tree")
            .next()
            .is_some()
    );
    assert!(harness.query_by_label_contains("something else 59").is_none());
    // Of a room that is not open: back there.
    harness.state_mut().commands.clear();
    press(&mut harness, "Search");
    press(&mut harness, "Open Attic at this message of Mira Sand");
    assert!(
        harness
            .state()
            .commands
            .iter()
            .any(|command| matches!(command, UiCommand::Return { past, .. } if past.id == room_id("Attic")))
    );
}

#[test]
fn forgetting_somebody_asks_first() {
    let mut harness = open(SIZE, Theme::Dark, with_contacts(people()));
    press(&mut harness, "Contacts");
    press(&mut harness, "Mira Sand, verified");
    press(&mut harness, "Forget");
    assert!(
        harness
            .query_all_by_label_contains("The verification goes with it.")
            .next()
            .is_some()
    );
    press(&mut harness, "Keep");
    press(&mut harness, "Forget");
    assert!(harness.state().commands.is_empty(), "it only asked");
    // Closing the dialog is no answer either.
    harness.key_press(egui::Key::Escape);
    harness.run();
    press(&mut harness, "Mira Sand, verified");
    assert!(harness.query_by_label("Forget this person").is_none());
    press(&mut harness, "Forget");
    press(&mut harness, "Forget this person");
    assert!(matches!(&harness.state().commands[..],
        [UiCommand::ForgetContact { fingerprint }] if *fingerprint == person("Mira Sand")));
    assert!(harness.query_by_label_contains("Mira Sand").is_none());
}

#[test]
fn without_a_file_dialog_the_path_of_a_cards_picture_is_typed() {
    let mut harness = open(SIZE, Theme::Dark, with_contacts(Vec::new()));
    press(&mut harness, "Contacts");
    press(&mut harness, "Import a card");
    press(&mut harness, "From a picture");
    assert!(matches!(
        harness.state().commands[..],
        [UiCommand::OpenCardPicture]
    ));
    harness.state_mut().view.ask_path_of_card();
    harness.run();
    harness.get_by_role_and_label(Role::Dialog, "Which picture?");
    harness
        .get_by_role_and_label(Role::TextInput, "Path")
        .type_text("/tmp/card.png");
    harness.run();
    press(&mut harness, "Open");
    assert!(matches!(harness.state().commands.last(),
        Some(UiCommand::ReadCardPicture { path }) if path.as_os_str() == "/tmp/card.png"));
    // The import still waits for what is read.
    harness.get_by_role_and_label(Role::Dialog, "Import a contact card");
}

#[test]
fn in_private_with_the_host_itself_nothing_is_said_of_a_host_in_between() {
    use cipher_room::net::PrivateEvent;
    use support::scene::sas;
    for (with, passed_on) in [("Mira Sand", false), ("Elif Kaya", true)] {
        let mut window = Window::of_ada(Theme::Dark);
        let room = window.join("Den", HostTrust::Pinned);
        window.member(room, "Elif Kaya", true);
        window.session.apply(Event::Private {
            room,
            with: person(with),
            event: PrivateEvent::Secured { sas: sas() },
        });
        let mut message = window.message(room, with, 0, "for you alone");
        message.author = person(with);
        window.session.apply(Event::Private {
            room,
            with: person(with),
            event: PrivateEvent::Heard { message },
        });
        let mut harness = open(SIZE, Theme::Dark, window);
        press(&mut harness, "Read");
        harness.get_by_label(&format!("Private with {with}"));
        let mut said = harness.query_all_by_label_contains("passes it on");
        assert_eq!(said.next().is_some(), passed_on, "{with}");
    }
}

#[test]
fn private_conversations_are_left_out_of_an_export_unless_they_are_asked_for() {
    use cipher_room::net::KeptSeen;
    use cipher_room::store::Retention;
    let mut window = Window::of_ada(Theme::Dark);
    window.session.apply(Event::KeptListed(vec![KeptSeen {
        id: [1; 32],
        name: "Den".to_owned(),
        is_own: false,
        host_name: "Mira Sand".to_owned(),
        messages: 12,
        used_unix: CLOCK.now_unix,
        retention: Retention::All,
    }]));
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Search");
    for wanted in [false, true] {
        harness
            .get_all_by_role_and_label(Role::Button, "Export")
            .next()
            .unwrap()
            .click();
        harness.run();
        let file = harness.get_by_role_and_label(Role::TextInput, "File");
        file.focus();
        harness.run();
        harness
            .get_by_role_and_label(Role::TextInput, "File")
            .type_text("/tmp/den.txt");
        harness.run();
        if wanted {
            harness
                .get_by_role_and_label(Role::Switch, "Private conversations too")
                .click();
            harness.run();
        }
        // By its button, and by Enter behind the path.
        if wanted {
            harness.get_by_role_and_label(Role::TextInput, "File").focus();
            harness.run();
            harness.key_press(egui::Key::Enter);
        } else {
            let buttons = harness.get_all_by_role_and_label(Role::Button, "Export");
            buttons.last().unwrap().click();
        }
        // Something turns until it is done.
        harness.run_steps(4);
        harness.get_by_label("Writing the file…");
        let asked = harness
            .state()
            .commands
            .iter()
            .rev()
            .find_map(|command| match command {
                UiCommand::ExportRoom { what, .. } => Some(what.with_private),
                _ => None,
            });
        assert_eq!(asked, Some(wanted));
        let text = "The room is saved as /tmp/den.txt.".to_owned();
        let done = Event::FileDone { text, is_room: true };
        harness.state_mut().session.apply(done);
        harness.run();
        assert!(
            harness
                .query_by_role_and_label(Role::Dialog, "Export Den")
                .is_none()
        );
    }
    // Where it fails, what was typed stays, and why is said there.
    harness.get_by_role_and_label(Role::Button, "Export").click();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "File").focus();
    harness.run();
    harness
        .get_by_role_and_label(Role::TextInput, "File")
        .type_text("/tmp/den.txt");
    harness.run();
    harness.key_press(egui::Key::Enter);
    harness.run_steps(4);
    let reason = "there is a file already at /tmp/den.txt; type another name".to_owned();
    let session = &mut harness.state_mut().session;
    session.apply(Event::FileFailed { reason });
    assert!(session.notices.is_empty(), "the dialog says it");
    harness.run();
    harness.get_by_label("Nothing was changed: there is a file already at /tmp/den.txt; type another name.");
    let file = harness.get_by_role_and_label(Role::TextInput, "File");
    assert_eq!(file.value().as_deref(), Some("/tmp/den.txt"));
}

#[test]
fn how_long_a_room_is_kept_is_chosen_beside_it() {
    use cipher_room::net::KeptSeen;
    use cipher_room::store::Retention;
    let mut window = Window::of_ada(Theme::Dark);
    window.session.apply(Event::KeptListed(vec![KeptSeen {
        id: [1; 32],
        name: "Den".to_owned(),
        is_own: false,
        host_name: "Mira Sand".to_owned(),
        messages: 12,
        used_unix: CLOCK.now_unix,
        retention: Retention::All,
    }]));
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Search");
    let set = |harness: &WindowHarness| {
        let commands = harness.state().commands.iter();
        let set = commands.filter_map(|command| match command {
            UiCommand::SetRetention { room, retention } => Some((*room, *retention)),
            _ => None,
        });
        set.collect::<Vec<_>>()
    };
    let choose = |harness: &mut WindowHarness, label: &str, retention, messages| {
        harness.get_by_role_and_label(Role::RadioButton, label).click();
        harness.run();
        let asked = harness.state().commands.iter().any(|command| {
            matches!(command,
            UiCommand::WeighRetention { room, retention: asked } if *room == [1; 32] && *asked == retention)
        });
        assert!(asked, "what would go is counted first");
        assert_eq!(set(harness), [], "nothing goes before it is said how much");
        harness.state_mut().session.apply(Event::RetentionWeighed {
            room: [1; 32],
            retention,
            messages,
        });
        harness.run();
    };
    // What would delete something asks; the old answer stands until then.
    choose(&mut harness, "Nothing on disk", Retention::Nothing, 12);
    harness.get_by_label("12 messages go from this disk now. Nothing brings them back.");
    press(&mut harness, "Keep them");
    assert_eq!(set(&harness), []);
    assert!(harness.query_by_label_contains("go from this disk").is_none());
    choose(&mut harness, "Nothing on disk", Retention::Nothing, 1);
    press(&mut harness, "Delete it");
    assert_eq!(set(&harness), [([1; 32], Retention::Nothing)]);
    harness.state_mut().commands.clear();
    // Where nothing is that old, nothing is asked.
    choose(&mut harness, "7 days", Retention::Days(7), 0);
    assert_eq!(set(&harness), [([1; 32], Retention::Days(7))]);
    press(&mut harness, "Export");
    harness.get_by_role_and_label(Role::Dialog, "Export Den");
}

#[test]
fn a_verified_author_wears_the_badge_beside_every_name() {
    let mut window = with_contacts(people());
    let room = window.join("Den", HostTrust::Pinned);
    window.say(room, "Mira Sand", 3, "Good morning");
    let harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Mira Sand: verified by you");
    harness.get_by_label("You verified the host");
    harness.get_by_role_and_label(Role::Button, "Mira Sand, host, verified by you");
}

#[test]
fn the_header_wears_no_badge_for_who_is_not_verified() {
    let mut window = with_contacts(vec![contact("Mira Sand")]);
    window.join("Den", HostTrust::Pinned);
    let harness = open(SIZE, Theme::Dark, window);
    assert!(harness.query_by_label("You verified the host").is_none());
}

#[test]
fn a_private_conversation_wears_the_badge_of_who_is_verified() {
    let mut elif = contact("Elif Kaya");
    elif.verified = Some(cipher_room::store::Verified {
        by: VerifiedBy::SafetyNumber,
        at_unix: CLOCK.now_unix - 500_000,
    });
    let mut window = with_contacts(vec![elif]);
    let room = window.join("Den", HostTrust::Pinned);
    window.member(room, "Elif Kaya", true);
    window.member(room, "Jonas Weber", true);
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Elif Kaya, verified by you");
    press(&mut harness, "Write privately");
    harness.get_by_label("You verified Elif Kaya");
    press(&mut harness, "Jonas Weber, introduced by the host");
    press(&mut harness, "Write privately");
    assert!(harness.query_by_label_contains("You verified").is_none());
}

#[test]
fn a_safety_number_that_differs_is_said_and_marks_the_person() {
    let mut window = with_contacts(people());
    let room = window.join("Den", HostTrust::Pinned);
    window.say(room, "Mira Sand", 3, "Good morning");
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Mira Sand, host, verified by you");
    press(&mut harness, "Safety number");
    press(&mut harness, "They differ");
    harness.get_by_label_contains("The key that you know is not the one on Mira Sand's screen");
    press(&mut harness, "Close dialog");
    harness.get_by_role_and_label(Role::Button, "Mira Sand, host, number differed");
    harness.get_by_label("Mira Sand: number differed");
    assert!(harness.query_by_label("You verified the host").is_none());
    harness.get_by_label_contains("Somebody may pose as Mira Sand");
    let commands = &harness.state().commands;
    assert!(
        matches!(commands[..], [UiCommand::Decide { fingerprint, decision: Decision::Withdraw }]
            if fingerprint == person("Mira Sand")),
        "an earlier comparison holds no longer: {commands:?}"
    );
}

#[test]
fn a_safety_number_that_differs_is_said_among_the_contacts_too() {
    let mut harness = open(SIZE, Theme::Dark, with_contacts(people()));
    press(&mut harness, "Contacts");
    press(&mut harness, "Mira Sand, verified");
    press(&mut harness, "Safety number");
    press(&mut harness, "They differ");
    harness.get_by_label_contains("The key that you know is not the one on Mira Sand's screen");
    press(&mut harness, "Back");
    press(&mut harness, "They differ");
    press(&mut harness, "Close dialog");
    harness.get_by_role_and_label(Role::Button, "Mira Sand, first use");
}

#[test]
fn a_changed_key_stops_a_private_conversation_too_and_its_mark_stays() {
    use cipher_room::net::PrivateEvent;
    let mut window = with_contacts(people());
    let room = window.join("Den", HostTrust::Pinned);
    let mut impostor = contact("Elif Kaya");
    impostor.fingerprint = person("somebody else");
    impostor.change = Some(KeyChange {
        before: person("Elif Kaya"),
        accepted: false,
    });
    let with = impostor.fingerprint;
    let member = cipher_room::net::MemberSeen {
        fingerprint: with,
        name: impostor.name.clone(),
        is_host: false,
        was_here: false,
        sas: None,
    };
    let mut message = window.message(room, "Elif Kaya", 0, "it is me");
    message.author = with;
    let private = Event::Private {
        room,
        with,
        event: PrivateEvent::Heard { message },
    };
    let met = Event::Met {
        room,
        contact: impostor.clone(),
    };
    for event in [met, Event::MemberJoined { room, member }, private] {
        window.session.apply(event);
    }
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_role_and_label(Role::Dialog, "The key has changed: Elif Kaya");
    press(&mut harness, "Go on anyway");
    press(&mut harness, "Read");
    harness.get_by_label("it is me");
    assert!(
        harness
            .query_all_by_label_contains("came with another key than the one that you knew")
            .next()
            .is_some(),
        "the mark stays in the private conversation"
    );
}
