//! What survives a lost line, as the window shows it: waiting, ticks, what was missed, and the host's powers.

mod support;

use cipher_room::net::{
    ClosedReason, Delivery, DoorSeen, Event, HistoryPage, HostAct, JoinRoom, KeepingChange, MemberSeen,
    OneGiven, PastRoom, PrivateEvent, RoomKey, Rules,
};
use cipher_room::session::{Decision, Trust};
use cipher_room::store::{Contact, HostTrust, MetAs, Verified, VerifiedBy};
use cipher_room::ui::UiCommand;
use egui::accesskit::Role;
use egui::{Key, Shape, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use support::scene::{CLOCK, Window, WindowHarness, invite, open, person, sas};

const SIZE: [f32; 2] = [1000.0, 700.0];

fn press(harness: &mut WindowHarness, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run();
}

fn wishes(harness: &mut WindowHarness) -> Vec<UiCommand> {
    std::mem::take(&mut harness.state_mut().commands)
}

fn lost(window: &mut Window, room: RoomKey, tries: u32) {
    window.session.apply(Event::Lost {
        room,
        reason: ClosedReason::ConnectionLost { reason: None },
        tries,
        next_secs: 8,
    });
}

fn past(id: u8, name: &str, is_own: bool) -> PastRoom {
    PastRoom {
        id: [id; 32],
        name: name.to_owned(),
        is_own,
        host_name: "Mira Sand".to_owned(),
        target: Some("192.168.1.20:4747".to_owned()),
        port: 4747,
        used_unix: 0,
    }
}

fn guest() -> (Window, RoomKey) {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", HostTrust::Pinned);
    window.member(room, "Jonas Weber", true);
    (window, room)
}

fn host() -> (Window, RoomKey) {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.host("Den", false);
    let member = seen("Jonas Weber");
    window.session.apply(Event::MemberJoined { room, member });
    window.session.apply(Event::DoorChanged {
        room,
        door: door(false, Vec::new()),
    });
    (window, room)
}

fn door(asks: bool, banned: Vec<cipher_room::session::Fingerprint>) -> DoorSeen {
    DoorSeen {
        invite: invite("Den", None),
        asks,
        open_to_address: false,
        banned,
        for_one: Vec::new(),
    }
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
fn a_lost_room_says_when_it_is_tried_and_takes_what_is_written() {
    let (mut window, room) = guest();
    lost(&mut window, room, 3);
    let mut harness = open(SIZE, Theme::Dark, window);
    assert!(
        harness
            .query_by_label_contains("Tried 3 times; again in 8 s")
            .is_some()
    );
    press(&mut harness, "Try now");
    assert!(matches!(wishes(&mut harness)[..], [UiCommand::TryNow { .. }]));
    harness.get_by_label("Message").type_text("for later");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(matches!(&wishes(&mut harness)[..], [UiCommand::Say { text, .. }] if text == "for later"));
    let session = &mut harness.state_mut().session;
    session.apply(Event::Returned { room, resumed: true });
    harness.run();
    harness.get_by_label("You are back in the room.");
    assert!(harness.query_by_label("Try now").is_none());
}

#[test]
fn a_room_that_one_returns_to_can_be_read_and_left_while_its_host_is_away() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.session.new_key();
    let wish = JoinRoom {
        key: room,
        target: "192.168.1.20:4747".parse().unwrap(),
        name: "Ada Brandt".to_owned(),
        is_trial: false,
    };
    window.session.begin_return(&wish, &past(1, "Den", false));
    window.view.show_room(room);
    let page = HistoryPage {
        id: [1; 32],
        messages: vec![(window.message(room, "Mira Sand", 60, "from last week"), 3)],
        lost: Vec::new(),
        first: 1,
        has_more: false,
    };
    window.session.apply(Event::History { room, page });
    let message = window.message(room, "Ada Brandt", 50, "still waits");
    window.session.apply(Event::Written { message });
    window.session.apply(Event::Lost {
        room,
        reason: ClosedReason::ConnectionLost {
            reason: Some("Nobody listens there.".to_owned()),
        },
        tries: 1,
        next_secs: 2,
    });
    let mut harness = open(SIZE, Theme::Dark, window);
    for label in ["Den", "from last week", "still waits", "The host is not reached"] {
        assert!(
            harness.query_all_by_label_contains(label).next().is_some(),
            "{label}"
        );
    }
    harness.get_by_label_contains("Nobody listens there. Tried once; again in 2 s. What you write waits");
    press(&mut harness, "Members: 0");
    harness.get_by_label_contains("when the host is reached");
    press(&mut harness, "Leave the room");
    assert!(matches!(wishes(&mut harness)[..], [.., UiCommand::Leave { .. }]));
}

#[test]
fn who_was_in_a_room_and_is_verified_shows_while_its_host_is_away() {
    let mut window = Window::of_ada(Theme::Dark);
    let mut mira = Contact {
        fingerprint: person("Mira Sand"),
        name: "Mira Sand".to_owned(),
        first_seen_unix: 0,
        last_seen_unix: 0,
        met: MetAs::InPerson,
        verified: Some(Verified {
            by: VerifiedBy::Emoji,
            at_unix: 0,
        }),
        blocked: false,
        change: None,
    };
    let mut gone = mira.clone();
    (gone.fingerprint, gone.name) = (person("Elif Kaya"), "Elif Kaya".to_owned());
    window
        .session
        .apply(Event::ContactsOpened(vec![mira.clone(), gone]));
    let room = window.session.new_key();
    let wish = JoinRoom {
        key: room,
        target: "192.168.1.20:4747".parse().unwrap(),
        name: "Ada Brandt".to_owned(),
        is_trial: false,
    };
    window.session.begin_return(&wish, &past(1, "Den", false));
    window.view.show_room(room);
    let page = HistoryPage {
        id: [1; 32],
        messages: vec![
            (window.message(room, "Elif Kaya", 70, "from long ago"), 2),
            (window.message(room, "Mira Sand", 60, "from last week"), 3),
        ],
        first: 1,
        has_more: false,
        lost: Vec::new(),
    };
    window.session.apply(Event::History { room, page });
    let seen = |name: &str| MemberSeen {
        is_host: name == "Mira Sand",
        was_here: true,
        sas: None,
        ..seen(name)
    };
    let members = ["Mira Sand", "Ada Brandt", "Jonas Weber"].map(seen).into();
    window.session.apply(Event::LastSeen { room, members });
    lost(&mut window, room, 1);
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Mira Sand: verified by you");
    harness.get_by_label("Elif Kaya: verified by you");
    harness.get_by_label("You verified the host");
    press(&mut harness, "Members: 3");
    harness.get_by_label("AWAY: 3 PEOPLE WHEN LAST SEEN");
    for row in [
        "Mira Sand, host, verified by you",
        "Ada Brandt, you",
        "Jonas Weber, introduced by the host",
    ] {
        harness.get_by_role_and_label(Role::Button, row);
    }
    press(&mut harness, "Jonas Weber, introduced by the host");
    press(&mut harness, "Write privately");
    harness.get_by_label_contains("Jonas Weber is away. What you write waits");
    press(&mut harness, "Back to everybody");
    // What is decided meanwhile shows at once.
    mira.verified = None;
    harness.state_mut().session.apply(Event::ContactChanged(mira));
    harness.run();
    assert!(harness.query_by_label("You verified the host").is_none());
    // When the host is reached, only who is there counts.
    harness.state_mut().joined(room, "Den", HostTrust::FirstUse);
    harness.run();
    assert_eq!(harness.state().session.room(room).unwrap().members.len(), 2);
}

#[test]
fn an_invitation_for_one_person_says_when_it_is_used_and_goes_when_it_is_changed() {
    let (mut window, room) = host();
    let invite = invite("Den", None);
    let given = |used_by| OneGiven {
        secret: invite.secret.clone(),
        used_by,
    };
    let told = |for_one| Event::DoorChanged {
        room,
        door: DoorSeen {
            for_one,
            ..door(false, Vec::new())
        },
    };
    window.session.apply(Event::OneInvited {
        room,
        invite: invite.clone(),
    });
    window.session.apply(told(vec![given(None)]));
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Rules").click();
    harness.run();
    press(&mut harness, "Copy this invitation");
    let used_by = Some(person("Jonas Weber"));
    let session = &mut harness.state_mut().session;
    session.apply(told(vec![given(used_by)]));
    harness.run();
    harness.get_by_label("Used by Jonas Weber. It admits nobody else.");
    assert!(harness.query_by_label("Copy this invitation").is_none());
    // Another one takes its place, and goes with all others when the invitation is changed.
    let session = &mut harness.state_mut().session;
    session.apply(Event::OneInvited {
        room,
        invite: invite.clone(),
    });
    session.apply(told(vec![given(None)]));
    harness.run();
    harness.get_by_label("Copy this invitation");
    harness.state_mut().session.apply(told(Vec::new()));
    harness.run();
    assert!(harness.query_by_label("An invitation for one person").is_none());
    // One that has run out is not copied either.
    let mut old = invite.clone();
    old.expires_unix = Some(CLOCK.now_unix - 1);
    let session = &mut harness.state_mut().session;
    session.apply(Event::OneInvited { room, invite: old });
    harness.run();
    harness.get_by_label("It is no longer valid.");
    assert!(harness.query_by_label("Copy this invitation").is_none());
}

#[test]
fn what_was_missed_stands_below_a_mark() {
    let (mut window, room) = guest();
    window.say(room, "Mira Sand", 30, "before");
    lost(&mut window, room, 0);
    window.session.apply(Event::Missed { room, from: 5 });
    window.say(room, "Jonas Weber", 5, "meanwhile");
    window.session.apply(Event::Returned { room, resumed: false });
    window.session.apply(Event::CaughtUp { room, messages: 1 });
    let harness = open(SIZE, Theme::Dark, window);
    let mark = harness.get_by_label("Missed while you were away").rect();
    assert!(mark.bottom() <= harness.get_by_label("meanwhile").rect().top());
    harness.get_by_label("That was all: 1 message came while you were away.");
}

#[test]
fn what_stood_below_a_mark_that_was_taken_away_is_shown_in_its_place() {
    let (mut window, room) = guest();
    window.say(room, "Mira Sand", 30, "before");
    lost(&mut window, room, 0);
    window.session.apply(Event::Missed { room, from: 5 });
    let member = MemberSeen {
        was_here: false,
        ..seen("Elif Kaya")
    };
    window.session.apply(Event::MemberJoined { room, member });
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Elif Kaya joined");
    let session = &mut harness.state_mut().session;
    session.apply(Event::Returned { room, resumed: false });
    session.apply(Event::CaughtUp { room, messages: 0 });
    harness.run();
    harness.get_by_label("Elif Kaya joined");
    assert!(harness.query_by_label("Missed while you were away").is_none());
}

#[test]
fn who_missed_nothing_sees_no_mark() {
    let (mut window, room) = guest();
    window.say(room, "Mira Sand", 30, "before");
    lost(&mut window, room, 0);
    window.session.apply(Event::Missed { room, from: 5 });
    window.session.apply(Event::Returned { room, resumed: false });
    window.session.apply(Event::CaughtUp { room, messages: 0 });
    let harness = open(SIZE, Theme::Dark, window);
    assert!(harness.query_by_label("Missed while you were away").is_none());
    harness.get_by_label("Nothing new was said while you were away.");
    harness.get_by_label("before");
}

#[test]
fn a_tick_that_was_shown_is_not_taken_back_and_of_the_nameless_it_is_said_that_they_were_here() {
    let (mut window, room) = guest();
    window.say(room, "Ada Brandt", 1, "hello");
    let id = own_message(&window, room);
    let told = |to: usize, confirmed: &[&str], awaited: &[&str]| Event::Delivered {
        room,
        delivery: Delivery {
            id,
            to,
            of: 3,
            confirmed: confirmed.iter().map(|name| person(name)).collect(),
            awaited: awaited.iter().map(|name| person(name)).collect(),
        },
    };
    let (mira, jonas, cyd) = ("Mira Sand", "Jonas Weber", "Cyd");
    window.session.apply(told(2, &[mira, jonas], &[cyd]));
    let mut harness = open(SIZE, Theme::Dark, window);
    // As when the room is joined again and its host alone is back.
    harness.state_mut().session.apply(told(1, &[mira], &[jonas, cyd]));
    harness.run();
    harness
        .get_by_label("In the room's log, delivered to 2 of 3")
        .hover();
    harness.run_steps(10);
    harness.get_by_label_contains("Has it: Jonas Weber, Mira Sand\nNot yet: somebody who was here");
    // Cyd has it by now, of whom nothing was told before.
    harness.state_mut().session.apply(told(1, &[cyd], &[mira, jonas]));
    harness.run();
    harness.get_by_label("In the room's log, delivered to 3 of 3");
    harness.state_mut().session.apply(told(1, &[mira], &[jonas, cyd]));
    harness.run();
    harness.get_by_label("In the room's log, delivered to 3 of 3");
}

#[test]
fn a_tick_says_to_how_many_and_on_a_press_to_whom() {
    let (mut window, room) = guest();
    window.say(room, "Ada Brandt", 1, "hello");
    let id = match window.session.room(room).unwrap().transcript.lines().last() {
        Some(cipher_room::session::Line::Message(message)) => message.id,
        other => panic!("{other:?}"),
    };
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("In the room's log");
    let delivery = Delivery {
        id,
        to: 1,
        of: 2,
        confirmed: vec![person("Mira Sand")],
        awaited: vec![person("Jonas Weber")],
    };
    harness
        .state_mut()
        .session
        .apply(Event::Delivered { room, delivery });
    harness.run();
    press(&mut harness, "In the room's log, delivered to 1 of 2");
    harness.get_by_role_and_label(Role::Dialog, "Delivered to");
    harness.get_by_label("In the room's log, delivered to 1 of 2.");
    assert!(harness.query_all_by_label("Mira Sand").count() >= 1);
    assert!(harness.query_all_by_label("Jonas Weber").count() >= 1);
}

#[test]
fn who_knocks_is_let_in_turned_away_or_banned_with_one_press() {
    for (label, expected) in [
        (
            "Let in",
            HostAct::Answer {
                who: person("Elif Kaya"),
                admit: true,
            },
        ),
        (
            "Turn away",
            HostAct::Answer {
                who: person("Elif Kaya"),
                admit: false,
            },
        ),
        ("Ban this key", HostAct::Ban(person("Elif Kaya"))),
    ] {
        let (mut window, room) = host();
        let member = seen("Elif Kaya");
        window.session.apply(Event::Knocked { room, member });
        let mut harness = open(SIZE, Theme::Dark, window);
        harness.run_steps(3);
        harness.get_by_label("Elif Kaya asks to be let in");
        press(&mut harness, label);
        assert!(
            matches!(wishes(&mut harness)[..], [UiCommand::Govern { act, .. }] if act == expected),
            "{label}"
        );
        let fingerprint = person("Elif Kaya");
        harness
            .state_mut()
            .session
            .apply(Event::KnockEnded { room, fingerprint });
        harness.run();
        assert!(harness.query_by_label("Elif Kaya asks to be let in").is_none());
    }
}

#[test]
fn a_press_on_one_who_knocks_is_not_taken_for_the_next() {
    let (mut window, room) = host();
    for name in ["Elif Kaya", "Priya Nair"] {
        let member = seen(name);
        window.session.apply(Event::Knocked { room, member });
    }
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.run_steps(3);
    let let_in = |harness: &WindowHarness| {
        let button = harness.get_by_role_and_label(Role::Button, "Let in");
        (button.rect().center(), button.accesskit_node().is_disabled())
    };
    let (at, is_disabled) = let_in(&harness);
    assert!(!is_disabled);
    let hold = |harness: &mut WindowHarness, pressed| {
        harness.event(egui::Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        });
        harness.step();
    };
    harness.hover_at(at);
    harness.step();
    hold(&mut harness, true);
    let fingerprint = person("Elif Kaya");
    harness
        .state_mut()
        .session
        .apply(Event::KnockEnded { room, fingerprint });
    harness.step();
    hold(&mut harness, false);
    harness.get_by_label("Priya Nair asks to be let in");
    assert!(wishes(&mut harness).is_empty());
    assert!(let_in(&harness).1, "nobody could look who it is yet");
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::Button, "Let in").click();
    harness.run_steps(2);
    let answer = HostAct::Answer {
        who: person("Priya Nair"),
        admit: true,
    };
    assert!(matches!(wishes(&mut harness)[..], [UiCommand::Govern { act, .. }] if act == answer));
    assert!(let_in(&harness).1, "the answer is on its way");
}

