//! Events in, knowledge out.

mod again;
mod locking;
mod namesakes;
mod trust;

use super::*;
use crate::crypto::Sas;
use crate::net::{
    Admission, ClosedReason, Event, HistoryPage, HostRoom, JoinRoom, JoinStep, Joined, KeepingChange,
    ListenOn, Loss, MemberSeen, Message, MessageId,
};
use crate::protocol::DepartureReason;
use crate::store::{HostTrust, MetAs, Verified};

fn person(name: &str) -> Fingerprint {
    Fingerprint::of_der(name.as_bytes())
}

fn guest_room(trust: HostTrust) -> (Session, RoomKey) {
    let mut session = Session::default();
    let key = session.new_key();
    let target = "192.168.1.20:4747".parse().unwrap();
    session.begin_join(&JoinRoom {
        key,
        target,
        name: "Ada".to_owned(),
        is_trial: false,
    });
    session.apply(Event::JoinAdvanced {
        room: key,
        step: JoinStep::Reached,
    });
    session.apply(Event::Joined(Joined {
        room: key,
        id: [4; 32],
        room_name: "Den".to_owned(),
        host_name: "Bob".to_owned(),
        host: person("bob"),
        own: person("ada"),
        own_name: "Ada".to_owned(),
        trust,
        sas: Sas::new(&person("ada"), &person("bob"), &[1; 32], &[2; 32]),
        address: "192.168.1.20:4747".parse().unwrap(),
    }));
    (session, key)
}

fn message(room: RoomKey, n: u8, own: bool) -> Message {
    Message {
        room,
        id: MessageId([n; 32]),
        author: person(if own { "ada" } else { "bob" }),
        name: if own { "Ada" } else { "Bob" }.to_owned(),
        text: format!("text {n}"),
        time_ms: 0,
        own,
    }
}

#[test]
fn a_message_waits_then_stands_at_its_place_in_the_log() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    session.apply(Event::Written {
        message: message(key, 1, true),
    });
    session.apply(Event::Logged {
        message: message(key, 2, false),
        n: 5,
    });
    let room = session.room(key).unwrap();
    assert_eq!(room.transcript.waiting()[0].state, MessageState::Waiting);
    session.apply(Event::Logged {
        message: message(key, 1, true),
        n: 6,
    });
    let room = session.room(key).unwrap();
    assert!(room.transcript.waiting().is_empty());
    let ids: Vec<u8> = room
        .transcript
        .lines()
        .iter()
        .filter_map(|line| match line {
            Line::Message(message) => Some(message.id.0[0]),
            _ => None,
        })
        .collect();
    assert_eq!(ids, [2, 1]);
}

#[test]
fn a_lost_connection_keeps_the_text_and_marks_what_was_not_sent() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    session.apply(Event::Logged {
        message: message(key, 2, false),
        n: 5,
    });
    session.apply(Event::Written {
        message: message(key, 1, true),
    });
    let lost = ClosedReason::ConnectionLost { reason: None };
    session.apply(Event::Closed {
        room: key,
        reason: lost.clone(),
    });
    let room = session.room(key).unwrap();
    assert_eq!(room.state, RoomState::Closed(lost));
    assert!(matches!(
        room.transcript.waiting()[0].state,
        MessageState::Failed { .. }
    ));
    assert!(
        room.transcript
            .lines()
            .iter()
            .any(|line| matches!(line, Line::Message(_)))
    );
}

#[test]
fn an_identity_that_joined_from_somewhere_else_ends_the_room_here_in_plain_words() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    let reason = ClosedReason::Replaced;
    session.apply(Event::Closed { room: key, reason });
    let room = session.room(key).unwrap();
    assert_eq!(room.state, RoomState::Closed(ClosedReason::Replaced));
    let is_said = |line: &Line| matches!(line, Line::Note { text } if text.contains("somewhere else"));
    assert!(room.transcript.lines().iter().any(is_said));
}

