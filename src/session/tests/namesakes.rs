//! A crowd of one name in a room: who is marked and warned of, and what coming and leaving costs.

use super::*;
use crate::session::namesakes::LOOKED_AT;
use crate::store::{Likeness, Lookalikes};

#[test]
fn of_a_newcomer_only_its_own_name_is_computed_however_many_are_here() {
    let (mut session, room) = guest_room(HostTrust::Pinned);
    let before = Likeness::computed();
    for n in 0..60 {
        comes_in(&mut session, room, known(&n.to_string(), "Anna", n, false));
    }
    assert!(Likeness::computed() - before <= 3 * 60);
    let before = Likeness::computed();
    for n in 0..60 {
        session.apply(Event::MemberLeft {
            room,
            fingerprint: person(&n.to_string()),
            name: "Anna".to_owned(),
            reason: DepartureReason::Goodbye,
        });
        let members = &session.room(room).unwrap().members;
        let alike = members.iter().filter(|member| member.alike).count();
        let left = 59 - n;
        assert_eq!(alike, if left > 1 { left } else { 0 });
    }
    assert_eq!(Likeness::computed(), before);
}

#[test]
fn a_newcomer_among_many_namesakes_costs_the_same_and_all_are_marked_also_when_they_come_again() {
    let (mut session, room) = guest_room(HostTrust::Pinned);
    let all_are_marked = |session: &Session| {
        let members = session.room(room).unwrap().members.iter();
        members.filter(|member| member.alike).count() == 1000
    };
    let visited = Lookalikes::visited();
    for n in 0..1000 {
        comes_in(&mut session, room, known(&n.to_string(), "Anna", n, false));
    }
    // Of those who were met 64 at most, and of the members two. Each looked at all before it: half a million, twice.
    assert!(Lookalikes::visited() - visited <= 66 * 1000);
    assert!(all_are_marked(&session));
    session.apply(Event::Returned { room, resumed: true });
    comes_in(&mut session, room, known("999", "Anna", 999, false));
    let first = session.room(room).unwrap().member(&person("999")).unwrap();
    assert!(!first.alike, "the others are not back");
    for n in 0..999 {
        comes_in(&mut session, room, known(&n.to_string(), "Anna", n, false));
    }
    assert!(all_are_marked(&session));
}

#[test]
fn two_here_whose_names_look_alike_are_said_once_and_as_two() {
    let (mut session, room) = guest_room(HostTrust::Pinned);
    for _ in 0..2 {
        comes_in(&mut session, room, known("real", "Paul", 1, true));
        comes_in(&mut session, room, known("fake", LOOK_ALIKE, 2, false));
    }
    let said = alarms(&session, room);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("Two people here have names that look alike"),
        "{said:?}"
    );
}

fn leaves(session: &mut Session, room: RoomKey, who: &str) {
    session.apply(Event::MemberLeft {
        room,
        fingerprint: person(who),
        name: who.to_owned(),
        reason: DepartureReason::Goodbye,
    });
}

#[test]
fn warnings_about_names_are_gone_through_only_when_one_of_those_leaves() {
    let (mut session, room) = guest_room(HostTrust::Pinned);
    comes_in(&mut session, room, known("real", "Paul", 1, true));
    comes_in(&mut session, room, known("fake", LOOK_ALIKE, 2, false));
    comes_in(&mut session, room, known("zoe", "Zoe", 3, false));
    let visited = Lookalikes::visited();
    leaves(&mut session, room, "zoe");
    assert_eq!(Lookalikes::visited(), visited, "nobody was gone through");
    assert_eq!(alarms(&session, room).len(), 1);
    comes_in(&mut session, room, known("zara", "Zoe", 4, false));
    assert_eq!(alarms(&session, room).len(), 1, "the other one is gone");
    let visited = Lookalikes::visited();
    leaves(&mut session, room, "fake");
    assert!(Lookalikes::visited() > visited);
    assert_eq!(alarms(&session, room).len(), 0);
    let members = &session.room(room).unwrap().members;
    assert!(members.iter().all(|member| !member.alike));
}

fn marked(session: &Session, room: RoomKey) -> usize {
    let members = session.room(room).unwrap().members.iter();
    members.filter(|member| member.alike).count()
}