#[test]
fn a_member_is_muted_removed_and_banned_from_its_card() {
    let (window, room) = host();
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Members · 2").click();
    harness.run();
    press(&mut harness, "Jonas Weber, held the invitation");
    let stands = |harness: &WindowHarness, label| harness.get_by_role_and_label(Role::Button, label).rect();
    let before = (stands(&harness, "Remove"), stands(&harness, "Ban"));
    press(&mut harness, "Mute");
    let who = person("Jonas Weber");
    assert!(matches!(
        wishes(&mut harness)[..],
        [UiCommand::Govern {
            act: HostAct::Mute { muted: true, .. },
            ..
        }]
    ));
    let rules = Rules {
        read_only: false,
        muted: vec![who],
    };
    harness
        .state_mut()
        .session
        .apply(Event::RulesChanged { room, rules });
    harness.run();
    harness.get_by_label("Jonas Weber is muted by the host.");
    harness.get_by_label("Let write again");
    let after = (stands(&harness, "Remove"), stands(&harness, "Ban"));
    assert_eq!(
        after, before,
        "nothing may come under a pointer that presses twice"
    );
    press(&mut harness, "Remove");
    assert!(wishes(&mut harness).is_empty(), "it is asked first");
    press(&mut harness, "Cancel");
    assert!(wishes(&mut harness).is_empty());
    press(&mut harness, "Jonas Weber, muted, held the invitation");
    press(&mut harness, "Remove");
    press(&mut harness, "Remove");
    assert!(
        matches!(wishes(&mut harness)[..], [UiCommand::Govern { act: HostAct::Remove(gone), .. }] if gone == who)
    );
    press(&mut harness, "Jonas Weber, muted, held the invitation");
    press(&mut harness, "Ban");
    harness.get_by_role_and_label(Role::Dialog, "Ban Jonas Weber?");
    assert!(wishes(&mut harness).is_empty(), "it is asked first");
    press(&mut harness, "Ban");
    assert!(
        matches!(wishes(&mut harness)[..], [UiCommand::Govern { act: HostAct::Ban(gone), .. }] if gone == who)
    );
}