#[test]
fn a_private_channel_is_open_no_more_when_we_are_away_ourselves() {
    let (mut session, room) = guest_room(HostTrust::Pinned);
    let with = person("cem");
    let sas = Sas::new(&person("ada"), &with, &[1; 32], &[2; 32]);
    for (event, lock) in [
        (PrivateEvent::Secured { sas }, Lock::Secured { sas }),
        (PrivateEvent::RoomLost, Lock::Waiting),
    ] {
        session.apply(Event::Private { room, with, event });
        let talk = session.room(room).unwrap().private(&with).unwrap();
        assert_eq!(talk.lock, lock);
    }
}

#[test]
fn members_come_and_go_and_are_sorted() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    for name in ["zoe", "cem"] {
        let fingerprint = person(name);
        let member = MemberSeen {
            fingerprint,
            name: name.to_owned(),
            is_host: false,
            was_here: false,
            sas: None,
        };
        session.apply(Event::MemberJoined { room: key, member });
    }
    let names = |session: &Session| -> Vec<String> {
        session
            .room(key)
            .unwrap()
            .members
            .iter()
            .map(|member| member.name.clone())
            .collect()
    };
    assert_eq!(names(&session), ["Bob", "Ada", "cem", "zoe"]);
    let reason = DepartureReason::Goodbye;
    session.apply(Event::MemberLeft {
        room: key,
        fingerprint: person("cem"),
        name: "cem".to_owned(),
        reason,
    });
    assert_eq!(names(&session), ["Bob", "Ada", "zoe"]);
}

#[test]
fn who_was_let_go_is_told_why_when_the_log_shows_it_and_a_lost_line_needs_no_words() {
    let (mut session, room) = guest_room(HostTrust::Pinned);
    for reason in [DepartureReason::Goodbye, DepartureReason::ConnectionLost] {
        session.apply(Event::Departed { room, reason });
    }
    assert!(session.notices.is_empty());
    let reason = DepartureReason::TooSlow;
    session.apply(Event::Departed { room, reason });
    let told = &session.notices[0].text;
    assert!(told.contains("8 MiB") && told.contains("20 seconds"), "{told}");
    let lines = session.room(room).unwrap().transcript.lines();
    assert!(
        lines
            .iter()
            .any(|line| matches!(line, Line::Note { text } if text == told))
    );
}

#[test]
fn a_guest_on_the_way_waits_for_the_host_or_for_a_button_and_for_neither_when_it_begins_anew() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    session.begin_rejoin(key).unwrap();
    let waits = |session: &Session| {
        let room = session.room(key).unwrap();
        (room.asking, room.waits_before())
    };
    let paused = |before| Event::HandshakePaused { room: key, before };
    session.apply(paused(3));
    assert_eq!(waits(&session), (false, Some(3)));
    session.apply(Event::Asking { room: key });
    assert_eq!(waits(&session), (true, None));
    session.apply(paused(5));
    assert_eq!(waits(&session), (false, Some(5)), "it was let in");
    session.apply(Event::Asking { room: key });
    session.begin_rejoin(key).unwrap();
    assert_eq!(waits(&session), (false, None));
}

#[test]
fn unread_messages_are_counted_until_marked() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    session.room_mut(key).unwrap().transcript.mark_read();
    session.apply(Event::Logged {
        message: message(key, 2, false),
        n: 5,
    });
    session.apply(Event::Logged {
        message: message(key, 3, true),
        n: 6,
    });
    let transcript = &mut session.room_mut(key).unwrap().transcript;
    assert_eq!(transcript.unread_messages(), 1);
    transcript.mark_read();
    assert_eq!(transcript.unread_messages(), 0);
}

#[test]
fn a_forgotten_room_is_not_brought_back() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    session.forget(key);
    session.apply(Event::Logged {
        message: message(key, 2, false),
        n: 5,
    });
    assert!(session.room(key).is_none());
}