#[test]
fn one_of_many_namesakes_who_leaves_costs_the_same_and_the_marks_and_warnings_end_with_them() {
    let (mut session, room) = guest_room(HostTrust::Pinned);
    for n in 0..1000 {
        comes_in(&mut session, room, known(&n.to_string(), "Anna", n, false));
    }
    let warnings = alarms(&session, room).len();
    assert_eq!(
        warnings, 999,
        "each newcomer is warned of with one of those before it"
    );
    let (visited, looked_at) = (Lookalikes::visited(), LOOKED_AT.get());
    for n in 0..1000 {
        leaves(&mut session, room, &n.to_string());
        let left = 999 - n;
        assert_eq!(marked(&session, room), if left > 1 { left } else { 0 });
    }
    assert_eq!(alarms(&session, room), [""; 0]);
    assert_eq!(session.room(room).unwrap().transcript.open_alarms(), 0);
    // Of the members eight at most, of the warnings and the pairs that were warned of each one once. Each who left looked
    // at all who stayed and at all warnings: half a million, twice.
    assert!(Lookalikes::visited() - visited <= 8 * 1000);
    assert!(LOOKED_AT.get() - looked_at <= 2 * warnings);
    comes_in(&mut session, room, known("1", "Anna", 1, false));
    comes_in(&mut session, room, known("2", "Anna", 2, false));
    assert_eq!(
        alarms(&session, room).len(),
        1,
        "who comes again is warned of again"
    );
}

#[test]
fn a_warning_ends_in_its_place_although_earlier_words_came_in_front_of_it() {
    let (mut session, room) = guest_room(HostTrust::Pinned);
    let page = |n: u8, has_more| HistoryPage {
        id: [4; 32],
        messages: vec![(message(room, n, false), u64::from(n))],
        lost: Vec::new(),
        first: u64::from(n),
        has_more,
    };
    let newest = page(5, true);
    session.apply(Event::History { room, page: newest });
    session.apply(Event::Missed { room, from: 1 });
    comes_in(&mut session, room, known("real", "Paul", 1, true));
    comes_in(&mut session, room, known("fake", LOOK_ALIKE, 2, false));
    let earlier = page(4, false);
    session.apply(Event::Earlier { room, page: earlier });
    // The mark behind which nothing came is taken away again.
    session.apply(Event::CaughtUp { room, messages: 0 });
    let is_warning = |line: &Line| matches!(line, Line::Alike { .. });
    let lines = |session: &Session| session.room(room).unwrap().transcript.lines().to_vec();
    let at = lines(&session).iter().position(is_warning).unwrap();
    leaves(&mut session, room, "fake");
    let said = &lines(&session)[at];
    assert!(
        matches!(said, Line::Note { text } if text.starts_with("Two names that look alike were here")),
        "{said:?}"
    );
    assert!(!lines(&session).iter().any(is_warning));
    assert_eq!(session.room(room).unwrap().transcript.alarm_to_show(), None);
}

#[test]
fn who_does_not_come_back_with_the_room_is_warned_of_no_more() {
    let (mut session, room) = guest_room(HostTrust::Pinned);
    let comes = |session: &mut Session, who: &str| {
        comes_in(session, room, known(who, "Anna", 1, false));
    };
    for who in ["1", "2", "3"] {
        comes(&mut session, who);
    }
    assert_eq!(alarms(&session, room).len(), 2);
    session.apply(Event::Returned { room, resumed: true });
    // One that is not back yet may still come.
    comes(&mut session, "1");
    leaves(&mut session, room, "zoe");
    assert_eq!(alarms(&session, room).len(), 2);
    let rules = Rules::default();
    session.apply(Event::RulesChanged { room, rules });
    assert_eq!(alarms(&session, room), [""; 0], "two of the three are not back");
    assert_eq!(marked(&session, room), 0);
}

#[test]
fn a_member_that_takes_another_name_leaves_nobody_marked_for_the_old_one() {
    let (mut session, room) = guest_room(HostTrust::Pinned);
    comes_in(&mut session, room, known("1", "Anna", 1, false));
    comes_in(&mut session, room, known("2", "Anna", 2, false));
    assert_eq!(marked(&session, room), 2);
    comes_in(&mut session, room, known("2", "Zoe", 2, false));
    assert_eq!(marked(&session, room), 0);
}