#[test]
fn a_power_used_over_the_wire_view_of_a_narrow_window_is_sent_at_once() {
    let (window, _) = host();
    let mut harness = open([640.0, 700.0], Theme::Dark, window);
    // A room of ours begins with its invitation, here in a dialog.
    harness.key_press(Key::Escape);
    harness.run();
    press(&mut harness, "Look inside");
    press(&mut harness, "Members: 2");
    press(&mut harness, "Jonas Weber, held the invitation");
    press(&mut harness, "Ban");
    assert!(wishes(&mut harness).is_empty(), "it is asked first");
    press(&mut harness, "Ban");
    let who = person("Jonas Weber");
    assert!(
        matches!(wishes(&mut harness)[..], [UiCommand::Govern { act: HostAct::Ban(gone), .. }] if gone == who)
    );
}

#[test]
fn who_knocks_is_seen_over_a_private_conversation_and_over_the_wire_view() {
    let (mut window, room) = host();
    let member = seen("Elif Kaya");
    window.session.apply(Event::Knocked { room, member });
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Members · 2").click();
    harness.run();
    press(&mut harness, "Jonas Weber, held the invitation");
    press(&mut harness, "Write privately");
    harness.get_by_label("Private with Jonas Weber");
    harness.get_by_label("Elif Kaya asks to be let in");
    press(&mut harness, "Look inside");
    harness.get_by_label("Elif Kaya asks to be let in");
    press(&mut harness, "Let in");
    let who = person("Elif Kaya");
    let act = HostAct::Answer { who, admit: true };
    assert!(matches!(wishes(&mut harness)[..], [UiCommand::Govern { act: done, .. }] if done == act));
}