#[test]
fn a_dead_thread_ends_its_room_only() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    let other = session.new_key();
    session.begin_host(&HostRoom {
        key: other,
        room_name: "Mine".to_owned(),
        host_name: "Ada".to_owned(),
        listen: ListenOn {
            address: None,
            port: 0,
            or_any_port: true,
        },
        admission: Admission {
            open_to_address: false,
            invite_lifetime_secs: None,
        },
    });
    session.apply(Event::ThreadDied {
        name: "guest".to_owned(),
        loss: Loss::Room(key),
    });
    assert!(matches!(
        session.room(key).unwrap().state,
        RoomState::Closed(ClosedReason::Broken { .. })
    ));
    assert_eq!(session.room(other).unwrap().state, RoomState::Opening);
    assert_eq!(session.notices.len(), 1);
}

#[test]
fn a_task_that_died_ends_no_room_and_nobody_waits_for_its_page() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    let id = [4; 32];
    let page = HistoryPage {
        id,
        messages: vec![(message(key, 2, false), 5)],
        lost: Vec::new(),
        first: 5,
        has_more: true,
    };
    session.apply(Event::History { room: key, page });
    let transcript = &mut session.room_mut(key).unwrap().transcript;
    assert_eq!(transcript.wants_earlier(), Some((id, 5)));
    transcript.asked_earlier();
    let (read, lines) = (transcript.read(), transcript.lines().len());
    session.apply(Event::ThreadDied {
        name: "earlier".to_owned(),
        loss: Loss::Task,
    });
    session.apply(Event::EarlierUnread { room: key, id });
    assert_eq!(session.notices.len(), 1);
    let room = session.room(key).unwrap();
    assert_eq!(room.state, RoomState::Open);
    let said = &room.transcript.lines()[0];
    assert!(
        matches!(said, Line::Note { text } if text.contains("could not be read")),
        "{said:?}"
    );
    assert_eq!(
        (room.transcript.read(), room.transcript.lines().len()),
        (read + 1, lines + 1)
    );
    assert_eq!(
        room.transcript.wants_earlier(),
        None,
        "it would die again and again"
    );
}

#[test]
fn a_search_that_died_has_ended_and_says_so() {
    let mut session = Session::default();
    let asked = session.begin_search("den");
    session.apply(Event::SearchFailed { asked: asked - 1 });
    assert!(!session.search.ended);
    session.apply(Event::SearchFailed { asked });
    assert!(session.search.ended && session.search.failed);
}

#[test]
fn joining_again_keeps_what_was_said() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    session.apply(Event::Logged {
        message: message(key, 2, false),
        n: 5,
    });
    session.apply(Event::Closed {
        room: key,
        reason: ClosedReason::ConnectionLost { reason: None },
    });
    let again = session.begin_rejoin(key).unwrap();
    assert_eq!((again.key, again.name.as_str()), (key, "Ada"));
    let room = session.room(key).unwrap();
    assert!(matches!(room.state, RoomState::Joining(_)));
    assert!(
        room.transcript
            .lines()
            .iter()
            .any(|line| matches!(line, Line::Message(_)))
    );
}

#[test]
fn a_room_that_is_not_kept_knows_whether_that_ends_and_is_taken_to_be_kept_when_it_is_joined_again() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    let why = || "why".to_owned();
    let kept_later = |session: &Session| {
        let not_kept = session.room(key).unwrap().not_kept.as_ref();
        not_kept.map(|not_kept| not_kept.is_kept_later)
    };
    let changes = [
        (KeepingChange::Stopped(why()), Some(true)),
        (KeepingChange::Resumed, None),
        (KeepingChange::Stopped(why()), Some(true)),
        (KeepingChange::Ended(why()), Some(false)),
    ];
    for (change, expected) in changes {
        session.apply(Event::KeepingChanged { room: key, change });
        assert_eq!(kept_later(&session), expected);
    }
    session.begin_rejoin(key).unwrap();
    assert_eq!(kept_later(&session), None, "it is told again if it is so still");
}