#[test]
fn how_many_knock_is_said_where_the_rooms_are_listed() {
    let (mut window, room) = host();
    for name in ["Elif Kaya", "Noor Haddad"] {
        let member = seen(name);
        window.session.apply(Event::Knocked { room, member });
    }
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Home");
    harness.get_by_label("2 ask to be let in");
    let fingerprint = person("Elif Kaya");
    let session = &mut harness.state_mut().session;
    session.apply(Event::KnockEnded { room, fingerprint });
    harness.run();
    harness.get_by_label("1 asks to be let in");
}

#[test]
fn the_rules_of_a_room_are_switched_beside_the_conversation() {
    let (window, room) = host();
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Rules").click();
    harness.run();
    harness.get_by_label("Ask me before somebody new gets in").click();
    harness.run();
    harness.get_by_label("Only I can write").click();
    harness.run();
    press(&mut harness, "Invite one person");
    press(&mut harness, "Change the invitation");
    press(&mut harness, "Change it");
    let acts: Vec<HostAct> = wishes(&mut harness)
        .into_iter()
        .filter_map(|wish| match wish {
            UiCommand::Govern { act, .. } => Some(act),
            _ => None,
        })
        .collect();
    assert_eq!(
        acts,
        [
            HostAct::AskFirst(true),
            HostAct::ReadOnly(true),
            HostAct::InviteOne { lifetime_secs: None },
            HostAct::ChangeInvitation { lifetime_secs: None },
        ]
    );
    let session = &mut harness.state_mut().session;
    session.apply(Event::OneInvited {
        room,
        invite: invite("Den", None),
    });
    let given = OneGiven {
        secret: invite("Den", None).secret,
        used_by: None,
    };
    session.apply(Event::DoorChanged {
        room,
        door: DoorSeen {
            for_one: vec![given],
            ..door(true, vec![person("Jonas Weber")])
        },
    });
    harness.run();
    harness.get_by_label("Copy this invitation");
    press(&mut harness, "Lift the ban on Jonas Weber");
    let lifted = wishes(&mut harness);
    assert!(
        matches!(lifted[..], [UiCommand::Govern { act: HostAct::Unban(who), .. }] if who == person("Jonas Weber"))
    );
}

#[test]
fn who_may_not_write_is_told_why() {
    let (mut window, room) = guest();
    let rules = Rules {
        read_only: true,
        muted: Vec::new(),
    };
    window.session.apply(Event::RulesChanged { room, rules });
    let harness = open(SIZE, Theme::Dark, window);
    assert!(
        harness
            .query_by_label_contains("Only the host can write in this room now")
            .is_some()
    );
    assert!(
        harness.query_by_label("Message").is_none(),
        "there is nothing to write in"
    );
}

#[test]
fn a_private_conversation_has_its_own_lock_emoji_and_composer() {
    let (mut window, room) = guest();
    window.say(room, "Mira Sand", 9, "to everybody");
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Jonas Weber, introduced by the host");
    press(&mut harness, "Write privately");
    assert!(harness.query_by_label("to everybody").is_none());
    harness.get_by_label("Private with Jonas Weber");
    harness.get_by_label("Message").type_text("psst");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    let said = wishes(&mut harness);
    assert!(
        matches!(&said[..], [UiCommand::SayPrivately { to, text, .. }] if text == "psst" && *to == person("Jonas Weber"))
    );
    let with = person("Jonas Weber");
    let message = harness
        .state_mut()
        .message(room, "Jonas Weber", 0, "psst yourself");
    for event in [
        PrivateEvent::Secured { sas: sas() },
        PrivateEvent::Heard { message },
    ] {
        harness
            .state_mut()
            .session
            .apply(Event::Private { room, with, event });
    }
    harness.run();
    harness.get_by_label("psst yourself");
    assert!(
        harness
            .query_by_label_contains("The room's host passes it on")
            .is_some()
    );
    press(&mut harness, "Compare emoji");
    press(&mut harness, "They match");
    assert!(harness.query_by_label("Compare emoji").is_none());
    press(&mut harness, "Back to everybody");
    harness.get_by_label("to everybody");
}

/// Ada in a sealed private conversation with Jonas, whom the host introduced.
fn sealed() -> (WindowHarness, RoomKey) {
    let (mut window, room) = guest();
    let (with, event) = (person("Jonas Weber"), PrivateEvent::Secured { sas: sas() });
    window.session.apply(Event::Private { room, with, event });
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Jonas Weber, introduced by the host");
    press(&mut harness, "Write privately");
    (harness, room)
}

fn is_said(harness: &WindowHarness, label: &str) -> bool {
    harness.query_all_by_label_contains(label).next().is_some()
}

fn trust_in_jonas(harness: &WindowHarness, room: RoomKey) -> Trust {
    let room = harness.state().session.room(room).unwrap();
    room.member(&person("Jonas Weber")).unwrap().trust
}

#[test]
fn a_private_conversation_is_as_secret_as_its_key_is_sure_and_emoji_that_match_are_kept() {
    let (mut harness, room) = sealed();
    let if_so = "can't read it if this is really Jonas Weber's key";
    assert!(is_said(&harness, if_so));
    assert!(is_said(
        &harness,
        "Sealed. Nobody else can read it if this is really"
    ));
    press(&mut harness, "Compare emoji");
    press(&mut harness, "They match");
    assert!(matches!(
        wishes(&mut harness)[..],
        [
            UiCommand::Decide { fingerprint, decision: Decision::Verify(VerifiedBy::Emoji) },
            UiCommand::MarkVerified { .. },
        ] if fingerprint == person("Jonas Weber")
    ));
    assert_eq!(trust_in_jonas(&harness, room), Trust::Verified);
    assert!(!is_said(&harness, if_so));
    assert!(is_said(&harness, "The room's host can't read it."));
}

#[test]
fn emoji_that_differ_in_private_mark_the_member_until_they_match() {
    let (mut harness, room) = sealed();
    press(&mut harness, "Compare emoji");
    press(&mut harness, "They differ");
    assert_eq!(trust_in_jonas(&harness, room), Trust::Differed(VerifiedBy::Emoji));
    assert!(is_said(&harness, "The emoji differed"));
    press(&mut harness, "Compare emoji");
    press(&mut harness, "They match");
    assert_eq!(trust_in_jonas(&harness, room), Trust::Verified);
    assert!(!is_said(&harness, "The emoji differed"));
    press(&mut harness, "Back to everybody");
    harness.get_by_label("You compared again with Jonas Weber, and they matched.");
}

#[test]
fn in_private_it_is_said_that_the_room_was_left_and_the_way_back_is_there() {
    let (mut harness, room) = sealed();
    let session = &mut harness.state_mut().session;
    session.apply(Event::Private {
        room,
        with: person("Jonas Weber"),
        event: PrivateEvent::Waiting,
    });
    session.apply(Event::Closed {
        room,
        reason: ClosedReason::Left,
    });
    harness.run();
    harness.get_by_label("You are not in this room any more: join again to write.");
    assert!(!is_said(&harness, "What you write waits on this computer"));
    wishes(&mut harness);
    press(&mut harness, "Join again");
    assert!(matches!(wishes(&mut harness)[..], [UiCommand::Reconnect { room: again }] if again == room));
}

#[test]
fn who_returns_to_a_room_that_was_left_is_led_to_the_one_that_stands_there() {
    let (mut window, room) = guest();
    window.session.apply(Event::Closed {
        room,
        reason: ClosedReason::Left,
    });
    let kept = PastRoom {
        id: support::scene::room_id("Den"),
        ..past(0, "Den", false)
    };
    window.session.apply(Event::RoomsKept { rooms: vec![kept] });
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Home");
    harness.get_by_label("left");
    press(&mut harness, "Return: Den");
    assert!(matches!(wishes(&mut harness)[..], [UiCommand::Reconnect { room: again }] if again == room));
    harness.get_by_role_and_label(Role::Button, "Join again");
}

#[test]
fn who_joins_again_is_told_that_the_host_was_asked() {
    let (mut window, room) = guest();
    window.session.apply(Event::Closed {
        room,
        reason: ClosedReason::Left,
    });
    window.session.begin_rejoin(room).unwrap();
    let mut harness = open(SIZE, Theme::Dark, window);
    assert!(is_said(&harness, "Reconnecting…"));
    harness.state_mut().session.apply(Event::Asking { room });
    harness.run();
    assert!(is_said(&harness, "The host was asked"));
    assert!(!is_said(&harness, "Reconnecting…"));
}

#[test]
fn a_private_message_that_came_meanwhile_is_announced() {
    let (mut window, room) = guest();
    let message = window.message(room, "Jonas Weber", 0, "are you there?");
    let event = PrivateEvent::Heard { message };
    let with = person("Jonas Weber");
    window.session.apply(Event::Private { room, with, event });
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Read");
    harness.get_by_label("are you there?");
}

#[test]
fn a_private_message_is_counted_beside_its_room_and_read_from_the_wire_view() {
    let (mut window, room) = guest();
    let other = window.host("Attic", false);
    let message = window.message(room, "Jonas Weber", 0, "are you there?");
    let event = PrivateEvent::Heard { message };
    let with = person("Jonas Weber");
    window.session.apply(Event::Private { room, with, event });
    window.view.show_room(other);
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Den, 1 unread");
    press(&mut harness, "Look inside");
    press(&mut harness, "Read");
    harness.get_by_label("are you there?");
    harness.get_by_role_and_label(Role::Button, "Den");
}