fn known(who: &str, name: &str, first_seen_unix: u64, is_verified: bool) -> Contact {
    Contact {
        fingerprint: person(who),
        name: name.to_owned(),
        first_seen_unix,
        last_seen_unix: first_seen_unix,
        met: MetAs::InPerson,
        verified: is_verified.then_some(Verified {
            by: VerifiedBy::Emoji,
            at_unix: 1,
        }),
        blocked: false,
        change: None,
    }
}

/// Somebody comes into the room, as the background tells it.
fn comes_in(session: &mut Session, room: RoomKey, contact: Contact) {
    let member = MemberSeen {
        fingerprint: contact.fingerprint,
        name: contact.name.clone(),
        is_host: false,
        was_here: false,
        sas: None,
    };
    session.apply(Event::Met { room, contact });
    session.apply(Event::MemberJoined { room, member });
}

fn alarms(session: &Session, room: RoomKey) -> Vec<String> {
    let lines = session.room(room).unwrap().transcript.lines().iter();
    lines
        .filter_map(|line| match line {
            Line::Alarm { text } | Line::Alike { text, .. } => Some(text.clone()),
            _ => None,
        })
        .collect()
}

/// With a Cyrillic а.
const LOOK_ALIKE: &str = "Pаul";

#[test]
fn a_look_alike_is_warned_of_with_both_keys_and_never_the_person_it_looks_like() {
    // Verified, or known earlier: neither is warned of because of one that came later.
    for (real, fake) in [
        (
            known("real", "Paul", 5, true),
            known("fake", LOOK_ALIKE, 2, false),
        ),
        (
            known("real", "Paul", 1, false),
            known("fake", LOOK_ALIKE, 2, false),
        ),
    ] {
        let (mut session, room) = guest_room(HostTrust::Pinned);
        session.apply(Event::ContactsOpened(vec![real.clone(), fake.clone()]));
        comes_in(&mut session, room, real.clone());
        assert_eq!(alarms(&session, room), [""; 0]);
        // Where the real one is not there, the other is told from it.
        let (mut session, room) = guest_room(HostTrust::Pinned);
        session.apply(Event::ContactsOpened(vec![real.clone()]));
        comes_in(&mut session, room, fake.clone());
        let [said] = &alarms(&session, room)[..] else {
            panic!("{:?}", alarms(&session, room));
        };
        for part in [
            person("real").short(),
            person("fake").short(),
            "looks like".to_owned(),
        ] {
            assert!(said.contains(&part), "{said}");
        }
        assert_eq!(
            said.contains("whom you verified"),
            real.verified.is_some(),
            "{said}"
        );
    }
}

#[test]
fn a_newcomer_of_exactly_a_members_name_is_not_said_to_bear_another_name() {
    let (mut session, room) = guest_room(HostTrust::Pinned);
    let host = known("bob", "Bob", 1, true);
    // Cyrillic о: it was there before, and is gone.
    let gone = known("gone", "Bоb", 2, false);
    session.apply(Event::ContactsOpened(vec![host, gone]));
    comes_in(&mut session, room, known("new", "Bob", 3, false));
    let [said] = &alarms(&session, room)[..] else {
        panic!("{:?}", alarms(&session, room));
    };
    assert!(said.starts_with("Two people here have the same name"), "{said}");
    for who in ["bob", "new"] {
        assert!(said.contains(&person(who).short()), "{said}");
    }
}

#[test]
fn only_its_own_file_ends_a_dialog_and_what_ended_it_stays_until_it_is_read() {
    let mut session = Session {
        file_work: Work::Working,
        ..Session::default()
    };
    let done = |is_room| Event::FileDone {
        text: "It is saved.".to_owned(),
        is_room,
    };
    session.apply(done(true));
    assert_eq!(session.file_work, Work::Working);
    session.apply(done(false));
    assert_eq!(session.file_work, Work::Done);
    session.apply(done(false));
    assert_eq!(session.file_work, Work::Done);
    // An imported key is told as ready, then as imported.
    assert_eq!(session.notices.len(), 3);
}