#[test]
fn earlier_rooms_are_one_press_away() {
    let mut window = Window::of_ada(Theme::Dark);
    window.session.apply(Event::RoomsKept {
        rooms: vec![past(1, "Den", false), past(2, "Attic", true)],
    });
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Open again: Attic");
    harness.key_press(Key::Escape);
    harness.run();
    press(&mut harness, "Return: Den");
    harness.key_press(Key::Escape);
    harness.run();
    let wished = wishes(&mut harness);
    assert!(matches!(
        &wished[..],
        [UiCommand::HostAgain { .. }, UiCommand::Return { past, .. }] if past.name == "Den"
    ));
    // All that was said goes with it: that is asked first.
    press(&mut harness, "Remove Den and all that was said in it");
    press(&mut harness, "Keep it");
    assert!(wishes(&mut harness).is_empty());
    press(&mut harness, "Remove Den and all that was said in it");
    harness.get_by_label_contains("All that was said in Den goes from this computer");
    press(&mut harness, "Remove it");
    assert!(matches!(wishes(&mut harness)[..], [UiCommand::ForgetPast { id }] if id == [1; 32]));
}

#[test]
fn earlier_rooms_of_one_name_are_told_apart_and_an_open_one_hides_only_itself() {
    let mut window = Window::of_ada(Theme::Dark);
    let den = |id: [u8; 32], minutes: u64| PastRoom {
        id,
        used_unix: CLOCK.now_unix - minutes * 60,
        ..past(0, "Den", true)
    };
    window.host("Den", false);
    window.session.apply(Event::RoomsKept {
        rooms: vec![
            den(support::scene::room_id("Den"), 1),
            den([1; 32], 15),
            den([2; 32], 75),
        ],
    });
    let mut harness = open(SIZE, Theme::Dark, window);
    for _ in 0..2 {
        harness.key_press(Key::Escape);
        harness.run();
    }
    harness.get_by_label("yours, last used today, 09:30");
    harness.get_by_label("yours, last used today, 08:30");
    let again = harness.query_all_by_role_and_label(Role::Button, "Open again: Den");
    assert_eq!(again.count(), 2);
    let remove = "Remove Den and all that was said in it";
    let removes = harness.get_all_by_role_and_label(Role::Button, remove);
    removes.last().unwrap().click();
    harness.run();
    harness.get_by_label("Den: yours, last used today, 08:30.");
    press(&mut harness, "Remove it");
    assert!(matches!(wishes(&mut harness)[..], [UiCommand::ForgetPast { id }] if id == [2; 32]));
}

#[test]
fn the_host_that_can_read_along_is_named_where_protection_is_explained() {
    let (window, _) = guest();
    let mut harness = open(SIZE, Theme::Dark, window);
    press(
        &mut harness,
        "Encrypted between you and the host. The host can read this room.",
    );
    assert!(harness.query_by_label_contains("it can read this room").is_some());
    assert!(
        harness
            .query_by_label_contains("privately it can't read once they have compared their emoji")
            .is_some()
    );
}

/// Compares a picture, light and dark, and writes it for the README when asked to.
fn picture(name: &str, make: impl Fn(Theme) -> Window, then: impl Fn(&mut WindowHarness)) {
    let mut results = egui_kittest::SnapshotResults::new();
    for theme in [Theme::Dark, Theme::Light] {
        let mut harness = open([1100.0, 720.0], theme, make(theme));
        then(&mut harness);
        let themed = support::themed(name, theme);
        results.add(harness.try_snapshot(format!("screen_{themed}")));
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/screenshots");
            support::save_picture(&mut harness, format!("{folder}/{themed}.png"));
        }
    }
}

fn own_message(window: &Window, room: RoomKey) -> cipher_room::net::MessageId {
    let lines = window.session.room(room).unwrap().transcript.lines();
    let own = lines.iter().rev().find_map(|line| match line {
        cipher_room::session::Line::Message(message) if message.own => Some(message.id),
        _ => None,
    });
    own.expect("Ada said something")
}

#[test]
fn a_lost_room_in_a_picture() {
    let make = |theme| {
        let mut window = Window::of_ada(theme);
        let room = window.join("Cryptography 10b", HostTrust::Pinned);
        window.class_talk(room);
        let id = own_message(&window, room);
        let delivery = Delivery {
            id,
            to: 5,
            of: 5,
            confirmed: vec![person("Mira Sand")],
            awaited: Vec::new(),
        };
        window.session.apply(Event::Delivered { room, delivery });
        lost(&mut window, room, 0);
        window.session.apply(Event::Missed { room, from: 30 });
        window.say(
            room,
            "Mira Sand",
            1,
            "Well done! Next: a Playfair, and no hints this time.",
        );
        window.session.apply(Event::CaughtUp { room, messages: 1 });
        window.session.apply(Event::Returned { room, resumed: true });
        lost(&mut window, room, 2);
        let message = window.message(room, "Ada Brandt", 0, "On it. Sent as soon as the room is back.");
        window.session.apply(Event::Written { message });
        window
    };
    picture("lost_waiting", make, |_| ());
}

/// A room of which a part can't be read any more, and whose disk is full.
fn damaged(theme: Theme) -> (Window, RoomKey) {
    let mut window = Window::of_ada(theme);
    let room = window.join("Cryptography 10b", HostTrust::Pinned);
    let page = HistoryPage {
        id: [1; 32],
        messages: vec![
            (window.message(room, "Mira Sand", 60, "before the hole"), 11),
            (window.message(room, "Mira Sand", 40, "behind the hole"), 28),
        ],
        lost: vec![12..28, 29..30],
        first: 1,
        has_more: false,
    };
    window.session.apply(Event::History { room, page });
    let change = KeepingChange::Stopped("the disk is full".to_owned());
    window.session.apply(Event::KeepingChanged { room, change });
    window.say(room, "Mira Sand", 1, "only in memory");
    (window, room)
}

#[test]
fn what_cannot_be_read_any_more_is_named_where_it_stood() {
    let (window, room) = damaged(Theme::Dark);
    let lines = window.session.room(room).unwrap().transcript.lines();
    let shown: Vec<&str> = lines
        .iter()
        .filter_map(|line| match line {
            cipher_room::session::Line::Message(message) => Some(message.text.as_str()),
            cipher_room::session::Line::Note { text } if text.contains("can't be read") => {
                Some(text.as_str())
            }
            _ => None,
        })
        .collect();
    let [before, hole, behind, one, last] = shown[..] else {
        panic!("{shown:?}");
    };
    assert_eq!(
        [before, behind, last],
        ["before the hole", "behind the hole", "only in memory"]
    );
    assert!(hole.starts_with("Entries 12 to 27"), "{hole}");
    assert!(one.starts_with("Entry 29"), "{one}");
    let harness = open(SIZE, Theme::Dark, window);
    assert!(harness.query_by_label_contains("Entries 12 to 27").is_some());
}

#[test]
fn a_room_says_that_it_is_not_kept_for_as_long_as_that_is_so() {
    let (window, room) = damaged(Theme::Dark);
    let mut harness = open(SIZE, Theme::Dark, window);
    let label = "Not kept on this computer";
    assert!(harness.query_by_label_contains(label).is_some());
    harness.state_mut().session.apply(Event::Lost {
        room,
        reason: ClosedReason::ConnectionLost { reason: None },
        tries: 0,
        next_secs: 1,
    });
    harness.run();
    assert!(
        harness.query_by_label_contains(label).is_some(),
        "also while it is lost"
    );
    let change = KeepingChange::Resumed;
    harness
        .state_mut()
        .session
        .apply(Event::KeepingChanged { room, change });
    harness.run();
    assert!(harness.query_by_label_contains(label).is_none());
    assert!(
        harness
            .query_by_label_contains("kept on this computer again")
            .is_some()
    );
}

#[test]
fn a_room_of_which_nothing_more_is_kept_does_not_say_that_it_will_be() {
    let (window, room) = damaged(Theme::Dark);
    let mut harness = open(SIZE, Theme::Dark, window);
    let later = "is kept as soon as that works again";
    assert!(harness.query_by_label_contains(later).is_some());
    let change = KeepingChange::Ended("the host shows another log".to_owned());
    harness
        .state_mut()
        .session
        .apply(Event::KeepingChanged { room, change });
    harness.run();
    assert!(harness.query_by_label_contains(later).is_none());
    assert!(
        harness
            .query_by_label_contains(
                "Not kept on this computer: The host shows another log. Nothing more of this room is kept"
            )
            .is_some()
    );
}

#[test]
fn that_a_room_is_not_kept_is_said_over_a_private_conversation_and_over_the_wire_view() {
    let (window, _) = damaged(Theme::Dark);
    let mut harness = open(SIZE, Theme::Dark, window);
    let label = "Not kept on this computer";
    press(&mut harness, "Mira Sand, host, named by the invitation");
    press(&mut harness, "Write privately");
    harness.get_by_label("Private with Mira Sand");
    assert!(harness.query_by_label_contains(label).is_some());
    press(&mut harness, "Look inside");
    harness.get_by_label("Nothing of this connection was recorded");
    assert!(harness.query_by_label_contains(label).is_some());
}

#[test]
fn a_damaged_room_on_a_full_disk_in_a_picture() {
    picture("damaged", |theme| damaged(theme).0, |_| ());
}

#[test]
fn the_rules_in_a_picture() {
    let make = |theme| {
        let mut window = Window::of_ada(theme);
        let room = window.host("Cryptography 10b", false);
        window.class_talk(room);
        window.session.apply(Event::DoorChanged {
            room,
            door: door(true, vec![person("Tomás Ferreira")]),
        });
        window.session.apply(Event::OneInvited {
            room,
            invite: invite("Cryptography 10b", None),
        });
        window
    };
    picture("rules", make, |harness| {
        harness.get_by_label("Rules").click();
        harness.run();
    });
}

#[test]
fn a_knock_in_a_picture() {
    let make = |theme| {
        let mut window = Window::of_ada(theme);
        let room = window.host("Cryptography 10b", false);
        window.class_talk(room);
        for name in ["Noor Haddad", "Luca Rossi"] {
            let member = seen(name);
            window.session.apply(Event::Knocked { room, member });
        }
        window
    };
    picture("knock", make, |harness| harness.run_steps(3));
}

#[test]
fn a_private_conversation_in_a_picture() {
    let make = |theme| {
        let mut window = Window::of_ada(theme);
        let room = window.join("Cryptography 10b", HostTrust::Pinned);
        window.class_talk(room);
        let with = person("Elif Kaya");
        let mine = window.message(room, "Ada Brandt", 3, "Did you try LEMON before I said it?");
        let id = mine.id;
        let theirs = window.message(
            room,
            "Elif Kaya",
            2,
            "I had it a minute earlier. Don't tell Mira 🤫",
        );
        let waiting = window.message(room, "Ada Brandt", 0, "Your secret is sealed with AES-256-GCM.");
        for event in [
            PrivateEvent::Secured { sas: sas() },
            PrivateEvent::Written { message: mine },
            PrivateEvent::Delivered { id },
            PrivateEvent::Heard { message: theirs },
            PrivateEvent::Written { message: waiting },
        ] {
            window.session.apply(Event::Private { room, with, event });
        }
        window
    };
    picture("private", make, |harness| {
        press(harness, "Elif Kaya, introduced by the host");
        press(harness, "Write privately");
    });
}

fn page(window: &mut Window, room: RoomKey, numbers: std::ops::Range<u64>, has_more: bool) -> HistoryPage {
    let first = numbers.start;
    let messages = numbers.map(|n| {
        let message = window.message(room, "Mira Sand", 2000 - n, &format!("kept message {n}"));
        (message, n)
    });
    HistoryPage {
        id: [4; 32],
        messages: messages.collect(),
        lost: Vec::new(),
        first,
        has_more,
    }
}

fn scroll_up(harness: &mut WindowHarness) {
    let at = egui::pos2(SIZE[0] / 2.0, SIZE[1] / 2.0);
    harness.hover_at(at);
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, 600.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: egui::Modifiers::NONE,
    });
    harness.run_steps(20);
}

#[test]
fn who_scrolls_up_reads_earlier_messages_from_the_disk_without_a_jump() {
    let (mut window, room) = guest();
    let newest = page(&mut window, room, 1000..1200, true);
    window.session.apply(Event::History { room, page: newest });
    let mut harness = open(SIZE, Theme::Dark, window);
    assert!(
        wishes(&mut harness).is_empty(),
        "nothing is read before somebody scrolls"
    );
    let top = |harness: &WindowHarness, n: u64| {
        let words = format!("kept message {n}");
        let node = harness.query_by_label_contains(&words);
        node.map(|node| node.rect().top())
    };
    let mut asked = Vec::new();
    for _ in 0..60 {
        scroll_up(&mut harness);
        asked = wishes(&mut harness);
        if !asked.is_empty() {
            break;
        }
    }
    assert!(
        matches!(asked[..], [UiCommand::ReadEarlier { id, before: 1000, .. }] if id == [4; 32]),
        "asked once: {asked:?}"
    );
    let seen: Vec<(u64, f32)> = (1000..1200)
        .filter_map(|n| Some((n, top(&harness, n)?)))
        .collect();
    assert!(!seen.is_empty());
    let earlier = page(harness.state_mut(), room, 800..1000, false);
    harness
        .state_mut()
        .session
        .apply(Event::Earlier { room, page: earlier });
    harness.run_steps(4);
    for (n, before) in &seen {
        let now = top(&harness, *n).expect("it is still in sight");
        assert!(
            (now - before).abs() < 1.5,
            "message {n} moved from {before} to {now}"
        );
    }
    for _ in 0..80 {
        scroll_up(&mut harness);
        if top(&harness, 800).is_some() {
            break;
        }
    }
    assert!(
        top(&harness, 800).is_some(),
        "the first message of all is reached"
    );
    assert!(wishes(&mut harness).is_empty(), "nothing more is asked for");
}

#[test]
fn a_private_conversation_of_an_earlier_run_is_listed_although_the_other_is_away() {
    let (mut window, room) = guest();
    let with = person("Ben Away");
    let kept = window.message(room, "Ben Away", 0, "from before the restart");
    let mut waiting = window.message(room, "Ada", 1, "this still waits");
    waiting.own = true;
    let event = PrivateEvent::Kept {
        name: "Ben Away".to_owned(),
        page: HistoryPage {
            id: [5; 32],
            messages: vec![(kept, 0)],
            lost: Vec::new(),
            first: 0,
            has_more: false,
        },
        waiting: vec![waiting],
    };
    window.session.apply(Event::Private { room, with, event });
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Ben Away, away, 1 message waits");
    harness.get_by_label_contains("from before the restart");
    harness.get_by_label_contains("this still waits");
    harness.get_by_label("Message").type_text("and this too");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(matches!(&wishes(&mut harness)[..], [UiCommand::SayPrivately { to, .. }] if *to == with));
}

#[test]
fn who_scrolls_up_in_a_private_conversation_reads_earlier_words_from_the_disk() {
    let (mut window, room) = guest();
    let with = person("Ben Away");
    let newest = page(&mut window, room, 100..300, true);
    let event = PrivateEvent::Kept {
        name: "Ben Away".to_owned(),
        page: newest,
        waiting: Vec::new(),
    };
    window.session.apply(Event::Private { room, with, event });
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Ben Away, away");
    let mut asked = Vec::new();
    for _ in 0..60 {
        scroll_up(&mut harness);
        asked = wishes(&mut harness);
        if !asked.is_empty() {
            break;
        }
    }
    assert!(
        matches!(asked[..], [UiCommand::ReadEarlierPrivate { channel, before: 100, .. }] if channel == [4; 32]),
        "asked once: {asked:?}"
    );
    let page = page(harness.state_mut(), room, 0..100, false);
    let event = PrivateEvent::Earlier { page };
    harness
        .state_mut()
        .session
        .apply(Event::Private { room, with, event });
    for _ in 0..60 {
        scroll_up(&mut harness);
        if harness.query_by_label_contains("kept message 0").is_some() {
            break;
        }
    }
    harness.get_by_label_contains("kept message 0");
    assert!(wishes(&mut harness).is_empty(), "nothing more is asked for");
}

#[test]
fn private_words_that_could_not_be_read_are_not_shown_as_lost() {
    let (mut window, room) = guest();
    let with = person("Ben Away");
    let event = PrivateEvent::Kept {
        name: "Ben Away".to_owned(),
        page: page(&mut window, room, 100..105, true),
        waiting: Vec::new(),
    };
    window.session.apply(Event::Private { room, with, event });
    let mut harness = open(SIZE, Theme::Dark, window);
    press(&mut harness, "Ben Away, away");
    let session = &mut harness.state_mut().session;
    let reason = "Private messages from before could not be read: the disk is gone.".to_owned();
    session.apply(Event::NotKept { reason });
    let id = [4; 32];
    session.apply(Event::EarlierUnread { room, id });
    harness.run_steps(4);
    harness.get_by_label("Private messages from before could not be read: the disk is gone.");
    harness.get_by_label_contains("What was said before could not be read. It is untouched on the disk");
    let lost = harness.query_all_by_label_contains("can't be read any more");
    assert_eq!(lost.count(), 0);
}

#[test]
fn every_row_of_a_note_that_is_wrapped_stands_in_the_middle() {
    let (mut window, room) = guest();
    let reason = ClosedReason::Replaced;
    window.session.apply(Event::Closed { room, reason });
    let harness = open([640.0, 600.0], Theme::Dark, window);
    let middles: Vec<f32> = harness
        .output()
        .shapes
        .iter()
        .filter_map(|clipped| match &clipped.shape {
            Shape::Text(text) if text.galley.text().starts_with("The conversation ended") => Some(text),
            _ => None,
        })
        .flat_map(|text| {
            let rows = text.galley.rows.iter();
            rows.map(move |row| text.pos.x + row.rect().center().x)
        })
        .collect();
    assert!(middles.len() > 1, "it is wrapped: {middles:?}");
    assert!(
        middles.iter().all(|middle| (middle - middles[0]).abs() < 2.0),
        "{middles:?}"
    );
}
